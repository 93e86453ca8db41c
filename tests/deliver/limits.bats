# How long a server may take over what.  The calls are looked at, not a watch: each poll(2) says how
# long it would wait.

load helpers

setup() {
	deliver_setup
	# Under strace it cannot look.
	export ASAN_OPTIONS=detect_leaks=0
	: >"$DIR/message"
}

teardown() {
	deliver_teardown
}

# watched [OPTION...] - delivers $DIR/message under strace, whose record is $DIR/calls.
watched() {
	status=0
	output=$(under_strace "$@" 2>"$DIR/log") || status=$?
}

under_strace() {
	exec strace -f -o "$DIR/calls" -e trace=poll,ppoll,select,pselect6,epoll_wait,nanosleep,clock_nanosleep,sendto,recvfrom \
	    "$TMAIL" deliver --index "$DIR/routes.idx" --log stderr --state "$DIR/none" --sender me@here.example \
	    --helo h.example "$@" a@x.example <"$DIR/message"
}

# waits - what the delivery has waited for: after which word it had sent, to read or to write, and how
# many seconds at most, to the next ten.
waits() {
	perl -ne 'BEGIN { $said = "connect" }
	    if (/sendto\(\d+, "([^ "\\]+)/) { $said = $1 }
	    elsif (/poll\(\[\{fd=[1-9]\d*, events=POLL(\w+)\}\], 1, (\d+)/) {
		print "$said $1 ", 10 * int(($2 + 9999) / 10000), "\n";
		$said = "banner" if $said eq "connect";
	    }' "$DIR/calls"
}

@test "a connection may take 30 seconds, a reply five minutes, that to the dot ten" {
	script 'EHLO|WAIT 0.3 250-x\n250 AUTH PLAIN' 'AUTH|WAIT 0.3 235 ok' 'MAIL|WAIT 0.3 250 x' 'RCPT|WAIT 0.3 250 x' \
	    'DATA|WAIT 0.3 354 x' '.|WAIT 0.3 250 x'
	sed -i '1s/.*/|WAIT 11 220 x/' "$DIR/script"
	routes <<<"route 1 via 127.0.0.1:$PORT tls off login joe password s3cretpass"
	watched
	is 0
	# What is known to others after ten seconds is no end to waiting for the greeting.
	diff - <(waits) <<-END
		connect OUT 30
		banner IN 10
		banner IN 300
		EHLO IN 300
		AUTH IN 300
		MAIL IN 300
		RCPT IN 300
		DATA IN 300
		. IN 600
	END
}

@test "by BDAT the same; for DATA half of the time is left" {
	script 'EHLO|WAIT 0.3 250-x\n250 CHUNKING' 'MAIL|WAIT 0.3 250 x' 'RCPT|WAIT 0.3 250 x' $'BDAT 1\r|WAIT 0.3 250 x' \
	    'BDAT|WAIT 0.3 250 x'
	routes <<<"route 1 via 127.0.0.1:$PORT tls off"
	echo hello >"$DIR/message"
	watched --timeout 500
	is 0
	diff - <(waits | sed 1,2d) <<-END
		EHLO IN 300
		MAIL IN 300
		RCPT IN 300
		BDAT IN 250
		ello IN 500
	END
}

@test "data may stand still for three minutes" {
	local step strace i

	head -c 30000000 /dev/zero | tr '\0' x | fold -w 70 >"$DIR/message"
	for step in 'DATA|STILL 354 x' $'BDAT 1\r|STILL 250 x'; do
		script "EHLO|250-x\n250 ${step%%[| ]*}" "$step"
		sed -i 's/250 BDAT$/250 CHUNKING/' "$DIR/script"
		routes <<<"route 1 via 127.0.0.1:$PORT"
		: >"$DIR/calls"
		under_strace >"$DIR/verdict" 2>&1 3>&- &
		strace=$!
		for ((i = 0; i < 600; i++)); do
			! waits | grep -q 'x OUT' || break
			sleep 0.05
		done
		# Not strace itself, which would let it go on.
		kill -9 "$(cat "/proc/$strace/task/$strace/children")"
		wait "$strace" || true
		waits | tail -n 1 >"$DIR/last"
		grep -xE "x+ OUT 180" "$DIR/last"
	done
}

# waited_at_most MS - nothing came of all its waiting, which was no longer in sum.
waited_at_most() {
	[ "$(sed -nE 's/.*poll\(.*, ([0-9]+)\) = 0 \(Timeout\).*/\1/p' "$DIR/calls" | awk '{ all += $1 } END { print all }')" \
	    -le "$1" ]
	! grep -e select -e sleep -e ppoll -e epoll "$DIR/calls" || fail 'it waits in another way'
}

@test "nothing outlasts --timeout, wherever a server goes silent" {
	local stage dns i

	for stage in banner EHLO MAIL RCPT DATA .; do
		script "$stage|SILENCE"
		[ "$stage" != banner ] || sed -i '1s/.*/|SILENCE/' "$DIR/script"
		grep -q '^EHLO' "$DIR/script" || sed -i '1a EHLO|250 x' "$DIR/script"
		routes <<-END
			route 1 via 127.0.0.1:$PORT priority 1
			route 2 via 127.0.0.1:$PORT priority 2 helo second
		END
		watched --timeout 2
		is 75
		waited_at_most 2000
	done
	dns=$(free_port)
	in_background socat -u "UDP-RECV:$dns,bind=127.0.0.1" OPEN:/dev/null
	for ((i = 0; i < 200; i++)); do
		! grep -q ":$(printf %04X "$dns") " /proc/net/udp || break
		sleep 0.05
	done
	routes <<<'route 1 via relay.test'
	watched --timeout 2 --dns-server "127.0.0.1:$dns"
	is 75 '4.4.3 *'
	# c-ares is asked a millisecond after each of its times.
	waited_at_most 2100
}

@test "QUIT is not waited for" {
	local offer

	for offer in '250 x' '250-x\n250 PIPELINING'; do
		script "EHLO|$offer" 'QUIT|SILENCE'
		routes <<<"route 1 via 127.0.0.1:$PORT"
		watched
		is 0
		grep -q '"QUIT' "$DIR/calls"
		! sed '1,/"QUIT/d' "$DIR/calls" | grep -e poll -e recv || fail 'it waits for a reply'
	done
}
