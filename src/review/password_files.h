/* password_files.h - whether passwords, tokens and certificates in files of their own can be had. */
#ifndef REVIEW_PASSWORD_FILES_H
#define REVIEW_PASSWORD_FILES_H

#include "conf/conf.h"

/*
 * password_files_warn - warns of each `password-file` that a delivery by this
 * user could not read a password from, and of other files that it could not read.  Wanted is a configuration checked
 * without an error.
 */
void password_files_warn(struct conf *conf);

#endif
