/* Digests and one cipher block: nettle's, behind our names. */
#include <twoway/base.h>

#include <nettle/aes.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <nettle/sha2.h>
#include <nettle/version.h>

/* nettle 4 took the length out of its digest functions */
#if NETTLE_VERSION_MAJOR >= 4
#define DIGEST(function, ctx, n, out) function(ctx, out)
#else
#define DIGEST(function, ctx, n, out) function(ctx, n, out)
#endif

void tw_sha256(const void *p, size_t n, uint8_t out[32])
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, n, p);
	DIGEST(sha256_digest, &ctx, 32, out);
}

void tw_sha1_hmac(const void *key, size_t key_n, const void *p, size_t n, uint8_t out[20])
{
	struct hmac_sha1_ctx ctx;

	hmac_sha1_set_key(&ctx, key_n, key);
	hmac_sha1_update(&ctx, n, p);
	DIGEST(hmac_sha1_digest, &ctx, 20, out);
}

void tw_sha256_hmac(const void *key, size_t key_n, const void *p, size_t n, uint8_t out[32])
{
	struct hmac_sha256_ctx ctx;

	hmac_sha256_set_key(&ctx, key_n, key);
	hmac_sha256_update(&ctx, n, p);
	DIGEST(hmac_sha256_digest, &ctx, 32, out);
}

void tw_aes128_encrypt(const uint8_t key[16], const uint8_t in[16], uint8_t out[16])
{
	struct aes128_ctx ctx;

	aes128_set_encrypt_key(&ctx, key);
	aes128_encrypt(&ctx, 16, out, in);
}

void tw_aes128_decrypt(const uint8_t key[16], const uint8_t in[16], uint8_t out[16])
{
	struct aes128_ctx ctx;

	aes128_set_decrypt_key(&ctx, key);
	aes128_decrypt(&ctx, 16, out, in);
}

bool tw_same_secret(const void *a, const void *b, size_t n)
{
	return memeql_sec(a, b, n);
}

/* Both halves of the 128-bit product, folded. By hand: 32-bit ARM has no __int128. */
static uint64_t mix(uint64_t a, uint64_t b)
{
	uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
	uint64_t low = a0 * b0, mid = a1 * b0 + (low >> 32), mid2 = a0 * b1 + (uint32_t)mid;

	return (mid2 << 32 | (uint32_t)low) ^ (a1 * b1 + (mid >> 32) + (mid2 >> 32));
}

/* A multiply-and-fold hash, eight octets a step. Not stored anywhere, so it may change. */
uint64_t tw_hash64(const void *p, size_t n)
{
	const uint64_t k0 = 0x9e3779b97f4a7c15, k1 = 0xd1b54a32d192ed03;
	const uint8_t *q = p;
	uint64_t h = k0 ^ n, word;

	for (; n >= 8; n -= 8, q += 8) {
		memcpy(&word, q, 8);
		h = mix(h ^ word, k1);
	}
	word = 0;
	if (n)
		memcpy(&word, q, n);
	return mix(mix(h ^ word, k0), k1);
}
