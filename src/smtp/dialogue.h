/* dialogue.h - the mail itself: MAIL, RCPT, DATA and the message over an open session. */
#ifndef SMTP_DIALOGUE_H
#define SMTP_DIALOGUE_H

#include "smtp/address.h"
#include "smtp/message.h"
#include "smtp/outcome.h"
#include "smtp/session.h"

/* One mail to one recipient. */
struct envelope {
	struct address sender;
	struct address recipient;
};

/*
 * dialogue_run - hands the message over on a session that awaits MAIL: by BDAT
 * (RFC 3030) where that is offered, else by DATA.  Fills *outcome.
 *
 * The session's own deadline counts until the message flows; then, while data
 * move, and for the reply to the final dot, it is `limit`, since nobody else
 * gets a turn any more.
 */
void dialogue_run(struct session *session, const struct envelope *envelope,
    const struct message *message, int64_t limit, struct outcome *outcome);

#endif
