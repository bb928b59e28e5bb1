/* Every statement there is, prepared once when first used. Included where X is defined. */

#define MESSAGE_COLUMNS                                                                            \
	"direction, state, contact, account, line, sim, route, lane, flags, encoding, segments, "  \
	"form, body, modem, keyword, key, pool, error_code, error_cause, pdu, dup, created_at, "   \
	"due_at, sent_at, finished_at, valid_until, origin, tries, run, ref, since, place, "       \
	"callback, topic"
#define ATTEMPT_COLUMNS                                                                            \
	"sim, run, segment, outcome, in_doubt, wants_report, mr, reaction, report, cause, modem, " \
	"started_at, ended_at, report_at, report_scts, rule"
#define SIM_COLUMNS                                                                                \
	"sim.id, iccid, line, number, seat, modem, first_seen, sent, received, failed, ref"
#define CARE_COLUMNS                                                                               \
	"has_balance, balance, spent, balance_at, asked_at, is_low, top_ups, topped_at, sends, "   \
	"sent_rate, reports, report_rate, report_ms, send_doubt, report_doubt, is_demoted, "       \
	"is_deaf, probes, probe_at, replies, posts, traffic_at"
#define TEST_COLUMNS                                                                               \
	"id, token, learns, from_sim, to_sim, message, started_at, ended_at, outcome"
#define ASSEMBLY_COLUMNS                                                                           \
	"id, sim, sender, toa, ref_bits, ref, total, have, first_at, deadline, message"
#define CONTACT_COLUMNS                                                                            \
	"id, account, number, created_at, stopped_at, stopped_line, language, name, zone, owner"
#define CONSENT_COLUMNS                                                                            \
	"account, seq, at, list, kind, number, text, message, line, salt, number_digest, "         \
	"text_digest, link"

#define POOL_COLUMNS                                                                               \
	"id, account, name, friendly, url, fallback, callback, usecase, flags, valid_for, "        \
	"created_at, changed_at"

#define JOB_COLUMNS                                                                                \
	"id, kind, state, purpose, ref, sim, modem, who, limit_ms, error, created_at, expires_at, "\
	"started_at, finished_at, dialogue"

#define HOOK_COLUMNS                                                                               \
	"id, kind, purpose, state, tries, account, contact, ref, is_trusted, is_once, limit_ms, "  \
	"created_at, due_at, until, place, chain, url, head, body, error"

#define TALK_COLUMNS                                                                               \
	"contact, line, version, stands, step, tries, first_at, due_at, asked_at, is_behind, "     \
	"message, variables, away, by_clock, lane"

#define FORWARD_COLUMNS "id, sim, state, until, due_at, tries"
#define HELD_COLUMNS "id, contact, message, is_new, lookup, until"

#define TICKET_COLUMNS                                                                             \
	"account, tag, contact, kind, state, line, message, queue, about, agent, number, told, "   \
	"within, own_line, opened_at, alerted_at, answered_at, closed_at, due_at"
#define CAMPAIGN_COLUMNS                                                                           \
	"account, name, list, expression, pool, series, line, pace, created_at, send_at, until, "  \
	"started_at, finished_at, state, is_paused, reason, cursor, queued, no_consent, "          \
	"unmatched, refused"
#define FIGURE_COLUMNS                                                                             \
	"level, at, topic, line, received, queued, sent, delivered, failed, segments, customers, " \
	"conversions, answers, answer_ms, joins, leaves, drawn, redeemed, promoters, passives, "   \
	"detractors"
#define FIGURE_ADDED(column) #column " = " #column " + excluded." #column

#define BOOKING_COLUMNS                                                                            \
	"id, account, calendar, contact, line, starts_at, ends_at, state, changes, made_at, "      \
	"changed_at, reminded_at, remind_at"

#define STATEMENTS(X)                                                                              \
	X(ST_BEGIN, "BEGIN IMMEDIATE")                                                             \
	X(ST_COMMIT, "COMMIT")                                                                     \
	X(ST_ROLLBACK, "ROLLBACK")                                                                 \
	X(ST_SAVEPOINT, "SAVEPOINT event")                                                         \
	X(ST_RELEASE, "RELEASE event")                                                             \
	X(ST_UNDO, "ROLLBACK TO event")                                                            \
	X(ST_ACCOUNT_FIND, "SELECT id FROM account WHERE name = ?1")                               \
	X(ST_ACCOUNT_ADD, "INSERT INTO account(name) VALUES(?1)")                                  \
	X(ST_ACCOUNT_NAME, "SELECT name FROM account WHERE id = ?1")                               \
	X(ST_LINE_FIND, "SELECT id FROM line WHERE number = ?1")                                   \
	X(ST_LINE_ADD, "INSERT INTO line(number) VALUES(?1)")                                      \
	X(ST_LINE_NUMBER, "SELECT number FROM line WHERE id = ?1")                                 \
	X(ST_LINE_RENAME, "UPDATE line SET number = ?2 WHERE id = ?1")                             \
	X(ST_SETTING_PUT, "INSERT OR REPLACE INTO setting(name, value) VALUES(?1, ?2)")            \
	X(ST_SETTING_DROP, "DELETE FROM setting WHERE name = ?1")                                  \
	X(ST_SETTING_NEXT, "SELECT name, value FROM setting WHERE name > ?1 ORDER BY name LIMIT "  \
			   "1")                                                                    \
	X(ST_NUMBER_GET, "SELECT name, url, url_is_get, fallback, fallback_is_get, changed_at "    \
			 "FROM number WHERE account = ?1 AND number = ?2")                         \
	X(ST_NUMBER_PUT, "INSERT OR REPLACE INTO number(account, number, name, url, url_is_get, "  \
			 "fallback, fallback_is_get, changed_at) "                                 \
			 "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")                                 \
	X(ST_POOL_GET, "SELECT " POOL_COLUMNS " FROM pool WHERE account = ?1 AND name = ?2")       \
	X(ST_POOL_NEXT, "SELECT " POOL_COLUMNS " FROM pool WHERE id > ?1 ORDER BY id LIMIT 1")     \
	X(ST_POOL_ADD, "INSERT INTO pool(account, name, friendly, url, fallback, callback, "       \
		       "usecase, flags, valid_for, created_at, changed_at) "                       \
		       "VALUES(?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")                    \
	X(ST_POOL_SAVE, "UPDATE pool SET friendly = ?4, url = ?5, fallback = ?6, callback = ?7, "  \
			"usecase = ?8, flags = ?9, valid_for = ?10, changed_at = ?12 WHERE id = "  \
			"?1")                                                                      \
	X(ST_POOL_DROP, "DELETE FROM pool WHERE id = ?1")                                          \
	X(ST_POOL_EMPTY, "DELETE FROM pool_number WHERE pool = ?1")                                \
	X(ST_POOL_NUMBER_ADD, "INSERT INTO pool_number(pool, number, at) VALUES(?1, ?2, ?3)")      \
	X(ST_POOL_NUMBER_DROP, "DELETE FROM pool_number WHERE pool = ?1 AND number = ?2")          \
	X(ST_POOL_NUMBER_NEXT, "SELECT number, at FROM pool_number WHERE pool = ?1 "               \
			       "AND number > ?2 ORDER BY number LIMIT 1")                          \
	X(ST_SIM_FIND, "SELECT " SIM_COLUMNS " FROM sim WHERE iccid = ?1")                         \
	X(ST_SIM_GET, "SELECT " SIM_COLUMNS " FROM sim WHERE id = ?1")                             \
	X(ST_SIM_NEXT, "SELECT " SIM_COLUMNS " FROM sim WHERE id > ?1 ORDER BY id LIMIT 1")        \
	X(ST_SIM_ADD, "INSERT INTO sim(iccid, line, number, seat, modem, first_seen) "             \
		      "VALUES(?1, ?2, ?3, ?4, ?5, ?6)")                                            \
	X(ST_SIM_SAVE, "UPDATE sim SET line = ?2, number = ?3, seat = ?4, modem = ?5 "             \
		       "WHERE id = ?1")                                                            \
	X(ST_SIM_COUNT, "UPDATE sim SET sent = sent + ?2, received = received + ?3, "              \
			"failed = failed + ?4, ref = iif(?5, ?5, ref), "                           \
			"month = iif(?6, ?7, month), month_at = iif(?6, ?6, month_at) "            \
			"WHERE id = ?1")                                                           \
	X(ST_BEARER_PUT, "INSERT OR REPLACE INTO bearer(operator, command) VALUES(?1, ?2)")        \
	X(ST_BEARER_NEXT, "SELECT id, operator, command FROM bearer WHERE id > ?1 "                \
			  "ORDER BY id LIMIT 1")                                                   \
	X(ST_SEAT_PUT, "INSERT OR REPLACE INTO seat(key, imei, usb, usb_path, interface, paused) " \
		       "VALUES(?1, ?2, ?3, ?4, ?5, ?6)")                                   \
	X(ST_SEAT_NEXT, "SELECT key, imei, usb, usb_path, interface, paused FROM seat "    \
			"WHERE key > ?1 ORDER BY key LIMIT 1")                             \
	X(ST_SIM_USED_GET, "SELECT day_at, day, day_bulk, month_at, month, month_bulk, spent, "    \
			   "spent_bulk, recent FROM sim WHERE id = ?1")                            \
	X(ST_SIM_USED_PUT, "UPDATE sim SET day_at = ?2, day = ?3, day_bulk = ?4, month_at = ?5, "  \
			   "month = ?6, month_bulk = ?7, spent = ?8, spent_bulk = ?9, "            \
			   "recent = ?10 WHERE id = ?1")                                           \
	X(ST_CARE_GET, "SELECT " CARE_COLUMNS " FROM sim_care WHERE sim = ?1")                     \
	X(ST_CARE_PUT, "INSERT OR REPLACE INTO sim_care(sim, " CARE_COLUMNS ") "                   \
		       "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, " \
		       "?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23)")                                  \
	X(ST_BALANCE_PUT, "INSERT OR REPLACE INTO balance(sim, at, amount) VALUES(?1, ?2, ?3)")    \
	X(ST_BALANCE_PRUNE, "DELETE FROM balance WHERE sim = ?1 AND at < ?2")                      \
	X(ST_BALANCE_NEXT, "SELECT at, amount FROM balance WHERE sim = ?1 AND at > ?2 "            \
			   "ORDER BY at LIMIT 1")                                                  \
	X(ST_TOP_UP_FIND, "SELECT sim FROM top_up WHERE digest = ?1")                              \
	X(ST_TOP_UP_ADD, "INSERT INTO top_up(digest, sim, job, at) VALUES(?1, ?2, ?3, ?4)")        \
	X(ST_TOP_UP_END, "UPDATE top_up SET outcome = ?2 WHERE job = ?1 AND outcome IS NULL")      \
	X(ST_TOP_UP_DROP, "DELETE FROM top_up WHERE job = ?1 AND outcome IS NULL")                 \
	X(ST_ALERT_PUT, "INSERT OR REPLACE INTO alert(kind, about, text, since, told_at, "         \
			"message, "                                                                \
			"tries) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")                               \
	X(ST_ALERT_DROP, "DELETE FROM alert WHERE kind = ?1 AND about = ?2")                       \
	X(ST_ALERT_NEXT, "SELECT kind, about, text, since, told_at, message, tries FROM alert "    \
			 "WHERE (kind, about) > (?1, ?2) ORDER BY kind, about LIMIT 1")            \
	X(ST_TEST_ADD, "INSERT INTO self_test(token, learns, from_sim, to_sim, message, "          \
		       "started_at, ended_at, outcome) VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0, 0)")      \
	X(ST_TEST_PRUNE, "DELETE FROM self_test WHERE id <= ?1 - 1000")                            \
	X(ST_TEST_END, "UPDATE self_test SET outcome = ?2, ended_at = ?3 WHERE id = ?1")           \
	X(ST_TEST_FIND, "SELECT " TEST_COLUMNS " FROM self_test WHERE token = ?1")                 \
	X(ST_TEST_BEFORE, "SELECT " TEST_COLUMNS " FROM self_test WHERE id < ?1 "                  \
			  "ORDER BY id DESC LIMIT 1")                                              \
	X(ST_RECIPIENT_GET, "SELECT n FROM recipient WHERE sim = ?1 AND month = ?2 "               \
			    "AND number = ?3")                                                     \
	X(ST_RECIPIENT_ADD, "INSERT INTO recipient(sim, month, number, n) VALUES(?1, ?2, ?3, ?4) " \
			    "ON CONFLICT(sim, month, number) DO UPDATE SET n = n + excluded.n")    \
	X(ST_RECIPIENT_DROP, "DELETE FROM recipient WHERE sim = ?1 AND month = ?2 "                \
			     "AND number = ?3 AND n <= 0")                                         \
	X(ST_RECIPIENT_COUNT, "SELECT count(*) FROM recipient WHERE sim = ?1 AND month = ?2")      \
	X(ST_RECIPIENT_PRUNE, "DELETE FROM recipient WHERE sim = ?1 AND month < ?2")               \
	X(ST_CONTACT_FIND, "SELECT " CONTACT_COLUMNS " FROM contact "                              \
			   "WHERE number = ?1 AND account = ?2")                                   \
	X(ST_CONTACT_GET, "SELECT " CONTACT_COLUMNS " FROM contact WHERE id = ?1")                 \
	X(ST_CONTACT_ALL, "SELECT " CONTACT_COLUMNS " FROM contact WHERE number = ?1 "             \
			  "ORDER BY account")                                                      \
	X(ST_CONTACT_NEXT, "SELECT " CONTACT_COLUMNS " FROM contact WHERE account = ?1 "           \
			   "AND id > ?2 ORDER BY id LIMIT 1")                                      \
	X(ST_CONTACT_ANY, "SELECT " CONTACT_COLUMNS " FROM contact WHERE id > ?1 "                 \
			  "ORDER BY id LIMIT 1")                                                   \
	X(ST_CONTACT_SAVE, "UPDATE contact SET language = ?2, name = ?3, zone = ?4, owner = ?5 "   \
			   "WHERE id = ?1")                                                        \
	X(ST_CONTACT_ERASE, "UPDATE contact SET number = NULL, language = '', name = '', "         \
			    "zone = '', owner = '' WHERE id = ?1")                                 \
	X(ST_FIELD_GET, "SELECT value FROM field WHERE contact = ?1 AND name = ?2")                \
	X(ST_FIELD_PUT, "INSERT OR REPLACE INTO field(contact, name, value) VALUES(?1, ?2, ?3)")   \
	X(ST_FIELD_DEL, "DELETE FROM field WHERE contact = ?1 AND name = ?2")                      \
	X(ST_FIELD_NEXT, "SELECT name, value FROM field WHERE contact = ?1 AND name > ?2 "         \
			 "ORDER BY name LIMIT 1")                                                  \
	X(ST_FIELD_ERASE, "DELETE FROM field WHERE contact = ?1")                                  \
	X(ST_GROUP_FIND, "SELECT id FROM list WHERE account = ?1 AND name = ?2")                   \
	X(ST_GROUP_ADD, "INSERT INTO list(account, name) VALUES(?1, ?2)")                          \
	X(ST_GROUP_NEXT, "SELECT id, account, name FROM list WHERE account = ?1 AND name > ?2 "    \
			 "ORDER BY name LIMIT 1")                                                  \
	X(ST_SUBSCRIPTION_GET, "SELECT list, contact, state, since, name FROM subscription "       \
			       "JOIN list ON list.id = list WHERE list = ?1 AND contact = ?2")     \
	X(ST_SUBSCRIPTION_PUT, "INSERT OR REPLACE INTO subscription(list, contact, state, since) " \
			       "VALUES(?1, ?2, ?3, ?4)")                                           \
	X(ST_SUBSCRIPTION_OF, "SELECT list, contact, state, since, name FROM subscription "        \
			      "JOIN list ON list.id = list WHERE contact = ?1 AND list > ?2 "      \
			      "ORDER BY list LIMIT 1")                                             \
	X(ST_SUBSCRIPTION_IN, "SELECT list, contact, state, since, name FROM subscription "        \
			      "JOIN list ON list.id = list WHERE list = ?1 AND contact > ?2 "      \
			      "ORDER BY contact LIMIT 1")                                          \
	X(ST_SUBSCRIPTION_LEAVE, "UPDATE subscription SET state = ?2, since = ?3 "                 \
				 "WHERE contact = ?1 AND state <> ?2")                             \
	X(ST_SUBSCRIPTION_ERASE, "DELETE FROM subscription WHERE contact = ?1")                    \
	X(ST_THREAD_ERASE, "DELETE FROM thread WHERE contact = ?1")                                \
	X(ST_ERASURE_ADD, "INSERT OR REPLACE INTO erasure(contact, done) VALUES(?1, ?2)")          \
	X(ST_ERASURE_NEXT, "SELECT contact, done FROM erasure WHERE contact > ?1 "                 \
			   "ORDER BY contact LIMIT 1")                                             \
	X(ST_ERASURE_DEL, "DELETE FROM erasure WHERE contact = ?1")                                \
	X(ST_ERASE_NEXT, "SELECT id, place IS NOT NULL FROM message INDEXED BY message_contact "   \
			 "WHERE contact = ?1 AND id > ?2 ORDER BY id LIMIT 1")                     \
	X(ST_ERASE_TRACE, "UPDATE attempt SET trace = NULL, looked_at = NULL "                     \
			  "WHERE id BETWEEN ?1 AND ?2")                                            \
	X(ST_ERASE_EVENT, "UPDATE event SET about = '' WHERE about = ?1")                          \
	X(ST_ERASE_NEWS, "UPDATE news SET about = '' WHERE about = ?1 AND about IS NOT NULL")      \
	X(ST_ERASE_CALLBACK, "UPDATE message SET callback = NULL WHERE id = ?1 "                   \
			     "AND callback IS NOT NULL")                                           \
	X(ST_ERASE_STRAY, "DELETE FROM stray WHERE number = ?1")                                   \
	X(ST_ERASE_PART, "DELETE FROM part WHERE assembly IN "                                     \
			 "(SELECT id FROM assembly WHERE sender = ?1)")                            \
	X(ST_ERASE_ASSEMBLY, "DELETE FROM assembly WHERE sender = ?1")                             \
	X(ST_CONTACT_ADD, "INSERT INTO contact(account, number, created_at) VALUES(?1, ?2, ?3)")   \
	X(ST_CONTACT_STOP, "UPDATE contact SET stopped_at = ?2, stopped_line = ?3 WHERE id = ?1")  \
	X(ST_CONTACT_LANGUAGE, "UPDATE contact SET language = ?2 WHERE id = ?1")                   \
	X(ST_INBOUND_LAST, "SELECT coalesce(max(last_in), 0) FROM thread")                         \
	X(ST_THREAD_GET, "SELECT last_in, last_out FROM thread WHERE contact = ?1 AND line = ?2")  \
	X(ST_THREAD_TOUCH,                                                                         \
	  "INSERT INTO thread(contact, line, last_in, last_out) VALUES(?1, ?2, ?3, ?4) "           \
	  "ON CONFLICT(contact, line) DO UPDATE SET last_in = max(last_in, excluded.last_in), "    \
	  "last_out = max(last_out, excluded.last_out)")                                           \
	X(ST_THREAD_LAST, "SELECT line, last_in, last_out FROM thread WHERE contact = ?1 "         \
			  "ORDER BY max(last_in, last_out) DESC LIMIT 1")                          \
	X(ST_ROUTE_FIND, "SELECT id FROM route WHERE account = ?1 AND line = ?2 AND avoid = ?3 "   \
			 "AND pool = ?4 AND destination = ?5 AND campaign = ?6")                   \
	X(ST_ROUTE_ADD, "INSERT INTO route(account, line, avoid, pool, destination, campaign) "    \
			"VALUES(?1, ?2, ?3, ?4, ?5, ?6)")                                          \
	X(ST_ROUTE_GET, "SELECT account, line, avoid, pool, destination, campaign FROM route "     \
			"WHERE id = ?1")                                                           \
	X(ST_MESSAGE_ADD, "INSERT INTO message(" MESSAGE_COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, "   \
			  "?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, "     \
			  "?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, " \
			  "?34)")                                                                  \
	X(ST_MESSAGE_GET, "SELECT id, " MESSAGE_COLUMNS " FROM message WHERE id = ?1")             \
	X(ST_MESSAGE_SAVE,                                                                         \
	  "UPDATE message SET state = ?2, line = ?3, sim = ?4, route = ?5, flags = ?6, "           \
	  "modem = ?7, error_code = ?8, error_cause = ?9, due_at = ?10, sent_at = ?11, "           \
	  "finished_at = ?12, tries = ?13, run = ?14, ref = ?15, since = ?16, place = ?17 "       \
	  "WHERE id = ?1")                                                                         \
	X(ST_MESSAGE_REWRITE,                                                                      \
	  "UPDATE message SET body = ?2, encoding = ?3, segments = ?4, form = ?5, flags = ?6 "     \
	  "WHERE id = ?1")                                                                         \
	X(ST_MESSAGE_COMPLETE, "UPDATE message SET body = ?2, flags = ?3, "                        \
			       "error_code = iif(?3 & ?4, error_code, NULL) WHERE id = ?1")        \
	X(ST_MESSAGE_ERASE, "UPDATE message SET body = NULL, pdu = NULL, key = NULL, "             \
			    "error_cause = iif(flags & ?3, NULL, error_cause), flags = flags | ?2 "\
			    "WHERE id = ?1")                                                       \
	X(ST_QUEUE_HEAD, "SELECT id, due_at, segments FROM message WHERE place = ?1 "              \
			 "ORDER BY due_at, valid_until, id LIMIT 1")                               \
	X(ST_QUEUE_NEXT, "SELECT place, count(*), sum(segments) FROM message WHERE place = "       \
			 "(SELECT place "                                                          \
			 "FROM message WHERE place > ?1 ORDER BY place LIMIT 1)")                  \
	X(ST_PLACED_NEXT, "SELECT place, due_at, valid_until, id FROM message WHERE place <= ?1 "  \
			  "AND (place, due_at, valid_until, id) > (?2, ?3, ?4, ?5) "               \
			  "ORDER BY place, due_at, valid_until, id LIMIT 1")                       \
	X(ST_PLACE_COUNT, "SELECT count(*) FROM message WHERE place = ?1")                         \
	X(ST_PENDING_NEXT, "SELECT id FROM message INDEXED BY message_contact WHERE contact = ?1 " \
			   "AND id > ?2 AND place IS NOT NULL ORDER BY id LIMIT 1")                \
	X(ST_PENDING_KEY, "SELECT id FROM message INDEXED BY message_key WHERE contact = ?1 "      \
			  "AND key = ?3 AND id > ?2 AND key IS NOT NULL AND place IS NOT NULL "    \
			  "ORDER BY id LIMIT 1")                                                   \
	X(ST_NOTE_GET, "SELECT value FROM meta WHERE key = ?1")                                    \
	X(ST_NOTE_PUT, "INSERT OR REPLACE INTO meta(key, value) VALUES(?1, ?2)")                   \
	X(ST_LIST_ALL, "SELECT id, " MESSAGE_COLUMNS " FROM message WHERE id < ?1 AND flags & "    \
		       "8192 = 0 "                                                                 \
		       "AND (?4 < 0 OR state = ?4) AND (?5 < 0 OR direction = ?5) "                \
		       "ORDER BY id DESC LIMIT 1")                                                 \
	X(ST_LIST_ACCOUNT, "SELECT id, " MESSAGE_COLUMNS " FROM message "                          \
			   "INDEXED BY message_account WHERE account = ?2 AND id < ?1 AND flags "  \
			   "& 8192 = 0 "                                                           \
			   "AND (?4 < 0 OR state = ?4) AND (?5 < 0 OR direction = ?5) "            \
			   "ORDER BY id DESC LIMIT 1")                                             \
	X(ST_LIST_CONTACT, "SELECT id, " MESSAGE_COLUMNS " FROM message "                          \
			   "INDEXED BY message_contact WHERE contact = ?3 AND id < ?1 AND flags "  \
			   "& 8192 = 0 "                                                           \
			   "AND (?4 < 0 OR state = ?4) AND (?5 < 0 OR direction = ?5) "            \
			   "ORDER BY id DESC LIMIT 1")                                             \
	X(ST_LIST_ACCOUNT_UP, "SELECT id, " MESSAGE_COLUMNS " FROM message "                       \
			      "INDEXED BY message_account WHERE account = ?2 AND id > ?1 "         \
			      "AND flags & 8192 = 0 AND (?4 < 0 OR state = ?4) "           \
			      "AND (?5 < 0 OR direction = ?5) ORDER BY id LIMIT 1")                \
	X(ST_LIST_CONTACT_UP, "SELECT id, " MESSAGE_COLUMNS " FROM message "                       \
			      "INDEXED BY message_contact WHERE contact = ?3 AND id > ?1 "         \
			      "AND flags & 8192 = 0 AND (?4 < 0 OR state = ?4) "           \
			      "AND (?5 < 0 OR direction = ?5) ORDER BY id LIMIT 1")                \
	X(ST_MESSAGE_HIDE, "UPDATE message SET flags = flags | 8192 WHERE id = ?1")        \
	X(ST_DUP_MESSAGE, "SELECT id, created_at, sim, pdu FROM message WHERE dup = ?1 "           \
			  "AND dup IS NOT NULL ORDER BY id DESC LIMIT 1 OFFSET ?2")                \
	X(ST_DUP_PART, "SELECT message, at, sim, pdu FROM part JOIN assembly ON "                  \
		       "assembly.id = part.assembly WHERE dup = ?1 AND dup IS NOT NULL "           \
		       "ORDER BY part.id DESC LIMIT 1 OFFSET ?2")                                  \
	X(ST_ATTEMPT_ADD, "INSERT INTO attempt(id, " ATTEMPT_COLUMNS ", looked_at) VALUES(?1, "    \
			  "?2, ?3, ?4, "                                                           \
			  "?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)")      \
	X(ST_ATTEMPT_TRACE, "UPDATE attempt SET trace = ?2 WHERE id = ?1")                         \
	X(ST_ATTEMPT_TOLD, "SELECT looked_at, trace FROM attempt WHERE id = ?1")                   \
	X(ST_ATTEMPT_BEFORE, "SELECT id, " ATTEMPT_COLUMNS " FROM attempt WHERE id < ?1 "          \
			     "ORDER BY id DESC LIMIT 1")                                           \
	X(ST_ATTEMPT_SAVE, "UPDATE attempt SET outcome = ?2, in_doubt = ?3, wants_report = ?4, "   \
			   "mr = ?5, reaction = ?6, report = ?7, cause = ?8, ended_at = ?9, "      \
			   "report_at = ?10, report_scts = ?11 WHERE id = ?1")                     \
	X(ST_ATTEMPT_GET, "SELECT id, " ATTEMPT_COLUMNS " FROM attempt WHERE id = ?1")             \
	X(ST_ATTEMPT_NEXT, "SELECT id, " ATTEMPT_COLUMNS " FROM attempt WHERE id > ?1 "            \
			   "AND id <= ?2 ORDER BY id LIMIT 1")                                     \
	X(ST_ATTEMPT_WAITING, "SELECT id, " ATTEMPT_COLUMNS " FROM attempt "                       \
			      "INDEXED BY attempt_waiting WHERE wants_report = 1 AND sim = ?1 "    \
			      "AND mr = ?2 AND id < ?3 ORDER BY id DESC LIMIT 1")                  \
	X(ST_STRAY_ADD, "INSERT INTO stray(sim, mr, status, number, scts, at) "                    \
			"VALUES(?1, ?2, ?3, ?4, ?5, ?6)")                                          \
	X(ST_STRAY_DELETE, "DELETE FROM stray WHERE id = ?1")                                      \
	X(ST_STRAY_NEXT, "SELECT id, sim, mr, status, number, scts, at FROM stray WHERE id > ?1 "  \
			 "ORDER BY id LIMIT 1")                                                    \
	X(ST_ASSEMBLY_FIND, "SELECT " ASSEMBLY_COLUMNS " FROM assembly WHERE sim = ?1 "            \
			    "AND sender = ?2 AND ref = ?3 AND total = ?4 AND ref_bits = ?5 "       \
			    "AND toa = ?6 AND have < total AND id < ?7 ORDER BY id DESC LIMIT 1")  \
	X(ST_ASSEMBLY_GET, "SELECT " ASSEMBLY_COLUMNS " FROM assembly WHERE id = ?1")              \
	X(ST_ASSEMBLY_ADD, "INSERT INTO assembly(sim, sender, toa, ref_bits, ref, total, have, "   \
			   "first_at, deadline, message) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "  \
			   "?9, ?10)")                                                             \
	X(ST_ASSEMBLY_SAVE, "UPDATE assembly SET have = ?2, message = ?3 WHERE id = ?1")           \
	X(ST_ASSEMBLY_DUE, "SELECT " ASSEMBLY_COLUMNS " FROM assembly WHERE message = 0 "          \
			   "ORDER BY deadline, id LIMIT 1")                                        \
	X(ST_PART_ADD, "INSERT INTO part(assembly, seq, at, dup, pdu) VALUES(?1, ?2, ?3, ?4, ?5)") \
	X(ST_PART_NEXT, "SELECT id, assembly, seq, at, dup, pdu FROM part WHERE assembly = ?1 "    \
			"AND seq > ?2 ORDER BY seq LIMIT 1")                                       \
	X(ST_SLOT_GET, "SELECT digest FROM slot WHERE sim = ?1 AND storage = ?2 AND slot = ?3")    \
	X(ST_SLOT_PUT, "INSERT OR REPLACE INTO slot(sim, storage, slot, digest) "                  \
		       "VALUES(?1, ?2, ?3, ?4)")                                                   \
	X(ST_SLOT_EMPTY, "DELETE FROM slot WHERE sim = ?1 AND storage = ?2 AND slot = ?3")         \
	X(ST_CONSENT_ADD, "INSERT INTO consent(" CONSENT_COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, "   \
			  "?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)")                                   \
	X(ST_CONSENT_NEXT, "SELECT " CONSENT_COLUMNS " FROM consent WHERE account = ?1 "           \
			   "AND seq > ?2 ORDER BY seq LIMIT 1")                                    \
	X(ST_CONSENT_HEAD, "SELECT seq, link FROM consent WHERE account = ?1 "                     \
			   "ORDER BY seq DESC LIMIT 1")                                            \
	X(ST_CONSENT_OF, "SELECT " CONSENT_COLUMNS " FROM consent WHERE number = ?2 "              \
			 "AND account = ?1 AND seq > ?3 ORDER BY seq LIMIT 1")                     \
	X(ST_CONSENT_ERASE, "UPDATE consent SET number = NULL, text = NULL, salt = NULL "          \
			    "WHERE account = ?1 AND number = ?2")                                  \
	X(ST_TOKEN_ADD, "INSERT INTO token(name, sid, account, scopes, digest, created_at) "       \
			"VALUES(?1, ?2, ?3, ?4, ?5, ?6)")                                          \
	X(ST_TOKEN_DROP, "DELETE FROM token WHERE name = ?1")                                      \
	X(ST_TOKEN_NEXT, "SELECT name, sid, coalesce(account, ''), scopes, digest, created_at "    \
			 "FROM token WHERE name > ?1 ORDER BY name LIMIT 1")                       \
	X(ST_PIN_ADD, "INSERT INTO pin_try(identity, hash, at) VALUES(?1, ?2, ?3)")                \
	X(ST_PIN_DROP, "DELETE FROM pin_try WHERE identity = ?1 AND hash = ?2")                    \
	X(ST_PIN_NEXT, "SELECT id, identity, hash FROM pin_try WHERE id > ?1 ORDER BY id LIMIT 1") \
	X(ST_IDEM_FIND, "SELECT message, digest FROM idempotency WHERE account = ?1 AND key = ?2 " \
			"AND at >= ?3")                                                            \
	X(ST_IDEM_ADD, "INSERT INTO idempotency(account, key, message, digest, at) "               \
		       "VALUES(?1, ?2, ?3, ?4, ?5)")                                               \
	X(ST_IDEM_PRUNE, "DELETE FROM idempotency WHERE at < ?1 AND (id IN (SELECT id FROM "       \
			 "idempotency ORDER BY id LIMIT 2) OR (account = ?2 AND key = ?3))")       \
	X(ST_REPLAY_FIND, "SELECT digest, status, job, answer FROM replay WHERE login = ?1 "       \
			  "AND key = ?2 AND at >= ?3")                                             \
	X(ST_REPLAY_ADD, "INSERT INTO replay(login, key, digest, status, job, answer, at) "        \
			 "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")                                     \
	X(ST_REPLAY_PRUNE, "DELETE FROM replay WHERE at < ?1 AND (id IN (SELECT id FROM replay "   \
			   "ORDER BY id LIMIT 2) OR (login = ?2 AND key = ?3))")                   \
	X(ST_REPLAY_ERASE, "DELETE FROM replay WHERE instr(answer, ?1) > 0")                       \
	X(ST_EVENT_ADD, "INSERT INTO event(kind, about, text, message, at) "                       \
			"VALUES(?1, ?2, ?3, ?4, ?5)")                                              \
	X(ST_EVENT_BEFORE, "SELECT id, kind, about, text, message, at FROM event WHERE id < ?1 "   \
			   "ORDER BY id DESC LIMIT 1")                                             \
	X(ST_NEWS_ADD, "INSERT INTO news(kind, about, message, account, at) "                      \
		       "VALUES(?1, ?2, ?3, ?4, ?5)")                                               \
	X(ST_NEWS_PRUNE, "DELETE FROM news WHERE id IN (SELECT id FROM news ORDER BY id LIMIT 2) " \
			 "AND (at < ?1 OR id <= ?2)")                                              \
	X(ST_NEWS_NEXT, "SELECT id, kind, about, message, account, at FROM news WHERE id > ?1 "    \
			"ORDER BY id LIMIT 1")                                                     \
	X(ST_NEWS_FIRST, "SELECT id FROM news WHERE id > 0 ORDER BY id LIMIT 1")                   \
	X(ST_NEWS_LAST, "SELECT id FROM news WHERE id > 0 ORDER BY id DESC LIMIT 1")               \
	X(ST_JOB_ADD, "INSERT INTO job(kind, state, purpose, ref, sim, modem, who, limit_ms, "     \
		      "created_at, expires_at, dialogue) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "  \
		      "?9, ?10, ?11)")                                                             \
	X(ST_JOB_SAVE, "UPDATE job SET state = ?2, error = ?3, started_at = ?4, "                  \
		       "finished_at = ?5 WHERE id = ?1")                                           \
	X(ST_JOB_GET, "SELECT " JOB_COLUMNS " FROM job WHERE id = ?1")                             \
	X(ST_JOB_OPEN, "SELECT " JOB_COLUMNS " FROM job INDEXED BY job_open WHERE state < 3 "      \
		       "AND id > ?1 ORDER BY id LIMIT 1")                                          \
	X(ST_JOB_PRUNE, "DELETE FROM job WHERE id IN (SELECT id FROM job ORDER BY id LIMIT 2) "    \
			"AND state >= 3 AND finished_at < ?1")                                     \
	X(ST_STEP_PUT, "INSERT OR REPLACE INTO job_step(job, n, sent, got, code, at) "             \
		       "VALUES(?1, ?2, ?3, ?4, ?5, ?6)")                                           \
	X(ST_STEP_NEXT, "SELECT n, sent, got, code, at FROM job_step WHERE job = ?1 AND n > ?2 "   \
			"ORDER BY n LIMIT 1")                                                      \
	X(ST_AUDIT_ADD, "INSERT INTO audit(at, who, action, about, text, outcome, job) "           \
			"VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")                                      \
	X(ST_AUDIT_BEFORE, "SELECT id, at, who, action, about, text, outcome, job FROM audit "     \
			   "WHERE id < ?1 ORDER BY id DESC LIMIT 1")                               \
	X(ST_FORWARD_PUT, "INSERT OR REPLACE INTO call_forward(id, sim, state, until, due_at, "    \
			  "tries) VALUES(?1, ?2, ?3, ?4, ?5, ?6)")                                 \
	X(ST_FORWARD_GET, "SELECT " FORWARD_COLUMNS " FROM call_forward WHERE id = ?1")            \
	X(ST_FORWARD_OF, "SELECT " FORWARD_COLUMNS " FROM call_forward WHERE sim = ?1")            \
	X(ST_FORWARD_NEXT, "SELECT " FORWARD_COLUMNS " FROM call_forward WHERE id > ?1 "           \
			   "ORDER BY id LIMIT 1")                                                  \
	X(ST_FORWARD_DEL, "DELETE FROM call_forward WHERE id = ?1")                                \
	X(ST_VERSION_FIND, "SELECT id FROM flow_version WHERE hash = ?1")                          \
	X(ST_VERSION_ADD, "INSERT INTO flow_version(hash, name, account, text) "                   \
			  "VALUES(?1, ?2, ?3, ?4)")                                                \
	X(ST_VERSION_GET, "SELECT hash, name, account, text FROM flow_version WHERE id = ?1")      \
	X(ST_VERSION_PRUNE, "DELETE FROM flow_version WHERE id NOT IN "                            \
			    "(SELECT version FROM conversation)")                                  \
	X(ST_TALK_PUT, "INSERT OR REPLACE INTO conversation(id, " TALK_COLUMNS ") "                \
		       "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, " \
		       "?16)")                                                                     \
	X(ST_TALK_GET, "SELECT id, " TALK_COLUMNS " FROM conversation WHERE id = ?1")              \
	X(ST_TALK_NEXT, "SELECT id, " TALK_COLUMNS " FROM conversation "                           \
			"INDEXED BY conversation_contact WHERE contact = ?1 AND id > ?2 "          \
			"ORDER BY id LIMIT 1")                                                     \
	X(ST_TALK_ANY, "SELECT id, " TALK_COLUMNS " FROM conversation WHERE id > ?1 "              \
		       "ORDER BY id LIMIT 1")                                                      \
	X(ST_TALK_GROUPS, "SELECT version, step, stands, count(*) FROM conversation "              \
			  "GROUP BY version, step, stands")                                        \
	X(ST_TALK_DUE, "SELECT id, due_at FROM conversation ORDER BY due_at, id LIMIT 1")          \
	X(ST_TALK_DEL, "DELETE FROM conversation WHERE id = ?1")                                   \
	X(ST_TALK_ERASE, "DELETE FROM conversation WHERE contact = ?1")                            \
	X(ST_TALK_AWAY, "SELECT id, " TALK_COLUMNS " FROM conversation "                           \
			"INDEXED BY conversation_away WHERE away = ?1")                            \
	X(ST_TALK_HURRY, "UPDATE conversation SET due_at = ?2 WHERE contact = ?1 "                 \
			 "AND away IS NOT NULL")                                                   \
	X(ST_HELD_ADD, "INSERT INTO held(contact, message, is_new, lookup, until) "                \
		       "VALUES(?1, ?2, ?3, ?4, ?5)")                                               \
	X(ST_HELD_GET, "SELECT " HELD_COLUMNS " FROM held WHERE id = ?1")                          \
	X(ST_HELD_ANY, "SELECT " HELD_COLUMNS " FROM held WHERE id > ?1 ORDER BY id LIMIT 1")      \
	X(ST_HELD_FIRST, "SELECT " HELD_COLUMNS " FROM held INDEXED BY held_contact "              \
			 "WHERE contact = ?1 ORDER BY id LIMIT 1")                                 \
	X(ST_HELD_COUNT, "SELECT count(*) FROM held INDEXED BY held_contact WHERE contact = ?1")   \
	X(ST_HELD_ALL, "SELECT count(*) FROM held")                                                \
	X(ST_HELD_UNTIL, "UPDATE held SET until = ?2 WHERE id = ?1")                               \
	X(ST_HELD_DEL, "DELETE FROM held WHERE id = ?1")                                           \
	X(ST_HELD_ERASE, "DELETE FROM held WHERE contact = ?1")                                    \
	X(ST_SLIP_PUT, "INSERT OR REPLACE INTO slip(contact, line, message, asked_at, keys) "      \
		       "VALUES(?1, ?2, ?3, ?4, ?5)")                                               \
	X(ST_SLIP_GET, "SELECT message, asked_at, keys FROM slip "                                 \
		       "WHERE contact = ?1 AND line = ?2")                                         \
	X(ST_SLIP_DEL, "DELETE FROM slip WHERE contact = ?1 AND line = ?2")                        \
	X(ST_SLIP_ERASE, "DELETE FROM slip WHERE contact = ?1")                                    \
	X(ST_SLIP_FIRST, "SELECT asked_at FROM slip ORDER BY asked_at LIMIT 1")                    \
	X(ST_SLIP_EXPIRE, "DELETE FROM slip WHERE asked_at <= ?1")                                 \
	X(ST_MESSAGE_TAKEN, "UPDATE message SET account = ?2, contact = ?3, keyword = ?4 "         \
			    "WHERE id = ?1")                                                       \
	X(ST_TALK_WAKE, "UPDATE conversation SET due_at = min(due_at, ?2), is_behind = 0 "         \
			"WHERE contact = ?1 AND is_behind = 1")                                    \
	X(ST_TAG_GET, "SELECT 1 FROM tag WHERE contact = ?1 AND name = ?2")                        \
	X(ST_TAG_PUT, "INSERT OR IGNORE INTO tag(contact, name) VALUES(?1, ?2)")                   \
	X(ST_TAG_DEL, "DELETE FROM tag WHERE contact = ?1 AND name = ?2")                          \
	X(ST_TAG_NEXT, "SELECT name FROM tag WHERE contact = ?1 AND name > ?2 "                    \
		       "ORDER BY name LIMIT 1")                                                    \
	X(ST_TAG_ERASE, "DELETE FROM tag WHERE contact = ?1")                                      \
	X(ST_ARM_GET, "SELECT arm FROM arm WHERE contact = ?1 AND split = ?2")                     \
	X(ST_ARM_PUT, "INSERT OR REPLACE INTO arm(contact, split, arm, at) "                       \
		      "VALUES(?1, ?2, ?3, ?4)")                                                    \
	X(ST_ARM_ERASE, "DELETE FROM arm WHERE contact = ?1")                                      \
	X(ST_VOUCHER_GET, "SELECT code, contact, drawn_at, redeemed_at, redeemed_by FROM voucher " \
			  "WHERE account = ?1 AND series = ?2 AND key = ?3")                       \
	X(ST_VOUCHER_ADD, "INSERT INTO voucher(account, series, key, code, contact, drawn_at) "    \
			  "VALUES(?1, ?2, ?3, ?4, ?5, ?6)")                                        \
	X(ST_VOUCHER_USE, "UPDATE voucher SET redeemed_at = ?4, redeemed_by = ?5 "                 \
			  "WHERE account = ?1 AND series = ?2 AND key = ?3 "                       \
			  "AND redeemed_at IS NULL")                                               \
	X(ST_VOUCHER_COUNT, "SELECT count(*) FROM voucher INDEXED BY voucher_contact "             \
			    "WHERE contact = ?1 AND series = ?2")                                  \
	X(ST_VOUCHER_LAST, "SELECT code FROM voucher INDEXED BY voucher_contact "                  \
			   "WHERE contact = ?1 AND series = ?2 ORDER BY drawn_at DESC LIMIT 1")    \
	X(ST_VOUCHER_USED, "SELECT 1 FROM voucher INDEXED BY voucher_redeemed "                    \
			   "WHERE redeemed_by = ?1 AND series = ?2 LIMIT 1")                       \
	X(ST_HOOK_LAST, "SELECT seq FROM sqlite_sequence WHERE name = 'hook'")                     \
	X(ST_HOOK_ADD, "INSERT INTO hook(" HOOK_COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, "    \
		       "?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)")           \
	X(ST_HOOK_SAVE, "UPDATE hook SET state = ?2, tries = ?3, due_at = ?4, until = ?5, "        \
			"error = ?6 WHERE id = ?1")                                                \
	X(ST_HOOK_GET, "SELECT " HOOK_COLUMNS " FROM hook WHERE id = ?1")                          \
	X(ST_HOOK_DEL, "DELETE FROM hook WHERE id = ?1")                                           \
	X(ST_HOOK_AHEAD, "SELECT id FROM hook INDEXED BY hook_chain "                              \
			 "WHERE chain = ?1 AND state < 2 AND id < ?2 ORDER BY id LIMIT 1")         \
	X(ST_HOOK_RELEASE, "UPDATE hook SET state = 0, due_at = ?2 WHERE state = 1 AND id = "      \
			   "(SELECT min(id) FROM hook INDEXED BY hook_chain "                      \
			   "WHERE chain = ?1 AND state < 2)")                                      \
	X(ST_HOOK_PLACE, "SELECT place, due_at FROM hook INDEXED BY hook_due "                     \
			 "WHERE state = 0 AND place > ?1 ORDER BY place, due_at LIMIT 1")          \
	X(ST_HOOK_DUE, "SELECT id, due_at FROM hook INDEXED BY hook_due "                          \
		       "WHERE state = 0 AND place = ?1 AND (due_at, id) > (?2, ?3) "               \
		       "ORDER BY due_at, id LIMIT 1")                                              \
	X(ST_HOOK_DEAD, "SELECT " HOOK_COLUMNS " FROM hook INDEXED BY hook_dead WHERE state = 2 "  \
			"AND id < ?1 AND (?2 = 0 OR account = ?2) ORDER BY id DESC LIMIT 1")       \
	X(ST_HOOK_PRUNE, "DELETE FROM hook WHERE state = 2 AND created_at < ?1")                   \
	X(ST_HOOK_ERASE, "DELETE FROM hook WHERE contact = ?1")                                    \
	X(ST_TOUCH_ADD, "INSERT INTO touch(contact, kind, name, message, at) "                     \
			"VALUES(?1, ?2, ?3, ?4, ?5)")                                              \
	X(ST_TOUCH_LAST, "SELECT id, kind, name, at FROM touch INDEXED BY touch_contact "          \
			 "WHERE contact = ?1 AND message IS NOT ?2 ORDER BY id DESC LIMIT 1")      \
	X(ST_TOUCH_GET, "SELECT id, kind, name, at FROM touch WHERE id = ?1")                      \
	X(ST_TOUCH_ERASE, "DELETE FROM touch WHERE contact = ?1")                                  \
	X(ST_CONVERSION_GET, "SELECT touch FROM conversion WHERE contact = ?1 AND goal = ?2")      \
	X(ST_CONVERSION_ADD, "INSERT INTO conversion(contact, goal, touch, message, at) "          \
			     "VALUES(?1, ?2, ?3, ?4, ?5)")                                         \
	X(ST_GOAL_ADD, "INSERT INTO conversion_total(account, goal, kind, name, n, last_at) "      \
		       "VALUES(?1, ?2, ?3, ?4, 1, ?5) ON CONFLICT(account, goal, kind, name) "     \
		       "DO UPDATE SET n = n + 1, last_at = excluded.last_at")                      \
	X(ST_GOAL_NEXT, "SELECT goal FROM conversion_total WHERE account = ?1 AND goal > ?2 "      \
			"ORDER BY goal LIMIT 1")                                                   \
	X(ST_GOAL_SUM, "SELECT sum(n), sum(iif(kind = '', 0, n)), max(last_at) "                   \
		       "FROM conversion_total WHERE account = ?1 AND goal = ?2")                   \
	X(ST_GOAL_TOUCH, "SELECT kind, name, n, last_at FROM conversion_total WHERE account = ?1 " \
			 "AND goal = ?2 AND kind <> '' AND (kind, name) > (?3, ?4) "               \
			 "ORDER BY kind, name LIMIT 1")                                            \
	X(ST_TICKET_LAST, "SELECT max(tag) FROM ticket WHERE account = ?1")                        \
	X(ST_TICKET_ADD, "INSERT INTO ticket(" TICKET_COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, "  \
			 "?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)")          \
	X(ST_TICKET_SAVE, "UPDATE ticket SET state = ?5, queue = ?8, about = ?9, agent = ?10, "    \
			  "number = ?11, told = ?12, own_line = ?14, alerted_at = ?16, "           \
			  "answered_at = ?17, closed_at = ?18, due_at = ?19 WHERE id = ?20")       \
	X(ST_TICKET_GET, "SELECT id, " TICKET_COLUMNS " FROM ticket WHERE id = ?1")                \
	X(ST_TICKET_TAGGED, "SELECT id, " TICKET_COLUMNS " FROM ticket WHERE account = ?1 "        \
			    "AND tag = ?2")                                                        \
	X(ST_TICKET_FOR, "SELECT id, " TICKET_COLUMNS " FROM ticket INDEXED BY ticket_contact "    \
			 "WHERE contact = ?1 AND queue = ?2 AND state < 3 ORDER BY id LIMIT 1")    \
	X(ST_TICKET_OF, "SELECT id, " TICKET_COLUMNS " FROM ticket INDEXED BY ticket_contact "     \
			"WHERE contact = ?1 AND state < 3 AND id > ?2 ORDER BY id LIMIT 1")        \
	X(ST_TICKET_OPEN, "SELECT id, " TICKET_COLUMNS " FROM ticket INDEXED BY ticket_open "      \
			  "WHERE account = ?1 AND state < 3 AND id > ?2 ORDER BY id LIMIT 1")      \
	X(ST_TICKET_BY, "SELECT id, " TICKET_COLUMNS " FROM ticket INDEXED BY ticket_number "      \
			"WHERE number = ?1 AND state < 3 AND id > ?2 ORDER BY id LIMIT 1")         \
	X(ST_TICKET_BEFORE, "SELECT id, " TICKET_COLUMNS " FROM ticket WHERE id < ?2 "             \
			    "AND (?1 = 0 OR account = ?1) AND (?3 < 0 OR state = ?3) "             \
			    "ORDER BY id DESC LIMIT 1")                                            \
	X(ST_TICKET_DUE, "SELECT id, due_at FROM ticket INDEXED BY ticket_due "                    \
			 "WHERE due_at IS NOT NULL ORDER BY due_at, id LIMIT 1")                   \
	X(ST_TICKET_ERASE_NOTES, "DELETE FROM ticket_note WHERE ticket IN "                        \
				 "(SELECT id FROM ticket WHERE contact = ?1)")                     \
	X(ST_TICKET_ERASE, "UPDATE ticket SET about = '', state = 3, due_at = NULL, "              \
			   "own_line = 0 WHERE contact = ?1")                                      \
	X(ST_TICKET_ERASE_AGENT, "UPDATE ticket SET number = '' WHERE number = ?1 AND state < 3")  \
	X(ST_TICKET_NOTE_ADD, "INSERT INTO ticket_note(ticket, at, kind, who, text) "              \
			      "VALUES(?1, ?2, ?3, ?4, ?5)")                                        \
	X(ST_TICKET_NOTE_NEXT, "SELECT id, ticket, at, kind, who, text FROM ticket_note "          \
			       "WHERE ticket = ?1 AND id > ?2 ORDER BY id LIMIT 1")                \
	X(ST_SHOWN_GET, "SELECT ticket, at FROM shown WHERE number = ?1")                          \
	X(ST_SHOWN_PUT, "INSERT OR REPLACE INTO shown(number, ticket, at) VALUES(?1, ?2, ?3)")     \
	X(ST_SHOWN_ERASE, "DELETE FROM shown WHERE number = ?1")                                   \
	X(ST_PERSON_GET, "SELECT contact, kind, ticket, who, since, due_at FROM person "           \
			 "WHERE contact = ?1")                                                     \
	X(ST_PERSON_PUT, "INSERT OR REPLACE INTO person(contact, kind, ticket, who, since, "       \
			 "due_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6)")                                 \
	X(ST_PERSON_DEL, "DELETE FROM person WHERE contact = ?1")                                  \
	X(ST_PERSON_DUE, "SELECT contact, kind, ticket, who, since, due_at FROM person "           \
			 "ORDER BY due_at, contact LIMIT 1")                                       \
	X(ST_ORDER_ADD, "INSERT INTO operator_code(number, code, command, wrong, at) "             \
			"VALUES(?1, ?2, ?3, 0, ?4)")                                               \
	X(ST_ORDER_PRUNE, "DELETE FROM operator_code WHERE at < ?1 "                               \
			  "OR (used_at IS NULL AND at < ?2)")                                      \
	X(ST_ORDER_FIND, "SELECT id, command, wrong, at, used_at FROM operator_code "              \
			 "WHERE number = ?1 AND code = ?2 ORDER BY id DESC LIMIT 1")               \
	X(ST_ORDER_USE, "UPDATE operator_code SET used_at = ?2, command = ?3 WHERE id = ?1")       \
	X(ST_ORDER_WRONG, "UPDATE operator_code SET wrong = wrong + 1 WHERE number = ?1 "          \
			  "AND at >= ?2 AND used_at IS NULL")                                      \
	X(ST_SERIES_GET, "SELECT drawn, redeemed, place FROM series "                              \
			 "WHERE account = ?1 AND name = ?2")                                       \
	X(ST_SERIES_PUT, "INSERT OR REPLACE INTO series(account, name, drawn, redeemed, place) "   \
			 "VALUES(?1, ?2, ?3, ?4, ?5)")                                             \
	X(ST_BOOKING_PUT, "INSERT INTO booking(" BOOKING_COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, "   \
			  "?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT(id) DO UPDATE SET "     \
			  "line = ?5, starts_at = ?6, ends_at = ?7, state = ?8, changes = ?9, "    \
			  "changed_at = ?11, reminded_at = ?12, remind_at = ?13")                  \
	X(ST_BOOKING_GET, "SELECT " BOOKING_COLUMNS " FROM booking WHERE id = ?1")                 \
	/* none is longer than a day */                                                            \
	X(ST_BOOKING_CLASH, "SELECT ends_at FROM booking INDEXED BY booking_slot "                 \
			    "WHERE account = ?1 AND calendar = ?2 AND state < 2 "                  \
			    "AND starts_at > ?3 - 86400001 AND starts_at < ?4 AND ends_at > ?3 "   \
			    "AND id <> ?5 ORDER BY starts_at DESC LIMIT 1")                        \
	X(ST_BOOKING_NEXT, "SELECT " BOOKING_COLUMNS " FROM booking INDEXED BY booking_contact "   \
			   "WHERE contact = ?1 AND starts_at > ?3 AND calendar = ?2 "              \
			   "AND state < 2 ORDER BY starts_at LIMIT 1")                             \
	X(ST_BOOKING_DUE, "SELECT " BOOKING_COLUMNS " FROM booking INDEXED BY booking_due "        \
			  "WHERE remind_at IS NOT NULL ORDER BY remind_at LIMIT 1")                \
	X(ST_BOOKING_LIST, "SELECT " BOOKING_COLUMNS " FROM booking INDEXED BY booking_start " \
			   "WHERE (starts_at, id) > (?1, ?2) AND (?3 IS NULL OR account = ?3) " \
			   "AND (?4 IS NULL OR calendar = ?4) AND state <= ?5 "            \
			   "AND (?7 IS NULL OR state = ?7 - 1) "                           \
			   "AND starts_at < coalesce(?8, 1 << 62) ORDER BY starts_at, id LIMIT 1") \
	X(ST_BOOKING_OF, "SELECT " BOOKING_COLUMNS " FROM booking INDEXED BY booking_contact " \
			 "WHERE contact = ?6 AND (starts_at, id) > (?1, ?2) "              \
			 "AND (?3 IS NULL OR account = ?3) AND (?4 IS NULL OR calendar = ?4) " \
			 "AND state <= ?5 AND (?7 IS NULL OR state = ?7 - 1) "             \
			 "AND starts_at < coalesce(?8, 1 << 62) ORDER BY starts_at, id LIMIT 1") \
	X(ST_BOOKING_ERASE, "UPDATE booking SET state = 2, remind_at = NULL "                      \
			    "WHERE contact = ?1 AND state < 2")                                    \
	X(ST_AT_NEXT, "SELECT id, account, name, due_at, is_running, cursor, runs, contacts "      \
		      "FROM at_event WHERE id > ?1 ORDER BY id LIMIT 1")                           \
	X(ST_AT_PUT, "INSERT INTO at_event(id, account, name, due_at, is_running, cursor, runs, "  \
		     "contacts) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) "                           \
		     "ON CONFLICT(id) DO UPDATE SET due_at = ?4, is_running = ?5, cursor = ?6, "   \
		     "runs = ?7, contacts = ?8")                                                   \
	X(ST_AT_DEL, "DELETE FROM at_event WHERE id = ?1")                                         \
	X(ST_PLEDGE_ADD, "INSERT INTO pledge(account, name, contact, amount, message, at) "        \
			 "VALUES(?1, ?2, ?3, ?4, ?5, ?6)")                                         \
	X(ST_PLEDGE_BEFORE, "SELECT id, contact, amount, message, at, name FROM pledge "           \
			    "WHERE account = ?1 AND id < ?2 ORDER BY id DESC LIMIT 1")             \
	X(ST_VOUCHER_NEXT, "SELECT series, key, code, contact, drawn_at, redeemed_at, "            \
			   "redeemed_by FROM voucher WHERE account = ?1 AND (series, key) > "      \
			   "(?2, ?3) AND (?4 IS NULL OR series = ?4) ORDER BY series, key LIMIT "  \
			   "1")                                                                    \
	X(ST_SERIES_NEXT, "SELECT name, drawn, redeemed, place FROM series WHERE account = ?1 "    \
			  "AND name > ?2 ORDER BY name LIMIT 1")                                   \
	X(ST_TOPIC_FIND, "SELECT id FROM topic WHERE account = ?1 AND kind = ?2 AND name = ?3")    \
	X(ST_TOPIC_ADD, "INSERT INTO topic(account, kind, name) VALUES(?1, ?2, ?3)")               \
	X(ST_TOPIC_GET, "SELECT account, kind, name FROM topic WHERE id = ?1")                     \
	X(ST_CUSTOMER_ADD, "INSERT OR IGNORE INTO customer(contact, topic) VALUES(?1, ?2)")        \
	X(ST_CUSTOMER_ERASE, "DELETE FROM customer WHERE contact = ?1")                            \
	X(ST_TALLY_ADD, "INSERT INTO tally(topic, at, n0, n1, n2, n3, n4, n5) "            \
			"VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT(topic, at) DO " \
			"UPDATE SET n0 = n0 + ?3, n1 = n1 + ?4, n2 = n2 + ?5, "            \
			"n3 = n3 + ?6, n4 = n4 + ?7, n5 = n5 + ?8")                        \
	X(ST_TALLY_NEXT, "SELECT topic, at, n0, n1, n2, n3, n4, n5 FROM tally "            \
			 "WHERE (topic, at) > (?1, ?2) ORDER BY topic, at LIMIT 1")        \
	X(ST_FIGURE_ADD,                                                                           \
	  "INSERT INTO figure(" FIGURE_COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "     \
	  "?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21) "                           \
	  "ON CONFLICT(level, at, topic, line) DO UPDATE SET "                                     \
	  FIGURE_ADDED(received) ", " FIGURE_ADDED(queued) ", " FIGURE_ADDED(sent) ", "            \
	  FIGURE_ADDED(delivered) ", " FIGURE_ADDED(failed) ", " FIGURE_ADDED(segments) ", "       \
	  FIGURE_ADDED(customers) ", " FIGURE_ADDED(conversions) ", " FIGURE_ADDED(answers) ", "   \
	  FIGURE_ADDED(answer_ms) ", " FIGURE_ADDED(joins) ", " FIGURE_ADDED(leaves) ", "          \
	  FIGURE_ADDED(drawn) ", " FIGURE_ADDED(redeemed) ", " FIGURE_ADDED(promoters) ", "        \
	  FIGURE_ADDED(passives) ", " FIGURE_ADDED(detractors))                                    \
	X(ST_FIGURE_NEXT, "SELECT " FIGURE_COLUMNS " FROM figure WHERE level = ?1 AND "            \
			  "(at, topic, line) > (?2, ?3, ?4) ORDER BY at, topic, line LIMIT 1")     \
	X(ST_FIGURE_PRUNE, "DELETE FROM figure WHERE level = 0 AND (at, topic, line) IN (SELECT "  \
			   "at, topic, line FROM figure WHERE level = 0 AND at < ?1 ORDER BY at "  \
			   "LIMIT ?2)")                                                            \
	X(ST_LEDGER_ADD, "INSERT INTO ledger(marks) VALUES(?1)")                           \
	X(ST_LEDGER_NEXT, "SELECT id, marks FROM ledger WHERE id > ?1 ORDER BY id LIMIT 1")\
	X(ST_LEDGER_CLEAR, "DELETE FROM ledger")                                           \
	X(ST_CAMPAIGN_ADD, "INSERT INTO campaign(" CAMPAIGN_COLUMNS ") VALUES(?1, ?2, ?3, ?4, "    \
			   "?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, "     \
			   "?19, ?20, ?21)")                                                       \
	X(ST_CAMPAIGN_SAVE, "UPDATE campaign SET until = ?2, started_at = ?3, finished_at = ?4, "  \
			    "state = ?5, is_paused = ?6, reason = ?7, cursor = ?8, queued = ?9, "  \
			    "no_consent = ?10, unmatched = ?11, refused = ?12 WHERE id = ?1")      \
	X(ST_CAMPAIGN_FIND, "SELECT id FROM campaign WHERE account = ?1 AND name = ?2")            \
	X(ST_CAMPAIGN_GET, "SELECT id, " CAMPAIGN_COLUMNS " FROM campaign WHERE id = ?1")          \
	X(ST_CAMPAIGN_NEXT, "SELECT id FROM campaign WHERE id > ?1 AND (?2 = 0 OR account = ?2) "  \
			    "AND (?3 = 0 OR state NOT IN (4, 6)) ORDER BY id LIMIT 1")             \
	X(ST_CAMPAIGN_ARM_ADD, "INSERT INTO campaign_arm(campaign, n, name, weight, topic, text) " \
			       "VALUES(?1, ?2, ?3, ?4, ?5, ?6)")                                   \
	X(ST_CAMPAIGN_ARMS, "SELECT name, weight, topic, text FROM campaign_arm "                  \
			    "WHERE campaign = ?1 AND n = ?2")                                      \
	X(ST_MEMBER_NEXT, "SELECT contact.id, contact.account, number, created_at, stopped_at, "   \
			  "stopped_line, language, contact.name, zone, owner, state "              \
			  "FROM subscription CROSS JOIN contact ON contact.id = contact "          \
			  "WHERE list = ?1 AND contact > ?2 ORDER BY contact LIMIT 1")             \
	X(ST_GAUGE, "SELECT n FROM gauge WHERE what = ?1 AND kind = ?2")
