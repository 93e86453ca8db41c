/*
 * statement.h - what was written, before anybody judged it.
 *
 * A statement is a short header and its items, one a word of the source, all
 * in one vector of 32-bit words a file: 12 bytes a statement and 12 an item,
 * since a configuration may have millions.  Items are in the order written.
 *
 * Nearly all of those read "route [ID] to NAME via HOST": of such a plain
 * route, 16 bytes tell where its words stand.
 */
#ifndef TEXT_STATEMENT_H
#define TEXT_STATEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "store/names.h"
#include "text/source.h"
#include "text/words.h"

/* The part that a word plays; the options follow ITEM_OPTION. */
enum item_role {
	ITEM_ID,
	ITEM_TO,
	ITEM_USER,
	ITEM_FROM,
	ITEM_VIA,
	ITEM_REJECT,	/* the keyword itself */
	ITEM_DEFER,	/* the keyword itself */
	ITEM_DISCARD,	/* the keyword itself */
	ITEM_TEXT,	/* of reject and defer */
	ITEM_NAME,	/* of a relay or list; the address of a source */
	ITEM_HOST,	/* of a relay */
	ITEM_VALUE,	/* of a list */
	ITEM_FILE,	/* of a list: the path */
	ITEM_GLOB,	/* of an include */
	ITEM_WANTED,	/* of an expectation: a candidate; behind `via`, */
	ITEM_WANTED_FIRST,	/* behind `first` */
	ITEM_WANTED_ROUTE,	/* an ID */
	ITEM_WANTED_MX,	/* the keyword itself */
	ITEM_OPTION	/* + enum option: the value of it */
};

enum {
	ITEM_QUOTED = 1,	/* starts at its opening quote, ends behind the closing one */
	ITEM_PLAIN = 2,		/* a folded name: see WORD_PLAIN */
	ITEM_MORE = 4		/* one more pattern of the item before it */
};

enum { ITEM_ROLE_SHIFT = 23, ITEM_FLAGS_SHIFT = 29 };
_Static_assert(WORD_LENGTH_MAX < 1 << ITEM_ROLE_SHIFT, "roles stand behind the length");
_Static_assert(ITEM_OPTION + OPTION_COUNT <= 1 << (ITEM_FLAGS_SHIFT - ITEM_ROLE_SHIFT),
    "flags stand behind roles");

struct item {
	uint32_t pos;
	uint32_t word;	/* length, role << ITEM_ROLE_SHIFT, flags << ITEM_FLAGS_SHIFT */
	uint32_t hash;	/* names_hash of a plain name; of ITEM_VIA: see item_via */
};

static inline uint32_t
item_length(struct item item)
{
	return item.word & WORD_LENGTH_MAX;
}

static inline unsigned
item_role(struct item item)
{
	return item.word >> ITEM_ROLE_SHIFT & 0x3f;
}

static inline unsigned
item_flags(struct item item)
{
	return item.word >> ITEM_FLAGS_SHIFT;
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

/* The most items of a statement, which makes the largest list. */
enum { STMT_ITEMS_MAX = 0xffffff };

enum { STMT_HEADER = 3, STMT_ITEM = 3, STMT_PLAIN = 4, PLAIN_ITEMS = 3 };

/* A statement as read from the vector. */
struct stmt {
	enum statement kind;
	bool broken;	/* a syntax error was reported: only names and IDs count */
	uint32_t pos;	/* of its keyword */
	uint32_t line;	/* in its file */
	uint32_t count;
	const struct item *written;	/* in the vector; NULL: those of a plain route */
	struct item plain[PLAIN_ITEMS];
};

static inline const struct item *
stmt_items(const struct stmt *stmt)
{
	return stmt->written == NULL ? stmt->plain : stmt->written;
}

/* How many statements are what. */
struct tally {
	uint32_t routes;
	uint32_t numbered;	/* routes with an ID */
	uint32_t plain;		/* plain routes */
	uint32_t others;	/* no routes */
};

struct stmts {
	uint32_t *words;
	size_t used;
	size_t capacity;
	size_t open;	/* start of the statement being written */
	uint32_t lines_before;	/* lines of the source in front of its text */
	struct tally tally;
	uint32_t written[STATEMENT_COUNT];	/* how many of a kind; no routes */
	bool password;	/* one is written in them */
	struct {
		uint32_t first, last;
		bool wild;	/* they do not ascend, or one is no number */
	} ids;		/* as written */
	uint32_t unnumbered;	/* position of the last route without one */
	uint64_t seed;	/* of the hashes; to be set before writing */
	/*
	 * The distinct words behind `via`, where each stands first.  Of their
	 * roles, NAME_OF_PLAIN is set if a plain route goes through it.
	 */
	struct names vias;
};


/* Makes room for the statements of a text of so many bytes, as most are. */
void stmts_reserve(struct stmts *stmts, size_t bytes);

/* Writing: open one, add its items, close it.  The text must outlive them. */
void stmts_open(struct stmts *stmts, enum statement kind, uint32_t pos, uint32_t line);
static inline void stmts_item(struct stmts *stmts, unsigned role, unsigned flags, uint32_t pos,
    struct slice text);
/* Takes what is too many from the statement being written; false: nothing is. */
bool stmts_cut(struct stmts *stmts);
void stmts_close(struct stmts *stmts, bool broken);
/* In place of that: as if it had not been opened. */
static inline void stmts_drop(struct stmts *stmts);
/* The role of the last item of the statement being written; it has one. */
static inline unsigned stmts_last_role(const struct stmts *stmts);
/* Empties the vector; it may be written to again. */
void stmts_release(struct stmts *stmts);

/* For stmts_item: room for some words more; an ID as written; the number of a via. */
void stmts_grow(struct stmts *stmts);
void stmts_note_id(struct stmts *stmts, struct slice text);
uint32_t stmts_via(struct stmts *stmts, struct slice text);

static inline uint32_t *
stmts_room(struct stmts *stmts, size_t words)
{
	if (stmts->capacity - stmts->used < words)
		stmts_grow(stmts);
	stmts->used += words;
	return stmts->words + stmts->used - words;
}

/* Inline, since the grammar knows the role of each. */
static inline void
stmts_item(struct stmts *stmts, unsigned role, unsigned flags, uint32_t pos, struct slice text)
{
	uint32_t *p = stmts_room(stmts, STMT_ITEM);

	p[0] = pos;
	p[1] = (uint32_t)text.len | role << ITEM_ROLE_SHIFT | flags << ITEM_FLAGS_SHIFT;
	p[2] = 0;
	if (role == ITEM_VIA)
		p[2] = stmts_via(stmts, text);
	else if ((flags & ITEM_PLAIN) != 0 && role < ITEM_WANTED)
		p[2] = names_hash(stmts->seed, text);
	stmts->password |= role == ITEM_OPTION + OPTION_PASSWORD;
	if (role == ITEM_ID)
		stmts_note_id(stmts, text);
}

static inline void
stmts_drop(struct stmts *stmts)
{
	stmts->used = stmts->open;
}

static inline unsigned
stmts_last_role(const struct stmts *stmts)
{
	return stmts->words[stmts->used - STMT_ITEM + 1] >> ITEM_ROLE_SHIFT & 0x3f;
}

/* A plain route: words one blank apart, a plain name, a relay without quotes. */
struct plain {
	uint32_t pos;
	uint32_t line;
	uint32_t id_length;	/* 0: no ID */
	uint32_t to_length;
	bool via_plain;
	uint32_t via;		/* see item_via */
	uint32_t hash;		/* of the name */
};

/* stmts_plain - writes one all at once; false: it is too long for that. */
bool stmts_plain(struct stmts *stmts, uint32_t pos, uint32_t line, struct slice id,
    struct slice to, struct slice via, bool via_plain);

enum { PLAIN_ID_MAX = 15, PLAIN_TO_MAX = 63, PLAIN_VIA_MAX = (1 << 18) - 1, PLAIN_MARK = 7 };

static inline bool
plain_at(const struct stmts *stmts, size_t at)
{
	return (stmts->words[at + 2] & 7) == PLAIN_MARK;
}

static inline struct plain
plain_get(const struct stmts *stmts, size_t at)
{
	const uint32_t *p = stmts->words + at;

	return (struct plain){.pos = p[0],
	    .line = p[1] + stmts->lines_before,
	    .id_length = p[2] >> 3 & PLAIN_ID_MAX,
	    .to_length = p[2] >> 7 & PLAIN_TO_MAX,
	    .via_plain = (p[2] >> 13 & 1) != 0,
	    .via = p[2] >> 14,
	    .hash = p[3]};
}

static inline uint32_t
plain_id(const struct plain *plain)
{
	return plain->pos + (uint32_t)sizeof("route ") - 1;
}

static inline uint32_t
plain_to(const struct plain *plain)
{
	return plain_id(plain) + (plain->id_length == 0 ? 0 : plain->id_length + 1) +
	    (uint32_t)sizeof("to ") - 1;
}

static inline uint32_t
plain_via(const struct plain *plain)
{
	return plain_to(plain) + plain->to_length + (uint32_t)sizeof(" via ") - 1;
}

/* The items of a plain route; how many. */
uint32_t plain_items(const struct stmts *stmts, const struct plain *plain,
    struct item items[PLAIN_ITEMS]);

/* Reading: *at starts at 0 and is moved on; false at the end. */
static inline bool
stmts_next(const struct stmts *stmts, size_t *at, struct stmt *stmt)
{
	const uint32_t *p;

	if (*at >= stmts->used)
		return false;
	if (plain_at(stmts, *at)) {
		struct plain plain = plain_get(stmts, *at);

		stmt->kind = STATEMENT_ROUTE;
		stmt->broken = false;
		stmt->pos = plain.pos;
		stmt->line = plain.line;
		stmt->count = plain_items(stmts, &plain, stmt->plain);
		stmt->written = NULL;
		*at += STMT_PLAIN;
		return true;
	}
	p = stmts->words + *at;
	stmt->pos = p[0];
	stmt->line = p[1] + stmts->lines_before;
	stmt->count = p[2] >> 4;
	stmt->kind = (enum statement)(p[2] & 7);
	stmt->broken = (p[2] & 8) != 0;
	stmt->written = (const struct item *)(const void *)(p + STMT_HEADER);
	*at += STMT_HEADER + (size_t)stmt->count * STMT_ITEM;
	return true;
}

/* Moves *at on behind the plain routes that stand there. */
static inline void
stmts_skip_plain(const struct stmts *stmts, size_t *at, size_t end)
{
	while (*at < end && plain_at(stmts, *at))
		*at += STMT_PLAIN;
}

/* Where the last word of a statement ends. */
static inline uint32_t
stmt_end(const struct stmt *stmt)
{
	return stmt->count == 0 ? stmt->pos + (uint32_t)strlen(statement_word(stmt->kind))
				: item_end(stmt_items(stmt)[stmt->count - 1]);
}

#endif
