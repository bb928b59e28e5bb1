/* USSD to the machine of a modem. */
#include "internal.h"

int bank_ussd(struct bank *b, struct tw_handle h, uint64_t id, const char *text, bool is_answer,
	      int64_t limit_ms, struct tw_now now)
{
	struct device *d = device_get(b, h);
	int r;

	if (!d || !d->is_open)
		return TW_E_GONE;
	r = modem_ussd(d->modem, id, text, is_answer, limit_ms, now.mono);
	device_touch(d);
	return r;
}

void bank_ussd_end(struct bank *b, struct tw_handle h, struct tw_now now)
{
	struct device *d = device_get(b, h);

	if (!d || !d->is_open)
		return;
	modem_ussd_end(d->modem, now.mono);
	device_touch(d);
}
