#include "conf/bare_name.h"

#include "base/fold.h"
#include "text/values.h"

/* A label: other names of relays and lists are domains, too. */
static bool
is_label(struct slice name)
{
	return memchr(name.ptr, '.', name.len) == NULL;
}

static struct slice
name_text(const struct name *name)
{
	return slice(name->ptr, name->len);
}

/* The relay that a word behind `via` may have meant, its port left out. */
static struct slice
relay_name(struct slice text)
{
	struct hop_word word = hop_word(text, true);

	return word.kind == HOP_WORD_HOST ? word.host : slice(text.ptr, 0);
}

static struct slice
bare_text(const struct source *source, struct item item)
{
	return slice(source_text(source, item.pos), item_length(item));
}

/* Whether some `via` of the unit is spelt as a relay. */
static bool
any_via(const struct check *check, const struct unit *unit)
{
	const struct names *vias = &unit->stmts.vias;

	for (size_t i = 0; i < vias->count; i++) {
		struct slice name = relay_name(name_text(&vias->list[i]));

		if (is_label(name) && names_find(&check->relay_names, name) != NO_NAME)
			return true;
	}
	return false;
}

/* Whether some pattern, of whatever selector, is spelt as a list. */
static bool
any_pattern(const struct check *check)
{
	for (size_t i = 0; i < check->list_names.count; i++) {
		struct slice name = name_text(&check->list_names.list[i]);
		struct folded folded;

		if (is_label(name) && mem_folded(fold_domain(name, &folded)) == FOLD_OK &&
		    names_find(&check->model->names, folded.full) != NO_NAME)
			return true;
	}
	return false;
}

static void
warn(struct check *check, struct item item, struct slice name, bool relay)
{
	struct diagnostics *diagnostics = &check->conf->diagnostics;
	uint32_t number = names_find(relay ? &check->relay_names : &check->list_names, name);
	struct diagnostic *d;

	if (number == NO_NAME || !is_label(name))
		return;
	d = diagnose(diagnostics, item_span(item), SLUG_BARE_NAME, "'%.*s' is %s so called, not the %s",
	    SLICE_ARG(name), relay ? "a host" : item_role(item) == ITEM_USER ? "a login"
		: item_role(item) == ITEM_VALUE ? "a name" : "a domain", relay ? "relay" : "list");
	diagnostic_note(diagnostics, d,
	    relay ? check->relays[number].at : check->lists[number].at, "the %s is defined here",
	    relay ? "relay" : "list");
	if (item_role(item) == ITEM_VALUE)
		diagnostic_help(diagnostics, d, "a list holds no lists: join them with ',' in the route");
	else
		diagnostic_help(diagnostics, d, "did you mean '%c%.*s'?", relay ? '@' : '$',
		    SLICE_ARG(name));
}

/* A list may hold its own name: that of a login, say. */
static void
look(struct check *check, const struct unit *unit, const struct stmt *stmt)
{
	struct slice own = {NULL, 0};

	for (uint32_t i = 0; i < stmt->count; i++) {
		struct item item = stmt_items(stmt)[i];
		struct slice text = bare_text(unit->source, item);
		unsigned role = item_role(item);

		if (role == ITEM_NAME)
			own = text;
		if ((item_flags(item) & ITEM_QUOTED) != 0)
			continue;
		if (role == ITEM_VIA)
			warn(check, item, relay_name(text), true);
		else if (role == ITEM_TO || role == ITEM_USER || role == ITEM_FROM ||
		    (role == ITEM_VALUE && !slice_eq(text, own)))
			warn(check, item, text, false);
	}
}

void
warn_bare_names(struct check *check)
{
	struct conf *conf = check->conf;
	bool any = any_pattern(check);

	for (size_t i = 0; check->relay_names.count > 0 && i < conf->unit_count && !any; i++)
		any = conf->units[i]->source != NULL && any_via(check, conf->units[i]);
	for (size_t i = 0; any && i < conf->unit_count; i++) {
		const struct unit *unit = conf->units[i];
		struct stmt stmt;
		size_t at = 0;

		while (unit->source != NULL && !unit->source->values &&
		    stmts_next(&unit->stmts, &at, &stmt))
			if (!stmt.broken && (stmt.kind == STATEMENT_ROUTE ||
						stmt.kind == STATEMENT_LIST))
				look(check, unit, &stmt);
	}
}
