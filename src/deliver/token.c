#include "deliver/token.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "program/password_file.h"

#define TOKEN_MAX 16384
#define FILE_MAX 65536
/* Of values within values. */
#define DEPTH_MAX 32

#define BLANK " \t\r\n"

/* What RFC 6750 (2.1) lets a token be made of. */
#define TOKEN_CHARACTERS \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/="

/* JSON as it is read; p NULL: it is none. */
struct json {
	const char *p;
	const char *token;	/* within its quotes */
	size_t token_len;
	double expires_at;	/* perhaps 1.9e9; 0: not said */
};

/* Whether the next thing is c, which is then taken. */
static bool
take(struct json *json, char c)
{
	if (json->p == NULL)
		return false;
	json->p += strspn(json->p, BLANK);
	if (*json->p != c)
		return false;
	json->p++;
	return true;
}

static bool
bad(struct json *json)
{
	json->p = NULL;
	return false;
}

/* A string as it stands; no name that is looked for has an escape in it. */
static bool
string(struct json *json, const char **text, size_t *len)
{
	if (!take(json, '"'))
		return bad(json);
	*text = json->p;
	for (; *json->p != '"'; json->p++) {
		if (*json->p == '\\' && json->p[1] != '\0')
			json->p++;
		else if ((unsigned char)*json->p < ' ')
			return bad(json);
	}
	*len = (size_t)(json->p++ - *text);
	return true;
}

static bool value(struct json *json, unsigned depth);

static bool
list(struct json *json, unsigned depth)
{
	if (take(json, ']'))
		return true;
	do
		if (!value(json, depth))
			return false;
	while (take(json, ','));
	return take(json, ']') || bad(json);
}

static bool
is(const char *text, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(text, name, len) == 0;
}

/* A number, perhaps in quotes; else 0, as for a date, whose year would be one long ago. */
static double
seconds(const char *text)
{
	bool quoted = *text == '"';
	char *end;
	double number = strtod(text + quoted, &end);

	return strspn(end, quoted ? "\"" : BLANK ",}") > 0 ? number : 0;
}

static bool
object(struct json *json, unsigned depth)
{
	const char *name;
	size_t len;

	if (take(json, '}'))
		return true;
	do {
		if (!string(json, &name, &len) || !take(json, ':'))
			return bad(json);
		json->p += strspn(json->p, BLANK);
		if (depth == 1 && is(name, len, "access_token")) {
			if (!string(json, &json->token, &json->token_len))
				return false;
			continue;
		}
		if (depth == 1 && is(name, len, "expires_at"))
			json->expires_at = seconds(json->p);
		if (!value(json, depth))
			return false;
	} while (take(json, ','));
	return take(json, '}') || bad(json);
}

static bool
value(struct json *json, unsigned depth)
{
	const char *text;
	size_t len;

	if (depth == DEPTH_MAX)
		return bad(json);
	json->p += strspn(json->p, BLANK);
	if (*json->p == '"')
		return string(json, &text, &len);
	if (take(json, '{'))
		return object(json, depth + 1);
	if (take(json, '['))
		return list(json, depth + 1);
	/* true, null, -1.5e3 */
	len = strcspn(json->p, BLANK ",]}\"[{");
	json->p += len;
	return len > 0 || bad(json);
}

static const char *
judge(const char *token, size_t len)
{
	if (len == 0)
		return "there is no token in it";
	if (len > TOKEN_MAX)
		return "the token is too long";
	if (strspn(token, TOKEN_CHARACTERS) < len)
		return "the token holds what no token can";
	return NULL;
}

/* The byte of u003d, behind its backslash; 0: no byte of a token. */
static char
unicode(const char *escape)
{
	char digits[3] = "";

	if (strncmp(escape, "u00", 3) != 0 ||
	    strspn(escape + 3, "0123456789abcdefABCDEF") < 2)
		return '\0';
	memcpy(digits, escape + 3, 2);
	return (char)strtoul(digits, NULL, 16);
}

/* Takes the escapes out of a string of JSON: some who write it have them before a '/', or for a '='.
 * One that stands for no byte of a token stays, and is none itself. */
static void
unescape(char *text)
{
	char *to = text, byte;

	while (*text != '\0') {
		if (text[0] == '\\' && text[1] == '/') {
			text++;
		} else if (text[0] == '\\' && (byte = unicode(text + 1)) != '\0') {
			*to++ = byte;
			text += sizeof("\\u003d") - 1;
			continue;
		}
		*to++ = *text++;
	}
	explicit_bzero(to, (size_t)(text - to));
	*to = '\0';
}

/* Finds the token in the text; returns what is wrong with that, or NULL. */
static const char *
find(const char *text, int64_t now, const char **token, size_t *len)
{
	struct json json = {.p = text};

	*token = text;
	*len = strcspn(text, "\r\n");
	if (*text == '{') {
		if (!value(&json, 0) || json.p[strspn(json.p, BLANK)] != '\0')
			return "it is no JSON";
		if (json.token == NULL)
			return "it has no access_token";
		*token = json.token;
		*len = json.token_len;
		if (json.expires_at != 0 && json.expires_at <= (double)now)
			return "the token has expired";
	}
	return NULL;
}

char *
token_read(const char *path, int64_t now, const char **why)
{
	char *text = secret_file_read(path, FILE_MAX, why), *copy = NULL;
	const char *begin, *token;
	size_t len;

	if (text == NULL)
		return NULL;
	begin = text + strspn(text, BLANK);
	*why = find(begin, now, &token, &len);
	if (*why == NULL) {
		copy = strndup(token, len);
		*why = copy == NULL ? "out of memory" : NULL;
	}
	if (copy != NULL) {
		if (*begin == '{')
			unescape(copy);
		*why = judge(copy, strlen(copy));
	}
	password_free(text);
	if (*why == NULL)
		return copy;
	password_free(copy);
	return NULL;
}
