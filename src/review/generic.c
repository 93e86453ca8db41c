#include "review/generic.h"

#include "base/hash.h"
#include "runtime/scan.h"

/* No pattern holds a control byte; no domain does, so a recipient like this matches `*` alone. */
const struct tmail_slice generic_name = {"\001", 1};

/* Digits of a label: enough to find a free one at once. */
enum { LABEL_MAX = 5, LABEL_DIGITS = 36 };

static void
write_label(char *label, size_t len, uint64_t n)
{
	while (len > 0) {
		label[--len] = "abcdefghijklmnopqrstuvwxyz0123456789"[n % LABEL_DIGITS];
		n /= LABEL_DIGITS;
	}
}

/* A subdomain of NAME ("*.NAME" as matched) that no pattern has. */
static bool
name_below(struct generic *generic, const struct outcomes *o, struct tmail_slice wild)
{
	size_t parent = wild.len - 1, len = LABEL_MAX;
	uint64_t tries = 1, start = hash64(wild.ptr, wild.len, 0);

	if (parent >= FOLD_DOMAIN_MAX)
		return false;
	if (len > FOLD_DOMAIN_MAX - parent)
		len = FOLD_DOMAIN_MAX - parent;
	for (size_t i = 0; i < len; i++)
		tries *= LABEL_DIGITS;
	memcpy(generic->to + len, wild.ptr + 1, parent);
	generic->query.recipient = (struct tmail_slice){generic->to, len + parent};
	for (uint64_t n = 0; n < tries; n++) {
		write_label(generic->to, len, start + n);
		if (!scan_has_name(o->routes[OLD], generic->to, len + parent) &&
		    !scan_has_name(o->routes[NEW], generic->to, len + parent))
			return true;
	}
	return false;
}

static bool
has_at(struct tmail_slice pattern)
{
	return memchr(pattern.ptr, '@', pattern.len) != NULL;
}

static struct tmail_slice
sender(struct generic *generic, const struct tmail_routes *routes, struct tmail_slice from)
{
	/* No domain is longer but in a forged index. */
	if (from.ptr == NULL || !scan_is_name(routes, from) || has_at(from) ||
	    from.len > FOLD_DOMAIN_MAX)
		return from;
	generic->from[0] = generic_name.ptr[0];
	generic->from[1] = '@';
	memcpy(generic->from + 2, from.ptr, from.len);
	return (struct tmail_slice){generic->from, from.len + 2};
}

bool
generic_mail(struct generic *generic, const struct outcomes *o, int side,
    const struct tmail_match *match)
{
	const struct tmail_routes *routes = o->routes[side];
	struct tmail_slice to = match->to, user = match->user;

	/* A login that is spelt as its domain, or a domain for a recipient, has no rung before. */
	generic->query = (struct tmail_query){.recipient = to, .login = user,
	    .sender = sender(generic, routes, match->from)};
	if (user.ptr != NULL && !scan_is_name(routes, user))
		generic->query.login = generic_name;
	if (!scan_is_name(routes, to))
		generic->query.recipient = generic_name;
	else if (to.len > 2 && memcmp(to.ptr, "*.", 2) == 0 && !has_at(to))
		return name_below(generic, o, to);
	return true;
}

static bool
same_pattern(const struct outcomes *o, struct tmail_slice old, struct tmail_slice new)
{
	return (old.ptr == NULL) == (new.ptr == NULL) &&
	    slice_eq(slice(old.ptr, old.len), slice(new.ptr, new.len)) &&
	    (old.ptr == NULL ||
	    scan_is_name(o->routes[OLD], old) == scan_is_name(o->routes[NEW], new));
}

bool
generic_same_group(const struct outcomes *o, const struct tmail_match *old,
    const struct tmail_match *new)
{
	return old->count != 0 && new->count != 0 && same_pattern(o, old->user, new->user) &&
	    same_pattern(o, old->to, new->to) && same_pattern(o, old->from, new->from);
}
