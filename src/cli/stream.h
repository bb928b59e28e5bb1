/* Server-sent events, read as they come (WHATWG HTML, 9.2.6), and told as lines. */
#ifndef TWOWAY_CLI_STREAM_H
#define TWOWAY_CLI_STREAM_H

#include "cli.h"

enum { STREAM_ID_MAX = 24 };
struct stream {			/* zeroed, with take and ctx */
	void (*take)(void *ctx, const char *data, size_t n);
	void *ctx;
	struct tw_buf line, data;
	char id[STREAM_ID_MAX];		/* of the event; "" none yet */
};
void stream_feed(struct stream *s, const char *p, size_t n);
void stream_done(struct stream *s);
/* One event as a line for a person. */
void stream_describe(json_t *event, bool colour, struct wall_ms now, struct tw_buf *out);

#endif
