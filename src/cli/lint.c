/* What the texts of flows cost: a second segment is paid twice, and one letter that is not in the
 * alphabet of GSM leaves 70 letters a segment instead of 160. */
#include "lint.h"

#include <twoway/sms.h>

#include <stdio.h>

enum { STRANGERS_SHOWN = 3, LANGUAGES_MAX = 13 };

struct lint {
	struct sms_options options;
	uint8_t languages[LANGUAGES_MAX];
	struct tw_findings *findings;
};

/* Letters of a text that the GSM alphabet does not have, each once. */
struct strangers {
	char shown[STRANGERS_SHOWN][8];
	uint32_t code_points[STRANGERS_SHOWN];
	size_t different, n, letters;
};

static bool is_gsm(const char *letter, size_t n)
{
	uint8_t packed[8];
	size_t septets;

	return sms_gsm7_pack(letter, n, packed, sizeof(packed), &septets) >= 0;
}

static struct strangers find_strangers(const char *text, size_t n)
{
	struct strangers s = { .n = 0 };

	for (const char *p = text, *end = text + n; p < end; s.letters++) {
		const char *letter = p;
		int32_t c = tw_utf8_next(&p, end);
		bool is_known = false;

		if (is_gsm(letter, (size_t)(p - letter)))
			continue;
		s.n++;
		for (size_t i = 0; i < s.different && i < STRANGERS_SHOWN; i++)
			is_known |= s.code_points[i] == (uint32_t)c;
		if (is_known)
			continue;
		if (s.different < STRANGERS_SHOWN) {
			tw_strsetn(s.shown[s.different], sizeof(s.shown[0]), letter,
				   (size_t)(p - letter));
			s.code_points[s.different] = (uint32_t)c;
		}
		s.different++;
	}
	return s;
}

/* A text in Cyrillic is UCS-2 by its nature; one with a curly apostrophe is not meant to be. */
static bool is_by_accident(const struct strangers *s)
{
	return s->n * 4 <= s->letters;
}

static void warn(struct lint *l, const struct flow_sent_text *t, const struct tw_buf *text)
{
	tw_findings_add(l->findings, t->file, t->line, -1, false, "%s%s", tw_buf_str(text),
			t->is_estimated ? " (names in it estimated)" : "");
}

static void tell_ucs2(struct lint *l, const struct flow_sent_text *t, const struct strangers *s,
		      int segments)
{
	struct tw_buf text = { 0 };

	tw_buf_adds(&text, "this text goes out as UCS-2, 70 letters a segment instead of 160, for");
	for (size_t i = 0; i < s->different && i < STRANGERS_SHOWN; i++)
		tw_buf_addf(&text, "%s %s (U+%04X)", i ? "," : "", s->shown[i], s->code_points[i]);
	if (s->different > STRANGERS_SHOWN)
		tw_buf_addf(&text, " and %zu more", s->different - STRANGERS_SHOWN);
	if (segments > 1)
		tw_buf_addf(&text, ": it takes %d segments", segments);
	tw_buf_adds(&text, "; write it with plain letters, or set `smart_encoding`");
	warn(l, t, &text);
	tw_buf_done(&text);
}

static void judge(void *ctx, const struct flow_sent_text *t)
{
	struct lint *l = ctx;
	struct sms_form form;
	struct sms_fault fault = { 0 };
	struct strangers s;
	struct tw_buf text = { 0 };
	int r = sms_choose_form(t->text, t->n, &l->options, &form, &fault);

	if (r == TW_E_NOSPACE) {
		tw_buf_addf(&text, "this text takes %d segments, more than `max_segments`: it is "
				   "not sent",
			    fault.octet);
		warn(l, t, &text);
	}
	if (r < 0) {
		tw_buf_done(&text);
		return;
	}
	s = find_strangers(t->text, t->n);
	if (form.encoding == SMS_UCS2 && is_by_accident(&s)) {
		tell_ucs2(l, t, &s, form.segments);
	} else if (form.segments > 1) {
		bool is_ucs2 = form.encoding == SMS_UCS2;
		size_t fit = is_ucs2 ? 70 : 160;
		const char *twice = is_ucs2 ? " (an emoji counts twice)"
					    : " ([ ] { } \\ ~ ^ | and € count twice)";

		tw_buf_addf(&text, "this text takes %d segments: %zu letters%s, and %s%zu fit into "
			    "one", form.segments, s.letters, s.letters > fit ? "" : twice,
			    is_ucs2 ? "in this alphabet " : "", fit);
		warn(l, t, &text);
	}
	tw_buf_done(&text);
}

void lint_texts(const struct flows *f, const struct settings *s, struct tw_findings *findings)
{
	struct lint l = { .options = { .encoding = -1, .message_class = -1 },
			  .findings = findings };

	for (size_t i = 0; s && i < s->languages.n && l.options.n_languages < LANGUAGES_MAX; i++) {
		int id = sms_language_id(s->languages.v[i]);

		if (id > 0)
			l.languages[l.options.n_languages++] = (uint8_t)id;
	}
	l.options.languages = l.languages;
	l.options.smart = s && s->smart_encoding;
	l.options.max_segments = s ? (uint16_t)s->max_segments : 0;
	flows_sent_texts(f, judge, &l);
}
