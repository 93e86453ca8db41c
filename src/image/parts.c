#include "image/parts.h"

#include <string.h>

#include "store/memory.h"
#include "store/parallel.h"

/* Room for some more keys than fall to a part, unless hashes are no good. */
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
keys_bytes(const struct keys *keys)
{
	/* A byte more, so that no keys are no exception. */
	return keys->room * KEYS_HALVES * TABLE_PARTS * sizeof(*keys->list) + 1;
}

void
keys_release(struct keys *keys)
{
	mem_pages_free(keys->list, keys_bytes(keys));
	keys->list = NULL;
}

/* Half of the keys, that one thread carries to their parts. */
struct share {
	struct keys *keys;
	table_keys *take;
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
	struct keys *keys = share->keys;
	unsigned part = table_part(hash);
	uint32_t n = share->counts[part];

	share->sizes[size]++;
	if (n == keys->room) {
		share->full = true;
		return;
	}
	keys->list[(part * KEYS_HALVES + share->half) * keys->room + n] =
	    (struct carried){hash, (uint32_t)key, size};
	share->counts[part] = n + 1;
}

static void
carry_share(void *arg)
{
	struct share *share = arg;
	unsigned char sizes[TABLE_BLOCK];
	uint64_t hashes[TABLE_BLOCK];
	size_t n;

	for (size_t i = share->begin; i < share->end; i += n) {
		n = share->end - i < TABLE_BLOCK ? share->end - i : TABLE_BLOCK;
		share->take(share->arg, i, n, hashes, sizes);
		for (size_t k = 0; k < n; k++)
			carry(share, i + k, hashes[k], sizes[k]);
	}
}

static void
end_share(struct keys *keys, const struct share *share)
{
	memcpy(keys->counts[share->half], share->counts, sizeof(share->counts));
	for (unsigned size = 0; size <= KEYS_ROOM; size++)
		keys->sizes[size] += share->sizes[size];
	keys->full |= share->full;
}

void
keys_take(struct keys *keys, size_t count, table_keys *take, void *arg)
{
	size_t middle = count / 2;
	struct share low = {.keys = keys, .take = take, .arg = arg, .end = middle};
	struct share high = {.keys = keys, .take = take, .arg = arg, .half = 1,
	    .begin = middle, .end = count};

	keys->room = room_for(count);
	if (keys->list == NULL)
		keys->list = mem_pages(keys_bytes(keys));
	parallel(count, carry_share, &low, carry_share, &high);
	memset(keys->sizes, 0, sizeof(keys->sizes));
	keys->full = false;
	end_share(keys, &low);
	end_share(keys, &high);
}
