/* How handlers read what they are given: bodies that are JSON, members by name (the query:
 * internal.h). Each refuses by itself, the member named, and then says false (or NULL). */
#ifndef TWOWAY_HTTP_READ_H
#define TWOWAY_HTTP_READ_H

#include "internal.h"

#include <jansson.h>

/* A sentence on what jansson says; a member that was given twice is named. */
void http_json_fault(const json_error_t *e, char *out, size_t cap);
/* The body as an object that has none but these members. One that is empty is an object without
 * any. */
json_t *http_read_object(struct http_request *r, const char *const *names, size_t n);
/* The same of an object inside it; where: what stands before its members' names ("rows[3]."), ""
 * nothing. */
bool http_check_members(struct http_request *r, json_t *object, const char *where,
			const char *const *names, size_t n);
/* A text; *ret is NULL where there is none, or null. Borrowed from the object. */
bool http_read_text(struct http_request *r, json_t *object, const char *where, const char *name,
		    const char **ret);
bool http_need_text(struct http_request *r, json_t *object, const char *name, const char **ret);
/* At most max texts; *ret_n 0 where there are none. */
bool http_read_texts(struct http_request *r, json_t *object, const char *name, const char **out,
		     size_t max,
		     size_t *ret_n);
/* false where there is none, or null. */
bool http_read_flag(struct http_request *r, json_t *object, const char *name, bool *ret);
/* A time in RFC 3339; *ret stays where text is NULL. */
bool http_read_time(struct http_request *r, const char *name, const char *text,
		    struct wall_ms *ret);

#endif
