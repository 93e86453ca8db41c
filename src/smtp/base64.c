#include "smtp/base64.h"

#include <stdlib.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *
base64_encode(const char *data, size_t len)
{
	const unsigned char *in = (const unsigned char *)data;
	char *text = calloc(1, (len + 2) / 3 * 4 + 1), *out = text;
	unsigned word;
	size_t i, n;

	if (text == NULL)
		return NULL;
	for (i = 0; i < len; i += 3) {
		n = len - i < 3 ? len - i : 3;
		word = (unsigned)in[i] << 16 | (n > 1 ? (unsigned)in[i + 1] << 8 : 0) |
		    (n > 2 ? in[i + 2] : 0);
		*out++ = digits[word >> 18];
		*out++ = digits[word >> 12 & 63];
		*out++ = n > 1 ? digits[word >> 6 & 63] : '=';
		*out++ = n > 2 ? digits[word & 63] : '=';
	}
	return text;
}

char *
base64_decode(const char *text, size_t *len)
{
	size_t n = strlen(text), i;
	char *data = calloc(1, n / 4 * 3 + 4);
	const char *digit;
	unsigned word = 0;

	*len = 0;
	if (data == NULL)
		return NULL;
	while (n > 0 && text[n - 1] == '=')
		n--;
	for (i = 0; i < n; i++) {
		digit = strchr(digits, text[i]);
		if (digit == NULL) {
			free(data);
			return NULL;
		}
		word = word << 6 | (unsigned)(digit - digits);
		if (i % 4 != 0)
			data[(*len)++] = (char)(word >> (6 - i % 4 * 2) & 0xFF);
	}
	return data;
}
