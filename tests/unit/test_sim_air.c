/* The network behind the cards: what carries over time, what is bounded, what repeats. */
#include "run.h"

#include <stdio.h>
#include <twoway/sim.h>
#include <twoway/sms.h>

static const char one[] = "+447700900001", two[] = "+447700900002", customer[] = "+447700900123";

struct bench { struct sim *sim; struct tw_now now; struct tw_buf answer; };

static void control(struct bench *b, const char *json)
{
	tw_buf_clear(&b->answer);
	sim_control(b->sim, 1, json, strlen(json), b->now, &b->answer);
	ck_assert_msg(strstr(tw_buf_str(&b->answer), "\"ok\":true") != NULL, "%s: %s", json,
		      tw_buf_str(&b->answer));
}

static void end(struct bench *b)
{
	sim_free(b->sim);
	tw_buf_done(&b->answer);
}

static void pass(struct bench *b, int64_t ms)
{
	b->now.mono.ms += ms;
	b->now.wall.ms += ms;
	sim_tick(b->sim, b->now);
}

/* All that the card has said since it was last asked. */
static const char *say(struct bench *b, size_t card, const char *line, struct tw_buf *said)
{
	const uint8_t *bytes;
	size_t n;

	tw_buf_clear(said);
	if (line)
		sim_card_feed(b->sim, card, line, strlen(line), b->now);
	n = sim_card_output(b->sim, card, &bytes);
	if (n)
		tw_buf_add(said, bytes, n);
	sim_card_taken(b->sim, card, n);
	return tw_buf_str(said);
}

static struct bench begin(uint64_t seed)
{
	struct bench b = { .now = { { 5000 }, { 1767225600000 } } };
	struct tw_buf said = { 0 };
	struct sim_setup setup = { .modems = 2, .first_number = one, .seed = seed, .now = b.now };

	b.sim = sim_new(&setup);
	control(&b, "{\"op\":\"set\",\"submit_ms\":0,\"deliver_ms\":0}");
	say(&b, 0, "ATE0\r", &said);
	say(&b, 1, "ATE0\r", &said);
	tw_buf_done(&said);
	return b;
}

/* Sends one segment of a text to a number, as a gateway would; the reference it got. */
static int send_segment(struct bench *b, const char *to, const char *text, unsigned segments,
			unsigned i)
{
	struct sms_options options = { .encoding = -1, .message_class = -1 };
	struct sms_submit submit = { .to = to, .smsc = "", .ref = 0 };
	uint8_t pdu[SMS_PDU_MAX];
	char hex[2 * SMS_PDU_MAX + 2], line[32];
	struct tw_buf said = { 0 };
	struct sms_form form;
	struct sms_fault why;
	struct sms_ud ud;
	size_t n, tpdu_n;
	int ref;

	ck_assert_int_eq(sms_choose_form(text, strlen(text), &options, &form, &why), 0);
	ck_assert_uint_eq(form.segments, segments);
	ck_assert_int_ge(sms_split_one(text, strlen(text), &form, &options, 77, (uint8_t)i, &ud), 0);
	submit.ud = &ud;
	ck_assert_int_eq(sms_submit_encode(&submit, pdu, sizeof(pdu), &n, &tpdu_n, &why), 0);
	tw_hex_write(pdu, n, hex, true);
	strcat(hex, "\x1A");
	snprintf(line, sizeof(line), "AT+CMGS=%zu\r", tpdu_n);
	ck_assert_ptr_nonnull(strchr(say(b, 0, line, &said), '>'));
	ck_assert_int_eq(sscanf(say(b, 0, hex, &said), "\r\n+CMGS: %d", &ref), 1);
	tw_buf_done(&said);
	return ref;
}

static char *repeated(const char *unit, size_t times)
{
	struct tw_buf b = { 0 };

	for (size_t i = 0; i < times; i++)
		tw_buf_adds(&b, unit);
	return tw_buf_take(&b);
}

START_TEST(a_handset_joins_segments_in_any_order)
{
	static const unsigned orders[][3] = { { 1, 2, 3 }, { 3, 1, 2 }, { 2, 3, 1 } };
	tw_auto(tw_free_charp) char *text = repeated("Grüße €uro. ", 30);
	struct bench b = begin(1);

	for (size_t k = 0; k < TW_COUNT(orders); k++) {
		for (int i = 0; i < 3; i++) {
			ck_assert_uint_eq(sim_inbox_count(b.sim, customer), k);
			send_segment(&b, customer, text, 3, orders[k][i]);
		}
		ck_assert_uint_eq(sim_inbox_count(b.sim, customer), k + 1);
		ck_assert_str_eq(sim_inbox_text(b.sim, customer, k), text);
	}
	ck_assert_uint_eq(sim_sent_count(b.sim), 9);
	ck_assert_str_eq(sim_sent_at(b.sim, 8)->to, customer);
	ck_assert_ptr_null(sim_sent_at(b.sim, 9));
	end(&b);
}
END_TEST

START_TEST(a_segment_that_comes_twice_is_joined_once)
{
	tw_auto(tw_free_charp) char *text = repeated("x", 200);
	struct bench b = begin(1);

	send_segment(&b, customer, text, 2, 1);
	send_segment(&b, customer, text, 2, 1);
	ck_assert_uint_eq(sim_inbox_count(b.sim, customer), 0);
	send_segment(&b, customer, text, 2, 2);
	ck_assert_uint_eq(sim_inbox_count(b.sim, customer), 1);
	ck_assert_str_eq(sim_inbox_text(b.sim, customer, 0), text);
	end(&b);
}
END_TEST

START_TEST(references_wrap_at_256)
{
	struct bench b = begin(1);
	int first = send_segment(&b, customer, "hi", 1, 1), ref = first;

	for (int i = 1; i <= 256; i++)
		ref = send_segment(&b, customer, "hi", 1, 1);
	ck_assert_int_eq(ref, first);
	end(&b);
}
END_TEST

/* Long texts travel as a phone sends them: 8-bit references, equal total, places counted from 1. */
START_TEST(a_phone_cuts_long_texts)
{
	tw_auto(tw_free_charp) char *text = repeated("ж", 150);
	struct bench b = begin(1);
	struct tw_buf said = { 0 };
	const char *at;
	unsigned ref, first_ref = 0;

	ck_assert_uint_gt(sim_text(b.sim, customer, one, text, strlen(text), b.now), 0);
	say(&b, 0, "ATE0\r", &said);
	at = say(&b, 0, "AT+CMGL=4\r", &said);
	for (unsigned i = 1; i <= 3; i++) {
		char header[16];
		unsigned total, seq;

		at = strstr(at, "050003");
		ck_assert_ptr_nonnull(at);
		snprintf(header, sizeof(header), "%.6s", at + 6);
		ck_assert_int_eq(sscanf(header, "%2x%2x%2x", &ref, &total, &seq), 3);
		if (i == 1)
			first_ref = ref;
		ck_assert_uint_eq(ref, first_ref);
		ck_assert_uint_eq(total, 3);
		ck_assert_uint_eq(seq, i);
		at += 12;
	}
	/* what is no text of a phone: not UTF-8 */
	ck_assert_uint_eq(sim_text(b.sim, customer, one, "\xC3", 1, b.now), 0);
	tw_buf_done(&said);
	end(&b);
}
END_TEST

START_TEST(what_is_kept_is_bounded)
{
	struct bench b = begin(1);
	char text[32];

	control(&b, "{\"op\":\"set\",\"keep\":100}");
	for (int i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "text %d", i);
		send_segment(&b, i % 2 ? customer : "+447700900124", text, 1, 1);
	}
	ck_assert_uint_eq(sim_sent_count(b.sim), 100);
	ck_assert_uint_eq(sim_sent_at(b.sim, 0)->text_n, 8);
	ck_assert_str_eq(sim_sent_at(b.sim, 0)->text, "text 900");
	ck_assert_str_eq(sim_sent_at(b.sim, 99)->text, "text 999");
	ck_assert_uint_eq(sim_inbox_count(b.sim, customer), 50);
	ck_assert_str_eq(sim_inbox_text(b.sim, customer, 0), "text 901");
	control(&b, "{\"op\":\"state\"}");
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&b.answer), "\"accepted\":1000"));
	end(&b);
}
END_TEST

START_TEST(an_inbox_that_was_cleared_forgets_no_later_text)
{
	struct bench b = begin(1);

	control(&b, "{\"op\":\"set\",\"keep\":4}");
	for (int i = 0; i < 3; i++)
		send_segment(&b, customer, "early", 1, 1);
	control(&b, "{\"op\":\"inbox\",\"number\":\"+447700900123\",\"clear\":true}");
	for (int i = 0; i < 4; i++)
		send_segment(&b, customer, "late", 1, 1);
	ck_assert_uint_eq(sim_inbox_count(b.sim, customer), 4);
	end(&b);
}
END_TEST

START_TEST(subscribers_are_told)
{
	struct bench b = begin(1);
	struct tw_buf line = { 0 };
	uint64_t peer;

	control(&b, "{\"op\":\"subscribe\",\"number\":\"+447700900123\",\"sent\":true}");
	send_segment(&b, "+447700900999", "not for him", 1, 1);
	ck_assert(!sim_control_next(b.sim, &peer, &line));
	send_segment(&b, customer, "for \"him\"", 1, 1);
	ck_assert(sim_control_next(b.sim, &peer, &line));
	ck_assert_uint_eq(peer, 1);
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&line), "\"event\":\"sent\""));
	tw_buf_clear(&line);
	ck_assert(sim_control_next(b.sim, &peer, &line));
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&line), "\"text\":\"for \\\"him\\\"\""));
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&line), "\"event\":\"text\""));
	ck_assert_int_eq(line.p[line.n - 1], '\n');
	ck_assert(!sim_control_next(b.sim, &peer, &line));
	control(&b, "{\"op\":\"subscribe\",\"texts\":false,\"modems\":true}");
	control(&b, "{\"op\":\"unplug\",\"modem\":1}");
	tw_buf_clear(&line);
	ck_assert(sim_control_next(b.sim, &peer, &line));
	ck_assert_str_eq(tw_buf_str(&line), "{\"modem\":\"modem1\",\"event\":\"unplugged\"}\n");
	sim_control_gone(b.sim, 1);
	control(&b, "{\"op\":\"plug\",\"modem\":1}");
	ck_assert(!sim_control_next(b.sim, &peer, &line));
	tw_buf_done(&line);
	end(&b);
}
END_TEST

START_TEST(who_changed_is_told_once)
{
	struct bench b = begin(1);
	size_t card;

	while (sim_card_next_changed(b.sim, &card))
		;
	ck_assert(!sim_card_next_changed(b.sim, &card));
	sim_card_feed(b.sim, 1, "AT\rAT\r", 6, b.now);
	ck_assert(sim_card_next_changed(b.sim, &card));
	ck_assert_uint_eq(card, 1);
	ck_assert(!sim_card_next_changed(b.sim, &card));
	control(&b, "{\"op\":\"unplug\",\"modem\":0,\"delay_ms\":50}");
	ck_assert(sim_card_next_changed(b.sim, &card));
	ck_assert_uint_eq(card, 0);
	ck_assert(!sim_card_is_plugged(b.sim, 0));
	pass(&b, 49);
	ck_assert(!sim_card_next_changed(b.sim, &card));
	ck_assert_int_eq(sim_deadline(b.sim).ms, b.now.mono.ms + 1);
	pass(&b, 1);
	ck_assert(sim_card_next_changed(b.sim, &card));
	ck_assert(sim_card_is_plugged(b.sim, 0));
	ck_assert_int_eq(sim_deadline(b.sim).ms, INT64_MAX);
	end(&b);
}
END_TEST

/* A busy hour with faults by chance; everything that was said, as one number. */
static uint64_t busy_hour(uint64_t seed, unsigned *ret_errors)
{
	struct bench b = begin(seed);
	struct tw_buf said = { 0 }, all = { 0 };
	uint64_t hash;

	*ret_errors = 0;
	control(&b, "{\"op\":\"fault\",\"when\":\"AT+CSQ\",\"what\":\"error\",\"probability\":0.25}");
	control(&b, "{\"op\":\"fault\",\"when\":\"AT+CREG\",\"what\":\"garbage\",\"probability\":0.5}");
	for (int i = 0; i < 1000; i++) {
		*ret_errors += strstr(say(&b, 0, "AT+CSQ\r", &said), "ERROR") != NULL;
		tw_buf_add(&all, said.p, said.n);
		say(&b, 1, "AT+CREG?\r", &said);
		tw_buf_add(&all, said.p, said.n);
		pass(&b, 3600);
	}
	hash = tw_hash64(all.p, all.n);
	tw_buf_done(&said);
	tw_buf_done(&all);
	end(&b);
	return hash;
}

START_TEST(the_same_seed_gives_the_same_run)
{
	unsigned errors;
	uint64_t first = busy_hour(11, &errors);

	ck_assert_uint_gt(errors, 200);
	ck_assert_uint_lt(errors, 300);
	ck_assert_uint_eq(busy_hour(11, &errors), first);
	ck_assert_uint_ne(busy_hour(12, &errors), first);
}
END_TEST

/* One sender's equal texts: never two with one SCTS, and back to the clock when it was quiet. */
START_TEST(equal_texts_differ_in_their_second)
{
	struct bench b = begin(1);
	struct tw_buf said = { 0 };
	tw_auto(tw_free_charp) char *seen = repeated(" ", 0);

	for (int i = 0; i < 15; i++) {
		char line[24], stamp[15];
		const char *pdu, *at;

		sim_text(b.sim, customer, one, "YES", 3, b.now);
		pass(&b, i < 10 ? 100 : 5000);
		snprintf(line, sizeof(line), "AT+CMGR=%d\r", i + 1);
		pdu = strstr(say(&b, 0, line, &said), "0791");
		ck_assert_ptr_nonnull(pdu);
		at = strstr(pdu, "0000621010");
		ck_assert_ptr_nonnull(at);
		snprintf(stamp, sizeof(stamp), "%.14s", at + 4);
		ck_assert_msg(!strstr(seen, stamp), "%s again", stamp);
		char *longer = tw_printf("%s %s", seen, stamp);

		free(seen);
		seen = longer;
	}
	/* at 00:00:21 after 1 s + 4 * 5 s of clock, not later */
	ck_assert_ptr_nonnull(strstr(seen, "62101000001200"));
	tw_buf_done(&said);
	end(&b);
}
END_TEST

START_TEST(a_report_comes_when_the_other_card_has_the_text)
{
	struct bench b = begin(1);
	struct tw_buf said = { 0 };

	say(&b, 0, "ATE0\rAT+CNMI=2,1,0,1,0\r", &said);
	control(&b, "{\"op\":\"registration\",\"modem\":1,\"stat\":0}");
	/* +447700900002, report wanted */
	say(&b, 0, "AT+CMGS=20\r", &said);
	ck_assert_ptr_nonnull(strstr(say(&b, 0, "0031000C914477000900200000A706D4F29C0E8A01\x1A",
					 &said), "+CMGS"));
	pass(&b, 60000);
	ck_assert_str_eq(say(&b, 0, NULL, &said), "");
	control(&b, "{\"op\":\"registration\",\"modem\":1,\"stat\":1}");
	pass(&b, 0);
	ck_assert_ptr_nonnull(strstr(say(&b, 0, NULL, &said), "+CDS: 25"));
	ck_assert_int_eq(sim_card_used(b.sim, 1), 1);
	ck_assert_str_eq(sim_card_number(b.sim, 1), two);
	tw_buf_done(&said);
	end(&b);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_test(tc, a_handset_joins_segments_in_any_order);
	tcase_add_test(tc, a_segment_that_comes_twice_is_joined_once);
	tcase_add_test(tc, references_wrap_at_256);
	tcase_add_test(tc, a_phone_cuts_long_texts);
	tcase_add_test(tc, what_is_kept_is_bounded);
	tcase_add_test(tc, an_inbox_that_was_cleared_forgets_no_later_text);
	tcase_add_test(tc, subscribers_are_told);
	tcase_add_test(tc, who_changed_is_told_once);
	tcase_add_test(tc, the_same_seed_gives_the_same_run);
	tcase_add_test(tc, equal_texts_differ_in_their_second);
	tcase_add_test(tc, a_report_comes_when_the_other_card_has_the_text);
}

int main(void)
{
	return unit_run("sim_air", add);
}
