/* Which of Twilio's error codes a failure is, by what modem or network said. */
#include <stdio.h>

#include "internal.h"

struct code_row { int from, to, code; };

/* CMS: RP-cause and TP-FCS of a refused submission. */
static const struct code_row causes[] = {
	{ 1, 1, 30005 },		/* unassigned number */
	{ 27, 27, 30003 },	/* destination out of service */
	{ 30, 30, 30005 },	/* unknown subscriber */
	{ 17, 17, 30017 }, { 22, 22, 30017 }, { 38, 38, 30017 },
	{ 41, 42, 30017 }, { 47, 47, 30017 }, { 192, 192, 30017 },
	{ 194, 194, 30017 },	/* congestion, out of order: the carrier */
	{ 21, 21, 30007 },	/* transfer rejected: mostly a filter */
	{ 195, 195, 30005 },	/* invalid SME address */
	{ 196, 196, 30004 },	/* SC barred */
};

/* TP-ST of a delivery report (23.040 9.2.3.15). */
static const struct code_row statuses[] = {
	{ 0x41, 0x41, 30006 },	/* incompatible destination */
	{ 0x42, 0x42, 30004 },	/* rejected by the recipient */
	{ 0x43, 0x43, 30005 },	/* not obtainable */
	{ 0x46, 0x46, 30003 },	/* validity expired: never in reach */
	{ 0x60, 0x60, 30017 },
	{ 0x61, 0x62, 30003 },	/* busy, no response */
	{ 0x63, 0x63, 30004 },
};

static int look_up(const struct code_row *rows, size_t n, int value)
{
	for (size_t i = 0; i < n; i++)
		if (value >= rows[i].from && value <= rows[i].to)
			return rows[i].code;
	return 30008;
}

int code_of_cause(const char *cause)
{
	int value;

	if (sscanf(cause, "CMS %d", &value) == 1)
		return look_up(causes, TW_COUNT(causes), value);
	return 30008;
}

int code_of_status(int status)
{
	return look_up(statuses, TW_COUNT(statuses), status);
}

const char *code_text(int code)
{
	static const struct { int code; const char *text; } texts[] = {
		{ 21610, "the recipient has opted out" },
		{ 21617, "the text takes more segments than max_segments allows" },
		{ 30003, "the handset is off or out of reach" },
		{ 30004, "the recipient or the network refuses the message" },
		{ 30005, "the number is unknown or out of service" },
		{ 30006, "the number cannot receive texts" },
		{ 30007, "the network filtered the message" },
		{ 30008, "unknown error" },
		{ 30009, "a part of the message is missing" },
		{ 30017, "the network is congested or out of order" },
		{ 30036, "its time ran out before it could be sent" },
	};

	for (size_t i = 0; i < TW_COUNT(texts); i++)
		if (texts[i].code == code)
			return texts[i].text;
	return "unknown error";
}
