/* The write-ahead log is written in one piece: SQLite writes each frame's header and page apart,
 * forty calls for a turn of twenty pages. This layer over the system's files gathers what follows
 * on each other and hands it on before anything else is asked of the file; the sync that ends a
 * commit comes behind it, so that nothing is told that is not on disk. All other files go to the
 * system as they are. */
#include "db.h"

enum { GATHER = 64 << 10 };

struct log_file {
	sqlite3_file file;		/* first: what SQLite sees */
	sqlite3_file *real;		/* behind this one, in the same memory */
	sqlite3_int64 at;		/* where the gathered octets belong */
	int n;
	char *gathered;
};

static int hand_on(struct log_file *f)
{
	int n = f->n;

	f->n = 0;	/* after a failure SQLite takes the transaction back, and writes here
			 * anew */
	return n ? f->real->pMethods->xWrite(f->real, f->gathered, n, f->at) : SQLITE_OK;
}

static int log_close(sqlite3_file *file)
{
	struct log_file *f = (struct log_file *)file;
	int code = hand_on(f), closed = f->real->pMethods->xClose(f->real);

	free(f->gathered);
	f->gathered = NULL;
	return code != SQLITE_OK ? code : closed;
}

static int log_read(sqlite3_file *file, void *out, int n, sqlite3_int64 at)
{
	struct log_file *f = (struct log_file *)file;
	int code = hand_on(f);

	return code != SQLITE_OK ? code : f->real->pMethods->xRead(f->real, out, n, at);
}

static int log_write(sqlite3_file *file, const void *octets, int n, sqlite3_int64 at)
{
	struct log_file *f = (struct log_file *)file;
	int code = SQLITE_OK;

	if (f->n && (at != f->at + f->n || n > GATHER - f->n))
		code = hand_on(f);
	if (code != SQLITE_OK)
		return code;
	if (n > GATHER)
		return f->real->pMethods->xWrite(f->real, octets, n, at);
	if (!f->n)
		f->at = at;
	memcpy(f->gathered + f->n, octets, (size_t)n);
	f->n += n;
	return SQLITE_OK;
}

static int log_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct log_file *f = (struct log_file *)file;
	int code = hand_on(f);

	return code != SQLITE_OK ? code : f->real->pMethods->xTruncate(f->real, size);
}

static int log_sync(sqlite3_file *file, int flags)
{
	struct log_file *f = (struct log_file *)file;
	int code = hand_on(f);

	return code != SQLITE_OK ? code : f->real->pMethods->xSync(f->real, flags);
}

static int log_size(sqlite3_file *file, sqlite3_int64 *ret)
{
	struct log_file *f = (struct log_file *)file;
	int code = hand_on(f);

	return code != SQLITE_OK ? code : f->real->pMethods->xFileSize(f->real, ret);
}

static int log_lock(sqlite3_file *file, int level)
{
	struct log_file *f = (struct log_file *)file;

	return f->real->pMethods->xLock(f->real, level);
}

static int log_unlock(sqlite3_file *file, int level)
{
	struct log_file *f = (struct log_file *)file;

	return f->real->pMethods->xUnlock(f->real, level);
}

static int log_is_reserved(sqlite3_file *file, int *ret)
{
	struct log_file *f = (struct log_file *)file;

	return f->real->pMethods->xCheckReservedLock(f->real, ret);
}

static int log_control(sqlite3_file *file, int op, void *argument)
{
	struct log_file *f = (struct log_file *)file;

	return f->real->pMethods->xFileControl(f->real, op, argument);
}

static int log_sector(sqlite3_file *file)
{
	struct log_file *f = (struct log_file *)file;

	return f->real->pMethods->xSectorSize(f->real);
}

static int log_traits(sqlite3_file *file)
{
	struct log_file *f = (struct log_file *)file;

	return f->real->pMethods->xDeviceCharacteristics(f->real);
}

static const sqlite3_io_methods log_methods = {
	.iVersion = 1, .xClose = log_close, .xRead = log_read, .xWrite = log_write,
	.xTruncate = log_truncate, .xSync = log_sync, .xFileSize = log_size, .xLock = log_lock,
	.xUnlock = log_unlock, .xCheckReservedLock = log_is_reserved, .xFileControl = log_control,
	.xSectorSize = log_sector, .xDeviceCharacteristics = log_traits,
};

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
		     int *ret_flags)
{
	sqlite3_vfs *system = vfs->pAppData;
	struct log_file *f = (struct log_file *)file;

	if (!(flags & SQLITE_OPEN_WAL))
		return system->xOpen(system, name, file, flags, ret_flags);
	*f = (struct log_file){ .real = (sqlite3_file *)(f + 1) };
	int code = system->xOpen(system, name, f->real, flags, ret_flags);

	if (code != SQLITE_OK)
		return code;
	f->gathered = tw_alloc(GATHER);
	f->file.pMethods = &log_methods;
	return SQLITE_OK;
}

const char *log_file_system(void)
{
	static sqlite3_vfs vfs;

	if (vfs.zName)
		return vfs.zName;
	sqlite3_vfs *system = sqlite3_vfs_find(NULL);

	vfs = *system;
	vfs.zName = "twoway";
	vfs.pNext = NULL;
	vfs.pAppData = system;
	vfs.szOsFile = (int)sizeof(struct log_file) + system->szOsFile;
	vfs.xOpen = open_file;
	sqlite3_vfs_register(&vfs, 0);
	return vfs.zName;
}
