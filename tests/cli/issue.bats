# The command lines that tmail's users know, as they wrote them: each leaves its line in the
# configuration, its route in the index and in the listing.

load helper

tmail() {
	"$TMAIL" "$@"
}

# is TEXT - standard input is TEXT and a line end.
is() {
	diff <(printf '%s\n' "$1") -
}

# found RECIPIENT [LOGIN [SENDER]] - the IDs and hosts of the routes found.
found() {
	(IFS=$'\t'; echo "$*") | tmail routes lookup --json - |
		jq -r '[.routes[] | "\(.id) \(.host):\(.port)"] | join(", ")'
}

# listed - the listing, which that of the index must be like.
listed() {
	tmail routes list >listing
	tmail routes list --index routes.idx | diff listing -
	cat listing
}

@test "tmail routes list" {
	tmail routes add -d tmail.io -rh mail.tmail.io
	tmail routes add -d example.org -rh mail.example.org
	tmail routes list | is '1 - Destination host: tmail.io - Priority: 1 - Local IPs: default - Remote host: mail.tmail.io:25
2 - Destination host: example.org - Priority: 1 - Local IPs: default - Remote host: mail.example.org:25'
	tmail routes list | grep tmail.io | is '1 - Destination host: tmail.io - Priority: 1 - Local IPs: default - Remote host: mail.tmail.io:25'
}

@test "tmail routes add --help" {
	tmail routes add --help >out 2>err
	grep -q '^usage: tmail routes add' out
	for option in -d -rh -rp -p -l -u -f -rl -rpwd; do
		grep -qE -- "(^|[ ,])$option[ ,]" out
	done
	[ ! -s err ]
	[ ! -e routes.conf ]
}

@test "tmail routes add -d tmail.io -rh mail.tmail.io" {
	[ "$(tmail routes add -d tmail.io -rh mail.tmail.io)" = 1 ]
	holds routes.conf 'route 1 to tmail.io via mail.tmail.io'
	[ "$(found bob@tmail.io)" = '1 mail.tmail.io:25' ]
	[ "$(found bob@example.org)" = '' ]
	listed | is '1 - Destination host: tmail.io - Priority: 1 - Local IPs: default - Remote host: mail.tmail.io:25'
}

@test "tmail routes add -d tmail.io -rh mail.tmail.io -rp 2525" {
	[ "$(tmail routes add -d tmail.io -rh mail.tmail.io -rp 2525)" = 1 ]
	holds routes.conf 'route 1 to tmail.io via mail.tmail.io:2525'
	[ "$(found bob@tmail.io)" = '1 mail.tmail.io:2525' ]
	listed | is '1 - Destination host: tmail.io - Priority: 1 - Local IPs: default - Remote host: mail.tmail.io:2525'
}

@test "tmail route add -d tmail.io -rh mail.tmail.io -rp 587 -rl login -rpwd passwd" {
	[ "$(tmail route add -d tmail.io -rh mail.tmail.io -rp 587 -rl login -rpwd passwd)" = 1 ]
	holds routes.conf 'route 1 to tmail.io via mail.tmail.io:587 login login password passwd'
	[ "$(found bob@tmail.io)" = '1 mail.tmail.io:587' ]
	tmail routes lookup --json --show-secrets -d bob@tmail.io |
		jq -e '.routes[0] | .login == "login" and .password == "passwd" and .tls == "verified"'
	listed | is '1 - Destination host: tmail.io - Priority: 1 - Local IPs: default - Remote host: login:********@mail.tmail.io:587'
}

@test "tmail route add -rh premium.tmail.io -u toorop@tmail.io" {
	[ "$(tmail route add -rh premium.tmail.io -u toorop@tmail.io)" = 1 ]
	holds routes.conf 'route 1 user toorop@tmail.io via premium.tmail.io'
	[ "$(found bob@example.org toorop@tmail.io)" = '1 premium.tmail.io:25' ]
	[ "$(found bob@example.org bob@tmail.io)" = '' ]
	[ "$(found bob@example.org)" = '' ]
	listed | is '1 - Destination host: * - User: toorop@tmail.io - Priority: 1 - Local IPs: default - Remote host: premium.tmail.io:25'
}

@test "tmail route add -rh in.mailjet.com -u tmail.io -rl mailjet_login -rpwd mailjet_passwd" {
	[ "$(tmail route add -rh in.mailjet.com -u tmail.io -rl mailjet_login -rpwd mailjet_passwd)" = 1 ]
	holds routes.conf 'route 1 user tmail.io via in.mailjet.com login mailjet_login password mailjet_passwd'
	[ "$(found bob@example.org toorop@tmail.io)" = '1 in.mailjet.com:25' ]
	[ "$(found bob@example.org toorop@tmail.io ann@example.net)" = '1 in.mailjet.com:25' ]
	[ "$(found bob@example.org toorop@example.org)" = '' ]
	listed | is '1 - Destination host: * - User: tmail.io - Priority: 1 - Local IPs: default - Remote host: mailjet_login:********@in.mailjet.com:25'
}

@test "tmail route add -rh in.mailjet.com -u tmail.io -f tmail.io -rl mailjet_login -rpwd mailjet_passwd" {
	[ "$(tmail route add -rh in.mailjet.com -u tmail.io -f tmail.io -rl mailjet_login -rpwd mailjet_passwd)" = 1 ]
	holds routes.conf 'route 1 user tmail.io from tmail.io via in.mailjet.com login mailjet_login password mailjet_passwd'
	[ "$(found bob@example.org toorop@tmail.io ann@tmail.io)" = '1 in.mailjet.com:25' ]
	[ "$(found bob@example.org toorop@tmail.io ann@example.net)" = '' ]
	[ "$(found bob@example.org '' ann@tmail.io)" = '' ]
	listed | is '1 - Destination host: * - User: tmail.io - Mail from: tmail.io - Priority: 1 - Local IPs: default - Remote host: mailjet_login:********@in.mailjet.com:25'
}

# drawn PLACE - how often each host has that place in 300 plans, one for each seed.
drawn() {
	local seed

	for seed in {1..300}; do
		tmail routes lookup --json --plan --seed $seed -d bob@tmail.io
	done | jq -r ".plan[$1].host" | sort | uniq -c | awk '{ print $2, $1 }'
}

# within LOW HIGH HOST - of the hosts drawn, that one came so often.
within() {
	awk -v low="$1" -v high="$2" -v host="$3" \
		'$1 == host { n = $2 } END { exit !(n >= low && n <= high) }' hosts
}

@test "two thirds through big, the rest through small" {
	tmail route add -d tmail.io -rh big.smtp.tmail.io
	tmail route add -d tmail.io -rh big.smtp.tmail.io
	tmail route add -d tmail.io -rh small.smtp.tmail.io
	holds routes.conf 'route 1 to tmail.io via big.smtp.tmail.io' \
		'route 2 to tmail.io via big.smtp.tmail.io' \
		'route 3 to tmail.io via small.smtp.tmail.io'
	[ "$(found bob@tmail.io)" = '1 big.smtp.tmail.io:25, 2 big.smtp.tmail.io:25, 3 small.smtp.tmail.io:25' ]
	listed | grep -c 'Remote host: big.smtp.tmail.io:25$' | is 2
	drawn 0 >hosts
	[ "$(wc -l <hosts)" -eq 2 ]
	# Of 300 draws 200 are expected, with a standard deviation of 8.2.
	within 168 232 big.smtp.tmail.io
	# After big comes small, not big again.
	tmail routes lookup --json --plan -d bob@tmail.io |
		jq -e '[.plan[].host] | sort == ["big.smtp.tmail.io", "small.smtp.tmail.io"]'
}

@test "failover to two that share the load" {
	tmail route add -d tmail.io -rh main.smtp.tmail.io -p 1
	tmail route add -d tmail.io -rh alt1.smtp.tmail.io -p 2
	tmail route add -d tmail.io -rh alt2.smtp.tmail.io -p 2
	listed | is '1 - Destination host: tmail.io - Priority: 1 - Local IPs: default - Remote host: main.smtp.tmail.io:25
2 - Destination host: tmail.io - Priority: 2 - Local IPs: default - Remote host: alt1.smtp.tmail.io:25
3 - Destination host: tmail.io - Priority: 2 - Local IPs: default - Remote host: alt2.smtp.tmail.io:25'
	[ "$(found bob@tmail.io)" = '1 main.smtp.tmail.io:25, 2 alt1.smtp.tmail.io:25, 3 alt2.smtp.tmail.io:25' ]
	drawn 0 | is 'main.smtp.tmail.io 300'
	drawn 1 >hosts
	[ "$(wc -l <hosts)" -eq 2 ]
	within 116 184 alt1.smtp.tmail.io
	within 116 184 alt2.smtp.tmail.io
	tmail routes lookup --plan -d bob@tmail.io | sed -n 1p | grep -q '^main.smtp.tmail.io:25 priority 1,'
}

@test "tmail routes del ROUTE_ID" {
	tmail routes add -d tmail.io -rh mail.tmail.io
	tmail routes add -d tmail.io -rh mail.tmail.io -rp 2525
	tmail routes del 1
	holds routes.conf 'route 2 to tmail.io via mail.tmail.io:2525'
	[ "$(found bob@tmail.io)" = '2 mail.tmail.io:2525' ]
	listed | is '2 - Destination host: tmail.io - Priority: 1 - Local IPs: default - Remote host: mail.tmail.io:2525'
	tmail routes del 2
	[ ! -s routes.conf ]
	[ "$(found bob@tmail.io)" = '' ]
	tmail routes list -q | is 'There are no routes: all mail follows the MX records'
}

@test "the long spellings, with one dash and with two" {
	local dash line='route 1 to tmail.io user toorop@tmail.io from example.org via mail.tmail.io:587 priority 3 local 192.0.2.1 login me password pw'

	for dash in - --; do
		rm -f routes.*
		tmail routes add ${dash}destination tmail.io ${dash}remoteHost mail.tmail.io \
			${dash}remotePort 587 ${dash}smtpUser toorop@tmail.io ${dash}mailFrom example.org \
			${dash}localIp 192.0.2.1 ${dash}remoteLogin me ${dash}remotePasswd pw \
			${dash}priority=3
		holds routes.conf "$line"
		rm -f routes.*
		tmail routes add ${dash}destination=tmail.io ${dash}remoteHost=mail.tmail.io \
			${dash}remotePort=587 ${dash}smtpUser=toorop@tmail.io ${dash}mailFrom=example.org \
			${dash}localIp=192.0.2.1 ${dash}remoteLogin=me ${dash}remotePasswd=pw \
			${dash}priority 3
		holds routes.conf "$line"
		[ "$(found bob@tmail.io toorop@tmail.io ann@example.org)" = '1 mail.tmail.io:587' ]
	done
	listed | is '1 - Destination host: tmail.io - User: toorop@tmail.io - Mail from: example.org - Priority: 3 - Local IPs: 192.0.2.1 - Remote host: me:********@mail.tmail.io:587'
}
