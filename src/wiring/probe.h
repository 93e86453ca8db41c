/*
 * probe.h - whether a service of Postfix reaches a socket, tried as that service: by its
 * user, in its directory.
 */
#ifndef WIRING_PROBE_H
#define WIRING_PROBE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/slice.h"

enum { PROBE_GROUPS = 256 };

/* Who asks, and from where. */
struct prober {
	const char *user;
	uid_t uid;
	gid_t gid;
	gid_t groups[PROBE_GROUPS];
	int group_count;
	const char *directory;	/* NULL: where we are */
	bool chrooted;		/* in that directory */
};

/*
 * prober_user - fills in user and groups by name, all of them or the first alone; false:
 * there is no such user.
 * prober_group - changes to that group alone; false: there is none.
 * prober_uid - by number, with the groups that the user has.
 */
bool prober_user(struct prober *prober, const char *name, bool all_groups);
bool prober_group(struct prober *prober, const char *name);
void prober_uid(struct prober *prober, uid_t uid, gid_t gid);

struct probed {
	int error;		/* errno of what failed; 0: nothing */
	uid_t uid;		/* of who listens at a unix socket, and its group and process */
	gid_t gid;
	pid_t pid;
	size_t len;
	char answer[256];	/* what came for the request, as far as it fits */
};

/*
 * probe_socket - sends a request to unix:PATH or inet:HOST:PORT and waits some seconds
 * for an answer: a netstring, or lines with an empty one behind.  Whoever is not root asks
 * as himself, in no chroot.
 */
void probe_socket(const struct prober *prober, const char *socket, struct slice request,
    bool netstring, struct probed *probed);

/* probe_file - whether that user can read a file: 0, or errno.  Wants root. */
int probe_file(const struct prober *prober, const char *path);

#endif
