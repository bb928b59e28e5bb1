#include "number_table.h"

#include <assert.h>
#include <ctype.h>

enum column { PREFIX, ISO, TRUNK, IDD, MIN_LEN, MAX_LEN, MOBILE, ZONE, CODE, MOBILE_LEN, EMERGENCY,
	      NOTE, COLUMNS };

struct slice {
	const char *p;
	size_t n;
};

/* A trie over the digits of the prefixes: at most eight steps find a row. */
struct node {
	uint16_t next[10];	/* 0: no such child; the root is nobody's child */
	uint16_t row;		/* number + 1; 0: no row ends here */
};

static struct {
	struct number_row *rows;
	size_t n_rows;
	struct node *nodes;
	size_t n_nodes;
	uint16_t home[26 * 26];	/* by ISO code: number of a row + 1 */
} table;

/* ---- reading cells ---- */

static bool same(struct slice a, struct slice b)
{
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

/* Cuts the part before the separator off; false and an empty part when nothing is left. */
static bool cut(struct slice *rest, char separator, struct slice *ret)
{
	const char *at;

	*ret = (struct slice){ "", 0 };
	if (!rest->p)
		return false;
	at = memchr(rest->p, separator, rest->n);
	if (!at) {
		*ret = *rest;
		*rest = (struct slice){ 0 };
		return ret->n > 0;
	}
	*ret = (struct slice){ rest->p, (size_t)(at - rest->p) };
	rest->n -= ret->n + 1;
	rest->p = at + 1;
	return true;
}

static uint32_t digits_value(const char *digits, size_t n)
{
	uint32_t value = 0;

	for (size_t i = 0; i < n; i++) {
		assert(digits[i] >= '0' && digits[i] <= '9');
		value = value * 10 + (uint32_t)(digits[i] - '0');
	}
	return value;
}

static struct digit_range read_range(struct slice s)
{
	struct digit_range r = { 0 };
	struct slice from, to;

	for (; s.n > 0 && (s.p[s.n - 1] == '/' || s.p[s.n - 1] == '?'); s.n--) {
		r.by_length |= s.p[s.n - 1] == '/';
		r.either |= s.p[s.n - 1] == '?';
	}
	to = s;
	cut(&to, '-', &from);
	if (!to.p)
		to = from;
	assert(from.n == to.n && from.n >= 1 && from.n <= 8);
	r.n = (uint8_t)from.n;
	r.from = digits_value(from.p, from.n);
	r.to = digits_value(to.p, to.n);
	return r;
}

static int longer_first(const void *a, const void *b)
{
	return ((const struct digit_range *)b)->n - ((const struct digit_range *)a)->n;
}

static struct digit_ranges read_ranges(struct slice list, bool sort)
{
	struct digit_range *v;
	struct slice one;
	size_t n = 0;

	if (!list.n)
		return (struct digit_ranges){ 0 };
	for (size_t i = n = 1; i < list.n; i++)
		n += list.p[i] == ',';
	v = tw_alloc(n * sizeof(*v));
	n = 0;
	while (cut(&list, ',', &one))
		v[n++] = read_range(one);
	if (sort)
		qsort(v, n, sizeof(*v), longer_first);
	return (struct digit_ranges){ v, n };
}

static void copy(char *to, size_t cap, struct slice s)
{
	bool fits = tw_strsetn(to, cap, s.p, s.n);

	assert(fits);
	(void)fits;
}

/* ---- plans ---- */

static uint16_t read_digit_set(struct slice list)
{
	struct slice one;
	uint16_t set = 0;

	while (cut(&list, ',', &one))
		set |= (uint16_t)(1u << digits_value(one.p, one.n));
	return set;
}

/* One word of the column `note`: "old=01,02", "local=7:242", "keep0". */
static void read_note(struct number_plan *plan, struct slice word)
{
	struct slice key, left;

	cut(&word, '=', &key);
#define IS(name) same(key, (struct slice){ name, sizeof(name) - 1 })
	if (IS("keep0")) {
		plan->keep0 = true;
	} else if (IS("old")) {
		plan->old = read_ranges(word, false);
	} else if (IS("carrier")) {
		plan->carrier = read_ranges(word, true);
	} else if (IS("area2")) {
		plan->area2 = read_ranges(word, false);
	} else if (IS("area3")) {
		plan->area3 = read_ranges(word, false);
	} else if (IS("local")) {
		cut(&word, ':', &left);
		plan->local_n = (uint8_t)digits_value(left.p, left.n);
		copy(plan->local, sizeof(plan->local), word);
	} else if (IS("inner")) {
		cut(&word, ':', &left);
		copy(plan->inner, sizeof(plan->inner), left);
		plan->inner_first = word.p[0];
	} else {
		assert(IS("ninth"));
		cut(&word, ':', &left);
		plan->ninth = left.p[0];
		plan->ninth_thirds = read_digit_set(word);
	}
#undef IS
}

static const struct number_plan *read_plan(const struct slice cells[COLUMNS])
{
	struct number_plan *plan = tw_zalloc(sizeof(*plan));
	struct slice note = cells[NOTE], word;

	plan->trunk = read_ranges(cells[TRUNK], false);
	plan->idd = read_ranges(cells[IDD], true);
	plan->emergency = read_ranges(cells[EMERGENCY], false);
	for (size_t i = 0; i < plan->trunk.n; i++)
		plan->trunk1 |= plan->trunk.v[i].n == 1 && plan->trunk.v[i].from == 1;
	while (cut(&note, ' ', &word))
		read_note(plan, word);
	return plan;
}

/* ---- rows ---- */

static uint16_t read_lengths(struct slice list)
{
	struct slice one, from;
	uint16_t set = 0;

	while (cut(&list, ',', &one)) {
		uint32_t low, high;

		cut(&one, '-', &from);
		low = digits_value(from.p, from.n);
		high = one.p ? digits_value(one.p, one.n) : low;
		assert(high <= NUMBER_DIGITS);
		for (; low <= high; low++)
			set |= (uint16_t)(1u << low);
	}
	return set;
}

static void read_row(struct number_row *row, const struct slice cells[COLUMNS])
{
	struct slice mobile = cells[MOBILE];

	copy(row->prefix, sizeof(row->prefix), cells[PREFIX]);
	copy(row->iso, sizeof(row->iso), cells[ISO]);
	copy(row->code, sizeof(row->code), cells[CODE]);
	row->code_n = (uint8_t)cells[CODE].n;
	row->min_n = (uint8_t)digits_value(cells[MIN_LEN].p, cells[MIN_LEN].n);
	row->max_n = (uint8_t)digits_value(cells[MAX_LEN].p, cells[MAX_LEN].n);
	row->tells_mobiles = mobile.n > 0;
	if (mobile.n == 1 && *mobile.p == '-')
		mobile.n = 0;
	row->mobile = read_ranges(mobile, true);
	row->mobile_lengths = read_lengths(cells[MOBILE_LEN]);
}

static void read_zones(struct slice list, struct number_row *row)
{
	struct slice first;

	row->zones = tw_strndup(list.p, list.n);
	cut(&list, ',', &first);
	row->zone = tw_strndup(first.p, first.n);
}

static void add_prefix(const char *prefix, size_t row)
{
	size_t at = 0;

	for (; *prefix; prefix++) {
		uint16_t *next = &table.nodes[at].next[*prefix - '0'];

		if (!*next) {
			assert(table.n_nodes < UINT16_MAX);
			*next = (uint16_t)table.n_nodes++;
		}
		at = *next;
	}
	table.nodes[at].row = (uint16_t)(row + 1);
}

static uint16_t *home_of(const char *iso)
{
	int a = toupper((unsigned char)iso[0]) - 'A', b;

	if (a < 0 || a > 25)
		return NULL;
	b = toupper((unsigned char)iso[1]) - 'A';
	if (b < 0 || b > 25 || iso[2])
		return NULL;
	return &table.home[a * 26 + b];
}

static void add_home(const struct number_row *row, size_t i)
{
	uint16_t *home = home_of(row->iso);

	/* the shortest prefix; the first of several, as all agree in what a home row is asked
	 * for */
	if (home && (!*home || strlen(table.rows[*home - 1].prefix) > strlen(row->prefix)))
		*home = (uint16_t)(i + 1);
}

static void add_row(const struct slice cells[COLUMNS], const struct slice before[COLUMNS])
{
	static const enum column of_plan[] = { TRUNK, IDD, EMERGENCY, NOTE };
	struct number_row *row = &table.rows[table.n_rows];
	const struct number_row *last = row - 1;
	bool same_plan = table.n_rows > 0;

	read_row(row, cells);
	for (size_t i = 0; i < TW_COUNT(of_plan); i++)
		same_plan = same_plan && same(cells[of_plan[i]], before[of_plan[i]]);
	row->plan = same_plan ? last->plan : read_plan(cells);
	if (table.n_rows > 0 && same(cells[ZONE], before[ZONE]))
		row->zone = last->zone, row->zones = last->zones;
	else
		read_zones(cells[ZONE], row);
	add_prefix(row->prefix, table.n_rows);
	add_home(row, table.n_rows);
	table.n_rows++;
}

static void load(void)
{
	struct slice file = { (const char *)model_numbers_tsv, model_numbers_tsv_n }, line;
	struct slice cells[COLUMNS], before[COLUMNS] = { 0 };
	bool seen_names = false;
	size_t lines = 0;

	for (size_t i = 0; i < file.n; i++)
		lines += file.p[i] == '\n';
	table.rows = tw_zalloc(lines * sizeof(*table.rows));
	/* each prefix adds few nodes, as it shares all but its end with its neighbours */
	table.nodes = tw_zalloc(4 * lines * sizeof(*table.nodes));
	table.n_nodes = 1;
	while (cut(&file, '\n', &line)) {
		if (!line.n || *line.p == '#')
			continue;
		for (int i = 0; i < COLUMNS; i++)
			cut(&line, '\t', &cells[i]);
		if (seen_names)
			add_row(cells, before);
		seen_names = true;
		memcpy(before, cells, sizeof(before));
	}
	assert(table.n_nodes <= 4 * lines);
	table.nodes = tw_realloc(table.nodes, table.n_nodes * sizeof(*table.nodes));
}

static void need(void)
{
	if (!table.rows)
		load();
}

/* ---- asking ---- */

const struct number_row *number_row_find(const char *digits)
{
	const struct node *node;
	uint16_t row = 0;

	need();
	node = table.nodes;
	for (; *digits; digits++) {
		uint16_t next = node->next[*digits - '0'];

		if (!next)
			break;
		node = &table.nodes[next];
		if (node->row)
			row = node->row;
	}
	return row ? &table.rows[row - 1] : NULL;
}

const struct number_row *number_row_by_code(const char *digits)
{
	const struct node *node;

	need();
	node = table.nodes;
	for (; *digits; digits++) {
		uint16_t next = node->next[*digits - '0'];

		if (!next)
			break;
		node = &table.nodes[next];
		/* no calling code begins with another: the first row on the way is its own */
		if (node->row)
			return &table.rows[node->row - 1];
	}
	return NULL;
}

const struct number_row *number_row_home(const char *home)
{
	const struct number_row *row;
	uint16_t *by_iso;

	need();
	by_iso = home_of(home);
	if (by_iso)
		return *by_iso ? &table.rows[*by_iso - 1] : NULL;
	home += *home == '+';
	if (!*home || home[strspn(home, "0123456789")])
		return NULL;
	row = number_row_by_code(home);
	return row && strcmp(row->code, home) == 0 ? row : NULL;
}

const struct number_row *number_row_at(size_t i)
{
	need();
	return i < table.n_rows ? &table.rows[i] : NULL;
}

bool digit_range_starts(const struct digit_range *r, const char *digits)
{
	uint32_t value = 0;

	for (uint8_t i = 0; i < r->n; i++) {
		if (!digits[i])
			return false;
		value = value * 10 + (uint32_t)(digits[i] - '0');
	}
	return value >= r->from && value <= r->to;
}

size_t digit_ranges_prefix(const struct digit_ranges *r, const char *digits,
			   const struct digit_range **ret)
{
	for (size_t i = 0; i < r->n; i++) {
		if (!digit_range_starts(&r->v[i], digits))
			continue;
		if (ret)
			*ret = &r->v[i];
		return r->v[i].n;
	}
	return 0;
}

bool digit_ranges_hold(const struct digit_ranges *r, const char *digits, size_t n)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].n == n && digit_range_starts(&r->v[i], digits))
			return true;
	return false;
}
