#include "internal.h"

#include <stdio.h>

/* A SIM is its ICCID. Some commands leave out its last digit or two: the same, then, when the
 * shorter one, of 18 digits or more, begins the longer. */
enum { ICCID_MIN = 18 };

static bool is_same_sim(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);

	if (n == m)
		return n > 0 && strcmp(a, b) == 0;
	if (n > m)
		n = m;
	return n >= ICCID_MIN && strncmp(a, b, n) == 0;
}

static const struct settings_sim *configured(const struct bank *b, const char *iccid)
{
	for (size_t i = 0; i < b->settings->n_sims; i++)
		if (is_same_sim(b->settings->sims[i].iccid, iccid))
			return &b->settings->sims[i];
	return NULL;
}

static struct known_sim *known(const struct bank *b, const char *iccid)
{
	struct known_sim *sim = tw_map_get(&b->sims, iccid, strlen(iccid));
	void *value;

	if (sim)
		return sim;
	for (size_t cursor = 0; tw_map_each(&b->sims, &cursor, NULL, NULL, &value); )
		if (is_same_sim(((struct known_sim *)value)->iccid, iccid))
			return value;
	return NULL;
}

static struct known_sim *first_in(const struct bank *b, const char *seat)
{
	void *value;

	for (size_t cursor = 0; tw_map_each(&b->sims, &cursor, NULL, NULL, &value); )
		if (strcmp(((struct known_sim *)value)->seat, seat) == 0)
			return value;
	return NULL;
}

void identity_forget(struct bank *b)
{
	void *value;

	for (size_t cursor = 0; tw_map_each(&b->sims, &cursor, NULL, NULL, &value); )
		free(value);
	tw_map_done(&b->sims);
	tw_map_done(&b->pins);
	tw_map_done(&b->bearers);
}

void bank_remember_sim(struct bank *b, const char *iccid, const char *number, const char *seat)
{
	struct known_sim *sim = known(b, iccid);

	if (!sim) {
		sim = tw_zalloc(sizeof(*sim));
		tw_strset(sim->iccid, sizeof(sim->iccid), iccid);
		tw_map_put(&b->sims, iccid, strlen(iccid), sim);
	}
	tw_strset(sim->number, sizeof(sim->number), number);
	tw_strset(sim->seat, sizeof(sim->seat), seat);
}

/* Which modem holds which SIM and number now. */
void identity_index(struct bank *b)
{
	tw_map_done(&b->by_iccid);
	tw_map_done(&b->by_number);
	for (uint32_t slot = 0; slot < b->devices.n; slot++) {
		struct device *d = tw_pool_at(&b->devices, slot, NULL);
		const char *iccid;

		if (!d || !d->is_open || !d->is_admitted)
			continue;
		iccid = modem_facts(d->modem)->iccid;
		if (iccid[0])
			tw_map_put(&b->by_iccid, iccid, strlen(iccid), d);
		if (d->number[0])
			tw_map_put(&b->by_number, d->number, strlen(d->number), d);
	}
}

/* A SIM whose ICCID cannot be read is the one of its modem. */
static const char *sim_identity(const struct device *d)
{
	const char *iccid = modem_facts(d->modem)->iccid;

	return iccid[0] ? iccid : d->key;
}

static bool is_named(const struct device *d)
{
	return d->entry != &find_no_entry;
}

static bool is_key_of_entry(const struct bank *b, const char *key)
{
	for (uint32_t slot = 0; slot < b->devices.n; slot++) {
		const struct device *d = tw_pool_at(&b->devices, slot, NULL);

		if (d && is_named(d) && strcmp(d->key, key) == 0)
			return true;
	}
	return false;
}

/* Whether the SIM keys written in the modem's entry mean this SIM: they belong to the first SIM
 * seen in it, or, where no ICCID can be read, to whatever is there (naming a port is consent). A
 * SIM that came from another named modem keeps what it had there. */
static bool entry_means(const struct bank *b, const struct device *d, const char *iccid)
{
	const struct known_sim *first = first_in(b, d->key), *before;

	if (!is_named(d))
		return false;
	if (!iccid[0])
		return true;
	if (first)
		return is_same_sim(first->iccid, iccid);
	before = known(b, iccid);
	return !before || !before->seat[0] || !is_key_of_entry(b, before->seat);
}

static const char *account_of(const struct bank *b, const struct device *d)
{
	const struct settings_sim *named = configured(b, modem_facts(d->modem)->iccid);

	return named ? named->account : "";
}

/* What is borrowed from the settings is borrowed from the new ones. */
void identity_reload(struct bank *b)
{
	for (uint32_t slot = 0; slot < b->devices.n; slot++) {
		struct device *d = tw_pool_at(&b->devices, slot, NULL);

		if (d)
			d->account = account_of(b, d);
	}
}

/* "twoway.conf:12: …": what is wrong in the entry of the modem, or of the SIM in it. */
const char *identity_refused(const struct device *d)
{
	const struct settings_sim *named = configured(d->bank, modem_facts(d->modem)->iccid);

	return d->entry->refused ? d->entry->refused : named ? named->refused : NULL;
}

/* A SIM that is named or known is used wherever it is, and so is the first one in a modem that is
 * named. Any other is a stranger, until it is accepted or named; with `adopt = "all"` it is used as
 * well, under its own number only. */
bool identity_decide(struct bank *b, struct device *d)
{
	const char *iccid = modem_facts(d->modem)->iccid;
	const struct settings_sim *named = configured(b, iccid);
	const struct known_sim *before = known(b, sim_identity(d));
	bool by_entry = entry_means(b, d, iccid);

	d->account = "";
	d->number[0] = '\0';
	if (identity_refused(d) ||
	    (!named && !before && !by_entry && b->settings->adopt != ADOPT_ALL))
		return false;
	d->account = account_of(b, d);
	if (named && named->number[0])
		tw_strset(d->number, sizeof(d->number), named->number);
	else if (by_entry && d->entry->number[0])
		tw_strset(d->number, sizeof(d->number), d->entry->number);
	else if (before && before->number[0])
		tw_strset(d->number, sizeof(d->number), before->number);
	return true;
}

/* The modem in which a SIM is seen first keeps it as its own; one accepted as a stranger is
 * nobody's. */
static void remember_first(struct bank *b, struct device *d)
{
	const struct known_sim *before = known(b, sim_identity(d));

	if (!before)
		bank_remember_sim(b, sim_identity(d), d->number, d->key);
	else if (before->seat[0] && strcmp(before->seat, d->key) != 0)
		tw_log(TW_INFO, "sim.moved", "sim=%s modem=%s first=%s", before->iccid,
		       tw_log_quote(d->name), tw_log_quote(before->seat));
}

void bank_remember_bearer(struct bank *b, const char *operator_, const char *command)
{
	tw_auto(tw_free_charp) char *key = tw_printf("%s %s", operator_, command);

	if (operator_[0])
		tw_map_put(&b->bearers, key, strlen(key), (void *)++b->bearers_told);
}

/* What its profile knows of that helped its operator's SIMs, the latest of it; "" none. */
static const char *bearer_of(const struct device *d, char out[AT_COMMAND_MAX])
{
	const struct board *board = boards_named(d->bank->boards, modem_facts(d->modem)->board);
	char operator_[8], command[AT_COMMAND_MAX];
	uintptr_t latest = 0;

	out[0] = '\0';
	number_operator_of_imsi(modem_facts(d->modem)->imsi, operator_);
	for (size_t i = 0; board && i < board_ways(board); i++) {
		board_way(board, i, command);
		tw_auto(tw_free_charp) char *key = tw_printf("%s %s", operator_, command);
		uintptr_t told = (uintptr_t)tw_map_get(&d->bank->bearers, key, strlen(key));

		if (told > latest) {
			latest = told;
			tw_strset(out, AT_COMMAND_MAX, command);
		}
	}
	return out;
}

bool bank_sim_decide(struct bank *b, struct tw_handle h, struct tw_now now)
{
	struct device *d = device_get(b, h);
	char command[AT_COMMAND_MAX];

	if (!d)
		return false;
	d->is_admitted = identity_decide(b, d);
	d->is_stranger = !d->is_admitted;
	if (d->is_admitted)
		remember_first(b, d);
	else if (identity_refused(d))
		device_trouble(d, "its entry is refused: %s", identity_refused(d));
	else
		device_trouble(d, "SIM %s is %s %s: twoway modems accept %s", sim_identity(d),
			       is_named(d) ? "not the one first seen in" : "new, in", d->name,
			       d->name);
	identity_index(b);
	habit_of_sim(d);
	modem_set_bearer(d->modem, bearer_of(d, command));
	modem_admit(d->modem, d->is_admitted, now.mono);
	device_touch(d);
	return d->is_admitted;
}

void bank_accept(struct bank *b, struct tw_handle h, struct tw_now now)
{
	struct device *d = device_get(b, h);

	if (!d || !d->is_stranger || identity_refused(d))
		return;
	d->last_error[0] = '\0';
	bank_remember_sim(b, sim_identity(d), "", "");
	bank_sim_decide(b, h, now);
}

void bank_learn_number(struct bank *b, struct tw_handle h, const char *number)
{
	struct device *d = device_get(b, h);
	struct known_sim *sim = d ? known(b, sim_identity(d)) : NULL;

	if (sim)
		tw_strset(sim->number, sizeof(sim->number), number);
	if (d && !d->number[0])
		tw_strset(d->number, sizeof(d->number), number);
	identity_index(b);
}

const char *bank_country(const struct bank *b, struct tw_handle h)
{
	const struct device *d = device_get(b, h);

	if (b->settings->country[0] || !d)
		return b->settings->country;
	return number_country_of_imsi(modem_facts(d->modem)->imsi);
}

/* ---- the PIN (design 4) -------------------------------------------------------------------- */

static void pin_key(const char *identity, const uint8_t hash[32], struct tw_buf *out)
{
	tw_buf_adds(out, identity);
	tw_buf_addc(out, '\0');
	tw_buf_add(out, hash, 32);
}

void bank_remember_pin(struct bank *b, const char *sim_or_imei, const uint8_t pin_hash[32])
{
	struct tw_buf key = { 0 };

	pin_key(sim_or_imei, pin_hash, &key);
	tw_map_put(&b->pins, key.p, key.n, b);
	tw_buf_done(&key);
}

static bool was_tried(const struct bank *b, const char *identity, const uint8_t hash[32])
{
	struct tw_buf key = { 0 };
	bool tried;

	pin_key(identity, hash, &key);
	tried = tw_map_get(&b->pins, key.p, key.n);
	tw_buf_done(&key);
	return tried;
}

/* The PIN that would go; else NULL and why not. */
static const char *pin_allowed(const struct bank *b, const struct device *d, const char *identity,
			       int tries_left, uint8_t ret_hash[32], const char **ret_why_not)
{
	const char *iccid = modem_facts(d->modem)->iccid;
	const struct settings_sim *named = configured(b, iccid);
	const char *pin = named ? named->pin : entry_means(b, d, iccid) ? d->entry->pin : "";

	if (identity_refused(d)) {
		*ret_why_not = identity_refused(d);
		return NULL;
	}
	if (!pin[0]) {
		*ret_why_not = "set `pin` for it";
		return NULL;
	}
	if (tries_left >= 0 && tries_left < 3) {
		*ret_why_not = "fewer than three PIN tries are left: enter the PIN in a telephone";
		return NULL;
	}
	tw_sha256(pin, strlen(pin), ret_hash);
	if (was_tried(b, identity, ret_hash)) {
		*ret_why_not = "this PIN was tried before and did not open the SIM: correct `pin`";
		return NULL;
	}
	return pin;
}

const char *bank_pin_for(struct bank *b, struct tw_handle h, int tries_left, uint8_t ret_hash[32],
			 const char **ret_identity, const char **ret_why_not)
{
	struct device *d = device_get(b, h);
	const struct modem_facts *facts;
	const char *pin;

	*ret_why_not = "modem is gone";
	if (!d)
		return NULL;
	facts = modem_facts(d->modem);
	*ret_identity = facts->iccid[0] ? facts->iccid : facts->imei;
	d->is_pin_sent = false;
	pin = pin_allowed(b, d, *ret_identity, tries_left, ret_hash, ret_why_not);
	d->why_no_pin = pin ? NULL : *ret_why_not;
	if (!pin)
		return NULL;
	tw_strset(d->pin, sizeof(d->pin), pin);
	tw_strset(d->pin_identity, sizeof(d->pin_identity), *ret_identity);
	memcpy(d->pin_hash, ret_hash, 32);
	return d->pin;
}

void bank_pin_go(struct bank *b, struct tw_handle h, struct tw_now now)
{
	struct device *d = device_get(b, h);

	if (!d || !d->pin[0])
		return;
	modem_give_pin(d->modem, d->pin, now.mono);
	memset(d->pin, 0, sizeof(d->pin));
	bank_remember_pin(b, d->pin_identity, d->pin_hash);
	d->is_pin_sent = true;
	device_touch(d);
}

void bank_pin_deny(struct bank *b, struct tw_handle h, struct tw_now now)
{
	struct device *d = device_get(b, h);

	if (!d)
		return;
	memset(d->pin, 0, sizeof(d->pin));
	modem_deny_pin(d->modem, now.mono);
	device_touch(d);
}

bool bank_pin_opened(struct bank *b, struct tw_handle h, uint8_t ret_hash[32],
		     const char **ret_identity)
{
	struct device *d = device_get(b, h);
	struct tw_buf key = { 0 };

	if (!d || !d->is_pin_sent)
		return false;
	pin_key(d->pin_identity, d->pin_hash, &key);
	tw_map_del(&b->pins, key.p, key.n);
	tw_buf_done(&key);
	memcpy(ret_hash, d->pin_hash, 32);
	*ret_identity = d->pin_identity;
	return true;
}
