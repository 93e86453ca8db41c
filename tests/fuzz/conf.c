/*
 * conf.c - any bytes as a configuration: what conf_promises.h has, and the same
 * diagnostics and the same index from each reading, by one thread and by two.
 *
 * Lines "%%" part the bytes into the main file, what `include "a.conf"` and
 * `include "b.conf"` read, and what `list NAME file "values"` does.
 */
#include "fuzz.h"

#include <string.h>

#include "conf_promises.h"
#include "promise.h"
#include "threads.h"

#define BESIDE "tests/fuzz/beside/"

enum { FILES = 3 };

static const char *const names[FILES] = {BESIDE "a.conf", BESIDE "b.conf", BESIDE "values"};

/* The bytes up to the next line "%%", which is taken away. */
static struct slice
next_part(struct slice *left)
{
	static const char mark[] = "\n%%\n";
	struct slice part = *left;
	const char *end = left->len == 0 ? NULL : memmem(left->ptr, left->len, mark, strlen(mark));

	if (end == NULL) {
		*left = slice("", 0);
		return part;
	}
	part.len = (size_t)(end + 1 - part.ptr);
	*left = slice(end + strlen(mark), left->len - part.len - strlen(mark) + 1);
	return part;
}

static bool
same(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static void
check_outcomes(const struct conf_files *files, struct slice bytes)
{
	struct conf_outcome one = conf_outcome(files, bytes.ptr, bytes.len), again, two;

	again = conf_outcome(files, bytes.ptr, bytes.len);
	threads_set(true);
	two = conf_outcome(files, bytes.ptr, bytes.len);
	threads_set(false);
	promise(same(one.text, again.text) && same(one.index, again.index));
	promise(same(one.text, two.text) && same(one.index, two.index));
	conf_outcome_release(&one);
	conf_outcome_release(&again);
	conf_outcome_release(&two);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct slice left = slice((const char *)bytes, size), whole = next_part(&left);
	struct stat status[FILES];
	struct overlay beside[FILES];
	struct conf_files files = {BESIDE "no.conf", beside, FILES};

	for (int i = 0; i < FILES; i++) {
		promise(stat(names[i], &status[i]) == 0);
		beside[i] = (struct overlay){&status[i], next_part(&left)};
	}
	conf_promises(&files, whole.ptr, whole.len);
	check_outcomes(&files, whole);
	return 0;
}
