/* The world: made, ended, looked at. */
#include "world.h"
#include <twoway/model.h>

#include <assert.h>
#include <stdio.h>

/* The number i places behind the first: its digits counted up, its form kept. */
static void number_at(const char *first, size_t i, char out[SIM_NUMBER_MAX])
{
	size_t n;

	tw_strset(out, SIM_NUMBER_MAX, first);
	n = strlen(out);
	while (i && n && out[n - 1] >= '0' && out[n - 1] <= '9') {
		i += (size_t)(out[n - 1] - '0');
		out[--n] = (char)('0' + i % 10);
		i /= 10;
	}
}

static void air_init(struct air *a, const struct sim_setup *setup)
{
	struct number_facts facts;

	*a = (struct air){ .submit_ms = 20, .deliver_ms = 20, .ack_ms = 15000, .retry_ms = 10000,
			   .ussd_ms = 200, .validity_ms = 2 * 86400000ll, .boot_ms = 1000,
			   .keep = 100000, .cnum = true };
	if (number_facts(setup->first_number, &facts)) {
		tw_strset(a->home, sizeof(a->home), facts.country);
		snprintf(a->smsc, sizeof(a->smsc), "+%s7000000001", facts.code);
	} else {
		tw_strset(a->smsc, sizeof(a->smsc), "+447000000001");
	}
}

struct sim *sim_new(const struct sim_setup *setup)
{
	struct sim *s = tw_zalloc(sizeof(*s));

	s->now = setup->now;
	tw_random_seed(&s->random, setup->seed);
	air_init(&s->air, setup);
	s->n_cards = setup->modems;
	s->urc_ports = setup->urc_ports;
	s->cards = tw_zalloc(s->n_cards * sizeof(*s->cards));
	for (size_t i = 0; i < s->n_cards; i++) {
		struct card *c = &s->cards[i];
		char number[SIM_NUMBER_MAX];

		number_at(setup->first_number, i, number);
		card_init(c, s, (uint32_t)i, setup->board);
		card_set_sim(c, number);
		card_plug(c);
	}
	sim_run(s);
	return s;
}

void sim_free(struct sim *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_cards; i++)
		card_done(&s->cards[i]);
	free(s->cards);
	for (size_t i = 0; i < s->heap.n; i++)
		free(s->heap.v[i].data);
	free(s->heap.v);
	tw_map_done(&s->by_number);
	faults_done(&s->faults);
	air_done(s);
	for (size_t i = 0; i < s->n_peers; i++)
		free(s->peers[i].number);
	free(s->peers);
	for (size_t i = 0; i < s->notes_n; i++)
		free(s->notes[(s->notes_head + i) % s->notes_cap].line);
	free(s->notes);
	free(s->changed);
	free(s);
}

size_t sim_count(const struct sim *s)
{
	return s->n_cards;
}

void sim_card_set_board(struct sim *s, size_t card, const struct board *board)
{
	assert(card < s->n_cards);
	card_set_board(&s->cards[card], board);
}

const char *sim_card_number(const struct sim *s, size_t card)
{
	assert(card < s->n_cards);
	return s->cards[card].number;
}

const char *sim_card_iccid(const struct sim *s, size_t card)
{
	assert(card < s->n_cards);
	return s->cards[card].iccid;
}

void sim_card_feed(struct sim *s, size_t card, const void *bytes, size_t n, struct tw_now now)
{
	assert(card < s->n_cards);
	s->now = now;
	sim_run(s);
	card_feed(&s->cards[card], bytes, n);
	sim_run(s);
}

/* What is left of the octets of a port. */
static size_t pending(const struct tw_buf *b, size_t taken, const uint8_t **ret)
{
	*ret = (const uint8_t *)b->p + taken;
	return b->n - taken;
}

static void take(struct tw_buf *b, size_t *taken, size_t n)
{
	assert(n <= b->n - *taken);
	*taken += n;
	if (*taken == b->n) {
		tw_buf_clear(b);
		*taken = 0;
	} else if (*taken > 65536) {
		tw_buf_drop(b, *taken);
		*taken = 0;
	}
}

size_t sim_card_output(const struct sim *s, size_t card, const uint8_t **ret)
{
	assert(card < s->n_cards);
	return pending(&s->cards[card].out, s->cards[card].out_taken, ret);
}

void sim_card_taken(struct sim *s, size_t card, size_t n)
{
	assert(card < s->n_cards);
	take(&s->cards[card].out, &s->cards[card].out_taken, n);
}

size_t sim_card_urcs(const struct sim *s, size_t card, const uint8_t **ret)
{
	assert(card < s->n_cards);
	return pending(&s->cards[card].urc_out, s->cards[card].urc_out_taken, ret);
}

void sim_card_urcs_taken(struct sim *s, size_t card, size_t n)
{
	assert(card < s->n_cards);
	take(&s->cards[card].urc_out, &s->cards[card].urc_out_taken, n);
}

bool sim_card_is_plugged(const struct sim *s, size_t card)
{
	assert(card < s->n_cards);
	return s->cards[card].is_plugged;
}

int sim_card_used(const struct sim *s, size_t card)
{
	assert(card < s->n_cards);
	return (int)s->cards[card].store[STORE_SM].used;
}

void sim_note_changed(struct sim *s, struct card *c)
{
	if (c->is_changed)
		return;
	c->is_changed = true;
	if (s->changed_n == s->changed_cap) {
		/* Holds every card at most once, so this happens once. */
		s->changed_cap = s->n_cards;
		s->changed = tw_realloc(s->changed, s->changed_cap * sizeof(*s->changed));
		s->changed_head = 0;
	}
	s->changed[(s->changed_head + s->changed_n++) % s->changed_cap] = c->index;
}

bool sim_card_next_changed(struct sim *s, size_t *ret)
{
	if (!s->changed_n)
		return false;
	*ret = s->changed[s->changed_head];
	s->changed_head = (s->changed_head + 1) % s->changed_cap;
	s->changed_n--;
	s->cards[*ret].is_changed = false;
	return true;
}

size_t sim_sent_count(const struct sim *s)
{
	return s->air.sent.n;
}

const struct sim_sent *sim_sent_at(const struct sim *s, size_t i)
{
	const struct sent_ring *r = &s->air.sent;

	return i < r->n ? &r->v[(r->head + i) % r->cap] : NULL;
}

void sim_sent_clear(struct sim *s)
{
	air_forget_sent(s);
}

size_t sim_inbox_count(const struct sim *s, const char *number)
{
	const struct phone *p = phone_find(s, number);

	return p ? p->n : 0;
}

const char *sim_inbox_text(const struct sim *s, const char *number, size_t i)
{
	const struct phone *p = phone_find(s, number);

	return p && i < p->n ? phone_text_at(p, i)->text : NULL;
}
