/* Operators by text: only when it is allowed, only from the number in `alert`, only with a code that was
 * sent to that number, and once. */
#include <stdio.h>

#include "world.h"

#define BOSS "+447700900209"
enum { MINUTE = 60 * 1000 };

static char empty[] = "", boss[] = BOSS, operator_[] = "23410", match[] = "is ([0-9.]+)", asked[] = "*100#";
static char dialled[] = "*121*{code}#", eur[] = "EUR";
static struct settings_balance entry;
static struct world w;
static size_t seen;

static void begin(bool on_disk)
{
	world_flow_text = "otherwise = \"Sorry\";";
	(on_disk ? world_open_file : world_open)(&w);
	seen = 0;
	w.settings.alert.number = boss;
	w.settings.alert.commands = true;
	w.settings.alert.email = w.settings.alert.webhook = empty;
	strcpy(w.bank->modems[0].name, "till");
	strcpy(w.bank->modems[1].name, "van");
	world_reload(&w);
}

static const char *flush(void)
{
	static char out[4096];
	size_t n = 0;

	out[0] = '\0';
	for (int i = 0; i < 8; i++) {
		for (int k = 0; k < 2; k++)
			if (fake_sending(w.bank, k))
				fake_sent(w.bank, k);
		world_turn(&w);
	}
	for (; seen < w.bank->n_sends; seen++)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%s", n ? " | " : "",
				      w.bank->sends[seen].text);
	return out;
}

static const char *hear(const char *from, const char *text)
{
	world_wait(&w, 1000);
	world_text(&w, 0, from, text);
	return flush();
}

/* The code of an answer such as "pause till: send back 123456 within 10 minutes, and it is done." */
static const char *code_in(const char *answer)
{
	static char code[16];
	const char *at = strstr(answer, "send back ");

	ck_assert_msg(at != NULL, "%s", answer);
	snprintf(code, sizeof(code), "%.6s", at + 10);
	ck_assert_uint_eq(strspn(code, "0123456789"), 6);
	return code;
}

static const char *code_for(const char *text)
{
	return code_in(hear(BOSS, text));
}

#define expect(got, wanted) ck_assert_str_eq(got, wanted)

static int audited(const char *action, const char *about, const char *outcome)
{
	struct store_audit a;
	int64_t before = 0;
	int n = 0;

	while (store_audit_before(w.store, before, &a) == 0) {
		before = a.id;
		n += !strcmp(a.action, action) && !strcmp(a.about, about) && !strcmp(a.outcome, outcome) &&
		     !strcmp(a.who, "text:" BOSS);
		store_audit_done(&a);
	}
	return n;
}

START_TEST(test_off)
{
	begin(false);
	w.settings.alert.commands = false;
	world_reload(&w);
	expect(hear(BOSS, "STATUS"), "Sorry");			/* anybody's text */
	w.settings.alert.commands = true;
	world_reload(&w);
	expect(hear(CUSTOMER, "STATUS"), "Sorry");
	expect(hear(CUSTOMER, "PAUSE till"), "Sorry");
	expect(hear(BOSS, "status quo"), "Sorry");		/* no command */
	expect(hear(BOSS, "PAUSE"), "Sorry");
	expect(hear(BOSS, "123456"), "Sorry");			/* nobody waits for a code */
	world_close(&w);
}
END_TEST

START_TEST(test_pause)
{
	char code[16];

	begin(false);
	expect(hear(BOSS, "PAUSE tll"), "No modem is called tll. There are: till, van.");
	strcpy(code, code_for(" pause   van "));
	ck_assert(!w.bank->modems[1].is_held);
	expect(hear(CUSTOMER, code), "Sorry");			/* a code is good from its number alone */
	ck_assert(!w.bank->modems[1].is_held);
	expect(hear(BOSS, code), "van is paused: it receives, and sends nothing.");
	ck_assert(w.bank->modems[1].is_held);
	expect(hear(BOSS, code), "This code was used already. Send the command again.");
	ck_assert_int_eq(audited("pause", "van", "done"), 1);
	ck_assert_int_eq(audited("code", "", "refused: used already"), 1);
	strcpy(code, code_for("Resume van"));
	expect(hear(BOSS, code), "van sends again.");
	ck_assert(!w.bank->modems[1].is_held);
	world_close(&w);
}
END_TEST

/* The modem that was texted is told last: its answer goes by another. */
START_TEST(test_pause_the_one_texted)
{
	begin(false);
	char code[16];

	strcpy(code, code_for("PAUSE till"));
	expect(hear(BOSS, code), "till is paused: it receives, and sends nothing.");
	ck_assert_int_eq(w.bank->sends[w.bank->n_sends - 1].modem, 1);
	ck_assert(w.bank->modems[0].is_held);
	world_close(&w);
}
END_TEST

START_TEST(test_status)
{
	const char *got;

	begin(false);
	got = hear(BOSS, code_for("status"));
	ck_assert_msg(strstr(got, "2 of 2 modems ready, database ok. Queue: 0 replies") == got, "%s", got);
	world_close(&w);
}
END_TEST

START_TEST(test_not_good_any_more)
{
	char code[16], wrong[16];

	begin(false);
	strcpy(code, code_for("PAUSE van"));
	world_wait(&w, 10 * MINUTE);
	expect(hear(BOSS, code), "This code is not good any more. Send the command again.");
	strcpy(code, code_for("PAUSE van"));
	strcpy(wrong, strcmp(code, "111111") ? "111111" : "222222");
	for (int i = 0; i < 5; i++)
		expect(hear(BOSS, wrong), "This is not the code.");
	expect(hear(BOSS, code), "This code is not good any more. Send the command again.");
	ck_assert(!w.bank->modems[1].is_held);
	ck_assert_int_eq(audited("code", "", "refused: too many wrong codes"), 1);
	world_close(&w);
}
END_TEST

/* Kept over a crash; done once whenever the process dies. */
START_TEST(test_crash)
{
	char code[16];

	begin(true);
	strcpy(code, code_for("PAUSE van"));
	world_wait(&w, 100);
	world_crash(&w);
	fake_text(w.bank, 0, BOSS, code, w.now.wall);
	if (_i == 0)
		world_crash(&w);
	fake_read_again(w.bank, 0);
	world_turn(&w);
	if (_i == 1)
		world_crash(&w);
	fake_read_again(w.bank, 0);
	flush();
	world_wait(&w, 1000);
	expect(hear(BOSS, code), "This code was used already. Send the command again.");
	ck_assert_int_eq(audited("pause", "van", "done"), 1);
	world_close(&w);
}
END_TEST

/* As the files of the account say it. */
START_TEST(test_own_words)
{
	char code[16];

	begin(false);
	world_reflow(&w, "otherwise = \"Sorry\"; texts = { operator_code = \"Zur Bestätigung: {code}\"; "
		     "operator_paused = { de = \"{name} macht Pause.\"; }; };");
	const char *asked_back = hear(BOSS, "PAUSE van");

	ck_assert_msg(!strncmp(asked_back, "Zur Bestätigung: ", 18), "%s", asked_back);
	tw_strset(code, sizeof(code), asked_back + 18);
	expect(hear(BOSS, code), "van macht Pause.");
	world_close(&w);
}
END_TEST

static void no_code_in(void *ctx, struct message *m)
{
	(void)ctx;
	ck_assert_msg(!m->text || !strstr(m->text, "4711471147"), "%s", m->text);
	message_done(m);
}

START_TEST(test_top_up)
{
	struct exchange_query q = { .state = -1, .direction = -1 };
	size_t jobs;

	begin(false);
	expect(hear(BOSS, code_for("TOPUP till 4711471147")),
	       "till is not topped up: `balance` has no `topup` for its operator.");
	entry = (struct settings_balance){ .operator_ = operator_, .ask = asked, .match = match,
					   .topup = dialled, .codes = empty, .every = 24 * 60 * MINUTE };
	w.settings.balance = &entry;
	w.settings.n_balance = 1;
	w.settings.currency = eur;
	strcpy(w.bank->modems[0].facts.imsi, "234101234567890");
	world_reload(&w);
	world_turn(&w);
	fake_job_ends(w.bank, MODEM_USSD_OVER, "Your balance is 1.00 EUR.");
	world_turn(&w);
	jobs = w.bank->n_jobs;
	expect(hear(BOSS, code_for("TOPUP till 4711471147")), "The code is dialled for till.");
	ck_assert_uint_eq(w.bank->n_jobs, jobs + 1);
	ck_assert_str_eq(w.bank->jobs[jobs].text, "*121*4711471147#");
	fake_job_ends(w.bank, MODEM_USSD_OVER, "Thank you.");
	world_turn(&w);
	expect(hear(BOSS, code_for("topup till 4711471147")),
	       "till is not topped up: this code was dialled before.");
	ck_assert_int_eq(audited("topup", "till", "done"), 3);
	ck_assert_int_ge(exchange_messages(w.x, &q, no_code_in, NULL), 0);
	world_close(&w);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, test_off);
	tcase_add_test(t, test_pause);
	tcase_add_test(t, test_pause_the_one_texted);
	tcase_add_test(t, test_status);
	tcase_add_test(t, test_not_good_any_more);
	tcase_add_loop_test(t, test_crash, 0, 3);
	tcase_add_test(t, test_own_words);
	tcase_add_test(t, test_top_up);
}

int main(void)
{
	return world_main("exchange_operator", add);
}
