#include "wiring/words.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == ',' || c == '\n' || c == '\r';
}

bool
cf_word(const char **rest, struct slice *word)
{
	const char *p = *rest, *begin;
	int depth = 0;

	while (is_blank(*p))
		p++;
	begin = p;
	for (; *p != '\0' && (depth > 0 || !is_blank(*p)); p++)
		depth += (*p == '{') - (*p == '}' && depth > 0);
	*rest = p;
	if (p > begin + 1 && *begin == '{' && p[-1] == '}') {
		begin++;
		p--;
		while (begin < p && is_blank(*begin))
			begin++;
	}
	*word = slice(begin, (size_t)(p - begin));
	return p > begin;
}

bool
cf_has(const char *list, const char *word)
{
	struct slice next;

	while (cf_word(&list, &next))
		if (slice_is(next, word))
			return true;
	return false;
}
