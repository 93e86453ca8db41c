/* password_files.h - whether the passwords in files of their own can be had. */
#ifndef REVIEW_PASSWORD_FILES_H
#define REVIEW_PASSWORD_FILES_H

#include "conf/conf.h"

/*
 * password_files_warn - warns of each `password-file` that a delivery by this
 * user could not read a password from.  Wanted is a configuration checked
 * without an error.
 */
void password_files_warn(struct conf *conf);

#endif
