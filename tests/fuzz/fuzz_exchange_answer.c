/* What other programs answer: the first line is the type of the content, the rest is what was said.
 * It is read as the answer to a step, to a look-up and of a calendar, and what a conversation makes
 * of it holds valid UTF-8, names that are declared, and times that are minutes. */
#include "../../src/exchange/answer.h"
#include "words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char flow[] =
	"fields = ( { name = \"nps\"; type = \"integer\"; }, { name = \"note\"; } );"
	"calendars = ( { name = \"c\"; url = \"https://a.example/\"; } );"
	"keywords = ( { match = \"ASK\"; do = ( { label = \"look\"; webhook = { url = "
	"\"https://a.example/\"; fallback = \"No.\"; }; }, \"{nps} {note}\" ); },"
	"{ match = \"BOOK\"; do = ( { appointment = { calendar = \"c\"; fallback = \"No.\"; }; },"
	"\"{slot}\" ); } );";

static const struct flows *load(void)
{
	static const struct flow_text_source text = { "f.conf", flow, sizeof(flow) - 1 };
	static struct flows *flows;
	struct tw_findings findings = { 0 };

	if (flows)
		return flows;
	flows = flows_load(&(struct flow_sources){ .texts = &text, .n_texts = 1, .words = words() },
			   &findings);
	if (!flows)
		abort();
	tw_findings_done(&findings);
	return flows;
}

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void must_be_text(const char *text, size_t n)
{
	must(text && tw_utf8_is_valid(text, n) && !memchr(text, 0, n));
}

/* The first times of those that are free, as somebody would be offered them. */
static void offer(struct flow_run *run, const struct flow_intent *i)
{
	struct tw_buf out = { 0 };

	flow_booked_write(&out, 0, (struct wall_ms){ 0 }, i->times,
			  i->n_times < FLOW_OFFERED ? i->n_times : FLOW_OFFERED, "");
	flow_run_result(run, i->n_times ? tw_buf_str(&out) : NULL);
	tw_buf_done(&out);
}

static void check(struct flow_run *run, const struct flow_intent *i)
{
	must(i->type != FLOW_TAKEN && i->account);
	if (i->type == FLOW_REPLY || i->type == FLOW_FAILED)
		must_be_text(i->text, i->text_n);
	if (i->type == FLOW_SET)
		must(!strcmp(i->name, "nps") || !strcmp(i->name, "note") ||
		     !strcmp(i->name, "name") || !strcmp(i->name, "language") ||
		     !strcmp(i->name, "zone") || !strcmp(i->name, "owner"));
	if (i->type == FLOW_TAG || i->type == FLOW_UNTAG)
		must(*i->name && strlen(i->name) <= 60 && !strpbrk(i->name, "{}'\n"));
	if (i->type == FLOW_APPOINTMENT)
		offer(run, i);
}

/* Steps until the next answer is asked for; the place where it stands is answered with `said`. */
static void answer_step(const char *keyword, const struct flow_answer *said)
{
	const struct flow_event e = { .from = "+447700900123", .from_kind = NUMBER_E164,
				      .to = "+447700900001", .to_account = "", .text = keyword,
				      .text_n = strlen(keyword), .is_automatic_ok = true,
				      .last_account = "", .contact_language = "",
				      .now = { 1777888800000 } };
	struct flow_result result = { 0 };
	struct flow_place place = { .step = 0 };
	struct flow_intent i;
	struct flow_run *run;
	char variables[512];
	int steps = 0;

	flow_decide(load(), &e, &result);
	must(result.n == 2 && result.v[1].type == FLOW_BEGIN);
	run = flow_run_begin(load(), &e, &result.v[1]);
	while (flow_run_next(run, &i))
		if (i.type == FLOW_KEEP) {
			place = i.place;
			must(place.variables_n < sizeof(variables));
			memcpy(variables, place.variables, place.variables_n);
			place.variables = variables;
		}
	flow_run_free(run);
	run = flow_run_resume(load(), &e, "default", &place, FLOW_BY_ANSWER);
	must(run != NULL);
	flow_run_answer(run, said);
	while (flow_run_next(run, &i) && steps++ < 1000)
		check(run, &i);
	must(steps < 1000);
	flow_run_free(run);
	flow_result_done(&result);
}

static void read_step(const char *type, const char *body, size_t n)
{
	struct answer a;

	answer_read(type, body, n, &a);
	for (size_t i = 0; i < a.said.n_replies && !a.said.failure; i++)
		must_be_text(a.said.replies[i], strlen(a.said.replies[i]));
	answer_step("ASK", &a.said);
	answer_done(&a);
}

static void read_times(const char *body, size_t n)
{
	struct answer_times a;

	answer_read_times(body, n, &a);
	must(!a.why[0] || !a.n);
	for (size_t i = 0; i < a.n; i++)
		must(a.v[i].ms >= 0 && a.v[i].ms % 60000 == 0 &&
		     (!i || a.v[i - 1].ms < a.v[i].ms));
	answer_step("BOOK", &(struct flow_answer){ .failure = a.why[0] ? a.why : NULL,
						   .times = a.v, .n_times = a.n });
	answer_times_done(&a);
}

static void read_person(const char *body, size_t n)
{
	struct answer_person a;

	if (answer_read_person(body, n, &a) == 0) {
		must_be_text(a.row.name, strlen(a.row.name));
		must(a.row.n_fields <= ANSWER_NAMES_MAX);
		for (size_t i = 0; i < a.row.n_fields; i++)
			must_be_text(a.row.fields[i].value, strlen(a.row.fields[i].value));
	}
	answer_person_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *text = (const char *)data, *mark = n ? memchr(text, '\n', n) : NULL;
	tw_auto(tw_free_charp) char *type = tw_strndup(text, mark ? (size_t)(mark - text) : 0);
	const char *body = mark ? mark + 1 : text;

	n -= (size_t)(body - text);
	read_step(type, body, n);
	read_times(body, n);
	read_person(body, n);
	return 0;
}
