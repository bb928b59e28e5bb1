/* twoway consent: what a customer agreed to, when and by which text; and whether the chain that
 * says so is whole. The chain is computed here, not by the daemon that wrote it. */
#include "cli.h"

#include <twoway/store.h>

#include <stdio.h>

enum { SLICE = 1000 };

struct consent_options { const char *account; bool verify, head; };

static const struct cli_option options[] = {
	{ "account", "A", offsetof(struct consent_options, account), "of this account" },
	{ "verify", NULL, offsetof(struct consent_options, verify),
	  "check every link of the chain" },
	{ "head", NULL, offsetof(struct consent_options, head), "the last link of each chain" },
};

/* Reads all rows of a chain, or of a number in it. take returns whether to go on. */
int consent_read(struct cli *c, const char *account, const char *number,
		 bool (*take)(void *ctx, json_t *row), void *ctx)
{
	char *a = client_escape(account ? account : ""), *w = client_escape(number ? number : "");
	char *after = tw_strdup("0");
	bool goes_on = true;
	int r = 0;

	while (!r && after && goes_on) {
		char *path = tw_printf("/api/v1/consent?limit=%d&after=%s%s%s%s%s", SLICE, after,
				       *a ? "&account=" : "", a, *w ? "&with=" : "", w);
		json_t *root = NULL, *rows, *row;
		size_t i;

		r = cli_ask(c, "GET", path, &root);
		free(path);
		free(after);
		rows = json_object_get(root, "consent");
		json_array_foreach(rows, i, row)
			goes_on = goes_on && take(ctx, row);
		after = *cli_member(root, "after") ? tw_strdup(cli_member(root, "after")) : NULL;
		json_decref(root);
	}
	free(after);
	free(a);
	free(w);
	return r;
}

/* ---- of a number --------------------------------------------------------------------------- */

static bool collect(void *ctx, json_t *row)
{
	json_array_append(ctx, row);
	return true;
}

/* How long ago, in the largest whole unit: that is how old consent is judged. */
static void write_age(struct wall_ms at, struct wall_ms now, char *out, size_t cap)
{
	int64_t minutes = (now.ms - at.ms) / 60000;

	if (minutes < 60)
		snprintf(out, cap, "%lld min", (long long)(minutes < 0 ? 0 : minutes));
	else if (minutes < 48 * 60)
		snprintf(out, cap, "%lld h", (long long)minutes / 60);
	else
		snprintf(out, cap, "%lld d", (long long)minutes / 60 / 24);
}

static void print_table(struct cli *c, json_t *rows)
{
	static const char *const columns[] = { "SEQUENCE", "TIME", "AGE", "KIND", "LIST",
					       "TO", "TEXT", "MESSAGE" };
	struct wall_ms now = tw_now_system().wall;
	struct tw_buf b = { 0 };
	struct table t = { 0 };
	char time[TW_RFC3339_MAX];
	json_t *row;
	size_t i;

	for (i = 0; i < TW_COUNT(columns); i++)
		table_column(&t, columns[i], !i, i == 6);
	json_array_foreach(rows, i, row) {
		const char *kind = cli_member(row, "kind"), *list = cli_member(row, "list");

		table_cell_int(&t, cli_member_int(row, "sequence"));
		table_cell(&t, cli_time_write(cli_member_time(row, "at"), now, time), COLOUR_NONE);
		write_age(cli_member_time(row, "at"), now, time, sizeof(time));
		table_cell(&t, time, COLOUR_NONE);
		table_cell(&t, kind, strcmp(kind, "stop") && strcmp(kind, "leave") ? COLOUR_GOOD
										    : COLOUR_BAD);
		table_cell(&t, *list ? list : "(account)", COLOUR_NONE);
		table_cell(&t, cli_member(row, "long_number"), COLOUR_NONE);
		table_cell(&t, cli_member(row, "text"), COLOUR_NONE);
		table_cell(&t, cli_member(row, "message"), COLOUR_FAINT);
	}
	table_print(&t, c->width, c->colour, &b);
	cli_write(&b);
	tw_buf_done(&b);
	table_done(&t);
}

static int show(struct cli *c, const struct consent_options *o)
{
	json_t *rows = json_array();
	int r = consent_read(c, o->account, c->words.v[0], collect, rows);

	if (!r && c->json)
		cli_print_json_each(rows);
	else if (!r && !json_array_size(rows))
		fprintf(stderr, "no row of consent carries %s\n", c->words.v[0]);
	else if (!r)
		print_table(c, rows);
	json_decref(rows);
	return r;
}

/* ---- the chain ----------------------------------------------------------------------------- */

struct check {
	uint8_t previous[32];
	int64_t rows, bad;		/* bad: the first sequence that does not fit, 0 none */
	struct tw_map erased;		/* sequences that are empty, and not yet named */
	int64_t n_erased;
};

static bool read_hex(json_t *row, const char *name, uint8_t *out, size_t n)
{
	const char *hex = cli_member(row, name);

	return tw_hex_read(hex, strlen(hex), out, n) == (int)n;
}

static bool read_kind(const char *name, enum store_consent_kind *ret)
{
	for (int k = STORE_CONSENT_STOP; k <= STORE_CONSENT_ERASE; k++)
		if (!strcmp(name, store_consent_kind_name((enum store_consent_kind)k))) {
			*ret = (enum store_consent_kind)k;
			return true;
		}
	return false;
}

static const char *text_or_null(json_t *row, const char *name)
{
	return json_string_value(json_object_get(row, name));
}

static bool read_row(json_t *row, struct store_consent *ret)
{
	bool is_erased = json_is_true(json_object_get(row, "erased"));

	*ret = (struct store_consent){
		.seq = cli_member_int(row, "sequence"), .at.ms = cli_member_int(row, "at_ms"),
		.list = (char *)(uintptr_t)cli_member(row, "list"),
		.number = (char *)(uintptr_t)text_or_null(row, "number"),
		.text = (char *)(uintptr_t)text_or_null(row, "text") };
	return read_kind(cli_member(row, "kind"), &ret->kind) &&
	       (is_erased || read_hex(row, "salt", ret->salt, sizeof(ret->salt))) &&
	       read_hex(row, "number_digest", ret->number_digest, 32) &&
	       read_hex(row, "text_digest", ret->text_digest, 32) &&
	       read_hex(row, "link", ret->link, 32);
}

/* An erasure names the sequences that it emptied. */
static void take_erasure(struct check *k, const char *sequences)
{
	for (const char *p = sequences; *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");

		tw_map_del(&k->erased, p, n);
		p += n;
	}
}

static bool check_row(void *ctx, json_t *row)
{
	struct check *k = ctx;
	struct store_consent c;
	char sequence[24];

	k->rows++;
	if (!read_row(row, &c) || !store_consent_is_sound(&c, k->rows, k->previous)) {
		k->bad = k->rows;
		return false;
	}
	memcpy(k->previous, c.link, 32);
	if (!c.number) {
		snprintf(sequence, sizeof(sequence), "%lld", (long long)c.seq);
		tw_map_put(&k->erased, sequence, strlen(sequence), k);
		k->n_erased++;
	} else if (c.kind == STORE_CONSENT_ERASE) {
		take_erasure(k, c.text ? c.text : "");
	}
	return true;
}

static void print_check(struct cli *c, const char *account, const struct check *k, const char *link)
{
	if (c->json) {
		json_t *o = json_pack("{s:s,s:I,s:I,s:I,s:b,s:o,s:s}", "account", account, "rows",
				      (json_int_t)k->rows, "erased", (json_int_t)k->n_erased,
				      "unnamed",
				      (json_int_t)k->erased.n, "ok", !k->bad && !k->erased.n,
				      "bad_sequence", k->bad ? json_integer(k->bad) : json_null(),
				      "link", link);

		cli_print_json(o);
		json_decref(o);
		return;
	}
	if (k->bad)
		printf("%s: broken at sequence %lld: what stands there is not what its link was "
		       "made of\n",
		       account, (long long)k->bad);
	else
		printf("%s: %lld row%s, every link is sound\n", account, (long long)k->rows,
		       k->rows == 1 ? "" : "s");
	if (k->n_erased - (int64_t)k->erased.n)
		printf("%s: %lld erased by request\n", account,
		       (long long)k->n_erased - (long long)k->erased.n);
	if (k->erased.n)
		printf("%s: %zu empty, and no erasure names them\n", account, k->erased.n);
}

static int verify(struct cli *c, const char *account)
{
	struct check k = { .rows = 0 };
	char link[65];
	int r = consent_read(c, account, NULL, check_row, &k);

	tw_hex_write(k.previous, sizeof(k.previous), link, false);
	if (!r)
		print_check(c, account, &k, link);
	if (!r && (k.bad || k.erased.n))
		r = CLI_DATA;
	tw_map_done(&k.erased);
	return r;
}

static int with_heads(struct cli *c, const struct consent_options *o)
{
	char *account = client_escape(o->account ? o->account : "");
	char *path = tw_printf("/api/v1/consent/heads%s%s", *account ? "?account=" : "", account);
	json_t *root = NULL, *heads, *head;
	int worst = cli_ask(c, "GET", path, &root);
	size_t i;

	heads = json_object_get(root, "heads");
	json_array_foreach(heads, i, head) {
		int r = o->verify ? verify(c, cli_member(head, "account")) : 0;

		worst = r ? r : worst;
		if (o->head && c->json)
			cli_print_json(head);
		else if (o->head)
			printf("%s %lld %s\n", cli_member(head, "account"),
			       (long long)cli_member_int(head, "sequence"),
			       cli_member(head, "link"));
	}
	json_decref(root);
	free(path);
	free(account);
	return worst;
}

static int run(struct cli *c, const void *given)
{
	const struct consent_options *o = given;

	if (o->verify || o->head) {
		if (c->words.n)
			return cli_misuse("consent",
					  "--verify and --head are about whole chains: no number");
		return with_heads(c, o);
	}
	if (!c->words.n)
		return cli_misuse("consent", "expected a number, --verify or --head");
	return show(c, o);
}

const struct cli_verb cli_verb_consent = {
	.name = "consent",
	.arguments = "NUMBER | --verify | --head",
	.summary = "Show what a customer agreed to, and prove it",
	.about = "Each change with its time, its age, and the text by which it was made. --verify "
		 "computes\n"
		 "every link anew and ends 65 where one does not fit; --head prints account, "
		 "sequence and\n"
		 "link, to be kept somewhere else: who has an older head can tell that nothing "
		 "before it\n"
		 "was changed.\n\n"
		 "  twoway consent +447700900123\n"
		 "  twoway consent --verify",
	.options = options, .n_options = TW_COUNT(options),
	.options_size = sizeof(struct consent_options),
	.max_words = 1,
	.run = run,
};
