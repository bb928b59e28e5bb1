/* One JSON object to the PDUs of one message. */
#include "pdu.h"

#include <jansson.h>

enum { LANGUAGES_MAX = 13, WHAT_MAX = 256 };

struct request {
	const char *to, *smsc, *text;
	size_t n;
	uint8_t *data;		/* heap */
	bool has_text, has_data, report;
	int64_t validity, ref, pid;
	uint8_t languages[LANGUAGES_MAX];
	struct sms_options options;
	const char *bad_field;
	char what[WHAT_MAX];
};

static bool refuse(struct request *r, const char *field, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static bool refuse(struct request *r, const char *field, const char *format, ...)
{
	va_list args;

	r->bad_field = field;
	va_start(args, format);
	vsnprintf(r->what, sizeof(r->what), format, args);
	va_end(args);
	return false;
}

static bool take_int(struct request *r, const char *key, const json_t *v, int64_t min, int64_t max,
		     int64_t *ret)
{
	if (!json_is_integer(v) || json_integer_value(v) < min || json_integer_value(v) > max)
		return refuse(r, key, "%s has to be a whole number from %lld to %lld", key,
			      (long long)min, (long long)max);
	*ret = json_integer_value(v);
	return true;
}

static bool take_string(struct request *r, const char *key, const json_t *v, const char **ret)
{
	if (!json_is_string(v) || strlen(json_string_value(v)) != json_string_length(v))
		return refuse(r, key, "%s has to be a text", key);
	*ret = json_string_value(v);
	return true;
}

static bool take_bool(struct request *r, const char *key, const json_t *v, bool *ret)
{
	if (!json_is_boolean(v))
		return refuse(r, key, "%s has to be true or false", key);
	*ret = json_is_true(v);
	return true;
}

static bool take_to(struct request *r, const char *key, const json_t *v)
{
	return take_string(r, key, v, &r->to);
}

static bool take_smsc(struct request *r, const char *key, const json_t *v)
{
	return take_string(r, key, v, &r->smsc);
}

static bool take_text(struct request *r, const char *key, const json_t *v)
{
	if (!json_is_string(v))
		return refuse(r, key, "text has to be a text");
	r->text = json_string_value(v);
	r->n = json_string_length(v);
	r->has_text = true;
	return true;
}

static bool take_data(struct request *r, const char *key, const json_t *v)
{
	const char *hex = "";
	int n;

	if (!take_string(r, key, v, &hex))
		return false;
	r->data = tw_alloc(strlen(hex) / 2 + 1);
	n = tw_hex_read(hex, strlen(hex), r->data, strlen(hex) / 2 + 1);
	if (n < 0)
		return refuse(r, key, "data has to be an even number of hex digits");
	r->text = (const char *)r->data;
	r->n = (size_t)n;
	r->has_data = true;
	return true;
}

static bool take_encoding(struct request *r, const char *key, const json_t *v)
{
	static const struct { const char *name; int encoding; } names[] = {
		{ "auto", -1 }, { "gsm7", SMS_GSM7 }, { "ucs2", SMS_UCS2 }, { "8bit", SMS_8BIT },
	};
	const char *name = json_is_string(v) ? json_string_value(v) : "";

	for (size_t i = 0; i < TW_COUNT(names); i++) {
		if (strcmp(names[i].name, name))
			continue;
		r->options.encoding = names[i].encoding;
		return true;
	}
	return refuse(r, key, "encoding has to be auto, gsm7, ucs2 or 8bit");
}

static bool take_class(struct request *r, const char *key, const json_t *v)
{
	int64_t value = 0;

	if (!take_int(r, key, v, 0, 3, &value))
		return false;
	r->options.message_class = (int)value;
	return true;
}

static bool take_languages(struct request *r, const char *key, const json_t *v)
{
	if (!json_is_array(v) || json_array_size(v) > LANGUAGES_MAX)
		return refuse(r, key, "languages has to be a list of at most %d language codes",
			      LANGUAGES_MAX);
	for (size_t i = 0; i < json_array_size(v); i++) {
		const json_t *one = json_array_get(v, i);
		json_int_t id = json_is_integer(one) ? json_integer_value(one) : -1;

		if (json_is_string(one))
			id = sms_language_id(json_string_value(one));
		if (id < 1 || id > LANGUAGES_MAX)
			return refuse(r, key, "languages[%zu] is none of tr es pt bn gu hi kn ml "
				      "or pa ta te ur", i);
		r->languages[r->options.n_languages++] = (uint8_t)id;
	}
	return true;
}

static bool take_smart(struct request *r, const char *key, const json_t *v)
{
	return take_bool(r, key, v, &r->options.smart);
}

static bool take_report(struct request *r, const char *key, const json_t *v)
{
	return take_bool(r, key, v, &r->report);
}

static bool take_validity(struct request *r, const char *key, const json_t *v)
{
	return take_int(r, key, v, 1, 635040, &r->validity);
}

static bool take_ports(struct request *r, const char *key, const json_t *v)
{
	const json_t *dst = json_object_get(v, "dst"), *src = json_object_get(v, "src");
	const json_t *bits = json_object_get(v, "bits");
	int64_t max = 65535, to = 0, from = 0;

	if (bits && !json_is_null(bits)) {
		if (json_integer_value(bits) != 8 && json_integer_value(bits) != 16)
			return refuse(r, key, "ports.bits has to be 8 or 16");
		max = json_integer_value(bits) == 8 ? 255 : 65535;
	}
	if (!json_is_integer(dst) || (src && !json_is_null(src) && !json_is_integer(src)))
		return refuse(r, key, "ports has to be {\"dst\": PORT, \"src\": PORT}");
	to = json_integer_value(dst);
	from = json_integer_value(src);
	if (to < 0 || to > max || from < 0 || from > max)
		return refuse(r, key, "a port is a number from 0 to %lld", (long long)max);
	r->options.ports = (struct sms_ports){ true, max == 255 ? 8 : 16, (uint16_t)to,
					       (uint16_t)from };
	return true;
}

static bool take_ref(struct request *r, const char *key, const json_t *v)
{
	return take_int(r, key, v, 0, 65535, &r->ref);
}

static bool take_ref_bits(struct request *r, const char *key, const json_t *v)
{
	if (json_integer_value(v) != 8 && json_integer_value(v) != 16)
		return refuse(r, key, "ref_bits has to be 8 or 16");
	r->options.ref_bits = (uint8_t)json_integer_value(v);
	return true;
}

static bool take_pid(struct request *r, const char *key, const json_t *v)
{
	return take_int(r, key, v, 0, 255, &r->pid);
}

static bool take_max_segments(struct request *r, const char *key, const json_t *v)
{
	int64_t value = 0;

	if (!take_int(r, key, v, 1, SMS_SEGMENTS_MAX, &value))
		return false;
	r->options.max_segments = (uint16_t)value;
	return true;
}

static const struct {
	const char *name;
	bool (*take)(struct request *r, const char *key, const json_t *v);
} takers[] = {
	{ "to", take_to },
	{ "text", take_text },
	{ "data", take_data },
	{ "encoding", take_encoding },
	{ "class", take_class },
	{ "languages", take_languages },
	{ "smart", take_smart },
	{ "report", take_report },
	{ "validity_minutes", take_validity },
	{ "ports", take_ports },
	{ "ref", take_ref },
	{ "ref_bits", take_ref_bits },
	{ "smsc", take_smsc },
	{ "pid", take_pid },
	{ "max_segments", take_max_segments },
};

/* A key that nobody knows is a slip of the pen that would change what is sent. */
static bool check_names(struct request *r, json_t *object)
{
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value) {
		size_t i = 0;

		while (i < TW_COUNT(takers) && strcmp(takers[i].name, name))
			i++;
		if (i == TW_COUNT(takers))
			return refuse(r, name, "there is no such key");
	}
	return true;
}

static bool check_together(struct request *r)
{
	int encoding = r->options.encoding;

	if (!r->to)
		return refuse(r, "to", "to is needed: the recipient's number");
	if (r->has_text == r->has_data)
		return refuse(r, "text", "either text or data is needed");
	if (r->has_text && encoding == SMS_8BIT)
		return refuse(r, "encoding", "8bit carries data, not text");
	if (r->has_data && encoding != SMS_8BIT && encoding != -1)
		return refuse(r, "encoding", "data travel as 8bit");
	if (r->has_data)
		r->options.encoding = SMS_8BIT;
	if (r->ref > 255 && r->options.ref_bits != 16)
		return refuse(r, "ref", "a ref above 255 needs ref_bits 16");
	return true;
}

static bool read_request(json_t *object, struct request *r)
{
	if (!check_names(r, object))
		return false;
	for (size_t i = 0; i < TW_COUNT(takers); i++) {
		const json_t *v = json_object_get(object, takers[i].name);

		if (v && !json_is_null(v) && !takers[i].take(r, takers[i].name, v))
			return false;
	}
	return check_together(r);
}

static bool choose(struct request *r, struct sms_form *ret)
{
	const char *field = r->has_data ? "data" : "text";
	struct sms_fault fault = { .octet = -1 };
	int e = sms_choose_form(r->text, r->n, &r->options, ret, &fault);

	if (!e)
		return true;
	if (e == TW_E_NOSPACE && fault.octet > 0)
		return refuse(r, field, "takes %d segments, %u are allowed", fault.octet,
			      r->options.max_segments ? r->options.max_segments : SMS_SEGMENTS_MAX);
	if (e == TW_E_RANGE && fault.octet >= 0)
		return refuse(r, field, "%s, at octet %d", fault.what, fault.octet);
	return refuse(r, field, "%s", fault.what);
}

static bool put_segment(struct request *r, const struct sms_form *form, uint8_t seq,
			struct json_out *list)
{
	struct sms_fault fault = { .field = "text", .what = "cannot be cut" };
	struct sms_submit submit = { .to = r->to, .smsc = r->smsc, .pid = (uint8_t)r->pid,
				     .report = r->report,
				     .validity_minutes = (uint32_t)r->validity };
	uint8_t octets[SMS_PDU_MAX];
	size_t n, tpdu_n;
	struct json_out in;
	struct sms_ud ud;

	submit.ud = &ud;
	if (sms_split_one(r->text, r->n, form, &r->options, (uint16_t)r->ref, seq, &ud) ||
	    sms_submit_encode(&submit, octets, sizeof(octets), &n, &tpdu_n, &fault))
		return refuse(r, fault.field, "%s", fault.what);
	out_key(list, NULL);
	in = out_open(list->buf, '{');
	out_hex(&in, "pdu", octets, n, true);
	out_int(&in, "length", (int64_t)tpdu_n);
	out_close(&in, '}');
	return true;
}

static bool encode(struct request *r, struct tw_buf *out)
{
	struct json_out o, in;
	struct sms_form form;

	if (!choose(r, &form))
		return false;
	/* Messages that follow each other to one recipient need different references. */
	if (r->ref < 0) {
		uint64_t hash = tw_hash64(r->text, r->n);

		r->ref = (int64_t)(hash & (form.ref_bits == 16 ? 0xFFFF : 0xFF));
	}
	o = out_open(out, '{');
	out_string(&o, "encoding", sms_encoding_name((enum sms_encoding)form.encoding));
	out_key(&o, "language");
	in = out_open(out, '{');
	out_int(&in, "locking", form.locking);
	out_int(&in, "single", form.single);
	out_close(&in, '}');
	out_key(&o, "segments");
	in = out_open(out, '[');
	for (unsigned seq = 1; seq <= form.segments; seq++)
		if (!put_segment(r, &form, (uint8_t)seq, &in))
			return false;
	out_close(&in, ']');
	out_close(&o, '}');
	return true;
}

static void put_error(const struct request *r, struct tw_buf *out)
{
	struct json_out o = out_open(out, '{'), in;

	out_key(&o, "error");
	in = out_open(out, '{');
	out_string(&in, "field", r->bad_field);
	out_string(&in, "what", r->what);
	out_close(&in, '}');
	out_close(&o, '}');
}

bool pdu_encode_line(const char *line, size_t n, struct tw_buf *out)
{
	struct request r = { .ref = -1, .options = { .encoding = -1, .message_class = -1 } };
	size_t start = out->n;
	json_error_t error;
	json_t *object = json_loadb(line, n, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
	bool is_good = false;

	r.options.languages = r.languages;
	if (!object)
		refuse(&r, "json", "%s", error.text);
	else if (!json_is_object(object))
		refuse(&r, "json", "one object a line is expected");
	else
		is_good = read_request(object, &r) && encode(&r, out);
	if (!is_good) {
		out->n = start;
		put_error(&r, out);
	}
	tw_buf_addc(out, '\n');
	free(r.data);
	json_decref(object);
	return is_good;
}
