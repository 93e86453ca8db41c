/* doctor.c - tmail routes doctor: whether a mail server is wired to the routes. */
#include <stdio.h>
#include <string.h>

#include "answer/stale.h"
#include "change/change.h"
#include "cli/cli.h"
#include "wiring/doctor.h"

static const char help[] =
    "usage: tmail routes doctor postfix [OPTION...]\n\n"
    "Reads what postconf says and tries the sockets as Postfix's services: prints a\n"
    "line each, ok, warning or error, with the mend.  Run it as root.\n\n"
    "      --config DIR       where main.cf and master.cf are (Postfix's own)\n"
    "      --policy SOCKET    of the policy service (unix:tmail/policy)\n"
    "      --socketmap SOCKET   of the maps (unix:tmail/socketmap)\n"
    "      --format FORMAT    human or json; --json is json, an object a line\n"
    "  -q                     errors alone\n"
    "  -c, --conf FILE        the configuration\n"
    "  -i, --index FILE       the index\n"
    "  -h, --help             this text\n\n"
    "exit codes: 0 no error, 1 errors, 66 Postfix's files cannot be read\n\n"
    "examples:\n"
    "  tmail routes doctor postfix\n"
    "  tmail routes doctor postfix --config /etc/postfix-out --json | jq .mend\n";

struct examination {
	struct settings settings;
	const char *config, *policy, *socketmap, *format;
	struct conf conf;
	struct tmail_routes *routes;
	struct doctor doctor;
};

static int
check_usage(struct examination *e, int operands, char **argv)
{
	const char *why;

	if (operands == 0)
		return cli_usage("doctor wants the name of a mail server: postfix");
	if (strcmp(argv[1], "postfix") != 0)
		return cli_usage("doctor knows postfix, not '%s'", argv[1]);
	if (operands > 1)
		return cli_usage("doctor takes one operand, not '%s' beside it", argv[2]);
	if (e->config != NULL && e->config[0] == '\0')
		return cli_usage("the name of a directory is empty");
	if (e->format != NULL && strcmp(e->format, "human") != 0 && strcmp(e->format, "json") != 0)
		return cli_usage("--format is human or json, not '%s'", e->format);
	if (e->format != NULL && e->settings.json && strcmp(e->format, "json") != 0)
		return cli_usage("--json and --format %s exclude each other", e->format);
	e->settings.json |= e->format != NULL && strcmp(e->format, "json") == 0;
	why = sockets_set(&e->doctor.sockets, e->policy, e->socketmap);
	return why == NULL ? 0 : cli_usage("%s", why);
}

/* The index as the daemon finds it, and whether it is that of the configuration. */
static void
read_index(struct examination *e)
{
	struct doctor *doctor = &e->doctor;

	doctor->index = e->settings.index;
	doctor->status = tmail_routes_open(doctor->index, TMAIL_OPEN_VERIFY, &e->routes);
	if (doctor->status == TMAIL_E_MEMORY)
		mem_exhausted();
	doctor->routes = e->routes;
	if (e->routes == NULL || (e->settings.index_given && !e->settings.conf_given) ||
	    conf_open(&e->conf, e->settings.conf) != SOURCE_OK || e->conf.unreadable.ptr != NULL)
		return;
	doctor->stale_known = true;
	doctor->stale = stale_is(e->routes, &e->conf.sources);
}

static int
run(struct examination *e)
{
	struct doctor *doctor = &e->doctor;
	const char *why = postconf_read(&doctor->postconf, e->config);

	if (why != NULL) {
		cli_say("%s", why);
		return EX_NOINPUT;
	}
	doctor->policy_given = e->policy != NULL;
	doctor->socketmap_given = e->socketmap != NULL;
	doctor->report.json = e->settings.json;
	doctor->report.quiet = e->settings.quiet;
	read_index(e);
	doctor_run(doctor);
	if (doctor->report.text.len > 0)
		fwrite(doctor->report.text.ptr, 1, doctor->report.text.len, stdout);
	return cli_finish(doctor->report.count[LEVEL_ERROR] > 0 ? EXIT_NO : 0);
}

int
cmd_doctor(int argc, char **argv)
{
	struct examination e = {.routes = NULL};
	const struct cli_option options[] = {
	    {"config", false, &e.config},
	    {"policy", false, &e.policy},
	    {"socketmap", false, &e.socketmap},
	    {"format", false, &e.format},
	    {NULL, false, NULL}};
	int operands, code = cli_settings(argc, argv, options, help, &e.settings, &operands);

	if (code != -1)
		return code;
	code = check_usage(&e, operands, argv);
	if (code == 0) {
		code = run(&e);
		doctor_release(&e.doctor);
	}
	tmail_routes_close(e.routes);
	conf_close(&e.conf);
	settings_release(&e.settings);
	return code;
}
