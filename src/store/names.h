/*
 * names.h - the distinct names of all patterns, numbered in the order of
 * their first use.  Memory matters here: there may be ten million.
 */
#ifndef STORE_NAMES_H
#define STORE_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "store/memory.h"

/* The inline groups of a name record, in the order of their member lists. */
enum { INLINE_TO, INLINE_WILD, INLINE_USER, INLINE_COUNT };

#define NO_MEMBER 0xffffffffu

struct name {
	const char *ptr;
	uint32_t len;
	uint32_t members[INLINE_COUNT];	/* last member of each, NO_MEMBER: no such group */
	uint32_t ref;		/* for the owner: its hash; its list, when the index is laid out */
	uint32_t roles;		/* ROLE_..., and NAME_PLAIN */
};

enum {
	NAME_PLAIN = 256,	/* a plain name, as the lexer has it: without '@' */
	NAME_OF_PLAIN = 512	/* see stmts.vias */
};

/*
 * A cache line of the table: tags are compared all at once, since where a name
 * would stand among its neighbours is nothing that a processor could foresee.
 */
enum { NAMES_BUCKET = 12 };
struct names_bucket {
	char tag[16];		/* a part of the hash, never 0; 0: free, and all behind it are */
	uint32_t number[NAMES_BUCKET];
};

struct names_table {
	struct names_bucket *buckets;
	size_t nbuckets;	/* a power of two; 0: there is no table */
	size_t used;		/* names in it */
};

struct names {
	struct arena arena;
	struct name *list;
	size_t count;
	size_t capacity;
	struct names_table table;
	struct names_table joined;	/* of a part that was joined; only read */
	uint64_t seed;
};

/* Of some names in their order, whatever the seed. */
uint64_t names_digest(const struct names *names, size_t begin, size_t end);

/* The hash of a name for tables with this seed. */
uint32_t names_hash(uint64_t seed, struct slice name);

/* seed: any number an author of names cannot foresee; expected: a guess. */
void names_init(struct names *names, uint64_t seed, size_t expected);
void names_release(struct names *names);

/* names_settle - frees the tables: no name is looked for or added any more. */
void names_settle(struct names *names);

/*
 * Two threads can add names at once, each to a part of its own.  names_part
 * makes an empty one, whose list lies in that of the whole from name `at` on
 * and has room for `room` names; its table expects `expected`.  A part takes
 * plain names only, and is not released.
 *
 * names_match looks up each name of the second part in the first: map, by
 * number in the second, has its number in the first or NO_NAME.
 *
 * names_join makes both, the first one at 0, the names of the whole, which had
 * none: first those of the first part, then what is new in the second, each
 * in its order, so that it does not matter where a list is parted.  map then
 * has the new numbers of all names of the second.  If there is no `more` to
 * come, the whole is settled.
 */
struct names names_part(const struct names *whole, size_t at, size_t room, size_t expected);
void names_match(const struct names *first, const struct names *second, uint32_t *map);
void names_join(struct names *whole, const struct names *first, const struct names *second,
    uint32_t *map, bool more);

/*
 * names_intern - the number of a name.  A new one is copied unless it is
 * `plain`: then ptr must outlive the names.
 */
uint32_t names_intern(struct names *names, struct slice name, bool plain);

/* The number of a name, or NO_NAME. */
#define NO_NAME 0xffffffffu
uint32_t names_find(const struct names *names, struct slice name);

/* The same where the hash is known; names_fetch fetches the bucket for it. */
uint32_t names_intern_hashed(struct names *names, struct slice name, uint32_t hash, bool plain);

static inline void
names_fetch(const struct names *names, uint32_t hash)
{
	__builtin_prefetch(&names->table.buckets[hash & (names->table.nbuckets - 1)], 1);
}

#endif
