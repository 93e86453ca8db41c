# The recipe in contrib/postfix in a real Postfix with its own directories: authenticated
# submission, routes by login, bounces, and relays that are all down.

load helpers
load instance

setup() {
	deliver_setup
	install_tmail
	postfix_instance
}

teardown() {
	postfix_teardown
}

# As it is installed, where Postfix's user can get at it.
install_tmail() {
	mkdir -p "$DIR/bin" "$DIR/libexec/tmail"
	cp "$TMAIL" "$DIR/bin/tmail"
	cp "$(dirname "$TMAIL")"/tmail-{tls,sasl,dns}.so "$DIR/libexec/tmail/"
}

# recipe FILE - a file of contrib/postfix, with the paths and the user of this test.
recipe() {
	sed -e "s|/usr/bin/tmail|$DIR/bin/tmail|; s|/etc/tmail/routes.idx|$DIR/routes.idx|" \
	    -e 's|user=tmail|user=nobody|; s|mail.example.org|sender.test|' "$ROOT/contrib/postfix/$1"
}

# postfix_instance - a Postfix with submission that delivers by the recipe.
postfix_instance() {
	postfix_submission
	recipe main.cf >>"$DIR/etc/main.cf"
	recipe master.cf >>"$DIR/etc/master.cf"
	postfix_start "$SUBMISSION"
}

# index - the routes on standard input, for Postfix's user to read.
index() {
	routes
	chgrp nogroup "$DIR/routes.idx"
	chmod 640 "$DIR/routes.idx"
}

# arrived NAME LINE - the sink has got one message, whole, and that has the line.
# (A sink makes its file when a transaction begins.)
arrived() {
	got "$1" && body "$1" | grep -qx "$2"
}

@test "two logins leave by two relays, a bounce by a third; with all relays down mail stays" {
	sink for_alice
	local alice=$PORT
	sink for_carol
	local carol=$PORT
	sink for_bounces
	index <<-END
		route 1 user alice@corp.example from corp.example via 127.0.0.1:$alice
		route 2 user carol@corp.example from corp.example via 127.0.0.1:$carol
		route 3 from <> via 127.0.0.1:$PORT
		route 4 to closed.example user * from corp.example reject "5.7.1 closed for good"
		route 5 to * reject "5.7.1 only for those who log in"
	END
	submit alice info@corp.example bob@example.org <<<'Subject: by alice'
	submit carol info@corp.example bob@example.org <<<'Subject: by carol'
	eventually arrived for_alice 'Subject: by alice'
	eventually arrived for_carol 'Subject: by carol'
	grep -qxF 'X-Mail-Args: <info@corp.example>' "$DIR"/for_carol/*
	grep -qxF 'X-Helo-Args: sender.test' "$DIR"/for_carol/*
	[ "$(mails for_bounces)" -eq 0 ]
	maillog 'relay=tmail, .*dsn=2.0.0, status=sent'

	submit carol info@corp.example x@closed.example <<<'Subject: refused'
	eventually arrived for_bounces 'Status: 5.7.1'
	grep -qxF 'X-Mail-Args: <>' "$DIR"/for_bounces/*
	grep -qxF 'X-Rcpt-Args: <info@corp.example>' "$DIR"/for_bounces/*
	body for_bounces | grep -qx 'Diagnostic-Code: x-unix; closed for good'
	body for_bounces | grep -qx 'Status: 5.7.1'
	maillog 'dsn=5.7.1, status=bounced \(closed for good ?\)'

	stop "${PIDS[@]}"
	submit alice info@corp.example late@example.org <<<'Subject: waits'
	eventually maillog 'to=<late@example.org>, relay=tmail, .*dsn=4.4.1, status=deferred'
	"${UNPACKED[@]}" postqueue -c "$DIR/etc" -p | grep -q late@example.org
	[ "$(mails for_bounces)" -eq 1 ]

	# And when the relay is back it leaves.
	rm "$DIR"/for_alice/*
	SINK_AT=127.0.0.1:$alice sink for_alice
	"${UNPACKED[@]}" postqueue -c "$DIR/etc" -f
	eventually got for_alice
}

@test "without a login, and with several recipients: each by its own route" {
	sink one
	local one=$PORT
	sink two
	index <<-END
		route 1 to one.example via 127.0.0.1:$one
		route 2 to two.example via 127.0.0.1:$PORT
		route 3 user * reject "5.7.1 nobody is logged in here"
	END
	submit '' info@corp.example a@one.example b@two.example '"c d"@two.example' \
	    <<<'Subject: several'
	eventually got one
	eventually eval '[ "$(mails two)" -eq 2 ]'
	eventually grep -qxF 'X-Rcpt-Args: <a@one.example>' "$DIR"/one/*
	eventually eval 'cat "$DIR"/two/* | grep -qxF "X-Rcpt-Args: <\"c d\"@two.example>"'
}

@test "a large message to a reject route bounces with its text" {
	sink bounces
	index <<-END
		route 1 from <> via 127.0.0.1:$PORT
		route 2 to * reject "5.7.1 too bad"
	END
	{
		echo 'Subject: large'
		echo
		head -c 3000000 /dev/zero | tr '\0' x | fold -w 70
	} >"$DIR/message"
	submit alice info@corp.example a@one.example <"$DIR/message"
	eventually maillog 'dsn=5.7.1, status=bounced \(too bad ?\)'
}

@test "an index that is missing, or a broken installation: mail stays" {
	local library

	submit alice info@corp.example a@one.example <<<'Subject: no index'
	eventually maillog 'to=<a@one.example>.*dsn=4.3.5, status=deferred'

	index <<<"route 1 via 127.0.0.1:$SUBMISSION tls implicit"
	library=$(patchelf --print-needed "$DIR/libexec/tmail/tmail-tls.so" | grep '^libssl\.')
	patchelf --replace-needed "$library" libgone.so.1 "$DIR/libexec/tmail/tmail-tls.so"
	submit alice info@corp.example b@one.example <<<'Subject: no library'
	eventually maillog 'to=<b@one.example>.*dsn=4.3.0, status=deferred \(.*cannot use TLS: .*libgone'

	rm "$DIR/libexec/tmail/tmail-tls.so"
	submit alice info@corp.example c@one.example <<<'Subject: no module'
	eventually maillog 'to=<c@one.example>.*dsn=4.3.0, status=deferred \(.*cannot use TLS: '
	[ "$(grep -c status=bounced "$DIR/mail.log")" -eq 0 ]
}

@test "a server that refuses the name we greet with refuses no mail" {
	"${UNPACKED[@]}" postconf -c "$DIR/etc" -e \
	    'smtpd_end_of_data_restrictions = check_client_access static:DISCARD' \
	    'smtpd_recipient_restrictions = reject_non_fqdn_helo_hostname, permit'
	"${UNPACKED[@]}" postfix -c "$DIR/etc" reload 2>>"$DIR/servers.log"
	index <<<"route 1 via 127.0.0.1:$SUBMISSION"
	deliver --helo short a@one.example <<<hello
	is 75 '4.5.2 *RCPT: 504 5.5.2 <short>: Helo command rejected: need fully-qualified hostname'
	deliver --helo whole.test a@one.example <<<hello
	is 0
	# What names another one is final.
	"${UNPACKED[@]}" postconf -c "$DIR/etc" -e \
	    'smtpd_recipient_restrictions = check_recipient_access inline:{one.example=REJECT}, permit'
	"${UNPACKED[@]}" postfix -c "$DIR/etc" reload 2>>"$DIR/servers.log"
	deliver --helo short a@one.example <<<hello
	is 69 '5.7.1 *RCPT: 554 5.7.1 *'
}

# gate NUMBER - a door to the sink, at ${GATES[NUMBER]}, which may close behind those who are in.
gate() {
	in_background socat "TCP-LISTEN:${GATES[$1]},bind=127.0.0.1,reuseaddr,fork" "TCP:127.0.0.1:$SINK"
	GATE_PIDS[$1]=$!
	wait_port "${GATES[$1]}"
}

@test "relays that go and come back: every mail arrives, and once" {
	local mails=${MAILS:-300} round=0 source

	GATES=() GATE_PIDS=()
	sink all
	SINK=$PORT
	GATES=("$(free_port)" "$(free_port)")
	gate 0
	gate 1
	mkdir -m 777 "$DIR/state"
	sed -i "s|--queue-id|--state $DIR/state --penalty 1 --queue-id|" "$DIR/etc/master.cf"
	index <<-END
		relay one 127.0.0.1:${GATES[0]} connections 8
		relay two 127.0.0.1:${GATES[1]} rate 100/s
		route 1 via @one priority 1
		route 2 via @two priority 2
	END
	"${UNPACKED[@]}" postfix -c "$DIR/etc" reload 2>>"$DIR/servers.log"
	"${UNPACKED[@]}" smtp-source -s 10 -m "$mails" -N -f info@corp.example -t rcpt@one.example \
	    "127.0.0.1:$SUBMISSION" 3>&- &
	source=$!
	# Both are away, then one, then the other, while mail comes in and goes out.
	until ! kill -0 "$source" 2>/dev/null && [ "$round" -ge 6 ]; do
		case $((round % 3)) in
		0) away='0 1' ;;
		1) away=0 ;;
		2) away=1 ;;
		esac
		for n in $away; do
			kill -9 "${GATE_PIDS[n]}"
		done
		sleep 0.7
		for n in $away; do
			gate "$n"
		done
		sleep 0.3
		round=$((round + 1))
	done
	for ((i = 0; i < 600; i++)); do
		! "${UNPACKED[@]}" postqueue -c "$DIR/etc" -p | grep -q 'Mail queue is empty' || break
		"${UNPACKED[@]}" postqueue -c "$DIR/etc" -f
		sleep 0.5
	done
	[ "$(mails all)" -eq "$mails" ]
	[ "$(cat "$DIR"/all/* | grep '^X-Rcpt-Args' | sort | uniq -d | wc -l)" -eq 0 ]
	! grep 'status=bounced' "$DIR/mail.log" || fail 'a mail bounced'
	# Or nothing has been shown.
	grep -q 'status=deferred' "$DIR/mail.log"
}
