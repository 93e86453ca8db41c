# tmail routes export postfix: what it prints, laid into a real Postfix that asks the daemon.

load postfix

setup() {
	deliver_setup
	postfix_instance /dev/null
}

teardown() {
	"${UNPACKED[@]}" postfix -c "$DIR/etc" stop 2>/dev/null || true
	deliver_teardown
}

# relay - an Exim with the certificate of relay.test, of the CA in $DIR/ca.pem, that tells under TLS
# alone who may log in; at $PLAIN with STARTTLS, at $WRAPPED with TLS from the first byte.
relay() {
	PLAIN=$(free_port)
	WRAPPED=$(free_port)
	mkdir "$DIR/exim"
	{
		openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=ca -days 2 -keyout "$DIR/ca.key" \
		    -out "$DIR/ca.pem"
		openssl req -new -newkey rsa:2048 -nodes -subj /CN=x -keyout "$DIR/exim/key.pem" -out "$DIR/csr"
		openssl x509 -req -in "$DIR/csr" -CA "$DIR/ca.pem" -CAkey "$DIR/ca.key" -CAcreateserial -days 2 \
		    -out "$DIR/exim/cert.pem" -extfile <(echo subjectAltName=DNS:relay.test,IP:127.0.0.1)
		openssl req -new -newkey rsa:2048 -nodes -subj /CN=client.test -keyout "$DIR/client.key" -out "$DIR/csr"
		openssl x509 -req -in "$DIR/csr" -CA "$DIR/ca.pem" -CAkey "$DIR/ca.key" -CAcreateserial -days 2 \
		    -out "$DIR/client.crt"
	} 2>>"$DIR/servers.log"
	cat "$DIR/client.crt" "$DIR/client.key" >"$DIR/a client's \$certificate.pem"
	cp "$DIR/ca.pem" "$DIR/exim"
	chown -R "$EXIM" "$DIR/exim"
	chmod 644 "$DIR/ca.pem"
	cat >"$DIR/exim.conf" <<-END
		primary_hostname = relay.test
		spool_directory = $DIR/exim
		log_file_path = $DIR/exim/%s.log
		pid_file_path = $DIR/exim/exim.pid
		log_selector = +incoming_port +tls_cipher +tls_peerdn +received_recipients
		local_interfaces = <; 127.0.0.1
		daemon_smtp_ports = $PLAIN : $WRAPPED
		tls_on_connect_ports = $WRAPPED
		tls_advertise_hosts = *
		auth_advertise_hosts = \${if def:tls_in_cipher{*}{}}
		tls_certificate = $DIR/exim/cert.pem
		tls_privatekey = $DIR/exim/key.pem
		tls_verify_certificates = $DIR/exim/ca.pem
		tls_try_verify_hosts = *
		queue_only = true
		acl_smtp_rcpt = accept
		begin authenticators
		plain:
		  driver = plaintext
		  public_name = PLAIN
		  server_condition = \${if inlist{\$auth2/\$auth3}{first/s3cret-one : second/s3cret-two}}
		  server_set_id = \$auth2
	END
	in_background "${UNPACKED[@]}" exim4 -C "$DIR/exim.conf" -bdf
	wait_port "$PLAIN"
	wait_port "$WRAPPED"
}

# seen RECIPIENT PATTERN - the relay has got this mail in that way.
seen() {
	grep -qE "<= .*$2.* for $1\$" "$DIR/exim/main.log"
}

# lay OPTION... - what export prints into the two files.
lay() {
	"$TMAIL" routes export postfix -c "$DIR/routes.conf" --main "$@" |
	    sed "s|/etc/ssl/certs|$DIR/exim|" >>"$DIR/etc/main.cf"
	"$TMAIL" routes export postfix -c "$DIR/routes.conf" --master "$@" >>"$DIR/etc/master.cf"
	"${UNPACKED[@]}" postconf -c "$DIR/etc" >"$DIR/postconf" 2>"$DIR/postconf.err"
}

@test "two logins at one relay host by two transports, TLS and passwords seen at the relay" {
	relay
	sink others
	routes <<-END
		source 127.0.0.3 helo three.example
		default tls-ca $DIR/ca.pem
		route 1 user alice@corp.example via 127.0.0.1:$PLAIN login first password s3cret-one tls-name relay.test \
		    transport one local 127.0.0.2 helo one.example auth plain
		route 2 user carol@corp.example via 127.0.0.1:$PLAIN login second password s3cret-two \
		    tls required transport two local 127.0.0.3
		route 3 to wrapped.example via 127.0.0.1:$WRAPPED tls implicit tls-name relay.test transport wrapped
		route 4 to forged.example via 127.0.0.1:$PLAIN tls verified tls-name other.test transport forged
		route 5 to plain.example via 127.0.0.1:$PLAIN tls off transport clear
		route 7 to byip.example via 127.0.0.1:$PLAIN tls verified transport byip
		route 8 to cert.example via 127.0.0.1:$PLAIN tls required transport signed \
		    tls-cert "$DIR/a client's \$certificate.pem"
		route 6 to * via 127.0.0.1:$PORT transport rest
	END
	lay --chroot y
	daemon
	start_postfix
	submit alice info@corp.example a@x.example <<<'Subject: x'
	submit carol info@corp.example b@x.example <<<'Subject: x'
	submit '' info@corp.example c@wrapped.example <<<'Subject: x'
	submit '' info@corp.example d@forged.example <<<'Subject: x'
	submit '' info@corp.example e@plain.example <<<'Subject: x'
	submit '' info@corp.example f@x.example <<<'Subject: x'
	submit '' info@corp.example h@cert.example <<<'Subject: x'
	submit '' info@corp.example g@byip.example <<<'Subject: x'
	eventually seen a@x.example 'H=\(one.example\) \[127.0.0.2\].* P=esmtpsa X=TLS.* A=plain:first'
	eventually seen b@x.example 'H=\(three.example\) \[127.0.0.3\].* P=esmtpsa X=TLS.* A=plain:second'
	eventually seen c@wrapped.example 'P=esmtps X=TLS'
	eventually seen e@plain.example 'P=esmtp S='
	eventually seen g@byip.example 'P=esmtps X=TLS'
	eventually seen h@cert.example 'P=esmtps X=TLS.*DN="CN=client.test"'
	eventually has others 1
	only others f@x.example
	eventually maillog 'to=<d@forged.example>.*status=deferred.*Server certificate not (trusted|verified)'
	! seen d@forged.example '' || false
	maillog 'to=<a@x.example>, relay=127.0.0.1\[127.0.0.1\]:.*status=sent'
	maillog 'postfix/one/smtp|postfix/smtp'
	! grep -rq s3cret- "$DIR/etc" "$DIR/mail.log" "$DIR/servers.log" || false
}
