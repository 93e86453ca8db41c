# servers.bash - the servers that the sweeps of deliveries speak to, the routes to them,
# and the scenarios: what each sends, to whom, and the exit code that is wanted if
# nothing fails.  Sourced; $here is the directory of this file, $work one for files.
BATS_TEST_DIRNAME=$(realpath "$here/../deliver")
. "$BATS_TEST_DIRNAME/helpers.bash"

CANARY=c4nary-0f-a-pa55word

# certificates - a CA, and what it says of relay.test.
certificates() {
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=ca -days 2 -keyout "$DIR/ca.key" \
	    -out "$DIR/ca.pem" &&
		openssl req -new -newkey rsa:2048 -nodes -subj /CN=relay.test \
		    -keyout "$DIR/exim/relay.key" -out "$DIR/relay.csr" &&
		openssl x509 -req -in "$DIR/relay.csr" -CA "$DIR/ca.pem" -CAkey "$DIR/ca.key" \
		    -CAcreateserial -days 2 -out "$DIR/exim/relay.pem" \
		    -extfile <(echo subjectAltName=DNS:relay.test)
} 2>>"$work/openssl"

# exim - takes mail after AUTH under TLS alone, but for that of starttls; at $TLS_PORT.
exim() {
	TLS_PORT=$(free_port)
	mkdir "$DIR/exim"
	certificates || return
	chown -R "$EXIM" "$DIR/exim"
	cat >"$DIR/exim.conf" <<-END
		primary_hostname = relay.test
		spool_directory = $DIR/exim
		log_file_path = $DIR/exim/%s.log
		pid_file_path = $DIR/exim/exim.pid
		local_interfaces = <; 127.0.0.1
		daemon_smtp_ports = $TLS_PORT
		smtp_accept_max = 0
		smtp_load_reserve = 1000
		tls_advertise_hosts = *
		auth_advertise_hosts = \${if def:tls_in_cipher{*}}
		tls_certificate = $DIR/exim/relay.pem
		tls_privatekey = $DIR/exim/relay.key
		queue_only = true
		acl_smtp_rcpt = rcpt
		begin acl
		rcpt:
		  accept authenticated = *
		  accept senders = ^starttls-
		begin authenticators
		plain:
		  driver = plaintext
		  public_name = PLAIN
		  server_condition = \${if and {{eq{\$auth2}{joe}}{eq{\$auth3}{$CANARY}}}}
		  server_set_id = \$auth2
		cram:
		  driver = cram_md5
		  public_name = CRAM-MD5
		  server_secret = \${if eq{\$auth1}{joe}{$CANARY}fail}
		  server_set_id = \$auth1
		xoauth2:
		  driver = plaintext
		  public_name = XOAUTH2
		  server_prompts = :
		  server_condition = \${if eq{\$auth1}{user=joe\x01auth=Bearer $CANARY\x01\x01}}
		  server_set_id = joe
	END
	in_background "${UNPACKED[@]}" exim4 -C "$DIR/exim.conf" -bdf
	wait_port "$TLS_PORT"
}

# sinks - of mail that is counted, of one that is refused, and the MX of mx.test.
sinks() {
	sink refusing -f RCPT
	REFUSING=$PORT
	SINK_AT=198.51.100.2:25 sink mx
	sink mail
}

# keep_slot NAME - somebody delivers to the relay of that name, and does not end.
keep_slot() {
	in_background perl -MFcntl=SEEK_SET,F_WRLCK -e '
	    open my $slots, "+>>", $ARGV[0] or die;
	    my $byte = pack "s s x4 q q l x4", F_WRLCK, SEEK_SET, 0, 1, 0;
	    fcntl $slots, 37, $byte or die;	# F_OFD_SETLK
	    print "kept\n";
	    sleep' "$DIR/state/slots.$1"
}

# servers - all of them, and the routes: every relay twice, to tempt the program to
# try the second when the first has taken the message already.
servers() {
	local secure

	deliver_setup
	trap 'deliver_teardown; rm -rf "$work"' EXIT
	sinks
	mkdir "$DIR/state"
	keep_slot busy
	exim && nameserver <<-END || exit
		relay A 127.0.0.1
		mx MX 10 nowhere
		mx MX 20 there
		mx MX 30 again
		there A 198.51.100.2
		again A 198.51.100.2
	END
	secure="via relay.test:$TLS_PORT tls verified login joe"
	(umask 077 && echo "$CANARY" >"$DIR/password" &&
		echo "{\"access_token\": \"$CANARY\", \"expires_at\": 4102444800}" >"$DIR/token")
	printf 'Subject: sweep\n\nHello\n' >"$DIR/message"
	{ cat "$DIR/message" && head -c 1100000 /dev/zero | tr '\0' x | fold -w 70; } >"$DIR/large"
	routes <<-END || exit
		relay counted 127.0.0.1:$PORT connections 1000 rate 100000/s
		relay busy 127.0.0.1:$PORT connections 1
		route to plain.example,large.example via @counted
		route to plain.example,large.example via 127.0.0.1:$PORT priority 2 helo second
		route to busy.example via @busy
		route to busy.example via 127.0.0.1:$PORT priority 2
		route to down.example via 127.0.0.1:$(free_port)
		route to down.example via relay.test:$PORT priority 2 local 127.0.0.2
		route to down.example via relay.test:$PORT priority 3 helo second
		route to secret.example $secure password "$CANARY"
		route to secret.example $secure password "$CANARY" priority 2 helo second
		route to file.example $secure password-file $DIR/password
		route to file.example $secure password-file $DIR/password priority 2 helo second
		route to token.example $secure token-file $DIR/token
		route to token.example $secure token-file $DIR/token priority 2 helo second
		route to cram.example $secure password "$CANARY" auth cram-md5
		route to cram.example $secure password "$CANARY" auth cram-md5 priority 2 helo second
		route to starttls.example via relay.test:$TLS_PORT
		route to starttls.example via relay.test:$TLS_PORT priority 2 helo second
		route to refused.example via 127.0.0.1:$REFUSING
		route to refused.example via 127.0.0.1:$REFUSING priority 2
		route to rejected.example reject "5.7.1 not here"
		route to discarded.example discard
	END
}

# set_scenario NAME - its message, recipient and the exit code that is wanted.
set_scenario() {
	message=$DIR/message recipient=a@$1.example wanted=0
	case $1 in
	large) message=$DIR/large ;;
	mx) recipient=a@mx.test ;;
	nobody) recipient=a@nobody.test wanted=69 ;;
	refused | rejected) wanted=69 ;;
	esac
}

# accepted - the senders of all mail that a server has taken, each as often.
accepted() {
	find "$DIR/mail" "$DIR/mx" "$DIR/refusing" -type f -exec awk '
	    /^X-Mail-Args: / { split($0, part, /[<>]/); print part[2]; nextfile }' {} +
	sed -n 's/.* <= \(\S*@here.example\) .*/\1/p' "$DIR/exim/main.log"
}

# secrets - the password and token, and what AUTH sends of them, each a line.
secrets() {
	printf '%s\n' "$CANARY"
	printf '%s' "$CANARY" | base64 -w 0
	echo
	printf '\0joe\0%s' "$CANARY" | base64 -w 0
	echo
	printf 'user=joe\1auth=Bearer %s\1\1' "$CANARY" | base64 -w 0
	echo
}
