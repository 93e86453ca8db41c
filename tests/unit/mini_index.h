/*
 * mini_index.h - a naive writer of routes.idx for tests of the reader: it
 * shares the description of the format with the compiler, and no code.
 * Patterns must be folded already.  It aborts where it cannot go on.
 */
#ifndef MINI_INDEX_H
#define MINI_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "tmail/routes.h"

enum { MINI_LOCALS = 4 };

struct mini_route {
	uint32_t id;
	uint32_t line;		/* 0 stands for 1 */
	const char *user;	/* NULL: no selector; "*"; or a name */
	const char *to;		/* "*", "*.name" or a name */
	const char *from;	/* NULL, "<>" or a name */
	int action;		/* enum tmail_action */
	int kind;		/* enum tmail_next_hop */
	int tls;
	const char *host;
	const char *text;
	const char *login;
	const char *password;
	uint16_t port;
	uint16_t priority;
	uint16_t weight;	/* 0 stands for 1 */
	int local_mode;
	const char *locals[MINI_LOCALS];
	const char *greeting;	/* of the first of them */
	const char *relay;
	const char *token_file, *tls_cert, *tls_ca, *mail_from;
	int family, auth, rate_unit;
	uint16_t connections;
	uint32_t rate;
};

/* A file of the configuration: lines above base are in it. */
struct mini_file {
	const char *name;
	uint32_t base;
};

struct mini_index {
	unsigned char *bytes;	/* of malloc */
	size_t size;
};

/*
 * Builds an index with tables of about `load` keys to a bucket.
 * Without files, all lines are in "routes.conf".
 */
struct mini_index mini_build(const struct mini_route *routes, size_t n,
    const struct mini_file *files, size_t nfiles, unsigned load);

/* Computes the checksums anew, after a change of bytes. */
void mini_seal(struct mini_index *index);

/* Writes the index to a file: over what it holds. */
void mini_write(const struct mini_index *index, const char *path);

/* Opens the index as tmail_routes_open does, out of a file without a name. */
enum tmail_status mini_open(const struct mini_index *index, unsigned flags,
    struct tmail_routes **routes);

#endif
