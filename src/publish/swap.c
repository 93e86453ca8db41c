#include "publish/swap.h"

#include "store/file_stat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef RENAME_EXCHANGE	/* in musl */
#include <sys/syscall.h>

enum { RENAME_NOREPLACE = 1, RENAME_EXCHANGE = 2 };

/* Weak, as a library's would give way to that of a test. */
int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
    __attribute__((weak));

int
renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}
#endif

/* Whether a file system or kernel does not know the flags of renameat2(2). */
static bool
is_unknown(int sys_errno)
{
	return sys_errno == EINVAL || sys_errno == ENOSYS;
}

static int
names_rename(const struct place *place, const char *from, const char *to, unsigned flags)
{
	int failed;

	if (flags == 0)
		failed = renameat(place->directory, from, place->directory, to);
	else
		failed = renameat2(place->directory, from, place->directory, to, flags);
	return failed == 0 ? 0 : errno;
}

static int
swap_new(struct temporary *t, const struct place *place)
{
	int failed = names_rename(place, t->name, place->name, RENAME_NOREPLACE);

	if (is_unknown(failed))
		failed = names_rename(place, t->name, place->name, 0);
	if (failed == 0)
		t->named = false;
	return failed;
}

static int
swap_exchange(struct temporary *t, const struct place *place, const struct stat *old)
{
	int failed = names_rename(place, t->name, place->name, RENAME_EXCHANGE);
	struct stat st;

	if (failed != 0)
		return failed;
	if (fstatat(place->directory, t->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		failed = errno;
	else if (!stat_same_text(&st, old))
		failed = ESTALE;
	/* What cannot be undone is done. */
	if (failed != 0 && names_rename(place, t->name, place->name, RENAME_EXCHANGE) == 0)
		return failed;
	t->kept = true;
	return 0;
}

/* By a rename, the old file being kept under another name beside it. */
static int
swap_rename(struct temporary *t, const struct place *place)
{
	char kept[NAME_MAX + 1];
	bool keeps = temporary_link(place, kept) == 0;
	int failed = names_rename(place, t->name, place->name, 0);

	if (failed != 0) {
		if (keeps)
			unlinkat(place->directory, kept, 0);
		return failed;
	}
	t->named = t->kept = keeps;
	if (keeps)
		memcpy(t->name, kept, sizeof(t->name));
	return 0;
}

int
swap_in(struct temporary *t, const struct place *place, const struct stat *old)
{
	int failed = temporary_take(t, place->directory);

	if (failed == 0 && old == NULL) {
		failed = swap_new(t, place);
		t->born = failed == 0;
	} else if (failed == 0) {
		failed = swap_exchange(t, place, old);
		if (is_unknown(failed))
			failed = swap_rename(t, place);
	}
	temporary_let_go(t);
	return failed;
}

int
swap_back(struct temporary *t, const struct place *place)
{
	struct stat st;
	int failed;

	if (fstatat(place->directory, place->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno;
	if (!stat_same_file(&st, &t->status))
		return ESTALE;
	if (t->born)
		return unlinkat(place->directory, place->name, 0) == 0 ? 0 : errno;
	if (!t->kept)
		return ENODATA;
	failed = names_rename(place, t->name, place->name, RENAME_EXCHANGE);
	if (is_unknown(failed)) {
		failed = names_rename(place, t->name, place->name, 0);
		t->named = failed != 0;
	}
	return failed;
}
