/* records.c - what the entries of the tables cannot say: see runtime/format.h. */
#include "image/layout.h"
#include "store/parallel.h"

#include <stdlib.h>

#include "tmail/routes.h"

enum { NAMES_BLOCK = 512 };

/* Takes room in RECORDS.  False: no ref reaches so far. */
static bool
take_record(struct layout *l, size_t size, uint32_t *list)
{
	uint64_t at = l->length[SECTION_RECORDS];

	*list = LIST_RECORD | (uint32_t)(at / RECORD_UNIT);
	l->length[SECTION_RECORDS] += (size + RECORD_UNIT - 1) / RECORD_UNIT * RECORD_UNIT;
	return l->length[SECTION_RECORDS] / RECORD_UNIT <= LIST_NUMBER;
}

static size_t
list_size(const struct model *model, uint32_t last)
{
	size_t n = 0;

	for (; last != NO_MEMBER; last = model->members[last].before)
		n++;
	return n == 0 ? 0 : (1 + n) * sizeof(uint32_t);
}

/* Which targets relay, by number. */
static bool *
find_relays(const struct model *model)
{
	bool *relays = mem_alloc(model->targets.count);

	for (uint32_t i = 0; i < model->targets.count; i++) {
		uint32_t hop = le32_get(pool_get(&model->targets, i).ptr + TARGET_HOP);

		relays[i] = pool_get(&model->hops, hop).ptr[HOP_ACTION] == TMAIL_RELAY;
	}
	return relays;
}

/* Whether a list is one route, and that a relay: it needs no record. */
static bool
is_single(const struct model *model, const bool *relays, uint32_t last)
{
	const struct member *member = &model->members[last];

	return member->before == NO_MEMBER && member->route <= LIST_NUMBER &&
	    relays[model->routes[member->route].target & ROUTE_TARGET_MASK];
}

static size_t
name_record_size(const struct model *model, const struct name *name)
{
	size_t size = (NAME_TEXT + name->len + RECORD_UNIT - 1) / RECORD_UNIT * RECORD_UNIT;

	for (int which = 0; which < INLINE_COUNT; which++)
		size += list_size(model, name->members[which]);
	return size;
}

/* The list of a name, in name->ref; LIST_RECORD alone: it will need a record. */
static void
lay_name(const struct model *model, const bool *relays, struct name *name)
{
	unsigned roles = name->roles & ~(unsigned)NAME_PLAIN;
	uint32_t last = name->members[roles == ROLE_USER ? INLINE_USER : INLINE_TO];

	if (name->len <= KEY_SHORT && (roles & (ROLES_OF_GROUPS & ~ROLE_GROUP_WILD)) == roles)
		name->ref = LIST_ROLES | roles;
	else if (name->len <= KEY_SHORT && (roles == ROLE_TO || roles == ROLE_USER) &&
	    is_single(model, relays, last))
		name->ref = (roles == ROLE_USER ? LIST_USER : LIST_ROUTE) |
		    model->members[last].route;
	else
		name->ref = LIST_RECORD;
}

/* What is found out about a block of names. */
struct block {
	uint64_t digest;
	uint32_t name_max;
	bool records;		/* some need one */
};

struct laying {
	struct model *model;
	const bool *relays;
	struct block *blocks;
};

/* Few names at once, so that the cache still has them the second time. */
static void
lay_block(void *arg, size_t begin, size_t end)
{
	const struct laying *laying = arg;
	struct block block = {names_digest(&laying->model->names, begin, end), 0, false};

	for (size_t i = begin; i < end; i++) {
		struct name *name = &laying->model->names.list[i];

		if (name->len > block.name_max)
			block.name_max = name->len;
		lay_name(laying->model, laying->relays, name);
		block.records |= (name->ref & LIST_KIND) == LIST_RECORD;
	}
	laying->blocks[begin / NAMES_BLOCK] = block;
}

static bool
lay_records(struct layout *l)
{
	bool fits = true;

	for (size_t i = 0; i < l->model->names.count && fits; i++) {
		struct name *name = &l->model->names.list[i];

		if ((name->ref & LIST_KIND) == LIST_RECORD)
			fits = take_record(l, name_record_size(l->model, name), &name->ref);
	}
	return fits;
}

/* Blocks do not depend on the threads, so neither does the seed. */
static bool
lay_names(struct layout *l, const bool *relays)
{
	size_t count = l->model->names.count, blocks = (count + NAMES_BLOCK - 1) / NAMES_BLOCK;
	struct laying laying = {l->model, relays, mem_zero(blocks, sizeof(*laying.blocks))};
	bool records = false;

	parallel_blocks(count, NAMES_BLOCK, lay_block, &laying);
	for (size_t i = 0; i < blocks; i++) {
		const struct block *block = &laying.blocks[i];

		l->seed = hash64_number(block->digest, l->seed);
		l->name_max = block->name_max > l->name_max ? block->name_max : l->name_max;
		records |= block->records;
	}
	free(laying.blocks);
	return !records || lay_records(l);
}

static bool
lay_group(struct layout *l, const bool *relays, size_t group)
{
	uint32_t last = l->model->group_members[group];

	if (!is_single(l->model, relays, last))
		return take_record(l, list_size(l->model, last), &l->group_lists[group]);
	l->group_lists[group] = l->model->members[last].route;
	return true;
}

bool
layout_records(struct layout *l)
{
	struct model *model = l->model;
	bool *relays = find_relays(model), fits = lay_names(l, relays);

	l->group_lists = mem_alloc(model->groups.count * sizeof(*l->group_lists));
	for (size_t i = 0; i < model->groups.count && fits; i++)
		fits = lay_group(l, relays, i);
	free(relays);
	return fits;
}

/* Writes a route list; returns its end. */
static unsigned char *
put_list(struct layout *l, unsigned char *p, uint32_t last)
{
	size_t n = model_members(l->model, last, &l->buffer);
	bool relays;

	if (n == 0)
		return p;
	relays = pool_get(&l->model->hops, model_hop(l->model, l->buffer.list[0])).ptr[HOP_ACTION] ==
	    TMAIL_RELAY;
	le32_put(p, (uint32_t)n | (relays ? LIST_RELAYS : 0));
	for (size_t i = 0; i < n; i++)
		le32_put(p += sizeof(uint32_t), l->buffer.list[i]);
	return p + sizeof(uint32_t);
}

static unsigned char *
record(const struct layout *l, uint32_t list)
{
	return l->image->bytes + l->offset[SECTION_RECORDS] +
	    (uint64_t)(list & LIST_NUMBER) * RECORD_UNIT;
}

static void
put_name_record(struct layout *l, const struct name *name)
{
	unsigned char *p = record(l, name->ref);

	le16_put(p + NAME_LENGTH, (uint16_t)name->len);
	p[NAME_ROLES] = (unsigned char)name->roles;
	memcpy(p + NAME_STAR, "*.", 2);
	memcpy(p + NAME_TEXT, name->ptr, name->len);
	p += (NAME_TEXT + name->len + RECORD_UNIT - 1) / RECORD_UNIT * RECORD_UNIT;
	for (int which = 0; which < INLINE_COUNT; which++)
		p = put_list(l, p, name->members[which]);
}

void
write_records(struct layout *l)
{
	const struct model *model = l->model;

	if (l->length[SECTION_RECORDS] == 0)
		return;
	for (size_t i = 0; i < model->names.count; i++)
		if ((model->names.list[i].ref & LIST_KIND) == LIST_RECORD)
			put_name_record(l, &model->names.list[i]);
	for (size_t i = 0; i < model->groups.count; i++)
		if ((l->group_lists[i] & LIST_KIND) == LIST_RECORD)
			put_list(l, record(l, l->group_lists[i]), model->group_members[i]);
}
