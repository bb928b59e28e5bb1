/* One profile: its file read by the key tables, checked, made into a board. */
#include "internal.h"

#include <ctype.h>
#include <stdio.h>
#include <strings.h>

/* "huawei-e3372" from "/etc/twoway/boards/huawei-e3372.conf". */
static char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	const char *dot = strrchr(base, '.');

	return tw_strndup(base, dot && dot != base ? (size_t)(dot - base) : strlen(base));
}

static void inherit_lists(struct board *b, const struct tw_conf_node *root)
{
	for (size_t i = 0; i < board_default_lists_n; i++) {
		const struct board_list *l = &board_default_lists[i];
		struct tw_strings *field = (struct tw_strings *)((char *)b + l->offset);

		if (root && tw_conf_member(root, l->name))
			continue;
		for (const char *const *t = l->texts; *t; t++)
			tw_strings_add(field, *t);
	}
}

static void add_common(struct tw_strings *list, const char *const *common)
{
	for (; *common; common++)
		tw_strings_add(list, *common);
}

static const struct tw_conf_node *where(const struct tw_conf_node *root, const char *key)
{
	const struct tw_conf_node *n = tw_conf_member(root, key);

	return n ? n : root;
}

static bool read_reaction(const char *text, struct board_reaction *ret)
{
	char kind[8], reaction[24], rest;
	enum reaction r;
	int code;

	if (sscanf(text, "%7s %d %23s %c", kind, &code, reaction, &rest) != 3 || code < 0)
		return false;
	if (strcmp(kind, "cms") && strcmp(kind, "cme"))
		return false;
	if (!reaction_read(reaction, &r))
		return false;
	*ret = (struct board_reaction){ tw_strdup(kind), code, r };
	return true;
}

static void take_reactions(struct board *b, const struct tw_strings *texts,
			   const struct tw_conf_node *root, struct tw_findings *f)
{
	if (!texts->n)
		return;
	b->reactions = tw_zalloc(texts->n * sizeof(*b->reactions));
	for (size_t i = 0; i < texts->n; i++) {
		if (read_reaction(texts->v[i], &b->reactions[b->n_reactions])) {
			b->n_reactions++;
			continue;
		}
		tw_conf_fault(where(root, "reactions"), f, true,
			      "`%s` is no reaction: write `cms 512 retry` (cms or cme, the code, "
			      "and one of none retry other_sim fail reset person wait drain pin "
			      "no_validity sent doubt)",
			      texts->v[i]);
	}
}

/* The finals of its own, as the dialect wants them: a `*` at the end makes a prefix. The table's
 * texts are copies, so that the lists stay as they were written. */
static void build_finals(struct board *b)
{
	const struct tw_strings *lists[] = { &b->finals_good, &b->finals_bad };

	b->n_finals = 0;
	b->finals = tw_zalloc((b->finals_good.n + b->finals_bad.n + 1) * sizeof(*b->finals));
	for (size_t l = 0; l < TW_COUNT(lists); l++)
		for (size_t i = 0; i < lists[l]->n; i++) {
			const char *text = lists[l]->v[i];
			size_t n = strlen(text);
			bool is_prefix = n && text[n - 1] == '*';

			if (n - is_prefix == 0)
				continue;
			b->finals[b->n_finals++] = (struct at_final){
				tw_strndup(text, n - is_prefix), is_prefix, l == 0 };
		}
}

static bool is_cnmi(const char *text)
{
	int fields = 1;

	for (const char *p = text; *p; p++) {
		if (*p == ',')
			fields++;
		else if (!isdigit((unsigned char)*p))
			return false;
	}
	return fields >= 2 && fields <= 5 && isdigit((unsigned char)text[0]);
}

static void check_cnmi(const struct tw_strings *list, const char *key,
		       const struct tw_conf_node *root, struct tw_findings *f)
{
	for (size_t i = 0; i < list->n; i++)
		if (!is_cnmi(list->v[i]))
			tw_conf_fault(where(root, key), f, true,
				      "`%s` is no argument of AT+CNMI: write two to five digits, "
				      "`2,1,0,1,0`", list->v[i]);
}

static void check_storage(const char *name, const char *key, const struct tw_conf_node *root,
			  struct tw_findings *f)
{
	if (strlen(name) != 2 || !isupper((unsigned char)name[0]) ||
	    !isupper((unsigned char)name[1]))
		tw_conf_fault(where(root, key), f, true,
			      "`%s` is no storage: write two capital letters, `SM` or `ME`", name);
}

/* A command goes to the modem as it stands: one line, beginning with AT. */
static void check_command(const char *text, const char *key, const struct tw_conf_node *root,
			  struct tw_findings *f)
{
	const char *p = text;

	if (!*text)
		return;
	for (; *p; p++)
		if ((unsigned char)*p < ' ' || (unsigned char)*p == 127)
			break;
	if (*p || strncasecmp(text, "AT", 2) || p - text >= AT_COMMAND_MAX)
		tw_conf_fault(where(root, key), f, true,
			      "`%s` is no command: write one line that begins with AT", text);
}

static void check_usb(const struct board *b, const struct tw_conf_node *root, struct tw_findings *f)
{
	const struct { const char *key; const struct tw_strings *list; } ids[] = {
		{ "usb", &b->usb }, { "usb_before", &b->usb_before },
	}, entries[] = {
		{ "at_interfaces", &b->at_interfaces },
		{ "urc_interfaces", &b->urc_interfaces },
		{ "other_interfaces", &b->other_interfaces },
	};

	for (size_t k = 0; k < TW_COUNT(ids); k++)
		for (size_t i = 0; i < ids[k].list->n; i++)
			if (!board_is_usb_id(ids[k].list->v[i]))
				tw_conf_fault(where(root, ids[k].key), f, true,
					      "`%s` is no USB id: write it as lsusb shows it, "
					      "`12d1:1506`", ids[k].list->v[i]);
	for (size_t k = 0; k < TW_COUNT(entries); k++)
		for (size_t i = 0; i < entries[k].list->n; i++)
			if (!board_is_interface_entry(entries[k].list->v[i]))
				tw_conf_fault(where(root, entries[k].key), f, true,
					      "`%s` names no interfaces: write a USB id or `*`, "
					      "then numbers, classes or roles, `12d1:1436 4 0`, "
					      "`* ff/02/12 role:Application`",
					      entries[k].list->v[i]);
}

static const char *const ussd_names[] = {
	[BOARD_USSD_TEXT] = "text", [BOARD_USSD_PACKED] = "packed", [BOARD_USSD_UCS2] = "ucs2",
};

size_t board_ussd_forms(const struct board *b)
{
	return b->ussd.n;
}

enum board_ussd board_ussd_form(const struct board *b, size_t i)
{
	for (size_t k = 0; i < b->ussd.n && k < TW_COUNT(ussd_names); k++)
		if (strcmp(b->ussd.v[i], ussd_names[k]) == 0)
			return (enum board_ussd)k;
	return BOARD_USSD_TEXT;
}

static void check_ussd(const struct board *b, const struct tw_conf_node *root,
		       struct tw_findings *f)
{
	for (size_t i = 0; i < b->ussd.n; i++) {
		bool known = false;

		for (size_t k = 0; k < TW_COUNT(ussd_names); k++)
			known = known || strcmp(b->ussd.v[i], ussd_names[k]) == 0;
		if (!known)
			tw_conf_fault(where(root, "ussd"), f, true,
				      "`%s` is no form of USSD: write text, packed or ucs2",
				      b->ussd.v[i]);
	}
	if (!b->ussd.n)
		tw_conf_fault(where(root, "ussd"), f, true,
			      "ussd is empty: name at least one of text, packed, ucs2");
}

static void check_board(const struct board *b, const struct tw_conf_node *root,
			struct tw_findings *f)
{
	static const char *const formats[] = { "cpinr", "first", "second", "third", "fourth" };
	size_t i;

	check_usb(b, root, f);
	check_cnmi(&b->cnmi, "cnmi", root, f);
	check_cnmi(&b->cnmi_direct, "cnmi_direct", root, f);
	for (i = 0; i < b->storage.n; i++)
		check_storage(b->storage.v[i], "storage", root, f);
	if (b->report_storage[0])
		check_storage(b->report_storage, "report_storage", root, f);
	if (!b->cnmi.n && !b->cnmi_direct.n)
		tw_conf_fault(where(root, "cnmi"), f, true,
			      "cnmi and cnmi_direct are both empty: nothing could be received");
	if (!b->storage.n && !b->cnmi_direct.n)
		tw_conf_fault(where(root, "storage"), f, true,
			      "storage and cnmi_direct are both empty: nothing could be received");
	if (b->nack != BOARD_ACK_NONE && b->nack != BOARD_ACK_2)
		tw_conf_fault(where(root, "nack"), f, true,
			      "nack is `none` or `2`: the other forms of AT+CNMA acknowledge");
	check_ussd(b, root, f);
	check_command(b->iccid, "iccid", root, f);
	check_command(b->pin_counter, "pin_counter", root, f);
	check_command(b->radio_off, "radio_off", root, f);
	check_command(b->soft_reset, "soft_reset", root, f);
	check_command(b->temperature, "temperature", root, f);
	for (i = 0; i < b->hang_up.n; i++)
		check_command(b->hang_up.v[i], "hang_up", root, f);
	for (i = 0; i < b->cgsms.n; i++)
		if (strlen(b->cgsms.v[i]) != 1 || !strchr("0123", b->cgsms.v[i][0]))
			tw_conf_fault(where(root, "cgsms"), f, true,
				      "`%s` is no value of AT+CGSMS: write 0, 1, 2 or 3 as a text",
				      b->cgsms.v[i]);
	for (i = 0; i < b->radio_switch.n; i++)
		check_command(b->radio_switch.v[i], "radio_switch", root, f);
	if (b->radio_switch.n == 1)
		tw_conf_fault(where(root, "radio_switch"), f, true,
			      "radio_switch wants a command that forces a technology, and behind "
			      "it the one that ends that");
	if (b->temperature[0] && !strstr(b->temperature_pattern, "{n}"))
		tw_conf_fault(where(root, "temperature"), f, true,
			      "temperature wants a temperature_pattern with {n} where the degrees "
			      "stand, `+QTEMP: {n}`");
	for (i = 0; i < b->init.n; i++)
		check_command(b->init.v[i] + (b->init.v[i][0] == '?'), "init", root, f);
	for (i = 0; i < TW_COUNT(formats); i++)
		if (!strcmp(b->pin_counter_format, formats[i]))
			return;
	tw_conf_fault(where(root, "pin_counter_format"), f, true,
		      "pin_counter_format is one of cpinr, first, second, third, fourth, not `%s`",
		      b->pin_counter_format);
}

static struct board *make_board(struct board_raw *raw, const char *path,
				const struct tw_conf_node *root, struct tw_findings *f)
{
	struct board *b = tw_zalloc(sizeof(*b));

	*b = raw->b;
	b->name = name_of(path);
	b->file = tw_strdup(path);
	inherit_lists(b, root);
	add_common(&b->ignore, board_common_ignore);
	/* Unsolicited whatever they begin with: by their first letter some would be chatter. */
	for (size_t i = 0; i < b->full.n; i++)
		tw_strings_add(&b->urcs, b->full.v[i]);
	take_reactions(b, &raw->reactions, root, f);
	build_finals(b);
	tw_strings_done(&raw->reactions);
	check_board(b, root, f);
	return b;
}

bool board_is_board_file(const struct tw_conf_node *root)
{
	for (size_t i = 0; i < board_keys_n; i++)
		if (tw_conf_member(root, board_keys[i].name))
			return true;
	return false;
}

struct board *board_read(const char *path, struct tw_findings *findings)
{
	struct board_raw raw = { 0 };
	struct board *b = NULL;
	struct tw_conf *c;
	size_t errors = findings->errors;

	c = tw_conf_read(path, findings);
	if (!c)
		return NULL;
	tw_keys_read(board_keys, board_keys_n, tw_conf_root(c), &raw, findings);
	if (raw.sim && tw_conf_type(raw.sim) != TW_CONF_GROUP) {
		tw_conf_fault(raw.sim, findings, true,
			      "sim is a group: `sim = { model = \"…\"; };`");
		raw.sim = NULL;
	}
	tw_keys_read(board_sim_keys, board_sim_keys_n, raw.sim, &raw, findings);
	if (findings->errors == errors)
		b = make_board(&raw, path, tw_conf_root(c), findings);
	tw_conf_free(c);
	if (b && findings->errors == errors)
		return b;
	if (b) {
		board_free(b);
	} else {
		tw_keys_done(board_sim_keys, board_sim_keys_n, &raw);
		tw_keys_done(board_keys, board_keys_n, &raw);
	}
	return NULL;
}

void board_free(struct board *b)
{
	struct board_raw raw = { 0 };

	if (!b)
		return;
	for (size_t i = 0; i < b->n_finals; i++)
		free((char *)b->finals[i].text);
	free(b->finals);
	for (size_t i = 0; i < b->n_reactions; i++)
		free(b->reactions[i].kind);
	free(b->reactions);
	free(b->name);
	free(b->file);
	raw.b = *b;
	tw_keys_done(board_sim_keys, board_sim_keys_n, &raw);
	tw_keys_done(board_keys, board_keys_n, &raw);
	free(b);
}

size_t board_ways(const struct board *b)
{
	return b->cgsms.n + b->radio_switch.n;
}

void board_way(const struct board *b, size_t i, char *out)
{
	if (i < b->cgsms.n)
		snprintf(out, AT_COMMAND_MAX, "AT+CGSMS=%s", b->cgsms.v[i]);
	else
		tw_strset(out, AT_COMMAND_MAX, b->radio_switch.v[i - b->cgsms.n]);
}

bool board_way_is_forced(const struct board *b, size_t i)
{
	return i >= b->cgsms.n && i + 1 < board_ways(b);
}

struct at_dialect board_dialect(const struct board *b)
{
	return (struct at_dialect){
		.finals = b->finals, .n_finals = b->n_finals,
		.ignore = (const char *const *)b->ignore.v, .n_ignore = b->ignore.n,
		.urcs = (const char *const *)b->urcs.v, .n_urcs = b->urcs.n,
		.pause_ms = b->pause,
		.no_final_after_cpin = b->no_final_after_cpin,
		.no_prompt = b->no_prompt,
		.open_with = b->open_with,
	};
}

enum reaction board_reaction(const struct board *b, enum at_result result, int code,
			     bool when_sending)
{
	const char *kind = result == AT_CMS ? "cms" : result == AT_CME ? "cme" : NULL;

	for (size_t i = 0; kind && code >= 0 && i < b->n_reactions; i++)
		if (b->reactions[i].code == code && !strcmp(b->reactions[i].kind, kind))
			return (enum reaction)b->reactions[i].reaction;
	return at_reaction(result, code, when_sending);
}
