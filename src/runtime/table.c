#include "runtime/table.h"

bool
members_skip(const struct tmail_routes *routes, uint32_t *ref)
{
	struct members members;
	uint32_t units;

	if (!members_at(routes, *ref, &members))
		return false;
	units = members.count * (MEMBER_SIZE / RECORD_UNIT);
	if ((le32_get(members.first + MEMBER_TARGET) & MEMBER_MORE) != 0)
		units++;
	*ref += units;
	return true;
}
