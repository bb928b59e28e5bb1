/* What real modems were seen to answer, fed whole, octet by octet and cut at every point, with the
 * echo on and off and with chatter at every line border: the events are always those that the lines
 * themselves call for. */
#include "at_play.h"

#include <glob.h>
#include <jansson.h>
#include <regex.h>

enum { LINES_MAX = 32, CHATTER_MAX = 24 };

static glob_t files;
static struct play p;
static const char *chatter[CHATTER_MAX];
static size_t n_chatter;

/* Octets to feed and what they call for; URCs stand apart, for chatter comes on top of them. */
struct scene {
	const char *command;	/* NULL: nothing is in flight */
	const char *prefix;
	enum at_shape shape;
	bool no_final;		/* the dialect ends AT+CPIN? with its line */
	struct tw_buf lines[LINES_MAX];	/* with their line ends */
	size_t n_lines;
	struct tw_buf told, urcs;
};

static void scene_done(struct scene *s)
{
	for (size_t i = 0; i < s->n_lines; i++)
		tw_buf_done(&s->lines[i]);
	tw_buf_done(&s->told);
	tw_buf_done(&s->urcs);
}

/* Cuts octets behind each LF. */
static void scene_add_bytes(struct scene *s, const char *bytes)
{
	while (*bytes) {
		size_t n = strcspn(bytes, "\n");

		n += bytes[n] == '\n';
		ck_assert_uint_lt(s->n_lines, LINES_MAX);
		tw_buf_add(&s->lines[s->n_lines++], bytes, n);
		bytes += n;
	}
}

static bool is_final_text(const char *line)
{
	return !strcmp(line, "OK") || !strcmp(line, "ERROR") ||
	       !strcmp(line, "COMMAND NOT SUPPORT") || !strncmp(line, "+CMS ERROR: ", 12) ||
	       !strncmp(line, "+CME ERROR: ", 12);
}

static void expect_final(struct scene *s, const char *line)
{
	tw_buf_adds(&s->told, "FINAL 7 ");
	if (!strcmp(line, "OK"))
		tw_buf_adds(&s->told, "OK");
	else if (line[0] == '+')
		tw_buf_addf(&s->told, "%.3s %s", line + 1, line + 12);
	else
		tw_buf_adds(&s->told, "ERROR");
	tw_buf_addf(&s->told, " %s\n", line);
}

/* The name that the command's answer begins with: "AT+CGMM" -> "+CGMM:". */
static void name_of(const char *command, char *out)
{
	const char *name = command + strcspn(command, "+^$");

	sprintf(out, "%.*s:", (int)strcspn(name, "=?"), name);
}

/* What the lines of a reply call for, by nothing but their own shape. */
static void expect_reply(struct scene *s, const char *bytes)
{
	char name[256];
	bool has_final = false;

	name_of(s->command, name);
	while (*bytes) {
		char line[256];
		size_t n = strcspn(bytes, "\r\n"), from = strspn(bytes, " ");

		snprintf(line, sizeof(line), "%.*s", (int)n, bytes);
		while (n && line[n - 1] == ' ')
			line[--n] = 0;
		if (from < n && is_final_text(line)) {
			expect_final(s, line);
			has_final = true;
		} else if (from < n && line[from] == '+' &&
			   strncmp(line + from, name, strlen(name)) != 0) {
			tw_buf_addf(&s->urcs, "URC %s\n", line + from);
		} else if (from < n) {
			tw_buf_addf(&s->told, "LINE 7 %s\n", line + from);
		}
		bytes += strcspn(bytes, "\r\n");
		bytes += strspn(bytes, "\r\n");
	}
	s->no_final = !has_final;
	if (!has_final)
		tw_buf_adds(&s->told, "FINAL 7 OK\n");
}

/* ---- playing ------------------------------------------------------------------------------- */

static void start(const struct scene *s)
{
	struct at_dialect d = { .no_final_after_cpin = s->no_final };

	at_init(p.e, &d);
	tw_buf_clear(&p.told);
	tw_buf_clear(&p.wrote);
	if (s->command)
		ck_assert_int_eq(play_give_as(&p, 7, s->command, s->prefix, s->shape), 0);
}

/* Events told, without the URCs and the URCs only. */
static void sort_events(const char *told, struct tw_buf *rest, struct tw_buf *urcs)
{
	tw_buf_clear(rest);
	tw_buf_clear(urcs);
	while (*told) {
		size_t n = strcspn(told, "\n") + 1;
		bool is_urc = !strncmp(told, "URC ", 4);

		if (is_urc && strstr(told, "+CUSD") == told + 4)	/* two lines */
			n += strcspn(told + n, "\n") + 1;
		if (is_urc && strstr(told, "+CUSD") == told + 4)
			n += strcspn(told + n, "\n") + 1;
		tw_buf_add(is_urc ? urcs : rest, told, n);
		told += n;
	}
}

static void check(const struct scene *s, const char *urcs, const char *how)
{
	struct tw_buf rest = { 0 }, got = { 0 };

	if (s->no_final)
		play_wait(&p, 1000);
	sort_events(tw_buf_str(&p.told), &rest, &got);
	ck_assert_msg(!strcmp(tw_buf_str(&rest), tw_buf_str(&s->told)), "%s %s:\n%s--- not\n%s",
		      s->command ? s->command : "-", how, tw_buf_str(&rest), tw_buf_str(&s->told));
	ck_assert_msg(!strcmp(tw_buf_str(&got), urcs), "%s %s:\n%s--- not\n%s",
		      s->command ? s->command : "-", how, tw_buf_str(&got), urcs);
	ck_assert(at_is_idle(p.e));
	tw_buf_done(&rest);
	tw_buf_done(&got);
}

/* Whole, octet by octet, and cut once at every stride-th point. */
static void play_cuts(const struct scene *s, const struct tw_buf *in, const char *urcs,
		      size_t first, size_t stride)
{
	start(s);
	play_feed_n(&p, in->p, in->n);
	check(s, urcs, "whole");
	start(s);
	for (size_t i = 0; i < in->n; i++)
		play_feed_n(&p, in->p + i, 1);
	check(s, urcs, "octet by octet");
	for (size_t i = first; i < in->n; i += stride) {
		start(s);
		play_feed_n(&p, in->p, i);
		play_feed_n(&p, in->p + i, in->n - i);
		check(s, urcs, "cut");
	}
}

/* What chatter tells when nothing is in flight. */
static void tell_chatter(const char *bytes, struct tw_buf *out)
{
	static const struct scene none = { 0 };

	start(&none);
	play_feed(&p, bytes);
	tw_buf_clear(out);
	tw_buf_adds(out, tw_buf_str(&p.told));
}

/* Chatter of the command's own name is its answer as far as anybody can tell; a direct text inside
 * another is not a thing that modems do. */
static bool is_like_answer(const struct scene *s, const char *bytes)
{
	char name[256];

	if (!s->command)
		return strstr(tw_buf_str(&s->urcs), " | ") && strstr(bytes, "\r\n00");
	name_of(s->command, name);
	return name[0] != ':' && strstr(bytes, name) != NULL;
}

/* Puts chatter before line `border` and says which URCs come, in their order. */
static void insert(const struct scene *s, const char *bytes, size_t border, bool echo,
		   struct tw_buf *in, struct tw_buf *urcs)
{
	struct tw_buf said = { 0 };
	const char *own = tw_buf_str(&s->urcs), *pdu;

	tell_chatter(bytes, &said);
	tw_buf_clear(in);
	tw_buf_clear(urcs);
	if (echo && s->command)
		tw_buf_addf(in, "%s\r", s->command);
	for (size_t i = 0; i < s->n_lines; i++) {
		if (i == border) {
			tw_buf_adds(in, bytes);
			tw_buf_adds(urcs, tw_buf_str(&said));
		}
		tw_buf_adds(in, tw_buf_str(&s->lines[i]));
		/* One with a PDU is told when the PDU is there. */
		pdu = strstr(own, " | ");
		if (*own && !strncmp(pdu ? pdu + 3 : own + 4, tw_buf_str(&s->lines[i]), 5)) {
			tw_buf_add(urcs, own, strcspn(own, "\n") + 1);
			own += strcspn(own, "\n") + 1;
		}
	}
	tw_buf_adds(urcs, own);
	tw_buf_done(&said);
}

static void play_scene(const struct scene *s)
{
	struct tw_buf in = { 0 }, urcs = { 0 };

	for (int echo = 0; echo < 2; echo++) {
		insert(s, "", 0, echo, &in, &urcs);
		play_cuts(s, &in, tw_buf_str(&urcs), 1, 1);
		for (size_t c = 0; c < n_chatter; c++) {
			for (size_t border = 0; border < s->n_lines; border++) {
				if (is_like_answer(s, chatter[c]))
					break;
				insert(s, chatter[c], border, echo, &in, &urcs);
				play_cuts(s, &in, tw_buf_str(&urcs), 1 + (c + border) % 19, 19);
			}
		}
	}
	tw_buf_done(&in);
	tw_buf_done(&urcs);
}

/* ---- the parts of a file ------------------------------------------------------------------- */

static const char *text_of(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	ck_assert_msg(text != NULL, "no %s", key);
	return text;
}

/* A command that the pattern matches. */
static void command_for(const char *pattern, char *out)
{
	static const struct { const char *part, *put; } parts[] = {
		{ "(\"[A-Z]+\",){2}", "\"SM\",\"SM\"," }, { ".*", "17,167,0,0" } };
	char *to = out;
	regex_t re;

	for (const char *q = pattern; *q;) {
		size_t i;

		for (i = 0; i < TW_COUNT(parts); i++) {
			if (!strncmp(q, parts[i].part, strlen(parts[i].part)))
				break;
		}
		if (i < TW_COUNT(parts)) {
			to = stpcpy(to, parts[i].put);
			q += strlen(parts[i].part);
		} else if (*q == '\\') {
			*to++ = q[1];
			q += 2;
		} else if (*q == '$' || (*q == '^' && q == pattern)) {
			q++;
		} else {
			*to++ = *q++;
		}
	}
	*to = 0;
	ck_assert_int_eq(regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB), 0);
	ck_assert_msg(!regexec(&re, out, 0, NULL, 0), "%s does not match %s", out, pattern);
	regfree(&re);
}

static void play_replies(json_t *root)
{
	size_t i;
	json_t *reply;

	json_array_foreach(json_object_get(root, "replies"), i, reply) {
		const char *bytes = text_of(reply, "bytes");
		struct scene s = { 0 };
		char command[256];

		command_for(text_of(reply, "command"), command);
		s.command = command;
		scene_add_bytes(&s, bytes);
		expect_reply(&s, bytes);
		play_scene(&s);
		scene_done(&s);
	}
}

static void play_urcs(json_t *root, const char *key)
{
	size_t i;
	json_t *urc;

	json_array_foreach(json_object_get(root, key), i, urc) {
		const char *bytes = text_of(urc, "bytes");
		size_t n = strcspn(bytes + 2, "\r");
		struct scene s = { 0 };

		tell_chatter(bytes, &s.urcs);
		if (at_counters(p.e)->ignored) {
			ck_assert_uint_eq(at_counters(p.e)->ignored, 1);
			ck_assert_uint_eq(s.urcs.n, 0);
		} else {
			ck_assert_uint_eq(s.urcs.n, n + 5);
			ck_assert_int_eq(strncmp(s.urcs.p, "URC ", 4), 0);
			ck_assert_int_eq(strncmp(s.urcs.p + 4, bytes + 2, n), 0);
		}
		scene_add_bytes(&s, bytes);
		play_scene(&s);
		scene_done(&s);
	}
}

static void play_pdu(const char *kind, const char *header, const char *pdu, const char *bytes)
{
	struct scene s = { 0 };
	bool is_answer = !strcmp(kind, "CMGR") || !strcmp(kind, "CMGL");

	if (is_answer) {
		s.command = !strcmp(kind, "CMGR") ? "AT+CMGR=7" : "AT+CMGL=4";
		s.prefix = !strcmp(kind, "CMGR") ? "+CMGR:" : "+CMGL:";
		s.shape = AT_PDU_LINES;
		tw_buf_addf(&s.told, "LINE 7 %s | %s\nFINAL 7 OK OK\n", header, pdu);
	} else {
		tw_buf_addf(&s.urcs, "URC %s | %s\n", header, pdu);
	}
	scene_add_bytes(&s, bytes);
	if (is_answer)
		scene_add_bytes(&s, "\r\nOK\r\n");
	play_scene(&s);
	scene_done(&s);
}

static void play_inbound(json_t *root)
{
	size_t i;
	json_t *in;

	json_array_foreach(json_object_get(root, "inbound"), i, in) {
		struct at_fields f;
		int length = -1, n;

		play_pdu(text_of(in, "kind"), text_of(in, "header"), text_of(in, "pdu"),
			 text_of(in, "bytes"));
		ck_assert(at_fields_begin(&f, text_of(in, "header"), "+CMGR") ||
			  at_fields_begin(&f, text_of(in, "header"), "+CMGL") ||
			  at_fields_begin(&f, text_of(in, "header"), "+CMT"));
		while (at_fields_more(&f)) {
			if (at_fields_int(&f, &n))
				length = n;
		}
		ck_assert_int_eq(length, (int)json_integer_value(json_object_get(in, "tpdu_len")));
	}
}

/* "{stat},,{len}" with something in the braces. */
static void fill(const char *format, char *out)
{
	static const struct { const char *name, *value; } values[] = {
		{ "i", "3" }, { "stat", "1" }, { "len", "23" }, { "mem", "SM" },
		{ "m1", "SM" }, { "m2", "SM" }, { "m3", "ME" }, { "u1", "2" }, { "t1", "50" },
		{ "u2", "2" }, { "t2", "50" }, { "u3", "0" }, { "t3", "100" } };

	while (*format) {
		size_t n, i;

		if (*format != '{') {
			*out++ = *format++;
			continue;
		}
		n = strcspn(++format, "}");
		for (i = 0; i < TW_COUNT(values); i++) {
			if (strlen(values[i].name) == n && !strncmp(values[i].name, format, n))
				break;
		}
		ck_assert_msg(i < TW_COUNT(values), "no value for %s", format);
		out = stpcpy(out, values[i].value);
		format += n + 1;
	}
	*out = 0;
}

static void play_format(const char *key, const char *format)
{
	static const char pdu[] = "07913366003051F5040B913336990801F100005180719120348004D4F29C0E";
	struct scene s = { 0 };
	char line[256], bytes[512], kind[8] = "";
	bool is_query = !strcmp(key, "cpms_query");

	fill(format, line);
	if (!strcmp(key, "cmgr") || !strcmp(key, "cmgl") || !strcmp(key, "cds")) {
		for (size_t i = 0; key[i]; i++)
			kind[i] = (char)(key[i] - 'a' + 'A');
		snprintf(bytes, sizeof(bytes), "\r\n%s\r\n%s\r\n", line, pdu);
		play_pdu(kind, line, pdu, bytes);
		return;
	}
	snprintf(bytes, sizeof(bytes), "\r\n%s\r\n%s", line,
		 strncmp(key, "cpms", 4) ? "" : "\r\nOK\r\n");
	scene_add_bytes(&s, bytes);
	if (is_query || !strcmp(key, "cpms_set")) {
		s.command = is_query ? "AT+CPMS?" : "AT+CPMS=\"SM\",\"SM\",\"SM\"";
		s.prefix = "+CPMS:";
		tw_buf_addf(&s.told, "LINE 7 %s\nFINAL 7 OK OK\n", line);
	} else {
		ck_assert(!strcmp(key, "cmti") || !strcmp(key, "cdsi"));
		tw_buf_addf(&s.urcs, "URC %s\n", line);
	}
	play_scene(&s);
	scene_done(&s);
}

/* ---- sending ------------------------------------------------------------------------------- */

struct send {
	const char *prompt;
	struct tw_buf after, told;
	bool echo_pdu, echo, has_mr;
};

static void feed_cut(const struct tw_buf *in, size_t piece)
{
	for (size_t i = 0; i < in->n; i += piece)
		play_feed_n(&p, in->p + i, in->n - i < piece ? in->n - i : piece);
}

/* Everything in pieces of `piece`, with chatter before the prompt, before the result and behind. */
static void send_once(const struct send *s, size_t piece, const char *noise, int where)
{
	static const struct scene none = { 0 };
	struct tw_buf before = { 0 }, after = { 0 }, rest = { 0 }, urcs = { 0 };

	start(&none);
	play_send(&p, 7);
	if (s->echo)
		tw_buf_adds(&before, "AT+CMGS=24\r");
	if (where == 0)
		tw_buf_adds(&before, noise);
	tw_buf_adds(&before, s->prompt);
	feed_cut(&before, piece);
	ck_assert_str_eq(tw_buf_str(&p.wrote), "AT+CMGS=24\r0001000B9144\x1a");
	if (s->echo_pdu || s->echo)
		tw_buf_adds(&after, "0001000B9144\x1a");
	if (where == 1)
		tw_buf_adds(&after, noise);
	tw_buf_adds(&after, tw_buf_str(&s->after));
	if (where == 2)
		tw_buf_adds(&after, noise);
	feed_cut(&after, piece);
	if (!s->has_mr)
		play_wait(&p, 5000);
	sort_events(tw_buf_str(&p.told), &rest, &urcs);
	ck_assert_msg(!strcmp(tw_buf_str(&rest), tw_buf_str(&s->told)),
		      "pieces of %zu, %s at %d:\n%s--- not\n%s", piece, noise, where,
		      tw_buf_str(&rest), tw_buf_str(&s->told));
	ck_assert(at_is_idle(p.e));
	tw_buf_done(&before);
	tw_buf_done(&after);
	tw_buf_done(&rest);
	tw_buf_done(&urcs);
}

/* Nothing comes behind the Ctrl-Z: in doubt, and nothing is sent again by itself. */
static void send_in_vain(const struct send *s)
{
	static const struct scene none = { 0 };

	start(&none);
	play_send(&p, 7);
	play_feed(&p, s->prompt);
	play_wait(&p, 60300);
	play_feed(&p, "\r\n+CMEE: 1\r\n\r\nOK\r\n");
	play_expect(&p, "SENT 7\nFINAL 7 TIMEOUT*\n");
	ck_assert_str_eq(tw_buf_str(&p.wrote), "AT+CMGS=24\r0001000B9144\x1a\x1b\rAT+CMEE?\r");
	ck_assert(at_is_idle(p.e));
	play_give(&p, 8, "AT+CPIN?");
	play_feed(&p, "\r\n+CPIN: READY\r\n\r\nOK\r\n");
	play_expect(&p, "LINE 8 +CPIN: READY\nFINAL 8 OK OK\n");
}

static void play_sends(json_t *root)
{
	json_t *send = json_object_get(root, "send");
	const char *after = text_of(send, "after"), *brace = strstr(after, "{mr}");
	struct send s = { .prompt = text_of(send, "prompt"), .has_mr = brace,
			  .echo_pdu = json_is_true(json_object_get(send, "echo_pdu")) };
	int mr = (int)json_integer_value(json_object_get(send, "mr"));

	tw_buf_adds(&s.told, "SENT 7\n");
	if (brace) {
		tw_buf_add(&s.after, after, (size_t)(brace - after));
		tw_buf_addf(&s.after, "%d%s", mr, brace + 4);
		tw_buf_addf(&s.told, "LINE 7 +CMGS: %d\nFINAL 7 OK* OK\n", mr);
	} else {
		tw_buf_adds(&s.after, after);
		tw_buf_adds(&s.told, "FINAL 7 OK*\n");
	}
	for (int echo = 0; echo < 2; echo++) {
		s.echo = echo;
		for (size_t piece = 1; piece < 40; piece += 1 + piece / 3) {
			send_once(&s, piece, "", 0);
			for (size_t c = 0; c < n_chatter; c++) {
				for (int where = 0; where < 3; where++)
					send_once(&s, piece, chatter[c], where);
			}
		}
	}
	if (json_object_get(send, "first_fails"))
		send_in_vain(&s);
	tw_buf_done(&s.after);
	tw_buf_done(&s.told);
}

/* ---- files --------------------------------------------------------------------------------- */

static void gather_chatter(json_t *root)
{
	static const char *const usual[] = {
		"\r\n+CMTI: \"SM\",3\r\n", "\r\n^HCSQ:\"LTE\",1\r\n", "\r\nRING\r\n",
		"\r\n+CMT: ,3\r\n00aabbcc\r\n", "\r\n+CDS: 4\r\n0011223344\r\n",
		"\r\nNO CARRIER\r\n", "\r\n^THERM: 3\r\n", "\r\n+CUSD: 0,\"a\r\nOK\r\nb\",15\r\n" };
	size_t i;
	json_t *c;

	n_chatter = 0;
	for (i = 0; i < TW_COUNT(usual); i++)
		chatter[n_chatter++] = usual[i];
	json_array_foreach(json_object_get(root, "chatter"), i, c) {
		ck_assert_uint_lt(n_chatter, CHATTER_MAX);
		chatter[n_chatter++] = text_of(c, "bytes");
	}
}

START_TEST(a_file)
{
	json_error_t error;
	json_t *root = json_load_file(files.gl_pathv[_i], 0, &error);
	const char *key;
	json_t *format;

	ck_assert_msg(root != NULL, "%s:%d: %s", files.gl_pathv[_i], error.line, error.text);
	play_init(&p, NULL);
	gather_chatter(root);
	play_replies(root);
	play_urcs(root, "urcs");
	play_urcs(root, "chatter");
	play_inbound(root);
	json_object_foreach(json_object_get(root, "formats"), key, format)
		play_format(key, json_string_value(format));
	play_sends(root);
	play_done(&p);
	json_decref(root);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("at_replies");
	TCase *t = tcase_create("files");
	int failed;

	if (glob("replies/*.json", 0, NULL, &files) || files.gl_pathc < 18) {
		fprintf(stderr, "replies/ is incomplete\n");
		return 1;
	}
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, a_file, 0, (int)files.gl_pathc);
	suite_add_tcase(s, t);
	failed = play_run(s);
	globfree(&files);
	return failed;
}
