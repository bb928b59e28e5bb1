/* What of a text is its sender's own: quoted lines, what stands below them, signatures, and what a
 * phone says about one of our texts are not. */
#include "words.h"

/* "On 4 May Acme wrote:": a line that ends in a colon and one of the words for it. */
static bool is_above_quote(const struct flow_words *w, const char *line, size_t n)
{
	struct tw_buf folded = { 0 };
	bool found = false;

	if (!n || line[n - 1] != ':')
		return false;
	flow_words_fold(line, n, &folded);
	for (size_t i = 0; i < w->quotes.n && !found; i++) {
		size_t length = strlen(w->quotes.v[i]);

		found = folded.n > length + 1 && folded.p[folded.n - length - 1] == ' ' &&
			!memcmp(folded.p + folded.n - length, w->quotes.v[i], length);
	}
	tw_buf_done(&folded);
	return found;
}

void words_cut_quotes(const struct flow_words *w, const char *text, size_t n, struct tw_buf *out)
{
	for (const char *p = text, *end = text + n; p < end;) {
		const char *stop = memchr(p, '\n', (size_t)(end - p)), *first = p, *last;

		stop = stop ? stop : end;
		last = stop;
		while (first < last && (*first == ' ' || *first == '\t'))
			first++;
		while (last > first && (last[-1] == ' ' || last[-1] == '\r' || last[-1] == '\t'))
			last--;
		if (last - first == 2 && !memcmp(first, "--", 2))
			return;
		if (is_above_quote(w, first, (size_t)(last - first)))
			return;
		if (first == last || *first != '>')
			tw_buf_add(out, p, (size_t)(stop - p));
		tw_buf_addc(out, '\n');
		p = stop + (stop < end);
	}
}

bool words_cut_signature(const struct flow_words *w, size_t from, struct tw_buf *text)
{
	bool begins[256] = { false };	/* by which octets words of the text begin */
	bool was_cut = false;

	for (size_t i = 0; i < text->n; i++)
		if (!i || text->p[i - 1] == ' ')
			begins[(unsigned char)text->p[i]] = true;
	for (size_t i = 0; i < w->signatures.n; i++) {
		const char *signature = w->signatures.v[i];

		if (!begins[(unsigned char)*signature])
			continue;
		size_t n = strlen(signature);
		char *p = text->n >= n + from ? memmem(text->p + from, text->n - from, signature, n)
					      : NULL;

		if (!p || (p > text->p && p[-1] != ' ') || (p + n != text->p + text->n &&
							    p[n] != ' '))
			continue;
		text->n = (size_t)(p - text->p) - (p > text->p);
		was_cut = true;
	}
	return was_cut;
}

static bool is_quotation_mark(int32_t c)
{
	return c == '"' || c == 0x00AB || c == 0x00BB || (c >= 0x201C && c <= 0x201F) ||
	       c == 0x300C || c == 0x300D || c == 0x300E || c == 0x300F;
}

bool words_is_reaction(const char *text, size_t n)
{
	enum { WORDS_BEFORE_MAX = 4 };
	size_t words = 0, marks = 0;
	bool in_word = false, ends_quoted = false;

	for (const char *p = text, *end = text + n; p < end;) {
		int32_t c = tw_utf8_next(&p, end);
		bool is_space = c == ' ' || c == '\n' || c == '\t' || c == 0x00A0 || c == 0x202F;

		if (is_quotation_mark(c))
			marks++;
		else if (!marks && !is_space && !in_word)
			words++;
		in_word = !is_space && !marks;
		if (!is_space)
			ends_quoted = is_quotation_mark(c);
	}
	return words && words <= WORDS_BEFORE_MAX && marks >= 2 && ends_quoted;
}
