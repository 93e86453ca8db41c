#include "runtime/key.h"
#include "runtime/route.h"
#include "runtime/table.h"

/* Rungs probed at once, so that they wait for memory together. */
enum { BATCH = 16 };

enum probe { PROBE_NONE, PROBE_INLINE, PROBE_GROUP };

struct rung {
	const struct part *user;
	const struct part *to;
	const struct part *from;
	enum probe probe;
	unsigned char role;		/* PROBE_INLINE: whose group */
	unsigned char key[GROUP_KEY_SIZE]; /* PROBE_GROUP */
	uint64_t hash;
};

/* A walk of the ladder.  visit is NULL for a lookup. */
struct walk {
	const struct tmail_routes *routes;
	void (*visit)(void *arg, const struct tmail_rung *rung);
	void *arg;
	struct tmail_match *match;
	enum tmail_status status;	/* TMAIL_NO_ROUTE: walk on */
	unsigned count;
	struct rung rungs[BATCH];
};

static const struct part no_user = {.kind = RUNG_USER_NONE, .ref = KEY_NONE};

/* Parts that are no name: "*", "<>" and no selector. */
static bool
is_fixed(const struct part *part)
{
	return part->text.ptr == NULL;
}

static void
start_names(const struct tmail_routes *routes, struct part *parts, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		if (!is_fixed(&parts[i]) && parts[i].text.len <= routes->name_max)
			parts[i].hash = table_start(&routes->names,
			    parts[i].text.ptr, parts[i].text.len);
}

static void
peek_names(const struct tmail_routes *routes, const struct part *parts, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		if (!is_fixed(&parts[i]) && parts[i].text.len <= routes->name_max)
			table_peek(routes, &routes->names, parts[i].hash,
			    NAME_TEXT + parts[i].text.len + MEMBER_SIZE);
}

/*
 * Finds the names among the parts.  Those not in the index end all their
 * rungs: they are dropped, unless the walk is to be seen in full.
 */
static enum tmail_status
find_names(const struct tmail_routes *routes, struct part *parts, unsigned *n,
    bool keep)
{
	enum tmail_status status;
	unsigned i, kept = 0;

	for (i = 0; i < *n; i++) {
		struct part *part = &parts[i];

		if (!is_fixed(part)) {
			status = part->text.len > routes->name_max ? TMAIL_NO_ROUTE :
			    table_find_name(routes, part->text, part->hash,
			    &part->ref, &part->roles);
			if (status == TMAIL_E_DAMAGED)
				return status;
			if (status == TMAIL_NO_ROUTE) {
				part->roles = 0;
				if (!keep)
					continue;
			}
		}
		if (kept != i)
			parts[kept] = *part;
		kept++;
	}
	*n = kept;
	return TMAIL_OK;
}

static enum tmail_status
find_all_names(const struct tmail_routes *routes, struct key *key, bool keep)
{
	enum tmail_status status;

	start_names(routes, key->to, key->to_count);
	start_names(routes, key->from, key->from_count);
	start_names(routes, key->user, key->user_count);
	peek_names(routes, key->to, key->to_count);
	peek_names(routes, key->from, key->from_count);
	peek_names(routes, key->user, key->user_count);
	status = find_names(routes, key->to, &key->to_count, keep);
	if (status == TMAIL_OK)
		status = find_names(routes, key->from, &key->from_count, keep);
	if (status == TMAIL_OK)
		status = find_names(routes, key->user, &key->user_count, keep);
	return status;
}

/* The role by which one name of the rung decides it alone; 0: none does. */
static unsigned char
inline_role(const struct rung *rung)
{
	unsigned user = rung->user->kind, to = rung->to->kind;

	if (rung->from->kind != RUNG_FROM_NONE)
		return 0;
	if (user == RUNG_USER_NONE && to != RUNG_TO_STAR)
		return to == RUNG_TO_WILD ? ROLE_WILD : ROLE_TO;
	if (user != RUNG_USER_NONE && user != RUNG_USER_STAR && to == RUNG_TO_STAR)
		return ROLE_USER;
	return 0;
}

static bool
plays(const struct part *part, unsigned role)
{
	return is_fixed(part) || (part->roles & role) != 0;
}

/* How a rung is to be probed, if the index can have it at all. */
static enum probe
rung_probe(const struct walk *walk, struct rung *rung)
{
	const struct part *user = rung->user, *to = rung->to, *from = rung->from;

	if ((walk->routes->rungs & rung_bit(user->kind, to->kind, from->kind)) == 0)
		return PROBE_NONE;
	rung->role = inline_role(rung);
	if (rung->role != 0)
		return ((rung->role == ROLE_USER ? user : to)->roles & rung->role) != 0 ?
		    PROBE_INLINE : PROBE_NONE;
	if (!plays(to, to->kind == RUNG_TO_WILD ? ROLE_GROUP_WILD : ROLE_GROUP_TO) ||
	    !plays(user, ROLE_GROUP_USER) || !plays(from, ROLE_GROUP_FROM))
		return PROBE_NONE;
	return PROBE_GROUP;
}

static void
rung_start(struct rung *rung, const struct table *groups)
{
	uint32_t wild = rung->to->kind == RUNG_TO_WILD ? KEY_WILD : 0;

	le32_put(rung->key + GROUP_USER, rung->user->ref);
	le32_put(rung->key + GROUP_TO, rung->to->ref | wild);
	le32_put(rung->key + GROUP_FROM, rung->from->ref);
	rung->hash = table_start(groups, rung->key, sizeof(rung->key));
}

static enum tmail_status
rung_find(const struct rung *rung, const struct tmail_routes *routes,
    uint32_t *members)
{
	switch (rung->probe) {
	case PROBE_INLINE:
		return table_inline_group(routes, rung->role == ROLE_USER ?
		    rung->user->ref : rung->to->ref, rung->role, members);
	case PROBE_GROUP:
		return table_find_group(routes, rung->key, rung->hash, members);
	default:
		return TMAIL_NO_ROUTE;
	}
}

/* How a part that is no name is shown. */
static struct tmail_slice
fixed_pattern(const struct part *part)
{
	switch (part->ref) {
	case KEY_STAR:
		return tmail_slice("*", 1);
	case KEY_NULL:
		return tmail_slice("<>", 2);
	default:
		return tmail_slice(NULL, 0);
	}
}

/* The pattern of a part that was found, out of the index. */
static struct tmail_slice
found_pattern(const struct tmail_routes *routes, const struct part *part,
    bool wild)
{
	if (is_fixed(part))
		return fixed_pattern(part);
	return table_name_text(routes, part->ref, wild);
}

static enum tmail_status
fill_match(const struct walk *walk, const struct rung *rung, uint32_t members)
{
	const struct tmail_routes *routes = walk->routes;
	struct tmail_match *match = walk->match;

	match->user = found_pattern(routes, rung->user, false);
	match->to = found_pattern(routes, rung->to, rung->to->kind == RUNG_TO_WILD);
	match->from = found_pattern(routes, rung->from, false);
	return route_fill_match(routes, members, match);
}

/* The pattern of any part, out of the query. */
static struct tmail_slice
asked_pattern(const struct part *part)
{
	if (is_fixed(part))
		return fixed_pattern(part);
	return tmail_slice(part->text.ptr, part->text.len);
}

static void
show(const struct walk *walk, const struct rung *rung, bool found)
{
	char wild[2 + FOLD_DOMAIN_MAX] = "*.";
	struct tmail_rung shown = {
		.user = asked_pattern(rung->user),
		.to = asked_pattern(rung->to),
		.from = asked_pattern(rung->from),
		.found = found
	};

	if (rung->to->kind == RUNG_TO_WILD) {
		memcpy(wild + 2, shown.to.ptr, shown.to.len);
		shown.to = tmail_slice(wild, shown.to.len + 2);
	}
	walk->visit(walk->arg, &shown);
}

/* Probes the rungs gathered, in their order, up to the one that wins. */
static void
walk_drain(struct walk *walk)
{
	const struct tmail_routes *routes = walk->routes;
	const struct rung *rung, *end = walk->rungs + walk->count;
	uint32_t members = 0;

	for (rung = walk->rungs; rung < end; rung++)
		if (rung->probe == PROBE_GROUP)
			table_peek(routes, &routes->groups, rung->hash,
			    GROUP_MEMBERS + MEMBER_SIZE);
	for (rung = walk->rungs; rung < end; rung++) {
		walk->status = rung_find(rung, routes, &members);
		if (walk->status == TMAIL_OK)
			walk->status = fill_match(walk, rung, members);
		if (walk->visit != NULL && walk->status < TMAIL_E_MISSING)
			show(walk, rung, walk->status == TMAIL_OK);
		if (walk->status != TMAIL_NO_ROUTE)
			return;
	}
	walk->count = 0;
}

/* Takes a rung on.  False: the walk has ended. */
static bool
walk_rung(struct walk *walk, const struct part *user, const struct part *to,
    const struct part *from)
{
	struct rung *rung = &walk->rungs[walk->count];

	rung->user = user;
	rung->to = to;
	rung->from = from;
	rung->probe = rung_probe(walk, rung);
	if (rung->probe == PROBE_NONE && walk->visit == NULL)
		return true;
	if (rung->probe == PROBE_GROUP)
		rung_start(rung, &walk->routes->groups);
	walk->count++;
	/* An inline group is there: nothing after it counts. */
	if (rung->probe == PROBE_INLINE || walk->count == BATCH)
		walk_drain(walk);
	return walk->status == TMAIL_NO_ROUTE;
}

/* One half of the ladder: for these users, all destinations and senders. */
static bool
walk_half(struct walk *walk, const struct key *key, const struct part *users,
    unsigned user_count)
{
	unsigned t, f, u;

	if (user_count == 0)
		return true;
	for (t = 0; t < key->to_count; t++)
		for (f = 0; f < key->from_count; f++)
			for (u = 0; u < user_count; u++)
				if (!walk_rung(walk, &users[u], &key->to[t],
				    &key->from[f]))
					return false;
	return true;
}

static enum tmail_status
walk_ladder(struct walk *walk, const struct tmail_query *query, uint64_t rungs,
    uint32_t wild_labels)
{
	struct key key;
	enum tmail_status status;

	memset(walk->match, 0, sizeof(*walk->match));
	walk->status = TMAIL_NO_ROUTE;
	walk->count = 0;
	status = key_init(&key, query, rungs, wild_labels);
	if (status == TMAIL_OK)
		status = find_all_names(walk->routes, &key, walk->visit != NULL);
	if (status != TMAIL_OK)
		return status;
	if (walk_half(walk, &key, key.user, key.user_count) &&
	    walk_half(walk, &key, &no_user, 1))
		walk_drain(walk);
	if (walk->status != TMAIL_OK)
		memset(walk->match, 0, sizeof(*walk->match));
	return walk->status;
}

TMAIL_API enum tmail_status
tmail_routes_lookup(const struct tmail_routes *routes,
    const struct tmail_query *query, struct tmail_match *match)
{
	struct walk walk;

	walk.routes = routes;
	walk.visit = NULL;
	walk.match = match;
	return walk_ladder(&walk, query, routes->rungs, routes->wild_labels);
}

TMAIL_API enum tmail_status
tmail_routes_explain(const struct tmail_routes *routes,
    const struct tmail_query *query,
    void (*visit)(void *arg, const struct tmail_rung *rung), void *arg,
    struct tmail_match *match)
{
	struct walk walk;

	walk.routes = routes;
	walk.visit = visit;
	walk.arg = arg;
	walk.match = match;
	return walk_ladder(&walk, query, ~UINT64_C(0), ~UINT32_C(0));
}
