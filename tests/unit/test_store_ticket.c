/* Tickets, their notes, who talks with whom, the totals of queues, and what operators asked for: the
 * store's questions about them. */
#include <twoway/store.h>

#include "run.h"

static const struct tw_now t0 = { { 1000 }, { INT64_C(1767603600000) } };
static struct store *s;

static struct wall_ms at(int64_t ms)
{
	return wall_after(t0.wall, ms);
}

static void begin(void)
{
	ck_assert_int_eq(store_open(&(struct store_setup){ .path = ":memory:", .create = true, .seed = 7 },
				    t0, &s, NULL), 0);
	store_turn_begin(s, t0);
}

static void end(void)
{
	ck_assert_int_eq(store_flush(s, t0), 0);
	store_close(s);
}

static struct store_ticket add(int64_t account, int64_t contact, const char *queue)
{
	struct store_ticket t = { .account = account, .contact = contact, .kind = STORE_CALLBACK,
				  .line = 3, .message = 4, .within = 5, .opened_at = at(0) };

	tw_strset(t.queue, sizeof(t.queue), queue);
	tw_strset(t.about, sizeof(t.about), "bath");
	ck_assert_int_eq(store_ticket_add(s, &t), 0);
	return t;
}

START_TEST(test_tags)
{
	begin();
	ck_assert_int_eq(add(1, 10, "a").tag, 1);
	ck_assert_int_eq(add(1, 11, "a").tag, 2);
	ck_assert_int_eq(add(2, 12, "a").tag, 1);	/* each account counts for itself */
	ck_assert_int_eq(add(1, 10, "b").tag, 3);
	end();
}
END_TEST

START_TEST(test_rows)
{
	struct store_ticket t, got;
	struct wall_ms due;
	int64_t id;

	begin();
	t = add(1, 10, "a");
	ck_assert_int_eq(store_ticket_get(s, t.id, &got), 0);
	ck_assert_mem_eq(&got, &t, sizeof(t));
	ck_assert_int_eq(store_ticket_due(s, &id, &due), TW_E_UNKNOWN);
	t.state = STORE_TICKET_TOLD;
	tw_strset(t.agent, sizeof(t.agent), "van");
	tw_strset(t.number, sizeof(t.number), "+447700900101");
	tw_strset(t.told, sizeof(t.told), "van\n");
	tw_strset(t.queue, sizeof(t.queue), "b");
	tw_strset(t.about, sizeof(t.about), "bath; sink");
	t.own_line = 7;
	t.alerted_at = at(1);
	t.answered_at = at(2);
	t.closed_at = at(3);
	t.due_at = at(4);
	ck_assert_int_eq(store_ticket_save(s, &t), 0);
	ck_assert_int_eq(store_ticket_tagged(s, 1, 1, &got), 0);
	ck_assert_mem_eq(&got, &t, sizeof(t));
	ck_assert_int_eq(store_ticket_due(s, &id, &due), 0);
	ck_assert_int_eq(id, t.id);
	ck_assert_int_eq(due.ms, at(4).ms);
	ck_assert_int_eq(store_ticket_tagged(s, 1, 2, &got), TW_E_UNKNOWN);
	ck_assert_int_eq(store_ticket_tagged(s, 2, 1, &got), TW_E_UNKNOWN);
	end();
}
END_TEST

START_TEST(test_open_ones)
{
	struct store_ticket a, b, c, got;

	begin();
	a = add(1, 10, "a");
	b = add(1, 10, "b");
	c = add(1, 11, "a");
	ck_assert_int_eq(store_ticket_for(s, 10, "b", &got), 0);
	ck_assert_int_eq(got.id, b.id);
	ck_assert_int_eq(store_ticket_of(s, 10, a.id, &got), 0);
	ck_assert_int_eq(got.id, b.id);
	ck_assert_int_eq(store_ticket_of(s, 10, b.id, &got), TW_E_UNKNOWN);
	tw_strset(c.number, sizeof(c.number), "+447700900101");
	ck_assert_int_eq(store_ticket_save(s, &c), 0);
	ck_assert_int_eq(store_ticket_by(s, "+447700900101", 0, &got), 0);
	ck_assert_int_eq(got.id, c.id);
	b.state = c.state = STORE_TICKET_CLOSED;
	ck_assert_int_eq(store_ticket_save(s, &b), 0);
	ck_assert_int_eq(store_ticket_save(s, &c), 0);
	ck_assert_int_eq(store_ticket_for(s, 10, "b", &got), TW_E_UNKNOWN);
	ck_assert_int_eq(store_ticket_by(s, "+447700900101", 0, &got), TW_E_UNKNOWN);
	ck_assert_int_eq(store_ticket_open(s, 1, 0, &got), 0);
	ck_assert_int_eq(got.id, a.id);
	ck_assert_int_eq(store_ticket_open(s, 1, a.id, &got), TW_E_UNKNOWN);
	ck_assert_int_eq(store_ticket_before(s, 1, 0, -1, &got), 0);
	ck_assert_int_eq(got.id, c.id);
	ck_assert_int_eq(store_ticket_before(s, 0, 0, STORE_TICKET_WAITING, &got), 0);
	ck_assert_int_eq(got.id, a.id);
	ck_assert_int_eq(store_ticket_before(s, 2, 0, -1, &got), TW_E_UNKNOWN);
	end();
}
END_TEST

START_TEST(test_notes_and_shown)
{
	struct store_ticket_note n = { .ticket = 1, .at = at(1), .kind = "note", .who = "van",
				       .text = (char *)(uintptr_t)"the key is under the mat" }, got;
	struct wall_ms when;
	int64_t ticket;

	begin();
	ck_assert_int_eq(store_ticket_note_add(s, &n), 0);
	n.ticket = 2;
	ck_assert_int_eq(store_ticket_note_add(s, &n), 0);
	ck_assert_int_eq(store_ticket_note_next(s, 1, 0, &got), 0);
	ck_assert_str_eq(got.kind, "note");
	ck_assert_str_eq(got.who, "van");
	ck_assert_str_eq(got.text, n.text);
	ck_assert_int_eq(got.at.ms, at(1).ms);
	store_ticket_note_done(&got);
	ck_assert_int_eq(store_ticket_note_next(s, 1, got.id, &got), TW_E_UNKNOWN);
	ck_assert_int_eq(store_shown(s, "+1", &ticket, &when), TW_E_UNKNOWN);
	ck_assert_int_eq(store_shown_put(s, "+1", 5, at(1)), 0);
	ck_assert_int_eq(store_shown_put(s, "+1", 6, at(2)), 0);
	ck_assert_int_eq(store_shown(s, "+1", &ticket, &when), 0);
	ck_assert_int_eq(ticket, 6);
	ck_assert_int_eq(when.ms, at(2).ms);
	end();
}
END_TEST

START_TEST(test_persons)
{
	struct store_person p = { .contact = 10, .kind = STORE_PERSON_TAKEN, .ticket = 2, .who = "anna",
				  .since = at(1), .due_at = at(9) }, got;

	begin();
	ck_assert_int_eq(store_person_due(s, &got), TW_E_UNKNOWN);
	ck_assert_int_eq(store_person_put(s, &p), 0);
	p.contact = 11;
	p.due_at = at(5);
	ck_assert_int_eq(store_person_put(s, &p), 0);
	ck_assert_int_eq(store_person_due(s, &got), 0);
	ck_assert_int_eq(got.contact, 11);
	ck_assert_int_eq(got.kind, STORE_PERSON_TAKEN);
	ck_assert_int_eq(got.ticket, 2);
	ck_assert_str_eq(got.who, "anna");
	ck_assert_int_eq(got.since.ms, at(1).ms);
	ck_assert_int_eq(got.due_at.ms, at(5).ms);
	ck_assert_int_eq(store_person_del(s, 11), 0);
	ck_assert_int_eq(store_person(s, 11, &got), TW_E_UNKNOWN);
	ck_assert_int_eq(store_person(s, 10, &got), 0);
	ck_assert_int_eq(got.kind, STORE_PERSON_TAKEN);
	end();
}
END_TEST

START_TEST(test_tallies)
{
	const int64_t hour = 3600 * 1000;
	struct store_tally t = { .topic = 0 };

	begin();
	ck_assert_int_eq(store_tally_add(s, &(struct store_tally){ 7, at(0), { 1, 0, 0, 0, 0, 9 } }), 0);
	ck_assert_int_eq(store_tally_add(s, &(struct store_tally){ 7, at(hour), { 0, 0, 2, 1 } }), 0);
	ck_assert_int_eq(store_tally_add(s, &(struct store_tally){ 7, at(0), { 1, 3, 0, 0, 500 } }), 0);
	ck_assert_int_eq(store_tally_add(s, &(struct store_tally){ 3, at(hour), { 7 } }), 0);
	ck_assert_int_eq(store_tally_next(s, &t), 0);
	ck_assert_int_eq(t.topic, 3);
	ck_assert_int_eq(t.n[0], 7);
	ck_assert_int_eq(store_tally_next(s, &t), 0);
	ck_assert_int_eq(t.topic, 7);
	ck_assert_int_eq(t.at.ms, at(0).ms);
	const int64_t wanted[STORE_TALLIES] = { 2, 3, 0, 0, 500, 9 };

	ck_assert_mem_eq(t.n, wanted, sizeof(wanted));
	ck_assert_int_eq(store_tally_next(s, &t), 0);
	ck_assert_int_eq(t.at.ms, at(hour).ms);
	ck_assert_int_eq(t.n[2], 2);
	ck_assert_int_eq(store_tally_next(s, &t), TW_E_UNKNOWN);
	end();
}
END_TEST

START_TEST(test_orders)
{
	struct store_order o = { .number = "+1", .code = "123456", .command = "PAUSE till", .at = at(0) };
	struct store_order got;
	int waiting;

	begin();
	ck_assert_int_eq(store_order_add(s, &o), 0);
	ck_assert_int_eq(store_order_find(s, "+2", "123456", &got), TW_E_UNKNOWN);
	ck_assert_int_eq(store_order_find(s, "+1", "123457", &got), TW_E_UNKNOWN);
	ck_assert_int_eq(store_order_wrong(s, "+1", at(0), &waiting), 0);
	ck_assert_int_eq(waiting, 1);
	ck_assert_int_eq(store_order_wrong(s, "+1", at(1), &waiting), 0);	/* none is that young */
	ck_assert_int_eq(waiting, 0);
	ck_assert_int_eq(store_order_find(s, "+1", "123456", &got), 0);
	ck_assert_str_eq(got.command, "PAUSE till");
	ck_assert_int_eq(got.wrong, 1);
	ck_assert_int_eq(got.used_at.ms, 0);
	ck_assert_int_eq(store_order_use(s, got.id, "PAUSE", at(3)), 0);
	ck_assert_int_eq(store_order_find(s, "+1", "123456", &got), 0);
	ck_assert_int_eq(got.used_at.ms, at(3).ms);
	ck_assert_str_eq(got.command, "PAUSE");
	ck_assert_int_eq(store_order_wrong(s, "+1", at(0), &waiting), 0);
	ck_assert_int_eq(waiting, 0);
	o.at = at(40 * INT64_C(24) * 3600 * 1000);
	ck_assert_int_eq(store_order_add(s, &o), 0);
	ck_assert_int_eq(store_order_find(s, "+1", "123456", &got), 0);
	ck_assert_int_eq(got.used_at.ms, 0);		/* the newest; the old one is gone */
	o.at = wall_after(o.at, 2 * 3600 * 1000);
	tw_strset(o.code, sizeof(o.code), "654321");
	ck_assert_int_eq(store_order_add(s, &o), 0);
	ck_assert_int_eq(store_order_find(s, "+1", "123456", &got), TW_E_UNKNOWN);
	end();
}
END_TEST

START_TEST(test_erasure)
{
	struct store_contact c;
	struct store_ticket t, got;
	struct store_ticket_note n = { .at = at(1), .kind = "note", .text = (char *)(uintptr_t)"secret" };
	struct store_person p = { .kind = STORE_PERSON_AGENT, .since = at(1), .due_at = at(2) };
	int64_t account;

	begin();
	ck_assert_int_eq(store_account(s, "acme", &account), 0);
	ck_assert_int_eq(store_contact(s, account, "+447700900100", true, t0.wall, &c), 0);
	t = add(account, c.id, "a");
	n.ticket = t.id;
	p.contact = c.id;
	t.due_at = at(5);
	ck_assert_int_eq(store_ticket_save(s, &t), 0);
	ck_assert_int_eq(store_ticket_note_add(s, &n), 0);
	ck_assert_int_eq(store_person_put(s, &p), 0);
	ck_assert_int_eq(store_erase_begin(s, &c, t0.wall), 0);
	ck_assert_int_eq(store_ticket_get(s, t.id, &got), 0);
	ck_assert_str_eq(got.about, "");
	ck_assert_int_eq(got.state, STORE_TICKET_CLOSED);
	ck_assert_int_eq(got.due_at.ms, 0);
	ck_assert_int_eq(store_ticket_note_next(s, t.id, 0, &n), TW_E_UNKNOWN);
	ck_assert_int_eq(store_person(s, c.id, &p), TW_E_UNKNOWN);
	end();
}
END_TEST

static void add_tests(TCase *t)
{
	tcase_add_test(t, test_tags);
	tcase_add_test(t, test_rows);
	tcase_add_test(t, test_open_ones);
	tcase_add_test(t, test_notes_and_shown);
	tcase_add_test(t, test_persons);
	tcase_add_test(t, test_tallies);
	tcase_add_test(t, test_orders);
	tcase_add_test(t, test_erasure);
}

int main(void)
{
	return unit_run("store_ticket", add_tests);
}
