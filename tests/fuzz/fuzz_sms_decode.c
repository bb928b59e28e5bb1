/* Any line through the decoder, as octets and as digits, in each direction, with and without a
 * length; what comes out is turned into text. */
#include <stdio.h>
#include <twoway/sms.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check(int e, const struct sms_pdu *pdu, const struct sms_fault *fault)
{
	const struct sms_body *list[] = { &pdu->body, NULL, &pdu->body };
	char text[SMS_TEXT_MAX];
	struct tw_buf joined = { 0 };
	size_t length = sms_body_text(&pdu->body, text, sizeof(text));

	require(!e || (e == fault->code && fault->field && fault->what));
	require(pdu->body.n <= sizeof(pdu->body.units));
	require(length < sizeof(text) && text[length] == '\0');
	require(tw_utf8_is_valid(text, length));
	require(memchr(pdu->address.text, '\0', sizeof(pdu->address.text)) != NULL);
	require(tw_utf8_is_valid(pdu->address.text, strlen(pdu->address.text)));
	require(pdu->n_warnings <= SMS_WARNINGS_MAX && pdu->n_waiting <= SMS_WAITING_MAX);
	sms_bodies_text(list, 3, &joined);
	require(pdu->body.encoding != SMS_8BIT || joined.n == 2u * pdu->body.n);
	tw_buf_done(&joined);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	for (enum sms_direction d = SMS_LISTING; d <= SMS_MO; d++) {
		const int lengths[] = { -1, (int)n, (int)n - 1, n ? (int)n - 1 - data[0] : 0 };

		for (size_t i = 0; i < TW_COUNT(lengths); i++) {
			struct sms_fault fault = { 0 };
			struct sms_pdu pdu;

			check(sms_decode(data, n, lengths[i], d, &pdu, &fault), &pdu, &fault);
		}
	}
	for (enum sms_direction d = SMS_LISTING; d <= SMS_MO; d++) {
		struct sms_fault fault = { 0 };
		struct sms_pdu pdu;

		check(sms_decode_hex((const char *)data, n, -1, d, &pdu, &fault), &pdu, &fault);
	}
	return 0;
}
