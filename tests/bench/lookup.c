/*
 * lookup - asks every subject for the same names: N DIR, where DIR holds the
 * tables of N routes.  Results go to standard output.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "keys.h"
#include "subject.h"

/*
 * Many short rounds, of which the fastest counts: what else the machine does
 * only ever adds.  WARM names go before, since the others have had the caches.
 */
enum { ROUNDS = 25, QUERIES = 300000, WARM = 60000 };

static const struct subject *const subjects[] = {
    &subject_ours, &subject_limit, &subject_cdb, &subject_lmdb, &subject_sqlite};
enum { SUBJECTS = sizeof(subjects) / sizeof(*subjects) };

static void *
open_in(const struct subject *subject, const char *dir)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", dir, subject->file);
	return subject->open(path);
}

/* What a row came to. */
static double
finish(const struct subject *subject, uint64_t begin, size_t count, uint64_t found, int hit)
{
	double ns = (double)(bench_now() - begin) / (double)count;

	if (subject != &subject_limit && found != (hit ? count : 0))
		bench_fail(subject->name, "a wrong answer");
	return ns;
}

/* Asks for the first `count` names of a row; ns for each. */
static double
ask(const struct subject *subject, void *handle, const struct row *row, size_t count, int hit)
{
	const unsigned char *p = row->bytes;
	uint64_t found = 0, begin = bench_now();

	for (size_t i = 0; i < count; i++) {
		found += subject->find(handle, (const char *)p + 1, *p) != 0;
		p += *p + 1u;
	}
	return finish(subject, begin, count, found, hit);
}

/* The same, but where the next name stands is not known before the answer is. */
static double
ask_chain(const struct subject *subject, void *handle, const struct row *row, size_t count,
    int hit)
{
	static const volatile uint64_t zero;
	const uint64_t mask = zero;
	const unsigned char *p = row->bytes;
	uint64_t found = 0, begin = bench_now();

	for (size_t i = 0; i < count; i++) {
		uint64_t answer = subject->find(handle, (const char *)p + 1, *p);

		found += answer != 0;
		p += *p + 1u + (answer & mask);
	}
	return finish(subject, begin, count, found, hit);
}

/* Names to be asked for, and others to warm up with. */
struct queries {
	struct row row;
	struct row warm;
	int hit;
};

/* Drawn from keys first..first + n - 1. */
static void
queries_make(struct queries *queries, const struct keys *keys, size_t first, size_t n, int hit)
{
	row_make(&queries->warm, keys, first, n, WARM);
	row_make(&queries->row, keys, first, n, QUERIES);
	queries->hit = hit;
}

static void
queries_free(struct queries *queries)
{
	row_free(&queries->warm);
	row_free(&queries->row);
}

/* All subjects in turn, many times over. */
static void
compare(size_t size, const char *question, void **handles, const struct queries *queries,
    double (*how)(const struct subject *, void *, const struct row *, size_t, int))
{
	static double ns[SUBJECTS][ROUNDS];

	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < SUBJECTS; i++) {
			unsigned share = subjects[i]->share;

			how(subjects[i], handles[i], &queries->warm, WARM / share, queries->hit);
			ns[i][round] = how(subjects[i], handles[i], &queries->row, QUERIES / share,
			    queries->hit);
		}
	for (int i = 0; i < SUBJECTS; i++)
		bench_result(size, question, subjects[i]->name, "ns", bench_least(ns[i], ROUNDS));
}

struct worker {
	void *handle;
	const struct queries *queries;
	pthread_barrier_t *start;
	double ns;
};

static void *
work(void *arg)
{
	struct worker *worker = arg;

	pthread_barrier_wait(worker->start);
	ask(&subject_ours, worker->handle, &worker->queries->warm, WARM, 1);
	worker->ns = ask(&subject_ours, worker->handle, &worker->queries->row, QUERIES, 1);
	return NULL;
}

/* Lookups a second of `threads` threads that share a handle, each with its names. */
static double
rate(void *handle, const struct queries *queries, int threads)
{
	struct worker workers[2];
	pthread_barrier_t start;
	pthread_t ids[2];
	double sum = 0;

	pthread_barrier_init(&start, NULL, (unsigned)threads);
	for (int i = 0; i < threads; i++) {
		workers[i] = (struct worker){handle, &queries[i], &start, 0};
		if (pthread_create(&ids[i], NULL, work, &workers[i]) != 0)
			bench_fail("lookup", "no thread");
	}
	for (int i = 0; i < threads; i++) {
		pthread_join(ids[i], NULL);
		sum += 1e9 / workers[i].ns;
	}
	pthread_barrier_destroy(&start);
	return sum;
}

static void
compare_threads(size_t size, void *handle, const struct queries *queries)
{
	double one[ROUNDS], two[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		one[round] = 1 / rate(handle, queries, 1);
		two[round] = 1 / rate(handle, queries, 2);
	}
	bench_result(size, "threads", "one", "lookups/s", 1 / bench_least(one, ROUNDS));
	bench_result(size, "threads", "two", "lookups/s", 1 / bench_least(two, ROUNDS));
}

int
main(int argc, char **argv)
{
	void *handles[SUBJECTS];
	struct queries hits[2], misses;
	struct keys keys;
	size_t size;

	if (argc != 3) {
		fputs("usage: lookup N DIR\n", stderr);
		return 2;
	}
	size = strtoul(argv[1], NULL, 10);
	keys_make(&keys, size * 2);
	queries_make(&hits[0], &keys, 0, size, 1);
	queries_make(&hits[1], &keys, size / 2, size - size / 2, 1);
	queries_make(&misses, &keys, size, size, 0);
	keys_free(&keys);
	for (int i = 0; i < SUBJECTS; i++)
		handles[i] = open_in(subjects[i], argv[2]);
	compare(size, "hit", handles, &hits[0], ask);
	compare(size, "miss", handles, &misses, ask);
	compare(size, "hit-latency", handles, &hits[0], ask_chain);
	compare(size, "miss-latency", handles, &misses, ask_chain);
	compare_threads(size, handles[0], hits);
	for (int i = 0; i < SUBJECTS; i++)
		subjects[i]->close(handles[i]);
	for (int i = 0; i < 2; i++)
		queries_free(&hits[i]);
	queries_free(&misses);
	return 0;
}
