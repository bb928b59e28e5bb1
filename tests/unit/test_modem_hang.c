/* A hang at any command at any time: at each command of a life (bring-up, receive, send), before its
 * answer, in the middle of it, and behind the Ctrl-Z; until something cures it. It comes back by itself,
 * no text is lost and the send ends once. Prints how long each cure took. */
#include "modem_player.h"

enum cure { BY_ITSELF, BY_ESCAPE, BY_RADIO, BY_RESET, BY_REOPEN, BY_POWER, CURES };
static const struct { const char *name; bool is_deaf; int64_t limit; } cures[CURES] = {
	[BY_ITSELF] = { "after 20 s", true, 180000 },
	[BY_ESCAPE] = { "escape", true, 240000 },
	[BY_RADIO] = { "radio off and on", false, 900000 },
	[BY_RESET] = { "soft reset", false, 900000 },
	[BY_REOPEN] = { "port reopened", true, 300000 },
	[BY_POWER] = { "power cycle", true, 300000 },
};
enum where { BEFORE, IN_ANSWER, BEHIND_PAYLOAD, WHERES };

struct life {
	struct play *p;
	enum cure cure;
	enum where where;
	int at, commands;		/* hangs at this command of the life; 0 never */
	bool is_hung, is_over;
	int64_t since, took;		/* the hang; until it was ready again */
	int escapes, reopened, powered;
	bool texted, sent, passing;
};
static struct life *here;

static bool is_ready(struct play *p)
{
	return p->state == MODEM_READY;
}

static void hang(struct life *l)
{
	l->is_hung = true;
	l->since = l->p->now.ms;
	l->p->deaf = cures[l->cure].is_deaf;
	l->escapes = l->p->escapes;
}

static void cure(struct life *l)
{
	l->is_hung = l->p->deaf = false;
	l->is_over = true;
}

/* Not deaf: it answers what it knows by itself; SIM, network and texts hang. */
static bool sick(struct life *l, const char *c)
{
	static const char *const own[] = { "AT", "ATZ", "ATE0", "ATV1", "AT&D0", "AT+CMEE=1", "AT+CMEE?",
		"AT+CSCS?", "AT+CSMS?", "AT+CSDH?", "AT+CMMS?", "AT+CNMI?", "AT+CFUN?" };

	for (size_t i = 0; i < TW_COUNT(own); i++)
		if (!strcmp(c, own[i]))
			return false;
	if (strncmp(c, "AT+CFUN=", 8))
		return true;
	if (l->cure == BY_RADIO ? !strcmp(c, "AT+CFUN=4") : !strcmp(c, "AT+CFUN=1,1"))
		cure(l);
	return false;
}

static bool on_command(struct play *p, const char *c)
{
	struct life *l = here;
	struct play_later *last;

	if (l->passing)
		return false;
	if (l->is_hung)
		return !cures[l->cure].is_deaf && sick(l, c);
	if (l->is_over || ++l->commands != l->at || l->where == BEHIND_PAYLOAD)
		return false;
	if (l->where == BEFORE) {
		hang(l);
		return true;
	}
	/* It does what was asked; half of its answer comes. */
	l->passing = true;
	p->n_log--;
	play_command(p, c);
	l->passing = false;
	if (p->later_n) {
		last = &p->later[(p->later_head + p->later_n - 1) % PLAY_LATER];
		last->n /= 2;
		if (!last->n)
			p->later_n--;
	}
	hang(l);
	return true;
}

static bool on_payload(struct play *p)
{
	(void)p;
	if (here->is_hung || here->is_over || here->where != BEHIND_PAYLOAD || !here->at)
		return here->is_hung && !cures[here->cure].is_deaf;
	hang(here);
	return true;
}

/* The owner: closes and opens the port when asked, and so may cure it. */
static void obey(struct life *l)
{
	struct play *p = l->p;
	bool power = p->n_power > l->powered;

	if (p->n_reopen == l->reopened && !power)
		return;
	l->reopened = p->n_reopen;
	l->powered = p->n_power;
	p->plugged = false;
	modem_on_closed(p->m, p->now);
	play_run(p, p->reopen_ms);
	if (power || (l->cure == BY_REOPEN && l->is_hung)) {
		if (l->is_hung)
			cure(l);
		play_power(p);
	}
	play_open(p);
}

static void work(struct life *l)
{
	struct play *p = l->p;

	if (l->is_hung && l->cure == BY_ITSELF && p->now.ms - l->since >= 20000)
		cure(l);
	if (l->is_hung && l->cure == BY_ESCAPE && p->escapes > l->escapes)
		cure(l);
	obey(l);
	if (p->state != MODEM_READY)
		return;
	if (!l->texted)
		play_text(p, PLAY_PDU_B);
	l->texted = true;
	if (!l->sent && p->n_in >= 2 && modem_can_send(p->m))
		l->sent = play_send(p, 1, PLAY_SUBMIT, false) == 0;
}

static bool is_done(struct life *l)
{
	struct play *p = l->p;

	if (l->is_over && !l->took && is_ready(p))
		l->took = p->now.ms - l->since;
	return is_ready(p) && l->sent && p->n_result && !play_used(p) && !l->is_hung;
}

/* One life with its hang. Returns whether the hang came at all. */
static bool live(struct life *l)
{
	struct play *p = play_new("");
	int64_t end = p->now.ms + 1800000;

	l->p = p;
	here = l;
	p->setup.power_cycle = l->cure == BY_POWER;
	p->hook = on_command;
	p->payload_hook = on_payload;
	play_put(p, PLAY_PDU_A, -1);
	play_open(p);
	while (!is_done(l) && p->now.ms < end) {
		play_run(p, 100);
		work(l);
	}
	if (!is_done(l) || (l->is_over && l->took > cures[l->cure].limit)) {
		struct tw_buf b = { 0 };

		modem_trace(p->m, &b);
		ck_abort_msg("%s, command %d, where %d: ready %d, texts %d, ends %d, took %lld\n%s",
			     cures[l->cure].name, l->at, l->where, is_ready(p), p->n_in, p->n_result,
			     (long long)l->took, tw_buf_str(&b));
	}
	ck_assert_int_ge(p->n_in, 2);
	ck_assert_int_eq(p->n_result, 1);
	if (p->sends)
		ck_assert_int_ne(p->result[0].outcome, MODEM_OUT_NOT_SENT);
	play_free(p);
	return l->is_over;
}

START_TEST(hangs)
{
	int64_t sum = 0, max = 0;
	int runs = 0;

	for (int where = 0; where < WHERES; where++)
		for (int at = 1; ; at++) {
			struct life l = { .cure = (enum cure)_i, .where = (enum where)where, .at = at };

			if (!live(&l))
				break;
			runs++;
			sum += l.took;
			max = l.took > max ? l.took : max;
			if (where == BEHIND_PAYLOAD)
				break;
		}
	ck_assert_int_ge(runs, 60);
	printf("%-18s %4d hangs, ready again after %6.1f s on average, %6.1f s at most\n",
	       cures[_i].name, runs, (double)sum / runs / 1000, (double)max / 1000);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_loop_test(t, hangs, 0, CURES);
}

int main(void)
{
	return play_main("modem_hang", add);
}
