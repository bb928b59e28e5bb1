/* Every key of a profile, in the order of docs/boards.md. */
#include "internal.h"

#define AT(field) offsetof(struct board_raw, b.field)
#define AT_SIM(field) offsetof(struct board_raw, b.sim.field)

enum { SECOND = 1000, MINUTE = 60 * SECOND };

/* Choices follow enum board_ack, enum board_mux. */
static const char *const acks[] = { "none", "bare", "0", "1", "2", NULL };
static const char *const muxes[] = { "no", "1", "2", NULL };

const struct tw_key board_keys[] = {
	{ "identity", TW_KEY_STRINGS, AT(identity), .help =
	  "Words found in the answers to CGMI, CGMM and ATI; blanks join words that must all be "
	  "there." },
	{ "usb", TW_KEY_STRINGS, AT(usb), .help = "USB ids after the mode switch." },
	{ "usb_before", TW_KEY_STRINGS, AT(usb_before), .help =
	  "USB ids before it: mass storage that will become a modem." },
	{ "drivers", TW_KEY_STRINGS, AT(drivers), .help = "Kernel drivers of its ports." },
	{ "at_interfaces", TW_KEY_STRINGS, AT(at_interfaces), .help =
	  "USB interfaces that take AT, best first: \"12d1:1436 4 0\", \"* ff/02/12\"." },
	{ "urc_interfaces", TW_KEY_STRINGS, AT(urc_interfaces), .help =
	  "USB interfaces on which unsolicited lines come out, beside the one that takes AT." },
	{ "other_interfaces", TW_KEY_STRINGS, AT(other_interfaces), .help =
	  "USB interfaces that must not be opened: diagnostic, GPS, voice." },

	{ "baud", TW_KEY_INT, AT(baud), 0, 4000000, "0", .help =
	  "Rate of a real serial line; 0 leaves it." },
	{ "rtscts", TW_KEY_BOOL, AT(rtscts), .default_text = "false", .help =
	  "Hardware flow control." },
	{ "open_with", TW_KEY_STRING, AT(open_with), .default_text = "", .help =
	  "First bytes after opening, behind ESC and CR." },
	{ "probe_tries", TW_KEY_INT, AT(probe_tries), 1, 40, "5", .help =
	  "How often AT is asked until it answers." },
	{ "probe_pause", TW_KEY_DURATION, AT(probe_pause), 100, 30 * SECOND, "2s", .help =
	  "How long one AT waits for its OK." },
	{ "pause", TW_KEY_DURATION, AT(pause), 0, 5 * SECOND, "0ms", .help =
	  "Between a final result and the next command." },
	{ "init", TW_KEY_STRINGS, AT(init), .help =
	  "Commands behind the identification; ? in front: an error is ignored." },
	{ "full_function", TW_KEY_BOOL, AT(full_function), .default_text = "true", .help =
	  "Send AT+CFUN=1 when AT+CFUN? tells another state." },

	{ "ready", TW_KEY_STRING, AT(ready), .default_text = "", .help =
	  "Unsolicited line that says that SMS is ready; empty: AT+CPMS? is asked until it "
	  "works." },
	{ "ready_limit", TW_KEY_DURATION, AT(ready_limit), 0, 10 * MINUTE, "60s", .help =
	  "How long SMS may take to become ready." },
	{ "storage", TW_KEY_STRINGS, AT(storage), .help = "Storage by preference." },
	{ "storage_parameters", TW_KEY_INT, AT(storage_parameters), 1, 3, "3", .help =
	  "How many names AT+CPMS takes." },
	{ "cnmi", TW_KEY_STRINGS, AT(cnmi), .help =
	  "AT+CNMI arguments for stored delivery, tried in order." },
	{ "cnmi_direct", TW_KEY_STRINGS, AT(cnmi_direct), .help =
	  "AT+CNMI arguments for direct delivery, tried in order; empty: it cannot." },
	{ "csms", TW_KEY_INT, AT(csms), 0, 255, "1", .help =
	  "AT+CSMS argument for direct delivery." },
	{ "direct", TW_KEY_BOOL, AT(direct), .default_text = "false", .help =
	  "Direct delivery unless the configuration says otherwise." },
	{ "ack", TW_KEY_CHOICE, AT(ack), .default_text = "0", .choices = acks, .help =
	  "Form of AT+CNMA that acknowledges." },
	{ "nack", TW_KEY_CHOICE, AT(nack), .default_text = "none", .choices = acks, .help =
	  "Form of AT+CNMA that refuses, 2 where it is known; none: it cannot." },
	{ "report_ack", TW_KEY_BOOL, AT(report_ack), .default_text = "true", .help =
	  "A +CDS wants AT+CNMA in direct mode." },
	{ "report_storage", TW_KEY_STRING, AT(report_storage), .default_text = "", .help =
	  "Storage to look into for delivery reports." },

	{ "cmms", TW_KEY_CHOICE, AT(cmms), .default_text = "no", .choices = muxes, .help =
	  "AT+CMMS argument that holds the link between segments." },
	{ "ussd", TW_KEY_STRINGS, AT(ussd), .help =
	  "Forms of a USSD text, tried in order: text, packed, ucs2." },
	{ "no_final_after_cpin", TW_KEY_BOOL, AT(no_final_after_cpin), .default_text = "false",
	  .help = "+CPIN: ends the answer to AT+CPIN?, no OK follows." },
	{ "no_prompt", TW_KEY_BOOL, AT(no_prompt), .default_text = "false", .help =
	  "AT+CMGS shows no prompt, the PDU follows at once." },
	{ "iccid", TW_KEY_STRING, AT(iccid), .default_text = "AT+CCID", .help =
	  "Command that tells the ICCID; AT+CRSM is tried behind it." },
	{ "pin_counter", TW_KEY_STRING, AT(pin_counter), .default_text = "AT+CPINR", .help =
	  "Command that tells the tries left for the PIN; empty: cannot be read." },
	{ "pin_counter_format", TW_KEY_STRING, AT(pin_counter_format), .default_text = "cpinr",
	  .help =
	  "Where its answer has the counter: cpinr, first, second, third, fourth (field)." },
	{ "finals_good", TW_KEY_STRINGS, AT(finals_good), .help =
	  "Final results of its own that mean success; * at the end: a prefix." },
	{ "finals_bad", TW_KEY_STRINGS, AT(finals_bad), .help =
	  "Final results of its own that mean failure." },
	{ "ignore", TW_KEY_STRINGS, AT(ignore), .help =
	  "Prefixes of chatter, beside the common ones." },
	{ "urcs", TW_KEY_STRINGS, AT(urcs), .help =
	  "Prefixes of unsolicited lines, beside the common ones." },
	{ "full", TW_KEY_STRINGS, AT(full), .help =
	  "Begins of the lines that say that a storage is full." },
	{ "hang_up", TW_KEY_STRINGS, AT(hang_up), .help =
	  "Commands that reject a call, tried in order." },
	{ "cgsms", TW_KEY_STRINGS, AT(cgsms), .help =
	  "Values of AT+CGSMS to be tried when sends fail on LTE; empty: none." },
	{ "radio_switch", TW_KEY_STRINGS, AT(radio_switch), .help =
	  "Commands that force another radio technology, tried behind cgsms; the last one ends "
	  "that." },
	{ "temperature", TW_KEY_STRING, AT(temperature), .default_text = "", .help =
	  "Command that tells its temperature; empty: it cannot." },
	{ "temperature_pattern", TW_KEY_STRING, AT(temperature_pattern), .default_text = "", .help =
	  "Line of the answer, {n} where the degrees stand." },
	{ "reactions", TW_KEY_STRINGS, offsetof(struct board_raw, reactions), .help =
	  "What its own error codes oblige us to do: \"cms 512 retry\"." },
	{ "radio_off", TW_KEY_STRING, AT(radio_off), .default_text = "AT+CFUN=4", .help =
	  "Command that switches the radio off, AT+CFUN=1 follows; empty: never." },
	{ "soft_reset", TW_KEY_STRING, AT(soft_reset), .default_text = "AT+CFUN=1,1", .help =
	  "Command that restarts it; empty: none." },
	{ "reset_wait", TW_KEY_DURATION, AT(reset_wait), 0, 5 * MINUTE, "15s", .help =
	  "Until it answers again after a restart." },
	{ "reset_closes", TW_KEY_BOOL, AT(reset_closes), .default_text = "false", .help =
	  "It leaves the bus when it is reset: the port is closed at once and waited for." },
	{ "send_limit", TW_KEY_DURATION, AT(send_limit), 5 * SECOND, 10 * MINUTE, "180s", .help =
	  "From the Ctrl-Z to the result of a send." },
	{ "list_limit", TW_KEY_DURATION, AT(list_limit), 5 * SECOND, 10 * MINUTE, "120s", .help =
	  "Limit of AT+CMGL." },
	{ "prompt_limit", TW_KEY_DURATION, AT(prompt_limit), 1 * SECOND, 2 * MINUTE, "10s", .help =
	  "From AT+CMGS to its prompt." },
	{ "list_by_slot", TW_KEY_BOOL, AT(list_by_slot), .default_text = "false", .help =
	  "AT+CMGL hangs: read slot by slot." },

	{ "sim", TW_KEY_NODE, offsetof(struct board_raw, sim), .help =
	  "How the virtual bank plays it." },
};
const size_t board_keys_n = TW_COUNT(board_keys);

const struct tw_key board_sim_keys[] = {
	{ "maker", TW_KEY_STRING, AT_SIM(maker), .default_text = "twoway",
	  .help = "Answer to AT+CGMI." },
	{ "model", TW_KEY_STRING, AT_SIM(model), .default_text = "virtual modem", .help =
	  "Answer to AT+CGMM." },
	{ "firmware", TW_KEY_STRING, AT_SIM(firmware), .default_text = "1.0", .help =
	  "Answer to AT+CGMR." },
	{ "cmgr", TW_KEY_STRING, AT_SIM(cmgr), .default_text = "+CMGR: {stat},,{len}", .help =
	  "Header of AT+CMGR's answer." },
	{ "cmgl", TW_KEY_STRING, AT_SIM(cmgl), .default_text = "+CMGL: {i},{stat},,{len}", .help =
	  "Header of each entry of AT+CMGL." },
	{ "cmti", TW_KEY_STRING, AT_SIM(cmti), .default_text = "+CMTI: \"{mem}\",{i}", .help =
	  "How a stored text is announced." },
	{ "cmt", TW_KEY_STRING, AT_SIM(cmt), .default_text = "+CMT: ,{len}", .help =
	  "How a text is delivered directly." },
	{ "cdsi", TW_KEY_STRING, AT_SIM(cdsi), .default_text = "+CDSI: \"{mem}\",{i}", .help =
	  "How a stored report is announced." },
	{ "boot", TW_KEY_STRINGS, AT_SIM(boot), .help = "Lines that it says when it has started." },
	{ "chatter", TW_KEY_STRINGS, AT_SIM(chatter), .help =
	  "Lines that it says at any time and that mean nothing." },
	{ "cds", TW_KEY_STRING, AT_SIM(cds), .default_text = "+CDS: {len}", .help =
	  "How a report is delivered." },
	{ "full", TW_KEY_STRING, AT_SIM(full), .default_text = "", .help =
	  "What it says when a storage is full; empty: nothing." },
	{ "prompt", TW_KEY_STRING, AT_SIM(prompt), .default_text = "\r\n> ", .help =
	  "The prompt of AT+CMGS." },
	{ "echo", TW_KEY_BOOL, AT_SIM(echo), .default_text = "true", .help =
	  "Echo is on until ATE0." },
	{ "slots", TW_KEY_INT, AT_SIM(slots), 1, 255, "50", .help = "Slots of the SIM." },
	{ "first_index", TW_KEY_INT, AT_SIM(first_index), 0, 1, "1",
	  .help = "Number of its first slot." },
};
const size_t board_sim_keys_n = TW_COUNT(board_sim_keys);

static const char *const storages[] = { "SM", "ME", NULL };
/* The ladder that needs no knowledge of the model: reports as +CDS, then as +CDSI, then none. */
static const char *const ladder[] = {
	"2,1,0,1,0", "2,1,0,2,0", "2,1,0,0,0", "1,1,0,1,0", "1,1,0,0,0", NULL
};
static const char *const ladder_direct[] = { "2,2,0,1,0", "1,2,0,1,0", "1,2,0,0,0", NULL };
/* 27.007 6.5 and V.250 6.3.6; some know one of them alone. */
static const char *const hang_ups[] = { "AT+CHUP", "ATH", NULL };
/* How makers say that a storage is full. */
static const char *const fulls[] = { "^SMMEMFULL", "+SMSFULL", "*SMSFULL", "%SMSFULL", NULL };

static const char *const ussd_usual[] = { "text", "ucs2", NULL };

const struct board_list board_default_lists[] = {
	{ AT(storage), "storage", storages },
	{ AT(cnmi), "cnmi", ladder },
	{ AT(cnmi_direct), "cnmi_direct", ladder_direct },
	{ AT(ussd), "ussd", ussd_usual },
	{ AT(hang_up), "hang_up", hang_ups },
	{ AT(full), "full", fulls },
};
const size_t board_default_lists_n = TW_COUNT(board_default_lists);

/* Chatter that the engine does not take for such by its first letter. */
const char *const board_common_ignore[] = {
	"+CNSMOD", "+NITZ", "+PACSP0", "+SPECC", "+SPERROR", "+QLWURC", "+QGPSURC", "+UREG", NULL
};
