/* What the machine itself shows: who holds the ports, missing rights, sticks that are no modems
 * yet, the disk, the clock. */
#include "doctor.h"

#include <errno.h>
#include <grp.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { DISK_MIN = 200 << 20, DISK_PERCENT = 5 };
#define CLOCK_MIN 1735689600000LL	/* 2025-01-01 */

/* ---- ports --------------------------------------------------------------------------------- */

static bool is_named(const struct doctor *d, const char *path)
{
	char real[PATH_MAX];

	for (size_t i = 0; d->settings && i < d->settings->n_modems; i++) {
		const char *port = d->settings->modems[i].port;

		if (!strcmp(port, path) || (realpath(port, real) && !strcmp(real, path)))
			return true;
	}
	return false;
}

static bool is_stick(const struct doctor *d, const struct bank_port *p)
{
	return p->usb[0] && d->boards && boards_know(d->boards, p->usb);
}

static void check_holder(struct doctor *d, const char *path, int *pids, size_t *n_pids, size_t cap)
{
	struct bank_holder h;
	char remedy[128];

	if (!bank_port_holder(d->proc, path, &h) || (d->modems && !strcmp(h.program, "twowayd")))
		return;
	for (size_t i = 0; i < *n_pids; i++)
		if (pids[i] == h.pid)
			return;
	if (*n_pids < cap)
		pids[(*n_pids)++] = h.pid;
	doctor_add(d, "port_held", "two programs on one modem take each other's answers: texts are "
				   "lost",
		   bank_holder_remedy(&h, remedy, sizeof(remedy)), "%s is held by %s (process %d)",
		   path, h.program, h.pid);
}

bool doctor_may_open(const struct doctor_user *u, const struct stat *st)
{
	mode_t want = S_IROTH | S_IWOTH;

	if (u->uid == 0)
		return true;
	if (st->st_uid == u->uid)
		return (st->st_mode >> 6 & want) == want;
	for (int i = 0; i < u->n_groups; i++)
		if (u->groups[i] == st->st_gid)
			return (st->st_mode >> 3 & want) == want;
	return (st->st_mode & want) == want;
}

static void check_rights(struct doctor *d, const char *path)
{
	const char *group = "dialout";
	const struct group *g;
	struct stat st;
	char *remedy;

	if (stat(path, &st) < 0 || doctor_may_open(&d->user, &st))
		return;
	g = getgrgid(st.st_gid);
	if (g && (st.st_mode & S_IWGRP) && st.st_gid != 0)
		group = g->gr_name;
	remedy = tw_printf("sudo usermod -aG %s %s   (and log in anew, or restart the service)",
			   group, d->user.name);
	doctor_add(d, "no_right", "a modem whose port may not be opened cannot be used", remedy,
		   "%s may not open %s", d->user.name, path);
	free(remedy);
}

static void check_named(struct doctor *d, const struct settings_modem *m)
{
	struct stat st;

	if (!m->port[0] || !strncmp(m->port, "tcp://", 6))
		return;
	if (stat(m->port, &st) < 0) {
		if (!d->modems)
			doctor_add(d, "port_absent", "the modem cannot be used until it is there",
				   "plug it in; twoway modems --ports lists what is there",
				   "%s:%u: %s: %s", d->settings->file, m->line, m->port,
				   strerror(errno));
		return;
	}
	if (S_ISCHR(st.st_mode))	/* what is no port is told with the configuration */
		check_rights(d, m->port);
}

static void check_ports(struct doctor *d)
{
	size_t n_pids = 0;
	int pids[16];

	for (size_t i = 0; i < d->found.n_ports; i++) {
		const struct bank_port *p = &d->found.ports[i];

		if (!is_stick(d, p) && !is_named(d, p->path))
			continue;
		check_holder(d, p->path, pids, &n_pids, TW_COUNT(pids));
		if (!is_named(d, p->path))
			check_rights(d, p->path);
	}
	for (size_t i = 0; d->settings && i < d->settings->n_modems; i++) {
		check_named(d, &d->settings->modems[i]);
		if (d->settings->modems[i].port[0] == '/')
			check_holder(d, d->settings->modems[i].port, pids, &n_pids, TW_COUNT(pids));
	}
}

/* ---- sticks -------------------------------------------------------------------------------- */

static bool has_port(const struct doctor *d, const struct bank_usb *u)
{
	for (size_t i = 0; i < d->found.n_ports; i++)
		if (!strcmp(d->found.ports[i].usb_path, u->path))
			return true;
	return false;
}

static void check_stick(struct doctor *d, const struct bank_usb *u)
{
	const char *driver;
	char *remedy;

	if (boards_before(d->boards, u->usb)) {
		doctor_add(d, "no_mode_switch",
			   "as a CD-ROM it has no port: usb_modeswitch turns it into a "
			   "modem", "sudo apt install usb-modeswitch   (then unplug it and plug it "
				    "in "
			   "again)", "the stick %s at USB %s still shows itself as a CD-ROM",
			   u->usb, u->path);
		return;
	}
	if (!boards_know(d->boards, u->usb) || !u->unbound || has_port(d, u))
		return;
	driver = boards_driver(d->boards, u->usb);
	if (!strcmp(driver, "option"))
		remedy = tw_printf("sudo modprobe option; echo %.4s %s | sudo tee "
				   "/sys/bus/usb-serial/drivers/option1/new_id", u->usb,
				   u->usb + 5);
	else
		remedy = tw_printf("sudo modprobe %s   (then unplug it and plug it in again)",
				   driver);
	doctor_add(d, "no_driver", "without a driver the kernel gives it no port", remedy,
		   "no driver has taken the stick %s at USB %s", u->usb, u->path);
	free(remedy);
}

/* ---- the rest of the machine --------------------------------------------------------------- */

bool doctor_is_disk_low(uint64_t total, uint64_t left)
{
	return left < DISK_MIN || left < total / 100 * DISK_PERCENT;
}

static void check_database(struct doctor *d)
{
	char *copy = tw_strdup(d->settings->database), *folder = dirname(copy);
	struct statvfs fs;

	if (statvfs(folder, &fs) < 0)
		doctor_add(d, "no_database", "without its folder nothing can be kept",
			   "name another `database`, or make the folder for the service's user",
			   "the folder of the database, %s: %s", folder, strerror(errno));
	else if (doctor_is_disk_low((uint64_t)fs.f_blocks * fs.f_frsize,
				    (uint64_t)fs.f_bavail * fs.f_frsize))
		doctor_add(d, "disk_low",
			   "when the disk is full, texts stay on their SIMs and nothing is "
			   "sent", "make room, or set retention_days so that old messages go",
			   "%llu MiB are left where the database is (%s)",
			   (unsigned long long)((uint64_t)fs.f_bavail * fs.f_frsize >> 20), folder);
	if (!d->modems && access(d->settings->database, F_OK) == 0 &&
	    access(d->settings->database, W_OK) < 0) {
		char *remedy = tw_printf("sudo chown %s '%s'", d->user.name, d->settings->database);

		doctor_add(d, "database_rights", "what cannot be written is not acknowledged",
			   remedy, "the database %s cannot be written", d->settings->database);
		free(remedy);
	}
	free(copy);
}

void doctor_host(struct doctor *d)
{
	if (bank_found_read(d->sys, d->dev, &d->found) == 0) {
		check_ports(d);
		for (size_t i = 0; d->boards && i < d->found.n_devices; i++)
			check_stick(d, &d->found.devices[i]);
	}
	if (d->settings)
		check_database(d);
	if (d->now.ms < CLOCK_MIN)
		doctor_add(d, "clock", "times of messages, quotas and quiet hours follow it",
			   "sudo timedatectl set-ntp true",
			   "the clock is wrong: it is set before 2025");
}
