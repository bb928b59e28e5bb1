/* What real models answer, driven through a whole life: bring-up, a text in, two texts out.
 *
 * A command is answered by the first of these that fits:
 *   1. an entry of the file's `replies` whose expression matches the command, octet for octet; where
 *      that answer is an error to a query we live on (AT+CNMI=? and the like are not asked) it stands;
 *   2. storage and sends in the file's `formats` and `send`: CPMS, CMGL, CMGR, the prompt, an echo of
 *      the PDU, its delay, `first_fails`;
 *   3. what the scripted modem of modem_player.h answers: a decent answer to what it knows, OK to the
 *      rest (_i even), or ERROR to the rest (_i odd): commands that only help must not be needed.
 * The file's chatter comes between the lines of every answer. */
#include "modem_player.h"

#include <glob.h>
#include <jansson.h>
#include <regex.h>

static glob_t files;

struct model {
	json_t *root;
	bool strict;
	int sends;
	size_t chatter_at;
	bool in_reports;	/* mem1 is another storage, which is empty */
	char main[3];
	bool is_itself;		/* says who it is, as the file names it where it has no reply */
};

static const char *text_of(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? s : "";
}

/* Between two lines of an answer a URC may come, as the file's modem does it. */
static void say_with_chatter(struct play *p, const char *bytes, int64_t delay)
{
	struct model *model = p->ctx;
	const json_t *chatter = json_object_get(model->root, "chatter");
	size_t n = json_array_size(chatter);
	const char *end = strstr(bytes + 2, "\r\n\r\n");

	if (n && end) {
		const json_t *c = json_array_get(chatter, model->chatter_at++ % n);

		play_say_after(p, bytes, (size_t)(end + 2 - bytes), delay);
		play_say_after(p, text_of(c, "bytes"), strlen(text_of(c, "bytes")), delay);
		play_say_after(p, end + 2, strlen(end + 2), delay);
		return;
	}
	play_say_after(p, bytes, strlen(bytes), delay);
}

static const char *recorded(const struct model *model, const char *command)
{
	const json_t *replies = json_object_get(model->root, "replies");

	for (size_t i = 0; i < json_array_size(replies); i++) {
		const json_t *r = json_array_get(replies, i);
		regex_t expression;
		bool fits;

		ck_assert_int_eq(regcomp(&expression, text_of(r, "command"), REG_EXTENDED | REG_NOSUB), 0);
		fits = !regexec(&expression, command, 0, NULL, 0);
		regfree(&expression);
		if (fits)
			return text_of(r, "bytes");
	}
	return NULL;
}

static void put_value(struct tw_buf *out, const char *name, size_t n, const char *const *values)
{
	for (; *values; values += 2)
		if (strlen(values[0]) == n && !strncmp(values[0], name, n)) {
			tw_buf_adds(out, values[1]);
			return;
		}
	ck_abort_msg("format names {%.*s}", (int)n, name);
}

static void fill(struct tw_buf *out, const char *format, const char *const *values)
{
	while (*format) {
		if (*format == '{') {
			size_t n = strcspn(format, "}");

			put_value(out, format + 1, n - 1, values);
			format += n + 1;
		} else {
			tw_buf_addc(out, *format++);
		}
	}
}

static const char *format_of(const struct model *model, const char *key, const char *otherwise)
{
	const char *s = text_of(json_object_get(model->root, "formats"), key);

	return s[0] ? s : otherwise;
}

static void answer_counts(struct play *p, bool is_query)
{
	struct model *model = p->ctx;
	char used[12], total[12];
	const char *const values[] = { "m1", "SM", "m2", "SM", "m3", "SM", "u1", used, "u2", used,
				       "u3", used, "t1", total, "t2", total, "t3", total, NULL };
	const char *f = is_query
		? format_of(model, "cpms_query", "+CPMS: \"{m1}\",{u1},{t1},\"{m2}\",{u2},{t2},\"{m3}\",{u3},{t3}")
		: format_of(model, "cpms_set", "+CPMS: {u1},{t1},{u2},{t2},{u3},{t3}");
	struct tw_buf b = { 0 };

	snprintf(used, sizeof(used), "%d", model->in_reports ? 0 : play_used(p));
	snprintf(total, sizeof(total), "%d", p->n_slots);
	tw_buf_adds(&b, "\r\n");
	fill(&b, f, values);
	tw_buf_adds(&b, "\r\n\r\nOK\r\n");
	say_with_chatter(p, tw_buf_str(&b), p->latency);
	tw_buf_done(&b);
}

static void add_entry(struct tw_buf *b, const char *format, int slot, const struct play_slot *s)
{
	char index[12], stat[12], length[12];
	const char *const values[] = { "i", index, "stat", stat, "len", length, "mem", "SM", NULL };

	snprintf(index, sizeof(index), "%d", slot);
	snprintf(stat, sizeof(stat), "%d", s->stat);
	snprintf(length, sizeof(length), "%d", play_tpdu_length(s->pdu));
	tw_buf_adds(b, "\r\n");
	fill(b, format, values);
	tw_buf_addf(b, "\r\n%s\r\n", s->pdu);
}

static void answer_entries(struct play *p, int first, int last, const char *format)
{
	const struct model *model = p->ctx;
	struct tw_buf b = { 0 };

	for (int i = first; i <= last && !model->in_reports; i++)
		if (p->slots[i].used)
			add_entry(&b, format, i, &p->slots[i]);
	tw_buf_adds(&b, "\r\nOK\r\n");
	say_with_chatter(p, tw_buf_str(&b), p->latency);
	tw_buf_done(&b);
}

/* What the scripted modem knows beside: everything but what only helps. */
static bool is_needed(const char *c)
{
	static const char *const needed[] = {
		"AT+CPIN?", "AT+CMGF=0", "AT+CNMI=2,1", "AT+CREG?", "AT+CMGD=", "AT+CNMI?", "ATE0",
		"AT+CMEE=1", "AT+CCID",
	};

	if (!strcmp(c, "AT"))
		return true;
	for (size_t i = 0; i < TW_COUNT(needed); i++)
		if (!strncmp(c, needed[i], strlen(needed[i])))
			return true;
	return false;
}

/* The storage named first is the one that holds something. */
static bool is_main(struct model *model, const char *command)
{
	if (!model->main[0])
		tw_strset(model->main, sizeof(model->main), command + 9);
	return !strncmp(command + 9, model->main, 2);
}

static void say_who(struct play *p)
{
	struct model *model = p->ctx;
	char line[200];

	snprintf(line, sizeof(line), "\r\n%s\r\n\r\nOK\r\n", text_of(model->root, "model"));
	say_with_chatter(p, line, p->latency);
}

static bool on_command(struct play *p, const char *c)
{
	struct model *model = p->ctx;
	const char *bytes = recorded(model, c);
	int slot;

	if (bytes)
		say_with_chatter(p, bytes, p->latency);
	else if (model->is_itself && (!strcmp(c, "AT+CGMI") || !strcmp(c, "AT+CGMM")))
		say_who(p);
	else if (!strncmp(c, "AT+CPMS", 7)) {
		if (c[7] == '=')
			model->in_reports = !is_main(model, c);
		answer_counts(p, c[7] == '?');
	}
	else if (!strcmp(c, "AT+CMGL=4"))
		answer_entries(p, 0, PLAY_SLOTS - 1, format_of(model, "cmgl", "+CMGL: {i},{stat},,{len}"));
	else if (sscanf(c, "AT+CMGR=%d", &slot) == 1)
		answer_entries(p, slot, slot, format_of(model, "cmgr", "+CMGR: {stat},,{len}"));
	else if (!strncmp(c, "AT+CMGS=", 8)) {
		const char *prompt = text_of(json_object_get(model->root, "send"), "prompt");

		p->payload_length = atoi(c + 8);
		p->in_payload = true;
		play_say_after(p, prompt, strlen(prompt), p->latency);
	} else if (model->strict && !is_needed(c))
		play_say_after(p, "\r\nERROR\r\n", 9, p->latency);
	else
		return false;
	return true;
}

static bool on_payload(struct play *p)
{
	struct model *model = p->ctx;
	const json_t *send = json_object_get(model->root, "send");
	int mr = (int)json_integer_value(json_object_get(send, "mr")) + model->sends;
	char number[12];
	const char *const values[] = { "mr", number, NULL };
	struct tw_buf b = { 0 };

	if (!model->sends++ && !strcmp(text_of(send, "first_fails"), "silent"))
		return true;
	snprintf(number, sizeof(number), "%d", mr % 256);
	if (json_is_true(json_object_get(send, "echo_pdu")))
		tw_buf_adds(&b, p->line);
	fill(&b, text_of(send, "after"), values);
	play_say_after(p, tw_buf_str(&b), b.n,
		       (int64_t)(1000 * json_number_value(json_object_get(send, "delay"))));
	tw_buf_done(&b);
	return true;
}

/* ---- the life ------------------------------------------------------------------------------ */

static const struct boards *installed(void)
{
	static const char *const folders[] = { "../boards" };
	static struct boards *boards;
	struct tw_findings f = { 0 };

	if (!boards)
		boards = boards_load(folders, 1, &f);
	ck_assert_ptr_nonnull(boards);
	ck_assert_uint_eq(f.n, 0);
	return boards;
}

/* by_itself: the installed profile that its own words choose; else one that knows nothing of it. */
static struct play *open_model(struct model *model, const char *path, bool strict, bool by_itself)
{
	json_error_t error;
	struct play *p;

	model->root = json_load_file(path, 0, &error);
	if (!model->root)
		ck_abort_msg("%s: %s", path, error.text);
	model->strict = strict;
	p = play_new("finals_bad = [ \"COMMAND NOT SUPPORT\" ];");
	model->is_itself = by_itself;
	if (by_itself)
		p->setup.boards = installed();
	p->hook = on_command;
	p->payload_hook = on_payload;
	p->ctx = model;
	return p;
}

static void close_model(struct play *p)
{
	struct model *model = p->ctx;

	json_decref(model->root);
	play_free(p);
}

static void announce(struct play *p, int slot)
{
	struct model *model = p->ctx;
	char index[12];
	const char *const values[] = { "mem", model->main, "i", index, NULL };
	struct tw_buf b = { 0 };

	snprintf(index, sizeof(index), "%d", slot);
	tw_buf_adds(&b, "\r\n");
	fill(&b, format_of(model, "cmti", "+CMTI: \"{mem}\",{i}"), values);
	tw_buf_adds(&b, "\r\n");
	play_say_after(p, tw_buf_str(&b), b.n, 0);
	tw_buf_done(&b);
}

/* own: the profile that it has to choose by itself; NULL: one that knows nothing of the model. */
static void one_life(const char *path, bool strict, const char *own)
{
	struct model model = { 0 };
	struct play *p = open_model(&model, path, strict, own != NULL);
	const json_t *inbound = json_object_get(model.root, "inbound");
	const char *pdu = text_of(json_array_get(inbound, 0), "pdu");
	bool is_silent = text_of(json_object_get(model.root, "send"), "first_fails")[0];
	bool has_ref = strstr(text_of(json_object_get(model.root, "send"), "after"), "{mr}");
	int slot;

	play_put(p, PLAY_PDU_B, 2);
	play_open(p);
	if (!play_until(p, play_is_ready, 60000)) {
		struct tw_buf b = { 0 };

		modem_trace(p->m, &b);
		ck_abort_msg("%s: not ready: %s\n%s", path, p->state_log, tw_buf_str(&b));
	}
	if (own)
		ck_assert_str_eq(modem_facts(p->m)->board, own);
	play_run(p, 30000);
	ck_assert_msg(p->n_in == 1, "%s: what lay on the SIM", path);
	ck_assert_str_eq(p->in[0].hex, PLAY_PDU_B);

	slot = play_put(p, pdu[0] ? pdu : PLAY_PDU_A, -1);
	announce(p, slot);
	play_run(p, 3000);
	ck_assert_msg(p->n_in == 2, "%s: %d texts", path, p->n_in);
	ck_assert_str_eq(p->in[1].hex, pdu[0] ? pdu : PLAY_PDU_A);
	ck_assert_int_eq(p->in[1].length, play_tpdu_length(p->in[1].hex));
	ck_assert_int_eq(play_used(p), 0);

	for (uint64_t id = 1; id <= 2; id++) {
		ck_assert_msg(modem_can_send(p->m), "%s: cannot send", path);
		ck_assert_int_eq(play_send(p, id, PLAY_SUBMIT, false), 0);
		p->n_result = 0;
		ck_assert(play_until(p, play_has_result, 250000));
		if (id == 1 && is_silent) {
			ck_assert_int_eq(p->result[0].outcome, MODEM_OUT_DOUBT);
		} else {
			ck_assert_int_eq(p->result[0].outcome, MODEM_OUT_SENT);
			ck_assert_int_eq(p->result[0].ref >= 0, has_ref);
		}
		play_run(p, 20000);
		ck_assert_int_eq(p->n_result, 1);
	}
	ck_assert_int_eq(p->sends, 2);
	ck_assert_int_eq(p->state, MODEM_READY);
	close_model(p);
}

START_TEST(life)
{
	one_life(files.gl_pathv[_i / 2], _i % 2, NULL);
}
END_TEST

/* The same life under the profile that it chooses, for every file. */
static const struct { const char *file, *board; } chosen[] = {
	{ "replies/cinterion_mc75i.json", "cinterion" },
	{ "replies/cmgl_spaces.json", "generic" },
	{ "replies/cmgs_no_mr.json", "generic" },
	{ "replies/huawei_e173.json", "huawei" },
	{ "replies/huawei_e1752.json", "huawei" },
	{ "replies/huawei_full.json", "huawei" },
	{ "replies/india_cds.json", "generic" },
	{ "replies/lowercase_hex.json", "simcom-lte" },
	{ "replies/no_answer_after_pdu.json", "generic" },
	{ "replies/option_gtm382.json", "option" },
	{ "replies/quectel_ec25.json", "quectel" },
	{ "replies/quectel_m35.json", "quectel-gsm" },
	{ "replies/simcom_sim800c.json", "simcom" },
	{ "replies/simcom_sim900.json", "simcom" },
	{ "replies/telit_he910.json", "telit" },
	{ "replies/ublox_toby_l2.json", "ublox" },
	{ "replies/wavecom_q2403.json", "wavecom" },
	{ "replies/zte_mf180.json", "zte" },
};

START_TEST(life_as_chosen)
{
	size_t i = 0;

	while (i < TW_COUNT(chosen) && strcmp(chosen[i].file, files.gl_pathv[_i]))
		i++;
	ck_assert_msg(i < TW_COUNT(chosen), "%s: which profile?", files.gl_pathv[_i]);
	one_life(chosen[i].file, false, chosen[i].board);
}
END_TEST

/* Each family's own words choose its profile. */
static const struct { const char *says, *board; } words[] = {
	{ "huawei\nE1752\n", "huawei" }, { "ZTE CORPORATION\nMF180\n", "zte" },
	{ "SIMCOM_Ltd\nSIMCOM_SIM800C\n", "simcom" }, { "SIMCOM INCORPORATED\nSIMCOM_SIM7600E-H\n", "simcom-lte" },
	{ "INCORPORATED\nA7670E-LASE\n", "simcom-lte" }, { "Quectel\nEC25\n", "quectel" },
	{ "Quectel_Ltd\nQuectel_M35\n", "quectel-gsm" }, { "Telit\nHE910-D\n", "telit" },
	{ "Sierra Wireless, Incorporated\nMC7455\n", "sierra" }, { "u-blox\nTOBY-L210\n", "ublox" },
	{ "Cinterion\nMC75i\n", "cinterion" }, { "SIEMENS\nTC35i\n", "cinterion" },
	{ "Option N.V.\nGTM382\n", "option" },
	{ "TCT Mobile International Limited\nHSPA Data Card\n", "alcatel" },
	{ "WAVECOM MODEM\nMULTIBAND  900E  1800\n", "wavecom" }, { "MTK1\nMTK2\n", "mediatek" },
	{ "Quectel\nEC200U\n", "quectel-unisoc" }, { "Quectel\nEG912Y\n", "quectel-unisoc" },
	{ "Quectel\nEG25\n", "quectel" }, { "SIMCOM INCORPORATED\nSIMCOM_SIM5320E\n", "simcom-lte" },
	{ "huawei\nMU736\n", "intel-xmm" }, { "Ericsson\nF5521gw\n", "ericsson-mbm" },
	{ "Novatel Wireless Incorporated\nOvation MC950D\n", "novatel" }, { "NEOWAY\nM590\n", "neoway" },
	{ "Nordic Semiconductor ASA\nnRF9160-SICA\n", "nordic-nrf91" }, { "CMCC\nML307C\n", "generic" },
	{ "TP-LINK INCORPORATED\nMA180\n", "generic" },
};

START_TEST(words_choose)
{
	ck_assert_str_eq(boards_match(installed(), "", words[_i].says)->name, words[_i].board);
}
END_TEST

START_TEST(files_are_there)
{
	ck_assert_uint_ge(files.gl_pathc, 18);
}
END_TEST

static void add(TCase *t)
{
	glob("replies/*.json", 0, NULL, &files);
	tcase_add_test(t, files_are_there);
	tcase_add_loop_test(t, life, 0, 2 * (int)files.gl_pathc);
	tcase_add_loop_test(t, life_as_chosen, 0, (int)files.gl_pathc);
	tcase_add_loop_test(t, words_choose, 0, TW_COUNT(words));
}

int main(void)
{
	int failed = play_main("modem_replies", add);

	globfree(&files);
	return failed;
}
