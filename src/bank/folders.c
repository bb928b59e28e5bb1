/* The folders in which ports come and go. One inotify descriptor for all, and for names alone: in
 * /dev each write to any device would count as a change of the folder's content. */
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { NAMES = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB };

static void forget_folder(struct bank *b, int wd)
{
	for (size_t i = 0; i < b->folders.n; i++) {
		if (b->folders.v[i].wd != wd)
			continue;
		free(b->folders.v[i].path);
		b->folders.v[i] = b->folders.v[--b->folders.n];
		return;
	}
}

static const char *folder_of(const struct bank *b, int wd)
{
	for (size_t i = 0; i < b->folders.n; i++)
		if (b->folders.v[i].wd == wd)
			return b->folders.v[i].path;
	return NULL;
}

/* A port of that name is tried at once; a new tty may belong to a stick. */
static void on_name(struct bank *b, const char *folder, const char *name, struct tw_now now)
{
	char path[BANK_PORT_MAX];

	snprintf(path, sizeof(path), "%.150s/%.100s", folder, name);
	for (uint32_t slot = 0; slot < b->devices.n; slot++) {
		struct device *d = tw_pool_at(&b->devices, slot, NULL);

		if (d && !d->is_open && d->open_at.ms != INT64_MAX &&
		    strcmp(d->entry->port, path) == 0)
			d->open_at = now.mono;
	}
	if (b->finder && b->finder->folder && strcmp(folder, b->finder->folder) == 0 &&
	    strncmp(name, "tty", 3) == 0)
		find_soon(b, now);
}

static void on_events(void *ctx, int fd, int events)
{
	struct bank *b = ctx;
	struct tw_now now = loop_now(b->loop);
	_Alignas(struct inotify_event) char room[4096];
	ssize_t n;

	(void)events;
	while ((n = read(fd, room, sizeof(room))) > 0) {
		for (char *p = room; p < room + n; ) {
			const struct inotify_event *e = (const struct inotify_event *)p;
			const char *folder = folder_of(b, e->wd);

			if (e->mask & IN_Q_OVERFLOW)
				find_soon(b, now);
			else if (e->mask & IN_IGNORED)
				forget_folder(b, e->wd);
			else if (folder && e->len)
				on_name(b, folder, e->name, now);
			p += sizeof(*e) + e->len;
		}
	}
}

bool folders_watch(struct bank *b, const char *folder)
{
	int wd;

	if (!b->loop)
		return false;
	for (size_t i = 0; i < b->folders.n; i++)
		if (strcmp(b->folders.v[i].path, folder) == 0)
			return true;
	if (b->folders.fd <= 0) {
		b->folders.fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
		if (b->folders.fd < 0)
			return false;
		b->folders.watch = loop_watch_fd(b->loop, b->folders.fd, LOOP_READ, on_events, b);
	}
	wd = inotify_add_watch(b->folders.fd, folder, NAMES | IN_ONLYDIR);
	if (wd < 0)
		return false;	/* where the folder itself is missing the retries have to do */
	b->folders.v = tw_realloc(b->folders.v, (b->folders.n + 1) * sizeof(*b->folders.v));
	b->folders.v[b->folders.n].wd = wd;
	b->folders.v[b->folders.n++].path = tw_strdup(folder);
	return true;
}

/* The folder of a device's port, if it is a path. */
void folders_watch_port(struct bank *b, const char *port)
{
	char folder[BANK_PORT_MAX];
	char *slash;

	if (port[0] != '/')
		return;
	tw_strset(folder, sizeof(folder), port);
	slash = strrchr(folder, '/');
	slash[slash == folder] = '\0';
	folders_watch(b, folder);
}

void folders_done(struct bank *b)
{
	if (b->loop && b->folders.fd > 0) {
		loop_end_watch(b->loop, b->folders.watch);
		close(b->folders.fd);
	}
	while (b->folders.n)
		free(b->folders.v[--b->folders.n].path);
	free(b->folders.v);
}
