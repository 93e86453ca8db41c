# A real Postfix with its own directories in $DIR/etc and $DIR/queue, not yet of any use: who
# loads this behind helpers.bash adds to main.cf and master.cf what the test is about.

# postfix_files HOSTNAME - main.cf and master.cf with what every instance has.
postfix_files() {
	mkdir -p "$DIR/etc/sasl" "$DIR/queue" "$DIR/data"
	chown "$POSTFIX" "$DIR/data"
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
		myhostname = $1
		mydestination =
		inet_interfaces = 127.0.0.1
		inet_protocols = ipv4
		alias_maps =
		alias_database =
		cyrus_sasl_config_path = $DIR/etc/sasl
	END
	cat >"$DIR/etc/master.cf" <<-END
		cleanup unix n - n - 0 cleanup
		qmgr unix n - n 1 1 qmgr
		rewrite unix - - n - - trivial-rewrite
		proxymap unix - - n - - proxymap
		bounce unix - - n - 0 bounce
		defer unix - - n - 0 bounce
		trace unix - - n - 0 bounce
		anvil unix - - n - 1 anvil
		postlog unix-dgram n - n - 1 postlogd
	END
}

# postfix_submission - takes mail from authenticated clients, at $SUBMISSION, where alice and carol
# have the password "secret", and delivers.
postfix_submission() {
	SUBMISSION=$(free_port)
	postfix_files sender.test
	cat >>"$DIR/etc/main.cf" <<-END
		mynetworks = 127.0.0.0/8
		smtpd_sasl_auth_enable = yes
		smtpd_sasl_local_domain = corp.example
		smtpd_tls_security_level = none
		minimal_backoff_time = 1s
		queue_run_delay = 1s
	END
	cat >>"$DIR/etc/master.cf" <<-END
		127.0.0.1:$SUBMISSION inet n - n - - smtpd
		pickup unix n - n 60 1 pickup
		smtp unix - - n - - smtp
		showq unix n - n - - showq
		error unix - - n - - error
		retry unix - - n - - error
		scache unix - - n - 1 scache
	END
	sasl_service smtpd PLAIN
	sasl_users corp.example secret alice carol
}

# sasl_service NAME MECHANISMS - Cyrus SASL of a server of that name.
sasl_service() {
	printf '%s\n' 'pwcheck_method: auxprop' 'auxprop_plugin: sasldb' "mech_list: $2" \
	    "sasldb_path: $DIR/etc/sasl/users" >"$DIR/etc/sasl/$1.conf"
}

# sasl_users REALM PASSWORD NAME...
sasl_users() {
	local user

	for user in "${@:3}"; do
		"${UNPACKED[@]}" saslpasswd2 -p -c -f "$DIR/etc/sasl/users" -u "$1" "$user" <<<"$2"
	done
	chgrp "$POSTFIX" "$DIR/etc/sasl/users" && chmod 640 "$DIR/etc/sasl/users"
}

# settled - Postfix waits before it reads a configuration that is younger than a moment: these are old.
settled() {
	touch -d '1 minute ago' "$DIR"/etc/*.cf
}

# postfix_start PORT - when everything is there; until it listens at this one.
postfix_start() {
	settled
	"${UNPACKED[@]}" postfix -c "$DIR/etc" start 2>>"$DIR/servers.log" 3>&-
	wait_port "$1"
}

# postfix_teardown - also where none was started.
postfix_teardown() {
	[ ! -e "$DIR/etc/main.cf" ] || "${UNPACKED[@]}" postfix -c "$DIR/etc" stop 2>/dev/null || true
	deliver_teardown
}

# maillog PATTERN
maillog() {
	grep -qE "$1" "$DIR/mail.log"
}
