/* secret.h - passwords in files of their own. */
#ifndef IMPORT_SECRET_H
#define IMPORT_SECRET_H

#include "import/import.h"

/*
 * secret_path - the path of the file that will hold the password.  name: what
 * it would best be called; another password of that name gets a number.
 */
struct slice secret_path(struct import *import, struct slice name, struct slice password);

/* secrets_write - writes the files, before anything is printed; 0 or an exit code. */
int secrets_write(struct import *import);

#endif
