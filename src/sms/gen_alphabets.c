/* Turns alphabets.tsv into the lookup tables that alphabet.c includes. Runs on the build machine.
 *
 *   septet to character: a cell a septet, ready UTF-8, for each locking and each single shift table
 *   character to septet: pages of 64 code points, equal pages shared, a page index for each table
 *
 * usage: gen_alphabets alphabets.tsv alphabets.inc */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	TABLES = 14,		/* 0 is the default alphabet, 1..13 the national ones */
	SEPTETS = 128,
	PAGE = 64,
	PAGES = 0x2240 / PAGE,	/* infinity, U+221E, is the highest character of any table */
	POOL_MAX = 256,
	NONE = 0xFF
};

struct cell { uint32_t code_point; bool is_set; };

static struct cell locking[TABLES][SEPTETS], single[TABLES][SEPTETS];
static uint8_t pool[POOL_MAX][PAGE];
static unsigned pool_n;
static bool has_locking[TABLES];

static void die(unsigned line, const char *what)
{
	fprintf(stderr, "alphabets.tsv:%u: %s\n", line, what);
	exit(1);
}

static void read_row(char *text, unsigned line)
{
	char table[16], language[32];
	unsigned id, septet, code_point;
	struct cell *cell;

	if (sscanf(text, "%15[^\t]\t%u\t%31[^\t]\t%x\tU+%x", table, &id, language, &septet,
		   &code_point) != 5)
		die(line, "expected table, language id, language, septet, code point");
	if (id >= TABLES || septet >= SEPTETS || code_point >= PAGES * PAGE)
		die(line, "out of range");
	if (!strcmp(table, "default") || !strcmp(table, "locking"))
		cell = &locking[id][septet];
	else if (!strcmp(table, "extension") || !strcmp(table, "single"))
		cell = &single[id][septet];
	else
		die(line, "no such table");
	if (cell->is_set)
		die(line, "second row for one cell");
	*cell = (struct cell){ code_point, true };
}

static void read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	char text[512];
	unsigned line = 0;

	if (!f) {
		perror(path);
		exit(1);
	}
	while (fgets(text, sizeof(text), f)) {
		line++;
		if (text[0] == '#' || !strncmp(text, "table\t", 6))
			continue;
		read_row(text, line);
	}
	fclose(f);
}

/* A language without a locking table (Spanish) uses the default one (23.038 A.3.2). */
static void fill_missing(void)
{
	for (unsigned id = 1; id < TABLES; id++) {
		for (unsigned s = 0; s < SEPTETS; s++)
			has_locking[id] |= locking[id][s].is_set;
		if (!has_locking[id])
			memcpy(locking[id], locking[0], sizeof(locking[id]));
	}
}

static unsigned utf8_put(uint32_t c, unsigned char out[3])
{
	if (c < 0x80) {
		out[0] = (unsigned char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (unsigned char)(0xC0 | c >> 6);
		out[1] = (unsigned char)(0x80 | (c & 0x3F));
		return 2;
	}
	out[0] = (unsigned char)(0xE0 | c >> 12);
	out[1] = (unsigned char)(0x80 | (c >> 6 & 0x3F));
	out[2] = (unsigned char)(0x80 | (c & 0x3F));
	return 3;
}

/* An unassigned cell of a locking table shows as a space; one of a single shift table has n 0. */
static void write_cells(FILE *f, const char *name, struct cell cells[TABLES][SEPTETS],
			bool is_locking)
{
	fprintf(f, "const struct alphabet_cell %s[%d][%d] = {\n", name, TABLES, SEPTETS);
	for (unsigned id = 0; id < TABLES; id++) {
		fprintf(f, "{\n");
		for (unsigned s = 0; s < SEPTETS; s++) {
			struct cell cell = cells[id][s];
			unsigned char u[3] = { 0 };
			unsigned n = 0;

			if (!cell.is_set && is_locking)
				cell = (struct cell){ ' ', true };
			if (cell.is_set)
				n = utf8_put(cell.code_point, u);
			fprintf(f, "{{0x%02X,0x%02X,0x%02X},%u},%s", u[0], u[1], u[2], n,
				s % 8 == 7 ? "\n" : "");
		}
		fprintf(f, "},\n");
	}
	fprintf(f, "};\n");
}

/* ASCII by the default tables, what most texts are made of: the septet, 0x80 added behind ESC. */
static void write_ascii(FILE *f)
{
	uint8_t septets[128];

	memset(septets, NONE, sizeof(septets));
	for (unsigned s = SEPTETS; s-- > 0;) {
		if (single[0][s].is_set && single[0][s].code_point < 128)
			septets[single[0][s].code_point] = (uint8_t)(0x80 | s);
	}
	for (unsigned s = SEPTETS; s-- > 0;) {
		if (locking[0][s].is_set && locking[0][s].code_point < 128 && s != 0x1B)
			septets[locking[0][s].code_point] = (uint8_t)s;
	}
	fprintf(f, "const uint8_t alphabet_ascii[128] = {\n");
	for (unsigned c = 0; c < 128; c++)
		fprintf(f, "%u,%s", septets[c], c % 32 == 31 ? "\n" : "");
	fprintf(f, "};\n");
}

static unsigned pool_find(const uint8_t page[PAGE])
{
	for (unsigned i = 0; i < pool_n; i++)
		if (!memcmp(pool[i], page, PAGE))
			return i;
	if (pool_n == POOL_MAX)
		die(0, "too many different pages");
	memcpy(pool[pool_n], page, PAGE);
	return pool_n++;
}

/* Where a character has two cells, the lower septet is the one that is sent. */
static void write_pages(FILE *f, const char *name, struct cell cells[TABLES][SEPTETS])
{
	fprintf(f, "const uint8_t %s[%d][%d] = {\n", name, TABLES, PAGES);
	for (unsigned id = 0; id < TABLES; id++) {
		uint8_t septets[PAGES * PAGE];

		memset(septets, NONE, sizeof(septets));
		for (unsigned s = SEPTETS; s-- > 0;)
			if (cells[id][s].is_set && s != 0x1B)
				septets[cells[id][s].code_point] = (uint8_t)s;
		fprintf(f, "{");
		for (unsigned p = 0; p < PAGES; p++)
			fprintf(f, "%u,%s", pool_find(septets + p * PAGE),
				p % 24 == 23 ? "\n" : "");
		fprintf(f, "},\n");
	}
	fprintf(f, "};\n");
}

int main(int argc, char **argv)
{
	uint8_t empty[PAGE];
	FILE *f;

	if (argc != 3) {
		fprintf(stderr, "usage: %s alphabets.tsv alphabets.inc\n", argv[0]);
		return 64;
	}
	read_file(argv[1]);
	fill_missing();
	memset(empty, NONE, sizeof(empty));
	pool_find(empty);
	f = fopen(argv[2], "w");
	if (!f) {
		perror(argv[2]);
		return 1;
	}
	fprintf(f, "/* Made from alphabets.tsv by gen_alphabets.c. */\n");
	write_cells(f, "alphabet_locking", locking, true);
	write_cells(f, "alphabet_single", single, false);
	write_ascii(f);
	write_pages(f, "alphabet_locking_pages", locking);
	write_pages(f, "alphabet_single_pages", single);
	fprintf(f, "const bool alphabet_has_locking[%d] = {", TABLES);
	for (unsigned id = 0; id < TABLES; id++)
		fprintf(f, "%d,", has_locking[id]);
	fprintf(f, "};\nconst uint8_t alphabet_pool[%u][%d] = {\n", pool_n, PAGE);
	for (unsigned i = 0; i < pool_n; i++) {
		fprintf(f, "{");
		for (unsigned k = 0; k < PAGE; k++)
			fprintf(f, "%u,%s", pool[i][k], k % 32 == 31 ? "\n" : "");
		fprintf(f, "},\n");
	}
	fprintf(f, "};\n");
	return fclose(f) ? 1 : 0;
}
