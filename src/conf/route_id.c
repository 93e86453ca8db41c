#include "conf/route_id.h"

#include <stdlib.h>

#include "base/number.h"
#include "conf/pattern.h"

bool
id_number(const struct source *source, struct item item, uint32_t *id)
{
	struct slice text = slice(source_text(source, item.pos), item_length(item));

	return number_read(text, UINT32_MAX, id) && *id > 0;
}

static void
note_written(struct check *check, struct item item, bool broken)
{
	struct ids *ids = &check->ids;
	struct slice text = slice(source_text(check->source, item.pos), item_length(item));
	uint32_t id;

	if (!id_number(check->source, item, &id)) {
		if (!broken)
			diagnose(&check->conf->diagnostics, item_span(item), SLUG_BAD_ID,
			    "route ID %.*s is not in 1-4294967295", SLICE_ARG(text));
		return;
	}
	ids->descends |= id <= ids->previous;
	ids->previous = id;
	if (id > check->conf->highest_id)
		check->conf->highest_id = id;
}

void
ids_note(struct check *check, const struct stmt *stmt)
{
	if (stmt->count > 0 && item_role(stmt_items(stmt)[0]) == ITEM_ID) {
		note_written(check, stmt_items(stmt)[0], stmt->broken);
		return;
	}
	check->ids.unnumbered++;
	check->ids.last = stmt->pos;
}

void
ids_note_all(struct check *check, const struct stmts *stmts)
{
	struct ids *ids = &check->ids;
	const struct tally *tally = &stmts->tally;

	if (tally->numbered > 0) {
		ids->descends |= stmts->ids.first <= ids->previous;
		ids->previous = stmts->ids.last;
		if (ids->previous > check->conf->highest_id)
			check->conf->highest_id = ids->previous;
	}
	if (tally->routes > tally->numbered) {
		ids->unnumbered += tally->routes - tally->numbered;
		ids->last = stmts->unnumbered;
	}
}

static void
collect(struct check *check)
{
	struct ids *ids = &check->ids;
	struct conf_cursor cursor = {0};
	struct stmt stmt;
	uint32_t id;

	while (conf_next(check->conf, &cursor, &stmt)) {
		if (stmt.kind != STATEMENT_ROUTE || stmt.count == 0 ||
		    item_role(stmt_items(&stmt)[0]) != ITEM_ID ||
		    !id_number(cursor.unit->source, stmt_items(&stmt)[0], &id))
			continue;
		ids->list = mem_grow(ids->list, ids->count, &ids->capacity, sizeof(*ids->list));
		ids->list[ids->count] = (struct written_id){
		    id, (uint32_t)ids->count, item_span(stmt_items(&stmt)[0]), stmt.pos, stmt.broken};
		ids->count++;
	}
}

static int
by_id(const void *a, const void *b)
{
	const struct written_id *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static void
report_duplicates(struct check *check, struct ids *ids)
{
	size_t first = 0;

	qsort(ids->list, ids->count, sizeof(*ids->list), by_id);
	for (size_t i = 1; i < ids->count; i++) {
		struct diagnostic *d;

		if (ids->list[i].id != ids->list[first].id) {
			first = i;
			continue;
		}
		if (ids->list[i].broken)
			continue;
		keys_add(&check->refused, ids->list[i].pos);
		d = diagnose(&check->conf->diagnostics, ids->list[i].at, SLUG_DUPLICATE_ID,
		    "route ID %u is given twice", ids->list[i].id);
		diagnostic_note(&check->conf->diagnostics, d, ids->list[first].at,
		    "first given here");
	}
}

void
ids_settle(struct check *check)
{
	struct ids *ids = &check->ids;
	uint32_t highest = check->conf->highest_id;

	if (ids->descends) {
		collect(check);
		report_duplicates(check, ids);
	}
	free(ids->list);
	ids->list = NULL;
	if (check->refused.count > 1)
		qsort(check->refused.list, check->refused.count, sizeof(uint32_t), by_key);
	check->conf->numbered = ids->unnumbered == 0;
	check->next_id = highest + 1;
	if (ids->unnumbered > UINT32_MAX - highest)
		diagnose(&check->conf->diagnostics,
		    span(ids->last, ids->last + (uint32_t)strlen(statement_word(STATEMENT_ROUTE))),
		    SLUG_BAD_ID, "no number is left for this route: the highest ID written is %u",
		    highest);
}

bool
ids_find_refused(const struct check *check, uint32_t pos)
{
	return bsearch(&pos, check->refused.list, check->refused.count, sizeof(pos), by_key) != NULL;
}
