#include "store/names.h"

#include <stdlib.h>

#include "base/chunk.h"
#include "base/hash.h"
#include "store/parallel.h"

/* LOAD: names that a bucket holds on average before the table grows. */
enum { LOAD = 8, AHEAD = 16 };

/* The bucket's number comes from the hash's other end. */
static char
tag_of(uint32_t hash)
{
	uint32_t tag = hash >> 24;

	return (char)(tag == 0 ? 1 : tag);
}

/* The places of a bucket that have this tag, as a mask. */
static unsigned
places_of(const struct names_bucket *bucket, char tag)
{
	return chunk_equal(chunk_load(bucket->tag), (unsigned char)tag) &
	    ((1u << NAMES_BUCKET) - 1);
}

/* Puts a name into the first free place from a bucket on. */
static void
place(struct names_table *table, size_t i, uint32_t hash, uint32_t number)
{
	unsigned at, free_places;

	while ((free_places = places_of(&table->buckets[i], 0)) == 0)
		i = (i + 1) & (table->nbuckets - 1);
	at = (unsigned)__builtin_ctz(free_places);
	table->buckets[i].tag[at] = tag_of(hash);
	table->buckets[i].number[at] = number;
	table->used++;
}

static void
table_release(struct names_table *table)
{
	mem_pages_free(table->buckets, table->nbuckets * sizeof(*table->buckets));
	*table = (struct names_table){0};
}

static struct names_table
table_new(size_t nbuckets)
{
	return (struct names_table){
	    .buckets = mem_pages(nbuckets * sizeof(struct names_bucket)), .nbuckets = nbuckets};
}

/* Buckets for so many names. */
static size_t
buckets_for(size_t expected)
{
	size_t nbuckets = 64;

	while (nbuckets * LOAD < expected)
		nbuckets *= 2;
	return nbuckets;
}

void
names_init(struct names *names, uint64_t seed, size_t expected)
{
	*names = (struct names){.seed = seed, .table = table_new(buckets_for(expected))};
	names->list = mem_resize(NULL, expected, sizeof(*names->list));
	names->capacity = expected;
}

struct names
names_part(const struct names *whole, size_t at, size_t room, size_t expected)
{
	return (struct names){.seed = whole->seed,
	    .list = whole->list + at,
	    .capacity = room,
	    .table = table_new(buckets_for(expected))};
}

void
names_settle(struct names *names)
{
	table_release(&names->table);
	table_release(&names->joined);
}

void
names_release(struct names *names)
{
	names_settle(names);
	free(names->list);
	arena_release(&names->arena);
	*names = (struct names){0};
}

static uint32_t
append(struct names *names, struct slice name, uint32_t hash, bool plain)
{
	struct name *added;

	names->list = mem_grow(names->list, names->count, &names->capacity, sizeof(*names->list));
	added = &names->list[names->count];
	*added = (struct name){
	    .ptr = plain ? name.ptr : arena_copy(&names->arena, name).ptr,
	    .len = (uint32_t)name.len,
	    .ref = hash,
	    .roles = plain ? NAME_PLAIN : 0,
	    .members = {NO_MEMBER, NO_MEMBER, NO_MEMBER}};
	return (uint32_t)names->count++;
}

uint64_t
names_digest(const struct names *names, size_t begin, size_t end)
{
	unsigned char secret[HASH_SECRET_SIZE];
	uint64_t digest = end - begin;

	hash_secret(secret, 0);
	/* Not a chain of hashes: each would wait for the one before it. */
	for (size_t i = begin; i < end; i++)
		digest = digest * UINT64_C(0x9E3779B97F4A7C15) +
		    key_hash(secret, names->list[i].ptr, names->list[i].len);
	return digest;
}

uint32_t
names_hash(uint64_t seed, struct slice name)
{
	return (uint32_t)(key_hash_seeded(seed, name.ptr, name.len) >> 32);
}

/* The number of a name; NO_NAME: it is not there, and *i is where it would be. */
static uint32_t
find_in(const struct names_table *table, const struct name *list, struct slice name,
    uint32_t hash, size_t *i)
{
	char tag = tag_of(hash);

	for (*i = hash & (table->nbuckets - 1);; *i = (*i + 1) & (table->nbuckets - 1)) {
		const struct names_bucket *bucket = &table->buckets[*i];
		unsigned equal = places_of(bucket, tag);

		for (; equal != 0; equal &= equal - 1) {
			uint32_t number = bucket->number[__builtin_ctz(equal)];
			const struct name *other = &list[number];

			if (other->ref == hash && other->len == name.len &&
			    key_equal(other->ptr, name.ptr, name.len))
				return number;
		}
		if (bucket->tag[NAMES_BUCKET - 1] == 0)
			return NO_NAME;
	}
}

static uint32_t
find(const struct names *names, struct slice name, uint32_t hash, size_t *i)
{
	const struct names_table *last = &names->table;
	const struct names_table *table = names->joined.nbuckets != 0 ? &names->joined : last;

	for (;; table = last) {
		uint32_t number = find_in(table, names->list, name, hash, i);

		if (number != NO_NAME || table == last)
			return number;
	}
}

/* All names move to one table with more room. */
static void
grow(struct names *names)
{
	struct names_table table = table_new(buckets_for(names->count * 2));

	for (size_t i = 0; i < names->count; i++)
		place(&table, names->list[i].ref & (table.nbuckets - 1), names->list[i].ref,
		    (uint32_t)i);
	names_settle(names);
	names->table = table;
}

uint32_t
names_find(const struct names *names, struct slice name)
{
	size_t i;

	return find(names, name, names_hash(names->seed, name), &i);
}

uint32_t
names_intern_hashed(struct names *names, struct slice name, uint32_t hash, bool plain)
{
	uint32_t number;
	size_t i;

	if (names->table.used >= names->table.nbuckets * LOAD)
		grow(names);
	number = find(names, name, hash, &i);
	if (number != NO_NAME)
		return number;
	number = append(names, name, hash, plain);
	place(&names->table, i, hash, number);
	return number;
}

uint32_t
names_intern(struct names *names, struct slice name, bool plain)
{
	return names_intern_hashed(names, name, names_hash(names->seed, name), plain);
}

/* Names of the second part that one thread looks up. */
struct match {
	const struct names *first;
	const struct names *second;
	uint32_t *map;
	size_t begin, end;
};

static void
match(void *arg)
{
	const struct match *m = arg;
	const struct name *list = m->second->list;

	for (size_t i = m->begin; i < m->end; i++) {
		size_t at;

		if (m->end - i > AHEAD)
			names_fetch(m->first, list[i + AHEAD].ref);
		m->map[i] = find(m->first, slice(list[i].ptr, list[i].len), list[i].ref, &at);
	}
}

void
names_match(const struct names *first, const struct names *second, uint32_t *map)
{
	size_t middle = second->count / 2;
	struct match a = {first, second, map, 0, middle};
	struct match b = {first, second, map, middle, second->count};

	parallel(second->count, match, &a, match, &b);
}

static void
renumber(struct names_table *table, const uint32_t *map)
{
	for (size_t i = 0; i < table->nbuckets; i++)
		for (unsigned at = 0; at < NAMES_BUCKET && table->buckets[i].tag[at] != 0; at++)
			table->buckets[i].number[at] = map[table->buckets[i].number[at]];
}

void
names_join(struct names *whole, const struct names *first, const struct names *second,
    uint32_t *map, bool more)
{
	size_t n = first->count;

	for (size_t i = 0; i < second->count; i++) {
		if (map[i] != NO_NAME)
			continue;
		if (&whole->list[n] != &second->list[i])
			whole->list[n] = second->list[i];
		map[i] = (uint32_t)n++;
	}
	names_settle(whole);
	whole->count = n;
	whole->table = first->table;
	whole->joined = second->table;
	if (more)
		renumber(&whole->joined, map);
	else
		names_settle(whole);
}
