#include "store/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>

/* So many items take longer than to start a thread. */
enum { ITEMS = 10000 };

struct work {
	void (*call)(void *);
	void *arg;
	cpu_set_t processors;	/* that it may use once it runs */
};

static void *
run(void *arg)
{
	const struct work *work = arg;

	if (CPU_COUNT(&work->processors) > 1)
		sched_setaffinity(0, sizeof(work->processors), &work->processors);
	work->call(work->arg);
	return NULL;
}

/*
 * Has the thread start on another processor.  Left alone it starts on this
 * one, and in a virtual machine may wait milliseconds there until the kernel
 * believes that another one has nothing to do.
 */
static void
choose_processor(pthread_attr_t *attr, cpu_set_t *all)
{
	cpu_set_t others;
	int cpu = sched_getcpu();

	if (cpu < 0 || sched_getaffinity(0, sizeof(*all), all) != 0)
		CPU_ZERO(all);
	if (CPU_COUNT(all) > 1) {
		others = *all;
		CPU_CLR((size_t)cpu, &others);
#ifdef __GLIBC__
		pthread_attr_setaffinity_np(attr, sizeof(others), &others);
#else
		(void)attr;
#endif
	}
}

static bool
start(pthread_t *thread, struct work *work)
{
	pthread_attr_t attr;
	bool started;

	if (pthread_attr_init(&attr) != 0)
		return false;
	choose_processor(&attr, &work->processors);
	started = pthread_create(thread, &attr, run, work) == 0 ||
	    pthread_create(thread, NULL, run, work) == 0;
	pthread_attr_destroy(&attr);
	return started;
}

void
parallel(size_t items, void (*first)(void *), void *a, void (*second)(void *), void *b)
{
	struct work work = {.call = second, .arg = b};
	pthread_t thread;
	bool started = items >= ITEMS && start(&thread, &work);

	first(a);
	if (started)
		pthread_join(thread, NULL);
	else
		second(b);
}
