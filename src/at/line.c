#include <strings.h>

#include "engine.h"

void line_tell(struct at_event *ret, enum at_event_type type, uint32_t id,
	       const struct scan_line *line)
{
	*ret = (struct at_event){ .type = type, .id = id };
	if (line) {
		ret->line = line->text;
		ret->line_n = line->n;
		ret->is_cut = line->is_cut;
	} else {
		ret->line = "";
	}
}

static bool stray(struct at_engine *e, const struct scan_line *line, struct at_event *ret)
{
	scan_take_line(&e->scan);
	e->counters.strays++;
	line_tell(ret, AT_STRAY, 0, line);
	return true;
}

/* ---- headers and their PDU ----------------------------------------------------------------- */

static void hold(struct at_engine *e, struct held *h, const struct scan_line *line, bool is_late)
{
	size_t n = line->n < HELD_MAX ? line->n : HELD_MAX - 1;

	scan_take_line(&e->scan);
	memcpy(h->text, line->text, n);
	h->text[n] = 0;
	h->n = n;
	h->is_cut = line->is_cut || n < line->n;
	h->is_late = is_late;
	h->is_set = true;
	e->urc_is_newer = h == &e->held_urc;
}

bool line_flush(struct at_engine *e, struct held *h, struct at_event *ret)
{
	struct scan_line header = { .text = h->text, .n = h->n, .is_cut = h->is_cut };

	h->is_set = false;
	if (h == &e->held_urc) {
		e->counters.urcs++;
		line_tell(ret, AT_URC, 0, &header);
	} else if (h->is_late) {
		e->counters.late++;
		line_tell(ret, AT_LATE, e->owed.id, &header);
	} else {
		line_tell(ret, AT_LINE, e->cmd.id, &header);
	}
	return true;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 :
	       c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t hex_run(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && hex_digit(p[i]) >= 0)
		i++;
	return i;
}

/* The header tells the octets behind the service centre field in one of its last two fields
 * (27.005 4.1, 3.4.1; some print `,0` behind it). */
static bool fits(const struct held *h, const char *pdu, size_t n)
{
	const char *p = h->text + h->n;
	size_t smsc = (size_t)hex_digit(pdu[0]) * 16 + (size_t)hex_digit(pdu[1]);

	for (int field = 0; field < 2 && p > h->text; field++) {
		size_t length = 0, scale = 1;

		while (p > h->text && p[-1] >= '0' && p[-1] <= '9' && scale < 100000) {
			length += (size_t)(*--p - '0') * scale;
			scale *= 10;
		}
		if (scale > 1 && n == 2 * (1 + smsc + length))
			return true;
		while (p > h->text && (p[-1] == ',' || p[-1] == ' '))
			p--;
	}
	return false;
}

/* Which header a line of hex belongs to, NULL: none. */
static struct held *owner_of_pdu(struct at_engine *e, const char *pdu, size_t n)
{
	struct held *urc = e->held_urc.is_set ? &e->held_urc : NULL;
	struct held *answer = e->held_answer.is_set ? &e->held_answer : NULL;
	bool is_urc = urc && fits(urc, pdu, n);

	if (!urc || !answer) {
		/* A number or the echo of a payload is hex as well. */
		if (urc && !is_urc && engine_is_active(e) &&
		    (e->cmd.shape == AT_NUMBER_LINE || e->cmd.shape == AT_SEND))
			return NULL;
		return urc ? urc : answer;
	}
	if (is_urc != fits(answer, pdu, n))
		return is_urc ? urc : answer;
	return e->urc_is_newer ? urc : answer;
}

static bool takes_pdu(struct at_engine *e, struct scan_line *line, struct at_event *ret)
{
	size_t n = hex_run(line->text, line->n);
	struct held *h;
	char *pdu;

	/* Glued to the next header: what follows the digits is a line of its own. */
	if (n < 2 || (n < line->n && (n < 14 || !strchr("+^*#O", line->text[n]))))
		return false;
	h = owner_of_pdu(e, line->text, n);
	if (!h)
		return false;
	if (n < line->n) {
		pdu = scan_split(&e->scan, n);
	} else {
		pdu = line->text;
		scan_take_line(&e->scan);
	}
	line_flush(e, h, ret);
	ret->pdu = pdu;
	ret->pdu_n = n;
	ret->is_cut = ret->is_cut || line->is_cut;
	return true;
}

/* ---- echo ---------------------------------------------------------------------------------- */

static bool is_echo(const struct at_engine *e, const struct scan_line *line)
{
	const struct given *g = &e->cmd;

	if (resync_is_echo(e, line))
		return true;
	if (!g->id)
		return false;
	if (line->n == g->text_n && !memcmp(line->text, g->text, line->n))
		return true;
	return g->shape == AT_SEND && line->n == g->payload_n &&
	       !strncasecmp(line->text, g->payload, line->n);
}

/* What is left of an echo that a URC has cut in two. */
static bool is_torn_echo(const struct at_engine *e, const struct scan_line *line)
{
	return (e->state == STATE_PAYLOAD || e->state == STATE_SENDING) &&
	       hex_run(line->text, line->n) == line->n;
}

static bool is_some_command(const struct scan_line *line)
{
	return line->n > 2 && !strncasecmp(line->text, "AT", 2) &&
	       strchr("+^#$%*&!_", line->text[2]);
}

/* ---- final results ------------------------------------------------------------------------- */

static bool late_final(struct at_engine *e, enum at_result result, int code,
		       const struct scan_line *line, struct at_event *ret)
{
	scan_take_line(&e->scan);
	e->counters.late++;
	line_tell(ret, AT_LATE, e->owed.id, line);
	ret->result = result;
	ret->code = code;
	ret->is_final = true;
	e->owed.id = 0;
	e->owed.has_line = false;
	return true;
}

static bool end_command(struct at_engine *e, enum at_result result, int code,
			const struct scan_line *line, struct at_event *ret)
{
	scan_take_line(&e->scan);
	engine_finish(e, result, code, line, ret);
	return true;
}

/* The OK of a send. Behind +CMGS: it is the end. Without it, it may be one that came too early
 * (a Sierra says it between the prompt and the result) or all that comes: wait a little. */
static bool on_send_ok(struct at_engine *e, const struct scan_line *line, struct at_event *ret)
{
	if (line->at < e->sent_mark)
		return stray(e, line, ret);
	if (!e->cmd.wants_line || e->has_line)
		return end_command(e, AT_OK, 0, line, ret);
	scan_take_line(&e->scan);
	if (!e->may_end)
		e->due = mono_min(e->due, mono_after(e->now, GRACE_MS));
	e->may_end = true;
	return false;
}

static bool on_final_of_send(struct at_engine *e, enum at_result result, int code,
			     const struct scan_line *line, struct at_event *ret)
{
	if (e->state == STATE_SENDING) {
		if (result == AT_OK)
			return on_send_ok(e, line, ret);
		/* +CMGS: says that the network has it (27.005 3.5.1): nothing takes that back. */
		if (e->has_line && e->cmd.wants_line)
			return end_command(e, AT_OK, 0, line, ret);
		return end_command(e, result, code, line, ret);
	}
	if (result != AT_OK) {
		bool was_prompted = e->state == STATE_PAYLOAD;

		end_command(e, result, code, line, ret);
		if (was_prompted)
			e->is_dirty = e->prompt_seen = true;
		return true;
	}
	if (e->state == STATE_PAYLOAD)
		return stray(e, line, ret);
	scan_take_line(&e->scan);
	if (!e->may_end)
		e->due = mono_min(e->due, mono_after(e->now, OK_PROMPT_MS));
	e->may_end = true;
	return false;
}

/* A final result that no command in flight asked for: if answers are off by one, the next command
 * must not go out before the place is found. */
static bool unasked_final(struct at_engine *e, const struct scan_line *line, struct at_event *ret)
{
	e->is_dirty = true;
	if (e->state == STATE_WRITE && !e->out_at) {
		e->out_n = e->out_text_n = 0;
		resync_begin(e, e->prompt_seen);
	}
	return stray(e, line, ret);
}

static bool on_final(struct at_engine *e, enum at_result result, int code,
		     const struct scan_line *line, struct at_event *ret)
{
	if (e->held_answer.is_set)
		return line_flush(e, &e->held_answer, ret);
	if (e->state == STATE_ESCAPE || e->state == STATE_PROBE || e->state == STATE_LOST) {
		bool told = resync_on_final(e, result, code, line, ret);

		if (told && ret->type == AT_LATE)
			e->counters.late++;
		else if (told)
			e->counters.strays++;
		return told;
	}
	if (e->old_probe_line) {
		e->old_probe_line = false;
		scan_take_line(&e->scan);
		return false;
	}
	if (e->owed.has_line)
		return late_final(e, result, code, line, ret);
	if (!engine_is_active(e) || line->at < e->mark)
		return unasked_final(e, line, ret);
	if (e->cmd.shape == AT_SEND)
		return on_final_of_send(e, result, code, line, ret);
	return end_command(e, result, code, line, ret);
}

/* ---- lines of an answer -------------------------------------------------------------------- */

/* "+CSQ: 18,99" to AT+CREG?;+CSQ (V.250 5.4.5). */
static bool is_named_in(const char *text, const struct scan_line *line)
{
	const char *colon = memchr(line->text, ':', line->n);
	size_t n = colon ? (size_t)(colon - line->text) : 0;

	for (const char *p = text; n && (p = strchr(p, line->text[0])); p++) {
		if (!strncasecmp(p, line->text, n) && (!p[n] || strchr("?=;", p[n])))
			return true;
	}
	return false;
}

static bool is_answer(const struct at_engine *e, const struct scan_line *line)
{
	const struct given *g = &e->cmd;

	if (e->state != STATE_WAIT && e->state != STATE_SENDING)
		return false;
	if (line->at < (e->state == STATE_SENDING ? e->sent_mark : e->mark))
		return false;
	return has_prefix(line->text, line->n, g->prefix) ||
	       has_prefix(line->text, line->n, g->name) ||
	       (g->is_compound && is_named_in(g->text, line));
}

/* A line without a name, which only some commands answer with. */
static bool is_bare_answer(const struct at_engine *e, const struct scan_line *line)
{
	const struct given *g = &e->cmd;

	if (e->state != STATE_WAIT || line->at < e->mark || is_some_command(line))
		return false;
	return g->shape == AT_NUMBER_LINE || (g->shape == AT_PLAIN && !g->has_own_prefix);
}

static bool on_answer(struct at_engine *e, const struct scan_line *line, struct at_event *ret)
{
	if (e->held_answer.is_set)
		return line_flush(e, &e->held_answer, ret);
	e->has_line = true;
	e->owed.has_line = e->old_probe_line = false;
	if (e->cmd.shape == AT_PDU_LINES) {
		hold(e, &e->held_answer, line, false);
		return false;
	}
	scan_take_line(&e->scan);
	line_tell(ret, AT_LINE, e->cmd.id, line);
	if (e->cmd.ends_with_line || (e->state == STATE_SENDING && e->cmd.wants_line)) {
		e->may_end = true;
		e->due = mono_min(e->due, mono_after(e->now, e->state == STATE_SENDING ?
						     GRACE_MS : CPIN_GRACE_MS));
	}
	return true;
}

static bool is_searching(const struct at_engine *e)
{
	return e->owed.is_open && (e->state == STATE_ESCAPE || e->state == STATE_PROBE ||
				   e->state == STATE_LOST);
}

/* A line of the command that was given up. Once the place is found again, one that could as well be
 * unsolicited is that. */
static bool is_late(const struct at_engine *e, const struct scan_line *line)
{
	enum urc_kind kind;

	if (!e->owed.id || !has_prefix(line->text, line->n, e->owed.prefix))
		return false;
	kind = urc_find(&e->dialect, line->text, line->n);
	return is_searching(e) || kind == URC_NONE || kind == URC_SHAPED;
}

static bool on_late(struct at_engine *e, const struct scan_line *line, struct at_event *ret)
{
	if (e->held_answer.is_set)
		return line_flush(e, &e->held_answer, ret);
	e->owed.has_line = true;
	if (e->owed.shape == AT_PDU_LINES) {
		hold(e, &e->held_answer, line, true);
		return false;
	}
	scan_take_line(&e->scan);
	e->counters.late++;
	line_tell(ret, AT_LATE, e->owed.id, line);
	return true;
}

/* ---- the rest ------------------------------------------------------------------------------ */

static bool on_unnamed(struct at_engine *e, const struct scan_line *line, struct at_event *ret)
{
	if (is_bare_answer(e, line)) {
		scan_take_line(&e->scan);
		e->has_line = true;
		line_tell(ret, AT_LINE, e->cmd.id, line);
		return true;
	}
	if (is_torn_echo(e, line)) {
		scan_take_line(&e->scan);
		return false;
	}
	if (is_searching(e) && e->owed.id && e->owed.shape == AT_NUMBER_LINE &&
	    !is_some_command(line)) {
		scan_take_line(&e->scan);
		e->counters.late++;
		line_tell(ret, AT_LATE, e->owed.id, line);
		return true;
	}
	return stray(e, line, ret);
}

static bool on_unsolicited(struct at_engine *e, const struct scan_line *line,
			   struct at_event *ret)
{
	enum urc_kind kind = urc_find(&e->dialect, line->text, line->n);

	switch (kind) {
	case URC_WITH_PDU:
		if (e->held_urc.is_set)
			return line_flush(e, &e->held_urc, ret);
		hold(e, &e->held_urc, line, false);
		e->urc_due = mono_after(e->now, URC_PDU_MS);
		return false;
	case URC_CHATTER:
		scan_take_line(&e->scan);
		e->counters.ignored++;
		return false;
	case URC_SHAPED:
		if (e->cmd.takes_names && is_bare_answer(e, line))
			return on_unnamed(e, line, ret);
		break;
	case URC_LINE:
		break;
	case URC_NONE:
		return on_unnamed(e, line, ret);
	}
	scan_take_line(&e->scan);
	e->counters.urcs++;
	line_tell(ret, AT_URC, 0, line);
	return true;
}

/* "ERROR+CNUM: …": some Huawei glue an error of nobody's to a line of the answer. */
static void unglue(const struct at_engine *e, struct scan_line *line)
{
	if (line->n > 6 && !memcmp(line->text, "ERROR+", 6) && e->cmd.id &&
	    has_prefix(line->text + 5, line->n - 5, e->cmd.name)) {
		line->text += 5;
		line->n -= 5;
	}
}

bool line_handle(struct at_engine *e, struct scan_line *line, struct at_event *ret)
{
	uint64_t taken = e->scan.at;
	enum at_result result;
	bool told;
	int code;

	unglue(e, line);
	if (is_echo(e, line)) {
		e->counters.echoes++;
		scan_take_line(&e->scan);
		return false;
	}
	if ((e->held_urc.is_set || e->held_answer.is_set) && takes_pdu(e, line, ret))
		told = true;
	else if (final_find(&e->dialect, line->text, line->n, e->cmd.id && e->cmd.is_dial, &result,
			    &code))
		told = on_final(e, result, code, line, ret);
	else if (is_answer(e, line))
		told = on_answer(e, line, ret);
	else if (is_late(e, line))
		told = on_late(e, line, ret);
	else if (resync_takes_line(e, line))
		told = false;
	else
		told = on_unsolicited(e, line, ret);
	e->counters.lines += e->scan.at != taken;
	return told;
}
