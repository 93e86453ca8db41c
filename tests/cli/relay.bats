# Relays by command: set @NAME, del @NAME, add --relay, list --relays.

load helper

# becomes LINE NEW OPTION... - set @acme with these options makes NEW of the line.
becomes() {
	local line=$1 new=$2

	conf '# first' "$line" 'route 1 via @acme' '# last'
	exits 0 set @acme "${@:3}" || return
	[ ! -s out ] && holds routes.conf '# first' "$new" 'route 1 via @acme' '# last' || {
		echo "set @acme ${*:3}"
		return 1
	}
}

# lacks TEXT FILE... - none of the files holds it.
lacks() {
	if grep -F -- "$@"; then return 1; fi
}

@test "set: host, port and options, in place" {
	becomes 'relay acme h.example' 'relay acme i.example' -rh i.example
	becomes 'relay acme h.example:26 # c' 'relay acme i.example:26 # c' -rh i.example
	becomes 'relay acme h.example port 26' 'relay acme i.example:27' -rh i.example:27
	becomes 'relay acme [2001:db8::1]' 'relay acme 192.0.2.1' -rh 192.0.2.1
	becomes 'relay  acme  h.example:25' 'relay  acme  h.example:26' -rp 26
	becomes 'relay acme h.example' 'relay acme h.example port 26' -rp 26
	becomes 'relay acme h.example:25' 'relay acme h.example' -rp ''
	becomes 'relay "acme" h.example' 'relay "acme" h.example login l password "p w" # all' \
		-rl l -rpwd 'p w' --comment all
	becomes 'relay acme h.example login l password p tls required' \
		'relay acme h.example login l tls verified password-file /x' \
		-rpwd '' --password-file /x --tls verified
	becomes 'relay acme h.example local 192.0.2.1' 'relay acme h.example helo me.example transport t' \
		-l '' --helo me.example --transport t
	becomes $'relay acme \\\n\th.example \\\n\ttls off # c' \
		$'relay acme \\\n\ti.example \\\n\ttls required # c' -rh i.example --tls required
}

@test "set: the password from standard input, into an included file, through the index" {
	conf 'include "r"' 'route to a.example via @acme'
	printf 'relay acme h.example login l password old' >r
	chmod 644 r
	echo new-s3cret | "$TMAIL" routes set @acme -rpwd - >out 2>err
	printf 'relay acme h.example login l password new-s3cret' | cmp - r
	[ ! -s out ]
	[ "$(grep -c 'r:1:.*\[readable-password\]$' err)" = 1 ]
	lacks s3cret out err
	holds routes.conf 'include "r"' 'route 1 to a.example via @acme'
	[ "$(route 1 | jq -r .password)" = new-s3cret ]
	exits 0 set @acme --dry-run -rh i.example
	lacks s3cret out err
	grep -qF -- '+relay acme i.example login l password ********' out
}

@test "set: what is refused" {
	local option

	conf 'relay acme h.example' 'route 1 via @acme' 'route 2 to a.example via h.acme'
	exits 1 set @none -rh h
	holds err "tmail: there is no relay 'none'"
	exits 64 set @ -rh h
	exits 64 set acme -rh h
	exits 64 set @acme @acme -rh h
	exits 64 set @acme -rh ''
	for option in -d -u -f --reject --defer; do
		exits 64 set @acme $option x
		grep -q 'a relay has no -d' err
	done
	fails 65 misplaced-option set @acme -p 3
	fails 65 misplaced-option set @acme -w 3
	fails 65 bad-port set @acme -rp 0
	fails 65 missing-password set @acme -rl l
	fails 65 bad-domain set @acme -rh @acme
	holds routes.conf 'relay acme h.example' 'route 1 via @acme' 'route 2 to a.example via h.acme'
}

@test "set of a route says where the login is that its relay has" {
	conf 'relay acme h.example login l password p' 'relay open h.example' 'route 1 via @acme' \
	    'route 2 to a.example via @open' 'route 3 to b.example via @acme login m password q'
	fails 65 missing-login set 1 -rpwd new
	[ "$(tail -n 1 err)" = "tmail: help: login and password come from relay 'acme' (routes.conf:1): set @acme" ]
	fails 65 missing-login set 1 --password-file /x
	grep -q 'help: login and password come from' err
	fails 65 missing-login set 2 -rpwd new
	lacks 'come from' err
	fails 65 bad-port set 1 -rp 0
	lacks 'come from' err
	exits 0 set 3 -rpwd new
	exits 0 set 1 -rl m -rpwd new
}

@test "del: a relay that is not in use, a comment behind it, and what else is named" {
	conf '# head' 'relay acme h.acme # mine' '# about' 'relay "beta" \' ' h.beta' 'route 1 via @beta' \
	    'route 2 to a.example via h'
	exits 0 del @acme
	[ ! -s out ]
	[ ! -s err ]
	holds routes.conf '# head' '# about' 'relay "beta" \' ' h.beta' 'route 1 via @beta' \
	    'route 2 to a.example via h'
	exits 1 del @acme 2
	holds err "tmail: there is no relay 'acme'"
	# With its last route it may go.
	exits 0 del 1 @beta @beta
	holds routes.conf '# head' '# about' 'route 2 to a.example via h'
	exits 64 del @
	exits 64 del beta
}

@test "del: a relay in use stays, and the places are told" {
	local i

	mkdir d
	conf 'relay acme h.acme' 'route to a.example via @acme' 'include "d/*"' \
	    'route 9 to b.example via acme'
	printf '# x\nroute 5 to c.example via @acme port 26\n' >d/x
	cp routes.conf before
	exits 1 del @acme
	holds err "tmail: relay 'acme' is in use: route 10 (routes.conf:2)" \
	    "tmail: relay 'acme' is in use: route 5 (d/x:2)"
	exits 1 del 5 @acme
	holds err "tmail: relay 'acme' is in use: route 10 (routes.conf:2)"
	cmp before routes.conf
	exits 0 del 10 5 @acme -q
	holds routes.conf 'include "d/*"' 'route 9 to b.example via acme'
	{ echo 'relay acme h.acme'; for i in {1..25}; do echo "route $i to d$i.example via @acme"; done; } >routes.conf
	exits 1 del @acme
	[ "$(wc -l <err)" = 11 ] && [ "$(tail -n 1 err)" = 'tmail: and 15 more' ]
}

@test "add: behind the last relay of the main file, else at its end" {
	exits 0 add --relay acme -rh h.acme
	[ ! -s out ]
	[ "$(stat -c %a routes.conf)" = 600 ]
	grep -q "^command line:1:26: warning: relay 'acme' is never used \[unused-relay\]\$" err
	[ "$(grep -c : err)" = 1 ]
	holds routes.conf 'relay acme h.acme'
	printf '# head\nroute to a.example via @acme\r\ninclude "d"\nrelay acme h.acme # a\r\n\nroute via h' >routes.conf
	printf 'relay inner h.inner\nroute to b.example via @inner' >d
	exits 0 add --relay beta -rh h.beta -rp 587 -rl l -rpwd 'p w' --tls required --comment two -q
	[ ! -s out ]
	[ ! -s err ]
	printf '# head\nroute 1 to a.example via @acme\r\ninclude "d"\nrelay acme h.acme # a\r\nrelay beta h.beta:587 login l password "p w" tls required # two\r\n\nroute 3 via h' | cmp - routes.conf
	printf 'relay inner h.inner\nroute 2 to b.example via @inner' | cmp - d
	exits 0 add -d c.example -rh @beta
	[ "$(route 4 | jq -c '[.host, .port, .login, .tls]')" = '["h.beta",587,"l","required"]' ]
	conf 'route 1 via h'
	exits 0 add -q --relay=acme -rh '[2001:db8::1]' -rp 26
	holds routes.conf 'route 1 via h' 'relay acme [2001:db8::1]:26'
}

@test "add: a relay's password from standard input, told if others can read it, never shown" {
	conf 'route 1 via h'
	chmod 644 routes.conf
	echo s3cret | "$TMAIL" routes add --relay acme -rh h -rl l -rpwd - >out 2>err
	grep -q '^routes.conf:2:.*\[readable-password\]$' err
	lacks s3cret out err
	grep -qx 'relay acme h login l password s3cret' routes.conf
	exits 0 add --relay beta -rh h -rl l -rpwd s3cret --dry-run
	grep -qF -- '+relay beta h login l password ********' out
	exits 65 add --relay gamma -rh h -rl l -rpwd s3cret -rp 0
	lacks s3cret out err
}

@test "add: what is refused" {
	local option

	conf 'relay acme h' 'route 1 via @acme'
	fails 65 duplicate-relay add --relay acme -rh i
	grep -q '^routes.conf:1:7: note: first defined here' err
	fails 65 bad-name add --relay 'a b' -rh i
	fails 65 bad-name add --relay @a -rh i
	fails 65 bad-domain add --relay a -rh @acme
	fails 65 misplaced-option add --relay a -rh i -p 3
	grep -q '^command line:1:' err
	exits 64 add --relay '' -rh i
	exits 64 add --relay a
	grep -q 'add --relay wants -rh HOST' err
	exits 64 add --relay a --relay b -rh i
	for option in -d -u -f --reject --defer; do
		exits 64 add --relay a -rh i $option x
		grep -q 'a relay has no -d' err
	done
	holds routes.conf 'relay acme h' 'route 1 via @acme'
}

@test "list --relays: in file order, with what a route gets" {
	mkdir d
	conf 'default local 192.0.2.1|192.0.2.2 helo me.example' 'relay zeta h.zeta:26 # the last' \
	    'include "d/*"' 'relay six [2001:db8::1] tls off' 'route 1 via @acme' \
	    'relay beta h local 192.0.2.9 port 587 transport t # login u password s3cret'
	printf '# x\nrelay "acme" In.Acme.Example login u \\\n password s3cret tls implicit' >d/x
	exits 0 list --relays -q
	holds out 'zeta - Local IPs: 192.0.2.1|192.0.2.2 - Remote host: h.zeta:26' \
	    'acme - Local IPs: 192.0.2.1|192.0.2.2 - Remote host: u:********@in.acme.example:465' \
	    'six - Local IPs: default - Remote host: [2001:db8::1]:25' \
	    'beta - Local IPs: 192.0.2.9 - Remote host: h:587'
	exits 0 list --relays --json -q
	lacks s3cret out err
	[ "$(jq -c '[.name, .file, .line, .comment]' out | paste -sd ' ')" = \
	    '["zeta","routes.conf",2,"the last"] ["acme","d/x",2,null] ["six","routes.conf",4,null] ["beta","routes.conf",6,"login u password ********"]' ]
	sed -n 2p out | jq -e '[.host, .port, .login, .password, .tls, .helo, .transport] ==
		["in.acme.example", 465, "u", "********", "implicit", "me.example", "smtp"]'
	# The keys are those of a route from host on.
	exits 0 list --json -q
	[ "$(jq -c 'del(.id, .to, .user, .from, .action, .priority, .weight, .relay, .lists, .line, .comment)' out)" = \
	    "$("$TMAIL" routes list --relays --json -q | sed -n 2p | jq -c 'del(.name, .line, .comment) | .file = "routes.conf"')" ]
	exits 0 list --relays --show-secrets -q
	grep -qx 'acme .*: u:s3cret@in.acme.example:465' out
}

@test "list --relays: none, and what is refused" {
	local option

	conf 'route 1 via h'
	exits 0 list --relays
	holds out 'There are no relays'
	exits 0 list --relays --json
	[ ! -s out ]
	for option in -d -u -f -rh; do
		exits 64 list --relays $option x
	done
	exits 64 list --relays --index routes.idx
	echo 'relay a' >>routes.conf
	exits 65 list --relays
}

@test "a relay of a script: added, used, changed, listed, taken out" {
	exits 0 add -q --relay acme -rh in.acme.example -rp 587 -rl u --password-file /x
	exits 0 add -d a.example -rh @acme
	holds out 1
	exits 0 set @acme -rh out.acme.example -rp ''
	[ "$(route 1 | jq -c '[.host, .port, .tls]')" = '["out.acme.example",25,"verified"]' ]
	exits 0 list --relays
	holds out 'acme - Local IPs: default - Remote host: u:********@out.acme.example:25'
	exits 1 del @acme
	exits 0 set 1 -rh mx
	grep -q 'unused-relay' err
	exits 0 del @acme
	[ ! -s err ]
	holds routes.conf 'route 1 to a.example via mx'
}
