/*
 * reprieve.h - time for what must not be broken off: a relay that was sent the final dot
 * may have the message before it says so, and who ends then has it sent again.
 */
#ifndef PROGRAM_REPRIEVE_H
#define PROGRAM_REPRIEVE_H

/*
 * reprieve - from now on a SIGHUP, SIGINT, SIGQUIT or SIGTERM that would have ended this
 * process ends it five seconds later, by SIGALRM.
 */
void reprieve(void);

#endif
