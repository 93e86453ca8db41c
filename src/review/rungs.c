#include "review/rungs.h"

#include "base/fold.h"
#include "runtime/format.h"
#include "runtime/scan.h"

static bool
has_at(struct slice name)
{
	return fold_at(name) < name.len;
}

static struct slice
sliced(struct tmail_slice s)
{
	return slice(s.ptr, s.len);
}

static unsigned char
user_kind(const struct tmail_routes *routes, struct tmail_slice user)
{
	if (user.ptr == NULL)
		return RUNG_USER_NONE;
	if (!scan_is_name(routes, user))
		return RUNG_USER_STAR;
	return has_at(sliced(user)) ? RUNG_USER_FULL : RUNG_USER_BARE;
}

static unsigned char
to_kind(const struct tmail_routes *routes, struct tmail_slice to)
{
	if (!scan_is_name(routes, to))
		return RUNG_TO_STAR;
	if (has_at(sliced(to)))
		return RUNG_TO_ADDRESS;
	return to.ptr[0] == '*' ? RUNG_TO_WILD : RUNG_TO_DOMAIN;
}

static unsigned char
from_kind(const struct tmail_routes *routes, struct tmail_slice from)
{
	if (from.ptr == NULL)
		return RUNG_FROM_NONE;
	if (!scan_is_name(routes, from))
		return RUNG_FROM_NULL;
	return has_at(sliced(from)) ? RUNG_FROM_ADDRESS : RUNG_FROM_DOMAIN;
}

struct rung_patterns
rung_of(const struct tmail_routes *routes, const struct tmail_match *match)
{
	struct rung_patterns rung = {sliced(match->user), sliced(match->to), sliced(match->from),
	    user_kind(routes, match->user), to_kind(routes, match->to),
	    from_kind(routes, match->from)};

	if (rung.to_kind == RUNG_TO_WILD)
		rung.to = slice(rung.to.ptr + 2, rung.to.len - 2);
	return rung;
}

/* A smaller number comes first. */
static int
place_of(const struct rung_patterns *rung)
{
	static const unsigned char users[] = {[RUNG_USER_NONE] = 3, [RUNG_USER_STAR] = 2,
	    [RUNG_USER_FULL] = 0, [RUNG_USER_BARE] = 1};
	static const unsigned char tos[] = {[RUNG_TO_ADDRESS] = 0, [RUNG_TO_DOMAIN] = 1,
	    [RUNG_TO_WILD] = 2, [RUNG_TO_STAR] = 3};
	static const unsigned char froms[] = {[RUNG_FROM_NONE] = 2, [RUNG_FROM_NULL] = 1,
	    [RUNG_FROM_ADDRESS] = 0, [RUNG_FROM_DOMAIN] = 1};

	return (rung->user_kind == RUNG_USER_NONE) << 6 | tos[rung->to_kind] << 4 |
	    froms[rung->from_kind] << 2 | users[rung->user_kind];
}

/* Of two parents the longer one is nearer; all others are alike. */
static int
place_order(const struct rung_patterns *a, const struct rung_patterns *b)
{
	int x = place_of(a), y = place_of(b);

	if (x >> 4 == y >> 4 && a->to_kind == RUNG_TO_WILD && a->to.len != b->to.len)
		return a->to.len > b->to.len ? -1 : 1;
	return x - y;
}

static int
text_order(struct slice a, struct slice b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len == 0 ? 0 : memcmp(a.ptr, b.ptr, len);

	return order != 0 ? order : a.len < b.len ? -1 : a.len > b.len;
}

int
rung_order(const struct rung_patterns *a, const struct rung_patterns *b)
{
	int order = place_order(a, b);

	if (order == 0)
		order = text_order(a->to, b->to);
	if (order == 0)
		order = text_order(a->from, b->from);
	return order == 0 ? text_order(a->user, b->user) : order;
}

static struct slice
domain_of(struct slice name)
{
	size_t at = fold_at(name);

	return at == name.len ? name : slice(name.ptr + at + 1, name.len - at - 1);
}

static bool
is_below(struct slice domain, struct slice parent)
{
	size_t more = domain.len - parent.len;

	return domain.len > parent.len && domain.ptr[0] != '[' && domain.ptr[more - 1] == '.' &&
	    memcmp(domain.ptr + more, parent.ptr, parent.len) == 0;
}

/* Whether an address is the other one's, or both are the same. */
static bool
same_or_of(struct slice a, struct slice b)
{
	return slice_eq(a, b) || (has_at(a) && !has_at(b) && slice_eq(domain_of(a), b)) ||
	    (has_at(b) && !has_at(a) && slice_eq(domain_of(b), a));
}

static bool
tos_meet(const struct rung_patterns *a, const struct rung_patterns *b)
{
	if (a->to_kind == RUNG_TO_STAR || b->to_kind == RUNG_TO_STAR)
		return true;
	if (a->to_kind == RUNG_TO_WILD && b->to_kind == RUNG_TO_WILD)
		return slice_eq(a->to, b->to) || is_below(a->to, b->to) || is_below(b->to, a->to);
	if (b->to_kind == RUNG_TO_WILD)
		return is_below(domain_of(a->to), b->to);
	if (a->to_kind == RUNG_TO_WILD)
		return is_below(domain_of(b->to), a->to);
	return same_or_of(a->to, b->to);
}

static bool
froms_meet(const struct rung_patterns *a, const struct rung_patterns *b)
{
	if (a->from_kind == RUNG_FROM_NONE || b->from_kind == RUNG_FROM_NONE)
		return true;
	if (a->from_kind == RUNG_FROM_NULL || b->from_kind == RUNG_FROM_NULL)
		return a->from_kind == b->from_kind;
	return same_or_of(a->from, b->from);
}

static bool
is_anybody(unsigned char user)
{
	return user == RUNG_USER_NONE || user == RUNG_USER_STAR;
}

bool
rung_above(const struct rung_patterns *a, const struct rung_patterns *b)
{
	return place_order(a, b) < 0 && tos_meet(a, b) && froms_meet(a, b) &&
	    (is_anybody(a->user_kind) || is_anybody(b->user_kind) || same_or_of(a->user, b->user));
}
