# The TLS policy and the login of a route, as a real Postfix and a real relay see them.

load postfix
load relay

setup() {
	deliver_setup
	postfix_instance
	tls_relay
	cat >>"$DIR/etc/main.cf" <<-END
		smtp_tls_CAfile = $DIR/ca.pem
		smtp_tls_loglevel = 1
	END
}

teardown() {
	postfix_teardown
}

# waits RECIPIENT WHY - the mail has been put off for that reason.
waits() {
	eventually maillog "to=<$1>.*status=deferred.*$2"
}

@test "off, opportunistic, required and verified" {
	routes <<-END
		route 1 to off.example via 127.0.0.1:$STARTTLS tls off
		route 2 to may.example via 127.0.0.2:$STARTTLS
		route 3 to clear.example via 127.0.0.1:$CLEAR
		route 4 to strict.example via 127.0.0.1:$CLEAR tls required transport strict
		route 5 to verified.example via 127.0.0.1:$STARTTLS tls verified tls-name relay.test transport verified
		route 6 to misnamed.example via 127.0.0.1:$STARTTLS tls verified tls-name other.test transport misnamed
		route 7 to required.example via 127.0.0.1:$STARTTLS tls required transport required
		route 8 to implicit.example via 127.0.0.1:$IMPLICIT tls implicit tls-name relay.test transport implicit
	END
	for name in strict verified misnamed required implicit; do
		cat >>"$DIR/etc/master.cf" <<-END
			$name unix - - n - - smtp
			  -o smtp_tls_policy_maps=socketmap:unix:tmail/socketmap:tls.$name
		END
	done
	echo '  -o smtp_tls_wrappermode=yes' >>"$DIR/etc/master.cf"
	# All routes to one next hop but of no transport of their own have one policy.
	sed -i "s|^smtp_tls_policy_maps.*|&.smtp|" "$DIR/etc/main.cf"
	daemon
	start_postfix
	for name in off may clear strict verified misnamed required implicit; do
		submit '' info@corp.example a@$name.example <<<'Subject: x'
	done
	eventually relay_got a@off.example ' P=esmtp '
	eventually relay_got a@may.example 'X=TLS'
	eventually relay_got a@clear.example ' P=esmtp '
	eventually relay_got a@verified.example 'X=TLS'
	eventually relay_got a@required.example 'X=TLS'
	eventually relay_got a@implicit.example 'X=TLS'
	waits a@strict.example 'TLS is required, but was not offered'
	waits a@misnamed.example 'certificate not verified'
	run relay_got 'a@(strict|misnamed).example' .
	[ "$status" -ne 0 ]
	eventually maillog 'Verified TLS connection established to 127.0.0.1'
}

@test "the login of a route under TLS whose certificate was checked, and never without" {
	routes <<-END
		route 1 user alice@corp.example via 127.0.0.1:$STARTTLS login joe password "s3cret pass" tls-name relay.test transport safe
		route 2 user carol@corp.example via 127.0.0.1:$STARTTLS login joe password "s3cret pass" tls-name other.test transport other
	END
	for name in safe other; do
		cat >>"$DIR/etc/master.cf" <<-END
			$name unix - - n - - smtp
			  -o smtp_sasl_password_maps=socketmap:unix:tmail/socketmap:sasl.$name
			  -o smtp_tls_policy_maps=socketmap:unix:tmail/socketmap:tls.$name
		END
	done
	daemon
	start_postfix
	submit alice info@corp.example a@x.example <<<'Subject: x'
	submit carol info@corp.example b@x.example <<<'Subject: x'
	eventually relay_got a@x.example 'X=TLS.* A=plain:joe'
	waits b@x.example 'certificate not verified'
	run relay_got b@x.example .
	[ "$status" -ne 0 ]
	run grep 's3cret' "$DIR/mail.log" "$DIR/servers.log"
	[ "$status" -ne 0 ]
}
