#include "change/find.h"

#include <stdlib.h>

#include "base/number.h"
#include "conf/value.h"
#include "program/say.h"
#include "text/values.h"

bool
find_word(const char *word, struct found *found)
{
	*found = (struct found){.relay = word[0] == '@' ? word + 1 : NULL};
	if (found->relay != NULL)
		return found->relay[0] != '\0';
	return number_read(slice_str(word), UINT32_MAX, &found->id) && found->id > 0;
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
static void
find_routes(const struct conf *conf, struct found *found, size_t count)
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

/* The place among the found, from `from` on, of the relay of that name; else count. */
static size_t
named(const struct found *found, size_t count, size_t from, struct slice name)
{
	while (from < count &&
	    (found[from].relay == NULL || !slice_is(name, found[from].relay)))
		from++;
	return from;
}

static void
find_relays(struct conf *conf, struct found *found, size_t count)
{
	struct conf_cursor cursor = {0};
	struct slice name;
	struct stmt stmt;

	while (conf_next(conf, &cursor, &stmt)) {
		if (stmt.kind != STATEMENT_RELAY ||
		    !value_text(conf, cursor.unit->source, stmt_items(&stmt)[0], &name))
			continue;
		for (size_t i = named(found, count, 0, name); i < count;
		     i = named(found, count, i + 1, name)) {
			found[i].stmt = stmt;
			found[i].source = cursor.unit->source;
		}
	}
}

void
find_statements(struct conf *conf, struct found *found, size_t count)
{
	bool relays = false;

	for (size_t i = 0; i < count; i++)
		relays |= found[i].relay != NULL;
	find_routes(conf, found, count);
	if (relays)
		find_relays(conf, found, count);
}

int
find_all(struct conf *conf, struct found *found, size_t count)
{
	find_statements(conf, found, count);
	for (size_t i = 0; i < count; i++) {
		if (found[i].source != NULL)
			continue;
		if (found[i].relay != NULL)
			cli_say("there is no relay '%s'", found[i].relay);
		else
			cli_say("there is no route %u", found[i].id);
		return EXIT_NO;
	}
	return 0;
}

struct slice
find_relay_of(struct conf *conf, const struct source *source, const struct stmt *stmt)
{
	struct hop_word word;
	struct slice text;

	for (uint32_t i = 0; i < stmt->count; i++) {
		struct item item = stmt_items(stmt)[i];

		if (item_role(item) != ITEM_VIA || (item_flags(item) & ITEM_QUOTED) != 0 ||
		    !value_text(conf, source, item, &text))
			continue;
		word = hop_word(text, true);
		if (word.kind == HOP_WORD_RELAY)
			return word.host;
	}
	return slice(NULL, 0);
}

/* Whether the statement at pos is one of the found. */
static bool
is_found(const struct found *found, size_t count, uint32_t pos)
{
	for (size_t i = 0; i < count; i++)
		if (found[i].stmt.pos == pos)
			return true;
	return false;
}

int
find_uses(struct conf *conf, const struct found *found, size_t count)
{
	enum { SHOWN = 10 };
	struct conf_cursor cursor = {0};
	size_t route = 0, uses = 0;
	struct stmt stmt;

	while (conf_next(conf, &cursor, &stmt)) {
		const struct source *source = cursor.unit->source;
		struct slice relay;

		if (stmt.kind != STATEMENT_ROUTE)
			continue;
		route++;
		relay = find_relay_of(conf, source, &stmt);
		if (relay.ptr == NULL || named(found, count, 0, relay) == count ||
		    is_found(found, count, stmt.pos) || ++uses > SHOWN)
			continue;
		cli_say("relay '%.*s' is in use: route %u (%s:%u)", SLICE_ARG(relay),
		    conf->model.routes[route - 1].id, source->path.ptr, stmt.line);
	}
	if (uses > SHOWN)
		cli_say("and %zu more", uses - SHOWN);
	return uses == 0 ? 0 : EXIT_NO;
}
