/* The last AT lines, as `twoway why` and the recovery ladder show them. */
#include "internal.h"

#include <strings.h>

enum { PDU_SHOWN = 24 };

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

/* A PIN is masked whoever typed the command. */
void trace_command(struct modem *m, const char *text, bool is_secret)
{
	const char *equals = strchr(text, '=');
	char masked[64];
	int n;

	if (!equals || !is_secret) {
		trace_line(m, '>', text, strlen(text));
		return;
	}
	n = snprintf(masked, sizeof(masked), "%.*s=****", (int)(equals - text < 40 ? equals - text : 40),
		     text);
	trace_line(m, '>', masked, (size_t)n);
}

void trace_pdu(struct modem *m, char mark, const char *hex, size_t n)
{
	char line[64];
	int k;

	k = snprintf(line, sizeof(line), "%.*s%s (%zu octets)", n < PDU_SHOWN ? (int)n : PDU_SHOWN, hex,
		     n > PDU_SHOWN ? "..." : "", n / 2);
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
