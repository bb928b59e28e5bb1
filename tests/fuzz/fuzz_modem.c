/* A modem that says whatever it likes, an owner who does whatever comes to mind, and time that jumps.
 * The input is a list of acts, three octets and their bytes: act, n, then n octets where the act
 * takes some. Laws, beside those of modem_check: no Ctrl-Z without a send, no deletion of a slot
 * whose text was not acknowledged, one end a send, and the machine always comes to rest. */
#include <twoway/modem.h>

#include <stdio.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define DEMAND(x) do { if (!(x)) { fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #x); abort(); } } while (0)

enum act { ACT_SAY, ACT_ANSWER, ACT_WAIT, ACT_OWNER, ACT_PLUG, ACT_COUNT };
enum { SLOTS = 512, TOKENS = 64 };

struct world {
	struct modem *m;
	struct mono_ms now;
	bool is_open, sending;
	unsigned policy;
	char line[4096];
	size_t line_n;
	bool may_delete[3][SLOTS];	/* by storage: SM, ME, anything else */
	struct { uint64_t token; int slot, storage; } tokens[TOKENS];
	unsigned n_tokens;
	uint64_t next_send;
};

static const struct boards *profiles(void)
{
	static struct boards *boards;
	char folder[] = "/tmp/fuzz_modem_XXXXXX", path[64];
	const char *const folders[] = { folder };
	struct tw_findings f = { 0 };
	FILE *file;

	if (boards)
		return boards;
	DEMAND(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/generic.conf", folder);
	file = fopen(path, "w");
	DEMAND(file);
	fputs("cmms = \"1\"; nack = \"2\"; report_storage = \"SR\"; ready = \"SMS Ready\";", file);
	fclose(file);
	boards = boards_load(folders, 1, &f);
	DEMAND(boards && !f.n);
	unlink(path);
	rmdir(folder);
	return boards;
}

static int storage_index(const char *name)
{
	return !strcmp(name, "SM") ? 0 : !strcmp(name, "ME") ? 1 : 2;
}

static void on_inbound(struct world *w, const struct modem_inbound *in)
{
	unsigned i = w->n_tokens++ % TOKENS;

	w->tokens[i].token = in->token;
	w->tokens[i].slot = in->slot;
	w->tokens[i].storage = storage_index(in->storage);
	DEMAND(strlen(in->hex) == in->hex_n);
	if (in->slot >= 0) {
		DEMAND(in->slot < SLOTS);
		w->may_delete[storage_index(in->storage)][in->slot] = false;
	}
}

static void answer_token(struct world *w, unsigned which, bool ack)
{
	unsigned i = which % TOKENS;

	if (!w->tokens[i].token)
		return;
	if (ack && w->tokens[i].slot >= 0)
		w->may_delete[w->tokens[i].storage][w->tokens[i].slot] = true;
	if (ack)
		modem_acknowledge(w->m, w->tokens[i].token, w->now);
	else
		modem_refuse(w->m, w->tokens[i].token, w->now);
	w->tokens[i].token = 0;
}

static void pull(struct world *w)
{
	struct modem_event ev;
	bool was_in_doubt = false;

	while (modem_next(w->m, &ev)) {
		DEMAND(ev.text);
		switch (ev.type) {
		case MODEM_EV_INBOUND:
			on_inbound(w, &ev.inbound);
			if (w->policy & 1)
				answer_token(w, w->n_tokens - 1, w->policy & 2);
			break;
		case MODEM_EV_SENT:
			/* A doubt may be taken back once by what came late. */
			was_in_doubt = !w->sending;
			DEMAND(!was_in_doubt || ev.sent.outcome == MODEM_OUT_SENT);
			w->sending = false;
			break;
		case MODEM_EV_PIN:
			if (w->policy & 4)
				modem_give_pin(w->m, "1234", w->now);
			else
				modem_deny_pin(w->m, w->now);
			break;
		case MODEM_EV_SIM:
			modem_admit(w->m, !(w->policy & 8), w->now);
			break;
		case MODEM_EV_STATE:
		case MODEM_EV_IDENTITY:
		case MODEM_EV_SLOT_EMPTY:
		case MODEM_EV_COMMAND:
		case MODEM_EV_CALL:
		case MODEM_EV_USSD:
		case MODEM_EV_SIGNAL:
		case MODEM_EV_NETWORK:
		case MODEM_EV_REOPEN:
		case MODEM_EV_POWER:
		case MODEM_EV_RECOVER:
		case MODEM_EV_BEARER:
		case MODEM_EV_TROUBLE:
			break;
		}
	}
}

static void check_line(struct world *w)
{
	int slot;

	w->line[w->line_n] = 0;
	if (sscanf(w->line, "AT+CMGD=%d", &slot) == 1) {
		DEMAND(slot >= 0 && slot < SLOTS);
		DEMAND(w->may_delete[0][slot] || w->may_delete[1][slot] || w->may_delete[2][slot]);
	}
}

static void take_output(struct world *w)
{
	const uint8_t *bytes;
	size_t n = modem_output(w->m, &bytes);

	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == 0x1a)
			DEMAND(w->sending);
		if (bytes[i] == '\r' || bytes[i] == 0x1a) {
			check_line(w);
			/* The last command stays readable for ACT_ANSWER. */
			if (i + 1 < n)
				w->line_n = 0;
		} else if (bytes[i] == 0x1b) {
			w->line_n = 0;
		} else if (w->line_n < sizeof(w->line) - 1) {
			if (w->line_n && w->line[w->line_n] == 0 && i == 0)
				w->line_n = 0;
			w->line[w->line_n++] = (char)bytes[i];
		}
	}
	if (n)
		modem_written(w->m, n, w->now);
}

/* Comes to rest at this instant. */
static void settle(struct world *w)
{
	int left = 3000;

	do {
		DEMAND(left--);
		modem_tick(w->m, w->now);
		take_output(w);
		pull(w);
		modem_check(w->m);
	} while (modem_deadline(w->m).ms <= w->now.ms);
}

static void say(struct world *w, const char *text)
{
	modem_on_bytes(w->m, text, strlen(text), w->now);
}

/* A decent answer to the command that was given last. */
static void answer(struct world *w, unsigned variant)
{
	static const struct { const char *command, *answer; } table[] = {
		{ "AT+CPIN?", "\r\n+CPIN: READY\r\n" },
		{ "AT+CFUN?", "\r\n+CFUN: 1\r\n" },
		{ "AT+CGSN", "\r\n356938035643809\r\n" },
		{ "AT+CCID", "\r\n+CCID: 89441000000000000012\r\n" },
		{ "AT+CIMI", "\r\n234150000000001\r\n" },
		{ "AT+CPMS=", "\r\n+CPMS: 1,20,1,20,1,20\r\n" },
		{ "AT+CPMS?", "\r\n+CPMS: \"SM\",1,20,\"SM\",1,20,\"SM\",1,20\r\n" },
		{ "AT+CNMI?", "\r\n+CNMI: 2,1,0,1,0\r\n" },
		{ "AT+CREG?", "\r\n+CREG: 2,1\r\n" },
		{ "AT+CMGL", "\r\n+CMGL: 3,1,,23\r\n"
		  "07913366003051F5040B913336990801F100005180719120348004D4F29C0E\r\n" },
		{ "AT+CMGR", "\r\n+CMGR: 1,,23\r\n"
		  "07913366003051F5040B913336990801F100005180719120348004D4F29C0E\r\n" },
		{ "AT+CMGS", "\r\n> " },
		{ "0011", "\r\n+CMGS: 4\r\n" },
		{ "AT+CMEE?", "\r\n+CMEE: 1\r\n" },
	};
	const char *line = w->line;

	w->line[w->line_n] = 0;
	w->line_n = 0;
	if (variant == 1) {
		say(w, "\r\n+CMS ERROR: 500\r\n");
		return;
	}
	if (variant == 2 && !strcmp(line, "AT+CPIN?")) {
		say(w, "\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n");
		return;
	}
	if (variant == 2 && !strcmp(line, "AT+CNMI?")) {
		say(w, "\r\n+CNMI: 2,2,0,1,0\r\n\r\nOK\r\n");
		return;
	}
	for (size_t i = 0; i < TW_COUNT(table); i++)
		if (!strncmp(line, table[i].command, strlen(table[i].command))) {
			say(w, table[i].answer);
			if (!strcmp(table[i].command, "AT+CMGS"))
				return;
		}
	say(w, "\r\nOK\r\n");
}

static void send(struct world *w, bool more)
{
	struct modem_send s = { .id = ++w->next_send, .hex = "0011000B913336990801F10000AA04D4F29C0E",
				.length = 18, .more = more };

	if (modem_can_send(w->m)) {
		DEMAND(!w->sending);
		w->sending = true;	/* before: the end may be told at once */
		if (modem_send(w->m, &s, w->now))
			w->sending = false;
	} else if (w->sending) {
		DEMAND(modem_send(w->m, &s, w->now) == TW_E_STATE);
	} else {	/* one that is taken all the same waits behind what came in */
		w->sending = true;
		if (modem_send(w->m, &s, w->now))
			w->sending = false;
	}
}

static void owner(struct world *w, unsigned what)
{
	switch (what & 15) {
	case 0: case 1: case 2:
		send(w, what & 16);
		break;
	case 3: case 4: case 5:
		answer_token(w, what >> 4, true);
		break;
	case 6:
		answer_token(w, what >> 4, false);
		break;
	case 7:
		modem_command(w->m, 5, "AT+CUSD=1,\"*100#\",15", 5000, w->now);
		break;
	case 8:
		modem_cancel_send(w->m, w->next_send, w->now);
		break;
	case 9:
		modem_pause(w->m, what & 16, w->now);
		break;
	case 10:
		modem_restart(w->m, w->now);
		break;
	case 11:
		modem_admit(w->m, what & 16, w->now);
		break;
	case 12:
		modem_give_pin(w->m, "4321", w->now);
		break;
	case 13:
		w->policy = what >> 4;
		break;
	default:
		break;
	}
}

static void wait(struct world *w, unsigned n)
{
	struct mono_ms end = mono_after(w->now, (int64_t)n * n * 20);

	for (int i = 0; i < 200; i++) {
		struct mono_ms next = modem_deadline(w->m);

		if (next.ms > end.ms)
			break;
		w->now = next.ms > w->now.ms ? next : w->now;
		settle(w);
	}
	w->now = end.ms > w->now.ms ? end : w->now;
}

static void plug(struct world *w)
{
	w->is_open = !w->is_open;
	memset(w->may_delete, 0, sizeof(w->may_delete));
	w->line_n = 0;
	if (w->is_open)
		modem_on_opened(w->m, w->now);
	else
		modem_on_closed(w->m, w->now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct world w;
	struct modem_setup setup = { .boards = profiles(), .board = "", .usb = "", .report = true,
				     .smsc = "+447785016005", .hang_up = true, .direct_send_limit = 10000 };

	if (n < 1)
		return 0;
	memset(&w, 0, sizeof(w));
	w.now.ms = 1000000;
	w.policy = data[0];
	setup.direct = data[0] & 16 ? 1 : 0;
	w.m = modem_new(&setup);
	plug(&w);
	for (size_t i = 1; i + 1 < n;) {
		unsigned act = data[i] % ACT_COUNT, k = data[i + 1];

		i += 2;
		if (act == ACT_SAY) {
			size_t have = n - i < k ? n - i : k;

			modem_on_bytes(w.m, data + i, have, w.now);
			i += have;
		} else if (act == ACT_ANSWER) {
			for (unsigned j = 0; j < 1 + k / 4; j++) {
				answer(&w, k % 4);
				settle(&w);
			}
		} else if (act == ACT_WAIT) {
			wait(&w, k);
		} else if (act == ACT_OWNER) {
			owner(&w, k);
		} else {
			plug(&w);
		}
		settle(&w);
	}
	if (w.is_open)
		plug(&w);
	settle(&w);
	DEMAND(!w.sending);
	modem_free(w.m);
	return 0;
}
