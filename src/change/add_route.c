#include "change/add_route.h"

/* The last route that stands in a group of the new one. */
struct anchor {
	uint32_t added;		/* number of the new route */
	uint32_t last;		/* NO_MEMBER: it is alone */
};

static void
look_for_anchor(void *arg, uint32_t *routes, size_t count)
{
	struct anchor *anchor = arg;
	uint32_t last = NO_MEMBER;
	bool mine = false;

	for (size_t i = 0; i < count; i++) {
		mine |= routes[i] == anchor->added;
		if (routes[i] != anchor->added && (last == NO_MEMBER || routes[i] > last))
			last = routes[i];
	}
	if (mine && last != NO_MEMBER && (anchor->last == NO_MEMBER || last > anchor->last))
		anchor->last = last;
}

/* Behind the last route of its group, if there is one. */
static void
place_route(struct change *change, struct found *after)
{
	const struct model *model = &change->conf.model;
	struct anchor anchor = {(uint32_t)model->route_count - 1, NO_MEMBER};

	model_each_group(model, 1, look_for_anchor, &anchor);
	if (anchor.last == NO_MEMBER)
		return;
	after->id = model->routes[anchor.last].id;
	find_statements(&change->conf, after, 1);
}

/* Behind the last relay of the main file, if there is one. */
static void
place_relay(const struct change *change, struct found *after)
{
	struct conf_cursor cursor = {0};
	struct stmt stmt;

	while (conf_next(&change->conf, &cursor, &stmt))
		if (stmt.kind == STATEMENT_RELAY &&
		    cursor.unit->source == change->conf.sources.list[0]) {
			after->source = cursor.unit->source;
			after->stmt = stmt;
		}
}

int
add_route(struct change *change, struct composer *composer)
{
	const struct model *model = &change->conf.model;
	struct slice line = slice(composer->text, composer->len);
	struct found after = {0};
	int code;

	conf_add_statement(&change->conf, slice_str("command line"), composer->text,
	    composer->len, &composer->shown);
	code = change_check(change);
	if (code != 0)
		return code;
	change_render(change->settings, &change->conf, RENDER_LAST_WARNINGS);
	change->warned = change->password = true;
	if (change->edited.relay != NULL) {
		place_relay(change, &after);
	} else {
		change->edited.id = model->routes[model->route_count - 1].id;
		place_route(change, &after);
		line = arena_printf(&change->edit.arena, "route %u%.*s", change->edited.id,
		    (int)(line.len - 5), line.ptr + 5);
	}
	if (after.source == NULL)
		edit_add_line(&change->edit, change->conf.sources.list[0], NULL, line);
	else
		edit_add_line(&change->edit, after.source, &after.stmt, line);
	return change_commit(change);
}
