/* A modem of the test's own, slow, forgetful and talkative, against the engine. Whatever it does:
 *
 *   an answer is told under the number of the command that it answers, early or late;
 *   a Ctrl-Z ends no text but that of the send whose prompt is open;
 *   what was not said to have left never got there, and what is said to be sent did.
 *
 * Each command carries its number: AT+CSQ=7 is answered with "+CSQ: 7" and OK or "+CME ERROR: 7",
 * AT+CGSN=7 with a bare 7, a send's text with "+CMGS: 7" or "+CMS ERROR: 7". */
#include "at_play.h"

enum { JOBS_MAX = 64, IDS = 250, HISTORY_MAX = 4096 };

struct job {
	char text[AT_COMMAND_MAX + 8];
	bool is_payload;
	bool is_escape;
	unsigned prompt_of;	/* a payload: the number of the send whose prompt it followed */
};

struct modem {
	struct tw_random r;
	/* its manners */
	bool echo, refuses_probes, loses_when_busy, forgets, deaf_to_escape, answers_escape;
	bool bare_ok;		/* +CMGS: without OK, OK without +CMGS:, or neither */
	/* what it reads */
	char typed[2048];
	size_t typed_n;
	bool prompt;
	unsigned prompt_of;
	struct job jobs[JOBS_MAX];
	size_t n_jobs;
	int64_t busy_until;	/* 0: idle */
	/* what it says */
	struct tw_buf says;
	/* what happened */
	bool accepted[IDS + 1];
	bool rubbish;
};

static struct play p;
static struct modem m;
static char history[HISTORY_MAX];

static bool chance(unsigned percent)
{
	return tw_random_below(&m.r, 100) < percent;
}

static void remember(const char *who, const char *what, size_t n)
{
	size_t at = strlen(history);

	if (at + n + 64 > HISTORY_MAX) {
		memmove(history, history + HISTORY_MAX / 2, HISTORY_MAX / 2);
		at = strlen(history);
	}
	at += (size_t)sprintf(history + at, "\n%lld %s ", (long long)p.now.ms, who);
	for (size_t i = 0; i < n && at + 8 < HISTORY_MAX; i++)
		at += (size_t)sprintf(history + at, (unsigned char)what[i] < ' ' ? "<%02x>" : "%c",
				      (unsigned char)what[i]);
}

/* ---- the modem ----------------------------------------------------------------------------- */

static void say(const char *text)
{
	static const char *const urcs[] = { "\r\n+CMTI: \"SM\",1\r\n", "\r\n^RSSI: 3\r\n",
					    "\r\n+CMT: ,3\r\n00aabbcc\r\n", "\r\nRING\r\n",
					    "\r\n+CREG: 1\r\n", "\r\n+FOO: 1,2\r\n" };

	if (chance(15))
		tw_buf_adds(&m.says, urcs[tw_random_below(&m.r, TW_COUNT(urcs))]);
	tw_buf_adds(&m.says, text);
}

static void sayf(const char *format, unsigned n)
{
	char text[64];

	snprintf(text, sizeof(text), format, n);
	say(text);
}

static unsigned number_in(const char *text)
{
	const char *digits = strchr(text, '=');

	return digits ? (unsigned)atoi(digits + 1) : 0;
}

static void answer_probe(const char *text)
{
	char line[64];

	if (m.refuses_probes) {
		say("\r\nERROR\r\n");
		return;
	}
	snprintf(line, sizeof(line), "\r\n%.5s: 1\r\n", text + 2);
	say(line);
	say("\r\nOK\r\n");
}

static void answer_payload(const struct job *j)
{
	unsigned n = (unsigned)strtoul(j->text + 2, NULL, 10);
	char want[16];

	snprintf(want, sizeof(want), "AB%04u", j->prompt_of);
	if (strcmp(want, j->text) != 0)
		m.rubbish = true;
	if (chance(20)) {
		sayf("\r\n+CMS ERROR: %u\r\n", n);
		return;
	}
	ck_assert_msg(!m.accepted[n], "sent twice: %u", n);
	m.accepted[n] = true;
	if (!m.bare_ok || chance(80))
		sayf("\r\n+CMGS: %u\r\n", n);
	if (!m.bare_ok || chance(80))
		say("\r\nOK\r\n");
}

static void answer(const struct job *j)
{
	unsigned n = number_in(j->text);

	if (j->is_payload) {
		answer_payload(j);
	} else if (j->is_escape) {
		m.prompt = false;
		if (m.answers_escape)
			say("\r\nOK\r\n");
	} else if (!strncmp(j->text, "AT+CMGS=", 8)) {
		m.prompt = true;
		m.prompt_of = n;
		say("\r\n> ");
	} else if (!strncmp(j->text, "AT+CGSN=", 8)) {
		sayf("\r\n%u\r\n", n);
		if (chance(50))
			say("\r\nOK\r\n");
		else
			sayf("\r\n+CME ERROR: %u\r\n", n);
	} else if (!strncmp(j->text, "AT+CSQ=", 7)) {
		sayf("\r\n+CSQ: %u\r\n", n);
		sayf("\r\n+CME ERROR: %u\r\n", n);
	} else if (strchr(j->text, '?')) {
		answer_probe(j->text);
	} else if (j->text[0]) {
		say("\r\nERROR\r\n");
	}
}

static int64_t job_time(const struct job *j)
{
	if (j->is_escape || (strchr(j->text, '?') && m.refuses_probes))
		return 1 + tw_random_below(&m.r, 50);
	if (!strchr(j->text, '?') && chance(25))
		return 1 + tw_random_below(&m.r, 30000);
	return 1 + tw_random_below(&m.r, 400);
}

static void modem_run(void)
{
	while (m.n_jobs) {
		if (!m.busy_until)
			m.busy_until = p.now.ms + job_time(&m.jobs[0]);
		if (m.busy_until > p.now.ms)
			return;
		m.busy_until = 0;
		if (!m.forgets || !chance(10) || m.jobs[0].is_escape)
			answer(&m.jobs[0]);
		memmove(&m.jobs[0], &m.jobs[1], --m.n_jobs * sizeof(m.jobs[0]));
	}
}

static void push(const char *text, bool is_payload, bool is_escape)
{
	struct job *j = &m.jobs[m.n_jobs];

	if (m.n_jobs && m.loses_when_busy && !is_payload)
		return;
	ck_assert_uint_lt(m.n_jobs, JOBS_MAX - 1);
	snprintf(j->text, sizeof(j->text), "%s", text);
	j->is_payload = is_payload;
	j->is_escape = is_escape;
	j->prompt_of = m.prompt_of;
	m.n_jobs++;
}

/* Octets from the port. In a prompt everything up to Ctrl-Z or ESC is text. */
static void modem_reads(const uint8_t *bytes, size_t n)
{
	remember(">", (const char *)bytes, n);
	for (size_t i = 0; i < n; i++) {
		char c = (char)bytes[i];

		if (m.echo && c != '\x1a' && c != '\x1b')
			tw_buf_addc(&m.says, c);
		if (c == '\x1b') {
			m.typed_n = 0;
			if (m.deaf_to_escape && m.n_jobs)
				continue;	/* discarded while it is busy */
			push("", false, true);
		} else if (m.prompt && c == '\x1a') {
			m.typed[m.typed_n] = 0;
			m.typed_n = 0;
			m.prompt = false;
			push(m.typed, true, false);
		} else if (!m.prompt && c == '\x1a') {
			m.rubbish = true;	/* no prompt was open for it */
		} else if (!m.prompt && c == '\r') {
			m.typed[m.typed_n] = 0;
			m.typed_n = 0;
			if (m.typed[0])
				push(m.typed, false, false);
		} else if (m.typed_n < sizeof(m.typed) - 1) {
			m.typed[m.typed_n++] = c;
		}
	}
}

/* ---- the owner ----------------------------------------------------------------------------- */

static unsigned in_flight;	/* 0: none */
static bool told_sent, is_send[IDS + 1];

static void check_result(const struct at_event *ev)
{
	if (ev->result == AT_CME || ev->result == AT_CMS)
		ck_assert_msg(ev->code == (int)ev->id, "%s told to %u:%s", ev->line,
			      (unsigned)ev->id, history);
}

static void on_final(const struct at_event *ev)
{
	ck_assert_msg(ev->id == in_flight, "final of %u:%s", (unsigned)ev->id, history);
	in_flight = 0;
	check_result(ev);
	if (!is_send[ev->id])
		return;
	ck_assert_int_eq(ev->payload_sent, told_sent);
	ck_assert_msg(ev->payload_sent || !m.accepted[ev->id], "%u left untold:%s",
		      (unsigned)ev->id, history);
	if (ev->result == AT_OK && ev->payload_sent)
		ck_assert_msg(m.accepted[ev->id], "%u was not sent:%s", (unsigned)ev->id, history);
	if (ev->result == AT_CMS)
		ck_assert_msg(!m.accepted[ev->id], "%u was sent:%s", (unsigned)ev->id, history);
}

static void on_line(const struct at_event *ev)
{
	const char *colon = strchr(ev->line, ':');

	ck_assert_msg(atoi(colon ? colon + 1 : ev->line) == (int)ev->id, "%s told to %u:%s",
		      ev->line, (unsigned)ev->id, history);
}

static void on_event(const struct at_event *ev)
{
	char text[600];

	snprintf(text, sizeof(text), "%d %u %s", (int)ev->type, (unsigned)ev->id, ev->line);
	remember("!", text, strlen(text));
	switch (ev->type) {
	case AT_FINAL:
		on_final(ev);
		break;
	case AT_LINE:
		ck_assert_uint_eq(ev->id, in_flight);
		on_line(ev);
		break;
	case AT_LATE:
		ck_assert_uint_ne(ev->id, in_flight);
		if (ev->is_final)
			check_result(ev);
		else
			on_line(ev);
		if (ev->is_final && ev->result == AT_OK && is_send[ev->id])
			ck_assert_msg(m.accepted[ev->id], "%u is not sent:%s", (unsigned)ev->id,
				      history);
		break;
	case AT_PAYLOAD_SENT:
		ck_assert_uint_eq(ev->id, in_flight);
		told_sent = true;
		break;
	case AT_URC:
	case AT_STRAY:
		break;
	}
}

static void pump(void)
{
	struct at_event ev;
	const uint8_t *out;
	size_t n;

	do {
		while (at_next(p.e, &ev))
			on_event(&ev);
		n = at_output(p.e, &out);
		if (n) {
			if (chance(20))
				n = 1 + tw_random_below(&m.r, (uint32_t)n);
			modem_reads(out, n);
			at_written(p.e, n, p.now);
		}
	} while (n);
}

static void hear(void)
{
	while (m.says.n) {
		size_t n = chance(50) ? m.says.n : 1 + tw_random_below(&m.r, (uint32_t)m.says.n);

		remember("<", m.says.p, n);
		at_feed(p.e, m.says.p, n, p.now);
		tw_buf_drop(&m.says, n);
		if (chance(70))
			pump();
	}
	pump();
}

static void give(unsigned id)
{
	struct at_command c = { .id = id, .limit_ms = 3000, .prompt_ms = 2000 };
	static const char *const names[] = { "CMGS", "CGSN", "CSQ" };
	char text[64], payload[16];
	unsigned kind = tw_random_below(&m.r, 3);

	told_sent = false;
	is_send[id] = kind == 0;
	snprintf(payload, sizeof(payload), "AB%04u", id);
	snprintf(text, sizeof(text), "AT+%s=%u", names[kind], id);
	c.text = text;
	if (kind == 0) {
		c.prefix = "+CMGS:";
		c.shape = AT_SEND;
		c.payload = payload;
	} else if (kind == 1) {
		c.shape = AT_NUMBER_LINE;
	} else {
		c.prefix = "+CSQ:";
	}
	ck_assert_int_eq(at_give(p.e, &c, p.now), 0);
	in_flight = id;
}

/* To the next thing that happens, at most. */
static void pass_time(void)
{
	int64_t next = p.now.ms + 1 + (chance(80) ? tw_random_below(&m.r, 100) :
				       tw_random_below(&m.r, 3000));

	if (m.busy_until > p.now.ms && m.busy_until < next)
		next = m.busy_until;
	if (at_deadline(p.e).ms > p.now.ms && at_deadline(p.e).ms < next)
		next = at_deadline(p.e).ms;
	p.now.ms = next;
}

static void play(uint64_t seed)
{
	unsigned id = 0;

	memset(&m, 0, sizeof(m));
	tw_random_seed(&m.r, seed);
	m.echo = chance(50);
	m.refuses_probes = chance(20);
	m.loses_when_busy = chance(30);
	m.forgets = chance(40);
	m.deaf_to_escape = chance(40);
	m.answers_escape = chance(50);
	m.bare_ok = chance(30);
	in_flight = 0;
	history[0] = 0;
	at_reset(p.e);
	at_begin(p.e, p.now);
	while (id < IDS || in_flight) {
		if (!in_flight && id < IDS && at_is_idle(p.e))
			give(++id);
		pump();
		pass_time();
		modem_run();
		hear();
		at_tick(p.e, p.now);
		pump();
		ck_assert_msg(!m.rubbish, "rubbish was sent:%s", history);
	}
	tw_buf_done(&m.says);
}

START_TEST(laws)
{
	play_init(&p, NULL);
	play((uint64_t)_i + 1);
	play_done(&p);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("at_laws");
	TCase *t = tcase_create("laws");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, laws, 0, 60);
	suite_add_tcase(s, t);
	return play_run(s);
}
