#include "fake_hook.h"

#include <check.h>

static void start(void *ctx, const struct hook_call *c)
{
	struct fake_hook *f = ctx;
	struct fake_call *to = &f->calls[f->n++];
	struct hook_answer a = { 0 };
	struct tw_buf headers = { 0 };

	ck_assert_uint_le(f->n, FAKE_CALLS);
	for (size_t i = 0; i < c->n_headers; i++)
		tw_buf_addf(&headers, "%s\n", c->headers[i]);
	*to = (struct fake_call){ .token = c->token, .kind = c->kind, .url = tw_strdup(c->url),
				  .head = tw_strdup(c->head), .headers = tw_buf_take(&headers),
				  .body = tw_strndup(c->body ? c->body : "", c->body_n),
				  .is_post = c->is_post, .is_trusted = c->is_trusted,
				  .total_ms = c->total_ms };
	tw_strset(to->name, sizeof(to->name), c->name);
	if (!f->answer || !f->answer(f->ctx, to, &a))
		return;
	to->is_over = true;
	hook_answer(f->hook, to->token, &a);
}

static void cancel(void *ctx, uint64_t token)
{
	struct fake_hook *f = ctx;

	for (size_t i = 0; i < f->n; i++)
		if (f->calls[i].token == token)
			f->calls[i].is_over = true;
}

static void work(void *ctx, struct tw_now now)
{
	(void)ctx, (void)now;
}

static struct mono_ms deadline(void *ctx)
{
	(void)ctx;
	return MONO_NEVER;
}

void fake_hook_init(struct fake_hook *f)
{
	*f = (struct fake_hook){ .transport = { f, start, cancel, work, deadline } };
}

void fake_hook_done(struct fake_hook *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->calls[i].url);
		free(f->calls[i].head);
		free(f->calls[i].headers);
		free(f->calls[i].body);
	}
	f->n = 0;
}

struct fake_call *fake_hook_open(struct fake_hook *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (!f->calls[i].is_over)
			return &f->calls[i];
	return NULL;
}

size_t fake_hook_count(const struct fake_hook *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += !f->calls[i].is_over;
	return n;
}

void fake_hook_answer(struct fake_hook *f, struct fake_call *call, int status, const char *type,
		      const char *body)
{
	call->is_over = true;
	hook_answer(f->hook, call->token, &(struct hook_answer){
		.status = status, .type = type, .body = body, .body_n = body ? strlen(body) : 0 });
}

void fake_hook_fail(struct fake_hook *f, struct fake_call *call, enum hook_failure failure)
{
	call->is_over = true;
	hook_answer(f->hook, call->token, &(struct hook_answer){ .failure = failure, .error = "failed" });
}

void fake_hook_die(struct fake_hook *f)
{
	for (size_t i = 0; i < f->n; i++)
		f->calls[i].is_over = true;
}
