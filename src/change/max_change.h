/* max_change.h - how much of the index in place a new one may decide otherwise. */
#ifndef CHANGE_MAX_CHANGE_H
#define CHANGE_MAX_CHANGE_H

#include "image/image.h"
#include "program/settings.h"

/*
 * max_change_usage - whether the value of --max-change, if it is given, is a number of
 * groups, a share of them in % or `any`.  0, or EX_USAGE after a message.
 */
int max_change_usage(const struct settings *settings);

/*
 * max_change_guard - compares the index that is about to be written, which is sealed for
 * that, with the one in place: 0, EXIT_NO after the number of groups that would decide
 * otherwise or go away and the first of them, if these are too many, or EX_NOINPUT: there
 * is no index to compare with.
 */
int max_change_guard(const struct settings *settings, struct image *image);

#endif
