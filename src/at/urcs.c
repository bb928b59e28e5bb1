#include "tables.h"

enum urc_match {
	NAME,		/* up to the colon, or the whole line */
	WHOLE,		/* the whole line */
	START		/* how the line begins */
};

struct urc_row {
	const char *text;
	size_t n;
	enum urc_match match;
	enum urc_kind kind;
};
#define ROW(text, match, kind) { text, sizeof(text) - 1, match, kind }

/* 27.005 3.4, 27.007, and what the families add; names that no row knows but that look like one are
 * told as well, but for the families of chatter at the end. */
static const struct urc_row rows[] = {
	ROW("+CMTI", NAME, URC_LINE),
	ROW("+CMT", NAME, URC_WITH_PDU),
	ROW("+CDS", NAME, URC_WITH_PDU),
	ROW("+CDSI", NAME, URC_LINE),
	ROW("+CBM", NAME, URC_WITH_PDU),
	ROW("+CBMI", NAME, URC_LINE),
	ROW("+CLASS0", NAME, URC_LINE),
	ROW("+CUSD", NAME, URC_LINE),
	/* registration, SIM, radio */
	ROW("+CREG", NAME, URC_LINE),
	ROW("+CGREG", NAME, URC_LINE),
	ROW("+CEREG", NAME, URC_LINE),
	ROW("+C5GREG", NAME, URC_LINE),
	ROW("+CPIN", NAME, URC_LINE),
	ROW("+CFUN", NAME, URC_LINE),
	ROW("+CGEV", NAME, URC_LINE),
	ROW("+CIEV", NAME, URC_LINE),
	ROW("+CTZV", NAME, URC_LINE),
	ROW("+CTZE", NAME, URC_LINE),
	ROW("#QSS", NAME, URC_LINE),
	ROW("^SCKS", NAME, URC_LINE),
	ROW("^SIMST", NAME, URC_LINE),
	ROW("+QUSIM", NAME, URC_LINE),
	ROW("+QSIMSTAT", NAME, URC_LINE),
	ROW("+CSMINS", NAME, URC_LINE),
	ROW("^SRVST", NAME, URC_LINE),
	ROW("^MODE", NAME, URC_LINE),
	ROW("^RSSI", NAME, URC_LINE),
	ROW("^HCSQ", NAME, URC_LINE),
	ROW("^SMMEMFULL", NAME, URC_LINE),
	/* calls (V.250 and 27.007 6.11) */
	ROW("RING", WHOLE, URC_LINE),
	ROW("+CRING", NAME, URC_LINE),
	ROW("+CLIP", NAME, URC_LINE),
	ROW("+CCWA", NAME, URC_LINE),
	ROW("+CSSI", NAME, URC_LINE),
	ROW("+CSSU", NAME, URC_LINE),
	ROW("^CEND", NAME, URC_LINE),
	ROW("NO CARRIER", WHOLE, URC_LINE),
	ROW("NO DIALTONE", WHOLE, URC_LINE),
	ROW("NO DIAL TONE", WHOLE, URC_LINE),
	ROW("NO ANSWER", WHOLE, URC_LINE),
	ROW("BUSY", WHOLE, URC_LINE),
	/* the modem has booted */
	ROW("RDY", WHOLE, URC_LINE),
	ROW("^SYSSTART", START, URC_LINE),
	ROW("*ATREADY", NAME, URC_LINE),
	ROW("*EMRDY", NAME, URC_LINE),
	ROW("+AT", NAME, URC_LINE),
	ROW("Call Ready", WHOLE, URC_LINE),
	ROW("SMS Ready", WHOLE, URC_LINE),
	ROW("SMS DONE", WHOLE, URC_LINE),
	ROW("PB DONE", WHOLE, URC_LINE),
	ROW("+QIND", NAME, URC_LINE),
	ROW("+PBREADY", NAME, URC_LINE),
	ROW("+WIND", NAME, URC_LINE),
	ROW("_OSSYSI", NAME, URC_LINE),
	/* power */
	ROW("NORMAL POWER DOWN", WHOLE, URC_LINE),
	ROW("POWERED DOWN", WHOLE, URC_LINE),
	ROW("UNDER-VOLTAGE", START, URC_LINE),
	ROW("OVER-VOLTAGE", START, URC_LINE),
	ROW("CHARGE-ONLY MODE", WHOLE, URC_LINE),
	ROW("^SHUTDOWN", NAME, URC_LINE),
	ROW("+CMTE", NAME, URC_LINE),
	/* chatter */
	ROW("DST", NAME, URC_CHATTER),
	ROW("+CSQ", NAME, URC_CHATTER),
	ROW("+ECSQ", NAME, URC_CHATTER),
	ROW("+CUSATP", NAME, URC_CHATTER),
	ROW("+CUSATEND", NAME, URC_CHATTER),
	ROW("+Z", START, URC_CHATTER),
	ROW("+UU", START, URC_CHATTER),
	ROW("_O", START, URC_CHATTER),
	ROW("^", START, URC_CHATTER),
	ROW("*", START, URC_CHATTER),
	ROW("$", START, URC_CHATTER),
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

		if (line[0] != row->text[0])
			continue;
		if ((row->match == NAME ? name_n == row->n : row->match == WHOLE ? n == row->n :
		     n >= row->n) && !memcmp(line, row->text, row->n))
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
