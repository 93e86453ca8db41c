/* identity.c - route IDs: written ones are unique, the others follow them. */
#include <stdlib.h>

#include "compiler/check.h"

struct written {
	uint32_t id;
	uint32_t order;		/* in file order */
	struct span at;
	uint32_t pos;		/* of its statement */
	bool broken;		/* that has its error already */
};

struct ids {
	struct written *list;
	size_t count;
	size_t capacity;
	bool ascending;
};

bool
id_number(const struct source *source, struct item item, uint32_t *id)
{
	struct slice text = slice(source_text(source, item.pos), item_length(item));

	return value_number(text, UINT32_MAX, id) && *id > 0;
}

static void
collect(struct check *check, struct ids *ids, const struct stmt *stmt)
{
	struct item item = stmt->items[0];
	struct slice text = slice(source_text(check->source, item.pos), item_length(item));
	struct written *w;
	uint32_t id;

	if (!id_number(check->source, item, &id)) {
		if (stmt->broken)
			return;
		diagnose(&check->conf->diagnostics, SEVERITY_ERROR, item_span(item), "bad-id",
		    "route ID %.*s is not in 1-4294967295", SLICE_ARG(text));
		return;
	}
	if (ids->count > 0 && ids->list[ids->count - 1].id >= id)
		ids->ascending = false;
	ids->list = mem_grow(ids->list, ids->count, &ids->capacity, sizeof(*ids->list));
	w = &ids->list[ids->count];
	*w = (struct written){id, (uint32_t)ids->count, item_span(item), stmt->pos, stmt->broken};
	ids->count++;
	if (id > check->conf->highest_id)
		check->conf->highest_id = id;
}

static int
by_id(const void *a, const void *b)
{
	const struct written *x = a, *y = b;

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
		d = diagnose(&check->conf->diagnostics, SEVERITY_ERROR, ids->list[i].at,
		    "duplicate-id", "route ID %u is given twice", ids->list[i].id);
		diagnostic_note(&check->conf->diagnostics, d, ids->list[first].at,
		    "first given here");
	}
}

void
check_ids(struct check *check)
{
	struct conf_cursor cursor = {0};
	struct ids ids = {.ascending = true};
	struct span last = {0, 0};
	struct stmt stmt;
	uint64_t unnumbered = 0;

	while (conf_next(check->conf, &cursor, &stmt)) {
		if (stmt.kind != STATEMENT_ROUTE)
			continue;
		check->source = cursor.unit->source;
		if (stmt.count > 0 && item_role(stmt.items[0]) == ITEM_ID) {
			collect(check, &ids, &stmt);
			continue;
		}
		unnumbered++;
		last = span(stmt.pos, stmt.pos + (uint32_t)strlen(statement_word(stmt.kind)));
	}
	if (!ids.ascending)
		report_duplicates(check, &ids);
	free(ids.list);
	check->conf->numbered = unnumbered == 0;
	check->next_id = check->conf->highest_id + 1;
	if (unnumbered > UINT32_MAX - check->conf->highest_id)
		diagnose(&check->conf->diagnostics, SEVERITY_ERROR, last, "bad-id",
		    "no number is left for this route: the highest ID written is %u",
		    check->conf->highest_id);
}
