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

static bool
is_for_every_recipient(const struct tmail_match *match)
{
	return match->user.ptr == NULL && slice_is(slice(match->to.ptr, match->to.len), "*");
}

static void
find_catch_all(void *arg, const struct tmail_match *match)
{
	struct groups *groups = arg;

	groups->catch_all |= is_for_every_recipient(match) && match->from.ptr == NULL;
}

static void
visit(void *arg, const struct tmail_match *match)
{
	struct groups *groups = arg;
	bool sender = is_for_every_recipient(match) && match->from.ptr != NULL && !groups->catch_all;

	groups->senders |= sender;
	if (sender || (match->user.ptr == NULL && match->from.ptr == NULL))
		return;
	if (groups->left_out < GROUPS_NAMED)
		name_group(groups, match);
	groups->left_out++;
}

enum tmail_status
groups_find(struct groups *groups, const struct tmail_routes *routes)
{
	enum tmail_status status = scan_groups(routes, find_catch_all, groups);

	groups->routes = routes;
	return status == TMAIL_OK ? scan_groups(routes, visit, groups) : status;
}

void
groups_release(struct groups *groups)
{
	arena_release(&groups->arena);
}
