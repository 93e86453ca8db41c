/* password_file.h - passwords that stand in a file of their own. */
#ifndef PROGRAM_PASSWORD_FILE_H
#define PROGRAM_PASSWORD_FILE_H

#include <stddef.h>

#include <stdbool.h>

/*
 * password_file_read - the first line of the regular file at path, without its end
 * and without a byte order mark in front.
 * NULL if it cannot be read, is empty, too long or holds a NUL or CR; *why
 * then says so (static).  The caller frees it with password_free.
 */
char *password_file_read(const char *path, const char **why);

/* file_readable - whether path is a regular file that this user can read; *why not (static). */
bool file_readable(const char *path, const char **why);

/*
 * secret_file_read - the whole of the regular file at path, of at most max bytes and
 * without a NUL in it.  NULL: *why says why not (static).  The caller frees it with
 * password_free.
 */
char *secret_file_read(const char *path, size_t max, const char **why);

/* password_free - wipes and frees; NULL is fine. */
void password_free(char *secret);

#endif
