/* exim.h - the routers of a configuration of Exim, as far as they have a route_list. */
#ifndef IMPORT_EXIM_H
#define IMPORT_EXIM_H

#include "import/import.h"

/* What a router does with its route_list. */
struct router {
	struct slice rules;	/* absent: the line is no route_list */
	bool random;		/* hosts_randomize */
	const char *narrow;	/* the option by which it takes some mails alone; NULL: none */
};

/* Joins the lines that a backslash at the end continues. */
void exim_join_lines(struct import *import, struct foreign *file);

/* Whether the file is a configuration, with "route_list =" in front of rules, if there are any. */
bool exim_has_routers(const struct foreign *file);

/* The router whose route_list this line is; *macros: the lines of those that stand in it. */
struct router exim_router(struct import *import, const struct foreign *file, size_t line,
    struct refs *macros);

#endif
