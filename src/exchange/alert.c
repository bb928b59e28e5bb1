/* What needs a person, told to one (the setting `alert`): once as long as it lasts, of each kind
 * once an hour at most, several in one text, each with what to do. A row is there as long as the
 * trouble is. */
#include <jansson.h>
#include <stdio.h>

#include "internal.h"

enum {
	SECOND = 1000, MINUTE = 60 * SECOND,
	GROUP_MS = 10 * SECOND,		/* what comes together is told together */
	PAUSE_MS = 60 * MINUTE,		/* between two texts of a kind */
	LOOK_MS = 10 * MINUTE,		/* at what tells nothing by itself */
	POLL_MS = 30 * SECOND,		/* whether the text got through */
	VALID_MS = 30 * MINUTE,
	NONE_READY_MS = 10 * MINUTE,
	SILENT_PROBES = 2,
	TRIES = 5, TEXT_MAX = 440
};
#define DISK_LOW (INT64_C(64) << 20)
#define DISK_WELL (INT64_C(128) << 20)

static const struct { const char *name, *remedy; } kinds[ALERT_KINDS] = {
	[ALERT_LOCKED] = { "locked", "A `pin` is taken by twoway reload; a PUK is typed into a "
				     "telephone." },
	[ALERT_FAILED] = { "failed", "Pull the stick out and put it back; look at its supply and "
				     "hub." },
	[ALERT_STRANGER] = { "stranger", "If it is yours: twoway modems accept NAME." },
	[ALERT_NONE_READY] = { "none_ready",
			       "Nothing is sent or received: twoway doctor says why." },
	[ALERT_REFUSED] = { "refused", "Ask its operator whether the SIM may send texts and is "
				       "paid for." },
	[ALERT_BALANCE] = { "balance", "Top it up." },
	[ALERT_UNREAD] = { "unread", "Look at `balance`." },
	[ALERT_TOP_UP] = { "top_up", "Look at `topup` and at the file of codes." },
	[ALERT_DEAF] = { "deaf", "Pull the stick out and put it back; is its storage full?" },
	[ALERT_SILENT] = { "silent", "Text it from a telephone; if nothing comes, replug the "
				     "stick." },
	[ALERT_DEMOTED] = { "demoted", "Other SIMs do its work. Is it blocked or out of credit?" },
	[ALERT_ENTRY] = { "entry", "Correct the configuration, then: twoway reload." },
	[ALERT_DISK] = { "disk", "Make room, or texts stay on the SIMs." },
	[ALERT_TICKET] = { "ticket", "See to it: twoway tickets." },
	[ALERT_CAMPAIGN] = { "campaign", "Look at it, then: twoway campaign start NAME." },
	[ALERT_VOUCHERS] = { "vouchers",
			     "Add codes to its file or raise its `limit`, then: twoway reload." },
	[ALERT_MAIL] = { "mail", "Look at `mail` and at its password, then: twoway reload." },
};

_Static_assert((int)ALERT_KINDS <= (int)X_ALERT_KINDS_MAX,
	       "each kind has a time when it was told last");

static bool has_number(const struct exchange *x)
{
	return x->settings->alert.number[0] != 0;
}

/* By mail, or a program that knows whom to call. */
static bool has_program(const struct exchange *x)
{
	return x->hook && (x->settings->alert.email[0] || x->settings->alert.webhook[0]);
}

static bool has_person(const struct exchange *x)
{
	return has_number(x) || has_program(x);
}

static void look_at(struct exchange *x, struct wall_ms at)
{
	if (at.ms < x->alert_at.ms)
		x->alert_at = at;
}

void alert_soon(struct exchange *x)
{
	look_at(x, wall_after(x->now.wall, GROUP_MS));
}

/* ---- troubles that go on ------------------------------------------------------------------- */

static struct store_alert *find(struct exchange *x, enum alert_kind kind, const char *about)
{
	for (size_t i = 0; i < x->n_alerts; i++)
		if (strcmp(x->alerts[i].kind, kinds[kind].name) == 0 &&
		    strcmp(x->alerts[i].about, about) == 0)
			return &x->alerts[i];
	return NULL;
}

bool alert_is_raised(struct exchange *x, enum alert_kind kind, const char *about)
{
	return find(x, kind, about) != NULL;
}

int64_t alert_count(const struct exchange *x, enum alert_kind kind)
{
	int64_t n = 0;

	for (size_t i = 0; i < x->n_alerts; i++)
		n += strcmp(x->alerts[i].kind, kinds[kind].name) == 0;
	return n;
}

const char *alert_text(struct exchange *x, enum alert_kind kind, const char *about)
{
	const struct store_alert *a = find(x, kind, about);

	return a ? a->text : NULL;
}

static void keep(struct exchange *x, const struct store_alert *a)
{
	if (x->n_alerts == x->cap_alerts) {
		x->cap_alerts = x->cap_alerts ? x->cap_alerts * 2 : 16;
		x->alerts = tw_realloc(x->alerts, x->cap_alerts * sizeof(*x->alerts));
	}
	x->alerts[x->n_alerts++] = *a;
}

int alert_raise(struct exchange *x, enum alert_kind kind, const char *about, const char *text)
{
	struct store_alert a = { .since = x->now.wall };
	int r;

	if (find(x, kind, about))
		return 0;
	tw_strset(a.kind, sizeof(a.kind), kinds[kind].name);
	tw_strset(a.about, sizeof(a.about), about);
	tw_strset(a.text, sizeof(a.text), text);
	tw_log(TW_ERROR, "alert", "kind=%s about=%s text=%s do=%s", a.kind, tw_log_quote(about),
	       tw_log_quote(text), tw_log_quote(kinds[kind].remedy));
	r = store_alert_put(x->store, &a);
	if (r < 0)
		return r;
	keep(x, &a);
	alert_soon(x);
	watch_now(x, "alert.raised", about);
	return 0;
}

int alert_clear(struct exchange *x, enum alert_kind kind, const char *about)
{
	struct store_alert *a = find(x, kind, about);

	if (!a)
		return 0;
	tw_log(TW_INFO, "alert_over", "kind=%s about=%s", a->kind, tw_log_quote(about));
	*a = x->alerts[--x->n_alerts];
	watch_now(x, "alert.over", about);
	return store_alert_drop(x->store, kinds[kind].name, about);
}

int alert_load(struct exchange *x)
{
	struct store_alert a = { .kind = "" };
	char key[40], text[32];
	int r;

	x->n_alerts = 0;
	x->alert_at.ms = 0;
	while ((r = store_alert_next(x->store, &a)) == 0)
		keep(x, &a);
	for (int k = 0; k < ALERT_KINDS && r == TW_E_UNKNOWN; k++) {
		snprintf(key, sizeof(key), "alert.%s", kinds[k].name);
		x->alerted_at[k].ms = 0;
		if (store_note(x->store, key, text, sizeof(text)) == 0)
			x->alerted_at[k].ms = strtoll(text, NULL, 10);
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

/* ---- what is seen by looking --------------------------------------------------------------- */

static int set(struct exchange *x, enum alert_kind kind, const char *about, bool is_so,
	       const char *text)
{
	return is_so ? alert_raise(x, kind, about, text) : alert_clear(x, kind, about);
}

static int look_at_modem(struct exchange *x, const struct bank_modem *m)
{
	static const struct { enum modem_state state; enum alert_kind kind; const char *what;
			      } rows[] = {
		{ MODEM_LOCKED, ALERT_LOCKED, "the SIM in %.40s is locked%s%.100s" },
		{ MODEM_FAILED, ALERT_FAILED, "%.40s does not recover%s%.100s" },
		{ MODEM_STRANGER, ALERT_STRANGER, "a SIM that nobody knows is in %.40s%s%.100s" },
	};
	static const char locked[] = "SIM locked: ";	/* the row says so */
	int r = 0;

	for (size_t i = 0; i < TW_COUNT(rows) && r == 0; i++) {
		bool is_so = m->state == rows[i].state;
		const char *why = rows[i].state == MODEM_STRANGER || !m->last_error ? ""
			: m->last_error;
		char text[200];

		if (strncmp(why, locked, strlen(locked)) == 0)
			why += strlen(locked);

		is_so = is_so && !m->refused;	/* it is told with the other entries */
		/* Between two tries it is neither well nor given up. */
		if (rows[i].state == MODEM_FAILED && m->state != MODEM_READY && !is_so)
			continue;
		snprintf(text, sizeof(text), rows[i].what, m->name, why[0] ? ": " : "", why);
		r = set(x, rows[i].kind, m->name, is_so, text);
	}
	if (r == 0 && (m->silent >= SILENT_PROBES || !m->silent)) {	/* its radio was off and
									 * on */
		char text[200];

		snprintf(text, sizeof(text), "%.40s hears nothing, against its habit", m->name);
		r = set(x, ALERT_SILENT, m->name, m->silent >= SILENT_PROBES, text);
	}
	return r;
}

static int look_at_entries(struct exchange *x)
{
	const struct tw_strings *refused = &x->settings->refused;
	char text[200] = "";

	if (refused->n)
		snprintf(text, sizeof(text), "%.150s%s", refused->v[0], refused->n > 1
			 ? "; and more" : "");
	return set(x, ALERT_ENTRY, "", refused->n > 0, text);
}

static int look(struct exchange *x)
{
	int64_t room = store_room(x->store);
	struct bank_modem m;
	size_t cursor = 0, ready = 0, all = 0;
	int r = 0;

	while (r == 0 && bank_each(x->bank, &cursor, &m)) {
		all++;
		ready += m.state == MODEM_READY;
		r = look_at_modem(x, &m);
	}
	if (ready || !all)
		x->none_ready_since.ms = 0;
	else if (!x->none_ready_since.ms)
		x->none_ready_since = x->now.wall;
	if (x->none_ready_since.ms && x->now.wall.ms - x->none_ready_since.ms < NONE_READY_MS)
		look_at(x, wall_after(x->none_ready_since, NONE_READY_MS));
	if (r == 0)
		r = set(x, ALERT_NONE_READY, "", x->none_ready_since.ms &&
			x->now.wall.ms - x->none_ready_since.ms >= NONE_READY_MS,
			"no modem has been ready for ten minutes");
	if (r == 0)
		r = look_at_entries(x);
	if (r == 0 && (room < DISK_LOW || room > DISK_WELL))
		r = set(x, ALERT_DISK, "", room < DISK_LOW,
			"the disk of the database is nearly full");
	return r;
}

/* ---- telling ------------------------------------------------------------------------------- */

/* The soundest, then the cheapest; another one where the last did not get it through. */
static struct station *teller(struct exchange *x)
{
	struct station *best = NULL;
	int64_t best_each = 0;

	for (uint32_t i = 0; i < x->n_stations; i++) {
		struct station *st = x->stations[i];
		int64_t each;

		if (!st || !station_is_present(x, st) || !mono_due(st->rest_until, x->now.mono) ||
		    strcmp(st->sim.number, x->settings->alert.number) == 0)
			continue;
		health_refresh(x, st);
		each = cost_of(st->entry, x->settings->alert.number) +
		       ((int64_t)(st->sim.id == x->alert_avoids) << 57) +
		       ((int64_t)st->care.health.is_demoted << 56);
		if (best && each >= best_each)
			continue;
		best = st;
		best_each = each;
	}
	return best;
}

static bool may_tell(const struct exchange *x, int kind)
{
	return !x->alerted_at[kind].ms || x->now.wall.ms - x->alerted_at[kind].ms >= PAUSE_MS ||
	       x->now.wall.ms < x->alerted_at[kind].ms;
}

static int kind_of(const struct store_alert *a)
{
	for (int k = 0; k < ALERT_KINDS; k++)
		if (strcmp(kinds[k].name, a->kind) == 0)
			return k;
	return ALERT_KINDS;
}

/* Whether this one is to be told now; when not yet, it is looked at in time. */
static bool is_due(struct exchange *x, const struct store_alert *a)
{
	int k = kind_of(a);

	if (k == ALERT_KINDS || a->told_at.ms || a->tries >= TRIES)
		return false;
	if (a->since.ms + GROUP_MS > x->now.wall.ms) {
		look_at(x, wall_after(a->since, GROUP_MS));
		return false;
	}
	if (may_tell(x, k))
		return true;
	look_at(x, wall_after(x->alerted_at[k], PAUSE_MS));
	return false;
}

/* "twoway: A; B. Remedy of both. C. Remedy." */
static bool write_text(struct exchange *x, struct tw_buf *out)
{
	int left_out = 0;

	tw_buf_adds(out, "twoway:");
	for (int k = 0; k < ALERT_KINDS; k++) {
		int n = 0;

		for (size_t i = 0; i < x->n_alerts; i++) {
			if (kind_of(&x->alerts[i]) != k || !is_due(x, &x->alerts[i]))
				continue;
			if (out->n + strlen(x->alerts[i].text) > TEXT_MAX)
				left_out++;
			else
				tw_buf_addf(out, "%s %s", n++ ? ";" : "", x->alerts[i].text);
		}
		if (n)
			tw_buf_addf(out, ". %s", kinds[k].remedy);
	}
	if (left_out)
		tw_buf_addf(out, " And %d more: twoway status.", left_out);
	return out->n > strlen("twoway:");
}

static int note_told(struct exchange *x, int kind)
{
	char key[40], text[32];

	x->alerted_at[kind] = x->now.wall;
	snprintf(key, sizeof(key), "alert.%s", kinds[kind].name);
	snprintf(text, sizeof(text), "%lld", (long long)x->now.wall.ms);
	return store_note_put(x->store, key, text);
}

static bool is_only_about(struct exchange *x, enum alert_kind kind)
{
	for (size_t i = 0; i < x->n_alerts; i++)
		if (is_due(x, &x->alerts[i]) && kind_of(&x->alerts[i]) != (int)kind)
			return false;
	return true;
}

/* That mails do not get through is told by the other ways. */
static int tell_by_mail(struct exchange *x, const char *text)
{
	if (!x->settings->alert.email[0] || is_only_about(x, ALERT_MAIL))
		return 0;
	return hook_add(x->hook, &(struct hook_order){
		.kind = HOOK_MAIL, .purpose = HOOK_FOR_NOBODY, .url = x->settings->alert.email,
		.head = "twoway needs a person", .body = text, .body_n = strlen(text),
		.is_trusted = true }, x->now, NULL);
}

static int tell_by_webhook(struct exchange *x, const char *text)
{
	json_t *event;
	char *body, at[TW_RFC3339_MAX];
	int r;

	if (!x->settings->alert.webhook[0])
		return 0;
	event = json_pack("{s:s, s:s, s:{s:s}}", "type", "alert", "timestamp",
			  tw_rfc3339(x->now.wall, at), "data", "text", text);
	body = json_dumps(event, JSON_COMPACT);
	json_decref(event);
	r = hook_add(x->hook, &(struct hook_order){
		.kind = HOOK_EVENT, .purpose = HOOK_FOR_NOBODY, .url = x->settings->alert.webhook,
		.body = body, .body_n = strlen(body), .is_trusted = true }, x->now, NULL);
	free(body);
	return r;
}

/* Their rows are tried until they get through. An address that cannot be used holds up nothing
 * else. */
static int tell_programs(struct exchange *x, const char *text)
{
	int r = tell_by_mail(x, text);

	if (r == 0 || r == TW_E_SYNTAX)
		r = tell_by_webhook(x, text);
	if (r == TW_E_SYNTAX || r == TW_E_RANGE) {
		tw_log(TW_ERROR, "alert.untold", "why=%s",
		       tw_log_quote("alert.email or alert.webhook cannot be used"));
		r = 0;
	}
	return r;
}

/* Programs are told once; another try is the text's. */
static bool is_new(struct exchange *x)
{
	for (size_t i = 0; i < x->n_alerts; i++)
		if (!x->alerts[i].tries && is_due(x, &x->alerts[i]))
			return true;
	return false;
}

/* st NULL: no SIM can tell it, or no number is to be told. */
static int tell(struct exchange *x, struct station *st, const char *text)
{
	bool told[ALERT_KINDS] = { false };
	int64_t message = 0;
	int r = has_program(x) && is_new(x) ? tell_programs(x, text) : 0;

	if (r == 0 && st)
		r = own_post(x, st, &(struct own_text){ .to = x->settings->alert.number,
							.text = text,
						    .valid_ms = VALID_MS }, &message);
	for (size_t i = 0; i < x->n_alerts && r == 0; i++) {
		struct store_alert *a = &x->alerts[i];

		if (!is_due(x, a))
			continue;
		told[kind_of(a)] = true;
		a->told_at = x->now.wall;
		a->message = message;
		r = store_alert_put(x->store, a);
	}
	for (int k = 0; k < ALERT_KINDS && r == 0; k++)
		if (told[k])
			r = note_told(x, k);
	x->alert_avoids = st ? st->sim.id : 0;	/* for the next try, should it not get through */
	look_at(x, wall_after(x->now.wall, POLL_MS));
	return r;
}

/* Those whose text is over: it got through, or another SIM tries. */
static int follow(struct exchange *x, struct store_alert *a)
{
	enum message_state state;
	int r = own_state(x, a->message, &state), k = kind_of(a);

	if (r < 0)
		return r;
	if (state != MESSAGE_SENT && !message_state_is_final(state)) {
		look_at(x, wall_after(x->now.wall, POLL_MS));
		return 0;
	}
	a->message = 0;
	if (state == MESSAGE_SENT || state == MESSAGE_DELIVERED) {
		x->alert_avoids = 0;
	} else {
		a->told_at.ms = 0;
		a->tries++;
		if (k < ALERT_KINDS)
			x->alerted_at[k].ms = 0;
		look_at(x, x->now.wall);
	}
	return store_alert_put(x->store, a);
}

static int run(struct exchange *x)
{
	struct tw_buf text = { 0 };
	struct station *st;
	int r = look(x);

	for (size_t i = 0; i < x->n_alerts && r == 0; i++)
		if (x->alerts[i].message)
			r = follow(x, &x->alerts[i]);
	st = r == 0 && has_number(x) ? teller(x) : NULL;
	if (r == 0 && (st || has_program(x)) && write_text(x, &text))
		r = tell(x, st, tw_buf_str(&text));
	tw_buf_done(&text);
	return r;
}

int alert_run(struct exchange *x)
{
	if (x->alert_at.ms > x->now.wall.ms)
		return 0;
	x->alert_at = has_person(x) ? wall_after(x->now.wall, LOOK_MS) : X_NEVER;
	event_begin(x);
	return event_end(x, run(x), "alert");
}
