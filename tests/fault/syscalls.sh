#!/bin/bash
# syscalls.sh DRIVER PLANT - kills publish_driver at every system call after it
# has the lock, lets each of them fail, and looks at the files afterwards: each
# is old or new and never in between, exit 0 means that both are new, and the
# next run needs no repair.  DRIVER is the built publish_driver.c, PLANT the
# shared object of plant.c, whose mistakes must be noticed.
set -u
export LC_ALL=C ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0

driver=$(realpath "$1")
plant=$(realpath "$2")
work=$(mktemp -d "${TMPDIR:-/tmp}/tmail-fault-XXXXXX")
trap 'rm -rf "$work"' EXIT
command -v strace >/dev/null || { echo "SKIP: no strace"; exit 1; }

CONF=routes.conf INDEX=routes.idx LOCK=.routes.conf.lock
OLD=$'old\n' NEW=$'old\nnew\n'
preload=()	# strace options that plant a mistake
stop_early=	# with a mistake planted, the first failure is enough

good() {
	passed=$((passed + 1))
}

bad() {
	failed=$((failed + 1))
	[ -n "$stop_early" ] && echo "noticed: $scenario, $fault: ${*//$'\n'/, }" ||
		echo "FAILED: $scenario, $fault: $*"
}

# The scenarios: how the files are before each run.
scenario_plain() {
	printf '%s' "$OLD" >$CONF
	printf '%s' "$OLD" >$INDEX
	chmod 600 $CONF $INDEX
	looks="600 $(id -u):$(id -g)"
}

# On a file system that cannot exchange two names.
scenario_renamed() {
	scenario_plain
	preload=(-E LD_PRELOAD="$plant" -E PLANT=no-exchange)
}

scenario_absent() {
	OLD='' NEW=$'new\n'
	looks="600 $(id -u):$(id -g)"
}

# Everything that attributes.c can set is set here.
scenario_owned() {
	scenario_plain
	chown 65534:1 $CONF $INDEX && setfacl -m u:games:r $CONF $INDEX || return
	looks="640 65534:1"
}

# A fresh directory for one run, which becomes the working directory.
reset() {
	cd "$work/$scenario" && rm -rf run && cp -a pristine run && cd run || exit
}

# What is in the file: old, new, or torn.
content() {
	local text=
	[ -e "$1" ] && IFS= read -r -d '' text <"$1"
	case $text in
	"$NEW") echo new ;;
	"$OLD") echo old ;;
	*) echo torn ;;
	esac
}

# The calls after the lock is taken, each as NAME ORDINAL.
calls() {
	awk '{ sub(/\(.*/, "", $2); n[$2]++ }
		begun && $2 !~ /^(exit_group|\+\+\+)$/ { print $2, n[$2] }
		/flock.*LOCK_NB\) = 0/ { begun = 1 }' "$work/$scenario/trace"
}

# How a call may fail.
errors() {
	case $1 in
	openat) echo EACCES EMFILE ENOSPC ;;
	write) echo EIO ENOSPC EFBIG ;;
	fsync) echo EIO ENOSPC EDQUOT ;;
	close) echo EIO EINTR ;;
	renameat | renameat2) echo EIO ENOSPC EBUSY EINVAL ;;
	linkat) echo EPERM EMLINK ;;
	flock) echo ENOLCK ;;
	fchown | fchmod) echo EPERM ;;
	fsetxattr) echo EOPNOTSUPP ENOSPC ;;
	fcntl) echo EMFILE ;;
	faccessat2) echo EROFS ;;
	read | unlinkat | statx | newfstatat | fstat) echo EIO ;;
	*xattr) echo EIO ;;
	brk | mmap | munmap | getrandom | rt_sig*) ;; # no errors, or none that the C library bears
	*) echo EIO ;;
	esac
}

# Runs the driver with a fault; sets code, message, conf and index.
run() {
	reset
	{ strace -f -o /dev/null "${preload[@]}" -e trace="$1" -e inject="$1:$2" \
	    "$driver" $CONF $INDEX new 2>../message >&2; } 2>/dev/null
	code=$?
	message=$(<../message)
	conf=$(content $CONF)
	index=$(content $INDEX)
}

# No file but those known; nothing that others can read; sets temporaries.
check_files() {
	local name size mode owner
	temporaries=0
	while read -r name size mode owner; do
		case $name in
		"$LOCK") [ "$mode $size" = "600 0" ] || bad "lock file: mode $mode, size $size" ;;
		"$CONF" | "$INDEX") [ "$mode $owner" = "$looks" ] || bad "$name is $mode $owner" ;;
		".$CONF.tmail-tmp" | ".$INDEX.tmail-tmp" | ".$CONF.tmail-tmp-2" | ".$INDEX.tmail-tmp-2")
			temporaries=$((temporaries + 1))
			[ "$mode" = 600 ] ||
				[ "$mode $owner $(content "$name")" = "$looks new" ] ||
				[ "$mode $owner $(content "$name")" = "$looks old" ] ||
				bad "$name is $mode $owner, $(content "$name")" ;;
		*) bad "stray file $name" ;;
		esac
	done < <(find . -type f -printf '%P %s %m %U:%G\n')
}

# What must hold however the run ended.
check_old_or_new() {
	[ $conf != torn ] || bad "torn conf"
	[ $index != torn ] || bad "torn index"
	[ "$conf $index" != "old new" ] || bad "index ahead of its conf"
	[ $code != 0 ] || [ "$conf $index" = "new new" ] || bad "exit 0, conf $conf, index $index"
	check_files
}

check_killed() {
	check_old_or_new
	[ $code = 137 ] || bad "exit $code, not killed"
}

check_terminated() {
	check_old_or_new
	[ $code = 143 ] || bad "exit $code, not terminated"
	[ $temporaries = 0 ] || bad "temporary files after SIGTERM"
}

# $1: the call that failed.
check_failed() {
	local expected=$code
	check_old_or_new
	[ $temporaries = 0 ] || [ "$1" = unlinkat ] || bad "temporary files, exit $code"
	[ $code = 0 ] || [ -n "$message" ] || [ "$1" = write ] || bad "exit $code without a word"
	case $code in
	0) [ "$1" != fsync ] || bad "exit 0, though a sync failed" ;;
	3 | 66 | 73 | 74 | 75 | 77) ;;
	*) bad "exit $code: $message" ;;
	esac
	[ "$conf $index" != "new old" ] || expected=3
	[ $code = $expected ] && { [ $code != 3 ] || [ "$conf $index" = "new old" ]; } ||
		bad "exit $code, conf $conf, index $index"
}

# A fault that is no error.
check_repeated() {
	check_failed "$1"
	[ $code = 0 ] || bad "exit $code: $message"
}

# The next run works and leaves nothing but conf, index and lock.
check_healed() {
	local text before=$OLD
	[ $conf = new ] && before=$NEW
	"$driver" $CONF $INDEX again 2>../message || bad "the next run fails: $(<../message)"
	for file in $CONF $INDEX; do
		IFS= read -r -d '' text <$file
		[ "$text" = "$before"$'again\n' ] || bad "$file after the next run"
	done
	check_files
	[ $temporaries = 0 ] || bad "temporary files after the next run"
}

# One run: call, what strace does to it, the check.
try() {
	local failed_before=$failed
	fault="$1:$2"
	run "$1" "$2"
	"$3" "$1"
	[ -n "$stop_early" ] || check_healed
	[ $failed != $failed_before ] || good
	[ -z "$stop_early" ] || [ $failed = 0 ]
}

# Every call once for each fault; the kinds of faults are the arguments.
sweep() {
	local call n error kind
	while read -r call n <&3; do
		for kind; do
			case $kind in
			kill) try "$call" "signal=SIGKILL:when=$n" check_killed || return ;;
			term) try "$call" "signal=SIGTERM:when=$n" check_terminated || return ;;
			esac
			[ "$kind" = once ] || [ "$kind" = forever ] || continue
			for error in $(errors "$call"); do
				[ $kind = once ] && when=$n || when=$n+
				try "$call" "error=$error:when=$when" check_failed || return
			done
		done
		[[ " $* " == *" once "* ]] || continue
		case $call in
		write) try write "error=EINTR:when=$n" check_repeated || return ;;
		flock) try flock "error=EAGAIN:when=$n" check_repeated || return ;;
		esac
	done 3< <(calls)
}

# In a trace: files synced after their last write and before the first rename,
# directories after the last.
order() {
	local problem
	fault=order
	problem=$(awk '
		{ name = $0; sub(/>.*/, "", name); sub(/.*\//, "", name) }
		/ write\(.*tmail-tmp>/ { unsynced[name] = 1 }
		/ fsync\(.*tmail-tmp>\) += 0/ { delete unsynced[name] }
		/ fsync\(/ && !/tmail-tmp/ { directory = 1 }
		/ renameat2?\(.*= 0/ {
			renames++
			directory = 0
			for (f in unsynced)
				print f " is not synced"
		}
		END { if (renames != 2) print renames " renames"
			if (!directory) print "the directory is not synced" }' \
		"$work/$scenario/trace")
	[ -z "$problem" ] && good || bad "$problem"
}

# Two writers at once: no line may get lost.
writers() {
	local i writer lines
	fault="two writers"
	reset
	for writer in 1 2; do
		for ((i = 0; i < 30; i++)); do
			"$driver" $CONF $INDEX "$writer-$i" 2>>../message || echo $? >>../ends
		done &
	done
	wait
	lines=$(sort -u $CONF | wc -l)
	[ ! -e ../ends ] && [ "$lines" = 61 ] && cmp -s $CONF $INDEX && good ||
		bad "$lines lines, exits $(sort ../ends 2>/dev/null | uniq -c | tr '\n' ' ')"
	check_files
	rm -f ../ends
}

# Makes the directory of a scenario and records an undisturbed run.
prepare() {
	scenario=$1
	passed=0 failed=0 fault=preparation
	mkdir -p "$work/$scenario/pristine" && cd "$work/$scenario/pristine" &&
		"scenario_${1%%-*}" && reset &&
		strace -f -y -o ../trace "${preload[@]}" "$driver" $CONF $INDEX new ||
		bad "cannot be run"
}

report() {
	echo "$passed $failed" >"$work/$scenario.result"
}

# A mistake must make one of the checks fail.
plant() {
	preload=(-E LD_PRELOAD="$plant" -E PLANT="$1")
	stop_early=1
	[ "$1" != lock ] || export LD_PRELOAD=$plant PLANT=lock
	prepare "plain-$1"
	shift
	"$@"
	unset LD_PRELOAD
	[ $failed = 0 ] && passed=0 failed=1 || passed=1 failed=0
	[ $failed = 0 ] || echo "FAILED: nobody noticed the planted mistake: $scenario"
	report
}

whole() {
	preload=()
	prepare "$1"
	order
	sweep kill term once forever
	[ "$1" != plain ] || writers
	report
}

whole plain &
{
	whole absent
	whole renamed
	if [ "$(id -u)" = 0 ] && command -v setfacl >/dev/null; then
		whole owned
	else
		echo "SKIP: owners and ACLs need root and setfacl"
	fi
} &
wait
(plant sync order)
(plant directory-sync order)
(plant sync-again sweep once)
(plant mode sweep kill)
(plant overwrite sweep kill)
(plant write sweep once)
(plant leftover sweep once)
(plant lock writers)

passed=0 failed=0
for result in "$work"/*.result; do
	read -r p f <"$result"
	passed=$((passed + p)) failed=$((failed + f))
done
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
