/*
 * allocations.c - preloaded: one allocation of a program fails, or all from one
 * on.  FAIL_IN is the program's short name, FAIL_AT the number of the allocation
 * after its start, FAIL_EVER is set if all later ones fail as well.  The file
 * FAIL_LOG gets a line when that allocation is met; without FAIL_AT, at the end,
 * the number of allocations.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static atomic_ulong count;
static unsigned long fail_at;
static bool armed, ever;
static int out = -1;

static void
say(unsigned long n)
{
	char line[32];
	int len = snprintf(line, sizeof(line), "%lu\n", n);

	if (out >= 0 && len > 0)
		(void)syscall(SYS_write, out, line, (size_t)len);
}

__attribute__((constructor)) static void
arm(void)
{
	const char *in = getenv("FAIL_IN"), *at = getenv("FAIL_AT"), *log = getenv("FAIL_LOG");

	if (in == NULL || log == NULL || strcmp(in, program_invocation_short_name) != 0)
		return;
	out = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CLOEXEC);
	fail_at = at == NULL ? 0 : strtoul(at, NULL, 10);
	ever = getenv("FAIL_EVER") != NULL;
	armed = true;
}

__attribute__((destructor)) static void
end(void)
{
	if (armed && fail_at == 0)
		say(count);
}

static bool
fails(void)
{
	unsigned long n;

	if (!armed)
		return false;
	n = ++count;
	if (n == fail_at)
		say(n);
	if (fail_at == 0 || n < fail_at || (n > fail_at && !ever))
		return false;
	errno = ENOMEM;
	return true;
}

EXPORT void *
malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

EXPORT void *
calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

EXPORT void *
realloc(void *p, size_t size)
{
	return fails() ? NULL : __libc_realloc(p, size);
}

EXPORT void *
memalign(size_t alignment, size_t size)
{
	return fails() ? NULL : __libc_memalign(alignment, size);
}

EXPORT void *
aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

EXPORT int
posix_memalign(void **p, size_t alignment, size_t size)
{
	*p = memalign(alignment, size);
	return *p == NULL ? ENOMEM : 0;
}
