/* The modem machine against a card of the virtual bank, in virtual time: bring-up with each profile,
 * texts in and out, reports, and each kind of fault. What must hold whatever happens:
 *
 *   - a send that ended SENT was accepted by the network once, one that ended NOT_SENT never, and one
 *     in doubt at most once;
 *   - every text that the network took for the card is handed to the owner, octet for octet, as often
 *     as it had to be brought, and none that was not sent;
 *   - what was acknowledged leaves its slot;
 *   - when the faults are over, the modem is ready again. */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <twoway/modem.h>
#include <twoway/sim.h>

enum { TEXTS_MAX = 256, SENDS_MAX = 256, MINUTE = 60000, HOUR = 60 * MINUTE };

static const char own[] = "+447700900001", customer[] = "+447700900123";

struct rig {
	struct boards *boards;
	struct modem *m;
	struct sim *sim;
	struct tw_now now;
	struct mono_ms open_at;		/* when the owner opens the port (again) */
	bool is_open, deny_pin, refuse_texts;
	const char *pin;
	enum modem_state state;
	struct tw_buf answer;
	/* inbound */
	char *texts[TEXTS_MAX];		/* that handsets sent in, "in 7" */
	bool has_text[TEXTS_MAX];
	size_t n_texts, inbound, reports, strangers;
	int report_ref;
	/* outbound */
	struct { enum modem_outcome outcome; int ref; bool is_done; char cause[32]; } sends[SENDS_MAX];
	size_t n_sends, n_done;
	unsigned pins_asked, reopened;
};

/* ---- the owner --------------------------------------------------------------------------------- */

static void control(struct rig *r, const char *json)
{
	tw_buf_clear(&r->answer);
	sim_control(r->sim, 1, json, strlen(json), r->now, &r->answer);
	ck_assert_msg(strstr(tw_buf_str(&r->answer), "\"ok\":true") != NULL, "%s: %s", json,
		      tw_buf_str(&r->answer));
}

/* The last AT lines and the card's state say what went wrong. */
static void fail_with_trace(struct rig *r, const char *what)
{
	struct tw_buf b = { 0 };

	modem_trace(r->m, &b);
	control(r, "{\"op\":\"state\",\"modem\":0}");
	ck_abort_msg("%s\n%s%s", what, tw_buf_str(&b), tw_buf_str(&r->answer));
}

/* As many octets as the line said (27.005 3.1, <length>). */
static bool is_whole(const struct modem_inbound *in)
{
	uint8_t smsc;

	return in->hex_n % 2 == 0 && tw_hex_read(in->hex, in->hex_n < 2 ? 0 : 2, &smsc, 1) == 1 &&
	       in->hex_n / 2 == 1u + smsc + (size_t)in->length;
}

static void on_inbound(struct rig *r, const struct modem_inbound *in)
{
	char text[SMS_TEXT_MAX];
	struct sms_pdu p;
	struct sms_fault why;
	unsigned i;

	/* Noise on the line: the SIM or the network still has the text as it was. */
	if (!is_whole(in) ||
	    sms_decode_hex(in->hex, in->hex_n, in->length, SMS_LISTING, &p, &why) < 0) {
		modem_refuse(r->m, in->token, r->now.mono);
		return;
	}
	if (p.type == SMS_STATUS_REPORT) {
		r->reports++;
		r->report_ref = p.ref;
	} else {
		r->inbound++;
		sms_body_text(&p.body, text, sizeof(text));
		if (sscanf(text, "in %u", &i) == 1 && i < r->n_texts && !strcmp(r->texts[i], text))
			r->has_text[i] = true;
		else
			r->strangers++;
	}
	if (r->refuse_texts)
		modem_refuse(r->m, in->token, r->now.mono);
	else
		modem_acknowledge(r->m, in->token, r->now.mono);
}

static void on_sent(struct rig *r, const struct modem_sent *sent)
{
	ck_assert_uint_ge(sent->id, 1);
	ck_assert_uint_le(sent->id, r->n_sends);
	if (!r->sends[sent->id - 1].is_done)
		r->n_done++;
	else if (r->sends[sent->id - 1].outcome != MODEM_OUT_DOUBT ||
		 sent->outcome != MODEM_OUT_SENT)	/* a late result takes a doubt back */
		fail_with_trace(r, "a send ended twice");
	r->sends[sent->id - 1].is_done = true;
	r->sends[sent->id - 1].outcome = sent->outcome;
	r->sends[sent->id - 1].ref = sent->ref;
	tw_strset(r->sends[sent->id - 1].cause, 32, sent->cause);
}

static void on_pin(struct rig *r)
{
	r->pins_asked++;
	if (r->deny_pin)
		modem_deny_pin(r->m, r->now.mono);
	else
		modem_give_pin(r->m, r->pin, r->now.mono);
}

static void line_ends(struct rig *r, int64_t back_ms)
{
	if (r->is_open)
		modem_on_closed(r->m, r->now.mono);
	r->is_open = false;
	r->open_at = mono_after(r->now.mono, back_ms);
}

static bool take_event(struct rig *r)
{
	struct modem_event e;

	if (!modem_next(r->m, &e))
		return false;
	switch (e.type) {
	case MODEM_EV_STATE:
		r->state = e.state;
		break;
	case MODEM_EV_SIM:
		modem_admit(r->m, true, r->now.mono);
		break;
	case MODEM_EV_PIN:
		on_pin(r);
		break;
	case MODEM_EV_INBOUND:
		on_inbound(r, &e.inbound);
		break;
	case MODEM_EV_SENT:
		on_sent(r, &e.sent);
		break;
	case MODEM_EV_REOPEN:
		r->reopened++;
		line_ends(r, e.number);
		break;
	case MODEM_EV_IDENTITY:
	case MODEM_EV_SLOT_EMPTY:
	case MODEM_EV_COMMAND:
	case MODEM_EV_CALL:
	case MODEM_EV_USSD:
	case MODEM_EV_SIGNAL:
	case MODEM_EV_NETWORK:
	case MODEM_EV_POWER:
	case MODEM_EV_RECOVER:
	case MODEM_EV_BEARER:
	case MODEM_EV_TROUBLE:
		break;
	}
	return true;
}

/* ---- the line ---------------------------------------------------------------------------------- */

/* The port is gone with its stick; the owner looks for it each second. */
static void follow_plug(struct rig *r)
{
	bool plugged = sim_card_is_plugged(r->sim, 0);

	if (!plugged && r->is_open)
		line_ends(r, 1000);
	if (r->is_open || !mono_due(r->open_at, r->now.mono))
		return;
	if (!plugged) {
		r->open_at = mono_after(r->now.mono, 1000);
		return;
	}
	r->is_open = true;
	modem_on_opened(r->m, r->now.mono);
}

static bool move_octets(struct rig *r)
{
	const uint8_t *p;
	size_t to_card = r->is_open ? modem_output(r->m, &p) : 0, to_modem;
	uint8_t copy[4096];

	if (to_card) {
		if (to_card > sizeof(copy))
			to_card = sizeof(copy);
		memcpy(copy, p, to_card);
		modem_written(r->m, to_card, r->now.mono);
		sim_card_feed(r->sim, 0, copy, to_card, r->now);
	}
	to_modem = sim_card_output(r->sim, 0, &p);
	if (to_modem) {
		if (r->is_open)
			modem_on_bytes(r->m, p, to_modem, r->now.mono);
		sim_card_taken(r->sim, 0, to_modem);
	}
	return to_card || to_modem;
}

static void settle(struct rig *r)
{
	unsigned rounds = 0;
	bool more = true;

	while (more) {
		ck_assert_msg(++rounds < 100000, "they talk without end");
		follow_plug(r);
		more = move_octets(r);
		while (take_event(r))
			more = true;
	}
	modem_check(r->m);
}

static void step(struct rig *r, struct mono_ms limit)
{
	struct mono_ms next = mono_min(modem_deadline(r->m), sim_deadline(r->sim));

	if (!r->is_open)
		next = mono_min(next, r->open_at);
	next = mono_min(next, limit);
	if (next.ms > r->now.mono.ms) {
		r->now.wall.ms += next.ms - r->now.mono.ms;
		r->now.mono = next;
	}
	sim_tick(r->sim, r->now);
	modem_tick(r->m, r->now.mono);
	settle(r);
}

static void run(struct rig *r, int64_t ms)
{
	struct mono_ms limit = mono_after(r->now.mono, ms);
	unsigned steps = 0;

	do {
		step(r, limit);
		ck_assert_msg(++steps < 2000000, "a tight loop");
	} while (r->now.mono.ms < limit.ms);
}

static bool run_until(struct rig *r, bool (*done)(const struct rig *), int64_t ms)
{
	struct mono_ms limit = mono_after(r->now.mono, ms);

	while (!done(r) && r->now.mono.ms < limit.ms)
		step(r, limit);
	return done(r);
}

static bool is_ready(const struct rig *r) { return r->state == MODEM_READY && modem_can_send(r->m); }
static bool is_locked(const struct rig *r) { return r->state == MODEM_LOCKED; }
static bool all_done(const struct rig *r) { return r->n_done == r->n_sends; }

static bool all_in(const struct rig *r)
{
	for (size_t i = 0; i < r->n_texts; i++)
		if (!r->has_text[i])
			return false;
	return true;
}

/* ---- a rig ------------------------------------------------------------------------------------- */

static struct rig *rig_new(const char *board, int direct, uint64_t seed)
{
	struct rig *r = tw_zalloc(sizeof(*r));
	struct tw_findings findings = { 0 };
	struct modem_setup setup = { .board = "", .usb = "", .direct = direct, .report = true,
				     .smsc = "", .hang_up = true, .direct_send_limit = 10000 };
	struct sim_setup world = { .modems = 2, .first_number = own, .seed = seed };

	r->boards = boards_load((const char *const[]){ "../boards" }, 1, &findings);
	ck_assert_ptr_nonnull(r->boards);
	ck_assert_uint_eq(findings.errors, 0);
	tw_findings_done(&findings);
	r->now = (struct tw_now){ { 100000 }, { 1767225600000 } };
	world.now = r->now;
	world.board = boards_named(r->boards, board);
	ck_assert_msg(world.board != NULL, "no board %s", board);
	r->sim = sim_new(&world);
	setup.boards = r->boards;
	setup.board = board;
	r->m = modem_new(&setup);
	r->pin = "1234";
	r->open_at = r->now.mono;
	return r;
}

static void rig_free(struct rig *r)
{
	modem_free(r->m);
	sim_free(r->sim);
	boards_free(r->boards);
	for (size_t i = 0; i < r->n_texts; i++)
		free(r->texts[i]);
	tw_buf_done(&r->answer);
	free(r);
}

static struct rig *ready_rig(const char *board, int direct, uint64_t seed)
{
	struct rig *r = rig_new(board, direct, seed);

	ck_assert_msg(run_until(r, is_ready, 2 * MINUTE), "%s is not ready after two minutes: %s",
		      board, modem_facts(r->m)->last_error);
	return r;
}

static void text_in(struct rig *r)
{
	char *text = tw_printf("in %zu", r->n_texts);

	ck_assert_uint_lt(r->n_texts, TEXTS_MAX);
	ck_assert_uint_ne(sim_text(r->sim, customer, own, text, strlen(text), r->now), 0);
	r->texts[r->n_texts++] = text;
	settle(r);
}

/* Gives a send if the modem takes one now. */
static bool try_send(struct rig *r)
{
	struct sms_options options = { .encoding = -1, .message_class = -1 };
	struct sms_submit submit = { .to = customer, .smsc = "", .report = true };
	char text[32], hex[2 * SMS_PDU_MAX + 1];
	struct modem_send send = { .hex = hex };
	uint8_t pdu[SMS_PDU_MAX];
	struct sms_form form;
	struct sms_fault why;
	struct sms_ud ud;
	size_t n, tpdu_n;

	if (!modem_can_send(r->m))
		return false;
	ck_assert_uint_lt(r->n_sends, SENDS_MAX);
	send.id = ++r->n_sends;
	snprintf(text, sizeof(text), "out %u.", (unsigned)send.id);
	ck_assert_int_ge(sms_choose_form(text, strlen(text), &options, &form, &why), 0);
	ck_assert_int_ge(sms_split(text, strlen(text), &form, &options, 0, &ud, 1), 0);
	submit.ud = &ud;
	ck_assert_int_ge(sms_submit_encode(&submit, pdu, sizeof(pdu), &n, &tpdu_n, &why), 0);
	tw_hex_write(pdu, n, hex, true);
	send.length = (int)tpdu_n;
	ck_assert_int_eq(modem_send(r->m, &send, r->now.mono), 0);
	settle(r);
	return true;
}

static void send_one(struct rig *r)
{
	ck_assert_msg(run_until(r, is_ready, 20 * MINUTE), "not ready: %s",
		      modem_facts(r->m)->last_error);
	ck_assert(try_send(r));
}

static unsigned times_sent(const struct rig *r, size_t id)
{
	unsigned times = 0;
	char text[32];

	snprintf(text, sizeof(text), "out %zu.", id);
	for (size_t i = 0; i < sim_sent_count(r->sim); i++)
		times += !strcmp(sim_sent_at(r->sim, i)->text, text);
	return times;
}

static void check_laws(const struct rig *r, const char *what)
{
	for (size_t i = 0; i < r->n_sends; i++) {
		unsigned times = times_sent(r, i + 1);

		if (!r->sends[i].is_done)
			continue;
		switch (r->sends[i].outcome) {
		case MODEM_OUT_SENT:
			ck_assert_msg(times == 1, "%s: said sent, %u times on the air", what, times);
			break;
		case MODEM_OUT_NOT_SENT:
			ck_assert_msg(times == 0, "%s: said not sent (%s), but was", what,
				      r->sends[i].cause);
			break;
		case MODEM_OUT_DOUBT:
			ck_assert_msg(times <= 1, "%s: %u times on the air", what, times);
			break;
		}
	}
	ck_assert_msg(!r->strangers, "%s: a text that nobody sent", what);
}

/* ---- cases ------------------------------------------------------------------------------------- */

static struct dirent **profiles;
static int n_profiles;

static int is_profile(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return n > 5 && !strcmp(d->d_name + n - 5, ".conf");
}

static const char *profile_name(int i)
{
	static char name[128];

	snprintf(name, sizeof(name), "%.*s", (int)strlen(profiles[i]->d_name) - 5,
		 profiles[i]->d_name);
	return name;
}

START_TEST(every_profile_comes_up_and_works_both_ways)
{
	const char *name = profile_name(_i);
	struct rig *r = ready_rig(name, -1, 1);
	const struct modem_facts *f = modem_facts(r->m);

	ck_assert_str_eq(f->board, name);
	ck_assert_str_eq(f->iccid, sim_card_iccid(r->sim, 0));
	ck_assert_int_eq((int)strlen(f->imei), 15);
	ck_assert_int_eq((int)strlen(f->imsi), 15);
	ck_assert_int_eq(f->registration, 1);
	for (int i = 0; i < 3; i++)
		text_in(r);
	run(r, 30000);
	ck_assert_msg(all_in(r) && r->inbound == 3, "%s: %zu of 3 texts", name, r->inbound);
	ck_assert_int_eq(sim_card_used(r->sim, 0), 0);
	send_one(r);
	run(r, 30000);
	ck_assert_msg(r->n_done == 1 && r->sends[0].outcome == MODEM_OUT_SENT, "%s: %s", name,
		      r->sends[0].cause);
	check_laws(r, name);
	rig_free(r);
}
END_TEST

START_TEST(more_texts_than_slots)
{
	struct rig *r = ready_rig("generic", 0, 1);

	control(r, "{\"op\":\"storage\",\"modem\":0,\"slots\":5}");
	for (int i = 0; i < 60; i++)
		text_in(r);
	ck_assert(run_until(r, all_in, 5 * MINUTE));
	run(r, 10000);
	ck_assert_uint_eq(r->inbound, 60);
	ck_assert_int_eq(sim_card_used(r->sim, 0), 0);
	ck_assert_int_eq(r->state, MODEM_READY);
	rig_free(r);
}
END_TEST

START_TEST(what_lay_on_the_sim_is_drained)
{
	struct rig *r = rig_new("generic", 0, 1);

	for (int i = 0; i < 4; i++) {
		r->texts[i] = tw_printf("in %d", i);
		r->n_texts++;
		control(r, i == 0 ? "{\"op\":\"storage\",\"modem\":0,\"fill\":1,\"text\":\"in 0\"}" :
			i == 1 ? "{\"op\":\"storage\",\"modem\":0,\"fill\":1,\"text\":\"in 1\"}" :
			i == 2 ? "{\"op\":\"storage\",\"modem\":0,\"fill\":1,\"text\":\"in 2\"}" :
				 "{\"op\":\"storage\",\"modem\":0,\"fill\":1,\"text\":\"in 3\"}");
	}
	ck_assert(run_until(r, all_in, MINUTE));
	run(r, 5000);
	ck_assert_uint_eq(r->inbound, 4);
	ck_assert_int_eq(sim_card_used(r->sim, 0), 0);
	rig_free(r);
}
END_TEST

START_TEST(direct_delivery)
{
	struct rig *r = ready_rig("generic", 1, 1);

	ck_assert(modem_facts(r->m)->is_direct);
	for (int i = 0; i < 20; i++)
		text_in(r);
	ck_assert(run_until(r, all_in, MINUTE));
	ck_assert_uint_eq(r->inbound, 20);
	ck_assert_int_eq(sim_card_used(r->sim, 0), 0);
	send_one(r);
	run(r, 10000);
	ck_assert_uint_eq(r->n_done, 1);
	ck_assert_int_eq(r->sends[0].outcome, MODEM_OUT_SENT);
	ck_assert_uint_eq(r->reports, 1);
	rig_free(r);
}
END_TEST

START_TEST(what_is_refused_comes_again)
{
	struct rig *r = ready_rig("generic", _i, 1);

	r->refuse_texts = true;
	text_in(r);
	run(r, MINUTE);
	ck_assert_uint_ge(r->inbound, 1);
	r->refuse_texts = false;
	r->has_text[0] = false;
	ck_assert(run_until(r, all_in, 30 * MINUTE));
	run(r, MINUTE);
	ck_assert_int_eq(sim_card_used(r->sim, 0), 0);
	control(r, "{\"op\":\"state\",\"modem\":0}");
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&r->answer), "\"waiting\":0"));
	rig_free(r);
}
END_TEST

START_TEST(reports_name_the_reference)
{
	struct rig *r = ready_rig("generic", 0, 1);

	for (int i = 0; i < 5; i++) {
		send_one(r);
		run(r, 5000);
		ck_assert_uint_eq(r->n_done, (size_t)i + 1);
		ck_assert_uint_eq(r->reports, (size_t)i + 1);
		ck_assert_int_eq(r->report_ref, r->sends[i].ref);
		ck_assert_uint_eq(sim_inbox_count(r->sim, customer), (size_t)i + 1);
	}
	check_laws(r, "reports");
	rig_free(r);
}
END_TEST

START_TEST(the_pin)
{
	struct rig *r = rig_new("generic", 0, 1);

	control(r, "{\"op\":\"pin\",\"modem\":0,\"pin\":\"4711\",\"locked\":true}");
	r->deny_pin = true;
	ck_assert(run_until(r, is_locked, MINUTE));
	run(r, HOUR);
	control(r, "{\"op\":\"state\",\"modem\":0}");
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&r->answer), "\"pin_tries\":3"));
	rig_free(r);

	r = rig_new("generic", 0, 1);
	control(r, "{\"op\":\"set\",\"sim_busy_ms\":4000}");
	control(r, "{\"op\":\"pin\",\"modem\":0,\"pin\":\"4711\",\"locked\":true}");
	r->pin = "4711";
	ck_assert(run_until(r, is_ready, 2 * MINUTE));
	ck_assert_uint_eq(r->pins_asked, 1);
	rig_free(r);

	r = rig_new("generic", 0, 1);
	control(r, "{\"op\":\"pin\",\"modem\":0,\"pin\":\"4711\",\"locked\":true}");
	r->pin = "9999";
	ck_assert(run_until(r, is_locked, MINUTE));
	r->deny_pin = true;
	run(r, HOUR);
	control(r, "{\"op\":\"state\",\"modem\":0}");
	ck_assert_ptr_nonnull(strstr(tw_buf_str(&r->answer), "\"pin_tries\":2"));
	rig_free(r);
}
END_TEST

/* Each kind of fault once, in the way of a send, of a text and of the housekeeping. */
static const char *const faults[] = {
	"\"when\":\"AT+CMGS\",\"what\":\"garbage\"",
	"\"when\":\"AT+CMGS\",\"what\":\"split\"",
	"\"when\":\"AT+CMGS\",\"what\":\"truncate\"",
	"\"when\":\"AT+CMGS\",\"what\":\"late\",\"delay_ms\":5000",
	"\"when\":\"AT+CMGS\",\"what\":\"late\",\"delay_ms\":60000",
	"\"when\":\"AT+CMGS\",\"what\":\"drop\"",
	"\"when\":\"AT+CMGS\",\"what\":\"silent\"",
	"\"when\":\"AT+CMGS\",\"what\":\"no_prompt\"",
	"\"when\":\"AT+CMGS\",\"what\":\"error\",\"code\":38",
	"\"when\":\"AT+CMGS\",\"what\":\"error\",\"code\":304",
	"\"when\":\"AT+CMGS\",\"what\":\"error\"",
	"\"when\":\"AT+CMGS\",\"what\":\"reset\"",
	"\"when\":\"AT+CMGS\",\"what\":\"unplug\",\"delay_ms\":5000",
	"\"when\":\"AT+CMGS\",\"what\":\"duplicate\"",
	"\"when\":\"AT+CMGS\",\"what\":\"deregister\",\"delay_ms\":20000",
	"\"when\":\"AT+CMGS\",\"what\":\"echo\"",
	"\"when\":\"AT+CMGS\",\"what\":\"urc\",\"text\":\"+CREG: 1\"",
	"\"when\":\"AT+CMGS\",\"what\":\"reply\",\"text\":\"COMMAND NOT SUPPORT\"",
	"\"when\":\"pdu\",\"what\":\"garbage\"",
	"\"when\":\"pdu\",\"what\":\"split\",\"delay_ms\":50",
	"\"when\":\"pdu\",\"what\":\"truncate\"",
	"\"when\":\"pdu\",\"what\":\"late\",\"delay_ms\":60000",
	"\"when\":\"pdu\",\"what\":\"late\",\"delay_ms\":400000",
	"\"when\":\"pdu\",\"what\":\"drop\"",
	"\"when\":\"pdu\",\"what\":\"silent\"",
	"\"when\":\"pdu\",\"what\":\"error\",\"code\":38",
	"\"when\":\"pdu\",\"what\":\"error\",\"code\":332",
	"\"when\":\"pdu\",\"what\":\"error\",\"code\":500",
	"\"when\":\"pdu\",\"what\":\"reset\"",
	"\"when\":\"pdu\",\"what\":\"reset\",\"after\":true",
	"\"when\":\"pdu\",\"what\":\"unplug\",\"delay_ms\":5000",
	"\"when\":\"pdu\",\"what\":\"unplug\",\"after\":true,\"delay_ms\":5000",
	"\"when\":\"pdu\",\"what\":\"duplicate\"",
	"\"when\":\"pdu\",\"what\":\"urc\",\"text\":\"RING\"",
	"\"when\":\"deliver\",\"what\":\"garbage\"",
	"\"when\":\"deliver\",\"what\":\"split\",\"delay_ms\":50",
	"\"when\":\"deliver\",\"what\":\"late\",\"delay_ms\":60000",
	"\"when\":\"deliver\",\"what\":\"drop\"",
	"\"when\":\"deliver\",\"what\":\"silent\"",
	"\"when\":\"deliver\",\"what\":\"duplicate\"",
	"\"when\":\"deliver\",\"what\":\"reset\"",
	"\"when\":\"deliver\",\"what\":\"reset\",\"after\":true",
	"\"when\":\"deliver\",\"what\":\"unplug\",\"after\":true,\"delay_ms\":5000",
	"\"when\":\"deliver\",\"what\":\"deregister\",\"delay_ms\":5000",
	"\"when\":\"AT+CMGR\",\"what\":\"truncate\"",
	"\"when\":\"AT+CMGR\",\"what\":\"drop\"",
	"\"when\":\"AT+CMGR\",\"what\":\"error\",\"code\":314",
	"\"when\":\"AT+CMGR\",\"what\":\"garbage\"",
	"\"when\":\"AT+CMGR\",\"what\":\"urc\",\"text\":\"+CMTI: \\\"SM\\\",17\"",
	"\"when\":\"AT+CMGR\",\"what\":\"reset\"",
	"\"when\":\"AT+CMGD\",\"what\":\"drop\"",
	"\"when\":\"AT+CMGD\",\"what\":\"silent\"",
	"\"when\":\"AT+CMGD\",\"what\":\"error\",\"code\":500",
	"\"when\":\"AT+CMGD\",\"what\":\"unplug\",\"delay_ms\":5000",
	"\"when\":\"AT+CNMA\",\"what\":\"drop\"",
	"\"when\":\"AT+CNMA\",\"what\":\"silent\"",
	"\"when\":\"AT+CNMA\",\"what\":\"error\",\"code\":340",
	"\"when\":\"AT+CSQ\",\"what\":\"silent\",\"count\":3",
	"\"when\":\"AT\",\"what\":\"silent\",\"count\":20",
	"\"when\":\"report\",\"what\":\"drop\"",
	"\"when\":\"report\",\"what\":\"duplicate\"",
	"\"when\":\"urc\",\"what\":\"truncate\"",
};

static void one_fault(const char *fault, int direct)
{
	struct rig *r = ready_rig("generic", direct, 1);
	char rule[256];

	snprintf(rule, sizeof(rule), "{\"op\":\"fault\",\"modem\":0,%s}", fault);
	control(r, rule);
	for (int i = 0; i < 3; i++) {
		text_in(r);
		send_one(r);
		run(r, 2000);
	}
	ck_assert_msg(run_until(r, all_done, 30 * MINUTE), "%s: a send has no end", fault);
	control(r, "{\"op\":\"clear\"}");
	ck_assert_msg(run_until(r, all_in, 2 * HOUR), "%s: a text was not handed over", fault);
	ck_assert_msg(run_until(r, is_ready, 30 * MINUTE), "%s: not ready again", fault);
	run(r, 10 * MINUTE);
	ck_assert_msg(r->state == MODEM_READY, "%s: not ready", fault);
	ck_assert_msg(!sim_card_used(r->sim, 0), "%s: %d slots left", fault,
		      sim_card_used(r->sim, 0));
	send_one(r);
	ck_assert_msg(run_until(r, all_done, MINUTE), "%s: no send afterwards", fault);
	ck_assert_msg(r->sends[r->n_sends - 1].outcome == MODEM_OUT_SENT, "%s: %s afterwards", fault,
		      r->sends[r->n_sends - 1].cause);
	check_laws(r, fault);
	rig_free(r);
}

START_TEST(each_fault_once_stored)
{
	one_fault(faults[_i], 0);
}
END_TEST

START_TEST(each_fault_once_direct)
{
	one_fault(faults[_i], 1);
}
END_TEST

START_TEST(network_lost_and_sim_pulled)
{
	struct rig *r = ready_rig("generic", 0, 1);

	control(r, "{\"op\":\"registration\",\"modem\":0,\"stat\":2}");
	run(r, 10 * MINUTE);
	ck_assert_int_eq(r->state, MODEM_SEARCHING);
	ck_assert(!modem_can_send(r->m));
	control(r, "{\"op\":\"registration\",\"modem\":0,\"stat\":5}");
	ck_assert(run_until(r, is_ready, 10 * MINUTE));
	ck_assert_int_eq(modem_facts(r->m)->registration, 5);
	control(r, "{\"op\":\"sim\",\"modem\":0,\"inserted\":false}");
	run(r, 10 * MINUTE);
	ck_assert_int_eq(r->state, MODEM_NO_SIM);
	control(r, "{\"op\":\"sim\",\"modem\":0,\"inserted\":true}");
	ck_assert(run_until(r, is_ready, 10 * MINUTE));
	send_one(r);
	ck_assert(run_until(r, all_done, MINUTE));
	check_laws(r, "network");
	rig_free(r);
}
END_TEST

/* Ready within 3 s of the plug when the registration holds (design 5). */
START_TEST(pulled_out_and_back)
{
	struct rig *r = ready_rig("generic", 0, 1);

	for (int i = 0; i < 5; i++) {
		control(r, "{\"op\":\"unplug\",\"modem\":0}");
		run(r, 10000);
		text_in(r);
		control(r, "{\"op\":\"plug\",\"modem\":0}");
		run(r, 1000);		/* the owner looks once a second */
		ck_assert(run_until(r, is_ready, 3000));
	}
	ck_assert(run_until(r, all_in, MINUTE));
	check_laws(r, "unplugged");
	rig_free(r);
}
END_TEST

/* A bad day: all kinds by chance, for two hours; afterwards everything is as it should be. */
static const char *const storm[] = {
	"\"when\":\"AT\",\"what\":\"garbage\"", "\"when\":\"AT\",\"what\":\"split\"",
	"\"when\":\"AT\",\"what\":\"truncate\"", "\"when\":\"AT\",\"what\":\"late\",\"delay_ms\":15000",
	"\"when\":\"AT\",\"what\":\"drop\"", "\"when\":\"AT\",\"what\":\"silent\"",
	"\"when\":\"AT\",\"what\":\"error\"", "\"when\":\"AT\",\"what\":\"duplicate\"",
	"\"when\":\"AT\",\"what\":\"echo\"", "\"when\":\"AT+CMGS\",\"what\":\"no_prompt\"",
	"\"when\":\"pdu\",\"what\":\"drop\"", "\"when\":\"pdu\",\"what\":\"silent\"",
	"\"when\":\"pdu\",\"what\":\"late\",\"delay_ms\":30000",
	"\"when\":\"pdu\",\"what\":\"reset\",\"after\":true",
	"\"when\":\"pdu\",\"what\":\"unplug\",\"delay_ms\":4000",
	"\"when\":\"deliver\",\"what\":\"drop\"", "\"when\":\"deliver\",\"what\":\"duplicate\"",
	"\"when\":\"deliver\",\"what\":\"split\"", "\"when\":\"deliver\",\"what\":\"reset\"",
	"\"when\":\"urc\",\"what\":\"truncate\"",
};

START_TEST(a_bad_day)
{
	struct rig *r = ready_rig("generic", _i % 2, (uint64_t)_i + 100);
	char rule[256];

	for (size_t k = 0; k < TW_COUNT(storm); k++) {
		snprintf(rule, sizeof(rule), "{\"op\":\"fault\",\"modem\":0,%s,\"probability\":0.01}",
			 storm[k]);
		control(r, rule);
	}
	for (int i = 0; i < 120; i++) {
		text_in(r);
		try_send(r);
		run(r, MINUTE);
		check_laws(r, "a bad day");
	}
	control(r, "{\"op\":\"clear\"}");
	ck_assert_msg(run_until(r, all_done, 30 * MINUTE), "a send has no end");
	if (!run_until(r, all_in, 3 * HOUR))
		fail_with_trace(r, "a text was not handed over");
	if (!run_until(r, is_ready, HOUR))
		fail_with_trace(r, "not ready again");
	run(r, 10 * MINUTE);
	ck_assert_int_eq(sim_card_used(r->sim, 0), 0);
	check_laws(r, "a bad day");
	rig_free(r);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("modem_sim");
	TCase *t = tcase_create("modem_sim");
	SRunner *runner;
	int failed;

	n_profiles = scandir("../boards", &profiles, is_profile, alphasort);
	if (n_profiles <= 0)
		return 1;
	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, every_profile_comes_up_and_works_both_ways, 0, n_profiles);
	tcase_add_test(t, more_texts_than_slots);
	tcase_add_test(t, what_lay_on_the_sim_is_drained);
	tcase_add_test(t, direct_delivery);
	tcase_add_loop_test(t, what_is_refused_comes_again, 0, 2);
	tcase_add_test(t, reports_name_the_reference);
	tcase_add_test(t, the_pin);
	tcase_add_loop_test(t, each_fault_once_stored, 0, (int)TW_COUNT(faults));
	tcase_add_loop_test(t, each_fault_once_direct, 0, (int)TW_COUNT(faults));
	tcase_add_test(t, network_lost_and_sim_pulled);
	tcase_add_test(t, pulled_out_and_back);
	tcase_add_loop_test(t, a_bad_day, 0, 8);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	for (int i = 0; i < n_profiles; i++)
		free(profiles[i]);
	free(profiles);
	return failed ? 1 : 0;
}
