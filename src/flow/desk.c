/* Queues and their agents, as files declare them, and the verbs that name them: ticket, callback,
 * forward. A queue of people is a desk here; the queue of messages is elsewhere. */
#include <ctype.h>
#include <stdio.h>

#include "internal.h"

enum { NAME_OCTETS = 60, NEAR_MAX = 64 };

/* Stands in alerts, in lists that agents read, and behind `by`. */
static bool is_name(const char *name)
{
	if (!isalpha((unsigned char)*name) || strlen(name) > NAME_OCTETS)
		return false;
	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("_-.", *p))
			return false;
	return true;
}

static bool has_name(struct flow_compile *c, const struct tw_conf_node *group, const char *name)
{
	if (is_name(name))
		return true;
	tw_conf_fault(group, c->findings, true,
		      "`name` wants a letter, then letters, digits, _ - and ., such "
		      "as \"plumbing\"");
	return false;
}

/* ---- agents -------------------------------------------------------------------------------- */

struct raw_agent { char *name, *email, *webhook, *language; const struct tw_conf_node *number; };
#define AGENT(x) offsetof(struct raw_agent, x)
static const struct tw_key agent_keys[] = {
	{ "name", TW_KEY_STRING, AGENT(name), .default_text = "", .help = "as queues call them" },
	{ "number", TW_KEY_NODE, AGENT(number), .help = "that is texted, and texts back" },
	{ "email", TW_KEY_STRING, AGENT(email), .default_text = "", .help = "is told too" },
	{ "webhook", TW_KEY_STRING, AGENT(webhook), .default_text = "", .help = "is told too" },
	{ "language", TW_KEY_STRING, AGENT(language), .default_text = "",
	  .help = "in which they are told; the account's unless given" },
};

static const struct flow_agent_row *agent_row(const struct flows *f, int account, const char *name)
{
	const struct flow_declared *d = &f->declared;

	for (size_t i = 0; i < d->n_agents; i++)
		if (d->agents[i].account == account && !strcmp(d->agents[i].name, name))
			return &d->agents[i];
	return f->base ? agent_row(f->base, account, name) : NULL;
}

static bool is_agent_new(struct flow_compile *c, const struct tw_conf_node *group, const char *name,
			 const char *number)
{
	const struct flow_declared *d = &c->f->declared;

	for (size_t i = 0; i < d->n_agents; i++) {
		if (d->agents[i].account != c->account)
			continue;
		if (!strcmp(d->agents[i].name, name)) {
			tw_conf_fault(group, c->findings, true,
				      "the agent \"%s\" of account %s is declared "
				      "already", name, c->f->owners[c->account].name);
			return false;
		}
		if (*number && !strcmp(d->agents[i].number, number)) {
			tw_conf_fault(group, c->findings, true,
				      "%s is the number of the agent \"%s\" already",
				      number, d->agents[i].name);
			return false;
		}
	}
	return true;
}

/* No error can be told later to the one who wrote it. */
static bool are_ways_sound(struct flow_compile *c, const struct tw_conf_node *group,
			   const struct raw_agent *raw)
{
	const char *at = strchr(raw->email, '@');

	if (*raw->email && (!at || at == raw->email || !at[1] ||
			    strpbrk(raw->email, " \t\r\n<>"))) {
		tw_conf_fault(tw_conf_member(group, "email"), c->findings, true,
			      "\"%s\" is no e-mail address", raw->email);
		return false;
	}
	if (*raw->webhook && strncmp(raw->webhook, "http://", 7) != 0 &&
	    strncmp(raw->webhook, "https://", 8) != 0) {
		tw_conf_fault(tw_conf_member(group, "webhook"), c->findings, true,
			      "`webhook` wants a URL that begins "
			      "with https:// or http://");
		return false;
	}
	return true;
}

static void add_agent(struct flow_compile *c, const struct raw_agent *raw, const char *number)
{
	struct flow_declared *d = &c->f->declared;

	*FLOW_PUSH(d->agents, d->n_agents, d->cap_agents) = (struct flow_agent_row){
		tw_strdup(raw->name), tw_strdup(number), tw_strdup(raw->email),
		tw_strdup(raw->webhook), tw_strdup(raw->language), c->account };
	if (*number && !tw_map_get(&d->agents_by_number, number, strlen(number)))
		tw_map_put(&d->agents_by_number, number, strlen(number),
			   (void *)(uintptr_t)d->n_agents);
}

void flow_agent_declare(struct flow_compile *c, const char *path, const struct tw_conf_node *group)
{
	struct raw_agent raw = { 0 };
	struct tw_strings numbers = { 0 };

	(void)path;
	if (tw_keys_read(agent_keys, TW_COUNT(agent_keys), group, &raw, c->findings) == 0 &&
	    has_name(c, group, raw.name)) {
		if (raw.number && (tw_conf_type(raw.number) != TW_CONF_STRING ||
				   flow_numbers_read(raw.number, c->country, false, &numbers,
						     c->findings) < 0)) {
			if (tw_conf_type(raw.number) != TW_CONF_STRING)
				tw_conf_fault(raw.number, c->findings, true,
					      "`number` wants one number in "
					      "quotation marks");
		} else if (!raw.number && !*raw.email && !*raw.webhook) {
			tw_conf_fault(group, c->findings, true,
				      "the agent \"%s\" cannot be told: give a "
				      "`number`, an `email` or a `webhook`", raw.name);
		} else if (are_ways_sound(c, group, &raw) &&
			   is_agent_new(c, group, raw.name, numbers.n ? numbers.v[0] : "")) {
			add_agent(c, &raw, numbers.n ? numbers.v[0] : "");
			flow_note_declared(c, "agent", raw.name, group);
		}
	}
	tw_strings_done(&numbers);
	tw_keys_done(agent_keys, TW_COUNT(agent_keys), &raw);
}

/* ---- queues -------------------------------------------------------------------------------- */

struct raw_desk { char *name, *escalate; struct tw_strings agents, alert; int64_t within;
		  const struct tw_conf_node *hours; };
#define DESK(x) offsetof(struct raw_desk, x)
static const struct tw_key desk_keys[] = {
	{ "name", TW_KEY_STRING, DESK(name), .default_text = "", .help = "as steps call it" },
	{ "agents", TW_KEY_STRINGS, DESK(agents), .help = "who is told, one after the other" },
	{ "within", TW_KEY_DURATION, DESK(within), 10000, 3.2e9, .default_text = "10m",
	  .help = "each of them has, until the next one is told" },
	{ "escalate", TW_KEY_STRING, DESK(escalate), .default_text = "",
	  .help = "the queue that it goes to when the last has let it pass" },
	{ "alert", TW_KEY_STRINGS, DESK(alert),
	  .help = "by what agents are told: \"number\", \"email\", \"webhook\"" },
	{ "hours", TW_KEY_NODE, DESK(hours), .help = "outside of them nobody is told" },
};

static struct flow_desk *desk_row(const struct flows *f, int account, const char *name)
{
	const struct flow_declared *d = &f->declared;

	for (size_t i = 0; i < d->n_desks; i++)
		if (d->desks[i].account == account && !strcmp(d->desks[i].name, name))
			return &d->desks[i];
	return f->base ? desk_row(f->base, account, name) : NULL;
}

static int read_alert(struct flow_compile *c, const struct tw_conf_node *group,
		      const struct tw_strings *ways)
{
	static const struct { const char *name; int bit; } known[] = {
		{ "number", FLOW_BY_NUMBER }, { "email", FLOW_BY_EMAIL },
		{ "webhook", FLOW_BY_WEBHOOK },
	};
	int bits = 0;

	for (size_t i = 0; i < ways->n; i++) {
		int bit = 0;

		for (size_t k = 0; k < TW_COUNT(known); k++)
			if (!strcmp(known[k].name, ways->v[i]))
				bit = known[k].bit;
		if (!bit)
			tw_conf_fault(tw_conf_member(group, "alert"), c->findings, true,
				      "`alert` of a queue "
				      "wants some of: number email webhook; not \"%s\"",
				      ways->v[i]);
		bits |= bit;
	}
	return bits ? bits : FLOW_BY_NUMBER | FLOW_BY_EMAIL | FLOW_BY_WEBHOOK;
}

static void add_desk(struct flow_compile *c, const struct tw_conf_node *group, struct raw_desk *raw)
{
	struct flow_declared *d = &c->f->declared;
	struct flow_desk desk = { .account = c->account, .within = raw->within, .at = group };

	flow_note_declared(c, "queue", raw->name, group);
	if (raw->hours && flow_hours_read(raw->hours, &desk.hours, c->findings) < 0)
		flow_limits_done(&desk.hours);
	desk.alert = read_alert(c, group, &raw->alert);
	desk.name = tw_strdup(raw->name);
	desk.escalate = tw_strdup(raw->escalate);
	desk.agents = raw->agents;
	raw->agents = (struct tw_strings){ 0 };
	*FLOW_PUSH(d->desks, d->n_desks, d->cap_desks) = desk;
}

void flow_desk_declare(struct flow_compile *c, const char *path, const struct tw_conf_node *group)
{
	struct raw_desk raw = { 0 };

	(void)path;
	if (tw_keys_read(desk_keys, TW_COUNT(desk_keys), group, &raw, c->findings) == 0 &&
	    has_name(c, group, raw.name)) {
		const struct flow_desk *known = desk_row(c->f, c->account, raw.name);

		if (known && known >= c->f->declared.desks &&
		    known < c->f->declared.desks + c->f->declared.n_desks)
			tw_conf_fault(group, c->findings, true,
				      "the queue \"%s\" of account %s is declared "
				      "already", raw.name, c->f->owners[c->account].name);
		else if (!raw.agents.n)
			tw_conf_fault(group, c->findings, true,
				      "`agents` of the queue \"%s\" is missing: who "
				      "is told, such as [ \"van\" ]", raw.name);
		else
			add_desk(c, group, &raw);
	}
	tw_keys_done(desk_keys, TW_COUNT(desk_keys), &raw);
}

/* ---- names that are used ------------------------------------------------------------------- */

static void unknown_agent(struct flow_compile *c, const struct tw_conf_node *node, const char *name,
			  const char *or_else)
{
	const char *names[NEAR_MAX], *near;
	size_t n = 0;

	for (size_t i = 0; i < c->f->declared.n_agents && n < TW_COUNT(names); i++)
		if (c->f->declared.agents[i].account == c->account)
			names[n++] = c->f->declared.agents[i].name;
	near = tw_nearest(name, names, n);
	tw_conf_fault(node, c->findings, true, "no agent \"%s\" is declared in `agents`%s%s%s%s",
		      name, or_else,
		      near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static void unknown_desk(struct flow_compile *c, const struct tw_conf_node *node, const char *name)
{
	const char *names[NEAR_MAX], *near;
	size_t n = 0;

	for (size_t i = 0; i < c->f->declared.n_desks && n < TW_COUNT(names); i++)
		if (c->f->declared.desks[i].account == c->account)
			names[n++] = c->f->declared.desks[i].name;
	near = tw_nearest(name, names, n);
	tw_conf_fault(node, c->findings, true, "no queue \"%s\" is declared in `queues`%s%s%s",
		      name, near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* A ticket that nobody takes would go round for ever. */
static bool comes_back(const struct flows *f, const struct flow_desk *desk)
{
	const struct flow_desk *at = desk;

	for (size_t i = 0; at && i <= f->declared.n_desks; i++) {
		at = *at->escalate ? desk_row(f, desk->account, at->escalate) : NULL;
		if (at == desk)
			return true;
	}
	return false;
}

void flow_desks_settle(struct flow_compile *c)
{
	struct flow_declared *d = &c->f->declared;
	bool is_told = false;

	for (size_t i = 0; i < d->n_desks; i++) {
		struct flow_desk *desk = &d->desks[i];

		c->account = desk->account;
		flow_note_used(c, "queue", desk->escalate);
		for (size_t k = 0; k < desk->agents.n; k++)
			flow_note_used(c, "agent", desk->agents.v[k]);
		for (size_t k = 0; k < desk->agents.n; k++)
			if (!agent_row(c->f, desk->account, desk->agents.v[k]))
				unknown_agent(c, tw_conf_member(desk->at, "agents"),
					      desk->agents.v[k], "");
		if (*desk->escalate && !desk_row(c->f, desk->account, desk->escalate))
			unknown_desk(c, tw_conf_member(desk->at, "escalate"), desk->escalate);
		else if (!is_told && comes_back(c->f, desk))
			tw_conf_fault(tw_conf_member(desk->at, "escalate"), c->findings,
				      is_told = true,
				      "`escalate` of the queue \"%s\" leads back to it",
				      desk->name);
		desk->at = NULL;
	}
}

void flow_desks_done(struct flow_declared *d)
{
	for (size_t i = 0; i < d->n_desks; i++) {
		free(d->desks[i].name);
		free(d->desks[i].escalate);
		tw_strings_done(&d->desks[i].agents);
		flow_limits_done(&d->desks[i].hours);
	}
	for (size_t i = 0; i < d->n_agents; i++) {
		free(d->agents[i].name);
		free(d->agents[i].number);
		free(d->agents[i].email);
		free(d->agents[i].webhook);
		free(d->agents[i].language);
	}
	free(d->desks);
	free(d->agents);
	tw_map_done(&d->agents_by_number);
}

/* ---- verbs --------------------------------------------------------------------------------- */

struct raw_ticket { char *queue; const struct tw_conf_node *about; int64_t within; };
#define TICKET(x) offsetof(struct raw_ticket, x)
static const struct tw_key ticket_keys[] = {
	{ "queue", TW_KEY_STRING, TICKET(queue), .default_text = "" },
	{ "about", TW_KEY_NODE, TICKET(about) },
};
static const struct tw_key callback_keys[] = {
	{ "queue", TW_KEY_STRING, TICKET(queue), .default_text = "" },
	{ "within", TW_KEY_DURATION, TICKET(within), 0, 3.2e9, .default_text = "0s" },
};

/* The queue's name as a string of the set, 0 after a finding. */
static uint32_t read_desk(struct flow_compile *c, const struct tw_conf_node *argument,
			  const char *name)
{
	const struct tw_conf_node *node = tw_conf_type(argument) == TW_CONF_GROUP ?
					  tw_conf_member(argument, "queue") : argument;

	flow_note_used(c, "queue", name);
	if (!node)
		tw_conf_fault(argument, c->findings, true, "`%s` wants `queue`: who sees to it",
			      tw_conf_name(argument));
	else if (!desk_row(c->f, c->account, name))
		unknown_desk(c, node, name);
	else
		return flow_string_keep(c->f, name, strlen(name)) + 1;
	return 0;
}

/* A group, or the name of a queue alone. */
static int read_ticket(struct flow_compile *c, const struct tw_conf_node *argument,
		       const struct tw_key *keys, size_t n, struct raw_ticket *raw,
		       uint32_t *ret_desk)
{
	int r = 0;

	if (tw_conf_type(argument) == TW_CONF_STRING) {
		raw->queue = tw_strdup(tw_conf_string(argument));
	} else if (tw_conf_type(argument) == TW_CONF_GROUP) {
		r = tw_keys_read(keys, n, argument, raw, c->findings);
	} else {
		tw_conf_fault(argument, c->findings, true,
			      "`%s` wants a group { queue = \"…\"; … }, or the name of a "
			      "queue", tw_conf_name(argument));
		r = TW_E_CONFIG;
	}
	*ret_desk = r == 0 ? read_desk(c, argument, raw->queue) : 0;
	return *ret_desk ? 0 : TW_E_CONFIG;
}

int flow_ticket_compile(struct flow_compile *c, const struct tw_conf_node *argument,
			const struct tw_conf_node *group)
{
	struct raw_ticket raw = { 0 };
	uint32_t desk;
	int r = read_ticket(c, argument, ticket_keys, TW_COUNT(ticket_keys), &raw, &desk);
	int text = -1;

	(void)group;
	if (r == 0)
		text = raw.about ? flow_text_compile(c, raw.about)
		: flow_text_template(c, argument, "{text}");
	if (text >= 0)
		flow_op_add(c, OP_TICKET, desk - 1, (uint32_t)text, argument);
	tw_keys_done(ticket_keys, TW_COUNT(ticket_keys), &raw);
	return text < 0 ? TW_E_CONFIG : 0;
}

int flow_callback_compile(struct flow_compile *c, const struct tw_conf_node *argument,
			  const struct tw_conf_node *group)
{
	struct raw_ticket raw = { 0 };
	uint32_t desk;
	int r = read_ticket(c, argument, callback_keys, TW_COUNT(callback_keys), &raw, &desk);

	(void)group;
	if (r == 0) {
		*FLOW_PUSH(c->f->asks, c->f->n_asks, c->f->cap_asks) =
			(struct flow_ask){ .within = raw.within, .field = FLOW_NONE };
		flow_op_add(c, OP_CALLBACK, desk - 1, (uint32_t)c->f->n_asks - 1, argument);
	}
	tw_keys_done(callback_keys, TW_COUNT(callback_keys), &raw);
	return r;
}

int flow_forward_compile(struct flow_compile *c, const struct tw_conf_node *argument,
			 const struct tw_conf_node *group)
{
	const char *to = tw_conf_type(argument) == TW_CONF_STRING ? tw_conf_string(argument) : "";
	struct number n;
	bool is_agent = agent_row(c->f, c->account, to) != NULL;

	(void)group;
	flow_note_used(c, "agent", to);
	if (!*to) {
		tw_conf_fault(argument, c->findings, true,
			      "`forward` wants the name of an agent, or a number, in "
			      "quotation marks");
		return TW_E_CONFIG;
	}
	if (!is_agent && (number_read(to, c->country, &n) != NUMBER_OK || n.kind != NUMBER_E164)) {
		unknown_agent(c, argument, to, ", and it is no number");
		return TW_E_CONFIG;
	}
	if (!is_agent)
		to = n.text;
	flow_op_add(c, OP_FORWARD, flow_string_keep(c->f, to, strlen(to)), !is_agent, argument);
	return 0;
}

/* ---- for others ---------------------------------------------------------------------------- */

bool flows_queue(const struct flows *f, const char *account, const char *name,
		 struct flow_queue *ret)
{
	const struct flow_desk *d = desk_row(f, flow_account_named(f, account), name);

	if (d)
		*ret = (struct flow_queue){ d->name, d->escalate, (const char *const *)d->agents.v,
					    d->agents.n, d->within, d->alert };
	return d != NULL;
}

static struct flow_agent agent_of(const struct flows *f, const struct flow_agent_row *row)
{
	return (struct flow_agent){ f->owners[row->account].name, row->name,
				    row->number, row->email, row->webhook, row->language };
}

bool flows_agent(const struct flows *f, const char *account, const char *name,
		 struct flow_agent *ret)
{
	const struct flow_agent_row *row = agent_row(f, flow_account_named(f, account), name);

	if (row)
		*ret = agent_of(f, row);
	return row != NULL;
}

bool flows_agent_of(const struct flows *f, const char *number, size_t *cursor,
		    struct flow_agent *ret)
{
	const struct flow_declared *d = &f->declared;

	if (!*cursor) {
		uintptr_t first = (uintptr_t)tw_map_get(&d->agents_by_number, number,
							strlen(number));

		if (!first)
			return false;
		*cursor = first - 1;
	}
	for (size_t i = *cursor; i < d->n_agents; i++) {
		*cursor = i + 1;
		if (strcmp(d->agents[i].number, number))
			continue;
		*ret = agent_of(f, &d->agents[i]);
		return true;
	}
	return false;
}

struct wall_ms flows_queue_opens(const struct flows *f, const char *account, const char *name,
				 struct wall_ms now)
{
	int owner = flow_account_named(f, account);
	const struct flow_desk *d = desk_row(f, owner, name);

	return d ? flow_hours_open(&d->hours, f->owners[owner].zone, now) : now;
}
