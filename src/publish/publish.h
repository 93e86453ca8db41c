/*
 * publish.h - replaces a set of files, each atomically, all or (as far as
 * rename(2) allows) none.
 *
 * Every new file is complete, with its owner, mode and ACL, and on the disk
 * under a temporary name beside the old one before the first rename.  What
 * fails before the first rename changes nothing and leaves nothing behind.
 * If a rename fails, those before it are undone: until the last one the old
 * files stand under the temporary names (swap.h).  A process killed at any
 * point leaves for each file the old bytes or the new ones, and at most
 * temporary files (mode 0600 until they are complete), which the next run
 * removes.
 *
 * A symbolic link is followed once; its target is replaced and the link stays.
 * A file with several hard links is replaced under the one name it was given
 * by, as git, visudo, vipw and `sed -i` do: the other names keep the old bytes.
 * Writing through the link instead would not be atomic, and would change the
 * snapshot of a backup that was made of hard links.  Who wants to warn finds
 * the count in the struct stat of what was read.
 *
 * The set may have any number of files: few of them, and of their directories,
 * are open at a time.  Only the temporary files of the first PUBLISH_HELD stay
 * locked until they are renamed.  One of the others could be taken for a
 * leftover by a run that replaces the same file under another lock; then this
 * run ends with PUBLISH_BUSY or _CHANGED.
 *
 * Hold the lock (lock.h) from before the files are read until after the
 * commit.  Nothing here prints, exits or installs a signal handler.
 */
#ifndef PUBLISH_PUBLISH_H
#define PUBLISH_PUBLISH_H

#include "publish/attributes.h"
#include "publish/directories.h"
#include "publish/error.h"

#include <stddef.h>
#include <sys/stat.h>

enum { PUBLISH_HELD = 16 };

enum publish_expect {
	PUBLISH_AS_READ,	/* the file that *seen describes, unchanged since */
	PUBLISH_NEW,		/* there is no such file yet */
	PUBLISH_ANY		/* whatever is there, if anything */
};

/*
 * One file to be replaced or made.
 * data, len: the whole new content; it must stay until after the commit.
 * late, complete, whole: of a file whose first bytes depend on all others. While
 * the others are written, complete(whole) fills in the first `late` bytes of
 * data, perhaps in another thread; it changes no others.  late 0: there is
 * nothing to complete.
 * seen: with PUBLISH_AS_READ, by fstat(2) on the descriptor that was read,
 * taken before the first read.
 * again: the file may be in the set already; then this is a further version of
 * it, each with a temporary file of its own, which takes the place of the one
 * before; expect, seen, policy and like are the first one's.
 * ordered: when this file is in its place on the disk, so are those before it.
 * policy, like: whose owner, mode and ACL the new file gets; see attributes.h.
 * like is a path, or NULL; it need not exist.
 */
struct publish_request {
	const char *path;
	const void *data;
	size_t len;
	size_t late;
	void (*complete)(void *whole);
	void *whole;
	enum publish_expect expect;
	const struct stat *seen;
	bool again;
	bool ordered;
	enum attributes_policy policy;
	const char *like;
};

struct publish_file;

/* A set; fields are private. */
struct publish {
	struct publish_file **files;
	size_t count, capacity;
	void *names;		/* the files by directory and name */
	struct directories directories;
	const char *(*changed)(const void *watched);
	const void *watched;
};

void publish_init(struct publish *set);

/* publish_release - closes and frees all; the files stay as they are. */
void publish_release(struct publish *set);

/*
 * publish_add - puts a file into the set and checks all that can be checked
 * without writing: that it is the file expected, a plain file, not a mount
 * point, not immutable, not in the set already (but for `again`), that its
 * attributes can be read and - unless it is an index, which nobody edits - that
 * its mode allows writing.  Paths are copied, seen is copied.
 * PUBLISH_OK, or any other status but INTERRUPTED with *error filled; a set
 * to which an add has failed can only be released.
 */
enum publish_status publish_add(struct publish *set, const struct publish_request *request,
    struct publish_error *error);

/*
 * publish_watch - what the set was made of: right before the first rename,
 * changed(watched) names a file of it that is not as it was read, or NULL.  If
 * there is one, the commit ends with PUBLISH_CHANGED and nothing has changed.
 */
void publish_watch(struct publish *set, const char *(*changed)(const void *watched),
    const void *watched);

/*
 * publish_commit - writes all files of the set, then renames them in the
 * order they were added, then syncs their directories.  Once for each set.
 * PUBLISH_OK: all are replaced and on the disk.  Otherwise *error is filled,
 * error->renamed says how many of the first files were replaced and could not
 * be put back: 0, nothing has changed; all, they are in place but perhaps not
 * yet on the disk.
 * SIGINT, SIGTERM, SIGHUP and SIGQUIT wait for the end of the commit, which
 * they cut short (PUBLISH_INTERRUPTED, nothing changed) before the first rename.
 * Allocates nothing but, for what is late, a thread's stack; without one it
 * does without.
 */
enum publish_status publish_commit(struct publish *set, struct publish_error *error);

/*
 * publish_sweep - removes the temporary files that killed runs may have left
 * beside path; for files that the run at hand reads but does not replace.
 * Call it under the lock.  What cannot be removed stays.
 */
void publish_sweep(const char *path);

/* publish_sweep_all - the same for many files, looking once into each directory. */
void publish_sweep_all(const char *const *paths, size_t count);

#endif
