/* From the network into a card: stored and told (+CMTI), or handed over and acknowledged (+CMT,
 * +CNMA; 27.005 3.4.1, 3.4.4). The network keeps what a card could not take and tries again. */
#include "world.h"

#include <stdio.h>

void card_format(struct tw_buf *out, const char *format, const char *fallback, const char *mem,
		 int index, int stat, int length)
{
	const char *p = format && *format ? format : fallback;

	while (*p) {
		const char *open = strchr(p, '{');

		if (!open) {
			tw_buf_adds(out, p);
			return;
		}
		tw_buf_add(out, p, (size_t)(open - p));
		p = open;
		if (!strncmp(p, "{mem}", 5)) {
			tw_buf_adds(out, mem);
			p += 5;
		} else if (!strncmp(p, "{i}", 3)) {
			tw_buf_addf(out, "%d", index);
			p += 3;
		} else if (!strncmp(p, "{stat}", 6)) {
			tw_buf_addf(out, "%d", stat);
			p += 6;
		} else if (!strncmp(p, "{len}", 5)) {
			tw_buf_addf(out, "%d", length);
			p += 5;
		} else {
			tw_buf_addc(out, *p++);
		}
	}
}

/* The network's own events outlive a reset of the card. */
static void post_try(struct card *c, int64_t delay_ms)
{
	sim_post(c->sim, (struct sim_event){ .type = EVENT_MT, .card = c->index }, delay_ms);
}

static void try_later(struct card *c, struct air_mt *mt, int64_t delay_ms)
{
	if (delay_ms <= 0)
		delay_ms = c->sim->air.retry_ms;
	if (delay_ms < 1)
		delay_ms = 1;
	mt->ready = c->sim->now.mono.ms + delay_ms;
	mt->tries++;
	c->sim->air.redelivered++;
	post_try(c, delay_ms);
}

static void taken(struct card *c)
{
	struct air_mt *mt = c->queue;

	c->queue = mt->next;
	if (!c->queue)
		c->queue_end = &c->queue;
	c->queue_n--;
	c->received++;
	c->sim->air.delivered++;
	if (mt->origin.wanted)
		air_report(c->sim, &mt->origin, 0);
	free(mt);
}

/* ---- stored ---------------------------------------------------------------------------------- */

/* Some families say so once, others say nothing at all: the profile knows the word. */
static void tell_full(struct card *c, enum store_index mem)
{
	struct tw_buf b = { 0 };

	if (c->full_told || !c->board)
		return;
	c->full_told = true;
	if (!c->board->sim.full || !c->board->sim.full[0])
		return;
	card_format(&b, c->board->sim.full, "", store_name(mem), 0, 0, 0);
	card_urcf(c, "%s", tw_buf_str(&b));
	tw_buf_done(&b);
}

static bool store(struct card *c, const struct air_mt *mt, enum store_index mem, int *ret_index)
{
	struct store_area *a = &c->store[mem];

	for (unsigned i = 0; a->used < a->size && i < a->size; i++) {
		struct slot *slot = &a->v[i];

		if (slot->is_used)
			continue;
		slot->is_used = true;
		slot->stat = 0;
		slot->n = mt->n;
		slot->tpdu_n = mt->tpdu_n;
		memcpy(slot->pdu, mt->pdu, mt->n);
		a->used++;
		*ret_index = (int)i + card_first_index(c);
		return true;
	}
	return false;
}

bool deliver_lay_down(struct card *c, enum store_index mem, const char *from, const char *text,
		      struct wall_ms at)
{
	struct sms_options options = { .encoding = -1, .message_class = -1, .max_segments = 1 };
	struct sms_deliver d = { .from = from, .smsc = c->sim->air.smsc,
				 .scts = sms_time_from(at, 0) };
	size_t n, tpdu_n, text_n = strlen(text);
	struct air_mt mt = { 0 };
	struct sms_form form;
	struct sms_fault why;
	struct sms_ud ud;
	int index;

	if (sms_choose_form(text, text_n, &options, &form, &why) < 0 ||
	    sms_split(text, text_n, &form, &options, 0, &ud, 1) < 0)
		return false;
	d.ud = &ud;
	if (sms_deliver_encode(&d, mt.pdu, sizeof(mt.pdu), &n, &tpdu_n, &why) < 0)
		return false;
	mt.n = (uint8_t)n;
	mt.tpdu_n = (uint8_t)tpdu_n;
	return store(c, &mt, mem, &index);
}

static bool deliver_stored(struct card *c, const struct air_mt *mt, const struct fault *f)
{
	bool is_report = mt->is_report, wanted = c->set.cnmi[0] && (is_report || c->set.cnmi[1]);
	enum store_index mem = is_report && card_has_store(c, STORE_SR) ? STORE_SR : c->set.mem[2];
	struct tw_buf b = { 0 };
	int index;

	if (!store(c, mt, mem, &index)) {
		tell_full(c, mem);
		return false;
	}
	taken(c);
	if (f && f->after && card_strike(c, f))
		return false;
	if (wanted) {
		card_format(&b,
			    !c->board ? NULL : is_report ? c->board->sim.cdsi : c->board->sim.cmti,
			    is_report ? "+CDSI: \"{mem}\",{i}" : "+CMTI: \"{mem}\",{i}",
			    store_name(mem), index, 0, 0);
		card_urc(c, tw_buf_str(&b), f);
		tw_buf_done(&b);
	}
	return true;
}

/* ---- handed over ----------------------------------------------------------------------------- */

static bool wants_ack(const struct card *c, const struct air_mt *mt)
{
	return c->set.csms && (!mt->is_report || !c->board || c->board->report_ack);
}

static bool deliver_direct(struct card *c, struct air_mt *mt, const struct fault *f)
{
	const char *cds = c->board ? c->board->sim.cds : NULL;
	const char *cmt = c->board ? c->board->sim.cmt : NULL;
	struct tw_buf b = { 0 };

	card_format(&b, mt->is_report ? cds : cmt, mt->is_report ? "+CDS: {len}" : "+CMT: ,{len}",
		    "", 0, 0, mt->tpdu_n);
	tw_buf_adds(&b, "\r\n");
	tw_hex_write(mt->pdu, mt->n, tw_buf_reserve(&b, 2u * mt->n + 1), true);
	b.n += 2u * mt->n;
	tw_buf_addc(&b, '\0');
	if (wants_ack(c, mt)) {
		c->ack.is_on = true;
		card_post(c, EVENT_ACK, c->sim->air.ack_ms, ++c->ack.id);
	} else {
		taken(c);
	}
	card_urc(c, b.p, f);
	tw_buf_done(&b);
	if (f && f->after)
		card_strike(c, f);
	return !c->ack.is_on;
}

bool deliver_acknowledge(struct card *c, bool refused)
{
	if (!c->ack.is_on)
		return false;
	c->ack.is_on = false;
	if (refused) {
		try_later(c, c->queue, 0);
	} else {
		taken(c);
		post_try(c, 0);
	}
	return true;
}

/* Nobody acknowledged: the module gives up handing over (27.005 3.4.1), the network tries again. */
void deliver_ack_over(struct card *c, uint64_t id)
{
	if (!c->ack.is_on || id != c->ack.id)
		return;
	c->ack.is_on = false;
	c->set.cnmi[1] = c->set.cnmi[3] = 0;
	try_later(c, c->queue, 0);
}

void deliver_forget(struct card *c)
{
	if (!c->ack.is_on)
		return;
	c->ack.is_on = false;
	try_later(c, c->queue, 0);
}

/* ---- which way ------------------------------------------------------------------------------- */

/* +CNMI mt 2 hands over all but class 2 (for the SIM), 3 hands over class 3 only. */
static bool is_direct(const struct card *c, const struct air_mt *mt)
{
	const uint8_t *cnmi = c->set.cnmi;
	struct sms_pdu p;
	struct sms_fault why;

	if (!cnmi[0] || (mt->is_report ? cnmi[3] != 1 : cnmi[1] < 2))
		return false;
	if (mt->is_report)
		return true;
	if (sms_decode(mt->pdu, mt->n, mt->tpdu_n, SMS_MT, &p, &why) < 0)
		return cnmi[1] == 2;
	return cnmi[1] == 2 ? p.message_class != 2 : p.message_class == 3;
}

static bool can_receive(const struct card *c)
{
	return c->is_plugged && !c->is_booting && !c->ack.is_on && !c->submit.is_on &&
	       card_is_registered(c);
}

/* TP-MMS says whether more waits; it may differ between two deliveries of the same text. */
static void set_more(struct air_mt *mt)
{
	size_t at = 1u + mt->pdu[0];

	if (mt->is_report || at >= mt->n)
		return;
	mt->pdu[at] = (uint8_t)(mt->next ? mt->pdu[at] & ~4 : mt->pdu[at] | 4);
}

/* A fault that comes before the delivery. True: the delivery does not happen now. */
static bool struck_before(struct card *c, struct air_mt *mt, const struct fault *f)
{
	struct air_mt *copy;

	if (f->what == FAULT_ERROR || f->what == FAULT_SILENT) {
		try_later(c, mt, f->delay_ms);
		return true;
	}
	if (f->what == FAULT_DUPLICATE) {
		copy = tw_alloc(sizeof(*copy));
		*copy = *mt;
		copy->origin.wanted = false;
		copy->ready = c->sim->now.mono.ms + f->delay_ms;
		air_queue(c->sim, c, copy);
	}
	if ((f->what == FAULT_RESET || f->what == FAULT_UNPLUG) && !f->after)
		return card_strike(c, f);
	if (f->what == FAULT_DEREGISTER) {
		card_strike(c, f);
		return true;
	}
	if (f->what == FAULT_URC)
		card_urc(c, f->text ? f->text : "", NULL);
	return false;
}

static bool deliver_one(struct card *c, struct air_mt *mt)
{
	const struct fault *rule = c->sim->faults.n ?
		fault_match(c->sim, c, mt->is_report ? "report" : "deliver") : NULL;
	struct fault f = rule ? *rule : (struct fault){ .what = FAULT_NONE };

	if (rule && struck_before(c, mt, &f))
		return false;
	if (f.what == FAULT_DUPLICATE)
		f.what = FAULT_NONE;	/* the second copy is another delivery, not an echo */
	set_more(mt);
	if (mt->is_report && (!c->set.cnmi[0] || !c->set.cnmi[3])) {
		taken(c);	/* nobody asked for reports */
		return true;
	}
	return is_direct(c, mt) ? deliver_direct(c, mt, &f) : deliver_stored(c, mt, &f);
}

void deliver_kick(struct card *c)
{
	while (c->queue && c->queue->ready <= c->sim->now.mono.ms && can_receive(c))
		if (!deliver_one(c, c->queue))
			return;
}
