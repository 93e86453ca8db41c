/*
 * table.h - the two tables of an index, and the lists of routes they lead to.
 *
 * A probe waits for memory three times: for the filter and the seed, which are
 * mostly in a cache, and for the line.  With several keys, first aim all, then
 * ask the filter for all, then find those that may be there: so they wait
 * together.
 */
#ifndef RUNTIME_TABLE_H
#define RUNTIME_TABLE_H

#include "base/chunk.h"
#include "base/hot.h"
#include "runtime/index.h"

/* A key on its way. */
struct probe {
	uint64_t hash;
	const unsigned char *filter;	/* its word */
};

HOT bool
filter_has(const unsigned char *word, uint64_t hash)
{
	return (~le64_get(word) & table_filter_bits(hash)) == 0;
}

/* Hashes the key and fetches its word of the filter. */
HOT void
probe_aim(struct probe *probe, const struct tmail_routes *routes,
    const struct table *table, const void *key, size_t len)
{
	probe->hash = key_hash(routes->secret, key, len);
	probe->filter = table->filter +
	    table_filter_at(table_bucket(probe->hash, table->nseeds));
	__builtin_prefetch(probe->filter);
}

/* Whether the key may be in the table. */
HOT bool
probe_may(const struct probe *probe)
{
	return filter_has(probe->filter, probe->hash);
}

HOT uint32_t
table_slot_of(const struct table *table, uint64_t hash)
{
	return table_slot(hash, table->seeds[table_bucket(hash, table->nseeds)],
	    table->nslots);
}

static inline const unsigned char *
table_line(const struct table *table, uint32_t slot)
{
	return table->lines + (size_t)(slot / LINE_SLOTS) * LINE_SIZE;
}

/*
 * The entry of a slot, if it has one.  Wherever a damaged line says that it
 * begins, it and the line behind it lie in the section.
 */
static inline const unsigned char *
table_entry(const struct table *table, uint32_t slot)
{
	const unsigned char *line = table_line(table, slot);

	return line + line[slot % LINE_SLOTS] % LINE_SIZE;
}

/* The slot that the key has if it is in the table; its line is fetched. */
HOT uint32_t
probe_slot(const struct probe *probe, const struct table *table)
{
	uint32_t slot = table_slot_of(table, probe->hash);

	__builtin_prefetch(table_line(table, slot));
	return slot;
}

/* The bytes of RECORDS that a list leads to; *len says how many.  NULL: none. */
static inline const unsigned char *
list_record(const struct tmail_routes *routes, uint32_t list, size_t *len)
{
	const struct section *s = &routes->sections[SECTION_RECORDS];
	uint32_t ref = list & LIST_NUMBER;

	if ((list & LIST_KIND) != LIST_RECORD || ref >= s->count)
		return NULL;
	*len = s->len - (size_t)ref * RECORD_UNIT;
	return s->ptr + (size_t)ref * RECORD_UNIT;
}

/* The record of a name, of its whole size but for the lists.  NULL: damaged. */
static inline const unsigned char *
name_record(const struct tmail_routes *routes, uint32_t list, size_t *size)
{
	size_t len;
	const unsigned char *record = list_record(routes, list, &len);

	if (record == NULL || len < NAME_TEXT)
		return NULL;
	*size = NAME_TEXT + le16_get(record + NAME_LENGTH);
	return len < *size ? NULL : record;
}

/* memcmp with the branches that the hash function took, which are predicted. */
HOT bool
bytes_eq(const void *a, const void *b, size_t len)
{
	const char *p = a, *q = b;
	size_t i;

	if (len > 16) {
		for (i = 0; i < len - 16; i += 16)
			if (chunk_differ(chunk_load(p + i), chunk_load(q + i)))
				return false;
		return !chunk_differ(chunk_load(p + len - 16),
		    chunk_load(q + len - 16));
	}
	if (len >= 8)
		return ((le64_get(p) ^ le64_get(q)) |
		    (le64_get(p + len - 8) ^ le64_get(q + len - 8))) == 0;
	for (i = 0; i < len; i++)
		if (p[i] != q[i])
			return false;
	return true;
}

/*
 * table_find - looks for a key that may be in a slot: TMAIL_OK with its list,
 * TMAIL_NO_ROUTE or TMAIL_E_DAMAGED.
 */
HOT enum tmail_status
table_find(const struct tmail_routes *routes, const struct table *table,
    uint32_t slot, const void *key, size_t len, uint32_t *list)
{
	const unsigned char *line = table_line(table, slot), *entry, *text;
	unsigned start = line[slot % LINE_SLOTS];
	size_t size;

	if (start == 0)
		return TMAIL_NO_ROUTE;
	entry = table_entry(table, slot);
	*list = le32_get(entry + ENTRY_LIST);
	if (len <= KEY_SHORT) {
		if (entry[ENTRY_LENGTH] != len)
			return TMAIL_NO_ROUTE;
		if (start > LINE_SIZE - ENTRY_KEY - len)
			return TMAIL_E_DAMAGED;
		text = entry + ENTRY_KEY;
	} else {
		if (entry[ENTRY_LENGTH] != KEY_LONG)
			return TMAIL_NO_ROUTE;
		text = name_record(routes, *list, &size);
		if (text == NULL)
			return TMAIL_E_DAMAGED;
		if (size - NAME_TEXT != len)
			return TMAIL_NO_ROUTE;
		text += NAME_TEXT;
	}
	return bytes_eq(text, key, len) ? TMAIL_OK : TMAIL_NO_ROUTE;
}

/* The roles of a name, by its list.  False: damaged. */
static inline bool
name_roles(const struct tmail_routes *routes, uint32_t list, unsigned char *roles)
{
	const unsigned char *record;
	size_t size;

	switch (list & LIST_KIND) {
	case LIST_ROUTE:
		*roles = ROLE_TO;
		return true;
	case LIST_USER:
		*roles = ROLE_USER;
		return true;
	case LIST_ROLES:
		*roles = (unsigned char)(list & ROLES_OF_GROUPS);
		return true;
	default:
		record = name_record(routes, list, &size);
		*roles = record == NULL ? 0 : record[NAME_ROLES];
		return record != NULL;
	}
}

/*
 * name_text - the text of the name in a slot, with "*." in front if wild.
 * False: there is none, or it is damaged.
 */
static inline bool
name_text(const struct tmail_routes *routes, uint32_t slot, bool wild,
    struct tmail_slice *text)
{
	const unsigned char *entry = table_entry(&routes->names, slot), *record;
	size_t start = (size_t)(entry - table_line(&routes->names, slot));
	size_t len = entry[ENTRY_LENGTH], size;
	uint32_t list = le32_get(entry + ENTRY_LIST);

	if (wild || len == KEY_LONG) {
		record = name_record(routes, list, &size);
		if (record == NULL)
			return false;
		*text = wild ? tmail_slice(record + NAME_STAR, size - NAME_STAR) :
		    tmail_slice(record + NAME_TEXT, size - NAME_TEXT);
		return true;
	}
	*text = tmail_slice(entry + ENTRY_KEY, len);
	return start != 0 && start + ENTRY_KEY + len <= LINE_SIZE;
}

/* A list: one route, or the numbers of several. */
struct route_list {
	const unsigned char *numbers;	/* NULL: one route, first */
	uint32_t first;
	uint32_t count;
	bool relays;			/* not reject or defer */
};

/* route_list_open - finds the routes of a list.  False: damaged. */
static inline bool
route_list_open(const struct tmail_routes *routes, uint32_t list, struct route_list *out)
{
	const unsigned char *p;
	size_t len;

	*out = (struct route_list){NULL, list & LIST_NUMBER, 1, true};
	if ((list & LIST_KIND) <= LIST_USER)
		return true;
	p = list_record(routes, list, &len);
	if (p == NULL || len < 8)
		return false;
	out->count = le32_get(p) & ~LIST_RELAYS;
	out->relays = (le32_get(p) & LIST_RELAYS) != 0;
	out->numbers = p + 4;
	out->first = le32_get(p + 4);
	return out->count > 0 && out->count <= (len - 4) / 4;
}

/* The number of route n of a list. */
static inline uint32_t
route_list_get(const struct route_list *list, uint32_t n)
{
	return list->numbers == NULL ? list->first : le32_get(list->numbers + 4 * (size_t)n);
}

/*
 * name_list - the list of a group that a name alone decides, by the list of
 * the name: role is ROLE_TO, ROLE_WILD or ROLE_USER, and the name has it.
 * False: damaged.
 */
bool name_list(const struct tmail_routes *routes, uint32_t name, unsigned role,
    uint32_t *list);

#endif
