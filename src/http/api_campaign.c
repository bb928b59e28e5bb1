/* /api/v1/campaigns: making one, whom it would go to, starting, pausing and canceling it, its
 * figures. */
#include "read.h"

#include <stdio.h>

enum { CAMPAIGNS_DEFAULT = 50, CAMPAIGNS_MAX = 200 };

/* ---- out ----------------------------------------------------------------------------------- */

static void put_figures(struct tw_buf *b, const int64_t n[FIGURE_COUNT])
{
	static const enum store_figure told[] = { FIGURE_QUEUED, FIGURE_SENT, FIGURE_DELIVERED,
						  FIGURE_FAILED,
						  FIGURE_SEGMENTS, FIGURE_CONVERSIONS };

	for (size_t i = 0; i < TW_COUNT(told); i++)
		http_put_int(b, store_figure_name(told[i]), n[told[i]]);
	http_put_int(b, "opt_outs", n[FIGURE_LEAVES]);
}

static void put_arms(struct tw_buf *b, const struct campaign *c)
{
	int64_t sum[FIGURE_COUNT] = { 0 };

	http_put_open(b, "arms", '[');
	for (size_t i = 0; i < c->n_arms; i++) {
		http_put_open(b, NULL, '{');
		http_put_text(b, "name", c->arms[i].name);
		http_put_int(b, "weight", c->arms[i].weight);
		http_put_text(b, "text", c->arms[i].text);
		put_figures(b, c->arms[i].n);
		http_put_close(b, '}');
		for (int k = 0; k < FIGURE_COUNT; k++)
			sum[k] += c->arms[i].n[k];
	}
	http_put_close(b, ']');
	put_figures(b, sum);
}

static void put_verdict(struct tw_buf *b, const struct campaign *c)
{
	const struct split_verdict *v = &c->verdict;

	if (c->n_arms < 2) {
		http_put_null(b, "verdict");
		return;
	}
	http_put_open(b, "verdict", '{');
	http_put_text(b, "leader", c->arms[v->leader].name);
	http_put_text(b, "winner", v->winner < 0 ? NULL : c->arms[v->winner].name);
	http_put_real(b, "evidence", v->evidence);
	http_put_real(b, "wanted", v->wanted);
	http_put_close(b, '}');
}

static void write_campaign(struct tw_buf *b, const struct campaign *c)
{
	http_put_open(b, NULL, '{');
	http_put_text(b, "name", c->name);
	http_put_text(b, "account", c->account);
	http_put_text(b, "state", c->is_paused ? "paused" : store_campaign_state_name(c->state));
	http_put_filled(b, "reason", c->reason);
	http_put_text(b, "list", c->list);
	http_put_text(b, "when", c->when);
	http_put_text(b, "from", c->from);
	http_put_text(b, "pool", c->pool);
	http_put_text(b, "voucher", c->series);
	if (c->pace)
		http_put_int(b, "pace", c->pace);
	else
		http_put_null(b, "pace");
	http_put_time(b, "send_at", c->send_at);
	http_put_time(b, "until", c->until);
	http_put_time(b, "created_at", c->created_at);
	http_put_time(b, "started_at", c->started_at);
	http_put_time(b, "finished_at", c->finished_at);
	http_put_time(b, "ends_at", c->ends_at);
	http_put_int(b, "waiting", c->waiting);
	http_put_open(b, "left_out", '{');
	http_put_int(b, "no_consent", c->no_consent);
	http_put_int(b, "unmatched", c->unmatched);
	http_put_int(b, "refused", c->refused);
	http_put_close(b, '}');
	put_arms(b, c);
	put_verdict(b, c);
	http_put_close(b, '}');
}

static void refuse(struct http_request *r, int code, const struct exchange_refusal *e)
{
	if (e->status >= 400 && e->status <= 599)
		http_refuse(r, e->status, e->code, "%s", e->text);
	else if (code == TW_E_UNKNOWN)
		http_refuse(r, 404, HTTP_CODE_UNKNOWN, "no campaign is called %.60s",
			    tw_buf_str(&r->name));
	else
		http_refuse_store(r, code);
}

static void answer(struct http_request *r, int status, struct campaign *c)
{
	r->status = status;
	write_campaign(&r->out, c);
	tw_buf_addc(&r->out, '\n');
	campaign_done(c);
}

/* ---- in ------------------------------------------------------------------------------------ */

struct body {
	struct exchange_campaign_order o;
	const char *text, *send_at, *until;
};
static const struct { const char *name; size_t offset; } texts[] = {
	{ "account", offsetof(struct body, o.account) }, { "name", offsetof(struct body, o.name) },
	{ "list", offsetof(struct body, o.list) }, { "when", offsetof(struct body, o.when) },
	{ "from", offsetof(struct body, o.from) }, { "pool", offsetof(struct body, o.pool) },
	{ "voucher", offsetof(struct body, o.series) }, { "text", offsetof(struct body, text) },
	{ "send_at", offsetof(struct body, send_at) }, { "until", offsetof(struct body, until) },
};

static bool read_number(struct http_request *r, const char *name, json_t *value, int64_t *ret)
{
	if (!value || json_is_null(value))
		return true;
	*ret = json_integer_value(value);
	if (json_is_integer(value) && *ret > 0)
		return true;
	http_refuse(r, 400, HTTP_CODE_PARAMETER, "%s: expected a whole number above zero", name);
	return false;
}

static bool read_arm(struct http_request *r, json_t *arm, size_t i,
		     struct exchange_campaign_arm *to)
{
	static const char *const names[] = { "name", "text", "weight" };
	char where[32], weight[40];

	snprintf(where, sizeof(where), "arms[%zu].", i);
	snprintf(weight, sizeof(weight), "%sweight", where);
	if (!json_is_object(arm)) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "arms[%zu]: expected an object", i);
		return false;
	}
	return http_check_members(r, arm, where, names, TW_COUNT(names)) &&
	       http_read_text(r, arm, where, "name", &to->name) &&
	       http_read_text(r, arm, where, "text", &to->text) &&
	       read_number(r, weight, json_object_get(arm, "weight"), &to->weight);
}

static bool read_arms(struct http_request *r, json_t *arms, struct body *b)
{
	json_t *arm;
	size_t i;

	if (b->text)
		b->o.arms[b->o.n_arms++].text = b->text;
	if (!arms || json_is_null(arms))
		return true;
	if (!json_is_array(arms) || b->text || json_array_size(arms) > STORE_CAMPAIGN_ARMS) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER,
			    "arms: expected a list of at most %d objects with "
			    "name, text and weight, in the place of text", STORE_CAMPAIGN_ARMS);
		return false;
	}
	json_array_foreach(arms, i, arm)
		if (!read_arm(r, arm, i, &b->o.arms[b->o.n_arms++]))
			return false;
	return true;
}

static bool read_body(struct http_request *r, json_t *root, struct body *b)
{
	for (size_t i = 0; i < TW_COUNT(texts); i++)
		if (!http_read_text(r, root, "", texts[i].name,
				    (const char **)(void *)((char *)b + texts[i].offset)))
			return false;
	return read_number(r, "pace", json_object_get(root, "pace"), &b->o.pace) &&
	       http_read_time(r, "send_at", b->send_at, &b->o.send_at) &&
	       http_read_time(r, "until", b->until, &b->o.until) &&
	       read_arms(r, json_object_get(root, "arms"), b);
}

static void make(struct http_request *r, json_t *root, struct tw_now now)
{
	struct body b = { .text = NULL };
	struct exchange_refusal e = { .status = 0 };
	struct campaign c;

	if (!read_body(r, root, &b) || !http_one_account(r, b.o.account, &b.o.account))
		return;
	int code = exchange_campaign_make(r->h->setup.exchange, &b.o, now, &c, &e);

	if (code < 0)
		refuse(r, code, &e);
	else	/* the same again is the same one */
		answer(r, c.created_at.ms == now.wall.ms ? 201 : 200, &c);
}

void http_post_campaign(struct http_request *r, struct tw_now now)
{
	const char *names[TW_COUNT(texts) + 2] = { "arms", "pace" };
	json_t *root;

	for (size_t i = 0; i < TW_COUNT(texts); i++)
		names[i + 2] = texts[i].name;
	root = http_read_object(r, names, TW_COUNT(names));
	if (root)
		make(r, root, now);
	json_decref(root);
}

/* ---- looking ------------------------------------------------------------------------------- */

struct listing { struct tw_buf *out; int64_t last, n; };

static void add(void *ctx, struct campaign *c)
{
	struct listing *l = ctx;

	write_campaign(l->out, c);
	l->last = c->id;
	l->n++;
	campaign_done(c);
}

void http_get_campaigns(struct http_request *r, struct tw_now now)
{
	struct listing l = { .out = &r->out };
	int64_t limit = CAMPAIGNS_DEFAULT, after = 0;
	const char *account;
	char last[24];

	if (!http_read_limit(r, CAMPAIGNS_MAX, &limit) ||
	    !http_read_count(r, "after", INT64_MAX, &after) ||
	    !http_pick_account(r, http_param(r, "account"), &account))
		return;
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, "campaigns", '[');
	int code = exchange_campaigns(r->h->setup.exchange, account, after, limit, now, add, &l);

	http_put_close(&r->out, ']');
	snprintf(last, sizeof(last), "%lld", (long long)l.last);
	http_put_text(&r->out, "after", l.n == limit ? last : NULL);
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
	if (code < 0)
		http_refuse_store(r, code);
}

void http_get_campaign(struct http_request *r, struct tw_now now)
{
	struct exchange_refusal none = { .status = 0 };
	struct campaign c;
	const char *account;

	if (!http_one_account(r, http_param(r, "account"), &account))
		return;
	int code = exchange_campaign(r->h->setup.exchange, account, tw_buf_str(&r->name), now, &c);

	if (code < 0)
		refuse(r, code, &none);
	else
		answer(r, 200, &c);
}

static void write_preview(struct tw_buf *b, const struct campaign_preview *p)
{
	http_put_open(b, NULL, '{');
	http_put_int(b, "contacts", p->contacts);
	http_put_open(b, "left_out", '{');
	http_put_int(b, "no_consent", p->no_consent);
	http_put_int(b, "unmatched", p->unmatched);
	http_put_int(b, "refused", p->refused);
	http_put_close(b, '}');
	http_put_int(b, "segments", p->segments);
	http_put_real(b, "cost", (double)p->cost / QUOTA_MONEY);
	http_put_time(b, "ends_at", p->ends_at);
	http_put_open(b, "samples", '[');
	for (size_t i = 0; i < p->n_samples; i++) {
		const struct campaign_sample *s = &p->samples[i];

		http_put_open(b, NULL, '{');
		http_put_text(b, "number", s->number);
		http_put_filled(b, "name", s->name);
		http_put_int(b, "arm", s->arm);
		http_put_text(b, "text", s->text);
		http_put_text(b, "encoding", sms_encoding_name(s->encoding));
		http_put_int(b, "segments", s->segments);
		http_put_close(b, '}');
	}
	http_put_close(b, ']');
	http_put_close(b, '}');
	tw_buf_addc(b, '\n');
}

void http_preview_free(struct campaign_preview *p)
{
	if (p)
		campaign_preview_done(p);
	free(p);
}

/* Long lists are gone through over several turns. */
void http_get_preview(struct http_request *r, struct tw_now now)
{
	struct exchange_refusal e = { .status = 0 };
	const char *account;

	if (!http_one_account(r, http_param(r, "account"), &account))
		return;
	if (!r->preview)
		r->preview = tw_zalloc(sizeof(*r->preview));
	int code = exchange_campaign_preview(r->h->setup.exchange, account, tw_buf_str(&r->name),
					     now, r->preview, &e);

	if (code < 0) {
		refuse(r, code, &e);
	} else if (!r->preview->is_over) {
		r->is_unfinished = true;
	} else {
		r->status = 200;
		write_preview(&r->out, r->preview);
	}
}

/* ---- start, pause, cancel ------------------------------------------------------------------ */

static void carry_out(struct http_request *r, enum campaign_verb verb, struct tw_now now)
{
	struct exchange_refusal e = { .status = 0 };
	struct campaign c;
	const char *account;

	if (!http_one_account(r, http_param(r, "account"), &account))
		return;
	int code = exchange_campaign_do(r->h->setup.exchange, account, tw_buf_str(&r->name),
					verb, now, &e);

	if (code == 0)
		code = exchange_campaign(r->h->setup.exchange, account, tw_buf_str(&r->name), now,
					 &c);
	if (code < 0)
		refuse(r, code, &e);
	else
		answer(r, 200, &c);
}

void http_start_campaign(struct http_request *r, struct tw_now now)
{
	carry_out(r, CAMPAIGN_START, now);
}

void http_pause_campaign(struct http_request *r, struct tw_now now)
{
	carry_out(r, CAMPAIGN_PAUSE, now);
}

void http_cancel_campaign(struct http_request *r, struct tw_now now)
{
	carry_out(r, CAMPAIGN_CANCEL, now);
}
