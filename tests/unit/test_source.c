/* Files that are written to while they are read, and the lines of a text. */
#undef _FORTIFY_SOURCE	/* has a pread of its own, inline */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/conf.h"
#include "scratch.h"

enum { OLD = 5000000, TRUNCATED = 100, NEW = 4500000 };

static atomic_bool truncated;

/* The file that is written to at each read of one of its size, so many times. */
static const char *written;
static off_t written_size;
static int writes;

static void
write_meanwhile(int fd)
{
	struct stat st;
	int to;

	assert_int_equal(fstat(fd, &st), 0);
	if (writes == 0 || st.st_size < written_size)
		return;
	writes--;
	to = open(written, O_WRONLY | O_APPEND);
	assert_int_equal(write(to, "\n", 1), 1);
	close(to);
}

static ssize_t
read_shrinking(int fd, void *to, size_t size, off_t from)
{
	size_t at = (size_t)from, end = OLD;

	(void)fd;
	if (at == 0)
		end = TRUNCATED;
	else if (at == TRUNCATED && !atomic_exchange(&truncated, true))
		end = TRUNCATED;
	else if (at == TRUNCATED || at == NEW)
		end = NEW;
	size = at >= end ? 0 : size < end - at ? size : end - at;
	memset(to, 'x', size);
	return (ssize_t)size;
}

/* In place of libc's. */
ssize_t
pread(int fd, void *to, size_t size, off_t from)
{
	ssize_t n;

	if (written == NULL)
		return read_shrinking(fd, to, size, from);
	n = lseek(fd, from, SEEK_SET) < 0 ? -1 : read(fd, to, size);
	write_meanwhile(fd);
	return n;
}

static void
test_zeros_stand_behind_what_was_read(void **state)
{
	struct sources sources = {.count = 0};
	struct source *source;
	const char *end;

	(void)state;
	written = NULL;
	scratch_put("routes.conf", "", 0600);
	assert_int_equal(truncate("routes.conf", OLD), 0);
	assert_int_equal(sources_read(&sources, slice_str("routes.conf"),
	    slice_str("routes.conf"), false, &source), SOURCE_OK);
	assert_int_equal(source->size, NEW);
	end = source->text + source->size;
	assert_int_equal(end[-1], 'x');
	for (int i = 0; i < SOURCE_SLACK; i++)
		assert_int_equal(end[i], 0);
	sources_release(&sources);
}

/* What conf_open says of two files, the larger one of which is written to. */
static enum source_status
open_while_written(const char *name, int how_often, struct conf *conf)
{
	static const char *const names[] = {"routes.conf", "inc"};

	for (int i = 0; i < 2; i++)
		scratch_put(names[i], i == 0 ? "include \"inc\"\nroute 1 via h\n"
					     : "route 2 to a.example via h\n", 0600);
	scratch_put(name, strcmp(name, "inc") == 0
		? "route 2 to a.example via h # and much else besides\n"
		: "include \"inc\"\nroute 1 via h # and much else\n", 0600);
	written = name;
	written_size = 40;
	writes = how_often;
	return conf_open(conf, "routes.conf");
}

static void
test_a_change_is_read(void **state)
{
	static const char *const names[] = {"routes.conf", "inc"};
	struct conf conf;

	(void)state;
	for (int i = 0; i < 2; i++)
		for (int often = 0; often < 6; often++) {
			size_t size;

			assert_int_equal(open_while_written(names[i], often, &conf), SOURCE_OK);
			assert_true(conf_check(&conf));
			size = conf.sources.list[i]->size;
			assert_int_equal(conf.sources.list[i]->text[size - 1], '\n');
			assert_int_equal(conf.sources.list[i]->status.st_size, size);
			assert_null(sources_changed(&conf.sources));
			conf_close(&conf);
		}
}

static void
test_a_file_always_written_to_is_refused(void **state)
{
	static const char *const names[] = {"routes.conf", "inc"};
	struct conf conf;

	(void)state;
	for (int i = 0; i < 2; i++) {
		char text[100];

		assert_int_equal(open_while_written(names[i], 1000, &conf), SOURCE_CHANGED);
		snprintf(text, sizeof(text), "cannot read '%s': it is being changed", names[i]);
		assert_string_equal(conf.unreadable.ptr, text);
		conf_close(&conf);
	}
}

/* Wherever one has looked before. */
static void
test_lines_are_found_in_any_order(void **state)
{
	enum { LINES = 1000, SIZE = LINES * 4 };
	static char text[SIZE + SOURCE_SLACK];
	static uint32_t numbers[SIZE];
	struct sources sources = {0};
	const struct source *source;
	uint32_t size = 0;

	(void)state;
	for (uint32_t line = 1; line <= LINES; line++)
		for (uint32_t i = 0; i <= line % 4; i++) {
			numbers[size] = line;
			text[size++] = i == line % 4 ? '\n' : 'x';
		}
	source = sources_add(&sources, slice_str("text"), text, size);
	for (uint32_t i = 0; i < 3 * size; i++) {
		uint32_t at = i < size ? i * 1009 % size : i < 2 * size ? 2 * size - 1 - i : i - 2 * size;
		struct source_line line = source_line_at(source, source->begin + at);

		assert_int_equal(line.number, numbers[at]);
		assert_int_equal(line.text.len, line.number % 4);
	}
	sources_release(&sources);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_are_found_in_any_order),
		cmocka_unit_test_setup_teardown(test_a_change_is_read,
		    scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_a_file_always_written_to_is_refused,
		    scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_zeros_stand_behind_what_was_read,
		    scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
