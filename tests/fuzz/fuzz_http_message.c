/* The body of POST /api/v1/messages: whatever comes, a post with its two fields or a named fault. */
#include <assert.h>

#include "../../src/http/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct http_post p = { 0 };
	struct http_fault fault = { "" };

	if (http_post_read((const char *)data, n, &p, &fault)) {
		assert(fault.text[0]);
		return 0;
	}
	assert(p.to && *p.to && p.text);
	assert(p.send_at.ms >= 0 && p.valid_for >= 0);
	http_post_done(&p);
	return 0;
}
