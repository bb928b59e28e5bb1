/* Which keyword was meant: it is asked once, answered on the number that it was asked from, over a
 * restart too, and forgotten when its time or its turn is over. */
#include <stdio.h>

#include "world.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)

static struct world w;
static size_t seen;

static const char flow[] =
	"otherwise = \"Pardon?\";\n"
	"keywords = ( { match = \"REPAIR BATH\"; reply = \"Bath {args}\"; },\n"
	" { match = \"REPAIR BASH\"; do = ( { ask = \"How bad?\"; }, \"Bash {args}: {text}\" ); },\n"
	" { match = \"HOURS\"; reply = \"9-17\"; }, { match = \"ASK\"; ask = \"Well?\"; } );\n";
#define ASKS "Did you mean REPAIR BATH (1) or REPAIR BASH (2)?"

static void begin(bool on_disk)
{
	world_flow_text = flow;
	seen = 0;
	(on_disk ? world_open_file : world_open)(&w);
}

static const char *flush(void)
{
	static char out[4096];
	size_t n = 0;

	out[0] = '\0';
	for (int i = 0; i < 8; i++) {
		for (int k = 0; k < 2; k++)
			if (fake_sending(w.bank, k))
				fake_sent(w.bank, k);
		world_turn(&w);
	}
	world_wait(&w, 100);
	for (; seen < w.bank->n_sends; seen++)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%s", n ? " | " : "",
				      w.bank->sends[seen].text);
	return out;
}

static const char *hear_at(int modem, const char *text)
{
	world_wait(&w, 1000);
	world_text(&w, modem, CUSTOMER, text);
	return flush();
}

static const char *hear(const char *text)
{
	return hear_at(0, text);
}

static void crash(void)
{
	world_crash(&w);
	seen = w.bank->n_sends;
}

static bool is_open(void)
{
	struct wall_ms asked_at;

	return store_slips_first(w.store, &asked_at) == 0;
}

#define expect(got, wanted) ck_assert_str_eq(got, wanted)

/* By number and by name, with the words that stood behind the slip; once. */
START_TEST(test_answer)
{
	begin(true);
	expect(hear("repair baxh The Flat"), ASKS);
	crash();
	expect(hear("1"), "Bath The Flat");
	expect(hear("1"), "Pardon?");
	expect(hear("Repair baxh"), ASKS);
	expect(hear("repair bash"), "How bad?");
	expect(hear("2"), "Bash : 2");		/* to the question, which was asked later */
	ck_assert(!is_open());
	world_close(&w);
}
END_TEST

/* A text that nobody takes leaves it open; one that a keyword takes ends it. */
START_TEST(test_meanwhile)
{
	begin(false);
	expect(hear("repair baxh here"), ASKS);
	expect(hear("what do you mean"), "Pardon?");
	expect(hear("2"), "How bad?");
	expect(hear("very"), "Bash here: very");
	expect(hear("repair baxh here"), ASKS);
	expect(hear("hours"), "9-17");
	expect(hear("1"), "Pardon?");
	expect(hear("repair baxh here"), ASKS);
	ck_assert_ptr_nonnull(strstr(hear("STOP"), "no more"));
	ck_assert(!is_open());
	expect(hear("1"), "");
	world_close(&w);
}
END_TEST

/* On its own number only, and for an hour. */
START_TEST(test_place_and_time)
{
	begin(true);
	expect(hear("repair baxh here"), ASKS);
	expect(hear_at(1, "1"), "Pardon?");
	world_wait(&w, HOUR - 5 * MINUTE);
	expect(hear("1"), "Bath here");
	expect(hear("repair baxh here"), ASKS);
	crash();
	world_wait(&w, HOUR + MINUTE);
	ck_assert(!is_open());
	expect(hear("1"), "Pardon?");
	world_close(&w);
}
END_TEST

/* What is asked by the clock meanwhile is answered first. */
START_TEST(test_question)
{
	begin(false);
	expect(hear("repair baxh here"), ASKS);
	expect(hear("ask"), "Well?");
	expect(hear("1"), "");
	expect(hear("1"), "Pardon?");
	world_close(&w);
}
END_TEST

/* The keywords may be others by then: what is gone is no choice, and no other takes its number. */
START_TEST(test_reload)
{
	begin(true);
	expect(hear("repair baxh here"), ASKS);
	world_reflow(&w, "otherwise = \"Pardon?\"; keywords = ( { match = \"REPAIR BASH\"; reply = \"Now {args}\"; } );");
	expect(hear("1"), "Pardon?");
	expect(hear("2"), "Now here");
	world_close(&w);
}
END_TEST

START_TEST(test_erased)
{
	begin(false);
	hear("repair baxh here");
	ck_assert(is_open());
	ck_assert_int_ge(exchange_contact_erase(w.x, "default", CUSTOMER, "tester", w.now), 0);
	world_turn(&w);
	ck_assert(!is_open());
	expect(hear("1"), "Pardon?");
	world_close(&w);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, test_answer);
	tcase_add_test(t, test_meanwhile);
	tcase_add_test(t, test_place_and_time);
	tcase_add_test(t, test_question);
	tcase_add_test(t, test_reload);
	tcase_add_test(t, test_erased);
}

int main(void)
{
	return world_main("exchange_which", add);
}
