/*
 * statement.h - what was written, before anybody judged it.
 *
 * A statement is a short header and its items, one a word of the source, all
 * in one vector of 32-bit words a file: 12 bytes a statement and 12 an item,
 * since a configuration may have millions.  Items are in the order written.
 */
#ifndef COMPILER_STATEMENT_H
#define COMPILER_STATEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "compiler/names.h"
#include "compiler/source.h"
#include "compiler/words.h"

/* The part that a word plays; the options follow ITEM_OPTION. */
enum item_role {
	ITEM_ID,
	ITEM_TO,
	ITEM_USER,
	ITEM_FROM,
	ITEM_VIA,
	ITEM_REJECT,	/* the keyword itself */
	ITEM_DEFER,	/* the keyword itself */
	ITEM_TEXT,	/* of reject and defer */
	ITEM_NAME,	/* of a relay or list */
	ITEM_HOST,	/* of a relay */
	ITEM_VALUE,	/* of a list */
	ITEM_FILE,	/* of a list: the path */
	ITEM_GLOB,	/* of an include */
	ITEM_OPTION	/* + enum option: the value of it */
};

enum {
	ITEM_QUOTED = 1,	/* starts at its opening quote, ends behind the closing one */
	ITEM_PLAIN = 2,		/* labels of [a-z0-9_-] joined by dots */
	ITEM_PART = 4		/* the next item goes on with the same value */
};

struct item {
	uint32_t pos;
	uint32_t word;	/* length, role << 24, flags << 29 */
	uint32_t hash;	/* names_hash of its bytes; of ITEM_VIA: see item_via */
};

static inline uint32_t
item_length(struct item item)
{
	return item.word & 0xffffff;
}

static inline unsigned
item_role(struct item item)
{
	return item.word >> 24 & 0x1f;
}

static inline unsigned
item_flags(struct item item)
{
	return item.word >> 29;
}

/* Of an ITEM_VIA: the number of its word in stmts.vias. */
static inline uint32_t
item_via(struct item item)
{
	return item.hash;
}

static inline uint32_t
item_end(struct item item)
{
	return item.pos + item_length(item);
}

/* A statement as read from the vector. */
struct stmt {
	enum statement kind;
	bool broken;	/* a syntax error was reported: only names and IDs count */
	uint32_t pos;	/* of its keyword */
	uint32_t line;	/* in its file */
	uint32_t count;
	const struct item *items;
};

struct stmts {
	uint32_t *words;
	size_t used;
	size_t capacity;
	size_t open;	/* start of the statement being written */
	uint32_t routes; /* how many are routes, of them with an ID, and others */
	uint32_t numbered;
	uint32_t others;
	uint64_t seed;	/* of the hashes; to be set before writing */
	struct names vias; /* the distinct words behind `via` */
};


/* Makes room for the statements of a text of so many bytes, as most are. */
void stmts_reserve(struct stmts *stmts, size_t bytes);

/* Writing: open one, add its items, close it. */
void stmts_open(struct stmts *stmts, enum statement kind, uint32_t pos, uint32_t line);
void stmts_item(struct stmts *stmts, unsigned role, unsigned flags, uint32_t pos,
    struct slice text);
void stmts_close(struct stmts *stmts, bool broken);
/* Empties the vector; it may be written to again. */
void stmts_release(struct stmts *stmts);

/*
 * Reading: *at starts at 0 and is moved on; false at the end.  The items
 * point into the vector.
 */
static inline bool
stmts_next(const struct stmts *stmts, size_t *at, struct stmt *stmt)
{
	const uint32_t *p;

	if (*at >= stmts->used)
		return false;
	p = stmts->words + *at;
	stmt->pos = p[0];
	stmt->line = p[1];
	stmt->count = p[2] >> 4;
	stmt->kind = (enum statement)(p[2] & 7);
	stmt->broken = (p[2] & 8) != 0;
	stmt->items = (const struct item *)(const void *)(p + 3);
	*at += 3 + (size_t)stmt->count * 3;
	return true;
}

/* Whether nothing but routes without an ID was written. */
static inline bool
stmts_plain(const struct stmts *stmts)
{
	return stmts->numbered == 0 && stmts->others == 0;
}

/* Where the last word of a statement ends. */
static inline uint32_t
stmt_end(const struct stmt *stmt)
{
	return stmt->count == 0 ? stmt->pos + (uint32_t)strlen(statement_word(stmt->kind))
				: item_end(stmt->items[stmt->count - 1]);
}

#endif
