/*
 * guard - the fixed work whose instructions the guard counts.
 *
 *   guard make DIR        writes the files that the others read
 *   guard hit|miss DIR    lookups of a destination
 *   guard ladder|mixed DIR  lookups with login and sender
 *   guard compile|kinds DIR  a compile: of plain routes, of routes of eight kinds
 *   guard expect DIR      a compile of plain routes, each with an expectation
 *   guard calibrate DIR   see calibrate.h
 *   guard compiler DIR    says what it was compiled by
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calibrate.h"
#include "conf/conf.h"
#include "image/image.h"
#include "mails.h"
#include "tmail/routes.h"

enum { ROUTES = 20000, LOOKUPS = 10000 };

static _Noreturn void
fail(const char *what)
{
	fprintf(stderr, "guard: %s\n", what);
	exit(1);
}

static void
compile(const char *path, struct image *image)
{
	struct conf conf;

	if (conf_open(&conf, path) != SOURCE_OK || !conf_check(&conf) || !image_build(&conf, image))
		fail(path);
	image_seal(image);
	conf_close(&conf);
}

static void
write_index(const char *conf, const char *index)
{
	struct image image;
	FILE *f = fopen(index, "w");

	compile(conf, &image);
	if (f == NULL || fwrite(image.bytes, image.size, 1, f) != 1 || fclose(f) != 0)
		fail(index);
	image_release(&image);
}

static FILE *
create(const char *path)
{
	FILE *f = fopen(path, "w");

	if (f == NULL)
		fail(path);
	return f;
}

/* A route of one of eight kinds, drawn at random. */
static void
write_kind(FILE *f, const struct keys *keys, size_t i, uint64_t *state)
{
	const char *one = keys_get(keys, i), *two = keys_get(keys, ROUTES + i);
	char via[BENCH_RELAY_MAX];

	bench_relay(i, via);
	switch (bench_random(state) % 8) {
	case 0: fprintf(f, "route to %s via %s\n", one, via); break;
	case 1: fprintf(f, "route %zu to %s via %s\n", ROUTES + i, one, via); break;
	case 2: fprintf(f, "route user a@%s to %s via %s\n", two, one, via); break;
	case 3: fprintf(f, "route to %s from %s via %s:587\n", one, two, via); break;
	case 4: fprintf(f, "route to %s,*.%s via %s priority 20\n", one, two, via); break;
	case 5: fprintf(f, "route  user %s to * via %s tls verified # note\n", two, via); break;
	case 6: fprintf(f, "route to %s reject \"5.7.1 closed\"\n", one); break;
	default: fprintf(f, "route to *.%s from <> via %s port 26 helo %s\n", one, via, two);
	}
}

/* Of three kinds, as bench/commands has them. */
static void
write_expectation(FILE *f, const char *to, const char *via, size_t i)
{
	switch (i % 3) {
	case 0: fprintf(f, "expect to ann@%s via %s\n", to, via); break;
	case 1:
		fprintf(f, "expect to ann@%s user joe@bench.example from ann@bench.example via %s\n", to, via);
		break;
	default: fprintf(f, "expect to ann@%s first %s tls opportunistic\n", to, via);
	}
}

/* destinations: `to NAME` alone; every: all kinds of rungs; mixed: a typical mix;
   kinds: all kinds of lines; expect: destinations, and what mails to them are to get. */
static void
make(const struct keys *keys)
{
	FILE *destinations = create("destinations.conf"), *every = create("every.conf");
	FILE *mixed = create("mixed.conf"), *kinds = create("kinds.conf");
	FILE *expect = create("expect.conf");
	uint64_t state = BENCH_SEED;

	for (size_t i = 0; i < ROUTES; i++) {
		struct patterns p;
		char relay[BENCH_RELAY_MAX];

		bench_relay(i, relay);
		fprintf(destinations, "route to %s via %s\n", keys_get(keys, i), relay);
		fprintf(expect, "route to %s via %s\n", keys_get(keys, i), relay);
		write_expectation(expect, keys_get(keys, i), relay, i);
		ladder_every(keys, ROUTES, i, &p);
		fprintf(every, "route user %s to %s%s%s via %s\n", p.user[0] != '\0' ? p.user : "any",
		    p.to, p.from[0] != '\0' ? " from " : "", p.from, relay);
		write_kind(kinds, keys, i, &state);
		ladder_mixed(keys, ROUTES, i, &p);
		fprintf(mixed, "route user %s to %s%s%s via %s\n", p.user[0] != '\0' ? p.user : "any",
		    p.to, p.from[0] != '\0' ? " from " : "", p.from, relay);
	}
	if (fclose(destinations) != 0 || fclose(every) != 0 || fclose(mixed) != 0 ||
	    fclose(kinds) != 0 || fclose(expect) != 0)
		fail("cannot write");
	write_index("destinations.conf", "destinations.idx");
	write_index("every.conf", "every.idx");
	write_index("mixed.conf", "mixed.idx");
}

static struct tmail_slice
text(const char *s)
{
	return (struct tmail_slice){s, strlen(s)};
}

/* What is counted, see the script.  How many of the queries match. */
__attribute__((noinline)) size_t guard_lookups(const struct tmail_routes *routes,
    const struct tmail_query *queries, size_t count);

size_t
guard_lookups(const struct tmail_routes *routes, const struct tmail_query *queries, size_t count)
{
	struct tmail_match match;
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += tmail_routes_lookup(routes, &queries[i], &match) == TMAIL_OK;
	return found;
}

static size_t
lookups(const char *index, const struct tmail_query *queries)
{
	struct tmail_routes *routes;
	size_t found;

	if (tmail_routes_open(index, 0, &routes) != TMAIL_OK)
		fail(index);
	found = guard_lookups(routes, queries, LOOKUPS);
	tmail_routes_close(routes);
	return found;
}

static size_t
destinations(const struct keys *keys, size_t first)
{
	static struct tmail_query queries[LOOKUPS];
	uint64_t state = first;

	for (size_t i = 0; i < LOOKUPS; i++)
		queries[i].recipient = text(keys_get(keys, first + bench_random(&state) % ROUTES));
	return lookups("destinations.idx", queries);
}

static size_t
ladders(const struct keys *keys, const char *index,
    void (*draw)(const struct keys *, size_t, uint64_t *, struct mail *))
{
	static struct tmail_query queries[LOOKUPS];
	static struct mail mails[LOOKUPS];
	uint64_t state = BENCH_SEED;

	for (size_t i = 0; i < LOOKUPS; i++) {
		draw(keys, ROUTES, &state, &mails[i]);
		queries[i] = (struct tmail_query){.recipient = text(mails[i].recipient),
		    .login = text(mails[i].login), .sender = text(mails[i].sender)};
	}
	return lookups(index, queries);
}

static size_t
compile_once(const char *path)
{
	struct image image;
	size_t size;

	compile(path, &image);
	size = image.size;
	image_release(&image);
	return size;
}

int
main(int argc, char **argv)
{
	struct keys keys;

	if (argc != 3 || chdir(argv[2]) != 0) {
		fputs("usage: guard make|hit|miss|ladder|mixed|compile|kinds|expect|calibrate|compiler DIR\n", stderr);
		return 2;
	}
	if (strcmp(argv[1], "compile") == 0) {
		printf("%zu\n", compile_once("destinations.conf"));
		return 0;
	}
	if (strcmp(argv[1], "kinds") == 0) {
		printf("%zu\n", compile_once("kinds.conf"));
		return 0;
	}
	if (strcmp(argv[1], "expect") == 0) {
		printf("%zu\n", compile_once("expect.conf"));
		return 0;
	}
	if (strcmp(argv[1], "calibrate") == 0) {
		printf("%ju\n", (uintmax_t)calibrate());
		return 0;
	}
	if (strcmp(argv[1], "compiler") == 0) {
		puts(__VERSION__);
		return 0;
	}
	keys_make(&keys, ladder_names(ROUTES) * 2);
	if (strcmp(argv[1], "make") == 0)
		make(&keys);
	else if (strcmp(argv[1], "hit") == 0)
		printf("%zu\n", destinations(&keys, 0));
	else if (strcmp(argv[1], "miss") == 0)
		printf("%zu\n", destinations(&keys, ROUTES));
	else if (strcmp(argv[1], "ladder") == 0)
		printf("%zu\n", ladders(&keys, "every.idx", mail_unknown));
	else if (strcmp(argv[1], "mixed") == 0)
		printf("%zu\n", ladders(&keys, "mixed.idx", mail_mixed));
	else
		fail("no such work");
	keys_free(&keys);
	return 0;
}
