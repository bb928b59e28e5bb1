/* Contacts that a program brings along: a slice of rows a call, so that a long file never holds a
 * reply up. Whoever left stays away: lists are joined anew by their keyword alone. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#include "fields.h"
#include "internal.h"

__attribute__((format(printf, 2, 3)))
static int bad(struct exchange_imported *ret, const char *format, ...)
{
	va_list ap;

	ret->what = IMPORT_BAD;
	va_start(ap, format);
	vsnprintf(ret->text, sizeof(ret->text), format, ap);
	va_end(ap);
	return TW_E_SYNTAX;
}

/* Names as they stand in flows: they must not hide the contact's own. */
static bool is_field_name(const char *name)
{
	static const char *const own[] = { "number", "name", "language", "country",
					   "zone", "owner" };

	for (size_t i = 0; i < TW_COUNT(own); i++)
		if (!strcmp(name, own[i]))
			return false;
	if (!islower((unsigned char)name[0]) || strlen(name) > 32)
		return false;
	for (const char *p = name; *p; p++)
		if (!islower((unsigned char)*p) && !isdigit((unsigned char)*p) && *p != '_')
			return false;
	return true;
}

static bool is_language(const char *text)
{
	size_t letters = strspn(text, "abcdefghijklmnopqrstuvwxyz"), n = strlen(text);

	return letters >= 2 && letters <= 3 && n < 12 && (!text[letters] || text[letters] == '-');
}

static int check_field(struct exchange *x, const char *account,
		       const struct exchange_import_field *f, struct exchange_imported *ret)
{
	const char *expected;

	if (!is_field_name(f->name))
		return bad(ret, "%.40s: a field cannot be called so: small letters, digits and _, "
			   "not one of the contact's own names", f->name);
	if (strlen(f->value) > EXCHANGE_FIELD_MAX)
		return bad(ret, "%s: longer than %d octets", f->name, EXCHANGE_FIELD_MAX);
	if (f->value[0] && (expected = field_expects(x, account, f->name, f->value)))
		return bad(ret, "%s: expected %s, not %.40s", f->name, expected, f->value);
	return 0;
}

static int check_row(struct exchange *x, const char *account,
		     const struct exchange_import_row *row, struct exchange_imported *ret)
{
	const struct tw_zone *zone;
	int r = 0;

	if (strlen(row->name) >= sizeof(((struct store_contact *)0)->name))
		return bad(ret, "name: longer than %zu octets",
			   sizeof(((struct store_contact *)0)->name) - 1);
	if (strlen(row->owner) >= sizeof(((struct store_contact *)0)->owner))
		return bad(ret, "owner: longer than %zu octets",
			   sizeof(((struct store_contact *)0)->owner) - 1);
	if (row->language[0] && !is_language(row->language))
		return bad(ret, "language: not a code such as en or pt-br: %.20s",
			   row->language);
	if (row->zone[0] && tw_zone_get(row->zone, &zone) < 0)
		return bad(ret, "zone: there is no time zone %.40s, such as Europe/London",
			   row->zone);
	for (size_t i = 0; i < row->n_fields && r == 0; i++)
		r = check_field(x, account, &row->fields[i], ret);
	return r;
}

static int read_number(struct exchange *x, const struct exchange_import_row *row,
		       struct number *number, struct exchange_imported *ret)
{
	const char *home = post_home(x, NULL);
	enum number_error wrong = number_read(row->number, home, number);

	if (wrong == NUMBER_COUNTRY && !home[0])
		return bad(ret,
			   "number: %.30s is a national number: write it with +, or set `country`",
			   row->number);
	if (wrong != NUMBER_OK)
		return bad(ret, "number: %.30s: %s", row->number, number_error_text(wrong));
	if (number->kind != NUMBER_E164)
		return bad(ret, "number: %.30s is no telephone number of a person", row->number);
	return 0;
}

int import_check(struct exchange *x, const char *account, const struct exchange_import_row *row,
		 struct number *ret_number, struct exchange_imported *ret)
{
	return read_number(x, row, ret_number, ret) < 0 || check_row(x, account, row, ret) < 0
	       ? TW_E_SYNTAX : 0;
}

/* What the row says replaces what was known; what it leaves empty stays. */
static int put_facts(struct exchange *x, const struct exchange_import_row *row,
		     struct store_contact *c)
{
	int r = 0;

	if (row->name[0])
		tw_strset(c->name, sizeof(c->name), row->name);
	if (row->language[0])
		tw_strset(c->language, sizeof(c->language), row->language);
	if (row->zone[0])
		tw_strset(c->zone, sizeof(c->zone), row->zone);
	if (row->owner[0])
		tw_strset(c->owner, sizeof(c->owner), row->owner);
	if (row->name[0] || row->language[0] || row->zone[0] || row->owner[0])
		r = store_contact_save(x->store, c);
	for (size_t i = 0; i < row->n_fields && r == 0; i++)
		if (row->fields[i].value[0])
			r = store_field_put(x->store, c->id, row->fields[i].name,
					    row->fields[i].value);
	return r;
}

/* A list with double_opt_in asks instead of trusting the file: a conversation begins, behind all
 * that customers wait for. */
static int put_question(struct exchange *x, const struct exchange_import *i,
			const struct store_contact *c, const struct flow_list_info *list)
{
	struct flow_view view = talk_look(x, c->number, NULL, 0);
	struct flow_event e = { .from = c->number, .from_kind = NUMBER_E164, .to = "",
				.to_account = "",
				.text = i->source, .text_n = strlen(i->source),
				.is_automatic_ok = true,
				.last_account = "", .contact_language = c->language,
				.contact_name = c->name, .now = x->now.wall, .view = &view };
	const struct flow_intent begin = { .type = FLOW_BEGIN, .account = i->account,
					   .program = list->program, .args = "" };
	struct talk t = { .c = *c, .account = i->account, .e = &e, .lane = LANE_CAMPAIGN,
			  .line = choose_sticky(x, c->id, c->account, NULL) };

	return talk_begin(x, &t, &begin);
}

int import_facts(struct exchange *x, const struct exchange_import_row *row, struct store_contact *c,
		 struct exchange_imported *reterr)
{
	char account[128];
	int r = check_row(x, account_of_id(x, c->account, account, sizeof(account)), row, reterr);

	return r < 0 ? r : put_facts(x, row, c);
}

static int import_row(struct exchange *x, const struct exchange_import *i, int64_t account,
		      const struct flow_list_info *list, const struct exchange_import_row *row,
		      struct exchange_imported *ret)
{
	struct consent_given given = { .text = i->source };
	struct store_contact c;
	struct number number;

	ret->text[0] = '\0';
	if (import_check(x, i->account, row, &number, ret) < 0)
		return 0;
	int r = store_contact(x->store, account, number.text, true, x->now.wall, &c);

	if (r == 0)
		r = put_facts(x, row, &c);
	if (r == 0)
		r = consent_import(x, &c, i->list, list->double_opt_in, &given, &ret->what);
	if (r == 0 && ret->what == IMPORT_ASKED)
		r = put_question(x, i, &c, list);
	return r;
}

static int refuse(struct exchange_refusal *e, int status, int code, const char *text)
{
	e->status = status;
	e->code = code;
	tw_strset(e->text, sizeof(e->text), text);
	return TW_E_DENIED;
}

static int check_import(const struct exchange_import *i, size_t n, struct exchange_refusal *e)
{
	if (!i->list || !is_field_name(i->list))
		return refuse(e, 400, 20001,
			      "list: expected a list's name: small letters, digits and _");
	if (!i->source || strlen(i->source) < 3)
		return refuse(e, 400, 20001,
			      "source: say where consent came from, such as \"paper form, "
			      "shop, May 2026\"; it is kept as evidence");
	if (n > EXCHANGE_IMPORT_MAX)
		return refuse(e, 400, 20001, "rows: too many in one request");
	return 0;
}

int exchange_import(struct exchange *x, const struct exchange_import *i,
		    const struct exchange_import_row *rows, size_t n, struct tw_now now,
		    struct exchange_imported *ret, struct exchange_refusal *e)
{
	struct flow_list_info list;
	int64_t account = 0;
	int r = check_import(i, n, e);

	if (r < 0)
		return r;
	if (!x->flows || !flows_list(x->flows, i->account, i->list, &list))
		return refuse(e, 404, 20404,
			      "no flow of the account declares this list in `lists`");
	x->now = now;
	event_begin(x);
	r = account_id(x, i->account, &account);
	for (size_t k = 0; k < n && r == 0; k++)
		r = import_row(x, i, account, &list, &rows[k], &ret[k]);
	int ended = event_end(x, r, "import");

	if (r == 0)
		r = ended;
	if (r < 0)
		refuse(e, store_is_void(x->store) ? 507 : 500, 20500, tw_strerror(r));
	return r;
}
