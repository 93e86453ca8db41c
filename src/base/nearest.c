#include "base/nearest.h"

enum { WORD_MAX = 24 };

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Whether two bytes are the same letter, in upper or lower case. */
static bool
same(char a, char b)
{
	char lower = (char)(a | 0x20);

	return a == b || ((a ^ b) == 0x20 && lower >= 'a' && lower <= 'z');
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
			unsigned change = !same(a.ptr[i - 1], b.ptr[j - 1]);

			row[j] = least(least(above[j] + 1, row[j - 1] + 1), above[j - 1] + change);
			if (i > 1 && j > 1 && same(a.ptr[i - 1], b.ptr[j - 2]) &&
			    same(a.ptr[i - 2], b.ptr[j - 1]))
				row[j] = least(row[j], before[j - 2] + 1);
		}
		before = above;
		above = row;
		row = spare;
	}
	return above[b.len];
}

void
nearest_init(struct nearest *nearest, struct slice word)
{
	unsigned limit = word.len < 2 ? 1 : word.len <= 4 ? 2 : 3;

	*nearest = (struct nearest){.word = word, .limit = limit, .distance = limit + 1};
}

/* Whether somebody has cut the candidate short. */
static bool
is_cut(struct slice word, struct slice candidate)
{
	return word.len >= 3 && word.len < candidate.len &&
	    distance(word, slice(candidate.ptr, word.len)) == 0;
}

void
nearest_offer(struct nearest *nearest, struct slice candidate)
{
	unsigned d;

	if (nearest->word.len == 0 || nearest->word.len > WORD_MAX || candidate.len > WORD_MAX)
		return;
	d = distance(nearest->word, candidate);
	if (d >= nearest->limit && !is_cut(nearest->word, candidate))
		return;
	d = least(d, nearest->limit);
	if (d <= nearest->distance)
		nearest->found = d < nearest->distance ? candidate : slice(NULL, 0);
	nearest->distance = least(d, nearest->distance);
}

const char *
nearest_word(struct slice word, const char *const *candidates, size_t count)
{
	struct nearest nearest;

	nearest_init(&nearest, word);
	for (size_t i = 0; i < count; i++)
		nearest_offer(&nearest, slice_str(candidates[i]));
	return nearest.found.ptr;
}
