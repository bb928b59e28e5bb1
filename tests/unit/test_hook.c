/* The engine over a store in memory and a transport that the test answers. */
#include "run.h"
#include "../scenario/fake_hook.h"

#include "../../src/hook/internal.h"

#include <stdio.h>
#include <unistd.h>

#define URL "http://shop.example/hook"

static struct bench {
	struct store *store;
	struct hook *h;
	struct fake_hook fake;
	struct settings settings;
	struct settings_account account;
	struct tw_now now;
	char path[64], token[80], secret[80];
} b;

static void attach(void)
{
	struct store_setup setup = { .path = b.path, .create = true, .seed = 5 };

	ck_assert_int_eq(store_open(&setup, b.now, &b.store, NULL), 0);
	ck_assert_int_eq(hook_new(&(struct hook_setup){
		.store = b.store, .settings = &b.settings, .transport = &b.fake.transport, .seed = 3 },
		&b.h), 0);
	b.fake.hook = b.h;
}

static void open_bench(void)
{
	FILE *f;

	memset(&b, 0, sizeof(b));
	b.now = (struct tw_now){ { 1000 }, { 1767603600000 } };
	snprintf(b.path, sizeof(b.path), "/tmp/twoway-hook-%d.db", (int)getpid());
	snprintf(b.token, sizeof(b.token), "/tmp/twoway-hook-%d.token", (int)getpid());
	snprintf(b.secret, sizeof(b.secret), "/tmp/twoway-hook-%d.secret", (int)getpid());
	f = fopen(b.token, "w");
	fputs("0123456789abcdef0123456789abcdef\n", f);
	fclose(f);
	b.account = (struct settings_account){ .name = (char *)(uintptr_t)"acme", .token_file = b.token,
					       .sid = (char *)(uintptr_t)"" };
	b.settings = (struct settings){ .accounts = &b.account, .n_accounts = 1,
					.exec_folder = (char *)(uintptr_t)"/etc/twoway/exec" };
	fake_hook_init(&b.fake);
	attach();
}

static void remove_files(void)
{
	static const char *const ends[] = { "", "-wal", "-shm", ".lock" };
	char *path;

	for (size_t i = 0; i < TW_COUNT(ends); i++) {
		path = tw_printf("%s%s", b.path, ends[i]);
		unlink(path);
		free(path);
	}
	path = tw_printf("%.*s.id", (int)strlen(b.path) - 3, b.path);
	unlink(path);
	free(path);
	unlink(b.token);
	unlink(b.secret);
}

static void close_bench(void)
{
	hook_free(b.h);
	store_close(b.store);
	fake_hook_done(&b.fake);
	remove_files();
}

/* The process dies, and comes back. */
static void crash(void)
{
	store_crash(b.store);
	fake_hook_die(&b.fake);
	hook_free(b.h);
	store_close(b.store);
	attach();
}

static int64_t account(void)
{
	int64_t id;

	ck_assert_int_eq(store_account(b.store, "acme", &id), 0);
	return id;
}

static int64_t add_order(struct hook_order o)
{
	int64_t id;

	o.url = o.url ? o.url : URL;
	o.body = o.body ? o.body : "{}";
	o.body_n = strlen(o.body);
	store_event_begin(b.store);
	ck_assert_int_eq(hook_add(b.h, &o, b.now, &id), 0);
	ck_assert_int_eq(store_event_end(b.store, true), 0);
	return id;
}

/* Turns, until nothing is to be done at once: what came back is settled, what is due starts. The
 * last result is kept. */
static struct { int over, n; enum hook_end end; int status; int64_t ref; char body[64]; } heard;

static void turn_once(void)
{
	struct hook_result r;

	store_turn_begin(b.store, b.now);
	while (hook_next(b.h, &r)) {
		store_event_begin(b.store);
		heard.over = hook_settle(b.h, &r, b.now);
		heard.n++;
		heard.end = r.end;
		heard.status = r.status;
		heard.ref = r.ref;
		snprintf(heard.body, sizeof(heard.body), "%.*s", (int)r.body_n, r.body);
		ck_assert_int_ge(heard.over, 0);
		store_event_end(b.store, true);
		hook_told(b.h, true);
	}
	store_event_begin(b.store);
	ck_assert_int_eq(hook_start_due(b.h, b.now), 0);
	store_event_end(b.store, true);
	ck_assert_int_eq(store_flush(b.store, b.now), 0);
}

static void turn(void)
{
	memset(&heard, 0, sizeof(heard));
	do
		turn_once();
	while (mono_due(hook_deadline(b.h, b.now), b.now.mono));
}

static void move_on(int64_t ms)
{
	b.now.mono.ms += ms;
	b.now.wall.ms += ms;
}

static bool is_there(int64_t id)
{
	struct store_hook row;

	if (store_hook_get(b.store, id, &row) < 0)
		return false;
	store_hook_done(&row);
	return true;
}

static bool is_dead(int64_t id)
{
	struct store_hook row;

	ck_assert_int_eq(store_hook_get(b.store, id, &row), 0);
	bool dead = row.state == STORE_HOOK_DEAD;

	store_hook_done(&row);
	return dead;
}

START_TEST(test_answered)
{
	int64_t id = add_order((struct hook_order){ .kind = HOOK_JSON, .ref = 7, .account = account(),
						    .limit_ms = 4000 });

	ck_assert_uint_eq(b.fake.n, 0);		/* not before its commit */
	turn();
	ck_assert_uint_eq(b.fake.n, 1);
	struct fake_call *c = &b.fake.calls[0];

	ck_assert_str_eq(c->url, URL);
	ck_assert(c->is_post && c->total_ms == 4000);
	ck_assert_str_eq(c->body, "{}");
	ck_assert(strstr(c->headers, "webhook-id: WH") && strstr(c->headers, "webhook-signature: v1,"));
	ck_assert(strstr(c->headers, "webhook-timestamp: 1767603600\n"));
	turn();
	ck_assert_uint_eq(b.fake.n, 1);		/* once */
	fake_hook_answer(&b.fake, c, 200, "Text/Plain; charset=utf-8", "hello");
	/* Whatever comes behind the first answer is nobody's. */
	hook_answer(b.h, c->token, &(struct hook_answer){ .status = 500, .body = "late",
							   .body_n = 4 });
	ck_assert(is_there(id));
	turn();
	ck_assert(heard.n == 1 && heard.over == 1 && heard.end == HOOK_ANSWERED && heard.ref == 7);
	ck_assert_str_eq(heard.body, "hello");
	ck_assert(!is_there(id));
	turn();
	ck_assert(heard.n == 0);
}
END_TEST

START_TEST(test_nothing_leaves_a_void_turn)
{
	int64_t id = add_order((struct hook_order){ .kind = HOOK_JSON });
	struct hook_result r;

	store_turn_begin(b.store, b.now);
	ck_assert_int_eq(store_flush(b.store, b.now), 0);
	store_event_begin(b.store);
	ck_assert_int_eq(hook_start_due(b.h, b.now), 0);
	ck_assert_int_eq(hook_add(b.h, &(struct hook_order){ .kind = HOOK_JSON, .url = URL }, b.now, NULL), 0);
	store_event_end(b.store, true);
	store_inject(b.store, 1, 10 /* SQLITE_IOERR */, true);
	ck_assert_int_lt(store_flush(b.store, b.now), 0);
	hook_forget(b.h);
	ck_assert_uint_eq(b.fake.n, 0);
	turn();
	ck_assert_uint_eq(b.fake.n, 1);		/* the first; the second was never there */
	/* Its answer comes in such a turn as well: it is told again. */
	fake_hook_answer(&b.fake, &b.fake.calls[0], 200, NULL, NULL);
	store_turn_begin(b.store, b.now);
	ck_assert(hook_next(b.h, &r));
	store_event_begin(b.store);
	ck_assert_int_eq(hook_settle(b.h, &r, b.now), 1);
	store_event_end(b.store, true);
	hook_told(b.h, true);
	ck_assert(!hook_next(b.h, &r));
	store_inject(b.store, 1, 10, true);
	ck_assert_int_lt(store_flush(b.store, b.now), 0);
	hook_forget(b.h);
	turn();
	ck_assert(heard.n == 1 && heard.over == 1 && !is_there(id));
	ck_assert_uint_eq(b.fake.n, 1);
}
END_TEST

/* An event that cannot be is told twice, then the row goes, and holds up nobody. */
START_TEST(test_undone)
{
	int64_t id = add_order((struct hook_order){ .kind = HOOK_JSON });
	struct hook_result r;

	turn();
	fake_hook_answer(&b.fake, &b.fake.calls[0], 200, NULL, NULL);
	for (int i = 0; i < 2; i++) {
		ck_assert(hook_next(b.h, &r));
		store_event_begin(b.store);
		ck_assert_int_eq(hook_settle(b.h, &r, b.now), 1);
		store_event_end(b.store, false);
		hook_told(b.h, false);
		ck_assert(is_there(id));
	}
	turn();
	ck_assert(heard.n == 1 && heard.over == 0 && !is_there(id));
}
END_TEST

START_TEST(test_form_retries)
{
	static const struct { const char *url; enum hook_failure failure; int status; int tries; } rows[] = {
		{ "http://h/", HOOK_NO_CONNECTION, 0, 2 },
		{ "http://h/", HOOK_NO_HOST, 0, 2 },
		{ "http://h/", HOOK_NO_ANSWER, 0, 1 },
		{ "http://h/", HOOK_NO_FAILURE, 500, 1 },
		{ "http://h/#rc=3&rp=5xx", HOOK_NO_FAILURE, 500, 4 },
		{ "http://h/#rc=3&rp=5xx", HOOK_NO_CONNECTION, 0, 1 },
		{ "http://h/#rc=0", HOOK_NO_CONNECTION, 0, 1 },
		{ "http://h/#rc=5&rp=all", HOOK_NOT_ALLOWED, 0, 1 },
	};

	for (size_t i = 0; i < TW_COUNT(rows); i++) {
		size_t before = b.fake.n;

		add_order((struct hook_order){ .kind = HOOK_FORM, .url = rows[i].url });
		turn();
		for (struct fake_call *c; (c = fake_hook_open(&b.fake)) != NULL; turn()) {
			ck_assert_str_eq(c->url, "http://h/");
			if (rows[i].failure)
				fake_hook_fail(&b.fake, c, rows[i].failure);
			else
				fake_hook_answer(&b.fake, c, rows[i].status, NULL, NULL);
		}
		ck_assert_msg(b.fake.n - before == (size_t)rows[i].tries, "row %zu: %zu", i, b.fake.n - before);
		ck_assert(heard.over == 1 && heard.end == (rows[i].failure ? HOOK_BROKEN : HOOK_REFUSED));
	}
	/* All tries together take no longer than one may. */
	add_order((struct hook_order){ .kind = HOOK_FORM, .url = "http://h/#rc=5&rp=rt" });
	turn();
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(fake_hook_open(&b.fake)->total_ms, 15000 - 6000 * i);
		move_on(6000);
		fake_hook_fail(&b.fake, fake_hook_open(&b.fake), HOOK_NO_ANSWER);
		turn();
	}
	ck_assert(heard.over == 1 && !fake_hook_open(&b.fake));
}
END_TEST

/* In order within a chain, under one name, for two days; then dead, while the next goes on. */
START_TEST(test_events_in_order)
{
	int64_t first = add_order((struct hook_order){ .kind = HOOK_EVENT, .chain = "c", .body = "1" });
	int64_t second = add_order((struct hook_order){ .kind = HOOK_EVENT, .chain = "c", .body = "2" });
	char name[HOOK_NAME_MAX];
	int tries = 0;

	add_order((struct hook_order){ .kind = HOOK_EVENT, .chain = "d", .body = "3" });
	turn();
	ck_assert_uint_eq(b.fake.n, 2);
	ck_assert_str_eq(b.fake.calls[0].body, "1");
	ck_assert_str_eq(b.fake.calls[1].body, "3");
	fake_hook_answer(&b.fake, &b.fake.calls[1], 204, NULL, NULL);
	tw_strset(name, sizeof(name), b.fake.calls[0].name);
	for (int64_t began = b.now.wall.ms; !is_dead(first); tries++) {
		struct fake_call *c = fake_hook_open(&b.fake);

		if (c) {
			ck_assert_str_eq(c->body, "1");
			ck_assert_str_eq(c->name, name);
			fake_hook_answer(&b.fake, c, 503, NULL, NULL);
			turn();
			ck_assert_int_eq(heard.over, 0);
		} else {
			tries--;
			move_on(hook_deadline(b.h, b.now).ms - b.now.mono.ms);
			ck_assert_int_le(b.now.wall.ms - began, HOOK_DAYS_MS);
			turn();
		}
	}
	ck_assert_int_ge(tries, 12);
	turn();
	struct fake_call *c = fake_hook_open(&b.fake);

	ck_assert(c && is_there(second));
	ck_assert_str_eq(c->body, "2");
	fake_hook_answer(&b.fake, c, 200, NULL, NULL);
	turn();
	ck_assert(!is_there(second));
	/* Again, by hand. */
	ck_assert_int_eq(hook_replay(b.h, first, b.now), 0);
	ck_assert_int_eq(hook_replay(b.h, first, b.now), TW_E_STATE);
	turn();
	c = fake_hook_open(&b.fake);
	ck_assert_str_eq(c->name, name);
	fake_hook_answer(&b.fake, c, 503, NULL, NULL);	/* it has its two days again */
	turn();
	ck_assert(!is_dead(first));
	move_on(hook_deadline(b.h, b.now).ms - b.now.mono.ms);
	turn();
	c = fake_hook_open(&b.fake);
	ck_assert_str_eq(c->name, name);
	fake_hook_answer(&b.fake, c, 200, NULL, NULL);
	turn();
	ck_assert(!is_there(first));
	/* 410: it wants no more. */
	first = add_order((struct hook_order){ .kind = HOOK_EVENT });
	turn();
	fake_hook_answer(&b.fake, fake_hook_open(&b.fake), 410, NULL, NULL);
	turn();
	ck_assert(is_dead(first));
	/* Kept for a while, and no longer. */
	move_on(STORE_HOOK_DEAD_MS + 1);
	add_order((struct hook_order){ .kind = HOOK_EVENT });
	turn();
	fake_hook_answer(&b.fake, fake_hook_open(&b.fake), 410, NULL, NULL);
	turn();
	ck_assert(!is_there(first));
}
END_TEST

START_TEST(test_after_a_crash)
{
	int64_t first = add_order((struct hook_order){ .kind = HOOK_JSON });
	int64_t once = add_order((struct hook_order){ .kind = HOOK_PROGRAM, .url = "look-up", .is_once = true });
	char name[HOOK_NAME_MAX];

	turn();
	ck_assert_uint_eq(fake_hook_count(&b.fake), 2);
	ck_assert(!strcmp(b.fake.calls[0].url, "/etc/twoway/exec/look-up") ||
		  !strcmp(b.fake.calls[1].url, "/etc/twoway/exec/look-up"));
	tw_strset(name, sizeof(name), b.fake.calls[b.fake.calls[0].kind == HOOK_JSON ? 0 : 1].name);
	crash();
	turn();
	ck_assert(heard.n == 1 && heard.over == 1 && heard.end == HOOK_LOST);
	ck_assert_uint_eq(fake_hook_count(&b.fake), 1);		/* the other one may have done its work */
	ck_assert_str_eq(fake_hook_open(&b.fake)->name, name);
	fake_hook_answer(&b.fake, fake_hook_open(&b.fake), 200, NULL, NULL);
	turn();
	ck_assert(!is_there(first) && !is_there(once));
	ck_assert(heard.n == 1 && heard.end == HOOK_ANSWERED);
	/* Not given twice, though no row is left. */
	crash();
	ck_assert_int_gt(add_order((struct hook_order){ .kind = HOOK_JSON }), once);
}
END_TEST

START_TEST(test_limits_of_a_place)
{
	for (int i = 0; i < 100; i++)
		add_order((struct hook_order){ .kind = HOOK_JSON });
	add_order((struct hook_order){ .kind = HOOK_JSON, .url = "http://other.example/" });
	for (int i = 0; i < 4; i++)
		add_order((struct hook_order){ .kind = HOOK_MAIL, .url = "van@example.org" });
	turn();
	ck_assert_uint_eq(fake_hook_count(&b.fake), 64 + 1 + 2);
	for (size_t i = 0; i < b.fake.n; i++)
		fake_hook_fail(&b.fake, &b.fake.calls[i], HOOK_NO_ANSWER);
	turn();
	ck_assert_uint_eq(fake_hook_count(&b.fake), 36 + 2);
}
END_TEST

START_TEST(test_dropped)
{
	int64_t first = add_order((struct hook_order){ .kind = HOOK_JSON, .chain = "c" });

	add_order((struct hook_order){ .kind = HOOK_JSON, .chain = "c", .body = "2" });
	turn();
	store_event_begin(b.store);
	ck_assert_int_eq(hook_drop(b.h, first, b.now), 0);
	ck_assert_int_eq(hook_drop(b.h, first, b.now), TW_E_UNKNOWN);
	store_event_end(b.store, true);
	hook_answer(b.h, b.fake.calls[0].token, &(struct hook_answer){ .status = 200 });
	turn();
	ck_assert_int_eq(heard.n, 0);
	ck_assert_str_eq(fake_hook_open(&b.fake)->body, "2");
}
END_TEST

START_TEST(test_refused_orders)
{
	static const struct hook_order rows[] = {
		{ .kind = HOOK_JSON, .url = "ftp://h/" }, { .kind = HOOK_FORM, .url = "" },
		{ .kind = HOOK_MAIL, .url = "nobody" },
		{ .kind = HOOK_PROGRAM, .url = "../bin/sh" }, { .kind = HOOK_PROGRAM, .url = ".." },
		{ .kind = HOOK_PROGRAM, .url = "" },
	};

	for (size_t i = 0; i < TW_COUNT(rows); i++)
		ck_assert_msg(hook_add(b.h, &rows[i], b.now, NULL) == TW_E_SYNTAX, "row %zu", i);
}
END_TEST

START_TEST(test_names)
{
	char name[HOOK_NAME_MAX];
	int64_t id;

	store_hook_name(b.store, 12345, name);
	ck_assert_uint_eq(strlen(name), 34);
	ck_assert_int_eq(store_hook_read(b.store, name, &id), 0);
	ck_assert_int_eq(id, 12345);
	name[0] = 'S', name[1] = 'M';	/* no message has it */
	ck_assert_int_eq(store_id_read(b.store, name, &id), TW_E_UNKNOWN);
	ck_assert_int_eq(store_hook_read(b.store, "WH00", &id), TW_E_UNKNOWN);
}
END_TEST

static int64_t due_in(int64_t id)
{
	struct store_hook row;

	ck_assert_int_eq(store_hook_get(b.store, id, &row), 0);
	int64_t ms = row.due_at.ms - b.now.wall.ms;

	store_hook_done(&row);
	return ms;
}

/* Retry-After of 429 and 503 counts instead of our own pause: not sooner, a fifth later at most,
 * and within bounds. */
START_TEST(test_asked_to_wait)
{
	enum { S = 1000, HOUR = 3600 * S };
	static const struct { int status, asked_ms, least, most; } rows[] = {
		{ 429, 90 * S, 90 * S, 108 * S },
		{ 503, 90 * S, 90 * S, 108 * S },
		{ 429, 1, 1 * S, 1200 },
		{ 503, 48 * HOUR, 6 * HOUR, 6 * HOUR + 72 * 60 * S },
		{ 429, 0, 4 * S, 6 * S },	/* not asked: our own */
		{ 500, 90 * S, 4 * S, 6 * S },	/* not theirs to say */
	};

	for (size_t i = 0; i < TW_COUNT(rows); i++) {
		int64_t id = add_order((struct hook_order){ .kind = HOOK_EVENT });

		turn();
		hook_answer(b.h, fake_hook_open(&b.fake)->token, &(struct hook_answer){
			.status = rows[i].status, .retry_ms = rows[i].asked_ms });
		fake_hook_open(&b.fake)->is_over = true;
		turn();
		ck_assert_msg(due_in(id) >= rows[i].least && due_in(id) <= rows[i].most,
			      "row %zu: %lld", i, (long long)due_in(id));
		store_event_begin(b.store);
		ck_assert_int_eq(hook_drop(b.h, id, b.now), 0);
		store_event_end(b.store, true);
	}
}
END_TEST

/* A mailbox that does not exist is nothing that time mends; a login is. */
START_TEST(test_mail_refused)
{
	static const struct { enum hook_failure failure; int status; bool is_dead; } rows[] = {
		{ HOOK_NO_ANSWER, 550, true }, { HOOK_NO_ANSWER, 451, false },
		{ HOOK_NO_LOGIN, 535, false }, { HOOK_NO_TRUST, 0, false },
	};

	for (size_t i = 0; i < TW_COUNT(rows); i++) {
		int64_t id = add_order((struct hook_order){ .kind = HOOK_MAIL,
							    .url = "van@example.org" });

		turn();
		hook_answer(b.h, fake_hook_open(&b.fake)->token, &(struct hook_answer){
			.failure = rows[i].failure, .status = rows[i].status });
		fake_hook_open(&b.fake)->is_over = true;
		turn();
		ck_assert_msg(is_dead(id) == rows[i].is_dead, "row %zu", i);
		store_event_begin(b.store);
		ck_assert_int_eq(hook_drop(b.h, id, b.now), 0);
		store_event_end(b.store, true);
	}
}
END_TEST

static char *header_of(const struct fake_call *c, const char *name)
{
	const char *at = strstr(c->headers, name);

	return at ? tw_strndup(at + strlen(name), strcspn(at + strlen(name), "\n")) : tw_strdup("");
}

/* Who stands behind a proxy for TLS verifies the scheme by which the world calls them. */
START_TEST(test_signed_as_https)
{
	char expected[32];

	add_order((struct hook_order){ .kind = HOOK_FORM, .account = account(), .body = "Body=x",
				       .url = "http://h/sms?x=1#sign=https" });
	turn();
	struct fake_call *c = fake_hook_open(&b.fake);
	char *signature = header_of(c, "X-Twilio-Signature: ");

	ck_assert_str_eq(c->url, "http://h/sms?x=1");
	sign_twilio("0123456789abcdef0123456789abcdef", "https://h/sms?x=1", "Body=x", 6, expected);
	ck_assert_str_eq(signature, expected);
	free(signature);
}
END_TEST

/* What belongs to no account is signed by a key of the house, which is made where there is none; it
 * goes where `alert.webhook` leads now. */
START_TEST(test_alert_is_signed)
{
	char key[TW_SECRET_DIGITS + 1], expected[64];
	bool is_open = true;

	b.settings.alert.webhook = (char *)(uintptr_t)"http://pager.example/now";
	b.settings.alert.secret_file = b.secret;
	hook_reload(b.h, &b.settings);
	ck_assert_int_eq(tw_secret_file_read(b.secret, key, &is_open), 0);
	ck_assert(!is_open);
	add_order((struct hook_order){ .kind = HOOK_EVENT, .body = "{\"type\":\"alert\"}" });
	turn();
	struct fake_call *c = fake_hook_open(&b.fake);
	char *signature = header_of(c, "webhook-signature: ");

	ck_assert_str_eq(c->url, "http://pager.example/now");
	sign_standard(key, c->name, b.now.wall.ms / 1000, c->body, strlen(c->body), expected);
	ck_assert_str_eq(signature, expected);
	free(signature);
	/* Nothing else of no account is. */
	add_order((struct hook_order){ .kind = HOOK_JSON });
	turn();
	ck_assert(!strstr(b.fake.calls[1].headers, "webhook-signature"));
}
END_TEST

/* A file that holds no key signs nothing, and holds up nothing. */
START_TEST(test_alert_without_key)
{
	FILE *f = fopen(b.secret, "w");

	fputs("not a key\n", f);
	fclose(f);
	b.settings.alert.webhook = (char *)(uintptr_t)"http://pager.example/now";
	b.settings.alert.secret_file = b.secret;
	hook_reload(b.h, &b.settings);
	add_order((struct hook_order){ .kind = HOOK_EVENT });
	turn();
	ck_assert(fake_hook_open(&b.fake));
	ck_assert(!strstr(b.fake.calls[0].headers, "webhook-signature"));
}
END_TEST

static int64_t gauge(enum store_gauge g, enum hook_kind kind)
{
	int64_t n = -1;

	ck_assert_int_eq(store_gauge(b.store, g, (int)kind, &n), 0);
	return n;
}

/* How many wait and how many are dead is known at once, and by transaction. */
START_TEST(test_counted)
{
	const struct hook_counters *c = hook_counters(b.h);

	add_order((struct hook_order){ .kind = HOOK_EVENT, .chain = "c" });
	add_order((struct hook_order){ .kind = HOOK_EVENT, .chain = "c" });
	add_order((struct hook_order){ .kind = HOOK_MAIL, .url = "van@example.org" });
	ck_assert_int_eq(gauge(STORE_GAUGE_HOOKS_DUE, HOOK_EVENT), 1);
	ck_assert_int_eq(gauge(STORE_GAUGE_HOOKS_BEHIND, HOOK_EVENT), 1);
	ck_assert_int_eq(gauge(STORE_GAUGE_HOOKS_DUE, HOOK_MAIL), 1);
	store_event_begin(b.store);	/* undone: never there */
	ck_assert_int_eq(hook_add(b.h, &(struct hook_order){ .kind = HOOK_EVENT, .url = URL }, b.now,
				  NULL), 0);
	ck_assert_int_eq(gauge(STORE_GAUGE_HOOKS_DUE, HOOK_EVENT), 2);
	store_event_end(b.store, false);
	ck_assert_int_eq(gauge(STORE_GAUGE_HOOKS_DUE, HOOK_EVENT), 1);
	turn();
	for (size_t i = 0; i < 2; i++)
		if (b.fake.calls[i].kind == HOOK_EVENT)
			fake_hook_answer(&b.fake, &b.fake.calls[i], 410, NULL, NULL);
	turn();
	ck_assert_int_eq(gauge(STORE_GAUGE_HOOKS_DEAD, HOOK_EVENT), 1);
	ck_assert_int_eq(gauge(STORE_GAUGE_HOOKS_DUE, HOOK_EVENT), 1);
	ck_assert_int_eq(gauge(STORE_GAUGE_HOOKS_BEHIND, HOOK_EVENT), 0);
	ck_assert(c->tries[HOOK_EVENT] == 1 && c->failures[HOOK_EVENT] == 1);
	crash();
	ck_assert_int_eq(gauge(STORE_GAUGE_HOOKS_DEAD, HOOK_EVENT), 1);
	ck_assert_int_eq(gauge(STORE_GAUGE_HOOKS_DUE, HOOK_EVENT), 1);
	ck_assert_int_eq(gauge(STORE_GAUGE_HOOKS_DUE, HOOK_MAIL), 1);
	turn();
	for (struct fake_call *open; (open = fake_hook_open(&b.fake)) != NULL; turn())
		fake_hook_answer(&b.fake, open, 200, NULL, NULL);
	for (int kind = 0; kind < HOOK_KINDS; kind++)
		ck_assert_int_eq(gauge(STORE_GAUGE_HOOKS_DUE, (enum hook_kind)kind), 0);
	c = hook_counters(b.h);
	ck_assert(c->tries[HOOK_EVENT] == 1 && c->failures[HOOK_EVENT] == 0);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_checked_fixture(t, open_bench, close_bench);
	tcase_add_test(t, test_answered);
	tcase_add_test(t, test_nothing_leaves_a_void_turn);
	tcase_add_test(t, test_undone);
	tcase_add_test(t, test_form_retries);
	tcase_add_test(t, test_events_in_order);
	tcase_add_test(t, test_after_a_crash);
	tcase_add_test(t, test_limits_of_a_place);
	tcase_add_test(t, test_dropped);
	tcase_add_test(t, test_refused_orders);
	tcase_add_test(t, test_names);
	tcase_add_test(t, test_asked_to_wait);
	tcase_add_test(t, test_mail_refused);
	tcase_add_test(t, test_signed_as_https);
	tcase_add_test(t, test_alert_is_signed);
	tcase_add_test(t, test_alert_without_key);
	tcase_add_test(t, test_counted);
}

int main(void)
{
	return unit_run("hook", add);
}
