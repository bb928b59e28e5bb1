/* Entries that are left out because one of their values is wrong, while the rest is served. */
#include <stdio.h>

#include "options.h"

static char *name_modem(const struct settings_modem *m)
{
	const char *name = *m->name ? m->name : *m->port ? m->port : *m->imei ? m->imei : m->usb;

	return tw_printf("modem %s", name);
}

/* Where an entry keeps why it is refused, and what it is called (heap); NULL: none that can be left
 * out. */
static char **find(struct settings *s, const char *group, size_t i, char **ret_name)
{
	if (!strcmp(group, "modems") && i < s->n_modems) {
		*ret_name = name_modem(&s->modems[i]);
		return &s->modems[i].refused;
	}
	if (!strcmp(group, "sims") && i < s->n_sims) {
		*ret_name = tw_printf("SIM %s", s->sims[i].iccid);
		return &s->sims[i].refused;
	}
	if (!strcmp(group, "pools") && i < s->n_pools) {
		*ret_name = tw_printf("pool %s", s->pools[i].name);
		return &s->pools[i].refused;
	}
	return NULL;
}

void config_refuse(struct settings *s, const char *group, size_t index, struct tw_findings *f)
{
	struct tw_finding *v = &f->v[f->n - 1];
	tw_auto(tw_free_charp) char *name = NULL;
	char **refused = find(s, group, index, &name);

	if (!v->is_error || !v->is_value)
		return;
	v->is_value = refused;
	if (!refused)
		return;
	if (!*refused)
		*refused = tw_printf("%s:%u: %s", v->file, v->line, v->text);
	tw_auto(tw_free_charp) char *text = tw_printf("%s:%u: %s is not used: %s", v->file,
						      v->line, name, v->text);

	tw_strings_add(&s->refused, text);
}
