/*
 * conf_promises.h - what holds for any bytes at all as a configuration.  For
 * mutated files (test_mutations.c) and for the fuzzer (tests/fuzz/conf.c).
 */
#ifndef CONF_PROMISES_H
#define CONF_PROMISES_H

#include <stddef.h>

/*
 * Reads `size` bytes as the configuration `path` (which must not exist; what
 * it includes is looked for beside it), judges it, shows what is wrong with
 * it, and where nothing is, builds its index and edits it.  Aborts with a
 * message where a promise is broken.  Returns the number of errors.
 */
size_t conf_promises(const char *path, const void *bytes, size_t size);

#endif
