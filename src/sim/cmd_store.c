/* The memories: chosen, listed, read, emptied (27.005 3.2.2, 4.1, 4.2, 3.5.4). */
#include "commands.h"

#include <stdio.h>
#include <stdlib.h>

static bool store_named(const struct card *c, const char *name, enum store_index *ret)
{
	for (int i = 0; i < STORE_COUNT; i++) {
		if (!strcasecmp(name, store_name(i)) && card_has_store(c, i)) {
			*ret = (enum store_index)i;
			return true;
		}
	}
	return false;
}

static unsigned parameters(const struct card *c)
{
	int64_t n = c->board ? c->board->storage_parameters : 3;

	return n >= 1 && n <= 3 ? (unsigned)n : 3;
}

static struct answer cpms_test(struct card *c)
{
	struct tw_buf one = { 0 }, all = { 0 };

	for (int i = 0; i < STORE_COUNT; i++)
		if (card_has_store(c, i))
			tw_buf_addf(&one, "%s\"%s\"", one.n ? "," : "", store_name(i));
	for (unsigned i = 0; i < parameters(c); i++)
		tw_buf_addf(&all, "%s(%s)", i ? "," : "", tw_buf_str(&one));
	card_info(c, "+CPMS: %s", tw_buf_str(&all));
	tw_buf_done(&one);
	tw_buf_done(&all);
	return ANSWER(OK);
}

static struct answer cpms_tell(struct card *c, bool names)
{
	struct tw_buf b = { 0 };

	for (unsigned i = 0; i < parameters(c); i++) {
		const struct store_area *a = &c->store[c->set.mem[i]];

		if (i)
			tw_buf_addc(&b, ',');
		if (names)
			tw_buf_addf(&b, "\"%s\",", store_name(c->set.mem[i]));
		tw_buf_addf(&b, "%u,%u", a->used, a->size);
	}
	card_info(c, "+CPMS: %s", tw_buf_str(&b));
	tw_buf_done(&b);
	return ANSWER(OK);
}

struct answer cmd_cpms(struct card *c, const struct call *call)
{
	enum store_index mem[3];
	char name[8];

	if (call->form == FORM_TEST)
		return cpms_test(c);
	if (call->form == FORM_READ)
		return cpms_tell(c, true);
	if (call->n_args > parameters(c) || arg_is_empty(call, 0))
		return CMS(302);
	for (unsigned i = 0; i < 3; i++) {
		mem[i] = c->set.mem[i];
		if (arg_is_empty(call, i))
			continue;
		arg_text(call, i, name, sizeof(name));
		if (!store_named(c, name, &mem[i]))
			return CMS(302);
	}
	if (parameters(c) == 1)
		mem[1] = mem[2] = mem[0];
	for (int i = 0; i < 3; i++)
		c->set.mem[i] = (uint8_t)mem[i];
	card_post(c, EVENT_MT, 0, 0);	/* behind the answer */
	return cpms_tell(c, false);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Slot by the number a command gives; NULL: outside. */
static struct slot *slot_at(struct card *c, int index)
{
	struct store_area *a = &c->store[c->set.mem[0]];
	int i = index - card_first_index(c);

	return i >= 0 && (unsigned)i < a->size ? &a->v[i] : NULL;
}

static void add_pdu(struct card *c, const struct slot *slot)
{
	tw_hex_write(slot->pdu, slot->n, tw_buf_reserve(&c->answer, 2u * slot->n + 1), true);
	c->answer.n += 2u * slot->n;
	tw_buf_adds(&c->answer, "\r\n");
}

struct answer cmd_cmgr(struct card *c, const struct call *call)
{
	const char *mem = store_name(c->set.mem[0]);
	struct slot *slot;
	int index;

	if (c->set.cmgf)
		return CMS(305);
	if (!arg_int(call, 0, 0, 255, &index) || !(slot = slot_at(c, index)) || !slot->is_used)
		return CMS(321);
	tw_buf_adds(&c->answer, "\r\n");
	card_format(&c->answer, c->board ? c->board->sim.cmgr : NULL, "+CMGR: {stat},,{len}", mem,
		    index, slot->stat, slot->tpdu_n);
	tw_buf_adds(&c->answer, "\r\n");
	add_pdu(c, slot);
	slot->stat |= 1;	/* unread becomes read */
	return ANSWER(OK);
}

struct answer cmd_cmgl(struct card *c, const struct call *call)
{
	const struct store_area *a = &c->store[c->set.mem[0]];
	const char *format = c->board ? c->board->sim.cmgl : NULL;
	const char *mem = store_name(c->set.mem[0]);
	int stat = 0;

	if (c->set.cmgf)
		return CMS(305);
	if (call->form == FORM_SET && !arg_int(call, 0, 0, 4, &stat))
		return CMS(304);
	for (unsigned i = 0, left = a->used; i < a->size && left; i++) {
		struct slot *slot = &a->v[i];

		if (!slot->is_used)
			continue;
		left--;
		if (stat != 4 && slot->stat != stat)
			continue;
		if (!c->answer.n)
			tw_buf_adds(&c->answer, "\r\n");
		card_format(&c->answer, format, "+CMGL: {i},{stat},,{len}", mem,
			    (int)i + card_first_index(c), slot->stat, slot->tpdu_n);
		tw_buf_adds(&c->answer, "\r\n");
		add_pdu(c, slot);
		slot->stat |= 1;
	}
	return ANSWER(OK);
}

/* ---- emptying -------------------------------------------------------------------------------- */

static struct answer cmgd_test(struct card *c)
{
	const struct store_area *a = &c->store[c->set.mem[0]];
	struct tw_buf b = { 0 };

	for (unsigned i = 0; i < a->size; i++)
		if (a->v[i].is_used)
			tw_buf_addf(&b, "%s%d", b.n ? "," : "", (int)i + card_first_index(c));
	card_info(c, "+CMGD: (%s),(0-4)", tw_buf_str(&b));
	tw_buf_done(&b);
	return ANSWER(OK);
}

static void slot_free(struct card *c, struct slot *slot)
{
	if (!slot->is_used)
		return;
	slot->is_used = false;
	c->store[c->set.mem[0]].used--;
}

/* Flags 1 to 4: read; and sent; and unsent; and unread (stats 1, 3, 2, 0). */
static bool flag_covers(int flag, uint8_t stat)
{
	return flag == 4 || stat == 1 || (flag >= 2 && stat == 3) || (flag >= 3 && stat == 2);
}

struct answer cmd_cmgd(struct card *c, const struct call *call)
{
	struct store_area *a = &c->store[c->set.mem[0]];
	struct slot *slot;
	int index, flag = 0;

	if (call->form == FORM_TEST)
		return cmgd_test(c);
	if (!arg_int(call, 0, 0, 255, &index) ||
	    (!arg_is_empty(call, 1) && !arg_int(call, 1, 0, 4, &flag)))
		return CMS(304);
	slot = slot_at(c, index);
	if (!flag && !slot)
		return CMS(321);
	if (!flag)
		slot_free(c, slot);
	for (unsigned i = 0; flag && i < a->size; i++)
		if (flag_covers(flag, a->v[i].stat))
			slot_free(c, &a->v[i]);
	c->full_told = false;
	card_post(c, EVENT_MT, 0, 0);	/* memory available: the network hears of it (RP-SMMA) */
	return ANSWER(OK);
}
