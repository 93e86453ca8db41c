/* auth.h - AUTH (RFC 4954), with one mechanism after the other. */
#ifndef SMTP_AUTH_H
#define SMTP_AUTH_H

#include "smtp/session.h"

/*
 * auth_run - logs in as the hop says.  verified: TLS stands, and the server is
 * who it should be, so that a password may be shown to it.
 *
 * true: the server has said 235 to our AUTH.  false: *outcome says what happened.
 */
bool auth_run(struct session *session, bool verified, struct outcome *outcome);

#endif
