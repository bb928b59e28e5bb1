/* /api/v1/flows: the files of the flows, with the file as the source. A text replaces one whole,
 * and only when all flows compile with it; what was there stays otherwise, on disk and at work. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_name(const char *name)
{
	size_t n = strlen(name);

	return n > 5 && n < 100 && *name != '.' && !strcmp(name + n - 5, ".conf") &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
	       n;
}

/* The path of the file with this name; heap, NULL: there is none. */
static char *find_file(const struct http_request *r, const char *name)
{
	const struct http_setup *s = &r->h->setup;
	struct tw_strings files = { 0 };
	char *path = NULL;

	if (s->list_flows)
		s->list_flows(s->ctx, &files);
	for (size_t i = 0; i < files.n && !path; i++) {
		if (!strcmp(file_name(files.v[i]), name))
			path = tw_strdup(files.v[i]);
	}
	tw_strings_done(&files);
	return path;
}

/* A new one goes into the first folder that is named. Heap; NULL: there is none. */
static char *new_file(const struct http_request *r, const char *name)
{
	const struct settings *s = r->h->setup.settings;
	struct stat st;

	for (size_t i = 0; i < s->flows.n; i++) {
		if (stat(s->flows.v[i], &st) == 0 && S_ISDIR(st.st_mode))
			return tw_printf("%s/%s", s->flows.v[i], name);
	}
	return NULL;
}

static int read_file(const char *path, struct tw_buf *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t n = 0;

	if (fd < 0)
		return -errno;
	tw_buf_adds(ret, "");
	while (ret->n <= HTTP_FLOW_MAX && (n = read(fd, tw_buf_reserve(ret, 4096), 4096)) > 0)
		ret->n += (size_t)n;
	close(fd);
	return n < 0 ? -errno : ret->n > HTTP_FLOW_MAX ? -EFBIG : 0;
}

/* ---- read ---------------------------------------------------------------------------------- */

static void write_file(struct tw_buf *b, const char *path)
{
	struct tw_buf text = { 0 };
	struct stat st = { .st_size = 0 };
	uint8_t digest[32];
	char hex[65] = "";

	if (stat(path, &st) == 0 && read_file(path, &text) == 0) {
		tw_sha256(text.p, text.n, digest);
		tw_hex_write(digest, sizeof(digest), hex, false);
	}
	http_put_open(b, NULL, '{');
	http_put_text(b, "name", file_name(path));
	http_put_text(b, "path", path);
	http_put_int(b, "octets", st.st_size);
	http_put_filled(b, "sha256", hex);
	http_put_time(b, "changed_at", (struct wall_ms){ (int64_t)st.st_mtim.tv_sec * 1000 +
							 st.st_mtim.tv_nsec / 1000000 });
	http_put_close(b, '}');
	tw_buf_done(&text);
}

void http_get_flows(struct http_request *r, struct tw_now now)
{
	const struct http_setup *s = &r->h->setup;
	struct tw_strings files = { 0 };

	(void)now;
	if (s->list_flows)
		s->list_flows(s->ctx, &files);
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, "flows", '[');
	for (size_t i = 0; i < files.n; i++)
		write_file(&r->out, files.v[i]);
	http_put_close(&r->out, ']');
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
	tw_strings_done(&files);
}

static void refuse_unknown(struct http_request *r)
{
	http_refuse(r, 404, HTTP_CODE_UNKNOWN, "no flow file is called %.100s",
		    tw_buf_str(&r->name));
}

void http_get_flow(struct http_request *r, struct tw_now now)
{
	char *path = find_file(r, tw_buf_str(&r->name));
	struct tw_buf text = { 0 };
	int code = path ? read_file(path, &text) : -ENOENT;

	(void)now;
	if (code == -ENOENT) {
		refuse_unknown(r);
	} else if (code < 0) {
		http_refuse(r, 500, HTTP_CODE_INTERNAL, "%s: %s", path, tw_strerror(code));
	} else {
		r->status = 200;
		r->out_type = "text/plain; charset=utf-8";
		tw_buf_add(&r->out, text.p, text.n);
	}
	tw_buf_done(&text);
	free(path);
}

/* ---- replaced ------------------------------------------------------------------------------ */

static void answer_findings(struct http_request *r, bool is_ok, const char *why,
			    const struct tw_findings *f)
{
	tw_buf_clear(&r->out);
	http_put_open(&r->out, NULL, '{');
	r->status = is_ok ? 200 : 422;
	if (!is_ok) {
		r->out_type = http_problem_type;
		http_problem_write(&r->out, 422, HTTP_CODE_CONFIG, why);
	}
	http_put_bool(&r->out, "ok", is_ok);
	http_write_findings(&r->out, f);
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
}

static int sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? tw_strndup(path, (size_t)(slash - path) + 1) : tw_strdup(".");
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), code;

	free(folder);
	if (fd < 0)
		return -errno;
	code = fsync(fd) ? -errno : 0;
	close(fd);
	return code;
}

/* Whole on disk under another name first: no crash leaves half a file. */
static int write_beside(const char *beside, const char *path, const char *text, size_t n)
{
	struct stat st = { .st_mode = 0644 };
	int fd, code = 0;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return -EISDIR;
	unlink(beside);		/* what a crash left */
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, st.st_mode & 0777);
	if (fd < 0)
		return -errno;
	for (size_t done = 0; done < n && !code; ) {
		ssize_t written = write(fd, text + done, n - done);

		if (written < 0)
			code = -errno;
		else
			done += (size_t)written;
	}
	if (!code && (fchmod(fd, st.st_mode & 0777) || fsync(fd)))
		code = -errno;
	if (close(fd) && !code)
		code = -errno;
	if (code)
		unlink(beside);
	return code;
}

static char *beside_of(const char *path, const char *ending)
{
	return tw_printf("%.*s.%s.%s", (int)(file_name(path) - path), path,
			 file_name(path), ending);
}

/* text NULL: the file goes. What was there is kept under another name until the flows run without
 * it. */
static int exchange_files(const char *path, const char *kept, const char *text, size_t n)
{
	char *beside = beside_of(path, "new");
	int code = text ? write_beside(beside, path, text, n) : 0;

	unlink(kept);
	if (!code && link(path, kept) && errno != ENOENT)
		code = -errno;
	if (!code && (text ? rename(beside, path) : unlink(path)))
		code = -errno;
	if (code && text)
		unlink(beside);
	free(beside);
	return code ? code : sync_folder(path);
}

static void put_back(const char *path, const char *kept)
{
	if (rename(kept, path) && errno == ENOENT)
		unlink(path);		/* there was none */
	sync_folder(path);
}

/* The check has passed; then a reload may still fail for what else is wrong in the
 * configuration. */
static void replace(struct http_request *r, const char *path, const char *text, size_t n,
		    struct tw_findings *f)
{
	const struct http_setup *s = &r->h->setup;
	char *kept = beside_of(path, "old");
	int code = exchange_files(path, kept, text, n);

	if (code) {
		http_refuse(r, 507, HTTP_CODE_NOT_COMMITTED, "%s: %s; nothing was changed", path,
			    tw_strerror(code));
	} else if (s->reload(s->ctx, NULL, f) < 0) {
		put_back(path, kept);
		answer_findings(r, false, "the configuration has errors; the file is as it was", f);
	} else {
		unlink(kept);
		answer_findings(r, true, NULL, f);
	}
	free(kept);
}

static void check_and_replace(struct http_request *r, const char *path, const char *text, size_t n)
{
	const struct http_setup *s = &r->h->setup;
	const char *only = http_param(r, "check");
	struct tw_findings f = { 0 };

	if (!s->check_flow || !s->reload || r->h->is_closing)
		http_refuse(r, 503, HTTP_CODE_UNAVAILABLE, "flows cannot be replaced now");
	else if (only && strcmp(only, "true") && strcmp(only, "false"))
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "check: expected true or false");
	else if (s->check_flow(s->ctx, path, text, n, &f) < 0)
		answer_findings(r, false, "the flow has errors; what was there stays", &f);
	else if (only && !strcmp(only, "true"))
		answer_findings(r, true, NULL, &f);
	else {
		tw_findings_done(&f);
		replace(r, path, text, n, &f);
	}
	tw_findings_done(&f);
}

void http_put_flow(struct http_request *r, struct tw_now now)
{
	const char *name = tw_buf_str(&r->name);
	char *path = find_file(r, name);

	(void)now;
	if (!path && !is_name(name))
		http_refuse(r, 400, HTTP_CODE_PARAMETER,
			    "the name of a flow file is letters, digits, - and _, and "
			    "ends in .conf");
	else if (memchr(tw_buf_str(&r->body), 0, r->body.n) ||
		 !tw_utf8_is_valid(tw_buf_str(&r->body), r->body.n))
		http_refuse(r, 400, HTTP_CODE_PARAMETER,
			    "the body is not UTF-8, or has a NUL in it");
	else if (!path && !(path = new_file(r, name)))
		http_refuse(r, 409, HTTP_CODE_CONFLICT,
			    "`flows` names no folder that a new file could go to");
	else
		check_and_replace(r, path, tw_buf_str(&r->body), r->body.n);
	free(path);
}

void http_delete_flow(struct http_request *r, struct tw_now now)
{
	char *path = find_file(r, tw_buf_str(&r->name));

	(void)now;
	if (path)
		check_and_replace(r, path, NULL, 0);
	else
		refuse_unknown(r);
	free(path);
}
