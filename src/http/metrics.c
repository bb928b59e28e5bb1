/* /metrics: the text format of Prometheus 0.0.4. Base units, counters end in _total, a name has one type;
 * a modem is told by its name, so that a series lives on when its SIM changes. */
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
	single(b, "modems_ready", "gauge", "Modems that can send and receive now.", s->modems_ready);
	head(b, "queued_messages", "gauge", "Messages that wait, by lane.");
	for (int i = 0; i < LANE_COUNT; i++)
		tw_buf_addf(b, "twoway_queued_messages{lane=\"%s\"} %lld\n", lane_name((enum lane)i),
			    (long long)s->queue[i]);
	single(b, "scheduled_messages", "gauge", "Messages that wait for their time.", s->scheduled);
	single(b, "doubtful_messages", "gauge", "Messages of which nobody knows yet whether they left.",
	       s->in_doubt);
	single(b, "troubles", "gauge", "Things that a person should look at.", (int64_t)s->troubles.n);
	single(b, "last_inbound_timestamp_seconds", "gauge", "When the last text came; 0: none yet.",
	       s->inbound_last_at.ms / 1000);
}

enum of_modem { READY, SENT, RECEIVED, FAILED, QUEUED, OF_MODEM };
static const struct { const char *name, *type, *help; } of_modem[OF_MODEM] = {
	[READY] = { "modem_ready", "gauge", "1: it can send and receive now." },
	[SENT] = { "modem_sent_total", "counter", "Segments sent with the SIM that is in it." },
	[RECEIVED] = { "modem_received_total", "counter", "Segments received with that SIM." },
	[FAILED] = { "modem_failed_total", "counter", "Segments that failed with that SIM." },
	[QUEUED] = { "modem_queued_messages", "gauge", "Messages that wait for its number." },
};

static int64_t value_of(struct http *h, const struct bank_modem *m, enum of_modem what)
{
	struct exchange_modem_totals t = { 0 };

	exchange_modem_totals(h->setup.exchange, m->facts ? m->facts->iccid : "", &t);
	switch (what) {
	case READY:
		return m->state == MODEM_READY;
	case SENT:
		return (int64_t)t.sent;
	case RECEIVED:
		return (int64_t)t.received;
	case FAILED:
		return (int64_t)t.failed;
	case QUEUED:
		return t.queued;
	case OF_MODEM:
		break;
	}
	return 0;
}

void http_get_metrics(struct http_request *r, struct tw_now now)
{
	struct http *h = r->h;
	struct exchange_status s = { 0 };
	struct bank_modem m;

	r->status = 200;
	r->out_type = "text/plain; version=0.0.4; charset=utf-8";
	exchange_status(h->setup.exchange, now, &s);
	write_status(&r->out, &s);
	exchange_status_done(&s);
	for (int i = 0; i < OF_MODEM; i++) {
		size_t cursor = 0;

		head(&r->out, of_modem[i].name, of_modem[i].type, of_modem[i].help);
		while (bank_each(h->setup.bank, &cursor, &m)) {
			tw_buf_addf(&r->out, "twoway_%s{", of_modem[i].name);
			add_label(&r->out, "modem", m.name);
			tw_buf_addf(&r->out, "} %lld\n",
				    (long long)value_of(h, &m, (enum of_modem)i));
		}
	}
}
