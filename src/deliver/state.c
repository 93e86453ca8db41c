#include "deliver/state.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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

/* How long a doubt counts, and that an address was slow.  For how long after its penalty an
 * address is known as one to look at. */
#define DOUBT_MS 8000
#define KNOWN_MS (60 * 60 * 1000)
#define KEPT_MS (60 * 60 * 1000)
/* A file that is just made does not bear its time yet. */
#define NEW_MS 200

/* So many who wait together are no lost packet. */
#define CROWD 3

#define DOWN "down."
#define SLOW "slow."
/* When it greeted the last time; the time of access is that when the connection was begun. */
#define UP "up."
/* On it those of a crowd have their slots. */
#define WAIT "wait."
/* One of them, an address and a port; or a kind and a relay's name, three characters for each of it. */
#define NAME_SIZE 1024

void
state_open(struct state *state, const char *path, int64_t penalty_ms)
{
	struct stat st;

	*state = (struct state){.penalty_ms = penalty_ms};
	state->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	state->error = state->dir < 0 ? errno : 0;
	if (state->dir < 0 || geteuid() != 0 || fstat(state->dir, &st) != 0)
		return;
	state->owner = st.st_uid;
	state->group = st.st_gid;
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

/* Whether it is the directory's owner's: he could have linked somebody else's there. */
static bool
is_owners(const struct state *state, int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == state->owner;
}

/* Opens or makes a file.  What root makes, who tries a delivery by hand, is for the others, too. */
static int
make(const struct state *state, const char *name, int access)
{
	int flags = access | O_NOFOLLOW | O_CLOEXEC, fd;

	if (state->owner == 0)
		return openat(state->dir, name, flags | O_CREAT, 0600);
	fd = openat(state->dir, name, flags | O_CREAT | O_EXCL, 0600);
	if (fd >= 0 && fchown(fd, state->owner, state->group) == 0)
		return fd;
	if (fd < 0 && errno == EEXIST) {
		fd = openat(state->dir, name, flags);
		if (fd < 0 || is_owners(state, fd))
			return fd;
		errno = EPERM;
	}
	if (fd >= 0)
		close(fd);
	return -1;
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
	return make(state, name, O_RDWR);
}

static int64_t
ms_of(const struct timespec *time)
{
	return (int64_t)time->tv_sec * 1000 + time->tv_nsec / 1000000;
}

static struct timespec
time_of(int64_t ms)
{
	return (struct timespec){.tv_sec = (time_t)(ms / 1000),
	    .tv_nsec = (long)(ms % 1000) * 1000000};
}

/* The real time, which goes on where the machine is off. */
static int64_t
real_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return ms_of(&now);
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

/* "down.192.0.2.1.25" */
static void
peer_file(char out[NAME_SIZE], const char *kind, const struct ip *ip, uint16_t port)
{
	char text[IP_TEXT_SIZE];

	ip_format(ip, text);
	snprintf(out, NAME_SIZE, "%s%s.%u", kind, text, port);
}

/* Milliseconds from now to the time that a file bears; false: there is none. */
static bool
time_left(const struct state *state, const char *name, int64_t *left)
{
	struct stat st;

	if (fstatat(state->dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	*left = ms_of(&st.st_mtim) - real_ms();
	return true;
}

/* A file that bears the time in so many milliseconds, and from when on. */
static void
mark(const struct state *state, const char *kind, const struct ip *ip, uint16_t port, int64_t from,
    int64_t until)
{
	int64_t now = real_ms();
	struct timespec times[2] = {time_of(now + from), time_of(now + until)};
	char name[NAME_SIZE];
	int fd;

	peer_file(name, kind, ip, port);
	/* By its name, unless that may be of somebody else's file. */
	if (state->owner == 0 &&
	    (utimensat(state->dir, name, times, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT))
		return;
	fd = make(state, name, O_WRONLY);
	if (fd < 0)
		return;
	futimens(fd, times);
	close(fd);
}

static bool
keeps(const struct state *state)
{
	return state->dir >= 0 && state->penalty_ms > 0;
}

/* What is left of a penalty; more is where a clock was put back. */
static bool
counts(const struct state *state, int64_t left)
{
	return left > -NEW_MS && (left <= state->penalty_ms || left <= STATE_LOOK_MS);
}

enum standing
state_look(const struct state *state, const struct ip *ip, uint16_t port)
{
	char name[NAME_SIZE];
	int64_t left;

	if (!keeps(state))
		return STANDING_UNTOLD;
	peer_file(name, DOWN, ip, port);
	if (time_left(state, name, &left)) {
		if (counts(state, left))
			return STANDING_DOWN;
		mark(state, DOWN, ip, port, 0, STATE_LOOK_MS);
		return STANDING_SLOW;
	}
	peer_file(name, SLOW, ip, port);
	/* More is where a clock was put back. */
	return time_left(state, name, &left) && left > 0 && left <= KNOWN_MS ? STANDING_SLOW
									     : STANDING_GOOD;
}

static bool
is_of(const char *name, const char *kind)
{
	return strncmp(name, kind, strlen(kind)) == 0;
}

/* There is a file for every address that ever failed, else. */
static void
clear_away(const struct state *state)
{
	int fd = openat(state->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	int64_t left;

	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(dir)) != NULL)
		if ((is_of(entry->d_name, DOWN) || is_of(entry->d_name, SLOW) ||
			is_of(entry->d_name, UP) || is_of(entry->d_name, WAIT)) &&
		    time_left(state, entry->d_name, &left) && left < -KEPT_MS)
			unlinkat(state->dir, entry->d_name, 0);
	closedir(dir);
}

static void
mark_down(const struct state *state, const struct ip *ip, uint16_t port, int64_t ms)
{
	if (!keeps(state))
		return;
	mark(state, DOWN, ip, port, 0, clock_earlier(ms, state->penalty_ms));
	if (getpid() % CLEAR_EVERY == 0)
		clear_away(state);
}

void
state_doubt(const struct state *state, const struct ip *ip, uint16_t port)
{
	mark_down(state, ip, port, DOUBT_MS);
}

void
state_down(const struct state *state, const struct ip *ip, uint16_t port)
{
	mark_down(state, ip, port, state->penalty_ms);
}

void
state_up(const struct state *state, const struct ip *ip, uint16_t port, int64_t after_ms)
{
	char name[NAME_SIZE];

	if (!keeps(state))
		return;
	mark(state, UP, ip, port, -after_ms, 0);
	peer_file(name, DOWN, ip, port);
	unlinkat(state->dir, name, 0);
	if (after_ms > STATE_PROMPT_MS)
		mark(state, SLOW, ip, port, 0, KNOWN_MS);
}

/* Whether one who has waited so long may still be greeted: another was meanwhile; or the last one
 * was, after a time that is no less than half of it. */
static bool
may_greet(const struct waiter *waiter, int64_t waited)
{
	char name[NAME_SIZE];
	struct stat st;
	int64_t ago;

	peer_file(name, UP, waiter->ip, waiter->port);
	if (fstatat(waiter->state->dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	ago = real_ms() - ms_of(&st.st_mtim);
	return (ago >= 0 && ago <= waited) ||
	    waited < 2 * (ms_of(&st.st_mtim) - ms_of(&st.st_atim));
}

/* Whether there are so many that no seat is left; all but the last have one. */
static bool
is_crowd(struct waiter *waiter)
{
	char name[NAME_SIZE];
	int fd, rc;

	if (waiter->seat >= 0)
		return false;
	peer_file(name, WAIT, waiter->ip, waiter->port);
	fd = make(waiter->state, name, O_RDWR);
	if (fd < 0)
		return false;
	rc = try_slots(fd, CROWD - 1);
	if (rc == 1)
		waiter->seat = fd;
	else
		close(fd);
	return rc == 0;
}

bool
state_vain(struct waiter *waiter)
{
	char name[NAME_SIZE];
	int64_t left;

	peer_file(name, DOWN, waiter->ip, waiter->port);
	if (time_left(waiter->state, name, &left) && counts(waiter->state, left))
		return true;
	if (may_greet(waiter, clock_now() - waiter->since)) {
		waiter_leave(waiter);
		return false;
	}
	if (!is_crowd(waiter))
		return false;
	state_doubt(waiter->state, waiter->ip, waiter->port);
	return true;
}

void
waiter_leave(struct waiter *waiter)
{
	state_leave(waiter->seat);
	waiter->seat = -1;
}
