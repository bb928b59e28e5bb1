/* Steps that leave the process: what is refused when they are read, what they ask for, and what answers do. */
#include "run.h"

#include "flow_kit.h"

static void setup(void)
{
	kit_n_values = kit_n_facts = kit_n_results = 0;
	kit_is_known = kit_stands = false;
	kit_open();
}

static const struct { const char *step; int offset; const char *says; } fault_rows[] = {
	{ "webhook = \"https://a.example/\";", -1, "`webhook` wants a group { url" },
	{ "webhook = { };", -1, "`url` is missing" },
	{ "webhook = { url = 5; };", -1, "`url` wants an address" },
	{ "webhook = { url = \"ftp://a.example/\"; };", -1, "`url` wants an address" },
	{ "webhook = { url = \"https:///x\"; };", -1, "`url` wants an address" },
	{ "webhook = { url = \"https://{args}/x\"; };", -1, "`url` wants an address" },
	{ "webhook = { url = \"https://a.{args}.example/x\"; };", 10, "only behind the host" },
	{ "webhook = { url = \"https://me:pw@a.example/x\"; };", -1, "holds a user or a password" },
	{ "webhook = { url = \"https://a.example/{agrs}\"; };", 19, "did you mean {args}?" },
	{ "webhook = { url = \"https://a.example/{args\"; };", 18, "never closed by }" },
	{ "webhook = { url = \"https://a.example/\"; timeout = \"1ms\"; };", -1, "`timeout` must lie between" },
	{ "webhook = { url = \"https://a.example/\"; timeout = \"1h\"; };", -1, "`timeout` must lie between" },
	{ "webhook = { url = \"https://a.example/\"; timeot = \"5s\"; };", -1, "did you mean `timeout`?" },
	{ "webhook = { url = \"https://a.example/\"; fallback = 5; };", -1, "steps stand in a list" },
	{ "webhook = { url = \"https://a.example/\"; fallback = \"{nmae}\"; };", 1, "did you mean {name}?" },
	{ "webhook = { url = \"https://a.example/\"; fallback = ( { replay = \"x\"; } ); };", -1,
	  "did you mean `reply`?" },
	{ "exec = \"stock\";", -1, "`exec` wants a group { program" },
	{ "exec = { program = \"/bin/sh\"; };", -1, "without /" },
	{ "exec = { program = \"../sh\"; };", -1, "without /" },
	{ "exec = { program = \".hidden\"; };", -1, "without /" },
	{ "exec = { program = \"\"; };", -1, "without /" },
	{ "exec = { program = \"{args}\"; };", -1, "without /" },
	{ "exec = { program = \"stock\"; arguments = \"{args}\"; };", -1, "`arguments` wants a list" },
	{ "exec = { program = \"stock\"; arguments = ( \"a\", 5 ); };", -1, "wants a text in quotation marks" },
	{ "exec = { program = \"stock\"; arguments = [ \"a\", \"for {agrs}\" ]; };", 5, "did you mean {args}?" },
	{ "exec = { program = \"stock\"; repeat = \"yes\"; };", -1, "`repeat` wants" },
	{ "email = { to = \"a@b.example\"; };", -1, "`text` is missing" },
	{ "email = { text = \"x\"; };", -1, "`to` is missing" },
	{ "email = { to = \"a@b.example\"; text = \"{nmae}\"; };", 1, "did you mean {name}?" },
	{ "email = { to = \"a@b.example\"; text = \"x\"; cc = \"c\"; };", -1, "cc" },
	{ "call_forward = { to = \"+447700900500\"; };", -1, "`for` is missing" },
	{ "call_forward = { to = \"12\"; for = \"1h\"; };", -1, "\"12\": " },
	{ "call_forward = { to = \"+447700900500\"; for = \"25h\"; };", -1, "`for` must lie between" },
};

START_TEST(test_fault)
{
	char flow[512];
	struct tw_finding *f;

	snprintf(flow, sizeof(flow), "keywords = ( { match = \"A\"; do = (\n{ %s } ); } );", fault_rows[_i].step);
	ck_assert_msg(!kit_load(flow), "%s", flow);
	ck_assert_msg(findings.errors == 1, "%s: %zu", flow, findings.errors);
	f = &findings.v[findings.n - 1];
	ck_assert_msg(strstr(f->text, fault_rows[_i].says), "%s", f->text);
	ck_assert_uint_eq(f->line, 2);
	ck_assert_msg(f->offset == fault_rows[_i].offset, "%s: %d", f->text, f->offset);
}
END_TEST

/* A program that is not there yet may come: until then the fallback answers. */
START_TEST(test_program_is_missing)
{
	static const char flow[] = "keywords = ( { match = \"A\";\nexec = { program = \"stock\"; }; } );";
	char path[128];

	kit_exec_folder = kit_folder;
	ck_assert_ptr_nonnull(kit_load(flow));
	ck_assert_uint_eq(findings.n, 1);
	ck_assert_uint_eq(findings.v[0].line, 2);
	ck_assert_msg(strstr(findings.v[0].text, "/stock that may be run"), "%s", findings.v[0].text);
	kit_write("stock", "#!/bin/sh\n");
	ck_assert_ptr_nonnull(kit_load(flow));
	ck_assert_uint_eq(findings.n, 1);	/* no right to run it */
	snprintf(path, sizeof(path), "%s/stock", kit_folder);
	ck_assert_int_eq(chmod(path, 0700), 0);
	kit_expect(flow);
}
END_TEST

#define STOCK "fields = ( { name = \"nps\"; type = \"integer\"; } ); keywords = ( { match = \"STOCK\"; do = ( " \
	"\"Looking.\", { label = \"look\"; webhook = { url = \"https://a.example/s/{args}?n={name|none}&k=%20\"; " \
	"fallback = \"No idea.\"; timeout = \"5s\"; }; }, \"Done {nps}.\" ); }, { match = \"HOURS\"; reply = \"8-18\"; }, " \
	"{ match = \"MAIL\"; do = ( { email = { to = \"{args}\"; subject = \"From\n{number}\"; text = \"It's {text}\"; " \
	"}; }, \"Sent.\" ); }, { match = \"RUN\"; do = ( { exec = { program = \"stock\"; arguments = [ \"--for\", " \
	"\"{args}\", \"{name}\" ]; repeat = true; fallback = ( { tag = \"failed\"; }, { go = \"HOURS\"; } ); }; }, " \
	"\"Ran.\" ); }, { match = \"CALLS\"; do = ( { call_forward = { to = \"+447700900500\"; for = \"2h\"; }; }, " \
	"\"Calls go there.\" ); } );"

START_TEST(test_leaves)
{
	kit_expect(STOCK);
	expect_say("stock red & blue/\xC3\xA9", "TAKEN default STOCK | REPLY default Looking. | WEBHOOK default "
		   "https://a.example/s/red%20%26%20blue%2F%C3%A9?n=none&k=%20 | KEEP away");
	ck_assert_int_eq(kit_place.until.ms - event.now.ms, 5000);
	expect_say("run a b", "TAKEN default RUN | EXEC default stock [--for] [a b] [] | KEEP away");
	ck_assert_int_eq(kit_place.until.ms - event.now.ms, 10000);
	expect_say("run", "TAKEN default RUN | EXEC default stock [--for] [] [] | KEEP away");
	expect_say("mail ann@shop.example", "TAKEN default MAIL | EMAIL default ann@shop.example It's mail "
		   "ann@shop.example | KEEP away");
	expect_say("mail ann@shop.example,eve@x.example", "TAKEN default MAIL | FAILED default email `to` is no "
		   "address of electronic mail | REPLY default Sent.");
	expect_say("calls", "TAKEN default CALLS | CALL_FORWARD default +447700900500 | KEEP away");
}
END_TEST

START_TEST(test_intent)
{
	struct flow_intent v;
	struct flow_run *run;

	kit_expect(STOCK);
	kit_say("stock x");
	run = flow_run_begin(flows, &event, &result.v[1]);
	ck_assert(flow_run_next(run, &v) && v.type == FLOW_REPLY && flow_run_next(run, &v));
	ck_assert_str_eq(v.away->step, "look");
	ck_assert_int_eq(v.away->timeout, 5000);
	ck_assert(!v.away->repeats);
	flow_run_free(run);
	kit_say("mail a@b.example");
	run = flow_run_begin(flows, &event, &result.v[1]);
	ck_assert(flow_run_next(run, &v));
	ck_assert_str_eq(v.away->subject, "From +447700900123");	/* one line, whatever was written */
	ck_assert(strspn(v.away->step, "0123456789") == strlen(v.away->step));
	flow_run_free(run);
	kit_say("run x");
	run = flow_run_begin(flows, &event, &result.v[1]);
	ck_assert(flow_run_next(run, &v) && v.away->repeats);
	flow_run_free(run);
}
END_TEST

START_TEST(test_answers)
{
	static const char *const two[] = { "Red: {name}", "Blue" }, *const tags[] = { "asked" };
	static const struct flow_answer_value sets[] = { { "nps", "7" }, { "name", "Ann" } },
		unset[] = { { "nps", NULL } };

	kit_expect(STOCK);
	kit_say("stock x");
	ck_assert_str_eq(kit_answer(&(struct flow_answer){ .n_replies = 0 }), "REPLY default Done .");
	kit_say("stock x");
	ck_assert_str_eq(kit_answer(&(struct flow_answer){
		.replies = two, .n_replies = 2, .sets = sets, .n_sets = 2, .tags = tags, .n_tags = 1 }),
		"SET default nps 7 | SET default name Ann | TAG default asked | REPLY default Red: {name} | "
		"REPLY default Blue | REPLY default Done 7.");
	kit_say("stock x");
	ck_assert_str_eq(kit_answer(&(struct flow_answer){ .sets = unset, .n_sets = 1, .untags = tags,
							   .n_untags = 1, .go = "hours" }),
			 "SET default nps | UNTAG default asked | REPLY default 8-18");
	/* a label, and the step once more */
	kit_say("stock x");
	ck_assert_str_eq(kit_answer(&(struct flow_answer){ .replies = two, .n_replies = 1, .go = "look" }),
			 "REPLY default Red: {name} | WEBHOOK default https://a.example/s/x?n=Ann&k=%20 | KEEP away");
}
END_TEST

/* Nothing of it is done. */
START_TEST(test_unsound)
{
	static const char *const reply[] = { "Hi" }, *const tags[] = { "it's" };
	static const struct flow_answer_value unknown[] = { { "nps", "7" }, { "npp", "7" } },
		misfit[] = { { "nps", "many" } };
	static const struct { struct flow_answer a; const char *says; } rows[] = {
		{ { .failure = "status 500" }, "status 500" },
		{ { .replies = reply, .n_replies = 1, .sets = unknown, .n_sets = 2 },
		  "its answer sets \"npp\", which is no field, or does not fit into it" },
		{ { .sets = misfit, .n_sets = 1 },
		  "its answer sets \"nps\", which is no field, or does not fit into it" },
		{ { .tags = tags, .n_tags = 1 },
		  "its answer names a tag of more than 60 octets, or with { } or '" },
		{ { .replies = reply, .n_replies = 1, .go = "nowhere" },
		  "its answer goes to \"nowhere\", which is no label and no keyword of the file" },
	};
	char says[512];

	kit_expect(STOCK);
	kit_set("nps", NULL);
	for (size_t i = 0; i < TW_COUNT(rows); i++) {
		kit_say("stock x");
		snprintf(says, sizeof(says), "FAILED default webhook %s | REPLY default No idea. | REPLY default "
			 "Done .", rows[i].says);
		ck_assert_str_eq(kit_answer(&rows[i].a), says);
	}
}
END_TEST

/* A keyword of another file is out of reach: whoever answers knows the file that asked. */
START_TEST(test_go_stays_in_its_file)
{
	kit_write("b.conf", "keywords = ( { match = \"OTHER\"; reply = \"other\"; } );");
	kit_expect(STOCK);
	kit_say("stock x");
	ck_assert_str_eq(kit_answer(&(struct flow_answer){ .go = "OTHER" }), "FAILED default webhook its answer "
			 "goes to \"OTHER\", which is no label and no keyword of the file | REPLY default No idea. | "
			 "REPLY default Done .");
}
END_TEST

START_TEST(test_fallback)
{
	kit_expect(STOCK);
	kit_say("stock x");
	ck_assert_str_eq(kit_clock(), "FAILED default webhook no answer in time | REPLY default No idea. | REPLY "
			 "default Done .");
	kit_say("run x");
	ck_assert_str_eq(kit_clock(), "FAILED default exec no answer in time | TAG default failed | REPLY default "
			 "8-18");
	kit_say("calls");		/* without a fallback the flow goes on */
	ck_assert_str_eq(kit_answer(&(struct flow_answer){ .failure = "no" }),
			 "FAILED default call_forward no | REPLY default Calls go there.");
	kit_expect("keywords = ( { match = \"A\"; webhook = { url = \"http://a.example\"; fallback = { de = \"Nein\"; en = "
		   "\"No\"; }; }; } );");
	kit_say("a");
	ck_assert_str_eq(kit_clock(), "FAILED default webhook no answer in time | REPLY default No");
}
END_TEST

/* Two programs that send each other to and fro end. */
START_TEST(test_hops)
{
	static const struct flow_answer again = { .go = "look" };
	int n = 1;

	kit_expect(STOCK);
	kit_say("stock x");
	while (strstr(kit_answer(&again), "KEEP away"))
		ck_assert_int_lt(n++, 100);
	ck_assert_int_eq(n, 20);
	ck_assert_msg(strstr(kit_out, "too many steps of its kind in a row | REPLY default No idea."), "%s", kit_out);
}
END_TEST

START_TEST(test_loop)
{
	ck_assert(!kit_load("keywords = ( { match = \"A\"; do = ( { label = \"l\"; webhook = { url = "
			    "\"https://a.example/\"; }; },\n{ go = \"l\"; } ); } );"));
	ck_assert_msg(strstr(findings.v[0].text, "never ends"), "%s", findings.v[0].text);
	ck_assert(!kit_load("keywords = ( { match = \"A\"; do = ( { label = \"l\"; webhook = { url = "
			    "\"https://a.example/\"; fallback = (\n{ go = \"l\"; } ); }; } ); } );"));
	ck_assert_msg(strstr(findings.v[0].text, "never ends"), "%s", findings.v[0].text);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, kit_close);
	tcase_add_loop_test(tc, test_fault, 0, TW_COUNT(fault_rows));
	tcase_add_test(tc, test_program_is_missing);
	tcase_add_test(tc, test_leaves);
	tcase_add_test(tc, test_intent);
	tcase_add_test(tc, test_answers);
	tcase_add_test(tc, test_unsound);
	tcase_add_test(tc, test_go_stays_in_its_file);
	tcase_add_test(tc, test_fallback);
	tcase_add_test(tc, test_hops);
	tcase_add_test(tc, test_loop);
}

int main(void)
{
	return unit_run("flow_away", add);
}
