#!/bin/bash
# deliver.sh TMAIL ALLOCATIONS [PART...] - lets every system call and every allocation
# of `tmail deliver` fail, or kills it there, with real mail servers: only 0, 69 and
# 75 come out, with their text, and those that the servers' answers allow; 0 only if
# the server has the message, and never twice; no password.  If the server has it and
# 0 does not come out, the mail server sends it again: that happens where the reply to
# the final dot is not read, or tmail itself is killed, and nowhere else.
#
# ALLOCATIONS is the shared object of allocations.c; parts are named as "plain", or as
# "plain-calls" and "plain-allocations", and without any it is all.  Sampled, to take less than a
# minute; with FAULT_FULL set nothing is left out, and it takes hours.
here=$(realpath "$(dirname "$0")")
. "$here/inject.bash"
. "$here/servers.bash"

TMAIL=$(realpath "$1")
allocations=$(realpath "$2")
shift 2
bound=30

skip() {
	echo "SKIP: $*"
	exit 1
}

# install - a tmail whose delivery runs under strace, or with a failing allocation, as the
# environment says.
install() {
	local real

	real=$(dirname "$TMAIL")/tests/apart/tmail-deliver
	mkdir -p "$DIR/bin"
	cp "$(dirname "$real")/tmail" "$DIR/bin/tmail"
	cat >"$DIR/bin/tmail-deliver" <<-END
		#!/bin/sh
		[ -z "\${STRACE:-}" ] || exec strace -f \$STRACE "$real" "\$@"
		[ -z "\${FAIL_IN:-}" ] || export LD_PRELOAD="$allocations"
		exec "$real" "\$@"
	END
	chmod +x "$DIR/bin/tmail-deliver"
}

# delivery COMMAND... - one message to this scenario's domain; the sender names the run.
delivery() {
	runs=$((runs + 1))
	sender=$scenario-$runs@here.example
	{ timeout -k 5 "$bound" "$@" "$DIR/bin/tmail" deliver --index "$DIR/routes.idx" \
	    --log stderr --timeout 4 --state "$DIR/state" --wait 1 --penalty 1 --ca-file "$DIR/ca.pem" --dns-server "127.0.0.1:$DNS" \
	    --sender "$sender" -- "$recipient" \
	    <"$message" >"$work/$scenario/out" 2>"$work/$scenario/message"; } 2>/dev/null
	code=$?
}

# judge KIND [WHERE] - KIND kill: the parent may be dead; silent: its output failed.
# WHERE dot: the reply to the final dot may have been lost.
judge() {
	local failed_before=$failed text where=${2:-}

	slurp "$work/$scenario/out"
	case $code,$text in
	0,0*) [ "$wanted" = 0 ] || bad "exit 0" ;;
	0,1*) bad "exit 0, and said: $text" ;;
	75,"1 4."[0-9]*.[0-9]*' '*[![:space:]]*) ;;
	69,"1 5."[0-9]*.[0-9]*' '*[![:space:]]*) [ "$wanted" = 69 ] || bad "exit 69, and said: $text" ;;
	69,* | 75,*) [ "$1" = silent ] || bad "exit $code, and said: $text" ;;
	137,* | 143,*) [ "$1" = kill ] || bad "killed" ;;
	*) bad "exit $code: $text" ;;
	esac
	[[ ! $text =~ $secret ]] || bad "the password on standard output"
	[[ $text != *": dot: no reply after the final dot: "* ]] || where=dot
	slurp "$work/$scenario/message"
	[[ ! $text =~ $secret ]] || bad "the password on standard error"
	echo "$sender $code ${where:-nowhere} $fault" >>"$work/$scenario.runs"
	[ $failed != $failed_before ] || good
}

# met CALL N - the fault has come about, at the Nth call.
met() {
	local text

	slurp "$work/$scenario/log"
	[[ $text == *"(INJECTED"* || $text == *"killed by SIGKILL"* || $text =~ ^'1 '[0-9] ]] ||
		[ "$(grep -cE "(^| )$1\\(" "$work/$scenario/log")" -ge "$2" ] || bad "the fault was not met"
}

# fail_parent CALL N WHAT [WHERE], fail_child CALL N WHAT - one run in which
# strace does that.
fail_parent() {
	local kind=other

	sampled || return
	fault="parent, $1:$3"
	[[ $1 != write && $1 != newfstatat ]] || kind=silent
	[[ $3 != signal=* ]] || kind=kill
	: >"$work/$scenario/log"
	delivery strace -o "$work/$scenario/log" -e trace="$1" -e inject="$1:$3"
	judge $kind "${4:-}"
	# On a busy host the other process may have ended before it is waited for.
	[ "$1" = rt_sigtimedwait ] || met "$1" "$2"
}

fail_child() {
	local fast=--seccomp-bpf

	sampled || return
	fault="child, $1:$3"
	[[ $3 == error=* ]] || fast=
	: >"$work/$scenario/log"
	STRACE="$fast -o $work/$scenario/log -e trace=$1$([ -n "$fast" ] || echo ",$moves") -e inject=$1:$3" delivery
	judge other "$([ "$3" != signal=SIGKILL:when=$2 ] || unanswered)"
	met "$1" "$2"
}

# sweep parent|child PATTERN - every call of a recorded run, from the PATTERN on.
sweep() {
	local call n where line error

	while read -r call n where line <&3; do
		[[ $call != rt_sigreturn && $call != restart_syscall ]] || continue
		fail_$1 "$call" "$n" "signal=SIGKILL:when=$n" "$where"
		fail_$1 "$call" "$n" "signal=SIGTERM:when=$n"
		for error in $(errors "$call" "$line"); do
			fail_$1 "$call" "$n" "error=$error:when=$n"
			again "$call" $error || fail_$1 "$call" "$n" "error=$error:when=$n+"
		done
	done 3< <(calls "$work/$scenario/trace-$1" "$2" | marked)
}

# marked - in tmail, the calls at which a kill may have the mail sent again: when the other
# process runs.
marked() {
	awk '{ call = $1; n = $2; $1 = $2 = ""; print call, n, late ? "dot" : "nowhere", $0 }
		call ~ /^(vfork|fork|clone|clone3)$/ { late = 1 }'
}

# What moves bytes to and from a relay.
moves=socket,read,recvfrom,recvmsg,write,sendto,sendmsg

# dialogue TRACE - of the last connection there: how often something was sent until the
# final dot, and how often received after that until the reply to it was known.  What
# follows the reply is the line of the log.
dialogue() {
	awk '/ socket\(.*SOCK_STREAM/ { fd = $NF; sent = 0 }
		fd != "" && $2 ~ "^(write|sendto|sendmsg)\\(" fd "," { sent++; heard = 0 }
		fd != "" && $2 ~ "^(read|recvfrom|recvmsg)\\(" fd "," && / = [1-9][0-9]*$/ { heard++ }
		$2 ~ /^write\(2,/ { print sent, heard }' "$1" | tail -n 1
}

# unanswered - "dot" if the final dot was sent in this run and the reply to it not read.
unanswered() {
	awk -v until="$said" -v answer="$answer" '
		/ socket\(.*SOCK_STREAM/ { fd = $NF; sent = heard = 0 }
		fd == "" || !/ = [1-9][0-9]*$/ { next }
		$2 ~ "^(write|sendto|sendmsg)\\(" fd "," { sent++ }
		$2 ~ "^(read|recvfrom|recvmsg)\\(" fd "," && sent >= until { heard++ }
		END { print (until > 0 && sent >= until && heard < answer ? "dot" : "nowhere") }' \
	    "$work/$scenario/log"
}

# fail_allocation PROGRAM N [EVER]
fail_allocation() {
	sampled || return
	fault="allocation $2 of $1${3:+ and all later ones}"
	: >"$work/$scenario/log"
	FAIL_IN=$1 FAIL_AT=$2 FAIL_LOG=$work/$scenario/log delivery env ${3:+FAIL_EVER=1} \
	    LD_PRELOAD="$allocations"
	judge silent
	met allocation 1
}

# sweep_allocations PROGRAM
sweep_allocations() {
	local n count

	: >"$work/$scenario/log"
	FAIL_IN=$1 FAIL_LOG=$work/$scenario/log delivery env LD_PRELOAD="$allocations"
	read -r count <"$work/$scenario/log" || bad "$1 counts no allocations"
	for ((n = 1; n <= count; n++)); do
		fail_allocation "$1" $n
		fail_allocation "$1" $n ever
	done
}

# begin SCENARIO-KIND - and an undisturbed delivery, of which both processes are recorded.
begin() {
	scenario=$1
	passed=0 failed=0 runs=0 cases=0 fault=preparation
	mkdir -p "$work/$scenario"
	set_scenario "${scenario%-*}"
	delivery strace -f -o "$work/$scenario/trace-parent"
	STRACE="-o $work/$scenario/trace-child" delivery
	[ $code = "$wanted" ] || bad "exit $code: $(cat "$work/$scenario/out" "$work/$scenario/message")"
	read -r said answer < <(dialogue "$work/$scenario/trace-child") || said=0 answer=0
	# Of all processes the parent's calls alone.
	awk 'NR == 1 { parent = $1 } $1 == parent' "$work/$scenario/trace-parent" \
	    >"$work/$scenario/trace" && mv "$work/$scenario/trace" "$work/$scenario/trace-parent"
}

# done_with - counts, and tells what a part has had and taken.
done_with() {
	report
	echo "$scenario: $runs cases in $((SECONDS - since)) s"
}

# calls_of SCENARIO EVERY
calls_of() {
	local since=$SECONDS

	every=${FAULT_EVERY:-$2}
	begin "$1-calls"
	[ "$1" != plain ] || sweep parent 'fcntl\(0.*F_GETFD'
	sweep child 'rt_sigaction\(SIGPIPE'
	done_with
}

allocations_of() {
	local since=$SECONDS

	every=${FAULT_EVERY:-$2}
	begin "$1-allocations"
	[ "$1" != plain ] || sweep_allocations tmail
	sweep_allocations tmail-deliver
	done_with
}

# counted - no message was taken twice, every one that is said to be delivered once,
# and of those that are not, none but where nobody can know.
counted() {
	scenario=count
	passed=0 failed=0 fault=accepted
	{
		accepted | sed 's/$/ accepted/'
		cat "$work"/*.runs 2>/dev/null
	} | awk '$2 == "accepted" { accepted[$1]++; next }
		{ code[$1] = $2; where[$1] = $3; fault[$1] = $0; sub(/^[^ ]+ [^ ]+ [^ ]+ /, "", fault[$1]) }
		END { for (run in code) {
			if (accepted[run] > 1) print "run " run " was taken " accepted[run] " times, with " fault[run]
			if (code[run] == 0 && run !~ /^discarded/ && accepted[run] != 1) print "run " run " is lost, with " fault[run]
			if (code[run] != 0 && accepted[run] > 0 && where[run] != "dot")
				print "run " run " would come twice: exit " code[run] ", though it was taken, with " fault[run]
			runs++
			delivered += code[run] == 0
			again[code[run]] += code[run] != 0 && accepted[run] > 0
		}
		if (!runs) print "there was no run"
		print "NOTE " delivered + 0 " delivered; taken, but not known to be: " again[75] + 0 " with 75, " \
		    again[137] + 0 " with tmail killed" }' >"$work/lost"
	while read -r line; do
		case $line in
		NOTE*) echo "${line#NOTE }" ;;
		*) bad "$line" ;;
		esac
	done <"$work/lost"
	[ $failed != 0 ] || good
	report
}

# wanted NAME KIND WORD... - whether a word of the command line asks for the part, or there is none.
wanted() {
	[ $# = 2 ] || [[ " ${*:3} " == *" $1 "* || " ${*:3} " == *" $1-$2 "* ]]
}

# parts - each with how many cases stand for one, where samples are taken; 0: none.
# A sanitizer has allocations of its own, and takes its time.
parts() {
	local slower=${DEV:+5} allocations=${DEV:+0} name calls every

	while read -r name calls every; do
		if wanted "$name" calls "$@"; then
			echo calls_of $name $((calls * ${slower:-1}))
		fi
		if [ ${allocations:-$every} != 0 ] && wanted "$name" allocations "$@"; then
			echo allocations_of $name $every
		fi
	done <<-END
		busy 163 0
		secret 83 419
		starttls 97 433
		file 107 421
		token 127 439
		cram 137 449
		mx 59 97
		plain 23 47
		down 47 59
		large 163 101
		refused 83 103
		nobody 97 107
		rejected 29 53
		discarded 29 61
	END
}

servers
install
secret=$(secrets | sed "s,[+],[+],g" | paste -sd "|")
while read -r line; do
	[ "$(jobs -pr | wc -l)" -lt $((${#PIDS[@]} + ${JOBS:-$(nproc)})) ] || wait -n
	$line &
done < <(parts "$@")
wait $(jobs -pr | grep -vxF "$(printf '%s\n' "${PIDS[@]}")")
stop "${PIDS[@]}"
counted
summary
