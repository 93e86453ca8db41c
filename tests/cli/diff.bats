# tmail routes diff: routes by ID, decisions, samples.  That the decisions are the right ones, tests/property/decisions.pl shows.

load helper

# old LINE... and new LINE... - write the two configurations.
old() {
	printf '%s\n' "$@" >old.conf
}

new() {
	printf '%s\n' "$@" >new.conf
}

# differs CODE OPTION... - diff of the two with --exit-code.
differs() {
	exits "$1" diff --exit-code "${@:2}" old.conf new.conf
}

# decided - the decisions in `out`, one a line: USER TO FROM: OLD -> NEW, each TO and host.
decided() {
	jq -r '.decisions[] | "\(.user) \(.to) \(.from): \(.old.match.to) \(.old.routes[0].host) \(.new.match.to) \(.new.routes[0].host)"' out
}

@test "nothing differs: no output, but for JSON" {
	old 'route 1 to a.example via h.example'
	new '# another comment' '' 'route 1 to A.example. via h.example:25 # and place'
	for format in human markdown; do
		differs 0 --format $format
		[ ! -s out ]
		[ ! -s err ]
	done
	differs 0 --json
	[ "$(cat out)" = '{"routes":{"added":[],"removed":[],"changed":[]},"decisions":[],"samples":null}' ]
}

@test "routes added, removed and changed" {
	old 'route 1 to a.example via h.example' 'route 2 to b.example via h.example' \
	    'route 4 to c.example via h.example login u password one' 'route 9 to d.example reject'
	new 'route 1 to a.example via i.example port 26 priority 2' 'route 10 to b.example via h.example' \
	    'route 11 to b.example via h.example' 'route 12 to b.example via h.example' \
	    'route 4 to c.example via h.example login u password two' 'route 9 to d.example reject "no"'
	differs 1
	head -n 5 out >routes
	holds routes 'routes 10-12 added' 'route 2 removed' 'route 1 changed: priority, host, port' \
	    'route 4 changed: password changed' 'route 9 changed: text'
	! grep -qw one out || false
	! grep -qw two out || false
	differs 1 --json
	[ "$(jq -c .routes out)" = '{"added":[10,11,12],"removed":[2],"changed":[{"id":1,"fields":["priority","host","port"]},{"id":4,"fields":["password"]},{"id":9,"fields":["text"]}]}' ]
	exits 0 diff old.conf new.conf
}

@test "every field that can change is told" {
	local field old new

	while read -r field old new; do
		old "route 1 to a.example,b.example ${old//_/ }"
		new "route 1 to a.example,b.example ${new//_/ }"
		differs 1 --json
		[ "$(jq -c '[.routes.changed[].fields[]]' out)" = "[$field]" ] || {
			echo "$field: $old $new"
			cat out
			return 1
		}
	done <<-'END'
		"host" via_h via_i
		"host","port","mx" via_h via_mx
		"mx" via_mx:a via_mx:b
		"action" via_h reject
		"weight" via_h_weight_2 via_h_weight_4
		"family" via_h via_h_family_ipv6
		"local" via_h via_h_local_192.0.2.1
		"local" via_h_local_192.0.2.1|192.0.2.2 via_h_local_192.0.2.1&192.0.2.2
		"login","password","tls" via_h via_h_login_a_password_b
		"password","password_file" via_h_login_a_password_b via_h_login_a_password-file_/b
		"password_file","token_file" via_h_login_a_password-file_/b via_h_login_a_token-file_/b
		"auth" via_h_login_a_password_b via_h_login_a_password_b_auth_plain
		"tls" via_h via_h_tls_off
		"tls_name" via_h_tls_verified via_h_tls_verified_tls-name_n
		"tls_cert" via_h_tls_required via_h_tls_required_tls-cert_/c
		"tls_ca" via_h_tls_verified via_h_tls_verified_tls-ca_/c
		"mail_from" via_h via_h_mail-from_b@a.example
		"helo" via_h via_h_helo_x.example
		"transport" via_h via_h_transport_bulk
	END
	for limit in '"connections" connections 5' '"rate" rate 5/s'; do
		old 'relay r h' 'route 1 to a.example via @r'
		new "relay r h ${limit#* }" 'route 1 to a.example via @r'
		differs 1 --json
		[ "$(jq -c '[.routes.changed[].fields[]]' out)" = "[${limit%% *}]" ]
		[ "$(jq '.decisions | length' out)" = 1 ]
	done
	old 'source 192.0.2.1 helo a.example' 'route 1 via h local 192.0.2.1'
	new 'source 192.0.2.1 helo b.example' 'route 1 via h local 192.0.2.1'
	differs 1
	grep -qx 'route 1 changed: local' out
	grep -q '^  - .*, source 192.0.2.1 helo a.example, ' out
}

@test "what no mail can tell apart is no decision" {
	old 'relay r h.example connections 5' 'route 1 to a.example via @r # one' \
	    'route 2 to b.example via h weight 1' 'route 3 to b.example via i weight 2' \
	    'route 4 to c.example via h login u password one' 'route 5 to d.example via h' \
	    'route 6 to d.example via h' 'route 7 to d.example via i' 'route 8 user any via h'
	new 'route 8 via h' 'route 2 to b.example via h weight 2' 'route 3 to b.example via i weight 4' \
	    'route 4 to c.example via h login u password two' 'route 15 to d.example via h weight 2' \
	    'route 7 to d.example via i' 'route 11 to a.example via @other # two' \
	    'relay other h.example connections 5'
	differs 1
	[ "$(grep -c '^routes\? ' out)" = "$(wc -l <out)" ]
	grep -qx 'route 2 changed: weight' out
	! grep -q 'route 8' out
}

@test "expectations do not matter, not even those that fail" {
	old 'route 1 to a.example via h.example' 'expect to a.example via other.example'
	new 'route 1 to a.example via h.example'
	exits 0 diff --exit-code old.conf new.conf
	[ ! -s out ] && [ ! -s err ]
}

@test "what a mail can tell apart is one" {
	local change

	old 'route 1 to a.example via h' 'route 2 to a.example via i'
	for change in 'route 2 to a.example via i weight 2' 'route 2 to a.example via i priority 2' \
	    'route 2 to a.example via i port 26' 'route 2 to a.example via i tls required' \
	    'route 2 to a.example via h' 'route 2 to a.example via i transport bulk'; do
		new 'route 1 to a.example via h' "$change"
		differs 1 --json
		[ "$(jq -c '.decisions[] | [.user, .to, .from]' out)" = '[null,"a.example",null]' ]
	done
}

@test "a group that one side has counts as a change from what its mail gets otherwise" {
	old 'route 1 via all' 'route 2 to *.example via wild' 'route 3 user bob via bob' \
	    'route 4 to gone.example via all'
	new 'route 1 via all' 'route 2 to *.example via wild' 'route 3 user bob via bob' \
	    'route 5 to new.example via h' 'route 6 to *.new.example via h' 'route 7 user bob from x.example via h' \
	    'route 8 to 192.0.2.1.example,[192.0.2.1] via all' 'route 9 user b@x from <> via h'
	differs 1 --json
	decided >got
	holds got 'b@x * <>: * all * h' 'bob * x.example: * bob * h' \
	    'null *.new.example null: *.example wild *.new.example h' \
	    'null 192.0.2.1.example null: *.example wild 192.0.2.1.example all' \
	    'null [192.0.2.1] null: * all [192.0.2.1] all' \
	    'null gone.example null: gone.example all *.example wild' \
	    'null new.example null: *.example wild new.example h'
	differs 1
	grep -qx -- '  - as to \*.example: 1. wild:25 priority 1, tls opportunistic, route 2 (old.conf:2)' out
	[ "$(tail -n 1 out)" = '7 decisions: 0 changed, 6 new, 1 gone' ]
	# Without any of them it is the MX.
	old 'route 2 to b.example via h'
	new 'route 2 to b.example via h' 'route 3 to a.example via h'
	differs 1 --json
	[ "$(jq -c '.decisions[].old' out)" = '{"match":null,"action":"mx","routes":[]}' ]
	differs 1
	grep -qx -- '  - no route: MX' out
}

@test "a decision has what lookup says of its mail" {
	old 'route 1 to a.example via h1 login u password s3cret' 'route 2 via mx'
	new 'route 1 to a.example reject "no"' 'route 2 via mx'
	differs 1 --json
	exits 0 lookup --compile -c old.conf --json -d x@a.example
	jq -S 'del(.to, .user, .from)' out >lookup
	differs 1 --json
	jq -S '.decisions[0].old' out | diff - lookup
	! grep -q s3cret out || false
	exits 0 diff --json --show-secrets old.conf new.conf
	[ "$(jq -r '.decisions[0].old.routes[0].password' out)" = s3cret ]
}

@test "a login that looks like a pattern is one" {
	old 'route 1 user * via h' 'route 2 user "*" via h' 'route 3 user "any" via h'
	new 'route 1 user * via h' 'route 2 user "*" via i' 'route 3 user "any" via h'
	differs 1
	grep -qx 'user "\*", to \*' out
	[ "$(grep -c '^user' out)" -eq 1 ]
}

@test "names as long as they may be" {
	label=$(printf '%063d' 0)
	for n in 60 59 58 57 56 55 50; do
		name=$label.$label.$label.$(printf "%0${n}d" 0)
		old "route 1 to *.$name via h" "route 2 user $(printf '%01024d' 0) via h" \
		    "route 4 from a@$name user any via h" "route 5 from $name user any via h"
		sed 's/via h/via i/' old.conf >new.conf
		differs 1 --json
		# Nobody has a domain below a name of 252 bytes.
		[ "$(jq '.decisions | length' out)" = $((n == 60 ? 3 : 4)) ]
		[ "$(jq -c .routes.changed[].fields out | sort -u)" = '["host"]' ]
	done
	# The name that stands for those below is one that no pattern has.
	for c in {a..z} {0..9}; do
		echo "route to $c.$label.$label.$label.$(printf '%059d' 0) via h"
	done >old.conf
	name=$label.$label.$label.$(printf '%059d' 0)
	cp old.conf new.conf
	echo "route 99 to *.$name via h" >>new.conf
	differs 1
	sed -i '$!d' new.conf
	sed -i 's/^route to 5/route 5 to 5/' old.conf
	grep -v '^route to 7' old.conf >some.conf
	exits 0 diff --json new.conf some.conf
	[ "$(jq '.decisions | length' out)" = 36 ]
}

@test "configurations and indexes, told by what they begin with" {
	old 'route 1 to a.example via h'
	new 'route 1 to a.example via i'
	"$TMAIL" routes compile -c old.conf
	"$TMAIL" routes compile -c new.conf
	differs 1
	cp out wanted
	for pair in 'old.idx new.conf' 'old.conf new.idx' 'old.idx new.idx'; do
		exits 1 diff --exit-code $pair
		diff wanted out
	done
	cp old.idx index.conf
	exits 0 diff --exit-code index.conf old.conf
}

@test "pipes and standard input" {
	mkdir more
	old 'include "more/*.conf"' 'route 1 to a.example via h'
	echo 'route 2 to b.example via h' >more/b.conf
	new 'include "more/*.conf"' 'route 1 to a.example via i'
	for command in 'diff <(cat old.conf) new.conf' 'diff - new.conf <old.conf' \
	    'diff - new.conf < <(cat old.conf)' 'diff <(cat old.conf) <(cat new.conf)' \
	    'diff <("$TMAIL" routes compile -c old.conf && cat old.idx) new.conf'; do
		eval "\"\$TMAIL\" routes $command" >out 2>err
		[ ! -s err ]
		[ "$(head -n 1 out)" = 'route 1 changed: host' ]
		[ "$(tail -n 1 out)" = '1 decision: 1 changed, 0 new, 0 gone' ]
	done
	"$TMAIL" routes diff old.conf - </dev/null >out
	[ "$(head -n 1 out)" = 'routes 1, 2 removed' ]
	echo 'route 1 vai h' >bad.conf
	code=0
	"$TMAIL" routes diff <(cat bad.conf) new.conf >out 2>err || code=$?
	[ $code -eq 65 ]
	grep -q '^pipe-[0-9]*:1:9: error: ' err
	exits 64 diff - -
	exits 64 diff --samples - - new.conf
}

@test "against the last commit" {
	command -v git >/dev/null || skip "needs git"
	git init -q . && git config user.name a && git config user.email a@example.org
	conf 'route 1 to a.example via h'
	git add routes.conf && git commit -q -m one
	conf 'route 1 to a.example via i'
	"$TMAIL" routes diff <(git show HEAD:routes.conf) routes.conf >out
	[ "$(head -n 1 out)" = 'route 1 changed: host' ]
}

@test "samples: what becomes of given mails" {
	old 'route 1 via all' 'route 2 to tls.example via t tls required' \
	    'route 3 to login.example via all login u password p' 'route 4 to no.example reject' \
	    'route 5 to half.example via a tls required' 'route 6 to half.example via b tls verified'
	new 'route 1 via all' 'route 2 to tls.example via t' 'route 3 to login.example via all tls verified' \
	    'route 4 to no.example via all' 'route 5 to half.example via a tls required' \
	    'route 6 to half.example via b' 'route 7 to relay.example via all:26' \
	    'route 8 to same.example via all' 'route 9 to bad.example reject' 'route 10 to wait.example defer'
	printf '%s\n' a@tls.example $'b@login.example\tbob\t<>' c@no.example d@half.example \
	    e@relay.example f@same.example g@bad.example h@wait.example >mails
	differs 1 --json --samples mails
	jq -c '.samples | del(.total) | to_entries[] | [.key, .value.count, .value.first[].to]' out >got
	jq .samples.total out >>got
	holds got '["relay",3,"c@no.example","e@relay.example","h@wait.example"]' \
	    '["tls_lost",2,"a@tls.example","d@half.example"]' '["tls_gained",0]' \
	    '["login_lost",1,"b@login.example"]' '["login_gained",0]' '["rejected",1,"g@bad.example"]' 8
	[ "$(jq -c '.samples.login_lost.first[0]' out)" = '{"to":"b@login.example","user":"bob","from":"<>"}' ]
	exits 0 diff --json --samples mails new.conf old.conf
	[ "$(jq -c '.samples | [.tls_gained.count, .login_gained.count, .rejected.count]' out)" = '[2,1,1]' ]
	differs 1 --samples mails
	sed -n '/samples/,$p' out >got
	holds got '3 of 8 samples get another relay' '  c@no.example' '  e@relay.example' \
	    '  h@wait.example' '2 of 8 samples lose TLS' '  a@tls.example' '  d@half.example' \
	    '1 of 8 samples lose the login' '  b@login.example, user bob, from <>' \
	    '1 of 8 samples become rejected' '  g@bad.example'
}

@test "of samples the first twenty are shown" {
	old 'route 1 via h'
	new 'route 1 via i'
	seq -f 'u%.0f@a.example' 45 >mails
	differs 1 --samples mails
	grep -qx '45 of 45 samples get another relay' out
	[ "$(grep -c '^  u' out)" -eq 20 ]
	"$TMAIL" routes diff --json --samples - old.conf new.conf <mails >out
	[ "$(jq -c '.samples.relay | [.count, (.first | length), .first[19].to]' out)" = '[45,20,"u20@a.example"]' ]
	printf 'a@b.example\nc d\n' >mails
	exits 65 diff --samples mails old.conf new.conf
	grep -q 'mails:2: blanks where TABs belong' err
	[ ! -s out ]
	exits 66 diff --samples none old.conf new.conf
}

@test "Markdown keeps what means something there apart" {
	old 'relay r h_i.example' 'route 1 to a_b.example via @r' 'route 2 user "x|y" via h'
	new 'relay r h.example' 'route 1 to a_b.example via @r login "<b>`*" password p' \
	    'route 2 user "x|y" via h2'
	differs 1 --format markdown
	grep -qF '| to a\_b.example | 1. h\_i.example:25' out
	grep -qF 'login \<b\>\`\*:\*\*\*\*\*\*\*\*' out
	grep -qF '| user x\|y, to \* |' out
	[ "$(grep -c '^| --- ' out)" -eq 1 ]
}

@test "colours change nothing else" {
	old 'route 1 to a.example via h' 'route 2 to b.example via h'
	new 'route 1 to a.example via i' 'route 3 to c.example via h'
	differs 1
	cp out plain
	differs 1 --color always
	grep -q $'\x1b' out && sed 's/\x1b\[[0-9;]*m//g' out | diff plain -
}

@test "wrong usage, and sides that cannot be read" {
	old 'route 1 via h'
	new 'route 1 via'
	exits 64 diff old.conf
	exits 64 diff old.conf old.conf old.conf
	exits 64 diff -c old.conf old.conf old.conf
	exits 64 diff --format yaml old.conf old.conf
	exits 64 diff --json --format human old.conf old.conf
	exits 65 diff old.conf new.conf
	grep -q '^new.conf:1:12: error: ' err
	[ ! -s out ]
	exits 66 diff none old.conf
	exits 66 diff . old.conf
	"$TMAIL" routes compile -c old.conf
	printf x | dd of=old.idx bs=1 seek=400 conv=notrunc 2>/dev/null
	exits 76 diff old.idx old.conf
	code=0
	"$TMAIL" routes diff <(cat old.idx) old.conf >out 2>err || code=$?
	[ $code -eq 76 ]
}
