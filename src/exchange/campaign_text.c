/* Who of a campaign gets what: texts and audience compiled against the flows of now, arms by
 * weight. */
#include <stdio.h>

#include "campaign.h"

/* The first thing that is wrong, in a sentence. */
static int say(const struct tw_findings *f, char *reterr, size_t cap)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct tw_finding *wrong = &f->v[i];
		const char *what = wrong->file && wrong->file[0] ? wrong->file : "when";

		if (!wrong->is_error)
			continue;
		if (wrong->offset >= 0)
			snprintf(reterr, cap, "%s: %s (at character %d)", what, wrong->text,
				 wrong->offset + 1);
		else
			snprintf(reterr, cap, "%s: %s", what, wrong->text);
		return TW_E_CONFIG;
	}
	snprintf(reterr, cap, "it cannot be read");
	return TW_E_CONFIG;
}

static int compile_texts(struct exchange *x, struct running *run, struct tw_findings *findings)
{
	const char *texts[STORE_CAMPAIGN_ARMS];
	const struct flow_letter_source src = { .account = run->account, .series = run->c.series,
						.texts = texts, .n_texts = run->c.n_arms };

	for (size_t i = 0; i < run->c.n_arms; i++)
		texts[i] = run->c.arms[i].text;
	run->letter = flow_letter_new(x->flows, &src, findings);
	return run->letter ? 0 : TW_E_CONFIG;
}

/* A list on which nobody ever was: then only the expression is looked at. */
static int compile_audience(struct exchange *x, struct running *run, struct tw_findings *findings)
{
	struct audience_of of = { run->account, run->c.list, run->c.when };
	int r = audience_new(x, &of, &run->audience, findings);

	if (r != TW_E_UNKNOWN)
		return r;
	of.list = NULL;
	r = audience_new(x, &of, &run->audience, findings);
	audience_free(run->audience);
	run->audience = NULL;
	return r;
}

int campaign_compile(struct exchange *x, struct running *run, char *reterr, size_t cap)
{
	struct tw_findings findings = { 0 };
	struct flow_list_info list;
	int r;

	if (run->letter)
		return 0;
	if (!x->flows || !flows_list(x->flows, run->account, run->c.list, &list)) {
		snprintf(reterr, cap, "list: no flow of the account declares the list \"%s\" in "
				      "`lists`",
			 run->c.list);
		return TW_E_CONFIG;
	}
	r = compile_texts(x, run, &findings);
	if (r == 0)
		r = compile_audience(x, run, &findings);
	if (r == TW_E_CONFIG)
		say(&findings, reterr, cap);
	if (r < 0) {
		flow_letter_free(run->letter);
		run->letter = NULL;
	}
	tw_findings_done(&findings);
	return r;
}

size_t campaign_arm(const struct store_campaign *c, int64_t contact)
{
	const int64_t who[2] = { c->id, contact };
	int64_t all = 0, at;

	for (size_t i = 0; i < c->n_arms; i++)
		all += c->arms[i].weight;
	at = (int64_t)(tw_hash64(who, sizeof(who)) % (uint64_t)all);
	for (size_t i = 0; i < c->n_arms; i++) {
		at -= c->arms[i].weight;
		if (at < 0)
			return i;
	}
	return 0;
}

/* A code of its own; a sample shows the pattern, or the first of the file. */
static int draw(struct exchange *x, const struct running *run, const struct store_contact *c,
		bool is_sample, char out[STORE_CODE_MAX])
{
	const struct talk t = { .c = *c, .account = run->account };
	struct flow_series series;

	if (!flows_series(x->flows, run->account, run->c.series, &series))
		return TW_E_UNKNOWN;
	if (!is_sample)
		return voucher_draw(x, &t, &series, out);
	tw_strset(out, STORE_CODE_MAX, series.generate ? series.generate :
		  series.n_codes ? series.codes[0] : "");
	return 0;
}

int campaign_write(struct exchange *x, struct running *run, const struct store_contact *c,
		   size_t arm, bool is_sample, struct sms_form *ret)
{
	char code[STORE_CODE_MAX] = "";
	struct sms_fault fault;
	struct flow_view view;
	bool is_plain = flow_letter_is_plain(run->letter, arm);
	int r = 0;

	tw_buf_clear(&run->text);
	if (run->c.series[0])
		r = draw(x, run, c, is_sample, code);
	if (r < 0)
		return r;
	struct flow_event e = audience_event(x, c, "", &view);

	flow_letter_write(run->letter, arm, &e, code[0] ? code : NULL, &run->text);
	if (x->asked.error)
		return x->asked.error;
	if (is_plain && run->plain[arm].is_there) {
		*ret = run->plain[arm].form;
		return 0;
	}
	if (!run->text.n || outbox_form(x, run->text.p, run->text.n, false, ret, &fault) < 0)
		return TW_E_RANGE;
	run->plain[arm].is_there = is_plain;
	run->plain[arm].form = *ret;
	return 0;
}
