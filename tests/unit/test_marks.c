/* Names that are read without folding are as folding would leave them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/unchanged.h"

/* What marks_read says is so: folding leaves every byte. */
static void
test_what_is_said_to_be_kept_is_kept(void **state)
{
	static const char chars[] = "aaaaabcz0-_....@@A[]\"+\xc3 ";
	unsigned kept = 0, domains = 0, round;

	(void)state;
	for (round = 0; round < 200000; round++) {
		size_t len = (size_t)rand() % 70, at, i;
		char *in = malloc(len + 1);
		struct slice s = slice(in + 1, len);
		struct marks marks;
		struct folded f;
		bool domain;

		assert_non_null(in);
		for (i = 0; i < len; i++)
			in[1 + i] = rand() % 8 != 0 ? 'q' :
			    chars[(size_t)rand() % (sizeof(chars) - 1)];
		if (marks_read(s, &marks)) {
			kept++;
			at = marks_at(&marks, len);
			assert_int_equal(at, fold_at(s));
			assert_int_equal(fold_login(s, &f), FOLD_OK);
			assert_true(slice_eq(f.full, s));
			if (fold_address(s, &f) == FOLD_OK && f.full.ptr != NULL)
				assert_true(slice_eq(f.full, s));
			i = marks_domain(at, len);
			domain = fold_domain_of(s, &f) == FOLD_OK;
			if (domain)
				assert_true(slice_eq(f.domain, slice(s.ptr + i, len - i)));
			assert_int_equal(marks_is_domain(&marks, i, len),
			    domain && f.domain.len <= FOLD_LABEL_MAX);
			domains += domain;
		}
		free(in);
	}
	assert_true(kept > 10000 && domains > 1000 && domains < kept);
}

/* Whatever its length, an address without a domain has none. */
static void
test_nothing_behind_the_at_is_no_domain(void **state)
{
	(void)state;
	for (size_t len = 1; len <= MARKS_MOST; len++) {
		char *in = malloc(len);
		struct marks marks;

		assert_non_null(in);
		memset(in, 'a', len - 1);
		in[len - 1] = '@';
		assert_true(marks_read(slice(in, len), &marks));
		assert_int_equal(marks_at(&marks, len), len - 1);
		assert_false(marks_is_domain(&marks, marks_domain(len - 1, len), len));
		free(in);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_said_to_be_kept_is_kept),
		cmocka_unit_test(test_nothing_behind_the_at_is_no_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
