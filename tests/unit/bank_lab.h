/* A bank over virtual modems in virtual time, driven by hand. Ports are the cards of the virtual bank:
 * "/mem/N" always, other names where a test's finder says so. */
#ifndef BANK_LAB_H
#define BANK_LAB_H

#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <twoway/bank.h>
#include <twoway/config.h>
#include <twoway/sim.h>

static struct boards *boards;
static struct settings *settings;
static struct sim *sim;
static struct bank *bank;
static struct tw_now now;
static bool is_absent;
static int opens;

/* Sticks that are plugged in, for tests that have any: their ports, and the card behind each. */
enum { CARD_SILENT = 1000, CARD_HOLLOW, CARD_BUSY };
static struct lab_port { struct bank_port port; int card; } lab_ports[32];
static size_t n_lab_ports;
static struct bank_usb lab_devices[8];
static size_t n_lab_devices;
static bool has_finder;
static char lab_opened[1024];		/* what was opened, in order */

static int lab_list(void *ctx, struct bank_found *ret)
{
	(void)ctx;
	*ret = (struct bank_found){ .n_ports = n_lab_ports, .n_devices = n_lab_devices,
		.ports = tw_zalloc(sizeof(*ret->ports) * n_lab_ports),
		.devices = tw_zalloc(sizeof(*ret->devices) * n_lab_devices) };
	for (size_t i = 0; i < n_lab_ports; i++)
		ret->ports[i] = lab_ports[i].port;
	memcpy(ret->devices, lab_devices, sizeof(*lab_devices) * n_lab_devices);
	return 0;
}

static const struct bank_finder_ops lab_finder = { .list = lab_list };

static __attribute__((unused)) void
plug(const char *socket, const char *usb, const char *driver, int interface, const char *path, int card)
{
	struct lab_port *p = &lab_ports[n_lab_ports++];

	*p = (struct lab_port){ { .interface = interface }, card };
	tw_strset(p->port.usb_path, sizeof(p->port.usb_path), socket);
	tw_strset(p->port.usb, sizeof(p->port.usb), usb);
	tw_strset(p->port.driver, sizeof(p->port.driver), driver);
	tw_strset(p->port.path, sizeof(p->port.path), path);
	tw_strset(p->port.class_, sizeof(p->port.class_), "ff/ff/ff");
}

static const struct lab_port *lab_port(const char *path)
{
	for (size_t i = 0; i < n_lab_ports; i++)
		if (!strcmp(lab_ports[i].port.path, path))
			return &lab_ports[i];
	return NULL;
}

static int mem_open(void *ctx, const char *port, const struct board *board, int *ret_fd)
{
	const struct lab_port *p = lab_port(port);
	size_t n = strlen(lab_opened);

	(void)ctx, (void)board;
	opens++;
	snprintf(lab_opened + n, sizeof(lab_opened) - n, "%s%s", n ? " " : "", port);
	if (is_absent || (!p && strncmp(port, "/mem/", 5) != 0))
		return -ENOENT;
	*ret_fd = p ? p->card : atoi(port + 5);
	if (*ret_fd >= CARD_SILENT)
		return *ret_fd == CARD_BUSY ? -EBUSY : 0;
	return sim_card_is_plugged(sim, (size_t)*ret_fd) ? 0 : -ENOENT;
}

static ssize_t mem_read(void *ctx, int fd, void *buf, size_t n)
{
	(void)ctx, (void)fd, (void)buf, (void)n;
	return 0;
}

static char hollow_owes[8];		/* the answer of a port that says OK to everything */

static ssize_t mem_write(void *ctx, int fd, const void *buf, size_t n)
{
	(void)ctx;
	if (fd >= CARD_SILENT) {
		if (fd == CARD_HOLLOW)
			strcpy(hollow_owes, "\r\nOK\r\n");
		return (ssize_t)n;
	}
	if (!sim_card_is_plugged(sim, (size_t)fd))
		return -EIO;
	sim_card_feed(sim, (size_t)fd, buf, n, now);
	return (ssize_t)n;
}

static void mem_close(void *ctx, int fd)
{
	(void)ctx, (void)fd;
}

static const struct bank_port_ops mem_ports = {
	.open = mem_open, .read = mem_read, .write = mem_write, .close = mem_close,
};

static struct settings *read_settings(const char *text)
{
	struct tw_findings findings = { 0 };
	struct settings *s = config_load_text("test", text, strlen(text), &findings);
	struct tw_buf out = { 0 };

	tw_findings_print(&findings, &out);
	if (!s)
		ck_abort_msg("%s", tw_buf_str(&out));
	tw_buf_done(&out);
	tw_findings_done(&findings);
	return s;
}

static void begin(const char *text, size_t modems)
{
	struct tw_findings findings = { 0 };

	boards = boards_load((const char *const[]){ "../boards" }, 1, &findings);
	ck_assert_ptr_nonnull(boards);
	tw_findings_done(&findings);
	settings = read_settings(text);
	now = (struct tw_now){ { 1000 }, { 1767603600000 } };
	is_absent = false;
	opens = 0;
	lab_opened[0] = hollow_owes[0] = '\0';
	sim = sim_new(&(struct sim_setup){ .board = boards_named(boards, "generic"), .modems = modems,
					   .first_number = "+447700900001", .seed = 7, .now = now });
	bank = bank_new(&(struct bank_setup){ .settings = settings, .boards = boards,
					      .ports = &mem_ports,
					      .finder = has_finder ? &lab_finder : NULL });
	bank_start(bank, now);
}

static void end(void)
{
	bank_free(bank);
	sim_free(sim);
	config_free(settings);
	boards_free(boards);
}

static void control(const char *line)
{
	struct tw_buf answer = { 0 };

	sim_control(sim, 0, line, strlen(line), now, &answer);
	ck_assert_msg(strstr(tw_buf_str(&answer), "true"), "%s: %s", line, tw_buf_str(&answer));
	tw_buf_done(&answer);
}

static bool feed_port(const char *port, size_t card)
{
	const uint8_t *bytes;
	size_t n = sim_card_output(sim, card, &bytes);

	if (!sim_card_is_plugged(sim, card))
		bank_port_gone(bank, port, now);
	if (!n)
		return false;
	bank_port_feed(bank, port, bytes, n, now);
	sim_card_taken(sim, card, n);
	return true;
}

/* One pass at the present time: true while something moved. */
static bool move_bytes(void)
{
	bool moved = false;
	char port[32];

	for (size_t i = 0; i < n_lab_ports; i++) {
		if (lab_ports[i].card == CARD_HOLLOW && hollow_owes[0]) {
			bank_port_feed(bank, lab_ports[i].port.path, hollow_owes, 6, now);
			hollow_owes[0] = '\0';
			moved = true;
		}
		if (lab_ports[i].card < CARD_SILENT)
			moved |= feed_port(lab_ports[i].port.path, (size_t)lab_ports[i].card);
	}
	for (size_t i = 0; i < sim_count(sim) && !has_finder; i++) {
		snprintf(port, sizeof(port), "/mem/%zu", i);
		moved |= feed_port(port, i);
	}
	return moved;
}

/* Runs until an event of this type comes from a modem, at most limit_ms of virtual time; events that
 * the exchange would answer are answered: SIMs are decided. */
static bool until_event(enum modem_event_type type, int64_t limit_ms, struct bank_event *ret)
{
	struct mono_ms limit = mono_after(now.mono, limit_ms);

	for (;;) {
		struct mono_ms next;

		bank_tick(bank, now);
		while (bank_next(bank, ret)) {
			if (ret->ev.type == MODEM_EV_SIM)
				bank_sim_decide(bank, ret->modem, now);
			if (ret->ev.type == type)
				return true;
		}
		bank_flush(bank, now);
		sim_tick(sim, now);
		if (move_bytes())
			continue;
		next = mono_min(bank_deadline(bank), sim_deadline(sim));
		if (next.ms > limit.ms)
			return false;
		if (next.ms > now.mono.ms) {
			now.wall.ms += next.ms - now.mono.ms;
			now.mono = next;
		}
	}
}

static struct bank_modem get(const char *called)
{
	struct bank_modem m;

	ck_assert_msg(bank_find(bank, called, &m), "no modem is called %s", called);
	return m;
}

static __attribute__((unused)) bool until_state(const char *called, enum modem_state state, int64_t limit_ms)
{
	struct bank_event e;
	struct mono_ms limit = mono_after(now.mono, limit_ms);

	while (get(called).state != state)
		if (!until_event(MODEM_EV_STATE, limit.ms - now.mono.ms, &e))
			return get(called).state == state;
	return true;
}

#endif
