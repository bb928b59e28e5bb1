/* Aligned tables: two spaces between columns, a flexible column cut where the terminal is narrow,
 * and columns that can be spared left out where that is not enough. */
#include "cli.h"

#include <stdio.h>

enum { GAP = 2, FLEXIBLE_MIN = 8 };

void table_column(struct table *t, const char *name, bool is_right, bool is_flexible)
{
	t->columns = tw_realloc(t->columns, (t->n_columns + 1) * sizeof(*t->columns));
	t->columns[t->n_columns++] = (struct table_column){
		.name = name, .is_right = is_right, .is_flexible = is_flexible,
		.width = (int)strlen(name), .min = FLEXIBLE_MIN };
}

static struct table_column *find_column(struct table *t, const char *name)
{
	for (size_t i = 0; i < t->n_columns; i++) {
		if (!strcmp(t->columns[i].name, name))
			return &t->columns[i];
	}
	return NULL;
}

void table_spare(struct table *t, const char *name, int rank)
{
	struct table_column *column = find_column(t, name);

	if (column)
		column->spare = rank;
}

void table_min(struct table *t, const char *name, int cells)
{
	struct table_column *column = find_column(t, name);

	if (column)
		column->min = cells;
}

void table_cell(struct table *t, const char *text, enum colour colour)
{
	struct table_column *column = &t->columns[t->n_cells % t->n_columns];
	struct tw_buf safe = { 0 };
	struct table_cell cell = { .colour = colour };

	show_safe(text, strlen(text), &safe);
	cell.width = show_width(tw_buf_str(&safe), safe.n);
	cell.text = safe.p ? tw_buf_take(&safe) : tw_strdup("");
	if (cell.width > column->width)
		column->width = cell.width;
	column->is_filled |= cell.width > 0;
	if (t->n_cells == t->cap) {
		t->cap = t->cap ? 2 * t->cap : 64;
		t->cells = tw_realloc(t->cells, t->cap * sizeof(*t->cells));
	}
	t->cells[t->n_cells++] = cell;
}

void table_cell_int(struct table *t, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)value);
	table_cell(t, text, COLOUR_NONE);
}

static int least_width(const struct table_column *c)
{
	return c->is_flexible && c->width > c->min ? c->min : c->width;
}

static bool goes_before(const struct table_column *a, const struct table_column *b)
{
	if (a->is_filled != b->is_filled)
		return !a->is_filled;
	return a->spare > b->spare;
}

/* Leaves out what can be spared until the rest can be made to fit; is_out tells which. */
static void leave_out(const struct table_column *columns, size_t n, int width, bool *is_out)
{
	int total = -GAP;

	for (size_t i = 0; i < n; i++)
		total += GAP + least_width(&columns[i]);
	while (total > width) {
		size_t first = n;

		for (size_t i = 0; i < n; i++) {
			if (columns[i].spare && !is_out[i] &&
			    (first == n || goes_before(&columns[i], &columns[first])))
				first = i;
		}
		if (first == n)
			return;
		is_out[first] = true;
		total -= GAP + least_width(&columns[first]);
	}
}

/* Takes what is too much from the flexible columns, the widest first. */
static void fit(struct table_column *columns, size_t n, int width, const bool *is_out)
{
	int total = -GAP;

	for (size_t i = 0; i < n; i++)
		total += is_out[i] ? 0 : GAP + columns[i].width;
	while (total > width) {
		struct table_column *widest = NULL;

		for (size_t i = 0; i < n; i++) {
			if (!is_out[i] && columns[i].is_flexible &&
			    columns[i].width > columns[i].min &&
			    (!widest || columns[i].width > widest->width))
				widest = &columns[i];
		}
		if (!widest)
			return;
		widest->width--;
		total--;
	}
}

static void pad(struct tw_buf *out, int n)
{
	while (n-- > 0)
		tw_buf_addc(out, ' ');
}

static void put(const struct table_column *c, const char *text, int width, enum colour colour,
		bool is_last, bool colours, struct tw_buf *out)
{
	int room = c->width > width ? c->width - width : 0;

	if (c->is_right)
		pad(out, room);
	show_begin(out, colour, colours && *text);
	show_cut(text, c->width, out);
	show_end(out, colour, colours && *text);
	if (!is_last) {
		pad(out, GAP + (c->is_right ? 0 : room));
		return;
	}
	while (out->n && out->p[out->n - 1] == ' ')
		out->n--;
	tw_buf_addc(out, '\n');
}

/* Only what had something to tell is missed. */
static void name_left_out(const struct table_column *columns, size_t n, const bool *is_out,
			  bool colour, struct tw_buf *out)
{
	bool is_any = false;

	for (size_t i = 0; i < n; i++) {
		if (!is_out[i] || !columns[i].is_filled)
			continue;
		if (!is_any)
			show_begin(out, COLOUR_FAINT, colour);
		tw_buf_addf(out, "%s%s", is_any ? ", " : "too narrow for: ", columns[i].name);
		is_any = true;
	}
	if (!is_any)
		return;
	show_end(out, COLOUR_FAINT, colour);
	tw_buf_addc(out, '\n');
}

void table_print(const struct table *t, int width, bool colour, struct tw_buf *out)
{
	size_t n = t->n_columns, last = n - 1;
	struct table_column *columns = tw_alloc(n * sizeof(*columns));
	bool *is_out = tw_zalloc(n * sizeof(*is_out));

	memcpy(columns, t->columns, n * sizeof(*columns));
	if (width) {
		leave_out(columns, n, width, is_out);
		fit(columns, n, width, is_out);
	}
	while (last && is_out[last])
		last--;
	for (size_t i = 0; i < n; i++) {
		if (!is_out[i])
			put(&columns[i], columns[i].name, (int)strlen(columns[i].name), COLOUR_BOLD,
			    i == last, colour, out);
	}
	for (size_t i = 0; i < t->n_cells; i++) {
		const struct table_cell *cell = &t->cells[i];

		if (!is_out[i % n])
			put(&columns[i % n], cell->text, cell->width, cell->colour, i % n == last,
			    colour, out);
	}
	name_left_out(columns, n, is_out, colour, out);
	free(is_out);
	free(columns);
}

void table_done(struct table *t)
{
	for (size_t i = 0; i < t->n_cells; i++)
		free(t->cells[i].text);
	free(t->cells);
	free(t->columns);
	memset(t, 0, sizeof(*t));
}
