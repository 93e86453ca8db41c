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
