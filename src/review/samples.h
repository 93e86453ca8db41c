/* samples.h - what becomes of given mails by another index. */
#ifndef REVIEW_SAMPLES_H
#define REVIEW_SAMPLES_H

#include "answer/question.h"
#include "review/outcome.h"
#include "store/memory.h"

enum sample {
	SAMPLE_RELAY,		/* other relays, and not rejected */
	SAMPLE_TLS_LOST,
	SAMPLE_TLS_GAINED,
	SAMPLE_LOGIN_LOST,
	SAMPLE_LOGIN_GAINED,
	SAMPLE_REJECTED,	/* which it was not */
	SAMPLES
};

enum { SAMPLES_SHOWN = 20 };

/* Zero the struct to start. */
struct samples {
	size_t total;
	struct sampled {
		size_t count;
		struct tmail_query first[SAMPLES_SHOWN];
	} of[SAMPLES];
	struct arena arena;
};

/*
 * samples_read - asks both sides for each query of the file at path, as `lookup -` reads
 * them; "-" is standard input.  0 or an exit code after a message.
 */
int samples_read(struct samples *samples, struct outcomes *outcomes, const char *path);
void samples_release(struct samples *samples);

#endif
