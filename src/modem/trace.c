/* The last AT lines, as `twoway why` and the recovery ladder show them. */
#include "internal.h"

#include <strings.h>

enum { PDU_SHOWN = 24, CODE_DIGITS = 6, PIN_DIGITS = 4, PACKED_MIN = 16 };

void trace_line(struct modem *m, char mark, const char *text, size_t n)
{
	char *line = m->trace[(m->trace_head + m->trace_n) % MODEM_TRACE_LINES];
	size_t at = 0;

	if (m->trace_n < MODEM_TRACE_LINES)
		m->trace_n++;
	else
		m->trace_head = (m->trace_head + 1) % MODEM_TRACE_LINES;
	line[at++] = mark;
	line[at++] = ' ';
	for (size_t i = 0; i < n && at < MODEM_TRACE_LINE - 1; i++) {
		unsigned char c = (unsigned char)text[i];

		line[at++] = c < ' ' || c >= 127 ? '.' : (char)c;
	}
	line[at] = 0;
}

/* USSD and dialled codes carry secrets as well: top-up vouchers, and PIN and PUK in those of 22.030
 * 6.6 (`**05*PUK*new*new#`). Service codes are short, so runs of digits are masked by their length;
 * a text that is packed or in UCS-2 as a whole. */
static bool has_codes(const char *text)
{
	return !strncasecmp(text, "AT+CUSD=", 8) || !strncasecmp(text, "ATD", 3);
}

static void mask_codes(const char *text, char *out, size_t cap)
{
	size_t least = strstr(text, "**0") ? PIN_DIGITS : CODE_DIGITS, at = 0;

	while (*text && at + 5 < cap) {
		size_t digits = strspn(text, "0123456789");
		size_t hex = strspn(text, "0123456789abcdefABCDEF");
		size_t n = hex >= PACKED_MIN ? hex : digits;

		if (n >= least) {
			memcpy(out + at, "****", 4);
			at += 4;
		} else {
			n = n ? n : 1;
			if (at + n >= cap)
				break;
			memcpy(out + at, text, n);
			at += n;
		}
		text += n;
	}
	out[at] = 0;
}

/* A PIN is masked whoever typed the command. */
void trace_command(struct modem *m, const char *text, bool is_secret)
{
	const char *equals = strchr(text, '=');
	char masked[MODEM_TRACE_LINE];
	int n;

	if (!is_secret && has_codes(text)) {
		mask_codes(text, masked, sizeof(masked));
		trace_line(m, '>', masked, strlen(masked));
		return;
	}
	if (!equals || !is_secret) {
		trace_line(m, '>', text, strlen(text));
		return;
	}
	n = snprintf(masked, sizeof(masked), "%.*s=****",
		     (int)(equals - text < 40 ? equals - text : 40), text);
	trace_line(m, '>', masked, (size_t)n);
}

void trace_pdu(struct modem *m, char mark, const char *hex, size_t n)
{
	char line[64];
	int k;

	k = snprintf(line, sizeof(line), "%.*s%s (%zu octets)", n < PDU_SHOWN ? (int)n : PDU_SHOWN,
		     hex, n > PDU_SHOWN ? "..." : "", n / 2);
	trace_line(m, mark, line, (size_t)k);
}

void trace_heard(struct modem *m, char mark, const char *text, size_t n)
{
	if (n > PDU_SHOWN && strspn(text, "0123456789abcdefABCDEF") == n)
		trace_pdu(m, mark, text, n);
	else
		trace_line(m, mark, text, n);
}

size_t modem_trace(const struct modem *m, struct tw_buf *out)
{
	for (unsigned i = 0; i < m->trace_n; i++) {
		tw_buf_adds(out, m->trace[(m->trace_head + i) % MODEM_TRACE_LINES]);
		tw_buf_addc(out, '\n');
	}
	return m->trace_n;
}
