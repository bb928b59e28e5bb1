/* All profiles: the folders read, and which profile a modem gets. */
#include "internal.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <strings.h>
#include <sys/stat.h>

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Paths of the folder's *.conf in the order of their names. A folder that is not there is empty:
 * the user's own is optional. */
static void list_folder(const char *folder, struct tw_strings *ret, struct tw_findings *f)
{
	struct dirent *entry;
	DIR *dir = opendir(folder);

	if (!dir) {
		if (errno != ENOENT)
			tw_findings_add(f, folder, 0, -1, false,
					"the folder of board profiles cannot "
					"be read: %s", tw_strerror(-errno));
		return;
	}
	while ((entry = readdir(dir))) {
		size_t n = strlen(entry->d_name);
		char *path;

		if (entry->d_name[0] == '.' || n < 6 || strcmp(entry->d_name + n - 5, ".conf"))
			continue;
		path = tw_printf("%s/%s", folder, entry->d_name);
		tw_strings_add(ret, path);
		free(path);
	}
	closedir(dir);
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_text);
}

static void stamp_file(struct boards *all, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0)
		tw_buf_addf(&all->stamp, "%s %lld.%09ld %lld\n", path, (long long)st.st_mtim.tv_sec,
			    st.st_mtim.tv_nsec, (long long)st.st_size);
}

/* Takes b over, unless an earlier folder has one of its name. */
static void take_board(struct boards *all, struct board *b)
{
	if (boards_named(all, b->name)) {
		board_free(b);
		return;
	}
	if (all->n == all->cap) {
		all->cap = all->cap ? 2 * all->cap : 32;
		all->v = tw_realloc(all->v, all->cap * sizeof(*all->v));
	}
	all->v[all->n++] = b;
}

struct boards *boards_load(const char *const *folders, size_t n, struct tw_findings *findings)
{
	struct boards *all = tw_zalloc(sizeof(*all));

	for (size_t i = 0; i < n; i++) {
		struct tw_strings paths = { 0 };

		list_folder(folders[i], &paths, findings);
		for (size_t k = 0; k < paths.n; k++) {
			struct board *b = board_read(paths.v[k], findings);

			stamp_file(all, paths.v[k]);
			if (b)
				take_board(all, b);
		}
		tw_strings_done(&paths);
	}
	all->generic = boards_named(all, "generic");
	if (all->generic)
		return all;
	tw_findings_add(findings, n ? folders[n - 1] : "boards", 0, -1, true,
			"there is no board profile generic.conf: install the boards that come with "
			"twoway");
	boards_free(all);
	return NULL;
}

void boards_free(struct boards *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->n; i++)
		board_free(b->v[i]);
	free(b->v);
	tw_buf_done(&b->stamp);
	free(b);
}

bool boards_same(const struct boards *a, const struct boards *b)
{
	return strcmp(tw_buf_str(&a->stamp), tw_buf_str(&b->stamp)) == 0;
}

size_t boards_count(const struct boards *b)
{
	return b->n;
}

const struct board *boards_at(const struct boards *b, size_t i)
{
	return i < b->n ? b->v[i] : NULL;
}

const struct board *boards_named(const struct boards *b, const char *name)
{
	for (size_t i = 0; i < b->n; i++)
		if (!strcmp(b->v[i]->name, name))
			return b->v[i];
	return NULL;
}

/* Whether word[0..n) stands in text, at the begin of a word, case ignored. */
static bool has_word(const char *text, const char *word, size_t n)
{
	for (const char *p = text; *p; p++)
		if ((p == text || !isalnum((unsigned char)p[-1])) && !strncasecmp(p, word, n))
			return true;
	return false;
}

/* How well one identity entry fits: the count of its words when all are there, else 0; then their
 * letters, so that of two one-word entries the longer (SIM800C against SIM800) wins. */
static unsigned fit(const char *says, const char *entry)
{
	unsigned words = 0, letters = 0;

	while (*entry) {
		size_t n = strcspn(entry, " ");

		if (n && !has_word(says, entry, n))
			return 0;
		words += n != 0;
		letters += (unsigned)n;
		entry += n;
		entry += strspn(entry, " ");
	}
	return words ? words * 1000 + (letters > 999 ? 999 : letters) : 0;
}

static unsigned best_fit(const struct board *b, const char *says)
{
	unsigned best = 0;

	for (size_t i = 0; i < b->identity.n; i++) {
		unsigned f = fit(says, b->identity.v[i]);

		if (f > best)
			best = f;
	}
	return best;
}

static bool has_usb(const struct board *b, const char *usb)
{
	for (size_t i = 0; i < b->usb.n; i++)
		if (!strcasecmp(b->usb.v[i], usb))
			return true;
	return false;
}

const struct board *boards_match(const struct boards *b, const char *usb, const char *says)
{
	const struct board *best = NULL;
	unsigned best_score = 0;
	bool by_usb = false;

	for (size_t i = 0; usb[0] && i < b->n; i++)
		by_usb = by_usb || has_usb(b->v[i], usb);
	for (size_t i = 0; i < b->n; i++) {
		unsigned score;

		if (by_usb && !has_usb(b->v[i], usb))
			continue;
		score = best_fit(b->v[i], says) + (by_usb ? 1 : 0);
		if (score > best_score) {
			best_score = score;
			best = b->v[i];
		}
	}
	return best ? best : b->generic;
}
