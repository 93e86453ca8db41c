#include "change/guard.h"

#include <limits.h>

#include "store/file_stat.h"
#include "publish/destination.h"
#include "program/say.h"

static bool
is_source(const struct conf *conf, const struct stat *index)
{
	for (size_t i = 0; i < conf->sources.count; i++)
		if (stat_same_file(&conf->sources.list[i]->status, index))
			return true;
	return false;
}

static bool
is_path(const struct model *model, const char *string, const struct stat *index)
{
	uint32_t offset = le32_get(string), len = le32_get(string + 4);
	char path[PATH_MAX];
	struct stat st;

	if (offset == STRING_ABSENT || len >= sizeof(path))
		return false;
	memcpy(path, model->strings.bytes + offset, len);
	path[len] = '\0';
	return stat(path, &st) == 0 && stat_same_file(&st, index);
}

/* Whether deliveries read a password, a token or a certificate from it. */
static bool
is_named_file(const struct conf *conf, const struct stat *index)
{
	static const unsigned char paths[] = {STRING_PASSWORD_FILE, STRING_TOKEN_FILE,
	    STRING_TLS_CERT, STRING_TLS_CA};
	const struct model *model = &conf->model;

	for (uint32_t i = 0; i < model->hops.count; i++)
		for (size_t k = 0; k < sizeof(paths); k++)
			if (is_path(model, pool_get(&model->hops, i).ptr + HOP_STRINGS +
				8 * paths[k], index))
				return true;
	return false;
}

/* Whether both paths lead to the same name, where no file need be. */
static bool
same_name(const char *a, const char *b)
{
	struct publish_error error;
	struct destination x, y;
	struct stat of_x, of_y;
	bool same = false;

	if (destination_open(&x, a, &error) == PUBLISH_OK) {
		if (destination_open(&y, b, &error) == PUBLISH_OK) {
			same = strcmp(x.name, y.name) == 0 && fstat(x.directory, &of_x) == 0 &&
			    fstat(y.directory, &of_y) == 0 && stat_same_file(&of_x, &of_y);
			destination_close(&y);
		}
		destination_close(&x);
	}
	return same;
}

int
guard_index(const struct conf *conf, const struct lock *lock, const struct settings *settings)
{
	const char *what = NULL;
	struct stat index, held;

	if (stat(settings->index, &index) != 0)
		what = same_name(settings->index, settings->conf) ? "a file" : NULL;
	else if (is_source(conf, &index))
		what = "a file";
	else if (lock->fd >= 0 && fstat(lock->fd, &held) == 0 && stat_same_file(&held, &index))
		what = "the lock";
	else if (is_named_file(conf, &index))
		what = "a password, token or certificate file";
	if (what == NULL)
		return 0;
	return cli_usage("'%s' is %s of the configuration, not an index", settings->index, what);
}
