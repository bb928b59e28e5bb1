/* Figures and vouchers of the fake exchange. Included by fake_exchange.c. */

static struct { struct exchange_report_query q; char kind[32], name[64], account[64], redeemed[128]; } fake_stats;

/* It is read in two turns, and told in slices of what is asked for. */
struct exchange_report { int reads; size_t told; bool is_too_much; };

int exchange_report_new(struct exchange *x, const struct exchange_report_query *q, struct tw_now now,
			struct exchange_report **ret)
{
	(void)x, (void)now;
	fake_stats.q = *q;
	tw_strset(fake_stats.kind, sizeof(fake_stats.kind), q->kind ? q->kind : "");
	tw_strset(fake_stats.name, sizeof(fake_stats.name), q->name ? q->name : "");
	tw_strset(fake_stats.account, sizeof(fake_stats.account), q->account ? q->account : "");
	*ret = tw_zalloc(sizeof(**ret));
	(*ret)->is_too_much = q->name && !strcmp(q->name, "too much");
	return 0;
}

int exchange_report_read(struct exchange *x, struct exchange_report *rep, struct tw_now now)
{
	(void)x, (void)now;
	if (rep->is_too_much)
		return TW_E_RANGE;
	return rep->reads++ == 0;
}

size_t exchange_report_rows(const struct exchange_report *rep)
{
	return strcmp(fake_stats.name, "most") ? rep->reads ? 4 : 2 : EXCHANGE_REPORT_MAX + 1;
}

size_t exchange_report_tell(struct exchange *x, struct exchange_report *rep, size_t n,
			    void (*cb)(void *ctx, const struct report_row *row), void *ctx)
{
	static const struct { const char *name; int64_t customers, conversions; } arms[] = {
		{ "deal/half", 100, 5 }, { "deal/two", 100, 90 }, { "other/a", 5, 1 }, { "other/b", 4, 1 } };
	size_t all = strcmp(fake_stats.name, "many") ? TW_COUNT(arms) : 2500, told = 0;

	(void)x;
	for (; told < n && rep->told < all; told++, rep->told++) {
		struct report_row row = { .account = "acme", .kind = STORE_TOPIC_ARM, .currency = "" };
		size_t i = rep->told % TW_COUNT(arms);

		tw_strset(row.name, sizeof(row.name), arms[i].name);
		row.n[FIGURE_CUSTOMERS] = arms[i].customers;
		row.n[FIGURE_CONVERSIONS] = arms[i].conversions;
		row.n[FIGURE_PROMOTERS] = 3;
		row.n[FIGURE_DETRACTORS] = 1;
		row.n[FIGURE_ANSWERS] = 2;
		row.n[FIGURE_ANSWER_MS] = 3000;
		row.n[REPORT_AMOUNT] = 1250;
		cb(ctx, &row);
	}
	return told;
}

void exchange_report_free(struct exchange_report *rep)
{
	free(rep);
}

const char *report_figure_name(int figure)
{
	static const char *const names[] = {
#define X(name, text) #text,
		STORE_FIGURES(X) REPORT_FIGURES(X)
#undef X
	};

	return names[figure];
}

struct split_verdict split_judge(const struct split_count *arms, size_t n)
{
	(void)n;
	return (struct split_verdict){ 1, arms[1].conversions > 50 ? 1 : -1, 7, 20 };
}

const char *store_topic_name(enum store_topic_kind k)
{
	switch (k) {
#define X(name, text) case name: return text;
	STORE_TOPICS(X)
#undef X
	case STORE_TOPIC_KINDS:
		break;
	}
	return "";
}

int exchange_series(struct exchange *x, const char *account,
		    void (*cb)(void *ctx, const struct exchange_series *s), void *ctx)
{
	(void)x;
	if (!account || !strcmp(account, "acme"))
		cb(ctx, &(struct exchange_series){ .account = "acme", .name = "spring", .is_declared = true,
						   .drawn = 3, .redeemed = 1, .limit = 500 });
	return 1;
}

static const struct exchange_voucher fake_code = {
	.account = "acme", .series = "spring", .code = "WELC-1234", .number = "+447700900100", .drawn_at = { 1 } };

int exchange_vouchers(struct exchange *x, const char *account, const char *series, struct tw_buf *after,
		      int64_t limit, void (*cb)(void *ctx, const struct exchange_voucher *v), void *ctx)
{
	bool is_first = !after->n;

	(void)x, (void)limit;
	tw_buf_clear(after);
	if (strcmp(account, "acme") || (series && strcmp(series, "spring")) || !is_first)
		return 0;
	tw_buf_adds(after, "spring\twelc 1234");
	cb(ctx, &fake_code);
	return 1;
}

int exchange_voucher(struct exchange *x, const char *account, const char *code,
		     void (*cb)(void *ctx, const struct exchange_voucher *v), void *ctx)
{
	(void)x;
	if (strcmp(account, "acme") || strcmp(code, "WELC-1234"))
		return 0;
	cb(ctx, &fake_code);
	return 1;
}

int exchange_voucher_redeem(struct exchange *x, const char *account, const char *series, const char *code,
			    struct tw_now now, const char **ret, struct exchange_refusal *reterr)
{
	(void)x, (void)now;
	if (!strcmp(code, "TWICE") && !series) {
		*reterr = (struct exchange_refusal){ 409, 20409, "series: 2 series have this code, say which" };
		return TW_E_DENIED;
	}
	snprintf(fake_stats.redeemed, sizeof(fake_stats.redeemed), "%s %s %s", account, series ? series : "-", code);
	*ret = "ok";
	return 0;
}

int exchange_pledges(struct exchange *x, const char *account, int64_t before, int64_t limit,
		     void (*cb)(void *ctx, const struct exchange_pledge *p), void *ctx)
{
	(void)x, (void)limit;
	if (before || strcmp(account, "acme"))
		return 0;
	cb(ctx, &(struct exchange_pledge){ .id = 9, .amount = 1250, .account = "acme", .name = "roof",
					   .number = "+447700900100", .at = { 1 } });
	return 1;
}

/* ---- keywords, goals, calendars: acme has some ---------------------------------------------- */

int exchange_keywords(struct exchange *x, const struct exchange_keywords_query *q,
		      void (*cb)(void *ctx, const struct exchange_keyword *k), void *ctx)
{
	static const int64_t figures[REPORT_COUNT] = { [FIGURE_RECEIVED] = 7, [FIGURE_CUSTOMERS] = 5,
						       [FIGURE_CONVERSIONS] = 2 };
	static const char *const names[] = { "HOURS", "OFFER66", "OFFER99" };
	int n = 0;

	(void)x;
	if (q->account && strcmp(q->account, "acme"))
		return 0;
	for (size_t i = 0; i < TW_COUNT(names) && n < q->limit; i++) {
		if (q->after && strcmp(names[i], strchr(q->after, '\t') + 1) <= 0)
			continue;
		cb(ctx, &(struct exchange_keyword){ "acme", names[i], "/etc/shop.conf",
						    (unsigned)i + 1, 1, i ? figures : NULL });
		n++;
	}
	return n;
}

int exchange_goal(struct exchange *x, const char *account, const char *name,
		  struct exchange_goal *ret)
{
	(void)x;
	*ret = (struct exchange_goal){ account, name, true, 3600000, 9, 7, { 5 } };
	return strcmp(account, "acme") || strcmp(name, "bought") ? TW_E_UNKNOWN : 0;
}

int exchange_goals(struct exchange *x, const char *account, const char *after, int64_t limit,
		   void (*cb)(void *ctx, const struct exchange_goal *g), void *ctx)
{
	struct exchange_goal g;

	if (exchange_goal(x, account, "bought", &g) < 0 || (after && strcmp(after, "bought") >= 0) ||
	    !limit)
		return 0;
	cb(ctx, &g);
	return 1;
}

int exchange_goal_touches(struct exchange *x, const char *account, const char *goal,
			  const char *after, int64_t limit,
			  void (*cb)(void *ctx, const struct store_goal_touch *t), void *ctx)
{
	static const struct store_goal_touch touches[] = { { "arm", "deal/two", 3, { 5 } },
							   { "keyword", "OFFER66", 4, { 4 } } };
	int n = 0;

	(void)x, (void)account, (void)goal;
	for (size_t i = after ? 1 : 0; i < TW_COUNT(touches) && n < limit; i++, n++)
		cb(ctx, &touches[i]);
	return n;
}

int exchange_pledge_totals(struct exchange *x, const char *account,
			   struct exchange_report *figures,
			   void (*cb)(void *ctx, const struct exchange_pledge_total *t), void *ctx)
{
	(void)x;
	assert(figures);
	if (!strcmp(account, "acme"))
		cb(ctx, &(struct exchange_pledge_total){ "acme", "roof", "GBP", true, 2, 3250 });
	return 0;
}

bool exchange_calendar_at(struct exchange *x, size_t n, const struct flow_calendar **ret)
{
	static const struct flow_calendar visits = { .name = "visits", .account = "acme", .url = "",
						     .length = 1800000, .place = "Here", .map = "" };

	(void)x;
	*ret = &visits;
	return n == 0;
}
