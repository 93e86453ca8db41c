#include "deliver/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "program/log_escape.h"

/* Room for the longest value, a reply, with every byte as \xHH. */
#define VALUE_SIZE (4 * OUTCOME_TEXT_MAX + 8)
#define LINE_SIZE 8192

static void
pair(FILE *line, const char *key, const char *value)
{
	char text[VALUE_SIZE];

	if (value == NULL || *value == '\0')
		snprintf(text, sizeof(text), "-");
	else
		log_escape(value, text, sizeof(text));
	fprintf(line, "%s%s=%s", ftell(line) == 0 ? "" : " ", key, text);
}

static void
pair_number(FILE *line, const char *key, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	pair(line, key, text);
}

static const char *
result_name(enum result result)
{
	static const char *const names[] = {
	    [RESULT_DELIVERED] = "delivered",
	    [RESULT_NEXT] = "failed",
	    [RESULT_LATER] = "put-off",
	    [RESULT_SKIP] = "failed",
	    [RESULT_CLEAR] = "retry-in-clear",
	    [RESULT_DATA] = "retry-with-DATA",
	    [RESULT_FINAL] = "refused",
	    [RESULT_STOP] = "stopped",
	    [RESULT_DEFER] = "deferred",
	    [RESULT_DISCARDED] = "discarded",
	};

	return names[result];
}

static void
write_pairs(FILE *line, const struct attempt *attempt, const struct outcome *outcome)
{
	char conf[512] = "";

	if (attempt->file != NULL)
		snprintf(conf, sizeof(conf), "%s:%" PRIu32, attempt->file, attempt->line);
	pair(line, "to", attempt->recipient);
	pair(line, "from", *attempt->sender == '\0' ? "<>" : attempt->sender);
	pair(line, "login", attempt->login);
	pair(line, "queue_id", attempt->queue_id);
	pair(line, "digest", attempt->digest);
	if (attempt->route != 0)
		pair_number(line, "route", attempt->route);
	else
		pair(line, "route", NULL);
	pair(line, "conf", conf);
	pair(line, "relay", attempt->relay);
	pair(line, "addr", attempt->address);
	pair(line, "source", attempt->source);
	pair(line, "tls", attempt->tls);
	pair(line, "verified", attempt->verified ? "yes" : "no");
	pair(line, "auth", attempt->mechanism);
	pair(line, "result", result_name(outcome->result));
	pair(line, "stage", stage_name(outcome->stage));
	if (outcome->code != 0)
		pair_number(line, "code", outcome->code);
	else
		pair(line, "code", NULL);
	pair(line, "text", outcome->text);
	if (attempt->as_is || attempt->folded)
		pair(line, "body", attempt->as_is && attempt->folded ? "8bit-as-is,folded"
		    : attempt->as_is ? "8bit-as-is" : "folded");
	if (attempt->chunks)
		pair(line, "data", "BDAT");
	pair_number(line, "ms", attempt->ms);
}

static void
write_line(enum log_to to, int priority, const char *line)
{
	if (to == LOG_TO_STDERR)
		fprintf(stderr, "%s\n", line);
	else if (to == LOG_TO_SYSLOG)
		syslog(priority, "%s", line);
}

void
log_warning(enum log_to to, const char *format, ...)
{
	char text[LINE_SIZE] = "warning: ";
	size_t used = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + used, sizeof(text) - used, format, args);
	va_end(args);
	/* A path may hold a line end. */
	for (char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7F)
			*p = '?';
	write_line(to, LOG_WARNING, text);
}

void
log_attempt(enum log_to to, const struct attempt *attempt, const struct outcome *outcome)
{
	char text[LINE_SIZE];
	FILE *line;

	if (to == LOG_TO_NONE)
		return;
	line = fmemopen(text, sizeof(text), "w");
	if (line == NULL)
		return;
	write_pairs(line, attempt, outcome);
	fclose(line);
	text[sizeof(text) - 1] = '\0';
	write_line(to, LOG_INFO, text);
}
