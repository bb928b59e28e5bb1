/* What limits a keyword: opening hours, long numbers, senders. */
#include <ctype.h>
#include <stdio.h>

#include "internal.h"

enum { MINUTES_A_DAY = 1440 };

void flow_limits_done(struct flow_limits *l)
{
	tw_strings_done(&l->numbers);
	tw_strings_done(&l->from);
	free(l->hours);
	memset(l, 0, sizeof(*l));
}

/* ---- hours: "mon-fri 08:00-18:00, sat 09:00-13:00" ------------------------------------------ */

static const char *skip_space(const char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

/* A day's name to 0..6 from Monday. */
static const char *read_day(const char *p, int *ret)
{
	static const char names[] = "montuewedthufrisatsun";

	for (int i = 0; i < 7; i++)
		if (!strncasecmp(p, names + 3 * i, 3) && !isalpha((unsigned char)p[3])) {
			*ret = i;
			return p + 3;
		}
	return NULL;
}

static const char *read_clock(const char *p, int *ret)
{
	int hour, minute;

	if (!isdigit((unsigned char)p[0]) || !isdigit((unsigned char)p[1]) || p[2] != ':' ||
	    !isdigit((unsigned char)p[3]) || !isdigit((unsigned char)p[4]))
		return NULL;
	hour = (p[0] - '0') * 10 + p[1] - '0';
	minute = (p[3] - '0') * 10 + p[4] - '0';
	if (minute > 59 || hour * 60 + minute > MINUTES_A_DAY)
		return NULL;
	*ret = hour * 60 + minute;
	return p + 5;
}

static const char *read_days(const char *p, uint8_t *ret)
{
	int first, last;

	p = read_day(p, &first);
	if (!p)
		return NULL;
	last = first;
	if (*p == '-') {
		p = read_day(p + 1, &last);
		if (!p)
			return NULL;
	}
	*ret = 0;
	for (int day = first;; day = (day + 1) % 7) {
		*ret |= (uint8_t)(1u << day);
		if (day == last)
			return p;
	}
}

static const char *read_span(const char *p, struct flow_hours *ret)
{
	int from, to;

	p = read_days(skip_space(p), &ret->days);
	if (!p || (*p != ' ' && *p != '\t'))
		return NULL;
	p = read_clock(skip_space(p), &from);
	p = p && *p == '-' ? read_clock(p + 1, &to) : NULL;
	if (!p || from == to || from == MINUTES_A_DAY)
		return NULL;
	ret->from = (uint16_t)from;
	ret->to = (uint16_t)(to < from ? to + MINUTES_A_DAY : to);	/* past midnight */
	return skip_space(p);
}

const char *flow_days_read(const char *text, uint8_t *ret)
{
	return read_days(text, ret);
}

const char *flow_span_read(const char *text, struct flow_hours *ret)
{
	return read_span(text, ret);
}

int flow_hours_read(const struct tw_conf_node *node, struct flow_limits *l, struct tw_findings *f)
{
	const char *p = tw_conf_type(node) == TW_CONF_STRING ? tw_conf_string(node) : NULL;

	while (p) {
		struct flow_hours span;

		p = read_span(p, &span);
		if (!p)
			break;
		l->hours = tw_realloc(l->hours, (l->n_hours + 1) * sizeof(*l->hours));
		l->hours[l->n_hours++] = span;
		if (!*p)
			return 0;
		p = *p == ',' ? p + 1 : NULL;
	}
	tw_conf_fault(node, f, true, "`hours` wants days and times such as \"mon-fri 08:00-18:00, "
		      "sat 09:00-13:00\"");
	return TW_E_CONFIG;
}

bool flow_is_open(const struct flow_limits *l, const struct tw_civil *now)
{
	int minute = now->hour * 60 + now->minute, today = now->weekday - 1;

	for (size_t i = 0; i < l->n_hours; i++) {
		const struct flow_hours *h = &l->hours[i];
		int yesterday = (today + 6) % 7;

		if ((h->days & 1u << today) && minute >= h->from && minute < h->to)
			return true;
		if ((h->days & 1u << yesterday) && minute + MINUTES_A_DAY < h->to)
			return true;
	}
	return !l->n_hours;
}

/* Minute by minute: hours go by the zone's clock, which may jump. */
struct wall_ms flow_hours_open(const struct flow_limits *l, const struct tw_zone *zone,
			       struct wall_ms now)
{
	enum { MINUTE = 60 * 1000, LOOK = 9 * MINUTES_A_DAY };
	struct wall_ms at = now;

	for (int i = 0; i < LOOK; i++) {
		struct tw_civil civil = tw_zone_civil(zone, at);

		if (flow_is_open(l, &civil))
			return at;
		at.ms = (at.ms / MINUTE + 1) * MINUTE;
	}
	return now;	/* hours that no day has */
}

/* ---- numbers ------------------------------------------------------------------------------- */

void flow_number_fault(const struct tw_conf_node *node, enum number_error e, struct tw_findings *f)
{
	tw_conf_fault(node, f, true, "\"%s\": %s", tw_conf_string(node), number_error_text(e));
}

static int read_number(const struct tw_conf_node *node, const char *country, bool any_sender,
		       struct tw_strings *ret, struct tw_findings *f)
{
	const char *typed = tw_conf_string(node);
	struct number number;
	enum number_error e = number_read(typed, country, &number);

	if (e == NUMBER_OK && number.kind != NUMBER_E164 && !any_sender)
		e = NUMBER_LENGTH;
	if (e != NUMBER_OK) {
		flow_number_fault(node, e, f);
		return TW_E_CONFIG;
	}
	tw_strings_add(ret, number.text);
	return 0;
}

int flow_numbers_read(const struct tw_conf_node *node, const char *country, bool any_sender,
		      struct tw_strings *ret, struct tw_findings *f)
{
	enum tw_conf_type type = tw_conf_type(node);
	int r = 0;

	if (type == TW_CONF_STRING)
		return read_number(node, country, any_sender, ret, f);
	if ((type != TW_CONF_ARRAY && type != TW_CONF_LIST) || !tw_conf_length(node)) {
		tw_conf_fault(node, f, true,
			      "`%s` wants a number, or an array of numbers [ \"…\" ]",
			      tw_conf_name(node));
		return TW_E_CONFIG;
	}
	for (size_t i = 0; i < tw_conf_length(node); i++) {
		const struct tw_conf_node *element = tw_conf_at(node, i);

		if (tw_conf_type(element) != TW_CONF_STRING) {
			tw_conf_fault(element, f, true, "a number stands in quotation marks");
			r = TW_E_CONFIG;
		} else if (read_number(element, country, any_sender, ret, f) < 0) {
			r = TW_E_CONFIG;
		}
	}
	return r;
}
