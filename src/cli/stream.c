#include "stream.h"

#include <stdio.h>

enum { LINE_MAX_OCTETS = 1 << 20 };

static void end_line(struct stream *s)
{
	const char *line = tw_buf_str(&s->line);

	if (!s->line.n) {
		if (s->data.n)
			s->take(s->ctx, s->data.p, s->data.n);
		tw_buf_clear(&s->data);
		return;
	}
	if (!strncmp(line, "id:", 3))
		tw_strset(s->id, sizeof(s->id), line + 3 + (line[3] == ' '));
	if (strncmp(line, "data:", 5))
		return;		/* comments, names, retry: the data says it all */
	line += 5;
	if (*line == ' ')
		line++;
	if (s->data.n)
		tw_buf_addc(&s->data, '\n');
	tw_buf_adds(&s->data, line);
}

void stream_feed(struct stream *s, const char *p, size_t n)
{
	for (; n; p++, n--) {
		if (*p == '\n') {
			end_line(s);
			tw_buf_clear(&s->line);
		} else if (*p != '\r' && s->line.n < LINE_MAX_OCTETS) {
			tw_buf_addc(&s->line, *p);
		}
	}
}

void stream_done(struct stream *s)
{
	tw_buf_done(&s->line);
	tw_buf_done(&s->data);
}

static void add_safe(struct tw_buf *b, const char *text)
{
	show_safe(text, strlen(text), b);
}

static void add_padded(struct tw_buf *b, const char *text, int width, enum colour colour, bool on)
{
	struct tw_buf safe = { 0 };
	int room;

	add_safe(&safe, text);
	room = width - show_width(tw_buf_str(&safe), safe.n);
	show_begin(b, colour, on);
	tw_buf_add(b, tw_buf_str(&safe), safe.n);
	show_end(b, colour, on);
	while (room-- > 0)
		tw_buf_addc(b, ' ');
	tw_buf_done(&safe);
}

static void describe_message(const char *event, json_t *m, bool colour, struct tw_buf *b)
{
	json_t *error = json_object_get(m, "error");
	const char *dot = strchr(event, '.'), *state = dot ? dot + 1 : event;
	bool is_inbound = !strcmp(cli_member(m, "direction"), "inbound");

	add_padded(b, state, 11, show_state_colour(state), colour);
	tw_buf_adds(b, "  ");
	add_safe(b, is_inbound ? cli_member(m, "from") : cli_member(m, "to"));
	tw_buf_adds(b, is_inbound ? " \xe2\x86\x92 " : " \xe2\x86\x90 ");
	add_safe(b, is_inbound ? cli_member(m, "to") : cli_member(m, "from"));
	if (*cli_member(m, "text")) {
		tw_buf_adds(b, "  ");
		add_safe(b, cli_member(m, "text"));
	}
	if (*cli_member(error, "text")) {
		tw_buf_adds(b, "  (");
		add_safe(b, cli_member(error, "text"));
		tw_buf_addc(b, ')');
	}
}

static void describe_modem(json_t *m, bool colour, struct tw_buf *b)
{
	const char *state = cli_member(m, "state");

	add_padded(b, state, 11, show_state_colour(state), colour);
	tw_buf_adds(b, "  modem ");
	add_safe(b, cli_member(m, "name"));
	if (*cli_member(json_object_get(m, "sim"), "number")) {
		tw_buf_adds(b, " ");
		add_safe(b, cli_member(json_object_get(m, "sim"), "number"));
	}
	if (*cli_member(m, "network")) {
		tw_buf_adds(b, "  ");
		add_safe(b, cli_member(m, "network"));
	}
}

void stream_describe(json_t *event, bool colour, struct wall_ms now, struct tw_buf *out)
{
	json_t *message = json_object_get(event, "message"),
		*modem = json_object_get(event, "modem");
	const char *name = cli_member(event, "event");
	char time[TW_RFC3339_MAX];

	show_begin(out, COLOUR_FAINT, colour);
	cli_time_write(cli_member_time(event, "at"), now, time);
	tw_buf_addf(out, "%-8s", time);
	show_end(out, COLOUR_FAINT, colour);
	tw_buf_adds(out, "  ");
	if (message) {
		describe_message(name, message, colour, out);
	} else if (modem) {
		describe_modem(modem, colour, out);
	} else if (!strcmp(name, "lost")) {
		tw_buf_adds(out, "what came before is not kept any more");
	} else {
		add_safe(out, name);
		tw_buf_addc(out, ' ');
		add_safe(out, cli_member(event, "id"));
	}
	tw_buf_addc(out, '\n');
}
