#include "compiler/check.h"

#include <stdlib.h>

#include "base/hash.h"

enum { COMBINATIONS_MAX = 1000000 };

static const char default_reject[] = "5.7.1 delivery to this destination is not permitted";
static const char default_defer[] = "4.3.2 delivery to this destination is suspended";

/* What one route statement says. */
struct route {
	const struct stmt *stmt;
	uint32_t id;
	struct action action;
	struct options options;
	uint32_t seen[SELECT_COUNT];	/* item + 1 of each selector; 0: none */
	bool has_options;
	struct item via;
};

static struct span
keyword_span(const struct stmt *stmt)
{
	return span(stmt->pos, stmt->pos + (uint32_t)strlen(statement_word(stmt->kind)));
}

/* "5.7.1" at the start of a text: its class, or 0. */
static int
status_class(struct slice text)
{
	size_t i = 0, dots = 0;

	while (i < text.len && ((text.ptr[i] >= '0' && text.ptr[i] <= '9') || text.ptr[i] == '.'))
		dots += text.ptr[i++] == '.';
	if (dots != 2 || (i < text.len && text.ptr[i] != ' ') || text.ptr[1] != '.' ||
	    text.ptr[i - 1] == '.' || text.ptr[2] == '.' || text.ptr[0] == '.')
		return 0;
	return text.ptr[0];
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
			diagnose(&check->conf->diagnostics, SEVERITY_ERROR, item_span(item),
			    "bad-text", "a reply text is printable ASCII");
			return false;
		}
	if (text.len == 0)
		return true;
	found = status_class(text);
	if (found != 0 && found != class) {
		diagnose(&check->conf->diagnostics, SEVERITY_ERROR, item_span(item), "bad-text",
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
	const struct item *items = route->stmt->items;
	struct diagnostic *d;

	if (route->seen[selector] != 0 && (item_flags(items[i - 1]) & ITEM_PART) == 0) {
		d = diagnose(&check->conf->diagnostics, SEVERITY_ERROR,
		    value_keyword(check->source, items[i]), "repeated-selector",
		    "selector '%s' stands twice", words[selector]);
		diagnostic_note(&check->conf->diagnostics, d,
		    value_keyword(check->source, items[route->seen[selector] - 1]),
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
	struct item item = route->stmt->items[i];
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
	case ITEM_TEXT:
		return read_text(check, item, &route->action);
	default:
		route->has_options = true;
		return value_option(check->conf, check->source, item, STATEMENT_ROUTE,
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

static bool
find_target(struct check *check, struct route *route, uint32_t *target)
{
	if (route->action.action == TMAIL_RELAY &&
	    !value_host(check->conf, check->source, route->via, true, &route->action.host))
		return false;
	return effective_target(check, route->stmt, &route->action, &route->options, target);
}

/* Most routes differ in their patterns only: one relay is judged once. */
static bool
find_target_once(struct check *check, struct route *route, uint32_t *target)
{
	struct slice via;
	size_t known = check->vias.count;
	uint32_t number;

	if (route->has_options || route->action.action != TMAIL_RELAY)
		return find_target(check, route, target);
	via = slice(source_text(check->source, route->via.pos), item_length(route->via));
	number = names_find(&check->vias, via);
	if (number != NO_NAME) {
		*target = check->via_targets[number];
		return true;
	}
	if (!find_target(check, route, target))
		return false;
	names_intern(&check->vias, via, 1);
	check->via_targets = mem_grow(check->via_targets, known, &check->via_capacity,
	    sizeof(*check->via_targets));
	check->via_targets[known] = *target;
	return true;
}

/* The comment behind a statement, without "#" and blanks. */
static struct slice
comment_behind(const struct source *source, const struct stmt *stmt)
{
	const char *p = source_text(source, stmt_end(stmt)), *end = source->text + source->size;
	const char *stop;

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if (p == end || *p != '#')
		return slice(NULL, 0);
	stop = memchr(p, '\n', (size_t)(end - p));
	stop = stop == NULL ? end : stop;
	for (p++; p < stop && (*p == ' ' || *p == '\t'); p++)
		;
	while (stop > p && (stop[-1] == ' ' || stop[-1] == '\t' || stop[-1] == '\r'))
		stop--;
	return slice(p, (size_t)(stop - p));
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

/* For listings: the patterns in the order written, each once. */
static void
keep_patterns(struct check *check, const struct stmt *stmt, const struct keys *written)
{
	struct conf *conf = check->conf;
	struct route_patterns *patterns;
	size_t total = 0, n = 0;
	uint32_t *keys;

	for (int i = 0; i < SELECT_COUNT; i++)
		total += written[i].count;
	keys = arena_alloc(&conf->arena, total * sizeof(*keys));
	conf->patterns = mem_grow(conf->patterns, check->model->route_count,
	    &conf->pattern_capacity, sizeof(*conf->patterns));
	patterns = &conf->patterns[check->model->route_count];
	*patterns = (struct route_patterns){
	    .keys = keys, .comment = comment_behind(check->source, stmt)};
	for (int i = 0; i < SELECT_COUNT; i++) {
		size_t first = n;

		for (size_t k = 0; k < written[i].count; k++)
			if (keys_new(keys + first, n - first, written[i].list[k]))
				keys[n++] = written[i].list[k];
		patterns->count[i] = (uint32_t)(n - first);
	}
}

static int
by_key(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Each pattern once, so that a route stands in a group once. */
static void
keys_settle(struct keys *keys, uint32_t missing)
{
	size_t n = 0;

	if (keys->count == 0)
		keys_add(keys, missing);
	if (keys->count == 1)
		return;
	qsort(keys->list, keys->count, sizeof(*keys->list), by_key);
	for (size_t i = 0; i < keys->count; i++)
		if (i == 0 || keys->list[i] != keys->list[n - 1])
			keys->list[n++] = keys->list[i];
	keys->count = n;
}

static bool
few_combinations(struct check *check, const struct route *route)
{
	uint64_t product = 1;

	for (int i = 0; i < SELECT_COUNT; i++)
		product *= check->keys[i].count;
	if (product <= COMBINATIONS_MAX)
		return true;
	diagnose(&check->conf->diagnostics, SEVERITY_ERROR, keyword_span(route->stmt),
	    "too-many-combinations", "%ju combinations of patterns; %d is the most",
	    (uintmax_t)product, COMBINATIONS_MAX);
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

/* How listings show the user: `any` written, or `*` not written. */
static uint32_t
user_flags(struct check *check, const struct route *route)
{
	if (route->seen[SELECT_USER] == 0)
		return MEMBER_USER_IMPLIED;
	return check->keys[SELECT_USER].list[0] == KEY_NONE ? MEMBER_USER_ANY : 0;
}

static void
note_weight(struct check *check, const struct route *route, uint32_t number)
{
	if (!options_has(&route->options, OPTION_WEIGHT))
		return;
	check->weighed = mem_grow(check->weighed, check->weighed_count,
	    &check->weighed_capacity, sizeof(*check->weighed));
	check->weighed[check->weighed_count++] =
	    (struct weighed){number, route->options.at[OPTION_WEIGHT]};
}

/* A route with another's ID has had its one error. */
static bool
is_refused(const struct check *check, uint32_t pos)
{
	return check->refused.count > 0 &&
	    bsearch(&pos, check->refused.list, check->refused.count, sizeof(pos), by_key) != NULL;
}

static void
check_route(struct check *check, const struct stmt *stmt)
{
	struct route route = {.stmt = stmt};
	uint32_t target, number;
	bool written = stmt->count > 0 && item_role(stmt->items[0]) == ITEM_ID;

	if (!written)
		route.id = check->next_id++;
	if (stmt->broken || is_refused(check, stmt->pos) || !read_route(check, &route) ||
	    !find_target_once(check, &route, &target))
		return;
	if (check->conf->keep_patterns)
		keep_patterns(check, stmt, check->keys);
	for (int i = 0; i < SELECT_COUNT; i++)
		keys_settle(&check->keys[i], i == SELECT_TO ? KEY_STAR : KEY_NONE);
	if (!few_combinations(check, &route))
		return;
	number = model_route(check->model, (struct model_route){
	    .id = route.id,
	    .line = check->source->line_base + stmt->line,
	    .target = target | user_flags(check, &route),
	    .pos = stmt->pos});
	note_weight(check, &route, number);
	join_groups(check, &route, number);
}

static void
define(struct check *check, const struct stmt *stmt)
{
	if (stmt->kind == STATEMENT_RELAY)
		check_relay(check, stmt);
	else if (stmt->kind == STATEMENT_LIST)
		check_list(check, stmt);
	else if (stmt->kind == STATEMENT_DEFAULT)
		check_default(check, stmt);
}

static void
define_all(struct check *check)
{
	struct conf_cursor cursor = {0};
	struct stmt stmt;

	while (conf_next(check->conf, &cursor, &stmt)) {
		if (stmt.kind == STATEMENT_ROUTE)
			continue;
		check->source = cursor.unit->source;
		define(check, &stmt);
	}
}

/* Fetches what a route further on will need: its names are all over the table. */
static void
fetch_names(struct check *check, const struct unit *unit, const struct stmt *stmt)
{
	for (uint32_t i = 0; i < stmt->count; i++) {
		struct item item = stmt->items[i];

		if (item_role(item) > ITEM_FROM)
			break;
		if ((item_flags(item) & ITEM_PLAIN) != 0)
			names_fetch(&check->model->names,
			    slice(source_text(unit->source, item.pos), item_length(item)));
	}
}

static void
check_routes(struct check *check)
{
	enum { AHEAD = 16 };
	struct conf_cursor cursor = {0}, ahead = {0};
	struct stmt stmt;

	for (int i = 0; i < AHEAD; i++)
		conf_next(check->conf, &ahead, &stmt);
	while (conf_next(check->conf, &cursor, &stmt)) {
		struct stmt later;

		if (conf_next(check->conf, &ahead, &later))
			fetch_names(check, ahead.unit, &later);
		if (stmt.kind != STATEMENT_ROUTE)
			continue;
		check->source = cursor.unit->source;
		check_route(check, &stmt);
	}
}

static void
warn_unused(struct check *check)
{
	struct diagnostics *diagnostics = &check->conf->diagnostics;

	for (size_t i = 0; i < check->relay_names.count; i++)
		if (!check->relays[i].used)
			diagnose(diagnostics, SEVERITY_WARNING, check->relays[i].at,
			    "unused-relay", "relay '%s' is never used",
			    check->relay_names.list[i].ptr);
	for (size_t i = 0; i < check->list_names.count; i++)
		if (!check->lists[i].used)
			diagnose(diagnostics, SEVERITY_WARNING, check->lists[i].at, "unused-list",
			    "list '%s' is never used", check->list_names.list[i].ptr);
}

/* The first password written in a file; an empty span: none. */
static struct span
first_password(const struct unit *unit)
{
	struct stmt stmt;
	size_t at = 0;

	while (stmts_next(&unit->stmts, &at, &stmt))
		for (uint32_t i = 0; i < stmt.count; i++)
			if (item_role(stmt.items[i]) == ITEM_OPTION + OPTION_PASSWORD)
				return item_span(stmt.items[i]);
	return span(0, 0);
}

static void
warn_readable(struct check *check)
{
	const struct conf *conf = check->conf;

	for (size_t i = 0; i < conf->unit_count; i++) {
		const struct source *source = conf->units[i]->source;
		struct span at;

		if (source == NULL || !source->file || (source->status.st_mode & S_IROTH) == 0)
			continue;
		at = first_password(conf->units[i]);
		if (at.end > at.begin)
			diagnose(&check->conf->diagnostics, SEVERITY_WARNING, at,
			    "readable-password",
			    "others can read this file and the password in it");
	}
}

static void
warn(struct check *check)
{
	warn_unused(check);
	warn_readable(check);
	if (check->model->route_count == 0)
		diagnose(&check->conf->diagnostics, SEVERITY_WARNING, span(0, 0), "empty",
		    "there are no routes: all mail follows the MX records");
}

/* Chosen names collide under a known seed; nobody knows this one beforehand. */
static uint64_t
seed_of(const struct conf *conf)
{
	unsigned char digest[16];

	sources_digest(&conf->sources, digest);
	return le64_get(digest);
}

static void
release(struct check *check)
{
	for (size_t i = 0; i < SELECT_COUNT; i++)
		free(check->keys[i].list);
	for (size_t i = 0; i < check->list_names.count; i++)
		for (size_t j = 0; j < SELECT_COUNT; j++)
			free(check->lists[i].as[j].keys.list);
	free(check->relays);
	free(check->lists);
	free(check->via_targets);
	free(check->weighed);
	free(check->refused.list);
	names_release(&check->relay_names);
	names_release(&check->list_names);
	names_release(&check->vias);
}

bool
conf_check(struct conf *conf)
{
	struct check check = {.conf = conf, .model = &conf->model};
	uint64_t seed = seed_of(conf);

	model_init(&conf->model, seed, conf->routes);
	names_init(&check.relay_names, seed, 0);
	names_init(&check.list_names, seed, 0);
	names_init(&check.vias, seed, 0);
	define_all(&check);
	check_ids(&check);
	if (check.refused.count > 1)
		qsort(check.refused.list, check.refused.count, sizeof(uint32_t), by_key);
	check_routes(&check);
	check_groups(&check);
	if (conf->diagnostics.count[SEVERITY_ERROR] == 0)
		warn(&check);
	release(&check);
	return conf->diagnostics.count[SEVERITY_ERROR] == 0;
}
