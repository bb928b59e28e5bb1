/* twoway test: transcripts (contract 2) played against flows. */
#include "play.h"

#include <errno.h>
#include <stdio.h>

struct test_options { const char *junit; bool verbose; };
static const struct cli_option options[] = {
	{ "junit", "FILE", offsetof(struct test_options, junit), "write the results as JUnit XML" },
	{ "verbose", NULL, offsetof(struct test_options, verbose),
	  "-v: name each step that no transcript takes" },
};

/* One transcript being played. */
struct transcript {
	const char *path;
	const struct play_source *source;
	struct play play;
	bool is_open;
	char from[TW_ADDRESS_MAX], to[TW_ADDRESS_MAX], at[32];
	unsigned line, fault_line;
	size_t checks;
	struct tw_buf fault;		/* the first difference; empty: none */
};

static void __attribute__((format(printf, 2, 3))) fault(struct transcript *t,
							const char *format, ...)
{
	va_list args;
	char *text;

	if (t->fault.n)
		return;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	tw_buf_adds(&t->fault, text);
	t->fault_line = t->line;
	free(text);
}

/* ---- texts --------------------------------------------------------------------------------- */

/* \n is a line break in what customers write and get. */
static char *unescape(const char *text)
{
	struct tw_buf out = { 0 };

	for (const char *p = text; *p; p++) {
		if (p[0] == '\\' && p[1] == 'n') {
			tw_buf_addc(&out, '\n');
			p++;
		} else {
			tw_buf_addc(&out, *p);
		}
	}
	tw_buf_adds(&out, "");
	return tw_buf_take(&out);
}

/* `*` is any run of characters, `\*` a star. */
static bool matches(const char *pattern, const char *text)
{
	const char *star = NULL, *from = NULL;

	while (*text) {
		bool is_plain = pattern[0] == '\\' && pattern[1] == '*';

		if (*pattern == '*' && !is_plain) {
			star = ++pattern;
			from = text;
		} else if (*pattern && pattern[is_plain] == *text) {
			pattern += 1 + is_plain;
			text++;
		} else if (star) {
			pattern = star;
			text = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

static void add_said(struct tw_buf *out, const char *from, const char *to, const char *text)
{
	struct tw_buf safe = { 0 };

	show_safe(text, strlen(text), &safe);
	tw_buf_addf(out, "<%s %s", strcmp(from, to) ? to : "", tw_buf_str(&safe));
	tw_buf_done(&safe);
}

/* ---- lines --------------------------------------------------------------------------------- */

static void open_play(struct transcript *t)
{
	struct wall_ms start;

	if (t->is_open)
		return;
	if (play_time_read(t->source, play_account(t->source, t->to), t->at, &start) < 0) {
		fault(t, "`at` wants a time such as 2026-05-04 09:00");
		start = (struct wall_ms){ INT64_C(1767603600000) };
	}
	play_open(&t->play, t->source, start);
	t->is_open = true;
}

static void nothing_more(struct transcript *t)
{
	struct tw_buf got = { 0 };

	if (!t->is_open || !t->play.n_said)
		return;
	add_said(&got, t->from, t->play.said[0].to, t->play.said[0].text);
	fault(t, "expected nothing got %s", tw_buf_str(&got));
	tw_buf_done(&got);
}

/* The first message to this number; those of others may come in any order. */
static void expect(struct transcript *t, const char *to, const char *wanted)
{
	tw_auto(tw_free_charp) char *pattern = unescape(wanted);
	struct tw_buf want = { 0 }, got = { 0 };
	size_t i = 0;

	open_play(t);
	t->checks++;
	while (i < t->play.n_said && strcmp(t->play.said[i].to, to))
		i++;
	tw_buf_addf(&want, "<%s %s", strcmp(t->from, to) ? to : "", wanted);
	if (i == t->play.n_said) {
		if (t->play.n_said)
			add_said(&got, t->from, t->play.said[0].to, t->play.said[0].text);
		fault(t, "expected %s got %s", tw_buf_str(&want),
		      t->play.n_said ? tw_buf_str(&got) : "nothing");
	} else if (!matches(pattern, t->play.said[i].text)) {
		add_said(&got, t->from, to, t->play.said[i].text);
		fault(t, "expected %s got %s", tw_buf_str(&want), tw_buf_str(&got));
	} else {
		play_forget(&t->play, i);
	}
	tw_buf_done(&want);
	tw_buf_done(&got);
}

/* "< text", "<NUMBER text"; what is no number begins the text, blank or not. */
static void expect_line(struct transcript *t, const char *rest)
{
	size_t n = strcspn(rest, " ");
	tw_auto(tw_free_charp) char *to = tw_strndup(rest, n);
	struct number number = { .kind = NUMBER_NAME };

	if (n && number_read(to, t->source->settings->country, &number) == NUMBER_OK &&
	    number.kind != NUMBER_NAME)
		expect(t, number.text, rest[n] ? rest + n + 1 : rest + n);
	else
		expect(t, t->from, rest + (*rest == ' '));
}

/* "= acme: EXPRESSION" names the account. */
static void is_true(struct transcript *t, const char *rest)
{
	const char *account = play_account(t->source, t->to), *expression = rest,
		*colon = strchr(rest, ':');
	struct tw_findings findings = { 0 };
	bool holds = false;

	for (size_t i = 0; colon && i < t->source->settings->n_accounts; i++) {
		const char *name = t->source->settings->accounts[i].name;

		if (strlen(name) == (size_t)(colon - rest) && !memcmp(name, rest, strlen(name))) {
			account = name;
			expression = colon + 1;
		}
	}
	t->checks++;
	if (exchange_is_true(t->play.x, t->from, account, expression, t->play.now, &holds,
			     &findings) < 0)
		fault(t, "%s", findings.n ? findings.v[0].text : "the store failed");
	else if (!holds)
		fault(t, "expected =%s%s got false, of %s in account %s",
		      *expression == ' ' ? "" : " ", expression, t->from, account);
	tw_findings_done(&findings);
}

static void set_number(struct transcript *t, char *to, const char *typed)
{
	struct number n;
	enum number_error e = number_read(typed, t->source->settings->country, &n);

	if (e == NUMBER_OK)
		tw_strset(to, TW_ADDRESS_MAX, n.text);
	else
		fault(t, "%s: %s", typed, number_error_text(e));
}

static void set_time(struct transcript *t, const char *rest)
{
	struct wall_ms at;

	tw_strset(t->at, sizeof(t->at), rest);
	if (!t->is_open)
		return;
	nothing_more(t);
	if (play_time_read(t->source, play_account(t->source, t->to), rest, &at) < 0)
		fault(t, "`at` wants a time such as 2026-05-04 09:00");
	else if (at.ms < t->play.now.wall.ms)
		fault(t, "time does not go back: it is later than %s already", rest);
	else
		play_wait(&t->play, at.ms - t->play.now.wall.ms);
}

static void wait_for(struct transcript *t, const char *rest)
{
	int64_t ms;

	if (tw_duration_read(rest, &ms) < 0 || ms > INT64_C(800) * 24 * 3600 * 1000)
		fault(t, "`wait` wants a duration such as 2d");
	else if (play_wait(&t->play, ms) < 0)
		fault(t, "the store failed");
}

static void say(struct transcript *t, const char *rest)
{
	tw_auto(tw_free_charp) char *text = unescape(rest);

	if (play_text(&t->play, t->from, t->to, text) < 0)
		fault(t, "the text could not be kept");
}

static void choose_arm(struct transcript *t, const char *rest)
{
	size_t n = strcspn(rest, " ");
	tw_auto(tw_free_charp) char *split = tw_strndup(rest, n);

	if (!n || !rest[n])
		fault(t, "`arm` wants a split and an arm");
	else
		exchange_choose_arm(t->play.x, split, rest + n + 1);
}

static void answer(struct transcript *t, const char *rest)
{
	tw_auto(tw_free_charp) char *text = unescape(rest);

	if (!*rest)
		fault(t,
		      "`answer` wants what the next webhook, program, look-up or calendar "
		      "says, or `fail`");
	else
		play_answer(&t->play, strcmp(rest, "fail") ? text : NULL);
}

/* What stands behind a word and one blank; NULL: the line begins otherwise. */
static const char *behind(const char *line, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(line, word, n) || (line[n] && line[n] != ' '))
		return NULL;
	return line[n] ? line + n + 1 : line + n;
}

static void play_line(struct transcript *t, const char *line)
{
	const char *rest;

	if (!line[strspn(line, " \t")] || *line == '#')
		return;
	if ((rest = behind(line, "at"))) {
		set_time(t, rest);
		return;
	}
	if ((rest = behind(line, "as"))) {
		nothing_more(t);
		set_number(t, t->from, rest);
		return;
	}
	if ((rest = behind(line, "to"))) {
		nothing_more(t);
		set_number(t, t->to, rest);
		return;
	}
	open_play(t);
	if (*line == '<') {
		expect_line(t, line + 1);
		return;
	}
	if (*line == '=') {
		is_true(t, line + 1 + (line[1] == ' '));
		return;
	}
	nothing_more(t);
	if (!strcmp(line, "-"))
		t->checks++;
	else if (*line == '>')
		say(t, line + 1 + (line[1] == ' '));
	else if (!strcmp(line, "call"))
		play_call(&t->play, t->from, t->to);
	else if ((rest = behind(line, "wait")))
		wait_for(t, rest);
	else if ((rest = behind(line, "arm")))
		choose_arm(t, rest);
	else if ((rest = behind(line, "answer")))
		answer(t, rest);
	else
		fault(t,
		      "a line begins with # > < - = or is one of: as to at wait call arm answer");
}

static void play_file(struct transcript *t)
{
	FILE *in = fopen(t->path, "re");
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	if (!in) {
		fault(t, "%s", tw_strerror(-errno));
		return;
	}
	while (!t->fault.n && (n = getline(&line, &cap, in)) >= 0) {
		t->line++;
		while (n && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			line[--n] = '\0';
		bool has_mark = t->line == 1 && !strncmp(line, "\xEF\xBB\xBF", 3);

		if (!tw_utf8_is_valid(line, (size_t)n))
			fault(t, "this line is no UTF-8");
		else
			play_line(t, line + (has_mark ? 3 : 0));
	}
	nothing_more(t);
	if (t->is_open && t->play.n_answers)
		fault(t, "nobody asked for %zu `answer` line%s", t->play.n_answers,
		      t->play.n_answers == 1 ? "" : "s");
	free(line);
	fclose(in);
	if (t->is_open)
		play_close(&t->play);
}

/* ---- what is said -------------------------------------------------------------------------- */

static void add_xml(struct tw_buf *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p == '<')
			tw_buf_adds(out, "&lt;");
		else if (*p == '&')
			tw_buf_adds(out, "&amp;");
		else if (*p == '"')
			tw_buf_adds(out, "&quot;");
		else if ((unsigned char)*p >= ' ' || *p == '\n')
			tw_buf_addc(out, *p);
	}
}

static void add_case(struct tw_buf *xml, const struct transcript *t)
{
	tw_buf_adds(xml, "  <testcase classname=\"twoway\" name=\"");
	add_xml(xml, t->path);
	tw_buf_addf(xml, "\" assertions=\"%zu\"", t->checks);
	if (!t->fault.n) {
		tw_buf_adds(xml, "/>\n");
		return;
	}
	tw_buf_adds(xml, "><failure>");
	add_xml(xml, t->path);
	tw_buf_addf(xml, ":%u: ", t->fault_line);
	add_xml(xml, tw_buf_str(&t->fault));
	tw_buf_adds(xml, "</failure></testcase>\n");
}

static int write_junit(const char *path, const struct tw_buf *cases, size_t n, size_t failed)
{
	FILE *out = fopen(path, "we");
	bool is_written;

	if (!out)
		return cli_fail(CLI_CREATE, "%s: %s", path, tw_strerror(-errno));
	fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"twoway\" "
		     "tests=\"%zu\" "
		"failures=\"%zu\">\n%s</testsuite>\n", n, failed, tw_buf_str(cases));
	is_written = !ferror(out);
	return fclose(out) == 0 && is_written ? CLI_OK : cli_fail(CLI_CREATE, "%s: %s", path,
								  tw_strerror(-errno));
}

static void on_uncovered(void *ctx, const char *file, unsigned line, const char *what)
{
	(void)ctx;
	printf("  %s:%u: %s\n", file, line, what);
}

static void print_cover(const struct flows *f, bool is_verbose)
{
	static const char *const names[] = { "keywords", "branches", "steps" };
	struct flow_cover cover[FLOW_COVER_COUNT];

	flows_cover(f, cover);
	printf("taken:");
	for (int i = 0; i < FLOW_COVER_COUNT; i++)
		printf("%s %zu of %zu %s", i ? "," : "", cover[i].seen, cover[i].all, names[i]);
	putchar('\n');
	if (is_verbose)
		flows_uncovered(f, on_uncovered, NULL);
}

static void print_fault(const struct cli *c, const struct transcript *t)
{
	json_t *o;

	if (!t->fault.n)
		return;
	if (!c->json) {
		printf("%s:%u: %s\n", t->path, t->fault_line, tw_buf_str(&t->fault));
		return;
	}
	o = json_pack("{s:s, s:i, s:n, s:s, s:s}", "file", t->path, "line", (int)t->fault_line,
		      "offset", "severity", "error", "text", tw_buf_str(&t->fault));
	cli_print_json(o);
	json_decref(o);
}

static void print_end(const struct test_options *o, const struct play_source *source,
		      size_t checks, size_t failed)
{
	printf("%zu transcript%s, %zu lines checked: %zu differ%s\n", source->transcripts.n,
	       source->transcripts.n == 1 ? "" : "s", checks, failed, failed == 1 ? "s" : "");
	print_cover(source->flows, o->verbose);
}

static int play_all(const struct cli *c, const struct test_options *o,
		    const struct play_source *source)
{
	size_t failed = 0, checks = 0;
	struct tw_buf cases = { 0 };
	int r = CLI_OK;

	for (size_t i = 0; i < source->transcripts.n; i++) {
		struct transcript t = { .path = source->transcripts.v[i], .source = source,
					.from = PLAY_CUSTOMER, .at = "2026-01-05 09:00" };

		tw_strset(t.to, sizeof(t.to), play_first_number(source));
		play_file(&t);
		print_fault(c, &t);
		failed += t.fault.n > 0;
		checks += t.checks;
		add_case(&cases, &t);
		tw_buf_done(&t.fault);
	}
	if (!c->json)
		print_end(o, source, checks, failed);
	if (o->junit)
		r = write_junit(o->junit, &cases, source->transcripts.n, failed);
	tw_buf_done(&cases);
	return failed ? CLI_DATA : r;
}

/* That a person would be called is part of what is played, and no error of the run. */
static void log_own_errors(void *ctx, enum tw_level level, const char *line)
{
	(void)ctx;
	if (level == TW_ERROR && !strstr(line, " error alert"))
		fprintf(stderr, "%s\n", line);
}

static int run(struct cli *c, const void *p)
{
	const struct test_options *o = p;
	struct play_source source;
	int r = play_source_read(c, &source);

	tw_log_sink(log_own_errors, NULL);
	if (!r && !source.transcripts.n)
		r = cli_fail(CLI_UNKNOWN, "no transcripts: name files *.txt, or a folder with a "
					  "folder `tests` of them");
	if (!r)
		r = play_all(c, o, &source);
	play_source_done(&source);
	return r;
}

const struct cli_verb cli_verb_test = {
	.name = "test",
	.arguments = "[FLOW|TRANSCRIPT…]",
	.summary = "Play transcripts against flows; no modem and no daemon needed",
	.about = "Folders bring their *.conf and the transcripts in `tests`; without any those "
		 "of --config,\nelse of " CLI_DEFAULT_CONFIG ". A transcript is lines: "
		 "`> text` the "
		 "customer\nwrites, `< text` comes back (`*` any characters), `<NUMBER text` goes "
		 "to somebody else, "
		 "`-` nothing more\ncomes, `= EXPRESSION` is true, `as NUMBER`, `to NUMBER`, `at "
		 "2026-05-04 09:00`, "
		 "`wait 2d`, `call`,\n`arm SPLIT ARM`, `answer TEXT` or `answer fail`: what the "
		 "next "
		 "webhook, program, look-up or calendar says; without it\ntheir fallback runs. "
		 "A message "
		 "that no line expects is a difference; ends 65 on one.\n\n"
		 "  twoway test flows/\n  twoway test -v --junit result.xml flows/",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct test_options),
	.max_words = -1,
	.run = run,
};
