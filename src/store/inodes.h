/*
 * inodes.h - a table of files by device and inode: which number belongs to a
 * file.  With it no step looks at all other files for each file.
 */
#ifndef STORE_INODES_H
#define STORE_INODES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#define INODE_NONE 0xffffffffu

struct inode {
	dev_t dev;
	ino_t ino;
	uint32_t number;
};

/* Zero the struct to start. */
struct inodes {
	struct inode *list;
	size_t count, capacity;
	uint32_t *slots;	/* place in list + 1; 0: free */
	size_t nslots;
};

/* Adds a file that is not in the table. */
void inodes_add(struct inodes *inodes, const struct stat *status, uint32_t number);

/* The number that a file was added with, or INODE_NONE. */
uint32_t inodes_find(const struct inodes *inodes, const struct stat *status);

void inodes_release(struct inodes *inodes);

#endif
