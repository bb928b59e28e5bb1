/* The money of SIMs (design 4, SIM care): asked by USSD on a schedule, topped up from a file of
 * vouchers, and a SIM that cannot pay for a message is not given it. What is spent between two
 * answers is counted from what segments cost, so it is known before the SIM is empty. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

enum {
	MINUTE = 60 * 1000,
	TEXT_MS = 5 * MINUTE,		/* the answer may come as a text */
	AGAIN_MS = 10 * MINUTE,		/* between two questions that nobody typed */
	POOR_MS = 60 * MINUTE,		/* a SIM without money: somebody may have topped it up */
	SETTLE_MS = MINUTE,		/* a top-up until it is counted */
	TOP_UPS_MAX = 2,		/* that brought nothing: three wrong codes lock many SIMs */
	CODES_MAX = 64 * 1024,		/* octets of a file of codes */
	CODE_MAX = 32,
	UNREAD_MAX = 3
};

static bool has_plan(const struct station *st)
{
	return st->money && st->sim.id;
}

bool balance_is_known(const struct station *st)
{
	return has_plan(st) && st->care.has_balance;
}

int64_t balance_left(const struct station *st)
{
	return st->care.balance - st->care.spent;
}

static int64_t alert_of(const struct station *st)
{
	return (int64_t)(st->money->alert * QUOTA_MONEY + 0.5);
}

/* ---- which operator, what is known --------------------------------------------------------- */

/* The entry whose country and network code begin the IMSI (23.003 2.2); the longest. */
static const struct settings_balance *entry_for(const struct exchange *x, const char *imsi)
{
	const struct settings_balance *best = NULL;

	for (size_t i = 0; i < x->settings->n_balance; i++) {
		const struct settings_balance *b = &x->settings->balance[i];
		size_t n = strlen(b->operator_);

		if (n && strncmp(imsi, b->operator_, n) == 0 &&
		    (!best || n > strlen(best->operator_)))
			best = b;
	}
	return best;
}

static int load_burn(struct exchange *x, struct station *st)
{
	enum { READINGS_MAX = 1500 };
	struct balance_reading *v = NULL, one = { .at = { 0 } };
	size_t n = 0;
	int r;

	while ((r = store_balance_next(x->store, st->sim.id, one.at, &one.at, &one.amount)) == 0 &&
	       n < READINGS_MAX) {
		if (n % 64 == 0)
			v = tw_realloc(v, (n + 64) * sizeof(*v));
		v[n++] = one;
	}
	st->burn = balance_burn(v, n, x->now.wall);
	free(v);
	return r == TW_E_UNKNOWN ? 0 : r;
}

int balance_load(struct exchange *x, struct station *st)
{
	struct bank_modem m;
	int r;

	st->money = bank_modem(x->bank, st->modem, &m) && m.facts ? entry_for(x, m.facts->imsi)
		: NULL;
	st->burn = -1;
	x->balance_at.ms = 0;
	if (st->care_of == st->sim.id)
		return st->money ? load_burn(x, st) : 0;
	st->care = (struct store_care){ 0 };
	st->care_dirty = st->health_dirty = false;
	r = store_care(x->store, st->sim.id, &st->care);
	health_refresh(x, st);
	if (r < 0 && r != TW_E_UNKNOWN)
		return r;
	st->care_of = st->sim.id;
	return st->money ? load_burn(x, st) : 0;
}

static int keep(struct exchange *x, struct station *st)
{
	st->care_dirty = false;
	return store_care_put(x->store, st->sim.id, &st->care);
}

/* ---- what is spent ------------------------------------------------------------------------- */

/* Whether more is needed than is left: for some segment, or so that nobody is told. */
static bool is_poor(const struct station *st)
{
	int64_t need = alert_of(st);

	for (size_t i = 0; st->entry && i < st->entry->n_cost; i++)
		if ((int64_t)(st->entry->cost[i].each * QUOTA_MONEY + 0.5) > need)
			need = (int64_t)(st->entry->cost[i].each * QUOTA_MONEY + 0.5);
	return balance_is_known(st) && (balance_left(st) <= 0 || balance_left(st) < need);
}

static void wish(struct exchange *x, struct station *st, struct wall_ms at)
{
	if (!has_plan(st))
		return;
	if (!st->ask_at.ms || at.ms < st->ask_at.ms)
		st->ask_at = at;
	x->balance_at.ms = 0;
}

void balance_charge(struct exchange *x, struct station *st, int64_t each, int times)
{
	if (!each || !balance_is_known(st))
		return;
	bool was_poor = is_poor(st);

	st->care.spent += each * times;
	if (st->care.spent < 0)
		st->care.spent = 0;
	st->care_dirty = true;
	if (!was_poor && is_poor(st))
		wish(x, st, x->now.wall);
}

void balance_doubted(struct exchange *x, struct station *st)
{
	wish(x, st, x->now.wall);
}

/* ---- asking -------------------------------------------------------------------------------- */

static struct wall_ms due_at(const struct station *st)
{
	struct wall_ms at = wall_after(st->care.asked_at, st->money->every);
	struct wall_ms soonest = wall_after(st->care.asked_at, AGAIN_MS);
	int64_t again = AGAIN_MS;

	if (!st->care.asked_at.ms)
		return (struct wall_ms){ 1 };
	if (is_poor(st) && st->money->every > POOR_MS)
		at = wall_after(st->care.asked_at, POOR_MS);
	for (int i = 1; i < st->unread && again < st->money->every; i++)
		again *= 2;
	if (st->unread && again < st->money->every)
		at = wall_after(st->care.asked_at, again);
	if (st->ask_at.ms && st->ask_at.ms < at.ms)
		at = st->ask_at.ms > soonest.ms || st->care.topped_at.ms >= st->care.asked_at.ms
			? st->ask_at : soonest;
	return at;
}

static int ask(struct exchange *x, struct station *st, const char *who, int64_t *ret_id)
{
	struct job_order order = { .kind = JOB_USSD, .purpose = JOB_FOR_BALANCE, .ref = st->sim.id,
				   .sim = st->sim.id, .modem = st->name, .text = st->money->ask,
				   .who = who };
	int r = job_start(x, &order, ret_id);

	if (r < 0)
		return r;
	st->care.asked_at = x->now.wall;
	st->ask_at.ms = 0;
	st->told_until = wall_after(x->now.wall, TEXT_MS);
	return keep(x, st);
}

int balance_run(struct exchange *x)
{
	int r = 0;

	if (!x->settings->n_balance || x->balance_at.ms > x->now.wall.ms)
		return 0;
	x->balance_at = X_NEVER;
	for (uint32_t i = 0; i < x->n_stations && r >= 0; i++) {
		struct station *st = x->stations[i];
		struct wall_ms at;
		int64_t id;

		if (!st || !has_plan(st) || !station_is_present(x, st))
			continue;	/* when it becomes ready it is looked at again */
		at = due_at(st);
		if (at.ms > x->now.wall.ms) {
			if (at.ms < x->balance_at.ms)
				x->balance_at = at;
			continue;
		}
		if (jobs_have(x, JOB_FOR_BALANCE, st->sim.id) || jobs_have(x, JOB_FOR_TOP_UP,
									   st->sim.id))
			continue;	/* their end looks again */
		event_begin(x);
		r = event_end(x, ask(x, st, "balance", &id), "balance");
	}
	return r;
}

/* ---- the answer ---------------------------------------------------------------------------- */

static int top_up(struct exchange *x, struct station *st);

/* alert: ALERT_KINDS: nobody needs to be told. */
static int tell(struct exchange *x, const struct station *st, const char *kind,
		enum alert_kind alert,
		const char *format, ...) __attribute__((format(printf, 5, 6)));
static int tell(struct exchange *x, const struct station *st, const char *kind,
		enum alert_kind alert, const char *format, ...)
{
	char text[256];
	va_list ap;
	int r;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	tw_log(TW_WARN, kind, "about=%s text=%s", tw_log_quote(st->name), tw_log_quote(text));
	r = store_event_add(x->store, kind, st->sim.iccid, text, 0, x->now.wall);
	return r < 0 || alert == ALERT_KINDS ? r : alert_raise(x, alert, st->sim.iccid, text);
}

static double money(int64_t amount)
{
	return (double)amount / QUOTA_MONEY;
}

/* A person is told once per fall. */
static int judge_level(struct exchange *x, struct station *st)
{
	bool is_low = st->money->alert > 0 && st->care.balance < alert_of(st);
	int r = 0;

	if (is_low && !st->care.is_low)
		r = tell(x, st, "balance.low", ALERT_BALANCE,
			 "the balance of %s is %.2f %s, below %.2f",
			 st->sim.number[0] ? st->sim.number : st->sim.iccid,
			 money(st->care.balance), x->settings->currency, st->money->alert);
	else if (!is_low)
		r = alert_clear(x, ALERT_BALANCE, st->sim.iccid);
	st->care.is_low = is_low;
	return r;
}

static int told(struct exchange *x, struct station *st, int64_t amount)
{
	bool is_more = st->care.has_balance && amount > balance_left(st);
	int r;

	if (is_more || !st->care.has_balance)
		st->care.top_ups = 0;
	st->care.has_balance = true;
	st->care.balance = amount;
	st->care.spent = 0;
	st->care.balance_at = x->now.wall;
	st->told_until.ms = 0;
	st->unread = 0;
	r = alert_clear(x, ALERT_UNREAD, st->sim.iccid);
	if (r < 0)
		return r;
	x->balance_at.ms = 0;
	x->look++;
	r = store_balance_add(x->store, st->sim.id, x->now.wall, amount);
	if (r == 0 && is_more)
		r = alert_clear(x, ALERT_TOP_UP, st->sim.iccid);
	if (r == 0)
		r = load_burn(x, st);
	if (r == 0)
		r = judge_level(x, st);
	if (r == 0)
		r = keep(x, st);
	if (r == 0)
		watch_now(x, "modem.balance", st->name);
	return r == 0 && st->care.is_low ? top_up(x, st) : r;
}

int balance_asked(struct exchange *x, const struct store_job *job, const char *answer)
{
	struct station *st = station_by_sim(x, job->ref);
	int64_t amount;

	x->balance_at.ms = 0;
	if (!st || !st->money)
		return 0;
	if (job->state == JOB_DONE && balance_find(st->money->match, answer, &amount) == 0)
		return told(x, st, amount);
	/* It waits for a text; where none comes it is asked again, later and later. */
	if (++st->unread != UNREAD_MAX)
		return 0;
	return tell(x, st, "balance.unread", ALERT_UNREAD,
		    "the balance of %s cannot be read: %s%.100s; look at `ask` and "
		    "`match` of %s", st->sim.number[0] ? st->sim.number : st->sim.iccid,
		    job->state == JOB_DONE ? "the answer was " : "",
		    job->state == JOB_DONE ? answer :
		    job->error, st->money->operator_);
}

int balance_text(struct exchange *x, const struct text_in *in)
{
	struct station *st = in->st;
	char *text;
	int64_t amount;
	int r;

	if (!st->money || st->told_until.ms < x->now.wall.ms || in->kind == NUMBER_E164 ||
	    in->flags & (STORE_RAW | STORE_DATA))
		return 0;
	text = tw_strndup(in->body, in->body_n);
	r = balance_find(st->money->match, text, &amount);
	free(text);
	if (r < 0)
		return 0;
	r = told(x, st, amount);
	return r < 0 ? r : 1;
}

/* ---- vouchers ------------------------------------------------------------------------------ */

/* The file as a whole; NULL: it cannot be read, or is no file of that size. */
static char *read_codes(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	char *text = NULL;
	ssize_t n = -1;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= CODES_MAX) {
		text = tw_alloc((size_t)st.st_size + 1);
		n = read(fd, text, (size_t)st.st_size);
	}
	if (fd >= 0)
		close(fd);
	if (n < 0) {
		free(text);
		return NULL;
	}
	text[n] = 0;
	return text;
}

static bool is_code(const char *code)
{
	static const char letters[] =
		"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	return *code && strlen(code) < CODE_MAX && code[strspn(code, letters)] == 0;
}

/* The first code that was never dialled. 0, TW_E_UNKNOWN none is left, or an error of the store. */
static int next_code(struct exchange *x, char *codes, char out[CODE_MAX], uint8_t ret_digest[32])
{
	char *rest = codes, *line;
	int r;

	while ((line = strsep(&rest, "\n")) != NULL) {
		line += strspn(line, " \t");
		line[strcspn(line, " \t\r#")] = 0;
		if (!is_code(line))
			continue;
		tw_sha256(line, strlen(line), ret_digest);
		r = store_top_up(x->store, ret_digest);
		if (r == 0)
			continue;
		if (r == TW_E_UNKNOWN) {
			tw_strset(out, CODE_MAX, line);
			return 0;
		}
		return r;
	}
	return TW_E_UNKNOWN;
}

/* The row that says "used" is in the transaction that precedes the code's first octet. */
static int dial(struct exchange *x, struct station *st, const char *code, const uint8_t digest[32])
{
	const char *hole = strstr(st->money->topup, "{code}");
	struct job_order order = { .kind = JOB_USSD, .purpose = JOB_FOR_TOP_UP, .ref = st->sim.id,
				   .sim = st->sim.id, .modem = st->name, .who = "balance" };
	char *text = tw_printf("%.*s%s%s", (int)(hole - st->money->topup), st->money->topup, code,
			       hole + strlen("{code}"));
	int64_t id;
	int r;

	order.text = text;
	r = job_start(x, &order, &id);
	free(text);
	if (r == 0)
		r = store_top_up_add(x->store, digest, st->sim.id, id, x->now.wall);
	st->care.top_ups++;
	st->care.topped_at = x->now.wall;
	return r < 0 ? r : keep(x, st);
}

static int top_up(struct exchange *x, struct station *st)
{
	const char *name = st->sim.number[0] ? st->sim.number : st->sim.iccid;
	uint8_t digest[32];
	char code[CODE_MAX], *codes;
	int r;

	if (!st->money->topup[0] || !st->money->codes[0] || jobs_have(x, JOB_FOR_TOP_UP,
								      st->sim.id))
		return 0;
	if (st->care.top_ups >= TOP_UPS_MAX) {
		if (st->care.top_ups > TOP_UPS_MAX)
			return 0;
		st->care.top_ups++;
		r = tell(x, st, "top_up.failed", ALERT_TOP_UP,
			 "%d vouchers brought nothing to %s: no other is dialled "
			 "until its balance rises", TOP_UPS_MAX, name);
		return r < 0 ? r : keep(x, st);
	}
	codes = read_codes(st->money->codes);
	if (!codes)
		return tell(x, st, "top_up.failed", ALERT_TOP_UP,
			    "%s cannot be topped up: %.120s cannot be read", name,
			    st->money->codes);
	r = next_code(x, codes, code, digest);
	free(codes);
	if (r == 0)
		return dial(x, st, code, digest);
	if (r != TW_E_UNKNOWN)
		return r;
	return tell(x, st, "top_up.failed", ALERT_TOP_UP,
		    "%s cannot be topped up: every code in %.120s was used", name,
		    st->money->codes);
}

/* What an operator sends by hand goes the same way as a code of the file. */
int balance_dial(struct exchange *x, const char *modem, const char *code,
		 enum flow_house_text *ret_why)
{
	struct bank_modem m;
	struct station *st = bank_find(x->bank, modem, &m) ? station_of(x, m.handle) : NULL;
	uint8_t digest[32];
	int r = TW_E_DENIED;

	if (!st || !has_plan(st) || !st->money->topup[0])
		*ret_why = FLOW_SAY_WHY_NO_TOP_UP;
	else if (!is_code(code))
		*ret_why = FLOW_SAY_WHY_CODE_FORM;
	else if (jobs_have(x, JOB_FOR_TOP_UP, st->sim.id))
		*ret_why = FLOW_SAY_WHY_DIALLING;
	else
		r = 0;
	if (r < 0)
		return r;
	tw_sha256(code, strlen(code), digest);
	r = store_top_up(x->store, digest);
	if (r == 0)
		*ret_why = FLOW_SAY_WHY_DIALLED;
	if (r != TW_E_UNKNOWN)
		return r == 0 ? TW_E_DENIED : r;
	st->care.top_ups = 0;		/* a person has looked at it */
	return dial(x, st, code, digest);
}

int balance_topped_up(struct exchange *x, const struct store_job *job, const char *answer)
{
	struct station *st = station_by_sim(x, job->ref);
	bool was_dialled = job->started_at.ms != 0;
	char masked[STORE_JOB_ERROR_MAX];
	int r;

	x->balance_at.ms = 0;
	command_mask_code(job->state == JOB_DONE ? answer : job->error, masked, sizeof(masked));
	r = store_top_up_end(x->store, job->id, was_dialled ? masked : NULL);
	if (r < 0 || !st || !st->money)
		return r;
	if (!was_dialled)
		st->care.top_ups--;
	wish(x, st, wall_after(x->now.wall, was_dialled ? SETTLE_MS : AGAIN_MS));
	r = keep(x, st);
	if (r < 0 || !was_dialled)
		return r;
	return tell(x, st, "top_up.dialled", ALERT_KINDS, "a voucher was dialled for %s: %.120s",
		    st->sim.number[0] ? st->sim.number : st->sim.iccid, masked);
}

/* ---- for people ---------------------------------------------------------------------------- */

int exchange_balance_ask(struct exchange *x, const char *modem, const char *who, struct tw_now now,
			 int64_t *ret_id, struct exchange_refusal *reterr)
{
	struct bank_modem m;
	struct station *st;
	int r;

	x->now = now;
	*reterr = (struct exchange_refusal){ .status = 409, .code = 20409 };
	if (!bank_find(x->bank, modem, &m)) {
		*reterr = (struct exchange_refusal){ .status = 404, .code = 20404 };
		snprintf(reterr->text, sizeof(reterr->text),
			 "no modem is called %.100s; `twoway modems` lists them", modem);
		return TW_E_UNKNOWN;
	}
	st = station_of(x, m.handle);
	if (!has_plan(st)) {
		snprintf(reterr->text, sizeof(reterr->text),
			 "nothing tells how to ask for the balance of "
			 "%.40s: set `balance` for its operator (%s%.6s)", m.name,
			 m.facts && m.facts->imsi[0] ? "its IMSI begins with "
			 : "no SIM is read yet", m.facts ? m.facts->imsi : "");
		return TW_E_STATE;
	}
	if (jobs_have(x, JOB_FOR_BALANCE, st->sim.id)) {
		snprintf(reterr->text, sizeof(reterr->text), "%.40s is being asked already",
			 m.name);
		return TW_E_STATE;
	}
	event_begin(x);
	r = event_end(x, ask(x, st, who, ret_id), "balance");
	if (r < 0) {
		*reterr = (struct exchange_refusal){ .status = 500, .code = 20500 };
		tw_strset(reterr->text, sizeof(reterr->text), tw_strerror(r));
	}
	return r;
}
