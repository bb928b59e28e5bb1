#include "number_typed.h"

enum class {
	DIGIT, LETTER, PLUS,
	BLANK,		/* white space of any width */
	BETWEEN,	/* what people write between digits */
	MARK,		/* invisible: direction marks, joiners, variation selectors */
	CONTROL,
	ODD
};

/* Beyond ASCII. Sorted; what is in no range is a letter. */
static const struct {
	uint32_t from, to;
	enum class class;
} ranges[] = {
	{ 0x0080, 0x009f, CONTROL },
	{ 0x00a0, 0x00a0, BLANK },
	{ 0x00a1, 0x00a9, ODD },
	{ 0x00ab, 0x00ac, ODD },
	{ 0x00ad, 0x00ad, MARK },	/* soft hyphen */
	{ 0x00ae, 0x00b4, ODD },
	{ 0x00b6, 0x00b6, ODD },
	{ 0x00b7, 0x00b7, BETWEEN },	/* middle dot */
	{ 0x00b8, 0x00b9, ODD },
	{ 0x00bb, 0x00bf, ODD },
	{ 0x00d7, 0x00d7, ODD },
	{ 0x00f7, 0x00f7, ODD },
	{ 0x061c, 0x061c, MARK },
	{ 0x1680, 0x1680, BLANK },
	{ 0x180e, 0x180e, MARK },
	{ 0x2000, 0x200a, BLANK },
	{ 0x200b, 0x200f, MARK },
	{ 0x2010, 0x2015, BETWEEN },	/* hyphens and dashes */
	{ 0x2016, 0x2021, ODD },
	{ 0x2022, 0x2024, BETWEEN },	/* bullets */
	{ 0x2025, 0x2027, ODD },
	{ 0x2028, 0x2029, CONTROL },
	{ 0x202a, 0x202e, MARK },
	{ 0x202f, 0x202f, BLANK },
	{ 0x2030, 0x2042, ODD },
	{ 0x2043, 0x2043, BETWEEN },
	{ 0x2044, 0x205e, ODD },
	{ 0x205f, 0x205f, BLANK },
	{ 0x2060, 0x206f, MARK },
	{ 0x2070, 0x20df, ODD },
	{ 0x20e0, 0x20e2, ODD },
	{ 0x20e3, 0x20e3, MARK },	/* the key around an emoji's digit */
	{ 0x20e4, 0x20ff, ODD },
	{ 0x2190, 0x2211, ODD },
	{ 0x2212, 0x2212, BETWEEN },	/* minus */
	{ 0x2213, 0x223b, ODD },
	{ 0x223c, 0x223c, BETWEEN },	/* tilde, as in 8~10 */
	{ 0x223d, 0x2bff, ODD },
	{ 0x3000, 0x3000, BLANK },
	{ 0x3001, 0x301b, ODD },
	{ 0x301c, 0x301c, BETWEEN },
	{ 0x301d, 0x3020, ODD },
	{ 0xd800, 0xf8ff, ODD },	/* private use */
	{ 0xfe00, 0xfe0f, MARK },
	{ 0xfe50, 0xfe61, ODD },
	{ 0xfe62, 0xfe62, PLUS },
	{ 0xfe63, 0xfe63, BETWEEN },
	{ 0xfe64, 0xfe6f, ODD },
	{ 0xfeff, 0xfeff, MARK },
	{ 0xff01, 0xff07, ODD },
	{ 0xff08, 0xff09, BETWEEN },
	{ 0xff0a, 0xff0a, ODD },
	{ 0xff0b, 0xff0b, PLUS },
	{ 0xff0c, 0xff0c, ODD },
	{ 0xff0d, 0xff0f, BETWEEN },
	{ 0xff1a, 0xff20, ODD },
	{ 0xff3b, 0xff3b, BETWEEN },
	{ 0xff3c, 0xff3c, ODD },
	{ 0xff3d, 0xff3d, BETWEEN },
	{ 0xff3e, 0xff40, ODD },
	{ 0xff5b, 0xff5d, ODD },
	{ 0xff5e, 0xff5e, BETWEEN },
	{ 0xff5f, 0xff65, ODD },
	{ 0xffe0, 0xfffc, ODD },
	{ 0xfffd, 0xfffd, CONTROL },	/* stands for what is not UTF-8 */
	{ 0xfffe, 0xffff, ODD },
	{ 0x1f000, 0x1faff, ODD },	/* pictures */
	{ 0xe0000, 0xe0fff, MARK },
	{ 0xf0000, 0x10ffff, ODD },
};

static enum class classify_ascii(uint32_t c)
{
	if (c >= '0' && c <= '9')
		return DIGIT;
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
		return LETTER;
	switch (c) {
	case '+':
		return PLUS;
	case ' ':
	case '\t':
		return BLANK;
	case '-':
	case '.':
	case '/':
	case '(':
	case ')':
	case '[':
	case ']':
	case '~':
		return BETWEEN;
	}
	return c < 0x20 || c == 0x7f ? CONTROL : ODD;
}

static enum class classify(uint32_t c)
{
	if (c < 0x80)
		return classify_ascii(c);
	if (tw_digit_value(c) >= 0)
		return DIGIT;
	for (size_t i = 0; i < TW_COUNT(ranges) && ranges[i].from <= c; i++)
		if (c <= ranges[i].to)
			return ranges[i].class;
	return LETTER;
}

static char keypad(uint32_t letter)
{
	static const char keys[] = "22233344455566677778889999";

	return keys[(letter | 0x20) - 'a'];
}

static void add_digit(struct number_typed *t, char digit, bool is_letter)
{
	if (t->vanity_n == NUMBER_TYPED_DIGITS) {
		t->is_long = true;
		return;
	}
	t->vanity[t->vanity_n++] = digit;
	if (is_letter)
		return;
	t->digits[t->n++] = digit;
	t->ends_in_digit = true;
}

static void add_letter(struct number_typed *t, uint32_t c)
{
	if (!t->letters++)
		t->digits_before_letters = t->n;
	t->ends_in_digit = false;
	if (c < 0x80)
		add_digit(t, keypad(c), true);
	else
		t->is_foreign = true;
}

/* Keeps whole characters only; blanks are held back until something visible follows. */
static void add_to_name(struct number_typed *t, uint32_t c, size_t *octets, size_t *blanks)
{
	char utf8[4];
	size_t n;

	if (c == ' ') {
		*blanks += t->name_n > 0;
		return;
	}
	for (; *blanks; --*blanks, t->name_n++)
		if (*octets + 1 < sizeof(t->name))
			t->name[(*octets)++] = ' ';
	n = tw_utf8_put(c, utf8);
	if (*octets + n < sizeof(t->name)) {
		memcpy(t->name + *octets, utf8, n);
		*octets += n;
	}
	t->name_n++;
}

static const char *skip_space(const char *p, const char **end)
{
	static const char space[] = " \t\r\n\v\f";

	while (*end > p && strchr(space, (*end)[-1]))
		--*end;
	return p + strspn(p, space);
}

void number_typed_read(const char *text, struct number_typed *ret)
{
	const char *end = text + strlen(text), *p = skip_space(text, &end);
	size_t octets = 0, blanks = 0;
	int32_t c;

	*ret = (struct number_typed){ 0 };
	while ((c = tw_utf8_next(&p, end)) >= 0) {
		enum class class = classify((uint32_t)c);

		switch (class) {
		case DIGIT:
			add_digit(ret, (char)('0' + tw_digit_value((uint32_t)c)), false);
			break;
		case LETTER:
			add_letter(ret, (uint32_t)c);
			break;
		case PLUS:
			if (ret->is_plus || ret->n || ret->letters)
				ret->is_odd = true;
			ret->is_plus |= !ret->n && !ret->letters;
			break;
		case CONTROL:
			ret->is_unsafe = true;
			break;
		case ODD:
			ret->is_odd = true;
			break;
		case BLANK:
			c = ' ';
			break;
		case MARK:
			continue;
		case BETWEEN:
			break;
		}
		add_to_name(ret, (uint32_t)c, &octets, &blanks);
	}
}
