# fmt: what is printed, what is written, and what is left alone.  How statements are
# written, test_fmt.c says.

load helper

# loose - a configuration of two files that are not canonical.
loose() {
	mkdir -p d
	printf 'relay  r  r.example\n\n\ninclude   "d/*.conf"\nroute via @r # all\n' >routes.conf
	printf '\xef\xbb\xbfroute  to "a.example" via "h.example" login "me" password "s3cret"\r\n' >d/a.conf
	printf 'route to b.example via @r\n' >d/b.conf
}

@test "the formatted text goes to standard output, and no file changes" {
	loose
	before=$(cat routes.conf d/*.conf | cksum)
	exits 0 fmt
	printf 'relay r r.example\n\ninclude "d/*.conf"\nroute via @r # all\n' >wanted
	printf '\xef\xbb\xbfroute to a.example via h.example login me password s3cret\r\n' >>wanted
	printf 'route to b.example via @r\n' >>wanted
	cmp wanted out
	[ ! -s err ]
	exits 0 fmt d/b.conf d/a.conf
	[ "$(head -n 1 out)" = 'route to b.example via @r' ]
	exits 0 fmt d/a.conf
	cmp <(sed -n 5p wanted) out
	[ "$before" = "$(cat routes.conf d/*.conf | cksum)" ]
	[ ! -e routes.idx ] && [ ! -e .routes.conf.lock ]
}

@test "standard input" {
	"$TMAIL" routes fmt - <<<'route  via  mx' >out
	holds out 'route via mx'
	code=0
	"$TMAIL" routes fmt - <<<'route vai mx' >out 2>err || code=$?
	[ "$code" -eq 65 ]
	[ ! -s out ]
	grep -q '^-:1:7: error: ' err
	echo 'route  via mx' >a.conf
	"$TMAIL" routes fmt --check - <a.conf >out || code=$?
	[ "$code" -eq 1 ]
	holds out -
	code=0
	"$TMAIL" routes fmt - <&- 2>err || code=$?
	[ "$code" -eq 66 ]
	exits 64 fmt --write -
}

@test "--check names the files that differ" {
	loose
	exits 1 fmt --check
	holds out routes.conf d/a.conf
	exits 1 fmt --check d/b.conf d/a.conf
	holds out d/a.conf
	exits 0 fmt --check d/b.conf
	[ ! -s out ]
	exits 0 fmt --write
	exits 0 fmt --check
	[ ! -s out ] && [ ! -s err ]
}

@test "--diff shows what would change, secrets masked, and is 1 with --check alone" {
	loose
	exits 0 fmt --diff
	[ "$(grep -c '^--- ' out)" = 2 ]
	! grep -q s3cret out || false
	grep -q 'route  to "a.example" via "h.example" login "me" password \*\*\*\*\*\*\*\*' out
	exits 1 fmt --diff --check
	exits 0 fmt --diff --check d/b.conf
	[ ! -s out ]
	# Applied, it is what --write does.
	exits 0 fmt --diff --show-secrets
	grep -q s3cret out
	mkdir patched && cp -r d routes.conf patched
	(cd patched && patch -s --binary -p0) <out
	exits 0 fmt --write
	cmp routes.conf patched/routes.conf && cmp d/a.conf patched/d/a.conf
}

@test "the diff of every golden makes of it what fmt prints" {
	local count=0

	cp -r "$BATS_TEST_DIRNAME/../golden" golden
	for file in golden/ok/*.conf golden/bad/*.conf; do
		"$TMAIL" routes fmt "$file" >wanted 2>err || continue
		"$TMAIL" routes fmt --diff --show-secrets "$file" >change 2>err
		cp "$file" patched.conf
		[ ! -s change ] || patch -s --binary patched.conf change
		cmp wanted patched.conf
		count=$((count + 1))
	done
	[ "$count" -gt 30 ]
}

@test "--write compiles without FILE, and writes no IDs" {
	loose
	chmod 640 routes.conf
	exits 0 fmt --write
	[ ! -s out ]
	[ ! -s err ]
	holds routes.conf 'relay r r.example' '' 'include "d/*.conf"' 'route via @r # all'
	[ "$(stat -c %a routes.conf)" = 640 ]
	[ "$(route 3 | jq -r .host)" = r.example ]
	exits 0 verify -c routes.conf
	rm routes.idx
	exits 0 fmt --write d/a.conf
	[ ! -e routes.idx ]
}

@test "--write with a diff" {
	loose
	exits 0 fmt --diff --write
	grep -q '^+include "d/\*.conf"$' out
	exits 0 fmt --check
	exits 0 fmt --write --diff d/a.conf
	[ ! -s out ]
}

@test "--write follows a link, and keeps it" {
	echo 'route  via mx' >real.conf
	ln -s real.conf link.conf
	exits 0 fmt --write link.conf
	[ -L link.conf ]
	holds real.conf 'route via mx'
}

@test "--write of a file that is named twice" {
	echo 'route  via mx' >real.conf
	ln -s real.conf link.conf
	exits 0 fmt --write real.conf ./real.conf link.conf
	[ -L link.conf ]
	holds real.conf 'route via mx'
}

@test "--write waits for the lock of the configuration" {
	loose
	(
		flock 9
		sleep 1
		cp routes.conf seen
	) 9>.routes.conf.lock &
	while flock -n .routes.conf.lock true; do sleep 0.01; done
	exits 0 fmt --write d/a.conf
	wait
	[ -e seen ]
	exits 0 fmt --check d/a.conf
}

@test "a file with errors is left as it is, and so are all others" {
	loose
	echo 'route  to c.example vai h' >bad.conf
	before=$(cat routes.conf d/*.conf bad.conf | cksum)
	for options in '' --check --diff --write; do
		exits 65 fmt $options d/a.conf bad.conf
		grep -q '^bad.conf:1:21: error: .*\[unknown-keyword\]$' err
	done
	[ ! -s out ]
	exits 65 fmt --write bad.conf d/a.conf
	echo 'include "bad.conf"' >>routes.conf
	exits 65 fmt --write
	exits 65 fmt
	[ ! -s out ]
	sed -i '$d' routes.conf
	[ "$before" = "$(cat routes.conf d/*.conf bad.conf | cksum)" ]
	# A value is an error, too, wherever it can be judged.
	conf 'route  via h port 99999'
	fails 65 bad-port fmt routes.conf
	fails 65 bad-port fmt --write routes.conf
	conf 'route 1  via h' 'route 1 to a.example via h'
	fails 65 duplicate-id fmt routes.conf
}

@test "what another file may define is no error of a file alone" {
	conf 'route  to $l via @r' 'include "nowhere.conf"' 'list m file "nowhere"' 'route to $m  via h'
	exits 0 fmt routes.conf
	holds out 'route to $l via @r' 'include "nowhere.conf"' 'list m file "nowhere"' 'route to $m via h'
	exits 65 fmt
	# However many of them there are.
	for n in $(seq 3000); do echo "route  to x$n.example via @r"; done >many.conf
	exits 0 fmt many.conf
	[ "$(wc -l <out)" -eq 3000 ]
	[ ! -s err ]
	echo 'route via h port 0' >>many.conf
	exits 65 fmt many.conf
	grep -q '^many.conf:3001:.*bad-port' err
}

@test "a configuration in a pipe" {
	"$TMAIL" routes fmt <(echo 'route  via mx') >out
	holds out 'route via mx'
	"$TMAIL" routes fmt -c <(echo 'route  via mx') >out
	holds out 'route via mx'
}

@test "wrong usage and missing files" {
	exits 64 fmt --check --write
	exits 64 fmt --chek
	grep -q "did you mean '--check'" err
	exits 66 fmt
	exits 66 fmt none.conf
	exits 66 fmt --write none.conf
	[ ! -e none.conf ]
	conf 'route  via mx'
	exits 66 fmt --check none.conf routes.conf
	holds out routes.conf
}

@test "output that cannot be written: nothing is changed" {
	conf 'route  via mx'
	code=0
	"$TMAIL" routes fmt --write --diff routes.conf >/dev/full 2>err || code=$?
	[ "$code" -eq 74 ]
	holds routes.conf 'route  via mx'
	code=0
	"$TMAIL" routes fmt --write --diff >/dev/full 2>err || code=$?
	[ "$code" -eq 74 ]
	holds routes.conf 'route  via mx'
}

@test "a file that others may not write" {
	conf 'route  via mx'
	chmod 400 routes.conf
	code=0
	bound "$TMAIL" routes fmt --write routes.conf 2>err || code=$?
	[ "$code" -eq 77 ]
	holds routes.conf 'route  via mx'
}

@test "quotes that say what is meant stay" {
	conf 'relay "smart" h.example' 'list part a.example' 'include "more.conf"' \
	    'route to "part" via @smart' 'route to $part via "smart"  port 26' \
	    'route user "else","part" from "part"  via "smart:27"' 'route via "other" helo "smart"'
	echo 'route to b.example  via "smart"' >more.conf
	exits 0 check -q
	exits 0 fmt --write
	holds routes.conf 'relay smart h.example' 'list part a.example' 'include "more.conf"' \
	    'route to "part" via @smart' 'route to $part via "smart" port 26' \
	    'route user else,"part" from "part" via "smart:27"' 'route via other helo smart'
	holds more.conf 'route to b.example via "smart"'
	exits 0 check
	[ ! -s err ]
}

@test "no warning is told" {
	conf 'relay unused  h.example' 'route  via mx'
	exits 0 fmt
	[ ! -s err ]
	exits 0 fmt --write
	[ ! -s err ]
}

@test "a random configuration answers as before" {
	for seed in 1 2 3 4 5; do
		awk -v seed=$seed -f "$BATS_TEST_DIRNAME/../property/conf.awk"
		exits 0 compile -q
		"$TMAIL" routes list --json --show-secrets -i routes.idx | jq -c 'del(.line)' >before
		exits 0 fmt --write
		"$TMAIL" routes list --json --show-secrets -i routes.idx | jq -c 'del(.line)' >after
		cmp before after
		exits 0 fmt --check
	done
}

@test "expectations are written like routes, and not proved" {
	conf 'route  via mx' 'expect  to "a.example"  via "h.example","mx"  helo "x"   # c'
	exits 0 fmt --write
	[ ! -s err ]
	holds routes.conf 'route via mx' 'expect to a.example via h.example,"mx" helo x # c'
	exits 65 check
}
