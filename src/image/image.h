/*
 * image.h - the bytes of routes.idx from a model.  The layout is described
 * in runtime/format.h; the same model gives the same bytes.
 */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include "conf/conf.h"

struct image {
	unsigned char *bytes;
	size_t size;
	const struct conf *conf;
};

/*
 * image_build - lays the index out, all but what image_seal does.  conf must
 * have been checked without an error, and stay.  False if it would be larger
 * than the format can say (8 GiB of records, 4 GiB of strings); nothing is
 * allocated then.  image_release frees.
 */
bool image_build(struct conf *conf, struct image *image);

/*
 * image_seal - fills in what depends on every byte, and all of it within the
 * header: the digest of the configuration's files and the checksums.  (It
 * takes a void pointer so that others can call it while they write the rest.)
 */
void image_seal(void *image);

/*
 * image_readable - in place of that, for index_attach and lookups alone: looks at no
 * byte behind the header, and leaves the digests out.
 */
void image_readable(struct image *image);
void image_release(struct image *image);

#endif
