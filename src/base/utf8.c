#include "base/utf8.h"

#include <stddef.h>
#include <string.h>

#include "base/chunk.h"

const char *
utf8_next(const char *p, const char *end, uint32_t *c)
{
	static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
	unsigned char lead = (unsigned char)*p;
	unsigned more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
	uint32_t v = more == 0 ? lead : lead & (0x3fu >> more);

	*c = UTF8_INVALID;
	if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || end - p <= (ptrdiff_t)more)
		return p + 1;
	for (unsigned i = 1; i <= more; i++) {
		unsigned char byte = (unsigned char)p[i];

		if ((byte & 0xc0) != 0x80)
			return p + 1;
		v = v << 6 | (byte & 0x3fu);
	}
	if (v < least[more] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return p + 1;
	*c = v;
	return p + more + 1;
}

const char *
utf8_flaw(const char *p, const char *end)
{
	while (p < end) {
		uint32_t c;
		const char *next;

		while (end - p >= CHUNK_SIZE && chunk_high(chunk_load(p)) == 0)
			p += CHUNK_SIZE;
		if (p == end)
			break;
		next = utf8_next(p, end, &c);
		if (c == UTF8_INVALID)
			return p;
		p = next;
	}
	return NULL;
}

bool
utf8_hostile(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c ||
	    (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	    (c >= 0x2060 && c <= 0x2069) || c == 0xfeff || c == UTF8_INVALID;
}

size_t
utf8_disarm(char *text, size_t n)
{
	const char *p = text, *end = text + n, *next;
	char *o = text;
	uint32_t c;

	for (; p < end; p = next) {
		next = utf8_next(p, end, &c);
		if (utf8_hostile(c)) {
			*o++ = '?';
		} else {
			memmove(o, p, (size_t)(next - p));
			o += next - p;
		}
	}
	return (size_t)(o - text);
}

const char *
utf8_lookalike(struct slice word)
{
	static const struct {
		uint32_t c;
		const char *what;
	} odd[] = {
	    {0x00a0, "a no-break space (U+00A0)"}, {0x00ad, "a soft hyphen (U+00AD)"},
	    {0x200b, "a zero-width space (U+200B)"}, {0x2011, "a no-break hyphen (U+2011)"},
	    {0x2013, "a dash (U+2013) that is no '-'"}, {0x2018, "a curled quote (U+2018)"},
	    {0x2019, "a curled quote (U+2019)"}, {0x201c, "a curled quote (U+201C)"},
	    {0x201d, "a curled quote (U+201D)"}, {0x201e, "a low quote (U+201E)"},
	    {0x202f, "a no-break space (U+202F)"}, {0xfeff, "a byte order mark (U+FEFF)"},
	};
	const char *p = word.ptr, *end = word.ptr + word.len;
	uint32_t c;

	while (p < end) {
		p = utf8_next(p, end, &c);
		for (size_t i = 0; c >= 0x80 && i < sizeof(odd) / sizeof(*odd); i++)
			if (odd[i].c == c)
				return odd[i].what;
	}
	return NULL;
}

/* The wide and zero-width blocks that names and comments are likely to hold. */
static const struct {
	uint32_t first, last;
	unsigned width;
} blocks[] = {
    {0x0300, 0x036f, 0}, {0x0483, 0x0489, 0}, {0x0591, 0x05bd, 0}, {0x0610, 0x061a, 0},
    {0x064b, 0x065f, 0}, {0x1100, 0x115f, 2}, {0x1ab0, 0x1aff, 0}, {0x1dc0, 0x1dff, 0},
    {0x200b, 0x200f, 0}, {0x202a, 0x202e, 0}, {0x2060, 0x2064, 0}, {0x20d0, 0x20ff, 0},
    {0x2e80, 0x303e, 2}, {0x3041, 0xa4cf, 2}, {0xa960, 0xa97f, 2}, {0xac00, 0xd7a3, 2},
    {0xf900, 0xfaff, 2}, {0xfe00, 0xfe0f, 0}, {0xfe20, 0xfe2f, 0}, {0xfe30, 0xfe6f, 2},
    {0xfeff, 0xfeff, 0}, {0xff00, 0xff60, 2}, {0xffe0, 0xffe6, 2}, {0x1f300, 0x1f64f, 2},
    {0x1f680, 0x1f6ff, 2}, {0x1f900, 0x1f9ff, 2}, {0x20000, 0x3fffd, 2},
};

unsigned
utf8_width(uint32_t c)
{
	for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++)
		if (c >= blocks[i].first && c <= blocks[i].last)
			return blocks[i].width;
	return 1;
}
