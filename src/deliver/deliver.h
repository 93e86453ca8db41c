/* deliver.h - what the process does that `tmail deliver` forks (cli/deliver.c). */
#ifndef DELIVER_DELIVER_H
#define DELIVER_DELIVER_H

#include "program/receipt.h"

/* What the process is called, in ps(1) and in the log. */
#define DELIVER_NAME "tmail-deliver"

/* Exit codes of a command that a mail server runs as a pipe. */
#define DELIVER_DONE 0
#define DELIVER_REFUSED 69	/* EX_UNAVAILABLE: bounce it */
#define DELIVER_LATER 75	/* EX_TEMPFAIL: keep it */

/*
 * deliver_main - delivers the message on standard input as the command line says, signs the
 * receipt as soon as a relay has it, and writes the verdict to standard output.  Returns the
 * exit code.  It makes the process one that can do nothing else: its signals, its
 * memory and its system log are set for this.  It frees nothing.
 */
int deliver_main(int argc, char **argv, const struct receipt *receipt);

#endif
