# make: flags, missing tools, what is built twice the same.

setup() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	BUILD=${BUILD:-build}
	T=$BATS_TEST_TMPDIR
	cd "$ROOT"
}

# What is another user's.
teardown() {
	[ ! -d "$T/sudo" ] || "$ROOT/tests/as-root" rm -r "$T/sudo"
}

@test "a second make does nothing" {
	make -q B="$BUILD" all
}

@test "generated code is the same on every run" {
	make -s B="$T/one" "$T/one/gen/routes.c" "$T/one/gen/lexer.c"
	make -s B="$T/two" "$T/two/gen/routes.c" "$T/two/gen/lexer.c"
	sed "s|$T/one|B|" "$T/one/gen/lexer.c" >"$T/one.c"
	sed "s|$T/two|B|" "$T/two/gen/lexer.c" >"$T/two.c"
	cmp "$T/one.c" "$T/two.c"
	for file in routes.c routes.h states.h; do
		cmp <(sed "s|$T/one|B|" "$T/one/gen/$file") <(sed "s|$T/two|B|" "$T/two/gen/$file")
	done
	make -s B="$T/one" -W grammar/routes.y -W grammar/routes.re "$T/one/gen/routes.c" \
	    "$T/one/gen/lexer.c"
	cmp <(sed "s|$T/one|B|" "$T/one/gen/lexer.c") "$T/one.c"
}

@test "a parser template in the working directory does not matter" {
	make -s B="$T/one" "$T/one/gen/routes.c"
	mkdir "$T/tree"
	cp -r Makefile grammar src tests "$T/tree"
	cd "$T/tree"
	echo junk >lempar.c
	make -s B=build build/gen/routes.c
	cmp build/gen/routes.c "$T/one/gen/routes.c"
}

@test "a missing tool is named in one line" {
	run make B="$T/build" RE2C=no-such-re2c
	[ "$status" -ne 0 ]
	[ "$(grep -c 'no-such-re2c' <<<"$output")" -eq 1 ]
	[[ $output == *"missing: no-such-re2c (Debian package re2c)"* ]]
}

@test "a missing library is named in one line" {
	mkdir "$T/bin"
	# A compiler that has all headers but that one.
	printf '#!/bin/sh\ncase "$*" in *-E*) ! grep -q idn2.h ;; esac\n' >"$T/bin/cc"
	chmod +x "$T/bin/cc"
	run make B="$T/build" CC="$T/bin/cc"
	[ "$status" -ne 0 ]
	[[ $output == *"missing: idn2.h (Debian package libidn2-dev)"* ]]
}

@test "flags of environment and command line are obeyed" {
	run env CPPFLAGS=-DFROM_ENVIRONMENT LDFLAGS=-Wl,-O1 make -n V=1 B="$T/build" \
	    CFLAGS='-O3 -DFROM_COMMAND_LINE' CC=my-cc "$T/build/tmail"
	[ "$status" -eq 0 ]
	compiles=$(grep -c 'my-cc.* -c -o ' <<<"$output")
	[ "$compiles" -gt 50 ]
	with_flags='my-cc.*-DFROM_ENVIRONMENT.*-O3 -DFROM_COMMAND_LINE.* -c -o '
	[ "$(grep -c "$with_flags" <<<"$output")" -eq "$compiles" ]
	[[ $output == *"my-cc -Wl,-z,relro,-z,now,-z,noexecstack -Wl,-O1"*"-o $T/build/tmail "* ]]
}

@test "Debian's flags give no warning" {
	run make -s B="$T/build" DEV= CPPFLAGS='-Wdate-time -D_FORTIFY_SOURCE=3' \
	    CFLAGS='-g -O2 -fstack-protector-strong -Wformat -Werror=format-security -Werror' \
	    "$T/build/base/fold.o" "$T/build/conf/load.o"
	[ "$status" -eq 0 ]
	run make -s B="$T/build" DEV= CFLAGS='-O0 -Werror' "$T/build/base/fold.o"
	[ "$status" -eq 0 ]
}

@test "other flags build again, installing does not" {
	make -s B="$T/build" "$T/build/base/ip.o"
	make -q B="$T/build" "$T/build/base/ip.o"
	run make -q B="$T/build" CFLAGS=-O1 "$T/build/base/ip.o"
	[ "$status" -eq 1 ]
}

# index FILE TMAIL INDEX - compiles a configuration.
index() {
	"$2" routes compile -q -c "$1" -i "$3"
}

@test "two compiles give the same bytes, here and elsewhere" {
	mkdir -p "$T/elsewhere"
	cp -r etc "$T"
	cp -r etc "$T/elsewhere"
	touch -d 2001-01-01 "$T/elsewhere/etc/routes.conf"
	index "$T/etc/routes.conf" "$TMAIL" "$T/one.idx"
	index "$T/etc/routes.conf" "$TMAIL" "$T/two.idx"
	(cd "$T/elsewhere/etc" && TZ=Asia/Tokyo index routes.conf "$TMAIL" "$T/three.idx")
	cmp "$T/one.idx" "$T/two.idx"
	cmp "$T/one.idx" "$T/three.idx"
}

@test "gcc and clang build without a warning and give the same index" {
	local count=0

	type -P clang >/dev/null || skip "needs clang"
	for cc in gcc clang; do
		make -s -j2 B="$T/$cc" CC=$cc DEV= CFLAGS='-O1 -Werror' all
	done
	cp -r etc tests/vectors "$T"
	for conf in "$T"/etc/routes.conf "$T"/vectors/*.conf; do
		index "$conf" "$T/gcc/tmail" "$T/gcc.idx"
		index "$conf" "$T/clang/tmail" "$T/clang.idx"
		cmp "$T/gcc.idx" "$T/clang.idx"
		count=$((count + 1))
	done
	[ "$count" -ge 6 ]
}

# With a PATH of its own, tests/packages sees only what is put there.
packages() {
	env PATH="$T/bin" CC="$(type -P cc)" /bin/sh tests/packages "$@"
}

@test "what is there is not installed" {
	mkdir "$T/bin"
	printf '#!/bin/sh\nexit 1\n' >"$T/bin/apt-get"
	ln -s "$(type -P true)" "$T/bin/there"
	chmod +x "$T/bin/apt-get"
	run packages --install package=there libc6-dev=stdio.h
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "what is missing is named, then installed by apt-get" {
	mkdir "$T/bin"
	for tool in id env rm ln; do
		ln -s "$(type -P "$tool")" "$T/bin/$tool"
	done
	printf '#!/bin/sh\necho "apt-get $*"\n[ "$1" = update ] || ln -s env %s\n' "$T/bin/missing" \
	    >"$T/bin/apt-get"
	printf '#!/bin/sh\nexec "$@"\n' >"$T/bin/sudo"
	chmod +x "$T/bin/apt-get" "$T/bin/sudo"
	run packages --install package-one=env package-two=missing
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "installing with apt-get: package-two" ]
	[ "${lines[1]}" = "apt-get update -q" ]
	[[ ${lines[2]} == "apt-get install "*" package-two" ]]
	[[ ${lines[2]} == *" --no-remove "* ]]
}

@test "where there is no apt-get, the packages are listed, and that is an error" {
	mkdir "$T/bin"
	run packages --install package-one=missing-one package-two=missing-two.h
	[ "$status" -eq 1 ]
	[[ $output == *"please install: package-one package-two"* ]]
}

@test "no server is installed, neither for tests nor for benchmarks" {
	[ "$(grep -hE '^[A-Z]+_NEEDS = ' Makefile tests/*/*.mk | wc -l)" -ge 4 ]
	! sed -n '/^[A-Z]*_NEEDS = /,/[^\\]$/p' Makefile tests/*/*.mk |
	    grep -E 'postfix|exim|nsd|dovecot|sasl2-bin' || false
}

@test "sudo make check leaves nothing of root's in build/" {
	root() {
		"$ROOT/tests/as-root" env "$@"
	}
	[ "$(root id -u)" = 0 ] || skip "needs root, or a namespace"
	grep -q '^	@tests/give-back \$(MAKE) .*check' Makefile
	mkdir -p "$T/sudo/build/old"
	cd "$T/sudo"
	root chown -R 1000:1000 .
	make='mkdir -p build/new && touch build/new/file && ln -sf ../target build/new/link'
	root touch target
	# By root himself, or in a tree that is another's, all stays root's.
	root -u SUDO_UID "$ROOT/tests/give-back" sh -c "$make"
	root SUDO_UID=1001 SUDO_GID=1001 "$ROOT/tests/give-back" sh -c "$make"
	[ "$(root find build -user 0 | wc -l)" = 3 ] || { root find build -ls; false; }
	code=0
	root SUDO_UID=1000 SUDO_GID=1000 "$ROOT/tests/give-back" sh -c "$make; exit 3" || code=$?
	[ $code = 3 ]
	[ -z "$(root find build ! -user 1000)" ]
	[ "$(root stat -c %u target)" = 0 ]
}

@test "make demo shows a listing, lookups, a plan, an edit and a fault" {
	run make --no-print-directory B="$BUILD" demo-run
	[ "$status" -eq 0 ]
	[[ $output == *"1 - Destination host: * - "* ]]
	[[ $output == *"tried user "*"matched user toorop@example.org, to *"* ]]
	[[ $output == *"--plan --seed 6"*"gw2.big.example:2525"* ]]
	[[ $output == *"[bad-port]"* ]]
	[ "$(grep -c 'exit code' <<<"$output")" -eq 1 ]
}
