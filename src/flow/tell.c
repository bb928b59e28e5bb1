/* What a set holds, for those who list it. */
#include "internal.h"

bool flows_keyword_at(const struct flows *f, size_t i, struct flow_keyword_info *ret)
{
	const struct flow_keyword *k = i < f->n_keywords ? &f->keywords[i] : NULL;

	if (k)
		*ret = (struct flow_keyword_info){ f->owners[k->account].name, k->name,
						   f->files[k->file].path, k->line };
	return k != NULL;
}

bool flows_pledge_at(const struct flows *f, size_t i, struct flow_pledge_info *ret)
{
	const struct flow_declared *d = &f->declared;

	if (i < d->n_pledges)
		*ret = (struct flow_pledge_info){ f->owners[d->pledges[i].account].name,
			d->pledges[i].name,
						  d->pledges[i].currency };
	return i < d->n_pledges;
}
