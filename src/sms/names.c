/* Names of values as users meet them, and languages by their ISO 639 codes. */
#include "sms_private.h"

#include <strings.h>

const char *sms_type_name(enum sms_type t)
{
	static const char *const names[] = {
		[SMS_DELIVER] = "deliver", [SMS_SUBMIT] = "submit",
		[SMS_STATUS_REPORT] = "status-report", [SMS_COMMAND] = "command",
		[SMS_DELIVER_REPORT] = "deliver-report", [SMS_SUBMIT_REPORT] = "submit-report",
	};

	return names[t];
}

const char *sms_encoding_name(enum sms_encoding e)
{
	static const char *const names[] = { [SMS_GSM7] = "gsm7", [SMS_UCS2] = "ucs2",
					     [SMS_8BIT] = "8bit" };

	return names[e];
}

const char *sms_status_class_name(enum sms_status_class c)
{
	static const char *const names[] = {
		[SMS_SUCCESS] = "success", [SMS_TRYING] = "trying",
		[SMS_PERMANENT] = "permanent", [SMS_TEMPORARY] = "temporary",
	};

	return names[c];
}

const char *sms_waiting_name(enum sms_waiting_kind k)
{
	static const char *const names[] = {
		[SMS_WAIT_VOICE] = "voice", [SMS_WAIT_FAX] = "fax", [SMS_WAIT_EMAIL] = "email",
		[SMS_WAIT_OTHER] = "other", [SMS_WAIT_VIDEO] = "video",
	};

	return names[k];
}

int sms_language_id(const char *code)
{
	static const struct { const char *code; int id; } languages[] = {
		{ "tr", 1 }, { "es", 2 }, { "pt", 3 }, { "bn", 4 }, { "gu", 5 }, { "hi", 6 },
		{ "kn", 7 }, { "ml", 8 }, { "or", 9 }, { "pa", 10 }, { "ta", 11 }, { "te", 12 },
		{ "ur", 13 },
		{ "tur", 1 }, { "spa", 2 }, { "por", 3 }, { "ben", 4 }, { "guj", 5 },
		{ "hin", 6 }, { "kan", 7 }, { "mal", 8 }, { "ori", 9 }, { "ory", 9 },
		{ "pan", 10 }, { "tam", 11 }, { "tel", 12 }, { "urd", 13 },
	};
	size_t n = strcspn(code, "-_");	/* "pt-BR" is "pt" */

	for (size_t i = 0; i < TW_COUNT(languages); i++)
		if (strlen(languages[i].code) == n && !strncasecmp(code, languages[i].code, n))
			return languages[i].id;
	return -1;
}
