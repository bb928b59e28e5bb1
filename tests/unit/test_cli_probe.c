/* From what a modem answered to a profile that twoway reads. */
#include "run.h"

#include <stdio.h>
#include <unistd.h>

#include "../../src/cli/probe.h"

static struct boards *boards;

/* A modem as questions and answers: "!" stands for ERROR, "?" for silence behind the lines. */
struct reply { const char *command, *lines[4]; };

static const struct reply ec25[] = {
	{ "AT+CGMI", { "Quectel" } }, { "AT+CGMM", { "EC25" } }, { "AT+CGMR", { "EC25EFAR06A03M4G" } },
	{ "ATI", { "Quectel", "EC25", "Revision: EC25EFAR06A03M4G" } }, { "AT+CGSN", { "861536030196001" } },
	{ "AT+CPIN?", { "+CPIN: READY" } }, { "AT+CFUN=?", { "+CFUN: (0,1,4),(0,1)" } },
	{ "AT+CPMS=?", { "+CPMS: (\"ME\",\"MT\",\"SM\"),(\"ME\",\"MT\",\"SM\"),(\"ME\",\"MT\",\"SM\")" } },
	{ "AT+CNMI=?", { "+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)" } },
	{ "AT+CMMS=?", { "+CMMS: (0-2)" } }, { "AT+CCID", { "!" } },
	{ "AT+QCCID", { "+QCCID: 89440000000000000012" } }, { "AT+CPINR", { "!" } },
	{ "AT+QPINC?", { "+QPINC: \"SC\",3,10", "+QPINC: \"P2\",3,10" } },
	{ "AT+CRSM=176,12258,0,0,10", { "+CRSM: 144,0,\"98440000000000000021\"" } }, { NULL }
};

static const struct reply old[] = {
	{ "AT+CGMI", { " WAVECOM MODEM" } }, { "AT+CGMM", { "+CGMM: \"MULTIBAND \\ 900\"" } },
	{ "AT+CPIN?", { "+CPIN: READY", "?" } }, { "AT+CFUN=?", { "+CFUN: (0,1),(0)" } },
	{ "AT+CPMS=?", { "+CPMS: ((\"SM\",\"BM\",\"SR\"),(\"SM\"))" } },
	{ "AT+CNMI=?", { "+CNMI: (0-1),(0-1),(0,2,3),(0),(1)" } }, { "AT+CMMS=?", { "!" } },
	{ "AT+CPINR", { "!" } }, { NULL }
};

static void fill(struct probe_answers *a, const struct reply *r)
{
	for (; r->command; r++) {
		struct probe_answer *x = probe_answer_add(a, r->command);

		x->result = AT_OK;
		for (size_t i = 0; i < 4 && r->lines[i]; i++) {
			if (!strcmp(r->lines[i], "!"))
				x->result = AT_ERROR;
			else if (!strcmp(r->lines[i], "?"))
				x->result = AT_TIMEOUT;
			else
				tw_strings_add(&x->lines, r->lines[i]);
		}
	}
}

/* The profile as twoway reads it; text gets the file. */
static struct board *profile_of(const struct reply *replies, const struct bank_port *port,
				struct tw_buf *text)
{
	char path[] = "/tmp/twoway-probe-XXXXXX";
	struct probe_answers a = { 0 };
	struct tw_findings f = { 0 };
	struct tw_buf out = { 0 };
	struct board *b;
	int fd = mkstemp(path);

	fill(&a, replies);
	probe_write_profile(&a, boards, port, text);
	ck_assert_int_eq(write(fd, tw_buf_str(text), text->n), (ssize_t)text->n);
	close(fd);
	b = board_read(path, &f);
	tw_findings_print(&f, &out);
	ck_assert_msg(b && !f.n, "%s\n%s", tw_buf_str(&out), tw_buf_str(text));
	unlink(path);
	tw_buf_done(&out);
	tw_findings_done(&f);
	probe_answers_done(&a);
	return b;
}

static void same_list(const struct tw_strings *list, const char *expected)
{
	struct tw_buf b = { 0 };

	for (size_t i = 0; i < list->n; i++)
		tw_buf_addf(&b, "%s%s", i ? " " : "", list->v[i]);
	ck_assert_str_eq(tw_buf_str(&b), expected);
	tw_buf_done(&b);
}

START_TEST(a_modern_modem)
{
	const struct bank_port port = { .path = "/dev/ttyUSB2", .usb = "2c7c:0125", .driver = "option",
					.interface = 2 };
	struct tw_buf text = { 0 };
	struct board *b = profile_of(ec25, &port, &text);

	same_list(&b->identity, "Quectel EC25");
	same_list(&b->usb, "2c7c:0125");
	same_list(&b->drivers, "option");
	same_list(&b->at_interfaces, "2c7c:0125 2");
	same_list(&b->storage, "SM ME");
	ck_assert_int_eq(b->storage_parameters, 3);
	same_list(&b->cnmi, "2,1,0,1,0 2,1,0,2,0 2,1,0,0,0 1,1,0,1,0 1,1,0,0,0");
	same_list(&b->cnmi_direct, "2,2,0,1,0 1,2,0,1,0 1,2,0,0,0");
	ck_assert_int_eq(b->cmms, BOARD_CMMS_1);
	ck_assert_str_eq(b->iccid, "AT+QCCID");
	ck_assert_str_eq(b->pin_counter, "AT+QPINC?");
	ck_assert_str_eq(b->pin_counter_format, "second");
	ck_assert_str_eq(b->soft_reset, "AT+CFUN=1,1");
	ck_assert_str_eq(b->sim.model, "EC25");
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&text), "nearest profile that comes with twoway: quectel"));
	/* it may be shown to others */
	ck_assert_ptr_null(strstr(tw_buf_str(&text), "861536030196001"));
	ck_assert_ptr_null(strstr(tw_buf_str(&text), "894400000"));
	ck_assert_ptr_null(strstr(tw_buf_str(&text), "984400000"));
	board_free(b);
	tw_buf_done(&text);
}
END_TEST

START_TEST(an_old_one_with_little)
{
	struct tw_buf text = { 0 };
	struct board *b = profile_of(old, NULL, &text);

	same_list(&b->identity, "WAVECOM MULTIBAND  900");
	same_list(&b->usb, "");
	same_list(&b->storage, "SM");
	ck_assert_int_eq(b->storage_parameters, 2);
	same_list(&b->cnmi, "1,1,0,0,1");
	same_list(&b->cnmi_direct, "");
	ck_assert_int_eq(b->cmms, BOARD_CMMS_NO);
	ck_assert(b->no_final_after_cpin);
	ck_assert_str_eq(b->pin_counter, "");
	ck_assert_str_eq(b->radio_off, "");
	ck_assert_str_eq(b->soft_reset, "");
	board_free(b);
	tw_buf_done(&text);
}
END_TEST

/* A modem that says nothing of use gets the defaults. */
START_TEST(silence_proves_nothing)
{
	static const struct reply none[] = { { "AT+CGMI", { "!" } }, { "AT+CNMI=?", { "?" } }, { NULL } };
	struct tw_buf text = { 0 };
	struct board *b = profile_of(none, NULL, &text);

	ck_assert_uint_eq(b->cnmi.n, boards_named(boards, "generic")->cnmi.n);
	ck_assert_str_eq(b->soft_reset, "AT+CFUN=1,1");
	board_free(b);
	tw_buf_done(&text);
}
END_TEST

static const struct { const char *line; size_t n; int value; bool allowed; } lists[] = {
	{ "+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)", 0, 2, true },
	{ "+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)", 2, 1, false },
	{ "+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)", 4, 1, true },
	{ "+CNMI: (0,1),2,( 0 , 2 )", 1, 2, true }, { "+CNMI: (0,1),2,( 0 , 2 )", 2, 2, true },
	{ "+CMMS: (0-2)", 0, 1, true }, { "+CMMS: 0", 0, 1, false }, { "+CFUN: (0,1,4)", 1, 1, false },
	{ "+CFUN: (0-1,4-7),(0-1)", 0, 5, true }, { "+CFUN: (", 0, 0, false }, { "", 0, 0, false },
	{ "+CFUN: )0,1(,", 0, 0, true },
};

START_TEST(lists_in_answers)
{
	ck_assert_int_eq(probe_allows(lists[_i].line, lists[_i].n, lists[_i].value), lists[_i].allowed);
}
END_TEST

START_TEST(each_profile_s_questions_are_asked_once)
{
	struct tw_strings q = { 0 };
	size_t qpinc = 0;

	probe_questions(boards, &q);
	for (size_t i = 0; i < q.n; i++) {
		qpinc += !strcmp(q.v[i], "AT+QPINC?");
		for (size_t k = 0; k < i; k++)
			ck_assert_str_ne(q.v[i], q.v[k]);
	}
	ck_assert_uint_eq(qpinc, 1);
	tw_strings_done(&q);
}
END_TEST

static void setup(void)
{
	struct tw_findings f = { 0 };

	boards = boards_load((const char *const[]){ "../boards" }, 1, &f);
	ck_assert_ptr_nonnull(boards);
	tw_findings_done(&f);
}

static void teardown(void)
{
	boards_free(boards);
}

static void add(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_modern_modem);
	tcase_add_test(t, an_old_one_with_little);
	tcase_add_test(t, silence_proves_nothing);
	tcase_add_loop_test(t, lists_in_answers, 0, (int)TW_COUNT(lists));
	tcase_add_test(t, each_profile_s_questions_are_asked_once);
}

int main(void)
{
	return unit_run("cli_probe", add);
}
