#include "serve/word.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int
value(char c)
{
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits);
}

bool
word_decode(struct slice word, char *buf, struct slice *decoded)
{
	uint32_t bits = 0;
	size_t len = word.len, n = 0, pad = 0;

	*decoded = slice(buf, 0);
	if (len == 0 || slice_is(word, "="))
		return true;
	while (pad < 2 && len > 0 && word.ptr[len - 1] == '=') {
		len--;
		pad++;
	}
	if (word.len % 4 != 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		int digit = value(word.ptr[i]);

		if (digit < 0)
			return false;
		bits = bits << 6 | (uint32_t)digit;
		if (i % 4 != 0)
			buf[n++] = (char)(bits >> (6 - 2 * (i % 4)) & 0xff);
	}
	*decoded = slice(buf, n);
	return memchr(buf, '\0', n) == NULL;
}

void
word_encode(struct slice bytes, struct as_text *out)
{
	for (size_t i = 0; i < bytes.len; i += 3) {
		uint32_t bits = 0;
		size_t left = bytes.len - i < 3 ? bytes.len - i : 3;

		for (size_t j = 0; j < 3; j++)
			bits = bits << 8 | (j < left ? (unsigned char)bytes.ptr[i + j] : 0);
		for (size_t j = 0; j < 4; j++)
			as_text_add(out, j > left ? "=" : &digits[bits >> (18 - 6 * j) & 63], 1);
	}
}
