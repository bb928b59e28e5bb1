/* Texts of strangers on a terminal, and tables. */
#include <check.h>

#include "../../src/cli/cli.h"
#include "../../src/cli/stream.h"

static const struct { const char *in, *out; int width; } texts[] = {
	{ "", "", 0 },
	{ "plain", "plain", 5 },
	{ "caf\xc3\xa9", "caf\xc3\xa9", 4 },
	{ "cafe\xcc\x81", "cafe\xcc\x81", 4 },			/* a combining mark takes no room */
	{ "\xe4\xbd\xa0\xe5\xa5\xbd", "\xe4\xbd\xa0\xe5\xa5\xbd", 4 },
	{ "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd", "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd", 2 },
	{ "\x1b[2J\x1b]0;owned\x07", "\\x1b[2J\\x1b]0;owned\\x07", 23 },
	{ "a\nb\r\tc", "a\\nb\\r\\tc", 9 },
	{ "\x7f\xc2\x9b" "1A", "\\x7f\\x9b1A", 10 },			/* C1: CSI in one octet */
	{ "\xe2\x80\xae" "evil", "\\u202eevil", 10 },			/* right-to-left override */
	{ "\xe2\x81\xa6x\xe2\x81\xa9", "\\u2066x\\u2069", 13 },
	{ "\xff\xc3(", "\xef\xbf\xbd\xef\xbf\xbd(", 3 },		/* ill-formed */
};

START_TEST(nothing_drives_the_terminal)
{
	struct tw_buf b = { 0 };

	show_safe(texts[_i].in, strlen(texts[_i].in), &b);
	ck_assert_str_eq(tw_buf_str(&b), texts[_i].out);
	ck_assert_int_eq(show_width(tw_buf_str(&b), b.n), texts[_i].width);
	tw_buf_done(&b);
}
END_TEST

static bool is_harmless(const struct tw_buf *b)
{
	for (size_t i = 0; i < b->n; i++) {
		unsigned char c = (unsigned char)b->p[i];

		if (c < 0x20 || c == 0x7f)
			return false;
		if (c == 0xc2 && (unsigned char)b->p[i + 1] < 0xa0)
			return false;
	}
	return true;
}

/* No code point leaves an octet that a terminal obeys. The long plain stretches of Han and Hangul
 * are looked at by every 97th. */
START_TEST(no_control_passes)
{
	struct tw_buf in = { 0 }, out = { 0 };

	for (uint32_t c = 0; c < 0x110000; c += c >= 0x3400 && c < 0xd700 ? 97 : 1) {
		if (c >= 0xd800 && c < 0xe000)
			continue;
		if (c == 0x20000)
			c = 0xe0000;
		if (c == 0xe1000)
			break;
		tw_buf_clear(&in);
		tw_buf_clear(&out);
		tw_buf_addu(&in, c);
		show_safe(in.p, in.n, &out);
		if (!is_harmless(&out))
			ck_abort_msg("U+%04X", c);
	}
	tw_buf_done(&in);
	tw_buf_done(&out);
}
END_TEST

static const struct { const char *in; int width; const char *out; } cuts[] = {
	{ "abcdef", 6, "abcdef" }, { "abcdef", 5, "abcd\xe2\x80\xa6" },
	{ "abcdef", 1, "\xe2\x80\xa6" }, { "abcdef", 0, "" }, { "", 0, "" },
	/* A wide character that does not fit whole is left out whole. */
	{ "\xe4\xbd\xa0\xe5\xa5\xbd!", 4, "\xe4\xbd\xa0\xe2\x80\xa6" },
	{ "cafe\xcc\x81s", 5, "cafe\xcc\x81s" },
	{ "cafe\xcc\x81ss", 5, "cafe\xcc\x81\xe2\x80\xa6" },
};

START_TEST(long_texts_are_cut)
{
	struct tw_buf b = { 0 };

	show_cut(cuts[_i].in, cuts[_i].width, &b);
	ck_assert_str_eq(tw_buf_str(&b), cuts[_i].out);
	ck_assert_int_le(show_width(tw_buf_str(&b), b.n), cuts[_i].width);
	tw_buf_done(&b);
}
END_TEST

static void fill(struct table *t)
{
	table_column(t, "NAME", false, false);
	table_column(t, "N", true, false);
	table_column(t, "TEXT", false, true);
	table_cell(t, "till", COLOUR_GOOD);
	table_cell_int(t, 1234);
	table_cell(t, "a text that is long", COLOUR_NONE);
	table_cell(t, "\xe4\xbd\xa0\xe5\xa5\xbd\n", COLOUR_NONE);
	table_cell_int(t, 5);
	table_cell(t, "", COLOUR_BAD);
}

static const struct { int width; bool colour; const char *out; } tables[] = {
	{ 0, false, "NAME       N  TEXT\n"
		    "till    1234  a text that is long\n"
		    "\xe4\xbd\xa0\xe5\xa5\xbd\\n     5\n" },
	{ 26, false, "NAME       N  TEXT\n"
		     "till    1234  a text that\xe2\x80\xa6\n"
		     "\xe4\xbd\xa0\xe5\xa5\xbd\\n     5\n" },
	/* Narrower than can be: the flexible column keeps a little, nothing breaks. */
	{ 3, false, "NAME       N  TEXT\n"
		    "till    1234  a text \xe2\x80\xa6\n"
		    "\xe4\xbd\xa0\xe5\xa5\xbd\\n     5\n" },
	{ 0, true, "\033[1mNAME\033[0m       \033[1mN\033[0m  \033[1mTEXT\033[0m\n"
		   "\033[32mtill\033[0m    1234  a text that is long\n"
		   "\xe4\xbd\xa0\xe5\xa5\xbd\\n     5\n" },
};

/* What can be spared goes first where nothing stands in it, then by rank; what told something is named. */
static const struct { int width; const char *out; } spared[] = {
	{ 80, "NAME  EMPTY  BOARD  PORT  LAST TROUBLE\ntill         mine   tty0\n" },
	{ 36, "NAME  BOARD  PORT  LAST TROUBLE\ntill  mine   tty0\n" },
	{ 30, "NAME  BOARD  LAST TROUBLE\ntill  mine\ntoo narrow for: PORT\n" },
	{ 10, "NAME  LAST TROUBLE\ntill\ntoo narrow for: BOARD, PORT\n" },
};

START_TEST(columns_are_spared)
{
	static const char *const names[] = { "NAME", "EMPTY", "BOARD", "PORT", "LAST TROUBLE" };
	struct table t = { 0 };
	struct tw_buf b = { 0 };

	for (size_t i = 0; i < TW_COUNT(names); i++)
		table_column(&t, names[i], false, i == 4);
	table_spare(&t, "EMPTY", 1);
	table_spare(&t, "BOARD", 2);
	table_spare(&t, "PORT", 3);
	table_spare(&t, "HEALTH", 4);	/* a column that this table has not */
	table_min(&t, "LAST TROUBLE", 12);
	for (size_t i = 0; i < TW_COUNT(names); i++)
		table_cell(&t, ((const char *[]){ "till", "", "mine", "tty0", "" })[i], COLOUR_NONE);
	table_print(&t, spared[_i].width, false, &b);
	ck_assert_str_eq(tw_buf_str(&b), spared[_i].out);
	table_done(&t);
	tw_buf_done(&b);
}
END_TEST

START_TEST(tables_are_aligned)
{
	struct table t = { 0 };
	struct tw_buf b = { 0 };

	fill(&t);
	table_print(&t, tables[_i].width, tables[_i].colour, &b);
	ck_assert_str_eq(tw_buf_str(&b), tables[_i].out);
	table_done(&t);
	tw_buf_done(&b);
}
END_TEST

/* ---- watch --------------------------------------------------------------------------------- */

static void collect(void *ctx, const char *data, size_t n)
{
	tw_buf_add(ctx, data, n);
	tw_buf_addc(ctx, '|');
}

static const struct { const char *in, *out; } streams[] = {
	{ "data: {}\n\n", "{}|" },
	{ "event: x\r\ndata:{\"a\":1}\r\n\r\n: beat\n\ndata: 2\n\n", "{\"a\":1}|2|" },
	{ "data: a\ndata: b\n\n", "a\nb|" },
	{ ": only comments\n\nretry: 5\n\n", "" },
	{ "data: cut off", "" },
};

START_TEST(a_stream_is_read_at_any_cut)
{
	const char *in = streams[_i].in;

	for (size_t cut = 0; cut <= strlen(in); cut++) {
		struct tw_buf out = { 0 };
		struct stream s = { .take = collect, .ctx = &out };

		stream_feed(&s, in, cut);
		stream_feed(&s, in + cut, strlen(in) - cut);
		ck_assert_str_eq(tw_buf_str(&out), streams[_i].out);
		stream_done(&s);
		tw_buf_done(&out);
	}
}
END_TEST

static const struct { const char *json, *out; } events[] = {
	{ "{\"event\":\"message.delivered\",\"message\":{\"direction\":\"outbound\",\"from\":\"+1\","
	  "\"to\":\"+2\",\"text\":\"hi\\u001b[2J\",\"error\":{\"text\":null}}}",
	  "          delivered    +2 \xe2\x86\x90 +1  hi\\x1b[2J\n" },
	{ "{\"event\":\"message.failed\",\"message\":{\"direction\":\"outbound\",\"from\":null,"
	  "\"to\":\"+2\",\"text\":null,\"error\":{\"text\":\"no credit\"}}}",
	  "          failed       +2 \xe2\x86\x90   (no credit)\n" },
	{ "{\"event\":\"message.received\",\"message\":{\"direction\":\"inbound\",\"from\":\"+2\","
	  "\"to\":\"+1\",\"text\":\"JOIN\"}}",
	  "          received     +2 \xe2\x86\x92 +1  JOIN\n" },
	{ "{\"event\":\"modem.ready\",\"modem\":{\"name\":\"till\",\"state\":\"ready\","
	  "\"network\":\"Net\",\"sim\":{\"number\":\"+1\"}}}",
	  "          ready        modem till +1  Net\n" },
	{ "{\"event\":\"lost\"}",
	  "          what came before is not kept any more\n" },
	{ "{\"event\":\"something.new\",\"id\":\"x\\u001b\"}", "          something.new x\\x1b\n" },
	{ "[]", "           \n" },
};

START_TEST(events_are_told_in_a_line)
{
	json_t *e = json_loads(events[_i].json, 0, NULL);
	struct tw_buf b = { 0 };

	ck_assert_ptr_nonnull(e);
	stream_describe(e, false, (struct wall_ms){ 0 }, &b);
	ck_assert_str_eq(tw_buf_str(&b), events[_i].out);
	json_decref(e);
	tw_buf_done(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cli_show");
	TCase *c = tcase_create("show");
	SRunner *r;
	int failed;

	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, nothing_drives_the_terminal, 0, TW_COUNT(texts));
	tcase_add_test(c, no_control_passes);
	tcase_add_loop_test(c, long_texts_are_cut, 0, TW_COUNT(cuts));
	tcase_add_loop_test(c, columns_are_spared, 0, TW_COUNT(spared));
	tcase_add_loop_test(c, tables_are_aligned, 0, TW_COUNT(tables));
	tcase_add_loop_test(c, a_stream_is_read_at_any_cut, 0, TW_COUNT(streams));
	tcase_add_loop_test(c, events_are_told_in_a_line, 0, TW_COUNT(events));
	suite_add_tcase(s, c);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
