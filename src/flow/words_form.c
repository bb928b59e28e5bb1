/* Other readings of a folded text: letters that were drawn out, spelt singly, taken from another
 * alphabet, or that stand in a script without spaces. */
#include "words.h"

/* Runs of three letters or more become one: STOOOP. */
static bool squeeze(const char *text, size_t n, struct tw_buf *out)
{
	int32_t before = -1;
	size_t run = 0, kept = 0;

	tw_buf_clear(out);
	for (const char *p = text, *end = text + n; p < end;) {
		const char *start = p;
		int32_t c = tw_utf8_next(&p, end);

		run = c == before ? run + 1 : 1;
		before = c;
		if (run == 1)
			kept = out->n;
		if (run >= 3) {		/* back to the first of the run */
			out->n = kept;
			tw_buf_add(out, start, (size_t)(p - start));
		} else {
			tw_buf_add(out, start, (size_t)(p - start));
		}
	}
	return out->n < n;
}

/* S T O P: a text of single letters only is one word. */
static bool join(const char *text, size_t n, struct tw_buf *out)
{
	size_t letters = 0;

	tw_buf_clear(out);
	for (const char *p = text, *end = text + n; p < end;) {
		const char *start = p;

		if (tw_utf8_next(&p, end) == ' ')
			return false;
		if (p < end && *p != ' ')
			return false;
		tw_buf_add(out, start, (size_t)(p - start));
		letters++;
		p += p < end;
	}
	return letters > 2;
}

/* Letters that look alike in print, folded: Latin, Cyrillic, Greek; 0 where there is none. What a
 * capital looks like counts, so "h" is the Cyrillic en. */
static const struct { char latin; int32_t cyrillic, greek; } looks[] = {
	{ 'a', 0x0430, 0x03B1 }, { 'b', 0x0432, 0x03B2 }, { 'c', 0x0441, 0 },
	{ 'e', 0x0435, 0x03B5 },
	{ 'h', 0x043D, 0x03B7 }, { 'i', 0x0456, 0x03B9 }, { 'j', 0x0458, 0 },
	{ 'k', 0x043A, 0x03BA },
	{ 'm', 0x043C, 0x03BC }, { 'n', 0, 0x03BD }, { 'o', 0x043E, 0x03BF },
	{ 'p', 0x0440, 0x03C1 },
	{ 's', 0x0455, 0 }, { 't', 0x0442, 0x03C4 }, { 'u', 0, 0 }, { 'x', 0x0445, 0x03C7 },
	{ 'y', 0x0443, 0x03C5 }, { 'z', 0, 0x03B6 },
};

static int32_t look_alike(int32_t c, enum words_script to)
{
	for (size_t i = 0; i < TW_COUNT(looks); i++) {
		int32_t forms[SCRIPT_COUNT] = { looks[i].latin, looks[i].cyrillic, looks[i].greek };

		for (int from = 0; from < SCRIPT_COUNT; from++)
			if (forms[from] == c && forms[to])
				return forms[to];
	}
	return c;
}

static void convert(const char *text, size_t n, enum words_script to, struct tw_buf *out)
{
	tw_buf_clear(out);
	for (const char *p = text, *end = text + n; p < end;)
		tw_buf_addu(out, (uint32_t)look_alike(tw_utf8_next(&p, end), to));
}

struct words_seen words_look_at(const char *text, size_t n)
{
	struct words_seen seen = { .is_spelt = true };
	int32_t before = -1, last = -1;

	for (const char *p = text, *end = text + n; p < end;) {
		int32_t c = tw_utf8_next(&p, end);

		seen.scripts[TO_LATIN] |= c >= 'a' && c <= 'z';
		seen.scripts[TO_CYRILLIC] |= c >= 0x0400 && c <= 0x04FF;
		seen.scripts[TO_GREEK] |= c >= 0x0370 && c <= 0x03FF;
		seen.is_unspaced |= tw_is_unspaced((uint32_t)c);
		seen.has_run |= c == last && c == before;
		seen.is_spelt &= (c == ' ') != (last == ' ' || last == -1);
		before = last;
		last = c;
	}
	return seen;
}

/* Scripts without spaces: all spaces out, courtesy off at both ends. */
static bool compact(const struct flow_words *w, const char *text, size_t n, struct tw_buf *out)
{
	bool goes_on = true;

	tw_buf_clear(out);
	for (size_t i = 0; i < n; i++)
		if (text[i] != ' ')
			tw_buf_addc(out, text[i]);
	while (goes_on) {
		goes_on = false;
		for (size_t i = 0; i < w->courtesy.n; i++) {
			const char *word = w->courtesy.v[i];
			size_t length = strlen(word);

			if (out->n <= length)
				continue;
			if (!memcmp(out->p, word, length)) {
				tw_buf_drop(out, length);
				goes_on = true;
			} else if (!memcmp(out->p + out->n - length, word, length)) {
				out->n -= length;
				goes_on = true;
			}
		}
	}
	return true;
}

/* Makes one of the other readings; false where the text has none of this kind. */
bool words_make_form(const struct flow_words *w, const struct words_seen *seen, int form,
		      const struct tw_buf *text, struct tw_buf *out)
{
	int scripts = seen->scripts[TO_LATIN] + seen->scripts[TO_CYRILLIC] +
		seen->scripts[TO_GREEK];

	if (form == 0)
		return seen->has_run && squeeze(text->p, text->n, out);
	if (form == 1)
		return seen->is_spelt && join(text->p, text->n, out);
	if (form == 2)
		return seen->is_unspaced && compact(w, text->p, text->n, out);
	if (scripts < 2)
		return false;
	convert(text->p, text->n, (enum words_script)(form - 3), out);
	return true;
}
