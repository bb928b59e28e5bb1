/* Files as conversations know them: by the SHA-256 of their text, and their steps by number. */
#include "internal.h"

const struct flow_file *flow_file_of_version(const struct flows *f, const uint8_t *version)
{
	for (size_t i = 0; i < f->n_files; i++)
		if (!memcmp(f->files[i].version, version, FLOW_VERSION_SIZE))
			return &f->files[i];
	return NULL;
}

/* Ops of a file lie together, files in order. */
const struct flow_file *flow_file_of_op(const struct flows *f, uint32_t op)
{
	const struct flow_file *found = NULL;

	for (size_t i = 0; i < f->n_files && f->files[i].first_op <= op; i++)
		found = &f->files[i];
	return found;
}

/* The op of a step's verb: what stands before it is its guard. */
uint32_t flow_step_op(const struct flow_file *file, uint32_t step)
{
	return step && step <= file->n_steps ? file->steps[step - 1] : 0;
}

bool flow_code_stands(enum flow_code code)
{
	return code == OP_ASK || code == OP_WAIT || code == OP_CONFIRM || code == OP_WEBHOOK ||
	       code == OP_EXEC || code == OP_EMAIL || code == OP_CALL_FORWARD ||
	       code == OP_APPOINTMENT;
}

bool flows_version(const struct flows *f, const uint8_t *id, struct flow_version *ret)
{
	const struct flow_file *file = flow_file_of_version(f, id);

	if (!file)
		return false;
	*ret = (struct flow_version){ .id = file->version, .name = file->path,
				      .account = f->owners[file->account].name, .text = file->text,
				      .text_n = file->text_n };
	return true;
}

/* ---- from one version to another ----------------------------------------------------------- */

static const char *label_of(const struct flows *f, const struct flow_file *file, uint32_t step)
{
	uint32_t label = step && step <= file->n_labels ? file->labels[step - 1] : 0;

	return label ? flow_string(f, label - 1) : NULL;
}

/* The step of a label at which a conversation can stand so; 0 none. */
static uint32_t find_label(const struct flows *f, const struct flow_file *file, const char *label,
			   enum flow_code code)
{
	for (uint32_t step = 1; step <= file->n_steps; step++) {
		const char *own = f->ops[file->steps[step - 1]].code == code
			? label_of(f, file, step) : NULL;

		if (own && !strcmp(own, label))
			return step;
	}
	return 0;
}

/* The file of the same name, else the only one of the account with such a step: files are
 * renamed. */
static const struct flow_file *find_file(const struct flows *f, const char *account,
					 const char *path,
					 const char *label, enum flow_code code, uint32_t *ret_step)
{
	const struct flow_file *found = NULL;
	int owner = flow_account_named(f, account), others = 0;
	uint32_t step;

	for (size_t i = 0; i < f->n_files; i++) {
		const struct flow_file *file = &f->files[i];

		step = file->account == owner ? find_label(f, file, label, code) : 0;
		if (step && !strcmp(file->path, path)) {
			*ret_step = step;
			return file;
		}
		if (!strcmp(file->path, path) && file->account == owner)
			return NULL;	/* it is there, and the label is gone */
		if (step) {
			others++;
			found = file;
			*ret_step = step;
		}
	}
	return others == 1 ? found : NULL;
}

enum flow_move flow_move_place(const struct flows *from, const struct flows *to,
			       const uint8_t *version,
			       uint32_t step, int stands, struct flow_moved *ret)
{
	const struct flow_file *file = flow_file_of_version(from, version), *target;
	uint32_t op = file ? flow_step_op(file, step) : 0;
	enum flow_code code = stands == FLOW_ASKING ? OP_ASK : OP_WAIT;

	*ret = (struct flow_moved){ .file = file ? file->path : "", .line = op ? from->ops[op].line
				    : 0 };
	if (flow_file_of_version(to, version))
		return FLOW_MOVE_NONE;
	if (!op)
		return FLOW_MOVE_ENDS;
	ret->label = label_of(from, file, step);
	if (!ret->label || (stands != FLOW_ASKING && stands != FLOW_WAITING))
		return FLOW_MOVE_STAYS;
	target = find_file(to, from->owners[file->account].name, file->path, ret->label, code,
			   &ret->step);
	if (!target)
		return FLOW_MOVE_ENDS;
	memcpy(ret->version, target->version, FLOW_VERSION_SIZE);
	return FLOW_MOVE_TO;
}

/* ---- the open question of an event --------------------------------------------------------- */

static const struct flow_ask *ask_of(const struct flow_event *e)
{
	const struct flow_question *q = e->question;
	const struct flow_file *file = flow_file_of_version(q->flows, q->version);
	uint32_t op = file ? flow_step_op(file, q->step) : 0;

	return op && q->flows->ops[op].code == OP_ASK ? &q->flows->asks[q->flows->ops[op].a] : NULL;
}

/* One whose step is gone takes any text: it ends, and says so. */
bool flow_question_takes(const struct flow_event *e)
{
	const struct flow_ask *ask = ask_of(e);
	int account = flow_account_named(e->question->flows, e->question->account);
	struct flow_run run;
	struct tw_buf value = { 0 };
	bool takes;

	if (!ask || account == FLOW_NONE)
		return true;
	run = flow_run_new(e->question->flows, e, account, NULL);
	flow_variables_load(&run, e->question->variables, e->question->variables_n);
	takes = flow_expect_takes(&run, &ask->expect, e->text, e->text_n, &value);
	tw_buf_done(&value);
	flow_variables_done(&run);
	return takes;
}

enum flow_policy flow_question_policy(const struct flow_event *e)
{
	const struct flow_ask *ask = ask_of(e);

	return ask ? ask->policy : POLICY_AUTO;
}

/* ---- coverage ------------------------------------------------------------------------------ */

/* Ops that are somebody's step, or a branch of one. */
static bool is_step(const struct flow_op *op)
{
	return *flow_code_name((enum flow_code)op->code) && op->code != OP_UNLESS;
}

void flows_cover(const struct flows *f, struct flow_cover ret[FLOW_COVER_COUNT])
{
	memset(ret, 0, FLOW_COVER_COUNT * sizeof(*ret));
	for (size_t i = 0; i < f->n_keywords; i++) {
		uint32_t first = f->keywords[i].program.first;

		ret[FLOW_COVER_KEYWORDS].all += first != 0;
		ret[FLOW_COVER_KEYWORDS].seen += first && f->seen[first];
	}
	for (size_t i = 0; i < f->n_ops; i++) {
		if (f->ops[i].code == OP_UNLESS) {
			ret[FLOW_COVER_BRANCHES].all += 2;
			ret[FLOW_COVER_BRANCHES].seen += (f->seen[i] & FLOW_SEEN_TRUE) != 0;
			ret[FLOW_COVER_BRANCHES].seen += (f->seen[i] & FLOW_SEEN_FALSE) != 0;
		} else if (is_step(&f->ops[i])) {
			ret[FLOW_COVER_STEPS].all++;
			ret[FLOW_COVER_STEPS].seen += f->seen[i] != 0;
		}
	}
}

void flows_uncovered(const struct flows *f,
		     void (*cb)(void *ctx, const char *file, unsigned line, const char *what),
		     void *ctx)
{
	for (uint32_t i = 0; i < f->n_ops; i++) {
		const struct flow_op *op = &f->ops[i];
		const char *file = flow_file_of_op(f, i) ? flow_file_of_op(f, i)->path : "";

		if (op->code == OP_UNLESS && !(f->seen[i] & FLOW_SEEN_TRUE))
			cb(ctx, file, op->line, "`when` was never true");
		else if (op->code == OP_UNLESS && !(f->seen[i] & FLOW_SEEN_FALSE))
			cb(ctx, file, op->line, "`when` was always true");
		else if (is_step(op) && !f->seen[i])
			cb(ctx, file, op->line, flow_code_name((enum flow_code)op->code));
	}
}

void flows_trace(struct flows *f, void (*cb)(void *ctx, const char *file, unsigned line,
					     const char *verb), void *ctx)
{
	f->trace = cb;
	f->trace_ctx = ctx;
}
