/* The udev rules made of the profiles: each line is one that udev reads, and each USB id of a profile is
 * in a rule for the device and in one for its ports. */
#include <ctype.h>
#include <stdio.h>
#include <twoway/board.h>

#include "run.h"

static const char *rules_path;

/* KEY or KEY{attribute}, an operator, a value in quotes; parted by commas. */
static const char *const keys[] = {
	"ACTION", "SUBSYSTEM", "SUBSYSTEMS", "ENV", "ATTR", "ATTRS", "GOTO", "LABEL", "GROUP", "MODE",
	"SYMLINK",
};

static const char *take_key(const char *p)
{
	size_t n = strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	for (size_t i = 0; i < TW_COUNT(keys); i++)
		if (strlen(keys[i]) == n && !strncmp(p, keys[i], n)) {
			p += n;
			return *p == '{' && strchr(p, '}') ? strchr(p, '}') + 1 : p;
		}
	return NULL;
}

static const char *take_operator(const char *p)
{
	if (!strncmp(p, "==", 2) || !strncmp(p, "!=", 2) || !strncmp(p, "+=", 2))
		return p + 2;
	return *p == '=' ? p + 1 : NULL;
}

static bool is_rule(const char *line)
{
	for (const char *p = line; ; p += 2) {
		p = take_key(p);
		p = p ? take_operator(p) : NULL;
		if (!p || *p != '"')
			return false;
		p = strchr(p + 1, '"');
		if (!p)
			return false;
		p++;
		if (!*p)
			return true;
		if (strncmp(p, ", ", 2) != 0)
			return false;
	}
}

static char *read_rules(void)
{
	static char text[64 * 1024];
	FILE *f = fopen(rules_path, "r");
	size_t n;

	ck_assert_msg(f != NULL, "%s", rules_path);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

START_TEST(every_line_is_a_rule)
{
	char *rest = read_rules(), *line;
	size_t rules = 0, labels = 0, jumps = 0;

	while ((line = strsep(&rest, "\n"))) {
		if (!*line || *line == '#')
			continue;
		ck_assert_msg(is_rule(line), "no rule: %s", line);
		rules++;
		labels += !strncmp(line, "LABEL", 5);
		jumps += strstr(line, "GOTO=") != NULL;
	}
	ck_assert_uint_gt(rules, 20);
	ck_assert_uint_eq(labels, 3);
	ck_assert_uint_eq(jumps, 5);
}
END_TEST

/* Whether a line holds `KEY{idVendor}=="12d1"` and, between bars, the product. */
static bool has_id(const char *text, const char *key, const char *usb)
{
	char vendor[64];
	const char *p = text;

	snprintf(vendor, sizeof(vendor), "\n%s{idVendor}==\"%.4s\", %s{idProduct}==\"", key, usb, key);
	while ((p = strstr(p, vendor))) {
		const char *end;

		p += strlen(vendor);
		end = strchr(p, '"');
		for (const char *q = p; q + 4 <= end; q += 5)
			if (!strncmp(q, usb + 5, 4))
				return true;
	}
	return false;
}

START_TEST(every_stick_of_a_profile_has_its_rules)
{
	const char *const folders[] = { "../boards" };
	struct tw_findings f = { 0 };
	struct boards *all = boards_load(folders, 1, &f);
	const char *text = read_rules();
	size_t n = 0;

	for (size_t i = 0; i < boards_count(all); i++) {
		const struct board *b = boards_at(all, i);

		for (size_t k = 0; k < b->usb.n; k++, n++) {
			ck_assert_msg(has_id(text, "ATTR", b->usb.v[k]), "%s", b->usb.v[k]);
			ck_assert_msg(has_id(text, "ATTRS", b->usb.v[k]), "%s", b->usb.v[k]);
		}
		for (size_t k = 0; k < b->usb_before.n; k++)
			ck_assert(boards_know(all, b->usb_before.v[k]) ||
				  !has_id(text, "ATTR", b->usb_before.v[k]));
	}
	ck_assert_uint_gt(n, 100);
	ck_assert(!has_id(text, "ATTR", "1a86:7523"));
	boards_free(all);
	tw_findings_done(&f);
}
END_TEST

/* udev's own reader, where it has one (systemd 254). */
START_TEST(udevadm_takes_them)
{
	char command[512];

	if (system("udevadm verify --help >/dev/null 2>&1") != 0)
		return;
	snprintf(command, sizeof(command), "udevadm verify --resolve-names=never '%s' >&2", rules_path);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

static void add(TCase *t)
{
	tcase_add_test(t, every_line_is_a_rule);
	tcase_add_test(t, every_stick_of_a_profile_has_its_rules);
	tcase_add_test(t, udevadm_takes_them);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 64;
	rules_path = argv[1];
	return unit_run("udev", add);
}
