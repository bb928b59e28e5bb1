/* GET /api/v1/backup: the database as a file, made while it works. The handler runs behind each
 * turn, for a slice, until the copy is whole; then the file is the answer. Its name is gone by
 * then, so that nothing is left lying about, whatever becomes of the connection. */
#include "internal.h"

#include <fcntl.h>
#include <unistd.h>

void http_backup_done(struct http_request *r)
{
	store_backup_end(r->backup);
	r->backup = NULL;
	if (r->backup_path)
		unlink(r->backup_path);
	free(r->backup_path);
	r->backup_path = NULL;
	if (r->file >= 0)
		close(r->file);
	r->file = -1;
}

static void fail(struct http_request *r, int code)
{
	http_backup_done(r);
	http_refuse(r, 507, HTTP_CODE_NOT_COMMITTED,
		    "the copy could not be written beside the database: %s", tw_strerror(code));
}

static bool begin(struct http_request *r)
{
	struct http *h = r->h;
	int code;

	if (!h->setup.store || h->is_closing) {
		http_refuse(r, 503, HTTP_CODE_UNAVAILABLE, "not possible now: %s", h->health);
		return false;
	}
	if (tw_pool_get(&h->requests, h->backup)) {
		http_refuse(r, 429, HTTP_CODE_BUSY, "a backup is being made already");
		return false;
	}
	r->backup_path = tw_printf("%s.backup", h->setup.settings->database);
	unlink(r->backup_path);		/* what a crash left */
	code = store_backup_begin(h->setup.store, r->backup_path, &r->backup);
	if (code < 0)
		fail(r, code);
	else
		h->backup = r->self;
	return code >= 0;
}

static void finish(struct http_request *r)
{
	int file = open(r->backup_path, O_RDONLY | O_CLOEXEC);

	http_backup_done(r);
	r->h->backup = (struct tw_handle){ 0 };
	if (file < 0) {
		fail(r, TW_E_GONE);
		return;
	}
	r->file = file;
	r->status = 200;
	r->out_type = "application/vnd.sqlite3";
}

void http_get_backup(struct http_request *r, struct tw_now now)
{
	int code;

	(void)now;
	if (!r->backup && !begin(r))
		return;
	code = store_backup_step(r->backup, HTTP_SLICE_MS);
	if (code < 0) {
		r->h->backup = (struct tw_handle){ 0 };
		fail(r, code);
	} else if (code == 1) {
		finish(r);
	}
}
