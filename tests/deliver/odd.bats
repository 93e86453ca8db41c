# Servers that are slow, wordy, old or out of step.

load helpers

setup() {
	deliver_setup
}

teardown() {
	deliver_teardown
}

# route_to_script [OPTIONS] - a route to the server of the script.
route_to_script() {
	routes <<<"route 1 to x.example via 127.0.0.1:$PORT $*"
}

send() {
	deliver "$@" a@x.example <<<hello
}

@test "a server that greets late, or answers late, is waited for" {
	local banner ehlo auth

	script EHLO'|250 x'
	sed -i '1s/.*/|WAIT 32 220 x/' "$DIR/script" && cp "$DIR/script" "$DIR/banner" && banner=$PORT
	script 'EHLO|WAIT 16 250 x'
	sed -i '1s/.*/|WAIT 16 220 x/' "$DIR/script" && cp "$DIR/script" "$DIR/ehlo" && ehlo=$PORT
	script 'EHLO|250-x\n250 AUTH PLAIN' 'AUTH|WAIT 32 235 ok'
	auth=$PORT
	for name in banner ehlo; do
		script_server "$DIR/$name"
		declare "$name=$PORT"
	done
	routes <<-END
		route 1 to banner.example via 127.0.0.1:$banner
		route 2 to ehlo.example via 127.0.0.1:$ehlo
		route 3 to auth.example via 127.0.0.1:$auth tls off login joe password s3cret
	END
	local pids=()
	for name in banner ehlo auth; do
		"$TMAIL" deliver --index "$DIR/routes.idx" --log none --sender me@here.example \
		    "a@$name.example" <<<hello 3>&- &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
}

@test "EHLO that is refused: HELO, where no extension is needed" {
	local reply utf8

	for reply in 500 502 504 550; do
		script "EHLO|$reply 5.5.1 what?" 'HELO|250 x'
		route_to_script
		send
		is 0
		grep -q '^HELO ' "$DIR/script.log"
	done
	for utf8 in '--sender jörg@here.example' '--timeout 9 --sender me@here.example'; do
		script 'EHLO|502 5.5.1 what?' 'HELO|250 x'
		route_to_script "$([[ $utf8 == *jörg* ]] || echo 'tls required')"
		send $utf8
		is 75 '4.5.1 *EHLO: 502 *'
	done
	script 'EHLO|502 5.5.1 what?' 'HELO|250 x'
	route_to_script 'tls off login joe password s3cret'
	send
	is 75 '4.5.1 *EHLO: 502 *'
	script 'EHLO|554 5.7.1 go away' 'HELO|250 x'
	route_to_script
	send
	is 75 '4.7.1 *EHLO: 554 *'
}

@test "a reply of a long line, or of many lines" {
	local long

	long=$(printf 'x%.0s' {1..5000})
	script 'EHLO|250 x'
	sed -i "s/^\.|.*/.|250 2.0.0 $long/; s/^RCPT|.*/RCPT|250 $long/" "$DIR/script"
	route_to_script
	send
	is 0
	sed -i "s/^RCPT|.*/RCPT|550 5.1.1 $long/" "$DIR/script"
	send
	is 69 "5.1.1 *RCPT: 550 5.1.1 xxx*"
	sed -i "s/^RCPT|.*/RCPT|550-5.7.1 one\\\\n550-5.7.1 two\\\\n550 5.7.1 three/" "$DIR/script"
	send
	is 69 '5.7.1 *RCPT: 550 5.7.1 one two three'
	perl -i -pe 's/^RCPT.*/"RCPT|" . "250-x\\n" x 900 . "250 x"/e' "$DIR/script"
	send
	is 0
	perl -i -pe 's/^RCPT.*/"RCPT|" . "250-x\\n" x 1000 . "250 x"/e' "$DIR/script"
	send
	is 75 '4.0.0 *RCPT: no SMTP reply'
	perl -i -pe 's/^RCPT.*/"RCPT|250 " . "x" x 70000/e' "$DIR/script"
	send
	is 75 '4.0.0 *RCPT: no SMTP reply'
}

@test "a reply before the final dot is none to it: the next relay" {
	local reply first

	sink second
	local second=$PORT
	for reply in '354 go\n250 taken' '354 go\n221 bye' '354 go\nwhat?'; do
		script 'EHLO|250 x'
		sed -i "s/^DATA|.*/DATA|${reply//\\/\\\\}/; s/^\.|.*/.|SILENCE/" "$DIR/script"
		routes <<-END
			route 1 to x.example via 127.0.0.1:$PORT priority 1
			route 2 to x.example via 127.0.0.1:$second priority 2
		END
		send
		is 0
		got second
		rm "$DIR"/second/*
		logged 'route=1 .*result=failed stage=body code=- text="the server said this before it was asked: '
		! grep -qx $'\\.\r' "$DIR/script.log" || fail 'the dot was sent'
	done
	# That of a server that does not want the data counts.
	sed -i 's/^DATA|.*/DATA|354 go\\n552 5.3.4 too big/' "$DIR/script"
	send
	is 69 '5.3.4 *body: 552 5.3.4 too big'
}

@test "what follows STARTTLS in clear is an attack: the next relay" {
	sink second
	local second=$PORT tls
	script 'EHLO|250-x\n250 STARTTLS' 'STARTTLS|220 go\n250-x\n250 AUTH PLAIN'
	for tls in opportunistic required verified; do
		routes <<-END
			route 1 to x.example via 127.0.0.1:$PORT priority 1 tls $tls
			route 2 to x.example via 127.0.0.1:$second priority 2
		END
		send
		is 0
		got second
		rm "$DIR"/second/*
		logged 'route=1 .*result=failed stage=STARTTLS .*text="something in clear'
	done
}

@test "a server that hangs up after the handshake: again in clear, where that is allowed" {
	local tls

	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=x -days 2 -addext subjectAltName=IP:127.0.0.1 \
	    -keyout "$DIR/key.pem" -out "$DIR/cert.pem" 2>>"$DIR/servers.log"
	tls=$(free_port)
	in_background sh -c 'exec openssl s_server -quiet -accept "127.0.0.1:$1" -cert "$2/cert.pem" -key "$2/key.pem" </dev/null' \
	    sh "$tls" "$DIR"
	wait_port "$tls"
	script 'EHLO|250-x\n250-AUTH PLAIN\n250 STARTTLS' "STARTTLS|TLS $tls" 'AUTH|235 ok'
	route_to_script
	send
	is 0
	logged 'result=retry-in-clear stage=EHLO '
	logged 'tls=- .*result=delivered'
	for route in 'tls required' 'tls verified' 'tls required login joe password s3cret' \
	    'login joe password s3cret'; do
		: >"$DIR/script.log"
		route_to_script "$route"
		send --ca-file "$DIR/cert.pem"
		is 75 '4.4.2 *EHLO: connection lost'
		! grep -qe MAIL -e AUTH "$DIR/script.log" || fail 'it went on in clear'
	done
}

@test "texts of the verdict are our own" {
	routes <<-END
		route 1 to down.example via 127.0.0.1:$(free_port)
		route 2 to far.example via 203.0.113.1 tls off
	END
	deliver a@down.example <<<hello
	is 75 '4.4.1 127.0.0.1*: connect: Connection refused'
	deliver a@far.example <<<hello
	is 75 '4.4.1 203.0.113.1*: connect: Network is unreachable'
}
