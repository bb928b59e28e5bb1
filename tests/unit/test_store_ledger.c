/* The ledger of totals: what commits add, together; what is brought into the totals, once. */
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include <twoway/store.h>

#include "run.h"

static const struct tw_now t0 = { { 1000 }, { INT64_C(1767603600000) } };
static struct store *s;
static char path[64];

static void open_store(void)
{
	char *error = NULL;

	struct store_setup setup = { .path = path, .create = true, .seed = 7 };

	ck_assert_msg(store_open(&setup, t0, &s, &error) == 0, "%s", error);
	store_turn_begin(s, t0);
}

static void begin(void)
{
	snprintf(path, sizeof(path), "/tmp/twoway-ledger-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(path));
	strcat(path, "/t.db");
	open_store();
}

static void end(void)
{
	char command[128];

	store_close(s);
	snprintf(command, sizeof(command), "rm -r %.*s", (int)(strrchr(path, '/') - path), path);
	ck_assert_int_eq(system(command), 0);
}

static struct store_figures figures(int64_t at, int64_t topic, int64_t line)
{
	return (struct store_figures){ .level = STORE_HOUR, .at = { at }, .topic = topic,
				       .line = line };
}

/* What the store has in the row of these figures, as "received failed answer_ms". */
static const char *row(const struct store_figures *of)
{
	struct store_figures cursor = *of;
	static char text[96];

	cursor.line--;
	if (store_figures_next(s, &cursor) < 0 || cursor.topic != of->topic ||
	    cursor.line != of->line)
		return "none";
	snprintf(text, sizeof(text), "%lld %lld %lld", (long long)cursor.n[FIGURE_RECEIVED],
		 (long long)cursor.n[FIGURE_FAILED], (long long)cursor.n[FIGURE_ANSWER_MS]);
	return text;
}

static void put(int64_t received, int64_t failed, int64_t answer_ms, int64_t sim, int64_t sent,
		uint16_t ref, int64_t month)
{
	struct store_figures f = figures(3600000, 1, 2), other = figures(3600000, 1, 3);
	struct store_ledger t = { .figures = NULL };

	f.n[FIGURE_RECEIVED] = received;
	f.n[FIGURE_FAILED] = failed;
	f.n[FIGURE_ANSWER_MS] = answer_ms;
	other.n[FIGURE_RECEIVED] = 1;
	store_ledger_figures(&t, &f);
	store_ledger_figures(&t, &other);
	store_ledger_sim(&t, &(struct store_sim_totals){ .sim = sim, .sent = sent, .failed = -sent,
							.ref = ref, .month_at = { month ? 5 : 0 },
							.month = month });
	ck_assert_int_eq(store_ledger_put(s, &t), 0);
	store_ledger_done(&t);
}

START_TEST(test_ledger)
{
	struct store_figures of = figures(3600000, 1, 2), other = figures(3600000, 1, 3);
	struct store_sim sim = { .iccid = "8944100000000000001" }, got;
	struct store_ledger t = { .figures = NULL };
	struct store_used used;

	begin();
	ck_assert_int_eq(store_sim_put(s, &sim), 0);
	ck_assert_int_eq(store_ledger_put(s, &t), 0);
	ck_assert_int_eq(store_ledger_load(s, &t), 0);	/* nothing is no row */
	put(1, 0, INT64_C(1) << 40, sim.id, 3, 77, 0);
	put(2, -1, 300, sim.id, 1, 0, 9);
	put(0, 0, 0, sim.id, 1, 0, 0);
	ck_assert_int_eq(store_flush(s, t0), 0);
	store_crash(s);
	store_close(s);
	open_store();
	ck_assert_int_eq(store_ledger_load(s, &t), 3);
	ck_assert_uint_eq(t.n_figures, 2);
	ck_assert_uint_eq(t.n_sims, 1);
	ck_assert_str_eq(row(&of), "none");
	ck_assert_int_eq(store_ledger_settle(s, &t), 0);
	ck_assert_str_eq(row(&of), "3 -1 1099511628076");
	ck_assert_str_eq(row(&other), "3 0 0");
	/* A reference and a month that nothing was told of stay. */
	ck_assert_int_eq(store_sim_get(s, sim.id, &got), 0);
	ck_assert(got.sent == 5 && got.failed == -5 && got.received == 0 && got.ref == 77);
	ck_assert_int_eq(store_used_get(s, sim.id, &used), 0);
	ck_assert(used.month == 9 && used.month_at.ms == 5);
	store_used_done(&used);
	store_ledger_clear(&t);
	ck_assert_int_eq(store_ledger_load(s, &t), 0);
	store_ledger_done(&t);
	end();
}
END_TEST

/* Dead before the commit: the ledger is whole. */
START_TEST(test_settling_dies)
{
	struct store_figures of = figures(3600000, 1, 2);
	struct store_ledger t = { .figures = NULL };

	begin();
	put(4, 0, 0, 1, 1, 0, 0);
	ck_assert_int_eq(store_flush(s, t0), 0);
	ck_assert_int_eq(store_ledger_load(s, &t), 1);
	ck_assert_int_eq(store_ledger_settle(s, &t), 0);
	store_crash(s);
	ck_assert_int_lt(store_ledger_put(s, &t), 0);	/* nobody writes behind a crash */
	store_close(s);
	open_store();
	ck_assert_str_eq(row(&of), "none");
	store_ledger_clear(&t);
	ck_assert_int_eq(store_ledger_load(s, &t), 1);
	ck_assert_int_eq(t.figures[0].n[FIGURE_RECEIVED], 4);
	store_ledger_done(&t);
	end();
}
END_TEST

START_TEST(test_damaged)
{
	static const char *const rows[] = { "x''", "x'02'", "x'01ffffffffffffffffffff01'",
					    "x'0102040681'" };
	struct store_ledger t = { .figures = NULL };
	char sql[128];
	sqlite3 *db;

	begin();
	ck_assert_int_eq(store_flush(s, t0), 0);
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	snprintf(sql, sizeof(sql), "INSERT INTO ledger(marks) VALUES(%s)", rows[_i]);
	ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	ck_assert_int_eq(store_ledger_load(s, &t), TW_E_DB_DAMAGED);
	store_ledger_done(&t);
	end();
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, test_ledger);
	tcase_add_test(t, test_settling_dies);
	tcase_add_loop_test(t, test_damaged, 0, 4);
}

int main(void)
{
	return unit_run("store_ledger", add);
}
