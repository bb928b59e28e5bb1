/* Audiences: whom of an account's contacts something that the clock starts is for. They are walked
 * through in slices, by contact, with a cursor that a row can keep. */
#include "internal.h"

struct audience {
	int64_t account, list;		/* list 0: every contact */
	char name[128];			/* of the account */
	struct flow_audience *is;
};

int audience_new(struct exchange *x, const struct audience_of *of, struct audience **ret,
		 struct tw_findings *findings)
{
	struct audience a = { .account = 0 };
	int r = x->flows ? account_id(x, of->account, &a.account) : TW_E_STATE;

	if (r == 0 && of->list && of->list[0])
		r = store_list(x->store, a.account, of->list, false, &a.list);
	if (r < 0)
		return r;
	a.is = flow_audience_new(x->flows, of->account, of->expression ? of->expression
				 : "", findings);
	if (!a.is)
		return TW_E_CONFIG;
	tw_strset(a.name, sizeof(a.name), of->account);
	*ret = tw_alloc(sizeof(**ret));
	**ret = a;
	return 0;
}

void audience_free(struct audience *a)
{
	if (!a)
		return;
	flow_audience_free(a->is);
	free(a);
}

struct flow_event audience_event(struct exchange *x, const struct store_contact *c, const char *to,
				 struct flow_view *view)
{
	*view = talk_look(x, c->number, NULL, 0);
	return (struct flow_event){
		.from = c->number, .from_kind = c->number[0] == '+' ? NUMBER_E164 : NUMBER_SHORT,
		.to = to, .to_account = "", .text = "", .last_account = "", .is_automatic_ok = true,
		.contact_language = c->language, .contact_name = c->name, .now = x->now.wall,
		.view = view };
}

/* The zone that is noted of the contact is theirs; else each of the number's may be. */
static const char *zones_of(const struct store_contact *c)
{
	struct number_facts facts = { .zones = NULL };

	if (c->zone[0])
		return c->zone;
	if (c->number[0] == '+')
		number_facts(c->number, &facts);
	return facts.zones ? facts.zones : "";
}

const char *audience_zones(const struct exchange *x, const struct store_contact *c)
{
	return x->settings->quiet_hours.is_set ? zones_of(c) : "";
}

struct wall_ms audience_quiet(struct exchange *x, const struct store_contact *c, const char *what)
{
	return quiet_until(x->settings, what, zones_of(c), x->now.wall);
}

/* The contact behind the cursor, which moves on to it; *ret_joined: on the list, where there is
 * one. */
static int step(struct exchange *x, const struct audience *a, int64_t *cursor,
		struct store_contact *ret, bool *ret_joined)
{
	int state = STORE_JOINED;
	int r = a->list ? store_member_next(x->store, a->list, *cursor, &state, ret)
			: store_contact_next(x->store, a->account, *cursor, ret);

	*ret_joined = state == STORE_JOINED;
	if (r == 0)
		*cursor = ret->id;
	return r;
}

static bool holds(struct exchange *x, const struct audience *a, const struct store_contact *c)
{
	struct flow_view view;
	struct flow_event e = audience_event(x, c, "", &view);

	return flow_audience_holds(a->is, &e);
}

/* Somebody who can be texted: no name, no short number, nobody of ours, nobody who was erased. */
static bool is_person(struct exchange *x, const struct store_contact *c)
{
	return c->number[0] == '+' && !own_is_contact(x, c) &&
	       !tw_map_get(&x->lines, c->number, strlen(c->number));
}

int audience_next(struct exchange *x, struct audience *a, struct audience_walk *w, int *looks,
		  struct store_contact *ret)
{
	bool is_joined;

	while (!w->is_over && *looks > 0) {
		int r = step(x, a, &w->cursor, ret, &is_joined);

		w->is_over = r == TW_E_UNKNOWN;
		if (r < 0)
			return w->is_over ? 1 : r;
		--*looks;
		if (!is_person(x, ret))
			continue;
		bool is_held = holds(x, a, ret);

		if (x->asked.error)
			return x->asked.error;	/* what could not be read is no "no" */
		if (!is_held)
			continue;
		if (is_joined && !ret->stopped_at.ms) {
			w->held++;
			return 0;
		}
		w->left_out++;
	}
	return 1;
}

int audience_count(struct exchange *x, struct audience *a, struct audience_walk *w, int looks)
{
	struct store_contact c;
	int r;

	do
		r = audience_next(x, a, w, &looks, &c);
	while (r == 0);
	return r < 0 ? r : 0;
}
