/* What happens to a modem and is kept for the person who is called: the last trouble with its time,
 * the last rung of its recovery with the AT lines before it; and the command that switches its
 * power. */
#include "internal.h"

#include <stdio.h>

enum { EVIDENCE_LINES = 16, POWER_LIMIT_MS = 2 * 60 * 1000, POWER_ARGUMENTS = 32,
       POWER_OUTPUT = 400 };

void device_trouble(struct device *d, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(d->last_error, sizeof(d->last_error), format, ap);
	va_end(ap);
	d->last_error_at = d->bank->now.wall;
}

/* ---- rungs --------------------------------------------------------------------------------- */

/* The last lines of the trace alone: what was said before the rung was taken. */
static char *last_lines(const struct device *d)
{
	struct tw_buf all = { 0 };
	const char *p, *text;
	char *lines;
	int left = EVIDENCE_LINES;

	modem_trace(d->modem, &all);
	text = tw_buf_str(&all);
	p = text + strlen(text);
	while (p > text && (p[-1] != '\n' || left-- > 0))
		p--;
	lines = tw_strdup(p);
	tw_buf_done(&all);
	return lines;
}

/* "> AT / ~ OK": one value of a log line. */
static void log_rung(const struct device *d, const struct bank_recovery *r)
{
	char *lines = tw_strdup(r->lines);

	for (char *p = lines; *p; p++)
		if (*p == '\n')
			*p = p[1] ? '|' : 0;
	tw_log(TW_WARN, "modem.recovery", "about=%s rung=%s times=%u why=%s lines=%s",
	       tw_log_quote(d->name), modem_rung_name(r->rung),
	       modem_facts(d->modem)->rungs[r->rung], tw_log_quote(r->why), tw_log_quote(lines));
	free(lines);
}

void device_on_rung(struct device *d, const struct modem_event *ev)
{
	struct bank_recovery *r = &d->recovery;

	free(d->recovery_lines);
	d->recovery_lines = last_lines(d);
	*r = (struct bank_recovery){ .rung = (enum modem_rung)ev->number, .at = d->bank->now.wall,
				     .lines = d->recovery_lines };
	tw_strset(r->why, sizeof(r->why), ev->text);
	log_rung(d, r);
}

/* ---- power --------------------------------------------------------------------------------- */

/* A program and its arguments, parted by blanks; "…" keeps blanks together. No shell: no variable,
 * no pipe, no pattern means anything. Cuts text in place. Returns how many, 0 where there are too
 * many. */
int care_split(char *text, char **out, int max)
{
	int n = 0;

	for (char *p = text; ; ) {
		char *to, end = ' ';

		p += strspn(p, " \t");
		if (!*p)
			break;
		if (n == max - 1)
			return 0;
		out[n++] = to = p;
		for (; *p && (end == '"' || (*p != ' ' && *p != '\t')); p++) {
			if (*p == '"')
				end = end == '"' ? ' ' : '"';
			else
				*to++ = *p;
		}
		if (*p)
			p++;
		*to = 0;
	}
	out[n] = NULL;
	return n;
}

static void power_done(struct device *d, struct tw_now now)
{
	d->open_at = mono_after(now.mono, d->power_settle);
}

static void on_power_done(void *ctx, int status, const char *output, size_t n)
{
	struct device *d = ctx;
	char said[POWER_OUTPUT];

	tw_strsetn(said, sizeof(said), output, n);
	d->power_child = (struct tw_handle){ 0 };
	tw_log(status ? TW_ERROR : TW_WARN, "modem.power_cycle", "about=%s status=%d output=%s",
	       tw_log_quote(d->name), status, tw_log_quote(said));
	if (status)
		device_trouble(d, "power cycle: the command ended with status %d: %.200s", status,
			       said);
	power_done(d, loop_now(d->bank->loop));
}

/* The port is closed first, so that the stick may come back under its old name; it is opened again
 * when the command has ended and the modem had its time. */
void device_power_cycle(struct device *d, struct tw_now now, int64_t settle_ms)
{
	char *text = tw_strdup(d->entry->power_cycle);
	char *arguments[POWER_ARGUMENTS];
	int n = care_split(text, arguments, POWER_ARGUMENTS), r = TW_E_SYNTAX;

	d->power_settle = settle_ms;
	device_close(d, now, -1);
	if (n && d->bank->loop)
		r = loop_run_child(d->bank->loop, (const char *const *)arguments, "", 0,
				   POWER_OUTPUT, POWER_LIMIT_MS, on_power_done, d, &d->power_child);
	if (r < 0) {
		device_trouble(d, "power cycle: %s: %s", n ? arguments[0] : "no program",
			       tw_strerror(r));
		power_done(d, now);
	}
	free(text);
}

void device_care_done(struct device *d)
{
	if (d->bank->loop)
		loop_end_watch(d->bank->loop, d->power_child);
	free(d->recovery_lines);
}
