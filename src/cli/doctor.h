/* What `twoway doctor` looks at, and what it finds. */
#ifndef TWOWAY_CLI_DOCTOR_H
#define TWOWAY_CLI_DOCTOR_H

#include <sys/stat.h>
#include <twoway/bank.h>

#include "cli.h"

struct doctor_finding {
	const char *kind;	/* "port_held", static */
	char *what, *why, *remedy;
};
struct doctor_user { uid_t uid; gid_t groups[64]; int n_groups; const char *name; };
struct doctor {
	const char *sys, *dev, *proc;		/* "/sys", "/dev", "/proc" but in tests */
	const struct settings *settings;	/* NULL: not to be read */
	const struct boards *boards;		/* NULL: not to be read */
	json_t *status;				/* of the daemon; NULL: none answers */
	json_t *modems;				/* NULL: it does not serve, having no database */
	struct doctor_user user;		/* who would have to open the ports */
	struct wall_ms now;
	struct bank_found found;
	struct doctor_finding *v;
	size_t n;
};
/* why and remedy are static or copied; format is what was found. */
void doctor_add(struct doctor *d, const char *kind, const char *why, const char *remedy,
		const char *format, ...) __attribute__((format(printf, 5, 6)));
void doctor_done(struct doctor *d);
void doctor_host(struct doctor *d);	/* ports, rights, sticks, disk, clock (doctor_host.c) */
void doctor_bank(struct doctor *d);	/* what the daemon tells of its modems (doctor_bank.c) */
/* Whether this user may read and write such a file. */
bool doctor_may_open(const struct doctor_user *u, const struct stat *st);
bool doctor_is_disk_low(uint64_t total, uint64_t left);

#endif
