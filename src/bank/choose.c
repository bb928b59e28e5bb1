/* Which SIM takes a message: may it, which one rather, is another one done sooner (design 4). */
#include "pick_private.h"

const char *pick_reason_name(enum pick_reason r)
{
	switch (r) {
#define X(name, code, text) case name: return code;
	PICK_REASONS(X)
#undef X
	case PICK_REASON_COUNT:
		break;
	}
	return "unknown";
}

const char *pick_reason_text(enum pick_reason r)
{
	switch (r) {
#define X(name, code, text) case name: return text;
	PICK_REASONS(X)
#undef X
	case PICK_REASON_COUNT:
		break;
	}
	return "";
}

const char *pick_rule_name(enum pick_rule r)
{
	switch (r) {
#define X(name, code, text) case name: return code;
	PICK_RULES(X)
#undef X
	case PICK_RULE_COUNT:
		break;
	}
	return "unknown";
}

const char *pick_rule_text(enum pick_rule r)
{
	switch (r) {
#define X(name, code, text) case name: return text;
	PICK_RULES(X)
#undef X
	case PICK_RULE_COUNT:
		break;
	}
	return "";
}

/* ---- may it -------------------------------------------------------------------------------- */

static struct pick_verdict not_before(enum pick_reason reason, struct wall_ms until)
{
	return (struct pick_verdict){ false, reason, until };
}

static struct pick_verdict never(enum pick_reason reason)
{
	return not_before(reason, (struct wall_ms){ 0 });
}

static const struct pick_verdict may = { true, PICK_MAY, { 0 } };

/* Who it is, which no time changes. */
static struct pick_verdict judge_name(const struct pick_order *o, const struct pick_sim *s)
{
	if (o->line && s->line != o->line)
		return never(PICK_NUMBER);
	if (o->avoid && s->sim == o->avoid)
		return never(PICK_AVOIDED);
	if (o->line)
		return may;
	if (!s->in_pool)
		return never(PICK_POOL);
	if (s->account ? s->account != o->account : o->has_numbers)
		return never(PICK_ACCOUNT);
	return may;
}

static struct pick_verdict judge_window(const struct pick_order *o, const struct pick_sim *s,
					enum quota_window w, struct wall_ms now)
{
	static const enum pick_reason reasons[QUOTA_WINDOWS] = { PICK_MINUTE, PICK_HOUR, PICK_DAY,
								 PICK_MONTH };
	int64_t ever = quota_limit(s->plan, s->plan->limit[w], o->is_reply);
	int64_t need = o->segments;

	if (!s->plan->limit[w])
		return may;
	/* A message that is longer than a minute allows goes out over several; an hour is too long
	 * to leave it half-sent. */
	if (w == QUOTA_MINUTE && need > ever && ever > 0)
		need = ever;
	if (need > ever)
		return never(PICK_TOO_LONG);
	struct wall_ms at = quota_free_at(s->plan, s->used, w, o->is_reply, (int)need, now);

	if (at.ms <= now.ms)
		return may;
	if (!o->is_reply &&
	    quota_free_at(s->plan, s->used, w, true, (int)need, now).ms <= now.ms)
		return not_before(PICK_SHARE, at);
	return not_before(reasons[w], at);
}

static struct pick_verdict judge_money(const struct pick_order *o, const struct pick_sim *s,
				       struct wall_ms now)
{
	struct quota_plan money = { .spend = s->plan->spend, .share = s->plan->share };

	if (!s->plan->spend || s->each <= 0)
		return may;
	if (o->segments * s->each > quota_limit(s->plan, s->plan->spend, o->is_reply))
		return never(PICK_TOO_LONG);
	if (quota_room(&money, s->used, o->is_reply, s->each, now) >= o->segments)
		return may;
	return not_before(!o->is_reply && quota_room(&money, s->used, true, s->each, now) >=
			  o->segments ? PICK_SHARE : PICK_SPENDING, s->used->month_end);
}

static struct pick_verdict judge_recipients(const struct pick_order *o, const struct pick_sim *s,
					    struct wall_ms now)
{
	int64_t n = now.ms < s->used->month_end.ms ? s->used->recipients : 0;

	if (!s->plan->recipients || !s->is_new_recipient ||
	    n < quota_limit(s->plan, s->plan->recipients, o->is_reply))
		return may;
	return not_before(n < s->plan->recipients ? PICK_SHARE : PICK_RECIPIENTS,
			  s->used->month_end);
}

/* The quota that holds it up longest is the one to tell. */
static struct pick_verdict judge_quota(const struct pick_order *o, const struct pick_sim *s,
				       struct wall_ms now)
{
	struct pick_verdict worst = may;

	for (int i = 0; i < QUOTA_WINDOWS + 2; i++) {
		struct pick_verdict v = i < QUOTA_WINDOWS ?
					judge_window(o, s, (enum quota_window)i, now) :
					i == QUOTA_WINDOWS ? judge_money(o, s, now) :
					judge_recipients(o, s, now);

		if (v.may)
			continue;
		if (!v.until.ms)
			return v;
		if (worst.may || v.until.ms > worst.until.ms)
			worst = v;
	}
	return worst;
}

struct pick_verdict pick_judge(const struct pick_order *o, const struct pick_sim *s,
			       struct wall_ms now)
{
	struct pick_verdict v = judge_name(o, s);

	if (!v.may)
		return v;
	if (o->due.ms > now.ms)
		return not_before(PICK_LATER, o->due);
	if (o->is_held)
		return never(PICK_HELD);
	if (o->paced.ms > now.ms)
		return not_before(PICK_PACED, o->paced);
	if (o->quiet.ms > now.ms)
		return not_before(PICK_QUIET, o->quiet);
	if (s->is_paused)
		return never(PICK_PAUSED);
	if (!s->is_present)
		return never(PICK_AWAY);
	if (s->plan && s->used) {
		v = judge_quota(o, s, now);
		if (!v.may)
			return v;
	}
	if (s->has_balance && s->each > 0 && s->balance < o->segments * s->each)
		return never(PICK_BALANCE);
	if (s->rests_until.ms > now.ms)
		return not_before(PICK_RESTING, s->rests_until);
	return s->is_busy ? not_before(PICK_BUSY, now) : may;
}

/* ---- which one rather ---------------------------------------------------------------------- */

int64_t pick_rank(const struct pick_order *o, const struct pick_sim *s)
{
	bool is_foreign = o->country[0] && strcmp(o->country, s->country) != 0;
	int64_t each = s->each < (INT64_C(1) << 56) ? s->each : INT64_C(1) << 56;

	return (int64_t)(s->health < PICK_SOUND) << 60 | (int64_t)is_foreign << 59 | each;
}

enum pick_reason pick_behind(int64_t rank, int64_t best)
{
	return rank >> 60 && !(best >> 60) ? PICK_DEMOTED : PICK_BETTER;
}

bool pick_is_near(struct pick_verdict v, struct wall_ms now, int64_t patience_ms)
{
	return v.may || (v.until.ms && v.until.ms <= now.ms + patience_ms);
}

/* ---- who is done sooner -------------------------------------------------------------------- */

enum { TIE = 16 };

/* A sixteenth of its time is no difference: modems of one make share the work, whoever was measured
 * a little faster. */
bool pick_others_sooner(const struct pick_rival *v, size_t n, int64_t pace, int segments,
			int64_t waiting)
{
	int64_t mine = pace * segments, done = 0;

	mine -= mine / TIE;
	for (size_t i = 0; i < n && done < waiting; i++) {
		int64_t time = mine - 1 - v[i].free_in, able = time > 0 ? time / v[i].pace : 0;

		done += able < v[i].room ? able : v[i].room;
	}
	return done >= waiting;
}

int64_t pick_pace(int64_t pace, int64_t took_ms)
{
	if (took_ms < 1)
		took_ms = 1;
	return pace ? (pace * 3 + took_ms) / 4 : took_ms;
}
