/* TP-DCS (23.038 4). The group in the high bits decides how the low ones are read. */
#include "sms_private.h"

enum { GENERAL_COMPRESSED = 0x20, GENERAL_HAS_CLASS = 0x10, WAITING_ACTIVE = 0x08,
       GROUP_F_8BIT = 0x04 };

static struct dcs read_general(uint8_t octet)
{
	/* 11 is reserved: the default alphabet */
	static const uint8_t encodings[] = { SMS_GSM7, SMS_8BIT, SMS_UCS2, SMS_GSM7 };
	struct dcs d = { .encoding = encodings[octet >> 2 & 3], .message_class = -1 };

	if (octet & GENERAL_HAS_CLASS)
		d.message_class = octet & 3;
	if (octet & GENERAL_COMPRESSED) {
		d.is_compressed = true;
		d.encoding = SMS_8BIT;
	}
	return d;
}

static struct dcs read_waiting(uint8_t octet, uint8_t encoding, bool is_stored)
{
	static const uint8_t kinds[] = { SMS_WAIT_VOICE, SMS_WAIT_FAX, SMS_WAIT_EMAIL,
					 SMS_WAIT_OTHER };

	return (struct dcs){
		.encoding = encoding,
		.message_class = -1,
		.has_waiting = true,
		.waiting = { .kind = kinds[octet & 3], .active = octet & WAITING_ACTIVE,
			     .store = is_stored },
	};
}

struct dcs dcs_read(uint8_t octet)
{
	switch (octet >> 4) {
	case 0xC:
		return read_waiting(octet, SMS_GSM7, false);
	case 0xD:
		return read_waiting(octet, SMS_GSM7, true);
	case 0xE:
		return read_waiting(octet, SMS_UCS2, true);
	case 0xF:
		return (struct dcs){ .encoding = octet & GROUP_F_8BIT ? SMS_8BIT : SMS_GSM7,
				     .message_class = octet & 3 };
	}
	if (octet < 0x80)
		return read_general(octet);
	return (struct dcs){ .encoding = SMS_GSM7, .message_class = -1 };	/* reserved */
}

uint8_t dcs_write(uint8_t encoding, int message_class)
{
	static const uint8_t octets[] = { [SMS_GSM7] = 0x00, [SMS_8BIT] = 0x04, [SMS_UCS2] = 0x08 };

	if (message_class < 0)
		return octets[encoding];
	return (uint8_t)(octets[encoding] | GENERAL_HAS_CLASS | (message_class & 3));
}
