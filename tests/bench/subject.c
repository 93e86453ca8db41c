#include "subject.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "keys.h"
#include "tmail/routes.h"

_Noreturn void
bench_fail(const char *path, const char *why)
{
	fprintf(stderr, "bench: %s: %s\n", path, why);
	exit(1);
}

uint64_t
bench_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void
bench_result(size_t size, const char *question, const char *subject, const char *metric,
    double value)
{
	printf("%zu\t%s\t%s\t%s\t%.9g\n", size, question, subject, metric, value);
	fflush(stdout);
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double
bench_least(const double *values, size_t n)
{
	double least = values[0];

	for (size_t i = 1; i < n; i++)
		least = values[i] < least ? values[i] : least;
	return least;
}

double
bench_median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), by_value);
	return values[n / 2];
}

static void *
ours_open(const char *path)
{
	struct tmail_routes *routes;
	enum tmail_status status = tmail_routes_open(path, 0, &routes);

	if (status != TMAIL_OK)
		bench_fail(path, tmail_status_text(status));
	return routes;
}

static void
ours_close(void *handle)
{
	tmail_routes_close(handle);
}

/* A byte of the answer: waiting for it is waiting for the index. */
static uint64_t
ours_find(void *handle, const char *key, size_t len)
{
	struct tmail_query query = {.recipient = {key, len}};
	struct tmail_match match;

	return tmail_routes_lookup(handle, &query, &match) == TMAIL_OK ?
	    (unsigned char)*match.to.ptr : 0;
}

const struct subject subject_ours = {"tmail", "routes.idx", ours_open, ours_close, ours_find, 1};

/* The limit: an array of the index's size, mapped like the index. */
struct limit {
	const unsigned char *map;
	size_t size;
};

static void *
limit_open(const char *path)
{
	struct limit *limit = bench_alloc(sizeof(*limit));
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *map;

	if (fd < 0 || fstat(fd, &st) != 0)
		bench_fail(path, strerror(errno));
	limit->size = (size_t)st.st_size;
	map = mmap(NULL, limit->size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		bench_fail(path, strerror(errno));
	limit->map = map;
	close(fd);
	return limit;
}

static void
limit_close(void *handle)
{
	struct limit *limit = handle;
	union {
		const unsigned char *map;
		void *unmap;
	} u = {limit->map};

	munmap(u.unmap, limit->size);
	free(limit);
}

static uint64_t
limit_find(void *handle, const char *key, size_t len)
{
	const struct limit *limit = handle;
	uint64_t hash = hash64(key, len, BENCH_SEED);
	const unsigned char *line = limit->map + (hash >> 32) * (limit->size / 64) / 0x100000000 * 64;

	return line[hash & 63] | 1u;
}

const struct subject subject_limit = {
    "limit", "routes.idx", limit_open, limit_close, limit_find, 1};
