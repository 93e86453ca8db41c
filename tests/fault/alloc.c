/*
 * alloc.c - lets one allocation fail, or all from one on; preloaded by memory.
 * Memory is what the malloc family, mmap and memfd_create give, and a thread.
 *
 *   ALLOC_FAIL=N     the N-th one fails, counted from 1
 *   ALLOC_FOREVER=1  and all behind it
 *   ALLOC_MARK=FILE  is made when one fails, to show that it did, and gets a
 *                    byte when another allocation comes behind it
 *   ALLOC_PLANT=...  then also makes this mistake, which memory must notice
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

static unsigned long nth;	/* 0: none fails, yet or at all */
static bool forever;
static const char *plant;
static atomic_ulong count;
static _Thread_local bool exempt;

/* The function of that name behind this one's. */
#define REAL(name) \
	static __typeof__(name) *real; \
	if (real == NULL) \
		*(void **)(&real) = dlsym(RTLD_NEXT, #name)

static bool
planted(const char *mistake)
{
	return plant != NULL && strcmp(plant, mistake) == 0;
}

/* Makes a file, or writes it anew. */
static void
leave(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		perror(path);
	close(fd);
}

static bool
fails(void)
{
	unsigned long n;

	if (nth == 0 || exempt)
		return false;
	n = ++count;
	if (n == nth + 1)
		leave(getenv("ALLOC_MARK"), "+");
	if (n != nth && !(forever && n > nth))
		return false;
	leave(getenv("ALLOC_MARK"), "");
	if (planted("leftover"))
		leave(".routes.idx.tmail-tmp", "");
	if (planted("torn"))
		leave("routes.conf", "");
	if (planted("half-line"))
		(void)!write(STDOUT_FILENO, "{", 1);
	errno = ENOMEM;
	return true;
}

/* An unchecked allocation is used before anybody looks at it. */
static void *
refused(void)
{
	return planted("unchecked") ? (void *)16 : NULL;
}

EXPORT void *
malloc(size_t size)
{
	REAL(malloc);
	return fails() ? refused() : real(size);
}

EXPORT void *
calloc(size_t n, size_t size)
{
	REAL(calloc);
	return fails() ? refused() : real(n, size);
}

EXPORT void *
realloc(void *p, size_t size)
{
	REAL(realloc);
	return fails() ? refused() : real(p, size);
}

EXPORT void *
reallocarray(void *p, size_t n, size_t size)
{
	REAL(reallocarray);
	return fails() ? refused() : real(p, n, size);
}

EXPORT void *
mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	REAL(mmap);
	return fails() ? MAP_FAILED : real(at, size, protection, flags, fd, offset);
}

EXPORT int
memfd_create(const char *name, unsigned flags)
{
	REAL(memfd_create);
	return fails() ? -1 : real(name, flags);
}

EXPORT int
pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *arg)
{
	REAL(pthread_create);
	return fails() ? EAGAIN : real(thread, attr, run, arg);
}

/* The sanitizers call this in a new thread, and bear no error. */
EXPORT int
pthread_getattr_np(pthread_t thread, pthread_attr_t *attr)
{
	int failed;
	REAL(pthread_getattr_np);

	exempt = true;
	failed = real(thread, attr);
	exempt = false;
	return failed;
}

/* The compiler turns the one into the other. */
EXPORT size_t
fwrite(const void *data, size_t size, size_t n, FILE *out)
{
	REAL(fwrite);
	return planted("silent") && out == stderr ? n : real(data, size, n, out);
}

EXPORT int
fputs(const char *text, FILE *out)
{
	REAL(fputs);
	return planted("silent") && out == stderr ? 0 : real(text, out);
}

EXPORT _Noreturn void
exit(int code)
{
	REAL(exit);
	real(planted("exit") ? 0 : code);
	abort();
}

/* Nothing is counted before the program begins. */
__attribute__((constructor)) static void
arm(void)
{
	const char *n = getenv("ALLOC_FAIL");

	forever = getenv("ALLOC_FOREVER") != NULL;
	plant = getenv("ALLOC_PLANT");
	nth = n == NULL ? 0 : strtoul(n, NULL, 10);
}
