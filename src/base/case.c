/* Upper, lower and title case, by no locale. */
#include <utf8proc.h>

#include <twoway/base.h>

/* What a word goes on with: a letter, a mark, a digit, or an apostrophe between letters. */
static bool is_inside_word(int32_t c)
{
	utf8proc_category_t k = utf8proc_category(c);

	return (k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_NO) || c == '\'' || c == 0x2019;
}

static void add_upper(struct tw_buf *out, int32_t c, enum tw_case how)
{
	/* utf8proc gives the capital sharp s, which no alphabet of SMS holds */
	if (c == 0xDF)
		tw_buf_adds(out, how == TW_TITLE ? "Ss" : "SS");
	else
		tw_buf_addu(out, (uint32_t)(how == TW_TITLE ? utf8proc_totitle(c)
							    : utf8proc_toupper(c)));
}

void tw_case_text(const char *s, size_t n, enum tw_case how, struct tw_buf *out)
{
	bool is_inside = false;

	for (const char *p = s, *end = s + n; p < end;) {
		int32_t c = tw_utf8_next(&p, end);

		if (how == TW_UPPER || (how == TW_TITLE && !is_inside))
			add_upper(out, c, how);
		else
			tw_buf_addu(out, (uint32_t)utf8proc_tolower(c));
		is_inside = is_inside_word(c);
	}
}
