#include "change/steps.h"

#include <stdlib.h>

#include "program/say.h"
#include "text/edit.h"
#include "conf/number_routes.h"

/* IDs that are written into one file with none in another file between them. */
struct run {
	size_t source;		/* in the list of sources */
	size_t begin, end;	/* of the splices */
	size_t before;		/* the run of the same file before this one, NO_RUN: none */
	bool last;		/* of its file */
};
#define NO_RUN SIZE_MAX

struct plan {
	const struct conf *conf;
	struct edit numbers;	/* the splices that write IDs, in file order */
	struct run *runs;
	size_t run_count, run_capacity;
	size_t *latest;		/* run, by source */
	size_t *first;		/* step, by source */
	const struct overlay **overlays; /* by source; NULL once it has its last step */
};

/* Puts the next splice into the run at hand, or begins another one. */
static void
plan_splice(struct plan *plan, size_t at)
{
	size_t source = sources_number(&plan->conf->sources, plan->numbers.list[at].begin);
	size_t latest = plan->latest[source];

	if (latest == NO_RUN || latest != plan->run_count - 1) {
		if (latest != NO_RUN)
			plan->runs[latest].last = false;
		plan->runs = mem_grow(plan->runs, plan->run_count, &plan->run_capacity,
		    sizeof(*plan->runs));
		plan->runs[plan->run_count] = (struct run){source, at, at, latest, true};
		plan->latest[source] = plan->run_count++;
	}
	plan->runs[plan->run_count - 1].end = at + 1;
}

static void
plan_make(struct plan *plan, const struct conf *conf, const struct overlay *overlays,
    size_t overlay_count, bool ids)
{
	const struct sources *sources = &conf->sources;
	size_t next = 0;

	*plan = (struct plan){.conf = conf};
	if (ids)
		number_routes(&plan->numbers, conf);
	plan->latest = mem_alloc(sources->count * sizeof(*plan->latest));
	plan->first = mem_alloc(sources->count * sizeof(*plan->first));
	plan->overlays = mem_zero(sources->count, sizeof(*plan->overlays));
	for (size_t i = 0; i < sources->count; i++) {
		plan->latest[i] = plan->first[i] = NO_RUN;
		if (next < overlay_count && (overlays[next].status == NULL ||
		    overlays[next].status == &sources->list[i]->status))
			plan->overlays[i] = &overlays[next++];
	}
	for (size_t i = 0; i < plan->numbers.count; i++)
		plan_splice(plan, i);
}

/* The file with the IDs of this run and of those before it; allocated. */
static struct slice
plan_version(const struct plan *plan, size_t run)
{
	const struct source *source = plan->conf->sources.list[plan->runs[run].source];
	struct edit part = {0};
	struct slice bytes;

	for (; run != NO_RUN; run = plan->runs[run].before)
		for (size_t i = plan->runs[run].begin; i < plan->runs[run].end; i++) {
			const struct splice *splice = &plan->numbers.list[i];

			edit_splice(&part, splice->begin, splice->end, splice->text);
		}
	edit_settle(&part);
	bytes = edit_apply(&part, source);
	edit_release(&part);
	return bytes;
}

static void
step_add(struct steps *steps, struct plan *plan, size_t source, struct slice bytes, bool last)
{
	if (plan->first[source] == NO_RUN)
		plan->first[source] = steps->count;
	steps->list[steps->count++] = (struct step){plan->conf->sources.list[source], bytes,
	    plan->first[source], last};
}

static void
step_last(struct steps *steps, struct plan *plan, size_t source)
{
	step_add(steps, plan, source, plan->overlays[source]->bytes, true);
	plan->overlays[source] = NULL;
}

/*
 * The step of a run; false: too many bytes.  The file can have its final bytes
 * now if those are all its IDs and nothing else, or if all other files have
 * theirs.
 */
static bool
step_run(struct steps *steps, struct plan *plan, size_t at, size_t *bytes)
{
	const struct run *run = &plan->runs[at];
	struct slice version;

	if (at + 1 == plan->run_count) {
		step_last(steps, plan, run->source);
		return true;
	}
	if (*bytes > STEPS_BYTES)
		return false;
	version = plan_version(plan, at);
	if (run->last && slice_eq(version, plan->overlays[run->source]->bytes)) {
		free((void *)(uintptr_t)version.ptr);
		step_last(steps, plan, run->source);
		return true;
	}
	*bytes += version.len;
	step_add(steps, plan, run->source, version, false);
	return true;
}

void
steps_make(struct steps *steps, const struct conf *conf, const struct overlay *overlays,
    size_t overlay_count, bool ids)
{
	struct plan plan;
	size_t bytes = 0;

	plan_make(&plan, conf, overlays, overlay_count, ids);
	steps->list = mem_alloc((plan.run_count + overlay_count) * sizeof(*steps->list));
	steps->numbering = plan.run_count > 0;
	for (size_t i = 0; i < plan.run_count && step_run(steps, &plan, i, &bytes); i++)
		continue;
	/* Included files first, the main file after them: its routes are all there then. */
	for (size_t i = conf->sources.count; i-- > 0;)
		if (plan.overlays[i] != NULL)
			step_last(steps, &plan, i);
	edit_release(&plan.numbers);
	free(plan.runs);
	free(plan.latest);
	free(plan.first);
	free(plan.overlays);
}

enum publish_status
steps_add(const struct steps *steps, struct publish *set, bool created, struct publish_error *error)
{
	enum publish_status status = PUBLISH_OK;

	for (size_t i = 0; i < steps->count && status == PUBLISH_OK; i++) {
		const struct step *step = &steps->list[i];

		status = publish_add(set,
		    &(struct publish_request){.path = step->source->path.ptr,
			.data = step->bytes.ptr, .len = step->bytes.len,
			.expect = created ? PUBLISH_NEW : PUBLISH_AS_READ,
			.seen = &step->source->status, .again = true,
			.ordered = steps->numbering, .policy = ATTRIBUTES_CONF},
		    error);
	}
	return status;
}

void
steps_tell(const struct steps *steps, size_t done)
{
	for (size_t i = 0; i < steps->count; i++) {
		const struct step *step = &steps->list[i];

		if (step->last)
			cli_say("'%s' is %s", step->source->path.ptr, i < done ? "new" :
			    step->first < done ? "as it was, but for new IDs" : "as it was");
	}
}

void
steps_release(struct steps *steps)
{
	for (size_t i = 0; i < steps->count; i++)
		if (!steps->list[i].last)
			free((void *)(uintptr_t)steps->list[i].bytes.ptr);
	free(steps->list);
	*steps = (struct steps){0};
}
