/* An exchange, a bank and a store for tests of src/http: what they are told is kept, what they answer
 * is set by the test. Included by the test's file. */
#include <twoway/exchange.h>

#include <assert.h>
#include <stdio.h>

#define HTTP_FAKE_NEWS 20000
struct exchange {
	void (*guest)(void *ctx, struct tw_now now);
	void *guest_ctx;
	exchange_watch_cb *watch;
	void *watch_ctx;
	struct message messages[64];
	size_t n_messages;
	struct exchange_post last_post;	/* texts copied below */
	char last_to[64], last_text[256], last_account[64], last_key[64];
	struct exchange_refusal refusal;	/* status 0: posts are taken */
	int posts, accepted;
	char erased[128], imported[256], tagged[128];
	int bookings;
	int imports;
	size_t rows;
	bool last_smart;
	char last_pool[64], last_from[64];
	struct wall_ms last_send_at;
	int64_t last_valid_for;
	char last_callback[256];
	struct settings_pool *pools;	/* of the configuration; set by the test */
	size_t n_pools;
	struct store_pool own[4];	/* of acme */
	struct tw_strings own_numbers[4];
	size_t n_own;
	struct store_number number;	/* of acme's one number */
	struct { int64_t id; char kind[40], about[64]; struct wall_ms at; } news[HTTP_FAKE_NEWS];
	size_t n_news;
	int64_t first_news;		/* those before it were pruned */
	int news_wanted;
	bool is_answering;
	struct { enum job_kind kind; enum job_state state; char text[64], answer[64], who[64]; bool forced;
		 size_t n_answers; int started; } job;	/* the one job, id 1; state set by the test */
};
struct store {
	bool is_dirty, is_void, fails;	/* fails: the next commit */
	struct { store_staged_cb *cb; void *ctx; uint64_t a, b; } staged[64];
	size_t n_staged;
	int commits;
	char setting[64], setting_value[64], audited[256];
	struct store_token tokens[16];
	size_t n_tokens;
	struct { char login[64], key[64], answer[1024]; struct store_replay row; } replays[8];
	size_t n_replays;
};
struct bank {
	struct modem_facts facts;
	enum modem_state state;
};

static struct exchange fake_x;
static struct store fake_store;
static struct bank fake_bank;

static void fake_copy(struct message *to, const struct message *m)
{
	*to = *m;
	to->account = tw_strdup(m->account);
	to->from = tw_strdup(m->from);
	to->to = tw_strdup(m->to);
	to->text = tw_strdup(m->text);
	to->data = tw_strdup(m->data);
	to->key = tw_strdup(m->key);
	to->pool = tw_strdup(m->pool);
	to->sim = tw_strdup(m->sim);
	to->error_cause = to->error_text = to->modem = to->keyword = NULL;
}

static struct message *fake_add(const char *account, const char *to, const char *text)
{
	struct message *m = &fake_x.messages[fake_x.n_messages++];

	assert(fake_x.n_messages <= 64);
	*m = (struct message){ .direction = OUTBOUND, .state = MESSAGE_QUEUED, .segments = 1 };
	snprintf(m->id, sizeof(m->id), "SM%032zx", fake_x.n_messages);
	m->account = tw_strdup(account);
	m->to = tw_strdup(to);
	m->text = tw_strdup(text);
	m->created_at.ms = 1777885200000;
	return m;
}

void store_pool_done(struct store_pool *p)
{
	free(p->friendly);
	free(p->url);
	free(p->fallback);
	free(p->callback);
	free(p->usecase);
}

void store_number_done(struct store_number *n)
{
	free(n->name);
	free(n->url);
	free(n->fallback);
	*n = (struct store_number){ 0 };
}

static __attribute__((unused)) void fake_reset(void)
{
	for (size_t i = 0; i < fake_x.n_messages; i++)
		message_done(&fake_x.messages[i]);
	for (size_t i = 0; i < fake_x.n_own; i++) {
		store_pool_done(&fake_x.own[i]);
		tw_strings_done(&fake_x.own_numbers[i]);
	}
	store_number_done(&fake_x.number);
	memset(&fake_x, 0, sizeof(fake_x));
	memset(&fake_store, 0, sizeof(fake_store));
	memset(&fake_bank, 0, sizeof(fake_bank));
	fake_bank.state = MODEM_READY;
	tw_strset(fake_bank.facts.iccid, ICCID_MAX, "8944100000000000001");
	tw_strset(fake_bank.facts.imsi, IMSI_MAX, "234101234567890");
}

void message_done(struct message *m)
{
	free(m->account);
	free(m->from);
	free(m->to);
	free(m->text);
	free(m->data);
	free(m->key);
	free(m->error_cause);
	free(m->error_text);
	free(m->sim);
	free(m->modem);
	free(m->keyword);
	free(m->pool);
}

int exchange_post(struct exchange *x, const struct exchange_post *p, struct tw_now now,
		  struct message *ret, bool *ret_repeated, struct exchange_refusal *reterr)
{
	(void)now;
	x->posts++;
	x->last_post = *p;
	x->last_smart = p->smart;
	x->last_send_at = p->send_at;
	x->last_valid_for = p->valid_for;
	tw_strset(x->last_pool, sizeof(x->last_pool), p->pool ? p->pool : "");
	tw_strset(x->last_from, sizeof(x->last_from), p->from ? p->from : "");
	tw_strset(x->last_callback, sizeof(x->last_callback), p->callback ? p->callback : "");
	tw_strset(x->last_to, sizeof(x->last_to), p->to);
	tw_strset(x->last_text, sizeof(x->last_text), p->text);
	tw_strset(x->last_account, sizeof(x->last_account), p->account ? p->account : "");
	tw_strset(x->last_key, sizeof(x->last_key), p->idempotency_key ? p->idempotency_key : "");
	if (x->refusal.status) {
		*reterr = x->refusal;
		return TW_E_DENIED;
	}
	if (p->idempotency_key && x->n_messages) {
		fake_copy(ret, &x->messages[0]);
		*ret_repeated = true;
		return 0;
	}
	fake_copy(ret, fake_add(p->account ? p->account : "acme", p->to, p->text));
	fake_store.is_dirty = true;
	return 0;
}

static struct message *fake_find(struct exchange *x, const char *id)
{
	for (size_t i = 0; i < x->n_messages; i++) {
		if (!strcmp(x->messages[i].id, id))
			return &x->messages[i];
	}
	return NULL;
}

int exchange_standing(struct exchange *x, void (*cb)(void *ctx, const struct exchange_standing *v),
		      void *ctx)
{
	static const uint8_t id[32] = { 0xAB };
	const struct exchange_standing v = { .version = id, .file = "shop.conf", .account = "acme",
					     .text = "x = 1;", .text_n = 6, .step = 2, .conversations = 3 };

	(void)x;
	cb(ctx, &v);
	return 0;
}

int exchange_message(struct exchange *x, const char *id, struct message *ret)
{
	struct message *m = fake_find(x, id);

	if (!m)
		return TW_E_UNKNOWN;
	fake_copy(ret, m);
	return 0;
}

int exchange_cancel(struct exchange *x, const char *id, struct tw_now now, struct message *ret)
{
	struct message *m = fake_find(x, id);

	(void)now;
	if (!m)
		return TW_E_UNKNOWN;
	if (m->state != MESSAGE_QUEUED)
		return TW_E_STATE;
	m->state = MESSAGE_CANCELED;
	fake_store.is_dirty = true;
	fake_copy(ret, m);
	return 0;
}

int exchange_messages(struct exchange *x, const struct exchange_query *q,
		      void (*cb)(void *ctx, struct message *m), void *ctx)
{
	size_t i = x->n_messages;
	int n = 0;

	if (q->before) {
		struct message *m = fake_find(x, q->before);

		if (!m)
			return TW_E_UNKNOWN;
		i = (size_t)(m - x->messages);
	}
	while (i-- > 0 && n < q->limit) {
		struct message *m = &x->messages[i], copy;

		if ((q->account && strcmp(q->account, m->account)) ||
		    (q->with && strcmp(q->with, m->to)) ||
		    (q->state >= 0 && q->state != (int)m->state) ||
		    (q->direction >= 0 && q->direction != (int)m->direction))
			continue;
		fake_copy(&copy, m);
		cb(ctx, &copy);
		n++;
	}
	return n;
}

/* Two rows a call, whatever is asked. */
int exchange_search(struct exchange *x, struct exchange_search *s,
		    void (*cb)(void *ctx, struct message *m), void *ctx)
{
	struct message *at = s->position[0] ? fake_find(x, s->position) : NULL, copy;
	int64_t i = at ? at - x->messages : s->is_newer ? -1 : (int64_t)x->n_messages;
	int told = 0;

	if (s->position[0] && !at)
		return TW_E_UNKNOWN;
	for (int looked = 0; looked < 2 && told < s->limit; looked++) {
		i += s->is_newer ? 1 : -1;
		s->is_over = i < 0 || i >= (int64_t)x->n_messages;
		if (s->is_over)
			break;
		tw_strset(s->position, sizeof(s->position), x->messages[i].id);
		if (strcmp(x->messages[i].account, s->account) ||
		    (s->to && strcmp(s->to, x->messages[i].to)) ||
		    (s->sent_from.ms && x->messages[i].sent_at.ms < s->sent_from.ms) ||
		    (s->sent_until.ms && x->messages[i].sent_at.ms > s->sent_until.ms))
			continue;
		fake_copy(&copy, &x->messages[i]);
		cb(ctx, &copy);
		told++;
	}
	return told;
}

int exchange_redact(struct exchange *x, const char *id, struct tw_now now, struct message *ret)
{
	struct message *m = fake_find(x, id);

	(void)now;
	if (m->state == MESSAGE_QUEUED)
		return TW_E_STATE;
	free(m->text);
	m->text = NULL;
	fake_copy(ret, m);
	return 0;
}

int exchange_delete(struct exchange *x, const char *id, struct tw_now now)
{
	struct message *m = fake_find(x, id);

	(void)now;
	if (m->state == MESSAGE_QUEUED)
		return TW_E_STATE;
	tw_strset(m->id, sizeof(m->id), "gone");
	return 0;
}

void exchange_status(struct exchange *x, struct tw_now now, struct exchange_status *ret)
{
	(void)x;
	(void)now;
	*ret = (struct exchange_status){ .uptime_s = 77, .modems = 2, .modems_ready = 1,
		.queue = { 1, 2, 3 }, .scheduled = 4, .in_doubt = 5, .database = "ok" };
	tw_strings_add(&ret->troubles, "a \"trouble\"");
}

void exchange_status_done(struct exchange_status *s)
{
	tw_strings_done(&s->troubles);
}

bool exchange_is_answering(struct exchange *x, struct tw_now now)
{
	(void)now;
	return x->is_answering;
}

int exchange_gauges(struct exchange *x, struct exchange_gauges *ret)
{
	static const char *const kinds[HOOK_KINDS] = { "webhook", "webhook_get", "event", "step",
						       "lookup", "mail", "program" };

	(void)x;
	*ret = (struct exchange_gauges){ .tickets = 7, .late_tickets = 2, .talks = { 11, 12, 13 },
		.people = 3, .campaigns = { [CAMPAIGN_SENDING] = 1 }, .paused_campaigns = 1,
		.campaign_messages = 500 };
	for (int i = 0; i < HOOK_KINDS; i++)
		ret->hooks[i].kind = kinds[i];
	ret->hooks[HOOK_EVENT].tries = 9;
	ret->hooks[HOOK_EVENT].failures = 4;
	ret->hooks[HOOK_EVENT].waiting = 3;
	ret->hooks[HOOK_EVENT].dead = 1;
	return 0;
}

int exchange_why(struct exchange *x, const char *id, struct tw_now now, struct why *ret)
{
	(void)now;
	*ret = (struct why){ .text = "it waits" };
	return exchange_message(x, id, &ret->message);
}

void why_done(struct why *w)
{
	message_done(&w->message);
}

const char *why_outcome_name(int outcome)
{
	return outcome == STORE_NOT_SENT ? "not_sent" : "flying";
}

void exchange_modem_totals(struct exchange *x, const char *iccid, struct exchange_modem_totals *ret)
{
	(void)x;
	(void)iccid;
	*ret = (struct exchange_modem_totals){ .sent = 10, .received = 20, .failed = 30, .queued = 40 };
}

int exchange_modem_pause(struct exchange *x, const char *called, bool paused, struct tw_now now)
{
	struct bank_modem m;

	(void)x;
	if (!bank_find(&fake_bank, called, &m))
		return TW_E_UNKNOWN;
	bank_pause(&fake_bank, m.handle, paused, now);
	return 0;
}

int exchange_modem_accept(struct exchange *x, const char *called, struct tw_now now)
{
	(void)called;
	(void)now;
	if (fake_bank.state != MODEM_STRANGER)
		return TW_E_STATE;
	fake_bank.state = MODEM_READY;
	x->accepted++;
	fake_store.is_dirty = true;
	return 0;
}

int exchange_job_start(struct exchange *x, const struct exchange_order *o, struct tw_now now,
		       int64_t *ret_id, struct exchange_refusal *reterr)
{
	(void)now;
	if (x->refusal.status) {
		*reterr = x->refusal;
		return TW_E_DENIED;
	}
	x->job.started++;
	x->job.kind = o->kind;
	x->job.forced = o->forced;
	x->job.n_answers = o->n_answers;
	tw_strset(x->job.text, sizeof(x->job.text), o->text);
	tw_strset(x->job.who, sizeof(x->job.who), o->who);
	fake_store.is_dirty = true;
	*ret_id = 1;
	return 0;
}

int exchange_modem_learn(struct exchange *x, const char *called, struct tw_now now,
			 struct exchange_refusal *reterr)
{
	(void)called, (void)now;
	*reterr = x->refusal;
	return x->refusal.status ? TW_E_STATE : 0;
}

int exchange_balance_ask(struct exchange *x, const char *modem, const char *who, struct tw_now now,
			 int64_t *ret_id, struct exchange_refusal *reterr)
{
	return exchange_job_start(x, &(struct exchange_order){ .kind = JOB_USSD, .modem = modem,
				  .text = "*100#", .who = who }, now, ret_id, reterr);
}

int exchange_job_answer(struct exchange *x, int64_t id, const char *text, struct tw_now now,
			struct exchange_refusal *reterr)
{
	(void)now;
	if (id != 1 || x->job.state != JOB_ASKING) {
		*reterr = (struct exchange_refusal){ 409, 20409, "it does not ask" };
		return TW_E_STATE;
	}
	tw_strset(x->job.answer, sizeof(x->job.answer), text);
	x->job.state = JOB_DONE;
	fake_store.is_dirty = true;
	return 0;
}

int exchange_job_cancel(struct exchange *x, int64_t id, struct tw_now now)
{
	(void)now;
	if (id != 1)
		return TW_E_UNKNOWN;
	if (x->job.state >= JOB_DONE)
		return TW_E_STATE;
	x->job.state = JOB_FAILED;
	return 0;
}

int exchange_job(struct exchange *x, int64_t id, struct exchange_job *ret)
{
	if (id != 1)
		return TW_E_UNKNOWN;
	*ret = (struct exchange_job){ .id = 1, .kind = x->job.kind, .state = x->job.state,
		.modem = tw_strdup("till"), .who = tw_strdup(x->job.who), .n_steps = 1,
		.steps = tw_zalloc(sizeof(*ret->steps)), .created_at = { 1 } };
	ret->steps[0].sent = tw_strdup(x->job.text);
	if (x->job.state >= JOB_ASKING) {
		ret->steps[0].got = tw_strdup("5.00");
		ret->steps[0].at.ms = 2;
	}
	return 0;
}

void exchange_job_done(struct exchange_job *j)
{
	for (size_t i = 0; i < j->n_steps; i++) {
		free(j->steps[i].sent);
		free(j->steps[i].got);
	}
	free(j->steps);
	free(j->modem);
	free(j->who);
}

int exchange_audit(struct exchange *x, int64_t before, struct store_audit *ret)
{
	(void)x;
	if (before)
		return TW_E_UNKNOWN;
	*ret = (struct store_audit){ .id = 7, .job = 1, .at = { 3 }, .who = tw_strdup("root"),
		.action = tw_strdup("at"), .about = tw_strdup("till"), .text = tw_strdup("AT+CSQ"),
		.outcome = tw_strdup("given") };
	return 0;
}

void store_audit_done(struct store_audit *a)
{
	free(a->who);
	free(a->action);
	free(a->about);
	free(a->text);
	free(a->outcome);
}

/* A backup of some slices; the file is a few octets. */
struct store_backup { int slices; };
static struct store_backup fake_backup;
static int fake_backups_open;

int store_backup_begin(struct store *s, const char *path, struct store_backup **ret)
{
	FILE *f = fopen(path, "wx");

	if (!f || s->is_void)
		return TW_E_DB;
	fputs("a database", f);
	fclose(f);
	fake_backup.slices = 5;
	fake_backups_open++;
	*ret = &fake_backup;
	return 0;
}

int store_backup_step(struct store_backup *b, int64_t ms)
{
	(void)ms;
	return b->slices == -1 ? TW_E_DB_FULL : --b->slices == 0;
}

void store_backup_end(struct store_backup *b)
{
	fake_backups_open -= b != NULL;
}

/* ---- pools, numbers, news ------------------------------------------------------------------ */

bool exchange_pool_each(struct exchange *x, const char *account, size_t *cursor, struct exchange_pool *ret)
{
	size_t i = (*cursor)++;

	if (i < x->n_pools) {
		*ret = (struct exchange_pool){ .name = x->pools[i].name, .numbers = &x->pools[i].numbers };
		return true;
	}
	i -= x->n_pools;
	if (i >= x->n_own || strcmp(account, "acme"))
		return false;
	*ret = (struct exchange_pool){ .name = x->own[i].name, .own = &x->own[i],
				       .numbers = &x->own_numbers[i] };
	return true;
}

static size_t fake_own(const struct exchange *x, const char *name)
{
	size_t i;

	for (i = 0; i < x->n_own && strcmp(x->own[i].name, name); i++)
		;
	return i;
}

int exchange_pool_put(struct exchange *x, const char *account, struct store_pool *p, struct tw_now now)
{
	size_t i = p->id ? (size_t)p->id - 1 : x->n_own;

	(void)account;
	if (i == TW_COUNT(x->own))
		return TW_E_NOSPACE;
	if (!p->id) {
		p->id = (int64_t)i + 1;
		p->created_at = now.wall;
		tw_strset(p->name, sizeof(p->name), p->friendly);
		x->n_own++;
	} else {
		store_pool_done(&x->own[i]);
	}
	p->changed_at = now.wall;
	x->own[i] = *p;
	x->own[i].friendly = tw_strdup(p->friendly);
	x->own[i].url = tw_strdup(p->url);
	x->own[i].fallback = tw_strdup(p->fallback);
	x->own[i].callback = tw_strdup(p->callback);
	x->own[i].usecase = tw_strdup(p->usecase);
	fake_store.is_dirty = true;
	return 0;
}

int exchange_pool_drop(struct exchange *x, const char *account, const char *name, struct tw_now now)
{
	size_t i = fake_own(x, name);

	(void)account, (void)now;
	if (i == x->n_own)
		return TW_E_UNKNOWN;
	store_pool_done(&x->own[i]);
	tw_strings_done(&x->own_numbers[i]);
	x->n_own--;
	x->own[i] = x->own[x->n_own];
	x->own_numbers[i] = x->own_numbers[x->n_own];
	memset(&x->own_numbers[x->n_own], 0, sizeof(x->own_numbers[0]));
	return 0;
}

int exchange_pool_number(struct exchange *x, const char *account, const char *name, const char *number,
			 bool is_in, struct tw_now now)
{
	size_t i = fake_own(x, name);

	(void)account, (void)now;
	if (is_in)
		tw_strings_add(&x->own_numbers[i], number);
	else
		tw_strings_done(&x->own_numbers[i]);
	return 0;
}

int exchange_number(struct exchange *x, const char *account, const char *number, struct store_number *ret)
{
	(void)number;
	*ret = (struct store_number){ 0 };
	if (strcmp(account, "acme"))
		return 0;
	*ret = x->number;
	ret->name = tw_strdup(ret->name);
	ret->url = tw_strdup(ret->url);
	ret->fallback = tw_strdup(ret->fallback);
	return 0;
}

int exchange_number_put(struct exchange *x, const char *account, const char *number, struct store_number *n,
			struct tw_now now)
{
	(void)account, (void)number;
	store_number_done(&x->number);
	n->changed_at = now.wall;
	x->number = *n;
	x->number.name = tw_strdup(n->name);
	x->number.url = tw_strdup(n->url);
	x->number.fallback = tw_strdup(n->fallback);
	fake_store.is_dirty = true;
	return 0;
}

const char *store_identity(const struct store *s)
{
	(void)s;
	return "fake";
}

/* ---- appointments: acme has one ------------------------------------------------------------- */

void appointment_done(struct appointment *a)
{
	free(a->account);
	free(a->calendar);
	free(a->number);
	*a = (struct appointment){ .id = 0 };
}

const char *appointment_state_name(enum store_booking_state state)
{
	return state == STORE_CANCELED ? "canceled" : state == STORE_CONFIRMED ? "confirmed" : "booked";
}

static struct appointment fake_appointment(void)
{
	return (struct appointment){ .id = 17, .account = tw_strdup("acme"),
				     .calendar = tw_strdup("visits"),
				     .number = tw_strdup("a secret number"), .starts_at = { 5000 },
				     .ends_at = { 6000 } };
}

int exchange_appointments(struct exchange *x, const struct exchange_appointments_query *q,
			  void (*cb)(void *ctx, struct appointment *a), void *ctx)
{
	struct appointment a = fake_appointment();

	(void)x;
	if ((q->account && strcmp(q->account, "acme")) || (q->from.ms == 5000 && q->after == 17)) {
		appointment_done(&a);
		return 0;
	}
	cb(ctx, &a);
	return 1;
}

int exchange_appointment(struct exchange *x, const char *account, int64_t id, struct appointment *ret)
{
	(void)x;
	if (id != 17 || (account && strcmp(account, "acme")))
		return TW_E_UNKNOWN;
	*ret = fake_appointment();
	return 0;
}

int exchange_appointment_of_code(struct exchange *x, const char *code, struct appointment *ret)
{
	return strcmp(code, "AP17") ? TW_E_UNKNOWN : exchange_appointment(x, NULL, 17, ret);
}

void appointment_ics(const struct appointment *a, const char *identity, struct tw_buf *out)
{
	tw_buf_addf(out, "BEGIN:VCALENDAR %s %s", a->calendar, identity);
}

/* 5000 is taken by acme's own, 6000 by somebody else. */
int exchange_appointment_book(struct exchange *x, const struct exchange_booking *b, struct tw_now now,
			      struct appointment *ret, bool *ret_repeated,
			      struct exchange_refusal *reterr)
{
	(void)now;
	x->bookings++;
	*ret_repeated = b->starts_at.ms == 5000;
	if (b->starts_at.ms == 6000) {
		*reterr = (struct exchange_refusal){ 409, 20409, "starts_at: somebody has this time already" };
		return TW_E_DENIED;
	}
	*ret = fake_appointment();
	return 0;
}

int exchange_appointment_move(struct exchange *x, const char *account, int64_t id, struct wall_ms to,
			      bool is_told, struct tw_now now, struct appointment *ret,
			      struct exchange_refusal *e)
{
	(void)x, (void)now, (void)account, (void)id;
	if (to.ms % 3600000) {
		*e = (struct exchange_refusal){ 422, 20001, "starts_at: no appointment of this calendar "
						"begins then" };
		return TW_E_DENIED;
	}
	*ret = fake_appointment();
	ret->changes = is_told;
	ret->starts_at = to;
	return 0;
}

int exchange_appointment_cancel(struct exchange *x, const char *account, int64_t id, struct tw_now now,
				struct appointment *ret)
{
	(void)now;
	int r = exchange_appointment(x, account, id, ret);

	if (r == 0)
		ret->state = STORE_CANCELED;
	return r;
}

int exchange_free_times(struct exchange *x, const char *account, const char *calendar,
			struct wall_ms after, struct wall_ms *out, size_t cap, size_t *ret_n)
{
	(void)x, (void)account, (void)after, (void)cap;
	out[0].ms = 7000;
	*ret_n = 1;
	return strcmp(calendar, "visits") ? TW_E_UNKNOWN : 0;
}

static __attribute__((unused)) void fake_news(const char *kind, const char *about)
{
	size_t i = fake_x.n_news++;

	assert(i < HTTP_FAKE_NEWS);
	fake_x.news[i].id = (int64_t)i + 1;
	fake_x.news[i].at.ms = 1777885200000;
	tw_strset(fake_x.news[i].kind, sizeof(fake_x.news[i].kind), kind);
	tw_strset(fake_x.news[i].about, sizeof(fake_x.news[i].about), about);
}

int exchange_news(struct exchange *x, int64_t after, struct exchange_news *ret)
{
	size_t i = (size_t)(after < x->first_news ? x->first_news : after);

	if (i >= x->n_news)
		return TW_E_UNKNOWN;
	*ret = (struct exchange_news){ .id = x->news[i].id, .at = x->news[i].at,
		.about = tw_strdup(x->news[i].about),
		.is_message = !strncmp(x->news[i].kind, "message.", 8) };
	tw_strset(ret->kind, sizeof(ret->kind), x->news[i].kind);
	return 0;
}

void exchange_news_done(struct exchange_news *n)
{
	free(n->about);
	free(n->account);
}

int exchange_news_ends(struct exchange *x, int64_t *ret_first, int64_t *ret_last)
{
	*ret_first = x->n_news ? x->first_news + 1 : 0;
	*ret_last = (int64_t)x->n_news;
	return 0;
}

void exchange_news_wanted(struct exchange *x, struct tw_now now)
{
	(void)now;
	x->news_wanted++;
}

/* ---- contacts: one is known, and its two rows of consent ----------------------------------- */

void contact_done(struct contact *c)
{
	free(c->account);
	free(c->number);
}

int exchange_contacts(struct exchange *x, const struct exchange_contacts_query *q,
		      void (*cb)(void *ctx, struct contact *c), void *ctx)
{
	struct contact c = { .id = 7, .account = tw_strdup("acme"), .number = tw_strdup("+447700900100") };

	(void)x;
	if ((q->list && strcmp(q->list, "offers")) || q->after >= 7 || !q->limit ||
	    (q->account && strcmp(q->account, "acme")) || (q->with && strcmp(q->with, c.number))) {
		contact_done(&c);
		return q->list && strcmp(q->list, "offers") ? TW_E_UNKNOWN : 0;
	}
	cb(ctx, &c);
	return 1;
}

int exchange_contact(struct exchange *x, const char *account, const char *number, struct contact *ret)
{
	(void)x;
	if (strcmp(account, "acme") || strcmp(number, "+447700900100"))
		return TW_E_UNKNOWN;
	*ret = (struct contact){ .id = 7, .account = tw_strdup("acme"), .number = tw_strdup(number) };
	return 0;
}

int exchange_contact_put(struct exchange *x, const char *account, const char *number,
			 const struct exchange_contact_facts *f, struct tw_now now,
			 struct contact *ret, bool *ret_is_new, struct exchange_refusal *reterr)
{
	(void)now;
	*reterr = x->refusal;
	if (x->refusal.status)
		return TW_E_DENIED;
	snprintf(x->imported, sizeof(x->imported), "%s %s: %s %s %s %s %zu %s=%s", account, number,
		 f->name ? f->name : "-", f->language ? f->language : "-", f->zone ? f->zone : "-",
		 f->owner ? f->owner : "-", f->n_fields, f->n_fields ? f->fields[0].name : "",
		 f->n_fields ? f->fields[0].value : "");
	for (size_t i = 0; i < f->n_tags + f->n_untags; i++)
		snprintf(x->tagged + strlen(x->tagged), sizeof(x->tagged) - strlen(x->tagged), "%s%c%s",
			 i ? " " : "", i < f->n_tags ? '+' : '-',
			 i < f->n_tags ? f->tags[i] : f->untags[i - f->n_tags]);
	*ret_is_new = strcmp(number, "+447700900100");
	*ret = (struct contact){ .account = tw_strdup(account), .number = tw_strdup(number) };
	return 0;
}

int exchange_contact_leave(struct exchange *x, const char *account, const char *number, const char *list,
			   const char *source, struct tw_now now, struct exchange_refusal *reterr)
{
	(void)now;
	*reterr = x->refusal;
	if (x->refusal.status)
		return TW_E_DENIED;
	snprintf(x->erased, sizeof(x->erased), "%s %s %s %s", account, number, list ? list : "-", source);
	return 0;
}

int exchange_list_next(struct exchange *x, const char *account, const char *after,
		       struct exchange_list *ret)
{
	(void)x;
	if (strcmp(account, "acme") || *after)
		return TW_E_UNKNOWN;
	*ret = (struct exchange_list){ .name = "offers", .is_declared = true, .double_opt_in = true };
	return 0;
}

int exchange_contact_erase(struct exchange *x, const char *account, const char *number, const char *who,
			   struct tw_now now)
{
	(void)now;
	snprintf(x->erased, sizeof(x->erased), "%s %s by %s", account ? account : "-", number, who);
	return strcmp(number, "+447700900100") ? TW_E_UNKNOWN : 1;
}

int exchange_consent(struct exchange *x, const struct exchange_consent_query *q,
		     void (*cb)(void *ctx, const struct store_consent *c, const char *long_number),
		     void *ctx)
{
	struct store_consent c = { .list = (char *)"", .kind = STORE_CONSENT_STOP, .at = { 1 },
				   .number = (char *)"+447700900100", .text = (char *)"STOP" };
	int n = 0;

	(void)x;
	for (c.seq = q->after + 1; c.seq <= 2 && n < q->limit; c.seq++, n++)
		cb(ctx, &c, "+447700900001");
	return n;
}

int exchange_consent_head(struct exchange *x, const char *account, int64_t *ret_seq,
			  uint8_t ret_link[32])
{
	(void)x;
	*ret_seq = !strcmp(account, "acme") ? 2 : 0;
	memset(ret_link, 0xAB, 32);
	return 0;
}

/* One of acme's. */
#define FAKE_DEAD "WH00000000000000000000000000000001"

int exchange_dead_hook(struct exchange *x, const char *account, const char *before, struct exchange_dead *ret)
{
	(void)x;
	if ((account && strcmp(account, "acme")) || (before && *before))
		return TW_E_UNKNOWN;
	*ret = (struct exchange_dead){ .name = FAKE_DEAD, .account = "acme",
				       .row = { .kind = HOOK_EVENT, .tries = 19, .created_at = { 1 },
						.url = tw_strdup("https://crm.example/"),
						.body = tw_strdup("{\"a secret\":1}"), .body_n = 14,
						.error = tw_strdup("the answer was 500") } };
	return 0;
}

void store_hook_done(struct store_hook *h)
{
	free(h->url);
	free(h->body);
	free(h->error);
	*h = (struct store_hook){ 0 };
}

static int change_dead(const char *account, const char *name)
{
	return strcmp(name, FAKE_DEAD) || (account && strcmp(account, "acme")) ? TW_E_UNKNOWN : 0;
}

int exchange_dead_replay(struct exchange *x, const char *account, const char *name, struct tw_now now)
{
	(void)x, (void)now;
	return change_dead(account, name);
}

int exchange_dead_drop(struct exchange *x, const char *account, const char *name, struct tw_now now)
{
	(void)x, (void)now;
	return change_dead(account, name);
}

int store_setting_put(struct store *s, const char *name, const char *value)
{
	if (!value && strcmp(s->setting, name))
		return TW_E_UNKNOWN;
	tw_strset(s->setting, sizeof(s->setting), value ? name : "");
	tw_strset(s->setting_value, sizeof(s->setting_value), value ? value : "");
	s->is_dirty = true;
	return 0;
}

int store_setting_next(struct store *s, const char *after, char **ret_name, char **ret_value)
{
	if (!s->setting[0] || strcmp(after, s->setting) >= 0)
		return TW_E_UNKNOWN;
	*ret_name = tw_strdup(s->setting);
	*ret_value = tw_strdup(s->setting_value);
	return 0;
}

int store_replay(struct store *s, const char *login, const char *key, struct wall_ms now,
		 struct store_replay *ret)
{
	(void)now;
	for (size_t i = 0; i < s->n_replays; i++)
		if (!strcmp(s->replays[i].login, login) && !strcmp(s->replays[i].key, key)) {
			*ret = s->replays[i].row;
			ret->answer = tw_strdup(s->replays[i].answer);
			return 0;
		}
	return TW_E_UNKNOWN;
}

int store_replay_put(struct store *s, const char *login, const char *key,
		     const struct store_replay *v, struct wall_ms now)
{
	size_t i = s->n_replays++;

	(void)now;
	assert(i < TW_COUNT(s->replays));
	tw_strset(s->replays[i].login, sizeof(s->replays[i].login), login);
	tw_strset(s->replays[i].key, sizeof(s->replays[i].key), key);
	tw_strsetn(s->replays[i].answer, sizeof(s->replays[i].answer), v->answer ? v->answer : "",
		   v->answer_n);
	s->replays[i].row = *v;
	s->is_dirty = true;
	return 0;
}

void store_replay_done(struct store_replay *v)
{
	free(v->answer);
}

int store_audit_add(struct store *s, const char *who, const char *action, const char *about,
		    const char *text, const char *outcome, int64_t job, struct wall_ms at)
{
	(void)outcome, (void)job, (void)at;
	snprintf(s->audited, sizeof(s->audited), "%s %s %s %s", who, action, about, text);
	return 0;
}

int exchange_import(struct exchange *x, const struct exchange_import *i,
		    const struct exchange_import_row *rows, size_t n, struct tw_now now,
		    struct exchange_imported *ret, struct exchange_refusal *reterr)
{
	(void)now;
	*reterr = x->refusal;
	if (x->refusal.status)
		return TW_E_DENIED;
	x->imports++;
	x->rows += n;
	fake_store.is_dirty = true;
	if (!n)
		return 0;
	snprintf(x->imported, sizeof(x->imported), "%s %s %s: %zu, %s %s %s=%s", i->account, i->list,
		 i->source, n, rows[n - 1].number, rows[n - 1].name,
		 rows[n - 1].n_fields ? rows[n - 1].fields[0].name : "",
		 rows[n - 1].n_fields ? rows[n - 1].fields[0].value : "");
	for (size_t k = 0; k < n; k++)
		ret[k].what = k ? IMPORT_KNOWN : IMPORT_JOINED;
	return 0;
}

char *store_id_write(const struct store *s, int64_t message, char *out)
{
	(void)s;
	snprintf(out, STORE_ID_MAX, "SM%032llx", (unsigned long long)message);
	return out;
}

const char *store_consent_kind_name(enum store_consent_kind k)
{
	return k == STORE_CONSENT_STOP ? "stop" : "join";
}

void exchange_set_guest(struct exchange *x, void (*cb)(void *ctx, struct tw_now now), void *ctx)
{
	x->guest = cb;
	x->guest_ctx = ctx;
}

void exchange_set_watch(struct exchange *x, exchange_watch_cb *cb, void *ctx)
{
	x->watch = cb;
	x->watch_ctx = ctx;
}

/* ---- the store ----------------------------------------------------------------------------- */

bool store_is_dirty(const struct store *s)
{
	return s->is_dirty;
}

bool store_is_void(const struct store *s)
{
	return s->is_void;
}

const struct store_counters *store_counters(const struct store *s)
{
	static struct store_counters counters = { .statements = 5 };

	counters.commits = (uint64_t)s->commits;
	return &counters;
}

void store_on_commit(struct store *s, store_staged_cb *cb, void *ctx, uint64_t a, uint64_t b)
{
	assert(s->n_staged < 64);
	s->staged[s->n_staged].cb = cb;
	s->staged[s->n_staged].ctx = ctx;
	s->staged[s->n_staged].a = a;
	s->staged[s->n_staged++].b = b;
}

static __attribute__((unused)) void fake_commit(struct store *s)
{
	bool ok = !s->fails && !s->is_void;
	size_t n = s->n_staged;

	if (n)
		s->commits++;
	s->n_staged = 0;
	s->is_dirty = s->is_void = s->fails = false;
	for (size_t i = 0; i < n; i++)
		s->staged[i].cb(s->staged[i].ctx, ok, s->staged[i].a, s->staged[i].b);
}

void store_event_begin(struct store *s)
{
	(void)s;
}

int store_event_end(struct store *s, bool keep)
{
	(void)s;
	(void)keep;
	return 0;
}

int store_token_add(struct store *s, const struct store_token *t)
{
	for (size_t i = 0; i < s->n_tokens; i++) {
		if (!strcmp(s->tokens[i].name, t->name))
			return TW_E_EXISTS;
	}
	assert(s->n_tokens < TW_COUNT(s->tokens));
	s->tokens[s->n_tokens++] = *t;
	s->is_dirty = true;
	return 0;
}

int store_token_drop(struct store *s, const char *name)
{
	for (size_t i = 0; i < s->n_tokens; i++) {
		if (strcmp(s->tokens[i].name, name))
			continue;
		s->tokens[i] = s->tokens[--s->n_tokens];
		s->is_dirty = true;
		return 0;
	}
	return TW_E_UNKNOWN;
}

int store_token_next(struct store *s, const char *after, struct store_token *ret)
{
	const struct store_token *best = NULL;
	char from[STORE_TOKEN_NAME_MAX];

	tw_strset(from, sizeof(from), after);
	for (size_t i = 0; i < s->n_tokens; i++) {
		const struct store_token *t = &s->tokens[i];

		if (strcmp(t->name, from) > 0 && (!best || strcmp(t->name, best->name) < 0))
			best = t;
	}
	if (!best)
		return TW_E_UNKNOWN;
	*ret = *best;
	return 0;
}

/* ---- the bank: one modem called "till" ----------------------------------------------------- */

bool bank_modem(const struct bank *b, struct tw_handle h, struct bank_modem *ret)
{
	*ret = (struct bank_modem){ .handle = h, .name = "till", .port = "/dev/ttyUSB0",
		.facts = &b->facts, .state = b->state, .number = "+447700900001", .account = "",
		.last_error = "CMS 38" };
	return h.slot == 0;
}

const char *bank_use_name(enum bank_use use)
{
	return use == BANK_USE_UNNAMED ? "unnamed" : "modem";
}

bool bank_port_each(const struct bank *b, size_t *cursor, struct bank_port_row *ret)
{
	(void)b;
	*ret = (struct bank_port_row){ .port = { .path = "/dev/ttyUSB7", .interface = -1 },
				       .use = BANK_USE_UNNAMED, .modem = "" };
	return (*cursor)++ == 0;
}

bool bank_find(const struct bank *b, const char *called, struct bank_modem *ret)
{
	return (!strcmp(called, "till") || !strcmp(called, "/dev/ttyUSB0")) &&
	       bank_modem(b, (struct tw_handle){ 0, 1 }, ret);
}

bool bank_each(const struct bank *b, size_t *cursor, struct bank_modem *ret)
{
	return (*cursor)++ == 0 && bank_modem(b, (struct tw_handle){ 0, 1 }, ret);
}

void bank_pause(struct bank *b, struct tw_handle h, bool paused, struct tw_now now)
{
	(void)h;
	(void)now;
	b->state = paused ? MODEM_PAUSED : MODEM_READY;
}

#include "fake_campaign.c"
#include "fake_stats.c"
#include "fake_people.c"
