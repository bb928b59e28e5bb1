/* Exports as CSV: written slice by slice as the client takes them, so that a million rows need no
 * more memory than a hundred, and no statement stays open between two turns. */
#include "internal.h"

#include <stdio.h>

enum { ROWS = 100, ROOM = 16 << 10 };	/* rows of a slice; octets that wait before the next is
					 * written */

void http_export_free(struct http_export *e)
{
	if (!e)
		return;
	tw_buf_done(&e->out);
	free(e->account);
	free(e->list);
	free(e->with);
	free(e->position);
	free(e);
}

static size_t waiting(const struct http_export *e)
{
	return e->out.n - e->taken;
}

ssize_t http_export_take(struct http_request *r, char *out, size_t cap)
{
	struct http_export *e = r->export;
	size_t n = waiting(e) < cap ? waiting(e) : cap;

	if (!n && e->is_over)
		return -1;
	/* An export that breaks off must not look whole. */
	if (!n && (e->has_failed || r->h->is_closing || !r->h->setup.exchange))
		return -2;
	memcpy(out, tw_buf_str(&e->out) + e->taken, n);
	e->taken += n;
	if (e->taken >= waiting(e)) {	/* also of one who never catches up */
		tw_buf_drop(&e->out, e->taken);
		e->taken = 0;
	}
	return (ssize_t)n;
}

bool http_export_wants(const struct http_request *r)
{
	const struct http_export *e = r->export;

	return e && !e->is_over && !e->has_failed && waiting(e) < ROOM;
}

void http_export_step(struct http_request *r)
{
	struct http_export *e = r->export;

	e->is_over = e->fill(r, e, &e->out);
}

static struct http_export *begin(struct http_request *r, const char *account, const char *file)
{
	struct http_export *e = tw_zalloc(sizeof(*e));

	e->account = tw_strdup(account);
	r->export = e;
	r->status = 200;
	r->out_type = "text/csv; charset=utf-8";
	r->extra_name = "Content-Disposition";
	r->extra_value = tw_printf("attachment; filename=\"%s\"", file);
	return e;
}

static void put_header(struct http_export *e, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		csv_put(&e->out, names[i], false);
	csv_end(&e->out);
}

static void put_time(struct tw_buf *b, struct wall_ms t)
{
	char text[TW_RFC3339_MAX];

	csv_put(b, t.ms ? tw_rfc3339(t, text) : "", false);
}

static void put_text(struct tw_buf *b, const char *text, bool is_free)
{
	csv_put(b, text ? text : "", is_free);
}

/* ---- contacts ------------------------------------------------------------------------------ */

static const char *const contact_columns[] = {
	"number", "name", "language", "zone", "owner", "account", "country", "stopped_at",
	"created_at", "lists", "fields"
};

static void put_contact(void *ctx, struct contact *c)
{
	static const char *const states[] = { "left", "joined", "asked" };
	struct http_export *e = ctx;
	struct tw_buf pairs = { 0 };

	put_text(&e->out, c->number, false);
	put_text(&e->out, c->name, true);
	put_text(&e->out, c->language, false);
	put_text(&e->out, c->zone, false);
	put_text(&e->out, c->owner, true);
	put_text(&e->out, c->account, false);
	put_text(&e->out, c->country, false);
	put_time(&e->out, c->stopped_at);
	put_time(&e->out, c->created_at);
	for (size_t i = 0; i < c->n_lists; i++)
		tw_buf_addf(&pairs, "%s%s=%s", i ? "; " : "", c->lists[i].name,
			    states[c->lists[i].state]);
	csv_put(&e->out, tw_buf_str(&pairs), true);
	tw_buf_clear(&pairs);
	for (size_t i = 0; i < c->n_fields; i++)
		tw_buf_addf(&pairs, "%s%s=%s", i ? "; " : "", c->fields[i].name,
			    c->fields[i].value);
	csv_put(&e->out, tw_buf_str(&pairs), true);
	csv_end(&e->out);
	tw_buf_done(&pairs);
	e->after = c->id;
	contact_done(c);
}

static bool fill_contacts(struct http_request *r, struct http_export *e, struct tw_buf *out)
{
	struct exchange_contacts_query q = { .account = e->account, .list = e->list,
					     .only_joined = true,
					     .after = e->after, .limit = ROWS };
	int n = exchange_contacts(r->h->setup.exchange, &q, put_contact, e);

	(void)out;
	e->has_failed = n < 0 && n != TW_E_UNKNOWN;
	return !e->has_failed && n < ROWS;
}

void http_get_contacts_csv(struct http_request *r, struct tw_now now)
{
	const char *account, *list = http_param(r, "list");
	struct exchange_contacts_query q = { .limit = 0 };
	struct http_export *e;

	(void)now;
	if (list) {
		account = http_need_account(r);
		q.account = account;
		q.list = list;
		/* Asked before the answer begins: behind its first octet no refusal has a place. */
		if (account && exchange_contacts(r->h->setup.exchange, &q, put_contact, NULL) ==
			       TW_E_UNKNOWN) {
			http_refuse(r, 404, HTTP_CODE_UNKNOWN, "account %s has no list %.60s",
				    account, list);
			return;
		}
		if (!account)
			return;
	} else if (!http_pick_account(r, http_param(r, "account"), &account)) {
		return;
	}
	e = begin(r, account, "contacts.csv");
	e->list = tw_strdup(list);
	e->fill = fill_contacts;
	put_header(e, contact_columns, TW_COUNT(contact_columns));
}

/* ---- messages ------------------------------------------------------------------------------ */

static const char *const message_columns[] = {
	"id", "created_at", "direction", "account", "from", "to", "text", "state", "segments",
	"error_code", "keyword", "sent_at", "finished_at"
};

static void put_message(void *ctx, struct message *m)
{
	struct http_export *e = ctx;
	char number[24];

	put_text(&e->out, m->id, false);
	put_time(&e->out, m->created_at);
	put_text(&e->out, m->direction == INBOUND ? "inbound" : "outbound", false);
	put_text(&e->out, m->account, false);
	put_text(&e->out, m->from, false);
	put_text(&e->out, m->to, false);
	put_text(&e->out, m->text, true);
	put_text(&e->out, message_state_name(m->state), false);
	snprintf(number, sizeof(number), "%d", m->segments);
	put_text(&e->out, number, false);
	snprintf(number, sizeof(number), "%d", m->error_code);
	put_text(&e->out, m->error_code ? number : "", false);
	put_text(&e->out, m->keyword, true);
	put_time(&e->out, m->sent_at);
	put_time(&e->out, m->finished_at);
	csv_end(&e->out);
	free(e->position);
	e->position = tw_strdup(m->id);
	message_done(m);
}

static bool fill_messages(struct http_request *r, struct http_export *e, struct tw_buf *out)
{
	struct exchange_query q = { .account = e->account, .with = e->with, .state = -1,
				    .direction = -1, .before = e->position, .limit = ROWS };
	int n = exchange_messages(r->h->setup.exchange, &q, put_message, e);

	(void)out;
	e->has_failed = n < 0;
	return n >= 0 && n < ROWS;
}

void http_get_messages_csv(struct http_request *r, struct tw_now now)
{
	const char *account;
	struct http_export *e;

	(void)now;
	if (!http_pick_account(r, http_param(r, "account"), &account))
		return;
	e = begin(r, account, "messages.csv");
	e->with = tw_strdup(http_number_param(r, "with"));
	e->fill = fill_messages;
	put_header(e, message_columns, TW_COUNT(message_columns));
}
