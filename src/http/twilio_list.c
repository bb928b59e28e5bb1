/* Lists of Twilio's surface: filters, and paging by position (a PageToken names the row next to
 * which a page begins). A search that looks at many rows goes on over several turns. */
#include "internal.h"

#include <errno.h>
#include <stdio.h>

enum { PAGE_DEFAULT = 50, PAGE_MAX = 1000 };

static bool read_number(struct http_request *r, const char *name, int64_t least, int64_t usual,
			int64_t *ret)
{
	const char *text = http_param(r, name);
	char *end;

	*ret = usual;
	if (!text || !*text)
		return true;
	errno = 0;
	*ret = strtoll(text, &end, 10);
	if (!errno && end != text && !*end && *ret >= least && *ret <= INT32_MAX)
		return true;
	http_refuse(r, 400, HTTP_CODE_PARAMETER, "%s: expected a number from %lld", name,
		    (long long)least);
	return false;
}

bool twilio_read_page(struct http_request *r, struct twilio_page *ret)
{
	if (!read_number(r, "PageSize", 1, PAGE_DEFAULT, &ret->size) ||
	    !read_number(r, "Page", 0, 0, &ret->page))
		return false;
	if (ret->size > PAGE_MAX)
		ret->size = PAGE_MAX;
	return true;
}

static bool is_paging(const char *name)
{
	return !strcmp(name, "Page") || !strcmp(name, "PageSize") || !strcmp(name, "PageToken");
}

/* The path of this list with all its filters; heap. */
static char *uri_of(const struct http_request *r, int64_t size, int64_t page, const char *token)
{
	struct tw_buf b = { 0 };

	tw_buf_addf(&b, "%s?", r->path);
	for (size_t i = 0; i < r->n_params; i++) {
		if (is_paging(r->params[i].name))
			continue;
		http_add_escaped(&b, r->params[i].name);
		tw_buf_addc(&b, '=');
		http_add_escaped(&b, r->params[i].value);
		tw_buf_addc(&b, '&');
	}
	tw_buf_addf(&b, "PageSize=%lld&Page=%lld", (long long)size, (long long)page);
	if (token && *token)
		tw_buf_addf(&b, "&PageToken=%s", token);
	return tw_buf_take(&b);
}

char *twilio_page_uri(const struct http_request *r, int64_t size, int64_t page)
{
	return uri_of(r, size, page, NULL);
}

void twilio_write_page(struct tw_buf *b, struct http_request *r, struct twilio_page *p)
{
	char *own = uri_of(r, p->size, p->page, http_param(r, "PageToken"));
	char *first = uri_of(r, p->size, 0, NULL);

	http_put_int(b, "page", p->page);
	http_put_int(b, "page_size", p->size);
	http_put_int(b, "start", p->page * p->size);
	http_put_int(b, "end", p->n ? p->page * p->size + p->n - 1 : 0);
	http_put_text(b, "uri", own);
	http_put_text(b, "first_page_uri", first);
	http_put_text(b, "next_page_uri", p->next);
	http_put_text(b, "previous_page_uri", p->previous);
	free(p->next);
	free(p->previous);
	free(first);
	free(own);
}

/* ---- messages ------------------------------------------------------------------------------ */

struct twilio_list {
	struct http_request *r;
	struct exchange_search search;
	struct twilio_page page;
	struct tw_buf *rows;		/* each an object, in the order of the search */
	char (*ids)[MESSAGE_ID_MAX];
	int64_t n;			/* one more than the page holds tells that there is
					 * another */
};

void twilio_list_free(struct twilio_list *l)
{
	if (!l)
		return;
	for (int64_t i = 0; i < l->n; i++)
		tw_buf_done(&l->rows[i]);
	free(l->rows);
	free(l->ids);
	free(l);
}

static void add(void *ctx, struct message *m)
{
	struct twilio_list *l = ctx;

	tw_strset(l->ids[l->n], MESSAGE_ID_MAX, m->id);
	twilio_write_message(&l->rows[l->n++], l->r, m);
	message_done(m);
}

static bool read_date(struct http_request *r, const char *name, bool from, bool until,
		      struct exchange_search *s)
{
	const int64_t day = 24 * 3600 * INT64_C(1000);
	const char *text = http_param(r, name);
	struct wall_ms t;
	bool is_day;

	if (!text || !*text)
		return true;
	if (!twilio_date_read(text, &t, &is_day) || t.ms <= 0) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER,
			    "%s: expected a date such as 2026-05-04 or "
			    "2026-05-04T09:00:00Z", name);
		return false;
	}
	if (from && until) {		/* a day, in GMT */
		t.ms -= t.ms % day;
		is_day = true;
	}
	if (from)
		s->sent_from = t;
	if (until)
		s->sent_until.ms = t.ms + (is_day ? day - 1 : 999);
	return true;
}

static bool read_token(struct http_request *r, struct exchange_search *s)
{
	const char *token = http_param(r, "PageToken");

	if (!token || !*token)
		return true;
	if ((strncmp(token, "PA", 2) && strncmp(token, "PB", 2)) || strlen(token) != 36 ||
	    strncmp(token + 2, "SM", 2)) {
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "PageToken: none that was given out here");
		return false;
	}
	s->is_newer = token[1] == 'B';
	tw_strset(s->position, sizeof(s->position), token + 2);
	return true;
}

/* A number typed without escaping its plus; "" is no filter. */
static const char *number_param(struct http_request *r, const char *name)
{
	char *text = (char *)(uintptr_t)http_param(r, name);

	if (text && *text == ' ')
		*text = '+';
	return text && *text ? text : NULL;
}

static struct twilio_list *begin(struct http_request *r)
{
	struct twilio_list *l = tw_zalloc(sizeof(*l));
	struct exchange_search *s = &l->search;

	l->r = r;
	s->from = number_param(r, "From");
	s->to = number_param(r, "To");
	if (!twilio_read_page(r, &l->page) || !read_token(r, s) ||
	    !read_date(r, "DateSent", true, true, s) || !read_date(r, "DateSent>", true,
								   false, s) ||
	    !read_date(r, "DateSent<", false, true, s)) {
		free(l);
		return NULL;
	}
	l->rows = tw_zalloc((size_t)(l->page.size + 1) * sizeof(*l->rows));
	l->ids = tw_zalloc((size_t)(l->page.size + 1) * sizeof(*l->ids));
	return l;
}

static char *neighbour(struct twilio_list *l, int64_t page, char way, int64_t row)
{
	char token[40];

	snprintf(token, sizeof(token), "P%c%s", way, l->ids[row]);
	return uri_of(l->r, l->page.size, page < 0 ? 0 : page, token);
}

static void write_list(struct twilio_list *l)
{
	struct twilio_page *p = &l->page;
	bool has_more = l->n > p->size, is_newer = l->search.is_newer;
	struct tw_buf *b = &l->r->out;
	int64_t newest, oldest;

	p->n = has_more ? p->size : l->n;
	newest = is_newer ? p->n - 1 : 0;
	oldest = is_newer ? 0 : p->n - 1;
	if (p->n && (is_newer || has_more))
		p->next = neighbour(l, p->page + 1, 'A', oldest);
	if (p->n && (is_newer ? has_more : http_param(l->r, "PageToken") != NULL))
		p->previous = neighbour(l, p->page - 1, 'B', newest);
	l->r->status = 200;
	http_put_open(b, NULL, '{');
	http_put_open(b, "messages", '[');
	for (int64_t i = 0; i < p->n; i++) {
		struct tw_buf *row = &l->rows[is_newer ? p->n - 1 - i : i];

		if (i)
			tw_buf_addc(b, ',');
		tw_buf_add(b, row->p, row->n);
	}
	http_put_close(b, ']');
	twilio_write_page(b, l->r, p);
	http_put_close(b, '}');
	tw_buf_addc(b, '\n');
}

void twilio_get_messages(struct http_request *r, struct tw_now now)
{
	const struct http_account *a = twilio_account(r);
	struct twilio_list *l;
	int code;

	(void)now;
	if (!a)
		return;
	if (!r->list)
		r->list = begin(r);
	l = r->list;
	if (!l)
		return;
	l->search.account = a->name;
	l->search.limit = l->page.size + 1 - l->n;
	code = exchange_search(r->h->setup.exchange, &l->search, add, l);
	r->is_unfinished = code >= 0 && !l->search.is_over && l->n <= l->page.size;
	if (code == TW_E_UNKNOWN)
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "PageToken: none that was given out here");
	else if (code < 0)
		twilio_refuse_code(r, code);
	else if (!r->is_unfinished)
		write_list(l);
}
