# `tmail routes doctor postfix` and a configuration of Postfix that it looks at.

load postfix

setup() {
	deliver_setup
	postfix_instance
	# Its services run as a user of this host, and its postconf is found by name.
	OWNER=daemon
	echo "mail_owner = $OWNER" >>"$DIR/etc/main.cf"
	chgrp "$OWNER" "$DIR/queue/tmail"
	chmod 2750 "$DIR/queue/tmail"
	mkdir "$DIR/bin"
	{
		echo '#!/bin/sh'
		printf 'exec'
		printf ' "%s"' "${UNPACKED[@]}" postconf
		echo ' "$@"'
	} >"$DIR/bin/postconf"
	chmod +x "$DIR/bin/postconf"
	PATH=$DIR/bin:$PATH
}

teardown() {
	deliver_teardown
}

# doctor CODE [OPTION...] - it ends with that code, what it says is in $DIR/out.
doctor() {
	local code=0

	settled
	"$TMAIL" routes doctor postfix --config "$DIR/etc" -c "$DIR/routes.conf" \
	    -i "$DIR/routes.idx" "${@:2}" >"$DIR/out" 2>"$DIR/err" || code=$?
	[ "$code" -eq "$1" ] && [ ! -s "$DIR/err" ] || {
		echo "exit code $code, not $1" >&2
		cat "$DIR/out" "$DIR/err" >&2
		return 1
	}
}

# says LINE... - these lines, as extended regular expressions, are the only ones but those that are ok.
says() {
	local line

	grep -v '^ok: ' "$DIR/out" >"$DIR/said" || true
	for line; do
		grep -qE -- "^$line\$" "$DIR/said" || { cat "$DIR/out" >&2; fail "it does not say: $line"; }
	done
	[ "$(wc -l <"$DIR/said")" -eq $# ] || { cat "$DIR/out" >&2; fail "it says more"; }
}

# good - routes with a login, certificates, and rules that the maps leave out, and the daemon.
good() {
	routes <<-END
		route 1 user alice@corp.example via h.example:587 login first password one
		route 2 to no.example reject
		route 3 to * via i.example tls verified
		route 4 to drop.example discard
	END
	daemon
}

# change FILE COMMAND... - edits a copy of the good configuration by sed -i.
change() {
	rm -rf "$DIR/etc"
	cp -a "$DIR/good" "$DIR/etc"
	sed -i "${@:2}" "$DIR/etc/$1"
}

# parameter LINE... - the good configuration with these lines of main.cf.
parameter() {
	change main.cf ''
	printf '%s\n' "$@" >>"$DIR/etc/main.cf"
	settled
	postconf -c "$DIR/etc" -n >"$DIR/dump" 2>/dev/null
	rm "$DIR/etc/main.cf"
	cp "$DIR/dump" "$DIR/etc/main.cf"
}
