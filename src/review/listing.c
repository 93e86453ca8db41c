#include "review/listing.h"

#include <stdlib.h>

#include "answer/show.h"
#include "runtime/route.h"
#include "runtime/scan.h"
#include "program/say.h"

/* A pattern of a group that a route stands in. */
struct found {
	uint32_t id;
	uint32_t list, member;	/* the route is this one of the group's list */
	uint32_t selector;
	struct slice text;
	bool name;		/* not `*`, `<>` or `any` */
};

/* What a scan over the groups gathers. */
struct gathering {
	struct listing *listing;
	size_t capacity;
	uint64_t members, members_max;
};

static void
add_found(struct gathering *g, struct found found, struct tmail_slice text)
{
	struct listing *listing = g->listing;

	found.text = slice(text.ptr, text.len);
	found.name = scan_is_name(listing->routes, text);
	listing->found = mem_grow(listing->found, listing->found_count, &g->capacity,
	    sizeof(*listing->found));
	listing->found[listing->found_count++] = found;
}

static void
gather_member(struct gathering *g, const struct tmail_match *match, uint32_t n)
{
	struct listing *listing = g->listing;
	struct route_entry entry;
	struct route_list list;
	struct found found;

	if (match_list(listing->routes, match, &list) != TMAIL_OK ||
	    !route_entry(listing->routes, &list, n, &entry)) {
		listing->status = TMAIL_E_DAMAGED;
		return;
	}
	found = (struct found){le32_get(entry.route + ROUTE_ID), match->priv[MATCH_LIST], n,
	    ROW_TO, {NULL, 0}, false};
	add_found(g, found, match->to);
	found.selector = ROW_USER;
	if (scan_user_any(listing->routes, match, n))
		add_found(g, found, (struct tmail_slice){"any", 3});
	else if (match->user.ptr != NULL)
		add_found(g, found, match->user);
	found.selector = ROW_FROM;
	if (match->from.ptr != NULL)
		add_found(g, found, match->from);
}

static void
gather(void *arg, const struct tmail_match *match)
{
	struct gathering *g = arg;
	enum tmail_status *status = &g->listing->status;

	/* Lists share no numbers: more than fit into the file are a forgery. */
	g->members += match->count;
	if (*status == TMAIL_OK && g->members > g->members_max)
		*status = TMAIL_E_DAMAGED;
	for (uint32_t n = 0; n < match->count && *status == TMAIL_OK; n++)
		gather_member(g, match, n);
}

static int
compare_found(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	size_t len = x->text.len < y->text.len ? x->text.len : y->text.len;
	int order;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	if (x->selector != y->selector)
		return x->selector < y->selector ? -1 : 1;
	order = memcmp(x->text.ptr, y->text.ptr, len);
	if (order == 0)
		order = x->text.len < y->text.len ? -1 : x->text.len > y->text.len;
	return order != 0 ? order : x->name - y->name;
}

/* A digit of an ID, and how many values it has. */
enum { DIGIT = 11, DIGITS = 1 << DIGIT };

/* Sorts by one digit of the ID, in the upper half of each key, and keeps the order else. */
static void
sort_by_digit(const uint64_t *from, uint64_t *to, size_t n, unsigned shift)
{
	size_t at[DIGITS + 1] = {0};

	for (size_t i = 0; i < n; i++)
		at[(from[i] >> shift) % DIGITS + 1]++;
	for (size_t digit = 1; digit < DIGITS; digit++)
		at[digit] += at[digit - 1];
	for (size_t i = 0; i < n; i++)
		to[at[(from[i] >> shift) % DIGITS]++] = from[i];
}

/* A copy by ID: a table has names in no order, and comparing them all takes longer. */
static struct found *
sorted_by_id(const struct found *found, size_t n)
{
	uint64_t *keys = mem_alloc(n * sizeof(*keys)), *spare = mem_alloc(n * sizeof(*spare));
	struct found *sorted = mem_alloc(n * sizeof(*sorted));

	for (size_t i = 0; i < n; i++)
		keys[i] = (uint64_t)found[i].id << 32 | i;
	sort_by_digit(keys, spare, n, 32);
	sort_by_digit(spare, keys, n, 32 + DIGIT);
	sort_by_digit(keys, spare, n, 32 + 2 * DIGIT);
	for (size_t i = 0; i < n; i++)
		sorted[i] = found[(uint32_t)spare[i]];
	free(keys);
	free(spare);
	return sorted;
}

static void
sort_found(struct listing *listing)
{
	struct found *sorted = sorted_by_id(listing->found, listing->found_count);

	free(listing->found);
	listing->found = sorted;
	for (size_t i = 0, end; i < listing->found_count; i = end) {
		for (end = i + 1; end < listing->found_count && sorted[end].id == sorted[i].id; end++)
			continue;
		if (end - i > 1)
			qsort(sorted + i, end - i, sizeof(*sorted), compare_found);
	}
}

/* Sorts the patterns that routes were found under, each once, and counts the routes. */
static void
settle_found(struct listing *listing)
{
	struct found *found;
	size_t n = 0;

	if (listing->found_count == 0)
		return;
	sort_found(listing);
	found = listing->found;
	for (size_t i = 0; i < listing->found_count; i++) {
		if (n > 0 && compare_found(&found[n - 1], &found[i]) == 0)
			continue;
		listing->count += n == 0 || found[n - 1].id != found[i].id;
		found[n++] = found[i];
	}
	listing->found_count = n;
}

/* All patterns of the open index. */
static enum tmail_status
gather_all(struct listing *listing)
{
	struct gathering g = {.listing = listing};
	struct tmail_info info;
	enum tmail_status status;

	tmail_routes_info(listing->routes, &info);
	g.members_max = info.size / sizeof(uint32_t);
	status = scan_groups(listing->routes, gather, &g);
	if (status == TMAIL_OK)
		status = listing->status;
	if (status != TMAIL_OK)
		return status;
	settle_found(listing);
	return listing->count == info.routes ? TMAIL_OK : TMAIL_E_DAMAGED;
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

static struct section
section_of(const struct pool *pool, size_t size)
{
	return (struct section){(const unsigned char *)pool->bytes, pool->used,
	    (uint32_t)(pool->used / size)};
}

void
listing_of_conf(struct listing *listing, const struct conf *conf)
{
	const struct model *model = &conf->model;
	struct tmail_routes *routes = mem_zero(1, sizeof(*routes));
	struct numbered *order = mem_zero(model->route_count, sizeof(*order));
	bool sorted = true;

	routes->sections[SECTION_TARGETS] = section_of(&model->targets, TARGET_SIZE);
	routes->sections[SECTION_HOPS] = section_of(&model->hops, HOP_SIZE);
	routes->sections[SECTION_LOCALS] = section_of(&model->locals, LOCAL_SIZE);
	routes->sections[SECTION_STRINGS] = section_of(&model->strings, 1);
	for (uint32_t i = 0; i < model->route_count; i++) {
		order[i] = (struct numbered){model->routes[i].id, i};
		sorted &= i == 0 || order[i - 1].id < order[i].id;
	}
	if (!sorted)
		qsort(order, model->route_count, sizeof(*order), compare_numbered);
	*listing = (struct listing){.routes = routes, .conf = conf, .order = order,
	    .count = model->route_count};
}

enum tmail_status
listing_of_open(struct listing *listing, struct tmail_routes *routes)
{
	*listing = (struct listing){.routes = routes, .borrowed = true};
	return gather_all(listing);
}

int
listing_of_index(struct listing *listing, const struct settings *settings)
{
	enum tmail_status status;

	*listing = (struct listing){0};
	status = tmail_routes_open(settings->index, TMAIL_OPEN_VERIFY, &listing->routes);
	if (status == TMAIL_OK)
		status = gather_all(listing);
	return status == TMAIL_OK ? 0 : cli_index_failed(settings->index, status);
}

void
listing_release(struct listing *listing)
{
	if (!listing->borrowed)
		tmail_routes_close(listing->routes);
	free(listing->order);
	free(listing->found);
}

bool
listing_find(struct listing *listing, uint32_t id)
{
	const struct numbered like = {.id = id}, *found = NULL;

	if (listing->count > 0)
		found = bsearch(&like, listing->order, listing->count, sizeof(like),
		    compare_numbered);
	if (found != NULL)
		listing->at = (size_t)(found - listing->order);
	return found != NULL;
}

uint32_t
listing_number(const struct listing *listing)
{
	return listing->order[listing->at].route;
}

/* A route or relay of the configuration, of which all but its target is known. */
static bool
fill_written(struct listing *listing, uint32_t target, struct row *row)
{
	struct route_entry entry;

	return route_target(listing->routes, target, &entry) &&
	    route_action(listing->routes, entry.hop, &row->match) &&
	    route_fill(listing->routes, &entry, &row->route);
}

/* Patterns and comment as written. */
static bool
next_written(struct listing *listing, struct row *row)
{
	const struct conf *conf = listing->conf;
	uint32_t number = listing->order[listing->at++].route;
	const struct model_route *route = &conf->model.routes[number];
	const struct route_patterns *patterns = &conf->patterns[number];
	const struct source *source = sources_at(&conf->sources, route->pos);

	*row = (struct row){.route = {.id = route->id, .line = route->line - source->line_base,
	    .file = {source->name.ptr, source->name.len}},
	    .keys = patterns->keys, .comment = patterns->comment,
	    .lists = patterns->lists};
	memcpy(row->count, patterns->count, sizeof(row->count));
	memcpy(row->list_count, patterns->list_count, sizeof(row->list_count));
	return fill_written(listing, route->target, row);
}

static bool
next_found(struct listing *listing, struct row *row)
{
	const struct found *found = &listing->found[listing->at], *next = found;

	*row = (struct row){.found = found};
	for (; next < listing->found + listing->found_count && next->id == found->id; next++)
		row->count[next->selector]++;
	listing->at = (size_t)(next - listing->found);
	return route_fill_match(listing->routes, found->list, &row->match) == TMAIL_OK &&
	    tmail_match_route(listing->routes, &row->match, found->member, &row->route) == TMAIL_OK;
}

bool
listing_next(struct listing *listing, struct row *row)
{
	bool written = listing->conf != NULL;

	if (listing->status != TMAIL_OK ||
	    listing->at == (written ? listing->count : listing->found_count))
		return false;
	if (!(written ? next_written : next_found)(listing, row))
		listing->status = TMAIL_E_DAMAGED;
	return listing->status == TMAIL_OK;
}

bool
listing_next_relay(struct listing *listing, struct row *row)
{
	const struct conf *conf = listing->conf;
	const struct conf_relay *relay = &conf->relays[listing->at];
	const struct source *source;

	if (listing->status != TMAIL_OK || listing->at == conf->relay_count)
		return false;
	listing->at++;
	source = sources_at(&conf->sources, relay->pos);
	*row = (struct row){.route = {.line = source_line_at(source, relay->pos).number,
	    .file = {source->name.ptr, source->name.len}},
	    .comment = relay->comment};
	if (!fill_written(listing, relay->target, row))
		listing->status = TMAIL_E_DAMAGED;
	return listing->status == TMAIL_OK;
}

/* False: it is no name. */
static bool
read_key(const struct conf *conf, uint32_t key, struct pattern *pattern)
{
	const struct name *name;
	uint32_t number = key & ~KEY_WILD;

	if (number < KEY_NAME) {
		pattern->text = slice_str(number == KEY_STAR ? "*" :
			number == KEY_NULL ? "<>" : "any");
		return false;
	}
	name = &conf->model.names.list[number - KEY_NAME];
	pattern->text = slice(name->ptr, name->len);
	if ((key & KEY_WILD) == 0)
		return true;
	memcpy(pattern->buffer, "*.", 2);
	memcpy(pattern->buffer + 2, name->ptr, name->len);
	pattern->text = slice(pattern->buffer, name->len + 2);
	return true;
}

void
listing_name(const struct listing *listing, const struct row *row, int selector, uint32_t n,
    struct pattern *pattern)
{
	for (int before = 0; before < selector; before++)
		n += row->count[before];
	if (row->found != NULL) {
		pattern->text = row->found[n].text;
		pattern->name = row->found[n].name;
	} else {
		pattern->name = read_key(listing->conf, row->keys[n], pattern);
	}
}

void
listing_pattern(const struct listing *listing, const struct row *row, int selector, uint32_t n,
    struct pattern *pattern)
{
	listing_name(listing, row, selector, n, pattern);
	pattern->quoted = pattern->name && show_is_special(selector == ROW_USER, pattern->text);
}

struct slice
pattern_shown(const struct pattern *pattern, struct text *scratch)
{
	if (!pattern->quoted)
		return pattern->text;
	scratch->len = 0;
	show_quoted(scratch, pattern->text);
	return slice(scratch->ptr, scratch->len);
}
