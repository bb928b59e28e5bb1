/* The bank's inside: devices and what is remembered of SIMs. */
#ifndef TWOWAY_BANK_INTERNAL_H
#define TWOWAY_BANK_INTERNAL_H

#include <twoway/bank.h>

enum {
	BANK_RETRY_MS = 1000,		/* an absent port is tried each second … */
	BANK_RETRY_EAGER = 60,		/* … for so many tries, … */
	BANK_RETRY_SLOW_MS = 5000,	/* … then so slowly, and at once when its folder changes */
	BANK_PORT_MAX = 256,
	BANK_ERROR_MAX = 400
};

/* A port and the modem behind it. It lives as long as its entry in the settings; the machine lives
 * as long as the device, over unplugging and plugging in. */
struct device {
	struct bank *bank;
	struct tw_handle handle;
	const struct settings_modem *entry;	/* borrowed from the settings in force */
	char name[MODEM_NAME_MAX];
	char port[BANK_PORT_MAX];
	struct modem *modem;
	int fd;				/* -1: none (closed, or a port without a descriptor) */
	bool is_open, wants_write, is_paused, is_reserved, is_sending, is_admitted, is_stranger;
	struct tw_handle watch, look_up, folder_watch;
	char address[64];		/* of a tcp:// port whose host was a name */
	struct mono_ms open_at;		/* when to try again; MONO_NEVER while open */
	struct mono_ms deadline;	/* the machine's, cached */
	uint32_t failures;		/* to open, in a row */
	char last_error[BANK_ERROR_MAX];
	char number[TW_NUMBER_MAX];	/* of the SIM in it: configured, remembered or its own */
	const char *account;
	uint64_t sent, received, failed;
	struct device *next_active, *next_flush;
	bool is_active, is_flushing;
	uint64_t offered;		/* turn in which bank_idle gave it out */
	/* The PIN that may go once its row is on disk; the pair sent last on this open port, until the
	 * SIM turns out locked; why none was sent. */
	char pin[16];
	bool is_pin_sent;
	char pin_identity[ICCID_MAX];
	uint8_t pin_hash[32];
	const char *why_no_pin;
};

/* What the store knows of a SIM from earlier: which port it was first seen in, its number. */
struct known_sim { char iccid[ICCID_MAX], number[TW_NUMBER_MAX], port[BANK_PORT_MAX]; };

struct bank {
	struct loop *loop;
	const struct settings *settings;
	const struct boards *boards;
	const struct bank_port_ops *ports;
	struct tw_pool devices;
	struct device *active, *active_last;	/* may have events to tell */
	struct device *flush;			/* may have bytes to write */
	struct tw_map sims;			/* ICCID -> struct known_sim, owned */
	struct tw_map pins;			/* identity and PIN hash -> tried */
	struct tw_map by_iccid, by_number;	/* -> struct device, rebuilt when a SIM comes or goes */
	uint64_t turn;
	struct tw_now now;			/* of the turn, for what events make the bank do */
	uint32_t idle_cursor;
	bool is_started, is_stopping;
};

/* device.c */
struct device *device_new(struct bank *b, const struct settings_modem *entry);
void device_free(struct device *d);
void device_open(struct device *d, struct tw_now now);
void device_close(struct device *d, struct tw_now now, int64_t reopen_in_ms);
void device_write(struct device *d, struct tw_now now);
void device_touch(struct device *d);	/* the machine was fed or told something */
void device_bytes(struct device *d, const void *bytes, size_t n, struct tw_now now);
void device_gone(struct device *d, int why, struct tw_now now);
void device_name(struct device *d);
struct device *device_get(const struct bank *b, struct tw_handle h);

/* identity.c */
void identity_forget(struct bank *b);
void identity_index(struct bank *b);
bool identity_decide(struct bank *b, struct device *d);

/* port_plain.c, port_serial.c: a descriptor or -errno. */
int port_plain_open(const char *path);
int port_tcp_open(const char *address, const char *service);
int port_serial_open(const char *path, const struct board *board);
int port_lock(int fd);	/* TIOCEXCL, flock, HUPCL off */

#endif
