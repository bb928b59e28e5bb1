/* Where the data lie that come with the program: boards, consent words. */
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include <twoway/config.h>

/* Set by the build. */
static const char source_root[] = TWOWAY_SOURCE_ROOT;
static const char installed[] = TWOWAY_DATA_FOLDER;

/* Whether a path lies in a folder below the source tree in which meson has built. */
static bool is_in_build_folder(char *path)
{
	size_t n = strlen(source_root);

	if (strncmp(path, source_root, n) || path[n] != '/')
		return false;
	for (;;) {
		tw_auto(tw_free_charp) char *mark = NULL;
		char *slash = strrchr(path, '/');

		if (slash <= path + n)
			return false;
		*slash = '\0';
		mark = tw_printf("%s/meson-info", path);
		if (access(mark, F_OK) == 0)
			return true;
	}
}

const char *config_data_folder(void)
{
	const char *folder = getenv("TWOWAY_DATA");
	char path[PATH_MAX];
	ssize_t n;

	if (folder && *folder)
		return folder;
	n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	if (n <= 0)
		return installed;
	path[n] = '\0';
	return is_in_build_folder(path) ? source_root : installed;
}

void config_board_folders(const struct settings *s, struct tw_strings *ret)
{
	tw_auto(tw_free_charp) char *shared = tw_printf("%s/boards", config_data_folder());

	for (size_t i = 0; i < s->boards.n; i++)
		tw_strings_add(ret, s->boards.v[i]);
	tw_strings_add(ret, shared);
}
