/* beside.h - the other programs of this installation, and their shared objects. */
#ifndef PROGRAM_BESIDE_H
#define PROGRAM_BESIDE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * beside_find - the path of a file beside this program, or in ../libexec/tmail/ from
 * there.  False, with errno: there is none.
 */
bool beside_find(const char *name, char *path, size_t size);

#endif
