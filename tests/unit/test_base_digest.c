#include "run.h"

#include <twoway/base.h>

#include <stdio.h>

static void assert_hex(const uint8_t *p, size_t n, const char *want)
{
	char hex[65];

	tw_hex_write(p, n, hex, false);
	ck_assert_str_eq(hex, want);
}

/* FIPS 180-4 examples */
START_TEST(sha256)
{
	uint8_t out[32];

	tw_sha256("abc", 3, out);
	assert_hex(out, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	tw_sha256(NULL, 0, out);
	assert_hex(out, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
END_TEST

/* RFC 2202 case 2, RFC 4231 case 2 */
START_TEST(hmac)
{
	static const char data[] = "what do ya want for nothing?";
	uint8_t out[32];

	tw_sha1_hmac("Jefe", 4, data, strlen(data), out);
	assert_hex(out, 20, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
	tw_sha256_hmac("Jefe", 4, data, strlen(data), out);
	assert_hex(out, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}
END_TEST

/* FIPS 197 appendix C.1 */
START_TEST(aes128)
{
	uint8_t key[16], in[16], out[16], back[16];

	for (uint8_t i = 0; i < 16; i++) {
		key[i] = i;
		in[i] = (uint8_t)(i * 0x11);
	}
	tw_aes128_encrypt(key, in, out);
	assert_hex(out, 16, "69c4e0d86a7b0430d8cdb78070b4c55a");
	tw_aes128_decrypt(key, out, back);
	ck_assert_mem_eq(back, in, 16);
}
END_TEST

START_TEST(same_secret)
{
	ck_assert(tw_same_secret("token", "token", 5));
	ck_assert(!tw_same_secret("token", "tokem", 5));
	ck_assert(!tw_same_secret("token", "Token", 5));
	ck_assert(tw_same_secret("a", "b", 0));
}
END_TEST

/* Keys as we have them differ in a digit or a length, and must fall into different buckets. */
START_TEST(hash64_spreads)
{
	enum { BUCKETS = 1024, N = 16 * BUCKETS };
	static uint16_t low[BUCKETS];
	uint8_t zeros[64] = { 0 };

	for (int i = 0; i < N; i++) {
		char key[24];
		int n = snprintf(key, sizeof(key), "+4477009%05d", i);

		low[tw_hash64(key, (size_t)n) % BUCKETS]++;
	}
	for (int i = 0; i < BUCKETS; i++)
		ck_assert_int_le(low[i], 48);	/* 16 on average */
	for (size_t a = 0; a < sizeof(zeros); a++)
		for (size_t b = 0; b < a; b++)
			ck_assert(tw_hash64(zeros, a) != tw_hash64(zeros, b));
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_test(tc, sha256);
	tcase_add_test(tc, hmac);
	tcase_add_test(tc, aes128);
	tcase_add_test(tc, same_secret);
	tcase_add_test(tc, hash64_spreads);
}

int main(void)
{
	return unit_run("base_digest", add);
}
