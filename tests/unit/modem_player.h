/* A scripted modem in virtual time, and an owner who answers what the machine asks: what the tests of
 * src/modem share. The scripted modem answers like a decent one; rules put in front of its answers
 * make it another. All time is p->now; nothing sleeps.
 *
 *   play_new(profile, …)   profile: text of a board profile, "" = the defaults
 *   play_open(p)           plugs it in
 *   play_run(p, ms)        lets time pass
 *   play_until(p, what, ms) … until something has happened
 *   play_rule(p, "AT+CREG?", "+CREG: 2,2")  what a command answers from now on */
#ifndef MODEM_PLAYER_H
#define MODEM_PLAYER_H

#include <twoway/modem.h>

#include <check.h>
#include <stdio.h>
#include <unistd.h>

enum { PLAY_SLOTS = 60, PLAY_RULES = 40, PLAY_LATER = 64, PLAY_SENT = 64, PLAY_IN = 128,
       PLAY_LOG = 2500 };
enum play_policy { PLAY_ACK, PLAY_REFUSE, PLAY_HOLD };

struct play_rule { char command[64]; const char *answer; int times; int64_t delay; bool is_bytes; };
struct play_later { int64_t at; size_t n; char bytes[1400]; };
struct play_slot { bool used; int stat; char pdu[400]; };
struct play_inbound { uint64_t token; char hex[400]; int length, slot; char storage[4]; bool direct; };

struct play {
	const struct boards *boards;
	struct modem *m;
	struct modem_setup setup;
	struct mono_ms now;
	bool plugged;

	/* the modem */
	bool echo, in_payload, cpin_ok_missing;
	int payload_length;
	char line[2048];
	size_t line_n;
	struct play_rule rules[PLAY_RULES];
	int n_rules;
	struct play_later later[PLAY_LATER];
	int later_head, later_n;
	int64_t latency, last_at;
	struct play_slot slots[PLAY_SLOTS];
	int first_index, n_slots;
	char cpin[24];
	char pin[12];
	int pin_left, pins_tried;
	char cnmi[16];
	int csms;
	bool direct_blocked;	/* waits for CNMA */
	int reg;
	int mr, sends;
	char sent[PLAY_SENT][400];
	const char *send_answer;	/* NULL: +CMGS and OK; "" nothing */
	int64_t send_delay;
	bool no_prompt;
	int cnma, escapes;
	char log[PLAY_LOG][80];	/* commands, in order */
	int n_log;
	uint64_t bytes_to, bytes_from;
	uint64_t cut_to, cut_from;	/* unplug at this octet; 0 never */
	int64_t first_ok;		/* when the first OK was handed over after plugging in */
	bool deaf;
	/* Before rules and defaults: true when the command, or the payload, was answered. */
	bool (*hook)(struct play *p, const char *command);
	bool (*payload_hook)(struct play *p);
	void *ctx;

	/* the owner */
	const char *owner_pin;		/* NULL: denies */
	bool admit, hold_admit;
	enum play_policy policy;
	enum modem_state state;
	char state_log[400];
	int n_pin_asked, n_sim, n_reopen, n_calls, n_ussd, n_trouble, n_commands, n_identity, n_empty;
	int64_t pin_tries;
	char call[TW_NUMBER_MAX], ussd[700], trouble[MODEM_TEXT_MAX], answer[4096];
	int n_power, n_bearer, rungs[MODEM_RUNG_COUNT];
	int64_t ussd_kind, answer_result, reopen_ms;
	const char *known_bearer;
	char bearer[64];
	uint64_t ussd_id;
	bool empty[PLAY_SLOTS];
	struct play_inbound in[PLAY_IN];
	int n_in;
	struct modem_sent result[PLAY_SENT];
	int n_result;
};

/* Read once for all modems of a test that have the same profile. */
static inline const struct boards *play_boards(const char *profile)
{
	static struct boards *cached;
	static char cached_profile[400];
	char folder[] = "/tmp/test_modem_XXXXXX", path[64];
	const char *folders[] = { folder };
	struct tw_findings f = { 0 };
	FILE *file;

	if (cached && !strcmp(profile, cached_profile))
		return cached;
	boards_free(cached);
	tw_strset(cached_profile, sizeof(cached_profile), profile);

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/generic.conf", folder);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs(profile, file);
	fclose(file);
	cached = boards_load(folders, 1, &f);
	if (f.n)
		ck_abort_msg("profile: %s", f.v[0].text);
	ck_assert_ptr_nonnull(cached);
	unlink(path);
	rmdir(folder);
	tw_findings_done(&f);
	return cached;
}

static inline struct play *play_new(const char *profile)
{
	struct play *p = tw_zalloc(sizeof(*p));

	p->boards = play_boards(profile);
	p->setup = (struct modem_setup){ .boards = p->boards, .board = "", .usb = "", .direct = -1,
					 .report = true, .smsc = "", .hang_up = true,
					 .direct_send_limit = 10000 };
	p->now.ms = 1000000;
	p->echo = true;
	p->latency = 1;
	p->first_index = 1;
	p->n_slots = 20;
	strcpy(p->cpin, "READY");
	strcpy(p->pin, "1234");
	p->pin_left = 3;
	strcpy(p->cnmi, "0,0,0,0,0");
	p->reg = 1;
	p->owner_pin = "1234";
	p->admit = true;
	p->first_ok = -1;
	p->state = MODEM_ABSENT;
	return p;
}

static inline void play_free(struct play *p)
{
	modem_free(p->m);
	free(p);
}

/* ---- the scripted modem -------------------------------------------------------------------- */

/* An answer with its line ends: "a|b" are two lines; OK is added unless a final result ends it. */
static inline void play_rule_full(struct play *p, const char *command, const char *answer, int times,
				  int64_t delay, bool is_bytes)
{
	struct play_rule *r;

	for (int i = 0; i < p->n_rules; i++)
		if (!strcmp(p->rules[i].command, command)) {
			p->rules[i].answer = answer;
			p->rules[i].times = times;
			p->rules[i].delay = delay;
			p->rules[i].is_bytes = is_bytes;
			return;
		}
	ck_assert_int_lt(p->n_rules, PLAY_RULES);
	r = &p->rules[p->n_rules++];
	tw_strset(r->command, sizeof(r->command), command);
	r->answer = answer;
	r->times = times;
	r->delay = delay;
	r->is_bytes = is_bytes;
}

static inline void play_rule(struct play *p, const char *command, const char *answer)
{
	play_rule_full(p, command, answer, -1, 0, false);
}

static inline void play_rule_once(struct play *p, const char *command, const char *answer)
{
	play_rule_full(p, command, answer, 1, 0, false);
}

static inline void play_rule_off(struct play *p, const char *command)
{
	play_rule_full(p, command, NULL, 0, 0, false);
}

static inline void play_say_after(struct play *p, const char *bytes, size_t n, int64_t delay)
{
	struct play_later *l;
	int64_t at = p->now.ms + delay;

	if (!n || p->deaf)
		return;
	ck_assert_int_lt(p->later_n, PLAY_LATER);
	ck_assert_uint_le(n, sizeof(l->bytes));
	if (at < p->last_at)
		at = p->last_at;	/* a modem answers in order */
	p->last_at = at;
	l = &p->later[(p->later_head + p->later_n++) % PLAY_LATER];
	l->at = at;
	l->n = n;
	memcpy(l->bytes, bytes, n);
}

static inline void play_say(struct play *p, const char *bytes)
{
	play_say_after(p, bytes, strlen(bytes), 0);
}

static inline bool play_is_final(const char *line)
{
	return !strcmp(line, "OK") || !strcmp(line, "ERROR") || !strcmp(line, "NO CARRIER") ||
	       !strncmp(line, "+CME ERROR", 10) || !strncmp(line, "+CMS ERROR", 10);
}

static inline void play_answer(struct play *p, const char *answer, int64_t delay)
{
	char out[1400];
	size_t at = 0, last = 0;
	const char *line = answer;

	for (;;) {
		size_t n = strcspn(line, "|");

		last = (size_t)(line - answer);
		if (n)
			at += (size_t)snprintf(out + at, sizeof(out) - at, "\r\n%.*s\r\n", (int)n, line);
		if (!line[n])
			break;
		line += n + 1;
	}
	if (!play_is_final(answer + last))
		at += (size_t)snprintf(out + at, sizeof(out) - at, "\r\nOK\r\n");
	play_say_after(p, out, at, delay + p->latency);
}

static inline int play_tpdu_length(const char *pdu)
{
	unsigned smsc = 0;

	sscanf(pdu, "%2x", &smsc);
	return (int)(strlen(pdu) / 2) - 1 - (int)smsc;
}

static inline int play_used(const struct play *p)
{
	int n = 0;

	for (int i = 0; i < PLAY_SLOTS; i++)
		n += p->slots[i].used;
	return n;
}

/* Puts a text into the first free slot, or the one named. Returns the slot; announces nothing. */
static inline int play_put(struct play *p, const char *pdu, int slot)
{
	for (int i = p->first_index; slot < 0 && i < p->first_index + p->n_slots; i++)
		if (!p->slots[i].used)
			slot = i;
	ck_assert_int_ge(slot, 0);
	p->slots[slot].used = true;
	p->slots[slot].stat = 0;
	tw_strset(p->slots[slot].pdu, sizeof(p->slots[slot].pdu), pdu);
	return slot;
}

static inline void play_text(struct play *p, const char *pdu)
{
	char line[64];
	int slot = play_put(p, pdu, -1);

	snprintf(line, sizeof(line), "\r\n+CMTI: \"SM\",%d\r\n", slot);
	play_say(p, line);
}

static inline void play_direct(struct play *p, const char *header, const char *pdu)
{
	char out[600];

	snprintf(out, sizeof(out), "\r\n%s: ,%d\r\n%s\r\n", header, play_tpdu_length(pdu), pdu);
	play_say(p, out);
	p->direct_blocked = true;
}

static inline void play_list(struct play *p)
{
	char out[1400];

	for (int i = 0; i < PLAY_SLOTS; i++) {
		const struct play_slot *s = &p->slots[i];

		if (!s->used)
			continue;
		snprintf(out, sizeof(out), "\r\n+CMGL: %d,%d,,%d\r\n%s\r\n", i, s->stat,
			 play_tpdu_length(s->pdu), s->pdu);
		play_say_after(p, out, strlen(out), p->latency);
	}
	play_answer(p, "", 0);
}

static inline void play_read(struct play *p, int slot)
{
	char out[600];

	if (slot < 0 || slot >= PLAY_SLOTS || !p->slots[slot].used) {
		play_answer(p, "+CMS ERROR: 321", 0);
		return;
	}
	snprintf(out, sizeof(out), "+CMGR: %d,,%d|%s", p->slots[slot].stat,
		 play_tpdu_length(p->slots[slot].pdu), p->slots[slot].pdu);
	p->slots[slot].stat = p->slots[slot].stat ? p->slots[slot].stat : 1;
	play_answer(p, out, 0);
}

static inline void play_counts(struct play *p, bool is_query)
{
	char out[160];
	int u = play_used(p), t = p->n_slots;

	if (is_query)
		snprintf(out, sizeof(out), "+CPMS: \"SM\",%d,%d,\"SM\",%d,%d,\"SM\",%d,%d", u, t, u, t, u, t);
	else
		snprintf(out, sizeof(out), "+CPMS: %d,%d,%d,%d,%d,%d", u, t, u, t, u, t);
	play_answer(p, out, 0);
}

static inline void play_enter_pin(struct play *p, const char *c)
{
	char want[32];

	p->pins_tried++;
	snprintf(want, sizeof(want), "AT+CPIN=\"%s\"", p->pin);
	if (strcmp(p->cpin, "SIM PIN")) {
		play_answer(p, "+CME ERROR: 3", 0);
	} else if (!strcmp(c, want)) {
		strcpy(p->cpin, "READY");
		play_answer(p, "", 0);
	} else if (--p->pin_left <= 0) {
		strcpy(p->cpin, "SIM PUK");
		play_answer(p, "+CME ERROR: 12", 0);
	} else {
		play_answer(p, "+CME ERROR: 16", 0);
	}
}

static inline void play_default(struct play *p, const char *c)
{
	char out[200];

	if (!strcmp(c, "ATE0"))
		p->echo = false;
	if (!strcmp(c, "AT+CGMI"))
		play_answer(p, "Acme", 0);
	else if (!strcmp(c, "AT+CGMM"))
		play_answer(p, "Nine", 0);
	else if (!strcmp(c, "AT+CGMR"))
		play_answer(p, "1.0", 0);
	else if (!strcmp(c, "AT+CGSN"))
		play_answer(p, "356938035643809", 0);
	else if (!strcmp(c, "AT+CFUN?"))
		play_answer(p, "+CFUN: 1", 0);
	else if (!strcmp(c, "AT+CPIN?"))
		snprintf(out, sizeof(out), "+CPIN: %s", p->cpin), play_answer(p, out, 0);
	else if (!strncmp(c, "AT+CPIN=", 8))
		play_enter_pin(p, c);
	else if (!strcmp(c, "AT+CPINR"))
		snprintf(out, sizeof(out), "+CPINR: SIM PIN,%d,3|+CPINR: SIM PUK,10,10", p->pin_left),
		play_answer(p, out, 0);
	else if (!strcmp(c, "AT+CCID"))
		play_answer(p, "+CCID: 8944100000000000001F", 0);
	else if (!strcmp(c, "AT+CIMI"))
		play_answer(p, strcmp(p->cpin, "READY") ? "+CME ERROR: 11" : "234150000000001", 0);
	else if (!strncmp(c, "AT+CPMS=\"ME\"", 12))
		play_answer(p, "+CMS ERROR: 302", 0);	/* it has no other storage */
	else if (!strcmp(c, "AT+CPMS?") || !strncmp(c, "AT+CPMS=", 8))
		play_counts(p, c[7] == '?');
	else if (!strcmp(c, "AT+CSCA?"))
		play_answer(p, "+CSCA: \"+447785016005\",145", 0);
	else if (!strcmp(c, "AT+CSMS?"))
		snprintf(out, sizeof(out), "+CSMS: %d,1,1,1", p->csms), play_answer(p, out, 0);
	else if (!strncmp(c, "AT+CSMS=", 8))
		p->csms = atoi(c + 8), play_answer(p, "+CSMS: 1,1,1", 0);
	else if (!strncmp(c, "AT+CNMI=", 8))
		tw_strset(p->cnmi, sizeof(p->cnmi), c + 8), play_answer(p, "", 0);
	else if (!strcmp(c, "AT+CNMI?"))
		snprintf(out, sizeof(out), "+CNMI: %s", p->cnmi), play_answer(p, out, 0);
	else if (!strcmp(c, "AT+CREG?"))
		snprintf(out, sizeof(out), "+CREG: 2,%d,\"00C3\",\"01AF\",7", p->reg), play_answer(p, out, 0);
	else if (!strcmp(c, "AT+CGREG?") || !strcmp(c, "AT+CEREG?"))
		play_answer(p, c[4] == 'G' ? "+CGREG: 2,0" : "+CEREG: 2,0", 0);
	else if (!strcmp(c, "AT+CSQ"))
		play_answer(p, "+CSQ: 20,99", 0);
	else if (!strcmp(c, "AT+COPS?"))
		play_answer(p, "+COPS: 0,0,\"Acme Mobile\",7", 0);
	else if (!strcmp(c, "AT+CNUM"))
		play_answer(p, "+CNUM: \"\",\"+447700900001\",145", 0);
	else if (!strcmp(c, "AT+CMGL=4"))
		play_list(p);
	else if (!strncmp(c, "AT+CMGR=", 8))
		play_read(p, atoi(c + 8));
	else if (!strncmp(c, "AT+CMGD=", 8)) {
		int slot = atoi(c + 8);
		bool there = slot >= 0 && slot < PLAY_SLOTS && p->slots[slot].used;

		if (there)
			p->slots[slot].used = false;
		play_answer(p, there ? "" : "+CMS ERROR: 321", 0);
	} else if (!strncmp(c, "AT+CNMA", 7)) {
		p->cnma++;
		play_answer(p, p->direct_blocked ? "" : "+CMS ERROR: 340", 0);
		p->direct_blocked = false;
	} else
		play_answer(p, "", 0);
}

static inline struct play_rule *play_find_rule(struct play *p, const char *c)
{
	for (int i = 0; i < p->n_rules; i++) {
		struct play_rule *r = &p->rules[i];
		size_t n = strlen(r->command);
		bool is_prefix = n && r->command[n - 1] == '*';

		if (!r->times)
			continue;
		if (is_prefix ? !strncmp(c, r->command, n - 1) : !strcmp(c, r->command))
			return r;
	}
	return NULL;
}

static inline void play_command(struct play *p, const char *c)
{
	struct play_rule *r;

	if (p->n_log < PLAY_LOG)
		tw_strset(p->log[p->n_log++], sizeof(p->log[0]), c);
	if (p->echo) {
		char out[600];

		snprintf(out, sizeof(out), "%.500s\r", c);
		play_say(p, out);
	}
	if (p->hook && p->hook(p, c))
		return;
	r = play_find_rule(p, c);
	if (r) {
		if (r->times > 0)
			r->times--;
		if (r->is_bytes)
			play_say_after(p, r->answer, strlen(r->answer), r->delay);
		else
			play_answer(p, r->answer, r->delay);
	} else if (!strncmp(c, "AT+CMGS=", 8)) {
		if (p->no_prompt)
			return;
		p->payload_length = atoi(c + 8);
		p->in_payload = true;
		play_say_after(p, "\r\n> ", 4, p->latency);
	} else {
		play_default(p, c);
	}
}

static inline void play_payload(struct play *p)
{
	char out[48];

	ck_assert_int_lt(p->sends, PLAY_SENT);
	tw_strset(p->sent[p->sends++], sizeof(p->sent[0]), p->line);
	ck_assert_int_eq(play_tpdu_length(p->line), p->payload_length);
	if (p->payload_hook && p->payload_hook(p))
		return;
	p->mr = (p->mr + 1) % 256;
	snprintf(out, sizeof(out), "+CMGS: %d", p->mr);
	if (!p->send_answer)
		play_answer(p, out, p->send_delay);
	else if (p->send_answer[0])
		play_answer(p, p->send_answer, p->send_delay);
}

static inline void play_octet(struct play *p, char c)
{
	if (c == 0x1b) {
		bool was = p->in_payload;

		p->escapes++;
		p->in_payload = false;
		p->line_n = 0;
		if (was)
			play_answer(p, "", 0);
		return;
	}
	if (p->in_payload ? c != 0x1a : c != '\r') {
		ck_assert_uint_lt(p->line_n, sizeof(p->line) - 1);
		p->line[p->line_n++] = c;
		return;
	}
	p->line[p->line_n] = 0;
	p->line_n = 0;
	if (p->in_payload) {
		p->in_payload = false;
		play_payload(p);
	} else if (p->line[0]) {
		play_command(p, p->line);
	}
}

/* ---- plugging ------------------------------------------------------------------------------ */

/* Switched on anew: what a modem forgets is forgotten. */
static inline void play_power(struct play *p)
{
	p->echo = true;
	p->in_payload = false;
	p->line_n = 0;
	p->later_n = p->later_head = 0;
	p->last_at = 0;
	p->direct_blocked = false;
	p->csms = 0;
	strcpy(p->cnmi, "0,0,0,0,0");
}

static inline void play_open(struct play *p)
{
	if (!p->m)
		p->m = modem_new(&p->setup);
	p->plugged = true;
	p->first_ok = -1;
	modem_on_opened(p->m, p->now);
}

static inline void play_close(struct play *p)
{
	p->plugged = false;
	play_power(p);
	modem_on_closed(p->m, p->now);
}

/* ---- the owner ----------------------------------------------------------------------------- */

static inline void play_inbound(struct play *p, const struct modem_event *ev)
{
	struct play_inbound *in;

	ck_assert_int_lt(p->n_in, PLAY_IN);
	in = &p->in[p->n_in++];
	in->token = ev->inbound.token;
	tw_strset(in->hex, sizeof(in->hex), ev->inbound.hex);
	ck_assert_uint_eq(strlen(ev->inbound.hex), ev->inbound.hex_n);
	in->length = ev->inbound.length;
	in->slot = ev->inbound.slot;
	in->direct = ev->inbound.is_direct;
	memcpy(in->storage, ev->inbound.storage, sizeof(in->storage));
	if (p->policy == PLAY_ACK)
		modem_acknowledge(p->m, in->token, p->now);
	else if (p->policy == PLAY_REFUSE)
		modem_refuse(p->m, in->token, p->now);
}

static inline void play_on_state(struct play *p, const struct modem_event *ev)
{
	size_t n = strlen(p->state_log);

	p->state = ev->state;
	snprintf(p->state_log + n, sizeof(p->state_log) - n, "%s ", modem_state_name(ev->state));
}

static inline void play_event(struct play *p, const struct modem_event *ev)
{
	switch (ev->type) {
	case MODEM_EV_STATE:
		play_on_state(p, ev);
		break;
	case MODEM_EV_IDENTITY:
		p->n_identity++;
		break;
	case MODEM_EV_SIM:
		p->n_sim++;
		modem_set_bearer(p->m, p->known_bearer);
		if (!p->hold_admit)
			modem_admit(p->m, p->admit, p->now);
		break;
	case MODEM_EV_PIN:
		p->n_pin_asked++;
		p->pin_tries = ev->number;
		if (p->owner_pin)
			modem_give_pin(p->m, p->owner_pin, p->now);
		else
			modem_deny_pin(p->m, p->now);
		break;
	case MODEM_EV_INBOUND:
		play_inbound(p, ev);
		break;
	case MODEM_EV_SLOT_EMPTY:
		p->n_empty++;
		if (ev->inbound.slot < PLAY_SLOTS)
			p->empty[ev->inbound.slot] = true;
		break;
	case MODEM_EV_SENT:
		ck_assert_int_lt(p->n_result, PLAY_SENT);
		p->result[p->n_result++] = ev->sent;
		break;
	case MODEM_EV_COMMAND:
		p->n_commands++;
		p->answer_result = ev->number;
		tw_strset(p->answer, sizeof(p->answer), ev->text);
		break;
	case MODEM_EV_CALL:
		p->n_calls++;
		tw_strset(p->call, sizeof(p->call), ev->text);
		break;
	case MODEM_EV_USSD:
		p->n_ussd++;
		p->ussd_kind = ev->number;
		p->ussd_id = ev->id;
		tw_strset(p->ussd, sizeof(p->ussd), ev->text);
		break;
	case MODEM_EV_REOPEN:
		p->n_reopen++;
		p->reopen_ms = ev->number;
		break;
	case MODEM_EV_POWER:
		p->n_power++;
		p->reopen_ms = ev->number;
		break;
	case MODEM_EV_RECOVER:
		p->rungs[ev->number]++;
		break;
	case MODEM_EV_BEARER:
		p->n_bearer++;
		tw_strset(p->bearer, sizeof(p->bearer), ev->text);
		break;
	case MODEM_EV_TROUBLE:
		p->n_trouble++;
		tw_strset(p->trouble, sizeof(p->trouble), ev->text);
		break;
	case MODEM_EV_SIGNAL:
	case MODEM_EV_NETWORK:
		break;
	}
}

static inline bool play_pull(struct play *p)
{
	struct modem_event ev;
	bool any = false;

	while (modem_next(p->m, &ev)) {
		play_event(p, &ev);
		any = true;
	}
	return any;
}

/* ---- time ---------------------------------------------------------------------------------- */

static inline bool play_take_output(struct play *p)
{
	const uint8_t *bytes;
	size_t n = modem_output(p->m, &bytes);
	char copy[2048];

	if (!n || !p->plugged)
		return false;
	if (n > sizeof(copy))
		n = sizeof(copy);
	if (p->cut_to && p->bytes_to + n >= p->cut_to)
		n = (size_t)(p->cut_to - p->bytes_to);
	memcpy(copy, bytes, n);
	modem_written(p->m, n, p->now);
	for (size_t i = 0; i < n; i++)
		play_octet(p, copy[i]);
	p->bytes_to += n;
	if (p->cut_to && p->bytes_to >= p->cut_to) {
		p->cut_to = 0;
		play_close(p);
	}
	return true;
}

static inline bool play_deliver(struct play *p)
{
	struct play_later *l = &p->later[p->later_head];
	bool is_cut = false;
	size_t n;

	if (!p->plugged || !p->later_n || l->at > p->now.ms)
		return false;
	n = l->n;
	if (p->cut_from && p->bytes_from + n >= p->cut_from) {
		n = (size_t)(p->cut_from - p->bytes_from);
		is_cut = true;
	}
	p->bytes_from += n;
	p->later_head = (p->later_head + 1) % PLAY_LATER;
	p->later_n--;
	if (p->first_ok < 0 && n >= 4 && !memcmp(l->bytes + n - 4, "OK\r\n", 4))
		p->first_ok = p->now.ms;
	modem_on_bytes(p->m, l->bytes, n, p->now);
	if (is_cut) {
		p->cut_from = 0;
		play_close(p);
	}
	return true;
}

/* Everything that happens at this instant. */
static inline void play_settle(struct play *p)
{
	bool any;
	int left = 10000;

	do {
		any = play_take_output(p);
		any = play_deliver(p) || any;
		any = play_pull(p) || any;
		if (modem_deadline(p->m).ms <= p->now.ms) {
			modem_tick(p->m, p->now);
			any = true;
		}
		modem_check(p->m);
		ck_assert_int_gt(left--, 0);
	} while (any);
}

static inline void play_advance(struct play *p, int64_t end)
{
	int64_t next = end, due = modem_deadline(p->m).ms;

	if (due < next)
		next = due;
	if (p->plugged && p->later_n && p->later[p->later_head].at < next)
		next = p->later[p->later_head].at;
	if (next > p->now.ms)
		p->now.ms = next;
	modem_tick(p->m, p->now);
}

static inline bool play_until(struct play *p, bool (*what)(struct play *p), int64_t ms)
{
	int64_t end = p->now.ms + ms;

	for (;;) {
		play_settle(p);
		if (what && what(p))
			return true;
		if (p->now.ms >= end)
			return false;
		play_advance(p, end);
	}
}

static inline void play_run(struct play *p, int64_t ms)
{
	play_until(p, NULL, ms);
}

static inline bool play_is_ready(struct play *p) { return p->state == MODEM_READY; }
static inline bool play_has_result(struct play *p) { return p->n_result > 0; }
static inline bool play_has_text(struct play *p) { return p->n_in > 0; }

static inline void play_to_ready(struct play *p)
{
	play_open(p);
	if (!play_until(p, play_is_ready, 30000)) {
		struct tw_buf b = { 0 };

		modem_trace(p->m, &b);
		ck_abort_msg("not ready: %s\n%s", p->state_log, tw_buf_str(&b));
	}
	play_run(p, 1000);
	p->n_log = 0;
	p->state_log[0] = 0;
}

static inline int play_count(const struct play *p, const char *start)
{
	int n = 0;

	for (int i = 0; i < p->n_log; i++)
		n += !strncmp(p->log[i], start, strlen(start));
	return n;
}

static inline int play_at(const struct play *p, const char *start)
{
	for (int i = 0; i < p->n_log; i++)
		if (!strncmp(p->log[i], start, strlen(start)))
			return i;
	return -1;
}

static inline int play_send(struct play *p, uint64_t id, const char *pdu, bool more)
{
	struct modem_send s = { .id = id, .hex = pdu, .length = play_tpdu_length(pdu), .more = more };

	return modem_send(p->m, &s, p->now);
}

/* PDUs that are well formed: two texts, a report, a submit. */
#define PLAY_PDU_A "07913366003051F5040B913336990801F100005180719120348004D4F29C0E"
#define PLAY_PDU_B "0791198904100161240C911955555510100000511090718303220BC8B4421164A7C7659010"
#define PLAY_REPORT "07913366003051F5064E0B913336990801F15180719120348051807191203480" "00"
#define PLAY_SUBMIT "0011000B913336990801F10000AA04D4F29C0E"

static inline int play_main(const char *name, void (*add)(TCase *t))
{
	Suite *s = suite_create(name);
	TCase *t = tcase_create(name);
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 100);
	add(t);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}

#endif
