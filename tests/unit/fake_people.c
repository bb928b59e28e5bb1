/* Tickets and conversations of the fake exchange: acme has #1, and talks with +447700900100. Included by
 * fake_exchange.c. */

void ticket_done(struct ticket *t)
{
	free(t->account);
	free(t->number);
	free(t->queue);
	free(t->about);
	for (size_t i = 0; i < t->n_events; i++) {
		free(t->events[i].kind);
		free(t->events[i].who);
		free(t->events[i].text);
	}
	free(t->events);
	*t = (struct ticket){ .id = 0 };
}

static void fake_ticket(struct ticket *t)
{
	*t = (struct ticket){ .id = 1, .tag = 1, .state = STORE_TICKET_TOLD, .account = tw_strdup("acme"),
			      .number = tw_strdup("+447700900100"), .queue = tw_strdup("plumbing"),
			      .about = tw_strdup("a secret"), .opened_at = { INT64_C(1767603600000) } };
}

int exchange_tickets(struct exchange *x, struct exchange_tickets_query *q, bool *ret_is_over,
		     void (*cb)(void *ctx, struct ticket *t), void *ctx)
{
	struct ticket t;

	(void)x;
	*ret_is_over = true;
	if ((q->account && strcmp(q->account, "acme")) || !q->limit)
		return 0;
	fake_ticket(&t);
	cb(ctx, &t);
	return 1;
}

int exchange_ticket(struct exchange *x, const char *account, int64_t tag, struct ticket *ret)
{
	(void)x;
	if (strcmp(account, "acme") || tag != 1)
		return TW_E_UNKNOWN;
	fake_ticket(ret);
	ret->events = tw_zalloc(sizeof(*ret->events));
	ret->n_events = 1;
	ret->events[0] = (struct ticket_event){ { INT64_C(1767603600000) }, tw_strdup("opened"), tw_strdup(""),
						tw_strdup("a secret") };
	return 0;
}

int exchange_ticket_act(struct exchange *x, const char *account, int64_t tag, enum exchange_ticket_act act,
			const char *text, const char *who, struct tw_now now, struct exchange_refusal *reterr)
{
	(void)now;
	*reterr = (struct exchange_refusal){ 404, 20404, "no such ticket" };
	if (strcmp(account, "acme") || tag != 1)
		return TW_E_DENIED;
	snprintf(x->erased, sizeof(x->erased), "%d %s by %s", (int)act, text, who);
	return 0;
}

void conversation_done(struct conversation *c)
{
	free(c->account);
	free(c->number);
	free(c->text);
	free(c->person);
	*c = (struct conversation){ .last = 0 };
}

static void fake_conversation(struct conversation *c)
{
	*c = (struct conversation){ .last = 1, .account = tw_strdup("acme"), .number = tw_strdup("+447700900100"),
				    .text = tw_strdup("a secret"), .person = tw_strdup("anna"),
				    .person_kind = STORE_PERSON_TAKEN, .at = { INT64_C(1767603600000) } };
}

int exchange_conversations(struct exchange *x, const char *account, int64_t *before, int64_t limit,
			   bool *ret_is_over, void (*cb)(void *ctx, struct conversation *c), void *ctx)
{
	struct conversation c;

	(void)x;
	*ret_is_over = true;
	*before = 1;
	if ((account && strcmp(account, "acme")) || !limit)
		return 0;
	fake_conversation(&c);
	cb(ctx, &c);
	return 1;
}

int exchange_conversation(struct exchange *x, const char *account, const char *number,
			  struct conversation *ret)
{
	(void)x;
	if (strcmp(account, "acme") || strcmp(number, "+447700900100"))
		return TW_E_UNKNOWN;
	fake_conversation(ret);
	return 0;
}

int exchange_conversation_take(struct exchange *x, const char *account, const char *number, bool takes,
			       const char *who, struct tw_now now, struct exchange_refusal *reterr)
{
	(void)now;
	*reterr = (struct exchange_refusal){ 404, 20404, "no such contact" };
	if (strcmp(account, "acme") || strcmp(number, "+447700900100"))
		return TW_E_DENIED;
	snprintf(x->erased, sizeof(x->erased), "%s by %s", takes ? "taken" : "handed back", who);
	return 0;
}

int exchange_conversation_say(struct exchange *x, const char *account, const char *number,
			      const char *text, struct tw_now now, struct message *ret,
			      struct exchange_refusal *reterr)
{
	(void)x, (void)account, (void)number, (void)text, (void)now, (void)ret;
	*reterr = (struct exchange_refusal){ 409, 20409, "take the conversation over first" };
	return TW_E_DENIED;
}
