#include "text/suspect.h"

#include "text/words.h"
#include "base/nearest.h"
#include "text/allow.h"

bool
suspect_word(struct slice word)
{
	static const char *const words[] = {"password", "passwd", "pass", "pwd", "rpwd"};
	static const char *const parts[] = {"pass", "Pass", "PASS", "pw", "Pw", "PW"};

	if (slice_is(word, "secret") ||
	    nearest_word(word, words, sizeof(words) / sizeof(*words)) != NULL)
		return true;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (memmem(word.ptr, word.len, parts[i], strlen(parts[i])) != NULL)
			return true;
	return false;
}

bool
suspect_string(struct slice string)
{
	const char *p = string.ptr, *end = string.ptr + string.len;

	if (memchr(p, ' ', string.len) == NULL)
		return false;
	if (suspect_user_info(string) != NULL)
		return true;
	while (p < end) {
		const char *blank = memchr(p, ' ', (size_t)(end - p));

		if (blank == NULL)
			blank = end;
		if (suspect_word(slice(p, (size_t)(blank - p))) ||
		    slice_is(slice(p, (size_t)(blank - p)), "login"))
			return true;
		p = blank + 1;
	}
	return false;
}

bool
suspect_statement(struct slice word)
{
	return nearest_word(word, statement_words, STATEMENT_COUNT) != NULL;
}

const char *
suspect_meant(struct slice word, bool *selector)
{
	const char *nearest = nearest_word(word, route_words, ROUTE_WORDS);

	*selector = false;
	for (size_t i = 0; i < ROUTE_KEYWORDS; i++)
		*selector |= nearest == route_words[i];
	return nearest;
}

size_t
suspect_name(struct slice word)
{
	size_t n = 0;

	while (n < word.len && ((word.ptr[n] >= 'a' && word.ptr[n] <= 'z') ||
				   (word.ptr[n] >= 'A' && word.ptr[n] <= 'Z') ||
				   word.ptr[n] == '-' || word.ptr[n] == '_'))
		n++;
	return n;
}

const char *
suspect_assigned(struct slice word)
{
	size_t n = suspect_name(word);

	return n > 0 && n + 1 < word.len && word.ptr[n] == '=' && !is_route_word(slice(word.ptr, n))
	    ? word.ptr + n + 1 : NULL;
}

/* What may stand between a name and its value, or a login and its password. */
static const char glue[] = ":=/;,|";

static struct slice
next_word(const char **p, const char *end)
{
	const char *begin;

	while (*p < end && (unsigned char)**p <= ' ')
		(*p)++;
	begin = *p;
	while (*p < end && (unsigned char)**p > ' ')
		(*p)++;
	return slice(begin, (size_t)(*p - begin));
}

static bool
is_letter(char c)
{
	return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (unsigned char)c >= 0x80;
}

static bool
is_part(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9');
}

/* Without the quotes, brackets and dashes in front. */
static struct slice
bare(struct slice word)
{
	while (word.len > 0 && !is_part(*word.ptr)) {
		word.ptr++;
		word.len--;
	}
	return word;
}

static bool
begins(struct slice word, const char *name)
{
	return word.len >= strlen(name) && strncasecmp(word.ptr, name, strlen(name)) == 0;
}

/* Behind the name of a password at p; NULL: there is none, or it is that of a host. */
static const char *
behind_known(struct slice word)
{
	static const char *const names[] = {"passwords", "password", "passwort", "passphrase",
	    "passwd", "pwd"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		size_t n = strlen(names[i]);

		if (!begins(word, names[i]) || (i == 0 && word.len > n && is_part(word.ptr[n])))
			continue;
		if (word.len > n + 1 && (word.ptr[n] == '.' || word.ptr[n] == '@') &&
		    is_part(word.ptr[n + 1]))
			return NULL;
		return word.ptr + n;
	}
	return NULL;
}

/* Behind a short or misspelt name, which has to stand alone. */
static const char *
behind_name(struct slice word)
{
	static const char *const shorts[] = {"pass", "pw", "secret"};
	static const char *const words[] = {"password", "passwd"};
	size_t n = suspect_name(word), from = n;
	char lower[16];

	if (n == 0 || (n < word.len && memchr(glue, word.ptr[n], sizeof(glue) - 1) == NULL))
		return NULL;
	while (from > 0 && is_letter(word.ptr[from - 1]))
		from--;
	for (size_t i = 0; i < sizeof(shorts) / sizeof(*shorts); i++)
		if (n - from == strlen(shorts[i]) && strncasecmp(word.ptr + from, shorts[i], n - from) == 0)
			return word.ptr + n;
	if (n < 6 || n > sizeof(lower))
		return NULL;
	for (size_t i = 0; i < n; i++)
		lower[i] = (char)(word.ptr[i] | 0x20);
	return nearest_word(slice(lower, n), words, 2) != NULL ? word.ptr + n : NULL;
}

static const char *
behind_password(struct slice word)
{
	for (const char *p = word.ptr; p < word.ptr + word.len; p++) {
		const char *behind = NULL;

		/* So all of the names begin; a word ends before a byte that can be read. */
		if ((*p | 0x20) == 'p' && ((p[1] | 0x20) == 'a' || (p[1] | 0x20) == 'w'))
			behind = behind_known(slice(p, (size_t)(word.ptr + word.len - p)));
		if (behind != NULL)
			return behind;
	}
	return behind_name(word);
}

bool
suspect_stuck(struct slice word)
{
	const char *file = option_word(OPTION_PASSWORD_FILE), *behind = behind_password(word);

	if (nearest_word(word, &file, 1) != NULL)
		return false;
	return behind != NULL ? behind < word.ptr + word.len : begins(word, "login") && word.len > 5;
}

/* What follows a sign that joins it to the login: "u:s3cret"; NULL: nothing does. */
static const char *
joined(struct slice word)
{
	size_t i = 0;

	while (i < word.len && memchr(glue, word.ptr[i], sizeof(glue) - 1) == NULL)
		i++;
	return i + 1 < word.len ? word.ptr + i + 1 : NULL;
}

const char *
suspect_user_info(struct slice word)
{
	const char *at = word.len == 0 ? NULL : memrchr(word.ptr, '@', word.len), *p = word.ptr;

	for (; at != NULL && p < at; p++)
		if (*p == ':' && p + 1 < at && p[1] != '/')
			return p + 1;
	return NULL;
}

/* What the words of a line so far were. */
struct line {
	bool statement;		/* it reads like one */
	bool login;		/* the next word is a login */
	bool behind;		/* ...stands behind one */
	bool file;		/* ...is the path of a password */
	bool password;		/* ...or whatever comes is a password */
};

/* Where the secret in a word begins, or NULL. */
static const char *
look_word(struct line *line, struct slice word)
{
	struct slice name = bare(word);
	struct line before = *line;

	line->login = line->behind = line->file = false;
	line->statement |= slice_is(name, "route") || slice_is(name, "relay") || slice_is(name, "via");
	if (before.file && memchr(word.ptr, '/', word.len < 2 ? word.len : 2) == NULL)
		return word.ptr;
	if (before.file)
		return NULL;
	if (slice_is(name, option_word(OPTION_PASSWORD_FILE))) {
		line->file = true;
		return NULL;
	}
	if (behind_password(name) != NULL) {
		line->password = true;
		return behind_password(name);
	}
	if (before.login) {
		line->behind = true;
		return joined(name);
	}
	if (before.behind && before.statement && !is_route_word(name) && name.len > 0)
		return word.ptr;
	if (begins(name, "login")) {
		line->login = name.len == 5;
		return joined(name);
	}
	return suspect_user_info(word);
}

/* The next byte that neither is blank nor joins; a '\' at the line's end is skipped. */
static const char *
value_from(const char *p, const char *end)
{
	while (p < end && ((unsigned char)*p <= ' ' || memchr(glue, *p, sizeof(glue) - 1) != NULL))
		p++;
	return p + 1 == end && *p == '\\' ? end : p;
}

const char *
suspect_line(const char *p, const char *end, bool *carried)
{
	struct line line = {.password = *carried};
	const char *begin = p, *secret = NULL;
	bool continued;

	if (!*carried && allow_is_all(slice(p, (size_t)(end - p))))
		return NULL;
	while (end > p && (unsigned char)end[-1] <= ' ')
		end--;
	continued = end > p && end[-1] == '\\';
	while (*carried && begin < end && ((unsigned char)*begin <= ' ' || *begin == '#'))
		begin++;
	if (*carried)
		secret = begin;
	while (secret == NULL && p < end) {
		struct slice word = next_word(&p, end);

		secret = look_word(&line, word);
	}
	if (line.password)
		secret = value_from(secret, end);
	*carried = secret != NULL && (continued || (secret == end && line.statement));
	return secret == end ? NULL : secret;
}

bool
suspect_comment(const char *text, const char *begin)
{
	const char *end, *p;
	bool carried = false;

	end = begin == text ? NULL : memrchr(text, '\n', (size_t)(begin - text));
	if (end == NULL || end == text)
		return false;
	p = memrchr(text, '\n', (size_t)(end - text));
	p = p == NULL ? text : p + 1;
	p = p == end ? NULL : memchr(p, '#', (size_t)(end - p));
	if (p != NULL)
		suspect_line(p, end, &carried);
	return carried;
}
