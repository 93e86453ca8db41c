# tmail routes add: what is written, where, and what cannot be smuggled in.

load helper

# adds ID OPTION... - add prints the ID and nothing else.
adds() {
	exits 0 add "${@:2}" && holds out "$1" && [ ! -s err ] || {
		cat out err
		return 1
	}
}

# lookup TO [LOGIN [SENDER]] - the hosts found, in the order of priority and ID.
lookup() {
	printf '%s\t%s\t%s\n' "$1" "$2" "$3" | "$TMAIL" routes lookup --json - |
		jq -r '"\(.action):" + ([.routes[] | "\(.host):\(.port)/\(.priority)"] | join(" "))'
}

@test "the commands of the manual, each with its effect" {
	adds 1 -d tmail.io -rh mail.tmail.io
	[ "$(lookup bob@tmail.io)" = 'relay:mail.tmail.io:25/1' ]
	exits 0 list
	holds out '1 - Destination host: tmail.io - Priority: 1 - Local IPs: default - Remote host: mail.tmail.io:25'
	adds 2 -d tmail.io -rh mail.tmail.io -rp 2525
	[ "$(lookup bob@tmail.io)" = 'relay:mail.tmail.io:25/1 mail.tmail.io:2525/1' ]
	"$TMAIL" route add -d tmail.io -rh mail.tmail.io -rp 587 -rl login -rpwd passwd
	route 3 | jq -e '[.login, .password, .tls, .port] == ["login", "passwd", "verified", 587]'
	"$TMAIL" route add -rh premium.tmail.io -u toorop@tmail.io
	[ "$(lookup bob@tmail.io toorop@tmail.io)" = 'relay:premium.tmail.io:25/1' ]
	"$TMAIL" route add -rh in.mailjet.com -u tmail.io -rl mailjet_login -rpwd mailjet_passwd
	[ "$(lookup x@y.example joe@tmail.io)" = 'relay:in.mailjet.com:25/1' ]
	"$TMAIL" route add -rh in.mailjet.com -u tmail.io -f tmail.io -rl mailjet_login -rpwd mailjet_passwd
	"$TMAIL" routes lookup --json -d x@y.example -u joe@tmail.io -f joe@tmail.io |
		jq -e '.match == {user: "tmail.io", to: "*", from: "tmail.io"} and .routes[0].id == 6'
	exits 0 del 3
	exits 0 list
	[ "$(wc -l <out)" = 5 ]
	holds routes.conf 'route 1 to tmail.io via mail.tmail.io' \
		'route 2 to tmail.io via mail.tmail.io:2525' \
		'route 4 user toorop@tmail.io via premium.tmail.io' \
		'route 5 user tmail.io via in.mailjet.com login mailjet_login password mailjet_passwd' \
		'route 6 user tmail.io from tmail.io via in.mailjet.com login mailjet_login password mailjet_passwd'
	"$TMAIL" routes list | grep -c tmail.io | grep -qx 5
	"$TMAIL" routes add --help | grep -q '^usage: tmail routes add'
}

@test "big, big and small: two thirds go to big" {
	local first

	adds 1 -d tmail.io -rh big.smtp.tmail.io
	exits 0 add -d tmail.io -rh big.smtp.tmail.io
	exits 0 add -d tmail.io -rh small.smtp.tmail.io
	first=$(for seed in {1..300}; do
		"$TMAIL" routes lookup -d tmail.io --plan --seed $seed | head -n 1
	done | grep -c '^big')
	[ "$first" -gt 160 ]
	[ "$first" -lt 240 ]
	# When big is down small comes next, not big again.
	[ "$("$TMAIL" routes lookup -d tmail.io --plan --seed 1 | wc -l)" = 2 ]
}

@test "main, then alt1 and alt2" {
	adds 1 -d tmail.io -rh main.smtp.tmail.io -p 1
	adds 2 -d tmail.io -rh alt1.smtp.tmail.io -p 2
	adds 3 -d tmail.io -rh alt2.smtp.tmail.io -p 2
	[ "$(lookup tmail.io)" = 'relay:main.smtp.tmail.io:25/1 alt1.smtp.tmail.io:25/2 alt2.smtp.tmail.io:25/2' ]
	holds routes.conf 'route 1 to tmail.io via main.smtp.tmail.io priority 1' \
		'route 2 to tmail.io via alt1.smtp.tmail.io priority 2' \
		'route 3 to tmail.io via alt2.smtp.tmail.io priority 2'
}

@test "every option, in every spelling" {
	local n=0 options expected

	while IFS=';' read -r options expected; do
		rm -f routes.*
		eval "adds 1 $options"
		holds routes.conf "route 1$expected"
		n=$((n + 1))
	done <<-'END'
		-d a.example -rh h ; to a.example via h
		--destination=a.example --rh=h ; to a.example via h
		-destination a.example -rh=h ; to a.example via h
		--remote-host h --rp 26 ; via h:26
		-remoteHost h -remotePort 26 ; via h:26
		--remoteHost=h --remote-port=26 ; via h:26
		-rh h:26 ; via h:26
		-rh '[2001:db8::1]' -rp 26 ; via [2001:db8::1]:26
		-rh '[2001:db8::1]:26' ; via [2001:db8::1]:26
		-rh mx --tls required ; via mx tls required
		-rh mx:a.example ; via mx:a.example
		-q -rh h -p 3 -w 1 ; via h priority 3 weight 1
		-rh h --priority=3 --weight=1 -q ; via h priority 3 weight 1
		-rh h -l '192.0.2.1|192.0.2.2' ; via h local 192.0.2.1|192.0.2.2
		-rh h -localIp '192.0.2.1&2001:db8::1' ; via h local 192.0.2.1&2001:db8::1
		-rh h --local-ip '' ; via h
		-rh h -u x -f y.example ; user x from y.example via h
		-rh h --smtp-user x --mail-from y.example ; user x from y.example via h
		-rh h -smtpUser x -mailFrom '<>' ; user x from <> via h
		-rh h -rl l --password-file /x/y ; via h login l password-file /x/y
		-rh h --remote-login=l --remote-passwd=p ; via h login l password p
		-rh h -remoteLogin l -remotePasswd p ; via h login l password p
		-rh h --rl l --rpwd -p ; via h login l password -p
		-rh h --tls-name i --helo me --transport lmtp ; via h tls-name i helo me transport lmtp
		--reject 'no, "never"' ; reject "no, \"never\""
		--defer '4.4.1 later' -p 2 ; defer "4.4.1 later" priority 2
		--reject '' ; reject
		--defer='' -p 2 ; defer priority 2
		-rh h --comment '# one, "two" \\' ; via h # # one, "two" \\
		-rh h -p '' -rl '' --comment '' --reject '' ; via h
		-rh h -d 'a.example,*.b.example,[192.0.2.1],"x y"@c.example' ; to a.example,*.b.example,[192.0.2.1],"\"x y\"@c.example" via h
		-rh h -d 'a.example, b.example  ,*.c.example' -u 'x , y z' ; to a.example,b.example,*.c.example user x,"y z" via h
		-rh h -f 'joe@a.example, ann@a.example,<>' ; from joe@a.example,ann@a.example,<> via h
	END
	[ $n = 33 ]
}

@test "blanks at the ends of a value are a part of it" {
	fails 65 bad-pattern add -rh h -f ' ann@a.example'
	fails 65 bad-pattern add -rh h -f 'joe@a.example, "ann"b @a.example'
	fails 65 bad-pattern add -rh h -u 'ann '
	fails 65 bad-domain add -rh h -d ' a.example'
	fails 65 bad-pattern add -rh h -d 'a.example, '
}

@test "what relays ask for today, by options of the same names" {
	adds 1 -q -rh h.example --family prefer-ipv6 --tls-cert /c --tls-ca /a --mail-from-as a@b.example
	adds 2 -q -d b.example -rh h.example -rl l --token-file /t --auth xoauth2
	adds 3 -q -d c.example --discard
	adds 4 -q -d d.example -rh mx -rp 26
	exits 0 add -q --relay pool -rh mx --connections 5 --rate 10/m
	holds routes.conf 'route 1 via h.example family prefer-ipv6 tls-cert /c tls-ca /a mail-from a@b.example' \
		'route 2 to b.example via h.example login l token-file /t auth xoauth2' \
		'route 3 to c.example discard' 'route 4 to d.example via mx port 26' \
		'relay pool mx connections 5 rate 10/m'
	exits 0 set -q 1 --family '' --mail-from-as c@d.example --tls-ca ''
	exits 0 set -q 2 --discard -rl '' --token-file '' --auth ''
	exits 0 set -q 3 -rh @pool
	exits 0 set -q @pool -rh mx:e.example --rate ''
	holds routes.conf 'route 1 via h.example tls-cert /c mail-from c@d.example' \
		'route 2 to b.example discard' 'route 3 to c.example via @pool' \
		'route 4 to d.example via mx port 26' 'relay pool mx:e.example connections 5'
	exits 64 add -rh h --discard
	exits 64 add --relay r -rh h --discard
	exits 64 set 1 --discard --reject ''
	fails 65 misplaced-option add -rh h --connections 5
	grep -q 'help: give it to a relay' err
}

@test "a login that is called like a keyword, in its quotes" {
	adds 1 -u '"any"' -rh h
	adds 2 -u '"*",bob' -rh h -d '"a.example"'
	holds routes.conf 'route 1 user "any" via h' 'route 2 to "a.example" user "*",bob via h'
	exits 0 list -u '"any"'
	[ "$(wc -l <out)" = 1 ]
	exits 0 set 1 -u '"Any"'
	[ "$(lookup x@y.example Any)" = 'relay:h:25/1' ]
}

@test "an empty pattern is wrong usage: the variable was not set" {
	local option

	for option in -d --destination= -u -smtpUser -f --mail-from=; do
		if [ "${option%=}" = "$option" ]; then
			exits 64 add "$option" '' -rh h.example
		else
			exits 64 add "$option" -rh h.example
		fi
		grep -qE '^tmail: -[duf] is empty: give it a pattern, or leave it out' err
		[ ! -e routes.conf ]
	done
	exits 64 add -d '' x
}

@test "behind the last route of its group, else at the end" {
	mkdir d
	conf '# head' 'route 5 to a.example via h' '# about b' 'route 2 to b.example via h # b' '' \
		'route 9 to $l from x.example via h' 'list l a.example c.example' 'include "d/*"' '# tail'
	printf 'route 3 to d.example via h\n\n# end of d' >d/x
	adds 10 -d A.example. -rh i
	adds 11 -d b.example -rh i
	adds 12 -d c.example -f x.example -rh i
	adds 13 -d c.example -f x.example -u '*' -rh j
	adds 14 -d d.example -rh i
	adds 15 -d e.example -rh i
	adds 16 -d a.example,b.example,z.example -rh i
	holds routes.conf '# head' 'route 5 to a.example via h' 'route 10 to A.example. via i' '# about b' \
		'route 2 to b.example via h # b' 'route 11 to b.example via i' \
		'route 16 to a.example,b.example,z.example via i' '' \
		'route 9 to $l from x.example via h' 'route 12 to c.example from x.example via i' \
		'route 13 to c.example user * from x.example via j' \
		'list l a.example c.example' 'include "d/*"' '# tail' 'route 15 to e.example via i'
	printf 'route 3 to d.example via h\nroute 14 to d.example via i\n\n# end of d' | cmp - d/x
}

@test "the first edit numbers every route of every file, and nothing else" {
	mkdir d
	printf 'route  to a.example via h # one\n\troute 7 to b.example via h\r\nroute \\\n to c.example via h\ninclude "d/y"\nroute via h # "route"' >routes.conf
	printf '\xef\xbb\xbf# route\r\nroute to d.example via h\r\nlist route route.example\r\nroute to $route via h\r\n' >d/y
	exits 0 list --json
	cp out shown
	adds 13 -d e.example -rh h
	printf 'route 8  to a.example via h # one\n\troute 7 to b.example via h\r\nroute 9 \\\n to c.example via h\ninclude "d/y"\nroute 12 via h # "route"\nroute 13 to e.example via h' | cmp - routes.conf
	printf '\xef\xbb\xbf# route\r\nroute 10 to d.example via h\r\nlist route route.example\r\nroute 11 to $route via h\r\n' | cmp - d/y
	exits 0 list --json
	head -n -1 out | diff shown -
}

@test "line ends are those of the line before" {
	printf 'route 1 to a.example via h\r\nroute 2 to b.example via h\n# c\r\n' >routes.conf
	adds 3 -d a.example -rh i
	adds 4 -d b.example -rh i
	adds 5 -d c.example -rh i
	printf 'route 1 to a.example via h\r\nroute 3 to a.example via i\r\nroute 2 to b.example via h\nroute 4 to b.example via i\n# c\r\nroute 5 to c.example via i\r\n' |
		cmp - routes.conf
}

@test "a last line without an end stays one" {
	printf 'route 1 to a.example via h' >routes.conf
	adds 2 -d b.example -rh h
	printf 'route 1 to a.example via h\nroute 2 to b.example via h' | cmp - routes.conf
	adds 3 -d a.example -rh i
	printf 'route 1 to a.example via h\nroute 3 to a.example via i\nroute 2 to b.example via h' |
		cmp - routes.conf
	exits 0 del 2
	exits 0 del 3
	printf 'route 1 to a.example via h' | cmp - routes.conf
	printf '# a\r\n# b' >routes.conf
	adds 1 -rh h
	printf '# a\r\n# b\r\nroute 1 via h' | cmp - routes.conf
	printf '\xef\xbb\xbf' >routes.conf
	adds 1 -rh h
	printf '\xef\xbb\xbfroute 1 via h\n' | cmp - routes.conf
	printf '# ends in a \\' >routes.conf
	adds 1 -rh h
	printf '# ends in a \\\nroute 1 via h' | cmp - routes.conf
	printf 'route 1 via g \\\n\n' >routes.conf
	adds 2 -rh h
	printf 'route 1 via g \\\n\nroute 2 via h\n' | cmp - routes.conf
	printf 'route 1 via g \\\n' >routes.conf
	fails 65 bad-continuation add -rh h
}

@test "a configuration that is not there" {
	mkdir etc
	export TMAIL_ROUTES_CONF=etc/mail.conf
	umask 000
	exits 0 add -rh h --dry-run
	holds out '--- /dev/null' '+++ etc/mail.conf' '@@ -0,0 +1,1 @@' '+route 1 via h'
	[ ! -e etc/mail.conf ]
	adds 1 -rh h -rl l -rpwd p
	[ "$(stat -c %a etc/mail.conf)" = 600 ]
	[ "$(stat -c %a etc/mail.idx)" = 600 ]
	holds etc/mail.conf 'route 1 via h login l password p'
	[ "$(ls -A etc | grep -cv '^mail')" = 1 ]
	export TMAIL_ROUTES_CONF=nowhere/mail.conf
	exits 73 add -rh h
	fails 65 bad-port add -rh h -c new.conf -rp 0
	[ ! -e new.conf ]
	rm -f etc/*
	ln -s nothing etc/mail.conf
	TMAIL_ROUTES_CONF=etc/mail.conf exits 73 add -rh h
}

@test "a symbolic link, and the mode behind it" {
	mkdir real
	echo 'route 1 via h' >real/r.conf
	chmod 640 real/r.conf
	ln -s real/r.conf routes.conf
	adds 2 -rh i
	[ -L routes.conf ]
	[ "$(stat -c %a real/r.conf)" = 640 ]
	holds real/r.conf 'route 1 via h' 'route 2 via i'
	chmod 644 real/r.conf
	adds 3 -rh j -rl l -rpwd p -q
	[ "$(stat -c %a routes.idx)" = 640 ]
}

@test "what is wrong is shown on the command line, and nothing is written" {
	conf 'route 1 to a.example via h'
	fails 65 bad-port add -d b.example -rh mail.example:99999 -p 2
	holds err 'command line:1:48: error: port 99999 is not in 1-65535 [bad-port]' \
		'    1 | tmail routes add -d b.example -rh mail.example:99999 -p 2' \
		'      |                                                ^~~~~'
	fails 65 bad-port add -d b.example -rh h -rp=x
	fails 65 bad-domain add -d 'a..b,c.example' -rh h
	sed -n 3p err | grep -qx '      |                     ^~~~'
	fails 65 bad-domain add -d 'c.example,a..b' -rh h
	sed -n 3p err | grep -qx '      |                               ^~~~'
	fails 65 bad-domain add -d 'c d.example' -rh h
	fails 65 bad-pattern add -f '*' -rh h
	fails 65 bad-pattern add -u any,bob -rh h
	fails 65 bad-pattern add -d a,, -rh h
	fails 65 undefined-relay add -rh @nobody
	fails 65 undefined-list add -d '$nobody' -rh h
	fails 65 misplaced-option add -rh mx --tls-name h.example
	fails 65 misplaced-option add --reject no -w 2
	fails 65 missing-password add -rh h -rl l
	fails 65 missing-login add -rh h -rpwd p
	fails 65 two-passwords add -rh h -rl l -rpwd p --password-file /x
	fails 65 login-opportunistic add -rh h -rl l -rpwd p --tls opportunistic
	fails 65 not-alone add -d a.example --reject no
	fails 65 bad-text add --reject 'schön'
	fails 65 bad-text add --defer '5.1.1 x'
	fails 65 bad-tls add -rh h --tls on
	fails 65 bad-priority add -rh h -p -1
	fails 65 bad-weight add -rh h -w 0
	fails 65 bad-ip add -rh h -l 192.0.2.1,192.0.2.2
	fails 65 bad-ip add -rh 2001:db8::1
	fails 65 mixed-local add -rh h -l '192.0.2.1|192.0.2.2&192.0.2.3'
	fails 65 family-mismatch add -rh 192.0.2.1 -l 2001:db8::1
	fails 65 undefined-relay add -rh @r:25 -rp 26
	fails 65 bad-path add -rh h -rl l --password-file x
	fails 65 bad-transport add -rh h --transport 'a b'
	fails 65 too-long add -rh h -d "$(printf 'x%.0s' {1..1100})@a.example"
	conf 'rout 1'
	fails 65 unknown-keyword add -rh h
	[ "$(head -n 1 err)" = "routes.conf:1:1: error: unknown keyword 'rout' [unknown-keyword]" ]
}

@test "warnings of the new route alone" {
	conf 'relay idle h' 'route 1 to a.example via h login l password p tls off'
	exits 0 add -rh h -rl l -rpwd p --tls required
	[ "$(grep -c ': warning: ' err)" = 1 ]
	grep -q '^command line:1:[0-9]*: warning: .*\[login-unverified\]$' err
	exits 0 add -rh h -rl l -rpwd p --tls required -q
	[ ! -s err ]
}

@test "no value brings a second line or a second word" {
	local option value code base before after words=(-d -u -f -rh -rp -p -w -l -rl -rpwd --password-file --tls --tls-name
		--helo --transport --reject --defer --comment)
	local values=($'x\nroute 2 via evil.example' $'x\r\nroute 2 reject' $'x\rroute' $'x\vy' $'\x1b[2J'
		$'x\x7f' 'x # comment' 'x priority 9' '"' '"x' 'x"' '" priority 9 "' '\' 'x\' '\n' '\x0a' $'x\\\n'
		$'\xff' $'\xc3\x28' '$(touch evil)' '`touch evil`' '%s%n%s' '-' '--' '--help' '#' '# x' ' ' $'\t' '*'
		'any' '<>' '@' '$' 'via evil.example' ';' "'" $'\u2028' $'\u202e' ',' ',,' '=' 'é' 'e%00')

	printf '# keep\nroute 1 to keep.example via h\n# no end' >routes.conf
	before=$(<routes.conf)
	for option in "${words[@]}"; do
		for value in "${values[@]}"; do
			[ -z "$DEV" ] || [ $((RANDOM % 4)) = 0 ] || continue
			code=0 base=(-rh h.example)
			case $option in
			-rh | --reject | --defer) base=() ;;
			-rpwd | --password-file) base+=(-rl l) ;;
			-rl) base+=(-rpwd p) ;;
			esac
			printf %s "$before" >routes.conf
			"$TMAIL" routes add --no-compile "${base[@]}" "$option" "$value" >out 2>err </dev/null || code=$?
			after=$(<routes.conf)
			if [ $code != 0 ]; then
				[[ $code = 6[45] && -s err && $after = "$before" ]]
				continue
			fi
			# One line more, one route more, and it reads back as it was given.
			after=${after#"$before"$'\n'}
			[[ $after = 'route 2 '* && $after != *$'\n'* ]]
			# jq reads UTF-8 only: see the passwords below.
			[[ $value != [$'\xc3\xff']* ]] || continue
			printf '%s\0%s\0' "$option" "$value" >>given
			"$TMAIL" routes list --json --show-secrets -q | tail -n 1 >>read
		done
	done
	[ ! -e evil ]
	[ "$(wc -l <read)" -gt 30 ]
	jq -Rs 'split("\u0000") | if .[-1] == "" then .[:-1] else . end | [range(0; length; 2) as $i | {o: .[$i], v: .[$i + 1]}]' given >pairs
	jq -se --slurpfile pairs pairs 'length == ($pairs[0] | length) and ([., $pairs[0]] | transpose |
		map(select(.[1].o as $o | .[1].v as $v | .[0] | (.id == 2 and .host != "evil.example" and
			(.priority == 1 or $o == "-p") and
			if $o == "-rpwd" then .password == $v
			elif $o == "-rl" then .login == $v
			elif $o == "-u" and ($v | test("^[^,*A-Z@$é]+$") and . != "any") then .user == [$v]
			elif $o == "--comment" and ($v | test("^[# \t]*$") | not)
			then .comment == ($v | gsub("^[ \t]+|[ \t]+$"; ""))
			elif $o == "--reject" then .text | endswith($v)
			else true end) | not)) | if . == [] then true else (., false) end)' read
}

@test "passwords of any bytes go in and come out again" {
	local i value all=

	for i in {1..255}; do
		[ $i = 10 ] || [ $i = 13 ] || all+=$(printf "\\x$(printf %x $i)")x
	done
	exits 0 add -rh h -rl l -rpwd "$all"
	# The list is text; what is in the index is looked at byte by byte.
	LC_ALL=C grep -aqF "$all" routes.idx
	for value in '"' '\\"\' 'a b' $'\t' "'" '#' '******** ' "$(printf 'x%.0s' {1..70000})"; do
		rm routes.*
		exits 0 add -rh h -rl l -rpwd "$value"
		route 1 | jq -e --arg v "$value" '.password == $v' >/dev/null
		exits 0 set 1 -p 2
		route 1 | jq -e --arg v "$value" '.password == $v' >/dev/null
	done
}

@test "usage" {
	conf 'route 1 via h'
	exits 64 add
	exits 64 add -d a.example
	exits 64 add -rh h --reject no
	exits 64 add --reject no --defer no
	exits 64 add -rh h stray
	exits 64 add -rh
	exits 64 add -rh h --no-such
	exits 64 add -rh h --no-compile=1
	exits 64 add --d a.example -rh h
	exits 64 add -d=a.example -rh h
	exits 64 add --dest a.example -rh h
	holds routes.conf 'route 1 via h'
}

@test "a directory that is missing is told how to be made" {
	exits 73 add -c "$PWD/etc/tmail/routes.conf" -d a.example -rh h.example
	grep -qx "tmail: help: make the directory, for a GROUP that delivers: install -d -o root -g GROUP -m 750 $PWD/etc/tmail" err
	[ ! -e etc ]
	exits 66 compile -c "$PWD/etc/tmail/routes.conf"
	grep -q '^tmail: help: make the directory' err
	exits 66 compile -c "$PWD/routes.conf"
	! grep -q help err || false
}
