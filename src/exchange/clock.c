/* Events of the clock (contract 2, `at`): at their time they run for each contact that the audience
 * holds, in slices over many turns. The cursor moves in the transaction of the contact that it has
 * come by, so that a crash neither leaves one out nor runs for one twice. */
#include <stdio.h>

#include "talk.h"

enum {
	LATE_MS = 6 * 3600 * 1000,	/* what was missed longer ago is not made up for */
	RUNS = 16,			/* contacts in one turn */
	AGAIN_MS = 60 * 1000
};

struct clock_event {
	struct store_at row;
	struct flow_at at;
	struct audience *audience;	/* while it runs */
};

void clock_drop(struct exchange *x)
{
	for (size_t i = 0; i < x->n_clocks; i++) {
		store_at_done(&x->clocks[i].row);
		audience_free(x->clocks[i].audience);
	}
	free(x->clocks);
	x->clocks = NULL;
	x->n_clocks = 0;
	x->clocks_known = false;
	x->clock_at = (struct wall_ms){ 0 };
}

/* ---- rows ---------------------------------------------------------------------------------- */

/* What tells it from others, also in a changed file: when it comes and for whom. */
static char *name_of(const struct flow_at *at)
{
	return tw_printf("%s\n%s\n%zu", at->every, at->audience, at->nth);
}

static int find_row(struct exchange *x, int64_t account, const char *name, struct store_at *ret)
{
	struct store_at row = { .id = 0 };
	int r;

	while ((r = store_at_next(x->store, row.id, &row)) == 0) {
		if (row.account == account && strcmp(row.name, name) == 0) {
			*ret = row;
			return 0;
		}
		store_at_done(&row);
	}
	return r;
}

/* A new one comes at its next time. */
static int add_event(struct exchange *x, const struct flow_at *at)
{
	struct clock_event *e;
	int64_t account;
	int r = account_id(x, at->account, &account);

	if (r < 0)
		return r;
	x->clocks = tw_realloc(x->clocks, (x->n_clocks + 1) * sizeof(*x->clocks));
	e = &x->clocks[x->n_clocks++];
	*e = (struct clock_event){ .at = *at };
	tw_auto(tw_free_charp) char *name = name_of(at);

	r = find_row(x, account, name, &e->row);
	if (r != TW_E_UNKNOWN)
		return r;
	e->row = (struct store_at){ .account = account, .name = tw_strdup(name),
				    .due_at = flow_at_next(x->flows, at, x->now.wall) };
	return store_at_put(x->store, &e->row);
}

static bool is_known(const struct exchange *x, int64_t id)
{
	for (size_t i = 0; i < x->n_clocks; i++)
		if (x->clocks[i].row.id == id)
			return true;
	return false;
}

/* Rows of events that no file has any more. */
static int drop_others(struct exchange *x)
{
	struct store_at row = { .id = 0 };
	int r;

	while ((r = store_at_next(x->store, row.id, &row)) == 0) {
		store_at_done(&row);
		if (!is_known(x, row.id))
			r = store_at_del(x->store, row.id);
		if (r < 0)
			return r;
	}
	return r == TW_E_UNKNOWN ? 0 : r;
}

static int know(struct exchange *x)
{
	struct flow_at at;
	int r = 0;

	event_begin(x);
	for (size_t i = 0; r == 0 && flows_at(x->flows, i, &at); i++)
		r = add_event(x, &at);
	if (r == 0)
		r = drop_others(x);
	x->clocks_known = r == 0;
	r = event_end(x, r, "events");
	if (r < 0)
		x->clock_at = wall_after(x->now.wall, AGAIN_MS);
	return r;
}

/* ---- running ------------------------------------------------------------------------------- */

/* It waits for the morning, and until no question is open (contract 2). */
static int not_before(struct exchange *x, const struct store_contact *c, struct wall_ms *ret)
{
	int r = 0;

	*ret = audience_quiet(x, c, "at");
	if (!ret->ms) {
		r = talk_open_until(x, c->id, ret);
		if (r == 0 && ret->ms)
			*ret = wall_after(x->now.wall, 1);	/* then it is seen that it stands
								 * behind */
	}
	return r;
}

static bool is_one_of(const struct flow_at *at, const char *number)
{
	for (size_t i = 0; i < at->n_numbers; i++)
		if (strcmp(at->numbers[i], number) == 0)
			return true;
	return !at->n_numbers;
}

/* One of the file's `numbers` that the account may use, of those that are there one that other
 * contacts have not all got; 0: there is none. */
static int64_t pick_line(struct exchange *x, const struct flow_at *at,
			 const struct store_contact *c)
{
	int64_t away = 0;

	for (size_t i = 0; i < at->n_numbers; i++) {
		size_t k = (i + (size_t)c->id) % at->n_numbers;
		int64_t line;

		if (!talk_found(x, store_line_find(x->store, at->numbers[k], &line)) ||
		    !line_may(x, line, c->account, NULL))
			continue;
		if (station_is_present(x, station_by_line(x, line)))
			return line;
		away = away ? away : line;
	}
	return away;
}

/* The number that it is sent from. 0: any. TW_E_UNKNOWN: the file's `numbers` leave none. */
static int find_line(struct exchange *x, const struct flow_at *at, const struct store_contact *c,
		     int64_t *ret, char number[TW_ADDRESS_MAX])
{
	int r = 0;

	number[0] = '\0';
	*ret = choose_sticky(x, c->id, c->account, NULL);
	if (*ret)
		r = store_line_number(x->store, *ret, number, TW_ADDRESS_MAX);
	if (r < 0 || is_one_of(at, number))
		return r;
	*ret = pick_line(x, at, c);
	r = *ret ? store_line_number(x->store, *ret, number, TW_ADDRESS_MAX) : TW_E_UNKNOWN;
	return x->asked.error ? x->asked.error : r;
}

static int run_for(struct exchange *x, const struct clock_event *a, const struct store_contact *c)
{
	const struct flow_intent begin = { .type = FLOW_BEGIN, .account = a->at.account,
					   .program = a->at.program, .args = "" };
	struct talk t = { .c = *c, .account = a->at.account, .by_clock = true, .is_event = true,
			  .lane = LANE_API };
	char to[TW_ADDRESS_MAX];
	struct flow_view view;
	struct flow_event e = audience_event(x, c, to, &view);
	int r = find_line(x, &a->at, c, &t.line, to);

	t.e = &e;
	if (r == TW_E_UNKNOWN)
		return talk_refuse(x, &t, "at.refused", "none of `numbers` of its file is a number "
				   "that this account may use");
	if (r == 0)
		r = not_before(x, c, &e.not_before);
	if (r == 0)
		r = talk_begin(x, &t, &begin);
	if (r == 0 && t.has_replied && t.line)
		r = store_thread_touch(x->store, c->id, t.line, (struct wall_ms){ 0 }, x->now.wall);
	return r;
}

/* One contact, and the cursor behind it. One for whom it fails by a fault of its own, not of the
 * store, is passed by the next time. */
static int run_one(struct exchange *x, struct clock_event *a, const struct store_contact *c)
{
	int64_t id = c->id;
	bool failed_before = x->clock_failed == id;
	int r = 0;

	event_begin(x);
	a->row.cursor = c->id;
	if (!failed_before) {
		a->row.contacts++;
		r = run_for(x, a, c);
	}
	if (r == 0)
		r = store_at_put(x->store, &a->row);
	r = event_end(x, r, "at");
	x->clock_failed = r < 0 && !store_is_void(x->store) ? id : 0;
	return r;
}

static int finish(struct exchange *x, struct clock_event *a, int64_t cursor, bool is_over)
{
	if (a->row.cursor == cursor && !is_over)
		return 0;
	event_begin(x);
	a->row.cursor = cursor;
	a->row.is_running = !is_over;
	return event_end(x, store_at_put(x->store, &a->row), "at");
}

/* Some of its contacts. After an error everything in memory has been read again: nothing here is
 * good. */
static int slice(struct exchange *x, struct clock_event *a)
{
	struct audience_of of = { a->at.account, NULL, a->at.audience };
	struct audience_walk walk = { .cursor = a->row.cursor };
	struct tw_findings findings = { 0 };
	struct store_contact c;
	int looks = X_LOOK, r = 0;

	if (!a->audience)
		r = audience_new(x, &of, &a->audience, &findings);
	tw_findings_done(&findings);
	for (int i = 0; i < RUNS && r == 0; i++) {
		r = audience_next(x, a->audience, &walk, &looks, &c);
		if (r == 0)
			r = run_one(x, a, &c);
	}
	return r < 0 ? r : finish(x, a, walk.cursor, walk.is_over);
}

/* Its time has come: the last of those that were missed, unless that is too long ago. */
static int begin(struct exchange *x, struct clock_event *a)
{
	enum { LOOK_BACK_DAYS = 40 };
	struct wall_ms due = a->row.due_at, next;

	if (due.ms < x->now.wall.ms - LOOK_BACK_DAYS * X_DAY_MS)
		due.ms = x->now.wall.ms - LOOK_BACK_DAYS * X_DAY_MS;
	while ((next = flow_at_next(x->flows, &a->at, due)).ms <= x->now.wall.ms)
		due = next;
	a->row.due_at = next;
	if (due.ms >= x->now.wall.ms - LATE_MS) {
		a->row.is_running = true;
		a->row.cursor = 0;
		a->row.runs++;
	}
	event_begin(x);
	return event_end(x, store_at_put(x->store, &a->row), "at");
}

int clock_run(struct exchange *x)
{
	struct wall_ms first = X_NEVER;
	int r = 0;

	if (!x->flows || x->clock_at.ms > x->now.wall.ms)
		return 0;
	if (!x->clocks_known)
		r = know(x);
	for (size_t i = 0; i < x->n_clocks && r == 0; i++) {
		struct clock_event *a = &x->clocks[i];

		if (!a->row.is_running && a->row.due_at.ms <= x->now.wall.ms)
			r = begin(x, a);
		if (r == 0 && a->row.is_running)
			r = slice(x, a);
		if (r < 0)
			break;
		if (!a->row.is_running) {
			audience_free(a->audience);
			a->audience = NULL;
		}
		struct wall_ms at = a->row.is_running ? x->now.wall : a->row.due_at;

		if (at.ms < first.ms)
			first = at;
	}
	if (r == 0)
		x->clock_at = first;
	else if (!store_is_void(x->store))
		x->clock_at = wall_after(x->now.wall, AGAIN_MS);
	return r;
}
