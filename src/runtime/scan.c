#include "runtime/scan.h"

#include "runtime/key.h"
#include "runtime/route.h"
#include "runtime/table.h"

struct scan {
	const struct tmail_routes *routes;
	void (*visit)(void *arg, const struct tmail_match *match);
	void *arg;
};

static bool
pattern(const struct tmail_routes *routes, uint32_t key, struct tmail_slice *text)
{
	bool wild = (key & KEY_WILD) != 0;
	uint32_t slot = (key & ~KEY_WILD) - KEY_NAME;

	if (key == KEY_NONE)
		*text = tmail_slice(NULL, 0);
	else if (key == KEY_STAR)
		*text = tmail_slice("*", 1);
	else if (key == KEY_NULL)
		*text = tmail_slice("<>", 2);
	else
		return slot < routes->names.nslots && name_text(routes, slot, wild, text);
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
visit_name(const struct scan *scan, uint32_t slot, const unsigned char *entry)
{
	static const unsigned char deciding[] = {ROLE_TO, ROLE_WILD, ROLE_USER};
	uint32_t name = le32_get(entry + ENTRY_LIST), key = KEY_NAME + slot, list;
	unsigned char roles;

	if (!name_roles(scan->routes, name, &roles))
		return TMAIL_E_DAMAGED;
	for (size_t i = 0; i < sizeof(deciding); i++) {
		enum tmail_status status = TMAIL_E_DAMAGED;
		unsigned char role = deciding[i];

		if ((roles & role) == 0)
			continue;
		if (name_list(scan->routes, name, role, &list))
			status = visit_list(scan, role == ROLE_USER ? key : KEY_NONE,
			    role == ROLE_USER ? KEY_STAR : key | (role == ROLE_WILD ? KEY_WILD : 0),
			    KEY_NONE, list);
		if (status != TMAIL_OK)
			return status;
	}
	return TMAIL_OK;
}

static enum tmail_status
visit_group(const struct scan *scan, uint32_t slot, const unsigned char *entry)
{
	const unsigned char *key = entry + ENTRY_KEY;

	(void)slot;
	if (entry[ENTRY_LENGTH] != GROUP_SIZE)
		return TMAIL_E_DAMAGED;
	return visit_list(scan, le32_get(key + GROUP_USER), le32_get(key + GROUP_TO),
	    le32_get(key + GROUP_FROM), le32_get(entry + ENTRY_LIST));
}

static enum tmail_status
scan_table(const struct scan *scan, const struct table *table,
    enum tmail_status (*visit)(const struct scan *, uint32_t, const unsigned char *))
{
	for (uint32_t slot = 0; slot < table->nslots; slot++) {
		enum tmail_status status;

		if (table_line(table, slot)[slot % LINE_SLOTS] == 0)
			continue;
		status = visit(scan, slot, table_entry(table, slot));
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

static bool
find_route(const struct tmail_routes *routes, const struct tmail_match *match, uint32_t n,
    struct route_entry *entry)
{
	struct route_list list;

	return match_list(routes, match, &list) == TMAIL_OK && n < list.count &&
	    route_entry(routes, &list, n, entry);
}

bool
scan_route(const struct tmail_routes *routes, uint32_t n, struct tmail_route *route,
    enum tmail_status *status)
{
	struct route_entry entry = {.route = section_element(&routes->sections[SECTION_ROUTES], n,
	    ROUTE_SIZE)};

	if (entry.route == NULL)
		return false;
	*route = (struct tmail_route){0};
	if (route_target(routes, le32_get(entry.route + ROUTE_TARGET), &entry) &&
	    route_read(routes, &entry, route))
		return true;
	*status = TMAIL_E_DAMAGED;
	return false;
}

bool
scan_user_any(const struct tmail_routes *routes, const struct tmail_match *match, uint32_t n)
{
	struct route_entry entry;

	return find_route(routes, match, n, &entry) &&
	    (le32_get(entry.route + ROUTE_TARGET) & ROUTE_USER_ANY) != 0;
}

/* Names are slices of the map, as no other pattern is. */
bool
scan_is_name(const struct tmail_routes *routes, struct tmail_slice pattern)
{
	return (uintptr_t)pattern.ptr - (uintptr_t)routes->map < routes->size;
}

bool
scan_has_name(const struct tmail_routes *routes, const char *name, size_t len)
{
	struct probe probe;
	uint32_t list;

	probe_aim(&probe, routes, &routes->names, name, len);
	return probe_may(&probe) && table_find(routes, &routes->names,
	    probe_slot(&probe, &routes->names), name, len, &list) == TMAIL_OK;
}

enum tmail_status
scan_attempt(const struct tmail_routes *routes, const struct tmail_match *match, uint32_t n,
    uint64_t *attempt)
{
	struct route_entry entry;

	if (!find_route(routes, match, n, &entry))
		return TMAIL_E_DAMAGED;
	*attempt = (uint64_t)le16_get(entry.target + TARGET_PRIORITY) << 32 |
	    le32_get(entry.target + TARGET_HOP);
	return TMAIL_OK;
}

bool
scan_file(const struct tmail_routes *routes, uint32_t n, struct tmail_slice *name)
{
	const unsigned char *file =
	    section_element(&routes->sections[SECTION_FILES], n, FILE_SIZE);

	return file != NULL && route_string(routes, file + FILE_NAME, name);
}

/* What a walk over the ladder is made of. */
struct climb {
	const struct tmail_routes *routes;
	void (*visit)(void *arg, const struct scan_rung *rung);
	void *arg;
	struct key_to to;
	struct key_few from, user;
};

/* All destinations and senders for these users. */
static void
climb_half(const struct climb *climb, const struct part *users, unsigned count)
{
	const struct parts *tos = &climb->to.parts, *froms = &climb->from.parts;
	struct scan_rung rung;

	for (unsigned t = 0; t < tos->count; t++)
		for (unsigned f = 0; f < froms->count; f++)
			for (unsigned u = 0; u < count; u++) {
				const struct part *to = &tos->part[t];

				rung = (struct scan_rung){.user_kind = users[u].kind,
				    .to_kind = to->kind, .from_kind = froms->part[f].kind};
				rung.to = to->name == NULL ? tmail_slice("*", 1)
				    : tmail_slice(to->name, to->len);
				rung.used = (climb->routes->limits.rungs & rung_bit(rung.user_kind,
				    rung.to_kind, rung.from_kind)) != 0;
				climb->visit(climb->arg, &rung);
			}
}

enum tmail_status
scan_ladder(const struct tmail_routes *routes, const struct tmail_query *query,
    void (*visit)(void *arg, const struct scan_rung *rung), void *arg)
{
	static const struct part nobody = {.kind = RUNG_USER_NONE};
	const struct asking asking = {routes, &key_all, key_rungs(query)};
	struct climb climb = {.routes = routes, .visit = visit, .arg = arg};
	enum tmail_status status = key_to(&climb.to, query->recipient, &asking);

	if (status == TMAIL_OK)
		status = key_from(&climb.from, query->sender, &asking);
	if (status == TMAIL_OK)
		status = key_user(&climb.user, query->login, &asking);
	if (status != TMAIL_OK)
		return status;
	climb_half(&climb, climb.user.parts.part, climb.user.parts.count);
	climb_half(&climb, &nobody, 1);
	return TMAIL_OK;
}
