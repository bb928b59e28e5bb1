/* Jumps: `go` to a label of its file, else to a keyword of its account; and loops of them, which
 * would never end. */
#include <stdio.h>

#include "internal.h"

static char *label_key(int file, const char *label)
{
	return tw_printf("%d %s", file, label);
}

void flow_label_put(struct flow_compile *c, const char *label)
{
	tw_auto(tw_free_charp) char *key = label_key(c->file, label);

	tw_map_put(&c->f->label_ops, key, strlen(key), (void *)(uintptr_t)(c->f->n_ops + 1));
}

uint32_t flow_label_op(const struct flows *f, int file, const char *label)
{
	tw_auto(tw_free_charp) char *key = label_key(file, label);
	uintptr_t op = (uintptr_t)tw_map_get(&f->label_ops, key, strlen(key));

	return op ? (uint32_t)op - 1 : 0;
}

/* The first keyword of the account with this match; those of the file go first. */
static const struct flow_keyword *first_keyword(const struct flows *f, const struct flow_match *m,
						int file, int account)
{
	const struct flow_keyword *found = NULL;

	for (size_t i = 0; i < m->n_rows; i++) {
		const struct flow_keyword *k = &f->keywords[m->rows[i]];

		if (k->account == account && (!found || (k->file == file && found->file != file)))
			found = k;
	}
	return found;
}

bool flow_target_find(struct flow_compile *c, const struct tw_conf_node *node, int file,
		      int account, uint32_t *ret_op, const struct flow_match **ret_match)
{
	const char *name = tw_conf_string(node);
	uint32_t op = flow_label_op(c->f, file, name);
	const struct flow_match *m = NULL;
	struct tw_buf key = { 0 };

	tw_fold_key(name, strlen(name), &key);
	if (!op && key.n)
		m = tw_map_get(&c->f->by_key, key.p, key.n);
	if (m && !first_keyword(c->f, m, file, account))
		m = NULL;
	tw_buf_done(&key);
	if (op)
		flow_note_label_used(c->f, file, name);
	*ret_op = op;
	*ret_match = m;
	if (!op && !m && !c->f->base)
		tw_conf_fault(node, c->findings, true,
			      "`go` leads nowhere: \"%s\" is no label of this "
			      "file and no keyword of account %s", name,
			      c->f->owners[account].name);
	return op || m;
}

static void settle_one(struct flow_compile *c, const struct flow_jump *j)
{
	struct flow_op *op = &c->f->ops[j->op];
	const struct flow_match *m;

	if (!flow_target_find(c, j->node, j->file, j->account, &op->b, &m))
		op->code = OP_STOP;	/* of a former version: what it led to was in another
					 * file */
	else if (m)
		op->b = first_keyword(c->f, m, j->file, j->account)->program.first;
}

/* ---- loops --------------------------------------------------------------------------------- */

enum mark { WHITE, GREY, BLACK };
struct walk { const struct flows *f; uint8_t *marks; uint32_t *stack; size_t n; };

/* Where the steps go on behind an op within the same turn; at most cap, 0 where they stop. */
static size_t successors(const struct flows *f, uint32_t at, uint32_t out[32])
{
	const struct flow_op *op = &f->ops[at];
	size_t n = 0;

	switch ((enum flow_code)op->code) {
	case OP_STOP:
	case OP_END:
	case OP_ASK:		/* it waits: a loop through it ends when the customer is silent */
	case OP_WAIT:
		return 0;
	case OP_GO:
	case OP_JUMP:
		out[0] = op->b;
		return op->b ? 1 : 0;
	case OP_SPLIT:
		for (size_t i = 0; i < f->splits[op->a].n && n < 32; i++)
			out[n++] = f->splits[op->a].targets[i];
		return n;
	case OP_APPOINTMENT:
		if (f->appointments[op->a].fallback)
			out[n++] = f->appointments[op->a].fallback;
		if (op->b)
			out[n++] = op->b;
		break;
	case OP_UNLESS:
		if (op->b)
			out[n++] = op->b;
		break;
	case OP_WEBHOOK:	/* nothing waits here for a customer or a time */
	case OP_EXEC:
	case OP_EMAIL:
	case OP_CALL_FORWARD:
		if (op->b)
			out[n++] = op->b;
		break;
	case OP_REPLY:
	case OP_SET:
	case OP_TAG:
	case OP_UNTAG:
	case OP_VOUCHER:
	case OP_REDEEM:
	case OP_PLEDGE:
	case OP_SEND:
	case OP_CONFIRM:
	case OP_SUBSCRIBE:
	case OP_UNSUBSCRIBE:
	case OP_TICKET:
	case OP_CALLBACK:
	case OP_FORWARD:
	case OP_ASIDE:
	case OP_NOTHING:
		break;
	}
	if (at + 1 < f->n_ops)
		out[n++] = at + 1;
	return n;
}

/* Depth first, without recursion: an op stays on the stack, grey, until all behind it is black. The
 * op from which the walk came back to a grey one, or 0. */
static uint32_t find_loop(struct walk *w, uint32_t from)
{
	w->stack[w->n++] = from;
	while (w->n) {
		uint32_t at = w->stack[w->n - 1], next[32];
		size_t n = successors(w->f, at, next), white = n;

		w->marks[at] = GREY;
		for (size_t i = 0; i < n; i++) {
			if (w->marks[next[i]] == GREY)
				return at;
			if (w->marks[next[i]] == WHITE)
				white = i;
		}
		if (white < n) {
			w->stack[w->n++] = next[white];
		} else {
			w->marks[at] = BLACK;
			w->n--;
		}
	}
	return 0;
}

/* Only `go` leads back. */
static void refuse_loops(struct flow_compile *c)
{
	struct walk w = { .f = c->f, .marks = tw_zalloc(c->f->n_ops + 1),
			  .stack = tw_alloc((c->f->n_ops + 1) * sizeof(uint32_t)) };

	for (size_t i = 0; i < c->n_jumps; i++) {
		uint32_t op = c->jumps[i].op;

		if (w.marks[op] != WHITE || !find_loop(&w, op))
			continue;
		tw_conf_fault(c->jumps[i].node, c->findings, true,
			      "this `go` never ends: what it leads to comes "
			      "back here without an `ask` or a `wait` between");
		break;
	}
	free(w.marks);
	free(w.stack);
}

void flow_jumps_settle(struct flow_compile *c)
{
	size_t before = c->findings->errors;

	for (size_t i = 0; i < c->n_jumps; i++)
		settle_one(c, &c->jumps[i]);
	if (c->n_jumps && c->findings->errors == before)
		refuse_loops(c);
	flow_early_settle(c);
	free(c->jumps);
	c->jumps = NULL;
}
