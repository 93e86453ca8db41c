#include "runtime/table.h"

#include "base/chunk.h"

#define NAME_WILD (ROLE_WILD | ROLE_GROUP_WILD)

static const unsigned char *
home_bucket(const struct table *table, uint64_t hash)
{
	return table->buckets +
	    (size_t)bucket_home(hash, table->nbuckets) * BUCKET_SIZE;
}

static const unsigned char *
next_bucket(const struct table *table, const unsigned char *bucket)
{
	bucket += BUCKET_SIZE;
	if (bucket == table->buckets + (size_t)table->nbuckets * BUCKET_SIZE)
		bucket = table->buckets;
	return bucket;
}

/* The slots of a bucket that may hold the key, as a mask. */
static unsigned
bucket_slots(const unsigned char *bucket, uint64_t hash)
{
	return chunk_equal(chunk_load((const char *)bucket), bucket_fingerprint(hash)) &
	    ((1u << BUCKET_SLOTS) - 1);
}

static uint32_t
bucket_ref(const unsigned char *bucket, unsigned slots)
{
	return le32_get(bucket + BUCKET_REFS + 4 * __builtin_ctz(slots));
}

uint64_t
table_start(const struct table *table, const void *key, size_t len)
{
	uint64_t hash = hash64(key, len, table->seed);

	__builtin_prefetch(home_bucket(table, hash));
	return hash;
}

void
table_peek(const struct tmail_routes *routes, const struct table *table,
    uint64_t hash, size_t extent)
{
	const unsigned char *bucket, *record;
	unsigned slots;
	size_t len;

	if (table->nbuckets == 0)
		return;
	bucket = home_bucket(table, hash);
	slots = bucket_slots(bucket, hash);
	if (slots == 0)
		return;
	record = record_at(routes, bucket_ref(bucket, slots), &len);
	if (record == NULL || len < extent)
		return;
	__builtin_prefetch(record);
	__builtin_prefetch(record + extent - 1);
}

/* memcmp, without a call for what is mostly short. */
static bool
same(const unsigned char *a, const char *b, size_t len)
{
	size_t i;

	if (len < 8) {
		for (i = 0; i < len; i++)
			if (a[i] != (unsigned char)b[i])
				return false;
		return true;
	}
	for (i = 0; i < len - 8; i += 8)
		if (le64_get(a + i) != le64_get(b + i))
			return false;
	return le64_get(a + len - 8) == le64_get(b + len - 8);
}

/* Bytes of a name record in front of the name itself. */
static size_t
name_offset(const unsigned char *record)
{
	return NAME_TEXT + ((record[NAME_ROLES] & NAME_WILD) != 0 ? 2u : 0u);
}

static enum tmail_status
compare_name(const struct tmail_routes *routes, uint32_t ref, struct slice name)
{
	const unsigned char *record;
	size_t len, offset;

	record = record_at(routes, ref, &len);
	if (record == NULL || len < NAME_TEXT || ref <= KEY_NULL)
		return TMAIL_E_DAMAGED;
	if (le16_get(record + NAME_LENGTH) != name.len)
		return TMAIL_NO_ROUTE;
	offset = name_offset(record);
	if (len - NAME_TEXT < offset - NAME_TEXT + name.len)
		return TMAIL_E_DAMAGED;
	return same(record + offset, name.ptr, name.len) ? TMAIL_OK : TMAIL_NO_ROUTE;
}

static enum tmail_status
compare_group(const struct tmail_routes *routes, uint32_t ref,
    struct slice key)
{
	const unsigned char *record;
	size_t len;

	record = record_at(routes, ref, &len);
	if (record == NULL || len < GROUP_MEMBERS)
		return TMAIL_E_DAMAGED;
	return same(record, key.ptr, key.len) ? TMAIL_OK : TMAIL_NO_ROUTE;
}

typedef enum tmail_status compare(const struct tmail_routes *, uint32_t,
    struct slice);

static inline enum tmail_status
find(const struct tmail_routes *routes, const struct table *table,
    uint64_t hash, struct slice key, compare *cmp, uint32_t *ref)
{
	const unsigned char *bucket;
	enum tmail_status status;
	unsigned slots, reach;

	if (table->nbuckets == 0)
		return TMAIL_NO_ROUTE;
	bucket = home_bucket(table, hash);
	reach = bucket[BUCKET_REACH];
	if (reach > table->probes)
		return TMAIL_E_DAMAGED;
	for (;;) {
		slots = bucket_slots(bucket, hash);
		for (; slots != 0; slots &= slots - 1) {
			*ref = bucket_ref(bucket, slots);
			if (*ref == 0)
				continue;
			status = cmp(routes, *ref, key);
			if (status != TMAIL_NO_ROUTE)
				return status;
		}
		if (reach-- == 0)
			return TMAIL_NO_ROUTE;
		bucket = next_bucket(table, bucket);
	}
}

enum tmail_status
table_find_name(const struct tmail_routes *routes, struct slice name,
    uint64_t hash, uint32_t *ref, unsigned char *roles)
{
	enum tmail_status status;
	size_t len;

	status = find(routes, &routes->names, hash, name, compare_name, ref);
	if (status == TMAIL_OK)
		*roles = record_at(routes, *ref, &len)[NAME_ROLES];
	return status;
}

enum tmail_status
table_find_group(const struct tmail_routes *routes,
    const unsigned char key[GROUP_KEY_SIZE], uint64_t hash, uint32_t *members)
{
	struct slice bytes = {(const char *)key, GROUP_KEY_SIZE};
	enum tmail_status status;

	status = find(routes, &routes->groups, hash, bytes, compare_group, members);
	if (status == TMAIL_OK)
		*members += GROUP_MEMBERS / RECORD_UNIT;
	return status;
}

struct tmail_slice
table_name_text(const struct tmail_routes *routes, uint32_t ref, bool wild)
{
	const unsigned char *record;
	size_t len, offset;

	record = record_at(routes, ref, &len);
	offset = name_offset(record);
	len = le16_get(record + NAME_LENGTH);
	if (wild)
		return tmail_slice(record + offset - 2, len + 2);
	return tmail_slice(record + offset, len);
}

bool
members_at(const struct tmail_routes *routes, uint32_t ref,
    struct members *members)
{
	const unsigned char *list;
	size_t len;

	list = record_at(routes, ref, &len);
	if (list == NULL || len < MEMBER_SIZE)
		return false;
	members->first = list;
	members->count = 1;
	if ((le32_get(list + MEMBER_TARGET) & MEMBER_MORE) == 0)
		return true;
	if (len < MEMBER_SIZE + 4)
		return false;
	members->count = le32_get(list + MEMBER_SIZE);
	return members->count > 0 && members->count <= (len - 4) / MEMBER_SIZE;
}

/* The ref after a member list; lists of one unit and more always move on. */
static bool
skip_members(const struct tmail_routes *routes, uint32_t *ref)
{
	struct members members;
	uint32_t units;

	if (!members_at(routes, *ref, &members))
		return false;
	units = members.count * (MEMBER_SIZE / RECORD_UNIT);
	if ((le32_get(members.first + MEMBER_TARGET) & MEMBER_MORE) != 0)
		units++;
	*ref += units;
	return true;
}

enum tmail_status
table_inline_group(const struct tmail_routes *routes, uint32_t name,
    unsigned char role, uint32_t *members)
{
	const unsigned char *record;
	unsigned char before;
	size_t len, text;

	record = record_at(routes, name, &len);
	text = name_offset(record) + le16_get(record + NAME_LENGTH);
	*members = name + (uint32_t)((text + RECORD_UNIT - 1) / RECORD_UNIT);
	before = record[NAME_ROLES] & (unsigned char)(role - 1) &
	    (ROLE_TO | ROLE_WILD | ROLE_USER);
	for (; before != 0; before &= (unsigned char)(before - 1))
		if (!skip_members(routes, members))
			return TMAIL_E_DAMAGED;
	return TMAIL_OK;
}
