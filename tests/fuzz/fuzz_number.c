/* Anything typed, any home: "HOME<newline>TYPED". What is accepted has the form of its kind and
 * reads as itself again. */
#include <twoway/model.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static bool all_digits(const char *s)
{
	return *s && !s[strspn(s, "0123456789")];
}

static void check_number(const struct number *n, const char *home)
{
	struct number again;
	struct number_facts facts;
	const char *p = n->text;
	size_t letters = 0;

	check(number_read(n->text, home, &again) == NUMBER_OK);
	check(again.kind == n->kind && again.mobile == n->mobile &&
	      strcmp(again.country, n->country) == 0 && strcmp(again.text, n->text) == 0);
	check(number_is_same_subscriber(n->text, again.text));
	switch (n->kind) {
	case NUMBER_E164:
		check(n->text[0] == '+' && all_digits(n->text + 1) && strlen(n->text) <= 16);
		check(number_facts(n->text, &facts) && facts.mobile == n->mobile &&
		      strcmp(facts.country, n->country) == 0);
		check(number_read(n->text, "", &again) == NUMBER_OK);
		break;
	case NUMBER_SHORT:
		check(all_digits(n->text) && strlen(n->text) >= 3 && strlen(n->text) <= 6);
		check(strcmp(n->text, "112") != 0 && strcmp(n->text, "911") != 0);
		break;
	case NUMBER_NAME:
		while (tw_utf8_next(&p, n->text + strlen(n->text)) >= 0)
			letters++;
		check(letters >= 1 && letters <= 11 && tw_utf8_is_valid(n->text, strlen(n->text)));
		check(!strpbrk(n->text, "\r\n\x1a\x1b"));
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *home = tw_strndup((const char *)data, size), *typed = strchr(home, '\n');
	struct number n;
	struct number_facts facts;
	enum number_error e;

	if (typed)
		*typed++ = '\0';
	else
		typed = home;
	e = number_read(typed, home, &n);
	if (e == NUMBER_OK)
		check_number(&n, home);
	check(*number_error_text(e));
	number_facts(typed, &facts);
	number_country_of_imsi(typed);
	number_is_same_subscriber(home, typed);
	free(home);
	return 0;
}
