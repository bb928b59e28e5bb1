/* Any octets folded: valid UTF-8 without spaces at the ends or side by side, folding it again changes
 * nothing, clusters fill the text, and the rest begins inside it. */
#include <twoway/base.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct tw_buf key = { 0 }, again = { 0 };
	const char *s = (const char *)data;
	size_t sum = 0, step;

	tw_fold_key(s, n, &key);
	if (!tw_utf8_is_valid(tw_buf_str(&key), key.n) || memmem(tw_buf_str(&key), key.n, "  ", 2))
		abort();
	if (key.n && (key.p[0] == ' ' || key.p[key.n - 1] == ' '))
		abort();
	tw_fold_key(tw_buf_str(&key), key.n, &again);
	if (key.n != again.n || (key.n && memcmp(key.p, again.p, key.n)))
		abort();
	while ((step = tw_grapheme_next(s + sum, n - sum)))
		sum += step;
	if (sum != n)
		abort();
	for (size_t k = 0; k <= key.n + 1; k += 1 + key.n / 8)
		if (tw_fold_rest(s, n, k) > n)
			abort();
	tw_buf_done(&key);
	tw_buf_done(&again);
	return 0;
}
