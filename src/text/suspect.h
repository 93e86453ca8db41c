/* suspect.h - words that look like secrets or have them behind, without any grammar. */
#ifndef TEXT_SUSPECT_H
#define TEXT_SUSPECT_H

#include <stdbool.h>

#include "base/slice.h"

/* Words that are likely to have a secret behind them. */
bool suspect_word(struct slice word);

/* Whether a string reads like options: its quotes are not where they should be. */
bool suspect_string(struct slice string);

/* Whether a word is the keyword of a statement, perhaps misspelt. */
bool suspect_statement(struct slice word);

/* The word of a route that an unknown one was meant to be, and whether it comes before options. */
const char *suspect_meant(struct slice word, bool *selector);

/* The length of the name in front of "=s3cret" or ":s3cret". */
size_t suspect_name(struct slice word);

/* What stands behind the name and sign of "key=s3cret", if that is no option; or NULL. */
const char *suspect_assigned(struct slice word);

/* Whether anything is stuck to the name of a password or login: "passwords3cret". */
bool suspect_stuck(struct slice word);

/* What stands behind the colon of "u:s3cret@h.example", or NULL. */
const char *suspect_user_info(struct slice word);

/*
 * suspect_line - where in a line that follows no grammar, a comment or a
 * broken statement, a secret may begin, which then goes to the line's end;
 * NULL: nowhere.  *carried says, before, whether the line in front broke off
 * where a secret was to come, and, after, whether this one did.
 */
const char *suspect_line(const char *p, const char *end, bool *carried);

/* Whether the line before `begin` is a comment that broke off where a secret was to come. */
bool suspect_comment(const char *text, const char *begin);

#endif
