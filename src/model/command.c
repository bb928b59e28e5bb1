/* What a line of AT commands holds, before it is given to a modem. V.250 5.2 ignores case and
 * blanks, and joins commands with or without a semicolon; so names are looked for anywhere in the
 * line. */
#include <twoway/model.h>

#include <ctype.h>
#include <strings.h>

/* Sends, deletions, locks. */
static const char *const guarded[] = {
	"+CMGS", "+CMSS", "+CMGW", "+CMGC", "+CMGD", "+CPIN", "+CLCK", "+CPWD",
};
/* Begin like one of these, but only tell how many tries are left. */
static const char *const harmless[] = { "+CPINR", "+CPINC" };
static const char *const secret[] = { "+CPIN", "+CLCK", "+CPWD" };

/* Whether name stands at text, blanks between its letters ignored. */
static bool stands_at(const char *text, const char *name)
{
	for (; *name; text++) {
		if (*text == ' ' || *text == '\t')
			continue;
		if (toupper((unsigned char)*text) != *name)
			return false;
		name++;
	}
	return true;
}

static bool is_harmless(const char *text)
{
	for (size_t i = 0; i < TW_COUNT(harmless); i++)
		if (stands_at(text, harmless[i]))
			return true;
	return false;
}

/* Where the first of the names stands; NULL: nowhere. */
static const char *find(const char *line, const char *const *names, size_t n, const char **ret_name)
{
	for (const char *p = line; (p = strchr(p, '+')) != NULL; p++) {
		if (is_harmless(p))
			continue;
		for (size_t i = 0; i < n; i++) {
			if (!stands_at(p, names[i]))
				continue;
			*ret_name = names[i];
			return p;
		}
	}
	return NULL;
}

const char *command_guarded(const char *line)
{
	const char *name = NULL;

	find(line, guarded, TW_COUNT(guarded), &name);
	return name;
}

bool command_mask(const char *line, char *out, size_t cap)
{
	const char *name, *at = find(line, secret, TW_COUNT(secret), &name);
	const char *equals = at ? strchr(at, '=') : NULL;

	if (!equals) {
		tw_strset(out, cap, line);
		return false;
	}
	/* Everything behind it: where the secret ends is the modem's to say. */
	tw_strsetn(out, cap, line, (size_t)(equals - line) + 1);
	tw_strset(out + strlen(out), cap - strlen(out), "****");
	return true;
}

bool command_mask_code(const char *text, char *out, size_t cap)
{
	enum { CODE_MIN = 8, SHOWN = 4 };
	bool masked = false;
	size_t at = 0;

	while (*text && at + 1 < cap) {
		size_t n = strspn(text, "0123456789");

		for (size_t i = 0; i < n && at + 1 < cap; i++)
			out[at++] = n >= CODE_MIN && i + SHOWN < n ? '*' : text[i];
		masked |= n >= CODE_MIN;
		text += n;
		if (!n)
			out[at++] = *text++;
	}
	out[at] = 0;
	return masked;
}
