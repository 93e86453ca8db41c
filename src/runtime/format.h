/*
 * format.h - the bytes of routes.idx, version 4.
 *
 * Little-endian, position-independent, sections 64-byte aligned.  The writer
 * (compiler) and the reader (runtime) share this description and no code.
 *
 *   header | names: SEEDS FILTER LINES | groups: SEEDS FILTER LINES |
 *   RECORDS | ROUTES | TARGETS | HOPS | LOCALS | FILES | STRINGS
 *
 * How a lookup goes: each name of the query (recipient, its domain, ...) is
 * hashed once and looked for in the table of names.  What is found there
 * says which route the name alone decides ("to NAME", "user NAME"), or leads
 * to a record that says more.  Groups of several names, or of none ("to
 * *"), are found in the table of groups by the numbers of their names.  So a
 * name that no route mentions ends all its rungs at once.
 *
 * A table is a perfect hash table, so that a lookup has one place to look,
 * whatever the keys: no name and no query can make it slower.
 *   key -> bucket -> SEEDS[bucket] -> slot -> LINES[slot / 4]
 * See table_bucket and table_slot.  Before that a key is looked for in the
 * filter, a word of 64 bits for every two buckets, in which each of their
 * keys has set some bits (a Bloom filter: table_filter_bits): of what is not
 * there, 98 of 100 have other bits, and neither seed nor line is read.  Seeds
 * and filter together take less than two bytes a key, which caches hold.  A
 * line is a cache line of four slots:
 *   u8 start[4] | entries
 * start is where in its line the slot's entry begins; 0: an empty slot.
 *
 * Entry: u8 length | u32 list | key
 * A key longer than KEY_SHORT has the length KEY_LONG, and stands in its
 * record instead.  Behind the last line, LINES has 64 bytes of zeros.
 * A table without keys: three sections of length 0.
 *
 * List: the routes of a group, by its two top bits:
 *   LIST_ROUTE   one route, a relay: its number in ROUTES; of a name: "to NAME"
 *   LIST_USER    the same for "user NAME"
 *   LIST_ROLES   of a name that alone decides no group: its roles
 *   LIST_RECORD  a ref to a record
 *
 * Refs count 4-byte units from the start of RECORDS; records are 4-byte
 * aligned.
 *
 * Name record, where an entry cannot say it all:
 *   u16 length | u8 roles | u8 0 | "*." name | zeros to 4 | route lists
 * One route list for each of the roles TO, WILD and USER that is set, in
 * this order.  The length is the name's, without "*.".
 *
 * Route list: u32 count | u32 number[count], in the order of priority, then ID.
 * LIST_RELAYS is added to a count if they relay, as all of a list do or none.
 *
 * The key of a group is u32 user | u32 to | u32 from.  Each of the three is
 * KEY_NONE, KEY_STAR, KEY_NULL or KEY_NAME + the slot of a name; `to` has
 * KEY_WILD added for "*.NAME".  A record that its list leads to is a route
 * list.
 *
 * Route: u32 ID | u32 line | u32 target and a flag.  In file order.  line
 * counts through all files: see FILES.
 *
 * Target, 16 bytes: u32 hop | u16 priority | u16 weight | string: the relay's name.
 *
 * String: u32 offset | u32 length; an absent one has offset STRING_ABSENT and
 * length 0.
 *
 * Hop, 128 bytes (all that is effective but priority and weight; equal hops
 * are one hop): u8 action | u8 kind | u8 tls | u8 local mode | u16 port |
 * u8 family | u8 auth | u32 first local | u32 locals | u16 connections |
 * u8 rate unit | u8 0 | u32 rate | string: the name of the relay whose limits
 * these are (of two relays with limits no hop is one hop) | twelve strings.
 *
 * Local, 32 bytes: u8 family | u8 text length | u16 0 | bytes[16] | u32 text
 * offset | string: the name to greet with
 * File, 16 bytes: u32 name offset | u32 name length | u32 base | u32 0; a
 * route's line L belongs to the last file with base < L, and is its line
 * L - base.  Bases ascend.
 */
#ifndef RUNTIME_FORMAT_H
#define RUNTIME_FORMAT_H

#include <stdint.h>

#include "base/bit.h"
#include "base/hash.h"
#include "base/le.h"

#define INDEX_MAGIC "tmroutes"
#define INDEX_MAGIC_SIZE 8
#define INDEX_VERSION 4u
#define INDEX_OLDEST 4u		/* the first one that is read, now and by later versions */
#define INDEX_ALIGN 64u

/* Header: offsets of its fields. */
enum {
	HEADER_MAGIC = 0,
	HEADER_VERSION = 8,	/* u32 */
	HEADER_LENGTH = 12,	/* u32: HEADER_SIZE */
	HEADER_FILE_SIZE = 16,	/* u64 */
	HEADER_SEED = 24,	/* u64: of the hash of both tables */
	HEADER_SOURCE = 32,	/* 16 bytes: digest of the configuration's files */
	HEADER_RUNGS = 48,	/* u64: see rung_bit */
	HEADER_WILD_LABELS = 56,/* u32: bit n-1: a *.NAME of n labels; bit 31: of 32 or more */
	HEADER_NAME_MAX = 60,	/* u16: length of the longest name */
	HEADER_ROUTES = 64,	/* u32 each: counts */
	HEADER_GROUPS = 68,
	HEADER_NAMES = 72,
	HEADER_SECTIONS = 80,	/* SECTION_COUNT times { u64 offset, u64 length } */
	HEADER_CHECKSUM = 288,	/* 16 bytes: see index_checksum */
	HEADER_OWN_CHECKSUM = 304, /* u64: hash64 of the bytes before it, seed 0 */
	HEADER_SIZE = 320	/* what is not named above is zero */
};

/* The three of a table stand side by side: see table_section. */
enum {
	SECTION_NAMES,
	SECTION_GROUPS = SECTION_NAMES + 3,
	SECTION_RECORDS = SECTION_GROUPS + 3,
	SECTION_ROUTES,
	SECTION_TARGETS,
	SECTION_HOPS,
	SECTION_LOCALS,
	SECTION_FILES,
	SECTION_STRINGS,
	SECTION_COUNT
};

enum { TABLE_SEEDS, TABLE_FILTER, TABLE_LINES };

enum { FILTER_SIZE = 8, FILTER_BUCKETS = 2 };	/* of a word of the filter */

enum {
	LINE_SIZE = 64,
	LINE_SLOTS = 4,
	LINE_ENTRIES = 4,	/* where entries begin */
	ENTRY_LENGTH = 0,
	ENTRY_LIST = 1,
	ENTRY_KEY = 5,
	KEY_SHORT = LINE_SIZE - LINE_ENTRIES - ENTRY_KEY,
	KEY_LONG = 255
};

#define LIST_ROUTE 0x00000000u
#define LIST_USER 0x40000000u
#define LIST_ROLES 0x80000000u
#define LIST_RECORD 0xc0000000u
#define LIST_KIND 0xc0000000u
#define LIST_NUMBER 0x3fffffffu

#define LIST_RELAYS 0x80000000u

enum {
	RECORD_UNIT = 4,
	NAME_LENGTH = 0,
	NAME_ROLES = 2,
	NAME_STAR = 4,		/* "*." */
	NAME_TEXT = 6,
	GROUP_USER = 0,
	GROUP_TO = 4,
	GROUP_FROM = 8,
	GROUP_SIZE = 12
};

/* Roles of a name: inline groups, and parts it plays in GROUPS. */
enum {
	ROLE_TO = 1,		/* inline: no user, to NAME, no from */
	ROLE_WILD = 2,		/* inline: no user, to *.NAME, no from */
	ROLE_USER = 4,		/* inline: user NAME, to *, no from */
	ROLE_GROUP_TO = 8,
	ROLE_GROUP_WILD = 16,
	ROLE_GROUP_USER = 32,
	ROLE_GROUP_FROM = 64,
	ROLES_OF_GROUPS = 0x78
};

#define KEY_NONE 0u
#define KEY_STAR 1u
#define KEY_NULL 2u
#define KEY_NAME 3u
#define KEY_WILD 0x80000000u

enum { ROUTE_ID = 0, ROUTE_LINE = 4, ROUTE_TARGET = 8, ROUTE_SIZE = 12 };

#define ROUTE_USER_ANY 0x40000000u	/* "user any" was written (for listings) */
#define ROUTE_TARGET_MASK 0x3fffffffu
_Static_assert((ROUTE_USER_ANY & ROUTE_TARGET_MASK) == 0, "the flag stands beside the target");

enum {
	TARGET_HOP = 0,
	TARGET_PRIORITY = 4,
	TARGET_WEIGHT = 6,
	TARGET_RELAY = 8,	/* a string */
	TARGET_SIZE = 16
};

enum {
	HOP_ACTION = 0,		/* enum tmail_action */
	HOP_KIND = 1,		/* enum tmail_next_hop */
	HOP_TLS = 2,		/* enum tmail_tls */
	HOP_LOCAL_MODE = 3,	/* enum tmail_local */
	HOP_PORT = 4,
	HOP_FAMILY = 6,		/* enum tmail_family */
	HOP_AUTH = 7,		/* enum tmail_auth */
	HOP_LOCAL_FIRST = 8,
	HOP_LOCAL_COUNT = 12,
	HOP_CONNECTIONS = 16,
	HOP_RATE_UNIT = 18,
	HOP_RATE = 20,
	HOP_LIMITED = 24,	/* a string */
	HOP_STRINGS = 32,
	HOP_SIZE = 128
};

enum { RATE_NONE, RATE_SECOND, RATE_MINUTE, RATE_HOUR };

enum {
	STRING_HOST,
	STRING_LOGIN,
	STRING_PASSWORD,
	STRING_PASSWORD_FILE,
	STRING_TOKEN_FILE,
	STRING_TLS_NAME,
	STRING_TLS_CERT,
	STRING_TLS_CA,
	STRING_MAIL_FROM,
	STRING_HELO,
	STRING_TRANSPORT,
	STRING_TEXT,
	STRING_COUNT
};

#define STRING_ABSENT 0xffffffffu

enum {
	LOCAL_FAMILY = 0,
	LOCAL_TEXT_LENGTH = 1,
	LOCAL_BYTES = 4,
	LOCAL_TEXT = 20,
	LOCAL_HELO = 24,	/* a string */
	LOCAL_SIZE = 32,
	LOCALS_MAX = 255	/* source addresses of one hop */
};

enum { FILE_NAME = 0, FILE_NAME_LENGTH = 4, FILE_BASE = 8, FILE_SIZE = 16 };

/*
 * Kinds of patterns: a group (user, to, from) uses rung
 * user * 16 + to * 4 + from of HEADER_RUNGS.  The reader skips rungs whose
 * bit is not set.
 */
enum { RUNG_USER_NONE, RUNG_USER_STAR, RUNG_USER_FULL, RUNG_USER_BARE };
enum { RUNG_TO_ADDRESS, RUNG_TO_DOMAIN, RUNG_TO_WILD, RUNG_TO_STAR };
enum { RUNG_FROM_NONE, RUNG_FROM_NULL, RUNG_FROM_ADDRESS, RUNG_FROM_DOMAIN };

static inline uint64_t
rung_bit(unsigned user, unsigned to, unsigned from)
{
	return UINT64_C(1) << (user * 16 + to * 4 + from);
}

/* The bit of HEADER_WILD_LABELS for a name of n labels (n >= 1). */
static inline uint32_t
wild_labels_bit(unsigned n)
{
	return UINT32_C(1) << (n > 32 ? 31 : n - 1);
}

/* The bucket of a key: which seed is its. */
static inline uint32_t
table_bucket(uint64_t hash, uint32_t nseeds)
{
	return (uint32_t)(((hash >> 32) * nseeds) >> 32);
}

/*
 * The part of a table that a key belongs to: words of the filter and lines
 * come in multiples of TABLE_PARTS, so that each part has its own and can be
 * built apart, in a processor's cache.
 */
enum { TABLE_PART_BITS = 4, TABLE_PARTS = 1 << TABLE_PART_BITS };

static inline uint32_t
table_part(uint64_t hash)
{
	return (uint32_t)(hash >> (64 - TABLE_PART_BITS));
}

/*
 * The slot of a key: other bits of the hash, mixed with the seed.  (Moved on by
 * the seed times something they would not do: some keys would then have few
 * slots to choose from, and one of a million would find none.)
 */
static inline uint32_t
table_slot(uint64_t hash, unsigned char seed, uint32_t nslots)
{
	uint32_t x = ((uint32_t)hash ^ seed * UINT32_C(0x9e3779b1)) * UINT32_C(0x85ebca77);

	x = x >> TABLE_PART_BITS | table_part(hash) << (32 - TABLE_PART_BITS);
	return (uint32_t)(((uint64_t)x * nslots) >> 32);
}

/* Where the word of a bucket begins in FILTER. */
static inline size_t
table_filter_at(uint32_t bucket)
{
	return (size_t)(bucket / FILTER_BUCKETS) * FILTER_SIZE;
}

/* The bits of its word that a key sets: those its hash's three lowest sixes number. */
static inline uint64_t
table_filter_bits(uint64_t hash)
{
	return bit_set(bit_set(bit_set(0, hash), hash >> 6), hash >> 12);
}

/* Bytes of LINES with so many slots. */
static inline uint64_t
table_lines_size(uint32_t nslots)
{
	return nslots == 0 ? 0 : (uint64_t)nslots / LINE_SLOTS * LINE_SIZE + LINE_SIZE;
}

/* The whole file's checksum: of the header up to it, and all behind the header. */
static inline void
index_checksum(const unsigned char *file, size_t size, unsigned char out[16])
{
	hash128(file + HEADER_SIZE, size - HEADER_SIZE,
	    hash64(file, HEADER_CHECKSUM, 0), out);
}

static inline uint64_t
index_own_checksum(const unsigned char *file)
{
	return hash64(file, HEADER_OWN_CHECKSUM, 0);
}

#endif
