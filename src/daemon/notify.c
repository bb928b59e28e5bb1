#include "daemon.h"

#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#include <time.h>

enum { STOP_MARGIN_MS = 10000 };	/* from the end of the last send to the end of the
					 * process */

void notify_ready(void)
{
	sd_notify(0, "READY=1");
}

void notify_stopping(int64_t within_ms)
{
	sd_notifyf(0, "STOPPING=1\nEXTEND_TIMEOUT_USEC=%lld",
		   (long long)(within_ms + STOP_MARGIN_MS) * 1000);
}

/* sd_notify(3): a time before the request, if only by its microseconds, would be taken for the end
 * of an older reload. */
void notify_reloading(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld",
		   (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000);
}

void notify_status(const char *status)
{
	sd_notifyf(0, "STATUS=%s", status);
}

int64_t notify_watchdog_ms(void)
{
	uint64_t usec;

	return sd_watchdog_enabled(0, &usec) > 0 ? (int64_t)(usec / 2000) : 0;
}

void notify_alive(void)
{
	sd_notify(0, "WATCHDOG=1");
}

#else

void notify_ready(void) { }
void notify_stopping(int64_t within_ms) { (void)within_ms; }
void notify_reloading(void) { }
void notify_status(const char *status) { (void)status; }
int64_t notify_watchdog_ms(void) { return 0; }
void notify_alive(void) { }

#endif
