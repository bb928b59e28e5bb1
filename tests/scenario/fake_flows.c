/* Flows of a few words, for scenarios that are not about flows: what is decided without steps. */
#include "world.h"

#include <stdio.h>

struct flow_event_seen flow_seen;

/* ---- flows of a few words ------------------------------------------------------------------ */

static struct flows { int unused; } flows;

const struct flows *world_flows(struct world *w)
{
	(void)w;
	memset(&flow_seen, 0, sizeof(flow_seen));
	return &flows;
}

void world_flows_done(struct world *w)
{
	(void)w;
}

void flow_result_done(struct flow_result *r)
{
	free(r->v);
	tw_buf_done(&r->text);
	*r = (struct flow_result){ 0 };
}

static void add(struct flow_result *r, struct flow_intent i)
{
	if (r->n == r->cap) {
		r->cap = r->cap ? r->cap * 2 : 8;
		r->v = tw_realloc(r->v, r->cap * sizeof(*r->v));
	}
	if (i.text)
		i.text_n = strlen(i.text);
	r->v[r->n++] = i;
}

static bool begins(const struct flow_event *e, const char *word)
{
	return e->text_n >= strlen(word) && strncasecmp(e->text, word, strlen(word)) == 0;
}

static bool consent(const struct flow_event *e, struct flow_result *r)
{
	const char *account = e->n_recent_accounts == 1 ? e->recent_accounts[0] : "default";

	if (begins(e, "STOP")) {
		add(r, (struct flow_intent){ .type = FLOW_STOP, .account = account });
		add(r, (struct flow_intent){ .type = FLOW_REPLY, .account = account,
					     .text = "You have left.", .is_consent = true });
		return true;
	}
	if (begins(e, "HELP")) {
		add(r, (struct flow_intent){ .type = FLOW_HELP, .account = "default", .is_consent = true });
		add(r, (struct flow_intent){ .type = FLOW_REPLY, .account = "default",
					     .text = "Text STOP to leave.", .is_consent = true });
		return true;
	}
	if (begins(e, "START")) {
		add(r, (struct flow_intent){ .type = FLOW_START, .account = account });
		add(r, (struct flow_intent){ .type = FLOW_REPLY, .account = account,
					     .text = "Welcome back.", .is_consent = true });
		return true;
	}
	return false;
}

static void taken(struct flow_result *r, const char *keyword, const char *reply)
{
	add(r, (struct flow_intent){ .type = FLOW_TAKEN, .account = "default",
				     .keyword = keyword });
	add(r, (struct flow_intent){ .type = FLOW_REPLY, .account = "default", .text = reply });
}

static char echo[1024], long_text[400];

void flow_decide(const struct flows *f, const struct flow_event *e, struct flow_result *ret)
{
	(void)f;
	ret->n = 0;
	if (e->is_first_part)
		return;		/* all of these look at the whole */
	flow_seen.count++;
	flow_seen.is_automatic_ok = e->is_automatic_ok;
	flow_seen.is_own_number = e->is_own_number;
	flow_seen.is_stop_told = e->is_stop_told;
	flow_seen.n_recent = e->n_recent_accounts;
	flow_seen.n_stopped = e->n_stopped_accounts;
	tw_strset(flow_seen.last_account, sizeof(flow_seen.last_account), e->last_account);
	tw_strset(flow_seen.to, sizeof(flow_seen.to), e->to);
	ret->n = 0;
	if (consent(e, ret) || !e->is_automatic_ok)
		return;
	if (begins(e, "HOURS")) {
		taken(ret, "HOURS", HOURS_REPLY);
	} else if (begins(e, "ECHO ")) {
		snprintf(echo, sizeof(echo), "%.*s", (int)e->text_n - 5, e->text + 5);
		taken(ret, "ECHO", echo);
	} else if (begins(e, "BOTH")) {
		taken(ret, "BOTH", "one");
		add(ret, (struct flow_intent){ .type = FLOW_REPLY, .account = "default",
					       .text = "two" });
	} else if (begins(e, "LONG")) {
		memset(long_text, 'x', 399);
		taken(ret, "LONG", long_text);
	} else {
		add(ret, (struct flow_intent){ .type = FLOW_UNTAKEN, .account = "default" });
		add(ret, (struct flow_intent){ .type = FLOW_REPLY, .account = "default",
					       .text = "Sorry" });
	}
}

void flow_decide_otherwise(const struct flows *f, const struct flow_event *e, const char *account,
			   struct flow_result *ret)
{
	(void)f, (void)e;
	ret->n = 0;
	add(ret, (struct flow_intent){ .type = FLOW_REPLY, .account = account, .text = "Sorry" });
}

/* ---- steps, of which there are none --------------------------------------------------------- */

void flow_decide_call(const struct flows *f, const struct flow_event *e, struct flow_result *ret)
{
	(void)f, (void)e;
	ret->n = 0;
}

/* Any list of the first account is declared, and none asks. */
bool flows_list(const struct flows *f, const char *account, const char *name, struct flow_list_info *ret)
{
	(void)f;
	*ret = (struct flow_list_info){ name, false, 0 };
	return strcmp(account, "default") == 0;
}

struct flow_run *flow_run_begin(const struct flows *f, const struct flow_event *e,
				const struct flow_intent *begin)
{
	(void)f, (void)e, (void)begin;
	return NULL;
}

struct flow_run *flow_run_resume(const struct flows *f, const struct flow_event *e,
				 const char *account, const struct flow_place *place,
				 enum flow_cause cause)
{
	(void)f, (void)e, (void)account, (void)place, (void)cause;
	return NULL;
}

struct flow_run *flow_run_ended(const struct flows *f, const struct flow_event *e,
				const char *account)
{
	(void)f, (void)e, (void)account;
	return NULL;
}

bool flow_run_next(struct flow_run *run, struct flow_intent *ret)
{
	(void)run, (void)ret;
	return false;
}

void flow_run_result(struct flow_run *run, const char *text)
{
	(void)run, (void)text;
}

void flow_run_answer(struct flow_run *run, const struct flow_answer *a)
{
	(void)run, (void)a;
}

void flow_run_free(struct flow_run *run)
{
	(void)run;
}

const char *flow_run_keyword(const struct flow_run *run)
{
	(void)run;
	return "";
}

const char *flow_place_keyword(const struct flow_place *place)
{
	(void)place;
	return "";
}

bool flows_version(const struct flows *f, const uint8_t *id, struct flow_version *ret)
{
	(void)f, (void)id, (void)ret;
	return false;
}

struct flows *flows_load_version(const struct flows *base, const struct flow_version *v,
				 struct tw_findings *findings)
{
	(void)base, (void)v, (void)findings;
	return NULL;
}

void flows_free(struct flows *f)
{
	(void)f;
}

int flow_expression(const struct flows *f, const struct flow_event *e, const char *account,
		    const char *expression, bool *ret, struct tw_findings *findings)
{
	(void)f, (void)e, (void)account, (void)expression, (void)ret, (void)findings;
	return TW_E_CONFIG;
}

bool flows_keyword_at(const struct flows *f, size_t i, struct flow_keyword_info *ret)
{
	(void)f, (void)i, (void)ret;
	return false;
}

bool flows_pledge_at(const struct flows *f, size_t i, struct flow_pledge_info *ret)
{
	(void)f, (void)i, (void)ret;
	return false;
}

size_t flows_goals(const struct flows *f, const char *account, const struct flow_event *e,
		   struct flow_goal_state *out, size_t cap)
{
	(void)f, (void)account, (void)e, (void)out, (void)cap;
	return 0;
}

/* Audiences hold everybody. */
struct flow_audience *flow_audience_new(const struct flows *f, const char *account,
					const char *expression, struct tw_findings *findings)
{
	(void)f, (void)account, (void)expression, (void)findings;
	return tw_zalloc(1);
}

bool flow_audience_holds(const struct flow_audience *a, const struct flow_event *e)
{
	(void)a, (void)e;
	return true;
}

void flow_audience_free(struct flow_audience *a)
{
	free(a);
}

/* There are no queues, and nobody is an agent. */
bool flows_queue(const struct flows *f, const char *account, const char *name, struct flow_queue *ret)
{
	(void)f, (void)account, (void)name, (void)ret;
	return false;
}

bool flows_agent(const struct flows *f, const char *account, const char *name, struct flow_agent *ret)
{
	(void)f, (void)account, (void)name, (void)ret;
	return false;
}

bool flows_agent_of(const struct flows *f, const char *number, size_t *cursor, struct flow_agent *ret)
{
	(void)f, (void)number, (void)cursor, (void)ret;
	return false;
}

void flows_say(const struct flows *f, const char *account, const char *language,
	       enum flow_house_text text, const struct flow_named *names, size_t n, struct tw_buf *out)
{
	(void)f, (void)account, (void)language;
	tw_buf_addf(out, "text %d", (int)text);
	for (size_t i = 0; i < n; i++)
		tw_buf_addf(out, " %s=%s", names[i].name, names[i].value);
}

const char *flows_field_type(const struct flows *f, const char *account, const char *name)
{
	(void)f, (void)account;
	return strcmp(name, "visits") ? NULL : "integer";
}

const char *flows_pledge_currency(const struct flows *f, const char *account, const char *name)
{
	(void)f, (void)account, (void)name;
	return "";
}

struct wall_ms flows_queue_opens(const struct flows *f, const char *account, const char *name,
				 struct wall_ms now)
{
	(void)f, (void)account, (void)name;
	return now;
}

void flow_decide_closed(const struct flows *f, const struct flow_event *e, const char *account,
			const char *ticket, struct flow_result *ret)
{
	(void)f, (void)e, (void)account, (void)ticket;
	ret->n = 0;
}

/* Texts go out as they stand, to everybody. */
struct flow_letter { char *texts[STORE_CAMPAIGN_ARMS]; };

struct flow_letter *flow_letter_new(const struct flows *f, const struct flow_letter_source *src,
				    struct tw_findings *findings)
{
	struct flow_letter *l = tw_zalloc(sizeof(*l));

	(void)f, (void)findings;
	for (size_t i = 0; i < src->n_texts; i++)
		l->texts[i] = tw_strdup(src->texts[i]);
	return l;
}

void flow_letter_free(struct flow_letter *l)
{
	for (size_t i = 0; l && i < STORE_CAMPAIGN_ARMS; i++)
		free(l->texts[i]);
	free(l);
}

void flow_letter_write(const struct flow_letter *l, size_t text, const struct flow_event *e,
		       const char *voucher, struct tw_buf *out)
{
	(void)e, (void)voucher;
	tw_buf_adds(out, l->texts[text]);
}

bool flow_letter_is_plain(const struct flow_letter *l, size_t text)
{
	(void)l, (void)text;
	return true;
}

bool flows_series(const struct flows *f, const char *account, const char *name, struct flow_series *ret)
{
	(void)f, (void)account, (void)name, (void)ret;
	return false;
}

size_t flows_all_series(const struct flows *f, const char *account, struct flow_series *out, size_t cap)
{
	(void)f, (void)account, (void)out, (void)cap;
	return 0;
}

/* No conversation stands anywhere. */
enum flow_move flow_move_place(const struct flows *from, const struct flows *to, const uint8_t *version,
			       uint32_t step, int stands, struct flow_moved *ret)
{
	(void)from, (void)to, (void)version, (void)step, (void)stands;
	*ret = (struct flow_moved){ .file = "" };
	return FLOW_MOVE_NONE;
}

/* Nothing happens beside texts, and there is no calendar. */
bool flows_on(const struct flows *f, const struct flow_event *e, const char *account,
	      enum flow_happening event, const char *about, size_t nth, struct flow_intent *ret)
{
	(void)f, (void)e, (void)account, (void)event, (void)about, (void)nth, (void)ret;
	return false;
}

bool flows_at(const struct flows *f, size_t i, struct flow_at *ret)
{
	(void)f, (void)i, (void)ret;
	return false;
}

struct wall_ms flow_at_next(const struct flows *f, const struct flow_at *at, struct wall_ms after)
{
	(void)f, (void)at;
	return after;
}

const struct flow_calendar *flows_calendar(const struct flows *f, const char *account, const char *name)
{
	(void)f, (void)account, (void)name;
	return NULL;
}

const struct flow_calendar *flows_calendar_at(const struct flows *f, size_t i)
{
	(void)f, (void)i;
	return NULL;
}

struct wall_ms flow_slot_next(const struct flow_calendar *c, struct wall_ms after)
{
	(void)c, (void)after;
	return (struct wall_ms){ 0 };
}

bool flow_slot_is(const struct flow_calendar *c, struct wall_ms at)
{
	(void)c, (void)at;
	return false;
}

char *flow_slot_write(const struct tw_zone *zone, struct wall_ms at, char out[FLOW_SLOT_MAX])
{
	(void)zone, (void)at;
	out[0] = 0;
	return out;
}

struct wall_ms flow_remind_next(const struct flow_calendar *c, struct wall_ms start,
				struct wall_ms after)
{
	(void)c, (void)start, (void)after;
	return (struct wall_ms){ 0 };
}

void flow_booked_write(struct tw_buf *out, int64_t id, struct wall_ms start,
		       const struct wall_ms *slots, size_t n, const char *link)
{
	(void)out, (void)id, (void)start, (void)slots, (void)n, (void)link;
}

void flow_reminder(const struct flows *f, const struct flow_event *e, const struct flow_calendar *c,
		   int64_t booking, struct wall_ms start, const char *link, struct tw_buf *out)
{
	(void)f, (void)e, (void)c, (void)booking, (void)start, (void)link, (void)out;
}

void flow_moved(const struct flows *f, const struct flow_event *e, const struct flow_calendar *c,
		int64_t booking, struct wall_ms start, const char *link, struct tw_buf *out)
{
	(void)f, (void)e, (void)c, (void)booking, (void)start, (void)link, (void)out;
}

void flow_calendar_map(const struct flow_calendar *c, struct tw_buf *out)
{
	(void)c, (void)out;
}
