/* Texts that twoway writes itself: to the person who is called, and between its own SIMs. They
 * belong to no account, so their contacts are nobody's customers. */
#include "internal.h"

int own_post(struct exchange *x, struct station *st, const struct own_text *t, int64_t *ret_id)
{
	struct store_contact c;
	struct sms_fault fault;
	struct sms_form form;
	int64_t account;
	int r = account_id(x, "", &account);

	if (r == 0)
		r = store_contact(x->store, account, t->to, true, x->now.wall, &c);
	if (r == 0)
		r = outbox_form(x, t->text, strlen(t->text), false, &form, &fault);
	if (r < 0)
		return r;
	return outbox_add(x, &(struct out){
		.contact = &c, .text = t->text, .text_n = strlen(t->text), .line = st->sim.line,
		.is_bound = true, .lane = LANE_REPLY, .flags = t->flags,
		.valid_until = wall_after(x->now.wall, t->valid_ms) }, &form, ret_id);
}

bool own_is_contact(struct exchange *x, const struct store_contact *c)
{
	char name[64];

	return !account_of_id(x, c->account, name, sizeof(name))[0];
}

int own_state(struct exchange *x, int64_t message, enum message_state *ret)
{
	struct store_message m;
	int r = store_message_get(x->store, message, &m);

	*ret = MESSAGE_EXPIRED;
	if (r == TW_E_UNKNOWN)
		return 0;
	if (r < 0)
		return r;
	*ret = (enum message_state)m.state;
	store_message_done(&m);
	return 0;
}
