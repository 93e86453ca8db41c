/* fields.c - the options of add and set that name the fields of a route. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "change/compose.h"
#include "program/say.h"

void
fields_options(struct fields *f, struct cli_option out[FIELD_OPTIONS])
{
	const struct cli_option options[FIELD_OPTIONS] = {
	    {"d destination", false, &f->to},
	    {"rh remote-host remoteHost", false, &f->host},
	    {"rp remote-port remotePort", false, &f->port},
	    {"p priority", false, &f->priority},
	    {"w weight", false, &f->weight},
	    {"l local-ip localIp", false, &f->local},
	    {"u smtp-user smtpUser", false, &f->user},
	    {"f mail-from mailFrom", false, &f->from},
	    {"rl remote-login remoteLogin", false, &f->login},
	    {"rpwd remote-passwd remotePasswd", false, &f->password},
	    {"password-file", false, &f->password_file},
	    {"tls", false, &f->tls},
	    {"tls-name", false, &f->tls_name},
	    {"helo", false, &f->helo},
	    {"transport", false, &f->transport},
	    {"reject", false, &f->reject},
	    {"defer", false, &f->defer},
	    {"comment", false, &f->comment},
	    {NULL, false, NULL}};

	*f = (struct fields){0};
	memcpy(out, options, sizeof(options));
}

const char *
fields_option(const struct fields *f, enum option option)
{
	const char *const values[OPTION_COUNT] = {
	    [OPTION_PORT] = f->port, [OPTION_PRIORITY] = f->priority,
	    [OPTION_WEIGHT] = f->weight, [OPTION_LOCAL] = f->local, [OPTION_LOGIN] = f->login,
	    [OPTION_PASSWORD] = f->password, [OPTION_PASSWORD_FILE] = f->password_file,
	    [OPTION_TLS] = f->tls, [OPTION_TLS_NAME] = f->tls_name, [OPTION_HELO] = f->helo,
	    [OPTION_TRANSPORT] = f->transport};

	return values[option];
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
		f->password = arena_copy(arena, slice(line, (size_t)n)).ptr;
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
	if (f->password != NULL && strcmp(f->password, "-") == 0)
		return read_password(f, arena);
	return 0;
}
