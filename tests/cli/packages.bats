# What contrib/ has for Debian and for containers, as far as it goes without root and without what
# such a build needs: tests/deb has the rest.

setup() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	BUILD=$(realpath "${BUILD:-$ROOT/build}")
	T=$BATS_TEST_TMPDIR
	cd "$ROOT"
}

teardown() {
	[ -z "$DAEMON" ] || kill "$DAEMON" || true
}

# variable NAME - of the Makefile, as it is written there, its lines joined.
variable() {
	sed -n ":again /\\\\\$/ { N; s/\\\\\n//; b again }; s/^$1 = //p" Makefile
}

@test "the changelog is of this version and of its day" {
	read -r _ version _ <contrib/debian/changelog
	[ "$version" = "($(variable VERSION)-${version##*-}" ]
	day=$(date -u -d "$(sed -n 's/^ -- .*>  //p' contrib/debian/changelog | head -n 1)" +%F)
	[ "$day" = "$(variable RELEASED)" ]
}

@test "the package is built with what the Makefile needs" {
	for need in $({ variable TMAIL_NEEDS; variable BUILD_NEEDS; } | grep -oE '[a-z0-9-]+=') scdoc=; do
		case $need in gcc= | libc6-dev= | make=) continue ;; esac
		grep -qx " ${need%=}," contrib/debian/control || { echo "not named: $need"; false; }
		count=$((count + 1))
	done
	[ "$count" -ge 8 ]
}

@test "the symbols of the package are those of the library" {
	nm -D --defined-only "$BUILD/libtmailroutes.so" | sed 's/.* //; s/@@/@/; /^TMAIL_ROUTES_[0-9]*$/s/.*/&@&/' |
	    LC_ALL=C sort >"$T/symbols"
	sed -n 's/^ \(.*\) .*/\1/p' contrib/debian/libtmailroutes1.symbols | diff - "$T/symbols"
	[ "$(wc -l <"$T/symbols")" -ge 13 ]
}

@test "what is installed is in a package" {
	make -s B="$BUILD" PREFIX=/usr LIBDIR=/usr/lib/triplet UNITDIR=/usr/lib/systemd/system DESTDIR="$T/tmp" install
	(cd "$T/tmp" && find . ! -type d -printf '%P\n') | sort >"$T/files"
	sed 's|\*|[^/]*|g' contrib/debian/*.install >"$T/installed"
	grep -vE "^($(paste -sd '|' "$T/installed"))(/|\$)" "$T/files" >"$T/left" || true
	# dh_install has the units in a call of its own.
	[ "$(grep -vc '^usr/lib/systemd/system/tmail-serve' "$T/left")" = 0 ] || { cat "$T/left"; false; }
	[ "$(wc -l <"$T/left")" -ge 3 ]
	[ "$(wc -l <"$T/files")" -ge 40 ]
}

# eventually COMMAND... - until it succeeds, for half a minute.
eventually() {
	local i

	for ((i = 0; i < 300; i++)); do
		"$@" 2>/dev/null && return
		sleep 0.1
	done
	cat "$T/log"
	return 1
}

# answered HOST - by the daemon.
answered() {
	printf 'request=smtpd_access_policy\nrecipient=a@x.example\n\n' |
	    socat -t 5 - "UNIX-CONNECT:$T/policy" | grep -qxF "action=FILTER smtp:[$1]:25"
}

# mount_conf NAME FILE - the container's configuration is that one from now on.
mount_conf() {
	mkdir -p "$T/conf/..$1"
	cp "$2" "$T/conf/..$1"
	ln -s "..$1" "$T/conf/..new"
	mv -T "$T/conf/..new" "$T/conf/..data"
	ln -sf "..data/${2##*/}" "$T/conf/${2##*/}"
}

# start - what the container does.
start() {
	TMAIL_ROUTES_CONF=$T/conf/routes.conf TMAIL_ROUTES_INDEX=$T/routes.idx TMAIL_INTERVAL=0.2 \
	    PATH=$BUILD:$PATH contrib/oci/start --policy "unix:$T/policy" >"$T/log" 2>&1 3>&- &
	DAEMON=$!
}

@test "the container compiles a configuration whose links are swapped" {
	echo 'route to * via one.example' >"$T/routes.conf"
	mount_conf one "$T/routes.conf"
	start
	eventually answered one.example
	echo 'route to * vai two.example' >"$T/routes.conf"
	mount_conf two "$T/routes.conf"
	eventually grep -q 'routes.conf:1:12: error: ' "$T/log"
	sleep 1
	[ "$(grep -c ': error: ' "$T/log")" = 1 ]
	answered one.example
	echo 'route to * via three.example' >"$T/routes.conf"
	mount_conf three "$T/routes.conf"
	eventually answered three.example
	kill "$DAEMON"
	wait "$DAEMON"
	DAEMON=
	[ ! -e "$T/policy" ]
}

@test "the container reads an index whose links are swapped" {
	for host in one two; do
		echo "route to * via $host.example" >"$T/routes.conf"
		"$BUILD/tmail" routes compile -c "$T/routes.conf" -i "$T/routes.idx"
		mount_conf "$host" "$T/routes.idx"
		[ -n "$DAEMON" ] || start
		eventually answered "$host.example"
	done
}

@test "without a configuration the container says what is missing" {
	mkdir "$T/conf"
	start
	code=0
	wait "$DAEMON" || code=$?
	DAEMON=
	[ "$code" = 66 ]
	grep -q "$T/conf/routes.conf" "$T/log"
}
