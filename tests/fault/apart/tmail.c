/*
 * In place of deliver/deliver.c: with it `tmail deliver` watches over another program, the
 * tmail-deliver beside it, where a test can put whatever it likes: deliver.c here, by itself or
 * under strace(1), or a script.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "deliver/deliver.h"
#include "program/beside.h"

int
deliver_main(int argc, char **argv, const struct receipt *receipt)
{
	char path[PATH_MAX];

	(void)argc;
	(void)receipt;
	if (beside_find(DELIVER_NAME, path, sizeof(path)))
		execv(path, argv);
	printf("4.3.0 cannot start " DELIVER_NAME ": %s\n", strerror(errno));
	return DELIVER_LATER;
}
