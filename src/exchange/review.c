/* When costs or quiet hours change, a number may belong to another queue than the one that it waits
 * in: all queued messages are looked through, a slice a turn. What the queues go by is noted in the
 * store once this is done, so that it is done again after a crash, and not at every start. */
#include <stdio.h>

#include "internal.h"

#define NOTE "destinations"

/* All that destination_of() looks at. */
static char *basis(const struct settings *s)
{
	struct tw_buf text = { 0 };
	uint8_t digest[32];
	char *hex = tw_alloc(65);

	tw_buf_adds(&text, s->quiet_hours.is_set ? "zones" : "");
	for (size_t i = 0; i < s->n_sims; i++)
		for (size_t k = 0; k < s->sims[i].n_cost; k++)
			tw_buf_addf(&text, " %s", s->sims[i].cost[k].to);
	tw_sha256(tw_buf_str(&text), text.n, digest);
	tw_hex_write(digest, sizeof(digest), hex, false);
	tw_buf_done(&text);
	return hex;
}

int review_load(struct exchange *x)
{
	tw_auto(tw_free_charp) char *now = basis(x->settings);
	char before[65] = "";
	int r = store_note(x->store, NOTE, before, sizeof(before));

	x->review = (struct review){ .is_due = strcmp(now, before) != 0 };
	return r == TW_E_UNKNOWN ? 0 : r;
}

int review_route(struct exchange *x, struct store_message *m)
{
	char destination[DESTINATION_MAX];
	struct route *r = route_get(x, m->route);
	struct store_contact c;
	int code = store_contact_get(x->store, m->contact, &c);

	if (code < 0)
		return code;
	if (!r)
		return TW_E_DB;
	destination_of(x->settings, c.number, c.zone, destination);
	if (strcmp(destination, r->row.destination) != 0)
		r = route_find(x, &r->row, destination);
	if (!r)
		return TW_E_DB;
	m->route = r->row.id;
	return 0;
}

static int look_at(struct exchange *x, int64_t id)
{
	struct store_message m;
	int r = store_message_get(x->store, id, &m);

	if (r < 0)
		return r;
	struct route *before = route_get(x, m.route);
	int64_t old = m.route;

	r = review_route(x, &m);
	if (r == 0 && before && m.route != old) {
		route_sub(x, before, &m);
		r = outbox_enqueue(x, &m);
	}
	store_message_done(&m);
	return r;
}

static int end(struct exchange *x)
{
	tw_auto(tw_free_charp) char *now = basis(x->settings);

	x->review.is_due = false;
	event_begin(x);
	return event_end(x, store_note_put(x->store, NOTE, now), "review");
}

int review_run(struct exchange *x)
{
	int r = 0;

	for (int i = 0; x->review.is_due && i < X_SLICE && r == 0; i++) {
		r = store_queued_next(x->store, &x->review.cursor);
		if (r == TW_E_UNKNOWN)
			return end(x);
		if (r < 0)
			return r;
		event_begin(x);
		r = event_end(x, look_at(x, x->review.cursor.id), "review");
	}
	return r;
}
