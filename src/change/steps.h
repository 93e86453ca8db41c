/*
 * steps.h - in which order the files of an edit become new.
 *
 * Routes without an ID have, in file order, the numbers after the highest
 * written one.  So if IDs are written in file order, whatever is written so far
 * leaves the IDs of all routes as they were, wherever a run may be killed.  A
 * file whose routes stand before and behind an include with such routes becomes
 * new in several steps.  The edit proper comes in the last one of its file,
 * when all IDs are written.
 *
 * The versions in between are at most STEPS_BYTES together; of an edit that
 * would need more, each file has one step, and then an ID may move if the run
 * is killed between two of them, until the next run.
 */
#ifndef CHANGE_STEPS_H
#define CHANGE_STEPS_H

#include "conf/conf.h"
#include "publish/publish.h"

struct step {
	const struct source *source;
	struct slice bytes;
	size_t first;		/* number of the first step of this file */
	bool last;		/* of its file; else the bytes are the step's own */
};

/* Zero it to start. */
struct steps {
	struct step *list;
	size_t count;
	bool numbering;		/* IDs are written: the order matters */
};

enum { STEPS_BYTES = 64 << 20 };

/*
 * steps_make - from the configuration as it is to the overlays, which must stay; ids:
 * they number routes.
 */
void steps_make(struct steps *steps, const struct conf *conf, const struct overlay *overlays,
    size_t overlay_count, bool ids);

/* steps_add - puts them into a set; created: the file does not exist yet. */
enum publish_status steps_add(const struct steps *steps, struct publish *set, bool created,
    struct publish_error *error);

/* steps_tell - says of each file what it is after the first `done` of the steps. */
void steps_tell(const struct steps *steps, size_t done);

void steps_release(struct steps *steps);

#endif
