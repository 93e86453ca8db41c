#include "serve/journal.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <syslog.h>

#include "program/clock.h"
#include "program/log_escape.h"

#define LINE_SIZE 8192
/* Of a value from outside, so that no line grows without end. */
#define VALUE_MAX 256
#define FAULTS_A_MINUTE 10

static bool syslog_wanted;

void
journal_open(bool to_syslog)
{
	syslog_wanted = to_syslog;
	if (to_syslog)
		openlog("tmail-serve", LOG_PID, LOG_MAIL);
}

static void
say(int priority, const char *format, va_list args)
{
	char line[LINE_SIZE];

	vsnprintf(line, sizeof(line), format, args);
	if (syslog_wanted)
		syslog(priority, "%s", line);
	else
		fprintf(stderr, "%s\n", line);
}

void
journal_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(LOG_INFO, format, args);
	va_end(args);
}

void
journal_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(LOG_WARNING, format, args);
	va_end(args);
}

struct journal_value
journal_slice(struct slice value)
{
	struct journal_value shown;
	char copy[VALUE_MAX + 1];
	size_t len = value.len < VALUE_MAX ? value.len : VALUE_MAX;

	if (len > 0)
		memcpy(copy, value.ptr, len);
	copy[len] = '\0';
	if (len == 0)
		snprintf(shown.text, sizeof(shown.text), "-");
	else
		log_escape(copy, shown.text, sizeof(shown.text));
	return shown;
}

struct journal_value
journal_value(const char *value)
{
	return journal_slice(slice_str(value));
}

void
journal_fault(const char *protocol, const char *what)
{
	static int64_t minute;
	static unsigned told;
	int64_t now = clock_now() / 60000;

	if (now != minute)
		told = 0;
	minute = now;
	if (told++ < FAULTS_A_MINUTE)
		journal_warn("event=protocol-error level=warning protocol=%s reason=\"%s\"", protocol, what);
}
