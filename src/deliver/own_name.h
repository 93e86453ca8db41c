/* own_name.h - what the system's files say of names: the whole one of this host, and who is asked. */
#ifndef DELIVER_OWN_NAME_H
#define DELIVER_OWN_NAME_H

#include <stdbool.h>
#include <stddef.h>

/*
 * own_name - looks for a name without a dot in /etc/hosts: *found says whether that has it with
 * its domain.  false: to be asked of c-ares, as there are search domains, another order of
 * sources, large files or anything else that is not plain.
 */
bool own_name(const char *name, char *out, size_t size, bool *found);

/* own_files_first - whether /etc/hosts is asked before the DNS, as far as is known. */
bool own_files_first(void);

#endif
