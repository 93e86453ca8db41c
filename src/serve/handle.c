#include "serve/handle.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "program/clock.h"
#include "serve/journal.h"

/* In memory that no one can cut short, and without an unseen fault. */
#define FLAGS (TMAIL_OPEN_SEALED | TMAIL_OPEN_VERIFY)
/* How long to leave alone what failed for want of memory or the like. */
#define RETRY_MS 1000

static bool
same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	    same_time(a->st_mtim, b->st_mtim) && same_time(a->st_ctim, b->st_ctim);
}

static void
use(struct handle *handle, struct tmail_routes *routes, int pin)
{
	struct tmail_info info;

	as_hops_close(handle->hops);
	tmail_routes_close(handle->routes);
	if (handle->pin >= 0)
		close(handle->pin);
	handle->hops = NULL;
	handle->routes = routes;
	handle->pin = pin;
	handle->bad = false;
	handle->retry = 0;
	handle->made = handle->seen.st_ino != 0 ? handle->seen.st_mtim.tv_sec : time(NULL);
	tmail_routes_info(routes, &info);
	for (size_t i = 0; i < sizeof(info.source); i++)
		snprintf(handle->digest + 2 * i, 3, "%02x", info.source[i]);
}

/* A file that another takes the place of meanwhile differs from what was seen of it here. */
static enum tmail_status
open_new(struct handle *handle, struct tmail_routes **routes, int *pin)
{
	enum tmail_status status;

	*pin = open(handle->path, O_PATH | O_CLOEXEC);
	if (*pin < 0 || fstat(*pin, &handle->seen) != 0)
		handle->seen = (struct stat){0};
	status = tmail_routes_open(handle->path, FLAGS, routes);
	if (status != TMAIL_OK && *pin >= 0)
		close(*pin);
	return status;
}

enum tmail_status
handle_open(struct handle *handle, const char *path)
{
	struct tmail_routes *routes;
	enum tmail_status status;
	int pin;

	*handle = (struct handle){.path = path, .pin = -1};
	status = open_new(handle, &routes, &pin);
	if (status == TMAIL_OK)
		use(handle, routes, pin);
	return status;
}

void
handle_close(struct handle *handle)
{
	as_hops_close(handle->hops);
	tmail_routes_close(handle->routes);
	if (handle->pin >= 0)
		close(handle->pin);
}

static bool
passes(enum tmail_status status)
{
	return status == TMAIL_E_MEMORY || status == TMAIL_E_IO;
}

static void
refuse(struct handle *handle, enum tmail_status status)
{
	handle->refused++;
	handle->retry = passes(status) ? clock_now() + RETRY_MS : 0;
	if (!handle->bad)
		journal_warn("event=refresh-refused level=warning index=%s reason=\"%s\" answering=%s",
		    journal_value(handle->path).text, tmail_status_text(status), handle->digest);
	handle->bad = true;
}

void
handle_refresh(struct handle *handle, bool anew)
{
	struct tmail_routes *routes;
	enum tmail_status status;
	struct stat now;
	int pin;

	if (stat(handle->path, &now) != 0)
		now = (struct stat){0};
	if (!anew && same_file(&now, &handle->seen) &&
	    (handle->retry == 0 || clock_now() < handle->retry))
		return;
	status = open_new(handle, &routes, &pin);
	if (status != TMAIL_OK) {
		refuse(handle, status);
		return;
	}
	use(handle, routes, pin);
	handle->refreshes++;
	journal_say("event=refresh index=%s digest=%s", journal_value(handle->path).text,
	    handle->digest);
}

const struct as_hops *
handle_hops(struct handle *handle)
{
	if (handle->hops == NULL)
		handle->hops = as_hops_open(handle->routes);
	return handle->hops;
}
