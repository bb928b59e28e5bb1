/* What the daemon tells of its modems and of itself, as findings. */
#include "doctor.h"

#include <stdio.h>

enum { SIGNAL_WEAK = -105 };	/* dBm */

#define BEHIND_THE_PROCESS "\1"

/* By state, the first row whose cause stands in what the daemon says of it; %s of the remedy is the
 * modem. */
static const struct { const char *state, *kind, *what, *why, *remedy, *cause; } states[] = {
	/* What to type stands behind the process: "in use by PROGRAM (process N): REMEDY". */
	{ "absent", "port_held", "cannot be used", "two programs on one modem take each other's "
	  "answers: texts are lost", BEHIND_THE_PROCESS, "(process " },
	{ "absent", "port_held", "cannot be used", "two programs on one modem take each other's "
	  "answers: texts are lost", "sudo twoway doctor", "in use by another program" },
	{ "absent", "modem_absent", "is not there", "it neither receives nor sends",
	  "plug it in; twoway modems --ports lists what is there" },
	{ "locked", "sim_locked", "has a SIM that asks for its PIN",
	  "it neither receives nor sends",
	  "write pin = \"…\" in the entry of %s, then: twoway reload", "`pin`" },
	/* Fewer than three tries, or none: twoway sends no PIN any more. */
	{ "locked", "sim_locked", "has a SIM that is locked", "it neither receives nor sends",
	  "put the SIM into a telephone and enter its PIN or PUK there, which gives it three tries "
	  "back; write the right pin = \"…\" in the entry of %s, then: twoway reload" },
	{ "no_sim", "no_sim", "has no SIM", "it neither receives nor sends",
	  "put a SIM in, contacts down, and plug the modem in again" },
	{ "searching", "no_network", "is not registered in a network",
	  "it neither receives nor sends",
	  "check antenna and contract of its SIM; twoway at %s AT+COPS=? lists networks" },
	{ "recovering", "recovering", "does not answer as it should", "it is being reset",
	  "wait a minute; then unplug it and plug it in again" },
	{ "failed", "entry_refused", "is not used", "it neither receives nor sends",
	  "correct its entry in the configuration, then: twoway reload", "its entry is refused" },
	{ "stranger", "entry_refused", "is not used", "it neither receives nor sends",
	  "correct the entry of its SIM in the configuration, then: twoway reload",
	  "its entry is refused" },
	{ "failed", "modem_failed", "has been given up", "it neither receives nor sends",
	  "unplug it and plug it in again; check its power: a weak hub shows like that" },
	{ "stranger", "stranger", "has a SIM that was not seen in it before", "it is not used",
	  "twoway modems accept %s" },
	{ "paused", "paused", "is paused", "it receives, and sends nothing",
	  "twoway modems resume %s" },
};

/* Heap. */
static char *make_remedy(const char *remedy, const char *name, const char *why)
{
	const char *percent = strstr(remedy, "%s"), *behind = strstr(why, "): ");

	if (!strcmp(remedy, BEHIND_THE_PROCESS))
		return tw_strdup(behind ? behind + 3 : "end that program");
	return percent ? tw_printf("%.*s%s%s", (int)(percent - remedy), remedy, name, percent + 2)
		       : tw_strdup(remedy);
}

/* Who holds its port was seen by the host's own eyes. */
static bool is_seen_held(const struct doctor *d, const char *port)
{
	size_t n = strlen(port);

	for (size_t i = 0; n && i < d->n; i++)
		if (!strcmp(d->v[i].kind, "port_held") && !strncmp(d->v[i].what, port, n))
			return true;
	return false;
}

static void check_state(struct doctor *d, const char *name, const char *state, const char *why)
{
	for (size_t i = 0; i < TW_COUNT(states); i++) {
		char *remedy;

		if (strcmp(states[i].state, state) != 0 ||
		    (states[i].cause && !strstr(why, states[i].cause)))
			continue;
		remedy = make_remedy(states[i].remedy, name, why);
		doctor_add(d, states[i].kind, states[i].why, remedy, "modem %s %s%s%s", name,
			   states[i].what, *why ? ": " : "", why);
		free(remedy);
		return;
	}
}

static void check_signal(struct doctor *d, const char *name, json_t *dbm)
{
	if (!json_is_integer(dbm) || json_integer_value(dbm) > SIGNAL_WEAK)
		return;
	doctor_add(d, "weak_signal", "texts fail and take long",
		   "move it to a window, away from other "
		   "modems, or give it a better antenna", "modem %s has a weak signal: %lld dBm",
		   name, (long long)json_integer_value(dbm));
}

static void check_storage(struct doctor *d, const char *name, json_t *m)
{
	int64_t used = cli_member_int(m, "storage_used"),
		total = cli_member_int(m, "storage_total");
	char *remedy;

	if (total <= 0 || used < total)
		return;
	remedy = tw_printf("twoway at %s AT+CMGL=4   shows what lies there; after a restart it is "
			   "emptied again", name);
	doctor_add(d, "sim_full", "a full SIM receives nothing more", remedy,
		   "the SIM of modem %s is full: %lld of %lld slots", name, (long long)used,
		   (long long)total);
	free(remedy);
}

static void check_quota(struct doctor *d, const char *name, json_t *sim)
{
	const char *iccid = cli_member(sim, "iccid"), *key;
	json_t *quota = json_object_get(sim, "quota"), *value;
	char *remedy;

	if (!*iccid || !quota)
		return;
	json_object_foreach(quota, key, value)
		if (!json_is_null(value) && json_number_value(value) > 0)
			return;
	remedy = tw_printf("sims = ( { iccid = \"%s\"; quota = { per_minute = 5; per_day = 180; }; "
			   "} );   in the configuration, unless its contract allows more", iccid);
	doctor_add(d, "no_quota", "operators block a consumer SIM that sends too many texts, often "
				  "for good",
		   remedy, "the SIM of modem %s has no limit", name);
	free(remedy);
}

static void check_modem(struct doctor *d, json_t *m)
{
	const char *name = cli_member(m, "name"), *state = cli_member(m, "state");

	if (strcmp(state, "absent") || !is_seen_held(d, cli_member(m, "port")))
		check_state(d, name, state, cli_member(m, "last_error"));
	check_signal(d, name, json_object_get(m, "signal_dbm"));
	check_storage(d, name, m);
	if (!strcmp(state, "ready"))
		check_quota(d, name, json_object_get(m, "sim"));
}

/* The state of a modem, which stands in a finding of its own with what to type against it. */
static bool is_told(const struct doctor *d, const char *trouble)
{
	json_t *m;
	size_t i, k;

	json_array_foreach(d->modems, i, m) {
		tw_auto(tw_free_charp) char *begin = tw_printf("modem %s is %s",
							       cli_member(m, "name"),
							       cli_member(m, "state"));

		for (k = 0; k < TW_COUNT(states); k++)
			if (!strcmp(states[k].state, cli_member(m, "state")) &&
			    !strncmp(trouble, begin, strlen(begin)))
				return true;
	}
	return false;
}

/* What the daemon refused and the file still says: FILE:LINE is told with the configuration. */
static bool is_in_file(const struct doctor *d, const char *trouble)
{
	for (size_t i = 0; i < d->n; i++) {
		const char *what = d->v[i].what, *end = strstr(what, ": ");

		if (!strcmp(d->v[i].kind, "configuration") && end &&
		    !strncmp(trouble, what, (size_t)(end - what) + 2))
			return true;
	}
	return false;
}

static void no_database(struct doctor *d)
{
	if (!strcmp(cli_member(d->status, "database"), "disk full"))
		doctor_add(d, "disk_low", "nothing is received or sent until there is room",
			   "make room where the database is; the daemon goes on by itself",
			   "the disk is full");
	else
		doctor_add(d, "no_database", "nothing is received or sent until there is one",
			   "twoway restore FILE   (a backup), or begin anew: twowayd --new",
			   "the database is gone or damaged");
}

void doctor_bank(struct doctor *d)
{
	json_t *m, *trouble;
	size_t i;

	if (!d->modems) {
		no_database(d);
		return;
	}
	json_array_foreach(d->modems, i, m)
		check_modem(d, m);
	if (!json_array_size(d->modems))
		doctor_add(d, "no_modem", "nothing is received or sent",
			   "plug one in; twoway modems --ports "
			   "lists what is there", "the daemon has no modem");
	json_array_foreach(json_object_get(d->status, "troubles"), i, trouble)
		if (json_string_value(trouble) && !is_told(d, json_string_value(trouble)) &&
		    !is_in_file(d, json_string_value(trouble)))
			doctor_add(d, "trouble", "the daemon says so",
				   "journalctl -u twoway -n 100", "%s", json_string_value(trouble));
}
