/* The pools of the configuration as flows are told them. */
#include <twoway/config.h>

struct flow_pool *config_flow_pools(const struct settings *s, size_t *ret_n)
{
	struct flow_pool *v = tw_zalloc((s->n_pools + s->refused_pools.n + 1) * sizeof(*v));
	size_t n = 0;

	for (size_t i = 0; i < s->n_pools; i++)
		v[n++] = (struct flow_pool){ s->pools[i].name,
					     (const char *const *)s->pools[i].numbers.v,
					     s->pools[i].numbers.n };
	for (size_t i = 0; i < s->refused_pools.n; i++)
		v[n++] = (struct flow_pool){ s->refused_pools.v[i], NULL, 0 };
	*ret_n = n;
	return v;
}
