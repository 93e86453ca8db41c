#include "wiring/groups.h"

#include "answer/show.h"
#include "runtime/scan.h"

/* The rung, and the route that stands first on it. */
static void
name_group(struct groups *groups, const struct tmail_match *match)
{
	struct tmail_route route;
	struct text text = {0};

	show_rung(&text, groups->routes, match->user, match->from, match->to);
	if (tmail_match_route(groups->routes, match, 0, &route) == TMAIL_OK) {
		text_str(&text, ", ");
		show_place(&text, &route);
	}
	groups->named[groups->left_out] = arena_copy(&groups->arena, slice(text.ptr, text.len)).ptr;
	text_release(&text);
}

static void
visit(void *arg, const struct tmail_match *match)
{
	struct groups *groups = arg;
	bool every = slice_is(slice(match->to.ptr, match->to.len), "*");

	groups->logins |= match->user.ptr != NULL;
	if (match->user.ptr == NULL && match->from.ptr != NULL && every)
		groups->senders = true;
	if (match->user.ptr == NULL && (match->from.ptr == NULL || every))
		return;
	if (groups->left_out < GROUPS_NAMED)
		name_group(groups, match);
	groups->left_out++;
}

enum tmail_status
groups_find(struct groups *groups, const struct tmail_routes *routes)
{
	groups->routes = routes;
	return scan_groups(routes, visit, groups);
}

void
groups_release(struct groups *groups)
{
	arena_release(&groups->arena);
}
