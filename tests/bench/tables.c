/* tables - makes DIR/table.lmdb and DIR/table.sqlite from DIR/table. */
#include <stdio.h>
#include <unistd.h>

#include "subject.h"

int
main(int argc, char **argv)
{
	if (argc != 2 || chdir(argv[1]) != 0) {
		fputs("usage: tables DIR\n", stderr);
		return 2;
	}
	unlink("table.lmdb");
	unlink("table.sqlite");
	lmdb_make("table", "table.lmdb");
	sqlite_make("table", "table.sqlite");
	return 0;
}
