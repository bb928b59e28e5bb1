/* What the program of a calendar said, read: a JSON list of RFC 3339 times (contract 2, `url`). One
 * that is none makes all of it none: a list read by halves would hide free times without a word. */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

#include "answer.h"

void answer_no_times(struct answer_times *ret, const char *format, ...)
{
	va_list args;

	*ret = (struct answer_times){ .v = NULL };
	va_start(args, format);
	answer_why(ret->why, format, args);
	va_end(args);
}

void answer_times_done(struct answer_times *a)
{
	free(a->v);
	*a = (struct answer_times){ .v = NULL };
}

static int by_time(const void *a, const void *b)
{
	const struct wall_ms *t = a, *u = b;

	return (t->ms > u->ms) - (t->ms < u->ms);
}

/* In their order, each once. */
static void sort(struct answer_times *a)
{
	size_t n = 0;

	if (a->n)
		qsort(a->v, a->n, sizeof(*a->v), by_time);
	for (size_t i = 0; i < a->n; i++)
		if (!n || a->v[n - 1].ms != a->v[i].ms)
			a->v[n++] = a->v[i];
	a->n = n;
}

/* A customer is told no seconds: what has some would be booked for another time than they read. */
static bool read_time(const char *text, struct wall_ms *ret)
{
	return text && tw_rfc3339_read(text, ret) == 0 && ret->ms >= 0 && ret->ms % 60000 == 0;
}

static void read_list(json_t *list, struct answer_times *a)
{
	size_t n = json_array_size(list);

	a->v = tw_alloc((n + 1) * sizeof(*a->v));
	for (size_t i = 0; i < n; i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (!read_time(text, &a->v[a->n++])) {
			answer_times_done(a);
			answer_no_times(a, "%.40s, number %zu of its answer, is no time to the "
					"minute such as 2026-05-04T09:00:00Z",
					text ? text : "what is no text", i + 1);
			return;
		}
	}
	sort(a);
}

void answer_read_times(const char *body, size_t n, struct answer_times *ret)
{
	json_error_t error;
	json_t *json = NULL;

	*ret = (struct answer_times){ .v = NULL };
	if (n > HOOK_BODY_MAX) {
		answer_no_times(ret, "its answer is longer than 64 KiB");
		return;
	}
	json = json_loadb(n ? body : "", n, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		answer_no_times(ret, "its answer is no JSON: %.80s in line %d", error.text,
				error.line);
	else if (!json_is_array(json))
		answer_no_times(ret, "its answer is JSON, but no list of times");
	else
		read_list(json, ret);
	json_decref(json);
}
