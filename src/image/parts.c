#include "image/parts.h"

#include <string.h>

#include "store/memory.h"
#include "store/parallel.h"

/* Room for eight standard deviations above the mean: only bad hashes overflow. */
static size_t
room_for(size_t count)
{
	size_t half = count - count / 2, mean = half / TABLE_PARTS, deviation = 1;

	while (deviation * deviation < mean)
		deviation++;
	mean += 8 * deviation + 16;
	return mean < half ? mean : half;
}

static size_t
parts_bytes(const struct parts *parts)
{
	/* One byte more: never an allocation of 0. */
	return parts->room * KEYS_HALVES * TABLE_PARTS * sizeof(*parts->list) + 1;
}

void
parts_release(struct parts *parts)
{
	mem_pages_free(parts->list, parts_bytes(parts));
	parts->list = NULL;
}

/* Half of the keys, which one thread carries to their parts. */
struct share {
	struct parts *parts;
	placing_keys *take;
	void *arg;
	unsigned half;
	size_t begin, end;
	uint32_t counts[TABLE_PARTS];
	uint32_t sizes[KEYS_ROOM + 1];
	bool full;
};

static void
carry(struct share *share, size_t key, uint64_t hash, unsigned size)
{
	struct parts *parts = share->parts;
	unsigned part = table_part(hash);
	uint32_t n = share->counts[part];

	share->sizes[size]++;
	if (n == parts->room) {
		share->full = true;
		return;
	}
	parts->list[(part * KEYS_HALVES + share->half) * parts->room + n] =
	    (struct carried){hash, (uint32_t)key, size};
	share->counts[part] = n + 1;
}

static void
carry_share(void *arg)
{
	struct share *share = arg;
	unsigned char sizes[PLACING_BLOCK];
	uint64_t hashes[PLACING_BLOCK];
	size_t n;

	for (size_t i = share->begin; i < share->end; i += n) {
		n = share->end - i < PLACING_BLOCK ? share->end - i : PLACING_BLOCK;
		share->take(share->arg, i, n, hashes, sizes);
		for (size_t k = 0; k < n; k++)
			carry(share, i + k, hashes[k], sizes[k]);
	}
}

static void
end_share(struct parts *parts, const struct share *share)
{
	memcpy(parts->counts[share->half], share->counts, sizeof(share->counts));
	for (unsigned size = 0; size <= KEYS_ROOM; size++)
		parts->sizes[size] += share->sizes[size];
	parts->full |= share->full;
}

void
parts_take(struct parts *parts, size_t count, placing_keys *take, void *arg)
{
	size_t middle = count / 2;
	struct share low = {.parts = parts, .take = take, .arg = arg, .end = middle};
	struct share high = {.parts = parts, .take = take, .arg = arg, .half = 1,
	    .begin = middle, .end = count};

	parts->room = room_for(count);
	if (parts->list == NULL)
		parts->list = mem_pages(parts_bytes(parts));
	parallel(count, carry_share, &low, carry_share, &high);
	memset(parts->sizes, 0, sizeof(parts->sizes));
	parts->full = false;
	end_share(parts, &low);
	end_share(parts, &high);
}
