#include "at_play.h"

#include "../../src/at/scan.h"

static struct scan s;
static uint64_t lost;

static void begin(void)
{
	memset(&s, 0xa5, sizeof(s));
	scan_init(&s);
	lost = 0;
}

/* Takes all lines; each is followed by a bar, a prompt is a `>` of its own. */
static void drain(struct tw_buf *out)
{
	struct scan_line line;

	for (;;) {
		enum scan_found found = scan_peek(&s, &line, &lost);

		if (found == SCAN_NOTHING)
			return;
		if (found == SCAN_PROMPT) {
			scan_take_prompt(&s);
			tw_buf_adds(out, ">|");
			continue;
		}
		ck_assert_uint_eq(strlen(line.text), line.n);
		ck_assert_uint_gt(line.n, 0);
		tw_buf_add(out, line.text, line.n);
		tw_buf_adds(out, line.is_cut ? "…|" : "|");
		scan_take_line(&s);
	}
}

static const struct { const char *bytes; size_t n; const char *lines; } rows[] = {
#define ROW(bytes, lines) { bytes, sizeof(bytes) - 1, lines }
	ROW("\r\nOK\r\n", "OK|"),
	ROW("OK\n", "OK|"),
	ROW("OK\r", "OK|"),
	ROW("OK", ""),
	ROW("AT\r\r\nOK\r\n", "AT|OK|"),
	ROW("\r\r\n\r\n  OK  \r\r\n\n", "OK|"),
	ROW("\0\0\0\r\nOK\r\n", "OK|"),
	ROW("\r\nO\0K\0\r\n", "OK|"),
	ROW("\0", ""),
	ROW("\x1a\r\n\x1bOK\x1a\r\n", "OK|"),
	ROW("\r\nE173\r\n\r\nOK\r\n", "E173|OK|"),
	ROW("\n+CSQ: 1,2\nOK\n", "+CSQ: 1,2|OK|"),
	ROW("\r+CSQ: 1,2\rOK\r", "+CSQ: 1,2|OK|"),
	ROW("\r\n> ", ">|"),
	ROW(">", ">|"),
	ROW(">\0", ">|"),
	ROW(">x", ""),
	ROW("\xff\xfe\r\nOK\r\n", "\xff\xfe|OK|"),
	ROW("+CUSD: 2\r\nOK\r\n", "+CUSD: 2|OK|"),
	ROW("+CUSD: 0,\"one\",15\r\n", "+CUSD: 0,\"one\",15|"),
	ROW("+CUSD: 0,\"one\"\r\n", "+CUSD: 0,\"one\"|"),
	ROW("+CUSD: 0,\"one\r\ntwo\",15\r\nOK\r\n", "+CUSD: 0,\"one\ntwo\",15|OK|"),
	ROW("+CUSD: 0,\"\r\none\r\r\n\n\",15\r\n", "+CUSD: 0,\"\none\n\n\n\",15|"),
	ROW("+CUSD: 0,\"say \"hi\" now\r\nend\", 15\r\n", "+CUSD: 0,\"say \"hi\" now\nend\", 15|"),
	ROW("+CUSD: 0,\"say \"hi\" now\", 15\r\nOK\r\n", "+CUSD: 0,\"say \"hi\" now\", 15|OK|"),
	ROW("+CUSD: 0,\"open\r\nOK\r\n", ""),
	ROW("+CUSE: 0,\"open\r\nOK\r\n", "+CUSE: 0,\"open|OK|"),
#undef ROW
};

START_TEST(lines)
{
	const char *bytes = rows[_i].bytes;
	size_t n = rows[_i].n;
	struct tw_buf out = { 0 };

	ck_assert_uint_eq(scan_feed(&s, bytes, n), 0);
	drain(&out);
	ck_assert_str_eq(tw_buf_str(&out), rows[_i].lines);
	for (size_t cut = 0; cut <= n; cut++) {
		if (memchr(bytes, '>', n))
			break;	/* what follows a `>` decides */
		begin();
		tw_buf_clear(&out);
		scan_feed(&s, bytes, cut);
		drain(&out);
		scan_feed(&s, bytes + cut, n - cut);
		drain(&out);
		ck_assert_str_eq(tw_buf_str(&out), rows[_i].lines);
	}
	tw_buf_done(&out);
}
END_TEST

START_TEST(a_quote_that_never_closes)
{
	struct tw_buf out = { 0 };

	scan_feed(&s, "+CUSD: 0,\"open\r\nOK\r\n+CSQ: ", 26);
	drain(&out);
	ck_assert(s.is_quote_open);
	scan_give_up_quote(&s);
	drain(&out);
	ck_assert_str_eq(tw_buf_str(&out), "+CUSD: 0,\"open|OK|");
	scan_feed(&s, "1\r\n+CUSD: 0,\"a\r\nb\",1\r\n", 22);
	drain(&out);
	ck_assert_str_eq(tw_buf_str(&out), "+CUSD: 0,\"open|OK|+CSQ: 1|+CUSD: 0,\"a\nb\",1|");
	tw_buf_done(&out);
}
END_TEST

/* A line of n octets, then OK, fed in pieces of `piece`. */
static void feed_long(size_t n, size_t piece, const char *head, struct tw_buf *out)
{
	struct tw_buf in = { 0 };

	begin();
	tw_buf_clear(out);
	tw_buf_adds(&in, head);
	while (in.n < n)
		tw_buf_addc(&in, (char)('a' + in.n % 26));
	tw_buf_adds(&in, "\r\nOK\r\n");
	for (size_t at = 0; at < in.n; at += piece) {
		scan_feed(&s, in.p + at, in.n - at < piece ? in.n - at : piece);
		drain(out);
	}
	tw_buf_done(&in);
}

START_TEST(long_lines_are_cut)
{
	static const size_t pieces[] = { 1, 7, 64, 1000, 3000, 16384 };
	struct tw_buf whole = { 0 }, out = { 0 };

	for (size_t i = 0; i < TW_COUNT(pieces); i++) {
		feed_long(AT_LINE_MAX, pieces[i], "", &out);
		ck_assert_ptr_null(strstr(tw_buf_str(&out), "…"));
		ck_assert_uint_eq(out.n, AT_LINE_MAX + 4);
		ck_assert_uint_eq(lost, 0);
		feed_long(5000, pieces[i], "", &out);
		ck_assert_uint_eq(out.n, AT_LINE_MAX + strlen("…|OK|"));
		ck_assert_ptr_nonnull(strstr(tw_buf_str(&out), "…|OK|"));
		ck_assert_uint_eq(lost, 5000 - AT_LINE_MAX);
	}
	/* A quote open beyond it is given up. */
	feed_long(3000, 16384, "+CUSD: 0,\"\r\nx", &whole);
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&whole), "+CUSD: 0,\"|x"));
	for (size_t i = 0; i < TW_COUNT(pieces); i++) {
		feed_long(3000, pieces[i], "+CUSD: 0,\"\r\nx", &out);
		ck_assert_str_eq(tw_buf_str(&out), tw_buf_str(&whole));
	}
	tw_buf_done(&whole);
	tw_buf_done(&out);
}
END_TEST

START_TEST(offsets_count_every_octet)
{
	static char junk[3000];
	struct scan_line line;

	memset(junk, 'x', sizeof(junk));
	scan_feed(&s, junk, sizeof(junk));
	ck_assert_int_eq(scan_peek(&s, &line, &lost), SCAN_NOTHING);
	scan_feed(&s, junk, 500);
	scan_feed(&s, "\r\nOK\r\n", 6);
	ck_assert_int_eq(scan_peek(&s, &line, &lost), SCAN_LINE);
	ck_assert_uint_eq(line.at, 0);
	scan_take_line(&s);
	ck_assert_int_eq(scan_peek(&s, &line, &lost), SCAN_LINE);
	ck_assert_uint_eq(line.at, 3502);
	ck_assert_str_eq(line.text, "OK");
	scan_take_line(&s);
	ck_assert_int_eq(scan_peek(&s, &line, &lost), SCAN_NOTHING);
	ck_assert_uint_eq(scan_at(&s), 3506);
	ck_assert_uint_eq(lost, 1452);
}
END_TEST

START_TEST(a_flood_loses_its_oldest_lines)
{
	struct tw_buf out = { 0 };
	uint64_t gone = 0;
	char line[32];

	for (int i = 0; i < 3000; i++)
		gone += scan_feed(&s, line, (size_t)sprintf(line, "+FOO: %d\r\n", i));
	drain(&out);
	ck_assert_uint_gt(gone, 0);
	ck_assert_uint_lt(gone, 3000 * 12 - AT_INPUT_MAX + 64);
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&out), "|+FOO: 2998|+FOO: 2999|"));
	ck_assert_int_eq(strncmp(tw_buf_str(&out), "+FOO: ", 6), 0);
	tw_buf_done(&out);
}
END_TEST

START_TEST(one_feed_larger_than_the_queue)
{
	static char big[3 * AT_INPUT_MAX];
	struct tw_buf out = { 0 };

	memset(big, 'x', sizeof(big));
	memcpy(big + sizeof(big) - 10, "\r\nA\r\nOK\r\nB", 10);
	scan_feed(&s, "\r\nfirst", 7);
	ck_assert_uint_eq(scan_feed(&s, big, sizeof(big)), 7 + 2 * AT_INPUT_MAX);
	drain(&out);
	ck_assert_str_eq(tw_buf_str(&out), "A|OK|");
	scan_feed(&s, "C\n", 2);
	drain(&out);
	ck_assert_str_eq(tw_buf_str(&out), "A|OK|BC|");
	tw_buf_done(&out);
}
END_TEST

START_TEST(the_rest_of_a_lost_line_is_lost)
{
	static char junk[AT_INPUT_MAX];
	struct tw_buf out = { 0 };

	memset(junk, 'x', sizeof(junk));
	ck_assert_uint_eq(scan_feed(&s, junk, sizeof(junk)), 0);
	ck_assert_uint_eq(scan_feed(&s, "yy\r\nOK\r\n", 8), AT_INPUT_MAX);
	drain(&out);
	ck_assert_str_eq(tw_buf_str(&out), "OK|");
	ck_assert_uint_eq(lost, 2);
	tw_buf_done(&out);
}
END_TEST

START_TEST(what_is_not_pulled_is_kept)
{
	struct tw_buf out = { 0 }, want = { 0 };
	char line[32];

	for (int i = 0; i < 1300; i++) {
		size_t n = (size_t)sprintf(line, "+FOO: %d\r\n", i);

		ck_assert_uint_eq(scan_feed(&s, line, n), 0);
		tw_buf_add(&want, line, n - 2);
		tw_buf_addc(&want, '|');
	}
	drain(&out);
	ck_assert_str_eq(tw_buf_str(&out), tw_buf_str(&want));
	tw_buf_done(&out);
	tw_buf_done(&want);
}
END_TEST

START_TEST(splits_a_glued_line)
{
	struct scan_line line;

	scan_feed(&s, "0011AA+CMGL: 1\r\nOK\r\n", 20);
	ck_assert_int_eq(scan_peek(&s, &line, &lost), SCAN_LINE);
	ck_assert_str_eq(scan_split(&s, 6), "0011AA");
	ck_assert_int_eq(scan_peek(&s, &line, &lost), SCAN_LINE);
	ck_assert_str_eq(line.text, "+CMGL: 1");
	ck_assert_uint_eq(line.at, 6);
	scan_take_line(&s);
	ck_assert_int_eq(scan_peek(&s, &line, &lost), SCAN_LINE);
	ck_assert_str_eq(line.text, "OK");
	ck_assert_uint_eq(line.at, 16);
}
END_TEST

START_TEST(takes_a_prompt_off_a_line)
{
	struct scan_line line;

	scan_feed(&s, "> > OK\r\n>\r\n> ", 13);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(scan_peek(&s, &line, &lost), SCAN_LINE);
		ck_assert(scan_is_at_prompt(&s));
		scan_take_prompt(&s);
	}
	ck_assert_int_eq(scan_peek(&s, &line, &lost), SCAN_LINE);
	ck_assert(!scan_is_at_prompt(&s));
	ck_assert_str_eq(line.text, "OK");
	ck_assert_uint_eq(line.at, 4);
	scan_take_line(&s);
	ck_assert_int_eq(scan_peek(&s, &line, &lost), SCAN_LINE);
	ck_assert_str_eq(line.text, ">");
	scan_take_prompt(&s);
	ck_assert_int_eq(scan_peek(&s, &line, &lost), SCAN_PROMPT);
	scan_take_prompt(&s);
	ck_assert_int_eq(scan_peek(&s, &line, &lost), SCAN_NOTHING);
	ck_assert_uint_eq(scan_at(&s), 13);
}
END_TEST

/* Random octets with many line ends: any split gives the same lines. */
START_TEST(any_split_gives_the_same_lines)
{
	static const char alphabet[] = "\r\n\r\n\0 >\"+CUSD: 0,OK1";
	struct tw_buf whole = { 0 }, out = { 0 };
	struct tw_random r;
	char bytes[400];

	tw_random_seed(&r, (uint64_t)_i + 1);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = alphabet[tw_random_below(&r, sizeof(alphabet) - 1)];
	for (int i = 0; i < 4; i++)
		memcpy(bytes + tw_random_below(&r, 380), "\r\n+CUSD: 0,\"", 12);
	for (size_t i = 0; i < sizeof(bytes); i++) {
		if (bytes[i] == '>')
			bytes[i] = 'p';
	}
	scan_feed(&s, bytes, sizeof(bytes));
	drain(&whole);
	for (int round = 0; round < 20; round++) {
		begin();
		tw_buf_clear(&out);
		for (size_t at = 0; at < sizeof(bytes);) {
			size_t n = 1 + tw_random_below(&r, round % 2 ? 3 : 40);

			if (n > sizeof(bytes) - at)
				n = sizeof(bytes) - at;
			scan_feed(&s, bytes + at, n);
			if (tw_random_below(&r, 3))
				drain(&out);
			at += n;
		}
		drain(&out);
		ck_assert_str_eq(tw_buf_str(&out), tw_buf_str(&whole));
	}
	tw_buf_done(&whole);
	tw_buf_done(&out);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("at_scan");
	TCase *t = tcase_create("scan");

	tcase_add_checked_fixture(t, begin, NULL);
	tcase_add_loop_test(t, lines, 0, TW_COUNT(rows));
	tcase_add_test(t, a_quote_that_never_closes);
	tcase_add_test(t, long_lines_are_cut);
	tcase_add_test(t, offsets_count_every_octet);
	tcase_add_test(t, a_flood_loses_its_oldest_lines);
	tcase_add_test(t, one_feed_larger_than_the_queue);
	tcase_add_test(t, the_rest_of_a_lost_line_is_lost);
	tcase_add_test(t, what_is_not_pulled_is_kept);
	tcase_add_test(t, splits_a_glued_line);
	tcase_add_test(t, takes_a_prompt_off_a_line);
	tcase_add_loop_test(t, any_split_gives_the_same_lines, 0, 50);
	suite_add_tcase(suite, t);
	return play_run(suite);
}
