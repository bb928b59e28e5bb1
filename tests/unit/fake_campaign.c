/* Campaigns of the fake exchange: one draft of acme, "may", as the last order made it. Included by
 * fake_exchange.c. */

static struct { char order[512]; int made; enum campaign_verb verb; bool was_told; int looks; } fake_campaigns;

static void fake_campaign(struct campaign *c, struct tw_now now)
{
	*c = (struct campaign){ .id = 3, .account = tw_strdup("acme"), .name = tw_strdup("may"),
				.list = tw_strdup("offers"), .created_at = now.wall, .queued = 2,
				.n_arms = 2, .verdict = { 1, -1, 2.5, 20 } };
	c->arms[0] = (struct campaign_arm){ tw_strdup("a"), tw_strdup("Half price"), 1, { 0 } };
	c->arms[1] = (struct campaign_arm){ tw_strdup("b"), tw_strdup("2 for 1"), 1, { 0 } };
	c->arms[1].n[FIGURE_SENT] = 2;
}

int exchange_campaign_make(struct exchange *x, const struct exchange_campaign_order *o, struct tw_now now,
			   struct campaign *ret, struct exchange_refusal *reterr)
{
	size_t n = 0;

	(void)x;
	if (!o->name || !strcmp(o->name, "taken")) {
		*reterr = (struct exchange_refusal){ 409, 20409, "name: there is a campaign taken already" };
		return TW_E_DENIED;
	}
	n += (size_t)snprintf(fake_campaigns.order, sizeof(fake_campaigns.order), "%s %s %s when=%s pace=%lld",
			      o->account, o->name, o->list, o->when ? o->when : "", (long long)o->pace);
	for (size_t i = 0; i < o->n_arms; i++)
		n += (size_t)snprintf(fake_campaigns.order + n, sizeof(fake_campaigns.order) - n, " %s:%lld:%s",
				      o->arms[i].name ? o->arms[i].name : "", (long long)o->arms[i].weight,
				      o->arms[i].text);
	fake_campaign(ret, now);
	return 0;
}

int exchange_campaign(struct exchange *x, const char *account, const char *name, struct tw_now now,
		      struct campaign *ret)
{
	(void)x;
	if (strcmp(account, "acme") || strcmp(name, "may"))
		return TW_E_UNKNOWN;
	fake_campaign(ret, now);
	return 0;
}

int exchange_campaigns(struct exchange *x, const char *account, int64_t after, int64_t limit,
		       struct tw_now now, void (*cb)(void *ctx, struct campaign *c), void *ctx)
{
	struct campaign c;

	(void)x;
	if ((account && strcmp(account, "acme")) || after >= 3 || !limit)
		return 0;
	fake_campaign(&c, now);
	cb(ctx, &c);
	return 1;
}

void campaign_done(struct campaign *c)
{
	free(c->account);
	free(c->name);
	free(c->list);
	for (size_t i = 0; i < c->n_arms; i++) {
		free(c->arms[i].name);
		free(c->arms[i].text);
	}
}

int exchange_campaign_do(struct exchange *x, const char *account, const char *name,
			 enum campaign_verb verb, struct tw_now now, struct exchange_refusal *reterr)
{
	(void)x, (void)now;
	if (strcmp(account, "acme") || strcmp(name, "may")) {
		*reterr = (struct exchange_refusal){ 404, 20404, "no campaign" };
		return TW_E_DENIED;
	}
	fake_campaigns.verb = verb;
	fake_campaigns.was_told = true;
	return 0;
}

/* In three slices. */
int exchange_campaign_preview(struct exchange *x, const char *account, const char *name, struct tw_now now,
			      struct campaign_preview *p, struct exchange_refusal *reterr)
{
	(void)x, (void)now;
	if (strcmp(account, "acme") || strcmp(name, "may")) {
		*reterr = (struct exchange_refusal){ 404, 20404, "no campaign" };
		return TW_E_DENIED;
	}
	p->contacts += 10;
	fake_campaigns.looks++;
	p->is_over = p->contacts == 30;
	if (!p->n_samples) {
		p->samples[p->n_samples++] = (struct campaign_sample){ .number = "+447700900100", .segments = 1,
								       .text = tw_strdup("Half price") };
	}
	return 0;
}

void campaign_preview_done(struct campaign_preview *p)
{
	for (size_t i = 0; i < p->n_samples; i++)
		free(p->samples[i].text);
}

const char *store_campaign_state_name(enum store_campaign_state s)
{
	static const char *const names[CAMPAIGN_STATE_COUNT] = {
#define X(name, text) [name] = text,
		STORE_CAMPAIGN_STATES(X)
#undef X
	};

	return names[s];
}

bool store_campaign_is_over(enum store_campaign_state s)
{
	return s == CAMPAIGN_DONE || s == CAMPAIGN_CANCELED;
}

const char *store_figure_name(enum store_figure f)
{
	switch (f) {
#define X(name, column) case name: return #column;
	STORE_FIGURES(X)
#undef X
	case FIGURE_COUNT:
		break;
	}
	return "";
}
