#include "conf/pattern.h"

#include <strings.h>

#include "base/fold.h"
#include "base/ip.h"
#include "base/utf8.h"
#include "conf/relay.h"
#include "text/slip.h"

static const char *const selector_words[SELECT_COUNT] = {"to", "user", "from"};

int
by_key(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static struct diagnostic *
refuse(struct check *check, struct span at, enum slug slug, struct slice text, const char *why)
{
	return diagnose(&check->conf->diagnostics, at, slug, "'%.*s' %s", SLICE_ARG(text), why);
}

static void
help(struct check *check, struct diagnostic *diagnostic, const char *text)
{
	diagnostic_help(&check->conf->diagnostics, diagnostic, "%s", text);
}

/* '@partners', where a list is called so: the sign of relays. */
static bool
help_list(struct check *check, struct diagnostic *d, struct slice text)
{
	struct slice name = slice(text.ptr + 1, text.len - 1);

	if (text.ptr[0] != '@' || names_find(&check->list_names, name) == NO_NAME)
		return false;
	diagnostic_help(&check->conf->diagnostics, d, "did you mean '$%.*s'?", SLICE_ARG(name));
	return true;
}

static bool
bad_domain(struct check *check, enum selector selector, struct slice text, struct span at)
{
	struct diagnostic *d = refuse(check, at, SLUG_BAD_DOMAIN, text,
	    memchr(text.ptr, '@', text.len) != NULL ? "is not an address" : "is not a domain");
	const char *odd = utf8_lookalike(text);

	if (odd != NULL)
		diagnostic_help(&check->conf->diagnostics, d, "there is %s", odd);
	else if (!help_list(check, d, text))
		slip_pattern(&check->conf->diagnostics, d, text, selector == SELECT_TO);
	return false;
}

static bool
folded_key(struct check *check, enum selector selector, struct slice text, struct span at,
    uint32_t *key)
{
	struct folded folded;
	enum fold_status status = mem_folded(
	    selector == SELECT_USER ? fold_login(text, &folded) : fold_address(text, &folded));
	struct slice name = folded.full;

	if (status == FOLD_LONG) {
		diagnose(&check->conf->diagnostics, at, SLUG_TOO_LONG,
		    "a local part or login is longer than %d bytes", FOLD_LOCAL_MAX);
		return false;
	}
	if (status == FOLD_OK && name.ptr == NULL && memchr(text.ptr, '@', text.len) == NULL)
		name = folded.domain;
	if (status != FOLD_OK || name.ptr == NULL)
		return bad_domain(check, selector, text, at);
	*key = model_name(check->model, name);
	return true;
}

static bool
wild_key(struct check *check, enum selector selector, struct slice text, struct span at,
    uint32_t *key)
{
	struct slice parent = slice(text.ptr + 2, text.len - 2);
	struct folded folded;

	if (selector != SELECT_TO) {
		help(check, refuse(check, at, SLUG_BAD_PATTERN, text, "is no pattern here"),
		    "'*.' stands only in 'to'; name the domains one by one");
		return false;
	}
	if (mem_folded(fold_domain(parent, &folded)) != FOLD_OK || folded.full.ptr[0] == '[')
		return bad_domain(check, selector, text, at);
	if (check->conf->strict && folded.full.len + strlen("a.") > FOLD_DOMAIN_MAX)
		diagnose(&check->conf->diagnostics, at, SLUG_UNREACHABLE,
		    "no mail can reach the route here: a name below this one would be longer"
		    " than %d bytes", FOLD_DOMAIN_MAX);
	*key = model_name(check->model, folded.full) | KEY_WILD;
	return true;
}

static const char every_sender[] = "a route without 'from' holds for every sender";

/* `any` where it is none, or not in lower case. */
static void
refuse_any(struct check *check, enum selector selector, struct slice text, struct span at)
{
	struct diagnostic *d = refuse(check, at, SLUG_BAD_PATTERN, text,
	    selector == SELECT_TO ? "is no destination"
	    : selector == SELECT_FROM ? "is no sender" : "is no login");

	help(check, d, selector == SELECT_TO ? "every destination is '*'"
		: selector == SELECT_FROM ? every_sender
		: "did you mean 'any'? a login of that name stands in double quotes");
}

/* The patterns that are no names. */
static bool
special_key(struct check *check, enum selector selector, struct slice text, struct span at,
    uint32_t *key, bool *good)
{
	*good = true;
	if (slice_is(text, "*") && selector != SELECT_FROM) {
		*key = KEY_STAR;
	} else if (slice_is(text, "*")) {
		help(check, refuse(check, at, SLUG_BAD_PATTERN, text, "is no sender"), every_sender);
		*good = false;
	} else if (slice_is(text, "<>") && selector == SELECT_FROM) {
		*key = KEY_NULL;
	} else if (slice_is(text, "<>")) {
		help(check, refuse(check, at, SLUG_BAD_PATTERN, text, "is no pattern here"),
		    "'<>', the null sender, stands only in 'from'");
		*good = false;
	} else if (slice_is(text, "any") && selector == SELECT_USER) {
		*key = KEY_NONE;
	} else if (text.len == 3 && strncasecmp(text.ptr, "any", 3) == 0) {
		refuse_any(check, selector, text, at);
		*good = false;
	} else {
		return false;
	}
	return true;
}

/* An IPv4 address that stands for no address literal. */
static void
warn_address(struct check *check, struct slice text, struct slice domain, struct span at)
{
	struct diagnostic *d;
	struct ip ip;

	if (!ip4_parse(domain, &ip))
		return;
	d = diagnose(&check->conf->diagnostics, at, SLUG_BARE_ADDRESS,
	    "'%.*s' is one %s, spelt so, and not the address literal", SLICE_ARG(text),
	    domain.ptr == text.ptr ? "domain" : "address");
	diagnostic_help(&check->conf->diagnostics, d, "did you mean '%.*s[%.*s]'?",
	    (int)(domain.ptr - text.ptr), text.ptr, SLICE_ARG(domain));
}

/* What came into a login by a slip, and would keep it from ever matching; false: nothing. */
static bool
warn_login(struct check *check, struct slice text, struct span at)
{
	struct diagnostics *diagnostics = &check->conf->diagnostics;
	const char *begin = utf8_lookalike(utf8_first(text));
	const char *odd = begin != NULL ? begin : utf8_lookalike(utf8_last(text));
	bool file = text.len > 4 && memcmp(text.ptr, "file", 4) == 0 && strchr(":=", text.ptr[4]) != NULL;
	struct diagnostic *d;

	if (odd != NULL) {
		d = diagnose(diagnostics, at, SLUG_ODD_PATTERN, "the login %s with %s, as a part of it",
		    begin != NULL ? "begins" : "ends", odd);
		diagnostic_help(diagnostics, d, "in straight quotes, \"...\", it is meant");
		return true;
	}
	if (!file && !slice_is(text, "="))
		return false;
	d = diagnose(diagnostics, at, SLUG_ODD_PATTERN, "'%.*s' is one login, spelt so", SLICE_ARG(text));
	diagnostic_help(diagnostics, d, "%s", file ? "did you mean 'file \"PATH\"'?"
		: "values stand right behind the name: take the '=' away");
	return true;
}

/* Elsewhere these stand for many addresses; here each is one odd name. */
static void
warn_odd(struct check *check, enum selector selector, struct slice text, struct span at)
{
	size_t sign = fold_at(text), local = sign < text.len ? sign : 0;
	struct slice domain = slice(text.ptr + sign + 1, text.len - sign - (sign < text.len));
	const char *what = selector == SELECT_USER ? "login" : "address";
	struct diagnostic *d;

	if (sign == text.len)
		domain = text;
	if (selector != SELECT_USER)
		warn_address(check, text, domain, at);
	else if (warn_login(check, text, at))
		return;
	if (sign == text.len || (local > 0 && memchr(text.ptr, '*', local) == NULL))
		return;
	if (local == 0 || slice_is(slice(text.ptr, local), "*")) {
		d = diagnose(&check->conf->diagnostics, at, SLUG_ODD_PATTERN,
		    "'%.*s' is one %s, spelt so, and not the whole domain", SLICE_ARG(text), what);
		if (domain.len > 0 && !help_list(check, d, text))
			diagnostic_help(&check->conf->diagnostics, d, "did you mean '%.*s'?",
			    SLICE_ARG(domain));
		return;
	}
	d = diagnose(&check->conf->diagnostics, at, SLUG_ODD_PATTERN,
	    "'%.*s' is one %s, spelt so: its '*' stands for nothing else", SLICE_ARG(text), what);
	diagnostic_help(&check->conf->diagnostics, d,
	    "name each %s, or write '%.*s' for all of the domain", what, SLICE_ARG(domain));
}

/* A blank where nobody means one: it would keep the pattern from ever matching. */
static bool
has_stray_blank(enum selector selector, struct slice text)
{
	size_t local = fold_at(text);
	bool quoted = false;

	if (selector == SELECT_USER)
		return text.ptr[0] == ' ' || text.ptr[text.len - 1] == ' ';
	for (size_t i = 0; i < local && local < text.len; i++) {
		if (text.ptr[i] == ' ' && !quoted)
			return true;
		quoted ^= text.ptr[i] == '"';
		i += text.ptr[i] == '\\';
	}
	return false;
}

static bool
refuse_blank(struct check *check, enum selector selector, struct slice text, struct span at)
{
	struct diagnostic *d;

	if (selector == SELECT_USER) {
		d = refuse(check, at, SLUG_BAD_PATTERN, text, "has a blank at an end");
		help(check, d, "take the blank away");
	} else {
		d = refuse(check, at, SLUG_BAD_PATTERN, text, "has a blank in its local part");
		help(check, d, "take it away, or write a local part with blanks as \"\\\"a b\\\"@DOMAIN\"");
	}
	return false;
}

/* A pattern that needs no folding to its key; false: it is another. */
static inline bool
plain_key(struct check *check, struct item item, struct slice text, uint32_t *key)
{
	if ((item_flags(item) & ITEM_PLAIN) == 0 || text.len > FOLD_LABEL_MAX)
		return false;
	*key = model_name_hashed(check->model, text, item.hash);
	return true;
}

/* Any other that is no list; KEY_NONE is the user `any`. */
static bool
pattern_key(struct check *check, enum selector selector, struct item item, struct slice text,
    struct span at, uint32_t *key)
{
	bool quoted = (item_flags(item) & ITEM_QUOTED) != 0, good;

	/* A bare word holds none. */
	if (text.len == 0 || (quoted && value_has_control(text))) {
		struct diagnostic *d = diagnose(&check->conf->diagnostics, at, SLUG_BAD_PATTERN,
		    text.len == 0 ? "a pattern is empty" : "a pattern holds no control bytes");

		if (text.len == 0 && selector == SELECT_FROM)
			help(check, d, "the null sender is '<>'");
		return false;
	}
	if (!quoted) {
		if (special_key(check, selector, text, at, key, &good))
			return good;
		if (text.len > 2 && text.ptr[0] == '*' && text.ptr[1] == '.')
			return wild_key(check, selector, text, at, key);
	}
	if (quoted && has_stray_blank(selector, text))
		return refuse_blank(check, selector, text, at);
	if (!folded_key(check, selector, text, at, key))
		return false;
	if (!quoted)
		warn_odd(check, selector, text, at);
	return true;
}

/* `list NAME FILE "PATH"` would be two values. */
static bool
refuse_file(struct check *check, const struct stmt *stmt)
{
	const struct item *items = stmt_items(stmt);
	struct diagnostic *d;
	struct slice word;

	if (stmt->count != 3 || (item_flags(items[2]) & ITEM_QUOTED) == 0)
		return false;
	word = slice(source_text(check->source, items[1].pos), item_length(items[1]));
	if (word.len != 4 || strncasecmp(word.ptr, "file", 4) != 0 || slice_is(word, "file"))
		return false;
	d = diagnose(&check->conf->diagnostics, item_span(items[1]), SLUG_UNKNOWN_KEYWORD,
	    "unknown keyword '%.*s'", SLICE_ARG(word));
	help(check, d, "did you mean 'file'?");
	return true;
}

void
check_list(struct check *check, const struct stmt *stmt)
{
	struct slice name;
	struct list *list;
	uint32_t number;
	size_t known = check->list_names.count;
	bool file = stmt->count > 1 && item_role(stmt_items(stmt)[1]) == ITEM_FILE;
	const struct unit *unit = NULL;

	if (file && !stmt->broken)
		unit = check->conf->list_files[check->list_files++];
	if (!check_name(check, stmt_items(stmt)[0], &name))
		return;
	number = names_intern(&check->list_names, name, false);
	if (number < known && stmt->broken)
		return;
	if (number < known) {
		struct diagnostic *d =
		    diagnose(&check->conf->diagnostics, item_span(stmt_items(stmt)[0]),
			SLUG_DUPLICATE_LIST, "list '%.*s' is defined twice", SLICE_ARG(name));

		diagnostic_note(&check->conf->diagnostics, d, check->lists[number].at,
		    "first defined here");
		return;
	}
	check->lists =
	    mem_grow(check->lists, number, &check->list_capacity, sizeof(*check->lists));
	list = &check->lists[number];
	*list = (struct list){.at = item_span(stmt_items(stmt)[0]), .source = check->source,
	    .items = stmt->written + 1, .count = stmt->count - 1, .broken = stmt->broken};
	if (!file && !stmt->broken)
		list->broken = refuse_file(check, stmt);
	if (file) {
		struct stmt values = {0};
		size_t at = 0;

		/* A file of no statement could not be read at all. */
		list->broken |= unit == NULL || unit->source == NULL ||
		    !stmts_next(&unit->stmts, &at, &values);
		if (!list->broken)
			list->source = unit->source;
		list->items = values.written;
		list->count = values.count;
	}
}

/* One value of a list, for the selector that uses it. */
static bool
list_item(struct check *check, struct list *list, enum selector selector, struct item item)
{
	bool quoted = (item_flags(item) & ITEM_QUOTED) != 0;
	struct span at = item_span(item);
	struct slice text;
	uint32_t key;

	if (!value_text(check->conf, list->source, item, &text))
		return false;
	/* "a, b" and "a,b" are the same list. */
	if (text.len == 0 && !quoted)
		return true;
	if (!quoted && text.ptr[0] == '$') {
		diagnose(&check->conf->diagnostics, at, SLUG_NESTED_LIST,
		    "a list cannot stand inside a list");
		return false;
	}
	if (!plain_key(check, item, text, &key) &&
	    !pattern_key(check, selector, item, text, at, &key))
		return false;
	if (key == KEY_NONE) {
		help(check, refuse(check, at, SLUG_BAD_PATTERN, text, "is no value of a list"),
		    "write 'user any' in the route");
		return false;
	}
	keys_add(&list->as[selector].keys, key);
	return true;
}

/* One error a statement, but each line of a list's file may have its own. */
static bool
list_read(struct check *check, struct list *list, enum selector selector)
{
	bool good = true;

	if (list->as[selector].read)
		return true;
	for (uint32_t i = 0; i < list->count && (good || list->source->values) &&
	     !diagnostics_enough(&check->conf->diagnostics); i++)
		good &= list_item(check, list, selector, list->items[i]);
	list->as[selector].read = good;
	list->broken = !good;
	return good;
}

/*
 * Adds a list's keys to the route's, at most as many as it may have, and none
 * once all routes have too many together, which was reported.
 */
static bool
list_copy(struct check *check, enum selector selector, const struct keys *list, struct span at)
{
	struct keys *keys = &check->keys[selector];

	if (check->combinations > COMBINATIONS_TOTAL)
		return false;
	if (keys->count + list->count > COMBINATIONS_MAX) {
		diagnose(&check->conf->diagnostics, at, SLUG_TOO_MANY_COMBINATIONS,
		    "%zu patterns in '%s'; %d combinations are the most", keys->count + list->count,
		    selector_words[selector], COMBINATIONS_MAX);
		return false;
	}
	for (size_t i = 0; i < list->count; i++)
		keys_add(keys, list->list[i]);
	return true;
}

static bool
list_use(struct check *check, enum selector selector, struct slice name, struct span at)
{
	uint32_t number = names_find(&check->list_names, name);
	struct list *list;

	if (number == NO_NAME) {
		say_undefined(check, &check->list_names, name, at, "list", SLUG_UNDEFINED_LIST);
		return false;
	}
	list = &check->lists[number];
	list->used = true;
	if (list->broken || !list_read(check, list, selector))
		return false;
	if (list->as[selector].keys.count == 0) {
		diagnose(&check->conf->diagnostics, at, SLUG_EMPTY_LIST, "list '%.*s' is empty",
		    SLICE_ARG(name));
		return false;
	}
	return list_copy(check, selector, &list->as[selector].keys, at);
}

/* `any` beside another pattern would swallow it. */
static bool
check_any(struct check *check, struct span at)
{
	const struct keys *keys = &check->keys[SELECT_USER];
	struct diagnostic *d;

	/* The last one is new; of those before it, only the first can be `any`. */
	if (keys->count < 2 ||
	    (keys->list[0] != KEY_NONE && keys->list[keys->count - 1] != KEY_NONE))
		return true;
	d = diagnose(&check->conf->diagnostics, at, SLUG_BAD_PATTERN,
	    "'any' stands beside another pattern");
	help(check, d, "'any' holds for every mail: let it stand alone");
	return false;
}

/* The comma beside an empty pattern. */
static struct span
comma_beside(const struct check *check, struct item item)
{
	uint32_t at = item.pos - (*source_text(check->source, item.pos) != ',');

	return span(at, at + 1);
}

bool
pattern_add(struct check *check, enum selector selector, struct item item)
{
	bool quoted = (item_flags(item) & ITEM_QUOTED) != 0;
	struct span at = item_span(item);
	struct slice text;
	uint32_t key;

	if (!value_text(check->conf, check->source, item, &text))
		return false;
	if (text.len == 0 && !quoted) {
		diagnose(&check->conf->diagnostics, comma_beside(check, item), SLUG_BAD_PATTERN,
		    "a pattern is missing beside ',' in '%s'", selector_words[selector]);
		return false;
	}
	if (!quoted && text.len > 1 && text.ptr[0] == '$') {
		if (!list_use(check, selector, slice(text.ptr + 1, text.len - 1), at))
			return false;
	} else {
		if (!plain_key(check, item, text, &key) &&
		    !pattern_key(check, selector, item, text, at, &key))
			return false;
		keys_add(&check->keys[selector], key);
	}
	return selector != SELECT_USER || check_any(check, at);
}
