/*
 * subject.h - what is measured: our library, its peers, and the limit, which
 * is a hash of the key and one cache line read at a random place.
 */
#ifndef BENCH_SUBJECT_H
#define BENCH_SUBJECT_H

#include <stddef.h>
#include <stdint.h>

struct subject {
	const char *name;
	const char *file;		/* in the directory of a size */
	void *(*open)(const char *path);
	void (*close)(void *handle);
	/*
	 * Looks for a name; nonzero if it is there.  The number comes from
	 * what was read, so that a chain of queries can be made to wait for it.
	 */
	uint64_t (*find)(void *handle, const char *key, size_t len);
	unsigned share;			/* it gets 1/share of the queries: it is slow */
};

extern const struct subject subject_ours, subject_cdb, subject_lmdb, subject_sqlite,
    subject_limit;

/* The peers' tables, from a file of lines NAME TAB VALUE. */
void lmdb_make(const char *table, const char *path);
void sqlite_make(const char *table, const char *path);

/* Ends the program with a line about path. */
_Noreturn void bench_fail(const char *path, const char *why);

uint64_t bench_now(void);	/* ns */

/*
 * One line of the results, for report:
 *   SIZE <TAB> QUESTION <TAB> SUBJECT <TAB> METRIC <TAB> VALUE
 */
void bench_result(size_t size, const char *question, const char *subject, const char *metric,
    double value);

/* Of what was measured several times, the least: other work on a machine only adds. */
double bench_least(const double *values, size_t n);
double bench_median(double *values, size_t n);

#endif
