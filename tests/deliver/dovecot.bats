# Dovecot's submission service as the relay: logins of every kind, tokens that it asks a server
# about, TLS, PIPELINING and BDAT.  What it takes it hands to an smtp-sink.

load helpers

setup() {
	deliver_setup
	sink mail
	certificate
	token_server
	printf 'Subject: x\r\n\r\n.\r\n..hello\r\n' >"$DIR/message"
}

teardown() {
	deliver_teardown
}

certificate() {
	mkdir "$DIR/dovecot"
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=relay.test -days 2 \
	    -addext subjectAltName=DNS:relay.test,IP:127.0.0.1 -keyout "$DIR/dovecot/key.pem" \
	    -out "$DIR/dovecot/cert.pem" 2>>"$DIR/servers.log"
}

# token_server - says of any token what is in $DIR/answer.
token_server() {
	TOKENS=$(free_port)
	known true
	in_background perl "$BATS_TEST_DIRNAME/token-server.pl" "$TOKENS" "$DIR/answer" "$DIR/asked"
	wait_port "$TOKENS"
}

# known true|false - whether a token is good from now on.
known() {
	printf 'HTTP/1.0 200 x\r\nContent-Type: application/json\r\n\r\n{"active":%s,"username":"joe@x.example"}' \
	    "$1" >"$DIR/answer"
}

# settings_2_3, settings_2_4 - what is written in another way in Debian 12 and in 13.
settings_2_3() {
	cat >"$DIR/dovecot/oauth2.conf" <<-END
		introspection_mode = post
		introspection_url = http://127.0.0.1:$TOKENS/introspect
		username_attribute = username
		active_attribute = active
		active_value = true
	END
	cat <<-END
		import_environment = LD_LIBRARY_PATH
		ssl_cert = <$DIR/dovecot/cert.pem
		ssl_key = <$DIR/dovecot/key.pem
		mail_location = maildir:~/mail
		passdb {
		  driver = oauth2
		  mechanisms = xoauth2 oauthbearer
		  args = $DIR/dovecot/oauth2.conf
		}
		passdb {
		  driver = passwd-file
		  args = $DIR/dovecot/users
		}
		userdb {
		  driver = static
		  args = uid=nobody gid=nogroup home=$DIR/dovecot/home
		}
	END
}

settings_2_4() {
	cat <<-END
		dovecot_config_version = 2.4.0
		dovecot_storage_version = 2.4.0
		import_environment {
		  LD_LIBRARY_PATH = %{env:LD_LIBRARY_PATH}
		}
		ssl_server_cert_file = $DIR/dovecot/cert.pem
		ssl_server_key_file = $DIR/dovecot/key.pem
		mail_driver = maildir
		mail_path = ~/mail
		oauth2 {
		  introspection_mode = post
		  introspection_url = http://127.0.0.1:$TOKENS/introspect
		  username_attribute = username
		  active_attribute = active
		  active_value = true
		}
		passdb oauth2 {
		  mechanisms_filter = xoauth2 oauthbearer
		}
		passdb passwd-file {
		  passwd_file_path = $DIR/dovecot/users
		}
		userdb static {
		  fields {
		    uid = nobody
		    gid = nogroup
		    home = $DIR/dovecot/home
		  }
		}
	END
}

# dovecot [MECHANISM...] - at $SUBMISSION, and with implicit TLS at $SUBMISSIONS.  It finds its parts
# where they would be if it was installed.
dovecot() {
	local mechanisms=${*:-plain login cram-md5 scram-sha-1 scram-sha-256 xoauth2 oauthbearer}

	SUBMISSION=$(free_port)
	SUBMISSIONS=$(free_port)
	echo 'joe@x.example:{PLAIN}s3cret pass' >"$DIR/dovecot/users"
	if [ -e "$SERVERS/usr/lib/dovecot/director" ]; then
		settings_2_3
	else
		settings_2_4
	fi >"$DIR/dovecot/dovecot.conf"
	cat >>"$DIR/dovecot/dovecot.conf" <<-END
		base_dir = $DIR/dovecot/run.$SUBMISSION
		state_dir = $DIR/dovecot/run.$SUBMISSION
		log_path = $DIR/dovecot/log
		auth_verbose = yes
		auth_failure_delay = 0
		auth_mechanisms = $mechanisms
		protocols = submission
		listen = 127.0.0.1
		default_internal_user = daemon
		default_internal_group = daemon
		default_login_user = nobody
		ssl = yes
		submission_relay_host = 127.0.0.1
		submission_relay_port = $PORT
		service submission-login {
		  inet_listener submission {
		    port = $SUBMISSION
		  }
		  inet_listener submissions {
		    port = $SUBMISSIONS
		    ssl = yes
		  }
		}
		service anvil {
		  unix_listener anvil-auth-penalty {
		    mode = 0
		  }
		}
	END
	mkdir -p "$DIR/dovecot/home"
	chown nobody "$DIR/dovecot/home"
	in_background unshare --mount sh -c 'cd "$1" && mount -t overlay -o lowerdir=usr:/usr overlay /usr &&
	    export LD_LIBRARY_PATH="$2" && exec /usr/sbin/dovecot -F -c "$3"' sh "$SERVERS" \
	    "$(echo "$SERVERS"/usr/lib/*-linux-*/)" "$DIR/dovecot/dovecot.conf"
	wait_port "$SUBMISSION"
	wait_port "$SUBMISSIONS"
}

# login - the routes on standard input, AT and JOE standing for where Dovecot is and a good login.
login() {
	sed "s/\<AT\>/127.0.0.1:$SUBMISSION/; s/\<JOE\>/login joe@x.example password \"s3cret pass\"/" | routes
}

send() {
	deliver --ca-file "$DIR/dovecot/cert.pem" a@x.example <"$DIR/message"
}

# noted PATTERN - Dovecot's log comes to have such a line.
noted() {
	eventually grep -qE "$1" "$DIR/dovecot/log" || {
		cat "$DIR/dovecot/log" >&2
		return 1
	}
}

# by MECHANISM [TLS] - Dovecot let joe in so, and the mail has arrived.
by() {
	is 0
	logged " auth=$1 result=delivered stage=dot code=250 "
	noted "(Login|Logged in): user=<joe@x.example>, method=$1,.*${2:-TLS}"
	: >"$DIR/dovecot/log"
	got mail
	body mail | sed -n '/^Subject: /,$p' | cmp - <(tr -d '\r' <"$DIR/message")
	rm "$DIR"/mail/*
}

@test "each mechanism, by PIPELINING and BDAT" {
	local mechanism

	for mechanism in plain login cram-md5 scram-sha-1 scram-sha-256; do
		dovecot "$mechanism"
		login <<<'route 1 via AT JOE'
		send
		by "${mechanism^^}"
		logged ' verified=yes .* data=BDAT '
		login <<<'route 1 via AT login joe@x.example password wrong'
		send
		is 75 '4.7.8 *AUTH: 535 5.7.8 *'
		stop "${PIDS[-1]}"
	done
}

@test "the simplest under a verified certificate, else the strongest; a refused one is followed by the next" {
	dovecot
	login <<<'route 1 via AT JOE'
	send
	by PLAIN
	login <<<'route 1 via AT JOE tls required'
	send
	by SCRAM-SHA-256
	login <<<'route 1 via AT JOE tls off'
	send
	by SCRAM-SHA-256 secured
	login <<<'route 1 via AT tls required login joe@x.example password wrong'
	: >"$DIR/dovecot/log"
	send
	is 75 '4.7.8 *AUTH: 535 5.7.8 *'
	noted 'auth failed, 5 attempts'
}

@test "TLS: implicit, and by an authority that is not ours" {
	dovecot
	routes <<<"route 1 via 127.0.0.1:$SUBMISSIONS tls implicit login joe@x.example password \"s3cret pass\""
	send
	by PLAIN
	deliver a@x.example <"$DIR/message"
	is 75 '4.7.5 *'
	[ "$(mails mail)" -eq 0 ]
}

@test "MAIL, RCPT and the first chunk go out together" {
	dovecot
	login <<<'route 1 via AT JOE tls off auth plain'
	ASAN_OPTIONS=detect_leaks=0 strace -f -s 300 -e trace=sendto -o "$DIR/calls" "$TMAIL" deliver \
	    --index "$DIR/routes.idx" --log none --sender me@here.example a@x.example <"$DIR/message"
	grep -qF 'RCPT TO:<a@x.example>\r\nBDAT 1\r\nS"' "$DIR/calls"
	got mail
}

@test "tokens: OAUTHBEARER, and XOAUTH2 where the route says so" {
	local mechanism

	dovecot
	printf 'ya29.%s\n' "$(head -c 900 /dev/urandom | base64 -w 0 | tr '+/=' '-_~')" >"$DIR/token"
	for mechanism in '' oauthbearer xoauth2; do
		login <<<"route 1 via AT login joe@x.example token-file $DIR/token ${mechanism:+auth $mechanism}"
		send
		mechanism=${mechanism:-oauthbearer}
		by "${mechanism^^}"
		# It has asked for this one.
		tail -n 1 "$DIR/asked" | grep -qF "token=$(sed 's/~/%7E/g' "$DIR/token")" ||
			tail -n 1 "$DIR/asked" | grep -qF "token=$(cat "$DIR/token")"
	done
}

@test "a token that has expired: both mechanisms, what the server says of it, the next candidate" {
	local mechanism

	dovecot
	known false
	sink second
	echo ya29.expired-a-while-ago >"$DIR/token"
	for mechanism in '' 'auth xoauth2' 'auth oauthbearer'; do
		login <<-END
			route 1 via AT login joe@x.example token-file $DIR/token $mechanism
			route 2 via 127.0.0.1:$PORT priority 2
		END
		send
		is 0
		got second
		rm "$DIR"/second/*
		[ "$(mails mail)" -eq 0 ]
		logged 'route=1 .*result=failed stage=AUTH code=535 text="5\.7\.8 .*\(\{.*\\"status\\":\\"[^"]+\\".*\}\)"'
		! grep -q expired-a-while "$DIR/log" || fail 'the token in the log'
	done
	# The same login is let in when it has another one.
	known true
	send
	is 0
	got mail
}
