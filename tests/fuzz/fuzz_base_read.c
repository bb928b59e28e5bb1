/* The small readers of base: whatever the octets, they answer, and what they accept they can write
 * and read again. */
#include <twoway/base.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void times(const char *text)
{
	struct wall_ms t, again;
	int64_t ms, ms_again;
	char out[TW_RFC3339_MAX], short_out[24];

	if (tw_rfc3339_read(text, &t) == 0 && t.ms >= -62135596800000) {
		tw_rfc3339(t, out);
		check(strlen(out) > 24 || (tw_rfc3339_read(out, &again) == 0 && again.ms == t.ms));
	}
	if (tw_duration_read(text, &ms) == 0)
		check(tw_duration_read(tw_duration_write(ms, short_out), &ms_again) == 0 &&
		      ms_again == ms);
}

static void octets(const char *text, size_t n)
{
	uint8_t *out = tw_alloc(n);
	char *coded = tw_alloc(2 * n + 5);
	int r = tw_hex_read(text, n, out, n);

	if (r >= 0) {
		tw_hex_write(out, (size_t)r, coded, false);
		check(strlen(coded) == n);
	}
	r = tw_base64_read(text, n, out, n);
	if (r >= 0)
		check(tw_base64_write(out, (size_t)r, coded) == n && memcmp(coded, text, n) == 0);
	free(coded);
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data, *end = p + size;
	char *text = tw_alloc(size + 1);
	struct tw_buf clean = { 0 };

	memcpy(text, data, size);
	text[size] = '\0';
	times(text);
	octets((const char *)data, size);
	tw_log_quote(text);
	tw_log_number(text);
	while (tw_utf8_next(&p, end) >= 0)
		;
	check(p == end);
	tw_utf8_clean((const char *)data, size, &clean);
	check(tw_utf8_is_valid(tw_buf_str(&clean), clean.n));
	if (tw_utf8_is_valid((const char *)data, size))
		check(clean.n == size);
	tw_buf_done(&clean);
	free(text);
	return 0;
}
