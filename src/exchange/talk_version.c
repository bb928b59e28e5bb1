/* The versions of flow files in which conversations stand: a set of each, compiled when first
 * needed. */
#include "talk.h"

static void load_version(struct exchange *x, struct talk_version *v,
			 const struct store_version *row)
{
	struct flow_version now;
	struct tw_findings findings = { 0 };
	const struct flow_version then = { v->hash, row->name, row->account, row->text,
					   row->text_n };

	memcpy(v->hash, row->hash, sizeof(v->hash));
	if (x->flows && !flows_version(x->flows, v->hash, &now))
		v->old = flows_load_version(x->flows, &then, &findings);
	if (findings.errors)
		tw_log(TW_WARN, "flow.version", "file=%s line=%u error=%s", tw_log_quote(row->name),
		       findings.v[0].line, tw_log_quote(findings.v[0].text));
	tw_findings_done(&findings);
}

int talk_version_of(struct exchange *x, int64_t id, struct talk_version **ret)
{
	struct store_version row;
	int r;

	*ret = tw_map_get(&x->versions, &id, sizeof(id));
	if (*ret)
		return 0;
	r = store_version_get(x->store, id, &row);
	if (r < 0)
		return r == TW_E_UNKNOWN ? 0 : r;
	*ret = tw_zalloc(sizeof(**ret));
	load_version(x, *ret, &row);
	store_version_done(&row);
	tw_map_put(&x->versions, &id, sizeof(id), *ret);
	return 0;
}

const struct flows *talk_flows_of(struct exchange *x, const struct talk_version *v)
{
	struct flow_version now;

	if (v && v->old)
		return v->old;
	return v && x->flows && flows_version(x->flows, v->hash, &now) ? x->flows : NULL;
}

void talk_done(struct exchange *x)
{
	struct talk_version *v;

	for (size_t cursor = 0; tw_map_each(&x->versions, &cursor, NULL, NULL, (void **)&v); ) {
		flows_free(v->old);
		free(v);
	}
	tw_map_done(&x->versions);
}

int talk_version_row(struct exchange *x, const uint8_t *hash, int64_t *ret)
{
	struct flow_version v;
	struct talk_version *old;
	size_t cursor = 0;
	const char *key;
	size_t key_n;

	if (flows_version(x->flows, hash, &v))
		return store_version(x->store, hash, v.name, v.account, v.text, v.text_n, ret);
	while (tw_map_each(&x->versions, &cursor, &key, &key_n, (void **)&old))
		if (memcmp(old->hash, hash, sizeof(old->hash)) == 0) {
			memcpy(ret, key, sizeof(*ret));
			return 0;
		}
	return TW_E_UNKNOWN;
}
