/* Ops to intents: a run of steps, asked for one intent after the other. It stops where it must
 * wait, as a place that is plain data, and goes on from one. */
#include <stdio.h>

#include "run.h"

/* ---- variables ----------------------------------------------------------------------------- */

void flow_variable_set(struct flow_run *run, enum flow_variable v, const char *text, size_t n)
{
	free(run->variables[v]);
	run->variables[v] = text ? tw_strndup(text, n) : NULL;
	run->sizes[v] = text ? n : 0;
}

/* keyword and args are the run's own copies. */
static void point_at_variables(struct flow_run *run)
{
	run->keyword = run->variables[VARIABLE_KEYWORD] ? run->variables[VARIABLE_KEYWORD] : "";
	run->args = run->variables[VARIABLE_ARGS];
	run->args_n = run->sizes[VARIABLE_ARGS];
}

/* "letter length:octets" for each that is set. */
static void save_variables(struct flow_run *run)
{
	tw_buf_clear(&run->saved);
	for (int v = 0; v < VARIABLE_COUNT; v++) {
		if (!run->variables[v])
			continue;
		tw_buf_addf(&run->saved, "%c%zu:", 'a' + v, run->sizes[v]);
		tw_buf_add(&run->saved, run->variables[v], run->sizes[v]);
	}
}

/* Reads one; moves on. False at the end, or where it is none. */
static bool next_variable(const char **p, const char *end, enum flow_variable *ret,
			  const char **text, size_t *n)
{
	char *colon;

	if (*p >= end || **p < 'a' || **p >= 'a' + VARIABLE_COUNT)
		return false;
	*ret = (enum flow_variable)(**p - 'a');
	*n = strtoul(*p + 1, &colon, 10);
	if (*colon != ':' || *n > (size_t)(end - colon - 1))
		return false;
	*text = colon + 1;
	*p = *text + *n;
	return true;
}

void flow_variables_load(struct flow_run *run, const char *saved, size_t saved_n)
{
	const char *p = saved, *end = p + saved_n, *text;
	enum flow_variable v;
	size_t n;

	while (next_variable(&p, end, &v, &text, &n))
		flow_variable_set(run, v, text, n);
}

void flow_variables_done(struct flow_run *run)
{
	for (int v = 0; v < VARIABLE_COUNT; v++)
		free(run->variables[v]);
}

const char *flow_place_keyword(const struct flow_place *place)
{
	static char out[FLOW_KEY_MAX * 4];
	const char *p = place->variables, *end = p + place->variables_n, *text;
	enum flow_variable v;
	size_t n;

	out[0] = '\0';
	while (next_variable(&p, end, &v, &text, &n))
		if (v == VARIABLE_KEYWORD)
			tw_strsetn(out, sizeof(out), text, n);
	return out;
}

const char *flow_run_keyword(const struct flow_run *run)
{
	return run->keyword;
}

/* ---- beginning ----------------------------------------------------------------------------- */

static struct flow_run *run_new(const struct flows *f, const struct flow_event *e, int account)
{
	struct flow_run *run = tw_alloc(sizeof(*run));

	*run = flow_run_new(f, e, account, NULL);
	run->awaits = VARIABLE_COUNT;
	return run;
}

struct flow_run *flow_run_begin(const struct flows *f, const struct flow_event *e,
				const struct flow_intent *begin)
{
	int account = flow_account_named(f, begin->account);
	struct flow_run *run = run_new(f, e, account == FLOW_NONE ? 0 : account);
	bool is_new = !e->view || !e->view->is_known(e->view->ctx, begin->account);

	run->pc = begin->program;
	run->is_consent = begin->is_consent;
	flow_variable_set(run, VARIABLE_NEW, is_new ? "1" : "0", 1);
	if (begin->ticket)
		flow_variable_set(run, VARIABLE_TICKET, begin->ticket, strlen(begin->ticket));
	if (begin->keyword)
		flow_variable_set(run, VARIABLE_KEYWORD, begin->keyword, strlen(begin->keyword));
	flow_variable_set(run, VARIABLE_ARGS, begin->args ? begin->args : "", begin->args_n);
	point_at_variables(run);
	return run;
}

struct flow_run *flow_run_ended(const struct flows *f, const struct flow_event *e,
				const char *account)
{
	int owner = flow_account_named(f, account);

	for (size_t i = 0; i < f->n_slots && owner != FLOW_NONE; i++) {
		const struct flow_slot_row *row = &f->slots[i];
		struct flow_run *run;

		if (row->account != owner || row->slot != FLOW_SLOT_ENDED ||
		    !flow_has_number(&f->files[row->file].numbers, e->to))
			continue;
		run = run_new(f, e, owner);
		run->pc = row->program.first;
		return run;
	}
	return NULL;
}

void flow_run_free(struct flow_run *run)
{
	if (!run)
		return;
	flow_variables_done(run);
	tw_buf_done(&run->text);
	tw_buf_done(&run->to);
	tw_buf_done(&run->saved);
	tw_buf_done(&run->subject);
	tw_buf_done(&run->arguments);
	free(run);
}

/* ---- stopping and going on ----------------------------------------------------------------- */

void flow_run_intent(const struct flow_run *run, enum flow_intent_type type,
		     struct flow_intent *ret)
{
	*ret = (struct flow_intent){ .type = type, .account = run->f->owners[run->account].name,
				     .text = tw_buf_str(&run->text), .text_n = run->text.n,
				     .is_consent = run->is_consent };
}

static void intent(const struct flow_run *run, enum flow_intent_type type, struct flow_intent *ret)
{
	flow_run_intent(run, type, ret);
}

/* Steps that are not a file's own stand nowhere: they cannot wait. */
static bool stand(struct flow_run *run, enum flow_stands stands, uint32_t op, struct wall_ms until,
		  struct flow_intent *ret)
{
	const struct flow_file *file = flow_file_of_op(run->f, op);

	run->is_over = true;
	save_variables(run);
	intent(run, FLOW_KEEP, ret);
	run->place.stands = stands;
	memcpy(run->place.version, file->version, FLOW_VERSION_SIZE);
	run->place.step = run->f->ops[op].step;
	run->place.until = until;
	run->place.variables = tw_buf_str(&run->saved);
	run->place.variables_n = run->saved.n;
	ret->place = run->place;
	return true;
}

static bool say(struct flow_run *run, uint32_t text, struct flow_intent *ret)
{
	tw_buf_clear(&run->text);
	flow_text_render(run, text, &run->text);
	if (!run->text.n)
		return false;
	intent(run, FLOW_REPLY, ret);
	return true;
}

/* The account's `ended` text in the place of what is left. */
static void end_with_text(struct flow_run *run)
{
	struct flow_run *ended = flow_run_ended(run->f->base ? run->f->base : run->f, run->e,
						run->f->owners[run->account].name);

	run->is_over = true;
	if (!ended)
		return;
	run->is_over = false;
	run->f = ended->f;
	run->pc = ended->pc;
	flow_run_free(ended);
}

/* The answer goes where the question says; a name that nobody declares any more goes nowhere. */
static bool save_answer(struct flow_run *run, const struct flow_ask *ask, struct flow_intent *ret)
{
	struct tw_buf value = { 0 };
	bool has = ask->save && (ask->field == FLOW_NONE ||
				 flow_field_read(flow_field(run->f, ask->field)->type,
						 tw_buf_str(&run->text), run->text.n, &value));

	if (has && ask->field != FLOW_NONE) {
		tw_buf_clear(&run->text);
		tw_buf_add(&run->text, tw_buf_str(&value), value.n);
	}
	tw_buf_done(&value);
	if (!has)
		return false;
	intent(run, FLOW_SET, ret);
	ret->name = ask->save;
	ret->is_rating = ask->expect.kind == EXPECT_RANGE && ask->expect.from == 0 &&
			 ask->expect.to == 10;
	return true;
}

/* NO to a list's question ends without a word (contract 2, subscribe); YES goes on. */
static bool refuse_list(struct flow_run *run, const struct flow_ask *ask, struct flow_intent *ret)
{
	if (run->text.n != 2 || memcmp(run->text.p, "no", 2))
		return false;
	run->is_over = true;
	intent(run, FLOW_UNSUBSCRIBE, ret);
	ret->name = flow_string(run->f, ask->list - 1);
	return true;
}

/* One of the times that were offered. */
static bool choose_slot(struct flow_run *run, const struct flow_ask *ask, struct flow_intent *ret)
{
	uint32_t at = ask->expect.appointment;
	bool moves = run->f->appointments[run->f->ops[at].a].action == FLOW_DO_OFFER_MOVE;
	const struct wall_ms slot = { strtoll(tw_buf_str(&run->text), NULL, 10) };

	return flow_appointment_step(run, at, moves ? FLOW_DO_MOVE : FLOW_DO_BOOK, slot, ret);
}

/* No answer: after spent tries with a word, after its time without (contract 2, ask). */
static void give_up(struct flow_run *run, const struct flow_op *op, bool is_spent)
{
	if (op->b)
		run->pc = op->b;
	else if (is_spent)
		end_with_text(run);
	else
		run->is_over = true;
}

/* Whether this is where one stands so. */
static bool is_stop(const struct flow_op *op, enum flow_stands stands)
{
	enum flow_code code = (enum flow_code)op->code;

	switch (stands) {
	case FLOW_ASKING:
		return code == OP_ASK;
	case FLOW_WAITING:
		return code == OP_WAIT || code == OP_ASIDE;
	case FLOW_AWAY:
		return flow_code_is_away(code) || code == OP_APPOINTMENT;
	}
	return false;
}

struct flow_run *flow_run_resume(const struct flows *f, const struct flow_event *e,
				 const char *account, const struct flow_place *place,
				 enum flow_cause cause)
{
	const struct flow_file *file = flow_file_of_version(f, place->version);
	uint32_t at = file ? flow_step_op(file, place->step) : 0;
	int owner = flow_account_named(f, account);
	struct flow_run *run;

	if (!at || owner == FLOW_NONE || !is_stop(&f->ops[at], place->stands))
		return NULL;
	run = run_new(f, e, owner);
	flow_variables_load(run, place->variables, place->variables_n);
	point_at_variables(run);
	run->place = *place;
	run->pc = at + 1;
	run->is_resumed = true;
	run->cause = cause;
	return run;
}

/* What the text or the clock does to a question, what the world to a step. True: there is an
 * intent. */
static bool resume(struct flow_run *run, struct flow_intent *ret)
{
	uint32_t at = run->pc - 1;
	const struct flow_op *op = &run->f->ops[at];
	const struct flow_ask *ask;

	run->is_resumed = false;
	if (flow_code_is_away((enum flow_code)op->code))
		return flow_away_resume(run, at, ret);
	if (op->code == OP_APPOINTMENT)
		return flow_calendar_resume(run, at, ret);
	if (op->code == OP_ASIDE)
		run->pc = at;		/* it may have to stand aside again */
	if (op->code != OP_ASK)
		return false;
	ask = &run->f->asks[op->a];
	if (run->cause == FLOW_BY_CLOCK) {
		give_up(run, op, false);
		return false;
	}
	tw_buf_clear(&run->text);
	if (flow_expect_takes(run, &ask->expect, run->e->text, run->e->text_n, &run->text)) {
		run->place = (struct flow_place){ .step = 0 };
		if (ask->expect.appointment)
			return choose_slot(run, ask, ret);
		return ask->list ? refuse_list(run, ask, ret) : save_answer(run, ask, ret);
	}
	if (run->place.tries >= ask->tries) {
		give_up(run, op, true);
		return false;
	}
	run->asks_again = true;
	run->pc = at;
	return false;
}

static bool ask(struct flow_run *run, uint32_t at, const struct flow_op *op,
		struct flow_intent *ret)
{
	const struct flow_ask *a = &run->f->asks[op->a];

	if (!run->asks_again) {
		run->place = (struct flow_place){ .first_at = run->e->now };
	}
	run->place.tries++;
	run->keeps = at;
	if (a->expect.appointment) {
		run->asks_again = false;
		tw_buf_clear(&run->text);
		flow_offer_render(run, a->expect.appointment, &run->text);
		intent(run, FLOW_REPLY, ret);
		return true;
	}
	bool says = say(run, run->asks_again ? a->again : a->text, ret);

	run->asks_again = false;
	return says;
}

/* ---- steps --------------------------------------------------------------------------------- */

static void see(const struct flow_run *run, uint32_t at, uint8_t what)
{
	const struct flow_op *op = &run->f->ops[at];
	const char *verb = flow_code_name((enum flow_code)op->code);

	run->f->seen[at] |= what;
	if (run->f->trace && *verb && (what == FLOW_SEEN_STEP || what == FLOW_SEEN_TRUE) &&
	    !(op->code == OP_SET && run->set_done))
		run->f->trace(run->f->trace_ctx, flow_file_of_op(run->f, at)->path, op->line, verb);
}

/* One op. True: there is an intent. */
static bool step(struct flow_run *run, struct flow_intent *ret)
{
	uint32_t at = run->pc++;
	const struct flow_op *op = &run->f->ops[at];

	if (op->code != OP_UNLESS)
		see(run, at, FLOW_SEEN_STEP);
	switch ((enum flow_code)op->code) {
	case OP_STOP:
		run->is_over = true;
		return false;
	case OP_NOTHING:
		return false;
	case OP_WEBHOOK:
	case OP_EXEC:
	case OP_EMAIL:
	case OP_CALL_FORWARD:
		return flow_away_leave(run, at, ret);
	case OP_REPLY:
		return say(run, op->a, ret);
	case OP_END:
		run->is_over = true;
		return op->a && say(run, op->a - 1, ret);
	case OP_UNLESS:
		if (flow_condition_is_true(run, op->a)) {
			see(run, at, FLOW_SEEN_TRUE);
		} else {
			see(run, at, FLOW_SEEN_FALSE);
			run->pc = op->b;
		}
		return false;
	case OP_JUMP:
		run->pc = op->b;
		return false;
	case OP_GO:
		run->pc = op->b;
		run->is_over = !op->b;
		return false;
	case OP_ASK:
		return ask(run, at, op, ret);
	case OP_WAIT:
		run->place = (struct flow_place){ .tries = 0 };
		return stand(run, FLOW_WAITING, at,
			     wall_after(run->e->now, run->f->asks[op->a].within), ret);
	case OP_SET:
		return run_set(run, op, ret);
	case OP_TAG:
		return run_name(run, op, FLOW_TAG, ret);
	case OP_UNTAG:
		return run_name(run, op, FLOW_UNTAG, ret);
	case OP_VOUCHER:
		return run_series(run, op, false, ret);
	case OP_REDEEM:
		return run_series(run, op, true, ret);
	case OP_SPLIT:
		return run_split(run, at, op, ret);
	case OP_PLEDGE:
		return run_pledge(run, op, ret);
	case OP_SEND:
		return run_send(run, op, ret);
	case OP_CONFIRM:
		run->confirm_at = at;
		return run_name(run, op, FLOW_CONFIRM, ret);
	case OP_SUBSCRIBE:
		return run_name(run, op, FLOW_SUBSCRIBE, ret);
	case OP_UNSUBSCRIBE:
		return run_name(run, op, FLOW_UNSUBSCRIBE, ret);
	case OP_TICKET:
	case OP_CALLBACK:
		return run_ticket(run, op, ret);
	case OP_FORWARD:
		return run_forward(run, op, ret);
	case OP_APPOINTMENT:
		return flow_appointment_step(run, at, run->f->appointments[op->a].action,
					     (struct wall_ms){ 0 }, ret);
	case OP_ASIDE:
		if (run->e->not_before.ms <= run->e->now.ms)
			return false;
		run->place = (struct flow_place){ .tries = 0 };
		return stand(run, FLOW_WAITING, at, run->e->not_before, ret);
	}
	return false;
}

/* At what was asked of the customer or of the world, once that is told. */
static bool stand_kept(struct flow_run *run, struct flow_intent *ret)
{
	uint32_t at = run->keeps;
	const struct flow_op *op = &run->f->ops[at];

	run->keeps = 0;
	if (flow_code_is_away((enum flow_code)op->code))
		return stand(run, FLOW_AWAY, at, flow_away_until(run, at), ret);
	if (op->code == OP_APPOINTMENT)
		return stand(run, FLOW_AWAY, at, flow_calendar_until(run, at), ret);
	return stand(run, FLOW_ASKING, at,
		     wall_after(run->place.first_at, run->f->asks[op->a].within), ret);
}

bool flow_run_next(struct flow_run *run, struct flow_intent *ret)
{
	if (run->is_resumed && resume(run, ret))
		return true;
	while (!run->is_over) {
		if (run->answer && flow_away_give(run, ret))
			return true;
		if (run->keeps)
			return stand_kept(run, ret);
		if (run->calendar_at)
			return flow_calendar_leave(run, ret);
		if (++run->steps > FLOW_STEPS_MAX) {
			run->is_over = true;
			tw_buf_clear(&run->text);
			tw_buf_addf(&run->text, "%s:%u", flow_file_of_op(run->f, run->pc)->path,
				    run->f->ops[run->pc].line);
			intent(run, FLOW_CUT, ret);
			return true;
		}
		if (step(run, ret))
			return true;
	}
	return false;
}

void flow_run_result(struct flow_run *run, const char *text)
{
	if (run->appointment_at) {
		flow_appointment_result(run, text);
	} else if (run->confirm_at) {
		if (text)
			run->pc = run->f->ops[run->confirm_at].b;
		run->confirm_at = 0;
	} else if (run->split_at) {
		const struct flow_split *s = &run->f->splits[run->f->ops[run->split_at].a];

		for (size_t i = 0; i < s->n; i++)
			if (text && !strcmp(s->arms[i].name, text))
				run->pc = s->targets[i];
		run->split_at = 0;
	} else if (run->awaits != VARIABLE_COUNT) {
		flow_variable_set(run, run->awaits, text, text ? strlen(text) : 0);
		run->awaits = VARIABLE_COUNT;
	}
}
