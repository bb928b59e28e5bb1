/* Flows played without a modem and without a daemon: the real exchange on a store in memory and a
 * clock that is moved by hand. */
#ifndef TWOWAY_CLI_PLAY_H
#define TWOWAY_CLI_PLAY_H

#include <twoway/exchange.h>
#include <twoway/hook.h>

#include "cli.h"

#define PLAY_NUMBER "+447700900001"
#define PLAY_CUSTOMER "+447700900100"

struct play_source {		/* flows and settings, read once */
	struct settings *settings;
	struct flows *flows;
	struct tw_strings transcripts;
	const char *own_account, *own_number;	/* one more number that is an account's own; NULL */
};
/* Flows from files and folders (flows of a folder, transcripts of its `tests`), else those of
 * --config, else of /etc/twoway; settings from the configuration, else each account that a flow
 * names. 0, or an exit code after saying why. */
int play_source_read(struct cli *c, struct play_source *ret);
void play_source_done(struct play_source *s);
/* The number that is texted unless another is named: the first of the configuration, else
 * PLAY_NUMBER. */
const char *play_first_number(const struct play_source *s);
/* Has a customer text this account: by its own number, else by the first one, which is its own
 * from here on. TW_E_UNKNOWN: there is none of this name. */
int play_source_choose(struct play_source *s, const char *account, char to[TW_ADDRESS_MAX]);

struct play_said { char *from, *to, *text; };
struct play_call { uint64_t token; enum hook_kind kind; char *to; };
struct play {
	const struct play_source *source;
	struct settings settings;	/* the source's, without modems */
	struct settings_sim *sims;	/* of them */
	struct store *store;
	struct bank *bank;
	struct hook_transport transport;	/* to nowhere */
	struct hook *hook;
	struct play_call *calls;	/* that nobody has answered yet */
	size_t n_calls;
	char **answers;			/* of the world, to the next calls; NULL: it fails */
	size_t n_answers;
	bool shows_calls;		/* on standard output */
	struct exchange *x;
	struct tw_now now;
	struct play_said *said;		/* what came out and nobody has looked at */
	size_t n_said;
};
void play_open(struct play *p, const struct play_source *s, struct wall_ms start);
void play_close(struct play *p);
/* Each does its work and collects what comes out. Negative: the store failed. */
int play_text(struct play *p, const char *from, const char *to, const char *text);
int play_call(struct play *p, const char *from, const char *to);
int play_wait(struct play *p, int64_t ms);
/* What the next webhook, program, look-up or calendar says; NULL: it fails. Without one it fails as
 * well. */
void play_answer(struct play *p, const char *text);
void play_forget(struct play *p, size_t i);	/* one that was looked at */
/* The account of a number, else the first. */
const char *play_account(const struct play_source *s, const char *number);
/* "2026-05-04 09:00" in an account's zone. TW_E_SYNTAX: it is none, or no such day. */
int play_time_read(const struct play_source *s, const char *account, const char *text,
		   struct wall_ms *ret);

#endif
