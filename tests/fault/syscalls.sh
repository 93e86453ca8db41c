#!/bin/bash
# syscalls.sh TMAIL PLANT [COMMAND...] - kills add, set, del, number and compile at every system call
# of their own, lets each of them fail in every way it can, and looks at the files
# afterwards: each is old or new and never in between, exit 0 means that all are
# new, no ID moves, and the next run needs no repair.  PLANT is the shared object
# of plant.c, whose mistakes must be noticed.  With COMMANDs (add, set, del,
# number, relay, compile, mistakes) no others are tried: make check runs it in several parts.
set -u
. "$(dirname "$0")/inject.bash"

tmail=$(realpath "$1")
plant=$(realpath "$2")
shift 2
[ $# != 0 ] || set -- add set del number relay compile mistakes
unset TMAIL_ROUTES_CONF TMAIL_ROUTES_INDEX
# All of it takes a processor some fifteen minutes, and hours with sanitizers.
every=${DEV:+80}
every=${every:-9}

declare -A old new old_looks numbered

compile() {
	"$tmail" routes compile -q -c routes.conf -i "$index"
}

# The scenarios: how the files are before each run, and what is run.  confs are the
# files of the configuration, created: mode and owner of a file that is made.
scenario_one() {
	printf 'route %s\n' '1 to a.example via r.example' '2 to b.example via r.example' \
	    '3 to c.example via r.example' >routes.conf
	confs=(routes.conf)
	index=routes.idx
	compile
}

scenario_includes() {
	mkdir inc other
	printf '%s\n' 'include "inc/b.conf"' 'include "c.conf"' \
	    'route 1 to a.example via r.example' >routes.conf
	printf '%s\n' 'route 2 to b.example via r.example' >inc/b.conf
	printf '%s\n' 'route 3 to c.example via r.example' >c.conf
	confs=(routes.conf inc/b.conf c.conf)
	index=other/x.idx
	compile
}

# A relay in a file of its own.
scenario_relay() {
	scenario_includes
	echo 'relay r r.example' >inc/b.conf
	sed -i 's/via r.example/via @r/' routes.conf
	compile
}

# The first numbering of routes in several files.  The IDs come before the edit: a
# file with them alone is whole as well.
scenario_number() {
	local file text id=0

	scenario_includes
	sed -i 's/route [0-9]/route/' "${confs[@]}"
	for file in inc/b.conf c.conf routes.conf; do
		id=$((id + 1))
		sed "s/route/route $id/" $file >numbered
		slurp numbered
		numbered[$file]=$text
	done
	rm numbered
}

# On a file system that cannot exchange two names.
scenario_renamed() {
	scenario_number
	preload=(-E LD_PRELOAD="$plant" -E PLANT=no-exchange)
}

scenario_absent() {
	confs=(routes.conf)
	index=routes.idx
}

# Everything that attributes.c can set is set here.
scenario_owned() {
	scenario_one
	chown 65534:1 routes.conf routes.idx && setfacl -m u:games:r routes.conf routes.idx &&
		[ "$(stat -c '%a %u:%g' routes.conf)" = "640 65534:1" ]
}

command_add() {
	program=("$tmail" routes add -c routes.conf -i "$index" -d b.example -rh new.example)
}

command_set() {
	program=("$tmail" routes set -c routes.conf -i "$index" 2 -p 3)
}

command_del() {
	program=("$tmail" routes del -c routes.conf -i "$index" 3)
}

command_number() {
	program=("$tmail" routes number -c routes.conf -i "$index")
}

command_relay() {
	program=("$tmail" routes set -c routes.conf -i "$index" @r -rh new.example)
}

# An index of what the configuration was before.
command_compile() {
	program=("$tmail" routes compile -c routes.conf -i "$index")
	sed -i '/ 3 /s/r.example/s.example/' "${confs[@]}"
}

# state FILE - old, new or torn in $state; with nothing but its IDs written, mixed;
# of a file that does not change, same.
state() {
	local text=absent

	[ ! -e "$1" ] || slurp "$1"
	state=torn
	[ "$text" != "${numbered[$1]:-}" ] || state=mixed
	[ "$text" != "${old[$1]}" ] || state=old
	[ "$text" != "${new[$1]}" ] || state=new
	[ "${old[$1]}" != "${new[$1]}" ] || [ $state = torn ] || state=same
}

# look - sets files (names, modes, owners), conf (the state of all files of the
# configuration: old, new, mixed, torn) and index_state; and seen, all together.
look() {
	local file

	files=$(find . -type f -printf '%P %s %m %U:%G\n')
	conf=same
	for file in "${confs[@]}"; do
		state "$file"
		case $conf,$state in
		*,same | torn,* | "$state",*) ;;
		same,* | *,torn) conf=$state ;;
		*) conf=mixed ;;
		esac
	done
	state "$index"
	index_state=$state
	seen="$conf $index_state $files"
}

# A fresh directory, which becomes the working directory, unless it still is one.
reset() {
	[ "${seen:-}" != "$pristine" ] || return
	cd "$work/$scenario" && rm -rf run && cp -a pristine run && cd run || exit
}

# A temporary file is its owner's alone until it is complete.
check_temporary() {
	local file=${1##*/}

	temporaries=$((temporaries + 1))
	[ "$2" != 600 ] || return
	file=${file#.}
	file=${file%%.tmail-tmp*}
	[ "$1" = "${1##*/}" ] || file=${1%/*}/$file
	slurp "$1"
	[ "$2 $3" = "${old_looks[$file]:-$created}" ] &&
		{ [ "$text" = "${new[$file]:-}" ] || [ "$text" = "${old[$file]:-}" ] ||
			[ "$text" = "${numbered[$file]:-}" ]; } ||
		bad "$1 is $2 $3"
}

# No file but those known; nothing that others can read; sets temporaries.
check_files() {
	local name size mode owner beside_index=.${index##*/}.lock

	[[ $index != */* ]] || beside_index=${index%/*}/$beside_index
	temporaries=0
	while read -r name size mode owner; do
		case $name in
		'') ;;
		# compile locks beside the index where it may not beside the configuration.
		.routes.conf.lock | "$beside_index") [ "$mode $size" = "600 0" ] ||
			bad "lock file: mode $mode, size $size" ;;
		.*.tmail-tmp* | */.*.tmail-tmp*) check_temporary "$name" "$mode" "$owner" ;;
		*) [ -n "${new[$name]:-}" ] || bad "stray file $name"
			[ "$mode $owner" = "${old_looks[$name]:-$created}" ] ||
				bad "$name is $mode $owner" ;;
		esac
	done <<<"$files"
}

# What must hold however the run ended.
check_old_or_new() {
	[ "$conf" != torn ] || bad "torn conf"
	[ "$index_state" != torn ] || bad "torn index"
	[[ ! $conf,$index_state =~ ^(old|mixed),new$ ]] || bad "index ahead of its conf"
	[ "$code" != 0 ] || { [[ $conf != old && $conf != mixed ]] && [ "$index_state" = new ]; } ||
		bad "exit 0, conf $conf, index $index_state"
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

# $1: the call that failed, $2 how.
check_failed() {
	check_old_or_new
	[ $temporaries = 0 ] || [[ $1 == unlink* ]] || bad "temporary files, exit $code"
	[ $code = 0 ] || [ -s ../message ] || [[ $1,$2 == write*,*+ ]] ||
		bad "exit $code without a word"
	case $code in
	0) [[ $1 != fsync || $2 == *EINVAL* ]] || bad "exit 0, though a sync failed"
		cmp -s ../out ../said || bad "exit 0, but it said: $(<../out)" ;;
	3) [ "$conf $index_state" = "new old" ] ||
		bad "exit 3, conf $conf, index $index_state" ;;
	65 | 66 | 71 | 73 | 74 | 75 | 77) [ "$conf $index_state" != "new old" ] ||
		bad "exit $code, conf new, index old" ;;
	*) bad "exit $code: $(<../message)" ;;
	esac
}

# A fault that is no error.
check_repeated() {
	check_failed "$1" "$2"
	[ $code = 0 ] || bad "exit $code: $(<../message)"
}

# ids - each route's ID, destination and relay.
ids() {
	[ ! -e routes.conf ] || "$tmail" routes list --json -q -c routes.conf -i "$index" \
	    2>/dev/null | jq -c '[.id, .to, .host]'
}

# The next run works, moves no ID and leaves nothing behind.  It depends on nothing
# but the files as they are: once for each way they can be.
check_healed() {
	local before after id code_before=$code failed_before=$failed

	[ -z "${healed[$seen]:-}" ] || return
	before=$(ids)
	[ "$before" = "$ids_old" ] || [ "$before" = "$ids_new" ] || bad "IDs moved: $before"
	id=$("$tmail" routes add -q -c routes.conf -i "$index" -d z.example -rh z 2>../message) ||
		bad "the next run fails: $(<../message)"
	after=$(ids)
	[ "$after" = "$before${before:+$'\n'}[$id,[\"z.example\"],\"z\"]" ] ||
		bad "after the next run: $after"
	"$tmail" routes verify -c routes.conf -i "$index" >/dev/null 2>../message ||
		bad "after the next run: $(<../message)"
	files=$(find . -type f -printf '%P %s %m %U:%G\n')
	check_files
	[ $temporaries = 0 ] || bad "temporary files after the next run"
	[ $failed != $failed_before ] || healed[$seen]=yes
	seen= code=$code_before
}

# One run: call, what strace does to it, the check.
try() {
	local failed_before=$failed

	sampled || return 0
	fault="$1:$2"
	reset
	injected "$1" "$2" "${program[@]}" || bad "the fault was not met"
	judge_run "$3" "$1" "$2"
}

judge_run() {
	look
	"$@"
	[ -n "$stop_early" ] || check_healed
	[ $failed != $failed_before ] || good
	[ -z "$stop_early" ] || [ $failed = 0 ]
}

# Half of the Nth piece of data is written.
try_short() {
	local failed_before=$failed

	sampled || return 0
	fault="short write $1"
	reset
	: >../log
	SHORT_WRITE=$1 SHORT_WRITE_LOG=$work/$scenario/log LD_PRELOAD=$plant PLANT=$planted \
	    "${program[@]}" >../out 2>../message
	code=$?
	[ -s ../log ] || bad "the fault was not met"
	judge_run check_repeated write short
}

sweep_short() {
	local n

	for ((n = 1; n <= $(grep -c ' write(.*tmail-tmp>' ../trace); n++)); do
		try_short $n || return
	done
}

# once_and_forever CALL ORDINAL LINE KINDS
once_and_forever() {
	local error

	for error in $(errors "$1" "$3"); do
		[[ " $4 " != *" once "* ]] ||
			try "$1" "error=$error:when=$2" check_failed || return
		[[ " $4 " != *" forever "* ]] || again "$1" $error ||
			try "$1" "error=$error:when=$2+" check_failed || return
	done
	[[ " $4 " != *" once "* ]] || case $1 in
	write) [[ $3 != *tmail-tmp* ]] ||
		try write "error=EINTR:when=$2" check_repeated || return ;;
	flock) try flock "error=EAGAIN:when=$2" check_repeated || return ;;
	esac
}

# Every call once for each fault; the kinds of faults are the arguments.
sweep() {
	local call n line

	[[ " $* " != *" short "* ]] || sweep_short || return
	while read -r call n line <&3; do
		[[ " $* " != *" kill "* ]] ||
			try "$call" "signal=SIGKILL:when=$n" check_killed || return
		[[ " $* " != *" term "* ]] ||
			try "$call" "signal=SIGTERM:when=$n" check_terminated || return
		once_and_forever "$call" "$n" "$line" "$*" || return
	done 3< <(calls ../trace 'fcntl\(0.*F_GETFD')
}

# In a trace: files synced after their last write and before the first rename,
# directories after their last.
order() {
	local problem

	fault=order
	problem=$(awk '
		{ name = $0; sub(/>.*/, "", name); sub(/.*</, "", name) }
		/ write\(.*tmail-tmp[^\/]*>/ { unsynced[name] = 1 }
		/ fsync\(.*tmail-tmp[^\/]*>\) += 0/ { delete unsynced[name] }
		/ fsync\(/ && !/tmail-tmp/ && / = 0$/ { delete renamed[name] }
		/ renameat.* = 0$/ {
			renames++
			renamed[name] = 1
			for (f in unsynced)
				print f " is not synced"
		}
		END { if (!renames) print "no renames"
			for (f in renamed) print f " is not synced" }' ../trace)
	[ -z "$problem" ] && good || bad "$problem"
}

# Two writers at once: no line may get lost.
writers() {
	local i writer lines

	fault="two writers"
	reset
	for writer in 1 2; do
		for ((i = 0; i < 15; i++)); do
			"$tmail" routes add -q -c routes.conf -i "$index" -d "$writer-$i.example" \
			    -rh r.example >/dev/null 2>>../message || echo $? >>../ends
		done &
	done
	wait
	lines=$(grep -c '^route .*[12]-[0-9]*\.example' routes.conf)
	[ ! -e ../ends ] && [ "$lines" = 30 ] &&
		"$tmail" routes verify -c routes.conf -i "$index" >/dev/null && good ||
		bad "$lines lines, exits $(sort ../ends 2>/dev/null | uniq -c | tr '\n' ' ')"
	look
	check_files
	rm -f ../ends
}

# prepare SCENARIO COMMAND [NAME] - makes the directory, records an undisturbed run.
prepare() {
	local file text

	scenario=$1-$2${3:+-$3}
	created="600 $(id -u):$(id -g)"
	passed=0 failed=0 fault=preparation seen= pristine=- planted=${3:-}
	declare -gA healed=()
	umask 077
	mkdir -p "$work/$scenario/pristine" && cd "$work/$scenario/pristine" &&
		"scenario_$1" && "command_$2" || bad "cannot be prepared"
	umask 022
	ids_old=$(ids)
	for file in "${confs[@]}" "$index"; do
		text=absent
		[ ! -e "$file" ] || slurp "$file"
		old[$file]=$text new[$file]=$text
		[ "$text" = absent ] || old_looks[$file]=$(stat -c '%a %u:%g' "$file")
	done
	look
	pristine=$seen seen=
	reset
	strace -f -y -o ../trace "${preload[@]}" "${program[@]}" >../said || bad "cannot be run"
	for file in "${confs[@]}" "$index"; do
		slurp "$file"
		new[$file]=$text
	done
	ids_new=$(ids)
}

# plant MISTAKE KIND... - a mistake must make one of the checks fail.
plant() {
	preload=(-E LD_PRELOAD="$plant" -E PLANT="$1")
	stop_early=1
	every=1
	[ "$1" != lock ] || export LD_PRELOAD=$plant PLANT=lock
	prepare one add "$1"
	"${@:2}"
	unset LD_PRELOAD PLANT
	[ $failed = 0 ] && passed=0 failed=1 || passed=1 failed=0
	[ $failed = 0 ] || echo "FAILED: nobody noticed the planted mistake: $scenario"
	report
}

# whole SCENARIO COMMAND
whole() {
	prepare "$@"
	[ "$1" = absent ] || order
	sweep kill term once forever short
	[ "$scenario" != one-add ] || writers
	report
}

# The mistakes, each with what notices it.
mistakes() {
	(plant sync order)
	(plant directory-sync order)
	(plant sync-again sweep once)
	(plant mode sweep kill)
	(plant overwrite sweep kill)
	(plant write sweep once)
	(plant short sweep short)
	(plant leftover sweep once)
	(plant lock writers)
}

# tables COMMAND...
tables() {
	local command

	for command; do
		case $command in
		mistakes) echo mistakes; continue ;;
		number | relay) echo "whole $command $command"; continue ;;
		add | set | del | compile) ;;
		*) echo "unknown $command"; continue ;;
		esac
		echo "whole one $command"
		echo "whole includes $command"
		[ $command = compile ] || echo "whole number $command"
		[ $command != add ] || printf 'whole %s add\n' renamed absent owned
	done
}

# unknown COMMAND - a mistyped part of the sweep is no sweep.
unknown() {
	scenario=unknown passed=0 failed=1
	echo "FAILED: no such command: $1"
	report
}

if [ "$(id -u)" != 0 ] || ! command -v setfacl >/dev/null; then
	echo "SKIP: owners and ACLs need setfacl, and root or newuidmap and your line in /etc/subuid"
	exit 1
fi
# As many at once as there are processors, or JOBS; each in a process of its own.
while read -r line; do
	[ "$(jobs -pr | wc -l)" -lt "${JOBS:-$(nproc)}" ] || wait -n
	$line &
done < <(tables "$@")
wait
summary
