/* Octets as hexadecimal digits and as Base64 (RFC 4648 section 4). */
#include <twoway/base.h>

#include <limits.h>

void tw_hex_write(const void *p, size_t n, char *out, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	const uint8_t *q = p;

	for (size_t i = 0; i < n; i++) {
		*out++ = digits[q[i] >> 4];
		*out++ = digits[q[i] & 15];
	}
	*out = '\0';
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

int tw_hex_read(const char *s, size_t n, uint8_t *out, size_t cap)
{
	if (n % 2)
		return TW_E_SYNTAX;
	for (size_t i = 0; i < n; i++)
		if (hex_value(s[i]) < 0)
			return TW_E_SYNTAX;
	n /= 2;
	if (n > cap || n > INT_MAX)
		return TW_E_NOSPACE;
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)(hex_value(s[2 * i]) << 4 | hex_value(s[2 * i + 1]));
	return (int)n;
}

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t tw_base64_write(const void *p, size_t n, char *out)
{
	const uint8_t *q = p;
	char *o = out;

	for (; n; q += n < 3 ? n : 3, n -= n < 3 ? n : 3) {
		uint32_t word = (uint32_t)q[0] << 16 | (n > 1 ? (uint32_t)q[1] << 8 : 0) |
				(n > 2 ? q[2] : 0);

		*o++ = base64_digits[word >> 18];
		*o++ = base64_digits[word >> 12 & 63];
		*o++ = n > 1 ? base64_digits[word >> 6 & 63] : '=';
		*o++ = n > 2 ? base64_digits[word & 63] : '=';
	}
	*o = '\0';
	return (size_t)(o - out);
}

static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

int tw_base64_read(const char *s, size_t n, uint8_t *out, size_t cap)
{
	size_t pad = 0, size;

	if (n % 4)
		return TW_E_SYNTAX;
	while (pad < 2 && pad < n && s[n - 1 - pad] == '=')
		pad++;
	for (size_t i = 0; i < n - pad; i++)
		if (base64_value(s[i]) < 0)
			return TW_E_SYNTAX;
	/* the bits behind the last octet are zero, so that each octet string has one spelling */
	if (pad && (base64_value(s[n - 1 - pad]) & (pad == 1 ? 3 : 15)))
		return TW_E_SYNTAX;
	size = n / 4 * 3 - pad;
	if (size > cap || size > INT_MAX)
		return TW_E_NOSPACE;
	for (size_t i = 0, o = 0; i < n; i += 4) {
		uint32_t word = 0;

		for (size_t j = 0; j < 4; j++)
			word = word << 6 | (i + j < n - pad ? (uint32_t)base64_value(s[i + j]) : 0);
		for (int shift = 16; shift >= 0 && o < size; shift -= 8)
			out[o++] = (uint8_t)(word >> shift);
	}
	return (int)size;
}
