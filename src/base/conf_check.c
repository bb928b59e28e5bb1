/* Reads a configuration text token by token before libconfig does: libconfig 1.5 says "syntax
 * error" and a line, joins texts side by side in silence, cuts integers to 32 bits and refuses a
 * comma before a closing bracket. Where this finds nothing wrong, libconfig agrees, but for arrays
 * of mixed types. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "conf_text.h"

enum token_type { TOKEN_END, TOKEN_WORD, TOKEN_TEXT, TOKEN_SIGN };
struct token {
	enum token_type type;
	const char *p;
	size_t n;
	unsigned line;
};

/* What may come next inside a bracket. */
enum expect {
	EXPECT_NAME,	/* group: a setting or the end */
	EXPECT_EQUALS,
	EXPECT_VALUE,	/* group: behind the equals sign */
	EXPECT_MORE,	/* group: behind a text, which another may follow */
	EXPECT_FIRST,	/* list, array: an element or the end */
	EXPECT_COMMA,	/* list, array: behind an element */
	EXPECT_NEXT	/* list, array: behind a comma */
};

struct frame {
	char open;		/* '{' '(' '[', or 0 for the file itself */
	unsigned line;
	enum expect expect;
	unsigned members;
	size_t first_name;	/* of the group, in check.names */
	size_t comma;		/* where the last comma stands in the text */
	bool after_text;	/* the element just read is a text */
	bool has_separator;	/* group: the setting just read has its `;` */
};

struct check {
	struct conf_text *c;
	const char *p, *end;
	unsigned line;
	struct frame frames[CONF_DEPTH_MAX];
	int depth;
	struct token name;
	struct token *names;	/* of the settings of each group that is open */
	size_t n_names, cap_names;
	unsigned long_text[2];	/* where the last texts of several lines began, 0 none */
	bool failed;
};

static char closing(char open)
{
	return open == '{' ? '}' : open == '(' ? ')' : ']';
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '*' || c == '-' || c == '+' ||
	       c == '.';
}

static void __attribute__((format(printf, 3, 4))) fault(struct check *k, unsigned line,
							const char *format, ...)
{
	unsigned begun = k->long_text[k->long_text[0] >= line];
	char text[512], hint[128] = "";
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (begun && begun < line) {
		conf_text_where(k->c, begun, &begun);
		snprintf(hint, sizeof(hint), " (the text that begins in line %u runs over several "
			 "lines: is its closing quotation mark missing?)", begun);
	}
	conf_text_fault(k->c, line, true, "%s%s", text, hint);
	k->failed = true;
}

static void skip_blank(struct check *k)
{
	while (k->p < k->end) {
		if (*k->p == '\n') {
			k->line++;
			k->p++;
		} else if (*k->p == ' ' || *k->p == '\t' || *k->p == '\r' || *k->p == '\f') {
			k->p++;
		} else if (*k->p == '#' || (*k->p == '/' && k->p[1] == '/')) {
			while (k->p < k->end && *k->p != '\n')
				k->p++;
		} else if (*k->p == '/' && k->p[1] == '*') {
			for (k->p += 2;
			     k->p < k->end && !(k->p[0] == '*' && k->p[1] == '/'); k->p++)
				k->line += *k->p == '\n';
			k->p += 2;	/* closed: conf_text_read saw to it */
		} else {
			return;
		}
	}
}

/* At a backslash inside a text: warns of an escape that libconfig leaves as it is. */
static void check_escape(struct check *k)
{
	char next = k->p[1];

	if (next == 'x' && isxdigit((unsigned char)k->p[2]) && isxdigit((unsigned char)k->p[3])) {
		if (k->p[2] == '0' && k->p[3] == '0')
			fault(k, k->line, "\\x00 cannot stand in a text");
		return;
	}
	if (next && strchr("\"\\fnrt", next))
		return;
	if (next >= ' ' && next < 0x7F)
		conf_text_fault(k->c, k->line, false, "unknown escape \\%c: the backslash stays in "
				"the text; write \\\\ for a backslash", next);
	else
		conf_text_fault(k->c, k->line, false, "a backslash before this stays in the text; "
				"write \\\\ for a backslash");
}

static struct token take_text(struct check *k)
{
	struct token t = { TOKEN_TEXT, k->p, 0, k->line };

	for (k->p++; k->p < k->end && *k->p != '"'; k->p++) {
		k->line += *k->p == '\n';
		if (*k->p != '\\')
			continue;
		check_escape(k);
		if (k->p[1] == '"' || k->p[1] == '\\')
			k->p++;
	}
	k->p++;
	t.n = (size_t)(k->p - t.p);
	if (k->line != t.line) {
		k->long_text[1] = k->long_text[0];
		k->long_text[0] = t.line;
	}
	return t;
}

static struct token take_token(struct check *k)
{
	struct token t;

	skip_blank(k);
	t = (struct token){ TOKEN_SIGN, k->p, 1, k->line };
	if (k->p >= k->end) {
		t.type = TOKEN_END;
		t.n = 0;
	} else if (*k->p == '"') {
		return take_text(k);
	} else if (is_word(*k->p)) {
		t.type = TOKEN_WORD;
		while (k->p < k->end && is_word(*k->p))
			k->p++;
		t.n = (size_t)(k->p - t.p);
	} else {
		size_t left = (size_t)(k->end - k->p);

		while (t.n < left && ((unsigned char)k->p[t.n] & 0xC0) == 0x80)
			t.n++;		/* a whole character for the message */
		k->p += t.n;
	}
	return t;
}

/* ---- values -------------------------------------------------------------------------------- */

static bool same_word(const struct token *t, const char *word)
{
	return t->n == strlen(word) && !strncasecmp(t->p, word, t->n);
}

/* Integers as libconfig takes them: decimal with a sign, hexadecimal without; L or LL behind.
 * 1, 0 when it is none, TW_E_RANGE when it does not fit. */
static int read_integer(const struct token *t, int64_t *ret)
{
	bool is_hex = t->n > 2 && t->p[0] == '0' && (t->p[1] | 32) == 'x';
	size_t i = is_hex ? 2 : (*t->p == '-' || *t->p == '+'), digits = i;
	char copy[32];
	char *end;

	while (i < t->n &&
	       (is_hex ? isxdigit((unsigned char)t->p[i]) : isdigit((unsigned char)t->p[i])))
		i++;
	if (i == digits)
		return 0;
	digits = i;
	while (i < t->n && t->p[i] == 'L' && i < digits + 2)
		i++;
	if (i != t->n)
		return 0;
	if (digits >= sizeof(copy))
		return TW_E_RANGE;
	memcpy(copy, t->p, digits);
	copy[digits] = '\0';
	errno = 0;
	*ret = strtoll(copy, &end, is_hex ? 16 : 10);
	return errno ? TW_E_RANGE : 1;
}

/* A decimal point or an exponent, with at least one digit. */
static bool is_float(const struct token *t)
{
	size_t i = *t->p == '-' || *t->p == '+', digits = 0;

	for (; i < t->n && isdigit((unsigned char)t->p[i]); i++)
		digits++;
	if (i < t->n && t->p[i] == '.')
		for (i++; i < t->n && isdigit((unsigned char)t->p[i]); i++)
			digits++;
	if (!digits)
		return false;
	if (i < t->n && (t->p[i] | 32) == 'e') {
		i++;
		i += i < t->n && (t->p[i] == '-' || t->p[i] == '+');
		digits = i;
		while (i < t->n && isdigit((unsigned char)t->p[i]))
			i++;
		if (i == digits)
			return false;
	}
	return i == t->n;
}

static struct conf_mark *add_mark(struct check *k, unsigned line)
{
	struct conf_text *c = k->c;

	if (c->n_marks == c->cap_marks) {
		c->cap_marks = c->cap_marks ? 2 * c->cap_marks : 256;
		c->marks = tw_realloc(c->marks, c->cap_marks * sizeof(*c->marks));
	}
	c->marks[c->n_marks] = (struct conf_mark){ .line = line };
	return &c->marks[c->n_marks++];
}

static void take_word(struct check *k, const struct token *t, struct conf_mark *mark)
{
	int r = read_integer(t, &mark->integer);
	char next;

	if (r < 0) {
		fault(k, t->line, "the number %.*s is too large", (int)(t->n < 40 ? t->n : 40),
		      t->p);
		return;
	}
	if (r == 1 || is_float(t) || same_word(t, "true") || same_word(t, "false"))
		return;
	skip_blank(k);
	next = k->p < k->end ? *k->p : 0;
	if (next == '=' || next == ':')
		fault(k, t->line, "`%.*s =` stands where a value was expected: settings stand in a "
		      "group { }", (int)(t->n < 60 ? t->n : 60), t->p);
	else
		fault(k, t->line, "`%.*s` is neither a number nor true or false; a text stands in "
		      "quotation marks", (int)(t->n < 60 ? t->n : 60), t->p);
}

static void open_bracket(struct check *k, const struct token *t)
{
	if (k->depth + 1 == CONF_DEPTH_MAX) {
		fault(k, t->line, "more than %d brackets stand within each other",
		      CONF_DEPTH_MAX - 1);
		return;
	}
	k->frames[++k->depth] = (struct frame){ .open = *t->p, .line = t->line,
						.expect = *t->p == '{' ? EXPECT_NAME : EXPECT_FIRST,
						.first_name = k->n_names };
}

static bool is_opening(const struct token *t)
{
	return t->type == TOKEN_SIGN && strchr("{([", *t->p) && *t->p;
}

static void take_value(struct check *k, struct frame *f, const struct token *t)
{
	bool is_element = f->open == '(' || f->open == '[';
	struct conf_mark *mark = is_element ? add_mark(k, t->line) :
		&k->c->marks[k->c->n_marks - 1];

	f->expect = is_element ? EXPECT_COMMA : EXPECT_NAME;
	f->after_text = t->type == TOKEN_TEXT;
	f->has_separator = false;
	if (t->type == TOKEN_TEXT) {
		if (!is_element)
			f->expect = EXPECT_MORE;
	} else if (t->type == TOKEN_WORD) {
		take_word(k, t, mark);
	} else if (is_opening(t)) {
		if (f->open == '[')
			fault(k, t->line,
			      "an array [ ] holds texts or numbers only: a list of groups "
			      "or lists stands in ( )");
		else
			open_bracket(k, t);
	} else if (is_element) {
		fault(k, t->line, "a value was expected here, not `%.*s`", (int)t->n, t->p);
	} else {
		fault(k, t->line, "a value was expected after `%.*s =`, not `%.*s`", (int)k->name.n,
		      k->name.p, (int)t->n, t->p);
	}
}

/* ---- groups -------------------------------------------------------------------------------- */

static void close_bracket(struct check *k, struct frame *f, const struct token *t)
{
	if (!f->open)
		fault(k, t->line, "this `%c` closes nothing", *t->p);
	else if (*t->p != closing(f->open))
		fault(k, t->line, "`%c` was expected, which closes the `%c` of line %u, not `%c`",
		      closing(f->open), f->open, f->line, *t->p);
	else
		k->n_names = k->frames[k->depth--].first_name;
}

/* libconfig says "duplicate setting name", and not which. */
static void note_name(struct check *k, const struct frame *f, const struct token *t)
{
	for (size_t i = f->first_name; i < k->n_names; i++) {
		const struct token *before = &k->names[i];
		unsigned line;

		if (before->n != t->n || memcmp(before->p, t->p, t->n))
			continue;
		conf_text_where(k->c, before->line, &line);
		fault(k, t->line, "the name `%.*s` stands in this group already, in line %u",
		      (int)k->name.n, t->p, line);
		return;
	}
	if (k->n_names == k->cap_names) {
		k->cap_names = k->cap_names ? 2 * k->cap_names : 64;
		k->names = tw_realloc(k->names, k->cap_names * sizeof(*k->names));
	}
	k->names[k->n_names++] = *t;
}

static void take_name(struct check *k, struct frame *f, const struct token *t)
{
	k->name = *t;
	if (k->name.n > 60)
		k->name.n = 60;
	if (isdigit((unsigned char)*t->p)) {
		fault(k, t->line,
		      "the name `%.*s` begins with a digit: a name begins with a letter",
		      (int)k->name.n, t->p);
		return;
	}
	for (size_t i = 0; i < t->n; i++)
		if (t->p[i] == '+' || t->p[i] == '.' || (!i && (*t->p == '-' || *t->p == '_'))) {
			fault(k, t->line, "`%.*s` is no name: letters, digits, `_` and `-` only, a "
			      "letter first", (int)k->name.n, t->p);
			return;
		}
	if (++f->members > CONF_MEMBERS_MAX) {
		fault(k, t->line, "more than %d settings stand in one group", CONF_MEMBERS_MAX);
		return;
	}
	note_name(k, f, t);
	add_mark(k, t->line);
	f->expect = EXPECT_EQUALS;
}

static void take_in_group(struct check *k, struct frame *f, const struct token *t)
{
	char sign = t->type == TOKEN_SIGN ? *t->p : 0;

	if (sign == ';' || sign == ',') {
		if (f->has_separator || !f->members)
			fault(k, t->line, "a `%c` too many", sign);
		f->has_separator = true;
	} else if (sign == '}' || sign == ')' || sign == ']') {
		close_bracket(k, f, t);
	} else if (t->type == TOKEN_WORD) {
		take_name(k, f, t);
	} else if (t->type == TOKEN_TEXT) {
		int n = (int)(t->n - 2 < 60 ? t->n - 2 : 60);

		fault(k, t->line, "a setting was expected here, not a text: a name stands without "
		      "quotation marks: %.*s = …", n, t->p + 1);
	} else if (sign == '@') {
		fault(k, t->line, "an @include stands alone at the start of its line");
	} else {
		fault(k, t->line, "a setting `name = value;` was expected here, not `%.*s`",
		      (int)t->n, t->p);
	}
}

static void take_equals(struct check *k, struct frame *f, const struct token *t)
{
	if (t->type == TOKEN_SIGN && (*t->p == '=' || *t->p == ':'))
		f->expect = EXPECT_VALUE;
	else
		fault(k, t->line, "`=` was expected after the name `%.*s`", (int)k->name.n,
		      k->name.p);
}

/* ---- lists and arrays ---------------------------------------------------------------------- */

static void take_after_element(struct check *k, struct frame *f, const struct token *t)
{
	char sign = t->type == TOKEN_SIGN ? *t->p : 0;

	if (sign == ',') {
		f->expect = EXPECT_NEXT;
		f->comma = (size_t)(t->p - k->c->text.p);
	} else if (sign == '}' || sign == ')' || sign == ']') {
		close_bracket(k, f, t);
	} else if (t->type == TOKEN_TEXT && f->after_text) {
		conf_text_fault(k->c, t->line, false,
				"two texts side by side are read as one: is a "
				"comma missing before %.*s?", (int)(t->n < 60 ? t->n : 60), t->p);
	} else if (sign == ';') {
		fault(k, t->line, "elements of a list are separated by `,`, not by `;`");
	} else if (sign == '=' || sign == ':') {
		fault(k, t->line, "settings stand in a group { }, not in `%c`", f->open);
	} else {
		fault(k, t->line, "a comma is missing before this %.*s",
		      (int)(t->n < 60 ? t->n : 60), t->p);
	}
}

static void take_element(struct check *k, struct frame *f, const struct token *t)
{
	bool is_closing = t->type == TOKEN_SIGN && strchr("})]", *t->p);

	if (!is_closing) {
		take_value(k, f, t);
		return;
	}
	if (f->expect == EXPECT_NEXT)
		k->c->text.p[f->comma] = ' ';	/* forgiven */
	close_bracket(k, f, t);
}

static void take(struct check *k, const struct token *t)
{
	struct frame *f = &k->frames[k->depth];

	switch (f->expect) {
	case EXPECT_MORE:
		if (t->type == TOKEN_TEXT)
			return;
		f->expect = EXPECT_NAME;
		take_in_group(k, f, t);
		return;
	case EXPECT_NAME:
		take_in_group(k, f, t);
		return;
	case EXPECT_EQUALS:
		take_equals(k, f, t);
		return;
	case EXPECT_VALUE:
		take_value(k, f, t);
		return;
	case EXPECT_FIRST:
	case EXPECT_NEXT:
		take_element(k, f, t);
		return;
	case EXPECT_COMMA:
		take_after_element(k, f, t);
		return;
	}
}

static void check_end(struct check *k)
{
	const struct frame *f = &k->frames[k->depth];

	if (f->open)
		fault(k, f->line, "the `%c` of this line is never closed", f->open);
	else if (f->expect == EXPECT_EQUALS || f->expect == EXPECT_VALUE)
		fault(k, k->name.line, "the file ends before the value of `%.*s`", (int)k->name.n,
		      k->name.p);
}

int conf_text_check(struct conf_text *c)
{
	struct check k = { .c = c, .p = tw_buf_str(&c->text), .line = 1 };
	struct token t;

	k.end = k.p + c->text.n;
	for (t = take_token(&k); !k.failed && t.type != TOKEN_END; t = take_token(&k))
		take(&k, &t);
	if (!k.failed)
		check_end(&k);
	free(k.names);
	return k.failed ? TW_E_CONFIG : 0;
}
