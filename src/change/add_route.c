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

/* Behind the last route of its group, else at the end of the main file. */
static void
place_line(struct change *change, struct slice line)
{
	const struct model *model = &change->conf.model;
	struct anchor anchor = {(uint32_t)model->route_count - 1, NO_MEMBER};
	struct found found;

	model_each_group(model, 1, look_for_anchor, &anchor);
	if (anchor.last == NO_MEMBER) {
		edit_add_line(&change->edit, change->conf.sources.list[0], NULL, line);
		return;
	}
	found = (struct found){.id = model->routes[anchor.last].id};
	find_statements(&change->conf, &found, 1);
	edit_add_line(&change->edit, found.source, &found.stmt, line);
}

int
add_route(struct change *change, struct composer *composer)
{
	const struct model *model = &change->conf.model;
	uint32_t id;
	int code;

	conf_add_statement(&change->conf, slice_str("command line"), composer->text,
	    composer->len, &composer->shown);
	code = change_check(change);
	if (code != 0)
		return code;
	change_render(change->settings, &change->conf, RENDER_LAST_WARNINGS);
	id = model->routes[model->route_count - 1].id;
	change->edited.id = id;
	change->warned = change->password = true;
	place_line(change, arena_printf(&change->edit.arena, "route %u%.*s", id,
	    (int)(composer->len - 5), composer->text + 5));
	return change_commit(change);
}
