/* The linter (contract 4): what compiles and is hardly meant. Keywords that nobody reaches or that
 * customers take for another, steps that are never reached, names that are declared and not used.
 * What a text costs on the air is known above: flows_sent_texts tells what is sent. */
#include <stdio.h>

#include "internal.h"

void flow_lint_warn(struct tw_findings *findings, const char *file, unsigned line,
		    const char *format, ...)
{
	tw_auto(tw_free_charp) char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	tw_findings_add(findings, file, line, -1, false, "%s", text);
}

static const char *path_of(const struct flows *f, int file)
{
	return f->files[file].path;
}

/* ---- what is declared and used ------------------------------------------------------------- */

struct flow_note { const char *kind; char *name; int account, file; unsigned line; bool is_used; };

static const char label_kind[] = "label";	/* a file's own; all else is the account's */

static struct flow_note *find_note(const struct flows *f, const char *kind, int owner,
				   const char *name)
{
	tw_auto(tw_free_charp) char *key = tw_printf("%s %d %s", kind, owner, name);

	return tw_map_get(&f->notes, key, strlen(key));
}

void flow_note_declared(struct flow_compile *c, const char *kind, const char *name,
			const struct tw_conf_node *node)
{
	int owner = strcmp(kind, label_kind) ? c->account : c->file;
	tw_auto(tw_free_charp) char *key = tw_printf("%s %d %s", kind, owner, name);
	struct flow_note *note;

	if (c->f->base || find_note(c->f, kind, owner, name))
		return;
	note = tw_zalloc(sizeof(*note));
	*note = (struct flow_note){ kind, tw_strdup(name), c->account, c->file,
				    tw_conf_line(node), false };
	tw_map_put(&c->f->notes, key, strlen(key), note);
	*FLOW_PUSH(c->f->noted, c->f->n_noted, c->f->cap_noted) = note;
}

void flow_note_used(const struct flow_compile *c, const char *kind, const char *name)
{
	struct flow_note *note = c->account < 0 ? NULL : find_note(c->f, kind, c->account, name);

	if (note)
		note->is_used = true;
}

void flow_note_label_used(const struct flows *f, int file, const char *name)
{
	struct flow_note *note = find_note(f, label_kind, file, name);

	if (note)
		note->is_used = true;
}

void flow_notes_done(struct flows *f)
{
	for (size_t i = 0; i < f->n_noted; i++) {
		free(f->noted[i]->name);
		free(f->noted[i]);
	}
	free(f->noted);
	tw_map_done(&f->notes);
}

/* A label is also what conversations are moved by (`reload --move`), and what a program may
 * answer. */
static bool may_be_used(const struct flows *f, const struct flow_note *n)
{
	uint32_t at = strcmp(n->kind, label_kind) ? 0 : flow_label_op(f, n->file, n->name);

	if (!at)
		return false;
	while (f->ops[at].code == OP_UNLESS || f->ops[at].code == OP_NOTHING)
		at++;
	if (flow_code_stands((enum flow_code)f->ops[at].code))
		return true;
	for (uint32_t i = 1; i < f->n_ops; i++)
		if ((f->ops[i].code == OP_WEBHOOK || f->ops[i].code == OP_EXEC) &&
		    flow_file_of_op(f, i) == &f->files[n->file])
			return true;
	return false;
}

static void lint_unused(const struct flows *f, struct tw_findings *findings)
{
	for (size_t i = 0; i < f->n_noted; i++) {
		const struct flow_note *n = f->noted[i];

		if (!n->is_used && !may_be_used(f, n))
			flow_lint_warn(findings, path_of(f, n->file), n->line,
			     "the %s \"%s\" is declared and nothing "
			     "uses it", n->kind, n->name);
	}
}

/* ---- keywords ------------------------------------------------------------------------------ */

/* Whether anybody of `from` gets an answer: names never, short numbers where the keyword says
 * so. */
static bool can_answer(const struct flow_keyword *k)
{
	enum { SHORT_DIGITS = 6 };

	for (size_t i = 0; i < k->limits.from.n; i++) {
		const char *from = k->limits.from.v[i];
		bool is_name = from[strspn(from, "+0123456789")];

		if (*from == '+' || (!is_name && (k->replies_any || strlen(from) > SHORT_DIGITS)))
			return true;
	}
	return !k->limits.from.n;
}

static void lint_keyword(const struct flows *f, const struct flow_keyword *k,
			 struct tw_findings *findings)
{
	const char *file = path_of(f, k->file);

	if (!flow_lines_meet(&k->limits.numbers, &f->files[k->file].numbers) &&
	    flow_lines_are_known(&k->limits.numbers) &&
	    flow_lines_are_known(&f->files[k->file].numbers))
		flow_lint_warn(findings, file, k->line,
		     "\"%s\" is never reached: none of its `numbers` is one of the "
		     "file's", k->name);
	if (!can_answer(k))
		flow_lint_warn(findings, file, k->line,
		     "\"%s\" is never reached: its senders are names, or numbers of "
		     "six digits or fewer, which get an answer only with reply_to = \"any\"",
		     k->name);
}

/* STOP and a name that means something is no keyword. */
static void lint_stop(const struct flows *f, const struct flow_keyword *k,
		      const struct flow_match *m, struct tw_findings *findings)
{
	const char *language = f->owners[k->account].language, *what = NULL;
	struct flow_saying saying = { .rest = { 0 } };

	flow_words_read(f->words, &language, 1, m->key, m->key_n, &saying);
	if (saying.says == SAYS_STOP && saying.rest.n) {
		if (flow_list_said(f, k->account, &saying.rest))
			what = "list";
		for (size_t i = 0; i < f->n_owners && !what; i++) {
			struct tw_buf name = { 0 };

			flow_words_fold(f->owners[i].name, strlen(f->owners[i].name), &name);
			if (name.n == saying.rest.n && !memcmp(name.p, saying.rest.p, name.n))
				what = "account";
			tw_buf_done(&name);
		}
	}
	if (what)
		flow_lint_warn(findings, path_of(f, k->file), k->line,
		     "\"%s\" never reaches this keyword: it leaves the "
		     "%s %s", m->key, what, saying.rest.p);
	tw_buf_done(&saying.rest);
}

/* ---- look-alikes --------------------------------------------------------------------------- */

static bool is_same_keyword(const struct flow_match *a, const struct flow_match *b)
{
	for (size_t i = 0; i < a->n_rows; i++)
		for (size_t k = 0; k < b->n_rows; k++)
			if (a->rows[i] == b->rows[k])
				return true;
	return false;
}

static void lint_alike(const struct flows *f, const struct flow_match *m, enum flow_alike how,
		       struct tw_map *seen, struct tw_findings *findings)
{
	const struct flow_keyword *k = &f->keywords[m->rows[0]], *other;
	struct tw_buf look = { 0 };
	const struct flow_match *before;

	flow_alike_of(m->key, m->key_n, how, &look);
	before = tw_map_get(seen, tw_buf_str(&look), look.n);
	if (!before)
		tw_map_put(seen, tw_buf_str(&look), look.n, (void *)(uintptr_t)m);
	tw_buf_done(&look);
	if (!before || is_same_keyword(before, m))
		return;
	other = &f->keywords[before->rows[0]];
	flow_lint_warn(findings, path_of(f, k->file), k->line,
	     "\"%s\" looks like \"%s\" of %s:%u: customers take one for "
	     "the other; give one another name, or let one keyword match both", m->key, before->key,
	     path_of(f, other->file), other->line);
}

/* A letter of another alphabet in a Latin word is one that nobody can see. */
static void lint_scripts(const struct flows *f, const struct flow_match *m,
			 struct tw_findings *findings)
{
	const struct flow_keyword *k = &f->keywords[m->rows[0]];
	uint32_t stranger;
	const char *alphabet = flow_alike_mixed(m->key, m->key_n, &stranger);

	if (alphabet)
		flow_lint_warn(findings, path_of(f, k->file), k->line,
		     "\"%s\" holds the %s letter U+%04X among Latin "
		     "ones: nobody who types what he sees reaches it", m->key, alphabet, stranger);
}

static void lint_matches(const struct flows *f, struct tw_findings *findings)
{
	struct tw_map seen[FLOW_ALIKE_COUNT] = { { 0 } };

	for (size_t i = 0; i < f->n_matches; i++) {
		const struct flow_match *m = f->matches[i];
		size_t before = findings->n;

		lint_scripts(f, m, findings);
		for (int how = 0; how < FLOW_ALIKE_COUNT; how++)
			if (findings->n == before)
				lint_alike(f, m, (enum flow_alike)how, &seen[how], findings);
		lint_stop(f, &f->keywords[m->rows[0]], m, findings);
	}
	for (int how = 0; how < FLOW_ALIKE_COUNT; how++)
		tw_map_done(&seen[how]);
}

/* ---- steps --------------------------------------------------------------------------------- */

/* Ops to which something leads that is not the op in front of them. */
static uint8_t *find_targets(const struct flows *f)
{
	uint8_t *targets = tw_zalloc(f->n_ops + 1);
	const char *key;
	size_t cursor = 0, n;
	void *op;

	for (size_t i = 0; i < f->n_ops; i++)
		if (f->ops[i].b < f->n_ops)
			targets[f->ops[i].b] = 1;
	for (size_t i = 0; i < f->n_splits; i++)
		for (size_t k = 0; k < f->splits[i].n; k++)
			targets[f->splits[i].targets[k]] = 1;
	for (size_t i = 0; i < f->n_appointments; i++)
		targets[f->appointments[i].fallback] = 1;
	while (tw_map_each(&f->label_ops, &cursor, &key, &n, &op))
		targets[(uintptr_t)op - 1] = 1;
	return targets;
}

/* A step right behind one that ends or goes elsewhere. What begins a list stands behind OP_STOP. */
static void lint_steps(const struct flows *f, struct tw_findings *findings)
{
	uint8_t *targets = find_targets(f);

	for (uint32_t i = 1; i < f->n_ops; i++) {
		const struct flow_op *op = &f->ops[i], *before = &f->ops[i - 1];

		if ((before->code == OP_END || before->code == OP_GO) && !targets[i] &&
		    op->code != OP_STOP && op->code != OP_JUMP)
			flow_lint_warn(findings, flow_file_of_op(f, i)->path, op->line,
			     "this step is never reached: the "
			     "one before it (line %u) ends or goes elsewhere, whatever comes",
			     before->line);
	}
	free(targets);
}

void flows_lint(const struct flows *f, struct tw_findings *findings)
{
	for (size_t i = 0; i < f->n_keywords; i++)
		lint_keyword(f, &f->keywords[i], findings);
	lint_matches(f, findings);
	lint_steps(f, findings);
	flow_lint_never(f, findings);
	lint_unused(f, findings);
}

/* ---- texts that are sent ------------------------------------------------------------------- */

/* How long what stands for a name usually is. */
static size_t usual_length(const struct flows *f, int name)
{
	static const struct { const char *name; size_t n; } usual[] = {
		{ "text", 30 }, { "args", 12 }, { "name", 8 }, { "number", 13 },
		{ "long_number", 13 },
		{ "language", 2 }, { "country", 2 }, { "zone", 13 }, { "owner", 6 },
		{ "voucher", 9 },
		{ "ticket", 3 }, { "pledge", 6 }, { "redeemed", 7 }, { "booking", 4 },
		{ "slot", 16 },
		{ "place", 20 }, { "map", 40 }, { "today", 10 }, { "now", 16 }, { "keyword", 8 },
	};
	static const size_t by_type[] = { [FLOW_TYPE_TEXT] = 10, [FLOW_TYPE_INTEGER] = 2,
					  [FLOW_TYPE_NUMBER] = 5, [FLOW_TYPE_DATE] = 10,
					  [FLOW_TYPE_BOOLEAN] = 1 };
	const char *text = flow_name_text(f, name);

	for (size_t i = 0; i < TW_COUNT(usual); i++)
		if (!strcmp(usual[i].name, text))
			return usual[i].n;
	return by_type[flow_name_type(f, name)];
}

static void estimate(const struct flows *f, const struct flow_wording *w, struct tw_buf *out,
		     bool *ret_names)
{
	const char *strings = tw_buf_str(&f->strings);

	*ret_names = false;
	for (uint32_t i = 0; i < w->n; i++) {
		const struct flow_piece *piece = &f->pieces[w->first + i];

		if (piece->name == FLOW_NONE) {
			tw_buf_add(out, strings + piece->text, piece->text_n);
			continue;
		}
		*ret_names = true;
		for (size_t n = usual_length(f, piece->name); n; n--)
			tw_buf_addc(out, 'x');
	}
}

struct sent {
	const struct flows *f;
	void (*cb)(void *ctx, const struct flow_sent_text *text);
	void *ctx;
	uint8_t *seen;
	struct tw_buf text;
};

static void tell(struct sent *s, uint32_t op, uint32_t text)
{
	const struct flow_text *t = &s->f->texts[text];

	if (s->seen[text])
		return;
	s->seen[text] = 1;
	for (uint32_t i = 0; i < t->n; i++) {
		const struct flow_wording *w = &s->f->wordings[t->first + i];
		struct flow_sent_text out = { .file = flow_file_of_op(s->f, op)->path,
					      .line = w->line ? w->line : s->f->ops[op].line,
					      .language = w->language };

		tw_buf_clear(&s->text);
		estimate(s->f, w, &s->text, &out.is_estimated);
		out.text = tw_buf_str(&s->text);
		out.n = s->text.n;
		s->cb(s->ctx, &out);
	}
}

void flows_sent_texts(const struct flows *f, void (*cb)(void *ctx,
							const struct flow_sent_text *text),
		      void *ctx)
{
	struct sent s = { .f = f, .cb = cb, .ctx = ctx, .seen = tw_zalloc(f->n_texts + 1) };

	for (uint32_t i = 1; i < f->n_ops; i++) {
		const struct flow_op *op = &f->ops[i];

		if (op->code == OP_REPLY)
			tell(&s, i, op->a);
		else if (op->code == OP_END && op->a)
			tell(&s, i, op->a - 1);
		else if (op->code == OP_SEND)
			tell(&s, i, f->sends[op->a].text);
		else if (op->code == OP_ASK) {
			tell(&s, i, f->asks[op->a].text);
			tell(&s, i, f->asks[op->a].again);
		}
	}
	tw_buf_done(&s.text);
	free(s.seen);
}
