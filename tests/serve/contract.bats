# Limits to the byte, spellings, and answers beside those of lookup.

load helpers

setup() {
	serve_setup
}

teardown() {
	serve_teardown
}

# fill N - so many bytes.
fill() {
	head -c "$1" /dev/zero | tr '\0' x
}

# talk SOCKET - sends standard input, as far as it is read, and prints all that comes back.
talk() {
	socat -t 10 - "UNIX-CONNECT:$1" 2>/dev/null || true
}

@test "a request of 16,384 bytes is one, and a longer one is none" {
	local head=$'request=smtpd_access_policy\nrecipient=a@b.example\nx=' n

	index <<<'route 1 to * via a.relay'
	serve
	for n in 16384 16385; do
		{ printf %s "$head"; fill $((n - ${#head} - 2)); printf '\n\n'; } >question
		[ "$(stat -c %s question)" -eq $n ]
		talk policy <question >policy.$n
		{ printf '%d:transport ' $n; fill $((n - 10)); printf ,; } | talk socketmap >socketmap.$n
		{ printf 'route = = '; fill $((n - 10)); echo; } | talk exim >exim.$n
		{ printf 'refuse = = '; fill $((n - 11)); echo; } | talk exim >refuse.$n
	done
	is 'action=FILTER smtp:[a.relay]:25' < <(sed '$d' policy.16384)
	is '20:OK smtp:[a.relay]:25,' < <(sed '$a\' socketmap.16384)
	# Of base64 there is a multiple of four.
	grep -q '^DEFER the question was not understood$' exim.16384
	[ ! -s policy.16385 ]
	[ ! -s socketmap.16385 ]
	# An empty answer would say that nobody is there.
	is 'DEFER the question is too long' <exim.16385
	is ':defer: the question is too long' <refuse.16385
	policy recipient=a@b.example | is 'FILTER smtp:[a.relay]:25'
}

@test "names in any spelling, by each protocol" {
	index <<-'END'
		route 1 to bücher.example via a.relay:587 login ann password secret
		route 2 to [192.0.2.1],[IPv6:2001:db8::5] via [2001:db8::1]:26 login six password secret
		route 3 from "\"x y\"@s.example" user any via s.relay
	END
	serve
	for to in x@xn--bcher-kva.example x@bücher.example x@XN--BCHER-KVA.Example. xn--bcher-kva.example; do
		policy "recipient=$to" | is 'FILTER smtp:[a.relay]:587'
		socketmap transport "$to" | is 'OK smtp:[a.relay]:587'
		exim route '' '' "$to" | is a.relay::587
	done
	for to in 'x@[192.0.2.1]' 'x@[IPv6:2001:DB8:0::5]' 'x@[ipv6:2001:db8::5]'; do
		policy "recipient=$to" | is 'FILTER smtp:[ipv6:2001:db8::1]:26'
		exim route '' '' "$to" | is '"</ [2001:db8::1]:26"'
	done
	for from in '"x y"@s.example' 'x y@S.example'; do
		socketmap sender "$from" | is 'OK smtp:[s.relay]:25'
	done
	for host in a.relay A.Relay '[a.relay]'; do
		exim login "$host" 587 | is 'YW5u c2VjcmV0'
	done
	for host in 2001:db8::1 2001:DB8:0::1 '[2001:db8::1]'; do
		exim login "$host" 26 | is 'c2l4 c2VjcmV0'
	done
	for key in '[2001:db8::1]:26' '[ipv6:2001:db8::1]:26' '[IPv6:2001:DB8:0::1]:26'; do
		socketmap sasl "$key" | is 'OK six:secret'
	done
}

@test "the very string that lookup --as prints" {
	local to user from

	index <<-'END'
		route 1 to a.example via a.relay:587
		route 2 to a.example via mx priority 2
		route 3 user ann@c.example via [2001:db8::1] transport out
		route 4 user c.example from s.example via b.relay
		route 5 from <> via mx:d.relay port 26
		route 6 to r.example reject "5.7.1 no"
		route 7 to d.example defer
		route 8 to x.example discard
		route 9 to m.example via mx
		route 10 to *.m.example via mx transport pool
		route 11 from o.example user any to a.example via o.relay
	END
	for to in x@a.example x@r.example X@D.example x@x.example x@m.example x@n.m.example x@other.example \
	    'x@[192.0.2.1]' x@a..example; do
		for user in '' ann@c.example bob@C.example; do
			for from in '<>' s@s.example t@o.example u@v.example; do
				printf '%s\t%s\t%s\n' "$to" "$user" "$from"
			done
		done
	done >mails
	# b64 TEXT
	b64() { printf %s "$1" | base64 -w 0; }
	while IFS= read -r line; do
		IFS=$'\x1f' read -r to user from <<<"${line//$'\t'/$'\x1f'}"
		from=${from#<>}
		printf '%s\n' request=smtpd_access_policy "recipient=$to" "sasl_username=$user" "sender=$from" '' >&4
		for ask in route refuse; do
			printf '%s %s %s %s\n' $ask "$(b64 "$user")" "$(b64 "$from")" "$(b64 "$to")"
		done
	done <mails >exim.in 4>policy.in
	serve
	"$TMAIL" routes lookup -i routes.idx --as postfix - <mails >postfix.want
	"$TMAIL" routes lookup -i routes.idx --as exim - <mails >exim.want
	talk policy <policy.in | sed -n 's/^action=//p' >postfix.told
	diff postfix.want postfix.told
	# Of a pair of answers that of the router which takes the mail.
	talk exim <exim.in | paste -d '\t' - - | awk -F '\t' '{ print $2 == "none" ? $1 : $2 }' >exim.told
	diff exim.want exim.told
	[ "$(wc -l <postfix.want)" -eq 108 ]
	[ "$(sort -u postfix.want | wc -l)" -ge 9 ]
}

@test "the last 65,536 messages are remembered, and no more" {
	index <<-'END'
		route 1 to a.example via a.relay
		route 2 to b.example via b.relay
	END
	# ask FIRST LAST DOMAIN - one recipient of each of these messages.
	ask() {
		perl -e 'print "request=smtpd_access_policy\nrecipient=x\@$ARGV[2]\ninstance=$_\n\n" for $ARGV[0] .. $ARGV[1]' "$@" |
		    talk policy | grep . | sort | uniq -c | sed 's/^ *//'
	}
	serve
	ask 1 65536 a.example | is '65536 action=FILTER smtp:[a.relay]:25'
	ask 1 65536 b.example | is '65536 action=452 4.5.3 recipients need different routes'
	ask 65537 65546 a.example | is '10 action=FILTER smtp:[a.relay]:25'
	ask 11 65546 b.example | is '65536 action=452 4.5.3 recipients need different routes'
	# The first ten are forgotten, and take the places of the next.
	ask 1 10 b.example | is '10 action=FILTER smtp:[b.relay]:25'
	ask 11 20 b.example | is '10 action=FILTER smtp:[b.relay]:25'
	ask 31 65546 b.example | is '65516 action=452 4.5.3 recipients need different routes'
}

@test "metrics are what Prometheus reads, also by a unix socket" {
	local oldest

	type -P promtool >/dev/null || skip "needs promtool"
	index <<<'route 1 to * via a.relay'
	# The age is the index's, not that of the daemon.
	touch -d '2 hours ago' routes.idx
	serve --http unix:http
	metrics() { curl -s --unix-socket http http://x/metrics; }
	# A request that is not whole.
	mkfifo slow
	socat -u FIFO:slow,rdwr UNIX-CONNECT:policy 3>&- 2>/dev/null &
	SERVERS_STARTED+=($!)
	printf request= >slow
	policy recipient=a@b.example | is 'FILTER smtp:[a.relay]:25'
	for i in {1..200}; do
		oldest=$(metrics | sed -n 's/^tmail_serve_oldest_wait_seconds //p')
		[ "$oldest" = 0.000 ] || break
		sleep 0.02
	done
	[[ $oldest =~ ^[0-9]+\.[0-9]{3}$ ]]
	[ "$oldest" != 0.000 ]
	metrics >out
	promtool check metrics <out
	grep -qx 'tmail_serve_queries_total{protocol="policy",result="found"} 1' out
	sed -n 's/^tmail_serve_index_age_seconds //p' out | grep -qE '^7[2-9][0-9]{2}$'
	# A bad one has no age.
	echo nonsense >routes.idx
	metrics | grep -qE '^tmail_serve_index_age_seconds 7[2-9][0-9]{2}$'
	[ "$(curl -s -o /dev/null -w '%{http_code}' --unix-socket http -X POST -d x http://x/metrics)" = 405 ]
	curl -si --unix-socket http -X POST -d x http://x/metrics | grep -q $'^Allow: GET, HEAD\r$'
	[ "$(curl -s --unix-socket http http://x/healthz)" = ok ]
}

@test "the path of a socket has up to 107 bytes" {
	local path

	index <<<'route 1 to * via a.relay'
	path=$T/$(fill $((107 - ${#T} - 1)))
	start_serve --policy "unix:$path"
	printf 'request=smtpd_access_policy\nrecipient=a@b\n\n' | talk "$path" | grep -q 'action=FILTER'
	stop_serve
	run timeout 10 "$TMAIL" routes serve -i routes.idx --policy "unix:${path}x"
	[ "$status" -eq 64 ]
}
