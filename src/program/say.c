#include "program/say.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "store/memory.h"

/* Room for two names, each as long as the system allows. */
enum { MESSAGE_MAX = 2 * PATH_MAX + 256 };

/* The words that started what runs, for whoever wants its help. */
static char running[32] = "tmail";

/* A name in it could forge a line or act on the terminal. */
static void __attribute__((format(printf, 1, 0)))
print(const char *format, va_list ap, const char *see)
{
	char text[MESSAGE_MAX];
	int n = vsnprintf(text, sizeof(text), format, ap);
	size_t len = n < 0 ? 0 : (size_t)n;

	if (len >= sizeof(text))
		len = sizeof(text) - 1;
	len = utf8_disarm(text, len);
	fprintf(stderr, "tmail: %.*s", (int)len, text);
	if (see != NULL)
		fprintf(stderr, " (see %s --help)", see);
	fputc('\n', stderr);
}

void
cli_say(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	print(format, ap, NULL);
	va_end(ap);
}

void
cli_running(const char *word)
{
	size_t len = strlen(running);

	snprintf(running + len, sizeof(running) - len, " %s", word);
}

int
cli_usage(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	print(format, ap, running);
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
	cli_say("%s: %s%s", path, tmail_status_text(status),
	    status == TMAIL_E_MISSING || status == TMAIL_E_VERSION ? ": run 'tmail routes compile'"
								    : "");
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
