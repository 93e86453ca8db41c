# The same configuration gives the same index, wherever it is compiled and however it is read: a
# file of a MiB or more is parsed in two halves at once, a smaller one in one piece.  Where it may be
# cut, and what becomes of names and routes then, tests/unit/test_halves.c shows.

load helper

# compiled COMMAND... - compiles routes.conf by that command, into index N of the test.
compiled() {
	count=$((${count:-0} + 1))
	"$@" "$TMAIL" routes compile -q -c "$BATS_TEST_TMPDIR/routes.conf" -i "$BATS_TEST_TMPDIR/$count.idx"
	cmp "$BATS_TEST_TMPDIR/1.idx" "$BATS_TEST_TMPDIR/$count.idx"
}

@test "the same bytes whatever the surroundings" {
	mkdir -p d elsewhere
	printf 'include "d/*"\nroute to bücher.example,ÉCOLE.example user I@x.example via h.example\n' >routes.conf
	for name in b B a é _; do
		echo "route to $name.$name.example via h.example local 192.0.2.1|192.0.2.2" >d/$name
	done
	umask 022
	compiled env LC_ALL=C
	compiled env LC_ALL=C.UTF-8 LANG=tr_TR.UTF-8 LC_CTYPE=tr_TR.UTF-8
	compiled env TZ=Asia/Tokyo
	compiled env -i
	(umask 0; compiled env)
	(umask 077; compiled env)
	(cd elsewhere; compiled env)
	(cd /; compiled env)
	touch -d 2001-01-01 routes.conf d/*
	compiled env
	[ "$count" -ge 5 ]
}

# many FIRST LAST - so many routes, written in all the ways that matter where a file is cut; their
# lines go to the file `lines`.
many() {
	awk -v first="$1" -v last="$2" '
	function put(text) { print text; line += gsub(/\n/, "", text) + 1 }
	BEGIN {
		line = 1
		for (i = first; i <= last; i++) {
			print i, line >>"lines"
			to = "destination" i ".some-name.example"
			if (i % 4 == 0)
				put("route " i " to " to " \\\n\tvia \\\n\\\n h" i % 9 ".example")
			else if (i % 4 == 1)
				put("route " i " to " to " via h.example # not continued \\")
			else if (i % 4 == 2)
				put("\n# route\nroute " i " user any to " to " via h.example")
			else
				put("route " i " to " to " via \"h.example\" priority 2\r")
		}
	}'
}

# large FILE - is one that is parsed in halves.
large() {
	[ "$(stat -c %s "$1")" -gt $((1024 * 1024)) ]
}

@test "one large file is what its two halves are in files of their own" {
	many 1 11500 >first.conf
	# The statement in the middle is a long one.
	{
		printf 'route 11501 to long.example \\\n'
		yes "	\\" | head -n 20000
		echo 'via h.example'
	} >>first.conf
	many 11502 23000 >second.conf
	cat first.conf second.conf >routes.conf
	large routes.conf
	! large first.conf || false
	! large second.conf || false
	printf 'include "%s"\n' first.conf second.conf >split.conf
	for name in routes split; do
		exits 0 list --json -c $name.conf
		sed 's/,"file":.*,"comment":/,"comment":/' out >$name.list
	done
	[ "$(wc -l <routes.list)" -eq 23000 ]
	cmp routes.list split.list
	for name in routes split; do
		exits 0 compile -c $name.conf
		exits 0 verify -i $name.idx
		exits 0 list --json -i $name.idx
		sed 's/,"file":.*,"comment":/,"comment":/' out >$name.list
		seq 0 23001 | sed 's/.*/destination&.some-name.example/; 1s/.*/long.example/' |
			"$TMAIL" routes lookup --json -i $name.idx - >$name.answers
	done
	cmp routes.list split.list
	cmp routes.answers split.answers
	jq -c '[.routes[].id]' routes.answers | grep -cE '^\[[0-9]+\]$' | grep -qx 23000
}

@test "the routes of a large file stand on their lines" {
	many 1 23000 >routes.conf
	large routes.conf
	awk '$1 % 4 == 2 { $2 += 2 } { print $1, $2 }' lines >expected
	exits 0 list --json
	jq -r '"\(.id) \(.line)"' out >found
	cmp expected found
}

# plain N - so many plain routes, one a line.
plain() {
	seq "$1" | sed 's/.*/route & to destination&.some-name.example via relay.example.net/'
}

# wrong LINE... - with these lines misspelt, each is an error at its place, and there is no other.
wrong() {
	local line expression=

	for line; do
		expression+="${line}s/ via / vai /;"
	done
	sed "$expression" good >routes.conf
	exits 65 check
	for line; do
		echo "routes.conf:$line:"
	done | diff - <(grep -o '^routes.conf:[0-9]*:[0-9]*: error: ' err | cut -d : -f 1-2 | sed 's/$/:/')
	grep -c ": error: unknown keyword 'vai' \[unknown-keyword\]$" err | grep -qx $#
}

@test "an error in either half, and beside the cut, is reported once, with its line" {
	local middle

	plain 23000 >good
	large good
	middle=$(($(head -c $(($(stat -c %s good) / 2)) good | wc -l) + 1))
	for line in 5000 $((middle - 1)) $middle $((middle + 1)) 17000; do
		wrong $line
	done
	wrong 1 $((middle - 1)) $middle $((middle + 1)) 23000
}

@test "what clashes across the halves is reported at its later place" {
	plain 23000 | sed '22000s/^route 22000/route 3/' >routes.conf
	large routes.conf
	fails 65 duplicate-id check
	grep -q '^routes.conf:22000:7: error: ' err
	grep -q 'routes.conf:3:7: note: first given here' err
}
