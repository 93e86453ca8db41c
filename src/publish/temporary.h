/*
 * temporary.h - the file under construction beside the one it will replace.
 *
 * Its name is ".NAME.tmail-tmp", so that what a killed run left is found, and
 * where that cannot be had, ".NAME.tmail-tmp-2" and so on.  As the same file
 * can be reached under two locks (a list that two confs include; an index that
 * was locked in the read-only directory's stead), whoever builds it holds a
 * flock(2) on it until it has its final name: one that nobody holds is a
 * leftover.
 */
#ifndef PUBLISH_TEMPORARY_H
#define PUBLISH_TEMPORARY_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/*
 * What a temporary file is for: `name` in the open directory, whose fstat is
 * *status; owner: whose locks count there beside root's and our own (trust.h);
 * old: the file that has the name, NULL: none.
 */
struct place {
	int directory;
	const struct stat *status;
	const char *name;
	uid_t owner;
	const struct stat *old;
};

struct temporary {
	int fd;			/* open for writing, else -1 */
	int held;		/* keeps the flock, else -1 */
	bool named;		/* the name is there and ours */
	bool born;		/* it has its final name, where there was no file */
	bool kept;		/* it has its final name, the old file has this one */
	struct stat status;	/* of the new file, when it was finished */
	char name[NAME_MAX + 1];
};

void temporary_init(struct temporary *t);

/*
 * temporary_open - makes a temporary file for the place, empty and with mode
 * 0600, under the name with this number (from 1) or the next one that can be
 * had: a leftover goes, one that may not be opened or removed is passed by, and
 * so is one that a stranger holds where he can write, and one that is the old
 * file itself, which would look changed without it.  0 or an errno;
 * EWOULDBLOCK: another process is building this file.
 */
int temporary_open(struct temporary *t, const struct place *place, unsigned number);

/* temporary_write - writes it all from that offset on; 0 or an errno. */
int temporary_write(struct temporary *t, const void *data, size_t len, size_t offset);

/* temporary_finish - to the disk, and closed for writing; 0 or an errno. */
int temporary_finish(struct temporary *t);

/* temporary_let_go - gives up the flock, and so the descriptor. */
void temporary_let_go(struct temporary *t);

/*
 * temporary_take - has the flock again, if it was given up.  0 or an errno;
 * EWOULDBLOCK: somebody takes the file for a leftover.
 */
int temporary_take(struct temporary *t, int directory);

/* temporary_link - gives the place's file a temporary name, too; 0 or an errno. */
int temporary_link(const struct place *place, char name[NAME_MAX + 1]);

/* temporary_drop - removes the file that has the temporary name, and lets go. */
void temporary_drop(struct temporary *t, int directory);

/*
 * temporary_sweep - removes what leftovers it may of all names in the directory
 * for which wanted(arg, name) says so.
 */
void temporary_sweep(int directory, bool (*wanted)(const void *arg, const char *name),
    const void *arg);

#endif
