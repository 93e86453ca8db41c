#include "review/samples.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "program/lines.h"
#include "program/say.h"

static struct tmail_slice
keep(struct samples *samples, struct tmail_slice s)
{
	struct slice copy;

	if (s.ptr == NULL)
		return s;
	copy = arena_copy(&samples->arena, slice(s.ptr, s.len));
	return (struct tmail_slice){copy.ptr, copy.len};
}

static void
count(struct samples *samples, enum sample sample, bool counts, const struct tmail_query *given)
{
	struct sampled *of = &samples->of[sample];

	if (!counts)
		return;
	if (of->count < SAMPLES_SHOWN)
		of->first[of->count] = (struct tmail_query){keep(samples, given->recipient),
		    keep(samples, given->login), keep(samples, given->sender)};
	of->count++;
}

/* What is not sent has neither TLS nor a login to lose or to gain. */
static void
judge(struct samples *samples, struct outcomes *o, const struct question *question)
{
	struct tmail_match matches[SIDES];
	struct carriage old, new;
	bool rejected, both;

	for (int side = 0; side < SIDES; side++)
		outcomes_ask(o, side, &question->query, &matches[side]);
	old = outcomes_carriage(o, OLD, &matches[OLD]);
	new = outcomes_carriage(o, NEW, &matches[NEW]);
	both = old.sent && new.sent;
	rejected = matches[NEW].action == TMAIL_REJECT;
	samples->total++;
	count(samples, SAMPLE_REJECTED, rejected && matches[OLD].action != TMAIL_REJECT,
	    &question->given);
	count(samples, SAMPLE_RELAY,
	    !rejected && !outcomes_same_relays(o, &matches[OLD], &matches[NEW]), &question->given);
	count(samples, SAMPLE_TLS_LOST, both && old.tls && !new.tls, &question->given);
	count(samples, SAMPLE_TLS_GAINED, both && !old.tls && new.tls, &question->given);
	count(samples, SAMPLE_LOGIN_LOST, both && old.login && !new.login, &question->given);
	count(samples, SAMPLE_LOGIN_GAINED, both && !old.login && new.login, &question->given);
}

static int
read_lines(struct samples *samples, struct outcomes *o, struct lines *lines, const char *path)
{
	struct question question;
	struct slice line;

	while (lines_next(lines, &line)) {
		question_of_line(&question, line);
		if (question.fault != NULL) {
			cli_say("%s:%zu: %s", path, samples->total + 1, question.fault);
			return EX_DATAERR;
		}
		judge(samples, o, &question);
	}
	if (lines->error == 0)
		return 0;
	cli_say("cannot read '%s': %s", path, strerror(lines->error));
	return EX_NOINPUT;
}

int
samples_read(struct samples *samples, struct outcomes *o, const char *path)
{
	bool given = strcmp(path, "-") == 0;
	int fd = given ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC), code;
	struct lines lines = {.fd = fd};

	if (fd < 0) {
		cli_say("cannot read '%s': %s", path, strerror(errno));
		return EX_NOINPUT;
	}
	code = read_lines(samples, o, &lines, path);
	lines_release(&lines);
	if (!given)
		close(fd);
	return code;
}

void
samples_release(struct samples *samples)
{
	arena_release(&samples->arena);
	*samples = (struct samples){0};
}
