#include "serve/local_part.h"

#include "base/fold.h"

/* What no atom has, beside blanks and control characters (RFC 5322, 3.2.3). */
static const bool special[128] = {['"'] = true, ['('] = true, [')'] = true, [','] = true,
    [':'] = true, [';'] = true, ['<'] = true, ['>'] = true, ['@'] = true, ['['] = true,
    ['\\'] = true, [']'] = true, [0x7f] = true};

static bool
is_plain(struct slice local)
{
	for (size_t i = 0; i < local.len; i++) {
		unsigned char c = (unsigned char)local.ptr[i];

		if (c < sizeof(special) && (c <= ' ' || special[c]))
			return false;
	}
	return true;
}

static struct tmail_slice
as_it_stands(struct slice address)
{
	return (struct tmail_slice){address.ptr, address.len};
}

struct tmail_slice
local_part_quote(struct local_part *part, struct slice address)
{
	size_t at = fold_at(address), n = 0;
	struct slice local = slice(address.ptr, at);

	/* What is longer is no pattern. */
	if (at == address.len || is_plain(local) ||
	    2 * at + 2 + address.len - at > sizeof(part->buf))
		return as_it_stands(address);
	part->buf[n++] = '"';
	for (size_t i = 0; i < local.len; i++) {
		if (local.ptr[i] == '"' || local.ptr[i] == '\\')
			part->buf[n++] = '\\';
		part->buf[n++] = local.ptr[i];
	}
	part->buf[n++] = '"';
	memcpy(part->buf + n, address.ptr + at, address.len - at);
	return (struct tmail_slice){part->buf, n + address.len - at};
}

bool
local_part_is_quoted(struct slice address)
{
	size_t at = fold_at(address);

	return at != address.len && at >= 2 && address.ptr[0] == '"' && address.ptr[at - 1] == '"';
}
