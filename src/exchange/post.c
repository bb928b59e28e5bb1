/* Messages that programs and people ask for: what is refused, by Twilio's codes,
 * and what is queued; and taking one back. */
#include <stdarg.h>
#include <stdio.h>

#include "internal.h"

struct order {			/* a post while it is examined */
	const struct exchange_post *p;
	const char *account;
	int64_t account_row;
	struct number to;
	struct store_contact contact;
	struct sms_form form;
	int64_t line;
	bool is_bound;
	uint8_t digest[STORE_DIGEST];	/* of what is asked, where it has an idempotency key */
	const struct store_pool *pool;	/* one that the account made; NULL none */
};

__attribute__((format(printf, 4, 5)))
static int refuse(struct exchange_refusal *e, int status, int code, const char *format, ...)
{
	va_list ap;

	e->status = status;
	e->code = code;
	va_start(ap, format);
	vsnprintf(e->text, sizeof(e->text), format, ap);
	va_end(ap);
	return TW_E_DENIED;
}

static int refuse_store(struct exchange *x, struct exchange_refusal *e, int code)
{
	refuse(e, store_is_void(x->store) ? 507 : 500, 20500, "not stored: %s (%s)",
	       tw_strerror(code), store_last_error(x->store));
	return code;
}

static int find_account(struct exchange *x, struct order *o, struct exchange_refusal *e)
{
	const struct settings *s = x->settings;

	o->account = o->p->account && o->p->account[0] ? o->p->account :
		     s->n_accounts == 1 ? s->accounts[0].name : NULL;
	if (!o->account)
		return refuse(e, 400, 20001, "account: which one? there are %zu", s->n_accounts);
	for (size_t i = 0; i < s->n_accounts; i++)
		if (strcmp(s->accounts[i].name, o->account) == 0) {
			int r = account_id(x, o->account, &o->account_row);

			return r < 0 ? refuse_store(x, e, r) : 0;
		}
	return refuse(e, 404, 20404, "no account is called %s", o->account);
}

static bool is_configured(const struct settings *s, const char *number)
{
	for (size_t i = 0; i < s->n_sims; i++)
		if (strcmp(s->sims[i].number, number) == 0)
			return true;
	for (size_t i = 0; i < s->n_modems; i++)
		if (strcmp(s->modems[i].number, number) == 0)
			return true;
	return false;
}

/* The account that a number of the bank is dedicated to; "" shared. */
static const char *owner_of(struct exchange *x, const char *number)
{
	struct bank_modem m;

	for (size_t i = 0; i < x->settings->n_sims; i++)
		if (strcmp(x->settings->sims[i].number, number) == 0)
			return x->settings->sims[i].account;
	return bank_find_number(x->bank, number, &m) ? m.account : "";
}

/* The country by which national numbers are read: the setting, else the sender's SIM's, else that
 * of all SIMs if they have one in common. */
const char *post_home(struct exchange *x, const char *from)
{
	const char *home = "";
	struct bank_modem m;
	size_t cursor = 0;

	if (x->settings->country[0])
		return x->settings->country;
	if (from && from[0] && bank_find_number(x->bank, from, &m))
		return bank_country(x->bank, m.handle);
	while (bank_each(x->bank, &cursor, &m)) {
		const char *country = bank_country(x->bank, m.handle);

		if (!country[0])
			continue;
		if (home[0] && strcmp(home, country) != 0)
			return "";
		home = country;
	}
	return home;
}

static int find_from(struct exchange *x, struct order *o, struct exchange_refusal *e)
{
	struct number from;

	if (!o->p->from || !o->p->from[0])
		return 0;
	if (number_read(o->p->from, post_home(x, o->p->from), &from) != NUMBER_OK)
		return refuse(e, 400, 21212, "From is not a possible number: %s", o->p->from);
	intptr_t known = (intptr_t)tw_map_get(&x->lines, from.text, strlen(from.text));
	int r = 0;

	o->line = known;
	if (!known && is_configured(x->settings, from.text))
		r = store_line(x->store, from.text, &o->line);
	if (r < 0)
		return refuse_store(x, e, r);
	if (!o->line)
		return refuse(e, 400, 21606, "%s is not a number of this bank", from.text);
	const char *owner = owner_of(x, from.text);

	if (owner[0] && strcmp(owner, o->account) != 0)
		return refuse(e, 400, 21606, "%s belongs to another account", from.text);
	o->is_bound = true;
	return 0;
}

/* Where both are named, the number is one of the pool. */
static int look_at_pool(struct exchange *x, const struct order *o, const struct tw_strings *numbers,
			struct exchange_refusal *e)
{
	const char *pool = o->p->pool;
	struct number from;

	if (!numbers->n)
		return refuse(e, 400, 21704, "the pool %s is empty", pool);
	if (!o->is_bound || number_read(o->p->from, post_home(x, o->p->from), &from) != NUMBER_OK)
		return 0;
	if (pool_has(x, o->account_row, pool, from.text))
		return 0;
	return refuse(e, 400, 21606, "%s is not a number of the pool %s: leave out one of the two",
		      from.text, pool);
}

static int find_pool(struct exchange *x, struct order *o, struct exchange_refusal *e)
{
	const char *pool = o->p->pool;
	const struct tw_strings *numbers;

	if (!pool || !pool[0])
		return 0;
	numbers = pool_find(x, o->account_row, pool, &o->pool);
	if (!numbers)
		return refuse(e, 404, 21701, "no pool is called %s", pool);
	return look_at_pool(x, o, numbers, e);
}

static int find_to(struct exchange *x, struct order *o, struct exchange_refusal *e)
{
	const char *home = post_home(x, o->p->from);

	if (!o->p->to || !o->p->to[0])
		return refuse(e, 400, 21604, "To is missing");
	enum number_error wrong = number_read(o->p->to, home, &o->to);

	if (wrong == NUMBER_COUNTRY && !home[0])
		return refuse(e, 400, 21211, "%s is a national number and the SIMs tell no single "
			      "country: write it with + or set `country`", o->p->to);
	if (wrong != NUMBER_OK)
		return refuse(e, 400, 21211, "%s: %s", o->p->to, number_error_text(wrong));
	if (o->to.kind == NUMBER_NAME)
		return refuse(e, 400, 21211, "%s is a name: nothing can be sent to it", o->p->to);
	if (o->is_bound) {
		char own[TW_ADDRESS_MAX];

		if (store_line_number(x->store, o->line, own, sizeof(own)) == 0 &&
		    strcmp(own, o->to.text) == 0)
			return refuse(e, 400, 21266, "To and From are the same number");
	}
	return 0;
}

static int look_at_text(struct exchange *x, struct order *o, struct exchange_refusal *e)
{
	struct sms_fault fault = { 0 };

	if (!o->p->text || !o->p->text[0])
		return refuse(e, 400, 21602, "the text is empty");
	bool smart = o->p->smart || (o->pool && o->pool->flags & STORE_POOL_SMART);
	int r = outbox_form(x, o->p->text, strlen(o->p->text), smart, &o->form, &fault);

	if (r == TW_E_NOSPACE)
		return refuse(e, 400, 21617, "the text takes %d segments; max_segments is %lld",
			      fault.octet, (long long)x->settings->max_segments);
	if (r < 0)
		return refuse(e, 400, 21618, "the text cannot be sent: %s",
			      fault.what ? fault.what : tw_strerror(r));
	return 0;
}

static int look_at_times(struct exchange *x, struct order *o, struct exchange_refusal *e)
{
	const struct exchange_post *p = o->p;

	if (p->valid_for < 0)
		return refuse(e, 400, 21624, "valid_for is negative");
	if (p->useless_after.ms && p->useless_after.ms <= x->now.wall.ms)
		return refuse(e, 400, 21624, "the message is useless already");
	if (p->send_at.ms && p->useless_after.ms && p->useless_after.ms <= p->send_at.ms)
		return refuse(e, 400, 35114, "send_at is not before the time when it is useless");
	return 0;
}

static int look_at_contact(struct exchange *x, struct order *o, struct exchange_refusal *e)
{
	int r = store_contact(x->store, o->account_row, o->to.text, true, x->now.wall, &o->contact);

	if (r < 0)
		return refuse_store(x, e, r);
	if (o->contact.stopped_at.ms)
		return refuse(e, 403, 21610, "%s has opted out", o->to.text);
	return 0;
}

/* A newer message replaces those with the same key to the same contact that still wait. */
static int replace(struct exchange *x, const struct order *o)
{
	int64_t id = 0;
	bool asked;
	int r;

	if (!o->p->key || !o->p->key[0])
		return 0;
	while ((r = store_pending_next(x->store, o->contact.id, o->p->key, id, &id)) == 0) {
		struct sending *s = sending_get(x, id);

		if (s)
			continue;	/* no longer in the queue */
		r = outbox_cancel(x, id, 0, "replaced by a newer message with its key", &asked);
		if (r < 0)
			return r;
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

static int examine(struct exchange *x, struct order *o, struct exchange_refusal *e)
{
	static int (*const steps[])(struct exchange *, struct order *,
				    struct exchange_refusal *) = {
		find_account, find_from, find_pool, find_to, look_at_text, look_at_times,
		look_at_contact,
	};
	int r = 0;

	for (size_t i = 0; i < TW_COUNT(steps) && r == 0; i++)
		r = steps[i](x, o, e);
	return r;
}

static struct wall_ms valid_until(const struct exchange *x, const struct order *o)
{
	const struct exchange_post *p = o->p;
	int64_t valid_for = p->valid_for ? p->valid_for :
			    o->pool && o->pool->valid_for ? o->pool->valid_for
				    : x->settings->valid_for;
	struct wall_ms from = p->send_at.ms > x->now.wall.ms ? p->send_at : x->now.wall;
	struct wall_ms until = wall_after(from, valid_for);

	return p->useless_after.ms && p->useless_after.ms < until.ms ? p->useless_after : until;
}

static int put(struct exchange *x, struct order *o, int64_t *ret_id)
{
	const struct exchange_post *p = o->p;
	struct out out = { .contact = &o->contact, .text = p->text, .text_n = strlen(p->text),
			   .line = o->line, .is_bound = o->is_bound, .pool = p->pool, .key = p->key,
			   .callback = p->callback,
			   .lane = (int)p->lane, .valid_until = valid_until(x, o) };

	if (out.pool && !out.pool[0])
		out.pool = NULL;
	if (out.key && !out.key[0])
		out.key = NULL;
	if (out.callback && !out.callback[0])
		out.callback = NULL;
	if (!out.callback && o->pool)
		out.callback = o->pool->callback;
	if (p->send_at.ms > x->now.wall.ms) {
		out.is_scheduled = true;
		out.due = p->send_at;
	}
	int r = replace(x, o);

	if (r == 0)
		r = outbox_add(x, &out, &o->form, ret_id);
	if (r == 0 && p->idempotency_key && p->idempotency_key[0])
		r = store_idempotency_put(x->store, o->account_row, p->idempotency_key, *ret_id,
					  o->digest, x->now.wall);
	return r;
}

/* What is asked, whoever asks it in which form. Not send_at: "in two hours" is another time when it
 * is asked again. */
static void digest_of(const struct exchange_post *p, uint8_t ret[STORE_DIGEST])
{
	const char *const texts[] = { p->to, p->text, p->from, p->pool, p->key, p->callback };
	struct tw_buf b = { 0 };
	uint8_t whole[32];

	for (size_t i = 0; i < TW_COUNT(texts); i++) {
		const char *text = texts[i] ? texts[i] : "";

		tw_buf_addf(&b, "%zu:%s", strlen(text), text);
	}
	tw_buf_addf(&b, "%lld %d", (long long)p->valid_for, p->smart);
	tw_sha256(b.p, b.n, whole);
	memcpy(ret, whole, STORE_DIGEST);
	tw_buf_done(&b);
}

/* With an idempotency key seen before: that message, or a refusal where another was asked for then.
 * 0 in *ret_id when there is none. */
static int seen_before(struct exchange *x, struct order *o, int64_t *ret_id,
		       struct exchange_refusal *e)
{
	uint8_t before[STORE_DIGEST];
	int r;

	*ret_id = 0;
	if (!o->p->idempotency_key || !o->p->idempotency_key[0])
		return 0;
	digest_of(o->p, o->digest);
	r = store_idempotency(x->store, o->account_row, o->p->idempotency_key, x->now.wall, ret_id,
			      before);
	if (r < 0)
		return r == TW_E_UNKNOWN ? 0 : refuse_store(x, e, r);
	if (memcmp(before, o->digest, STORE_DIGEST) != 0)
		return refuse(e, 422, 20410, "Idempotency-Key: was used for another message");
	return 0;
}

static int post(struct exchange *x, struct order *o, int64_t *ret_id, bool *ret_repeated,
		struct exchange_refusal *reterr)
{
	int r = find_account(x, o, reterr);

	if (r < 0)
		return r;
	r = seen_before(x, o, ret_id, reterr);
	*ret_repeated = *ret_id != 0;
	if (r < 0 || *ret_id)
		return r;
	r = examine(x, o, reterr);
	if (r < 0)
		return r;
	if (!o->line && (!o->pool || o->pool->flags & STORE_POOL_STICKY))
		o->line = choose_sticky(x, o->contact.id, o->account_row, o->p->pool);
	r = put(x, o, ret_id);
	return r < 0 ? refuse_store(x, reterr, r) : 0;
}

int exchange_post(struct exchange *x, const struct exchange_post *p, struct tw_now now,
		  struct message *ret, bool *ret_repeated, struct exchange_refusal *reterr)
{
	struct order o = { .p = p };
	char name[MESSAGE_ID_MAX];
	bool repeated = false;
	int64_t id;

	x->now = now;
	*reterr = (struct exchange_refusal){ 0 };
	event_begin(x);
	int r = post(x, &o, &id, &repeated, reterr);

	if (r == 0) {
		r = exchange_message(x, store_id_write(x->store, id, name), ret);
		if (r < 0)
			refuse_store(x, reterr, r);
	}
	/* A refusal wrote nothing worth undoing but a contact; an error of the store undoes
	 * itself. */
	int ended = event_end(x, r == TW_E_DENIED ? 0 : r, "post");

	if (r == 0 && ended < 0) {
		message_done(ret);
		r = refuse_store(x, reterr, ended);
	}
	if (r == 0 && ret_repeated)
		*ret_repeated = repeated;
	return r;
}

int exchange_cancel(struct exchange *x, const char *id, struct tw_now now, struct message *ret)
{
	int64_t row;
	bool asked;
	int r = store_id_read(x->store, id, &row);

	x->now = now;
	if (r < 0)
		return r;
	event_begin(x);
	r = outbox_cancel(x, row, 0, NULL, &asked);
	int ended = event_end(x, r == TW_E_STATE || r == TW_E_UNKNOWN ? 0 : r, "cancel");

	if (r == 0 && ended < 0)
		r = ended;
	return r < 0 ? r : exchange_message(x, id, ret);
}
