#include "compiler/suspect.h"

#include "compiler/words.h"

bool
suspect_word(struct slice word)
{
	static const char *const words[] = {"password", "passwd", "pass", "pwd", "rpwd"};
	static const char *const parts[] = {"pass", "Pass", "PASS", "pw", "Pw", "PW"};

	if (slice_is(word, "secret") ||
	    word_nearest(word, words, sizeof(words) / sizeof(*words)) != NULL)
		return true;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (memmem(word.ptr, word.len, parts[i], strlen(parts[i])) != NULL)
			return true;
	return false;
}

bool
suspect_string(struct slice string)
{
	const char *p = string.ptr, *end = string.ptr + string.len;

	if (memchr(p, ' ', string.len) == NULL)
		return false;
	while (p < end) {
		const char *blank = memchr(p, ' ', (size_t)(end - p));

		if (blank == NULL)
			blank = end;
		if (suspect_word(slice(p, (size_t)(blank - p))) ||
		    slice_is(slice(p, (size_t)(blank - p)), "login"))
			return true;
		p = blank + 1;
	}
	return false;
}

size_t
suspect_name(struct slice word)
{
	size_t n = 0;

	while (n < word.len && ((word.ptr[n] >= 'a' && word.ptr[n] <= 'z') ||
				   (word.ptr[n] >= 'A' && word.ptr[n] <= 'Z') ||
				   word.ptr[n] == '-' || word.ptr[n] == '_'))
		n++;
	return n;
}
