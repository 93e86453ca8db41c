/* handle.h - the index that answers, and the newer one that takes its place. */
#ifndef SERVE_HANDLE_H
#define SERVE_HANDLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include "answer/as_hop.h"
#include "tmail/routes.h"

struct handle {
	const char *path;
	struct tmail_routes *routes;
	struct as_hops *hops;		/* made when first asked for */
	int pin;			/* keeps the number of the file from another one */
	struct stat seen;		/* what stood there when it was last looked at */
	bool bad;			/* and is no index: an older one answers */
	int64_t retry;			/* when to look again, though nothing has changed; 0: never */
	time_t made;			/* when the open one was written */
	uint64_t refreshes, refused;
	char digest[33];		/* of the configuration of the open one */
};

/* handle_open - opens the index; the status of the library. */
enum tmail_status handle_open(struct handle *handle, const char *path);
void handle_close(struct handle *handle);

/*
 * handle_refresh - if another file stands there now, or if told to, opens it whole and
 * lets it answer; else, and if it is none, the old one goes on.  Costs a stat(2).
 */
void handle_refresh(struct handle *handle, bool anew);

/* handle_hops - what is known of next hops; NULL: out of memory, or damage. */
const struct as_hops *handle_hops(struct handle *handle);

#endif
