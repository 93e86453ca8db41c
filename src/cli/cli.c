#include "cli/cli.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program/hide.h"
#include "store/memory.h"
#include "text/secret.h"
#include "base/utf8.h"
#include "runtime/format.h"

/* What a message can bear: two names, each as long as the system takes it. */
enum { MESSAGE_MAX = 2 * PATH_MAX + 256 };

/* A name in it may hold what would forge a line or act on the terminal. */
static void __attribute__((format(printf, 1, 0)))
print(const char *format, va_list ap, const char *behind)
{
	char text[MESSAGE_MAX];
	int n = vsnprintf(text, sizeof(text), format, ap);
	size_t len = n < 0 ? 0 : (size_t)n;

	if (len >= sizeof(text))
		len = sizeof(text) - 1;
	len = utf8_disarm(text, len);
	fprintf(stderr, "tmail: %.*s%s\n", (int)len, text, behind);
}

void
cli_say(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	print(format, ap, "");
	va_end(ap);
}

int
cli_usage(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	print(format, ap, " (see tmail routes --help)");
	va_end(ap);
	return EX_USAGE;
}

int
cli_finish(int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	cli_say("cannot write standard output: %s", strerror(errno));
	return EX_IOERR;
}

int
cli_index_failed(const char *path, enum tmail_status status)
{
	if (status == TMAIL_E_MEMORY)
		mem_exhausted();
	cli_say("%s: %s", path, tmail_status_text(status));
	switch (status) {
	case TMAIL_E_MISSING:
	case TMAIL_E_IO:
	case TMAIL_E_PERMISSION:
		return EX_NOINPUT;
	case TMAIL_E_ARGUMENT:
	case TMAIL_E_SPACE:
		return EX_SOFTWARE;
	default:
		return EX_PROTOCOL;
	}
}

/* Whether one of an option's names is `name`. */
static bool
has_name(const struct cli_option *option, const char *name, size_t len)
{
	const char *p = option->names;

	while (*p != '\0') {
		size_t n = strcspn(p, " ");

		if (n == len && memcmp(p, name, n) == 0)
			return true;
		p += n + (p[n] == ' ');
	}
	return false;
}

static const struct cli_option *
find_option(const struct cli_option *options, const char *name, size_t len)
{
	for (; options != NULL && options->names != NULL; options++)
		if (has_name(options, name, len))
			return options;
	return NULL;
}

/* Whatever stands in or behind an option that nobody knows may be a password. */
static int
refuse_option(char **argv, int i, size_t len)
{
	size_t begin = hide_begin(argv, i);
	bool shown = len <= begin;

	return cli_usage("unknown option '%.*s%s'", (int)(shown ? len : begin), argv[i],
	    shown ? "" : SECRET_MASK);
}

static bool
is_given(const struct cli_option *option)
{
	return option->flag ? *(bool *)option->value : *(const char **)option->value != NULL;
}

/* Reads the option at argv[*i], and its value; moves *i to the last word used. */
static int
read_option(int argc, char **argv, int *i, const struct cli_option *options,
    const struct cli_option *common)
{
	const char *word = argv[*i], *name = word + 1 + (word[1] == '-');
	const char *equals = strchr(name, '=');
	size_t len = equals == NULL ? strlen(name) : (size_t)(equals - name);
	const struct cli_option *option = find_option(options, name, len);

	if (option == NULL)
		option = find_option(common, name, len);
	/* A short option takes one dash, and its value is the next argument. */
	if (option == NULL || len == 0 || (len == 1 && (word[1] == '-' || equals != NULL)))
		return refuse_option(argv, *i, (size_t)(name - word) + len);
	if (is_given(option))
		return cli_usage("option '%.*s' is given twice", (int)(name - word + (ptrdiff_t)len),
		    word);
	if (option->flag) {
		if (equals != NULL)
			return cli_usage("option '%.*s' takes no value", (int)(equals - word), word);
		*(bool *)option->value = true;
		return 0;
	}
	if (equals == NULL && *i + 1 >= argc)
		return cli_usage("option '%s' wants a value", word);
	*(const char **)option->value = equals != NULL ? equals + 1 : argv[++*i];
	return 0;
}

int
cli_parse(int argc, char **argv, const struct cli_option *options,
    const struct cli_option *common, int *operands)
{
	int n = 0;

	for (int i = 1; i < argc; i++) {
		int code;

		if (strcmp(argv[i], "--") == 0) {
			while (++i < argc)
				argv[1 + n++] = argv[i];
			break;
		}
		if (argv[i][0] != '-' || argv[i][1] == '\0') {
			argv[1 + n++] = argv[i];
			continue;
		}
		code = read_option(argc, argv, &i, options, common);
		if (code != 0)
			return code;
	}
	*operands = n;
	return 0;
}

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
	/* The variable goes with the usual configuration, not with another one. */
	if (s->index == NULL && !s->conf_given)
		s->index = environment("TMAIL_ROUTES_INDEX");
	if (s->index == NULL)
		s->index = s->index_buffer = index_beside(s->conf);
	if (s->conf[0] == '\0' || s->index[0] == '\0')
		return cli_usage("the name of a file is empty");
	s->color_out = wants_color(s->color, STDOUT_FILENO);
	s->color_err = wants_color(s->color, STDERR_FILENO);
	return -1;
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
	    {"version", true, &s->version},
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
	if (s->version) {
		printf("tmail %s (index format %u)\n", TMAIL_VERSION, INDEX_VERSION);
		return cli_finish(0);
	}
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
