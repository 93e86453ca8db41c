# The units in contrib/systemd, as systemd-analyze sees them.

load helpers

setup() {
	serve_setup
	type -P systemd-analyze >/dev/null || skip "needs systemd-analyze"
	sed "s|/usr/bin/tmail|$TMAIL|" "$ROOT/contrib/systemd/tmail-serve.service" >tmail-serve.service
	cp "$ROOT"/contrib/systemd/*.socket .
	mkdir -p man/man1
	cp "$(dirname "$TMAIL")/man/tmail-serve.1" man/man1
	export MANPATH=$T/man
}

teardown() {
	serve_teardown
}

@test "the units are without fault" {
	run systemd-analyze verify ./tmail-serve.service ./tmail-serve-policy.socket ./tmail-serve-socketmap.socket
	echo "$output"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	sed -i 's/^Type=.*/Type=nonsense/' tmail-serve.service
	run systemd-analyze verify ./tmail-serve.service
	[ -n "$output" ]
}

@test "the service may do little" {
	systemd-analyze security --offline=true --threshold=20 ./tmail-serve.service >out
	grep -q 'Overall exposure level' out
}

@test "the names of the sockets are those that the service takes" {
	sed -n 's/^FileDescriptorName=//p' ./*.socket | sort >names
	grep -o 'fd:[a-z]*' tmail-serve.service | cut -c 4- | sort | diff names -
}

# placed FILE DIRECTORY - a file of contrib/systemd where a package puts it, below ./root.
placed() {
	install -D -m 644 "$ROOT/contrib/systemd/$1" "root/usr/lib/$2/tmail.conf"
}

@test "the user and the directory that they need are made" {
	[ "$(id -u)" -eq 0 ] || skip "needs root, or newuidmap and your line in /etc/subuid"
	mkdir -p root/etc root/run
	placed sysusers.conf sysusers.d
	placed tmpfiles.conf tmpfiles.d
	systemd-sysusers --root="$T/root"
	grep -q '^tmail:x:[0-9]*:[0-9]*:tmail routes:/:/usr/sbin/nologin$' root/etc/passwd
	grep -q '^tmail:x:[0-9]*:' root/etc/group
	run systemd-tmpfiles --root="$T/root" --create tmail.conf
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	# Where tmail-deliver(1) keeps what it knows, by its own rule: nobody else's.
	[ "$(stat -c '%a %u' root/run/tmail)" = "700 $(sed -n 's/^tmail:x:\([0-9]*\):.*/\1/p' root/etc/passwd)" ]
	# What Exim wants instead wins over it, at each boot.
	grep -q '^Debian-exim:' root/etc/group || echo 'Debian-exim:x:4711:' >>root/etc/group
	mkdir -p root/etc/tmpfiles.d
	sed -n "s/^ *echo '\(d .*\)' >\/etc\/tmpfiles.d\/tmail.conf$/\1/p" "$ROOT/contrib/exim/README.md" \
	    >root/etc/tmpfiles.d/tmail.conf
	systemd-tmpfiles --root="$T/root" --create tmail.conf
	[ "$(stat -c '%a %g' root/run/tmail)" = "2750 $(sed -n 's/^Debian-exim:x:\([0-9]*\):.*/\1/p' root/etc/group)" ]
	# The units run as that user.
	[ "$(sed -n 's/^User=//p' tmail-serve.service)" = tmail ]
	[ "$(sed -n 's/^Group=//p' tmail-serve.service)" = tmail ]
}
