/* export.c - tmail routes export: the routes in the configuration of a mail server. */
#include <stdlib.h>
#include <string.h>

#include "answer/stale.h"
#include "change/change.h"
#include "cli/cli.h"
#include "wiring/export.h"

static const char help[] =
    "usage: tmail routes export postfix [OPTION...]\n\n"
    "Prints the lines of main.cf and the services of master.cf by which Postfix asks\n"
    "tmail routes serve, one service for each transport that the routes name, and as\n"
    "comments which routes need one, and what Postfix cannot say.  No password.\n\n"
    "      --main, --master   one of the two files\n"
    "      --policy SOCKET    of the policy service (unix:tmail/policy)\n"
    "      --socketmap SOCKET   of the maps (unix:tmail/socketmap)\n"
    "      --chroot y|n       the column of master.cf (-, Postfix's default)\n"
    "      --json             one object\n"
    "  -c, --conf FILE        the configuration\n"
    "  -i, --index FILE       without -c: the index instead\n"
    "  -h, --help             this text\n\n"
    "exit codes: 0 printed, 65 the configuration has errors, 66 no such file\n\n"
    "examples:\n"
    "  tmail routes export postfix\n"
    "  tmail routes export postfix --master --chroot y >>/etc/postfix/master.cf\n";

struct export {
	struct settings settings;
	struct conf conf;
	struct image image;
	struct tmail_routes *routes;
	const char *policy, *socketmap, *chroot;
	bool main, master;
	struct sockets sockets;
};

static int
check_usage(struct export *export, int operands, char **argv)
{
	const char *why;

	if (operands == 0)
		return cli_usage("export wants the name of a mail server: postfix");
	if (strcmp(argv[1], "postfix") != 0)
		return cli_usage("export knows postfix, not '%s'", argv[1]);
	if (operands > 1)
		return cli_usage("export takes one operand, not '%s' beside it", argv[2]);
	if (export->main && export->master)
		return cli_usage("--main and --master exclude each other: without them it is both");
	if (export->chroot == NULL)
		export->chroot = "-";
	else if (strcmp(export->chroot, "y") != 0 && strcmp(export->chroot, "n") != 0)
		return cli_usage("--chroot is y or n, not '%s'", export->chroot);
	why = sockets_set(&export->sockets, export->policy, export->socketmap);
	return why == NULL ? 0 : cli_usage("%s", why);
}

/* The index alone where it is all that is named, as `list` does: 0, or an exit code. */
static int
read_routes(struct export *export)
{
	const struct settings *settings = &export->settings;
	enum tmail_status status;

	if (!settings->index_given || settings->conf_given)
		return change_attach(settings, &export->conf, &export->image, &export->routes);
	status = tmail_routes_open(settings->index, TMAIL_OPEN_VERIFY, &export->routes);
	return status == TMAIL_OK ? 0 : cli_index_failed(settings->index, status);
}

static int
print(const struct export *export)
{
	struct transports transports;
	const struct exporting exporting = {.transports = &transports, .sockets = &export->sockets,
	    .main = !export->master, .master = !export->main, .chroot = export->chroot};
	enum tmail_status status = transports_open(&transports, export->routes);
	struct text text = {0};

	if (status == TMAIL_OK) {
		(export->settings.json ? export_json : export_text)(&exporting, &text);
		fwrite(text.ptr, 1, text.len, stdout);
	}
	text_release(&text);
	transports_close(&transports);
	return status == TMAIL_OK ? 0 : cli_index_failed(export->settings.index, status);
}

static int
run(struct export *export, int operands, char **argv)
{
	int code = check_usage(export, operands, argv);

	if (code == 0)
		code = read_routes(export);
	if (code == 0)
		code = print(export);
	if (code == 0 && export->image.bytes != NULL)
		stale_warning(&export->settings, &export->conf.sources);
	return cli_finish(code);
}

int
cmd_export(int argc, char **argv)
{
	struct export export = {.routes = NULL};
	const struct cli_option options[] = {
	    {"main", true, &export.main},
	    {"master", true, &export.master},
	    {"policy", false, &export.policy},
	    {"socketmap", false, &export.socketmap},
	    {"chroot", false, &export.chroot},
	    {NULL, false, NULL}};
	int operands, code = cli_settings(argc, argv, options, help, &export.settings, &operands);

	if (code != -1)
		return code;
	code = run(&export, operands, argv);
	tmail_routes_close(export.routes);
	image_release(&export.image);
	conf_close(&export.conf);
	settings_release(&export.settings);
	return code;
}
