#include "run.h"

#include "../../src/hook/internal.h"

static char *write_mail(const char *subject, const char *text)
{
	struct tw_buf b = { 0 };

	mail_write(&(struct mail){ .from = "shop@example.org", .to = "van@example.org", .subject = subject,
				   .text = text, .id = "WH01", .at = { 1767603600000 } }, &b);
	return tw_buf_take(&b);
}

START_TEST(test_whole)
{
	char *mail = write_mail("Repair", "Hello\nvan\r\n");

	ck_assert_str_eq(mail,
			 "From: <shop@example.org>\r\n"
			 "To: <van@example.org>\r\n"
			 "Subject: Repair\r\n"
			 "Date: Mon, 5 Jan 2026 09:00:00 +0000\r\n"
			 "Message-ID: <WH01@example.org>\r\n"
			 "MIME-Version: 1.0\r\n"
			 "Content-Type: text/plain; charset=utf-8\r\n"
			 "Content-Transfer-Encoding: base64\r\n"
			 "Auto-Submitted: auto-generated\r\n"
			 "\r\n"
			 "SGVsbG8NCnZhbg0K\r\n");
	free(mail);
}
END_TEST

/* Each subject, and the header that it becomes. */
START_TEST(test_subjects)
{
	static const struct { const char *subject, *header; } rows[] = {
		{ "Grüße", "Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n" },
		{ "a\r\nBcc: everybody@example.org", "Subject: a  Bcc: everybody@example.org\r\n" },
		{ "a\nb\tc\x7f", "Subject: a b c \r\n" },
		{ "=?UTF-8?B?eA==?=", "Subject: =?UTF-8?B?PT9VVEYtOD9CP2VBPT0/PQ==?=\r\n" },
		{ "\xff", "Subject: =?UTF-8?B?77+9?=\r\n" },
		{ "", "Subject: \r\n" },
		/* Cut between characters, in words of at most 75. */
		{ "ääääääääääääääääääääääääää",
		  "Subject: =?UTF-8?B?w6TDpMOkw6TDpMOkw6TDpMOkw6TDpMOkw6TDpMOkw6TDpMOkw6TDpMOkw6Q=?=\r\n"
		  " =?UTF-8?B?w6TDpMOkw6Q=?=\r\n" },
	};

	for (size_t i = 0; i < TW_COUNT(rows); i++) {
		char *mail = write_mail(rows[i].subject, "");
		char *at = strstr(mail, "Subject:"), *end = strstr(mail, "Date:");

		ck_assert(at && end);
		*end = 0;
		ck_assert_str_eq(at, rows[i].header);
		free(mail);
	}
}
END_TEST

START_TEST(test_addresses)
{
	static const struct { const char *address; bool is_usable; } rows[] = {
		{ "van@example.org", true }, { "van+sms@sub.example.org", true },
		{ "andré@exämple.org", true },
		{ "", false }, { "van", false }, { "@example.org", false }, { "van@", false },
		{ "van@example.org\r\nRCPT TO:<x@example.org>", false },
		{ "van@example.org>", false }, { "a@b,c@d", false }, { "van @example.org", false },
		{ "van\xff@example.org", false },
	};

	for (size_t i = 0; i < TW_COUNT(rows); i++)
		ck_assert_msg(mail_address_is_usable(rows[i].address) == rows[i].is_usable, "%s",
			      rows[i].address);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, test_whole);
	tcase_add_test(t, test_subjects);
	tcase_add_test(t, test_addresses);
}

int main(void)
{
	return unit_run("hook_mail", add);
}
