#include "runtime/table.h"

bool
name_list(const struct tmail_routes *routes, uint32_t name, unsigned role,
    uint32_t *list)
{
	const unsigned char *record;
	struct route_list before;
	unsigned others;
	size_t size;

	*list = name;
	if ((name & LIST_KIND) <= LIST_USER)
		return true;
	record = name_record(routes, name, &size);
	if (record == NULL)
		return false;
	*list += (uint32_t)((size + RECORD_UNIT - 1) / RECORD_UNIT);
	others = record[NAME_ROLES] & (role - 1) & (ROLE_TO | ROLE_WILD | ROLE_USER);
	for (; others != 0; others &= others - 1) {
		if (!route_list_open(routes, *list, &before))
			return false;
		*list += 1 + before.count;
	}
	return (*list & LIST_KIND) == LIST_RECORD;
}
