#include "base/number.h"

bool
number_read(struct slice text, uint32_t most, uint32_t *number)
{
	uint64_t n = 0;

	if (text.len == 0 || text.len > 10 || (text.len > 1 && text.ptr[0] == '0'))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(text.ptr[i] - '0');
	}
	*number = (uint32_t)n;
	return n <= most;
}
