# tmail routes export postfix: the lines of main.cf, the services of master.cf, and what Postfix
# cannot say.  tests/serve/export.bats lays it into a real Postfix.

load helper

# found ID TEXT - a comment names the route of this ID, at line ID of the configuration, and why.
found() {
	grep -qE "^#   route $1 \(routes.conf:$1\): .*$2" out || { cat out; return 1; }
}

# service NAME - its lines in master.cf, without the name of the program.
service() {
	sed -n "/^$1 unix /,/^[^ ]/p" out | sed '1d; /^[^ ]/d; s/^  -o //'
}

@test "nothing but the wiring, where the routes want no more" {
	conf 'route 1 to * via h.example' 'route 2 user a@b.example via i.example:587 login u password p' \
	    'route 3 to c.example reject' 'route 4 to d.example via mx'
	exits 0 export postfix
	[ ! -s err ]
	grep -v '^#' out | sort >lines
	# The recipe, which a test of its own runs, but for where a line ends.
	sed 1d "$BATS_TEST_DIRNAME/../../contrib/postfix/serve.cf" | sed -e ':a' -e '/,$/N; s/,\n */, /; ta' |
	    grep -v '^#' | sort | diff - lines
	! grep '^#   route' out || false
	mv out first
	exits 0 compile
	exits 0 export postfix -i routes.idx
	diff first out
	exits 0 export postfix -c routes.conf
	diff first out
}

@test "a service for each transport, with what its routes want" {
	conf 'relay r h.example connections 5 rate 30/m transport slow' \
	    'route 2 to a.example via h.example transport one local 192.0.2.1 helo one.example' \
	    'route 3 to b.example via h.example transport one local 192.0.2.1 helo one.example' \
	    'route 4 to c.example via i.example tls implicit transport wrapped local 2001:db8::1|192.0.2.2' \
	    'route 5 to d.example via @r' \
	    'route 6 to e.example via mx tls required transport mx family ipv6' \
	    'route 7 to f.example via i.example transport sign tls-cert "/etc/a b$c.pem" tls-ca /etc/ca.pem family prefer-ipv4' \
	    'route 8 to g.example via k.example login u password p auth cram-md5 transport cram' \
	    'route 9 to h.example via l.example local 192.0.2.1&2001:db8::1 transport both' \
	    'route 10 to i.example via k.example transport relay' 'source 192.0.2.9 helo nine.example' \
	    'route 12 to j.example via k.example local 192.0.2.9 transport nine' \
	    'route 13 to k.example via mx:l.example tls verified transport check' \
	    'route 14 to l.example via m.example transport lmtp'
	exits 0 export postfix
	! grep '^#   route' out || false
	service one | diff - <(printf '%s\n' smtp_bind_address=192.0.2.1 inet_protocols=ipv4 smtp_helo_name=one.example \
	    smtp_sasl_password_maps=socketmap:unix:tmail/socketmap:sasl.one smtp_tls_policy_maps=socketmap:unix:tmail/socketmap:tls.one)
	service wrapped | grep -v socketmap | diff - <(printf '%s\n' smtp_bind_address=192.0.2.2 \
	    smtp_bind_address6=2001:db8::1 smtp_tls_wrappermode=yes smtp_tls_security_level=secure)
	service slow | grep -v socketmap | diff - /dev/null
	grep -qx 'slow_destination_concurrency_limit = 5' out
	grep -qx 'slow_destination_rate_delay = 2s' out
	service mx | grep -v socketmap | diff - <(printf '%s\n' inet_protocols=ipv6 smtp_tls_security_level=encrypt)
	service sign | grep -v socketmap | diff - <(printf '%s\n' smtp_address_preference=ipv4 \
	    '{ smtp_tls_cert_file = /etc/a b$$c.pem }' '{ smtp_tls_key_file = /etc/a b$$c.pem }' \
	    smtp_tls_CAfile=/etc/ca.pem smtp_tls_CApath=)
	service cram | grep -qx smtp_sasl_mechanism_filter=cram-md5
	service both | grep -v socketmap | diff - <(printf '%s\n' smtp_bind_address=192.0.2.1 \
	    smtp_bind_address6=2001:db8::1 smtp_address_preference=ipv4)
	service nine | grep -qx smtp_helo_name=nine.example
	service check | grep -qx smtp_tls_security_level=verify
	grep -q '^relay unix - - - - - smtp$' out
	! grep -qE '^(smtp|lmtp) unix' out || false
	# In the order of their names, whatever that of the routes.
	grep ' unix ' out | LC_ALL=C sort -C
	mv out first
	sort -r routes.conf >reversed.conf
	exits 0 export postfix -c reversed.conf
	grep -v '^#' out | diff <(grep -v '^#' first) -
}

@test "routes that need a transport of their own are named" {
	conf 'route 1 to a.example via h.example tls implicit' \
	    'route 2 to b.example via h.example local 192.0.2.1 helo h.example' \
	    'route 3 to c.example via l.example login u password CANARY' \
	    'route 4 to d.example via l.example login v password CANARY' \
	    'route 5 to e.example via h.example transport t' \
	    'route 6 to f.example via i.example transport t local 192.0.2.1' \
	    'route 7 to g.example via m.example tls verified tls-name a.example' \
	    'route 8 to h.example via m.example tls verified tls-name b.example' \
	    'route 9 to i.example via n.example tls verified' 'route 10 to j.example via n.example tls off' \
	    'route 11 to k.example via mx tls off' 'relay r o.example connections 2' 'route 13 to l.example via @r' \
	    'route 14 to m.example via o.example tls-cert /etc/x.pem' 'route 15 to n.example via p.example family ipv4' \
	    'route 16 to o.example via p.example login u password CANARY auth plain' \
	    'route 17 to p.example via q.example transport lmtp helo x.example' \
	    'route 18 to r.example via r.example login u password CANARY' 'route 19 to s.example via r.example' \
	    'route 20 to t.example via r.example transport cleanup'
	exits 0 export postfix
	found 1 'implicit TLS'
	found 2 'a source address.*a name to greet with'
	found 3 'another login.*its mail waits'
	found 4 'another login.*its mail waits'
	found 6 "a source address.* from route 5, whose transport 't' is the same"
	found 7 'another tls-name'
	found 8 'another tls-name'
	found 10 'stricter TLS'
	found 11 'TLS to an MX'
	found 13 'a limit of connections'
	found 14 'a client certificate'
	found 15 'a family'
	found 16 'a SASL mechanism'
	found 17 "'lmtp' is no SMTP client"
	found 18 'another login'
	found 19 'another login'
	# A client in its place would be the end of Postfix.
	found 20 "'cleanup' is a part of Postfix, .*: its mail waits"
	! grep '^cleanup' out || false
	! grep -E '^#   route (5|9|12) ' out || false
	! grep CANARY out || false
	# Twenty of a kind stand for all.
	for ((i = 1; i <= 30; i++)); do echo "route $i to a$i.example via h.example local 192.0.2.1"; done >routes.conf
	exits 0 export postfix
	[ "$(grep -c 'it wants a source' out)" = 20 ]
	grep -qx '#   and 10 more routes for the same reason' out
	exits 0 export postfix --json
	[ "$(jq -c '[(.needs_transport | length), .needs_transport_more]' out)" = '[20,10]' ]
}

@test "what Postfix cannot say" {
	conf 'route 1 to a.example via h.example transport a local 192.0.2.1|192.0.2.2' \
	    'route 2 to b.example via h.example transport b local 192.0.2.1&192.0.2.2' \
	    'route 3 to c.example via h.example mail-from x@y.example' \
	    'route 4 to d.example via t.example login u token-file /t' \
	    'route 5 to e.example via e.example tls verified tls-cert /c auth external transport c' \
	    'route 6 to f.example via f.example login a:b password p' 'relay r g.example rate 7/s transport d' \
	    'route 8 to g.example via @r' 'route 9 to h.example via i.example transport e' \
	    'route 10 to h.example via j.example transport f priority 2' \
	    'route 11 to i.example via k.example tls-ca "/a{b" transport g' 'source 192.0.2.3 helo a.example' \
	    'source 2001:db8::3 helo b.example' 'route 14 to j.example via l.example local 192.0.2.3|2001:db8::3 transport h'
	exits 0 export postfix
	found 1 'takes turns'
	found 2 'falls back to other source addresses'
	found 3 mail-from
	found 4 'a token-file.*waits'
	found 5 'auth external'
	found 6 'a colon.*waits'
	found 8 'whole seconds.*one in 1 s'
	found 10 'another transport, such as route 9'
	found 11 'tls-ca cannot be written'
	found 14 'names of their own'
	[ "$(grep -c '^#   route' out)" = 10 ]
}

@test "the login of smtp alone, where another transport has one for the same next hop" {
	conf 'route 1 to a.example via h.example login u password p transport one' 'route 2 to b.example via h.example tls verified'
	exits 0 export postfix
	grep -qx 'smtp_sasl_password_maps = socketmap:unix:tmail/socketmap:sasl.smtp' out
	grep -qx 'smtp_tls_policy_maps = socketmap:unix:tmail/socketmap:tls' out
	conf 'route 1 to a.example via h.example tls verified transport one' 'route 2 to b.example via h.example'
	exits 0 export postfix
	grep -qx 'smtp_sasl_password_maps = socketmap:unix:tmail/socketmap:sasl' out
	grep -qx 'smtp_tls_policy_maps = socketmap:unix:tmail/socketmap:tls.smtp' out
}

@test "options" {
	conf 'route 1 to * via h.example transport t'
	exits 0 export postfix --main --policy unix:/var/spool/postfix/x/policy --socketmap unix:x/map
	! grep -q ' unix ' out || false
	grep -q '= check_policy_service unix:x/policy, permit_mynetworks' out
	grep -qx 'transport_maps = socketmap:unix:x/map:transport' out
	exits 0 export postfix --master --chroot y --socketmap unix:x/map
	grep -qx 't unix - - y - - smtp' out
	! grep -q ' = ' out || false
	grep -qx '  -o smtp_sasl_password_maps=socketmap:unix:x/map:sasl.t' out
	exits 0 export postfix --json --policy inet:127.0.0.1:10031
	jq -e '.main[0].value | startswith("check_policy_service inet:127.0.0.1:10031,")' out
	[ "$(jq -r '.master[0] | [.service, .command, .options[0].value] | join(" ")' out)" = \
	    't smtp socketmap:unix:tmail/socketmap:sasl.t' ]
	exits 64 export
	exits 64 export exim
	exits 64 export postfix more
	exits 64 export postfix --main --master
	exits 64 export postfix --chroot x
	exits 64 export postfix --socketmap inet:127.0.0.1:1
	grep -q 'passwords are told on unix sockets only' err
	exits 64 export postfix --policy tmail/policy
	for bad in 'unix:a b' 'unix:a,b' 'unix:a$b' 'unix:a{b' 'unix:' "unix:$(printf '%300s' | tr ' ' x)"; do
		exits 64 export postfix --policy "$bad"
		exits 64 export postfix --socketmap "$bad"
	done
	exits 64 export postfix --socketmap unix:a:b
	echo '#' >>routes.conf
	exits 66 export postfix -i none.idx
	exits 0 compile
	echo '#' >>routes.conf
	exits 0 export postfix
	grep -q 'routes.idx is stale' err
}

@test "a name that most routes greet with stands in main.cf, if each has one" {
	conf 'default helo out.example' 'route 2 to a.example via h.example helo own.example' \
	    'route 3 to b.example via h.example' 'route 4 to c.example via mx' \
	    'route 5 to d.example via h.example transport one' 'route 6 to e.example reject'
	exits 0 export postfix
	grep -qx 'smtp_helo_name = out.example' out
	found 2 'it wants a name to greet with$'
	[ "$(grep -c '^#   route' out)" = 1 ]
	service one | grep -qx smtp_helo_name=out.example
	exits 0 export postfix --json
	[ "$(jq -r '.main[-1] | select(.name == "smtp_helo_name").value' out)" = out.example ]
	# That of the host: nothing in main.cf may take its place.
	conf 'route 1 to a.example via h.example helo own.example' 'route 2 to b.example via h.example helo own.example' \
	    'route 3 to c.example via h.example transport one'
	exits 0 export postfix
	! grep '^smtp_helo_name' out || false
	found 1 'it wants a name to greet with$'
	found 2 'it wants a name to greet with$'
}
