/*
 * hide.h - passwords on the command line, where every user of the machine can
 * read them.
 *
 * They are recognized by the option before or around them, however spelt, known
 * or not: errors of the command line are found later.
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
 * hide_words - overwrites all passwords in argv, which then points to copies;
 * without memory for these it ends the program, after overwriting.
 * hide_release wipes and frees the copies.
 */
void hide_words(struct hidden *hidden, int argc, char **argv);
void hide_release(struct hidden *hidden);

#endif
