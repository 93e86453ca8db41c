#include "text/statement.h"

#include <stdlib.h>

#include "base/number.h"

enum { MARK_BROKEN = 8, COUNT_SHIFT = 4 };

/* What the bits of the words have room for: see item_role, item_flags, stmts_next. */
_Static_assert((ITEM_QUOTED | ITEM_PLAIN | ITEM_MORE) <= 7, "flags have three bits");
_Static_assert((int)STATEMENT_COUNT <= (int)PLAIN_MARK,
    "a kind has three bits, and one value marks a plain route");

void
stmts_grow(struct stmts *stmts)
{
	stmts->capacity = stmts->capacity < 512 ? 1024 : stmts->capacity * 2;
	stmts->words = mem_resize(stmts->words, stmts->capacity, sizeof(*stmts->words));
}

void
stmts_reserve(struct stmts *stmts, size_t bytes)
{
	/* "route to a.example via b.example": 30 bytes and more for 4 words. */
	stmts->capacity = bytes / 7 + 64;
	stmts->words = mem_resize(NULL, stmts->capacity, sizeof(*stmts->words));
}

void
stmts_open(struct stmts *stmts, enum statement kind, uint32_t pos, uint32_t line)
{
	uint32_t *p;

	stmts->open = stmts->used;
	p = stmts_room(stmts, STMT_HEADER);
	p[0] = pos;
	p[1] = line;
	p[2] = (uint32_t)kind;
}

void
stmts_note_id(struct stmts *stmts, struct slice text)
{
	uint32_t id;

	if (!number_read(text, UINT32_MAX, &id) || id <= stmts->ids.last) {
		stmts->ids.wild = true;
		return;
	}
	if (stmts->ids.last == 0)
		stmts->ids.first = id;
	stmts->ids.last = id;
}

uint32_t
stmts_via(struct stmts *stmts, struct slice text)
{
	if (stmts->vias.list == NULL)
		names_init(&stmts->vias, stmts->seed, 0);
	return names_intern(&stmts->vias, text, true);
}

/* Whether its numbers fit into the form of a plain route. */
static bool
is_short(const struct plain *plain)
{
	return plain->id_length <= PLAIN_ID_MAX && plain->to_length <= PLAIN_TO_MAX &&
	    plain->via <= PLAIN_VIA_MAX;
}

/* The plain route that these items are; false: they are none. */
static bool
plain_of(const uint32_t *header, const struct item *items, uint32_t count, struct plain *plain)
{
	bool written = count > 0 && item_role(items[0]) == ITEM_ID;
	const struct item *to = items + written, *via = to + 1;

	if (header[2] != STATEMENT_ROUTE || count != 2u + written ||
	    item_role(*to) != ITEM_TO || item_role(*via) != ITEM_VIA)
		return false;
	*plain = (struct plain){.pos = header[0],
	    .line = header[1],
	    .id_length = written ? item_length(items[0]) : 0,
	    .to_length = item_length(*to),
	    .via_plain = (item_flags(*via) & ITEM_PLAIN) != 0,
	    .via = item_via(*via),
	    .hash = to->hash};
	return item_flags(*to) == ITEM_PLAIN && (item_flags(*via) & ITEM_QUOTED) == 0 &&
	    is_short(plain) && to->pos == plain_to(plain) &&
	    via->pos == plain_via(plain) && (!written || items[0].pos == plain_id(plain));
}

uint32_t
plain_items(const struct stmts *stmts, const struct plain *plain, struct item items[PLAIN_ITEMS])
{
	struct item *item = items;

	if (plain->id_length != 0)
		*item++ = (struct item){plain_id(plain), plain->id_length | ITEM_ID << ITEM_ROLE_SHIFT, 0};
	*item++ = (struct item){plain_to(plain),
	    plain->to_length | ITEM_TO << ITEM_ROLE_SHIFT | (uint32_t)ITEM_PLAIN << ITEM_FLAGS_SHIFT, plain->hash};
	*item++ = (struct item){plain_via(plain),
	    stmts->vias.list[plain->via].len | ITEM_VIA << ITEM_ROLE_SHIFT |
		(plain->via_plain ? (uint32_t)ITEM_PLAIN << 29 : 0),
	    plain->via};
	return (uint32_t)(item - items);
}

static void
put_plain(struct stmts *stmts, const struct plain *plain)
{
	uint32_t *p = stmts_room(stmts, STMT_PLAIN);

	p[0] = plain->pos;
	p[1] = plain->line;
	p[2] = PLAIN_MARK | plain->id_length << 3 | plain->to_length << 7 |
	    (uint32_t)plain->via_plain << 13 | plain->via << 14;
	p[3] = plain->hash;
	stmts->tally.routes++;
	stmts->tally.plain++;
	stmts->tally.numbered += plain->id_length != 0;
	if (plain->id_length == 0)
		stmts->unnumbered = plain->pos;
	stmts->vias.list[plain->via].roles |= NAME_OF_PLAIN;
}

bool
stmts_plain(struct stmts *stmts, uint32_t pos, uint32_t line, struct slice id, struct slice to,
    struct slice via, bool via_plain)
{
	struct plain plain = {.pos = pos,
	    .line = line,
	    .id_length = (uint32_t)id.len,
	    .to_length = (uint32_t)to.len,
	    .via_plain = via_plain,
	    .via = stmts_via(stmts, via),
	    .hash = names_hash(stmts->seed, to)};

	if (!is_short(&plain))
		return false;
	if (id.len != 0)
		stmts_note_id(stmts, id);
	stmts->open = stmts->used;
	put_plain(stmts, &plain);
	return true;
}

bool
stmts_cut(struct stmts *stmts)
{
	size_t most = stmts->open + STMT_HEADER + (size_t)STMT_ITEMS_MAX * STMT_ITEM;
	bool cut = stmts->used > most;

	if (cut)
		stmts->used = most;
	return cut;
}

void
stmts_close(struct stmts *stmts, bool broken)
{
	uint32_t *p = stmts->words + stmts->open;
	uint32_t count = (uint32_t)((stmts->used - stmts->open - STMT_HEADER) / STMT_ITEM);
	const struct item *items = (const struct item *)(const void *)(p + STMT_HEADER);
	struct plain plain;

	if (!broken && plain_of(p, items, count, &plain)) {
		stmts->used = stmts->open;
		put_plain(stmts, &plain);
		return;
	}
	if (p[2] != STATEMENT_ROUTE) {
		stmts->tally.others++;
		stmts->written[p[2]]++;
	} else if (count > 0 && item_role(items[0]) == ITEM_ID) {
		stmts->tally.numbered++;
	} else {
		stmts->unnumbered = p[0];
	}
	stmts->tally.routes += p[2] == STATEMENT_ROUTE;
	p[2] |= count << COUNT_SHIFT | (broken ? MARK_BROKEN : 0);
}

void
stmts_release(struct stmts *stmts)
{
	free(stmts->words);
	names_release(&stmts->vias);
	*stmts = (struct stmts){.seed = stmts->seed};
}
