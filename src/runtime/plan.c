#include "runtime/route.h"

/*
 * What priv of a candidate holds: the hop until equal ones are merged; then,
 * while the order is drawn, a Fenwick tree over the weights of one priority.
 */
enum { PRIV_HOP = 0, PRIV_TREE = 0, PRIV_PLACE = 1 };

TMAIL_API void
tmail_random_init(struct tmail_random *random, uint64_t number)
{
	random->state = number;
}

TMAIL_API uint64_t
tmail_random_next(struct tmail_random *random)
{
	uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* The upper half of a * b, the lower one in *low. */
static uint64_t
multiply(uint64_t a, uint64_t b, uint64_t *low)
{
	uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
	uint64_t mid = a1 * b0 + (a0 * b0 >> 32), mid2 = a0 * b1 + (uint32_t)mid;

	*low = a * b;
	return a1 * b1 + (mid >> 32) + (mid2 >> 32);
}

/* A number below n, each with the same chance (Lemire 2019). */
static uint64_t
random_below(struct tmail_random *random, uint64_t n)
{
	uint64_t low, high = multiply(tmail_random_next(random), n, &low);

	if (low < n) {
		uint64_t surplus = -n % n;

		while (low < surplus)
			high = multiply(tmail_random_next(random), n, &low);
	}
	return high;
}

static void
swap(struct tmail_candidate *a, struct tmail_candidate *b)
{
	struct tmail_candidate t = *a;

	*a = *b;
	*b = t;
}

typedef bool before(const struct tmail_candidate *, const struct tmail_candidate *);

/* Equal ones side by side, the one of lowest ID in front. */
static bool
before_by_hop(const struct tmail_candidate *a, const struct tmail_candidate *b)
{
	if (a->priority != b->priority)
		return a->priority < b->priority;
	if (a->priv[PRIV_HOP] != b->priv[PRIV_HOP])
		return a->priv[PRIV_HOP] < b->priv[PRIV_HOP];
	return a->route < b->route;
}

/* An order that does not change with the numbers of the hops. */
static bool
before_by_route(const struct tmail_candidate *a, const struct tmail_candidate *b)
{
	if (a->priority != b->priority)
		return a->priority < b->priority;
	return a->route < b->route;
}

static void
sift_down(struct tmail_candidate *c, size_t root, size_t n, before *less)
{
	size_t child;

	while ((child = 2 * root + 1) < n) {
		if (child + 1 < n && less(&c[child], &c[child + 1]))
			child++;
		if (!less(&c[root], &c[child]))
			return;
		swap(&c[root], &c[child]);
		root = child;
	}
}

/* Heapsort: qsort may allocate. */
static void
sort(struct tmail_candidate *c, size_t n, before *less)
{
	size_t i;

	for (i = n / 2; i-- > 0;)
		sift_down(c, i, n, less);
	for (i = n; i-- > 1;) {
		swap(&c[0], &c[i]);
		sift_down(c, 0, i, less);
	}
}

static enum tmail_status
read_candidates(const struct tmail_routes *routes, const struct route_list *list,
    struct tmail_candidate *c)
{
	struct route_entry entry;
	uint32_t i;

	for (i = 0; i < list->count; i++) {
		if (!route_entry(routes, list, i, &entry) ||
		    entry.hop[HOP_ACTION] != TMAIL_RELAY)
			return TMAIL_E_DAMAGED;
		c[i].route = i;
		c[i].priority = le16_get(entry.target + TARGET_PRIORITY);
		c[i].weight = le16_get(entry.target + TARGET_WEIGHT);
		c[i].priv[PRIV_HOP] = le32_get(entry.target + TARGET_HOP);
		if (c[i].weight == 0)
			return TMAIL_E_DAMAGED;
	}
	return TMAIL_OK;
}

/* Makes one of those with equal priority and hop; returns how many are left. */
static size_t
merge(struct tmail_candidate *c, size_t n)
{
	size_t i, kept = 0;

	sort(c, n, before_by_hop);
	for (i = 1; i < n; i++) {
		if (c[i].priority == c[kept].priority &&
		    c[i].priv[PRIV_HOP] == c[kept].priv[PRIV_HOP])
			c[kept].weight += c[i].weight;
		else
			c[++kept] = c[i];
	}
	sort(c, kept + 1, before_by_route);
	return kept + 1;
}

/* Node i (1 to n) of the tree holds the sum of the i & -i weights up to it. */
static uint64_t
tree_build(struct tmail_candidate *c, size_t n)
{
	uint64_t total = 0;
	size_t i, up;

	for (i = 0; i < n; i++) {
		c[i].priv[PRIV_TREE] = c[i].weight;
		total += c[i].weight;
	}
	for (i = 1; i <= n; i++) {
		up = i + (i & -i);
		if (up <= n)
			c[up - 1].priv[PRIV_TREE] += c[i - 1].priv[PRIV_TREE];
	}
	return total;
}

/* The candidate in whose share of the sum r falls, among those left. */
static size_t
tree_find(const struct tmail_candidate *c, size_t n, uint64_t r)
{
	size_t at = 0, step = 1;

	while (step <= n / 2)
		step *= 2;
	for (; step > 0; step /= 2) {
		if (at + step > n || c[at + step - 1].priv[PRIV_TREE] > r)
			continue;
		at += step;
		r -= c[at - 1].priv[PRIV_TREE];
	}
	return at;
}

static void
tree_remove(struct tmail_candidate *c, size_t n, size_t at)
{
	uint64_t weight = c[at].weight;
	size_t i;

	for (i = at + 1; i <= n; i += i & -i)
		c[i - 1].priv[PRIV_TREE] -= weight;
}

/* Draws the order of the n candidates of one priority. */
static void
draw(struct tmail_candidate *c, size_t n, struct tmail_random *random)
{
	uint64_t total = tree_build(c, n);
	size_t i, at;

	for (i = 0; i < n; i++) {
		at = tree_find(c, n, i + 1 < n ? random_below(random, total) : 0);
		tree_remove(c, n, at);
		total -= c[at].weight;
		c[at].priv[PRIV_PLACE] = i;
		c[at].draw = tmail_random_next(random);
	}
	for (i = 0; i < n; i++)
		while (c[i].priv[PRIV_PLACE] != i)
			swap(&c[i], &c[c[i].priv[PRIV_PLACE]]);
}

TMAIL_API enum tmail_status
tmail_match_plan(const struct tmail_routes *routes,
    const struct tmail_match *match, struct tmail_random *random,
    struct tmail_candidate *candidates, size_t capacity, size_t *count)
{
	enum tmail_status status;
	struct route_list list;
	size_t n, first, end;

	*count = 0;
	if (match->action != TMAIL_RELAY)
		return TMAIL_E_ARGUMENT;
	if (capacity < match->count)
		return TMAIL_E_SPACE;
	status = match_list(routes, match, &list);
	if (status == TMAIL_OK)
		status = read_candidates(routes, &list, candidates);
	if (status != TMAIL_OK)
		return status;
	n = merge(candidates, list.count);
	for (first = 0; first < n; first = end) {
		for (end = first + 1; end < n; end++)
			if (candidates[end].priority != candidates[first].priority)
				break;
		draw(candidates + first, end - first, random);
	}
	*count = n;
	return TMAIL_OK;
}

TMAIL_API enum tmail_status
tmail_candidate_local(const struct tmail_routes *routes,
    const struct tmail_candidate *candidate, const struct tmail_route *route,
    uint32_t n, struct tmail_address *address)
{
	_Static_assert(LOCALS_MAX <= UINT8_MAX, "each has a byte in `order`");
	unsigned char order[LOCALS_MAX], t;
	struct tmail_random random;
	uint32_t i, j;

	if (route->local_count > LOCALS_MAX)
		return TMAIL_E_ARGUMENT;
	if (n >= route->local_count || route->local != TMAIL_LOCAL_ROUND_ROBIN)
		return tmail_route_local(routes, route, n, address);
	for (i = 0; i < route->local_count; i++)
		order[i] = (unsigned char)i;
	tmail_random_init(&random, candidate->draw);
	for (i = route->local_count - 1; i > 0; i--) {
		j = (uint32_t)random_below(&random, i + 1);
		t = order[i];
		order[i] = order[j];
		order[j] = t;
	}
	return tmail_route_local(routes, route, order[n], address);
}
