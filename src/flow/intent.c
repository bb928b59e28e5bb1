/* Free text to what it is about (contract 2, Intents): SQLite's FTS5 over the examples of an
 * account, one table an account, so that none weighs in another's words. What stands in the table
 * and in the query are our own tokens: folded words, and where words are not told apart by spaces,
 * groups of letters. FTS5 says which tokens of the text stand in which example; the score is ours,
 * since bm25 says nothing about a handful of rows. */
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>

#include "intent.h"

enum {
	EXAMPLES_MAX = 500,		/* of an intent */
	INTENTS_MAX = 2000		/* of an account */
};

/* Chosen on one part of a corpus and measured on another (test_flow_intent). */
static const double margin = 0.6;	/* the least score of one that wins */
static const double gap = 0.08;		/* and by how much it is better than the next */
static const double unknown = 0.6;	/* what a word weighs that stands in no example */

struct example {
	int intent;
	uint32_t content;		/* bits of its tokens that count */
	float weights[TOKENS_MAX];
};

struct flow_intent_row {
	int account, file;
	const struct tw_conf_node *go;	/* while files are compiled */
	const struct flow_match *match;	/* a keyword, else: */
	uint32_t op;			/* a label */
};

/* What an account's text is looked for in. */
struct table { int account; size_t n_intents; sqlite3_stmt *find; };

struct flow_intents {
	sqlite3 *db;
	struct flow_intent_row *rows;	size_t n_rows, cap_rows;
	struct example *examples;	size_t n_examples, cap_examples;
	struct table *tables;		size_t n_tables, cap_tables;
};

/* ---- the database -------------------------------------------------------------------------- */

/* For a row that was found: which phrases of the query it holds, and which of its own tokens they
 * are. */
static void hits(const Fts5ExtensionApi *api, Fts5Context *fts, sqlite3_context *ctx, int n,
		 sqlite3_value **v)
{
	uint64_t ours = 0, theirs = 0;
	int count = 0, phrase, column, offset;

	(void)n, (void)v;
	api->xInstCount(fts, &count);
	for (int i = 0; i < count; i++)
		if (api->xInst(fts, i, &phrase, &column, &offset) == SQLITE_OK &&
		    phrase < TOKENS_MAX && offset < TOKENS_MAX) {
			ours |= 1ull << phrase;
			theirs |= 1ull << offset;
		}
	sqlite3_result_int64(ctx, (sqlite3_int64)(theirs << 32 | ours));
}

static fts5_api *api_of(sqlite3 *db)
{
	fts5_api *api = NULL;
	sqlite3_stmt *st = NULL;

	if (sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &st, NULL) == SQLITE_OK) {
		sqlite3_bind_pointer(st, 1, &api, "fts5_api_ptr", NULL);
		sqlite3_step(st);
	}
	sqlite3_finalize(st);
	return api;
}

/* NULL: this SQLite is built without FTS5. */
static struct flow_intents *open_intents(void)
{
	struct flow_intents *s = tw_zalloc(sizeof(*s));
	fts5_api *api;

	if (sqlite3_open_v2(":memory:", &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
			    NULL) !=
	    SQLITE_OK)
		abort();		/* in memory: there is none left */
	api = api_of(s->db);
	if (api && api->xCreateFunction(api, "hits", NULL, hits, NULL) == SQLITE_OK)
		return s;
	sqlite3_close(s->db);
	free(s);
	return NULL;
}

void flow_intents_free(struct flow_intents *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_tables; i++)
		sqlite3_finalize(s->tables[i].find);
	sqlite3_close(s->db);
	free(s->rows);
	free(s->examples);
	free(s->tables);
	free(s);
}

/* All that is asked of the database is our own text about tables in memory. */
static void must(struct flow_intents *s, int code)
{
	if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE) {
		fprintf(stderr, "intents: %s\n", sqlite3_errmsg(s->db));
		abort();
	}
}

static struct table *table_of(struct flow_intents *s, int account)
{
	for (size_t i = 0; i < s->n_tables; i++)
		if (s->tables[i].account == account)
			return &s->tables[i];
	return NULL;
}

static struct table *make_table(struct flow_intents *s, int account)
{
	struct table *t = table_of(s, account);
	char sql[200];

	if (t)
		return t;
	t = FLOW_PUSH(s->tables, s->n_tables, s->cap_tables);
	t->account = account;
	/* Every octet of a token is one of its own: they are divided by spaces alone. */
	snprintf(sql, sizeof(sql), "CREATE VIRTUAL TABLE t%d USING fts5(tokens, tokenize = \"ascii "
		 "tokenchars '$+<=>^`|~'\")", account);
	must(s, sqlite3_exec(s->db, sql, NULL, NULL, NULL));
	snprintf(sql, sizeof(sql), "SELECT rowid, hits(t%d) FROM t%d WHERE t%d MATCH ?1 ORDER BY "
				   "rowid",
		 account, account, account);
	must(s, sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &t->find, NULL));
	return t;
}

static void insert(struct flow_intents *s, int account, size_t row, const struct tokens *t)
{
	struct tw_buf text = { 0 };
	sqlite3_stmt *st;
	char sql[80];

	for (size_t i = 0; i < t->n; i++) {
		if (i)
			tw_buf_addc(&text, ' ');
		tw_buf_add(&text, t->text.p + t->v[i].at, t->v[i].n);
	}
	snprintf(sql, sizeof(sql), "INSERT INTO t%d(rowid, tokens) VALUES (?1, ?2)", account);
	must(s, sqlite3_prepare_v2(s->db, sql, -1, &st, NULL));
	sqlite3_bind_int64(st, 1, (sqlite3_int64)row);
	sqlite3_bind_text(st, 2, tw_buf_str(&text), (int)text.n, SQLITE_TRANSIENT);
	must(s, sqlite3_step(st));
	sqlite3_finalize(st);
	tw_buf_done(&text);
}

/* ---- reading ------------------------------------------------------------------------------- */

struct raw_intent { char *go; const struct tw_conf_node *like; };
static const struct tw_key intent_keys[] = {
	{ "go", TW_KEY_STRING, offsetof(struct raw_intent, go), .required = true,
	  .help = "the keyword or label that it leads to" },
	{ "like", TW_KEY_NODE, offsetof(struct raw_intent, like), .required = true,
	  .help = "how customers may put it" },
};

static int add_example(struct flow_compile *c, const struct tw_conf_node *node,
		       const char *language)
{
	struct flow_intents *s = c->f->intents;
	struct tokens t = { .n = 0 };
	struct example *e;
	int r = 0;

	if (tw_conf_type(node) == TW_CONF_STRING)
		intent_tokens_read(c->f->words, language, tw_conf_string(node),
			    strlen(tw_conf_string(node)), &t);
	if (!t.n) {
		tw_conf_fault(node, c->findings, true, "an example is a text that holds a word");
		r = TW_E_CONFIG;
	} else {
		e = FLOW_PUSH(s->examples, s->n_examples, s->cap_examples);
		e->intent = (int)s->n_rows - 1;
		e->content = intent_tokens_content(&t);
		insert(s, c->account, s->n_examples, &t);
	}
	tw_buf_done(&t.text);
	return r;
}

static int add_examples(struct flow_compile *c, const struct tw_conf_node *list,
			const char *language)
{
	enum tw_conf_type type = tw_conf_type(list);
	int r = 0;

	if (type == TW_CONF_STRING)
		return add_example(c, list, language);
	if ((type != TW_CONF_ARRAY && type != TW_CONF_LIST) || !tw_conf_length(list) ||
	    tw_conf_length(list) > EXAMPLES_MAX) {
		tw_conf_fault(list, c->findings, true, "`%s` wants an array of 1 to %d examples "
			      "[ \"…\", \"…\" ], or a group of such arrays by language",
			      tw_conf_name(list), EXAMPLES_MAX);
		return TW_E_CONFIG;
	}
	for (size_t i = 0; i < tw_conf_length(list); i++)
		r |= add_example(c, tw_conf_at(list, i), language);
	return r;
}

static void add_intent(struct flow_compile *c, const struct tw_conf_node *group)
{
	const char *language = c->f->owners[c->account].language;
	struct flow_intents *s = c->f->intents;
	struct raw_intent raw = { .go = NULL };

	if (tw_conf_type(group) != TW_CONF_GROUP) {
		tw_conf_fault(group, c->findings, true,
			      "an intent is a group { go = \"…\"; like = [ \"…\" ]; }, "
			      "not %s", tw_conf_type_name(tw_conf_type(group)));
		return;
	}
	if (tw_keys_read(intent_keys, TW_COUNT(intent_keys), group, &raw, c->findings) == 0) {
		*FLOW_PUSH(s->rows, s->n_rows, s->cap_rows) = (struct flow_intent_row){
			.account = c->account, .file = c->file, .go = tw_conf_member(group, "go") };
		make_table(s, c->account)->n_intents++;
		if (tw_conf_type(raw.like) != TW_CONF_GROUP)
			add_examples(c, raw.like, language);
		for (size_t i = 0; tw_conf_type(raw.like) == TW_CONF_GROUP &&
		     i < tw_conf_length(raw.like); i++)
			add_examples(c, tw_conf_at(raw.like, i),
				     tw_conf_name(tw_conf_at(raw.like, i)));
	}
	tw_keys_done(intent_keys, TW_COUNT(intent_keys), &raw);
}

void flow_intents_compile(struct flow_compile *c, const struct tw_conf_node *list)
{
	if (c->f->base)
		return;		/* a former version begins nothing */
	if (tw_conf_type(list) != TW_CONF_LIST || tw_conf_length(list) > INTENTS_MAX) {
		tw_conf_fault(list, c->findings, true,
			      "`intents` wants a list of at most %d groups ( { go = "
			      "\"…\"; like = [ \"…\" ]; } )", INTENTS_MAX);
		return;
	}
	if (!c->f->intents)
		c->f->intents = open_intents();
	if (!c->f->intents) {
		tw_conf_fault(list, c->findings, true,
			      "`intents` wants an SQLite that is built with FTS5");
		return;
	}
	for (size_t i = 0; i < tw_conf_length(list); i++)
		add_intent(c, tw_conf_at(list, i));
}

/* ---- weights ------------------------------------------------------------------------------- */

/* The fewer intents a word stands in, the more it says. */
static double weight(size_t n_intents, double holders)
{
	return log(1 + (double)n_intents / holders);
}

/* Of a token: how many intents hold it, and which was counted last. */
struct token_row { int intent; uint32_t holders; };

static struct token_row *token_row_of(struct tw_map *m, int account, const char *token, size_t n)
{
	tw_auto(tw_free_charp) char *key = tw_printf("%d %.*s", account, (int)n, token);
	struct token_row *row = tw_map_get(m, key, strlen(key));

	if (!row) {
		row = tw_zalloc(sizeof(*row));
		row->intent = FLOW_NONE;
		tw_map_put(m, key, strlen(key), row);
	}
	return row;
}

/* Each token of each example: first counts who holds it, then weighs it. */
static void each_token(struct flow_intents *s, struct tw_map *m, bool counts)
{
	for (size_t t = 0; t < s->n_tables; t++) {
		sqlite3_stmt *st;
		char sql[80];

		snprintf(sql, sizeof(sql), "SELECT rowid, tokens FROM t%d", s->tables[t].account);
		must(s, sqlite3_prepare_v2(s->db, sql, -1, &st, NULL));
		while (sqlite3_step(st) == SQLITE_ROW) {
			struct example *e = &s->examples[sqlite3_column_int64(st, 0) - 1];
			const char *p = (const char *)sqlite3_column_text(st, 1);

			for (size_t i = 0, n; *p && i < TOKENS_MAX; i++, p += n + (p[n] == ' ')) {
				struct token_row *row;

				n = strcspn(p, " ");
				row = token_row_of(m, s->tables[t].account, p, n);
				if (!counts)
					e->weights[i] = (float)weight(s->tables[t].n_intents,
								      row->holders);
				else if (row->intent != e->intent)
					row->holders++;
				row->intent = e->intent;
			}
		}
		sqlite3_finalize(st);
	}
}

static void weigh(struct flow_intents *s)
{
	struct tw_map m = { 0 };
	size_t cursor = 0;
	void *row;

	each_token(s, &m, true);
	each_token(s, &m, false);
	while (tw_map_each(&m, &cursor, NULL, NULL, &row))
		free(row);
	tw_map_done(&m);
}

void flow_intents_settle(struct flow_compile *c)
{
	struct flow_intents *s = c->f->intents;

	for (size_t i = 0; s && i < s->n_rows; i++) {
		struct flow_intent_row *row = &s->rows[i];

		if (row->go)
			flow_target_find(c, row->go, row->file, row->account, &row->op,
					 &row->match);
		row->go = NULL;
	}
	if (s)
		weigh(s);
}

/* ---- finding ------------------------------------------------------------------------------- */

/* A text against the examples of an account. */
struct search {
	const struct flows *f;
	const struct flow_event *e;
	const struct table *table;
	struct tokens text;
	uint32_t content;
	double weights[TOKENS_MAX];
	struct found { size_t example; uint32_t ours, theirs; } *found;
	size_t n, cap;
};

static void build_query(const struct search *s, struct tw_buf *out)
{
	for (size_t i = 0; i < s->text.n; i++) {
		const struct token *t = &s->text.v[i];

		tw_buf_addf(out, "%s\"%.*s\"%s", i ? " OR " : "",
			    (int)(t->prefix ? t->prefix : t->n),
			    s->text.text.p + t->at, t->prefix ? "*" : "");
	}
}

static void run_query(struct search *s)
{
	struct flow_intents *in = s->f->intents;
	struct tw_buf query = { 0 };

	build_query(s, &query);
	sqlite3_bind_text(s->table->find, 1, tw_buf_str(&query), (int)query.n, SQLITE_TRANSIENT);
	while (sqlite3_step(s->table->find) == SQLITE_ROW) {
		size_t example = (size_t)sqlite3_column_int64(s->table->find, 0) - 1;
		uint64_t both = (uint64_t)sqlite3_column_int64(s->table->find, 1);
		int file = in->rows[in->examples[example].intent].file;

		if (flow_has_number(&s->f->files[file].numbers, s->e->to))
			*FLOW_PUSH(s->found, s->n, s->cap) =
				(struct found){ example, (uint32_t)both, (uint32_t)(both >> 32) };
	}
	sqlite3_reset(s->table->find);
	tw_buf_done(&query);
}

/* What each token of the text weighs, by how many intents hold it. */
static void weigh_text(struct search *s)
{
	const struct flow_intents *in = s->f->intents;

	for (size_t k = 0; k < s->text.n; k++) {
		double holders = 0;
		int last = FLOW_NONE;

		for (size_t i = 0; i < s->n; i++) {
			int intent = in->examples[s->found[i].example].intent;

			if ((s->found[i].ours >> k & 1) && intent != last) {
				holders++;
				last = intent;
			}
		}
		s->weights[k] = holders > 0 ? weight(s->table->n_intents, holders)
					    : unknown * weight(s->table->n_intents, 1);
	}
}

static double sum(const struct search *s, uint32_t bits)
{
	double all = 0;

	for (size_t k = 0; k < s->text.n; k++)
		all += bits >> k & 1 ? s->weights[k] : 0;
	return all;
}

/* The share of the text that the intent knows, and of the example that stands in the text: the mean
 * of both. 0 where less than half of the example's content words are there. */
static double score(const struct search *s, const struct found *found, uint32_t of_intent)
{
	const struct example *e = &s->f->intents->examples[found->example];
	uint32_t theirs = found->theirs & e->content;
	double all = 0, there = 0;

	if (2 * __builtin_popcount(theirs) < __builtin_popcount(e->content))
		return 0;
	for (size_t k = 0; k < TOKENS_MAX; k++) {
		all += e->content >> k & 1 ? (double)e->weights[k] : 0;
		there += theirs >> k & 1 ? (double)e->weights[k] : 0;
	}
	return sqrt(sum(s, of_intent & s->content) / sum(s, s->content) * (there / all));
}

static bool is_same_place(const struct flow_intent_row *a, const struct flow_intent_row *b)
{
	return a->match == b->match && a->op == b->op;
}

/* The best intent, and how much better it is than the best that leads elsewhere. */
static struct flow_guess choose(const struct search *s)
{
	const struct flow_intents *in = s->f->intents;
	struct flow_guess g = { .intent = FLOW_NONE };
	double next = 0;

	for (size_t i = 0, end; i < s->n; i = end) {
		int intent = in->examples[s->found[i].example].intent;
		uint32_t of_intent = 0;
		double best = 0;

		for (end = i; end < s->n && in->examples[s->found[end].example].intent == intent;
		     end++)
			of_intent |= s->found[end].ours;
		for (size_t k = i; k < end; k++)
			best = fmax(best, score(s, &s->found[k], of_intent));
		if (g.intent != FLOW_NONE && is_same_place(&in->rows[intent],
							   &in->rows[g.intent])) {
			g.score = fmax(g.score, best);
		} else if (best > g.score) {
			next = g.score;
			g.intent = intent;
			g.score = best;
		} else {
			next = fmax(next, best);
		}
	}
	g.gap = g.score - next;
	return g;
}

struct flow_guess flow_intent_guess(const struct flows *f, const struct flow_event *e, int account)
{
	struct search s = { .f = f, .e = e, .table = f->intents ? table_of(f->intents, account)
			    : NULL };
	struct flow_guess g = { .intent = FLOW_NONE };

	if (!s.table)
		return g;
	intent_tokens_read(f->words, *e->contact_language ? e->contact_language
		    : f->owners[account].language, e->text, e->text_n, &s.text);
	s.content = intent_tokens_content(&s.text);
	if (s.text.n) {
		run_query(&s);
		weigh_text(&s);
		g = choose(&s);
	}
	g.wins = g.intent != FLOW_NONE && g.score >= margin && g.gap >= gap;
	tw_buf_done(&s.text.text);
	free(s.found);
	return g;
}

struct flow_aim flow_intent_aim(const struct flows *f, const struct flow_event *e, int intent)
{
	const struct flow_intent_row *row = &f->intents->rows[intent];
	struct flow_aim aim = { .keyword = FLOW_NONE, .op = row->op };

	if (row->match)
		aim.keyword = flow_match_applies(f, row->match, e, 0);
	if (aim.keyword != FLOW_NONE && f->keywords[aim.keyword].account != row->account)
		aim.keyword = FLOW_NONE;
	return aim;
}
