/* What single steps want: an intent of each, with the texts in it rendered. Where the steps go on,
 * and where they stop, is in run.c. */
#include "run.h"

bool run_set(struct flow_run *run, const struct flow_op *op, struct flow_intent *ret)
{
	while (run->set_done < (int)op->b) {
		const struct flow_set *s = &run->f->sets[op->a + (uint32_t)run->set_done++];
		struct tw_buf value = { 0 };
		bool has = true;

		tw_buf_clear(&run->text);
		if (s->is_expression)
			has = flow_condition_value(run, s->value, &run->text);
		else
			flow_text_render(run, s->value, &run->text);
		has = has && run->text.n;
		if (has && s->field != FLOW_NONE) {
			has = flow_field_read(flow_field(run->f, s->field)->type,
					      tw_buf_str(&run->text), run->text.n, &value);
			tw_buf_clear(&run->text);
			tw_buf_add(&run->text, tw_buf_str(&value), value.n);
		}
		tw_buf_done(&value);
		flow_run_intent(run, FLOW_SET, ret);
		if (!has)
			ret->text = NULL;
		ret->name = flow_string(run->f, s->name);
		run->pc--;		/* here again, until all are set */
		return true;
	}
	run->set_done = 0;
	return false;
}

bool run_name(struct flow_run *run, const struct flow_op *op, enum flow_intent_type type,
	      struct flow_intent *ret)
{
	tw_buf_clear(&run->text);
	flow_run_intent(run, type, ret);
	ret->name = flow_string(run->f, op->a);
	return true;
}

bool run_series(struct flow_run *run, const struct flow_op *op, bool redeems,
		struct flow_intent *ret)
{
	tw_buf_clear(&run->text);
	if (redeems)
		flow_text_render(run, op->b, &run->text);
	flow_run_intent(run, redeems ? FLOW_REDEEM : FLOW_VOUCHER, ret);
	ret->series = &flow_series_at(run->f, op->a)->pub;
	ret->name = ret->series->name;
	run->awaits = redeems ? VARIABLE_REDEEMED : VARIABLE_VOUCHER;
	flow_variable_set(run, run->awaits, NULL, 0);
	return true;
}

bool run_split(struct flow_run *run, uint32_t at, const struct flow_op *op,
	       struct flow_intent *ret)
{
	const struct flow_split *s = &run->f->splits[op->a];

	tw_buf_clear(&run->text);
	flow_run_intent(run, FLOW_SPLIT, ret);
	ret->name = s->name;
	ret->arms = s->arms;
	ret->n_arms = s->n;
	run->split_at = at;
	return true;
}

/* The first number in the text: "I give 20 pounds". */
static bool read_amount(const struct tw_buf *text, double *ret)
{
	const char *p = tw_buf_str(text), *end = p + text->n;
	char plain[32];
	size_t n = 0;
	bool has_point = false;

	while (p < end && n + 2 < sizeof(plain)) {
		int32_t c = tw_utf8_next(&p, end);
		int digit = tw_digit_value((uint32_t)c);

		if (digit >= 0) {
			plain[n++] = (char)('0' + digit);
		} else if (n && !has_point && (c == '.' || c == ',') && p < end) {
			plain[n++] = '.';
			has_point = true;
		} else if (n) {
			break;
		} else if (c == '-') {
			return false;
		}
	}
	plain[n] = '\0';
	*ret = strtod(plain, NULL);
	return n > 0 && p <= end && n + 2 < sizeof(plain);
}

bool run_pledge(struct flow_run *run, const struct flow_op *op, struct flow_intent *ret)
{
	const struct flow_pledge *p = flow_pledge_at(run->f, op->a);
	double amount;

	tw_buf_clear(&run->text);
	flow_text_render(run, op->b, &run->text);
	flow_variable_set(run, VARIABLE_PLEDGE, NULL, 0);
	if (!read_amount(&run->text, &amount) || amount <= 0 || amount < p->min ||
	    (p->max > 0 && amount > p->max))
		return false;
	tw_buf_clear(&run->text);
	tw_buf_addf(&run->text, "%.2f", amount);
	flow_variable_set(run, VARIABLE_PLEDGE, run->text.p, run->text.n);
	flow_run_intent(run, FLOW_PLEDGE, ret);
	ret->name = p->name;
	return true;
}

bool run_send(struct flow_run *run, const struct flow_op *op, struct flow_intent *ret)
{
	const struct flow_send *s = &run->f->sends[op->a];

	tw_buf_clear(&run->text);
	tw_buf_clear(&run->to);
	flow_text_render(run, s->to, &run->to);
	flow_text_render(run, s->text, &run->text);
	if (!run->text.n || !run->to.n)
		return false;
	flow_run_intent(run, FLOW_SEND, ret);
	ret->to = tw_buf_str(&run->to);
	ret->from = s->from ? s->from : "";
	ret->pool = s->pool ? s->pool : "";
	return true;
}

bool run_ticket(struct flow_run *run, const struct flow_op *op, struct flow_intent *ret)
{
	bool calls = op->code == OP_CALLBACK;

	tw_buf_clear(&run->text);
	if (!calls)
		flow_text_render(run, op->b, &run->text);
	flow_variable_set(run, VARIABLE_TICKET, NULL, 0);
	run->awaits = VARIABLE_TICKET;
	flow_run_intent(run, calls ? FLOW_CALLBACK : FLOW_TICKET, ret);
	ret->name = flow_string(run->f, op->a);
	ret->within = calls ? run->f->asks[op->b].within : 0;
	return true;
}

bool run_forward(struct flow_run *run, const struct flow_op *op, struct flow_intent *ret)
{
	tw_buf_clear(&run->text);
	flow_run_intent(run, FLOW_FORWARD, ret);
	*(op->b ? &ret->to : &ret->name) = flow_string(run->f, op->a);
	return true;
}
