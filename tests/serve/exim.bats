# A real Exim, with its own directories, that asks the daemon: contrib/exim.

load ../deliver/helpers
load relay

setup() {
	deliver_setup
	mkdir -p "$DIR/exim" "$DIR/tmail"
	chown "$EXIM" "$DIR/exim"
	# The socket gets the group of its directory.
	chgrp "$EXIM" "$DIR/tmail"
	chmod 2750 "$DIR/tmail"
}

teardown() {
	deliver_teardown
}

# recipe FILE - one of contrib/exim, with the path of this test.
recipe() {
	sed "s|/run/tmail/exim|$DIR/tmail/exim|" "$ROOT/contrib/exim/$1.conf"
}

# exim - at $SUBMISSION, where any login has the password "secret".
exim() {
	SUBMISSION=$(free_port)
	{
		recipe macros
		cat <<-END
			exim_path = $DIR/exim4
			deliver_drop_privilege = true
			keep_environment = *
			primary_hostname = sender.test
			spool_directory = $DIR/exim
			log_file_path = $DIR/exim/%s.log
			pid_file_path = $DIR/exim/exim.pid
			local_interfaces = 127.0.0.1
			daemon_smtp_ports = $SUBMISSION
			log_selector = +all
			domainlist local_domains =
			tls_advertise_hosts =
			acl_smtp_rcpt = accept
			never_users =
			remote_max_parallel = 1
			begin routers
		END
		# The relays of this test are on this host.
		recipe routers | sed '/driver = manualroute/a\  self = send'
		printf 'next:\n  driver = redirect\n  allow_fail\n  data = :fail: the next router\n'
		echo 'begin transports'
		recipe transports | sed "${CLEAR:+/hosts_require_tls/d}"
		printf 'other:\n  driver = smtp\n'
		echo 'begin retry'
		echo '* * F,2h,1s'
		echo 'begin authenticators'
		recipe authenticators
		printf 'server:\n  driver = plaintext\n  public_name = PLAIN\n'
		printf '  server_prompts = :\n  server_condition = ${if eq{$auth3}{secret}{yes}{no}}\n  server_set_id = $auth2\n'
	} >"$DIR/exim.conf"
	# Without its set-user-ID bit it may take the unpacked libraries along.
	cp "$SERVERS/usr/sbin/exim4" "$DIR/exim4.real"
	chmod 755 "$DIR/exim4.real"
	printf '#!/bin/bash\nexec %s "$@"\n' "${UNPACKED[*]@Q} $DIR/exim4.real" >"$DIR/exim4"
	chmod 755 "$DIR/exim4"
	in_background "$DIR/exim4" -C "$DIR/exim.conf" -bdf -q1s
	wait_port "$SUBMISSION"
}

# daemon - its PID is in $SERVE.
daemon() {
	in_background "$TMAIL" routes serve -i "$DIR/routes.idx" --exim "unix:$DIR/tmail/exim" --log-queries
	SERVE=$!
	eventually answers
}

answers() {
	echo what | socat -t 5 - "UNIX-CONNECT:$DIR/tmail/exim" | grep -q DEFER
}

# has NAME COUNT - a sink has got so many messages, whole.
has() {
	[ "$(cat "$DIR/$1"/* 2>/dev/null | grep -c '^X-Rcpt-Args:')" -eq "$2" ]
}

# only NAME TEXT - all recipients of a sink have it.
only() {
	! cat "$DIR/$1"/* | grep '^X-Rcpt-Args:' | grep -v "$2"
}

mainlog() {
	grep -qE "$1" "$DIR/exim/main.log"
}

@test "each recipient by login, sender and destination; reject, defer, discard and none" {
	local name

	for name in by_login by_sender by_destination; do
		sink $name
		declare "$name=$PORT"
	done
	routes <<-END
		route 1 to one.example via 127.0.0.1:$by_destination
		route 2 user alice@corp.example to x.example via 127.0.0.1:$by_login transport other
		route 3 user carol@corp.example from special.example via 127.0.0.1:$by_sender
		route 4 to no.example reject "5.7.1 closed for good"
		route 5 to late.example defer "4.7.1 not today"
		route 6 to drop.example discard
		route 7 to fall.example via 127.0.0.1:1 priority 1
		route 8 to fall.example via 127.0.0.1:$by_destination priority 2
	END
	daemon
	exim
	submit alice@corp.example info@corp.example a@x.example b@one.example <<<'Subject: x'
	submit carol@corp.example info@special.example c@y.example <<<'Subject: x'
	submit '' info@corp.example d@one.example e@no.example f@late.example g@drop.example \
	    h@y.example i@fall.example <<<'Subject: x'
	eventually has by_login 1
	eventually has by_sender 1
	eventually has by_destination 3
	only by_login a@x.example
	only by_sender c@y.example
	only by_destination '[bd]@one.example\|i@fall.example'
	mainlog 'a@x.example .*R=tmail_route T=other'
	eventually mainlog '\*\* e@no.example .*closed for good'
	eventually mainlog '== f@late.example .*not today'
	eventually mainlog '=> :blackhole: <g@drop.example>'
	eventually mainlog '\*\* h@y.example .*the next router'
}

@test "login and password of the route" {
	script 'EHLO|250-x\n250 AUTH PLAIN' 'AUTH PLAIN|235 ok'
	routes <<<"route 1 to * via 127.0.0.1:$PORT login \"me^\" password \"pass^word\" tls off"
	daemon
	CLEAR=yes exim
	submit '' info@corp.example a@x.example <<<'Subject: x'
	eventually mainlog '=> a@x.example .*A=tmail_plain'
	grep -q "AUTH PLAIN $(printf '\0me^\0pass^word' | base64)" "$DIR/script.log"
}

@test "the login of a relay whose name is an alias" {
	script 'EHLO|250-x\n250 AUTH PLAIN' 'AUTH PLAIN|235 ok'
	routes <<-END
		route 1 to a.example via relay.test:$PORT login first password one tls off
		route 2 to b.example via relay.test:$PORT login first password one tls off priority 1
		route 3 to b.example via other.test:$PORT tls off priority 2
	END
	# Exim puts the first name in the place of any other.
	echo '127.0.0.1 real.pool.test relay.test' >"$DIR/hosts"
	UNPACKED+=("NSS_WRAPPER_HOSTS=$DIR/hosts")
	daemon
	CLEAR=yes exim
	sed -i '1i dns_again_means_nonexist = *' "$DIR/exim.conf"
	kill -HUP "${PIDS[-1]}"
	eventually mainlog 'SIGHUP received: re-exec daemon'
	wait_port "$SUBMISSION"
	submit '' info@corp.example a@a.example <<<'Subject: x'
	eventually mainlog '=> a@a.example .* H=real.pool.test .* A=tmail_plain'
	grep -q "^AUTH PLAIN $(printf '\0first\0one' | base64)" "$DIR/script.log"
	# Which of two it is nobody can tell: it does not go without the login.
	submit '' info@corp.example a@b.example <<<'Subject: x'
	eventually mainlog '== a@b.example '
	! mainlog '=> a@b.example' || false
}

@test "no words but those of the route: of a leading ^ Exim would make others" {
	local words

	routes <<<'route 1 to * via 127.0.0.1:9 tls off'
	daemon
	CLEAR=yes exim
	for words in 'me ^word' '^me word' '^ ^'; do
		script 'EHLO|250-x\n250 AUTH PLAIN' 'AUTH PLAIN|235 ok'
		routes <<<"route 1 to * via 127.0.0.1:$PORT login \"${words% *}\" password \"${words#* }\" tls off"
		: >"$DIR/exim/main.log"
		submit '' info@corp.example a@x.example <<<'Subject: x'
		eventually mainlog '== a@x.example .*auth'
		! grep -q AUTH "$DIR/script.log" || fail 'AUTH was sent'
	done
	# One within or at an end is no trouble, nor is what else begins with X in base64.
	for words in 'me^ pass^^word^' '_me \x5Dword'; do
		script 'EHLO|250-x\n250 AUTH PLAIN' 'AUTH PLAIN|235 ok'
		routes <<<"route 1 to * via 127.0.0.1:$PORT login \"${words% *}\" password \"${words#* }\" tls off"
		submit '' info@corp.example b@x.example <<<'Subject: x'
		eventually grep -q '^MAIL' "$DIR/script.log"
		grep -q "AUTH PLAIN $(printf "\0${words% *}\0${words#* }" | base64)" "$DIR/script.log"
	done
}

@test "login and password under TLS, as the relay sees them" {
	tls_relay
	routes <<<"route 1 to * via 127.0.0.1:$STARTTLS login joe password \"s3cret pass\""
	daemon
	exim
	submit '' info@corp.example a@x.example <<<'Subject: x'
	eventually relay_got a@x.example 'X=TLS.* A=plain:joe'
	run grep -r 's3cret' "$DIR/exim" "$DIR/servers.log"
	[ "$status" -ne 0 ]
}

@test "recipients are shared out by weight, and all go on while a relay is down" {
	local to=() i

	sink big
	local big=$PORT
	sink small
	routes <<-END
		route 1 to share.example via 127.0.0.1:$big weight 3
		route 2 to share.example via 127.0.0.1:$PORT weight 1
		route 3 to down.example via 127.0.0.1:1 priority 1
		route 4 to down.example via 127.0.0.1:$PORT priority 2
	END
	daemon
	exim
	for i in {1..80}; do
		to+=(a$i@share.example)
	done
	submit '' info@corp.example "${to[@]}" <<<'Subject: x'
	recipients() { cat "$DIR/$1"/* | grep -c "^X-Rcpt-Args:.*@$2"; }
	all() { [ "$(($(recipients big share.example) + $(recipients small share.example)))" -eq 80 ]; }
	eventually all
	# 60 and 20 are expected; five standard deviations are 20.
	[ "$(recipients big share.example)" -gt 40 ]
	[ "$(recipients small share.example)" -gt 2 ]
	submit '' info@corp.example b@down.example c@down.example <<<'Subject: x'
	eventually eval '[ "$(recipients small down.example)" -eq 2 ]'
}

@test "a relay whose name is gone: the next one, or all mail waits" {
	routes <<-END
		route 1 to two.example via gone.test priority 1
		route 2 to two.example via 127.0.0.1:2525 priority 2
		route 3 to mx.example via mx:gone.test priority 1
		route 4 to mx.example via 127.0.0.1:2526 priority 2
		route 5 to one.example via gone.test
	END
	daemon
	exim
	# Nobody answers for DNS here.
	sed -i '1i dns_again_means_nonexist = *' "$DIR/exim.conf"
	route() { "$DIR/exim4" -C "$DIR/exim.conf" -bt -f s@corp.example "$1" >"$DIR/out"; }
	route a@two.example
	grep -q 'host 127.0.0.1 .*port=2525' "$DIR/out"
	route a@mx.example
	grep -q 'host 127.0.0.1 .*port=2526' "$DIR/out"
	run route a@one.example
	[ "$status" -eq 1 ]
	grep -q 'a@one.example cannot be resolved at this time' "$DIR/out"
}

@test "no password in clear" {
	script 'EHLO|250-x\n250 AUTH PLAIN' 'AUTH PLAIN|235 ok'
	routes <<<"route 1 to * via 127.0.0.1:$PORT login me password secret"
	daemon
	exim
	submit '' info@corp.example a@x.example <<<'Subject: x'
	eventually mainlog '== a@x.example .*TLS'
	! grep -q AUTH "$DIR/script.log"
}

@test "the daemon is killed in mid-traffic: all mail waits, none is lost or misrouted" {
	local i

	sink one
	local one=$PORT
	sink two
	routes <<-END
		route 1 user alice@corp.example to * via 127.0.0.1:$one
		route 2 to * via 127.0.0.1:$PORT
	END
	daemon
	exim
	for i in {1..10}; do
		submit alice@corp.example info@corp.example a$i@x.example <<<'Subject: x'
		submit '' info@corp.example b$i@x.example <<<'Subject: x'
		[ $i -ne 3 ] || kill -9 "$SERVE"
	done
	eventually mainlog '== [ab][0-9]*@x.example .*defer'
	daemon
	eventually has one 10
	eventually has two 10
	only one '<a[0-9]*@x.example>'
	only two '<b[0-9]*@x.example>'
	! mainlog 'the next router'
}
