#include "compiler/statement.h"

#include <stdlib.h>

enum { HEADER = 3, ITEM = 3, MARK_BROKEN = 8, COUNT_SHIFT = 4 };

static uint32_t *
room(struct stmts *stmts, size_t words)
{
	uint32_t *p;

	if (stmts->capacity - stmts->used < words) {
		stmts->capacity = stmts->capacity < 512 ? 1024 : stmts->capacity * 2;
		stmts->words = mem_resize(stmts->words, stmts->capacity, sizeof(*stmts->words));
	}
	p = stmts->words + stmts->used;
	stmts->used += words;
	return p;
}

void
stmts_reserve(struct stmts *stmts, size_t bytes)
{
	/* "route to a.example via b.example": 30 bytes and more for 9 words. */
	stmts->capacity = bytes / 3 + 64;
	stmts->words = mem_resize(NULL, stmts->capacity, sizeof(*stmts->words));
}

void
stmts_open(struct stmts *stmts, enum statement kind, uint32_t pos, uint32_t line)
{
	uint32_t *p;

	stmts->open = stmts->used;
	p = room(stmts, HEADER);
	p[0] = pos;
	p[1] = line;
	p[2] = (uint32_t)kind;
}

static uint32_t
via_number(struct stmts *stmts, struct slice text)
{
	if (stmts->vias.buckets == NULL)
		names_init(&stmts->vias, stmts->seed, 0);
	return names_intern(&stmts->vias, text, false);
}

void
stmts_item(struct stmts *stmts, unsigned role, unsigned flags, uint32_t pos, struct slice text)
{
	uint32_t *p = room(stmts, ITEM);

	p[0] = pos;
	p[1] = (uint32_t)text.len | role << 24 | flags << 29;
	p[2] = role == ITEM_VIA ? via_number(stmts, text) : names_hash(stmts->seed, text);
}

void
stmts_close(struct stmts *stmts, bool broken)
{
	uint32_t *p = stmts->words + stmts->open;
	uint32_t count = (uint32_t)((stmts->used - stmts->open - HEADER) / ITEM);

	if (p[2] != STATEMENT_ROUTE)
		stmts->others++;
	else if (count > 0 && (p[HEADER + 1] >> 24 & 0x1f) == ITEM_ID)
		stmts->numbered++;
	stmts->routes += p[2] == STATEMENT_ROUTE;
	p[2] |= count << COUNT_SHIFT | (broken ? MARK_BROKEN : 0);
}

void
stmts_release(struct stmts *stmts)
{
	free(stmts->words);
	names_release(&stmts->vias);
	*stmts = (struct stmts){.seed = stmts->seed};
}
