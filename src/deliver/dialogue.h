/* dialogue.h - the mail itself: MAIL, RCPT, DATA and the message over an open session. */
#ifndef DELIVER_DIALOGUE_H
#define DELIVER_DIALOGUE_H

#include "deliver/address.h"
#include "deliver/message.h"
#include "deliver/outcome.h"
#include "deliver/session.h"

/* One mail to one recipient. */
struct envelope {
	struct address sender;
	struct address recipient;
};

/*
 * dialogue_run - hands the message over on a session that awaits MAIL.
 *
 * Until the message flows the deadline `share` holds; then, as long as data
 * move, and for the reply to the final dot, only `limit`: from then on
 * nobody else gets a turn anyway.  Fills *outcome.
 */
void dialogue_run(struct session *session, const struct envelope *envelope,
    const struct message *message, int64_t share, int64_t limit, struct outcome *outcome);

#endif
