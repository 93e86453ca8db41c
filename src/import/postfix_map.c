/* postfix_map.c - the files of Postfix: lookup tables, main.cf, master.cf. */
#include <stdlib.h>
#include <string.h>

#include "import/postfix.h"
#include "program/say.h"

#define ARG(s) (int)((s).len < 100 ? (s).len : 100), (s).ptr

struct slice
map_find(const struct map *map, struct slice key, struct foreign_line **line)
{
	uint32_t number = map->count == 0 ? NO_NAME : names_find(&map->keys, key);

	if (number == NO_NAME)
		return slice(NULL, 0);
	*line = map->lines[number];
	return map->values[number];
}

/* The end of a key: a blank outside of quotes; NULL: a quote is not closed. */
static const char *
key_end(struct slice text)
{
	const char *p = text.ptr, *end = text.ptr + text.len;
	bool quoted = false;

	for (; p < end && (quoted || !is_blank(*p)); p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		else if (*p == '"')
			quoted = !quoted;
	}
	return quoted ? NULL : p;
}

static bool
is_expression(struct slice text)
{
	return text.ptr[0] == '/' || (text.len > 1 && memcmp(text.ptr, "!/", 2) == 0) ||
	    slice_is(text, "endif") || (text.len > 4 && (memcmp(text.ptr, "if /", 4) == 0 ||
	    memcmp(text.ptr, "if !", 4) == 0));
}

/* NULL, or what Postfix leaves out of a local part in quotes, since it would do without. */
static const char *
quoting_flaw(struct slice key)
{
	static const char atom[] = "!#$%&'*+-/=?^_`{|}~.";
	const char *close = key.ptr + 1, *end = key.ptr + key.len;
	bool needed = false;

	if (key.ptr[0] != '"')
		return NULL;
	for (; close < end && *close != '"'; close++) {
		char l = (char)(*close | 0x20);

		if (*close == '\\') {
			close++;
			if (close == end || (*close != '"' && *close != '\\'))
				return "Postfix asks for that address without that backslash";
			needed = true;
		} else if ((l < 'a' || l > 'z') && (*close < '0' || *close > '9') &&
		    (unsigned char)*close < 0x80 && strchr(atom, *close) == NULL) {
			needed = true;
		}
		needed |= *close == '.' && close[-1] == '.';
	}
	needed |= close == key.ptr + 1 || key.ptr[1] == '.' || close[-1] == '.';
	return needed ? NULL : "Postfix asks for that address without quotes";
}

/* NULL, or why a key is never asked for. */
static const char *
key_flaw(const struct postfix *postfix, const struct map *map, struct slice key)
{
	bool sender = map == &postfix->sender_relay || map == &postfix->sender_transport;
	bool address = memchr(key.ptr, '@', key.len) != NULL;
	const char *flaw;

	if (map == &postfix->sasl || map == &postfix->tls || slice_is(key, "<>"))
		return map == &postfix->transport ? "the null address is asked for as a sender" : NULL;
	if (key.ptr[key.len - 1] == '.' || key.ptr[key.len - 1] == '@')
		return "Postfix asks for no name that ends so";
	flaw = quoting_flaw(key);
	if (flaw != NULL)
		return flaw;
	if (sender && !address)
		return "a sender is asked for as an address or as @domain";
	if (!sender && key.ptr[0] == '@')
		return "a domain is asked for without '@' in this map";
	if (!sender && postfix->parents && key.ptr[0] == '.')
		return "parent_domain_matches_subdomains: subdomains go by the name without the dot";
	return NULL;
}

/* The key as a name of ours: "*.DOMAIN" for ".DOMAIN"; keys that are no patterns as they are. */
static bool
key_name(struct postfix *postfix, const struct map *map, struct slice text, struct slice *key)
{
	struct import *import = postfix->import;

	*key = arena_lower(&import->arena, text);
	if (map == &postfix->sasl || map == &postfix->tls || slice_is(text, "*") ||
	    slice_is(text, "<>"))
		return true;
	if (key->ptr[0] == '.')
		return subdomains_read(import, slice(key->ptr + 1, key->len - 1), key);
	if (key->ptr[0] == '@')
		*key = slice(key->ptr + 1, key->len - 1);
	return pattern_read(import, *key, key);
}

static void
add_key(struct postfix *postfix, struct map *map, struct foreign_line *line, struct slice key,
    struct slice value)
{
	struct import *import = postfix->import;
	const char *flaw = key_flaw(postfix, map, key);
	struct slice name;
	uint32_t number;

	if (flaw != NULL) {
		import_report(import, line, "'%.*s': %s", ARG(key), flaw);
		return;
	}
	if (!key_name(postfix, map, key, &name)) {
		import_report(import, line, "'%.*s' is no address and no domain", ARG(key));
		return;
	}
	number = names_intern(&map->keys, name, false);
	if (number < map->count) {
		import_report(import, line, "the key stands in line %u: Postfix keeps that one",
		    map->lines[number]->number);
		return;
	}
	map->lines[number] = line;
	map->values[number] = value;
	map->count++;
}

/* A line of a lookup table; false: it is none. */
static bool
read_line(struct postfix *postfix, struct map *map, struct foreign_line *line)
{
	struct import *import = postfix->import;
	struct slice text = trim(line->text), key, value;
	const char *end = key_end(text);

	if (is_expression(text) && map != &postfix->sasl) {
		import_report(import, line, "regular expression");
		return true;
	}
	if (end == NULL) {
		import_report(import, line, "a quote is not closed");
		return false;
	}
	if (is_blank(line->text.ptr[0])) {
		import_report(import, line, "the first line begins with a blank");
		return false;
	}
	key = slice(text.ptr, (size_t)(end - text.ptr));
	value = trim(slice(end, (size_t)(text.ptr + text.len - end)));
	if (value.len == 0) {
		import_report(import, line, "nothing stands behind the key");
		return false;
	}
	if (key.ptr[key.len - 1] == ':' && map != &postfix->sasl) {
		import_report(import, line, "the key ends in ':', as in a file of aliases");
		return true;
	}
	add_key(postfix, map, line, key, value);
	return true;
}

static int
read_map(struct postfix *postfix, struct map *map, const char *kind)
{
	struct foreign *file = import_file(postfix->import, kind);
	size_t good = 0;

	if (file == NULL)
		return 0;
	foreign_cut(postfix->import, file, true);
	names_init(&map->keys, 1, file->count);
	map->lines = mem_zero(file->count + 1, sizeof(*map->lines));
	map->values = mem_zero(file->count + 1, sizeof(*map->values));
	for (size_t i = 0; i < file->count; i++)
		good += read_line(postfix, map, &file->lines[i]);
	if (good > 0 || file->count == 0)
		return 0;
	cli_say("%s:%u: no lookup table of Postfix: no line is a key, a blank and a value",
	    file->path, file->lines[0].number);
	return EX_DATAERR;
}

int
postfix_read(struct postfix *postfix)
{
	struct foreign *file = import_file(postfix->import, "main");
	const struct {
		struct map *map;
		const char *kind;
	} maps[] = {{&postfix->transport, "transport"}, {&postfix->sender_relay, "sender-relay"},
	    {&postfix->sender_transport, "sender-transport"}, {&postfix->sasl, "sasl"},
	    {&postfix->tls, "tls-policy"}};
	int code = 0;

	postfix->default_transport.value = slice_str("smtp");
	if (file != NULL)
		main_read(postfix, file);
	postfix->master = import_file(postfix->import, "master");
	if (postfix->master != NULL)
		master_read(postfix, postfix->master);
	for (size_t i = 0; i < sizeof(maps) / sizeof(*maps) && code == 0; i++)
		code = read_map(postfix, maps[i].map, maps[i].kind);
	return code;
}

static void
map_release(struct map *map)
{
	names_release(&map->keys);
	free(map->lines);
	free(map->values);
}

void
postfix_release(struct postfix *postfix)
{
	map_release(&postfix->transport);
	map_release(&postfix->sender_relay);
	map_release(&postfix->sender_transport);
	map_release(&postfix->sasl);
	map_release(&postfix->tls);
	free(postfix->services);
}
