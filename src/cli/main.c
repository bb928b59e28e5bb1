/* The `twoway` command. A verb is a file beside this one and a line here. */
#include "cli.h"

static const struct cli_verb verb_handset = {
	.name = "handset", .arguments = "FROM [TEXT]", .summary = "A phone on the virtual network",
	.raw = cli_handset,
};
static const struct cli_verb verb_pdu = {
	.name = "pdu", .arguments = "decode|encode", .summary = "Read and make PDUs",
	.raw = cli_pdu,
};

static const struct cli_verb *const verbs[] = {
	&cli_verb_send,
	&cli_verb_messages,
	&cli_verb_cancel,
	&cli_verb_watch,
	&cli_verb_status,
	&cli_verb_modems,
	&cli_verb_accounts,
	&cli_verb_reload,
	&cli_verb_check,
	&verb_handset,
	&verb_pdu,
};

int main(int argc, char **argv)
{
	return cli_main(verbs, TW_COUNT(verbs), argc, argv);
}
