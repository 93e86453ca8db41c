#include "conf/expect.h"

#include "base/fold.h"
#include "base/number.h"
#include "base/unchanged.h"
#include "conf/hop.h"

struct reading {
	struct check *check;
	const struct stmt *stmt;
	struct expectation *e;
	struct options *options;	/* those read, of this statement */
};

static struct diagnostic *
fail(const struct reading *r, struct span at, enum slug slug, const char *what, struct slice text)
{
	return diagnose(&r->check->conf->diagnostics, at, slug, "'%.*s' %s", SLICE_ARG(text), what);
}

static void
help(const struct reading *r, struct diagnostic *d, const char *text)
{
	diagnostic_help(&r->check->conf->diagnostics, d, "%s", text);
}

/* Patterns stand for many mails. */
static bool
is_pattern(struct slice text)
{
	return text.ptr[0] == '$' || slice_is(text, "*") ||
	    (text.len > 2 && memcmp(text.ptr, "*.", 2) == 0);
}

/* Whether a text is surely an address or a domain, which most are. */
static bool
is_plain_recipient(struct slice text)
{
	struct marks marks;
	size_t at;

	if (!marks_read(text, &marks))
		return false;
	at = marks_at(&marks, text.len);
	return at > 0 && marks_is_domain(&marks, marks_domain(at, text.len), text.len);
}

static bool
read_recipient(const struct reading *r, struct item item, struct slice text)
{
	struct folded folded;

	if (is_plain_recipient(text))
		return true;
	if (mem_folded(fold_address(text, &folded)) == FOLD_OK &&
	    (folded.full.ptr != NULL || memchr(text.ptr, '@', text.len) == NULL))
		return true;
	fail(r, item_span(item), SLUG_BAD_DOMAIN, memchr(text.ptr, '@', text.len) != NULL
	    ? "is not an address" : "is not a domain", text);
	return false;
}

static struct slice *
selector_of(struct expectation *e, unsigned role)
{
	return role == ITEM_TO ? &e->to : role == ITEM_USER ? &e->user : &e->from;
}

/* One address, login or sender: an expectation is of one mail. */
static bool
read_selector(const struct reading *r, struct item item)
{
	struct slice text, *selector = selector_of(r->e, item_role(item));
	bool quoted = (item_flags(item) & ITEM_QUOTED) != 0;

	if (!value_text(r->check->conf, r->check->source, item, &text))
		return false;
	if ((item_flags(item) & ITEM_MORE) != 0) {
		help(r, fail(r, item_span(item), SLUG_BAD_PATTERN, "is a second one", text),
		    "an expectation is of one mail: write another line");
		return false;
	}
	if (selector->ptr != NULL) {
		diagnose(&r->check->conf->diagnostics,
		    value_keyword(r->check->source, item.pos), SLUG_REPEATED_SELECTOR,
		    "selector '%s' stands twice", item_role(item) == ITEM_TO ? "to"
		    : item_role(item) == ITEM_USER ? "user" : "from");
		return false;
	}
	/* Of bare words the lexer lets none through. */
	if (text.len == 0 || (quoted && value_has_control(text))) {
		diagnose(&r->check->conf->diagnostics, item_span(item), SLUG_BAD_PATTERN,
		    "an address is empty or holds control bytes");
		return false;
	}
	if (!quoted && is_pattern(text)) {
		help(r, fail(r, item_span(item), SLUG_BAD_PATTERN, "stands for many mails", text),
		    "an expectation is of one mail: write its address");
		return false;
	}
	if (!quoted && item_role(item) != ITEM_TO && slice_is(text, "any")) {
		help(r, fail(r, item_span(item), SLUG_BAD_PATTERN, "is nobody", text),
		    "without 'user' nobody has logged in, without 'from' no sender is known");
		return false;
	}
	*selector = text;
	return item_role(item) != ITEM_TO || read_recipient(r, item, text);
}

static void
see_outcome(const struct reading *r, enum outcome outcome, struct item item)
{
	if (r->e->at.end == 0)
		r->e->at.begin = item.pos;
	r->e->at.end = item_end(item);
	r->e->outcome = (uint8_t)outcome;
}

static bool
read_wanted(const struct reading *r, struct item item)
{
	struct check *check = r->check;
	struct wanted_hop *wanted = &r->e->wanted[r->e->count++];
	struct slice text;
	struct host host;

	if (item_role(item) != ITEM_WANTED_ROUTE) {
		if (!value_host(check->conf, check->source, item, HOST_OF_EXPECT, &host))
			return false;
		*wanted = (struct wanted_hop){.name = host.name, .port = host.port,
		    .kind = (uint8_t)host.kind};
		return true;
	}
	if (!value_text(check->conf, check->source, item, &text))
		return false;
	if (number_read(text, UINT32_MAX, &wanted->id) && wanted->id > 0)
		return true;
	fail(r, item_span(item), SLUG_BAD_ID, "is no route ID", text);
	return false;
}

/* An empty value: the candidate has none. */
static bool
is_none(enum option option, struct item item)
{
	return (option == OPTION_LOGIN || option == OPTION_HELO || option == OPTION_LOCAL) &&
	    (item_flags(item) & ITEM_QUOTED) != 0 && item_length(item) == 2;
}

static const struct local *
keep_local(struct conf *conf, const struct local *local)
{
	struct local *kept = arena_alloc(&conf->arena, sizeof(*kept));

	*kept = *local;
	return kept;
}

static bool
read_option(const struct reading *r, struct item item)
{
	enum option option = (enum option)(item_role(item) - ITEM_OPTION);
	struct expected *expected = &r->e->expected[r->e->expected_count];
	struct options *options = r->options;

	if (r->e->outcome == OUTCOME_MX || r->e->outcome == OUTCOME_REPLY) {
		diagnose(&r->check->conf->diagnostics,
		    value_keyword(r->check->source, item.pos), SLUG_MISPLACED_OPTION,
		    "option '%s' has no meaning behind 'mx', 'reject', 'defer' and 'discard'",
		    option_word(option));
		return false;
	}
	*expected = (struct expected){.option = option, .at = item_span(item)};
	if (option != OPTION_LOCAL)
		expected->text = slice("", 0);
	r->e->expected_count++;
	if (is_none(option, item) && !options_has(options, option)) {
		options->set |= 1u << option;
		options->at[option] = item_span(item);
		return true;
	}
	if (!option_read(r->check->conf, r->check->source, item, STATEMENT_EXPECT, options))
		return false;
	if (option == OPTION_TLS)
		expected->tls = options->number[option];
	else if (option == OPTION_LOCAL)
		expected->local = keep_local(r->check->conf, &options->local);
	else
		expected->text = options->text[option];
	return true;
}

static bool
read_item(const struct reading *r, struct item item)
{
	unsigned role = item_role(item);

	switch (role) {
	case ITEM_TO:
	case ITEM_USER:
	case ITEM_FROM:
		return read_selector(r, item);
	case ITEM_REJECT:
	case ITEM_DEFER:
	case ITEM_DISCARD:
		r->e->action = role == ITEM_REJECT ? TMAIL_REJECT
		    : role == ITEM_DEFER ? TMAIL_DEFER : TMAIL_DISCARD;
		see_outcome(r, OUTCOME_REPLY, item);
		return true;
	case ITEM_WANTED:
	case ITEM_WANTED_FIRST:
	case ITEM_WANTED_ROUTE:
	case ITEM_WANTED_MX:
		see_outcome(r, role == ITEM_WANTED ? OUTCOME_VIA
		    : role == ITEM_WANTED_FIRST ? OUTCOME_FIRST
		    : role == ITEM_WANTED_ROUTE ? OUTCOME_ROUTE : OUTCOME_MX, item);
		return read_wanted(r, item);
	default:
		return read_option(r, item);
	}
}

static bool
read_expectation(const struct reading *r)
{
	for (uint32_t i = 0; i < r->stmt->count; i++)
		if (!read_item(r, stmt_items(r->stmt)[i]))
			return false;
	if (r->e->to.ptr != NULL)
		return true;
	diagnose(&r->check->conf->diagnostics, span(stmt_end(r->stmt), stmt_end(r->stmt)),
	    SLUG_MISSING_VALUE, "the expectation has no 'to'");
	return false;
}

/* Makes room for what is wanted and for options. */
static void
make_room(struct conf *conf, const struct stmt *stmt, struct expectation *e)
{
	const struct item *items = stmt_items(stmt);
	size_t wanted = 0, options = 0;

	for (uint32_t i = 0; i < stmt->count; i++) {
		wanted += item_role(items[i]) >= ITEM_WANTED;
		options += item_role(items[i]) >= ITEM_OPTION;
	}
	wanted -= options;
	e->wanted = wanted == 1 ? &e->first
				: arena_alloc(&conf->arena, wanted * sizeof(*e->wanted));
	if (options > 0)
		e->expected = arena_alloc(&conf->arena, options * sizeof(*e->expected));
}

void
make_expectations(struct conf *conf)
{
	for (size_t i = 0; i < conf->unit_count; i++)
		conf->expectation_bytes += conf->units[i]->stmts.written[STATEMENT_EXPECT] *
		    sizeof(*conf->expectations);
	if (conf->expectation_bytes > 0)
		conf->expectations = mem_pages(conf->expectation_bytes);
}

void
check_expect(struct check *check, const struct stmt *stmt)
{
	struct conf *conf = check->conf;
	struct expectation *e;
	struct options options;
	struct reading r = {check, stmt, NULL, &options};

	if (stmt->broken)
		return;
	e = r.e = &conf->expectations[conf->expectation_count];
	*e = (struct expectation){.source = check->source, .pos = stmt->pos};
	make_room(conf, stmt, e);
	options.set = 0;
	if (read_expectation(&r) && conf->tested == is_test(conf, stmt->pos))
		conf->expectation_count++;
}
