# What routes can say of a relay beyond its name: family, port, source and helo, mail-from, client
# certificates and authorities, tokens; and discard.

load helpers

setup() {
	deliver_setup
}

teardown() {
	deliver_teardown
}

@test "discard: taken, dropped, logged, and no relay hears of it" {
	routes <<<'route 1 to x.example discard'
	head -c 3000000 /dev/zero >"$DIR/message"
	deliver a@x.example <"$DIR/message"
	is 0 ''
	logged '^to=a@x.example .* route=1 conf=routes.conf:1 relay=- .* result=discarded stage=route code=- text=discarded '
	# The writer of a pipe sees no error.
	(trap '' PIPE && head -c 3000000 /dev/zero) | "$TMAIL" deliver --index "$DIR/routes.idx" \
	    --log none --sender me@here.example a@x.example
	[ "${PIPESTATUS[*]}" = '0 0' ]
}

@test "discard: a mail whose end does not come is not waited for longer than --timeout" {
	routes <<<'route 1 to x.example discard'
	mkfifo "$DIR/stalled"
	exec {hold}<>"$DIR/stalled"
	deliver --timeout 1 a@x.example <"$DIR/stalled"
	exec {hold}>&-
	is 75 '4.3.0 cannot read the message: *'
	logged ' route=1 .* result=deferred stage=route '
	# Nor is one that never stops.
	deliver --timeout 1 a@x.example </dev/zero
	is 75 '4.3.0 cannot read the message: *'
}

@test "family" {
	local four six

	nameserver <<-END
		relay A 127.0.0.1
		relay AAAA ::1
		four A 127.0.0.1
		dom MX 10 mx1
		dom MX 20 mx2
		mx1 A 198.51.100.1
		mx1 AAAA 2001:db8:1::1
		mx2 A 198.51.100.2
		mx2 AAAA 2001:db8:1::2
	END
	sink four
	four=$PORT
	SINK_AT="[::1]:$four" sink six
	routes <<-END
		route 1 to ipv4.example via relay.test:$four family ipv4
		route 2 to ipv6.example via relay.test:$four family ipv6
		route 3 to prefer4.example via relay.test:$four family prefer-ipv4
		route 4 to prefer6.example via relay.test:$four family prefer-ipv6
		route 5 to none.example via four.test:$four family ipv6
		route 6 to down4.example via mx:dom.test family ipv4
		route 7 to down6.example via mx:dom.test family prefer-ipv6
	END
	for case in ipv4=four ipv6=six prefer4=four prefer6=six; do
		deliver --dns-server "127.0.0.1:$DNS" "a@${case%=*}.example" <<<hello
		is 0
		got "${case#*=}"
		rm "$DIR/${case#*=}"/*
	done
	deliver --dns-server "127.0.0.1:$DNS" a@none.example <<<hello
	is 75 '4.4.4 no IPv6 address'
	deliver --dns-server "127.0.0.1:$DNS" a@down4.example <<<hello
	is 75
	[ "$(sed 's/.* addr=//; s/ .*//' "$DIR/log" | tr '\n' ' ')" = '198.51.100.1:25 198.51.100.2:25 ' ]
	# The preference of MX hosts comes before that of a family.
	deliver --dns-server "127.0.0.1:$DNS" a@down6.example <<<hello
	[ "$(sed 's/.* addr=//; s/ .*//' "$DIR/log" | tr '\n' ' ')" = \
	    '[2001:db8:1::1]:25 198.51.100.1:25 [2001:db8:1::2]:25 198.51.100.2:25 ' ]
}

@test "port is that of the MX hosts, too" {
	SINK_AT=198.51.100.1:2525 sink mx
	nameserver <<-END
		dom MX 10 mx1
		mx1 A 198.51.100.1
	END
	routes <<-END
		route 1 to dom.test via mx port 2525
		route 2 to x.example via mx:dom.test port 2525
	END
	deliver --dns-server "127.0.0.1:$DNS" a@dom.test <<<hello
	is 0
	deliver --dns-server "127.0.0.1:$DNS" a@x.example <<<hello
	is 0
	[ "$(mails mx)" -eq 2 ]
}

@test "a source address has a name of its own to greet with, unless the route has one" {
	sink relay
	routes <<-END
		source 127.0.0.2 helo two.example
		route 1 to two.example via 127.0.0.1:$PORT local 127.0.0.2
		route 2 to three.example via 127.0.0.1:$PORT local 127.0.0.3
		route 3 to own.example via 127.0.0.1:$PORT local 127.0.0.2 helo own.example
	END
	for case in two=two.example three=mine.example own=own.example; do
		deliver --helo mine.example "a@${case%=*}.example" <<<hello
		is 0
		grep -qxF "X-Helo-Args: ${case#*=}" "$DIR"/relay/*
		rm "$DIR"/relay/*
	done
}

@test "mail-from takes the place of the sender, but for a bounce" {
	sink relay
	routes <<<"route 1 via 127.0.0.1:$PORT mail-from bounces@here.example"
	deliver a@x.example <<<hello
	is 0
	grep -qxF 'X-Mail-Args: <bounces@here.example>' "$DIR"/relay/*
	rm "$DIR"/relay/*
	deliver --sender '' a@x.example <<<hello
	is 0
	grep -qxF 'X-Mail-Args: <>' "$DIR"/relay/*
}

# ca NAME, certificate NAME CA SUBJECT [ALTERNATIVE]
ca() {
	openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=$1" -days 2 -keyout "$DIR/$1.key" \
	    -out "$DIR/$1.pem" 2>>"$DIR/servers.log"
}

certificate() {
	{
		openssl req -new -newkey rsa:2048 -nodes -subj "/CN=$3" -keyout "$DIR/$1.key" -out "$DIR/$1.csr" &&
			openssl x509 -req -in "$DIR/$1.csr" -CA "$DIR/$2.pem" -CAkey "$DIR/$2.key" -CAcreateserial \
			    -days 2 -out "$DIR/$1.crt" -extfile <(echo "subjectAltName=${4:-DNS:$3}")
	} 2>>"$DIR/servers.log"
	cat "$DIR/$1.crt" "$DIR/$1.key" >"$DIR/$1.pem"
}

# exim - a server of the CA "servers" that knows clients by certificates of "clients", and by the
# token $TOKEN those that greet as one who would; at $PORT.
exim() {
	PORT=$(free_port)
	ca servers && ca clients && ca strangers
	certificate relay servers relay.test IP:127.0.0.1
	certificate joe clients joe
	certificate mallory strangers joe
	mkdir "$DIR/exim"
	cp "$DIR"/{relay,clients}.pem "$DIR/exim"
	chown -R "$EXIM" "$DIR/exim"
	cat >"$DIR/exim.conf" <<-END
		primary_hostname = relay.test
		spool_directory = $DIR/exim
		log_file_path = $DIR/exim/%s.log
		pid_file_path = $DIR/exim/exim.pid
		local_interfaces = <; 127.0.0.1
		daemon_smtp_ports = $PORT
		tls_advertise_hosts = *
		auth_advertise_hosts = *
		tls_certificate = $DIR/exim/relay.pem
		tls_verify_certificates = $DIR/exim/clients.pem
		tls_try_verify_hosts = *
		queue_only = true
		acl_smtp_rcpt = accept authenticated = *
		begin authenticators
		external:
		  driver = external
		  public_name = EXTERNAL
		  server_advertise_condition = \$tls_in_certificate_verified
		  server_param2 = \${certextract {subject,CN}{\$tls_in_peercert}}
		  server_condition = \${if eq{\$auth2}{joe}}
		  server_set_id = \$auth2
		xoauth2:
		  driver = plaintext
		  public_name = XOAUTH2
		  server_advertise_condition = \${if inlist{\$sender_helo_name}{x.example : both.example}}
		  server_prompts = :
		  server_condition = \${if eq{\$auth1}{user=joe@x.example\x01auth=Bearer $TOKEN\x01\x01}}
		  server_set_id = joe
		oauthbearer:
		  driver = plaintext
		  public_name = OAUTHBEARER
		  server_advertise_condition = \${if inlist{\$sender_helo_name}{bearer.example : both.example}}
		  server_prompts = :
		  server_condition = \${if eq{\$auth1}{n,a=joe@x.example,\x01host=127.0.0.1\x01port=$PORT\x01auth=Bearer $TOKEN\x01\x01}}
		  server_set_id = joe
	END
	in_background "${UNPACKED[@]}" exim4 -C "$DIR/exim.conf" -bdf
	wait_port "$PORT"
}

@test "tls-ca says whom to trust, tls-cert who we are, and EXTERNAL that this is our login" {
	local tls

	exim
	for tls in "tls-cert $DIR/joe.pem" "tls-cert $DIR/mallory.pem" "tls-cert $DIR/none.pem" \
	    "tls-cert $DIR/clients.key"; do
		routes <<-END
			route 1 to x.example via 127.0.0.1:$PORT tls verified tls-ca $DIR/servers.pem auth external $tls
		END
		deliver a@x.example <<<hello
		case $tls in
		*joe*)
			is 0
			logged ' verified=yes auth=EXTERNAL result=delivered'
			grep -q 'A=external:joe' "$DIR/exim/main.log"
			;;
		*mallory*) is 75 '4.7.4 *AUTH is not offered*' ;;
		*) is 75 '4.3.5 *: STARTTLS: cannot use the certificate and key in *' ;;
		esac
	done
	routes <<-END
		route 1 to x.example via 127.0.0.1:$PORT tls verified tls-ca $DIR/strangers.pem tls-cert $DIR/joe.pem
		route 2 to y.example via 127.0.0.1:$PORT tls verified tls-cert $DIR/joe.pem
	END
	deliver a@x.example <<<hello
	is 75 '4.7.5 *the certificate is of no authority that is trusted here*'
	deliver a@y.example <<<hello
	is 75 '4.7.5 *'
	# One of ours that cannot be used is no reason to go in clear.
	routes <<<"route 1 to x.example via 127.0.0.1:$PORT tls-cert $DIR/none.pem"
	deliver a@x.example <<<hello
	is 75 '4.3.5 *'
}

@test "tls-ca: an authority in the middle, the relay's own certificate" {
	local ca port

	ca root
	openssl req -new -newkey rsa:2048 -nodes -subj /CN=middle -keyout "$DIR/middle.key" -out "$DIR/middle.csr" \
	    2>>"$DIR/servers.log"
	openssl x509 -req -in "$DIR/middle.csr" -CA "$DIR/root.pem" -CAkey "$DIR/root.key" -CAcreateserial -days 2 \
	    -out "$DIR/middle.pem" -extfile <(echo basicConstraints=critical,CA:TRUE) 2>>"$DIR/servers.log"
	certificate relay middle relay.test IP:127.0.0.1
	certificate other root relay.test IP:127.0.0.1
	# It sends its own certificate alone.
	port=$(free_port)
	in_background openssl s_server -quiet -accept "127.0.0.1:$port" -cert "$DIR/relay.crt" -key "$DIR/relay.key"
	wait_port "$port"
	for ca in middle.pem=banner relay.crt=banner root.pem=authority other.crt=authority; do
		routes <<<"route 1 via 127.0.0.1:$port tls implicit tls-ca $DIR/${ca%=*}"
		deliver --timeout 2 a@x.example <<<hello
		is 75 "4.*${ca#*=}*"
	done
}

@test "tls-ca, tls-cert: what is wrong with the file is told, nothing is waited for, and the next candidate" {
	local second case name

	exim
	sink second
	second=$PORT
	PORT=$(sed -n 's/.*daemon_smtp_ports = //p' "$DIR/exim.conf")
	mkfifo "$DIR/fifo"
	cat "$DIR/joe.crt" "$DIR/mallory.key" >"$DIR/two.pem"
	openssl genpkey -algorithm ED25519 -out "$DIR/kind.key" 2>>"$DIR/servers.log"
	cat "$DIR/joe.crt" "$DIR/kind.key" >"$DIR/kind.pem"
	openssl rsa -aes256 -passout pass:secret -in "$DIR/joe.key" -out "$DIR/locked.key" 2>>"$DIR/servers.log"
	cat "$DIR/joe.crt" "$DIR/locked.key" >"$DIR/locked.pem"
	for case in ca:fifo='not a regular file' ca:none='No such file or directory' ca:joe.key='there are none in it' \
	    cert:fifo='not a regular file' cert:none='No such file or directory' \
	    cert:joe.key='there is no certificate in it' cert:joe.crt='there is no key in it' \
	    cert:two.pem='the key is not that of the certificate' cert:kind.pem='the key is not that of the certificate' \
	    cert:locked.pem='the key has a password'; do
		name=${case%%=*}
		routes <<-END
			route 1 via 127.0.0.1:$PORT tls verified tls-ca $DIR/servers.pem tls-cert $DIR/joe.pem
			route 2 via 127.0.0.1:$second priority 2
		END
		sed -i -E "1s|tls-${name%:*} [^ ]*|tls-${name%:*} $DIR/${name#*:}|" "$DIR/routes.conf"
		"$TMAIL" routes compile -c "$DIR/routes.conf" -i "$DIR/routes.idx"
		SECONDS=0
		deliver a@x.example <<<hello
		is 0
		[ "$SECONDS" -lt 5 ]
		got second
		rm "$DIR"/second/*
		logged "route=1 .*stage=STARTTLS .*text=\"cannot use the certificate.* in $DIR/${name#*:}: ${case#*=}\""
		[ "$(wc -l <"$DIR/log")" -eq 2 ]
	done
}

@test "a client certificate that the server refuses: what it says of it" {
	exim
	PORT=$(free_port)
	in_background openssl s_server -quiet -accept "127.0.0.1:$PORT" -cert "$DIR/relay.crt" -key "$DIR/relay.key" \
	    -CAfile "$DIR/clients.pem" -Verify 2 -verify_return_error
	wait_port "$PORT"
	routes <<<"route 1 via 127.0.0.1:$PORT tls implicit tls-ca $DIR/servers.pem tls-cert $DIR/mallory.pem"
	deliver a@x.example <<<hello
	is 75 '4.4.2 *: banner: connection lost: *alert unknown ca'
}

encoded() {
	# shellcheck disable=SC2059
	printf "$@" | base64 -w 0
}

# token_route OPTIONS - to the script's server, with a second candidate behind it.
token_route() {
	routes <<-END
		route 1 to x.example via 127.0.0.1:$PORT tls off login joe@x.example token-file $DIR/token $*
		route 2 to x.example via 127.0.0.1:$second priority 2
	END
}

@test "tokens: OAUTHBEARER before XOAUTH2, in the words of their documents" {
	local second

	sink second
	second=$PORT
	echo 'ya29.a-token_~+/==' >"$DIR/token"
	script 'EHLO|250-x\n250 AUTH PLAIN XOAUTH2 OAUTHBEARER' 'AUTH|235 ok'
	token_route
	deliver a@x.example <<<hello
	is 0
	grep -qxF "AUTH OAUTHBEARER $(encoded 'n,a=joe@x.example,\1host=127.0.0.1\1port=%s\1auth=Bearer ya29.a-token_~+/==\1\1' "$PORT")"$'\r' \
	    "$DIR/script.log"
	logged 'route=1 .* auth=OAUTHBEARER result=delivered'
	script 'EHLO|250-x\n250 AUTH PLAIN XOAUTH2' 'AUTH|235 ok'
	token_route
	deliver a@x.example <<<hello
	is 0
	grep -qxF "AUTH XOAUTH2 $(encoded 'user=joe@x.example\1auth=Bearer ya29.a-token_~+/==\1\1')"$'\r' "$DIR/script.log"
	# Neither is offered, or not the one that the route names: never PLAIN.
	script 'EHLO|250-x\n250 AUTH PLAIN XOAUTH2' 'AUTH|235 ok'
	token_route auth oauthbearer
	deliver a@x.example <<<hello
	is 0
	got second
	logged 'route=1 .*text="AUTH is not offered with OAUTHBEARER"'
	! grep -q AUTH "$DIR/script.log" || fail 'it was sent another way'
}

@test "tokens, to a real server" {
	local helo

	TOKEN=ya29.$(head -c 300 /dev/urandom | base64 -w 0 | tr '+/=' '-_~')
	exim
	echo "$TOKEN" >"$DIR/token"
	for helo in x.example=XOAUTH2 bearer.example=OAUTHBEARER both.example=OAUTHBEARER; do
		routes <<-END
			route 1 via 127.0.0.1:$PORT tls-ca $DIR/servers.pem login joe@x.example token-file $DIR/token
		END
		deliver --helo "${helo%=*}" a@x.example <<<hello
		is 0
		logged " verified=yes auth=${helo#*=} result=delivered"
	done
	grep -q 'A=xoauth2:joe' "$DIR/exim/main.log"
	[ "$(grep -c 'A=oauthbearer:joe' "$DIR/exim/main.log")" -eq 2 ]
	echo another >"$DIR/token"
	deliver --helo both.example a@x.example <<<hello
	is 75 '4.*: AUTH: 535 *'
	[ "$(grep -cE '(xoauth2|oauthbearer) authenticator failed' "$DIR/exim/main.log")" -eq 2 ]
}

@test "a token that is refused: what the server says is told, the next mechanism, the next candidate" {
	local second json='{"status":"401","schemes":"bearer","scope":"https://mail.google.com/"}'

	sink second
	second=$PORT
	echo tokentokentoken >"$DIR/token"
	script 'EHLO|250-x\n250 AUTH XOAUTH2 OAUTHBEARER' "AUTH|334 $(encoded '%s' "$json")" \
	    "AQ==|535 5.7.8 refused" $'\r|535 5.7.8 refused, too'
	token_route
	deliver a@x.example <<<hello
	is 0
	got second
	grep -qx $'AQ==\r' "$DIR/script.log"
	grep -qx $'AUTH XOAUTH2 .*\r' "$DIR/script.log"
	grep -qF 'code=535 text="5.7.8 refused, too ({\"status\":\"401\",\"schemes\":\"bearer\"' "$DIR/log"
	# What was said to the first mechanism is not told of the second.
	script 'EHLO|250-x\n250 AUTH XOAUTH2 OAUTHBEARER' "AUTH O|334 $(encoded '%s' "$json")" \
	    "AQ==|535 5.7.8 refused" 'AUTH X|504 5.5.4 not this one'
	token_route
	deliver a@x.example <<<hello
	logged 'code=504 text="5.5.4 not this one" '
	# Unless it quotes the token.
	script 'EHLO|250-x\n250 AUTH XOAUTH2' "AUTH|334 $(encoded '{"got":"%s"}' tokentokentoken)" $'\r|535 5.7.8 no'
	token_route
	deliver a@x.example <<<hello
	logged 'text="5.7.8 no \(\*{8}\)"'
	! grep -q tokentoken "$DIR/log" || fail 'the token in the log'
}

@test "token files: a line, or JSON with an end; one that is no good is told, and the next candidate" {
	local second token case

	sink second
	second=$PORT
	script 'EHLO|250-x\n250 AUTH XOAUTH2' 'AUTH|235 ok'
	token_route
	for case in 'tok3n\n' 'tok3n\r\nmore' '\n tok3n' '{"access_token":"tok3n"}' \
	    ' {"a":[1,{"access_token":"no"},"\\"}"],"access_token" : "tok3n", "expires_at": 99999999999}\n' \
	    '{"access_token":"tok3n","expires_at":"2099-01-01T00:00:00Z"}' \
	    '{"access_token":"tok3n","expires_at":"99999999999"}' '{"access_token":"tok3n","expires_at":"soon"}' \
	    '{"expires_at":0,"access_token":"tok3n"}' '{"expires_at":9.9e10,"access_token":"tok3n"}'; do
		printf "$case" >"$DIR/token"
		: >"$DIR/script.log"
		deliver a@x.example <<<hello
		is 0
		logged 'route=1 .*result=delivered'
		grep -qF "AUTH XOAUTH2 $(encoded 'user=joe@x.example\1auth=Bearer tok3n\1\1')" "$DIR/script.log"
	done
	# What writes JSON may escape any byte.
	for case in '\/' '\u002F' '\u002f'; do
		printf '%s' '{"access_token":"to'"$case"'k3n\u003d\u003D"}' >"$DIR/token"
		deliver a@x.example <<<hello
		is 0
		grep -qF "AUTH XOAUTH2 $(encoded 'user=joe@x.example\1auth=Bearer to/k3n==\1\1')" "$DIR/script.log"
		: >"$DIR/script.log"
	done
	for case in '=there is no token' '{"access_token":"tok3n","expires_at":1700000000}=the token has expired' \
	    '{"expires_at":"1700000000","access_token":"tok3n"}=the token has expired' \
	    '{"refresh_token":"x"}=it has no access_token' '{"access_token":"tok3n"=it is no JSON' \
	    '{"access_token":7}=it is no JSON' '{"access_token":"a b"}=the token holds' \
	    '{"access_token":"a\\u00"}=the token holds' '{"access_token":"a\\u0000"}=the token holds' \
	    '{"access_token":"a\\n"}=the token holds' '{"access_token":""}=there is no token' 'a b=the token holds' \
	    'a\001b=the token holds' 'a\000b=it holds a NUL' "$(printf '[%.0s' {1..40})=the token holds"; do
		printf "${case%=*}" >"$DIR/token"
		deliver a@x.example <<<hello
		is 0
		got second
		rm "$DIR"/second/*
		logged "route=1 .*stage=prepare code=- text=\"cannot use the token-file $DIR/token: ${case##*=}"
	done
	rm "$DIR/token"
	deliver a@x.example <<<hello
	logged 'route=1 .*text="cannot use the token-file .*: No such file or directory"'
	[ ! -s "$DIR/script.log" ]
	# One of 16 KiB does not fit beside AUTH, and goes out when it is asked for.
	head -c 12288 /dev/urandom | base64 -w 0 >"$DIR/token"
	script 'EHLO|250-x\n250 AUTH XOAUTH2' 'AUTH|334 ' 'dXNlcj|235 ok'
	token_route
	deliver a@x.example <<<hello
	is 0
	logged 'route=1 .*result=delivered'
	grep -qx $'AUTH XOAUTH2\r' "$DIR/script.log"
}
