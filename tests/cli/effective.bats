# What a route does in the end: its own options, its relay's, the defaults.

load helper

# means LINE... FILTER - the route with ID 1 of these lines, through the index.
means() {
	conf "${@:1:$#-1}"
	exits 0 compile -q || { cat routes.conf; return 1; }
	route 1 | jq -e "${!#}" >/dev/null || { cat routes.conf; route 1; echo "not: ${!#}"; return 1; }
}

@test "the port: route, relay, default, 465 or 25" {
	means 'route 1 via h' '.port == 25'
	means 'route 1 via h tls implicit' '.port == 465'
	means 'default port 26' 'route 1 via h' '.port == 26'
	means 'default port 26' 'route 1 via h tls implicit' '.port == 26'
	means 'default port 26' 'route 1 via h:27' '.port == 27'
	means 'default port 26' 'route 1 via h port 27' '.port == 27'
	means 'default port 26' 'relay r h:28' 'route 1 via @r' '.port == 28'
	means 'default port 26' 'relay r h port 28' 'route 1 via @r' '.port == 28'
	means 'default port 26' 'relay r h:28' 'route 1 via @r port 27' '.port == 27'
	means 'default port 26' 'relay r h' 'route 1 via @r' '.port == 26'
	means 'relay r h tls implicit' 'route 1 via @r' '.port == 465'
	means 'relay r h' 'route 1 via @r tls implicit' '.port == 465'
	means 'relay r h tls implicit' 'route 1 via @r tls off' '.port == 25'
	means 'default tls implicit' 'route 1 via h' '.port == 465'
	means 'default port 26' 'route 1 via mx' '.mx == true and .port == null and .host == null'
	means 'default port 26' 'route 1 via mx:A.Example.' '.mx == "a.example" and .port == null'
}

@test "TLS, with a login and without" {
	means 'route 1 via h' '.tls == "opportunistic"'
	means 'default tls required' 'route 1 via h' '.tls == "required"'
	means 'default tls required' 'relay r h tls off' 'route 1 via @r' '.tls == "off"'
	means 'default tls required' 'relay r h tls off' 'route 1 via @r tls verified' '.tls == "verified"'
	means 'route 1 via h login l password p' '.tls == "verified"'
	means 'default tls off' 'route 1 via h login l password p' '.tls == "verified"'
	means 'default tls opportunistic' 'relay r h login l password p' 'route 1 via @r' '.tls == "verified"'
	means 'default tls off' 'relay r h' 'route 1 via @r login l password p' '.tls == "verified"'
	means 'relay r h tls required' 'route 1 via @r login l password p' '.tls == "required"'
	means 'relay r h login l password p' 'route 1 via @r tls off' '.tls == "off"'
	means 'route 1 via h tls implicit login l password p' '.tls == "implicit"'
	means 'default tls required' 'route 1 via mx' '.tls == "required"'
	means 'route 1 via mx tls verified' '.tls == "verified"'
}

@test "credentials are replaced as a set" {
	means 'relay r h login l password p' 'route 1 via @r' '[.login, .password, .password_file] == ["l", "p", null]'
	means 'relay r h login l password p' 'route 1 via @r login m password-file /x' \
		'[.login, .password, .password_file] == ["m", null, "/x"]'
	means 'relay r h login l password-file /y' 'route 1 via @r login m password q' \
		'[.login, .password, .password_file] == ["m", "q", null]'
	conf 'relay r h login l password p' 'route 1 via @r password q'
	fails 65 missing-login check
	conf 'relay r h login l password p' 'route 1 via @r login m'
	fails 65 missing-password check
}

@test "the other options" {
	means 'default helo d transport dt local 192.0.2.1' 'route 1 via h' \
		'[.helo, .transport, .local.addresses[0], .tls_name] == ["d", "dt", "192.0.2.1", null]'
	means 'default helo d transport dt local 192.0.2.1' 'relay r h helo rh transport rt local 192.0.2.2 tls-name rn' \
		'route 1 via @r' '[.helo, .transport, .local.addresses[0], .tls_name] == ["rh", "rt", "192.0.2.2", "rn"]'
	means 'default helo d transport dt local 192.0.2.1' 'relay r h helo rh transport rt local 192.0.2.2 tls-name rn' \
		'route 1 via @r helo a transport t local 192.0.2.3 tls-name n' \
		'[.helo, .transport, .local.addresses[0], .tls_name] == ["a", "t", "192.0.2.3", "n"]'
	means 'default helo d transport dt local 192.0.2.1' 'route 1 via mx' \
		'[.helo, .transport, .local.addresses[0]] == ["d", "dt", "192.0.2.1"]'
	means 'route 1 via h local 192.0.2.1' '.local == {mode: "failover", addresses: ["192.0.2.1"]}'
	means 'route 1 via h local 192.0.2.2|2001:DB8:0::1' \
		'.local == {mode: "round-robin", addresses: ["192.0.2.2", "2001:db8::1"]}'
	means 'route 1 via h local 192.0.2.2&192.0.2.1' \
		'.local == {mode: "failover", addresses: ["192.0.2.2", "192.0.2.1"]}'
	means 'route 1 via H.EXAMPLE. helo Me.Example. tls-name bücher.example' \
		'[.host, .helo, .tls_name] == ["h.example", "me.example", "xn--bcher-kva.example"]'
	means 'route 1 via [2001:DB8::0:1] helo [192.0.2.1]' '[.host, .helo] == ["2001:db8::1", "[192.0.2.1]"]'
	means 'route 1 via h' '[.priority, .weight, .transport, .helo, .local] == [1, 1, "smtp", null, null]'
}

@test "texts of reject and defer" {
	means 'route 1 reject' '.text == "5.7.1 delivery to this destination is not permitted"'
	means 'route 1 defer' '.text == "4.3.2 delivery to this destination is suspended"'
	means 'route 1 reject "gone"' '.text == "5.7.1 gone"'
	means 'route 1 defer "soon"' '.text == "4.3.2 soon"'
	means 'route 1 reject "5.1.2 gone"' '.text == "5.1.2 gone"'
	means 'route 1 reject "5.1.20 gone"' '.text == "5.1.20 gone"'
	means 'route 1 reject "5.1 gone"' '.text == "5.7.1 5.1 gone"'
	means 'route 1 reject "5.1.2.3 gone"' '.text == "5.7.1 5.1.2.3 gone"'
	# Of subject and detail, a code has three digits at the most.
	means 'route 1 reject "5.777.123 gone"' '.text == "5.777.123 gone"'
	means 'route 1 reject "5.7777.1 gone"' '.text == "5.7.1 5.7777.1 gone"'
	means 'route 1 reject "5.7.1234"' '.text == "5.7.1 5.7.1234"'
	means 'route 1 reject "550 no"' '.text == "5.7.1 550 no"'
	means 'route 1 reject ""' '.text == "5.7.1 delivery to this destination is not permitted"'
}

@test "who stands beside whom" {
	conf 'route to a.example reject' 'route to a.example user any via h'
	fails 65 not-alone check
	conf 'route from x.example reject' 'route user * from X.Example. via h'
	fails 65 not-alone check
	conf 'route from <> reject' 'route user any from <> via h'
	fails 65 not-alone check
	conf 'route to a.example reject priority 1' 'route to a.example reject priority 2'
	fails 65 not-alone check
	# These are groups of their own.
	conf 'route to a.example reject' 'route to *.a.example via h' 'route to bob@a.example via h' \
		'route to a.example user * via h' 'route to a.example from <> via h' 'route via h'
	exits 0 check
	[ ! -s err ]
}

@test "a million combinations, and one more" {
	local x

	for x in to user from; do
		printf 'list %s' $x
		printf " $x%d.example" {1..100}
		echo
	done >routes.conf
	echo 'route to $to user $user from $from via h' >>routes.conf
	exits 0 compile
	exits 0 lookup -d to7.example -u bob@user99.example -f x@from100.example
	exits 1 lookup -d to7.example -u bob@user101.example -f x@from100.example
	sed -i 's/^route to $to/route to $to,one.example/' routes.conf
	fails 65 too-many-combinations check
}

@test "ten million combinations of all routes, and one route more" {
	{ printf 'list l'; printf ' d%d.example' {1..1000}; echo
	seq -f 'route %g to $l via h' 10000
	seq -f 'route to x%g.example via h' 10001 10500; } >routes.conf
	exits 0 check
	echo 'route to x.example,y.example via h' >>routes.conf
	fails 65 too-many-combinations check
	grep -q '^routes.conf:10502:1: error: 10000002 combinations' err
	# Told once, where it is crossed; what is wrong behind it still is.
	{ echo 'route to $l via h'; echo 'route to $l via h'; echo 'route to ..bad via h'; } >>routes.conf
	exits 65 check
	[ "$(grep -c ': error: ' err)" = 2 ]
	exits 65 list
	[ "$(grep -c ': error: ' err)" = 2 ]
}

@test "a pattern that stands twice counts twice, but is one" {
	{ printf 'list l'; printf ' d.example%.0s' {1..1000000}; echo
	echo 'route 1 to $l via h'; } >routes.conf
	exits 0 check
	exits 0 list
	[ "$(wc -l <out)" = 1 ]
	seq -f 'route %g to $l via h' 2 11 >>routes.conf
	fails 65 too-many-combinations check
	grep -q '^routes.conf:12:1:' err
	{ head -n 1 routes.conf; printf 'route to '; printf '$l,%.0s' {1..20000}; echo 'x via h'; } >twice.conf
	fails 65 too-many-combinations check -c twice.conf
	grep -q '^twice.conf:2:13:' err
}

@test "the relay of a route, and what it alone can say" {
	means 'relay r h connections 5 rate 10/m' 'route 1 via @r' '[.connections, .rate] == [5, "10/m"]'
	means 'relay r h rate 1000000/s' 'route 1 via @r' '[.connections, .rate] == [null, "1000000/s"]'
	means 'relay r h rate 2/h' 'route 1 via @r port 26' '[.port, .rate] == [26, "2/h"]'
	means 'relay r mx family ipv4' 'route 1 via @r' '[.mx, .host, .port, .family] == [true, null, null, "ipv4"]'
	means 'relay r mx:A.example port 26' 'route 1 via @r' '[.mx, .host, .port] == ["a.example", null, 26]'
	means 'relay r "mx"' 'route 1 via @r' '[.host, .port] == ["mx", 25]'
	means 'default port 26' 'relay r mx' 'route 1 via @r' '.port == null'
	means 'relay r mx port 26' 'route 1 via @r port 27' '.port == 27'
	means 'route 1 via mx:a.example port 26' '[.mx, .port] == ["a.example", 26]'
}

@test "equal relays of two names are one candidate, but not where they have limits" {
	conf 'relay a h' 'relay b h' 'route 1 via @a' 'route 2 via @b weight 2' 'route 3 via h'
	exits 0 compile -q
	"$TMAIL" routes lookup -i routes.idx -d x@y.example --json --plan |
		jq -e '[.plan[].routes] == [[1, 2, 3]]'
	conf 'relay a h rate 1/s' 'relay b h rate 1/s' 'route 1 via @a' 'route 2 via @b' 'route 3 via @a'
	exits 0 compile -q
	"$TMAIL" routes lookup -i routes.idx -d x@y.example --json --plan |
		jq -e '[.plan[].routes] | sort == [[1, 3], [2]]'
}

@test "family: route, relay, default" {
	means 'route 1 via h' '.family == null'
	means 'default family ipv6' 'route 1 via h' '.family == "ipv6"'
	means 'default family ipv6' 'relay r h family prefer-ipv4' 'route 1 via @r' '.family == "prefer-ipv4"'
	means 'default family ipv6' 'relay r h family ipv4' 'route 1 via @r family prefer-ipv6' '.family == "prefer-ipv6"'
	means 'default family ipv6' 'route 1 via mx' '.family == "ipv6"'
	conf 'default family ipv6' 'route 1 via 192.0.2.9'
	fails 65 family-mismatch check
	conf 'default family ipv6 local 192.0.2.1' 'route 1 via h'
	fails 65 family-mismatch check
}

@test "source addresses of the other family are left out" {
	means 'route 1 via 192.0.2.9 local 192.0.2.1|2001:db8::1|192.0.2.2' \
		'.local == {"mode": "round-robin", "addresses": ["192.0.2.1", "192.0.2.2"]}'
	means 'route 1 via 192.0.2.9 local 192.0.2.1|2001:db8::1' \
		'.local == {"mode": "failover", "addresses": ["192.0.2.1"]}'
	means 'default local 192.0.2.1|2001:db8::1' 'route 1 via [2001:db8::9]' \
		'.local.addresses == ["2001:db8::1"]'
	means 'route 1 via h family ipv6 local 192.0.2.1&2001:db8::1' '.local.addresses == ["2001:db8::1"]'
	means 'route 1 via h family prefer-ipv6 local 192.0.2.1&2001:db8::1' '.local.addresses | length == 2'
}

@test "tokens, mechanisms and certificates" {
	means 'route 1 via h login l token-file /t' \
		'[.login, .token_file, .password, .password_file, .auth, .tls] == ["l", "/t", null, null, null, "verified"]'
	means 'relay r h login l token-file /t auth xoauth2' 'route 1 via @r' '[.token_file, .auth] == ["/t", "xoauth2"]'
	means 'relay r h login l token-file /t' 'route 1 via @r auth oauthbearer' '.auth == "oauthbearer"'
	means 'relay r h login l token-file /t auth xoauth2' 'route 1 via @r login m password p' \
		'[.login, .token_file, .password, .auth] == ["m", null, "p", null]'
	means 'relay r h login l password p auth plain' 'route 1 via @r login m token-file /t auth xoauth2' \
		'[.login, .token_file, .password, .auth] == ["m", "/t", null, "xoauth2"]'
	means 'default tls-cert /c tls-ca /a' 'route 1 via h' '[.tls_cert, .tls_ca, .tls] == ["/c", "/a", "opportunistic"]'
	means 'default tls-cert /c' 'relay r h auth external tls-ca /b' 'route 1 via @r' \
		'[.tls_cert, .tls_ca, .auth, .tls, .login] == ["/c", "/b", "external", "verified", null]'
	means 'default tls off tls-cert /c' 'route 1 via h auth external' '.tls == "verified"'
	means 'route 1 via mx tls-cert /c tls-ca /a' '[.tls_cert, .tls_ca] == ["/c", "/a"]'
	means 'relay r h login l password p' 'route 1 via @r auth external tls-cert /c' \
		'[.login, .password, .auth] == [null, null, "external"]'
	conf 'relay r h auth external' 'route 1 via @r'
	fails 65 bad-auth check
	conf 'relay r h login l password p token-file /t' 'route 1 via @r'
	fails 65 two-passwords check
	conf 'relay r h token-file /t' 'route 1 via @r'
	fails 65 missing-login check
}

@test "mail-from: the domain folded, the local part as written" {
	means 'route 1 via h mail-from Bounce+1@BÜCHER.Example.' '.mail_from == "Bounce+1@xn--bcher-kva.example"'
	means 'relay r h mail-from a@b.example' 'route 1 via @r' '.mail_from == "a@b.example"'
	means 'relay r mx mail-from a@b.example' 'route 1 via @r mail-from "\"c d\"@e.example"' \
		'.mail_from == "\"c d\"@e.example"'
}

@test "a source greets by its name unless route or relay say otherwise" {
	local s1='source 192.0.2.1 helo Out1.example' s2='source 2001:DB8::1 helo out2.example'

	means "$s1" 'default helo d.example' 'route 1 via mx local 192.0.2.1|192.0.2.2' \
		'.local.helo == ["out1.example", null] and .helo == "d.example"'
	means "$s1" "$s2" 'default local 192.0.2.1&2001:db8:0::1' 'route 1 via h' \
		'.local.helo == ["out1.example", "out2.example"] and .helo == null'
	means "$s1" 'relay r h helo r.example' 'route 1 via @r local 192.0.2.1' \
		'.local == {"mode": "failover", "addresses": ["192.0.2.1"]} and .helo == "r.example"'
	means "$s1" 'route 1 via h local 192.0.2.1 helo r.example' '.local.helo == null'
	conf "$s1" 'route 1 via h local 192.0.2.1 helo x'
	exits 0 check
	grep -q '\[unused-source\]$' err
	conf "$s1" "$s2" 'route 1 via mx local 192.0.2.1|2001:db8::1' 'expect to a.example via mx helo out1.example'
	fails 65 expectation check
	conf "$s1" 'route 1 via mx local 192.0.2.1 helo x' 'route 2 via mx local 192.0.2.1 priority 2' \
		'expect to a.example first mx helo x'
	exits 0 check
	conf "$s1" 'route 1 via h local 192.0.2.2'
	exits 0 check
	grep -q '\[unused-source\]$' err
}

@test "discard says nothing else" {
	conf 'route 1 to a.example discard' 'route 2 via h'
	exits 0 compile
	"$TMAIL" routes lookup -i routes.idx -d x@a.example --json | jq -e '[.action, .text, .routes] == ["discard", null, [{"id": 1}]]'
	[ "$("$TMAIL" routes lookup -i routes.idx -d x@a.example | tail -n 1)" = '  discard, route 1 (routes.conf:1)' ]
	[ "$("$TMAIL" routes list -q | head -n 1)" = '1 - Destination host: a.example - Priority: 1 - Local IPs: default - Remote host: discard' ]
}
