#include "naive.h"

#include <stdlib.h>
#include <string.h>

#include "promise.h"

static bool
eq(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void
push(struct naive *n, const char *user, const char *to, const char *from)
{
	promise(n->count < RUNGS_MAX);
	n->rungs[n->count++] = (struct triple){user, to, from};
}

static const char *
after_at(const char *s)
{
	const char *at = strrchr(s, '@');

	return at == NULL || at[1] == '\0' ? NULL : at + 1;
}

static void
push_users(struct naive *n, const char *login, const char *to, const char *from)
{
	push(n, login, to, from);
	if (after_at(login) != NULL)
		push(n, after_at(login), to, from);
	push(n, "*", to, from);
}

static void
push_senders(struct naive *n, const char *login, const char *to, const char *from)
{
	const char *list[3];
	size_t count = 0, i;

	if (from != NULL)
		list[count++] = from;
	if (from != NULL && after_at(from) != NULL)
		list[count++] = after_at(from);
	list[count++] = NULL;
	for (i = 0; i < count; i++) {
		if (login != NULL)
			push_users(n, login, to, list[i]);
		else
			push(n, NULL, to, list[i]);
	}
}

static const char *
wild(struct naive *n, const char *parent)
{
	char *name = n->names[n->names_count++];
	int len;

	promise(n->names_count <= WILDS_MAX);
	len = snprintf(name, NAIVE_NAME_MAX, "*%s", parent);
	promise(len > 0 && len < NAIVE_NAME_MAX);
	return name;
}

static void
push_half(struct naive *n, const char *login, const char *to, const char *from)
{
	const char *domain = to == NULL ? NULL : after_at(to), *p;

	if (to != NULL)
		push_senders(n, login, to, from);
	if (domain != NULL)
		push_senders(n, login, domain, from);
	else
		domain = to;
	if (domain != NULL && domain[0] != '[')
		for (p = strchr(domain, '.'); p != NULL; p = strchr(p + 1, '.'))
			push_senders(n, login, wild(n, p), from);
	push_senders(n, login, "*", from);
}

void
naive_init(struct naive *n, const char *to, const char *login, const char *from)
{
	n->count = n->names_count = 0;
	if (login != NULL)
		push_half(n, login, to, from);
	push_half(n, NULL, to, from);
}

static bool
stands_in(const struct mini_route *route, const struct triple *rung)
{
	return eq(route->user, rung->user) && eq(route->to, rung->to) &&
	    eq(route->from, rung->from);
}

/* The rung that wins; count if none does. */
static size_t
find(const struct naive *n, const struct mini_route *list, size_t count)
{
	size_t rung, i;

	for (rung = 0; rung < n->count; rung++)
		for (i = 0; i < count; i++)
			if (stands_in(&list[i], &n->rungs[rung]))
				return rung;
	return rung;
}

static bool
is(struct tmail_slice got, const char *wanted)
{
	if (wanted == NULL || got.ptr == NULL)
		return wanted == NULL && got.ptr == NULL && got.len == 0;
	return got.len == strlen(wanted) && memcmp(got.ptr, wanted, got.len) == 0;
}

/* The members of a match are the group's routes by priority, then ID. */
static void
check_members(const struct tmail_routes *routes, const struct tmail_match *match,
    const struct mini_route *list, size_t count, const struct triple *rung)
{
	uint32_t n, wanted = 0, last = 0;
	struct tmail_route route;
	uint16_t priority = 0;

	for (size_t i = 0; i < count; i++)
		wanted += stands_in(&list[i], rung);
	promise(match->count == wanted);
	for (n = 0; n < match->count; n++) {
		promise(tmail_match_route(routes, match, n, &route) == TMAIL_OK);
		promise(route.id >= 1 && route.id <= count);
		promise(stands_in(&list[route.id - 1], rung));
		promise(route.priority == list[route.id - 1].priority);
		promise(route.priority > priority ||
		    (route.priority == priority && route.id > last));
		priority = route.priority;
		last = route.id;
	}
}

/* A plan has some of the members, each once, in ascending priority. */
static void
check_plan(const struct tmail_routes *routes, const struct tmail_match *match)
{
	struct tmail_candidate *plan = calloc(match->count, sizeof(*plan));
	struct tmail_random random;
	size_t count, i, k;

	promise(plan != NULL);
	tmail_random_init(&random, match->count);
	if (match->action != TMAIL_RELAY) {
		promise(tmail_match_plan(routes, match, &random, plan, match->count, &count) ==
		    TMAIL_E_ARGUMENT);
		free(plan);
		return;
	}
	promise(tmail_match_plan(routes, match, &random, plan, match->count, &count) == TMAIL_OK);
	promise(count >= 1 && count <= match->count);
	for (i = 0; i < count; i++) {
		promise(plan[i].route < match->count);
		promise(i == 0 || plan[i].priority >= plan[i - 1].priority);
		for (k = 0; k < i; k++)
			promise(plan[k].route != plan[i].route);
	}
	free(plan);
}

static bool
same(struct tmail_slice a, struct tmail_slice b)
{
	return a.ptr == b.ptr && a.len == b.len;
}

static void
check_same_match(const struct tmail_match *a, const struct tmail_match *b)
{
	promise(same(a->user, b->user));
	promise(same(a->to, b->to));
	promise(same(a->from, b->from));
	promise(same(a->text, b->text));
	promise(a->action == b->action);
	promise(a->count == b->count);
	promise(memcmp(a->priv, b->priv, sizeof(a->priv)) == 0);
}

struct visits {
	const struct naive *naive;
	size_t count;
	size_t wins;
};

static void
visit(void *arg, const struct tmail_rung *rung)
{
	struct visits *v = arg;
	const struct triple *wanted = &v->naive->rungs[v->count];

	promise(v->count < v->naive->count);
	promise(v->wins == 0);
	promise(is(rung->user, wanted->user));
	promise(is(rung->to, wanted->to));
	promise(is(rung->from, wanted->from));
	v->count++;
	v->wins += rung->found != 0;
}

void
naive_check(const struct naive *naive, const struct mini_route *list, size_t count,
    const struct tmail_routes *routes, const struct tmail_query *query)
{
	struct tmail_match match, explained, zero;
	struct visits visits = {naive, 0, 0};
	enum tmail_status status = tmail_routes_lookup(routes, query, &match);
	size_t wanted = find(naive, list, count);

	promise(tmail_routes_explain(routes, query, visit, &visits, &explained) == status);
	check_same_match(&match, &explained);
	if (wanted == naive->count) {
		memset(&zero, 0, sizeof(zero));
		promise(status == TMAIL_NO_ROUTE);
		promise(memcmp(&match, &zero, sizeof(zero)) == 0);
		promise(visits.count == naive->count);
		promise(visits.wins == 0);
		return;
	}
	promise(status == TMAIL_OK);
	promise(is(match.user, naive->rungs[wanted].user));
	promise(is(match.to, naive->rungs[wanted].to));
	promise(is(match.from, naive->rungs[wanted].from));
	promise(visits.count == wanted + 1);
	promise(visits.wins == 1);
	check_members(routes, &match, list, count, &naive->rungs[wanted]);
	check_plan(routes, &match);
}
