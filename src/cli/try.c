/* twoway try: a customer on the terminal. */
#include "play.h"

#include <stdio.h>
#include <unistd.h>

struct try_options { const char *account, *from; bool verbose; };
static const struct cli_option options[] = {
	{ "account", "NAME", offsetof(struct try_options, account),
	  "text a number of this account" },
	{ "from", "NUMBER", offsetof(struct try_options, from),
	  "who texts; " PLAY_CUSTOMER " without it" },
	{ "verbose", NULL, offsetof(struct try_options, verbose), "-v: each step that is taken" },
};

struct session {
	struct play play;
	char from[TW_ADDRESS_MAX], to[TW_ADDRESS_MAX];
	bool is_terminal;
};

static void on_step(void *ctx, const char *file, unsigned line, const char *verb)
{
	(void)ctx;
	printf("  %s:%u %s\n", file, line, verb);
}

static void print_said(struct session *s)
{
	while (s->play.n_said) {
		const struct play_said *said = &s->play.said[0];
		struct tw_buf text = { 0 };

		show_safe(said->text, strlen(said->text), &text);
		if (strcmp(said->to, s->from))
			printf("<%s %s\n", said->to, tw_buf_str(&text));
		else
			printf("< %s\n", tw_buf_str(&text));
		tw_buf_done(&text);
		play_forget(&s->play, 0);
	}
	fflush(stdout);
}

static void print_fields(struct session *s)
{
	const struct settings *settings = s->play.source->settings;
	size_t n = 0;

	for (size_t i = 0; i < settings->n_accounts; i++) {
		const char *account = settings->accounts[i].name;
		char *name = tw_strdup(""), *value;
		struct store_contact c;
		int64_t row;

		if (store_account(s->play.store, account, &row) < 0 ||
		    store_contact(s->play.store, row, s->from, false, s->play.now.wall, &c) < 0) {
			free(name);
			continue;
		}
		printf("%s: name=%s language=%s zone=%s owner=%s\n", account, c.name,
		       c.language, c.zone, c.owner);
		for (char *next; store_field_next(s->play.store, c.id, name, &next, &value) == 0;) {
			printf("  %s = %s\n", next, value);
			free(name);
			free(value);
			name = next;
		}
		free(name);
		n++;
	}
	if (!n)
		printf("%s is no contact yet\n", s->from);
}

static int set_number(char *to, const char *typed, const char *country)
{
	struct number n;
	enum number_error e = number_read(typed, country, &n);

	if (e != NUMBER_OK) {
		printf("%s: %s\n", typed, number_error_text(e));
		return 0;
	}
	tw_strset(to, TW_ADDRESS_MAX, n.text);
	return 0;
}

static int command(struct session *s, char *line)
{
	char *argument = strchr(line, ' ');
	const char *country = s->play.source->settings->country;
	int64_t ms;

	if (argument)
		*argument++ = '\0';
	if (!strcmp(line, "/as") && argument)
		return set_number(s->from, argument, country);
	if (!strcmp(line, "/to") && argument)
		return set_number(s->to, argument, country);
	if (!strcmp(line, "/wait") && argument && tw_duration_read(argument, &ms) == 0)
		return play_wait(&s->play, ms);
	if (!strcmp(line, "/answer") && argument) {
		play_answer(&s->play, strcmp(argument, "fail") ? argument : NULL);
		return 0;
	}
	if (!strcmp(line, "/call"))
		return play_call(&s->play, s->from, s->to);
	if (!strcmp(line, "/fields"))
		print_fields(s);
	else
		printf("/as NUMBER   who texts (%s)\n/to NUMBER   whom (%s)\n/wait 2d     time "
		       "goes by\n"
		       "/call        a missed call\n/answer TEXT what the next webhook, program, "
		       "look-up or calendar says, or fail\n"
		       "/fields      what is known of the customer\n",
		       s->from, s->to);
	return 0;
}

static int converse(struct session *s)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int r = 0;

	while (r == 0) {
		if (s->is_terminal)
			fputs("> ", stdout);
		fflush(stdout);
		n = getline(&line, &cap, stdin);
		if (n < 0)
			break;
		while (n && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			line[--n] = '\0';
		r = line[0] == '/' ? command(s, line) : play_text(&s->play, s->from, s->to, line);
		print_said(s);
	}
	free(line);
	if (s->is_terminal)
		putchar('\n');
	return r < 0 ? cli_fail(CLI_INTERNAL, "%s", tw_strerror(r)) : CLI_OK;
}

/* Who texts whom at first. 0, or an exit code after saying why. */
static int begin(struct session *s, const struct try_options *o, struct play_source *source)
{
	struct number n;
	enum number_error e = number_read(o->from ? o->from : PLAY_CUSTOMER,
					  source->settings->country, &n);

	if (e != NUMBER_OK)
		return cli_fail(CLI_DATA, "%s: %s", o->from, number_error_text(e));
	tw_strset(s->from, sizeof(s->from), n.text);
	tw_strset(s->to, sizeof(s->to), play_first_number(source));
	if (o->account && play_source_choose(source, o->account, s->to) < 0)
		return cli_fail(CLI_UNKNOWN, "no account is called %s", o->account);
	return 0;
}

static int run(struct cli *c, const void *p)
{
	const struct try_options *o = p;
	struct session s = { .is_terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) };
	struct play_source source;
	int r = play_source_read(c, &source);

	if (!r)
		r = begin(&s, o, &source);
	if (!r) {
		if (o->verbose)
			flows_trace(source.flows, on_step, NULL);
		play_open(&s.play, &source, tw_now_system().wall);
		s.play.shows_calls = o->verbose;
		r = converse(&s);
		play_close(&s.play);
	}
	play_source_done(&source);
	return r;
}

const struct cli_verb cli_verb_try = {
	.name = "try",
	.arguments = "[FLOW…]",
	.summary = "Talk to flows as a customer; no modem and no daemon needed",
	.about = "A line is a text; what comes back stands behind <. /as and /to say who texts "
		 "whom, /wait 2d "
		 "lets\ntime go by, /call is a missed call, /answer TEXT (or fail) is what the "
		 "next webhook,\nprogram, look-up or "
		 "calendar says, without which its fallback runs; /fields shows what is known of "
		 "the customer. Nothing "
		 "is kept.\nFiles and folders of *.conf; without any those of --config.\n\n"
		 "  twoway try flows/\n  twoway try -v flows/hello.conf",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct try_options),
	.max_words = -1,
	.run = run,
};
