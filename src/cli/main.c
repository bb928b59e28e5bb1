/* The `twoway` command. A verb is a file beside this one and a line here. */
#include "cli.h"

/* What the two that read their own arguments take, for those who complete a command. */
static const struct cli_option handset_options[] = {
	{ "to", "NUMBER", 0, "whom to text" },
	{ "wait", "S", 0, "seconds to wait for the first message" },
	{ "sim", "SOCKET", 0, "the bank's control socket or its folder" },
};
static const struct cli_option pdu_options[] = {
	{ "direction", "mt|mo|listing", 0, "which way the PDU went" },
};

static const struct cli_verb verb_handset = {
	.name = "handset", .arguments = "FROM [TEXT]", .summary = "A phone on the virtual network",
	.options = handset_options, .n_options = TW_COUNT(handset_options), .raw = cli_handset,
};
static const struct cli_verb verb_pdu = {
	.name = "pdu", .arguments = "decode|encode", .summary = "Read and make PDUs",
	.options = pdu_options, .n_options = TW_COUNT(pdu_options), .raw = cli_pdu,
};

static const struct cli_verb *const verbs[] = {
	&cli_verb_send,
	&cli_verb_messages,
	&cli_verb_cancel,
	&cli_verb_why,
	&cli_verb_watch,
	&cli_verb_status,
	&cli_verb_modems,
	&cli_verb_ussd,
	&cli_verb_at,
	&cli_verb_audit,
	&cli_verb_accounts,
	&cli_verb_token,
	&cli_verb_webhooks,
	&cli_verb_appointments,
	&cli_verb_conversations,
	&cli_verb_contacts,
	&cli_verb_tickets,
	&cli_verb_lists,
	&cli_verb_consent,
	&cli_verb_import,
	&cli_verb_export,
	&cli_verb_campaign,
	&cli_verb_stats,
	&cli_verb_vouchers,
	&cli_verb_pledges,
	&cli_verb_keywords,
	&cli_verb_goals,
	&cli_verb_flows,
	&cli_verb_settings,
	&cli_verb_reload,
	&cli_verb_backup,
	&cli_verb_restore,
	&cli_verb_check,
	&cli_verb_try,
	&cli_verb_test,
	&cli_verb_doctor,
	&cli_verb_probe,
	&verb_handset,
	&verb_pdu,
};

int main(int argc, char **argv)
{
	return cli_main(verbs, TW_COUNT(verbs), argc, argv);
}
