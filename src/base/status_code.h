/* status_code.h - the enhanced status code in front of a reply (RFC 3463). */
#ifndef BASE_STATUS_CODE_H
#define BASE_STATUS_CODE_H

#include "base/slice.h"

/*
 * status_code - the length of the code that a text begins with, such as "5.7.1":
 * a digit for the class, then subject and detail of one to three digits each,
 * then a blank or the text's end.  0: there is none.
 */
size_t status_code(struct slice text);

#endif
