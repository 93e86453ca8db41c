# tmail routes list: lines, columns, JSON, filters, an index alone, a stale one.

setup() {
	TMAIL=$(realpath "${TMAIL:-$BATS_TEST_DIRNAME/../../build/tmail}")
	cd "$BATS_TEST_TMPDIR"
	unset TMAIL_ROUTES_CONF TMAIL_ROUTES_INDEX
}

list() {
	"$TMAIL" routes list -c routes.conf "$@"
}

# is TEXT - standard input is TEXT and a line end.
is() {
	diff <(printf '%s\n' "$1") -
}

# lacks TEXT - standard input does not hold TEXT.
lacks() {
	if grep -F -- "$1"; then return 1; fi
}

# exits CODE COMMAND... - runs it with its output in `out` and `err`.
exits() {
	local code=0

	"${@:2}" >out 2>err || code=$?
	[ "$code" -eq "$1" ] || {
		echo "exit code $code, not $1: ${*:2}"
		cat out err
		return 1
	}
}

sample() {
	umask 077
	cat >routes.conf <<'END'
relay mailjet in.mailjet.com:587 login mailjet_login password "s3cret word"
route 1 to Toorop.FR. via mail.toorop.fr # the office
route 4 user tmail.io from tmail.io via @mailjet local 192.0.2.1|192.0.2.2
route 2 to [IPv6:2001:DB8:0::1],*.BÜCHER.example user any via [2001:db8:0::2]:26 weight 7 priority 3
route 3 to a.example user bob,Bob,ann@A.Example from <>,x.example via mx
route 5 to mx.example via mx:Other.EXAMPLE.
route 6 to no.example reject "not here"
route 7 to wait.example defer
route 8 from y.example via 192.0.2.9 local 192.0.2.3&192.0.2.4 login me@x.example password-file /etc/pw
END
}

@test "lines like tmail's, by ID" {
	sample
	list | is '1 - Destination host: toorop.fr - Priority: 1 - Local IPs: default - Remote host: mail.toorop.fr:25
2 - Destination host: [IPv6:2001:db8::1],*.xn--bcher-kva.example - User: any - Priority: 3 - Weight: 7 - Local IPs: default - Remote host: [2001:db8::2]:26
3 - Destination host: a.example - User: bob,ann@a.example - Mail from: <>,x.example - Priority: 1 - Local IPs: default - Remote host: MX
4 - Destination host: * - User: tmail.io - Mail from: tmail.io - Priority: 1 - Local IPs: 192.0.2.1|192.0.2.2 - Remote host: mailjet_login:********@in.mailjet.com:587
5 - Destination host: mx.example - Priority: 1 - Local IPs: default - Remote host: MX of other.example
6 - Destination host: no.example - Priority: 1 - Local IPs: default - Remote host: reject: 5.7.1 not here
7 - Destination host: wait.example - Priority: 1 - Local IPs: default - Remote host: defer: 4.3.2 delivery to this destination is suspended
8 - Destination host: * - User: * - Mail from: y.example - Priority: 1 - Local IPs: 192.0.2.3&192.0.2.4 - Remote host: me@x.example:********@192.0.2.9:25'
}

@test "secrets only on request" {
	sample
	list | lacks s3cret
	list | lacks /etc/pw
	list --json | lacks s3cret
	list --json | jq -e -s '.[3] | .password == "********" and .password_file == null'
	list --json | jq -e -s '.[7] | .password == null and .password_file == "/etc/pw"'
	list --show-secrets | grep -F -- '- Remote host: mailjet_login:s3cret word@in.mailjet.com:587'
	list --show-secrets | grep -F -- '- Remote host: me@x.example:file:/etc/pw@192.0.2.9:25'
	list --show-secrets --json | jq -e -s '.[3].password == "s3cret word"'
}

@test "a login that a sender asks for is shown, written or not" {
	cat >routes.conf <<-'END'
		route 1 from domain1.com via r.example
		route 2 from domain1.com user any via r.example
		route 3 from domain1.com user * to a.example via r.example
		route 4 from <> via r.example
		route 5 from <>,b@x.example to b.example via r.example
		route 6 via r.example
	END
	"$TMAIL" routes compile -c routes.conf
	for from in '-c routes.conf' '-i routes.idx'; do
		"$TMAIL" routes list $from --json | jq -c '[.id, .user]' | is '[1,["*"]]
[2,["any"]]
[3,["*"]]
[4,[]]
[5,["*"]]
[6,[]]'
		"$TMAIL" routes list $from | grep -Fx '1 - Destination host: * - User: * - Mail from: domain1.com - Priority: 1 - Local IPs: default - Remote host: r.example:25'
		[ "$("$TMAIL" routes list $from --json -u '*' | jq .id | paste -sd ' ')" = '1 3 5' ]
	done
}

# ids FROM FILTER... - the routes of that source that a filter takes.
ids() {
	"$TMAIL" routes list $1 --json "${@:2}" | jq .id | paste -sd ' '
}

@test "a quoted word that would be special is shown in its quotes" {
	cat >routes.conf <<-'END'
		route 1 user any via r.example
		route 2 user "any" via r.example
		route 3 user "*" via r.example
		route 4 user "<>","*.a.example","$x","@x" via r.example
		route 5 user * to b.example via r.example
		route 6 from "$x@a.example","*.b@a.example","\"a,b\"@a.example" via r.example
		route 7 user "a,b","joe" to c.example via r.example
		route 8 user *,"*" to d.example via r.example
		route 9 user "\"any\"","\"joe\"","\"\"" to d.example via r.example
		route 10 to *.e.example user "mx" via "mx"
	END
	"$TMAIL" routes compile -q -c routes.conf
	list | sed -n 's/ - Priority.*//p' | is '1 - Destination host: * - User: any
2 - Destination host: * - User: "any"
3 - Destination host: * - User: "*"
4 - Destination host: * - User: "<>","*.a.example","$x",@x
5 - Destination host: b.example - User: *
6 - Destination host: * - User: * - Mail from: "$x@a.example","*.b@a.example","a,b"@a.example
7 - Destination host: c.example - User: "a,b",joe
8 - Destination host: d.example - User: *,"*"
9 - Destination host: d.example - User: "\"any\"","joe",""
10 - Destination host: *.e.example - User: mx'
	list --json | jq -c '[.id, .to[], .user[]]' | is '[1,"*","any"]
[2,"*","\"any\""]
[3,"*","\"*\""]
[4,"*","\"<>\"","\"*.a.example\"","\"$x\"","@x"]
[5,"b.example","*"]
[6,"*","*"]
[7,"c.example","\"a,b\"","joe"]
[8,"d.example","*","\"*\""]
[9,"d.example","\"\\\"any\\\"\"","\"joe\"","\"\""]
[10,"*.e.example","mx"]'
	# Of an index they come in the order of their bytes.
	sorted() {
		jq -c '[.id, (.to | sort), (.user | sort), (.from | sort)]'
	}
	"$TMAIL" routes list --json -i routes.idx | sorted | diff <(list --json | sorted) -
	for from in '-c routes.conf' '-i routes.idx'; do
		[ "$(ids "$from" -u any)" = 1 ]
		[ "$(ids "$from" -u '"any"')" = 2 ]
		[ "$(ids "$from" -u '*')" = '5 6 8' ]
		[ "$(ids "$from" -u '"*"')" = '3 8' ]
		[ "$(ids "$from" -u '"$x"')" = 4 ]
		[ "$(ids "$from" -u '"Joe"')" = 9 ]
		[ "$(ids "$from" -u JOE)" = 7 ]
		[ "$(ids "$from" -u '"a,b"')" = 7 ]
		[ "$(ids "$from" -u '"\"any\""')" = 9 ]
		[ "$(ids "$from" -f '"a,b"@A.example')" = 6 ]
		[ "$(ids "$from" -f '"$x@a.example"')" = 6 ]
		[ "$(ids "$from" -d '*.e.example')" = 10 ]
		[ "$(ids "$from" -d '"*.e.example"')" = '' ]
	done
	list -d '*.e.example' | grep -F ' - Remote host: "mx":25'
	[ "$(ids '-c routes.conf' -rh '"mx"')$(ids '-c routes.conf' -rh '"mx":25')" = 1010 ]
	[ "$(ids '-c routes.conf' -rh mx)" = '' ]
	"$TMAIL" routes lookup -i routes.idx -d x@y.example -u any | sed -n 1p |
	    is 'matched user "any", to *'
}

@test "JSON, one object a route, keys in order" {
	sample
	list --json >out
	[ "$(wc -l <out)" -eq 8 ]
	sed -n 1p out | is '{"id":1,"to":["toorop.fr"],"user":[],"from":[],"action":"relay","priority":1,"weight":1,"host":"mail.toorop.fr","port":25,"family":null,"local":null,"login":null,"password":null,"password_file":null,"token_file":null,"auth":null,"tls":"opportunistic","tls_name":null,"tls_cert":null,"tls_ca":null,"mail_from":null,"connections":null,"rate":null,"helo":null,"transport":"smtp","relay":null,"lists":[],"file":"routes.conf","line":2,"comment":"the office"}'
	sed -n 2p out | is '{"id":2,"to":["[IPv6:2001:db8::1]","*.xn--bcher-kva.example"],"user":["any"],"from":[],"action":"relay","priority":3,"weight":7,"host":"2001:db8::2","port":26,"family":null,"local":null,"login":null,"password":null,"password_file":null,"token_file":null,"auth":null,"tls":"opportunistic","tls_name":null,"tls_cert":null,"tls_ca":null,"mail_from":null,"connections":null,"rate":null,"helo":null,"transport":"smtp","relay":null,"lists":[],"file":"routes.conf","line":4,"comment":null}'
	sed -n 3p out | is '{"id":3,"to":["a.example"],"user":["bob","ann@a.example"],"from":["<>","x.example"],"action":"relay","priority":1,"weight":1,"host":null,"port":null,"mx":true,"family":null,"local":null,"login":null,"password":null,"password_file":null,"token_file":null,"auth":null,"tls":"opportunistic","tls_name":null,"tls_cert":null,"tls_ca":null,"mail_from":null,"connections":null,"rate":null,"helo":null,"transport":"smtp","relay":null,"lists":[],"file":"routes.conf","line":5,"comment":null}'
	sed -n 4p out | is '{"id":4,"to":["*"],"user":["tmail.io"],"from":["tmail.io"],"action":"relay","priority":1,"weight":1,"host":"in.mailjet.com","port":587,"family":null,"local":{"mode":"round-robin","addresses":["192.0.2.1","192.0.2.2"]},"login":"mailjet_login","password":"********","password_file":null,"token_file":null,"auth":null,"tls":"verified","tls_name":null,"tls_cert":null,"tls_ca":null,"mail_from":null,"connections":null,"rate":null,"helo":null,"transport":"smtp","relay":"mailjet","lists":[],"file":"routes.conf","line":3,"comment":null}'
	sed -n 5p out | jq -e '.host == null and .port == null and .mx == "other.example"'
	sed -n 6p out | is '{"id":6,"to":["no.example"],"user":[],"from":[],"action":"reject","text":"5.7.1 not here","priority":1,"relay":null,"lists":[],"file":"routes.conf","line":7,"comment":null}'
	sed -n 7p out | jq -e '.action == "defer"'
	sed -n 8p out | jq -e '.local.mode == "failover" and .user == ["*"]'
}

@test "routes without an ID show the number they would get" {
	printf 'route to b.example via h.example\nroute 9 via h.example\nroute to a.example via h.example\n' >routes.conf
	list --json | jq -c '[.id, .to[0], .line]' | is '[9,"*",2]
[10,"b.example",1]
[11,"a.example",3]'
}

@test "included files are named as the include has them" {
	mkdir d
	printf 'include "d/*.conf"\nroute 2 to b.example via h.example\n' >routes.conf
	printf '\nroute 1 to a.example via h.example # "quoted"\\\n' >d/x.conf
	list --json | jq -c '[.id, .file, .line, .comment]' | is '[1,"d/x.conf",2,"\"quoted\"\\"]
[2,"routes.conf",2,null]'
}

@test "a list stands for its values" {
	printf 'list many b.example, a.example "c.example" b.example\nroute 1 to $many,d.example via h.example\n' >routes.conf
	list | grep -F 'Destination host: b.example,a.example,c.example,d.example - Priority'
	list -d c.example | grep -q '^1 - '
}

@test "a relay and lists, as they were written" {
	cat >routes.conf <<-'END'
		relay acme acme.example:587
		list partners a.example b.example
		list people joe ann@x.example
		list dollar a.example
		route 1 to $partners,c.example user $people via @acme
		route 2 to $partners,$partners user $people,"$dollar" from $people via mx
		route 3 to $dollar from x.example reject
		route 4 to d.example via @acme priority 2 tls required
		route 5 to d.example via acme.example
	END
	list --json | jq -c '[.id, .relay, .lists]' | is '[1,"acme",["partners","people"]]
[2,null,["partners","people"]]
[3,null,["dollar"]]
[4,"acme",[]]
[5,null,[]]'
	conf='-c routes.conf'
	[ "$(ids "$conf" -d '$partners')" = '1 2' ]
	[ "$(ids "$conf" -d '$people')" = '' ]
	[ "$(ids "$conf" -u '$people')" = '1 2' ]
	[ "$(ids "$conf" -u '$dollar')" = '' ]
	[ "$(ids "$conf" -u '"$dollar"')" = 2 ]
	[ "$(ids "$conf" -f '$people')" = 2 ]
	[ "$(ids "$conf" -d '$none')" = '' ]
	[ "$(ids "$conf" -rh @acme)" = '1 4' ]
	[ "$(ids "$conf" -rh @acme -d '$partners')" = 1 ]
	[ "$(ids "$conf" -rh @none)" = '' ]
	[ "$(ids "$conf" -rh acme.example)" = '1 4 5' ]
	[ "$(ids "$conf" -rh acme.example:587)" = '1 4' ]
	"$TMAIL" routes compile -q -c routes.conf
	"$TMAIL" routes list -i routes.idx --json | jq -s -e 'map(.lists) == [null, null, null, null, null]'
	exits 64 "$TMAIL" routes list -i routes.idx -d '$partners'
	is "tmail: an index knows no lists: '\$NAME' takes no --index alone (see tmail routes list --help)" <err
	[ "$(ids "-i routes.idx" -u '"$dollar"')" = 2 ]
	[ "$(ids "-i routes.idx" -rh @acme)" = '1 4' ]
	"$TMAIL" routes list -i routes.idx --json | jq -s -e \
	    'map(.relay) == ["acme", null, null, "acme", null]'
}

@test "a relay or list without its sign, and what stands behind no option" {
	cat >routes.conf <<-'END'
		relay acme acme.example:587
		list partners a.example b.example
		list people joe ann@x.example
		route 1 to $partners via @acme
		route 2 user $people via mx
		route 3 from $people user any via mx
	END
	exits 0 list -rh acme
	[ ! -s out ]
	is "tmail: note: nothing has 'acme' there: did you mean -rh '@acme'?" <err
	exits 0 list -d partners
	is "tmail: note: nothing has 'partners' there: did you mean -d '\$partners'?" <err
	exits 0 list -u people
	grep -qF "did you mean -u '\$people'?" err
	exits 0 list -f people
	grep -qF "did you mean -f '\$people'?" err
	for asked in '-rh acme --json' '-rh acme -q' '-rh @acme' '-rh other' '-d people' \
	    '-d a.example -rh acme.example'; do
		exits 0 list $asked
		[ ! -s err ]
	done
	exits 64 list 21
	is "tmail: list takes no ID: tmail routes list | grep '^21 ' (see tmail routes list --help)" <err
	exits 64 list @acme
	grep -qF "did you mean -rh '@acme'?" err
	exits 64 list a.example
	grep -qF "did you mean -d 'a.example'?" err
	exits 64 list partners
	grep -qF "list takes no operand 'partners'" err
}

@test "what add took as a host, list finds, and what it shows" {
	for host in h.example mx mx:y.example '[2001:db8::1]' 192.0.2.1; do
		"$TMAIL" routes add -q -c routes.conf -rh "$host" >/dev/null
	done
	for host in h.example mx mx:y.example '[2001:db8::1]' 192.0.2.1; do
		[ "$(ids '-c routes.conf' -rh "$host" | wc -w)" = 1 ]
	done
	while read -r id shown; do
		[ "$(ids '-c routes.conf' -rh "$shown")" = "$id" ]
	done < <(list | sed 's/ - .* - Remote host://')
	[ "$(ids '-c routes.conf' -rh MX)" = 2 ]
	[ "$(ids '-c routes.conf' -rh MX:Y.example)" = 3 ]
	"$TMAIL" routes add -q -c routes.conf -rh mx -rp 26 >/dev/null
	"$TMAIL" routes add -q -c routes.conf -rh mx:y.example -rp 26 >/dev/null
	[ "$(list | grep -c 'host: MX\( of y.example\)*:26')" = 2 ]
	[ "$(ids '-c routes.conf' -rh MX:26)" = 6 ]
	[ "$(ids '-c routes.conf' -rh 'MX of y.example:26')" = 7 ]
	[ "$(ids '-c routes.conf' -rh 'MX of y.example:27')" = '' ]
	[ "$(ids '-c routes.conf' -rh mx)" = '2 6' ]
}

@test "filters compare folded patterns, in every spelling of the options" {
	local option

	sample
	ids() { list --json "$@" | jq .id | paste -sd ' '; }
	[ "$(ids)" = '1 2 3 4 5 6 7 8' ]
	for option in -d -destination --destination; do
		[ "$(ids $option TOOROP.fr.)" = 1 ]
	done
	for option in -u -smtp-user --smtp-user --smtpUser -smtpUser; do
		[ "$(ids $option BOB)" = 3 ]
	done
	for option in -f --mail-from -mailFrom --mailFrom; do
		[ "$(ids $option X.Example)" = 3 ]
	done
	for option in -rh --rh --remote-host -remoteHost --remoteHost; do
		[ "$(ids $option Mail.Toorop.FR.)" = 1 ]
	done
	[ "$(ids -d '*')" = '4 8' ]
	[ "$(ids -d '*.Bücher.example')" = 2 ]
	[ "$(ids -d '*.xn--bcher-kva.example.')" = 2 ]
	[ "$(ids -d '[IPv6:2001:DB8:0:0::1]')" = 2 ]
	[ "$(ids -u any)" = 2 ]
	[ "$(ids -u ann@a.EXAMPLE)" = 3 ]
	[ "$(ids -f '<>')" = 3 ]
	[ "$(ids -rh mail.toorop.fr:25)" = 1 ]
	[ "$(ids -rh mail.toorop.fr:26)" = '' ]
	[ "$(ids -rh '[2001:DB8::2]')" = 2 ]
	[ "$(ids -rh '[2001:db8::2]:26')" = 2 ]
	[ "$(ids -rh 2001:db8:0::2)" = 2 ]
	[ "$(ids -rh mx)" = 3 ]
	[ "$(ids -rh mx:OTHER.example)" = 5 ]
	[ "$(ids -d a.example -u bob -f '<>' -rh mx)" = 3 ]
	[ "$(ids -d a.example -u joe)" = '' ]
	[ "$(ids -d xn--bcher-kva.example)" = '' ]
	[ "$(ids -d 'no such..name')" = '' ]
	[ "$(ids -d '')" = '1 2 3 4 5 6 7 8' ]
	# Several, as add takes them: a route has them all.
	[ "$(ids -u bob,ann@a.example -f '<>, X.example')" = 3 ]
	[ "$(ids -u ann@a.example)" = 3 ]
	[ "$(ids -u ann@a.example,joe)" = '' ]
	[ "$(ids -d '[IPv6:2001:db8::1] , *.bücher.example')" = 2 ]
	[ "$(ids -d a.example,)" = '' ]
}

@test "a filter that takes nothing prints nothing, and is no error" {
	sample
	exits 0 list -d nobody.example
	[ ! -s out ]
	[ ! -s err ]
	: >routes.conf
	exits 0 list -d nobody.example
	[ ! -s out ]
}

@test "no routes" {
	: >routes.conf
	exits 0 list
	is 'There are no routes: all mail follows the MX records' <out
	[ ! -s err ]
	exits 0 list --json
	[ ! -s out ]
	"$TMAIL" routes compile -q -c routes.conf
	exits 0 "$TMAIL" routes list -i routes.idx
	is 'There are no routes: all mail follows the MX records' <out
}

@test "an index alone: its own patterns, sorted, without comments" {
	sample
	"$TMAIL" routes compile -q -c routes.conf -i other.idx
	rm routes.conf
	"$TMAIL" routes list -i other.idx >out
	sed -n 2,3p out | is '2 - Destination host: *.xn--bcher-kva.example,[IPv6:2001:db8::1] - User: any - Priority: 3 - Weight: 7 - Local IPs: default - Remote host: [2001:db8::2]:26
3 - Destination host: a.example - User: ann@a.example,bob - Mail from: <>,x.example - Priority: 1 - Local IPs: default - Remote host: MX'
	grep -F '8 - Destination host: * - User: * - Mail from: y.example - ' out
	"$TMAIL" routes list -i other.idx --json | jq -c '[.id, .file, .line, .comment]' | sed -n 1p |
	    is '[1,"routes.conf",2,null]'
	[ "$("$TMAIL" routes list -i other.idx --json -d '*.bücher.example' | jq .id)" = 2 ]
}

@test "with both named, the configuration is listed" {
	sample
	exits 0 "$TMAIL" routes list -c routes.conf -i nothing.idx
	[ "$(wc -l <out)" -eq 8 ]
	[ ! -s err ]
	TMAIL_ROUTES_CONF=routes.conf exits 0 "$TMAIL" routes list
	[ "$(wc -l <out)" -eq 8 ]
}

@test "an index lists by ID, whatever the number" {
	local id ids=(1 2 2047 2048 2049 4194303 4194304 8390656 2147483648 4292870144 4294967294 4294967295)

	for id in $(printf '%s\n' "${ids[@]}" | shuf --random-source=<(yes)); do
		echo "route $id to r$id.example,*.r$id.example user u$((id % 3)) via h.example"
	done >routes.conf
	"$TMAIL" routes compile -c routes.conf
	"$TMAIL" routes list --index routes.idx --json >rows
	is "$(jq -c '[.id, .to, .user]' rows)" < <(
		for id in "${ids[@]}"; do
			echo "[$id,[\"*.r$id.example\",\"r$id.example\"],[\"u$((id % 3))\"]]"
		done)
}

@test "a stale index is a warning, a missing one is none" {
	sample
	exits 0 list
	[ ! -s err ]
	"$TMAIL" routes compile -q -c routes.conf
	exits 0 list
	[ ! -s err ]
	echo '# more' >>routes.conf
	exits 0 list
	is 'tmail: warning: routes.idx is stale: run tmail routes compile' <err
	[ "$(wc -l <out)" -eq 8 ]
	exits 0 list -q
	[ ! -s err ]
	echo nonsense >routes.idx
	exits 0 list
	is 'tmail: warning: routes.idx: the file is no route index' <err
}

@test "a broken configuration: its errors, and nothing listed" {
	printf 'route 1 to a.example via h.example weight 2\nroute 2 to b.example via h.example:0\n' >routes.conf
	exits 65 list
	[ ! -s out ]
	grep -F 'routes.conf:2:' err
	lacks warning <err
}

@test "files that cannot be had" {
	exits 66 "$TMAIL" routes list -c nothing.conf
	exits 66 "$TMAIL" routes list -i nothing.idx
	echo nonsense >bad.idx
	exits 76 "$TMAIL" routes list -i bad.idx
	sample
	"$TMAIL" routes compile -q -c routes.conf
	printf 'X' | dd of=routes.idx bs=1 seek=1000 conv=notrunc status=none
	exits 76 "$TMAIL" routes list -i routes.idx
	[ ! -s out ]
}

@test "bytes that act on a terminal are escaped" {
	printf 'route 1 user "a\xe2\x80\xaeb\xc2\x9bc\xffd@x.example" via h.example login "\xe2\x81\xa6l" password p\n' |
	    sed 's/\xff//' >routes.conf
	chmod 600 routes.conf
	list | is '1 - Destination host: * - User: a\xE2\x80\xAEb\xC2\x9Bcd@x.example - Priority: 1 - Local IPs: default - Remote host: \xE2\x81\xA6l:********@h.example:25'
	printf 'route 1 via h.example login l password "a\\x1b[2J\\x7f\\xff"\n' >routes.conf
	list --show-secrets | is '1 - Destination host: * - Priority: 1 - Local IPs: default - Remote host: l:a\x1B[2J\x7F\xFF@h.example:25'
	list --show-secrets --json | jq -r .password | od -An -c | tr -d ' \n' | grep -Fx 'a033[2J177357277275\n'
}

@test "columns on a terminal" {
	local long=abcdefghijklmnopqrstuvwxyz0123456789.example

	printf 'route 1 to a.example via h.example\nroute 10 to bücher.example user bob,日本@x.example via h.example weight 2\nroute 2 to %s,%s.net reject\n' $long $long >routes.conf
	script -qec "'$TMAIL' routes list --wide -q -c routes.conf" /dev/null | tr -d '\r' >out
	is 'ID  DESTINATION                               USER                MAIL FROM  PRIO  WEIGHT  LOCAL IPS  REMOTE HOST
1   a.example                                 -                   -          1     1       default    h.example:25
2   abcdefghijklmnopqrstuvwxyz0123456789.example,abcdefghijklmnopqrstuvwxyz0123456789.example.net  -                   -          1     1       default    reject: 5.7.1 delivery to this destination is not permitted
10  xn--bcher-kva.example                     bob,日本@x.example  -          1     2       default    h.example:25' <out
	script -qec "'$TMAIL' routes list -q -c routes.conf -d nobody.example" /dev/null >out
	[ ! -s out ]
	script -qec "'$TMAIL' routes list -q --json -c routes.conf" /dev/null | jq -s -e 'length == 3'
}

@test "usage" {
	sample
	exits 64 list 7
	exits 64 list --frob
	exits 64 list --json=1
	exits 64 list -d
	exits 0 "$TMAIL" routes list --help
	[ "$(wc -l <out)" -le 24 ]
	[ "$(grep -c '^  tmail routes list' out)" -eq 2 ]
	exits 0 "$TMAIL" routes list --version
}

@test "an output that cannot be written" {
	sample
	"$TMAIL" routes compile -q -c routes.conf
	code=0
	list >/dev/full 2>err || code=$?
	[ $code -eq 74 ]
	is 'tmail: cannot write standard output: No space left on device' <err
	seq 5000 | sed 's/.*/route & to d&.example via h.example/' >many.conf
	code=0
	"$TMAIL" routes list -c many.conf >/dev/full 2>err || code=$?
	[ $code -eq 74 ]
	is 'tmail: cannot write standard output: No space left on device' <err
}

@test "many routes, in order" {
	seq 20000 -1 1 | sed 's/.*/route & to d&.example via h.example/' >routes.conf
	list --json | jq .id >ids
	seq 1 20000 | diff - ids
}
