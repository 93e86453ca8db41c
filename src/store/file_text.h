/* file_text.h - all bytes of a file that is open, as they were at one moment. */
#ifndef STORE_FILE_TEXT_H
#define STORE_FILE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* Zero bytes behind the text: a sentinel for the lexer, slack for wide loads. */
#define SOURCE_SLACK 64

enum source_status {
	SOURCE_OK,
	SOURCE_UNREADABLE,	/* errno tells */
	SOURCE_NO_FILE,		/* a directory, a device */
	SOURCE_INDEX,		/* what the compiler made of one */
	SOURCE_TOO_LARGE,	/* over 4 GiB in all files together */
	SOURCE_CHANGED		/* somebody wrote to it while it was read */
};

/* Of mem_pages, `mapped` bytes of them; SOURCE_SLACK zeros behind the text. */
struct file_text {
	char *ptr;
	size_t size;
	size_t mapped;
};

void file_text_release(struct file_text *text);

/* A copy of bytes that are in memory already. */
struct file_text file_text_copy(const char *ptr, size_t size);

/*
 * file_text_read - reads the regular file fd, whose fstat before was *status.
 * SOURCE_OK, and *text is to be released; or _UNREADABLE, _TOO_LARGE, _CHANGED.
 */
enum source_status file_text_read(int fd, const struct stat *status, struct file_text *text);

/*
 * file_text_read_pipe - reads a pipe to its end.  fd: the pipe, opened with
 * O_NONBLOCK; status: its fstat.  A pipe that the process has been given
 * ("<(...)" of a shell) is read through the descriptor it was given as.
 * SOURCE_NO_FILE: nobody has it open to write.
 */
enum source_status file_text_read_pipe(int fd, const struct stat *status,
    struct file_text *text);

/* file_text_read_stream - reads what a descriptor gives, from where it stands, to the end. */
enum source_status file_text_read_stream(int fd, struct file_text *text);

#endif
