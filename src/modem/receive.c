/* Texts and reports that come in: read from a slot, or delivered directly and acknowledged. */
#include "internal.h"

enum {
	SECOND = 1000,
	READ_LIMIT = 10 * SECOND,
	DELETE_LIMIT = 25 * SECOND,
	ACK_LIMIT = 5 * SECOND,
	READ_AGAIN = 500,	/* announced, but not there yet: some need half a second */
	READ_TRIES = 3,
	SAME_DAMAGE = 3,	/* so often the same: it is no fault of the line */
	DELETE_TRIES = 3,
	OWED_LIMIT = 12 * SECOND,	/* TR2M is 12 to 20 s: later the network has given up */
	GIVEN_UP = 21 * SECOND	/* … and the module has stopped delivering */
};

static void hand_out(struct modem *m, const char *pdu, size_t n, int length, struct area *a,
		     int slot, uint64_t token)
{
	struct event *e = event_push(m, MODEM_EV_INBOUND);
	struct modem_inbound *in = &e->ev.inbound;

	tw_strsetn(e->text, sizeof(e->text), pdu, n);
	in->hex_n = strlen(e->text);
	in->length = length;
	in->token = token;
	in->is_direct = !a;
	if (a) {
		memcpy(in->storage, a->name, sizeof(in->storage));
		in->slot = slot;
	}
}

/* ---- reading ------------------------------------------------------------------------------- */

/* Octets behind the SMSC field, as far as the PDU tells: those that follow it. */
static int octets_behind_smsc(const char *pdu, size_t n)
{
	unsigned smsc;

	if (n < 2 || sscanf(pdu, "%2x", &smsc) != 1)
		return -1;
	return (int)(n / 2) - 1 - (int)smsc;
}

/* `+CMGR: 1,,27`, `0,"",50`, `,27`, `1,"Bob",27,0`, `+CMT: 27`, `+CDS: ,25`: the length is the
 * field that fits the PDU, else the last number. */
int receive_length(const char *line, const char *prefix, const char *pdu, size_t n, int *ret_stat)
{
	int value, last = -1, count = 0, fits = octets_behind_smsc(pdu, n);
	struct at_fields f;

	*ret_stat = -1;
	if (!at_fields_begin(&f, line, prefix))
		return -1;
	while (at_fields_more(&f)) {
		bool is_first = count++ == 0;

		if (!at_fields_int(&f, &value))
			continue;
		if (is_first && at_fields_more(&f))
			*ret_stat = value;
		else if (value == fits && value > 0)
			return value;
		last = value;
	}
	return last;
}

static void read_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	int stat;

	(void)now;
	if (m->got_pdu)
		return;
	if (!ev->pdu || !ev->pdu_n) {
		m->pdu_length = receive_length(ev->line, "+CMGR", "", 0, &stat);
		return;
	}
	tw_strsetn(m->pdu, sizeof(m->pdu), ev->pdu, ev->pdu_n);
	m->got_pdu = true;
	m->pdu_length = receive_length(ev->line, "+CMGR", m->pdu, strlen(m->pdu), &stat);
	m->pdu_is_own = storage_is_own(stat, m->pdu, strlen(m->pdu));
	trace_pdu(m, '<', m->pdu, strlen(m->pdu));
}

/* 27.005 3.2.5: 321 invalid memory index; 27.007 9.2: 21 invalid index, 22 not found. */
static bool is_nothing_there(const struct at_event *ev)
{
	return ev->result == AT_OK || (ev->result == AT_CMS && ev->code == 321) ||
	       (ev->result == AT_CME && (ev->code == 21 || ev->code == 22));
}

/* What the line damaged, or an unsolicited line has cut in two: the PDU is not what its header
 * tells (27.005 3.1: <length> counts the octets behind the SMSC field). */
static bool is_damaged(const struct modem *m, const char *pdu, size_t n, int length)
{
	if (n % 2 || length < 0)
		return true;
	if (m->no_smsc_field && (size_t)length == n / 2)
		return false;
	return octets_behind_smsc(pdu, n) != length;
}

/* The same again and again is how it lies there, or how this modem prints: it is handed over as it
 * is; whether it can be decoded is not for us to say. */
static void believe(struct modem *m, size_t n, int length)
{
	if (n % 2 == 0 && length > 0 && (size_t)length == n / 2)
		m->no_smsc_field = true;
}

/* Whether a damaged PDU is to be read once more: at once, and behind a pause when it is damaged in
 * another way than the time before. */
static bool read_once_more(struct modem *m, struct area *a, int slot, struct mono_ms now)
{
	struct slot *s = &a->slots[slot];
	size_t n = strlen(m->pdu);
	uint32_t hash = (uint32_t)tw_hash64(m->pdu, n) ^ (uint32_t)m->pdu_length;

	if (!is_damaged(m, m->pdu, n, m->pdu_length))
		return false;
	if (s->doubts && s->doubt_hash != hash) {
		s->doubts = 1;
		s->doubt_hash = hash;
		slot_later(m, a, slot, SLOT_LATER, now);
		return true;
	}
	s->doubt_hash = hash;
	if (++s->doubts < SAME_DAMAGE)
		return true;
	believe(m, n, m->pdu_length);
	return false;
}

static void read_failed(struct modem *m, struct area *a, int slot, const struct at_event *ev,
			struct mono_ms now)
{
	struct slot *s = &a->slots[slot];

	if (is_nothing_there(ev) && s->announced && s->tries < READ_TRIES) {
		s->tries++;
		s->retry = mono_after(now, READ_AGAIN);
		storage_set_timer(m);
	} else if (is_nothing_there(ev) && !(ev->result == AT_OK && m->pdu_length > 0)) {
		slot_empty(a, slot);
	} else {	/* refused, or a header that tells of a PDU which the line has eaten */
		slot_later(m, a, slot, SLOT_LATER, now);
	}
}

static void read_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	struct area *a = &m->areas[m->job_area];
	int slot = m->job_slot;
	struct slot *s = &a->slots[slot];

	m->job_area = m->job_slot = -1;
	if (ev->result != AT_OK || !m->got_pdu) {
		read_failed(m, a, slot, ev, now);
		return;
	}
	if (read_once_more(m, a, slot, now))
		return;
	if (m->pdu_is_own) {
		slot_move(a, slot, SLOT_OWN);
		return;
	}
	if (s->state == SLOT_PROBE && a->hidden)
		a->hidden--;
	slot_move(a, slot, SLOT_HANDED);
	s->token = ++m->next_token;
	s->doubts = 0;
	hand_out(m, m->pdu, strlen(m->pdu), m->pdu_length, a, slot, s->token);
}

static bool build_read(struct modem *m, char *out)
{
	m->got_pdu = m->pdu_is_own = false;
	m->pdu_length = -1;
	snprintf(out, AT_COMMAND_MAX, "AT+CMGR=%d", m->job_slot);
	return true;
}

const struct job job_read = { .name = "AT+CMGR=", .build = build_read, .prefix = "+CMGR:",
	.shape = AT_PDU_LINES, .limit_ms = READ_LIMIT, .line = read_line, .done = read_done };

/* ---- deleting ------------------------------------------------------------------------------ */

static void delete_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	struct area *a = &m->areas[m->job_area];
	int slot = m->job_slot;
	struct slot *s = &a->slots[slot];
	bool again = s->again;

	m->job_area = m->job_slot = -1;
	s->again = false;
	if (is_nothing_there(ev)) {
		slot_empty(a, slot);
		if (a->used > 0)
			a->used--;
		if (a == &m->areas[0])
			m->facts.storage_used = a->used > 0 ? a->used : 0;
		if (again)
			storage_announce(m, a->name, slot, now);
	} else if (ev->result == AT_TIMEOUT || s->tries >= DELETE_TRIES) {
		/* Nobody knows what is there now: it is read before anything else. */
		slot_later(m, a, slot, SLOT_LATER, now);
	} else {
		slot_later(m, a, slot, SLOT_TO_DELETE, now);
	}
}

static bool build_delete(struct modem *m, char *out)
{
	snprintf(out, AT_COMMAND_MAX, "AT+CMGD=%d", m->job_slot);
	return true;
}

const struct job job_delete = { .name = "AT+CMGD=", .build = build_delete,
	.limit_ms = DELETE_LIMIT, .done = delete_done };

bool receive_give(struct modem *m, const struct job *j, int area, int slot, struct mono_ms now)
{
	if (m->mem1 != area)
		return setup_give_select(m, area, now);
	m->job_area = area;
	m->job_slot = slot;
	return job_give(m, j, now);
}

/* ---- direct -------------------------------------------------------------------------------- */

/* Whether the modem waits for AT+CNMA (27.005 3.4.4: service 1). */
static bool wants_ack(const struct modem *m, bool is_report)
{
	return m->facts.is_direct && m->board->csms && (!is_report || m->board->report_ack) &&
	       m->board->ack != BOARD_ACK_NONE;
}

static void owe(struct modem *m, uint64_t token, enum owed_state state, struct mono_ms now)
{
	if (m->n_owed == OWED_MAX)
		return;
	m->owed[m->n_owed++] = (struct owed){ token, state };
	if (m->n_owed == 1)
		timer_set(m, T_OWED, OWED_LIMIT, now);
}

/* Times that this damaged text has come, this one included. Other texts may come in between. */
static unsigned count_damage(struct modem *m, const char *pdu, size_t n, int length)
{
	uint64_t hash = tw_hash64(pdu, n) ^ (uint64_t)(unsigned)length;

	for (int i = 0; i < DAMAGES_MAX; i++)
		if (m->damages[i].times && m->damages[i].hash == hash)
			return ++m->damages[i].times;
	m->damages[m->damages_at++ % DAMAGES_MAX] = (struct damage){ hash, 1 };
	return 1;
}

/* Damaged, or a header whose PDU never came: the network keeps it and sends it again, unless it
 * comes the same each time. */
static bool refuse_damaged(struct modem *m, const struct at_event *ev, uint64_t token, int length,
			   struct mono_ms now)
{
	if (ev->pdu_n && !is_damaged(m, ev->pdu, ev->pdu_n, length))
		return false;
	if (ev->pdu_n && count_damage(m, ev->pdu, ev->pdu_n, length) >= SAME_DAMAGE) {
		believe(m, ev->pdu_n, length);
		return false;
	}
	event_trouble(m, "a text came damaged and was refused: it will come again");
	owe(m, token, OWED_NACK, now);
	return true;
}

void receive_direct(struct modem *m, const struct at_event *ev, bool is_report, struct mono_ms now)
{
	const char *pdu = ev->pdu ? ev->pdu : "";
	bool is_owed = wants_ack(m, is_report);
	uint64_t token = ++m->next_token;
	int stat, length;

	length = receive_length(ev->line, is_report ? "+CDS" : "+CMT", pdu, ev->pdu_n, &stat);
	if (ev->pdu_n)
		trace_pdu(m, '<', pdu, ev->pdu_n);
	if (is_owed ? refuse_damaged(m, ev, token, length, now) : !ev->pdu_n)
		return;
	hand_out(m, pdu, ev->pdu_n, length, NULL, -1, token);
	if (!m->facts.is_direct && !is_report)
		m->want_cnmi_check = true;	/* stored delivery was set: is it still? */
	if (is_owed)
		owe(m, token, OWED_WAITING, now);
}

bool receive_owes(const struct modem *m)
{
	return m->n_owed > 0;
}

bool receive_has_answer(const struct modem *m)
{
	return m->n_owed && m->owed[0].state != OWED_WAITING;
}

void receive_forget_owed(struct modem *m)
{
	m->n_owed = 0;
	timer_stop(m, T_OWED);
}

/* The modem has stopped delivering, or will (27.005 3.4.1: mt and ds go to 0): set it up again. */
static void deliver_again(struct modem *m)
{
	setup_again(m);
}

static void drop_owed(struct modem *m, struct mono_ms now)
{
	if (!m->n_owed)
		return;
	m->n_owed--;
	memmove(m->owed, m->owed + 1, m->n_owed * sizeof(m->owed[0]));
	if (m->n_owed)
		timer_set(m, T_OWED, OWED_LIMIT, now);
	else
		timer_stop(m, T_OWED);
}

void receive_on_overdue(struct modem *m, struct mono_ms now)
{
	if (receive_has_answer(m)) {	/* decided: it only waits for the command in flight */
		timer_set(m, T_OWED, OWED_LIMIT, now);
		return;
	}
	drop_owed(m, now);
	event_trouble(m, "a text was not acknowledged in time: it will come again");
	deliver_again(m);
}

static bool build_answer(struct modem *m, char *out)
{
	static const char *const forms[] = {	/* by enum board_ack; 27.005 3.4.4 */
		"AT+CNMA=0", "AT+CNMA", "AT+CNMA=0", "AT+CNMA=1", "AT+CNMA=2"
	};
	bool is_ack = m->owed[0].state == OWED_ACK;

	strcpy(out, forms[is_ack ? m->board->ack : m->board->nack]);
	return true;
}

/* Anything but OK and it may be deaf now. 340, it did not wait for one: its service is no longer
 * ours, or the line has doubled a text; nobody can tell which. */
static void answer_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	bool was_ack = m->n_owed && m->owed[0].state == OWED_ACK;

	drop_owed(m, now);
	if (ev->result == AT_CMS && ev->code == 340)
		m->unexpected_acks++;
	if (ev->result != AT_OK || !was_ack)
		deliver_again(m);
}

const struct job job_acknowledge = { .name = "AT+CNMA", .build = build_answer,
	.limit_ms = ACK_LIMIT, .done = answer_done };

bool receive_give_answer(struct modem *m, struct mono_ms now)
{
	while (receive_has_answer(m)) {
		if (m->owed[0].state == OWED_ACK || m->board->nack != BOARD_ACK_NONE)
			return job_give(m, &job_acknowledge, now);
		/* No way to refuse: silence is the refusal. Delivery is set up again, and looked at
		 * when the module has given up waiting and may have switched it off. */
		drop_owed(m, now);
		deliver_again(m);
		timer_set(m, T_CHECK, GIVEN_UP, now);
	}
	return false;
}

/* ---- the owner's answer -------------------------------------------------------------------- */

static struct owed *find_owed(struct modem *m, uint64_t token)
{
	for (unsigned i = 0; i < m->n_owed; i++)
		if (m->owed[i].token == token)
			return &m->owed[i];
	return NULL;
}

void modem_acknowledge(struct modem *m, uint64_t token, struct mono_ms now)
{
	struct owed *o = find_owed(m, token);
	struct area *a;
	int slot;

	m->now = now;
	if (o) {
		o->state = OWED_ACK;
		modem_pump(m, now);
	} else if (storage_find_token(m, token, &a, &slot)) {
		a->slots[slot].tries = 0;
		a->slots[slot].retry = (struct mono_ms){ 0 };
		slot_move(a, slot, SLOT_TO_DELETE);
		/* Not at once: the reply that may be given in the same turn goes first. */
		timer_set(m, T_PUMP, 0, now);
	}
}

void modem_refuse(struct modem *m, uint64_t token, struct mono_ms now)
{
	struct owed *o = find_owed(m, token);
	struct area *a;
	int slot;

	m->now = now;
	if (o) {
		o->state = OWED_NACK;
		modem_pump(m, now);
	} else if (storage_find_token(m, token, &a, &slot)) {
		slot_later(m, a, slot, SLOT_LATER, now);
	}
}
