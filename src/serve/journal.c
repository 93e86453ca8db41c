#include "serve/journal.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "program/clock.h"
#include "program/log_escape.h"

/* What a pipe with any room takes whole. */
#define LINE_SIZE PIPE_BUF
/* Of a value from outside, so that no line grows without end. */
#define VALUE_MAX 256
#define FAULTS_A_MINUTE 10
#define SYSTEM_LOG "/dev/log"

static int wanted = STDERR_FILENO;
static int system_log = -1;
static uint64_t dropped;

void
journal_open(int fd)
{
	wanted = fd;
}

uint64_t
journal_dropped(void)
{
	return dropped;
}

static bool
open_system_log(void)
{
	const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = SYSTEM_LOG};

	if (system_log >= 0)
		close(system_log);
	system_log = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return system_log >= 0 &&
	    connect(system_log, (const struct sockaddr *)&address, sizeof(address)) == 0;
}

/* syslog(3) waits for a log that hangs, and all mail servers would wait with it. */
static bool
send_to_system(int priority, const char *line, size_t len)
{
	char head[64], packet[sizeof(head) + LINE_SIZE];
	time_t now = time(NULL);
	struct tm local;
	size_t used;

	strftime(head, sizeof(head), "%b %e %T", localtime_r(&now, &local));
	used = (size_t)snprintf(packet, sizeof(packet), "<%d>%s tmail-serve[%d]: ",
	    LOG_MAIL | priority, head, (int)getpid());
	memcpy(packet + used, line, len);
	if (send(system_log, packet, used + len, MSG_NOSIGNAL) >= 0)
		return true;
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return false;
	/* Not open yet, or begun anew. */
	return open_system_log() && send(system_log, packet, used + len, MSG_NOSIGNAL) >= 0;
}

static bool
write_to_file(const char *line, size_t len)
{
	struct pollfd room = {.fd = wanted, .events = POLLOUT};

	return poll(&room, 1, 0) == 1 && (room.revents & POLLOUT) != 0 &&
	    write(wanted, line, len) == (ssize_t)len;
}

static void __attribute__((format(printf, 2, 0)))
say(int priority, const char *format, va_list args)
{
	char line[LINE_SIZE];
	int n = vsnprintf(line, sizeof(line) - 1, format, args);
	size_t len = n < 0 ? 0 : (size_t)n < sizeof(line) - 1 ? (size_t)n : sizeof(line) - 2;
	bool told;

	line[len] = '\n';
	told = wanted < 0 ? send_to_system(priority, line, len) : write_to_file(line, len + 1);
	dropped += !told;
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
