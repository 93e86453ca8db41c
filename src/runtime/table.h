/*
 * table.h - the two hash tables of an index, and the member lists of groups.
 *
 * A probe waits for memory twice: for the bucket and for the record.  Who
 * has several keys first fetches the buckets of all of them, then glances at
 * all, then finds those that may be there, so that they wait together.
 */
#ifndef RUNTIME_TABLE_H
#define RUNTIME_TABLE_H

#include "base/chunk.h"
#include "base/hot.h"
#include "runtime/index.h"

/* The slots of a bucket that may hold a key, as a mask. */
static inline unsigned
bucket_slots(const unsigned char *bucket, uint64_t hash)
{
	return chunk_equal(chunk_load((const char *)bucket), bucket_fingerprint(hash)) &
	    ((1u << BUCKET_SLOTS) - 1);
}

static inline uint32_t
bucket_ref(const unsigned char *bucket, unsigned slots)
{
	return le32_get(bucket + BUCKET_REFS + 4 * __builtin_ctz(slots));
}

/* A key on its way: its hash and its home bucket. */
struct probe {
	uint64_t hash;
	const unsigned char *home;
};

HOT void
probe_init(struct probe *probe, const struct table *table, const void *key,
    size_t len)
{
	probe->hash = hash64(key, len, table->seed);
	probe->home = table->buckets +
	    (size_t)bucket_home(probe->hash, table->nbuckets) * BUCKET_SIZE;
}

/* The same, and fetches the bucket. */
HOT void
probe_start(struct probe *probe, const struct table *table, const void *key,
    size_t len)
{
	probe_init(probe, table, key, len);
	__builtin_prefetch(probe->home);
}

/*
 * Whether the key may be in the table.  If so, fetches the record that it
 * seems to have: size bytes of it.
 */
HOT bool
probe_glance(const struct probe *probe, const struct tmail_routes *routes,
    size_t size)
{
	unsigned slots = bucket_slots(probe->home, probe->hash);
	const unsigned char *record;
	size_t left;

	if (slots == 0)
		return probe->home[BUCKET_REACH] != 0;
	record = record_at(routes, bucket_ref(probe->home, slots), &left);
	if (record != NULL && left >= size) {
		__builtin_prefetch(record);
		__builtin_prefetch(record + size - 1);
	}
	return true;
}

/*
 * table_find - looks for a key.  same says whether the record at a ref is
 * the key's: TMAIL_OK, TMAIL_NO_ROUTE or TMAIL_E_DAMAGED; so does table_find,
 * with *ref.  Inlined with its same.
 */
typedef enum tmail_status table_same(const struct tmail_routes *routes,
    uint32_t ref, const void *key, size_t len);

HOT enum tmail_status
table_find(const struct tmail_routes *routes, const struct table *table,
    const struct probe *probe, table_same *same, const void *key, size_t len,
    uint32_t *ref)
{
	const unsigned char *bucket = probe->home;
	enum tmail_status status;
	unsigned slots, distance = 0;

	for (;;) {
		slots = bucket_slots(bucket, probe->hash);
		for (; slots != 0; slots &= slots - 1) {
			*ref = bucket_ref(bucket, slots);
			status = same(routes, *ref, key, len);
			if (status != TMAIL_NO_ROUTE)
				return status;
		}
		if (distance == probe->home[BUCKET_REACH])
			return TMAIL_NO_ROUTE;
		if (distance == table->probes)
			return TMAIL_E_DAMAGED;
		distance++;
		bucket += BUCKET_SIZE;
		if (bucket == table->end)
			bucket = table->buckets;
	}
}

/* memcmp, by the branches that the hash function has taken before. */
HOT bool
bytes_eq(const void *a, const void *b, size_t len)
{
	const char *p = a, *q = b;
	size_t i;

	if (len > 16) {
		for (i = 0; i < len - 16; i += 16)
			if (chunk_differ(chunk_load(p + i), chunk_load(q + i)))
				return false;
		return !chunk_differ(chunk_load(p + len - 16),
		    chunk_load(q + len - 16));
	}
	if (len >= 8)
		return ((le64_get(p) ^ le64_get(q)) |
		    (le64_get(p + len - 8) ^ le64_get(q + len - 8))) == 0;
	for (i = 0; i < len; i++)
		if (p[i] != q[i])
			return false;
	return true;
}

/* Bytes of a name record in front of the name itself: "*." has two. */
static inline size_t
name_offset(const unsigned char *record)
{
	unsigned roles = record[NAME_ROLES];

	_Static_assert(ROLE_WILD == 2 && ROLE_GROUP_WILD == 16, "shifts");
	return NAME_TEXT + ((roles | roles >> 3) & 2);
}

/* What is to be said of a ref that leads nowhere: an empty slot has ref 0. */
static inline enum tmail_status
bad_ref(uint32_t ref)
{
	return ref == 0 ? TMAIL_NO_ROUTE : TMAIL_E_DAMAGED;
}

/* A table_same for NAMES; after its TMAIL_OK the name lies in the map. */
HOT enum tmail_status
name_same(const struct tmail_routes *routes, uint32_t ref, const void *key,
    size_t len)
{
	const struct section *records = &routes->sections[SECTION_RECORDS];
	const unsigned char *record;
	size_t at, offset;

	if (ref == 0 || ref >= records->count)
		return bad_ref(ref);
	at = (size_t)ref * RECORD_UNIT;
	record = records->ptr + at;
	if (le16_get(record + NAME_LENGTH) != len)
		return TMAIL_NO_ROUTE;
	offset = name_offset(record);
	if (records->len - at < offset + len)
		return TMAIL_E_DAMAGED;
	return bytes_eq(record + offset, key, len) ? TMAIL_OK : TMAIL_NO_ROUTE;
}

/* A table_same for GROUPS: the key is the first GROUP_MEMBERS bytes. */
HOT enum tmail_status
group_same(const struct tmail_routes *routes, uint32_t ref, const void *key,
    size_t len)
{
	const struct section *records = &routes->sections[SECTION_RECORDS];
	size_t at;

	if (ref == 0 || ref >= records->count)
		return bad_ref(ref);
	at = (size_t)ref * RECORD_UNIT;
	if (records->len - at < len)
		return TMAIL_E_DAMAGED;
	return bytes_eq(records->ptr + at, key, len) ? TMAIL_OK : TMAIL_NO_ROUTE;
}

/* The record of a name that was found. */
static inline const unsigned char *
name_record(const struct tmail_routes *routes, uint32_t ref)
{
	return routes->sections[SECTION_RECORDS].ptr + (size_t)ref * RECORD_UNIT;
}

/* The text of a name that was found, with "*." in front if wild. */
static inline struct tmail_slice
table_name_text(const struct tmail_routes *routes, uint32_t ref, bool wild)
{
	const unsigned char *record = name_record(routes, ref);
	size_t offset = name_offset(record), len = le16_get(record + NAME_LENGTH);

	if (wild)
		return tmail_slice(record + offset - 2, len + 2);
	return tmail_slice(record + offset, len);
}

/* A member list: where it lies, and how many there are. */
struct members {
	const unsigned char *first;
	uint32_t count;
};

/* members_at - reads the head of the member list at a ref.  False: damaged. */
static inline bool
members_at(const struct tmail_routes *routes, uint32_t ref,
    struct members *members)
{
	const unsigned char *list;
	size_t left;

	list = record_at(routes, ref, &left);
	if (list == NULL || left < MEMBER_SIZE)
		return false;
	members->first = list;
	members->count = 1;
	if ((le32_get(list + MEMBER_TARGET) & MEMBER_MORE) == 0)
		return true;
	if (left < MEMBER_SIZE + 4)
		return false;
	members->count = le32_get(list + MEMBER_SIZE);
	return members->count > 0 && members->count <= (left - 4) / MEMBER_SIZE;
}

/* members_get - member number n, n < count. */
static inline const unsigned char *
members_get(const struct members *members, uint32_t n)
{
	return members->first + (size_t)n * MEMBER_SIZE + (n == 0 ? 0 : 4);
}

/* Moves a ref over a member list.  False: damaged. */
bool members_skip(const struct tmail_routes *routes, uint32_t *ref);

/*
 * table_inline_group - finds the member list of the group that a name found
 * decides alone: role is one of ROLE_TO, ROLE_WILD and ROLE_USER.
 * TMAIL_OK with *members, its ref, or TMAIL_E_DAMAGED.
 */
static inline enum tmail_status
table_inline_group(const struct tmail_routes *routes, uint32_t name,
    unsigned role, uint32_t *members)
{
	const unsigned char *record = name_record(routes, name);
	size_t text = name_offset(record) + le16_get(record + NAME_LENGTH);
	unsigned before = record[NAME_ROLES] & (role - 1) &
	    (ROLE_TO | ROLE_WILD | ROLE_USER);

	*members = name + (uint32_t)((text + RECORD_UNIT - 1) / RECORD_UNIT);
	for (; before != 0; before &= before - 1)
		if (!members_skip(routes, members))
			return TMAIL_E_DAMAGED;
	return TMAIL_OK;
}

#endif
