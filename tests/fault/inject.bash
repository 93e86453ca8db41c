# inject.bash - what the sweeps of system calls share: how each call may fail,
# the calls of a recorded run, a run in which one of them fails, and the count.
# Sourced.  With FAULT_FULL set nothing is left out; else a sweep that would take
# too long tries every $every-th case, always the same ones.
export LC_ALL=C ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0
command -v strace >/dev/null || { echo "SKIP: no strace"; exit 1; }

work=$(mktemp -d "${TMPDIR:-/tmp}/tmail-fault-XXXXXX") || exit
trap 'rm -rf "$work"' EXIT
preload=()	# strace options that plant a mistake
stop_early=	# with a mistake planted, the first failure is enough
every=1
cases=0 passed=0 failed=0

good() {
	passed=$((passed + 1))
}

bad() {
	failed=$((failed + 1))
	[ -n "$stop_early" ] && echo "noticed: $scenario, $fault: ${*//$'\n'/, }" ||
		echo "FAILED: $scenario, $fault: $*"
}

# sampled - whether it is the turn of this case.
sampled() {
	cases=$((cases + 1))
	[ -n "${FAULT_FULL:-}" ] || [ $((cases % every)) = 0 ]
}

# slurp FILE - its bytes in $text, for comparison: NUL becomes \001.  No process
# is started, as this is done for every case.
slurp() {
	local parts IFS=$'\001'

	mapfile -d '' parts <"$1"
	text="${#parts[@]} ${parts[*]}"
}

# calls TRACE PATTERN - the calls after the first line that has PATTERN, each as
# NAME ORDINAL LINE.  One tracee, from strace -f.
calls() {
	awk -v begin="$2" '$2 == "<..." { next }
		{ name = $2; sub(/\(.*/, "", name); n[name]++ }
		!begun && $0 ~ begin { begun = 1 }
		begun && name !~ /^(exit_group|exit|\+\+\+|---)$/ { print name, n[name], $0 }' "$1"
}

# again CALL ERROR - whether the error, for ever, would only mean: for ever again.
again() {
	[ "$2" = EINTR ] && [ "$1" != close ]
}

# errors CALL LINE - how it may fail.  No errors: calls that have none, or none
# that the C library bears (the kernel's brk never fails as strace would have it).
errors() {
	case $1 in
	brk | munmap | exit* | rt_sig* | getpid | getppid | gettid | get*uid | get*gid | \
	    arch_prctl | set_* | rseq | futex | sched_* | alarm | umask) ;;
	# The sanitizers' own memory fails in their own way.
	mmap | mremap | mprotect) [[ -n ${DEV:-} || $2 == *PROT_NONE* ]] || echo ENOMEM ;;
	madvise) echo EAGAIN EINVAL ;;
	open | openat) case $2 in
		*O_CREAT* | *O_TMPFILE*)
			echo EACCES EMFILE ENFILE ENOSPC EDQUOT EIO EROFS ENOMEM EPERM ;;
		*) echo EACCES EMFILE ENFILE EIO ENOMEM ;;
		esac ;;
	read | pread64 | readv) echo EIO ;;
	write | writev | pwrite64) echo EIO ENOSPC EDQUOT EFBIG ;;
	fsync | fdatasync) echo EIO ENOSPC EDQUOT ;;
	close) echo EIO EINTR ENOSPC EDQUOT ;;
	rename | renameat) echo EIO ENOSPC EDQUOT EBUSY EXDEV EPERM EACCES EROFS ;;
	renameat2) echo EIO ENOSPC EDQUOT EBUSY EXDEV EPERM EACCES EROFS EINVAL ENOSYS ;;
	link | linkat | symlinkat) echo EIO ENOSPC EDQUOT EPERM EROFS EMLINK ;;
	unlink | unlinkat) echo EIO EPERM EACCES EBUSY EROFS ;;
	flock) echo ENOLCK EINTR ;;
	fchown | fchownat | fchmod | fchmodat) echo EPERM EIO EROFS EDQUOT ;;
	fsetxattr | fremovexattr) echo EOPNOTSUPP ENOSPC EDQUOT EPERM EIO ;;
	fgetxattr | flistxattr) echo EOPNOTSUPP EIO ENOMEM ;;
	fcntl) [[ $2 == *F_DUPFD* ]] && echo EMFILE || echo EBADF ;;
	dup | dup2 | dup3) echo EMFILE EBUSY ;;
	faccessat2 | access | faccessat) echo EACCES EROFS EIO ENOMEM ;;
	readlink | readlinkat) echo EACCES EIO ENOMEM ;;
	getcwd) echo EACCES ENOMEM ;;
	stat | lstat | newfstatat | fstat | statx) echo EACCES EIO ENOMEM ;;
	getdents64) echo EIO ;;
	ftruncate | fallocate | copy_file_range) echo EIO ENOSPC EDQUOT EFBIG ;;
	lseek) echo EINVAL ;;
	getrandom) echo EAGAIN ENOSYS ;;
	ioctl) echo ENOTTY EIO ;;
	memfd_create) echo EMFILE ENOMEM ;;
	pipe2 | eventfd2 | socketpair) echo EMFILE ENFILE ;;
	clone | clone3 | fork | vfork) echo EAGAIN ENOMEM ;;
	execve) echo EACCES ENOENT ENOMEM ETXTBSY ;;
	wait4 | waitid) echo ECHILD EINTR ;;
	nanosleep | clock_nanosleep) echo EINTR ;;
	kill | tgkill) echo EPERM ;;
	prctl) echo EINVAL EPERM ;;
	socket) echo EMFILE ENFILE ENOBUFS EACCES EAFNOSUPPORT ;;
	connect) echo ECONNREFUSED ENETUNREACH EHOSTUNREACH ETIMEDOUT EADDRNOTAVAIL EACCES ;;
	bind) echo EADDRINUSE EADDRNOTAVAIL EACCES ;;
	send | sendto | sendmsg | sendmmsg) echo EPIPE ECONNRESET ENOBUFS ENETDOWN ;;
	recv | recvfrom | recvmsg) echo ECONNRESET ENOMEM ;;
	setsockopt | getsockopt) echo EINVAL ENOPROTOOPT ENOMEM ;;
	getsockname | getpeername) echo ENOTCONN ENOBUFS ;;
	poll | ppoll | select | pselect6) echo ENOMEM EINTR ;;
	uname | sysinfo | prlimit64 | getrlimit) echo EPERM ;;
	*) echo EIO ;;
	esac
}

# injected CALL WHAT COMMAND... - runs the command with a fault; sets code.  The
# program's output is in $work/$scenario/out and message.  Fails if the fault was
# not met: nothing was shown then.
injected() {
	local log=$work/$scenario/log fast=--seccomp-bpf

	# With it strace sends no signals.
	[[ $2 == error=* ]] || fast=
	: >"$log"
	{ timeout -k 5 "${bound:-60}" strace -f $fast -o "$log" "${preload[@]}" -e trace="$1" \
	    -e inject="$1:$2" "${@:3}" >"$work/$scenario/out" 2>"$work/$scenario/message"; } \
	    2>/dev/null
	code=$?
	slurp "$log"
	[[ $text == *"(INJECTED"* || $text == *"--- SIGTERM"* || $text == *"killed by SIGKILL"* ]]
}

report() {
	echo "$passed $failed" >"$work/$scenario.result"
}

# summary - adds up the reports, as the script's last line.
summary() {
	local result p f

	passed=0 failed=0
	for result in "$work"/*.result; do
		read -r p f <"$result"
		passed=$((passed + p)) failed=$((failed + f))
	done
	echo "$passed passed, $failed failed"
	[ $failed = 0 ] && [ $passed -gt 0 ]
}
