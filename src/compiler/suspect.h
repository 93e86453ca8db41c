/* suspect.h - words that look like secrets or have them behind, without any grammar. */
#ifndef COMPILER_SUSPECT_H
#define COMPILER_SUSPECT_H

#include <stdbool.h>

#include "base/slice.h"

/* Words that are likely to have a secret behind them. */
bool suspect_word(struct slice word);

/* Whether a string reads like options: its quotes are not where they should be. */
bool suspect_string(struct slice string);

/* The length of the name in front of "=s3cret" or ":s3cret". */
size_t suspect_name(struct slice word);

#endif
