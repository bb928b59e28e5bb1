/* Customers of a world with real flows: what they text, and all that goes out for it as one line. Included
 * by a scenario's file. The world begins on Monday, 5 January 2026, 09:00 in London. */
#include <stdio.h>

#include "world.h"

#define HOUR (3600 * INT64_C(1000))
#define DAY (24 * HOUR)
#define expect(got, wanted) ck_assert_str_eq(got, wanted)

static struct world w;
static size_t seen;
static bool in_any_order;	/* texts by the alphabet: which modem sends which is left to it */

static void begin(const char *text, bool on_disk)
{
	world_flow_text = text;
	seen = 0;
	(on_disk ? world_open_file : world_open)(&w);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All that waits goes out. */
static const char *flush(void)
{
	static char out[8192];
	const char *texts[256];
	size_t n = 0, used = 0;

	for (int idle = 0; idle < 4; idle++) {
		for (int k = 0; k < 2; k++) {
			if (fake_on_sim(w.bank, k))
				fake_read_again(w.bank, k);
			if (!fake_sending(w.bank, k))
				continue;
			fake_sent(w.bank, k);
			idle = 0;
		}
		world_turn(&w);
	}
	world_wait(&w, 100);
	for (; seen < w.bank->n_sends && n < TW_COUNT(texts); seen++)
		texts[n++] = w.bank->sends[seen].text;
	if (in_any_order)
		qsort(texts, n, sizeof(texts[0]), compare);
	out[0] = '\0';
	for (size_t i = 0; i < n; i++)
		used += (size_t)snprintf(out + used, sizeof(out) - used, "%s%s", i ? " | " : "", texts[i]);
	return out;
}

static __attribute__((unused)) const char *say(const char *from, const char *text)
{
	world_wait(&w, 1000);
	world_text(&w, 0, from, text);
	return flush();
}

static __attribute__((unused)) const char *hear(const char *text)
{
	return say(CUSTOMER, text);
}

/* The clock is moved in steps, as far as anything is due. */
static __attribute__((unused)) const char *later(int64_t ms)
{
	static char out[8192];

	out[0] = '\0';
	for (int64_t left = ms; left > 0; left -= HOUR) {
		world_wait(&w, left < HOUR ? left : HOUR);
		const char *said = flush();

		if (*said)
			snprintf(out + strlen(out), sizeof(out) - strlen(out), "%s%s", *out ? " | " : "", said);
	}
	return out;
}

/* The process dies, and comes back at once, or after a time. */
static __attribute__((unused)) void die(void)
{
	world_crash(&w);
	seen = w.bank->n_sends;
}

static __attribute__((unused)) void down_for(int64_t ms)
{
	die();
	w.now.wall.ms += ms;
	w.now.mono.ms += ms;
	for (int i = 0; i < 4; i++)
		world_turn(&w);
}
