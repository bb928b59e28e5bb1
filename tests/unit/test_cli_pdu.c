/* `twoway pdu`: each line answered by one object with the keys of its type, good JSON whatever
 * comes in, and PDUs made that read back as what was asked for. */
#include "run.h"

#include <jansson.h>
#include <pdu.h>
#include <stdio.h>
#include <twoway/sms.h>
#include <unistd.h>

/* The one object in out, which must be one line. */
static json_t *parse(const struct tw_buf *out)
{
	json_error_t error;
	json_t *object;

	ck_assert_uint_gt(out->n, 0);
	ck_assert_ptr_eq(memchr(out->p, '\n', out->n), out->p + out->n - 1);
	object = json_loadb(out->p, out->n, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
	ck_assert_msg(object != NULL, "%s: %s", tw_buf_str(out), error.text);
	return object;
}

static json_t *decode(const char *line, enum sms_direction direction, bool *ret_good)
{
	struct tw_buf out = { 0 };
	json_t *object;

	*ret_good = pdu_decode_line(line, strlen(line), direction, &out);
	object = parse(&out);
	tw_buf_done(&out);
	return object;
}

static json_t *encode(const char *line, bool *ret_good)
{
	struct tw_buf out = { 0 };
	json_t *object;

	*ret_good = pdu_encode_line(line, strlen(line), &out);
	object = parse(&out);
	tw_buf_done(&out);
	return object;
}

static const char *string_of(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? s : "(none)";
}

static const char *error_field(const json_t *answer)
{
	return string_of(json_object_get(answer, "error"), "field");
}

/* A line and its whole answer, key by key in order. */
static const struct { bool is_mo; const char *line, *answer; } decodes[] = {
	{ false, "07919471016700000407D049B7F90D00005220304050600A02C834",
	  "{\"type\":\"deliver\",\"smsc\":\"+491710760000\",\"from\":\"Info\",\"address_type\":208,"
	  "\"pid\":0,\"dcs\":0,\"encoding\":\"gsm7\",\"class\":null,\"text\":\"Hi\","
	  "\"scts\":\"2025-02-03T04:05:06-05:00\",\"concat\":null,\"ports\":null,"
	  "\"language\":{\"locking\":0,\"single\":0},\"more\":false,\"loop_prevention\":false,"
	  "\"report\":false,\"reply_path\":false,\"waiting\":[],\"warnings\":[]}" },
	{ false, "0791947101670000210005812143F50008060416D83DDE00",
	  "{\"type\":\"submit\",\"smsc\":\"+491710760000\",\"to\":\"12345\",\"address_type\":129,"
	  "\"pid\":0,\"dcs\":8,\"encoding\":\"ucs2\",\"class\":null,\"text\":\"\u0416\U0001F600\","
	  "\"ref\":0,\"validity\":null,\"concat\":null,\"ports\":null,"
	  "\"language\":{\"locking\":0,\"single\":0},\"report\":true,\"reply_path\":false,"
	  "\"reject_duplicates\":false,\"waiting\":[],\"warnings\":[]}" },
	{ false, "20,0011000C919471103254760000A706D4F29C0E8A01",
	  "{\"type\":\"submit\",\"smsc\":\"\",\"to\":\"+491701234567\",\"address_type\":145,"
	  "\"pid\":0,\"dcs\":0,\"encoding\":\"gsm7\",\"class\":null,\"text\":\"Test 1\","
	  "\"ref\":0,\"validity\":86400,\"concat\":null,\"ports\":null,"
	  "\"language\":{\"locking\":0,\"single\":0},\"report\":false,\"reply_path\":false,"
	  "\"reject_duplicates\":false,\"waiting\":[],\"warnings\":[]}" },
	{ false, "00064205812143F5425060708090804250607080938030",
	  "{\"type\":\"status-report\",\"smsc\":\"\",\"to\":\"12345\",\"address_type\":129,"
	  "\"pid\":null,\"dcs\":null,\"encoding\":null,\"class\":null,\"text\":null,"
	  "\"scts\":\"2024-05-06T07:08:09+02:00\",\"discharge\":\"2024-05-06T07:08:39+02:00\","
	  "\"status\":48,\"status_class\":\"trying\",\"ref\":66,\"concat\":null,\"ports\":null,"
	  "\"language\":{\"locking\":0,\"single\":0},\"more\":false,\"loop_prevention\":false,"
	  "\"report\":false,\"waiting\":[],\"warnings\":[]}" },
	{ true, "00220701022A0C9194711032547602BEEF",
	  "{\"type\":\"command\",\"smsc\":\"\",\"to\":\"+491701234567\",\"address_type\":145,"
	  "\"pid\":1,\"data\":\"beef\",\"ref\":7,\"command\":2,\"command_ref\":42,"
	  "\"report\":true,\"warnings\":[]}" },
	{ true, "0000D50402C834",
	  "{\"type\":\"deliver-report\",\"smsc\":\"\",\"pid\":null,\"dcs\":null,"
	  "\"encoding\":\"gsm7\",\"class\":null,\"text\":\"Hi\",\"failure\":213,\"concat\":null,"
	  "\"ports\":null,\"language\":{\"locking\":0,\"single\":0},\"waiting\":[],"
	  "\"warnings\":[]}" },
	{ false, "004405812143F500C8000000000000000705000307020100FFFF",
	  "{\"type\":\"deliver\",\"smsc\":\"\",\"from\":\"12345\",\"address_type\":129,\"pid\":0,"
	  "\"dcs\":200,\"encoding\":\"gsm7\",\"class\":null,\"text\":\"\",\"scts\":null,"
	  "\"concat\":{\"ref\":7,\"ref_bits\":8,\"total\":2,\"seq\":1},\"ports\":null,"
	  "\"language\":{\"locking\":0,\"single\":0},\"more\":false,\"loop_prevention\":false,"
	  "\"report\":false,\"reply_path\":false,"
	  "\"waiting\":[{\"kind\":\"voice\",\"active\":true,\"store\":false}],\"warnings\":["
	  "{\"field\":\"scts\",\"octet\":9,\"what\":\"impossible time, taken as none\"},"
	  "{\"field\":\"ud\",\"octet\":24,\"what\":\"octets behind the user data, ignored\"}]}" },
	{ false, "004405812143F50014423051210354400B06050400501F90DEAD22FF",
	  "{\"type\":\"deliver\",\"smsc\":\"\",\"from\":\"12345\",\"address_type\":129,\"pid\":0,"
	  "\"dcs\":20,\"encoding\":\"8bit\",\"class\":0,\"data\":\"dead22ff\","
	  "\"scts\":\"2024-03-15T12:30:45+01:00\",\"concat\":null,"
	  "\"ports\":{\"dst\":80,\"src\":8080},\"language\":{\"locking\":0,\"single\":0},"
	  "\"more\":false,\"loop_prevention\":false,\"report\":false,\"reply_path\":false,"
	  "\"waiting\":[],\"warnings\":[]}" },
	{ false, "0004FF9121",
	  "{\"type\":\"deliver\",\"smsc\":\"\",\"from\":null,\"address_type\":null,\"pid\":null,"
	  "\"dcs\":null,\"encoding\":null,\"class\":null,\"text\":null,\"scts\":null,"
	  "\"concat\":null,\"ports\":null,\"language\":{\"locking\":0,\"single\":0},"
	  "\"more\":false,\"loop_prevention\":false,\"report\":false,\"reply_path\":false,"
	  "\"waiting\":[],\"warnings\":[],\"error\":{\"field\":\"address\",\"octet\":2,"
	  "\"what\":\"address runs past the end\"}}" },
	{ false, "",
	  "{\"type\":null,\"smsc\":\"\",\"warnings\":[],\"error\":{\"field\":\"smsc\",\"octet\":0,"
	  "\"what\":\"empty\"}}" },
	{ false, "x1,00",
	  "{\"type\":null,\"smsc\":\"\",\"warnings\":[],\"error\":{\"field\":\"length\","
	  "\"octet\":null,\"what\":\"what stands before the comma is no length\"}}" },
};

START_TEST(decodes_line)
{
	struct tw_buf out = { 0 };
	const char *line = decodes[_i].line;

	pdu_decode_line(line, strlen(line), decodes[_i].is_mo ? SMS_MO : SMS_LISTING, &out);
	ck_assert_uint_gt(out.n, 0);
	out.p[--out.n] = '\0';
	ck_assert_str_eq(tw_buf_str(&out), decodes[_i].answer);
	tw_buf_done(&out);
}
END_TEST

/* The same PDU as text with a length, and as JSON. */
START_TEST(forms_of_a_line)
{
	static const char *const lines[] = {
		"19,0407D049B7F90D00005220304050600A02C834",
		" 19 ,0407d049b7f90d00005220304050600a02c834\r",
		"{\"pdu\": \"0407D049B7F90D00005220304050600A02C834\", \"length\": 19}",
		"  {\"length\": 19, \"pdu\": \"0407D049B7F90D00005220304050600A02C834\", "
		"\"direction\": \"mt\"}",
		"{\"pdu\": \"000407D049B7F90D00005220304050600A02C834\", \"length\": null, "
		"\"direction\": null}",
	};

	for (size_t i = 0; i < TW_COUNT(lines); i++) {
		bool is_good;
		json_t *answer = decode(lines[i], SMS_LISTING, &is_good);

		ck_assert_msg(is_good, "%s", lines[i]);
		ck_assert_str_eq(string_of(answer, "from"), "Info");
		ck_assert_str_eq(string_of(answer, "text"), "Hi");
		ck_assert_uint_eq(json_array_size(json_object_get(answer, "warnings")), 0);
		json_decref(answer);
	}
}
END_TEST

/* A direction in the object counts for its line. */
START_TEST(direction_of_a_line)
{
	bool is_good;
	json_t *answer = decode("{\"pdu\": \"000000\", \"direction\": \"mo\"}", SMS_LISTING,
			&is_good);

	ck_assert(is_good);
	ck_assert_str_eq(string_of(answer, "type"), "deliver-report");
	json_decref(answer);
}
END_TEST

static const struct { const char *line, *field; } bad_decodes[] = {
	{ "hello", "hex" }, { "{", "json" }, { "{\"pdu\": 5}", "pdu" }, { "{}", "pdu" },
	{ "{\"pdu\": \"00\", \"length\": -1}", "length" },
	{ "{\"pdu\": \"00\", \"length\": \"1\"}", "length" },
	{ "{\"pdu\": \"00\", \"direction\": \"up\"}", "direction" },
	{ "{\"pdu\": \"00\", \"direction\": 1}", "direction" },
	{ ",0011", "length" }, { "12345678901,00", "length" }, { "-1,00", "length" },
	{ "1,2,00", "hex" }, { "{\"pdu\": \"\"}", "smsc" }, { "{\"pdu\": \"\\u0000\"}", "hex" },
	{ "\xFF\xFE", "hex" }, { "{\"pdu\": \"\xFF\"}", "json" }, { "[1]", "hex" },
};

START_TEST(refuses_line)
{
	bool is_good;
	json_t *answer = decode(bad_decodes[_i].line, SMS_LISTING, &is_good);

	ck_assert(!is_good);
	ck_assert_str_eq(error_field(answer), bad_decodes[_i].field);
	ck_assert_ptr_nonnull(json_object_get(json_object_get(answer, "error"), "octet"));
	ck_assert_uint_gt(strlen(string_of(json_object_get(answer, "error"), "what")), 4);
	json_decref(answer);
}
END_TEST

/* ---- every vector -------------------------------------------------------------------------- */

static const struct { const char *type, *keys; } keys_of[] = {
	{ "deliver", "type smsc from address_type pid dcs encoding class BODY scts concat ports "
	  "language more loop_prevention report reply_path waiting warnings" },
	{ "submit",
	  "type smsc to address_type pid dcs encoding class BODY ref validity concat ports "
	  "language report reply_path reject_duplicates waiting warnings" },
	{ "status-report", "type smsc to address_type pid dcs encoding class BODY scts discharge "
	  "status status_class ref concat ports language more loop_prevention report waiting "
	  "warnings" },
	{ "deliver-report", "type smsc pid dcs encoding class BODY failure concat ports language "
	  "waiting warnings" },
	{ "submit-report",
	  "type smsc pid dcs encoding class BODY scts failure concat ports language "
	  "waiting warnings" },
};

static void write_keys(json_t *answer, char *out)
{
	const char *key, *name;
	json_t *value;

	*out = '\0';
	json_object_foreach(answer, key, value) {
		if (!strcmp(key, "error"))
			continue;
		name = strcmp(key, "text") && strcmp(key, "data") ? key : "BODY";
		out += sprintf(out, "%s%s", strcmp(key, "type") ? " " : "", name);
	}
}

static void check_keys(const char *id, json_t *answer)
{
	char keys[1024];
	size_t i = 0;

	if (json_is_null(json_object_get(answer, "type")))
		return;
	while (i < TW_COUNT(keys_of) && strcmp(keys_of[i].type, string_of(answer, "type")))
		i++;
	ck_assert_msg(i < TW_COUNT(keys_of), "%s: %s", id, string_of(answer, "type"));
	write_keys(answer, keys);
	ck_assert_msg(!strcmp(keys, keys_of[i].keys), "%s: %s", id, keys);
}

/* What the object says is what the codec read. */
static void check_values(const char *id, json_t *answer, const struct sms_pdu *pdu)
{
	const json_t *address = json_object_get(answer, pdu->type == SMS_DELIVER ? "from" : "to");
	const json_t *text = json_object_get(answer, "text");
	const json_t *concat = json_object_get(answer, "concat");
	char want[SMS_TEXT_MAX];
	size_t n = sms_body_text(&pdu->body, want, sizeof(want));

	ck_assert_str_eq(string_of(answer, "type"), sms_type_name(pdu->type));
	ck_assert_str_eq(string_of(answer, "smsc"), pdu->smsc.text);
	if (pdu->has_address)
		ck_assert_str_eq(json_string_value(address), pdu->address.text);
	if (pdu->has_ud && pdu->body.encoding != SMS_8BIT) {
		ck_assert_msg(json_string_length(text) == n, "%s: text", id);
		ck_assert_mem_eq(json_string_value(text), want, n);
	} else if (pdu->has_ud) {
		tw_hex_write(pdu->body.units, pdu->body.n, want, false);
		ck_assert_str_eq(string_of(answer, "data"), want);
		ck_assert_ptr_null(text);
	}
	ck_assert_int_eq(json_is_object(concat), pdu->concat.is_set);
	if (pdu->concat.is_set)
		ck_assert_int_eq(json_integer_value(json_object_get(concat, "seq")),
				pdu->concat.seq);
	if (pdu->type == SMS_DELIVER || pdu->type == SMS_STATUS_REPORT)
		ck_assert_int_eq(json_is_true(json_object_get(answer, "more")),
				 !(pdu->first & 0x04));
	ck_assert_uint_eq(json_array_size(json_object_get(answer, "warnings")), pdu->n_warnings);
}

START_TEST(every_vector)
{
	FILE *f = fopen("vectors/pdu.tsv", "r");
	static char row[1 << 16];
	unsigned rows = 0;

	ck_assert_ptr_nonnull(f);
	while (fgets(row, sizeof(row), f)) {
		char *rest = row, *id = strsep(&rest, "\t"), *direction, *hex;
		enum sms_direction d;
		struct sms_pdu pdu;
		bool is_good;
		json_t *answer;
		int e;

		strsep(&rest, "\t");
		direction = strsep(&rest, "\t");
		hex = strsep(&rest, "\t");
		if (!strcmp(id, "id"))
			continue;
		d = !strcmp(direction, "MO") ? SMS_MO : SMS_LISTING;
		answer = decode(hex, d, &is_good);
		e = sms_decode_hex(hex, strlen(hex), -1, d, &pdu, NULL);
		ck_assert_int_eq(is_good, !e);
		ck_assert_int_eq(json_object_get(answer, "error") != NULL, e != 0);
		check_keys(id, answer);
		if (!e)
			check_values(id, answer, &pdu);
		json_decref(answer);
		rows++;
	}
	fclose(f);
	ck_assert_uint_ge(rows, 250);
}
END_TEST

/* ---- encode -------------------------------------------------------------------------------- */

static const struct { const char *line, *answer; } encodes[] = {
	{ "{\"to\": \"+491701234567\", \"text\": \"Test 1\", \"validity_minutes\": 1440}",
	  "{\"encoding\":\"gsm7\",\"language\":{\"locking\":0,\"single\":0},\"segments\":["
	  "{\"pdu\":\"0011000C919471103254760000A706D4F29C0E8A01\",\"length\":20}]}" },
	{ "{\"to\": \"12345\", \"text\": \"\\u0416\\ud83d\\ude00\", \"report\": true, "
	  "\"smsc\": \"+491710760000\"}",
	  "{\"encoding\":\"ucs2\",\"language\":{\"locking\":0,\"single\":0},\"segments\":["
	  "{\"pdu\":\"0791947101670000210005812143F50008060416D83DDE00\",\"length\":16}]}" },
	{ "{\"to\": \"12345\", \"data\": \"DEADbeef\", \"ports\": {\"dst\": 80, \"src\": 8080}, "
	  "\"class\": 1, \"pid\": 65}",
	  "{\"encoding\":\"8bit\",\"language\":{\"locking\":0,\"single\":0},\"segments\":["
	  "{\"pdu\":\"00410005812143F541150B06050400501F90DEADBEEF\",\"length\":21}]}" },
	{ "{\"to\": \"12345\", \"text\": \"\u201Cok\u201D\", \"smart\": true, \"class\": 0}",
	  "{\"encoding\":\"gsm7\",\"language\":{\"locking\":0,\"single\":0},\"segments\":["
	  "{\"pdu\":\"00010005812143F5001004A2F75A04\",\"length\":14}]}" },
	{ "{\"to\": \"12345\", \"text\": \"\u015E\", \"encoding\": \"gsm7\", "
	  "\"languages\": [\"tr\"], \"class\": null}",
	  "{\"encoding\":\"gsm7\",\"language\":{\"locking\":0,\"single\":1},\"segments\":["
	  "{\"pdu\":\"00410005812143F500000703240101D84C01\",\"length\":17}]}" },
	{ "{\"to\": \"12345\", \"text\": \"\"}",
	  "{\"encoding\":\"gsm7\",\"language\":{\"locking\":0,\"single\":0},\"segments\":["
	  "{\"pdu\":\"00010005812143F5000000\",\"length\":10}]}" },
	{ "{\"to\": \"12x\", \"text\": \"a\"}",
	  "{\"error\":{\"field\":\"to\","
	  "\"what\":\"a number is digits with an optional + in front\"}}" },
};

START_TEST(encodes_line)
{
	struct tw_buf out = { 0 };

	pdu_encode_line(encodes[_i].line, strlen(encodes[_i].line), &out);
	out.p[--out.n] = '\0';
	ck_assert_str_eq(tw_buf_str(&out), encodes[_i].answer);
	tw_buf_done(&out);
}
END_TEST

static const struct { const char *line, *field; } bad_encodes[] = {
	{ "", "json" }, { "[]", "json" }, { "{\"to\": \"1\", \"to\": \"2\"}", "json" },
	{ "{\"text\": \"a\"}", "to" }, { "{\"to\": \"12345\"}", "text" },
	{ "{\"to\": \"12345\", \"text\": \"a\", \"data\": \"00\"}", "text" },
	{ "{\"to\": 12345, \"text\": \"a\"}", "to" }, { "{\"to\": \"\", \"text\": \"a\"}", "to" },
	{ "{\"to\": \"1\\u0000\", \"text\": \"a\"}", "to" },
	{ "{\"to\": \"123456789012345678901\", \"text\": \"a\"}", "to" },
	{ "{\"to\": \"12345\", \"text\": 5}", "text" },
	{ "{\"to\": \"12345\", \"text\": \"\\ud83d\"}", "json" },
	{ "{\"to\": \"12345\", \"data\": \"abc\"}", "data" },
	{ "{\"to\": \"12345\", \"data\": \"zz\"}", "data" },
	{ "{\"to\": \"12345\", \"text\": \"a\", \"encoding\": \"8bit\"}", "encoding" },
	{ "{\"to\": \"12345\", \"data\": \"00\", \"encoding\": \"gsm7\"}", "encoding" },
	{ "{\"to\": \"12345\", \"text\": \"a\", \"encoding\": \"utf8\"}", "encoding" },
	{ "{\"to\": \"12345\", \"text\": \"\u0416\", \"encoding\": \"gsm7\"}", "text" },
	{ "{\"to\": \"12345\", \"text\": \"a\", \"class\": 4}", "class" },
	{ "{\"to\": \"12345\", \"text\": \"a\", \"class\": \"0\"}", "class" },
	{ "{\"to\": \"12345\", \"text\": \"a\", \"languages\": [\"en\"]}", "languages" },
	{ "{\"to\": \"12345\", \"text\": \"a\", \"languages\": \"tr\"}", "languages" },
	{ "{\"to\": \"12345\", \"text\": \"a\", \"smart\": 1}", "smart" },
	{ "{\"to\": \"12345\", \"text\": \"a\", \"report\": \"yes\"}", "report" },
	{ "{\"to\": \"12345\", \"text\": \"a\", \"validity_minutes\": 0}", "validity_minutes" },
	{ "{\"to\": \"12345\", \"text\": \"a\", \"validity_minutes\": 635041}",
			"validity_minutes" },
	{ "{\"to\": \"12345\", \"text\": \"a\", \"ports\": 5}", "ports" },
	{ "{\"to\": \"12345\", \"text\": \"a\", \"ports\": {\"dst\": 65536, \"src\": 0}}",
			"ports" },
	{ "{\"to\": \"12345\", \"text\": \"a\", \"ref\": 256}", "ref" },
	{ "{\"to\": \"12345\", \"text\": \"a\", \"ref_bits\": 12}", "ref_bits" },
	{ "{\"to\": \"12345\", \"text\": \"a\", \"smsc\": \"x\"}", "smsc" },
	{ "{\"to\": \"12345\", \"text\": \"a\", \"pid\": 256}", "pid" },
	{ "{\"to\": \"12345\", \"text\": \"a\", \"max_segments\": 256}", "max_segments" },
	{ "{\"to\": \"12345\", \"text\": \"a\", \"Report\": true}", "Report" },
};

START_TEST(refuses_request)
{
	bool is_good;
	json_t *answer = encode(bad_encodes[_i].line, &is_good);

	ck_assert(!is_good);
	ck_assert_uint_eq(json_object_size(answer), 1);
	ck_assert_str_eq(error_field(answer), bad_encodes[_i].field);
	ck_assert_uint_gt(strlen(string_of(json_object_get(answer, "error"), "what")), 4);
	json_decref(answer);
}
END_TEST

START_TEST(too_many_segments)
{
	struct tw_buf line = { 0 };
	json_t *answer;
	bool is_good;

	tw_buf_adds(&line, "{\"to\": \"12345\", \"max_segments\": 2, \"text\": \"");
	for (unsigned i = 0; i < 307; i++)
		tw_buf_addc(&line, 'a');
	tw_buf_adds(&line, "\"}");
	answer = encode(tw_buf_str(&line), &is_good);
	ck_assert(!is_good);
	ck_assert_str_eq(string_of(json_object_get(answer, "error"), "what"),
			 "takes 3 segments, 2 are allowed");
	json_decref(answer);
	tw_buf_done(&line);
}
END_TEST

/* A long text made and read again: same reference in all, and another one for another text. */
START_TEST(there_and_back)
{
	static const char *const tails[] = { "", ", \"ref\": 4660, \"ref_bits\": 16" };

	for (size_t i = 0; i < TW_COUNT(tails); i++) {
		struct tw_buf line = { 0 }, text = { 0 };
		json_t *answer, *segment;
		bool is_good;
		size_t n;

		tw_buf_adds(&line, "{\"to\": \"+447700900123\", \"text\": \"");
		for (unsigned k = 0; k < 100; k++)
			tw_buf_adds(&line, "long {text} ");
		tw_buf_addf(&line, "\"%s}", tails[i]);
		answer = encode(tw_buf_str(&line), &is_good);
		ck_assert(is_good);
		json_array_foreach(json_object_get(answer, "segments"), n, segment) {
			struct sms_pdu pdu;
			char part[SMS_TEXT_MAX];
			const char *hex = string_of(segment, "pdu");
			int length = (int)json_integer_value(json_object_get(segment, "length"));

			ck_assert_int_eq(sms_decode_hex(hex, strlen(hex), length, SMS_MO, &pdu,
					NULL),
					 0);
			ck_assert_uint_eq(pdu.n_warnings, 0);
			ck_assert_uint_eq(pdu.concat.seq, n + 1);
			ck_assert_uint_eq(pdu.concat.ref_bits, i ? 16 : 8);
			if (i)
				ck_assert_uint_eq(pdu.concat.ref, 4660);
			tw_buf_add(&text, part, sms_body_text(&pdu.body, part, sizeof(part)));
		}
		ck_assert_uint_eq(text.n, 1200);
		ck_assert_mem_eq(text.p, "long {text} long {text} ", 24);
		json_decref(answer);
		tw_buf_done(&text);
		tw_buf_done(&line);
	}
}
END_TEST

/* ---- the stream ---------------------------------------------------------------------------- */

/* Runs the verb on an input; its output as a string in out. */
static int run_verb(const char *const *words, const char *input, size_t n, struct tw_buf *out)
{
	FILE *in = tmpfile(), *to = tmpfile();
	int was_in = dup(STDIN_FILENO), was_out = dup(STDOUT_FILENO), code, argc = 0;
	char *argv[8], chunk[4096];
	size_t got;

	for (; words[argc]; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc];
	argv[argc] = NULL;
	ck_assert(in && to);
	fwrite(input, 1, n, in);
	rewind(in);
	fflush(stdout);
	dup2(fileno(in), STDIN_FILENO);
	dup2(fileno(to), STDOUT_FILENO);
	code = cli_pdu(argc, argv);
	fflush(stdout);
	dup2(was_in, STDIN_FILENO);
	dup2(was_out, STDOUT_FILENO);
	close(was_in);
	close(was_out);
	rewind(to);
	tw_buf_clear(out);
	while ((got = fread(chunk, 1, sizeof(chunk), to)))
		tw_buf_add(out, chunk, got);
	fclose(in);
	fclose(to);
	return code;
}

static unsigned lines_in(const struct tw_buf *out)
{
	unsigned n = 0;

	for (size_t i = 0; i < out->n; i++)
		n += out->p[i] == '\n';
	return n;
}

START_TEST(bad_lines_stop_nothing)
{
	static const char input[] = "000405812143F500004230512103544002C834\n"
				    "rubbish\n"
				    "\n"
				    "\0\n"
				    "000405812143F500004230512103544002C834";
	static const char *const words[] = { "pdu", "decode", NULL };
	struct tw_buf out = { 0 };

	ck_assert_int_eq(run_verb(words, input, sizeof(input) - 1, &out), 65);
	ck_assert_uint_eq(lines_in(&out), 5);
	ck_assert_int_eq(run_verb(words, input, 39, &out), 0);
	ck_assert_uint_eq(lines_in(&out), 1);
	ck_assert_int_eq(run_verb(words, "", 0, &out), 0);
	ck_assert_uint_eq(out.n, 0);
	tw_buf_done(&out);
}
END_TEST

START_TEST(very_long_line)
{
	static const char *const verbs[][3] = { { "pdu", "decode", NULL },
						{ "pdu", "encode", NULL } };
	static const char good[][80] = { "\n000405812143F500004230512103544002C834\n",
					 "\n{\"to\":\"12345\",\"text\":\"Hi\"}\n" };
	struct tw_buf input = { 0 }, out = { 0 };

	for (unsigned v = 0; v < 2; v++) {
		json_t *first;
		char *end;

		tw_buf_clear(&input);
		for (unsigned i = 0; i < 3000000; i++)
			tw_buf_addc(&input, '0');
		tw_buf_adds(&input, good[v]);
		ck_assert_int_eq(run_verb(verbs[v], input.p, input.n, &out), 65);
		ck_assert_uint_eq(lines_in(&out), 2);
		end = strchr(out.p, '\n');
		first = json_loadb(out.p, (size_t)(end - out.p), 0, NULL);
		ck_assert_str_eq(error_field(first), "line");
		ck_assert(!strstr(end, "error"));
		json_decref(first);
	}
	tw_buf_done(&input);
	tw_buf_done(&out);
}
END_TEST

static const struct { const char *words[6]; int code; } uses[] = {
	{ { "pdu", "decode" }, 0 }, { { "pdu", "encode" }, 0 },
	{ { "pdu", "decode", "--direction", "mt" }, 0 },
	{ { "pdu", "--direction=mo", "decode" }, 0 },
	{ { "pdu", "--json", "--socket", "x", "decode" }, 0 }, { { "pdu", "--help" }, 0 },
	{ { "pdu" }, 64 }, { { "pdu", "recode" }, 64 }, { { "pdu", "decode", "x" }, 64 },
	{ { "pdu", "decode", "--direction" }, 64 },
	{ { "pdu", "decode", "--direction", "up" }, 64 },
	{ { "pdu", "encode", "--direction", "mt" }, 64 }, { { "pdu", "decode", "--frob" }, 64 },
};

START_TEST(arguments)
{
	struct tw_buf out = { 0 };

	ck_assert_int_eq(run_verb(uses[_i].words, "", 0, &out), uses[_i].code);
	tw_buf_done(&out);
}
END_TEST

START_TEST(direction_option)
{
	static const char *const words[] = { "pdu", "decode", "--direction", "mo", NULL };
	struct tw_buf out = { 0 };

	ck_assert_int_eq(run_verb(words, "000000\n", 7, &out), 0);
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&out), "\"type\":\"deliver-report\""));
	tw_buf_done(&out);
}
END_TEST

/* Every character of a text comes back from the JSON as it was. */
START_TEST(strings_escape)
{
	char text[256], back[256];
	struct tw_buf out = { 0 };
	struct json_out o;
	json_t *list;

	for (unsigned c = 0; c < 128; c++)
		text[c] = (char)c;
	memcpy(text + 128, "\u00E9\u2028\U0001F600", 9);
	o = out_open(&out, '[');
	out_text(&o, NULL, text, 137);
	out_text(&o, NULL, "", 0);
	out_close(&o, ']');
	list = json_loadb(out.p, out.n, JSON_ALLOW_NUL, NULL);
	ck_assert_ptr_nonnull(list);
	ck_assert_uint_eq(json_string_length(json_array_get(list, 0)), 137);
	memcpy(back, json_string_value(json_array_get(list, 0)), 137);
	ck_assert_mem_eq(back, text, 137);
	ck_assert_uint_eq(json_string_length(json_array_get(list, 1)), 0);
	json_decref(list);
	tw_buf_done(&out);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_loop_test(tc, decodes_line, 0, TW_COUNT(decodes));
	tcase_add_test(tc, forms_of_a_line);
	tcase_add_test(tc, direction_of_a_line);
	tcase_add_loop_test(tc, refuses_line, 0, TW_COUNT(bad_decodes));
	tcase_add_test(tc, every_vector);
	tcase_add_loop_test(tc, encodes_line, 0, TW_COUNT(encodes));
	tcase_add_loop_test(tc, refuses_request, 0, TW_COUNT(bad_encodes));
	tcase_add_test(tc, too_many_segments);
	tcase_add_test(tc, there_and_back);
	tcase_add_test(tc, bad_lines_stop_nothing);
	tcase_add_test(tc, very_long_line);
	tcase_add_loop_test(tc, arguments, 0, TW_COUNT(uses));
	tcase_add_test(tc, direction_option);
	tcase_add_test(tc, strings_escape);
}

int main(void)
{
	return unit_run("cli pdu", add);
}
