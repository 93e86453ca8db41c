#!/bin/bash
# deliver.sh TMAIL ALLOCATIONS - lets every system call and every allocation of
# `tmail deliver` fail, or kills it there, with real mail servers: only 0, 69 and
# 75 come out, with their text; 0 only if the server has the message, and never
# twice; 69 never, as the servers refuse nothing; and no password.  ALLOCATIONS is
# the shared object of allocations.c.  Sampled, to take a minute and a half; with
# FAULT_FULL set nothing is left out, and it takes hours.
here=$(realpath "$(dirname "$0")")
. "$here/inject.bash"

TMAIL=$(realpath "$1")
allocations=$(realpath "$2")
BATS_TEST_DIRNAME=$(realpath "$here/../deliver")
. "$BATS_TEST_DIRNAME/helpers.bash"

CANARY=c4nary-0f-a-pa55word
bound=30

skip() {
	echo "SKIP: $*"
	exit 1
}

# certificates - a CA, and what it says of relay.test.
certificates() {
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=ca -days 2 -keyout "$DIR/ca.key" \
	    -out "$DIR/ca.pem" &&
		openssl req -new -newkey rsa:2048 -nodes -subj /CN=relay.test \
		    -keyout "$DIR/exim/relay.key" -out "$DIR/relay.csr" &&
		openssl x509 -req -in "$DIR/relay.csr" -CA "$DIR/ca.pem" -CAkey "$DIR/ca.key" \
		    -CAcreateserial -days 2 -out "$DIR/exim/relay.pem" \
		    -extfile <(echo subjectAltName=DNS:relay.test)
} 2>>"$work/openssl"

# exim - takes mail with STARTTLS and AUTH alone; at $TLS_PORT.
exim() {
	TLS_PORT=$(free_port)
	mkdir "$DIR/exim"
	certificates || return
	chown -R "$EXIM" "$DIR/exim"
	cat >"$DIR/exim.conf" <<-END
		primary_hostname = relay.test
		spool_directory = $DIR/exim
		log_file_path = $DIR/exim/%s.log
		pid_file_path = $DIR/exim/exim.pid
		local_interfaces = <; 127.0.0.1
		daemon_smtp_ports = $TLS_PORT
		smtp_accept_max = 0
		smtp_load_reserve = 1000
		tls_advertise_hosts = *
		auth_advertise_hosts = \${if def:tls_in_cipher{*}}
		tls_certificate = $DIR/exim/relay.pem
		tls_privatekey = $DIR/exim/relay.key
		queue_only = true
		acl_smtp_rcpt = accept authenticated = *
		begin authenticators
		plain:
		  driver = plaintext
		  public_name = PLAIN
		  server_condition = \${if and {{eq{\$auth2}{joe}}{eq{\$auth3}{$CANARY}}}}
		  server_set_id = \$auth2
	END
	in_background "${UNPACKED[@]}" exim4 -C "$DIR/exim.conf" -bdf
	wait_port "$TLS_PORT"
}

# servers - all of them, and the routes: every relay twice, to tempt the program to
# try the second when the first has taken the message already.
servers() {
	local secure

	deliver_setup
	trap 'deliver_teardown; rm -rf "$work"' EXIT
	sink mail
	mkdir "$DIR/state"
	exim && nameserver <<<'relay A 127.0.0.1' || exit
	secure="via relay.test:$TLS_PORT tls verified login joe"
	(umask 077 && echo "$CANARY" >"$DIR/password")
	routes <<-END || exit
		relay counted 127.0.0.1:$PORT connections 1000 rate 100000/s
		route to plain.example via @counted
		route to plain.example via 127.0.0.1:$PORT priority 2 helo second
		route to down.example via 127.0.0.1:$(free_port)
		route to down.example via relay.test:$PORT priority 2
		route to down.example via relay.test:$PORT priority 3 helo second
		route to secret.example $secure password "$CANARY"
		route to secret.example $secure password "$CANARY" priority 2 helo second
		route to file.example $secure password-file $DIR/password
		route to file.example $secure password-file $DIR/password priority 2 helo second
	END
}

# install - tmail beside a tmail-deliver that runs under strace, or with a failing
# allocation, as the environment says.
install() {
	mkdir -p "$DIR/bin"
	cp "$TMAIL" "$DIR/bin/tmail"
	cat >"$DIR/bin/tmail-deliver" <<-END
		#!/bin/sh
		[ -z "\${STRACE:-}" ] || exec strace -f \$STRACE "$(dirname "$TMAIL")/tmail-deliver" "\$@"
		[ -z "\${FAIL_IN:-}" ] || export LD_PRELOAD="$allocations"
		exec "$(dirname "$TMAIL")/tmail-deliver" "\$@"
	END
	chmod +x "$DIR/bin/tmail-deliver"
}

# delivery COMMAND... - one message to this scenario's domain; the sender names the run.
delivery() {
	runs=$((runs + 1))
	sender=$scenario-$runs@here.example
	{ timeout -k 5 "$bound" "$@" "$DIR/bin/tmail" deliver --index "$DIR/routes.idx" \
	    --log stderr --timeout 4 --state "$DIR/state" --wait 1 --penalty 1 --ca-file "$DIR/ca.pem" --dns-server "127.0.0.1:$DNS" \
	    --sender "$sender" -- "a@${scenario%%-*}.example" \
	    <"$DIR/message" >"$work/$scenario/out" 2>"$work/$scenario/message"; } 2>/dev/null
	code=$?
}

# judge KIND CALL - KIND kill: the parent may be dead; silent: its output failed.
judge() {
	local failed_before=$failed text

	slurp "$work/$scenario/out"
	case $code,$text in
	0,0*) ;;
	0,1*) bad "exit 0, and said: $text" ;;
	75,"1 4."[0-9]*.[0-9]*' '*[![:space:]]*) ;;
	75,*) [ "$1" = silent ] || bad "exit 75, and said: $text" ;;
	137,*) [ "$1" = kill ] || bad "killed" ;;
	*) bad "exit $code: $text" ;;
	esac
	[[ $text != *"$CANARY"* ]] || bad "the password on standard output"
	slurp "$work/$scenario/message"
	[[ $text != *"$CANARY"* && $text != *"$canary64"* ]] || bad "the password on standard error"
	slurp "$work/$scenario/log"
	[[ $text == *"(INJECTED"* || $text == *"killed by SIGKILL"* || $text =~ ^'1 '[0-9] ]] ||
		bad "the fault was not met"
	echo "$sender $code" >>"$work/$scenario.runs"
	[ $failed != $failed_before ] || good
}

# fail_parent CALL WHAT, fail_child CALL WHAT - one run in which strace does that.
fail_parent() {
	local kind=other

	sampled || return
	fault="parent, $1:$2"
	[[ $1 != write && $1 != newfstatat ]] || kind=silent
	[[ $2 != signal=* ]] || kind=kill
	: >"$work/$scenario/log"
	delivery strace -o "$work/$scenario/log" -e trace="$1" -e inject="$1:$2"
	judge $kind
}

fail_child() {
	local fast=--seccomp-bpf

	sampled || return
	fault="child, $1:$2"
	[[ $2 == error=* ]] || fast=
	: >"$work/$scenario/log"
	STRACE="$fast -o $work/$scenario/log -e trace=$1 -e inject=$1:$2" delivery
	judge other
}

# sweep parent|child - every call of a recorded run.
sweep() {
	local call n line error

	while read -r call n line <&3; do
		[[ $call != rt_sigreturn && $call != restart_syscall ]] || continue
		fail_$1 "$call" "signal=SIGKILL:when=$n"
		for error in $(errors "$call" "$line"); do
			fail_$1 "$call" "error=$error:when=$n"
			again "$call" $error || fail_$1 "$call" "error=$error:when=$n+"
		done
	done 3< <(calls "$work/$scenario/trace-$1" "$2")
}

# fail_allocation PROGRAM N [EVER]
fail_allocation() {
	sampled || return
	fault="allocation $2 of $1${3:+ and all later ones}"
	: >"$work/$scenario/log"
	FAIL_IN=$1 FAIL_AT=$2 FAIL_LOG=$work/$scenario/log delivery env ${3:+FAIL_EVER=1} \
	    LD_PRELOAD="$allocations"
	judge silent
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

# begin SCENARIO-KIND - and an undisturbed delivery, of which both programs are recorded.
begin() {
	scenario=$1
	passed=0 failed=0 runs=0 fault=preparation
	mkdir -p "$work/$scenario"
	delivery strace -f -o "$work/$scenario/trace-parent"
	STRACE="-o $work/$scenario/trace-child" delivery
	[ $code = 0 ] || bad "exit $code: $(cat "$work/$scenario/out" "$work/$scenario/message")"
	# Of all processes the parent's calls alone.
	awk 'NR == 1 { parent = $1 } $1 == parent' "$work/$scenario/trace-parent" \
	    >"$work/$scenario/trace" && mv "$work/$scenario/trace" "$work/$scenario/trace-parent"
}

# calls_of SCENARIO EVERY
calls_of() {
	begin "$1-calls"
	every=$2
	[ "$1" != plain ] || sweep parent 'fcntl\(0.*F_GETFD'
	sweep child 'rt_sigaction\(SIGPIPE'
	report
}

allocations_of() {
	begin "$1-allocations"
	every=$2
	[ "$1" != plain ] || sweep_allocations tmail
	sweep_allocations tmail-deliver
	report
}

# counted - no message was taken twice, and every one that is said to be delivered once.
counted() {
	scenario=count
	passed=0 failed=0 fault=accepted
	{
		cat "$DIR"/mail/* | sed -n 's/^X-Mail-Args: <\([^>]*\)>.*/\1 accepted/p'
		sed -n 's/.* <= \(\S*@here.example\) .*/\1 accepted/p' "$DIR/exim/main.log"
		cat "$work"/*.runs
	} | awk '$2 == "accepted" { accepted[$1]++; next }
		{ code[$1] = $2 }
		END { for (run in code) {
			if (accepted[run] > 1) print run " was taken " accepted[run] " times"
			if (code[run] == 0 && accepted[run] != 1) print run " is lost"
			if (code[run] == 0) delivered++
		} if (!delivered) print "nothing was delivered" }' >"$work/lost"
	while read -r line; do bad "$line"; done <"$work/lost"
	[ $failed != 0 ] || good
	report
}

tables() {
	local slower=${DEV:+5}

	slower=${slower:-1}
	echo calls_of plain $((3 * slower))
	echo calls_of down $((7 * slower))
	echo calls_of secret $((11 * slower))
	echo calls_of file $((13 * slower))
	# A sanitizer has allocations of its own.
	[ -z "${DEV:-}" ] || return
	echo allocations_of plain 31
	echo allocations_of down 37
	echo allocations_of secret 211
	echo allocations_of file 223
}

servers
install
printf 'Subject: sweep\n\nHello\n' >"$DIR/message"
canary64=$(printf '\0joe\0%s' "$CANARY" | base64 -w 0)
while read -r line; do
	[ "$(jobs -pr | wc -l)" -lt $((${#PIDS[@]} + ${JOBS:-$(nproc)})) ] || wait -n
	$line &
done < <(tables)
wait $(jobs -pr | grep -vxF "$(printf '%s\n' "${PIDS[@]}")")
stop "${PIDS[@]}"
counted
summary
