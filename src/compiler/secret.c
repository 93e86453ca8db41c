#include "compiler/secret.h"

#include <stdlib.h>

#include "compiler/lexer.h"
#include "compiler/words.h"

/* A walk over the tokens of one source. */
struct walk {
	const struct source *source;
	struct secrets *secrets;
	bool unknown_statement;
	bool credential;	/* login or password was seen in this statement */
	bool hide_next;
	bool hide_keyword;	/* even if it reads as a keyword */
	bool pass_next;		/* the value of a misspelt selector */
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

static bool
is_fault(int kind)
{
	return kind == TK_JUNK || kind == TK_STUCK || kind == TK_UNTERMINATED ||
	    kind == TK_CONTROL || kind == TK_LONG;
}

/* Words that are likely to have a secret behind them. */
static bool
names_secret(struct slice word)
{
	static const char *const words[] = {"password", "passwd", "pass", "pwd", "secret", "rpwd"};

	return word_nearest(word, words, sizeof(words) / sizeof(*words)) != NULL ||
	    memmem(word.ptr, word.len, "pass", 4) != NULL ||
	    memmem(word.ptr, word.len, "pw", 2) != NULL;
}

/* The word of the language that an unknown one was meant to be. */
static const char *
meant(struct slice word, bool *selector)
{
	static const char *const words[] = {"to", "user", "from", "via", "reject", "defer", "port",
	    "priority", "weight", "local", "login", "password", "password-file", "tls", "tls-name",
	    "helo", "transport"};
	const char *nearest = word_nearest(word, words, sizeof(words) / sizeof(*words));

	*selector = false;
	for (size_t i = 0; i < 6; i++)
		*selector |= nearest == words[i];
	return nearest;
}

/* An unknown word hides its value, and itself where it may be the value. */
static void
look_unknown(struct walk *walk, const struct lexer *lexer, const struct token *token)
{
	struct slice word = slice(token->ptr, token->len);
	bool selector, secret = names_secret(word);
	const char *nearest = meant(word, &selector);

	walk->unknown_statement |= lexer->state == LEX_STATEMENT;
	if (walk->credential && nearest == NULL)
		hide(walk, token->ptr, token->ptr + token->len);
	walk->hide_next = secret || (!walk->unknown_statement && !selector);
	walk->hide_keyword = secret;
	walk->pass_next = !secret && selector && !walk->unknown_statement;
	walk->credential |= secret;
}

static void
end_statement(struct walk *walk)
{
	walk->unknown_statement = walk->credential = false;
	walk->hide_next = walk->pass_next = false;
}

/* The token's own part of the line, or all that is left of the line. */
static const char *
hide_token(struct walk *walk, const struct token *token, const char *end)
{
	const char *stop = token->ptr + token->len;

	if (is_fault(token->kind)) {
		stop = memchr(stop, '\n', (size_t)(end - stop));
		if (stop == NULL)
			stop = end;
	}
	hide(walk, token->ptr, stop);
	return stop;
}

static bool
is_value(const struct token *token)
{
	return token->kind == TK_UNKNOWN || token->kind == TK_WORD || token->kind == TK_STRING ||
	    token->kind == TK_ID || is_fault(token->kind);
}

static void
look(struct walk *walk, struct lexer *lexer, const struct token *token)
{
	bool hidden = walk->hide_next && (walk->hide_keyword || is_value(token));
	bool passed = walk->pass_next && is_value(token);

	walk->hide_next = walk->pass_next = false;
	if (hidden || (walk->credential && is_fault(token->kind))) {
		lexer->cursor = hide_token(walk, token, lexer->end);
	} else if (token->kind == TK_OPTION) {
		walk->credential |= token->info == OPTION_LOGIN || token->info == OPTION_PASSWORD;
		walk->hide_next = walk->hide_keyword = token->info == OPTION_PASSWORD;
	} else if (token->kind == TK_UNKNOWN && !passed) {
		look_unknown(walk, lexer, token);
	}
}

void
secrets_find(const struct source *source, struct secrets *secrets)
{
	struct walk walk = {.source = source, .secrets = secrets};
	struct lexer lexer;
	struct token token;

	*secrets = (struct secrets){0};
	if (source->values)
		return;
	lexer_init(&lexer, source->text, source->text + source->size, LEX_STATEMENT, 1);
	for (;;) {
		lexer_next(&lexer, &token);
		if (token.kind == 0)
			break;
		if (token.kind == TK_NL)
			end_statement(&walk);
		else
			look(&walk, &lexer, &token);
	}
}

void
secrets_release(struct secrets *secrets)
{
	free(secrets->list);
	*secrets = (struct secrets){0};
}

const struct span *
secrets_from(const struct secrets *secrets, uint32_t pos)
{
	size_t low = 0, high = secrets->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (secrets->list[middle].end > pos)
			high = middle;
		else
			low = middle + 1;
	}
	return low < secrets->count ? &secrets->list[low] : NULL;
}

struct slice
secrets_mask(const struct secrets *secrets, const struct source *source, uint32_t begin,
    uint32_t end, struct arena *arena)
{
	size_t room = end - begin, used = 0, hidden = 0;
	const struct span *last = secrets->list + secrets->count;
	const struct span *first = secrets_from(secrets, begin);
	char *out;

	for (const struct span *s = first; s != NULL && s < last && s->begin < end; s++)
		hidden++;
	out = arena_bytes(arena, room + hidden * (sizeof(SECRET_MASK) - 1) + 1);
	for (const struct span *s = first; hidden > 0; s++, hidden--) {
		uint32_t stop = s->begin > begin ? s->begin : begin;

		memcpy(out + used, source_text(source, begin), stop - begin);
		used += stop - begin;
		memcpy(out + used, SECRET_MASK, sizeof(SECRET_MASK) - 1);
		used += sizeof(SECRET_MASK) - 1;
		begin = s->end < end ? s->end : end;
	}
	memcpy(out + used, source_text(source, begin), end - begin);
	used += end - begin;
	return slice(out, used);
}
