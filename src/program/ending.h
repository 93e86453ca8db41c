/* ending.h - when a process that delivers has to end, whatever it is about. */
#ifndef PROGRAM_ENDING_H
#define PROGRAM_ENDING_H

/*
 * ending_after - SIGALRM ends this process when so many seconds are over: for what no
 * deadline reaches, as a library that opens a FIFO or a file whose server is away.
 */
void ending_after(unsigned seconds);

/*
 * ending_put_off - from now on a SIGHUP, SIGINT, SIGQUIT or SIGTERM that would have ended
 * this process at once ends it five seconds later, by SIGALRM: a relay that was sent the
 * final dot may have the message before it says so, and who ends then has it sent again.
 */
void ending_put_off(void);

#endif
