/*
 * ladder.c - a lookup: which group of routes is the first on the ladder that
 * the query matches.
 *
 * The commonest query, a domain where no rung comes before "to DOMAIN", is
 * one probe: tmail_routes_lookup, domain.h.  Any other goes the whole way.
 * key.c folds recipient, sender and login and lists the few names they make;
 * each is hashed once, and its word of the filter fetched while the next is.
 * choose() drops the names that the filter does not know, mostly all of them,
 * and fetches the lines of the others; find_names() reads what the index says
 * of these.  Then the rungs are walked in their order with the names that are
 * left: one name alone may decide a rung, by its own list (walk_end); the
 * groups of several names are probed sixteen at a time (walk_gather,
 * walk_drain).  Header and roles tell which rungs nobody uses; those cost a
 * test of a bit.
 *
 * The walk is written once and compiled twice: for lookup and for explain,
 * which differ in that explain stops at rungs that cannot be (`seen`).
 */
#include "base/hot.h"
#include "runtime/domain.h"
#include "runtime/key.h"
#include "runtime/route.h"
#include "runtime/table.h"

/* Groups probed at once, so that they wait for memory together. */
enum { BATCH = 16 };

/* A rung that a group in GROUPS may stand on, or that only is to be shown. */
struct rung {
	const struct part *user;
	const struct part *to;
	const struct part *from;
	bool possible;
	unsigned char key[GROUP_SIZE];
	uint32_t slot;
	struct probe probe;
};

/* A walk of the ladder: visit is NULL in a lookup. */
struct walk {
	const struct tmail_routes *routes;
	void (*visit)(void *arg, const struct tmail_rung *rung);
	void *arg;
	struct tmail_match *match;
	unsigned count;
	struct rung rungs[BATCH];
};

static const struct part no_user = {
	.kind = RUNG_USER_NONE,
	.number = KEY_NONE,
	.roles = PART_ROLES
};

/* The parts of one kind that rungs are tried with, in their order. */
struct choice {
	unsigned names;		/* which come first */
	unsigned count;
};

/*
 * Chooses the names that the index may have, and fetches their lines, and
 * what is no name; for explain, all.  A name that the index does not have
 * ends all its rungs.
 */
HOT struct choice
choose(struct part **chosen, struct parts *parts, const struct table *names, bool seen)
{
	struct choice choice = {0, 0};
	unsigned i;

	for (i = 0; i < parts->names; i++) {
		struct part *part = &parts->part[i];

		if (probe_may(&part->probe))
			part->number = KEY_NAME + probe_slot(&part->probe, names);
		else if (!seen)
			continue;
		chosen[choice.names++] = part;
	}
	choice.count = choice.names;
	for (; i < parts->count; i++)
		chosen[choice.count++] = &parts->part[i];
	return choice;
}

/* Finds what the index knows of the names.  False: damaged. */
HOT bool
find_names(const struct tmail_routes *routes, struct part *const *parts, unsigned n)
{
	enum tmail_status status;

	for (; n > 0; n--, parts++) {
		struct part *part = *parts;

		if (part->number == KEY_NONE)
			continue;
		status = table_find(routes, &routes->names, part->number - KEY_NAME,
		    part->name, part->len, &part->list);
		if (status == TMAIL_E_DAMAGED ||
		    (status == TMAIL_OK && !name_roles(routes, part->list, &part->roles)))
			return false;
	}
	return true;
}

/* A part of a rung that is tried, as it stands in the query. */
static struct tmail_slice
asked(const struct part *part)
{
	if (part->name != NULL)
		return tmail_slice(part->name, part->len);
	if (part->number == KEY_STAR)
		return tmail_slice("*", 1);
	return part->number == KEY_NULL ? tmail_slice("<>", 2) : tmail_slice(NULL, 0);
}

/* A part of the rung that wins, out of the index.  False: damaged. */
HOT bool
found(const struct tmail_routes *routes, const struct part *part, bool wild,
    struct tmail_slice *text)
{
	if (part->name != NULL)
		return name_text(routes, part->number - KEY_NAME, wild, text);
	*text = asked(part);
	return true;
}

static void
show(const struct walk *walk, const struct part *user, const struct part *to,
    const struct part *from, bool wins)
{
	char wild[2 + FOLD_DOMAIN_MAX] = "*.";
	struct tmail_rung rung = {
		.user = asked(user),
		.to = asked(to),
		.from = asked(from),
		.found = wins
	};

	if (to->kind == RUNG_TO_WILD) {
		memcpy(wild + 2, rung.to.ptr, rung.to.len);
		rung.to = tmail_slice(wild, rung.to.len + 2);
	}
	walk->visit(walk->arg, &rung);
}

/* Ends the walk: the group of this rung exists. */
HOT enum tmail_status
walk_win(const struct walk *walk, const struct part *user, const struct part *to,
    const struct part *from, uint32_t list)
{
	const struct tmail_routes *routes = walk->routes;
	struct tmail_match *match = walk->match;

	if (!found(routes, user, false, &match->user) ||
	    !found(routes, to, to->kind == RUNG_TO_WILD, &match->to) ||
	    !found(routes, from, false, &match->from))
		return TMAIL_E_DAMAGED;
	return route_fill_match(routes, list, match);
}

/* Probes the rungs gathered in their order, up to the one that wins. */
static __attribute__((noinline)) enum tmail_status
walk_drain(struct walk *walk)
{
	const struct tmail_routes *routes = walk->routes;
	struct rung *rung, *end = walk->rungs + walk->count;
	enum tmail_status status;
	uint32_t list = 0;

	walk->count = 0;
	for (rung = walk->rungs; rung < end; rung++) {
		rung->possible = rung->possible && probe_may(&rung->probe);
		if (rung->possible)
			rung->slot = probe_slot(&rung->probe, &routes->groups);
	}
	for (rung = walk->rungs; rung < end; rung++) {
		status = !rung->possible ? TMAIL_NO_ROUTE :
		    table_find(routes, &routes->groups, rung->slot, rung->key,
		    sizeof(rung->key), &list);
		if (status == TMAIL_OK)
			status = walk_win(walk, rung->user, rung->to, rung->from, list);
		if (walk->visit != NULL && status != TMAIL_E_DAMAGED)
			show(walk, rung->user, rung->to, rung->from,
			    status == TMAIL_OK);
		if (status != TMAIL_NO_ROUTE)
			return status;
	}
	return TMAIL_NO_ROUTE;
}

/* Puts a rung off, to probe it with others. */
static enum tmail_status
walk_gather(struct walk *walk, const struct part *user, const struct part *to,
    const struct part *from, bool possible)
{
	struct rung *rung = &walk->rungs[walk->count++];
	uint32_t wild = to->kind == RUNG_TO_WILD ? KEY_WILD : 0;

	rung->user = user;
	rung->to = to;
	rung->from = from;
	rung->possible = possible;
	if (possible) {
		le32_put(rung->key + GROUP_USER, user->number);
		le32_put(rung->key + GROUP_TO, to->number | wild);
		le32_put(rung->key + GROUP_FROM, from->number);
		probe_aim(&rung->probe, walk->routes, &walk->routes->groups, rung->key,
		    sizeof(rung->key));
	}
	return walk->count < BATCH ? TMAIL_NO_ROUTE : walk_drain(walk);
}

/* The group of a rung that a name decides alone exists: no later rung counts. */
HOT enum tmail_status
walk_end(struct walk *walk, const struct part *user, const struct part *to,
    const struct part *from, unsigned role)
{
	uint32_t list = role == ROLE_USER ? user->list : to->list;
	enum tmail_status status = TMAIL_NO_ROUTE;

	if (walk->count > 0)
		status = walk_drain(walk);
	if (status != TMAIL_NO_ROUTE)
		return status;
	status = name_list(walk->routes, list, role, &list) ?
	    walk_win(walk, user, to, from, list) : TMAIL_E_DAMAGED;
	if (walk->visit != NULL && status == TMAIL_OK)
		show(walk, user, to, from, true);
	return status;
}

/* The role by which one name of a rung decides it alone; 0: none does. */
HOT unsigned
deciding_role(unsigned user, unsigned to, unsigned from)
{
	if (from != RUNG_FROM_NONE)
		return 0;
	if (user == RUNG_USER_NONE && to != RUNG_TO_STAR)
		return to == RUNG_TO_WILD ? ROLE_WILD : ROLE_TO;
	if (user != RUNG_USER_NONE && user != RUNG_USER_STAR && to == RUNG_TO_STAR)
		return ROLE_USER;
	return 0;
}

/* TMAIL_NO_ROUTE: walk on. */
HOT enum tmail_status
walk_rung(struct walk *walk, const struct part *user, const struct part *to,
    const struct part *from, bool seen)
{
	bool possible = (walk->routes->limits.rungs &
	    rung_bit(user->kind, to->kind, from->kind)) != 0;
	unsigned role = deciding_role(user->kind, to->kind, from->kind), group_to;

	if (role != 0) {
		if (possible && ((role == ROLE_USER ? user : to)->roles & role) != 0)
			return walk_end(walk, user, to, from, role);
		possible = false;
	}
	group_to = to->kind == RUNG_TO_WILD ? ROLE_GROUP_WILD : ROLE_GROUP_TO;
	possible = possible && (user->roles & ROLE_GROUP_USER) != 0 &&
	    (to->roles & group_to) != 0 && (from->roles & ROLE_GROUP_FROM) != 0;
	return possible || seen ? walk_gather(walk, user, to, from, possible) :
	    TMAIL_NO_ROUTE;
}

struct key {
	struct key_to to;
	struct key_few from;
	struct key_few user;
};

/* The parts that rungs are tried with. */
struct choices {
	struct choice to, from, user;
	struct part *tos[KEY_TO_MAX];
	struct part *froms[KEY_FEW_MAX];
	struct part *users[KEY_FEW_MAX];
};

/* Half of the ladder: all destinations and senders for these users. */
HOT enum tmail_status
walk_half(struct walk *walk, const struct choices *c, const struct part *const *users,
    unsigned user_count, bool seen)
{
	enum tmail_status status;
	unsigned t, f, u;

	for (t = 0; t < c->to.count; t++)
		for (f = 0; f < c->from.count; f++)
			for (u = 0; u < user_count; u++) {
				status = walk_rung(walk, users[u], c->tos[t], c->froms[f], seen);
				if (status != TMAIL_NO_ROUTE)
					return status;
			}
	return TMAIL_NO_ROUTE;
}

/* Folds the names of a query, and prefetches their words of the filter. */
HOT enum tmail_status
key_start(struct key *key, const struct asking *asking, const struct tmail_query *query)
{
	enum tmail_status status = key_to(&key->to, query->recipient, asking);

	if (status == TMAIL_OK)
		status = key_from(&key->from, query->sender, asking);
	if (status == TMAIL_OK)
		status = key_user(&key->user, query->login, asking);
	return status;
}

/* Finds what the index knows of all names.  False: damaged. */
HOT bool
key_find(struct key *key, const struct tmail_routes *routes, struct choices *c, bool seen)
{
	const struct table *names = &routes->names;

	c->to = choose(c->tos, &key->to.parts, names, seen);
	c->from = choose(c->froms, &key->from.parts, names, seen);
	c->user = choose(c->users, &key->user.parts, names, seen);
	return find_names(routes, c->tos, c->to.names) &&
	    find_names(routes, c->froms, c->from.names) &&
	    find_names(routes, c->users, c->user.names);
}

HOT enum tmail_status
walk_ladder(struct walk *walk, const struct tmail_query *query, uint64_t rungs,
    const struct limits *limits, bool seen)
{
	static const struct part *const nobody[] = {&no_user};
	struct asking asking = {walk->routes, limits, rungs};
	enum tmail_status status;
	struct choices choices;
	struct key key;

	status = key_start(&key, &asking, query);
	if (status != TMAIL_OK)
		return status;
	if (!key_find(&key, walk->routes, &choices, seen))
		return TMAIL_E_DAMAGED;
	status = walk_half(walk, &choices, (const struct part *const *)choices.users,
	    choices.user.count, seen);
	if (status == TMAIL_NO_ROUTE)
		status = walk_half(walk, &choices, nobody, 1, seen);
	return status == TMAIL_NO_ROUTE && walk->count > 0 ? walk_drain(walk) : status;
}

static __attribute__((noinline)) enum tmail_status
walk_whole(const struct tmail_routes *routes, const struct tmail_query *query,
    uint64_t rungs, struct tmail_match *match)
{
	enum tmail_status status;
	struct walk walk;

	walk.routes = routes;
	walk.visit = NULL;
	walk.match = match;
	walk.count = 0;
	status = walk_ladder(&walk, query, rungs, &routes->limits, false);
	if (status != TMAIL_OK)
		match_clear(match);
	return status;
}

/* Any lookup; those below do the commonest ones faster. */
static __attribute__((noinline)) enum tmail_status
lookup_slowly(const struct tmail_routes *routes, const struct tmail_query *query,
    struct tmail_match *match)
{
	struct slice recipient = slice(query->recipient.ptr, query->recipient.len);
	uint64_t rungs = routes->limits.rungs & key_rungs(query);
	enum tmail_status status = TMAIL_NO_ROUTE;

	if (recipient.ptr == NULL)
		status = TMAIL_E_ARGUMENT;
	else if ((rungs & (RUNGS_BEFORE_DOMAIN | RUNG_DOMAIN)) == RUNG_DOMAIN)
		status = domain_find_folded(routes, recipient, match);
	if (status == TMAIL_NO_ROUTE && rungs != RUNG_DOMAIN)
		return walk_whole(routes, query, rungs, match);
	if (status != TMAIL_OK)
		match_clear(match);
	return status;
}

/* What comes behind the domain on the ladder. */
static __attribute__((noinline)) enum tmail_status
lookup_rest(const struct tmail_routes *routes, const struct tmail_query *query,
    struct tmail_match *match)
{
	return walk_whole(routes, query, routes->limits.rungs & key_rungs(query), match);
}

/* The recipient has this domain, and no rung comes before that. */
HOT enum tmail_status
lookup_domain(const struct tmail_routes *routes, const struct tmail_query *query,
    const struct domain *domain, struct tmail_match *match)
{
	switch (domain_find(domain, routes, match)) {
	case DOMAIN_FOUND:
		return TMAIL_OK;
	case DOMAIN_MISSING:
		if (routes->limits.rungs != RUNG_DOMAIN)
			return lookup_rest(routes, query, match);
		match_clear(match);
		return TMAIL_NO_ROUTE;
	default:
		return lookup_slowly(routes, query, match);
	}
}

/* The recipient is an address, or has few or many bytes. */
static __attribute__((noinline)) enum tmail_status
lookup_address(const struct tmail_routes *routes, const struct tmail_query *query,
    struct tmail_match *match)
{
	struct slice name = slice(query->recipient.ptr, query->recipient.len);
	struct domain domain;
	size_t at = name.ptr == NULL ? name.len : fold_at(name);

	if (at < name.len)
		name = slice(name.ptr + at + 1, name.len - at - 1);
	if (name.ptr == NULL || !key_has_words(name.len))
		return lookup_slowly(routes, query, match);
	domain = domain_load(name.ptr, name.len);
	return lookup_domain(routes, query, &domain, match);
}

TMAIL_API enum tmail_status
tmail_routes_lookup(const struct tmail_routes *routes,
    const struct tmail_query *query, struct tmail_match *match)
{
	struct tmail_slice name = query->recipient;
	struct domain domain;

	if (!routes->domain_first)
		return lookup_slowly(routes, query, match);
	if (name.ptr == NULL || !key_has_words(name.len))
		return lookup_address(routes, query, match);
	domain = domain_load(name.ptr, name.len);
	if (domain_has_at(&domain))
		return lookup_address(routes, query, match);
	return lookup_domain(routes, query, &domain, match);
}

TMAIL_API enum tmail_status
tmail_routes_explain(const struct tmail_routes *routes,
    const struct tmail_query *query,
    void (*visit)(void *arg, const struct tmail_rung *rung), void *arg,
    struct tmail_match *match)
{
	enum tmail_status status = TMAIL_E_ARGUMENT;
	struct walk walk;

	walk.routes = routes;
	walk.visit = visit;
	walk.arg = arg;
	walk.match = match;
	walk.count = 0;
	if (query->recipient.ptr != NULL)
		status = walk_ladder(&walk, query, key_rungs(query), &key_all, true);
	if (status != TMAIL_OK)
		match_clear(match);
	return status;
}
