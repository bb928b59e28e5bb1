/* Every board profile plays its whole life on the virtual bank, chatter and all: chosen by its own words,
 * brought up, a short and a long text in, a short and a long one out with their reports, USSD with a
 * menu, pulled out in the middle of work and put back. Prints a table; each cell must be good. */
#include "../unit/run.h"
#include "gateway.h"

#include <stdio.h>

#define CUSTOMER "+447700900123"
static const char flow[] =
	"keywords = ( { match = \"ECHO\"; reply = \"{args}\"; } ); otherwise = \"Sorry\";\n";

enum { SECOND = 1000, MINUTE = 60 * SECOND, LONG = 400 };

static size_t wanted_texts;
static int wanted_in, wanted_delivered;
static int64_t wanted_job;

static bool has_received(struct gateway *g)
{
	return gateway_count(g, -1, INBOUND) >= wanted_in;
}

static bool has_delivered(struct gateway *g)
{
	return gateway_count(g, MESSAGE_DELIVERED, OUTBOUND) >= wanted_delivered;
}

static bool has_got(struct gateway *g)
{
	return gateway_got(g, CUSTOMER) >= wanted_texts;
}

static bool is_ready(struct gateway *g)
{
	return gateway_modem(g, 0).state == MODEM_READY;
}

static bool is_gone(struct gateway *g)
{
	return gateway_modem(g, 0).state == MODEM_ABSENT;
}

static bool sim_is_empty(struct gateway *g)
{
	return sim_card_used(g->sim, 0) == 0;
}

static bool job_is_over(struct gateway *g)
{
	struct exchange_job j;
	bool over;

	ck_assert_int_eq(exchange_job(g->x, wanted_job, &j), 0);
	over = j.state >= JOB_DONE;
	exchange_job_done(&j);
	return over;
}

/* ---- the cells ----------------------------------------------------------------------------- */

static bool bring_up(struct gateway *g, const char *board)
{
	if (!gateway_until(g, is_ready, 4 * MINUTE))
		return false;
	return !strcmp(gateway_modem(g, 0).facts->board, board);
}

static bool receive(struct gateway *g, const char *board)
{
	char text[LONG + 8] = "echo ";

	(void)board;
	wanted_in = gateway_count(g, -1, INBOUND) + 2;
	wanted_texts = gateway_got(g, CUSTOMER) + 2;
	gateway_text(g, CUSTOMER, 0, "echo short");
	memset(text + 5, 'x', LONG);
	gateway_text(g, CUSTOMER, 0, text);
	return gateway_until(g, has_received, 5 * MINUTE) && gateway_until(g, has_got, 5 * MINUTE) &&
	       !strcmp(gateway_last(g, CUSTOMER), text + 5) && gateway_until(g, sim_is_empty, MINUTE) &&
	       gateway_count(g, -1, INBOUND) == wanted_in;
}

static bool send(struct gateway *g, const char *board)
{
	char text[LONG + 1];

	(void)board;
	memset(text, 'y', LONG);
	text[LONG] = 0;
	wanted_texts = gateway_got(g, CUSTOMER) + 2;
	gateway_post(g, CUSTOMER, "short");
	gateway_post(g, CUSTOMER, text);
	return gateway_until(g, has_got, 5 * MINUTE) && gateway_got(g, CUSTOMER) == wanted_texts;
}

/* Of all that went out so far. */
static bool report(struct gateway *g, const char *board)
{
	(void)board;
	wanted_delivered = gateway_count(g, -1, OUTBOUND);
	return wanted_delivered == 4 && gateway_until(g, has_delivered, 10 * MINUTE);
}

static bool ussd_says(struct gateway *g, const char *code, const char *answer, const char *expected)
{
	struct exchange_refusal refusal;
	struct exchange_job j;
	bool same;

	if (exchange_job_start(g->x, &(struct exchange_order){
			.kind = JOB_USSD, .modem = "m0", .text = code, .answers = &answer,
			.n_answers = answer != NULL, .who = "test" }, g->now, &wanted_job, &refusal) < 0)
		return false;
	if (!gateway_until(g, job_is_over, 5 * MINUTE))
		return false;
	ck_assert_int_eq(exchange_job(g->x, wanted_job, &j), 0);
	same = j.state == JOB_DONE && j.steps[j.n_steps - 1].got &&
	       !strcmp(j.steps[j.n_steps - 1].got, expected);
	exchange_job_done(&j);
	return same;
}

static bool ussd(struct gateway *g, const char *board)
{
	(void)board;
	gateway_control(g, "{\"op\":\"ussd\",\"code\":\"*100#\",\"reply\":\"Balance: 5.00 EUR\"}");
	gateway_control(g, "{\"op\":\"ussd\",\"code\":\"*123#\",\"reply\":\"1 \\u041a\\u043e\\u0434\",\"m\":1}");
	gateway_control(g, "{\"op\":\"ussd\",\"code\":\"*123#>1\",\"reply\":\"1500\"}");
	return ussd_says(g, "*100#", NULL, "Balance: 5.00 EUR") && ussd_says(g, "*123#", "1", "1500");
}

/* Pulled out while a text is on its way in and others out; nothing is lost, nothing comes twice but what
 * is flagged. */
static bool replug(struct gateway *g, const char *board)
{
	size_t got = gateway_got(g, CUSTOMER);
	int doubts;

	(void)board;
	gateway_post(g, CUSTOMER, "one");
	gateway_post(g, CUSTOMER, "two");
	gateway_text(g, CUSTOMER, 0, "echo three");
	gateway_wait(g, 30);
	gateway_control(g, "{\"op\":\"unplug\",\"modem\":0}");
	if (!gateway_until(g, is_gone, 10 * SECOND))
		return false;
	gateway_wait(g, 5 * SECOND);
	gateway_control(g, "{\"op\":\"plug\",\"modem\":0}");
	wanted_texts = got + 3;
	if (!gateway_until(g, is_ready, 4 * MINUTE) || !gateway_until(g, has_got, 10 * MINUTE))
		return false;
	gateway_wait(g, 3 * MINUTE);
	doubts = gateway_doubts(g);
	return gateway_got(g, CUSTOMER) >= wanted_texts &&
	       (int)(gateway_got(g, CUSTOMER) - wanted_texts) <= doubts && sim_is_empty(g);
}

static const struct { const char *name; bool (*play)(struct gateway *g, const char *board); } cells[] = {
	{ "bring-up", bring_up }, { "receive", receive }, { "send", send }, { "report", report },
	{ "USSD", ussd }, { "replug", replug },
};

/* ---- the table ----------------------------------------------------------------------------- */

static void print_trace(struct gateway *g)
{
	struct tw_buf b = { 0 };

	bank_trace(g->bank, gateway_modem(g, 0).handle, &b);
	printf("%s\n", tw_buf_str(&b));
	tw_buf_done(&b);
}

static bool play(const char *board)
{
	struct gateway g;
	bool good = true;

	gateway_open_as(&g, board, 1, "auto_reply_limit = 0;", flow);
	gateway_control(&g, "{\"op\":\"set\",\"chatter_ms\":700,\"ready_ms\":1500,\"report_ms\":300}");
	printf("%-16s", board);
	for (size_t i = 0; i < TW_COUNT(cells); i++) {
		bool ok = good && cells[i].play(&g, board);

		printf("  %-8s", ok ? "ok" : good ? "FAILS" : "-");
		if (good && !ok) {
			printf("\n");
			print_trace(&g);
		}
		good = good && ok;
	}
	printf("\n");
	fflush(stdout);
	gateway_close(&g);
	return good;
}

static const struct boards *installed(void)
{
	static struct boards *boards;
	struct tw_findings f = { 0 };

	if (!boards)
		boards = boards_load((const char *const[]){ "../boards" }, 1, &f);
	ck_assert_ptr_nonnull(boards);
	ck_assert_uint_eq(f.n, 0);
	return boards;
}

START_TEST(every_profile_lives)
{
	const char *only = getenv("PROFILE");
	size_t bad = 0;

	printf("%-16s", "profile");
	for (size_t i = 0; i < TW_COUNT(cells); i++)
		printf("  %-8s", cells[i].name);
	printf("\n");
	for (size_t i = 0; i < boards_count(installed()); i++) {
		const char *name = boards_at(installed(), i)->name;

		if (!only || !strcmp(only, name))
			bad += !play(name);
	}
	ck_assert_uint_eq(bad, 0);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, every_profile_lives);
}

int main(void)
{
	return unit_run_within("profiles", add, 280);
}
