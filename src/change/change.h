/*
 * change.h - one edit of the configuration, from the lock to the publishing.
 *
 *   change_begin   locks, reads and checks the configuration as it is
 *   ...            the command puts its splices into change->edit
 *   change_commit  checks the result, writes conf and index together
 *   change_end     unlocks and frees
 */
#ifndef CHANGE_CHANGE_H
#define CHANGE_CHANGE_H

#include "program/settings.h"
#include "change/find.h"
#include "conf/conf.h"
#include "text/edit.h"
#include "image/image.h"
#include "publish/lock.h"
#include "publish/publish.h"
#include "review/render.h"
#include "review/report.h"

struct change {
	const struct settings *settings;
	struct lock lock;
	bool locked;
	bool created;		/* there was no configuration */
	bool no_compile;
	bool dry_run;
	bool keep_ids;		/* none is written that is not yet */
	struct found edited;	/* what is added or changed: ID or name */
	bool warned;		/* what there is to warn of was shown */
	bool password;		/* it gets a new one */
	struct overlay empty;	/* the new file, when created */
	struct conf conf;	/* as it is */
	struct edit edit;
	size_t numbered;	/* of its splices: those that write IDs */
	struct overlay *overlays; /* as it will be */
	size_t overlay_count;
	struct conf next;
};

/*
 * change_begin - 0, or an exit code after a message.  may_create: a missing
 * configuration counts as an empty one.  The model is not built yet:
 * the caller runs change_check, perhaps after conf_add_statement.
 */
int change_begin(struct change *change, const struct settings *settings, bool may_create);

/*
 * Checks change->conf: 0, and the edit gives every route its number (but for keep_ids); or
 * EX_DATAERR with all errors shown.
 */
int change_check(struct change *change);

/*
 * Writes what the edit says, after the warnings that it brings: 0 or an exit code
 * after a message.
 */
int change_commit(struct change *change);

void change_end(struct change *change);

/* Puts the index into the set that is to be published; the image must stay. */
enum publish_status change_add_index(struct publish *set, const struct settings *settings,
    struct image *image, struct publish_error *error);

/*
 * Removes what killed runs have left beside the files of the configuration, those
 * included that the run at hand does not replace.  Call it under the lock, when
 * all is written: a leftover that is a hard link to a file moves its ctime.
 */
void change_sweep(const struct sources *sources);

/* Says why files could not be locked or replaced; the exit code. */
int change_failed(const struct publish_error *error);

/* The configuration's diagnostics to stderr, as the settings want them. */
void change_render(const struct settings *settings, const struct conf *conf,
    enum render_warnings warnings);

/* All of them, as text to stderr or for a program to stdout. */
void change_tell(const struct settings *settings, const struct conf *conf,
    enum report_format format);

/* Says what conf_open could not read; the exit code. */
int change_unreadable(const struct conf *conf, enum source_status status);

/*
 * change_build - reads and judges the configuration and, if it is good, makes its
 * index: 0 or an exit code, after a message but for what conf's diagnostics say.
 * conf_close and image_release are wanted in every case; zero the image before.
 */
int change_build(const struct settings *settings, struct conf *conf, struct image *image);

/*
 * change_attach - the same, with the index open in memory: all diagnostics are shown.
 * tmail_routes_close is wanted before image_release.
 */
int change_attach(const struct settings *settings, struct conf *conf, struct image *image,
    struct tmail_routes **routes);

/* For publish_watch: the first of the struct sources that is not as it was read. */
const char *change_watched(const void *sources);

bool change_is_pipe(const char *path);

/*
 * 0 if the main file is there, and a file that can be edited or, with `pipe`,
 * read; else an exit code after a message.
 */
int change_readable(const char *path, bool pipe);

enum { LOCK_WAIT = 10000 };

#endif
