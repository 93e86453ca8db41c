/*
 * data - writes N routes to DIR/routes.conf, and the same names and relays to
 * DIR/table, as cdb -m and postmap read them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"

static FILE *
create(const char *dir, const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (f == NULL) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(1);
	}
	return f;
}

static void
finish(FILE *f)
{
	if (ferror(f) || fclose(f) != 0) {
		perror("data");
		exit(1);
	}
}

int
main(int argc, char **argv)
{
	struct keys keys;
	FILE *conf, *table;

	if (argc != 3) {
		fputs("usage: data N DIR\n", stderr);
		return 2;
	}
	keys_make(&keys, strtoul(argv[1], NULL, 10));
	conf = create(argv[2], "routes.conf");
	table = create(argv[2], "table");
	for (size_t i = 0; i < keys.count; i++) {
		char relay[BENCH_RELAY_MAX];

		bench_relay(i, relay);
		fprintf(conf, "route to %s via %s\n", keys_get(&keys, i), relay);
		fprintf(table, "%s\t%s\n", keys_get(&keys, i), relay);
	}
	finish(conf);
	finish(table);
	keys_free(&keys);
	return 0;
}
