#include "review/diff.h"

#include "store/parallel.h"

struct listed {
	struct listing listing;
	struct tmail_routes *routes;
	enum tmail_status status;
};

static void
list_side(void *arg)
{
	struct listed *listed = arg;

	listed->status = listing_of_open(&listed->listing, listed->routes);
}

static enum tmail_status
compare(struct comparison *comparison, const struct side sides[SIDES])
{
	struct listed old = {.routes = sides[OLD].routes}, new = {.routes = sides[NEW].routes};
	enum tmail_status status;
	struct tmail_info info;

	tmail_routes_info(old.routes, &info);
	parallel(info.routes, list_side, &old, list_side, &new);
	status = old.status != TMAIL_OK ? old.status : new.status;
	if (status == TMAIL_OK)
		status = compare_routes(comparison, &old.listing, &new.listing);
	listing_release(&old.listing);
	listing_release(&new.listing);
	return status;
}

int
diff_sides(struct diff *diff, const struct side sides[SIDES], const char *samples)
{
	struct outcomes *o = &diff->outcomes;
	int code = 0;

	outcomes_init(o, sides[OLD].routes, sides[NEW].routes);
	o->status = compare(&diff->routes, sides);
	if (o->status == TMAIL_OK)
		decisions_find(&diff->decisions, o);
	diff->sampled = samples != NULL;
	if (o->status == TMAIL_OK && samples != NULL)
		code = samples_read(&diff->samples, o, samples);
	return code;
}

void
diff_release(struct diff *diff)
{
	samples_release(&diff->samples);
	decisions_release(&diff->decisions);
	comparison_release(&diff->routes);
	outcomes_release(&diff->outcomes);
	text_release(&diff->text);
}
