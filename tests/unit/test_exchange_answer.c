/* What a program or a web server may say to a step, read from rows. */
#include "run.h"

#include <stdio.h>

#include "../../src/exchange/answer.h"

enum { LINE_MAX_OCTETS = 4096 };

static struct { char type[64], body[1024], expected[1024]; unsigned line; } rows[128];
static size_t n_rows;

/* \n \0 \xHH in a cell. */
static size_t unescape(const char *text, char *out)
{
	size_t n = 0;

	for (const char *p = text; *p; p++) {
		unsigned octet;

		if (p[0] == '\\' && p[1] == 'n') {
			out[n++] = '\n';
			p++;
		} else if (p[0] == '\\' && p[1] == 'x' && sscanf(p + 2, "%2x", &octet) == 1) {
			out[n++] = (char)octet;
			p += 3;
		} else {
			out[n++] = *p;
		}
	}
	out[n] = '\0';
	return n;
}

static void read_rows(void)
{
	FILE *f = fopen("../tests/vectors/answers.tsv", "r");
	char line[LINE_MAX_OCTETS];
	unsigned at = 0;

	if (!f)
		abort();
	while (fgets(line, sizeof(line), f)) {
		char *type = line, *body, *expected;

		at++;
		line[strcspn(line, "\n")] = '\0';
		if (!*line || *line == '#')
			continue;
		body = strchr(line, '\t');
		expected = body ? strchr(body + 1, '\t') : NULL;
		if (!expected || n_rows == TW_COUNT(rows)) {
			fprintf(stderr, "answers.tsv:%u: no row\n", at);
			abort();
		}
		*body++ = *expected++ = '\0';
		tw_strset(rows[n_rows].type, sizeof(rows[n_rows].type), type);
		tw_strset(rows[n_rows].body, sizeof(rows[n_rows].body), body);
		tw_strset(rows[n_rows].expected, sizeof(rows[n_rows].expected), expected);
		rows[n_rows++].line = at;
	}
	fclose(f);
}

static void add_names(struct tw_buf *out, const char *what, const char *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		tw_buf_addf(out, "%s%s %s", out->n ? " | " : "", what, v[i]);
}

static void describe(const struct flow_answer *a, struct tw_buf *out)
{
	if (a->failure) {
		tw_buf_addf(out, "FAILED %s", a->failure);
		return;
	}
	for (size_t i = 0; i < a->n_sets; i++)
		tw_buf_addf(out, "%sset %s %s", out->n ? " | " : "", a->sets[i].name,
			    a->sets[i].value ? a->sets[i].value : "(null)");
	add_names(out, "tag", a->tags, a->n_tags);
	add_names(out, "untag", a->untags, a->n_untags);
	add_names(out, "reply", a->replies, a->n_replies);
	add_names(out, "go", &a->go, a->go != NULL);
}

START_TEST(test_row)
{
	char body[1024], expected[1024];
	size_t n = unescape(rows[_i].body, body);
	struct tw_buf out = { 0 };
	struct answer a;

	unescape(rows[_i].expected, expected);
	answer_read(strcmp(rows[_i].type, "-") ? rows[_i].type : "", body, n, &a);
	describe(&a.said, &out);
	ck_assert_msg(!strcmp(tw_buf_str(&out), expected), "line %u: %s", rows[_i].line, tw_buf_str(&out));
	tw_buf_done(&out);
	answer_done(&a);
}
END_TEST

START_TEST(test_length)
{
	char *long_one = tw_alloc(HOOK_BODY_MAX + 2);
	struct answer a;

	memset(long_one, 'x', HOOK_BODY_MAX + 2);
	answer_read("text/plain", long_one, HOOK_BODY_MAX, &a);
	ck_assert_ptr_null(a.said.failure);
	ck_assert_uint_eq(strlen(a.said.replies[0]), HOOK_BODY_MAX);
	answer_done(&a);
	answer_read("text/plain", long_one, HOOK_BODY_MAX + 1, &a);
	ck_assert_str_eq(a.said.failure, "its answer is longer than 64 KiB");
	answer_done(&a);
	free(long_one);
}
END_TEST

/* Of what others said, also where it is cut, the sentence about it holds characters only. */
START_TEST(test_why)
{
	static const char *const types[] = { "text/\xE2\x82", "\xFF\xFE", "a/\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"
		"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"
		"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9" };
	struct answer_times times;
	struct answer a;

	for (size_t i = 0; i < TW_COUNT(types); i++) {
		answer_read(types[i], "x", 1, &a);
		ck_assert(a.said.failure && tw_utf8_is_valid(a.said.failure, strlen(a.said.failure)));
		ck_assert_uint_eq(a.said.n_replies, 0);
		answer_done(&a);
	}
	answer_no_times(&times, "%s%s%s%s", types[2], types[2], types[2], types[2]);
	ck_assert_uint_ge(strlen(times.why), ANSWER_WHY_MAX - 4);
	ck_assert(tw_utf8_is_valid(times.why, strlen(times.why)));
}
END_TEST

/* A calendar's times: what is read of a list, or why there is none. */
static const struct { const char *body, *said; } time_rows[] = {
	{ "[]", "" },
	{ " [ \"2026-01-06T10:00:00Z\" ]\n", "2026-01-06T10:00:00.000Z" },
	{ "[\"2026-01-06T11:00+01:00\",\"2026-01-06T09:00Z\",\"2026-01-06T10:00:00Z\"]",
	  "2026-01-06T09:00:00.000Z 2026-01-06T10:00:00.000Z" },
	{ "", "FAILED its answer is no JSON" }, { "null", "FAILED its answer is no JSON" },
	{ "{\"free\":[]}", "FAILED its answer is JSON, but no list of times" },
	{ "[\"2026-01-06T10:00:00.5Z\"]", "FAILED 2026-01-06T10:00:00.5Z, number 1 of its answer, is no time" },
	{ "[\"2026-01-06T10:00Z\",{}]", "FAILED what is no text, number 2 of its answer, is no time" },
};

START_TEST(test_times)
{
	struct tw_buf out = { 0 };
	struct answer_times a;
	char at[TW_RFC3339_MAX];

	answer_read_times(time_rows[_i].body, strlen(time_rows[_i].body), &a);
	if (a.why[0])
		tw_buf_addf(&out, "FAILED %s", a.why);
	for (size_t i = 0; i < a.n; i++)
		tw_buf_addf(&out, "%s%s", i ? " " : "", tw_rfc3339(a.v[i], at));
	ck_assert_msg(a.why[0] ? !strncmp(tw_buf_str(&out), time_rows[_i].said, strlen(time_rows[_i].said))
		      : !strcmp(tw_buf_str(&out), time_rows[_i].said), "%s", tw_buf_str(&out));
	tw_buf_done(&out);
	answer_times_done(&a);
}
END_TEST

static void add(TCase *tc)
{
	read_rows();
	tcase_add_loop_test(tc, test_row, 0, (int)n_rows);
	tcase_add_test(tc, test_length);
	tcase_add_test(tc, test_why);
	tcase_add_loop_test(tc, test_times, 0, (int)TW_COUNT(time_rows));
}

int main(void)
{
	return unit_run("exchange_answer", add);
}
