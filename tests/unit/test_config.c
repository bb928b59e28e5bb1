/* twoway.conf: the whole of it as the manual shows it, its defaults, and every mistake by file and
 * line with what to do. */
#include <check.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <twoway/config.h>

static struct tw_findings findings;
static struct settings *settings;

static struct settings *load(const char *text)
{
	tw_findings_done(&findings);
	settings = config_load_text("/etc/twoway/twoway.conf", text, strlen(text), &findings);
	return settings;
}

static void done(void)
{
	config_free(settings);
	settings = NULL;
	tw_findings_done(&findings);
}

static void expect_loaded(void)
{
	struct tw_buf text = { 0 };

	tw_findings_print(&findings, &text);
	ck_assert_msg(settings && !findings.n, "%s", tw_buf_str(&text));
	tw_buf_done(&text);
}

static void expect_defaults(const struct settings *s)
{
	ck_assert_str_eq(s->country, "");
	ck_assert_str_eq(s->database, "/var/lib/twoway/twoway.db");
	ck_assert_int_eq(s->adopt, ADOPT_ALL);
	ck_assert_int_eq(s->in_doubt, DOUBT_RESEND);
	ck_assert_int_eq(s->in_doubt_wait, 60000);
	ck_assert(s->resend_partial && s->report && !s->smart_encoding && s->reply_after_stop);
	ck_assert_int_eq(s->valid_for, 2 * 86400000);
	ck_assert_int_eq(s->retry.tries, 5);
	ck_assert_int_eq(s->retry.first, 30000);
	ck_assert_int_eq(s->retry.last, 1800000);
	ck_assert_uint_eq(s->languages.n, 0);
	ck_assert_int_eq(s->max_segments, 24);
	ck_assert_int_eq(s->reassembly_hours, 24);
	ck_assert_int_eq(s->auto_reply_limit, 60);
	ck_assert_int_eq(s->reply_within, 3 * 86400000);
	ck_assert_int_eq(s->direct_send_limit, 10000);
	ck_assert_int_eq(s->stop_within, 20000);
	ck_assert(s->webhooks.private_);
	ck_assert_int_eq(s->share_for_replies, 20);
	ck_assert_int_eq(s->sticky.days, 90);
	ck_assert_int_eq(s->sticky.wait, 600000);
	ck_assert_int_eq(s->sticky.then, STICKY_MOVE);
	ck_assert_int_eq(s->calls, CALLS_HANG_UP);
	ck_assert_int_eq(s->retention_days, 0);
	ck_assert_int_eq(s->self_test.per_day, 0);
	ck_assert(!s->alert.commands);
	ck_assert_str_eq(s->exec_folder, "/etc/twoway/exec");
	ck_assert_str_eq(s->api.listen, "127.0.0.1:8470");
	ck_assert_str_eq(s->api.socket, "/run/twoway/twoway.sock");
	ck_assert_int_eq(s->log.level, TW_INFO);
	ck_assert(s->log.mask_numbers && !s->log.texts);
}

START_TEST(test_defaults)
{
	settings = config_load(NULL, &findings);
	expect_loaded();
	expect_defaults(settings);
	ck_assert_uint_eq(settings->n_accounts, 1);
	ck_assert_str_eq(settings->accounts[0].name, "default");
	ck_assert_str_eq(settings->accounts[0].language, "en");
	ck_assert_str_eq(settings->accounts[0].token_file, "/var/lib/twoway/default.token");
	ck_assert_uint_eq(settings->n_modems + settings->n_sims + settings->n_pools, 0);
	ck_assert(!settings->quiet_hours.is_set);
	ck_assert_str_eq(settings->currency, "");
	ck_assert_str_eq(settings->mail.server, "");
	ck_assert_str_eq(settings->file, "");
	done();
	load("");
	expect_loaded();
	expect_defaults(settings);
	done();
}
END_TEST

/* The sample shows the defaults where it says so. */
START_TEST(test_whole)
{
	const struct settings_sim *sim;

	settings = config_load("vectors/config/whole.conf", &findings);
	expect_loaded();
	expect_defaults(settings);
	ck_assert_str_eq(settings->flows.v[0], "/etc/twoway/flows");
	ck_assert_str_eq(settings->currency, "EUR");
	ck_assert(settings->quiet_hours.is_set);
	ck_assert_int_eq(settings->quiet_hours.from, 21 * 60);
	ck_assert_str_eq(settings->quiet_hours.applies.v[0], "campaign");
	ck_assert_uint_eq(settings->n_modems, 1);
	ck_assert_str_eq(settings->modems[0].name, "till");
	ck_assert_str_eq(settings->modems[0].number, "+447700900001");
	ck_assert(settings->modems[0].direct_set);
	ck_assert_uint_eq(settings->n_sims, 1);
	sim = &settings->sims[0];
	ck_assert_str_eq(sim->iccid, "8944100000000000001");
	ck_assert_str_eq(sim->account, "acme");
	ck_assert_int_eq(sim->quota.per_minute, 10);
	ck_assert_int_eq(sim->quota.per_day, 900);
	ck_assert_int_eq(sim->quota.reset_day, 1);
	ck_assert_str_eq(sim->quota.zone, "Europe/London");
	ck_assert_uint_eq(sim->n_cost, 2);
	ck_assert_str_eq(sim->cost[1].to, "*");
	ck_assert_double_eq(sim->cost[1].each, 0.05);
	ck_assert_uint_eq(settings->pools[0].numbers.n, 2);
	ck_assert_str_eq(settings->accounts[0].token_file, "/etc/twoway/acme.token");
	ck_assert_str_eq(settings->accounts[0].zone, "Europe/London");
	ck_assert_double_eq(settings->balance[0].alert, 5);
	ck_assert_int_eq(settings->balance[0].every, 86400000);
	ck_assert_str_eq(settings->balance[0].topup, "*121*{code}#");
	ck_assert_str_eq(settings->mail.from, "shop@example.org");
	done();
}
END_TEST

START_TEST(test_values)
{
	load("country = \"44\"; database = \"db/t.db\";\n"
	     "modems = ( { imei = \"351234567890123\"; number = \"07700 900001\"; },\n"
	     "           { name = \"x\"; port = \"tcp://[::1]:2000\"; } );\n"
	     "accounts = ( { name = \"a\"; }, { name = \"b\"; token_file = \"b.tok\"; } );\n"
	     "sims = ( { iccid = \"8944100000000000001\"; } );\n"
	     "log = { level = \"debug\"; numbers = \"full\"; texts = true; };");
	expect_loaded();
	ck_assert_str_eq(settings->modems[0].number, "+447700900001");
	ck_assert_uint_eq(settings->modems[0].line, 2);
	ck_assert_uint_eq(settings->modems[1].line, 3);
	ck_assert(!settings->modems[1].direct_set);
	ck_assert_str_eq(settings->database, "/etc/twoway/db/t.db");
	ck_assert_str_eq(settings->accounts[0].token_file, "/etc/twoway/db/a.token");
	ck_assert_str_eq(settings->accounts[1].token_file, "/etc/twoway/b.tok");
	ck_assert_int_eq(settings->sims[0].quota.reset_day, 1);
	ck_assert_int_eq(settings->log.level, TW_DEBUG);
	ck_assert(!settings->log.mask_numbers && settings->log.texts);
	done();
}
END_TEST

static const struct { const char *text; unsigned line; const char *says; } fault_rows[] = {
	{ "\ncuntry = \"44\";", 2, "did you mean `country`?" },
	{ "modems = ( {\n prot = \"/dev/x\"; port = \"/dev/y\"; } );", 2, "did you mean `port`?" },
	{ "api = { listen = \"127.0.0.1:8470\";\n sockt = \"x\"; };", 2, "did you mean `socket`?" },
	{ "modems = { port = \"/dev/x\"; };", 1, "`modems` wants a list of groups" },
	{ "modems = ( 5 );", 1, "a group { } was expected here" },
	{ "modems = ( {\n name = \"x\"; } );", 1, "this modem cannot be found" },
	{ "modems = ( { port = \"ttyUSB0\"; } );", 1, "`port` wants a path" },
	{ "modems = ( { port = \"tcp://host\"; } );", 1, "`port` wants a path" },
	{ "modems = ( { port = \"tcp://host:99999\"; } );", 1, "`port` wants a path" },
	{ "modems = ( { name = \"a b\"; port = \"/dev/x\"; } );", 1, "`name` wants letters" },
	{ "modems = ( { port = \"/dev/x\"; imei = \"12\"; } );", 1, "IMEI has 14 to 16" },
	{ "modems = ( { port = \"/dev/x\";\n pin = \"12\"; } );", 2, "four to eight digits" },
	{ "modems = ( { port = \"/dev/x\";\n number = \"12x\"; } );", 2, "\"12x\": " },
	{ "modems = ( { port = \"/dev/x\";\n number = \"07700900001\"; } );", 2, "or set `country`" },
	{ "modems = ( { port = \"/dev/x\"; },\n { port = \"/dev/x\"; } );", 2, "stands already in line 1" },
	{ "modems = ( { name = \"a\"; port = \"/dev/x\"; },\n\n{ name = \"a\"; port = \"/dev/y\"; } );",
	  3, "`name` \"a\" stands already in line 1" },
	{ "modems = ( { usb = \"1-1.4\"; },\n { usb = \"1-1.4\"; } );", 2, "stands already in line 1" },
	{ "sims = ( { iccid = \"8944100000000000001\"; },\n{ iccid = \"89441000000000000012\"; } );", 2,
	  "is the SIM of line 1" },
	{ "sims = ( { number = \"+447700900001\"; } );", 1, "`iccid` is missing" },
	{ "sims = ( { iccid = \"89x\"; } );", 1, "18 to 20 digits" },
	{ "sims = ( { iccid = \"8944100000000000001\"; },\n{ iccid = \"8944100000000000001\"; } );", 2,
	  "stands already in line 1" },
	{ "accounts = ( { name = \"acme\"; } );\nsims = ( { iccid = \"8944100000000000001\";\n"
	  "account = \"acne\"; } );", 3, "there is no account \"acne\"; did you mean \"acme\"?" },
	{ "accounts = ( { name = \"acme\"; } );\nsims = ( { iccid = \"8944100000000000001\"; "
	  "account = \"default\"; } );", 2, "there is no account \"default\"" },
	{ "sims = ( { iccid = \"8944100000000000001\"; account = \"acme\"; } );", 1,
	  "name it in `accounts`" },
	{ "sims = ( { iccid = \"8944100000000000001\";\nquota = { per_day = -1; }; } );", 2,
	  "`per_day` must lie between 0 and" },
	{ "sims = ( { iccid = \"8944100000000000001\"; quota = { reset_day = 32; }; } );", 1,
	  "`reset_day` must lie between 1 and 31" },
	{ "sims = ( { iccid = \"8944100000000000001\";\nquota = { zone = \"Mars\"; }; } );", 2,
	  "no time zone \"Mars\"" },
	{ "currency = \"EUR\"; sims = ( { iccid = \"8944100000000000001\";\n"
	  "cost = ( { to = \"+44\"; each = 1; } ); } );", 2, "`to` wants the digits" },
	{ "sims = ( { iccid = \"8944100000000000001\"; cost = ( { to = \"44\"; } ); } );", 1,
	  "`each` is missing" },
	{ "pools = ( { name = \"p\"; numbers = [ \"hello\" ]; } );", 1, "\"hello\": " },
	{ "pools = ( { name = \"p\"; numbers = [ ]; } );", 1, "at least one number" },
	{ "pools = ( { name = \"p\"; } );", 1, "`numbers` is missing" },
	{ "pools = ( { name = \"p\"; numbers = [ \"+447700900001\", \"+44 7700 900001\" ]; } );", 1,
	  "stands twice" },
	{ "pools = ( { name = \"p\"; numbers = \"+447700900001\"; },\n"
	  "{ name = \"p\"; numbers = \"+447700900002\"; } );", 2, "stands already in line 1" },
	{ "accounts = ( { name = \"a\"; },\n{ name = \"a\"; } );", 2, "stands already in line 1" },
	{ "accounts = ( { name = \"a/b\"; } );", 1, "`name` wants letters" },
	{ "accounts = ( { } );", 1, "`name` is missing" },
	{ "accounts = ( { name = \"a\";\nwebhook = \"example.org\"; } );", 2, "`webhook` wants a URL" },
	{ "accounts = ( { name = \"a\"; zone = \"x\"; } );", 1, "no time zone" },
	{ "accounts = ( { name = \"a\"; sid = \"AC1\"; } );", 1, "`sid` wants AC" },
	{ "accounts = ( { name = \"a\"; language = \"English!\"; } );", 1, "`language` wants a code" },
	{ "balance = ( { operator = \"EE\"; ask = \"*1#\"; match = \"(x)\"; } );", 1, "five or six digits" },
	{ "balance = ( { operator = \"23410\"; ask = \"*1#\"; match = \"(x\"; } );", 1, "no extended regular" },
	{ "balance = ( { operator = \"23410\"; ask = \"*1#\"; match = \"x\"; } );", 1, "needs a group" },
	{ "balance = ( { operator = \"23410\"; ask = \"*1#\"; match = \"(x)\"; topup = \"*1#\"; } );", 1,
	  "must hold {code}" },
	{ "balance = ( { operator = \"23410\"; ask = \"*1#\"; match = \"(x)\"; },\n"
	  "{ operator = \"23410\"; ask = \"*1#\"; match = \"(x)\"; } );", 2, "stands already in line 1" },
	{ "balance = ( { operator = \"23410\"; ask = \"balance\"; match = \"(x)\"; } );", 1,
	  "wants a code that is dialled" },
	{ "balance = ( { operator = \"23410\"; ask = \"*1#\"; match = \"(x)\"; alert = 1.0;\n"
	  "topup = \"*1*{code}#\"; } );", 2, "go together" },
	{ "balance = ( { operator = \"23410\"; ask = \"*1#\"; match = \"(x)\"; alert = 1.0;\n"
	  "codes = \"x\"; } );", 2, "go together" },
	{ "balance = ( { operator = \"23410\"; ask = \"*1#\"; match = \"(x)\"; codes = \"x\";\n"
	  "topup = \"*1*{code}#\"; } );", 2, "needs `alert`" },
	{ "balance = ( { operator = \"23410\"; ask = \"*1#\"; match = \"(x)\"; alert = 1.0;\n"
	  "topup = \"*1*{code}#\"; codes = \"/\"; } );", 2, "is no file of codes" },
	{ "country = \"999\";", 1, "no country has the calling code" },
	{ "languages = [ \"tr\", \"xx\" ];", 1, "does not know \"xx\"" },
	{ "quiet_hours = { applies = [ \"campain\" ]; };", 1, "did you mean \"campaign\"?" },
	{ "quiet_hours = { from = \"8:00\"; };", 1, "`from` wants a clock time" },
	{ "quiet_hours = { from = \"08:00\"; };", 1, "begin and end at the same time" },
	{ "retry = { first = \"2h\"; };", 1, "shorter than" },
	{ "valid_for = \"2 days\";", 1, "wants a duration" },
	{ "currency = \"euro\";", 1, "three capitals" },
	{ "mail = { server = \"localhost\"; from = \"a@b\"; };", 1, "`server` wants smtp://" },
	{ "mail = { server = \"smtp://localhost\"; };", 1, "`from` is missing" },
	{ "alert = { email = \"van@example.org\"; };", 1, "needs the mail server" },
	{ "alert = { commands = true; };", 1, "needs the `number`" },
	{ "alert = { number = \"1234\"; };", 1, "\"1234\": " },
	{ "api = { listen = \"8470\"; };", 1, "`listen` wants an address and a port" },
	{ "api = { key = \"k.pem\"; };", 1, "go together" },
	{ "log = { level = \"warning\"; };", 1, "\"error\", \"warn\", \"info\" or \"debug\"" },
	{ "log = { numbers = \"none\"; };", 1, "\"masked\" or \"full\"" },
	{ "report = 1;", 1, "`report` wants true or false" },
	{ "max_segments = 256;", 1, "between 1 and 255" },
	{ "database = \"\";", 1, "`database` wants a path" },
	{ "adopt = \"some\";", 1, "\"all\", \"modems\" or \"none\"" },
};

START_TEST(test_fault)
{
	ck_assert_ptr_null(load(fault_rows[_i].text));
	ck_assert_msg(findings.errors == 1, "%s: %zu errors: %s", fault_rows[_i].text, findings.errors,
		      findings.v[findings.n - 1].text);
	ck_assert_msg(strstr(findings.v[0].text, fault_rows[_i].says), "%s", findings.v[0].text);
	ck_assert_uint_eq(findings.v[0].line, fault_rows[_i].line);
	ck_assert_str_eq(findings.v[0].file, "/etc/twoway/twoway.conf");
	done();
}
END_TEST

/* Without `accounts` there is one, and it can be named. */
/* Served with what is good; each entry that is not says where and why. */
static const struct { const char *text, *refused; } refusals[] = {
	{ "modems = ( { port = \"/dev/ttyUSB0\"; },\n{ name = \"a\"; port = \"/dev/ttyUSB1\"; pin = \"12\"; } );",
	  ":2: modem a is not used: a PIN has four to eight digits" },
	{ "modems = ( { port = \"/dev/ttyUSB0\"; },\n{ imei = \"12345678901234\"; number = \"+1\"; } );",
	  ":2: modem 12345678901234 is not used: \"+1\": " },
	{ "modems = ( { port = \"/dev/ttyUSB0\"; }, { port = \"/dev/ttyUSB0\"; } );",
	  ":1: modem /dev/ttyUSB0 is not used: `port` \"/dev/ttyUSB0\" stands already in line 1" },
	{ "modems = ( { port = \"/dev/ttyUSB0\"; }, { name = \"b\"; port = \"ttyUSB1\"; } );",
	  ":1: modem b is not used: `port` wants a path" },
	{ "sims = ( { iccid = \"8944100000000000001\"; quota = {\nper_day = -1; }; } );",
	  ":2: SIM 8944100000000000001 is not used: `per_day` must lie between 0 and 1000000000" },
	{ "sims = ( { iccid = \"8944100000000000001\"; cost = ( { to = \"44\"; each = -0.1; } ); } );",
	  ":1: SIM 8944100000000000001 is not used: `each` must lie between" },
	{ "sims = ( { iccid = \"8944100000000000001\"; }, { iccid = \"8944100000000000001\"; } );",
	  ":1: SIM 8944100000000000001 is not used: `iccid` \"8944100000000000001\" stands already" },
	{ "pools = ( { name = \"uk\"; numbers = [ \"+44\" ]; } );", ":1: pool uk is not used: \"+44\": " },
};

static struct settings *load_to_serve(const char *text)
{
	char path[] = "/tmp/twoway-config-XXXXXX";
	int fd = mkstemp(path);

	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	tw_findings_done(&findings);
	settings = config_load_to_serve(path, &findings);
	unlink(path);
	return settings;
}

START_TEST(test_refused_entry)
{
	ck_assert_ptr_null(load(refusals[_i].text));
	ck_assert_ptr_nonnull(load_to_serve(refusals[_i].text));
	ck_assert_uint_eq(settings->refused.n, 1);
	ck_assert_msg(strstr(settings->refused.v[0], refusals[_i].refused), "%s", settings->refused.v[0]);
	ck_assert_uint_eq(findings.errors, 1);
	ck_assert_uint_eq(settings->n_pools, 0);
	for (size_t i = 0; i < settings->n_modems; i++)
		ck_assert_int_eq(settings->modems[i].refused != NULL, i == 1);
	for (size_t i = 0; i < settings->n_sims; i++)
		ck_assert_int_eq(settings->sims[i].refused != NULL, i + 1 == settings->n_sims);
	done();
}
END_TEST

/* No daemon starts with these: it would do something else than was meant. */
static const char *const grave[] = {
	"modems = ( { port = \"/dev/ttyUSB0\"; colour = \"red\"; } );",
	"modems = ( { port = 5; } );",
	"sims = ( { number = \"+447700900001\"; } );",
	"sims = ( { iccid = \"8944100000000000001\"; quota = { per_day = \"5\"; }; } );",
	"max_segments = 0;",
	"accounts = ( { name = \"a b\"; } );",
	"retry = { tries = 0; };",
	"alert = { number = \"+1\"; };",
};

START_TEST(test_grave)
{
	size_t n = 0;

	ck_assert_ptr_null(load_to_serve(grave[_i]));
	for (size_t i = 0; i < findings.n; i++)
		n += findings.v[i].is_error && !findings.v[i].is_value;
	ck_assert_uint_ge(n, 1);
	done();
}
END_TEST

START_TEST(test_default_account)
{
	load("sims = ( { iccid = \"8944100000000000001\"; account = \"default\"; } );");
	expect_loaded();
	done();
}
END_TEST

START_TEST(test_warnings)
{
	load("modems = ( { port = \"/dev/x\"; number = \"+447700900001\"; } );\n"
	     "pools = ( { name = \"p\"; numbers = \"+447700900002\"; } );");
	ck_assert_ptr_nonnull(settings);
	ck_assert_uint_eq(findings.n, 1);
	ck_assert(strstr(findings.v[0].text, "no modem or SIM here has the number"));
	done();
	load("sims = ( { iccid = \"8944100000000000001\"; cost = ( { to = \"*\"; each = 1; } ); } );");
	ck_assert_ptr_nonnull(settings);
	ck_assert(strstr(findings.v[0].text, "no `currency`"));
	done();
	load("currency = \"EUR\"; sims = ( { iccid = \"8944100000000000001\";\n"
	     "quota = { spend_per_month = 5.0; }; } );");
	ck_assert_ptr_nonnull(settings);
	ck_assert_uint_eq(findings.n, 1);
	ck_assert(strstr(findings.v[0].text, "it stops nothing"));
	done();
}
END_TEST

START_TEST(test_all_faults)
{
	ck_assert_ptr_null(load("adopt = 1;\nreport = 1;\nmodems = ( { } );\nfoo = 1;"));
	ck_assert_uint_eq(findings.errors, 4);
	done();
}
END_TEST

START_TEST(test_describe)
{
	static const char *const lines[] = {
		"country", "retry.tries", "modems[].port", "sims[].quota.zone", "sims[].cost[].to",
		"log.level", "api.listen", "webhooks.private", "balance[].operator", "accounts[].sid"
	};
	struct tw_buf out = { 0 };
	size_t count = 0;

	config_describe(&out);
	for (size_t i = 0; i < TW_COUNT(lines); i++) {
		tw_auto(tw_free_charp) char *line = tw_printf("\n%s ", lines[i]);

		ck_assert_msg(!strncmp(out.p, line + 1, strlen(line) - 1) || strstr(out.p, line), "%s",
			      lines[i]);
	}
	ck_assert_ptr_nonnull(strstr(out.p, "integer 1..100          5 "));
	ck_assert_ptr_nonnull(strstr(out.p, "error|warn|info|debug   \"info\""));
	for (const char *p = out.p; *p; p++)
		count += *p == '\n';
	ck_assert_uint_eq(count, 98);
	tw_buf_done(&out);
}
END_TEST

START_TEST(test_data_folder)
{
	struct tw_strings folders = { 0 };

	/* This test runs in its build folder: the source tree's data are used. */
	unsetenv("TWOWAY_DATA");
	ck_assert_str_eq(config_data_folder(), TWOWAY_SOURCE_ROOT);
	setenv("TWOWAY_DATA", "/some/where", 1);
	ck_assert_str_eq(config_data_folder(), "/some/where");
	load("boards = \"/my/boards\";");
	expect_loaded();
	config_board_folders(settings, &folders);
	ck_assert_uint_eq(folders.n, 2);
	ck_assert_str_eq(folders.v[0], "/my/boards");
	ck_assert_str_eq(folders.v[1], "/some/where/boards");
	tw_strings_done(&folders);
	done();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("config");
	TCase *t = tcase_create("config");
	SRunner *runner = srunner_create(s);
	int failed;

	tcase_add_test(t, test_defaults);
	tcase_add_test(t, test_whole);
	tcase_add_test(t, test_values);
	tcase_add_loop_test(t, test_fault, 0, TW_COUNT(fault_rows));
	tcase_add_loop_test(t, test_refused_entry, 0, (int)TW_COUNT(refusals));
	tcase_add_loop_test(t, test_grave, 0, (int)TW_COUNT(grave));
	tcase_add_test(t, test_default_account);
	tcase_add_test(t, test_warnings);
	tcase_add_test(t, test_all_faults);
	tcase_add_test(t, test_describe);
	tcase_add_test(t, test_data_folder);
	suite_add_tcase(s, t);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
