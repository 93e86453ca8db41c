/* number.h - decimal numbers, as people write them. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* number_read - a number without sign or leading zeros, of at most `most`. */
bool number_read(struct slice text, uint32_t most, uint32_t *number);

#endif
