#include <assert.h>
#include <strings.h>

#include "engine.h"

#define TO(name) (1u << STATE_##name)

/* Where each state may lead. at_reset leads from everywhere to IDLE. */
static const unsigned edges[STATE_COUNT] = {
	[STATE_IDLE] = TO(BEGIN) | TO(PAUSE) | TO(WRITE) | TO(ESCAPE) | TO(PROBE) | TO(LOST),
	[STATE_BEGIN] = TO(IDLE),
	[STATE_PAUSE] = TO(WRITE) | TO(ESCAPE) | TO(PROBE),
	[STATE_WRITE] = TO(WAIT) | TO(PROMPT) | TO(PAYLOAD) | TO(ESCAPE) | TO(PROBE) | TO(IDLE),
	[STATE_WAIT] = TO(IDLE),
	[STATE_PROMPT] = TO(PAYLOAD) | TO(IDLE),
	[STATE_PAYLOAD] = TO(SENDING) | TO(IDLE),
	[STATE_SENDING] = TO(IDLE),
	[STATE_ESCAPE] = TO(ESCAPE) | TO(PROBE) | TO(IDLE) | TO(LOST),
	[STATE_PROBE] = TO(PROBE) | TO(ESCAPE) | TO(IDLE) | TO(LOST),
	[STATE_LOST] = TO(IDLE) | TO(ESCAPE) | TO(PROBE) | TO(BEGIN),
};

void engine_move(struct at_engine *e, enum engine_state to)
{
	assert(edges[e->state] & (1u << to));
	e->state = to;
	e->due = MONO_NEVER;
}

bool engine_is_active(const struct at_engine *e)
{
	return e->state == STATE_WAIT || e->state == STATE_PROMPT || e->state == STATE_PAYLOAD ||
	       e->state == STATE_SENDING;
}

/* ---- writing ------------------------------------------------------------------------------- */

void engine_put(struct at_engine *e, const char *p, size_t n)
{
	if (e->out_at == e->out_n)
		e->out_at = e->out_n = e->out_text_n = 0;
	if (e->out_at && e->out_n + n > OUT_MAX) {
		memmove(e->out, e->out + e->out_at, e->out_n - e->out_at);
		e->out_text_n -= e->out_at < e->out_text_n ? e->out_at : e->out_text_n;
		e->out_n -= e->out_at;
		e->out_at = 0;
	}
	assert(e->out_n + n <= OUT_MAX);
	memcpy(e->out + e->out_n, p, n);
	e->out_n += n;
}

/* What was not handed out is taken back, but for a command of which a part has left: the modem must
 * not read `AT+CMGD=1` where `AT+CMGD=12` was begun. */
static void clear_output(struct at_engine *e)
{
	if (e->out_at > 0 && e->out_at < e->out_text_n)
		e->out_n = e->out_text_n;
	else
		e->out_at = e->out_n = e->out_text_n = 0;
}

void engine_put_payload(struct at_engine *e)
{
	engine_put(e, e->cmd.payload, e->cmd.payload_n);
	engine_put(e, "\x1a", 1);
}

void engine_start(struct at_engine *e)
{
	if (e->is_dirty) {
		resync_begin(e, e->prompt_seen ||
				(e->owed.is_open && e->owed.shape == AT_SEND));
		return;
	}
	if (!mono_due(e->pause_over, e->now)) {
		engine_move(e, STATE_PAUSE);
		e->due = e->pause_over;
		return;
	}
	engine_put(e, e->cmd.text, e->cmd.text_n);
	engine_put(e, "\r", 1);
	e->out_text_n = e->out_n;
	if (e->cmd.shape == AT_SEND && e->dialect.no_prompt)
		engine_put_payload(e);
	engine_move(e, STATE_WRITE);
	e->due = mono_after(e->now, WRITE_MS);
}

static void on_sent(struct at_engine *e)
{
	e->payload_sent = e->tell_sent = true;
	e->sent_id = e->cmd.id;
	e->sent_mark = e->counters.bytes_in;
	engine_move(e, STATE_SENDING);
	e->due = mono_after(e->now, e->cmd.limit_ms);
}

static void on_text_written(struct at_engine *e)
{
	e->mark = e->counters.bytes_in;
	if (e->cmd.shape != AT_SEND) {
		engine_move(e, STATE_WAIT);
		e->due = mono_after(e->now, e->cmd.limit_ms);
	} else if (e->dialect.no_prompt) {
		engine_move(e, STATE_PAYLOAD);
		e->due = mono_after(e->now, WRITE_MS);
	} else {
		engine_move(e, STATE_PROMPT);
		e->due = mono_after(e->now, e->cmd.prompt_ms);
	}
}

size_t at_output(const struct at_engine *e, const uint8_t **ret)
{
	*ret = (const uint8_t *)e->out + e->out_at;
	return e->out_n - e->out_at;
}

static void learn_time(struct at_engine *e, struct mono_ms now)
{
	if (now.ms > e->now.ms)
		e->now = now;
}

void at_written(struct at_engine *e, size_t n, struct mono_ms now)
{
	learn_time(e, now);
	if (n > e->out_n - e->out_at)
		n = e->out_n - e->out_at;
	e->out_at += n;
	if (e->state == STATE_WRITE && e->out_at >= e->out_text_n)
		on_text_written(e);
	if (e->state == STATE_PAYLOAD && e->out_at == e->out_n)
		on_sent(e);
	if (e->state == STATE_ESCAPE || e->state == STATE_PROBE || e->state == STATE_BEGIN)
		resync_on_written(e, n);
}

/* ---- the life of a command ----------------------------------------------------------------- */

void engine_finish(struct at_engine *e, enum at_result result, int code,
		   const struct scan_line *line, struct at_event *ret)
{
	line_tell(ret, AT_FINAL, e->cmd.id, line);
	ret->result = result;
	ret->code = code;
	ret->is_final = true;
	ret->payload_sent = e->payload_sent;
	if (result == AT_TIMEOUT)
		e->counters.timeouts++;
	e->cmd.id = 0;
	e->has_line = e->may_end = e->payload_sent = false;
	e->held_answer.is_set = false;
	e->pause_over = mono_after(e->now, e->dialect.pause_ms);
	clear_output(e);
	engine_move(e, STATE_IDLE);
}

void engine_give_up(struct at_engine *e, enum at_result result, int code,
		    const struct scan_line *line, struct at_event *ret)
{
	bool escape = e->cmd.shape == AT_SEND || result == AT_ABANDONED;

	e->owed = (struct owed){ .id = e->cmd.id, .shape = e->cmd.shape, .has_line = e->has_line,
				 .is_open = true };
	memcpy(e->owed.prefix, e->cmd.has_own_prefix ? e->cmd.prefix : e->cmd.name,
	       sizeof(e->owed.prefix));
	engine_finish(e, result, code, line, ret);
	e->is_dirty = true;
	resync_begin(e, escape);
}

/* "AT+CMGR=3" answers with lines that begin with "+CMGR:" (V.250 5.4.4.2); "" for basic ones. */
static void read_name(const char *text, char *out)
{
	const char *p = strpbrk(text, "+^#$%*!_");
	size_t n = 1;

	out[0] = 0;
	if (!p)
		return;
	while ((p[n] >= 'A' && p[n] <= 'Z') || (p[n] >= 'a' && p[n] <= 'z') ||
	       (p[n] >= '0' && p[n] <= '9') || p[n] == '_')
		n++;
	if (n < 2 || n + 2 > AT_PREFIX_MAX)
		return;
	for (size_t i = 0; i < n; i++)
		out[i] = p[i] >= 'a' && p[i] <= 'z' ? (char)(p[i] - 'a' + 'A') : p[i];
	out[n] = ':';
	out[n + 1] = 0;
}

/* After AT+CREG=2 or AT+CUSD=1 a line of that name is unsolicited, not an answer. */
static bool is_set_of_urc(const struct at_dialect *d, const char *text, const char *name)
{
	const char *equals = strchr(text, '=');
	enum urc_kind kind;

	if (!name[0] || !equals || equals[1] == '?')
		return false;
	kind = urc_find(d, name, strlen(name));
	return kind == URC_LINE || kind == URC_WITH_PDU;
}

static void fill_given(struct at_engine *e, const struct at_command *c)
{
	struct given *g = &e->cmd;

	g->id = c->id;
	g->shape = c->shape;
	g->limit_ms = c->limit_ms > 0 ? c->limit_ms : LIMIT_MS;
	g->prompt_ms = c->prompt_ms > 0 ? c->prompt_ms : PROMPT_MS;
	g->text_n = strlen(c->text);
	memcpy(g->text, c->text, g->text_n + 1);
	g->payload_n = c->shape == AT_SEND ? strlen(c->payload) : 0;
	memcpy(g->payload, g->payload_n ? c->payload : "", g->payload_n + 1);
	g->has_own_prefix = c->prefix && c->prefix[0];
	g->prefix[0] = 0;
	if (g->has_own_prefix)
		memcpy(g->prefix, c->prefix, strlen(c->prefix) + 1);
	read_name(g->text, g->name);
	g->takes_names = !g->has_own_prefix && !g->name[0] && g->text_n > 2;
	g->is_compound = !g->has_own_prefix && strchr(g->text, ';') != NULL;
	if (is_set_of_urc(&e->dialect, g->text, g->name))
		g->name[0] = 0;
	g->is_dial = g->text[2] == 'D' || g->text[2] == 'd' || !strcasecmp(g->text, "ATA") ||
		     !strncasecmp(g->text, "ATO", 3);
	g->wants_line = c->shape == AT_SEND && strncasecmp(g->text, "AT+CNMA", 7) != 0;
	g->ends_with_line = e->dialect.no_final_after_cpin && !strcasecmp(g->text, "AT+CPIN?");
}

static int check_given(const struct at_command *c)
{
	if (!c->id)
		return TW_E_RANGE;
	if (!c->text || strncasecmp(c->text, "AT", 2) != 0)
		return TW_E_SYNTAX;
	for (const unsigned char *p = (const unsigned char *)c->text; *p; p++) {
		if (*p < ' ' || *p == 0x7f)
			return TW_E_SYNTAX;
	}
	if (strlen(c->text) > AT_COMMAND_MAX ||
	    (c->prefix && strlen(c->prefix) >= AT_PREFIX_MAX))
		return TW_E_NOSPACE;
	if (c->shape != AT_SEND)
		return 0;
	if (!c->payload || !c->payload[0])
		return TW_E_SYNTAX;
	if (c->payload[strspn(c->payload, "0123456789ABCDEFabcdef")])
		return TW_E_SYNTAX;
	return strlen(c->payload) > AT_PAYLOAD_MAX ? TW_E_NOSPACE : 0;
}

bool at_is_idle(const struct at_engine *e)
{
	return !e->cmd.id && !e->tell_aborted &&
	       (e->state == STATE_IDLE || e->state == STATE_BEGIN || e->state == STATE_LOST);
}

int at_give(struct at_engine *e, const struct at_command *command, struct mono_ms now)
{
	int err = check_given(command);

	if (err)
		return err;
	if (!at_is_idle(e))
		return TW_E_STATE;
	learn_time(e, now);
	fill_given(e, command);
	e->has_line = e->may_end = e->payload_sent = false;
	if (e->owed.has_line || e->old_probe_line) {
		/* Half of a late answer has come; the other half must not meet this command. */
		e->owed.has_line = e->old_probe_line = false;
		e->is_dirty = true;
	}
	if (e->state != STATE_BEGIN)
		engine_start(e);
	return 0;
}

/* ---- setting up ---------------------------------------------------------------------------- */

size_t at_engine_size(void)
{
	return sizeof(struct at_engine);
}

static void forget(struct at_engine *e)
{
	e->state = STATE_IDLE;
	e->due = e->urc_due = e->prompt_due = e->quote_due = MONO_NEVER;
	e->cmd.id = 0;
	e->owed = (struct owed){ 0 };
	e->has_line = e->may_end = e->payload_sent = false;
	e->is_dirty = e->prompt_seen = e->old_probe_line = false;
	memset(e->asked, 0, sizeof(e->asked));
	e->escapes_owed = 0;
	e->held_urc.is_set = e->held_answer.is_set = false;
	e->out_at = e->out_n = e->out_text_n = 0;
	scan_init(&e->scan);
	e->scan.at = e->counters.bytes_in;
}

void at_init(struct at_engine *e, const struct at_dialect *dialect)
{
	memset(e, 0, offsetof(struct at_engine, scan));
	e->now = e->ticked = e->pause_over = (struct mono_ms){ INT64_MIN };
	at_set_dialect(e, dialect);
	forget(e);
}

void at_set_dialect(struct at_engine *e, const struct at_dialect *dialect)
{
	e->dialect = dialect ? *dialect : (struct at_dialect){ 0 };
}

void at_reset(struct at_engine *e)
{
	if (e->cmd.id) {
		e->tell_aborted = true;
		e->aborted_id = e->cmd.id;
		e->aborted_sent = e->payload_sent;
	}
	e->was_cut = e->was_cut || (e->out_at > 0 && e->out_at < e->out_text_n);
	forget(e);
}

void at_begin(struct at_engine *e, struct mono_ms now)
{
	const char *open_with = e->dialect.open_with ? e->dialect.open_with : "";
	size_t n = strlen(open_with);

	learn_time(e, now);
	at_reset(e);
	engine_put(e, "\x1b", 1);
	if (e->was_cut)
		engine_put(e, "AT", 2);	/* makes what may lie in the modem's line buffer an error */
	e->was_cut = false;
	engine_put(e, "\r", 1);
	if (n > AT_COMMAND_MAX)
		n = AT_COMMAND_MAX;
	engine_put(e, open_with, n);
	if (n && open_with[n - 1] != '\r' && open_with[n - 1] != '\x1b')
		engine_put(e, "\r", 1);
	engine_move(e, STATE_BEGIN);
	e->due = mono_after(e->now, WRITE_MS);
	e->drain_end = MONO_NEVER;
	/* What answers these, or what another program wrote before us, must not be taken for
	 * the answer to the first command. */
	e->is_dirty = true;
}

const struct at_counters *at_counters(const struct at_engine *e)
{
	return &e->counters;
}

/* ---- fed and asked ------------------------------------------------------------------------- */

void at_feed(struct at_engine *e, const void *bytes, size_t n, struct mono_ms now)
{
	learn_time(e, now);
	e->counters.bytes_in += n;
	e->counters.dropped += scan_feed(&e->scan, bytes, n);
	if ((e->state == STATE_BEGIN || e->state == STATE_ESCAPE) && e->out_at == e->out_n)
		e->due = mono_min(mono_after(e->now, ESCAPE_QUIET_MS), e->drain_end);
}

void at_tick(struct at_engine *e, struct mono_ms now)
{
	learn_time(e, now);
	e->ticked = e->now;
}

struct mono_ms at_deadline(const struct at_engine *e)
{
	return due_next(e);
}

/* Something begins with `>`. STEP_IDLE: leave it, it may yet be the beginning of a line. */
static enum step on_prompt(struct at_engine *e, enum scan_found found, const struct scan_line *line,
			   struct at_event *ret)
{
	if (e->state == STATE_PROMPT && scan_at(&e->scan) < e->mark) {
		/* It was open before: the modem took the command for the text of a message. */
		scan_take_prompt(&e->scan);
		engine_give_up(e, AT_NO_PROMPT, 0, NULL, ret);
		return STEP_EVENT;
	}
	if (e->state == STATE_PROMPT) {
		scan_take_prompt(&e->scan);
		engine_put_payload(e);
		engine_move(e, STATE_PAYLOAD);
		e->due = mono_after(e->now, WRITE_MS);
		return STEP_AGAIN;
	}
	if (e->state == STATE_PAYLOAD || e->state == STATE_SENDING ||
	    (found == SCAN_LINE && line->n > 1)) {
		scan_take_prompt(&e->scan);	/* said again, or before a line */
		return STEP_AGAIN;
	}
	if (found == SCAN_LINE ||
	    (found == SCAN_PROMPT && (e->state == STATE_ESCAPE || e->state == STATE_PROBE)))
		return due_prompt(e, ret) ? STEP_EVENT : STEP_AGAIN;
	if (found == SCAN_PROMPT && e->prompt_due.ms == INT64_MAX)
		e->prompt_due = mono_after(e->now, PROMPT_ALONE_MS);
	return STEP_IDLE;
}

static enum step read_input(struct at_engine *e, struct at_event *ret)
{
	struct scan_line line = { 0 };
	enum scan_found found = scan_peek(&e->scan, &line, &e->counters.dropped);

	if (!e->scan.is_quote_open)
		e->quote_due = MONO_NEVER;
	else if (e->quote_due.ms == INT64_MAX)
		e->quote_due = mono_after(e->now, QUOTE_MS);
	if (scan_is_at_prompt(&e->scan))
		return on_prompt(e, found, &line, ret);
	e->prompt_due = MONO_NEVER;
	if (found != SCAN_LINE)
		return STEP_IDLE;
	return line_handle(e, &line, ret) ? STEP_EVENT : STEP_AGAIN;
}

bool at_next(struct at_engine *e, struct at_event *ret)
{
	enum step step;

	*ret = (struct at_event){ 0 };
	if (e->tell_sent) {
		e->tell_sent = false;
		line_tell(ret, AT_PAYLOAD_SENT, e->sent_id, NULL);
		ret->payload_sent = true;
		return true;
	}
	if (e->tell_aborted) {
		e->tell_aborted = false;
		line_tell(ret, AT_FINAL, e->aborted_id, NULL);
		ret->result = AT_ABORTED;
		ret->is_final = true;
		ret->payload_sent = e->aborted_sent;
		return true;
	}
	do {
		do
			step = read_input(e, ret);
		while (step == STEP_AGAIN);
		if (step == STEP_IDLE)
			step = due_handle(e, ret);
	} while (step == STEP_AGAIN);
	return step == STEP_EVENT;
}
