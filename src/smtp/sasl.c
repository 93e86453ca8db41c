#include "smtp/sasl.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "smtp/base64.h"

static const char *const names[MECHANISM_COUNT] = {
    [MECHANISM_EXTERNAL] = "EXTERNAL",
    [MECHANISM_OAUTHBEARER] = "OAUTHBEARER",
    [MECHANISM_XOAUTH2] = "XOAUTH2",
    [MECHANISM_SCRAM_SHA_256] = "SCRAM-SHA-256",
    [MECHANISM_SCRAM_SHA_1] = "SCRAM-SHA-1",
    [MECHANISM_CRAM_MD5] = "CRAM-MD5",
    [MECHANISM_PLAIN] = "PLAIN",
    [MECHANISM_LOGIN] = "LOGIN",
};

const char *
sasl_name(enum mechanism mechanism)
{
	return names[mechanism];
}

enum mechanism
sasl_find(const char *name, size_t len)
{
	unsigned i;

	for (i = 0; i < MECHANISM_COUNT; i++)
		if (strlen(names[i]) == len && strncasecmp(names[i], name, len) == 0)
			break;
	return (enum mechanism)i;
}

static bool
by_library(enum mechanism mechanism)
{
	return mechanism == MECHANISM_SCRAM_SHA_256 || mechanism == MECHANISM_SCRAM_SHA_1 ||
	    mechanism == MECHANISM_CRAM_MD5;
}

static bool
fail(struct sasl *sasl, const char *why)
{
	sasl->why = why;
	return false;
}

bool
sasl_begin(struct sasl *sasl, enum mechanism mechanism, const struct credentials *who)
{
	*sasl = (struct sasl){.mechanism = mechanism, .who = who};
	if (!by_library(mechanism))
		return true;
	sasl->crypto = crypto_sasl(&sasl->why);
	if (sasl->crypto == NULL)
		return false;
	sasl->exchange = sasl->crypto->begin(names[mechanism], who->login, who->password);
	return sasl->exchange != NULL || fail(sasl, "out of memory");
}

bool
sasl_speaks_first(enum mechanism mechanism)
{
	return mechanism != MECHANISM_CRAM_MD5 && mechanism != MECHANISM_LOGIN;
}

/* A printf that may hold NULs, "%c" with 0, encoded. */
static bool
answer_text(struct sasl *sasl, char **answer, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool
answer_text(struct sasl *sasl, char **answer, const char *format, ...)
{
	va_list args;
	char *text;
	int n;

	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0)
		return fail(sasl, "out of memory");
	*answer = base64_encode(text, (size_t)n);
	explicit_bzero(text, (size_t)n);
	free(text);
	return *answer != NULL || fail(sasl, "out of memory");
}

/* The name before the token (RFC 5801, 4): without the bytes that end it. */
static bool
bearer(struct sasl *sasl, char **answer)
{
	const char *p = sasl->who->login;
	char name[3 * 255 + 1];
	size_t n = 0;

	for (; *p != '\0' && n + 4 <= sizeof(name); p++) {
		if (*p == ',' || *p == '=')
			n += (size_t)snprintf(name + n, 4, *p == ',' ? "=2C" : "=3D");
		else
			name[n++] = *p;
	}
	name[n] = '\0';
	return answer_text(sasl, answer, "n,a=%s,\1host=%s\1port=%u\1auth=Bearer %s\1\1", name,
	    sasl->who->host, sasl->who->port, sasl->who->token);
}

/* The mechanisms that speak once. */
static bool
speak(struct sasl *sasl, char **answer)
{
	const struct credentials *who = sasl->who;

	sasl->done = true;
	switch (sasl->mechanism) {
	case MECHANISM_PLAIN:
		return answer_text(sasl, answer, "%c%s%c%s", 0, who->login, 0, who->password);
	case MECHANISM_XOAUTH2:
		return answer_text(sasl, answer, "user=%s\1auth=Bearer %s\1\1", who->login,
		    who->token);
	case MECHANISM_OAUTHBEARER:
		return bearer(sasl, answer);
	case MECHANISM_EXTERNAL:
		return answer_text(sasl, answer, "%s", who->login == NULL ? "" : who->login);
	default:
		return fail(sasl, "no such mechanism");
	}
}

/* What follows a first word that was not enough. */
static bool
follow(struct sasl *sasl, char **answer)
{
	switch (sasl->mechanism) {
	case MECHANISM_LOGIN:
		sasl->done = sasl->step == 2;
		return answer_text(sasl, answer, "%s",
		    sasl->done ? sasl->who->password : sasl->who->login);
	/* The server has said what it has against the token, and wants to say so by a code. */
	case MECHANISM_XOAUTH2:
		return answer_text(sasl, answer, "%s", "");
	case MECHANISM_OAUTHBEARER:
		return answer_text(sasl, answer, "\1");
	default:
		return fail(sasl, "a challenge too many");
	}
}

bool
sasl_step(struct sasl *sasl, const char *challenge, char **answer)
{
	bool first = sasl->step == 0 && sasl_speaks_first(sasl->mechanism);

	*answer = NULL;
	if (sasl->done && by_library(sasl->mechanism))
		return fail(sasl, "a challenge too many");
	sasl->step++;
	if (by_library(sasl->mechanism)) {
		sasl->why = sasl->crypto->step(sasl->exchange, challenge, answer, &sasl->done,
		    &sasl->unfit);
		return sasl->why == NULL;
	}
	if (first)
		return speak(sasl, answer);
	if (sasl->step > 2)
		return fail(sasl, "a challenge too many");
	return follow(sasl, answer);
}

void
sasl_end(struct sasl *sasl)
{
	if (sasl->crypto != NULL)
		sasl->crypto->end(sasl->exchange);
}
