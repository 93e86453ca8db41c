#include "deliver/state.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "program/clock.h"

/* Between two looks whether a slot is free. */
#define LOOK_MS 50
/* More would not fit into the arithmetic. */
#define RATE_MAX 1000000000
/* In one of so many failures what has expired is cleared away. */
#define CLEAR_EVERY 32

#define DOWN "down."
/* DOWN, an address and a port; or a kind and a relay's name, three characters for each of it. */
#define NAME_SIZE 1024

void
state_open(struct state *state, const char *path, int64_t penalty_ms)
{
	*state = (struct state){.penalty_ms = penalty_ms};
	state->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	state->error = state->dir < 0 ? errno : 0;
}

void
state_close(struct state *state)
{
	if (state->dir >= 0)
		close(state->dir);
}

/* "slots.NAME", with %XX for what has no place in a file's name. */
static bool
relay_file(char out[NAME_SIZE], const char *kind, const char *relay)
{
	size_t n = (size_t)snprintf(out, NAME_SIZE, "%s.", kind);

	for (; *relay != '\0' && n + 4 < NAME_SIZE; relay++) {
		if (isalnum((unsigned char)*relay) || *relay == '-' || *relay == '_')
			out[n++] = *relay;
		else
			n += (size_t)snprintf(out + n, NAME_SIZE - n, "%%%02X", (unsigned char)*relay);
	}
	out[n] = '\0';
	return *relay == '\0' && n <= NAME_MAX;
}

static int
open_file(const struct state *state, const char *kind, const char *relay)
{
	char name[NAME_SIZE];

	if (state->dir < 0) {
		errno = state->error;
		return -1;
	}
	if (!relay_file(name, kind, relay)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return openat(state->dir, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
}

/* The real time, which goes on where the machine is off. */
static int64_t
real_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
pause_ms(int64_t ms)
{
	poll(NULL, 0, (int)ms);
}

/*
 * Each slot is a byte of the file with a lock on it, of the kind that belongs to an
 * open file: it goes when its process does.  1: taken, 0: none is free, -1: errno.
 */
static int
try_slots(int fd, uint32_t count)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
	/* So that not all ask for the same ones first. */
	uint32_t first = (uint32_t)getpid() % count, i;

	for (i = 0; i < count; i++) {
		lock.l_start = (first + i) % count;
		if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
			return 1;
		if (errno != EAGAIN && errno != EACCES)
			return -1;
	}
	return 0;
}

static enum leave
take_slot(const struct state *state, const struct limits *limits, int64_t deadline, int *slot)
{
	int rc;

	*slot = open_file(state, "slots", limits->relay);
	if (*slot < 0)
		return LEAVE_UNKNOWN;
	while ((rc = try_slots(*slot, limits->connections)) == 0 && clock_left(deadline) > 0)
		pause_ms(clock_earlier(LOOK_MS, clock_left(deadline)));
	return rc > 0 ? LEAVE_GIVEN : rc == 0 ? LEAVE_NO_SLOT : LEAVE_UNKNOWN;
}

/*
 * A bucket of `rate` tokens that fills in rate_seconds.  The file says how many
 * thousandths of a token there were, and when.  Takes one and returns 0, or in how
 * many milliseconds there will be one; -1: errno.
 */
static int64_t
take_token(int fd, const struct limits *limits)
{
	int64_t most = clock_earlier(limits->rate, RATE_MAX) * 1000, now = real_ms();
	int64_t then = now, have = most, span = (int64_t)limits->rate_seconds * 1000;
	char text[64] = "";
	int len;

	if (pread(fd, text, sizeof(text) - 1, 0) < 0)
		return -1;
	if (sscanf(text, "%" SCNd64 " %" SCNd64, &have, &then) == 2) {
		have = have > most ? most : have < 0 ? 0 : have;
		/* A clock that was put back would stop everything. */
		if (then > now || then < now - span)
			then = now - span;
		have = clock_earlier(have + (now - then) * most / span, most);
	}
	if (have < 1000)
		return ((1000 - have) * span + most - 1) / most;
	len = snprintf(text, sizeof(text), "%-20" PRId64 " %-20" PRId64 "\n", have - 1000, now);
	return pwrite(fd, text, (size_t)len, 0) == len ? 0 : -1;
}

static enum leave
await_token(const struct state *state, const struct limits *limits, int64_t deadline)
{
	int fd = open_file(state, "rate", limits->relay);
	int64_t wait = -1;

	while (fd >= 0) {
		/* Held for no longer than it takes to look. */
		wait = flock(fd, LOCK_EX) == 0 ? take_token(fd, limits) : -1;
		flock(fd, LOCK_UN);
		if (wait <= 0 || wait > clock_left(deadline))
			break;
		pause_ms(wait);
	}
	if (fd >= 0)
		close(fd);
	return wait == 0 ? LEAVE_GIVEN : wait < 0 ? LEAVE_UNKNOWN : LEAVE_NO_TOKEN;
}

enum leave
state_enter(const struct state *state, const struct limits *limits, int64_t deadline, int *slot)
{
	enum leave leave = LEAVE_GIVEN;

	*slot = -1;
	if (limits->connections > 0)
		leave = take_slot(state, limits, deadline, slot);
	if (leave == LEAVE_GIVEN && limits->rate > 0)
		leave = await_token(state, limits, deadline);
	return leave;
}

void
state_leave(int slot)
{
	if (slot >= 0)
		close(slot);
}

static void
down_file(char out[NAME_SIZE], const struct ip *ip, uint16_t port)
{
	char text[IP_TEXT_SIZE];

	ip_format(ip, text);
	snprintf(out, NAME_SIZE, DOWN "%s.%u", text, port);
}

static bool
within_penalty(const struct state *state, const char *name)
{
	struct stat st;
	int64_t age;

	if (fstatat(state->dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	age = real_ms() - ((int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000);
	return age >= 0 && age < state->penalty_ms;
}

bool
state_is_down(const struct state *state, const struct ip *ip, uint16_t port)
{
	char name[NAME_SIZE];

	if (state->dir < 0 || state->penalty_ms == 0)
		return false;
	down_file(name, ip, port);
	return within_penalty(state, name);
}

/* There is a file for every address that ever failed, else. */
static void
clear_away(const struct state *state)
{
	int fd = openat(state->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(dir)) != NULL)
		if (strncmp(entry->d_name, DOWN, strlen(DOWN)) == 0 &&
		    !within_penalty(state, entry->d_name))
			unlinkat(state->dir, entry->d_name, 0);
	closedir(dir);
}

void
state_down(const struct state *state, const struct ip *ip, uint16_t port)
{
	char name[NAME_SIZE];
	int fd;

	if (state->dir < 0 || state->penalty_ms == 0)
		return;
	down_file(name, ip, port);
	fd = openat(state->dir, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	futimens(fd, NULL);
	close(fd);
	if (getpid() % CLEAR_EVERY == 0)
		clear_away(state);
}

void
state_up(const struct state *state, const struct ip *ip, uint16_t port)
{
	char name[NAME_SIZE];

	if (state->dir < 0 || state->penalty_ms == 0)
		return;
	down_file(name, ip, port);
	unlinkat(state->dir, name, 0);
}
