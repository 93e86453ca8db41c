/*
 * image.c - two passes over the model: the first gives each record its
 * place, the second writes the records and fills the tables.  The seed of the
 * tables is drawn from the names: who chooses names cannot know the seed they
 * will meet.
 */
#include "compiler/image.h"

#include <stdlib.h>

#include "compiler/packing.h"
#include "compiler/parallel.h"
#include "compiler/table.h"

enum { SEEDS_PER_SIZE = 16 };

struct layout {
	unsigned char *at;	/* where the record being written goes on */
	struct route_buffer buffer;
	struct packing packing;	/* large: the threads' fields lie apart */
	const struct conf *conf;
	struct model *model;
	struct image *image;
	uint32_t *group_refs;
	uint64_t offset[SECTION_COUNT];
	uint64_t length[SECTION_COUNT];
	uint32_t name_max;
	unsigned probes;
	uint64_t seed;
	unsigned char sources[16];	/* digest of the configuration's files */
	bool fits;		/* what was last tried */
};

static size_t
padded(size_t n)
{
	return (n + RECORD_UNIT - 1) & ~(size_t)(RECORD_UNIT - 1);
}

/* Bytes of a member list: its count stands there only where it is not 1. */
static size_t
list_size(const struct model *model, uint32_t last)
{
	size_t n = 1;

	if (last == NO_MEMBER)
		return 0;
	while ((last = model->members[last].before) != NO_MEMBER)
		n++;
	return n * MEMBER_SIZE + (n > 1 ? sizeof(uint32_t) : 0);
}

static bool
has_star(const struct name *name)
{
	return (name->roles & (ROLE_WILD | ROLE_GROUP_WILD)) != 0;
}

static bool
place(struct layout *l, size_t size, uint32_t *ref)
{
	uint64_t at = packing_place(&l->packing, size);

	*ref = (uint32_t)(at / RECORD_UNIT);
	return l->packing.end / RECORD_UNIT < KEY_WILD;
}

static bool
place_records(struct layout *l)
{
	struct model *model = l->model;
	uint32_t nothing;

	/* Refs start behind the special keys, and 0 is an empty slot. */
	place(l, (KEY_NAME + 1) * RECORD_UNIT, &nothing);
	for (size_t i = 0; i < model->names.count; i++) {
		struct name *name = &model->names.list[i];
		size_t size = padded(NAME_TEXT + name->len + (has_star(name) ? 2 : 0));

		for (int which = 0; which < INLINE_COUNT; which++)
			size += list_size(model, name->members[which]);
		if (name->len > l->name_max)
			l->name_max = name->len;
		if (!place(l, size, &name->ref))
			return false;
	}
	l->group_refs = mem_alloc(model->group_count * sizeof(*l->group_refs));
	for (size_t i = 0; i < model->group_count; i++)
		if (!place(l, GROUP_MEMBERS + list_size(model, model->groups[i].members),
			&l->group_refs[i]))
			return false;
	return true;
}

/* A key as the index has it: refs in place of numbers. */
static uint32_t
index_key(const struct model *model, uint32_t key)
{
	uint32_t name = key & ~KEY_WILD;

	if (name < KEY_NAME)
		return key;
	return model->names.list[name - KEY_NAME].ref | (key & KEY_WILD);
}

static void
put_group_key(const struct model *model, const struct model_group *group, unsigned char *p)
{
	le32_put(p + GROUP_USER, index_key(model, group->user));
	le32_put(p + GROUP_TO, index_key(model, group->to));
	le32_put(p + GROUP_FROM, index_key(model, group->from));
}

static void
put_member(struct layout *l, uint32_t route, uint32_t flags)
{
	const struct model_route *r = &l->model->routes[route];

	le32_put(l->at + MEMBER_ID, r->id);
	le32_put(l->at + MEMBER_LINE, r->line);
	le32_put(l->at + MEMBER_TARGET, r->target | flags);
	l->at += MEMBER_SIZE;
}

static void
put_members(struct layout *l, uint32_t last)
{
	size_t n;

	if (last == NO_MEMBER)
		return;
	if (l->model->members[last].before == NO_MEMBER) {
		put_member(l, l->model->members[last].route, 0);
		return;
	}
	n = model_members(l->model, last, &l->buffer);
	put_member(l, l->buffer.list[0], MEMBER_MORE);
	le32_put(l->at, (uint32_t)n);
	l->at += sizeof(uint32_t);
	for (size_t i = 1; i < n; i++)
		put_member(l, l->buffer.list[i], 0);
}

static unsigned char *
record(const struct layout *l, uint32_t ref)
{
	return l->image->bytes + l->offset[SECTION_RECORDS] + (uint64_t)ref * RECORD_UNIT;
}

static void
write_name(struct layout *l, const struct name *name)
{
	size_t star = has_star(name) ? 2 : 0;

	l->at = record(l, name->ref);
	le16_put(l->at + NAME_LENGTH, (uint16_t)name->len);
	l->at[NAME_ROLES] = (unsigned char)name->roles;
	memcpy(l->at + NAME_TEXT, "*.", star);
	memcpy(l->at + NAME_TEXT + star, name->ptr, name->len);
	l->at += padded(NAME_TEXT + star + name->len);
	for (int which = 0; which < INLINE_COUNT; which++)
		put_members(l, name->members[which]);
}

static uint64_t
name_hash(const struct layout *l, size_t i)
{
	const struct name *name = &l->model->names.list[i];

	return hash64(name->ptr, name->len, l->seed);
}

static uint32_t
name_ref(const struct layout *l, size_t i)
{
	return l->model->names.list[i].ref;
}

static uint64_t
group_hash(const struct layout *l, size_t i)
{
	unsigned char key[GROUP_MEMBERS];

	put_group_key(l->model, &l->model->groups[i], key);
	return hash64(key, sizeof(key), l->seed);
}

static uint32_t
group_ref(const struct layout *l, size_t i)
{
	return l->group_refs[i];
}

static void
write_records(void *arg)
{
	struct layout *l = arg;
	const struct model *model = l->model;

	for (size_t i = 0; i < model->names.count; i++)
		write_name(l, &model->names.list[i]);
	for (size_t i = 0; i < model->group_count; i++) {
		l->at = record(l, l->group_refs[i]);
		put_group_key(model, &model->groups[i], l->at);
		l->at += GROUP_MEMBERS;
		put_members(l, model->groups[i].members);
	}
}

/* Buckets are hit in random order: they are fetched some keys ahead. */
static bool
fill_table(struct layout *l, int section, size_t count,
    uint64_t (*hash)(const struct layout *, size_t),
    uint32_t (*ref)(const struct layout *, size_t))
{
	enum { AHEAD = 32 };
	uint64_t hashes[AHEAD];
	struct table table;
	bool fits = true;

	table_begin(&table, l->image->bytes + l->offset[section],
	    (uint32_t)(l->length[section] / BUCKET_SIZE));
	for (size_t from = 0; from < count && fits; from += AHEAD) {
		size_t n = count - from < AHEAD ? count - from : AHEAD;

		for (size_t i = 0; i < n; i++) {
			hashes[i] = hash(l, from + i);
			table_fetch(&table, hashes[i]);
		}
		for (size_t i = 0; i < n && fits; i++)
			fits = table_place(&table, hashes[i], ref(l, from + i));
	}
	l->probes = table.reach > l->probes ? table.reach : l->probes;
	table_end(&table);
	return fits;
}

static void
write_pool(const struct layout *l, unsigned section, const struct pool *pool)
{
	if (pool->used != 0)
		memcpy(l->image->bytes + l->offset[section], pool->bytes, pool->used);
}

/* Files with statements, in the order of their line counts. */
static void
write_files(struct layout *l)
{
	const struct sources *sources = &l->conf->sources;
	unsigned char *p = l->image->bytes + l->offset[SECTION_FILES];

	for (size_t i = 0; i < sources->count; i++) {
		const struct source *source = sources->list[i];

		if (source->values)
			continue;
		le32_put(p + FILE_NAME, pool_offset(&l->model->strings,
		    pool_intern(&l->model->strings, source->name)));
		le32_put(p + FILE_NAME_LENGTH, (uint32_t)source->name.len);
		le32_put(p + FILE_BASE, source->line_base);
		p += FILE_SIZE;
	}
}

static size_t
intern_files(struct layout *l)
{
	const struct sources *sources = &l->conf->sources;
	size_t n = 0;

	for (size_t i = 0; i < sources->count; i++)
		if (!sources->list[i]->values) {
			pool_intern(&l->model->strings, sources->list[i]->name);
			n++;
		}
	return n;
}

static void
set_sections(struct layout *l, unsigned more)
{
	const struct model *model = l->model;
	uint64_t end = HEADER_SIZE;

	l->length[SECTION_NAMES] = (uint64_t)table_buckets(model->names.count, more) * BUCKET_SIZE;
	l->length[SECTION_GROUPS] = (uint64_t)table_buckets(model->group_count, more) * BUCKET_SIZE;
	for (int i = 0; i < SECTION_COUNT; i++) {
		l->offset[i] = end;
		end += (l->length[i] + INDEX_ALIGN - 1) & ~(uint64_t)(INDEX_ALIGN - 1);
	}
	l->image->size = end;
}

static bool
fill_tables(struct layout *l)
{
	l->probes = 0;
	return fill_table(l, SECTION_NAMES, l->model->names.count, name_hash, name_ref) &&
	    fill_table(l, SECTION_GROUPS, l->model->group_count, group_hash, group_ref);
}

/* Tries seeds for tables of one size. */
static void
try_seeds(void *arg)
{
	struct layout *l = arg;

	for (int i = 0; i < SEEDS_PER_SIZE; i++) {
		l->fits = fill_tables(l);
		if (l->fits)
			return;
		l->seed = hash64(&l->seed, sizeof(l->seed), INDEX_VERSION);
		memset(l->image->bytes + l->offset[SECTION_NAMES], 0,
		    l->offset[SECTION_RECORDS] - l->offset[SECTION_NAMES]);
	}
}

/*
 * Seeds, then larger tables: chosen names cannot make this fail for ever.
 * Records and tables lie apart, so they are written at once.
 */
static void
write_tables(struct layout *l)
{
	for (unsigned more = 0;; more++) {
		set_sections(l, more);
		l->image->bytes = mem_pages(l->image->size);
		parallel(l->model->names.count, try_seeds, l, write_records, l);
		if (l->fits)
			return;
		mem_pages_free(l->image->bytes, l->image->size);
	}
}

static void
write_header(const struct layout *l)
{
	unsigned char *h = l->image->bytes;
	const struct model *model = l->model;

	memcpy(h + HEADER_MAGIC, INDEX_MAGIC, INDEX_MAGIC_SIZE);
	le32_put(h + HEADER_VERSION, INDEX_VERSION);
	le32_put(h + HEADER_LENGTH, HEADER_SIZE);
	le64_put(h + HEADER_FILE_SIZE, l->image->size);
	le64_put(h + HEADER_SEED, l->seed);
	memcpy(h + HEADER_SOURCE, l->sources, sizeof(l->sources));
	le64_put(h + HEADER_RUNGS, model->rungs);
	le32_put(h + HEADER_WILD_LABELS, model->wild_labels);
	le16_put(h + HEADER_NAME_MAX, (uint16_t)l->name_max);
	h[HEADER_PROBES] = (unsigned char)l->probes;
	le32_put(h + HEADER_ROUTES, (uint32_t)model->route_count);
	le32_put(h + HEADER_GROUPS, (uint32_t)model->group_count + model->inline_groups);
	le32_put(h + HEADER_NAMES, (uint32_t)model->names.count);
	for (int i = 0; i < SECTION_COUNT; i++) {
		le64_put(h + HEADER_SECTIONS + i * 16, l->offset[i]);
		le64_put(h + HEADER_SECTIONS + i * 16 + 8, l->length[i]);
	}
	index_checksum(h, l->image->size, h + HEADER_CHECKSUM);
	le64_put(h + HEADER_OWN_CHECKSUM, index_own_checksum(h));
}

static void
measure(void *arg)
{
	struct layout *l = arg;
	struct model *model = l->model;

	l->fits = place_records(l);
	l->length[SECTION_FILES] = intern_files(l) * FILE_SIZE;
	l->length[SECTION_RECORDS] = l->packing.end;
	l->length[SECTION_TARGETS] = model->targets.used;
	l->length[SECTION_HOPS] = model->hops.used;
	l->length[SECTION_LOCALS] = model->locals.used;
	l->length[SECTION_STRINGS] = model->strings.used;
	l->fits = l->fits && model->strings.used < UINT32_MAX &&
	    model->hops.used < UINT32_MAX && model->locals.used < UINT32_MAX &&
	    model->targets.count <= MEMBER_TARGET_MASK;
}

static void
take_digests(void *arg)
{
	struct layout *l = arg;

	l->seed = names_digest(&l->model->names);
	sources_digest(&l->conf->sources, l->sources);
}

bool
image_build(struct conf *conf, struct image *image)
{
	struct layout *l = mem_zero(1, sizeof(*l));
	bool fits;

	l->conf = conf;
	l->model = &conf->model;
	l->image = image;
	*image = (struct image){0};
	parallel(conf->model.names.count, measure, l, take_digests, l);
	fits = l->fits;
	if (fits) {
		write_tables(l);
		write_pool(l, SECTION_TARGETS, &l->model->targets);
		write_pool(l, SECTION_HOPS, &l->model->hops);
		write_pool(l, SECTION_LOCALS, &l->model->locals);
		write_pool(l, SECTION_STRINGS, &l->model->strings);
		write_files(l);
		write_header(l);
	}
	free(l->group_refs);
	free(l->buffer.list);
	free(l);
	return fits;
}

void
image_release(struct image *image)
{
	mem_pages_free(image->bytes, image->size);
	*image = (struct image){0};
}
