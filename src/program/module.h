/* module.h - shared objects beside this program, loaded when they are needed. */
#ifndef PROGRAM_MODULE_H
#define PROGRAM_MODULE_H

/*
 * module_load - loads it, and returns what its one symbol is.  NULL: *why, valid until the next
 * call, says why not.
 */
const void *module_load(const char *name, const char *symbol, const char **why);

#endif
