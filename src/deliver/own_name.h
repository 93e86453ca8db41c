/* own_name.h - the whole name of this host, where the files of the system alone have the answer. */
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

#endif
