#include "wiring/postconf.h"

#include <stdlib.h>
#include <strings.h>

#include "wiring/child.h"

/* postconf of a directory, with these options; its output, in the arena. */
static const char *
ask(struct postconf *postconf, const char *dir, const char *first, const char *second, char **out)
{
	const char *argv[] = {"postconf", "-c", dir, first, second, NULL};
	struct slice text;
	const char *why;

	if (dir == NULL) {
		argv[1] = first;
		argv[2] = second;
		argv[3] = NULL;
	}
	why = child_run(argv, &postconf->arena, &text);
	*out = arena_bytes(&postconf->arena, text.len + 1);
	memcpy(*out, text.ptr, text.len);
	(*out)[text.len] = '\0';
	return why;
}

/* Cuts the line off at the front of *rest and into its name and value; false: there is no more. */
static bool
next_line(char **rest, struct postconf_line *line)
{
	while (**rest != '\0') {
		char *begin = *rest, *end = strchr(begin, '\n'), *equals;

		*rest = end == NULL ? begin + strlen(begin) : end + 1;
		if (end != NULL)
			*end = '\0';
		equals = strstr(begin, " =");
		if (equals == NULL)
			continue;
		*equals = '\0';
		*line = (struct postconf_line){begin, equals + 2 + (equals[2] == ' ')};
		return true;
	}
	return false;
}

static int
compare_lines(const void *a, const void *b)
{
	const struct postconf_line *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	/* As postconf has printed them: the later one counts. */
	return order != 0 ? order : (x->name > y->name) - (x->name < y->name);
}

static void
read_lines(struct postconf_lines *lines, char *text)
{
	struct postconf_line line;
	size_t capacity = 0, n = 0;

	while (next_line(&text, &line)) {
		lines->list = mem_grow(lines->list, lines->count, &capacity, sizeof(line));
		lines->list[lines->count++] = line;
	}
	if (lines->count > 1)
		qsort(lines->list, lines->count, sizeof(line), compare_lines);
	for (size_t i = 0; i < lines->count; i++) {
		if (n > 0 && strcmp(lines->list[n - 1].name, lines->list[i].name) == 0)
			n--;
		lines->list[n++] = lines->list[i];
	}
	lines->count = n;
}

static const char *
find_line(const struct postconf_lines *lines, const char *name)
{
	size_t lo = 0, hi = lines->count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int order = strcmp(lines->list[mid].name, name);

		if (order == 0)
			return lines->list[mid].value;
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* NAME/TYPE/FIELD = VALUE, all fields of a service one after the other. */
static void
read_services(struct postconf *postconf, char *text, bool chrooted)
{
	struct postconf_line line;
	struct service *service;
	size_t capacity = 0;

	while (next_line(&text, &line)) {
		const char *field = strrchr(line.name, '/');

		if (field == NULL)
			continue;
		if (strcmp(field, "/service") == 0) {
			postconf->services = mem_grow(postconf->services, postconf->service_count,
			    &capacity, sizeof(*service));
			postconf->services[postconf->service_count++] = (struct service){
			    .id = arena_copy(&postconf->arena, slice(line.name, (size_t)(field - line.name))).ptr,
			    .name = line.value, .type = "", .command = "", .chrooted = chrooted};
		}
		if (postconf->service_count == 0)
			continue;
		service = &postconf->services[postconf->service_count - 1];
		if (strcmp(field, "/type") == 0)
			service->type = line.value;
		else if (strcmp(field, "/command") == 0)
			service->command = line.value;
		else if (strcmp(field, "/chroot") == 0 && line.value[0] != '-')
			service->chrooted = line.value[0] == 'y';
	}
}

const char *
postconf_read(struct postconf *postconf, const char *dir)
{
	char *text;
	const char *why;

	*postconf = (struct postconf){.service_count = 0};
	why = ask(postconf, dir, "-x", NULL, &text);
	if (why != NULL)
		return why;
	read_lines(&postconf->main, text);
	why = ask(postconf, dir, "-P", "-x", &text);
	if (why != NULL)
		return why;
	read_lines(&postconf->options, text);
	why = ask(postconf, dir, "-F", NULL, &text);
	/* Of a hyphen in that column the compatibility level decides (master(5)). */
	if (why == NULL)
		read_services(postconf, text,
		    strtoul(postconf_main(postconf, "compatibility_level"), NULL, 10) == 0);
	return why;
}

void
postconf_release(struct postconf *postconf)
{
	free(postconf->main.list);
	free(postconf->options.list);
	free(postconf->services);
	arena_release(&postconf->arena);
}

const char *
postconf_main(const struct postconf *postconf, const char *name)
{
	const char *value = find_line(&postconf->main, name);

	return value == NULL ? "" : value;
}

const char *
postconf_option(const struct postconf *postconf, const struct service *service, const char *name)
{
	struct arena arena = {0};
	const char *value = find_line(&postconf->options,
	    arena_printf(&arena, "%s/%s", service->id, name).ptr);

	arena_release(&arena);
	return value;
}

const char *
postconf_value(const struct postconf *postconf, const struct service *service, const char *name)
{
	const char *value = postconf_option(postconf, service, name);

	return value != NULL ? value : postconf_main(postconf, name);
}

bool
postconf_yes(const struct postconf *postconf, const struct service *service, const char *name)
{
	return strcasecmp(postconf_value(postconf, service, name), "yes") == 0;
}

const struct service *
postconf_service(const struct postconf *postconf, const char *name, const char *type)
{
	for (size_t i = postconf->service_count; i > 0; i--) {
		const struct service *service = &postconf->services[i - 1];

		if (strcmp(service->name, name) == 0 && strcmp(service->type, type) == 0)
			return service;
	}
	return NULL;
}

bool
service_runs(const struct service *service, const char *program)
{
	size_t len = strlen(program);

	return strncmp(service->command, program, len) == 0 &&
	    (service->command[len] == '\0' || service->command[len] == ' ');
}
