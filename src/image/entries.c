/* entries.c - the tables of names and groups. */
#include "image/layout.h"
#include "store/parallel.h"

static void
hash_names(void *arg, size_t first, size_t n, uint64_t *hashes, unsigned char *sizes)
{
	const struct layout *l = arg;
	const struct name *name = l->model->names.list + first;

	for (size_t i = 0; i < n; i++, name++) {
		hashes[i] = key_hash(l->secret, name->ptr, name->len);
		sizes[i] = (unsigned char)(ENTRY_KEY + (name->len > KEY_SHORT ? 0 : name->len));
	}
}

/* A part of a group's key: a slot in place of a name's number. */
static uint32_t
index_key(const struct layout *l, uint32_t key)
{
	uint32_t name = key & ~KEY_WILD;

	if (name < KEY_NAME)
		return key;
	return (KEY_NAME + l->names.places[name - KEY_NAME].slot) | (key & KEY_WILD);
}

static void
put_group_key(const struct layout *l, size_t group, unsigned char *p)
{
	struct model_group g;

	memcpy(&g, pool_get(&l->model->groups, (uint32_t)group).ptr, sizeof(g));
	le32_put(p + GROUP_USER, index_key(l, g.user));
	le32_put(p + GROUP_TO, index_key(l, g.to));
	le32_put(p + GROUP_FROM, index_key(l, g.from));
}

static void
hash_groups(void *arg, size_t first, size_t n, uint64_t *hashes, unsigned char *sizes)
{
	const struct layout *l = arg;

	for (size_t i = 0; i < n; i++) {
		unsigned char key[GROUP_SIZE];

		put_group_key(l, first + i, key);
		hashes[i] = key_hash(l->secret, (const char *)key, sizeof(key));
		sizes[i] = ENTRY_KEY + GROUP_SIZE;
	}
}

/* One attempt to place all keys: where groups go depends on where names went. */
static bool
place_keys(struct layout *l, unsigned more)
{
	hash_secret(l->secret, l->seed);
	placing_take(&l->names, hash_names, l);
	placing_resize(&l->names, more);
	if (!placing_try(&l->names))
		return false;
	placing_take(&l->groups, hash_groups, l);
	placing_resize(&l->groups, more);
	return placing_try(&l->groups);
}

/* Tries other seeds, then larger tables: no choice of names makes this fail for ever. */
void
layout_place(struct layout *l)
{
	placing_init(&l->names, l->model->names.count);
	placing_init(&l->groups, l->model->groups.count);
	for (unsigned more = 0; !place_keys(l, more); more++)
		l->seed = hash64_number(l->seed, INDEX_VERSION);
}

static void
put_entry(const struct layout *l, int section, const struct placing *table, size_t i, size_t len,
    uint32_t list, const void *key)
{
	struct place place = table->places[i];
	unsigned char *line = l->image->bytes + l->offset[section + TABLE_LINES] +
	    (size_t)(place.slot / LINE_SLOTS) * LINE_SIZE;
	unsigned char *entry = line + place.start;

	line[place.slot % LINE_SLOTS] = place.start;
	entry[ENTRY_LENGTH] = (unsigned char)(len > KEY_SHORT ? KEY_LONG : len);
	le32_put(entry + ENTRY_LIST, list);
	if (len <= KEY_SHORT)
		key_copy((char *)entry + ENTRY_KEY, key, len);
}

/* Lines are hit in random order, so they are prefetched. */
static void
write_names(void *arg, size_t begin, size_t end)
{
	enum { AHEAD = 24 };
	const struct layout *l = arg;
	const unsigned char *lines =
	    l->image->bytes + l->offset[SECTION_NAMES + TABLE_LINES];

	for (size_t i = begin; i < end; i++) {
		const struct name *name = &l->model->names.list[i];

		if (i + AHEAD < end)
			__builtin_prefetch(lines +
			    (size_t)(l->names.places[i + AHEAD].slot / LINE_SLOTS) * LINE_SIZE, 1);
		put_entry(l, SECTION_NAMES, &l->names, i, name->len, name->ref, name->ptr);
	}
}

static void
write_buckets(const struct layout *l, int section, const struct placing *table)
{
	unsigned char *filter = l->image->bytes + l->offset[section + TABLE_FILTER];

	if (table->nseeds != 0)
		memcpy(l->image->bytes + l->offset[section + TABLE_SEEDS], table->seeds,
		    table->nseeds);
	for (uint32_t i = 0; i < table->nseeds / FILTER_BUCKETS; i++)
		le64_put(filter + (size_t)i * FILTER_SIZE, table->filter[i]);
}

void
write_entries(struct layout *l)
{
	parallel_blocks(l->names.count, LAYOUT_BLOCK, write_names, l);
	for (size_t i = 0; i < l->groups.count; i++) {
		unsigned char key[GROUP_SIZE];

		put_group_key(l, i, key);
		put_entry(l, SECTION_GROUPS, &l->groups, i, sizeof(key), l->group_lists[i], key);
	}
	write_buckets(l, SECTION_NAMES, &l->names);
	write_buckets(l, SECTION_GROUPS, &l->groups);
}
