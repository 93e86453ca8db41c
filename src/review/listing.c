#include "review/listing.h"

#include <stdlib.h>

#include "runtime/scan.h"
#include "program/say.h"

/* A pattern of a group that a row stands in. */
struct found {
	uint32_t row;
	uint32_t selector;
	struct slice text;
};

/* What a scan over the groups gathers. */
struct gathering {
	struct listing *listing;
	bool patterns;		/* gather them too */
	size_t capacity;
	struct pool ids;	/* entry n is row n */
	struct found *found;
	size_t found_count, found_capacity;
	uint64_t members, members_max;
	enum tmail_status status;
};

static void
add_found(struct gathering *g, uint32_t row, uint32_t selector, struct slice text)
{
	g->found = mem_grow(g->found, g->found_count, &g->found_capacity, sizeof(*g->found));
	g->found[g->found_count++] = (struct found){row, selector, text};
}

static void
add_patterns(struct gathering *g, uint32_t row, const struct tmail_match *match, uint32_t n)
{
	uint32_t flags = scan_user_flags(g->listing->routes, match, n);

	add_found(g, row, ROW_TO, slice(match->to.ptr, match->to.len));
	if ((flags & ROUTE_USER_ANY) != 0)
		add_found(g, row, ROW_USER, slice_str("any"));
	else if ((flags & ROUTE_USER_IMPLIED) == 0 && match->user.ptr != NULL)
		add_found(g, row, ROW_USER, slice(match->user.ptr, match->user.len));
	if (match->from.ptr != NULL)
		add_found(g, row, ROW_FROM, slice(match->from.ptr, match->from.len));
}

static void
gather_member(struct gathering *g, const struct tmail_match *match, uint32_t n)
{
	struct listing *listing = g->listing;
	struct tmail_route route;
	uint32_t number;

	g->status = tmail_match_route(listing->routes, match, n, &route);
	if (g->status != TMAIL_OK)
		return;
	number = pool_intern(&g->ids, slice((const char *)&route.id, sizeof(route.id)));
	if (number == listing->count) {
		listing->rows =
		    mem_grow(listing->rows, number, &g->capacity, sizeof(*listing->rows));
		listing->rows[listing->count++] =
		    (struct row){.id = route.id, .member = n, .match = *match};
	}
	if (g->patterns)
		add_patterns(g, number, match, n);
}

static void
gather(void *arg, const struct tmail_match *match)
{
	struct gathering *g = arg;

	/* Lists share no numbers: more than fit into the file are a forgery. */
	g->members += match->count;
	if (g->status == TMAIL_OK && g->members > g->members_max)
		g->status = TMAIL_E_DAMAGED;
	for (uint32_t n = 0; n < match->count && g->status == TMAIL_OK; n++)
		gather_member(g, match, n);
}

static int
compare_found(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	size_t len = x->text.len < y->text.len ? x->text.len : y->text.len;
	int order;

	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	if (x->selector != y->selector)
		return x->selector < y->selector ? -1 : 1;
	order = memcmp(x->text.ptr, y->text.ptr, len);
	return order != 0 ? order : x->text.len < y->text.len ? -1 : x->text.len > y->text.len;
}

/* The patterns that rows were found under, each once, to the rows. */
static void
settle_patterns(struct gathering *g)
{
	struct listing *listing = g->listing;
	size_t n = 0;

	if (g->found_count == 0)
		return;
	qsort(g->found, g->found_count, sizeof(*g->found), compare_found);
	listing->texts = mem_zero(g->found_count, sizeof(*listing->texts));
	for (size_t i = 0; i < g->found_count; i++) {
		struct row *row = &listing->rows[g->found[i].row];

		if (i > 0 && compare_found(&g->found[i - 1], &g->found[i]) == 0)
			continue;
		if (row->texts == NULL)
			row->texts = &listing->texts[n];
		row->count[g->found[i].selector]++;
		listing->texts[n++] = g->found[i].text;
	}
}

static int
compare_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/* All rows, from the open index. */
static enum tmail_status
gather_rows(struct listing *listing, bool patterns)
{
	struct gathering g = {.listing = listing, .patterns = patterns};
	struct tmail_info info;
	enum tmail_status status;

	tmail_routes_info(listing->routes, &info);
	g.members_max = info.size / sizeof(uint32_t);
	status = scan_groups(listing->routes, gather, &g);
	if (status == TMAIL_OK)
		status = g.status;
	if (status == TMAIL_OK && listing->count != info.routes)
		status = TMAIL_E_DAMAGED;
	if (status == TMAIL_OK) {
		settle_patterns(&g);
		if (listing->count > 0)
			qsort(listing->rows, listing->count, sizeof(*listing->rows), compare_rows);
	}
	pool_release(&g.ids);
	free(g.found);
	return status;
}

struct numbered {
	uint32_t id;
	uint32_t route;
};

static int
compare_numbered(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/* The patterns and comments as written; the rows are the model's routes by ID. */
static void
add_written(struct listing *listing, const struct conf *conf)
{
	struct numbered *order = mem_zero(listing->count, sizeof(*order));

	for (uint32_t i = 0; i < listing->count; i++)
		order[i] = (struct numbered){conf->model.routes[i].id, i};
	qsort(order, listing->count, sizeof(*order), compare_numbered);
	for (size_t i = 0; i < listing->count; i++) {
		const struct route_patterns *patterns = &conf->patterns[order[i].route];
		struct row *row = &listing->rows[i];

		row->keys = patterns->keys;
		row->comment = patterns->comment;
		memcpy(row->count, patterns->count, sizeof(row->count));
	}
	free(order);
}

int
listing_of_conf(struct listing *listing, struct conf *conf, const struct settings *settings)
{
	enum tmail_status status;

	*listing = (struct listing){.conf = conf};
	if (!image_build(conf, &listing->image)) {
		cli_say("%s: too large for an index", settings->conf);
		return EX_DATAERR;
	}
	image_seal(&listing->image);
	status = index_attach(listing->image.bytes, listing->image.size, &listing->routes);
	if (status == TMAIL_OK)
		status = gather_rows(listing, false);
	if (status == TMAIL_E_MEMORY)
		mem_exhausted();
	if (status != TMAIL_OK) {
		cli_say("%s: %s", settings->conf, tmail_status_text(status));
		return EX_SOFTWARE;
	}
	add_written(listing, conf);
	return 0;
}

int
listing_of_index(struct listing *listing, const struct settings *settings)
{
	enum tmail_status status;

	*listing = (struct listing){0};
	status = tmail_routes_open(settings->index, TMAIL_OPEN_VERIFY, &listing->routes);
	if (status == TMAIL_OK)
		status = gather_rows(listing, true);
	return status == TMAIL_OK ? 0 : cli_index_failed(settings->index, status);
}

void
listing_release(struct listing *listing)
{
	tmail_routes_close(listing->routes);
	if (listing->image.bytes != NULL)
		image_release(&listing->image);
	free(listing->rows);
	free(listing->texts);
}

enum tmail_status
listing_route(const struct listing *listing, const struct row *row, struct tmail_route *route)
{
	return tmail_match_route(listing->routes, &row->match, row->member, route);
}

static struct slice
key_text(const struct conf *conf, uint32_t key, struct pattern_buffer *buffer)
{
	const struct name *name;
	uint32_t number = key & ~KEY_WILD;

	if (number < KEY_NAME)
		return slice_str(number == KEY_STAR ? "*" : number == KEY_NULL ? "<>" : "any");
	name = &conf->model.names.list[number - KEY_NAME];
	if ((key & KEY_WILD) == 0)
		return slice(name->ptr, name->len);
	memcpy(buffer->text, "*.", 2);
	memcpy(buffer->text + 2, name->ptr, name->len);
	return slice(buffer->text, name->len + 2);
}

struct slice
listing_pattern(const struct listing *listing, const struct row *row, int selector, uint32_t n,
    struct pattern_buffer *buffer)
{
	/* A missing `to` is `to *`. */
	if (selector == ROW_TO && row->count[ROW_TO] == 0)
		return slice_str("*");
	for (int before = 0; before < selector; before++)
		n += row->count[before];
	if (row->keys == NULL)
		return row->texts[n];
	return key_text(listing->conf, row->keys[n], buffer);
}
