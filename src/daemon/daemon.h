/* twowayd's parts put together, started, reloaded and stopped in one place, by hand. */
#ifndef TWOWAY_DAEMON_H
#define TWOWAY_DAEMON_H

#include <twoway/base.h>
#include <twoway/board.h>
#include <twoway/flow.h>
#include <twoway/model.h>

/* Exit codes of contract 4. */
enum { EXIT_USAGE = 64, EXIT_SOFTWARE = 70, EXIT_CANTCREAT = 73, EXIT_TEMPFAIL = 75,
       EXIT_CONFIG = 78 };

/* What is read from files: a whole set, replaced as one on reload. */
struct inputs {
	struct settings *settings;
	struct boards *boards;
	struct flows *flows;
};
/* path NULL: defaults only. 0, or TW_E_CONFIG with errors in findings and ret untouched. to_serve:
 * an
 * entry of modems, sims or pools with a bad value, and a board profile with errors, is told and
 * left out (settings.refused); the rest is better served than nothing. */
int inputs_load(const char *path, bool to_serve, struct tw_findings *findings, struct inputs *ret);
void inputs_done(struct inputs *in);
/* The flow files that the settings name, folders gone through. */
void inputs_flow_files(const struct settings *s, struct tw_strings *ret);
/* The flows of now with another text in the place of one file, which need not be there yet; text
 * NULL: without it. TW_E_CONFIG with errors in findings. */
int inputs_check_flow(const struct settings *s, const char *path, const char *text, size_t n,
		      struct tw_findings *findings);

/* Runs until SIGTERM or SIGINT. Returns the exit code. */
int daemon_run(const char *config_path, struct inputs *take_inputs);
/* twowayd --new: makes a database and ends. */
int daemon_new_database(const struct settings *settings);

/* systemd's notifications; nothing where it is not there. */
void notify_ready(void);
/* within_ms: how long the message on the air may take; systemd waits at least that long. */
void notify_stopping(int64_t within_ms);
void notify_reloading(void);
void notify_status(const char *status);
/* Milliseconds between two signs of life that the supervisor wants, 0 = none. */
int64_t notify_watchdog_ms(void);
void notify_alive(void);

#endif
