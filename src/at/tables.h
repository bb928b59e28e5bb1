/* What lines mean by themselves: final result codes, unsolicited result codes, error texts. */
#ifndef AT_TABLES_H
#define AT_TABLES_H

#include <twoway/at.h>

/* Whether a line is a final result code: the dialect's own first, then those of V.250 5.7.1, 27.005
 * 3.2.5, 27.007 9.2 and the usual vendor forms. NO CARRIER and its kind end dial and answer
 * commands only. ret_code: of AT_CME and AT_CMS, -1 for an unknown text, else 0. */
bool final_find(const struct at_dialect *d, const char *line, size_t n, bool is_dial,
		enum at_result *ret, int *ret_code);

enum urc_kind {
	URC_NONE,	/* not known as unsolicited */
	URC_LINE,
	URC_WITH_PDU,	/* the next line of hex belongs to it */
	URC_CHATTER,	/* counted and dropped */
	URC_SHAPED	/* looks like one (+NAME:), unknown */
};
enum urc_kind urc_find(const struct at_dialect *d, const char *line, size_t n);

/* The code of a text form (+CME ERROR: SIM busy): letters and digits compared, case ignored. */
int error_code_of_text(enum at_result result, const char *text, size_t n);

/* Whether line begins with prefix as a whole name: "+CMT" for "+CMT: 1", not for "+CMTI: 1". */
bool has_prefix(const char *line, size_t n, const char *prefix);

#endif
