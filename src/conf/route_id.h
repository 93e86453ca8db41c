/* route_id.h - route IDs: written ones are unique, the others follow them. */
#ifndef CONF_ROUTE_ID_H
#define CONF_ROUTE_ID_H

#include "conf/judging.h"

/*
 * ids_note takes every route statement - ids_note_all those of an ordered
 * vector at once - then ids_settle judges the written IDs and sets next_id for
 * the others.
 */
void ids_note(struct check *check, const struct stmt *stmt);
void ids_note_all(struct check *check, const struct stmts *stmts);
void ids_settle(struct check *check);

/* Whether the route statement at pos has another's ID, which was its one error. */
bool ids_find_refused(const struct check *check, uint32_t pos);

static inline bool
ids_refused(const struct check *check, uint32_t pos)
{
	return check->refused.count > 0 && ids_find_refused(check, pos);
}

/* The number of an ID item; false: it is none. */
bool id_number(const struct source *source, struct item item, uint32_t *id);

#endif
