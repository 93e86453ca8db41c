#include "serve/conflicts.h"

#include <stdlib.h>

#include "answer/as_postfix.h"
#include "base/hash.h"

#define SLOTS (2 * CONFLICTS_MAX)
#define TEXTS_SIZE (UINT64_C(16) << 20)

bool
conflicts_open(struct conflicts *conflicts, bool texts)
{
	*conflicts = (struct conflicts){
	    .ring = calloc(CONFLICTS_MAX, sizeof(*conflicts->ring)),
	    .slots = calloc(SLOTS, sizeof(*conflicts->slots)),
	    .texts = texts ? malloc(TEXTS_SIZE) : NULL};
	if (conflicts->ring != NULL && conflicts->slots != NULL &&
	    (!texts || conflicts->texts != NULL))
		return true;
	conflicts_close(conflicts);
	return false;
}

void
conflicts_close(struct conflicts *conflicts)
{
	free(conflicts->ring);
	free(conflicts->slots);
	free(conflicts->texts);
	*conflicts = (struct conflicts){0};
}

static uint32_t
home(const unsigned char instance[16])
{
	uint32_t hash;

	memcpy(&hash, instance, sizeof(hash));
	return hash % SLOTS;
}

static void
digest_action(struct slice action, unsigned char digest[16])
{
	char folded[AS_ACTION_MAX];
	size_t len = action.len < sizeof(folded) ? action.len : sizeof(folded);

	for (size_t i = 0; i < len; i++) {
		char c = action.ptr[i];

		folded[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
	}
	hash128(folded, len, 0, digest);
}

/* The slot of an instance, or the empty one where it belongs. */
static uint32_t
find_slot(const struct conflicts *conflicts, const unsigned char instance[16])
{
	uint32_t at = home(instance);

	while (conflicts->slots[at] != 0 &&
	    memcmp(conflicts->ring[conflicts->slots[at] - 1].instance, instance, 16) != 0)
		at = (at + 1) % SLOTS;
	return at;
}

struct remembered *
conflicts_find(const struct conflicts *conflicts, struct slice instance)
{
	unsigned char digest[16];
	uint32_t place;

	hash128(instance.ptr, instance.len, 0, digest);
	place = conflicts->slots[find_slot(conflicts, digest)];
	return place == 0 ? NULL : &conflicts->ring[place - 1];
}

/* Takes a slot out; those behind it that it kept from their places move up. */
static void
empty_slot(struct conflicts *conflicts, uint32_t hole)
{
	uint32_t at = hole, wanted;

	for (;;) {
		conflicts->slots[hole] = 0;
		do {
			at = (at + 1) % SLOTS;
			if (conflicts->slots[at] == 0)
				return;
			wanted = home(conflicts->ring[conflicts->slots[at] - 1].instance);
		} while ((at - wanted) % SLOTS < (at - hole) % SLOTS);
		conflicts->slots[hole] = conflicts->slots[at];
		hole = at;
	}
}

/* Behind the last text, or at the start again: none is in two pieces. */
static void
keep_text(struct conflicts *conflicts, struct remembered *remembered, struct slice action)
{
	uint64_t left = TEXTS_SIZE - conflicts->written % TEXTS_SIZE;

	if (left < action.len)
		conflicts->written += left;
	remembered->text = conflicts->written;
	remembered->len = (uint32_t)action.len;
	memcpy(conflicts->texts + conflicts->written % TEXTS_SIZE, action.ptr, action.len);
	conflicts->written += action.len;
}

void
conflicts_add(struct conflicts *conflicts, struct slice instance, struct slice action)
{
	uint32_t place = (uint32_t)(conflicts->count % CONFLICTS_MAX);
	struct remembered *remembered = &conflicts->ring[place];

	if (conflicts->count >= CONFLICTS_MAX)
		empty_slot(conflicts, find_slot(conflicts, remembered->instance));
	hash128(instance.ptr, instance.len, 0, remembered->instance);
	digest_action(action, remembered->action);
	conflicts->slots[find_slot(conflicts, remembered->instance)] = place + 1;
	if (conflicts->texts != NULL)
		keep_text(conflicts, remembered, action);
	conflicts->count++;
}

bool
conflicts_same(const struct remembered *remembered, struct slice action)
{
	unsigned char digest[16];

	digest_action(action, digest);
	return memcmp(digest, remembered->action, sizeof(digest)) == 0;
}

bool
conflicts_text(const struct conflicts *conflicts, const struct remembered *remembered,
    struct slice *text)
{
	if (conflicts->texts == NULL || conflicts->written - remembered->text > TEXTS_SIZE)
		return false;
	*text = slice(conflicts->texts + remembered->text % TEXTS_SIZE, remembered->len);
	return true;
}
