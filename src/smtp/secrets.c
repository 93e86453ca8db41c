#include "smtp/secrets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "smtp/base64.h"

/* Masking shorter words of AUTH would hide half of all replies for nothing. */
#define WORD_MIN 4
/* How much of a secret gives it away. */
#define PIECE 8

#define HIDDEN "********"

static void
keep(struct secrets *secrets, char *secret)
{
	if (secret == NULL || secrets->count == SECRETS_MAX) {
		secrets->blind = true;
		free(secret);
	} else {
		secrets->list[secrets->count++] = secret;
	}
}

/* Up to max bytes of a text without its blanks; NULL: out of memory. */
static char *
without_blanks(const char *text, size_t max)
{
	char *bare = calloc(1, max + 1);
	size_t n = 0;

	for (; bare != NULL && *text != '\0' && n < max; text++)
		if (*text != ' ')
			bare[n++] = *text;
	return bare;
}

void
secrets_add(struct secrets *secrets, const char *secret)
{
	size_t len = strlen(secret);

	if (len == 0)
		return;
	keep(secrets, strdup(secret));
	if (strchr(secret, ' ') != NULL && strspn(secret, " ") < len)
		keep(secrets, without_blanks(secret, len));
	keep(secrets, base64_encode(secret, len));
}

void
secrets_sent(struct secrets *secrets, const char *word)
{
	if (strlen(word) >= WORD_MIN)
		keep(secrets, strdup(word));
}

/* Whether the text has the secret, or a piece of it. */
static bool
quotes(const char *text, size_t n, const char *secret)
{
	size_t len = strlen(secret), i;

	if (len <= PIECE)
		return memmem(text, n, secret, len) != NULL;
	for (i = 0; i + PIECE <= n; i++)
		if (memmem(secret, len, text + i, PIECE) != NULL)
			return true;
	return false;
}

void
secrets_show(const struct secrets *secrets, const char *text, char *out, size_t size)
{
	/* What is cut may be the rest of a piece. */
	size_t n = strnlen(text, size + PIECE), i;
	/* A reply's lines are joined by blanks, perhaps amid a secret. */
	char *bare = without_blanks(text, size + PIECE);
	bool quoted = secrets->blind || bare == NULL;

	for (i = 0; i < secrets->count && !quoted; i++)
		quoted = quotes(text, n, secrets->list[i]) ||
		    quotes(bare, strlen(bare), secrets->list[i]);
	snprintf(out, size, "%s", quoted ? HIDDEN : text);
	if (bare != NULL)
		explicit_bzero(bare, size + PIECE);
	free(bare);
}

void
secrets_forget(struct secrets *secrets)
{
	size_t i;

	for (i = 0; i < secrets->count; i++) {
		explicit_bzero(secrets->list[i], strlen(secrets->list[i]));
		free(secrets->list[i]);
	}
	secrets->count = 0;
}
