/*
 * edit.h - changes to a configuration's files: splices at the positions of
 * statements.  What no splice touches stays byte for byte.
 */
#ifndef TEXT_EDIT_H
#define TEXT_EDIT_H

#include "text/diagnostic.h"
#include "text/statement.h"

struct splice {
	uint32_t begin, end;	/* positions, end exclusive; equal: an insertion */
	struct slice text;
	size_t order;		/* as added: insertions at one place keep it */
};

struct edit {
	struct arena arena;
	struct splice *list;
	size_t count;
	size_t capacity;
};

void edit_release(struct edit *edit);

/* The text must live as long as the edit; edit->arena is there for it. */
void edit_splice(struct edit *edit, uint32_t begin, uint32_t end, struct slice text);

/* Sorts the splices; of two deletions that overlap the second is cut. */
void edit_settle(struct edit *edit);

/* The splices of one source, in order; after edit_settle, as edit_apply. */
struct splices {
	const struct splice *list;
	size_t count;
};
struct splices edit_splices(const struct edit *edit, const struct source *source);

/* The new bytes of a source, byte order mark included, piece by piece. */
typedef void edit_put(void *arg, struct slice piece);
void edit_pieces(const struct edit *edit, const struct source *source, edit_put *put, void *arg);

/* The same in one block; allocated. */
struct slice edit_apply(const struct edit *edit, const struct source *source);

/* The line end in use at a place: that of the line before it. */
struct slice edit_line_end(const struct source *source, uint32_t pos);

/* The end of the word in front of a position. */
uint32_t edit_word_end(const struct source *source, uint32_t pos);

/*
 * The whole lines of a statement, from its first byte to behind its last line
 * end (or the file's end), a comment behind it included.
 */
struct span edit_lines(const struct source *source, const struct stmt *stmt);

/* Where the comment behind a statement stands; empty: there is none. */
struct span edit_comment(const struct source *source, const struct stmt *stmt);

/* Its text, without "#" and the blanks around it; absent: there is none. */
struct slice edit_comment_text(const struct source *source, const struct stmt *stmt);

/* Puts a line (without its end) behind a statement, or, NULL, at the file's end. */
void edit_add_line(struct edit *edit, const struct source *source, const struct stmt *after,
    struct slice line);

/* Takes a statement's lines out; of several statements, the last one first. */
void edit_remove(struct edit *edit, const struct source *source, const struct stmt *stmt);

#endif
