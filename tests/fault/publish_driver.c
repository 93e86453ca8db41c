/*
 * publish_driver CONF INDEX LINE - adds a line to the conf and makes the index
 * a copy of it: the least that takes the lock, reads, and replaces two files
 * that must agree.  Exits as `tmail routes add` does.
 */
#include "compiler/lock.h"
#include "compiler/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define LOCK_WAIT_MS 10000
#define EXIT_INDEX_STALE 3

struct conf {
	struct stat seen;
	enum publish_expect expect;
	char text[1 << 16];
	size_t len;
};

/* Reads the conf, if there is one. */
static int
conf_read(struct conf *conf, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	conf->len = 0;
	conf->expect = PUBLISH_NEW;
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return -1;
	if (fstat(fd, &conf->seen) == 0)
		n = read(fd, conf->text, sizeof(conf->text) / 2);
	if (close(fd) != 0 || n < 0)
		return -1;
	conf->expect = PUBLISH_AS_READ;
	conf->len = (size_t)n;
	return 0;
}

static int
fail(const struct publish_error *error)
{
	char text[PATH_MAX + 200];

	publish_error_text(error, text, sizeof(text));
	fprintf(stderr, "publish_driver: %s\n", text);
	return error->renamed == 1 ? EXIT_INDEX_STALE : publish_status_exit(error->status);
}

/* An index without its first byte, which is late. */
struct index {
	char text[sizeof(((struct conf *)NULL)->text)];
	char first;
};

static void
complete(void *arg)
{
	struct index *index = arg;

	index->text[0] = index->first;
}

static int
publish(const char *path, const char *index_path, const struct conf *conf)
{
	static struct index index;
	const struct publish_request requests[] = {
		{.path = path, .data = conf->text, .len = conf->len, .expect = conf->expect,
		    .seen = &conf->seen, .policy = ATTRIBUTES_CONF},
		{.path = index_path, .data = index.text, .len = conf->len, .late = 1,
		    .complete = complete, .whole = &index, .expect = PUBLISH_ANY,
		    .policy = ATTRIBUTES_INDEX_SECRET, .like = path},
	};
	enum publish_status status = PUBLISH_OK;
	struct publish_error error;
	struct publish set;

	memcpy(index.text, conf->text, conf->len);
	index.first = index.text[0];
	index.text[0] = '?';
	publish_init(&set);
	for (size_t i = 0; i < 2 && status == PUBLISH_OK; i++)
		status = publish_add(&set, &requests[i], &error);
	if (status == PUBLISH_OK)
		status = publish_commit(&set, &error);
	publish_release(&set);
	return status == PUBLISH_OK ? EX_OK : fail(&error);
}

int
main(int argc, char **argv)
{
	static struct conf conf;
	struct publish_error error;
	struct lock lock;
	int code;

	if (argc != 4)
		return EX_USAGE;
	if (lock_acquire(&lock, argv[1], NULL, LOCK_WAIT_MS, &error) != PUBLISH_OK)
		return fail(&error);
	if (conf_read(&conf, argv[1]) != 0) {
		perror(argv[1]);
		code = EX_NOINPUT;
		goto out;
	}
	conf.len += (size_t)snprintf(conf.text + conf.len, sizeof(conf.text) - conf.len, "%s\n",
	    argv[3]);
	code = publish(argv[1], argv[2], &conf);
out:
	lock_release(&lock);
	return code;
}
