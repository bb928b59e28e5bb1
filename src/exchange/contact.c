/* Contacts as others see them (contract 5), the rows of their consent, and erasure. */
#include <stdio.h>

#include "internal.h"

enum { ERASE_REST_MS = 30 * 1000 };	/* a text of theirs is on a modem: look again after this */

void contact_done(struct contact *c)
{
	char **const strings[] = { &c->account, &c->number, &c->name, &c->language, &c->zone,
				   &c->owner };

	for (size_t i = 0; i < TW_COUNT(strings); i++)
		free(*strings[i]);
	for (size_t i = 0; i < c->n_fields; i++) {
		free(c->fields[i].name);
		free(c->fields[i].value);
	}
	for (size_t i = 0; i < c->n_lists; i++)
		free(c->lists[i].name);
	tw_strings_done(&c->tags);
	free(c->fields);
	free(c->lists);
	*c = (struct contact){ 0 };
}

static char *text_or_null(const char *s)
{
	return s[0] ? tw_strdup(s) : NULL;
}

static int fill_fields(struct exchange *x, int64_t row, struct contact *ret)
{
	struct contact_field f;
	const char *after = "";
	int r;

	while ((r = store_field_next(x->store, row, after, &f.name, &f.value)) == 0) {
		ret->fields = tw_realloc(ret->fields, (ret->n_fields + 1) * sizeof(f));
		ret->fields[ret->n_fields++] = f;
		after = f.name;
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

static int fill_tags(struct exchange *x, int64_t row, struct contact *ret)
{
	const char *after = "";
	char *name;
	int r;

	while ((r = store_tag_next(x->store, row, after, &name)) == 0) {
		tw_strings_add(&ret->tags, name);
		free(name);
		after = ret->tags.v[ret->tags.n - 1];
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

static int fill_lists(struct exchange *x, int64_t row, struct contact *ret)
{
	struct store_subscription sub = { .list = 0 };
	int r;

	while ((r = store_subscription_of(x->store, row, sub.list, &sub)) == 0) {
		ret->lists = tw_realloc(ret->lists, (ret->n_lists + 1) * sizeof(*ret->lists));
		ret->lists[ret->n_lists++] = (struct contact_list){ tw_strdup(sub.name), sub.state,
								    sub.since };
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

int contact_fill(struct exchange *x, const struct store_contact *c, struct contact *ret)
{
	char account[128];
	struct number_facts facts;
	int r;

	*ret = (struct contact){ .id = c->id, .number = tw_strdup(c->number),
				 .name = text_or_null(c->name),
				 .language = text_or_null(c->language),
				 .zone = text_or_null(c->zone),
				 .owner = text_or_null(c->owner), .created_at = c->created_at,
				 .stopped_at = c->stopped_at };
	ret->account = tw_strdup(account_of_id(x, c->account, account, sizeof(account)));
	if (number_facts(c->number, &facts))
		tw_strset(ret->country, sizeof(ret->country), facts.country);
	r = fill_fields(x, c->id, ret);
	if (r == 0)
		r = fill_tags(x, c->id, ret);
	if (r == 0)
		r = fill_lists(x, c->id, ret);
	if (r < 0)
		contact_done(ret);
	return r;
}

/* The next contact that fits; `after` moves on to it, and over those that do not. */
static int next(struct exchange *x, const struct exchange_contacts_query *q, int64_t account,
		int64_t list, int64_t *after, struct store_contact *ret)
{
	struct store_subscription sub;
	int r;

	do {
		if (list) {
			r = store_subscription_in(x->store, list, *after, &sub);
			if (r == 0)
				r = store_contact_get(x->store, sub.contact, ret);
		} else {
			r = store_contact_next(x->store, account, *after, ret);
		}
		if (r < 0)
			return r;
		*after = ret->id;
	} while (!ret->number[0] || own_is_contact(x, ret) ||
		 (list && q->only_joined && sub.state != STORE_JOINED));
	return 0;
}

static int tell_one(struct exchange *x, const struct store_contact *c,
		    void (*cb)(void *ctx, struct contact *c), void *ctx)
{
	struct contact told;
	int r = contact_fill(x, c, &told);

	if (r == 0)
		cb(ctx, &told);
	return r;
}

static int tell_number(struct exchange *x, const struct exchange_contacts_query *q, int64_t account,
		       void (*cb)(void *ctx, struct contact *c), void *ctx)
{
	struct store_contact v[X_ACCOUNTS_MAX];
	struct number number;
	int n, told = 0, r = 0;

	if (number_read(q->with, post_home(x, NULL), &number) != NUMBER_OK)
		return 0;
	n = store_contacts(x->store, number.text, v, TW_COUNT(v));
	for (int i = 0; i < n && r == 0; i++) {
		if ((account && v[i].account != account) || own_is_contact(x, &v[i]))
			continue;
		r = tell_one(x, &v[i], cb, ctx);
		told++;
	}
	return n < 0 ? n : r < 0 ? r : told;
}

int exchange_contacts(struct exchange *x, const struct exchange_contacts_query *q,
		      void (*cb)(void *ctx, struct contact *c), void *ctx)
{
	int64_t account = 0, list = 0, after = q->after;
	struct store_contact c;
	int r = 0, told = 0;

	if (q->account && q->account[0])
		r = account_id(x, q->account, &account);
	if (r == 0 && q->with && q->with[0])
		return tell_number(x, q, account, cb, ctx);
	if (r == 0 && q->list && q->list[0])
		r = account ? store_list(x->store, account, q->list, false, &list) : TW_E_UNKNOWN;
	while (r == 0 && told < q->limit && told < EXCHANGE_SLICE) {
		r = next(x, q, account, list, &after, &c);
		if (r == 0)
			r = tell_one(x, &c, cb, ctx);
		told += r == 0;
	}
	return r == TW_E_UNKNOWN && !(q->list && q->list[0] && !list) ? told : r < 0 ? r : told;
}

/* ---- consent ------------------------------------------------------------------------------- */

int exchange_consent(struct exchange *x, const struct exchange_consent_query *q,
		     void (*cb)(void *ctx, const struct store_consent *c, const char *long_number),
		     void *ctx)
{
	int64_t account, seq = q->after;
	struct store_consent c;
	struct number number;
	int told = 0, r = account_id(x, q->account, &account);

	if (q->with && number_read(q->with, post_home(x, NULL), &number) != NUMBER_OK)
		return 0;
	while (r == 0 && told < q->limit && told < EXCHANGE_SLICE) {
		char line[TW_ADDRESS_MAX] = "";

		r = q->with ? store_consent_of(x->store, account, number.text, seq, &c)
			    : store_consent_next(x->store, account, seq, &c);
		if (r < 0)
			break;
		if (c.line)
			store_line_number(x->store, c.line, line, sizeof(line));
		seq = c.seq;
		told++;
		cb(ctx, &c, line[0] == '+' ? line : "");
		store_consent_done(&c);
	}
	return r < 0 && r != TW_E_UNKNOWN ? r : told;
}

int exchange_consent_head(struct exchange *x, const char *account, int64_t *ret_seq,
			  uint8_t ret_link[32])
{
	int64_t row;
	int r = account_id(x, account, &row);

	return r < 0 ? r : store_consent_head(x->store, row, ret_seq, ret_link);
}

static int log_head(struct exchange *x, const char *account, bool *ret_any)
{
	int64_t seq = 0;
	uint8_t link[32];
	char hex[65];
	int r = exchange_consent_head(x, account, &seq, link);

	if (r < 0 || !seq)
		return r;
	*ret_any = true;
	tw_hex_write(link, sizeof(link), hex, false);
	tw_log(TW_INFO, "consent.head", "account=%s sequence=%lld link=%s", tw_log_quote(account),
	       (long long)seq, hex);
	return 0;
}

/* The heads of all chains go into the log once a day: what stands there cannot be changed behind
 * it. Where no chain has a row yet, the first one calls for it. */
int consent_heads_run(struct exchange *x)
{
	int64_t day = x->now.wall.ms / X_DAY_MS;
	char noted[24] = "";
	bool any = false;

	if (x->heads_at.ms > x->now.wall.ms)
		return 0;
	int r = store_note(x->store, "consent_head_day", noted, sizeof(noted));

	x->heads_at.ms = (day + 1) * X_DAY_MS;
	if (r == 0 && strtoll(noted, NULL, 10) >= day)
		return 0;
	event_begin(x);
	r = 0;
	for (size_t i = 0; i < x->settings->n_accounts && r == 0; i++)
		r = log_head(x, x->settings->accounts[i].name, &any);
	if (!any)
		x->heads_at = X_NEVER;
	snprintf(noted, sizeof(noted), "%lld", (long long)day);
	if (r == 0 && any)
		r = store_note_put(x->store, "consent_head_day", noted);
	return event_end(x, r, "consent heads");
}

/* ---- erasure ------------------------------------------------------------------------------- */

static int erase_one(struct exchange *x, const struct store_contact *c)
{
	int r = consent_take_back(x, c->id, "erased by request", true);

	if (r >= 0)
		r = held_drop(x, c->id);
	return r < 0 ? r : store_erase_begin(x->store, c, x->now.wall);
}

static int erase(struct exchange *x, int64_t account, const char *number,
		 const char *who, int *ret_n)
{
	struct store_contact v[X_ACCOUNTS_MAX];
	int n = store_contacts(x->store, number, v, TW_COUNT(v)), r = n < 0 ? n : 0;

	for (int i = 0; i < n && r == 0; i++) {
		char name[128];

		if (account && v[i].account != account)
			continue;
		r = erase_one(x, &v[i]);
		if (r == 0)
			r = store_audit_add(x->store, who, "erase", "",
					    account_of_id(x, v[i].account, name, sizeof(name)),
					    "given", 0, x->now.wall);
		*ret_n += r == 0;
	}
	return r;
}

int exchange_contact_erase(struct exchange *x, const char *account, const char *number,
			   const char *who, struct tw_now now)
{
	int64_t row = 0;
	struct number n;
	int erased = 0, r = 0;

	x->now = now;
	if (number_read(number, post_home(x, NULL), &n) != NUMBER_OK)
		return TW_E_UNKNOWN;
	event_begin(x);
	if (account && account[0])
		r = account_id(x, account, &row);
	if (r == 0)
		r = erase(x, row, n.text, who, &erased);
	int ended = event_end(x, r, "erase");

	if (ended < 0 || r < 0)
		return r < 0 ? r : ended;
	loops_forget(x, n.text);
	x->erase_at = x->now.wall;
	return erased ? erased : TW_E_UNKNOWN;
}

int contact_erase_run(struct exchange *x)
{
	int64_t contact = 0, done;
	bool has_more = false, waits = false;
	int r = 0;

	if (x->erase_at.ms > x->now.wall.ms)
		return 0;
	while (r == 0 && !has_more) {
		r = store_erasure_next(x->store, contact, &contact, &done);
		if (r < 0)
			break;
		event_begin(x);
		int what = store_erase_slice(x->store, contact, done, X_SLICE);

		r = event_end(x, what < 0 ? what : 0, "erase");
		has_more = what == 0;
		waits |= what == 2;
	}
	if (r < 0 && r != TW_E_UNKNOWN)
		return r;
	x->erase_at = has_more ? x->now.wall : waits ? wall_after(x->now.wall, ERASE_REST_MS)
		: X_NEVER;
	return 0;
}
