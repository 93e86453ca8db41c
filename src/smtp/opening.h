/* opening.h - all that comes before the mail: TCP, TLS, the greetings, AUTH. */
#ifndef SMTP_OPENING_H
#define SMTP_OPENING_H

#include "smtp/session.h"

/*
 * opening_run - connects and goes as far as AUTH on a session from session_init.
 *
 * true: the server awaits MAIL, TLS stands as the hop asks, and with a login the
 * server has said 235.  false: *outcome says what happened; RESULT_CLEAR only
 * under TMAIL_TLS_OPPORTUNISTIC, without a login.
 */
bool opening_run(struct session *session, struct outcome *outcome);

#endif
