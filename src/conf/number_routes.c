#include "conf/number_routes.h"

#include <string.h>

void
number_routes(struct edit *edit, const struct conf *conf)
{
	struct conf_cursor cursor = {0};
	struct stmt stmt;
	uint32_t id = conf->highest_id;

	while (conf_next(conf, &cursor, &stmt)) {
		uint32_t at = stmt.pos + (uint32_t)strlen(statement_word(STATEMENT_ROUTE));

		if (stmt.kind != STATEMENT_ROUTE || !cursor.unit->source->file ||
		    item_role(stmt_items(&stmt)[0]) == ITEM_ID)
			continue;
		edit_splice(edit, at, at, arena_printf(&edit->arena, " %u", ++id));
	}
}
