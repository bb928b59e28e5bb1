/* A card that is fed anything, and a control socket that is asked anything. The first octet of each
 * piece says who gets it, the second how long it is; time passes between pieces. */
#include <stdint.h>
#include <twoway/sim.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void drain(struct sim *s)
{
	struct tw_buf line = { 0 };
	const uint8_t *bytes;
	uint64_t peer;
	size_t card;

	while (sim_card_next_changed(s, &card))
		sim_card_taken(s, card, sim_card_output(s, card, &bytes));
	while (sim_control_next(s, &peer, &line))
		;
	tw_buf_done(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct sim_setup setup = { .modems = 2, .first_number = "+447700900001", .seed = 3,
				   .now = { { 1000 }, { 1767225600000 } } };
	struct tw_now now = setup.now;
	struct sim *s = sim_new(&setup);
	struct tw_buf answer = { 0 };

	while (n > 2) {
		size_t piece = data[1] < n - 2 ? data[1] : n - 2;

		switch (data[0] % 4) {
		case 0: case 1:
			sim_card_feed(s, data[0] % 2, data + 2, piece, now);
			break;
		case 2:
			sim_control(s, data[0], (const char *)data + 2, piece, now, &answer);
			break;
		case 3:
			now.mono.ms += data[0] * 100;
			now.wall.ms += data[0] * 100;
			sim_tick(s, now);
			piece = 0;
			break;
		}
		drain(s);
		data += 2 + piece;
		n -= 2 + piece;
	}
	tw_buf_done(&answer);
	sim_free(s);
	return 0;
}
