/* The option table: every setting of twoway.conf once. Private to config. */
#ifndef TWOWAY_CONFIG_OPTIONS_H
#define TWOWAY_CONFIG_OPTIONS_H

#include <twoway/base.h>
#include <twoway/model.h>

/* What the tables fill: settings first, so that either address is the other's. The nodes live only
 * while the file is read. */
struct raw {
	struct settings s;
	const struct tw_conf_node *retry, *webhooks, *sticky, *quiet_hours, *self_test,
	*mail, *alert,
				  *api, *log;
	const struct tw_conf_node *balance, *modems, *sims, *pools, *accounts;
};
struct raw_sim {
	struct settings_sim sim;
	const struct tw_conf_node *quota, *cost;
};
struct raw_log { int64_t level, numbers; bool texts; };

/* One group or list of groups. In every table the keys of type TW_KEY_NODE stand last. */
struct section {
	const char *name;		/* "" for the file itself */
	const struct tw_key *keys;
	size_t n, n_nodes;
};
enum section_id { SECTION_TOP, SECTION_RETRY, SECTION_WEBHOOKS, SECTION_STICKY, SECTION_QUIET,
		  SECTION_SELF_TEST, SECTION_BALANCE, SECTION_MODEMS, SECTION_SIMS, SECTION_QUOTA,
		  SECTION_COST, SECTION_POOLS, SECTION_ACCOUNTS, SECTION_MAIL, SECTION_ALERT,
		  SECTION_API, SECTION_LOG, SECTION_COUNT };
extern const struct section sections[SECTION_COUNT];

/* "integer 1..100", "resend|fail": a key's type and range as the manual shows them. */
void config_describe_type(struct tw_buf *out, const struct tw_key *key);
void config_describe_default(struct tw_buf *out, const struct tw_key *key);

/* An error of a value in an entry that can be left out (`modems[1]`) marks the entry; of any other
 * it is an error like all. The finding is the last one of f. */
void config_refuse(struct settings *s, const char *group, size_t index, struct tw_findings *f);

/* Numbers, accounts, names, zones and the rest that no range can check; writes numbers as E.164.
 * root NULL: no file. Adds to findings. */
void config_check(struct settings *s, const struct tw_conf_node *root,
		  struct tw_findings *findings);

#endif
