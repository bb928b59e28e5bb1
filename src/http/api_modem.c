/* /api/v1/modems: of operators only. */
#include "internal.h"

static void write_modem(struct http_request *r, const struct bank_modem *m)
{
	struct exchange_modem_totals totals = { 0 };

	exchange_modem_totals(r->h->setup.exchange, m->facts ? m->facts->iccid : "", &totals);
	http_write_modem(&r->out, m, &totals);
}

void http_get_modems(struct http_request *r, struct tw_now now)
{
	struct bank_modem m;
	size_t cursor = 0;

	(void)now;
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, "modems", '[');
	while (bank_each(r->h->setup.bank, &cursor, &m))
		write_modem(r, &m);
	http_put_close(&r->out, ']');
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
}

static bool find_modem(struct http_request *r, struct bank_modem *ret)
{
	if (bank_find(r->h->setup.bank, tw_buf_str(&r->name), ret))
		return true;
	http_refuse(r, 404, HTTP_CODE_UNKNOWN,
		    "no modem is called %.100s; `twoway modems` lists them",
		    tw_buf_str(&r->name));
	return false;
}

static void answer_modem(struct http_request *r, struct tw_handle handle)
{
	struct bank_modem m;

	if (!bank_modem(r->h->setup.bank, handle, &m)) {
		http_refuse(r, 404, HTTP_CODE_UNKNOWN, "the modem %.100s is gone",
			    tw_buf_str(&r->name));
		return;
	}
	r->status = 200;
	write_modem(r, &m);
	tw_buf_addc(&r->out, '\n');
}

void http_get_modem(struct http_request *r, struct tw_now now)
{
	struct bank_modem m;

	(void)now;
	if (find_modem(r, &m))
		answer_modem(r, m.handle);
}

static void pause_modem(struct http_request *r, bool paused, struct tw_now now)
{
	struct bank_modem m;

	int code;

	if (!find_modem(r, &m))
		return;
	code = exchange_modem_pause(r->h->setup.exchange, tw_buf_str(&r->name), paused, now);
	if (code < 0) {
		http_refuse(r, 500, HTTP_CODE_INTERNAL, "%s", tw_strerror(code));
		return;
	}
	tw_log(TW_INFO, paused ? "modem.paused" : "modem.resumed", "modem=%s",
	       tw_log_quote(m.name));
	answer_modem(r, m.handle);
}

void http_pause_modem(struct http_request *r, struct tw_now now)
{
	pause_modem(r, true, now);
}

void http_resume_modem(struct http_request *r, struct tw_now now)
{
	pause_modem(r, false, now);
}

void http_accept_modem(struct http_request *r, struct tw_now now)
{
	struct bank_modem m;
	int code;

	if (!find_modem(r, &m))
		return;
	code = exchange_modem_accept(r->h->setup.exchange, tw_buf_str(&r->name), now);
	if (code == TW_E_STATE)
		http_refuse(r, 409, HTTP_CODE_CONFLICT,
			    "%.100s is no stranger: there is nothing to accept",
			    tw_buf_str(&r->name));
	else if (code == TW_E_UNKNOWN)
		http_refuse(r, 409, HTTP_CODE_CONFLICT,
			    "the SIM of %.100s is not known yet: try again when it is shown",
			    tw_buf_str(&r->name));
	else if (code < 0)
		http_refuse(r, 500, HTTP_CODE_INTERNAL, "%s", tw_strerror(code));
	else
		answer_modem(r, m.handle);
}

/* The number comes later: with the text that another SIM receives. */
void http_learn_modem(struct http_request *r, struct tw_now now)
{
	struct exchange_refusal refusal = { 0 };
	struct bank_modem m;

	if (!find_modem(r, &m))
		return;
	if (exchange_modem_learn(r->h->setup.exchange, tw_buf_str(&r->name), now, &refusal) < 0)
		http_refuse(r, refusal.status, refusal.code, "%s", refusal.text);
	else
		answer_modem(r, m.handle);
}

/* ---- ports --------------------------------------------------------------------------------- */

static void write_port(struct tw_buf *b, const struct bank_port_row *row)
{
	const struct bank_port *p = &row->port;

	http_put_open(b, NULL, '{');
	http_put_filled(b, "path", p->path);
	http_put_text(b, "use", bank_use_name(row->use));
	http_put_filled(b, "modem", row->modem);
	http_put_filled(b, "usb", p->usb);
	http_put_filled(b, "usb_path", p->usb_path);
	if (p->interface < 0)
		http_put_null(b, "interface");
	else
		http_put_int(b, "interface", p->interface);
	http_put_filled(b, "driver", p->driver);
	http_put_filled(b, "maker", p->maker);
	http_put_filled(b, "product", p->product);
	http_put_filled(b, "line", row->line);
	http_put_close(b, '}');
}

void http_get_ports(struct http_request *r, struct tw_now now)
{
	struct bank_port_row row;
	size_t cursor = 0;

	(void)now;
	r->status = 200;
	http_put_open(&r->out, NULL, '{');
	http_put_open(&r->out, "ports", '[');
	while (bank_port_each(r->h->setup.bank, &cursor, &row))
		write_port(&r->out, &row);
	http_put_close(&r->out, ']');
	http_put_close(&r->out, '}');
	tw_buf_addc(&r->out, '\n');
}
