/*
 * index.h - an open index: its map and where everything lies in it.
 *
 * Nothing here is written to after tmail_routes_open.  Sections lie inside
 * the map; what they hold is checked where it is read.
 */
#ifndef RUNTIME_INDEX_H
#define RUNTIME_INDEX_H

#include <stdbool.h>
#include <time.h>
#include <sys/types.h>

#include "base/slice.h"
#include "runtime/format.h"
#include "tmail/routes.h"

struct section {
	const unsigned char *ptr;
	size_t len;
	uint32_t count;		/* of whole elements; in RECORDS of units */
};

/* A table: names or groups.  Of no keys: one empty line, outside the map. */
struct table {
	const unsigned char *seeds;
	const unsigned char *filter;
	const unsigned char *lines;
	uint32_t nseeds;
	uint32_t nslots;
};

/* Which names patterns may have: those of a query that cannot be are left out. */
struct limits {
	uint64_t rungs;		/* HEADER_RUNGS */
	uint32_t wild_labels;	/* HEADER_WILD_LABELS */
	uint32_t name_max;	/* HEADER_NAME_MAX */
	bool all;		/* names that the index does not have are wanted, too */
};

/* All rungs with one kind of user, to or from: see rung_bit. */
#define RUNGS_USER(kind) (UINT64_C(0xffff) << (kind) * 16)
#define RUNGS_TO(kind) (UINT64_C(0x000f000f000f000f) << (kind) * 4)
#define RUNGS_FROM(kind) (UINT64_C(0x1111111111111111) << (kind))

/* "to DOMAIN" and nothing else, and the rungs before it. */
#define RUNG_DOMAIN (RUNGS_USER(RUNG_USER_NONE) & RUNGS_TO(RUNG_TO_DOMAIN) & \
	RUNGS_FROM(RUNG_FROM_NONE))
#define RUNGS_BEFORE_DOMAIN (~RUNGS_USER(RUNG_USER_NONE) | \
	RUNGS_TO(RUNG_TO_ADDRESS) | ~RUNGS_FROM(RUNG_FROM_NONE))

/* Which file a path led to. */
struct identity {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime;
};

struct tmail_routes {
	struct table names;
	unsigned char secret[HASH_SECRET_SIZE];	/* of the hash of both tables */
	bool domain_first;	/* no query has a rung before "to DOMAIN" */
	struct limits limits;
	struct table groups;
	struct section sections[SECTION_COUNT];
	unsigned char *map;
	size_t size;
	bool borrowed;		/* the map is the caller's: index_attach */
	struct identity identity;
	unsigned flags;
	char path[];
};

/* Element number n of a section; NULL: there is none. */
static inline const unsigned char *
section_element(const struct section *section, uint32_t n, size_t size)
{
	return n < section->count ? section->ptr + n * size : NULL;
}

/* The bytes of RECORDS from a ref on; *len says how many.  NULL: a bad ref. */
static inline const unsigned char *
record_at(const struct tmail_routes *routes, uint32_t ref, size_t *len)
{
	const struct section *s = &routes->sections[SECTION_RECORDS];

	if (ref >= s->count)
		return NULL;
	*len = s->len - (size_t)ref * RECORD_UNIT;
	return s->ptr + (size_t)ref * RECORD_UNIT;
}

/* A string of the index, as an answer holds it. */
static inline struct tmail_slice
tmail_slice(const void *ptr, size_t len)
{
	return (struct tmail_slice){ptr, len};
}

/*
 * index_attach - like tmail_routes_open for an index that is in memory
 * already; the bytes stay the caller's and must outlive the handle.
 */
enum tmail_status index_attach(unsigned char *bytes, size_t size,
    struct tmail_routes **routes);

#endif
