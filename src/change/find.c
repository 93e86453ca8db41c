#include "change/find.h"

#include <stdlib.h>

#include "base/number.h"

bool
change_id(const char *text, uint32_t *id)
{
	return number_read(slice_str(text), UINT32_MAX, id) && *id > 0;
}

static int
by_id(const void *a, const void *b)
{
	const struct found *const *x = a, *const *y = b;

	return (*x)->id < (*y)->id ? -1 : (*x)->id > (*y)->id;
}

static int
by_position(const void *a, const void *b)
{
	const struct found *const *x = a, *const *y = b;

	return (*x)->stmt.pos < (*y)->stmt.pos ? -1 : (*x)->stmt.pos > (*y)->stmt.pos;
}

/* The first place in `order` that is not before `like`. */
static size_t
first_of(struct found **order, size_t count, const struct found *like,
    int (*compare)(const void *, const void *))
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&order[middle], &like) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* One walk over the routes finds their places, one over the statements what is there. */
void
change_find(const struct conf *conf, struct found *found, size_t count)
{
	const struct model *model = &conf->model;
	struct found **order = mem_zero(count, sizeof(struct found *)), like;
	struct conf_cursor cursor = {0};

	for (size_t i = 0; i < count; i++) {
		order[i] = &found[i];
		found[i].stmt.pos = UINT32_MAX;
		found[i].source = NULL;
	}
	qsort(order, count, sizeof(*order), by_id);
	for (size_t i = 0; i < model->route_count; i++) {
		like.id = model->routes[i].id;
		for (size_t n = first_of(order, count, &like, by_id);
		     n < count && order[n]->id == like.id; n++)
			order[n]->stmt.pos = model->routes[i].pos;
	}
	qsort(order, count, sizeof(*order), by_position);
	while (conf_next(conf, &cursor, &like.stmt))
		for (size_t n = first_of(order, count, &like, by_position);
		     n < count && order[n]->stmt.pos == like.stmt.pos; n++) {
			order[n]->stmt = like.stmt;
			order[n]->source = cursor.unit->source;
		}
	free(order);
}
