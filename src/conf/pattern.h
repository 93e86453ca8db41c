/* pattern.h - the values of selectors and lists: patterns to keys. */
#ifndef CONF_PATTERN_H
#define CONF_PATTERN_H

#include "conf/judging.h"

void check_list(struct check *check, const struct stmt *stmt);
bool pattern_add(struct check *check, enum selector selector, struct item item);

static inline void
keys_add(struct keys *keys, uint32_t key)
{
	keys->list = mem_grow(keys->list, keys->count, &keys->capacity, sizeof(*keys->list));
	keys->list[keys->count++] = key;
}

int by_key(const void *a, const void *b);	/* for qsort */

#endif
