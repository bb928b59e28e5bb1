/* Pools to send from: those of the configuration, which every account may use, and those that
 * accounts made for themselves, which stand in the store and are copied into memory: an idle SIM
 * asks for them. */
#include <stdarg.h>
#include <stdio.h>

#include "internal.h"

void pools_drop(struct exchange *x)
{
	for (size_t i = 0; i < x->n_pools; i++) {
		store_pool_done(&x->pools[i].row);
		tw_strings_done(&x->pools[i].numbers);
	}
	free(x->pools);
	x->pools = NULL;
	x->n_pools = 0;
}

static int load_numbers(struct exchange *x, struct own_pool *p)
{
	char number[TW_ADDRESS_MAX] = "";
	struct wall_ms at;
	int r;

	while ((r = store_pool_number_next(x->store, p->row.id, number, &at)) == 0)
		tw_strings_add(&p->numbers, number);
	return r == TW_E_UNKNOWN ? 0 : r;
}

int pools_load(struct exchange *x)
{
	struct own_pool p = { .row = { .id = 0 } };
	int64_t after = 0;
	int r;

	pools_drop(x);
	while ((r = store_pool_next(x->store, after, &p.row)) == 0) {
		after = p.row.id;
		x->pools = tw_realloc(x->pools, (x->n_pools + 1) * sizeof(*x->pools));
		x->pools[x->n_pools] = p;
		r = load_numbers(x, &x->pools[x->n_pools++]);
		if (r < 0)
			return r;
	}
	x->look++;		/* who may take what has changed */
	return r == TW_E_UNKNOWN ? 0 : r;
}

/* Where an account's own and the configuration's have one name, the configuration's is meant. */
const struct tw_strings *pool_find(const struct exchange *x, int64_t account, const char *name,
				   const struct store_pool **ret_own)
{
	*ret_own = NULL;
	for (size_t i = 0; i < x->settings->n_pools; i++)
		if (!x->settings->pools[i].refused && strcmp(x->settings->pools[i].name, name) == 0)
			return &x->settings->pools[i].numbers;
	for (size_t i = 0; i < x->n_pools; i++) {
		if (x->pools[i].row.account != account || strcmp(x->pools[i].row.name, name) != 0)
			continue;
		*ret_own = &x->pools[i].row;
		return &x->pools[i].numbers;
	}
	return NULL;
}

bool pool_has(const struct exchange *x, int64_t account, const char *name, const char *number)
{
	const struct store_pool *own;
	const struct tw_strings *numbers = pool_find(x, account, name, &own);

	for (size_t i = 0; numbers && i < numbers->n; i++)
		if (strcmp(numbers->v[i], number) == 0)
			return true;
	return false;
}

bool exchange_pool_each(struct exchange *x, const char *account, size_t *cursor,
			struct exchange_pool *ret)
{
	size_t configured = x->settings->n_pools;
	int64_t row;

	while (*cursor < configured) {
		const struct settings_pool *p = &x->settings->pools[(*cursor)++];

		if (p->refused)
			continue;
		*ret = (struct exchange_pool){ .name = p->name, .numbers = &p->numbers };
		return true;
	}
	if (account_id(x, account, &row) < 0)
		return false;
	for (; *cursor - configured < x->n_pools; (*cursor)++) {
		const struct own_pool *p = &x->pools[*cursor - configured];
		const struct store_pool *own;

		if (p->row.account != row ||
		    pool_find(x, row, p->row.name, &own) != &p->numbers)
			continue;
		*ret = (struct exchange_pool){ .name = p->row.name, .own = &p->row,
					       .numbers = &p->numbers };
		(*cursor)++;
		return true;
	}
	return false;
}

/* ---- changes ------------------------------------------------------------------------------- */

/* As long as the name may be, at a character's end. */
static size_t cut(const char *text, size_t max)
{
	size_t n = strlen(text);

	if (n <= max)
		return n;
	for (n = max; n && ((unsigned char)text[n] & 0xC0) == 0x80; n--)
		;
	return n;
}

/* Its name is what people call it when it is made, told apart from those there are. */
static void name_pool(const struct exchange *x, struct store_pool *p)
{
	const struct store_pool *own;
	size_t n = cut(p->friendly, sizeof(p->name) - 12);

	snprintf(p->name, sizeof(p->name), "%.*s", (int)n, p->friendly);
	for (int i = 2; pool_find(x, p->account, p->name, &own); i++)
		snprintf(p->name, sizeof(p->name), "%.*s-%d", (int)n, p->friendly, i);
}

static int count_pools(const struct exchange *x, int64_t account)
{
	int n = 0;

	for (size_t i = 0; i < x->n_pools; i++)
		n += x->pools[i].row.account == account;
	return n;
}

static int put(struct exchange *x, const char *account, struct store_pool *p)
{
	int r = account_id(x, account, &p->account);

	p->changed_at = x->now.wall;
	if (r < 0 || p->id)
		return r < 0 ? r : store_pool_save(x->store, p);
	if (count_pools(x, p->account) >= EXCHANGE_POOLS_MAX)
		return TW_E_NOSPACE;
	p->created_at = x->now.wall;
	name_pool(x, p);
	return store_pool_add(x->store, p);
}

static int finish(struct exchange *x, int r, const char *what)
{
	if (r == 0)
		r = pools_load(x);
	/* What there is none of wrote nothing. */
	int ended = event_end(x, r == TW_E_UNKNOWN || r == TW_E_EXISTS || r == TW_E_NOSPACE
			      ? 0 : r, what);

	return r < 0 ? r : ended < 0 ? ended : 0;
}

int exchange_pool_put(struct exchange *x, const char *account, struct store_pool *p,
		      struct tw_now now)
{
	x->now = now;
	event_begin(x);
	return finish(x, put(x, account, p), "pool");
}

static int find_own(struct exchange *x, const char *account, const char *name, int64_t *ret_id)
{
	const struct store_pool *own = NULL;
	int64_t row;
	int r = account_id(x, account, &row);

	if (r < 0)
		return r;
	pool_find(x, row, name, &own);
	*ret_id = own ? own->id : 0;
	return own ? 0 : TW_E_UNKNOWN;
}

int exchange_pool_drop(struct exchange *x, const char *account, const char *name, struct tw_now now)
{
	int64_t id;

	x->now = now;
	event_begin(x);
	int r = find_own(x, account, name, &id);

	if (r == 0)
		r = store_pool_drop(x->store, id);
	return finish(x, r, "pool");
}

int exchange_pool_number(struct exchange *x, const char *account, const char *name,
			 const char *number, bool is_in, struct tw_now now)
{
	int64_t id;

	x->now = now;
	event_begin(x);
	int r = find_own(x, account, name, &id);

	if (r == 0)
		r = is_in ? store_pool_number_add(x->store, id, number, x->now.wall)
			  : store_pool_number_drop(x->store, id, number);
	return finish(x, r, "pool");
}

int exchange_number(struct exchange *x, const char *account, const char *number,
		    struct store_number *ret)
{
	int64_t row;
	int r = account_id(x, account, &row);

	if (r == 0)
		r = store_number(x->store, row, number, ret);
	if (r != TW_E_UNKNOWN)
		return r;
	*ret = (struct store_number){ 0 };
	return 0;
}

int exchange_number_put(struct exchange *x, const char *account, const char *number,
			struct store_number *n, struct tw_now now)
{
	int64_t row;

	x->now = now;
	n->changed_at = now.wall;
	event_begin(x);
	int r = account_id(x, account, &row);

	if (r == 0)
		r = store_number_put(x->store, row, number, n);
	int ended = event_end(x, r, "number");

	return r < 0 ? r : ended < 0 ? ended : 0;
}
