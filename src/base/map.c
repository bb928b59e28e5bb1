/* Hash table with open addressing, linear probing and deletion by shifting back: no tombstones, so
 * a table that lives for months does not slow down. */
#include <twoway/base.h>

struct tw_map_slot {
	char *key;		/* NULL: empty */
	size_t n;
	uint64_t hash;
	void *value;
};

void tw_map_done(struct tw_map *m)
{
	for (size_t i = 0; i < m->cap; i++)
		free(m->slots[i].key);
	free(m->slots);
	*m = (struct tw_map){ 0 };
}

/* The key's slot, or the empty one where it belongs. cap > n always, so that this ends. */
static struct tw_map_slot *find(const struct tw_map *m, uint64_t hash, const void *key, size_t n)
{
	size_t i = hash & (m->cap - 1);

	for (;; i = (i + 1) & (m->cap - 1)) {
		struct tw_map_slot *s = &m->slots[i];

		if (!s->key)
			return s;
		if (s->hash == hash && s->n == n && (!n || memcmp(s->key, key, n) == 0))
			return s;
	}
}

static void grow(struct tw_map *m)
{
	struct tw_map old = *m;

	m->cap = old.cap ? 2 * old.cap : 8;
	m->slots = tw_zalloc(m->cap * sizeof(*m->slots));
	for (size_t i = 0; i < old.cap; i++) {
		const struct tw_map_slot *s = &old.slots[i];

		if (s->key)
			*find(m, s->hash, s->key, s->n) = *s;
	}
	free(old.slots);
}

void *tw_map_get(const struct tw_map *m, const void *key, size_t n)
{
	const struct tw_map_slot *s;

	if (!m->n)
		return NULL;
	s = find(m, tw_hash64(key, n), key, n);
	return s->key ? s->value : NULL;
}

void *tw_map_put(struct tw_map *m, const void *key, size_t n, void *value)
{
	struct tw_map_slot *s;
	uint64_t hash = tw_hash64(key, n);
	void *old;

	if (4 * (m->n + 1) > 3 * m->cap)
		grow(m);
	s = find(m, hash, key, n);
	old = s->value;
	s->value = value;
	if (s->key)
		return old;
	s->key = tw_alloc(n + 1);
	if (n)
		memcpy(s->key, key, n);
	s->key[n] = '\0';
	s->n = n;
	s->hash = hash;
	m->n++;
	return NULL;
}

void *tw_map_del(struct tw_map *m, const void *key, size_t n)
{
	struct tw_map_slot *s;
	size_t hole, mask = m->cap - 1;
	void *old;

	if (!m->n)
		return NULL;
	s = find(m, tw_hash64(key, n), key, n);
	if (!s->key)
		return NULL;
	old = s->value;
	free(s->key);
	m->n--;

	hole = (size_t)(s - m->slots);
	for (size_t i = (hole + 1) & mask; m->slots[i].key; i = (i + 1) & mask) {
		size_t home = m->slots[i].hash & mask;

		/* it may move into the hole unless its home lies behind the hole */
		if (((i - home) & mask) >= ((i - hole) & mask)) {
			m->slots[hole] = m->slots[i];
			hole = i;
		}
	}
	m->slots[hole] = (struct tw_map_slot){ 0 };
	return old;
}

bool tw_map_each(const struct tw_map *m, size_t *cursor, const char **ret_key, size_t *ret_n,
		 void **ret_value)
{
	while (*cursor < m->cap) {
		const struct tw_map_slot *s = &m->slots[(*cursor)++];

		if (!s->key)
			continue;
		if (ret_key)
			*ret_key = s->key;
		if (ret_n)
			*ret_n = s->n;
		if (ret_value)
			*ret_value = s->value;
		return true;
	}
	return false;
}
