/* The ports of this machine, whoever has them: what `twoway modems` shows beside the modems. */
#include "internal.h"

#include <limits.h>
#include <stdio.h>

static const char *const use_names[] = {
	[BANK_USE_MODEM] = "modem", [BANK_USE_SPARE] = "spare", [BANK_USE_NEW] = "new",
	[BANK_USE_UNNAMED] = "unnamed", [BANK_USE_SWITCHING] = "switching",
};

const char *bank_use_name(enum bank_use use)
{
	return use_names[use];
}

static const struct device *user_of(const struct bank *b, const char *path)
{
	for (uint32_t slot = 0; slot < b->devices.n; slot++) {
		const struct device *d = tw_pool_at(&b->devices, slot, NULL);
		char real[PATH_MAX];

		if (d && !d->is_dead && d->is_open && realpath(d->port, real) &&
		    !strcmp(real, path))
			return d;
	}
	return NULL;
}

static void fill_use(const struct bank *b, const struct bank_port *p, struct bank_port_row *ret)
{
	const struct stick *s = p->usb_path[0] ? find_stick_of(b, p->path) : NULL;
	const struct device *d = s && s->device ? s->device : user_of(b, p->path);

	if (d) {
		ret->use = strcmp(d->port, p->path) == 0 || !s ||
			   (d->urcs.is_open && strcmp(d->urcs.path, p->path) == 0) ?
			   BANK_USE_MODEM : BANK_USE_SPARE;
		ret->modem = d->name;
		return;
	}
	if (s && s->settled.ms > b->now.mono.ms) {
		ret->use = BANK_USE_NEW;
		return;
	}
	ret->use = BANK_USE_UNNAMED;
	snprintf(ret->line, sizeof(ret->line), "modems = ( { name = \"NAME\"; port = \"%s\"; } );",
		 p->path);
}

/* First the ports, then what will become a stick. */
bool bank_port_each(const struct bank *b, size_t *cursor, struct bank_port_row *ret)
{
	while (*cursor < b->found.n_ports + b->found.n_devices) {
		size_t i = (*cursor)++;

		*ret = (struct bank_port_row){ .modem = "" };
		if (i < b->found.n_ports) {
			ret->port = b->found.ports[i];
			fill_use(b, &b->found.ports[i], ret);
			return true;
		}
		const struct bank_usb *u = &b->found.devices[i - b->found.n_ports];

		if (!boards_before(b->boards, u->usb))
			continue;
		ret->use = BANK_USE_SWITCHING;
		ret->port.interface = -1;
		tw_strset(ret->port.usb, sizeof(ret->port.usb), u->usb);
		tw_strset(ret->port.usb_path, sizeof(ret->port.usb_path), u->path);
		tw_strset(ret->port.maker, sizeof(ret->port.maker), u->maker);
		tw_strset(ret->port.product, sizeof(ret->port.product), u->product);
		return true;
	}
	return false;
}
