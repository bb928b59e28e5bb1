/* Texts that stand in no file: what a campaign says, compiled against what the account's files
 * declare. Nothing of it can ask, wait or act. */
#include "internal.h"

struct flow_letter {
	struct flows *own;		/* holds what was compiled; its base declares the names */
	int account;
	int *texts;
	bool *is_plain;
	size_t n;
};

static struct flows *set_over(const struct flows *base)
{
	struct flows *f = tw_zalloc(sizeof(*f));

	f->base = base;
	f->words = base->words;
	f->owners = tw_zalloc((base->n_owners + 1) * sizeof(*f->owners));
	for (size_t i = 0; i < base->n_owners; i++)
		f->owners[f->n_owners++] = (struct flow_owner){ tw_strdup(base->owners[i].name),
			tw_strdup(base->owners[i].language), base->owners[i].zone };
	return f;
}

static bool has_only_literals(const struct flows *f, int text)
{
	const struct flow_wording *w = &f->wordings[f->texts[text].first];

	for (uint32_t i = 0; i < w->n; i++)
		if (f->pieces[w->first + i].name != FLOW_NONE)
			return false;
	return true;
}

static void compile(struct flow_letter *l, struct flow_compile *c,
		    const struct flow_letter_source *src)
{
	struct flow_series series;

	if (c->has_voucher && !flows_series(c->f->base, src->account, src->series, &series))
		tw_findings_add(c->findings, "voucher", 0, -1, true,
				"no voucher series \"%s\" is declared "
				"in `vouchers`", src->series);
	for (size_t i = 0; i < src->n_texts; i++) {
		l->texts[i] = flow_text_template(c, NULL, src->texts[i]);
		l->is_plain[i] = l->texts[i] >= 0 && has_only_literals(c->f, l->texts[i]);
	}
}

struct flow_letter *flow_letter_new(const struct flows *f, const struct flow_letter_source *src,
				    struct tw_findings *findings)
{
	struct flow_letter *l = tw_zalloc(sizeof(*l));
	size_t before = findings->errors;

	l->account = flow_account_named(f, src->account);
	l->n = src->n_texts;
	l->texts = tw_zalloc((l->n + 1) * sizeof(*l->texts));
	l->is_plain = tw_zalloc((l->n + 1) * sizeof(*l->is_plain));
	l->own = set_over(f);
	struct flow_compile c = { .f = l->own, .findings = findings, .country = "",
				  .account = l->account, .is_audience = true,
				  .has_voucher = src->series && src->series[0] };

	if (l->account == FLOW_NONE)
		tw_findings_add(findings, "account", 0, -1, true, "there is no account \"%s\"",
				src->account);
	else
		compile(l, &c, src);
	if (findings->errors == before)
		return l;
	flow_letter_free(l);
	return NULL;
}

void flow_letter_free(struct flow_letter *l)
{
	if (!l)
		return;
	flows_free(l->own);
	free(l->texts);
	free(l->is_plain);
	free(l);
}

void flow_letter_write(const struct flow_letter *l, size_t text, const struct flow_event *e,
		       const char *voucher, struct tw_buf *out)
{
	struct flow_run run = flow_run_new(l->own, e, l->account, NULL);

	if (voucher)
		flow_variable_set(&run, VARIABLE_VOUCHER, voucher, strlen(voucher));
	flow_text_render(&run, (uint32_t)l->texts[text], out);
	flow_variable_set(&run, VARIABLE_VOUCHER, NULL, 0);
}

bool flow_letter_is_plain(const struct flow_letter *l, size_t text)
{
	return l->is_plain[text];
}
