/* Who is it? An account's `lookup` is asked about a contact that it does not know, two seconds at
 * most; the text waits for it and is never lost. */
#include <stdio.h>

#include "answer.h"

enum { LOOKUP_MS = 2000 };

int lookup_ask(struct exchange *x, const struct store_contact *c, const char *url,
	       struct store_held *h)
{
	struct tw_buf to = { 0 };
	const char *fragment = strchrnul(url, '#');
	int r;

	tw_buf_add(&to, url, (size_t)(fragment - url));
	tw_buf_addf(&to, "%snumber=", memchr(to.p, '?', to.n) ? "&" : "?");
	hook_escape(&to, c->number, strlen(c->number));
	r = hook_add(x->hook, &(struct hook_order){
		.kind = HOOK_GET, .purpose = HOOK_FOR_LOOKUP, .account = c->account,
		.contact = c->id,
		.ref = c->id, .url = tw_buf_str(&to), .is_trusted = true, .limit_ms = LOOKUP_MS },
		x->now, &h->lookup);
	tw_buf_done(&to);
	if (r == TW_E_SYNTAX || r == TW_E_RANGE)
		return store_event_add(x->store, "lookup.failed", c->number,
				       "`lookup` is no address that can be "
				       "asked", h->message, x->now.wall);
	h->until = wall_after(x->now.wall, LOOKUP_MS);
	return r;
}

/* ---- the answer ---------------------------------------------------------------------------- */

/* What is wrong with it in reterr; then nothing of it is noted. */
static int note(struct exchange *x, struct store_contact *c, const char *body, size_t n,
		struct exchange_imported *reterr)
{
	struct answer_person a;
	int r = answer_read_person(body, n, &a);

	a.row.number = c->number;
	if (r == 0)
		r = import_facts(x, &a.row, c, reterr);
	else
		snprintf(reterr->text, sizeof(reterr->text), "its answer is no JSON object");
	answer_person_done(&a);
	return r;
}

/* The text that waits for it, if it still does. */
static int let_go(struct exchange *x, int64_t contact, int64_t call)
{
	struct store_held first;
	int r = x->n_held ? store_held_first(x->store, contact, &first) : TW_E_UNKNOWN;

	if (r == 0 && first.lookup == call)
		r = store_held_until(x->store, first.id, x->now.wall);
	held_soon(x);
	return r == TW_E_UNKNOWN ? 0 : r;
}

int lookup_ended(struct exchange *x, const struct hook_result *res)
{
	struct exchange_imported why = { .text = "" };
	struct store_contact c;
	int r = store_contact_get(x->store, res->ref, &c);

	if (r < 0 || !c.number[0])
		return r == TW_E_UNKNOWN ? 0 : r;
	if (res->end == HOOK_ANSWERED && res->body_n)
		r = note(x, &c, res->body, res->body_n, &why);
	else if (res->end != HOOK_ANSWERED && res->status != 404)
		snprintf(why.text, sizeof(why.text), "%.150s", res->error[0] ? res->error
			 : "it refused");
	if (r == TW_E_SYNTAX || (r == 0 && why.text[0]))
		r = store_event_add(x->store, "lookup.failed", c.number, why.text, 0, x->now.wall);
	return r < 0 ? r : let_go(x, c.id, res->id);
}
