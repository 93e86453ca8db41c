# A real Postfix, with its own directories, that asks the daemon: contrib/postfix/serve.cf.

load postfix

setup() {
	deliver_setup
	postfix_instance
}

teardown() {
	postfix_teardown
}

@test "the right relay by login, sender and destination; reject, defer and discard" {
	local name

	for name in by_login by_sender by_destination others; do
		sink $name
		declare "$name=$PORT"
	done
	routes <<-END
		route 1 to one.example via 127.0.0.1:$by_destination
		route 2 user alice@corp.example via 127.0.0.1:$by_login
		route 3 user carol@corp.example from special.example via 127.0.0.1:$by_sender
		route 4 to no.example reject "5.7.1 closed for good"
		route 5 to late.example defer "4.7.1 not today"
		route 6 to drop.example discard
		route 7 to * via 127.0.0.1:$others
	END
	daemon
	start_postfix
	submit alice info@corp.example a@x.example <<<'Subject: x'
	submit carol info@special.example b@x.example <<<'Subject: x'
	submit '' info@corp.example c@one.example <<<'Subject: x'
	submit carol info@corp.example d@x.example <<<'Subject: x'
	eventually has by_login 1
	eventually has by_sender 1
	eventually has by_destination 1
	eventually has others 1
	only by_login a@x.example
	only by_sender b@x.example
	only by_destination c@one.example
	only others d@x.example
	run submit '' info@corp.example e@no.example <<<'Subject: x'
	[ "$status" -ne 0 ]
	eventually maillog 'RCPT.*554 5.7.1 .*closed for good'
	run submit '' info@corp.example f@late.example <<<'Subject: x'
	[ "$status" -ne 0 ]
	eventually maillog 'RCPT.*450 4.7.1 .*not today'
	submit '' info@corp.example g@drop.example <<<'Subject: x'
	eventually maillog 'to=<g@drop.example>, relay=none, .*status=sent'
	# Without the policy service: by destination alone, never by a customer's account.
	SUBMISSION=$INSIDE submit alice info@special.example h@x.example <<<'Subject: x'
	SUBMISSION=$INSIDE submit '' info@special.example i@one.example <<<'Subject: x'
	eventually has others 2
	eventually has by_destination 2
	! SUBMISSION=$INSIDE submit '' info@special.example j@late.example <<<'Subject: x' || false
	eventually maillog ' 4.7.1 <j@late.example>.*not today'
	! SUBMISSION=$INSIDE submit '' info@special.example k@no.example <<<'Subject: x' || false
	eventually maillog ' 5.7.1 <k@no.example>.*closed for good'
	has by_login 1 && has by_sender 1
}

@test "recipients of one message that need different routes" {
	sink one
	local one=$PORT
	sink two
	routes <<-END
		route 1 to one.example via 127.0.0.1:$one
		route 2 to two.example via 127.0.0.1:$PORT
	END
	daemon
	start_postfix
	submit '' info@corp.example a@one.example A@ONE.example <<<'Subject: x'
	eventually has one 1
	# curl sends to those that were taken, if told so.
	curl -sS --mail-from info@corp.example --mail-rcpt b@one.example --mail-rcpt c@two.example \
	    --mail-rcpt-allowfails --crlf --upload-file - "smtp://127.0.0.1:$SUBMISSION/client.test" \
	    <<<'Subject: x'
	eventually maillog 'c@two.example.*452 4.5.3|452 4.5.3.*c@two.example'
	eventually eval '[ "$(mails one)" -eq 2 ]'
	only one 'one.example'
	[ "$(mails two)" -eq 0 ]
	submit '' info@corp.example c@two.example <<<'Subject: x'
	eventually has two 1
}

@test "its own domains stay with Postfix; by a login to the MX, past the map of all mail" {
	sink others
	printf '/@own\\.example$/ :\n' >"$DIR/own"
	sed -i "s|^transport_maps = |&regexp:$DIR/own, |; s|^mydestination =|& own.example|" "$DIR/etc/main.cf"
	cat >>"$DIR/etc/main.cf" <<-END
		local_recipient_maps =
		local_transport = discard:own
	END
	routes <<-END
		route 1 user alice@corp.example via mx
		route 2 to own.example via mx
		route 3 to * via 127.0.0.1:$PORT
	END
	daemon
	start_postfix
	submit '' info@corp.example a@own.example <<<'Subject: x'
	SUBMISSION=$INSIDE submit '' info@corp.example b@own.example <<<'Subject: x'
	submit alice info@corp.example c@own.example <<<'Subject: x'
	for to in a b c; do
		eventually maillog "to=<$to@own.example>, relay=none, .*status=sent \(own\)"
	done
	submit '' info@corp.example d@x.example <<<'Subject: x'
	eventually has others 1
	# The address stands for an MX, and is this host's.
	submit alice info@corp.example 'e@[127.0.0.1]' <<<'Subject: x'
	eventually maillog 'to=<e@\[127.0.0.1\]>, relay=none, .*\(mail for 127.0.0.1 loops back to myself\)'
	# The bounce goes by the map.
	eventually has others 2
	only others 'd@x.example\|info@corp.example'
}

@test "a route by login where all others are rejected or put off" {
	sink by_login
	routes <<-END
		route 1 user alice@corp.example via 127.0.0.1:$PORT
		route 2 to no.example reject
		route 3 to late.example defer
	END
	sed -i "/:$SUBMISSION /a \\  -o smtpd_reject_unlisted_recipient=no" "$DIR/etc/master.cf"
	daemon
	start_postfix
	submit alice info@corp.example a@no.example <<<'Subject: x'
	submit alice info@corp.example b@late.example <<<'Subject: x'
	eventually has by_login 2
	! submit carol info@corp.example c@no.example <<<'Subject: x' || false
	! submit carol info@corp.example d@late.example <<<'Subject: x' || false
	eventually maillog 'RCPT.*554 5.7.1 <c@no.example>'
	eventually maillog 'RCPT.*450 4.3.2 <d@late.example>'
	has by_login 2
}

@test "login and password of the route, two at one relay by two transports" {
	local port

	script 'EHLO|250-x\n250 AUTH PLAIN' 'AUTH PLAIN|235 ok' && port=$PORT
	routes <<-END
		route 1 user alice@corp.example via 127.0.0.1:$port login first password one tls off transport one
		route 2 user carol@corp.example via 127.0.0.1:$port login second password two tls off transport two
	END
	for name in one two; do
		cat >>"$DIR/etc/master.cf" <<-END
			$name unix - - n - - smtp
			  -o smtp_sasl_password_maps=socketmap:unix:tmail/socketmap:sasl.$name
			  -o smtp_tls_policy_maps=socketmap:unix:tmail/socketmap:tls.$name
		END
	done
	daemon
	start_postfix
	submit carol info@corp.example a@x.example <<<'Subject: x'
	eventually maillog 'to=<a@x.example>.*status=sent'
	grep -q "AUTH PLAIN $(printf '\0second\0two' | base64)" "$DIR/script.log"
	! grep -q "$(printf '\0first\0one' | base64)" "$DIR/script.log" || false
	submit alice info@corp.example b@x.example <<<'Subject: x'
	eventually maillog 'to=<b@x.example>.*status=sent'
	grep -q "AUTH PLAIN $(printf '\0first\0one' | base64)" "$DIR/script.log"
	# By one transport nobody's password is told: the mail waits.
	sed -i 's/ transport \(one\|two\)//' "$DIR/routes.conf"
	routes <"$DIR/routes.conf" || true
	sed 's/ transport \(one\|two\)//' "$DIR/routes.conf" >"$DIR/changed"
	routes <"$DIR/changed"
	submit alice info@corp.example c@x.example <<<'Subject: x'
	eventually maillog 'to=<c@x.example>.*status=deferred'
}

@test "the daemon is killed in mid-traffic: all mail waits, none is lost or misrouted" {
	local i pid

	sink one
	local one=$PORT
	sink two
	routes <<-END
		route 1 user alice@corp.example to * via 127.0.0.1:$one
		route 2 to * via 127.0.0.1:$PORT
	END
	daemon
	start_postfix
	# As mail clients do: those that are put off come again.
	for i in {1..15}; do
		until submit alice info@corp.example a$i@x.example <<<'Subject: x'; do sleep 0.3; done
		until submit '' info@corp.example b$i@x.example <<<'Subject: x'; do sleep 0.3; done
	done &
	pid=$!
	PIDS+=("$pid")
	for i in 1 2 3; do
		sleep 0.7
		# What is in the queue waits, too.
		SUBMISSION=$INSIDE submit '' info@corp.example c$i@x.example <<<'Subject: x'
		kill -9 "$SERVE"
		sleep 0.7
		daemon
	done
	wait "$pid"
	eventually has one 15
	eventually has two 18
	only one '<a[0-9]*@x.example>'
	only two '<[bc][0-9]*@x.example>'
	! grep -q status=bounced "$DIR/mail.log"
}

@test "without the daemon no mail is taken, and none goes elsewhere" {
	sink one
	routes <<<"route 1 to * via 127.0.0.1:$PORT"
	start_postfix
	run submit '' info@corp.example a@x.example <<<'Subject: x'
	[ "$status" -ne 0 ]
	eventually maillog '451 4.3.[05]'
	SUBMISSION=$INSIDE submit '' info@corp.example b@x.example <<<'Subject: x' || true
	[ "$(mails one)" -eq 0 ]
	daemon
	SUBMISSION=$INSIDE submit '' info@corp.example c@x.example <<<'Subject: x'
	eventually eval '[ "$(mails one)" -ge 1 ]'
}
