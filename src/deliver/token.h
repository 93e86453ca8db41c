/* token.h - OAuth 2.0 access tokens, in files that something else refreshes. */
#ifndef DELIVER_TOKEN_H
#define DELIVER_TOKEN_H

#include <stdint.h>

/*
 * token_read - the token in the regular file at path: its first line, or the
 * access_token of a JSON object, which may say when it ends (expires_at, in seconds
 * since 1970).  now: such seconds.  NULL if there is none, or it has ended; *why then
 * says so (static).  The caller frees it with password_free.
 */
char *token_read(const char *path, int64_t now, const char **why);

#endif
