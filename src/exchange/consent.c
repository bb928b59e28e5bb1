/* Consent (contract 3): STOP closes an account for a contact and takes back what was queued; START
 * opens again what STOP on this number closed. Each change is a link of the account's chain. */
#include <stdio.h>

#include "internal.h"

static int write_down(struct exchange *x, const struct store_contact *c, const char *list,
		      enum store_consent_kind kind, const struct consent_given *g)
{
	struct store_consent row = { .account = c->account, .at = x->now.wall,
				     .list = (char *)(uintptr_t)list, .kind = kind,
				     .number = (char *)(uintptr_t)c->number,
				     .text = (char *)(uintptr_t)g->text, .message = g->message,
				     .line = g->line };

	if (x->heads_at.ms == X_NEVER.ms)
		x->heads_at.ms = (x->now.wall.ms / X_DAY_MS + 1) * X_DAY_MS;
	int r = store_consent_add(x->store, &row);
	char type[24];

	snprintf(type, sizeof(type), "consent.%s", store_consent_kind_name(kind));
	return r < 0 ? r : events_tell(x, c, type, "list", *list ? list : NULL, "text",
				       g->text, NULL);
}

int consent_take_back(struct exchange *x, int64_t contact, const char *why, bool confirmations)
{
	int64_t id = 0;
	int r;

	while ((r = store_pending_next(x->store, contact, NULL, id, &id)) == 0) {
		struct store_message m;
		bool asked;

		r = store_message_get(x->store, id, &m);
		if (r < 0)
			return r;
		bool owed = (m.flags & STORE_CONSENT) != 0;

		store_message_done(&m);
		if (owed && !confirmations)
			continue;
		r = outbox_cancel(x, id, confirmations ? 0 : 21610, why, &asked);
		if (r < 0 && r != TW_E_STATE)
			return r;
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

static int contact_of(struct exchange *x, const char *account, const struct text_in *in,
		      int64_t *ret_account, struct store_contact *ret)
{
	int r = account_id(x, account, ret_account);

	return r < 0 ? r : store_contact(x->store, *ret_account, in->from, true, x->now.wall, ret);
}

/* The text as it was written, by which consent was given or taken back. */
struct said { char *text; struct consent_given given; };

static struct said said_in(const struct text_in *in, int64_t message)
{
	struct said s = { .text = tw_strndup(in->body, in->body_n) };

	s.given = (struct consent_given){ s.text, message, in->st->sim.line };
	return s;
}

int consent_close(struct exchange *x, const struct store_contact *c, const struct consent_given *g)
{
	int r = write_down(x, c, "", STORE_CONSENT_STOP, g);

	if (r == 0)
		r = store_contact_stop(x->store, c->id, x->now.wall, g->line);
	if (r == 0)	/* START does not bring them back: each has its own keyword */
		r = store_subscriptions_leave(x->store, c->id, x->now.wall);
	if (r == 0)
		r = campaign_left(x, c, "");
	return r < 0 ? r : consent_take_back(x, c->id, "STOP", false);
}

int consent_stop(struct exchange *x, const char *account, const struct text_in *in, int64_t message)
{
	struct said said = said_in(in, message);
	struct store_contact c;
	int64_t row;
	int r = contact_of(x, account, in, &row, &c);

	if (r == 0)
		r = consent_close(x, &c, &said.given);
	free(said.text);
	return r;
}

int consent_start(struct exchange *x, const char *account, const struct text_in *in,
		  int64_t message)
{
	struct said said = said_in(in, message);
	struct store_contact c;
	int64_t row;
	int r = contact_of(x, account, in, &row, &c);

	if (r == 0)
		r = write_down(x, &c, "", STORE_CONSENT_START, &said.given);
	free(said.text);
	return r < 0 ? r : store_contact_stop(x->store, c.id, (struct wall_ms){ 0 }, 0);
}

/* ---- lists --------------------------------------------------------------------------------- */

/* TW_E_UNKNOWN is no error: a state of STORE_LEFT without a time. */
static int look_up(struct exchange *x, const struct store_contact *c, const char *list,
		   struct store_subscription *ret)
{
	int64_t row;
	int r = store_list(x->store, c->account, list, true, &row);

	if (r == 0)
		r = store_subscription(x->store, row, c->id, ret);
	if (r == TW_E_UNKNOWN) {
		*ret = (struct store_subscription){ .list = row, .contact = c->id,
						    .state = STORE_LEFT };
		r = 0;
	}
	return r;
}

static int move(struct exchange *x, const struct store_contact *c, struct store_subscription *sub,
		const char *list, enum store_subscription_state to, const struct consent_given *g)
{
	static const enum store_consent_kind kinds[] = {
		[STORE_LEFT] = STORE_CONSENT_LEAVE, [STORE_JOINED] = STORE_CONSENT_JOIN,
		[STORE_ASKED] = STORE_CONSENT_ASK
	};
	int r = write_down(x, c, list, kinds[to], g);

	sub->state = to;
	sub->since = x->now.wall;
	if (r == 0)
		r = store_subscription_put(x->store, sub);
	if (r == 0 && to != STORE_ASKED)
		r = figure_count_named(x, c->account, STORE_TOPIC_LIST, list, g->line,
				       to == STORE_JOINED ? FIGURE_JOINS : FIGURE_LEAVES);
	return r == 0 && to == STORE_LEFT ? campaign_left(x, c, list) : r;
}

int consent_join(struct exchange *x, struct store_contact *c, const char *list,
		 const struct consent_given *g)
{
	struct store_subscription sub;
	int r = look_up(x, c, list, &sub);

	if (r == 0 && c->stopped_at.ms) {
		r = write_down(x, c, "", STORE_CONSENT_START, g);
		if (r == 0)
			r = store_contact_stop(x->store, c->id, (struct wall_ms){ 0 }, 0);
		c->stopped_at.ms = 0;
	}
	if (r < 0 || sub.state == STORE_JOINED)
		return r < 0 ? r : 1;
	return move(x, c, &sub, list, STORE_JOINED, g);
}

int consent_leave(struct exchange *x, const struct store_contact *c, const char *list,
		  const struct consent_given *g)
{
	struct store_subscription sub;
	int r = look_up(x, c, list, &sub);

	if (r < 0 || (sub.state == STORE_LEFT && sub.since.ms))
		return r < 0 ? r : 1;
	return move(x, c, &sub, list, STORE_LEFT, g);
}

int consent_ask(struct exchange *x, const struct store_contact *c, const char *list,
		const struct consent_given *g)
{
	struct store_subscription sub;
	int r = look_up(x, c, list, &sub);

	if (r < 0 || sub.state == STORE_JOINED)
		return r < 0 ? r : CONSENT_IS_JOINED;
	if (sub.state == STORE_ASKED)
		return CONSENT_WAS_ASKED;
	return move(x, c, &sub, list, STORE_ASKED, g);
}

int consent_import(struct exchange *x, const struct store_contact *c, const char *list, bool asks,
		   const struct consent_given *g, enum exchange_import_what *ret)
{
	struct store_subscription sub;
	int r = look_up(x, c, list, &sub);

	*ret = sub.state == STORE_JOINED ? IMPORT_KNOWN : IMPORT_LEFT;
	if (r < 0 || c->stopped_at.ms || sub.since.ms)
		return r;
	*ret = asks ? IMPORT_ASKED : IMPORT_JOINED;
	return asks ? 0 : move(x, c, &sub, list, STORE_JOINED, g);
}
