/* STOP, START and HELP (contract 3): whom they concern on this number, and what is answered. */
#include <stdio.h>

#include "internal.h"

enum { NAMES_SHOWN_MAX = 3 };	/* more accounts are called "this number" */

/* Accounts as a set of rows. */
struct accounts { int *v; size_t n; };

static void accounts_done(struct accounts *a)
{
	free(a->v);
}

static bool accounts_has(const struct accounts *a, int account)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i] == account)
			return true;
	return false;
}

static void accounts_add(struct accounts *a, int account)
{
	if (account != FLOW_NONE && !accounts_has(a, account))
		a->v[a->n++] = account;
}

static struct accounts accounts_named(const struct flows *f, const char *const *names, size_t n)
{
	struct accounts a = { tw_alloc((n + 1) * sizeof(*a.v)), 0 };

	for (size_t i = 0; i < n; i++)
		accounts_add(&a, flow_account_named(f, names[i]));
	return a;
}

/* The number's own account and whoever else wrote from it of late, or all when it is shared. */
static struct accounts accounts_of_number(const struct flows *f, const struct flow_event *e)
{
	struct accounts a = { tw_alloc(f->n_owners * sizeof(*a.v)), 0 };
	int own = *e->to_account ? flow_account_named(f, e->to_account) : FLOW_NONE;

	accounts_add(&a, own);
	for (size_t i = 0; i < e->n_recent_accounts && own != FLOW_NONE; i++)
		accounts_add(&a, flow_account_named(f, e->recent_accounts[i]));
	for (size_t i = 0; i < f->n_owners && own == FLOW_NONE; i++)
		accounts_add(&a, (int)i);
	return a;
}

/* The account of the set whose name stands behind a consent word, or FLOW_NONE. */
static int account_said(const struct flows *f, const struct accounts *a, const struct tw_buf *said)
{
	struct tw_buf name = { 0 };
	int found = FLOW_NONE;

	for (size_t i = 0; i < a->n && found == FLOW_NONE; i++) {
		tw_buf_clear(&name);
		flow_words_fold(f->owners[a->v[i]].name, strlen(f->owners[a->v[i]].name), &name);
		if (name.n == said->n && !memcmp(tw_buf_str(&name), said->p, said->n))
			found = a->v[i];
	}
	tw_buf_done(&name);
	return found;
}

static void keep_only(struct accounts *a, int account)
{
	a->n = account != FLOW_NONE;
	a->v[0] = account;
}

/* ---- languages and sentences --------------------------------------------------------------- */

struct flow_languages flow_consent_languages(const struct flows *f, const struct flow_event *e)
{
	struct flow_languages l = { .n = 0 };
	struct accounts a = accounts_of_number(f, e);

	if (e->contact_language && *e->contact_language)
		l.v[l.n++] = e->contact_language;
	for (size_t i = 0; i < a.n && l.n < TW_COUNT(l.v); i++)
		l.v[l.n++] = f->owners[a.v[i]].language;
	accounts_done(&a);
	return l;
}

/* A sentence in the contact's language, else the account's. */
static const char *phrase(const struct flow_run *run, enum flow_phrase which)
{
	const char *languages[] = { run->e->contact_language,
				    run->f->owners[run->account].language };

	return flow_phrase(run->f, run->account, which, languages, TW_COUNT(languages));
}

/* Appends a sentence with {names} replaced. */
static void add_sentence(struct tw_buf *out, const char *sentence, const char *names)
{
	const char *mark = strstr(sentence, "{names}");

	if (out->n)
		tw_buf_addc(out, ' ');
	if (!mark) {
		tw_buf_adds(out, sentence);
		return;
	}
	tw_buf_add(out, sentence, (size_t)(mark - sentence));
	tw_buf_adds(out, names);
	tw_buf_adds(out, mark + strlen("{names}"));
}

/* "A", "A and B", "A, B and C". */
static void add_names(const struct flow_run *run, const struct accounts *a, struct tw_buf *out)
{
	for (size_t i = 0; i < a->n; i++)
		tw_buf_addf(out, "%s%s%s%s", i && i + 1 < a->n ? ", " : i ? " " : "",
			    i && i + 1 == a->n ? phrase(run, FLOW_PHRASE_AND) : "",
			    i && i + 1 == a->n ? " " : "", run->f->owners[a->v[i]].name);
}

/* Whether the accounts have names that mean something to a customer. */
static bool has_names(const struct flow_run *run, const struct accounts *a)
{
	return a->n && a->n <= NAMES_SHOWN_MAX &&
	       !(a->n == 1 && !strcmp(run->f->owners[a->v[0]].name, "default"));
}

static void say(const struct flow_run *run, const struct tw_buf *text)
{
	flow_intent_add(run->ret, FLOW_REPLY, run->f->owners[run->account].name, NULL,
			tw_buf_str(text), text->n, true);
}

static void add_intents(const struct flows *f, enum flow_intent_type type, const struct accounts *a,
			struct flow_result *ret)
{
	for (size_t i = 0; i < a->n; i++)
		flow_intent_add(ret, type, f->owners[a->v[i]].name, NULL, NULL, 0, true);
}

static struct flow_run run_of(const struct flows *f, const struct flow_event *e, int account,
			      struct flow_result *ret)
{
	struct flow_run run = flow_run_new(f, e, account, ret);

	run.is_consent = true;
	return run;
}

/* ---- STOP ---------------------------------------------------------------------------------- */

static void confirm_stop(struct flow_run *run, const struct accounts *left, bool names_all)
{
	struct tw_buf names = { 0 }, text = { 0 };

	if (left->n == 1 && flow_slot_run(run, FLOW_SLOT_GOODBYE))
		return;
	add_names(run, left, &names);
	add_sentence(&text, phrase(run, has_names(run, left) ? FLOW_PHRASE_LEFT
							     : FLOW_PHRASE_LEFT_NUMBER),
		     tw_buf_str(&names));
	if (names_all)
		add_sentence(&text, phrase(run, FLOW_PHRASE_STOP_ALL), "");
	say(run, &text);
	tw_buf_done(&names);
	tw_buf_done(&text);
}

/* STOP alone: the one account that wrote from this number within 30 days; when none or more than
 * one did, all of the number. */
static void narrow(const struct flows *f, const struct flow_event *e,
		   const struct flow_saying *saying, struct accounts *left)
{
	struct accounts recent;

	if (saying->is_all)
		return;
	if (saying->rest.n) {
		keep_only(left, account_said(f, left, &saying->rest));
		return;
	}
	recent = accounts_named(f, e->recent_accounts, e->n_recent_accounts);
	if (recent.n == 1)
		keep_only(left, recent.v[0]);
	accounts_done(&recent);
}

/* STOP and a list's name: of each account of the number that has such a list. Whether there is
 * one. */
static bool leave_lists(const struct flows *f, const struct flow_event *e,
			const struct flow_saying *saying, struct flow_result *ret)
{
	struct accounts all = accounts_of_number(f, e);
	const struct flow_list *last = NULL;
	struct tw_buf text = { 0 };
	struct flow_run run;

	for (size_t i = 0; i < all.n; i++) {
		const struct flow_list *list = flow_list_said(f, all.v[i], &saying->rest);

		if (!list)
			continue;
		flow_intent_add(ret, FLOW_UNSUBSCRIBE, f->owners[list->account].name, NULL,
				NULL, 0, true);
		ret->v[ret->n - 1].name = list->name;
		last = list;
	}
	accounts_done(&all);
	if (!last)
		return false;
	run = run_of(f, e, last->account, ret);
	add_sentence(&text, phrase(&run, FLOW_PHRASE_LEFT_LIST), last->name);
	add_sentence(&text, phrase(&run, FLOW_PHRASE_STOP_ALL), "");
	say(&run, &text);
	tw_buf_done(&text);
	return true;
}

void flow_consent_stop(const struct flows *f, const struct flow_event *e,
		       const struct flow_saying *saying, struct flow_result *ret)
{
	struct accounts left = accounts_of_number(f, e);
	struct accounts stopped = accounts_named(f, e->stopped_accounts, e->n_stopped_accounts);
	size_t of_number = left.n;
	bool leaves_nothing = true;
	struct flow_run run;

	narrow(f, e, saying, &left);
	for (size_t i = 0; i < left.n; i++)
		leaves_nothing &= accounts_has(&stopped, left.v[i]);
	add_intents(f, FLOW_STOP, &left, ret);
	run = run_of(f, e, left.n == 1 ? left.v[0] : flow_account_of_rest(f, e), ret);
	if (!leaves_nothing || !e->is_stop_told)
		confirm_stop(&run, &left, of_number > 1 && !saying->is_all);
	accounts_done(&left);
	accounts_done(&stopped);
}

/* ---- START, HELP --------------------------------------------------------------------------- */

/* The first keyword of the account that joins a list; NULL none. */
static const struct flow_keyword *keyword_joining(const struct flows *f,
						  const struct flow_list *list)
{
	for (size_t i = 0; i < f->n_keywords; i++) {
		const struct flow_keyword *k = &f->keywords[i];

		for (uint32_t op = k->program.first; op && op < k->ops_end &&
		     k->account == list->account; op++)
			if (f->ops[op].code == OP_SUBSCRIBE && !strcmp(flow_string(f, f->ops[op].a),
								       list->name))
				return k;
	}
	return NULL;
}

/* START and a list's name: a list is joined by its keyword only (contract 3), so that is what it
 * says. */
static bool start_list(const struct flows *f, const struct flow_event *e,
		       const struct flow_saying *saying, struct flow_result *ret)
{
	struct accounts all = accounts_of_number(f, e);
	const struct flow_keyword *k = NULL;
	const struct flow_list *list = NULL;
	struct tw_buf text = { 0 };
	struct flow_run run;

	for (size_t i = 0; i < all.n && !k; i++) {
		list = flow_list_said(f, all.v[i], &saying->rest);
		k = list ? keyword_joining(f, list) : NULL;
	}
	accounts_done(&all);
	if (!k)
		return false;
	run = run_of(f, e, list->account, ret);
	for (const char *p = phrase(&run, FLOW_PHRASE_JOIN); *p;) {
		if (!strncmp(p, "{names}", 7)) {
			tw_buf_adds(&text, list->name);
			p += 7;
		} else if (!strncmp(p, "{keyword}", 9)) {
			tw_buf_adds(&text, k->name);
			p += 9;
		} else {
			tw_buf_addc(&text, *p++);
		}
	}
	say(&run, &text);
	tw_buf_done(&text);
	return true;
}

static bool start(const struct flows *f, const struct flow_event *e,
		  const struct flow_saying *saying, struct flow_result *ret)
{
	struct accounts back = accounts_named(f, e->stopped_accounts, e->n_stopped_accounts);
	struct tw_buf names = { 0 }, text = { 0 };
	struct flow_run run;
	bool takes;

	if (saying->rest.n && back.n)
		keep_only(&back, account_said(f, &back, &saying->rest));
	takes = back.n > 0;
	if (takes) {
		add_intents(f, FLOW_START, &back, ret);
		run = run_of(f, e, back.n == 1 ? back.v[0] : flow_account_of_rest(f, e), ret);
		if (back.n != 1 || !flow_slot_run(&run, FLOW_SLOT_WELCOME_BACK)) {
			add_names(&run, &back, &names);
			add_sentence(&text, phrase(&run, has_names(&run, &back) ? FLOW_PHRASE_BACK
							: FLOW_PHRASE_BACK_NUMBER),
				     tw_buf_str(&names));
			say(&run, &text);
		}
	}
	tw_buf_done(&names);
	tw_buf_done(&text);
	accounts_done(&back);
	return takes;
}

/* The account's name and how to leave, unless the account says it itself. */
static void say_help(struct flow_run *run, int account)
{
	struct accounts one = { &account, 1 };
	struct tw_buf text = { 0 };

	if (flow_slot_run(run, FLOW_SLOT_HELP_TEXT))
		return;
	if (has_names(run, &one))
		tw_buf_addf(&text, "%s.", run->f->owners[account].name);
	add_sentence(&text, phrase(run, FLOW_PHRASE_HOW), "");
	say(run, &text);
	tw_buf_done(&text);
}

static bool help(const struct flows *f, const struct flow_event *e,
		 const struct flow_saying *saying, struct flow_result *ret)
{
	int account = flow_account_of_rest(f, e);
	struct flow_run run;

	if (saying->rest.n) {
		struct accounts all = accounts_of_number(f, e);

		account = account_said(f, &all, &saying->rest);
		accounts_done(&all);
		if (account == FLOW_NONE)
			return false;
	}
	flow_intent_add(ret, FLOW_HELP, f->owners[account].name, NULL, NULL, 0, true);
	run = run_of(f, e, account, ret);
	if (e->is_automatic_ok)		/* a robot that asks for help all day is not answered */
		say_help(&run, account);
	return true;
}

static bool is_name_known(const struct flows *f, const struct flow_event *e,
			  const struct flow_saying *saying)
{
	struct accounts all = accounts_of_number(f, e);
	bool is_known = account_said(f, &all, &saying->rest) != FLOW_NONE;

	accounts_done(&all);
	return is_known;
}

/* UNSUBSCRIBE ALL, START ALL: where neither an account nor a list is called so. */
static bool says_all(const struct flow_saying *saying)
{
	return saying->rest.n == 3 && !memcmp(saying->rest.p, "all", 3);
}

bool flow_consent_decide(const struct flows *f, const struct flow_event *e,
			 const struct flow_saying *saying, struct flow_result *ret)
{
	const struct flow_saying all = { .says = saying->says, .is_all = true };

	switch (saying->says) {
	case SAYS_STOP:
		if (saying->rest.n && !is_name_known(f, e, saying)) {
			if (leave_lists(f, e, saying, ret))
				return true;
			if (!says_all(saying))
				return false;
			saying = &all;
		}
		flow_consent_stop(f, e, saying, ret);
		return true;
	case SAYS_START:
		if (saying->rest.n && !is_name_known(f, e, saying)) {
			if (!says_all(saying))
				return e->is_automatic_ok && start_list(f, e, saying, ret);
			saying = &all;
		}
		return start(f, e, saying, ret);
	case SAYS_HELP:
		return help(f, e, saying, ret);
	case SAYS_AMBIGUOUS:
	case SAYS_ASK:
	case SAYS_NOTHING:
		break;
	}
	return false;
}

void flow_consent_ask(const struct flows *f, const struct flow_event *e, struct flow_result *ret)
{
	struct flow_run run = run_of(f, e, flow_account_of_rest(f, e), ret);
	struct tw_buf text = { 0 };

	run.is_consent = false;		/* nothing was decided: an ordinary answer */
	tw_buf_adds(&text, phrase(&run, FLOW_PHRASE_HOW));
	flow_intent_add(ret, FLOW_REPLY, f->owners[run.account].name, NULL, text.p, text.n, false);
	tw_buf_done(&text);
}

/* ---- alone --------------------------------------------------------------------------------- */

enum consent_word flow_consent_word(const struct flows *f, const char *const *languages, size_t n,
				    const char *text, size_t text_n, const char **ret_rest)
{
	static const enum consent_word words[] = {
		[SAYS_NOTHING] = CONSENT_NONE, [SAYS_STOP] = CONSENT_STOP,
		[SAYS_START] = CONSENT_START, [SAYS_HELP] = CONSENT_HELP,
		[SAYS_AMBIGUOUS] = CONSENT_STOP_AMBIGUOUS, [SAYS_ASK] = CONSENT_NONE
	};
	static char rest[256];
	struct flow_saying saying = { .rest = { 0 } };

	flow_words_read(f->words, languages, n, text, text_n, &saying);
	tw_strset(rest, sizeof(rest), saying.is_all ? "all" : tw_buf_str(&saying.rest));
	tw_buf_done(&saying.rest);
	*ret_rest = rest;
	return words[saying.says];
}

enum consent_word flow_consent_sentence(const struct flows *f, const char *const *languages,
					size_t n, const char *text, size_t text_n)
{
	enum flow_says says = flow_words_sentence(f->words, languages, n, text, text_n);

	return says == SAYS_STOP ? CONSENT_STOP : says == SAYS_ASK ? CONSENT_ASK : CONSENT_NONE;
}
