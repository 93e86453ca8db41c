/* file_stat.h - whether two struct stat are of one file, and of one state of it. */
#ifndef STORE_FILE_STAT_H
#define STORE_FILE_STAT_H

#include <stdbool.h>
#include <sys/stat.h>

static inline bool
stat_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* The same file with the same text, whatever it is called now: a rename moves ctime. */
static inline bool
stat_same_text(const struct stat *a, const struct stat *b)
{
	return stat_same_file(a, b) && a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* The same file, and nobody has written to it in between. */
static inline bool
stat_same(const struct stat *a, const struct stat *b)
{
	return stat_same_text(a, b) && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	    a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

#endif
