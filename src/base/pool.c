/* Slots of pointers with generations: what is named by a handle across folders. */
#include <twoway/base.h>

#include <assert.h>

struct tw_pool_slot {
	void *value;		/* NULL: free */
	uint32_t generation;	/* of the value here, or of the next one; never 0 */
	uint32_t next_free;	/* slot number + 1; 0 ends the list */
};

void tw_pool_done(struct tw_pool *p)
{
	free(p->slots);
	*p = (struct tw_pool){ 0 };
}

struct tw_handle tw_pool_add(struct tw_pool *p, void *value)
{
	struct tw_pool_slot *s;
	uint32_t slot;

	assert(value);
	if (p->free_head) {
		slot = p->free_head - 1;
		s = &p->slots[slot];
		p->free_head = s->next_free;
	} else {
		if (p->n == p->cap) {
			p->cap = p->cap ? 2 * p->cap : 8;
			p->slots = tw_realloc(p->slots, p->cap * sizeof(*p->slots));
		}
		slot = p->n++;
		s = &p->slots[slot];
		s->generation = 1;
	}
	s->value = value;
	s->next_free = 0;
	return (struct tw_handle){ slot, s->generation };
}

void *tw_pool_get(const struct tw_pool *p, struct tw_handle h)
{
	if (h.slot >= p->n || p->slots[h.slot].generation != h.generation)
		return NULL;
	return p->slots[h.slot].value;
}

void *tw_pool_del(struct tw_pool *p, struct tw_handle h)
{
	void *value = tw_pool_get(p, h);
	struct tw_pool_slot *s;

	if (!value)
		return NULL;
	s = &p->slots[h.slot];
	s->value = NULL;
	if (!++s->generation)
		s->generation = 1;
	s->next_free = p->free_head;
	p->free_head = h.slot + 1;
	return value;
}

void *tw_pool_at(const struct tw_pool *p, uint32_t slot, struct tw_handle *ret_handle)
{
	if (slot >= p->n || !p->slots[slot].value)
		return NULL;
	if (ret_handle)
		*ret_handle = (struct tw_handle){ slot, p->slots[slot].generation };
	return p->slots[slot].value;
}
