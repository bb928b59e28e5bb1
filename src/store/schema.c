/* The schema: an array of numbered migrations, each run in one transaction together with the
 * version that it brings about. Rows of a table say in one line what they are; indexes say who
 * asks. */
#include "db.h"

static const char migration_1[] =
	/* Facts about this database itself. */
	"CREATE TABLE meta(key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;"
	/* Settings that were changed while the daemon ran: they win over the configuration. value:
	 * as it would
	 * stand there. */
	"CREATE TABLE setting(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE account(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
	/* A long number of the bank, or the ICCID of a SIM whose number nobody knows yet. */
	"CREATE TABLE line(id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE) STRICT;"
	/* What an account set for a long number: its own name for it, where its texts are told. */
	"CREATE TABLE number(account INTEGER NOT NULL, number TEXT NOT NULL, name TEXT, url TEXT,"
	" url_is_get INTEGER NOT NULL, fallback TEXT, fallback_is_get INTEGER NOT NULL,"
	" changed_at INTEGER NOT NULL, PRIMARY KEY(account, number)) STRICT, WITHOUT ROWID;"
	/* Pools that accounts made for themselves, and the numbers in them. flags as in enum
	 * store_pool_flag. */
	"CREATE TABLE pool(id INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES account,"
	" name TEXT NOT NULL, friendly TEXT NOT NULL, url TEXT, fallback TEXT, callback TEXT, "
	"usecase TEXT,"
	" flags INTEGER NOT NULL, valid_for INTEGER NOT NULL, created_at INTEGER NOT NULL,"
	" changed_at INTEGER NOT NULL, UNIQUE(account, name)) STRICT;"
	"CREATE TABLE pool_number(pool INTEGER NOT NULL, number TEXT NOT NULL, at INTEGER NOT NULL,"
	" PRIMARY KEY(pool, number)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE sim(id INTEGER PRIMARY KEY, iccid TEXT NOT NULL UNIQUE,"
	" line INTEGER NOT NULL REFERENCES line, number TEXT NOT NULL, seat TEXT NOT NULL,"
	" modem TEXT NOT NULL, first_seen INTEGER NOT NULL, sent INTEGER NOT NULL DEFAULT 0,"
	" received INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0,"
	" ref INTEGER NOT NULL DEFAULT 0,"
	/* What its quotas count: segments of the day and month that began then, all and those that
	 * were no replies, millionths of the currency, the times of the last hour. */
	" day_at INTEGER NOT NULL DEFAULT 0, day INTEGER NOT NULL DEFAULT 0,"
	" day_bulk INTEGER NOT NULL DEFAULT 0, month_at INTEGER NOT NULL DEFAULT 0,"
	" month INTEGER NOT NULL DEFAULT 0, month_bulk INTEGER NOT NULL DEFAULT 0,"
	" spent INTEGER NOT NULL DEFAULT 0, spent_bulk INTEGER NOT NULL DEFAULT 0,"
	" recent BLOB) STRICT;"
	/* What twoway knows of how a SIM does (struct store_care): one row each, written now and
	 * then. */
	"CREATE TABLE sim_care(sim INTEGER PRIMARY KEY, has_balance INTEGER NOT NULL,"
	" balance INTEGER NOT NULL, spent INTEGER NOT NULL, balance_at INTEGER NOT NULL,"
	" asked_at INTEGER NOT NULL, is_low INTEGER NOT NULL, top_ups INTEGER NOT NULL,"
	" topped_at INTEGER NOT NULL, sends INTEGER NOT NULL, sent_rate INTEGER NOT NULL,"
	" reports INTEGER NOT NULL, report_rate INTEGER NOT NULL, report_ms INTEGER NOT NULL,"
	" send_doubt INTEGER NOT NULL, report_doubt INTEGER NOT NULL, is_demoted INTEGER NOT NULL,"
	" is_deaf INTEGER NOT NULL, probes INTEGER NOT NULL, probe_at INTEGER NOT NULL,"
	" replies INTEGER NOT NULL, posts INTEGER NOT NULL, traffic_at INTEGER NOT NULL) STRICT;"
	/* Its balance as it was told, in millionths of the currency. */
	"CREATE TABLE balance(sim INTEGER NOT NULL, at INTEGER NOT NULL, amount INTEGER NOT NULL,"
	" PRIMARY KEY(sim, at)) STRICT, WITHOUT ROWID;"
	/* Voucher codes that were dialled, as SHA-256; outcome: what the network said. */
	"CREATE TABLE top_up(digest BLOB PRIMARY KEY, sim INTEGER NOT NULL, job INTEGER NOT NULL,"
	" at INTEGER NOT NULL, outcome TEXT) STRICT, WITHOUT ROWID;"
	"CREATE INDEX top_up_job ON top_up(job);"
	/* What needs a person and goes on; told_at 0: nobody was told yet; message: that tells
	 * it. */
	"CREATE TABLE alert(kind TEXT NOT NULL, about TEXT NOT NULL, text TEXT NOT NULL,"
	" since INTEGER NOT NULL, told_at INTEGER NOT NULL, message INTEGER NOT NULL,"
	" tries INTEGER NOT NULL, PRIMARY KEY(kind, about)) STRICT, WITHOUT ROWID;"
	/* Texts between the bank's own SIMs; outcome as in enum store_test_outcome. */
	"CREATE TABLE self_test(id INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE,"
	" learns INTEGER NOT NULL, from_sim INTEGER NOT NULL, to_sim INTEGER NOT NULL,"
	" message INTEGER NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER NOT NULL,"
	" outcome INTEGER NOT NULL) STRICT;"
	/* Whom a SIM with a quota of recipients has texted in the month that began then, how
	 * often. */
	"CREATE TABLE recipient(sim INTEGER NOT NULL, month INTEGER NOT NULL, number INTEGER NOT "
	"NULL, n INTEGER NOT NULL, PRIMARY KEY(sim, month, number)) STRICT, WITHOUT ROWID;"
	/* What is remembered of a modem by its key (struct bank_seat of the bank). */
	"CREATE TABLE seat(key TEXT PRIMARY KEY, imei TEXT NOT NULL, usb TEXT NOT NULL,"
	" usb_path TEXT NOT NULL, interface INTEGER NOT NULL, paused INTEGER NOT NULL)"
	" STRICT, WITHOUT ROWID;"
	/* Commands (AT+CGSMS) that let texts out, for SIMs of an operator where the usual way
	 * failed; the latest last. */
	"CREATE TABLE bearer(id INTEGER PRIMARY KEY, operator TEXT NOT NULL, command TEXT NOT NULL,"
	" UNIQUE(operator, command)) STRICT;"
	/* A customer's number within an account; NULL: erased. stopped_at 0: open. */
	"CREATE TABLE contact(id INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES account,"
	" number TEXT, created_at INTEGER NOT NULL,"
	" stopped_at INTEGER NOT NULL DEFAULT 0, stopped_line INTEGER NOT NULL DEFAULT 0,"
	" language TEXT NOT NULL DEFAULT '', name TEXT NOT NULL DEFAULT '',"
	" zone TEXT NOT NULL DEFAULT '', owner TEXT NOT NULL DEFAULT '', UNIQUE(number, account)) "
	"STRICT;CREATE INDEX contact_account ON contact(account);"
	/* What an account keeps of a contact beside. */
	"CREATE TABLE field(contact INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,"
	" PRIMARY KEY(contact, name)) STRICT, WITHOUT ROWID;"
	/* Lists of an account, and who is on them (enum store_subscription_state). */
	"CREATE TABLE list(id INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES account,"
	" name TEXT NOT NULL, UNIQUE(account, name)) STRICT;"
	"CREATE TABLE subscription(list INTEGER NOT NULL, contact INTEGER NOT NULL,"
	" state INTEGER NOT NULL, since INTEGER NOT NULL, PRIMARY KEY(list, contact))"
	" STRICT, WITHOUT ROWID;"
	"CREATE INDEX subscription_contact ON subscription(contact);"
	/* Contacts whose messages are still to be erased; those up to `done` are. */
	"CREATE TABLE erasure(contact INTEGER PRIMARY KEY, done INTEGER NOT NULL) STRICT;"
	/* A contact and a long number: when each last wrote to the other. */
	"CREATE TABLE thread(contact INTEGER NOT NULL, line INTEGER NOT NULL,"
	" last_in INTEGER NOT NULL, last_out INTEGER NOT NULL, PRIMARY KEY(contact, line))"
	" STRICT, WITHOUT ROWID;"
	/* Which SIMs may take a message; messages with the same answer share a row. */
	"CREATE TABLE route(id INTEGER PRIMARY KEY, account INTEGER NOT NULL, line INTEGER NOT "
	"NULL, avoid INTEGER NOT NULL, pool TEXT NOT NULL, destination TEXT NOT NULL,"
	" campaign INTEGER NOT NULL, UNIQUE(account, line, avoid, pool, destination, campaign)) "
	"STRICT;"
	/* Every message, both ways. state as in enum message_state; place: where it waits (enum
	 * place); callback: a URL that is told of its states. */
	"CREATE TABLE message(id INTEGER PRIMARY KEY, direction INTEGER NOT NULL,"
	" state INTEGER NOT NULL, contact INTEGER NOT NULL,"
	" account INTEGER NOT NULL, line INTEGER, sim INTEGER, route INTEGER, lane INTEGER NOT "
	"NULL, flags INTEGER NOT NULL, encoding INTEGER NOT NULL, segments INTEGER NOT NULL,"
	" form INTEGER NOT NULL, body ANY, modem TEXT, keyword TEXT, key TEXT, pool TEXT,"
	" error_code INTEGER, error_cause TEXT, pdu BLOB, dup INTEGER, created_at INTEGER NOT NULL,"
	" due_at INTEGER NOT NULL, sent_at INTEGER, finished_at INTEGER, valid_until INTEGER,"
	" origin INTEGER, tries INTEGER NOT NULL, run INTEGER NOT NULL, ref INTEGER NOT NULL,"
	" since INTEGER, place INTEGER, callback TEXT, topic INTEGER) STRICT;"
	"CREATE INDEX message_contact ON message(contact);"
	"CREATE INDEX message_account ON message(account);"
	"CREATE INDEX message_dup ON message(dup) WHERE dup IS NOT NULL;"
	/* Asked by an idle SIM, by the agenda, by STOP: never searched. */
	"CREATE INDEX message_place ON message(place, due_at, valid_until) WHERE place IS NOT NULL;"
	"CREATE INDEX message_key ON message(contact, key) WHERE key IS NOT NULL;"
	/* One sending of one segment; id = message << 16 | number. */
	"CREATE TABLE attempt(id INTEGER PRIMARY KEY, sim INTEGER NOT NULL, run INTEGER NOT NULL,"
	" segment INTEGER NOT NULL, outcome INTEGER NOT NULL, in_doubt INTEGER NOT NULL,"
	" wants_report INTEGER NOT NULL, mr INTEGER NOT NULL, reaction INTEGER NOT NULL,"
	" report INTEGER NOT NULL, cause TEXT, modem TEXT, started_at INTEGER NOT NULL,"
	" ended_at INTEGER, report_at INTEGER, report_scts INTEGER,"
	/* By which rule the SIM was chosen, which others were looked at, the AT lines of a
	 * failure. */
	" rule INTEGER NOT NULL, looked_at TEXT, trace TEXT) STRICT;"
	"CREATE INDEX attempt_waiting ON attempt(sim, mr) WHERE wants_report = 1;"
	/* A delivery report that nothing fitted yet. */
	"CREATE TABLE stray(id INTEGER PRIMARY KEY, sim INTEGER NOT NULL, mr INTEGER NOT NULL,"
	" status INTEGER NOT NULL, number TEXT NOT NULL, scts INTEGER NOT NULL,"
	" at INTEGER NOT NULL) STRICT;"
	"CREATE INDEX stray_number ON stray(number);"
	/* A long inbound message while its parts come in, and each part as received. */
	"CREATE TABLE assembly(id INTEGER PRIMARY KEY, sim INTEGER NOT NULL, sender TEXT NOT NULL,"
	" toa INTEGER NOT NULL, ref_bits INTEGER NOT NULL, ref INTEGER NOT NULL,"
	" total INTEGER NOT NULL, have INTEGER NOT NULL, first_at INTEGER NOT NULL,"
	" deadline INTEGER NOT NULL, message INTEGER NOT NULL) STRICT;"
	"CREATE INDEX assembly_open ON assembly(sim, sender, ref, total) WHERE have < total;"
	"CREATE INDEX assembly_sender ON assembly(sender);"
	"CREATE INDEX assembly_deadline ON assembly(deadline) WHERE message = 0;"
	"CREATE TABLE part(id INTEGER PRIMARY KEY, assembly INTEGER NOT NULL REFERENCES assembly,"
	" seq INTEGER NOT NULL, at INTEGER NOT NULL, dup INTEGER, pdu BLOB NOT NULL,"
	" UNIQUE(assembly, seq)) STRICT;"
	"CREATE INDEX part_dup ON part(dup) WHERE dup IS NOT NULL;"
	/* Octets committed from a slot that was not seen empty since. */
	"CREATE TABLE slot(sim INTEGER NOT NULL, storage TEXT NOT NULL, slot INTEGER NOT NULL,"
	" digest BLOB NOT NULL, PRIMARY KEY(sim, storage, slot)) STRICT, WITHOUT ROWID;"
	/* Changes of consent, one hash chain an account; never updated but for erasure: then
	 * number, text and salt are NULL. */
	"CREATE TABLE consent(account INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,"
	" list TEXT NOT NULL, kind TEXT NOT NULL, number TEXT, text TEXT, message INTEGER,"
	" line INTEGER, salt BLOB, number_digest BLOB NOT NULL, text_digest BLOB NOT NULL,"
	" link BLOB NOT NULL, PRIMARY KEY(account, seq)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX consent_number ON consent(number, account) WHERE number IS NOT NULL;"
	/* By which programs log in; digest: SHA-256 of the secret; account NULL: an operator's. */
	"CREATE TABLE token(name TEXT PRIMARY KEY, sid TEXT NOT NULL UNIQUE, account TEXT,"
	" scopes INTEGER NOT NULL, digest BLOB NOT NULL UNIQUE, created_at INTEGER NOT NULL)"
	" STRICT, WITHOUT ROWID;"
	"CREATE TABLE pin_try(id INTEGER PRIMARY KEY, identity TEXT NOT NULL, hash BLOB NOT NULL,"
	" at INTEGER NOT NULL, UNIQUE(identity, hash)) STRICT;"
	"CREATE TABLE idempotency(id INTEGER PRIMARY KEY, account INTEGER NOT NULL,"
	" key TEXT NOT NULL, message INTEGER NOT NULL, digest BLOB NOT NULL, at INTEGER NOT NULL,"
	" UNIQUE(account, key)) STRICT;"
	/* Requests that were given a key, and what they were answered; job: whose end is the
	 * answer. */
	"CREATE TABLE replay(id INTEGER PRIMARY KEY, login TEXT NOT NULL, key TEXT NOT NULL,"
	" digest BLOB NOT NULL, status INTEGER NOT NULL, job INTEGER, answer TEXT NOT NULL,"
	" at INTEGER NOT NULL, UNIQUE(login, key)) STRICT;"
	"CREATE TABLE event(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, about TEXT NOT NULL,"
	" text TEXT NOT NULL, message INTEGER, at INTEGER NOT NULL) STRICT;"
	"CREATE INDEX event_about ON event(about);"
	/* What watchers are told, written only while somebody watches, or did lately: so that one
	 * who comes back goes on where they were. about NULL: the message. */
	"CREATE TABLE news(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, about TEXT, message INTEGER,"
	" account INTEGER, at INTEGER NOT NULL) STRICT;"
	"CREATE INDEX news_about ON news(about) WHERE about IS NOT NULL;"
	/* What a modem is asked beside texts: USSD, a command. kind and state as in enum job_kind
	 * and enum job_state: 0 to 2 are open. */
	"CREATE TABLE job(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, state INTEGER NOT NULL,"
	" purpose INTEGER NOT NULL, ref INTEGER, sim INTEGER, modem TEXT NOT NULL, who TEXT NOT "
	"NULL, dialogue INTEGER NOT NULL, limit_ms INTEGER NOT NULL, error TEXT,"
	" created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, started_at INTEGER, "
	"finished_at INTEGER) STRICT;CREATE INDEX job_open ON job(id) WHERE state < 3;"
	/* What was sent in a dialogue, in order, and what came back. code: of the answer. */
	"CREATE TABLE job_step(job INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,"
	" n INTEGER NOT NULL, sent TEXT NOT NULL, got TEXT, code INTEGER, at INTEGER,"
	" PRIMARY KEY(job, n)) STRICT, WITHOUT ROWID;"
	/* What leaves for another program, or as e-mail, until it is over. kind and purpose are the
	 * asker's; state as in enum store_hook_state; place: where it goes to; chain: of these one
	 * at a time, in order; until: no further try begins behind it. Numbers are never given
	 * twice: its name outside is made of it. */
	"CREATE TABLE hook(id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL,"
	" purpose INTEGER NOT NULL, state INTEGER NOT NULL, tries INTEGER NOT NULL,"
	" account INTEGER, contact INTEGER, ref INTEGER, is_trusted INTEGER NOT NULL,"
	" is_once INTEGER NOT NULL, limit_ms INTEGER NOT NULL, created_at INTEGER NOT NULL,"
	" due_at INTEGER NOT NULL, until INTEGER NOT NULL, place TEXT NOT NULL, chain TEXT,"
	" url TEXT NOT NULL, head TEXT, body BLOB, error TEXT) STRICT;"
	/* kind and state: to be counted without the rows. */
	"CREATE INDEX hook_due ON hook(place, due_at, id, kind, state) WHERE state = 0;"
	"CREATE INDEX hook_behind ON hook(kind, state) WHERE state = 1;"
	"CREATE INDEX hook_chain ON hook(chain) WHERE chain IS NOT NULL AND state < 2;"
	"CREATE INDEX hook_contact ON hook(contact) WHERE contact IS NOT NULL;"
	"CREATE INDEX hook_dead ON hook(state) WHERE state = 2;"
	/* Calls of a SIM's number that ring elsewhere; state as in enum store_forward_state.
	 * Numbers are never given twice: a conversation may wait for one. */
	"CREATE TABLE call_forward(id INTEGER PRIMARY KEY AUTOINCREMENT, sim INTEGER NOT NULL "
	"UNIQUE, state INTEGER NOT NULL, until INTEGER NOT NULL, due_at INTEGER NOT NULL,"
	" tries INTEGER NOT NULL) STRICT;"
	/* A flow file's text, as long as conversations stand in it. */
	"CREATE TABLE flow_version(id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE,"
	" name TEXT NOT NULL, account TEXT NOT NULL, text BLOB NOT NULL) STRICT;"
	/* Where a contact stands in the steps of a flow. stands as in enum flow_stands; is_behind:
	 * its time
	 * has come while a question was open. away: the call that it waits for; by_clock and lane:
	 * of what
	 * it says behind that. */
	"CREATE TABLE conversation(id INTEGER PRIMARY KEY, contact INTEGER NOT NULL,"
	" line INTEGER NOT NULL, version INTEGER NOT NULL, stands INTEGER NOT NULL,"
	" step INTEGER NOT NULL, tries INTEGER NOT NULL, first_at INTEGER NOT NULL,"
	" due_at INTEGER NOT NULL, asked_at INTEGER NOT NULL, is_behind INTEGER NOT NULL,"
	" message INTEGER, variables BLOB NOT NULL, away INTEGER, by_clock INTEGER NOT NULL,"
	" lane INTEGER NOT NULL) STRICT;"
	"CREATE INDEX conversation_contact ON conversation(contact);"
	"CREATE INDEX conversation_due ON conversation(due_at);"
	"CREATE INDEX conversation_away ON conversation(away) WHERE away IS NOT NULL;"
	/* Texts that wait behind a conversation that stands away, or for the look-up of a contact
	 * (a call, as long as it is open). is_new: the account had no such contact before it. */
	"CREATE TABLE held(id INTEGER PRIMARY KEY, contact INTEGER NOT NULL, message INTEGER NOT "
	"NULL, is_new INTEGER NOT NULL, lookup INTEGER, until INTEGER NOT NULL) STRICT;"
	"CREATE INDEX held_contact ON held(contact);"
	/* Which keyword was meant by a text within one slip of several; keys: as flow has them. */
	"CREATE TABLE slip(contact INTEGER NOT NULL, line INTEGER NOT NULL, message INTEGER NOT "
	"NULL, asked_at INTEGER NOT NULL, keys TEXT NOT NULL, PRIMARY KEY(contact, line))"
	" STRICT, WITHOUT ROWID;"
	"CREATE INDEX slip_asked ON slip(asked_at);"
	"CREATE TABLE tag(contact INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY(contact, name))"
	" STRICT, WITHOUT ROWID;"
	/* The arm of a split that a contact keeps. */
	"CREATE TABLE arm(contact INTEGER NOT NULL, split TEXT NOT NULL, arm TEXT NOT NULL,"
	" at INTEGER NOT NULL, PRIMARY KEY(contact, split)) STRICT, WITHOUT ROWID;"
	/* Codes that were given, or redeemed without having been given. key: as codes are
	 * compared. */
	"CREATE TABLE voucher(account INTEGER NOT NULL, series TEXT NOT NULL, key TEXT NOT NULL,"
	" code TEXT NOT NULL, contact INTEGER, drawn_at INTEGER, redeemed_at INTEGER,"
	" redeemed_by INTEGER, PRIMARY KEY(account, series, key)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX voucher_contact ON voucher(contact, series, drawn_at) WHERE contact IS NOT "
	"NULL;"
	"CREATE INDEX voucher_redeemed ON voucher(redeemed_by, series) WHERE redeemed_by IS NOT "
	"NULL;"
	/* Of a series: what was given and redeemed; place: codes of its file that were looked
	 * at. */
	"CREATE TABLE series(account INTEGER NOT NULL, name TEXT NOT NULL, drawn INTEGER NOT NULL,"
	" redeemed INTEGER NOT NULL, place INTEGER NOT NULL, PRIMARY KEY(account, name))"
	" STRICT, WITHOUT ROWID;"
	/* Appointments. state as in enum store_booking_state: below 2 the time is taken. */
	"CREATE TABLE booking(id INTEGER PRIMARY KEY, account INTEGER NOT NULL, calendar TEXT NOT "
	"NULL, contact INTEGER NOT NULL, line INTEGER NOT NULL, starts_at INTEGER NOT NULL,"
	" ends_at INTEGER NOT NULL, state INTEGER NOT NULL, changes INTEGER NOT NULL,"
	" made_at INTEGER NOT NULL, changed_at INTEGER NOT NULL, reminded_at INTEGER NOT NULL,"
	" remind_at INTEGER) STRICT;"
	"CREATE UNIQUE INDEX booking_slot ON booking(account, calendar, starts_at) WHERE state < 2;"
	"CREATE INDEX booking_start ON booking(starts_at);"
	"CREATE INDEX booking_contact ON booking(contact, starts_at);"
	"CREATE INDEX booking_due ON booking(remind_at) WHERE remind_at IS NOT NULL;"
	/* Events of the clock; cursor: the last contact of the run that is under way. */
	"CREATE TABLE at_event(id INTEGER PRIMARY KEY, account INTEGER NOT NULL, name TEXT NOT "
	"NULL, due_at INTEGER NOT NULL, is_running INTEGER NOT NULL, cursor INTEGER NOT NULL,"
	" runs INTEGER NOT NULL, contacts INTEGER NOT NULL, UNIQUE(account, name)) STRICT;"
	/* Promises, in hundredths. */
	"CREATE TABLE pledge(id INTEGER PRIMARY KEY, account INTEGER NOT NULL, name TEXT NOT NULL,"
	" contact INTEGER NOT NULL, amount INTEGER NOT NULL, message INTEGER, at INTEGER NOT NULL)"
	" STRICT;"
	/* Keywords and arms that a contact came by, where the account has goals; and the first time
	 * that a goal was reached, with the touch that it counts for (touch NULL: none). */
	"CREATE TABLE touch(id INTEGER PRIMARY KEY, contact INTEGER NOT NULL, kind TEXT NOT NULL,"
	" name TEXT NOT NULL, message INTEGER, at INTEGER NOT NULL) STRICT;"
	"CREATE INDEX touch_contact ON touch(contact);"
	"CREATE TABLE conversion(contact INTEGER NOT NULL, goal TEXT NOT NULL, touch INTEGER,"
	" message INTEGER, at INTEGER NOT NULL, PRIMARY KEY(contact, goal)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX conversion_touch ON conversion(touch) WHERE touch IS NOT NULL;"
	/* The same added up; kind and name of the touch, "" where it counts for none. */
	"CREATE TABLE conversion_total(account INTEGER NOT NULL, goal TEXT NOT NULL,"
	" kind TEXT NOT NULL, name TEXT NOT NULL, n INTEGER NOT NULL, last_at INTEGER NOT NULL,"
	" PRIMARY KEY(account, goal, kind, name)) STRICT, WITHOUT ROWID;"
	/* What people are to see to; tag: #1, #2 … within the account; state and kind as in enum
	 * store_ticket_state and store_ticket_kind. */
	"CREATE TABLE ticket(id INTEGER PRIMARY KEY, account INTEGER NOT NULL, tag INTEGER NOT "
	"NULL, contact INTEGER NOT NULL, kind INTEGER NOT NULL, state INTEGER NOT NULL,"
	" line INTEGER NOT NULL, message INTEGER, queue TEXT NOT NULL, about TEXT NOT NULL,"
	" agent TEXT NOT NULL, number TEXT NOT NULL, told TEXT NOT NULL, within INTEGER NOT NULL,"
	" own_line INTEGER NOT NULL, opened_at INTEGER NOT NULL, alerted_at INTEGER,"
	" answered_at INTEGER, closed_at INTEGER, due_at INTEGER, UNIQUE(account, tag)) STRICT;"
	"CREATE INDEX ticket_contact ON ticket(contact);"
	"CREATE INDEX ticket_open ON ticket(account) WHERE state < 3;"
	"CREATE INDEX ticket_number ON ticket(number) WHERE state < 3;"
	"CREATE INDEX ticket_due ON ticket(due_at) WHERE due_at IS NOT NULL;"
	"CREATE TABLE ticket_note(id INTEGER PRIMARY KEY, ticket INTEGER NOT NULL,"
	" at INTEGER NOT NULL, kind TEXT NOT NULL, who TEXT NOT NULL, text TEXT NOT NULL) STRICT;"
	"CREATE INDEX ticket_note_ticket ON ticket_note(ticket);"
	/* The ticket that an agent was shown last. */
	"CREATE TABLE shown(number TEXT PRIMARY KEY, ticket INTEGER NOT NULL, at INTEGER NOT NULL)"
	" STRICT, WITHOUT ROWID;"
	/* Who talks with a contact in the place of the flow. */
	"CREATE TABLE person(contact INTEGER PRIMARY KEY, kind INTEGER NOT NULL,"
	" ticket INTEGER NOT NULL, who TEXT NOT NULL, since INTEGER NOT NULL, due_at INTEGER NOT "
	"NULL) STRICT;"
	"CREATE INDEX person_due ON person(due_at);"
	/* What an operator asked for by text, and the code that does it once. */
	"CREATE TABLE operator_code(id INTEGER PRIMARY KEY, number TEXT NOT NULL, code TEXT NOT "
	"NULL,"
	" command TEXT NOT NULL, wrong INTEGER NOT NULL, at INTEGER NOT NULL, used_at INTEGER) "
	"STRICT;CREATE INDEX operator_code_number ON operator_code(number);"
	/* What is counted; kind as in enum store_topic_kind. And who came by it once. */
	"CREATE TABLE topic(id INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES account,"
	" kind INTEGER NOT NULL, name TEXT NOT NULL, UNIQUE(account, kind, name)) STRICT;"
	"CREATE TABLE customer(contact INTEGER NOT NULL, topic INTEGER NOT NULL,"
	" PRIMARY KEY(contact, topic)) STRICT, WITHOUT ROWID;"
	/* Running totals of hours (level 0), days (1), and of all (2, at 0). */
	"CREATE TABLE figure(level INTEGER NOT NULL, at INTEGER NOT NULL, topic INTEGER NOT NULL,"
	" line INTEGER NOT NULL"
#define X(name, column) ", " #column " INTEGER NOT NULL"
	STORE_FIGURES(X)
#undef X
	", PRIMARY KEY(level, at, topic, line)) STRICT, WITHOUT ROWID;"
	/* What is counted beside messages, by the hour: of queues, calendars, pledges. */
	"CREATE TABLE tally(topic INTEGER NOT NULL, at INTEGER NOT NULL, n0 INTEGER NOT NULL,"
	" n1 INTEGER NOT NULL, n2 INTEGER NOT NULL, n3 INTEGER NOT NULL, n4 INTEGER NOT NULL,"
	" n5 INTEGER NOT NULL, PRIMARY KEY(topic, at)) STRICT, WITHOUT ROWID;"
	/* What commits add to figures and to SIMs, until it is added up (ledger.c). */
	"CREATE TABLE ledger(id INTEGER PRIMARY KEY, marks BLOB NOT NULL) STRICT;"
	/* Campaigns: what goes to whom, how far it has come; and their texts. */
	"CREATE TABLE campaign(id INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES account,"
	" name TEXT NOT NULL, list TEXT NOT NULL, expression TEXT NOT NULL, pool TEXT NOT NULL,"
	" series TEXT NOT NULL, line INTEGER NOT NULL, pace INTEGER NOT NULL,"
	" created_at INTEGER NOT NULL, send_at INTEGER NOT NULL, until INTEGER NOT NULL,"
	" started_at INTEGER NOT NULL, finished_at INTEGER NOT NULL, state INTEGER NOT NULL,"
	" is_paused INTEGER NOT NULL, reason TEXT NOT NULL, cursor INTEGER NOT NULL,"
	" queued INTEGER NOT NULL, no_consent INTEGER NOT NULL, unmatched INTEGER NOT NULL,"
	" refused INTEGER NOT NULL, UNIQUE(account, name)) STRICT;"
	"CREATE TABLE campaign_arm(campaign INTEGER NOT NULL, n INTEGER NOT NULL, name TEXT NOT "
	"NULL, weight INTEGER NOT NULL, topic INTEGER NOT NULL, text TEXT NOT NULL,"
	" PRIMARY KEY(campaign, n)) STRICT, WITHOUT ROWID;"
	/* Who did what to a modem. */
	"CREATE TABLE audit(id INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL,"
	" action TEXT NOT NULL, about TEXT NOT NULL, text TEXT NOT NULL, outcome TEXT NOT NULL,"
	" job INTEGER) STRICT;";

static const char *const migrations[] = { migration_1 };

int schema_version(void)
{
	return (int)TW_COUNT(migrations);
}

static int pragma_int(struct store *s, const char *pragma, int64_t *ret)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(s->db, pragma, -1, &st, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(st);
	if (code == SQLITE_ROW) {
		*ret = sqlite3_column_int64(st, 0);
		code = SQLITE_OK;
	}
	sqlite3_finalize(st);
	return code == SQLITE_OK ? 0 : db_error_of(code);
}

static int migrate_one(struct store *s, int to)
{
	char *sql = tw_printf("BEGIN IMMEDIATE; %s PRAGMA user_version = %d; "
			      "PRAGMA application_id = %d; COMMIT",
			      migrations[to - 1], to, DB_APPLICATION_ID);
	int code = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	free(sql);
	if (code != SQLITE_OK && !sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return code == SQLITE_OK ? 0 : db_error_of(code) ? db_error_of(code) : TW_E_DB;
}

int schema_migrate(struct store *s, char **reterr)
{
	int64_t version = 0, application = 0;
	int r = pragma_int(s, "PRAGMA user_version", &version);

	if (r == 0)
		r = pragma_int(s, "PRAGMA application_id", &application);
	if (r < 0) {
		*reterr = tw_printf("%s cannot be read: %s", s->path, sqlite3_errmsg(s->db));
		return r;
	}
	if (application != DB_APPLICATION_ID && (application || version)) {
		*reterr = tw_printf("%s is the database of another program", s->path);
		return TW_E_TYPE;
	}
	if (version > schema_version()) {
		*reterr = tw_printf("%s is from a newer version of twoway (schema %d; this one "
				    "knows %d): install that version again, or restore a backup",
				    s->path, (int)version, schema_version());
		return TW_E_DB_NEWER;
	}
	for (int to = (int)version + 1; to <= schema_version(); to++) {
		r = migrate_one(s, to);
		if (r == 0)
			continue;
		*reterr = tw_printf("%s could not be brought to schema %d: %s", s->path, to,
				    sqlite3_errmsg(s->db));
		return r;
	}
	return 0;
}
