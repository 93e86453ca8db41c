/* diff.h - what differs between two indexes, and how it is shown. */
#ifndef REVIEW_DIFF_H
#define REVIEW_DIFF_H

#include "base/screen.h"
#include "review/compare.h"
#include "review/decisions.h"
#include "review/samples.h"
#include "review/side.h"

/* Set secrets and out, and zero the rest. */
struct diff {
	const struct screen *out;
	bool secrets;		/* are shown */
	struct outcomes outcomes;
	struct comparison routes;
	struct decisions decisions;
	struct samples samples;
	bool sampled;		/* samples were asked for */
	struct text text;
};

/*
 * diff_sides - compares two sides, which are open and stay so, and with a file of samples
 * (NULL: none) what becomes of these.  0 or an exit code after a message; what is damaged
 * is told in diff->outcomes.status.  diff_release is wanted in every case.
 */
int diff_sides(struct diff *diff, const struct side sides[SIDES], const char *samples);
void diff_release(struct diff *diff);

static inline bool
diff_is_empty(const struct diff *diff)
{
	const struct changed_list *of = diff->routes.of;

	return of[ROUTE_ADDED].count == 0 && of[ROUTE_REMOVED].count == 0 &&
	    of[ROUTE_CHANGED].count == 0 && diff->decisions.count == 0;
}

/*
 * All three write to diff->out; what is damaged is told in diff->outcomes.status.
 * diff_json writes one object, also where nothing differs; the others nothing then.
 */
void diff_human(struct diff *diff);
void diff_json(struct diff *diff);
void diff_markdown(struct diff *diff);

#endif
