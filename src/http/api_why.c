/* /api/v1/messages/ID/why: where a message is, why, and what the modem said. Of SIMs of other
 * accounts and of AT lines only operators are told. */
#include "internal.h"

static void write_sims(struct tw_buf *b, const char *key, const struct why_sim *v, size_t n,
		       bool is_operator)
{
	http_put_open(b, key, '[');
	for (size_t i = 0; i < n; i++) {
		if (!is_operator && v[i].reason == PICK_ACCOUNT)
			continue;
		http_put_open(b, NULL, '{');
		http_put_filled(b, "sim", v[i].sim);
		http_put_filled(b, "number", v[i].number);
		http_put_filled(b, "modem", v[i].modem);
		http_put_text(b, "verdict", pick_reason_name(v[i].reason));
		http_put_text(b, "text", pick_reason_text(v[i].reason));
		http_put_time(b, "until", v[i].until);
		http_put_close(b, '}');
	}
	http_put_close(b, ']');
}

static void write_lines(struct tw_buf *b, const struct why_attempt *a, bool is_operator)
{
	if (!is_operator || !a->lines) {
		http_put_null(b, "lines");
		http_put_bool(b, "lines_are_live", false);
		return;
	}
	http_put_lines(b, "lines", a->lines);
	http_put_bool(b, "lines_are_live", a->is_live);
}

static void write_attempt(struct tw_buf *b, const struct why_attempt *a, bool is_operator)
{
	http_put_open(b, NULL, '{');
	http_put_int(b, "number", a->number);
	http_put_int(b, "segment", a->segment);
	http_put_filled(b, "sim", a->sim);
	http_put_filled(b, "from", a->line);
	http_put_filled(b, "modem", a->modem);
	http_put_text(b, "rule", pick_rule_name(a->rule));
	http_put_text(b, "rule_text", pick_rule_text(a->rule));
	http_put_text(b, "outcome", why_outcome_name(a->outcome));
	http_put_bool(b, "in_doubt", a->in_doubt);
	http_put_filled(b, "cause", a->cause);
	if (a->report >= 0)
		http_put_int(b, "report", a->report);
	else
		http_put_null(b, "report");
	http_put_time(b, "started_at", a->started_at);
	http_put_time(b, "ended_at", a->ended_at);
	http_put_time(b, "report_at", a->report_at);
	write_sims(b, "others", a->sims, a->n_sims, is_operator);
	write_lines(b, a, is_operator);
	http_put_close(b, '}');
}

void http_write_why(struct tw_buf *b, const struct why *w, bool is_operator)
{
	http_put_open(b, NULL, '{');
	http_put_text(b, "id", w->message.id);
	http_put_text(b, "state", message_state_name(w->message.state));
	http_put_text(b, "text", w->text);
	http_put_time(b, "next_at", w->next_at);
	http_put_open(b, "states", '[');
	for (size_t i = 0; i < w->n_states; i++) {
		http_put_open(b, NULL, '{');
		http_put_text(b, "state", message_state_name(w->states[i].state));
		http_put_time(b, "at", w->states[i].at);
		http_put_filled(b, "note", w->states[i].note);
		http_put_close(b, '}');
	}
	http_put_close(b, ']');
	write_sims(b, "sims", w->sims, w->n_sims, is_operator);
	http_put_open(b, "attempts", '[');
	for (size_t i = 0; i < w->n_attempts; i++)
		write_attempt(b, &w->attempts[i], is_operator);
	http_put_close(b, ']');
	http_put_close(b, '}');
}

void http_get_why(struct http_request *r, struct tw_now now)
{
	struct why w;
	int code = exchange_why(r->h->setup.exchange, tw_buf_str(&r->name), now, &w);

	if (code == 0 && !http_may_see(r, w.message.account)) {
		why_done(&w);
		code = TW_E_UNKNOWN;
	}
	if (code == TW_E_UNKNOWN || code == TW_E_SYNTAX) {
		http_refuse(r, 404, HTTP_CODE_UNKNOWN, "no message %.60s", tw_buf_str(&r->name));
		return;
	}
	if (code < 0) {
		http_refuse(r, 507, HTTP_CODE_NOT_COMMITTED, "%s: try again later",
			    tw_strerror(code));
		return;
	}
	r->status = 200;
	http_write_why(&r->out, &w, r->caller.scopes & SCOPE_OPERATOR);
	tw_buf_addc(&r->out, '\n');
	why_done(&w);
}
