/* The two ways of a text through one turn: text, reply, sent, delivered; and who may acknowledge when. */
#include "world.h"

START_TEST(test_reply_in_one_commit)
{
	struct world w;

	world_open(&w);
	uint64_t commits = store_counters(w.store)->commits;

	world_text(&w, 0, CUSTOMER, "HOURS");
	ck_assert_uint_eq(store_counters(w.store)->commits, commits + 1);
	ck_assert_int_eq(w.bank->modems[0].acks, 1);
	const struct fake_send *s = fake_sending(w.bank, 0);

	ck_assert_ptr_nonnull(s);
	ck_assert_str_eq(s->text, HOURS_REPLY);
	ck_assert_str_eq(s->pdu.address.text, CUSTOMER);
	ck_assert(s->pdu.report);
	ck_assert(!s->more);
	tw_auto(tw_free_charp) char *list = world_list(&w, 0);

	ck_assert_str_eq(list, "out sending " HOURS_REPLY "\nin received HOURS\n");
	world_close(&w);
}
END_TEST

/* A modem is asked for its prompt before the commit. When that fails, nothing of the reply has
 * left; and that the send was taken back is no news of the attempt that has its number by then. */
START_TEST(test_a_prompt_without_a_commit)
{
	struct world w;

	world_open(&w);
	world_inject(&w, 1, 10 /* SQLITE_IOERR */, true);
	world_text(&w, 0, CUSTOMER, "HOURS");
	ck_assert_int_eq(w.bank->prompts_dropped, 1);
	ck_assert_uint_eq(w.bank->n_sends, 0);
	ck_assert_int_eq(w.bank->modems[0].acks, 0);
	ck_assert_int_eq(world_count(&w, -1, -1), 0);
	fake_read_again(w.bank, 0);
	world_wait(&w, 3000);
	ck_assert_uint_eq(w.bank->n_sends, 1);
	ck_assert_ptr_nonnull(fake_sending(w.bank, 0));
	ck_assert_int_eq(world_count(&w, MESSAGE_SENDING, OUTBOUND), 1);
	fake_sent(w.bank, 0);
	world_wait(&w, 3000);
	ck_assert_int_eq(world_count(&w, MESSAGE_SENT, OUTBOUND), 1);
	ck_assert_uint_eq(w.bank->n_sends, 1);
	ck_assert_int_eq(w.bank->modems[0].acks, 1);
	world_close(&w);
}
END_TEST

/* While others talk, a commit waits for what they say, and not for long. */
START_TEST(test_a_commit_is_shared)
{
	struct world w;

	world_open(&w);
	uint64_t commits = store_counters(w.store)->commits;

	w.bank->heard = 2;
	world_text(&w, 0, CUSTOMER, "HOURS");
	ck_assert_uint_eq(store_counters(w.store)->commits, commits);
	ck_assert_ptr_null(fake_sending(w.bank, 0));
	ck_assert_int_eq(w.bank->modems[0].acks, 0);
	ck_assert_int_le(w.deadline.ms, w.now.mono.ms);
	w.bank->heard = 1;
	world_text(&w, 1, OTHER_CUSTOMER, "HOURS");
	ck_assert_uint_eq(store_counters(w.store)->commits, commits);
	world_turn(&w);			/* nobody says more */
	ck_assert_uint_eq(store_counters(w.store)->commits, commits + 1);
	ck_assert_ptr_nonnull(fake_sending(w.bank, 0));
	ck_assert_ptr_nonnull(fake_sending(w.bank, 1));

	fake_sent(w.bank, 0);
	fake_sent(w.bank, 1);
	world_wait(&w, 1000);
	commits = store_counters(w.store)->commits;
	for (int i = 0; i < 4 && store_counters(w.store)->commits == commits; i++) {
		w.bank->heard = 9;	/* a flood */
		if (i == 0)
			world_text(&w, 0, CUSTOMER, "HOURS");
		else
			world_turn(&w);
		w.now.mono.ms++;
	}
	ck_assert_uint_eq(store_counters(w.store)->commits, commits + 1);
	world_close(&w);
}
END_TEST

START_TEST(test_sent_then_delivered)
{
	struct world w;

	world_open(&w);
	const char *id = world_post(&w, CUSTOMER, "hello", FIRST);

	ck_assert_int_eq(world_state(&w, id), MESSAGE_QUEUED);
	ck_assert_ptr_null(fake_sending(w.bank, 0));
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_SENDING);
	fake_sent(w.bank, 0);
	world_turn(&w);
	ck_assert_int_eq(world_state(&w, id), MESSAGE_SENT);
	world_wait(&w, 3000);
	fake_report(w.bank, 0, CUSTOMER, 0, 0, w.now.wall);
	world_turn(&w);
	struct message m = world_message(&w, id);

	ck_assert_int_eq(m.state, MESSAGE_DELIVERED);
	ck_assert_str_eq(m.from, FIRST);
	ck_assert_str_eq(m.to, CUSTOMER);
	ck_assert_str_eq(m.sim, "8944100000000000001");
	ck_assert_str_eq(m.modem, "m0");
	ck_assert_str_eq(m.account, "default");
	ck_assert(m.finished_at.ms >= m.sent_at.ms && m.sent_at.ms >= m.created_at.ms);
	message_done(&m);
	static const char *const events[] = { "message.queued", "message.sending", "message.sent",
					      "message.delivered" };

	for (size_t i = 0; i < TW_COUNT(events); i++)
		ck_assert_msg(world_was_told(&w, events[i], id), "%s", events[i]);
	world_close(&w);
}
END_TEST

START_TEST(test_result_rides_on_the_next_commit)
{
	struct world w;

	world_open(&w);
	world_text(&w, 0, CUSTOMER, "HOURS");
	fake_sent(w.bank, 0);
	uint64_t commits = store_counters(w.store)->commits;

	world_turn(&w);
	ck_assert_uint_eq(store_counters(w.store)->commits, commits);
	ck_assert_int_le(w.deadline.ms, w.now.mono.ms + STORE_LAZY_MS);
	world_wait(&w, STORE_LAZY_MS);
	ck_assert_uint_eq(store_counters(w.store)->commits, commits + 1);
	world_wait(&w, 1000);
	ck_assert_int_eq(world_count(&w, MESSAGE_SENT, OUTBOUND), 1);
	world_close(&w);
}
END_TEST

/* Nothing is due before the day ends, when the heads of the consent chains are told. */
START_TEST(test_idle_exchange_rests)
{
	struct world w;

	world_open(&w);
	world_text(&w, 0, CUSTOMER, "HOURS");
	fake_sent(w.bank, 0);
	world_wait(&w, 1000);
	fake_report(w.bank, 0, CUSTOMER, 0, 0, w.now.wall);
	world_wait(&w, 100000);
	ck_assert_int_gt(w.deadline.ms, w.now.mono.ms + 10 * 60 * 1000);
	world_close(&w);
}
END_TEST

START_TEST(test_two_replies_in_order)
{
	struct world w;

	world_open(&w);
	world_text(&w, 0, CUSTOMER, "BOTH");
	ck_assert_str_eq(fake_sending(w.bank, 0)->text, "one");
	fake_sent(w.bank, 0);
	world_turn(&w);
	ck_assert_str_eq(fake_sending(w.bank, 0)->text, "two");
	ck_assert_ptr_null(fake_sending(w.bank, 1));
	world_close(&w);
}
END_TEST

START_TEST(test_sixteen_texts_share_a_commit)
{
	struct world w;
	uint64_t commits;

	world_open(&w);
	commits = store_counters(w.store)->commits;
	for (int i = 0; i < 16; i++) {
		tw_auto(tw_free_charp) char *from = tw_printf("+4477009002%02d", i);

		fake_text(w.bank, i & 1, from, "HOURS", w.now.wall);
	}
	world_turn(&w);
	ck_assert_uint_eq(store_counters(w.store)->commits, commits + 1);
	ck_assert_int_eq(w.bank->modems[0].acks + w.bank->modems[1].acks, 16);
	ck_assert_int_eq(world_count(&w, MESSAGE_QUEUED, OUTBOUND), 14);
	for (int i = 0; i < 8; i++) {
		fake_sent(w.bank, 0);
		fake_sent(w.bank, 1);
		world_turn(&w);
	}
	ck_assert_int_eq(world_count(&w, MESSAGE_SENT, OUTBOUND), 16);
	for (size_t i = 0; i < w.bank->n_sends; i++)	/* by the number that was texted */
		ck_assert_int_eq(w.bank->sends[i].modem,
				 (w.bank->sends[i].pdu.address.text[12] - '0') & 1);
	world_close(&w);
}
END_TEST

START_TEST(test_status)
{
	struct world w;
	struct exchange_status s;
	struct exchange_modem_totals t;

	world_open(&w);
	w.bank->modems[0].is_held = w.bank->modems[1].is_held = true;
	world_text(&w, 0, CUSTOMER, "HOURS");
	world_post(&w, CUSTOMER, "hello", FIRST);
	world_turn(&w);
	exchange_status(w.x, w.now, &s);
	ck_assert_int_eq(s.modems, 2);
	ck_assert_int_eq(s.modems_ready, 2);
	ck_assert_int_eq(s.queue[LANE_REPLY], 1);
	ck_assert_int_eq(s.queue[LANE_API], 1);
	ck_assert_str_eq(s.database, "ok");
	ck_assert_int_eq(s.inbound_last_at.ms, w.now.wall.ms);
	ck_assert_uint_eq(s.troubles.n, 0);
	exchange_status_done(&s);
	exchange_modem_totals(w.x, "8944100000000000001", &t);
	ck_assert(t.received == 1 && t.sent == 0 && t.queued == 2);
	world_close(&w);
}
END_TEST

static void add_tests(TCase *t)
{
	tcase_add_test(t, test_reply_in_one_commit);
	tcase_add_test(t, test_a_prompt_without_a_commit);
	tcase_add_test(t, test_a_commit_is_shared);
	tcase_add_test(t, test_sent_then_delivered);
	tcase_add_test(t, test_result_rides_on_the_next_commit);
	tcase_add_test(t, test_idle_exchange_rests);
	tcase_add_test(t, test_two_replies_in_order);
	tcase_add_test(t, test_sixteen_texts_share_a_commit);
	tcase_add_test(t, test_status);
}

int main(void)
{
	return world_main("exchange_turn", add_tests);
}
