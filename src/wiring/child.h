/* child.h - a program that is run for what it prints. */
#ifndef WIRING_CHILD_H
#define WIRING_CHILD_H

#include "store/memory.h"

enum { CHILD_WORDS = 15 };

/*
 * child_run - runs argv[0], of at most CHILD_WORDS words, by $PATH and the directories of programs for
 * administrators, without the variables that Postfix's programs obey and with the
 * messages of the C locale.  *out is what it wrote to standard output, NUL-terminated, in
 * the arena.  Returns NULL, or what is wrong: that it cannot be run, or the first line
 * that it wrote to standard error when it failed.
 */
const char *child_run(const char *const *argv, struct arena *arena, struct slice *out);

#endif
