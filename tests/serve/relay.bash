# A real Exim as a relay that knows TLS and one login.

# tls_relay - its ports: $STARTTLS, $IMPLICIT (TLS from the first byte) and $CLEAR; the login is joe with
# the password "s3cret pass".  The certificate in $DIR/relay.pem is relay.test's, of the authority in
# $DIR/ca.pem.  What it has seen is in $RELAY_LOG: "X=" and "A=plain:joe".
tls_relay() {
	local at=$DIR/relay

	STARTTLS=$(free_port) IMPLICIT=$(free_port) CLEAR=$(free_port)
	mkdir "$at"
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=ca -days 2 -keyout "$DIR/ca.key" \
	    -out "$DIR/ca.pem" 2>>"$DIR/servers.log"
	openssl req -new -newkey rsa:2048 -nodes -subj /CN=relay.test -keyout "$at/relay.key" \
	    -out "$DIR/relay.csr" 2>>"$DIR/servers.log"
	openssl x509 -req -in "$DIR/relay.csr" -CA "$DIR/ca.pem" -CAkey "$DIR/ca.key" -CAcreateserial \
	    -days 2 -out "$at/relay.pem" -extfile <(echo subjectAltName=DNS:relay.test) 2>>"$DIR/servers.log"
	chown -R "$EXIM" "$at"
	cat >"$DIR/relay.conf" <<-END
		primary_hostname = relay.test
		spool_directory = $at
		log_file_path = $at/%s.log
		pid_file_path = $at/exim.pid
		log_selector = +received_recipients
		local_interfaces = <; 127.0.0.1; 127.0.0.2
		daemon_smtp_ports = $STARTTLS : $IMPLICIT : $CLEAR
		tls_on_connect_ports = $IMPLICIT
		tls_advertise_hosts = \${if eq{\$received_port}{$CLEAR}{}{*}}
		tls_certificate = $at/relay.pem
		tls_privatekey = $at/relay.key
		queue_only = true
		acl_smtp_rcpt = accept
		begin authenticators
		plain:
		  driver = plaintext
		  public_name = PLAIN
		  server_condition = \${if and {{eq{\$auth2}{joe}}{eq{\$auth3}{s3cret pass}}}}
		  server_set_id = \$auth2
	END
	in_background "${UNPACKED[@]}" exim4 -C "$DIR/relay.conf" -bdf
	wait_port "$STARTTLS"
	RELAY_LOG=$at/main.log
}

# relay_got RECIPIENT PATTERN - the relay has taken a mail to that recipient, in the way of the pattern.
relay_got() {
	grep -E "<= .* for $1\$" "$RELAY_LOG" | grep -qE "$2"
}
