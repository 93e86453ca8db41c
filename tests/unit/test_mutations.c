/* Thousands of mutations of the golden configurations: see conf_promises.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_promises.h"

enum { ROOM = 1 << 16, LARGE = 8 << 10, ROUNDS = 6000 };

struct text {
	char bytes[ROOM];
	size_t size;
};

static const struct conf_files files = {.path = "tests/golden/ok/no.conf"};
static struct text *seeds;
static size_t seed_count, good_count;	/* the good ones come first */
static uint64_t state = 20250601;

static size_t
pick(size_t n)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return n == 0 ? 0 : (size_t)(state >> 33) % n;
}

/* Replaces `old` bytes at `at` by `n` others. */
static void
splice(struct text *t, size_t at, size_t old, const char *bytes, size_t n)
{
	if (t->size - old + n > ROOM)
		return;
	memmove(t->bytes + at + n, t->bytes + at + old, t->size - at - old);
	memcpy(t->bytes + at, bytes, n);
	t->size += n - old;
}

static const char *const words[] = {"\n", "\r\n", "\r", "\\\n", "\\ \n", "\t", " ", "#", "\"", "\\",
    "\\x00", "\\\"", ",", "$", "$l", "@", "*", "*.", "<>", "|", "&", ":", "[", "]", "[IPv6:2001:db8::1]",
    "route ", "route 7 ", "route 4294967295 ", "relay ", "list ", "default ", "include ", "to ", "user ",
    "from ", "via ", "reject ", "defer ", "port ", "priority ", "weight ", "local ", "login ",
    "password ", "password-file ", "tls ", "tls-name ", "helo ", "transport ", "file ", "any", "mx",
    "mx:", "a.example", "99999", "0", "\x01", "\x7f", "\xff", "\xc0\xaf", "\xed\xa0\x80", "\xe2\x80\xae",
    "\xc2\xa0", "\xef\xbb\xbf", "bücher.example", "192.0.2.1", "2001:db8::1", "(", ";"};
enum { WORDS = sizeof(words) / sizeof(*words) };

static void
mutate(struct text *t)
{
	size_t at = pick(t->size + 1), left = t->size - at, n;
	const char *word = words[pick(WORDS)];
	const struct text *other;

	switch (pick(7)) {
	case 0:		/* another byte */
		if (left > 0)
			t->bytes[at] = (char)pick(256);
		break;
	case 1:		/* one bit */
		if (left > 0)
			t->bytes[at] = (char)((unsigned char)t->bytes[at] ^ 1u << pick(8));
		break;
	case 2:		/* some bytes gone */
		n = pick(12);
		splice(t, at, n < left ? n : left, "", 0);
		break;
	case 3:		/* cut off */
		t->size = pick(8) == 0 ? at : t->size;
		break;
	case 4:		/* a piece of another file */
		other = &seeds[pick(seed_count)];
		n = pick(other->size);
		splice(t, at, 0, other->bytes + n, pick(other->size - n < 80 ? other->size - n : 80));
		break;
	case 5:		/* a NUL, which no string literal holds */
		splice(t, at, 0, "", 1);
		break;
	default:	/* a word of the language */
		splice(t, at, 0, word, strlen(word));
		break;
	}
}

static void
read_seed(const char *path)
{
	FILE *f = fopen(path, "r");
	struct text *t = &seeds[seed_count];

	assert_non_null(f);
	t->size = fread(t->bytes, 1, ROOM, f);
	fclose(f);
	if (t->size < LARGE)
		seed_count++;
}

static int
read_seeds(void **unused)
{
	glob_t found;

	(void)unused;
	assert_int_equal(glob("tests/golden/ok/*.conf", 0, NULL, &found), 0);
	assert_int_equal(glob("etc/*.conf", GLOB_APPEND, NULL, &found), 0);
	good_count = found.gl_pathc;
	assert_int_equal(glob("tests/golden/bad/*.conf", GLOB_APPEND, NULL, &found), 0);
	seeds = calloc(found.gl_pathc, sizeof(*seeds));
	assert_non_null(seeds);
	for (size_t i = 0; i < found.gl_pathc; i++)
		read_seed(found.gl_pathv[i]);
	globfree(&found);
	assert_true(seed_count > 60);
	return 0;
}

static int
free_seeds(void **unused)
{
	(void)unused;
	free(seeds);
	return 0;
}

static void
the_seeds_themselves(void **unused)
{
	size_t good = 0;

	(void)unused;
	for (size_t i = 0; i < seed_count; i++)
		good += conf_promises(&files, seeds[i].bytes, seeds[i].size) == 0;
	assert_true(good > 10);
}

static void
their_mutations(void **unused)
{
	struct text *t = malloc(sizeof(*t));
	size_t good = 0;

	(void)unused;
	assert_non_null(t);
	for (int round = 0; round < ROUNDS; round++) {
		*t = seeds[pick(pick(2) == 0 ? good_count : seed_count)];
		for (size_t n = 1 + pick(6); n > 0; n--)
			mutate(t);
		good += conf_promises(&files, t->bytes, t->size) == 0;
	}
	free(t);
	/* Neither all good nor all bad, or little was tried. */
	assert_true(good > ROUNDS / 50);
	assert_true(good < ROUNDS / 2);
}

/* Every file cut off after each of its bytes. */
static void
truncations(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < seed_count; i++)
		for (size_t size = 0; size < seeds[i].size && size < 800; size += 1 + pick(3))
			conf_promises(&files, seeds[i].bytes, size);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_seeds_themselves),
	    cmocka_unit_test(their_mutations),
	    cmocka_unit_test(truncations),
	};

	return cmocka_run_group_tests(tests, read_seeds, free_seeds);
}
