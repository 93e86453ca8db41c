/* A file that is truncated and written anew while it is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/source.h"
#include "scratch.h"

enum { OLD = 5000000, TRUNCATED = 100, NEW = 4500000 };

static atomic_bool truncated;

/* In place of libc's: the start is short once, then the file ends further on. */
ssize_t
pread(int fd, void *to, size_t size, off_t from)
{
	size_t at = (size_t)from, end = OLD;

	(void)fd;
	if (at == 0)
		end = TRUNCATED;
	else if (at == TRUNCATED && !truncated)
		end = truncated = TRUNCATED;
	else if (at == TRUNCATED || at == NEW)
		end = NEW;
	size = at >= end ? 0 : size < end - at ? size : end - at;
	memset(to, 'x', size);
	return (ssize_t)size;
}

static void
test_zeros_stand_behind_what_was_read(void **state)
{
	struct sources sources = {.count = 0};
	struct source *source;
	const char *end;

	(void)state;
	scratch_put("routes.conf", "", 0600);
	assert_int_equal(truncate("routes.conf", OLD), 0);
	assert_int_equal(sources_read(&sources, slice_str("routes.conf"),
	    slice_str("routes.conf"), &source), SOURCE_OK);
	assert_int_equal(source->size, NEW);
	end = source->text + source->size;
	assert_int_equal(end[-1], 'x');
	for (int i = 0; i < SOURCE_SLACK; i++)
		assert_int_equal(end[i], 0);
	sources_release(&sources);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_zeros_stand_behind_what_was_read,
		    scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
