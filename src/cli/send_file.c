/* twoway send --file: several requests at a time, so that they share the daemon's commits. Two to
 * the same number never at once: they would change places. */
#include "send.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CODE_KEY_USED = 20410, AT_ONCE = 16, BAR = 30, LINE_MAX_OCTETS = 48 << 10 };

struct slot {
	struct client_call call;
	char *to;
	unsigned long line;
	bool is_used;
};
struct job {
	struct cli *c;
	const struct send_options *o;
	struct wall_ms at;
	const char *name;
	FILE *in;
	off_t size, seen;		/* octets, for the bar; size 0: unknown */
	bool has_bar;
	struct client *k;
	struct slot slots[AT_ONCE];	/* a ring: answers are printed in the order of the lines */
	size_t head, used;
	unsigned long line, sent, bad, repeated;
	unsigned long unknown;		/* the first line that was given and not answered, 0 none */
	int result;			/* an exit code that ends the job */
};

const char *send_line_read(char *line, size_t n, char **ret_to, char **ret_text)
{
	char *tab;

	*ret_to = *ret_text = NULL;
	while (n && (line[n - 1] == '\n' || line[n - 1] == '\r'))
		line[--n] = 0;
	if (!n)
		return NULL;
	if (n > LINE_MAX_OCTETS)
		return "longer than a message can be";
	if (memchr(line, 0, n))
		return "holds a NUL octet";
	if (!tw_utf8_is_valid(line, n))
		return "not UTF-8";
	tab = memchr(line, '\t', n);
	if (!tab)
		return "no tab between number and text";
	if (tab == line)
		return "no number before the tab";
	if (!tab[1])
		return "no text behind the tab";
	*tab = 0;
	*ret_to = line;
	*ret_text = tab + 1;
	return NULL;
}

static void draw_bar(struct job *j)
{
	int done;

	if (!j->has_bar)
		return;
	if (!j->size) {
		fprintf(stderr, "\r%lu sent, %lu bad ", j->sent, j->bad);
		return;
	}
	done = (int)(j->seen * BAR / j->size);
	fprintf(stderr, "\r[%.*s%.*s] %3d%%  %lu sent, %lu bad ", done,
		"##############################", BAR - done, "                              ",
		(int)(j->seen * 100 / j->size), j->sent, j->bad);
}

static void clear_bar(struct job *j)
{
	if (j->has_bar)
		fputs("\r\033[K", stderr);
}

static void name_bad(struct job *j, unsigned long line, const char *why)
{
	struct tw_buf safe = { 0 };

	j->bad++;
	clear_bar(j);
	show_safe(why, strlen(why), &safe);
	fflush(stdout);
	fprintf(stderr, "%s:%lu: %s\n", j->name, line, tw_buf_str(&safe));
	tw_buf_done(&safe);
}

/* What concerns this line alone names it; what concerns all ends the job. */
static void take_refusal(struct job *j, struct slot *s)
{
	json_t *root = json_loadb(tw_buf_str(&s->call.answer), s->call.answer.n, 0, NULL);
	int code = cli_exit_of(s->call.status, (int)cli_member_int(root, "code"));

	/* The key holds --at as it was typed: the same line then, at another time by the clock. */
	if (cli_member_int(root, "code") == CODE_KEY_USED) {
		j->repeated++;
		json_decref(root);
		return;
	}
	name_bad(j, s->line, root ? cli_member(root, "detail") : "refused");
	if ((code == CLI_LATER || code == CLI_INTERNAL || code == CLI_USAGE ||
	     s->call.status == 401) && !j->result)
		j->result = code;
	json_decref(root);
}

static void print_id(struct job *j, struct slot *s)
{
	json_t *m = json_loadb(tw_buf_str(&s->call.answer), s->call.answer.n, 0, NULL);

	j->sent += !s->call.is_repeated;
	j->repeated += s->call.is_repeated;
	/* Over a terminal's bar an id a line would be noise; into a pipe or a file it is the
	 * result. */
	if (j->c->json) {
		clear_bar(j);
		cli_print_json(m);
	} else if (!(j->has_bar && isatty(STDOUT_FILENO))) {
		puts(cli_member(m, "id"));
	}
	json_decref(m);
}

/* The oldest request of the ring, once its answer is there. */
static void retire(struct job *j)
{
	struct slot *s = &j->slots[j->head];

	while (s->call.is_busy && j->result != CLI_ABSENT) {
		struct client_call *ended;
		int r = client_next(j->k, &ended);

		if (r)
			j->result = r;
	}
	if (s->call.is_busy || !s->call.status)
		j->unknown = j->unknown ? j->unknown : s->line;
	else if (s->call.status == 201)
		print_id(j, s);
	else
		take_refusal(j, s);
	client_call_done(&s->call);
	free(s->to);
	*s = (struct slot){ 0 };
	j->head = (j->head + 1) % AT_ONCE;
	j->used--;
	draw_bar(j);
}

static bool is_on_its_way(const struct job *j, const char *to)
{
	for (size_t i = 0; i < AT_ONCE; i++) {
		if (j->slots[i].is_used && !strcmp(j->slots[i].to, to))
			return true;
	}
	return false;
}

/* The same line of the same file, sent in the same way, has the same key: what was taken once is
 * not taken again when the file is given anew. What comes through a pipe cannot be given anew.
 * Heap; NULL: none. */
static char *key_of(const struct job *j, const char *to, const char *text)
{
	const char *slash = strrchr(j->name, '/');
	const struct send_options *o = j->o;
	uint8_t digest[32];
	char *whole, hex[65];

	if (j->in == stdin || o->again)
		return NULL;
	whole = tw_printf("%s\n%lu\n%s\n%s\n%s\n%s\n%s\n%s\n%s", slash ? slash + 1 : j->name,
			  j->line, to, text,
			  o->from ? o->from : "", o->account ? o->account : "", o->at ? o->at : "",
			  o->valid_for ? o->valid_for : "", o->key ? o->key : "");
	tw_sha256(whole, strlen(whole), digest);
	tw_hex_write(digest, sizeof(digest), hex, false);
	free(whole);
	return tw_printf("file-%.32s", hex);
}

static void send_line(struct job *j, const char *to, const char *text)
{
	struct slot *s;

	while (j->used == AT_ONCE || is_on_its_way(j, to))
		retire(j);
	if (j->result)
		return;
	s = &j->slots[(j->head + j->used) % AT_ONCE];
	*s = (struct slot){ .to = tw_strdup(to), .line = j->line, .is_used = true };
	s->call.method = "POST";
	s->call.path = tw_strdup("/api/v1/messages");
	s->call.body = send_body(j->o, to, text, j->at);
	s->call.key = key_of(j, to, text);
	j->used++;
	j->result = client_begin(j->k, &s->call);
}

static void read_lines(struct job *j)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	while (!j->result && (n = getline(&line, &cap, j->in)) >= 0) {
		static const char mark[] = "\xef\xbb\xbf";	/* of editors on Windows */
		char *start = line, *to, *text;
		const char *wrong;

		j->line++;
		j->seen += n;
		if (j->line == 1 && n >= 3 && !memcmp(line, mark, 3))
			start += 3, n -= 3;
		wrong = send_line_read(start, (size_t)n, &to, &text);
		if (wrong)
			name_bad(j, j->line, wrong);
		else if (to)
			send_line(j, to, text);
	}
	free(line);
	if (ferror(j->in)) {
		name_bad(j, j->line + 1, tw_strerror(-errno));
		if (!j->result)
			j->result = CLI_DATA;
	}
	while (j->used)
		retire(j);
	clear_bar(j);
}

static int open_file(struct job *j)
{
	struct stat st = { 0 };

	j->name = strcmp(j->o->file, "-") ? j->o->file : "standard input";
	j->in = strcmp(j->o->file, "-") ? fopen(j->o->file, "re") : stdin;
	if (!j->in)
		return cli_fail(errno == EACCES ? CLI_DENIED : CLI_UNKNOWN, "%s: %s", j->o->file,
				tw_strerror(-errno));
	if (fstat(fileno(j->in), &st) == 0 && S_ISREG(st.st_mode))
		j->size = st.st_size;
	/* A folder opens like a file, and is the end of one at once. */
	if (j->in != stdin && S_ISDIR(st.st_mode)) {
		fclose(j->in);
		return cli_fail(CLI_DATA, "%s is a folder: name a file with a message a line",
				j->o->file);
	}
	j->has_bar = isatty(STDERR_FILENO) && (j->size || !isatty(fileno(j->in)));
	return 0;
}

int send_file(struct cli *c, const struct send_options *o, struct wall_ms at)
{
	struct job j = { .c = c, .o = o, .at = at };
	int r = open_file(&j);

	if (r)
		return r;
	r = client_open(c, &j.k);
	if (!r) {
		read_lines(&j);
		fflush(stdout);
		if (j.result && j.unknown && j.unknown <= j.line)
			r = cli_fail(j.result,
				     "stopped at line %lu: %lu sent; lines %lu to %lu may have "
				     "been taken or not (twoway messages tells), what follows was "
				     "not sent",
				     j.line, j.sent, j.unknown, j.line);
		else if (j.result)
			r = cli_fail(j.result,
				     "stopped at line %lu: %lu sent; what follows was not "
				     "sent", j.line, j.sent);
		else
			r = j.bad ? CLI_DATA : CLI_OK;
		if (!c->json && (j.has_bar || j.bad || j.repeated))
			fprintf(stderr, "%lu sent, %lu bad\n", j.sent, j.bad);
		if (j.repeated)
			fprintf(stderr, "%lu were sent within a day already, and not again "
					"(--again sends them)\n",
				j.repeated);
	}
	client_close(j.k);
	if (j.in != stdin)
		fclose(j.in);
	return r;
}
