#include "keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t
bench_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

void *
bench_alloc(size_t size)
{
	void *p = malloc(size);

	if (p == NULL) {
		perror("bench");
		exit(1);
	}
	return p;
}

static size_t
letters(uint64_t *state, size_t least, size_t most, char *out)
{
	size_t n = least + bench_random(state) % (most - least + 1);

	for (size_t i = 0; i < n; i++)
		out[i] = (char)('a' + bench_random(state) % 26);
	return n;
}

static size_t
make_name(uint64_t *state, char *out)
{
	static const char *const tops[] = {"com", "com", "com", "net", "org", "de", "fr", "nl",
	    "it", "eu", "io", "ch", "pl", "se", "info", "co.uk", "com.br", "com.au"};
	const char *top = tops[bench_random(state) % (sizeof(tops) / sizeof(*tops))];
	size_t n = 0;

	if (bench_random(state) % 5 == 0) {
		n = letters(state, 2, 8, out);
		out[n++] = '.';
	}
	n += letters(state, 4, 16, out + n);
	out[n++] = '.';
	strcpy(out + n, top);
	return n + strlen(top);
}

/* A set of the names so far: 64 bits of each, which must differ. */
struct seen {
	uint64_t *slots;
	size_t mask;
};

static int
seen_before(struct seen *seen, const char *name, size_t len)
{
	uint64_t hash = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		hash += (unsigned char)name[i];
		hash = bench_random(&hash);
	}
	hash |= 1;
	for (i = hash >> 8 & seen->mask; seen->slots[i] != 0; i = (i + 1) & seen->mask)
		if (seen->slots[i] == hash)
			return 1;
	seen->slots[i] = hash;
	return 0;
}

void
keys_make(struct keys *keys, size_t count)
{
	uint64_t state = BENCH_SEED;
	struct seen seen = {.mask = 1023};
	size_t at = 0;

	while (seen.mask < count * 2)
		seen.mask = seen.mask * 2 + 1;
	seen.slots = bench_alloc((seen.mask + 1) * sizeof(*seen.slots));
	memset(seen.slots, 0, (seen.mask + 1) * sizeof(*seen.slots));
	keys->text = bench_alloc(count * BENCH_KEY_MAX);
	keys->at = bench_alloc(count * sizeof(*keys->at));
	for (keys->count = 0; keys->count < count;) {
		size_t len = make_name(&state, keys->text + at);

		if (seen_before(&seen, keys->text + at, len))
			continue;
		keys->at[keys->count++] = at;
		at += len + 1;
	}
	free(seen.slots);
}

void
keys_free(struct keys *keys)
{
	free(keys->text);
	free(keys->at);
}

void
bench_relay(size_t n, char out[BENCH_RELAY_MAX])
{
	uint64_t state = n;

	snprintf(out, BENCH_RELAY_MAX, "mx%u.relay.example.net",
	    (unsigned)(bench_random(&state) % BENCH_RELAYS));
}

void
row_make(struct row *row, const struct keys *keys, size_t first, size_t n, size_t count)
{
	uint64_t state = first + count;
	size_t at = 0;

	row->bytes = bench_alloc(count * BENCH_KEY_MAX + 1);
	for (row->count = 0; row->count < count; row->count++) {
		const char *key = keys_get(keys, first + bench_random(&state) % n);
		size_t len = strlen(key);

		row->bytes[at++] = (unsigned char)len;
		memcpy(row->bytes + at, key, len);
		at += len;
	}
	row->bytes[at] = 0;
	row->size = at;
}

void
row_free(struct row *row)
{
	free(row->bytes);
}
