/* Texts: one wording or a group of them by language, each a template compiled into pieces. A
 * template never acts. */
#include <ctype.h>
#include <stdio.h>

#include "internal.h"

/* ---- reading ------------------------------------------------------------------------------- */

static uint32_t keep(struct flows *f, const char *text, size_t n)
{
	uint32_t at = (uint32_t)f->strings.n;

	tw_buf_add(&f->strings, text, n);
	return at;
}

uint32_t flow_string_keep(struct flows *f, const char *text, size_t n)
{
	uint32_t at = keep(f, text, n);

	tw_buf_add(&f->strings, "", 1);
	return at;
}

const char *flow_string(const struct flows *f, uint32_t at)
{
	return f->strings.p + at;
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
	tw_findings_add(r->c->findings, r->node ? tw_conf_file(r->node) : "text",
			r->node ? tw_conf_line(r->node) : 0, (int)(at - r->text), true, "%s", text);
	r->failed = true;
}

static int name_of(struct reader *r, const char *start, size_t n)
{
	tw_auto(tw_free_charp) char *name = tw_strndup(start, n);
	int found = flow_name_find(r->c, start, n);
	const char *near;

	if (found != FLOW_NONE && r->c->is_audience && !flow_name_is_of_contact(found) &&
	    !(r->c->has_voucher && strcmp(name, "voucher") == 0)) {
		fault(r, start, strcmp(name, "voucher") == 0 ?
		      "{%s} wants a series of vouchers to be named" :
		      "{%s} is of a message or of the steps: here only what the contact has counts",
			      name);
		return FLOW_NONE;
	}
	if (found != FLOW_NONE)
		return found;
	near = flow_name_nearest(r->c, name);
	if (flow_name_is_reserved(name))
		fault(r, start, "{%s} is not available in this version of twoway", name);
	else if (near)
		fault(r, start, "no name {%s} is known; did you mean {%s}?", name, near);
	else
		fault(r, start, "no name {%s} is known; declare it in `fields`, or write {{ for a "
				"brace",
		      name);
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

static int read_template(struct flow_compile *c, const struct tw_conf_node *node, const char *text)
{
	struct reader r = { .c = c, .node = node, .text = text };
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
			size_t plain = strcspn(r.p, "{");

			tw_buf_add(&literal, r.p, plain);
			r.p += plain;
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

static int add_wording(struct flow_compile *c, const char *language,
		       const struct tw_conf_node *node)
{
	struct flow_wording w = { .first = (uint32_t)c->f->n_pieces };

	if (tw_conf_type(node) != TW_CONF_STRING) {
		tw_conf_fault(node, c->findings, true, "a text was expected here, not %s",
			      tw_conf_type_name(tw_conf_type(node)));
		return TW_E_CONFIG;
	}
	if (language && !is_language(language)) {
		tw_conf_fault(node, c->findings, true,
			      "`%s` is no language: a text may be a group by "
			      "language such as { en = \"…\"; de = \"…\"; }", language);
		return TW_E_CONFIG;
	}
	tw_strset(w.language, sizeof(w.language), language ? language : "");
	if (read_template(c, node, tw_conf_string(node)) < 0)
		return TW_E_CONFIG;
	w.n = (uint32_t)(c->f->n_pieces - w.first);
	w.line = tw_conf_line(node);
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

int flow_text_phrases(struct flow_compile *c, const struct flow_phrase_row *v, size_t n)
{
	struct flow_text text = { .first = (uint32_t)c->f->n_wordings, .n = (uint32_t)n };

	for (size_t i = 0; i < n; i++) {
		struct flow_wording w = { .first = (uint32_t)c->f->n_pieces };

		tw_strset(w.language, sizeof(w.language), v[i].language);
		if (read_template(c, NULL, v[i].text) < 0)
			return -1;
		w.n = (uint32_t)(c->f->n_pieces - w.first);
		*FLOW_PUSH(c->f->wordings, c->f->n_wordings, c->f->cap_wordings) = w;
	}
	*FLOW_PUSH(c->f->texts, c->f->n_texts, c->f->cap_texts) = text;
	return (int)c->f->n_texts - 1;
}

/* A text of one wording whose pieces begin at first. */
static int add_text(struct flow_compile *c, uint32_t first)
{
	struct flows *f = c->f;

	*FLOW_PUSH(f->wordings, f->n_wordings, f->cap_wordings) =
		(struct flow_wording){ .first = first, .n = (uint32_t)(f->n_pieces - first) };
	*FLOW_PUSH(f->texts, f->n_texts, f->cap_texts) =
		(struct flow_text){ (uint32_t)f->n_wordings - 1, 1 };
	return (int)f->n_texts - 1;
}

int flow_text_template(struct flow_compile *c, const struct tw_conf_node *node, const char *text)
{
	uint32_t first = (uint32_t)c->f->n_pieces;

	return read_template(c, node, text) < 0 ? -1 : add_text(c, first);
}

int flow_text_literal(struct flow_compile *c, const char *text)
{
	uint32_t first = (uint32_t)c->f->n_pieces;
	struct reader r = { .c = c };
	struct tw_buf literal = { 0 };

	tw_buf_adds(&literal, text);
	push_literal(&r, &literal);
	tw_buf_done(&literal);
	return add_text(c, first);
}

/* ---- rendering ----------------------------------------------------------------------------- */

/* The language that the account has noted for the contact, else what any account has; "" none. */
static const char *own_language(const struct flow_run *run, char out[16])
{
	const struct flow_view *view = run->e->view;
	struct tw_buf value = { 0 };

	out[0] = '\0';
	if (view && view->value(view->ctx, run->f->owners[run->account].name, "language", &value))
		tw_strset(out, 16, tw_buf_str(&value));
	tw_buf_done(&value);
	if (!*out && run->e->contact_language)
		tw_strset(out, 16, run->e->contact_language);
	return out;
}

const char *flow_run_language(const struct flow_run *run)
{
	static char own[16];

	return *own_language(run, own) ? own : run->f->owners[run->account].language;
}

/* "en" is "en", and "en-GB" where it is asked for and only "en" is there, or the other way
 * round. */
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
	char own[16];
	const char *wanted[] = { own, run->f->owners[run->account].language, "en" };
	const struct flow_wording *w = NULL;

	if (t->n == 1)
		return run->f->wordings + t->first;
	own_language(run, own);
	for (size_t i = 0; i < TW_COUNT(wanted) && !w; i++)
		if (*wanted[i])
			w = find_wording(run->f, t, wanted[i]);
	return w ? w : run->f->wordings + t->first;
}

/* RFC 3986 2.1: all but unreserved characters; in what the file itself says only what a URL cannot
 * hold. */
static void encode(const char *text, size_t n, bool is_literal, struct tw_buf *out)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		if (isalnum(c) || (c && strchr("-._~", c)) || (is_literal && c > ' ' && c < 0x7F))
			tw_buf_addc(out, (char)c);
		else
			tw_buf_addf(out, "%%%02X", c);
	}
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
	if (!flow_name_value(run, piece->name, &value))
		tw_buf_clear(&value);
	if (!value.n)
		tw_buf_add(&value, strings + piece->text, piece->text_n);
	if (piece->filter == FLOW_NONE)
		tw_buf_add(out, tw_buf_str(&value), value.n);
	else
		flow_filter_apply(run, piece->filter, strings + piece->argument, piece->argument_n,
				  tw_buf_str(&value), value.n, out);
	tw_buf_done(&value);
}

void flow_text_render_url(const struct flow_run *run, uint32_t text, struct tw_buf *out)
{
	const struct flow_wording *w = choose(run, &run->f->texts[text]);
	struct tw_buf value = { 0 };

	for (size_t i = 0; i < w->n && out->n < FLOW_TEXT_MAX; i++) {
		const struct flow_piece *piece = &run->f->pieces[w->first + i];

		tw_buf_clear(&value);
		render_piece(run, piece, &value);
		encode(tw_buf_str(&value), value.n, piece->name == FLOW_NONE, out);
	}
	tw_buf_done(&value);
}

void flow_text_render(const struct flow_run *run, uint32_t text, struct tw_buf *out)
{
	const struct flow_wording *w = choose(run, &run->f->texts[text]);

	for (size_t i = 0; i < w->n && out->n < FLOW_TEXT_MAX; i++)
		render_piece(run, &run->f->pieces[w->first + i], out);
}
