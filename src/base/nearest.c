#include "base/nearest.h"

enum { WORD_MAX = 24 };

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Optimal string alignment distance; both words at most WORD_MAX long. */
static unsigned
distance(struct slice a, struct slice b)
{
	unsigned rows[3][WORD_MAX + 1];
	unsigned *before = rows[0], *above = rows[1], *row = rows[2];

	for (unsigned j = 0; j <= b.len; j++)
		above[j] = j;
	for (unsigned i = 1; i <= a.len; i++) {
		unsigned *spare = before;

		row[0] = i;
		for (unsigned j = 1; j <= b.len; j++) {
			unsigned change = a.ptr[i - 1] != b.ptr[j - 1];

			row[j] = least(least(above[j] + 1, row[j - 1] + 1), above[j - 1] + change);
			if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] &&
			    a.ptr[i - 2] == b.ptr[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		before = above;
		above = row;
		row = spare;
	}
	return above[b.len];
}

const char *
nearest_word(struct slice word, const char *const *candidates, size_t count)
{
	unsigned limit = word.len < 2 ? 0 : word.len <= 4 ? 1 : 2, best = limit + 1;
	const char *nearest = NULL;

	if (word.len == 0 || word.len > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		struct slice candidate = slice_str(candidates[i]);
		unsigned d;

		if (candidate.len > WORD_MAX)
			continue;
		d = distance(word, candidate);
		if (d < best) {
			best = d;
			nearest = candidates[i];
		} else if (d == best) {
			nearest = NULL;
		}
	}
	return best <= limit ? nearest : NULL;
}
