/* Findings: what a reader has to say about a file; and the nearest known word to a misspelt one. */
#include <stdio.h>

#include <twoway/base.h>

void tw_findings_done(struct tw_findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].file);
		free(f->v[i].text);
	}
	free(f->v);
	memset(f, 0, sizeof(*f));
}

void tw_findings_add(struct tw_findings *f, const char *file, unsigned line, int offset,
		     bool is_error, const char *format, ...)
{
	struct tw_finding *finding;
	va_list args;

	if (f->n == f->cap) {
		f->cap = f->cap ? 2 * f->cap : 8;
		f->v = tw_realloc(f->v, f->cap * sizeof(*f->v));
	}
	finding = &f->v[f->n];
	*finding = (struct tw_finding){ .file = tw_strdup(file ? file : ""), .line = line,
					.offset = offset, .is_error = is_error };
	va_start(args, format);
	if (vasprintf(&finding->text, format, args) < 0)
		abort();
	va_end(args);
	f->n++;
	f->errors += is_error;
}

void tw_findings_print(const struct tw_findings *f, struct tw_buf *out)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct tw_finding *v = &f->v[i];

		tw_buf_addf(out, "%s:%u: %s: %s\n", v->file, v->line,
			    v->is_error ? "error" : "warning", v->text);
	}
}

enum { NEAR_MAX = 64 };	/* no name is longer; a longer word is near to nothing */

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Optimal string alignment distance, case ignored: insertion, deletion, substitution, swap of two
 * neighbours. Both lengths at most NEAR_MAX. */
static unsigned distance(const char *a, size_t a_n, const char *b, size_t b_n)
{
	unsigned rows[3][NEAR_MAX + 1], *before = rows[0], *above = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b_n; j++)
		above[j] = (unsigned)j;
	for (size_t i = 1; i <= a_n; i++) {
		unsigned *spare = before;

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_n; j++) {
			unsigned char x = lower(a[i - 1]), y = lower(b[j - 1]);

			row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == lower(b[j - 2]) && lower(a[i - 2]) == y)
				row[j] = least(row[j], before[j - 2] + 1);
		}
		before = above;
		above = row;
		row = spare;
	}
	return above[b_n];
}

const char *tw_nearest(const char *word, const char *const *candidates, size_t n)
{
	size_t word_n = strlen(word);
	unsigned best = (unsigned)(word_n / 3) + 1;
	const char *found = NULL;

	if (word_n > NEAR_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t candidate_n = candidates[i] ? strlen(candidates[i]) : NEAR_MAX + 1;
		unsigned d;

		if (candidate_n > NEAR_MAX)
			continue;
		d = distance(word, word_n, candidates[i], candidate_n);
		if (d < best) {
			best = d;
			found = candidates[i];
		}
	}
	return found;
}
