/* Telling those who watch, once it is true on disk. */
#include <stdio.h>

#include "internal.h"

static void tell(struct exchange *x, const char *event, const char *about, const char *why)
{
	if (why && *why)
		tw_log(TW_INFO, event, "about=%s why=%s", tw_log_quote(about), tw_log_quote(why));
	else
		tw_log(TW_INFO, event, "about=%s", tw_log_quote(about));
	if (x->watch)
		x->watch(x->watch_ctx, event, about, x->now);
}

static void on_message(void *ctx, bool ok, uint64_t id, uint64_t state)
{
	struct exchange *x = ctx;
	char event[40], name[MESSAGE_ID_MAX];

	if (!ok)
		return;
	snprintf(event, sizeof(event), "message.%s",
		 message_state_name((enum message_state)state));
	tell(x, event, store_id_write(x->store, (int64_t)id, name), NULL);
}

void watch_message(struct exchange *x, int64_t id, int state)
{
	if (x->is_hiding)
		return;
	for (size_t i = 0; i < x->n_tests; i++)
		if (x->tests[i].message == id)
			return;
	if (x->watch || tw_log_wants(TW_INFO))
		store_on_commit_lazy(x->store, on_message, x, (uint64_t)id, (uint64_t)state);
}

void watch_now(struct exchange *x, const char *event, const char *id)
{
	tell(x, event, id, NULL);
}

/* What the bank knows of a modem that needs a person says more than why its machine moved. */
static bool needs_person(int state)
{
	return state == MODEM_LOCKED || state == MODEM_NO_SIM || state == MODEM_STRANGER ||
	       state == MODEM_FAILED;
}

void watch_modem(struct exchange *x, const struct station *st, int state, const char *why)
{
	struct bank_modem m;
	char event[40];

	if (needs_person(state) && bank_modem(x->bank, st->modem, &m) && m.last_error[0])
		why = m.last_error;
	snprintf(event, sizeof(event), "modem.%s", modem_state_name((enum modem_state)state));
	tell(x, event, st->name, why);
}
