#include "program/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "program/hide.h"
#include "program/say.h"
#include "runtime/format.h"
#include "store/memory.h"

/* "routes.conf" -> "routes.idx"; another name gets ".idx" behind it. */
static char *
index_beside(const char *conf)
{
	size_t len = strlen(conf), stem = len;
	char *path = mem_alloc(len + sizeof(".idx"));

	if (len > 5 && strcmp(conf + len - 5, ".conf") == 0)
		stem = len - 5;
	memcpy(path, conf, stem);
	memcpy(path + stem, ".idx", sizeof(".idx"));
	return path;
}

static const char *
environment(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

static bool
wants_color(const char *mode, int fd)
{
	const char *term = getenv("TERM");

	if (mode != NULL && strcmp(mode, "always") == 0)
		return true;
	if (mode != NULL && strcmp(mode, "never") == 0)
		return false;
	return environment("NO_COLOR") == NULL && isatty(fd) &&
	    (term == NULL || strcmp(term, "dumb") != 0);
}

/* Of the window of a terminal; 0: it is none, or does not say. */
static unsigned
columns_of(int fd)
{
	const char *columns = environment("COLUMNS");
	struct winsize window = {0};

	if (!isatty(fd))
		return 0;
	if (ioctl(fd, TIOCGWINSZ, &window) == 0 && window.ws_col != 0)
		return window.ws_col;
	return columns == NULL ? 0 : (unsigned)strtoul(columns, NULL, 10);
}

static int
settings_done(struct settings *s)
{
	s->conf_given = s->conf != NULL;
	s->index_given = s->index != NULL;
	if (s->color != NULL && strcmp(s->color, "auto") != 0 &&
	    strcmp(s->color, "always") != 0 && strcmp(s->color, "never") != 0)
		return cli_usage("--color is auto, always or never, not '%s'", s->color);
	if (s->conf == NULL)
		s->conf = environment("TMAIL_ROUTES_CONF");
	if (s->conf == NULL)
		s->conf = "/etc/tmail/routes.conf";
	/* The variable is about the usual configuration, not another one. */
	if (s->index == NULL && !s->conf_given)
		s->index = environment("TMAIL_ROUTES_INDEX");
	if (s->index == NULL)
		s->index = s->index_buffer = index_beside(s->conf);
	if (s->conf[0] == '\0' || s->index[0] == '\0')
		return cli_usage("the name of a file is empty");
	/* Elsewhere a stream; a file so called would be left behind unseen. */
	if (strcmp(s->conf, "-") == 0 || strcmp(s->index, "-") == 0)
		return cli_usage("-c and -i want the name of a file, not '-'");
	s->out = (struct screen){stdout, wants_color(s->color, STDOUT_FILENO),
	    columns_of(STDOUT_FILENO)};
	s->err = (struct screen){stderr, wants_color(s->color, STDERR_FILENO),
	    columns_of(STDERR_FILENO)};
	return -1;
}

int
cli_version(void)
{
	printf("tmail %s (index format %u)\n", TMAIL_VERSION, INDEX_VERSION);
	return cli_finish(0);
}

int
cli_settings(int argc, char **argv, const struct cli_option *options, const char *help,
    struct settings *s, int *operands)
{
	const struct cli_option common[] = {
	    {"c conf", false, &s->conf},
	    {"i index", false, &s->index},
	    {"json", true, &s->json},
	    {"color", false, &s->color},
	    {"q quiet", true, &s->quiet},
	    {"h help", true, &s->help},
	    {"V version", true, &s->version},
	    {"show-secrets", true, &s->show_secrets},
	    {NULL, false, NULL}};
	int code;

	*s = (struct settings){0};
	code = cli_parse(argc, argv, options, common, operands);
	if (code != 0)
		return code;
	if (s->help) {
		fputs(help, stdout);
		return cli_finish(0);
	}
	if (s->version)
		return cli_version();
	code = settings_done(s);
	if (code != -1)
		settings_release(s);
	return code;
}

void
settings_release(struct settings *s)
{
	free(s->index_buffer);
	s->index_buffer = NULL;
}

void
settings_file(struct settings *s, const char *conf)
{
	s->conf = conf;
	s->conf_given = true;
	if (s->index_given)
		return;
	settings_release(s);
	s->index = s->index_buffer = index_beside(conf);
}
