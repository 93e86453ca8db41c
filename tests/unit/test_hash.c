/* The hash of keys: XXH3's, but for 8 to 16 bytes, and no byte beyond the key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/hash.h"
#include "runtime/format.h"

enum { LONGEST = 300 };

static uint64_t state = 11;

static unsigned
draw(unsigned n)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)((state >> 33) % n);
}

/* A key of its own size, so that a sanitizer sees what is read beyond it. */
static char *
draw_key(size_t len)
{
	char *key = malloc(len);

	assert_non_null(key);
	for (size_t i = 0; i < len; i++)
		key[i] = (char)draw(256);
	return key;
}

static void
test_it_is_xxh3_where_words_do_not_stretch(void **unused)
{
	unsigned char secret[HASH_SECRET_SIZE];

	(void)unused;
	hash_secret(secret, 5);
	for (size_t len = 1; len <= LONGEST; len++) {
		char *key = draw_key(len);
		uint64_t plain = XXH3_64bits_withSecret(key, len, secret, sizeof(secret));

		assert_int_equal(key_has_words(len), len >= 8 && len <= 31);
		if (len < 8 || len > 16)
			assert_int_equal(key_hash(secret, key, len), plain);
		else
			assert_int_not_equal(key_hash(secret, key, len), plain);
		plain = hash64(key, len, 5);
		assert_int_equal(key_hash_seeded(5, key, len) == plain, len < 8 || len > 16);
		free(key);
	}
}

static void
test_a_number_is_hashed_alike_on_any_machine(void **unused)
{
	(void)unused;
	assert_int_equal(hash64_number(UINT64_C(0x6867666564636261), 5), hash64("abcdefgh", 8, 5));
}

/* Every byte of the key, its length and the seed count. */
static void
test_what_differs_hashes_differently(void **unused)
{
	unsigned char secret[HASH_SECRET_SIZE], other[HASH_SECRET_SIZE];

	(void)unused;
	hash_secret(secret, 5);
	hash_secret(other, 6);
	for (size_t len = 1; len <= LONGEST; len++) {
		char *key = draw_key(len + 1);
		uint64_t hash = key_hash(secret, key, len);

		assert_int_not_equal(hash, key_hash(other, key, len));
		assert_int_not_equal(hash, key_hash(secret, key, len + 1));
		for (size_t i = 0; i < len; i++) {
			key[i] ^= (char)(1 << draw(8));
			assert_int_not_equal(hash, key_hash(secret, key, len));
			hash = key_hash(secret, key, len);
		}
		free(key);
	}
}

/* The same words from keys of several lengths: nothing but the length differs. */
static void
test_keys_of_one_letter_do_not_collide(void **unused)
{
	unsigned char secret[HASH_SECRET_SIZE];
	uint64_t hashes[64];
	char key[64];

	(void)unused;
	hash_secret(secret, 5);
	memset(key, 'a', sizeof(key));
	for (size_t len = 1; len < 64; len++) {
		hashes[len] = key_hash(secret, key, len);
		for (size_t i = 1; i < len; i++)
			assert_int_not_equal(hashes[i], hashes[len]);
	}
}

static void
test_keys_are_copied_and_compared(void **unused)
{
	(void)unused;
	for (size_t len = 1; len <= 80; len++) {
		char *key = draw_key(len), *copy = draw_key(len);

		key_copy(copy, key, len);
		assert_memory_equal(copy, key, len);
		assert_true(key_equal(copy, key, len));
		for (size_t i = 0; i < len; i++) {
			copy[i] ^= (char)(1 << draw(8));
			assert_false(key_equal(copy, key, len));
			copy[i] = key[i];
		}
		free(key);
		free(copy);
	}
}

/* The four words lie in the key and leave out none of its bytes. */
static void
test_words_cover_the_key(void **unused)
{
	(void)unused;
	for (size_t len = KEY_WORDS_LEAST; len <= KEY_WORDS_MOST; len++) {
		struct key_words at = key_words(len);
		size_t begins[] = {0, at.second, at.third, at.last};
		unsigned seen[KEY_WORDS_MOST] = {0};

		for (size_t i = 0; i < 4; i++) {
			assert_true(begins[i] + 8 <= len);
			for (size_t j = 0; j < 8; j++)
				seen[begins[i] + j]++;
		}
		for (size_t i = 0; i < len; i++)
			assert_true(seen[i] > 0);
	}
}

/* What the index says of its filter, written down once more: routes.idx(5). */
static void
test_the_filter_has_the_bits_that_are_documented(void **unused)
{
	(void)unused;
	for (uint64_t n = 0; n < 100000; n++) {
		uint64_t hash = hash64(&n, sizeof(n), 1), bits = 0;

		bits |= UINT64_C(1) << hash % 64;
		bits |= UINT64_C(1) << hash / 64 % 64;
		bits |= UINT64_C(1) << hash / 4096 % 64;
		assert_true(table_filter_bits(hash) == bits);
		assert_true(bit_set(n, hash) == word_bit_set(n, hash));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_number_is_hashed_alike_on_any_machine),
		cmocka_unit_test(test_it_is_xxh3_where_words_do_not_stretch),
		cmocka_unit_test(test_what_differs_hashes_differently),
		cmocka_unit_test(test_keys_of_one_letter_do_not_collide),
		cmocka_unit_test(test_words_cover_the_key),
		cmocka_unit_test(test_the_filter_has_the_bits_that_are_documented),
		cmocka_unit_test(test_keys_are_copied_and_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
