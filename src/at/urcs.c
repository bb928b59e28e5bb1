#include "tables.h"

enum urc_match {
	NAME,		/* up to the colon, or the whole line */
	WHOLE,		/* the whole line */
	START		/* how the line begins */
};

struct urc_row {
	const char *text;
	enum urc_match match;
	enum urc_kind kind;
};

/* 27.005 3.4, 27.007, and what the families add; names that no row knows but that look like one are
 * told as well, but for the families of chatter at the end. */
static const struct urc_row rows[] = {
	{ "+CMTI", NAME, URC_LINE },
	{ "+CMT", NAME, URC_WITH_PDU },
	{ "+CDS", NAME, URC_WITH_PDU },
	{ "+CDSI", NAME, URC_LINE },
	{ "+CBM", NAME, URC_WITH_PDU },
	{ "+CBMI", NAME, URC_LINE },
	{ "+CLASS0", NAME, URC_LINE },
	{ "+CUSD", NAME, URC_LINE },
	/* registration, SIM, radio */
	{ "+CREG", NAME, URC_LINE },
	{ "+CGREG", NAME, URC_LINE },
	{ "+CEREG", NAME, URC_LINE },
	{ "+C5GREG", NAME, URC_LINE },
	{ "+CPIN", NAME, URC_LINE },
	{ "+CFUN", NAME, URC_LINE },
	{ "+CGEV", NAME, URC_LINE },
	{ "+CIEV", NAME, URC_LINE },
	{ "+CTZV", NAME, URC_LINE },
	{ "+CTZE", NAME, URC_LINE },
	{ "#QSS", NAME, URC_LINE },
	{ "^SCKS", NAME, URC_LINE },
	{ "^SIMST", NAME, URC_LINE },
	{ "+QUSIM", NAME, URC_LINE },
	{ "+QSIMSTAT", NAME, URC_LINE },
	{ "+CSMINS", NAME, URC_LINE },
	{ "^SRVST", NAME, URC_LINE },
	{ "^MODE", NAME, URC_LINE },
	{ "^RSSI", NAME, URC_LINE },
	{ "^HCSQ", NAME, URC_LINE },
	{ "^SMMEMFULL", NAME, URC_LINE },
	/* calls (V.250 and 27.007 6.11) */
	{ "RING", WHOLE, URC_LINE },
	{ "+CRING", NAME, URC_LINE },
	{ "+CLIP", NAME, URC_LINE },
	{ "+CCWA", NAME, URC_LINE },
	{ "+CSSI", NAME, URC_LINE },
	{ "+CSSU", NAME, URC_LINE },
	{ "^CEND", NAME, URC_LINE },
	{ "NO CARRIER", WHOLE, URC_LINE },
	{ "NO DIALTONE", WHOLE, URC_LINE },
	{ "NO DIAL TONE", WHOLE, URC_LINE },
	{ "NO ANSWER", WHOLE, URC_LINE },
	{ "BUSY", WHOLE, URC_LINE },
	/* the modem has booted */
	{ "RDY", WHOLE, URC_LINE },
	{ "^SYSSTART", START, URC_LINE },
	{ "*ATREADY", NAME, URC_LINE },
	{ "*EMRDY", NAME, URC_LINE },
	{ "+AT", NAME, URC_LINE },
	{ "Call Ready", WHOLE, URC_LINE },
	{ "SMS Ready", WHOLE, URC_LINE },
	{ "SMS DONE", WHOLE, URC_LINE },
	{ "PB DONE", WHOLE, URC_LINE },
	{ "+QIND", NAME, URC_LINE },
	{ "+PBREADY", NAME, URC_LINE },
	{ "+WIND", NAME, URC_LINE },
	{ "_OSSYSI", NAME, URC_LINE },
	/* power */
	{ "NORMAL POWER DOWN", WHOLE, URC_LINE },
	{ "POWERED DOWN", WHOLE, URC_LINE },
	{ "UNDER-VOLTAGE", START, URC_LINE },
	{ "OVER-VOLTAGE", START, URC_LINE },
	{ "CHARGE-ONLY MODE", WHOLE, URC_LINE },
	{ "^SHUTDOWN", NAME, URC_LINE },
	{ "+CMTE", NAME, URC_LINE },
	/* chatter */
	{ "DST", NAME, URC_CHATTER },
	{ "+CSQ", NAME, URC_CHATTER },
	{ "+ECSQ", NAME, URC_CHATTER },
	{ "+CUSATP", NAME, URC_CHATTER },
	{ "+CUSATEND", NAME, URC_CHATTER },
	{ "+Z", START, URC_CHATTER },
	{ "+UU", START, URC_CHATTER },
	{ "_O", START, URC_CHATTER },
	{ "^", START, URC_CHATTER },
	{ "*", START, URC_CHATTER },
	{ "$", START, URC_CHATTER },
};

bool has_prefix(const char *line, size_t n, const char *prefix)
{
	size_t prefix_n = strlen(prefix);

	if (!prefix_n || n < prefix_n || memcmp(line, prefix, prefix_n))
		return false;
	return n == prefix_n || prefix[prefix_n - 1] == ':' || line[prefix_n] == ':';
}

static bool is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* The dialect's prefixes are what its author wrote: the start of a line, except that a bare name
 * stays a name ("+CMT" is not "+CMTI"). */
static bool begins_as(const char *line, size_t n, const char *prefix)
{
	size_t prefix_n = strlen(prefix);

	if (!prefix_n || n < prefix_n || memcmp(line, prefix, prefix_n))
		return false;
	return n == prefix_n || prefix_n < 3 || !is_letter(prefix[prefix_n - 1]) ||
	       !is_letter(line[prefix_n]);
}

static bool is_listed(const char *const *prefixes, size_t count, const char *line, size_t n)
{
	for (size_t i = 0; i < count; i++) {
		if (begins_as(line, n, prefixes[i]))
			return true;
	}
	return false;
}

static const struct urc_row *find_row(const char *line, size_t n)
{
	const char *colon = memchr(line, ':', n);
	size_t name_n = colon ? (size_t)(colon - line) : n;

	for (size_t i = 0; i < TW_COUNT(rows); i++) {
		const struct urc_row *row = &rows[i];
		size_t text_n = strlen(row->text);
		bool fits = row->match == NAME ? name_n == text_n :
			    row->match == WHOLE ? n == text_n : n >= text_n;

		if (fits && line[0] == row->text[0] && !memcmp(line, row->text, text_n))
			return row;
	}
	return NULL;
}

/* +NAME: or another of the signs that begin an extended result code (V.250 5.4.1). */
static bool is_shaped(const char *line, size_t n)
{
	const char *colon = memchr(line, ':', n);

	if (!strchr("+#%&_!", line[0]) || !colon || colon == line + 1)
		return false;
	for (const char *p = line + 1; p < colon; p++) {
		if (!is_letter(*p) && !(*p >= '0' && *p <= '9') && *p != '_')
			return false;
	}
	return true;
}

enum urc_kind urc_find(const struct at_dialect *d, const char *line, size_t n)
{
	const struct urc_row *row;

	if (is_listed(d->urcs, d->n_urcs, line, n)) {
		row = find_row(line, n);
		return row && row->kind == URC_WITH_PDU ? URC_WITH_PDU : URC_LINE;
	}
	if (is_listed(d->ignore, d->n_ignore, line, n))
		return URC_CHATTER;
	row = find_row(line, n);
	if (row)
		return row->kind;
	return is_shaped(line, n) ? URC_SHAPED : URC_NONE;
}
