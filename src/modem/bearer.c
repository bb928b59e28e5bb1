/* Which way texts leave. On LTE a text needs the MSC (SGs) or IMS; which of them a network has is
 * seen only by trying: AT+CGSMS (27.007 10.1.21) says packet or circuit domain, and which first;
 * where no domain helps, another radio technology does. What has failed is not tried twice; what
 * worked is told, so that the owner remembers it by operator. */
#include "internal.h"

enum { SECOND = 1000, LIMIT_MS = 30 * SECOND, SETTLE_MS = 8 * SECOND };

static bool is_forced(const struct modem *m)
{
	return m->bearer.way >= 0 && board_way_is_forced(m->board, (size_t)m->bearer.way);
}

static bool build(struct modem *m, char *out)
{
	m->bearer.want = false;
	if (m->bearer.way < 0 || (size_t)m->bearer.way >= board_ways(m->board))
		return false;
	board_way(m->board, (size_t)m->bearer.way, out);
	return true;
}

/* The way behind the one in force, in the profile's order. */
static void take_next(struct modem *m)
{
	m->bearer.way = (int)((size_t)(m->bearer.way + 1) % board_ways(m->board));
	m->bearer.want = true;
	m->bearer.changes++;
}

static bool has_more(const struct modem *m)
{
	return m->bearer.changes < board_ways(m->board);
}

/* Refused: this firmware does not know it. A technology takes a moment to be found. */
static void done(struct modem *m, const struct at_event *ev, struct mono_ms now)
{
	if (ev->result != AT_OK && has_more(m)) {
		take_next(m);
	} else if (ev->result != AT_OK) {
		m->bearer.way = -1;
	} else if ((size_t)m->bearer.way >= m->board->cgsms.n) {
		m->want_reg = true;
		timer_set(m, T_HOLD, SETTLE_MS, now);
	}
}

const struct job job_bearer = { .name = "the way out", .build = build, .limit_ms = LIMIT_MS,
	.done = done };

bool bearer_give(struct modem *m, struct mono_ms now)
{
	return m->bearer.want && job_give(m, &job_bearer, now);
}

/* How a text fails that has no way out: the network's time-out, an error without a reason, or no
 * result at all (27.005 3.2.5). On GSM and UMTS it has one, so that says something else, unless we
 * put the modem there and it is no help. */
static bool is_without_way(const struct modem *m, enum at_result result, int code)
{
	bool is_sign = result == AT_TIMEOUT || (result == AT_CMS && (code == 332 || code == 500)) ||
		       (result == AT_CME && code == 31);

	return is_sign && (is_forced(m) ||
			   (strcmp(m->facts.radio, "GSM") && strcmp(m->facts.radio, "UMTS")));
}

bool bearer_on_failed(struct modem *m, enum at_result result, int code)
{
	char command[AT_COMMAND_MAX];

	if (!has_more(m) || !is_without_way(m, result, code))
		return false;
	take_next(m);
	board_way(m->board, (size_t)m->bearer.way, command);
	event_trouble(m, "a text finds no way out: %.100s is tried", command);
	return true;
}

bool bearer_on_no_network(struct modem *m)
{
	if (!is_forced(m))
		return false;
	take_next(m);
	return true;
}

/* The last of the technologies is the modem's own choice, and nothing to remember. */
void bearer_on_sent(struct modem *m)
{
	struct bearer *b = &m->bearer;
	bool is_own_choice = m->board->radio_switch.n && b->way + 1 == (int)board_ways(m->board);
	struct event *e;

	b->changes = 0;
	if (b->want || b->way < 0 || b->way == b->told || is_own_choice)
		return;
	e = event_offer(m, MODEM_EV_BEARER);
	if (!e)
		return;
	b->told = b->way;
	board_way(m->board, (size_t)b->way, e->text);
}

/* A technology that was forced for the SIM before ends with it. */
void modem_set_bearer(struct modem *m, const char *command)
{
	int way = is_forced(m) ? (int)board_ways(m->board) - 1 : -1;
	char text[AT_COMMAND_MAX];

	for (size_t i = 0; command && i < board_ways(m->board); i++) {
		board_way(m->board, i, text);
		if (strcmp(text, command) == 0)
			way = (int)i;
	}
	m->bearer = (struct bearer){ .way = way, .told = way };
}
