/* Every route is a line here. openapi.json beside it describes the same ones; a test compares. */
#include "internal.h"

const struct http_route http_routes[] = {
	{ "GET", "/healthz", 0, ROUTE_AT_ONCE, "", http_get_health },
	{ "GET", "/metrics", SCOPE_OPERATOR, ROUTE_IN_TURN, "", http_get_metrics },
	{ "GET", "/api/v1/openapi.json", SCOPE_READ, ROUTE_AT_ONCE, "", http_get_openapi },
	{ "GET", "/api/v1/status", SCOPE_READ, ROUTE_OR_WITHOUT, "", http_get_status },
	{ "POST", "/api/v1/messages", SCOPE_SEND, ROUTE_IN_TURN, "", http_post_message },
	{ "GET", "/api/v1/messages", SCOPE_READ, ROUTE_IN_TURN,
	  "limit with state direction before account", http_get_messages },
	{ "GET", "/api/v1/messages/*", SCOPE_READ, ROUTE_IN_TURN, "", http_get_message },
	{ "GET", "/api/v1/messages/*/why", SCOPE_READ, ROUTE_IN_TURN, "", http_get_why },
	{ "DELETE", "/api/v1/messages/*", SCOPE_SEND, ROUTE_IN_TURN, "", http_delete_message },
	{ "POST", "/api/v1/messages/*/redact", SCOPE_SEND, ROUTE_IN_TURN, "",
	  http_redact_message },
	{ "POST", "/api/v1/messages/*/cancel", SCOPE_SEND, ROUTE_IN_TURN, "",
	  http_cancel_message },
	{ "GET", "/api/v1/modems", SCOPE_OPERATOR, ROUTE_IN_TURN, "", http_get_modems },
	{ "GET", "/api/v1/modems/*", SCOPE_OPERATOR, ROUTE_IN_TURN, "", http_get_modem },
	{ "POST", "/api/v1/modems/*/pause", SCOPE_OPERATOR, ROUTE_IN_TURN, "",
	  http_pause_modem },
	{ "POST", "/api/v1/modems/*/resume", SCOPE_OPERATOR, ROUTE_IN_TURN, "",
	  http_resume_modem },
	{ "POST", "/api/v1/modems/*/accept", SCOPE_OPERATOR, ROUTE_IN_TURN, "",
	  http_accept_modem },
	{ "POST", "/api/v1/modems/*/learn", SCOPE_OPERATOR, ROUTE_IN_TURN, "",
	  http_learn_modem },
	{ "POST", "/api/v1/modems/*/balance", SCOPE_OPERATOR, ROUTE_IN_TURN, "",
	  http_post_balance },
	{ "GET", "/api/v1/ports", SCOPE_OPERATOR, ROUTE_IN_TURN, "", http_get_ports },
	{ "POST", "/api/v1/modems/*/ussd", SCOPE_OPERATOR, ROUTE_IN_TURN, "", http_post_ussd },
	{ "POST", "/api/v1/modems/*/at", SCOPE_OPERATOR, ROUTE_IN_TURN, "", http_post_at },
	{ "GET", "/api/v1/jobs/*", SCOPE_OPERATOR, ROUTE_IN_TURN, "wait", http_get_job },
	{ "POST", "/api/v1/jobs/*/answer", SCOPE_OPERATOR, ROUTE_IN_TURN, "", http_answer_job },
	{ "POST", "/api/v1/jobs/*/cancel", SCOPE_OPERATOR, ROUTE_IN_TURN, "", http_cancel_job },
	{ "GET", "/api/v1/audit", SCOPE_OPERATOR, ROUTE_IN_TURN, "limit before", http_get_audit },
	{ "POST", "/api/v1/tokens", SCOPE_OPERATOR, ROUTE_IN_TURN, "", http_post_token },
	{ "GET", "/api/v1/tokens", SCOPE_OPERATOR, ROUTE_IN_TURN, "", http_get_tokens },
	{ "POST", "/api/v1/tokens/*/revoke", SCOPE_OPERATOR, ROUTE_IN_TURN, "",
	  http_revoke_token },
	{ "GET", "/api/v1/contacts", SCOPE_READ, ROUTE_IN_TURN, "limit with list after account",
	  http_get_contacts },
	{ "POST", "/api/v1/contacts", SCOPE_MANAGE, ROUTE_IN_TURN, "", http_post_contacts },
	{ "POST", "/api/v1/contacts/*/erase", SCOPE_MANAGE, ROUTE_IN_TURN, "account",
	  http_erase_contact },
	{ "GET", "/api/v1/tickets", SCOPE_READ, ROUTE_IN_TURN, "limit state before account",
	  http_get_tickets },
	{ "GET", "/api/v1/tickets/*", SCOPE_READ, ROUTE_IN_TURN, "account",
	  http_get_ticket },
	{ "POST", "/api/v1/tickets/*/close", SCOPE_SEND, ROUTE_IN_TURN, "account",
	  http_close_ticket },
	{ "POST", "/api/v1/tickets/*/notes", SCOPE_SEND, ROUTE_IN_TURN, "account",
	  http_note_ticket },
	{ "POST", "/api/v1/tickets/*/answer", SCOPE_SEND, ROUTE_IN_TURN, "account",
	  http_answer_ticket },
	{ "POST", "/api/v1/tickets/*/assign", SCOPE_SEND, ROUTE_IN_TURN, "account",
	  http_assign_ticket },
	{ "GET", "/api/v1/conversations", SCOPE_READ, ROUTE_IN_TURN, "limit before account",
	  http_get_conversations },
	{ "GET", "/api/v1/conversations/*", SCOPE_READ, ROUTE_IN_TURN, "account",
	  http_get_conversation },
	{ "POST", "/api/v1/conversations/*/take", SCOPE_SEND, ROUTE_IN_TURN, "account",
	  http_take_conversation },
	{ "POST", "/api/v1/conversations/*/hand_back", SCOPE_SEND, ROUTE_IN_TURN, "account",
	  http_hand_back_conversation },
	{ "POST", "/api/v1/conversations/*/messages", SCOPE_SEND, ROUTE_IN_TURN, "account",
	  http_say_in_conversation },
	{ "GET", "/api/v1/appointments", SCOPE_READ, ROUTE_IN_TURN,
	  "limit with calendar from to state after canceled account", http_get_appointments },
	{ "POST", "/api/v1/appointments", SCOPE_SEND, ROUTE_IN_TURN, "", http_post_appointment },
	{ "GET", "/api/v1/appointments/*", SCOPE_READ, ROUTE_IN_TURN, "account",
	  http_get_appointment },
	{ "GET", "/api/v1/appointments/*/ics", SCOPE_READ, ROUTE_IN_TURN, "account",
	  http_get_appointment_file },
	{ "POST", "/api/v1/appointments/*/move", SCOPE_SEND, ROUTE_IN_TURN, "account",
	  http_move_appointment },
	{ "POST", "/api/v1/appointments/*/cancel", SCOPE_SEND, ROUTE_IN_TURN, "account",
	  http_cancel_appointment },
	{ "GET", "/api/v1/calendars", SCOPE_READ, ROUTE_IN_TURN, "account", http_get_calendars },
	{ "GET", "/api/v1/calendars/*/free", SCOPE_READ, ROUTE_IN_TURN, "limit from account",
	  http_get_free },
	{ "GET", "/appointments/*.ics", 0, ROUTE_IN_TURN, "", http_get_calendar_file },
	{ "GET", "/api/v1/contacts.csv", SCOPE_READ, ROUTE_IN_TURN, "list account",
	  http_get_contacts_csv },
	{ "POST", "/api/v1/contacts.csv", SCOPE_MANAGE, ROUTE_UPLOAD, "list source account",
	  http_post_contacts_csv },
	{ "GET", "/api/v1/contacts/*", SCOPE_READ, ROUTE_IN_TURN, "account", http_get_contact },
	{ "PUT", "/api/v1/contacts/*", SCOPE_MANAGE, ROUTE_IN_TURN, "account", http_put_contact },
	{ "DELETE", "/api/v1/contacts/*", SCOPE_MANAGE, ROUTE_IN_TURN, "account",
	  http_erase_contact },
	{ "POST", "/api/v1/contacts/*/leave", SCOPE_MANAGE, ROUTE_IN_TURN, "account",
	  http_leave_contact },
	{ "GET", "/api/v1/lists", SCOPE_READ, ROUTE_IN_TURN, "account", http_get_lists },
	{ "GET", "/api/v1/messages.csv", SCOPE_READ, ROUTE_IN_TURN, "with account",
	  http_get_messages_csv },
	{ "GET", "/api/v1/flows", SCOPE_OPERATOR, ROUTE_AT_ONCE, "", http_get_flows },
	{ "GET", "/api/v1/flows/*", SCOPE_OPERATOR, ROUTE_AT_ONCE, "", http_get_flow },
	{ "PUT", "/api/v1/flows/*", SCOPE_OPERATOR, ROUTE_FLOW, "check", http_put_flow },
	{ "DELETE", "/api/v1/flows/*", SCOPE_OPERATOR, ROUTE_FLOW, "check", http_delete_flow },
	{ "GET", "/api/v1/settings", SCOPE_OPERATOR, ROUTE_IN_TURN, "", http_get_settings },
	{ "GET", "/api/v1/settings/*", SCOPE_OPERATOR, ROUTE_IN_TURN, "", http_get_setting },
	{ "PUT", "/api/v1/settings/*", SCOPE_OPERATOR, ROUTE_IN_TURN, "", http_put_setting },
	{ "DELETE", "/api/v1/settings/*", SCOPE_OPERATOR, ROUTE_IN_TURN, "", http_delete_setting },
	{ "GET", "/api/v1/consent", SCOPE_READ, ROUTE_IN_TURN, "limit with after account",
	  http_get_consent },
	{ "GET", "/api/v1/consent/heads", SCOPE_READ, ROUTE_IN_TURN, "account", http_get_heads },
	{ "GET", "/api/v1/campaigns", SCOPE_READ, ROUTE_IN_TURN, "limit after account",
	  http_get_campaigns },
	{ "POST", "/api/v1/campaigns", SCOPE_MANAGE, ROUTE_IN_TURN, "", http_post_campaign },
	{ "GET", "/api/v1/campaigns/*", SCOPE_READ, ROUTE_IN_TURN, "account", http_get_campaign },
	{ "GET", "/api/v1/campaigns/*/preview", SCOPE_READ, ROUTE_IN_TURN, "account",
	  http_get_preview },
	{ "POST", "/api/v1/campaigns/*/start", SCOPE_MANAGE, ROUTE_IN_TURN, "account",
	  http_start_campaign },
	{ "POST", "/api/v1/campaigns/*/pause", SCOPE_MANAGE, ROUTE_IN_TURN, "account",
	  http_pause_campaign },
	{ "POST", "/api/v1/campaigns/*/cancel", SCOPE_MANAGE, ROUTE_IN_TURN, "account",
	  http_cancel_campaign },
	{ "GET", "/api/v1/stats", SCOPE_READ, ROUTE_IN_TURN, "kind name by lines from to account",
	  http_get_stats },
	{ "GET", "/api/v1/vouchers", SCOPE_READ, ROUTE_IN_TURN, "series limit after account",
	  http_get_vouchers },
	{ "GET", "/api/v1/vouchers/series", SCOPE_READ, ROUTE_IN_TURN, "account", http_get_series },
	{ "GET", "/api/v1/vouchers/*", SCOPE_READ, ROUTE_IN_TURN, "account", http_get_voucher },
	{ "POST", "/api/v1/vouchers/*/redeem", SCOPE_MANAGE, ROUTE_IN_TURN, "series account",
	  http_redeem_voucher },
	{ "GET", "/api/v1/keywords", SCOPE_READ, ROUTE_IN_TURN, "limit after account",
	  http_get_keywords },
	{ "GET", "/api/v1/goals", SCOPE_READ, ROUTE_IN_TURN, "limit after account",
	  http_get_goals },
	{ "GET", "/api/v1/goals/*", SCOPE_READ, ROUTE_IN_TURN, "limit after account",
	  http_get_goal },
	{ "GET", "/api/v1/pledges/totals", SCOPE_READ, ROUTE_IN_TURN, "account",
	  http_get_pledge_totals },
	{ "GET", "/api/v1/pledges", SCOPE_READ, ROUTE_IN_TURN, "limit before account",
	  http_get_pledges },
	{ "GET", "/api/v1/accounts", SCOPE_READ, ROUTE_OR_WITHOUT, "", http_get_accounts },
	{ "GET", "/api/v1/events", SCOPE_READ, ROUTE_STREAM, "account after kind",
	  http_get_events },
	{ "GET", "/api/v1/webhooks/dead", SCOPE_READ, ROUTE_IN_TURN, "limit before account",
	  http_get_dead },
	{ "POST", "/api/v1/webhooks/dead/*/replay", SCOPE_MANAGE, ROUTE_IN_TURN, "account",
	  http_replay_dead },
	{ "POST", "/api/v1/webhooks/dead/*/drop", SCOPE_MANAGE, ROUTE_IN_TURN, "account",
	  http_drop_dead },
	{ "GET", "/api/v1/backup", SCOPE_OPERATOR, ROUTE_AFTER_TURN, "", http_get_backup },
	{ "POST", "/api/v1/reload", SCOPE_OPERATOR, ROUTE_AFTER_TURN, "move", http_post_reload },
	{ "GET", "/api/v1/versions", SCOPE_OPERATOR, ROUTE_IN_TURN, "", http_get_versions },
	/* Twilio's; the account is named by its SID. */
	{ "GET", "/2010-04-01/Accounts/{}.json", SCOPE_READ, ROUTE_AT_ONCE, "*",
	  twilio_get_account },
	{ "POST", "/2010-04-01/Accounts/{}/Messages.json", SCOPE_SEND, ROUTE_IN_TURN, "*",
	  twilio_post_message },
	{ "GET", "/2010-04-01/Accounts/{}/Messages.json", SCOPE_READ, ROUTE_IN_TURN, "*",
	  twilio_get_messages },
	{ "GET", "/2010-04-01/Accounts/{}/Messages/*.json", SCOPE_READ, ROUTE_IN_TURN, "*",
	  twilio_get_message },
	{ "POST", "/2010-04-01/Accounts/{}/Messages/*.json", SCOPE_SEND, ROUTE_IN_TURN, "*",
	  twilio_update_message },
	{ "DELETE", "/2010-04-01/Accounts/{}/Messages/*.json", SCOPE_SEND, ROUTE_IN_TURN, "*",
	  twilio_delete_message },
	{ "GET", "/2010-04-01/Accounts/{}/Messages/*/Media.json", SCOPE_READ, ROUTE_IN_TURN, "*",
	  twilio_get_media },
	{ "GET", "/2010-04-01/Accounts/{}/IncomingPhoneNumbers.json", SCOPE_READ,
	  ROUTE_IN_TURN, "*", twilio_get_numbers },
	{ "GET", "/2010-04-01/Accounts/{}/IncomingPhoneNumbers/*.json", SCOPE_READ,
	  ROUTE_IN_TURN, "*", twilio_get_number },
	{ "POST", "/2010-04-01/Accounts/{}/IncomingPhoneNumbers/*.json", SCOPE_MANAGE,
	  ROUTE_IN_TURN, "*", twilio_update_number },
	{ "GET", "/2010-04-01/Accounts/{}/Balance.json", SCOPE_READ, ROUTE_IN_TURN, "*",
	  twilio_get_balance },
	{ "POST", "/v1/Services", SCOPE_MANAGE, ROUTE_IN_TURN, "*", twilio_post_service },
	{ "GET", "/v1/Services", SCOPE_READ, ROUTE_IN_TURN, "*", twilio_get_services },
	{ "GET", "/v1/Services/*", SCOPE_READ, ROUTE_IN_TURN, "*", twilio_get_service },
	{ "POST", "/v1/Services/*", SCOPE_MANAGE, ROUTE_IN_TURN, "*", twilio_update_service },
	{ "DELETE", "/v1/Services/*", SCOPE_MANAGE, ROUTE_IN_TURN, "*", twilio_delete_service },
	{ "POST", "/v1/Services/*/PhoneNumbers", SCOPE_MANAGE, ROUTE_IN_TURN, "*",
	  twilio_add_service_number },
	{ "GET", "/v1/Services/*/PhoneNumbers", SCOPE_READ, ROUTE_IN_TURN, "*",
	  twilio_get_service_numbers },
	{ "GET", "/v1/Services/{}/PhoneNumbers/*", SCOPE_READ, ROUTE_IN_TURN, "*",
	  twilio_get_service_number },
	{ "DELETE", "/v1/Services/{}/PhoneNumbers/*", SCOPE_MANAGE, ROUTE_IN_TURN, "*",
	  twilio_drop_service_number },
	{ "GET", "/v2/PhoneNumbers/*", SCOPE_READ, ROUTE_IN_TURN, "*", twilio_lookup },
};
const size_t http_routes_n = TW_COUNT(http_routes);

/* What `{}` stands for ends at the next slash, or before the pattern's ending where there is none;
 * a name is everything between what stands before and after the `*`: a port such as /dev/ttyUSB0
 * names a modem too. More than one route may fit then; the longest pattern wins. */
static bool matches(const char *pattern, const char *path, struct tw_buf *ret_name,
		    struct tw_buf *ret_owner)
{
	const char *open = strstr(pattern, "{}"), *star;
	size_t before, after, n;

	tw_buf_clear(ret_owner);
	tw_buf_clear(ret_name);
	if (open) {
		before = (size_t)(open - pattern);
		if (strncmp(pattern, path, before))
			return false;
		pattern = open + 2;
		path += before;
		n = strcspn(path, "/");
		if (*pattern == '.') {
			after = strlen(pattern);
			if (n <= after || strcmp(path + n - after, pattern))
				return false;
			n -= after;
		}
		if (!n)
			return false;
		tw_buf_add(ret_owner, path, n);
		path += n;
	}
	star = strchr(pattern, '*');
	n = strlen(path);
	if (!star)
		return !strcmp(pattern, path);
	before = (size_t)(star - pattern);
	after = strlen(star + 1);
	if (n <= before + after || memcmp(pattern, path, before) ||
	    memcmp(star + 1, path + n - after, after))
		return false;
	tw_buf_add(ret_name, path + before, n - before - after);
	return true;
}

static void allow(struct tw_buf *b, const char *method)
{
	tw_buf_addf(b, "%s%s", b->n ? ", " : "", method);
	if (!strcmp(method, "GET"))
		tw_buf_adds(b, ", HEAD");
}

static void keep(struct tw_buf *to, const struct tw_buf *from)
{
	tw_buf_clear(to);
	tw_buf_add(to, tw_buf_str(from), from->n);
}

/* Of the 2010 API there is JSON only, whether the path asks for it or for nothing. */
static char *with_ending(const char *path)
{
	size_t n = strlen(path);
	bool has_one = n > 5 && !strcmp(path + n - 5, ".json");

	return strncmp(path, "/2010-04-01/", 12) || has_one ? tw_strdup(path) :
	       tw_printf("%s.json", path);
}

const struct http_route *http_route_find(const char *method, const char *path,
					 struct tw_buf *ret_name,
					 struct tw_buf *ret_owner, struct tw_buf *ret_allow)
{
	const struct http_route *best = NULL;
	struct tw_buf name = { 0 }, owner = { 0 };
	char *whole = with_ending(path);

	tw_buf_clear(ret_allow);
	if (!strcmp(method, "HEAD"))
		method = "GET";
	for (size_t i = 0; i < http_routes_n; i++) {
		const struct http_route *r = &http_routes[i];

		if (!matches(r->pattern, whole, &name, &owner))
			continue;
		if (strcmp(r->method, method)) {
			allow(ret_allow, r->method);
			continue;
		}
		if (best && strlen(best->pattern) >= strlen(r->pattern))
			continue;
		best = r;
		keep(ret_name, &name);
		keep(ret_owner, &owner);
	}
	tw_buf_done(&owner);
	tw_buf_done(&name);
	free(whole);
	return best;
}
