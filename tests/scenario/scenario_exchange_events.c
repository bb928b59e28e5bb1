/* What happens, told to other programs: states of messages to their own URL in Twilio's form, everything to
 * the account's `events` as Standard Webhooks, what needs a person by mail. */
#include "world.h"

#include <stdio.h>

#define STATES "https://app.example/status?id=1"
#define EVENTS "https://app.example/events"

static struct world w;

static void open_plain(void)
{
	world_open(&w);
}

static void open_told(void)
{
	world_open_file(&w);
	w.accounts[0].events = (char *)(uintptr_t)EVENTS;
}

static void close_world(void)
{
	world_close(&w);
}

static void settle(void)
{
	do
		world_turn(&w);
	while (mono_due(w.deadline, w.now.mono));
}

/* The send in flight ends well; its reference. */
static int sent(int modem)
{
	size_t at = w.bank->modems[modem].sending_at;

	ck_assert(w.bank->modems[modem].sending);
	fake_sent(w.bank, modem);
	return w.bank->sends[at].ref;
}

static int yes(void *ctx, const struct fake_call *c, struct hook_answer *ret)
{
	(void)ctx, (void)c;
	*ret = (struct hook_answer){ .status = 204 };
	return 1;
}

static const char *post(const char *from, const char *pool, int64_t in_ms)
{
	struct exchange_refusal refusal;

	return world_post_full(&w, &(struct exchange_post){
		.to = CUSTOMER, .text = "Ready", .from = from, .pool = pool, .lane = LANE_API, .callback = STATES,
		.send_at = { in_ms ? w.now.wall.ms + in_ms : 0 } }, &refusal);
}

/* What was told, in order: "queued sent failed:30005". */
static const char *told(void)
{
	static char out[512];
	size_t n = 0;

	out[0] = 0;
	for (size_t i = 0; i < w.outside.n; i++) {
		const char *at = strstr(w.outside.calls[i].body, "MessageStatus="), *code;

		ck_assert(at);
		at += strlen("MessageStatus=");
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%.*s", n ? " " : "", (int)strcspn(at, "&"), at);
		code = strstr(w.outside.calls[i].body, "ErrorCode=");
		if (code)
			n += (size_t)snprintf(out + n, sizeof(out) - n, ":%.*s", (int)strcspn(code + 10, "&"), code + 10);
	}
	return out;
}

/* From a number that is known nothing is told before it is sent; the choice of one is `queued`. */
START_TEST(test_states)
{
	w.outside.answer = yes;
	ck_assert(post(FIRST, NULL, 0));
	settle();
	ck_assert_str_eq(told(), "");
	int ref = sent(0);

	settle();
	ck_assert_str_eq(told(), "sent");
	struct fake_call *c = &w.outside.calls[0];

	ck_assert(c->kind == HOOK_FORM && c->is_post && !c->is_trusted);
	ck_assert_str_eq(c->url, STATES);
	ck_assert(strstr(c->body, "&To=%2B447700900100&From=%2B447700900001") && strstr(c->body, "SmsStatus=sent&"));
	ck_assert(strstr(c->body, "MessageSid=SM") && !strstr(c->body, "Body=") && !strstr(c->body, "Error"));
	fake_report(w.bank, 0, CUSTOMER, ref, 0, w.now.wall);
	settle();
	ck_assert_str_eq(told(), "sent delivered");
}
END_TEST

START_TEST(test_chosen_number)
{
	w.outside.answer = yes;
	ck_assert(post(NULL, NULL, 0));
	settle();
	ck_assert_str_eq(told(), "queued");
	sent(w.bank->modems[0].sending ? 0 : 1);
	settle();
	ck_assert_str_eq(told(), "queued sent");
}
END_TEST

START_TEST(test_scheduled)
{
	const char *id = post(FIRST, NULL, 3600 * 1000);

	w.outside.answer = yes;
	settle();
	ck_assert_str_eq(told(), "");
	world_wait(&w, 3600 * 1000 + 1000);
	ck_assert_str_eq(told(), "queued");
	sent(0);
	settle();
	ck_assert_str_eq(told(), "queued sent");
	id = post(FIRST, NULL, 3600 * 1000);
	struct message canceled;

	ck_assert(id);
	ck_assert_int_eq(exchange_cancel(w.x, id, w.now, &canceled), 0);
	message_done(&canceled);
	settle();
	ck_assert_str_eq(told(), "queued sent canceled");
}
END_TEST

/* One that is not told holds up no other message, and its own follow it in order. */
START_TEST(test_order)
{
	ck_assert(post(FIRST, NULL, 0));
	settle();
	int ref = sent(0);

	settle();
	fake_report(w.bank, 0, CUSTOMER, ref, 0, w.now.wall);
	settle();
	ck_assert_uint_eq(fake_hook_count(&w.outside), 1);
	ck_assert_str_eq(told(), "sent");
	ck_assert(post(SECOND, NULL, 0));
	settle();
	sent(1);
	settle();
	ck_assert_uint_eq(fake_hook_count(&w.outside), 2);
	fake_hook_fail(&w.outside, &w.outside.calls[0], HOOK_NO_ANSWER);
	settle();
	ck_assert_str_eq(told(), "sent sent delivered");
	ck_assert_ptr_ne(strstr(w.outside.calls[2].body, "MessageStatus=delivered"), NULL);
}
END_TEST

/* ---- events -------------------------------------------------------------------------------- */

static const char *types(void)
{
	static char out[1024];
	size_t n = 0;

	out[0] = 0;
	for (size_t i = 0; i < w.outside.n; i++) {
		const char *at = strstr(w.outside.calls[i].body, "\"type\":\"");

		ck_assert(at && w.outside.calls[i].kind == HOOK_EVENT);
		at += strlen("\"type\":\"");
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%.*s", n ? " " : "", (int)strcspn(at, "\""), at);
	}
	return out;
}

START_TEST(test_events)
{
	w.outside.answer = yes;
	world_text(&w, 0, CUSTOMER, "HOURS");
	settle();
	ck_assert_str_eq(types(), "message.received message.queued message.sending");
	ck_assert(w.outside.calls[0].is_trusted);
	ck_assert_str_eq(w.outside.calls[0].url, EVENTS);
	ck_assert(strstr(w.outside.calls[0].body, "\"text\":\"HOURS\"") &&
		  strstr(w.outside.calls[0].body, "\"from\":\"" CUSTOMER "\""));
	ck_assert(strstr(w.outside.calls[2].body, "\"state\":\"sending\""));
	sent(0);
	world_wait(&w, 1000);
	world_text(&w, 0, CUSTOMER, "STOP");
	settle();
	ck_assert(strstr(types(), "message.sent message.received consent.stop message.queued"));
}
END_TEST

/* A contact's events wait for each other, those of another do not; a death and a new start change neither
 * order nor names, and nothing is left out. */
START_TEST(test_order_of_events)
{
	char name[HOOK_NAME_MAX];

	world_text(&w, 0, CUSTOMER, "HOURS");
	world_text(&w, 1, OTHER_CUSTOMER, "HOURS");
	settle();
	ck_assert_str_eq(types(), "message.received message.received");
	tw_strset(name, sizeof(name), w.outside.calls[0].name);
	world_crash(&w);
	settle();
	ck_assert_str_eq(types(), "message.received message.received message.received message.received");
	ck_assert_str_eq(w.outside.calls[2].name, name);
	fake_hook_answer(&w.outside, &w.outside.calls[2], 200, NULL, NULL);
	settle();
	ck_assert_uint_eq(w.outside.n, 5);
	ck_assert(strstr(w.outside.calls[4].body, "message.queued") && strstr(w.outside.calls[4].body, CUSTOMER));
}
END_TEST

/* Two days of refusals: dead, looked at, tried again by hand. */
START_TEST(test_dead)
{
	char name[STORE_ID_MAX];
	struct exchange_dead dead;

	world_text(&w, 0, CUSTOMER, "what?");
	for (int64_t end = w.now.wall.ms + 3 * 24 * 3600 * INT64_C(1000); w.now.wall.ms < end; world_wait(&w, 300 * 1000))
		for (struct fake_call *c; (c = fake_hook_open(&w.outside)) != NULL; world_turn(&w))
			fake_hook_answer(&w.outside, c, 500, NULL, NULL);
	ck_assert_int_eq(exchange_dead_hook(w.x, NULL, NULL, &dead), 0);
	tw_strset(name, sizeof(name), dead.name);
	ck_assert(strstr(dead.row.body, "\"type\":\"message.") && dead.row.error && !strcmp(dead.account, "default"));
	store_hook_done(&dead.row);
	ck_assert_int_eq(exchange_dead_replay(w.x, "acme", name, w.now), TW_E_UNKNOWN);
	ck_assert_int_eq(exchange_dead_replay(w.x, "default", "WH00", w.now), TW_E_UNKNOWN);
	ck_assert_int_eq(exchange_dead_replay(w.x, "default", name, w.now), 0);
	settle();
	ck_assert_str_eq(fake_hook_open(&w.outside)->name, name);
	ck_assert_int_eq(exchange_dead_drop(w.x, "default", name, w.now), TW_E_UNKNOWN);	/* it is not dead */
	fake_hook_answer(&w.outside, fake_hook_open(&w.outside), 200, NULL, NULL);
	settle();
	ck_assert_int_eq(exchange_dead_hook(w.x, "default", NULL, &dead), 0);
	tw_strset(name, sizeof(name), dead.name);
	store_hook_done(&dead.row);
	ck_assert_int_eq(exchange_dead_drop(w.x, NULL, name, w.now), 0);
	ck_assert_int_eq(exchange_dead_drop(w.x, NULL, name, w.now), TW_E_UNKNOWN);
}
END_TEST

/* What is told of a contact goes with them. */
START_TEST(test_erased)
{
	world_text(&w, 0, CUSTOMER, "HOURS");
	settle();
	sent(0);
	world_wait(&w, 1000);
	ck_assert_uint_eq(fake_hook_count(&w.outside), 1);
	ck_assert_int_eq(exchange_contact_erase(w.x, NULL, CUSTOMER, "test", w.now), 1);
	settle();
	fake_hook_answer(&w.outside, fake_hook_open(&w.outside), 500, NULL, NULL);
	world_wait(&w, 3600 * 1000);
	for (size_t i = 1; i < w.outside.n; i++)
		ck_assert_msg(!strstr(w.outside.calls[i].body, CUSTOMER), "%s", w.outside.calls[i].body);
}
END_TEST

/* ---- what needs a person ------------------------------------------------------------------- */

START_TEST(test_alert)
{
	size_t mails = 0, hooks = 0;

	w.settings.alert.email = (char *)(uintptr_t)"night@example.org";
	w.settings.alert.webhook = (char *)(uintptr_t)"https://pager.example/";
	w.outside.answer = yes;
	world_reload(&w);
	w.bank->modems[0].facts.state = MODEM_LOCKED;
	fake_event(w.bank, 0, (struct modem_event){ .type = MODEM_EV_STATE, .state = MODEM_LOCKED, .text = "" });
	world_wait(&w, 60 * 1000);
	for (size_t i = 0; i < w.outside.n; i++) {
		const struct fake_call *c = &w.outside.calls[i];

		mails += c->kind == HOOK_MAIL && !strcmp(c->url, "night@example.org") && strstr(c->body, "locked");
		hooks += c->kind == HOOK_EVENT && !strcmp(c->url, "https://pager.example/") &&
			 strstr(c->body, "locked");
	}
	ck_assert_uint_eq(mails, 1);
	ck_assert_uint_eq(hooks, 1);
	world_wait(&w, 3 * 3600 * 1000);
	ck_assert_uint_eq(w.outside.n, 2);	/* once */
}
END_TEST

static void add(TCase *t)
{
	tcase_add_checked_fixture(t, open_plain, close_world);
	tcase_add_test(t, test_states);
	tcase_add_test(t, test_chosen_number);
	tcase_add_test(t, test_scheduled);
	tcase_add_test(t, test_order);
	tcase_add_test(t, test_alert);
}

static void add_events(TCase *t)
{
	tcase_add_checked_fixture(t, open_told, close_world);
	tcase_add_test(t, test_events);
	tcase_add_test(t, test_order_of_events);
	tcase_add_test(t, test_dead);
	tcase_add_test(t, test_erased);
}

int main(void)
{
	int failed = world_main("exchange_callbacks", add);

	return failed + world_main("exchange_events", add_events);
}
