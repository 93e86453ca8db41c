#include "change/compose.h"

#include <stdlib.h>
#include <string.h>

#include "program/hide.h"
#include "text/quote.h"
#include "text/secret.h"
#include "text/suspect.h"
#include "text/values.h"

static const char program[] = "tmail routes";

/* Whether the word is, or holds, the value of the option of a login. */
static bool
is_login(char *const *argv, int i)
{
	const char *word = i > 0 && argv[i][0] != '-' ? argv[i - 1] : argv[i];

	word += strspn(word, "-");
	return cli_is_named(fields_names(OPTION_LOGIN), word, strcspn(word, "="));
}

/* How much of a word may be shown: a secret may be in the wrong option, too. */
static size_t
shown_length(char *const *argv, int i)
{
	const char *word = argv[i], *secret = suspect_user_info(slice_str(word));
	size_t len = hide_begin(argv, i);
	bool carried = false;

	if (len < strlen(word))
		return len;
	if (secret == NULL && strchr(word, ' ') != NULL)
		secret = suspect_line(word, word + len, &carried);
	if (secret == NULL && is_login(argv, i) && strchr(word, ':') != NULL)
		secret = strchr(word, ':') + 1;
	return secret == NULL ? len : (size_t)(secret - word);
}

/* A word of the command line as it may be shown. */
static struct slice
shown_word(struct composer *c, int i)
{
	const char *word = c->argv[i];
	size_t begin = shown_length(c->argv, i);

	if (begin == strlen(word))
		return slice_str(word);
	return arena_printf(&c->arena, "%.*s%s", (int)begin, word, SECRET_MASK);
}

void
composer_init(struct composer *c, int argc, char **argv)
{
	size_t room = sizeof(program), used = sizeof(program) - 1;
	char *line;

	*c = (struct composer){.argc = argc, .argv = argv};
	c->places = arena_alloc(&c->arena, (size_t)argc * sizeof(*c->places));
	c->ends = arena_alloc(&c->arena, (size_t)argc * sizeof(*c->ends));
	for (int i = 0; i < argc; i++)
		room += strlen(argv[i]) + sizeof(SECRET_MASK) + 1;
	line = arena_bytes(&c->arena, room);
	memcpy(line, program, used);
	for (int i = 0; i < argc; i++) {
		struct slice word = shown_word(c, i);

		line[used++] = ' ';
		c->places[i] = (uint32_t)used;
		memcpy(line + used, word.ptr, word.len);
		used += word.len;
		c->ends[i] = (uint32_t)used;
	}
	c->shown_line = slice(line, used);
}

void
composer_release(struct composer *c)
{
	if (c->text != NULL)
		explicit_bzero(c->text, c->capacity);
	free(c->text);
	free(c->pieces);
	arena_release(&c->arena);
}

/* The text is followed by the slack that a source needs. */
static void
append(struct composer *c, struct slice text)
{
	while (c->capacity < c->len + text.len + SOURCE_SLACK) {
		c->capacity = c->capacity == 0 ? 1024 : c->capacity * 2;
		c->text = mem_resize(c->text, c->capacity, 1);
	}
	memcpy(c->text + c->len, text.ptr, text.len);
	c->len += text.len;
	memset(c->text + c->len, 0, SOURCE_SLACK);
}

/* The word that a value is in, or -1 (a password from standard input). */
static int
word_of(const struct composer *c, const char *value)
{
	for (int i = 0; i < c->argc; i++)
		if (value >= c->argv[i] && value <= c->argv[i] + strlen(c->argv[i]))
			return i;
	return -1;
}

static void
add_piece(struct composer *c, struct shown_piece piece)
{
	c->pieces = mem_grow(c->pieces, c->piece_count, &c->piece_capacity, sizeof(*c->pieces));
	c->pieces[c->piece_count++] = piece;
	c->shown = (struct shown){c->shown_line, c->pieces, c->piece_count};
}

/* Appends text that came from a value, and notes from where. */
static void
append_value(struct composer *c, struct slice text, const char *value)
{
	int i = word_of(c, value);
	struct shown_piece piece = {.begin = (uint32_t)c->len};

	append(c, text);
	piece.end = (uint32_t)c->len;
	if (i < 0)
		return;
	piece.exact = text.ptr == value &&
	    c->ends[i] - c->places[i] == strlen(c->argv[i]) && text.len == strlen(value);
	piece.at_end = c->ends[i];
	piece.at = piece.exact ? c->places[i] + (uint32_t)(value - c->argv[i]) : c->places[i];
	add_piece(c, piece);
}

/* Appends a keyword, which stands for the option in front of the value. */
static void
append_keyword(struct composer *c, const char *keyword, const char *value)
{
	int i = word_of(c, value);
	struct shown_piece piece;

	append(c, slice(" ", 1));
	piece = (struct shown_piece){.begin = (uint32_t)c->len};
	append(c, slice_str(keyword));
	piece.end = (uint32_t)c->len;
	append(c, slice(" ", 1));
	if (i < 0)
		return;
	if (c->argv[i] == value)
		i--;
	piece.at = c->places[i];
	piece.at_end = c->ends[i];
	add_piece(c, piece);
}

static void
compose_selector(struct composer *c, const char *keyword, const char *value)
{
	if (value == NULL)
		return;
	append_keyword(c, keyword, value);
	append_value(c, quote_patterns(&c->arena, slice_str(value)), value);
}

/* HOST:PORT where that can be read back as the two; else the port is an option. */
static bool
port_fits(const struct fields *f)
{
	struct slice host = slice_str(f->host);
	struct hop_word word = hop_word(host, true);
	const char *port = f->options[OPTION_PORT];

	if (port == NULL || !quote_is_bare(host) || !quote_is_bare(slice_str(port)))
		return false;
	return (word.kind == HOP_WORD_HOST && word.port.ptr == NULL) ||
	    (word.kind == HOP_WORD_BRACKETS && word.rest.len == 0);
}

static void
compose_host(struct composer *c, const struct fields *f)
{
	append_value(c, quote_word(&c->arena, slice_str(f->host)), f->host);
	if (port_fits(f)) {
		append(c, slice(":", 1));
		append_value(c, slice_str(f->options[OPTION_PORT]), f->options[OPTION_PORT]);
	}
}

static void
compose_relay(struct composer *c, const struct fields *f)
{
	append(c, slice_str("relay "));
	append_value(c, quote_word(&c->arena, slice_str(f->relay)), f->relay);
	append(c, slice_str(" "));
	compose_host(c, f);
}

static void
compose_route(struct composer *c, const struct fields *f)
{
	const char *text, *reply = fields_reply(f, &text);

	append(c, slice_str("route"));
	compose_selector(c, "to", f->to);
	compose_selector(c, "user", f->user);
	compose_selector(c, "from", f->from);
	if (f->host != NULL) {
		append_keyword(c, "via", f->host);
		compose_host(c, f);
	} else {
		append_keyword(c, reply, text);
		if (*text == '\0')
			c->text[--c->len] = '\0';	/* the blank: the usual text is not written */
		else
			append_value(c, quote_string(&c->arena, slice_str(text)), text);
	}
}

void
compose_statement(struct composer *c, const struct fields *f)
{
	if (f->relay != NULL)
		compose_relay(c, f);
	else
		compose_route(c, f);
	for (int i = 0; i < OPTION_COUNT; i++) {
		const char *value = f->options[i];

		if (value == NULL || (i == OPTION_PORT && f->host != NULL && port_fits(f)))
			continue;
		append_keyword(c, option_word((enum option)i), value);
		append_value(c, quote_word(&c->arena, slice_str(value)), value);
	}
	if (f->comment != NULL) {
		append(c, slice_str(" # "));
		append_value(c, slice_str(f->comment), f->comment);
	}
}
