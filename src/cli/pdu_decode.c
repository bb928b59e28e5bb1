/* A PDU as one JSON object: which keys each type has, in which order, and how each is written. */
#include "pdu.h"

#include <jansson.h>

enum {
	DELIVER = 1 << SMS_DELIVER, SUBMIT = 1 << SMS_SUBMIT, STATUS = 1 << SMS_STATUS_REPORT,
	COMMAND = 1 << SMS_COMMAND, DELIVER_REPORT = 1 << SMS_DELIVER_REPORT,
	SUBMIT_REPORT = 1 << SMS_SUBMIT_REPORT,
	REPORTS = DELIVER_REPORT | SUBMIT_REPORT,
	WITH_TEXT = DELIVER | SUBMIT | STATUS | REPORTS,
	LENGTH_MAX = 1024
};

struct key {
	const char *name;
	unsigned types;
	void (*write)(struct json_out *o, const char *key, const struct sms_pdu *pdu);
};

#define WRITER(name) \
	static void write_##name(struct json_out *o, const char *key, const struct sms_pdu *pdu)

WRITER(address)
{
	if (pdu->has_address)
		out_string(o, key, pdu->address.text);
	else
		out_null(o, key);
}

WRITER(address_type)
{
	if (pdu->has_address)
		out_int(o, key, pdu->address.toa);
	else
		out_null(o, key);
}

WRITER(pid)
{
	if (pdu->has_pid)
		out_int(o, key, pdu->pid);
	else
		out_null(o, key);
}

WRITER(dcs)
{
	if (pdu->has_dcs)
		out_int(o, key, pdu->dcs);
	else
		out_null(o, key);
}

/* A report that brings text and no DCS means the default alphabet. */
static bool has_encoding(const struct sms_pdu *pdu)
{
	return pdu->has_dcs || pdu->has_ud;
}

WRITER(encoding)
{
	if (has_encoding(pdu))
		out_string(o, key, sms_encoding_name((enum sms_encoding)pdu->body.encoding));
	else
		out_null(o, key);
}

WRITER(class)
{
	if (pdu->message_class >= 0)
		out_int(o, key, pdu->message_class);
	else
		out_null(o, key);
}

/* `text` or, for octets, `data`. */
WRITER(body)
{
	char text[SMS_TEXT_MAX];

	if (!pdu->has_ud)
		out_null(o, pdu->type == SMS_COMMAND || pdu->body.encoding == SMS_8BIT ? "data" :
			     key);
	else if (pdu->body.encoding == SMS_8BIT)
		out_hex(o, "data", pdu->body.units, pdu->body.n, false);
	else
		out_text(o, key, text, sms_body_text(&pdu->body, text, sizeof(text)));
}

static void write_time(struct json_out *o, const char *key, const struct sms_time *t)
{
	char text[32];

	if (t->is_valid)
		out_string(o, key, sms_time_write(t, text));
	else
		out_null(o, key);
}

WRITER(scts)
{
	write_time(o, key, &pdu->scts);
}

WRITER(discharge)
{
	write_time(o, key, &pdu->discharge);
}

WRITER(status)
{
	if (pdu->has_status)
		out_int(o, key, pdu->status);
	else
		out_null(o, key);
}

WRITER(status_class)
{
	if (pdu->has_status)
		out_string(o, key, sms_status_class_name(sms_status_class(pdu->status)));
	else
		out_null(o, key);
}

WRITER(ref)
{
	if (pdu->has_ref)
		out_int(o, key, pdu->ref);
	else
		out_null(o, key);
}

WRITER(failure)
{
	if (pdu->failure)
		out_int(o, key, pdu->failure);
	else
		out_null(o, key);
}

WRITER(command)
{
	out_int(o, key, pdu->command);
}

WRITER(command_ref)
{
	out_int(o, key, pdu->command_ref);
}

WRITER(validity)
{
	if (pdu->vp_kind == SMS_VP_ABSOLUTE)
		write_time(o, key, &pdu->vp_time);
	else if (pdu->vp_seconds)
		out_int(o, key, pdu->vp_seconds);
	else
		out_null(o, key);
}

WRITER(concat)
{
	struct json_out in;

	if (!pdu->concat.is_set) {
		out_null(o, key);
		return;
	}
	out_key(o, key);
	in = out_open(o->buf, '{');
	out_int(&in, "ref", pdu->concat.ref);
	out_int(&in, "ref_bits", pdu->concat.ref_bits);
	out_int(&in, "total", pdu->concat.total);
	out_int(&in, "seq", pdu->concat.seq);
	out_close(&in, '}');
}

WRITER(ports)
{
	struct json_out in;

	if (!pdu->ports.is_set) {
		out_null(o, key);
		return;
	}
	out_key(o, key);
	in = out_open(o->buf, '{');
	out_int(&in, "dst", pdu->ports.dst);
	out_int(&in, "src", pdu->ports.src);
	out_close(&in, '}');
}

WRITER(language)
{
	struct json_out in;

	out_key(o, key);
	in = out_open(o->buf, '{');
	out_int(&in, "locking", pdu->body.locking);
	out_int(&in, "single", pdu->body.single);
	out_close(&in, '}');
}

WRITER(more)
{
	out_bool(o, key, pdu->more);
}

WRITER(loop_prevention)
{
	out_bool(o, key, pdu->loop_prevention);
}

WRITER(report)
{
	out_bool(o, key, pdu->report);
}

WRITER(reply_path)
{
	out_bool(o, key, pdu->reply_path);
}

WRITER(reject_duplicates)
{
	out_bool(o, key, pdu->reject_duplicates);
}

WRITER(waiting)
{
	struct json_out list, in;

	out_key(o, key);
	list = out_open(o->buf, '[');
	for (unsigned i = 0; i < pdu->n_waiting; i++) {
		const struct sms_waiting *w = &pdu->waiting[i];

		out_key(&list, NULL);
		in = out_open(o->buf, '{');
		out_string(&in, "kind", sms_waiting_name((enum sms_waiting_kind)w->kind));
		out_bool(&in, "active", w->active);
		out_bool(&in, "store", w->store);
		out_close(&in, '}');
	}
	out_close(&list, ']');
}

static const struct key keys[] = {
	{ "from", DELIVER, write_address },
	{ "to", SUBMIT | STATUS | COMMAND, write_address },
	{ "address_type", DELIVER | SUBMIT | STATUS | COMMAND, write_address_type },
	{ "pid", WITH_TEXT | COMMAND, write_pid },
	{ "dcs", WITH_TEXT, write_dcs },
	{ "encoding", WITH_TEXT, write_encoding },
	{ "class", WITH_TEXT, write_class },
	{ "text", WITH_TEXT | COMMAND, write_body },
	{ "scts", DELIVER | STATUS | SUBMIT_REPORT, write_scts },
	{ "discharge", STATUS, write_discharge },
	{ "status", STATUS, write_status },
	{ "status_class", STATUS, write_status_class },
	{ "ref", SUBMIT | STATUS | COMMAND, write_ref },
	{ "command", COMMAND, write_command },
	{ "command_ref", COMMAND, write_command_ref },
	{ "failure", REPORTS, write_failure },
	{ "validity", SUBMIT, write_validity },
	{ "concat", WITH_TEXT, write_concat },
	{ "ports", WITH_TEXT, write_ports },
	{ "language", WITH_TEXT, write_language },
	{ "more", DELIVER | STATUS, write_more },
	{ "loop_prevention", DELIVER | STATUS, write_loop_prevention },
	{ "report", DELIVER | SUBMIT | STATUS | COMMAND, write_report },
	{ "reply_path", DELIVER | SUBMIT, write_reply_path },
	{ "reject_duplicates", SUBMIT, write_reject_duplicates },
	{ "waiting", WITH_TEXT, write_waiting },
};

static void write_fault(struct json_out *o, const char *key, const struct sms_fault *fault)
{
	struct json_out in;

	out_key(o, key);
	in = out_open(o->buf, '{');
	out_string(&in, "field", fault->field);
	if (fault->octet >= 0)
		out_int(&in, "octet", fault->octet);
	else
		out_null(&in, "octet");
	out_string(&in, "what", fault->what);
	out_close(&in, '}');
}

static void write_pdu(const struct sms_pdu *pdu, const struct sms_fault *error, struct tw_buf *out)
{
	struct json_out o = out_open(out, '{'), list;

	if (pdu->has_type)
		out_string(&o, "type", sms_type_name(pdu->type));
	else
		out_null(&o, "type");
	out_string(&o, "smsc", pdu->smsc.text);
	for (size_t i = 0; i < TW_COUNT(keys); i++)
		if (pdu->has_type && keys[i].types & 1u << pdu->type)
			keys[i].write(&o, keys[i].name, pdu);
	out_key(&o, "warnings");
	list = out_open(out, '[');
	for (unsigned i = 0; i < pdu->n_warnings; i++)
		write_fault(&list, NULL, &pdu->warnings[i]);
	out_close(&list, ']');
	if (error)
		write_fault(&o, "error", error);
	out_close(&o, '}');
	tw_buf_addc(out, '\n');
}

/* ---- reading the line ---------------------------------------------------------------------- */

struct request {
	const char *hex;
	size_t n;
	int length;
	enum sms_direction direction;
};

bool pdu_direction_read(const char *name, enum sms_direction *ret)
{
	static const char *const names[] = { [SMS_LISTING] = "listing", [SMS_MT] = "mt",
					     [SMS_MO] = "mo" };

	for (size_t i = 0; i < TW_COUNT(names); i++) {
		if (strcmp(names[i], name))
			continue;
		*ret = (enum sms_direction)i;
		return true;
	}
	return false;
}

static bool refuse(struct sms_fault *fault, const char *field, const char *what)
{
	*fault = (struct sms_fault){ TW_E_SYNTAX, -1, field, what };
	return false;
}

/* [LENGTH,]HEX */
static bool read_plain(const char *line, size_t n, struct request *ret, struct sms_fault *fault)
{
	const char *comma = memchr(line, ',', n), *p = line;
	int length = 0, digits = 0;

	if (!comma) {
		ret->hex = line;
		ret->n = n;
		return true;
	}
	while (p < comma && *p == ' ')
		p++;
	for (; p < comma && *p >= '0' && *p <= '9' && length <= LENGTH_MAX; p++, digits++)
		length = length * 10 + (*p - '0');
	while (p < comma && *p == ' ')
		p++;
	if (p != comma || !digits || length > LENGTH_MAX)
		return refuse(fault, "length", "what stands before the comma is no length");
	ret->length = length;
	ret->hex = comma + 1;
	ret->n = (size_t)(line + n - ret->hex);
	return true;
}

static bool read_object(const json_t *object, struct request *ret, struct sms_fault *fault)
{
	const json_t *pdu = json_object_get(object, "pdu");
	const json_t *length = json_object_get(object, "length");
	const json_t *direction = json_object_get(object, "direction");

	if (!json_is_string(pdu))
		return refuse(fault, "pdu", "pdu has to be a text of hex digits");
	ret->hex = json_string_value(pdu);
	ret->n = json_string_length(pdu);
	if (length && !json_is_null(length)) {
		if (!json_is_integer(length) || json_integer_value(length) < 0 ||
		    json_integer_value(length) > LENGTH_MAX)
			return refuse(fault, "length", "length has to be a number of octets");
		ret->length = (int)json_integer_value(length);
	}
	if (direction && !json_is_null(direction) &&
	    (!json_is_string(direction) ||
	     !pdu_direction_read(json_string_value(direction), &ret->direction)))
		return refuse(fault, "direction", "direction has to be mt, mo or listing");
	return true;
}

static bool decode(const struct request *request, struct tw_buf *out)
{
	struct sms_fault fault;
	struct sms_pdu pdu;
	int e = sms_decode_hex(request->hex, request->n, request->length, request->direction, &pdu,
			       &fault);

	write_pdu(&pdu, e ? &fault : NULL, out);
	return !e;
}

static bool is_object(const char *line, size_t n)
{
	while (n && (*line == ' ' || *line == '\t'))
		line++, n--;
	return n && *line == '{';
}

bool pdu_decode_line(const char *line, size_t n, enum sms_direction direction, struct tw_buf *out)
{
	struct request request = { .length = -1, .direction = direction };
	const struct sms_pdu nothing = { 0 };
	json_t *object = NULL;
	struct sms_fault fault;
	json_error_t error;
	bool is_good;

	if (is_object(line, n)) {
		object = json_loadb(line, n, JSON_ALLOW_NUL, &error);
		is_good = object ? read_object(object, &request, &fault) :
				   refuse(&fault, "json", error.text);
	} else {
		is_good = read_plain(line, n, &request, &fault);
	}
	if (is_good)
		is_good = decode(&request, out);
	else
		write_pdu(&nothing, &fault, out);
	json_decref(object);
	return is_good;
}
