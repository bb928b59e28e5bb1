/* Conditions: SQL expressions, compiled when a file is read (contract 2). Names become parameters,
 * so that what SQLite compiles is a SELECT without tables; the authorizer allows nothing else. One
 * private connection a set, in memory, with bounds on length, depth and steps; its clock is the
 * event's. */
#include <ctype.h>
#include <sqlite3.h>
#include <stdio.h>

#include "internal.h"

enum { EXPRESSION_MAX = 4096, VALUE_MAX = 1 << 16, DEPTH_MAX = 100, OPS_MAX = 20000, NAMES_MAX = 64,
       PROGRESS = 1000 };

struct flow_sql {
	sqlite3 *db;
	struct flow_condition *v;
	size_t n, cap;
	struct tw_map by_text;			/* account and expression: to the row, plus one */
	const struct flow_run *run;		/* being evaluated */
	int progress;
};

/* ---- the clock of the connections ---------------------------------------------------------- */

/* date('now') must say the event's time, in a test as well: a layer over the default one that
 * differs in its clock alone. */
static sqlite3_int64 clock_ms;		/* since 1970 */
static sqlite3_vfs clock_vfs;

static int read_clock(sqlite3_vfs *vfs, sqlite3_int64 *ret)
{
	(void)vfs;
	*ret = clock_ms + INT64_C(210866760000000);	/* Julian day of 1970, in milliseconds */
	return SQLITE_OK;
}

static const char *clock_layer(void)
{
	if (!clock_vfs.zName) {
		clock_vfs = *sqlite3_vfs_find(NULL);
		clock_vfs.pNext = NULL;
		clock_vfs.zName = "twoway-clock";
		clock_vfs.xCurrentTimeInt64 = read_clock;
		if (clock_vfs.iVersion < 2)
			clock_vfs.iVersion = 2;
		sqlite3_vfs_register(&clock_vfs, 0);
	}
	return clock_vfs.zName;
}

/* ---- functions ----------------------------------------------------------------------------- */

static const char *const functions[] = {
	"abs", "coalesce", "date", "iif", "ifnull", "instr", "julianday", "length", "like", "lower",
	"max", "min", "nullif", "replace", "round", "strftime", "substr", "time", "trim", "upper",
	"tag", "subscribed", "redeemed", "reached"
};
static bool is_function(const char *name)
{
	for (size_t i = 0; i < TW_COUNT(functions); i++)
		if (!strcasecmp(functions[i], name))
			return true;
	return false;
}

static int authorize(void *ctx, int action, const char *a, const char *b, const char *database,
		     const char *trigger)
{
	(void)ctx, (void)a, (void)database, (void)trigger;
	if (action == SQLITE_SELECT)
		return SQLITE_OK;
	return action == SQLITE_FUNCTION && b && is_function(b) ? SQLITE_OK : SQLITE_DENY;
}

static int on_progress(void *ctx)
{
	struct flow_sql *sql = ctx;

	return ++sql->progress > OPS_MAX / PROGRESS;
}

/* One function each, since user data is the connection's. */
#define FACT(function, id)                                                                         \
	static void run_##function(sqlite3_context *ctx, int n, sqlite3_value **v)                 \
	{                                                                                          \
		const struct flow_sql *sql = sqlite3_user_data(ctx);                               \
		const struct flow_view *view = sql->run->e->view;                                  \
		const char *what = (const char *)sqlite3_value_text(v[0]);                         \
                                                                                                   \
		(void)n;                                                                           \
		sqlite3_result_int(ctx, what && view &&                                            \
				   view->has(view->ctx,                                            \
					     sql->run->f->owners[sql->run->account].name, id,      \
					     what));                                               \
	}
FACT(tag, FLOW_HAS_TAG)
FACT(subscribed, FLOW_HAS_SUBSCRIBED)
FACT(redeemed, FLOW_HAS_REDEEMED)
FACT(reached, FLOW_HAS_REACHED)

static const struct { const char *name; void (*run)(sqlite3_context *, int, sqlite3_value **); }
ours[] = {
	{ "tag", run_tag }, { "subscribed", run_subscribed }, { "redeemed", run_redeemed },
	{ "reached", run_reached },
};

static struct flow_sql *open_sql(void)
{
	static const struct { int id, value; } limits[] = {
		{ SQLITE_LIMIT_SQL_LENGTH, 4 * EXPRESSION_MAX }, { SQLITE_LIMIT_LENGTH, VALUE_MAX },
		{ SQLITE_LIMIT_EXPR_DEPTH, DEPTH_MAX }, { SQLITE_LIMIT_ATTACHED, 0 },
		{ SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200 }, { SQLITE_LIMIT_COMPOUND_SELECT, 1 },
		{ SQLITE_LIMIT_VARIABLE_NUMBER, NAMES_MAX },
	};
	struct flow_sql *sql = tw_zalloc(sizeof(*sql));

	if (sqlite3_open_v2(":memory:", &sql->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
			    clock_layer()) != SQLITE_OK)
		abort();		/* in memory: there is none left */
	for (size_t i = 0; i < TW_COUNT(limits); i++)
		sqlite3_limit(sql->db, limits[i].id, limits[i].value);
	sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	for (size_t i = 0; i < TW_COUNT(ours); i++)
		sqlite3_create_function(sql->db, ours[i].name, 1, SQLITE_UTF8, sql,
					ours[i].run, NULL, NULL);
	sqlite3_set_authorizer(sql->db, authorize, NULL);
	sqlite3_progress_handler(sql->db, PROGRESS, on_progress, sql);
	return sql;
}

void flow_sql_free(struct flow_sql *sql)
{
	if (!sql)
		return;
	for (size_t i = 0; i < sql->n; i++) {
		sqlite3_finalize(sql->v[i].st);
		free(sql->v[i].names);
	}
	sqlite3_close(sql->db);
	tw_map_done(&sql->by_text);
	free(sql->v);
	free(sql);
}

/* ---- reading ------------------------------------------------------------------------------- */

struct scan {
	struct flow_compile *c;
	const struct tw_conf_node *node;
	const char *text, *p;
	struct tw_buf sql;
	int names[NAMES_MAX], n_names;
	int depth;
	bool failed, wants_type;	/* behind AS stands a type */
	bool looks;			/* as of struct flow_condition */
	struct { size_t sql, text; } marks[512];	/* where each token stands in both */
	size_t n_marks;
};

static void __attribute__((format(printf, 3, 4))) fault(struct scan *s, const char *at,
							const char *format, ...)
{
	tw_auto(tw_free_charp) char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	tw_findings_add(s->c->findings, s->node ? tw_conf_file(s->node) : "",
			s->node ? tw_conf_line(s->node) : 0, (int)(at - s->text), true, "%s", text);
	s->failed = true;
}

static void mark(struct scan *s)
{
	if (s->n_marks == TW_COUNT(s->marks))
		return;
	s->marks[s->n_marks].sql = s->sql.n;
	s->marks[s->n_marks++].text = (size_t)(s->p - s->text);
}

static void scan_string(struct scan *s)
{
	const char *start = s->p;

	for (s->p++; *s->p; s->p++) {
		if (*s->p != '\'')
			continue;
		if (s->p[1] != '\'')
			break;
		s->p++;
	}
	if (!*s->p) {
		fault(s, start, "this text is never closed by '");
		return;
	}
	s->p++;
	tw_buf_add(&s->sql, start, (size_t)(s->p - start));
}

/* What stands in the parentheses of a function of ours must be declared, where it is a name. */
static void check_fact(struct scan *s, const char *function, const char *open)
{
	const char *start = open + 1 + strspn(open + 1, " \t\r\n"), *end;

	if (*start != '\'' || !(end = strchr(start + 1, '\''))) {
		fault(s, open, "%s wants a name in quotation marks: %s('…')", function, function);
		return;
	}
	tw_auto(tw_free_charp) char *name = tw_strndup(start + 1, (size_t)(end - start - 1));

	if (!strcasecmp(function, "redeemed"))
		flow_note_used(s->c, "voucher series", name);
	else if (!strcasecmp(function, "subscribed"))
		flow_note_used(s->c, "list", name);
	if (!strcasecmp(function, "redeemed") &&
	    !flow_series_find(s->c->f, s->c->account, name))
		fault(s, start, "no voucher series \"%s\" is declared in `vouchers`", name);
	else if (!strcasecmp(function, "subscribed") &&
		 !flow_list_find(s->c->f, s->c->account, name))
		fault(s, start, "no list \"%s\" is declared in `lists`", name);
	else if (!strcasecmp(function, "reached") && !flow_goal_find(s->c->f, s->c->account, name))
		fault(s, start, "no goal \"%s\" is declared in `goals`", name);
}

static void scan_name(struct scan *s, const char *start, const char *name, size_t n)
{
	int handle = flow_name_find(s->c, name, n);
	const char *near;

	if (handle == FLOW_NONE && flow_name_is_reserved(name)) {
		fault(s, start, "`%s` is not available in this version of twoway", name);
		return;
	}
	if (handle == FLOW_NONE) {
		near = flow_name_nearest(s->c, name);
		fault(s, start, "no name `%s` is known%s%s%s", name, near ? "; did you mean `" :
		      ": declare it in `fields`; a text stands in '…'", near ? near : "",
		      near ? "`?" : "");
		return;
	}
	if (s->c->is_audience && !flow_name_is_of_contact(handle)) {
		fault(s, start, "`%s` is of a message or of the steps: here only what the contact "
				"has counts",
		      name);
		return;
	}
	if (s->n_names == NAMES_MAX) {
		fault(s, start, "more than %d names stand in this expression", NAMES_MAX);
		return;
	}
	s->names[s->n_names++] = handle;
	tw_buf_addf(&s->sql, "?%d", s->n_names);
}

static bool is_fact_or_clock(const char *function)
{
	static const char *const clock[] = { "date", "time", "julianday", "strftime" };
	bool is = false;

	for (size_t i = 0; i < TW_COUNT(ours); i++)
		is |= !strcasecmp(ours[i].name, function);
	for (size_t i = 0; i < TW_COUNT(clock); i++)
		is |= !strcasecmp(clock[i], function);
	return is;
}

static void scan_word(struct scan *s)
{
	const char *start = s->p, *next;
	char word[64];
	size_t n;

	while (isalnum((unsigned char)*s->p) || *s->p == '_' || (unsigned char)*s->p >= 0x80)
		s->p++;
	n = (size_t)(s->p - start);
	if (!tw_strsetn(word, sizeof(word), start, n)) {
		fault(s, start, "this name is too long");
		return;
	}
	next = s->p + strspn(s->p, " \t\r\n");
	if (!strcasecmp(word, "select") || !strcasecmp(word, "exists")) {
		fault(s, start, "an expression reads no tables: `%s` cannot stand here", word);
	} else if (s->wants_type || !strcasecmp(word, "true") || !strcasecmp(word, "false") ||
		   (sqlite3_keyword_check(start, (int)n) && strcasecmp(word, "replace"))) {
		tw_buf_add(&s->sql, start, n);
	} else if (*next == '(') {
		if (!is_function(word)) {
			const char *near = tw_nearest(word, functions, TW_COUNT(functions));

			fault(s, start, "no function `%s` may stand here%s%s%s", word,
			      near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
			return;
		}
		for (size_t i = 0; i < TW_COUNT(ours); i++)
			if (!strcasecmp(ours[i].name, word))
				check_fact(s, word, next);
		s->looks |= is_fact_or_clock(word);
		tw_buf_add(&s->sql, start, n);
	} else {
		scan_name(s, start, word, n);
	}
	s->wants_type = !strcasecmp(word, "as");
}

static void scan_sign(struct scan *s)
{
	if ((s->p[0] == '-' && s->p[1] == '-') || (s->p[0] == '/' && s->p[1] == '*')) {
		fault(s, s->p, "no comment can stand in an expression");
	} else if (*s->p == '"') {
		fault(s, s->p, "a text stands in '…' here");
	} else if (!strchr("+-*/%|&<>=!~(),", *s->p)) {
		fault(s, s->p, "`%c` cannot stand in an expression", *s->p);
	} else {
		s->depth += (*s->p == '(') - (*s->p == ')');
		if (s->depth < 0)
			fault(s, s->p, "this ) closes nothing");
		tw_buf_addc(&s->sql, *s->p++);
	}
}

static void scan(struct scan *s)
{
	tw_buf_adds(&s->sql, "SELECT (");
	while (*s->p && !s->failed) {
		if (isspace((unsigned char)*s->p)) {
			tw_buf_addc(&s->sql, ' ');
			s->p++;
			continue;
		}
		mark(s);
		if (*s->p == '\'') {
			scan_string(s);
		} else if (isdigit((unsigned char)*s->p) || *s->p == '.') {
			while (isalnum((unsigned char)*s->p) || *s->p == '.')
				tw_buf_addc(&s->sql, *s->p++);
		} else if (isalpha((unsigned char)*s->p) || *s->p == '_' ||
			   (unsigned char)*s->p >= 0x80) {
			scan_word(s);
		} else {
			scan_sign(s);
		}
	}
	mark(s);
	tw_buf_addc(&s->sql, ')');
	if (!s->failed && s->depth > 0)
		fault(s, s->p, "a ) is missing");
}

/* Where in the text stands what SQLite points at. */
static const char *origin_of(const struct scan *s, int offset)
{
	const char *at = s->p;

	for (size_t i = 0; i < s->n_marks && offset >= 0; i++)
		if (s->marks[i].sql <= (size_t)offset)
			at = s->text + s->marks[i].text;
	return at;
}

static int compile(struct scan *s, struct flow_sql *sql, struct flow_condition *ret)
{
	sqlite3_stmt *st = NULL;

	if (sqlite3_prepare_v3(sql->db, s->sql.p, (int)s->sql.n, SQLITE_PREPARE_PERSISTENT,
			       &st, NULL) !=
	    SQLITE_OK) {
		fault(s, origin_of(s, sqlite3_error_offset(sql->db)), "this is no expression: %s",
		      sqlite3_errmsg(sql->db));
		return TW_E_CONFIG;
	}
	if (sqlite3_column_count(st) != 1) {
		sqlite3_finalize(st);
		fault(s, s->text, "this is more than one expression");
		return TW_E_CONFIG;
	}
	ret->st = st;
	ret->looks = s->looks;
	ret->n = s->n_names;
	ret->names = tw_alloc((size_t)s->n_names * sizeof(*ret->names));
	memcpy(ret->names, s->names, (size_t)s->n_names * sizeof(*ret->names));
	return 0;
}

/* A condition of its own, which the caller finalizes. */
static int compile_text(struct scan *s, struct flow_condition *ret)
{
	struct flows *f = s->c->f;
	int r = TW_E_CONFIG;

	f->sql = f->sql ? f->sql : open_sql();
	if (!s->text[strspn(s->text, " \t\r\n")])
		fault(s, s->text, "this expression is empty");
	else if (strlen(s->text) > EXPRESSION_MAX)
		fault(s, s->text, "this expression is longer than %d octets", EXPRESSION_MAX);
	else
		scan(s);
	if (!s->failed)
		r = compile(s, f->sql, ret);
	tw_buf_done(&s->sql);
	return r;
}

int flow_condition_compile(struct flow_compile *c, const struct tw_conf_node *node,
			   const char *text)
{
	struct scan s = { .c = c, .node = node, .text = text, .p = text };
	tw_auto(tw_free_charp) char *key = tw_printf("%d%s %s", c->account,
						     c->is_audience ? "a" : "",
							     text);
	struct flow_condition found = { .n = 0 };
	intptr_t known = c->f->sql ? (intptr_t)tw_map_get(&c->f->sql->by_text, key, strlen(key))
		: 0;
	struct flow_sql *sql;

	if (known) {
		const struct flow_condition *before = &c->f->sql->v[known - 1];

		for (int i = 0; i < before->n; i++)
			flow_early_see_name(c, flow_name_text(c->f, before->names[i]));
		return (int)known - 1;
	}
	if (compile_text(&s, &found) < 0)
		return FLOW_NONE;
	sql = c->f->sql;
	*FLOW_PUSH(sql->v, sql->n, sql->cap) = found;
	tw_map_put(&sql->by_text, key, strlen(key), (void *)(intptr_t)sql->n);
	return (int)sql->n - 1;
}

/* ---- evaluating ---------------------------------------------------------------------------- */

static void bind(const struct flow_run *run, sqlite3_stmt *st, int i, int name)
{
	struct tw_buf value = { 0 };

	if (!flow_name_value(run, name, &value)) {
		sqlite3_bind_null(st, i);
		tw_buf_done(&value);
		return;
	}
	const char *text = tw_buf_str(&value);

	switch (flow_name_type(run->f, name)) {
	case FLOW_TYPE_INTEGER:
	case FLOW_TYPE_BOOLEAN:
		sqlite3_bind_int64(st, i, strtoll(text, NULL, 10));
		break;
	case FLOW_TYPE_NUMBER:
		sqlite3_bind_double(st, i, strtod(text, NULL));
		break;
	case FLOW_TYPE_TEXT:
	case FLOW_TYPE_DATE:
		sqlite3_bind_text(st, i, text, (int)value.n, SQLITE_TRANSIENT);
		break;
	}
	tw_buf_done(&value);
}

/* The statement on its row; NULL: it has none (a bound was reached). The caller resets it. */
static sqlite3_stmt *evaluate(const struct flow_run *run, const struct flow_condition *c)
{
	struct flow_sql *sql = run->f->sql;

	clock_ms = run->e->now.ms;
	sql->progress = 0;
	for (int i = 0; i < c->n; i++)
		bind(run, c->st, i + 1, c->names[i]);
	sql->run = run;
	if (sqlite3_step(c->st) == SQLITE_ROW)
		return c->st;
	sqlite3_reset(c->st);
	return NULL;
}

static bool is_true(const struct flow_run *run, const struct flow_condition *c)
{
	sqlite3_stmt *st = evaluate(run, c);
	bool holds = st && sqlite3_column_type(st, 0) != SQLITE_NULL &&
		sqlite3_column_double(st, 0) != 0;

	if (st)
		sqlite3_reset(st);
	return holds;
}

bool flow_condition_is_true(const struct flow_run *run, uint32_t condition)
{
	return is_true(run, &run->f->sql->v[condition]);
}

bool flow_condition_is_never(const struct flow_run *run, uint32_t condition,
			     bool (*is_known)(const char *name))
{
	const struct flow_condition *c = &run->f->sql->v[condition];

	for (int i = 0; i < c->n; i++)
		if (!is_known(flow_name_text(run->f, c->names[i])))
			return false;
	return !c->looks && !is_true(run, c);
}

bool flow_condition_value(const struct flow_run *run, uint32_t condition, struct tw_buf *out)
{
	sqlite3_stmt *st = evaluate(run, &run->f->sql->v[condition]);
	const char *text = st ? (const char *)sqlite3_column_text(st, 0) : NULL;

	if (text)
		tw_buf_add(out, text, (size_t)sqlite3_column_bytes(st, 0));
	if (st)
		sqlite3_reset(st);
	return text != NULL;
}

/* ---- from outside -------------------------------------------------------------------------- */

int flow_expression(const struct flows *f, const struct flow_event *e, const char *account,
		    const char *expression, bool *ret, struct tw_findings *findings)
{
	int owner = flow_account_named(f, account);
	struct flow_compile c = { .f = (struct flows *)(uintptr_t)f, .findings = findings,
				  .country = "", .account = owner };
	struct flow_run run;
	int row;

	if (owner == FLOW_NONE) {
		tw_findings_add(findings, NULL, 0, -1, true, "there is no account \"%s\"", account);
		return TW_E_CONFIG;
	}
	row = flow_condition_compile(&c, NULL, expression);
	if (row == FLOW_NONE)
		return TW_E_CONFIG;
	run = flow_run_new(f, e, owner, NULL);
	*ret = flow_condition_is_true(&run, (uint32_t)row);
	return 0;
}

/* ---- audiences ----------------------------------------------------------------------------- */

struct flow_audience {
	const struct flows *f;
	int account;
	bool holds_all;
	struct flow_condition condition;
};

struct flow_audience *flow_audience_new(const struct flows *f, const char *account,
					const char *expression, struct tw_findings *findings)
{
	struct flow_compile c = { .f = (struct flows *)(uintptr_t)f, .findings = findings,
				  .country = "",
				  .account = flow_account_named(f, account), .is_audience = true };
	struct scan s = { .c = &c, .text = expression, .p = expression };
	struct flow_audience *a;

	if (c.account == FLOW_NONE) {
		tw_findings_add(findings, NULL, 0, -1, true, "there is no account \"%s\"", account);
		return NULL;
	}
	a = tw_zalloc(sizeof(*a));
	a->f = f;
	a->account = c.account;
	a->holds_all = !*expression;
	if (a->holds_all || compile_text(&s, &a->condition) == 0)
		return a;
	free(a);
	return NULL;
}

bool flow_audience_holds(const struct flow_audience *a, const struct flow_event *e)
{
	struct flow_run run = flow_run_new(a->f, e, a->account, NULL);

	return a->holds_all || is_true(&run, &a->condition);
}

void flow_audience_free(struct flow_audience *a)
{
	if (!a)
		return;
	sqlite3_finalize(a->condition.st);
	free(a->condition.names);
	free(a);
}
