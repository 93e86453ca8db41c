#include "answer/line_text.h"

#include <stdlib.h>

#include "base/utf8.h"

void
text_release(struct text *text)
{
	free(text->ptr);
	*text = (struct text){0};
}

void
text_reserve(struct text *text, size_t n)
{
	size_t capacity = text->capacity < 256 ? 256 : text->capacity;

	while (capacity - text->len < n)
		capacity *= 2;
	text->ptr = mem_resize(text->ptr, capacity, 1);
	text->capacity = capacity;
}

void
text_number(struct text *text, uint64_t n)
{
	char digits[20], *p = digits + sizeof(digits);

	do
		*--p = (char)('0' + n % 10);
	while ((n /= 10) != 0);
	text_add(text, p, (size_t)(digits + sizeof(digits) - p));
}

static void
add_hex(struct text *text, const char *p, const char *end)
{
	static const char hex[] = "0123456789ABCDEF";

	for (; p < end; p++) {
		unsigned char byte = (unsigned char)*p;
		const char escape[] = {'\\', 'x', hex[byte >> 4], hex[byte & 15]};

		text_add(text, escape, sizeof(escape));
	}
}

void
text_safe(struct text *text, const char *ptr, size_t len)
{
	const char *p = ptr, *plain = ptr, *end;

	if (len == 0)
		return;
	end = ptr + len;
	while (p < end) {
		const char *next;
		uint32_t c;

		if (*p >= 0x20 && *p <= 0x7e) {
			p++;
			continue;
		}
		next = utf8_next(p, end, &c);
		if (utf8_hostile(c)) {
			text_add(text, plain, (size_t)(p - plain));
			add_hex(text, p, next);
			plain = next;
		}
		p = next;
	}
	text_add(text, plain, (size_t)(end - plain));
}

void
text_name(struct text *text, const char *ptr, size_t len)
{
	size_t before = text->len;

	text_add(text, ptr, len);
	if (len > 0)
		text->len = before + utf8_disarm(text->ptr + before, len);
}

unsigned
text_columns(const struct text *text, size_t begin)
{
	const char *p = text->ptr + begin, *end = text->ptr + text->len;
	unsigned columns = 0;

	while (p < end) {
		uint32_t c;

		p = utf8_next(p, end, &c);
		columns += utf8_width(c);
	}
	return columns;
}

void
text_fit(struct text *text, size_t begin, size_t end, unsigned columns)
{
	static const char ellipsis[] = "\xe2\x80\xa6";
	const size_t n = sizeof(ellipsis) - 1;
	unsigned behind = text_columns(text, end), used = behind + 1;

	if (begin == end || text_columns(text, begin) <= columns)
		return;
	text_reserve(text, n);
	for (const char *p = text->ptr + begin, *next;; p = next) {
		uint32_t c;

		next = utf8_next(p, text->ptr + end, &c);
		used += utf8_width(c);
		begin = (size_t)(p - text->ptr);
		if (used > columns)
			break;
	}
	memmove(text->ptr + begin + n, text->ptr + end, text->len - end);
	memcpy(text->ptr + begin, ellipsis, n);
	text->len -= end - begin - n;
}

void
text_line(struct text *text, FILE *out)
{
	text_add(text, "\n", 1);
	fwrite_unlocked(text->ptr, 1, text->len, out);
	text->len = 0;
}
