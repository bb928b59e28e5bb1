/* What no range can check: numbers, names that must be there or must not be twice, addresses. */
#include <ctype.h>
#include <regex.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "options.h"

struct check {
	struct settings *s;
	const struct tw_conf_node *root;	/* NULL: no file */
	struct tw_findings *f;
};

enum { NO_INDEX = -1, DIALLED_MAX = 160, CODES_MAX = 64 * 1024 };

/* The setting `group.key` or `group[index].key`, as near as the file holds it. */
static const struct tw_conf_node *node_of(const struct check *c, const char *group, int index,
					  const char *key)
{
	const struct tw_conf_node *n = c->root, *next;

	if (group && (next = tw_conf_member(n, group))) {
		n = next;
		if (index != NO_INDEX && (next = tw_conf_at(n, (size_t)index)))
			n = next;
	}
	if (key && (next = tw_conf_member(n, key)))
		n = next;
	return n;
}

static void __attribute__((format(printf, 5, 6)))
fault(const struct check *c, const char *group, int index, const char *key, const char *format, ...)
{
	tw_auto(tw_free_charp) char *text = NULL;
	va_list args;

	if (!c->root)
		return;		/* defaults are right */
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	tw_conf_value_fault(node_of(c, group, index, key), c->f, "%s", text);
	config_refuse(c->s, group ? group : "", index == NO_INDEX ? SIZE_MAX : (size_t)index, c->f);
}

/* ---- kinds of text ------------------------------------------------------------------------- */

static bool is_digits(const char *text, size_t min, size_t max)
{
	size_t n = strspn(text, "0123456789");

	return !text[n] && n >= min && n <= max;
}

static bool is_url(const char *text)
{
	size_t scheme = !strncasecmp(text, "https://", 8) ? 8 : !strncasecmp(text, "http://", 7) ? 7
		: 0;

	if (!scheme || !text[scheme] || text[scheme] == '/')
		return false;
	for (; *text; text++)
		if ((unsigned char)*text <= ' ')
			return false;
	return true;
}

static bool is_port_number(const char *text)
{
	return is_digits(text, 1, 5) && atoi(text) >= 1 && atoi(text) <= 65535;
}

/* host:port or [address]:port. */
static bool is_host_and_port(const char *text)
{
	const char *colon = strrchr(text, ':');

	if (!colon || colon == text || !is_port_number(colon + 1))
		return false;
	if (*text == '[')
		return colon > text + 2 && colon[-1] == ']';
	return strcspn(text, ":/ ") == (size_t)(colon - text);
}

/* The same; port 0 lets the system choose. */
static bool is_listen(const char *text)
{
	size_t n = strlen(text);

	if (n > 2 && !strcmp(text + n - 2, ":0")) {
		tw_auto(tw_free_charp) char *chosen = tw_printf("%.*s:1", (int)n - 2, text);

		return is_host_and_port(chosen);
	}
	return is_host_and_port(text);
}

static void check_url(const struct check *c, const char *group, int index, const char *key,
		      const char *url)
{
	if (*url && !is_url(url))
		fault(c, group, index, key,
		      "`%s` wants a URL that begins with http:// or https://, "
		      "not \"%s\"", key, url);
}

static void check_pin(const struct check *c, const char *group, int index, const char *pin)
{
	if (*pin && !is_digits(pin, 4, 8))
		fault(c, group, index, "pin", "a PIN has four to eight digits");
}

static void check_zone(const struct check *c, const char *group, int index, const char *key,
		       const char *name)
{
	const struct tw_zone *zone;

	if (*name && tw_zone_get(name, &zone) < 0)
		fault(c, group, index, key, "no time zone \"%s\" is known: write one such as "
		      "\"Europe/London\"", name);
}

/* ---- numbers ------------------------------------------------------------------------------- */

static enum number_error read_number(const struct check *c, const char *typed, struct number *ret)
{
	enum number_error e = number_read(typed, c->s->country, ret);

	if (e == NUMBER_OK && ret->kind != NUMBER_E164)
		return NUMBER_LENGTH;
	return e;
}

static void number_fault(const struct check *c, const char *group, int index, const char *key,
			 const char *typed, enum number_error e)
{
	fault(c, group, index, key, "\"%s\": %s", typed, number_error_text(e));
}

/* Replaces what was typed by its E.164 form. */
static void check_number(const struct check *c, const char *group, int index, const char *key,
			 char **number)
{
	struct number read;
	enum number_error e;

	if (!**number)
		return;
	e = read_number(c, *number, &read);
	if (e != NUMBER_OK) {
		number_fault(c, group, index, key, *number, e);
		return;
	}
	free(*number);
	*number = tw_strdup(read.text);
}

static void check_country(const struct check *c)
{
	struct number number;

	if (*c->s->country && number_read("0612345678", c->s->country, &number) == NUMBER_COUNTRY)
		fault(c, NULL, NO_INDEX, "country",
		      "no country has the calling code \"%s\": write it "
		      "without plus or zeros, such as \"44\"", c->s->country);
}

/* ---- names --------------------------------------------------------------------------------- */

static bool is_name(const char *name)
{
	const char *p = name;

	for (; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '-' && *p != '_' && *p != '.')
			return false;
	return p > name && p - name < MODEM_NAME_MAX && *name != '.' && *name != '-';
}

/* Names at a distance of size in an array, each but once; empty ones are none. */
static void check_unique(const struct check *c, const char *group, const char *key,
			 char *const *first, size_t size, size_t n)
{
	struct tw_map seen = { 0 };

	for (size_t i = 0; i < n; i++) {
		const char *name = *(char *const *)((const char *)first + i * size);
		unsigned line;

		if (!name || !*name || !c->root)
			continue;
		line = tw_conf_line(node_of(c, group, (int)i, key));
		line = (unsigned)(uintptr_t)tw_map_put(&seen, name, strlen(name),
						       (void *)(uintptr_t)line);
		if (line)
			fault(c, group, (int)i, key, "`%s` \"%s\" stands already in line %u", key,
			      name, line);
	}
	tw_map_done(&seen);
}

static const struct settings_account *account_named(const struct settings *s, const char *name)
{
	for (size_t i = 0; i < s->n_accounts; i++)
		if (s->accounts[i].name && !strcmp(s->accounts[i].name, name))
			return &s->accounts[i];
	return NULL;
}

static void check_account_name(const struct check *c, size_t sim, const char *name)
{
	const struct settings *s = c->s;
	const char **names, *near;

	if (!*name || account_named(s, name) || (!s->n_accounts && !strcmp(name, "default")))
		return;
	names = tw_zalloc((s->n_accounts + 1) * sizeof(*names));
	for (size_t i = 0; i < s->n_accounts; i++)
		names[i] = s->accounts[i].name;
	near = tw_nearest(name, names, s->n_accounts);
	fault(c, "sims", (int)sim, "account", "there is no account \"%s\"%s%s%s", name,
	      near ? "; did you mean \"" : ": name it in `accounts`", near ? near : "",
	      near ? "\"?" : "");
	free(names);
}

/* ---- groups -------------------------------------------------------------------------------- */

static void check_port(const struct check *c, int i, const char *port)
{
	if (!*port || *port == '/' || (!strncmp(port, "tcp://", 6) && is_host_and_port(port + 6)))
		return;
	fault(c, "modems", i, "port", "`port` wants a path such as /dev/ttyUSB0 or "
				      "tcp://host:port, not \"%s\"", port);
}

/* By its kind in sysfs, without opening it; pseudo-terminals are not there. */
static bool is_terminal(const struct stat *st)
{
	char path[64], kind[256];
	ssize_t n;

	if (!S_ISCHR(st->st_mode))
		return false;
	snprintf(path, sizeof(path), "/sys/dev/char/%u:%u/subsystem", major(st->st_rdev),
		 minor(st->st_rdev));
	n = readlink(path, kind, sizeof(kind) - 1);
	kind[n < 0 ? 0 : n] = '\0';
	return n < 0 || !strcmp(strrchr(kind, '/') ? strrchr(kind, '/') : kind, "/tty");
}

static void check_is_port(const struct check *c, int i, const char *port)
{
	struct stat st;

	if (*port == '/' && stat(port, &st) == 0 && !is_terminal(&st))
		fault(c, "modems", i, "port", "%s is no serial port", port);
}

static void check_modems(const struct check *c)
{
	struct settings *s = c->s;

	for (size_t i = 0; i < s->n_modems; i++) {
		struct settings_modem *m = &s->modems[i];

		if (*m->name && !is_name(m->name))
			fault(c, "modems", (int)i, "name",
			      "`name` wants letters, digits, `-` and `_`, "
			      "fewer than %d, not \"%s\"", MODEM_NAME_MAX, m->name);
		if (!*m->port && !*m->imei && !*m->usb &&
		    tw_conf_type(node_of(c, "modems", (int)i, NULL)) == TW_CONF_GROUP)
			fault(c, "modems", (int)i, NULL,
			      "this modem cannot be found: give it a `port`, "
			      "an `imei` or a `usb` path");
		if (*m->imei && !is_digits(m->imei, 14, 16))
			fault(c, "modems", (int)i, "imei", "an IMEI has 14 to 16 digits");
		check_port(c, (int)i, m->port);
		check_is_port(c, (int)i, m->port);
		check_pin(c, "modems", (int)i, m->pin);
		check_number(c, "modems", (int)i, "number", &m->number);
	}
	if (!s->n_modems)
		return;
	check_unique(c, "modems", "name", &s->modems->name, sizeof(*s->modems), s->n_modems);
	check_unique(c, "modems", "port", &s->modems->port, sizeof(*s->modems), s->n_modems);
	check_unique(c, "modems", "imei", &s->modems->imei, sizeof(*s->modems), s->n_modems);
	check_unique(c, "modems", "usb", &s->modems->usb, sizeof(*s->modems), s->n_modems);
	check_unique(c, "modems", "number", &s->modems->number, sizeof(*s->modems), s->n_modems);
}

/* A SIM whose last digits are left out is the same SIM. */
static void check_same_sim(const struct check *c, size_t i)
{
	const struct settings_sim *v = c->s->sims;

	for (size_t k = 0; k < i; k++) {
		size_t n = strlen(v[i].iccid), m = strlen(v[k].iccid);

		n = n < m ? n : m;
		if (strlen(v[i].iccid) != strlen(v[k].iccid) && n >= 18 &&
		    !strncmp(v[i].iccid, v[k].iccid, n))
			fault(c, "sims", (int)i, "iccid", "`iccid` \"%s\" is the SIM of line %u",
			      v[i].iccid, v[k].line);
	}
}

static void check_cost(const struct check *c, size_t sim)
{
	const struct settings_sim *s = &c->s->sims[sim];

	for (size_t i = 0; i < s->n_cost; i++) {
		const char *to = s->cost[i].to;

		if (strcmp(to, "*") && !is_digits(to, 1, 15))
			fault(c, "sims", (int)sim, "cost",
			      "`to` wants the digits with which a number "
			      "begins, without plus, or \"*\", not \"%s\"", to);
	}
}

static void check_sims(const struct check *c)
{
	struct settings *s = c->s;

	for (size_t i = 0; i < s->n_sims; i++) {
		struct settings_sim *sim = &s->sims[i];

		if (*sim->iccid && !is_digits(sim->iccid, 18, 20))
			fault(c, "sims", (int)i, "iccid",
			      "an ICCID has 18 to 20 digits, not \"%s\"", sim->iccid);
		check_same_sim(c, i);
		check_pin(c, "sims", (int)i, sim->pin);
		check_number(c, "sims", (int)i, "number", &sim->number);
		check_number(c, "sims", (int)i, "smsc", &sim->smsc);
		check_account_name(c, i, sim->account);
		check_zone(c, "sims", (int)i, "quota", sim->quota.zone);
		check_cost(c, i);
		if (sim->quota.spend_per_month > 0 && !sim->n_cost)
			tw_conf_fault(node_of(c, "sims", (int)i, "quota"), c->f, false,
				      "`spend_per_month` "
				      "counts by `cost`, and this SIM has none: it stops nothing");
	}
	if (!s->n_sims)
		return;
	check_unique(c, "sims", "iccid", &s->sims->iccid, sizeof(*s->sims), s->n_sims);
	check_unique(c, "sims", "number", &s->sims->number, sizeof(*s->sims), s->n_sims);
}

static bool has_number(const struct settings *s, const char *number)
{
	for (size_t i = 0; i < s->n_modems; i++)
		if (!strcmp(s->modems[i].number, number))
			return true;
	for (size_t i = 0; i < s->n_sims; i++)
		if (!strcmp(s->sims[i].number, number))
			return true;
	return false;
}

static void check_pool(const struct check *c, size_t pool, bool knows_numbers)
{
	struct settings_pool *p = &c->s->pools[pool];

	if (!p->numbers.n && tw_conf_member(node_of(c, "pools", (int)pool, NULL), "numbers"))
		fault(c, "pools", (int)pool, "numbers", "a pool holds at least one number");
	for (size_t i = 0; i < p->numbers.n; i++) {
		size_t before = c->f->errors;

		check_number(c, "pools", (int)pool, "numbers", &p->numbers.v[i]);
		if (knows_numbers && before == c->f->errors && !has_number(c->s, p->numbers.v[i]))
			tw_conf_fault(node_of(c, "pools", (int)pool, "numbers"), c->f, false,
				      "no modem or SIM here has the number %s: it works once a SIM "
				      "tells it", p->numbers.v[i]);
		for (size_t j = 0; j < i; j++)
			if (!strcmp(p->numbers.v[i], p->numbers.v[j]))
				fault(c, "pools", (int)pool, "numbers",
				      "%s stands twice in this pool", p->numbers.v[i]);
	}
}

static void check_pools(const struct check *c)
{
	struct settings *s = c->s;
	bool knows_numbers = false;

	for (size_t i = 0; i < s->n_modems; i++)
		knows_numbers |= *s->modems[i].number != '\0';
	for (size_t i = 0; i < s->n_sims; i++)
		knows_numbers |= *s->sims[i].number != '\0';
	for (size_t i = 0; i < s->n_pools; i++) {
		if (*s->pools[i].name && !is_name(s->pools[i].name))
			fault(c, "pools", (int)i, "name",
			      "`name` wants letters, digits, `-` and `_`, not "
			      "\"%s\"", s->pools[i].name);
		check_pool(c, i, knows_numbers);
	}
	if (s->n_pools)
		check_unique(c, "pools", "name", &s->pools->name, sizeof(*s->pools), s->n_pools);
}

static bool is_language(const char *text)
{
	size_t n = strlen(text);

	for (const char *p = text; *p; p++)
		if (!isalpha((unsigned char)*p) && *p != '-')
			return false;
	return n >= 2 && n <= 8;
}

static void check_accounts(const struct check *c)
{
	struct settings *s = c->s;

	for (size_t i = 0; i < s->n_accounts; i++) {
		const struct settings_account *a = &s->accounts[i];
		bool is_sid = !strncmp(a->sid, "AC", 2) && strlen(a->sid) == 34 &&
			      strspn(a->sid + 2, "0123456789abcdef") == 32;

		if (*a->name && !is_name(a->name))
			fault(c, "accounts", (int)i, "name",
			      "`name` wants letters, digits, `-` and `_`, "
			      "not \"%s\"", a->name);
		check_url(c, "accounts", (int)i, "webhook", a->webhook);
		check_url(c, "accounts", (int)i, "webhook_fallback", a->webhook_fallback);
		check_url(c, "accounts", (int)i, "lookup", a->lookup);
		check_url(c, "accounts", (int)i, "events", a->events);
		check_zone(c, "accounts", (int)i, "zone", a->zone);
		if (*a->language && !is_language(a->language))
			fault(c, "accounts", (int)i, "language", "`language` wants a code such as "
			      "\"en\", not \"%s\"", a->language);
		if (*a->sid && !is_sid)
			fault(c, "accounts", (int)i, "sid", "`sid` wants AC and 32 lower-case "
			      "hexadecimal digits");
	}
	if (!s->n_accounts)
		return;
	check_unique(c, "accounts", "name", &s->accounts->name, sizeof(*s->accounts),
		     s->n_accounts);
	check_unique(c, "accounts", "sid", &s->accounts->sid, sizeof(*s->accounts), s->n_accounts);
}

static void check_dialled(const struct check *c, int i, const char *key, const char *code)
{
	if (strlen(code) > DIALLED_MAX || (*code && strspn(code, "*#0123456789") == 0))
		fault(c, "balance", i, key,
		      "`%s` wants a code that is dialled, such as \"*100#\", not "
		      "\"%.40s\"", key, code);
}

/* A path that is not whole begins in the folder of the configuration. */
static void check_codes(const struct check *c, int i, const char *codes)
{
	const char *file = c->s->file ? c->s->file : "", *slash = strrchr(file, '/');
	tw_auto(tw_free_charp) char *path = *codes == '/' || !slash ? tw_strdup(codes) :
		tw_printf("%.*s%s", (int)(slash + 1 - file), file, codes);
	struct stat st;

	if (stat(path, &st) < 0)
		tw_conf_fault(node_of(c, "balance", i, "codes"), c->f, false,
			      "%s is not there: no SIM can "
			      "be topped up", path);
	else if (!S_ISREG(st.st_mode) || st.st_size > CODES_MAX)
		fault(c, "balance", i, "codes", "%s is no file of codes, or longer than 64 KiB",
		      path);
}

static void check_top_up(const struct check *c, int i, const struct settings_balance *b)
{
	check_dialled(c, i, "ask", b->ask);
	check_dialled(c, i, "topup", b->topup);
	if (*b->topup && !strstr(b->topup, "{code}"))
		fault(c, "balance", i, "topup",
		      "`topup` must hold {code}, where the code of a voucher goes");
	else if (!*b->topup != !*b->codes)
		fault(c, "balance", i, *b->codes ? "codes" : "topup",
		      "`topup` and `codes` go together");
	else if (*b->topup && !(b->alert > 0))
		fault(c, "balance", i, "topup",
		      "`topup` needs `alert`: below what a voucher is dialled");
	if (*b->codes && c->root)
		check_codes(c, i, b->codes);
}

static void check_balance(const struct check *c)
{
	for (size_t i = 0; i < c->s->n_balance; i++) {
		const struct settings_balance *b = &c->s->balance[i];
		char why[128];
		regex_t regex;
		int r;

		if (*b->operator_ && !is_digits(b->operator_, 5, 6))
			fault(c, "balance", (int)i, "operator",
			      "`operator` wants the five or six digits "
			      "of country and network code, such as \"23410\", not \"%s\"",
			      b->operator_);
		check_top_up(c, (int)i, b);
		r = regcomp(&regex, b->match, REG_EXTENDED);
		if (r) {
			regerror(r, &regex, why, sizeof(why));
			fault(c, "balance", (int)i, "match",
			      "`match` is no extended regular expression: "
			      "%s", why);
			continue;
		}
		if (*b->match && !regex.re_nsub)
			fault(c, "balance", (int)i, "match",
			      "`match` needs a group ( ) around the amount");
		regfree(&regex);
	}
	if (c->s->n_balance)
		check_unique(c, "balance", "operator", &c->s->balance->operator_,
			     sizeof(*c->s->balance), c->s->n_balance);
}

/* ---- the file itself ----------------------------------------------------------------------- */

static void check_member(const struct check *c, const char *group, const char *key,
			 const struct tw_strings *texts, const char *const *known, size_t n)
{
	for (size_t i = 0; i < texts->n; i++) {
		const char *near = tw_nearest(texts->v[i], known, n);
		bool is_known = near && !strcmp(near, texts->v[i]);

		if (!is_known)
			fault(c, group, NO_INDEX, key, "`%s` does not know \"%s\"%s%s%s", key,
			      texts->v[i], near ? "; did you mean \"" : "", near ? near : "",
			      near ? "\"?" : "");
	}
}

static void check_top(const struct check *c)
{
	static const char *const alphabets[] = { "tr", "es", "pt", "bn", "gu", "hi",
						 "kn", "ml", "or", "pa", "ta", "te", "ur" };
	static const char *const lanes[] = { "campaign", "at", "api" };
	const struct settings *s = c->s;

	check_country(c);
	check_member(c, NULL, "languages", &s->languages, alphabets, TW_COUNT(alphabets));
	check_member(c, "quiet_hours", "applies", &s->quiet_hours.applies, lanes, TW_COUNT(lanes));
	if (s->quiet_hours.is_set && s->quiet_hours.from == s->quiet_hours.to)
		fault(c, "quiet_hours", NO_INDEX, "to",
		      "quiet hours begin and end at the same time");
	if (s->retry.first > s->retry.last)
		fault(c, "retry", NO_INDEX, "last", "`last` is shorter than `first`");
	if (*s->currency && !(strlen(s->currency) == 3 && isupper((unsigned char)s->currency[0]) &&
			      isupper((unsigned char)s->currency[1]) &&
			      isupper((unsigned char)s->currency[2])))
		fault(c, NULL, NO_INDEX, "currency",
		      "`currency` wants three capitals such as \"EUR\", "
		      "not \"%s\"", s->currency);
	if (!*s->database)
		fault(c, NULL, NO_INDEX, "database", "`database` wants a path");
}

static void check_services(const struct check *c)
{
	struct settings *s = c->s;

	if (*s->mail.server && strncmp(s->mail.server, "smtp://", 7) &&
	    strncmp(s->mail.server, "smtps://", 8))
		fault(c, "mail", NO_INDEX, "server", "`server` wants smtp://host:port or "
		      "smtps://host:port, not \"%s\"", s->mail.server);
	check_number(c, "alert", NO_INDEX, "number", &s->alert.number);
	check_url(c, "alert", NO_INDEX, "webhook", s->alert.webhook);
	if (*s->alert.email && !strchr(s->alert.email, '@'))
		fault(c, "alert", NO_INDEX, "email", "`email` wants an address such as "
		      "\"shop@example.org\"");
	if (*s->alert.email && !*s->mail.server)
		fault(c, "alert", NO_INDEX, "email",
		      "`email` needs the mail server that is set in `mail`");
	if (s->alert.commands && !*s->alert.number)
		fault(c, "alert", NO_INDEX, "commands",
		      "`commands` needs the `number` that may send "
		      "them");
	if (*s->api.listen && !is_listen(s->api.listen))
		fault(c, "api", NO_INDEX, "listen", "`listen` wants an address and a port such as "
		      "\"127.0.0.1:8470\", not \"%s\"", s->api.listen);
	if (!*s->api.certificate != !*s->api.key)
		fault(c, "api", NO_INDEX, *s->api.key ? "key" : "certificate",
		      "`certificate` and `key` go together");
	check_url(c, "api", NO_INDEX, "public_url", s->api.public_url);
}

/* Money without a currency is only a number. */
static void check_currency(const struct check *c)
{
	const struct settings *s = c->s;
	bool has_money = false;

	for (size_t i = 0; i < s->n_sims; i++)
		has_money |= s->sims[i].n_cost > 0 || s->sims[i].quota.spend_per_month > 0;
	for (size_t i = 0; i < s->n_balance && !*s->currency; i++)
		if (s->balance[i].alert > 0)
			tw_conf_fault(node_of(c, "balance", (int)i, "alert"), c->f, false,
				      "`alert` is set "
				      "but no `currency`");
	if (has_money && !*s->currency)
		tw_conf_fault(node_of(c, "sims", NO_INDEX, NULL), c->f, false,
			      "costs are set but no "
			      "`currency`");
}

void config_check(struct settings *s, const struct tw_conf_node *root, struct tw_findings *findings)
{
	struct check c = { s, root, findings };

	if (!root)
		return;
	check_top(&c);
	check_services(&c);
	check_accounts(&c);
	check_modems(&c);
	check_sims(&c);
	check_pools(&c);
	check_balance(&c);
	check_currency(&c);
}
