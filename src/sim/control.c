#include "control.h"

#include <stdio.h>

/* ---- failures -------------------------------------------------------------------------------- */

void request_fail(struct request *r, const char *format, ...)
{
	va_list args;

	if (*r->why)
		return;		/* the first cause is told */
	va_start(args, format);
	vsnprintf(r->why, sizeof(r->why), format, args);
	va_end(args);
}

bool request_failed(const struct request *r)
{
	return *r->why != '\0';
}

/* ---- fields ---------------------------------------------------------------------------------- */

static json_t *field(const struct request *r, const char *key)
{
	json_t *v = json_object_get(r->in, key);

	return v && !json_is_null(v) ? v : NULL;
}

bool field_has(const struct request *r, const char *key)
{
	return field(r, key) != NULL;
}

bool field_text(struct request *r, const char *key, bool required, const char **ret, size_t *ret_n)
{
	json_t *v = field(r, key);

	if (!v && !required)
		return true;
	if (!v || !json_is_string(v)) {
		request_fail(r, "\"%s\" %s: a text is expected", key,
			     v ? "is not a text" : "is missing");
		return false;
	}
	*ret = json_string_value(v);
	if (ret_n)
		*ret_n = json_string_length(v);
	return true;
}

bool field_address(struct request *r, const char *key, bool required, char out[SIM_NUMBER_MAX])
{
	const char *text = NULL;

	*out = '\0';
	if (!field_text(r, key, required, &text, NULL))
		return false;
	if (text && (!*text || strlen(text) >= SIM_NUMBER_MAX)) {
		request_fail(r, "\"%s\": a telephone number such as +447700900123 is expected",
			     key);
		return false;
	}
	if (text)
		air_number(r->sim, text, out);
	return true;
}

bool field_int(struct request *r, const char *key, int64_t min, int64_t max, int64_t *ret)
{
	json_t *v = field(r, key);

	if (!v)
		return true;
	if (!json_is_integer(v) || json_integer_value(v) < min || json_integer_value(v) > max) {
		request_fail(r, "\"%s\": a whole number from %lld to %lld is expected", key,
			     (long long)min, (long long)max);
		return false;
	}
	*ret = json_integer_value(v);
	return true;
}

bool field_number(struct request *r, const char *key, double min, double max, double *ret)
{
	json_t *v = field(r, key);

	if (!v)
		return true;
	if (!json_is_number(v) || json_number_value(v) < min || json_number_value(v) > max) {
		request_fail(r, "\"%s\": a number from %g to %g is expected", key, min, max);
		return false;
	}
	*ret = json_number_value(v);
	return true;
}

bool field_bool(struct request *r, const char *key, bool *ret)
{
	json_t *v = field(r, key);

	if (!v)
		return true;
	if (!json_is_boolean(v)) {
		request_fail(r, "\"%s\": true or false is expected", key);
		return false;
	}
	*ret = json_is_true(v);
	return true;
}

static struct card *card_called(struct sim *s, const char *name)
{
	struct card *c = air_card(s, name);

	if (c)
		return c;
	if (!strncmp(name, "modem", 5) && name[5] >= '0' && name[5] <= '9') {
		char *end;
		unsigned long i = strtoul(name + 5, &end, 10);

		if (!*end && i < s->n_cards)
			return &s->cards[i];
	}
	for (size_t i = 0; i < s->n_cards; i++)
		if (!strcmp(s->cards[i].iccid, name) || !strcmp(s->cards[i].imei, name))
			return &s->cards[i];
	return NULL;
}

bool field_modem(struct request *r, const char *key, bool required, struct card **ret)
{
	json_t *v = field(r, key);
	struct sim *s = r->sim;

	*ret = NULL;
	if (!v && !required)
		return true;
	if (json_is_integer(v) && json_integer_value(v) >= 0 &&
	    (size_t)json_integer_value(v) < s->n_cards)
		*ret = &s->cards[json_integer_value(v)];
	else if (json_is_string(v))
		*ret = card_called(s, json_string_value(v));
	if (!*ret)
		request_fail(r, "\"%s\"%s: 0 to %zu, \"modem0\", or a modem's number, ICCID or "
				"IMEI is expected", key, v ? "" : " is missing", s->n_cards - 1);
	return *ret;
}

/* ---- answers --------------------------------------------------------------------------------- */

void out_text(json_t *o, const char *key, const char *text, size_t n)
{
	struct tw_buf b = { 0 };

	tw_utf8_clean(text, n, &b);
	json_object_set_new(o, key, json_stringn(tw_buf_str(&b), b.n));
	tw_buf_done(&b);
}

void out_int(json_t *o, const char *key, int64_t value)
{
	json_object_set_new(o, key, json_integer(value));
}

void out_time(json_t *o, const char *key, struct wall_ms t)
{
	char text[TW_RFC3339_MAX];

	json_object_set_new(o, key, json_string(tw_rfc3339(t, text)));
}

void out_modem(json_t *o, const struct card *c)
{
	char name[16];

	snprintf(name, sizeof(name), "modem%u", c->index);
	json_object_set_new(o, "modem", json_string(name));
}

char *json_line(const json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT), *line = tw_printf("%s\n", text ? text : "{}");

	free(text);
	return line;
}

json_t *text_object(const struct phone *p, const struct phone_text *t)
{
	json_t *o = json_object();

	out_text(o, "from", t->from, strlen(t->from));
	out_text(o, "to", p->number, strlen(p->number));
	out_text(o, "text", t->text, t->n);
	out_time(o, "at", t->at);
	out_int(o, "segments", t->segments);
	return o;
}

json_t *sent_object(const struct sim_sent *sent)
{
	char name[16];
	json_t *o = json_object();

	snprintf(name, sizeof(name), "modem%zu", sent->card);
	json_object_set_new(o, "modem", json_string(name));
	out_text(o, "from", sent->from, strlen(sent->from));
	out_text(o, "to", sent->to, strlen(sent->to));
	out_int(o, "mr", sent->mr);
	out_text(o, "text", sent->text, sent->text_n);
	out_time(o, "at", sent->at);
	return o;
}

/* ---- what subscribers are told --------------------------------------------------------------- */

static bool peer_wants(const struct peer *p, enum note_kind kind, const char *number)
{
	bool kinds[] = { [NOTE_TEXT] = p->texts, [NOTE_SENT] = p->sent, [NOTE_MODEM] = p->modems };

	return kinds[kind] && (!p->number || !number || !strcmp(p->number, number));
}

bool note_wanted(const struct sim *s, enum note_kind kind, const char *number)
{
	for (size_t i = 0; i < s->n_peers; i++)
		if (peer_wants(&s->peers[i], kind, number))
			return true;
	return false;
}

static void note_push(struct sim *s, uint64_t peer, const char *line)
{
	if (s->notes_n == SIM_NOTES_MAX)
		return;		/* a subscriber that never reads; it has lost count already */
	if (s->notes_n == s->notes_cap) {
		size_t cap = s->notes_cap ? 2 * s->notes_cap : 64;
		struct note *v = tw_alloc(cap * sizeof(*v));

		for (size_t i = 0; i < s->notes_n; i++)
			v[i] = s->notes[(s->notes_head + i) % s->notes_cap];
		free(s->notes);
		s->notes = v;
		s->notes_cap = cap;
		s->notes_head = 0;
	}
	s->notes[(s->notes_head + s->notes_n++) % s->notes_cap] =
		(struct note){ .peer = peer, .line = tw_strdup(line) };
}

void note_tell(struct sim *s, enum note_kind kind, const char *number, const char *line)
{
	for (size_t i = 0; i < s->n_peers; i++)
		if (peer_wants(&s->peers[i], kind, number))
			note_push(s, s->peers[i].id, line);
}

static void tell(struct sim *s, enum note_kind kind, const char *number, const char *event,
		 json_t *o)
{
	char *line;

	json_object_set_new(o, "event", json_string(event));
	line = json_line(o);
	note_tell(s, kind, number, line);
	free(line);
	json_decref(o);
}

void control_text_note(struct sim *s, const struct phone *p, const struct phone_text *t)
{
	tell(s, NOTE_TEXT, p->number, "text", text_object(p, t));
}

void control_sent_note(struct sim *s, const struct sim_sent *sent)
{
	tell(s, NOTE_SENT, sent->to, "sent", sent_object(sent));
}

void control_modem_note(struct sim *s, const struct card *c, const char *event)
{
	json_t *o;

	if (!note_wanted(s, NOTE_MODEM, NULL))
		return;
	o = json_object();
	out_modem(o, c);
	tell(s, NOTE_MODEM, NULL, event, o);
}

bool sim_control_next(struct sim *s, uint64_t *ret_peer, struct tw_buf *out)
{
	struct note *v;

	if (!s->notes_n)
		return false;
	v = &s->notes[s->notes_head];
	*ret_peer = v->peer;
	tw_buf_adds(out, v->line);
	free(v->line);
	s->notes_head = (s->notes_head + 1) % s->notes_cap;
	s->notes_n--;
	return true;
}

void sim_control_gone(struct sim *s, uint64_t peer)
{
	for (size_t i = 0; i < s->n_peers; i++) {
		if (s->peers[i].id != peer)
			continue;
		free(s->peers[i].number);
		s->peers[i] = s->peers[--s->n_peers];
		return;
	}
}

/* ---- a request ------------------------------------------------------------------------------- */

static const struct op *op_find(const char *name)
{
	for (size_t i = 0; i < n_ops; i++)
		if (!strcmp(ops[i].name, name))
			return &ops[i];
	return NULL;
}

static bool word_in(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = list; (p = strstr(p, word)); p += n)
		if ((p == list || p[-1] == ' ') && (p[n] == ' ' || !p[n]))
			return true;
	return false;
}

static void request_run(struct request *r)
{
	const char *name, *key;
	const struct op *op;
	json_t *value;

	if (!json_is_object(r->in)) {
		request_fail(r, "one JSON object a line is expected, such as {\"op\":\"list\"}");
		return;
	}
	if (!field_text(r, "op", true, &name, NULL))
		return;
	op = op_find(name);
	if (!op) {
		request_fail(r, "no op is called \"%.40s\"; {\"op\":\"help\"} lists them", name);
		return;
	}
	json_object_foreach(r->in, key, value) {
		if (strcmp(key, "op") && !word_in(op->keys, key)) {
			request_fail(r, "\"%s\" takes no \"%.40s\"; it takes: %s", name, key,
				     *op->keys ? op->keys : "nothing");
			return;
		}
	}
	op->run(r);
}

static void answer(struct request *r, struct tw_buf *out)
{
	char *line;

	if (request_failed(r)) {
		json_object_clear(r->out);
		json_object_set_new(r->out, "ok", json_false());
		out_text(r->out, "error", r->why, strlen(r->why));
	}
	line = json_line(r->out);
	tw_buf_adds(out, line);
	free(line);
}

void sim_control(struct sim *s, uint64_t peer, const char *line, size_t n, struct tw_now now,
		 struct tw_buf *out)
{
	struct request r = { .sim = s, .peer = peer };
	json_error_t error;

	s->now = now;
	sim_run(s);
	r.in = json_loadb(line, n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY,
			  &error);
	r.out = json_object();
	json_object_set_new(r.out, "ok", json_true());
	if (!r.in)
		request_fail(&r, "not JSON at column %d: %s", error.column, error.text);
	else
		request_run(&r);
	answer(&r, out);
	json_decref(r.in);
	json_decref(r.out);
	sim_run(s);
}
