/* Lists that come page by page, and objects as the rows of a table. */
#include "rows.h"

#include <stdio.h>

enum { PAGE = 1000, LIMIT_DEFAULT = 100 };

void rows_query(struct tw_buf *path, const char *name, const char *value)
{
	char *escaped;

	if (!value || !*value)
		return;
	escaped = client_escape(value);
	tw_buf_addf(path, "%c%s=%s", strchr(tw_buf_str(path), '?') ? '&' : '?', name, escaped);
	free(escaped);
}

int rows_limit(const char *verb, const char *text, int64_t *ret)
{
	*ret = LIMIT_DEFAULT;
	return cli_limit_read(text, 0, INT64_MAX, ret) ? 0 :
	       cli_misuse(verb, "--limit: expected a number, 0 for all");
}

/* One page; *place moves on (heap), NULL at the end. */
static int read_page(struct client *k, const char *path, const struct rows_list *l, int64_t n,
		     char **place,
		     json_t *all, json_t **ret_first)
{
	struct client_call call = { .method = "GET" };
	struct tw_buf whole = { 0 };
	json_t *root = NULL;
	int r;

	tw_buf_adds(&whole, path);
	if (l->cursor) {
		tw_buf_addf(&whole, "%climit=%lld", strchr(path, '?') ? '&' : '?', (long long)n);
		rows_query(&whole, l->cursor, *place);
	}
	call.path = tw_buf_take(&whole);
	r = client_do(k, &call);
	if (!r && call.status != 200)
		r = cli_refused(&call);
	free(tw_steal(*place));
	if (!r)
		root = json_loadb(tw_buf_str(&call.answer), call.answer.n, 0, NULL);
	if (!r && !root)
		r = cli_fail(CLI_INTERNAL, "the daemon's answer is not JSON");
	json_array_extend(all, json_object_get(root, l->name));
	if (l->cursor)
		*place = tw_strdup(json_string_value(json_object_get(root, l->cursor)));
	if (ret_first && !*ret_first)
		*ret_first = json_incref(root);
	json_decref(root);
	client_call_done(&call);
	return r;
}

int rows_read(struct cli *c, const char *path, const struct rows_list *l, int64_t limit,
	      json_t *all,
	      json_t **ret_first)
{
	struct client *k = NULL;
	char *place = NULL;
	int64_t left = limit;
	int r = client_open(c, &k);

	while (!r) {
		r = read_page(k, path, l, limit && left < PAGE ? left : PAGE, &place, all,
			      ret_first);
		left = limit - (int64_t)json_array_size(all);
		if (!place || (limit && left <= 0))
			break;
	}
	free(place);
	client_close(k);
	return r;
}

static void add_cell(struct table *t, const struct rows_column *column, json_t *row,
		     struct wall_ms now)
{
	json_t *value = json_object_get(row, column->member);
	char text[TW_RFC3339_MAX] = "";

	switch (column->kind) {
	case ROWS_TEXT:
		table_cell(t, json_string_value(value) ? json_string_value(value) : "",
			   COLOUR_NONE);
		break;
	case ROWS_COUNT:
		if (json_is_integer(value))
			snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(value));
		table_cell(t, text, COLOUR_NONE);
		break;
	case ROWS_AMOUNT:
		if (json_is_number(value))
			snprintf(text, sizeof(text), "%.2f", json_number_value(value));
		table_cell(t, text, COLOUR_NONE);
		break;
	case ROWS_TIME:
		table_cell(t, json_is_string(value) ?
			   cli_time_write(cli_member_time(row, column->member), now,
								      text) : "", COLOUR_NONE);
		break;
	case ROWS_FLAG:
		table_cell(t, json_is_true(value) ? "yes" : "", COLOUR_NONE);
		break;
	}
}

void rows_print(struct cli *c, json_t *rows, const struct rows_column *columns, size_t n)
{
	struct wall_ms now = tw_now_system().wall;
	struct table t = { 0 };
	struct tw_buf b = { 0 };
	json_t *row;
	size_t i, k;

	for (k = 0; k < n; k++)
		table_column(&t, columns[k].head, columns[k].kind == ROWS_COUNT ||
			     columns[k].kind == ROWS_AMOUNT,
			     columns[k].gives_way);
	for (k = 0; k < n; k++)
		if (columns[k].spare)
			table_spare(&t, columns[k].head, columns[k].spare);
	json_array_foreach(rows, i, row)
		for (k = 0; k < n; k++)
			add_cell(&t, &columns[k], row, now);
	table_print(&t, c->width, c->colour, &b);
	cli_write(&b);
	tw_buf_done(&b);
	table_done(&t);
}

int rows_show(struct cli *c, const char *path, const struct rows_list *l, int64_t limit,
	      const struct rows_column *columns, size_t n)
{
	json_t *all = json_array();
	int r = rows_read(c, path, l, limit, all, NULL);

	if (!r && c->json)
		cli_print_json_each(all);
	else if (!r && !json_array_size(all))
		fprintf(stderr, "%s\n", l->none);
	else if (!r)
		rows_print(c, all, columns, n);
	json_decref(all);
	return r;
}

void rows_line(const char *name, const char *value, struct tw_buf *b)
{
	if (!*value)
		return;
	tw_buf_addf(b, "%-12s", name);
	show_safe(value, strlen(value), b);
	tw_buf_addc(b, '\n');
}
