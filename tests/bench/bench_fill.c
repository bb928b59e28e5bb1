/* Makes a database with so many messages of 100,000 contacts, as years of use leave it: half of them
 * inbound, half outbound and delivered, with their attempts. With a LIST all of them are on it.
 *
 *   bench_fill DATABASE MESSAGES [LIST] */
#include <twoway/store.h>
#include <twoway/sms.h>

#include <stdio.h>

enum { CONTACTS = 100000, A_TURN = 5000 };

static void must(int r, const char *what)
{
	if (r >= 0)
		return;
	fprintf(stderr, "bench_fill: %s: %s\n", what, tw_strerror(r));
	exit(1);
}

static void add_message(struct store *s, struct tw_random *random, const struct store_contact *c,
			int64_t line, int64_t sim, int64_t route, int64_t n, struct wall_ms at)
{
	uint8_t pdu[30];
	char text[64];
	struct store_message m = {
		.contact = c->id, .account = c->account, .line = line, .sim = sim,
		.encoding = SMS_GSM7, .segments = 1, .body = text, .created_at = at,
	};

	m.body_n = (size_t)snprintf(text, sizeof(text), "hours %lld please, thank you", (long long)n);
	for (size_t i = 0; i < sizeof(pdu); i++)
		pdu[i] = (uint8_t)tw_random_u64(random);
	if (n % 2 == 0) {
		m.direction = INBOUND;
		m.state = MESSAGE_RECEIVED;
		m.pdu = pdu;
		m.pdu_n = sizeof(pdu);
		m.dup = (int64_t)(tw_random_u64(random) >> 1);
		m.keyword = (char[]){ "HOURS" };
	} else {
		m.direction = OUTBOUND;
		m.state = MESSAGE_DELIVERED;
		m.route = route;
		m.sent_at = m.finished_at = at;
		m.valid_until = wall_after(at, 172800000);
	}
	must(store_message_insert(s, &m), "message");
	if (m.direction == INBOUND)
		return;
	must(store_attempt_insert(s, &(struct store_attempt){
		.id = m.id << 16 | 1, .sim = sim, .segment = 1, .outcome = STORE_SENT,
		.mr = (int)(n % 256), .report = 0, .started_at = at, .ended_at = at }), "attempt");
}

static void join(struct store *s, const struct store_contact *c, const char *list, struct wall_ms now)
{
	struct store_subscription sub = { .contact = c->id, .state = STORE_JOINED, .since = now };

	must(store_list(s, c->account, list, true, &sub.list), "list");
	must(store_subscription_put(s, &sub), "subscription");
}

int main(int argc, char **argv)
{
	struct tw_now now = tw_now_system();
	struct store_contact *contacts = tw_zalloc(CONTACTS * sizeof(*contacts));
	struct store_route route = { 0 };
	struct store_sim sim = { .iccid = "8944100000000000001", .number = "+447700900001" };
	struct tw_random random;
	int64_t account, line, total;
	struct store *s;
	char *why = NULL;

	if (argc < 3 || argc > 4 || (total = atoll(argv[2])) <= 0) {
		fprintf(stderr, "usage: bench_fill DATABASE MESSAGES [LIST]\n");
		return 64;
	}
	tw_random_seed(&random, 1);
	must(store_open(&(struct store_setup){ .path = argv[1], .create = true }, now, &s, &why),
	     argv[1]);
	store_turn_begin(s, now);
	must(store_account(s, "default", &account), "account");
	must(store_line(s, "+447700900001", &line), "line");
	must(store_sim_put(s, &sim), "sim");
	route.account = account;
	route.line = line;
	must(store_route(s, &route), "route");
	for (int i = 0; i < CONTACTS; i++) {
		char number[32];

		snprintf(number, sizeof(number), "+44780%07d", i);
		must(store_contact(s, account, number, true, now.wall, &contacts[i]), "contact");
		if (argc > 3)
			join(s, &contacts[i], argv[3], now.wall);
		if (i % A_TURN == 0)
			must(store_flush(s, now), "commit");
	}
	for (int64_t n = 0; n < total; n++) {
		const struct store_contact *c = &contacts[tw_random_below(&random, CONTACTS)];

		add_message(s, &random, c, line, sim.id, route.id, n,
			    wall_after(now.wall, -86400000LL * 90 - (total - n) * 1000));
		if (n % A_TURN == 0)
			must(store_flush(s, now), "commit");
	}
	must(store_flush(s, now), "commit");
	store_close(s);
	free(contacts);
	return 0;
}
