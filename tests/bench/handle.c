/* handle - what it costs to open and to refresh an index: N INDEX. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "subject.h"
#include "tmail/routes.h"

enum { ROUNDS = 1001 };

static void
check(const char *path, enum tmail_status status)
{
	if (status != TMAIL_OK)
		bench_fail(path, tmail_status_text(status));
}

/* With a lookup after it, so that what an open puts off counts. */
static void
open_once(const char *path)
{
	const struct tmail_query query = {.recipient = {"unknown.example", 15}};
	struct tmail_routes *routes;
	struct tmail_match match;

	check(path, tmail_routes_open(path, 0, &routes));
	(void)tmail_routes_lookup(routes, &query, &match);
	tmail_routes_close(routes);
}

static void
refresh_once(const struct tmail_routes *routes, const char *path, int changed)
{
	struct tmail_routes *fresh;

	check(path, tmail_routes_refresh(routes, &fresh));
	if ((fresh != NULL) != changed)
		bench_fail(path, "refresh is wrong");
	tmail_routes_close(fresh);
}

static double
since(uint64_t begin)
{
	return (double)(bench_now() - begin) / 1e3;
}

int
main(int argc, char **argv)
{
	static const struct timespec past[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	double opens[ROUNDS], same[ROUNDS], other[ROUNDS];
	struct tmail_routes *routes;
	size_t size;

	if (argc != 3) {
		fputs("usage: handle N INDEX\n", stderr);
		return 2;
	}
	size = strtoul(argv[1], NULL, 10);
	check(argv[2], tmail_routes_open(argv[2], 0, &routes));
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t begin = bench_now();

		open_once(argv[2]);
		opens[i] = since(begin);
		begin = bench_now();
		refresh_once(routes, argv[2], 0);
		same[i] = since(begin);
	}
	if (utimensat(AT_FDCWD, argv[2], past, 0) != 0)
		bench_fail(argv[2], "cannot set its time");
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t begin = bench_now();

		refresh_once(routes, argv[2], 1);
		other[i] = since(begin);
	}
	bench_result(size, "handle", "open", "us", bench_least(opens, ROUNDS));
	bench_result(size, "handle", "refresh, same", "us", bench_least(same, ROUNDS));
	bench_result(size, "handle", "refresh, new", "us", bench_least(other, ROUNDS));
	tmail_routes_close(routes);
	return 0;
}
