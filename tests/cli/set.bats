# tmail routes set: each field given, changed and taken away, in place.

load helper

# becomes LINE NEW OPTION... - set with these options makes NEW of the line.
becomes() {
	local line=$1 new=$2

	conf '# first' 'relay r r.example' 'route 1 to z.example via z.example' "$line" '' '# last'
	exits 0 set 2 "${@:3}" || return
	[ ! -s out ] && holds routes.conf '# first' 'relay r r.example' \
		'route 1 to z.example via z.example' "$new" '' '# last' || {
		echo "set 2 ${*:3}"
		return 1
	}
}

@test "selectors" {
	becomes 'route 2 via h.example' 'route 2 to a.example via h.example' -d a.example
	becomes 'route 2 to b.example via h.example' 'route 2 to a.example via h.example' -d a.example
	becomes 'route 2 to b.example via h.example' 'route 2 via h.example' -d ''
	becomes 'route 2 to b.example  user bob via h.example' 'route 2  user bob via h.example' -d ''
	becomes 'route 2 user bob,ann via h.example' 'route 2 via h.example' -u ''
	becomes 'route 2 via h.example' 'route 2 user any from <>,a.example via h.example' \
		-f '<>,a.example' -u any
	becomes 'route 2 from x.example to y.example via h.example' \
		'route 2 from x.example to y.example user * via h.example' --smtp-user '*'
	becomes 'route 2 to "a.example",b.example,"c.example" user x via h.example' \
		'route 2 to d.example user x via h.example' -d d.example
	becomes 'route 2 to a.example user "a b","c" via h.example' \
		'route 2 to a.example via h.example' -u ''
	becomes 'route 2 to a.example via h.example' \
		'route 2 to a.example user "a b","\"c,d\"@x.example",e via h.example' \
		-u 'a b,"c,d"@x.example,e'
	becomes 'route 2 reject' 'route 2 to *.a.example,bücher.example reject' \
		-d '*.a.example,bücher.example'
}

@test "the host" {
	becomes 'route 2 via h.example' 'route 2 via i.example' -rh i.example
	becomes 'route 2 via h.example:26 # c' 'route 2 via i.example:26 # c' -rh i.example
	becomes 'route 2 via h.example:26' 'route 2 via i.example:27' -rh i.example:27
	becomes 'route 2 via h.example port 26' 'route 2 via i.example port 26' -rh i.example
	becomes 'route 2 via h.example port 26' 'route 2 via i.example:27' -rh i.example:27
	becomes 'route 2 via h.example:26' 'route 2 via [2001:db8::1]:26' -rh '[2001:db8::1]'
	becomes 'route 2 via [2001:db8::1]:26' 'route 2 via 192.0.2.1:26' -rh 192.0.2.1
	becomes 'route 2 via [2001:db8::1]' 'route 2 via [2001:db8::2]:27' -rh '[2001:db8::2]:27'
	becomes 'route 2 via "h.example:26"' 'route 2 via i.example:26' -rh i.example
	becomes 'route 2 via "mx"' 'route 2 via mx' -rh mx
	becomes 'route 2 via h.example:26' 'route 2 via mx' -rh mx
	becomes 'route 2 via h.example:26' 'route 2 via mx:a.example' -rh mx:a.example
	becomes 'route 2 via mx' 'route 2 via h.example' -rh h.example
	becomes 'route 2 via mx:a.example' 'route 2 via h.example:26' -rh h.example:26
	becomes 'route 2 via h.example weight 2' 'route 2 via @r weight 2' -rh @r
	becomes 'route 2 via h.example:26' 'route 2 via @r port 26' -rh @r
	becomes 'route 2 via h.example:26' 'route 2 via @r' -rh @r -rp ''
	becomes 'route 2 via @r port 26' 'route 2 via h.example port 26' -rh h.example
	becomes 'route 2 via @r' 'route 2 via h.example' -rh h.example
}

@test "the port" {
	becomes 'route 2 via h.example' 'route 2 via h.example port 26' -rp 26
	becomes 'route 2 via h.example:25' 'route 2 via h.example:26' -rp 26
	becomes 'route 2 via h.example:25' 'route 2 via h.example' -rp ''
	becomes 'route 2 via h.example port 25 weight 2' 'route 2 via h.example port 26 weight 2' -rp 26
	becomes 'route 2 via h.example port 25 weight 2' 'route 2 via h.example weight 2' -rp ''
	becomes 'route 2 via h.example' 'route 2 via h.example' -rp ''
	becomes 'route 2 via [2001:db8::1]' 'route 2 via [2001:db8::1] port 26' -rp 26
	becomes 'route 2 via [2001:db8::1]:25' 'route 2 via [2001:db8::1]:26' -rp 26
	becomes 'route 2 via [2001:db8::1]:25' 'route 2 via [2001:db8::1]' -rp ''
	becomes 'route 2 via "h.example:25"' 'route 2 via "h.example:26"' -rp 26
	becomes 'route 2 via "h.example:25"' 'route 2 via "h.example"' -rp ''
	becomes 'route 2 via "h\x2eexample:25"' 'route 2 via "h.example:26"' -rp 26
	becomes 'route 2 via @r' 'route 2 via @r port 26' -rp 26
	becomes 'route 2 via h.example:25' 'route 2 via i.example:26' -rh i.example -rp 26
	becomes 'route 2 via mx' 'route 2 via i.example port 26' -rh i.example -rp 26
	becomes 'route 2 via mx' 'route 2 via mx port 26' -rp 26
	becomes 'route 2 via mx port 26' 'route 2 via mx:a.example port 26' -rh mx:a.example
	becomes 'route 2 via h:25 family ipv4' 'route 2 discard' --family '' --discard -rp ''
	conf 'route 2 via mx' 'route 3 to a.example via h.example:25' 'route 4 to b.example reject'
	fails 65 misplaced-option set 2 --tls-name h.example
	fails 65 misplaced-option set 2 -rh mx:a.example --auth plain
	fails 65 misplaced-option set 4 -rp 26
	fails 65 repeated-option set 3 -rh i.example:26 -rp 27
	fails 65 bad-port set 3 -rp 0
	fails 65 bad-port set 3 -rp '25 weight 3'
	fails 65 bad-port set 3 -rp $'25\nroute 5 reject'
}

@test "reject and defer in place of a relay, and back" {
	becomes 'route 2 via h.example:26 # c' 'route 2 reject "no" # c' --reject no
	becomes 'route 2 to a.example via mx priority 3' \
		'route 2 to a.example defer "4.7.1 \"not yet\"" priority 3' --defer '4.7.1 "not yet"'
	becomes 'route 2 reject' 'route 2 reject "no"' --reject no
	becomes 'route 2 reject "no" priority 3' 'route 2 defer "later" priority 3' --defer later
	becomes 'route 2 defer "later"' 'route 2 via h.example' -rh h.example
	becomes 'route 2 defer \' 'route 2 via h.example port 26 \' -rh h.example -rp 26
	becomes 'route 2 reject priority 3' 'route 2 via @r priority 3 port 26' -rh @r -rp 26
	becomes 'route 2 via h.example login l password p' 'route 2 reject "no"' \
		--reject no -rl '' -rpwd ''
	conf 'route 2 via h.example weight 2' 'route 3 via i.example weight 3'
	fails 65 misplaced-option set 2 --reject no
	fails 65 not-alone set 2 --reject no -w ''
	exits 64 set 2 --reject no -rh h.example
	becomes 'route 2 via mx priority 2' 'route 2 reject priority 2' --reject ''
	becomes 'route 2 reject "no" priority 2 # c' 'route 2 defer priority 2 # c' --defer ''
	becomes 'route 2 reject "no"' 'route 2 reject' --reject ''
	exits 64 set 2 -rh ''
}

@test "options" {
	local option name value

	while read -r option name value; do
		becomes 'route 2 via h.example # c' "route 2 via h.example $name $value # c" \
			"$option" "$value"
		becomes "route 2 via h.example $name $value # c" 'route 2 via h.example # c' "$option" ''
		becomes "route 2 via h.example	$name  \"$value\"" "route 2 via h.example	$name  $value" \
			"$option" "$value"
	done <<-'END'
		-p priority 3
		--priority priority 0
		-rp port 26
		-l local 192.0.2.1|192.0.2.2
		--local-ip local 192.0.2.1&2001:db8::1
		-localIp local 192.0.2.1
		--tls tls verified
		--tls-name tls-name i.example
		--helo helo me.example
		--transport transport lmtp
	END
	becomes 'route 2 via h.example' 'route 2 via h.example login l password "p w"' \
		-rl l -rpwd 'p w'
	becomes 'route 2 via h.example login l password "p w"' 'route 2 via h.example login m password "p w"' \
		-rl m
	becomes 'route 2 via h.example login l password "p w" helo me.example' \
		'route 2 via h.example helo me.example' -rl '' -rpwd ''
	becomes 'route 2 via h.example login l password "p w" helo me.example' \
		'route 2 via h.example login l helo me.example password-file /x' -rpwd '' --password-file /x
	becomes 'route 2 via h.example login l password-file /x' \
		'route 2 via h.example login l password p' -rpwd p --password-file ''
	conf 'route 2 via h.example login l password p'
	fails 65 missing-password set 2 -rpwd ''
	fails 65 missing-login set 2 -rl ''
	fails 65 two-passwords set 2 --password-file /x
	fails 65 login-opportunistic set 2 --tls opportunistic
	fails 65 bad-tls set 2 --tls verifed
}

@test "the comment" {
	becomes 'route 2 via h.example' 'route 2 via h.example # hello, world' --comment 'hello, world'
	becomes 'route 2 via h.example   #hello' 'route 2 via h.example # bye' --comment bye
	becomes 'route 2 via h.example # hello' 'route 2 via h.example' --comment ''
	becomes 'route 2 via h.example # hello' 'route 2 via h.example weight 1 # a # "b" \' \
		--comment 'a # "b" \' -w 1
	conf 'route 2 via h.example'
	exits 65 set 2 --comment $'a\nroute 3 reject'
	exits 65 set 2 --comment $'a\rb'
	fails 65 invalid-utf8 set 2 --comment $'\xff'
	holds routes.conf 'route 2 via h.example'
}

@test "a statement over several lines" {
	local line=$'route 2 \\\n\tto a.example \\\n\tuser bob \\\n\tvia h.example:25 \\\n\tpriority 3 \\\n\tweight 2 # c'
	becomes "$line" "${line/ \\$'\n\t'user bob/}" -u ''
	becomes "$line" "${line/h.example:25/i.example:26}" -rh i.example -rp 26
	becomes "$line" "${line/ \\$'\n\t'priority 3/}" -p ''
	becomes "$line" "${line/ # c/ # d}" --comment d
	becomes "$line" "${line/ \\$'\n\t'weight 2/}" -w ''
	becomes "$line" "${line/user bob/user bob from <>}" -f '<>'
}

@test "no such route, and no ID" {
	conf 'route 2 via h.example' '# route 3 via h.example'
	exits 1 set 3 -p 2
	[ "$(cat err)" = 'tmail: there is no route 3' ]
	exits 1 set 1 -p 2
	exits 64 set x -p 2
	exits 64 set 0 -p 2
	exits 64 set -p 2
	exits 64 set 2 3 -p 2
	exits 64 set 4294967296 -p 2
	holds routes.conf 'route 2 via h.example' '# route 3 via h.example'
	[ ! -e routes.idx ]
}

@test "several fields at once, through the index" {
	conf 'route 7 to a.example via h.example'
	exits 0 set 7 -d b.example -u tmail.io -f '<>' -rh i.example -rp 587 -p 4 -w 1 \
		-l '192.0.2.1|192.0.2.2' -rl me -rpwd 'p "#" \' --tls required --tls-name x.example \
		--helo y.example --transport lmtp --comment 'all of it'
	holds routes.conf 'route 7 to b.example user tmail.io from <> via i.example port 587 priority 4 weight 1 local 192.0.2.1|192.0.2.2 login me password "p \"#\" \\" tls required tls-name x.example helo y.example transport lmtp # all of it'
	route 7 | jq -e '.to == ["b.example"] and .user == ["tmail.io"] and .from == ["<>"] and
		.host == "i.example" and .port == 587 and .priority == 4 and .weight == 1 and
		.local == {mode: "round-robin", addresses: ["192.0.2.1", "192.0.2.2"]} and
		.login == "me" and .password == "p \"#\" \\" and .tls == "required" and
		.tls_name == "x.example" and .helo == "y.example" and .transport == "lmtp"'
}

@test "the comment of a continued statement is one to list and to set" {
	printf 'route 1 to a.example via h.example \\\n  # hello \nroute 2 via h # x \r\nroute 3 to b.example via h\n' >routes.conf
	exits 0 list --json
	[ "$(jq -c .comment out | paste -sd ' ')" = '"hello" "x" null' ]
	exits 0 set 1 --comment new
	exits 0 set 2 --comment ''
	printf 'route 1 to a.example via h.example # new\nroute 2 via h\r\nroute 3 to b.example via h\n' | cmp - routes.conf
}
