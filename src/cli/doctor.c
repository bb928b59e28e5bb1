/* twoway doctor: what keeps the bank from working, why it matters and what to type against it. */
#include "doctor.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <twoway/config.h>
#include <unistd.h>

#define DEFAULT_CONFIG "/etc/twoway/twoway.conf"
#define SERVICE_USER "twoway"

void doctor_add(struct doctor *d, const char *kind, const char *why, const char *remedy,
		const char *format, ...)
{
	struct doctor_finding *f;
	va_list ap;

	d->v = tw_realloc(d->v, (d->n + 1) * sizeof(*d->v));
	f = &d->v[d->n++];
	*f = (struct doctor_finding){ .kind = kind, .why = tw_strdup(why),
				      .remedy = tw_strdup(remedy) };
	va_start(ap, format);
	if (vasprintf(&f->what, format, ap) < 0)
		abort();
	va_end(ap);
}

void doctor_done(struct doctor *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->v[i].what);
		free(d->v[i].why);
		free(d->v[i].remedy);
	}
	free(d->v);
	bank_found_done(&d->found);
}

/* ---- what is looked at --------------------------------------------------------------------- */

/* Root may open all; the service's own user is the one that must. */
static void find_user(struct doctor_user *u)
{
	const struct passwd *p = getuid() == 0 ? getpwnam(SERVICE_USER) : getpwuid(getuid());

	if (!p || getuid() != 0) {
		u->uid = getuid();
		u->name = p ? p->pw_name : "root";
		u->n_groups = getgroups((int)TW_COUNT(u->groups), u->groups);
	} else {
		u->uid = p->pw_uid;
		u->name = SERVICE_USER;
		u->n_groups = (int)TW_COUNT(u->groups);
		getgrouplist(u->name, p->pw_gid, u->groups, &u->n_groups);
	}
	if (u->n_groups < 0)
		u->n_groups = 0;
}

static void take_findings(struct doctor *d, const struct tw_findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].is_error)
			doctor_add(d, "configuration", f->v[i].is_value ?
				   "the entry is not used after a start, and a reload keeps the "
				   "old "
				   "configuration"
				   : "the daemon does not start with it, and keeps the old "
				   "one at a reload",
				   "edit the file, then: twoway check; twoway reload",
				   "%s:%u: %s", f->v[i].file ? f->v[i].file : "", f->v[i].line,
				   f->v[i].text);
}

static void read_inputs(struct doctor *d, const char *path, struct settings **settings,
			struct boards **boards)
{
	struct tw_findings findings = { 0 };
	struct tw_strings folders = { 0 };

	*settings = config_load_to_serve(path, &findings);
	if (*settings) {
		config_board_folders(*settings, &folders);
		*boards = boards_load((const char *const *)folders.v, folders.n, &findings);
		tw_strings_done(&folders);
	}
	take_findings(d, &findings);
	tw_findings_done(&findings);
	d->settings = *settings;
	d->boards = *boards;
}

static void ask_daemon(struct cli *c, struct doctor *d)
{
	json_t *modems = NULL;

	c->is_quiet = true;
	if (cli_ask(c, "GET", "/api/v1/status", &d->status) != 0)
		d->status = NULL;
	if (d->status && strcmp(cli_member(d->status, "database"), "no database") &&
	    strcmp(cli_member(d->status, "database"), "disk full") &&
	    cli_ask(c, "GET", "/api/v1/modems", &modems) == 0)
		d->modems = json_incref(json_object_get(modems, "modems"));
	json_decref(modems);
	if (!d->status)
		doctor_add(d, "no_daemon", "nothing is received or sent",
			   "sudo systemctl start twoway   "
			   "(journalctl -u twoway says why it ended)",
			   "the daemon does not answer");
}

/* ---- what is told -------------------------------------------------------------------------- */

static void print_json(const struct doctor *d)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct doctor_finding *f = &d->v[i];
		json_t *o = json_pack("{s:s, s:s, s:s, s:s}", "kind", f->kind, "what",
				      f->what, "why", f->why, "remedy", f->remedy);

		cli_print_json(o);
		json_decref(o);
	}
}

static void put(struct tw_buf *b, const char *before, const char *text)
{
	tw_buf_adds(b, before);
	show_safe(text, strlen(text), b);
	tw_buf_addc(b, '\n');
}

static void print_findings(const struct cli *c, const struct doctor *d)
{
	struct tw_buf b = { 0 };

	for (size_t i = 0; i < d->n; i++) {
		show_begin(&b, COLOUR_BAD, c->colour);
		show_safe(d->v[i].what, strlen(d->v[i].what), &b);
		show_end(&b, COLOUR_BAD, c->colour);
		tw_buf_addc(&b, '\n');
		put(&b, "  why     ", d->v[i].why);
		put(&b, "  remedy  ", d->v[i].remedy);
	}
	if (!d->n)
		tw_buf_adds(&b, "nothing is wrong\n");
	cli_write(&b);
	tw_buf_done(&b);
	if (getuid() != 0)
		fputs("twoway doctor: ports that programs of other users hold are seen with sudo "
		      "only\n",
		      stderr);
}

static int run(struct cli *c, const void *options)
{
	struct doctor d = { .sys = "/sys", .dev = "/dev", .proc = "/proc",
			    .now = tw_now_system().wall };
	tw_auto(tw_free_charp) char *beside = c->config || access(DEFAULT_CONFIG, F_OK) == 0 ?
					       NULL : client_config(c);
	const char *path = c->config ? c->config : beside ? beside :
			   access(DEFAULT_CONFIG, F_OK) == 0 ? DEFAULT_CONFIG : NULL;
	struct settings *settings = NULL;
	struct boards *boards = NULL;
	int r;

	(void)options;
	find_user(&d.user);
	read_inputs(&d, path, &settings, &boards);
	ask_daemon(c, &d);
	doctor_host(&d);
	if (d.status)
		doctor_bank(&d);
	if (c->json)
		print_json(&d);
	else
		print_findings(c, &d);
	r = d.n ? CLI_LATER : CLI_OK;
	json_decref(d.modems);
	json_decref(d.status);
	doctor_done(&d);
	boards_free(boards);
	config_free(settings);
	return r;
}

const struct cli_verb cli_verb_doctor = {
	.name = "doctor",
	.arguments = "",
	.summary = "What keeps the modems from working, and what to type against it",
	.about = "Other programs on a port, missing rights, sticks that are no modems yet, SIMs "
		 "that "
		 "ask for a PIN or\nhave no limit, weak signal, a full disk, a wrong clock. With "
		 "and "
		 "without a daemon. Ends 0 when\nnothing is wrong, 75 when something is. As root "
		 "it also sees the programs of other users.\n\n"
		 "  sudo twoway doctor\n"
		 "  twoway doctor --config /etc/twoway/twoway.conf --json",
	.run = run,
};
