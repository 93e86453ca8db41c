#include "answer/attempts.h"

#include <stdlib.h>

#include "runtime/scan.h"

struct alike {
	uint64_t attempt;
	uint32_t route;
};

static int
compare_alike(const void *a, const void *b)
{
	const struct alike *x = a, *y = b;

	if (x->attempt != y->attempt)
		return x->attempt < y->attempt ? -1 : 1;
	return x->route < y->route ? -1 : x->route > y->route;
}

static enum tmail_status
link_alike(struct attempts *attempts, const struct tmail_routes *routes,
    const struct tmail_match *match)
{
	struct alike *alike = attempts->alike;

	for (uint32_t i = 0; i < match->count; i++) {
		enum tmail_status status = scan_attempt(routes, match, i, &alike[i].attempt);

		if (status != TMAIL_OK)
			return status;
		alike[i].route = i;
	}
	qsort(alike, match->count, sizeof(*alike), compare_alike);
	for (uint32_t i = 0; i < match->count; i++) {
		bool last = i + 1 == match->count || alike[i + 1].attempt != alike[i].attempt;

		attempts->next[alike[i].route] = last ? 0 : alike[i + 1].route;
	}
	return TMAIL_OK;
}

enum tmail_status
attempts_draw(struct attempts *attempts, const struct tmail_routes *routes,
    const struct tmail_match *match, struct tmail_random *random)
{
	size_t n = match->count;
	enum tmail_status status;

	if (attempts->capacity < n) {
		attempts->list = mem_resize(attempts->list, n, sizeof(*attempts->list));
		attempts->next = mem_resize(attempts->next, n, sizeof(*attempts->next));
		attempts->alike = mem_resize(attempts->alike, n, sizeof(*attempts->alike));
		attempts->capacity = n;
	}
	status = tmail_match_plan(routes, match, random, attempts->list, attempts->capacity,
	    &attempts->count);
	attempts->shared = attempts->count < n;
	return status == TMAIL_OK && attempts->shared ? link_alike(attempts, routes, match) : status;
}

bool
attempts_next(const struct attempts *attempts, uint32_t *route)
{
	if (attempts->shared)
		*route = attempts->next[*route];
	return attempts->shared && *route != 0;
}

void
attempts_release(struct attempts *attempts)
{
	free(attempts->list);
	free(attempts->next);
	free(attempts->alike);
	*attempts = (struct attempts){0};
}
