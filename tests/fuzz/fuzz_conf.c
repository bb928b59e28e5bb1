/* Any octets as a configuration text: no crash, and no tree without an error that carries a line. */
#include <twoway/base.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static size_t walk(const struct tw_conf_node *n)
{
	size_t sum = tw_conf_line(n);

	switch (tw_conf_type(n)) {
	case TW_CONF_STRING:
		return sum + strlen(tw_conf_string(n));
	case TW_CONF_INT:
	case TW_CONF_FLOAT:
		return sum + (tw_conf_float(n) > 0);
	case TW_CONF_BOOL:
		return sum + tw_conf_bool(n);
	case TW_CONF_GROUP:
	case TW_CONF_LIST:
	case TW_CONF_ARRAY:
		break;
	}
	for (size_t i = 0; i < tw_conf_length(n); i++)
		sum += walk(tw_conf_at(n, i));
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct tw_findings findings = { 0 };
	struct tw_conf *c = tw_conf_read_text("fuzz.conf", (const char *)data, n, &findings);

	if (!c != (findings.errors > 0))
		abort();
	for (size_t i = 0; i < findings.n; i++)
		if (!findings.v[i].line || !*findings.v[i].text)
			abort();
	if (c && !walk(tw_conf_root(c)))
		abort();
	tw_conf_free(c);
	tw_findings_done(&findings);
	return 0;
}
