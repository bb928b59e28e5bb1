/* Contacts brought along as CSV. The file is kept beside the database until it is whole, without a
 * name, so that nothing is left of it whatever happens; then it is worked off a slice a turn, each
 * committed before the next, so that a long one holds no reply up. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

enum { LINES_MAX = 100 };		/* bad lines that are named in the answer */

struct http_upload {
	FILE *file;
	int error;			/* errno while it came in; 0 none */
	struct csv csv;
	char *columns[CSV_CELLS_MAX];
	size_t n_columns;
	bool has_begun;
	int64_t counts[IMPORT_BAD + 1];
	json_t *lines;
};

void http_upload_free(struct http_upload *u)
{
	if (!u)
		return;
	if (u->file)
		fclose(u->file);
	csv_close(&u->csv);
	for (size_t i = 0; i < u->n_columns; i++)
		free(u->columns[i]);
	json_decref(u->lines);
	free(u);
}

/* In the folder of the database: there is room, and permission. */
static FILE *open_nameless(const char *database)
{
	const char *slash = strrchr(database, '/');
	char *folder = slash ? tw_strndup(database, (size_t)(slash - database) + 1)
		: tw_strdup(".");
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	FILE *f = fd >= 0 ? fdopen(fd, "r+") : tmpfile();

	if (!f && fd >= 0)
		close(fd);
	free(folder);
	return f;
}

void http_upload_add(struct http_request *r, const char *data, size_t n)
{
	struct http_upload *u = r->upload;

	if (!u) {
		u = r->upload = tw_zalloc(sizeof(*u));
		errno = 0;
		u->file = open_nameless(r->h->setup.settings->database);
		u->error = u->file ? 0 : errno ? errno : EIO;
	}
	if (!u->error && fwrite(data, 1, n, u->file) != n)
		u->error = errno ? errno : EIO;
}

/* ---- the first line ------------------------------------------------------------------------ */

/* Names are compared small, with _ for what is neither letter nor digit. */
static char *column_name(const char *cell)
{
	struct tw_buf b = { 0 };

	tw_case_text(cell, strlen(cell), TW_LOWER, &b);
	for (size_t i = 0; i < b.n; i++) {
		if (strchr(" -./", b.p[i]))
			b.p[i] = '_';
	}
	return tw_buf_take(&b);
}

static bool read_header(struct http_request *r, struct http_upload *u)
{
	const char *fault = "it is empty";
	bool has_number = false;

	if (csv_next(&u->csv, &fault) <= 0) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "the body, line 1: %s", fault);
		return false;
	}
	u->n_columns = u->csv.n;
	for (size_t k = 0; k < u->n_columns; k++) {
		u->columns[k] = column_name(u->csv.cells[k]);
		has_number |= !strcmp(u->columns[k], "number");
		for (size_t j = 0; j < k && *u->columns[k]; j++) {
			if (strcmp(u->columns[j], u->columns[k]))
				continue;
			u->n_columns = k + 1;
			http_refuse(r, 400, HTTP_CODE_PARAMETER,
				    "the body, line 1: two columns are called "
				    "%.60s", u->columns[k]);
			return false;
		}
	}
	if (!has_number)
		http_refuse(r, 400, HTTP_CODE_PARAMETER,
			    "the body, line 1: no column is called number: the "
			    "first line names the columns, such as "
			    "number,name,language,zone,owner; what else there is becomes fields");
	return has_number;
}

static bool begin(struct http_request *r, struct http_upload *u)
{
	if (u->error || fflush(u->file) || fseeko(u->file, 0, SEEK_SET)) {
		http_refuse(r, 507, HTTP_CODE_NOT_COMMITTED,
			    "the file could not be kept: %s; nothing was "
			    "changed", tw_strerror(-(u->error ? u->error : errno)));
		return false;
	}
	u->has_begun = true;
	u->lines = json_array();
	csv_open(&u->csv, u->file);
	return read_header(r, u);
}

/* ---- slices -------------------------------------------------------------------------------- */

struct slice {
	struct exchange_import_row rows[EXCHANGE_IMPORT_MAX];
	struct exchange_imported done[EXCHANGE_IMPORT_MAX];
	struct exchange_import_field fields[EXCHANGE_IMPORT_MAX][CSV_CELLS_MAX];
	unsigned long lines[EXCHANGE_IMPORT_MAX];
	struct tw_strings texts;	/* what the rows point to */
	size_t n;
};

static void name_line(struct http_upload *u, unsigned long line, const char *why)
{
	u->counts[IMPORT_BAD]++;
	if (json_array_size(u->lines) < LINES_MAX)
		json_array_append_new(u->lines, json_pack("{s:I,s:s}", "line", (json_int_t)line,
							  "text", why));
}

static const char **own_place(struct exchange_import_row *row, const char *column)
{
	const struct { const char *name; const char **to; } own[] = {
		{ "number", &row->number }, { "name", &row->name }, { "language", &row->language },
		{ "zone", &row->zone }, { "owner", &row->owner }
	};

	for (size_t i = 0; i < TW_COUNT(own); i++) {
		if (!strcmp(own[i].name, column))
			return own[i].to;
	}
	return NULL;
}

static void add_row(struct http_upload *u, struct slice *s)
{
	struct exchange_import_row *row = &s->rows[s->n];

	*row = (struct exchange_import_row){ .number = "", .name = "", .language = "", .zone = "",
					     .owner = "", .fields = s->fields[s->n] };
	for (size_t k = 0; k < u->n_columns && k < u->csv.n; k++) {
		const char **own = own_place(row, u->columns[k]);

		if (!*u->columns[k] || !*u->csv.cells[k])
			continue;
		tw_strings_add(&s->texts, u->csv.cells[k]);
		if (own)
			*own = s->texts.v[s->texts.n - 1];
		else
			s->fields[s->n][row->n_fields++] = (struct exchange_import_field){
				u->columns[k], s->texts.v[s->texts.n - 1] };
	}
	s->lines[s->n++] = u->csv.line;
}

/* 1: there is more. */
static int read_slice(struct http_upload *u, struct slice *s)
{
	const char *fault;
	int got = 1;

	while (s->n < EXCHANGE_IMPORT_MAX && (got = csv_next(&u->csv, &fault)) != 0) {
		if (got > 0 && u->csv.n > u->n_columns)
			name_line(u, u->csv.line, "more cells than the first line has");
		else if (got > 0)
			add_row(u, s);
		else
			name_line(u, u->csv.line, fault);
	}
	return got != 0;
}

static bool import_slice(struct http_request *r, struct http_upload *u, struct slice *s,
			 struct tw_now now)
{
	const struct exchange_import what = { .account = http_need_account(r),
					      .list = http_param(r, "list"),
					      .source = http_param(r, "source") };
	struct exchange_refusal e = { .status = 0 };

	if (!what.account)
		return false;
	if (exchange_import(r->h->setup.exchange, &what, s->rows, s->n, now, s->done, &e) < 0) {
		http_refuse(r, e.status, e.code, "%s", e.text);
		return false;
	}
	for (size_t k = 0; k < s->n; k++) {
		if (s->done[k].what == IMPORT_BAD)
			name_line(u, s->lines[k], s->done[k].text);
		else
			u->counts[s->done[k].what]++;
	}
	return true;
}

static void answer(struct http_request *r, const struct http_upload *u)
{
	static const char *const names[] = { "joined", "known", "left", "asked", "bad" };
	char *lines = json_dumps(u->lines, JSON_COMPACT);

	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	for (size_t i = 0; i < TW_COUNT(names); i++)
		http_put_int(&r->out, names[i], u->counts[i]);
	tw_buf_addf(&r->out, ",\"lines\":%s", lines ? lines : "[]");
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
	free(lines);
}

void http_post_contacts_csv(struct http_request *r, struct tw_now now)
{
	struct slice *s;
	bool has_more;

	if (!r->upload)
		http_upload_add(r, "", 0);
	if (!r->upload->has_begun && !begin(r, r->upload))
		return;
	s = tw_zalloc(sizeof(*s));
	has_more = read_slice(r->upload, s);
	if (import_slice(r, r->upload, s, now)) {
		r->is_unfinished = has_more;
		if (!has_more)
			answer(r, r->upload);
	}
	tw_strings_done(&s->texts);
	free(s);
}

int64_t http_upload_rows(const struct http_upload *u)
{
	int64_t n = 0;

	for (size_t i = 0; u && i < IMPORT_BAD; i++)
		n += u->counts[i];
	return n;
}
