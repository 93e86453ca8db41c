#include "runtime/scan.h"

#include "runtime/route.h"
#include "runtime/table.h"

struct scan {
	const struct tmail_routes *routes;
	void (*visit)(void *arg, const struct tmail_match *match);
	void *arg;
};

/* Whether ref is a name record whose text lies inside the index. */
static bool
is_name(const struct tmail_routes *routes, uint32_t ref, bool wild)
{
	size_t len, star;
	const unsigned char *p = record_at(routes, ref, &len);

	if (p == NULL || len < NAME_TEXT)
		return false;
	star = (p[NAME_ROLES] & (ROLE_WILD | ROLE_GROUP_WILD)) != 0 ? 2 : 0;
	return (star != 0 || !wild) && len - NAME_TEXT >= star + le16_get(p + NAME_LENGTH);
}

static bool
pattern(const struct tmail_routes *routes, uint32_t key, struct tmail_slice *text)
{
	bool wild = (key & KEY_WILD) != 0;

	if (key == KEY_NONE)
		*text = tmail_slice(NULL, 0);
	else if (key == KEY_STAR)
		*text = tmail_slice("*", 1);
	else if (key == KEY_NULL)
		*text = tmail_slice("<>", 2);
	else if (is_name(routes, key & ~KEY_WILD, wild))
		*text = table_name_text(routes, key & ~KEY_WILD, wild);
	else
		return false;
	return true;
}

static enum tmail_status
visit_list(const struct scan *scan, uint32_t user, uint32_t to, uint32_t from, uint32_t list)
{
	struct tmail_match match = {0};

	if (!pattern(scan->routes, user, &match.user) || !pattern(scan->routes, to, &match.to) ||
	    !pattern(scan->routes, from, &match.from) ||
	    route_fill_match(scan->routes, list, &match) != TMAIL_OK)
		return TMAIL_E_DAMAGED;
	scan->visit(scan->arg, &match);
	return TMAIL_OK;
}

static enum tmail_status
visit_name(const struct scan *scan, uint32_t ref)
{
	static const unsigned char inline_roles[] = {ROLE_TO, ROLE_WILD, ROLE_USER};
	const unsigned char *p;
	size_t len;

	if (!is_name(scan->routes, ref, false))
		return TMAIL_E_DAMAGED;
	p = record_at(scan->routes, ref, &len);
	for (size_t i = 0; i < sizeof(inline_roles); i++) {
		enum tmail_status status;
		unsigned char role = inline_roles[i];
		uint32_t list;

		if ((p[NAME_ROLES] & role) == 0)
			continue;
		status = table_inline_group(scan->routes, ref, role, &list);
		if (status == TMAIL_OK)
			status = visit_list(scan, role == ROLE_USER ? ref : KEY_NONE,
			    role == ROLE_USER ? KEY_STAR : ref | (role == ROLE_WILD ? KEY_WILD : 0),
			    KEY_NONE, list);
		if (status != TMAIL_OK)
			return status;
	}
	return TMAIL_OK;
}

static enum tmail_status
visit_group(const struct scan *scan, uint32_t ref)
{
	size_t len;
	const unsigned char *p = record_at(scan->routes, ref, &len);

	if (p == NULL || len < GROUP_MEMBERS)
		return TMAIL_E_DAMAGED;
	return visit_list(scan, le32_get(p + GROUP_USER), le32_get(p + GROUP_TO),
	    le32_get(p + GROUP_FROM), ref + GROUP_MEMBERS / RECORD_UNIT);
}

static enum tmail_status
scan_table(const struct scan *scan, const struct table *table,
    enum tmail_status (*visit)(const struct scan *, uint32_t))
{
	for (uint32_t b = 0; b < table->nbuckets; b++)
		for (unsigned slot = 0; slot < BUCKET_SLOTS; slot++) {
			const unsigned char *refs =
			    table->buckets + (size_t)b * BUCKET_SIZE + BUCKET_REFS;
			uint32_t ref = le32_get(refs + slot * 4);
			enum tmail_status status = ref == 0 ? TMAIL_OK : visit(scan, ref);

			if (status != TMAIL_OK)
				return status;
		}
	return TMAIL_OK;
}

enum tmail_status
scan_groups(const struct tmail_routes *routes,
    void (*visit)(void *arg, const struct tmail_match *match), void *arg)
{
	struct scan scan = {routes, visit, arg};
	enum tmail_status status = scan_table(&scan, &routes->names, visit_name);

	return status == TMAIL_OK ? scan_table(&scan, &routes->groups, visit_group) : status;
}

uint32_t
scan_user_flags(const struct tmail_routes *routes, const struct tmail_match *match, uint32_t n)
{
	struct members members;

	if (route_members(routes, match, &members) != TMAIL_OK || n >= members.count)
		return 0;
	return le32_get(members_get(&members, n) + MEMBER_TARGET) &
	    (MEMBER_USER_ANY | MEMBER_USER_IMPLIED);
}
