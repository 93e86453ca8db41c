#include "conf/plain.h"

#include <stdlib.h>

#include "conf/route.h"
#include "conf/route_id.h"
#include "store/parallel.h"

/* How many routes ahead to prefetch: names all over a table, and arrays. */
enum { AHEAD = 16, FAR = 64 };

/*
 * Two threads add the plain routes, each those of half the segments, to names
 * of its own, which are then joined.  So these names are numbered in the order
 * of their first use, wherever the segments are parted, and others follow them.
 */

/* What one thread adds: the plain routes of some segments. */
struct share {
	const struct check *check;
	size_t begin, end;	/* the segments */
	struct tally before;	/* what stands in front of them, */
	struct tally tally;	/* and in them */
	struct names names;
	uint32_t route, id, member;	/* numbers of the next ones */
	bool shared;		/* some name has several routes */
	char apart[64];		/* keeps the threads' writes in separate cache lines */
};

static void
count(struct tally *sum, const struct tally *tally)
{
	sum->routes += tally->routes;
	sum->numbered += tally->numbered;
	sum->plain += tally->plain;
	sum->others += tally->others;
}

/*
 * The relays of a unit's plain routes.  What is wrong with one is said later,
 * at each route through it, in their order.
 */
static void
judge_vias(struct check *check, const struct unit *unit)
{
	const struct names *vias = &unit->stmts.vias;

	check->source = unit->source;
	check->vias = unit->vias;
	for (uint32_t i = 0; i < vias->count; i++) {
		const struct name *via = &vias->list[i];
		struct item item = {.pos = source_pos(unit->source, via->ptr),
		    .word = via->len | ITEM_VIA << ITEM_ROLE_SHIFT,
		    .hash = i};

		if ((via->roles & NAME_OF_PLAIN) != 0 &&
		    !via_target(check, item))
			check->plain_left = true;
	}
}

static void
judge_all_vias(struct check *check)
{
	struct conf *conf = check->conf;
	struct diagnostics said = conf->diagnostics;

	conf->diagnostics = (struct diagnostics){.kept = {0}};
	for (size_t i = 0; i < conf->unit_count; i++)
		if (conf->units[i]->stmts.tally.plain != 0)
			judge_vias(check, conf->units[i]);
	diagnostics_release(&conf->diagnostics);
	conf->diagnostics = said;
}

/* Puts the route into the group of its name. */
static void
join_group(struct share *share, uint32_t number, uint32_t route)
{
	uint32_t *last = &share->names.list[number].members[INLINE_TO];

	share->check->model->members[share->member] = (struct member){route, *last};
	share->shared |= *last != NO_MEMBER;
	share->names.list[number].roles |= ROLE_TO;
	*last = share->member++;
}

static void
add(struct share *share, const struct unit *unit, const struct plain *plain)
{
	const struct check *check = share->check;
	const struct source *source = unit->source;
	struct item id = {.pos = plain_id(plain), .word = plain->id_length};
	struct slice name = slice(source_text(source, plain_to(plain)), plain->to_length);
	uint32_t route = share->route++;
	struct model_route *added = &check->model->routes[route];

	added->id = share->id;
	share->id += plain->id_length == 0;
	if (unit->vias[plain->via].target == NO_TARGET || ids_refused(check, plain->pos) ||
	    (plain->id_length != 0 && !id_number(source, id, &added->id)))
		return;
	added->line = source->line_base + plain->line;
	added->target = unit->vias[plain->via].target;
	added->pos = plain->pos;
	join_group(share, names_intern_hashed(&share->names, name, plain->hash, true), route);
}

/*
 * Prefetches the bucket of a later route's name, and where its results will be
 * written: fresh memory makes writes wait, too.
 */
static void
fetch(const struct share *share, const struct stmts *stmts, size_t *ahead)
{
	const struct model *model = share->check->model;
	struct stmt stmt;

	__builtin_prefetch(&share->names.list[share->names.count + FAR], 1);
	__builtin_prefetch(&model->routes[share->route + FAR], 1);
	__builtin_prefetch(&model->members[share->member + FAR], 1);
	if (*ahead < stmts->used && plain_at(stmts, *ahead)) {
		names_fetch(&share->names, plain_get(stmts, *ahead).hash);
		*ahead += STMT_PLAIN;
	} else {
		stmts_next(stmts, ahead, &stmt);
	}
}

static void
add_segment(struct share *share, const struct segment *segment)
{
	const struct stmts *stmts = &segment->unit->stmts;
	size_t at = segment->begin, ahead = at;

	for (int i = 0; i < AHEAD; i++)
		fetch(share, stmts, &ahead);
	while (at < segment->end) {
		struct plain plain;
		struct stmt stmt;

		fetch(share, stmts, &ahead);
		if (plain_at(stmts, at)) {
			plain = plain_get(stmts, at);
			add(share, segment->unit, &plain);
			at += STMT_PLAIN;
		} else if (stmts_next(stmts, &at, &stmt) && stmt.kind == STATEMENT_ROUTE) {
			share->route++;
			share->id += stmt.count == 0 || item_role(stmt_items(&stmt)[0]) != ITEM_ID;
		}
	}
}

static void
add_share(void *arg)
{
	struct share *share = arg;
	const struct conf *conf = share->check->conf;

	for (size_t i = share->begin; i < share->end; i++)
		add_segment(share, &conf->segments[i]);
}

/* Parts the segments so that each share has about as many plain routes. */
static void
part(const struct conf *conf, struct share *first, struct share *second)
{
	struct tally all = {0};

	for (size_t i = 0; i < conf->segment_count; i++)
		count(&all, &conf->segments[i].tally);
	while (first->end < conf->segment_count) {
		const struct tally *next = &conf->segments[first->end].tally;

		if (first->tally.plain + next->plain / 2 > all.plain / 2 &&
		    first->tally.plain != 0)
			break;
		count(&first->tally, next);
		first->end++;
	}
	second->begin = first->end;
	second->end = conf->segment_count;
	second->before = first->tally;
	for (size_t i = second->begin; i < second->end; i++)
		count(&second->tally, &conf->segments[i].tally);
}

static void
share_begin(struct share *share, struct check *check, size_t expected)
{
	share->check = check;
	share->names = names_part(&check->model->names, share->before.plain,
	    share->tally.plain, expected);
	share->route = share->before.routes;
	share->id = check->next_id + share->before.routes - share->before.numbered;
	share->member = share->before.plain;
}

/* The groups of a name that both threads met become one. */
static void
join_members(struct model *model, const struct name *second, struct name *first)
{
	uint32_t member = second->members[INLINE_TO];

	while (model->members[member].before != NO_MEMBER)
		member = model->members[member].before;
	model->members[member].before = first->members[INLINE_TO];
	first->members[INLINE_TO] = second->members[INLINE_TO];
}

static void
join(struct check *check, struct share *first, struct share *second)
{
	struct model *model = check->model;
	uint32_t *map = mem_alloc(second->names.count * sizeof(*map));
	/* Lists' names are looked for at the end: see bare_name.c. */
	bool more = check->plain_left || check->list_names.count > 0 ||
	    first->tally.routes + second->tally.routes != first->tally.plain + second->tally.plain;

	model->shared = first->shared | second->shared;
	names_match(&first->names, &second->names, map);
	for (size_t i = 0; i < second->names.count; i++)
		if (map[i] != NO_NAME) {
			model->shared = true;
			join_members(model, &second->names.list[i], &first->names.list[map[i]]);
		}
	names_join(&model->names, &first->names, &second->names, map, more);
	free(map);
	model->member_count = first->tally.plain + second->tally.plain;
	model->inline_groups = (uint32_t)model->names.count;
	if (model->names.count != 0)
		model->rungs = rung_bit(RUNG_USER_NONE, RUNG_TO_DOMAIN, RUNG_FROM_NONE);
}

void
check_plain(struct check *check)
{
	const struct conf *conf = check->conf;
	struct share first = {0}, second = {0};

	if (conf->keep_patterns)
		return;
	judge_all_vias(check);
	part(conf, &first, &second);
	/* Names that are no part of plain routes go to the first table, too. */
	share_begin(&first, check, conf->routes - second.tally.plain);
	share_begin(&second, check, second.tally.plain);
	parallel(first.tally.plain + second.tally.plain, add_share, &first, add_share, &second);
	join(check, &first, &second);
	check->plain_added = true;
}
