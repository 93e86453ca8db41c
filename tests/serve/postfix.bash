# A real Postfix that asks the daemon.

load ../deliver/helpers
load ../deliver/instance

# postfix_instance [WIRING] - with this in main.cf, the recipe without it; at $INSIDE nobody asks
# the policy service.
postfix_instance() {
	postfix_submission
	INSIDE=$(free_port)
	mkdir "$DIR/queue/tmail"
	# The sockets get the group of their directory.
	chgrp "$POSTFIX" "$DIR/queue/tmail"
	chmod 2750 "$DIR/queue/tmail"
	cat >>"$DIR/etc/main.cf" <<-END
		smtpd_error_sleep_time = 0
		maximal_backoff_time = 2s
		transport_retry_time = 1s
	END
	cat "${1:-$ROOT/contrib/postfix/serve.cf}" >>"$DIR/etc/main.cf"
	cat >>"$DIR/etc/master.cf" <<-END
		127.0.0.1:$INSIDE inet n - n - - smtpd
		  -o smtpd_recipient_restrictions=permit_mynetworks,reject
		discard unix - - n - - discard
		tlsmgr unix - - n 1000? 1 tlsmgr
	END
}

# start_postfix - when everything is there.
start_postfix() {
	postfix_start "$SUBMISSION"
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

# has NAME COUNT - a sink has got so many messages, whole.
has() {
	[ "$(cat "$DIR/$1"/* 2>/dev/null | grep -c '^X-Rcpt-Args:')" -eq "$2" ] && [ "$(mails "$1")" -eq "$2" ]
}

# only NAME TEXT - all recipients of a sink have it.
only() {
	! cat "$DIR/$1"/* | grep '^X-Rcpt-Args:' | grep -v "$2"
}
