/* A transport that keeps what it is given in a list; the scenario answers. */
#ifndef FAKE_HOOK_H
#define FAKE_HOOK_H

#include <twoway/hook.h>

enum { FAKE_CALLS = 4096 };
struct fake_call {
	uint64_t token;
	enum hook_kind kind;
	char name[HOOK_NAME_MAX], *url, *head, *headers, *body;
	bool is_post, is_trusted, is_over;
	int64_t total_ms;
};
struct fake_hook {
	struct hook_transport transport;
	struct hook *hook;
	struct fake_call calls[FAKE_CALLS];
	size_t n;
	/* Not NULL: every call is answered by it as it starts; 0: it is left open. */
	int (*answer)(void *ctx, const struct fake_call *call, struct hook_answer *ret);
	void *ctx;
};
void fake_hook_init(struct fake_hook *f);
void fake_hook_done(struct fake_hook *f);
/* The oldest call that is open, NULL none. */
struct fake_call *fake_hook_open(struct fake_hook *f);
size_t fake_hook_count(const struct fake_hook *f);	/* open ones */
void fake_hook_answer(struct fake_hook *f, struct fake_call *call, int status, const char *type,
		      const char *body);
void fake_hook_fail(struct fake_hook *f, struct fake_call *call, enum hook_failure failure);
void fake_hook_die(struct fake_hook *f);	/* with the process: nothing open is answered */

#endif
