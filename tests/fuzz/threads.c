#include "threads.h"

#include <pthread.h>

#include "store/parallel.h"
#include "text/parse.h"
#include "promise.h"

/* halves.c's own, under this name and for files of some bytes: see fuzz.mk. */
bool parse_small_halves(struct source *source, struct stmts *first, struct stmts *second);

static bool with_two;

void
threads_set(bool two)
{
	with_two = two;
}

struct work {
	void (*call)(void *);
	void *arg;
};

static void *
run(void *arg)
{
	const struct work *work = arg;

	work->call(work->arg);
	return NULL;
}

void
parallel(size_t items, void (*first)(void *), void *a, void (*second)(void *), void *b)
{
	struct work work = {second, b};
	pthread_t thread;

	(void)items;
	if (!with_two) {
		first(a);
		second(b);
		return;
	}
	promise(pthread_create(&thread, NULL, run, &work) == 0);
	first(a);
	promise(pthread_join(thread, NULL) == 0);
}

bool
parse_halves(struct source *source, struct stmts *first, struct stmts *second)
{
	return with_two && parse_small_halves(source, first, second);
}
