/* Headers as 8-bit user data, so that what follows them is seen as octets. */
#include "sms_help.h"

static const struct {
	const char *header;	/* behind UDHL */
	const char *concat, *ports, *waiting;
	uint8_t single, locking;
	unsigned warnings;
} rows[] = {
	{ "00032A0201", "42/8/2/1", "", "", 0, 0, 0 },
	{ "080412340301", "4660/16/3/1", "", "", 0, 0, 0 },
	{ "00032A0101", "42/8/1/1", "", "", 0, 0, 0 },		/* total 1 is legal */
	{ "00032AFFFF", "42/8/255/255", "", "", 0, 0, 0 },
	{ "00032A0001", "", "", "", 0, 0, 1 },
	{ "00032A0200", "", "", "", 0, 0, 1 },
	{ "00032A0203", "", "", "", 0, 0, 1 },
	{ "08041234030100032A0201", "42/8/2/1", "", "", 0, 0, 0 },	/* the last usable one */
	{ "00032A0201080412340301", "4660/16/3/1", "", "", 0, 0, 0 },
	{ "00032A020108041234FF00", "42/8/2/1", "", "", 0, 0, 1 },
	{ "00032A020100032B0402", "43/8/4/2", "", "", 0, 0, 0 },
	{ "00042A020100", "", "", "", 0, 0, 1 },		/* wrong length: skipped */
	{ "00022A02050400501F90", "", "80/8080", "", 0, 0, 1 },
	{ "050423F00000", "", "9200/0", "", 0, 0, 0 },
	{ "0402FAFB", "", "250/251", "", 0, 0, 0 },
	{ "0402F0FB", "", "240/251", "", 0, 0, 0 },
	{ "0402EFFB", "", "", "", 0, 0, 1 },			/* reserved port */
	{ "0402FAFB05040B8423F0", "", "2948/9200", "", 0, 0, 0 },
	{ "05040B8423F00402FAFB", "", "250/251", "", 0, 0, 0 },
	{ "7D0101050400501F9000032A0202", "42/8/2/2", "80/8080", "", 0, 0, 0 },	/* any order */
	{ "01028002", "", "", "voice/on/store/2", 0, 0, 0 },
	{ "01020100", "", "", "fax/off/discard/0", 0, 0, 0 },
	{ "01028205", "", "", "email/on/store/5", 0, 0, 0 },
	{ "01020301", "", "", "other/on/discard/1", 0, 0, 0 },
	{ "01028701", "", "", "video/on/store/1", 0, 0, 0 },
	{ "01020B01", "", "", "", 0, 0, 1 },			/* reserved kinds */
	{ "01020401", "", "", "", 0, 0, 1 },
	{ "0102800201028003", "", "", "voice/on/store/3", 0, 0, 0 },
	{ "0102800201020101", "", "", "voice/on/store/2 fax/on/discard/1", 0, 0, 0 },
	{ "240101", "", "", "", 1, 0, 0 },
	{ "250101", "", "", "", 0, 1, 0 },
	{ "25010D240102", "", "", "", 2, 13, 0 },
	{ "250102", "", "", "", 0, 0, 0 },			/* Spanish locks nothing */
	{ "250100", "", "", "", 0, 0, 1 },
	{ "24010E", "", "", "", 0, 0, 1 },
	{ "240101240103", "", "", "", 3, 0, 0 },
	{ "240101240163", "", "", "", 1, 0, 1 },
	{ "180101", "", "", "", 0, 0, 0 },			/* 24 decimal is not single shift */
	{ "190101", "", "", "", 0, 0, 0 },
	{ "7000", "", "", "", 0, 0, 0 },
	{ "", "", "", "", 0, 0, 0 },
	{ "00032A02", "", "", "", 0, 0, 1 },			/* ends before the element does */
	{ "00032A020100", "", "", "", 0, 0, 1 },		/* one octet over */
	{ "00032A0201FFFF", "", "", "", 0, 0, 1 },
	{ "05040050", "", "", "", 0, 0, 1 },
};

static void write_waiting(const struct sms_pdu *pdu, char *out)
{
	*out = '\0';
	for (unsigned i = 0; i < pdu->n_waiting; i++)
		out += sprintf(out, "%s%s/%s/%s/%u", i ? " " : "",
			       sms_waiting_name((enum sms_waiting_kind)pdu->waiting[i].kind),
			       pdu->waiting[i].active ? "on" : "off",
			       pdu->waiting[i].store ? "store" : "discard", pdu->waiting[i].count);
}

static void write_concat(const struct sms_pdu *pdu, char *out)
{
	*out = '\0';
	if (pdu->concat.is_set)
		sprintf(out, "%u/%u/%u/%u", pdu->concat.ref, pdu->concat.ref_bits,
			pdu->concat.total, pdu->concat.seq);
}

static void write_ports(const struct sms_pdu *pdu, char *out)
{
	*out = '\0';
	if (pdu->ports.is_set)
		sprintf(out, "%u/%u", pdu->ports.dst, pdu->ports.src);
}

START_TEST(reads_header)
{
	char ud[300], udl[20], text[200];
	struct sms_pdu pdu;

	snprintf(ud, sizeof(ud), "%02zX%sBEEF", strlen(rows[_i].header) / 2, rows[_i].header);
	snprintf(udl, sizeof(udl), "%02zX", strlen(ud) / 2);
	ck_assert_int_eq(sms_help_deliver("44", "04", udl, ud, &pdu, NULL), 0);
	ck_assert_uint_eq(pdu.udh_len, strlen(rows[_i].header) / 2);
	ck_assert_uint_eq(pdu.n_warnings, rows[_i].warnings);
	write_concat(&pdu, text);
	ck_assert_str_eq(text, rows[_i].concat);
	write_ports(&pdu, text);
	ck_assert_str_eq(text, rows[_i].ports);
	write_waiting(&pdu, text);
	ck_assert_str_eq(text, rows[_i].waiting);
	/* whatever the header says, what follows it begins at the same place */
	ck_assert_uint_eq(pdu.body.n, 2);
	ck_assert_mem_eq(pdu.body.units, "\xBE\xEF", 2);
	/* national tables are of the 7-bit alphabet only */
	ck_assert_uint_eq(pdu.body.single + pdu.body.locking, 0);
	if (pdu.n_warnings)
		ck_assert_str_eq(pdu.warnings[0].field, "udh");
}
END_TEST

START_TEST(reads_languages)
{
	char ud[300], udl[20];
	struct sms_pdu pdu;
	size_t n = strlen(rows[_i].header) / 2;

	snprintf(ud, sizeof(ud), "%02zX%s00000000", n, rows[_i].header);
	snprintf(udl, sizeof(udl), "%02zX", ((n + 1) * 8 + 6) / 7 + 1);
	ck_assert_int_eq(sms_help_deliver("44", "00", udl, ud, &pdu, NULL), 0);
	ck_assert_uint_eq(pdu.body.single, rows[_i].single);
	ck_assert_uint_eq(pdu.body.locking, rows[_i].locking);
	ck_assert_uint_eq(pdu.body.n, 1);
}
END_TEST

/* The octet named is that of the element. */
START_TEST(names_the_octet)
{
	struct sms_pdu pdu;

	sms_help_deliver("44", "04", "0B", "097D010000032A0205FFFF", &pdu, NULL);
	ck_assert_uint_eq(pdu.n_warnings, 1);	/* one octet over: not an element is believed */
	ck_assert_int_eq(pdu.warnings[0].octet, SMS_HELP_UD + 1 + 8);
	sms_help_deliver("44", "04", "0B", "087D010000032A02050AFF", &pdu, NULL);
	ck_assert_uint_eq(pdu.n_warnings, 1);
	ck_assert_int_eq(pdu.warnings[0].octet, SMS_HELP_UD + 1 + 3);
}
END_TEST

START_TEST(header_longer_than_user_data)
{
	struct sms_pdu pdu;

	/* 7-bit and UCS-2: nothing says where the text begins */
	ck_assert_int_eq(sms_help_deliver("44", "00", "05", "7F616263", &pdu, NULL), 0);
	ck_assert_uint_eq(pdu.body.n, 0);
	ck_assert_int_eq(sms_help_deliver("44", "08", "04", "04004100", &pdu, NULL), 0);
	ck_assert_uint_eq(pdu.body.n, 0);
	ck_assert_uint_eq(pdu.udh_len, 0);
	/* octets are handed on as they are */
	ck_assert_int_eq(sms_help_deliver("44", "04", "04", "04004100", &pdu, NULL), 0);
	ck_assert_uint_eq(pdu.body.n, 4);
	ck_assert_int_eq(sms_help_deliver("44", "00", "00", "", &pdu, NULL), 0);
	ck_assert_uint_eq(pdu.n_warnings, 1);
	ck_assert_str_eq(pdu.warnings[0].field, "udh");
}
END_TEST

/* UDHL 0: the text begins behind one octet, at the second septet. */
START_TEST(empty_header)
{
	struct sms_pdu pdu;

	ck_assert_int_eq(sms_help_deliver("44", "00", "04", "00C6B30B00", &pdu, NULL), 0);
	ck_assert_uint_eq(pdu.body.n, 2);
	ck_assert_uint_eq(pdu.udh_len, 0);
}
END_TEST

/* The DCS says voice/discard, the header more exactly: both are told, the DCS first. */
START_TEST(waiting_twice)
{
	char text[200];
	struct sms_pdu pdu;

	ck_assert_int_eq(sms_help_deliver("44", "C8", "06", "0401028002", &pdu, NULL), 0);
	write_waiting(&pdu, text);
	ck_assert_str_eq(text, "voice/on/discard/0 voice/on/store/2");
	ck_assert_int_eq(sms_help_deliver("44", "D0", "17",
					  "140102800101028101010282010102830101028701", &pdu, NULL),
			 0);
	ck_assert_uint_eq(pdu.n_waiting, SMS_WAITING_MAX);
}
END_TEST

START_TEST(writes_header)
{
	static const struct {
		struct sms_form form;
		struct sms_ports ports;
		uint16_t ref;
		const char *header;
	} cases[] = {
		{ { SMS_UCS2, 0, 0, 8, false, 1 }, { 0 }, 0x1234, "" },
		{ { SMS_UCS2, 0, 0, 8, false, 2 }, { 0 }, 0x1234, "050003340201" },
		{ { SMS_UCS2, 0, 0, 16, false, 2 }, { 0 }, 0x1234, "06080412340201" },
		{ { SMS_UCS2, 0, 0, 8, false, 1 }, { true, 16, 80, 8080 }, 0,
		  "06050400501F90" },
		{ { SMS_UCS2, 0, 0, 8, false, 1 }, { true, 8, 250, 251 }, 0, "040402FAFB" },
		{ { SMS_UCS2, 0, 0, 8, false, 2 }, { true, 16, 80, 8080 }, 7,
		  "0B0003070201050400501F90" },
		{ { SMS_GSM7, 1, 0, 8, false, 1 }, { 0 }, 0, "03250101" },
		{ { SMS_GSM7, 0, 1, 8, false, 1 }, { 0 }, 0, "03240101" },
		{ { SMS_GSM7, 3, 1, 8, false, 1 }, { 0 }, 0, "06240101250103" },
		{ { SMS_GSM7, 13, 13, 8, false, 2 }, { 0 }, 0x3D, "0B00033D020124010D25010D" },
	};

	for (size_t i = 0; i < TW_COUNT(cases); i++) {
		struct sms_options options = { .encoding = -1, .message_class = -1,
					       .ports = cases[i].ports };
		const char *text = sms_help_repeat(" ", cases[i].form.segments > 1 ? 190 : 3);
		struct sms_form form = cases[i].form;
		size_t n = strlen(cases[i].header) / 2;
		char hex[60];
		struct sms_ud ud;

		if (form.encoding == SMS_UCS2 && form.segments > 1)
			text += 90;
		ck_assert_int_eq(sms_split_one(text, strlen(text), &form, &options, cases[i].ref, 1,
					       &ud), 0);
		ck_assert_int_eq(ud.has_header, n > 0);
		tw_hex_write(ud.octets, n, hex, true);
		ck_assert_msg(!strncmp(hex, cases[i].header, 2 * n), "case %zu: %s", i, hex);
	}
}
END_TEST

/* No text at all: the fill bits behind the header are there still. */
START_TEST(header_alone)
{
	struct sms_options options = { .encoding = SMS_GSM7, .message_class = -1,
				       .ports = { true, 8, 250, 251 } };
	struct sms_form form;
	struct sms_pdu pdu;
	struct sms_ud ud;

	ck_assert_int_eq(sms_choose_form("", 0, &options, &form, NULL), 0);
	ck_assert_int_eq(sms_split_one("", 0, &form, &options, 0, 1, &ud), 0);
	ck_assert_uint_eq(ud.udl, 6);
	ck_assert_uint_eq(ud.n, 6);
	sms_help_receive(&ud, &pdu);
	ck_assert_uint_eq(pdu.n_warnings, 1);	/* no time stamp */
	ck_assert_uint_eq(pdu.ports.dst, 250);
	ck_assert_uint_eq(pdu.body.n, 0);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_loop_test(tc, reads_header, 0, TW_COUNT(rows));
	tcase_add_loop_test(tc, reads_languages, 0, TW_COUNT(rows));
	tcase_add_test(tc, names_the_octet);
	tcase_add_test(tc, header_longer_than_user_data);
	tcase_add_test(tc, empty_header);
	tcase_add_test(tc, waiting_twice);
	tcase_add_test(tc, writes_header);
	tcase_add_test(tc, header_alone);
}

int main(void)
{
	return unit_run("sms udh", add);
}
