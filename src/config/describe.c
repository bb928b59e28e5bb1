/* Prints the option table: `twoway check --settings` and the manual. */
#include <stdio.h>

#include <twoway/config.h>

#include "options.h"

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

static void add_range(struct tw_buf *out, const struct tw_key *key)
{
	char low[24], high[24];

	if (key->min == 0 && key->max == 0)
		return;
	if (key->type == TW_KEY_DURATION)
		tw_buf_addf(out, " %s..%s", tw_duration_write((int64_t)key->min, low),
			    tw_duration_write((int64_t)key->max, high));
	else
		tw_buf_addf(out, " %.10g..%.10g", key->min, key->max);
}

void config_describe_type(struct tw_buf *out, const struct tw_key *key)
{
	static const char *const names[] = {
		[TW_KEY_STRING] = "text", [TW_KEY_INT] = "integer", [TW_KEY_BOOL] = "boolean",
		[TW_KEY_FLOAT] = "number", [TW_KEY_DURATION] = "duration", [TW_KEY_CLOCK] = "HH:MM",
		[TW_KEY_STRINGS] = "texts", [TW_KEY_CHOICE] = "", [TW_KEY_NODE] = ""
	};

	tw_buf_adds(out, names[key->type]);
	for (size_t i = 0; key->choices && key->choices[i]; i++)
		tw_buf_addf(out, "%s%s", i ? "|" : "", key->choices[i]);
	add_range(out, key);
}

void config_describe_default(struct tw_buf *out, const struct tw_key *key)
{
	bool is_text = key->type != TW_KEY_INT && key->type != TW_KEY_BOOL &&
		key->type != TW_KEY_FLOAT;

	if (key->required)
		tw_buf_adds(out, "required");
	else if (!key->default_text)
		tw_buf_adds(out, "none");
	else if (key->type == TW_KEY_STRINGS)
		tw_buf_addf(out, "[ %s%s%s ]", *key->default_text ? "\"" : "", key->default_text,
			    *key->default_text ? "\"" : "");
	else
		tw_buf_addf(out, "%s%s%s", is_text ? "\"" : "", key->default_text, is_text
			    ? "\"" : "");
}

void config_describe(struct tw_buf *out)
{
	struct tw_buf type = { 0 }, value = { 0 };

	for (size_t i = 0; i < SECTION_COUNT; i++)
		for (size_t j = 0; j < sections[i].n - sections[i].n_nodes; j++) {
			const struct tw_key *key = &sections[i].keys[j];
			tw_auto(tw_free_charp) char *name = tw_printf("%s%s",
								      sections[i].name, key->name);

			tw_buf_clear(&type);
			tw_buf_clear(&value);
			config_describe_type(&type, key);
			config_describe_default(&value, key);
			tw_buf_addf(out, "%-33s  %-22s  %-29s  %-4s  %s\n", name,
				    tw_buf_str(&type), tw_buf_str(&value),
				    config_is_live(name) ? "live" : "", key->help);
		}
	tw_buf_done(&type);
	tw_buf_done(&value);
}
