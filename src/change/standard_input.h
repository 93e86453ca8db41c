/* standard_input.h - standard input in the place of a file. */
#ifndef CHANGE_STANDARD_INPUT_H
#define CHANGE_STANDARD_INPUT_H

#include "text/source.h"

/* As an overlay of the file that it has the name of, which need not exist. */
struct standard_input {
	struct file_text text;
	struct stat status;
	struct overlay overlay;
};

/* standard_input_read - reads it to its end: 0, or EX_NOINPUT after a message. */
int standard_input_read(struct standard_input *input, const char *name);

void standard_input_release(struct standard_input *input);

#endif
