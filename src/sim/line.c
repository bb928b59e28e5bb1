/* The line between a card and whoever drives it: octets in, made into command lines and payloads
 * (V.250 5.2); answers out, as a fault wants them. */
#include "world.h"
#include <twoway/at.h>

#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

/* ---- out ------------------------------------------------------------------------------------- */

void card_out(struct card *c, const void *p, size_t n)
{
	if (!n || !c->is_plugged)
		return;
	tw_buf_add(&c->out, p, n);
	sim_note_changed(c->sim, c);
}

/* In the order it is said, behind what leaves in pieces. */
static void out_in_order(struct card *c, const void *p, size_t n)
{
	if (c->saying)
		tw_buf_add(&c->urcs, p, n);
	else
		card_out(c, p, n);
}

static void post_bytes(struct card *c, const char *p, size_t n, int64_t delay_ms)
{
	struct sim_event e = { .type = EVENT_BYTES, .card = c->index, .life = c->life, .n = n };

	e.data = tw_alloc(n);
	if (n)
		memcpy(e.data, p, n);
	sim_post(c->sim, e, delay_ms);
}

static void say_in_pieces(struct card *c, const char *p, size_t n, const struct fault *f)
{
	int64_t step = f->delay_ms > 0 ? f->delay_ms : 5, at = 0;

	for (size_t done = 0; done < n; at += step) {
		size_t piece = 1 +
			tw_random_below(&c->sim->random, f->code > 0 ? (uint32_t)f->code : 4);

		if (piece > n - done)
			piece = n - done;
		post_bytes(c, p + done, piece, at);
		done += piece;
	}
	c->saying = true;
	card_post(c, EVENT_RESUME, at, 1);
}

static void say_garbage(struct card *c, const struct fault *f)
{
	int n = f->code > 0 && f->code <= 4096 ? f->code : 16;

	for (int i = 0; i < n; i++) {
		uint8_t octet = (uint8_t)tw_random_below(&c->sim->random, 256);

		out_in_order(c, &octet, 1);
	}
}

void card_say(struct card *c, const char *p, size_t n, const struct fault *f)
{
	enum fault_what what = f ? f->what : FAULT_NONE;

	if (what == FAULT_GARBAGE)
		say_garbage(c, f);
	switch (what) {
	case FAULT_SPLIT:
		if (c->saying)
			out_in_order(c, p, n);
		else
			say_in_pieces(c, p, n, f);
		return;
	case FAULT_TRUNCATE:
		out_in_order(c, p, n / 2);
		return;
	case FAULT_LATE:
		post_bytes(c, p, n, f->delay_ms > 0 ? f->delay_ms : 60000);
		return;
	case FAULT_DROP:
	case FAULT_SILENT:
		return;
	case FAULT_DUPLICATE:
		out_in_order(c, p, n);
		break;
	case FAULT_NONE:
	case FAULT_GARBAGE:
	case FAULT_NO_PROMPT:
	case FAULT_ERROR:
	case FAULT_RESET:
	case FAULT_UNPLUG:
	case FAULT_DEREGISTER:
	case FAULT_ECHO:
	case FAULT_URC:
	case FAULT_REPLY:
	case FAULT_COUNT:
		break;
	}
	out_in_order(c, p, n);
}

/* Nothing stands in its way there; of the faults those that say nothing apply. */
static void say_on_second_port(struct card *c, const struct tw_buf *line, const struct fault *f)
{
	if (f && (f->what == FAULT_DROP || f->what == FAULT_SILENT))
		return;
	tw_buf_add(&c->urc_out, line->p, line->n);
	sim_note_changed(c->sim, c);
}

void card_urc(struct card *c, const char *text, const struct fault *f)
{
	struct tw_buf b = { 0 };

	if (!c->is_plugged || c->is_booting)
		return;
	tw_buf_adds(&b, "\r\n");
	tw_buf_adds(&b, text);
	tw_buf_adds(&b, "\r\n");
	if ((!f || f->what == FAULT_NONE) && c->sim->faults.n)
		f = fault_match(c->sim, c, "urc");
	if (c->sim->urc_ports)
		say_on_second_port(c, &b, f);
	else if (c->mode == CARD_PAYLOAD)
		tw_buf_add(&c->urcs, b.p, b.n);
	else
		card_say(c, b.p, b.n, f);
	tw_buf_done(&b);
}

void card_urcf(struct card *c, const char *format, ...)
{
	va_list args;
	char text[512];

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	card_urc(c, text, NULL);
}

void card_info(struct card *c, const char *format, ...)
{
	va_list args;
	char text[768];
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (n >= (int)sizeof(text))
		n = sizeof(text) - 1;
	if (!c->answer.n)
		tw_buf_adds(&c->answer, "\r\n");
	tw_buf_add(&c->answer, text, (size_t)n);
	tw_buf_adds(&c->answer, "\r\n");
}

/* ---- answers --------------------------------------------------------------------------------- */

void card_set_shape(struct card *c, const struct fault *f)
{
	free(c->shape.text);
	c->shape = f ? *f : (struct fault){ .what = FAULT_NONE };
	c->shape.text = f ? tw_strdup(f->text) : NULL;
}

static void add_code(struct card *c, struct answer a)
{
	enum at_result r = a.type == ANSWER_CMS ? AT_CMS : AT_CME;
	const char *name = a.type == ANSWER_CMS ? "+CMS ERROR" : "+CME ERROR";

	if (a.type == ANSWER_CME && !c->set.cmee)
		tw_buf_adds(&c->answer, "\r\nERROR\r\n");
	else if (c->set.cmee == 2)
		tw_buf_addf(&c->answer, "\r\n%s: %s\r\n", name, at_code_text(r, a.code));
	else
		tw_buf_addf(&c->answer, "\r\n%s: %d\r\n", name, a.code);
}

static void add_final(struct card *c, struct answer a)
{
	c->final_at = c->answer.n;
	if (c->set.quiet)
		return;
	switch (a.type) {
	case ANSWER_OK:
		tw_buf_adds(&c->answer, c->set.verbose ? "\r\nOK\r\n" : "0\r");
		break;
	case ANSWER_ERROR:
		tw_buf_adds(&c->answer, c->set.verbose ? "\r\nERROR\r\n" : "4\r");
		break;
	case ANSWER_CME:
	case ANSWER_CMS:
		add_code(c, a);
		break;
	case ANSWER_LATER:
	case ANSWER_PROMPT:
	case ANSWER_NOTHING:
		break;
	}
}

static void insert_urc(struct card *c, const char *text)
{
	struct tw_buf b = { 0 };

	tw_buf_add(&b, c->answer.p, c->final_at);
	tw_buf_addf(&b, "\r\n%s\r\n", text ? text : "");
	tw_buf_add(&b, c->answer.p + c->final_at, c->answer.n - c->final_at);
	tw_buf_done(&c->answer);
	c->answer = b;
}

/* The line's answer leaves, as its fault wants it. */
static void flush_answer(struct card *c)
{
	struct fault f = c->shape;

	c->shape = (struct fault){ .what = FAULT_NONE };
	if ((f.what == FAULT_RESET || f.what == FAULT_UNPLUG) && f.after) {
		card_strike(c, &f);
		free(f.text);
		return;
	}
	if (f.what == FAULT_URC)
		insert_urc(c, f.text);
	card_say(c, c->answer.p, c->answer.n, &f);
	tw_buf_clear(&c->answer);
	c->busy = f.what == FAULT_LATE;
	if (c->busy)
		card_post(c, EVENT_RESUME, f.delay_ms > 0 ? f.delay_ms : 60000, 0);
	if (c->mode == CARD_COMMAND && c->urcs.n && !c->saying) {
		card_out(c, c->urcs.p, c->urcs.n);
		tw_buf_clear(&c->urcs);
	}
	free(f.text);
}

void card_finish(struct card *c, struct answer a)
{
	bool was_busy = c->busy;

	if (a.type == ANSWER_OK && c->rest && *c->rest) {
		card_run_rest(c);
		return;
	}
	c->rest = NULL;
	tw_buf_clear(&c->line);
	add_final(c, a);
	flush_answer(c);
	if (was_busy && !c->in_feed)
		card_feed(c, NULL, 0);
}

static void show_prompt(struct card *c)
{
	const char *prompt = c->board && c->board->sim.prompt && *c->board->sim.prompt ?
			     c->board->sim.prompt : "\r\n> ";

	tw_buf_clear(&c->line);
	c->rest = NULL;
	c->final_at = c->answer.n;
	if (c->shape.what != FAULT_NO_PROMPT && !(c->board && c->board->no_prompt))
		tw_buf_adds(&c->answer, prompt);
	flush_answer(c);
}

void card_payload(struct card *c, enum payload_kind kind, int length)
{
	c->mode = CARD_PAYLOAD;
	c->payload_kind = kind;
	c->payload_length = length;
	tw_buf_clear(&c->payload);
}

void card_run_rest(struct card *c)
{
	while (c->rest && *c->rest) {
		uint32_t life = c->life;
		struct answer a = command_run(c, &c->rest);

		if (c->life != life)
			return;		/* it has reset the card */
		switch (a.type) {
		case ANSWER_OK:
			continue;
		case ANSWER_LATER:
			c->busy = true;
			return;
		case ANSWER_PROMPT:
			show_prompt(c);
			return;
		case ANSWER_ERROR:
		case ANSWER_CME:
		case ANSWER_CMS:
		case ANSWER_NOTHING:
			card_finish(c, a);
			return;
		}
	}
	c->rest = NULL;
	card_finish(c, (struct answer){ ANSWER_OK, 0 });
}

/* ---- in -------------------------------------------------------------------------------------- */

/* What a fault does instead of the command or payload. True: that was all. is_sms tells which table
 * an error code without a kind belongs to. */
static bool fault_instead(struct card *c, const struct fault *f, bool is_sms)
{
	bool is_cms = *f->kind ? !strcmp(f->kind, "cms") : is_sms;

	switch (f->what) {
	case FAULT_SILENT:
		c->rest = NULL;
		tw_buf_clear(&c->line);
		return true;
	case FAULT_ERROR:
		card_finish(c, (struct answer){ !f->code ? ANSWER_ERROR :
						is_cms ? ANSWER_CMS : ANSWER_CME, f->code });
		return true;
	case FAULT_REPLY:
		if (f->text && strpbrk(f->text, "\r\n"))
			tw_buf_adds(&c->answer, f->text);
		else
			card_info(c, "%s", f->text ? f->text : "");
		card_finish(c, (struct answer){ ANSWER_NOTHING, 0 });
		return true;
	case FAULT_RESET:
	case FAULT_UNPLUG:
		if (f->after)
			break;
		return card_strike(c, f);
	case FAULT_DEREGISTER:
		card_strike(c, f);
		return false;
	case FAULT_ECHO:
		if (!c->set.echo) {
			out_in_order(c, c->line.p, c->line.n);
			out_in_order(c, "\r", 1);
		}
		return false;
	case FAULT_NONE:
	case FAULT_GARBAGE:
	case FAULT_SPLIT:
	case FAULT_TRUNCATE:
	case FAULT_LATE:
	case FAULT_DROP:
	case FAULT_NO_PROMPT:
	case FAULT_DUPLICATE:
	case FAULT_URC:
	case FAULT_COUNT:
		break;
	}
	card_set_shape(c, f);
	return false;
}

/* Behind what came before it: a card answers to the letters AT wherever they stand. */
static char *find_at(char *p)
{
	for (; *p; p++)
		if ((*p | 32) == 'a' && (p[1] | 32) == 't')
			return p;
	return NULL;
}

static bool is_sms_command(const char *at)
{
	return !strncasecmp(at, "AT+CM", 5) || !strncasecmp(at, "AT+CN", 5) ||
	       !strncasecmp(at, "AT+CPMS", 7) || !strncasecmp(at, "AT+CSCA", 7);
}

static void line_done(struct card *c)
{
	bool is_long = c->line.n > CARD_LINE_MAX;
	const struct fault *f;
	char *at = find_at(c->line.n ? c->line.p : (char[]){ "" });

	if (!at) {
		tw_buf_clear(&c->line);
		return;
	}
	c->commands++;
	if (is_long) {
		card_finish(c, (struct answer){ ANSWER_ERROR, 0 });
		return;
	}
	f = c->sim->faults.n ? fault_match(c->sim, c, at) : NULL;
	if (f && fault_instead(c, f, is_sms_command(at)))
		return;
	c->rest = at + 2;
	card_run_rest(c);
}

static size_t feed_command(struct card *c, const char *p, size_t n)
{
	const char *cr = memchr(p, '\r', n), *esc;
	size_t used = cr ? (size_t)(cr - p) + 1 : n, text = cr ? used - 1 : used;

	if (c->set.echo)
		out_in_order(c, p, used);
	/* ESC outside a prompt clears what was typed; LF and NUL are nothing. */
	esc = memrchr(p, 0x1B, text);
	if (esc) {
		text -= (size_t)(esc + 1 - p);
		p = esc + 1;
		tw_buf_clear(&c->line);
	}
	while (text && !c->line.n && (*p == '\n' || *p == '\0' || *p == 0x1A)) {
		p++;
		text--;
	}
	if (c->line.n + text > CARD_LINE_MAX + 1)
		text = c->line.n > CARD_LINE_MAX ? 0 : CARD_LINE_MAX + 1 - c->line.n;
	tw_buf_add(&c->line, p, text);
	if (cr)
		line_done(c);
	return used;
}

static void payload_done(struct card *c)
{
	const struct fault *f = c->sim->faults.n ? fault_match(c->sim, c, "pdu") : NULL;
	struct answer a;

	c->mode = CARD_COMMAND;
	if (f && fault_instead(c, f, true)) {
		if (c->is_plugged && !c->is_booting && c->urcs.n) {
			out_in_order(c, c->urcs.p, c->urcs.n);
			tw_buf_clear(&c->urcs);
		}
		return;
	}
	a = sms_payload_done(c);
	if (a.type == ANSWER_LATER)
		c->busy = true;
	else
		card_finish(c, a);
}

static size_t feed_payload(struct card *c, const char *p, size_t n)
{
	const char *end = memchr(p, 0x1A, n), *esc = memchr(p, 0x1B, end ? (size_t)(end - p) : n);
	size_t text, used;

	if (esc)
		end = esc;
	text = end ? (size_t)(end - p) : n;
	used = end ? text + 1 : text;
	if (c->set.echo)
		out_in_order(c, p, text);
	if (c->payload.n + text > CARD_PAYLOAD_MAX + 1)
		text = c->payload.n > CARD_PAYLOAD_MAX ? 0 : CARD_PAYLOAD_MAX + 1 - c->payload.n;
	tw_buf_add(&c->payload, p, text);
	if (!end)
		return used;
	if (*end == 0x1B) {
		c->mode = CARD_COMMAND;
		card_finish(c, (struct answer){ ANSWER_OK, 0 });
	} else {
		payload_done(c);
	}
	return used;
}

void card_feed(struct card *c, const char *p, size_t n)
{
	struct tw_buf held = c->held;
	uint32_t life = c->life;

	if (c->in_feed || !c->is_plugged || c->is_booting)
		return;
	if (c->busy || c->saying) {
		if (n && c->held.n + n <= CARD_HELD_MAX)
			tw_buf_add(&c->held, p, n);
		return;
	}
	if (held.n) {		/* what waited goes first */
		c->held = (struct tw_buf){ 0 };
		if (n)
			tw_buf_add(&held, p, n);
		p = held.p;
		n = held.n;
	}
	c->in_feed = true;
	while (n && c->life == life && !c->busy && !c->saying) {
		size_t used = c->mode == CARD_COMMAND ? feed_command(c, p, n)
						      : feed_payload(c, p, n);

		p += used;
		n -= used;
	}
	c->in_feed = false;
	if (n && c->life == life && n <= CARD_HELD_MAX)
		tw_buf_add(&c->held, p, n);
	if (held.n)
		tw_buf_done(&held);
}
