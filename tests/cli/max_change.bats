# --max-change of compile and the edits: an index that would decide too much otherwise is not
# written.  What it counts, tests/property/decisions.pl shows.

load helper

# guarded - an index of four groups, one of them for a login, and what may become of it.
guarded() {
	conf 'route 1 to a.example via h' 'route 2 to b.example via h' 'route 3 user bob via h' \
	    'route 4 to c.example via h'
	exits 0 compile
	cp routes.idx before.idx
}

# refused COMMAND... - with code 1, and neither configuration nor index changed.
refused() {
	cp routes.conf before.conf
	exits 1 "$@" && cmp routes.conf before.conf && cmp routes.idx before.idx && [ ! -s out ]
}

@test "compile --max-change: a number of groups, a share of them, or any" {
	guarded
	sed -i 's/b.example via h/b.example via i/; /c.example/d' routes.conf
	for max in 0 1 0% 25% 49%; do
		refused compile --max-change $max
	done
	holds err 'tmail: 2 of the 4 groups in routes.idx would change, more than --max-change 49%: 1 decide otherwise, 1 go away' \
	    'tmail:   to b.example: 1. h:25 priority 1, tls opportunistic, route 2 (routes.conf:2) -> 1. i:25 priority 1, tls opportunistic, route 2 (routes.conf:2)' \
	    'tmail:   to c.example: 1. h:25 priority 1, tls opportunistic, route 4 (routes.conf:4) -> no route: MX' \
	    'tmail: help: --max-change any, if that is meant'
	for max in 2 50% 100% any; do
		cp before.idx routes.idx
		exits 0 compile --max-change $max
		! cmp -s routes.idx before.idx || false
	done
	for max in x '' -1 101% % 1.5 4294967296; do
		exits 64 compile "--max-change=$max"
	done
}

@test "the guard counts what groups would give, not what is written" {
	guarded
	# IDs, places, comments, passwords and groups that are new.
	conf '# moved' 'route 9 to c.example via h' 'route 3 user bob via h # new' \
	    'route 8 to a.example,b.example via h' 'route 7 to new.example via i'
	exits 0 compile --max-change 0
}

@test "the guard counts groups that a login would pass by" {
	guarded
	echo 'route 5 user * via evil.example' >>routes.conf
	refused compile --max-change 2
	grep -q 'to a.example, by a login: 1. h:25 .* -> 1. evil.example:25 ' err
	exits 0 compile --max-change 3
}

@test "the guard counts a group that goes away, whatever takes its place" {
	conf 'route 1 via h' 'route 2 to a.example via h'
	exits 0 compile
	cp routes.idx before.idx
	conf 'route 1 via h'
	refused compile --max-change 0
	exits 0 compile --max-change 1
}

@test "the guard says the first ten" {
	seq -f 'route to d%03.0f.example via h' 25 >routes.conf
	exits 0 compile
	cp routes.idx before.idx
	sed -i 's/via h/via i/' routes.conf
	refused compile --max-change 24
	[ "$(grep -c '^tmail:   to d' err)" -eq 10 ]
	grep -q '^tmail:   to d010.example: ' err
	grep -qx 'tmail:   and 15 more' err
	exits 0 compile --max-change 25
}

@test "add, set, del and number are guarded, too" {
	guarded
	refused set 1 -rh i.example --max-change 0
	refused set 1 -rh i.example --max-change 0 --no-compile
	refused set 1 -rh i.example --max-change 0 --dry-run
	refused del 1 --max-change 0
	refused add -u '*' -rh evil.example --max-change 0
	sed -i 's/^route 4/route/' routes.conf
	sed -i 's/^route 1 .*/route 1 to a.example via i/' routes.conf
	refused number --max-change 0
	exits 0 number --max-change 1
	exits 0 add -d new.example -rh h --max-change 0
	exits 0 set 1 -rh i2.example --max-change 1
	exits 0 del 1 --max-change any
	for command in 'set 2 -rh i' 'del 2' 'add -rh i -d x.example' number; do
		exits 64 $command --max-change x
	done
}

@test "an index that is missing or unreadable is no base" {
	guarded
	for damage in 'rm -f' 'truncate -s 100' 'truncate -s 0' 'sed -i s/tmroutes/tmrouteX/'; do
		cp before.idx routes.idx
		$damage routes.idx
		cp routes.idx damaged.idx 2>/dev/null || rm -f damaged.idx
		exits 66 compile --max-change 100%
		grep -q 'nothing to compare with' err
		exits 66 set 1 -rh i --max-change 100
		cmp routes.idx damaged.idx 2>/dev/null || [ ! -e routes.idx ]
		exits 0 compile --max-change any
	done
}
