/*
 * check.c - judges what was written, and builds the model.  One pass over
 * the statements defines relays, lists, defaults and IDs; a second one makes
 * the routes.  Each broken statement gives one error.
 */
#include <stdlib.h>

#include "conf/bare_name.h"
#include "conf/expect.h"
#include "conf/group.h"
#include "conf/hop.h"
#include "conf/local.h"
#include "conf/pattern.h"
#include "conf/plain.h"
#include "conf/port.h"
#include "conf/relay.h"
#include "conf/route.h"
#include "conf/route_id.h"

/* How many statements ahead to prefetch. */
enum { AHEAD = 16 };

/* In files of expectations. */
static bool
is_foreign(struct check *check, const struct stmt *stmt)
{
	const char *word = statement_word(stmt->kind);

	if (!is_test(check->conf, stmt->pos) || stmt->kind == STATEMENT_EXPECT ||
	    stmt->kind == STATEMENT_INCLUDE)
		return false;
	diagnose(&check->conf->diagnostics,
	    span(stmt->pos, stmt->pos + (uint32_t)strlen(word)), SLUG_MISPLACED_KEYWORD,
	    "'%s' has no meaning in a file of expectations", word);
	return true;
}

/* Notes all IDs of a segment at once, if it is a whole unit and they ascend there. */
static bool
note_ids(struct check *check, const struct segment *segment)
{
	const struct stmts *stmts = &segment->unit->stmts;

	if (is_test(check->conf, segment->unit->source->begin) || stmts->ids.wild ||
	    segment->begin != 0 || segment->end != stmts->used)
		return false;
	ids_note_all(check, stmts);
	return true;
}

/* Prefetches the first words of a statement further on: text is far from text. */
static void
fetch_text(const struct check *check, const struct stmts *stmts, size_t *ahead, size_t end)
{
	struct stmt later;

	stmts_skip_plain(stmts, ahead, end);
	if (*ahead < end && stmts_next(stmts, ahead, &later) && later.count > 0)
		__builtin_prefetch(source_text(check->source, stmt_items(&later)[0].pos));
}

static void
define_segment(struct check *check, const struct segment *segment)
{
	const struct stmts *stmts = &segment->unit->stmts;
	bool noted = note_ids(check, segment);
	size_t at = segment->begin, ahead = at;
	struct stmt stmt;

	if (noted && stmts->tally.others == 0)
		return;
	check->source = segment->unit->source;
	for (int i = 0; i < AHEAD; i++)
		fetch_text(check, stmts, &ahead, segment->end);
	for (;;) {
		fetch_text(check, stmts, &ahead, segment->end);
		if (noted)
			stmts_skip_plain(stmts, &at, segment->end);
		if (at >= segment->end || diagnostics_enough(&check->conf->diagnostics) ||
		    !stmts_next(stmts, &at, &stmt))
			return;
		if (is_foreign(check, &stmt))
			continue;
		else if (stmt.kind == STATEMENT_EXPECT)
			check_expect(check, &stmt);
		else if (stmt.kind == STATEMENT_ROUTE && !noted)
			ids_note(check, &stmt);
		else if (stmt.kind == STATEMENT_RELAY)
			check_relay(check, &stmt);
		else if (stmt.kind == STATEMENT_LIST)
			check_list(check, &stmt);
		else if (stmt.kind == STATEMENT_DEFAULT)
			check_default(check, &stmt);
		else if (stmt.kind == STATEMENT_SOURCE)
			check_source(check, &stmt);
	}
}

/* The first pass: relays, lists, defaults and IDs, wherever they stand. */
static void
define_all(struct check *check)
{
	make_expectations(check->conf);
	for (size_t i = 0; i < check->conf->segment_count; i++)
		define_segment(check, &check->conf->segments[i]);
	ids_settle(check);
	check_relays(check);
}

/* Prefetches the names of a route further on: they lie all over the table. */
static void
fetch_names(struct check *check, const struct stmt *stmt)
{
	const struct item *items = stmt_items(stmt);

	for (uint32_t i = 0; i < stmt->count && item_role(items[i]) <= ITEM_FROM; i++)
		if ((item_flags(items[i]) & ITEM_PLAIN) != 0)
			names_fetch(&check->model->names, items[i].hash);
}

/* Skips plain routes that are in the model already. */
static void
skip_added(struct check *check, const struct stmts *stmts, size_t *at, size_t end)
{
	while (check->plain_added && *at < end && plain_at(stmts, *at)) {
		struct plain plain = plain_get(stmts, *at);

		if (check->vias[plain.via].target == NO_TARGET)
			return;
		check->next_route++;
		check->next_id += plain.id_length == 0;
		*at += STMT_PLAIN;
	}
}

/* Whether all that the segment holds is in the model. */
static bool
skip_segment(struct check *check, const struct tally *tally)
{
	if (!check->plain_added || check->plain_left || tally->plain != tally->routes)
		return false;
	check->next_route += tally->routes;
	check->next_id += tally->routes - tally->numbered;
	return true;
}

static void
check_segment(struct check *check, const struct segment *segment)
{
	const struct stmts *stmts = &segment->unit->stmts;
	size_t at = segment->begin, ahead = at;
	struct stmt stmt, later;

	if (skip_segment(check, &segment->tally))
		return;
	check->source = segment->unit->source;
	check->vias = segment->unit->vias;
	for (int i = 0; i < AHEAD && ahead < segment->end; i++)
		stmts_next(stmts, &ahead, &later);
	for (;;) {
		skip_added(check, stmts, &at, segment->end);
		if (at >= segment->end || diagnostics_enough(&check->conf->diagnostics))
			return;
		stmts_next(stmts, &at, &stmt);
		if (stmt.kind == STATEMENT_ROUTE)
			check_route(check, &stmt);
		ahead = ahead < at ? at : ahead;
		if (ahead < segment->end && stmts_next(stmts, &ahead, &later))
			fetch_names(check, &later);
	}
}

/* The second pass: the routes. */
static void
check_routes(struct check *check)
{
	check_plain(check);
	for (size_t i = 0; i < check->conf->segment_count; i++)
		check_segment(check, &check->conf->segments[i]);
}

static void
warn_unused(struct check *check)
{
	struct diagnostics *diagnostics = &check->conf->diagnostics;

	for (size_t i = 0; i < check->relay_names.count; i++)
		if (!check->relays[i].used)
			diagnose(diagnostics, check->relays[i].at, SLUG_UNUSED_RELAY,
			    "relay '%s' is never used", check->relay_names.list[i].ptr);
	for (size_t i = 0; i < check->source_names.count; i++)
		if (!check->source_helos[i].used)
			diagnose(diagnostics, check->source_helos[i].at, SLUG_UNUSED_SOURCE,
			    "source %s is never used", check->source_names.list[i].ptr);
	for (size_t i = 0; i < check->list_names.count; i++)
		if (!check->lists[i].used)
			diagnose(diagnostics, check->lists[i].at, SLUG_UNUSED_LIST,
			    "list '%s' is never used", check->list_names.list[i].ptr);
}

struct span
conf_password(const struct stmt *stmt)
{
	for (uint32_t i = 0; i < stmt->count; i++)
		if (item_role(stmt_items(stmt)[i]) == ITEM_OPTION + OPTION_PASSWORD)
			return item_span(stmt_items(stmt)[i]);
	return span(0, 0);
}

/* The first password written in a file; an empty span: none. */
static struct span
first_password(const struct unit *unit)
{
	struct span found = span(0, 0);
	struct stmt stmt;
	size_t at = 0;

	while (unit->stmts.password && found.end == 0 && stmts_next(&unit->stmts, &at, &stmt))
		found = conf_password(&stmt);
	return found;
}

void
conf_warn_readable(struct diagnostics *diagnostics, const struct source *source, struct span at)
{
	struct diagnostic *d;

	if (at.begin == at.end || !source->file || (source->status.st_mode & S_IROTH) == 0)
		return;
	d = diagnose(diagnostics, at, SLUG_READABLE_PASSWORD,
	    "others can read this file and the password in it");
	diagnostic_help(diagnostics, d, "chmod 640 %.*s, or use password-file",
	    SLICE_ARG(source->path));
}

static void
warn_readable(struct check *check)
{
	const struct conf *conf = check->conf;
	const struct source *warned = NULL;

	for (size_t i = 0; i < conf->unit_count; i++) {
		const struct source *source = conf->units[i]->source;
		struct span at;

		if (source == NULL || source == warned || (source->status.st_mode & S_IROTH) == 0)
			continue;
		at = first_password(conf->units[i]);
		conf_warn_readable(&check->conf->diagnostics, source, at);
		if (at.begin != at.end)
			warned = source;
	}
}

/* At the first statement of the main file, which may allow it; that may be an include. */
static void
warn_empty(struct conf *conf)
{
	struct stmt first = {.pos = 0};
	size_t at = 0;

	stmts_next(&conf->units[0]->stmts, &at, &first);
	diagnose(&conf->diagnostics, span(first.pos, first.pos), SLUG_EMPTY,
	    "there are no routes: all mail follows the MX records");
}

static void
warn(struct check *check)
{
	warn_unused(check);
	warn_ports(check);
	warn_bare_names(check);
	warn_readable(check);
	if (check->model->route_count == 0)
		warn_empty(check->conf);
	allow_warn(&check->conf->allowances, ALLOW_ALWAYS, &check->conf->diagnostics);
	if (check->conf->strict)
		allow_warn(&check->conf->allowances, ALLOW_STRICT, &check->conf->diagnostics);
}

/* What comments allow, of statements; a list's file has none. */
static void
read_allowances(struct conf *conf)
{
	const struct source *read = NULL;

	for (size_t i = 0; i < conf->unit_count; i++) {
		const struct source *source = conf->units[i]->source;

		if (source != NULL && source != read && !source->values)
			allow_read(&conf->allowances, source);
		read = source;
	}
	if (conf->allowances.count == 0)
		return;
	for (size_t i = 0; i < conf->unit_count; i++)
		if (conf->units[i]->source != NULL && !conf->units[i]->source->values)
			allow_match(&conf->allowances, conf->units[i]->source, &conf->units[i]->stmts);
	conf->diagnostics.allowed = &conf->allowances;
}

/* Default source addresses that cannot reach a relay are an error of routes alone. */
static uint32_t
relay_target(struct check *check, struct slice name)
{
	static const struct options none;
	const struct stmt stmt = {.count = 0};
	struct host host = {.kind = HOST_RELAY, .name = name};
	const struct action action = {.action = TMAIL_RELAY, .host = &host};
	uint32_t hop, defaults = check->defaults.set;

	if (!effective_hop(check, &stmt, &action, &none, &hop)) {
		check->defaults.set &= ~(1u << OPTION_LOCAL);
		effective_hop(check, &stmt, &action, &none, &hop);
		check->defaults.set = defaults;
	}
	return effective_target(check->model, hop, &host, &none);
}

/* For listings, when all else is judged. */
static void
keep_relays(struct check *check)
{
	struct conf *conf = check->conf;

	conf->relay_count = check->relay_names.count;
	conf->relays = arena_alloc(&conf->arena, conf->relay_count * sizeof(*conf->relays));
	for (size_t i = 0; i < conf->relay_count; i++) {
		const struct name *name = &check->relay_names.list[i];
		struct slice text = arena_copy(&conf->arena, slice(name->ptr, name->len));

		conf->relays[i] = (struct conf_relay){text, check->relays[i].at.begin,
		    relay_target(check, text), check->relays[i].comment};
	}
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
	free(check->source_helos);
	free(check->weighed);
	free(check->refused.list);
	names_release(&check->relay_names);
	names_release(&check->source_names);
	names_release(&check->list_names);
}

bool
conf_check(struct conf *conf)
{
	struct check check = {.conf = conf, .model = &conf->model};
	bool good;

	/* Then not all was read, and what is missing would be called undefined. */
	if (diagnostics_enough(&conf->diagnostics))
		return false;
	read_allowances(conf);
	model_init(&conf->model, conf->seed, conf->routes);
	names_init(&check.relay_names, conf->seed, 0);
	names_init(&check.source_names, conf->seed, 0);
	names_init(&check.list_names, conf->seed, 0);
	define_all(&check);
	check_routes(&check);
	if (!diagnostics_enough(&conf->diagnostics))
		check_groups(&check);
	good = conf->diagnostics.count[SEVERITY_ERROR] == 0;
	if (good)
		warn(&check);
	names_settle(&conf->model.names);
	if (good && conf->keep_patterns)
		keep_relays(&check);
	release(&check);
	return good;
}
