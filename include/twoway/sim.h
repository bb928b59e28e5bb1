/* The virtual bank: pure cards (an AT modem each, its behaviour from a board profile) and an air
 * that carries texts between them and virtual handsets. Time is an argument; random choices come
 * from a seed. `twoway-sim` puts it on pseudo-terminals; scenarios drive it in one process.
 *
 *   sim_card_feed / sim_card_output   bytes from and to whoever drives the modem
 *   sim_tick / sim_deadline           latency, reports, faults with a delay
 *   sim_control                       the control protocol of docs/sim.md, a JSON object a line
 *   sim_control_next                  what subscribers are told: handsets got texts … */
#ifndef TWOWAY_SIM_H
#define TWOWAY_SIM_H

#include <twoway/base.h>
#include <twoway/board.h>

struct sim;
struct sim_setup {
	const struct board *board;	/* for all cards, borrowed; NULL: a plain module.
					 * sim_card_set_board changes one */
	size_t modems;
	const char *first_number;	/* "+447700900001": counted up */
	bool urc_ports;			/* what a modem says unasked leaves on a second port
					 * alone */
	uint64_t seed;
	struct tw_now now;		/* the network's clock starts here */
};
struct sim *sim_new(const struct sim_setup *setup);
void sim_free(struct sim *s);
size_t sim_count(const struct sim *s);

void sim_card_set_board(struct sim *s, size_t card, const struct board *board);
const char *sim_card_number(const struct sim *s, size_t card);
const char *sim_card_iccid(const struct sim *s, size_t card);
void sim_card_feed(struct sim *s, size_t card, const void *bytes, size_t n, struct tw_now now);
size_t sim_card_output(const struct sim *s, size_t card, const uint8_t **ret);
void sim_card_taken(struct sim *s, size_t card, size_t n);
/* The same of the second port (urc_ports); nothing is heard there. */
size_t sim_card_urcs(const struct sim *s, size_t card, const uint8_t **ret);
void sim_card_urcs_taken(struct sim *s, size_t card, size_t n);
/* Plugged out by a fault or a command: whoever owns the port closes it; then plugged in again. */
bool sim_card_is_plugged(const struct sim *s, size_t card);
/* The next card that has output, or was plugged in or out, since it was last told here. */
bool sim_card_next_changed(struct sim *s, size_t *ret);

void sim_tick(struct sim *s, struct tw_now now);
struct mono_ms sim_deadline(const struct sim *s);

/* One line of the control protocol; answers are appended to out, each with its newline. peer names
 * the connection, so that `subscribe` knows whom to tell. */
void sim_control(struct sim *s, uint64_t peer, const char *line, size_t n, struct tw_now now,
		 struct tw_buf *out);
void sim_control_gone(struct sim *s, uint64_t peer);
/* Lines that a subscribed peer is to get unasked (texts that a handset received). */
bool sim_control_next(struct sim *s, uint64_t *ret_peer, struct tw_buf *out);

/* Laws and figures for tests: everything that the network accepted from a card, in order: the
 * newest
 * 100,000 segments (control: `set` `keep`). */
struct sim_sent { size_t card; char from[24], to[24]; uint8_t mr; const char *text; size_t text_n;
		  struct wall_ms at; };
size_t sim_sent_count(const struct sim *s);
const struct sim_sent *sim_sent_at(const struct sim *s, size_t i);	/* one a segment */
void sim_sent_clear(struct sim *s);			/* forgets them: long runs */
/* A handset texts in (segmented as a phone would); returns the first segment's serial number. */
uint64_t sim_text(struct sim *s, const char *from, const char *to, const char *text, size_t n,
		  struct tw_now now);
/* Texts a handset has received, joined, oldest first. */
size_t sim_inbox_count(const struct sim *s, const char *number);
const char *sim_inbox_text(const struct sim *s, const char *number, size_t i);
/* Slots in use on the card's SM. */
int sim_card_used(const struct sim *s, size_t card);

#endif
