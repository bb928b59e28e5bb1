/* User data with a header, behind a good start: the first octet of the input is the DCS, the second
 * TP-UDL, the rest stands behind it. */
#include <stdio.h>
#include <twoway/sms.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void require(bool condition)
{
	if (!condition)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const uint8_t start[] = { 0x00, 0x44, 0x05, 0x81, 0x21, 0x43, 0xF5, 0x00 };
	static const uint8_t scts[] = { 0x42, 0x30, 0x51, 0x21, 0x03, 0x54, 0x40 };
	size_t whole = sizeof(start) + 1 + sizeof(scts) + (n ? n - 1 : 0);
	/* exact: the sanitizer sees the first octet past it */
	uint8_t *octets = malloc(whole);
	char text[SMS_TEXT_MAX];
	struct sms_fault fault;
	struct sms_pdu pdu;
	int e;

	memcpy(octets, start, sizeof(start));
	octets[sizeof(start)] = n ? data[0] : 0;
	memcpy(octets + sizeof(start) + 1, scts, sizeof(scts));
	if (n)
		memcpy(octets + sizeof(start) + 1 + sizeof(scts), data + 1, n - 1);
	e = sms_decode(octets, whole, -1, SMS_MT, &pdu, &fault);
	free(octets);
	require((e == 0) == (n > 1));	/* with a UDL there is always an answer */
	require(!pdu.concat.is_set || (pdu.concat.seq && pdu.concat.seq <= pdu.concat.total));
	require(pdu.body.locking < 14 && pdu.body.single < 14 && pdu.body.locking != 2);
	require(pdu.body.encoding == SMS_GSM7 || !(pdu.body.locking | pdu.body.single));
	require(!(pdu.body.encoding == SMS_UCS2 && pdu.body.n % 2));
	require(tw_utf8_is_valid(text, sms_body_text(&pdu.body, text, sizeof(text))));
	return 0;
}
