/* Settings that can be changed while the daemon runs: one at a time, read as the file would be. */
#include <stdio.h>

#include <twoway/config.h>

#include "options.h"

static const struct { enum section_id id; size_t offset; } groups[] = {
	{ SECTION_TOP, 0 },
	{ SECTION_RETRY, offsetof(struct settings, retry) },
	{ SECTION_STICKY, offsetof(struct settings, sticky) },
	{ SECTION_SELF_TEST, offsetof(struct settings, self_test) },
};

/* Those whose every reader asks anew, and that nothing else has to agree with. */
static const char *const live[] = {
	"in_doubt", "in_doubt_wait", "resend_partial", "valid_for", "report", "smart_encoding",
	"max_segments", "reassembly_hours", "auto_reply_limit", "reply_within", "reply_after_stop",
	"share_for_replies", "retention_days", "retry.tries", "retry.first", "retry.last",
	"sticky.days", "sticky.wait", "sticky.then", "sticky.moved_text", "self_test.per_day",
};

bool config_is_live(const char *name)
{
	for (size_t i = 0; i < TW_COUNT(live); i++) {
		if (!strcmp(live[i], name))
			return true;
	}
	return false;
}

/* The key of that name and where its section begins in struct settings. */
static const struct tw_key *find_key(const char *name, size_t *ret_offset)
{
	for (size_t g = 0; g < TW_COUNT(groups); g++) {
		const struct section *in = &sections[groups[g].id];
		size_t n = strlen(in->name);

		for (size_t i = 0; !strncmp(in->name, name, n) && i < in->n - in->n_nodes; i++) {
			if (strcmp(in->keys[i].name, name + n))
				continue;
			*ret_offset = groups[g].offset;
			return &in->keys[i];
		}
	}
	return NULL;
}

/* ---- as text ------------------------------------------------------------------------------- */

static void add_text(struct tw_buf *out, const char *text)
{
	tw_buf_addc(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			tw_buf_addc(out, '\\');
		tw_buf_addc(out, *text);
	}
	tw_buf_addc(out, '"');
}

static void write_value(const struct tw_key *key, const char *at, struct tw_buf *out)
{
	char text[24];
	int64_t n = 0;

	if (key->type == TW_KEY_INT || key->type == TW_KEY_DURATION || key->type == TW_KEY_CHOICE)
		memcpy(&n, at, sizeof(n));
	switch (key->type) {
	case TW_KEY_INT:
		tw_buf_addf(out, "%lld", (long long)n);
		break;
	case TW_KEY_BOOL:
		tw_buf_adds(out, *(const bool *)(const void *)at ? "true" : "false");
		break;
	case TW_KEY_DURATION:
		tw_duration_write(n, text);
		add_text(out, text);
		break;
	case TW_KEY_CHOICE:
		add_text(out, key->choices[n]);
		break;
	case TW_KEY_STRING:
		add_text(out, *(char *const *)(const void *)at);
		break;
	case TW_KEY_FLOAT:
	case TW_KEY_CLOCK:
	case TW_KEY_STRINGS:
	case TW_KEY_NODE:
		break;		/* none of them is live */
	}
}

bool config_live_next(const struct settings *s, size_t *cursor, struct config_live *ret)
{
	struct tw_buf type = { 0 }, value = { 0 }, usual = { 0 };
	size_t offset = 0;

	if (*cursor >= TW_COUNT(live))
		return false;
	const struct tw_key *key = find_key(live[*cursor], &offset);

	*ret = (struct config_live){ .name = live[(*cursor)++], .help = key->help };
	config_describe_type(&type, key);
	config_describe_default(&usual, key);
	write_value(key, (const char *)s + offset + key->offset, &value);
	ret->type = tw_buf_take(&type);
	ret->usual = tw_buf_take(&usual);
	ret->value = tw_buf_take(&value);
	return true;
}

void config_live_done(struct config_live *l)
{
	free(l->type);
	free(l->usual);
	free(l->value);
}

/* ---- set ----------------------------------------------------------------------------------- */

static char *first_of(const struct tw_findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].is_error)
			return tw_strdup(f->v[i].text);
	}
	return tw_strdup("it cannot be read");
}

/* One line of the file, read by the table; raw has the value where the section's struct has it. */
static int read_one(const struct tw_key *key, const char *value, void *raw, char **reterr)
{
	tw_auto(tw_free_charp) char *line = tw_printf("%s = %s;\n", key->name, value);
	struct tw_findings f = { 0 };
	struct tw_conf *conf = tw_conf_read_text("value", line, strlen(line), &f);
	int r = conf ? tw_keys_read(key, 1, tw_conf_root(conf), raw, &f) : TW_E_CONFIG;

	if (r < 0 || f.errors) {
		*reterr = first_of(&f);
		r = TW_E_CONFIG;
	}
	tw_conf_free(conf);
	tw_findings_done(&f);
	return r;
}

int config_live_set(struct settings *s, const char *name, const char *value, char **reterr)
{
	size_t offset = 0, size;
	const struct tw_key *key = find_key(name, &offset);
	struct raw *raw;
	char *to, *from;

	if (!key || !config_is_live(name)) {
		*reterr = tw_printf(key ? "%s is changed in the configuration, and by a reload" :
				    "%s is no setting", name);
		return TW_E_UNKNOWN;
	}
	raw = tw_zalloc(sizeof(*raw));
	if (read_one(key, value, raw, reterr) < 0) {
		tw_keys_done(key, 1, raw);
		free(raw);
		return TW_E_CONFIG;
	}
	to = (char *)s + offset + key->offset;
	from = (char *)raw + key->offset;
	size = key->type == TW_KEY_BOOL ? sizeof(bool) : key->type == TW_KEY_STRING ? sizeof(char *)
									       : sizeof(int64_t);
	if (key->type == TW_KEY_STRING)
		free(*(char **)(void *)to);
	memcpy(to, from, size);
	free(raw);
	return 0;
}
