/* The objects of contract 5. Every key is always there; null where unknown. */
#include "internal.h"

#include <ctype.h>

static void write_error(struct tw_buf *b, const struct message *m)
{
	http_put_open(b, "error", '{');
	if (m->error_code)
		http_put_int(b, "code", m->error_code);
	else
		http_put_null(b, "code");
	http_put_text(b, "cause", m->error_cause);
	http_put_text(b, "text", m->error_text);
	http_put_close(b, '}');
}

void http_write_message(struct tw_buf *b, const struct message *m)
{
	bool is_data = m->encoding == SMS_8BIT;

	http_put_open(b, NULL, '{');
	http_put_text(b, "id", m->id);
	http_put_text(b, "direction", m->direction == INBOUND ? "inbound" : "outbound");
	http_put_filled(b, "account", m->account);
	http_put_filled(b, "from", m->from);
	http_put_text(b, "to", m->to);
	http_put_text(b, "text", is_data ? NULL : m->text);
	http_put_text(b, "data", is_data ? m->data : NULL);
	http_put_text(b, "encoding", sms_encoding_name(m->encoding));
	http_put_int(b, "segments", m->segments);
	http_put_text(b, "state", message_state_name(m->state));
	http_put_bool(b, "in_doubt", m->in_doubt);
	http_put_bool(b, "repeated", m->repeated);
	http_put_bool(b, "incomplete", m->incomplete);
	write_error(b, m);
	http_put_filled(b, "sim", m->sim);
	http_put_filled(b, "modem", m->modem);
	http_put_filled(b, "keyword", m->keyword);
	http_put_time(b, "created_at", m->created_at);
	http_put_time(b, "sent_at", m->sent_at);
	http_put_time(b, "finished_at", m->finished_at);
	http_put_time(b, "valid_until", m->valid_until);
	http_put_filled(b, "key", m->key);
	http_put_close(b, '}');
}

static const char *const quota_names[EXCHANGE_QUOTAS] = {
	"per_minute", "per_hour", "per_day", "per_month", "recipients_per_month", "spend_per_month"
};

static void write_amount(struct tw_buf *b, enum exchange_quota_kind kind, int64_t value)
{
	if (kind == EXCHANGE_SPEND)
		http_put_real(b, quota_names[kind], (double)value / QUOTA_MONEY);
	else
		http_put_int(b, quota_names[kind], value);
}

/* null: no limit. `left` is what may still be sent; of it `share_for_replies` is kept for
 * replies. */
static void write_quota(struct tw_buf *b, const struct exchange_modem_totals *t)
{
	http_put_open(b, "quota", '{');
	for (int i = 0; i < EXCHANGE_QUOTAS; i++) {
		if (t->quotas[i].limit)
			write_amount(b, (enum exchange_quota_kind)i, t->quotas[i].limit);
		else
			http_put_null(b, quota_names[i]);
	}
	http_put_open(b, "left", '{');
	for (int i = 0; i < EXCHANGE_QUOTAS; i++) {
		int64_t left = t->quotas[i].limit - t->quotas[i].used;

		if (t->quotas[i].limit)
			write_amount(b, (enum exchange_quota_kind)i, left > 0 ? left : 0);
		else
			http_put_null(b, quota_names[i]);
	}
	http_put_close(b, '}');
	http_put_int(b, "sent_this_month", t->quotas[EXCHANGE_PER_MONTH].used);
	http_put_time(b, "resets_at", t->resets_at);
	http_put_close(b, '}');
}

/* null: nobody asked, or the answer could not be read. */
static void write_balance(struct tw_buf *b, const struct exchange_modem_totals *t)
{
	if (!t->balance.at.ms) {
		http_put_null(b, "balance");
		return;
	}
	http_put_open(b, "balance", '{');
	http_put_real(b, "amount", (double)t->balance.amount / QUOTA_MONEY);
	http_put_filled(b, "currency", t->currency);
	http_put_time(b, "at", t->balance.at);
	if (t->balance.days_left < 0)
		http_put_null(b, "days_left");
	else
		http_put_int(b, "days_left", t->balance.days_left);
	http_put_close(b, '}');
}

static void write_rate(struct tw_buf *b, const char *key, int rate)
{
	if (rate < 0)
		http_put_null(b, key);
	else
		http_put_real(b, key, (double)(rate / (HEALTH_ALL / 1000)) / 1000);
}

static void write_health(struct tw_buf *b, const struct exchange_modem_totals *t)
{
	if (t->health < 0)
		http_put_null(b, "health");
	else
		http_put_int(b, "health", t->health);
	http_put_filled(b, "health_reason", t->health_reason);
	write_rate(b, "success_rate", t->success_rate);
	write_rate(b, "delivery_rate", t->delivery_rate);
	if (t->send_ms)
		http_put_int(b, "send_ms", t->send_ms);
	else
		http_put_null(b, "send_ms");
}

/* How often each rung of the ladder was taken, and the last one with its evidence. */
static void write_recoveries(struct tw_buf *b, const struct bank_modem *m)
{
	const struct bank_recovery *last = m->recovery;

	http_put_open(b, "recoveries", '{');
	for (int r = 0; r < MODEM_RUNG_COUNT; r++)
		http_put_int(b, modem_rung_name((enum modem_rung)r), m->facts ? m->facts->rungs[r]
			     : 0);
	if (!last || !last->at.ms) {
		http_put_null(b, "last");
		http_put_close(b, '}');
		return;
	}
	http_put_open(b, "last", '{');
	http_put_text(b, "rung", modem_rung_name(last->rung));
	http_put_time(b, "at", last->at);
	http_put_text(b, "why", last->why);
	http_put_lines(b, "lines", last->lines);
	http_put_close(b, '}');
	http_put_close(b, '}');
}

void http_write_modem(struct tw_buf *b, const struct bank_modem *m,
		      const struct exchange_modem_totals *totals)
{
	const struct modem_facts *f = m->facts;
	const char *iccid = f ? f->iccid : "", *number = m->number ? m->number : "";
	char operator_[8] = "";

	if (f)
		number_operator_of_imsi(f->imsi, operator_);
	http_put_open(b, NULL, '{');
	http_put_text(b, "name", m->name);
	http_put_text(b, "state", modem_state_name(m->state));
	http_put_filled(b, "board", f ? f->board : NULL);
	http_put_filled(b, "imei", f ? f->imei : NULL);
	http_put_filled(b, "port", m->port);
	http_put_open(b, "sim", '{');
	http_put_filled(b, "iccid", iccid);
	http_put_filled(b, "number", number);
	http_put_filled(b, "operator", operator_);
	http_put_filled(b, "account", m->account);
	write_quota(b, totals);
	write_balance(b, totals);
	http_put_close(b, '}');
	if (f && f->signal_dbm)
		http_put_int(b, "signal_dbm", f->signal_dbm);
	else
		http_put_null(b, "signal_dbm");
	http_put_filled(b, "network", f ? f->operator_ : NULL);
	if (f && f->storage_total > 0) {
		http_put_int(b, "storage_used", f->storage_used);
		http_put_int(b, "storage_total", f->storage_total);
	} else {
		http_put_null(b, "storage_used");
		http_put_null(b, "storage_total");
	}
	http_put_filled(b, "radio", f ? f->radio : NULL);
	if (f && f->has_temperature)
		http_put_int(b, "temperature", f->temperature);
	else
		http_put_null(b, "temperature");
	write_health(b, totals);
	http_put_int(b, "sent", (int64_t)totals->sent);
	http_put_int(b, "received", (int64_t)totals->received);
	http_put_int(b, "failed", (int64_t)totals->failed);
	http_put_int(b, "calls", (int64_t)m->calls);
	http_put_int(b, "queued", totals->queued);
	http_put_filled(b, "last_error", m->last_error);
	http_put_time(b, "last_error_at", m->last_error_at);
	write_recoveries(b, m);
	http_put_close(b, '}');
}

void http_write_status(struct tw_buf *b, const struct http_status *s)
{
	static const struct exchange_status none;
	const struct exchange_status *x = s->exchange ? s->exchange : &none;

	http_put_open(b, NULL, '{');
	http_put_bool(b, "ok", s->ok);
	http_put_text(b, "version", s->version);
	http_put_int(b, "uptime", x->uptime_s);
	http_put_text(b, "database", s->database);
	http_put_open(b, "modems", '{');
	http_put_int(b, "total", x->modems);
	http_put_int(b, "ready", x->modems_ready);
	http_put_close(b, '}');
	http_put_open(b, "queue", '{');
	http_put_int(b, "replies", x->queue[LANE_REPLY]);
	http_put_int(b, "api", x->queue[LANE_API]);
	http_put_int(b, "campaign", x->queue[LANE_CAMPAIGN]);
	http_put_int(b, "scheduled", x->scheduled);
	http_put_close(b, '}');
	http_put_int(b, "in_doubt", x->in_doubt);
	http_put_time(b, "inbound_last_at", x->inbound_last_at);
	http_put_open(b, "troubles", '[');
	for (size_t i = 0; i < x->troubles.n; i++)
		http_put_text(b, NULL, x->troubles.v[i]);
	if (s->trouble)
		http_put_text(b, NULL, s->trouble);
	http_put_close(b, ']');
	http_put_close(b, '}');
}
