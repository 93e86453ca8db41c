/*
 * format.h - the bytes of routes.idx, version 1.
 *
 * Little-endian, position-independent, sections 64-byte aligned.  The writer
 * (compiler) and the reader (runtime) share this description and no code.
 *
 *   header | NAMES | GROUPS | RECORDS | TARGETS | HOPS | LOCALS | FILES | STRINGS
 *
 * How a lookup goes: each name of the query (recipient, its domain, ...) is
 * hashed once and looked for in NAMES, a hash table whose buckets are one
 * cache line each.  A hit leads to the name's record, which holds the name
 * and, inline, the groups that this name alone decides: "to NAME", "to
 * *.NAME" and "user NAME".  Groups of several names, or of none ("to *"), are
 * found in GROUPS by the numbers (record refs) of their names.  So a name
 * that no route mentions ends all its rungs at once, and the commonest
 * lookup reads two cache lines.
 *
 * Bucket (NAMES and GROUPS), 64 bytes:
 *   u8 fingerprint[12] | u8 reach | u8 0[3] | u32 ref[12]
 * A key's home is bucket (hash >> 32) * nbuckets >> 32, its fingerprint the
 * low byte of the hash.  It stands in the home bucket or in one of the
 * `reach` buckets after it (modulo nbuckets; reach is the home bucket's).
 * ref 0: an empty slot.  A section of length 0: no such key at all.
 *
 * Refs count 4-byte units from the start of RECORDS; records are 4-byte
 * aligned; refs stay below 2^31.
 *
 * Name record:
 *   u16 length | u8 roles | u8 0 | ["*."] name | zeros to 4 | member lists
 * "*." stands there when a WILD role is set, and length does not count it.
 * One member list for each of the roles TO, WILD and USER that is set, in
 * this order.
 *
 * Group record: u32 user | u32 to | u32 from | member list
 * Each of the three is KEY_NONE, KEY_STAR, KEY_NULL or a name's ref; `to` has
 * KEY_WILD added for "*.NAME".  The hash is over these 12 bytes.
 *
 * Member list: one member, or, with MEMBER_MORE set in its target, that
 * member, u32 count (of all), and count - 1 further ones:
 *   u32 route ID | u32 line | u32 target and flags
 * in the order of priority, then ID.  line counts through all files: see FILES.
 *
 * Target: u32 hop | u16 priority | u16 weight.
 *
 * Hop, 80 bytes (all that is effective but priority and weight; equal hops
 * are one hop): u8 action | u8 kind | u8 tls | u8 local mode | u16 port | u16 0
 * | u32 first local | u32 locals | eight strings { u32 offset, u32 length };
 * an absent string has offset STRING_ABSENT and length 0.
 *
 * Local, 24 bytes: u8 family | u8 text length | u16 0 | bytes[16] | u32 text offset
 * File, 16 bytes: u32 name offset | u32 name length | u32 base | u32 0; a
 * member's line L belongs to the last file with base < L, and is its line
 * L - base.  Bases ascend.
 */
#ifndef RUNTIME_FORMAT_H
#define RUNTIME_FORMAT_H

#include <stdint.h>

#include "base/hash.h"
#include "base/le.h"

#define INDEX_MAGIC "tmroutes"
#define INDEX_MAGIC_SIZE 8
#define INDEX_VERSION 1u
#define INDEX_ALIGN 64u

/* Header: offsets of its fields. */
enum {
	HEADER_MAGIC = 0,
	HEADER_VERSION = 8,	/* u32 */
	HEADER_LENGTH = 12,	/* u32: HEADER_SIZE */
	HEADER_FILE_SIZE = 16,	/* u64 */
	HEADER_SEED = 24,	/* u64: of both tables */
	HEADER_SOURCE = 32,	/* 16 bytes: digest of the configuration's files */
	HEADER_RUNGS = 48,	/* u64: see rung_bit */
	HEADER_WILD_LABELS = 56,/* u32: bit n-1: a *.NAME of n labels; bit 31: of 32 or more */
	HEADER_NAME_MAX = 60,	/* u16: length of the longest name */
	HEADER_PROBES = 62,	/* u8: no reach is greater; at most PROBES_MAX */
	HEADER_ROUTES = 64,	/* u32 each: counts */
	HEADER_GROUPS = 68,
	HEADER_NAMES = 72,
	HEADER_SECTIONS = 80,	/* SECTION_COUNT times { u64 offset, u64 length } */
	HEADER_CHECKSUM = 240,	/* 16 bytes: see index_checksum */
	HEADER_OWN_CHECKSUM = 256, /* u64: hash64 of the bytes before it, seed 0 */
	HEADER_SIZE = 320	/* what is not named above is zero */
};

enum {
	SECTION_NAMES,
	SECTION_GROUPS,
	SECTION_RECORDS,
	SECTION_TARGETS,
	SECTION_HOPS,
	SECTION_LOCALS,
	SECTION_FILES,
	SECTION_STRINGS,
	SECTION_COUNT
};

enum {
	BUCKET_SIZE = 64,
	BUCKET_SLOTS = 12,
	BUCKET_REACH = 12,
	BUCKET_REFS = 16,
	PROBES_MAX = 8
};

enum {
	RECORD_UNIT = 4,
	NAME_LENGTH = 0,
	NAME_ROLES = 2,
	NAME_TEXT = 4,
	GROUP_USER = 0,
	GROUP_TO = 4,
	GROUP_FROM = 8,
	GROUP_MEMBERS = 12
};

/* Roles of a name: inline groups, and parts it plays in GROUPS. */
enum {
	ROLE_TO = 1,		/* inline: no user, to NAME, no from */
	ROLE_WILD = 2,		/* inline: no user, to *.NAME, no from */
	ROLE_USER = 4,		/* inline: user NAME, to *, no from */
	ROLE_GROUP_TO = 8,
	ROLE_GROUP_WILD = 16,
	ROLE_GROUP_USER = 32,
	ROLE_GROUP_FROM = 64
};

#define KEY_NONE 0u
#define KEY_STAR 1u
#define KEY_NULL 2u
#define KEY_WILD 0x80000000u

enum { MEMBER_ID = 0, MEMBER_LINE = 4, MEMBER_TARGET = 8, MEMBER_SIZE = 12 };

#define MEMBER_MORE 0x80000000u		/* first member only: u32 count follows */
#define MEMBER_USER_ANY 0x40000000u	/* "user any" was written (for listings) */
#define MEMBER_USER_IMPLIED 0x20000000u	/* "user *" was not written */
#define MEMBER_TARGET_MASK 0x1fffffffu

enum { TARGET_HOP = 0, TARGET_PRIORITY = 4, TARGET_WEIGHT = 6, TARGET_SIZE = 8 };

enum {
	HOP_ACTION = 0,		/* enum tmail_action */
	HOP_KIND = 1,		/* enum tmail_next_hop */
	HOP_TLS = 2,		/* enum tmail_tls */
	HOP_LOCAL_MODE = 3,	/* enum tmail_local */
	HOP_PORT = 4,
	HOP_LOCAL_FIRST = 8,
	HOP_LOCAL_COUNT = 12,
	HOP_STRINGS = 16,
	HOP_SIZE = 80
};

enum {
	STRING_HOST,
	STRING_TLS_NAME,
	STRING_LOGIN,
	STRING_PASSWORD,
	STRING_PASSWORD_FILE,
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
	LOCAL_SIZE = 24,
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

static inline uint32_t
bucket_home(uint64_t hash, uint32_t nbuckets)
{
	return (uint32_t)(((hash >> 32) * nbuckets) >> 32);
}

static inline unsigned char
bucket_fingerprint(uint64_t hash)
{
	return (unsigned char)hash;
}

/* The whole file's checksum: of all but the two checksums themselves. */
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
