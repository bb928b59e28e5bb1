/* twoway cancel: a message that is not to be sent any more. */
#include "cli.h"

#include <stdio.h>

static int run(struct cli *c, const void *options)
{
	char *id = client_escape(c->words.v[0]);
	char *path = tw_printf("/api/v1/messages/%s/cancel", id);
	json_t *m = NULL;
	int r;

	(void)options;
	r = cli_ask(c, "POST", path, &m);
	if (!r && c->json)
		cli_print_json(m);
	else if (!r)
		printf("%s  %s\n", cli_member(m, "id"), cli_member(m, "state"));
	json_decref(m);
	free(path);
	free(id);
	return r;
}

const struct cli_verb cli_verb_cancel = {
	.name = "cancel",
	.arguments = "ID",
	.summary = "Cancel a message that has not been sent",
	.about = "Ends 65 when it is too late. Ids are printed by send and by messages --wide.\n\n"
		 "  twoway cancel SM0123456789abcdef0123456789abcdef",
	.min_words = 1, .max_words = 1,
	.run = run,
};
