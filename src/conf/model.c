#include "conf/model.h"

#include <stdlib.h>

#include "base/fold.h"

void
model_init(struct model *model, uint64_t seed, size_t routes)
{
	*model = (struct model){.route_count = routes, .member_capacity = routes};
	names_init(&model->names, seed, routes);
	model->routes = mem_zero(routes, sizeof(*model->routes));
	model->members = mem_resize(NULL, routes, sizeof(*model->members));
}

void
model_release(struct model *model)
{
	names_release(&model->names);
	free(model->routes);
	free(model->members);
	free(model->group_members);
	pool_release(&model->groups);
	pool_release(&model->strings);
	pool_release(&model->locals);
	pool_release(&model->hops);
	pool_release(&model->targets);
	*model = (struct model){0};
}

uint32_t
model_name(struct model *model, struct slice name)
{
	return KEY_NAME + names_intern(&model->names, name, false);
}

uint32_t
model_name_hashed(struct model *model, struct slice name, uint32_t hash)
{
	return KEY_NAME + names_intern_hashed(&model->names, name, hash, true);
}

static struct name *
name_of(struct model *model, uint32_t key)
{
	return &model->names.list[(key & ~KEY_WILD) - KEY_NAME];
}

static bool
is_name(uint32_t key)
{
	return (key & ~KEY_WILD) >= KEY_NAME;
}

static bool
has_at(const struct name *name)
{
	return (name->roles & NAME_PLAIN) == 0 &&
	    fold_at(slice(name->ptr, name->len)) < name->len;
}

static unsigned
labels(const struct name *name)
{
	unsigned n = 1;

	for (uint32_t i = 0; i < name->len; i++)
		n += name->ptr[i] == '.';
	return n;
}

/* Notes which kind of rung the group stands on. */
static void
note_rung(struct model *model, uint32_t user, uint32_t to, uint32_t from)
{
	unsigned u = RUNG_USER_NONE, t = RUNG_TO_STAR, f = RUNG_FROM_NONE;

	if (user == KEY_STAR)
		u = RUNG_USER_STAR;
	else if (is_name(user))
		u = has_at(name_of(model, user)) ? RUNG_USER_FULL : RUNG_USER_BARE;
	if ((to & KEY_WILD) != 0) {
		t = RUNG_TO_WILD;
		model->wild_labels |= wild_labels_bit(labels(name_of(model, to)));
	} else if (is_name(to)) {
		t = has_at(name_of(model, to)) ? RUNG_TO_ADDRESS : RUNG_TO_DOMAIN;
	}
	if (from == KEY_NULL)
		f = RUNG_FROM_NULL;
	else if (is_name(from))
		f = has_at(name_of(model, from)) ? RUNG_FROM_ADDRESS : RUNG_FROM_DOMAIN;
	model->rungs |= rung_bit(u, t, f);
}

/* The member list of a group of several names or none. */
static uint32_t *
group_list(struct model *model, uint32_t user, uint32_t to, uint32_t from)
{
	struct model_group key = {user, to, from};
	size_t count = model->groups.count;
	uint32_t group = pool_intern(&model->groups, slice((const char *)&key, sizeof(key)));

	if (group == count) {
		model->group_members = mem_grow(model->group_members, count,
		    &model->group_capacity, sizeof(*model->group_members));
		model->group_members[group] = NO_MEMBER;
		note_rung(model, user, to, from);
		if (is_name(user))
			name_of(model, user)->roles |= ROLE_GROUP_USER;
		if (is_name(to))
			name_of(model, to)->roles |=
			    (to & KEY_WILD) != 0 ? ROLE_GROUP_WILD : ROLE_GROUP_TO;
		if (is_name(from))
			name_of(model, from)->roles |= ROLE_GROUP_FROM;
	}
	return &model->group_members[group];
}

/* The member list of a group that one name decides. */
static uint32_t *
inline_list(struct model *model, uint32_t user, uint32_t to)
{
	static const uint32_t roles[INLINE_COUNT] = {ROLE_TO, ROLE_WILD, ROLE_USER};
	struct name *name = name_of(model, user == KEY_NONE ? to : user);
	int which = user != KEY_NONE ? INLINE_USER : (to & KEY_WILD) != 0 ? INLINE_WILD : INLINE_TO;

	if ((name->roles & roles[which]) == 0) {
		name->roles |= roles[which];
		model->inline_groups++;
		note_rung(model, user, to, KEY_NONE);
	}
	return &name->members[which];
}

void
model_member(struct model *model, uint32_t route, uint32_t user, uint32_t to, uint32_t from)
{
	uint32_t *last;

	if (from == KEY_NONE &&
	    ((user == KEY_NONE && is_name(to)) || (is_name(user) && to == KEY_STAR)))
		last = inline_list(model, user, to);
	else
		last = group_list(model, user, to, from);
	model->members = mem_grow(model->members, model->member_count, &model->member_capacity,
	    sizeof(*model->members));
	model->members[model->member_count] = (struct member){route, *last};
	model->shared |= *last != NO_MEMBER;
	*last = (uint32_t)model->member_count++;
}

static int
by_priority(const void *a, const void *b, void *arg)
{
	const struct model *model = arg;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	uint16_t px = model_priority(model, x), py = model_priority(model, y);

	if (px != py)
		return px < py ? -1 : 1;
	return model->routes[x].id < model->routes[y].id ? -1 : 1;
}

size_t
model_members(const struct model *model, uint32_t last, struct route_buffer *buffer)
{
	struct model *arg;
	size_t n = 0;

	for (; last != NO_MEMBER; last = model->members[last].before) {
		buffer->list =
		    mem_grow(buffer->list, n, &buffer->capacity, sizeof(*buffer->list));
		buffer->list[n++] = model->members[last].route;
	}
	memcpy(&arg, &model, sizeof(arg)); /* qsort_r hands it back as const */
	if (n > 1)
		qsort_r(buffer->list, n, sizeof(*buffer->list), by_priority, arg);
	return n;
}

static void
visit_list(const struct model *model, uint32_t last, size_t least, struct route_buffer *buffer,
    model_visit *visit, void *arg)
{
	size_t n;

	if (last == NO_MEMBER || (least > 1 && model->members[last].before == NO_MEMBER))
		return;
	n = model_members(model, last, buffer);
	visit(arg, buffer->list, n);
}

void
model_each_group(const struct model *model, size_t least, model_visit *visit, void *arg)
{
	struct route_buffer buffer = {0};

	if (least > 1 && !model->shared)
		return;
	for (size_t i = 0; i < model->names.count; i++)
		for (int which = 0; which < INLINE_COUNT; which++)
			visit_list(model, model->names.list[i].members[which], least, &buffer,
			    visit, arg);
	for (size_t i = 0; i < model->groups.count; i++)
		visit_list(model, model->group_members[i], least, &buffer, visit, arg);
	free(buffer.list);
}
