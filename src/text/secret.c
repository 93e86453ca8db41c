#include "text/secret.h"

#include <stdlib.h>

#include "text/lexer.h"
#include "text/suspect.h"
#include "text/words.h"

/* A walk over the tokens of one statement after another. */
struct walk {
	const struct source *source;
	struct secrets *secrets;
	struct lexer lexer;
	struct token before;	/* the token before this one; kind NL at a start */
	unsigned odd;		/* words so far that mean nothing */
	bool carried;		/* the line before broke off where a secret was to come */
	bool commented;		/* the comment before did */
	bool broken;		/* something in it is not as the language has it */
	bool login, secret;	/* it has such options */
	bool unknown;		/* nobody knows the statement */
	bool acting;		/* what comes now are options */
	bool credential;	/* a login or password stands before */
	bool open;		/* a string was not closed in it */
	bool told;		/* the word before is a value behind the secret */
	bool next;		/* the next value is a secret */
	bool next_keyword;	/* ...even if it reads as a keyword */
};

static void
hide(struct walk *walk, const char *begin, const char *end)
{
	struct secrets *secrets = walk->secrets;

	secrets->list =
	    mem_grow(secrets->list, secrets->count, &secrets->capacity, sizeof(*secrets->list));
	secrets->list[secrets->count++] =
	    span(source_pos(walk->source, begin), source_pos(walk->source, end));
}

/* Hides all from p to the end of its line and of those that continue it. */
static void
hide_rest(struct walk *walk, const char *p)
{
	const char *stop = p, *last, *end = walk->lexer.end;

	for (;;) {
		stop = memchr(stop, '\n', (size_t)(end - stop));
		if (stop == NULL)
			stop = end;
		for (last = stop; last > p && (last[-1] == ' ' || last[-1] == '\t' ||
						  last[-1] == '\r');)
			last--;
		if (stop == end || last == p || last[-1] != '\\')
			break;
		stop++;
	}
	hide(walk, p, last > p ? last : stop);
	walk->lexer.cursor = stop;
	for (; p < stop; p++)
		walk->open ^= *p == '"';
}

/* The same, but nothing where only blanks are. */
static void
hide_behind(struct walk *walk, const char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	if (p < walk->lexer.end && *p != '\n' && *p != '\r')
		hide_rest(walk, p);
}

static bool
is_fault(int kind)
{
	return kind == TK_JUNK || kind == TK_STUCK || kind == TK_UNTERMINATED ||
	    kind == TK_CONTROL || kind == TK_LONG;
}

static bool
is_value(int kind)
{
	return kind == TK_UNKNOWN || kind == TK_WORD || kind == TK_STRING ||
	    kind == TK_ID || is_fault(kind);
}

static struct slice
text(const struct token *token)
{
	return slice(token->ptr, token->len);
}

/* A closed string with a credential in it, and what comes behind that. */
static void
hide_string(struct walk *walk, const struct token *token)
{
	hide(walk, token->ptr, token->ptr + token->len);
	walk->credential = true;
}

/* No credential so far: an unknown word hides what stands behind it. */
static void
look_unknown(struct walk *walk, const struct token *token)
{
	bool selector;
	struct slice word = text(token);
	const char *nearest = suspect_meant(word, &selector);
	bool login = nearest != NULL && slice_is(slice_str(nearest), "login");

	if (suspect_word(word)) {
		walk->credential = walk->next = walk->next_keyword = true;
		if (nearest == NULL && suspect_name(word) < word.len)
			hide(walk, word.ptr + suspect_name(word), word.ptr + word.len);
	} else if (!walk->unknown && !selector) {
		if (walk->acting && suspect_assigned(word) != NULL)
			hide(walk, suspect_assigned(word), word.ptr + word.len);
		walk->credential = walk->acting || login;
		walk->next = true;
		walk->next_keyword = false;
	} else if (walk->unknown) {
		/* An option on a line of its own, perhaps. */
		walk->next = walk->before.ptr == token->ptr && !suspect_statement(word);
		walk->next_keyword = false;
	} else {
		/* A misspelt selector: its value is a word like any other. */
		walk->lexer.state = LEX_PATTERN;
		walk->lexer.values = 1;
		walk->lexer.after = LEX_KEYWORD;
	}
}

/* A fault in front of any credential; there may be one inside of a string. */
static void
look_fault(struct walk *walk, const struct token *token)
{
	if (token->kind == TK_UNTERMINATED) {
		walk->unknown = true;
		walk->lexer.cursor = token->ptr + 1;
		walk->lexer.state = LEX_HEAD;
		return;
	}
	if (suspect_word(text(token)) || suspect_string(text(token))) {
		hide_rest(walk, token->ptr + suspect_name(text(token)));
		walk->credential = walk->open = true;
	}
	walk->lexer.state = LEX_KEYWORD;
}

static void
look_option(struct walk *walk, const struct token *token)
{
	enum credential credential = option_credential(token->info);

	walk->acting = true;
	walk->login |= credential == CREDENTIAL_LOGIN;
	walk->secret |= credential == CREDENTIAL_SECRET || credential == CREDENTIAL_FILE;
	walk->credential |= credential != CREDENTIAL_NONE;
	walk->next = walk->next_keyword = credential == CREDENTIAL_SECRET;
}

/* The value of an option, a relay's name or host, the word behind `via`. */
static void
look_word(struct walk *walk, const struct token *token)
{
	bool option = walk->before.kind == TK_OPTION;
	enum credential credential = option ? option_credential(walk->before.info) : CREDENTIAL_NONE;
	bool file = credential == CREDENTIAL_FILE;

	if (walk->credential && !option) {
		hide_rest(walk, token->ptr);
		return;
	}
	/* A password where the path of one has to stand. */
	if (file && token->ptr[(token->info & WORD_QUOTED) != 0] != '/')
		hide(walk, token->ptr, token->ptr + token->len);
	else if (!option && (token->info & WORD_QUOTED) != 0 && suspect_string(text(token)))
		hide(walk, token->ptr, token->ptr + token->len);
	else if (option && walk->before.info == OPTION_AUTH &&
	    memchr(token->ptr, ':', token->len) != NULL)
		hide(walk, token->ptr, token->ptr + token->len);
	else
		walk->told = option && walk->secret && credential != CREDENTIAL_LOGIN;
	walk->credential |= suspect_word(text(token));
}

/* Whether nothing but blanks was hidden together with the token. */
static bool
is_last(const struct walk *walk, const struct token *token)
{
	return walk->secrets->list[walk->secrets->count - 1].end ==
	    source_pos(walk->source, token->ptr + token->len);
}

/*
 * A statement of many odd words is none: its rest is hidden unread.  A word costs
 * some comparisons, and the rest of the line is lexed again behind each stray '"'.
 */
static bool
exceeds(struct walk *walk, const struct token *token)
{
	enum { ODD_MOST = 32 };

	if (++walk->odd <= ODD_MOST)
		return false;
	hide_rest(walk, token->ptr);
	walk->credential = walk->open = true;
	return true;
}

/* Whether an unknown word may be the name of an option. */
static bool
is_name(const struct token *token)
{
	return token->kind == TK_UNKNOWN && suspect_name(text(token)) == token->len &&
	    !suspect_word(text(token));
}

/* A token behind a credential: options and their values are shown. */
static void
look_behind(struct walk *walk, const struct token *token)
{
	bool selector, told = walk->told;

	walk->told = false;
	if (token->kind == TK_UNKNOWN && exceeds(walk, token))
		return;
	if (token->kind == TK_OPTION) {
		look_option(walk, token);
	} else if (token->kind == TK_WORD) {
		look_word(walk, token);
	} else if (token->kind == TK_UNKNOWN && suspect_meant(text(token), &selector) != NULL && !selector) {
		walk->next = true;
		walk->next_keyword = suspect_word(text(token));
	} else if (told && is_name(token)) {
		hide_behind(walk, token->ptr + token->len);
	} else {
		hide_rest(walk, token->ptr);
		walk->next = suspect_word(text(token)) && is_last(walk, token);
	}
}

static void
look_ahead(struct walk *walk, const struct token *token)
{
	switch (token->kind) {
	case TK_OPTION:
		look_option(walk, token);
		break;
	case TK_UNKNOWN:
		if (!exceeds(walk, token))
			look_unknown(walk, token);
		break;
	case TK_RELAY:
	case TK_LIST:
	case TK_DEFAULT:
	case TK_INCLUDE:
	case TK_SOURCE:
	case TK_EXPECT:
	case TK_FIRST:
	case TK_MX:
	case TK_VIA:
	case TK_REJECT:
	case TK_DEFER:
	case TK_DISCARD:
		walk->acting = true;
		break;
	case TK_WORD:
		if (walk->acting || walk->before.kind == TK_UNKNOWN)
			look_word(walk, token);
		else if (suspect_string(text(token)))
			hide_string(walk, token);
		break;
	default:
		if (is_fault(token->kind) && !exceeds(walk, token))
			look_fault(walk, token);
		break;
	}
}

/* What stands where a secret has to. */
static void
look_secret(struct walk *walk, const struct token *token)
{
	if (is_fault(token->kind) || !is_value(token->kind)) {
		hide_rest(walk, token->ptr);
		return;
	}
	if (exceeds(walk, token))
		return;
	hide(walk, token->ptr, token->ptr + token->len);
	/* Several words in a row, none of which means anything here. */
	walk->next = !walk->credential ||
	    (walk->before.kind == TK_UNKNOWN && suspect_word(text(token)));
	walk->next_keyword = walk->credential;
}

static bool
opens_statement(int kind)
{
	return kind == TK_ROUTE || kind == TK_RELAY || kind == TK_LIST || kind == TK_DEFAULT ||
	    kind == TK_INCLUDE || kind == TK_SOURCE ||
	    kind == TK_EXPECT;
}

/* The first token; false: it is to be read again as a part of a route. */
static bool
look_first(struct walk *walk, const struct token *token)
{
	bool carried = walk->carried;

	walk->carried = false;
	if (opens_statement(token->kind))
		return true;
	if (carried && !suspect_statement(text(token))) {
		hide_rest(walk, token->ptr);
		walk->credential = true;
		walk->open = false;
		walk->next = suspect_word(text(token));
		return false;
	}
	walk->unknown = true;
	if (token->kind != TK_UNKNOWN)
		return true;
	walk->lexer.cursor = token->ptr;
	walk->lexer.state = LEX_HEAD;
	return false;
}

static void
look(struct walk *walk, const struct token *token)
{
	bool secret = walk->next && (walk->next_keyword || is_value(token->kind));

	walk->next = false;
	if (secret)
		look_secret(walk, token);
	else if (walk->credential)
		look_behind(walk, token);
	else
		look_ahead(walk, token);
}

/* At a line's end: a comment may be what was meant as the password. */
static void
end_statement(struct walk *walk, const struct token *token)
{
	const char *p;

	if (walk->before.kind == TK_NL)
		return;
	p = walk->before.ptr + walk->before.len;
	walk->carried = walk->credential &&
	    (walk->open || walk->next || walk->before.kind == TK_OPTION);
	if (walk->carried) {
		while (p < token->ptr && *p != '#')
			p++;
		if (p < token->ptr)
			hide(walk, p, token->ptr);
	}
	walk->broken |= walk->login && !walk->secret;
	walk->unknown = walk->acting = walk->credential = walk->open = walk->next = false;
	walk->odd = 0;
	walk->login = walk->secret = walk->told = false;
}

/* Whether the statement must be looked through word by word. */
static bool
is_odd(const struct walk *walk, const struct token *token)
{
	const struct token *before = &walk->before;

	if (token->kind == TK_STRING)
		return before->kind == TK_NL;
	if (token->kind == TK_UNKNOWN)
		return suspect_stuck(text(token)) || suspect_user_info(text(token)) != NULL;
	if (token->kind == TK_WORD)
		return walk->acting && suspect_user_info(text(token)) != NULL &&
		    (before->kind != TK_OPTION || option_credential(before->info) != CREDENTIAL_LOGIN);
	return is_fault(token->kind);
}

/*
 * The lines from p to stop, of which the last one may be no more than its comment.
 * What is longer than anybody writes is hidden unread.
 */
static void
hide_suspects(struct walk *walk, const char *p, const char *stop)
{
	enum { READ_MOST = 65536 };

	while (p < stop) {
		const char *newline = memchr(p, '\n', (size_t)(stop - p));
		const char *end = newline == NULL ? stop : newline;
		const char *read = end - p > READ_MOST ? p + READ_MOST : end;
		const char *secret = suspect_line(p, read, &walk->commented);

		if (secret == NULL && read < end)
			secret = read;
		if (secret != NULL)
			hide(walk, secret, end);
		p = end + (newline != NULL);
	}
}

/* What no token tells of: the comment behind `p`, or all from `begin` of a broken statement. */
static void
look_through(struct walk *walk, const char *begin, const char *p, const char *stop)
{
	if (!walk->broken && p < stop)
		p = memchr(p, '#', (size_t)(stop - p));
	if (walk->broken || (p != NULL && p < stop))
		hide_suspects(walk, walk->broken ? begin : p, stop);
	else
		walk->commented = false;
	walk->carried |= walk->commented;
	walk->broken = false;
}

/* One statement, or the blank line in front of one; false at the end. */
static bool
walk_statement(struct walk *walk)
{
	const char *begin = walk->lexer.cursor;
	struct token token;
	bool first = true;

	walk->before = (struct token){.kind = TK_NL, .ptr = begin};
	for (;;) {
		lexer_next_joined(&walk->lexer, &token);
		if (token.kind == TK_NL || token.kind == 0) {
			end_statement(walk, &token);
			look_through(walk, begin, walk->before.ptr + walk->before.len, token.ptr);
			return token.kind != 0;
		}
		walk->broken |= is_odd(walk, &token);
		if (!first || look_first(walk, &token))
			look(walk, &token);
		first = false;
		walk->before = token;
	}
}

/* A list's file: whatever is no value, in a file that may be no list at all. */
static void
find_behind_values(struct walk *walk, const char *stop)
{
	const char *begin = walk->lexer.cursor;
	struct token token;
	bool alone = true;

	walk->lexer.state = LEX_LINES;
	do {
		lexer_next_joined(&walk->lexer, &token);
		if (token.kind == TK_NL || token.kind == 0)
			look_through(walk, begin, begin, token.ptr);
		else if (!alone)
			hide_rest(walk, token.ptr);
		begin = token.ptr + token.len;
		alone = token.kind == TK_NL;
	} while (token.kind != 0 && token.ptr <= stop);
}

void
secrets_find_until(const struct source *source, uint32_t last, struct secrets *secrets)
{
	struct walk walk = {.source = source, .secrets = secrets};
	const char *end = source->text + source->size, *from = source_text(source, last);
	const char *stop = memchr(from, '\n', (size_t)(end - from));

	*secrets = (struct secrets){0};
	stop = stop == NULL ? end : stop;
	lexer_init(&walk.lexer, source->text, end, LEX_STATEMENT, 1);
	if (source->values)
		find_behind_values(&walk, stop);
	else
		while (walk.lexer.cursor <= stop && walk_statement(&walk))
			;
	secrets_settle(secrets);
}

void
secrets_find(const struct source *source, struct secrets *secrets)
{
	secrets_find_until(source, source->begin + source->size, secrets);
}

void
secrets_of_statement(const struct source *source, const char *begin, bool *carried,
    struct secrets *secrets)
{
	struct walk walk = {.source = source, .secrets = secrets, .carried = *carried};

	*secrets = (struct secrets){0};
	walk.carried |= suspect_comment(source->text, begin);
	lexer_init(&walk.lexer, begin, source->text + source->size, LEX_STATEMENT, 1);
	while (walk_statement(&walk) && walk.before.kind == TK_NL)
		;
	*carried = walk.carried;
	secrets_settle(secrets);
}
