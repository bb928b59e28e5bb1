#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <libserialport.h>
#include <unistd.h>

static int from_sp(enum sp_return r)
{
	switch (r) {
	case SP_OK:
		return 0;
	case SP_ERR_ARG:
		return -ENODEV;
	case SP_ERR_MEM:
		return -ENOMEM;
	case SP_ERR_SUPP:
		return -ENOTSUP;
	case SP_ERR_FAIL:
		return errno ? -errno : -EIO;
	}
	return -EIO;
}

/* DTR and RTS stay asserted: several families forward URCs only while DTR is on. */
static enum sp_return configure(struct sp_port *port, const struct board *board)
{
	struct sp_port_config *config;
	enum sp_return r = sp_new_config(&config);

	if (r != SP_OK)
		return r;
	sp_set_config_baudrate(config, board && board->baud > 0 ? (int)board->baud : 115200);
	sp_set_config_bits(config, 8);
	sp_set_config_parity(config, SP_PARITY_NONE);
	sp_set_config_stopbits(config, 1);
	sp_set_config_flowcontrol(config, board && board->rtscts ? SP_FLOWCONTROL_RTSCTS
								 : SP_FLOWCONTROL_NONE);
	if (!board || !board->rtscts)
		sp_set_config_rts(config, SP_RTS_ON);
	sp_set_config_dtr(config, SP_DTR_ON);
	r = sp_set_config(port, config);
	sp_free_config(config);
	return r;
}

/* libserialport opens and configures; the descriptor then lives on its own copy, so that all kinds
 * of port are read and written the same way. */
int port_serial_open(const char *path, const struct board *board)
{
	struct sp_port *port;
	enum sp_return r = sp_get_port_by_name(path, &port);
	int fd, handle = -1, code;

	if (r != SP_OK)
		return port_plain_open(path);	/* a line that sysfs does not know */
	r = sp_open(port, SP_MODE_READ_WRITE);
	if (r != SP_OK) {
		code = from_sp(r);
		sp_free_port(port);
		return code;
	}
	r = configure(port, board);
	if (r == SP_OK)
		r = sp_get_port_handle(port, &handle);
	fd = r == SP_OK ? fcntl(handle, F_DUPFD_CLOEXEC, 3) : from_sp(r);
	if (r == SP_OK && fd < 0)
		fd = -errno;
	sp_close(port);
	sp_free_port(port);
	if (fd < 0)
		return fd;
	code = port_lock(fd);
	if (code == 0 && fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
		code = -errno;
	if (code < 0) {
		close(fd);
		return code;
	}
	return fd;
}
