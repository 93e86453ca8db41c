/* warnings.h - what an edit gives reason to warn of. */
#ifndef CHANGE_WARNINGS_H
#define CHANGE_WARNINGS_H

#include "change/change.h"

/*
 * warnings_of_change - shows the warnings that the configuration has after the
 * edit, which is settled, and had not before, and that others can read a new
 * password.  Nothing is left of change->next's warnings.
 */
void warnings_of_change(struct change *change);

#endif
