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
	flock .routes.conf.lock sh -c 'echo $$ >../locker; exec sleep 60' 3>&- &
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

@test "1: a well-formed no" {
	sample
	exits 1 lookup -d bob@c.example
	grep -qx 'no route: MX of c.example' out
	refuses 1 'no route 7' del 7
	refuses 1 'no route 7' del 1 7
	refuses 1 'no route 7' set 7 -rp 26
}

@test "3: the configuration is changed, the index is not" {
	local code=0

	sample
	# Leaks cannot be looked for under strace.
	ASAN_OPTIONS=detect_leaks=0 strace -f -o trace -e trace=renameat2 -e inject=renameat2:error=EIO:when=2+ \
		"$TMAIL" routes add -d c.example -rh h.example >out 2>err || code=$?
	[ "$code" -eq 3 ]
	[ "$(cat err)" = "tmail: cannot replace 'routes.idx': Input/output error
tmail: the configuration is changed, the index is not: run 'tmail routes compile'" ]
	[ ! -s out ]
	holds routes.conf 'route 1 to a.example via h.example' \
		'route 2 to b.example via h.example' 'route 3 to c.example via h.example'
	grep routes.idx before | diff - <(snapshot | grep routes.idx)
	[ -z "$(find . -name '*tmp')" ]
	exits 0 check
	grep -q 'routes.idx is stale: run tmail routes compile' err
	exits 0 compile
	exits 0 lookup -d bob@c.example
}

@test "64: wrong usage" {
	sample
	refuses 64 "'--frob'" add --frob x
	refuses 64 'add wants -rh HOST' add -d c.example
	refuses 64 'exclude each other' add -rh h.example --reject no
	refuses 64 "'x'" del x
	refuses 64 "'0'" set 0 -rp 26
	refuses 64 'frobnicate' frobnicate
	refuses 64 'is a file of the configuration' compile -i routes.conf
	exits 64 lookup
}

@test "65: the configuration has errors" {
	sample
	refuses 65 '[bad-port]' add -rh h.example -rp 99999
	refuses 65 '[bad-domain]' set 1 -d a..b
	echo 'route 3 to c.example vai h.example' >>routes.conf
	snapshot >before
	for command in check compile list 'add -rh h.example' 'set 1 -rp 26' 'del 1'; do
		refuses 65 'routes.conf:3:22: error: ' $command
	done
}

@test "66: missing, or not to be read" {
	sample
	for command in check compile list 'set 1 -rp 26' 'del 1'; do
		refuses 66 "cannot read 'none.conf': No such file or directory" $command -c none.conf
	done
	refuses 66 'none.idx: the route index does not exist' lookup -d a.example -i none.idx
	refuses 66 'none.idx: the route index does not exist' verify -i none.idx
	mkdir directory
	refuses 66 "cannot read 'directory': not a regular file" check -c directory
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
	for command in list check compile 'add -d c.example -rh h' 'set 1 -p 2' 'del 1' verify \
		'lookup -d a.example'; do
		exhausted $command
	done
}

@test "73: cannot create" {
	sample
	refuses 73 "cannot create 'none/routes.idx': No such file or directory" compile -i none/routes.idx
	refuses 73 "cannot create 'none/routes.conf'" add -c none/routes.conf -rh h.example
	refuses 73 "cannot create 'none/routes.idx'" add -i none/routes.idx -rh h.example
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

@test "76: no index" {
	sample
	refuses 76 'routes.conf: the file is no route index' lookup -d a.example -i routes.conf
	refuses 76 'routes.conf: the file is no route index' verify -i routes.conf
}

@test "76: another version" {
	sample
	printf '\x63' | dd of=routes.idx bs=1 seek=8 conv=notrunc status=none
	snapshot >before
	refuses 76 'routes.idx: the route index has another format version' lookup -d a.example
	refuses 76 'routes.idx: the route index has another format version' verify
}

@test "76: a byte is flipped" {
	sample
	printf 'X' | dd of=routes.idx bs=1 seek=1000 conv=notrunc status=none
	snapshot >before
	refuses 76 'routes.idx: the route index is damaged' verify
	refuses 76 'routes.idx: the route index is damaged' list --index routes.idx
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
	rm .routes.conf.lock
	chmod 555 .
	denied 77 "cannot lock 'routes.conf': Permission denied" add -rh h.example
	denied 77 "cannot lock 'routes.idx': Permission denied" compile
	chmod 000 routes.idx
	snapshot >before
	denied 66 'routes.idx: the route index may not be read' lookup -d a.example
	denied 66 'routes.idx: the route index may not be read' verify
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
