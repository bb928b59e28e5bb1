/* twoway import: contacts of a CSV file onto a list, in slices that hold nothing up. A file that
 * was broken off is imported again from its beginning: what is there already is known and changes
 * nothing. */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SLICE = 50, SLICE_OCTETS = 40 << 10 };

struct import_options { const char *account, *list, *source; };

static const struct cli_option options[] = {
	{ "account", "A", offsetof(struct import_options, account), "into this account" },
	{ "list", "L", offsetof(struct import_options, list), "the list that they agreed to" },
	{ "source", "TEXT", offsetof(struct import_options, source),
	  "where their consent came from" },
};

struct import {
	struct cli *c;
	const struct import_options *o;
	const char *name;
	struct csv csv;
	char *columns[CSV_CELLS_MAX];	/* NULL: the column is left out */
	size_t n_columns;
	struct client *k;
	json_t *rows;
	unsigned long lines[SLICE];
	size_t octets;
	unsigned long counts[5];	/* joined known left asked bad */
	off_t size;
	bool has_bar;
};

enum { COUNT_JOINED, COUNT_KNOWN, COUNT_LEFT, COUNT_ASKED, COUNT_BAD };
static const char *const count_names[] = { "joined", "known", "left", "asked", "bad" };

static void clear_bar(const struct import *i)
{
	if (i->has_bar)
		fputs("\r\033[K", stderr);
}

static void draw_bar(const struct import *i)
{
	if (i->has_bar && i->size)
		fprintf(stderr, "\r%3d%%  %lu joined, %lu bad ", (int)(i->csv.seen * 100 / i->size),
			i->counts[COUNT_JOINED], i->counts[COUNT_BAD]);
}

static void name_bad(struct import *i, unsigned long line, const char *why)
{
	struct tw_buf safe = { 0 };

	i->counts[COUNT_BAD]++;
	clear_bar(i);
	show_safe(why, strlen(why), &safe);
	fprintf(stderr, "%s:%lu: %s\n", i->name, line, tw_buf_str(&safe));
	tw_buf_done(&safe);
}

/* ---- the header ---------------------------------------------------------------------------- */

static const char *const own_names[] = { "number", "name", "language", "zone", "owner" };

static bool is_own(const char *name)
{
	for (size_t i = 0; i < TW_COUNT(own_names); i++)
		if (!strcmp(own_names[i], name))
			return true;
	return false;
}

/* Column names are compared small, with _ for what is neither letter nor digit. */
static char *column_name(const char *cell)
{
	struct tw_buf b = { 0 };

	tw_case_text(cell, strlen(cell), TW_LOWER, &b);
	for (size_t i = 0; i < b.n; i++)
		if (strchr(" -./", b.p[i]))
			b.p[i] = '_';
	return tw_buf_take(&b);
}

static int read_header(struct import *i)
{
	const char *fault = "it is empty";
	bool has_number = false;

	if (csv_next(&i->csv, &fault) <= 0)
		return cli_fail(CLI_DATA, "%s:1: %s", i->name, fault);
	i->n_columns = i->csv.n;
	for (size_t k = 0; k < i->n_columns; k++) {
		i->columns[k] = *i->csv.cells[k] ? column_name(i->csv.cells[k]) : NULL;
		if (!i->columns[k])
			continue;
		for (size_t j = 0; j < k; j++)
			if (i->columns[j] && !strcmp(i->columns[j], i->columns[k]))
				return cli_fail(CLI_DATA, "%s:1: two columns are called %s",
						i->name, i->columns[k]);
		has_number |= !strcmp(i->columns[k], "number");
	}
	if (has_number)
		return 0;
	return cli_fail(CLI_DATA, "%s:1: no column is called number: the first line names the "
				  "columns, such "
			"as number,name,language,zone,owner; what else there is becomes fields",
			i->name);
}

/* ---- slices -------------------------------------------------------------------------------- */

/* What concerns the whole request ends the import. */
static int take_answer(struct import *i, struct client_call *call)
{
	json_t *root, *row;
	size_t k;

	if (call->status != 200)
		return cli_refused(call);
	root = json_loadb(tw_buf_str(&call->answer), call->answer.n, 0, NULL);
	json_array_foreach(json_object_get(root, "rows"), k, row) {
		const char *what = cli_member(row, "what");

		if (!strcmp(what, "bad") && k < SLICE)
			name_bad(i, i->lines[k], cli_member(row, "text"));
		for (int n = COUNT_JOINED; n <= COUNT_ASKED; n++)
			i->counts[n] += !strcmp(what, count_names[n]);
	}
	json_decref(root);
	return 0;
}

static int send_slice(struct import *i)
{
	struct client_call call = { .method = "POST" };
	json_t *body;
	int r;

	if (!json_array_size(i->rows))
		return 0;
	call.path = tw_strdup("/api/v1/contacts");
	body = json_pack("{s:s?,s:s,s:s,s:O}", "account", i->o->account, "list",
			 i->o->list, "source", i->o->source, "rows", i->rows);
	call.body = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	r = client_do(i->k, &call);
	if (!r)
		r = take_answer(i, &call);
	client_call_done(&call);
	json_array_clear(i->rows);
	i->octets = 0;
	draw_bar(i);
	return r;
}

static void add_row(struct import *i)
{
	json_t *row = json_object(), *fields = json_object();

	for (size_t k = 0; k < i->n_columns && k < i->csv.n; k++) {
		if (!i->columns[k])
			continue;
		json_object_set_new(is_own(i->columns[k]) ? row : fields, i->columns[k],
				    json_string(i->csv.cells[k]));
	}
	json_object_set_new(row, "fields", fields);
	i->lines[json_array_size(i->rows)] = i->csv.line;
	i->octets += i->csv.text.n + 64 * i->n_columns;
	json_array_append_new(i->rows, row);
}

static int read_rows(struct import *i)
{
	const char *fault;
	int r = 0, got;

	while (!r && (got = csv_next(&i->csv, &fault)) != 0) {
		if (got > 0 && i->csv.n > i->n_columns)
			fault = "more cells than the first line has columns";
		else if (got > 0)
			fault = NULL;
		if (fault)
			name_bad(i, i->csv.line, fault);
		else
			add_row(i);
		if (json_array_size(i->rows) == SLICE || i->octets > SLICE_OCTETS)
			r = send_slice(i);
	}
	return r ? r : send_slice(i);
}

static void print_counts(const struct import *i)
{
	clear_bar(i);
	if (i->c->json) {
		printf("{\"joined\":%lu,\"known\":%lu,\"left\":%lu,\"asked\":%lu,\"bad\":%lu}\n",
		       i->counts[COUNT_JOINED], i->counts[COUNT_KNOWN], i->counts[COUNT_LEFT],
		       i->counts[COUNT_ASKED], i->counts[COUNT_BAD]);
		return;
	}
	printf("%lu joined %s, %lu were on it, %lu had left or were asked before, %lu are asked, "
	       "%lu bad lines\n", i->counts[COUNT_JOINED], i->o->list, i->counts[COUNT_KNOWN],
	       i->counts[COUNT_LEFT], i->counts[COUNT_ASKED], i->counts[COUNT_BAD]);
}

static int import_file(struct import *i, FILE *in)
{
	struct stat st;
	int r;

	csv_open(&i->csv, in);
	if (fstat(fileno(in), &st) == 0 && S_ISREG(st.st_mode))
		i->size = st.st_size;
	i->has_bar = i->size && isatty(STDERR_FILENO);
	i->rows = json_array();
	r = read_header(i);
	if (!r)
		r = client_open(i->c, &i->k);
	if (!r)
		r = read_rows(i);
	if (!r) {
		print_counts(i);
		r = i->counts[COUNT_BAD] ? CLI_DATA : CLI_OK;
	}
	client_close(i->k);
	json_decref(i->rows);
	csv_close(&i->csv);
	for (size_t k = 0; k < i->n_columns; k++)
		free(i->columns[k]);
	return r;
}

static int run(struct cli *c, const void *given)
{
	struct import i = { .c = c, .o = given, .name = c->words.v[0] };
	FILE *in;
	int r;

	if (!i.o->list)
		return cli_misuse("import", "--list: onto which list?");
	if (!i.o->source)
		return cli_misuse("import",
				  "--source: where did their consent come from? It is kept as "
				  "evidence, such as \"paper form, shop, May 2026\"");
	if (!strcmp(i.name, "-"))
		return import_file(&i, stdin);
	in = fopen(i.name, "r");
	if (!in)
		return cli_fail(CLI_UNKNOWN, "%s: %s", i.name, strerror(errno));
	r = import_file(&i, in);
	fclose(in);
	return r;
}

const struct cli_verb cli_verb_import = {
	.name = "import",
	.arguments = "FILE --list L --source TEXT",
	.summary = "Bring contacts along from a CSV file",
	.about = "The first line names the columns: number, and where known name, language, zone, "
		 "owner; what\n"
		 "else there is becomes fields. Bad lines are named and the others imported; then "
		 "it ends 65.\n"
		 "Whoever left before is not joined again. - is standard input.\n\n"
		 "  twoway import customers.csv --list offers --source \"paper form, shop, May "
		 "2026\"",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct import_options), .min_words = 1, .max_words = 1,
	.run = run,
};
