#include "store/inodes.h"

#include <stdlib.h>

#include "base/hash.h"
#include "store/memory.h"

/* Inode numbers are not for strangers to choose: a known seed will do. */
static size_t
first_slot(const struct inodes *inodes, dev_t dev, ino_t ino)
{
	const uint64_t key[2] = {dev, ino};

	return (size_t)hash64(key, sizeof(key), 0) & (inodes->nslots - 1);
}

static void
place(struct inodes *inodes, uint32_t n)
{
	size_t i = first_slot(inodes, inodes->list[n].dev, inodes->list[n].ino);

	while (inodes->slots[i] != 0)
		i = (i + 1) & (inodes->nslots - 1);
	inodes->slots[i] = n + 1;
}

void
inodes_add(struct inodes *inodes, const struct stat *status, uint32_t number)
{
	if (inodes->count * 2 >= inodes->nslots) {
		free(inodes->slots);
		inodes->nslots = inodes->nslots == 0 ? 16 : inodes->nslots * 2;
		inodes->slots = mem_zero(inodes->nslots, sizeof(*inodes->slots));
		for (size_t i = 0; i < inodes->count; i++)
			place(inodes, (uint32_t)i);
	}
	inodes->list = mem_grow(inodes->list, inodes->count, &inodes->capacity,
	    sizeof(*inodes->list));
	inodes->list[inodes->count] = (struct inode){status->st_dev, status->st_ino, number};
	place(inodes, (uint32_t)inodes->count++);
}

uint32_t
inodes_find(const struct inodes *inodes, const struct stat *status)
{
	if (inodes->nslots == 0)
		return INODE_NONE;
	for (size_t i = first_slot(inodes, status->st_dev, status->st_ino);
	     inodes->slots[i] != 0; i = (i + 1) & (inodes->nslots - 1)) {
		const struct inode *inode = &inodes->list[inodes->slots[i] - 1];

		if (inode->dev == status->st_dev && inode->ino == status->st_ino)
			return inode->number;
	}
	return INODE_NONE;
}

void
inodes_release(struct inodes *inodes)
{
	free(inodes->list);
	free(inodes->slots);
	*inodes = (struct inodes){0};
}
