/* Profiles: reading, faults, matching, dialects, reactions. */
#include <twoway/board.h>

#include <check.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[2][64];

static void make_folders(void)
{
	for (int i = 0; i < 2; i++) {
		snprintf(folder[i], sizeof(folder[i]), "/tmp/test_board_%d_XXXXXX", i);
		ck_assert_ptr_nonnull(mkdtemp(folder[i]));
	}
}

static void remove_folders(void)
{
	for (int i = 0; i < 2; i++) {
		char *command = tw_printf("rm -r '%s'", folder[i]);

		ck_assert_int_eq(system(command), 0);
		free(command);
	}
}

static const char *put(int i, const char *name, const char *text)
{
	static char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder[i], name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	return path;
}

static struct boards *load(struct tw_findings *f)
{
	const char *const folders[] = { folder[0], folder[1] };

	return boards_load(folders, 2, f);
}

static bool has(const struct tw_strings *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->v[i], text))
			return true;
	return false;
}

static void assert_same_list(const struct tw_strings *a, const struct tw_strings *b)
{
	ck_assert_uint_eq(a->n, b->n);
	for (size_t i = 0; i < a->n; i++)
		ck_assert_str_eq(a->v[i], b->v[i]);
}

/* generic.conf writes every key with its default: an empty file must make the same board. */
START_TEST(generic_is_the_defaults)
{
	struct tw_findings f = { 0 };
	struct board *a, *b;

	a = board_read("../boards/generic.conf", &f);
	b = board_read(put(0, "empty.conf", ""), &f);
	ck_assert_uint_eq(f.n, 0);
	ck_assert_ptr_nonnull(a);
	ck_assert_ptr_nonnull(b);
	ck_assert_str_eq(a->name, "generic");
	ck_assert_str_eq(b->name, "empty");
	assert_same_list(&a->storage, &b->storage);
	assert_same_list(&a->cnmi, &b->cnmi);
	assert_same_list(&a->cnmi_direct, &b->cnmi_direct);
	assert_same_list(&a->ignore, &b->ignore);
	assert_same_list(&a->urcs, &b->urcs);
	assert_same_list(&a->ussd, &b->ussd);
	ck_assert_uint_eq(a->cnmi.n, 5);
	ck_assert_str_eq(a->cnmi.v[0], "2,1,0,1,0");
	ck_assert_uint_eq(a->init.n, 0);
	ck_assert_str_eq(a->iccid, b->iccid);
	ck_assert_str_eq(a->pin_counter, b->pin_counter);
	ck_assert_str_eq(a->pin_counter_format, b->pin_counter_format);
	ck_assert_str_eq(a->soft_reset, b->soft_reset);
	ck_assert_str_eq(a->radio_off, b->radio_off);
	ck_assert_str_eq(a->ready, "");
	ck_assert_str_eq(b->ready, "");
	ck_assert_str_eq(a->report_storage, b->report_storage);
	ck_assert_str_eq(a->open_with, b->open_with);
	ck_assert_int_eq(a->baud, b->baud);
	ck_assert_int_eq(a->rtscts, b->rtscts);
	ck_assert_int_eq(a->probe_tries, b->probe_tries);
	ck_assert_int_eq(a->probe_pause, b->probe_pause);
	ck_assert_int_eq(a->pause, b->pause);
	ck_assert_int_eq(a->full_function, b->full_function);
	ck_assert_int_eq(a->ready_limit, b->ready_limit);
	ck_assert_int_eq(a->storage_parameters, b->storage_parameters);
	ck_assert_int_eq(a->csms, b->csms);
	ck_assert_int_eq(a->direct, b->direct);
	ck_assert_int_eq(a->ack, b->ack);
	ck_assert_int_eq(a->nack, b->nack);
	ck_assert_int_eq(a->report_ack, b->report_ack);
	ck_assert_int_eq(a->cmms, b->cmms);
	ck_assert_int_eq(a->no_final_after_cpin, b->no_final_after_cpin);
	ck_assert_int_eq(a->no_prompt, b->no_prompt);
	ck_assert_int_eq(a->reset_wait, b->reset_wait);
	ck_assert_int_eq(a->send_limit, b->send_limit);
	ck_assert_int_eq(a->list_limit, b->list_limit);
	ck_assert_int_eq(a->prompt_limit, b->prompt_limit);
	ck_assert_int_eq(a->list_by_slot, b->list_by_slot);
	ck_assert_int_eq(a->send_limit, 180000);
	ck_assert_int_eq(a->ack, BOARD_ACK_0);
	ck_assert_int_eq(a->nack, BOARD_ACK_NONE);
	ck_assert_str_eq(a->sim.maker, b->sim.maker);
	ck_assert_str_eq(a->sim.model, b->sim.model);
	ck_assert_str_eq(a->sim.firmware, b->sim.firmware);
	ck_assert_str_eq(a->sim.cmgr, b->sim.cmgr);
	ck_assert_str_eq(a->sim.cmgl, b->sim.cmgl);
	ck_assert_str_eq(a->sim.cmti, b->sim.cmti);
	ck_assert_str_eq(a->sim.cds, b->sim.cds);
	ck_assert_str_eq(a->sim.cdsi, b->sim.cdsi);
	ck_assert_str_eq(a->sim.cmt, b->sim.cmt);
	assert_same_list(&a->sim.boot, &b->sim.boot);
	assert_same_list(&a->sim.chatter, &b->sim.chatter);
	ck_assert_str_eq(a->sim.prompt, b->sim.prompt);
	ck_assert_str_eq(a->sim.prompt, "\r\n> ");
	ck_assert_int_eq(a->sim.echo, b->sim.echo);
	ck_assert_int_eq(a->sim.slots, b->sim.slots);
	ck_assert_int_eq(a->sim.first_index, b->sim.first_index);
	board_free(a);
	board_free(b);
	tw_findings_done(&f);
}
END_TEST

START_TEST(everything_is_read)
{
	struct tw_findings f = { 0 };
	struct at_dialect d;
	struct board *b;

	b = board_read(put(0, "acme-9.conf",
		"identity = [ \"acme nine\" ]; usb = \"12d1:1506\"; pause = \"20ms\";\n"
		"cnmi = [ \"1,1,0,1,0\" ]; cnmi_direct = [ ]; ack = \"bare\"; nack = \"2\"; cmms = \"2\";\n"
		"finals_good = [ \"FINE\" ]; finals_bad = [ \"NOT SO*\" ];\n"
		"ignore = [ \"^NOISE\" ]; urcs = [ \"^NEWS\" ]; open_with = \"ATE0+CPMS?\\r\";\n"
		"no_final_after_cpin = true; no_prompt = true;\n"
		"reactions = [ \"cms 512 wait\", \"cme 600 fail\" ];\n"
		"sim = { model = \"Nine\"; first_index = 0; };\n"), &f);
	ck_assert_uint_eq(f.n, 0);
	ck_assert_ptr_nonnull(b);
	ck_assert_str_eq(b->name, "acme-9");
	ck_assert_uint_eq(b->cnmi.n, 1);
	ck_assert_uint_eq(b->cnmi_direct.n, 0);
	ck_assert_int_eq(b->ack, BOARD_ACK_BARE);
	ck_assert_int_eq(b->nack, BOARD_ACK_2);
	ck_assert_int_eq(b->cmms, BOARD_CMMS_2);
	ck_assert_str_eq(b->sim.model, "Nine");
	ck_assert_str_eq(b->sim.maker, "twoway");
	ck_assert_int_eq(b->sim.first_index, 0);

	d = board_dialect(b);
	ck_assert_int_eq(d.pause_ms, 20);
	ck_assert(d.no_final_after_cpin && d.no_prompt);
	ck_assert_str_eq(d.open_with, "ATE0+CPMS?\r");
	ck_assert_uint_eq(d.n_finals, 2);
	ck_assert_str_eq(d.finals[0].text, "FINE");
	ck_assert(d.finals[0].is_success && !d.finals[0].is_prefix);
	ck_assert_str_eq(d.finals[1].text, "NOT SO");
	ck_assert(!d.finals[1].is_success && d.finals[1].is_prefix);
	ck_assert(has(&b->ignore, "^NOISE") && has(&b->ignore, "+NITZ"));
	ck_assert(has(&b->urcs, "^NEWS"));
	ck_assert_uint_eq(d.n_ignore, b->ignore.n);
	ck_assert_uint_eq(d.n_urcs, b->urcs.n);

	ck_assert_int_eq(board_reaction(b, AT_CMS, 512, true), REACT_WAIT);
	ck_assert_int_eq(board_reaction(b, AT_CME, 600, false), REACT_FAIL);
	ck_assert_int_eq(board_reaction(b, AT_CME, 512, false), at_reaction(AT_CME, 512, false));
	ck_assert_int_eq(board_reaction(b, AT_CMS, 332, true), REACT_DOUBT);
	board_free(b);
	tw_findings_done(&f);
}
END_TEST

static const struct { const char *text, *says; } faults[] = {
	{ "storage = [ \"sm\" ];", "two capital letters" },
	{ "cnmi = [ \"2,1,x\" ];", "AT+CNMI" },
	{ "cnmi_direct = [ \"2\" ];", "AT+CNMI" },
	{ "cnmi = [ ]; cnmi_direct = [ ];", "nothing could be received" },
	{ "iccid = \"CCID\";", "begins with AT" },
	{ "soft_reset = \"AT+CFUN=1,1\\rAT\";", "one line" },
	{ "init = [ \"?^CURC=1\" ];", "begins with AT" },
	{ "reactions = [ \"cms 512 panic\" ];", "no reaction" },
	{ "reactions = [ \"cns 512 retry\" ];", "no reaction" },
	{ "pin_counter_format = \"last\";", "pin_counter_format" },
	{ "usb = [ \"12d1-1506\" ];", "no USB id" },
	{ "usb_before = [ \"12d1:15060\" ];", "no USB id" },
	{ "at_interfaces = [ \"12d1:1506\" ];", "no interfaces" },
	{ "at_interfaces = [ \"* ff/02\" ];", "no interfaces" },
	{ "other_interfaces = [ \"2 3\" ];", "no interfaces" },
	{ "cmms = \"3\";", "cmms" },
	{ "ussd = [ \"pdu\" ];", "no form of USSD" },
	{ "ussd = [ ];", "ussd is empty" },
	{ "nack = \"1\";", "nack" },
	{ "storage_parameters = 4;", "storage_parameters" },
	{ "stroage = [ \"SM\" ];", "storage" },
	{ "sim = \"x\";", "sim" },
	{ "sim = { slots = 0; };", "slots" },
	{ "baud = \"fast\";", "baud" },
	{ "cnmi = [ \"2,1\"", "" },
};

START_TEST(faults_are_told)
{
	struct tw_findings f = { 0 };
	struct board *b = board_read(put(0, "bad.conf", faults[_i].text), &f);

	ck_assert_ptr_null(b);
	ck_assert_uint_ge(f.errors, 1);
	if (!strstr(f.v[0].text, faults[_i].says))
		ck_abort_msg("`%s` does not say `%s`", f.v[0].text, faults[_i].says);
	tw_findings_done(&f);
}
END_TEST

START_TEST(earlier_folder_wins)
{
	struct tw_findings f = { 0 };
	struct boards *all;

	put(0, "one.conf", "pause = \"1ms\";");
	put(1, "one.conf", "pause = \"2ms\";");
	put(0, "two.conf", "pause = 7;");			/* wrong: the installed one is used */
	put(1, "two.conf", "pause = \"3ms\";");
	put(1, "generic.conf", "");
	put(1, ".hidden.conf", "nonsense");
	put(1, "README", "nonsense");
	all = load(&f);
	ck_assert_ptr_nonnull(all);
	ck_assert_uint_eq(f.errors, 1);
	ck_assert_uint_eq(boards_count(all), 3);
	ck_assert_int_eq(boards_named(all, "one")->pause, 1);
	ck_assert_int_eq(boards_named(all, "two")->pause, 3);
	ck_assert_ptr_null(boards_named(all, "three"));
	ck_assert_ptr_nonnull(boards_at(all, 2));
	ck_assert_ptr_null(boards_at(all, 3));
	boards_free(all);
	tw_findings_done(&f);
}
END_TEST

START_TEST(generic_must_be_there)
{
	struct tw_findings f = { 0 };
	const char *const nowhere[] = { "/nonexistent/boards" };

	put(0, "one.conf", "");
	ck_assert_ptr_null(load(&f));
	ck_assert_uint_eq(f.errors, 1);
	ck_assert_ptr_null(boards_load(nowhere, 1, &f));
	ck_assert_uint_eq(f.errors, 2);
	tw_findings_done(&f);
}
END_TEST

static const struct { const char *usb, *says, *board; } matches[] = {
	{ "", "", "generic" },
	{ "", "Acme\nNine\n", "acme" },
	{ "", "ACME\nNINE X5\n", "acme-x5" },
	{ "", "Simcom_SIM800C R14", "sim800c" },
	{ "", "SIMCOM_Ltd SIM800L", "sim800" },
	{ "", "placme\n", "generic" },			/* only at the begin of a word */
	{ "1111:0001", "", "acme" },
	{ "1111:00AB", "whatever", "sim800" },
	{ "2222:0001", "", "acme" },			/* shared: the first by name … */
	{ "2222:0001", "SIM800", "sim800" },		/* … until it has said who it is */
	{ "2222:0001", "acme x5", "acme" },		/* acme-x5 has not this id */
	{ "3333:0001", "acme", "acme" },
};

START_TEST(matching)
{
	struct tw_findings f = { 0 };
	struct boards *all;

	put(1, "generic.conf", "");
	put(1, "acme.conf", "identity = \"acme\"; usb = [ \"1111:0001\", \"2222:0001\" ];");
	put(1, "acme-x5.conf", "identity = \"acme X5\";");
	put(1, "sim800.conf", "identity = [ \"SIM800\" ]; usb = [ \"1111:00ab\", \"2222:0001\" ];");
	put(1, "sim800c.conf", "identity = [ \"SIM800C\", \"SIM801\" ];");
	all = load(&f);
	ck_assert_ptr_nonnull(all);
	ck_assert_str_eq(boards_match(all, matches[_i].usb, matches[_i].says)->name,
			 matches[_i].board);
	boards_free(all);
	tw_findings_done(&f);
}
END_TEST

/* Every profile that comes with twoway loads without a word, and is found by each of its own
 * identity entries. */
START_TEST(installed_profiles)
{
	const char *const folders[] = { "../boards" };
	struct tw_findings f = { 0 };
	struct boards *all = boards_load(folders, 1, &f);

	ck_assert_ptr_nonnull(all);
	for (size_t i = 0; i < f.n; i++)
		ck_abort_msg("%s:%u: %s", f.v[i].file, f.v[i].line, f.v[i].text);
	for (size_t i = 0; i < boards_count(all); i++) {
		const struct board *b = boards_at(all, i);

		for (size_t k = 0; k < b->identity.n; k++)
			ck_assert_str_eq(boards_match(all, "", b->identity.v[k])->name, b->name);
	}
	boards_free(all);
	tw_findings_done(&f);
}
END_TEST

/* What the installed profiles say about the interfaces of well-known sticks. */
static const struct { const char *usb; int number; const char *class_, *role; int rank; } ranks[] = {
	{ "12d1:1506", 1, "ff/02/12", "", 2 },		/* the class goes before the number */
	{ "12d1:1506", 2, "ff/ff/ff", "", -2 },
	{ "12d1:1506", 0, "ff/02/03", "", BOARD_NOT_AT },
	{ "12d1:1436", 4, "ff/ff/ff", "", -2 },
	{ "2c7c:0125", 2, "ff/00/00", "", 0 },
	{ "2c7c:0125", 3, "ff/00/00", "", 1 },
	{ "2c7c:0125", 1, "ff/00/00", "", BOARD_NOT_AT },
	{ "2C7C:0125", 2, "FF/00/00", "", 0 },
	{ "2c7c:6005", 2, "ff/00/00", "", BOARD_UNSAID },
	{ "19d2:0031", 3, "ff/ff/ff", "", 0 },
	{ "19d2:0031", 1, "ff/ff/ff", "", 1 },
	{ "19d2:0031", 0, "ff/ff/ff", "", BOARD_UNSAID },
	{ "0af0:7501", 10, "ff/ff/ff", "Application", 0 },
	{ "0af0:7501", 10, "ff/ff/ff", "Diagnostic", BOARD_NOT_AT },
	{ "1bc7:0021", 10, "02/02/01", "", BOARD_NOT_AT },
	{ "1bc7:0021", 0, "02/02/01", "", 0 },
	{ "1a86:7523", 0, "ff/01/02", "", BOARD_UNSAID },	/* no profile names a bare bridge */
	{ "", 0, "", "", BOARD_UNSAID },
};

START_TEST(interfaces_are_ranked)
{
	const char *const folders[] = { "../boards" };
	struct tw_findings f = { 0 };
	struct boards *all = boards_load(folders, 1, &f);
	int rank;

	ck_assert_ptr_nonnull(all);
	rank = boards_rank(all, &(struct board_interface){ ranks[_i].usb, ranks[_i].number,
							   ranks[_i].class_, ranks[_i].role });
	if (ranks[_i].rank == -2)	/* somewhere among those that are said */
		ck_assert(rank > 0 && rank < BOARD_UNSAID);
	else
		ck_assert_int_eq(rank, ranks[_i].rank);
	boards_free(all);
	tw_findings_done(&f);
}
END_TEST

START_TEST(a_stick_before_its_switch_is_known)
{
	const char *const folders[] = { "../boards" };
	struct tw_findings f = { 0 };
	struct boards *all = boards_load(folders, 1, &f);

	ck_assert_str_eq(boards_before(all, "12d1:1f01")->name, "huawei");
	ck_assert_ptr_null(boards_before(all, "12d1:1506"));
	ck_assert_ptr_null(boards_before(all, ""));
	ck_assert(boards_know(all, "12D1:1506"));
	ck_assert(!boards_know(all, "1a86:7523"));
	ck_assert(!boards_know(all, ""));
	ck_assert_str_eq(boards_driver(all, "1199:9071"), "qcserial");
	ck_assert_str_eq(boards_driver(all, "ffff:ffff"), "option");
	boards_free(all);
	tw_findings_done(&f);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("board");
	TCase *t = tcase_create("board");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, make_folders, remove_folders);
	tcase_add_test(t, generic_is_the_defaults);
	tcase_add_test(t, everything_is_read);
	tcase_add_loop_test(t, faults_are_told, 0, TW_COUNT(faults));
	tcase_add_test(t, earlier_folder_wins);
	tcase_add_test(t, generic_must_be_there);
	tcase_add_loop_test(t, matching, 0, TW_COUNT(matches));
	tcase_add_test(t, installed_profiles);
	tcase_add_loop_test(t, interfaces_are_ranked, 0, TW_COUNT(ranks));
	tcase_add_test(t, a_stick_before_its_switch_is_known);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
