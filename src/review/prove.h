/* prove.h - whether mails get what is expected of them. */
#ifndef REVIEW_PROVE_H
#define REVIEW_PROVE_H

#include "answer/line_text.h"
#include "conf/conf.h"
#include "conf/expect.h"
#include "image/image.h"
#include "tmail/routes.h"

/* What became of one expectation. */
struct verdict {
	bool always;			/* set before: tell what is got of a good one, too */
	bool passed;
	bool matched;			/* a group has the mail: match is it */
	enum tmail_status status;	/* of the lookup: an error makes it fail */
	struct tmail_match match;
	struct span at;			/* of what differs: the outcome, or an option's value */
	struct text expected, got;	/* of it, in the words of routes.conf */
};

/* prove - judges one; a verdict serves many, verdict_release frees its texts. */
void prove(const struct tmail_routes *routes, const struct expectation *expectation,
    struct verdict *verdict);

/* Its two halves: what the mail gets; whether that is what is expected of it. */
void prove_ask(const struct tmail_routes *routes, const struct expectation *expectation,
    struct verdict *verdict);
void prove_judge(const struct tmail_routes *routes, const struct expectation *expectation,
    struct verdict *verdict);

void verdict_release(struct verdict *verdict);

/* The number of the route in a match that is told of: see struct model_route. */
uint32_t verdict_route(const struct tmail_routes *routes, const struct verdict *verdict);

/*
 * verdict_diagnose - records a failed one.  model: whose statements the routes are, or
 * NULL: the note has no place.
 */
void verdict_diagnose(const struct tmail_routes *routes, const struct verdict *verdict,
    const struct model *model, struct diagnostics *diagnostics);

/*
 * prove_conf - proves what a configuration expects of itself, by its image, or if that is
 * NULL by one of its own, which is not sealed for that.  False: conf's diagnostics say why.
 * Wanted is a configuration checked without an error.
 */
bool prove_conf(struct conf *conf, struct image *image);

#endif
