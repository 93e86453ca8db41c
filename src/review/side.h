/* side.h - one of two sides to be compared, as an open index. */
#ifndef REVIEW_SIDE_H
#define REVIEW_SIDE_H

#include "image/image.h"
#include "program/settings.h"
#include "store/file_text.h"
#include "tmail/routes.h"

/* Zero the struct to start. */
struct side {
	struct image image;	/* of a configuration: what compile would write */
	struct file_text text;	/* of an index out of a pipe */
	struct tmail_routes *routes;
};

/*
 * side_open - a configuration or an index, told by what it begins with; path "-" is
 * standard input.  A pipe's includes are looked for from the working directory.  0 or an
 * exit code after a message.  side_release is wanted in every case.
 */
int side_open(struct side *side, const char *path, const struct settings *settings);
void side_release(struct side *side);

#endif
