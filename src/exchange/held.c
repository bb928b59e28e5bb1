/* Texts that wait (contract 2): behind a conversation that stands away, at most 20 of them, and for
 * the look-up of a contact that was not known. They are rows from the turn they came in, and are
 * decided when their wait is over, in the order they came. Consent words never wait. */
#include "internal.h"

enum { HELD_MAX = 20, HELD_AGAIN_MS = 1000 };

void held_soon(struct exchange *x)
{
	if (x->n_held)
		x->held_at = x->now.wall;
}

int held_load(struct exchange *x)
{
	x->held_at.ms = 0;
	return store_held_count(x->store, 0, &x->n_held);
}

/* ---- whether a text waits ------------------------------------------------------------------ */

/* 1, 0 or an error: a conversation of the contact stands away. */
static int is_away(struct exchange *x, int64_t contact)
{
	struct store_talk row;
	int64_t after = 0;
	bool is = false;
	int r;

	while (!is && (r = store_talk_next(x->store, contact, after, &row)) == 0) {
		after = row.id;
		is = row.stands == FLOW_AWAY;
		store_talk_done(&row);
	}
	return is ? 1 : r == TW_E_UNKNOWN ? 0 : r;
}

static const struct settings_account *settings_of(const struct exchange *x, const char *account)
{
	for (size_t i = 0; i < x->settings->n_accounts; i++)
		if (strcmp(x->settings->accounts[i].name, account) == 0)
			return &x->settings->accounts[i];
	return NULL;
}

int held_wants(struct exchange *x, int64_t contact, const char *account, bool was_away)
{
	const struct settings_account *a = settings_of(x, account);
	struct store_held first;

	if (!contact)
		return x->hook && a && a->lookup[0];
	if (was_away)
		return 1;
	int r = x->n_held ? store_held_first(x->store, contact, &first) : TW_E_UNKNOWN;

	return r == TW_E_UNKNOWN ? 0 : r < 0 ? r : 1;
}

/* ---- waiting ------------------------------------------------------------------------------- */

/* One too many: nobody waits any longer, and all of them are decided. */
static int end_wait(struct exchange *x, int64_t contact)
{
	struct store_held first;
	int r = store_held_first(x->store, contact, &first);

	if (r == 0 && first.until.ms > x->now.wall.ms)
		r = store_held_until(x->store, first.id, x->now.wall);
	if (r == 0)
		r = store_talks_hurry(x->store, contact, x->now.wall);
	x->talk_at = x->now.wall;
	return r;
}

int held_add(struct exchange *x, const struct store_contact *c, const char *account,
	     int64_t message, bool is_new)
{
	struct store_held h = { .contact = c->id, .message = message, .is_new = is_new };
	int64_t n;
	int r = store_held_count(x->store, c->id, &n);

	if (r == 0 && n >= HELD_MAX)
		r = end_wait(x, c->id);
	if (r == 0 && is_new)
		r = lookup_ask(x, c, settings_of(x, account)->lookup, &h);
	if (r == 0)
		r = store_held_add(x->store, &h);
	if (r < 0)
		return r;
	x->n_held++;
	if (h.until.ms < x->held_at.ms || n >= HELD_MAX)
		x->held_at = n >= HELD_MAX ? x->now.wall : h.until;
	return 0;
}

int held_drop(struct exchange *x, int64_t contact)
{
	int64_t n = 0;
	int r = x->n_held ? store_held_count(x->store, contact, &n) : 0;

	if (r == 0 && n)
		r = store_held_drop(x->store, contact);
	if (r == 0)
		x->n_held -= n;
	return r;
}

/* ---- its end ------------------------------------------------------------------------------- */

/* 1: the first of its contact, and nothing keeps it any more. */
static int is_free(struct exchange *x, const struct store_held *h)
{
	struct store_held first;
	int r = store_held_first(x->store, h->contact, &first);

	if (r < 0 || first.id != h->id)
		return r < 0 ? r : 0;
	if (h->until.ms > x->now.wall.ms) {
		if (h->until.ms < x->held_at.ms)
			x->held_at = h->until;
		return 0;
	}
	r = is_away(x, h->contact);
	return r < 0 ? r : !r;
}

static int decide(struct exchange *x, const struct store_held *h)
{
	int r = store_held_del(x->store, h->id);

	if (r == 0)
		x->n_held--;
	return r < 0 ? r : dispatch_held(x, h);
}

int held_run(struct exchange *x)
{
	struct store_held h = { .id = 0 };
	int r = 0;

	if (!x->n_held || x->held_at.ms > x->now.wall.ms)
		return 0;
	x->held_at = X_NEVER;
	for (int i = 0; r >= 0 && (r = store_held_next(x->store, h.id, &h)) == 0; i++) {
		if (i == X_LOOK) {
			x->held_at = x->now.wall;
			return 0;
		}
		r = is_free(x, &h);
		if (r <= 0)
			continue;
		event_begin(x);
		r = event_end(x, decide(x, &h), "held text");
	}
	if (r == TW_E_UNKNOWN)
		return 0;
	x->held_at = wall_after(x->now.wall, HELD_AGAIN_MS);
	return r;
}
