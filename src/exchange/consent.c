/* Consent (contract 3): STOP closes an account for a contact and takes back what was queued; START
 * opens again what STOP on this number closed. Each change is a link of the account's chain. */
#include "internal.h"

static int write_down(struct exchange *x, int64_t account, enum store_consent_kind kind,
		      const struct text_in *in, int64_t message)
{
	tw_auto(tw_free_charp) char *text = tw_strndup(in->body, in->body_n);
	struct store_consent c = { .account = account, .at = x->now.wall, .list = (char *)(uintptr_t)"",
				   .kind = kind, .number = (char *)(uintptr_t)in->from, .text = text,
				   .message = message, .line = in->st->sim.line };

	return store_consent_add(x->store, &c);
}

/* What waits to be sent to them, but for the confirmations that consent words owe. */
static int take_back(struct exchange *x, int64_t contact)
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
		if (owed)
			continue;
		r = outbox_cancel(x, id, 21610, "STOP", &asked);
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

int consent_stop(struct exchange *x, const char *account, const struct text_in *in, int64_t message)
{
	struct store_contact c;
	int64_t row;
	int r = contact_of(x, account, in, &row, &c);

	if (r == 0)
		r = write_down(x, row, STORE_CONSENT_STOP, in, message);
	if (r == 0)
		r = store_contact_stop(x->store, c.id, x->now.wall, in->st->sim.line);
	return r < 0 ? r : take_back(x, c.id);
}

int consent_start(struct exchange *x, const char *account, const struct text_in *in,
		  int64_t message)
{
	struct store_contact c;
	int64_t row;
	int r = contact_of(x, account, in, &row, &c);

	if (r == 0)
		r = write_down(x, row, STORE_CONSENT_START, in, message);
	return r < 0 ? r : store_contact_stop(x->store, c.id, (struct wall_ms){ 0 }, 0);
}
