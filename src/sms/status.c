/* TP-Status: what became of a message (23.040 9.2.3.15). */
#include "sms_private.h"

static const char *const texts[256] = {
	[0x00] = "received by the recipient",
	[0x01] = "forwarded to the recipient, delivery cannot be confirmed",
	[0x02] = "replaced by the service centre",
	[0x20] = "congestion, still trying",
	[0x21] = "recipient busy, still trying",
	[0x22] = "no response from the recipient, still trying",
	[0x23] = "service rejected, still trying",
	[0x24] = "quality of service not available, still trying",
	[0x25] = "error in the recipient's device, still trying",
	[0x40] = "remote procedure error",
	[0x41] = "incompatible destination",
	[0x42] = "connection rejected by the recipient",
	[0x43] = "not obtainable",
	[0x44] = "quality of service not available",
	[0x45] = "no interworking available",
	[0x46] = "validity period expired",
	[0x47] = "deleted by the sender",
	[0x48] = "deleted by the service centre's administration",
	[0x49] = "message does not exist any more",
	[0x60] = "congestion, given up",
	[0x61] = "recipient busy, given up",
	[0x62] = "no response from the recipient, given up",
	[0x63] = "service rejected, given up",
	[0x64] = "quality of service not available, given up",
	[0x65] = "error in the recipient's device, given up",
};

/* By the high four bits, where the value is not named above. */
static const struct { enum sms_status_class class; const char *text; } rows[8] = {
	{ SMS_TEMPORARY, "reserved status" },
	{ SMS_SUCCESS, "success, by a rule of this service centre" },
	{ SMS_TRYING, "reserved status, still trying" },
	{ SMS_TRYING, "still trying, for a reason of this service centre" },
	{ SMS_TEMPORARY, "reserved status" },
	{ SMS_PERMANENT, "failed, for a reason of this service centre" },
	{ SMS_TEMPORARY, "reserved status" },
	{ SMS_TEMPORARY, "given up, for a reason of this service centre" },
};

enum sms_status_class sms_status_class(uint8_t status)
{
	/* bits 6 and 5 */
	static const enum sms_status_class classes[] = { SMS_SUCCESS, SMS_TRYING, SMS_PERMANENT,
							 SMS_TEMPORARY };

	if (status >= 0x80)
		return SMS_TEMPORARY;
	return texts[status] ? classes[status >> 5] : rows[status >> 4].class;
}

const char *sms_status_text(uint8_t status)
{
	if (texts[status])
		return texts[status];
	return status >= 0x80 ? "reserved status" : rows[status >> 4].text;
}
