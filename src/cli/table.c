/* Aligned tables: two spaces between columns, a flexible column cut where the terminal is narrow. */
#include "cli.h"

#include <stdio.h>

enum { GAP = 2, FLEXIBLE_MIN = 8 };

void table_column(struct table *t, const char *name, bool is_right, bool is_flexible)
{
	t->columns = tw_realloc(t->columns, (t->n_columns + 1) * sizeof(*t->columns));
	t->columns[t->n_columns++] = (struct table_column){ name, is_right, is_flexible,
							    (int)strlen(name) };
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

/* Takes what is too much from the flexible columns, the widest first. */
static void fit(struct table_column *columns, size_t n, int width)
{
	int total = (int)(n ? n - 1 : 0) * GAP;

	for (size_t i = 0; i < n; i++)
		total += columns[i].width;
	while (total > width) {
		struct table_column *widest = NULL;

		for (size_t i = 0; i < n; i++) {
			if (columns[i].is_flexible && columns[i].width > FLEXIBLE_MIN &&
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

void table_print(const struct table *t, int width, bool colour, struct tw_buf *out)
{
	size_t n = t->n_columns;
	struct table_column *columns = tw_alloc(n * sizeof(*columns));

	memcpy(columns, t->columns, n * sizeof(*columns));
	if (width)
		fit(columns, n, width);
	for (size_t i = 0; i < n; i++)
		put(&columns[i], columns[i].name, (int)strlen(columns[i].name), COLOUR_BOLD,
		    i == n - 1, colour, out);
	for (size_t i = 0; i < t->n_cells; i++) {
		const struct table_cell *cell = &t->cells[i];

		put(&columns[i % n], cell->text, cell->width, cell->colour, i % n == n - 1, colour,
		    out);
	}
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
