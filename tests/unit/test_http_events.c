/* Live events: who sees what, who lags, what an end looks like. */
#include "fake_exchange.c"
#include "http_lab.c"

/* ---- on a real connection ------------------------------------------------------------------ */

struct view {			/* one client that keeps reading */
	CURLM *multi;
	CURL *easy;
	struct curl_slist *headers;
	struct answer answer;
	CURLcode result;
	bool has_ended;
};

static void view_open(struct view *v, const struct ask *a)
{
	*v = (struct view){ .multi = curl_multi_init(), .easy = curl_easy_init() };
	lab_prepare(v->easy, a, &v->answer, &v->headers);
	curl_multi_add_handle(v->multi, v->easy);
}

static void view_step(struct view *v)
{
	int running = 0, left = 0;
	CURLMsg *m;

	curl_multi_perform(v->multi, &running);
	m = curl_multi_info_read(v->multi, &left);
	if (m && m->msg == CURLMSG_DONE) {
		v->has_ended = true;
		v->result = m->data.result;
		curl_easy_getinfo(v->easy, CURLINFO_RESPONSE_CODE, &v->answer.status);
	}
}

/* Reads until the word has come or the stream has ended (libcurl's time limit ends it at the latest). */
static bool view_wait(struct view *v, const char *word)
{
	for (;;) {
		view_step(v);
		if (strstr(tw_buf_str(&v->answer.body), word))
			return true;
		if (v->has_ended)
			return false;
		curl_multi_poll(v->multi, NULL, 0, 100, NULL);
	}
}

static void view_close(struct view *v)
{
	curl_multi_remove_handle(v->multi, v->easy);
	curl_easy_cleanup(v->easy);
	curl_multi_cleanup(v->multi);
	curl_slist_free_all(v->headers);
	answer_done(&v->answer);
}

static const struct ask watch_all = { "GET", "/api/v1/events" };

static void tell(const char *event, const char *id)
{
	fake_news(event, id);
	fake_x.watch(fake_x.watch_ctx, event, id, (struct tw_now){ { 1 }, { 1777885200000 } });
}

static void tell_three(void)
{
	tell("message.sent", fake_x.messages[0].id);
	tell("message.sent", fake_x.messages[1].id);
	tell("modem.ready", "till");
}

START_TEST(a_watcher_sees_events_with_their_objects)
{
	struct view v;
	const char *body;

	fake_add("acme", "+447700900111", "line\nbreak");
	fake_add("bistro", "+447700900112", "other");
	view_open(&v, &watch_all);
	ck_assert(view_wait(&v, ": connected\n\n"));
	lab_do(tell_three);
	ck_assert(view_wait(&v, "\"modem\":{\"name\":\"till\""));
	body = tw_buf_str(&v.answer.body);
	ck_assert_ptr_nonnull(strstr(body, "id: 1\nevent: message.sent\ndata: {\"event\":\"message.sent\","
					   "\"at\":\"2026-05-04T09:00:00.000Z\",\"id\":\"SM"));
	ck_assert_ptr_nonnull(strstr(body, "\"text\":\"line\\nbreak\""));
	ck_assert_ptr_nonnull(strstr(body, "\"account\":\"bistro\""));
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&v.answer.headers), "text/event-stream"));
	view_close(&v);
}
END_TEST

static void tell_own(void)
{
	tell("modem.ready", "till");
	tell("message.sent", fake_x.messages[1].id);
	tell("message.sent", fake_x.messages[0].id);
}

START_TEST(an_account_sees_its_own_events_alone)
{
	char *user = lab_user(0);
	struct view v;

	fake_add("acme", "+447700900111", "mine");
	fake_add("bistro", "+447700900112", "secret");
	view_open(&v, &(struct ask){ "GET", "/api/v1/events", .tcp = true, .user = user });
	ck_assert(view_wait(&v, ": connected\n\n"));
	lab_do(tell_own);
	ck_assert(view_wait(&v, "mine"));	/* told last: the others would have come before */
	ck_assert_ptr_null(strstr(tw_buf_str(&v.answer.body), "secret"));
	ck_assert_ptr_null(strstr(tw_buf_str(&v.answer.body), "modem.ready"));
	view_close(&v);
	free(user);
}
END_TEST

enum { MANY = 5000 };	/* more than a queue and the kernel's buffers hold */

static void tell_many(void)
{
	for (int i = 0; i < MANY; i++)
		tell("message.sent", fake_x.messages[0].id);
}

static int count(const char *text, const char *word)
{
	int n = 0;

	for (; (text = strstr(text, word)) != NULL; text++)
		n++;
	return n;
}

START_TEST(a_slow_watcher_misses_nothing_and_costs_nothing)
{
	struct view v;
	char last[32];

	fake_add("acme", "+447700900111", "many");
	view_open(&v, &watch_all);
	ck_assert(view_wait(&v, ": connected\n\n"));
	lab_do(tell_many);		/* meanwhile nobody reads */
	ck_assert_uint_le(lab.http->events.v[0]->queue.n, 2 * HTTP_WATCHER_QUEUE + 4096);
	snprintf(last, sizeof(last), "id: %d\n", MANY);
	ck_assert(view_wait(&v, last));
	ck_assert_int_eq(count(tw_buf_str(&v.answer.body), "event: message.sent"), MANY);
	ck_assert_int_eq(count(tw_buf_str(&v.answer.body), "id: 17\n"), 1);
	view_close(&v);
}
END_TEST

/* What was taken is given up, though the queue is never empty. */
START_TEST(who_never_catches_up_costs_no_more_than_their_queue)
{
	struct http_watcher w = { .taken = 0 };
	char out[1000];

	tw_buf_adds(&w.queue, "always behind");
	for (int i = 0; i < 1000; i++) {
		memset(tw_buf_reserve(&w.queue, sizeof(out)), 'x', sizeof(out));
		w.queue.n += sizeof(out);
		ck_assert_uint_eq(http_watcher_take(&w, out, sizeof(out)), sizeof(out));
		ck_assert(http_watcher_has_more(&w));
		ck_assert_uint_le(w.queue.n, 2 * sizeof(out) + 26);
	}
	tw_buf_done(&w.queue);
}
END_TEST

START_TEST(who_comes_back_goes_on_where_they_were)
{
	struct view v;

	fake_add("acme", "+447700900111", "one");
	for (int i = 0; i < 3; i++)
		fake_news("message.sent", fake_x.messages[0].id);
	view_open(&v, &(struct ask){ "GET", "/api/v1/events", .header = "Last-Event-ID: 1" });
	ck_assert(view_wait(&v, "id: 3\n"));
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&v.answer.body), "id: 2\nevent: message.sent"));
	ck_assert_ptr_null(strstr(tw_buf_str(&v.answer.body), "id: 1\nevent"));
	ck_assert_ptr_null(strstr(tw_buf_str(&v.answer.body), "lost"));
	ck_assert_int_gt(fake_x.news_wanted, 0);
	view_close(&v);
}
END_TEST

static const struct { const char *query; int64_t first; bool is_lost; const char *has, *lacks; } places[] = {
	{ "?after=3", 2, false, "id: 4\nevent", "id: 3\nevent" },
	{ "?after=2", 2, false, "id: 3\nevent", NULL },	/* 3 is the first that is kept */
	{ "?after=1", 2, true, "id: 3\nevent", NULL },
	{ "?after=99", 2, true, "id: 4\n\n", "event: message" },	/* of another database */
	{ "", 0, false, "id: 4\n\n", "event: message" },	/* from now on; and a place to come back to */
	{ "?after=0&kind=modem", 0, false, "event: modem.ready", "event: message" },
	{ "?after=0&kind=message.sent", 0, false, "event: message.sent", "event: message.failed" },
	{ "?after=0&kind=message.sent,modem", 0, false, "event: modem.ready", "event: message.failed" },
	{ "?after=0&kind=mess", 0, false, "id: 0\n\n", "event: message" },
};

static void tell_end(void)
{
	tell("modem.end", "till");
}

START_TEST(a_watcher_begins_where_it_says)
{
	char *path = tw_printf("/api/v1/events%s", places[_i].query);
	struct view v;

	fake_add("acme", "+447700900111", "one");
	fake_news("message.sent", fake_x.messages[0].id);
	fake_news("message.failed", fake_x.messages[0].id);
	fake_news("modem.ready", "till");
	fake_news("message.sent", fake_x.messages[0].id);
	fake_x.first_news = places[_i].first;
	view_open(&v, &(struct ask){ "GET", path });
	ck_assert(view_wait(&v, places[_i].has));
	if (!strstr(places[_i].query, "kind"))
		lab_do(tell_end), ck_assert(view_wait(&v, "modem.end"));
	ck_assert_int_eq(strstr(tw_buf_str(&v.answer.body), "event: lost") != NULL, places[_i].is_lost);
	if (places[_i].lacks)
		ck_assert_msg(!strstr(tw_buf_str(&v.answer.body), places[_i].lacks), "%s",
			      tw_buf_str(&v.answer.body));
	view_close(&v);
	free(path);
}
END_TEST

static const char *const bad_places[] = { "?after=x", "?after=-1", "?kind=", "?kind=Message" };

START_TEST(a_place_that_cannot_be_is_told)
{
	char *path = tw_printf("/api/v1/events%s", bad_places[_i]);
	struct answer a = { 0 };

	lab_ask(&(struct ask){ "GET", path }, &a);
	ck_assert_int_eq(a.status, 400);
	answer_done(&a);
	free(path);
}
END_TEST

static void tell_uncommitted(void)
{
	tell("message.sent", fake_x.messages[0].id);
	fake_store.is_dirty = true;
}

static struct mono_ms lazy_turn(void *ctx, struct tw_now now)
{
	(void)ctx;
	http_release(lab.http, now);
	return http_deadline(lab.http);
}

static void be_lazy(void)
{
	loop_set_turn(lab.loop, lazy_turn, NULL);
	tell_uncommitted();
}

static void be_committed(void)
{
	fake_store.is_dirty = false;
	loop_set_turn(lab.loop, lab_turn, NULL);
}

static void nothing(void)
{
}

START_TEST(nobody_is_told_what_is_not_on_disk)
{
	struct view v;

	fake_add("acme", "+447700900111", "one");
	view_open(&v, &watch_all);
	ck_assert(view_wait(&v, ": connected\n\n"));
	lab_do(be_lazy);
	lab_do(nothing);		/* a whole turn has passed */
	ck_assert_uint_eq(lab.http->events.v[0]->position, 0);
	lab_do(be_committed);
	ck_assert(view_wait(&v, "event: message.sent"));
	view_close(&v);
}
END_TEST

static void free_server(void)
{
	lab.stopping = true;
}

START_TEST(a_stop_ends_the_stream)
{
	struct view v;

	view_open(&v, &watch_all);
	ck_assert(view_wait(&v, ": connected\n\n"));
	lab_do(free_server);
	pthread_join(lab.thread, NULL);
	lab.thread = 0;
	http_free(lab.http);
	lab.http = NULL;
	ck_assert(!view_wait(&v, "never"));
	ck_assert_int_eq(v.result, CURLE_OK);	/* a whole answer, not a connection cut off */
	ck_assert_int_eq(v.answer.status, 200);
	view_close(&v);
}
END_TEST

static struct mono_ms stuck_turn(void *ctx, struct tw_now now)
{
	(void)ctx;
	http_release(lab.http, now);
	if (lab.stopping)
		loop_stop(lab.loop);
	return MONO_NEVER;
}

static void use_stuck_turn(void)
{
	loop_set_turn(lab.loop, stuck_turn, NULL);
}

START_TEST(a_stop_answers_what_waits)
{
	struct view v;

	lab_do(use_stuck_turn);
	view_open(&v, &(struct ask){ "GET", "/api/v1/messages" });
	/* The request is there once the server has it in its pool. */
	while (!lab.http->waiting.n)
		view_step(&v);
	lab_do(free_server);
	pthread_join(lab.thread, NULL);
	lab.thread = 0;
	http_free(lab.http);
	lab.http = NULL;
	ck_assert(view_wait(&v, "stopping"));
	while (!v.has_ended)
		view_step(&v);
	ck_assert_int_eq(v.answer.status, 503);
	view_close(&v);
}
END_TEST

/* ---- by hand ------------------------------------------------------------------------------- */

static struct tw_now at(int64_t ms)
{
	return (struct tw_now){ { ms }, { ms } };
}

START_TEST(a_quiet_stream_beats)
{
	struct http h = { .health = NULL, .setup = { .exchange = &fake_x, .bank = &fake_bank,
							  .store = &fake_store } };
	struct http_request *r;
	char out[256];
	size_t n;

	h.events.heartbeat = MONO_NEVER;
	r = http_request_new(&h, "GET", "/api/v1/events");
	http_get_events(r, at(1000));
	ck_assert_int_eq(r->state, REQUEST_STREAM);
	ck_assert_int_eq(h.events.heartbeat.ms, 1000 + HTTP_HEARTBEAT_MS);
	n = http_watcher_take(r->watcher, out, sizeof(out));
	ck_assert_int_gt(n, 0);
	http_events_tell(&h, at(1000 + HTTP_HEARTBEAT_MS - 1));
	ck_assert(!http_watcher_has_more(r->watcher));
	http_events_tell(&h, at(1000 + HTTP_HEARTBEAT_MS));
	n = http_watcher_take(r->watcher, out, 2);	/* in pieces, as a socket takes it */
	n += http_watcher_take(r->watcher, out + n, sizeof(out) - n);
	ck_assert_int_eq(n, 4);
	ck_assert(!memcmp(out, ": \n\n", 4));
	http_request_free(r);
	ck_assert_int_eq(h.events.n, 0);
	ck_assert_int_eq(h.events.heartbeat.ms, MONO_NEVER.ms);
	http_events_done(&h);
	tw_pool_done(&h.requests);
}
END_TEST

START_TEST(there_are_so_many_watchers)
{
	struct http_request *all[HTTP_WATCHERS], *r;
	struct http h = { .health = NULL, .setup = { .exchange = &fake_x, .bank = &fake_bank,
							  .store = &fake_store } };

	for (int i = 0; i < HTTP_WATCHERS; i++) {
		all[i] = http_request_new(&h, "GET", "/api/v1/events");
		http_get_events(all[i], at(1));
		ck_assert_int_eq(all[i]->status, 200);
	}
	r = http_request_new(&h, "GET", "/api/v1/events");
	http_get_events(r, at(1));
	ck_assert_int_eq(r->status, 503);
	ck_assert_ptr_null(r->watcher);
	http_request_free(r);
	for (int i = 0; i < HTTP_WATCHERS; i++)
		http_request_free(all[i]);
	ck_assert_int_eq(h.events.n, 0);
	http_events_done(&h);
	tw_pool_done(&h.requests);
}
END_TEST

static void setup(void)
{
	lab_start();
}

static void teardown(void)
{
	lab_stop();
}

int main(void)
{
	Suite *s = suite_create("http_events");
	TCase *real = tcase_create("on a connection"), *hand = tcase_create("by hand");
	SRunner *r;
	int failed;

	curl_global_init(CURL_GLOBAL_NOTHING);
	tcase_set_timeout(real, 60);
	tcase_add_checked_fixture(real, setup, teardown);
	tcase_add_test(real, a_watcher_sees_events_with_their_objects);
	tcase_add_test(real, an_account_sees_its_own_events_alone);
	tcase_add_test(real, a_slow_watcher_misses_nothing_and_costs_nothing);
	tcase_add_test(real, who_never_catches_up_costs_no_more_than_their_queue);
	tcase_add_test(real, who_comes_back_goes_on_where_they_were);
	tcase_add_loop_test(real, a_watcher_begins_where_it_says, 0, TW_COUNT(places));
	tcase_add_loop_test(real, a_place_that_cannot_be_is_told, 0, TW_COUNT(bad_places));
	tcase_add_test(real, nobody_is_told_what_is_not_on_disk);
	tcase_add_test(real, a_stop_ends_the_stream);
	tcase_add_test(real, a_stop_answers_what_waits);
	suite_add_tcase(s, real);
	tcase_add_test(hand, a_quiet_stream_beats);
	tcase_add_test(hand, there_are_so_many_watchers);
	suite_add_tcase(s, hand);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
