/* Contacts: brought along in slices, listed, left and erased; and the chain that says who agreed. */
#include <stdio.h>

#include "world.h"

enum { DAY_MS = 24 * 3600 * 1000 };

static struct exchange_imported done[EXCHANGE_IMPORT_MAX];
static const struct exchange_import offers = { "default", "offers", "paper form, May 2026" };

/* What becomes of one row, as a word. */
static const char *import(struct world *w, const struct exchange_import_row *row)
{
	static const char *const names[] = { "joined", "known", "left", "asked", "bad" };
	struct exchange_refusal e = { .status = 0 };

	ck_assert_int_eq(exchange_import(w->x, &offers, row, 1, w->now, done, &e), 0);
	world_turn(w);
	return names[done[0].what];
}

static struct exchange_import_row row_of(const char *number)
{
	return (struct exchange_import_row){ .number = number, .name = "", .language = "", .zone = "",
					     .owner = "" };
}

static struct contact seen;
static int n_seen;

static void see(void *ctx, struct contact *c)
{
	(void)ctx;
	contact_done(&seen);
	seen = *c;
	n_seen++;
}

/* The last contact that fits is in `seen`; how many did. */
static int look(struct world *w, struct exchange_contacts_query q)
{
	q.account = "default";
	q.limit = q.limit ? q.limit : 100;
	n_seen = 0;
	int r = exchange_contacts(w->x, &q, see, NULL);

	ck_assert_int_eq(r < 0 ? 0 : r, n_seen);
	return r;
}

struct chain { char text[1024]; size_t n; };

static void note(void *ctx, const struct store_consent *c, const char *long_number)
{
	struct chain *chain = ctx;

	chain->n += (size_t)snprintf(chain->text + chain->n, sizeof(chain->text) - chain->n,
				     "%s%s%s%s \"%s\"%s%s", chain->n ? ", " : "", c->list,
				     *c->list ? " " : "", store_consent_kind_name(c->kind),
				     c->text ? c->text : "(erased)", *long_number ? " to " : "", long_number);
}

static void expect_chain(struct world *w, const char *number, const char *expected)
{
	struct exchange_consent_query q = { .account = "default", .with = number, .limit = 100 };
	struct chain chain = { .n = 0 };
	int64_t bad;

	ck_assert_int_ge(exchange_consent(w->x, &q, note, &chain), 0);
	ck_assert_str_eq(chain.text, expected);
	ck_assert_int_eq(store_consent_verify(w->store, 1, &bad), 0);
}

START_TEST(test_import)
{
	const struct exchange_import_field fields[] = { { "city", "Bergen" }, { "since", "" } };
	struct exchange_import_row row = row_of(CUSTOMER);
	struct world w;

	world_open(&w);
	row.name = "Anna";
	row.language = "nl";
	row.zone = "Europe/Amsterdam";
	row.fields = fields;
	row.n_fields = 2;
	ck_assert_str_eq(import(&w, &row), "joined");
	ck_assert_int_eq(look(&w, (struct exchange_contacts_query){ .with = CUSTOMER }), 1);
	ck_assert_str_eq(seen.name, "Anna");
	ck_assert_str_eq(seen.zone, "Europe/Amsterdam");
	ck_assert_str_eq(seen.country, "GB");
	ck_assert_uint_eq(seen.n_fields, 1);
	ck_assert_str_eq(seen.fields[0].value, "Bergen");
	ck_assert_uint_eq(seen.n_lists, 1);
	ck_assert_int_eq(seen.lists[0].state, STORE_JOINED);
	row = row_of(CUSTOMER);		/* the same again changes nothing, and empties nothing */
	row.owner = "van";
	ck_assert_str_eq(import(&w, &row), "known");
	ck_assert_int_eq(look(&w, (struct exchange_contacts_query){ .list = "offers" }), 1);
	ck_assert_str_eq(seen.name, "Anna");
	ck_assert_str_eq(seen.owner, "van");
	expect_chain(&w, CUSTOMER, "offers join \"paper form, May 2026\"");
	ck_assert_int_eq(look(&w, (struct exchange_contacts_query){ .list = "offer" }), TW_E_UNKNOWN);
	contact_done(&seen);
	world_close(&w);
}
END_TEST

static const struct { struct exchange_import_row row; const char *says; } bad_rows[] = {
	{ { "", "", "", "", "", NULL, 0 }, "empty" },
	{ { "12345", "", "", "", "", NULL, 0 }, "no telephone number" },
	{ { "ACME", "", "", "", "", NULL, 0 }, "no telephone number" },
	{ { "+44770", "", "", "", "", NULL, 0 }, "" },
	{ { CUSTOMER, "", "english", "", "", NULL, 0 }, "language" },
	{ { CUSTOMER, "", "", "Europe/Londn", "", NULL, 0 }, "no time zone Europe/Londn" },
	{ { CUSTOMER, "", "", "", "", (struct exchange_import_field[]){ { "number", "1" } }, 1 },
	  "number: a field cannot be called so" },
	{ { CUSTOMER, "", "", "", "", (struct exchange_import_field[]){ { "a b", "1" } }, 1 }, "a b" },
	{ { CUSTOMER, "", "", "", "", (struct exchange_import_field[]){ { "visits", "often" } }, 1 },
	  "visits: expected an integer, not often" },
};

START_TEST(test_bad_rows)
{
	struct world w;

	world_open(&w);
	ck_assert_str_eq(import(&w, &bad_rows[_i].row), "bad");
	ck_assert_msg(done[0].text[0] && (!*bad_rows[_i].says || strstr(done[0].text, bad_rows[_i].says) ||
					  !strcmp(bad_rows[_i].says, "empty")), "%s", done[0].text);
	ck_assert_int_eq(look(&w, (struct exchange_contacts_query){ .after = 0 }), 0);
	expect_chain(&w, NULL, "");
	world_close(&w);
}
END_TEST

START_TEST(test_import_says_where_from)
{
	static const struct exchange_import bad[] = {
		{ "default", "offers", "" }, { "default", "offers", NULL }, { "default", "", "form" },
		{ "default", NULL, "form" }, { "default", "two words", "form" },
	};
	struct exchange_import_row row = row_of(CUSTOMER);
	struct exchange_refusal e;
	struct world w;

	world_open(&w);
	for (size_t i = 0; i < TW_COUNT(bad); i++) {
		e = (struct exchange_refusal){ .status = 0 };
		ck_assert_int_eq(exchange_import(w.x, &bad[i], &row, 1, w.now, done, &e), TW_E_DENIED);
		ck_assert_int_eq(e.status, 400);
	}
	world_close(&w);
}
END_TEST

/* STOP leaves the lists too, and neither START nor an import brings them back. */
START_TEST(test_who_left_stays_away)
{
	struct exchange_import_row row = row_of(CUSTOMER);
	struct world w;

	world_open(&w);
	import(&w, &row);
	row.number = OTHER_CUSTOMER;
	import(&w, &row);
	world_text(&w, 0, CUSTOMER, "STOP");
	ck_assert_int_eq(look(&w, (struct exchange_contacts_query){ .list = "offers",
								     .only_joined = true }), 1);
	ck_assert_str_eq(seen.number, OTHER_CUSTOMER);
	row.number = CUSTOMER;
	ck_assert_str_eq(import(&w, &row), "left");
	world_wait(&w, 1000);
	world_text(&w, 0, CUSTOMER, "START");
	ck_assert_str_eq(import(&w, &row), "left");
	look(&w, (struct exchange_contacts_query){ .with = CUSTOMER });
	ck_assert_int_eq(seen.stopped_at.ms, 0);
	ck_assert_int_eq(seen.lists[0].state, STORE_LEFT);
	expect_chain(&w, CUSTOMER, "offers join \"paper form, May 2026\", stop \"STOP\" to " FIRST
		     ", start \"START\" to " FIRST);
	contact_done(&seen);
	world_close(&w);
}
END_TEST

/* A long import is many short turns: a text between them is answered in its own. */
START_TEST(test_slices)
{
	struct exchange_import_row rows[EXCHANGE_IMPORT_MAX];
	char numbers[EXCHANGE_IMPORT_MAX][20];
	struct exchange_refusal e;
	struct world w;
	int after = 0, pages = 0;

	world_open(&w);
	for (int slice = 0; slice < 10; slice++) {
		for (int i = 0; i < EXCHANGE_IMPORT_MAX; i++) {
			snprintf(numbers[i], sizeof(numbers[i]), "+4477009%05d",
				 10000 + slice * EXCHANGE_IMPORT_MAX + i);
			rows[i] = row_of(numbers[i]);
		}
		ck_assert_int_eq(exchange_import(w.x, &offers, rows, EXCHANGE_IMPORT_MAX, w.now, done, &e), 0);
		if (slice == 5) {
			world_text(&w, 0, CUSTOMER, "HOURS");
			ck_assert_str_eq(fake_sending(w.bank, 0)->text, HOURS_REPLY);
		}
		world_turn(&w);
	}
	while (look(&w, (struct exchange_contacts_query){ .list = "offers", .after = after, .limit = 60 }) > 0) {
		after = (int)seen.id;
		pages++;
	}
	ck_assert_int_eq(pages, 9);
	ck_assert_str_eq(seen.number, numbers[EXCHANGE_IMPORT_MAX - 1]);
	contact_done(&seen);
	world_close(&w);
}
END_TEST

/* ---- erasure ------------------------------------------------------------------------------- */

static int texts_of(struct world *w, int64_t contact)
{
	struct store_query q = { .contact = contact, .state = -1, .direction = -1 };
	struct store_message m;
	int n = 0;

	while (store_message_before(w->store, &q, &m) == 0) {
		q.before = m.id;
		n += m.body != NULL || m.pdu != NULL;
		store_message_done(&m);
	}
	return n;
}

START_TEST(test_erase)
{
	struct exchange_import_row row = row_of(CUSTOMER);
	struct store_contact before, c;
	struct world w;

	world_open(&w);
	row.name = "Anna";
	import(&w, &row);
	for (int i = 0; i < 70; i++) {
		world_text(&w, 0, CUSTOMER, i ? "ECHO secret" : "STOP");
		if (fake_sending(w.bank, 0))
			fake_sent(w.bank, 0);
		world_wait(&w, 60 * 1000);
	}
	world_text(&w, 0, CUSTOMER, "START");
	fake_sent(w.bank, 0);
	world_turn(&w);
	w.bank->modems[0].is_held = w.bank->modems[1].is_held = true;
	const char *waits = world_post(&w, CUSTOMER, "this waits", NULL);

	ck_assert_ptr_nonnull(waits);
	ck_assert_int_eq(store_contact(w.store, 1, CUSTOMER, false, w.now.wall, &before), 0);
	ck_assert_int_gt(texts_of(&w, before.id), 64);
	ck_assert_int_eq(exchange_contact_erase(w.x, NULL, OTHER_CUSTOMER, "root", w.now), TW_E_UNKNOWN);
	ck_assert_int_eq(exchange_contact_erase(w.x, NULL, CUSTOMER, "root", w.now), 1);
	ck_assert_int_eq(store_contact(w.store, 1, CUSTOMER, false, w.now.wall, &c), TW_E_UNKNOWN);
	world_turn(&w);
	world_turn(&w);
	ck_assert_int_eq(texts_of(&w, before.id), 0);
	ck_assert_int_eq(world_state(&w, waits), MESSAGE_CANCELED);
	struct message m = world_message(&w, waits);

	ck_assert_ptr_null(m.to);
	ck_assert_ptr_null(m.text);
	message_done(&m);
	expect_chain(&w, NULL, "offers join \"(erased)\", stop \"(erased)\" to " FIRST
		     ", start \"(erased)\" to " FIRST ", erase \"1 2 3\"");
	/* Who was erased is a stranger, whose texts are answered as any other's. */
	w.bank->modems[0].is_held = w.bank->modems[1].is_held = false;
	world_wait(&w, 1000);
	world_text(&w, 0, CUSTOMER, "HOURS");
	ck_assert_str_eq(fake_sending(w.bank, 0)->text, HOURS_REPLY);
	ck_assert_int_eq(store_contact(w.store, 1, CUSTOMER, false, w.now.wall, &c), 0);
	ck_assert_int_ne(c.id, before.id);
	world_close(&w);
}
END_TEST

/* A text that is on a modem when its contact is erased is erased once it is over, also after a crash. */
START_TEST(test_erase_waits_for_the_air)
{
	struct store_contact before;
	struct world w;

	world_open_file(&w);
	world_text(&w, 0, CUSTOMER, "ECHO secret");
	ck_assert_ptr_nonnull(fake_sending(w.bank, 0));
	ck_assert_int_eq(store_contact(w.store, 1, CUSTOMER, false, w.now.wall, &before), 0);
	ck_assert_int_eq(exchange_contact_erase(w.x, "default", CUSTOMER, "root", w.now), 1);
	world_turn(&w);
	world_wait(&w, 1000);
	ck_assert_int_eq(texts_of(&w, before.id), 1);
	world_crash(&w);
	world_wait(&w, 10 * 60 * 1000);
	for (int i = 0; i < 2; i++)
		if (fake_sending(w.bank, i))
			fake_sent(w.bank, i);
	world_wait(&w, DAY_MS);
	ck_assert_int_eq(texts_of(&w, before.id), 0);
	world_close(&w);
}
END_TEST

/* ---- heads --------------------------------------------------------------------------------- */

static int heads_logged;
static char last_head[256];

static void on_line(void *ctx, enum tw_level level, const char *line)
{
	(void)ctx;
	(void)level;
	if (!strstr(line, "consent.head"))
		return;
	heads_logged++;
	tw_strset(last_head, sizeof(last_head), line);
}

START_TEST(test_head_is_logged_once_a_day)
{
	struct world w;
	uint8_t link[32];
	char hex[65];
	int64_t seq;

	heads_logged = 0;
	world_open_file(&w);
	tw_log_setup(TW_INFO, true, false);
	tw_log_sink(on_line, NULL);
	world_text(&w, 0, CUSTOMER, "STOP");
	world_wait(&w, DAY_MS);
	ck_assert_int_eq(heads_logged, 1);
	ck_assert_int_eq(exchange_consent_head(w.x, "default", &seq, link), 0);
	tw_hex_write(link, sizeof(link), hex, false);
	ck_assert_int_eq(seq, 1);
	ck_assert_ptr_nonnull(strstr(last_head, "account=default sequence=1 link="));
	ck_assert_ptr_nonnull(strstr(last_head, hex));
	world_crash(&w);
	world_wait(&w, 1000);
	ck_assert_int_eq(heads_logged, 1);
	world_wait(&w, 3 * (int64_t)DAY_MS);
	ck_assert_int_eq(heads_logged, 4);
	tw_log_sink(NULL, NULL);
	world_close(&w);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, test_import);
	tcase_add_loop_test(t, test_bad_rows, 0, TW_COUNT(bad_rows));
	tcase_add_test(t, test_import_says_where_from);
	tcase_add_test(t, test_who_left_stays_away);
	tcase_add_test(t, test_slices);
	tcase_add_test(t, test_erase);
	tcase_add_test(t, test_erase_waits_for_the_air);
	tcase_add_test(t, test_head_is_logged_once_a_day);
}

int main(void)
{
	return world_main("contacts", add);
}
