# tmail routes verify

setup() {
	TMAIL=$(realpath "${TMAIL:-$BATS_TEST_DIRNAME/../../build/tmail}")
	cd "$BATS_TEST_TMPDIR"
	unset TMAIL_ROUTES_CONF TMAIL_ROUTES_INDEX
	printf 'include "d/*"\nroute 1 to a.example via h.example\n' >routes.conf
	mkdir d
	echo 'route 2 to b.example via h.example' >d/x
	"$TMAIL" routes compile -c routes.conf
}

# is TEXT - standard input is TEXT and a line end.
is() {
	diff <(printf '%s\n' "$1") -
}

# verifies CODE OPTION... - verify exits so, with its output in `out` and `err`.
verifies() {
	local code=0

	"$TMAIL" routes verify "${@:2}" >out 2>err || code=$?
	[ "$code" -eq "$1" ] && [ ! -s out ]
}

@test "a good index: nothing to say" {
	verifies 0 -i routes.idx
	[ ! -s err ]
	verifies 0 -c routes.conf
	[ ! -s err ]
	TMAIL_ROUTES_CONF=routes.conf verifies 0
}

@test "one bit anywhere" {
	local at size byte

	size=$(stat -c %s routes.idx)
	cp routes.idx good
	for ((at = 0; at < size; at += 37)); do
		byte=$(od -An -tu1 -j $at -N 1 good)
		cp good routes.idx
		printf "\\x$(printf %x $((byte ^ 4)))" | dd of=routes.idx bs=1 seek=$at conv=notrunc status=none
		verifies 76 -i routes.idx
		[ -s err ]
	done
}

@test "stale, when compared with a configuration" {
	echo '# more' >>d/x
	verifies 1 -c routes.conf
	is 'tmail: routes.idx is stale: run tmail routes compile' <err
	verifies 0 -i routes.idx
	# Only where it is named on the command line.
	TMAIL_ROUTES_CONF=routes.conf verifies 0
	"$TMAIL" routes compile -c routes.conf
	verifies 0 -c routes.conf
}

@test "what cannot be had" {
	verifies 66 -i nothing.idx
	is "tmail: nothing.idx: the route index does not exist: run 'tmail routes compile'" <err
	verifies 66 -i routes.idx -c nothing.conf
	echo nonsense >bad.idx
	verifies 76 -i bad.idx
	: >empty.idx
	verifies 76 -i empty.idx
	head -c 500 routes.idx >short.idx
	verifies 76 -i short.idx
	if [ "$(id -u)" -ne 0 ]; then
		chmod 0 routes.idx
		verifies 66 -i routes.idx
	fi
}

@test "a configuration that cannot be read whole is not called stale" {
	rm d/x
	mkdir d/x
	verifies 66 -c routes.conf
	is "tmail: cannot read 'd/x': not a regular file" <err
	rmdir d/x
	printf 'include "e"\nroute 1 to a.example via h.example\n' >routes.conf
	verifies 66 -c routes.conf
	is "tmail: cannot read 'e': No such file or directory" <err
	printf 'list l file "f"\nroute 1 to $l via h.example\n' >routes.conf
	verifies 66 -c routes.conf
	is "tmail: cannot read 'f': No such file or directory" <err
	# Errors in what was read do not hide it.
	for ((i = 0; i < 30; i++)); do echo rout; done >>routes.conf
	echo 'include "e"' >>routes.conf
	rm -r d
	verifies 66 -c routes.conf
	is "tmail: cannot read 'f': No such file or directory" <err
}

@test "usage" {
	verifies 64 routes.idx
	verifies 64 --frob
	"$TMAIL" routes verify --help >out
	[ "$(wc -l <out)" -le 24 ]
	[ "$(grep -c '^  tmail routes verify' out)" -eq 2 ]
}

@test "--source compares with the configuration that there is" {
	export TMAIL_ROUTES_CONF=routes.conf
	verifies 0 --source
	verifies 0 --source -c routes.conf
	[ ! -s err ]
	echo '#' >>routes.conf
	verifies 0
	verifies 1 --source
	grep -q 'routes.idx is stale' err
	rm routes.conf
	verifies 66 --source
}
