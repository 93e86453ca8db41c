/* written.h - statements as they stand in their file, with secrets masked. */
#ifndef REVIEW_WRITTEN_H
#define REVIEW_WRITTEN_H

#include "conf/conf.h"
#include "conf/expect.h"

/*
 * Lines of a source from the one that `begin` is on to the one that `end` is on; secrets
 * are masked unless `secrets`.  The text lives in the arena.
 */
struct slice written_lines(const struct source *source, uint32_t begin, uint32_t end,
    bool secrets, struct arena *arena);

/* Where the statement that begins at pos ends. */
uint32_t written_end(const struct conf *conf, uint32_t pos);

/* An expectation without its keyword, in one line. */
struct slice written_expectation(const struct expectation *expectation, struct arena *arena);

#endif
