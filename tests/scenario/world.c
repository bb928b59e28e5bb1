#include "world.h"

#include <stdio.h>
#include <unistd.h>

/* ---- the world ----------------------------------------------------------------------------- */

static char nothing[] = "";

static void settings_init(struct world *w)
{
	struct settings *s = &w->settings;

	*s = (struct settings){
		.file = nothing, .country = nothing, .database = nothing, .currency = nothing,
		.exec_folder = nothing, .in_doubt = DOUBT_RESEND, .in_doubt_wait = 60000,
		.valid_for = 2 * 24 * 3600 * INT64_C(1000), .reply_within = 3 * 24 * 3600 * INT64_C(1000),
		.resend_partial = true, .report = true, .reply_after_stop = true,
		.retry = { 5, 30000, 1800000 }, .max_segments = 24, .reassembly_hours = 24,
		.auto_reply_limit = 60, .share_for_replies = 20,
		.sticky = { 90, 600000, STICKY_MOVE, nothing },
		.api = { nothing, nothing, nothing, nothing, nothing },
		.alert = { nothing, nothing, nothing, false } };
	for (int i = 0; i < 2; i++)
		w->accounts[i] = (struct settings_account){
			.name = i ? (char *)(uintptr_t)"acme" : (char *)(uintptr_t)"default",
			.token_file = nothing, .webhook = nothing, .webhook_fallback = nothing,
			.lookup = nothing, .events = nothing, .language = nothing, .zone = nothing,
			.sid = nothing };
	s->accounts = w->accounts;
	s->n_accounts = 1;
	s->sims = w->sims;
	s->pools = w->pools;
}

static void on_watch(void *ctx, const char *event, const char *id, struct tw_now now)
{
	struct world *w = ctx;

	(void)now;
	if (store_is_dirty(w->store) && strncmp(event, "message.", 8) == 0 && !w->bank->law)
		w->bank->law = "told before it was true";
	if (w->n_told == TW_COUNT(w->told))
		return;
	tw_strset(w->told[w->n_told].event, sizeof(w->told[0].event), event);
	tw_strset(w->told[w->n_told++].id, sizeof(w->told[0].id), id);
}

static void begin(struct world *w)
{
	struct store_setup setup = { .path = w->path[0] ? w->path : ":memory:", .create = true,
				     .seed = 11 };
	char *error = NULL;
	int r = store_open(&setup, w->now, &w->store, &error);

	ck_assert_msg(r == 0, "%d %s", r, error ? error : "");
	w->bank->store = w->store;
	struct hook_setup hs = { .store = w->store, .settings = &w->settings,
				 .transport = &w->outside.transport, .seed = 7 };

	ck_assert_int_eq(hook_new(&hs, &w->hook), 0);
	w->outside.hook = w->hook;
	struct exchange_setup xs = { .store = w->store, .bank = w->bank, .hook = w->hook,
				     .settings = &w->settings, .flows = w->flows, .seed = 5 };

	ck_assert_int_eq(exchange_new(&xs, w->now, &w->x), 0);
	exchange_set_watch(w->x, on_watch, w);
}

void world_reload(struct world *w)
{
	exchange_reload(w->x, &w->settings, w->flows, w->now);
	world_turn(w);
}

static void open_world(struct world *w)
{
	w->now = (struct tw_now){ { 100000 }, { INT64_C(1767603600000) } };
	settings_init(w);
	w->bank = fake_bank_new();
	fake_modem_add(w->bank, "8944100000000000001", FIRST, "");
	fake_modem_add(w->bank, "8944100000000000002", SECOND, "");
	w->flows = world_flows(w);
	fake_hook_init(&w->outside);
	begin(w);
	world_turn(w);
	world_turn(w);
}

void world_open(struct world *w)
{
	memset(w, 0, sizeof(*w));
	open_world(w);
}

static void unlink_all(struct world *w)
{
	static const char *const names[] = { "t.db", "t.db-wal", "t.db-shm", "t.id", "t.lock" };
	char folder[64], path[96];

	tw_strset(folder, sizeof(folder), w->path);
	*strrchr(folder, '/') = 0;
	for (size_t i = 0; i < TW_COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	rmdir(folder);
}

void world_open_file(struct world *w)
{
	memset(w, 0, sizeof(*w));
	/* Many restarts on a slow disk take long, and it is no disk that is tested here. */
	strcpy(w->path, access("/dev/shm", W_OK) == 0 ? "/dev/shm/twoway-XXXXXX"
						      : "/tmp/twoway-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(w->path));
	strcat(w->path, "/t.db");
	open_world(w);
}

void world_close(struct world *w)
{
	exchange_free(w->x);
	hook_free(w->hook);
	store_close(w->store);
	fake_hook_done(&w->outside);
	fake_bank_free(w->bank);
	world_flows_done(w);
	if (w->path[0])
		unlink_all(w);
}

void world_crash(struct world *w)
{
	store_inject(w->store, 0, 0, false);
	store_crash(w->store);
	exchange_free(w->x);
	hook_free(w->hook);
	fake_hook_die(&w->outside);
	store_close(w->store);
	w->bank->store = NULL;
	fake_bank_crash(w->bank);
	begin(w);
}

static void assert_laws(struct world *w)
{
	const char *law = exchange_check(w->x);

	ck_assert_msg(!law, "%s", law);
	ck_assert_msg(!w->bank->law, "%s", w->bank->law);
}

void world_inject(struct world *w, int64_t nth, int code, bool only_commits)
{
	w->inject_code = code;
	w->inject_commits = only_commits;
	store_inject(w->store, nth, code, only_commits);
}

void world_turn(struct world *w)
{
	w->deadline = exchange_turn(w->x, w->now);
	int64_t left = store_inject_left(w->store);

	store_inject(w->store, 0, 0, false);
	assert_laws(w);
	store_inject(w->store, left, w->inject_code, w->inject_commits);
}

static void move_to(struct world *w, int64_t mono)
{
	int64_t by = mono > w->now.mono.ms ? mono - w->now.mono.ms : 0;

	w->now.mono.ms += by;
	w->now.wall.ms += by;
}

void world_wait(struct world *w, int64_t ms)
{
	int64_t end = w->now.mono.ms + ms;

	for (int turns = 0;; turns++) {
		ck_assert_msg(turns < 200000, "the loop does not rest");
		world_turn(w);
		if (w->deadline.ms > end)
			break;
		move_to(w, w->deadline.ms);
	}
	move_to(w, end);
	world_turn(w);
}

void world_text(struct world *w, int modem, const char *from, const char *text)
{
	fake_text(w->bank, modem, from, text, w->now.wall);
	world_turn(w);
}

const char *world_post_full(struct world *w, const struct exchange_post *p,
			    struct exchange_refusal *reterr)
{
	static char ids[64][MESSAGE_ID_MAX];
	static unsigned next;
	struct message m;
	bool repeated;

	if (exchange_post(w->x, p, w->now, &m, &repeated, reterr) < 0)
		return NULL;
	char *id = ids[next++ % 64];

	strcpy(id, m.id);
	message_done(&m);
	return id;
}

const char *world_post(struct world *w, const char *to, const char *text, const char *from)
{
	struct exchange_post p = { .to = to, .text = text, .from = from, .lane = LANE_API };
	struct exchange_refusal e;
	const char *id = world_post_full(w, &p, &e);

	ck_assert_msg(id != NULL, "%d %d %s", e.status, e.code, e.text);
	return id;
}

struct message world_message(struct world *w, const char *id)
{
	struct message m;

	ck_assert_int_eq(exchange_message(w->x, id, &m), 0);
	return m;
}

enum message_state world_state(struct world *w, const char *id)
{
	struct message m = world_message(w, id);
	enum message_state s = m.state;

	message_done(&m);
	return s;
}

static void add_line(void *ctx, struct message *m)
{
	tw_buf_addf(ctx, "%s %s%s%s%s %s\n", m->direction == INBOUND ? "in" : "out",
		    message_state_name(m->state), m->in_doubt ? " in_doubt" : "",
		    m->repeated ? " repeated" : "", m->incomplete ? " incomplete" : "",
		    m->text ? m->text : "-");
	message_done(m);
}

char *world_list(struct world *w, int limit)
{
	struct tw_buf b = { 0 };
	struct exchange_query q = { .state = -1, .direction = -1, .limit = limit };

	ck_assert_int_ge(exchange_messages(w->x, &q, add_line, &b), 0);
	tw_buf_adds(&b, "");
	return tw_buf_take(&b);
}

static void drop(void *ctx, struct message *m)
{
	(void)ctx;
	message_done(m);
}

int world_count(struct world *w, int state, int direction)
{
	struct exchange_query q = { .state = state, .direction = direction };
	int n = exchange_messages(w->x, &q, drop, NULL);

	ck_assert_int_ge(n, 0);
	return n;
}

struct exchange_report *world_read_report(struct world *w, const struct exchange_report_query *q)
{
	struct exchange_report *rep;
	int r;

	ck_assert_int_eq(exchange_report_new(w->x, q, w->now, &rep), 0);
	while ((r = exchange_report_read(w->x, rep, w->now)) == 1)
		world_turn(w);
	ck_assert_int_eq(r, 0);
	return rep;
}

int world_report(struct world *w, const struct exchange_report_query *q,
		 void (*cb)(void *ctx, const struct report_row *row), void *ctx)
{
	struct exchange_report *rep;
	int slices = 1, r;

	ck_assert_int_eq(exchange_report_new(w->x, q, w->now, &rep), 0);
	while ((r = exchange_report_read(w->x, rep, w->now)) == 1) {
		world_turn(w);
		slices++;
	}
	ck_assert_int_eq(r, 0);
	while (exchange_report_tell(w->x, rep, 3, cb, ctx) == 3)
		;
	exchange_report_free(rep);
	return slices;
}

bool world_was_told(const struct world *w, const char *event, const char *id)
{
	for (size_t i = 0; i < w->n_told; i++)
		if (strcmp(w->told[i].event, event) == 0 && strcmp(w->told[i].id, id) == 0)
			return true;
	return false;
}

int world_main(const char *name, void (*add_tests)(TCase *t))
{
	Suite *suite = suite_create(name);
	TCase *t = tcase_create(name);

	tcase_set_timeout(t, 240);
	add_tests(t);
	suite_add_tcase(suite, t);
	SRunner *r = srunner_create(suite);

	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);

	srunner_free(r);
	return failed ? 1 : 0;
}
