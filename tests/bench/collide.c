/*
 * collide - names chosen to fall into one bucket.
 *
 *   collide make DIR  searches names that share a bucket under seed 0, as if
 *                     the seed were plain, for DIR/collide.conf; as many
 *                     ordinary ones: DIR/plain.conf
 *   collide ask DIR   how long each lookup takes; *.idx must have been compiled
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "image/placing.h"
#include "keys.h"
#include "runtime/format.h"
#include "subject.h"

enum { NAMES = 10000, LETTERS = 8, ROUNDS = 9, REPEATS = 32 };

/* Candidates in the order of the alphabet: aaaaaaaa.example, ... */
struct candidate {
	char name[LETTERS + sizeof(".example")];
};

static void
candidate_first(struct candidate *candidate)
{
	memset(candidate->name, 'a', LETTERS);
	strcpy(candidate->name + LETTERS, ".example");
}

static void
candidate_next(struct candidate *candidate)
{
	for (int i = 0; i < LETTERS && ++candidate->name[i] > 'z'; i++)
		candidate->name[i] = 'a';
}

/* The table that names are aimed at. */
struct aim {
	unsigned char secret[HASH_SECRET_SIZE];
	uint32_t nseeds, nslots;
	unsigned char *seeds, *filter, *lines;
};

/* All in one bucket. */
static int
in_first_bucket(const struct aim *aim, uint64_t hash)
{
	return table_bucket(hash, aim->nseeds) == 0;
}

/* Looks like a key of a fully packed line, until it is compared. */
static int
in_full_line(const struct aim *aim, uint64_t hash)
{
	uint32_t bucket = table_bucket(hash, aim->nseeds);
	uint32_t slot = table_slot(hash, aim->seeds[bucket], aim->nslots);
	uint64_t bits = table_filter_bits(hash);
	const unsigned char *line = aim->lines + (size_t)(slot / LINE_SLOTS) * LINE_SIZE;
	int entries = 0;

	for (int i = 0; i < LINE_SLOTS; i++)
		entries += line[i] != 0;
	return (le64_get(aim->filter + table_filter_at(bucket)) & bits) == bits &&
	    line[slot % LINE_SLOTS] != 0 &&
	    entries >= LINE_SLOTS - 1;
}

static void
search(const struct aim *aim, int (*hit)(const struct aim *, uint64_t), struct candidate *found)
{
	struct candidate candidate;

	candidate_first(&candidate);
	for (size_t n = 0; n < NAMES; candidate_next(&candidate))
		if (hit(aim, key_hash(aim->secret, candidate.name, sizeof(candidate.name) - 1)))
			found[n++] = candidate;
}

static FILE *
create(const char *dir, const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (f == NULL)
		bench_fail(path, strerror(errno));
	return f;
}

static void
make(const char *dir, const struct keys *keys)
{
	static struct candidate found[NAMES];
	struct aim aim = {.nseeds = placing_buckets(NAMES)};
	FILE *collide = create(dir, "collide.conf"), *plain = create(dir, "plain.conf");

	hash_secret(aim.secret, 0);
	search(&aim, in_first_bucket, found);
	for (size_t i = 0; i < NAMES; i++) {
		fprintf(collide, "route to %s via mx.example.net\n", found[i].name);
		fprintf(plain, "route to %s via mx.example.net\n", keys_get(keys, i));
	}
	if (fclose(collide) != 0 || fclose(plain) != 0)
		bench_fail(dir, strerror(errno));
}

static uint64_t
wall_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Names to ask for, and the least time that each took. */
struct timing {
	const char *names[NAMES];
	double ns[NAMES];
};

static void
ask(void *handle, struct timing *timing, int hit)
{
	for (size_t i = 0; i < NAMES; i++) {
		size_t len = strlen(timing->names[i]);
		uint64_t begin = wall_now(), found = 0;
		double ns;

		for (int r = 0; r < REPEATS; r++)
			found += subject_ours.find(handle, timing->names[i], len) != 0;
		ns = (double)(wall_now() - begin) / REPEATS;
		if (found != (hit ? REPEATS : 0))
			bench_fail(timing->names[i], "a wrong answer");
		if (timing->ns[i] == 0 || ns < timing->ns[i])
			timing->ns[i] = ns;
	}
}

/* Every name several times, so that only what is slow every time counts as slow. */
static void
time_all(const char *dir, const char *index, struct timing *timing, const char *subject, int hit)
{
	char path[4096];
	void *handle;

	snprintf(path, sizeof(path), "%s/%s.idx", dir, index);
	handle = subject_ours.open(path);
	memset(timing->ns, 0, sizeof(timing->ns));
	for (int round = 0; round < ROUNDS; round++)
		ask(handle, timing, hit);
	subject_ours.close(handle);
	bench_result(NAMES, "collide", subject, "median ns", bench_median(timing->ns, NAMES));
	bench_result(NAMES, "collide", subject, "slowest ns", timing->ns[NAMES - 1]);
}

static unsigned char *
read_section(FILE *f, const unsigned char *header, int section, uint32_t *size)
{
	const unsigned char *entry = header + HEADER_SECTIONS + 16 * section;
	unsigned char *bytes;

	*size = (uint32_t)le64_get(entry + 8);
	bytes = bench_alloc(*size);
	if (fseek(f, (long)le64_get(entry), SEEK_SET) != 0 || fread(bytes, *size, 1, f) != 1)
		bench_fail("plain.idx", "cannot read");
	return bytes;
}

/* The worst that somebody can ask who has the index and reads its seed. */
static void
search_index(const char *dir, struct candidate *found)
{
	unsigned char header[HEADER_SIZE];
	struct aim aim = {0};
	char path[4096];
	uint32_t size;
	FILE *f;

	snprintf(path, sizeof(path), "%s/plain.idx", dir);
	f = fopen(path, "r");
	if (f == NULL || fread(header, sizeof(header), 1, f) != 1)
		bench_fail(path, "cannot read");
	hash_secret(aim.secret, le64_get(header + HEADER_SEED));
	aim.seeds = read_section(f, header, SECTION_NAMES + TABLE_SEEDS, &aim.nseeds);
	aim.filter = read_section(f, header, SECTION_NAMES + TABLE_FILTER, &size);
	aim.lines = read_section(f, header, SECTION_NAMES + TABLE_LINES, &size);
	aim.nslots = (size / LINE_SIZE - 1) * LINE_SLOTS;
	fclose(f);
	search(&aim, in_full_line, found);
	free(aim.seeds);
	free(aim.filter);
	free(aim.lines);
}

/* The names that `make` found. */
static void
read_names(const char *dir, struct candidate *found)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/collide.conf", dir);
	f = fopen(path, "r");
	for (size_t i = 0; i < NAMES; i++)
		if (f == NULL || fscanf(f, "route to %16s via %*s\n", found[i].name) != 1)
			bench_fail(path, "cannot read");
	fclose(f);
}

static void
point_at(struct timing *timing, const struct candidate *found)
{
	for (size_t i = 0; i < NAMES; i++)
		timing->names[i] = found[i].name;
}

static void
ask_all(const char *dir, const struct keys *keys)
{
	static struct candidate found[NAMES];
	static struct timing timing;

	for (size_t i = 0; i < NAMES; i++)
		timing.names[i] = keys_get(keys, i);
	time_all(dir, "plain", &timing, "ordinary, found", 1);
	for (size_t i = 0; i < NAMES; i++)
		timing.names[i] = keys_get(keys, NAMES + i);
	time_all(dir, "plain", &timing, "ordinary, not there", 0);
	read_names(dir, found);
	point_at(&timing, found);
	time_all(dir, "collide", &timing, "colliding, found", 1);
	time_all(dir, "plain", &timing, "colliding, not there", 0);
	search_index(dir, found);
	time_all(dir, "plain", &timing, "aimed at full lines", 0);
}

int
main(int argc, char **argv)
{
	struct keys keys;

	if (argc != 3) {
		fputs("usage: collide make|ask DIR\n", stderr);
		return 2;
	}
	keys_make(&keys, NAMES * 2);
	if (strcmp(argv[1], "make") == 0)
		make(argv[2], &keys);
	else
		ask_all(argv[2], &keys);
	keys_free(&keys);
	return 0;
}
