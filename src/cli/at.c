/* twoway at: a command on a modem's live session. */
#include "job.h"

#include <stdio.h>

struct at_options { bool force; };

static const struct cli_option options[] = {
	{ "force", NULL, offsetof(struct at_options, force),
	  "also what may send, delete or lock the SIM" },
};

/* "+CSQ" is short for "AT+CSQ". */
static char *full(const char *command)
{
	return tw_printf("%s%s", strchr("+^#$%*&!_@", command[0]) && command[0] ? "AT"
			 : "", command);
}

static int run(struct cli *c, const void *given)
{
	const struct at_options *o = given;
	char *command = full(c->words.v[1]);
	json_t *body = json_pack("{s:s, s:b}", "command", command, "force", o->force), *job = NULL;
	struct client *k = NULL;
	int r = body ? client_open(c, &k) : cli_fail(CLI_DATA, "the command is not UTF-8");

	free(command);
	if (r) {
		json_decref(body);
		return r;
	}
	r = job_ask(k, job_path(c->words.v[0], "at"), body, &job);
	if (!r && c->json)
		cli_print_json(job);
	else if (!r)
		job_show(job, 0);
	if (!r)
		r = job_end(job);
	json_decref(job);
	client_close(k);
	return r;
}

const struct cli_verb cli_verb_at = {
	.name = "at",
	.arguments = "MODEM COMMAND",
	.summary = "Give a modem an AT command",
	.about = "On the session that is running, between its other work; what you changed of the "
		 "settings\n"
		 "that twoway needs is set right again. Refuses +CMGS +CMSS +CMGW +CMGC +CMGD "
		 "+CPIN +CLCK\n"
		 "+CPWD without --force. Every command is written to the audit log (twoway "
		 "audit).\n"
		 "Ends 65 when the modem answers with an error, 75 when it did not answer.\n\n"
		 "  twoway at till AT+CSQ",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct at_options), .min_words = 2, .max_words = 2,
	.run = run,
};
