/* Plays a script against an engine and writes down what it tells, one line an event:
 *
 *   LINE 7 +CMGR: 0,,23 | 0791…      FINAL 7 CMS 38 +CMS ERROR: 38      SENT 7
 *   URC +CMTI: "SM",3                LATE 7 +CMGS: 17   LATE 7 OK OK    STRAY foo
 *
 * A final of a send that had left bears a `*` behind its result. */
#ifndef AT_PLAY_H
#define AT_PLAY_H

#include <check.h>
#include <stdio.h>
#include <twoway/at.h>

struct play {
	struct at_engine *e;
	struct mono_ms now;
	struct tw_buf told;	/* events */
	struct tw_buf wrote;	/* what the port took */
	bool holds;		/* the port takes nothing */
};

static inline const char *play_result(enum at_result result, int code, char *out)
{
	static const char *const names[] = {
		[AT_OK] = "OK", [AT_ERROR] = "ERROR", [AT_CME] = "CME", [AT_CMS] = "CMS",
		[AT_NO_CARRIER] = "NO-CARRIER", [AT_BUSY] = "BUSY", [AT_NO_ANSWER] = "NO-ANSWER",
		[AT_NO_DIALTONE] = "NO-DIALTONE", [AT_CONNECT] = "CONNECT",
		[AT_TIMEOUT] = "TIMEOUT", [AT_NO_PROMPT] = "NO-PROMPT", [AT_ABORTED] = "ABORTED",
		[AT_ABANDONED] = "ABANDONED" };

	if (result == AT_CME || result == AT_CMS)
		sprintf(out, "%s %d", names[result], code);
	else
		sprintf(out, "%s", names[result]);
	return out;
}

static inline void play_write_event(struct tw_buf *b, const struct at_event *ev)
{
	static const char *const names[] = {
		[AT_LINE] = "LINE", [AT_FINAL] = "FINAL", [AT_PAYLOAD_SENT] = "SENT",
		[AT_URC] = "URC", [AT_LATE] = "LATE", [AT_STRAY] = "STRAY" };
	char result[32];

	ck_assert_uint_eq(strlen(ev->line), ev->line_n);
	ck_assert(!ev->pdu || strlen(ev->pdu) == ev->pdu_n);
	tw_buf_adds(b, names[ev->type]);
	if (ev->id)
		tw_buf_addf(b, " %u", (unsigned)ev->id);
	if (ev->type == AT_FINAL || ev->is_final)
		tw_buf_addf(b, " %s%s", play_result(ev->result, ev->code, result),
			    ev->payload_sent ? "*" : "");
	if (ev->line_n)
		tw_buf_addf(b, " %s", ev->line);
	if (ev->pdu)
		tw_buf_addf(b, " | %s", ev->pdu);
	if (ev->is_cut)
		tw_buf_adds(b, " (cut)");
	tw_buf_addc(b, '\n');
}

static inline void play_pull(struct play *p)
{
	struct at_event ev;

	for (int i = 0; at_next(p->e, &ev); i++) {
		ck_assert_int_lt(i, 100000);
		play_write_event(&p->told, &ev);
	}
}

/* Events out, bytes out, until quiet. */
static inline void play_turn(struct play *p)
{
	const uint8_t *out;
	size_t n;

	play_pull(p);
	while (!p->holds && (n = at_output(p->e, &out)) > 0) {
		tw_buf_add(&p->wrote, out, n);
		at_written(p->e, n, p->now);
		play_pull(p);
	}
}

static inline void play_feed_n(struct play *p, const void *bytes, size_t n)
{
	at_feed(p->e, bytes, n, p->now);
	play_turn(p);
}

static inline void play_feed(struct play *p, const char *text)
{
	play_feed_n(p, text, strlen(text));
}

/* Time passes; every deadline on the way is kept. */
static inline void play_wait(struct play *p, int64_t ms)
{
	struct mono_ms end = mono_after(p->now, ms);

	for (int i = 0; at_deadline(p->e).ms <= end.ms; i++) {
		ck_assert_int_lt(i, 1000);
		if (at_deadline(p->e).ms > p->now.ms)
			p->now = at_deadline(p->e);
		at_tick(p->e, p->now);
		play_turn(p);
	}
	p->now = end;
	at_tick(p->e, p->now);
	play_turn(p);
}

static inline void play_init(struct play *p, const struct at_dialect *dialect)
{
	*p = (struct play){ .now = { 1000 } };
	p->e = tw_alloc(at_engine_size());
	memset(p->e, 0xa5, at_engine_size());
	at_init(p->e, dialect);
}

static inline void play_done(struct play *p)
{
	free(p->e);
	tw_buf_done(&p->told);
	tw_buf_done(&p->wrote);
}

static inline int play_give_as(struct play *p, uint32_t id, const char *text, const char *prefix,
			       enum at_shape shape)
{
	struct at_command c = { .text = text, .prefix = prefix, .shape = shape, .limit_ms = 5000,
				.id = id };
	int err;

	if (shape == AT_SEND) {
		c.payload = "0001000B9144";
		c.limit_ms = 60000;
	}
	err = at_give(p->e, &c, p->now);
	play_turn(p);
	return err;
}

static inline void play_give(struct play *p, uint32_t id, const char *text)
{
	ck_assert_int_eq(play_give_as(p, id, text, NULL, AT_PLAIN), 0);
}

static inline void play_send(struct play *p, uint32_t id)
{
	ck_assert_int_eq(play_give_as(p, id, "AT+CMGS=24", "+CMGS:", AT_SEND), 0);
}

static inline void play_expect(struct play *p, const char *told)
{
	ck_assert_str_eq(tw_buf_str(&p->told), told);
	tw_buf_clear(&p->told);
}

static inline void play_expect_written(struct play *p, const char *wrote)
{
	ck_assert_str_eq(tw_buf_str(&p->wrote), wrote);
	tw_buf_clear(&p->wrote);
}

static inline int play_run(Suite *s)
{
	SRunner *r = srunner_create(s);
	int failed;

	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}

#endif
