/*
 * Each field is a splice of its own, so that all else on the line - order,
 * blanks, comment - stays as it was written.
 */
#include "change/set_route.h"

#include <string.h>

#include "conf/value.h"
#include "program/say.h"
#include "text/quote.h"
#include "text/values.h"

/* The statement being changed. */
struct setting {
	struct change *change;
	struct edit *edit;
	const struct source *source;
	struct stmt stmt;
	uint32_t head;		/* where a new selector goes: before the action */
	uint32_t tail;		/* where a new option goes */
};

/* Items first..last - 1 that make up a field; none: first == last. */
struct range {
	uint32_t first, last;
};

static struct range
find_role(const struct stmt *stmt, unsigned role)
{
	struct range range = {0, 0};

	for (uint32_t i = 0; i < stmt->count; i++) {
		if (item_role(stmt_items(stmt)[i]) != role)
			continue;
		if (range.first == range.last)
			range.first = i;
		range.last = i + 1;
	}
	return range;
}

/* Sets, changes or takes away a field of one keyword and its value. */
static void
set_field(struct setting *s, unsigned role, const char *keyword, struct slice value, uint32_t at)
{
	struct range range = find_role(&s->stmt, role);
	const struct item *items = stmt_items(&s->stmt);

	if (range.first == range.last) {
		if (value.len > 0)
			edit_splice(s->edit, at, at, arena_printf(&s->edit->arena, " %s %.*s",
			    keyword, (int)value.len, value.ptr));
		return;
	}
	if (value.len > 0) {
		edit_splice(s->edit, items[range.first].pos, item_end(items[range.last - 1]),
		    value);
		return;
	}
	edit_splice(s->edit,
	    edit_word_end(s->source, value_keyword(s->source, items[range.first].pos).begin),
	    item_end(items[range.last - 1]), value);
}

static void
set_selector(struct setting *s, unsigned role, const char *keyword, const char *value)
{
	if (value != NULL)
		set_field(s, role, keyword,
		    *value == '\0' ? slice("", 0)
				   : quote_patterns(&s->edit->arena, slice_str(value)),
		    s->head);
}

static void
set_option(struct setting *s, enum option option, const char *value)
{
	if (value != NULL)
		set_field(s, ITEM_OPTION + (unsigned)option, option_word(option),
		    *value == '\0' ? slice("", 0)
				   : quote_word(&s->edit->arena, slice_str(value)),
		    s->tail);
}

/* Whether a word behind `via` takes no ":PORT". */
static bool
is_special(const struct hop_word *word)
{
	return word->kind == HOP_WORD_MX || word->kind == HOP_WORD_MX_OF ||
	    word->kind == HOP_WORD_RELAY;
}

/* What becomes of the word behind `via`, or a relay's name, and of the option `port`. */
struct next_hop {
	struct slice host, port;	/* an empty port: no colon either */
	const char *option;		/* NULL: as it is */
};

static struct next_hop
next_hop(struct setting *s, struct slice via, bool quoted, const struct fields *f)
{
	struct hop_word now = hop_word(via, !quoted), named;
	struct next_hop next = {via, now.port, f->options[OPTION_PORT]};
	bool ported;

	if (next.port.ptr != NULL)
		next.host.len -= next.port.len + 1;
	if (f->host != NULL) {
		next.host = slice_str(f->host);
		named = hop_word(next.host, true);
		ported = named.port.ptr != NULL || named.kind == HOP_WORD_COLONS;
		if (ported && next.option == NULL)
			next.option = "";
		if (named.kind == HOP_WORD_RELAY && next.port.len > 0 && next.option == NULL)
			next.option = arena_copy(&s->edit->arena, next.port).ptr;
		if (ported || is_special(&named))
			next.port = slice(NULL, 0);
	}
	if (next.port.ptr != NULL && next.option != NULL) {
		next.port = slice_str(next.option);
		next.option = NULL;
	}
	return next;
}

/* Changes where a route or relay leads: host and port, wherever the port is. */
static void
set_via(struct setting *s, struct item via, const struct fields *f)
{
	bool quoted = (item_flags(via) & ITEM_QUOTED) != 0;
	struct arena *arena = &s->edit->arena;
	struct next_hop next;
	struct slice word;

	if (!value_text(&s->change->conf, s->source, via, &word))
		return;
	next = next_hop(s, word, quoted, f);
	set_option(s, OPTION_PORT, next.option);
	if (f->host == NULL && (f->options[OPTION_PORT] == NULL || next.option != NULL))
		return;
	word = next.port.len == 0 ? next.host
				  : arena_printf(arena, "%.*s:%.*s", (int)next.host.len,
					next.host.ptr, (int)next.port.len, next.port.ptr);
	edit_splice(s->edit, via.pos, item_end(via),
	    quoted && f->host == NULL ? quote_string(arena, word) : quote_word(arena, word));
}

/* Replaces the action by one of another kind. */
static void
set_action(struct setting *s, const struct fields *f)
{
	static const unsigned roles[] = {ITEM_VIA, ITEM_REJECT, ITEM_DEFER, ITEM_DISCARD};
	const char *text, *action = fields_reply(f, &text);
	struct range range = {0, 0}, reply = find_role(&s->stmt, ITEM_TEXT);
	struct arena *arena = &s->edit->arena;
	struct slice word;
	uint32_t begin, end;

	for (size_t i = 0; i < sizeof(roles) / sizeof(*roles) && range.last == 0; i++)
		range = find_role(&s->stmt, roles[i]);
	begin = stmt_items(&s->stmt)[range.first].pos;
	end = item_end(stmt_items(&s->stmt)[range.first]);
	if (item_role(stmt_items(&s->stmt)[range.first]) == ITEM_VIA) {
		if (action == NULL) {
			set_via(s, stmt_items(&s->stmt)[range.first], f);
			return;
		}
		begin = value_keyword(s->source, stmt_items(&s->stmt)[range.first].pos).begin;
	} else if (action == NULL && f->host == NULL) {
		set_option(s, OPTION_PORT, f->options[OPTION_PORT]);
		return;
	}
	if (reply.last != 0)
		end = item_end(stmt_items(&s->stmt)[reply.first]);
	if (action == NULL) {
		word = quote_word(arena, slice_str(f->host));
		word = arena_printf(arena, "via %.*s", (int)word.len, word.ptr);
		set_option(s, OPTION_PORT, f->options[OPTION_PORT]);
	} else {
		word = quote_string(arena, slice_str(text));
		word = arena_printf(arena, "%s%s%.*s", action,
		    *text == '\0' ? "" : " ", *text == '\0' ? 0 : (int)word.len, word.ptr);
	}
	edit_splice(s->edit, begin, end, word);
}

static void
set_comment(struct setting *s, const char *comment)
{
	struct span at = edit_comment(s->source, &s->stmt);

	if (comment == NULL)
		return;
	edit_splice(s->edit, at.begin, at.end,
	    *comment == '\0' ? slice("", 0) : arena_printf(&s->edit->arena, " # %s", comment));
}

/* The end of the last word in front of the action. */
static uint32_t
head_end(const struct setting *s)
{
	const struct stmt *stmt = &s->stmt;
	uint32_t i = 0;

	while (i < stmt->count && item_role(stmt_items(stmt)[i]) <= ITEM_FROM)
		i++;
	return i > 0 ? item_end(stmt_items(stmt)[i - 1])
		     : stmt->pos + (uint32_t)strlen(statement_word(STATEMENT_ROUTE));
}

static void
set_fields(struct setting *s, const struct fields *f)
{
	if (s->stmt.kind == STATEMENT_RELAY) {
		set_via(s, stmt_items(&s->stmt)[1], f);
	} else {
		set_selector(s, ITEM_TO, "to", f->to);
		set_selector(s, ITEM_USER, "user", f->user);
		set_selector(s, ITEM_FROM, "from", f->from);
		set_action(s, f);
	}
	for (int i = 0; i < OPTION_COUNT; i++)
		if (i != OPTION_PORT)
			set_option(s, (enum option)i, f->options[i]);
	set_comment(s, f->comment);
}

/* A password on a route whose login is its relay's is one without a login. */
static void
help_relay(struct setting *s, const struct fields *f)
{
	struct conf *conf = &s->change->conf;
	struct slice relay = find_relay_of(conf, s->source, &s->stmt);
	struct found found = {.relay = relay.ptr == NULL ? NULL
	    : arena_copy(&s->edit->arena, relay).ptr};

	if (found.relay == NULL || f->host != NULL || f->options[OPTION_LOGIN] != NULL ||
	    (f->options[OPTION_PASSWORD] == NULL && f->options[OPTION_PASSWORD_FILE] == NULL &&
		f->options[OPTION_TOKEN_FILE] == NULL) ||
	    find_role(&s->stmt, ITEM_OPTION + OPTION_LOGIN).last != 0)
		return;
	find_statements(conf, &found, 1);
	if (find_role(&found.stmt, ITEM_OPTION + OPTION_LOGIN).last != 0)
		cli_say("help: login and password come from relay '%s' (%s:%u): set @%s",
		    found.relay, found.source->path.ptr, found.stmt.line, found.relay);
}

int
set_route(struct change *change, const struct fields *f)
{
	struct setting s = {.change = change, .edit = &change->edit};
	int code = change_check(change);

	if (code == 0)
		code = find_all(&change->conf, &change->edited, 1);
	if (code != 0)
		return code;
	s.stmt = change->edited.stmt;
	s.source = change->edited.source;
	s.head = head_end(&s);
	s.tail = stmt_end(&s.stmt);
	set_fields(&s, f);
	change->password = f->options[OPTION_PASSWORD] != NULL &&
	    *f->options[OPTION_PASSWORD] != '\0';
	code = change_commit(change);
	if (code == EX_DATAERR)
		help_relay(&s, f);
	return code;
}
