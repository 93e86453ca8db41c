/*
 * expand.c - goes component by component, each for all paths found so far, so
 * that at most one directory is open at a time.
 */
#include "store/expand.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct expanding {
	struct arena *arena;
	struct slice component;	/* of the pattern, with a NUL behind it */
	struct slice slashes;	/* in front of it */
	bool wild;		/* the pattern has a wildcard: it may match nothing */
	struct expansion *to;
};

/* Whether a [ is closed in its component; else it stands for itself, as fnmatch(3) has it. */
static bool
is_closed(const char *set)
{
	set += strspn(set, "!^") > 0;
	for (size_t i = 0; set[i] != '\0' && set[i] != '/'; i++)
		if (set[i] == '\\' && set[i + 1] != '\0')
			i++;
		else if (i > 0 && set[i] == ']')
			return true;
	return false;
}

static bool
has_wildcard(const char *pattern)
{
	for (; *pattern != '\0'; pattern++)
		if (*pattern == '*' || *pattern == '?' ||
		    (*pattern == '[' && is_closed(pattern + 1)))
			return true;
		else if (*pattern == '\\' && pattern[1] != '\0')
			pattern++;
	return false;
}

static void
add(struct expansion *to, struct slice path)
{
	to->paths = mem_grow(to->paths, to->count, &to->capacity, sizeof(*to->paths));
	to->paths[to->count++] = path;
}

static bool
fail(struct expansion *to, int failed, struct slice at)
{
	if (failed == ENOMEM)
		mem_exhausted();
	to->failed = failed;
	to->at = at;
	return false;
}

static struct slice
join(const struct expanding *e, struct slice path, struct slice name)
{
	size_t len = path.len + e->slashes.len;
	char *out = arena_bytes(e->arena, len + name.len + 1);

	memcpy(out, path.ptr, path.len);
	memcpy(out + path.len, e->slashes.ptr, e->slashes.len);
	memcpy(out + len, name.ptr, name.len);
	out[len + name.len] = '\0';
	return slice(out, len + name.len);
}

/* Whether there is nothing that could match, rather than something that cannot be read. */
static bool
passes_by(struct slice path, int failed)
{
	struct stat st;

	if (failed != ENOENT && failed != ENOTDIR)
		return false;
	/* The path itself was there: if it leads nowhere, it is a link that does. */
	return stat(path.len == 0 ? "." : path.ptr, &st) == 0;
}

/* A component without wildcards. */
static bool
add_literal(struct expanding *e, struct slice path)
{
	char *name = arena_bytes(e->arena, e->component.len + 1), *p = name;
	struct slice joined;
	struct stat st;

	for (const char *c = e->component.ptr; *c != '\0'; c++)
		*p++ = c[0] == '\\' && c[1] != '\0' ? *++c : *c;
	joined = join(e, path, slice(name, (size_t)(p - name)));
	/* What is wrong with a plain path is said by who reads it. */
	if (!e->wild || lstat(joined.ptr, &st) == 0) {
		add(e->to, joined);
		return true;
	}
	return passes_by(path, errno) || fail(e->to, errno, joined);
}

/* The next name that a wildcard could match; NULL: none, or errno is set. */
static const char *
next_name(DIR *dir)
{
	const struct dirent *entry;

	do {
		errno = 0;
		entry = readdir(dir);
	} while (entry != NULL &&
	    (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
	return entry == NULL ? NULL : entry->d_name;
}

/* A component with wildcards. */
static bool
add_matches(struct expanding *e, struct slice path)
{
	struct slice inside = path.len > 0 ? path : slice_str(e->slashes.len > 0 ? "/" : ".");
	DIR *dir = opendir(inside.ptr);
	const char *name;
	int failed;

	if (dir == NULL)
		return passes_by(path, errno) || fail(e->to, errno, inside);
	while ((name = next_name(dir)) != NULL)
		if (fnmatch(e->component.ptr, name, FNM_PERIOD) == 0)
			add(e->to, join(e, path, slice_str(name)));
	failed = errno;
	closedir(dir);
	return failed == 0 || fail(e->to, failed, inside);
}

/* Takes the next component off a pattern; false: there is none. */
static bool
next_component(struct expanding *e, struct slice *pattern)
{
	size_t slashes = strspn(pattern->ptr, "/"), len;

	if (pattern->len == 0)
		return false;
	len = strcspn(pattern->ptr + slashes, "/");
	e->slashes = slice(pattern->ptr, slashes);
	e->component = arena_copy(e->arena, slice(pattern->ptr + slashes, len));
	*pattern = slice(pattern->ptr + slashes + len, pattern->len - slashes - len);
	return true;
}

/* Puts what a component matches into the place of the paths in front of it. */
static bool
step(struct expanding *e)
{
	struct expansion before = *e->to;
	bool wild = has_wildcard(e->component.ptr), good = true;

	*e->to = (struct expansion){0};
	for (size_t i = 0; i < before.count && good; i++)
		good = wild ? add_matches(e, before.paths[i]) : add_literal(e, before.paths[i]);
	free(before.paths);
	return good;
}

static int
by_bytes(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;

	return strcmp(x->ptr, y->ptr);
}

bool
expand(struct arena *arena, struct slice dir, struct slice pattern, struct expansion *expansion)
{
	struct slice rest = arena_copy(arena, pattern);
	struct expanding e = {.arena = arena, .wild = has_wildcard(rest.ptr), .to = expansion};

	*expansion = (struct expansion){0};
	add(expansion, arena_copy(arena, dir));
	while (next_component(&e, &rest))
		if (!step(&e)) {
			expansion->count = 0;
			return false;
		}
	if (expansion->count > 1)
		qsort(expansion->paths, expansion->count, sizeof(*expansion->paths), by_bytes);
	return true;
}

void
expansion_release(struct expansion *expansion)
{
	free(expansion->paths);
	*expansion = (struct expansion){0};
}
