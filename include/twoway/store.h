/* The database: SQLite behind one door. Schema and migrations, statements, the turn's transaction
 * and the list of what waits for its commit; a file an aggregate.
 *
 * The turn rule (design 3): whatever a turn changes is one transaction; what it wants to say is
 * staged with store_on_commit and let out only once the commit is on disk. */
#ifndef TWOWAY_STORE_H
#define TWOWAY_STORE_H

#include <twoway/base.h>
#include <twoway/model.h>

struct store;

struct store_setup {
	const char *path;		/* ":memory:" for tests and `try` */
	bool create;			/* make one where there is none */
	uint64_t seed;			/* 0 = system randomness; tests give one */
};
/* TW_E_LOCKED (holder's pid in reterr), TW_E_GONE (twoway.id says that there was one), TW_E_DB_DAMAGED,
 * TW_E_DB_NEWER, TW_E_DB_FULL, -errno; reterr says it in a sentence (heap, may be NULL). */
int store_open(const struct store_setup *setup, struct tw_now now, struct store **ret, char **reterr);
void store_close(struct store *s);

/* Whether anything was written in this turn; whether the turn is void after a database error. */
bool store_is_dirty(const struct store *s);
bool store_is_void(const struct store *s);
/* Called once the turn's commit is on disk (ok), or when the turn was void (not ok). Runs in order.
 * Staging makes the commit due in this turn; writes alone may wait for the next (at most
 * STORE_LAZY_MS). */
typedef void store_staged_cb(void *ctx, bool ok, uint64_t a, uint64_t b);
void store_on_commit(struct store *s, store_staged_cb *cb, void *ctx, uint64_t a, uint64_t b);
enum { STORE_LAZY_MS = 20 };
/* End of the turn: commits if something waits for it (or is overdue), then runs what was staged. */
int store_commit(struct store *s, struct tw_now now);
struct mono_ms store_deadline(const struct store *s);

#endif
