#include "answer/attempts.h"

#include <stdlib.h>

#include "base/hash.h"

static void
add_field(struct text *text, struct tmail_slice field)
{
	uint64_t len = field.ptr == NULL ? UINT64_MAX : field.len;

	text_add(text, (const char *)&len, sizeof(len));
	text_add(text, field.ptr, field.len);
}

/* All that is effective but the weight: routes that agree in it are one attempt. */
static uint64_t
hash_route(struct text *text, const struct tmail_routes *routes, const struct tmail_route *route)
{
	const uint32_t numbers[] = {route->hop, route->port, route->priority, route->tls,
	    route->local, route->local_count};

	text->len = 0;
	text_add(text, (const char *)numbers, sizeof(numbers));
	add_field(text, route->host);
	add_field(text, route->tls_name);
	add_field(text, route->login);
	add_field(text, route->password);
	add_field(text, route->password_file);
	add_field(text, route->helo);
	add_field(text, route->transport);
	for (uint32_t i = 0; i < route->local_count; i++) {
		struct tmail_address address;

		if (tmail_route_local(routes, route, i, &address) == TMAIL_OK)
			add_field(text, address.text);
	}
	return hash64(text->ptr, text->len, 0);
}

static int
compare_alike(const void *a, const void *b)
{
	const struct alike *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static enum tmail_status
find_alike(struct attempts *attempts, const struct tmail_routes *routes,
    const struct tmail_match *match)
{
	attempts->alike_count = 0;
	if (attempts->count == match->count)
		return TMAIL_OK;
	for (uint32_t i = 0; i < match->count; i++) {
		struct tmail_route route;
		enum tmail_status status = tmail_match_route(routes, match, i, &route);

		if (status != TMAIL_OK)
			return status;
		attempts->alike = mem_grow(attempts->alike, i, &attempts->alike_capacity,
		    sizeof(*attempts->alike));
		attempts->alike[i] =
		    (struct alike){hash_route(&attempts->scratch, routes, &route), i};
	}
	attempts->alike_count = match->count;
	qsort(attempts->alike, attempts->alike_count, sizeof(*attempts->alike), compare_alike);
	return TMAIL_OK;
}

enum tmail_status
attempts_draw(struct attempts *attempts, const struct tmail_routes *routes,
    const struct tmail_match *match, struct tmail_random *random)
{
	enum tmail_status status;

	if (attempts->capacity < match->count) {
		attempts->list =
		    mem_resize(attempts->list, match->count, sizeof(*attempts->list));
		attempts->capacity = match->count;
	}
	status = tmail_match_plan(routes, match, random, attempts->list, attempts->capacity,
	    &attempts->count);
	return status == TMAIL_OK ? find_alike(attempts, routes, match) : status;
}

const struct alike *
attempts_routes(struct attempts *attempts, const struct tmail_routes *routes,
    const struct tmail_route *route, size_t i, struct alike *single, size_t *count)
{
	size_t low = 0, high = attempts->alike_count, n = 0;

	*single = (struct alike){0, attempts->list[i].route};
	*count = 1;
	if (high == 0)
		return single;
	single->hash = hash_route(&attempts->scratch, routes, route);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (attempts->alike[middle].hash < single->hash)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + n < attempts->alike_count && attempts->alike[low + n].hash == single->hash)
		n++;
	*count = n;
	return attempts->alike + low;
}

void
attempts_release(struct attempts *attempts)
{
	free(attempts->list);
	free(attempts->alike);
	text_release(&attempts->scratch);
	*attempts = (struct attempts){0};
}
