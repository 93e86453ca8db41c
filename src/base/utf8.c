#include "base/utf8.h"

#include <stddef.h>
#include <string.h>
#include <unistr.h>
#include <uniwidth.h>

#include "base/chunk.h"

const char *
utf8_next(const char *p, const char *end, uint32_t *c)
{
	int n = 1;

	*c = (unsigned char)*p;
	if (*c >= 0x80)
		n = u8_mbtoucr(c, (const uint8_t *)p, (size_t)(end - p));
	if (n <= 0)
		*c = UTF8_INVALID;
	return p + (n <= 0 ? 1 : n);
}

const char *
utf8_flaw(const char *p, const char *end)
{
	while (p < end) {
		uint32_t c;
		const char *next;

		while (end - p >= 2 * CHUNK_SIZE &&
		    (chunk_high(chunk_load(p)) | chunk_high(chunk_load(p + CHUNK_SIZE))) == 0)
			p += 2 * CHUNK_SIZE;
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
	    (c >= 0x2060 && c <= 0x2069) || c == 0xfeff || (c & 0xfffe) == 0xfffe ||
	    c == UTF8_INVALID;
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
		uint32_t first, last;
		const char *what;
	} odd[] = {
	    {0x0080, 0x009f, "a control character (U+0080-009F)"},
	    {0x00a0, 0x00a0, "a no-break space (U+00A0)"},
	    {0x00ab, 0x00ab, "an angle quote (U+00AB)"},
	    {0x00ad, 0x00ad, "a soft hyphen (U+00AD)"},
	    {0x00b4, 0x00b4, "an accent (U+00B4) that is no quote"},
	    {0x00bb, 0x00bb, "an angle quote (U+00BB)"},
	    {0x2000, 0x200a, "a typographic space (U+2000-200A)"},
	    {0x200b, 0x200b, "a zero-width space (U+200B)"},
	    {0x200e, 0x200f, "a mark of the reading direction (U+200E, U+200F)"},
	    {0x2010, 0x2010, "a hyphen (U+2010) that is no '-'"},
	    {0x2011, 0x2011, "a no-break hyphen (U+2011)"},
	    {0x2013, 0x2013, "a dash (U+2013) that is no '-'"},
	    {0x2014, 0x2014, "a dash (U+2014) that is no '-'"},
	    {0x2018, 0x2018, "a curled quote (U+2018)"},
	    {0x2019, 0x2019, "a curled quote (U+2019)"},
	    {0x201c, 0x201c, "a curled quote (U+201C)"},
	    {0x201d, 0x201d, "a curled quote (U+201D)"},
	    {0x201e, 0x201e, "a low quote (U+201E)"},
	    {0x202a, 0x202e, "a mark of the reading direction (U+202A-202E)"},
	    {0x202f, 0x202f, "a no-break space (U+202F)"},
	    {0x2060, 0x2060, "a word joiner (U+2060)"},
	    {0x2066, 0x2069, "a mark of the reading direction (U+2066-2069)"},
	    {0x2212, 0x2212, "a minus (U+2212) that is no '-'"},
	    {0x3000, 0x3000, "a wide space (U+3000)"},
	    {0xfeff, 0xfeff, "a byte order mark (U+FEFF)"},
	    {0xff01, 0xff5e, "a full-width character (U+FF01-FF5E)"},
	};
	const char *p = word.ptr, *end = word.ptr + word.len;
	uint32_t c;

	while (p < end) {
		p = utf8_next(p, end, &c);
		for (size_t i = 0; c >= 0x80 && i < sizeof(odd) / sizeof(*odd); i++)
			if (c >= odd[i].first && c <= odd[i].last)
				return odd[i].what;
	}
	return NULL;
}

struct slice
utf8_first(struct slice text)
{
	uint32_t c;

	if (text.len > 0)
		text.len = (size_t)(utf8_next(text.ptr, text.ptr + text.len, &c) - text.ptr);
	return text;
}

struct slice
utf8_last(struct slice text)
{
	size_t from = text.len;

	while (from > 0 && (text.ptr[--from] & 0xc0) == 0x80)
		;
	return slice(text.ptr + from, text.len - from);
}

unsigned
utf8_width(uint32_t c)
{
	int width = c < 0x80 ? 1 : uc_width(c, "UTF-8");

	return width < 0 ? 1 : (unsigned)width;
}
