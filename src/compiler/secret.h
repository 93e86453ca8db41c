/*
 * secret.h - which bytes of a source must never be shown.
 *
 * These are the values of `password`, the value after an option that nobody
 * knows, and the rest of the line after a lexical fault in or behind a
 * credential.  Found by lexing the source again, so that a broken statement
 * hides its secrets as well as a good one.
 */
#ifndef COMPILER_SECRET_H
#define COMPILER_SECRET_H

#include "compiler/diagnostic.h"
#include "compiler/source.h"

#define SECRET_MASK "********"

/* Spans in ascending order; list is allocated. */
struct secrets {
	struct span *list;
	size_t count;
	size_t capacity;
};

void secrets_find(const struct source *source, struct secrets *secrets);
void secrets_release(struct secrets *secrets);

/* The first secret that ends behind pos, or NULL. */
const struct span *secrets_from(const struct secrets *secrets, uint32_t pos);

/* A copy of the text from begin to end with each secret masked. */
struct slice secrets_mask(const struct secrets *secrets, const struct source *source,
    uint32_t begin, uint32_t end, struct arena *arena);

#endif
