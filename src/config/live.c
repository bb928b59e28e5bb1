/* Settings one at a time: shown as the file would have them, and those that can be changed while
 * the daemon runs read as the file would be. */
#include <stdio.h>

#include <twoway/config.h>

#include "options.h"

/* Sections that stand in struct settings once. */
static const struct { enum section_id id; size_t offset; } groups[] = {
	{ SECTION_TOP, 0 },
	{ SECTION_RETRY, offsetof(struct settings, retry) },
	{ SECTION_WEBHOOKS, offsetof(struct settings, webhooks) },
	{ SECTION_STICKY, offsetof(struct settings, sticky) },
	{ SECTION_QUIET, offsetof(struct settings, quiet_hours) },
	{ SECTION_SELF_TEST, offsetof(struct settings, self_test) },
	{ SECTION_MAIL, offsetof(struct settings, mail) },
	{ SECTION_ALERT, offsetof(struct settings, alert) },
	{ SECTION_API, offsetof(struct settings, api) },
	{ SECTION_LOG, 0 },		/* in a form of its own: struct raw_log */
};

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

/* As JSON has it, which a file reads alike but for rare control characters. */
static void add_text(struct tw_buf *out, const char *text)
{
	tw_buf_addc(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			tw_buf_addf(out, "\\%c", *text);
		else if (*text == '\n')
			tw_buf_adds(out, "\\n");
		else if ((unsigned char)*text < 0x20 || *text == 0x7f)
			tw_buf_addf(out, "\\u%04x", (unsigned)(unsigned char)*text);
		else
			tw_buf_addc(out, *text);
	}
	tw_buf_addc(out, '"');
}

static void write_texts(const struct tw_strings *v, struct tw_buf *out)
{
	tw_buf_addc(out, '[');
	for (size_t i = 0; i < v->n; i++) {
		if (i)
			tw_buf_adds(out, ", ");
		add_text(out, v->v[i]);
	}
	tw_buf_addc(out, ']');
}

static void write_value(const struct tw_key *key, const void *at, struct tw_buf *out)
{
	char text[24];
	int64_t n = 0;

	if (key->type == TW_KEY_INT || key->type == TW_KEY_DURATION || key->type == TW_KEY_CHOICE ||
	    key->type == TW_KEY_CLOCK)
		memcpy(&n, at, sizeof(n));
	switch (key->type) {
	case TW_KEY_INT:
		tw_buf_addf(out, "%lld", (long long)n);
		break;
	case TW_KEY_FLOAT:
		tw_buf_addf(out, "%.10g", *(const double *)at);
		break;
	case TW_KEY_BOOL:
		tw_buf_adds(out, *(const bool *)at ? "true" : "false");
		break;
	case TW_KEY_DURATION:
		tw_duration_write(n, text);
		add_text(out, text);
		break;
	case TW_KEY_CLOCK:
		tw_buf_addf(out, "\"%02d:%02d\"", (int)(n / 60), (int)(n % 60));
		break;
	case TW_KEY_CHOICE:
		add_text(out, key->choices[n]);
		break;
	case TW_KEY_STRING:
		if (*(char *const *)at)
			add_text(out, *(char *const *)at);
		else
			tw_buf_adds(out, "null");
		break;
	case TW_KEY_STRINGS:
		write_texts(at, out);
		break;
	case TW_KEY_NODE:
		break;
	}
}

/* The default in the same form. */
static void write_usual(const struct tw_key *key, struct tw_buf *out)
{
	struct tw_strings list = { 0 };
	const char *text = key->default_text;

	if (!text || key->type == TW_KEY_INT || key->type == TW_KEY_FLOAT ||
	    key->type == TW_KEY_BOOL) {
		tw_buf_adds(out, text ? text : "null");
		return;
	}
	if (key->type != TW_KEY_STRINGS) {
		add_text(out, text);
		return;
	}
	if (*text)
		tw_strings_add(&list, text);
	write_texts(&list, out);
	tw_strings_done(&list);
}

static void fill(const struct settings *s, const struct section *in, const struct tw_key *key,
		 size_t offset,
		 struct config_setting *ret)
{
	const struct raw_log log_ = { s->log.level, !s->log.mask_numbers, s->log.texts };
	const char *base = in == &sections[SECTION_LOG] ? (const char *)&log_ :
		(const char *)s + offset;
	struct tw_buf type = { 0 }, value = { 0 }, usual = { 0 };

	*ret = (struct config_setting){ .name = tw_printf("%s%s", in->name, key->name),
		.help = key->help };
	ret->is_live = config_is_live(ret->name);
	config_describe_type(&type, key);
	write_usual(key, &usual);
	if (in == &sections[SECTION_QUIET] && !s->quiet_hours.is_set)
		tw_buf_adds(&value, "null");
	else
		write_value(key, base + key->offset, &value);
	ret->type = tw_buf_take(&type);
	ret->usual = tw_buf_take(&usual);
	ret->value = tw_buf_take(&value);
}

bool config_setting_next(const struct settings *s, size_t *cursor, struct config_setting *ret)
{
	size_t at = (*cursor)++;

	for (size_t g = 0; g < TW_COUNT(groups); g++) {
		const struct section *in = &sections[groups[g].id];
		size_t n = in->n - in->n_nodes;

		if (at < n) {
			fill(s, in, &in->keys[at], groups[g].offset, ret);
			return true;
		}
		at -= n;
	}
	return false;
}

void config_setting_done(struct config_setting *v)
{
	free(v->name);
	free(v->type);
	free(v->usual);
	free(v->value);
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
