/* twowayd: the controller process, in the foreground. */
#include "daemon.h"

#include <twoway/modem.h>

#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

static const char usage[] =
	"usage: twowayd [--config FILE] [--check] [--new] [--version]\n"
	"\n"
	"Drives the modems, takes texts, sends texts; stays in the foreground.\n"
	"  --config FILE   settings (default /etc/twoway/twoway.conf, or none where that is "
	"missing)\n"
	"  --check         read settings, boards and flows, say what is wrong, and end\n"
	"  --new           make a new database where the old one is gone or damaged, and end\n"
	"  --dump-machine  print the states of a modem as a diagram, and end\n"
	"  --version       print the version, and end\n"
	"SIGHUP reads settings and flows again; SIGTERM ends, letting the text on the air "
	"finish.\n";

enum { OPT_CONFIG = 256, OPT_CHECK, OPT_NEW, OPT_DUMP, OPT_VERSION, OPT_HELP };
static const struct option options[] = {
	{ "config", required_argument, NULL, OPT_CONFIG },
	{ "check", no_argument, NULL, OPT_CHECK },
	{ "new", no_argument, NULL, OPT_NEW },
	{ "dump-machine", no_argument, NULL, OPT_DUMP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, OPT_HELP },
	{ 0 }
};

static int dump_machine(void)
{
	struct tw_buf out = { 0 };

	modem_dump_machine(&out);
	fputs(tw_buf_str(&out), stdout);
	tw_buf_done(&out);
	return 0;
}

/* The findings go to standard error, a line each. */
static int load(const char *path, bool to_serve, struct inputs *in)
{
	struct tw_findings findings = { 0 };
	struct tw_buf text = { 0 };
	int r = inputs_load(path, to_serve, &findings, in);

	tw_findings_print(&findings, &text);
	fputs(tw_buf_str(&text), stderr);
	tw_buf_done(&text);
	tw_findings_done(&findings);
	return r;
}

int main(int argc, char **argv)
{
	const char *path = access("/etc/twoway/twoway.conf", F_OK) == 0 ? "/etc/twoway/twoway.conf"
									: NULL;
	bool is_check = false, is_new = false;
	struct inputs in = { 0 };
	int code, option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case OPT_CONFIG:
			path = optarg;
			break;
		case OPT_CHECK:
			is_check = true;
			break;
		case OPT_NEW:
			is_new = true;
			break;
		case OPT_DUMP:
			return dump_machine();
		case OPT_VERSION:
			printf("twowayd %s\n", TWOWAY_VERSION);
			return 0;
		case OPT_HELP:
			fputs(usage, stdout);
			return 0;
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "twowayd: unexpected argument: %s\n%s", argv[optind], usage);
		return EXIT_USAGE;
	}
	if (load(path, !is_check, &in) < 0)
		return EXIT_CONFIG;
	if (is_check) {
		inputs_done(&in);
		return 0;
	}
	tw_log_setup((enum tw_level)in.settings->log.level, in.settings->log.mask_numbers,
		     in.settings->log.texts);
	code = is_new ? daemon_new_database(in.settings) : daemon_run(path, &in);
	inputs_done(&in);
	return code;
}
