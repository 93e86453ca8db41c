/* promise.h - what must hold, in tests and for the fuzzer; else it aborts. */
#ifndef PROMISE_H
#define PROMISE_H

#include <stdio.h>
#include <stdlib.h>

#define promise(what) \
	((what) ? (void)0 : (fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #what), abort()))

#endif
