/* body.h - the message on its way over an open session. */
#ifndef SMTP_BODY_H
#define SMTP_BODY_H

#include <stdbool.h>
#include <stdint.h>

#include "smtp/message.h"
#include "smtp/outcome.h"
#include "smtp/session.h"

/*
 * body_send - sends the bytes of the message between two offsets as they are.
 * body_send_stuffed - sends all of it as DATA wants it: a line that begins with a
 * dot gets another one.  So does one that begins with NUL: every SMTP server takes
 * the extra dot away again (RFC 5321, 4.5.2), and one that drops NULs before it
 * looks for the final dot finds none.
 *
 * false: *outcome says what came of it.
 */
bool body_send(struct session *session, const struct message *message, uint64_t from, uint64_t to,
    struct outcome *outcome);
bool body_send_stuffed(
    struct session *session, const struct message *message, struct outcome *outcome);

#endif
