/*
 * receipt.h - that a relay has taken a message, told by the process that delivers to
 * the one that watches over it, as soon as it is known.  It is a mark in memory
 * that both share: to make it takes no system call, so none can fail, and the one who made
 * it may crash or be killed right after.  Else such a mail would be sent again.
 */
#ifndef PROGRAM_RECEIPT_H
#define PROGRAM_RECEIPT_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed: none, and nobody looks. */
struct receipt {
	volatile uint64_t *mark;
};

/* Where it is in the memory file of the verdict, which is shorter than what lies before, and the
   size of that file. */
#define RECEIPT_AT 4096
#define RECEIPT_FILE 8192

/*
 * receipt_open - puts room for a receipt behind the verdict, in the empty memory file of
 * that, which needs no more memory later.  A process forked from then on shares it.  false:
 * errno says why not.  It stays as long as the process.
 */
bool receipt_open(struct receipt *receipt, int verdict);

/* receipt_sign - the relay has the message.  Fine where nobody looks. */
void receipt_sign(const struct receipt *receipt);

/* receipt_signed - whether it has. */
bool receipt_signed(const struct receipt *receipt);

#endif
