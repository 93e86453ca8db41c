#include "review/side.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "program/say.h"
#include "review/render.h"
#include "runtime/index.h"

/* The index of a configuration that was read, in memory; conf is closed. */
static int
build(struct side *side, struct conf *conf, const char *path, const struct settings *settings)
{
	enum tmail_status status;

	if (!conf_check(conf)) {
		render_diagnostics(&conf->diagnostics, &conf->sources, RENDER_NO_WARNINGS,
		    &settings->err);
		return EX_DATAERR;
	}
	conf_forget_statements(conf);
	if (!image_build(conf, &side->image)) {
		cli_say("%s: the index would be too large", path);
		return EX_DATAERR;
	}
	image_seal(&side->image);
	status = index_attach(side->image.bytes, side->image.size, &side->routes);
	return status == TMAIL_OK ? 0 : cli_index_failed(path, status);
}

/* What conf_open came to: the configuration is built, if it is one. */
static int
finish(struct side *side, struct conf *conf, enum source_status read, const char *path,
    const struct settings *settings)
{
	int code;

	if (read == SOURCE_OK) {
		code = build(side, conf, path, settings);
	} else {
		cli_say("%s", conf->unreadable.ptr);
		code = read == SOURCE_CHANGED ? EX_TEMPFAIL : EX_NOINPUT;
	}
	conf_close(conf);
	return code;
}

static int
open_file(struct side *side, const char *path, const struct settings *settings)
{
	struct conf conf;
	enum source_status read = conf_open(&conf, path);
	enum tmail_status status;

	if (read != SOURCE_INDEX)
		return finish(side, &conf, read, path, settings);
	conf_close(&conf);
	status = tmail_routes_open(path, TMAIL_OPEN_VERIFY, &side->routes);
	return status == TMAIL_OK ? 0 : cli_index_failed(path, status);
}

static bool
is_index(const struct file_text *text)
{
	return text->size >= INDEX_MAGIC_SIZE &&
	    memcmp(text->ptr, INDEX_MAGIC, INDEX_MAGIC_SIZE) == 0;
}

/* An index whose bytes are in side->text. */
static int
attach(struct side *side, const char *path)
{
	unsigned char *bytes = (unsigned char *)side->text.ptr, sum[16];
	enum tmail_status status = index_attach(bytes, side->text.size, &side->routes);

	if (status == TMAIL_OK) {
		index_checksum(bytes, side->text.size, sum);
		if (memcmp(sum, bytes + HEADER_CHECKSUM, sizeof(sum)) != 0)
			status = TMAIL_E_DAMAGED;
	}
	return status == TMAIL_OK ? 0 : cli_index_failed(path, status);
}

/* A configuration or an index, whichever was read of standard input or a pipe. */
static int
use_text(struct side *side, const char *path, const struct settings *settings)
{
	struct overlay text = {.bytes = {side->text.ptr, side->text.size}};
	const char *slash = strrchr(path, '/');
	char name[NAME_MAX + sizeof("pipe-")];
	struct conf conf;

	if (is_index(&side->text))
		return attach(side, path);
	/* Nobody's includes are beside /dev/fd/63. */
	snprintf(name, sizeof(name), "%s%s", slash == NULL ? "" : "pipe-",
	    slash == NULL ? path : slash + 1);
	return finish(side, &conf, conf_open_with(&conf, name, &text, 1), path, settings);
}

/* The text of what is no file, which is called `path`. */
static int
read_text(struct side *side, enum source_status read, const char *path,
    const struct settings *settings)
{
	if (read == SOURCE_OK)
		return use_text(side, path, settings);
	if (read == SOURCE_UNREADABLE && errno == ENOMEM)
		mem_exhausted();
	cli_say("cannot read '%s': %s", path, read == SOURCE_TOO_LARGE ? "over 4 GiB" :
	    read == SOURCE_NO_FILE ? "nobody writes to it" : strerror(errno));
	return EX_NOINPUT;
}

static int
open_pipe(struct side *side, const char *path, const struct stat *st,
    const struct settings *settings)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), code;
	enum source_status read = SOURCE_UNREADABLE;

	if (fd >= 0)
		read = file_text_read_pipe(fd, st, &side->text);
	code = read_text(side, read, path, settings);
	if (fd >= 0)
		close(fd);
	return code;
}

int
side_open(struct side *side, const char *path, const struct settings *settings)
{
	struct stat st;

	if (strcmp(path, "-") == 0)
		return read_text(side, file_text_read_stream(STDIN_FILENO, &side->text), path,
		    settings);
	if (stat(path, &st) == 0 && S_ISFIFO(st.st_mode))
		return open_pipe(side, path, &st, settings);
	return open_file(side, path, settings);
}

void
side_release(struct side *side)
{
	tmail_routes_close(side->routes);
	image_release(&side->image);
	file_text_release(&side->text);
	*side = (struct side){0};
}
