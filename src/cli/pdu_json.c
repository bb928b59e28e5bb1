/* A writer of JSON for one line an object. */
#include "pdu.h"

struct json_out out_open(struct tw_buf *buf, char bracket)
{
	tw_buf_addc(buf, bracket);
	return (struct json_out){ buf, false };
}

void out_close(struct json_out *o, char bracket)
{
	tw_buf_addc(o->buf, bracket);
}

static void put_string(struct tw_buf *buf, const char *s, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	size_t plain = 0;

	tw_buf_addc(buf, '"');
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		char escape[] = { '\\', (char)c, '0', '0', hex[c >> 4 & 0xF], hex[c & 0xF] };
		size_t escape_n = 2;

		if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7F)
			continue;
		tw_buf_add(buf, s + plain, i - plain);
		plain = i + 1;
		if (c == '\n') {
			escape[1] = 'n';
		} else if (c == '\r') {
			escape[1] = 'r';
		} else if (c == '\t') {
			escape[1] = 't';
		} else if (c < 0x20 || c == 0x7F) {
			escape[1] = 'u';
			escape_n = 6;
		}
		tw_buf_add(buf, escape, escape_n);
	}
	tw_buf_add(buf, s + plain, n - plain);
	tw_buf_addc(buf, '"');
}

void out_key(struct json_out *o, const char *key)
{
	if (o->has_member)
		tw_buf_addc(o->buf, ',');
	o->has_member = true;
	if (!key)
		return;
	put_string(o->buf, key, strlen(key));
	tw_buf_addc(o->buf, ':');
}

void out_null(struct json_out *o, const char *key)
{
	out_key(o, key);
	tw_buf_adds(o->buf, "null");
}

void out_bool(struct json_out *o, const char *key, bool value)
{
	out_key(o, key);
	tw_buf_adds(o->buf, value ? "true" : "false");
}

void out_int(struct json_out *o, const char *key, int64_t value)
{
	out_key(o, key);
	tw_buf_addf(o->buf, "%lld", (long long)value);
}

void out_text(struct json_out *o, const char *key, const char *s, size_t n)
{
	out_key(o, key);
	put_string(o->buf, s, n);
}

void out_string(struct json_out *o, const char *key, const char *s)
{
	out_text(o, key, s, strlen(s));
}

void out_hex(struct json_out *o, const char *key, const uint8_t *p, size_t n, bool upper)
{
	out_key(o, key);
	tw_buf_addc(o->buf, '"');
	tw_hex_write(p, n, tw_buf_reserve(o->buf, 2 * n + 1), upper);
	o->buf->n += 2 * n;
	tw_buf_addc(o->buf, '"');
}
