# AUTH: which mechanism, in which order, and what comes of a refusal.  The server is a real Postfix
# with Cyrus SASL; a script stands for what no real one does.

load helpers
load instance

setup() {
	deliver_setup
}

teardown() {
	postfix_teardown
}

certificate() {
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=relay.test -days 2 \
	    -addext subjectAltName=IP:127.0.0.1 -keyout "$DIR/etc/key.pem" -out "$DIR/etc/cert.pem"
}

# postfix_relay MECHANISMS... - a Postfix for each list of mechanisms; their ports are in
# ${PORTS[@]}.  joe has the password "s3cret pass".  A $DIR/etc/sasl/saslN.conf that is there stays.
postfix_relay() {
	local list n=0

	postfix_files relay.test
	certificate 2>>"$DIR/servers.log"
	cat >>"$DIR/etc/main.cf" <<-END
		mynetworks =
		default_transport = discard
		smtpd_recipient_restrictions = permit_sasl_authenticated, reject
		smtpd_sasl_auth_enable = yes
		smtpd_sasl_security_options = noanonymous
		smtpd_sasl_local_domain = relay.test
		smtpd_tls_security_level = may
		smtpd_tls_cert_file = $DIR/etc/cert.pem
		smtpd_tls_key_file = $DIR/etc/key.pem
	END
	cat >>"$DIR/etc/master.cf" <<-END
		discard unix - - n - - discard
		tlsmgr unix - - n 1000? 1 tlsmgr
	END
	PORTS=()
	for list; do
		PORTS+=("$(free_port)")
		echo "127.0.0.1:${PORTS[n]} inet n - n - - smtpd -o smtpd_sasl_path=sasl$n" >>"$DIR/etc/master.cf"
		[ -e "$DIR/etc/sasl/sasl$n.conf" ] || sasl_service "sasl$n" "$list"
		n=$((n + 1))
	done
	sasl_users relay.test 's3cret pass' joe
	postfix_start "${PORTS[0]}"
}

# by MECHANISM - Postfix has let joe in so.
by() {
	logged " auth=$1 result=delivered"
	grep -qi "sasl_method=$1, sasl_username=joe" "$DIR/mail.log" || {
		cat "$DIR/mail.log" >&2
		fail "Postfix did not see $1"
	}
	: >"$DIR/mail.log"
}

send() {
	deliver --ca-file "$DIR/etc/cert.pem" "$@" <<<hello
}

@test "each mechanism, with a real server" {
	local mechanism n=0

	postfix_relay PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256
	for mechanism in PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256; do
		routes <<-END
			route 1 to clear.test via 127.0.0.1:${PORTS[n]} tls off login joe password "s3cret pass"
			route 2 to tls.test via 127.0.0.1:${PORTS[n]} login joe password "s3cret pass"
			route 3 to bad.test via 127.0.0.1:${PORTS[n]} login joe password wrong
		END
		send a@clear.test
		is 0
		by "$mechanism"
		send a@tls.test
		is 0
		by "$mechanism"
		send a@bad.test
		is 75 "4.7.8 *AUTH: 535 *"
		n=$((n + 1))
	done
}

@test "the strongest first, but under a verified certificate the simplest" {
	postfix_relay 'PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256' 'LOGIN CRAM-MD5' \
	    'PLAIN CRAM-MD5 SCRAM-SHA-1'
	local n

	for n in 0 1 2; do
		cat <<-END
			route to off.$n.test via 127.0.0.1:${PORTS[n]} tls off login joe password "s3cret pass"
			route to required.$n.test via 127.0.0.1:${PORTS[n]} tls required login joe password "s3cret pass"
			route to verified.$n.test via 127.0.0.1:${PORTS[n]} login joe password "s3cret pass"
		END
	done | routes
	for case in off.0=SCRAM-SHA-256 required.0=SCRAM-SHA-256 verified.0=PLAIN off.1=CRAM-MD5 \
	    verified.1=LOGIN required.2=SCRAM-SHA-1; do
		send "a@${case%=*}.test"
		is 0
		by "${case#*=}"
	done
}

@test "a mechanism that is refused is followed by the next, each once" {
	local passwd

	# As Debian has it with saslauthd: PLAIN is checked elsewhere, and there are no secrets for the
	# others, which are offered all the same.
	passwd=$(openssl passwd -6 's3cret pass')
	echo "joe:$passwd:65001:65001::/:/bin/false" >>"$DIR/passwd"
	mkdir -p "$DIR/mux" "$DIR/etc/sasl"
	in_background "${UNPACKED[@]}" saslauthd -d -a getpwent -n 1 -m "$DIR/mux"
	printf '%s\n' 'pwcheck_method: saslauthd' "saslauthd_path: $DIR/mux/mux" \
	    'mech_list: PLAIN CRAM-MD5 SCRAM-SHA-256' 'auxprop_plugin: sasldb' "sasldb_path: $DIR/none" \
	    >"$DIR/etc/sasl/sasl0.conf"
	postfix_relay 'PLAIN CRAM-MD5 SCRAM-SHA-256'
	routes <<-END
		route 1 to x.test via 127.0.0.1:${PORTS[0]} tls off login joe password "s3cret pass"
		route 2 to bad.test via 127.0.0.1:${PORTS[0]} tls off login joe password wrong
	END
	send a@x.test
	is 0
	by PLAIN
	send a@bad.test
	is 75 '4.7.8 *AUTH: 535 *'
	[ "$(grep -cE 'SASL (PLAIN|CRAM-MD5|SCRAM-SHA-256) authentication' "$DIR/mail.log")" -eq 3 ]
}

@test "what a mechanism does not take for a login or password goes by the next" {
	local mechanism n=0

	postfix_relay 'PLAIN SCRAM-SHA-256' 'PLAIN SCRAM-SHA-1' 'PLAIN CRAM-MD5' SCRAM-SHA-256 CRAM-MD5
	sasl_users relay.test $'s3cret\tpass' tab
	for mechanism in 0 1 2 3 4; do
		echo "route to $mechanism.test via 127.0.0.1:${PORTS[mechanism]} tls off login tab password \"s3cret\\tpass\""
	done | routes
	for n in 0 1 2; do
		send "a@$n.test"
		is 0
		logged ' auth=PLAIN result=delivered'
	done
	for mechanism in 3=SCRAM-SHA-256 4=CRAM-MD5; do
		send "a@${mechanism%=*}.test"
		is 75 "4.3.5 *: AUTH: AUTH ${mechanism#*=}: it is for text alone, which this login or password is not"
	done
	# SCRAM finds a login like that before it has said anything.
	script 'EHLO|250-x\n250 AUTH SCRAM-SHA-256 PLAIN' 'AUTH PLAIN|235 ok'
	routes <<<"route 1 to x.example via 127.0.0.1:$PORT tls off login \"\\xEE\\x80\\x80\" password \"\\xFF\\xFE\""
	deliver a@x.example <<<hello
	is 0
	grep -q "AUTH PLAIN $(printf '\0\xEE\x80\x80\0\xFF\xFE' | base64)" "$DIR/script.log"
}

# login_script LINE... - a server with this dialogue, and a route to it with a login.
login_script() {
	script "$@"
	routes <<<"route 1 to x.example via 127.0.0.1:$PORT tls off login joe password s3cretpass"
}

encoded() {
	printf "$1" | base64 -w 0
}

@test "LOGIN sends no word before it is asked; keywords in any spelling" {
	local offer

	for offer in 'AUTH LOGIN' 'AUTH=LOGIN' 'auth login' 'Auth=plain-not Login' $'AUTH\tLOGIN'; do
		login_script "EHLO|250-x\n250 $offer" 'AUTH LOGIN|334 VXNlcm5hbWU6' "$(encoded joe)|334 UGFzc3dvcmQ6" \
		    "$(encoded s3cretpass)|235 ok"
		deliver a@x.example <<<hello
		is 0
		grep -qx $'AUTH LOGIN\r' "$DIR/script.log"
	done
}

@test "a refusal that is none of the mechanism's ends AUTH" {
	local reply

	for reply in '454 4.7.0 later' '530 5.7.0 TLS first' '501 5.5.2 what?' '421 4.3.2 bye'; do
		login_script 'EHLO|250-x\n250 AUTH PLAIN LOGIN' "AUTH PLAIN|$reply" 'AUTH LOGIN|334 VXNlcm5hbWU6'
		deliver a@x.example <<<hello
		is 75 "4.*AUTH: ${reply%% *} *"
		[ "$(grep -c AUTH "$DIR/script.log")" -eq 1 ]
	done
	# One that hangs up after its refusal has said why.
	login_script 'EHLO|250-x\n250 AUTH PLAIN LOGIN' 'AUTH PLAIN|535 5.7.8 no' 'AUTH LOGIN|HANGUP'
	deliver a@x.example <<<hello
	is 75 '4.7.8 *AUTH: 535 5.7.8 no'
}

@test "a server that cannot prove that it knows the password is not shown it" {
	local challenge

	# A server-first message with a nonce of its own, one that asks for work for days, and a 235 at once.
	for challenge in "$(encoded 'r=other,s=c2FsdA==,i=4096')" "$(encoded 'r=x,s=c2FsdA==,i=4000000000')" \
	    '####' ''; do
		login_script 'EHLO|250-x\n250 AUTH SCRAM-SHA-256 PLAIN' "AUTH SCRAM|334 $challenge" '*|501 x' \
		    'AUTH PLAIN|235 ok'
		deliver --timeout 10 a@x.example <<<hello
		is 75 '4.7.8 *AUTH SCRAM-SHA-256: *'
		! grep -q 'AUTH PLAIN' "$DIR/script.log" || fail 'the password was shown'
	done
	login_script 'EHLO|250-x\n250 AUTH SCRAM-SHA-256 PLAIN' 'AUTH SCRAM|235 welcome'
	deliver a@x.example <<<hello
	is 75 '4.7.8 *before the exchange was over*'
	! grep -q 'MAIL' "$DIR/script.log" || fail 'it went on'
}

@test "a server that asks for ever is not answered for ever" {
	local mechanism challenge

	for mechanism in PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1; do
		for challenge in '' '=' '####' "$(encoded '<1@x>')" "$(head -c 9000 /dev/zero | base64 -w 0)"; do
			login_script "EHLO|250-x\n250 AUTH $mechanism" '*|501 x' 'QUIT|221 x' "|334 $challenge"
			deliver a@x.example <<<hello
			is 75 "4.7.8 *: AUTH: AUTH $mechanism: *challenge*"
			[ "$(wc -l <"$DIR/script.log")" -le 6 ]
		done
	done
}

@test "a long secret is hidden, in whole and in pieces, in every form that was sent" {
	local password plain piece

	password=$(openssl rand -hex 200)
	plain=$(printf '\0joe\0%s' "$password" | base64 -w 0)
	for piece in "$password" "${password:150:200}" "${password:390}" "$plain" "${plain:11:300}" \
	    "${plain:0:470}" "$(base64 -w 0 <<<"$password")" "${password:3:8}"; do
		for stage in AUTH MAIL RCPT; do
			script 'EHLO|250-x\n250 AUTH PLAIN' \
			    "AUTH|$([ $stage = AUTH ] && echo "535-5.7.8 what is\n535 $piece" || echo 235 ok)"
			sed -i "s/^$stage|25.*/$stage|550-5.7.1 I do not like\\\\n550 the word $(sed 's,/,\\/,g' <<<"$piece")/" "$DIR/script"
			routes <<<"route 1 to x.example via 127.0.0.1:$PORT tls off login joe password $password"
			deliver a@x.example <<<hello
			[[ $output == *': 5'[35]?' ********' ]] || fail "$stage: $output"
			! grep -qF "${piece:0:8}" "$DIR/log" || fail 'a piece of it in the log'
		done
	done
}

@test "a line that is too long for the server: the word goes out when it is asked for, once" {
	local password plain reply

	password=$(openssl rand -hex 200)
	plain=$(printf '\0joe\0%s' "$password" | base64 -w 0)
	for reply in '500 5.5.2 Line too long' '501 5.5.4 what?'; do
		script 'EHLO|250-x\n250 AUTH PLAIN LOGIN' "AUTH PLAIN |$reply" 'AUTH PLAIN|334 ' "$plain|235 ok"
		routes <<<"route 1 to x.example via 127.0.0.1:$PORT tls off login joe password $password"
		deliver a@x.example <<<hello
		is 0
		logged ' auth=PLAIN result=delivered '
		[ "$(grep -c ^AUTH "$DIR/script.log")" -eq 2 ]
	done
	script 'EHLO|250-x\n250 AUTH PLAIN LOGIN' "AUTH PLAIN|$reply"
	deliver a@x.example <<<hello
	is 75 '4.5.4 *: AUTH: 501 5.5.4 what?'
	[ "$(grep -c ^AUTH "$DIR/script.log")" -eq 2 ]
	# One of over 2,048 bytes is not sent to begin with.
	password=$(openssl rand -hex 900)
	plain=$(printf '\0joe\0%s' "$password" | base64 -w 0)
	script 'EHLO|250-x\n250 AUTH PLAIN' "AUTH PLAIN |535 cut off" 'AUTH PLAIN|334 ' "$plain|235 ok"
	routes <<<"route 1 to x.example via 127.0.0.1:$PORT tls off login joe password $password"
	deliver a@x.example <<<hello
	is 0
}

@test "a secret that is parted by blanks or ends of lines is hidden, too" {
	local password quote

	for password in s3cretpass 's3cret pass'; do
		for quote in 's3cret\n535-pass' 's3cr\n535-etpa\n535-ss is wrong' 's 3 c r e t p a s s' \
		    "$(encoded "$password" | sed 's/./&\\n535-/4; s/$/\\n535-x/')"; do
			script 'EHLO|250-x\n250 AUTH PLAIN' "AUTH PLAIN|535-5.7.8 not\n535-$quote\n535 end"
			routes <<<"route 1 to x.example via 127.0.0.1:$PORT tls off login joe password \"$password\""
			deliver a@x.example <<<hello
			is 75 '4.*AUTH: 535 ????????'
			[ "${output##* }" = '********' ]
			logged 'text=\*{8} '
		done
	done
	script 'EHLO|250-x\n250 AUTH PLAIN' 'AUTH PLAIN|535-5.7.8 that is\n535 wrong'
	deliver a@x.example <<<hello
	is 75 '4.7.8 *AUTH: 535 5.7.8 that is wrong'
}

@test "LOGIN: neither of its words is shown" {
	local word

	for word in "$(encoded s3cretpass)" s3cretpass; do
		login_script 'EHLO|250-x\n250 AUTH LOGIN' 'AUTH LOGIN|334 VXNlcm5hbWU6' \
		    "$(encoded joe)|334 UGFzc3dvcmQ6" "$(encoded s3cretpass)|535 5.7.8 not $word"
		deliver a@x.example <<<hello
		is 75 '4.*AUTH: 535 ????????'
		[ "${output##* }" = '********' ]
	done
}

@test "a 235 that came before AUTH was asked is no answer to it" {
	login_script 'EHLO|250-x\n250 AUTH PLAIN\n235 welcome' 'AUTH|250 what?'
	deliver a@x.example <<<hello
	is 75 '4.5.0 *: AUTH: the server said this before it was asked: 235 welcome'
	! grep -q AUTH "$DIR/script.log" || fail 'AUTH was sent'
	login_script
	sed -i '1s/.*/|220 x\\n250-x\\n250 AUTH PLAIN\\n235 welcome/' "$DIR/script"
	deliver a@x.example <<<hello
	is 75 '4.5.0 *: EHLO: the server said this before it was asked: 250 *'
	sed -i '1s/.*/|235 welcome/' "$DIR/script"
	deliver a@x.example <<<hello
	is 75 '4.5.0 *: banner: the server greeted with 235, not with 220'
	login_script 'EHLO|235 welcome' 'HELO|235 welcome'
	deliver a@x.example <<<hello
	is 75 '4.*: EHLO: 235 welcome'
	login_script 'EHLO|250-x\n250 AUTH CRAM-MD5' 'AUTH|235 welcome'
	deliver a@x.example <<<hello
	is 75 '4.7.8 *: AUTH: AUTH CRAM-MD5: the server said 235 before the exchange was over'
	! grep -q MAIL "$DIR/script.log" || fail 'it went on'
}
