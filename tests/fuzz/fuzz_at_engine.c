/* Octets as a script against the engine: time passes, commands are given, the port takes some of
 * the output, the modem says something, the port is reopened. It must neither crash nor spin, each
 * command must end exactly once, and a Ctrl-Z must leave only behind the payload of a send given.
 *
 * A script begins with an octet that chooses the dialect. Then, by its lowest three bits:
 *   0 n: feed n octets that follow     1: give a plain command       2: give a list
 *   3: give a send                     4: time passes                5: the port takes some octets
 *   6: a line that modems say          7: reset, begin, a flood, or all the port can take */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <twoway/at.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char *const sayings[] = {
	"\r\nOK\r\n", "\r\nERROR\r\n", "\r\n> ", "\r\n+CMGS: 17\r\n", "\r\n+CMS ERROR: 38\r\n",
	"\r\n+CMGL: 1,1,,3\r\n", "00112233\r\n", "\r\n+CMT: ,3\r\n", "\r\n+CMEE: 1\r\n",
	"\r\n+CUSD: 0,\"a\r\n", "b\",15\r\n", "\r\n359853030123458\r\n", "AT+CMGL=4\r",
	"0001AB\x1a",
	"\r\n+CPIN: READY\r\n", "\r\nRING\r\n", "\r\n+CME ERROR: SIM busy\r\n",
	"\r\nNO CARRIER\r\n",
	">", "\r\n+CSCS: \"GSM\"\r\n", "\r\n+CSMS: 1,1,1,1\r\n", "\r\n^RSSI:14\r\n", "\r", "\n" };

static struct at_engine *e;
static struct mono_ms now;
static uint32_t in_flight, last_id;
static bool is_send, ctrl_z_left;

static void on_event(const struct at_event *ev)
{
	assert(strlen(ev->line) == ev->line_n && ev->line_n <= AT_LINE_MAX);
	assert(!ev->pdu || strlen(ev->pdu) == ev->pdu_n);
	switch (ev->type) {
	case AT_FINAL:
		assert(ev->id == in_flight && in_flight);
		assert(ev->payload_sent == (is_send && ctrl_z_left));
		in_flight = 0;
		break;
	case AT_LINE:
		assert(ev->id == in_flight && in_flight);
		break;
	case AT_PAYLOAD_SENT:
		assert(is_send && ctrl_z_left);
		break;
	case AT_LATE:
		assert(ev->id && ev->id <= last_id && ev->id != in_flight);
		break;
	case AT_URC:
	case AT_STRAY:
		assert(!ev->id);
		break;
	}
}

static void pull(void)
{
	struct at_event ev;

	for (int i = 0; at_next(e, &ev); i++) {
		assert(i < 100000);
		on_event(&ev);
	}
}

static void take(size_t most)
{
	const uint8_t *out;
	size_t n = at_output(e, &out);

	if (n > most)
		n = most;
	if (memchr(out, 0x1a, n)) {
		assert(in_flight && is_send && !ctrl_z_left);
		ctrl_z_left = true;
	}
	at_written(e, n, now);
	pull();
}

static void give(unsigned kind, unsigned choice)
{
	static const char *const texts[] = {
		"AT", "AT+CGMM", "AT+CGSN", "AT+CPIN?", "ATI", "ATD123;", "AT+CREG?;+CSQ",
		"AT+CNMA=0", "AT+CUSD=1,\"*1#\"", "AT+CSCS?" };
	struct at_command c = { .text = texts[choice % 10], .id = last_id + 1, .limit_ms = 3000 };

	if (choice % 10 == 2)
		c.shape = AT_NUMBER_LINE;
	if (kind == 2) {
		c = (struct at_command){ .text = "AT+CMGL=4", .prefix = "+CMGL:", .id = c.id,
					 .shape = AT_PDU_LINES };
	} else if (kind == 3) {
		c.text = choice & 1 ? "AT+CMGS=2" : "AT+CNMA=1,2";
		c.shape = AT_SEND;
		c.payload = "0001AB";
	}
	if (at_give(e, &c, now) == 0) {
		assert(!in_flight);
		in_flight = ++last_id;
		is_send = kind == 3;
		ctrl_z_left = false;
	}
	pull();
}

static void flood(void)
{
	char junk[700];

	memset(junk, 'x', sizeof(junk));
	at_feed(e, junk, sizeof(junk), now);
}

static void pass(unsigned much)
{
	static const int64_t steps[] = { 1, 20, 150, 300, 500, 2000, 5000, 20000 };

	now.ms += steps[much % 8];
	at_tick(e, now);
	pull();
}

/* However it stands: with a port that takes everything and a modem that says nothing the engine
 * comes to rest, idle, within bounded time. */
static void come_to_rest(void)
{
	for (int i = 0; i < 200 && (in_flight || !at_is_idle(e)); i++) {
		take(SIZE_MAX);
		now.ms += 1000;
		at_tick(e, now);
		pull();
	}
	assert(!in_flight && at_is_idle(e));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct at_dialect d = { 0 };
	size_t at = 1;

	if (!n)
		return 0;
	d.no_final_after_cpin = data[0] & 1;
	d.no_prompt = data[0] & 2;
	d.pause_ms = data[0] & 4 ? 20 : 0;
	d.open_with = data[0] & 8 ? "ATE0+CPMS?" : NULL;
	e = malloc(at_engine_size());
	assert(e);
	memset(e, 0xa5, at_engine_size());
	at_init(e, &d);
	now = (struct mono_ms){ 1000 };
	in_flight = last_id = 0;
	is_send = ctrl_z_left = false;
	while (at < n) {
		unsigned op = data[at++], value = op >> 3;

		switch (op & 7) {
		case 0: {
			size_t much = value < n - at ? value : n - at;

			at_feed(e, data + at, much, now);
			at += much;
			if (op & 8)
				pull();
			break;
		}
		case 1:
		case 2:
		case 3:
			give(op & 7, value);
			break;
		case 4:
			pass(value);
			break;
		case 5:
			take(1 + value);
			break;
		case 6:
			at_feed(e, sayings[value % 24], strlen(sayings[value % 24]), now);
			pull();
			break;
		case 7:
			if (value == 1)
				at_reset(e);
			else if (value == 2)
				at_begin(e, now);
			else if (value == 3)
				flood();
			else
				take(SIZE_MAX);
			pull();
			break;
		}
	}
	come_to_rest();
	free(e);
	return 0;
}
