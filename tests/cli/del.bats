# tmail routes del: all or none, a line each, and no byte of the others.

load helper

@test "a comment behind goes, comments above stay" {
	conf '# head' '# about 1' 'route 1 to a.example via h # mine' '' '# about 2' 'route 2 to b.example via h' '# tail'
	exits 0 del 1
	[ ! -s out ]
	[ ! -s err ]
	holds routes.conf '# head' '# about 1' '' '# about 2' 'route 2 to b.example via h' '# tail'
	exits 0 list --index routes.idx
	[ "$(grep -c Destination out)" = 1 ]
	exits 0 del 2
	holds routes.conf '# head' '# about 1' '' '# about 2' '# tail'
	exits 0 list
	holds out 'There are no routes: all mail follows the MX records'
}

@test "several at once, or none of them" {
	conf 'route 1 to a.example via h' 'route 2 to b.example via h' 'route 3 to c.example via h'
	exits 1 del 1 4 2
	[ "$(cat err)" = 'tmail: there is no route 4' ]
	exits 64 del 1 x
	exits 64 del
	exits 64 del 1 -1
	[ "$(grep -c route routes.conf)" = 3 ]
	exits 0 del 3 1 3
	holds routes.conf 'route 2 to b.example via h'
}

@test "in whichever file it stands" {
	mkdir d
	conf 'include "d/*"' 'route 1 to a.example via h'
	printf 'route 2 to b.example via h\r\nroute 3 to c.example via h' >d/x
	printf '\xef\xbb\xbfroute 4 to d.example via h\r\n' >d/y
	exits 0 del 4 2
	printf 'route 3 to c.example via h' | cmp - d/x
	printf '\xef\xbb\xbf' | cmp - d/y
	exits 0 del 1 3
	[ ! -s d/x ]
	holds routes.conf 'include "d/*"'
}

@test "a line that goes on in an empty one stays whole" {
	printf 'route 1 via h \\\n\nroute 2 to a.example via i' >routes.conf
	exits 0 del 2
	printf 'route 1 via h \\\n\n' | cmp - routes.conf
	printf 'route 1 via h \\\r\n\r\nroute 2 to a.example via i' >routes.conf
	exits 0 del 2
	printf 'route 1 via h \\\r\n\r\n' | cmp - routes.conf
}

@test "a last line without an end" {
	local all='route 1 via h\nroute 2 via i\r\nroute 3 to a.example via h\n# four\nroute 4 to b.example via h'

	while read -r ids left; do
		printf "$all" >routes.conf
		exits 0 del ${ids//,/ }
		printf "$left" | cmp - routes.conf || { echo "del $ids"; cat -A routes.conf; return 1; }
	done <<-'END'
		4 route 1 via h\nroute 2 via i\r\nroute 3 to a.example via h\n# four
		3 route 1 via h\nroute 2 via i\r\n# four\nroute 4 to b.example via h
		3,4 route 1 via h\nroute 2 via i\r\n# four
		4,3,2,1 # four
	END
	all='route 1 via h\nroute 2 via i\r\nroute 3 to a.example via h'
	while read -r ids left; do
		printf "$all" >routes.conf
		exits 0 del ${ids//,/ }
		printf "$left" | cmp - routes.conf || { echo "del $ids"; cat -A routes.conf; return 1; }
	done <<-'END'
		3 route 1 via h\nroute 2 via i
		2,3 route 1 via h
		3,1 route 2 via i
		1,3,2
	END
}

@test "statements over several lines" {
	printf 'route 1 \\\n to a.example \\\n via h \\\n\n\\\nroute 2 via h\n# x \\\nroute 3 to c.example via h \\\n # c \\\nroute 4 to d.example via h\n' >routes.conf
	exits 0 del 1
	printf '\\\nroute 2 via h\n# x \\\nroute 3 to c.example via h \\\n # c \\\nroute 4 to d.example via h\n' | cmp - routes.conf
	exits 0 del 3
	printf '\\\nroute 2 via h\n# x \\\nroute 4 to d.example via h\n' | cmp - routes.conf
	exits 0 del 2
	printf '# x \\\nroute 4 to d.example via h\n' | cmp - routes.conf
	printf 'route 1 via \\\r\n\th # route 2 via h\r\nroute 3 via i' >routes.conf
	exits 1 del 2
	exits 0 del 1
	printf 'route 3 via i' | cmp - routes.conf
}

@test "a route that lists and relays lean on" {
	conf 'relay r h' 'list l a.example' 'route 1 to $l via @r'
	exits 0 del 1
	holds routes.conf 'relay r h' 'list l a.example'
	conf 'route 1 via h' 'rout 2'
	fails 65 unknown-keyword del 1
}

@test "a deleted highest ID may come again" {
	conf 'route 1 via h' 'route 9 to a.example via h'
	exits 0 del 9
	exits 0 add -d b.example -rh h
	holds out 2
	conf 'route 4294967295 via h'
	fails 65 bad-id add -d b.example -rh h
	exits 0 del 4294967295
	exits 0 add -d b.example -rh h
	holds out 1
}
