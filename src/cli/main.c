/* main.c - tmail: finds the command and runs it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cli/cli.h"
#include "base/nearest.h"
#include "program/hide.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} commands[] = {
    {"list", cmd_list, "print the routes"},
    {"show", cmd_show, "print all about a route"},
    {"add", cmd_add, "add a route"},
    {"set", cmd_set, "change a route in place"},
    {"del", cmd_del, "take routes out"},
    {"number", cmd_number, "write the IDs not written yet"},
    {"compile", cmd_compile, "check, then write the index"},
    {"check", cmd_check, "check the configuration"},
    {"fmt", cmd_fmt, "write it in one form"},
    {"test", cmd_test, "prove expectations"},
    {"lookup", cmd_lookup, "say where a mail would go"},
    {"diff", cmd_diff, "compare two configurations"},
    {"import", cmd_import, "read other programs' files"},
    {"verify", cmd_verify, "check every byte of the index"},
    {"stats", cmd_stats, "count what is in the index"},
    {"serve", cmd_serve, "answer Postfix and Exim"},
    {"export", cmd_export, "print what Postfix needs for it"},
    {"doctor", cmd_doctor, "try whether Postfix is wired"},
};
enum { COMMANDS = sizeof(commands) / sizeof(*commands) };

/* In two columns, so that the help fits a screen. */
static void
print_commands(FILE *out)
{
	const int rows = (COMMANDS + 1) / 2;

	for (int i = 0; i < rows; i++) {
		fprintf(out, "  %-8s", commands[i].name);
		if (i + rows < COMMANDS)
			fprintf(out, "%-31s%-8s%s\n", commands[i].summary, commands[i + rows].name,
			    commands[i + rows].summary);
		else
			fprintf(out, "%s\n", commands[i].summary);
	}
}

static void
print_help(FILE *out)
{
	fputs("usage: tmail routes COMMAND [OPTION...]\n"
	      "       tmail deliver [OPTION...] -- RECIPIENT < MESSAGE\n\n"
	      "Decides through which relay each outgoing mail leaves.\n\n"
	      "commands:\n", out);
	print_commands(out);
	fputs("\n"
	      "  -c, --conf FILE    the configuration (/etc/tmail/routes.conf)\n"
	      "  -i, --index FILE   the index (beside the configuration, .idx)\n"
	      "  --json             for programs   -q   no warnings\n"
	      "  -h, --help         also of each command: tmail routes add --help\n\n"
	      "example: tmail routes add -d example.org -rh relay.example.net -rp 587\n", out);
}

/* What commands are called elsewhere. */
static const char *
called(const char *word)
{
	static const char *const words[][2] = {{"rm", "del"}, {"remove", "del"}, {"delete", "del"},
	    {"ls", "list"}, {"edit", "set"}, {"change", "set"}, {"modify", "set"}, {"update", "set"},
	    {"reload", "compile"}, {"build", "compile"},
	    {"query", "lookup"}, {"validate", "check"}, {"format", "fmt"}};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(word, words[i][0]) == 0)
			return words[i][1];
	return NULL;
}

static int
refuse_command(const char *word, bool behind_routes)
{
	static const char *const above[] = {"routes", "route", "deliver"};
	const char *names[COMMANDS], *meant = NULL, *before = "";

	for (int i = 0; i < COMMANDS; i++)
		names[i] = commands[i].name;
	if (!behind_routes)
		meant = nearest_word(slice_str(word), above, sizeof(above) / sizeof(*above));
	if (meant == NULL) {
		meant = called(word);
		if (meant == NULL)
			meant = nearest_word(slice_str(word), names, COMMANDS);
		before = behind_routes ? "" : "tmail routes ";
	}
	if (meant == NULL)
		return cli_usage("unknown command '%s'", word);
	return cli_usage("unknown command '%s': did you mean '%s%s'?", word, before, meant);
}

/* The help of the command that is named, else of all. */
static int
run_help(int argc, char **argv)
{
	char asked[] = "--help";
	char *words[] = {NULL, asked, NULL};

	if (argc > 0 && (strcmp(argv[0], "routes") == 0 || strcmp(argv[0], "route") == 0)) {
		argc--;
		argv++;
	}
	for (int i = 0; argc > 0 && i < COMMANDS; i++)
		if (strcmp(argv[0], commands[i].name) == 0) {
			words[0] = argv[0];
			cli_running(commands[i].name);
			return commands[i].run(2, words);
		}
	if (argc > 0 && strcmp(argv[0], "deliver") == 0)
		return cmd_deliver(2, words);
	print_help(stdout);
	return cli_finish(0);
}

/* What stands where a command should: behind `routes`, or in its place. */
static int
run_other(int argc, char **argv, bool behind_routes)
{
	if (argc < 2) {
		print_help(stderr);
		return EX_USAGE;
	}
	if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "help") == 0)
		return run_help(argc - 2, argv + 2);
	if (strcmp(argv[1], "-V") == 0 || strcmp(argv[1], "--version") == 0 ||
	    strcmp(argv[1], "version") == 0)
		return cli_version();
	if (argv[1][0] == '-')
		return cli_usage("options stand behind the command: tmail routes COMMAND OPTION");
	return refuse_command(argv[1], behind_routes);
}

static int
run_routes(int argc, char **argv)
{
	cli_running("routes");
	for (int i = 0; argc >= 2 && i < COMMANDS; i++)
		if (strcmp(argv[1], commands[i].name) == 0) {
			cli_running(commands[i].name);
			return commands[i].run(argc - 1, argv + 1);
		}
	return run_other(argc, argv, true);
}

/* Before anything that can fail or wait. */
static int
run_hidden(int argc, char **argv)
{
	struct hidden hidden;
	int code;

	hide_words(&hidden, argc, argv);
	code = run_routes(argc, argv);
	hide_release(&hidden);
	return code;
}

/*
 * Keeps files off the standard descriptors, and messages out of files.  What
 * fills a closed one fails where it is used: nothing to read is not an empty
 * message, and nowhere to write is not success.
 */
static void
open_standard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int
main(int argc, char **argv)
{
	open_standard();
	/* Configuration, index and command line hold passwords: no core dump may. */
	prctl(PR_SET_DUMPABLE, 0);
	/* A full file and a closed pipe are errors with a message, not deaths. */
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	if (argc >= 2 && (strcmp(argv[1], "routes") == 0 || strcmp(argv[1], "route") == 0))
		return run_hidden(argc - 1, argv + 1);
	if (argc >= 2 && strcmp(argv[1], "deliver") == 0)
		return cmd_deliver(argc - 1, argv + 1);
	return run_other(argc, argv, false);
}
