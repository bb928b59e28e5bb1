/* Where the data lie that come with the program: boards, consent words. */
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include <twoway/config.h>

/* Set by the build. */
static const char source_root[] = TWOWAY_SOURCE_ROOT;
static const char build_root[] = TWOWAY_BUILD_ROOT;	/* anywhere, as meson allows */
static const char installed[] = TWOWAY_DATA_FOLDER;

static bool is_below(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return !strncmp(path, folder, n) && path[n] == '/';
}

/* Whether a path lies in a folder below the source tree in which meson has built. */
static bool is_in_build_folder(char *path)
{
	while (is_below(path, source_root)) {
		tw_auto(tw_free_charp) char *mark = NULL;

		*strrchr(path, '/') = '\0';
		mark = tw_printf("%s/meson-info", path);
		if (access(mark, F_OK) == 0)
			return true;
	}
	return false;
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
	return is_below(path, build_root) || is_in_build_folder(path) ? source_root : installed;
}

void config_board_folders(const struct settings *s, struct tw_strings *ret)
{
	tw_auto(tw_free_charp) char *shared = tw_printf("%s/boards", config_data_folder());

	for (size_t i = 0; i < s->boards.n; i++)
		tw_strings_add(ret, s->boards.v[i]);
	tw_strings_add(ret, shared);
}
