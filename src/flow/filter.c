/* What stands behind `!` in a template: date(format), money, upper, lower, title. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>

#include "internal.h"

/* Names of months and days, the short ones in front; English where a language is not here. */
static const struct calendar {
	const char *language;
	const char *short_months, *months, *short_days, *days;	/* divided by blanks, from Monday */
} calendars[] = {
	{ "en", "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
	  "January February March April May June July August September October November December",
	  "Mon Tue Wed Thu Fri Sat Sun",
	  "Monday Tuesday Wednesday Thursday Friday Saturday Sunday" },
	{ "de", "Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez",
	  "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
	  "Mo Di Mi Do Fr Sa So", "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag" },
	{ "fr", "janv févr mars avr mai juin juil août sept oct nov déc",
	  "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
	  "lun mar mer jeu ven sam dim", "lundi mardi mercredi jeudi vendredi samedi dimanche" },
	{ "es", "ene feb mar abr may jun jul ago sept oct nov dic",
	  "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
	  "diciembre",
	  "lun mar mié jue vie sáb dom", "lunes martes miércoles jueves viernes sábado domingo" },
	{ "it", "gen feb mar apr mag giu lug ago set ott nov dic",
	  "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre "
	  "dicembre",
	  "lun mar mer gio ven sab dom",
	  "lunedì martedì mercoledì giovedì venerdì sabato domenica" },
	{ "pt", "jan fev mar abr mai jun jul ago set out nov dez",
	  "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro "
	  "dezembro",
	  "seg ter qua qui sex sáb dom",
	  "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo" },
	{ "nl", "jan feb mrt apr mei jun jul aug sep okt nov dec",
	  "januari februari maart april mei juni juli augustus september oktober november december",
	  "ma di wo do vr za zo", "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag" },
};

static const struct calendar *calendar_of(const char *language)
{
	size_t n = strcspn(language, "-_");

	for (size_t i = 0; i < TW_COUNT(calendars); i++)
		if (strlen(calendars[i].language) == n &&
		    !strncasecmp(calendars[i].language, language, n))
			return &calendars[i];
	return &calendars[0];
}

static void add_nth(struct tw_buf *out, const char *names, int nth)
{
	for (; nth; nth--)
		names = strchr(names, ' ') + 1;
	tw_buf_add(out, names, strcspn(names, " "));
}

/* "2026-05-04", with " 09:00" behind it or not. */
static bool read_date(const char *text, size_t n, struct tw_civil *ret)
{
	struct tw_civil c = { .hour = 0 };
	char copy[32], end;
	int count;

	if (n < 10 || n >= sizeof(copy))
		return false;
	memcpy(copy, text, n);
	copy[n] = '\0';
	count = sscanf(copy, "%4d-%2d-%2d%*1[ T]%2d:%2d%c", &c.year, &c.month, &c.day, &c.hour,
		       &c.minute, &end);
	if (count != 5 && !(count == 3 && n == 10))
		return false;
	if (c.month < 1 || c.month > 12 || c.day < 1 || c.day > 31 || c.hour < 0 || c.hour > 23 ||
	    c.minute < 0 || c.minute > 59)
		return false;
	c.weekday = (int)((tw_days_from_civil(c.year, c.month, c.day) % 7 + 10) % 7) + 1;
	*ret = c;
	return true;
}

static void add_date(struct tw_buf *out, const struct tw_civil *c, const struct calendar *names,
		     char sign)
{
	switch (sign) {
	case 'd':
		tw_buf_addf(out, "%02d", c->day);
		break;
	case 'm':
		tw_buf_addf(out, "%02d", c->month);
		break;
	case 'Y':
		tw_buf_addf(out, "%04d", c->year);
		break;
	case 'H':
		tw_buf_addf(out, "%02d", c->hour);
		break;
	case 'M':
		tw_buf_addf(out, "%02d", c->minute);
		break;
	case 'a':
		add_nth(out, names->short_days, c->weekday - 1);
		break;
	case 'A':
		add_nth(out, names->days, c->weekday - 1);
		break;
	case 'b':
		add_nth(out, names->short_months, c->month - 1);
		break;
	case 'B':
		add_nth(out, names->months, c->month - 1);
		break;
	default:		/* %% and what was refused when the template was read */
		tw_buf_addc(out, sign);
	}
}

/* What is no date is printed as it is. */
static void filter_date(const struct flow_run *run, const char *argument, size_t argument_n,
			const char *text, size_t n, struct tw_buf *out)
{
	const struct calendar *names = calendar_of(flow_run_language(run));
	struct tw_civil c;

	if (!read_date(text, n, &c)) {
		tw_buf_add(out, text, n);
		return;
	}
	for (size_t i = 0; i < argument_n; i++) {
		if (argument[i] == '%' && i + 1 < argument_n)
			add_date(out, &c, names, argument[++i]);
		else
			tw_buf_addc(out, argument[i]);
	}
}

/* A number with two decimals; what is no number is printed as it is. */
static void filter_money(const struct flow_run *run, const char *argument, size_t argument_n,
			 const char *text, size_t n, struct tw_buf *out)
{
	char copy[64], *end = copy;
	double value = 0;

	(void)run, (void)argument, (void)argument_n;
	if (n && n < sizeof(copy) && (isdigit((unsigned char)*text) || *text == '-')) {
		memcpy(copy, text, n);
		copy[n] = '\0';
		value = strtod(copy, &end);
	}
	if (end == copy || *end || !isfinite(value))
		tw_buf_add(out, text, n);
	else
		tw_buf_addf(out, "%.2f", value);
}

static void filter_upper(const struct flow_run *run, const char *argument, size_t argument_n,
			 const char *text, size_t n, struct tw_buf *out)
{
	(void)run, (void)argument, (void)argument_n;
	tw_case_text(text, n, TW_UPPER, out);
}

static void filter_lower(const struct flow_run *run, const char *argument, size_t argument_n,
			 const char *text, size_t n, struct tw_buf *out)
{
	(void)run, (void)argument, (void)argument_n;
	tw_case_text(text, n, TW_LOWER, out);
}

static void filter_title(const struct flow_run *run, const char *argument, size_t argument_n,
			 const char *text, size_t n, struct tw_buf *out)
{
	(void)run, (void)argument, (void)argument_n;
	tw_case_text(text, n, TW_TITLE, out);
}

static const struct filter {
	const char *name;
	bool wants_argument;
	void (*apply)(const struct flow_run *run, const char *argument, size_t argument_n,
		      const char *text, size_t n, struct tw_buf *out);
} filters[] = {
	{ "date", true, filter_date },
	{ "money", false, filter_money },
	{ "upper", false, filter_upper },
	{ "lower", false, filter_lower },
	{ "title", false, filter_title },
};

int flow_filter_named(const char *name, size_t n)
{
	for (size_t i = 0; i < TW_COUNT(filters); i++)
		if (strlen(filters[i].name) == n && !memcmp(filters[i].name, name, n))
			return (int)i;
	return FLOW_NONE;
}

const char *flow_filter_names(void)
{
	return "date(…), money, upper, lower, title";
}

bool flow_filter_wants(int filter)
{
	return filters[filter].wants_argument;
}

void flow_filter_apply(const struct flow_run *run, int filter, const char *argument,
		       size_t argument_n, const char *text, size_t n, struct tw_buf *out)
{
	filters[filter].apply(run, argument, argument_n, text, n, out);
}
