# Every exit code of tmail(1), reached.

load helper

teardown() {
	[ -z "$place" ] || { chmod 755 "$place" && rm -r "$place"; }
}

good() {
	conf 'route 1 to a.example via h'
	exits 0 compile
}

@test "0: done, found, clean" {
	good
	exits 0 list
	exits 0 check
	exits 0 lookup -d a.example
	exits 0 verify
	exits 0 add -d b.example -rh h
	exits 0 set 2 -p 2
	exits 0 del 2
	exits 0 --help
	for command in list add set del compile check lookup verify; do
		exits 0 $command --help
		grep -q "^usage: tmail routes $command" out
		[ ! -s err ]
		exits 0 $command -h
		exits 0 $command --version
	done
	"$TMAIL" --help >/dev/null
	"$TMAIL" --version | grep -q '^tmail [0-9]'
}

@test "1: a well-formed no" {
	good
	exits 1 lookup -d b.example
	exits 1 set 2 -p 1
	exits 1 del 2
	exits 1 del 1 2
	printf 'b.example\n' | "$TMAIL" routes lookup -
}

# broken INJECTION COMMAND... - like exits, with a failing system call.
broken() {
	local code=0

	ASAN_OPTIONS=detect_leaks=0 strace -o /dev/null -e "trace=${2%%:*}" -e "inject=$2" "$TMAIL" routes "${@:3}" >out 2>err ||
		code=$?
	[ $code = "$1" ] || { echo "exit code $code, not $1"; cat err; return 1; }
}

@test "3: the configuration was changed, the index was not" {
	strace -o /dev/null true || skip "strace may not trace here"
	good
	broken 3 renameat2:error=EIO:when=2+ add -d b.example -rh h
	grep -q "run 'tmail routes compile'" err
	holds routes.conf 'route 1 to a.example via h' 'route 2 to b.example via h'
	exits 1 lookup -d b.example
	exits 0 check
	grep -q stale err
	broken 3 renameat2:error=EIO:when=2+ set 2 -p 2
	broken 3 renameat2:error=EIO:when=2+ del 1
	exits 0 compile
	exits 0 lookup -d b.example
	exits 1 lookup -d a.example
}

@test "64: wrong usage" {
	good
	exits 64
	exits 64 frobnicate
	exits 64 list --frobnicate
	exits 64 list stray
	exits 64 compile stray
	exits 64 check stray
	exits 64 check -c
	exits 64 check --conf=
	exits 64 check --color sometimes
	exits 64 add
	exits 64 add -rh h --reject no
	exits 64 set
	exits 64 set x
	exits 64 del
	exits 64 del 0
	exits 64 del 1x
	exits 64 del -- -1
	exits 64 lookup
	exits 64 compile -i routes.conf
	holds routes.conf 'route 1 to a.example via h'
	! "$TMAIL"
	! "$TMAIL" frobnicate
}

@test "64: an option given twice, and the value is not told" {
	local command twice

	good
	for twice in '-c VALUE --conf=routes.conf' '-i VALUE -index VALUE' '--color never --color VALUE' \
	    '-q -q' '-q --quiet' '--json --json' '--show-secrets --show-secrets' '-h --help' '--version --version'; do
		for command in list add 'set 1' 'del 1' compile check 'lookup -d a' verify; do
			# shellcheck disable=SC2086
			exits 64 $command $twice
			grep -q "is given twice" err && ! grep -q VALUE err
		done
	done
	for twice in '-d VALUE --destination VALUE' '-rh h --remoteHost VALUE' '-p 1 -priority VALUE' \
	    '--comment VALUE --comment VALUE' '--reject= --reject=VALUE' '-rl VALUE --rl=VALUE' \
	    '-rpwd VALUE -remotePasswd=VALUE' '--dry-run -dry-run' '--no-compile --no-compile'; do
		for command in add 'set 1'; do
			# shellcheck disable=SC2086
			exits 64 $command $twice
			grep -q "is given twice" err && ! grep -q VALUE err
		done
	done
	exits 64 list -u x -smtpUser x
	exits 64 lookup -d a --seed 1 --seed 1
	exits 64 lookup -d a --plan -plan
	exits 64 del 1 --dry-run --dry-run
	holds routes.conf 'route 1 to a.example via h'
}

@test "65: the configuration has errors, nothing was written" {
	conf 'rout'
	for command in list check compile 'add -rh h' 'set 1 -p 2' 'del 1'; do
		fails 65 unknown-keyword $command
	done
	fails 65 unknown-keyword add -rh h --no-compile
	fails 65 unknown-keyword add -rh h --dry-run
	[ ! -e routes.idx ]
	conf 'route via h'
	fails 65 bad-port add -rh h -rp 0
	fails 65 bad-port set 1 -rp 0
}

@test "66: missing, or not to be read" {
	for command in list check compile 'set 1 -p 2' 'del 1'; do
		exits 66 $command
		grep -q "routes.conf': No such file or directory" err
	done
	exits 66 lookup -d a.example
	exits 66 list --index none.idx
	exits 66 verify -i none.idx
	mkdir routes.conf
	for command in list check compile 'add -rh h' 'set 1 -p 2' 'del 1'; do
		exits 66 $command
		grep -q "routes.conf': not a regular file" err
	done
	exits 66 check -c /dev/null
}

@test "73: cannot create" {
	conf 'route via h'
	exits 73 compile -i nowhere/routes.idx
	exits 73 add -rh h -i nowhere/routes.idx
	holds routes.conf 'route via h'
	mkdir dir
	exits 73 compile -i dir
	exits 73 add -rh h -i dir
	holds routes.conf 'route via h'
	exits 73 add -rh h -c nowhere/routes.conf
}

@test "74: cannot write" {
	local code=0

	good
	for command in list 'add --dry-run -rh h' 'del --dry-run 1' 'lookup -d a.example' --help; do
		code=0
		"$TMAIL" routes $command >/dev/full 2>err || code=$?
		[ $code = 74 ]
		grep -q 'cannot write standard output' err
	done
	# An edit that is made is not called off, nor made in silence.
	code=0
	"$TMAIL" routes add -d b.example -rh h >/dev/full 2>err || code=$?
	[ $code = 74 ]
	holds err 'tmail: route 2 is added, but standard output cannot be written: No space left on device'
	holds routes.conf 'route 1 to a.example via h' 'route 2 to b.example via h'
	exits 0 lookup -d b.example
	exits 0 del 2
	# Without a diagnostic that a program waits for, no index.
	conf 'route 1 to a.example via h' 'route 2 to c.example via h port 25 tls off login l password p'
	code=0
	"$TMAIL" routes compile --json >/dev/full 2>err || code=$?
	[ $code = 74 ]
	grep -q 'cannot write standard output' err
	exits 1 lookup -d c.example
	good
	{ cat routes.conf; seq -f 'route to d%g.example via h' 2000; } >big.conf
	cp big.conf before
	code=0
	(ulimit -f 8 && "$TMAIL" routes compile -c big.conf) 2>err || code=$?
	[ $code = 74 ]
	code=0
	(ulimit -f 8 && "$TMAIL" routes add -d b.example -rh h -c big.conf) 2>err || code=$?
	[ $code = 74 ]
	cmp before big.conf
	[ ! -e big.idx ]
	[ "$(find . -name '*.tmp*' -o -name '.big*' -size +0 | wc -l)" = 0 ]
}

@test "76: no index, or a damaged one" {
	good
	echo 'this is no index' >other.idx
	exits 76 lookup -d a.example -i other.idx
	exits 76 list --index other.idx
	head -c 100 routes.idx >other.idx
	exits 76 lookup -d a.example -i other.idx
	: >other.idx
	exits 76 lookup -d a.example -i other.idx
	exits 0 compile -i other.idx
	exits 0 lookup -d a.example -i other.idx
}

# unprivileged CODE COMMAND... - exits, by somebody who may not write here.
unprivileged() {
	local code=0 as=()

	[ "$(id -u)" != 0 ] || as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	"${as[@]}" ./tmail routes "${@:2}" >out 2>err || code=$?
	[ $code = "$1" ] || { echo "exit code $code, not $1: ${*:2}"; cat err; return 1; }
}

@test "77: permission, and no file is changed" {
	# A place that others can see, unlike the one for tests.
	place=$(mktemp -d "${TMPDIR:-/tmp}/tmail-test.XXXXXX")
	cd "$place"
	cp "$TMAIL" tmail
	conf 'include "inc"' 'route 1 to a.example via h'
	echo 'route 2 to b.example via h' >inc
	mkdir open
	printf 'include "../inc"\nroute 3 to c.example via h\n' >open/routes.conf
	exits 0 compile -i routes.idx
	cp routes.idx open
	chmod 777 open
	chmod 666 open/routes.*
	chmod 755 . tmail
	chmod 644 inc routes.*
	[ "$(id -u)" = 0 ] || chmod 555 .
	unprivileged 0 check
	for command in compile 'add -rh h' 'add -d b.example -rh h' 'set 1 -p 2' 'del 1' 'add -rh h -c new.conf'; do
		unprivileged 77 $command
		grep -q 'Permission denied' err
	done
	# One of the two files cannot be written: neither is.
	for command in 'add -d b.example -rh h' 'del 2 3' 'set 2 -p 3'; do
		unprivileged 77 $command -c open/routes.conf
		printf 'include "../inc"\nroute 3 to c.example via h\n' | cmp - open/routes.conf
	done
	chmod 600 inc routes.idx 2>/dev/null || true
	if [ "$(id -u)" = 0 ]; then
		unprivileged 65 check
		grep -q 'Permission denied' err
		unprivileged 66 lookup -d a.example
	fi
}
