#include "compiler/parallel.h"

#include <pthread.h>
#include <stdbool.h>

/* So many items take longer than to start a thread. */
enum { ITEMS = 10000 };

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
	bool started = items >= ITEMS && pthread_create(&thread, NULL, run, &work) == 0;

	first(a);
	if (started)
		pthread_join(thread, NULL);
	else
		second(b);
}
