/*
 * image.c - lays the index out: what entries cannot say goes to records, the
 * tables find a place for each name and group, and then all is written.  The
 * seed of the tables' hash is drawn from the names: who chooses names cannot
 * know the seed they will meet.
 */
#include "compiler/image.h"

#include <stdlib.h>

#include "compiler/parallel.h"
#include "compiler/table.h"
#include "tmail/routes.h"

struct layout {
	const struct conf *conf;
	struct model *model;
	struct image *image;
	struct route_buffer buffer;
	struct table names;
	struct table groups;
	uint32_t *group_lists;
	unsigned char secret[HASH_SECRET_SIZE];
	uint64_t seed;
	uint64_t offset[SECTION_COUNT];
	uint64_t length[SECTION_COUNT];
	uint32_t name_max;
	unsigned char sources[16];	/* digest of the configuration's files */
	bool fits;
};

/* Half of what has an element a name: for one of two threads. */
struct share {
	struct layout *layout;
	size_t begin, end;
};

static void
in_halves(struct layout *l, size_t count, void (*work)(void *))
{
	struct share first = {l, 0, count / 2}, second = {l, count / 2, count};

	parallel(count, work, &first, work, &second);
}

/* Takes room in RECORDS.  False: no ref can say where. */
static bool
take_record(struct layout *l, size_t size, uint32_t *list)
{
	uint64_t at = l->length[SECTION_RECORDS];

	*list = LIST_RECORD | (uint32_t)(at / RECORD_UNIT);
	l->length[SECTION_RECORDS] += (size + RECORD_UNIT - 1) / RECORD_UNIT * RECORD_UNIT;
	return l->length[SECTION_RECORDS] / RECORD_UNIT <= LIST_RECORD;
}

static size_t
list_size(const struct model *model, uint32_t last)
{
	size_t n = 0;

	for (; last != NO_MEMBER; last = model->members[last].before)
		n++;
	return n == 0 ? 0 : (1 + n) * sizeof(uint32_t);
}

/* Whether a list is one route, and that a relay: it needs no record. */
static bool
is_single(const struct model *model, uint32_t last)
{
	const struct member *member = &model->members[last];

	return member->before == NO_MEMBER && member->route <= LIST_NUMBER &&
	    pool_get(&model->hops, model_hop(model, member->route)).ptr[HOP_ACTION] == TMAIL_RELAY;
}

static size_t
name_record_size(const struct model *model, const struct name *name)
{
	size_t size = (NAME_TEXT + name->len + RECORD_UNIT - 1) / RECORD_UNIT * RECORD_UNIT;

	for (int which = 0; which < INLINE_COUNT; which++)
		size += list_size(model, name->members[which]);
	return size;
}

/* What the entry of a name says, in name->list. */
static bool
lay_name(struct layout *l, struct name *name)
{
	const struct model *model = l->model;
	unsigned roles = name->roles & ~(unsigned)NAME_PLAIN;
	uint32_t last = name->members[roles == ROLE_USER ? INLINE_USER : INLINE_TO];

	if (name->len > l->name_max)
		l->name_max = name->len;
	if (name->len > KEY_SHORT || (roles != ROLE_TO && roles != ROLE_USER) ||
	    !is_single(model, last))
		return take_record(l, name_record_size(model, name), &name->list);
	name->list = model->members[last].route | (roles == ROLE_USER ? LIST_USER : 0);
	return true;
}

static bool
lay_records(struct layout *l)
{
	struct model *model = l->model;

	for (size_t i = 0; i < model->names.count; i++)
		if (!lay_name(l, &model->names.list[i]))
			return false;
	l->group_lists = mem_alloc(model->group_count * sizeof(*l->group_lists));
	for (size_t i = 0; i < model->group_count; i++) {
		uint32_t last = model->groups[i].members;

		if (is_single(model, last))
			l->group_lists[i] = model->members[last].route;
		else if (!take_record(l, list_size(model, last), &l->group_lists[i]))
			return false;
	}
	return true;
}

static void
hash_names(void *arg)
{
	struct share *share = arg;
	struct layout *l = share->layout;

	for (size_t i = share->begin; i < share->end; i++) {
		const struct name *name = &l->model->names.list[i];

		l->names.hashes[i] = key_hash(l->secret, name->ptr, name->len);
		l->names.sizes[i] =
		    (unsigned char)(ENTRY_KEY + (name->len > KEY_SHORT ? 0 : name->len));
	}
}

/* A part of a group's key: a slot in place of a name's number. */
static uint32_t
index_key(const struct layout *l, uint32_t key)
{
	uint32_t name = key & ~KEY_WILD;

	if (name < KEY_NAME)
		return key;
	return (KEY_NAME + l->names.slots[name - KEY_NAME]) | (key & KEY_WILD);
}

static void
put_group_key(const struct layout *l, size_t group, unsigned char *p)
{
	const struct model_group *g = &l->model->groups[group];

	le32_put(p + GROUP_USER, index_key(l, g->user));
	le32_put(p + GROUP_TO, index_key(l, g->to));
	le32_put(p + GROUP_FROM, index_key(l, g->from));
}

static void
hash_groups(void *arg)
{
	struct share *share = arg;
	struct layout *l = share->layout;

	for (size_t i = share->begin; i < share->end; i++) {
		unsigned char key[GROUP_SIZE];

		put_group_key(l, i, key);
		l->groups.hashes[i] = key_hash(l->secret, (const char *)key, sizeof(key));
		l->groups.sizes[i] = ENTRY_KEY + GROUP_SIZE;
	}
}

/* One attempt to place all keys: where groups go depends on where names went. */
static bool
place_keys(struct layout *l, unsigned more)
{
	hash_secret(l->secret, l->seed);
	in_halves(l, l->names.count, hash_names);
	table_resize(&l->names, more);
	if (!table_place(&l->names))
		return false;
	in_halves(l, l->groups.count, hash_groups);
	table_resize(&l->groups, more);
	return table_place(&l->groups);
}

/* Other seeds, then larger tables: chosen names cannot make this fail for ever. */
static void
place(struct layout *l)
{
	table_init(&l->names, l->model->names.count);
	table_init(&l->groups, l->model->group_count);
	for (unsigned more = 0; !place_keys(l, more); more++)
		l->seed = hash64(&l->seed, sizeof(l->seed), INDEX_VERSION);
}

static void
put_entry(struct layout *l, int section, const struct table *table, size_t i, size_t len,
    uint32_t list, const void *key)
{
	uint32_t slot = table->slots[i];
	unsigned char *line = l->image->bytes + l->offset[section + TABLE_LINES] +
	    (size_t)(slot / LINE_SLOTS) * LINE_SIZE;
	unsigned char *entry = line + table->starts[i];

	l->image->bytes[l->offset[section + TABLE_TAGS] + slot] = table_tag(table->hashes[i]);
	line[slot % LINE_SLOTS] = table->starts[i];
	entry[ENTRY_LENGTH] = (unsigned char)(len > KEY_SHORT ? KEY_LONG : len);
	le32_put(entry + ENTRY_LIST, list);
	if (len <= KEY_SHORT)
		memcpy(entry + ENTRY_KEY, key, len);
}

/* Lines are hit in random order: they are fetched some names ahead. */
static void
write_names(void *arg)
{
	enum { AHEAD = 24 };
	struct share *share = arg;
	struct layout *l = share->layout;
	const unsigned char *lines =
	    l->image->bytes + l->offset[SECTION_NAMES + TABLE_LINES];

	for (size_t i = share->begin; i < share->end; i++) {
		const struct name *name = &l->model->names.list[i];

		if (i + AHEAD < share->end)
			__builtin_prefetch(lines +
			    (size_t)(l->names.slots[i + AHEAD] / LINE_SLOTS) * LINE_SIZE, 1);
		put_entry(l, SECTION_NAMES, &l->names, i, name->len, name->list, name->ptr);
	}
}

static void
write_groups(struct layout *l)
{
	for (size_t i = 0; i < l->groups.count; i++) {
		unsigned char key[GROUP_SIZE];

		put_group_key(l, i, key);
		put_entry(l, SECTION_GROUPS, &l->groups, i, sizeof(key), l->group_lists[i], key);
	}
}

static void
write_routes(void *arg)
{
	struct share *share = arg;
	struct layout *l = share->layout;
	unsigned char *p =
	    l->image->bytes + l->offset[SECTION_ROUTES] + share->begin * ROUTE_SIZE;

	for (size_t i = share->begin; i < share->end; i++, p += ROUTE_SIZE) {
		const struct model_route *route = &l->model->routes[i];

		le32_put(p + ROUTE_ID, route->id);
		le32_put(p + ROUTE_LINE, route->line);
		le32_put(p + ROUTE_TARGET, route->target);
	}
}

/* Writes a route list; returns its end. */
static unsigned char *
put_list(struct layout *l, unsigned char *p, uint32_t last)
{
	size_t n = model_members(l->model, last, &l->buffer);

	if (n == 0)
		return p;
	le32_put(p, (uint32_t)n);
	for (size_t i = 0; i < n; i++)
		le32_put(p += sizeof(uint32_t), l->buffer.list[i]);
	return p + sizeof(uint32_t);
}

static unsigned char *
record(const struct layout *l, uint32_t list)
{
	return l->image->bytes + l->offset[SECTION_RECORDS] +
	    (uint64_t)(list & ~LIST_RECORD) * RECORD_UNIT;
}

static void
put_name_record(struct layout *l, const struct name *name)
{
	unsigned char *p = record(l, name->list);

	le16_put(p + NAME_LENGTH, (uint16_t)name->len);
	p[NAME_ROLES] = (unsigned char)name->roles;
	memcpy(p + NAME_STAR, "*.", 2);
	memcpy(p + NAME_TEXT, name->ptr, name->len);
	p += (NAME_TEXT + name->len + RECORD_UNIT - 1) / RECORD_UNIT * RECORD_UNIT;
	for (int which = 0; which < INLINE_COUNT; which++)
		p = put_list(l, p, name->members[which]);
}

static void
write_records(struct layout *l)
{
	const struct model *model = l->model;

	if (l->length[SECTION_RECORDS] == 0)
		return;
	for (size_t i = 0; i < model->names.count; i++)
		if ((model->names.list[i].list & LIST_RECORD) != 0)
			put_name_record(l, &model->names.list[i]);
	for (size_t i = 0; i < model->group_count; i++)
		if ((l->group_lists[i] & LIST_RECORD) != 0)
			put_list(l, record(l, l->group_lists[i]), model->groups[i].members);
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
set_table_sections(struct layout *l, int section, const struct table *table)
{
	l->length[section + TABLE_SEEDS] = table->nseeds;
	l->length[section + TABLE_TAGS] = table->nslots;
	l->length[section + TABLE_LINES] = table_lines_size(table->nslots);
}

static void
set_sections(struct layout *l)
{
	uint64_t end = HEADER_SIZE;

	set_table_sections(l, SECTION_NAMES, &l->names);
	set_table_sections(l, SECTION_GROUPS, &l->groups);
	for (int i = 0; i < SECTION_COUNT; i++) {
		l->offset[i] = end;
		end += (l->length[i] + INDEX_ALIGN - 1) & ~(uint64_t)(INDEX_ALIGN - 1);
	}
	l->image->size = end;
}

static void
write_seeds(const struct layout *l, int section, const struct table *table)
{
	if (table->nseeds != 0)
		memcpy(l->image->bytes + l->offset[section + TABLE_SEEDS], table->seeds,
		    table->nseeds);
}

static void
write_sections(struct layout *l)
{
	const struct model *model = l->model;

	set_sections(l);
	l->image->bytes = mem_pages(l->image->size);
	in_halves(l, l->names.count, write_names);
	in_halves(l, model->route_count, write_routes);
	write_seeds(l, SECTION_NAMES, &l->names);
	write_seeds(l, SECTION_GROUPS, &l->groups);
	write_groups(l);
	write_records(l);
	write_pool(l, SECTION_TARGETS, &model->targets);
	write_pool(l, SECTION_HOPS, &model->hops);
	write_pool(l, SECTION_LOCALS, &model->locals);
	write_pool(l, SECTION_STRINGS, &model->strings);
	write_files(l);
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

	l->fits = lay_records(l);
	l->length[SECTION_ROUTES] = (uint64_t)model->route_count * ROUTE_SIZE;
	l->length[SECTION_FILES] = intern_files(l) * FILE_SIZE;
	l->length[SECTION_TARGETS] = model->targets.used;
	l->length[SECTION_HOPS] = model->hops.used;
	l->length[SECTION_LOCALS] = model->locals.used;
	l->length[SECTION_STRINGS] = model->strings.used;
	l->fits = l->fits && model->strings.used < UINT32_MAX &&
	    model->hops.used < UINT32_MAX && model->locals.used < UINT32_MAX &&
	    model->targets.count <= ROUTE_TARGET_MASK;
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
		place(l);
		write_sections(l);
		write_header(l);
	}
	table_release(&l->names);
	table_release(&l->groups);
	free(l->group_lists);
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
