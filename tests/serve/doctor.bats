# tmail routes doctor postfix: the good wirings without a warning, and each thing broken in a real
# configuration of Postfix, which postconf(1) reads, found.

load doctor

@test "the recipe is without a warning, also chrooted and by another name of the socket" {
	good
	doctor 0
	says
	for line in "$DIR/routes.idx is whole, and that of the configuration" \
	    "127.0.0.1:$SUBMISSION/inet asks check_policy_service unix:tmail/policy before it lets mail through" \
	    "127.0.0.1:$SUBMISSION/inet has no smtpd_proxy_filter, beside which Postfix would ignore FILTER" \
	    'transport_maps asks the map transport' "master.cf has the transport 'smtp'" \
	    'smtp/unix: smtp_sasl_auth_enable is yes, and route 1 (routes.conf:1) has a login' \
	    "the user of tmail routes serve can read $DIR/routes.idx"; do
		grep -qxF "ok: $line" "$DIR/out"
	done
	grep -q "^ok: 127.0.0.1:$SUBMISSION/inet reaches the socket unix:tmail/policy as $OWNER" "$DIR/out"
	grep -q "^ok: the maps leave out 'user alice@corp.example, to \*, route 1 (routes.conf:1)'" "$DIR/out"
	sed -i -E 's/^(smtp|rewrite|127[^ ]*) (inet|unix) (-|n) - n/\1 \2 \3 - y/' "$DIR/etc/master.cf"
	grep -q '^smtp unix - - y' "$DIR/etc/master.cf"
	doctor 0
	says
	grep -q "rewrite/unix, chrooted, reaches the socket unix:tmail/socketmap as $OWNER" "$DIR/out"
	doctor 0 -q
	[ ! -s "$DIR/out" ]
	doctor 0 --json
	jq -se 'map(.level) | unique == ["ok"]' "$DIR/out"
	mv "$DIR/queue/tmail" "$DIR/queue/other"
	sed -i 's|tmail/policy|other/policy|; s|tmail/socketmap|other/socketmap|' "$DIR/etc/main.cf"
	doctor 0
	says
}

@test "the index: none, unreadable, stale, damaged" {
	good
	echo '# changed' >>"$DIR/routes.conf"
	doctor 1
	says "error: $DIR/routes.idx is stale: .*: run tmail routes compile"
	printf X | dd of="$DIR/routes.idx" bs=1 seek=300 conv=notrunc status=none
	doctor 1
	says "error: $DIR/routes.idx: .*damaged: run tmail routes compile"
	rm "$DIR/routes.idx"
	doctor 1
	grep -q "^error: $DIR/routes.idx: .*not exist.*: run tmail routes compile" "$DIR/out"
}

@test "check_policy_service: missing, in one service, behind what permits, another one beside it" {
	good
	cp -a "$DIR/etc" "$DIR/good"
	parameter 'smtpd_recipient_restrictions = permit_mynetworks, reject'
	doctor 1
	says "error: 127.0.0.1:$INSIDE/inet asks no check_policy_service .* in its -o in master.cf" \
	    "error: 127.0.0.1:$SUBMISSION/inet asks no check_policy_service unix:tmail/policy, without which .*: set smtpd_recipient_restrictions = check_policy_service unix:tmail/policy, \.\.\. in main.cf"
	change master.cf "/:$SUBMISSION /a \\  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject"
	doctor 1
	says "error: 127.0.0.1:$SUBMISSION/inet asks no check_policy_service .*: .* in its -o in master.cf" \
	    "error: 127.0.0.1:$INSIDE/inet asks no check_policy_service .*: .* in its -o in master.cf"
	change master.cf "/:$SUBMISSION /a submission inet n - n - - smtpd -o smtpd_recipient_restrictions= "
	doctor 1
	says 'error: submission/inet asks no check_policy_service .* in its -o in master.cf'
	parameter 'smtpd_recipient_restrictions = permit_sasl_authenticated, check_policy_service unix:tmail/policy, reject'
	doctor 1
	says "error: 127.0.0.1:$SUBMISSION/inet has check_policy_service behind permit_sasl_authenticated, .*: put check_policy_service unix:tmail/policy before it"
	# Where it may stand, too.
	parameter 'smtpd_recipient_restrictions = ours, permit_mynetworks, reject' 'smtpd_restriction_classes = ours' \
	    'ours = check_policy_service { unix:tmail/policy, timeout=10s }'
	doctor 0
	says
	parameter 'smtpd_relay_restrictions = check_policy_service unix:tmail/policy, permit_mynetworks, reject' \
	    'smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:9, reject'
	doctor 0
	says
	# While the daemon is away the mail is to wait.
	parameter 'smtpd_recipient_restrictions = check_policy_service { unix:tmail/policy, timeout=3s, default_action=DUNNO }, reject'
	doctor 0
	says "warning: 127.0.0.1:$SUBMISSION/inet does 'DUNNO' while check_policy_service unix:tmail/policy does not answer: .*"
	parameter 'smtpd_policy_service_default_action = permit'
	doctor 0
	says "warning: 127.0.0.1:$SUBMISSION/inet does 'permit' while .*"
	parameter 'smtpd_policy_service_default_action = DUNNO' \
	    'smtpd_recipient_restrictions = check_policy_service { unix:tmail/policy, default_action=Defer_if_permit }, reject'
	doctor 0
	says
	# Asked at MAIL FROM, it knows no recipient.
	parameter 'smtpd_sender_restrictions = check_policy_service unix:tmail/policy' \
	    'smtpd_recipient_restrictions = permit_mynetworks, reject' 'smtpd_delay_reject = no'
	doctor 1
	says "error: 127.0.0.1:$SUBMISSION/inet asks no check_policy_service unix:tmail/policy, .*: set smtpd_recipient_restrictions = .*" \
	    "error: 127.0.0.1:$INSIDE/inet asks no check_policy_service unix:tmail/policy, .*"
	parameter 'smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:9, reject'
	doctor 1
	says "error: .* cannot reach the socket inet:127.0.0.1:9 as $OWNER: Connection refused: start tmail routes serve --policy inet:127.0.0.1:9"
	parameter 'smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:9, check_policy_service inet:127.0.0.1:10, reject'
	doctor 1
	says "error: 127.0.0.1:$SUBMISSION/inet asks no check_policy_service unix:tmail/policy, .*" \
	    "error: 127.0.0.1:$INSIDE/inet asks no check_policy_service unix:tmail/policy, .*"
	# One for each service: none is ours more than the other.
	parameter 'smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:9, reject'
	sed -i 's/=permit_mynetworks,reject$/=check_policy_service,inet:127.0.0.1:10,reject/' "$DIR/etc/master.cf"
	doctor 1
	says "error: 127.0.0.1:$SUBMISSION/inet asks no check_policy_service unix:tmail/policy, .*" \
	    "error: 127.0.0.1:$INSIDE/inet asks no check_policy_service unix:tmail/policy, .*"
	# Without a rule by login or sender the maps do.
	sed -i 1d "$DIR/routes.conf"
	cp "$DIR/routes.conf" "$DIR/less.conf"
	routes <"$DIR/less.conf"
	parameter 'smtpd_recipient_restrictions = permit_mynetworks, reject'
	doctor 0
	says "warning: 127.0.0.1:$SUBMISSION/inet asks no check_policy_service .*" \
	    "warning: 127.0.0.1:$INSIDE/inet asks no check_policy_service .*"
}

@test "what is in the way of FILTER" {
	good
	cp -a "$DIR/etc" "$DIR/good"
	change master.cf "/:$SUBMISSION /a \\  -o smtpd_proxy_filter=127.0.0.1:10025"
	doctor 1
	says "error: 127.0.0.1:$SUBMISSION/inet has a smtpd_proxy_filter, .*"
	parameter 'smtpd_proxy_filter = 127.0.0.1:10025'
	doctor 1
	says "error: 127.0.0.1:$SUBMISSION/inet has a smtpd_proxy_filter, .*"
	parameter 'content_filter = scan:[127.0.0.1]:10025'
	doctor 0
	says "warning: 127.0.0.1:$SUBMISSION/inet has the content_filter scan:.*"
	parameter 'relayhost = [h.example]'
	doctor 0
	says 'warning: relayhost is \[h.example\], .*'
	parameter 'sender_dependent_relayhost_maps = static:[h.example]'
	doctor 0
	says 'warning: sender_dependent_relayhost_maps is static:\[h.example\], .*: write a route to \* and set sender_dependent_relayhost_maps = in main.cf'
}

@test "sockets: none, of a dead process, of another program, forbidden, out of a chroot" {
	good
	cp -a "$DIR/etc" "$DIR/good"
	chmod 700 "$DIR/queue/tmail"
	doctor 1
	says "error: 127.0.0.1:$SUBMISSION/inet cannot reach the socket unix:tmail/policy as $OWNER: Permission denied: .* -g $OWNER -m 2750 $DIR/queue/tmail" \
	    "error: rewrite/unix cannot reach the socket unix:tmail/socketmap as $OWNER: Permission denied: .*"
	chmod 2750 "$DIR/queue/tmail"
	chmod 600 "$DIR/queue/tmail/policy"
	doctor 1
	says "error: .* cannot reach the socket unix:tmail/policy as $OWNER: Permission denied: .*"
	chmod 660 "$DIR/queue/tmail/policy"
	doctor 0
	mkdir "$DIR/apart"
	mv "$DIR"/queue/tmail/* "$DIR/apart"
	chmod 755 "$DIR/apart"
	chmod 666 "$DIR"/apart/*
	doctor 1
	says "error: .* cannot reach the socket unix:tmail/policy as $OWNER: No such file or directory: start tmail routes serve --policy unix:$DIR/queue/tmail/policy" \
	    "error: .*socketmap as $OWNER: No such file or directory: start tmail routes serve --socketmap unix:$DIR/queue/tmail/socketmap"
	change main.cf "s|unix:tmail|unix:$DIR/apart|"
	doctor 0
	says
	# That is where a chrooted service does not see it.
	sed -i -E 's/^(smtp|rewrite) unix - - n/\1 unix - - y/' "$DIR/etc/master.cf"
	doctor 1
	says "error: rewrite/unix, chrooted, cannot reach the socket unix:$DIR/apart/socketmap as $OWNER: No such file or directory: let tmail routes serve listen below $DIR/queue, .*unix:tmail/socketmap"
	change main.cf "s|unix:tmail.*:transport|unix:$DIR/apart/policy:transport|; s|unix:tmail|unix:$DIR/apart|"
	doctor 1
	grep -q "^error: who answers rewrite/unix at the socket unix:$DIR/apart/policy is not " "$DIR/out"
	kill -9 "$SERVE"
	eventually eval '! kill -0 "$SERVE"'
	change main.cf "s|unix:tmail|unix:$DIR/apart|"
	doctor 1
	says "error: .*policy as $OWNER: Connection refused: start .*" "error: .*socketmap as $OWNER: Connection refused: start .*"
	rm "$DIR/apart/policy"
	in_background socat "UNIX-LISTEN:$DIR/apart/policy,fork,mode=666" "SYSTEM:echo action=REJECT; echo"
	eventually test -S "$DIR/apart/policy"
	doctor 1
	grep -q "^error: who answers 127.0.0.1:$SUBMISSION/inet at the socket unix:$DIR/apart/policy is not tmail routes serve: " "$DIR/out"
}

@test "maps and parameters of the client" {
	good
	cp -a "$DIR/etc" "$DIR/good"
	change main.cf '/^transport_maps/d'
	doctor 0
	says 'warning: transport_maps does not ask the map transport: .*: set transport_maps = socketmap:unix:tmail/socketmap:transport in main.cf'
	change main.cf '/^sender_dep/d'
	doctor 0
	says
	change main.cf '/^smtp_sasl_auth_enable/d'
	doctor 1
	says 'error: smtp/unix: smtp_sasl_auth_enable is no, and route 1 \(routes.conf:1\) has a login: set smtp_sasl_auth_enable = yes in main.cf'
	# Postfix reads a boolean in any case.
	change main.cf 's/^smtp_sasl_auth_enable.*/smtp_sasl_auth_enable = YES/; s/^smtp_connection_cache.*/smtp_connection_cache_on_demand = No/
	    s/^smtp_tls_CApath.*/tls_append_default_CA = Yes/'
	doctor 0
	says
	change main.cf '/^smtp_sasl_password_maps/d'
	doctor 1
	says "error: smtp/unix: smtp_sasl_password_maps is '', and the routes want 'socketmap:unix:tmail/socketmap:sasl': .*"
	change main.cf 's/^smtp_sasl_password_maps.*/smtp_sasl_password_maps = inline:{ h.example=u:CANARY }/'
	doctor 1
	says "error: smtp/unix: smtp_sasl_password_maps is 'a table in main.cf', .*"
	! grep CANARY "$DIR/out" || false
	change main.cf 's/unix:tmail.socketmap/inet:127.0.0.1:9/'
	doctor 1
	says 'error: rewrite/unix cannot reach the socket inet:127.0.0.1:9 as .*' \
	    'error: smtp/unix: passwords are told on unix sockets only, not at inet:127.0.0.1:9: .*'
	change main.cf '/^transport_maps/d; /^sender_dep/d; s/unix:tmail.socketmap/unix:none/'
	doctor 1
	says 'warning: transport_maps does not ask the map transport: .*' \
	    'error: smtp/unix cannot reach the socket unix:none as .*'
	change main.cf '/^smtp_tls_policy_maps/d'
	doctor 1
	says "error: smtp/unix: smtp_tls_policy_maps is '', and the routes want 'socketmap:unix:tmail/socketmap:tls': .*"
	change main.cf '/^smtp_sasl_.*security_options/d'
	doctor 1
	says 'error: smtp/unix: smtp_sasl_tls_security_options forbids PLAIN .*'
	change main.cf '/^smtp_tls_CApath/d'
	doctor 1
	says 'error: smtp/unix: neither smtp_tls_CApath nor smtp_tls_CAfile .*'
	change main.cf '/^smtp_connection_cache/d'
	doctor 0
	says 'warning: smtp/unix keeps connections, .*'
	change main.cf 's/^smtp_tls_CApath.*/&\nsmtp_fallback_relay = [f.example]/'
	doctor 0
	says 'warning: smtp/unix has the smtp_fallback_relay \[f.example\], .*'
	for name in error retry discard tlsmgr; do
		change master.cf "/^$name /d"
		doctor 1
		says "error: master.cf has no service '$name', .*"
	done
	change master.cf '/^smtp /d'
	doctor 1
	says "error: master.cf has no transport 'smtp', which route 1 \(routes.conf:1\) names: .*"
}

@test "one socket by two names, by proxymap, and of two sockets the one that is right" {
	good
	cp -a "$DIR/etc" "$DIR/good"
	change main.cf "s|unix:tmail.socketmap:sasl|unix:$DIR/queue/tmail/socketmap:sasl|"
	sed -i "/:$SUBMISSION /a \\  -o { smtpd_recipient_restrictions = check_policy_service unix:$DIR/queue/tmail/policy, reject }" \
	    "$DIR/etc/master.cf"
	doctor 0
	says
	grep -q "^ok: 127.0.0.1:$SUBMISSION/inet asks check_policy_service unix:$DIR/queue/tmail/policy " "$DIR/out"
	# Out of a chroot only proxymap finds it.
	sed -i 's/^smtp unix - - n/smtp unix - - y/' "$DIR/etc/master.cf"
	doctor 1
	says "error: smtp/unix, chrooted, cannot reach the socket unix:$DIR/queue/tmail/socketmap as $OWNER: No such file or directory: .*"
	sed -i 's/socketmap:[^ ]*:sasl/proxy:&/' "$DIR/etc/main.cf"
	doctor 0
	says
	# A slip in one map is none of the others.
	change main.cf 's|socketmap:transport|socketmp:transport|'
	doctor 1
	says "error: rewrite/unix cannot reach the socket unix:tmail/socketmp as $OWNER: No such file or directory: .*"
	# What a list before it lets through, the next one asks for.
	parameter 'smtpd_relay_restrictions = permit_mynetworks, check_policy_service unix:tmail/policy, reject'
	doctor 1
	says "error: 127.0.0.1:$INSIDE/inet has check_policy_service behind permit_mynetworks, .*"
}

@test "transports: as export writes them, none, another one, less and more" {
	routes <<-END
		relay r h.example connections 3 rate 20/m transport slow
		route 2 user alice@corp.example via h.example login first password one transport one local 192.0.2.1
		route 3 user carol@corp.example via h.example login second password two transport two helo two.example
		route 4 to d.example via h.example
		route 5 to a.example via @r
		route 6 from a@b.example user any via j.example
		route 7 from a@b.example user any to c.example via j.example
	END
	daemon
	sed -i '/^smtp_\|_maps\|^smtpd_recipient_restrictions\|^    permit_mynetworks/d' "$DIR/etc/main.cf"
	"$TMAIL" routes export postfix -c "$DIR/routes.conf" --main >>"$DIR/etc/main.cf"
	"$TMAIL" routes export postfix -c "$DIR/routes.conf" --master >>"$DIR/etc/master.cf"
	cp -a "$DIR/etc" "$DIR/good"
	doctor 0
	says
	grep -q "^ok: master.cf has the transport 'slow'" "$DIR/out"
	grep -q "^ok: the maps leave out 'from a@b.example, to c.example, route 7 " "$DIR/out"
	! grep -q "^ok: the maps leave out 'from a@b.example, to \*" "$DIR/out" || false
	change main.cf '/^sender_dep/d'
	doctor 0
	says 'warning: sender_dependent_default_transport_maps does not ask the map sender: .*'
	# Postfix asks the map of recipients first: where that has all mail, no sender is asked for.
	cp "$DIR/routes.conf" "$DIR/less.conf"
	{ cat "$DIR/less.conf"; echo 'route 8 to * via h.example'; } >"$DIR/more.conf"
	routes <"$DIR/more.conf"
	doctor 0
	says
	grep -q "^ok: the maps leave out 'from a@b.example, to \*, route 6 " "$DIR/out"
	routes <"$DIR/less.conf"
	change master.cf '/^one /,/tls.one/d'
	doctor 1
	says "error: master.cf has no transport 'one', which route 2 \(routes.conf:2\) names: .*: tmail routes export postfix --master prints its service"
	change master.cf 's/192.0.2.1/192.0.2.2/'
	doctor 1
	says "error: one/unix: smtp_bind_address is '192.0.2.2', and the routes want '192.0.2.1': set smtp_bind_address = 192.0.2.1"
	change master.cf 's/sasl.two/sasl.one/'
	doctor 1
	says "error: two/unix: smtp_sasl_password_maps is 'socketmap:unix:tmail/socketmap:sasl.one', and the routes want .*sasl.two': .*"
	change master.cf '/sasl.two/d'
	doctor 1
	says "error: two/unix: smtp_sasl_password_maps is 'socketmap:unix:tmail/socketmap:sasl.smtp', .*"
	change master.cf '/smtp_helo_name/d; s/^slow .*/&\n  -o smtp_bind_address=192.0.2.9/'
	doctor 1
	says "error: two/unix: smtp_helo_name is '.*', and the routes want 'two.example': .*" \
	    'warning: slow/unix has smtp_bind_address=192.0.2.9, and no route of it asks for that: .*'
	change main.cf '/^slow_/d'
	doctor 0
	says "warning: main.cf: slow_destination_concurrency_limit is '20', and the routes want '3': .*" \
	    "warning: main.cf: slow_destination_rate_delay is '0s', and the routes want '3s': .*"
	# None is told at all where no route has a login.
	change main.cf '/^smtp_sasl_password_maps/d'
	doctor 0
	says
	change main.cf 's/^smtp_sasl_password_maps.*/smtp_sasl_password_maps = socketmap:unix:tmail\/socketmap:sasl/'
	doctor 1
	says "error: smtp/unix: smtp_sasl_password_maps is '.*:sasl', and the routes want '.*:sasl.smtp': .*"
	change master.cf 's/^one .*/one unix - n n - - pipe flags=q user=nobody argv=\/bin\/cat/; /sasl.one\|tls.one\|192.0.2.1\|  -o inet_protocols/d'
	doctor 0
	says 'warning: one/unix is a pipe, and one_destination_recipient_limit is .*: set one_destination_recipient_limit = 1 in main.cf'
}

@test "routes that need a transport of their own, and those whose mail waits" {
	routes <<-END
		route 1 to a.example via h.example login first password one
		route 2 to b.example via h.example login second password two
		route 3 to c.example via i.example tls implicit
		route 4 to d.example via j.example mail-from x@y.example
	END
	daemon
	doctor 1
	says 'error: route 1 \(routes.conf:1\): another login, .*: give it a transport of its own' \
	    'error: route 2 \(routes.conf:2\): another login, .*' \
	    'error: route 3 \(routes.conf:3\): it wants implicit TLS: give it a transport of its own' \
	    'warning: route 4 \(routes.conf:4\): Postfix sends with the sender .*'
}

@test "the name that most routes greet with is that of main.cf" {
	routes <<-END
		default helo out.example
		route 2 to a.example via h.example helo own.example
		route 3 to * via h.example
		route 4 to b.example via h.example
	END
	daemon
	doctor 1
	says "error: smtp/unix: smtp_helo_name is '.*', and the routes want 'out.example': set smtp_helo_name = out.example" \
	    'error: route 2 \(routes.conf:2\): it wants a name to greet with: give it a transport of its own'
	echo 'smtp_helo_name = out.example' >>"$DIR/etc/main.cf"
	doctor 1
	says 'error: route 2 \(routes.conf:2\): it wants a name to greet with: give it a transport of its own'
}

@test "the user of the daemon reads the index and the password-files, and answers from that index" {
	(umask 077 && echo secret >"$DIR/password")
	routes <<<"route 1 to * via h.example login first password-file $DIR/password"
	chown "$EXIM" "$DIR/routes.idx" "$DIR/password" "$DIR/queue/tmail"
	# Root is told apart from the daemon, whose user it is that counts.
	in_background setpriv --reuid "$EXIM" --regid "$OWNER" --clear-groups "$TMAIL" routes serve \
	    -i "$DIR/routes.idx" --policy "unix:$DIR/queue/tmail/policy" --socketmap "unix:$DIR/queue/tmail/socketmap"
	eventually answers
	doctor 0
	says
	chown root "$DIR/routes.idx"
	chmod 600 "$DIR/routes.idx"
	doctor 1
	says "error: the user of tmail routes serve cannot read $DIR/routes.idx: Permission denied: .*"
	chown "$EXIM" "$DIR/routes.idx"
	chown root "$DIR/password"
	doctor 1
	says "error: tmail routes serve cannot read the password-file $DIR/password of route 1 \(routes.conf:1\): .*"
	chown "$EXIM" "$DIR/password"
	cp "$DIR/routes.idx" "$DIR/routes.old"
	echo "route 1 to * via other.example login first password-file $DIR/password" >"$DIR/routes.conf"
	"$TMAIL" routes compile -c "$DIR/routes.conf" -i "$DIR/new.idx"
	chown "$EXIM" "$DIR/new.idx"
	"$TMAIL" routes doctor postfix --config "$DIR/etc" -c "$DIR/routes.conf" \
	    -i "$DIR/new.idx" >"$DIR/out" && false
	grep -q '^error: tmail routes serve does not know route 1 (routes.conf:1): it answers from another index' "$DIR/out"
}

@test "the pipe to tmail deliver" {
	good
	kill "$SERVE"
	sed -i '/^smtp_\|_maps\|^smtpd_recipient_restrictions\|^    permit_mynetworks/d' "$DIR/etc/main.cf"
	cat "$ROOT/contrib/postfix/main.cf" >>"$DIR/etc/main.cf"
	sed "s|/etc/tmail/routes.idx|$DIR/routes.idx|; s/user=tmail/user=$OWNER/" "$ROOT/contrib/postfix/master.cf" >>"$DIR/etc/master.cf"
	chown "$OWNER" "$DIR/routes.idx"
	cp -a "$DIR/etc" "$DIR/good"
	doctor 0
	says
	grep -q '^ok: all mail goes to tmail deliver, by tmail/unix' "$DIR/out"
	change main.cf '/_recipient_limit/d; s/^default_transport.*/relay_transport = tmail/'
	doctor 1
	grep -q '^error: tmail/unix is a pipe, and ' "$DIR/out"
	change main.cf '/_recipient_limit/d'
	doctor 1
	says 'error: tmail/unix is a pipe, and tmail_destination_recipient_limit is 50: .*: set tmail_destination_recipient_limit = 1 in main.cf'
	change main.cf 's/^tmail_time_limit.*/tmail_time_limit = 900s/'
	doctor 0
	says 'warning: tmail_time_limit is .*: set tmail_time_limit = 1000s in main.cf'
	change main.cf 's/^tmail_time_limit.*/tmail_time_limit = 16m/'
	doctor 0
	says
	change master.cf 's/ null_sender=//'
	doctor 1
	says 'error: tmail/unix gives bounces the sender MAILER-DAEMON: .*'
	change master.cf 's/--user [^ ]*//'
	doctor 1
	says 'error: tmail/unix does not hand the login over: .*'
	change master.cf 's/--sender [^ ]*//'
	doctor 1
	says 'error: tmail/unix does not hand the sender over: .*'
	change master.cf 's/flags=q//'
	doctor 0
	says 'warning: tmail/unix does not quote local parts: .*'
	change master.cf "s/user=$OWNER/user=unheard/"
	doctor 1
	says 'error: tmail/unix: there is no user unheard: .*'
	change master.cf 's/routes.idx/other.idx/'
	doctor 1
	says "warning: tmail/unix delivers by the index $DIR/other.idx, and this is about .*" \
	    "error: $OWNER, the user of tmail/unix, cannot read $DIR/other.idx: No such file or directory: .*"
	change main.cf '$a transport_maps = inline:{a=b:}'
	doctor 0
	says 'warning: transport_maps is inline:.*, and wins over default_transport: .*'
	change main.cf ''
	chown root "$DIR/routes.idx"
	chmod 600 "$DIR/routes.idx"
	doctor 1
	says "error: $OWNER, the user of tmail/unix, cannot read $DIR/routes.idx: Permission denied: .*"
}

@test "whoever is not root, and what is not to be read" {
	good
	chmod 755 "$DIR/etc"
	chmod 644 "$DIR/routes.conf" "$DIR/routes.idx"
	local code=0
	settled
	setpriv --reuid 65534 --regid 65534 --clear-groups "$TMAIL" routes doctor postfix \
	    --config "$DIR/etc" -c "$DIR/routes.conf" -i "$DIR/routes.idx" >"$DIR/out"
	says 'warning: sockets are tried as yourself, .*' "warning: whether 127.0.0.1:$SUBMISSION/inet reaches unix:tmail/policy cannot be tried: run it as root" \
	    'warning: whether rewrite/unix reaches unix:tmail/socketmap cannot be tried: run it as root'
	"$TMAIL" routes doctor postfix --config "$DIR/none" -i "$DIR/routes.idx" >"$DIR/out" 2>"$DIR/err" || code=$?
	[ "$code" -eq 66 ]
	[ ! -s "$DIR/out" ]
	grep -q "^tmail: .*$DIR/none.*No such file or directory" "$DIR/err"
	code=0
	env PATH=/none "$TMAIL" routes doctor postfix -i "$DIR/routes.idx" >"$DIR/out" 2>"$DIR/err" || code=$?
	[ "$code" -eq 66 ]
	[ ! -s "$DIR/out" ]
	grep -qx 'tmail: cannot run postconf: No such file or directory' "$DIR/err"
	# What the environment says to Postfix's programs is of another instance.
	MAIL_CONFIG=$DIR/none doctor 0
}

@test "a user of Postfix that this host does not know owns its data_directory" {
	good
	echo 'mail_owner = unheard' >>"$DIR/etc/main.cf"
	doctor 1
	grep -q '^error: .* cannot reach the socket unix:tmail/policy as unheard: Permission denied: ' "$DIR/out"
	chgrp -R "$POSTFIX" "$DIR/queue/tmail" "$DIR/data"
	chmod 2750 "$DIR/queue/tmail"
	doctor 0
	rm -r "$DIR/data"
	doctor 1
	grep -q '^error: there is no user unheard, ' "$DIR/out"
}
