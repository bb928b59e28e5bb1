/* What answers a question (contract 2, `expect`). */
#include <ctype.h>
#include <math.h>
#include <regex.h>
#include <stdio.h>

#include "internal.h"

enum { ANSWER_MAX = 1600, PATTERN_MAX = 200, REPEAT_MAX = 255 };
struct flow_pattern { regex_t regex; };

/* ---- reading ------------------------------------------------------------------------------- */

static int fault(struct flow_compile *c, const struct tw_conf_node *node, const char *text)
{
	tw_conf_fault(node, c->findings, true, "%s", text);
	return TW_E_CONFIG;
}

/* Back references and repeated repetitions can take seconds: neither is compiled. */
static const char *pattern_fault(const char *pattern, size_t n)
{
	long all = 1;		/* nested repetitions multiply */

	if (n > PATTERN_MAX)
		return "this pattern is longer than 200 octets";
	for (size_t i = 0; i < n; i++) {
		if (pattern[i] == '\\' && i + 1 < n) {
			i++;
			if (isdigit((unsigned char)pattern[i]))
				return "back references (\\1) are refused: they can take seconds";
		} else if (pattern[i] == '{') {
			const char *comma = memchr(pattern + i, ',', n - i);
			const char *close = memchr(pattern + i, '}', n - i);
			int least = atoi(pattern + i + 1), most = comma && close && comma < close ?
				   atoi(comma + 1) : 0;

			all *= most > least ? most : least > 0 ? least : 1;
			if (all > REPEAT_MAX)
				return "the { } of this pattern repeat more than 255 times "
				       "together";
		}
	}
	return NULL;
}

static int read_pattern(struct flow_compile *c, const struct tw_conf_node *node, const char *text,
			struct flow_expect *ret)
{
	size_t n = strlen(text);
	const char *wrong = pattern_fault(text + 1, n - 2);
	char why[160];
	int code;

	if (wrong)
		return fault(c, node, wrong);
	tw_auto(tw_free_charp) char *whole = tw_printf("^(%.*s)$", (int)n - 2, text + 1);
	struct flow_pattern *p = tw_zalloc(sizeof(*p));

	code = regcomp(&p->regex, whole, REG_EXTENDED | REG_ICASE | REG_NOSUB);
	if (code) {
		regerror(code, &p->regex, why, sizeof(why));
		free(p);
		tw_conf_fault(node, c->findings, true, "this is no POSIX extended expression: %s",
			      why);
		return TW_E_CONFIG;
	}
	ret->kind = EXPECT_PATTERN;
	ret->pattern = p;
	return 0;
}

static bool read_range(const char *text, struct flow_expect *ret)
{
	const char *dots = strstr(text, "..");
	char *end;

	if (!dots || dots == text || !dots[2])
		return false;
	ret->from = strtod(text, &end);
	if (end != dots && !(end == dots + 1 && *dots == '.'))	/* strtod takes "0." of "0..10" */
		return false;
	ret->to = strtod(dots + 2, &end);
	if (*end || !isfinite(ret->from) || !isfinite(ret->to) || ret->to < ret->from)
		return false;
	ret->kind = EXPECT_RANGE;
	ret->is_whole = ret->from == floor(ret->from) && ret->to == floor(ret->to) &&
		!strchr(dots + 2, '.');
	return true;
}

static int read_word(struct flow_compile *c, const struct tw_conf_node *node,
		     struct flow_expect *ret)
{
	static const struct { const char *name; enum flow_expect_kind kind; } kinds[] = {
		{ "text", EXPECT_TEXT }, { "number", EXPECT_NUMBER }, { "yes/no", EXPECT_YES_NO },
		{ "date", EXPECT_DATE }, { "email", EXPECT_EMAIL },
	};
	const char *text = tw_conf_string(node);
	size_t n = strlen(text);

	for (size_t i = 0; i < TW_COUNT(kinds); i++)
		if (!strcmp(kinds[i].name, text)) {
			ret->kind = kinds[i].kind;
			return 0;
		}
	if (n > 2 && text[0] == '/' && text[n - 1] == '/')
		return read_pattern(c, node, text, ret);
	if (read_range(text, ret))
		return 0;
	return fault(c, node, "`expect` wants \"0..10\", [ \"a\", \"b\" ], \"yes/no\", \"text\", "
			      "\"number\", \"date\", \"email\" or \"/pattern/\"");
}

static int read_choices(struct flow_compile *c, const struct tw_conf_node *node,
			struct flow_expect *ret)
{
	struct tw_buf key = { 0 };

	ret->kind = EXPECT_CHOICE;
	for (size_t i = 0; i < tw_conf_length(node); i++) {
		const struct tw_conf_node *choice = tw_conf_at(node, i);
		const char *text = tw_conf_type(choice) == TW_CONF_STRING ? tw_conf_string(choice)
			: "";

		tw_fold_key(text, strlen(text), &key);
		if (!key.n) {
			tw_buf_done(&key);
			return fault(c, choice,
				     "a choice is a text with a letter, a digit or a symbol");
		}
		tw_strings_add(&ret->choices, text);
		tw_strings_add(&ret->keys, key.p);
	}
	tw_buf_done(&key);
	return ret->choices.n ? 0 : fault(c, node, "`expect` holds no choice");
}

/* What a field of this type takes, where `expect` does not say it. */
static void expect_of_type(enum flow_type type, struct flow_expect *ret)
{
	static const enum flow_expect_kind kinds[] = {
		[FLOW_TYPE_TEXT] = EXPECT_TEXT, [FLOW_TYPE_INTEGER] = EXPECT_NUMBER,
		[FLOW_TYPE_NUMBER] = EXPECT_NUMBER, [FLOW_TYPE_DATE] = EXPECT_DATE,
		[FLOW_TYPE_BOOLEAN] = EXPECT_YES_NO };

	ret->kind = kinds[type];
}

/* Whether what the question takes is what the field holds. */
static bool fits(const struct flow_expect *e, enum flow_type type)
{
	switch (type) {
	case FLOW_TYPE_TEXT:
		return true;
	case FLOW_TYPE_INTEGER:
		return e->kind == EXPECT_NUMBER || (e->kind == EXPECT_RANGE && e->is_whole);
	case FLOW_TYPE_NUMBER:
		return e->kind == EXPECT_NUMBER || e->kind == EXPECT_RANGE;
	case FLOW_TYPE_DATE:
		return e->kind == EXPECT_DATE;
	case FLOW_TYPE_BOOLEAN:
		return e->kind == EXPECT_YES_NO;
	}
	return false;
}

int flow_expect_compile(struct flow_compile *c, const struct tw_conf_node *node, int field,
			struct flow_expect *ret)
{
	enum flow_type type = field == FLOW_NONE ? FLOW_TYPE_TEXT : flow_field(c->f, field)->type;
	int r = 0;

	*ret = (struct flow_expect){ .kind = EXPECT_TEXT };
	if (!node)
		expect_of_type(type, ret);
	else if (tw_conf_type(node) == TW_CONF_STRING)
		r = read_word(c, node, ret);
	else if (tw_conf_type(node) == TW_CONF_ARRAY || tw_conf_type(node) == TW_CONF_LIST)
		r = read_choices(c, node, ret);
	else
		r = fault(c, node, "`expect` wants a text such as \"0..10\", or an array of "
				   "choices");
	if (r == 0 && !fits(ret, type)) {
		tw_conf_fault(node, c->findings, true,
			      "what this takes does not fit into the field `%s`, which "
			      "is of type %s", flow_field(c->f, field)->name, flow_type_name(type));
		r = TW_E_CONFIG;
	}
	ret->is_whole |= type == FLOW_TYPE_INTEGER;
	return r;
}

void flow_expect_done(struct flow_expect *e)
{
	tw_strings_done(&e->choices);
	tw_strings_done(&e->keys);
	if (e->pattern)
		regfree(&e->pattern->regex);
	free(e->pattern);
}

/* ---- answers ------------------------------------------------------------------------------- */

/* The two signs that make a keycap of the digit in front of them. */
static bool is_keycap(int32_t c)
{
	return c == 0xFE0F || c == 0x20E3;
}

/* Numbers as people write them: decimal digits of any script, a sign, one point or comma. */
static bool read_number(const char *text, size_t n, double *ret)
{
	const char *p = text, *end = text + n;
	char plain[40], *stop;
	size_t out = 0;
	bool has_digit = false, has_point = false;

	while (p < end) {
		int32_t c = tw_utf8_next(&p, end);
		int digit = tw_digit_value((uint32_t)c);

		if (out + 2 > sizeof(plain))
			return false;
		if (digit >= 0) {
			plain[out++] = (char)('0' + digit);
			has_digit = true;
		} else if ((c == '.' || c == ',' || c == 0x066B) && has_digit && !has_point) {
			plain[out++] = '.';
			has_point = true;
		} else if ((c == '-' || c == '+' || c == 0x2212) && !out) {
			plain[out++] = c == '+' ? '+' : '-';
		} else if (!has_digit || !is_keycap(c)) {
			return false;
		}
	}
	plain[out] = '\0';
	*ret = strtod(plain, &stop);
	return has_digit && plain[out - 1] != '.' && !*stop;
}

static bool is_around(char c, const char *signs)
{
	return isspace((unsigned char)c) || (c && strchr(signs, c));
}

/* Blanks, quotation marks, and what closes a sentence. */
static void trim(const char **text, size_t *n)
{
	while (*n && is_around(**text, "\"'")) {
		(*text)++;
		(*n)--;
	}
	while (*n && is_around((*text)[*n - 1], "\"'!."))
		(*n)--;
}

static bool take_number(const struct flow_expect *e, const char *text, size_t n, struct tw_buf *out)
{
	double v;

	trim(&text, &n);
	if (!read_number(text, n, &v) || (e->is_whole && v != floor(v)) || fabs(v) > 1e15)
		return false;
	if (e->kind == EXPECT_RANGE && (v < e->from || v > e->to))
		return false;
	if (v == floor(v))
		tw_buf_addf(out, "%.0f", v == 0 ? 0.0 : v);
	else
		tw_buf_addf(out, "%.10g", v);
	return true;
}

static bool take_choice(const struct flow_expect *e, const char *text, size_t n, struct tw_buf *out)
{
	struct tw_buf key = { 0 };
	bool takes = false;

	tw_fold_key(text, n, &key);
	for (size_t i = 0; i < e->keys.n && key.n && !takes; i++)
		if (!strcmp(e->keys.v[i], key.p)) {
			tw_buf_adds(out, e->choices.v[i]);
			takes = true;
		}
	tw_buf_done(&key);
	return takes;
}

/* Keys of yes and no, divided by commas; English counts in every language. */
static const struct { const char *language, *yes, *no; } answers[] = {
	{ "en", "yes,y,yeah,yep,yup,ok,okay,sure,yes please",
	  "no,n,nope,nah,no thanks,no thank you" },
	{ "de", "ja,j,jo,klar,gerne,ja bitte", "nein,ne,nee,nein danke" },
	{ "fr", "oui,o,ouais,oui merci,d accord", "non,non merci" },
	{ "es", "si,s,claro,vale", "no,no gracias" },
	{ "it", "si,s,certo,va bene", "no,no grazie" },
	{ "pt", "sim,s,claro", "não,nao,n,não obrigado" },
	{ "nl", "ja,j,graag", "nee,neen,nee bedankt" },
	{ "sv", "ja,japp", "nej" }, { "da", "ja", "nej" }, { "no", "ja", "nei" },
	{ "fi", "kyllä,kylla,joo,k", "ei,e" },
	{ "pl", "tak,t", "nie" }, { "cs", "ano,jo", "ne" }, { "sk", "áno,ano,hej", "nie" },
	{ "hu", "igen,i", "nem" }, { "ro", "da", "nu" }, { "tr", "evet,e", "hayır,hayir,h" },
	{ "ru", "да,д", "нет,н" }, { "uk", "так,т", "ні,н" }, { "bg", "да,д", "не,н" },
	{ "el", "ναι", "όχι,οχι" }, { "ar", "نعم", "لا" }, { "he", "כן", "לא" },
	{ "hi", "हाँ,हां,haan,ha", "नहीं,nahi,nahin" }, { "bn", "হ্যাঁ,হা", "না" },
	{ "ur", "ہاں,جی", "نہیں" }, { "id", "ya,y", "tidak,t" }, { "ms", "ya,y", "tidak,t" },
	{ "sw", "ndiyo,ndio", "hapana" }, { "tl", "oo,opo", "hindi" },
	{ "vi", "có,co", "không,khong" },
	{ "th", "ใช่,ครับ,ค่ะ", "ไม่,ไม่ใช่" }, { "zh", "是,好,可以", "不,不是,否" },
	{ "ja", "はい", "いいえ" }, { "ko", "네,예", "아니요,아니오" },
};

static bool is_one_of(const char *list, const struct tw_buf *key)
{
	struct tw_buf other = { 0 };
	bool is = false;

	for (const char *p = list; *p && !is;) {
		size_t n = strcspn(p, ",");

		tw_fold_key(p, n, &other);
		is = other.n == key->n && !memcmp(other.p, key->p, key->n);
		p += n + (p[n] == ',');
	}
	tw_buf_done(&other);
	return is;
}

static bool take_yes_no(const struct flow_run *run, const char *text, size_t n, struct tw_buf *out)
{
	const char *language = flow_run_language(run);
	size_t length = strcspn(language, "-_");
	struct tw_buf key = { 0 };
	const char *said = NULL;

	tw_fold_key(text, n, &key);
	/* In the contact's own words first: what is "no" there is no English yes. */
	for (int own = 1; own >= 0 && key.n && !said; own--)
		for (size_t i = 0; i < TW_COUNT(answers) && !said; i++) {
			bool is_own = strlen(answers[i].language) == length &&
				      !strncasecmp(answers[i].language, language, length);

			if (own ? !is_own : i > 0)
				continue;
			said = is_one_of(answers[i].yes, &key) ? "yes" :
			       is_one_of(answers[i].no, &key) ? "no" : NULL;
		}
	tw_buf_done(&key);
	if (said)
		tw_buf_adds(out, said);
	return said != NULL;
}

/* ---- dates --------------------------------------------------------------------------------- */

static bool is_date(int year, int month, int day)
{
	int y, m, d;

	if (year < 1900 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	tw_civil_from_days(tw_days_from_civil(year, month, day), &y, &m, &d);
	return y == year && m == month && d == day;
}

/* Digits of any script become ASCII; what is too long or no sign of a date ends it. */
static bool plain_date(const char *text, size_t n, char out[24])
{
	const char *p = text, *end = text + n;
	size_t used = 0;

	while (p < end) {
		int32_t c = tw_utf8_next(&p, end);
		int digit = tw_digit_value((uint32_t)c);

		if (used == 22 || (digit < 0 && c != '-' && c != '.' && c != '/' && c != ' '))
			return false;
		if (c != ' ')
			out[used++] = digit >= 0 ? (char)('0' + digit) : (char)c;
	}
	out[used] = '\0';
	return used > 0;
}

/* 4/5: the day first, but for those who write from +1; the next such day. */
static bool take_short_date(const struct flow_run *run, const char *text, int *y, int *m, int *d)
{
	int a, b, end = 0;

	if (sscanf(text, "%2d/%2d%n", &a, &b, &end) != 2 || text[end])
		return false;
	bool month_first = run->e->from[0] == '+' && run->e->from[1] == '1';

	*m = month_first ? a : b;
	*d = month_first ? b : a;
	for (*y = run->now.year; *y < run->now.year + 9; (*y)++)
		if (is_date(*y, *m, *d) &&
		    tw_days_from_civil(*y, *m, *d) >=
		    tw_days_from_civil(run->now.year, run->now.month, run->now.day))
			return true;
	return false;
}

static bool take_date(const struct flow_run *run, const char *text, size_t n, struct tw_buf *out)
{
	int y, m, d, end = 0;
	char plain[24];

	trim(&text, &n);
	if (!plain_date(text, n, plain))
		return false;
	if (!(sscanf(plain, "%4d-%2d-%2d%n", &y, &m, &d, &end) == 3 && !plain[end]) &&
	    !(sscanf(plain, "%2d.%2d.%4d%n", &d, &m, &y, &end) == 3 && !plain[end]) &&
	    !take_short_date(run, plain, &y, &m, &d))
		return false;
	if (!is_date(y, m, d))
		return false;
	tw_buf_addf(out, "%04d-%02d-%02d", y, m, d);
	return true;
}

/* ---- the rest ------------------------------------------------------------------------------ */

static bool take_email(const char *text, size_t n, struct tw_buf *out)
{
	const char *at;

	trim(&text, &n);
	at = memchr(text, '@', n);
	if (!at || at == text || n > 254 || memchr(at + 1, '@', n - (size_t)(at - text) - 1))
		return false;
	const char *dot = memrchr(at, '.', n - (size_t)(at - text));

	if (!dot || dot == at + 1 || dot + 2 > text + n - 1)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] <= ' ' || strchr("<>()[]\\,;:\"", text[i]) ||
		    text[i] == 0x7F)
			return false;
	tw_buf_add(out, text, n);
	return true;
}

static bool take_text(const char *text, size_t n, struct tw_buf *out)
{
	struct tw_buf key = { 0 };
	bool is_there;

	tw_fold_key(text, n, &key);
	is_there = key.n > 0;
	tw_buf_done(&key);
	while (n && isspace((unsigned char)text[n - 1]))
		n--;
	while (n && isspace((unsigned char)*text)) {
		text++;
		n--;
	}
	if (is_there || n)
		tw_utf8_clean(text, n, out);
	return is_there || n > 0;
}

static bool take_pattern(const struct flow_expect *e, const char *text, size_t n,
			 struct tw_buf *out)
{
	struct tw_buf clean = { 0 };
	bool takes;

	if (n > ANSWER_MAX || memchr(text, '\0', n))
		return false;
	while (n && isspace((unsigned char)text[n - 1]))
		n--;
	tw_utf8_clean(text, n, &clean);
	takes = !regexec(&e->pattern->regex, tw_buf_str(&clean), 0, NULL, 0);
	if (takes)
		tw_buf_add(out, tw_buf_str(&clean), clean.n);
	tw_buf_done(&clean);
	return takes;
}

bool flow_expect_takes(const struct flow_run *run, const struct flow_expect *e, const char *text,
		       size_t n, struct tw_buf *out)
{
	switch (e->kind) {
	case EXPECT_TEXT:
		return take_text(text, n, out);
	case EXPECT_NUMBER:
	case EXPECT_RANGE:
		return take_number(e, text, n, out);
	case EXPECT_CHOICE:
		return take_choice(e, text, n, out);
	case EXPECT_YES_NO:
		return take_yes_no(run, text, n, out);
	case EXPECT_DATE:
		return take_date(run, text, n, out);
	case EXPECT_EMAIL:
		return take_email(text, n, out);
	case EXPECT_PATTERN:
		return take_pattern(e, text, n, out);
	case EXPECT_SLOT:
		return flow_offer_takes(run, e->appointment, text, n, out);
	}
	return false;
}
