/* destination.h - the directory and the name in it that a path comes down to. */
#ifndef PUBLISH_DESTINATION_H
#define PUBLISH_DESTINATION_H

#include "publish/error.h"

#include <stdbool.h>
#include <sys/stat.h>

/* The name need not exist; if it does, it was a plain file when opened. */
struct destination {
	int directory;
	struct stat parent;	/* of the directory */
	char name[NAME_MAX + 1];
};

/*
 * destination_open - follows the symbolic links of path, one step at a time, and
 * opens the directory it leads to.  A link to nothing is not followed:
 * PUBLISH_CREATE.  A link of somebody who is not trusted (trust.h) counts only
 * if he owns what it leads to, and not where others can write to the link's
 * directory (PUBLISH_PLANTED_LINK): the group, everybody, or, of the link that
 * comes last, an owner who is not trusted.
 * PUBLISH_OK, _PERMISSION, _CREATE, _NO_FILE, _PLANTED_LINK, _FOREIGN_LINK,
 * _WRITE or _MEMORY.
 */
enum publish_status destination_open(struct destination *destination, const char *path,
    struct publish_error *error);

void destination_close(struct destination *destination);

/*
 * destination_beside - the name of a hidden file beside the destination's: a dot, its
 * name, the suffix.  false: too long.
 */
bool destination_beside(const char *name, const char *suffix, char beside[NAME_MAX + 1]);

/*
 * destination_names - whether the name still is that of the open file fd: 1 or 0;
 * -1 with errno set.
 */
int destination_names(int directory, const char *name, int fd);

#endif
