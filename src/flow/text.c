/* Texts: one wording or a group of them by language, each a template compiled into pieces. A
 * template never acts. */
#include <ctype.h>
#include <stdio.h>

#include "internal.h"

/* ---- names --------------------------------------------------------------------------------- */

static void add_text(const struct flow_run *run, struct tw_buf *out)
{
	tw_utf8_clean(run->e->text, run->e->text_n, out);
}

static void add_args(const struct flow_run *run, struct tw_buf *out)
{
	tw_utf8_clean(run->args ? run->args : "", run->args_n, out);
}

static void add_keyword(const struct flow_run *run, struct tw_buf *out)
{
	tw_buf_adds(out, run->keyword);
}

static void add_long_number(const struct flow_run *run, struct tw_buf *out)
{
	tw_buf_adds(out, run->e->to);
}

static void add_number(const struct flow_run *run, struct tw_buf *out)
{
	tw_buf_adds(out, run->e->from);
}

static void add_name(const struct flow_run *run, struct tw_buf *out)
{
	tw_buf_adds(out, run->e->contact_name ? run->e->contact_name : "");
}

static void add_language(const struct flow_run *run, struct tw_buf *out)
{
	tw_buf_adds(out, flow_run_language(run));
}

static void add_country(const struct flow_run *run, struct tw_buf *out)
{
	struct number_facts facts;

	if (run->e->from_kind == NUMBER_E164 && number_facts(run->e->from, &facts))
		tw_buf_adds(out, facts.country);
}

static void add_hour(const struct flow_run *run, struct tw_buf *out)
{
	tw_buf_addf(out, "%d", run->now.hour);
}

static void add_weekday(const struct flow_run *run, struct tw_buf *out)
{
	tw_buf_addf(out, "%d", run->now.weekday);
}

static void add_today(const struct flow_run *run, struct tw_buf *out)
{
	tw_buf_addf(out, "%04d-%02d-%02d", run->now.year, run->now.month, run->now.day);
}

static void add_now(const struct flow_run *run, struct tw_buf *out)
{
	add_today(run, out);
	tw_buf_addf(out, " %02d:%02d", run->now.hour, run->now.minute);
}

/* Names of conditions and templates (contract 2). Those without a function belong to what is not
 * built yet, and are refused by name. */
static const struct name {
	const char *name;
	void (*add)(const struct flow_run *run, struct tw_buf *out);
} names[] = {
	{ "text", add_text }, { "args", add_args }, { "keyword", add_keyword },
	{ "long_number", add_long_number }, { "number", add_number }, { "name", add_name },
	{ "language", add_language }, { "country", add_country }, { "hour", add_hour },
	{ "weekday", add_weekday }, { "today", add_today }, { "now", add_now },
	{ "zone", NULL }, { "owner", NULL }, { "new", NULL }, { "known", NULL },
	{ "voucher", NULL }, { "ticket", NULL }, { "redeemed", NULL }, { "pledge", NULL },
	{ "booking", NULL }, { "slot", NULL }, { "place", NULL }, { "map", NULL },
};

/* ---- reading ------------------------------------------------------------------------------- */

static uint32_t keep(struct flows *f, const char *text, size_t n)
{
	uint32_t at = (uint32_t)f->strings.n;

	tw_buf_add(&f->strings, text, n);
	return at;
}

struct reader {
	struct flow_compile *c;
	const struct tw_conf_node *node;
	const char *text, *p;
	bool failed;
};

static void __attribute__((format(printf, 3, 4))) fault(struct reader *r, const char *at,
							const char *format, ...)
{
	tw_auto(tw_free_charp) char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	tw_findings_add(r->c->findings, tw_conf_file(r->node), tw_conf_line(r->node),
			(int)(at - r->text), true, "%s", text);
	r->failed = true;
}

static int name_of(struct reader *r, const char *start, size_t n)
{
	tw_auto(tw_free_charp) char *name = tw_strndup(start, n);
	const char *all[TW_COUNT(names)], *near;

	for (size_t i = 0; i < TW_COUNT(names); i++) {
		all[i] = names[i].name;
		if (strcmp(names[i].name, name))
			continue;
		if (names[i].add)
			return (int)i;
		fault(r, start, "{%s} is not available in this version of twoway", name);
		return FLOW_NONE;
	}
	near = tw_nearest(name, all, TW_COUNT(names));
	if (near)
		fault(r, start, "no name {%s} is known; did you mean {%s}?", name, near);
	else
		fault(r, start, "no name {%s} is known; write {{ for a brace", name);
	return FLOW_NONE;
}

static void check_date_format(struct reader *r, const char *format, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (format[i] == '%' && (i + 1 == n || !strchr("dmYHMaAbB%", format[i + 1]))) {
			fault(r, format + i, "date knows %%d %%m %%Y %%H %%M %%a %%A %%b %%B only");
			return;
		} else if (format[i] == '%') {
			i++;
		}
}

/* Reads `!` filter up to the closing brace. */
static void read_filter(struct reader *r, struct flow_piece *piece, const char *start,
			const char *end)
{
	const char *open = memchr(start, '(', (size_t)(end - start));
	const char *name_end = open ? open : end;
	int filter = flow_filter_named(start, (size_t)(name_end - start));

	if (filter == FLOW_NONE) {
		fault(r, start, "no filter `%.*s` is known: there are %s", (int)(name_end - start),
		      start, flow_filter_names());
		return;
	}
	if (flow_filter_wants(filter) != (open != NULL) || (open && end[-1] != ')')) {
		fault(r, start, open && !flow_filter_wants(filter)
		      ? "this filter takes nothing in ( )" : "date wants a format such as "
		      "date(%%d.%%m.%%Y)");
		return;
	}
	piece->filter = filter;
	if (!open)
		return;
	check_date_format(r, open + 1, (size_t)(end - open - 2));
	piece->argument_n = (uint32_t)(end - open - 2);
	piece->argument = keep(r->c->f, open + 1, piece->argument_n);
}

/* At the character behind an opening brace: name, | fallback, ! filter. */
static void read_name(struct reader *r)
{
	const char *start = r->p, *end = strchr(start, '}'), *bar, *mark, *name_end;
	struct flow_piece piece = { .filter = FLOW_NONE };

	if (!end) {
		fault(r, start - 1, "this { is never closed by }; write {{ for a brace");
		return;
	}
	r->p = end + 1;
	bar = memchr(start, '|', (size_t)(end - start));
	mark = memchr(start, '!', (size_t)(end - start));
	if (mark && bar && mark < bar)
		bar = NULL;
	/* The filter is what stands behind the last `!`: a fallback may hold one ("Hello!"). */
	if (bar) {
		mark = memrchr(bar, '!', (size_t)(end - bar));
		if (mark && (mark + 1 == end || !islower((unsigned char)mark[1])))
			mark = NULL;
	}
	name_end = bar ? bar : mark ? mark : end;
	piece.name = name_of(r, start, (size_t)(name_end - start));
	if (bar) {
		piece.text_n = (uint32_t)((mark ? mark : end) - bar - 1);
		piece.text = keep(r->c->f, bar + 1, piece.text_n);
	}
	if (mark)
		read_filter(r, &piece, mark + 1, end);
	*FLOW_PUSH(r->c->f->pieces, r->c->f->n_pieces, r->c->f->cap_pieces) = piece;
}

static void push_literal(struct reader *r, struct tw_buf *literal)
{
	struct flows *f = r->c->f;

	if (!literal->n)
		return;
	*FLOW_PUSH(f->pieces, f->n_pieces, f->cap_pieces) =
		(struct flow_piece){ .name = FLOW_NONE, .filter = FLOW_NONE,
				     .text = keep(f, literal->p, literal->n),
				     .text_n = (uint32_t)literal->n };
	tw_buf_clear(literal);
}

static int read_template(struct flow_compile *c, const struct tw_conf_node *node)
{
	struct reader r = { .c = c, .node = node, .text = tw_conf_string(node) };
	struct tw_buf literal = { 0 };

	for (r.p = r.text; *r.p && !r.failed;) {
		if (r.p[0] == '{' && r.p[1] == '{') {
			tw_buf_addc(&literal, '{');
			r.p += 2;
		} else if (*r.p == '{') {
			push_literal(&r, &literal);
			r.p++;
			read_name(&r);
		} else {
			tw_buf_addc(&literal, *r.p++);
		}
	}
	push_literal(&r, &literal);
	tw_buf_done(&literal);
	return r.failed ? TW_E_CONFIG : 0;
}

static bool is_language(const char *name)
{
	size_t n = strcspn(name, "-_");

	if (n < 2 || n > 3 || strlen(name) >= sizeof(((struct flow_wording *)0)->language))
		return false;
	for (const char *p = name; *p; p++)
		if (!(p < name + n ? islower((unsigned char)*p) : isalnum((unsigned char)*p)) &&
		    *p != '-' && *p != '_')
			return false;
	return true;
}

static int add_wording(struct flow_compile *c, const char *language, const struct tw_conf_node *node)
{
	struct flow_wording w = { .first = (uint32_t)c->f->n_pieces };

	if (tw_conf_type(node) != TW_CONF_STRING) {
		tw_conf_fault(node, c->findings, true, "a text was expected here, not %s",
			      tw_conf_type_name(tw_conf_type(node)));
		return TW_E_CONFIG;
	}
	if (language && !is_language(language)) {
		tw_conf_fault(node, c->findings, true, "`%s` is no language: a text may be a group by "
			      "language such as { en = \"…\"; de = \"…\"; }", language);
		return TW_E_CONFIG;
	}
	tw_strset(w.language, sizeof(w.language), language ? language : "");
	if (read_template(c, node) < 0)
		return TW_E_CONFIG;
	w.n = (uint32_t)(c->f->n_pieces - w.first);
	*FLOW_PUSH(c->f->wordings, c->f->n_wordings, c->f->cap_wordings) = w;
	return 0;
}

int flow_text_compile(struct flow_compile *c, const struct tw_conf_node *node)
{
	struct flow_text text = { .first = (uint32_t)c->f->n_wordings };
	int r = 0;

	if (tw_conf_type(node) == TW_CONF_GROUP) {
		for (size_t i = 0; i < tw_conf_length(node); i++) {
			const struct tw_conf_node *w = tw_conf_at(node, i);

			if (add_wording(c, tw_conf_name(w), w) < 0)
				r = TW_E_CONFIG;
		}
		if (!tw_conf_length(node)) {
			tw_conf_fault(node, c->findings, true, "this text has no wording");
			r = TW_E_CONFIG;
		}
	} else {
		r = add_wording(c, NULL, node);
	}
	if (r < 0)
		return -1;
	text.n = (uint32_t)(c->f->n_wordings - text.first);
	*FLOW_PUSH(c->f->texts, c->f->n_texts, c->f->cap_texts) = text;
	return (int)c->f->n_texts - 1;
}

/* ---- rendering ----------------------------------------------------------------------------- */

const char *flow_run_language(const struct flow_run *run)
{
	const char *own = run->e->contact_language;

	return own && *own ? own : run->f->owners[run->account].language;
}

/* "en" is "en", and "en-GB" where it is asked for and only "en" is there, or the other way round. */
static bool is_language_like(const char *a, const char *b)
{
	size_t n = strcspn(a, "-_");

	return n && n == strcspn(b, "-_") && !strncasecmp(a, b, n);
}

static const struct flow_wording *find_wording(const struct flows *f, const struct flow_text *t,
					       const char *language)
{
	const struct flow_wording *v = f->wordings + t->first;

	for (size_t i = 0; i < t->n; i++)
		if (!strcasecmp(v[i].language, language))
			return &v[i];
	for (size_t i = 0; i < t->n; i++)
		if (is_language_like(v[i].language, language))
			return &v[i];
	return NULL;
}

static const struct flow_wording *choose(const struct flow_run *run, const struct flow_text *t)
{
	const char *wanted[] = { run->e->contact_language ? run->e->contact_language : "",
				 run->f->owners[run->account].language, "en" };
	const struct flow_wording *w = NULL;

	for (size_t i = 0; i < TW_COUNT(wanted) && !w; i++)
		if (*wanted[i])
			w = find_wording(run->f, t, wanted[i]);
	return w ? w : run->f->wordings + t->first;
}

static void render_piece(const struct flow_run *run, const struct flow_piece *piece,
			 struct tw_buf *out)
{
	const char *strings = tw_buf_str(&run->f->strings);
	struct tw_buf value = { 0 };

	if (piece->name == FLOW_NONE) {
		tw_buf_add(out, strings + piece->text, piece->text_n);
		return;
	}
	names[piece->name].add(run, &value);
	if (!value.n)
		tw_buf_add(&value, strings + piece->text, piece->text_n);
	if (piece->filter == FLOW_NONE)
		tw_buf_add(out, tw_buf_str(&value), value.n);
	else
		flow_filter_apply(run, piece->filter, strings + piece->argument, piece->argument_n,
				  tw_buf_str(&value), value.n, out);
	tw_buf_done(&value);
}

void flow_text_render(const struct flow_run *run, uint32_t text, struct tw_buf *out)
{
	const struct flow_wording *w = choose(run, &run->f->texts[text]);

	for (size_t i = 0; i < w->n && out->n < FLOW_TEXT_MAX; i++)
		render_piece(run, &run->f->pieces[w->first + i], out);
}
