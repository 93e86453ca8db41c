# A real Postfix with its own directories in $DIR/etc and $DIR/queue, that asks the daemon.

load ../deliver/helpers

postfix_teardown() {
	"${UNPACKED[@]}" postfix -c "$DIR/etc" stop 2>/dev/null || true
	deliver_teardown
}

# postfix_instance [WIRING] - with this in main.cf, the recipe without it, and submission at $SUBMISSION, where alice and carol have
# the password "secret"; at $INSIDE nobody asks the policy service.
postfix_instance() {
	local user

	SUBMISSION=$(free_port)
	INSIDE=$(free_port)
	mkdir -p "$DIR/etc/sasl" "$DIR/queue/tmail" "$DIR/data"
	chown "$POSTFIX" "$DIR/data"
	# The sockets get the group of their directory.
	chgrp "$POSTFIX" "$DIR/queue/tmail"
	chmod 2750 "$DIR/queue/tmail"
	cat >"$DIR/etc/main.cf" <<-END
		compatibility_level = 3.6
		queue_directory = $DIR/queue
		data_directory = $DIR/data
		command_directory = $SERVERS/usr/sbin
		daemon_directory = $SERVERS/usr/lib/postfix/sbin
		shlib_directory = $SERVERS/usr/lib/postfix
		meta_directory = $SERVERS/etc/postfix
		import_environment = MAIL_CONFIG TZ LANG=C POSTLOG_SERVICE POSTLOG_HOSTNAME SASL_PATH
		    LD_LIBRARY_PATH LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
		maillog_file_prefixes = $DIR
		maillog_file = $DIR/mail.log
		myhostname = sender.test
		mydestination =
		inet_interfaces = 127.0.0.1
		inet_protocols = ipv4
		mynetworks = 127.0.0.0/8
		alias_maps =
		alias_database =
		smtpd_sasl_auth_enable = yes
		smtpd_sasl_local_domain = corp.example
		cyrus_sasl_config_path = $DIR/etc/sasl
		smtpd_tls_security_level = none
		smtpd_error_sleep_time = 0
		minimal_backoff_time = 1s
		maximal_backoff_time = 2s
		queue_run_delay = 1s
		transport_retry_time = 1s
	END
	cat "${1:-$ROOT/contrib/postfix/serve.cf}" >>"$DIR/etc/main.cf"
	cat >"$DIR/etc/master.cf" <<-END
		127.0.0.1:$SUBMISSION inet n - n - - smtpd
		127.0.0.1:$INSIDE inet n - n - - smtpd
		  -o smtpd_recipient_restrictions=permit_mynetworks,reject
		pickup unix n - n 60 1 pickup
		cleanup unix n - n - 0 cleanup
		qmgr unix n - n 1 1 qmgr
		rewrite unix - - n - - trivial-rewrite
		bounce unix - - n - 0 bounce
		defer unix - - n - 0 bounce
		trace unix - - n - 0 bounce
		proxymap unix - - n - - proxymap
		smtp unix - - n - - smtp
		discard unix - - n - - discard
		showq unix n - n - - showq
		error unix - - n - - error
		retry unix - - n - - error
		anvil unix - - n - 1 anvil
		scache unix - - n - 1 scache
		tlsmgr unix - - n 1000? 1 tlsmgr
		postlog unix-dgram n - n - 1 postlogd
	END
	printf '%s\n' 'pwcheck_method: auxprop' 'auxprop_plugin: sasldb' 'mech_list: PLAIN' \
	    "sasldb_path: $DIR/etc/sasl/users" >"$DIR/etc/sasl/smtpd.conf"
	for user in alice carol; do
		"${UNPACKED[@]}" saslpasswd2 -p -c -f "$DIR/etc/sasl/users" -u corp.example "$user" <<<secret
	done
	chgrp "$POSTFIX" "$DIR/etc/sasl/users" && chmod 640 "$DIR/etc/sasl/users"
}

# start_postfix - when everything is there.
start_postfix() {
	"${UNPACKED[@]}" postfix -c "$DIR/etc" start 2>>"$DIR/servers.log" 3>&-
	wait_port "$SUBMISSION"
}

# daemon - starts it; its PID is in $SERVE.
daemon() {
	in_background "$TMAIL" routes serve -i "$DIR/routes.idx" --policy "unix:$DIR/queue/tmail/policy" \
	    --socketmap "unix:$DIR/queue/tmail/socketmap" --log-queries "$@"
	SERVE=$!
	eventually answers
}

answers() {
	printf 'request=none\n\n' | socat -t 5 - "UNIX-CONNECT:$DIR/queue/tmail/policy" | grep -q DUNNO
}

# submit LOGIN SENDER RECIPIENT... - the message is standard input; LOGIN "" is none.
submit() {
	local login=$1 sender=$2 rcpt=()

	shift 2
	for recipient; do
		rcpt+=(--mail-rcpt "$recipient")
	done
	curl -sS ${login:+--user "$login:secret"} --mail-from "$sender" "${rcpt[@]}" --crlf \
	    --upload-file - "smtp://127.0.0.1:${AT:-$SUBMISSION}/client.test" 2>"$DIR/curl"
}

# eventually COMMAND... - until it succeeds, for half a minute.
eventually() {
	local i

	for ((i = 0; i < 300; i++)); do
		"$@" 2>/dev/null && return
		sleep 0.1
	done
	cat "$DIR/mail.log" "$DIR/servers.log" >&2
	fail "it never came to: $*"
}

# has NAME COUNT - a sink has got so many messages, whole.
has() {
	[ "$(cat "$DIR/$1"/* 2>/dev/null | grep -c '^X-Rcpt-Args:')" -eq "$2" ] && [ "$(mails "$1")" -eq "$2" ]
}

# only NAME TEXT - all recipients of a sink have it.
only() {
	! cat "$DIR/$1"/* | grep '^X-Rcpt-Args:' | grep -v "$2"
}

maillog() {
	grep -qE "$1" "$DIR/mail.log"
}
