/*
 * image.h - the bytes of routes.idx from a model.  The layout is described
 * in runtime/format.h; the same model gives the same bytes.
 */
#ifndef COMPILER_IMAGE_H
#define COMPILER_IMAGE_H

#include "compiler/conf.h"

struct image {
	unsigned char *bytes;
	size_t size;
};

/*
 * image_build - lays the index out.  conf must have been checked without an
 * error.  False if it would be larger than the format can say (8 GiB of
 * records, 4 GiB of strings); nothing is allocated then.  image_release frees.
 */
bool image_build(struct conf *conf, struct image *image);
void image_release(struct image *image);

#endif
