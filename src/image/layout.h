/*
 * layout.h - an index on its way from the model to its bytes.
 *
 *   image.c    sections and header
 *   entries.c  the two tables: where keys go, and their entries
 *   records.c  what entries cannot say
 */
#ifndef IMAGE_LAYOUT_H
#define IMAGE_LAYOUT_H

#include "image/image.h"
#include "image/placing.h"

struct layout {
	const struct conf *conf;
	struct model *model;
	struct image *image;
	struct route_buffer buffer;
	struct placing names;
	struct placing groups;
	uint32_t *group_lists;
	unsigned char secret[HASH_SECRET_SIZE];
	uint64_t seed;
	uint64_t offset[SECTION_COUNT];
	uint64_t length[SECTION_COUNT];
	uint32_t name_max;
	bool fits;
};

/* Names or routes that a thread takes at once: see parallel_blocks. */
enum { LAYOUT_BLOCK = 4096 };

/*
 * Takes room for records, sets the lists of names and groups, and draws the
 * seed of the tables from the names, so that nobody can choose names for a
 * known seed.  False: too many records.
 */
bool layout_records(struct layout *l);
void write_records(struct layout *l);

/* Places all keys, if need be with another seed. */
void layout_place(struct layout *l);
void write_entries(struct layout *l);

#endif
