/* serve.c - tmail routes serve: becomes the program that answers mail servers. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "program/beside.h"

#define PROGRAM "tmail-serve"

int
cmd_serve(int argc, char **argv)
{
	char path[PATH_MAX], name[] = PROGRAM;

	(void)argc;
	if (beside_find(PROGRAM, path, sizeof(path))) {
		argv[0] = name;
		execv(path, argv);
	}
	cli_say("cannot start %s: %s", PROGRAM, strerror(errno));
	return EX_SOFTWARE;
}
