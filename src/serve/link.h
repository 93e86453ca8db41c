/* link.h - places in lists that are ordered by time. */
#ifndef SERVE_LINK_H
#define SERVE_LINK_H

#include <stddef.h>

/* What a place is a member of. */
#define LINK_OF(link, type, member) ((type *)(void *)((char *)(link) - offsetof(type, member)))

/* Of a list itself: its first and its last; itself, where there is none. */
struct link {
	struct link *next, *previous;
};

static inline void
link_start(struct link *link)
{
	link->next = link->previous = link;
}

static inline void
link_out(struct link *link)
{
	link->previous->next = link->next;
	link->next->previous = link->previous;
	link_start(link);
}

/* To the end, where the latest is. */
static inline void
link_in(struct link *list, struct link *link)
{
	link_out(link);
	link->previous = list->previous;
	link->next = list;
	list->previous->next = link;
	list->previous = link;
}

#endif
