/* Plays tests/vectors/sim_*.txt: what a card must answer, line by line, in virtual time.
 *
 *   = NAME       a case; a fresh bank of three modems (+447700900001 …), no latency
 *   : BOARD      the profile that it plays (see boards below)
 *   > TEXT       a command line, CR behind it
 *   >> TEXT      octets, \r \n \x1A and \\ written so
 *   < LINE       the next line that the card says, empty lines left out; * stands for anything
 *   << TEXT      all that it says, exactly, written as behind >>
 *   ! JSON       a control request; its answer must hold "ok":true …
 *   !! JSON      … or "ok":false
 *   ? TEXT       what the answer must hold as well
 *   @ MS         time passes
 *   # COMMENT
 *
 * Whatever the card says must be expected: a line that is left over fails the case. */
#include "run.h"

#include <fnmatch.h>
#include <stdio.h>
#include <twoway/sim.h>

static char s_sm[] = "SM", s_me[] = "ME", s_sr[] = "SR", s_rssi[] = "^RSSI", s_full[] = "^SMMEMFULL: \"{mem}\"",
	    s_stored[] = "2,1,0,2,0", s_stored_1[] = "1,1,0,1,0", s_direct[] = "1,2,0,1,0",
	    s_curc[] = "?AT^CURC=0";
static char *sm_only[] = { s_sm }, *sm_me[] = { s_sm, s_me }, *noise[] = { s_rssi },
	    *stored[] = { s_stored }, *stored_1[] = { s_stored_1 }, *direct[] = { s_direct },
	    *init[] = { s_curc };
static char n_stick[] = "stick", n_old[] = "old", n_module[] = "module", f_cmgr[] = "+CMGR: {stat},\"\",{len}",
	    f_cmgl[] = "+CMGL: {i}, {stat},,{len}", f_cds[] = "+CDS: ,{len}",
	    f_prompt[] = "\r\n>", f_ready[] = "SMS Ready", f_reset[] = "AT^RESET",
	    f_counter[] = "AT^CPIN?", f_second[] = "second", f_iccid[] = "AT^ICCID?",
	    f_maker[] = "huawei", f_model[] = "E1752", f_empty[] = "";
static const struct board boards[] = {
	/* indexes from 0, silent storage, own words, reports stored, no link held */
	{ .name = n_stick, .storage = { sm_me, 2 }, .storage_parameters = 3, .cnmi = { stored, 1 },
	  .ignore = { noise, 1 }, .init = { init, 1 }, .soft_reset = f_reset, .ready = f_ready,
	  .pin_counter = f_counter, .pin_counter_format = f_second, .iccid = f_iccid,
	  .report_storage = s_sr, .csms = 0, .cmms = BOARD_CMMS_NO,
	  .sim = { .maker = f_maker, .model = f_model, .cmgl = f_cmgl, .full = s_full, .slots = 2 } },
	/* one parameter to CPMS, no OK behind +CPIN:, PDU right behind the command */
	{ .name = n_old, .storage = { sm_only, 1 }, .storage_parameters = 1,
	  .no_final_after_cpin = true, .no_prompt = true, .report_storage = f_empty,
	  .cnmi = { stored_1, 1 }, .sim = { .first_index = 1, .slots = 5 } },
	/* direct delivery, another way to write its lines */
	{ .name = n_module, .storage = { sm_me, 2 }, .storage_parameters = 3,
	  .cnmi = { stored_1, 1 }, .cnmi_direct = { direct, 1 }, .csms = 1, .report_ack = true,
	  .cmms = BOARD_CMMS_2, .report_storage = f_empty,
	  .sim = { .cmgr = f_cmgr, .cds = f_cds, .prompt = f_prompt, .echo = true, .slots = 3,
		   .first_index = 1 } },
};

struct play {
	const char *file;
	unsigned line;
	struct sim *sim;
	struct tw_now now;
	struct tw_buf said, answer;
};

static void hear(struct play *p)
{
	const uint8_t *bytes;
	size_t n = sim_card_output(p->sim, 0, &bytes);

	if (n)
		tw_buf_add(&p->said, bytes, n);
	sim_card_taken(p->sim, 0, n);
}

static size_t unescape(const char *in, char *out)
{
	size_t n = 0;

	for (; *in; in++) {
		unsigned octet;

		if (*in != '\\') {
			out[n++] = *in;
		} else if (in[1] == 'x' && sscanf(in + 2, "%2x", &octet) == 1) {
			out[n++] = (char)octet;
			in += 3;
		} else {
			in++;
			out[n++] = *in == 'r' ? '\r' : *in == 'n' ? '\n' : *in;
		}
	}
	return n;
}

/* The next line that is not empty; false when there is none. */
static bool next_line(struct play *p, char *out, size_t cap)
{
	size_t skip = 0, n = 0;

	while (skip < p->said.n && strchr("\r\n", p->said.p[skip]))
		skip++;
	while (skip + n < p->said.n && !strchr("\r\n", p->said.p[skip + n]))
		n++;
	if (!n)
		return false;
	snprintf(out, cap, "%.*s", (int)n, p->said.p + skip);
	tw_buf_drop(&p->said, skip + n);
	return true;
}

static void expect_silence(struct play *p)
{
	char line[2048];

	if (next_line(p, line, sizeof(line)))
		ck_abort_msg("%s:%u: before this the card also said: %s", p->file, p->line, line);
	tw_buf_clear(&p->said);
}

static void feed(struct play *p, const char *octets, size_t n)
{
	expect_silence(p);
	sim_card_feed(p->sim, 0, octets, n, p->now);
	hear(p);
}

static void expect_line(struct play *p, const char *want)
{
	char line[2048];

	if (!next_line(p, line, sizeof(line)))
		ck_abort_msg("%s:%u: expected %s, got nothing", p->file, p->line, want);
	if (fnmatch(want, line, FNM_NOESCAPE) && strcmp(want, line))
		ck_abort_msg("%s:%u: expected %s, got %s", p->file, p->line, want, line);
}

static void expect_exactly(struct play *p, const char *want)
{
	char octets[4096];
	size_t n = unescape(want, octets);

	if (n != p->said.n || memcmp(octets, p->said.p, n))
		ck_abort_msg("%s:%u: expected %s, got %s", p->file, p->line, want,
			     tw_buf_str(&p->said));
	tw_buf_clear(&p->said);
}

static void control(struct play *p, const char *json, bool ok)
{
	expect_silence(p);
	tw_buf_clear(&p->answer);
	sim_control(p->sim, 1, json, strlen(json), p->now, &p->answer);
	hear(p);
	if (!strstr(tw_buf_str(&p->answer), ok ? "\"ok\":true" : "\"ok\":false"))
		ck_abort_msg("%s:%u: %s", p->file, p->line, tw_buf_str(&p->answer));
}

static void pass_time(struct play *p, int64_t ms)
{
	struct mono_ms until = mono_after(p->now.mono, ms);

	expect_silence(p);
	while (sim_deadline(p->sim).ms <= until.ms) {
		int64_t step = sim_deadline(p->sim).ms - p->now.mono.ms;

		p->now.mono.ms += step > 0 ? step : 0;
		p->now.wall.ms += step > 0 ? step : 0;
		sim_tick(p->sim, p->now);
	}
	p->now.wall.ms += until.ms - p->now.mono.ms;
	p->now.mono = until;
	sim_tick(p->sim, p->now);
	hear(p);
}

static void set_board(struct play *p, const char *name)
{
	for (size_t i = 0; i < TW_COUNT(boards); i++) {
		if (strcmp(boards[i].name, name))
			continue;
		for (size_t card = 0; card < sim_count(p->sim); card++)
			sim_card_set_board(p->sim, card, &boards[i]);
		return;
	}
	ck_abort_msg("%s:%u: no board is called %s", p->file, p->line, name);
}

static void begin(struct play *p)
{
	static const char set[] = "{\"op\":\"set\",\"submit_ms\":0,\"deliver_ms\":0,\"ussd_ms\":0}";
	struct sim_setup setup = { .modems = 3, .first_number = "+447700900001", .seed = 7 };

	p->now = (struct tw_now){ { 1000000 }, { 1767225600000 } };	/* 2026-01-01T00:00:00Z */
	setup.now = p->now;
	sim_free(p->sim);
	p->sim = sim_new(&setup);
	sim_control(p->sim, 1, set, sizeof(set) - 1, p->now, &p->answer);
	sim_card_feed(p->sim, 0, "ATE0\r", 5, p->now);
	hear(p);
	tw_buf_clear(&p->said);
}

static void play_line(struct play *p, const char *line)
{
	char octets[4096];
	size_t n;

	if (!strncmp(line, ">> ", 3)) {
		n = unescape(line + 3, octets);
		feed(p, octets, n);
	} else if (!strncmp(line, "> ", 2)) {
		snprintf(octets, sizeof(octets), "%s\r", line + 2);
		feed(p, octets, strlen(octets));
	} else if (!strncmp(line, "<< ", 3)) {
		expect_exactly(p, line + 3);
	} else if (!strncmp(line, "< ", 2)) {
		expect_line(p, line + 2);
	} else if (!strncmp(line, "!! ", 3)) {
		control(p, line + 3, false);
	} else if (!strncmp(line, "! ", 2)) {
		control(p, line + 2, true);
	} else if (!strncmp(line, "? ", 2)) {
		if (!strstr(tw_buf_str(&p->answer), line + 2))
			ck_abort_msg("%s:%u: expected %s in %s", p->file, p->line, line + 2,
				     tw_buf_str(&p->answer));
	} else if (!strncmp(line, "@ ", 2)) {
		pass_time(p, atoll(line + 2));
	} else if (!strncmp(line, ": ", 2)) {
		set_board(p, line + 2);
	} else if (!strncmp(line, "= ", 2)) {
		if (p->sim)
			expect_silence(p);
		begin(p);
	} else if (*line && *line != '#') {
		ck_abort_msg("%s:%u: what is this: %s", p->file, p->line, line);
	}
}

static const char *const files[] = {
	"vectors/sim_basic.txt", "vectors/sim_sim.txt", "vectors/sim_storage.txt",
	"vectors/sim_direct.txt", "vectors/sim_send.txt", "vectors/sim_network.txt",
	"vectors/sim_fault.txt", "vectors/sim_control.txt",
};

START_TEST(a_file_is_answered_as_written)
{
	struct play p = { .file = files[_i] };
	FILE *f = fopen(p.file, "r");
	char line[4096];

	ck_assert_msg(f != NULL, "%s is missing", p.file);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		p.line++;
		play_line(&p, line);
	}
	fclose(f);
	ck_assert_msg(p.line > 10, "%s is nearly empty", p.file);
	expect_silence(&p);
	sim_free(p.sim);
	tw_buf_done(&p.said);
	tw_buf_done(&p.answer);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_loop_test(tc, a_file_is_answered_as_written, 0, (int)TW_COUNT(files));
}

int main(void)
{
	return unit_run("sim_transcripts", add);
}
