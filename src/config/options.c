/* The option table (contract 1). A default is written as it would stand in the file, without its
 * quotation marks; where there is none, a setting is empty, zero or false. */
#include "options.h"

#define SECOND 1000.0
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define MANY 1e9

static const char *const adopt[] = { "all", "modems", "none", NULL };
static const char *const doubt[] = { "resend", "fail", NULL };
static const char *const calls[] = { "hang_up", "ring", NULL };
static const char *const sticky_then[] = { "move", "wait", "fail", NULL };
static const char *const levels[] = { "error", "warn", "info", "debug", NULL };
static const char *const masks[] = { "masked", "full", NULL };

#define AT(field) offsetof(struct raw, field)
#define KEY(name, type, field, ...) { name, TW_KEY_##type, AT(field), __VA_ARGS__ }

static const struct tw_key top[] = {
	KEY("country", STRING, s.country, .default_text = "",
	    .help =
	    "calling code by which national numbers are read; empty: the SIM's own country"),
	KEY("database", STRING, s.database, .default_text = "/var/lib/twoway/twoway.db",
	    .help = "the file that holds messages, contacts and consent"),
	KEY("flows", STRINGS, s.flows, .default_text = "/etc/twoway/flows",
	    .help = "flow files, or folders of *.conf"),
	KEY("boards", STRINGS, s.boards, .default_text = "/etc/twoway/boards",
	    .help = "folders of your own board profiles, which win over the installed ones"),
	KEY("adopt", CHOICE, s.adopt, .default_text = "all", .choices = adopt,
	    .help = "what is used without being named here: all, known modems with a new SIM "
		    "waiting for accept, or nothing"),
	KEY("in_doubt", CHOICE, s.in_doubt, .default_text = "resend", .choices = doubt,
	    .help = "what follows when nobody knows whether a segment was sent"),
	KEY("in_doubt_wait", DURATION, s.in_doubt_wait, 0, DAY, "60s",
	    .help = "how long such a segment waits for a delivery report first"),
	KEY("resend_partial", BOOL, s.resend_partial, .default_text = "true",
	    .help = "send a long message again by another SIM when it failed half-way"),
	KEY("valid_for", DURATION, s.valid_for, MINUTE, 441 * DAY, "2d",
	    .help = "how long a message is worth sending and the network may keep it"),
	KEY("report", BOOL, s.report, .default_text = "true", .help = "ask for delivery reports"),
	KEY("languages", STRINGS, s.languages, .default_text = "",
	    .help = "national alphabets that may be used: tr es pt bn gu hi kn ml or pa ta te ur"),
	KEY("smart_encoding", BOOL, s.smart_encoding, .default_text = "false",
	    .help = "replace typographic signs by plain ones where that saves segments"),
	KEY("max_segments", INT, s.max_segments, 1, 255, "24",
	    .help = "a longer message is refused"),
	KEY("reassembly_hours", INT, s.reassembly_hours, 1, 720, "24",
	    .help = "how long the missing parts of a long text are waited for"),
	KEY("auto_reply_limit", INT, s.auto_reply_limit, 0, MANY, "60",
	    .help = "automatic replies an hour and contact; 0 turns this and the loop rule off"),
	KEY("reply_within", DURATION, s.reply_within, 0, 3650 * DAY, "3d",
	    .help = "an older text starts nothing; \"0s\" is no limit"),
	KEY("reply_after_stop", BOOL, s.reply_after_stop, .default_text = "true",
	    .help = "answer a keyword that somebody texts who left by STOP"),
	KEY("direct_send_limit", DURATION, s.direct_send_limit, SECOND, 10 * MINUTE, "10s",
	    .help = "how long one send may take on a modem that hands texts over directly"),
	KEY("stop_within", DURATION, s.stop_within, 0, 10 * MINUTE, "20s",
	    .help = "how long the message on the air may take when the daemon is told to end"),
	KEY("share_for_replies", INT, s.share_for_replies, 0, 100, "20",
	    .help = "per cent of each SIM's quota that is kept for replies"),
	KEY("calls", CHOICE, s.calls, .default_text = "hang_up", .choices = calls,
	    .help = "what is done with a call"),
	KEY("retention_days", INT, s.retention_days, 0, 36500, "0",
	    .help = "how long messages are kept; 0 is for ever"),
	KEY("currency", STRING, s.currency,
	    .help = "of each, spend_per_month and alert: EUR, GBP …"),
	KEY("exec_folder", STRING, s.exec_folder, .default_text = "/etc/twoway/exec",
	    .help = "the folder of the only programs that a step may run"),
	KEY("authorities", STRING, s.authorities, .default_text = "",
	    .help = "a PEM file whom webhooks and mail trust beside the system's authorities"),
	KEY("retry", NODE, retry, .help = "how a message that failed is tried again"),
	KEY("webhooks", NODE, webhooks, .help = "where webhooks may lead"),
	KEY("sticky", NODE, sticky, .help = "how long a contact keeps the number it knows"),
	KEY("quiet_hours", NODE, quiet_hours, .help = "when contacts are left in peace"),
	KEY("self_test", NODE, self_test, .help = "SIMs of the bank text each other"),
	KEY("mail", NODE, mail, .help = "the mail server for alerts and e-mail steps"),
	KEY("alert", NODE, alert, .help = "whom to tell when a person is needed"),
	KEY("api", NODE, api, .help = "where programs reach the daemon"),
	KEY("log", NODE, log, .help = "what the log says"),
	KEY("balance", NODE, balance, .help = "how the balance of an operator's SIMs is asked"),
	KEY("modems", NODE, modems, .help = "modems by name"),
	KEY("sims", NODE, sims, .help = "SIMs by ICCID"),
	KEY("pools", NODE, pools, .help = "numbers to send from, by name"),
	KEY("accounts", NODE, accounts, .help = "whose keywords and contacts there are"),
};

#undef AT
#define AT(field) (offsetof(struct settings, field) - offsetof(struct settings, OF))

#define OF retry
static const struct tw_key retry[] = {
	KEY("tries", INT, retry.tries, 1, 100, "5", .help = "how often a message is tried in all"),
	KEY("first", DURATION, retry.first, SECOND, DAY, "30s",
	    .help = "pause before the second try"),
	KEY("last", DURATION, retry.last, SECOND, 7 * DAY, "30m",
	    .help = "the pause grows up to this"),
};
#undef OF

#define OF webhooks
static const struct tw_key webhooks[] = {
	KEY("private", BOOL, webhooks.private_, .default_text = "true",
	    .help = "false: only URLs of configuration and flows may lead to private networks"),
};
#undef OF

#define OF sticky
static const struct tw_key sticky[] = {
	KEY("days", INT, sticky.days, 0, 36500, "90",
	    .help = "how long a contact keeps its number after the last message"),
	KEY("wait", DURATION, sticky.wait, 0, 7 * DAY, "10m",
	    .help = "how long a message waits for that number"),
	KEY("then", CHOICE, sticky.then, .default_text = "move", .choices = sticky_then,
	    .help = "what follows: another number, further waiting, or failure"),
	KEY("moved_text", STRING, sticky.moved_text, .default_text = "",
	    .help = "put before the first message from another number"),
};
#undef OF

#define OF quiet_hours
static const char quiet_help[] = "which messages wait: campaign, at, api";
static const struct tw_key quiet_hours[] = {
	KEY("from", CLOCK, quiet_hours.from, .default_text = "21:00",
	    .help = "when they begin, in the contact's own zone"),
	KEY("to", CLOCK, quiet_hours.to, .default_text = "08:00", .help = "when they end"),
	KEY("applies", STRINGS, quiet_hours.applies, .default_text = "campaign",
	    .help = quiet_help),
};
#undef OF

#define OF self_test
static const struct tw_key self_test[] = {
	KEY("per_day", INT, self_test.per_day, 0, 1440, "0",
	    .help = "texts a day, all SIMs together, by day alone; each costs as any text; 0 is "
		    "none"),
};
#undef OF

#define OF mail
static const struct tw_key mail[] = {
	KEY("server", STRING, mail.server, .help = "smtp://host:port or smtps://host:port",
	    .required = true),
	KEY("from", STRING, mail.from, .help = "the sender's address", .required = true),
	KEY("user", STRING, mail.user, .default_text = "", .help = "who signs in; empty: nobody"),
	KEY("password_file", STRING, mail.password_file, .default_text = "",
	    .help = "a file that holds the password"),
};
#undef OF

#define OF alert
static const struct tw_key alert[] = {
	KEY("number", STRING, alert.number, .default_text = "",
	    .help = "a telephone number: it gets a text, of each kind of trouble one an hour at "
		    "most"),
	KEY("email", STRING, alert.email, .default_text = "", .help = "an e-mail address"),
	KEY("webhook", STRING, alert.webhook, .default_text = "", .help = "a URL"),
	KEY("secret_file", STRING, alert.secret_file, .default_text = "",
	    .help = "the key that signs for `webhook`: 32 hexadecimal digits, made if missing; "
		    "empty: alert.secret beside the database"),
	KEY("commands", BOOL, alert.commands, .default_text = "false",
	    .help = "let that number send STATUS, PAUSE, RESUME and TOPUP"),
};
#undef OF

#define OF api
static const struct tw_key api[] = {
	KEY("listen", STRING, api.listen, .default_text = "127.0.0.1:8470",
	    .help = "address and port of the HTTP server; empty: the socket only"),
	KEY("socket", STRING, api.socket, .default_text = "/run/twoway/twoway.sock",
	    .help = "the unix socket of the command line"),
	KEY("certificate", STRING, api.certificate, .default_text = "",
	    .help = "a PEM file: the server speaks TLS"),
	KEY("key", STRING, api.key, .default_text = "",
	    .help = "the certificate's key, a PEM file"),
	KEY("public_url", STRING, api.public_url, .default_text = "",
	    .help = "how others reach the server; webhooks are signed for it"),
};
#undef OF

#undef AT
#define AT(field) offsetof(struct raw_log, field)
static const struct tw_key log_keys[] = {
	KEY("level", CHOICE, level, .default_text = "info", .choices = levels,
	    .help = "how much is said"),
	KEY("numbers", CHOICE, numbers, .default_text = "masked", .choices = masks,
	    .help = "whether telephone numbers are shown whole"),
	KEY("texts", BOOL, texts, .default_text = "false", .help = "whether texts are shown"),
};

#undef AT
#define AT(field) offsetof(struct settings_balance, field)
static const struct tw_key balance[] = {
	KEY("operator", STRING, operator_, .required = true,
	    .help = "country and network code, five or six digits"),
	KEY("ask", STRING, ask, .required = true, .help = "the USSD code that asks"),
	KEY("match", STRING, match, .required = true,
	    .help = "an extended regular expression whose first group is the amount, in the "
		    "network's answer or in a text that follows within five minutes"),
	KEY("every", DURATION, every, HOUR, 31 * DAY, "1d", .help = "how often it is asked"),
	KEY("alert", FLOAT, alert, 0, MANY, "0", .help =
	    "below this a person is told, once a fall; in `currency`"),
	KEY("topup", STRING, topup, .default_text = "",
	    .help = "the USSD code that takes a voucher's {code}, dialled below `alert`"),
	KEY("codes", STRING, codes, .default_text = "",
	    .help = "a file of vouchers' codes, one a line, each dialled once ever"),
};

#undef AT
#define AT(field) offsetof(struct settings_modem, field)
static const struct tw_key modems[] = {
	KEY("name", STRING, name, .default_text = "", .help = "how commands call it"),
	KEY("port", STRING, port, .default_text = "",
	    .help = "a device path, a pseudo-terminal or tcp://host:port"),
	KEY("board", STRING, board, .default_text = "",
	    .help = "its board profile; empty: found by USB id and what it says of itself"),
	KEY("direct", BOOL, direct, .default_text = "false",
	    .help = "have texts handed over instead of stored; not set: as the profile says"),
	KEY("imei", STRING, imei, .default_text = "",
	    .help = "finds it whatever its port; behind a serial server or UART: what it must be"),
	KEY("usb", STRING, usb, .default_text = "", .help = "finds it by its USB path"),
	KEY("power_cycle", STRING, power_cycle, .default_text = "",
	    .help = "program and arguments that switch its power off and on"),
	KEY("number", STRING, number, .default_text = "", .help = "of the first SIM seen in it"),
	KEY("pin", STRING, pin, .default_text = "", .help = "of the first SIM seen in it"),
};

#undef AT
#define AT(field) offsetof(struct raw_sim, field)
static const struct tw_key sims[] = {
	KEY("iccid", STRING, sim.iccid, .required = true, .help = "18 to 20 digits on the card"),
	KEY("number", STRING, sim.number, .default_text = "", .help = "its telephone number"),
	KEY("pin", STRING, sim.pin, .default_text = "", .help = "its PIN"),
	KEY("smsc", STRING, sim.smsc, .default_text = "",
	    .help = "its message centre; empty: the card's own"),
	KEY("account", STRING, sim.account, .default_text = "",
	    .help = "whose number it is; empty: shared by all"),
	KEY("quota", NODE, quota, .help = "how much it may send"),
	KEY("cost", NODE, cost, .help = "what a segment costs"),
};

#undef AT
#define AT(field) offsetof(struct settings_quota, field)
static const struct tw_key quota[] = {
	KEY("per_minute", INT, per_minute, 0, MANY, "0", .help = "segments a minute; 0: no limit"),
	KEY("per_hour", INT, per_hour, 0, MANY, "0", .help = "segments an hour; 0: no limit"),
	KEY("per_day", INT, per_day, 0, MANY, "0", .help = "segments a day; 0: no limit"),
	KEY("per_month", INT, per_month, 0, MANY, "0", .help = "segments a month; 0: no limit"),
	KEY("recipients_per_month", INT, recipients_per_month, 0, MANY, "0",
	    .help = "different contacts a month; 0: no limit"),
	KEY("spend_per_month", FLOAT, spend_per_month, 0, MANY, "0",
	    .help = "money a month, by cost; 0: no limit"),
	KEY("reset_day", INT, reset_day, 1, 31, "1", .help =
	    "day on which the plan's month begins"),
	KEY("reset_hour", INT, reset_hour, 0, 23, "0", .help = "hour at which its day begins"),
	KEY("zone", STRING, zone, .default_text = "", .help = "of those; empty: the machine's own"),
};

#undef AT
#define AT(field) offsetof(struct settings_cost, field)
static const struct tw_key cost[] = {
	KEY("to", STRING, to, .required = true,
	    .help = "how the recipient's number begins, without plus; * is any"),
	KEY("each", FLOAT, each, 0, MANY, .required = true, .help = "a segment, in the currency"),
};

#undef AT
#define AT(field) offsetof(struct settings_pool, field)
static const struct tw_key pools[] = {
	KEY("name", STRING, name, .required = true, .help = "how senders call it"),
	KEY("numbers", STRINGS, numbers, .required = true, .help = "the numbers in it"),
};

#undef AT
#define AT(field) offsetof(struct settings_account, field)
static const struct tw_key accounts[] = {
	KEY("name", STRING, name, .required = true, .help = "letters, digits, - and _"),
	KEY("token_file", STRING, token_file, .default_text = "",
	    .help = "holds its AuthToken; empty: NAME.token beside the database"),
	KEY("webhook", STRING, webhook, .default_text = "",
	    .help = "URL that gets the texts which no flow took"),
	KEY("webhook_fallback", STRING, webhook_fallback, .default_text = "",
	    .help = "URL that is asked when that one fails"),
	KEY("lookup", STRING, lookup, .default_text = "",
	    .help = "URL that tells who an unknown contact is"),
	KEY("events", STRING, events, .default_text = "", .help = "URL that is told of everything"),
	KEY("language", STRING, language, .default_text = "en",
	    .help = "of texts to contacts whose own is not known"),
	KEY("zone", STRING, zone, .default_text = "", .help =
	    "its time zone; empty: the machine's own"),
	KEY("sid", STRING, sid, .default_text = "",
	    .help = "AccountSid; empty: AC and a digest of the name"),
	KEY("auto_reply_limit", INT, auto_reply_limit, 0, MANY, "0",
	    .help = "automatic replies an hour, all contacts together; 0: no limit"),
};

#define SECTION(id, name, keys, nodes) [id] = { name, keys, TW_COUNT(keys), nodes }
const struct section sections[SECTION_COUNT] = {
	SECTION(SECTION_TOP, "", top, 14),
	SECTION(SECTION_RETRY, "retry.", retry, 0),
	SECTION(SECTION_WEBHOOKS, "webhooks.", webhooks, 0),
	SECTION(SECTION_STICKY, "sticky.", sticky, 0),
	SECTION(SECTION_QUIET, "quiet_hours.", quiet_hours, 0),
	SECTION(SECTION_SELF_TEST, "self_test.", self_test, 0),
	SECTION(SECTION_BALANCE, "balance[].", balance, 0),
	SECTION(SECTION_MODEMS, "modems[].", modems, 0),
	SECTION(SECTION_SIMS, "sims[].", sims, 2),
	SECTION(SECTION_QUOTA, "sims[].quota.", quota, 0),
	SECTION(SECTION_COST, "sims[].cost[].", cost, 0),
	SECTION(SECTION_POOLS, "pools[].", pools, 0),
	SECTION(SECTION_ACCOUNTS, "accounts[].", accounts, 0),
	SECTION(SECTION_MAIL, "mail.", mail, 0),
	SECTION(SECTION_ALERT, "alert.", alert, 0),
	SECTION(SECTION_API, "api.", api, 0),
	SECTION(SECTION_LOG, "log.", log_keys, 0),
};
