/*
 * temporary.h - the file under construction beside the one it will replace.
 *
 * Its name, ".NAME.tmail-tmp", is always the same, so that what a killed run
 * left is found.  As the same file can be reached under two locks (a list that
 * two confs include; an index that was locked in the read-only directory's
 * stead), whoever builds it holds a flock(2) on it until it has its final name:
 * one that nobody holds is a leftover.
 */
#ifndef COMPILER_TEMPORARY_H
#define COMPILER_TEMPORARY_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct temporary {
	int fd;			/* open for writing, else -1 */
	int held;		/* keeps the flock */
	bool named;		/* the name is there and ours */
	char name[NAME_MAX + 1];
};

void temporary_init(struct temporary *t);

/*
 * temporary_open - makes the temporary file for `name` in the directory, empty
 * and with mode 0600; a leftover goes.  0 or an errno; EWOULDBLOCK: another
 * process is building this file.
 */
int temporary_open(struct temporary *t, int directory, const char *name);

/* temporary_write - writes it all from that offset on; 0 or an errno. */
int temporary_write(struct temporary *t, const void *data, size_t len, size_t offset);

/* temporary_finish - to the disk, and closed for writing; 0 or an errno. */
int temporary_finish(struct temporary *t);

/* temporary_rename - gives it its final name; 0 or an errno. */
int temporary_rename(struct temporary *t, int directory, const char *name);

/* temporary_drop - removes the file if it has not been renamed, and lets go. */
void temporary_drop(struct temporary *t, int directory);

/*
 * temporary_sweep - removes the leftover for `name`, if there is one.
 * 0 or an errno; EWOULDBLOCK: it is no leftover.
 */
int temporary_sweep(int directory, const char *name);

#endif
