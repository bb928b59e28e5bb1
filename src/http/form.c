/* application/x-www-form-urlencoded, the way HTML 5 (4.10.21) has it: plus is a blank, %XX an
 * octet. */
#include "internal.h"

#include <strings.h>

void http_add_escaped(struct tw_buf *b, const char *text)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

	for (; *text; text++) {
		if (strchr(plain, *text))
			tw_buf_addc(b, *text);
		else
			tw_buf_addf(b, "%%%02X", (unsigned)(unsigned char)*text);
	}
}

/* A percent sign without two digits stands for itself. */
static void decode(const char *s, size_t n, struct tw_buf *out)
{
	uint8_t octet;

	tw_buf_clear(out);
	tw_buf_add(out, "", 0);
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '%' && n - i > 2 && tw_hex_read(s + i + 1, 2, &octet, 1) == 1) {
			tw_buf_addc(out, (char)octet);
			i += 2;
		} else {
			tw_buf_addc(out, s[i] == '+' ? ' ' : s[i]);
		}
	}
}

static bool is_text(const struct tw_buf *b)
{
	return !memchr(tw_buf_str(b), 0, b->n) && tw_utf8_is_valid(tw_buf_str(b), b->n);
}

static bool add_field(struct http_request *r, const char *s, size_t n)
{
	const char *equals = memchr(s, '=', n);
	size_t name_n = equals ? (size_t)(equals - s) : n;
	struct tw_buf name = { 0 }, value = { 0 };
	bool ok;

	decode(s, name_n, &name);
	decode(equals ? equals + 1 : "", equals ? n - name_n - 1 : 0, &value);
	ok = is_text(&name) && is_text(&value);
	if (!ok) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "%.60s: not UTF-8, or a NUL in it",
			    is_text(&name) ? tw_buf_str(&name) : "a field's name");
	} else {
		r->params = tw_realloc(r->params, (r->n_params + 1) * sizeof(*r->params));
		r->params[r->n_params++] = (struct http_param){ tw_strdup(tw_buf_str(&name)),
								tw_strdup(tw_buf_str(&value)) };
	}
	tw_buf_done(&name);
	tw_buf_done(&value);
	return ok;
}

bool http_form_read(struct http_request *r)
{
	const char *at = tw_buf_str(&r->body), *end = at + r->body.n;
	size_t fields = 0;

	if (!r->body.n)
		return true;
	if (r->content_type && strncasecmp(r->content_type, "application/x-www-form-urlencoded",
					   33)) {
		http_refuse(r, 415, HTTP_CODE_MEDIA,
			    "expected Content-Type: application/x-www-form-urlencoded");
		return false;
	}
	while (at < end) {
		const char *next = memchr(at, '&', (size_t)(end - at));
		size_t n = (size_t)((next ? next : end) - at);

		if (++fields > HTTP_FORM_MAX) {
			http_refuse(r, 400, HTTP_CODE_PARAMETER, "more than %d fields",
				    HTTP_FORM_MAX);
			return false;
		}
		if (n && !add_field(r, at, n))
			return false;
		at += n + 1;
	}
	return true;
}
