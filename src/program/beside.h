/* beside.h - the other programs of this installation. */
#ifndef PROGRAM_BESIDE_H
#define PROGRAM_BESIDE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * beside_find - the path of a program beside this one, or in ../libexec/tmail/ from
 * there.  False, with errno: there is none.
 */
bool beside_find(const char *program, char *path, size_t size);

#endif
