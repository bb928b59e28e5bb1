/* Steps that leave the process: what is asked, what its answer does, who waits meanwhile, and that nothing
 * is lost or done twice, whatever dies or fails. */
#include <sqlite3.h>
#include <stdio.h>

#include "world.h"

enum { SECOND_MS = 1000, MINUTE = 60000, HOUR = 60 * MINUTE };

static struct world w;
static size_t seen;
static int64_t step_ms = SECOND_MS;

/* All that waits goes out, to CUSTOMER or with the number. */
static const char *flush(void)
{
	static char out[16384];
	size_t n = 0;

	out[0] = '\0';
	for (int quiet = 0; quiet < 3; quiet++) {
		for (int k = 0; k < 2; k++)
			if (fake_sending(w.bank, k)) {
				fake_sent(w.bank, k);
				quiet = 0;
			}
		world_turn(&w);
	}
	for (; seen < w.bank->n_sends; seen++) {
		const struct fake_send *s = &w.bank->sends[seen];
		bool other = strcmp(s->pdu.address.text, CUSTOMER) != 0;

		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%s%s%s", n ? " | " : "",
				      other ? s->pdu.address.text : "", other ? " " : "", s->text);
	}
	return out;
}

static const char *hear_from(const char *from, const char *text)
{
	w.now.mono.ms += step_ms;	/* the same text within a second would be the same message */
	w.now.wall.ms += step_ms;
	world_text(&w, 0, from, text);
	return flush();
}

static const char *hear(const char *text)
{
	return hear_from(CUSTOMER, text);
}

static const char *after(int64_t ms)
{
	world_wait(&w, ms);
	return flush();
}

static const char *answer(int status, const char *type, const char *body)
{
	struct fake_call *c = fake_hook_open(&w.outside);

	ck_assert_ptr_nonnull(c);
	fake_hook_answer(&w.outside, c, status, type, body);
	world_turn(&w);
	return flush();
}

static const char *says(const char *body)
{
	return answer(200, "text/plain", body);
}

#define FLOW "fields = ( { name = \"nps\"; type = \"integer\"; } ); otherwise = \"What?\"; keywords = ( { match = \"STOCK\"; " \
	"do = ( { webhook = { url = \"https://shop.example/s?q={args}\"; fallback = \"We call you.\"; timeout = \"10s\"; }; }, " \
	"\"Done.\" ); }, { match = \"HOURS\"; reply = \"8-18\"; }, { match = \"ECHO\"; reply = \"{args}\"; }, { match = \"RUN\"; do = " \
	"( { exec = { program = \"price\"; arguments = [ \"--\", \"{args}\" ]; fallback = \"No price.\"; }; } ); }, { match = " \
	"\"RERUN\"; do = ( { exec = { program = \"price\"; repeat = true; fallback = \"No price.\"; }; } ); }, { match = " \
	"\"MAIL\"; do = ( { email = { to = \"a@shop.example\"; subject = \"S {args}\"; text = \"T {args}\"; fallback = \"No " \
	"mail.\"; }; }, \"Mailed.\" ); }, { match = \"ASK\"; do = ( { webhook = { url = \"https://shop.example/a\"; }; }, { ask = " \
	"\"How many?\"; save = \"nps\"; label = \"many\"; }, \"Noted {nps}.\" ); }, { match = \"LATER\"; do = ( { wait = \"1h\"; }, { " \
	"webhook = { url = \"https://shop.example/l\"; fallback = \"None.\"; }; } ); }, { match = \"CALLS\"; do = ( { call_forward = { " \
	"to = \"+447700900500\"; for = \"2h\"; fallback = \"They stay.\"; }; }, \"Calls: done.\" ); } );"

static void open_with(bool on_disk)
{
	world_flow_text = FLOW;
	seen = 0;
	(on_disk ? world_open_file : world_open)(&w);
}

#define expect(got, wanted) ck_assert_str_eq(got, wanted)

static int count_events(const char *kind, const char *holds)
{
	struct store_event e;
	int64_t before = 0;
	int n = 0;

	while (store_event_before(w.store, before, &e) == 0) {
		before = e.id;
		n += !strcmp(e.kind, kind) && strstr(e.text, holds);
		store_event_done(&e);
	}
	return n;
}

START_TEST(test_webhook)
{
	struct fake_call *c;
	char wanted[512];

	open_with(false);
	expect(hear("HOURS"), "8-18");
	expect(hear("stock red \"paint\""), "");
	c = fake_hook_open(&w.outside);
	ck_assert(c && c->kind == HOOK_JSON && c->is_post && c->is_trusted);
	ck_assert_str_eq(c->url, "https://shop.example/s?q=red%20%22paint%22");
	snprintf(wanted, sizeof(wanted), "{\"id\":\"%s\",\"account\":\"default\",\"contact\":{\"number\":\"" CUSTOMER "\","
		 "\"name\":null,\"language\":null,\"fields\":{}},\"message\":\"stock red \\\"paint\\\"\",\"long_number\":"
		 "\"" FIRST "\",\"keyword\":\"STOCK\",\"step\":\"3\"}", c->name);
	ck_assert_str_eq(c->body, wanted);
	expect(says("Two left: {nps}."), "Two left: {nps}. | Done.");
	expect(hear("stock"), "");
	expect(answer(204, "", ""), "Done.");
	hear("stock");
	expect(answer(200, "application/json", "{\"set\":{\"nps\":3},\"reply\":[\"One\",\"Two\"]}"), "One | Two | Done.");
	hear("stock");
	ck_assert_ptr_nonnull(strstr(fake_hook_open(&w.outside)->body, "\"fields\":{\"nps\":3}"));
	expect(answer(200, "application/json", "{\"go\":\"many\"}"), "How many?");
	expect(hear("4"), "Noted 4.");
	world_close(&w);
}
END_TEST

/* Each field as what it is declared to be; what does not fit is null, and what nobody declares a text. */
START_TEST(test_types)
{
	static const struct { const char *name, *value; } rows[] = {
		{ "age", "042" }, { "born", "1984-02-29" }, { "height", "1.5" }, { "is_member", "1" }, { "note", "3" },
		{ "old", "7" }, { "wrong", "many" }, { "yes", "No" } };

	open_with(false);
	world_reflow(&w, "fields = ( { name = \"age\"; type = \"integer\"; }, { name = \"born\"; type = \"date\"; }, "
		     "{ name = \"height\"; type = \"number\"; }, { name = \"is_member\"; type = \"boolean\"; }, "
		     "{ name = \"note\"; }, { name = \"wrong\"; type = \"integer\"; }, "
		     "{ name = \"yes\"; type = \"boolean\"; } ); "
		     "keywords = ( { match = \"STOCK\"; webhook = { url = \"https://shop.example/s\"; }; } );");
	hear("hello");
	for (size_t i = 0; i < TW_COUNT(rows); i++)
		ck_assert_int_eq(store_field_put(w.store, 1, rows[i].name, rows[i].value), 0);
	hear("stock");
	const char *body = fake_hook_open(&w.outside)->body;

	ck_assert_msg(strstr(body, "\"fields\":{\"age\":42,\"born\":\"1984-02-29\",\"height\":1.5,\"is_member\":true,"
			     "\"note\":\"3\",\"old\":\"7\",\"wrong\":null,\"yes\":false}") != NULL, "%s", body);
	world_close(&w);
}
END_TEST

START_TEST(test_fallback)
{
	open_with(false);
	hear("stock");
	expect(answer(500, "text/plain", "broken"), "We call you. | Done.");
	ck_assert_int_eq(count_events("step.failed", "webhook: "), 1);
	hear("stock");
	expect(answer(200, "text/html", "<p>Hello"), "We call you. | Done.");
	hear("stock");
	expect(answer(200, "application/json", "{\"go\":\"nowhere\"}"), "We call you. | Done.");
	ck_assert_int_eq(count_events("step.failed", "no label and no keyword"), 1);
	hear("stock");
	fake_hook_fail(&w.outside, fake_hook_open(&w.outside), HOOK_NO_CONNECTION);
	world_turn(&w);
	expect(flush(), "We call you. | Done.");
	world_close(&w);
}
END_TEST

/* The time is over; what comes then is nobody's, also when the same row asks again. */
START_TEST(test_late)
{
	struct fake_call *first;

	open_with(false);
	hear("stock one");
	first = fake_hook_open(&w.outside);
	expect(after(9 * SECOND_MS), "");
	expect(after(2 * SECOND_MS), "We call you. | Done.");
	hear("stock two");
	if (!first->is_over)
		fake_hook_answer(&w.outside, first, 200, "text/plain", "Old news.");
	world_turn(&w);
	expect(flush(), "");
	expect(says("Two left."), "Two left. | Done.");
	world_close(&w);
}
END_TEST

START_TEST(test_texts_wait)
{
	open_with(true);
	hear("stock");
	expect(hear("echo 1"), "");
	expect(hear("hours"), "");
	expect(hear("echo 2"), "");
	expect(hear_from(OTHER_CUSTOMER, "hours"), OTHER_CUSTOMER " 8-18");
	world_crash(&w);
	expect(flush(), "");
	expect(says("Two left."), "Two left. | Done. | 1 | 8-18 | 2");
	/* one of them parks again: those behind it wait for that, too */
	hear("stock");
	hear("echo 1");
	hear("stock b");
	hear("echo 2");
	expect(says("A"), "A | Done. | 1");
	expect(says("B"), "B | Done. | 2");
	/* the answer to the question that comes next */
	hear("ask");
	expect(hear("7"), "");
	expect(says(""), "How many? | Noted 7.");
	world_close(&w);
}
END_TEST

START_TEST(test_the_21st)
{
	char text[32], wanted[1024] = "We call you. | Done.";

	open_with(true);
	step_ms = 100;
	hear("stock");
	for (int i = 1; i <= 20; i++) {
		snprintf(text, sizeof(text), "echo %d", i);
		expect(hear(text), "");
		snprintf(wanted + strlen(wanted), sizeof(wanted) - strlen(wanted), " | %d", i);
	}
	world_crash(&w);
	strcat(wanted, " | 21");
	expect(hear("echo 21"), wanted);
	expect(hear("hours"), "8-18");
	world_close(&w);
}
END_TEST

/* It is heard at once, and nothing that was begun before it says anything any more. */
START_TEST(test_stop)
{
	open_with(false);
	hear("stock");
	hear("echo 1");
	ck_assert_ptr_nonnull(strstr(hear("STOP"), "no more"));
	expect(says("Two left."), "");
	expect(after(HOUR), "");
	expect(hear("hours"), "8-18");
	/* a keyword texted anew may still be answered, though its answer comes from elsewhere … */
	hear("stock");
	expect(says("Two left."), "Two left. | Done.");
	/* … but nothing that the clock began */
	hear("later");
	after(2 * HOUR);
	expect(says("Three left."), "");
	world_close(&w);
}
END_TEST

/* Whoever it belongs to, another account's keyword on the same number is answered at once. */
START_TEST(test_two_accounts)
{
	world_other_text = "account = \"acme\"; keywords = ( { match = \"PIZZA\"; reply = \"Tomato\"; } );";
	open_with(false);
	w.settings.n_accounts = 2;
	world_reload(&w);
	hear("stock");
	expect(hear("hours"), "");
	expect(hear("pizza"), "Tomato");
	expect(says("Two left."), "Two left. | Done. | 8-18");
	world_close(&w);
	world_other_text = "";
}
END_TEST

/* It finishes on the flow that asked. */
START_TEST(test_over_a_reload)
{
	open_with(true);
	hear("stock");
	world_reflow(&w, "keywords = ( { match = \"STOCK\"; reply = \"No more.\"; } );");
	world_crash(&w);
	hear("stock");
	expect(answer(500, "text/plain", ""), "We call you. | Done. | No more.");
	world_close(&w);
}
END_TEST

/* `reload --move` takes along who stands at a label; who waits for an answer finishes where they asked,
 * whatever there is of the label by now. */
START_TEST(test_over_a_reload_move)
{
	static const char *const begin[] = { "go look", "go run" }, *const answers[] = { "Two left.", "9.50" };
	static const char before[] = "keywords = ( { match = \"GO LOOK\"; do = ( { label = \"look\"; webhook = { url = "
		"\"https://shop.example/s\"; fallback = \"We call you.\"; }; }, \"Old end.\" ); }, { match = \"GO RUN\"; do = "
		"( { label = \"run\"; exec = { program = \"price\"; }; }, \"Old end.\" ); } );";
	static const char *const after_it[] = {
		"keywords = ( { match = \"GO LOOK\"; do = ( { label = \"look\"; webhook = { url = \"https://shop.example/n\"; }; "
		"}, \"New end.\" ); }, { match = \"GO RUN\"; do = ( { label = \"run\"; exec = { program = \"other\"; }; }, "
		"\"New end.\" ); } );",
		"keywords = ( { match = \"HOURS\"; reply = \"8-18\"; } );",
	};
	struct exchange_moves m;

	world_flow_text = before;
	seen = 0;
	world_open_file(&w);
	expect(hear(begin[_i % 2]), "");
	world_reflow(&w, after_it[_i / 2]);
	ck_assert_int_eq(exchange_move(w.x, w.now, &m), 0);
	ck_assert_int_eq(m.moved + m.ended, 0);
	ck_assert_int_eq(m.stay, 1);
	world_turn(&w);
	if (_i % 2 == 0)	/* a program does not run twice */
		world_crash(&w);
	expect(flush(), "");
	expect(answer(_i % 2 ? 0 : 200, _i % 2 ? "" : "text/plain", answers[_i % 2]),
	       _i % 2 ? "9.50 | Old end." : "Two left. | Old end.");
	world_close(&w);
}
END_TEST

/* Nobody is told what was asked about somebody who is not known any more. */
START_TEST(test_erased)
{
	open_with(false);
	hear("stock");
	hear("hours");
	ck_assert_int_ge(exchange_contact_erase(w.x, "default", CUSTOMER, "tester", w.now), 0);
	world_turn(&w);
	if (fake_hook_open(&w.outside))
		expect(says("Two left."), "");
	expect(after(MINUTE), "");
	expect(hear("hours"), "8-18");
	world_close(&w);
}
END_TEST

START_TEST(test_help_does_not_wait)
{
	open_with(false);
	hear("stock");
	ck_assert(*hear("HELP"));
	expect(says("Two left."), "Two left. | Done.");
	world_close(&w);
}
END_TEST

START_TEST(test_exec)
{
	struct fake_call *c;

	open_with(false);
	hear("run a\nb --x");
	c = fake_hook_open(&w.outside);
	ck_assert(c && c->kind == HOOK_PROGRAM);
	ck_assert_str_eq(c->head, "--\na%0Ab%20--x\n");
	ck_assert_ptr_nonnull(strstr(c->body, "\"message\":\"run a\\nb --x\""));
	expect(answer(0, "", "9.50\n"), "9.50");
	hear("run x");
	expect(answer(0, "", "{\"reply\":\"ten\"}"), "ten");
	hear("run x");
	expect(answer(3, "", "9.50\n"), "No price.");
	world_close(&w);
}
END_TEST

/* Whether it ran nobody knows: not again, unless that does no harm. */
START_TEST(test_exec_over_a_crash)
{
	open_with(true);
	hear("run x");
	ck_assert_uint_eq(w.outside.n, 1);
	world_crash(&w);
	expect(flush(), "No price.");
	ck_assert_uint_eq(w.outside.n, 1);
	hear("rerun x");
	world_crash(&w);
	expect(flush(), "");
	ck_assert_uint_eq(w.outside.n, 3);
	ck_assert_str_eq(w.outside.calls[1].name, w.outside.calls[2].name);
	expect(answer(0, "", "9.50"), "9.50");
	world_close(&w);
}
END_TEST

START_TEST(test_webhook_over_a_crash)
{
	open_with(true);
	hear("stock");
	world_crash(&w);
	expect(flush(), "");
	ck_assert_uint_eq(w.outside.n, 2);
	ck_assert_str_eq(w.outside.calls[0].name, w.outside.calls[1].name);
	ck_assert_str_eq(w.outside.calls[0].body, w.outside.calls[1].body);
	expect(says("Two left."), "Two left. | Done.");
	/* its time went by while nobody was there */
	hear("stock");
	w.now.mono.ms += MINUTE;
	w.now.wall.ms += MINUTE;
	world_crash(&w);
	expect(flush(), "We call you. | Done.");
	world_close(&w);
}
END_TEST

START_TEST(test_mail)
{
	struct fake_call *c;

	open_with(false);
	hear("mail x");
	c = fake_hook_open(&w.outside);
	ck_assert(c && c->kind == HOOK_MAIL);
	ck_assert_str_eq(c->url, "a@shop.example");
	ck_assert_str_eq(c->head, "S x");
	ck_assert_str_eq(c->body, "T x");
	expect(answer(250, "", "whatever the server said"), "Mailed.");
	hear("mail y");
	expect(after(11 * SECOND_MS), "No mail. | Mailed.");
	world_close(&w);
}
END_TEST

/* ---- calls that ring elsewhere ------------------------------------------------------------- */

static const char *job_text(size_t i)
{
	ck_assert_uint_gt(w.bank->n_jobs, i);
	return w.bank->jobs[i].text;
}

static const char *job_ends(int64_t result, const char *text)
{
	fake_job_ends(w.bank, result, text);
	world_turn(&w);
	return flush();
}

static void open_dedicated(bool on_disk)
{
	open_with(on_disk);
	tw_strset(w.bank->modems[0].account, sizeof(w.bank->modems[0].account), "default");
	world_reload(&w);
}

START_TEST(test_call_forward)
{
	open_dedicated(true);
	expect(hear("calls"), "");
	ck_assert_str_eq(job_text(0), "AT+CCFC=0,3,\"+447700900500\",145,1");
	expect(job_ends(AT_OK, ""), "Calls: done.");
	expect(hear_from(OTHER_CUSTOMER, "calls"), OTHER_CUSTOMER " They stay. | " OTHER_CUSTOMER " Calls: done.");
	expect(after(2 * HOUR - MINUTE), "");
	ck_assert_uint_eq(w.bank->n_jobs, 1);
	world_crash(&w);
	after(2 * MINUTE);
	ck_assert_uint_eq(w.bank->n_jobs, 2);
	ck_assert_str_eq(job_text(1), "AT+CCFC=0,4");
	job_ends(AT_ERROR, "");		/* until the network has said so */
	after(2 * MINUTE);
	ck_assert_str_eq(job_text(2), "AT+CCFC=0,4");
	ck_assert_int_eq(count_events("call_forward.stays", ""), 1);
	job_ends(AT_OK, "");
	after(2 * HOUR);
	ck_assert_uint_eq(w.bank->n_jobs, 3);
	hear("calls");
	ck_assert_str_eq(job_text(3), "AT+CCFC=0,3,\"+447700900500\",145,1");
	world_close(&w);
}
END_TEST

START_TEST(test_call_forward_refused)
{
	open_with(false);
	expect(hear("calls"), "They stay. | Calls: done.");	/* a number that is shared */
	ck_assert_uint_eq(w.bank->n_jobs, 0);
	ck_assert_int_eq(count_events("call_forward.refused", "not dedicated"), 1);
	world_close(&w);
	open_dedicated(false);
	hear("calls");
	expect(job_ends(AT_ERROR, ""), "They stay. | Calls: done.");
	after(3 * HOUR);
	ck_assert_uint_eq(w.bank->n_jobs, 1);	/* there is nothing to take back */
	world_close(&w);
}
END_TEST

/* Nobody knows whether it was set, or nobody waits for it any more: it is taken back. */
START_TEST(test_call_forward_in_doubt)
{
	open_dedicated(true);
	hear("calls");
	world_crash(&w);
	expect(flush(), "They stay. | Calls: done.");
	ck_assert_str_eq(job_text(1), "AT+CCFC=0,4");
	job_ends(AT_OK, "");
	hear("calls");
	expect(after(2 * MINUTE + SECOND_MS), "They stay. | Calls: done.");
	ck_assert_uint_eq(w.bank->n_jobs, 3);
	expect(job_ends(AT_OK, ""), "");
	ck_assert_str_eq(job_text(3), "AT+CCFC=0,4");
	world_close(&w);
}
END_TEST

/* ---- whatever fails ------------------------------------------------------------------------ */

static int answer_all(void *ctx, const struct fake_call *call, struct hook_answer *ret)
{
	(void)ctx, (void)call;
	*ret = (struct hook_answer){ .status = 200, .type = "text/plain", .body = "Two left.", .body_n = 9 };
	return 1;
}

static int count_said(const char *text)
{
	int n = 0;

	for (size_t i = 0; i < w.bank->n_sends; i++)
		n += w.bank->sends[i].accepted && !strcmp(w.bank->sends[i].text, text);
	return n;
}

static void move(void)
{
	for (int i = 0; i < 8; i++) {
		for (int k = 0; k < 2; k++) {
			if (fake_sending(w.bank, k))
				fake_sent(w.bank, k);
			if (fake_on_sim(w.bank, k))
				fake_read_again(w.bank, k);
		}
		world_wait(&w, 700);
	}
}

/* Each step once, in their order, though any statement or COMMIT may fail. */
static void tell(int nth, int code, bool only_commits)
{
	open_with(false);
	w.outside.answer = answer_all;
	world_inject(&w, nth, code, only_commits);
	fake_text(w.bank, 0, CUSTOMER, "stock", w.now.wall);
	fake_text(w.bank, 0, CUSTOMER, "hours", wall_after(w.now.wall, 1));
	world_turn(&w);
	move();
	move();
	world_inject(&w, 0, 0, false);
	move();
	ck_assert_msg(count_said("Two left.") + count_said("We call you.") == 1, "%d %d: %d %d", nth, code,
		      count_said("Two left."), count_said("We call you."));
	ck_assert_msg(count_said("Done.") == 1 && count_said("8-18") == 1, "%d %d: %d %d", nth, code,
		      count_said("Done."), count_said("8-18"));
	ck_assert_uint_ge(w.outside.n, 1);
	world_close(&w);
}

START_TEST(test_each_statement_fails_once)
{
	static const int codes[] = { SQLITE_FULL, SQLITE_IOERR_FSYNC, SQLITE_ERROR, SQLITE_CONSTRAINT };

	for (int nth = 1 + _i; nth < 240; nth += 4)
		tell(nth, codes[nth / 4 % (int)TW_COUNT(codes)], false);
}
END_TEST

START_TEST(test_each_commit_fails_once)
{
	for (int nth = 1; nth < 16; nth++)
		tell(nth, SQLITE_FULL, true);
}
END_TEST

static void add_tests(TCase *t)
{
	tcase_add_test(t, test_webhook);
	tcase_add_test(t, test_types);
	tcase_add_test(t, test_fallback);
	tcase_add_test(t, test_late);
	tcase_add_test(t, test_texts_wait);
	tcase_add_test(t, test_the_21st);
	tcase_add_test(t, test_stop);
	tcase_add_test(t, test_two_accounts);
	tcase_add_test(t, test_over_a_reload);
	tcase_add_loop_test(t, test_over_a_reload_move, 0, 4);
	tcase_add_test(t, test_erased);
	tcase_add_test(t, test_help_does_not_wait);
	tcase_add_test(t, test_exec);
	tcase_add_test(t, test_exec_over_a_crash);
	tcase_add_test(t, test_webhook_over_a_crash);
	tcase_add_test(t, test_mail);
	tcase_add_test(t, test_call_forward);
	tcase_add_test(t, test_call_forward_refused);
	tcase_add_test(t, test_call_forward_in_doubt);
	tcase_add_loop_test(t, test_each_statement_fails_once, 0, 4);
	tcase_add_test(t, test_each_commit_fails_once);
}

int main(void)
{
	return world_main("exchange_away", add_tests);
}
