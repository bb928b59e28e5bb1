/* Codes to sentence fragments. */
#include <twoway/base.h>

#include <stdio.h>

static const char *const texts[] = {
#define X(name, text) text,
	TW_ERRORS(X)
#undef X
};

const char *tw_strerror(int code)
{
	static _Thread_local char buf[128];

	if (code > TW_E_FIRST && code < TW_E_END)
		return texts[code - TW_E_FIRST - 1];
	if (code >= 0)
		return "no error";
	if (code < TW_E_FIRST) {
		snprintf(buf, sizeof(buf), "error %d", code);
		return buf;
	}
	return strerror_r(-code, buf, sizeof(buf));
}
