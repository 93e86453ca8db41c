/* mask.c - secret.h: what was found, looked up. */
#include <stdlib.h>

#include "text/secret.h"

static int
by_place(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return x->begin != y->begin ? (x->begin < y->begin ? -1 : 1) : 0;
}

void
secrets_settle(struct secrets *secrets)
{
	struct span *list = secrets->list;
	size_t n = 0;

	if (secrets->count > 1)
		qsort(list, secrets->count, sizeof(*list), by_place);
	for (size_t i = 0; i < secrets->count; i++) {
		if (n == 0 || list[i].begin >= list[n - 1].end)
			list[n++] = list[i];
		else if (list[i].end > list[n - 1].end)
			list[n - 1].end = list[i].end;
	}
	secrets->count = n;
}

void
secrets_release(struct secrets *secrets)
{
	free(secrets->list);
	*secrets = (struct secrets){0};
}

const struct span *
secrets_from(const struct secrets *secrets, uint32_t pos)
{
	size_t low = 0, high = secrets->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (secrets->list[middle].end > pos)
			high = middle;
		else
			low = middle + 1;
	}
	return low < secrets->count ? &secrets->list[low] : NULL;
}

bool
secrets_hide(const struct secrets *secrets, uint32_t pos)
{
	const struct span *secret = secrets_from(secrets, pos);

	return secret != NULL && secret->begin <= pos;
}

struct slice
secrets_mask(const struct secrets *secrets, const struct source *source, uint32_t begin,
    uint32_t end, struct arena *arena)
{
	size_t room = end - begin, used = 0, hidden = 0;
	const struct span *first = secrets_from(secrets, begin);
	char *out;

	for (const struct span *s = first;
	     first != NULL && s < secrets->list + secrets->count && s->begin < end; s++)
		hidden++;
	out = arena_bytes(arena, room + hidden * (sizeof(SECRET_MASK) - 1) + 1);
	for (const struct span *s = first; hidden > 0; s++, hidden--) {
		uint32_t stop = s->begin > begin ? s->begin : begin;

		memcpy(out + used, source_text(source, begin), stop - begin);
		used += stop - begin;
		memcpy(out + used, SECRET_MASK, sizeof(SECRET_MASK) - 1);
		used += sizeof(SECRET_MASK) - 1;
		begin = s->end < end ? s->end : end;
	}
	memcpy(out + used, source_text(source, begin), end - begin);
	used += end - begin;
	return slice(out, used);
}
