# BDAT (RFC 3030): used where it is offered, to a real Exim and a real Postfix, whose bytes a wiretap
# keeps; and what comes of servers that offer it and should not.

load helpers
load instance

setup() {
	deliver_setup
}

teardown() {
	postfix_teardown
}

# exim - keeps what it gets in $DIR/exim/input; at $PORT.  Recipients and texts say what it refuses.
exim() {
	PORT=$(free_port)
	mkdir "$DIR/exim"
	chown -R "$EXIM" "$DIR/exim"
	cat >"$DIR/exim.conf" <<-END
		primary_hostname = relay.test
		spool_directory = $DIR/exim
		log_file_path = $DIR/exim/%s.log
		pid_file_path = $DIR/exim/exim.pid
		local_interfaces = <; 127.0.0.1
		daemon_smtp_ports = $PORT
		pipelining_advertise_hosts = \${if eq{\$sender_helo_name}{slow.example}{}{*}}
		queue_only = true
		split_spool_directory = false
		tls_advertise_hosts =
		acl_smtp_rcpt = rcpt
		acl_smtp_data = data
		begin acl
		rcpt:
		  deny local_parts = nobody
		       message = no such user
		  accept
		data:
		  deny condition = \${if match{\$h_subject:}{virus}}
		       message = you have a virus
		  defer condition = \${if match{\$h_subject:}{later}}
		  deny condition = \${if >{\$max_received_linelength}{998}}
		       message = as Debian has it
		  accept
	END
	in_background "${UNPACKED[@]}" exim4 -C "$DIR/exim.conf" -bdf
	wait_port "$PORT"
}

# postfix_relay - keeps what it gets on hold; at $PORT.
postfix_relay() {
	PORT=$(free_port)
	postfix_files relay.test
	cat >>"$DIR/etc/main.cf" <<-END
		mynetworks = 127.0.0.0/8
		smtpd_recipient_restrictions = check_recipient_access inline:{nobody@x.example=REJECT}, permit
		smtpd_data_restrictions = check_sender_access inline:{evil@x.example=REJECT}, permit
		smtpd_end_of_data_restrictions = check_sender_access inline:{big@x.example=REJECT}
		    check_client_access static:HOLD
		smtpd_tls_security_level = none
	END
	echo "127.0.0.1:$PORT inet n - n - - smtpd" >>"$DIR/etc/master.cf"
	postfix_start "$PORT"
}

# tap - a wiretap before the server at $PORT, which takes its place; routes lead to it.
tap() {
	local server=$PORT

	PORT=$(free_port)
	: >"$DIR/wire"
	in_background socat -r "$DIR/wire" "TCP-LISTEN:$PORT,bind=127.0.0.1,reuseaddr,fork" "TCP:127.0.0.1:$server"
	wait_port "$PORT"
	routes <<<"route 1 via 127.0.0.1:$PORT tls off"
}

# send MESSAGE - a printf format.  HELO=NAME says how to greet.
send() {
	# shellcheck disable=SC2059
	printf "$1" >"$DIR/message"
	: >"$DIR/wire"
	deliver --helo "${HELO:-h.example}" a@x.example <"$DIR/message"
	[ "$status" -ne 0 ] || eventually wire_has_quit
}

# wire FIRST REST - all that was sent was a mail in two chunks with these bytes, printf formats.
wire() {
	local rest

	# shellcheck disable=SC2059
	{
		printf "$1" >"$DIR/first"
		printf "$2" >"$DIR/rest"
	}
	rest=$(stat -c %s "$DIR/rest")
	{
		printf 'EHLO h.example\r\nMAIL FROM:<me@here.example>\r\nRCPT TO:<a@x.example>\r\nBDAT 1\r\n'
		cat "$DIR/first"
		printf 'BDAT %d LAST\r\n' "$rest"
		cat "$DIR/rest"
		printf 'QUIT\r\n'
	} >"$DIR/expected"
	sed 's/> SIZE=[0-9]*/>/; s/> BODY=8BITMIME\r$/>\r/' "$DIR/wire" | cmp - "$DIR/expected" || {
		od -c "$DIR/wire" >&2
		return 1
	}
}

@test "to a real Exim: a byte, then the rest; no dot is added, no end of line changed otherwise" {
	local x998

	exim
	tap
	send 'S: x\r\n\r\none\ntwo\rthree'
	is 0
	logged 'result=delivered stage=dot code=250 .* data=BDAT ms='
	wire S ': x\r\n\r\none\r\ntwo\r\nthree\r\n'
	send '.\n..\n.x\n.\r\n'
	wire . '\r\n..\r\n.x\r\n.\r\n'
	send 'x\r\r\n\0.\n\n'
	wire x '\r\n\r\n\0.\r\n\r\n'
	send x
	wire x '\r\n'
	# A line is no longer for that.
	x998=$(printf 'x%.0s' {1..998})
	send "y\n${x998}${x998}"
	wire y "\r\n$x998\r\n ${x998%x}\r\n x\r\n"
	logged ' body=folded data=BDAT '
	# By another relay without PIPELINING the bytes are the same.
	HELO=slow.example send 'S: x\r\n\r\none'
	is 0
	sed -i 's/^EHLO slow/EHLO h/' "$DIR/wire"
	wire S ': x\r\n\r\none\r\n'
}

@test "no ending of lines ends the message, or brings a command in" {
	local before after

	exim
	tap
	for before in '\n' '\r' '\r\n' '\n\r'; do
		for after in '\n' '\r' '\r\n' '\r\r\n'; do
			send "S: x\n\nx$before.${after}MAIL FROM:<evil@x.example>\r\nBDAT 0 LAST\r\nx"
			is 0
			[ "$(tr -d '\r\n' <"$DIR/wire" | sed 's/ SIZE=[0-9]*//; s/BDAT [0-9]* LAST/BDAT N LAST/')" = \
			    'EHLO h.exampleMAIL FROM:<me@here.example>RCPT TO:<a@x.example>BDAT 1SBDAT N LAST: xx.MAIL FROM:<evil@x.example>BDAT 0 LASTxQUIT' ]
		done
	done
	[ "$(find "$DIR/exim/input" -name '*-D' | wc -l)" -eq 16 ]
	! grep -q evil "$DIR/exim/main.log" || fail 'a command came in'
}

@test "a large message arrives byte for byte: Exim, Postfix" {
	perl -e 'srand 1; my @p = ("\r\n", ".", "x", " "); print "Subject: x\r\n\r\n", map { $p[rand @p] } 1 .. 1500000' \
	    >"$DIR/message"
	exim
	routes <<<"route 1 via 127.0.0.1:$PORT"
	deliver a@x.example <"$DIR/message"
	is 0
	logged ' data=BDAT '
	tr -d '\r' <"$DIR/message" | sed '1,2d' >"$DIR/body"
	sed 1d "$DIR"/exim/input/*-D | cmp - <(sed '$a\' "$DIR/body")
	postfix_relay
	routes <<<"route 1 via 127.0.0.1:$PORT"
	deliver a@x.example <"$DIR/message"
	is 0
	logged ' data=BDAT '
	"${UNPACKED[@]}" postcat -c "$DIR/etc" -b "$(find "$DIR/queue/hold" -type f)" |
	    cmp - <(echo && sed '$a\' "$DIR/body")
}

@test "what a real server refuses: at RCPT no byte of the message is sent; at its end the reply counts" {
	local server

	for server in exim postfix_relay; do
		"$server"
		tap
		deliver nobody@x.example <<<$'Subject: x\n\nsecret'
		is 69 '5.*: RCPT: 55[04] *'
		! grep -q -e secret -e LAST "$DIR/wire" || fail 'it was sent all the same'
		[ "$(grep -c ^EHLO "$DIR/wire")" -eq 1 ]
	done
	deliver --sender big@x.example a@x.example <<<$'Subject: x\n\nx'
	is 69 '5.7.1 *: dot: 554 5.7.1 *'
	# DATA is asked what BDAT was refused with before anything of the message was seen.
	deliver --sender evil@x.example a@x.example <<<$'Subject: x\n\nx'
	is 69 '5.7.1 *: DATA: 554 5.7.1 *'
	logged 'result=retry-with-DATA stage=DATA code=554 .* data=BDAT'
	rm -r "$DIR/exim"
	exim
	sink second
	local second=$PORT
	PORT=$(sed -n 's/^daemon_smtp_ports = //p' "$DIR/exim.conf")
	routes <<-END
		route 1 via 127.0.0.1:$PORT priority 1
		route 2 via 127.0.0.1:$second priority 2
	END
	deliver a@x.example <<<$'Subject: a virus\n\nx'
	is 69 '5.0.0 *: dot: 550 you have a virus'
	deliver a@x.example <<<$'Subject: later\n\nx'
	is 0
	logged 'route=1 .*result=failed stage=dot code=451 .* data=BDAT'
	got second
}

@test "a message without a first byte to send alone goes by DATA, and so does all where BDAT is not offered" {
	exim
	tap
	for message in '' '\n' '\r\nbody' '\0'; do
		send "$message"
		is 0
		grep -qx $'DATA\r' "$DIR/wire"
		! grep -q BDAT "$DIR/wire" "$DIR/log" || fail 'by BDAT'
	done
	sink plain
	tap
	send 'S: x\n'
	is 0
	! grep -q data= "$DIR/log" || fail 'by BDAT'
}

# offering LINE... - a script whose server offers BDAT, and behind it a second relay.
offering() {
	sink second
	local second=$PORT
	script 'EHLO|250-x\n250-8BITMIME\n250 CHUNKING' "$@"
	routes <<-END
		route 1 to x.example via 127.0.0.1:$PORT priority 1
		route 2 to x.example via 127.0.0.1:$second priority 2
	END
}

@test "BDAT that is not understood: DATA at the same address, over a new connection" {
	local reply

	for reply in '500 5.5.1 what?' '502 no' '503 5.5.1 out of order' '504 5.5.4 what size?' '550 5.5.0 what?' \
	    '521 no' '354 go' 'what?' HANGUP; do
		offering "BDAT|$reply"
		deliver a@x.example <<<$'Subject: x\n\n.secret'
		is 0
		[ "$(mails second)" -eq 0 ]
		logged 'route=1 .*result=retry-with-DATA stage=DATA .* data=BDAT ms='
		logged 'route=1 .*result=delivered stage=dot code=250 text=taken ms='
		[ "$(grep -c '^EHLO' "$DIR/script.log")" -eq 2 ]
		grep -qx $'\.\.secret\r' "$DIR/script.log"
		# Its own words count.
		sed -i 's/^DATA|.*/DATA|554 5.7.1 never/' "$DIR/script"
		deliver a@x.example <<<x
		is 69 '5.7.1 *: DATA: 554 5.7.1 never'
	done
	# After all of the message only what is never said of a message.
	for reply in 500 502 503 504; do
		offering $'BDAT 1\r|250 x' "BDAT|$reply 5.5.1 what?"
		deliver a@x.example <<<x
		is 0
		logged 'route=1 .*result=retry-with-DATA stage=dot .* data=BDAT ms='
		logged 'route=1 .*result=delivered stage=dot code=250 text=taken ms='
	done
	offering $'BDAT 1\r|250 x' 'BDAT|552 5.3.4 too big'
	deliver a@x.example <<<x
	is 69 '5.3.4 *: dot: 552 5.3.4 too big'
}

@test "a server that waits for more than it gets: there is time left for DATA" {
	offering 'BDAT|SILENCE'
	routes <<<"route 1 to x.example via 127.0.0.1:$PORT"
	deliver --timeout 10 a@x.example <<<x
	is 0
	logged 'result=retry-with-DATA stage=DATA code=- text="timed out"'
}

@test "a server that takes no bytes of what it refuses finds no command in the message" {
	local offer reply message

	message='\r\nMAIL FROM:<evil@x.example>\r\nRCPT TO:<evil@x.example>\r\nDATA\r\nx\r\n.\r\n'
	for offer in '250-PIPELINING\n250 CHUNKING' '250 CHUNKING'; do
		for reply in '502 5.5.1 what?' '554 5.5.1 no valid recipients'; do
			: >"$DIR/script.log"
			printf '%s\n' '|220 x' "EHLO|250-x\n$offer" 'MAIL|250 x' 'RCPT TO:<a@x.example>|550 5.1.1 who?' \
			    'RCPT|250 x' "BDAT|DEAF $reply" 'DATA|354 x' '.|250 taken' 'QUIT|221 x' '|500 what?' >"$DIR/script"
			script_server "$DIR/script"
			routes <<<"route 1 to x.example via 127.0.0.1:$PORT"
			# shellcheck disable=SC2059
			printf "x$message" >"$DIR/message"
			deliver a@x.example <"$DIR/message"
			is 69 '5.1.1 *: RCPT: 550 5.1.1 who?'
			deliver b@x.example <"$DIR/message"
			is 0
			# What it has taken for commands, without what DATA announced.
			[ "$(perl -ne 'print if !$data; $data = 0 if /^\.\r$/; $data = 1 if /^DATA/' "$DIR/script.log" |
			    grep -c evil)" -eq 0 ]
		done
	done
}

@test "4xx to BDAT: the next relay" {
	offering 'BDAT|451 4.3.0 later'
	deliver a@x.example <<<x
	is 0
	got second
	logged 'route=1 .*result=failed stage=DATA code=451'
	[ "$(grep -c '^EHLO' "$DIR/script.log")" -eq 1 ]
}

@test "a reply before the last bytes is none to them: the next relay" {
	local reply

	for reply in '250 x\n250 taken' '250 x\n221 bye' '250 x\nwhat?'; do
		offering "BDAT|$reply"
		deliver a@x.example <<<x
		is 0
		got second
		rm "$DIR"/second/*
		logged 'route=1 .*result=failed stage=body code=- text="the server said this before it was asked: '
		! grep -q LAST "$DIR/script.log" || fail 'the last chunk was announced'
	done
	# That of a server that does not want it counts.
	offering 'BDAT|250 x\n552 5.3.4 too big'
	deliver a@x.example <<<x
	is 69 '5.3.4 *body: 552 5.3.4 too big'
}

@test "no reply, or none that is one, to the last bytes: deferred, and no other relay is tried" {
	local reply

	for reply in GONE 'what?' '354 more'; do
		offering $'BDAT 1\r|250 x' "BDAT|$reply"
		deliver a@x.example <<<x
		is 75 '4.*'
		[ "$(mails second)" -eq 0 ]
		[ "$(wc -l <"$DIR/log")" -eq 1 ]
		logged 'result=stopped stage=dot '
	done
	offering $'BDAT 1\r|250 x' 'BDAT|SILENCE'
	deliver --timeout 3 a@x.example <<<x
	is 75 '4.4.2 *may have taken the message*'
	[ "$(mails second)" -eq 0 ]
}

@test "8-bit data by BDAT are announced as such" {
	offering $'BDAT 1\r|250 x' 'BDAT|250 x'
	deliver a@x.example <<<ä
	is 0
	grep -qx $'MAIL FROM:<me@here.example> BODY=8BITMIME\r' "$DIR/script.log"
	grep -q 'data=BDAT' "$DIR/log"
}
