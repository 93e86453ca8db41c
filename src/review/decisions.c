#include "review/decisions.h"

#include <stdlib.h>

#include "runtime/scan.h"

struct search {
	struct decisions *decisions;
	struct outcomes *outcomes;
	int side;		/* whose groups are visited */
	bool strangers;
};

static void
add(struct search *search, struct decision decision)
{
	struct decisions *d = search->decisions;

	d->list = mem_grow(d->list, d->count, &d->capacity, sizeof(*d->list));
	d->list[d->count++] = decision;
}

/* A group without a user, and mail with a login that no pattern names. */
static bool
stranger_differs(const struct search *search, struct generic *generic)
{
	struct tmail_match old, new;

	generic->query.login = generic_name;
	outcomes_ask(search->outcomes, OLD, &generic->query, &old);
	outcomes_ask(search->outcomes, NEW, &generic->query, &new);
	return !outcomes_equal(search->outcomes, &old, &new);
}

static void
visit(void *arg, const struct tmail_match *match)
{
	struct search *search = arg;
	struct outcomes *o = search->outcomes;
	struct decision decision = {.group = *match, .side = search->side};
	struct tmail_match matches[SIDES];
	struct generic generic;

	if (o->status != TMAIL_OK || !generic_mail(&generic, o, search->side, match))
		return;
	decision.user_is_name = scan_is_name(o->routes[search->side], match->user);
	matches[search->side] = *match;
	outcomes_ask(o, !search->side, &generic.query, &matches[!search->side]);
	decision.alone = !generic_same_group(o, &matches[OLD], &matches[NEW]);
	/* What both have was compared when the old side's were visited. */
	if (decision.alone ||
	    (search->side == OLD && !outcomes_equal(o, &matches[OLD], &matches[NEW]))) {
		add(search, decision);
	} else if (search->strangers && match->user.ptr == NULL &&
	    stranger_differs(search, &generic)) {
		decision.stranger = true;
		add(search, decision);
	}
}

static int
compare_slices(struct tmail_slice a, struct tmail_slice b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len == 0 ? 0 : memcmp(a.ptr, b.ptr, len);

	if (order != 0)
		return order;
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return (a.ptr != NULL) - (b.ptr != NULL);
}

static int
compare_decisions(const void *a, const void *b)
{
	const struct decision *d = a, *e = b;
	const struct tmail_match *x = &d->group, *y = &e->group;
	int order = compare_slices(x->to, y->to);

	if (order == 0)
		order = compare_slices(x->user, y->user);
	if (order == 0)
		order = compare_slices(x->from, y->from);
	return order != 0 ? order : d->user_is_name - e->user_is_name;
}

static void
search_side(struct search *search, int side)
{
	struct outcomes *o = search->outcomes;
	enum tmail_status status;

	search->side = side;
	status = scan_groups(o->routes[side], visit, search);
	if (status != TMAIL_OK)
		o->status = status;
}

static void
begin(struct decisions *d, const struct outcomes *o)
{
	for (int side = 0; side < SIDES; side++) {
		struct tmail_info info;

		tmail_routes_info(o->routes[side], &info);
		d->groups[side] = info.groups;
	}
}

static void
sort(struct decisions *d)
{
	if (d->count > 1)
		qsort(d->list, d->count, sizeof(*d->list), compare_decisions);
}

void
decisions_find(struct decisions *d, struct outcomes *o)
{
	struct search search = {.decisions = d, .outcomes = o};

	begin(d, o);
	search_side(&search, OLD);
	search_side(&search, NEW);
	sort(d);
}

void
decisions_at_risk(struct decisions *d, struct outcomes *o)
{
	struct search search = {.decisions = d, .outcomes = o, .strangers = true};

	begin(d, o);
	search_side(&search, OLD);
	sort(d);
}

void
decisions_release(struct decisions *d)
{
	free(d->list);
	*d = (struct decisions){0};
}

void
decision_matches(const struct decision *decision, struct outcomes *o,
    struct tmail_match matches[SIDES])
{
	struct generic generic;

	generic_mail(&generic, o, decision->side, &decision->group);
	if (decision->stranger)
		generic.query.login = generic_name;
	for (int side = 0; side < SIDES; side++)
		outcomes_ask(o, side, &generic.query, &matches[side]);
}
