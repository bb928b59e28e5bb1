/* A program of somebody else that uses the codec and the engine: built by install.sh against what was
 * installed, with nothing but what pkg-config tells. */
#include <stdio.h>
#include <twoway/at.h>
#include <twoway/sms.h>

static int decode(void)
{
	static const char hex[] = "07919471016700000407D049B7F90D00005220304050600A02C834";
	struct sms_fault fault = { 0 };
	struct sms_pdu pdu;
	char text[SMS_TEXT_MAX];

	if (sms_decode_hex(hex, strlen(hex), -1, SMS_MT, &pdu, &fault) < 0)
		return 1;
	sms_body_text(&pdu.body, text, sizeof(text));
	printf("%s from %s\n", text, pdu.address.text);
	return 0;
}

static int ask(void)
{
	struct at_engine *at = malloc(at_engine_size());
	struct at_dialect dialect = { 0 };
	const uint8_t *octets;
	size_t n;

	at_init(at, &dialect);
	at_begin(at, (struct mono_ms){ 0 });
	n = at_output(at, &octets);
	printf("%zu octets for a modem\n", n);
	free(at);
	return n == 0;
}

int main(void)
{
	return decode() || ask();
}
