/* What one text leads to, in the order of contract 2, as far as it is built: consent words, a
 * keyword that goes before a person and the open question, the person who talks, the open question,
 * an exact keyword, an ambiguous consent word, a keyword with a slip, how to leave, an intent,
 * otherwise. */
#include <stdio.h>

#include "internal.h"

/* ---- results ------------------------------------------------------------------------------- */

void flow_result_done(struct flow_result *r)
{
	free(r->v);
	tw_buf_done(&r->text);
	*r = (struct flow_result){ 0 };
}

/* While a decision is made the text may move: its offset stands where the address will. */
void flow_intent_add(struct flow_result *ret, enum flow_intent_type type, const char *account,
		     const char *keyword, const char *text, size_t text_n, bool is_consent)
{
	struct flow_intent *i = FLOW_PUSH(ret->v, ret->n, ret->cap);

	*i = (struct flow_intent){ .type = type, .account = account, .keyword = keyword,
				   .text_n = text_n, .is_consent = is_consent };
	if (!text)
		return;
	i->text = (const char *)(uintptr_t)(ret->text.n + 1);
	tw_buf_add(&ret->text, text, text_n);
	tw_buf_addc(&ret->text, '\0');
}

static void settle_texts(struct flow_result *ret)
{
	for (size_t i = 0; i < ret->n; i++)
		if (ret->v[i].text)
			ret->v[i].text = ret->text.p + (uintptr_t)ret->v[i].text - 1;
}

/* ---- accounts ------------------------------------------------------------------------------ */

int flow_account_named(const struct flows *f, const char *name)
{
	for (size_t i = 0; i < f->n_owners; i++)
		if (!strcmp(f->owners[i].name, name))
			return (int)i;
	return FLOW_NONE;
}

int flow_account_of_rest(const struct flows *f, const struct flow_event *e)
{
	int account = *e->to_account ? flow_account_named(f, e->to_account) : FLOW_NONE;

	if (account == FLOW_NONE && e->last_account && *e->last_account)
		account = flow_account_named(f, e->last_account);
	return account == FLOW_NONE ? 0 : account;
}

struct flow_run flow_run_new(const struct flows *f, const struct flow_event *e, int account,
			     struct flow_result *ret)
{
	return (struct flow_run){ .f = f, .e = e, .ret = ret, .account = account, .keyword = "",
				  .now = tw_zone_civil(f->owners[account].zone, e->now) };
}

void flow_run_args(struct flow_run *run, const char *text, size_t n, size_t key_n)
{
	size_t rest = key_n ? tw_fold_rest(text, n, key_n) : 0;

	run->args = text + rest;
	run->args_n = n - rest;
	while (key_n && run->args_n && run->args[run->args_n - 1] &&
	       strchr(" \t\r\n", run->args[run->args_n - 1]))
		run->args_n--;
}

/* Steps are run by whoever carries the intents out, one after the other. */
static void begin_add(const struct flow_run *run, struct flow_program program)
{
	struct flow_intent *i;

	if (!program.first)
		return;
	flow_intent_add(run->ret, FLOW_BEGIN, run->f->owners[run->account].name,
			*run->keyword ? run->keyword : NULL, NULL, 0, run->is_consent);
	i = &run->ret->v[run->ret->n - 1];
	i->program = program.first;
	i->args = run->args;
	i->args_n = run->args_n;
}

bool flow_slot_run(struct flow_run *run, enum flow_slot slot)
{
	const struct flows *f = run->f;

	for (size_t i = 0; i < f->n_slots; i++) {
		const struct flow_slot_row *row = &f->slots[i];

		if (row->account != run->account || row->slot != slot ||
		    !flow_has_number(&f->files[row->file].numbers, run->e->to))
			continue;
		begin_add(run, row->program);
		return true;
	}
	return false;
}

/* ---- the order ----------------------------------------------------------------------------- */

/* One text being decided. */
struct decision {
	const struct flows *f;
	const struct flow_event *e;
	struct flow_result *ret;
	struct tw_buf key;
	struct flow_saying saying;
	enum flow_says sentence;	/* where the whole is no consent word */
	struct flow_found exact;
};

static bool is_short_number(const struct flow_event *e)
{
	enum { SHORT_DIGITS = 6 };

	return e->from_kind == NUMBER_SHORT && strlen(e->from) <= SHORT_DIGITS;
}

/* text: that the keyword stands at the beginning of. */
static void take_of(struct decision *d, struct flow_found found, const char *text, size_t n)
{
	const struct flow_keyword *k = &d->f->keywords[found.keyword];
	struct flow_run run = flow_run_new(d->f, d->e, k->account, d->ret);

	run.keyword = k->name;
	flow_run_args(&run, text, n, found.key_n);
	flow_intent_add(d->ret, FLOW_TAKEN, d->f->owners[k->account].name, k->name, NULL, 0, false);
	begin_add(&run, k->program);
}

static void take(struct decision *d, struct flow_found found)
{
	take_of(d, found, d->e->text, d->e->text_n);
}

/* The keyword that was meant: what follows it stands in the text with the slip. */
static bool takes_choice(struct decision *d)
{
	struct flow_found chosen = flow_which_find(d->f, d->e);

	if (chosen.keyword == FLOW_NONE)
		return false;
	take_of(d, chosen, d->e->which->text, d->e->which->text_n);
	return true;
}

/* A keyword is never taken for the number of another one. */
static void take_exact(struct decision *d)
{
	if (d->exact.key_n != d->key.n || flow_which_find(d->f, d->e).keyword != d->exact.keyword ||
	    !takes_choice(d))
		take(d, d->exact);
}

/* START that is a keyword too opens again, and then the keyword has its say. */
static bool takes_consent(struct decision *d)
{
	size_t before = d->ret->n;
	bool is_keyword = d->e->is_automatic_ok && d->exact.keyword != FLOW_NONE &&
			  d->exact.key_n == d->key.n;

	if (!flow_consent_decide(d->f, d->e, &d->saying, d->ret))
		return false;
	if (d->saying.says != SAYS_START || !is_keyword)
		return true;
	while (d->ret->n > before && (d->ret->v[d->ret->n - 1].type == FLOW_REPLY ||
				      d->ret->v[d->ret->n - 1].type == FLOW_BEGIN))
		d->ret->n--;
	return false;
}

static bool takes_slip(struct decision *d)
{
	struct flow_found found[FLOW_CHOICES_MAX];
	size_t n = flow_slips_find(d->f, d->e, tw_buf_str(&d->key), d->key.n, found);

	if (!n || (n == 1 && d->f->keywords[found[0].keyword].is_costly))
		return false;
	if (n == 1)
		take(d, found[0]);
	else
		flow_which_ask(d->f, d->e, found, n, d->ret);
	return true;
}

/* Rule 8. What is given to a name or a short number is a keyword's that says so. */
static bool takes_intent(struct decision *d)
{
	int account = flow_account_of_rest(d->f, d->e);
	struct flow_guess guess = flow_intent_guess(d->f, d->e, account);
	struct flow_run run = flow_run_new(d->f, d->e, account, d->ret);
	struct flow_aim aim;

	if (!guess.wins || d->e->from_kind == NUMBER_NAME)
		return false;
	aim = flow_intent_aim(d->f, d->e, guess.intent);
	if (aim.keyword == FLOW_NONE && (!aim.op || is_short_number(d->e)))
		return false;
	if (aim.keyword != FLOW_NONE)
		run.keyword = d->f->keywords[aim.keyword].name;
	flow_run_args(&run, d->e->text, d->e->text_n, 0);
	flow_intent_add(d->ret, FLOW_TAKEN, d->f->owners[account].name, *run.keyword
			? run.keyword : NULL, NULL, 0, false);
	begin_add(&run, aim.keyword == FLOW_NONE ? (struct flow_program){ aim.op }
						 : d->f->keywords[aim.keyword].program);
	return true;
}

static void add_otherwise(const struct flows *f, const struct flow_event *e, int account,
			  struct flow_result *ret)
{
	struct flow_run run = flow_run_new(f, e, account, ret);

	flow_run_args(&run, e->text, e->text_n, 0);
	if (e->from_kind != NUMBER_NAME && !is_short_number(e))
		flow_slot_run(&run, FLOW_SLOT_OTHERWISE);
}

static void leave_untaken(struct decision *d)
{
	int account = flow_account_of_rest(d->f, d->e);

	flow_intent_add(d->ret, FLOW_UNTAKEN, d->f->owners[account].name, NULL, NULL, 0, false);
	add_otherwise(d->f, d->e, account, d->ret);
}

/* Consent is a person's: not of a name, a short number, or a SIM of the bank. */
static void read_consent(struct decision *d)
{
	struct flow_languages languages;

	if (d->e->from_kind == NUMBER_NAME || is_short_number(d->e))
		return;
	languages = flow_consent_languages(d->f, d->e);
	flow_words_read(d->f->words, languages.v, languages.n, d->e->text, d->e->text_n,
			&d->saying);
	if (d->saying.says == SAYS_NOTHING || d->saying.rest.n)
		d->sentence = flow_words_sentence(d->f->words, languages.v, languages.n, d->e->text,
						  d->e->text_n);
}

/* An unmistakable sentence leaves like the word STOP alone, unless the whole text is a keyword. */
static bool takes_sentence(struct decision *d)
{
	const struct flow_saying stop = { .says = SAYS_STOP };

	if (d->sentence != SAYS_STOP || (d->exact.keyword != FLOW_NONE &&
					 d->exact.key_n == d->key.n))
		return false;
	flow_consent_stop(d->f, d->e, &stop, d->ret);
	return true;
}

static void answer(struct decision *d)
{
	flow_intent_add(d->ret, FLOW_ANSWER, d->e->question->account, NULL, NULL, 0, false);
	d->ret->v[d->ret->n - 1].question = d->e->question->id;
}

static bool is_whole_keyword(const struct decision *d)
{
	return d->exact.key_n == d->key.n;
}

/* Rule 4 of the order: whether the keyword goes before the open question. */
static bool keyword_goes_before_question(const struct decision *d, bool is_answer)
{
	const struct flow_question *q = d->e->question;

	switch (flow_question_policy(d->e)) {
	case POLICY_WIN:
		return true;
	case POLICY_WAIT:
		return false;
	case POLICY_AUTO:
		break;
	}
	if (!is_answer)
		return true;
	return is_whole_keyword(d) &&
	       strcmp(d->f->owners[d->f->keywords[d->exact.keyword].account].name, q->account) != 0;
}

/* Rule 4: whether the keyword goes before whoever else would take the text. */
static bool keyword_goes_first(const struct decision *d, bool is_answer)
{
	const struct flow_event *e = d->e;

	if (e->person_account && e->is_taken_over)
		return false;
	if (e->question && keyword_goes_before_question(d, is_answer))
		return true;
	if (e->question && flow_question_policy(e) == POLICY_WAIT)
		return false;
	return e->person_account ? is_whole_keyword(d) : !e->question;
}

/* Rule 5. */
static bool takes_person(struct decision *d)
{
	if (!d->e->person_account)
		return false;
	flow_intent_add(d->ret, FLOW_PERSON, d->e->person_account, NULL, NULL, 0, false);
	return true;
}

/* Rules 4 to 6. Whether a keyword, a person or the question took the text. */
static bool takes_in_order(struct decision *d)
{
	bool has_question = d->e->question != NULL;
	bool is_answer = has_question && flow_question_takes(d->e);

	if (d->exact.keyword != FLOW_NONE && keyword_goes_first(d, is_answer))
		take_exact(d);
	else if (takes_person(d) || takes_choice(d))
		return true;
	else if (has_question && (is_answer || d->saying.says != SAYS_AMBIGUOUS))
		answer(d);
	else
		return false;
	return true;
}

/* The rest may say STOP, answer the question or be a person's: then the whole is waited for. */
static void decide_early(struct decision *d)
{
	const struct flow_event *e = d->e;

	if (!e->is_automatic_ok || e->from_kind == NUMBER_NAME || e->person_account ||
	    (e->question && flow_question_policy(e) != POLICY_WIN))
		return;
	read_consent(d);
	d->exact = flow_match_find(d->f, e, tw_buf_str(&d->key), d->key.n);
	if (d->saying.says == SAYS_NOTHING && d->sentence == SAYS_NOTHING &&
	    d->exact.keyword != FLOW_NONE && !d->f->keywords[d->exact.keyword].looks_at_text &&
	    flow_early_is_settled(d->f, tw_buf_str(&d->key), d->key.n, d->exact))
		take(d, d->exact);
}

static void decide(struct decision *d)
{
	const struct flow_event *e = d->e;

	read_consent(d);
	if (e->from_kind != NUMBER_NAME)
		d->exact = flow_match_find(d->f, e, tw_buf_str(&d->key), d->key.n);
	if (takes_consent(d) || takes_sentence(d))
		return;
	if (e->is_automatic_ok ? takes_in_order(d) : takes_person(d))
		return;
	if (d->exact.keyword != FLOW_NONE)
		return;
	if (d->saying.says == SAYS_AMBIGUOUS) {
		flow_consent_stop(d->f, e, &d->saying, d->ret);
		return;
	}
	if (!e->is_automatic_ok)
		return;
	if (e->from_kind != NUMBER_NAME && takes_slip(d))
		return;
	if (d->saying.says == SAYS_ASK || d->sentence == SAYS_ASK)
		flow_consent_ask(d->f, e, d->ret);
	else if (!takes_intent(d))
		leave_untaken(d);
}

void flow_decide_otherwise(const struct flows *f, const struct flow_event *e, const char *account,
			   struct flow_result *ret)
{
	int owner = flow_account_named(f, account);

	ret->n = 0;
	tw_buf_clear(&ret->text);
	if (owner != FLOW_NONE)
		add_otherwise(f, e, owner, ret);
	settle_texts(ret);
}

void flow_decide_call(const struct flows *f, const struct flow_event *e, struct flow_result *ret)
{
	int account = flow_account_of_rest(f, e);
	struct flow_run run = flow_run_new(f, e, account, ret);

	ret->n = 0;
	tw_buf_clear(&ret->text);
	if (e->is_own_number || !e->is_automatic_ok || e->from_kind == NUMBER_NAME)
		return;
	for (size_t i = 0; i < f->n_ons; i++) {
		const struct flow_on *on = &f->ons[i];

		if (on->account == account && on->event == FLOW_ON_MISSED_CALL &&
		    flow_has_number(&f->files[on->file].numbers, e->to))
			begin_add(&run, on->program);
	}
}

void flow_decide_closed(const struct flows *f, const struct flow_event *e, const char *account,
			const char *ticket, struct flow_result *ret)
{
	int owner = flow_account_named(f, account);

	ret->n = 0;
	tw_buf_clear(&ret->text);
	for (size_t i = 0; i < f->n_ons && owner != FLOW_NONE; i++) {
		const struct flow_on *on = &f->ons[i];
		struct flow_run run = flow_run_new(f, e, owner, ret);

		if (on->account != owner || on->event != FLOW_ON_TICKET_CLOSED ||
		    !flow_has_number(&f->files[on->file].numbers, e->to))
			continue;
		begin_add(&run, on->program);
		if (ret->n)
			ret->v[ret->n - 1].ticket = ticket;
	}
}

void flow_decide(const struct flows *f, const struct flow_event *e, struct flow_result *ret)
{
	struct decision d = { .f = f, .e = e, .ret = ret, .exact = { FLOW_NONE, 0 } };

	ret->n = 0;
	tw_buf_clear(&ret->text);
	if (e->is_own_number)
		return;
	tw_fold_key(e->text, e->text_n, &d.key);
	if (e->is_first_part)
		decide_early(&d);
	else
		decide(&d);
	settle_texts(ret);
	tw_buf_done(&d.key);
	tw_buf_done(&d.saying.rest);
}
