/* Reads a group by a table of keys: what config, board and flow take their settings from. */
#include <ctype.h>
#include <stdio.h>

#include <twoway/base.h>

static void *field(const struct tw_key *key, void *out)
{
	return (char *)out + key->offset;
}

static void replace_string(char **p, const char *text)
{
	free(*p);
	*p = tw_strdup(text);
}

/* "HH:MM" to minutes of the day. */
static int read_clock(const char *text, int64_t *ret)
{
	if (strlen(text) != 5 || !isdigit((unsigned char)text[0]) ||
	    !isdigit((unsigned char)text[1]) ||
	    text[2] != ':' || !isdigit((unsigned char)text[3]) || !isdigit((unsigned char)text[4]))
		return TW_E_SYNTAX;
	if (atoi(text) > 23 || atoi(text + 3) > 59)
		return TW_E_RANGE;
	*ret = atoi(text) * 60 + atoi(text + 3);
	return 0;
}

static int read_choice(const struct tw_key *key, const char *text, int64_t *ret)
{
	for (int64_t i = 0; key->choices[i]; i++)
		if (!strcmp(key->choices[i], text)) {
			*ret = i;
			return 0;
		}
	return TW_E_UNKNOWN;
}

/* A default of several texts is written with a comma and a space between them. */
static void split_texts(struct tw_strings *out, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, ",");
		tw_auto(tw_free_charp) char *one = tw_strndup(text, n);

		tw_strings_add(out, one);
		text += n;
		text += strspn(text, ", ");
	}
}

static void set_default(const struct tw_key *key, void *out)
{
	const char *text = key->default_text;
	void *p = field(key, out);
	int64_t *integer = p;
	int r = 0;

	switch (key->type) {
	case TW_KEY_STRING:
		replace_string(p, text ? text : "");
		break;
	case TW_KEY_INT:
		*integer = text ? strtoll(text, NULL, 10) : 0;
		break;
	case TW_KEY_BOOL:
		*(bool *)p = text && !strcmp(text, "true");
		break;
	case TW_KEY_FLOAT:
		*(double *)p = text ? strtod(text, NULL) : 0;
		break;
	case TW_KEY_DURATION:
		r = text ? tw_duration_read(text, integer) : 0;
		break;
	case TW_KEY_CLOCK:
		r = text ? read_clock(text, integer) : 0;
		break;
	case TW_KEY_STRINGS:
		split_texts(p, text ? text : "");
		break;
	case TW_KEY_CHOICE:
		r = text ? read_choice(key, text, integer) : 0;
		break;
	case TW_KEY_NODE:
		*(const struct tw_conf_node **)p = NULL;
		break;
	}
	if (r < 0)
		abort();	/* the table itself is wrong */
}

static int wrong_type(const struct tw_conf_node *n, struct tw_findings *f, const char *expected)
{
	enum tw_conf_type type = tw_conf_type(n);

	tw_conf_fault(n, f, true, "`%s` wants %s, not %s", tw_conf_name(n), expected,
		      type == TW_CONF_BOOL ? "a boolean" : tw_conf_type_name(type));
	return TW_E_CONFIG;
}

static bool is_in_range(const struct tw_key *key, double value)
{
	return (key->min == 0 && key->max == 0) || (value >= key->min && value <= key->max);
}

static int read_number(const struct tw_key *key, const struct tw_conf_node *n, void *p,
		       struct tw_findings *f)
{
	bool is_float = key->type == TW_KEY_FLOAT;
	enum tw_conf_type type = tw_conf_type(n);

	if (type != TW_CONF_INT && !(is_float && type == TW_CONF_FLOAT))
		return wrong_type(n, f, is_float ? "a number" : "a whole number");
	if (!is_in_range(key, tw_conf_float(n))) {
		tw_conf_value_fault(n, f, "`%s` must lie between %.15g and %.15g", key->name,
				    key->min, key->max);
		return TW_E_CONFIG;
	}
	if (is_float)
		*(double *)p = tw_conf_float(n);
	else
		*(int64_t *)p = tw_conf_int(n);
	return 0;
}

static int read_duration(const struct tw_key *key, const struct tw_conf_node *n, int64_t *p,
			 struct tw_findings *f)
{
	char low[24], high[24];
	int64_t ms;

	if (tw_conf_type(n) != TW_CONF_STRING)
		return wrong_type(n, f, "a duration in quotation marks, such as \"90s\", \"10m\", "
					"\"3d\"");
	if (tw_duration_read(tw_conf_string(n), &ms) < 0) {
		tw_conf_value_fault(n, f, "`%s` wants a duration such as \"90s\", \"10m\", \"3h\", "
				    "\"3d\", not \"%s\"", key->name, tw_conf_string(n));
		return TW_E_CONFIG;
	}
	if (!is_in_range(key, (double)ms)) {
		tw_conf_value_fault(n, f, "`%s` must lie between \"%s\" and \"%s\"", key->name,
				    tw_duration_write((int64_t)key->min, low),
				    tw_duration_write((int64_t)key->max, high));
		return TW_E_CONFIG;
	}
	*p = ms;
	return 0;
}

static int read_clock_key(const struct tw_key *key, const struct tw_conf_node *n, int64_t *p,
			  struct tw_findings *f)
{
	if (tw_conf_type(n) != TW_CONF_STRING)
		return wrong_type(n, f, "a clock time in quotation marks, such as \"08:00\"");
	if (read_clock(tw_conf_string(n), p) == 0)
		return 0;
	tw_conf_value_fault(n, f, "`%s` wants a clock time from \"00:00\" to \"23:59\", not \"%s\"",
			    key->name, tw_conf_string(n));
	return TW_E_CONFIG;
}

static int read_texts(const struct tw_conf_node *n, struct tw_strings *p, struct tw_findings *f)
{
	enum tw_conf_type type = tw_conf_type(n);
	struct tw_strings texts = { 0 };

	if (type == TW_CONF_STRING) {
		tw_strings_add(&texts, tw_conf_string(n));
	} else if (type == TW_CONF_ARRAY || type == TW_CONF_LIST) {
		for (size_t i = 0; i < tw_conf_length(n); i++) {
			const struct tw_conf_node *element = tw_conf_at(n, i);

			if (tw_conf_type(element) != TW_CONF_STRING) {
				tw_conf_fault(element, f, true, "`%s` holds texts only",
					      tw_conf_name(n));
				tw_strings_done(&texts);
				return TW_E_CONFIG;
			}
			tw_strings_add(&texts, tw_conf_string(element));
		}
	} else {
		return wrong_type(n, f, "a text or an array of texts [ ]");
	}
	tw_strings_done(p);
	*p = texts;
	return 0;
}

static int read_choice_key(const struct tw_key *key, const struct tw_conf_node *n, int64_t *p,
			   struct tw_findings *f)
{
	struct tw_buf expected = { 0 };
	int r;

	for (size_t i = 0; key->choices[i]; i++)
		tw_buf_addf(&expected, "%s\"%s\"",
			    !i ? "" : key->choices[i + 1] ? ", " : " or ", key->choices[i]);
	if (tw_conf_type(n) != TW_CONF_STRING) {
		r = wrong_type(n, f, tw_buf_str(&expected));
	} else if (read_choice(key, tw_conf_string(n), p) < 0) {
		tw_conf_value_fault(n, f, "`%s` wants %s, not \"%s\"", key->name,
				    tw_buf_str(&expected), tw_conf_string(n));
		r = TW_E_CONFIG;
	} else {
		r = 0;
	}
	tw_buf_done(&expected);
	return r;
}

static int read_key(const struct tw_key *key, const struct tw_conf_node *n, void *out,
		    struct tw_findings *f)
{
	void *p = field(key, out);

	switch (key->type) {
	case TW_KEY_STRING:
		if (tw_conf_type(n) != TW_CONF_STRING)
			return wrong_type(n, f, "a text in quotation marks");
		replace_string(p, tw_conf_string(n));
		return 0;
	case TW_KEY_INT:
	case TW_KEY_FLOAT:
		return read_number(key, n, p, f);
	case TW_KEY_BOOL:
		if (tw_conf_type(n) != TW_CONF_BOOL)
			return wrong_type(n, f, "true or false");
		*(bool *)p = tw_conf_bool(n);
		return 0;
	case TW_KEY_DURATION:
		return read_duration(key, n, p, f);
	case TW_KEY_CLOCK:
		return read_clock_key(key, n, p, f);
	case TW_KEY_STRINGS:
		return read_texts(n, p, f);
	case TW_KEY_CHOICE:
		return read_choice_key(key, n, p, f);
	case TW_KEY_NODE:
		*(const struct tw_conf_node **)p = n;
		return 0;
	}
	abort();
}

static int unknown_key(const struct tw_key *keys, size_t n_keys, const struct tw_conf_node *n,
		       struct tw_findings *f)
{
	const char **names = tw_alloc(n_keys * sizeof(*names));
	const char *near;

	for (size_t i = 0; i < n_keys; i++)
		names[i] = keys[i].name;
	near = tw_nearest(tw_conf_name(n), names, n_keys);
	if (near) {
		tw_conf_fault(n, f, true, "`%s` is not known here; did you mean `%s`?",
			      tw_conf_name(n), near);
	} else {
		struct tw_buf all = { 0 };

		for (size_t i = 0; i < n_keys; i++)
			tw_buf_addf(&all, "%s%s", i ? " " : "", names[i]);
		tw_conf_fault(n, f, true, "`%s` is not known here; expected is one of: %s",
			      tw_conf_name(n), tw_buf_str(&all));
		tw_buf_done(&all);
	}
	free(names);
	return TW_E_CONFIG;
}

static const struct tw_key *key_named(const struct tw_key *keys, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(keys[i].name, name))
			return &keys[i];
	return NULL;
}

int tw_keys_read(const struct tw_key *keys, size_t n, const struct tw_conf_node *group, void *out,
		 struct tw_findings *f)
{
	int r = 0;

	for (size_t i = 0; i < n; i++)
		set_default(&keys[i], out);
	if (!group)
		return 0;
	if (tw_conf_type(group) != TW_CONF_GROUP) {
		if (tw_conf_name(group))
			return wrong_type(group, f, "a group { }");
		tw_conf_fault(group, f, true, "a group { } was expected here, not %s",
			      tw_conf_type_name(tw_conf_type(group)));
		return TW_E_CONFIG;
	}
	for (size_t i = 0; i < tw_conf_length(group); i++) {
		const struct tw_conf_node *member = tw_conf_at(group, i);
		const struct tw_key *key = key_named(keys, n, tw_conf_name(member));

		if ((key ? read_key(key, member, out, f) : unknown_key(keys, n, member, f)) < 0)
			r = TW_E_CONFIG;
	}
	for (size_t i = 0; i < n; i++)
		if (keys[i].required && !tw_conf_member(group, keys[i].name)) {
			tw_conf_fault(group, f, true, "`%s` is missing here: %s", keys[i].name,
				      keys[i].help ? keys[i].help : "it must be set");
			r = TW_E_CONFIG;
		}
	return r;
}

int tw_keys_pick(const struct tw_key *keys, size_t n, const struct tw_conf_node *group, void *out,
		 struct tw_findings *f)
{
	int r = 0;

	for (size_t i = 0; i < n; i++) {
		const struct tw_conf_node *member = tw_conf_member(group, keys[i].name);

		set_default(&keys[i], out);
		if (member && read_key(&keys[i], member, out, f) < 0)
			r = TW_E_CONFIG;
	}
	return r;
}

void tw_keys_done(const struct tw_key *keys, size_t n, void *out)
{
	for (size_t i = 0; i < n; i++) {
		void *p = field(&keys[i], out);

		switch (keys[i].type) {
		case TW_KEY_STRING:
			free(*(char **)p);
			*(char **)p = NULL;
			break;
		case TW_KEY_STRINGS:
			tw_strings_done(p);
			break;
		case TW_KEY_BOOL:
			*(bool *)p = false;
			break;
		case TW_KEY_FLOAT:
			*(double *)p = 0;
			break;
		case TW_KEY_INT:
		case TW_KEY_DURATION:
		case TW_KEY_CLOCK:
		case TW_KEY_CHOICE:
			*(int64_t *)p = 0;
			break;
		case TW_KEY_NODE:
			*(const struct tw_conf_node **)p = NULL;
			break;
		}
	}
}
