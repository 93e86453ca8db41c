/*
 * unchanged.h - names that folding leaves as they are, as most names come.
 *
 * This is found out without writing a byte: were a copy hashed in other pieces
 * than it was written in, the processor would wait for everything under way,
 * cache misses of earlier lookups included.
 */
#ifndef BASE_UNCHANGED_H
#define BASE_UNCHANGED_H

#include "base/chunk.h"
#include "base/fold.h"
#include "base/hot.h"

enum { MARKS_MOST = 64 };	/* bytes of a name: bits of a mask */

/* What stands where in a name, bit n for byte n. */
struct marks {
	uint64_t ats;
	uint64_t dots;
	uint64_t odd;		/* what no folded domain has */
};

HOT unsigned
marks_add(struct marks *marks, CHUNK c, size_t place)
{
	marks->ats |= (uint64_t)chunk_equal(c, '@') << place;
	marks->dots |= (uint64_t)chunk_equal(c, '.') << place;
	marks->odd |= (uint64_t)(~chunk_domain(c) & 0xffff) << place;
	return chunk_unfolded(c);
}

/*
 * marks_read - whether folding surely changes no byte of an address or login;
 * if so, *marks says what is in it.  False may be wrong, as for long names.
 */
HOT bool
marks_read(struct slice name, struct marks *marks)
{
	unsigned unfolded;
	size_t last, i;

	if (name.len - 1 >= MARKS_MOST)
		return false;
	*marks = (struct marks){0, 0, 0};
	if (name.len < CHUNK_SIZE) {
		unfolded = marks_add(marks, chunk_load_short(name.ptr, name.len), 0);
	} else {
		last = name.len - CHUNK_SIZE;
		unfolded = marks_add(marks, chunk_load(name.ptr + last), last);
		for (i = 0; i < last; i += CHUNK_SIZE)
			unfolded |= marks_add(marks, chunk_load(name.ptr + i), i);
	}
	return unfolded == 0 && name.ptr[0] != '"' && name.ptr[name.len - 1] != '.';
}

/* marks_at - fold_at. */
HOT size_t
marks_at(const struct marks *marks, size_t len)
{
	size_t last = 63u - (unsigned)__builtin_clzll(marks->ats | 1);

	return marks->ats != 0 ? last : len;	/* not a branch on ats */
}

/* marks_domain - where the domain of an address begins; of no address: 0. */
HOT size_t
marks_domain(size_t at, size_t len)
{
	return at == len ? 0 : at + 1;
}

/* marks_is_domain - whether what is kept is a folded domain from `start` on, to len. */
HOT bool
marks_is_domain(const struct marks *marks, size_t start, size_t len)
{
	uint64_t dots, odd;

	if (len - start - 1 >= FOLD_LABEL_MAX)
		return false;
	dots = marks->dots >> start;
	odd = marks->odd << (MARKS_MOST - len) >> (MARKS_MOST - len) >> start;
	return (odd | (dots & 1) | (dots & dots >> 1)) == 0;
}

#endif
