/* import.c - tmail routes import: other programs' files as a configuration. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "import/import.h"

static const char help[] =
    "usage: tmail routes import FORMAT [--map KIND=FILE]... [OPTION...] [FILE...]\n\n"
    "Prints a configuration that says what the files of another program say: postfix,\n"
    "qmail, sendmail, exim or tmail.  --map says what kind of file one is, else its\n"
    "base name does; '-' is standard input.  What cannot be said is a comment and is\n"
    "reported.\n\n"
    "      --map KIND=FILE  postfix: transport, sender-relay, sender-transport, sasl,\n"
    "                       tls-policy, master, main; qmail: smtproutes, authsenders;\n"
    "                       sendmail: mailertable, access; exim: route_list,\n"
    "                       hubbed_hosts, passwd.client\n"
    "      --secrets DIR    passwords to files there, not into the configuration\n"
    "  -q                   report in comments alone\n\n"
    "exit codes: 0 all is said, 1 something is not, 65 not that format\n\n"
    "examples:\n"
    "  tmail routes import postfix /etc/postfix/{main.cf,transport} >routes.conf\n"
    "  tmail routes import postfix --map sasl=passwords --secrets keys transport\n";

/* Whether `name` is one of the kind's. */
static bool
is_kind(const struct import_kind *kind, const char *name, bool base)
{
	return strcmp(kind->name, name) == 0 ||
	    (base && kind->files != NULL && cli_is_named(kind->files, name, strlen(name)));
}

/* Sets the file of a kind; base: that is the file's base name, not what --map says. */
static int
set_file(struct import *import, const struct import_format *format, const char *kind,
    const char *path, bool base)
{
	for (int i = 0; i < IMPORT_FILES && format->kinds[i].name != NULL; i++) {
		struct foreign *file = &import->files[i];

		if (!is_kind(&format->kinds[i], kind, base))
			continue;
		if (file->path != NULL)
			return cli_usage("two files of kind %s: '%s' and '%s'",
			    format->kinds[i].name, file->path, path);
		*file = (struct foreign){.kind = format->kinds[i].name, .path = path};
		return 0;
	}
	return base ? cli_usage("what '%s' is to %s, its name does not say: use --map KIND=FILE",
	    path, format->name)
	    : cli_usage("%s has no files of kind '%s'", format->name, kind);
}

static int
set_mapped(struct import *import, const struct import_format *format, const char *map)
{
	const char *equals = strchr(map, '=');
	char kind[32] = "";

	if (equals == NULL || equals[1] == '\0')
		return cli_usage("--map wants KIND=FILE, not '%s'", map);
	if ((size_t)(equals - map) < sizeof(kind))
		memcpy(kind, map, (size_t)(equals - map));
	return set_file(import, format, kind, equals + 1, false);
}

static int
set_files(struct import *import, const struct import_format *format,
    const struct cli_values *maps, char **files, int count)
{
	int code = 0;

	for (size_t i = 0; i < maps->count && code == 0; i++)
		code = set_mapped(import, format, maps->list[i]);
	for (int i = 0; i < count && code == 0; i++) {
		const char *slash = strrchr(files[i], '/');

		code = format->database ? set_file(import, format, format->kinds[0].name, files[i],
		    false) : set_file(import, format, slash == NULL ? files[i] : slash + 1, files[i],
		    true);
	}
	for (int i = 0, inputs = 0; i < IMPORT_FILES && code == 0; i++) {
		const char *path = import->files[i].path;

		inputs += path != NULL && strcmp(path, "-") == 0;
		if (inputs > 1)
			return cli_usage("two files are standard input");
	}
	if (code == 0 && maps->count == 0 && count == 0)
		return cli_usage("import wants a file");
	return code;
}

/* The directory must be there; password-file wants its absolute path. */
static int
find_secrets(const char *path, char **secrets)
{
	struct stat status;

	*secrets = realpath(path, NULL);
	for (const char *c = *secrets; c != NULL && *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f) {
			cli_say("no password-file can be in '%s': the path holds control bytes", path);
			return EX_CANTCREAT;
		}
	if (*secrets != NULL && stat(*secrets, &status) == 0 && !S_ISDIR(status.st_mode))
		errno = ENOTDIR;
	else if (*secrets != NULL)
		return 0;
	cli_say("cannot write into '%s': %s", path, strerror(errno));
	return EX_CANTCREAT;
}

static int
import_files(const struct import_format *format, const struct cli_values *maps, char **files,
    int count, const char *secrets, bool quiet)
{
	struct import import = {.secrets = NULL};
	char *directory = NULL;
	int code = set_files(&import, format, maps, files, count);

	if (code == 0 && secrets != NULL)
		code = find_secrets(secrets, &directory);
	import.secrets = directory;
	if (code == 0)
		code = import_run(format, &import, quiet);
	import_release(&import);
	free(directory);
	return code;
}

int
cmd_import(int argc, char **argv)
{
	const char *secrets = NULL;
	struct cli_values maps = {NULL, 0};
	const struct cli_option options[] = {
	    {"map", CLI_VALUES, &maps},
	    {"secrets", false, &secrets},
	    {NULL, false, NULL}};
	const struct import_format *format = NULL;
	struct settings settings;
	int operands, code = cli_settings(argc, argv, options, help, &settings, &operands);

	if (code == -1) {
		if (settings.conf_given || settings.index_given || settings.json)
			code = cli_usage("import takes no --conf, --index or --json");
		else if (operands == 0)
			code = cli_usage("import wants a format: %s", import_format_names());
		else if ((format = import_format(argv[1])) == NULL)
			code = cli_usage("unknown format '%s': %s", argv[1], import_format_names());
		else
			code = import_files(format, &maps, argv + 2, operands - 1, secrets,
			    settings.quiet);
		settings_release(&settings);
	}
	free(maps.list);
	return code;
}
