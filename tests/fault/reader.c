/*
 * reader INDEX - what a mail server does with the delivery library, told a line
 * a step; exits as a command does when memory runs out.  Allocates nothing.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "tmail/routes.h"

enum { CANDIDATES = 16 };

static void
tell(const char *step, enum tmail_status status)
{
	if (status == TMAIL_E_MEMORY) {
		fputs("tmail: out of memory\n", stderr);
		exit(EX_OSERR);
	}
	printf("%s: %s\n", step, tmail_status_text(status));
}

static struct tmail_slice
text(const char *s)
{
	return (struct tmail_slice){s, strlen(s)};
}

static void
ask(const struct tmail_routes *routes, const char *to, const char *user, const char *from)
{
	const struct tmail_query query = {
	    .recipient = text(to), .login = text(user), .sender = text(from)};
	struct tmail_candidate plan[CANDIDATES];
	struct tmail_random random;
	struct tmail_match match;
	struct tmail_route route;
	size_t n;
	enum tmail_status status = tmail_routes_lookup(routes, &query, &match);

	tell(to, status);
	if (status != TMAIL_OK)
		return;
	tmail_random_init(&random, 1);
	tell("plan", tmail_match_plan(routes, &match, &random, plan, CANDIDATES, &n));
	for (uint32_t i = 0; i < match.count; i++) {
		tell("route", tmail_match_route(routes, &match, i, &route));
		printf("%u\n", (unsigned)route.id);
	}
}

static void
read_index(const char *path, unsigned flags)
{
	struct timespec times[2] = {{0, UTIME_OMIT}};
	struct tmail_routes *routes, *fresh;
	struct stat st;

	tell("open", tmail_routes_open(path, flags, &routes));
	ask(routes, "a@école.example", "", "");
	ask(routes, "a@other.example", "joe@tmail.io", "x@tmäil.io");
	ask(routes, "x@nowhere.example", "", "");
	/* Now it looks like another file. */
	if (stat(path, &st) == 0)
		times[1].tv_sec = st.st_mtim.tv_sec + 1;
	if (utimensat(AT_FDCWD, path, times, 0) != 0)
		perror(path);
	tell("refresh", tmail_routes_refresh(routes, &fresh));
	ask(fresh, "a@école.example", "", "");
	tmail_routes_close(fresh);
	tmail_routes_close(routes);
}

int
main(int argc, char **argv)
{
	if (argc != 2)
		return EX_USAGE;
	setvbuf(stdout, NULL, _IONBF, 0);
	read_index(argv[1], 0);
	read_index(argv[1], TMAIL_OPEN_VERIFY);
	read_index(argv[1], TMAIL_OPEN_SEALED);
	read_index(argv[1], TMAIL_OPEN_SEALED | TMAIL_OPEN_VERIFY);
	return 0;
}
