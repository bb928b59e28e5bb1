/* Every row of vectors/pdu.tsv. An empty cell states nothing, `~` says that the thing is absent. */
#include <check.h>
#include <stdio.h>
#include <twoway/sms.h>

enum column { ID, CATEGORY, DIR, PDU, EXPECT, TYPE, SMSC, ADDR, TOA, MR, PID, DCS, CHARSET, CLASS,
	      TEXT, DATA, SCTS, DT, STATUS, ST_CLASS, VP, CONCAT, PORTS, NL, MWI, FLAGS, UDH, ALT,
	      NOTE, COLUMNS };
enum { ROWS_MAX = 4096, LINE_MAX_OCTETS = 1 << 16 };

static char *rows[ROWS_MAX][COLUMNS];
static int n_rows;

static void load(void)
{
	FILE *f = fopen("vectors/pdu.tsv", "r");
	static char line[LINE_MAX_OCTETS];

	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		char *rest = line;

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || !strncmp(line, "id\t", 3))
			continue;
		for (int c = 0; c < COLUMNS; c++) {
			char *cell = strsep(&rest, "\t");

			rows[n_rows][c] = strdup(cell ? cell : "");
		}
		n_rows++;
	}
	fclose(f);
}

/* A JSON string as the table has it, to UTF-8. Returns octets. */
static size_t unquote(const char *s, char *out)
{
	char *start = out;
	uint32_t high = 0;

	ck_assert_int_eq(*s, '"');
	for (s++; *s != '"'; s++) {
		static const char names[] = "nrtfb", values[] = "\n\r\t\f\b";
		uint32_t unit;

		ck_assert(*s);
		if (*s != '\\') {
			*out++ = *s;
			continue;
		}
		s++;
		if (*s != 'u') {
			const char *at = strchr(names, *s);

			*out++ = at ? values[at - names] : *s;
			continue;
		}
		unit = (uint32_t)strtoul((char[]){ s[1], s[2], s[3], s[4], 0 }, NULL, 16);
		s += 4;
		if (unit >= 0xD800 && unit < 0xDC00) {
			high = unit;
			continue;
		}
		if (high)
			unit = 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00);
		high = 0;
		out += tw_utf8_put(unit, out);
	}
	*out = '\0';
	return (size_t)(out - start);
}

static const char *row_id;

static void same_text(const char *name, const char *cell, const char *got, size_t got_n)
{
	char want[8192];
	size_t n = unquote(cell, want);

	ck_assert_msg(n == got_n && !memcmp(want, got, n), "%s: %s is \"%s\", expected %s", row_id,
		      name, got, cell);
}

static void same_plain(const char *name, const char *cell, const char *got)
{
	if (!*cell)
		return;
	ck_assert_msg(!strcmp(!strcmp(cell, "~") ? "" : cell, got), "%s: %s is %s, expected %s",
		      row_id, name, got, cell);
}

static void same_hex(const char *name, const char *cell, int got)
{
	if (*cell)
		ck_assert_msg(strtol(cell, NULL, 16) == got, "%s: %s is %02X, expected %s", row_id,
			      name, (unsigned)got, cell);
}

/* The alternatives of a lenient row: {"text": ["…", "…"]}. */
static bool is_alternative(const char *alt, const char *got, size_t got_n)
{
	const char *p = strchr(alt, '[');

	while (p && (p = strchr(p, '"'))) {
		char want[8192];

		if (unquote(p, want) == got_n && !memcmp(want, got, got_n))
			return true;
		for (p++; *p && *p != '"'; p++)
			if (*p == '\\')
				p++;
		p++;
	}
	return false;
}

static void check_text(char *const *row, const struct sms_pdu *pdu)
{
	char text[SMS_TEXT_MAX], hex[2 * SMS_UD_MAX + 1];
	size_t n = sms_body_text(&pdu->body, text, sizeof(text));

	if (*row[TEXT] && !is_alternative(row[ALT], text, n))
		same_text("text", row[TEXT], text, n);
	if (*row[DATA]) {
		ck_assert_msg(pdu->body.encoding == SMS_8BIT, "%s: not octets", row_id);
		tw_hex_write(pdu->body.units, pdu->body.n, hex, true);
		same_plain("data", row[DATA], hex);
	}
}

static void check_time(const char *name, const char *cell, const struct sms_time *t)
{
	char text[32] = "";

	if (t->is_valid)
		sms_time_write(t, text);
	same_plain(name, cell, text);
}

static void check_validity(const char *cell, const struct sms_pdu *pdu)
{
	char text[64] = "", hex[16];

	switch (pdu->vp_kind) {
	case SMS_VP_NONE:
		break;
	case SMS_VP_RELATIVE:
		sprintf(text, "rel:%u", pdu->vp_seconds / 60);
		break;
	case SMS_VP_ABSOLUTE:
		sprintf(text, "abs:");
		if (pdu->vp_time.is_valid)
			sms_time_write(&pdu->vp_time, text + 4);
		break;
	case SMS_VP_ENHANCED:
		tw_hex_write(pdu->vp_octets, 7, hex, true);
		sprintf(text, "enh:%s", hex);
		break;
	}
	same_plain("vp", cell, text);
}

static void check_header(char *const *row, const struct sms_pdu *pdu)
{
	static const char *const kinds[] = { "voice", "fax", "email", "other", "video" };
	char text[2 * SMS_UD_MAX + 1] = "";

	if (pdu->concat.is_set)
		sprintf(text, "%u/%u/%u", pdu->concat.ref, pdu->concat.total, pdu->concat.seq);
	same_plain("concat", row[CONCAT], text);
	text[0] = '\0';
	if (pdu->ports.is_set)
		sprintf(text, "%u/%u", pdu->ports.dst, pdu->ports.src);
	same_plain("ports", row[PORTS], text);
	text[0] = '\0';
	if (pdu->body.single || pdu->body.locking)
		sprintf(text, "%u/%u", pdu->body.single, pdu->body.locking);
	same_plain("nl", row[NL], text);
	text[0] = '\0';
	if (pdu->n_waiting)
		sprintf(text, "%s/%s/%s", kinds[pdu->waiting[0].kind],
			pdu->waiting[0].active ? "on" : "off",
			pdu->waiting[0].store ? "store" : "discard");
	same_plain("mwi", row[MWI], text);
	tw_hex_write(pdu->udh, pdu->udh_len, text, true);
	same_plain("udh", row[UDH], text);
}

static void check_flags(const char *cell, const struct sms_pdu *pdu)
{
	const struct { const char *name; bool value; } flags[] = {
		{ "mms", pdu->more }, { "lp", pdu->loop_prevention }, { "rp", pdu->reply_path },
		{ "sri", pdu->report }, { "srr", pdu->report }, { "rd", pdu->reject_duplicates },
	};
	char *copy = strdup(cell), *rest = copy, *one;

	while ((one = strsep(&rest, ",")) && *one) {
		char *value = strchr(one, '=');
		size_t i = 0;

		*value++ = '\0';
		while (i < TW_COUNT(flags) && strcmp(flags[i].name, one))
			i++;
		ck_assert_msg(i < TW_COUNT(flags), "%s: no flag %s", row_id, one);
		ck_assert_msg(flags[i].value == (*value == '1'), "%s: flag %s", row_id, one);
	}
	free(copy);
}

static void check_status(char *const *row, const struct sms_pdu *pdu)
{
	const char *class = row[ST_CLASS];

	same_hex("status", row[STATUS], pdu->status);
	if (!strcmp(class, "reserved") || !strcmp(class, "temporary-final"))
		class = "temporary";
	if (!strcmp(row[ST_CLASS], "reserved") && pdu->status >> 4 == 2)
		class = "trying";
	same_plain("status class", class, sms_status_class_name(sms_status_class(pdu->status)));
}

static void check_fields(char *const *row, const struct sms_pdu *pdu)
{
	char text[8];

	same_plain("type", row[TYPE], sms_type_name(pdu->type));
	if (*row[SMSC])
		same_text("smsc", row[SMSC], pdu->smsc.text, strlen(pdu->smsc.text));
	if (*row[ADDR])
		same_text("address", row[ADDR], pdu->address.text, strlen(pdu->address.text));
	same_hex("type of address", row[TOA], pdu->address.toa);
	if (*row[MR])
		ck_assert_msg(atoi(row[MR]) == pdu->ref, "%s: ref %d", row_id, pdu->ref);
	same_hex("pid", row[PID], pdu->pid);
	same_hex("dcs", row[DCS], pdu->dcs);
	same_plain("charset", row[CHARSET],
		   sms_encoding_name((enum sms_encoding)pdu->body.encoding));
	sprintf(text, "%d", pdu->message_class);
	same_plain("class", row[CLASS], pdu->message_class < 0 ? "" : text);
	check_text(row, pdu);
	check_time("scts", row[SCTS], &pdu->scts);
	check_time("discharge", row[DT], &pdu->discharge);
	check_status(row, pdu);
	check_validity(row[VP], pdu);
	check_header(row, pdu);
	check_flags(row[FLAGS], pdu);
}

START_TEST(row)
{
	char *const *r = rows[_i];
	enum sms_direction direction = !strcmp(r[DIR], "MO") ? SMS_MO :
				       !strcmp(r[DIR], "MT") ? SMS_MT : SMS_LISTING;
	struct sms_fault fault = { 0 };
	struct sms_pdu pdu;
	int e;

	row_id = r[ID];
	e = sms_decode_hex(r[PDU], strlen(r[PDU]), -1, direction, &pdu, &fault);
	if (!strcmp(r[EXPECT], "any"))
		return;
	if (!strcmp(r[EXPECT], "error")) {
		ck_assert_msg(e < 0, "%s: decoded", row_id);
		ck_assert_msg(fault.code == e && fault.field && fault.what, "%s: no fault", row_id);
		return;
	}
	ck_assert_msg(!strcmp(r[EXPECT], "ok") || !strcmp(r[EXPECT], "lenient"), "%s: %s", row_id,
		      r[EXPECT]);
	ck_assert_msg(!e, "%s: %s: %s at %d", row_id, fault.field, fault.what, fault.octet);
	check_fields(r, &pdu);
}
END_TEST

/* The TPDU alone is told from the whole line by the length that the modem gives with it. */
START_TEST(row_without_smsc)
{
	char *const *r = rows[_i];
	uint8_t octets[512];
	struct sms_pdu whole, bare;
	int n = tw_hex_read(r[PDU], strlen(r[PDU]), octets, sizeof(octets));
	size_t skip;

	row_id = r[ID];
	if (n <= 0 || strcmp(r[EXPECT], "ok"))
		return;
	skip = 1u + octets[0];
	ck_assert_int_eq(sms_decode(octets, (size_t)n, n - (int)skip, SMS_LISTING, &whole, NULL),
			0);
	ck_assert_int_eq(sms_decode(octets + skip, (size_t)n - skip, n - (int)skip, SMS_LISTING,
				    &bare, NULL), 0);
	ck_assert(!bare.has_smsc);
	ck_assert_str_eq(bare.address.text, whole.address.text);
	ck_assert_int_eq(bare.body.n, whole.body.n);
	ck_assert_mem_eq(bare.body.units, whole.body.units, whole.body.n);
}
END_TEST

/* Cut anywhere, a PDU gives an answer: an error that names a field within it, or a warning. */
START_TEST(row_cut)
{
	char *const *r = rows[_i];
	size_t n = strlen(r[PDU]);

	for (size_t cut = 0; cut < n; cut++) {
		struct sms_fault fault = { 0 };
		struct sms_pdu pdu;
		char *exact = malloc(cut ? cut : 1);
		int e;

		memcpy(exact, r[PDU], cut);
		e = sms_decode_hex(exact, cut, -1, SMS_LISTING, &pdu, &fault);
		free(exact);
		if (e) {
			ck_assert_int_eq(fault.code, e);
			ck_assert_int_le(fault.octet, (int)(cut / 2));
			ck_assert_ptr_nonnull(fault.field);
		}
		for (unsigned i = 0; i < pdu.n_warnings; i++)
			ck_assert_int_le(pdu.warnings[i].octet, (int)(cut / 2));
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sms vectors");
	TCase *tcase = tcase_create("rows");
	SRunner *runner = srunner_create(suite);
	int failed;

	load();
	if (n_rows < 250) {
		fprintf(stderr, "only %d rows read\n", n_rows);
		return 1;
	}
	tcase_add_loop_test(tcase, row, 0, n_rows);
	tcase_add_loop_test(tcase, row_without_smsc, 0, n_rows);
	tcase_add_loop_test(tcase, row_cut, 0, n_rows);
	suite_add_tcase(suite, tcase);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
