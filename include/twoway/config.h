/* The option table and its reader: one table describes every setting (type, range, default, help);
 * manual, error messages and `twoway check --settings` come from it. */
#ifndef TWOWAY_CONFIG_H
#define TWOWAY_CONFIG_H

#include <twoway/base.h>
#include <twoway/board.h>
#include <twoway/flow.h>
#include <twoway/model.h>

/* path NULL or "": defaults only. NULL with at least one error in findings. */
struct settings *config_load(const char *path, struct tw_findings *findings);
/* The same to serve with: an entry of `modems`, `sims` or `pools` with a bad value is an error in
 * findings and marked `refused`, and the rest is there all the same. */
struct settings *config_load_to_serve(const char *path, struct tw_findings *findings);
struct settings *config_load_text(const char *name, const char *text, size_t n,
				  struct tw_findings *findings);
void config_free(struct settings *s);
/* Every setting, one a line: name, type and range, default, "live" or nothing, sentence (check
 * --settings, manual). */
void config_describe(struct tw_buf *out);
/* The same as a twoway.conf in which everything stands behind a #, the one that is installed. */
void config_example(struct tw_buf *out);
/* Those that stand in the file once, with their values as it would have them (JSON too; null: not
 * set). is_live: it may be changed while the daemon runs. */
bool config_is_live(const char *name);
struct config_setting {		/* heap but for help */
	char *name, *type, *usual, *value;
	const char *help;
	bool is_live;
};
bool config_setting_next(const struct settings *s, size_t *cursor, struct config_setting *ret);
void config_setting_done(struct config_setting *v);
/* 0; TW_E_UNKNOWN: no setting, or none that is live; TW_E_CONFIG: the value cannot be. reterr: a
 * sentence, heap. */
int config_live_set(struct settings *s, const char *name, const char *value, char **reterr);
/* Where shared data lie (boards, flows/words): TWOWAY_DATA, else the source tree for a program in
 * its build folder, else the installed folder. Static. */
const char *config_data_folder(void);
/* Pools as flows_load wants them: one that is refused holds no number. Heap, never NULL; what it
 * points to is the settings'. */
struct flow_pool *config_flow_pools(const struct settings *s, size_t *ret_n);
/* The settings' board folders followed by the shared one, as boards_load wants them. */
void config_board_folders(const struct settings *s, struct tw_strings *ret);
/* Warns of every `board` of `modems` that is no profile of b: such a modem is served with the
 * profile that its own words choose. */
void config_check_boards(const struct settings *s, const struct boards *b,
			 struct tw_findings *findings);

#endif
