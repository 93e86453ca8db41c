#include "calibrate.h"

#include <stddef.h>

enum { TEXT = 1 << 18, SLOTS = 1 << 16, WORD = 24 };

struct entry {
	uint32_t hash;
	uint8_t len;
	char text[WORD];
};

struct work {
	char text[TEXT];
	struct entry slots[SLOTS];
	uint64_t found;
	uint64_t added;
};

static uint32_t
step(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static void
write_text(struct work *work)
{
	static const char letters[] = "etaoinshrdlucmfwypvbgkqjxz.-:#";
	uint32_t state = 1;
	size_t left = 0;

	for (size_t i = 0; i < TEXT; i++) {
		if (left == 0) {
			work->text[i] = step(&state) % 7 == 0 ? '\n' : ' ';
			left = 2 + step(&state) % 14;
		} else {
			uint32_t a = step(&state) % 30, b = step(&state) % 30;

			work->text[i] = letters[a < b ? a : b];
			left--;
		}
	}
}

static uint32_t
hash_word(const char *p, size_t len)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)p[i]) * 16777619u;
	return hash;
}

static int
same(const struct entry *entry, uint32_t hash, const char *p, size_t len)
{
	if (entry->hash != hash || entry->len != len)
		return 0;
	for (size_t i = 0; i < len; i++)
		if (entry->text[i] != p[i])
			return 0;
	return 1;
}

static void
enter(struct work *work, const char *p, size_t len)
{
	uint32_t hash = hash_word(p, len);
	struct entry *entry;

	for (size_t i = hash % SLOTS;; i = (i + 1) % SLOTS) {
		entry = &work->slots[i];
		if (entry->len == 0)
			break;
		if (same(entry, hash, p, len)) {
			work->found++;
			return;
		}
	}
	entry->hash = hash;
	entry->len = (uint8_t)len;
	for (size_t i = 0; i < len; i++)
		entry->text[i] = p[i];
	work->added++;
}

/* What a byte does to a word, as a lexer's table has it. */
static int
ends_word(char c)
{
	switch (c) {
	case ' ':
	case '\n':
	case ':':
		return 1;
	case '#':
		return 2;
	default:
		return 0;
	}
}

static void
read_text(struct work *work)
{
	size_t begin = 0;

	for (size_t i = 0; i < TEXT; i++) {
		int end = ends_word(work->text[i]);

		if (end == 0)
			continue;
		if (i > begin && i - begin < WORD)
			enter(work, work->text + begin, i - begin);
		while (end == 2 && i + 1 < TEXT && work->text[i] != '\n')
			i++;
		begin = i + 1;
	}
}

uint64_t
calibrate(void)
{
	static struct work work;

	write_text(&work);
	read_text(&work);
	return work.added << 32 | work.found;
}
