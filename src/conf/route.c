#include "conf/route.h"

#include <stdlib.h>

#include "base/fold.h"
#include "base/status_code.h"
#include "conf/hop.h"
#include "conf/pattern.h"
#include "conf/route_id.h"
#include "text/edit.h"
#include "text/values.h"

static const char default_reject[] = "5.7.1 delivery to this destination is not permitted";
static const char default_defer[] = "4.3.2 delivery to this destination is suspended";

/* What one route statement says. */
struct route {
	const struct stmt *stmt;
	const struct item *items;	/* of the statement */
	uint32_t id;
	struct action action;
	struct options options;
	uint32_t seen[SELECT_COUNT];	/* item + 1 of each selector; 0: none */
	struct item via;
};

/* Of the options, whose values are many words, only which there are: none. */
static void
route_init(struct route *route, const struct stmt *stmt)
{
	route->stmt = stmt;
	route->items = stmt_items(stmt);
	route->id = 0;
	route->action = (struct action){.action = TMAIL_RELAY};
	route->options.set = 0;
	memset(route->seen, 0, sizeof(route->seen));
}

static struct span
keyword_span(const struct stmt *stmt)
{
	return span(stmt->pos, stmt->pos + (uint32_t)strlen(statement_word(stmt->kind)));
}

/* The mail server puts one there, too. */
static void
warn_reply_code(struct check *check, struct item item, struct slice text)
{
	size_t code = reply_code(text);
	struct diagnostic *d;

	if (code == 0)
		return;
	d = diagnose(&check->conf->diagnostics, item_span(item), SLUG_REPLY_CODE,
	    "a reply code stands before the text: the mail server adds its own");
	text = slice(text.ptr + code, text.len - code);
	if (text.len > 0)
		diagnostic_help(&check->conf->diagnostics, d, "did you mean \"%.*s\"?",
		    SLICE_ARG(text));
}

static bool
read_text(struct check *check, struct item item, struct action *action)
{
	char class = action->action == TMAIL_REJECT ? '5' : '4';
	const char *whole = action->action == TMAIL_REJECT ? default_reject : default_defer;
	struct slice text;
	int found;

	if (!value_text(check->conf, check->source, item, &text))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] < 0x20 || text.ptr[i] > 0x7e) {
			diagnose(&check->conf->diagnostics, item_span(item), SLUG_BAD_TEXT,
			    "a reply text is printable ASCII");
			return false;
		}
	if (text.len == 0)
		return true;
	warn_reply_code(check, item, text);
	found = status_code(text) != 0 ? text.ptr[0] : 0;
	if (found != 0 && found != class) {
		diagnose(&check->conf->diagnostics, item_span(item), SLUG_BAD_TEXT,
		    "the status code of this reply begins with '%c.'", class);
		return false;
	}
	action->text = found != 0 ? text
				  : arena_printf(&check->conf->arena, "%.6s%.*s", whole,
					(int)text.len, text.ptr);
	return true;
}

static bool
read_selector(struct check *check, struct route *route, enum selector selector, uint32_t i)
{
	static const char *const words[SELECT_COUNT] = {"to", "user", "from"};
	const struct item *items = route->items;
	struct diagnostic *d;

	if (route->seen[selector] != 0 && (item_flags(items[i]) & ITEM_MORE) == 0) {
		d = diagnose(&check->conf->diagnostics, value_keyword(check->source, items[i].pos),
		    SLUG_REPEATED_SELECTOR, "selector '%s' stands twice", words[selector]);
		diagnostic_note(&check->conf->diagnostics, d,
		    value_keyword(check->source, items[route->seen[selector] - 1].pos),
		    "first given here");
		return false;
	}
	if (route->seen[selector] == 0)
		route->seen[selector] = i + 1;
	return pattern_add(check, selector, items[i]);
}

static bool
read_item(struct check *check, struct route *route, uint32_t i)
{
	struct item item = route->items[i];
	unsigned role = item_role(item);

	switch (role) {
	case ITEM_ID:
		return id_number(check->source, item, &route->id);
	case ITEM_TO:
	case ITEM_USER:
	case ITEM_FROM:
		return read_selector(check, route, (enum selector)(role - ITEM_TO), i);
	case ITEM_VIA:
		route->via = item;
		route->action.at = item_span(item);
		return true;
	case ITEM_REJECT:
	case ITEM_DEFER:
		route->action.action = role == ITEM_REJECT ? TMAIL_REJECT : TMAIL_DEFER;
		route->action.at = item_span(item);
		route->action.text =
		    slice_str(role == ITEM_REJECT ? default_reject : default_defer);
		return true;
	case ITEM_DISCARD:
		route->action.action = TMAIL_DISCARD;
		route->action.at = item_span(item);
		return true;
	case ITEM_TEXT:
		return read_text(check, item, &route->action);
	default:
		return option_read(check->conf, check->source, item, STATEMENT_ROUTE,
		    &route->options);
	}
}

static bool
read_route(struct check *check, struct route *route)
{
	for (int i = 0; i < SELECT_COUNT; i++)
		check->keys[i].count = 0;
	for (uint32_t i = 0; i < route->stmt->count; i++)
		if (!read_item(check, route, i))
			return false;
	return true;
}

/* Where a route leads: each word behind `via` is read once. */
static bool
read_via(struct check *check, struct route *route)
{
	struct via *via = &check->vias[item_via(route->via)];

	if (!via->read &&
	    !value_host(check->conf, check->source, route->via, HOST_OF_VIA, &via->host))
		return false;
	via->read = true;
	via->host.at = item_span(route->via);
	route->action.host = &via->host;
	return true;
}

static bool
find_hop(struct check *check, struct route *route, uint32_t *hop)
{
	if (route->action.action == TMAIL_RELAY && !read_via(check, route))
		return false;
	return effective_hop(check, route->stmt, &route->action, &route->options, hop);
}

/* A relay without options of the route is judged once. */
static bool
find_target(struct check *check, struct route *route, uint32_t *target)
{
	struct via *via;
	uint32_t hop;

	if ((route->options.set & ~ORDER_OPTIONS) != 0 || route->action.action != TMAIL_RELAY) {
		if (!find_hop(check, route, &hop))
			return false;
		*target = effective_target(check->model, hop, route->action.host, &route->options);
		return true;
	}
	via = &check->vias[item_via(route->via)];
	if (via->hop == NO_HOP && !find_hop(check, route, &via->hop))
		return false;
	if (route->options.set != 0)
		*target = effective_target(check->model, via->hop, &via->host, &route->options);
	else if (via->target == NO_TARGET)
		*target = via->target =
		    effective_target(check->model, via->hop, &via->host, &route->options);
	else
		*target = via->target;
	return true;
}

bool
via_target(struct check *check, struct item via)
{
	struct stmt stmt = {.count = 0};
	struct route route;
	uint32_t target;

	route_init(&route, &stmt);
	route.via = via;
	route.action.at = item_span(via);
	return find_target(check, &route, &target);
}

/* Long selectors come from lists, where a pattern seldom stands twice. */
static bool
keys_new(const uint32_t *keys, size_t count, uint32_t key)
{
	enum { LOOK_BACK = 256 };

	for (size_t i = count > LOOK_BACK ? count - LOOK_BACK : 0; i < count; i++)
		if (keys[i] == key)
			return false;
	return true;
}

/* A sender rule without a word about the user asks for a login: see join_groups. */
static bool
implies_login(const struct keys *written)
{
	const struct keys *from = &written[SELECT_FROM];
	size_t i = 0;

	while (i < from->count && from->list[i] < KEY_NAME)
		i++;
	return written[SELECT_USER].count == 0 && i < from->count;
}

/* The keys in the order written, each once, and the `*` that are not written. */
static void
keep_keys(struct check *check, struct route_patterns *patterns)
{
	const struct keys *written = check->keys;
	size_t total = implies_login(written), n = 0;
	uint32_t *keys;

	for (int i = 0; i < SELECT_COUNT; i++)
		total += written[i].count;
	keys = arena_alloc(&check->conf->arena, total * sizeof(*keys));
	for (int i = 0; i < SELECT_COUNT; i++) {
		size_t first = n;

		for (size_t k = 0; k < written[i].count; k++)
			if (keys_new(keys + first, n - first, written[i].list[k]))
				keys[n++] = written[i].list[k];
		if (i == SELECT_USER && implies_login(written))
			keys[n++] = KEY_STAR;
		patterns->count[i] = (uint32_t)(n - first);
	}
	patterns->keys = keys;
}

/* The name of the list that an item is; absent: it is none. */
static struct slice
list_name(const struct check *check, struct item item)
{
	const char *text = source_text(check->source, item.pos);

	if ((item_flags(item) & ITEM_QUOTED) != 0 || item_length(item) < 2 || *text != '$')
		return slice(NULL, 0);
	return slice(text + 1, item_length(item) - 1);
}

static void
keep_lists(struct check *check, const struct stmt *stmt, struct route_patterns *patterns)
{
	struct slice *lists = arena_alloc(&check->conf->arena, stmt->count * sizeof(*lists));
	size_t n = 0;

	for (unsigned role = ITEM_TO; role <= ITEM_FROM; role++)
		for (uint32_t i = 0; i < stmt->count; i++) {
			struct item item = stmt_items(stmt)[i];
			struct slice name = list_name(check, item);

			if (item_role(item) != role || name.ptr == NULL)
				continue;
			lists[n++] = name;
			patterns->list_count[role - ITEM_TO]++;
		}
	patterns->lists = lists;
}

/* For listings: what of a route is not in the model. */
static void
keep_patterns(struct check *check, const struct route *route)
{
	struct conf *conf = check->conf;
	struct route_patterns *patterns;

	if (conf->patterns == NULL)
		conf->patterns = mem_zero(conf->routes, sizeof(*conf->patterns));
	patterns = &conf->patterns[check->next_route];
	*patterns = (struct route_patterns){
	    .comment = edit_comment_text(check->source, route->stmt)};
	keep_keys(check, patterns);
	keep_lists(check, route->stmt, patterns);
}

/* Each pattern once, so that a route stands in a group once. */
static void
keys_settle(struct keys *keys)
{
	size_t n = 0;

	if (keys->count == 0)
		keys_add(keys, KEY_NONE);
	if (keys->count == 1)
		return;
	qsort(keys->list, keys->count, sizeof(*keys->list), by_key);
	for (size_t i = 0; i < keys->count; i++)
		if (i == 0 || keys->list[i] != keys->list[n - 1])
			keys->list[n++] = keys->list[i];
	keys->count = n;
}

/*
 * Whether all routes up to this one are few enough together; reports the first
 * that is too many.
 */
static bool
few_together(struct check *check, const struct route *route, uint64_t product)
{
	bool few = check->combinations <= COMBINATIONS_TOTAL;

	check->combinations += product;
	if (few && check->combinations > COMBINATIONS_TOTAL)
		diagnose(&check->conf->diagnostics, keyword_span(route->stmt),
		    SLUG_TOO_MANY_COMBINATIONS,
		    "%ju combinations of patterns up to this route; %d is the most",
		    (uintmax_t)check->combinations, COMBINATIONS_TOTAL);
	return check->combinations <= COMBINATIONS_TOTAL;
}

/* As written: a pattern given twice takes time twice. */
static bool
few_combinations(struct check *check, const struct route *route)
{
	const struct keys *keys = check->keys;
	uint64_t product = 1;

	if ((keys[SELECT_TO].count | keys[SELECT_USER].count | keys[SELECT_FROM].count) <= 1)
		return true;
	for (int i = 0; i < SELECT_COUNT; i++)
		product *= keys[i].count > 0 ? keys[i].count : 1;
	if (product <= COMBINATIONS_MAX)
		return few_together(check, route, product);
	diagnose(&check->conf->diagnostics, keyword_span(route->stmt), SLUG_TOO_MANY_COMBINATIONS,
	    "%ju combinations of patterns; %d is the most", (uintmax_t)product, COMBINATIONS_MAX);
	return false;
}

/*
 * The route into its groups.  A sender can be forged: without a word about
 * the user, a sender pattern asks for an authenticated session - but not the
 * null sender, since a bounce has nobody to authenticate.
 */
static void
join_groups(struct check *check, const struct route *route, uint32_t number)
{
	const struct keys *to = &check->keys[SELECT_TO], *from = &check->keys[SELECT_FROM];
	const struct keys *user = &check->keys[SELECT_USER];

	for (size_t f = 0; f < from->count; f++)
		for (size_t u = 0; u < user->count; u++)
			for (size_t t = 0; t < to->count; t++) {
				uint32_t key = user->list[u];

				if (route->seen[SELECT_USER] == 0 && from->list[f] >= KEY_NAME)
					key = KEY_STAR;
				model_member(check->model, number, key, to->list[t],
				    from->list[f]);
			}
}

/* For listings: a group without a user is that of `user any`, too. */
static uint32_t
user_flag(struct check *check, const struct route *route)
{
	return route->seen[SELECT_USER] != 0 && check->keys[SELECT_USER].list[0] == KEY_NONE
	    ? ROUTE_USER_ANY : 0;
}

static void
add_route(struct check *check, const struct stmt *stmt, bool written)
{
	struct route route;
	uint32_t target;

	route_init(&route, stmt);
	if (!written)
		route.id = check->next_id++;
	if (!read_route(check, &route) || !find_target(check, &route, &target) ||
	    !few_combinations(check, &route))
		return;
	if (check->keys[SELECT_TO].count == 0)
		keys_add(&check->keys[SELECT_TO], KEY_STAR);
	if (check->conf->keep_patterns)
		keep_patterns(check, &route);
	for (int i = 0; i < SELECT_COUNT; i++)
		keys_settle(&check->keys[i]);
	check->model->routes[check->next_route] =
	    (struct model_route){.id = route.id,
		.line = check->source->line_base + stmt->line,
		.target = target | user_flag(check, &route),
		.pos = stmt->pos};
	if (options_has(&route.options, OPTION_WEIGHT)) {
		check->weighed = mem_grow(check->weighed, check->weighed_count,
		    &check->weighed_capacity, sizeof(*check->weighed));
		check->weighed[check->weighed_count++] =
		    (struct weighed){check->next_route, route.options.at[OPTION_WEIGHT]};
	}
	join_groups(check, &route, check->next_route);
}

void
check_route(struct check *check, const struct stmt *stmt)
{
	bool written = stmt->count > 0 && item_role(stmt_items(stmt)[0]) == ITEM_ID;

	if (stmt->broken || ids_refused(check, stmt->pos))
		check->next_id += !written;
	else
		add_route(check, stmt, written);
	check->next_route++;
}
