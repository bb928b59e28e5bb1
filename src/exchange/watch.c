/* Telling those who watch, once it is true on disk; and news, by which one who comes back goes
 * on. */
#include <stdio.h>

#include "internal.h"

enum { NOTE_EVERY_MS = X_HOUR_MS };	/* so much of the day that news are kept may be lost by a
					 * crash */
static const char note[] = "watched_until";

static void tell(struct exchange *x, const char *event, const char *about, const char *why)
{
	if (why && *why)
		tw_log(TW_INFO, event, "about=%s why=%s", tw_log_quote(about), tw_log_quote(why));
	else
		tw_log(TW_INFO, event, "about=%s", tw_log_quote(about));
	if (x->watch)
		x->watch(x->watch_ctx, event, about, x->now);
}

/* A row that cannot be written makes the turn void or undoes its event: there it is seen. */
static void keep(struct exchange *x, const char *event, const char *about, int64_t message,
		 int64_t account)
{
	struct store_news n = { .message = message, .account = account, .at = x->now.wall,
				.about = (char *)(uintptr_t)about };

	if (x->now.wall.ms >= x->watched_until.ms || store_is_void(x->store))
		return;
	tw_strset(n.kind, sizeof(n.kind), event);
	store_news_add(x->store, &n);
}

static void name_event(char out[40], int state)
{
	snprintf(out, 40, "message.%s", message_state_name((enum message_state)state));
}

static void on_message(void *ctx, bool ok, uint64_t id, uint64_t state)
{
	struct exchange *x = ctx;

	if (!ok)
		return;
	if (x->n_to_tell == x->cap_to_tell) {
		x->cap_to_tell = x->cap_to_tell ? 2 * x->cap_to_tell : 32;
		x->to_tell = tw_realloc(x->to_tell, x->cap_to_tell * sizeof(*x->to_tell));
	}
	x->to_tell[x->n_to_tell++] = (struct to_tell){ (int64_t)id, (int)state };
}

void watch_tell(struct exchange *x)
{
	char event[40], name[MESSAGE_ID_MAX];

	for (size_t i = 0; i < x->n_to_tell; i++) {
		name_event(event, x->to_tell[i].state);
		tell(x, event, store_id_write(x->store, x->to_tell[i].message, name), NULL);
	}
	x->n_to_tell = 0;
}

/* Other programs are told as well; what cannot be written is seen as above. */
static void tell_programs(struct exchange *x, int64_t id, enum message_state state)
{
	struct store_message m;

	if (!x->hook || store_is_void(x->store) || (!x->has_callbacks && !events_have_urls(x)) ||
	    store_message_get(x->store, id, &m) < 0)
		return;
	if (callback_tell(x, &m, state) == 0)
		events_message(x, &m, state);
	store_message_done(&m);
}

void watch_message(struct exchange *x, int64_t id, int state)
{
	char event[40];

	if (x->is_hiding)
		return;
	for (size_t i = 0; i < x->n_tests; i++)
		if (x->tests[i].message == id)
			return;
	name_event(event, state);
	keep(x, event, NULL, id, 0);
	tell_programs(x, id, (enum message_state)state);
	if (x->watch || tw_log_wants(TW_INFO))
		store_on_commit_lazy(x->store, on_message, x, (uint64_t)id, (uint64_t)state);
}

void watch_now(struct exchange *x, const char *event, const char *id)
{
	watch_account(x, 0, event, id);
}

void watch_account(struct exchange *x, int64_t account, const char *event, const char *id)
{
	keep(x, event, id, 0, account);
	tell(x, event, id, NULL);
}

/* So often that it is no line of the log. */
void watch_contact(struct exchange *x, const struct store_contact *c, const char *event)
{
	keep(x, event, c->number, 0, c->account);
	if (x->watch)
		x->watch(x->watch_ctx, event, c->number, x->now);
}

/* What the bank knows of a modem that needs a person says more than why its machine moved. */
static bool needs_person(int state)
{
	return state == MODEM_LOCKED || state == MODEM_NO_SIM || state == MODEM_STRANGER ||
	       state == MODEM_FAILED;
}

void watch_modem(struct exchange *x, const struct station *st, int state, const char *why)
{
	struct bank_modem m;
	char event[40];

	if (needs_person(state) && bank_modem(x->bank, st->modem, &m) && m.last_error[0])
		why = m.last_error;
	snprintf(event, sizeof(event), "modem.%s", modem_state_name((enum modem_state)state));
	keep(x, event, st->name, 0, 0);
	tell(x, event, st->name, why);
}

/* ---- news ---------------------------------------------------------------------------------- */

int news_load(struct exchange *x)
{
	char text[24] = "";
	int r = store_note(x->store, note, text, sizeof(text));

	if (r < 0 && r != TW_E_UNKNOWN)
		return r;
	x->watched_noted.ms = strtoll(text, NULL, 10);
	if (x->watched_noted.ms > x->watched_until.ms)
		x->watched_until = x->watched_noted;
	return 0;
}

int news_run(struct exchange *x)
{
	char text[24];

	if (x->watched_until.ms < x->watched_noted.ms + NOTE_EVERY_MS)
		return 0;
	snprintf(text, sizeof(text), "%lld", (long long)x->watched_until.ms);
	event_begin(x);
	int r = event_end(x, store_note_put(x->store, note, text), "news");

	if (r >= 0)
		x->watched_noted = x->watched_until;
	return r;
}

void exchange_news_wanted(struct exchange *x, struct tw_now now)
{
	x->watched_until = wall_after(now.wall, STORE_NEWS_MS);
}

int exchange_news_ends(struct exchange *x, int64_t *ret_first, int64_t *ret_last)
{
	return store_news_ends(x->store, ret_first, ret_last);
}

void exchange_news_done(struct exchange_news *n)
{
	free(n->about);
	free(n->account);
	*n = (struct exchange_news){ 0 };
}

int exchange_news(struct exchange *x, int64_t after, struct exchange_news *ret)
{
	char name[MESSAGE_ID_MAX], account[128];
	struct store_news row;
	int r = store_news_next(x->store, after, &row);

	if (r < 0)
		return r;
	*ret = (struct exchange_news){ .id = row.id, .is_message = row.message != 0, .at = row.at };
	tw_strset(ret->kind, sizeof(ret->kind), row.kind);
	ret->about = row.message ? tw_strdup(store_id_write(x->store, row.message, name))
				 : tw_strdup(row.about ? row.about : "");
	if (row.account)
		ret->account = tw_strdup(account_of_id(x, row.account, account, sizeof(account)));
	store_news_done(&row);
	return 0;
}
