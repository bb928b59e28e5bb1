/* What comes in: duplicates, slots, parts in any order, what cannot be decoded, old texts, loops. */
#include <stdio.h>

#include "world.h"

#define DAY (24 * 3600 * INT64_C(1000))

START_TEST(test_duplicate_has_one_reply)
{
	struct world w;
	struct wall_ms scts;

	world_open(&w);
	scts = w.now.wall;
	fake_text(w.bank, 0, CUSTOMER, "HOURS", scts);
	fake_text(w.bank, 0, CUSTOMER, "HOURS", scts);	/* in another slot */
	world_turn(&w);
	world_wait(&w, 5000);
	fake_text(w.bank, 0, CUSTOMER, "HOURS", scts);	/* again, later */
	world_turn(&w);
	ck_assert_int_eq(world_count(&w, MESSAGE_RECEIVED, INBOUND), 1);
	ck_assert_int_eq(world_count(&w, -1, OUTBOUND), 1);
	world_wait(&w, STORE_LAZY_MS);
	ck_assert_int_eq(w.bank->modems[0].acks, 3);
	ck_assert_int_eq(fake_on_sim(w.bank, 0), 0);
	fake_text(w.bank, 1, CUSTOMER, "HOURS", scts);	/* another SIM: another message */
	fake_text(w.bank, 0, CUSTOMER, "HOURS", wall_after(scts, 1000));
	fake_text(w.bank, 0, OTHER_CUSTOMER, "HOURS", scts);
	fake_text(w.bank, 0, CUSTOMER, "HOUR", scts);
	world_turn(&w);
	ck_assert_int_eq(world_count(&w, MESSAGE_RECEIVED, INBOUND), 5);
	world_close(&w);
}
END_TEST

START_TEST(test_duplicate_after_three_days_is_new)
{
	struct world w;
	struct wall_ms scts;

	world_open(&w);
	scts = w.now.wall;
	world_text(&w, 0, CUSTOMER, "HOURS");
	world_turn(&w);		/* the slot was seen empty */
	world_wait(&w, 3 * DAY + 1000);
	fake_text(w.bank, 0, CUSTOMER, "HOURS", scts);
	world_turn(&w);
	ck_assert_int_eq(world_count(&w, MESSAGE_RECEIVED, INBOUND), 2);
	ck_assert_int_eq(flow_seen.is_automatic_ok, 0);	/* older than reply_within */
	world_close(&w);
}
END_TEST

/* The deletion fails, the slot is read again after a week: the slot rule, whatever the age. */
START_TEST(test_slot_rule)
{
	struct world w;
	struct fake_slot kept;

	world_open(&w);
	fake_text(w.bank, 0, CUSTOMER, "HOURS", w.now.wall);
	kept = w.bank->modems[0].slots[0];
	exchange_turn(w.x, w.now);
	w.bank->n_events = w.bank->at_event = 0;	/* no SLOT_EMPTY: it was not deleted */
	kept.used = true;
	w.bank->modems[0].slots[0] = kept;
	world_wait(&w, 7 * DAY);
	fake_read_again(w.bank, 0);
	world_turn(&w);
	ck_assert_int_eq(world_count(&w, MESSAGE_RECEIVED, INBOUND), 1);
	ck_assert_int_eq(fake_on_sim(w.bank, 0), 0);
	world_turn(&w);		/* now it was seen empty: the same octets are another message */
	w.bank->modems[0].slots[0] = kept;
	fake_read_again(w.bank, 0);
	world_turn(&w);
	ck_assert_int_eq(world_count(&w, MESSAGE_RECEIVED, INBOUND), 2);
	world_close(&w);
}
END_TEST

START_TEST(test_without_scts_only_the_slot_rule)
{
	struct world w;
	struct wall_ms none = { 0 };

	world_open(&w);
	fake_text(w.bank, 0, CUSTOMER, "one", none);
	fake_text(w.bank, 0, CUSTOMER, "one", none);
	world_turn(&w);
	ck_assert_int_eq(world_count(&w, MESSAGE_RECEIVED, INBOUND), 2);
	world_close(&w);
}
END_TEST

/* Three parts in each of the six orders. */
static const int orders[6][3] = { { 1, 2, 3 }, { 1, 3, 2 }, { 2, 1, 3 }, { 2, 3, 1 }, { 3, 1, 2 },
				  { 3, 2, 1 } };
static const char *const part_texts[] = { "ECHO one ", "two ", "three" };

static void part(struct world *w, int ref, int seq)
{
	fake_part(w->bank, 0, CUSTOMER, part_texts[seq - 1], wall_after(w->now.wall, seq), ref, 3,
		  seq);
	world_wait(w, STORE_LAZY_MS);
}

START_TEST(test_parts_in_any_order)
{
	struct world w;

	world_open(&w);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(world_count(&w, MESSAGE_RECEIVED, INBOUND), 0);
		part(&w, 7, orders[_i][i]);
		ck_assert_int_eq(w.bank->modems[0].acks, i + 1);
		world_wait(&w, 61000);
	}
	tw_auto(tw_free_charp) char *list = world_list(&w, 0);

	ck_assert_str_eq(list, "out sending one two three\nin received ECHO one two three\n");
	world_wait(&w, 2 * DAY);
	ck_assert_int_eq(world_count(&w, MESSAGE_RECEIVED, INBOUND), 1);
	world_close(&w);
}
END_TEST

START_TEST(test_part_that_does_not_come)
{
	struct world w;

	world_open(&w);
	part(&w, 7, 1);
	part(&w, 7, 3);
	world_wait(&w, DAY - 10000);
	ck_assert_int_eq(world_count(&w, MESSAGE_RECEIVED, INBOUND), 0);
	world_wait(&w, 20000);
	ck_assert_int_eq(world_count(&w, -1, INBOUND), 1);
	tw_auto(tw_free_charp) char *list = world_list(&w, 0);

	ck_assert_msg(strstr(list, "in received incomplete ECHO one three\n") != NULL, "%s", list);
	int replies = world_count(&w, -1, OUTBOUND), asked = flow_seen.count;

	world_wait(&w, 3600000);
	part(&w, 7, 2);		/* late: completes the text, and starts nothing */
	free(tw_steal(list));
	list = world_list(&w, 0);
	ck_assert_msg(strstr(list, "in received ECHO one two three\n") != NULL, "%s", list);
	ck_assert_int_eq(world_count(&w, -1, OUTBOUND), replies);
	ck_assert_int_eq(flow_seen.count, asked + 1);	/* about consent, which counts at any time */
	ck_assert(!flow_seen.is_automatic_ok);
	ck_assert_int_eq(world_count(&w, -1, INBOUND), 1);
	world_close(&w);
}
END_TEST

START_TEST(test_reference_used_anew)
{
	struct world w;

	world_open(&w);
	for (int seq = 1; seq <= 3; seq++)
		part(&w, 7, seq);
	world_wait(&w, 60000);
	for (int seq = 1; seq <= 3; seq++)	/* the same again, other SCTS: another message */
		part(&w, 7, seq);
	ck_assert_int_eq(world_count(&w, -1, INBOUND), 2);
	/* Other content under a number that is there already begins a new message. */
	part(&w, 9, 1);
	fake_part(w.bank, 0, CUSTOMER, "other ", w.now.wall, 9, 3, 1);
	world_turn(&w);
	part(&w, 9, 2);
	part(&w, 9, 3);
	tw_auto(tw_free_charp) char *list = world_list(&w, 0);

	ck_assert_msg(strstr(list, "in received other two three\n") != NULL, "%s", list);
	world_close(&w);
}
END_TEST

START_TEST(test_duplicate_part)
{
	struct world w;
	struct wall_ms scts;

	world_open(&w);
	scts = w.now.wall;
	for (int i = 0; i < 2; i++) {
		fake_part(w.bank, 0, CUSTOMER, "ECHO a", scts, 3, 2, 1);
		world_turn(&w);
	}
	fake_part(w.bank, 0, CUSTOMER, "ECHO a", wall_after(scts, 5000), 3, 2, 1);
	world_turn(&w);
	fake_part(w.bank, 0, CUSTOMER, "b", scts, 3, 2, 2);
	fake_part(w.bank, 0, CUSTOMER, "b", scts, 3, 2, 2);
	world_turn(&w);
	ck_assert_int_eq(world_count(&w, -1, INBOUND), 1);
	ck_assert_int_eq(world_count(&w, -1, OUTBOUND), 1);
	ck_assert_int_eq(w.bank->modems[0].acks, 5);
	world_wait(&w, 2 * DAY);
	ck_assert_int_eq(world_count(&w, -1, INBOUND), 1);
	world_close(&w);
}
END_TEST

/* What cannot be decoded is kept as it came, deleted from the SIM, and starts nothing. */
static const char *const broken[] = { "00", "0041", "07911326040000F0040B911346610089F60000208062917314",
				      "zzzz", "0791447758100650040C9144770900" };

START_TEST(test_undecodable)
{
	struct world w;

	world_open(&w);
	fake_hex(w.bank, 0, broken[_i], -1);
	world_wait(&w, STORE_LAZY_MS);
	ck_assert_int_eq(fake_on_sim(w.bank, 0), 0);
	ck_assert_int_eq(flow_seen.count, 0);
	ck_assert_int_eq(world_count(&w, MESSAGE_RECEIVED, INBOUND), 1);
	ck_assert_int_eq(world_count(&w, -1, OUTBOUND), 0);
	const char *id = NULL;

	for (size_t i = 0; i < w.n_told; i++)
		if (strcmp(w.told[i].event, "message.received") == 0)
			id = w.told[i].id;
	ck_assert_ptr_nonnull(id);
	struct message m = world_message(&w, id);

	ck_assert_ptr_null(m.text);
	ck_assert_ptr_nonnull(m.error_cause);
	ck_assert_ptr_nonnull(m.data);
	if (strspn(broken[_i], "0123456789ABCDEF") == strlen(broken[_i]))
		ck_assert_int_eq(strcasecmp(m.data, broken[_i]), 0);
	message_done(&m);
	world_close(&w);
}
END_TEST

START_TEST(test_old_texts_start_nothing)
{
	struct world w;

	world_open(&w);
	fake_text(w.bank, 0, CUSTOMER, "HOURS", wall_after(w.now.wall, -11 * 60000));
	world_turn(&w);
	ck_assert_int_eq(flow_seen.is_automatic_ok, 0);
	ck_assert_int_eq(world_count(&w, -1, OUTBOUND), 0);
	fake_text(w.bank, 0, CUSTOMER, "HOURS", wall_after(w.now.wall, -9 * 60000));
	world_turn(&w);
	ck_assert_int_eq(flow_seen.is_automatic_ok, 1);
	world_wait(&w, 10 * DAY);
	fake_text(w.bank, 0, CUSTOMER, "HOURS", wall_after(w.now.wall, -3 * DAY - 2000));
	world_turn(&w);
	ck_assert_int_eq(flow_seen.is_automatic_ok, 0);
	fake_text(w.bank, 0, CUSTOMER, "HOURS", wall_after(w.now.wall, -3 * DAY + 2000));
	world_turn(&w);
	ck_assert_int_eq(flow_seen.is_automatic_ok, 1);
	w.settings.reply_within = 0;
	fake_text(w.bank, 0, CUSTOMER, "HOURS", wall_after(w.now.wall, -9 * DAY));
	world_turn(&w);
	ck_assert_int_eq(flow_seen.is_automatic_ok, 1);
	/* Consent words count at any age. */
	fake_text(w.bank, 1, CUSTOMER, "STOP", wall_after(w.now.wall, -90 * DAY));
	world_turn(&w);
	ck_assert_int_eq(flow_seen.is_automatic_ok, 0);
	struct exchange_post p = { .to = CUSTOMER, .text = "x", .lane = LANE_API };
	struct exchange_refusal e;

	ck_assert_ptr_null(world_post_full(&w, &p, &e));
	ck_assert_int_eq(e.code, 21610);
	world_close(&w);
}
END_TEST

START_TEST(test_own_numbers)
{
	struct world w;

	world_open(&w);
	world_text(&w, 0, SECOND, "HOURS");
	ck_assert_int_eq(flow_seen.is_own_number, 1);
	ck_assert_int_eq(flow_seen.is_automatic_ok, 0);
	ck_assert_int_eq(world_count(&w, -1, OUTBOUND), 0);
	world_close(&w);
}
END_TEST

/* The other side echoes: the fourth within ten minutes gets nothing, and an event says so. */
static void play_echo(struct world *w, bool crash, int64_t pause)
{
	world_text(w, 0, CUSTOMER, "hello");
	for (int i = 0; i < 6; i++) {
		if (fake_sending(w->bank, 0))
			fake_sent(w->bank, 0);
		world_wait(w, pause);
		if (crash)
			world_crash(w);
		world_text(w, 0, CUSTOMER, "Re: SORRY!");
	}
}

START_TEST(test_loop)
{
	struct world w;

	if (_i)
		world_open_file(&w);
	else
		world_open(&w);
	play_echo(&w, _i, 5000);
	ck_assert_int_eq(world_count(&w, -1, INBOUND), 7);
	ck_assert_int_eq(world_count(&w, -1, OUTBOUND), 4);
	ck_assert(world_was_told(&w, "loop", CUSTOMER));
	struct store_event e;

	ck_assert_int_eq(store_event_before(w.store, 0, &e), 0);
	ck_assert_str_eq(e.kind, "loop");
	store_event_done(&e);
	world_close(&w);
}
END_TEST

/* Another system answers each of our texts with its own: ours stops after three. What a person may well
 * send four times over does not count. */
static const struct { const char *text; int replies; } repeats[] = {
	{ "Thank you for your message. We are closed today.", 3 },	/* nothing takes it */
	{ "Hm?", 3 },
	{ "ECHO thank you, we have received this", 3 },		/* a keyword takes it, but who types it? */
	{ "HOURS", 8 },
};

START_TEST(test_two_systems)
{
	struct world w;
	int answered = 0;

	world_open(&w);
	for (int i = 0; i < 8; i++) {
		world_text(&w, 0, CUSTOMER, repeats[_i].text);
		if (fake_sending(w.bank, 0)) {
			answered++;
			fake_sent(w.bank, 0);
		}
		world_wait(&w, 5000);
	}
	ck_assert_int_eq(answered, repeats[_i].replies);
	ck_assert_int_eq(world_was_told(&w, "loop", CUSTOMER), answered == 3);
	world_wait(&w, 20 * 60 * 1000);		/* later it is no loop */
	world_text(&w, 0, CUSTOMER, repeats[_i].text);
	ck_assert_ptr_nonnull(fake_sending(w.bank, 0));
	world_close(&w);
}
END_TEST

/* Another text in between, and the count begins anew. */
START_TEST(test_a_person_repeats)
{
	struct world w;

	world_open(&w);
	for (int i = 0; i < 8; i++) {
		world_text(&w, 0, CUSTOMER, i % 3 ? "Are you still open today?" : "Hello?");
		ck_assert_ptr_nonnull(fake_sending(w.bank, 0));
		fake_sent(w.bank, 0);
		world_wait(&w, 5000);
	}
	world_close(&w);
}
END_TEST

/* Also when a restart lies between. */
START_TEST(test_repeats_are_remembered)
{
	struct world w;

	world_open_file(&w);
	for (int i = 0; i < 4; i++) {
		world_text(&w, 0, CUSTOMER, repeats[0].text);
		ck_assert_int_eq(fake_sending(w.bank, 0) != NULL, i < 3);
		if (i < 3)
			fake_sent(w.bank, 0);
		world_wait(&w, 5000);
		world_crash(&w);
	}
	world_close(&w);
}
END_TEST

START_TEST(test_slow_echo_is_no_loop)
{
	struct world w;

	world_open(&w);
	play_echo(&w, false, 200000);
	ck_assert_int_eq(world_count(&w, -1, OUTBOUND), 7);
	world_close(&w);
	world_open(&w);
	w.settings.auto_reply_limit = 0;	/* turns the loop rule off too */
	play_echo(&w, false, 5000);
	ck_assert_int_eq(world_count(&w, -1, OUTBOUND), 7);
	world_close(&w);
}
END_TEST

START_TEST(test_auto_reply_limit)
{
	struct world w;

	if (_i)
		world_open_file(&w);
	else
		world_open(&w);
	w.settings.auto_reply_limit = 10;
	for (int i = 0; i < 15; i++) {
		world_text(&w, 0, CUSTOMER, "HOURS");
		if (fake_sending(w.bank, 0))
			fake_sent(w.bank, 0);
		world_wait(&w, 60000);
		if (_i && i == 8)
			world_crash(&w);
	}
	ck_assert_int_eq(world_count(&w, -1, OUTBOUND), 10);
	world_text(&w, 0, OTHER_CUSTOMER, "HOURS");
	ck_assert_int_eq(world_count(&w, -1, OUTBOUND), 11);
	fake_sent(w.bank, 0);
	world_wait(&w, 46 * 60000);	/* the first are more than an hour ago */
	world_text(&w, 0, CUSTOMER, "HOURS");
	ck_assert_int_eq(world_count(&w, -1, OUTBOUND), 12);
	world_close(&w);
}
END_TEST

START_TEST(test_limit_of_an_account)
{
	struct world w;

	world_open(&w);
	w.accounts[0].auto_reply_limit = 5;
	for (int i = 0; i < 8; i++) {
		tw_auto(tw_free_charp) char *from = tw_printf("+4477009003%02d", i);

		world_text(&w, 0, from, "HOURS");
		if (fake_sending(w.bank, 0))
			fake_sent(w.bank, 0);
	}
	world_turn(&w);
	ck_assert_int_eq(world_count(&w, -1, OUTBOUND), 5);
	world_close(&w);
}
END_TEST

START_TEST(test_names_and_binary)
{
	struct world w;

	world_open(&w);
	fake_text(w.bank, 0, "VODAFONE", "HOURS", w.now.wall);
	world_turn(&w);
	ck_assert_int_eq(world_count(&w, -1, OUTBOUND), 0);
	int asked = flow_seen.count;
	/* An 8-bit body: kept as data, nobody is asked. DCS 04, three octets. */
	fake_hex(w.bank, 0, "0791447758100650040C91447700091000" "0004" "62105090000000" "03010203", -1);
	world_wait(&w, STORE_LAZY_MS);
	ck_assert_int_eq(flow_seen.count, asked);
	const char *id = w.told[w.n_told - 1].id;
	struct message m = world_message(&w, id);

	ck_assert_ptr_null(m.text);
	ck_assert_str_eq(m.data, "010203");
	ck_assert_int_eq(m.encoding, SMS_8BIT);
	message_done(&m);
	world_close(&w);
}
END_TEST

START_TEST(test_direct_is_acknowledged_after_the_commit)
{
	struct world w;

	world_open(&w);
	fake_direct(w.bank, 0, "0791447758100650040C914477000910000000621050900000000AC8F71D14969741F977FD07",
		    -1);
	world_turn(&w);
	ck_assert_int_eq(w.bank->modems[0].acks, 1);
	ck_assert_int_eq(world_count(&w, -1, INBOUND), 1);
	world_close(&w);
}
END_TEST

static void add_tests(TCase *t)
{
	tcase_add_test(t, test_duplicate_has_one_reply);
	tcase_add_test(t, test_duplicate_after_three_days_is_new);
	tcase_add_test(t, test_slot_rule);
	tcase_add_test(t, test_without_scts_only_the_slot_rule);
	tcase_add_loop_test(t, test_parts_in_any_order, 0, 6);
	tcase_add_test(t, test_part_that_does_not_come);
	tcase_add_test(t, test_reference_used_anew);
	tcase_add_test(t, test_duplicate_part);
	tcase_add_loop_test(t, test_undecodable, 0, (int)TW_COUNT(broken));
	tcase_add_test(t, test_old_texts_start_nothing);
	tcase_add_test(t, test_own_numbers);
	tcase_add_loop_test(t, test_loop, 0, 2);
	tcase_add_loop_test(t, test_two_systems, 0, TW_COUNT(repeats));
	tcase_add_test(t, test_a_person_repeats);
	tcase_add_test(t, test_repeats_are_remembered);
	tcase_add_test(t, test_slow_echo_is_no_loop);
	tcase_add_loop_test(t, test_auto_reply_limit, 0, 2);
	tcase_add_test(t, test_limit_of_an_account);
	tcase_add_test(t, test_names_and_binary);
	tcase_add_test(t, test_direct_is_acknowledged_after_the_commit);
}

int main(void)
{
	return world_main("exchange_inbox", add_tests);
}
