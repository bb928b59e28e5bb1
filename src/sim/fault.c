/* Faults on demand: rules that are matched against command lines and events. */
#include "world.h"

#include <strings.h>

static const char *const fault_names[FAULT_COUNT] = {
	[FAULT_NONE] = "none",
	[FAULT_GARBAGE] = "garbage",
	[FAULT_SPLIT] = "split",
	[FAULT_TRUNCATE] = "truncate",
	[FAULT_LATE] = "late",
	[FAULT_DROP] = "drop",
	[FAULT_SILENT] = "silent",
	[FAULT_NO_PROMPT] = "no_prompt",
	[FAULT_ERROR] = "error",
	[FAULT_RESET] = "reset",
	[FAULT_UNPLUG] = "unplug",
	[FAULT_DUPLICATE] = "duplicate",
	[FAULT_DEREGISTER] = "deregister",
	[FAULT_ECHO] = "echo",
	[FAULT_URC] = "urc",
	[FAULT_REPLY] = "reply",
};

const char *fault_name(enum fault_what what)
{
	return fault_names[what];
}

bool fault_read(const char *name, enum fault_what *ret)
{
	for (int i = FAULT_NONE + 1; i < FAULT_COUNT; i++) {
		if (!strcmp(name, fault_names[i])) {
			*ret = (enum fault_what)i;
			return true;
		}
	}
	return false;
}

/* A rule's `when` is a prefix; "$" at its end asks for the whole ("AT$" is the bare AT). */
static bool when_matches(const char *when, const char *what)
{
	size_t n = strlen(when);

	if (n && when[n - 1] == '$')
		return strlen(what) == n - 1 && !strncasecmp(when, what, n - 1);
	return !strncasecmp(when, what, n);
}

const struct fault *fault_match(struct sim *s, const struct card *c, const char *what)
{
	for (size_t i = 0; i < s->faults.n; i++) {
		struct fault *f = &s->faults.v[i];

		if (f->count == 0 || (f->card >= 0 && f->card != (int64_t)c->index) ||
		    !when_matches(f->when, what))
			continue;
		if (f->probability < 1 &&
		    (double)(tw_random_u64(&s->random) >> 11) * 0x1p-53 >= f->probability)
			continue;
		if (f->count > 0)
			f->count--;
		f->hits++;
		return f;
	}
	return NULL;
}

struct fault *fault_add(struct sim *s)
{
	struct faults *f = &s->faults;

	if (f->n == f->cap) {
		f->cap = f->cap ? 2 * f->cap : 8;
		f->v = tw_realloc(f->v, f->cap * sizeof(*f->v));
	}
	f->v[f->n] = (struct fault){ .id = ++f->last_id, .card = -1, .count = 1,
				     .probability = 1 };
	return &f->v[f->n++];
}

static void fault_done(struct fault *f)
{
	free(f->when);
	free(f->text);
}

size_t fault_clear(struct sim *s, uint64_t id)
{
	struct faults *f = &s->faults;
	size_t kept = 0, gone;

	for (size_t i = 0; i < f->n; i++) {
		if (id && f->v[i].id != id)
			f->v[kept++] = f->v[i];
		else
			fault_done(&f->v[i]);
	}
	gone = f->n - kept;
	f->n = kept;
	return gone;
}

void faults_done(struct faults *f)
{
	for (size_t i = 0; i < f->n; i++)
		fault_done(&f->v[i]);
	free(f->v);
	*f = (struct faults){ 0 };
}
