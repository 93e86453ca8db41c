# Exit codes: each is reached, says why, and leaves configuration and index as they were.

load helper

# The lock's waiting time is spent while the other tests run.
setup_file() {
	local program

	program=$(realpath "${TMAIL:-$BATS_TEST_DIRNAME/../../build/tmail}")
	mkdir "$BATS_FILE_TMPDIR/locked"
	cd "$BATS_FILE_TMPDIR/locked"
	echo 'route 1 to a.example via h.example' >routes.conf
	"$program" routes compile -c routes.conf
	cksum routes.conf routes.idx >../locked-before
	flock .routes.conf.lock sh -c 'echo $$ >../locker; exec sleep 600' 3>&- &
	while [ ! -s ../locker ]; do sleep 0.1; done
	(
		code=0
		"$program" routes add -c routes.conf -rh i.example >../locked-out 2>../locked-err || code=$?
		echo $code >../locked-code
	) 3>&- &
}

teardown_file() {
	kill "$(cat "$BATS_FILE_TMPDIR/locker")"
}

sample() {
	conf 'route 1 to a.example via h.example' 'route 2 to b.example via h.example'
	exits 0 compile
	snapshot >before
}

# snapshot - all files but those of the test, with mode and contents; the lock may stay.
snapshot() {
	find . -type f ! -name out ! -name err ! -name before ! -name trace ! -name '.*.lock' \
		-printf '%p %m %U:%G\n' -exec cksum {} + 2>&1 | sort
}

# refuses CODE MESSAGE COMMAND... - nothing is printed but that message, and no file changed.
refuses() {
	exits "$1" "${@:3}" || return
	[ ! -s out ] && grep -qF -- "$2" err && snapshot | diff before - || {
		cat out err
		return 1
	}
}

@test "0: done, found, clean" {
	sample
	exits 0 add -d c.example -rh h.example
	[ ! -s err ]
	exits 0 lookup -d bob@c.example
	exits 0 check
	exits 0 verify
	exits 0 list
	exits 0 set 3 -rp 26
	exits 0 del 3
	[ ! -s out ] && [ ! -s err ]
}

@test "0: help and version" {
	local command

	exits 0 --help
	for command in list show add set del number compile check fmt test lookup diff import verify stats export doctor; do
		exits 0 $command --help
		grep -q "^usage: tmail routes $command" out
		[ ! -s err ]
		exits 0 $command -h
		exits 0 $command --version
	done
	"$TMAIL" --help >/dev/null
	for command in --version -V 'routes --version' 'routes list -V' 'deliver --version'; do
		"$TMAIL" $command | grep -q '^tmail [0-9]'
	done
	[ "$("$TMAIL" help)" = "$("$TMAIL" --help)" ]
}

@test "1: a well-formed no" {
	sample
	exits 1 lookup -d bob@c.example
	grep -qx 'no route: MX of c.example' out
	refuses 1 'no route 7' del 7
	refuses 1 'no route 7' del 1 7
	refuses 1 'no route 7' set 7 -rp 26
	refuses 1 'no route 7' show 7
	# Of a batch, each answer tells it.
	printf 'c.example\n' | "$TMAIL" routes lookup -
}

# broken COMMAND... - exits with 3: the second file cannot be replaced.
broken() {
	local code=0

	# Leaks cannot be looked for under strace.
	ASAN_OPTIONS=detect_leaks=0 strace -f -o trace -e trace=renameat2 -e inject=renameat2:error=EIO:when=2+ \
		"$TMAIL" routes "$@" >out 2>err || code=$?
	[ "$code" -eq 3 ] || { echo "exit code $code"; cat err; return 1; }
	[ "$(cat err)" = "tmail: cannot replace 'routes.idx': Input/output error
tmail: the configuration is changed, the index is not: run 'tmail routes compile'" ]
	[ ! -s out ]
}

@test "3: the configuration is changed, the index is not" {
	sample
	broken add -d c.example -rh h.example
	holds routes.conf 'route 1 to a.example via h.example' \
		'route 2 to b.example via h.example' 'route 3 to c.example via h.example'
	grep routes.idx before | diff - <(snapshot | grep routes.idx)
	[ -z "$(find . -name '*tmp')" ]
	exits 1 lookup -d c.example
	exits 0 check
	grep -q 'routes.idx is stale: run tmail routes compile' err
	broken set 2 -p 2
	broken del 1
	exits 0 compile
	exits 0 lookup -d c.example
	exits 1 lookup -d a.example
}

# says MESSAGE WORD... - tmail WORD... is wrong usage, with that message.
says() {
	run -64 "$TMAIL" "${@:2}"
	[ "$output" = "tmail: $1" ] || { echo "$output"; return 1; }
}

@test "64: what was meant, and whose help to read" {
	bats_require_minimum_version 1.5.0
	says "unknown command 'list': did you mean 'tmail routes list'? (see tmail --help)" list
	says "unknown command 'rout': did you mean 'route'? (see tmail --help)" rout list
	says "unknown command 'lsit': did you mean 'list'? (see tmail routes --help)" routes lsit
	says "unknown command 'comp': did you mean 'compile'? (see tmail routes --help)" routes comp
	says "unknown command 'rm': did you mean 'del'? (see tmail routes --help)" routes rm 1
	says "unknown command 'ls': did you mean 'tmail routes list'? (see tmail --help)" ls
	says "unknown command 'frob' (see tmail routes --help)" routes frob
	says 'options stand behind the command: tmail routes COMMAND OPTION (see tmail --help)' \
		--color=never routes list
	says "unknown option '--jsno': did you mean '--json'? (see tmail routes list --help)" \
		routes list --jsno
	says "unknown option '-priorty': did you mean '-priority'? (see tmail routes add --help)" \
		routes add -priorty 5
	says "unknown option '--remotehost': did you mean '--remote-host'? (see tmail routes set --help)" \
		routes set 1 --remotehost=x
	says "unknown option '--frob' (see tmail routes add --help)" routes add --frob x
	# The words of routes.conf and of tmail deliver; only what the command has.
	says "unknown option '--via': did you mean '--remote-host'? (see tmail routes add --help)" \
		routes add --via=h.example
	says "unknown option '-from': did you mean '-mail-from'? (see tmail routes lookup --help)" \
		routes lookup -d a@x.example -from b@y.example
	says "unknown option '--password': did you mean '--remote-passwd'? (see tmail routes set --help)" \
		routes set 1 --password s3cret
	says "unknown option '--port' (see tmail routes lookup --help)" routes lookup --port 25
	for word in to recipient user from sender via host port local login password pass; do
		run -64 "$TMAIL" routes add --$word x
		[[ $output == *"unknown option '--$word': did you mean '--"* ]]
	done
	says "list takes no operand 'x' (see tmail routes list --help)" routes list x
	for word in -w2 -w=2 --w=2; do
		says "the value of '-w' is the next argument (see tmail routes add --help)" \
			routes add $word -rh h.example
	done
	says "the value of '-rp' is the next argument (see tmail routes set --help)" routes set 1 -rp587
	says "unknown option '-q1' (see tmail routes add --help)" routes add -q1 -rh h.example
}

@test "64: wrong usage" {
	local code command

	sample
	refuses 64 "'--frob'" add --frob x
	refuses 64 'add wants -rh HOST' add -d c.example
	refuses 64 'exclude each other' add -rh h.example --reject no
	refuses 64 "'x'" del x
	refuses 64 "'0'" set 0 -rp 26
	refuses 64 'frobnicate' frobnicate
	refuses 64 'is a file of the configuration' compile -i routes.conf
	exits 64
	exits 64 frobnicate
	exits 64 list --frobnicate
	exits 64 list stray
	exits 64 compile stray
	exits 64 check stray more
	exits 64 number 1
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
	for command in '' frobnicate; do
		code=0
		"$TMAIL" $command || code=$?
		[ $code = 64 ]
	done
	snapshot | diff before -
}

@test "64: an option given twice, and the value is not told" {
	local command twice

	sample
	for twice in '-c VALUE --conf=routes.conf' '-i VALUE -index VALUE' '--color never --color VALUE' \
	    '-q -q' '-q --quiet' '--json --json' '--show-secrets --show-secrets' '-h --help' '--version --version'; do
		for command in list add 'set 1' 'del 1' number compile check fmt test 'lookup -d a' import verify; do
			# shellcheck disable=SC2086
			exits 64 $command $twice
			grep -q "is given twice" err
			! grep -q VALUE err || false
		done
	done
	for twice in '-d VALUE --destination VALUE' '-rh h --remoteHost VALUE' '-p 1 -priority VALUE' \
	    '--comment VALUE --comment VALUE' '--reject= --reject=VALUE' '-rl VALUE --rl=VALUE' \
	    '-rpwd VALUE -remotePasswd=VALUE' '--dry-run -dry-run' '--no-compile --no-compile'; do
		for command in add 'set 1'; do
			# shellcheck disable=SC2086
			exits 64 $command $twice
			grep -q "is given twice" err
			! grep -q VALUE err || false
		done
	done
	exits 64 list -u x -smtpUser x
	# Whatever the help names, with a value or without.
	for command in list show add set del number compile check fmt test lookup diff import verify stats export doctor; do
		for twice in $("$TMAIL" routes $command --help | grep '^  -' |
		    grep -oE -- '(^|[ ,])--?[a-zA-Z-]+' | tr -d ' ,' | sort -u); do
			exits 64 $command $twice VALUE $twice VALUE
			grep -q "option '$twice' is given twice" err || { echo "$command $twice"; false; }
		done
	done
	snapshot | diff before -
}

@test "65: the configuration has errors" {
	sample
	refuses 65 '[bad-port]' add -rh h.example -rp 99999
	refuses 65 '[bad-domain]' set 1 -d a..b
	echo 'route 3 to c.example vai h.example' >>routes.conf
	snapshot >before
	for command in check compile list 'show 1' 'add -rh h.example' 'set 1 -rp 26' 'del 1' 'export postfix'; do
		refuses 65 'routes.conf:3:22: error: ' $command
	done
}

@test "65: nothing is written, not even the first index" {
	conf 'rout'
	for command in list 'show 1' check compile 'add -rh h' 'set 1 -p 2' 'del 1'; do
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
	sample
	for command in check compile list 'show 1' 'set 1 -rp 26' 'del 1' 'export postfix'; do
		refuses 66 "cannot read 'none.conf': No such file or directory" $command -c none.conf
	done
	refuses 66 'none.idx: the route index does not exist' lookup -d a.example -i none.idx
	refuses 66 'none.idx: the route index does not exist' verify -i none.idx
	refuses 66 'none.idx: the route index does not exist' stats -i none.idx
	refuses 66 'none.idx: the route index does not exist' export postfix -i none.idx
	mkdir directory
	refuses 66 "cannot read 'directory': not a regular file" check -c directory
}

@test "66: where a command looks unless it is told" {
	for command in list 'show 1' check compile 'set 1 -p 2' 'del 1'; do
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

# exhausted COMMAND... - fails since the kernel has no memory to open a file of ours.
exhausted() {
	local code=0

	ASAN_OPTIONS=detect_leaks=0 strace -o /dev/null -P "$PWD/routes.conf" -P "$PWD/routes.idx" \
		-e trace=openat -e inject=openat:error=ENOMEM \
		"$TMAIL" routes "$@" -c "$PWD/routes.conf" -i "$PWD/routes.idx" >out 2>err || code=$?
	[ $code = 71 ] && [ ! -s out ] && holds err 'tmail: out of memory' && snapshot | diff before - ||
		{ echo "$*: exit code $code"; cat out err; return 1; }
}

@test "71: out of memory" {
	sample
	for command in list 'show 1' check compile 'add -d c.example -rh h' 'set 1 -p 2' 'del 1' verify stats \
		'export postfix' 'lookup -d a.example'; do
		exhausted $command
	done
}

@test "73: cannot create" {
	sample
	refuses 73 "cannot create 'none/routes.idx': No such file or directory" compile -i none/routes.idx
	refuses 73 "cannot create 'none/routes.conf'" add -c none/routes.conf -rh h.example
	refuses 73 "cannot create 'none/routes.idx'" add -i none/routes.idx -rh h.example
}

@test "73: a directory is in the way, and the configuration stays" {
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

	sample
	"$TMAIL" routes list >/dev/full 2>err || code=$?
	[ "$code" -eq 74 ]
	grep -qx 'tmail: cannot write standard output: No space left on device' err
	# A file-size limit stands for a full disk.
	seq 3 100 | sed 's/.*/route & to d&.example via h.example/' >>routes.conf
	exits 0 compile
	snapshot >before
	(ulimit -f 1; refuses 74 "cannot write 'routes.conf': File too large" add -rh i.example)
	(ulimit -f 1; refuses 74 "cannot write 'routes.idx': File too large" compile)
}

@test "74: cannot write, whatever it is that is written" {
	local code=0

	conf 'route 1 to a.example via h'
	exits 0 compile
	for command in list 'show 1' stats 'export postfix' 'add --dry-run -rh h' 'del --dry-run 1' 'lookup -d a.example' --help; do
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
	conf 'route 1 to a.example via h'
	exits 0 compile
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

@test "76: no index" {
	sample
	refuses 76 'routes.conf: the file is no route index' lookup -d a.example -i routes.conf
	refuses 76 'routes.conf: the file is no route index' verify -i routes.conf
}

@test "76: another version" {
	local text='the route index has another format version'

	sample
	printf '\x63' | dd of=routes.idx bs=1 seek=8 conv=notrunc status=none
	snapshot >before
	refuses 76 "routes.idx: $text: run 'tmail routes compile'" lookup -d a.example
	refuses 76 "routes.idx: $text: run 'tmail routes compile'" verify
	exits 0 check
	grep -qxF "tmail: warning: routes.idx: $text: run tmail routes compile" err
	exits 0 compile
	exits 0 verify
}

@test "76: a byte is flipped" {
	sample
	printf 'X' | dd of=routes.idx bs=1 seek=1000 conv=notrunc status=none
	snapshot >before
	refuses 76 'routes.idx: the route index is damaged' verify
	refuses 76 'routes.idx: the route index is damaged' stats
	refuses 76 'routes.idx: the route index is damaged' list --index routes.idx
}

@test "76: no index, or half of one" {
	sample
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

# as_user COMMAND... - as somebody whom permissions bind.
as_user() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	else
		"$@"
	fi
}

# denied CODE MESSAGE COMMAND... - as refuses, for a normal user.
denied() {
	local code=0

	as_user ./tmail routes "${@:3}" >out 2>err </dev/null || code=$?
	[ "$code" -eq "$1" ] && [ ! -s out ] && grep -qF -- "$2" err && snapshot | diff before - || {
		echo "exit code $code"
		cat out err
		return 1
	}
}

@test "77: not to be written; 66: not to be read" {
	# Where a normal user gets at it.
	OPEN=$(mktemp -d /tmp/tmail-codes-XXXXXX)
	cd "$OPEN"
	cp "$TMAIL" tmail
	chmod 755 . tmail
	sample
	rm .routes.conf.lock
	chmod 444 routes.conf
	[ "$(id -u)" -ne 0 ] || chown 65534:65534 . routes.conf routes.idx
	snapshot >before
	denied 77 "cannot write 'routes.conf': Permission denied" add -rh h.example
	denied 77 "cannot write 'routes.conf': Permission denied" set 1 -rp 26
	denied 77 "cannot write 'routes.conf': Permission denied" del 1
	chmod 555 .
	denied 77 "cannot write 'routes.idx': Permission denied" number
	[ "$(wc -l <err)" = 1 ]
	chmod 755 .
	rm .routes.conf.lock
	chmod 555 .
	denied 77 "cannot lock 'routes.conf': Permission denied" add -rh h.example
	denied 77 "cannot lock 'routes.idx': Permission denied" compile
	chmod 000 routes.idx
	snapshot >before
	denied 66 'routes.idx: the route index may not be read' lookup -d a.example
	denied 66 'routes.idx: the route index may not be read' verify
}

# unprivileged CODE COMMAND... - exits, by somebody who may not write here.
unprivileged() {
	local code=0

	as_user ./tmail routes "${@:2}" >out 2>err || code=$?
	[ $code = "$1" ] || { echo "exit code $code, not $1: ${*:2}"; cat err; return 1; }
}

@test "77: one of two files cannot be written: neither is" {
	# A place that others can see, unlike the one for tests.
	OPEN=$(mktemp -d /tmp/tmail-codes-XXXXXX)
	cd "$OPEN"
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

teardown() {
	[ -z "${OPEN:-}" ] || { chmod 755 "$OPEN" && rm -rf "$OPEN"; }
}

@test "75: another edit holds the lock" {
	local i

	cd "$BATS_FILE_TMPDIR"
	for ((i = 0; i < 150; i++)); do
		[ ! -s locked-code ] || break
		sleep 0.1
	done
	[ "$(cat locked-code)" = 75 ]
	[ "$(cat locked-err)" = "tmail: cannot lock 'routes.conf': another edit holds the lock" ]
	[ ! -s locked-out ]
	cd locked
	cksum routes.conf routes.idx | diff ../locked-before -
	[ "$(ls -A | sort | paste -sd ' ')" = '.routes.conf.lock routes.conf routes.idx' ]
}
