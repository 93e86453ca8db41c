#include "wiring/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ADMINISTRATORS "/usr/sbin:/usr/local/sbin:/sbin"

/* Of the environment what is not Postfix's own: MAIL_CONFIG would be another directory. */
static void
clean_environment(void)
{
	static const char *const named[] = {"MAIL_CONFIG", "MAIL_DEBUG", "MAIL_VERBOSE", "MAIL_LOGTAG",
	    "POSTLOG_SERVICE", "POSTLOG_HOSTNAME", "LANG", "LANGUAGE"};
	const char *path = getenv("PATH");
	struct arena arena = {0};

	for (size_t i = 0; i < sizeof(named) / sizeof(*named); i++)
		unsetenv(named[i]);
	setenv("LC_ALL", "C", 1);
	setenv("PATH", arena_printf(&arena, "%s%s" ADMINISTRATORS, path == NULL ? "" : path,
	    path == NULL ? "" : ":").ptr, 1);
	arena_release(&arena);
}

/* Signals and descriptors are as a program expects them; it dies with its parent. */
static _Noreturn void
become(const char *const *words, const int fds[2], pid_t parent)
{
	char *argv[CHILD_WORDS + 1] = {NULL};
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	clean_environment();
	for (int n = 0; n < CHILD_WORDS && words[n] != NULL; n++)
		argv[n] = strdup(words[n]);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent && nothing >= 0 &&
	    dup2(nothing, STDIN_FILENO) >= 0 && dup2(fds[0], STDOUT_FILENO) >= 0 &&
	    dup2(fds[1], STDERR_FILENO) >= 0)
		execvp(argv[0], argv);
	dprintf(fds[1], "%s\n", strerror(errno));
	_exit(127);
}

static struct slice
read_whole(int fd, struct arena *arena)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = arena_bytes(arena, (size_t)(size < 0 ? 0 : size) + 1);
	ssize_t n = size <= 0 ? 0 : pread(fd, text, (size_t)size, 0);

	n = n < 0 ? 0 : n;
	text[n] = '\0';
	return slice(text, (size_t)n);
}

static const char *
wait_for(pid_t pid, const char *name, int err, struct arena *arena)
{
	struct slice text;
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return arena_printf(arena, "%s: %s", name, strerror(errno)).ptr;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return NULL;
	text = read_whole(err, arena);
	text.len = strcspn(text.ptr, "\n");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return arena_printf(arena, "cannot run %s: %.*s", name, (int)text.len, text.ptr).ptr;
	return text.len > 0 ? arena_printf(arena, "%.*s", (int)text.len, text.ptr).ptr
	    : arena_printf(arena, "%s has failed", name).ptr;
}

const char *
child_run(const char *const *argv, struct arena *arena, struct slice *out)
{
	int fds[2] = {memfd_create("output", MFD_CLOEXEC), memfd_create("errors", MFD_CLOEXEC)};
	const char *why = NULL;
	pid_t parent = getpid(), pid = -1;

	*out = slice("", 0);
	if (fds[0] >= 0 && fds[1] >= 0) {
		signal(SIGCHLD, SIG_DFL);
		pid = fork();
	}
	if (pid == 0)
		become(argv, fds, parent);
	if (pid < 0)
		why = arena_printf(arena, "cannot run %s: %s", argv[0], strerror(errno)).ptr;
	else
		why = wait_for(pid, argv[0], fds[1], arena);
	if (why == NULL)
		*out = read_whole(fds[0], arena);
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return why;
}
