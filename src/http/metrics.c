/* /metrics: the text format of Prometheus 0.0.4. Base units, counters end in _total, a name has one
 * type; a modem is told by its name, so that a series lives on when its SIM changes. */
#include "internal.h"

static void head(struct tw_buf *b, const char *name, const char *type, const char *help)
{
	tw_buf_addf(b, "# HELP twoway_%s %s\n# TYPE twoway_%s %s\n", name, help, name, type);
}

static void single(struct tw_buf *b, const char *name, const char *type, const char *help,
		   int64_t value)
{
	head(b, name, type, help);
	tw_buf_addf(b, "twoway_%s %lld\n", name, (long long)value);
}

/* Backslash, quote and line break are escaped, nothing else. */
static void add_label(struct tw_buf *b, const char *name, const char *value)
{
	tw_buf_addf(b, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '\n')
			tw_buf_adds(b, "\\n");
		else if (*value == '\\' || *value == '"')
			tw_buf_addc(b, '\\'), tw_buf_addc(b, *value);
		else
			tw_buf_addc(b, *value);
	}
	tw_buf_addc(b, '"');
}

static void write_status(struct tw_buf *b, const struct exchange_status *s)
{
	single(b, "uptime_seconds", "gauge", "Since the start.", s->uptime_s);
	single(b, "modems", "gauge", "Modems that are known.", s->modems);
	single(b, "modems_ready", "gauge", "Modems that can send and receive now.",
	       s->modems_ready);
	head(b, "queued_messages", "gauge", "Messages that wait, by lane.");
	for (int i = 0; i < LANE_COUNT; i++)
		tw_buf_addf(b, "twoway_queued_messages{lane=\"%s\"} %lld\n",
			    lane_name((enum lane)i), (long long)s->queue[i]);
	single(b, "scheduled_messages", "gauge", "Messages that wait for their time.",
	       s->scheduled);
	single(b, "doubtful_messages", "gauge",
	       "Messages of which nobody knows yet whether they left.", s->in_doubt);
	single(b, "troubles", "gauge", "Things that a person should look at.",
	       (int64_t)s->troubles.n);
	single(b, "last_inbound_timestamp_seconds", "gauge",
	       "When the last text came; 0: none yet.", s->inbound_last_at.ms / 1000);
}

/* What the database did since the start. */
static void write_store(struct tw_buf *b, const struct store_counters *c)
{
	single(b, "store_commits_total", "counter", "Turns that were written.",
	       (int64_t)c->commits);
	single(b, "store_slow_commits_total", "counter", "Commits that took over a second.",
	       (int64_t)c->slow_commits);
	single(b, "store_void_turns_total", "counter", "Turns that could not be written.",
	       (int64_t)c->void_turns);
	single(b, "store_undone_events_total", "counter", "Events that were undone alone.",
	       (int64_t)c->undone_events);
	single(b, "store_checkpoints_total", "counter",
	       "Times that the log went into the database.", (int64_t)c->checkpoints);
	single(b, "store_statements_total", "counter", "Statements that were run.",
	       (int64_t)c->statements);
}

static void write_http(struct tw_buf *b, const struct http *h)
{
	head(b, "http_responses_total", "counter", "Answers, by class of their status.");
	for (size_t i = 1; i < TW_COUNT(h->counters.responses); i++)
		tw_buf_addf(b, "twoway_http_responses_total{class=\"%zuxx\"} %llu\n", i,
			    (unsigned long long)h->counters.responses[i]);
	single(b, "http_wrong_logins_total", "counter", "Logins that were not let in.",
	       (int64_t)h->counters.wrong_logins);
	single(b, "http_watchers", "gauge", "Readers of live events.", (int64_t)h->events.n);
	single(b, "http_exports", "gauge", "Exports under way.", (int64_t)h->exports.n);
}

/* ---- what leaves for other programs, tickets, conversations, campaigns ---------------------- */

enum of_hooks { TRIES, FAILURES, WAITING, DEAD, OF_HOOKS };
static const struct { const char *name, *type, *help; } of_hooks[OF_HOOKS] = {
	[TRIES] = { "hook_attempts_total", "counter",
		    "Calls of other programs and mails that came back, by kind." },
	[FAILURES] = { "hook_failures_total", "counter",
		       "Those of them that failed: no answer, or a refusal." },
	[WAITING] = { "hooks_waiting", "gauge",
		      "Calls and mails that are due or under way, or wait for their next try." },
	[DEAD] = { "hooks_dead", "gauge", "Events and mails that nobody took: twoway webhooks." },
};

static void write_hooks(struct tw_buf *b, const struct exchange_gauges *g)
{
	for (int i = 0; i < OF_HOOKS; i++) {
		head(b, of_hooks[i].name, of_hooks[i].type, of_hooks[i].help);
		for (int kind = 0; kind < HOOK_KINDS; kind++) {
			const int64_t of[OF_HOOKS] = {
				g->hooks[kind].tries, g->hooks[kind].failures,
				g->hooks[kind].waiting, g->hooks[kind].dead };

			tw_buf_addf(b, "twoway_%s{kind=\"%s\"} %lld\n", of_hooks[i].name,
				    g->hooks[kind].kind, (long long)of[i]);
		}
	}
}

static void write_talks(struct tw_buf *b, const struct exchange_gauges *g)
{
	static const char *const stands[FLOW_STANDS_COUNT] = { [FLOW_ASKING] = "asked",
							       [FLOW_WAITING] = "waiting",
							       [FLOW_AWAY] = "away" };

	single(b, "tickets_open", "gauge", "Tickets that are not closed.", g->tickets);
	single(b, "tickets_late", "gauge", "Those of them that nobody took in time.",
	       g->late_tickets);
	head(b, "conversations", "gauge",
	     "Conversations with flows, by what they wait for: an answer, a time, a program.");
	for (int i = 0; i < FLOW_STANDS_COUNT; i++)
		tw_buf_addf(b, "twoway_conversations{state=\"%s\"} %lld\n", stands[i],
			    (long long)g->talks[i]);
	single(b, "conversations_taken", "gauge", "Contacts with whom a person talks.", g->people);
}

static void write_campaigns(struct tw_buf *b, const struct exchange_gauges *g)
{
	head(b, "campaigns", "gauge", "Campaigns that are not over, by state.");
	for (int i = 0; i < CAMPAIGN_STATE_COUNT; i++) {
		if (!store_campaign_is_over((enum store_campaign_state)i))
			tw_buf_addf(b, "twoway_campaigns{state=\"%s\"} %lld\n",
				    store_campaign_state_name((enum store_campaign_state)i),
				    (long long)g->campaigns[i]);
	}
	tw_buf_addf(b, "twoway_campaigns{state=\"paused\"} %lld\n", (long long)g->paused_campaigns);
	single(b, "campaign_messages", "gauge",
	       "Messages of campaigns that are queued or under way.",
	       g->campaign_messages);
}

static void write_gauges(struct tw_buf *b, struct exchange *x)
{
	struct exchange_gauges g;

	/* What cannot be read is left out: a wrong number would be believed. */
	if (exchange_gauges(x, &g) < 0)
		return;
	write_hooks(b, &g);
	write_talks(b, &g);
	write_campaigns(b, &g);
}

/* ---- modems -------------------------------------------------------------------------------- */

enum of_modem { READY, SENT, RECEIVED, FAILED, QUEUED, SIGNAL, HEALTH, CALLS, OF_MODEM };
static const struct { const char *name, *type, *help; } of_modem[OF_MODEM] = {
	[READY] = { "modem_ready", "gauge", "1: it can send and receive now." },
	[SENT] = { "modem_sent_total", "counter", "Segments sent with the SIM that is in it." },
	[RECEIVED] = { "modem_received_total", "counter", "Segments received with that SIM." },
	[FAILED] = { "modem_failed_total", "counter", "Segments that failed with that SIM." },
	[QUEUED] = { "modem_queued_messages", "gauge", "Messages that wait for its number." },
	[SIGNAL] = { "modem_signal_dbm", "gauge", "Strength of the signal; absent: not known." },
	[HEALTH] = { "modem_health_ratio", "gauge", "How its SIM does, 0 to 1; absent: no SIM." },
	[CALLS] = { "modem_calls_total", "counter", "Calls that came in." },
};

/* False: not known. */
static bool value_of(struct http *h, const struct bank_modem *m, enum of_modem what, double *ret)
{
	struct exchange_modem_totals t = { 0 };

	exchange_modem_totals(h->setup.exchange, m->facts ? m->facts->iccid : "", &t);
	switch (what) {
	case READY:
		*ret = m->state == MODEM_READY;
		return true;
	case SENT:
		*ret = (double)t.sent;
		return true;
	case RECEIVED:
		*ret = (double)t.received;
		return true;
	case FAILED:
		*ret = (double)t.failed;
		return true;
	case QUEUED:
		*ret = (double)t.queued;
		return true;
	case SIGNAL:
		*ret = m->facts ? m->facts->signal_dbm : 0;
		return *ret < 0;
	case HEALTH:
		*ret = t.health / 100.0;
		return t.health >= 0;
	case CALLS:
		*ret = (double)m->calls;
		return true;
	case OF_MODEM:
		break;
	}
	return false;
}

void http_get_metrics(struct http_request *r, struct tw_now now)
{
	struct http *h = r->h;
	struct exchange_status s = { 0 };
	struct bank_modem m;

	r->status = 200;
	r->out_type = "text/plain; version=0.0.4; charset=utf-8";
	head(&r->out, "build_info", "gauge", "Always 1; which version runs.");
	tw_buf_addf(&r->out, "twoway_build_info{version=\"%s\"} 1\n", TWOWAY_VERSION);
	exchange_status(h->setup.exchange, now, &s);
	write_status(&r->out, &s);
	exchange_status_done(&s);
	write_store(&r->out, store_counters(h->setup.store));
	write_http(&r->out, h);
	write_gauges(&r->out, h->setup.exchange);
	for (int i = 0; i < OF_MODEM; i++) {
		size_t cursor = 0;

		head(&r->out, of_modem[i].name, of_modem[i].type, of_modem[i].help);
		while (bank_each(h->setup.bank, &cursor, &m)) {
			double value;

			if (!value_of(h, &m, (enum of_modem)i, &value))
				continue;
			tw_buf_addf(&r->out, "twoway_%s{", of_modem[i].name);
			add_label(&r->out, "modem", m.name);
			tw_buf_addf(&r->out, "} %.15g\n", value);
		}
	}
}
