/* The real server on a real loop in a thread of its own, with a fake exchange; the test is its client
 * through libcurl. The loop sleeps as long as the server's deadline says: a wake-up that is missing
 * shows as a time-out. Included by the test's file, after fake_exchange.c. */
#include <check.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <twoway/http.h>
#include "../../src/http/internal.h"

static struct lab {
	char dir[64], socket[96], base[64];
	struct settings settings;
	struct settings_account accounts[2];
	struct loop *loop;
	struct http *http;
	pthread_t thread;
	int wake;
	void (*job)(void);
	atomic_bool job_done, stopping;
	int reload_result, reloads;
	bool without_exchange, tls;
} lab;

static struct mono_ms lab_turn(void *ctx, struct tw_now now)
{
	(void)ctx;
	if (fake_x.guest)
		fake_x.guest(fake_x.guest_ctx, now);
	fake_commit(&fake_store);
	http_release(lab.http, now);
	if (lab.stopping)
		loop_stop(lab.loop);
	return http_deadline(lab.http);
}

static void lab_on_wake(void *ctx, int fd, int events)
{
	uint64_t n;

	(void)ctx;
	(void)events;
	ck_assert_int_eq(read(fd, &n, sizeof(n)), sizeof(n));
	if (lab.job) {
		lab.job();
		lab.job = NULL;
		lab.job_done = true;
	}
}

static void *lab_thread(void *ctx)
{
	(void)ctx;
	loop_run(lab.loop);
	return NULL;
}

static void lab_wake(void)
{
	uint64_t one = 1;

	ck_assert_int_eq(write(lab.wake, &one, sizeof(one)), sizeof(one));
}

/* Runs something inside the loop, before a turn, and waits until that turn has begun. */
static __attribute__((unused)) void lab_do(void (*job)(void))
{
	lab.job_done = false;
	lab.job = job;
	lab_wake();
	while (!lab.job_done)
		sched_yield();
}

static int lab_reload(void *ctx, struct exchange_moves *moves, struct tw_findings *f)
{
	(void)ctx, (void)moves;
	lab.reloads++;
	tw_findings_add(f, "shop.conf", 7, -1, lab.reload_result < 0, "expected a \"text\"");
	http_set_settings(lab.http, &lab.settings);
	return lab.reload_result;
}

static void lab_settings(void)
{
	static char empty[1], zone[] = "UTC", en[] = "en", acme[] = "acme", bistro[] = "bistro";
	static char listen_[] = "127.0.0.1:0";
	static char certificate[] = "vectors/http_cert.pem", key[] = "vectors/http_key.pem";

	lab.accounts[0] = (struct settings_account){ .name = acme, .token_file = empty,
		.sid = empty, .zone = zone, .language = en };
	lab.accounts[1] = lab.accounts[0];
	lab.accounts[1].name = bistro;
	lab.settings = (struct settings){ .file = empty, .country = empty, .currency = empty, .accounts = lab.accounts,
		.n_accounts = 2 };
	lab.settings.api.listen = listen_;
	lab.settings.api.socket = lab.socket;
	lab.settings.api.certificate = lab.settings.api.key = lab.settings.api.public_url = empty;
	if (lab.tls) {
		lab.settings.api.certificate = certificate;
		lab.settings.api.key = key;
	}
	lab.settings.sticky.moved_text = empty;
	lab.settings.database = tw_printf("%s/twoway.db", lab.dir);
}

static void lab_start(void)
{
	struct http_setup setup = { .settings = &lab.settings, .health = "ok",
				    .reload = lab_reload };
	char *error = NULL;
	int r;

	fake_reset();
	snprintf(lab.dir, sizeof(lab.dir), "/tmp/twoway-http-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(lab.dir));
	snprintf(lab.socket, sizeof(lab.socket), "%s/twoway.sock", lab.dir);
	lab_settings();
	lab.loop = loop_new();
	lab.wake = eventfd(0, EFD_CLOEXEC);
	loop_watch_fd(lab.loop, lab.wake, LOOP_READ, lab_on_wake, NULL);
	setup.loop = lab.loop;
	if (!lab.without_exchange) {
		setup.exchange = &fake_x;
		setup.bank = &fake_bank;
		setup.store = &fake_store;
	}
	r = http_new(&setup, &lab.http, &error);
	ck_assert_msg(!r, "%s", error);
	snprintf(lab.base, sizeof(lab.base), "http%s://127.0.0.1:%d", lab.tls ? "s" : "",
		 http_port(lab.http));
	loop_set_turn(lab.loop, lab_turn, NULL);
	ck_assert_int_eq(pthread_create(&lab.thread, NULL, lab_thread, NULL), 0);
}

static void lab_stop(void)
{
	char command[160];

	lab.stopping = true;
	lab_wake();
	if (lab.thread)
		pthread_join(lab.thread, NULL);
	http_free(lab.http);
	loop_free(lab.loop);
	close(lab.wake);
	free(lab.settings.database);
	ck_assert_int_ne(access(lab.socket, F_OK), 0);	/* the socket file goes with the server */
	snprintf(command, sizeof(command), "rm -rf '%s'", lab.dir);
	ck_assert_int_eq(system(command), 0);
	fake_reset();
	memset(&lab, 0, sizeof(lab));
}

/* ---- the client ---------------------------------------------------------------------------- */

struct answer { long status; struct tw_buf body, headers; };

static size_t lab_on_body(char *p, size_t size, size_t n, void *ctx)
{
	tw_buf_add(ctx, p, size * n);
	return size * n;
}

struct ask {
	const char *method, *path, *body, *user, *header;
	bool tcp;
};

static void lab_prepare(CURL *easy, const struct ask *a, struct answer *ret,
			struct curl_slist **headers)
{
	char *url = tw_printf("%s%s", a->tcp ? lab.base : "http://twoway", a->path);

	curl_easy_setopt(easy, CURLOPT_URL, url);
	free(url);
	if (!a->tcp)
		curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, lab.socket);
	if (!strcmp(a->method, "HEAD"))
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	else
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, a->method);
	if (a->body) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, a->body);
		if (!a->header || strncmp(a->header, "Content-Type:", 13))
			*headers = curl_slist_append(*headers, "Content-Type: application/json");
	}
	if (a->header)
		*headers = curl_slist_append(*headers, a->header);
	if (a->user)
		curl_easy_setopt(easy, CURLOPT_USERPWD, a->user);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, *headers);
	curl_easy_setopt(easy, CURLOPT_CAINFO, "vectors/http_cert.pem");
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 60000L);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, lab_on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, &ret->body);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, lab_on_body);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, &ret->headers);
}

static __attribute__((unused)) void lab_ask(const struct ask *a, struct answer *ret)
{
	CURL *easy = curl_easy_init();
	struct curl_slist *headers = NULL;
	CURLcode r;

	tw_buf_clear(&ret->body);
	tw_buf_clear(&ret->headers);
	lab_prepare(easy, a, ret, &headers);
	r = curl_easy_perform(easy);
	ck_assert_msg(r == CURLE_OK, "%s %s: %s", a->method, a->path, curl_easy_strerror(r));
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &ret->status);
	curl_slist_free_all(headers);
	curl_easy_cleanup(easy);
}

static __attribute__((unused)) void answer_done(struct answer *a)
{
	tw_buf_done(&a->body);
	tw_buf_done(&a->headers);
}

/* SID:TOKEN of an account, as its token file has it. */
static __attribute__((unused)) char *lab_user(size_t account)
{
	char *sid = http_account_sid(&lab.accounts[account]), token[64] = "", *user;
	char *path = tw_printf("%s/%s.token", lab.dir, lab.accounts[account].name);
	FILE *f = fopen(path, "r");

	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(token, sizeof(token), f));
	fclose(f);
	token[strcspn(token, "\n")] = 0;
	user = tw_printf("%s:%s", sid, token);
	free(path);
	free(sid);
	return user;
}
