/* How long one segment takes to decode and to encode, best of several runs: `name value ns` a line.
 *
 * decode: hex digits as a modem hands them over, to the value and its text
 * encode: a text to its form, its user data, the TPDU and the hex digits that go to the modem */
#include <stdio.h>
#include <time.h>
#include <twoway/sms.h>

enum { ROUNDS = 20000, RUNS = 15 };

static volatile unsigned sink;	/* so that nothing is left out */

struct sample {
	const char *name;
	char text[512];
	size_t n;
	char mt[2 * SMS_PDU_MAX + 1];	/* as a modem hands it over */
	size_t mt_n;
};

static void die(const char *what)
{
	fprintf(stderr, "bench_codec: %s\n", what);
	exit(1);
}

static const struct sms_options options = { .encoding = -1, .message_class = -1 };

static void encode(const struct sample *s)
{
	struct sms_submit submit = { .to = "+447700900123", .smsc = "", .validity_minutes = 1440 };
	char hex[2 * SMS_PDU_MAX + 1];
	uint8_t octets[SMS_PDU_MAX];
	struct sms_form form;
	size_t n, tpdu_n;
	struct sms_ud ud;

	submit.ud = &ud;
	if (sms_choose_form(s->text, s->n, &options, &form, NULL) ||
	    sms_split_one(s->text, s->n, &form, &options, 0, 1, &ud) ||
	    sms_submit_encode(&submit, octets, sizeof(octets), &n, &tpdu_n, NULL))
		die("encode failed");
	tw_hex_write(octets, n, hex, true);
	sink += (unsigned char)hex[n] + form.segments;
}

static void decode(const struct sample *s)
{
	char text[SMS_TEXT_MAX];
	struct sms_pdu pdu;

	if (sms_decode_hex(s->mt, s->mt_n, -1, SMS_MT, &pdu, NULL))
		die("decode failed");
	sink += (unsigned)sms_body_text(&pdu.body, text, sizeof(text));
}

static void prepare(struct sample *s, const char *name, const char *unit, size_t times)
{
	struct sms_deliver d = { .from = "+447700900123", .smsc = "+447700900000" };
	uint8_t octets[SMS_PDU_MAX];
	struct sms_form form;
	size_t n, tpdu_n;
	struct sms_ud ud;

	s->name = name;
	s->n = 0;
	while (times--) {
		memcpy(s->text + s->n, unit, strlen(unit));
		s->n += strlen(unit);
	}
	d.ud = &ud;
	d.scts = sms_time_from((struct wall_ms){ 1767603600000 }, 60);
	if (sms_choose_form(s->text, s->n, &options, &form, NULL) || form.segments != 1 ||
	    sms_split_one(s->text, s->n, &form, &options, 0, 1, &ud) ||
	    sms_deliver_encode(&d, octets, sizeof(octets), &n, &tpdu_n, NULL))
		die("sample is not one segment");
	tw_hex_write(octets, n, s->mt, true);
	s->mt_n = 2 * n;
}

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void measure(const char *what, const struct sample *s, void (*run)(const struct sample *s))
{
	double best = 1e18;

	for (unsigned r = 0; r < RUNS; r++) {
		double start = now_ns(), each;

		for (unsigned i = 0; i < ROUNDS; i++)
			run(s);
		each = (now_ns() - start) / ROUNDS;
		if (each < best)
			best = each;
	}
	printf("%s_%s %.0f ns\n", what, s->name, best);
}

int main(void)
{
	static struct sample gsm7, ucs2;

	prepare(&gsm7, "gsm7_160", "Pizza 8?", 20);
	prepare(&ucs2, "ucs2_70", "\u041F\u0440\u0438\u0432\u0435\u0442 ", 10);
	measure("decode", &gsm7, decode);
	measure("decode", &ucs2, decode);
	measure("encode", &gsm7, encode);
	measure("encode", &ucs2, encode);
	return 0;
}
