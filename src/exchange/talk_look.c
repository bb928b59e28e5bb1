/* What steps ask about the contact they talk with: read in the store when they ask. */
#include "talk.h"

bool talk_found(struct exchange *x, int r)
{
	if (r < 0 && r != TW_E_UNKNOWN && !x->asked.error)
		x->asked.error = r;
	return r == 0;
}

static bool asked_contact(struct exchange *x, const char *account, struct store_contact *ret)
{
	int64_t row;
	int r = account_id(x, account, &row);

	if (r == 0)
		r = store_contact(x->store, row, x->asked.from, false, x->now.wall, ret);
	return talk_found(x, r);
}

static bool view_value(void *ctx, const char *account, const char *name, struct tw_buf *out)
{
	struct exchange *x = ctx;
	struct store_contact c;
	tw_auto(tw_free_charp) char *value = NULL;
	const struct { const char *name, *value; } own[] = {
		{ "name", c.name }, { "language", c.language }, { "zone", c.zone },
		{ "owner", c.owner },
	};

	if (!asked_contact(x, account, &c))
		return false;
	for (size_t i = 0; i < TW_COUNT(own); i++)
		if (strcmp(own[i].name, name) == 0) {
			tw_buf_adds(out, own[i].value);
			return own[i].value[0] != '\0';
		}
	if (!talk_found(x, store_field(x->store, c.id, name, &value)))
		return false;
	tw_buf_adds(out, value);
	return true;
}

static bool is_subscribed(struct exchange *x, const struct store_contact *c, const char *name)
{
	struct store_subscription sub;
	int64_t list;

	return talk_found(x, store_list(x->store, c->account, name, false, &list)) &&
	       talk_found(x, store_subscription(x->store, list, c->id, &sub)) &&
	       sub.state == STORE_JOINED &&
	       !c->stopped_at.ms;
}

static bool view_has(void *ctx, const char *account, enum flow_fact fact, const char *name)
{
	struct exchange *x = ctx;
	struct store_contact c;
	struct store_touch touch;

	if (!asked_contact(x, account, &c))
		return false;
	switch (fact) {
	case FLOW_HAS_TAG:
		return talk_found(x, store_tag(x->store, c.id, name));
	case FLOW_HAS_SUBSCRIBED:
		return is_subscribed(x, &c, name);
	case FLOW_HAS_REDEEMED:
		return talk_found(x, store_voucher_used(x->store, c.id, name));
	case FLOW_HAS_REACHED:
		return talk_found(x, store_conversion(x->store, c.id, name, &touch));
	}
	return false;
}

/* Before this text: what it made itself does not count. */
static bool view_is_known(void *ctx, const char *account)
{
	struct exchange *x = ctx;
	int64_t row;

	if (x->asked.all_known)
		return true;
	for (size_t i = 0; i < x->asked.n && account_id(x, account, &row) == 0; i++)
		if (x->asked.known[i] == row)
			return true;
	return false;
}

struct flow_view talk_look(struct exchange *x, const char *from, const struct store_contact *known,
			   size_t n)
{
	x->asked.error = 0;
	x->asked.n = n;
	x->asked.all_known = known == NULL;
	tw_strset(x->asked.from, sizeof(x->asked.from), from);
	for (size_t i = 0; i < n; i++)
		x->asked.known[i] = known[i].account;
	return (struct flow_view){ x, view_value, view_has, view_is_known };
}
