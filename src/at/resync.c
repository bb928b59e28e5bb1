/* After a timeout the modem owes an answer; after an unexpected prompt it may take the next command
 * for the text of a message. So before the next command leaves, the place is found again:
 *
 *   ESC CR where a prompt may be open (never Ctrl-Z, which would send), then silence;
 *   a probe, a query whose answer names it: `AT+CMEE?` -> `+CMEE: 1`, `OK`.
 *
 * A modem answers in order, so whatever comes before the probe's own line belongs to what was given
 * up, and once the latest probe has been answered nothing older can come. Each try asks something
 * else, so that a slow answer to one probe is not taken for the answer to the next. A modem that
 * refuses all of them has still answered each: after three in a row that will do. */
#include "engine.h"

static const struct { const char *text, *prefix; } probes[PROBE_KINDS] = {
	{ "AT+CMEE?\r", "+CMEE:" },
	{ "AT+CSCS?\r", "+CSCS:" },
	{ "AT+CSMS?\r", "+CSMS:" },
	{ "AT+CSDH?\r", "+CSDH:" },
	{ "AT+CMMS?\r", "+CMMS:" },
	{ "AT+CNMI?\r", "+CNMI:" },
};

/* A kind whose answer could be that of the command given up, or of the next one, proves nothing. */
static bool is_mistakable(const struct at_engine *e, const char *prefix)
{
	const char *next = e->cmd.has_own_prefix ? e->cmd.prefix : e->cmd.name;

	return (e->owed.id && !strcmp(e->owed.prefix, prefix)) ||
	       (e->cmd.id && !strcmp(next, prefix));
}

static unsigned latest(const struct at_engine *e)
{
	return (e->probe - 1) % PROBE_KINDS;
}

static bool fail(struct at_engine *e, struct at_event *ret)
{
	bool had_command = e->cmd.id != 0;

	if (had_command)
		engine_finish(e, AT_TIMEOUT, 0, NULL, ret);
	engine_move(e, STATE_LOST);
	return had_command;
}

static bool probe(struct at_engine *e, struct at_event *ret)
{
	if (e->probes >= PROBE_TRIES || (e->probes && mono_due(e->search_end, e->now)))
		return fail(e, ret);
	e->probes++;
	do
		e->probe++;
	while (is_mistakable(e, probes[latest(e)].prefix));
	if (e->asked[latest(e)] < UINT8_MAX)
		e->asked[latest(e)]++;
	e->probe_line = e->is_named = e->got_bare = false;
	engine_put(e, probes[latest(e)].text, strlen(probes[latest(e)].text));
	engine_move(e, STATE_PROBE);
	e->due = mono_after(e->now, WRITE_MS);
	return false;
}

static void put_escape(struct at_engine *e)
{
	e->escapes++;
	e->escapes_owed++;
	e->owed.was_escaped = true;
	engine_put(e, "\x1b\r", 2);
	engine_move(e, STATE_ESCAPE);
	e->due = mono_after(e->now, WRITE_MS);
	e->drain_end = MONO_NEVER;
}

void resync_begin(struct at_engine *e, bool escape)
{
	struct at_event none;

	e->counters.resyncs++;
	e->probes = e->escapes = e->bare_run = 0;
	e->probe_line = e->old_probe_line = e->got_bare = false;
	e->search_end = e->cmd.id ? mono_after(e->now, e->cmd.limit_ms) : MONO_NEVER;
	if (escape)
		put_escape(e);
	else
		probe(e, &none);
}

void resync_escape(struct at_engine *e)
{
	if (e->escapes < ESCAPES_MAX)
		put_escape(e);
}

void resync_on_written(struct at_engine *e, size_t n)
{
	if (n && !e->owed.has_mark) {
		e->owed.has_mark = true;
		e->owed.mark = e->counters.bytes_in;
	}
	if (!n || e->out_at < e->out_n)
		return;
	if (e->state == STATE_PROBE) {
		e->drain_end = mono_after(e->now, PROBE_MAX_MS);
		e->due = mono_after(e->now, PROBE_MS);
		return;
	}
	e->drain_end = mono_after(e->now, ESCAPE_MS);
	e->due = mono_after(e->now, ESCAPE_QUIET_MS);
}

static void done(struct at_engine *e)
{
	e->counters.placed++;
	e->is_dirty = e->prompt_seen = false;
	e->owed.is_open = e->owed.has_line = false;
	memset(e->asked, 0, sizeof(e->asked));
	e->escapes_owed = 0;
	e->pause_over = mono_after(e->now, e->dialect.pause_ms);
	engine_move(e, STATE_IDLE);
	if (e->cmd.id)
		engine_start(e);
}

bool resync_on_due(struct at_engine *e, struct at_event *ret)
{
	if (e->state == STATE_BEGIN) {
		engine_move(e, STATE_IDLE);
		if (e->cmd.id)
			engine_start(e);
		return false;
	}
	if (e->out_at < e->out_n)
		return fail(e, ret);	/* the port takes nothing */
	if (e->state == STATE_ESCAPE)
		return probe(e, ret);
	e->bare_run = e->got_bare ? e->bare_run + 1 : 0;
	if (e->is_named || e->bare_run >= BARE_RUN) {
		done(e);
		return false;
	}
	return probe(e, ret);
}

/* Whether a final result can only be that of the command given up. Behind an escape a bare OK or
 * ERROR may be the escape's: nobody can tell, and so it is not told. */
static bool is_of_owed(const struct at_engine *e, enum at_result result,
		       const struct scan_line *line)
{
	if (!e->owed.id)
		return false;
	if (e->owed.has_line)
		return true;
	if (!e->owed.is_open || e->probe_line || e->old_probe_line)
		return false;
	return !e->owed.has_mark || line->at < e->owed.mark || !e->owed.was_escaped ||
	       result == AT_CMS;
}

/* More may follow, but not for ever. */
static void await_silence(struct at_engine *e, int64_t ms)
{
	if (e->out_at == e->out_n)
		e->due = mono_min(mono_after(e->now, ms), e->drain_end);
}

/* A final result without a line, while a probe is out: an ESC's, or the oldest probe's refusal.
 * Others may follow: silence is waited for, so that none is left over. */
static void on_bare(struct at_engine *e)
{
	unsigned others = 0;
	bool is_placed = e->escapes_owed > 0;

	e->got_bare = true;
	e->escapes_owed -= is_placed;
	for (unsigned i = 1; i < PROBE_KINDS; i++) {
		uint8_t *asked = &e->asked[(latest(e) + i) % PROBE_KINDS];

		if (*asked && !is_placed) {
			(*asked)--;
			is_placed = true;
		}
		others += *asked;
	}
	await_silence(e, others || e->is_named ? PROBE_MS : PROBE_BARE_MS);
}

bool resync_on_final(struct at_engine *e, enum at_result result, int code,
		     const struct scan_line *line, struct at_event *ret)
{
	scan_take_line(&e->scan);
	if (is_of_owed(e, result, line)) {
		line_tell(ret, AT_LATE, e->owed.id, line);
		ret->result = result;
		ret->code = code;
		ret->is_final = true;
		e->owed.id = 0;
		e->owed.has_line = false;
		return true;
	}
	if (e->probe_line) {
		done(e);
		return false;
	}
	if (e->old_probe_line) {
		e->old_probe_line = false;
		return false;
	}
	if (e->state == STATE_PROBE)
		on_bare(e);
	line_tell(ret, AT_STRAY, 0, line);
	return true;
}

/* Nobody searches, and yet here is the answer to a probe that was thought lost: the answers are off
 * by one. Its final result is the next. */
static bool takes_leftover(struct at_engine *e, unsigned kind)
{
	if (engine_is_active(e) && (e->cmd.takes_names || is_mistakable(e, probes[kind].prefix)))
		return false;
	scan_take_line(&e->scan);
	e->old_probe_line = true;
	e->is_dirty = true;
	return true;
}

bool resync_takes_line(struct at_engine *e, const struct scan_line *line)
{
	bool searches = e->state == STATE_ESCAPE || e->state == STATE_PROBE ||
			e->state == STATE_LOST;

	for (unsigned kind = 0; kind < PROBE_KINDS; kind++) {
		if (!has_prefix(line->text, line->n, probes[kind].prefix))
			continue;
		if (!searches)
			return takes_leftover(e, kind);
		scan_take_line(&e->scan);
		e->owed.has_line = false;
		e->is_named = kind == latest(e) && e->asked[kind] && e->state != STATE_ESCAPE;
		if (e->asked[kind])
			e->asked[kind]--;
		/* One of this kind that was asked before is answered before. */
		e->probe_line = e->is_named && !e->asked[kind];
		e->old_probe_line = !e->probe_line;
		/* It is working through what has piled up: the rest follows. */
		if (e->state == STATE_PROBE)
			await_silence(e, PROBE_MS);
		return true;
	}
	return false;
}

bool resync_is_echo(const struct at_engine *e, const struct scan_line *line)
{
	for (unsigned kind = 0; kind < PROBE_KINDS; kind++) {
		if (e->asked[kind] && line->n + 1 == strlen(probes[kind].text) &&
		    !memcmp(line->text, probes[kind].text, line->n))
			return true;
	}
	return false;
}
