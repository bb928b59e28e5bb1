/* Reads a configuration file and what it includes into one text with a map of lines. libconfig
 * never opens a file: its own @include would read any path, unbounded. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf_text.h"

void conf_text_done(struct conf_text *c)
{
	tw_buf_done(&c->text);
	tw_strings_done(&c->files);
	free(c->spans);
	free(c->marks);
	memset(c, 0, sizeof(*c));
}

const char *conf_text_where(const struct conf_text *c, unsigned line, unsigned *ret_line)
{
	size_t low = 0, high = c->n_spans;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (c->spans[middle].first <= line)
			low = middle;
		else
			high = middle;
	}
	*ret_line = c->spans[low].line + (line - c->spans[low].first);
	return c->files.v[c->spans[low].file];
}

void conf_text_fault(struct conf_text *c, unsigned line, bool is_error, const char *format, ...)
{
	unsigned file_line;
	const char *file = conf_text_where(c, line, &file_line);
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	tw_findings_add(c->findings, file, file_line, -1, is_error, "%s", text);
	free(text);
}

static void start_span(struct conf_text *c, unsigned file, unsigned line)
{
	c->spans = tw_realloc(c->spans, (c->n_spans + 1) * sizeof(*c->spans));
	c->spans[c->n_spans++] = (struct conf_span){ c->lines + 1, file, line };
}

/* One file while it is copied. */
struct source {
	const char *p, *end;
	unsigned file;		/* index in files */
	unsigned line;
	int depth;
	const char *folder;	/* of the first file, resolved: includes stay inside; NULL: none */
	const char *path;	/* of this file, resolved */
};

static int expand(struct conf_text *c, struct source *s);

static int read_bounded(int fd, struct tw_buf *out)
{
	for (;;) {
		char *room = tw_buf_reserve(out, 1 << 16);
		ssize_t n = read(fd, room, 1 << 16);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		out->n += (size_t)n;
		if (out->n > TW_CONF_MAX)
			return TW_E_NOSPACE;
	}
}

/* Fills out with the file's text. 0, -errno, or TW_E_NOSPACE past TW_CONF_MAX. */
static int read_file(const char *path, struct tw_buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), r;
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		r = -EISDIR;
	else if (S_ISFIFO(st.st_mode))	/* who writes to it may never come */
		r = -ESPIPE;
	else
		r = read_bounded(fd, out);
	close(fd);
	return r;
}

static void fault_of_read(struct conf_text *c, const char *file, unsigned line, const char *path,
			  int r)
{
	if (r == TW_E_NOSPACE)
		tw_findings_add(c->findings, file, line, -1, true,
				"%s holds more than %u MiB: split it", path, TW_CONF_MAX >> 20);
	else
		tw_findings_add(c->findings, file, line, -1, true, "cannot read %s: %s", path,
				r == -ESPIPE ? "it is a pipe" : tw_strerror(r));
}

/* A file is text in UTF-8 without NUL; says where it is not. */
static int check_octets(struct conf_text *c, const char *file, const char *p, size_t n)
{
	unsigned line = 1;

	for (const char *end = p + n; p < end;) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));
		size_t length = (size_t)((stop ? stop : end) - p);

		if (memchr(p, 0, length)) {
			tw_findings_add(c->findings, file, line, -1, true,
					"there is a NUL octet here: this is not a text file");
			return TW_E_CONFIG;
		}
		if (!tw_utf8_is_valid(p, length)) {
			tw_findings_add(c->findings, file, line, -1, true,
					"this line is not UTF-8: save the file as UTF-8");
			return TW_E_CONFIG;
		}
		p += length + 1;
		line++;
	}
	return 0;
}

static int expand_file(struct conf_text *c, const char *name, const char *path,
		       const struct source *parent, const char *folder, struct tw_buf *text)
{
	size_t skip = text->n >= 3 && !memcmp(text->p, "\xEF\xBB\xBF", 3) ? 3 : 0;
	struct source s = { .p = tw_buf_str(text) + skip, .line = 1,
			    .depth = parent ? parent->depth + 1 : 0, .folder = folder,
			    .path = path };
	int r;

	s.end = s.p + (text->n - skip);
	r = check_octets(c, name, s.p, (size_t)(s.end - s.p));
	if (r < 0)
		return r;
	if (c->text.n + text->n > TW_CONF_MAX) {
		tw_findings_add(c->findings, name, 1, -1, true,
				"with this file the configuration holds more than %u MiB",
				TW_CONF_MAX >> 20);
		return TW_E_CONFIG;
	}
	s.file = (unsigned)c->files.n;
	tw_strings_add(&c->files, name);
	start_span(c, s.file, 1);
	return expand(c, &s);
}

static bool is_inside(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return !strncmp(path, folder, n) && (path[n] == '/' || (n && folder[n - 1] == '/'));
}

static int fault_at(struct conf_text *c, const struct source *s, const char *text, const char *what)
{
	tw_findings_add(c->findings, c->files.v[s->file], s->line, -1, true, "%s%s", text, what);
	return TW_E_CONFIG;
}

/* A name beside the file `beside`: "a/b.conf" and "c.conf" give "a/c.conf". Heap. */
static char *path_beside(const char *beside, const char *name)
{
	const char *slash = strrchr(beside, '/');

	if (name[0] == '/' || !slash)
		return tw_strdup(name);
	return tw_printf("%.*s%s", (int)(slash + 1 - beside), beside, name);
}

/* Reads an included file by its name as written in s. */
static int include(struct conf_text *c, struct source *s, const char *name)
{
	tw_auto(tw_free_charp) char *path = NULL, *resolved = NULL, *shown = NULL;
	struct tw_buf text = { 0 };
	int r;

	if (!s->folder)
		return fault_at(c, s, "@include is possible in a file only", "");
	if (s->depth >= CONF_INCLUDE_MAX)
		return fault_at(c, s,
				"files include each other more than nine deep, or in a ring: ",
				name);
	if (c->files.n >= CONF_FILES_MAX)
		return fault_at(c, s, "too many files are included: ", name);
	path = path_beside(s->path, name);
	shown = path_beside(c->files.v[s->file], name);
	resolved = realpath(path, NULL);
	if (!resolved) {
		fault_of_read(c, c->files.v[s->file], s->line, shown, -errno);
		return TW_E_CONFIG;
	}
	if (!is_inside(resolved, s->folder))
		return fault_at(c, s,
				"an included file must lie in the folder of the file that was "
				"opened first: ", name);
	r = read_file(resolved, &text);
	if (r < 0)
		fault_of_read(c, c->files.v[s->file], s->line, shown, r);
	else
		r = expand_file(c, shown, resolved, s, s->folder, &text);
	tw_buf_done(&text);
	return r < 0 ? TW_E_CONFIG : 0;
}

/* At `@include` as the first word of a line: reads the name, then the rest of the line must be
 * empty or a comment. */
static int take_include(struct conf_text *c, struct source *s)
{
	const char *p = s->p + strlen("@include"), *start, *stop;
	tw_auto(tw_free_charp) char *name = NULL;
	int r;

	while (p < s->end && (*p == ' ' || *p == '\t'))
		p++;
	if (p == s->end || *p != '"')
		return fault_at(c, s, "@include wants a file name in quotation marks", "");
	start = p + 1;
	for (stop = start; stop < s->end && *stop != '"' && *stop != '\n'; stop++)
		;
	if (stop == s->end || *stop == '\n' || stop == start)
		return fault_at(c, s, "@include wants a file name in quotation marks", "");
	for (p = stop + 1; p < s->end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == ';'); p++)
		;
	if (p < s->end && *p != '\n' && *p != '#' && !(*p == '/' && p + 1 < s->end && p[1] == '/'))
		return fault_at(c, s, "nothing may stand behind @include \"name\" on its line", "");
	while (p < s->end && *p != '\n')
		p++;
	name = tw_strndup(start, (size_t)(stop - start));
	r = include(c, s, name);
	s->p = p < s->end ? p + 1 : p;
	s->line++;
	start_span(c, s->file, s->line);
	return r;
}

enum state { IN_CODE, IN_TEXT, IN_LINE_COMMENT, IN_COMMENT };

/* The state behind the character at p, which may take the next one with it (*ret_n 2). */
static enum state step(enum state state, const char *p, const char *end, size_t *ret_n)
{
	char next = p + 1 < end ? p[1] : 0;

	*ret_n = 1;
	switch (state) {
	case IN_CODE:
		if (*p == '"')
			return IN_TEXT;
		if (*p == '#' || (*p == '/' && next == '/'))
			return IN_LINE_COMMENT;
		if (*p == '/' && next == '*') {
			*ret_n = 2;
			return IN_COMMENT;
		}
		return IN_CODE;
	case IN_TEXT:
		if (*p == '\\' && (next == '"' || next == '\\'))
			*ret_n = 2;
		return *p == '"' ? IN_CODE : IN_TEXT;
	case IN_LINE_COMMENT:
		return *p == '\n' ? IN_CODE : IN_LINE_COMMENT;
	case IN_COMMENT:
		if (*p != '*' || next != '/')
			return IN_COMMENT;
		*ret_n = 2;
		return IN_CODE;
	}
	abort();
}

/* Octets at p at which nothing happens in this state. */
static size_t plain_run(enum state state, const char *p, const char *end)
{
	enum { CODE = 1 << IN_CODE, TEXT = 1 << IN_TEXT, COMMENT = 1 << IN_COMMENT, ALL = 15 };
	static const unsigned char stops[256] = { ['"'] = CODE | TEXT, ['\\'] = TEXT, ['#'] = CODE,
		['/'] = CODE, ['@'] = CODE, ['*'] = COMMENT, ['\n'] = ALL, ['\r'] = ALL };
	const char *start = p;

	while (p < end && !(stops[(unsigned char)*p] >> state & 1))
		p++;
	return (size_t)(p - start);
}

static bool is_include(const struct source *s, const char *line_start)
{
	size_t n = strlen("@include");

	for (const char *p = line_start; p < s->p; p++)
		if (*p != ' ' && *p != '\t')
			return false;
	return (size_t)(s->end - s->p) >= n && !memcmp(s->p, "@include", n);
}

static int expand(struct conf_text *c, struct source *s)
{
	const char *line_start = s->p;
	enum state state = IN_CODE;
	char hint[96] = "";
	unsigned opened = 0, long_text = 0;	/* the first text of several lines */
	size_t n;

	while (s->p < s->end) {
		n = plain_run(state, s->p, s->end);
		if (n) {
			tw_buf_add(&c->text, s->p, n);
			s->p += n;
			continue;
		}
		if (state == IN_CODE && *s->p == '@' && is_include(s, line_start)) {
			int r = take_include(c, s);

			if (r < 0)
				return r;
			line_start = s->p;
			continue;
		}
		if (state == IN_CODE)
			opened = s->line;
		state = step(state, s->p, s->end, &n);
		if (*s->p == '\n') {
			if (state == IN_TEXT && !long_text)
				long_text = opened;
			s->line++;
			c->lines++;
			line_start = s->p + 1;
		}
		if (*s->p != '\r' || s->p + 1 == s->end || s->p[1] != '\n')
			tw_buf_add(&c->text, s->p, n);
		s->p += n;
	}
	tw_buf_addc(&c->text, '\n');
	c->lines++;
	if (state == IN_CODE || state == IN_LINE_COMMENT)
		return 0;
	s->line = opened;
	if (state == IN_COMMENT)
		return fault_at(c, s, "the comment that begins here is never closed by */", "");
	if (long_text && long_text < opened)
		snprintf(hint, sizeof(hint),
			 ", perhaps in line %u, where a text begins that runs over "
			 "several lines", long_text);
	return fault_at(c, s,
			"the text that begins here is never closed: a quotation mark is missing",
			hint);
}

static int read_path(struct conf_text *c, const char *path)
{
	tw_auto(tw_free_charp) char *resolved = NULL, *folder = NULL;
	struct tw_buf text = { 0 };
	int r = read_file(path, &text);

	if (r < 0) {
		fault_of_read(c, path, 0, path, r);
		tw_buf_done(&text);
		return TW_E_CONFIG;
	}
	resolved = realpath(path, NULL);
	if (resolved) {
		char *slash = strrchr(resolved, '/');

		folder = tw_strndup(resolved, slash == resolved ? 1 : (size_t)(slash - resolved));
	}
	r = expand_file(c, path, resolved, NULL, folder, &text);
	tw_buf_done(&text);
	return r < 0 ? TW_E_CONFIG : 0;
}

int conf_text_read(struct conf_text *c, const char *path, const char *text, size_t n)
{
	struct tw_buf copy = { 0 };
	int r;

	if (!text)
		return read_path(c, path);
	if (n > TW_CONF_MAX) {
		fault_of_read(c, path, 0, path, TW_E_NOSPACE);
		return TW_E_CONFIG;
	}
	tw_buf_add(&copy, text, n);
	r = expand_file(c, path, NULL, NULL, NULL, &copy);
	tw_buf_done(&copy);
	return r < 0 ? TW_E_CONFIG : 0;
}
