/*
 * table.h - the two hash tables of an index, and the member lists of groups.
 *
 * A probe waits for memory twice: for the bucket and for the record.  A
 * caller with several keys first calls _start for all of them, then _peek
 * for all, then _find, so that they wait together.
 */
#ifndef RUNTIME_TABLE_H
#define RUNTIME_TABLE_H

#include "base/slice.h"
#include "runtime/index.h"

enum { GROUP_KEY_SIZE = 12 };

/* Hashes a key and fetches its bucket. */
uint64_t table_start(const struct table *table, const void *key, size_t len);

/*
 * Looks at a key's home bucket and fetches the record that it may lead to:
 * `extent` bytes.
 */
void table_peek(const struct tmail_routes *routes, const struct table *table,
    uint64_t hash, size_t extent);

/*
 * table_find_name - looks for a name.  TMAIL_OK with *ref and *roles of its
 * record, TMAIL_NO_ROUTE or TMAIL_E_DAMAGED.
 */
enum tmail_status table_find_name(const struct tmail_routes *routes,
    struct slice name, uint64_t hash, uint32_t *ref, unsigned char *roles);

/*
 * table_find_group - looks for a group by its key as format.h has it.
 * TMAIL_OK with *members, the ref of its member list, TMAIL_NO_ROUTE or
 * TMAIL_E_DAMAGED.
 */
enum tmail_status table_find_group(const struct tmail_routes *routes,
    const unsigned char key[GROUP_KEY_SIZE], uint64_t hash, uint32_t *members);

/*
 * table_inline_group - finds the member list of the group that a name found
 * decides alone: role is one of ROLE_TO, ROLE_WILD and ROLE_USER.
 * TMAIL_OK with *members, or TMAIL_E_DAMAGED.
 */
enum tmail_status table_inline_group(const struct tmail_routes *routes,
    uint32_t name, unsigned char role, uint32_t *members);

/*
 * table_name_text - the name of a name record, with "*." in front if wild.
 * ref is one that table_find_name gave, so nothing can be wrong with it.
 */
struct tmail_slice table_name_text(const struct tmail_routes *routes,
    uint32_t ref, bool wild);

/* A member list: where it lies, and how many there are. */
struct members {
	const unsigned char *first;
	uint32_t count;
};

/* members_at - reads the head of the member list at a ref.  False: damaged. */
bool members_at(const struct tmail_routes *routes, uint32_t ref,
    struct members *members);

/* members_get - member number n, n < count. */
static inline const unsigned char *
members_get(const struct members *members, uint32_t n)
{
	return members->first + (size_t)n * MEMBER_SIZE + (n == 0 ? 0 : 4);
}

#endif
