/* Addresses that are no place in the open internet: the special-purpose registries of IANA (RFC
 * 6890). */
#include "internal.h"

#include <sys/socket.h>

struct range { uint8_t octets[16]; uint8_t bits; };

static const struct range v4[] = {
	{ { 0 }, 8 },			/* this network */
	{ { 10 }, 8 }, { { 172, 16 }, 12 }, { { 192, 168 }, 16 },	/* private, RFC 1918 */
	{ { 100, 64 }, 10 },		/* shared by carriers, RFC 6598 */
	{ { 127 }, 8 },			/* loopback */
	{ { 169, 254 }, 16 },		/* link-local: the metadata of clouds, too */
	{ { 192, 0, 0 }, 24 }, { { 192, 0, 2 }, 24 }, { { 198, 51, 100 }, 24 },
	{ { 203, 0, 113 }, 24 },
	{ { 192, 88, 99 }, 24 },	/* 6to4 relays, RFC 7526 */
	{ { 198, 18 }, 15 },		/* benchmarks */
	{ { 224 }, 4 },			/* multicast */
	{ { 240 }, 4 },			/* reserved, and the broadcast */
};
static const struct range v6[] = {
	{ { 0 }, 127 },			/* unspecified and loopback */
	{ { 0x01 }, 64 },		/* discard, RFC 6666 */
	{ { 0x20, 0x01, 0x00, 0x00 }, 23 },	/* protocol assignments, Teredo among them */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 },	/* documentation */
	{ { 0x3f, 0xff }, 20 },		/* documentation, RFC 9637 */
	{ { 0x5f, 0x00 }, 16 },		/* segment routing, RFC 9602 */
	{ { 0xfc }, 7 },		/* unique local, RFC 4193 */
	{ { 0xfe, 0x80 }, 10 }, { { 0xfe, 0xc0 }, 10 },	/* link-local, site-local */
	{ { 0xff }, 8 },		/* multicast */
};
/* Those that hold an IPv4 address, and where. */
static const struct { struct range range; uint8_t at; } holders[] = {
	{ { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 96 }, 12 },	/* mapped */
	{ { { 0 }, 96 }, 12 },						/* compatible, RFC 4291 */
	{ { { 0, 0x64, 0xff, 0x9b }, 96 }, 12 },			/* NAT64, RFC 6052 */
	{ { { 0, 0x64, 0xff, 0x9b, 0, 1 }, 48 }, 12 },			/* local NAT64, RFC 8215 */
	{ { { 0x20, 0x02 }, 16 }, 2 },					/* 6to4 */
};

static bool is_in(const struct range *r, const uint8_t *octets)
{
	unsigned whole = r->bits / 8, rest = r->bits % 8;

	if (memcmp(r->octets, octets, whole))
		return false;
	return !rest || (r->octets[whole] ^ octets[whole]) >> (8 - rest) == 0;
}

bool hook_address_is_private(int family, const uint8_t *octets)
{
	if (family == AF_INET) {
		for (size_t i = 0; i < TW_COUNT(v4); i++)
			if (is_in(&v4[i], octets))
				return true;
		return false;
	}
	if (family != AF_INET6)
		return true;
	for (size_t i = 0; i < TW_COUNT(v6); i++)
		if (is_in(&v6[i], octets))
			return true;
	for (size_t i = 0; i < TW_COUNT(holders); i++)
		if (is_in(&holders[i].range, octets))
			return hook_address_is_private(AF_INET, octets + holders[i].at);
	return false;
}
