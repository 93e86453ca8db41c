# TLS and AUTH against a real Exim, with certificates of a CA made here.
#
# Exim listens on several ports, which differ in what they offer.  What it has seen is in its main
# log: "<= me@here.example ... X=TLS1.3:... A=plain:joe".

load helpers

# certificate NAME SUBJECT_ALT_NAME CA
certificate() {
	local name=$1 san=$2 ca=$3

	openssl req -new -newkey rsa:2048 -nodes -subj "/CN=$name" -keyout "$CERTS/$name.key" \
	    -out "$CERTS/$name.csr"
	openssl x509 -req -in "$CERTS/$name.csr" -CA "$CERTS/$ca.pem" -CAkey "$CERTS/$ca.key" \
	    -CAcreateserial -out "$CERTS/$name.pem" -days 2 \
	    -extfile <(echo "subjectAltName=$san")
}

# past NAME SUBJECT_ALT_NAME CA - the certificate again, valid for a day in 2020.
past() {
	: >"$CERTS/database"
	openssl ca -batch -notext -md sha256 -outdir "$CERTS" -config <(printf '%s\n' \
	    '[ca]' default_ca=this '[this]' "database=$CERTS/database" rand_serial=yes policy=name \
	    '[name]' commonName=supplied) -cert "$CERTS/$3.pem" -keyfile "$CERTS/$3.key" \
	    -startdate 20200101000000Z -enddate 20200102000000Z \
	    -extfile <(echo "subjectAltName=$2") -in "$CERTS/$1.csr" -out "$CERTS/$1.pem"
}

setup_file() {
	export CERTS=$BATS_FILE_TMPDIR
	local ca

	for ca in ca strange-ca; do
		openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=$ca" -days 2 \
		    -keyout "$CERTS/$ca.key" -out "$CERTS/$ca.pem"
	done
	certificate good DNS:relay.test,IP:127.0.0.1 ca
	certificate misnamed DNS:other.test ca
	certificate strange DNS:relay.test,IP:127.0.0.1 strange-ca
	certificate expired DNS:relay.test,IP:127.0.0.1 ca
	past expired DNS:relay.test,IP:127.0.0.1 ca
}

setup() {
	deliver_setup
	exim
	relay_routes
}

teardown() {
	deliver_teardown
}

# exim - one server with a port for each case: all (STARTTLS and all mechanisms), plain, login,
# cram (only that one), after (PLAIN before TLS, LOGIN under it), noauth, clear (no STARTTLS), open (neither), misnamed, strange, expired
# (certificates), hopeless (no common TLS version), implicit, implicit_strange.
exim() {
	local name ports=

	for name in all plain login cram after noauth clear open misnamed strange expired hopeless \
	    implicit implicit_strange; do
		declare -g "$name=$(free_port)"
		ports="$ports : ${!name}"
	done
	mkdir "$DIR/exim"
	cp "$CERTS"/*.pem "$CERTS"/*.key "$DIR/exim"
	chown -R "$EXIM" "$DIR/exim"
	exim_conf "${ports# : }" >"$DIR/exim.conf"
	in_background "${UNPACKED[@]}" exim4 -C "$DIR/exim.conf" -bdf
	wait_port "$all"
	wait_port "$implicit_strange"
	RELAY_LOG=$DIR/exim/main.log
}

exim_conf() {
	cat <<-END
		CERT = \${extract{p\$received_port}{p$misnamed=misnamed p$expired=expired \
		    p$strange=strange p$implicit_strange=strange}{\$value}{good}}
		primary_hostname = relay.test
		spool_directory = $DIR/exim
		log_file_path = $DIR/exim/%s.log
		pid_file_path = $DIR/exim/exim.pid
		log_selector = +incoming_port +tls_cipher
		local_interfaces = <; 127.0.0.1
		daemon_smtp_ports = $1
		tls_on_connect_ports = $implicit : $implicit_strange
		tls_advertise_hosts = \${if inlist{\$received_port}{$clear : $open}{}{*}}
		auth_advertise_hosts = \${if inlist{\$received_port}{$noauth : $open}{}{*}}
		tls_certificate = $DIR/exim/CERT.pem
		tls_privatekey = $DIR/exim/CERT.key
		tls_require_ciphers = \${if eq{\$received_port}{$hopeless}{NORMAL:-VERS-ALL:+VERS-TLS1.0}{NORMAL}}
		queue_only = true
		acl_smtp_rcpt = accept
		begin authenticators
		plain:
		  driver = plaintext
		  public_name = PLAIN
		  server_advertise_condition = \${if !inlist{\$received_port}{$login : $cram\${if def:tls_in_cipher{ : $after}}}}
		  server_condition = \${if and {{eq{\$auth2}{joe}}{eq{\$auth3}{s3cret pass}}}}
		  server_set_id = \$auth2
		login:
		  driver = plaintext
		  public_name = LOGIN
		  server_prompts = <| Username: | Password:
		  server_advertise_condition = \${if !inlist{\$received_port}{$plain : $cram\${if def:tls_in_cipher{}{ : $after}}}}
		  server_condition = \${if and {{eq{\$auth1}{joe}}{eq{\$auth2}{s3cret pass}}}}
		  server_set_id = \$auth1
		cram:
		  driver = cram_md5
		  public_name = CRAM-MD5
		  server_advertise_condition = \${if !inlist{\$received_port}{$plain : $login : $after}}
		  server_secret = \${if eq{\$auth1}{joe}{s3cret pass}fail}
		  server_set_id = \$auth1
	END
}

# Every kind of port gets a destination in each TLS mode, without login and with one.
relay_routes() {
	local name mode dest via

	for name in all plain login cram after noauth clear open misnamed strange expired hopeless \
	    implicit implicit_strange; do
		for mode in off opportunistic required verified implicit; do
			dest=$mode.${name/_/-}.test via="via 127.0.0.1:${!name} tls $mode"
			echo "route to $dest $via"
			[ "$mode" = opportunistic ] ||
				echo "route to login.$dest $via login joe password \"s3cret pass\""
		done
	done | routes
}

# send DESTINATION - delivers and sets $seen to how Exim has logged it: "TLS A=plain:joe".
send() {
	: >"$RELAY_LOG"
	deliver --ca-file "$CERTS/ca.pem" "a@$1.test" <<<hello
	seen=$(sed -nE \
	    's/.* <= me@here.example .*P=(e?smtps?a?) (X=(TLS1.[23])\S* )?(.*A=(\S*) )?.*/\1 \3 \5/p' \
	    "$RELAY_LOG")
}

# arrives DESTINATION HOW - HOW is "PROTOCOL TLS MECHANISM:LOGIN"
arrives() {
	send "$1"
	is 0 ''
	[ "$seen" = "$2" ] || fail "$1: seen as '$seen'"
}

# stays DESTINATION - it is deferred, and Exim has got nothing.
stays() {
	send "$1"
	is 75 "4.*"
	[ -z "$seen" ] || fail "$1: seen as '$seen'"
}

@test "tls off" {
	arrives off.all 'esmtp  '
	logged ' tls=- verified=no auth=- '
}

@test "tls opportunistic: TLS where it is offered, whatever the certificate" {
	arrives opportunistic.all 'esmtps TLS1.3 '
	logged ' tls=TLSv1.3 verified=no '
	arrives opportunistic.strange 'esmtps TLS1.3 '
	arrives opportunistic.expired 'esmtps TLS1.3 '
	arrives opportunistic.clear 'esmtp  '
}

@test "tls opportunistic: a failed handshake is tried again in clear at the same address" {
	arrives opportunistic.hopeless 'esmtp  '
	logged 'result=retry-in-clear stage=STARTTLS'
	[ "$(wc -l <"$DIR/log")" -eq 2 ]
	printf '%s\n' '|220 x' 'EHLO|250-x\n250 STARTTLS' 'STARTTLS|220 go' 'MAIL|250 x' \
	    'RCPT|250 x' 'DATA|354 x' '.|250 taken' 'QUIT|221 x' >"$DIR/script"
	script_server "$DIR/script"
	routes <<<"route 1 to x.example via 127.0.0.1:$PORT"
	deliver a@x.example <<<hello
	is 0
	logged 'result=retry-in-clear stage=STARTTLS'
	logged 'tls=- .*result=delivered'
}

# refusing REPLY [ENDING] - an offered STARTTLS is refused by this reply, after which the server
# takes mail, or hangs up at once.
refusing() {
	printf '%s\n' '|220 x' 'EHLO|250-x\n250-AUTH PLAIN\n250 STARTTLS' "STARTTLS|$1" \
	    'AUTH|235 x' 'MAIL|250 x' 'RCPT|250 x' 'DATA|354 x' '.|250 taken' >"$DIR/script"
	script_server "$DIR/script"
}

@test "tls opportunistic: a refused STARTTLS is tried again in clear at the same address" {
	local reply

	for reply in '454 4.7.0 not now' '502 5.5.1 what?' '554 5.7.0 never'; do
		refusing "$reply"
		routes <<<"route 1 to x.example via 127.0.0.1:$PORT"
		deliver a@x.example <<<hello
		is 0
		logged "result=retry-in-clear stage=STARTTLS code=${reply%% *}"
		logged 'tls=- .*result=delivered'
	done
}

@test "a refused STARTTLS is never tried again in clear where TLS is needed" {
	local tls

	for tls in required verified 'required login joe password s3cret' \
	    'verified login joe password s3cret'; do
		: >"$DIR/script.log"
		refusing '454 4.7.0 not now'
		routes <<<"route 1 to x.example via 127.0.0.1:$PORT tls $tls"
		deliver a@x.example <<<hello
		is 75 '4.7.0 *STARTTLS: 454 *'
		! grep -e MAIL -e AUTH "$DIR/script.log" || fail 'it went on in clear'
	done
}

@test "tls required: encrypted, whatever the certificate" {
	arrives required.all 'esmtps TLS1.3 '
	logged ' tls=TLSv1.3 verified=no '
	arrives required.strange 'esmtps TLS1.3 '
	arrives required.misnamed 'esmtps TLS1.3 '
	arrives required.expired 'esmtps TLS1.3 '
	stays required.clear
	is 75 '4.7.4 *TLS is not offered'
	stays required.hopeless
	is 75 '4.7.5 *TLS handshake failed: [a-z]*'
}

@test "what the system's openssl.cnf allows is what counts" {
	printf '%s\n' 'openssl_conf = all' '[all]' 'ssl_conf = ssl' '[ssl]' \
	    'system_default = limits' '[limits]' 'MaxProtocol = TLSv1.2' >"$DIR/openssl.cnf"
	OPENSSL_CONF=$DIR/openssl.cnf arrives verified.all 'esmtps TLS1.2 '
	arrives verified.all 'esmtps TLS1.3 '
}

@test "tls verified: encrypted, and the certificate is good" {
	arrives verified.all 'esmtps TLS1.3 '
	logged ' tls=TLSv1.3 verified=yes '
	stays verified.strange
	is 75 '4.7.5 *'
	stays verified.misnamed
	stays verified.expired
	stays verified.clear
	stays verified.hopeless
}

@test "tls implicit: from the first byte, and the certificate is good" {
	arrives implicit.implicit 'esmtps TLS1.3 '
	logged ' tls=TLSv1.3 verified=yes '
	stays implicit.implicit-strange
	is 75 '4.7.5 *'
	stays implicit.all
	# A server that awaits TLS says nothing to one that awaits a banner.
	deliver --timeout 2 a@off.implicit.test <<<hello
	is 75 '4.4.*timed out'
}

@test "without --ca-file the system's authorities, who do not know this one" {
	deliver a@verified.all.test <<<hello
	is 75 '4.7.5 *'
	deliver --ca-file /nonexistent a@verified.all.test <<<hello
	is 75 '4.*'
}

@test "no keys are written, whatever the environment says" {
	SSLKEYLOGFILE=$DIR/keys arrives required.all 'esmtps TLS1.3 '
	[ ! -e "$DIR/keys" ]
}

@test "tls-name is what the certificate must name, else the host as written" {
	nameserver <<-END
		relay A 127.0.0.1
		wrong A 127.0.0.1
	END
	routes <<-END
		route to a.test via relay.test:$all tls verified
		route to b.test via wrong.test:$all tls verified
		route to c.test via wrong.test:$all tls verified tls-name relay.test
		route to d.test via 127.0.0.1:$all tls verified tls-name relay.test
		route to e.test via relay.test:$all tls verified tls-name other.test
		route to f.test via 127.0.0.1:$misnamed tls verified tls-name other.test
	END
	for name in a c d f; do
		deliver --ca-file "$CERTS/ca.pem" --dns-server "127.0.0.1:$DNS" "x@$name.test" <<<hello
		is 0
		logged 'verified=yes'
	done
	for name in b e; do
		deliver --ca-file "$CERTS/ca.pem" --dns-server "127.0.0.1:$DNS" "x@$name.test" <<<hello
		is 75 '4.7.5 *'
	done
}

@test "AUTH with each mechanism" {
	arrives login.verified.plain 'esmtpsa TLS1.3 plain:joe'
	logged ' verified=yes auth=PLAIN '
	arrives login.verified.login 'esmtpsa TLS1.3 login:joe'
	logged ' auth=LOGIN '
	arrives login.verified.cram 'esmtpsa TLS1.3 cram:joe'
	logged ' auth=CRAM-MD5 '
	# What is offered under TLS counts, not what was before.
	arrives login.verified.after 'esmtpsa TLS1.3 login:joe'
	arrives login.verified.all 'esmtpsa TLS1.3 plain:joe'
	arrives login.required.strange 'esmtpsa TLS1.3 cram:joe'
	arrives login.implicit.implicit 'esmtpsa TLS1.3 plain:joe'
	arrives login.off.clear 'esmtpa  cram:joe'
}

@test "TLS needs no GNU SASL, and CRAM-MD5 no OpenSSL" {
	mkdir "$DIR/bin"
	cp "${TMAIL%/*}"/tmail{,-tls.so} "$DIR/bin"
	TMAIL=$DIR/bin/tmail arrives login.verified.plain 'esmtpsa TLS1.3 plain:joe'
	rm "$DIR/bin/tmail-tls.so"
	cp "${TMAIL%/*}/tmail-sasl.so" "$DIR/bin"
	TMAIL=$DIR/bin/tmail arrives login.off.clear 'esmtpa  cram:joe'
}

@test "a route with a login never delivers without AUTH, nor without the TLS it asks for" {
	local destination

	for destination in required.clear verified.clear implicit.clear off.noauth required.noauth \
	    verified.noauth off.open required.open verified.open implicit.open verified.strange \
	    verified.misnamed verified.expired implicit.implicit-strange implicit.all \
	    required.hopeless; do
		stays "login.$destination"
	done
}

@test "a 235 out of season is no authentication" {
	printf '%s\n' '|235 x' 'EHLO|235 x' 'HELO|235 x' 'AUTH|250 ok' 'MAIL|250 x' 'RCPT|250 x' \
	    'DATA|354 x' '.|250 x' >"$DIR/script"
	script_server "$DIR/script"
	routes <<<"route 1 to x.example via 127.0.0.1:$PORT tls off login joe password pass"
	deliver a@x.example <<<hello
	is 75 '4.*'
	[ "$(grep -c MAIL "$DIR/script.log")" -eq 0 ]
	sed -i '1s/.*/|220 x/; 2s/.*/EHLO|250-x\\n250 AUTH PLAIN/' "$DIR/script"
	deliver a@x.example <<<hello
	is 75 '4.*AUTH*'
	[ "$(grep -c AUTH "$DIR/script.log")" -eq 1 ]
	[ "$(grep -c MAIL "$DIR/script.log")" -eq 0 ]
}

@test "a wrong password moves on to the next candidate, not to the relay's other sources" {
	local name

	for name in plain login cram; do
		routes <<-END
			route 1 via 127.0.0.1:${!name} login joe password wrong local 127.0.0.2|127.0.0.3 priority 1
			route 2 via 127.0.0.1:${!name} login joe password "s3cret pass" priority 2
		END
		arrives any "esmtpsa TLS1.3 $name:joe"
		[ "$(grep -c 'route=1 .*stage=AUTH code=535' "$DIR/log")" -eq 1 ]
		# TLS as it stood then.
		logged 'route=1 .* tls=TLSv1.3 verified=yes .*stage=AUTH code=535'
	done
	routes <<<"route 1 via 127.0.0.1:$all login joe password wrong"
	stays any
	is 75 '4.* AUTH: 535 *'
}

@test "password-file" {
	printf 's3cret pass\r\nsecond line\n' >"$DIR/password"
	printf 's3cret pass' >"$DIR/short"
	printf 's3cret pass\r' >"$DIR/return"
	printf 's3cret pass\r\r\n' >"$DIR/returns"
	printf '\357\273\277s3cret pass\r\n' >"$DIR/marked"
	printf '\357\273\277\n' >"$DIR/bare"
	printf '\n' >"$DIR/empty"
	printf 's3cret pass\0x\n' >"$DIR/nul"
	head -c 10000 /dev/zero | tr '\0' x >"$DIR/long"
	mkfifo "$DIR/fifo"
	local name

	for name in password short return returns marked bare empty nul long fifo none; do
		echo "route to $name.test via 127.0.0.1:$plain login joe password-file $DIR/$name priority 1"
	done | routes
	arrives password 'esmtpsa TLS1.3 plain:joe'
	arrives short 'esmtpsa TLS1.3 plain:joe'
	arrives return 'esmtpsa TLS1.3 plain:joe'
	arrives marked 'esmtpsa TLS1.3 plain:joe'
	for name in returns bare empty nul long fifo none; do
		stays "$name"
		is 75 '4.3.5 cannot use the password-file *'
	done
	routes <<-END
		route 1 via 127.0.0.1:$plain login joe password-file $DIR/none priority 1
		route 2 via 127.0.0.1:$plain login joe password-file $DIR/password priority 2
	END
	arrives any 'esmtpsa TLS1.3 plain:joe'
	logged 'route=1 .*stage=prepare .*password-file'
}

@test "no secret in the log, in the output or on the command line, whatever a server quotes" {
	local secret sent early

	for secret in 'route=x s3cret pass' hunter22; do
		sent=$(printf '\0joe\0%s' "$secret" | base64 -w 0)
		printf '%s\n' '|220 x' 'EHLO|250-x\n250 AUTH PLAIN' \
		    "AUTH|535 5.7.8 I do not like $sent" >"$DIR/script"
		script_server "$DIR/script"
		routes <<<"route 1 to x.example via 127.0.0.1:$PORT tls off login joe password \"$secret\""
		deliver a@x.example <<<hello
		is 75 '4.*535 ********'
		grep -qF "$sent" "$DIR/script.log"
		sed -i "3s/.*/AUTH|535 5.7.8 bad password $secret/" "$DIR/script"
		deliver a@x.example <<<hello
		is 75 '4.*535 ********'
		printf '%s\n' '|220 x' 'EHLO|250-x\n250 AUTH PLAIN' 'AUTH|235 welcome' \
		    "MAIL|550 5.7.1 $secret is no good password" >"$DIR/script"
		deliver a@x.example <<<hello
		is 69 '5.*550 ********'
		! grep -F -e "$secret" -e "$sent" "$DIR/log" || fail 'a secret in the log'
		# Before it is sent, too, as by who has heard it the last time.
		for early in "|421 4.7.0 too often: $secret" "|220 x\nEHLO|554 5.7.0 $secret"; do
			printf "${early//%/%%}\\n" >"$DIR/script"
			deliver a@x.example <<<hello
			is 75 '4.*: * ********'
			! grep -F "$secret" "$DIR/log" || fail 'a secret in the log'
		done
	done
}
