# tmail routes lookup: one mail and many, for people and for programs.

setup() {
	TMAIL=$(realpath "${TMAIL:-$BATS_TEST_DIRNAME/../../build/tmail}")
	cd "$BATS_TEST_TMPDIR"
	unset TMAIL_ROUTES_CONF TMAIL_ROUTES_INDEX
}

lookup() {
	"$TMAIL" routes lookup -i routes.idx "$@"
}

# is TEXT - standard input is TEXT and a line end.
is() {
	diff <(printf '%s\n' "$1") -
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

# index - compiles the configuration on standard input.
index() {
	umask 077
	cat >routes.conf
	"$TMAIL" routes compile -q -c routes.conf
}

example() {
	index <<'END'
route 1 to tmail.io via mail.tmail.io
route 2 user toorop@tmail.io via premium.tmail.io
route 3 user tmail.io via in.mailjet.com:587 login mj password s3cret
route 4 user tmail.io from tmail.io via in2.mailjet.com
route 5 to * via smarthost.example.net
route 6 to partner.example via mx
END
}

@test "the examples of routes.conf(5), human and JSON" {
	local to login from id

	example
	while read -r to login from id; do
		exits 0 lookup -d "$to" -u "${login#-}" -f "$from" --json
		[ "$(jq -c '[.routes[].id]' out)" = "[$id]" ]
		exits 0 lookup -d "$to" -u "${login#-}" -f "$from"
		sed -n 2p out | grep -F ", route $id (routes.conf:$id)"
		[ "$(wc -l <out)" -eq 2 ]
	done <<'END'
bob@tmail.io - x@y.example 1
bob@tmail.io toorop@tmail.io z@y.example 2
bob@tmail.io toorop@tmail.io toorop@tmail.io 4
a@gmail.com joe@tmail.io z@y.example 3
a@partner.example - x@y.example 6
a@gmail.com - x@y.example 5
END
}

@test "for people: the rung, then the candidates" {
	example
	lookup -d bob@tmail.io -u toorop@tmail.io -f toorop@tmail.io | is 'matched user tmail.io, from tmail.io, to *
  1. in2.mailjet.com:25 priority 1, weight 1, local default, no login, tls opportunistic, route 4 (routes.conf:4)'
	lookup -d a@gmail.com -u joe@tmail.io | is 'matched user tmail.io, to *
  1. in.mailjet.com:587 priority 1, weight 1, local default, login mj:********, tls verified, route 3 (routes.conf:3)'
	lookup -d x@partner.example | is 'matched to partner.example
  1. MX of partner.example priority 1, weight 1, local default, no login, tls opportunistic, route 6 (routes.conf:6)'
	lookup -d a@gmail.com -u joe@tmail.io --show-secrets | grep -F 'login mj:s3cret,'
}

@test "candidates by priority, then ID, with their source addresses" {
	index <<'END'
route 4 to a.example via [2001:db8::1]:2525 priority 2 weight 3 local 2001:db8::a|2001:db8::b
route 3 to a.example via b.example login me password-file /etc/pw
route 2 to a.example via mx:c.example priority 3 local 192.0.2.1&192.0.2.2
route 1 to a.example from <> via mx
END
	lookup -d a.example | is 'matched to a.example
  1. b.example:25 priority 1, weight 1, local default, login me:********, tls verified, route 3 (routes.conf:2)
  2. [2001:db8::1]:2525 priority 2, weight 3, local 2001:db8::a|2001:db8::b, no login, tls opportunistic, route 4 (routes.conf:1)
  3. MX of c.example priority 3, weight 1, local 192.0.2.1&192.0.2.2, no login, tls opportunistic, route 2 (routes.conf:3)'
	lookup -d a.example --show-secrets | grep -F 'login me:file:/etc/pw,'
	lookup -d a.example -f '<>' | sed -n 1p | is 'matched from <>, to a.example'
	lookup -d a.example -f '' | sed -n 1p | is 'matched to a.example'
}

@test "no route is exit code 1, and names the domain whose MX gets it" {
	index <<<'route 1 to a.example via h.example'
	exits 1 lookup -d 'bob@GMail.com.'
	is 'no route: MX of gmail.com' <out
	[ ! -s err ]
	exits 1 lookup -d 'bob@bücher.example'
	is 'no route: MX of xn--bcher-kva.example' <out
	exits 1 lookup -d '[192.0.2.1]'
	is 'no route: MX of [192.0.2.1]' <out
	printf '%s\n' $'bob@b\033ad..' bob@ | lookup - | is 'no route: MX of b\x1Bad..
no route: MX of (no domain)'
	exits 1 lookup -d bob@gmail.com --plan
	is 'no route: MX of gmail.com' <out
	exits 1 lookup -d bob@gmail.com --json
	is '{"to":"bob@gmail.com","user":null,"from":null,"match":null,"action":"mx","routes":[]}' <out
	exits 1 lookup -d bob@gmail.com --json --plan
	is '{"to":"bob@gmail.com","user":null,"from":null,"match":null,"action":"mx","routes":[],"plan":[]}' <out
}

@test "reject and defer are found, with their text" {
	index <<'END'
route 7 to no.example reject "5.7.1 \x5c \x22not\x22 here"
route 8 to *.no.example defer
END
	exits 0 lookup -d x@no.example
	is 'matched to no.example
  reject: 5.7.1 \ "not" here, route 7 (routes.conf:1)' <out
	exits 0 lookup -d x@no.example --plan
	is 'matched to no.example
  reject: 5.7.1 \ "not" here, route 7 (routes.conf:1)' <out
	exits 0 lookup -d x@sub.no.example
	is 'matched to *.no.example
  defer: 4.3.2 delivery to this destination is suspended, route 8 (routes.conf:2)' <out
	exits 0 lookup -d x@no.example --json
	is '{"to":"x@no.example","user":null,"from":null,"match":{"user":null,"to":"no.example","from":null},"action":"reject","text":"5.7.1 \\ \"not\" here","routes":[{"id":7}]}' <out
	exits 0 lookup -d x@a.no.example --json --plan
	jq -e '.action == "defer" and .routes == [{"id": 8}] and .plan == []' out
}

@test "JSON: keys in order, echo of the query" {
	index <<'END'
relay r in2.mailjet.com:587 login mj password s3cret tls-name mx.mailjet.com helo me.example transport mailjet
route 4 user Tmail.IO from tmail.io via @r local 192.0.2.1|192.0.2.2 priority 3 weight 2
route 5 to p.example via mx
route 6 to p.example via mx:Q.example priority 2
route 7 to q.example via [2001:db8::1] local 2001:db8::2 login l password-file /etc/pw tls required
END
	lookup --json -d 'Bob@tmail.io' -u toorop@TMAIL.io -f toorop@tmail.io | is '{"to":"Bob@tmail.io","user":"toorop@TMAIL.io","from":"toorop@tmail.io","match":{"user":"tmail.io","to":"*","from":"tmail.io"},"action":"relay","routes":[{"id":4,"priority":3,"weight":2,"host":"in2.mailjet.com","port":587,"family":null,"local":{"mode":"round-robin","addresses":["192.0.2.1","192.0.2.2"]},"login":"mj","password":"********","password_file":null,"token_file":null,"auth":null,"tls":"verified","tls_name":"mx.mailjet.com","tls_cert":null,"tls_ca":null,"mail_from":null,"connections":null,"rate":null,"helo":"me.example","transport":"mailjet"}]}'
	lookup --json --show-secrets -d b.example -u x@tmail.io -f x@tmail.io | jq -e '.routes[0].password == "s3cret"'
	lookup --json -d p.example -f '<>' | is '{"to":"p.example","user":null,"from":"<>","match":{"user":null,"to":"p.example","from":null},"action":"relay","routes":[{"id":5,"priority":1,"weight":1,"host":null,"port":null,"mx":true,"family":null,"local":null,"login":null,"password":null,"password_file":null,"token_file":null,"auth":null,"tls":"opportunistic","tls_name":null,"tls_cert":null,"tls_ca":null,"mail_from":null,"connections":null,"rate":null,"helo":null,"transport":"smtp"},{"id":6,"priority":2,"weight":1,"host":null,"port":null,"mx":"q.example","family":null,"local":null,"login":null,"password":null,"password_file":null,"token_file":null,"auth":null,"tls":"opportunistic","tls_name":null,"tls_cert":null,"tls_ca":null,"mail_from":null,"connections":null,"rate":null,"helo":null,"transport":"smtp"}]}'
	lookup --json -d q.example -u '' -f '' | is '{"to":"q.example","user":null,"from":null,"match":{"user":null,"to":"q.example","from":null},"action":"relay","routes":[{"id":7,"priority":1,"weight":1,"host":"2001:db8::1","port":25,"family":null,"local":{"mode":"failover","addresses":["2001:db8::2"]},"login":"l","password":null,"password_file":"/etc/pw","token_file":null,"auth":null,"tls":"required","tls_name":null,"tls_cert":null,"tls_ca":null,"mail_from":null,"connections":null,"rate":null,"helo":null,"transport":"smtp"}]}'
}

@test "--plan: equal routes are one attempt with the sum of their weights" {
	index <<'END'
route 1 to a.example via big.example
route 2 to a.example via small.example
route 3 to a.example via big.example weight 2
route 4 to a.example via big.example priority 2
route 5 to a.example via last.example:26 priority 9 local 192.0.2.1|192.0.2.2|192.0.2.3
END
	lookup --json --plan -d a.example --seed 1 >out
	jq -e '.routes | map(.id) == [1, 2, 3, 4, 5]' out
	jq -c '.plan[] | select(.priority == 2)' out |
	    is '{"host":"big.example","port":25,"routes":[4],"priority":2,"weight":1,"local":[]}'
	jq -e '.plan[:2] | sort_by(.host) | map([.host, .routes, .weight]) ==
	    [["big.example", [1, 3], 3], ["small.example", [2], 1]]' out
	jq -e '.plan[3] | keys_unsorted == ["host", "port", "routes", "priority", "weight", "local"]' out
	jq -e '.plan[3].local | sort == ["192.0.2.1", "192.0.2.2", "192.0.2.3"]' out
	lookup --plan -d a.example >out
	[ "$(wc -l <out)" -eq 4 ]
	grep -Fx 'big.example:25 priority 1, weight 3, local default, no login, tls opportunistic, route 1 (routes.conf:1), route 3 (routes.conf:3)' out
	sed -n 4p out | grep -E '^last\.example:26 priority 9, weight 1, local 192\.0\.2\.[123]\|192\.0\.2\.[123]\|192\.0\.2\.[123], '
}

@test "--plan with an MX" {
	index <<<'route 1 to a.example via mx
route 2 to a.example via mx:B.example priority 2'
	lookup --json --plan -d a.example | jq -c .plan |
	    is '[{"host":null,"port":null,"mx":true,"routes":[1],"priority":1,"weight":1,"local":[]},{"host":null,"port":null,"mx":"b.example","routes":[2],"priority":2,"weight":1,"local":[]}]'
	lookup --plan -d x@A.example | is 'MX of a.example priority 1, weight 1, local default, no login, tls opportunistic, route 1 (routes.conf:1)
MX of b.example priority 2, weight 1, local default, no login, tls opportunistic, route 2 (routes.conf:2)'
}

# Routes that differ in nothing but one option are attempts of their own.
@test "--plan: what differs in one option is not one attempt" {
	index <<'END'
route 1 to a.example via h.example
route 2 to a.example via h.example:26
route 3 to a.example via h.example tls off
route 4 to a.example via h.example tls-name x.example
route 5 to a.example via h.example helo x.example
route 6 to a.example via h.example transport x
route 7 to a.example via h.example login l password p
route 8 to a.example via h.example login l password q
route 9 to a.example via h.example login l password-file /p
route 10 to a.example via h.example local 192.0.2.1
route 11 to a.example via h.example local 192.0.2.1|192.0.2.2
route 12 to a.example via h.example local 192.0.2.1&192.0.2.2
route 13 to a.example via h.example priority 2
route 14 to a.example via h.example:25 tls opportunistic transport smtp
route 15 to a.example via h.example local 192.0.2.2
route 16 to a.example via h.example local 192.0.2.1|192.0.2.3
END
	lookup --json --plan -d a.example |
	    jq -e '.plan | map(.routes) | sort == ([range(2; 17) | select(. != 14) | [.]] + [[1, 14]] | sort)'
}

@test "a seed makes the order repeatable, without one it differs" {
	seq 1 20 | sed 's/.*/route & to a.example via h&.example/' | index
	lookup --plan -d a.example --seed 18446744073709551615 >one
	lookup --plan -d a.example --seed=18446744073709551615 | diff one -
	if lookup --plan -d a.example --seed 7 | diff -q one -; then false; fi
	for i in 1 2 3 4; do lookup --plan -d a.example | head -n 3 | md5sum; done | sort -u >orders
	[ "$(wc -l <orders)" -gt 1 ]
	# In a batch each line is drawn anew; the first one as if it were alone.
	printf 'a.example\na.example\n' >queries
	lookup --json --plan --seed 5 - <queries >two
	lookup --json --plan --seed 5 - <queries | diff two -
	lookup --json --plan --seed 5 -d a.example | diff - <(sed -n 1p two)
	if diff -q <(sed -n 1p two) <(sed -n 2p two); then false; fi
}

@test "shares follow the weights" {
	index <<<'route 1 to a.example via big.example weight 3
route 2 to a.example via small.example'
	yes a.example | head -n 4000 | lookup --json --plan --seed 1 - |
	    jq -r '.plan[0].host' | sort | uniq -c >shares
	awk '/big/ { exit !($1 > 2850 && $1 < 3150) }' shares
}

@test "--explain: the rungs in their order, and where it stopped" {
	example
	lookup --explain -d bob@tmail.io -f '<>' | is 'tried from <>, to bob@tmail.io
tried to bob@tmail.io
tried from <>, to tmail.io
matched to tmail.io
  1. mail.tmail.io:25 priority 1, weight 1, local default, no login, tls opportunistic, route 1 (routes.conf:1)'
	lookup --explain -d bob@tmail.io -u toorop@tmail.io -f a@b.example >out
	sed -n 1,3p out | is 'tried user toorop@tmail.io, from a@b.example, to bob@tmail.io
tried user tmail.io, from a@b.example, to bob@tmail.io
tried user *, from a@b.example, to bob@tmail.io'
	grep -A1 -Fx 'tried user *, from b.example, to *' out | sed -n 2p | is 'matched user toorop@tmail.io, to *'
	lookup --explain --plan -d tmail.io | is 'matched to tmail.io
mail.tmail.io:25 priority 1, weight 1, local default, no login, tls opportunistic, route 1 (routes.conf:1)'
	lookup --explain --json -d bob@sub.tmail.io | jq -c .rungs | is '[{"user":null,"to":"bob@sub.tmail.io","from":null,"found":false},{"user":null,"to":"sub.tmail.io","from":null,"found":false},{"user":null,"to":"*.tmail.io","from":null,"found":false},{"user":null,"to":"*.io","from":null,"found":false},{"user":null,"to":"*","from":null,"found":true}]'
	index <<<'route 1 to a.example via h.example'
	exits 1 lookup --explain -d x@b.example
	is 'tried to x@b.example
tried to b.example
tried to *.example
tried to *
no route: MX of b.example' <out
	exits 1 lookup --explain --json -d x@b.example
	jq -e '[.rungs[].found] == [false, false, false, false]' out
}

@test "without a login: what a login would have led to is said" {
	local note='tmail: note: route 1 (routes.conf:1) asks for a login: -u' from

	index <<-'END'
		route 1 from domain1.com via r.example
		route 2 to a.example user any from domain1.com via i.example
		route 3 user joe to b.example via j.example
		route 4 to c.example user * via k.example priority 2
		route 5 to c.example user * via l.example
	END
	exits 1 lookup -d x@y.example -f joe@domain1.com
	is 'no route: MX of y.example' <out
	is "$note" <err
	# A login's rungs come before all others.
	exits 0 lookup -d x@a.example -f joe@domain1.com --explain --plan
	grep -Fx 'matched from domain1.com, to a.example' out
	is "$note" <err
	exits 1 lookup -d x@c.example
	is 'tmail: note: route 5 (routes.conf:5) asks for a login: -u' <err
	# Nothing that breaks a pipeline, and nothing where a login changes nothing or was given.
	exits 1 lookup -d x@y.example -f joe@domain1.com -q
	[ ! -s err ]
	exits 1 lookup -d x@y.example -f joe@domain1.com --json
	[ ! -s err ]
	exits 0 lookup -d x@y.example -f joe@domain1.com -u joe
	[ ! -s err ]
	for from in '<>' joe@domain2.com ''; do
		exits 1 lookup -d x@y.example -f "$from"
		[ ! -s err ]
	done
	exits 1 lookup -d x@b.example
	[ ! -s err ]
	printf 'x@y.example\t\tjoe@domain1.com\n' >queries
	exits 0 lookup - <queries
	[ ! -s err ]
}

@test "a sender that is no address is told" {
	example
	exits 0 lookup -d a@gmail.com -f ann
	is "tmail: note: the sender 'ann' is no address: no route asks for it" <err
	for from in '' '<>' x@y.example '<x@y.example>' '"a b"@y.example'; do
		exits 0 lookup -d a@gmail.com -f "$from"
		[ ! -s err ]
	done
	for from in 'Ann <x@y.example>' x@ x@y..example; do
		exits 0 lookup -d a@gmail.com -f "$from"
		grep -qF "the sender '$from' is no address" err
		exits 0 lookup -d a@gmail.com -f "$from" -q
		[ ! -s err ]
		exits 0 lookup -d a@gmail.com -f "$from" --json
		[ ! -s err ]
	done
}

@test "many: one line for each, in order, exit code 0" {
	example
	printf 'bob@tmail.io\na@gmail.com\tjoe@tmail.io\tz@y.example\na@b.example\t\t<>\n' >queries
	exits 0 lookup - <queries
	is 'matched to tmail.io; 1. mail.tmail.io:25 priority 1, weight 1, local default, no login, tls opportunistic, route 1 (routes.conf:1)
matched user tmail.io, to *; 1. in.mailjet.com:587 priority 1, weight 1, local default, login mj:********, tls verified, route 3 (routes.conf:3)
matched to *; 1. smarthost.example.net:25 priority 1, weight 1, local default, no login, tls opportunistic, route 5 (routes.conf:5)' <out
	exits 0 lookup --json - <queries
	jq -c '[.to, .user, .from, .routes[0].id]' out | is '["bob@tmail.io",null,null,1]
["a@gmail.com","joe@tmail.io","z@y.example",3]
["a@b.example",null,"<>",5]'
	exits 0 lookup --plan - <queries
	[ "$(cut -d' ' -f1 out | paste -sd ' ')" = 'mail.tmail.io:25 in.mailjet.com:587 smarthost.example.net:25' ]
	exits 0 lookup --explain - <queries
	[ "$(wc -l <out)" -eq 3 ]
	index <<<'route 1 to a.example via h.example'
	exits 0 lookup - <queries
	is 'no route: MX of tmail.io
no route: MX of gmail.com
no route: MX of b.example' <out
	exits 0 lookup --json - </dev/null
	[ ! -s out ]
}

@test "many: whatever is in the lines" {
	index <<<'route 1 to * via h.example
route 2 user bob via i.example
route 3 to a.example from <> via j.example'
	# Empty, CRLF, NUL, no UTF-8, blanks, too many fields, missing last line end.
	printf '\na.example\t\t<>\r\nx\0y@a.example\tbob\n\xff\xc3@a.example\n \t \t \n\t\t\t\t\r\na.example\tbob\t\textra\n\r\n\r\r\nlast.example\tbob' >queries
	exits 65 lookup - <queries
	[ "$(wc -l <out)" -eq 10 ]
	exits 65 lookup --json - <queries
	jq -c '[.to, .user, .from, .routes[0].id // .error]' out | is '["",null,null,1]
["a.example",null,"<>",3]
["x\u0000y@a.example","bob",null,2]
["��@a.example",null,null,1]
[" "," "," ","blanks where TABs belong"]
["",null,null,"a fourth field"]
["a.example","bob",null,"a fourth field"]
["",null,null,1]
["\r",null,null,1]
["last.example","bob",null,2]'
	exits 65 lookup --json --explain --plan - <queries
	[ "$(jq -s length out)" -eq 10 ]
}

@test "many: a line that is no query is an error of its own" {
	index <<<'route 1 to x.example via h.example
route 2 to * user "a b" via i.example'
	cat >queries <<-'END'
		bob@x.example joe@y.example ann@y.example
		bob@x.example	joe	ann@y.example	more
		bob@x.example	joe ann@y.example
		bob@x.example	joe <>
		bob@x.example	joe	ann@y.example <>
		bob@x.example 	joe
		bob@x.example	 joe
		bob@x.example	joe 
		bob@x.example			
		bob@x.example	joe	<>
		"bob ann"@x.example		"a b"@y.example
		bob@x.example	a b
		a b@a b.example	joe	ann@y.example
		a b@a b.example	joe
		x@x.example>
		<x@x.example
	END
	exits 65 lookup - <queries
	is 'error: blanks where TABs belong
error: a fourth field
error: blanks where TABs belong
error: blanks where TABs belong
error: blanks where TABs belong
error: blanks where TABs belong
error: blanks where TABs belong
error: blanks where TABs belong
error: a fourth field
matched to x.example; 1. h.example:25 priority 1, weight 1, local default, no login, tls opportunistic, route 1 (routes.conf:1)
matched to x.example; 1. h.example:25 priority 1, weight 1, local default, no login, tls opportunistic, route 1 (routes.conf:1)
matched user a b, to *; 1. i.example:25 priority 1, weight 1, local default, no login, tls opportunistic, route 2 (routes.conf:2)
no route: MX of a b.example
error: blanks where TABs belong
error: a bracket too few
error: a bracket too few' <out
	is 'tmail: line 1 of standard input: blanks where TABs belong; 12 lines are no queries' <err
	exits 65 lookup --json --explain --plan - <queries
	[ "$(jq -s 'map(.error) | length' out)" = 16 ]
	sed -n 1,2p out | is '{"to":"bob@x.example joe@y.example ann@y.example","user":null,"from":null,"error":"blanks where TABs belong"}
{"to":"bob@x.example","user":"joe","from":"ann@y.example","error":"a fourth field"}'
	exits 65 lookup -q --json - < <(printf 'x.example\na b@x.example\n')
	is 'tmail: line 2 of standard input: blanks where TABs belong' <err
	# What is worse comes first.
	damage 9 1
	exits 76 lookup - <queries
	exits 65 lookup - < <(printf 'b.example\na b@x.example\n')
}

@test "the angle brackets of SMTP are taken off, and repeated" {
	index <<<'route 1 to bob@x.example from ann@y.example user any via h.example
route 2 to x.example from <> via i.example
route 3 to y.example via mx'
	exits 0 lookup -d '<Bob@x.example>' -f '<ann@Y.example>'
	sed -n 1p out | is 'matched from ann@y.example, to bob@x.example'
	exits 0 lookup -d '<Bob@x.example>' -f '<ann@Y.example>' --json
	jq -c '[.to, .from, .routes[0].id]' out | is '["<Bob@x.example>","<ann@Y.example>",1]'
	exits 0 lookup -d '<y.example>'
	sed -n 2p out | grep -F '  1. MX of y.example priority'
	exits 0 lookup -d '<Bob@x.example>' -f '<>'
	sed -n 1p out | is 'matched from <>, to x.example'
	printf '<bob@x.example>\t\t<ann@y.example>\n<bob@x.example>\t\t<>\n<>\n<a@z.example>\n' >queries
	exits 0 lookup --json - <queries
	jq -c '[.to, .from, .routes[0].id]' out | is '["<bob@x.example>","<ann@y.example>",1]
["<bob@x.example>","<>",2]
["<>",null,null]
["<a@z.example>",null,null]'
	exits 0 lookup - <queries
	tail -n 1 out | is 'no route: MX of z.example'
	for to in '<>' '<bob@x.example' 'bob@x.example>' '<<bob@x.example>>' '< bob@x.example >'; do
		exits 1 lookup -d "$to"
		grep -q 'is no address and no domain: write -d' err
	done
}

@test "JSON: each byte of a string as RFC 8259 wants it" {
	index <<<'route 1 to * via h.example'
	# All bytes but those that part words and lines; then broken, overlong, a surrogate, too high, cut.
	perl -e 'print map({chr} grep {!/^(9|10|13|32)$/} 0..127), "/\xc3\xa9\xf0\x9f\x98\x80",
	    "a\xe2\x82b\xc0\xafc\xed\xa0\x80d\xf4\x90\x80\x80e\xc3", "\n"' >queries
	exits 0 lookup --json - <queries
	perl -ne '/"to":(".*?"),"user"/ and print "$1\n"' out >got
	perl -e '$r = "\xef\xbf\xbd"; print "\"", map({$_ eq "\"" || $_ eq "\\" ? "\\$_" : $_ eq "\b" ? "\\b" :
	    $_ eq "\f" ? "\\f" : $_ lt " " ? sprintf("\\u%04X", ord) : $_}
	    map {chr} grep {!/^(9|10|13|32)$/} 0..127), "/\xc3\xa9\xf0\x9f\x98\x80",
	    "a", $r x 2, "b", $r x 2, "c", $r x 3, "d", $r x 4, "e", $r, "\"\n"' >want
	cmp got want
	jq -e . out
}

@test "many: lines of any length" {
	index <<<'route 1 to * via h.example'
	{ head -c 300000 /dev/zero | tr '\0' a; echo; echo b.example; head -c 70000 /dev/zero | tr '\0' '@'; } >queries
	exits 0 lookup --json - <queries
	[ "$(jq -c '.to | length' out | paste -sd ' ')" = '300000 9 70000' ]
	[ "$(jq -c '.routes[0].id' out | paste -sd ' ')" = '1 1 1' ]
}

@test "many: who asks gets an answer before the next question" {
	local answer

	index <<<'route 1 to * via h.example'
	coproc ASKED { lookup --json -; }
	for to in a.example b.example; do
		echo $to >&${ASKED[1]}
		read -r -t 10 answer <&${ASKED[0]}
		[ "$(jq -r .to <<<"$answer")" = $to ]
	done
	exec {ASKED[1]}>&-
	wait $ASKED_PID
}

@test "many: an output that cannot be written" {
	local code=0

	example
	yes a@gmail.com | lookup - 2>err >/dev/full || code=$?
	[ $code -eq 74 ]
	is 'tmail: cannot write standard output: No space left on device' <err
	code=0
	exits 74 lookup --json - <.
	is 'tmail: cannot read standard input: Is a directory' <err
	{ yes a@gmail.com | lookup - || echo $? >code; } 2>err | head -n 1 | grep -F smarthost
	[ "$(cat code)" -eq 74 ]
}

# damage SECTION AT - overwrites a byte of a section of the index with 0xFF.
damage() {
	local offset

	offset=$(od -An -tu8 -j $((80 + 16 * $1)) -N 8 routes.idx)
	printf '\xff' | dd of=routes.idx bs=1 seek=$((offset + $2)) conv=notrunc status=none
}

@test "damage is never 'no route', and every line has its answer" {
	index <<<'route 1 to a.example via h.example'
	# The kind of the one hop: what an open does not see, a look at the route does.
	damage 9 1
	exits 76 lookup -d a.example
	[ ! -s out ]
	is 'tmail: routes.idx: the route index is damaged' <err
	exits 76 lookup --json -d a.example
	[ ! -s out ]
	printf 'a.example\nb.example\n' >queries
	exits 76 lookup - <queries
	is 'error: the route index is damaged
no route: MX of b.example' <out
	exits 76 lookup --json - <queries
	sed -n 1p out | is '{"to":"a.example","user":null,"from":null,"error":"the route index is damaged"}'
	[ "$(wc -l <out)" -eq 2 ]
}

@test "an index that cannot be had" {
	exits 66 lookup -d a.example
	is "tmail: routes.idx: the route index does not exist: run 'tmail routes compile'" <err
	exits 66 lookup - </dev/null
	mkdir routes.idx
	exits 66 lookup -d a.example
	rmdir routes.idx
	echo nonsense >routes.idx
	exits 76 lookup -d a.example
	example
	"$TMAIL" routes lookup -c routes.conf -d a.example >/dev/null
	TMAIL_ROUTES_INDEX=routes.idx "$TMAIL" routes lookup -d a.example >/dev/null
	if [ "$(id -u)" -ne 0 ]; then
		chmod 0 routes.idx
		exits 66 lookup -d a.example
	fi
}

@test "what is no recipient is answered as a delivery would, with a note" {
	local to

	index <<<'route 1 to a.example via h.example
route 2 to * via all.example'
	for to in 'Bob <bob@a.example>' bob@ @a.example '*.a.example' bob@a..example \
		$'bob@a\t.example' $'b\x9bob@a.example' 'bob ann@a.example'; do
		exits 0 lookup -d "$to"
		grep -q "^tmail: note: .* is no address and no domain: write -d bob@example.org\$" err
		case $to in
		b*b@a.example | *ann@a.example | @*) grep -qx 'matched to a.example' out ;;
		*) grep -qx 'matched to \*' out ;;
		esac
		exits 0 lookup -d "$to" -q
		[ ! -s err ]
		exits 0 lookup -d "$to" --json
		[ ! -s err ]
	done
	exits 64 lookup bob@a.example
	is "tmail: 'bob@a.example' stands behind no option: did you mean -d 'bob@a.example'? (see tmail routes lookup --help)" <err
	for to in a.example bob@A.Example. '"bob <ann>"@a.example' 'bÖb@a.example' \
		'bob@[IPv6:2001:db8::1]'; do
		exits 0 lookup -d "$to"
		[ ! -s err ]
	done
	index <<<'route 1 to a.example via h.example'
	exits 1 lookup -d bob@
	head -n 1 out | is 'no route: MX of (no domain)'
}

@test "usage" {
	local seed

	example
	exits 64 lookup
	exits 64 lookup -d ''
	exits 64 lookup -u joe@tmail.io
	exits 64 lookup a@b.example
	exits 64 lookup -d a@b.example c@d.example
	exits 64 lookup - -
	exits 64 lookup - -d a@b.example
	exits 64 lookup -d a@b.example --frob
	for seed in -1 1x '' x 18446744073709551616 +1 ' 1'; do
		exits 64 lookup -d a@b.example --seed "$seed"
	done
	for option in -d -destination --destination; do
		lookup $option a@gmail.com -smtpUser joe@tmail.io --mailFrom x@y.example | grep -F 'route 3 '
		lookup $option a@gmail.com --smtp-user joe@tmail.io -mail-from x@tmail.io | grep -F 'route 4 '
	done
	exits 0 "$TMAIL" routes lookup --help
	[ "$(wc -l <out)" -le 24 ]
	[ "$(grep -c '^  tmail routes lookup' out)" -eq 2 ]
}

@test "what others chose is escaped" {
	index <<<'route 1 user "x‮y@x.example" via h.example'
	lookup -d a.example -u 'x‮y@x.example' | sed -n 1p | is 'matched user x\xE2\x80\xAEy@x.example, to *'
	lookup --explain -d a.example -f $'\033]0;a@b.example' | sed -n 1p |
	    is 'tried from \x1B]0;a@b.example, to a.example'
}

# asks ARGUMENT... - a lookup of the configuration that is here.
asks() {
	exits "$1" "$TMAIL" routes lookup -c routes.conf "${@:2}"
}

@test "--compile answers from the configuration and writes nothing" {
	example
	sed -i 's/mail.tmail.io/new.tmail.io/' routes.conf
	echo 'route to new.example from <> reject "no"' >>routes.conf
	cp routes.idx old.idx
	touch -d '1 hour ago' routes.idx routes.conf .routes.conf.lock
	find . -type f ! -name out ! -name err -printf '%p %s %t %i\n' | sort >"$BATS_TEST_TMPDIR.before"
	asks 0 --compile -d bob@tmail.io
	[ "$(grep -c new.tmail.io out)" = 1 ]
	[ ! -s err ]
	asks 0 --compile -d bob@new.example -f '<>' --json
	[ "$(jq -r .text out)" = '5.7.1 no' ]
	printf 'bob@tmail.io\nx@partner.example\n' >queries
	asks 0 --compile --json - <queries
	[ "$(jq -r '.routes[0].id' out | paste -sd ' ')" = '1 6' ]
	rm queries
	find . -type f ! -name out ! -name err -printf '%p %s %t %i\n' | sort |
	    diff "$BATS_TEST_TMPDIR.before" -
	cmp routes.idx old.idx
	# What compile then writes gives the same answers.
	asks 0 --compile -d bob@tmail.io -u joe@tmail.io --explain --plan --seed 3
	mv out compiled
	"$TMAIL" routes compile -c routes.conf
	asks 0 -d bob@tmail.io -u joe@tmail.io --explain --plan --seed 3
	diff compiled out
	rm routes.idx
	exits 0 "$TMAIL" routes lookup -c <(cat routes.conf) --compile -d bob@tmail.io
	[ ! -e routes.idx ]
}

@test "--compile of what is no good configuration" {
	example
	echo 'route to x.example' >>routes.conf
	asks 65 --compile -d bob@tmail.io
	grep -q 'missing-action' err
	[ ! -s out ]
	exits 66 "$TMAIL" routes lookup -c none.conf --compile -d bob@tmail.io
	exits 64 "$TMAIL" routes lookup -c routes.conf -i routes.idx --compile -d bob@tmail.io
	grep -q 'no -i' err
}

@test "a single lookup warns of a stale index" {
	local stale='tmail: warning: routes.idx is stale: run tmail routes compile'

	mkdir d
	echo 'route 9 to d.example via d' >d/x
	index <<<$'include "d/*"\nroute 1 via h'
	asks 0 -d a@b.example
	[ ! -s err ]
	# Newer and the same, other and not newer.
	touch -d '+1 hour' routes.conf
	asks 0 -d a@b.example
	[ ! -s err ]
	echo '# new' >>routes.conf
	touch -d '1 hour ago' routes.conf
	asks 0 -d a@b.example
	[ ! -s err ]
	touch -d '+1 hour' routes.conf
	asks 0 -d a@b.example
	is "$stale" <err
	TMAIL_ROUTES_CONF=routes.conf exits 0 "$TMAIL" routes lookup -d a@b.example --json
	is "$stale" <err
	asks 0 -d a@b.example -q
	[ ! -s err ]
	TMAIL_ROUTES_CONF=routes.conf exits 0 lookup -d a@b.example
	[ ! -s err ]
	asks 0 - <<<a@b.example
	[ ! -s err ]
	# An included file counts, too; one that cannot be read does not.
	"$TMAIL" routes compile -c routes.conf
	touch -d '1 hour ago' routes.conf
	echo 'route 10 to e.example via e' >>d/x
	touch -d '+1 hour' d/x
	asks 0 -d a@b.example
	is "$stale" <err
	# So do a new one, one that is gone, and that of a list.
	touch -d '1 hour ago' d/x
	"$TMAIL" routes compile -c routes.conf
	echo 'route 11 to f.example via f' >d/y
	touch -d '+1 hour' d/y
	asks 0 -d a@b.example
	is "$stale" <err
	"$TMAIL" routes compile -c routes.conf
	rm d/y
	asks 0 -d a@b.example
	is "$stale" <err
	echo a.example >list
	echo 'list l file "list"' >>routes.conf
	"$TMAIL" routes compile -q -c routes.conf
	touch -d '1 hour ago' routes.conf
	touch -d '+1 hour' list
	asks 0 -d a@b.example
	[ ! -s err ]
	echo b.example >>list
	touch -d '+1 hour' list
	asks 0 -d a@b.example
	is "$stale" <err
	rm routes.conf
	asks 0 -d a@b.example
	[ ! -s err ]
}
