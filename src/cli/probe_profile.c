/* From a modem's answers to a board profile: only what the answers prove is written, the rest keeps
 * its default. */
#include "probe.h"

#include <ctype.h>
#include <stdio.h>
#include <strings.h>

static const char *const fixed[] = {
	"AT+CGMI", "AT+CGMM", "AT+CGMR", "ATI", "AT+CGSN", "AT+GCAP", "AT+CPIN?",
	"AT+CFUN=?", "AT+CFUN?",
	"AT+CSQ", "AT+CESQ", "AT+CREG=?", "AT+CREG?", "AT+CGREG=?", "AT+CGREG?", "AT+CEREG=?",
	"AT+CEREG?",
	"AT+COPS?", "AT+CIMI", "AT+CSMS=?", "AT+CSMS?", "AT+CPMS=?", "AT+CPMS?",
	"AT+CNMI=?", "AT+CNMI?",
	"AT+CNMA=?", "AT+CMGF=?", "AT+CMGL=?", "AT+CMGD=?", "AT+CMMS=?", "AT+CMMS?", "AT+CGSMS=?",
	"AT+CGSMS?", "AT+CSCS=?", "AT+CSCA?", "AT+CUSD=?", "AT+CLIP=?", "AT+CRSM=176,12258,0,0,10",
};

struct probe_answer *probe_answer_add(struct probe_answers *a, const char *command)
{
	a->v = tw_realloc(a->v, (a->n + 1) * sizeof(*a->v));
	a->v[a->n] = (struct probe_answer){ .command = tw_strdup(command), .result = AT_TIMEOUT };
	return &a->v[a->n++];
}

void probe_answers_done(struct probe_answers *a)
{
	for (size_t i = 0; i < a->n; i++) {
		free(a->v[i].command);
		tw_strings_done(&a->v[i].lines);
	}
	free(a->v);
	*a = (struct probe_answers){ 0 };
}

static void add_once(struct tw_strings *to, const char *text)
{
	for (size_t i = 0; i < to->n; i++)
		if (!strcmp(to->v[i], text))
			return;
	if (*text)
		tw_strings_add(to, text);
}

void probe_questions(const struct boards *boards, struct tw_strings *ret)
{
	for (size_t i = 0; i < TW_COUNT(fixed); i++)
		tw_strings_add(ret, fixed[i]);
	for (size_t i = 0; i < boards_count(boards); i++)
		add_once(ret, boards_at(boards, i)->iccid);
	for (size_t i = 0; i < boards_count(boards); i++)
		add_once(ret, boards_at(boards, i)->pin_counter);
}

static const struct probe_answer *answer_to(const struct probe_answers *a, const char *command)
{
	for (size_t i = 0; i < a->n; i++)
		if (!strcmp(a->v[i].command, command))
			return &a->v[i];
	return NULL;
}

/* The first line of a good answer; "" where there is none. */
static const char *line_of(const struct probe_answers *a, const char *command)
{
	const struct probe_answer *x = answer_to(a, command);

	return x && x->result == AT_OK && x->lines.n ? x->lines.v[0] : "";
}

/* ---- lists in answers ---------------------------------------------------------------------- */

/* Behind "+CNMI:". */
static const char *behind_name(const char *line)
{
	const char *colon = strchr(line, ':');

	line = colon ? colon + 1 : line;
	return line + strspn(line, " ");
}

/* The n-th element at the outermost level, without its brackets; false: there are fewer. */
static bool element(const char *list, size_t n, const char **ret, size_t *ret_n)
{
	const char *begin = list, *p = list;
	int depth = 0;

	for (; ; p++) {
		bool is_end = !*p;

		depth += *p == '(';
		depth -= *p == ')';
		if (!is_end && !(*p == ',' && depth <= 0))
			continue;
		if (n-- == 0) {
			while (p > begin && (p[-1] == ' ' || p[-1] == ')'))
				p--;
			begin += strspn(begin, " (");
			*ret = begin;
			*ret_n = p > begin ? (size_t)(p - begin) : 0;
			return true;
		}
		if (is_end)
			return false;
		begin = p + 1;
	}
}

/* Some put one more pair of brackets around all lists: "((…),(…))". */
static char *without_bracket(const char *list)
{
	size_t n = strlen(list);

	return n > 4 && list[0] == '(' && list[1] == '(' && !strcmp(list + n - 2, "))") ?
	       tw_strndup(list + 1, n - 2) : tw_strdup(list);
}

static size_t count_elements(const char *list)
{
	const char *text;
	size_t n = 0, length;

	while (*list && element(list, n, &text, &length))
		n++;
	return n;
}

bool probe_allows(const char *line, size_t n, int value)
{
	const char *p, *end;
	size_t length;

	if (!element(behind_name(line), n, &p, &length))
		return false;
	for (end = p + length; p < end; ) {
		char *rest;
		long from = strtol(p, &rest, 10), to = from;

		if (rest == p) {
			p++;
			continue;
		}
		p = rest;
		if (p < end && *p == '-') {
			to = strtol(p + 1, &rest, 10);
			p = rest;
		}
		if (value >= from && value <= to)
			return true;
	}
	return false;
}

/* ---- keys ---------------------------------------------------------------------------------- */

/* What can stand between quotation marks of a profile. */
static void put_text(struct tw_buf *out, const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= ' ' && *text != '"' && *text != '\\')
			tw_buf_addc(out, *text);
}

static void put_key(struct tw_buf *out, const char *key)
{
	tw_buf_addf(out, "%-19s = ", key);
}

static void put_string(struct tw_buf *out, const char *key, const char *value)
{
	put_key(out, key);
	tw_buf_addc(out, '"');
	put_text(out, value);
	tw_buf_adds(out, "\";\n");
}

static void put_list(struct tw_buf *out, const char *key, const struct tw_strings *list)
{
	put_key(out, key);
	tw_buf_adds(out, list->n ? "[ " : "[ ]");
	for (size_t i = 0; i < list->n; i++) {
		tw_buf_adds(out, i ? ", \"" : "\"");
		put_text(out, list->v[i]);
		tw_buf_addc(out, '"');
	}
	tw_buf_adds(out, list->n ? " ];\n" : ";\n");
}

/* A name as the modem says it: without "+CGMM:" and quotation marks. */
static char *bare(const char *line)
{
	char *text;
	size_t n;

	if (*line == '+')
		line = behind_name(line);
	line += strspn(line, "\" ");
	n = strcspn(line, "\"");
	text = tw_strndup(line, n > 60 ? 60 : n);
	for (n = strlen(text); n && text[n - 1] == ' '; n--)
		text[n - 1] = '\0';
	return text;
}

static void put_identity(const struct probe_answers *a, struct tw_buf *out)
{
	char *maker = bare(line_of(a, "AT+CGMI")), *model = bare(line_of(a, "AT+CGMM"));
	struct tw_strings words = { 0 };
	char *both;

	maker[strcspn(maker, " ,")] = '\0';
	both = tw_printf("%s%s%s", maker, *maker && *model ? " " : "", model);
	if (*both)
		tw_strings_add(&words, both);
	put_list(out, "identity", &words);
	tw_strings_done(&words);
	free(both);
	free(maker);
	free(model);
}

static void put_usb(const struct bank_port *port, struct tw_buf *out)
{
	struct tw_strings one = { 0 };
	char *entry;

	if (!port || !port->usb[0])
		return;
	tw_strings_add(&one, port->usb);
	put_list(out, "usb", &one);
	tw_strings_done(&one);
	if (port->driver[0]) {
		tw_strings_add(&one, port->driver);
		put_list(out, "drivers", &one);
		tw_strings_done(&one);
	}
	if (port->interface < 0)
		return;
	entry = tw_printf("%s %d", port->usb, port->interface);
	tw_strings_add(&one, entry);
	put_list(out, "at_interfaces", &one);
	tw_strings_done(&one);
	free(entry);
}

static bool names_storage(const char *list, size_t n, size_t count, const char *name)
{
	const char *text;
	size_t length;

	for (size_t i = n; i < count; i++)
		if (!element(list, i, &text, &length) || !memmem(text, length, name, 2))
			return false;
	return true;
}

static void put_storage(const struct probe_answers *a, struct tw_buf *out)
{
	tw_auto(tw_free_charp) char *list = without_bracket(behind_name(line_of(a, "AT+CPMS=?")));
	static const char *const known[] = { "SM", "ME" };
	struct tw_strings names = { 0 };
	size_t n = count_elements(list);

	if (!n || n > 3)
		return;
	for (size_t i = 0; i < TW_COUNT(known); i++)
		if (names_storage(list, 0, n, known[i]))
			tw_strings_add(&names, known[i]);
	if (names.n)
		put_list(out, "storage", &names);
	if (n < 3) {
		put_key(out, "storage_parameters");
		tw_buf_addf(out, "%zu;\n", n);
	}
	tw_strings_done(&names);
}

/* The rungs of a ladder that the modem says it takes; bfr 1 where 0 is not among its values. */
static void choose_rungs(const char *line, const struct tw_strings *ladder, struct tw_strings *ret)
{
	for (size_t i = 0; i < ladder->n; i++) {
		int v[5] = { 0 };
		char rung[32];
		bool ok = true;

		if (sscanf(ladder->v[i], "%d,%d,%d,%d,%d", &v[0], &v[1], &v[2], &v[3], &v[4]) != 5)
			continue;
		for (size_t k = 0; k < 4; k++)
			ok = ok && probe_allows(line, k, v[k]);
		if (!probe_allows(line, 4, v[4]) && probe_allows(line, 4, 1))
			v[4] = 1;
		snprintf(rung, sizeof(rung), "%d,%d,%d,%d,%d", v[0], v[1], v[2], v[3], v[4]);
		if (ok)
			tw_strings_add(ret, rung);
	}
}

static void put_cnmi(const struct probe_answers *a, const struct board *generic, struct tw_buf *out)
{
	const char *line = line_of(a, "AT+CNMI=?");
	struct tw_strings rungs = { 0 };

	if (!*line)
		return;
	choose_rungs(line, &generic->cnmi, &rungs);
	if (rungs.n)
		put_list(out, "cnmi", &rungs);
	tw_strings_done(&rungs);
	choose_rungs(line, &generic->cnmi_direct, &rungs);
	put_list(out, "cnmi_direct", &rungs);
	tw_strings_done(&rungs);
}

static void put_cmms(const struct probe_answers *a, struct tw_buf *out)
{
	const char *line = line_of(a, "AT+CMMS=?");

	if (*line && (probe_allows(line, 0, 1) || probe_allows(line, 0, 2)))
		put_string(out, "cmms", probe_allows(line, 0, 1) ? "1" : "2");
}

/* ---- the SIM ------------------------------------------------------------------------------- */

static bool has_iccid(const char *line)
{
	for (const char *p = line; *p; p++) {
		size_t n = strspn(p, "0123456789");

		if (n >= 18 && n <= 20 && !strncmp(p, "89", 2))
			return true;
		p += n ? n - 1 : 0;
	}
	return false;
}

/* The common way of generic is tried first, then those of the others. */
static const struct board *nth_board(const struct boards *boards, size_t i)
{
	return i ? boards_at(boards, i - 1) : boards_named(boards, "generic");
}

static void put_iccid(const struct probe_answers *a, const struct boards *boards,
		      struct tw_buf *out)
{
	for (size_t i = 0; i <= boards_count(boards); i++) {
		const char *command = nth_board(boards, i)->iccid;

		if (!has_iccid(line_of(a, command)))
			continue;
		put_string(out, "iccid", command);
		return;
	}
	if (*line_of(a, "AT+CRSM=176,12258,0,0,10"))
		put_string(out, "iccid", "");
}

/* Whether the counter stands where a profile with this format looks for it. */
static bool has_counter(const struct probe_answer *x, const char *format)
{
	static const char *const names[] = { "first", "second", "third", "fourth" };
	const char *text;
	size_t n;

	if (!strcmp(format, "cpinr")) {
		for (size_t i = 0; i < x->lines.n; i++)
			if (strstr(x->lines.v[i], "SIM PIN,"))
				return true;
		return false;
	}
	for (size_t i = 0; i < TW_COUNT(names) && x->lines.n; i++)
		if (!strcmp(names[i], format))
			return element(behind_name(x->lines.v[0]), i, &text, &n) &&
			n >= 1 && n <= 2 &&
			       isdigit((unsigned char)text[0]);
	return false;
}

static void put_counter(const struct probe_answers *a, const struct boards *boards,
			struct tw_buf *out)
{
	for (size_t i = 0; i <= boards_count(boards); i++) {
		const struct board *b = nth_board(boards, i);
		const struct probe_answer *x = *b->pin_counter ? answer_to(a, b->pin_counter)
			: NULL;

		if (!x || x->result != AT_OK || !has_counter(x, b->pin_counter_format))
			continue;
		put_string(out, "pin_counter", b->pin_counter);
		put_string(out, "pin_counter_format", b->pin_counter_format);
		return;
	}
	put_string(out, "pin_counter", "");
}

static void put_power(const struct probe_answers *a, struct tw_buf *out)
{
	const struct probe_answer *pin = answer_to(a, "AT+CPIN?");
	const char *line = line_of(a, "AT+CFUN=?");

	if (pin && pin->result == AT_TIMEOUT && pin->lines.n) {
		put_key(out, "no_final_after_cpin");
		tw_buf_adds(out, "true;\n");
	}
	if (*line && !probe_allows(line, 0, 4))
		put_string(out, "radio_off", "");
	if (*line && !probe_allows(line, 1, 1))
		put_string(out, "soft_reset", "");
}

/* ---- the file ------------------------------------------------------------------------------ */

static void add_says(const struct probe_answers *a, const char *command, struct tw_buf *out)
{
	const struct probe_answer *x = answer_to(a, command);

	for (size_t i = 0; x && x->result == AT_OK && i < x->lines.n; i++)
		tw_buf_addf(out, "%s\n", x->lines.v[i]);
}

const struct board *probe_match(const struct probe_answers *a, const struct boards *boards,
				const char *usb)
{
	struct tw_buf says = { 0 };
	const struct board *b;

	add_says(a, "AT+CGMI", &says);
	add_says(a, "AT+CGMM", &says);
	add_says(a, "ATI", &says);
	b = boards_match(boards, usb, tw_buf_str(&says));
	tw_buf_done(&says);
	return b;
}

/* A run of six digits or more tells whose SIM or modem it is. */
static void put_masked(struct tw_buf *out, const char *line)
{
	while (*line) {
		size_t n = strspn(line, "0123456789");

		if (n >= 6)
			tw_buf_addf(out, "(%zu digits)", n);
		else if (n)
			tw_buf_add(out, line, n);
		else if ((unsigned char)*line >= ' ')
			tw_buf_addc(out, *line);
		line += n ? n : 1;
	}
}

/* CRSM answers with the card's own digits in hex. */
static bool is_private(const char *command)
{
	return !strncmp(command, "AT+CRSM", 7);
}

static void put_answers(const struct probe_answers *a, struct tw_buf *out)
{
	char cause[32];

	tw_buf_adds(out, "\n# What it answered; digits that name a SIM or a modem are left out.\n");
	for (size_t i = 0; i < a->n; i++) {
		const struct probe_answer *x = &a->v[i];

		tw_buf_addf(out, "# > %s\n", x->command);
		for (size_t k = 0; k < x->lines.n; k++) {
			tw_buf_adds(out, "# < ");
			if (is_private(x->command))
				tw_buf_adds(out, "(left out)");
			else
				put_masked(out, x->lines.v[k]);
			tw_buf_addc(out, '\n');
		}
		tw_buf_addf(out, "# < %s\n", x->result == AT_OK ? "OK" :
			    at_cause(x->result, x->code, cause));
	}
}

static void put_sim(const struct probe_answers *a, struct tw_buf *out)
{
	static const struct { const char *key, *command; } keys[] = {
		{ "maker", "AT+CGMI" }, { "model", "AT+CGMM" }, { "firmware", "AT+CGMR" },
	};

	tw_buf_adds(out, "\nsim = {");
	for (size_t i = 0; i < TW_COUNT(keys); i++) {
		char *text = bare(line_of(a, keys[i].command));

		if (*text) {
			tw_buf_addf(out, " %s = \"", keys[i].key);
			put_text(out, text);
			tw_buf_adds(out, "\";");
		}
		free(text);
	}
	tw_buf_adds(out, " };\n");
}

void probe_write_profile(const struct probe_answers *a, const struct boards *boards,
			 const struct bank_port *port, struct tw_buf *out)
{
	tw_buf_addf(out, "# Written by twoway probe. The nearest profile that comes with twoway: "
			 "%s.\n",
		    probe_match(a, boards, port ? port->usb : "")->name);
	put_identity(a, out);
	put_usb(port, out);
	put_storage(a, out);
	put_cnmi(a, boards_named(boards, "generic"), out);
	put_cmms(a, out);
	put_iccid(a, boards, out);
	put_counter(a, boards, out);
	put_power(a, out);
	put_sim(a, out);
	put_answers(a, out);
}
