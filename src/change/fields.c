/* fields.c - the options of add and set that name the fields of a route. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "change/compose.h"
#include "program/say.h"

/* Options of add and set that are called otherwise than in routes.conf. */
static const char *const other_names[OPTION_COUNT] = {
    [OPTION_PORT] = "rp remote-port remotePort", [OPTION_PRIORITY] = "p priority",
    [OPTION_WEIGHT] = "w weight", [OPTION_LOCAL] = "l local-ip localIp",
    [OPTION_LOGIN] = "rl remote-login remoteLogin",
    [OPTION_PASSWORD] = "rpwd remote-passwd remotePasswd", [OPTION_MAIL_FROM] = "mail-from-as"};

const char *
fields_names(enum option option)
{
	return other_names[option] != NULL ? other_names[option] : option_word(option);
}

void
fields_options(struct fields *f, struct cli_option out[FIELD_OPTIONS])
{
	const struct cli_option options[] = {
	    {"d destination", false, &f->to},
	    {"u smtp-user smtpUser", false, &f->user},
	    {"f mail-from mailFrom", false, &f->from},
	    {"rh remote-host remoteHost", false, &f->host},
	    {"reject", false, &f->reject},
	    {"defer", false, &f->defer},
	    {"discard", true, &f->discard},
	    {"comment", false, &f->comment}};
	size_t n = sizeof(options) / sizeof(*options);

	_Static_assert(sizeof(options) / sizeof(*options) + OPTION_COUNT + 1 == FIELD_OPTIONS,
	    "an end behind them");
	*f = (struct fields){0};
	memcpy(out, options, sizeof(options));
	for (int i = 0; i < OPTION_COUNT; i++)
		out[n++] = (struct cli_option){fields_names((enum option)i), false, &f->options[i]};
	out[n] = (struct cli_option){NULL, false, NULL};
}

bool
fields_of_route(const struct fields *f)
{
	const char *text;

	return f->to != NULL || f->user != NULL || f->from != NULL ||
	    fields_reply(f, &text) != NULL;
}

int
fields_actions(const struct fields *f)
{
	return (f->host != NULL) + (f->reject != NULL) + (f->defer != NULL) + f->discard;
}

const char *
fields_reply(const struct fields *f, const char **text)
{
	*text = f->reject != NULL ? f->reject : f->defer != NULL ? f->defer : "";
	return f->reject != NULL ? "reject" : f->defer != NULL ? "defer"
	    : f->discard ? "discard" : NULL;
}

/* One line of standard input, so that a password stays out of `ps`. */
static int
read_password(struct fields *f, struct arena *arena)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n = getline(&line, &size, stdin);
	int code = 0;

	if (n < 0 && errno == ENOMEM)
		mem_exhausted();
	if (n > 0 && line[n - 1] == '\n')
		n--;
	if (n > 0 && line[n - 1] == '\r')
		n--;
	if (n <= 0) {
		cli_say("no password on standard input");
		code = EX_DATAERR;
	} else if (memchr(line, '\0', (size_t)n) != NULL) {
		cli_say("a password holds no NUL, line feed or carriage return");
		code = EX_DATAERR;
	} else {
		f->options[OPTION_PASSWORD] = arena_copy(arena, slice(line, (size_t)n)).ptr;
	}
	if (line != NULL)
		explicit_bzero(line, size);
	free(line);
	return code;
}

int
fields_finish(struct fields *f, struct arena *arena)
{
	for (const char *p = f->comment; p != NULL && *p != '\0'; p++)
		if (((unsigned char)*p < 0x20 && *p != '\t') || *p == 0x7f) {
			cli_say("a comment holds no control bytes");
			return EX_DATAERR;
		}
	if (f->options[OPTION_PASSWORD] != NULL && strcmp(f->options[OPTION_PASSWORD], "-") == 0)
		return read_password(f, arena);
	return 0;
}
