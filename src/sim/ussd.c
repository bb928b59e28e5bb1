/* USSD as a module shows it (27.007 7.15), and the network behind it: menus, balances, vouchers. */
#include "commands.h"

#include <stdio.h>

enum { UNKNOWN_M = 4, ENDED_M = 2 };

/* ---- the network --------------------------------------------------------------------------- */

/* What stands where {code} does, when the rest fits. False: it does not, or there is no {code}. */
static bool voucher_in(const char *pattern, const char *dialled, char *out, size_t cap)
{
	const char *hole = strstr(pattern, "{code}"), *after = hole ? hole + 6 : NULL;
	size_t before = hole ? (size_t)(hole - pattern) : 0, n = strlen(dialled);
	size_t behind = after ? strlen(after) : 0;

	if (!hole || n <= before + behind || strncmp(dialled, pattern, before) ||
	    strcmp(dialled + n - behind, after))
		return false;
	tw_strsetn(out, cap, dialled + before, n - before - behind);
	return true;
}

static bool is_for(const struct ussd_rule *u, const struct card *c)
{
	return u->card < 0 || u->card == (int64_t)c->index;
}

/* The newest rule wins. */
static const struct ussd_rule *find_exact(const struct card *c, const char *code)
{
	const struct air *a = &c->sim->air;

	for (size_t i = a->n_ussd; i-- > 0;)
		if (!strcmp(a->ussd[i].code, code) && is_for(&a->ussd[i], c))
			return &a->ussd[i];
	return NULL;
}

static const struct ussd_rule *find_voucher(const struct card *c, const char *code,
					    char *ret_voucher, size_t cap)
{
	const struct air *a = &c->sim->air;

	for (size_t i = a->n_ussd; i-- > 0;)
		if (is_for(&a->ussd[i], c) && voucher_in(a->ussd[i].code, code, ret_voucher, cap))
			return &a->ussd[i];
	return NULL;
}

static void add_money(struct tw_buf *out, int64_t cents)
{
	tw_buf_addf(out, "%lld.%02lld", (long long)(cents / 100), (long long)(cents % 100));
}

/* A reply with {balance}, {number} and {amount} filled in; heap. */
static char *fill(const struct card *c, const char *reply, int64_t amount)
{
	struct tw_buf b = { 0 };

	tw_buf_adds(&b, "");
	while (*reply) {
		if (!strncmp(reply, "{balance}", 9)) {
			add_money(&b, c->cents);
			reply += 9;
		} else if (!strncmp(reply, "{amount}", 8)) {
			add_money(&b, amount);
			reply += 8;
		} else if (!strncmp(reply, "{number}", 8)) {
			tw_buf_adds(&b, c->number);
			reply += 8;
		} else {
			tw_buf_addc(&b, *reply++);
		}
	}
	return tw_buf_take(&b);
}

static void answer_with(struct card *c, char *take_text, int m, int dcs)
{
	free(c->ussd.text);
	c->ussd.text = take_text;
	c->ussd.m = m;
	c->ussd.dcs = dcs;
}

/* A voucher counts once, whoever dials it. */
static void top_up(struct card *c, const struct ussd_rule *rule, const char *code)
{
	struct air *a = &c->sim->air;

	for (size_t i = 0; i < a->n_vouchers; i++) {
		struct voucher *v = &a->vouchers[i];

		if (v->is_used || strcmp(v->code, code))
			continue;
		v->is_used = true;
		c->cents += v->cents;
		answer_with(c, fill(c, rule->reply ? rule->reply : "{balance}", v->cents), rule->m,
			    rule->dcs);
		return;
	}
	answer_with(c, tw_strdup("This voucher is not valid"), 0, 15);
}

/* What is dialled, or the next answer to an open menu: then the whole way there decides first. */
static void dial(struct card *c, const char *text)
{
	const struct ussd_rule *rule = NULL;
	char path[sizeof(c->ussd.path)] = "", voucher[64];
	bool was_open = c->ussd.is_open;

	if (was_open) {
		snprintf(path, sizeof(path), "%.255s>%.200s", c->ussd.path, text);
		rule = find_exact(c, path);
	}
	if (!rule) {
		tw_strset(path, sizeof(path), text);
		rule = find_exact(c, text);
	}
	tw_strset(c->ussd.path, sizeof(c->ussd.path), path);
	c->ussd.is_open = false;
	if (rule)
		answer_with(c, rule->reply ? fill(c, rule->reply, 0) : NULL, rule->m, rule->dcs);
	else if ((rule = find_voucher(c, text, voucher, sizeof(voucher))) != NULL)
		top_up(c, rule, voucher);
	else
		answer_with(c, NULL, was_open ? ENDED_M : UNKNOWN_M, 15);
}

/* ---- the module ---------------------------------------------------------------------------- */

static enum board_ussd form_of(const struct card *c)
{
	return c->board && c->board->ussd.n && !strcmp(c->board->ussd.v[0], "packed")
		? BOARD_USSD_PACKED : !strcmp(c->set.cscs, "UCS2") ? BOARD_USSD_UCS2 :
		BOARD_USSD_TEXT;
}

static bool from_ucs2(const uint8_t *octets, int n, char *out, size_t cap)
{
	size_t at = 0;

	if (n <= 0 || n % 2)
		return false;
	for (int i = 0; i + 1 < n && at + 5 < cap; i += 2)
		at += tw_utf8_put((uint32_t)(octets[i] << 8 | octets[i + 1]), out + at);
	out[at] = '\0';
	return true;
}

static bool from_septets(const uint8_t *octets, int n, char *out, size_t cap)
{
	size_t got;

	if (n <= 0 || n > 182)
		return false;
	got = sms_gsm7_unpack(octets, (size_t)n * 8 / 7, out, cap - 1);
	while (got && (out[got - 1] == '\r' || out[got - 1] == '@' || !out[got - 1]))
		got--;		/* the padding of a last septet */
	out[got] = '\0';
	return got > 0;
}

/* What was asked, as text, in the one form that this family takes (or, for a plain module, packed
 * septets too, where they read as a code). */
static bool decode(struct card *c, const struct arg *a, int dcs, char *out, size_t cap,
		   bool *ret_packed)
{
	uint8_t octets[256];
	int n = tw_hex_read(a->p, a->n, octets, sizeof(octets));

	*ret_packed = false;
	switch (form_of(c)) {
	case BOARD_USSD_PACKED:
		*ret_packed = true;
		return dcs == 72 ? from_ucs2(octets, n, out, cap) :
		       from_septets(octets, n, out, cap);
	case BOARD_USSD_UCS2:
		return from_ucs2(octets, n, out, cap);
	case BOARD_USSD_TEXT:
		break;
	}
	if (!c->board && from_septets(octets, n, out, cap) && (*out == '*' || *out == '#')) {
		*ret_packed = true;
		return true;
	}
	if (!a->n || a->n >= cap)
		return false;
	tw_strsetn(out, cap, a->p, a->n);
	return true;
}

static void add_ucs2(struct tw_buf *out, const char *text)
{
	const char *p = text, *end = text + strlen(text);
	int32_t cp;

	while ((cp = tw_utf8_next(&p, end)) >= 0) {
		if (cp > 0xFFFF)
			tw_buf_addf(out, "%04X%04X", 0xD800 + ((unsigned)(cp - 0x10000) >> 10),
				    0xDC00 + ((unsigned)(cp - 0x10000) & 0x3FF));
		else
			tw_buf_addf(out, "%04X", (unsigned)cp);
	}
}

/* Septets that end seven bits before an octet get a CR (23.038 6.1.2.3.1). */
static int pack(const char *text, uint8_t *out, size_t cap)
{
	size_t septets = 0;
	int n = sms_gsm7_pack(text, strlen(text), out, cap, &septets);

	if (n > 0 && septets % 8 == 7)
		out[n - 1] |= '\r' << 1;
	return n;
}

/* In the form of the question; what the default alphabet does not hold goes as UCS-2. */
static void write_text(const struct card *c, bool packed, struct tw_buf *out, int *dcs)
{
	uint8_t octets[512];
	int n = pack(c->ussd.text, octets, sizeof(octets));

	if (n < 0 || !strcmp(c->set.cscs, "UCS2")) {
		if (n < 0)
			*dcs = 72;
		add_ucs2(out, c->ussd.text);
	} else if (packed) {
		tw_hex_write(octets, (size_t)n, tw_buf_reserve(out, 2 * (size_t)n + 1), true);
		out->n += 2 * (size_t)n;
	} else {
		tw_buf_adds(out, c->ussd.text);
	}
}

void net_ussd_tell(struct card *c)
{
	struct tw_buf b = { 0 }, text = { 0 };
	int dcs = c->ussd.dcs;

	if (!c->ussd.text) {
		tw_buf_addf(&b, "+CUSD: %d", c->ussd.m);
	} else {
		write_text(c, c->ussd.is_packed, &text, &dcs);
		tw_buf_addf(&b, "+CUSD: %d,\"%s\",%d", c->ussd.m, tw_buf_str(&text), dcs);
	}
	c->ussd.is_open = c->ussd.m == 1;
	card_urc(c, tw_buf_str(&b), NULL);
	tw_buf_done(&text);
	tw_buf_done(&b);
}

struct answer cmd_cusd(struct card *c, const struct call *call)
{
	char code[256];
	int mode, dcs = 15;

	if (call->form == FORM_READ) {
		card_info(c, "+CUSD: 1");
		return ANSWER(OK);
	}
	if (!arg_int(call, 0, 0, 2, &mode) ||
	    (!arg_is_empty(call, 2) && !arg_int(call, 2, 0, 255, &dcs)))
		return CME(50);
	if (mode == 2)
		c->ussd.is_open = false;
	if (mode != 1 || arg_is_empty(call, 1))
		return ANSWER(OK);
	if (!card_is_registered(c))
		return CME(30);
	if (!decode(c, &call->arg[1], dcs, code, sizeof(code), &c->ussd.is_packed))
		return CME(50);
	dial(c, code);
	card_post(c, EVENT_USSD, c->sim->air.ussd_ms, ++c->ussd.id);
	return ANSWER(OK);
}
