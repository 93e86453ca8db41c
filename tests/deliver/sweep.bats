# A mail that a relay has taken is not sent again, whatever befalls the delivery afterwards.
# tests/fault/deliver.sh lets every system call fail in turn; here is what matters most of it,
# and what it cannot see.

load helpers

setup() {
	deliver_setup
}

teardown() {
	deliver_teardown
}

# under_strace - the delivery runs under strace, with the options in $STRACE.
under_strace() {
	apart "exec strace -f -o '$DIR/trace' \$STRACE \"\$REAL\" \"\$@\""
	export ASAN_OPTIONS=detect_leaks=0
}

@test "killed, or unable to say so, after a relay has taken the message: 0 all the same" {
	local fault

	sink relay
	mkdir "$DIR/state"
	routes <<<"route 1 via 127.0.0.1:$PORT"
	under_strace
	# The log, which is the first call after the reply; QUIT; the verdict; the end.
	for fault in write:signal=SIGKILL:when=1 write:signal=SIGABRT:when=1 \
	    write:error=ENOSPC:when=1+ sendto:signal=SIGKILL:when=5 write:signal=SIGKILL:when=2 \
	    exit_group:signal=SIGKILL; do
		STRACE="-e trace=${fault%%:*} -e inject=$fault" \
		    deliver --state "$DIR/state" a@x.example <<<hello
		is 0 ''
		grep -qE 'INJECTED|killed by SIG' "$DIR/trace"
		got relay
		rm "$DIR"/relay/*
	done
}

@test "killed before: 75, and the mail was not taken" {
	sink relay
	routes <<<"route 1 via 127.0.0.1:$PORT"
	under_strace
	STRACE='-e trace=sendto -e inject=sendto:signal=SIGKILL:when=3' deliver a@x.example <<<hello
	is 75 '4.3.0 tmail-deliver failed: signal 9'
	[ "$(mails relay)" -eq 0 ]
}

# end_at_dot SIGNAL... - delivers in the background, sends the signals when the relay has got the
# final dot, and waits for the end.
end_at_dot() {
	local pid signal

	: >"$DIR/script.log"
	"$TMAIL" deliver --index "$DIR/routes.idx" --sender me@here.example --log none -- \
	    a@x.example <<<hello >"$DIR/out" 3>&- &
	pid=$!
	until grep -qx $'\\.\r' "$DIR/script.log"; do
		sleep 0.05
	done
	for signal; do
		kill "-$signal" "$pid"
	done
	status=0
	wait "$pid" || status=$?
	output=$(cat "$DIR/out")
}

@test "a SIGTERM after the final dot leaves time for the reply to it" {
	script 'EHLO|250 x'
	sed -i 's/^\.|.*/.|WAIT 1 250 2.0.0 taken/' "$DIR/script"
	routes <<<"route 1 via 127.0.0.1:$PORT"
	end_at_dot TERM
	is 0 ''
	end_at_dot HUP INT QUIT TERM
	is 0 ''
	# But not for ever.
	sed -i 's/^\.|.*/.|SILENCE/' "$DIR/script"
	end_at_dot TERM TERM
	is 75 '4.3.0 tmail-deliver failed: signal 14'
}

@test "a SIGTERM before the delivery has begun is 75" {
	sink relay
	routes <<<"route 1 via 127.0.0.1:$PORT"
	status=0
	output=$(ASAN_OPTIONS=detect_leaks=0 strace -o "$DIR/trace" -e trace=memfd_create -e inject=memfd_create:signal=SIGTERM \
	    "$TMAIL" deliver --index "$DIR/routes.idx" --sender me@here.example --log none -- \
	    a@x.example <<<hello) || status=$?
	is 75 '4.3.0 tmail-deliver failed: signal 15'
	[ "$(mails relay)" -eq 0 ]
}

@test "where no file may be written: 75, and no signal" {
	sink relay
	routes <<<"route 1 via 127.0.0.1:$PORT"
	status=0
	output=$(ulimit -f 0 && "$TMAIL" deliver --index "$DIR/routes.idx" --sender me@here.example \
	    --log none -- a@x.example <<<hello 2>&1 | cat; exit "${PIPESTATUS[0]}") || status=$?
	is 75 '4.3.0 cannot start tmail-deliver: File too large'
	[ "$(mails relay)" -eq 0 ]
}

@test "what no deadline reaches ends five seconds after --timeout" {
	sink relay
	routes <<<"route 1 via 127.0.0.1:$PORT"
	under_strace
	# A call of the system that takes eight seconds.
	STRACE='-e trace=connect -e inject=connect:delay_enter=8000000' \
	    deliver --timeout 1 a@x.example <<<hello
	is 75 '4.3.0 tmail-deliver failed: signal 14'
	[ "$(mails relay)" -eq 0 ]
}

@test "a system log that hangs holds no mail up, and none comes twice" {
	sink relay
	routes <<<"route 1 via 127.0.0.1:$PORT"
	with_log "$TMAIL" deliver --index "$DIR/routes.idx" --sender me@here.example --timeout 1 -- \
	    a@x.example <<<hello
	got relay
}
