/* Any octets as twoway.conf: settings, or errors that carry a line. */
#include <twoway/config.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct tw_findings findings = { 0 };
	struct settings *s = config_load_text("fuzz.conf", (const char *)data, n, &findings);

	if (!s != (findings.errors > 0))
		abort();
	for (size_t i = 0; i < findings.n; i++)
		if (!findings.v[i].line || !*findings.v[i].text)
			abort();
	if (s && (!s->n_accounts || !s->database || !s->accounts[0].token_file))
		abort();
	config_free(s);
	tw_findings_done(&findings);
	return 0;
}
