/*
 * hide.h - passwords on the command line, where every user of the machine
 * can read them.
 *
 * They are told by the option in front of them or around them, in whatever
 * spelling, known or not: what is wrong with a command line is found later.
 */
#ifndef PROGRAM_HIDE_H
#define PROGRAM_HIDE_H

#include <stddef.h>

/* Copies of the words with passwords in them. */
struct hidden {
	char *copies;
	size_t size;
};

/* How many bytes of argv[i] come before a password in it; its length: there is none. */
size_t hide_begin(char *const *argv, int i);

/*
 * hide_words - overwrites all passwords in argv, and lets it point to copies
 * of these words; without memory for that, it ends the program thereafter.
 * hide_release wipes and frees the copies.
 */
void hide_words(struct hidden *hidden, int argc, char **argv);
void hide_release(struct hidden *hidden);

#endif
