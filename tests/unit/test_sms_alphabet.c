/* Every cell of every alphabet, there and back, against the table that the code is made from. */
#include "sms_help.h"

enum { TABLES = 14, ROWS = 2444 };

struct row { char table[16]; unsigned language, septet, code_point; };
static struct row rows[ROWS + 1];
static unsigned n_rows;

static void load(void)
{
	FILE *f = fopen("../src/sms/alphabets.tsv", "r");
	char line[512], language[32];

	ck_assert_ptr_nonnull(f);
	n_rows = 0;
	while (fgets(line, sizeof(line), f) && n_rows <= ROWS) {
		struct row *r = &rows[n_rows];

		if (sscanf(line, "%15[^\t]\t%u\t%31[^\t]\t%x\tU+%x", r->table, &r->language,
			   language, &r->septet, &r->code_point) == 5)
			n_rows++;
	}
	fclose(f);
	ck_assert_uint_eq(n_rows, ROWS);
}

static bool is_base(const struct row *r)
{
	return r->table[0] == 'd' || r->table[0] == 'l';
}

static struct sms_body body_of(const struct row *r)
{
	struct sms_body body = { .encoding = SMS_GSM7 };

	if (is_base(r)) {
		body.locking = (uint8_t)r->language;
		body.units[body.n++] = (uint8_t)r->septet;
	} else {
		body.single = (uint8_t)r->language;
		body.units[body.n++] = 0x1B;
		body.units[body.n++] = (uint8_t)r->septet;
	}
	return body;
}

START_TEST(every_cell_decodes)
{
	load();
	for (unsigned i = 0; i < n_rows; i++) {
		const struct row *r = &rows[i];
		struct sms_body body = body_of(r);
		char want[5] = "";

		if (!is_base(r) || r->septet != 0x1B)
			want[tw_utf8_put(r->code_point, want)] = '\0';
		ck_assert_msg(!strcmp(sms_help_text(&body), want), "%s %u %02X is %s", r->table,
			      r->language, r->septet, sms_help_text(&body));
	}
}
END_TEST

/* The lowest septet of this character in one table, -1 none. */
static int lowest(bool base, unsigned language, unsigned code_point)
{
	int found = -1;

	for (unsigned i = 0; i < n_rows; i++)
		if (is_base(&rows[i]) == base && rows[i].language == language &&
		    rows[i].code_point == code_point && rows[i].septet != 0x1B &&
		    (found < 0 || (int)rows[i].septet < found))
			found = (int)rows[i].septet;
	return found;
}

START_TEST(every_cell_encodes)
{
	const struct sms_options options = { .encoding = SMS_GSM7, .message_class = -1 };

	load();
	for (unsigned i = 0; i < n_rows; i++) {
		const struct row *r = &rows[i];
		struct sms_form form = { .encoding = SMS_GSM7, .segments = 1 };
		int base, single;
		char text[5] = "";
		struct sms_pdu pdu;
		struct sms_ud ud;

		if (is_base(r) && r->septet == 0x1B)
			continue;
		if (is_base(r))
			form.locking = (uint8_t)r->language;
		else
			form.single = (uint8_t)r->language;
		base = lowest(true, form.locking, r->code_point);
		single = lowest(false, form.single, r->code_point);
		text[tw_utf8_put(r->code_point, text)] = '\0';
		ck_assert_int_eq(sms_split_one(text, strlen(text), &form, &options, 0, 1, &ud), 0);
		sms_help_receive(&ud, &pdu);
		ck_assert_str_eq(sms_help_text(&pdu.body), text);
		ck_assert_uint_eq(pdu.body.locking, form.locking);
		ck_assert_uint_eq(pdu.body.single, form.single);
		/* the base table wins: one septet */
		ck_assert_uint_eq(pdu.body.n, base >= 0 ? 1 : 2);
		ck_assert_int_eq(pdu.body.units[pdu.body.n - 1], base >= 0 ? base : single);
	}
}
END_TEST

/* Of two cells of a single shift table that hold the same, the lower is sent, either is read. */
START_TEST(two_cells)
{
	const struct sms_options options = { .encoding = SMS_GSM7, .message_class = -1 };
	const struct sms_form hindi = { .encoding = SMS_GSM7, .locking = 6, .single = 6,
					.segments = 1 };
	static const struct { const char *text; uint8_t low, high; } cases[] = {
		{ "*", 0x0B, 0x18 }, { "\u00A1", 0x13, 0x15 },
	};

	for (size_t i = 0; i < TW_COUNT(cases); i++) {
		struct sms_body body = { SMS_GSM7, 6, 6, 2, { 0x1B, cases[i].high } };
		struct sms_pdu pdu;
		struct sms_ud ud;

		ck_assert_str_eq(sms_help_text(&body), cases[i].text);
		ck_assert_int_eq(sms_split_one(cases[i].text, strlen(cases[i].text), &hindi,
				&options,
					       0, 1, &ud), 0);
		sms_help_receive(&ud, &pdu);
		ck_assert_uint_eq(pdu.body.n, 2);
		ck_assert_uint_eq(pdu.body.units[1], cases[i].low);
	}
}
END_TEST

START_TEST(unassigned_cells)
{
	static const struct { uint8_t locking, single, n, units[3]; const char *text; } cases[] = {
		{ 4, 0, 1, { 0x0B }, "\u098C" },
		{ 4, 0, 1, { 0x0D + 0x01 }, " " },	/* unassigned in Bengali: a space */
		{ 11, 0, 1, { 0x0B }, " " },
		{ 0, 0, 2, { 0x1B, 0x61 }, "a" },	/* as if ESC were not there */
		{ 0, 0, 2, { 0x1B, 0x0D }, "\r" },
		{ 0, 0, 3, { 0x1B, 0x1B, 0x61 }, " a" },
		{ 0, 0, 2, { 0x61, 0x1B }, "a" },	/* nothing to escape */
		{ 4, 4, 2, { 0x1B, 0x70 }, "p" },
		{ 6, 4, 2, { 0x1B, 0x70 }, "p" },
		{ 0, 6, 2, { 0x1B, 0x1B }, " " },
		{ 0, 1, 2, { 0x1B, 0x1B }, " " },
		{ 0, 0, 2, { 0x1B, 0x0A }, "\f" },
		{ 2, 0, 1, { 0x09 }, "\u00C7" },	/* Spanish has no locking table */
		{ 0, 0, 1, { 0x5F }, "\u00A7" },
	};

	for (size_t i = 0; i < TW_COUNT(cases); i++) {
		struct sms_body body = { SMS_GSM7, cases[i].locking, cases[i].single, cases[i].n };

		memcpy(body.units, cases[i].units, cases[i].n);
		ck_assert_msg(!strcmp(sms_help_text(&body), cases[i].text), "case %zu: \"%s\"", i,
			      sms_help_text(&body));
	}
}
END_TEST

/* Often taken for characters of the default alphabet; they are not. */
START_TEST(foreign_characters)
{
	static const char *const texts[] = {
		"\u00E7", "`", "\t", "\u00A0", "\u00E1", "\u00ED", "\u00F3", "\u00FA", "\u00EA",
		"\u2019", "\u2126", "\u212B", "\u0391", "\x1B", "\x01", "\u221E", "\u0C66",
	};
	const struct sms_options options = { .encoding = -1, .message_class = -1 };

	for (size_t i = 0; i < TW_COUNT(texts); i++) {
		struct sms_form form;

		ck_assert_int_eq(sms_choose_form(texts[i], strlen(texts[i]), &options, &form, NULL),
				0);
		ck_assert_msg(form.encoding == SMS_UCS2, "case %zu", i);
	}
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_test(tc, every_cell_decodes);
	tcase_add_test(tc, every_cell_encodes);
	tcase_add_test(tc, two_cells);
	tcase_add_test(tc, unassigned_cells);
	tcase_add_test(tc, foreign_characters);
}

int main(void)
{
	return unit_run("sms alphabet", add);
}
