#include "base/status_code.h"

/* How many digits stand at text[at]. */
static size_t
digits(struct slice text, size_t at)
{
	size_t n = 0;

	while (at + n < text.len && text.ptr[at + n] >= '0' && text.ptr[at + n] <= '9')
		n++;
	return n;
}

size_t
status_code(struct slice text)
{
	size_t at = digits(text, 0);

	if (at != 1)
		return 0;
	for (int part = 0; part < 2; part++) {
		size_t n = at < text.len && text.ptr[at] == '.' ? digits(text, at + 1) : 0;

		if (n == 0 || n > 3)
			return 0;
		at += 1 + n;
	}
	return at == text.len || text.ptr[at] == ' ' ? at : 0;
}
