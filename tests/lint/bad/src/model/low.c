/* On floor 1: each of these is wrong but the first, the second and the comment. */
#include <twoway/model.h>
#include <twoway/base.h>
#include <twoway/store.h>
#  include <twoway/sms.h>
#include "../store/db.h"
#include <uv.h>
#include <curl/curl.h>
#include <nettle/sha2.h>
#include "own.h"
#include <stdio.h>
/* #include <twoway/http.h> */

void low(void);
void low(void)
{
	tw_log(TW_INFO, "x", "y=%d", 1);
	my_tw_log(1);
	printf("%s", tw_log_text("z"));
}
