/* A card's life: plugged in, booted, reset, its SIM and its registration. */
#include "world.h"
#include <twoway/model.h>

#include <assert.h>
#include <stdio.h>

/* ---- identities ------------------------------------------------------------------------------ */

static char luhn(const char *digits)
{
	unsigned sum = 0, n = (unsigned)strlen(digits);

	for (unsigned i = 0; i < n; i++) {
		unsigned d = (unsigned)(digits[n - 1 - i] - '0') * (i % 2 ? 1 : 2);

		sum += d > 9 ? d - 9 : d;
	}
	return (char)('0' + (10 - sum % 10) % 10);
}

/* The last n digits of a number, zeros in front. */
static void last_digits(const char *number, size_t n, char *out)
{
	size_t left = n;

	memset(out, '0', n);
	out[n] = '\0';
	for (size_t i = strlen(number); i-- > 0 && left > 0;)
		if (number[i] >= '0' && number[i] <= '9')
			out[--left] = number[i];
}

/* The first mobile country code of a country: the table goes the other way only. */
static unsigned country_code_of(const char *country)
{
	char imsi[4];

	for (unsigned mcc = 202; *country && mcc < 800; mcc++) {
		snprintf(imsi, sizeof(imsi), "%u", mcc);
		if (!strcmp(number_country_of_imsi(imsi), country))
			return mcc;
	}
	return 1;		/* the test network's */
}

void card_set_sim(struct card *c, const char *number)
{
	struct sim *s = c->sim;
	char tail[16];

	if (tw_map_get(&s->by_number, c->number, strlen(c->number)) == c)
		tw_map_del(&s->by_number, c->number, strlen(c->number));
	tw_strset(c->number, sizeof(c->number), number);
	tw_map_put(&s->by_number, c->number, strlen(c->number), c);
	last_digits(number, 12, tail);
	snprintf(c->iccid, sizeof(c->iccid), "894410%s", tail);
	c->iccid[19] = '\0';
	c->iccid[18] = luhn(c->iccid);
	last_digits(number, 10, tail);
	snprintf(c->imsi, sizeof(c->imsi), "%03u99%.10s", country_code_of(s->air.home) % 1000,
		 tail);
	tw_strset(c->smsc, sizeof(c->smsc), s->air.smsc);
	c->mr = (uint8_t)tw_random_below(&s->random, 256);
}

static void set_imei(struct card *c)
{
	char body[16];
	unsigned serial = (unsigned)(tw_hash64(c->sim->air.smsc,
					       strlen(c->sim->air.smsc)) % 900000);

	snprintf(body, sizeof(body), "35909300%06u", (serial + c->index) % 1000000);
	tw_strset(c->imei, sizeof(c->imei), body);
	c->imei[14] = luhn(body);
	c->imei[15] = '\0';
}

/* ---- what a profile and a reset decide ------------------------------------------------------- */

const char *store_name(enum store_index i)
{
	static const char *const names[STORE_COUNT] = { "SM", "ME", "SR" };

	return names[i];
}

static bool strings_have(const struct tw_strings *s, const char *text)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->v[i], text))
			return true;
	return false;
}

bool card_has_store(const struct card *c, enum store_index i)
{
	if (!c->board || !c->board->storage.n)
		return true;
	if (i == STORE_SR)
		return c->board->report_storage && !strcmp(c->board->report_storage, "SR");
	return strings_have(&c->board->storage, store_name(i));
}

int card_first_index(const struct card *c)
{
	return c->board ? (int)c->board->sim.first_index : 1;
}

void card_set_slots(struct card *c, enum store_index i, unsigned slots)
{
	struct store_area *a = &c->store[i];

	a->v = tw_realloc(a->v, slots * sizeof(*a->v));
	if (slots > a->size)
		memset(a->v + a->size, 0, (slots - a->size) * sizeof(*a->v));
	a->size = slots;
	a->used = 0;
	for (unsigned k = 0; k < slots; k++)
		a->used += a->v[k].is_used;
}

static void settings_reset(struct card *c)
{
	uint8_t mem = card_has_store(c, STORE_SM) ? STORE_SM : STORE_ME;

	c->set = (struct card_settings){ .echo = !c->board || c->board->sim.echo, .verbose = true,
					 .mem = { mem, mem, mem }, .cgsms = 3, .cscs = "GSM" };
}

void card_set_board(struct card *c, const struct board *board)
{
	int64_t slots = board && board->sim.slots > 0 ? board->sim.slots : CARD_SLOTS_DEFAULT;

	c->board = board;
	if (slots > CARD_SLOTS_MAX)
		slots = CARD_SLOTS_MAX;
	for (int i = 0; i < STORE_COUNT; i++)
		card_set_slots(c, i, (unsigned)slots);
	settings_reset(c);
}

void card_init(struct card *c, struct sim *s, uint32_t index, const struct board *board)
{
	*c = (struct card){ .sim = s, .index = index, .pin_left = 3, .puk_left = 10,
			    .has_sim = true,
			    .fun = 1, .stat = 1, .stat_home = 1, .act = 7, .act_home = 7,
			    .rssi = 20, .ber = 99, .cs_service = true, .lte_ps = true,
			    .lte_cs = true,
			    .celsius = 36, .submit_ms = -1, .link_ms = -1, .cents = 1000 };
	c->queue_end = &c->queue;
	tw_strset(c->pin, sizeof(c->pin), "1234");
	tw_strset(c->puk, sizeof(c->puk), "12345678");
	set_imei(c);
	card_set_board(c, board);
}

void card_done(struct card *c)
{
	struct air_mt *mt;

	while ((mt = c->queue)) {
		c->queue = mt->next;
		free(mt);
	}
	for (int i = 0; i < STORE_COUNT; i++)
		free(c->store[i].v);
	tw_buf_done(&c->line);
	tw_buf_done(&c->payload);
	tw_buf_done(&c->held);
	tw_buf_done(&c->answer);
	tw_buf_done(&c->urcs);
	tw_buf_done(&c->out);
	tw_buf_done(&c->urc_out);
	free(c->ussd.text);
	free(c->shape.text);
}

/* ---- reset, plug ----------------------------------------------------------------------------- */

void card_reset(struct card *c, int64_t boot_ms)
{
	c->life++;
	deliver_forget(c);
	c->mode = CARD_COMMAND;
	c->busy = c->saying = false;
	c->rest = NULL;
	tw_buf_clear(&c->line);
	tw_buf_clear(&c->payload);
	tw_buf_clear(&c->held);
	tw_buf_clear(&c->answer);
	tw_buf_clear(&c->urcs);
	tw_buf_clear(&c->out);
	tw_buf_clear(&c->urc_out);
	c->out_taken = c->urc_out_taken = 0;
	card_set_shape(c, NULL);
	c->submit.is_on = c->ring.is_on = c->ussd.is_open = false;
	c->link_until = 0;
	c->full_told = false;
	c->fun = 1;
	c->cops_off = false;
	settings_reset(c);
	if (c->pin_wanted_at_boot && c->pin_state == PIN_READY)
		c->pin_state = PIN_WANTED;
	c->is_booting = true;
	card_post(c, EVENT_BOOT, boot_ms, 0);
}

static void card_booted(struct card *c)
{
	c->is_booting = false;
	c->stat = c->stat_home;
	for (size_t i = 0; c->board && i < c->board->sim.boot.n; i++)
		card_urc(c, c->board->sim.boot.v[i], NULL);
	if (c->board && c->board->ready && *c->board->ready)
		card_post(c, EVENT_READY, c->sim->air.ready_ms, 0);
	if (c->sim->air.chatter_ms > 0)
		card_post(c, EVENT_CHATTER, c->sim->air.chatter_ms, 0);
	control_modem_note(c->sim, c, "booted");
	deliver_kick(c);
}

void card_unplug(struct card *c, int64_t back_ms)
{
	if (!c->is_plugged)
		return;
	c->is_plugged = false;
	card_reset(c, 0);
	c->life++;		/* the boot that card_reset has posted never comes */
	sim_note_changed(c->sim, c);
	control_modem_note(c->sim, c, "unplugged");
	if (back_ms > 0)
		card_post(c, EVENT_PLUG, back_ms, 0);
}

void card_plug(struct card *c)
{
	if (c->is_plugged)
		return;
	c->is_plugged = true;
	card_reset(c, 0);
	sim_note_changed(c->sim, c);
	control_modem_note(c->sim, c, "plugged");
}

bool card_strike(struct card *c, const struct fault *f)
{
	switch (f->what) {
	case FAULT_RESET:
		card_reset(c, f->delay_ms ? f->delay_ms : c->sim->air.boot_ms);
		return true;
	case FAULT_UNPLUG:
		card_unplug(c, f->delay_ms);
		return true;
	case FAULT_DEREGISTER:
		card_deregister(c, f->delay_ms);
		return false;
	case FAULT_NONE:
	case FAULT_GARBAGE:
	case FAULT_SPLIT:
	case FAULT_TRUNCATE:
	case FAULT_LATE:
	case FAULT_DROP:
	case FAULT_SILENT:
	case FAULT_NO_PROMPT:
	case FAULT_ERROR:
	case FAULT_DUPLICATE:
	case FAULT_ECHO:
	case FAULT_URC:
	case FAULT_REPLY:
	case FAULT_COUNT:
		break;
	}
	return false;
}

/* ---- network and SIM ------------------------------------------------------------------------- */

bool card_is_registered(const struct card *c)
{
	switch (c->stat) {
	case 1: case 5: case 6: case 7: case 9: case 10:
		return c->fun == 1 && c->has_sim && c->pin_state == PIN_READY && !c->cops_off;
	}
	return false;
}

void card_set_registration(struct card *c, int stat)
{
	bool was = card_is_registered(c);

	c->stat = stat;
	if (!c->is_booting && c->is_plugged)
		net_changed(c);
	if (!was)
		deliver_kick(c);
}

void card_deregister(struct card *c, int64_t back_ms)
{
	card_set_registration(c, 2);
	if (back_ms > 0)
		card_post(c, EVENT_REGISTER, back_ms, 0);
}

void card_set_inserted(struct card *c, bool inserted)
{
	if (c->has_sim == inserted)
		return;
	c->has_sim = inserted;
	c->pin_state = inserted && c->pin_wanted_at_boot ? PIN_WANTED : PIN_READY;
	if (c->is_booting || !c->is_plugged)
		return;
	card_urc(c, !inserted ? "+CPIN: NOT INSERTED" :
		 c->pin_state == PIN_WANTED ? "+CPIN: SIM PIN" : "+CPIN: READY", NULL);
	c->stat = inserted ? c->stat_home : 0;
	net_changed(c);
	deliver_kick(c);
}

/* A line of the profile's chatter; where it has none, of what it ignores, with figures by
 * chance. */
static void card_chatter(struct card *c)
{
	const struct tw_strings *own = c->board ? &c->board->sim.chatter : NULL;
	const struct tw_strings *list = c->board ? &c->board->ignore : NULL;
	struct sim *s = c->sim;

	if (s->air.chatter_ms <= 0)
		return;
	if (own && own->n)
		card_urc(c, own->v[tw_random_below(&s->random, (uint32_t)own->n)], NULL);
	else if (list && list->n) {
		const char *prefix = list->v[tw_random_below(&s->random, (uint32_t)list->n)];
		size_t n = strlen(prefix);

		card_urcf(c, "%s%s%u", prefix, n && prefix[n - 1] == ':' ? "" : ": ",
			  tw_random_below(&s->random, 32));
	}
	card_post(c, EVENT_CHATTER, s->air.chatter_ms, 0);
}

static void card_resume(struct card *c, bool said)
{
	if (said) {
		c->saying = false;
		if (c->mode == CARD_COMMAND && c->urcs.n) {
			card_out(c, c->urcs.p, c->urcs.n);
			tw_buf_clear(&c->urcs);
		}
	} else {
		c->busy = false;
	}
	card_feed(c, NULL, 0);
	deliver_kick(c);
}

void card_event(struct card *c, const struct sim_event *e)
{
	switch (e->type) {
	case EVENT_BYTES:
		card_out(c, e->data, e->n);
		break;
	case EVENT_RESUME:
		card_resume(c, e->id != 0);
		break;
	case EVENT_SUBMIT:
		card_finish(c, sms_submit_done(c));
		deliver_kick(c);
		break;
	case EVENT_ACK:
		deliver_ack_over(c, e->id);
		break;
	case EVENT_MT:
		deliver_kick(c);
		break;
	case EVENT_BOOT:
		card_booted(c);
		break;
	case EVENT_READY:
		card_urc(c, c->board->ready, NULL);
		break;
	case EVENT_PLUG:
		card_plug(c);
		break;
	case EVENT_REGISTER:
		card_set_registration(c, c->stat_home);
		break;
	case EVENT_CHATTER:
		card_chatter(c);
		break;
	case EVENT_RING:
	case EVENT_USSD:
	case EVENT_SCAN:
		net_event(c, e);
		break;
	case EVENT_PHONE:
	case EVENT_EXPIRE:
	case EVENT_COUNT:
		assert(!"not a card's event");
	}
}
