#include "gateway.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <twoway/config.h>
#include <unistd.h>

static struct gateway *here;	/* for the ports; one gateway at a time */

/* ---- ports ----------------------------------------------------------------------------------- */

static int mem_open(void *ctx, const char *port, const struct board *board, int *ret_fd)
{
	(void)ctx, (void)board;
	if (strncmp(port, "/mem/urc", 8) == 0)
		port += 3;
	*ret_fd = atoi(port + strlen("/mem/")) % 100;	/* hundreds: names of a stick plugged anew */
	return sim_card_is_plugged(here->sim, (size_t)*ret_fd) ? 0 : -ENOENT;
}

static ssize_t mem_read(void *ctx, int fd, void *buf, size_t n)
{
	(void)ctx, (void)fd, (void)buf, (void)n;
	return 0;
}

static ssize_t mem_write(void *ctx, int fd, const void *buf, size_t n)
{
	(void)ctx;
	if (!sim_card_is_plugged(here->sim, (size_t)fd))
		return -EIO;
	sim_card_feed(here->sim, (size_t)fd, buf, n, here->now);
	return (ssize_t)n;
}

static void mem_close(void *ctx, int fd)
{
	(void)ctx, (void)fd;
}

static const struct bank_port_ops mem_ports = {
	.open = mem_open, .read = mem_read, .write = mem_write, .close = mem_close,
};

/* ---- sticks ---------------------------------------------------------------------------------- */

static void port_of(const struct gateway *g, size_t i, char out[32])
{
	snprintf(out, 32, "/mem/%u", (unsigned)(g->is_found ? 100 * g->sticks[i].plugs : 0) +
		 (unsigned)i);
}

static void urc_port_of(const struct gateway *g, size_t i, char out[32])
{
	snprintf(out, 32, "/mem/urc%u", 100 * g->sticks[i].plugs + (unsigned)i);
}

/* Each with two ports: a diagnostic one, and the one that takes AT; or that one and one that only talks. */
static int list_sticks(void *ctx, struct bank_found *ret)
{
	const bool talks = here->has_urc_ports;

	(void)ctx;
	*ret = (struct bank_found){ .ports = tw_zalloc(2 * GATEWAY_STICKS * sizeof(*ret->ports)) };
	for (size_t i = 0; i < GATEWAY_STICKS; i++) {
		for (int k = 0; here->sticks[i].socket[0] && k < 2; k++) {
			struct bank_port *p = &ret->ports[ret->n_ports++];

			*p = (struct bank_port){ .usb = "2c7c:0125", .driver = "option",
						 .interface = k ? 2 : 0, .class_ = "ff/00/00" };
			strcpy(p->usb_path, here->sticks[i].socket);
			if (talks) {
				strcpy(p->usb, "1bc7:0021");
				p->interface = k ? 0 : 6;
			}
			if (k)
				port_of(here, i, p->path);
			else if (talks)
				urc_port_of(here, i, p->path);
			else
				snprintf(p->path, sizeof(p->path), "/mem/diag%zu", i);
		}
	}
	return 0;
}

static const struct bank_finder_ops stick_finder = { .list = list_sticks };

void gateway_plug(struct gateway *g, size_t stick, const char *socket)
{
	gateway_control(g, "{\"op\":\"%s\",\"modem\":%zu}", *socket ? "plug" : "unplug", stick);
	strcpy(g->sticks[stick].socket, socket);
	g->sticks[stick].plugs += *socket != '\0';
}

/* ---- life ------------------------------------------------------------------------------------ */

static void fail_with(struct tw_findings *findings, const char *what)
{
	struct tw_buf text = { 0 };

	tw_findings_print(findings, &text);
	ck_abort_msg("%s: %s", what, tw_buf_str(&text));
}

static void write_file(const struct gateway *g, const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", g->folder, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void load(struct gateway *g, size_t modems, const char *more, const char *flow)
{
	struct tw_findings findings = { 0 };
	char path[128];

	g->boards = boards_load((const char *const[]){ "../boards" }, 1, &findings);
	tw_buf_addf(&g->settings_text, "country = \"GB\"; %s\nmodems = (", more);
	for (size_t i = 0; i < modems && !g->is_found; i++)
		tw_buf_addf(&g->settings_text, "%s{ name = \"m%zu\"; port = \"/mem/%zu\"; number = "
			    "\"+4477009%05zu\"; }", i ? ", " : "", i, i, i + 1);
	tw_buf_adds(&g->settings_text, ");\n");
	g->settings = config_load_text("scenario", g->settings_text.p, g->settings_text.n, &findings);
	if (!g->boards || !g->settings)
		fail_with(&findings, "settings");
	write_file(g, "flow.conf", flow);
	snprintf(path, sizeof(path), "%s/flow.conf", g->folder);
	g->flows = flows_load(&(struct flow_sources){
		.paths = (const char *const[]){ path }, .n_paths = 1, .words = "../flows/words",
		.accounts = &(struct flow_account){ "default", "en", "Europe/London" },
		.n_accounts = 1 }, &findings);
	if (!g->flows)
		fail_with(&findings, "flows");
	tw_findings_done(&findings);
}

static void start(struct gateway *g)
{
	char path[128], *why = NULL;
	int r;

	snprintf(path, sizeof(path), "%s/twoway.db", g->folder);
	r = store_open(&(struct store_setup){ .path = path, .create = true, .seed = 3 }, g->now,
		       &g->store, &why);
	ck_assert_msg(r == 0, "%s", why ? why : tw_strerror(r));
	free(why);
	g->bank = bank_new(&(struct bank_setup){ .settings = g->settings, .boards = g->boards,
						 .ports = &mem_ports,
						 .finder = g->is_found ? &stick_finder : NULL });
	ck_assert_int_eq(exchange_new(&(struct exchange_setup){
		.store = g->store, .bank = g->bank, .settings = g->settings, .flows = g->flows,
		.seed = 5 }, g->now, &g->x), 0);
	bank_start(g->bank, g->now);
}

void gateway_open(struct gateway *g, size_t modems, const char *more, const char *flow)
{
	gateway_open_as(g, "generic", modems, more, flow);
}

static void open_with(struct gateway *g, const char *board, size_t modems, const char *more,
		      const char *flow)
{
	g->now = (struct tw_now){ { 1000 }, { 1767603600000 } };
	here = g;
	/* in memory where there is such a folder: each COMMIT syncs */
	snprintf(g->folder, sizeof(g->folder), "%s/twoway-scenario-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(g->folder));
	load(g, modems, more, flow);
	g->sim = sim_new(&(struct sim_setup){ .board = boards_named(g->boards, board),
					      .modems = modems, .first_number = "+447700900001",
					      .urc_ports = g->has_urc_ports,
					      .seed = 11, .now = g->now });
	start(g);
}

void gateway_open_as(struct gateway *g, const char *board, size_t modems, const char *more,
		     const char *flow)
{
	*g = (struct gateway){ 0 };
	open_with(g, board, modems, more, flow);
}

void gateway_open_sticks(struct gateway *g, size_t sticks, const char *more, const char *flow)
{
	*g = (struct gateway){ .is_found = true };
	for (size_t i = 0; i < sticks; i++)
		snprintf(g->sticks[i].socket, sizeof(g->sticks[i].socket), "1-%zu", i + 1);
	open_with(g, "quectel", sticks, more, flow);
}

void gateway_open_urc_sticks(struct gateway *g, size_t sticks, const char *more, const char *flow)
{
	*g = (struct gateway){ .is_found = true, .has_urc_ports = true };
	for (size_t i = 0; i < sticks; i++)
		snprintf(g->sticks[i].socket, sizeof(g->sticks[i].socket), "1-%zu", i + 1);
	open_with(g, "telit", sticks, more, flow);
}

static void drop(struct gateway *g)
{
	exchange_free(g->x);
	bank_free(g->bank);
	store_close(g->store);
}

void gateway_crash(struct gateway *g)
{
	store_crash(g->store);
	drop(g);
	start(g);
}

void gateway_close(struct gateway *g)
{
	char command[128];

	drop(g);
	sim_free(g->sim);
	flows_free(g->flows);
	config_free(g->settings);
	boards_free(g->boards);
	tw_buf_done(&g->settings_text);
	snprintf(command, sizeof(command), "rm -r %s", g->folder);
	ck_assert_int_eq(system(command), 0);
}

/* ---- steps ----------------------------------------------------------------------------------- */

static bool move_urcs(struct gateway *g, size_t i)
{
	const uint8_t *bytes;
	size_t n = sim_card_urcs(g->sim, i, &bytes);
	char port[32];

	if (!n)
		return false;
	urc_port_of(g, i, port);
	bank_port_feed(g->bank, port, bytes, n, g->now);
	sim_card_urcs_taken(g->sim, i, n);
	return true;
}

static bool move_bytes(struct gateway *g)
{
	bool moved = false;

	for (size_t i = 0; i < sim_count(g->sim); i++) {
		const uint8_t *bytes;
		char port[32];
		size_t n = sim_card_output(g->sim, i, &bytes);

		moved |= move_urcs(g, i);
		port_of(g, i, port);
		if (!sim_card_is_plugged(g->sim, i))
			bank_port_gone(g->bank, port, g->now);
		if (!n)
			continue;
		bank_port_feed(g->bank, port, bytes, n, g->now);
		sim_card_taken(g->sim, i, n);
		moved = true;
	}
	return moved;
}

bool gateway_step(struct gateway *g)
{
	const char *broken;
	bool moved;

	sim_tick(g->sim, g->now);
	moved = move_bytes(g);
	g->until = exchange_turn(g->x, g->now);
	g->turns++;
	broken = exchange_check(g->x);
	ck_assert_msg(!broken, "a law is broken: %s", broken);
	return moved || g->until.ms <= g->now.mono.ms || sim_deadline(g->sim).ms <= g->now.mono.ms;
}

bool gateway_until(struct gateway *g, bool (*cond)(struct gateway *g), int64_t limit_ms)
{
	struct mono_ms limit = mono_after(g->now.mono, limit_ms);
	int busy = 0;

	for (;;) {
		bool moved = gateway_step(g);
		struct mono_ms next;

		if (cond && cond(g))
			return true;
		if (moved) {
			ck_assert_msg(busy++ < 100000, "it never comes to rest");
			continue;
		}
		busy = 0;
		next = mono_min(mono_min(g->until, sim_deadline(g->sim)), limit);
		if (g->now.mono.ms >= limit.ms)
			return false;
		if (next.ms <= g->now.mono.ms)
			next = mono_after(g->now.mono, 1);
		g->now.wall.ms += next.ms - g->now.mono.ms;
		g->now.mono = next;
	}
}

void gateway_wait(struct gateway *g, int64_t ms)
{
	gateway_until(g, NULL, ms);
}

static bool all_ready(struct gateway *g)
{
	struct bank_modem m;

	for (size_t cursor = 0; bank_each(g->bank, &cursor, &m); )
		if (m.state != MODEM_READY)
			return false;
	return true;
}

void gateway_ready(struct gateway *g)
{
	ck_assert_msg(gateway_until(g, all_ready, 120000), "not all modems become ready");
}

/* ---- what happens, and what happened --------------------------------------------------------- */

void gateway_text(struct gateway *g, const char *from, size_t modem, const char *text)
{
	sim_text(g->sim, from, sim_card_number(g->sim, modem), text, strlen(text), g->now);
}

void gateway_control(struct gateway *g, const char *format, ...)
{
	struct tw_buf answer = { 0 };
	char line[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	sim_control(g->sim, 0, line, strlen(line), g->now, &answer);
	ck_assert_msg(strstr(tw_buf_str(&answer), "true"), "%s: %s", line, tw_buf_str(&answer));
	tw_buf_done(&answer);
}

struct bank_modem gateway_modem(struct gateway *g, size_t modem)
{
	struct bank_modem m;
	char name[32];

	snprintf(name, sizeof(name), "m%zu", modem);
	ck_assert(bank_find(g->bank, name, &m));
	return m;
}

size_t gateway_got(const struct gateway *g, const char *number)
{
	return sim_inbox_count(g->sim, number);
}

const char *gateway_last(const struct gateway *g, const char *number)
{
	size_t n = sim_inbox_count(g->sim, number);

	return n ? sim_inbox_text(g->sim, number, n - 1) : "";
}

const char *gateway_post(struct gateway *g, const char *to, const char *text)
{
	static char ids[8][MESSAGE_ID_MAX];
	static int at;
	struct exchange_refusal refusal = { 0 };
	struct message m = { 0 };
	bool repeated;
	int r = exchange_post(g->x, &(struct exchange_post){ .to = to, .text = text,
							     .lane = LANE_API },
			      g->now, &m, &repeated, &refusal);

	ck_assert_msg(r == 0, "%s", refusal.text);
	at = (at + 1) % 8;
	strcpy(ids[at], m.id);
	message_done(&m);
	return ids[at];
}

enum message_state gateway_state(struct gateway *g, const char *id)
{
	struct message m = { 0 };
	enum message_state s;

	ck_assert_int_eq(exchange_message(g->x, id, &m), 0);
	s = m.state;
	message_done(&m);
	return s;
}

static void count(void *ctx, struct message *m)
{
	int *doubts = ctx;

	*doubts += m->in_doubt;
	message_done(m);
}

int gateway_count(struct gateway *g, int state, int direction)
{
	int doubts = 0;

	return exchange_messages(g->x, &(struct exchange_query){ .state = state,
				 .direction = direction, .limit = EXCHANGE_SLICE }, count, &doubts);
}

int gateway_doubts(struct gateway *g)
{
	int doubts = 0;

	exchange_messages(g->x, &(struct exchange_query){ .state = -1, .direction = OUTBOUND,
			  .limit = EXCHANGE_SLICE }, count, &doubts);
	return doubts;
}
