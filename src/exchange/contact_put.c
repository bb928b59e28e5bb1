/* What programs say of one contact, and of lists. */
#include <stdarg.h>
#include <stdio.h>

#include "internal.h"

__attribute__((format(printf, 4, 5)))
static int refuse(struct exchange_refusal *e, int status, int code, const char *format, ...)
{
	va_list ap;

	e->status = status;
	e->code = code;
	va_start(ap, format);
	vsnprintf(e->text, sizeof(e->text), format, ap);
	va_end(ap);
	return TW_E_DENIED;
}

static int find(struct exchange *x, const char *account, const char *typed,
		struct store_contact *ret)
{
	struct number number;
	int64_t row;
	int r = account_id(x, account, &row);

	if (r < 0)
		return r;
	if (number_read(typed, post_home(x, NULL), &number) != NUMBER_OK)
		return TW_E_UNKNOWN;
	return store_contact(x->store, row, number.text, false, x->now.wall, ret);
}

int exchange_contact(struct exchange *x, const char *account, const char *number,
		     struct contact *ret)
{
	struct store_contact c;
	int r = find(x, account, number, &c);

	if (r < 0)
		return r;
	return own_is_contact(x, &c) ? TW_E_UNKNOWN : contact_fill(x, &c, ret);
}

/* ---- facts --------------------------------------------------------------------------------- */

static const char *given(const char *text)
{
	return text ? text : "";
}

static int check(struct exchange *x, const char *account, const char *typed,
		 const struct exchange_contact_facts *f, struct number *ret,
		 struct exchange_refusal *e)
{
	const struct exchange_import_row row = { .number = typed, .name = given(f->name),
		.language = given(f->language), .zone = given(f->zone), .owner = given(f->owner),
		.fields = f->fields, .n_fields = f->n_fields };
	struct exchange_imported fault = { .text = "" };

	if (import_check(x, account, &row, ret, &fault) < 0)
		return refuse(e, 400, 20001, "%s", fault.text);
	return 0;
}

static int check_tags(const char *member, const char *const *tags, size_t n,
		      struct exchange_refusal *e)
{
	for (size_t i = 0; i < n; i++)
		if (!tags[i][0] || strlen(tags[i]) > EXCHANGE_TAG_MAX)
			return refuse(e, 400, 20001, "%s: a tag has 1 to %d octets", member,
				      EXCHANGE_TAG_MAX);
	return 0;
}

int contact_tag(struct exchange *x, const struct store_contact *c, const char *name, bool is_on)
{
	int had = store_tag(x->store, c->id, name), r;

	if (had < 0 && had != TW_E_UNKNOWN)
		return had;
	if ((had == 0) == is_on)
		return 0;
	r = store_tag_put(x->store, c->id, name, is_on);
	if (r < 0)
		return r;
	watch_contact(x, c, is_on ? "contact.tagged" : "contact.untagged");
	return events_tell(x, c, is_on ? "contact.tagged" : "contact.untagged", "tag", name, NULL);
}

static int put_tags(struct exchange *x, const struct exchange_contact_facts *f,
		    const struct store_contact *c)
{
	int r = 0;

	for (size_t i = 0; i < f->n_tags && r == 0; i++)
		r = contact_tag(x, c, f->tags[i], true);
	for (size_t i = 0; i < f->n_untags && r == 0; i++)
		r = contact_tag(x, c, f->untags[i], false);
	return r;
}

static int tell_facts(struct exchange *x, const struct exchange_contact_facts *f,
		      const struct store_contact *c)
{
	const struct contact_field own[] = {
		{ (char *)(uintptr_t)"name", (char *)(uintptr_t)f->name },
		{ (char *)(uintptr_t)"language", (char *)(uintptr_t)f->language },
		{ (char *)(uintptr_t)"zone", (char *)(uintptr_t)f->zone },
		{ (char *)(uintptr_t)"owner", (char *)(uintptr_t)f->owner },
	};
	int r = 0;

	for (size_t i = 0; i < TW_COUNT(own) && r == 0; i++)
		if (own[i].value)
			r = events_changed(x, c, own[i].name, *own[i].value ? own[i].value : NULL);
	for (size_t i = 0; i < f->n_fields && r == 0; i++)
		r = events_changed(x, c, f->fields[i].name,
				   f->fields[i].value[0] ? f->fields[i].value : NULL);
	return r;
}

static int put_facts(struct exchange *x, const struct exchange_contact_facts *f,
		     struct store_contact *c)
{
	int r;

	if (f->name)
		tw_strset(c->name, sizeof(c->name), f->name);
	if (f->language)
		tw_strset(c->language, sizeof(c->language), f->language);
	if (f->zone)
		tw_strset(c->zone, sizeof(c->zone), f->zone);
	if (f->owner)
		tw_strset(c->owner, sizeof(c->owner), f->owner);
	r = store_contact_save(x->store, c);
	for (size_t i = 0; i < f->n_fields && r == 0; i++)
		r = store_field_put(x->store, c->id, f->fields[i].name,
				    f->fields[i].value[0] ? f->fields[i].value : NULL);
	return r < 0 ? r : tell_facts(x, f, c);
}

int exchange_contact_put(struct exchange *x, const char *account, const char *number,
			 const struct exchange_contact_facts *facts, struct tw_now now,
			 struct contact *ret, bool *ret_is_new, struct exchange_refusal *reterr)
{
	struct store_contact c;
	struct number to;
	int64_t row;

	x->now = now;
	*reterr = (struct exchange_refusal){ 0 };
	int r = check(x, account, number, facts, &to, reterr);

	if (r == 0)
		r = check_tags("tag", facts->tags, facts->n_tags, reterr);
	if (r == 0)
		r = check_tags("untag", facts->untags, facts->n_untags, reterr);
	if (r < 0)
		return r;
	event_begin(x);
	r = account_id(x, account, &row);
	if (r == 0)
		r = store_contact(x->store, row, to.text, false, now.wall, &c);
	*ret_is_new = r == TW_E_UNKNOWN;
	if (*ret_is_new)
		r = store_contact(x->store, row, to.text, true, now.wall, &c);
	if (r == 0)
		r = put_facts(x, facts, &c);
	if (r == 0)
		r = put_tags(x, facts, &c);
	if (r == 0)
		r = contact_fill(x, &c, ret);
	int ended = event_end(x, r, "contact");

	if (r == 0 && ended < 0) {
		contact_done(ret);
		r = ended;
	}
	return r;
}

/* ---- leaving ------------------------------------------------------------------------------- */

int exchange_contact_leave(struct exchange *x, const char *account, const char *number,
			   const char *list,
			   const char *source, struct tw_now now, struct exchange_refusal *reterr)
{
	const struct consent_given how = { .text = source };
	struct store_contact c;
	int64_t row;

	x->now = now;
	*reterr = (struct exchange_refusal){ 0 };
	if (!source || strlen(source) < 3)
		return refuse(reterr, 400, 20001,
			      "source: say how they left, such as \"by telephone, 4 May\"; "
			      "it is kept as evidence");
	int r = find(x, account, number, &c);

	if (r == TW_E_UNKNOWN)
		return refuse(reterr, 404, 20404, "no contact %.60s", number);
	if (r == 0 && list) {
		r = store_list(x->store, c.account, list, false, &row);
		if (r == TW_E_UNKNOWN)
			return refuse(reterr, 404, 20404, "account %s has no list %.60s",
				      account, list);
	}
	if (r < 0)
		return r;
	event_begin(x);
	if (list)
		r = consent_leave(x, &c, list, &how);
	else
		r = c.stopped_at.ms ? 1 : consent_close(x, &c, &how);
	int ended = event_end(x, r, "leave");

	return ended < 0 ? ended : r;
}

int exchange_list_next(struct exchange *x, const char *account, const char *after,
		       struct exchange_list *ret)
{
	struct flow_list_info info;
	struct store_list list;
	int64_t row;
	int r = account_id(x, account, &row);

	if (r == 0)
		r = store_list_next(x->store, row, after, &list);
	if (r < 0)
		return r;
	*ret = (struct exchange_list){ .is_declared = x->flows &&
				       flows_list(x->flows, account, list.name,
									     &info) };
	tw_strset(ret->name, sizeof(ret->name), list.name);
	ret->double_opt_in = ret->is_declared && info.double_opt_in;
	return 0;
}
