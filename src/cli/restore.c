/* twoway restore: a backup becomes the database. Needs no daemon; one that waits for its database
 * goes on by itself. */
#include "cli.h"

#include <twoway/config.h>
#include <twoway/store.h>

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define DEFAULT_CONFIG "/etc/twoway/twoway.conf"

static struct settings *load(const struct cli *c)
{
	const char *path = c->config ? c->config : access(DEFAULT_CONFIG, F_OK) == 0
		? DEFAULT_CONFIG : NULL;
	struct tw_findings findings = { 0 };
	struct settings *s = config_load(path, &findings);
	struct tw_buf text = { 0 };

	if (!s) {
		tw_findings_print(&findings, &text);
		fputs(tw_buf_str(&text), stderr);
		tw_buf_done(&text);
	}
	tw_findings_done(&findings);
	return s;
}

static int exit_of(int code)
{
	switch (code) {
	case TW_E_LOCKED:
		return CLI_LATER;
	case -ENOENT:
		return CLI_UNKNOWN;
	case -EACCES:
	case -EPERM:
		return CLI_DENIED;
	case TW_E_DB_DAMAGED:
	case TW_E_DB_NEWER:
	case TW_E_TYPE:
	case -EINVAL:
		return CLI_DATA;
	}
	return CLI_CREATE;
}

static void tell(struct cli *c, const struct settings *s, const struct store_restored *done)
{
	char last[TW_RFC3339_MAX] = "";

	cli_time_write(done->last_at, tw_now_system().wall, last);
	if (c->json) {
		json_t *o = json_pack("{s:s, s:I, s:s?}", "database", s->database, "messages",
				      (json_int_t)done->messages, "kept", done->kept);

		cli_print_json(o);
		json_decref(o);
		return;
	}
	printf("%s: restored, %lld messages%s%s\n", s->database, (long long)done->messages,
	       done->messages ? ", the last of " : "", done->messages ? last : "");
	if (done->kept)
		printf("what was there is kept as %s\n", done->kept);
}

static int run(struct cli *c, const void *options)
{
	struct settings *s = load(c);
	struct store_restored done = { 0 };
	char *why = NULL;
	int r;

	(void)options;
	if (!s)
		return CLI_CONFIG;
	r = store_restore(s->database, c->words.v[0], tw_now_system(), &done, &why);
	if (r < 0)
		r = cli_fail(exit_of(r), "%s%s", why ? why : tw_strerror(r),
			     r == TW_E_LOCKED ? ": stop the daemon first" : "");
	else
		tell(c, s, &done);
	free(done.kept);
	free(why);
	config_free(s);
	return r;
}

const struct cli_verb cli_verb_restore = {
	.name = "restore",
	.arguments = "FILE",
	.summary = "Make a backup the database",
	.about = "Without a daemon, or beside one that says \"no database\" and then goes on by "
		 "itself. FILE is\n"
		 "checked whole first; what was there is kept beside it as NAME.bad-TIME "
		 "(NAME.old-TIME where\n"
		 "it was sound). What was queued in the backup is sent again, also if it had been "
		 "sent since.\n\n"
		 "  twoway restore /var/backups/twoway-2026-05-04.db",
	.min_words = 1, .max_words = 1,
	.run = run,
};
