/* The portable chunk code and the fast one are the same functions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/chunk.h"

/* What each function should say of a byte. */
static void
test_words_judge_each_byte(void **state)
{
	char p[CHUNK_SIZE];
	int c, at;

	(void)state;
	for (c = 0; c < 256; c++)
		for (at = 0; at < CHUNK_SIZE; at++) {
			bool upper = c >= 'A' && c <= 'Z';
			bool domain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			    c == '-' || c == '.' || c == '_';
			struct words w;

			memset(p, 0, sizeof(p));
			p[at] = (char)c;
			w = words_load(p);
			assert_int_equal(words_upper(w), upper << at);
			assert_int_equal(words_domain(w), domain << at);
			assert_int_equal(words_equal(w, (unsigned char)c) >> at & 1, 1);
			assert_int_equal(words_unfolded(w), (upper || c == '[' || c > 127) << at);
			words_store(p, words_lower(w));
			assert_int_equal((unsigned char)p[at], upper ? c + 32 : c);
		}
}

#ifdef __SSE2__

static uint64_t seed = 7;

static unsigned
draw(unsigned n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)((seed >> 33) % n);
}

static void
same_chunk(const char *p, size_t n)
{
	char a[CHUNK_SIZE], b[CHUNK_SIZE];
	__m128i s = n < CHUNK_SIZE ? sse2_load_short(p, n) : sse2_load(p);
	struct words w = n < CHUNK_SIZE ? words_load_short(p, n) : words_load(p);
	int c;

	for (c = 0; c < 256; c += 1 + c % 7)
		assert_int_equal(sse2_equal(s, (unsigned char)c),
		    words_equal(w, (unsigned char)c));
	assert_int_equal(sse2_equal(s, (unsigned char)p[0]),
	    words_equal(w, (unsigned char)p[0]));
	assert_int_equal(sse2_domain(s), words_domain(w));
	assert_int_equal(sse2_upper(s), words_upper(w));
	assert_int_equal(sse2_unfolded(s), words_unfolded(w));
	sse2_store(a, s);
	words_store(b, w);
	assert_memory_equal(a, p, n);
	assert_memory_equal(a, b, sizeof(a));
	sse2_store(a, sse2_lower(s));
	words_store(b, words_lower(w));
	assert_memory_equal(a, b, sizeof(a));
}

static void
same_two(void)
{
	char p[32], q[32], a[CHUNK_SIZE], b[CHUNK_SIZE];
	size_t at = draw(25), other = draw(25), i;

	for (i = 0; i < sizeof(p); i++)
		p[i] = (char)draw(256);
	memcpy(q, p, sizeof(q));
	q[draw(32)] ^= (char)(1 << draw(8));
	sse2_store(a, sse2_load_two(p + at, p + other));
	words_store(b, words_load_two(p + at, p + other));
	assert_memory_equal(a, b, sizeof(a));
	assert_memory_equal(a, p + at, 8);
	assert_memory_equal(a + 8, p + other, 8);
	assert_int_equal(
	    sse2_differ_two(sse2_load(p), sse2_load(q), sse2_load(p + 16), sse2_load(q + 16)), true);
	assert_int_equal(words_differ_two(words_load(p), words_load(q), words_load(p + 16),
	    words_load(q + 16)), true);
	assert_int_equal(
	    sse2_differ_two(sse2_load(p), sse2_load(p), sse2_load(q), sse2_load(q)), false);
	assert_int_equal(words_differ_two(words_load(p), words_load(p), words_load(q),
	    words_load(q)), false);
}

static void
test_words_do_as_sse2_does(void **state)
{
	int round, c;

	(void)state;
	for (c = 0; c < 256; c++) {
		char p[CHUNK_SIZE];

		memset(p, c, sizeof(p));
		same_chunk(p, sizeof(p));
		p[draw(CHUNK_SIZE)] ^= (char)(1 << draw(8));
		same_chunk(p, sizeof(p));
	}
	for (round = 0; round < 20000; round++) {
		size_t n = 1 + draw(CHUNK_SIZE), i;
		char *p = malloc(n), q[CHUNK_SIZE];

		assert_non_null(p);
		for (i = 0; i < n; i++)
			p[i] = (char)draw(256);
		same_chunk(p, n);
		memcpy(q, p, n);
		memset(q + n, 0, sizeof(q) - n);
		assert_false(words_differ(words_load(q), words_load(q)));
		p[0] = q[0];
		q[draw(CHUNK_SIZE)] ^= (char)(1 << draw(8));
		assert_int_equal(words_differ(words_load_short(p, n == CHUNK_SIZE ? 15 : n),
		    words_load(q)), sse2_differ(sse2_load_short(p,
		    n == CHUNK_SIZE ? 15 : n), sse2_load(q)));
		free(p);
		same_two();
	}
}

#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_judge_each_byte),
#ifdef __SSE2__
		cmocka_unit_test(test_words_do_as_sse2_does),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
