#include "at_play.h"

/* What a line holds, read by a format: i number, h hex, t text, s skip; `-` where reading failed.
 * Fields are joined by `|`, `+` at the end says that more follow. */
static const struct { const char *line, *prefix, *format, *want; } rows[] = {
	{ "+CSQ: 18,99", "+CSQ:", "ii", "18|99" },
	{ "+CSQ: 18,99", "+CSQ", "ii", "18|99" },
	{ "+CSQ:18,99", "+CSQ:", "ii", "18|99" },
	{ "+CSQ: 18,99", "+CSQ:", "i", "18+" },
	{ "+CSQ: 18", "+CSQ:", "ii", "18|-" },
	{ "+CSQ:", "+CSQ:", "t", "-" },
	{ "+CSQ: ", "+CSQ:", "i", "-" },
	{ "+CMTI: \"SM\",3", "+CMTI:", "ti", "SM|3" },
	{ "+CMTI: ,-1", "+CMTI:", "ti", "|-1" },
	{ "+CMTI: \"SM\",1,\"MMS PUSH\",5,6", "+CMTI:", "tit", "SM|1|MMS PUSH+" },
	{ "+CMGL: 1, 0,,23", "+CMGL:", "iiti", "1|0||23" },
	{ "+CMGR: 0,\"\",50", "+CMGR:", "iti", "0||50" },
	{ "+CMGR: 1,,23", "+CMGR:", "isi", "1||23" },
	{ "+CREG: 2,6,\"1A2B\",\"0A12C3D4\",7", "+CREG:", "iihhi", "2|6|1A2B|A12C3D4|7" },
	{ "+CREG: 1, E001A, ABE0001", "+CREG:", "ihh", "1|E001A|ABE0001" },
	{ "+CREG: 5,\"0000\",\"00000000\",6", "+CREG:", "ihhi", "5|0|0|6" },
	{ "+CREG: 2,1,\"1A2B,\"0012\",7", "+CREG:", "iihhi", "2|1|1A2B|12|7" },
	{ "+CREG: 2,1,0x1A2B", "+CREG:", "iih", "2|1|1A2B" },
	{ "+CREG: 2,1,1FFFFFFFFF,7", "+CREG:", "iihi", "2|1|-|7" },
	{ "+CPMS: \"SM\", 2, 50, \"SM\", 2, 50", "+CPMS:", "tiiti", "SM|2|50|SM|2+" },
	{ "+CSCA: \"+919422099997\",145", "+CSCA:", "ti", "+919422099997|145" },
	{ "+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)", "+CNMI:", "ttttt", "0-2|0-3|0,2|0-2|0,1" },
	{ "+CPMS: ((\"SM\",\"BM\",\"SR\"),(\"SM\"))", "+CPMS:", "t", "SM\",\"BM\",\"SR\"),(\"SM" },
	{ "+CNMI: (1),2", "+CNMI:", "ii", "1|2" },
	{ "+CNMI: (1,2", "+CNMI:", "ii", "1|2" },
	{ "+CNMI: (0,1),2", "+CNMI:", "ii", "-|2" },
	{ "+COPS: 0,0,\"O\"2, UK\",7", "+COPS:", "iiti", "0|0|O\"2, UK|7" },
	{ "+COPS: 0,0,\"Tele2@\x01,7", "+COPS:", "iiti", "0|0|Tele2@\x01|7" },
	{ "+CUSD: 0,\"one\ntwo, three\",15", "+CUSD:", "iti", "0|one\ntwo, three|15" },
	{ "+CLIP: \"\",128,,,,1", "+CLIP:", "tisssi", "|128||||1" },
	{ "+X: 2147483647,2147483648,-5,+7,1x,-", "+X:", "iiiiii", "2147483647|-|-5|7|-|-" },
	{ "+X: a,", "+X:", "ttt", "a||-" },
	{ "+CCFC:0,7", "+CCFC", "ii", "0|7" },
	{ "+CMGS: 17", "+CMGR:", "", NULL },
	{ "+CMTI: 1", "+CMT", "", NULL },
	{ "+CM", "+CMT:", "", NULL },
	{ "", "+CMT:", "", NULL },
};

START_TEST(reads)
{
	const char *line = rows[_i].line;
	struct at_fields f;
	struct tw_buf out = { 0 };

	if (!rows[_i].want) {
		ck_assert(!at_fields_begin(&f, line, rows[_i].prefix));
		return;
	}
	ck_assert(at_fields_begin(&f, line, rows[_i].prefix));
	for (const char *p = rows[_i].format; *p; p++) {
		char text[64];
		unsigned hex = 0;
		int n = 0;

		if (p != rows[_i].format)
			tw_buf_addc(&out, '|');
		if (*p == 'i' && at_fields_int(&f, &n))
			tw_buf_addf(&out, "%d", n);
		else if (*p == 'h' && at_fields_hex(&f, &hex))
			tw_buf_addf(&out, "%X", hex);
		else if (*p == 't' && at_fields_text(&f, text, sizeof(text)))
			tw_buf_adds(&out, text);
		else if (*p != 's' || !at_fields_skip(&f))
			tw_buf_addc(&out, '-');
	}
	if (at_fields_more(&f))
		tw_buf_addc(&out, '+');
	ck_assert_str_eq(tw_buf_str(&out), rows[_i].want);
	tw_buf_done(&out);
}
END_TEST

START_TEST(cuts_texts)
{
	struct at_fields f;
	char text[4] = "xxx", one[1] = { 'x' };

	ck_assert(at_fields_begin(&f, "+X: \"abcdef\",\"gh\"", "+X"));
	ck_assert(at_fields_text(&f, text, sizeof(text)));
	ck_assert_str_eq(text, "abc");
	ck_assert(at_fields_text(&f, one, 1));
	ck_assert_int_eq(one[0], 0);
	ck_assert(!at_fields_text(&f, text, sizeof(text)));
	ck_assert_str_eq(text, "abc");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("at_fields");
	TCase *t = tcase_create("fields");

	tcase_add_loop_test(t, reads, 0, TW_COUNT(rows));
	tcase_add_test(t, cuts_texts);
	suite_add_tcase(s, t);
	return play_run(s);
}
