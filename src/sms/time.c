/* Time stamps and validity periods (23.040 9.2.3.11, 9.2.3.12). */
#include "sms_private.h"

enum { DIGITS_BAD = 0xFF, ZONE_WEST = 0x08, QUARTER_MINUTES = 15,
       ENHANCED_MORE = 0x80, ENHANCED_SINGLE_SHOT = 0x40,
       ENHANCED_RELATIVE = 1, ENHANCED_SECONDS = 2, ENHANCED_CLOCK = 3 };

/* Two swapped decimal digits. */
static unsigned read_digits(uint8_t octet)
{
	unsigned tens = octet & 0xF, units = octet >> 4;

	return tens > 9 || units > 9 ? DIGITS_BAD : tens * 10 + units;
}

static uint8_t write_digits(unsigned value)
{
	return (uint8_t)(value % 10 << 4 | value / 10);
}

static unsigned days_in_month(int year, unsigned month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	if (month == 2 && year % 4 == 0 && (year % 100 || year % 400 == 0))
		return 29;
	return days[month - 1];
}

static int16_t read_zone(uint8_t octet)
{
	unsigned units = octet >> 4, quarters = (octet & 7) * 10 + units;
	int minutes;

	if (units > 9)
		return 0;	/* a zone with a bad digit counts as UTC */
	minutes = (int)quarters * QUARTER_MINUTES;
	return (int16_t)(octet & ZONE_WEST ? -minutes : minutes);
}

struct sms_time time_read(const uint8_t octets[7])
{
	struct sms_time t = { 0 };
	unsigned v[6];

	for (unsigned i = 0; i < 6; i++)
		v[i] = read_digits(octets[i]);
	if (v[0] > 99 || v[1] < 1 || v[1] > 12 || v[3] > 23 || v[4] > 59 || v[5] > 59)
		return t;
	t.year = (int16_t)(v[0] + (v[0] < 90 ? 2000 : 1900));
	if (v[2] < 1 || v[2] > days_in_month(t.year, v[1]))
		return (struct sms_time){ 0 };
	t.month = (uint8_t)v[1];
	t.day = (uint8_t)v[2];
	t.hour = (uint8_t)v[3];
	t.minute = (uint8_t)v[4];
	t.second = (uint8_t)v[5];
	t.offset_minutes = read_zone(octets[6]);
	t.is_valid = true;
	return t;
}

void time_write(const struct sms_time *t, uint8_t octets[7])
{
	unsigned quarters;

	memset(octets, 0, 7);
	if (!t->is_valid)
		return;
	quarters = (unsigned)abs(t->offset_minutes) / QUARTER_MINUTES % 80;
	octets[0] = write_digits((unsigned)t->year % 100);
	octets[1] = write_digits(t->month);
	octets[2] = write_digits(t->day);
	octets[3] = write_digits(t->hour);
	octets[4] = write_digits(t->minute);
	octets[5] = write_digits(t->second);
	octets[6] = write_digits(quarters);
	if (t->offset_minutes < 0)
		octets[6] |= ZONE_WEST;
}

uint32_t time_relative_seconds(uint8_t v)
{
	if (v <= 143)
		return (v + 1u) * 5 * 60;
	if (v <= 167)
		return (12 * 60 + (v - 143u) * 30) * 60;
	if (v <= 196)
		return (v - 166u) * 24 * 3600;
	return (v - 192u) * 7 * 24 * 3600;
}

uint8_t time_relative_from(uint32_t minutes)
{
	if (minutes <= 5)
		return 0;
	if (minutes <= 720)
		return (uint8_t)((minutes + 4) / 5 - 1);
	if (minutes <= 1440)
		return (uint8_t)(143 + (minutes - 720 + 29) / 30);
	if (minutes <= 43200)
		return (uint8_t)(166 + (minutes + 1439) / 1440);
	return (uint8_t)(192 + (minutes + 10079) / 10080);
}

void time_read_enhanced(const uint8_t octets[7], struct sms_pdu *pdu)
{
	unsigned at = 0, clock[3];
	uint8_t indicator = octets[0];

	pdu->is_single_shot = indicator & ENHANCED_SINGLE_SHOT;
	while (octets[at] & ENHANCED_MORE && at < 3)
		at++;
	switch (indicator & 7) {
	case ENHANCED_RELATIVE:
		pdu->vp_seconds = time_relative_seconds(octets[at + 1]);
		break;
	case ENHANCED_SECONDS:
		pdu->vp_seconds = octets[at + 1];
		break;
	case ENHANCED_CLOCK:
		for (unsigned i = 0; i < 3; i++)
			clock[i] = read_digits(octets[at + 1 + i]);
		if (clock[0] < 100 && clock[1] < 60 && clock[2] < 60)
			pdu->vp_seconds = clock[0] * 3600 + clock[1] * 60 + clock[2];
		break;
	}
}

struct wall_ms sms_time_wall(const struct sms_time *t)
{
	int64_t days = tw_days_from_civil(t->year, t->month, t->day);
	int64_t seconds = days * 86400 + t->hour * 3600 + t->minute * 60 + t->second;

	return (struct wall_ms){ (seconds - t->offset_minutes * 60) * 1000 };
}

struct sms_time sms_time_from(struct wall_ms wall, int offset_minutes)
{
	int64_t seconds = wall.ms / 1000 - (wall.ms % 1000 < 0), days, rest;
	struct sms_time t = { .is_valid = true };
	int year, month, day;

	offset_minutes = offset_minutes / QUARTER_MINUTES * QUARTER_MINUTES;
	seconds += offset_minutes * 60;
	days = seconds / 86400 - (seconds % 86400 < 0);
	rest = seconds - days * 86400;
	tw_civil_from_days(days, &year, &month, &day);
	t.year = (int16_t)year;
	t.month = (uint8_t)month;
	t.day = (uint8_t)day;
	t.hour = (uint8_t)(rest / 3600);
	t.minute = (uint8_t)(rest / 60 % 60);
	t.second = (uint8_t)(rest % 60);
	t.offset_minutes = (int16_t)offset_minutes;
	return t;
}

static char *put_number(char *out, unsigned value, unsigned digits)
{
	for (unsigned i = digits; i-- > 0; value /= 10)
		out[i] = (char)('0' + value % 10);
	return out + digits;
}

char *sms_time_write(const struct sms_time *t, char *out)
{
	unsigned offset = (unsigned)abs(t->offset_minutes);
	char *p = put_number(out, (unsigned)t->year, 4);

	*p++ = '-';
	p = put_number(p, t->month, 2);
	*p++ = '-';
	p = put_number(p, t->day, 2);
	*p++ = 'T';
	p = put_number(p, t->hour, 2);
	*p++ = ':';
	p = put_number(p, t->minute, 2);
	*p++ = ':';
	p = put_number(p, t->second, 2);
	*p++ = t->offset_minutes < 0 ? '-' : '+';
	p = put_number(p, offset / 60, 2);
	*p++ = ':';
	p = put_number(p, offset % 60, 2);
	*p = '\0';
	return out;
}
