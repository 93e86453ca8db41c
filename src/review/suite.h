/* suite.h - the expectations of a configuration or of files, proved and told one by one. */
#ifndef REVIEW_SUITE_H
#define REVIEW_SUITE_H

#include "base/screen.h"
#include "review/prove.h"

enum suite_format { SUITE_HUMAN, SUITE_TAP, SUITE_JUNIT, SUITE_JSON, SUITE_FORMATS };
extern const char *const suite_formats[SUITE_FORMATS];

struct suite {
	struct tmail_routes *routes;
	const struct conf *conf;	/* whose expectations these are */
	bool own_routes;		/* the routes are conf's, too */
	bool coverage;
	enum suite_format format;
	const struct screen *screen;	/* of standard output */
	size_t passed, failed;
	size_t route_count, reached_count;	/* with coverage */
	/* What is being told. */
	struct text text;
	struct verdict verdict;
	struct diagnostics failures;	/* not printed yet */
	uint32_t *reached;		/* IDs */
	size_t reached_total, reached_capacity;
};

/*
 * suite_run - fills in the counts and prints it all.  Set the first group, zero the rest.
 * TMAIL_OK, or why the index cannot be read.
 */
enum tmail_status suite_run(struct suite *suite);

/* verdict_json - adds what became of an expectation as an object; set verdict->always before. */
void verdict_json(struct text *text, const struct expectation *expectation,
    const struct verdict *verdict);

#endif
