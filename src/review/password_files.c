#include "review/password_files.h"

#include <errno.h>

#include "conf/value.h"
#include "program/password_file.h"

static bool
has_password(const char *path, const char **why)
{
	char *secret;

	errno = 0;
	secret = password_file_read(path, why);
	password_free(secret);
	if (secret == NULL && errno == ENOMEM)
		mem_exhausted();
	return secret != NULL;
}

static void
warn(struct conf *conf, const struct source *source, struct item item, bool password)
{
	struct slice text = {NULL, 0};
	struct diagnostic *d;
	const char *why, *path;

	value_text(conf, source, item, &text);
	path = arena_copy(&conf->arena, text).ptr;
	if (password ? has_password(path, &why) : file_readable(path, &why))
		return;
	d = diagnose(&conf->diagnostics, item_span(item),
	    password ? SLUG_UNUSABLE_PASSWORD_FILE : SLUG_UNUSABLE_FILE,
	    password ? "no password can be read from it: %s" : "it cannot be read: %s", why);
	diagnostic_help(&conf->diagnostics, d,
	    "mail through this relay waits until whoever delivers it can read the file");
}

static void
warn_all(struct conf *conf)
{
	struct conf_cursor cursor = {0};
	struct stmt stmt;

	while (conf_next(conf, &cursor, &stmt))
		for (uint32_t i = 0; i < stmt.count; i++) {
			struct item item = stmt_items(&stmt)[i];

			switch (item_role(item)) {
			case ITEM_OPTION + OPTION_PASSWORD_FILE:
				warn(conf, cursor.unit->source, item, true);
				break;
			case ITEM_OPTION + OPTION_TOKEN_FILE:
			case ITEM_OPTION + OPTION_TLS_CERT:
			case ITEM_OPTION + OPTION_TLS_CA:
				warn(conf, cursor.unit->source, item, false);
				break;
			default:
				break;
			}
		}
}

void
password_files_warn(struct conf *conf)
{
	warn_all(conf);
	allow_warn(&conf->allowances, ALLOW_FILES, &conf->diagnostics);
}
