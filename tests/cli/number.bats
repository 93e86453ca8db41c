# tmail routes number: the IDs that are not written yet, and nothing else.

load helper

@test "every route gets the ID that list shows, in every file, and no byte else changes" {
	mkdir d
	printf 'route  to a.example via h # one\n\troute 7 to b.example via h\r\nroute \\\n to c.example via h\ninclude "d/y"\nroute via h # "route"' >routes.conf
	printf '\xef\xbb\xbf# route\r\nroute to d.example via h\r\nlist l e.example\r\nroute to $l via h' >d/y
	exits 0 list --json
	cp out shown
	exits 0 number
	[ ! -s out ]
	[ ! -s err ]
	printf 'route 8  to a.example via h # one\n\troute 7 to b.example via h\r\nroute 9 \\\n to c.example via h\ninclude "d/y"\nroute 12 via h # "route"' | cmp - routes.conf
	printf '\xef\xbb\xbf# route\r\nroute 10 to d.example via h\r\nlist l e.example\r\nroute 11 to $l via h' | cmp - d/y
	exits 0 list --json
	diff shown out
	exits 0 verify -c routes.conf
	cp routes.conf before
	exits 0 number
	cmp before routes.conf
	# What is left for the first edit is the edit.
	exits 0 set 7 -p 5 --dry-run
	[ "$(grep -c '^[-+][^-+]' out)" = 2 ] && [ ! -s err ]
}

@test "--dry-run and --no-compile" {
	conf 'route via h' 'route 4 to a.example via h'
	exits 0 number --dry-run
	holds out '--- routes.conf' '+++ routes.conf' '@@ -1,2 +1,2 @@' '-route via h' \
		'+route 5 via h' ' route 4 to a.example via h'
	[ ! -s err ]
	[ ! -e routes.idx ]
	exits 0 number --no-compile
	holds routes.conf 'route 5 via h' 'route 4 to a.example via h'
	[ ! -e routes.idx ]
}

@test "no warning is new" {
	{ for i in {1..15}; do echo "relay r$i h"; done
	  echo 'route to a.example via h weight 2'
	  echo 'route from x.example via j login u password p tls off'
	  echo 'route user "tmail.io" via h'
	  for i in {16..25}; do echo "relay r$i h"; done; } >routes.conf
	exits 0 number --no-compile
	[ ! -s err ]
	exits 0 check
	[ "$(grep -c ': warning: ' err)" = 20 ]
}

@test "what is wrong" {
	exits 66 number
	[ ! -e routes.conf ]
	conf 'route 4294967295 via h' 'route to a.example via h'
	fails 65 bad-id number
	exits 64 number 1
}

@test "the dry run of a first edit says that it writes the IDs, too" {
	local edit

	for edit in 'add -d b.example -rh h' 'set 2 -p 3' 'del 1'; do
		conf 'route via h' 'route to a.example via h'
		# shellcheck disable=SC2086
		exits 0 $edit --dry-run
		grep -qx -- '+route 2 to a.example via h.*' out
		holds err "tmail: the first edit also writes the ID of each route that has none: 'tmail routes number' does that alone"
		# shellcheck disable=SC2086
		exits 0 $edit --dry-run -q
		[ ! -s err ]
		exits 0 number
		# shellcheck disable=SC2086
		exits 0 $edit --dry-run
		[ ! -s err ]
	done
}
