/* Any text, encoded as the first octets ask, comes back as it was, cut inside no pair. */
#include <stdio.h>
#include <twoway/sms.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void receive(const struct sms_ud *ud, struct sms_pdu *ret)
{
	struct sms_submit s = { .to = "+447700900123", .smsc = "", .ud = ud };
	struct sms_fault fault;
	uint8_t octets[SMS_PDU_MAX];
	size_t n, tpdu_n;

	require(ud->n <= 140 && ud->udl <= 160);
	require(!sms_submit_encode(&s, octets, sizeof(octets), &n, &tpdu_n, &fault));
	require(!sms_decode(octets, n, (int)tpdu_n, SMS_MO, ret, &fault));
	require(ret->n_warnings == 0);
}

static void there_and_back(const char *text, size_t n, const struct sms_form *form,
			   const struct sms_options *options)
{
	struct tw_buf apart = { 0 };

	for (unsigned seq = 1; seq <= form->segments; seq++) {
		struct sms_ud ud = { 0 };
		const struct sms_body *body;
		struct sms_pdu pdu;

		require(!sms_split_one(text, n, form, options, 7, (uint8_t)seq, &ud));
		receive(&ud, &pdu);
		require(pdu.concat.is_set == (form->segments > 1));
		require(!pdu.concat.is_set || pdu.concat.seq == seq);
		body = &pdu.body;
		sms_bodies_text(&body, 1, &apart);
	}
	require(form->is_smart || (apart.n == n && !memcmp(tw_buf_str(&apart), text, n)));
	require(form->encoding == SMS_8BIT || tw_utf8_is_valid(tw_buf_str(&apart), apart.n));
	tw_buf_done(&apart);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const uint8_t all[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 };
	struct sms_options options = { .message_class = -1 };
	struct sms_fault fault = { 0 };
	struct sms_form form;
	const char *text;
	int e;

	if (n < 2)
		return 0;
	options.encoding = data[0] % 4 - 1;
	options.smart = data[0] & 0x04;
	options.ref_bits = data[0] & 0x08 ? 16 : 8;
	options.ports = (struct sms_ports){ data[0] & 0x10, data[0] & 0x20 ? 8 : 16, 250, 251 };
	options.languages = all + data[1] % 13;
	options.n_languages = (uint8_t)(data[1] >> 4) % (uint8_t)(14 - data[1] % 13);
	text = (const char *)data + 2;
	n -= 2;
	e = sms_choose_form(text, n, &options, &form, &fault);
	if (e)
		require(e == fault.code && fault.field && fault.what);
	else
		there_and_back(text, n, &form, &options);
	return 0;
}
