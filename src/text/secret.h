/*
 * secret.h - which bytes of a source must never be shown.
 *
 * These are the values of `password`, the value after an option that nobody
 * knows, and, in or behind a credential, whatever is not as the language has
 * it, to the end of the line.  Found by lexing the source again, so that a
 * broken statement hides its secrets as well as a good one.  Comments, which
 * may have been statements, and statements broken in their very words are
 * searched by suspect.h, and what looks like a secret there is one.
 */
#ifndef TEXT_SECRET_H
#define TEXT_SECRET_H

#include "base/mask.h"
#include "text/diagnostic.h"
#include "text/source.h"

/* Spans in ascending order; list is allocated. */
struct secrets {
	struct span *list;
	size_t count;
	size_t capacity;
};

void secrets_find(const struct source *source, struct secrets *secrets);

/* The same where nothing is shown behind the line that `last` is on. */
void secrets_find_until(const struct source *source, uint32_t last, struct secrets *secrets);

/*
 * secrets_of_statement - those of the one statement that begins at or behind
 * `begin`.  *carried says, before, whether the statement in front of it broke
 * off where a secret was to come, and, after, whether this one did.
 */
void secrets_of_statement(const struct source *source, const char *begin, bool *carried,
    struct secrets *secrets);

/* Sorts what was found, and makes one of what overlaps. */
void secrets_settle(struct secrets *secrets);

void secrets_release(struct secrets *secrets);

/* The first secret that ends behind pos, or NULL. */
const struct span *secrets_from(const struct secrets *secrets, uint32_t pos);

/* Whether the byte at pos is secret. */
bool secrets_hide(const struct secrets *secrets, uint32_t pos);

/* A copy of the text from begin to end with each secret masked. */
struct slice secrets_mask(const struct secrets *secrets, const struct source *source,
    uint32_t begin, uint32_t end, struct arena *arena);

#endif
