/* Which program has a port open: the links in /proc/PID/fd. Those of other users' programs are
 * readable for root alone. */
#include "internal.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

/* Who has a pseudo-terminal's master is its other end, and holds nothing. */
static bool has_open(const char *folder, const char *path)
{
	char link[PATH_MAX], target[PATH_MAX];
	struct dirent *entry;
	bool found = false, is_other_end = false, is_pty = strncmp(path, "/dev/pts/", 9) == 0;
	DIR *dir = opendir(folder);

	while (dir && (entry = readdir(dir))) {
		ssize_t n;

		if (entry->d_name[0] == '.' ||
		    snprintf(link, sizeof(link), "%s/%s", folder,
			     entry->d_name) >= (int)sizeof(link))
			continue;
		n = readlink(link, target, sizeof(target) - 1);
		if (n <= 0)
			continue;
		target[n] = '\0';
		found |= strcmp(target, path) == 0;
		is_other_end |= is_pty && n > 4 && strcmp(target + n - 4, "ptmx") == 0;
	}
	if (dir)
		closedir(dir);
	return found && !is_other_end;
}

static void read_name(const char *proc, const char *pid, char *out, size_t cap)
{
	char path[PATH_MAX];
	ssize_t n;
	int fd;

	tw_strset(out, cap, "?");
	snprintf(path, sizeof(path), "%s/%s/comm", proc, pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	n = read(fd, out, cap - 1);
	close(fd);
	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
}

bool bank_port_holder(const char *proc, const char *port, struct bank_holder *ret)
{
	char real[PATH_MAX], folder[PATH_MAX];
	struct dirent *entry;
	bool found = false;
	DIR *dir = opendir(proc);

	if (!realpath(port, real))
		tw_strset(real, sizeof(real), port);
	while (dir && !found && (entry = readdir(dir))) {
		if (!isdigit((unsigned char)entry->d_name[0]) || atoi(entry->d_name) == getpid())
			continue;
		snprintf(folder, sizeof(folder), "%.200s/%.200s/fd", proc, entry->d_name);
		if (!has_open(folder, real))
			continue;
		found = true;
		ret->pid = atoi(entry->d_name);
		read_name(proc, entry->d_name, ret->program, sizeof(ret->program));
	}
	if (dir)
		closedir(dir);
	return found;
}

/* What to type so that a program lets modems alone; %d is its process. */
static const struct { const char *program, *remedy; } remedies[] = {
	{ "ModemManager", "sudo systemctl disable --now ModemManager" },
	{ "brltty", "sudo apt remove brltty" },
	{ "gpsd", "sudo systemctl disable --now gpsd.socket gpsd" },
	{ "pppd", "sudo poff -a" },
	{ "wvdial", "sudo poff -a" },
	{ "agetty", "sudo systemctl disable --now 'serial-getty@*'" },
	{ "getty", "sudo systemctl disable --now 'serial-getty@*'" },
	{ "smsd", "sudo systemctl disable --now smstools" },
	{ "gammu-smsd", "sudo systemctl disable --now gammu-smsd" },
	{ "bearerbox", "sudo systemctl disable --now kannel" },
	{ "asterisk", "sudo asterisk -rx 'module unload chan_dongle'" },
	{ "twowayd", "sudo systemctl stop twoway" },
};

const char *bank_holder_remedy(const struct bank_holder *h, char *out, size_t cap)
{
	for (size_t i = 0; i < TW_COUNT(remedies); i++) {
		if (strcmp(remedies[i].program, h->program) != 0)
			continue;
		tw_strset(out, cap, remedies[i].remedy);
		return out;
	}
	snprintf(out, cap, "sudo kill %d", h->pid);
	return out;
}
