/* The PIN rule (design 4): "PIN tried" is on disk before the PIN leaves, and stays there unless the
 * PIN opened the SIM; a pair that is there is not sent. */
#include "internal.h"

static void on_committed(void *ctx, bool ok, uint64_t slot, uint64_t generation)
{
	struct exchange *x = ctx;

	if (ok)
		bank_pin_go(x->bank, (struct tw_handle){ (uint32_t)slot, (uint32_t)generation },
			    x->now);
}

int pin_asked(struct exchange *x, struct station *st, int tries_left)
{
	uint8_t hash[32];
	const char *identity = "", *why = "";
	const char *pin = bank_pin_for(x->bank, st->modem, tries_left, hash, &identity, &why);

	if (!pin) {
		bank_pin_deny(x->bank, st->modem, x->now);
		return store_event_add(x->store, "sim.locked", st->name, why ? why : "no PIN", 0,
				       x->now.wall);
	}
	int r = store_pin_tried(x->store, identity, hash, x->now.wall);

	if (r == TW_E_EXISTS) {
		bank_pin_deny(x->bank, st->modem, x->now);
		return 0;
	}
	if (r < 0)
		return r;
	store_on_commit(x->store, on_committed, x, st->modem.slot, st->modem.generation);
	return 0;
}

int pin_opened(struct exchange *x, struct tw_handle modem)
{
	const char *identity;
	uint8_t hash[32];

	if (!bank_pin_opened(x->bank, modem, hash, &identity))
		return 0;
	return store_pin_worked(x->store, identity, hash);
}
