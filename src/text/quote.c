#include "text/quote.h"

#include <stdio.h>

#include "base/utf8.h"
#include "text/values.h"

bool
quote_is_bare(struct slice value)
{
	static const char signs[] = "._+=/:@*<>|&[]$%~!-,";

	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i], l = c | 0x20;

		if ((l < 'a' || l > 'z') && (c < '0' || c > '9') && c < 0x80 &&
		    (c == '\0' || memchr(signs, c, sizeof(signs) - 1) == NULL))
			return 0;
	}
	return value.len > 0 && utf8_flaw(value.ptr, value.ptr + value.len) == NULL;
}

static char *
put(char *o, const char *p, const char *next, uint32_t c)
{
	if (c == '"' || c == '\\') {
		*o++ = '\\';
		*o++ = *p;
	} else if (c == '\t') {
		*o++ = '\\';
		*o++ = 't';
	} else if (c < 0x20 || c == 0x7f || c == UTF8_INVALID) {
		o += sprintf(o, "\\x%02X", (unsigned)(unsigned char)*p);
	} else {
		memcpy(o, p, (size_t)(next - p));
		o += next - p;
	}
	return o;
}

struct slice
quote_string(struct arena *arena, struct slice value)
{
	char *out = arena_bytes(arena, value.len * 4 + 3), *o = out;
	const char *p = value.ptr, *end = value.ptr + value.len;

	*o++ = '"';
	while (p < end) {
		uint32_t c;
		const char *next = utf8_next(p, end, &c);

		o = put(o, p, next, c);
		p = next;
	}
	*o++ = '"';
	return slice(out, (size_t)(o - out));
}

struct slice
quote_word(struct arena *arena, struct slice value)
{
	return quote_is_bare(value) ? value : quote_string(arena, value);
}

const char *
quote_undo(struct arena *arena, struct slice string, struct slice *value)
{
	const char *p = string.ptr + 1, *end = string.ptr + string.len - 1;
	char *out = arena_bytes(arena, string.len), *o = out;

	while (p < end) {
		size_t n;

		if (*p != '\\') {
			*o++ = *p++;
			continue;
		}
		n = escape_read(slice(p + 1, (size_t)(end - p) - 1), o++);
		if (n == 0)
			return p;
		p += 1 + n;
	}
	*o = '\0';
	*value = slice(out, (size_t)(o - out));
	return NULL;
}

const char *
quote_pattern_end(const char *p, const char *end)
{
	bool quoted = false;

	for (; p < end && (*p != ',' || quoted); p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		else if (*p == '"')
			quoted = !quoted;
	}
	return p;
}

/* Without blanks at the end, or in front. */
static struct slice
trim(struct slice word, bool front, bool end)
{
	while (end && word.len > 0 && memchr(" \t", word.ptr[word.len - 1], 2) != NULL)
		word.len--;
	while (front && word.len > 0 && memchr(" \t", word.ptr[0], 2) != NULL)
		word = slice(word.ptr + 1, word.len - 1);
	return word;
}

/* `"any"`, as listings show the login of that name. */
static bool
is_string(struct slice word)
{
	const char *end = word.ptr + word.len - 1;

	return word.len > 2 && word.ptr[0] == '"' && *end == '"' &&
	    memchr(word.ptr, '\\', word.len) == NULL &&
	    memchr(word.ptr + 1, '"', word.len - 2) == NULL;
}

struct slice
quote_patterns(struct arena *arena, struct slice value)
{
	const char *p = value.ptr, *end = value.ptr + value.len;
	struct slice out = slice("", 0);

	if (quote_is_bare(value))
		return value;
	for (;;) {
		const char *stop = quote_pattern_end(p, end);
		struct slice word = trim(slice(p, (size_t)(stop - p)), p != value.ptr, stop != end);

		if (!is_string(word))
			word = quote_word(arena, word);
		out = arena_printf(arena, "%.*s%s%.*s", (int)out.len, out.ptr,
		    out.len == 0 ? "" : ",", (int)word.len, word.ptr);
		if (stop == end)
			return out;
		p = stop + 1;
	}
}
