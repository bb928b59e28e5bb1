/* Signatures: Twilio's X-Twilio-Signature, and that of Standard Webhooks. */
#include "internal.h"

#include <stdio.h>

static int by_name(const void *a, const void *b)
{
	const struct form_field *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : strcmp(x->value, y->value);
}

char *sign_twilio(const char *token, const char *url, const char *form, size_t form_n, char out[32])
{
	struct tw_buf text = { 0 };
	struct form f;
	uint8_t digest[20];

	form_read(form, form_n, &f);
	tw_buf_adds(&text, url);
	if (f.n)
		qsort(f.v, f.n, sizeof(*f.v), by_name);
	for (size_t i = 0; i < f.n; i++) {
		tw_buf_adds(&text, f.v[i].name);
		tw_buf_adds(&text, f.v[i].value);
	}
	tw_sha1_hmac(token, strlen(token), text.p, text.n, digest);
	tw_base64_write(digest, sizeof(digest), out);
	form_done(&f);
	tw_buf_done(&text);
	return out;
}

char *sign_standard(const char *token, const char *id, int64_t seconds, const char *body, size_t n,
		    char out[64])
{
	struct tw_buf text = { 0 };
	uint8_t digest[32];

	tw_buf_addf(&text, "%s.%lld.", id, (long long)seconds);
	tw_buf_add(&text, body, n);
	tw_sha256_hmac(token, strlen(token), text.p, text.n, digest);
	tw_buf_done(&text);
	memcpy(out, "v1,", 3);
	tw_base64_write(digest, sizeof(digest), out + 3);
	return out;
}
