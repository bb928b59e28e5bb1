#include "fake_bank.h"

#include <stdio.h>

struct bank *fake_bank_new(void)
{
	struct bank *b = tw_zalloc(sizeof(*b));

	b->next_token = 1;
	return b;
}

void fake_bank_free(struct bank *b)
{
	for (size_t i = 0; i < b->n_events; i++)
		free(b->hexes[i]);
	free(b->hexes);
	free(b->events);
	free(b);
}

static struct tw_handle handle_of(const struct bank *b, int modem)
{
	return (struct tw_handle){ (uint32_t)modem, b->modems[modem].generation };
}

static struct fake_modem *modem_of(const struct bank *b, struct tw_handle h)
{
	const struct fake_modem *m = h.slot < FAKE_MODEMS ? &b->modems[h.slot] : NULL;

	return m && m->generation == h.generation && h.generation ? (struct fake_modem *)(uintptr_t)m
								  : NULL;
}

void fake_event(struct bank *b, int modem, struct modem_event ev)
{
	if (b->n_events == b->cap_events) {
		b->cap_events = b->cap_events ? b->cap_events * 2 : 64;
		b->events = tw_realloc(b->events, b->cap_events * sizeof(*b->events));
		b->hexes = tw_realloc(b->hexes, b->cap_events * sizeof(*b->hexes));
	}
	char *hex = ev.inbound.hex ? tw_strdup(ev.inbound.hex) : NULL;

	ev.inbound.hex = hex;
	b->hexes[b->n_events] = hex;
	b->events[b->n_events++] = (struct bank_event){ handle_of(b, modem), ev };
}

int fake_modem_add(struct bank *b, const char *iccid, const char *number, const char *account)
{
	int i = 0;

	while (b->modems[i].is_there)
		i++;
	struct fake_modem *m = &b->modems[i];

	m->is_there = true;
	m->generation = (uint32_t)i + 1;
	m->facts.state = MODEM_READY;
	tw_strset(m->facts.iccid, sizeof(m->facts.iccid), iccid);
	strcpy(m->facts.imsi, "234150000000001");
	tw_strset(m->number, sizeof(m->number), number);
	tw_strset(m->account, sizeof(m->account), account);
	snprintf(m->name, sizeof(m->name), "m%d", i);
	snprintf(m->port, sizeof(m->port), "/dev/fake%d", i);
	fake_event(b, i, (struct modem_event){ .type = MODEM_EV_SIM });
	return i;
}

static void drop_events(struct bank *b)
{
	for (size_t i = 0; i < b->n_events; i++)
		free(b->hexes[i]);
	b->n_events = b->at_event = 0;
}

void fake_bank_crash(struct bank *b)
{
	drop_events(b);
	b->idle_at = 0;
	b->n_remembered = 0;
	for (int i = 0; i < FAKE_MODEMS; i++) {
		struct fake_modem *m = &b->modems[i];

		m->is_reserved = false;
		m->sending = 0;
		for (int k = 0; k < FAKE_SLOTS; k++)
			m->slots[k].token = 0;
		if (!m->is_there)
			continue;
		fake_event(b, i, (struct modem_event){ .type = MODEM_EV_SIM });
		fake_read_again(b, i);
	}
}

void fake_unplug(struct bank *b, int modem)
{
	struct fake_modem *m = &b->modems[modem];

	if (m->sending)
		fake_doubt(b, modem, false);
	m->facts.state = MODEM_ABSENT;
	m->is_reserved = false;
}

void fake_plug(struct bank *b, int modem)
{
	b->modems[modem].facts.state = MODEM_READY;
	fake_event(b, modem, (struct modem_event){ .type = MODEM_EV_SIM });
	fake_event(b, modem, (struct modem_event){ .type = MODEM_EV_STATE, .state = MODEM_READY });
}

/* ---- inbound ------------------------------------------------------------------------------- */

static void tell_slot(struct bank *b, int modem, int slot)
{
	struct fake_slot *s = &b->modems[modem].slots[slot];

	s->token = b->next_token++;
	fake_event(b, modem, (struct modem_event){
		.type = MODEM_EV_INBOUND,
		.inbound = { .token = s->token, .hex = s->hex, .hex_n = strlen(s->hex),
			     .length = s->length, .storage = "SM", .slot = slot } });
}

void fake_hex(struct bank *b, int modem, const char *hex, int length)
{
	struct fake_modem *m = &b->modems[modem];

	for (int i = 0; i < FAKE_SLOTS; i++) {
		if (m->slots[i].used)
			continue;
		m->slots[i] = (struct fake_slot){ .used = true, .length = length };
		tw_strset(m->slots[i].hex, sizeof(m->slots[i].hex), hex);
		tell_slot(b, modem, i);
		return;
	}
	b->law = "the SIM is full";
}

void fake_direct(struct bank *b, int modem, const char *hex, int length)
{
	fake_event(b, modem, (struct modem_event){
		.type = MODEM_EV_INBOUND,
		.inbound = { .token = b->next_token++, .hex = hex, .hex_n = strlen(hex),
			     .length = length, .is_direct = true, .storage = "", .slot = -1 } });
}

void fake_read_again(struct bank *b, int modem)
{
	for (int i = 0; i < FAKE_SLOTS; i++)
		if (b->modems[modem].slots[i].used)
			tell_slot(b, modem, i);
}

int fake_on_sim(const struct bank *b, int modem)
{
	int n = 0;

	for (int i = 0; i < FAKE_SLOTS; i++)
		n += b->modems[modem].slots[i].used;
	return n;
}

static void deliver(struct bank *b, int modem, const char *from, const struct sms_ud *ud,
		    struct wall_ms scts)
{
	uint8_t octets[SMS_PDU_MAX];
	char hex[2 * SMS_PDU_MAX + 1];
	size_t n, tpdu_n;
	struct sms_fault fault;
	struct sms_deliver d = { .from = from, .smsc = "+447785016005", .ud = ud,
				 .scts = sms_time_from(scts, 0) };

	if (!scts.ms)
		d.scts.month = 13;
	if (sms_deliver_encode(&d, octets, sizeof(octets), &n, &tpdu_n, &fault) < 0) {
		b->law = "a text of the test cannot be encoded";
		return;
	}
	tw_hex_write(octets, n, hex, true);
	fake_hex(b, modem, hex, (int)tpdu_n);
}

void fake_text(struct bank *b, int modem, const char *from, const char *text, struct wall_ms scts)
{
	fake_octets(b, modem, from, text, strlen(text), scts);
}

void fake_octets(struct bank *b, int modem, const char *from, const char *text, size_t n,
		 struct wall_ms scts)
{
	struct sms_options options = { .encoding = -1, .message_class = -1 };
	struct sms_form form;
	struct sms_fault fault;
	struct sms_ud ud;

	sms_choose_form(text, n, &options, &form, &fault);
	sms_split_one(text, n, &form, &options, 0, 1, &ud);
	deliver(b, modem, from, &ud, scts);
}

/* text is cut in equal thirds by the caller; here each is one segment with a header of its own. */
void fake_part(struct bank *b, int modem, const char *from, const char *text, struct wall_ms scts,
	       int ref, int total, int seq)
{
	struct sms_ud ud = { .has_header = true, .dcs = 8 };
	const char *p = text, *end = text + strlen(text);
	size_t n = 6;

	memcpy(ud.octets, (uint8_t[]){ 5, 0, 3, (uint8_t)ref, (uint8_t)total, (uint8_t)seq }, 6);
	while (p < end && n < 140) {
		int32_t c = tw_utf8_next(&p, end);

		ud.octets[n++] = (uint8_t)(c >> 8);
		ud.octets[n++] = (uint8_t)c;
	}
	ud.n = ud.udl = (uint8_t)n;
	deliver(b, modem, from, &ud, scts);
}

void fake_report(struct bank *b, int modem, const char *to, int ref, int status, struct wall_ms scts)
{
	uint8_t octets[SMS_PDU_MAX];
	char hex[2 * SMS_PDU_MAX + 1];
	size_t n, tpdu_n;
	struct sms_fault fault;
	struct sms_report r = { .to = to, .smsc = "", .ref = (uint8_t)ref, .status = (uint8_t)status,
				.scts = sms_time_from(scts, 0), .discharge = sms_time_from(scts, 0) };

	if (sms_report_encode(&r, octets, sizeof(octets), &n, &tpdu_n, &fault) < 0) {
		b->law = "a report of the test cannot be encoded";
		return;
	}
	tw_hex_write(octets, n, hex, true);
	fake_direct(b, modem, hex, (int)tpdu_n);
}

/* ---- sends --------------------------------------------------------------------------------- */

const struct fake_send *fake_sending(const struct bank *b, int modem)
{
	const struct fake_modem *m = &b->modems[modem];

	return m->sending ? &b->sends[m->sending_at] : NULL;
}

static void finish(struct bank *b, int modem, struct modem_sent sent)
{
	struct fake_modem *m = &b->modems[modem];

	if (!m->sending) {
		b->law = "the test ends a send that is not";
		return;
	}
	sent.id = m->sending;
	m->sending = 0;
	m->is_reserved = false;
	fake_event(b, modem, (struct modem_event){ .type = MODEM_EV_SENT, .sent = sent });
}

void fake_sent(struct bank *b, int modem)
{
	struct fake_modem *m = &b->modems[modem];
	struct fake_send *s = &b->sends[m->sending_at];

	s->accepted = true;
	s->ref = m->next_ref++ & 0xff;
	finish(b, modem, (struct modem_sent){ .outcome = MODEM_OUT_SENT, .ref = s->ref });
}

void fake_not_sent(struct bank *b, int modem, enum reaction reaction, const char *cause)
{
	struct modem_sent sent = { .outcome = MODEM_OUT_NOT_SENT, .ref = -1, .reaction = reaction };

	tw_strset(sent.cause, sizeof(sent.cause), cause);
	finish(b, modem, sent);
}

void fake_doubt(struct bank *b, int modem, bool accepted)
{
	struct fake_modem *m = &b->modems[modem];

	b->sends[m->sending_at].accepted = accepted;
	if (accepted)
		b->sends[m->sending_at].ref = m->next_ref++ & 0xff;
	finish(b, modem, (struct modem_sent){ .outcome = MODEM_OUT_DOUBT, .ref = -1,
					      .reaction = REACT_DOUBT, .cause = "no answer" });
}

/* ---- what the exchange calls --------------------------------------------------------------- */

void bank_tick(struct bank *b, struct tw_now now)
{
	b->now = now;
}

struct mono_ms bank_deadline(const struct bank *b)
{
	return b->at_event < b->n_events ? (struct mono_ms){ 0 } : MONO_NEVER;
}

size_t bank_heard(struct bank *b)
{
	size_t n = b->heard;

	b->heard = 0;
	return n;
}

static void must_be_on_disk(struct bank *b, const char *what)
{
	if (b->store && store_is_dirty(b->store) && !b->law)
		b->law = what;
}

void bank_flush(struct bank *b, struct tw_now now)
{
	(void)now;
	for (int i = 0; i < FAKE_MODEMS; i++)
		if (b->modems[i].prompts && --b->modems[i].prompts == 0)
			must_be_on_disk(b, "a send left before its attempt was on disk");
}

bool bank_next(struct bank *b, struct bank_event *ret)
{
	if (b->at_event == b->n_events) {
		drop_events(b);
		return false;
	}
	*ret = b->events[b->at_event++];
	return true;
}

static void fill(const struct bank *b, const struct fake_modem *m, struct bank_modem *ret)
{
	*ret = (struct bank_modem){
		.handle = handle_of(b, (int)(m - b->modems)), .name = m->name, .port = m->port, .key = m->name,
		.facts = &m->facts, .state = m->is_stranger ? MODEM_STRANGER : m->facts.state,
		.number = m->number, .account = m->account, .report = true,
		.last_error = m->trouble ? m->trouble : "" };
}

bool bank_modem(const struct bank *b, struct tw_handle h, struct bank_modem *ret)
{
	struct fake_modem *m = modem_of(b, h);

	if (m)
		fill(b, m, ret);
	return m != NULL;
}

bool bank_each(const struct bank *b, size_t *cursor, struct bank_modem *ret)
{
	while (*cursor < FAKE_MODEMS && !b->modems[*cursor].is_there)
		(*cursor)++;
	if (*cursor == FAKE_MODEMS)
		return false;
	fill(b, &b->modems[(*cursor)++], ret);
	return true;
}

bool bank_find(const struct bank *b, const char *called, struct bank_modem *ret)
{
	size_t cursor = 0;

	while (bank_each(b, &cursor, ret))
		if (strcmp(ret->name, called) == 0 || strcmp(ret->number, called) == 0)
			return true;
	return false;
}

bool bank_find_number(const struct bank *b, const char *number, struct bank_modem *ret)
{
	size_t cursor = 0;

	while (bank_each(b, &cursor, ret))
		if (strcmp(ret->number, number) == 0 && ret->facts->state == MODEM_READY)
			return true;
	return false;
}

const char *bank_country(const struct bank *b, struct tw_handle h)
{
	(void)b;
	(void)h;
	return "GB";
}

void bank_refresh(struct bank *b, struct tw_handle h, const char *why, struct tw_now now)
{
	(void)h, (void)why, (void)now;
	b->refreshes++;
}

void bank_learn_number(struct bank *b, struct tw_handle h, const char *number)
{
	tw_strset(b->modems[h.slot].number, sizeof(b->modems[0].number), number);
}

void bank_remember_bearer(struct bank *b, const char *operator_, const char *command)
{
	snprintf(b->bearer, sizeof(b->bearer), "%s %s", operator_, command);
}

void bank_remember_sim(struct bank *b, const char *iccid, const char *number, const char *port)
{
	(void)number;
	(void)port;
	if (b->n_remembered < TW_COUNT(b->remembered))
		tw_strset(b->remembered[b->n_remembered++], sizeof(b->remembered[0]), iccid);
}

void bank_remember_pin(struct bank *b, const char *sim_or_imei, const uint8_t pin_hash[32])
{
	(void)pin_hash;
	bank_remember_sim(b, sim_or_imei, "", "");
}

const char *bank_pin_for(struct bank *b, struct tw_handle h, int tries_left, uint8_t ret_hash[32],
			 const char **ret_identity, const char **ret_why_not)
{
	struct fake_modem *m = modem_of(b, h);

	if (!b->pin || tries_left < 3) {
		*ret_why_not = "no PIN is configured";
		return NULL;
	}
	tw_sha256(b->pin, strlen(b->pin), ret_hash);
	*ret_identity = m->facts.iccid;
	return b->pin;
}

void bank_pin_go(struct bank *b, struct tw_handle h, struct tw_now now)
{
	(void)now;
	must_be_on_disk(b, "a PIN left before its row was on disk");
	modem_of(b, h)->pins_sent++;
}

void bank_pin_deny(struct bank *b, struct tw_handle h, struct tw_now now)
{
	(void)now;
	modem_of(b, h)->pins_denied++;
}

bool bank_pin_opened(struct bank *b, struct tw_handle h, uint8_t ret_hash[32],
		     const char **ret_identity)
{
	struct fake_modem *m = modem_of(b, h);

	if (!m->opened_by_pin)
		return false;
	tw_sha256(b->pin, strlen(b->pin), ret_hash);
	*ret_identity = m->facts.iccid;
	return true;
}

bool bank_sim_decide(struct bank *b, struct tw_handle h, struct tw_now now)
{
	(void)now;
	return !modem_of(b, h)->is_stranger;
}

void bank_remember_seat(struct bank *b, const char *key, const struct bank_seat *seat)
{
	(void)b, (void)key, (void)seat;
}

bool bank_seat(const struct bank *b, struct tw_handle h, const char **ret_key, struct bank_seat *ret)
{
	struct fake_modem *m = modem_of(b, h);

	if (!m)
		return false;
	*ret = (struct bank_seat){ .is_paused = m->is_held };
	*ret_key = m->name;
	return true;
}

bool bank_seat_news(const struct bank *b, struct tw_handle h, const char **ret_key,
		    struct bank_seat *ret)
{
	(void)b, (void)h, (void)ret_key, (void)ret;
	return false;
}

void bank_seat_kept(struct bank *b, struct tw_handle h)
{
	(void)b, (void)h;
}

void bank_pause(struct bank *b, struct tw_handle h, bool paused, struct tw_now now)
{
	(void)now;
	modem_of(b, h)->is_held = paused;
}

void bank_accept(struct bank *b, struct tw_handle h, struct tw_now now)
{
	(void)now;
	modem_of(b, h)->is_stranger = false;
}

void bank_acknowledge(struct bank *b, struct tw_handle h, uint64_t token, struct tw_now now)
{
	struct fake_modem *m = modem_of(b, h);

	(void)now;
	must_be_on_disk(b, "acknowledged before the commit");
	if (!m)
		return;
	m->acks++;
	for (int i = 0; i < FAKE_SLOTS; i++) {
		if (!m->slots[i].used || m->slots[i].token != token)
			continue;
		m->slots[i] = (struct fake_slot){ 0 };
		fake_event(b, (int)h.slot, (struct modem_event){
			.type = MODEM_EV_SLOT_EMPTY, .inbound = { .storage = "SM", .slot = i } });
	}
}

void bank_refuse(struct bank *b, struct tw_handle h, uint64_t token, struct tw_now now)
{
	struct fake_modem *m = modem_of(b, h);

	(void)now;
	(void)token;
	if (m)
		m->refusals++;
}

void bank_idle_restart(struct bank *b)
{
	b->idle_at = 0;
}

static bool can_send(const struct fake_modem *m)
{
	return m->is_there && m->facts.state == MODEM_READY && !m->is_stranger && !m->is_reserved &&
	       !m->sending && !m->is_held;
}

bool bank_idle(struct bank *b, struct tw_handle *ret)
{
	while (b->idle_at < FAKE_MODEMS) {
		uint32_t i = b->idle_at++;

		if (!can_send(&b->modems[i]))
			continue;
		*ret = handle_of(b, (int)i);
		return true;
	}
	return false;
}

bool bank_can_send(const struct bank *b, struct tw_handle h)
{
	struct fake_modem *m = modem_of(b, h);

	return m && can_send(m);
}

void bank_reserve(struct bank *b, struct tw_handle h)
{
	struct fake_modem *m = modem_of(b, h);

	if (m->is_reserved && !b->law)
		b->law = "reserved twice";
	m->is_reserved = true;
}

void bank_unreserve(struct bank *b, struct tw_handle h)
{
	struct fake_modem *m = modem_of(b, h);

	if (m)
		m->is_reserved = false;
}

size_t bank_trace(const struct bank *b, struct tw_handle h, struct tw_buf *out)
{
	struct fake_modem *m = modem_of(b, h);

	if (m)
		tw_buf_addf(out, "> AT of %s\n< OK\n> AT+CMGS=20\n< +CMGS: 1\n< OK\n> AT+CSQ\n",
			    m->name);
	return m ? 6 : 0;
}

int bank_send(struct bank *b, struct tw_handle h, const struct modem_send *s, struct tw_now now)
{
	struct fake_modem *m = modem_of(b, h);
	struct sms_fault fault;

	if (!m || b->is_refusing)
		return TW_E_GONE;
	if (m->sending && !b->law)
		b->law = "two sends at once on a modem";
	if (b->n_sends == FAKE_SENDS)
		return TW_E_NOSPACE;
	struct fake_send *e = &b->sends[b->n_sends];

	*e = (struct fake_send){ .modem = (int)h.slot, .id = s->id, .more = s->more, .ref = -1,
				 .at = now.wall };
	if (sms_decode_hex(s->hex, strlen(s->hex), s->length, SMS_MO, &e->pdu, &fault) < 0 && !b->law)
		b->law = "a PDU that cannot be decoded";
	sms_body_text(&e->pdu.body, e->text, sizeof(e->text));
	m->sending = s->id;
	m->sending_at = b->n_sends++;
	/* The command leaves with the flush before the commit, the PDU behind the one at the turn's
	 * end. */
	m->prompts = b->store && store_is_dirty(b->store) ? 2 : 0;
	return 0;
}

bool bank_prompts(const struct bank *b, struct tw_handle h)
{
	return modem_of(b, h) != NULL;
}

/* Taken back at its prompt: nothing of it was ever sent. */
static void drop_send(struct bank *b, int modem)
{
	size_t at = b->modems[modem].sending_at;

	b->modems[modem].prompts = 0;
	b->prompts_dropped++;
	fake_not_sent(b, modem, REACT_NONE, "canceled");
	memmove(&b->sends[at], &b->sends[at + 1], (--b->n_sends - at) * sizeof(b->sends[0]));
	for (int i = 0; i < FAKE_MODEMS; i++)
		if (b->modems[i].sending && b->modems[i].sending_at > at)
			b->modems[i].sending_at--;
}

/* What its Ctrl-Z had not left yet is taken back. */
static int give_job(struct bank *b, struct tw_handle h, uint64_t id, const char *text, bool is_ussd,
		    bool is_answer)
{
	struct fake_modem *m = modem_of(b, h);

	if (!m || b->is_refusing)
		return TW_E_GONE;
	must_be_on_disk(b, "a job left before it was on disk as running");
	if (b->n_jobs == TW_COUNT(b->jobs))
		return TW_E_NOSPACE;
	b->jobs[b->n_jobs] = (struct fake_job){ .modem = (int)h.slot, .id = id, .is_ussd = is_ussd,
						.is_answer = is_answer };
	tw_strset(b->jobs[b->n_jobs++].text, sizeof(b->jobs->text), text);
	return 0;
}

int bank_command(struct bank *b, struct tw_handle h, uint64_t id, const char *command,
		 int64_t limit_ms, struct tw_now now)
{
	(void)limit_ms, (void)now;
	return give_job(b, h, id, command, false, false);
}

int bank_ussd(struct bank *b, struct tw_handle h, uint64_t id, const char *text, bool is_answer,
	      int64_t limit_ms, struct tw_now now)
{
	(void)limit_ms, (void)now;
	return give_job(b, h, id, text, true, is_answer);
}

void bank_ussd_end(struct bank *b, struct tw_handle h, struct tw_now now)
{
	(void)h, (void)now;
	b->ussd_ends++;
}

static void tell_text(struct bank *b, int modem, struct modem_event ev, const char *text)
{
	char *copy = tw_strdup(text);

	ev.text = copy;
	fake_event(b, modem, ev);
	free(b->hexes[b->n_events - 1]);
	b->hexes[b->n_events - 1] = copy;
}

void fake_job_ends(struct bank *b, int64_t number, const char *text)
{
	const struct fake_job *j = &b->jobs[b->n_jobs - 1];

	tell_text(b, j->modem, (struct modem_event){
		.type = j->is_ussd ? MODEM_EV_USSD : MODEM_EV_COMMAND, .id = j->id,
		.number = number }, text);
}

void fake_ussd(struct bank *b, int modem, const char *text)
{
	tell_text(b, modem, (struct modem_event){ .type = MODEM_EV_USSD }, text);
}

void bank_cancel_send(struct bank *b, struct tw_handle h, uint64_t id, struct tw_now now)
{
	struct fake_modem *m = modem_of(b, h);

	(void)now;
	if (m && m->sending == id && m->prompts) {
		drop_send(b, (int)h.slot);
		return;
	}
	b->cancels++;
	if (m && m->sending == id && m->is_busy)
		fake_not_sent(b, (int)h.slot, REACT_NONE, "canceled");
}
