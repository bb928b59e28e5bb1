/* What people and programs ask of campaigns: making one, a look at whom it would go to, starting,
 * pausing and canceling it, and its figures. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#include "campaign.h"

enum { PREVIEW_LOOKS = 256, WEIGHT_MAX = 1000000, PACE_MAX = 3600000 };

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

/* ---- making -------------------------------------------------------------------------------- */

/* A name stands in paths, tables and goals. */
static bool is_name(const char *text)
{
	size_t n = strlen(text);

	for (const char *p = text; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '_' && *p != '-')
			return false;
	return n && n < STORE_CAMPAIGN_NAME_MAX;
}

static const char *given(const char *text)
{
	return text ? text : "";
}

static int look_at_arms(const struct exchange_campaign_order *o, struct exchange_refusal *e)
{
	if (!o->n_arms)
		return refuse(e, 400, 20001, "text: a campaign wants a text");
	for (size_t i = 0; i < o->n_arms; i++) {
		const struct exchange_campaign_arm *arm = &o->arms[i];

		if (!given(arm->text)[0])
			return refuse(e, 400, 21602, "text: it is empty");
		if (o->n_arms > 1 && !is_name(given(arm->name)))
			return refuse(e, 400, 20001,
				      "arms: each of several texts wants a name of letters, "
				      "digits, - and _");
		if (arm->weight < 0 || arm->weight > WEIGHT_MAX)
			return refuse(e, 400, 20001, "weight: expected 1 to %d", WEIGHT_MAX);
		for (size_t k = 0; k < i; k++)
			if (strcmp(given(o->arms[k].name), given(arm->name)) == 0)
				return refuse(e, 400, 20001, "arms: two are called %s", arm->name);
	}
	return 0;
}

static int look_at_words(const struct exchange_campaign_order *o, struct exchange_refusal *e)
{
	if (!is_name(given(o->name)))
		return refuse(e, 400, 20001, "name: expected 1 to %d letters, digits, - and _",
			      STORE_CAMPAIGN_NAME_MAX - 1);
	if (!given(o->list)[0] || strlen(o->list) >= sizeof(((struct store_campaign *)0)->list))
		return refuse(e, 400, 20001, "list: a campaign goes to the contacts of a list");
	if (given(o->from)[0] && given(o->pool)[0])
		return refuse(e, 400, 20001, "from, pool: one of the two");
	if (o->pace < 0 || o->pace > PACE_MAX)
		return refuse(e, 400, 20001, "pace: expected messages an hour, up to %d", PACE_MAX);
	return look_at_arms(o, e);
}

static int look_at_times(const struct exchange *x, const struct exchange_campaign_order *o,
			 struct exchange_refusal *e)
{
	if (o->until.ms && o->until.ms <= x->now.wall.ms)
		return refuse(e, 400, 21624, "until: that is over already");
	if (o->until.ms && o->send_at.ms && o->until.ms <= o->send_at.ms)
		return refuse(e, 400, 35114, "until: it is not behind send_at");
	return 0;
}

static int find_account(struct exchange *x, const char *asked, const char **ret, int64_t *ret_row,
			struct exchange_refusal *e)
{
	const struct settings *s = x->settings;

	*ret = given(asked)[0] ? asked : s->n_accounts == 1 ? s->accounts[0].name : NULL;
	if (!*ret)
		return refuse(e, 400, 20001, "which account? there are %zu", s->n_accounts);
	for (size_t i = 0; i < s->n_accounts; i++)
		if (strcmp(s->accounts[i].name, *ret) == 0) {
			int r = account_id(x, *ret, ret_row);

			return r < 0 ? refuse_store(x, e, r) : 0;
		}
	return refuse(e, 404, 20404, "no account is called %.60s", *ret);
}

static bool is_pool(const struct exchange *x, const char *name)
{
	for (size_t i = 0; i < x->settings->n_pools; i++)
		if (strcmp(x->settings->pools[i].name, name) == 0)
			return true;
	return false;
}

static int find_sender(struct exchange *x, const struct exchange_campaign_order *o,
		       struct store_campaign *c, struct exchange_refusal *e)
{
	struct number from;
	int r = 0;

	if (given(o->pool)[0] && !is_pool(x, o->pool))
		return refuse(e, 404, 21701, "pool: no pool is called %.60s", o->pool);
	tw_strset(c->pool, sizeof(c->pool), given(o->pool));
	if (!given(o->from)[0])
		return 0;
	if (number_read(o->from, post_home(x, o->from), &from) != NUMBER_OK)
		return refuse(e, 400, 21212, "from: %.40s is no possible number", o->from);
	r = store_line_find(x->store, from.text, &c->line);
	if (r == TW_E_UNKNOWN || (r == 0 && !line_may(x, c->line, c->account, NULL)))
		return refuse(e, 400, 21606, "from: %s is no number that the account may send from",
			      from.text);
	return r < 0 ? refuse_store(x, e, r) : 0;
}

static void fill_order(const struct exchange *x, const struct exchange_campaign_order *o,
		       struct store_campaign *c)
{
	tw_strset(c->name, sizeof(c->name), o->name);
	tw_strset(c->list, sizeof(c->list), o->list);
	tw_strset(c->series, sizeof(c->series), given(o->series));
	c->when = tw_strdup(given(o->when));
	c->pace = o->pace;
	c->send_at = o->send_at;
	c->until = o->until;
	c->created_at = x->now.wall;
	for (size_t i = 0; i < o->n_arms; i++) {
		struct store_campaign_arm *arm = &c->arms[c->n_arms++];

		tw_strset(arm->name, sizeof(arm->name), o->n_arms > 1 ? o->arms[i].name : "");
		arm->weight = o->arms[i].weight ? o->arms[i].weight : 1;
		arm->text = tw_strdup(o->arms[i].text);
	}
}

/* Its arms are topics of the running totals. */
static int add(struct exchange *x, struct store_campaign *c)
{
	char name[2 * STORE_CAMPAIGN_NAME_MAX + 2];
	int r = 0;

	for (size_t i = 0; i < c->n_arms && r == 0; i++) {
		snprintf(name, sizeof(name), "%s%s%s", c->name, c->arms[i].name[0] ? "/" : "",
			 c->arms[i].name);
		r = figure_topic(x, c->account, STORE_TOPIC_CAMPAIGN, name, &c->arms[i].topic);
	}
	return r < 0 ? r : store_campaign_add(x->store, c);
}

/* What does not compile is refused now, not when it is to be sent. */
static int try_compile(struct exchange *x, const struct store_campaign *c, const char *account,
		       struct exchange_refusal *e)
{
	struct running run = { .c = *c };
	char why[160];

	tw_strset(run.account, sizeof(run.account), account);
	int r = campaign_compile(x, &run, why, sizeof(why));

	flow_letter_free(run.letter);
	audience_free(run.audience);
	return r == TW_E_CONFIG ? refuse(e, 400, 20422, "%s", why) : r < 0 ? refuse_store(x, e, r)
	       : 0;
}

static bool is_same(const struct store_campaign *a, const struct store_campaign *b)
{
	bool same = a->n_arms == b->n_arms && strcmp(a->list, b->list) == 0 &&
		    strcmp(a->when, b->when) == 0 && strcmp(a->pool, b->pool) == 0 &&
		    strcmp(a->series, b->series) == 0 && a->line == b->line && a->pace == b->pace &&
		    a->send_at.ms == b->send_at.ms;

	for (size_t i = 0; same && i < a->n_arms; i++)
		same = strcmp(a->arms[i].name, b->arms[i].name) == 0 &&
		       strcmp(a->arms[i].text, b->arms[i].text) == 0 &&
		       a->arms[i].weight == b->arms[i].weight;
	return same;
}

/* The same order again is the same campaign: 1. */
static int look_at_known(struct exchange *x, const struct store_campaign *c,
			 struct exchange_refusal *e)
{
	struct store_campaign known;
	int64_t id;
	int r = store_campaign_find(x->store, c->account, c->name, &id);

	if (r == 0)
		r = store_campaign_get(x->store, id, &known);
	if (r < 0)
		return r == TW_E_UNKNOWN ? 0 : refuse_store(x, e, r);
	bool same = is_same(&known, c);

	store_campaign_done(&known);
	return same ? 1 : refuse(e, 409, 20409, "name: there is a campaign %s already", c->name);
}

static int make(struct exchange *x, const struct exchange_campaign_order *o,
		struct store_campaign *c, const char **ret_account, struct exchange_refusal *e)
{
	int r = look_at_words(o, e);

	if (r == 0)
		r = look_at_times(x, o, e);
	if (r == 0)
		r = find_account(x, o->account, ret_account, &c->account, e);
	if (r < 0)
		return r;
	r = find_sender(x, o, c, e);
	if (r < 0)
		return r;
	fill_order(x, o, c);
	r = look_at_known(x, c, e);
	if (r == 0)
		r = try_compile(x, c, *ret_account, e);
	if (r != 0)
		return r;
	r = add(x, c);
	return r < 0 ? refuse_store(x, e, r) : 0;
}

int exchange_campaign_make(struct exchange *x, const struct exchange_campaign_order *o,
			   struct tw_now now, struct campaign *ret, struct exchange_refusal *e)
{
	struct store_campaign c = { .state = CAMPAIGN_DRAFT };
	const char *account = NULL;

	x->now = now;
	*e = (struct exchange_refusal){ 0 };
	event_begin(x);
	int r = make(x, o, &c, &account, e);
	int ended = event_end(x, r == TW_E_DENIED ? 0 : r, "campaign");

	if (r == 0 && ended < 0)
		r = refuse_store(x, e, ended);
	if (r == 0)
		running_keep(x, &c);
	else
		store_campaign_done(&c);
	if (r < 0)
		return r;
	return exchange_campaign(x, account, o->name, now, ret);
}

/* ---- its figures --------------------------------------------------------------------------- */

void campaign_done(struct campaign *c)
{
	char **const strings[] = { &c->account, &c->name, &c->list, &c->when, &c->from, &c->pool,
				   &c->series };

	for (size_t i = 0; i < TW_COUNT(strings); i++)
		free(*strings[i]);
	for (size_t i = 0; i < c->n_arms; i++) {
		free(c->arms[i].name);
		free(c->arms[i].text);
	}
	*c = (struct campaign){ 0 };
}

static char *text_or_null(const char *s)
{
	return s && s[0] ? tw_strdup(s) : NULL;
}

static int fill_arms(struct exchange *x, const struct store_campaign *c, struct campaign *ret)
{
	struct split_count counts[STORE_CAMPAIGN_ARMS];
	int r = 0;

	for (size_t i = 0; i < c->n_arms && r == 0; i++) {
		struct campaign_arm *arm = &ret->arms[ret->n_arms++];

		arm->name = text_or_null(c->arms[i].name);
		arm->text = tw_strdup(c->arms[i].text);
		arm->weight = c->arms[i].weight;
		r = figures_sum(x, c->arms[i].topic, arm->n);
		counts[i] = (struct split_count){ arm->n[FIGURE_SENT], arm->n[FIGURE_CONVERSIONS] };
	}
	if (c->n_arms > 1)
		ret->verdict = split_judge(counts, c->n_arms);
	else
		ret->verdict.winner = -1;
	return r;
}

/* What waits now, by where its contacts live; what is left to go through of the list is not
 * known. */
static struct wall_ms ends_at(struct exchange *x, const struct store_campaign *c,
			      const struct campaign *ret)
{
	struct route r = { .row = route_like(c->line ? 0 : c->account, c->line, c->pool, c->id) };
	struct estimate e = { .pace = c->pace };
	int64_t queued = 0;

	if (c->is_paused || store_campaign_is_over((enum store_campaign_state)c->state))
		return (struct wall_ms){ 0 };
	for (size_t i = 0; i < x->active.n; i++) {
		const struct route *q = x->active.v[i];

		if (q->row.campaign != c->id || !q->n[LANE_CAMPAIGN])
			continue;
		estimate_add(&e.people, q->to.zones ? q->to.zones : "", q->n[LANE_CAMPAIGN],
			     q->segments[LANE_CAMPAIGN]);
		queued += q->n[LANE_CAMPAIGN];
	}
	if (ret->waiting > queued)	/* on a modem */
		estimate_add(&e.people, "", ret->waiting - queued, ret->waiting - queued);
	return estimate_end(x, &r, &e);
}

static int fill(struct exchange *x, const struct store_campaign *c, struct campaign *ret)
{
	char account[128], from[TW_ADDRESS_MAX] = "";
	int r = c->line ? store_line_number(x->store, c->line, from, sizeof(from)) : 0;

	*ret = (struct campaign){
		.id = c->id, .name = tw_strdup(c->name), .list = tw_strdup(c->list),
		.account = tw_strdup(account_of_id(x, c->account, account, sizeof(account))),
		.when = text_or_null(c->when), .from = text_or_null(from),
		.pool = text_or_null(c->pool),
		.series = text_or_null(c->series), .state = (enum store_campaign_state)c->state,
		.is_paused = c->is_paused, .pace = c->pace, .created_at = c->created_at,
		.send_at = c->send_at, .until = c->until, .started_at = c->started_at,
		.finished_at = c->finished_at, .queued = c->queued, .no_consent = c->no_consent,
		.unmatched = c->unmatched, .refused = c->refused,
		.waiting = campaign_waiting(x, c->id) };
	tw_strset(ret->reason, sizeof(ret->reason), c->reason);
	if (r == 0)
		r = fill_arms(x, c, ret);
	if (r == 0)
		ret->ends_at = ends_at(x, c, ret);
	if (r < 0)
		campaign_done(ret);
	return r;
}

static int find(struct exchange *x, const char *account, const char *name,
		struct store_campaign *ret)
{
	int64_t row, id;
	int r = account_id(x, account, &row);

	if (r == 0)
		r = store_campaign_find(x->store, row, name, &id);
	return r < 0 ? r : store_campaign_get(x->store, id, ret);
}

int exchange_campaign(struct exchange *x, const char *account, const char *name, struct tw_now now,
		      struct campaign *ret)
{
	struct store_campaign c;

	x->now = now;
	int r = find(x, account, name, &c);

	if (r < 0)
		return r;
	r = fill(x, &c, ret);
	store_campaign_done(&c);
	return r;
}

int exchange_campaigns(struct exchange *x, const char *account, int64_t after, int64_t limit,
		       struct tw_now now, void (*cb)(void *ctx, struct campaign *c), void *ctx)
{
	struct store_campaign c;
	struct campaign told;
	int64_t row = 0;
	int r = account ? account_id(x, account, &row) : 0, n = 0;

	x->now = now;
	while (r == 0 && n < limit) {
		r = store_campaign_next(x->store, row, false, after, &c);
		if (r < 0)
			break;
		after = c.id;
		r = fill(x, &c, &told);
		store_campaign_done(&c);
		if (r == 0)
			cb(ctx, &told);
		n += r == 0;
	}
	return r < 0 && r != TW_E_UNKNOWN ? r : n;
}

/* ---- start, pause, cancel ------------------------------------------------------------------ */

static int start(struct exchange *x, struct running *run, struct exchange_refusal *e)
{
	bool is_draft = run->c.state == CAMPAIGN_DRAFT;

	if (run->c.state == CAMPAIGN_CANCELING)
		return refuse(e, 409, 20409, "it is being canceled");
	if (!is_draft && !run->c.is_paused && !run->c.reason[0])
		return 0;
	if (run->c.until.ms && run->c.until.ms <= x->now.wall.ms)
		return refuse(e, 409, 20409, "its time is over (until)");
	int r = try_compile(x, &run->c, run->account, e);

	if (r < 0)
		return r;
	run->c.is_paused = false;
	run->c.reason[0] = 0;
	if (is_draft)
		run->c.state = CAMPAIGN_SCHEDULED;
	campaign_soon(x, x->now.wall);
	r = store_campaign_save(x->store, &run->c);
	if (r == 0)
		r = alert_clear(x, ALERT_CAMPAIGN, run->c.name);
	return r < 0 ? refuse_store(x, e, r) : 0;
}

static int pause_it(struct exchange *x, struct running *run, struct exchange_refusal *e)
{
	int r = 0;

	if (run->c.state == CAMPAIGN_DRAFT)
		return refuse(e, 409, 20409, "it was not started");
	if (run->c.state == CAMPAIGN_CANCELING)
		return refuse(e, 409, 20409, "it is being canceled");
	if (!run->c.is_paused)
		r = campaign_pause(x, run, "");
	return r < 0 ? refuse_store(x, e, r) : 0;
}

static int cancel(struct exchange *x, struct running *run, struct exchange_refusal *e)
{
	int r = 0;

	if (run->c.state != CAMPAIGN_CANCELING) {
		run->c.state = CAMPAIGN_CANCELING;
		campaign_soon(x, x->now.wall);
		r = store_campaign_save(x->store, &run->c);
	}
	return r < 0 ? refuse_store(x, e, r) : 0;
}

static int carry_out(struct exchange *x, const char *account, const char *name,
		     enum campaign_verb verb, struct exchange_refusal *e)
{
	struct store_campaign c;
	int r = find(x, account, name, &c);

	if (r == TW_E_UNKNOWN)
		return refuse(e, 404, 20404, "no campaign is called %.60s", name);
	if (r < 0)
		return refuse_store(x, e, r);
	struct running *run = running_find(x, c.id);
	bool is_canceled = c.state == CAMPAIGN_CANCELED;

	store_campaign_done(&c);
	if (!run)
		return verb == CAMPAIGN_CANCEL && is_canceled ? 0 :
		       refuse(e, 409, 20409, "it is over");
	switch (verb) {
	case CAMPAIGN_START:
		return start(x, run, e);
	case CAMPAIGN_PAUSE:
		return pause_it(x, run, e);
	case CAMPAIGN_CANCEL:
		return cancel(x, run, e);
	}
	return 0;
}

int exchange_campaign_do(struct exchange *x, const char *account, const char *name,
			 enum campaign_verb verb, struct tw_now now, struct exchange_refusal *e)
{
	x->now = now;
	*e = (struct exchange_refusal){ 0 };
	event_begin(x);
	int r = carry_out(x, account, name, verb, e);
	int ended = event_end(x, r == TW_E_DENIED ? 0 : r, "campaign");

	return r == 0 && ended < 0 ? refuse_store(x, e, ended) : r;
}

/* ---- a look at whom it would go to --------------------------------------------------------- */

/* A segment to this contact on the cheapest SIM that may. */
static int64_t cheapest(struct exchange *x, struct route *r, const char *number)
{
	int64_t best = -1;

	for (uint32_t i = 0; i < x->n_stations; i++) {
		struct station *st = x->stations[i];

		if (!st || !station_may(x, st, r))
			continue;
		int64_t each = cost_of(st->entry, number);

		if (best < 0 || each < best)
			best = each;
	}
	return best < 0 ? 0 : best;
}

static void take_sample(struct campaign_preview *p, const struct running *run,
			const struct store_contact *c, size_t arm, const struct sms_form *form)
{
	struct campaign_sample *s;

	if (p->n_samples == CAMPAIGN_SAMPLES)
		return;
	s = &p->samples[p->n_samples++];
	*s = (struct campaign_sample){ .arm = (int)arm, .segments = form->segments,
				       .encoding = (enum sms_encoding)form->encoding,
				       .text = tw_strndup(tw_buf_str(&run->text), run->text.n) };
	tw_strset(s->number, sizeof(s->number), c->number);
	tw_strset(s->name, sizeof(s->name), c->name);
}

static int preview_slice(struct exchange *x, struct running *run, struct route *r,
			 struct campaign_preview *p)
{
	struct audience_walk w = { .cursor = p->cursor, .is_over = !run->audience };
	struct store_contact c;
	struct sms_form form;
	int looks = PREVIEW_LOOKS, code = 0;
	int64_t held = 0;

	while (code == 0) {
		code = audience_next(x, run->audience, &w, &looks, &c);
		if (code != 0)
			break;
		size_t arm = campaign_arm(&run->c, c.id);

		held++;
		code = campaign_write(x, run, &c, arm, true, &form);
		p->refused += code == TW_E_RANGE;
		if (code == 0) {
			p->contacts++;
			p->segments += form.segments;
			p->cost += form.segments * cheapest(x, r, c.number);
			estimate_add(&p->people, audience_zones(x, &c), 1, form.segments);
			take_sample(p, run, &c, arm, &form);
		}
		code = code == TW_E_RANGE ? 0 : code;
	}
	p->cursor = w.cursor;
	p->is_over = w.is_over;
	p->no_consent += w.left_out;
	p->unmatched += PREVIEW_LOOKS - looks - held - w.left_out;
	return code < 0 ? code : 0;
}

int exchange_campaign_preview(struct exchange *x, const char *account, const char *name,
			      struct tw_now now,
			      struct campaign_preview *p, struct exchange_refusal *e)
{
	struct running run = { .n_results = 0 };
	char why[160];

	x->now = now;
	*e = (struct exchange_refusal){ 0 };
	int r = find(x, account, name, &run.c);

	if (r == TW_E_UNKNOWN)
		return refuse(e, 404, 20404, "no campaign is called %.60s", name);
	if (r < 0)
		return refuse_store(x, e, r);
	tw_strset(run.account, sizeof(run.account), account);
	struct route route = { .row = route_like(run.c.line ? 0 : run.c.account,
						 run.c.line, run.c.pool, run.c.id) };

	r = campaign_compile(x, &run, why, sizeof(why));
	if (r == TW_E_CONFIG)
		r = refuse(e, 400, 20422, "%s", why);
	else if (r == 0)
		r = preview_slice(x, &run, &route, p);
	if (r == 0 && p->is_over)
		p->ends_at = estimate_end(x, &route, &(struct estimate){
			.people = p->people, .pace = run.c.pace, .from = run.c.send_at });
	flow_letter_free(run.letter);
	audience_free(run.audience);
	tw_buf_done(&run.text);
	store_campaign_done(&run.c);
	return r < 0 && r != TW_E_DENIED ? refuse_store(x, e, r) : r;
}

void campaign_preview_done(struct campaign_preview *p)
{
	for (size_t i = 0; i < p->n_samples; i++)
		free(p->samples[i].text);
	*p = (struct campaign_preview){ 0 };
}
