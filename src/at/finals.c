#include "tables.h"

struct final_row {
	const char *text;
	enum at_result result;
	bool is_prefix;
	bool is_dial;		/* ends a dial or answer command only, else it is unsolicited */
};

static const struct final_row rows[] = {
	{ "OK", AT_OK },
	{ "ERROR", AT_ERROR },
	{ "+CME ERROR", AT_CME, .is_prefix = true },
	{ "+CMS ERROR", AT_CMS, .is_prefix = true },
	{ "COMMAND NOT SUPPORT", AT_ERROR, .is_prefix = true },	/* Huawei, also "…ED" */
	{ "TOO MANY PARAMETERS", AT_ERROR },
	{ "MODEM ERROR:", AT_ERROR, .is_prefix = true },
	{ "NA", AT_ERROR },
	{ "NO CARRIER", AT_NO_CARRIER, .is_dial = true },
	{ "NO DIALTONE", AT_NO_DIALTONE, .is_dial = true },
	{ "NO DIAL TONE", AT_NO_DIALTONE, .is_dial = true },
	{ "NO ANSWER", AT_NO_ANSWER, .is_dial = true },
	{ "BUSY", AT_BUSY, .is_dial = true },
	{ "CONNECT", AT_CONNECT, .is_prefix = true, .is_dial = true },
};

static bool matches(const char *line, size_t n, const char *text, bool is_prefix)
{
	size_t text_n = strlen(text);

	return n >= text_n && (is_prefix || n == text_n) && !memcmp(line, text, text_n);
}

/* "+CMS ERROR: 38", "+CME ERROR:SIM busy", also without the colon. */
static int read_code(enum at_result result, const char *p, const char *end)
{
	long code = 0;

	while (p < end && (*p == ':' || *p == ' '))
		p++;
	if (p == end || *p < '0' || *p > '9')
		return error_code_of_text(result, p, (size_t)(end - p));
	while (p < end && *p >= '0' && *p <= '9' && code < 100000)
		code = code * 10 + (*p++ - '0');
	return code < 100000 ? (int)code : -1;
}

bool final_find(const struct at_dialect *d, const char *line, size_t n, bool is_dial,
		enum at_result *ret, int *ret_code)
{
	*ret_code = 0;
	for (size_t i = 0; i < d->n_finals; i++) {
		const struct at_final *f = &d->finals[i];

		if (matches(line, n, f->text, f->is_prefix)) {
			*ret = f->is_success ? AT_OK : AT_ERROR;
			return true;
		}
	}
	for (size_t i = 0; i < TW_COUNT(rows); i++) {
		const struct final_row *row = &rows[i];

		if (line[0] != row->text[0] || (row->is_dial && !is_dial) ||
		    !matches(line, n, row->text, row->is_prefix))
			continue;
		*ret = row->result;
		if (row->result == AT_CME || row->result == AT_CMS)
			*ret_code = read_code(row->result, line + strlen(row->text), line + n);
		return true;
	}
	return false;
}
