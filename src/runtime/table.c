#include "runtime/table.h"

void
table_peek(const struct tmail_routes *routes, const struct table *table,
    uint64_t hash, size_t size)
{
	const unsigned char *bucket, *record;
	unsigned slots;
	size_t left;

	bucket = table_home(table, hash);
	slots = bucket_slots(bucket, hash);
	if (slots == 0)
		return;
	record = record_at(routes, bucket_ref(bucket, slots), &left);
	if (record == NULL || left < size)
		return;
	__builtin_prefetch(record);
	__builtin_prefetch(record + size - 1);
}

bool
members_skip(const struct tmail_routes *routes, uint32_t *ref)
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
