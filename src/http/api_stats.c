/* /api/v1/stats: the running totals, and which arm of a split brings more. */
#include "internal.h"

enum { ROWS = 100 };		/* written in one turn */

static const char *const levels[] = { [STORE_HOUR] = "hour", [STORE_DAY] = "day" };

/* One of the arms of a split, in the order of the report: by name. */
struct arms {
	char account[128], split[STORE_TOPIC_MAX];
	char names[STORE_CAMPAIGN_ARMS][STORE_TOPIC_MAX];
	struct split_count counts[STORE_CAMPAIGN_ARMS];
	size_t n;
};
struct http_report {
	struct exchange_report *rows;
	size_t counted;			/* of its rows, in http.report_rows */
	struct tw_buf *out;		/* where rows are written to … */
	size_t told;			/* … so far */
	struct arms arms;
	struct tw_buf verdicts;
	bool is_total;
};

static void put_nps(struct tw_buf *b, const int64_t *n)
{
	int64_t all = n[FIGURE_PROMOTERS] + n[FIGURE_PASSIVES] + n[FIGURE_DETRACTORS];

	if (all)
		http_put_real(b, "nps", 100.0 * (double)(n[FIGURE_PROMOTERS] -
							 n[FIGURE_DETRACTORS]) /
			      (double)all);
	else
		http_put_null(b, "nps");
}

static void put_answer(struct tw_buf *b, const int64_t *n)
{
	if (n[FIGURE_ANSWERS])
		http_put_real(b, "answer_s", (double)n[FIGURE_ANSWER_MS] /
			      (double)n[FIGURE_ANSWERS] / 1000);
	else
		http_put_null(b, "answer_s");
}

static void end_split(struct http_report *r)
{
	struct arms *a = &r->arms;
	struct tw_buf *b = &r->verdicts;

	if (a->n > 1) {
		struct split_verdict v = split_judge(a->counts, a->n);

		http_put_open(b, NULL, '{');
		http_put_text(b, "account", a->account);
		http_put_text(b, "split", a->split);
		http_put_text(b, "leader", a->names[v.leader]);
		http_put_text(b, "winner", v.winner < 0 ? NULL : a->names[v.winner]);
		http_put_real(b, "evidence", v.evidence);
		http_put_real(b, "wanted", v.wanted);
		http_put_close(b, '}');
	}
	*a = (struct arms){ .n = 0 };
}

static void judge(struct http_report *r, const struct report_row *row)
{
	const char *slash = strchr(row->name, '/');
	struct arms *a = &r->arms;
	char split[STORE_TOPIC_MAX];

	if (row->kind != STORE_TOPIC_ARM || !slash || !r->is_total)
		return;
	tw_strsetn(split, sizeof(split), row->name, (size_t)(slash - row->name));
	if (a->n && (strcmp(a->split, split) || strcmp(a->account, row->account)))
		end_split(r);
	if (a->n == STORE_CAMPAIGN_ARMS)
		return;
	tw_strset(a->split, sizeof(a->split), split);
	tw_strset(a->account, sizeof(a->account), row->account);
	tw_strset(a->names[a->n], sizeof(a->names[0]), slash + 1);
	a->counts[a->n++] = (struct split_count){ row->n[FIGURE_CUSTOMERS],
						  row->n[FIGURE_CONVERSIONS] };
}

static void add(void *ctx, const struct report_row *row)
{
	struct http_report *r = ctx;
	struct tw_buf *b = r->out;

	if (r->told++)
		tw_buf_adds(b, ",\n");	/* what was before may have been taken */
	http_put_open(b, NULL, '{');
	http_put_text(b, "account", row->account);
	http_put_text(b, "kind", store_topic_name(row->kind));
	http_put_text(b, "name", row->name);
	http_put_filled(b, "long_number", row->line);
	http_put_time(b, "at", row->at);
	for (int i = 0; i < REPORT_AMOUNT; i++)
		http_put_int(b, report_figure_name(i), row->n[i]);
	http_put_real(b, report_figure_name(REPORT_AMOUNT), (double)row->n[REPORT_AMOUNT] / 100);
	http_put_filled(b, "currency", row->currency);
	put_nps(b, row->n);
	put_answer(b, row->n);
	http_put_close(b, '}');
	judge(r, row);
}

static bool read_kind(struct http_request *r, const char **ret)
{
	struct tw_buf names = { 0 };
	bool is_known = false;

	*ret = http_param(r, "kind");
	for (int k = 0; k < STORE_TOPIC_KINDS; k++) {
		is_known |= *ret && !strcmp(*ret, store_topic_name((enum store_topic_kind)k));
		tw_buf_addf(&names, "%s%s", k ? ", " : "",
			    store_topic_name((enum store_topic_kind)k));
	}
	if (*ret && !is_known)
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "kind: expected one of %s",
			    tw_buf_str(&names));
	tw_buf_done(&names);
	return !*ret || is_known;
}

static bool read_by(struct http_request *r, enum store_level *ret)
{
	const char *text = http_param(r, "by");

	*ret = STORE_EVER;
	for (size_t i = 0; text && i < TW_COUNT(levels); i++)
		if (!strcmp(text, levels[i])) {
			*ret = (enum store_level)i;
			return true;
		}
	if (text)
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "by: expected hour or day");
	return !text;
}

/* ---- the answer, as it is taken ------------------------------------------------------------- */

void http_report_free(struct http *h, struct http_report *r)
{
	if (!r)
		return;
	h->report_rows -= r->counted;
	exchange_report_free(r->rows);
	tw_buf_done(&r->verdicts);
	free(r);
}

static bool fill(struct http_request *request, struct http_export *e, struct tw_buf *out)
{
	struct http_report *r = request->report;
	size_t n;

	(void)e;
	r->out = out;
	n = exchange_report_tell(request->h->setup.exchange, r->rows, ROWS, add, r);
	if (n == ROWS)
		return false;
	end_split(r);
	http_put_close(out, ']');
	tw_buf_adds(out, ",\"verdicts\":[");
	tw_buf_add(out, tw_buf_str(&r->verdicts), r->verdicts.n);
	tw_buf_adds(out, "]}\n");
	return true;
}

static void begin_answer(struct http_request *r)
{
	r->export = tw_zalloc(sizeof(*r->export));
	r->export->fill = fill;
	r->status = 200;
	http_put_open(&r->export->out, NULL, '{');
	http_put_open(&r->export->out, "rows", '[');
}

/* ---- reading it ---------------------------------------------------------------------------- */

static struct http_report *begin(struct http_request *r, struct tw_now now)
{
	struct exchange_report_query q = { .name = http_param(r, "name") };
	struct exchange_report *rows;
	struct http_report *report;
	int code;

	if (!read_kind(r, &q.kind) || !read_by(r, &q.by) || !http_read_switch(r, "lines",
									      &q.by_line) ||
	    !http_read_when(r, "from", &q.from) || !http_read_when(r, "to", &q.until) ||
	    !http_pick_account(r, http_param(r, "account"), &q.account))
		return NULL;
	code = exchange_report_new(r->h->setup.exchange, &q, now, &rows);
	if (code < 0) {
		http_refuse(r, 507, HTTP_CODE_NOT_COMMITTED, "%s: try again later",
			    tw_strerror(code));
		return NULL;
	}
	report = tw_zalloc(sizeof(*report));
	report->rows = rows;
	/* A verdict is about all customers there were. */
	report->is_total = q.by == STORE_EVER && !q.by_line && !q.from.ms && !q.until.ms;
	return report;
}

/* Reports that are read at once share what memory there is for them. */
static bool has_room(struct http_request *r)
{
	size_t n = exchange_report_rows(r->report->rows);

	r->h->report_rows += n - r->report->counted;
	r->report->counted = n;
	return r->h->report_rows <= EXCHANGE_REPORT_MAX;
}

void http_get_stats(struct http_request *r, struct tw_now now)
{
	int code;

	if (!r->report)
		r->report = begin(r, now);
	if (!r->report)
		return;
	code = exchange_report_read(r->h->setup.exchange, r->report->rows, now);
	if (code == TW_E_RANGE)
		http_refuse(r, 400, HTTP_CODE_PARAMETER, "the report would have more than %d rows: "
			    "ask for one kind, or a shorter time by from and to",
			    EXCHANGE_REPORT_MAX);
	else if (code < 0)
		http_refuse(r, 507, HTTP_CODE_NOT_COMMITTED, "%s: try again later",
			    tw_strerror(code));
	else if (!has_room(r))
		http_refuse(r, 429, HTTP_CODE_BUSY, "other large reports are being read: try again "
			    "later");
	else if (code > 0)
		r->is_unfinished = true;
	else
		begin_answer(r);
}
