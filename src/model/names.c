/* Names of what the tables of model.h list. */
#include <twoway/model.h>

static bool find(const char *const *names, size_t n, const char *name, size_t *ret)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(names[i], name) == 0) {
			*ret = i;
			return true;
		}
	}
	return false;
}

/* What stands where a value is none of the enumeration, which only a bug can bring about. */
static const char *name_at(const char *const *names, size_t n, size_t i)
{
	return i < n ? names[i] : "?";
}

#define X(name, text) text,
static const char *const message_states[] = { MESSAGE_STATES(X) };
static const char *const reactions[] = { REACTIONS(X) };
static const char *const modem_states[] = { MODEM_STATES(X) };
static const char *const job_states[] = { JOB_STATES(X) };
static const char *const modem_rungs[] = { MODEM_RUNGS(X) };
#undef X
static const char *const lanes[] = { "reply", "api", "campaign" };
static const char *const job_kinds[] = { "ussd", "at" };

_Static_assert(TW_COUNT(message_states) == MESSAGE_STATE_COUNT, "a name for each state");
_Static_assert(TW_COUNT(reactions) == REACTION_COUNT, "a name for each reaction");
_Static_assert(TW_COUNT(modem_states) == MODEM_STATE_COUNT, "a name for each state");
_Static_assert(TW_COUNT(lanes) == LANE_COUNT, "a name for each lane");
_Static_assert(TW_COUNT(job_states) == JOB_STATE_COUNT, "a name for each state");
_Static_assert(TW_COUNT(job_kinds) == JOB_KIND_COUNT, "a name for each kind");

const char *message_state_name(enum message_state s)
{
	return name_at(message_states, TW_COUNT(message_states), s);
}

bool message_state_read(const char *name, enum message_state *ret)
{
	size_t i;

	if (!find(message_states, TW_COUNT(message_states), name, &i))
		return false;
	*ret = (enum message_state)i;
	return true;
}

bool message_state_is_final(enum message_state s)
{
	switch (s) {
	case MESSAGE_RECEIVED:
	case MESSAGE_SCHEDULED:
	case MESSAGE_QUEUED:
	case MESSAGE_SENDING:
	case MESSAGE_SENT:
	case MESSAGE_STATE_COUNT:
		return false;
	case MESSAGE_DELIVERED:
	case MESSAGE_UNDELIVERED:
	case MESSAGE_FAILED:
	case MESSAGE_CANCELED:
	case MESSAGE_EXPIRED:
		return true;
	}
	return false;
}

const char *lane_name(enum lane l)
{
	return name_at(lanes, TW_COUNT(lanes), l);
}

const char *reaction_name(enum reaction r)
{
	return name_at(reactions, TW_COUNT(reactions), r);
}

bool reaction_read(const char *name, enum reaction *ret)
{
	size_t i;

	if (!find(reactions, TW_COUNT(reactions), name, &i))
		return false;
	*ret = (enum reaction)i;
	return true;
}

const char *modem_state_name(enum modem_state s)
{
	return name_at(modem_states, TW_COUNT(modem_states), s);
}

const char *job_kind_name(enum job_kind k)
{
	return name_at(job_kinds, TW_COUNT(job_kinds), k);
}

const char *job_state_name(enum job_state s)
{
	return name_at(job_states, TW_COUNT(job_states), s);
}

const char *modem_rung_name(enum modem_rung r)
{
	return name_at(modem_rungs, TW_COUNT(modem_rungs), r);
}
