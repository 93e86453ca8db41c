# A Postfix whose services are chrooted to the queue, as Debian's are: they find the sockets below it.

load postfix

setup() {
	deliver_setup
	postfix_instance
	# smtpd at both ports, cleanup, rewrite, smtp, error and discard.
	sed -i -E 's/^((127|cleanup|rewrite|smtp|error|retry|discard)\S* +\S+ +\S+ +\S+ +)n /\1y /' "$DIR/etc/master.cf"
	[ "$(grep -cE '^\S+ +\S+ +\S+ +\S+ +y ' "$DIR/etc/master.cf")" -eq 8 ]
}

teardown() {
	postfix_teardown
}

# chrooted PROGRAM - one of Postfix's processes of that name has the queue as its root.
chrooted() {
	local pid

	for pid in $(pgrep -x "$1"); do
		[ "$(readlink "/proc/$pid/root")" != "$DIR/queue" ] || return 0
	done
	return 1
}

@test "policy, transport, sender, sasl and tls maps are found, by chrooted and other services" {
	sink one
	local one=$PORT
	sink two
	local two=$PORT
	script 'EHLO|250-x\n250 AUTH PLAIN' 'AUTH PLAIN|235 ok'
	routes <<-END
		route 1 to one.example via 127.0.0.1:$one
		route 2 from open.example user any via 127.0.0.1:$two
		route 3 to login.example via 127.0.0.1:$PORT login me password "s3cret pass" tls off
		route 4 to no.example reject "5.7.1 closed for good"
	END
	daemon
	start_postfix
	submit '' info@corp.example a@one.example <<<'Subject: x'
	submit '' info@open.example b@x.example <<<'Subject: x'
	submit '' info@corp.example c@login.example <<<'Subject: x'
	SUBMISSION=$INSIDE submit '' info@corp.example d@one.example <<<'Subject: x'
	SUBMISSION=$INSIDE submit '' info@open.example e@x.example <<<'Subject: x'
	run submit '' info@corp.example f@no.example <<<'Subject: x'
	[ "$status" -ne 0 ]
	eventually maillog 'RCPT.*554 5.7.1 .*closed for good'
	chrooted smtpd
	chrooted trivial-rewrite
	eventually has one 2
	eventually has two 2
	eventually maillog 'to=<c@login.example>.*status=sent'
	only one '<[ad]@one.example>'
	only two '<[be]@x.example>'
	grep -q "AUTH PLAIN $(printf '\0me\0s3cret pass' | base64)" "$DIR/script.log"
	# What is not chrooted needs the whole path.
	"${UNPACKED[@]}" postmap -c "$DIR/etc" -q a@one.example "socketmap:unix:$DIR/queue/tmail/socketmap:transport" >"$DIR/told"
	[ "$(cat "$DIR/told")" = "smtp:[127.0.0.1]:$one" ]
}

@test "the daemon starts again: chrooted services find its new sockets" {
	local i

	sink one
	routes <<<"route 1 to * via 127.0.0.1:$PORT"
	daemon
	start_postfix
	for i in 1 2 3; do
		submit '' info@corp.example a$i@x.example <<<'Subject: x'
		stop "$SERVE"
		run submit '' info@corp.example none@x.example <<<'Subject: x'
		[ "$status" -ne 0 ]
		daemon
	done
	eventually has one 3
	only one '<a[123]@x.example>'
}
