/* Slots: what each holds as far as we know, and what is to be done with it. A slot is deleted only
 * if this session read from it what its owner has acknowledged; every doubt ends in reading it
 * again. */
#include "internal.h"

#include <assert.h>

enum {
	SECOND = 1000,
	LATER_FIRST = 5 * SECOND,
	LATER_LAST = 300 * SECOND,
	LIST_TRIES = 3,
	LIST_AGAIN = 2 * SECOND,
	UNKNOWN_TOTAL = 30	/* slots looked at one by one where +CPMS told no total */
};

bool slot_is_valid(int slot)
{
	return slot >= 0 && slot < SLOTS_MAX;
}

void slot_move(struct area *a, int slot, enum slot_state to)
{
	struct slot *s = &a->slots[slot];

	assert(slot_is_valid(slot));
	while (a->high <= slot) {
		a->high++;
		a->n[SLOT_UNKNOWN]++;
	}
	a->n[s->state]--;
	a->n[to]++;
	s->state = (uint8_t)to;
	if (to != SLOT_HANDED && to != SLOT_TO_DELETE)
		s->token = 0;
	if (to != SLOT_TO_READ)
		s->announced = false;
}

void slot_empty(struct area *a, int slot)
{
	struct slot *s = &a->slots[slot];
	bool is_news;

	is_news = s->state != SLOT_EMPTY;
	slot_move(a, slot, SLOT_EMPTY);
	s->tries = 0;
	s->again = false;
	s->doubts = 0;
	if (is_news && !s->tell_empty) {
		s->tell_empty = true;
		a->n_tell++;
	}
}

static void area_clear(struct area *a)
{
	memset(a->slots, 0, sizeof(a->slots[0]) * (size_t)a->high);
	memset(a->n, 0, sizeof(a->n));
	a->n_tell = 0;
	a->high = 0;
	a->used = a->total = -1;
	a->want_list = a->probed = a->list_broken = false;
	a->listed = a->hidden = a->list_tries = 0;
}

/* Tokens given out before find nothing any more. */
void storage_forget(struct modem *m)
{
	for (int i = 0; i < AREAS_MAX; i++) {
		area_clear(&m->areas[i]);
		m->areas[i].name[0] = 0;
	}
	m->mem1 = -1;
	m->job_area = m->job_slot = -1;
	timer_stop(m, T_SLOT);
}

void storage_drop_area(struct modem *m, int area)
{
	area_clear(&m->areas[area]);
	m->areas[area].name[0] = 0;
}

static bool is_storage_name(const char *name)
{
	return name[0] >= 'A' && name[0] <= 'Z' && name[1] >= 'A' && name[1] <= 'Z' && !name[2];
}

/* Nothing left to be done in it. */
static bool is_idle(const struct area *a)
{
	return !a->want_list && !a->n[SLOT_TO_READ] && !a->n[SLOT_HANDED] &&
	       !a->n[SLOT_TO_DELETE] && !a->n[SLOT_LATER] && !a->n[SLOT_PROBE] && !a->n_tell;
}

struct area *storage_area(struct modem *m, const char *name)
{
	struct area *a;

	for (int i = 0; i < AREAS_MAX; i++)
		if (m->areas[i].name[0] && !strcmp(m->areas[i].name, name))
			return &m->areas[i];
	for (int i = 1; i < AREAS_MAX; i++) {
		a = &m->areas[i];
		/* The second is kept for the profile's report storage. */
		if (i == 1 && m->board->report_storage[0] && strcmp(name, m->board->report_storage))
			continue;
		if (a->name[0] && !(i > 1 && is_idle(a) && m->mem1 != i))
			continue;
		area_clear(a);
		tw_strset(a->name, sizeof(a->name), name);
		return a;
	}
	return NULL;
}

static void announce_slot(struct modem *m, struct area *a, int slot)
{
	struct slot *s = &a->slots[slot];
	bool in_flight = m->job == &job_delete && &m->areas[m->job_area] == a &&
		m->job_slot == slot;

	if (in_flight) {
		s->again = true;	/* freed and filled anew before the OK was printed */
		return;
	}
	if (slot < a->high && s->state == SLOT_TO_READ)
		return;
	slot_move(a, slot, SLOT_TO_READ);
	s->order = ++m->next_order;
	s->tries = 0;
	s->doubts = 0;
	s->retry = (struct mono_ms){ 0 };
	s->announced = true;
}

/* The index of +CMTI is a hint, never the truth: it may be missing, -1, or of a memory that is not
 * the one we read from. Then the storage is listed. */
void storage_announce(struct modem *m, const char *name, int slot, struct mono_ms now)
{
	struct area *a = &m->areas[0];

	(void)now;
	if (name[0] && is_storage_name(name) && strcmp(name, a->name)) {
		/* MT is SM and ME seen as one: slots are those of either. */
		a = strcmp(name, "MT") ? storage_area(m, name) : NULL;
		if (!a) {
			storage_list_all(m);
			return;
		}
	}
	if (!a->name[0])
		return;
	if (slot_is_valid(slot))
		announce_slot(m, a, slot);
	else
		a->want_list = true;
}

/* Reports that were filed without a word. */
void storage_list_reports(struct modem *m)
{
	struct area *a;

	if (!m->board->report_storage[0] || m->no_report_storage)
		return;
	a = storage_area(m, m->board->report_storage);
	if (a)
		a->want_list = true;
}

static bool has_bit(uint32_t bits, size_t i)
{
	return i < 32 && bits & 1u << i;
}

/* Texts of an earlier set-up, or of another program, lie where nobody announces them. MT is all of
 * them seen as one. */
void storage_list_others(struct modem *m)
{
	const struct tw_strings *names = &m->board->storage;

	if (!m->areas[0].name[0] || !strcmp(m->areas[0].name, "MT"))
		return;
	for (size_t i = 0; i < names->n; i++) {
		struct area *a;

		if (has_bit(m->no_storage, i) || !is_storage_name(names->v[i]) ||
		    !strcmp(names->v[i], m->areas[0].name) || !strcmp(names->v[i], "MT"))
			continue;
		a = storage_area(m, names->v[i]);
		if (a)
			a->want_list = true;
	}
}

/* Not every modem has what its profile lists: then it is not asked for again. */
void storage_cannot_be_selected(struct modem *m, int area)
{
	const char *name = m->areas[area].name;
	bool is_listed = false;

	for (size_t i = 0; i < m->board->storage.n && i < 32; i++)
		if (!strcmp(m->board->storage.v[i], name)) {
			m->no_storage |= 1u << i;
			is_listed = true;
		}
	if (!is_listed)
		event_trouble(m, "storage %s cannot be looked into", name);
	if (!strcmp(name, m->board->report_storage))
		m->no_report_storage = true;
	storage_drop_area(m, area);
}

void storage_list_all(struct modem *m)
{
	if (m->areas[0].name[0])
		m->areas[0].want_list = true;
	storage_list_reports(m);
}

void storage_on_full(struct modem *m)
{
	event_trouble(m, "storage %s is full", m->areas[0].name);
	storage_list_all(m);
	storage_list_others(m);
}

bool storage_find_token(struct modem *m, uint64_t token, struct area **ret, int *ret_slot)
{
	for (int i = 0; token && i < AREAS_MAX; i++) {
		struct area *a = &m->areas[i];

		if (!a->n[SLOT_HANDED] && !a->n[SLOT_TO_DELETE])
			continue;
		for (int k = 0; k < a->high; k++)
			if (a->slots[k].token == token && a->slots[k].state == SLOT_HANDED) {
				*ret = a;
				*ret_slot = k;
				return true;
			}
	}
	return false;
}

/* ---- what is next -------------------------------------------------------------------------- */

static bool may_now(const struct slot *s, struct mono_ms now)
{
	return mono_due(s->retry, now);
}

bool storage_next(const struct modem *m, enum slot_state state, struct mono_ms now, int *ret_area,
		  int *ret_slot)
{
	uint32_t best = UINT32_MAX;
	bool found = false;

	for (int i = 0; i < AREAS_MAX; i++) {
		const struct area *a = &m->areas[i];

		if (!a->n[state])
			continue;
		for (int k = 0; k < a->high; k++) {
			const struct slot *s = &a->slots[k];

			if (s->state != state || s->order >= best || !may_now(s, now))
				continue;
			best = s->order;
			*ret_area = i;
			*ret_slot = k;
			found = true;
		}
	}
	return found;
}

unsigned storage_due(const struct modem *m, enum slot_state state, struct mono_ms now)
{
	unsigned n = 0;

	for (int i = 0; i < AREAS_MAX; i++) {
		const struct area *a = &m->areas[i];

		for (int k = 0; a->n[state] && k < a->high; k++)
			n += a->slots[k].state == state && may_now(&a->slots[k], now);
	}
	return n;
}

/* When the next slot that has to wait may be tried again. */
void storage_set_timer(struct modem *m)
{
	struct mono_ms next = MONO_NEVER;

	for (int i = 0; i < AREAS_MAX; i++) {
		const struct area *a = &m->areas[i];

		if (!a->n[SLOT_LATER] && !a->n[SLOT_TO_DELETE] && !a->n[SLOT_TO_READ])
			continue;
		for (int k = 0; k < a->high; k++) {
			const struct slot *s = &a->slots[k];
			bool waits = s->state == SLOT_LATER || s->state == SLOT_TO_DELETE ||
				     s->state == SLOT_TO_READ;

			if (waits && s->retry.ms > m->now.ms)
				next = mono_min(next, s->retry);
		}
	}
	m->timers[T_SLOT] = next;
}

void storage_on_timer(struct modem *m, struct mono_ms now)
{
	for (int i = 0; i < AREAS_MAX; i++) {
		struct area *a = &m->areas[i];

		for (int k = 0; a->n[SLOT_LATER] && k < a->high; k++)
			if (a->slots[k].state == SLOT_LATER && may_now(&a->slots[k], now))
				slot_move(a, k, SLOT_TO_READ);
	}
	storage_set_timer(m);
}

/* The pause grows from seconds to minutes: one bad slot never holds up the modem. */
void slot_later(struct modem *m, struct area *a, int slot, enum slot_state to, struct mono_ms now)
{
	struct slot *s = &a->slots[slot];
	int64_t pause = LATER_FIRST << (s->tries < 6 ? s->tries : 6);

	slot_move(a, slot, to);
	if (s->tries < 250)
		s->tries++;
	s->retry = mono_after(now, pause < LATER_LAST ? pause : LATER_LAST);
	storage_set_timer(m);
}

/* ---- counts -------------------------------------------------------------------------------- */

/* `+CPMS: 3,50,3,50,3,50` or `+CPMS: "SM",3,50,...`: used and total of mem1 come first. */
void storage_read_counts(struct modem *m, struct area *a, const char *line)
{
	struct at_fields f, first;
	int used, total;

	if (!at_fields_begin(&f, line, "+CPMS"))
		return;
	first = f;
	if (!at_fields_int(&f, &used)) {
		f = first;
		at_fields_skip(&f);
		if (!at_fields_int(&f, &used))
			return;
	}
	if (!at_fields_int(&f, &total) || used < 0 || total < 0)
		return;
	a->used = used;
	a->total = total;
	if (a == &m->areas[0]) {
		m->facts.storage_used = used;
		m->facts.storage_total = total;
	}
}

/* Texts that we know of, in whatever state. */
static int known(const struct area *a)
{
	return a->n[SLOT_TO_READ] + a->n[SLOT_LATER] + a->n[SLOT_HANDED] + a->n[SLOT_TO_DELETE] +
	       a->n[SLOT_OWN] + a->n[SLOT_PROBE];
}

void storage_on_count(struct modem *m, struct area *a)
{
	if (a->total > 0 && a->used >= a->total)
		storage_on_full(m);
	else if (a->used > known(a) + a->hidden)
		a->want_list = true;
}

/* ---- listing ------------------------------------------------------------------------------- */

int storage_listing(const struct modem *m)
{
	for (int i = 0; i < AREAS_MAX; i++)
		if (m->areas[i].name[0] && m->areas[i].want_list)
			return i;
	return -1;
}

/* One by one, those not known to hold something: indices begin at 0 or at 1, so both ends. */
static void probe_all(struct modem *m, struct area *a)
{
	int last = a->total > 0 ? a->total : UNKNOWN_TOTAL;

	a->probed = true;
	for (int k = 0; k <= last && k < SLOTS_MAX; k++) {
		enum slot_state s = k < a->high ? (enum slot_state)a->slots[k].state : SLOT_UNKNOWN;

		if (s != SLOT_UNKNOWN && s != SLOT_EMPTY && s != SLOT_OWN)
			continue;
		slot_move(a, k, SLOT_PROBE);
		a->slots[k].order = ++m->next_order;
		a->slots[k].retry = (struct mono_ms){ 0 };
	}
}

/* A draft or a copy of something sent (stat 2 and 3) is somebody's own, unless it is a report:
 * some file those there as well. MTI 1 is a SUBMIT (23.040 9.2.3.1). */
bool storage_is_own(int stat, const char *pdu, size_t n)
{
	unsigned smsc, first;

	if (stat != 2 && stat != 3)
		return false;
	if (n < 4 || sscanf(pdu, "%2x", &smsc) != 1 || 2 * (smsc + 2) > n)
		return false;
	return sscanf(pdu + 2 * (smsc + 1), "%2x", &first) == 1 && (first & 3) == 1;
}

static void list_line(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	struct area *a = &m->areas[m->job_area];
	struct at_fields f;
	enum slot_state s;
	int slot, stat;

	(void)now;
	if (!at_fields_begin(&f, ev->line, "+CMGL") || !at_fields_int(&f, &slot))
		return;
	if (!at_fields_int(&f, &stat))
		stat = -1;
	if (!slot_is_valid(slot)) {
		event_trouble(m, "a text lies in slot %d: out of reach", slot);
		return;
	}
	s = slot < a->high ? (enum slot_state)a->slots[slot].state : SLOT_UNKNOWN;
	if (s == SLOT_UNKNOWN || s == SLOT_EMPTY || s == SLOT_PROBE || s == SLOT_OWN) {
		if (ev->pdu && storage_is_own(stat, ev->pdu, ev->pdu_n)) {
			slot_move(a, slot, SLOT_OWN);
		} else {
			slot_move(a, slot, SLOT_TO_READ);
			a->slots[slot].order = ++m->next_order;
			a->slots[slot].tries = 0;
			a->slots[slot].retry = (struct mono_ms){ 0 };
		}
	}
	a->slots[slot].listed = true;
	a->listed++;
}

/* A whole list tells also what is empty: but not when the storage counts more than was listed
 * (entries of other kinds are hidden by some), and not for what was announced meanwhile. */
static void take_gaps(struct area *a)
{
	int end = a->total > 0 && a->total + 1 > a->high ? a->total + 1 : a->high;

	for (int k = 0; k < end && k < SLOTS_MAX; k++) {
		struct slot *s = &a->slots[k];

		if (s->listed || s->state == SLOT_TO_READ || s->state == SLOT_EMPTY)
			continue;
		slot_empty(a, k);
	}
}

static void forget_marks(struct area *a)
{
	for (int k = 0; k < a->high; k++)
		a->slots[k].listed = false;
}

/* What came is kept. A storage that is busy is listed again; else the rest is looked for slot by
 * slot, now and from here on. */
static void list_failed(struct modem *m, struct area *a, const struct at_event *ev,
			struct mono_ms now)
{
	if (ev->result != AT_TIMEOUT && ++a->list_tries < LIST_TRIES) {
		a->want_list = true;
		timer_set(m, T_HOLD, LIST_AGAIN, now);
		return;
	}
	a->list_broken = true;
	probe_all(m, a);
}

static void list_done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	struct area *a = &m->areas[m->job_area];

	if (ev->result == AT_OK)
		a->list_tries = 0;
	if (ev->result != AT_OK) {
		list_failed(m, a, ev, now);
	} else if (a->used > a->listed) {
		a->hidden = a->used - a->listed;
		if (!a->probed)
			probe_all(m, a);
	} else {
		a->hidden = 0;
		take_gaps(a);
	}
	if (a->used < a->listed)
		a->used = a->listed;
	forget_marks(a);
	m->job_area = -1;
}

static int64_t list_limit(const struct modem *m)
{
	return m->board->list_limit;
}

static const struct job job_list = { .name = "AT+CMGL=4", .text = "AT+CMGL=4", .prefix = "+CMGL:",
	.shape = AT_PDU_LINES, .limit = list_limit, .line = list_line, .done = list_done };

bool storage_give_list(struct modem *m, int area, struct mono_ms now)
{
	struct area *a = &m->areas[area];

	if (m->board->list_by_slot || a->list_broken) {
		a->want_list = false;
		probe_all(m, a);
		return false;
	}
	if (m->mem1 != area)
		return setup_give_select(m, area, now);
	a->want_list = false;
	a->listed = 0;
	m->job_area = area;
	return job_give(m, &job_list, now);
}
