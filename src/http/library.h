/* Between server.c and connection.c, the only files that know libmicrohttpd. */
#ifndef TWOWAY_HTTP_LIBRARY_H
#define TWOWAY_HTTP_LIBRARY_H

#include "internal.h"

#include <microhttpd.h>

/* cls is the listener; the contexts are a struct http_conn and a struct http_request. */
void http_on_connection(void *cls, struct MHD_Connection *connection, void **socket_context,
			enum MHD_ConnectionNotificationCode code);
enum MHD_Result http_on_request(void *cls, struct MHD_Connection *c, const char *path,
				const char *method, const char *version, const char *data,
				size_t *data_n, void **context);
void http_on_completed(void *cls, struct MHD_Connection *c, void **context,
		       enum MHD_RequestTerminationCode code);
void *http_on_uri(void *cls, const char *uri, struct MHD_Connection *c);
/* Ends the connections that have held no whole request for HTTP_REQUEST_MS. */
void http_cut_off_slow(struct http *h, struct mono_ms now);

#endif
