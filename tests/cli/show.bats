# tmail routes show: all about a route.

load helper

@test "where it is written, what it does, its group" {
	conf 'default helo mail.example.org' \
		'relay r in.example:587 login u password "s3cret" tls verified' '' \
		'route 1 to a.example via @r local 192.0.2.1|192.0.2.2 # ours' \
		'route 2 to a.example,b.example via mx:b.example priority 2' \
		'	route 3 to "\"c d\"@e.example" reject "no \"x\""' 'route 4 to f.example via mx port 2525'
	exits 0 show 1 2 3 4
	[ ! -s err ]
	holds out 'routes.conf:4:1: route 1' \
		'    4 | route 1 to a.example via @r local 192.0.2.1|192.0.2.2 # ours' \
		'      = in effect: via in.example:587 priority 1 weight 1 local 192.0.2.1|192.0.2.2 login u password ******** tls verified helo mail.example.org transport smtp, relay r' \
		'      = group: to a.example, with route 2 (routes.conf:5)' \
		'routes.conf:5:1: route 2' \
		'    5 | route 2 to a.example,b.example via mx:b.example priority 2' \
		'      = in effect: via mx:b.example priority 2 weight 1 tls opportunistic helo mail.example.org transport smtp' \
		'      = group: to a.example, with route 1 (routes.conf:4)' \
		'      = group: to b.example' \
		'routes.conf:6:2: route 3' \
		'    6 | 	route 3 to "\"c d\"@e.example" reject "no \"x\""' \
		'      = in effect: reject "5.7.1 no \"x\""' \
		'      = group: to "c d"@e.example' \
		'routes.conf:7:1: route 4' \
		'    7 | route 4 to f.example via mx port 2525' \
		'      = in effect: via mx port 2525 priority 1 weight 1 tls opportunistic helo mail.example.org transport smtp' \
		'      = group: to f.example'
}

@test "every option, in the words that make the same route" {
	cat >routes.conf <<-'END'
		source 192.0.2.1 helo out1.example
		relay r in.example:587 login u password-file "/a b" tls verified tls-name x.example tls-ca /ca connections 5 rate 3/m
		route 1 to a.example via @r priority 0 weight 7 family prefer-ipv4 local 192.0.2.1&192.0.2.2 auth plain mail-from b@c.example transport bulk
		route 2 to b.example via mx:d.example port 26 priority 0
		route 3 to c.example via [2001:db8::1]:26 tls off helo me.example
		route 4 to d.example via h login "a b" password "c \"d" tls implicit
		route 5 to e.example defer "4.7.1 a\\b"
		route 6 to f.example discard
	END
	exits 0 show --show-secrets 1 2 3 4 5 6
	holds <(sed -n 's/^      = in effect: //p' out) \
		'via in.example:587 priority 0 weight 7 family prefer-ipv4 local 192.0.2.1&192.0.2.2 login u password-file "/a b" auth plain tls verified tls-name x.example tls-ca /ca mail-from b@c.example connections 5 rate 3/m transport bulk, source 192.0.2.1 helo out1.example, relay r' \
		'via mx:d.example port 26 priority 0 weight 1 tls opportunistic transport smtp' \
		'via [2001:db8::1]:26 priority 1 weight 1 tls off helo me.example transport smtp' \
		'via h:465 priority 1 weight 1 login "a b" password "c \"d" tls implicit transport smtp' \
		'defer "4.7.1 a\\b"' discard
	# Written so, it is the same route.
	sed -n 's/, .*//; s/^      = in effect: //p' out | sed 's/ connections 5 rate 3.m//' |
		awk '{ print "route " NR " to " substr("abcdef", NR, 1) ".example " $0 }' >again.conf
	sed -i '1i source 192.0.2.1 helo out1.example' again.conf
	"$TMAIL" routes compile -q -c again.conf
	diff <("$TMAIL" routes list -q --json --show-secrets -c routes.conf | jq -c 'del(.relay, .line, .file, .connections, .rate)') \
		<("$TMAIL" routes list -q --json --show-secrets -i again.idx | jq -c 'del(.relay, .line, .file, .connections, .rate)' | sed 's/"lists":null/"lists":[]/')
}

@test "a statement of several lines, with its comment, in an included file" {
	conf 'include "inc.conf"'
	printf '%s\r\n' 'route 7 \' '  to a.example via h.example \' '	login u \' ' password "a b" \' \
		' # password b c' 'route 8 via mx' >inc.conf
	exits 0 show 7
	head -n 6 out >lines
	holds lines 'inc.conf:1:1: route 7' '    1 | route 7 \' '    2 |   to a.example via h.example \' \
		'    3 | 	login u \' '    4 |  password ******** \' '    5 |  # password ********'
	! grep -q 'a b\|b c' out || false
	exits 0 show 7 --show-secrets
	grep -qF '    4 |  password "a b" \' out
	grep -qF 'login u password "a b" tls' out
	exits 0 show --json 7
	[ "$(jq -r '[.file, .line, .column, .password, .comment] | join("|")' out)" = 'inc.conf|1|1|********|password ********' ]
	! grep -q 'a b\|b c' out || false
	[ "$(jq -r .statement out | sed -n 4p | tr -d '\r')" = ' password ******** \' ]
}

@test "the groups above, and no other" {
	conf 'route 1 to *.b.example user any from x.example via h1' \
		'route 2 to a.b.example via h2' 'route 3 to ann@a.b.example user any from bob@x.example via h3' \
		'route 4 to b.example via h4' 'route 5 to *.a.b.example,*.example user any from x.example via h5' \
		'route 6 user joe via h6' 'route 7 user joe to other.example via h7' \
		'route 8 to *.b.example user any from y.example via h8' 'route 9 to *.b.example via h9' \
		'route 10 to *.b.example user any from <> via h10' 'route 11 user * to bob@c.b.example via h11' \
		'route 12 to [192.0.2.1] via h12' 'route 13 to ann@sub.notb.example via h13' \
		'route 14 to *.b.example user any from z@x.example via h14' 'route 15 to *.c.b.example via h15'
	exits 0 show --json 1
	[ "$(jq -c '[.above[].routes[].id]' out)" = '[11,6,3,2,5,15,14]' ]
	[ "$(jq -c '[.above[] | [.user, .to, .from]][2]' out)" = '[null,"ann@a.b.example","bob@x.example"]' ]
	exits 0 show 1
	[ "$(grep -c '^      = above: ' out)" = 7 ]
	grep -qx '      = above: to ann@a.b.example, from bob@x.example: route 3 (routes.conf:3)' out ||
		grep -qx '      = above: from bob@x.example, to ann@a.b.example: route 3 (routes.conf:3)' out
	# Logins.
	conf 'route 1 user x.example via h1' 'route 2 user bob@x.example via h2' 'route 3 user bob@y.example via h3' \
		'route 4 user "*" via h4' 'route 5 user * via h5' 'route 6 to a.example via h6' 'route 7 via h7'
	for pair in '1 [2]' '2 []' '4 []' '5 [3,4,1,2]' '6 [2,3,1,4,5]' '7 [2,3,1,4,5,6]'; do
		exits 0 show --json "${pair%% *}"
		diff <(jq -c '[.above[].routes[].id] | sort' out) <(jq -c sort <<<"${pair#* }")
	done
	# The routes of the same group and other groups of the same route are not above it.
	conf 'route 1 to a.example,*.example via h' 'route 2 to b@a.example,a.example,*.example via h'
	exits 0 show --json 1
	[ "$(jq -c '[.above[] | [.to, .routes[].id]]' out)" = '[["b@a.example",2]]' ]
	exits 0 show --json 2
	[ "$(jq -c .above out)" = '[]' ]
}

@test "whoever takes a mail is above the group that would get it" {
	local n=0 line winner next

	"${CC:-cc}" -std=c11 -D_GNU_SOURCE -O1 -o routing "$BATS_TEST_DIRNAME"/../property/{routing,names}.c
	mkdir random
	./routing random 20241129 12
	for file in random/*.conf; do
		cd random
		"$TMAIL" routes compile -q -c "../$file" -i ../all.idx 2>/dev/null || { cd ..; continue; }
		cd ..
		while read -r line; do
			"$TMAIL" routes lookup --json -i all.idx - <<<"$line" >winner 2>/dev/null || continue
			winner=$(jq -c '[.match.user, .match.to, .match.from]' winner)
			[ "$winner" != '[null,null,null]' ] || continue
			cp -r random less
			"$TMAIL" routes del -q --no-expect --no-compile -c "less/${file#*/}" $(jq '.routes[].id' winner) \
				>/dev/null 2>&1 || { rm -r less; continue; }
			"$TMAIL" routes compile -q -c "less/${file#*/}" -i less.idx || true
			rm -r less
			"$TMAIL" routes lookup --json -i less.idx - <<<"$line" >second
			next=$(jq '.routes[0].id // empty' second)
			[ -n "$next" ] || continue
			"$TMAIL" routes show -q --json -c "$file" "$next" >shown
			jq -e --argjson w "$winner" '[.above[] | [.user, .to, .from]] | index([$w])' shown >/dev/null ||
				{ echo "$file: $line: $winner is not above $next"; return 1; }
			n=$((n + 1))
		done < <(grep -av '^	' "${file%.conf}.queries" | tr -d '\000' | head -n 12)
	done
	echo "$n"
	[ "$n" -ge 20 ]
}

@test "the expectations that reach it" {
	conf 'route 1 to a.example via h.example' 'route 2 to a.example via i.example' 'route 3 via j.example' \
		'expect to bob@a.example \' '   via h.example,i.example tls opportunistic # both' \
		'expect to c@b.example  via k.example' 'expect user x to d@b.example route 3' 'expect to a.example mx'
	exits 0 show 1 3
	grep -qx '      = expected: to bob@a.example via h.example,i.example tls opportunistic (routes.conf:4)' out
	grep -qx '      = expected: to c@b.example via k.example (routes.conf:6), but j.example it is' out
	grep -qx '      = expected: user x to d@b.example route 3 (routes.conf:7)' out
	grep -qx '      = expected: to a.example mx (routes.conf:8), but h.example,i.example it is' out
	[ "$(grep -c expected out)" = 4 ]
	exits 0 show --json 3
	[ "$(jq -c '[.expectations[] | [.line, .passed]]' out)" = '[[6,false],[7,true]]' ]
	[ "$(jq -c '.expectations[0] | keys' out)" = '["expected","file","from","got","line","passed","to","user"]' ]
}

@test "JSON has what list has, and all the groups" {
	{ echo 'route 1 via h'; seq 2 200 | sed 's/.*/route & to d&.example via h/'; } >routes.conf
	exits 0 show --json 1
	[ "$(jq '.above | length' out)" = 199 ]
	jq -c 'del(.column, .statement, .groups, .above, .expectations)' out >shown
	exits 0 list --json -d '*'
	diff shown <(jq -c . out)
	exits 0 show 1
	[ "$(grep -c '^      = above: ' out)" = 21 ]
	grep -qx '      = above: 179 more' out
	seq 100 | sed 's/.*/route & via h&/' >routes.conf
	exits 0 show 5
	grep -q 'with route 1 (.*, route 21 (routes.conf:21), \.\.\.$' out
}

@test "no such route" {
	conf 'route 1 via h'
	exits 1 show 2
	holds err 'tmail: there is no route 2'
	[ ! -s out ]
	exits 1 show 2 1
	grep -q '^routes.conf:1:1: route 1$' out
	exits 64 show
	exits 64 show one
	exits 64 show 0
	exits 64 show @r
	exits 64 show -i routes.idx 1
	grep -q 'no --index alone' err
	exits 66 show -c none.conf 1
	echo 'rout' >>routes.conf
	exits 65 show 1
	[ ! -s out ]
}

@test "a stale index is told, as by list" {
	conf 'route 1 via h'
	exits 0 compile
	exits 0 show 1
	[ ! -s err ]
	echo >>routes.conf
	exits 0 show 1
	grep -q 'is stale' err
	exits 0 show -q 1
	[ ! -s err ]
}
