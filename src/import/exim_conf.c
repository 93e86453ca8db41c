/* exim_conf.c - routers in a configuration of Exim. */
#include <string.h>

#include "import/exim.h"
#include "import/statement.h"

enum { EXPANDED_MAX = 1 << 16 };

void
exim_join_lines(struct import *import, struct foreign *file)
{
	size_t n = 0;

	for (size_t i = 0; i < file->count; i++) {
		struct foreign_line line = file->lines[i];
		struct slice text = trim(line.text);

		while (text.len > 0 && text.ptr[text.len - 1] == '\\' && i + 1 < file->count) {
			struct slice next = trim(file->lines[++i].text);

			text = arena_printf(&import->arena, "%.*s%.*s", (int)text.len - 1, text.ptr,
			    (int)next.len, next.ptr);
		}
		line.text = text;
		file->lines[n++] = line;
	}
	file->count = n;
}

/* The value behind "NAME =", or absent. */
static struct slice
value_of(struct slice text, const char *name)
{
	size_t len = strlen(name);

	if (text.len > 5 && memcmp(text.ptr, "hide", 4) == 0 && is_blank(text.ptr[4]))
		text = trim(slice(text.ptr + 4, text.len - 4));
	if (text.len < len || memcmp(text.ptr, name, len) != 0)
		return slice(NULL, 0);
	text = trim(slice(text.ptr + len, text.len - len));
	return text.len > 0 && text.ptr[0] == '=' ? trim(slice(text.ptr + 1, text.len - 1))
	    : slice(NULL, 0);
}

/* "begin routers": all hosts may stand in options that are no route_list. */
static bool
begins_routers(struct slice text)
{
	struct slice begin = cut(&text, " \t");

	return slice_is(begin, "begin") && text.ptr != NULL && slice_is(trim(text), "routers");
}

bool
exim_has_routers(const struct foreign *file)
{
	for (size_t i = 0; i < file->count; i++)
		if (value_of(file->lines[i].text, "route_list").ptr != NULL ||
		    begins_routers(file->lines[i].text))
			return true;
	return false;
}

/* "NAME:", with which a router begins. */
static bool
is_name(struct slice text)
{
	return text.ptr[text.len - 1] == ':' && is_transport(slice(text.ptr, text.len - 1));
}

/* Whether the line switches hosts_randomize on. */
static bool
is_random(struct slice text)
{
	struct slice value = value_of(text, "hosts_randomize");

	return slice_is(text, "hosts_randomize") ||
	    (value.len == 4 && strncasecmp(value.ptr, "true", 4) == 0) ||
	    (value.len == 3 && strncasecmp(value.ptr, "yes", 3) == 0);
}

/* NULL, or the option on the line that keeps mails from the router; local ones are nobody's here. */
static const char *
narrow_of(struct slice text)
{
	static const char *const names[] = {"domains", "local_parts", "senders", "condition"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct slice value = value_of(text, names[i]);

		if (value.ptr == NULL)
			continue;
		if (value.len > 0 && value.ptr[0] == '!' && i == 0 &&
		    slice_is(trim(slice(value.ptr + 1, value.len - 1)), "+local_domains"))
			return NULL;
		return names[i];
	}
	return NULL;
}

/* "NAME = VALUE" of a macro, or "NAME == VALUE" of one that has another value from there on. */
static bool
cut_macro(struct slice text, struct slice *name, struct slice *value, bool *again)
{
	/* First, since each rule asks for all lines before it. */
	if (text.ptr[0] < 'A' || text.ptr[0] > 'Z')
		return false;
	*value = text;
	*name = trim(cut(value, "="));
	if (value->ptr == NULL)
		return false;
	for (size_t i = 0; i < name->len; i++) {
		char c = name->ptr[i], l = (char)(c | 0x20);

		if ((l < 'a' || l > 'z') && (c < '0' || c > '9') && c != '_')
			return false;
	}
	*again = value->len > 0 && value->ptr[0] == '=';
	*value = trim(*again ? slice(value->ptr + 1, value->len - 1) : *value);
	return true;
}

/* The text with the macro's value wherever its name stands; one that grows too long as it is. */
static struct slice
put_macro(struct import *import, struct slice text, struct slice name, struct slice value)
{
	const char *end = text.ptr + text.len, *from = text.ptr, *at;
	size_t count = 0;
	char *out, *o;

	for (; (at = memmem(from, (size_t)(end - from), name.ptr, name.len)) != NULL; count++)
		from = at + name.len;
	if (text.len + count * value.len > EXPANDED_MAX)
		return text;
	out = o = arena_bytes(&import->arena, text.len + count * value.len + 1);
	from = text.ptr;
	while ((at = memmem(from, (size_t)(end - from), name.ptr, name.len)) != NULL) {
		o = mempcpy(mempcpy(o, from, (size_t)(at - from)), value.ptr, value.len);
		from = at + name.len;
	}
	o = mempcpy(o, from, (size_t)(end - from));
	return slice(out, (size_t)(o - out));
}

/* The text of a line with the macros before it; the last ones first, for others stand in these. */
static struct slice
expand(struct import *import, const struct foreign *file, size_t line, struct slice text,
    struct refs *macros)
{
	while (line-- > 0) {
		struct slice name, value, other, unused;
		bool again, other_again, first = true;

		if (!cut_macro(file->lines[line].text, &name, &value, &again) ||
		    memmem(text.ptr, text.len, name.ptr, name.len) == NULL)
			continue;
		/* Of several behind .ifdef and the like, the first is as good as any. */
		for (size_t i = 0; i < line && first && !again; i++)
			first = !cut_macro(file->lines[i].text, &other, &unused, &other_again) ||
			    !slice_eq(name, other);
		if (!first)
			continue;
		refs_add(macros, &file->lines[line]);
		text = put_macro(import, text, name, value);
	}
	return text;
}

struct router
exim_router(struct import *import, const struct foreign *file, size_t line, struct refs *macros)
{
	struct router router = {.rules = value_of(file->lines[line].text, "route_list")};
	struct slice *rules = &router.rules;

	if (rules->ptr == NULL)
		return router;
	*rules = expand(import, file, line, *rules, macros);
	if (rules->len > 1 && rules->ptr[0] == '"' && rules->ptr[rules->len - 1] == '"')
		*rules = slice(rules->ptr + 1, rules->len - 2);
	while (line > 0 && !is_name(file->lines[line - 1].text))
		line--;
	for (; line < file->count && !is_name(file->lines[line].text); line++) {
		const char *narrow = narrow_of(file->lines[line].text);

		router.random |= is_random(file->lines[line].text);
		router.narrow = narrow != NULL ? narrow : router.narrow;
	}
	return router;
}
