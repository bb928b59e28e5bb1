#include "engine.h"

/* A `>` alone where no command waits for it: a prompt is open that must be escaped. */
bool due_prompt(struct at_engine *e, struct at_event *ret)
{
	scan_take_prompt(&e->scan);
	e->prompt_due = MONO_NEVER;
	e->prompt_seen = true;
	switch (e->state) {
	case STATE_WAIT:
		engine_give_up(e, AT_ABANDONED, 0, NULL, ret);
		return true;
	case STATE_ESCAPE:
	case STATE_PROBE:
		resync_escape(e);
		return false;
	case STATE_WRITE:
		e->is_dirty = true;
		if (!e->out_at) {
			e->out_n = e->out_text_n = 0;
			resync_begin(e, true);
		}
		return false;
	case STATE_IDLE:
	case STATE_BEGIN:
	case STATE_PAUSE:
	case STATE_LOST:
		e->is_dirty = true;
		e->counters.strays++;
		return false;
	case STATE_PROMPT:
	case STATE_PAYLOAD:
	case STATE_SENDING:
	case STATE_COUNT:
		break;
	}
	return false;
}

/* The command in flight has run out of time. */
static void on_limit(struct at_engine *e, struct at_event *ret)
{
	bool no_ok = e->has_line;

	if (!e->may_end) {
		engine_give_up(e, AT_TIMEOUT, 0, NULL, ret);
		return;
	}
	engine_finish(e, AT_OK, 0, NULL, ret);
	/* +CMGS: without its OK: should that come yet, it must not meet the next command. */
	if (no_ok && ret->payload_sent)
		e->is_dirty = true;
}

static bool on_state(struct at_engine *e, struct at_event *ret)
{
	switch (e->state) {
	case STATE_PAUSE:
		engine_start(e);
		return false;
	case STATE_WRITE:
		engine_give_up(e, AT_TIMEOUT, 0, NULL, ret);
		return true;
	case STATE_WAIT:
		if (e->held_answer.is_set)
			return line_flush(e, &e->held_answer, ret);
		on_limit(e, ret);
		return true;
	case STATE_SENDING:
		on_limit(e, ret);
		return true;
	case STATE_PROMPT:
		/* may_end: it said OK instead of a prompt. */
		engine_give_up(e, e->may_end ? AT_OK : AT_NO_PROMPT, 0, NULL, ret);
		return true;
	case STATE_PAYLOAD:
		engine_give_up(e, AT_NO_PROMPT, 0, NULL, ret);
		return true;
	case STATE_BEGIN:
	case STATE_ESCAPE:
	case STATE_PROBE:
		return resync_on_due(e, ret);
	case STATE_IDLE:
	case STATE_LOST:
	case STATE_COUNT:
		break;
	}
	e->due = MONO_NEVER;
	return false;
}

enum step due_handle(struct at_engine *e, struct at_event *ret)
{
	if (mono_due(e->quote_due, e->ticked)) {
		e->quote_due = MONO_NEVER;
		scan_give_up_quote(&e->scan);
		return STEP_AGAIN;
	}
	if (e->held_urc.is_set && mono_due(e->urc_due, e->ticked))
		return line_flush(e, &e->held_urc, ret) ? STEP_EVENT : STEP_AGAIN;
	if (mono_due(e->prompt_due, e->ticked))
		return due_prompt(e, ret) ? STEP_EVENT : STEP_AGAIN;
	if (mono_due(e->due, e->ticked))
		return on_state(e, ret) ? STEP_EVENT : STEP_AGAIN;
	return STEP_IDLE;
}

struct mono_ms due_next(const struct at_engine *e)
{
	struct mono_ms due = mono_min(e->due, mono_min(e->prompt_due, e->quote_due));

	return e->held_urc.is_set ? mono_min(due, e->urc_due) : due;
}
