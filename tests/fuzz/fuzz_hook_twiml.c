/* Any octets as TwiML: no crash, and no refusal without a code and a sentence. */
#include <twoway/hook.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct twiml t;
	int r = twiml_read((const char *)data, n, &t);

	if (r < 0 && (!t.code || !t.why[0] || t.n))
		abort();
	for (size_t i = 0; i < t.n; i++)
		if (!t.v[i].text || !tw_utf8_is_valid(t.v[i].text, strlen(t.v[i].text)))
			abort();
	twiml_done(&t);
	return 0;
}
