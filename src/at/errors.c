/* Error codes: what they are called, and what they oblige us to do. One table for each family; the
 * numbers of one mean something else in the other. */
#include <stdio.h>

#include "tables.h"

struct code_row {
	int from, to;		/* inclusive */
	enum reaction reaction;
	enum reaction sending;	/* where a send ended with it; REACT_NONE = as reaction */
	const char *text;	/* as the specification says it; NULL = "error NNN" */
};

/* 1..127: the network's RP-cause (24.011 8.2.5.4); 128..255: the service centre's TP-FCS (23.040
 * 9.2.3.22); 300..: the modem's own (27.005 3.2.5). */
static const struct code_row cms[] = {
	{ 1, 1, REACT_FAIL, 0, "unassigned number" },
	{ 8, 8, REACT_PERSON, 0, "operator determined barring" },
	{ 10, 10, REACT_PERSON, 0, "call barred" },
	{ 11, 11, REACT_OTHER_SIM, 0, "reserved" },
	{ 17, 17, REACT_RETRY, 0, "network failure" },
	{ 21, 21, REACT_OTHER_SIM, 0, "short message transfer rejected" },
	{ 22, 22, REACT_RETRY, 0, "memory capacity exceeded" },
	{ 27, 27, REACT_RETRY, 0, "destination out of service" },
	{ 28, 28, REACT_PERSON, 0, "unidentified subscriber" },
	{ 29, 29, REACT_OTHER_SIM, 0, "facility rejected" },
	{ 30, 30, REACT_FAIL, 0, "unknown subscriber" },
	{ 38, 38, REACT_RETRY, 0, "network out of order" },
	{ 41, 41, REACT_RETRY, 0, "temporary failure" },
	{ 42, 42, REACT_RETRY, 0, "congestion" },
	{ 47, 47, REACT_RETRY, 0, "resources unavailable" },
	{ 50, 50, REACT_PERSON, 0, "requested facility not subscribed" },
	{ 69, 69, REACT_OTHER_SIM, 0, "requested facility not implemented" },
	{ 81, 81, REACT_RETRY, 0, "invalid short message transfer reference value" },
	{ 95, 95, REACT_FAIL, 0, "invalid message" },
	{ 96, 96, REACT_FAIL, 0, "invalid mandatory information" },
	{ 97, 97, REACT_FAIL, 0, "message type non-existent or not implemented" },
	{ 98, 98, REACT_RETRY, 0, "message not compatible with protocol state" },
	{ 99, 99, REACT_FAIL, 0, "information element non-existent or not implemented" },
	{ 111, 111, REACT_RETRY, 0, "protocol error" },
	{ 127, 127, REACT_RETRY, 0, "interworking error" },

	{ 128, 128, REACT_FAIL, 0, "telematic interworking not supported" },
	{ 129, 129, REACT_FAIL, 0, "short message type 0 not supported" },
	{ 130, 130, REACT_FAIL, 0, "cannot replace short message" },
	{ 143, 143, REACT_FAIL, 0, "unspecified TP-PID error" },
	{ 144, 144, REACT_FAIL, 0, "alphabet not supported" },
	{ 145, 145, REACT_FAIL, 0, "message class not supported" },
	{ 159, 159, REACT_FAIL, 0, "unspecified TP-DCS error" },
	{ 160, 160, REACT_FAIL, 0, "command cannot be actioned" },
	{ 161, 161, REACT_FAIL, 0, "command unsupported" },
	{ 175, 175, REACT_FAIL, 0, "unspecified TP-command error" },
	{ 176, 176, REACT_FAIL, 0, "TPDU not supported" },
	{ 192, 192, REACT_RETRY, 0, "service centre busy" },
	{ 193, 193, REACT_PERSON, 0, "no service centre subscription" },
	{ 194, 194, REACT_RETRY, 0, "service centre system failure" },
	{ 195, 195, REACT_FAIL, 0, "invalid SME address" },
	{ 196, 196, REACT_FAIL, 0, "destination SME barred" },
	{ 197, 197, REACT_SENT, 0, "duplicate rejected, the service centre has it" },
	{ 198, 198, REACT_NO_VALIDITY, 0, "TP-VPF not supported" },
	{ 199, 199, REACT_NO_VALIDITY, 0, "TP-VP not supported" },
	{ 208, 208, REACT_DRAIN, 0, "SIM SMS storage full" },
	{ 209, 209, REACT_PERSON, 0, "no SMS storage capability in SIM" },
	{ 210, 210, REACT_RESET, 0, "error in MS" },
	{ 211, 211, REACT_DRAIN, 0, "memory capacity exceeded" },
	{ 212, 212, REACT_RETRY, 0, "SIM application toolkit busy" },
	{ 213, 213, REACT_RETRY, 0, "SIM data download error" },
	{ 224, 254, REACT_OTHER_SIM, 0, NULL },	/* the application's or centre's own */
	{ 255, 255, REACT_RETRY, 0, "unspecified error" },

	{ 300, 300, REACT_RETRY, 0, "ME failure" },
	{ 301, 301, REACT_WAIT, 0, "SMS service of ME reserved" },
	{ 302, 302, REACT_WAIT, 0, "operation not allowed" },
	{ 303, 303, REACT_FAIL, 0, "operation not supported" },
	{ 304, 304, REACT_FAIL, 0, "invalid PDU mode parameter" },
	{ 305, 305, REACT_RESET, 0, "invalid text mode parameter" },	/* the set-up was lost */
	{ 310, 310, REACT_PERSON, 0, "SIM not inserted" },
	{ 311, 311, REACT_PIN, 0, "SIM PIN required" },
	{ 312, 312, REACT_PERSON, 0, "PH-SIM PIN required" },
	{ 313, 313, REACT_RESET, 0, "SIM failure" },
	{ 314, 314, REACT_RETRY, 0, "SIM busy" },
	{ 315, 315, REACT_PERSON, 0, "SIM wrong" },
	{ 316, 316, REACT_PERSON, 0, "SIM PUK required" },
	{ 317, 317, REACT_PERSON, 0, "SIM PIN2 required" },
	{ 318, 318, REACT_PERSON, 0, "SIM PUK2 required" },
	{ 320, 320, REACT_RESET, 0, "memory failure" },
	{ 321, 321, REACT_NONE, REACT_RETRY, "invalid memory index" },
	{ 322, 322, REACT_DRAIN, 0, "memory full" },
	{ 330, 330, REACT_PERSON, 0, "SMSC address unknown" },
	{ 331, 331, REACT_WAIT, 0, "no network service" },
	{ 332, 332, REACT_RETRY, REACT_DOUBT, "network timeout" },
	{ 340, 340, REACT_NONE, REACT_RETRY, "no +CNMA acknowledgement expected" },
	{ 500, 500, REACT_RETRY, 0, "unknown error" },
};

/* 27.007 9.2 */
static const struct code_row cme[] = {
	{ 0, 0, REACT_RESET, 0, "phone failure" },
	{ 1, 1, REACT_RESET, 0, "no connection to phone" },
	{ 2, 2, REACT_WAIT, 0, "phone-adaptor link reserved" },
	{ 3, 3, REACT_WAIT, 0, "operation not allowed" },
	{ 4, 4, REACT_NONE, REACT_FAIL, "operation not supported" },
	{ 5, 5, REACT_PERSON, 0, "PH-SIM PIN required" },
	{ 6, 6, REACT_PERSON, 0, "PH-FSIM PIN required" },
	{ 7, 7, REACT_PERSON, 0, "PH-FSIM PUK required" },
	{ 10, 10, REACT_PERSON, 0, "SIM not inserted" },
	{ 11, 11, REACT_PIN, 0, "SIM PIN required" },
	{ 12, 12, REACT_PERSON, 0, "SIM PUK required" },
	{ 13, 13, REACT_RESET, 0, "SIM failure" },
	{ 14, 14, REACT_RETRY, 0, "SIM busy" },
	{ 15, 15, REACT_PERSON, 0, "SIM wrong" },
	{ 16, 16, REACT_PERSON, 0, "incorrect password" },
	{ 17, 17, REACT_NONE, REACT_PERSON, "SIM PIN2 required" },
	{ 18, 18, REACT_NONE, REACT_PERSON, "SIM PUK2 required" },
	{ 20, 20, REACT_DRAIN, 0, "memory full" },
	{ 21, 21, REACT_NONE, REACT_RETRY, "invalid index" },
	{ 22, 22, REACT_NONE, REACT_RETRY, "not found" },
	{ 23, 23, REACT_RESET, 0, "memory failure" },
	{ 24, 24, REACT_FAIL, 0, "text string too long" },
	{ 25, 25, REACT_FAIL, 0, "invalid characters in text string" },
	{ 26, 26, REACT_FAIL, 0, "dial string too long" },
	{ 27, 27, REACT_FAIL, 0, "invalid characters in dial string" },
	{ 30, 30, REACT_WAIT, 0, "no network service" },
	{ 31, 31, REACT_RETRY, REACT_DOUBT, "network timeout" },
	{ 32, 32, REACT_WAIT, 0, "network not allowed, emergency calls only" },
	{ 40, 40, REACT_PERSON, 0, "network personalisation PIN required" },
	{ 41, 41, REACT_PERSON, 0, "network personalisation PUK required" },
	{ 42, 42, REACT_PERSON, 0, "network subset personalisation PIN required" },
	{ 43, 43, REACT_PERSON, 0, "network subset personalisation PUK required" },
	{ 44, 44, REACT_PERSON, 0, "service provider personalisation PIN required" },
	{ 45, 45, REACT_PERSON, 0, "service provider personalisation PUK required" },
	{ 46, 46, REACT_PERSON, 0, "corporate personalisation PIN required" },
	{ 47, 47, REACT_PERSON, 0, "corporate personalisation PUK required" },
	{ 48, 48, REACT_PERSON, 0, "hidden key required" },
	{ 49, 49, REACT_NONE, REACT_RETRY, "EAP method not supported" },
	{ 50, 50, REACT_FAIL, 0, "incorrect parameters" },
	{ 51, 51, REACT_RESET, 0, "command implemented but currently disabled" },
	{ 52, 52, REACT_RETRY, 0, "command aborted by user" },
	{ 53, 53, REACT_PERSON, 0, "not attached to network due to MT functionality restrictions" },
	{ 54, 54, REACT_PERSON, 0, "modem not allowed, MT restricted to emergency calls only" },
	{ 55, 55, REACT_PERSON, 0,
	  "operation not allowed because of MT functionality restrictions" },
	{ 56, 56, REACT_PERSON, 0, "fixed dial number only allowed" },
	{ 57, 57, REACT_RETRY, 0, "temporarily out of service due to other MT usage" },
	{ 58, 58, REACT_FAIL, 0, "language or alphabet not supported" },
	{ 59, 59, REACT_FAIL, 0, "unexpected data value" },
	{ 60, 60, REACT_RESET, 0, "system failure" },
	{ 61, 61, REACT_FAIL, 0, "data missing" },
	{ 62, 62, REACT_PERSON, 0, "call barred" },
	{ 63, 63, REACT_NONE, REACT_RETRY, "message waiting indication subscription failure" },
	{ 100, 100, REACT_RETRY, 0, "unknown" },
	{ 102, 102, REACT_PERSON, 0, "IMSI unknown in HSS" },
	{ 103, 103, REACT_PERSON, 0, "illegal UE" },
	{ 104, 104, REACT_WAIT, 0, "IMSI unknown in VLR" },
	{ 105, 105, REACT_PERSON, 0, "IMEI not accepted" },
	{ 106, 106, REACT_PERSON, 0, "illegal ME" },
	{ 107, 107, REACT_PERSON, 0, "packet services not allowed" },
	{ 108, 108, REACT_PERSON, 0, "packet and other services not allowed" },
	{ 109, 110, REACT_WAIT, 0, NULL },
	{ 111, 111, REACT_PERSON, 0, "PLMN not allowed" },
	{ 112, 112, REACT_PERSON, 0, "area not allowed" },
	{ 113, 113, REACT_PERSON, 0, "roaming not allowed in this area" },
	{ 114, 114, REACT_WAIT, 0, NULL },
	{ 115, 115, REACT_WAIT, 0, "no suitable cells" },
	{ 116, 116, REACT_WAIT, 0, "MSC temporarily not reachable" },
	{ 117, 117, REACT_WAIT, 0, "network failure" },
	{ 118, 118, REACT_WAIT, 0, "CS domain not available" },
	{ 122, 122, REACT_RETRY, 0, "congestion" },
	{ 126, 126, REACT_RETRY, 0, "insufficient resources" },
	{ 132, 132, REACT_PERSON, 0, "service option not supported" },
	{ 133, 133, REACT_PERSON, 0, "requested service option not subscribed" },
	{ 134, 134, REACT_RETRY, 0, "service option temporarily out of order" },
	{ 139, 139, REACT_RETRY, 0, "CS service temporarily not available" },
	{ 148, 148, REACT_NONE, REACT_RETRY, "unspecified GPRS error" },
	{ 149, 149, REACT_NONE, REACT_RETRY, "PDP authentication failure" },
	{ 150, 150, REACT_NONE, REACT_RETRY, "invalid mobile class" },
};

/* Texts that modems say beside those of the specification. */
static const struct { enum at_result result; int code; const char *text; } other_texts[] = {
	{ AT_CMS, 300, "phone failure" },
	{ AT_CMS, 301, "SMS service reserved" },
	{ AT_CMS, 301, "SMS ME reserved" },
	{ AT_CMS, 302, "operation not allowed now" },
	{ AT_CMS, 304, "invalid PDU mode" },
	{ AT_CMS, 305, "invalid text mode" },
	{ AT_CMS, 310, "no SIM" },
	{ AT_CMS, 314, "SIM not ready" },
	{ AT_CMS, 317, "SIM PIN2 required FDN" },
	{ AT_CMS, 321, "invalid index" },
	{ AT_CMS, 330, "SCA unknown" },
	{ AT_CMS, 330, "SMS center address unknown" },
	{ AT_CMS, 330, "service center address unknown" },
	{ AT_CMS, 331, "no network" },
	{ AT_CMS, 340, "no CNMA ack expected" },
	{ AT_CMS, 500, "unknown" },
	{ AT_CME, 0, "ME failure" },
	{ AT_CME, 3, "not allowed" },
	{ AT_CME, 4, "not supported" },
	{ AT_CME, 10, "no SIM" },
	{ AT_CME, 14, "SIM not ready" },
	{ AT_CME, 21, "invalid memory index" },
	{ AT_CME, 25, "invalid chars in text" },
	{ AT_CME, 30, "no service" },
	{ AT_CME, 30, "no network" },
	{ AT_CME, 32, "emergency calls only" },
	{ AT_CME, 50, "invalid parameters" },
	{ AT_CME, 50, "invalid parameter" },
	{ AT_CME, 50, "incorrect parameter" },
	{ AT_CME, 100, "unknown error" },
	{ AT_CME, 103, "illegal MS" },
	{ AT_CME, 107, "GPRS services not allowed" },
	{ AT_CME, 112, "location area not allowed" },
};

static const struct code_row *find_row(enum at_result result, int code)
{
	const struct code_row *rows = result == AT_CMS ? cms : cme;
	size_t n = result == AT_CMS ? TW_COUNT(cms) : TW_COUNT(cme);

	for (size_t i = 0; i < n; i++) {
		if (code >= rows[i].from && code <= rows[i].to)
			return &rows[i];
	}
	return NULL;
}

/* ---- text forms (AT+CMEE=2) ---------------------------------------------------------------- */

static char next_letter(const char **p, const char *end)
{
	while (*p < end) {
		char c = *(*p)++;

		if (c >= 'A' && c <= 'Z')
			return (char)(c - 'A' + 'a');
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			return c;
	}
	return 0;
}

static bool is_same_text(const char *a, size_t n, const char *b)
{
	const char *a_end = a + n, *b_end = b + strlen(b);
	char c;

	do {
		c = next_letter(&a, a_end);
		if (c != next_letter(&b, b_end))
			return false;
	} while (c);
	return true;
}

int error_code_of_text(enum at_result result, const char *text, size_t n)
{
	const struct code_row *rows = result == AT_CMS ? cms : cme;
	size_t count = result == AT_CMS ? TW_COUNT(cms) : TW_COUNT(cme);

	/* From the end: where two codes of +CMS share a text, a modem means its own. */
	for (size_t i = count; i-- > 0;) {
		if (rows[i].text && is_same_text(text, n, rows[i].text))
			return rows[i].from;
	}
	for (size_t i = 0; i < TW_COUNT(other_texts); i++) {
		if (other_texts[i].result == result &&
		    is_same_text(text, n, other_texts[i].text))
			return other_texts[i].code;
	}
	return -1;
}

/* ---- what at.h promises -------------------------------------------------------------------- */

/* Codes that no row knows: 24.011 8.2.5.4 reads an unknown cause as 41, temporary failure; vendor
 * codes (512 and up) are the profile's, and else tried again as well. */
static enum reaction of_code(enum at_result result, int code, bool when_sending)
{
	const struct code_row *row = find_row(result, code);

	if (!row)
		return REACT_RETRY;
	return when_sending && row->sending != REACT_NONE ? row->sending : row->reaction;
}

enum reaction at_reaction(enum at_result result, int code, bool when_sending)
{
	switch (result) {
	case AT_OK:
		return REACT_NONE;
	case AT_CME:
	case AT_CMS:
		return of_code(result, code, when_sending);
	case AT_ERROR:
	case AT_NO_PROMPT:
		return REACT_RETRY;
	case AT_TIMEOUT:
		return when_sending ? REACT_DOUBT : REACT_RESET;
	case AT_ABORTED:
	case AT_ABANDONED:
		return when_sending ? REACT_DOUBT : REACT_RETRY;
	case AT_NO_CARRIER:
	case AT_BUSY:
	case AT_NO_ANSWER:
	case AT_NO_DIALTONE:
	case AT_CONNECT:
		return when_sending ? REACT_RETRY : REACT_NONE;
	}
	return REACT_RETRY;
}

static const char *result_text(enum at_result result)
{
	switch (result) {
	case AT_OK:
		return "OK";
	case AT_ERROR:
		return "ERROR";
	case AT_CME:
		return "CME error";
	case AT_CMS:
		return "CMS error";
	case AT_NO_CARRIER:
		return "no carrier";
	case AT_BUSY:
		return "busy";
	case AT_NO_ANSWER:
		return "nobody answered the call";
	case AT_NO_DIALTONE:
		return "no dial tone";
	case AT_CONNECT:
		return "connected";
	case AT_TIMEOUT:
		return "no answer";
	case AT_NO_PROMPT:
		return "no prompt";
	case AT_ABORTED:
		return "aborted";
	case AT_ABANDONED:
		return "unexpected prompt";
	}
	return "unknown result";
}

const char *at_code_text(enum at_result result, int code)
{
	static _Thread_local char text[24];
	const struct code_row *row;

	if ((result != AT_CME && result != AT_CMS) || code < 0)
		return result_text(result);
	row = find_row(result, code);
	if (row && row->text)
		return row->text;
	snprintf(text, sizeof(text), "error %d", code);
	return text;
}

char *at_cause(enum at_result result, int code, char *out)
{
	if ((result == AT_CME || result == AT_CMS) && code >= 0)
		snprintf(out, 32, "%s %d", result == AT_CMS ? "CMS" : "CME", code);
	else
		snprintf(out, 32, "%s", result_text(result));
	return out;
}
