# Servers stranger than those of odd.bats: they vanish, swallow STARTTLS, or have something against
# our name.

load helpers

setup() {
	deliver_setup
}

teardown() {
	deliver_teardown
}

# refuse REPLY - to RCPT, of a mail with the greeting mx.here.test.
refuse() {
	script 'EHLO|250 x'
	sed -i "s/^RCPT.*/RCPT|$1/" "$DIR/script"
	routes <<<"route 1 via 127.0.0.1:$PORT helo ${helo:-mx.here.test}"
	deliver a@x.example <<<hello
}

@test "a 5xx that names our greeting, in any way, refuses no mail" {
	local text helo

	for text in 'mx.here.test does not resolve' 'Bad HELO name' '[mx.here.test] is on a list' \
	    '(MX.Here.Test): no such host' 'you are not mx.here.test.' '<mx.here.test>: go away'; do
		refuse "550 5.7.1 $text"
		is 75 '4.7.1 *: RCPT: 550 5.7.1 *'
	done
	for text in 'no such user a@mx.here.test' 'mail for 1.mx.here.test is refused' 'no helots' \
	    'mx.here.testing' 'not-mx.here.test' 'spam: BAYES_99,HELO_DYNAMIC_IPADDR' \
	    '<helo@x.example>: no such user'; do
		refuse "550 5.7.1 $text"
		is 69 '5.7.1 *: RCPT: 550 5.7.1 *'
	done
	# A short name could be any word.
	helo=mail
	refuse '550 5.7.1 mail refused'
	is 69 '5.7.1 *: RCPT: 550 5.7.1 mail refused'
	refuse '550 5.7.1 <mail>: refused'
	is 75 '4.7.1 *: RCPT: 550 5.7.1 <mail>: refused'
}

@test "STARTTLS that is not answered, or not by SMTP: again in clear, where that is allowed" {
	local answer tls

	for answer in HANGUP SILENCE '354 what?' 'what?'; do
		script 'EHLO|250-x\n250 STARTTLS' "STARTTLS|$answer"
		routes <<-END
			route 1 to may.example via 127.0.0.1:$PORT
			route 2 to must.example via 127.0.0.1:$PORT tls required
			route 3 to login.example via 127.0.0.1:$PORT tls required login joe password s3cret
		END
		deliver --timeout 30 a@may.example <<<hello
		is 0
		logged 'result=retry-in-clear stage=STARTTLS '
		logged ' tls=- .*result=delivered'
		: >"$DIR/script.log"
		for tls in must login; do
			deliver --timeout 2 "a@$tls.example" <<<hello
			is 75 '4.*: STARTTLS: *'
		done
		! grep -qe MAIL -e AUTH "$DIR/script.log" || fail 'it went on in clear'
	done
}

@test "the only relay may take all the time, though TLS might still fail" {
	apart "exec strace -o '$DIR/trace' -e trace=poll \"\$REAL\" \"\$@\""
	script 'EHLO|WAIT 1 250-x\n250 STARTTLS' 'STARTTLS|WAIT 1 454 no'
	routes <<<"route 1 via 127.0.0.1:$PORT"
	ASAN_OPTIONS=detect_leaks=0 deliver --timeout 200 a@x.example <<<hello
	is 0
	# Of the 200 s EHLO may have nearly all, STARTTLS the half.
	grep -oE '[0-9]+\) = 1 ' "$DIR/trace" | cut -d ')' -f 1 >"$DIR/waits"
	awk '$1 > 150000 { all++ } $1 > 60000 && $1 < 101000 { half++ }
	    END { exit !(all >= 2 && half >= 1) }' "$DIR/waits" || fail "$(cat "$DIR/waits")"
}

# vanishing - a server that takes connections and is gone, as after a power cut; its port is in $PORT.
vanishing() {
	PORT=$(free_port)
	in_background perl -MSocket -e '
	    socket(S, PF_INET, SOCK_STREAM, 0) or die;
	    setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1);
	    bind(S, sockaddr_in($ARGV[0], INADDR_LOOPBACK)) && listen(S, 100) or die;
	    while (accept(C, S)) {
		# In TCP_REPAIR (of IPPROTO_TCP) to close says nothing to the other side.
		setsockopt(C, 6, 19, 1) or die;
		close(C);
	    }' "$PORT"
	wait_port "$PORT"
}

@test "a server that has vanished is not waited for as long as one that is slow" {
	sink second
	local second=$PORT
	vanishing
	routes <<-END
		route 1 via 127.0.0.1:$PORT priority 1
		route 2 via 127.0.0.1:$second priority 2
	END
	deliver --timeout 300 a@x.example <<<hello
	is 0
	got second
	logged 'route=1 .*result=failed stage=banner code=- text="connection lost" ms=1[0-9]{4}$'
}
