#include "review/password_files.h"

#include <errno.h>

#include "conf/value.h"
#include "program/password_file.h"

static void
warn(struct conf *conf, const struct source *source, struct item item)
{
	struct slice text = {NULL, 0};
	struct diagnostic *d;
	const char *why;
	char *secret;

	value_text(conf, source, item, &text);
	errno = 0;
	secret = password_file_read(arena_copy(&conf->arena, text).ptr, &why);
	password_free(secret);
	if (secret == NULL && errno == ENOMEM)
		mem_exhausted();
	if (secret != NULL)
		return;
	d = diagnose(&conf->diagnostics, item_span(item), SLUG_UNUSABLE_PASSWORD_FILE,
	    "no password can be read from it: %s", why);
	diagnostic_help(&conf->diagnostics, d,
	    "mail through this relay waits until whoever delivers it can read the file");
}

void
password_files_warn(struct conf *conf)
{
	struct conf_cursor cursor = {0};
	struct stmt stmt;

	while (conf_next(conf, &cursor, &stmt))
		for (uint32_t i = 0; i < stmt.count; i++) {
			struct item item = stmt_items(&stmt)[i];

			if (item_role(item) == ITEM_OPTION + OPTION_PASSWORD_FILE)
				warn(conf, cursor.unit->source, item);
		}
}
