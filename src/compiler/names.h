/*
 * names.h - the distinct names of all patterns, numbered in the order of
 * their first use.  Memory matters here: there may be ten million.
 */
#ifndef COMPILER_NAMES_H
#define COMPILER_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "compiler/memory.h"

/* The inline groups of a name record, in the order of their member lists. */
enum { INLINE_TO, INLINE_WILD, INLINE_USER, INLINE_COUNT };

struct name {
	const char *ptr;
	uint32_t len;
	uint32_t members[INLINE_COUNT];	/* last member of each, NO_MEMBER: no such group */
	uint32_t list;		/* for the owner: what its entry says, when the index is laid out */
	uint32_t roles;		/* ROLE_..., and NAME_PLAIN */
};

enum { NAME_PLAIN = 256 };	/* a plain name, as the lexer has it: without '@' */

/*
 * A cache line of the table: compared as a whole, since where a name would
 * stand among its neighbours is nothing that a processor could foresee.
 */
enum { NAMES_BUCKET = 8 };
struct names_bucket {
	uint32_t hash[NAMES_BUCKET];
	uint32_t number[NAMES_BUCKET];	/* + 1; 0: free, and all behind it are */
};

struct names {
	struct arena arena;
	struct name *list;
	size_t count;
	size_t capacity;
	struct names_bucket *buckets;
	size_t nbuckets;	/* a power of two */
	uint64_t seed;
};

/* Of some names in their order, whatever the seed. */
uint64_t names_digest(const struct names *names, size_t begin, size_t end);

/* The hash of a name for tables with this seed. */
uint32_t names_hash(uint64_t seed, struct slice name);

/* seed: any number an author of names cannot foresee; expected: a guess. */
void names_init(struct names *names, uint64_t seed, size_t expected);
void names_release(struct names *names);

/* names_settle - frees the table: no name is looked for or added any more. */
void names_settle(struct names *names);

/*
 * names_intern - the number of a name.  A new one is copied unless it is
 * `plain`: then ptr must outlive the names.
 */
uint32_t names_intern(struct names *names, struct slice name, bool plain);

/* The number of a name, or NO_NAME. */
#define NO_NAME 0xffffffffu
uint32_t names_find(const struct names *names, struct slice name);

/* The same where the hash is known; names_fetch fetches the slot for it. */
uint32_t names_intern_hashed(struct names *names, struct slice name, uint32_t hash, bool plain);
void names_fetch(const struct names *names, uint32_t hash);

#endif
