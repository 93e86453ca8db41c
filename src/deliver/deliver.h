/* deliver.h - what the process does that `tmail deliver` forks (cli/deliver.c). */
#ifndef DELIVER_DELIVER_H
#define DELIVER_DELIVER_H

#include "program/receipt.h"

/*
 * deliver_main - delivers the message on standard input as the command line says, signs the
 * receipt as soon as a relay has it, and writes the verdict to standard output.  Returns the
 * exit code, 0, 69 or 75.  It makes the process one that can do nothing else: its signals, its
 * memory and its system log are set for this.  It frees nothing.
 */
int deliver_main(int argc, char **argv, const struct receipt *receipt);

#endif
