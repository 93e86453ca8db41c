/* idna.h - U-labels to A-labels; the one place that knows libidn2. */
#ifndef BASE_IDNA_H
#define BASE_IDNA_H

#include "base/fold.h"

/* Room for libidn2's answer: it refuses names over 255 bytes. */
#define IDNA_SIZE 256

/*
 * idna_to_ascii - turns a domain in UTF-8 into A-labels (IDNA 2008, UTS #46
 * non-transitional).  The result may hold upper case, a trailing dot or
 * bytes that no domain has: it is to be folded as ASCII.  errno is kept.
 * FOLD_OK with *len bytes in out, FOLD_BAD or FOLD_MEMORY.
 */
enum fold_status idna_to_ascii(struct slice in, char out[IDNA_SIZE],
    size_t *len);

#endif
