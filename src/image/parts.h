/*
 * parts.h - the keys of a table, carried to the part of it that they belong to
 * (table_part).
 */
#ifndef IMAGE_PARTS_H
#define IMAGE_PARTS_H

#include "image/placing.h"
#include "runtime/format.h"

enum {
	KEYS_HALVES = 2,
	KEYS_ROOM = LINE_SIZE - LINE_ENTRIES	/* of a line: the largest entry */
};

/* A key, as it is carried to its part. */
struct carried {
	uint64_t hash;
	uint32_t key;
	uint32_t size;
};

/* Each of two threads takes half of the keys; in a part, one half's follow the other's. */
struct parts {
	struct carried *list;
	size_t room;			/* for keys of a part that come from one half */
	uint32_t counts[KEYS_HALVES][TABLE_PARTS];
	uint32_t sizes[KEYS_ROOM + 1];	/* keys by size */
	bool full;			/* some had no room */
};

/* parts_take - takes so many: see placing_take.  Zero the struct to start. */
void parts_take(struct parts *parts, size_t count, placing_keys *take, void *arg);
void parts_release(struct parts *parts);

/* The keys of a part that come from one half, in their order. */
static inline const struct carried *
parts_get(const struct parts *parts, unsigned part, unsigned half, size_t *count)
{
	*count = parts->counts[half][part];
	return parts->list + (part * KEYS_HALVES + half) * parts->room;
}

#endif
