/* Messages as others see them (contract 5). */
#include "internal.h"

void message_done(struct message *m)
{
	char **const strings[] = { &m->account, &m->from, &m->to, &m->text, &m->data,
				   &m->error_cause, &m->error_text, &m->sim, &m->modem, &m->keyword,
				   &m->key, &m->pool };

	for (size_t i = 0; i < TW_COUNT(strings); i++)
		free(*strings[i]);
	*m = (struct message){ 0 };
}

static char *hex_of(const void *p, size_t n)
{
	char *hex = tw_alloc(2 * n + 1);

	tw_hex_write(p, n, hex, false);
	return hex;
}

static char *text_or_null(const char *s)
{
	return s && s[0] ? tw_strdup(s) : NULL;
}

static void fill_body(const struct store_message *m, struct message *ret)
{
	if (m->flags & STORE_ERASED)
		return;
	if (m->flags & STORE_RAW)
		ret->data = m->pdu ? hex_of(m->pdu, m->pdu_n) : NULL;
	else if (m->flags & STORE_DATA)
		ret->data = hex_of(m->body ? m->body : "", m->body_n);
	else
		ret->text = tw_strndup(m->body ? m->body : "", m->body_n);
}

static int fill_names(struct exchange *x, const struct store_message *m, struct message *ret)
{
	char account[128], line[TW_ADDRESS_MAX] = "";
	struct store_contact c;
	struct store_sim sim;
	int r = store_account_name(x->store, m->account, account, sizeof(account));

	if (r == 0)
		r = store_contact_get(x->store, m->contact, &c);
	if (r == 0 && m->line)
		r = store_line_number(x->store, m->line, line, sizeof(line));
	if (r < 0)
		return r;
	ret->account = tw_strdup(account);
	/* A SIM whose number nobody knows is a line all the same, but it has no number to show. */
	char *own = line[0] == '+' ? tw_strdup(line) : NULL, *peer = text_or_null(c.number);

	ret->from = m->direction == INBOUND ? peer : own;
	ret->to = m->direction == INBOUND ? own : peer;
	if (!m->sim)
		return 0;
	r = store_sim_get(x->store, m->sim, &sim);
	if (r == 0)
		ret->sim = tw_strdup(sim.iccid);
	return r;
}

int query_fill(struct exchange *x, const struct store_message *m, struct message *ret)
{
	*ret = (struct message){
		.direction = (enum direction)m->direction, .state = (enum message_state)m->state,
		.encoding = (enum sms_encoding)m->encoding, .segments = m->segments,
		.in_doubt = (m->flags & STORE_IN_DOUBT) != 0,
		.repeated = (m->flags & STORE_REPEATED) != 0,
		.incomplete = (m->flags & STORE_INCOMPLETE) != 0, .error_code = m->error_code,
		.error_cause = text_or_null(m->error_cause), .modem = text_or_null(m->modem),
		.keyword = text_or_null(m->keyword), .key = text_or_null(m->key),
		.pool = text_or_null(m->pool),
		.is_reply = m->direction == OUTBOUND && m->origin != 0,
		.created_at = m->created_at, .sent_at = m->sent_at, .finished_at = m->finished_at,
		.valid_until = m->valid_until };
	if (m->error_code)
		ret->error_text = tw_strdup(code_text(m->error_code));
	else if (m->flags & STORE_RAW)
		ret->error_text = tw_strdup("could not be read as a text: kept as it came");
	store_id_write(x->store, m->id, ret->id);
	fill_body(m, ret);
	int r = fill_names(x, m, ret);

	if (r < 0)
		message_done(ret);
	return r;
}

int exchange_message(struct exchange *x, const char *id, struct message *ret)
{
	struct store_message m;
	int64_t row;
	int r = store_id_read(x->store, id, &row);

	if (r == 0)
		r = store_message_get(x->store, row, &m);
	if (r < 0)
		return r;
	r = m.flags & STORE_DELETED ? TW_E_UNKNOWN : query_fill(x, &m, ret);
	store_message_done(&m);
	return r;
}

/* ---- lists --------------------------------------------------------------------------------- */

/* A contact is a number within an account: of a number alone there may be several, whose messages
 * are merged newest first. */
struct cursor { struct store_query q; struct store_message m; bool has; };

static int advance(struct exchange *x, struct cursor *c)
{
	int r;

	while ((r = store_message_before(x->store, &c->q, &c->m)) == 0) {
		c->q.before = c->m.id;
		if (!(c->m.flags & STORE_HIDDEN))
			break;
		store_message_done(&c->m);
	}
	c->has = r == 0;
	return r == TW_E_UNKNOWN ? 0 : r;
}

static int set_up(struct exchange *x, const struct exchange_query *q,
		  struct cursor *out, size_t cap)
{
	struct store_query base = { .state = q->state, .direction = q->direction };
	struct store_contact contacts[X_ACCOUNTS_MAX];
	struct number with;
	int n, used = 0, r = 0;

	if (q->before && store_id_read(x->store, q->before, &base.before) < 0)
		return TW_E_UNKNOWN;
	if (q->account && q->account[0])
		r = account_id(x, q->account, &base.account);
	if (r < 0)
		return r;
	if (!q->with || !q->with[0]) {
		out[0] = (struct cursor){ .q = base };
		return 1;
	}
	bool read = number_read(q->with, post_home(x, NULL), &with) == NUMBER_OK;

	n = store_contacts(x->store, read ? with.text : q->with, contacts, X_ACCOUNTS_MAX);
	for (int i = 0; i < n && (size_t)used < cap; i++) {
		if (base.account && contacts[i].account != base.account)
			continue;
		out[used] = (struct cursor){ .q = base };
		out[used].q.account = 0;
		out[used++].q.contact = contacts[i].id;
	}
	return n < 0 ? n : used;
}

static struct cursor *newest(struct cursor *v, int n)
{
	struct cursor *best = NULL;

	for (int i = 0; i < n; i++)
		if (v[i].has && (!best || v[i].m.id > best->m.id))
			best = &v[i];
	return best;
}

int exchange_messages(struct exchange *x, const struct exchange_query *q,
		      void (*cb)(void *ctx, struct message *m), void *ctx)
{
	struct cursor *v = tw_zalloc(X_ACCOUNTS_MAX * sizeof(*v)), *c;
	int64_t limit = q->limit > 0 && q->limit < EXCHANGE_SLICE ? q->limit : EXCHANGE_SLICE;
	int n = set_up(x, q, v, X_ACCOUNTS_MAX), told = 0, r = n < 0 ? n : 0;

	for (int i = 0; i < n && r == 0; i++)
		r = advance(x, &v[i]);
	while (r == 0 && told < limit && (c = newest(v, n)) != NULL) {
		struct message m;

		r = query_fill(x, &c->m, &m);
		store_message_done(&c->m);
		if (r < 0)
			break;
		cb(ctx, &m);
		told++;
		r = advance(x, c);
	}
	for (int i = 0; i < n; i++)
		if (v[i].has)
			store_message_done(&v[i].m);
	free(v);
	return r < 0 ? r : told;
}
