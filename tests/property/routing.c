/*
 * routing.c DIR SEED COUNT [MISTAKE] - writes COUNT random configurations with
 * queries into DIR: N.conf and what it includes, N.queries, N.expected, where
 * each line is the array of the route IDs that the query must find.
 *
 * The expectation comes from a matcher that knows the routes as they were
 * drawn, in folded form: it walks the ladder and looks at all routes on each
 * rung.  With MISTAKE it walks a wrong ladder (see struct mail), which is to
 * be noticed.  It shares no code with the library's own oracle, tests/unit/naive.c,
 * and, unlike tests/vectors, draws the way the configuration is written.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"

enum { ROUTES = 25, PATTERNS = 8, QUERIES = 40, SHARED = 2, RUNGS = 8 };
enum selector { TO, USER, FROM, SELECTORS };
enum mistake { NONE, SENDER_LAST, FAR_PARENT_FIRST, FORGED_SENDER, NO_SECOND_HALF };

struct patterns {
	struct name list[PATTERNS + SHARED];
	uint32_t count;
	bool shared;		/* the last ones are written as $shared */
};

struct route {
	uint32_t id, priority;
	bool numbered;
	struct patterns of[SELECTORS];
};

struct conf {
	struct random *random;
	const char *dir;
	uint32_t number, labels, route_count, file_count, list_count;
	struct name shared[SHARED];
	struct route routes[ROUTES];
	FILE *file;
	const char *end;	/* of lines */
};

/* The rungs for one mail, folded; NULL: no such selector. */
struct mail {
	const char *to[RUNGS], *user[RUNGS], *from[RUNGS];
	uint32_t to_count, user_count, from_count;
	char wild[RUNGS][NAME_SIZE];
	enum mistake mistake;
};

/* Drawing the routes. */

static enum kind
draw_kind(struct random *random, enum selector selector)
{
	static const enum kind kinds[SELECTORS][5] = {{DOMAIN, DOMAIN, WILD, ADDRESS, STAR},
	    {LOGIN, LOGIN, DOMAIN, WORD, STAR}, {DOMAIN, DOMAIN, ADDRESS, ADDRESS, NULL_SENDER}};

	return kinds[selector][random_below(random, 5)];
}

static void
draw_patterns(struct conf *conf, enum selector selector, struct patterns *patterns)
{
	struct random *random = conf->random;

	if (selector == USER && random_chance(random, 30)) {
		patterns->list[patterns->count++] = name_random(random, ANY, 1);
		return;
	}
	do
		patterns->list[patterns->count++] =
		    name_random(random, draw_kind(random, selector), conf->labels);
	while (patterns->count < PATTERNS && random_chance(random, 40));
	if (random_chance(random, 15)) {
		patterns->shared = true;
		memcpy(patterns->list + patterns->count, conf->shared, sizeof(conf->shared));
		patterns->count += SHARED;
	}
}

static void
draw_routes(struct conf *conf)
{
	static const uint32_t likely[SELECTORS] = {80, 50, 45};
	uint32_t highest = 0, first = 1 + random_below(conf->random, 4294967000u);

	for (uint32_t i = 0; i < SHARED; i++)
		conf->shared[i] = name_random(conf->random, DOMAIN, conf->labels);
	for (uint32_t i = 0; i < conf->route_count; i++) {
		struct route *route = &conf->routes[i];

		route->priority = random_below(conf->random, 3);
		route->numbered = random_chance(conf->random, 60);
		/* 7 and ROUTES have no common divisor: each number comes once. */
		route->id = first + i * 7 % ROUTES;
		if (route->numbered && route->id > highest)
			highest = route->id;
		for (int s = 0; s < SELECTORS; s++)
			if (random_chance(conf->random, likely[s]))
				draw_patterns(conf, (enum selector)s, &route->of[s]);
	}
	for (uint32_t i = 0; i < conf->route_count; i++)
		if (!conf->routes[i].numbered)
			conf->routes[i].id = ++highest;
}

/* Writing the configuration. */

static void
put_blank(struct conf *conf)
{
	static const char *const blanks[] = {" ", " ", " ", " ", " ", "  ", "\t", NULL};
	const char *blank = blanks[random_below(conf->random, 8)];

	if (blank != NULL)
		fputs(blank, conf->file);
	else
		fprintf(conf->file, " \\%s\t", conf->end);
}

static void
put(struct conf *conf, const char *word)
{
	put_blank(conf);
	fputs(word, conf->file);
}

static void
put_end(struct conf *conf)
{
	if (random_chance(conf->random, 10))
		fputs(" # route 1 to x via y \\", conf->file);
	fputs(conf->end, conf->file);
	if (random_chance(conf->random, 10))
		fprintf(conf->file, "\t # \"comment%s%s", conf->end, conf->end);
}

static FILE *
open_file(const struct conf *conf, const char *what)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%u.%s", conf->dir, conf->number, what);
	file = fopen(path, "w");
	if (file == NULL) {
		perror(path);
		exit(1);
	}
	return file;
}

/* The values of a list, on its line or in a file of their own. */
static void
put_list(struct conf *conf, const char *name, const struct name *values, uint32_t count)
{
	bool beside = random_chance(conf->random, 40);
	char word[SPELT_SIZE];
	FILE *file = NULL;

	fputs("list", conf->file);
	put(conf, name);
	if (beside) {
		snprintf(word, sizeof(word), "%u.list", conf->file_count++);
		file = open_file(conf, word);
		put(conf, "file");
		snprintf(word, sizeof(word), "\"%u.%u.list\"", conf->number, conf->file_count - 1);
		put(conf, word);
	}
	for (uint32_t i = 0; i < count; i++) {
		name_write(conf->random, &values[i], word);
		if (file != NULL)
			fprintf(file, "%s%s", word, random_chance(conf->random, 20) ? " # x\n" : "\n");
		else if (i > 0 && random_chance(conf->random, 30))
			fprintf(conf->file, ",%s", word);
		else
			put(conf, word);
	}
	if (file != NULL)
		fclose(file);
	put_end(conf);
}

/* The value of a selector; its patterns from *own on, if any, are in a list of their own. */
static void
put_patterns(struct conf *conf, const struct patterns *patterns, uint32_t own, uint32_t list)
{
	uint32_t end = patterns->count - (patterns->shared ? SHARED : 0);
	char word[SPELT_SIZE];

	put_blank(conf);
	for (uint32_t i = 0; i < own; i++) {
		name_write(conf->random, &patterns->list[i], word);
		fprintf(conf->file, "%s%s", i > 0 ? "," : "", word);
	}
	if (own < end)
		fprintf(conf->file, "%s$own%u", own > 0 ? "," : "", list);
	if (patterns->shared)
		fputs(",$shared", conf->file);
}

static void
put_action(struct conf *conf, const struct route *route)
{
	static const char *const actions[] = {
	    "via via.test", "via to", "via mx", "via @r", "via mx:x.test", "via [2001:db8::9]:26"};
	char word[32];

	put(conf, actions[random_below(conf->random, 6)]);
	if (random_chance(conf->random, 30))
		put(conf, "weight 3");
	if (route->priority != 1 || random_chance(conf->random, 30)) {
		snprintf(word, sizeof(word), "priority %u", route->priority);
		put(conf, word);
	}
	put_end(conf);
}

static void
put_route(struct conf *conf, const struct route *route)
{
	static const char *const keywords[SELECTORS] = {"to", "user", "from"};
	uint32_t own[SELECTORS], first = random_below(conf->random, SELECTORS);
	bool back = random_chance(conf->random, 50);
	uint32_t list = conf->list_count;
	char word[32];

	conf->list_count += SELECTORS;
	for (uint32_t s = 0; s < SELECTORS; s++) {
		const struct patterns *patterns = &route->of[s];
		uint32_t end = patterns->count - (patterns->shared ? SHARED : 0);

		own[s] = end;
		if (end == 0 || patterns->list[0].kind == ANY || random_chance(conf->random, 75))
			continue;
		own[s] = random_below(conf->random, end);
		snprintf(word, sizeof(word), "own%u", list + s);
		put_list(conf, word, patterns->list + own[s], end - own[s]);
	}
	fputs("route", conf->file);
	snprintf(word, sizeof(word), "%u", route->id);
	if (route->numbered)
		put(conf, word);
	for (uint32_t i = 0; i < SELECTORS; i++) {
		uint32_t s = (first + (back ? SELECTORS - i : i)) % SELECTORS;

		if (route->of[s].count == 0)
			continue;
		put(conf, keywords[s]);
		put_patterns(conf, &route->of[s], own[s], list + s);
	}
	put_action(conf, route);
}

/* Routes in their order, some in files that are included in their place. */
static void
put_routes(struct conf *conf, uint32_t begin, uint32_t end, uint32_t depth)
{
	FILE *file = conf->file;
	char what[32];

	while (begin < end) {
		uint32_t next = begin + 1 + random_below(conf->random, end - begin);

		if (depth == 3 || random_chance(conf->random, 70)) {
			put_route(conf, &conf->routes[begin++]);
			continue;
		}
		snprintf(what, sizeof(what), "%u.include", conf->file_count++);
		fprintf(file, "include \"%u.%s\"", conf->number, what);
		put_end(conf);
		conf->file = open_file(conf, what);
		put_routes(conf, begin, next, depth + 1);
		fclose(conf->file);
		conf->file = file;
		begin = next;
	}
}

static void
put_conf(struct conf *conf)
{
	bool before = random_chance(conf->random, 50);

	conf->end = random_chance(conf->random, 20) ? "\r\n" : "\n";
	conf->file = open_file(conf, "conf");
	if (random_chance(conf->random, 20))
		fputs("\xef\xbb\xbf", conf->file);
	if (before)
		put_list(conf, "shared", conf->shared, SHARED);
	put_routes(conf, 0, conf->route_count, 0);
	if (!before)
		put_list(conf, "shared", conf->shared, SHARED);
	fprintf(conf->file, "relay r relay.test");
	fclose(conf->file);
}

/* The matcher. */

static bool
has(const struct patterns *patterns, const char *folded)
{
	for (uint32_t i = 0; i < patterns->count; i++)
		if (strcmp(patterns->list[i].folded, folded) == 0)
			return true;
	return false;
}

/* Whether the route stands in a group with that user, for mail with that sender pattern. */
static bool
has_user(const struct route *route, const char *user, const char *from, enum mistake mistake)
{
	const struct patterns *users = &route->of[USER];

	if (users->count > 0 && users->list[0].kind != ANY)
		return user != NULL && has(users, user);
	if (users->count == 0 && from != NULL && strcmp(from, SPECIAL "<>") != 0 &&
	    mistake != FORGED_SENDER)
		return user != NULL && strcmp(user, SPECIAL "*") == 0;
	return user == NULL;
}

static bool
stands_in(const struct route *route, const char *to, const char *user, const char *from,
    enum mistake mistake)
{
	if (route->of[TO].count == 0 ? strcmp(to, SPECIAL "*") != 0 : !has(&route->of[TO], to))
		return false;
	if (from == NULL ? route->of[FROM].count > 0 : !has(&route->of[FROM], from))
		return false;
	return has_user(route, user, from, mistake);
}

/* The routes of a group by priority, then ID; false: there are none. */
static bool
print_group(const struct conf *conf, const struct mail *mail, const char *to, const char *user,
    const char *from, FILE *out)
{
	const struct route *last = NULL, *next;
	bool any = false;

	for (;;) {
		next = NULL;
		for (uint32_t i = 0; i < conf->route_count; i++) {
			const struct route *r = &conf->routes[i];

			if (!stands_in(r, to, user, from, mail->mistake))
				continue;
			if (last != NULL && (r->priority < last->priority ||
						(r->priority == last->priority && r->id <= last->id)))
				continue;
			if (next == NULL || r->priority < next->priority ||
			    (r->priority == next->priority && r->id < next->id))
				next = r;
		}
		if (next == NULL)
			return any;
		fprintf(out, "%s%u", any ? "," : "", next->id);
		any = true;
		last = next;
	}
}

static bool
print_half(const struct conf *conf, const struct mail *mail, bool login, FILE *out)
{
	static const char *const no_user[] = {NULL};
	const char *const *users = login ? mail->user : no_user;
	uint32_t count = login ? mail->user_count : 1;

	for (uint32_t t = 0; t < mail->to_count; t++)
		for (uint32_t i = 0; i < mail->from_count * count; i++) {
			uint32_t f = i / count, u = i % count;

			if (mail->mistake == SENDER_LAST) {
				u = i / mail->from_count;
				f = i % mail->from_count;
			}
			if (print_group(conf, mail, mail->to[t], users[u], mail->from[f], out))
				return true;
		}
	return false;
}

static void
climb_to(struct mail *mail, const struct name *to)
{
	const char *domain = to->folded, *at = strrchr(domain, '@'), *dot;
	uint32_t first;

	if (at != NULL) {
		mail->to[mail->to_count++] = to->folded;
		domain = at + 1;
	}
	if (domain[0] != '\0')
		mail->to[mail->to_count++] = domain;
	first = mail->to_count;
	for (dot = domain; domain[0] != '[' && (dot = strchr(dot, '.')) != NULL; dot++) {
		snprintf(mail->wild[mail->to_count], NAME_SIZE, SPECIAL "*%s", dot);
		mail->to[mail->to_count] = mail->wild[mail->to_count];
		mail->to_count++;
	}
	for (uint32_t i = first, j = mail->to_count; mail->mistake == FAR_PARENT_FIRST && i + 1 < j;
	     i++) {
		const char *near = mail->to[i];

		mail->to[i] = mail->to[--j];
		mail->to[j] = near;
	}
	mail->to[mail->to_count++] = SPECIAL "*";
}

static void
expect(const struct conf *conf, const struct name *to, const struct name *user,
    const struct name *from, enum mistake mistake, FILE *out)
{
	struct mail mail = {.mistake = mistake};
	const char *at;

	climb_to(&mail, to);
	if (user != NULL) {
		mail.user[mail.user_count++] = user->folded;
		at = strrchr(user->folded, '@');
		if (at != NULL)
			mail.user[mail.user_count++] = at + 1;
		mail.user[mail.user_count++] = SPECIAL "*";
	}
	if (from != NULL && (from->kind == ADDRESS || from->kind == NULL_SENDER)) {
		mail.from[mail.from_count++] = from->folded;
		if (from->kind == ADDRESS)
			mail.from[mail.from_count++] = strrchr(from->folded, '@') + 1;
	}
	mail.from[mail.from_count++] = NULL;
	fputc('[', out);
	if ((user == NULL || !print_half(conf, &mail, true, out)) && mistake != NO_SECOND_HALF)
		print_half(conf, &mail, false, out);
	fputs("]\n", out);
}

/* Drawing the queries, most of them after a route. */

static struct name
draw_like(const struct conf *conf, const struct route *route, enum selector selector)
{
	static const enum kind strange[SELECTORS] = {BAD, WORD, DOMAIN};
	static const enum kind whole[SELECTORS] = {ADDRESS, LOGIN, ADDRESS};
	const struct patterns *patterns = &route->of[selector];
	struct name name = name_random(conf->random, whole[selector], conf->labels);

	if (random_chance(conf->random, 8))
		return name_random(conf->random, strange[selector], conf->labels);
	if (patterns->count == 0 || random_chance(conf->random, 25))
		return name;
	name = patterns->list[random_below(conf->random, patterns->count)];
	if (name.kind == STAR || name.kind == ANY)
		return name_random(conf->random, whole[selector], conf->labels);
	if (name.kind == WILD)
		name = name_below(conf->random, &name, conf->labels);
	if (name.kind == DOMAIN && random_chance(conf->random, 80))
		name = name_at(conf->random, &name, whole[selector]);
	return name;
}

static void
put_query(const struct conf *conf, enum mistake mistake, FILE *queries, FILE *expected)
{
	const struct route *route = &conf->routes[random_below(conf->random, conf->route_count)];
	struct name names[SELECTORS];
	bool given[SELECTORS] = {true, random_chance(conf->random, 60),
	    random_chance(conf->random, 85)};
	char spelt[SPELT_SIZE];

	for (int s = 0; s < SELECTORS; s++) {
		names[s] = draw_like(conf, route, (enum selector)s);
		if (s == FROM && random_chance(conf->random, 10))
			names[s] = name_random(conf->random, NULL_SENDER, 1);
		spelt[0] = '\0';
		if (given[s])
			name_spell(conf->random, &names[s], spelt);
		fprintf(queries, "%s%s", s > 0 ? "\t" : "", spelt);
	}
	fputc('\n', queries);
	expect(conf, &names[TO], given[USER] ? &names[USER] : NULL,
	    given[FROM] ? &names[FROM] : NULL, mistake, expected);
}

int
main(int argc, char **argv)
{
	struct random random;
	uint32_t count, mistake;

	if (argc < 4)
		return 64;
	random.state = strtoull(argv[2], NULL, 10);
	count = (uint32_t)strtoul(argv[3], NULL, 10);
	mistake = argc > 4 ? (uint32_t)strtoul(argv[4], NULL, 10) : NONE;
	for (uint32_t n = 1; n <= count; n++) {
		struct conf conf = {.random = &random, .dir = argv[1], .number = n};
		FILE *queries, *expected;

		conf.labels = 1 + random_below(&random, 14);
		conf.route_count = 1 + random_below(&random, ROUTES);
		draw_routes(&conf);
		put_conf(&conf);
		queries = open_file(&conf, "queries");
		expected = open_file(&conf, "expected");
		for (int i = 0; i < QUERIES; i++)
			put_query(&conf, (enum mistake)mistake, queries, expected);
		fclose(queries);
		fclose(expected);
	}
	return 0;
}
