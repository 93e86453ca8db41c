#include "review/outcome.h"

#include <stdlib.h>

#include "base/hash.h"
#include "runtime/route.h"

enum { DIGEST_SIZE = 16, MX_PORT = 25 };

/* What counts of a hop.  Hops of two indexes have other numbers: digests are compared. */
struct hop_values {
	bool known;
	bool tls;
	bool login;
	unsigned char all[DIGEST_SIZE];		/* but for the password */
	unsigned char relay[DIGEST_SIZE];	/* where to, alone */
};

struct candidate {
	const struct hop_values *hop;
	uint64_t weight;
	uint16_t priority;
};

struct candidates {
	struct candidate *list;
	size_t count, capacity;
};

void
outcomes_init(struct outcomes *o, const struct tmail_routes *old, const struct tmail_routes *new)
{
	*o = (struct outcomes){.routes = {old, new}, .seed = (uint64_t)(uintptr_t)o};
	for (int side = 0; side < SIDES; side++) {
		o->hops[side] = mem_zero((size_t)o->routes[side]->sections[SECTION_HOPS].count + 1,
		    sizeof(*o->hops[side]));
		o->candidates[side] = mem_zero(1, sizeof(*o->candidates[side]));
	}
}

void
outcomes_release(struct outcomes *o)
{
	for (int side = 0; side < SIDES; side++) {
		if (o->candidates[side] != NULL)
			free(o->candidates[side]->list);
		free(o->candidates[side]);
		free(o->hops[side]);
	}
	text_release(&o->scratch);
	*o = (struct outcomes){0};
}

void
outcomes_ask(struct outcomes *o, int side, const struct tmail_query *query,
    struct tmail_match *match)
{
	enum tmail_status status = tmail_routes_lookup(o->routes[side], query, match);

	if (status == TMAIL_E_MEMORY)
		mem_exhausted();
	if (status != TMAIL_OK && status != TMAIL_NO_ROUTE)
		o->status = status;
}

static void
put_number(struct text *text, uint64_t n)
{
	n = htole64(n);
	text_add(text, (const char *)&n, sizeof(n));
}

/* An absent string is another one than an empty one. */
static void
put_string(struct text *text, struct tmail_slice s)
{
	put_number(text, s.ptr == NULL ? UINT64_MAX : s.len);
	text_add(text, s.ptr, s.len);
}

/* The MX hosts' port is 25 where none is given. */
static void
put_relay(struct text *text, const struct tmail_route *route)
{
	put_number(text, route->hop);
	put_number(text, route->port == 0 ? MX_PORT : route->port);
	put_string(text, route->host);
}

static enum tmail_status
put_local(struct text *text, const struct tmail_routes *routes, const struct tmail_route *route)
{
	enum tmail_status status = TMAIL_OK;

	put_number(text, route->local);
	put_number(text, route->local_count);
	for (uint32_t n = 0; n < route->local_count && status == TMAIL_OK; n++) {
		struct tmail_address address;

		status = tmail_route_local(routes, route, n, &address);
		put_string(text, address.text);
		put_string(text, address.helo);
	}
	return status;
}

static enum tmail_status
put_values(struct text *text, const struct tmail_routes *routes, const struct tmail_route *route)
{
	put_number(text, route->port);
	put_number(text, route->family);
	put_number(text, route->auth);
	put_number(text, route->tls);
	put_number(text, route->connections);
	put_number(text, route->rate);
	put_number(text, route->rate_seconds);
	put_string(text, route->login);
	put_string(text, route->password_file);
	put_string(text, route->token_file);
	put_string(text, route->tls_name);
	put_string(text, route->tls_cert);
	put_string(text, route->tls_ca);
	put_string(text, route->mail_from);
	put_string(text, route->helo);
	put_string(text, route->transport);
	return put_local(text, routes, route);
}

static void
digest(struct outcomes *o, unsigned char out[DIGEST_SIZE])
{
	hash128(o->scratch.ptr, o->scratch.len, o->seed, out);
}

static void
learn_hop(struct outcomes *o, int side, const struct route_entry *entry, struct hop_values *hop)
{
	struct tmail_route route = {0};

	hop->known = true;
	if (!route_fill(o->routes[side], entry, &route)) {
		o->status = TMAIL_E_DAMAGED;
		return;
	}
	hop->tls = route.tls >= TMAIL_TLS_REQUIRED;
	hop->login = route.login.ptr != NULL;
	o->scratch.len = 0;
	put_relay(&o->scratch, &route);
	digest(o, hop->relay);
	if (put_values(&o->scratch, o->routes[side], &route) != TMAIL_OK)
		o->status = TMAIL_E_DAMAGED;
	digest(o, hop->all);
}

static bool
read_candidate(struct outcomes *o, int side, const struct route_list *list, uint32_t n,
    struct candidate *candidate)
{
	struct route_entry entry;
	struct hop_values *hop;

	if (!route_entry(o->routes[side], list, n, &entry)) {
		o->status = TMAIL_E_DAMAGED;
		return false;
	}
	hop = &o->hops[side][le32_get(entry.target + TARGET_HOP)];
	if (!hop->known)
		learn_hop(o, side, &entry, hop);
	*candidate = (struct candidate){hop, le16_get(entry.target + TARGET_WEIGHT),
	    le16_get(entry.target + TARGET_PRIORITY)};
	return true;
}

/* The routes of a match, none of one of no routes. */
static bool
read_all(struct outcomes *o, int side, const struct tmail_match *match)
{
	struct candidates *c = o->candidates[side];
	struct route_list list;

	c->count = 0;
	if (match->count == 0)
		return true;
	if (match_list(o->routes[side], match, &list) != TMAIL_OK) {
		o->status = TMAIL_E_DAMAGED;
		return false;
	}
	for (uint32_t n = 0; n < list.count; n++) {
		c->list = mem_grow(c->list, c->count, &c->capacity, sizeof(*c->list));
		if (!read_candidate(o, side, &list, n, &c->list[c->count]))
			return false;
		c->count++;
	}
	return true;
}

static int
compare_candidates(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	return memcmp(x->hop->all, y->hop->all, DIGEST_SIZE);
}

static uint64_t
common_divisor(uint64_t a, uint64_t b)
{
	while (b != 0) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* From weights to shares: the smallest numbers in the same proportion, for each priority. */
static void
reduce_weights(struct candidates *c)
{
	for (size_t begin = 0, end; begin < c->count; begin = end) {
		uint64_t divisor = 0;

		for (end = begin; end < c->count && c->list[end].priority == c->list[begin].priority;
		     end++)
			divisor = common_divisor(divisor, c->list[end].weight);
		for (size_t i = begin; i < end && divisor != 0; i++)
			c->list[i].weight /= divisor;
	}
}

/* Routes of equal values are one candidate with the sum of their weights. */
static void
merge(struct candidates *c)
{
	size_t kept = 0;

	if (c->count > 1)
		qsort(c->list, c->count, sizeof(*c->list), compare_candidates);
	for (size_t i = 1; i < c->count; i++) {
		if (compare_candidates(&c->list[kept], &c->list[i]) == 0)
			c->list[kept].weight += c->list[i].weight;
		else
			c->list[++kept] = c->list[i];
	}
	c->count = c->count == 0 ? 0 : kept + 1;
	reduce_weights(c);
}

static bool
candidates_equal(const struct candidates *a, const struct candidates *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (compare_candidates(&a->list[i], &b->list[i]) != 0 ||
		    a->list[i].weight != b->list[i].weight)
			return false;
	return true;
}

bool
outcomes_equal(struct outcomes *o, const struct tmail_match *old, const struct tmail_match *new)
{
	if ((old->count == 0) != (new->count == 0) || old->action != new->action)
		return false;
	if (old->action != TMAIL_RELAY)
		return slice_eq(slice(old->text.ptr, old->text.len),
		    slice(new->text.ptr, new->text.len));
	if (!read_all(o, OLD, old) || !read_all(o, NEW, new))
		return true;
	merge(o->candidates[OLD]);
	merge(o->candidates[NEW]);
	return candidates_equal(o->candidates[OLD], o->candidates[NEW]);
}

struct carriage
outcomes_carriage(struct outcomes *o, int side, const struct tmail_match *match)
{
	struct carriage carriage = {.sent = match->action == TMAIL_RELAY};
	const struct candidates *c = o->candidates[side];

	if (!carriage.sent || match->count == 0 || !read_all(o, side, match))
		return carriage;
	carriage.tls = true;
	for (size_t i = 0; i < c->count; i++) {
		carriage.tls = carriage.tls && c->list[i].hop->tls;
		carriage.login = carriage.login || c->list[i].hop->login;
	}
	return carriage;
}

static int
compare_relays(const void *a, const void *b)
{
	return memcmp(((const struct candidate *)a)->hop->relay,
	    ((const struct candidate *)b)->hop->relay, DIGEST_SIZE);
}

/* Where nothing matches, it is the recipient's MX. */
static void
add_own_mx(struct outcomes *o, struct candidates *c, struct hop_values *hop)
{
	o->scratch.len = 0;
	put_relay(&o->scratch, &(struct tmail_route){.hop = TMAIL_HOP_MX});
	digest(o, hop->relay);
	c->list = mem_grow(c->list, 0, &c->capacity, sizeof(*c->list));
	c->list[0] = (struct candidate){.hop = hop};
	c->count = 1;
}

/* Each relay once, in an order of no meaning. */
static bool
read_relays(struct outcomes *o, int side, const struct tmail_match *match, struct hop_values *mx)
{
	struct candidates *c = o->candidates[side];
	size_t kept = 0;

	c->count = 0;
	if (match->action != TMAIL_RELAY)
		return true;
	if (!read_all(o, side, match))
		return false;
	if (match->count == 0)
		add_own_mx(o, c, mx);
	qsort(c->list, c->count, sizeof(*c->list), compare_relays);
	for (size_t i = 1; i < c->count; i++)
		if (compare_relays(&c->list[kept], &c->list[i]) != 0)
			c->list[++kept] = c->list[i];
	c->count = kept + 1;
	return true;
}

bool
outcomes_same_relays(struct outcomes *o, const struct tmail_match *old,
    const struct tmail_match *new)
{
	const struct candidates *a = o->candidates[OLD], *b = o->candidates[NEW];
	struct hop_values mx[SIDES];

	if (!read_relays(o, OLD, old, &mx[OLD]) || !read_relays(o, NEW, new, &mx[NEW]))
		return true;
	for (size_t i = 0; i < a->count && i < b->count; i++)
		if (compare_relays(&a->list[i], &b->list[i]) != 0)
			return false;
	return a->count == b->count;
}
