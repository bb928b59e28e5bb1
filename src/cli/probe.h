/* What a modem answered to `twoway probe`, and the profile that follows from it. */
#ifndef TWOWAY_CLI_PROBE_H
#define TWOWAY_CLI_PROBE_H

#include <twoway/bank.h>

#include "cli.h"

struct probe_answer {
	char *command;
	enum at_result result;
	int code;
	struct tw_strings lines;
};
struct probe_answers { struct probe_answer *v; size_t n; };
struct probe_answer *probe_answer_add(struct probe_answers *a, const char *command);
void probe_answers_done(struct probe_answers *a);
/* The commands worth asking: fixed ones, then what any profile asks for ICCID and PIN counter. */
void probe_questions(const struct boards *boards, struct tw_strings *ret);
/* The profile whose USB id and identity fit what was answered; `generic` where none does. */
const struct board *probe_match(const struct probe_answers *a, const struct boards *boards,
				const char *usb);
/* Appends a profile as a file, with what was answered as comments; IMEI, ICCID, IMSI and numbers
 * are masked there, so that it can be shown to others. port: of the system, NULL none. */
void probe_write_profile(const struct probe_answers *a, const struct boards *boards,
			 const struct bank_port *port, struct tw_buf *out);
/* Whether the n-th element (from 0) of an answer to =? allows value: "+CNMI: (0-2),(0,1)". */
bool probe_allows(const char *line, size_t n, int value);

#endif
