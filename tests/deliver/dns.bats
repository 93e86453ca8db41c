# Names and MX records, from a real NSD; the MX hosts are smtp-sinks at port 25 of addresses that
# tests/as-root has made.

load helpers

setup() {
	deliver_setup
	NET=198.51.100
	# With no routes at all, every mail follows the MX.
	routes <<<'route 1 to elsewhere.example reject'
}

teardown() {
	deliver_teardown
}

# mx_sink NUMBER [OPTION...] - an smtp-sink named mxNUMBER at $NET.NUMBER:25.
mx_sink() {
	local number=$1

	shift
	SINK_AT=$NET.$number:25 sink "mx$number" "$@"
}

# send [OPTION...] RECIPIENT
send() {
	deliver --dns-server "127.0.0.1:$DNS" --helo sender.test "$@" <<<hello
}

@test "the MX with the lowest preference gets the mail" {
	mx_sink 1
	mx_sink 2
	nameserver <<-END
		dom MX 20 mx2
		dom MX 10 mx1
		mx1 A $NET.1
		mx2 A $NET.2
	END
	send a@dom.test
	is 0
	got mx1
	[ "$(mails mx2)" -eq 0 ]
	logged "route=- conf=- relay=mx1.test:25 addr=$NET.1:25"
}

@test "the next MX takes over" {
	mx_sink 1 -r RCPT
	mx_sink 3
	nameserver <<-END
		dom MX 10 mx1
		dom MX 20 mx2
		dom MX 30 nowhere
		dom MX 40 mx3
		mx1 A $NET.1
		mx2 A $NET.2
		mx3 A $NET.3
	END
	send a@dom.test
	is 0
	got mx3
	[ "$(wc -l <"$DIR/log")" -eq 3 ]
}

@test "MX hosts of equal preference share the mail" {
	local i

	mx_sink 1
	mx_sink 2
	nameserver <<-END
		dom MX 10 mx1
		dom MX 10 mx2
		mx1 A $NET.1
		mx2 A $NET.2
	END
	for ((i = 0; i < 30; i++)); do
		send a@dom.test
	done
	# One run in 10^8 has all on one side.
	[ "$(mails mx1)" -gt 0 ]
	[ "$(mails mx2)" -gt 0 ]
	[ $(($(mails mx1) + $(mails mx2))) -eq 30 ]
}

@test "without MX the domain's own addresses" {
	mx_sink 1
	nameserver <<-END
		dom A $NET.1
		dom TXT "no MX here"
	END
	send a@dom.test
	is 0
	got mx1
}

@test "null MX is final" {
	mx_sink 1
	nameserver <<-END
		dom MX 0 .
		dom A $NET.1
	END
	send a@dom.test
	is 69 '5.1.10 *'
	[ "$(mails mx1)" -eq 0 ]
}

@test "null MX is final beside a relay, too" {
	sink fallback
	routes <<-END
		route 1 to dom.test via mx priority 1
		route 2 to dom.test via 127.0.0.1:$PORT priority 2
	END
	nameserver <<<'dom MX 0 .'
	send a@dom.test
	is 69 '5.1.10 *'
	[ "$(mails fallback)" -eq 0 ]
}

@test "no such recipient domain is final" {
	local domain

	nameserver </dev/null
	send a@nowhere.test
	is 69 '5.1.2 *'
	# Nor does one that cannot be.
	for domain in x..test .test "$(printf 'x%.0s' {1..64}).test" \
	    "$(printf '%.0s123456789.' {1..25})test"; do
		send "a@$domain"
		is 69 '5.1.2 *'
	done
	send "a@$(printf 'x%.0s' {1..63}).test"
	is 69 '5.1.2 *'
}

@test "no such recipient domain, but a relay after it" {
	sink fallback
	routes <<-END
		route 1 to nowhere.test via mx priority 1
		route 2 to nowhere.test via 127.0.0.1:$PORT priority 2
		route 3 to gone.test via mx priority 1
		route 4 to gone.test via 127.0.0.1:$(free_port) priority 2
	END
	nameserver </dev/null
	send a@nowhere.test
	is 0
	got fallback
	# A relay that may be back later may know the domain.
	send a@gone.test
	is 75 '4.*'
}

@test "a domain without MX and without address is final" {
	nameserver <<<'dom TXT "nothing here"'
	send a@dom.test
	is 69 '5.4.4 no address: dom.test'
}

@test "an MX that has no address, or a name that does not exist, is final" {
	nameserver <<-END
		dom MX 10 nowhere
		txt MX 10 mx
		mx TXT x
		either MX 10 nowhere
		either MX 20 mx.broken.
	END
	send a@dom.test
	is 69 '5.4.4 name not found: nowhere.test'
	send a@txt.test
	is 69 '5.4.4 no address: mx.test'
	# Of one of them nobody has said that it is not there.
	send a@either.test
	is 75 '4.4.3 *mx.broken'
	routes <<-END
		route 1 to far.test via mx:dom.test
		route 2 to elsewhere.test via nowhere.test
	END
	send a@far.test
	is 75 '4.4.4 name not found: nowhere.test'
	send a@elsewhere.test
	is 75 '4.4.4 name not found: nowhere.test'
}

@test "what is no host name is no host" {
	mx_sink 1
	mx_sink 2
	nameserver <<-END
		dom MX 10 a/b
		dom MX 10 a?b
		dom MX 10 a\#b
		dom MX 10 a:b
		dom MX 10 a%41b
		dom MX 10 a\@b
		dom MX 10 a=b
		dom MX 20 mx_1-x
		a/b A $NET.2
		a?b A $NET.2
		a\#b A $NET.2
		a:b A $NET.2
		a%41b A $NET.2
		a\@b A $NET.2
		a=b A $NET.2
		mx_1-x A $NET.1
		odd MX 10 a:b
		number MX 10 $NET.2.
	END
	send a@dom.test
	is 0
	got mx1
	[ "$(mails mx2)" -eq 0 ]
	[ "$(wc -l <"$DIR/log")" -eq 1 ]
	send a@odd.test
	is 69 '5.4.4 name not found: a:b.test'
	send a@number.test
	is 69 "5.4.4 name not found: $NET.2"
	[ "$(mails mx2)" -eq 0 ]
}

@test "of MX hosts that are too many to look at nothing is said: deferred" {
	local i

	nameserver <<-END
		$(for ((i = 1; i <= 50; i++)); do echo "few MX $i gone$i"; done)
		$(for ((i = 1; i <= 51; i++)); do echo "many MX $i gone$i"; done)
	END
	send a@few.test
	is 69 '5.4.4 name not found: *'
	send a@many.test
	is 75 '4.4.4 name not found: *'
}

@test "this host, on every host, is no MX" {
	mx_sink 1
	SINK_AT=127.0.0.1:25 sink own
	SINK_AT='[::1]:25' sink own6
	nameserver <<-END
		dom MX 10 local
		dom MX 20 mx1
		local A 127.0.0.1
		local A 0.0.0.0
		local A 127.1.2.3
		local AAAA ::1
		local AAAA ::
		local AAAA ::ffff:127.0.0.1
		mx1 A $NET.1
		alone MX 10 local
		name MX 10 localhost.
		implicit A 127.0.0.2
		either MX 10 local
		either MX 20 mx.broken.
	END
	send a@dom.test
	is 0
	got mx1
	for domain in alone.test name.test implicit.test '[127.0.0.1]' '[0.1.2.3]' '[IPv6:::1]' '[IPv6:::]' \
	    '[IPv6:::ffff:127.0.0.1]'; do
		send "a@$domain"
		is 69 '5.4.6 *'
	done
	send a@either.test
	is 75 '4.4.3 *'
	[ "$(mails own)$(mails own6)" = 00 ]
	# What a route says is another matter.
	routes <<<'route 1 via 127.0.0.1:25'
	send a@dom.test
	is 0
	got own
}

# named NAME COMMAND... - on a host of this name, with those files in /etc that stand in $DIR/etc.
named() {
	# A bare root has no such files to put others over: then all of /etc is a copy.
	unshare --mount --uts sh -c '
		cd "$1/etc" || exit
		for file in *; do
			[ -e "/etc/$file" ] || { mkdir "$1/copy" && cp -R /etc/. "$1/copy" 2>/dev/null
				cp * "$1/copy" && mount --bind "$1/copy" /etc && break; }
			mount --bind "$file" "/etc/$file" || exit
		done
		hostname "$2" && shift 2 && exec "$@"' sh "$DIR" "$@"
}

@test "a backup MX does not pass mail to itself, though /etc/hosts has it at 127.0.1.1" {
	local options='--timeout 20 --log stderr --sender me@here.example'

	SINK_AT=127.0.1.1:25 sink own
	mx_sink 3
	# As Debian writes it.
	mkdir "$DIR/etc"
	printf '%s\n' '127.0.0.1 localhost' '127.0.1.1 backup.test backup' >"$DIR/etc/hosts"
	nameserver <<-END
		dom MX 10 main
		dom MX 20 backup
		dom MX 30 mx3
		main A $NET.9
		backup A $NET.8
		mx3 A $NET.3
		other MX 10 mx3
		mx3 A $NET.3
	END
	status=0
	output=$(named backup "$TMAIL" deliver --index "$DIR/routes.idx" --dns-server "127.0.0.1:$DNS" \
	    $options a@dom.test 2>"$DIR/log" <<<hello) || status=$?
	is 75 '4.4.1 main.test*'
	[ "$(mails own)$(mails mx3)" = 00 ]
	# And greets with its whole name.
	named backup "$TMAIL" deliver --index "$DIR/routes.idx" --dns-server "127.0.0.1:$DNS" $options \
	    a@other.test 2>"$DIR/log" <<<hello
	grep -qxF 'X-Helo-Args: backup.test' "$DIR"/mx3/*
}

# greets NAME - the host short, with those files, greets a relay so.
greets() {
	status=0
	output=$(named short "$TMAIL" deliver --index "$DIR/routes.idx" --dns-server "127.0.0.1:$DNS" \
	    --log stderr --timeout 20 --sender me@here.example a@x.example 2>"$DIR/log" <<<hello) || status=$?
	is 0
	grep -qxF "X-Helo-Args: $1" "$DIR"/relay/* || fail "not $1: $(cat "$DIR"/relay/*)"
	rm "$DIR"/relay/*
}

@test "the whole name of this host, by /etc/hosts and the search domains" {
	sink relay
	routes <<<"route 1 to x.example via 127.0.0.1:$PORT"
	nameserver <<<'short A 192.0.2.7'
	mkdir "$DIR/etc"
	echo 'hosts: files dns' >"$DIR/etc/nsswitch.conf"
	: >"$DIR/etc/resolv.conf"
	echo '127.0.1.1 short.own short' >"$DIR/etc/hosts"
	greets short.own
	printf '%s\n' '127.0.0.1 localhost' $'::1\tother.own other' $' 10.1.1.1 \t Sho.own x SHORT # y' \
	    >"$DIR/etc/hosts"
	greets Sho.own
	sed -i '1s/$/ short/' "$DIR/etc/hosts"
	greets short
	printf '%s\n' '# 127.0.1.1 short.own short' '127.0.1.1 shorter.own shorter # short' >"$DIR/etc/hosts"
	greets short
	echo 'search test' >"$DIR/etc/resolv.conf"
	greets short.test
	echo '127.0.1.1 short' >>"$DIR/etc/hosts"
	greets short
	echo '127.0.1.1 short.own short' >"$DIR/etc/hosts"
	greets short.own
	echo 'hosts: dns files' >"$DIR/etc/nsswitch.conf"
	greets short.test
}

@test "the whole name of this host is looked up without c-ares where it can be" {
	DNS=$(free_port)
	sink relay
	routes <<<"route 1 to x.example via 127.0.0.1:$PORT"
	mkdir "$DIR/etc" "$DIR/bin"
	cp "$TMAIL" "$DIR/bin"
	echo 'hosts: files dns' >"$DIR/etc/nsswitch.conf"
	: >"$DIR/etc/resolv.conf"
	echo '127.0.1.1 short.own short' >"$DIR/etc/hosts"
	TMAIL=$DIR/bin/tmail
	output=$(named short "$TMAIL" deliver --index "$DIR/routes.idx" --log none --sender me@here.example \
	    a@x.example <<<hello)
	grep -qxF 'X-Helo-Args: short.own' "$DIR"/relay/*
}

@test "SERVFAIL is no answer: deferred" {
	nameserver <<<'dom MX 10 mx.broken.'
	send a@any.broken
	is 75 '4.4.3 *'
	send a@dom.test
	is 75 '4.4.3 *'
}

# odd_server CODE - a name server that answers every question with these two bytes of flags, and no
# records; at $DNS.
odd_server() {
	DNS=$(free_port)
	in_background perl -MIO::Socket::INET -e 'my ($port, $flags, $ready) = @ARGV;
	    my $s = IO::Socket::INET->new(Proto => "udp", LocalAddr => "127.0.0.1:$port") or die;
	    open my $r, ">", $ready; close $r;
	    while (defined $s->recv(my $q, 512)) { substr $q, 2, 2, pack "H4", $flags; $s->send($q) }' \
	    "$DNS" "$1" "$DIR/odd.$DNS"
	eventually [ -e "$DIR/odd.$DNS" ]
}

@test "an answer that says nothing is none: deferred" {
	local flags

	# A referral, as of a server that is lame; YXDOMAIN, NOTAUTH, and REFUSED.
	for flags in 8100 8186 8189 8105; do
		odd_server "$flags"
		send --timeout 5 a@dom.test
		is 75 '4.4.3 the DNS gave no answer for the MX of dom.test'
	done
	# These do say something: from one who asks others, or who knows.
	for flags in 8180 8500; do
		odd_server "$flags"
		send --timeout 5 a@dom.test
		is 69 '5.4.4 no address: dom.test'
	done
	odd_server 8183
	send --timeout 5 a@dom.test
	is 69 '5.1.2 *'
}

@test "an address that a name server says nothing of is not missing: deferred" {
	mx_sink 1
	nameserver <<-END
		dom MX 10 host.sub
		sub NS ns.sub
		ns.sub A 127.0.0.9
		both MX 10 host.sub
		both MX 20 mx1
		mx1 A $NET.1
	END
	# A referral to others, whom nobody asks.
	send a@dom.test
	is 75 '4.4.3 the DNS gave no answer for host.sub.test'
	send a@both.test
	is 0
	got mx1
}

@test "no name server: deferred, within the time" {
	DNS=$(free_port)
	SECONDS=0
	send --timeout 5 a@dom.test
	is 75 '4.4.3 *'
	[ "$SECONDS" -lt 60 ]
}

@test "a silent name server: deferred, within the time" {
	DNS=$(free_port)
	in_background socat -u "UDP-RECV:$DNS,bind=127.0.0.1" OPEN:/dev/null
	SECONDS=0
	send --timeout 3 a@dom.test
	is 75 '4.4.3 *'
	[ "$SECONDS" -lt 60 ]
}

@test "CNAME: of the domain, of an MX, of a relay" {
	mx_sink 1
	nameserver <<-END
		alias CNAME dom
		dom MX 10 mxalias
		mxalias CNAME mx1
		mx1 A $NET.1
		other MX 10 mxalias
		plain CNAME mx1
		lost CNAME mx1.elsewhere.
	END
	routes <<<"route 1 to relayed.test via mxalias.test:25"
	send a@alias.test
	is 0
	got mx1
	rm "$DIR"/mx1/*
	send a@other.test
	is 0
	got mx1
	rm "$DIR"/mx1/*
	send a@relayed.test
	is 0
	got mx1
	# To a name that has no MX: its own address, and never taken for a null MX.
	rm "$DIR"/mx1/*
	send a@plain.test
	is 0
	got mx1
	send a@lost.test
	is 69 '5.4.4 no address: lost.test'
}

@test "never to an MX that is not preferred over ourselves, by name" {
	mx_sink 1 -r MAIL
	mx_sink 2
	mx_sink 3
	nameserver <<-END
		dom MX 10 mx1
		dom MX 20 mx2
		dom MX 20 Sender
		dom MX 30 mx3
		mx1 A $NET.1
		mx2 A $NET.2
		mx3 A $NET.3
		sender A $NET.9
		own MX 10 sender
		own MX 20 mx3
	END
	send a@dom.test
	is 75 '4.3.0 *MAIL*'
	[ "$(mails mx2)" -eq 0 ]
	[ "$(mails mx3)" -eq 0 ]
	send a@own.test
	is 75 '4.4.6 *'
	[ "$(mails mx3)" -eq 0 ]
}

@test "never to an MX that is not preferred over ourselves, by the name of a source address" {
	mx_sink 3
	nameserver <<-END
		dom MX 10 us
		dom MX 20 mx3
		us A $NET.9
		mx3 A $NET.3
	END
	routes <<-END
		source 127.0.0.2 helo us.test
		relay pool mx local 127.0.0.3|127.0.0.2
		route via @pool
	END
	send a@dom.test
	is 75 '4.4.6 *'
	[ "$(mails mx3)" -eq 0 ]
	# A route that greets otherwise does not use the name.
	routes <<-END
		source 127.0.0.2 helo us.test
		relay pool mx local 127.0.0.2 helo other.test
		route via @pool
	END
	send a@dom.test
	is 0
	got mx3
}

@test "never to an MX that is not preferred over ourselves, by address" {
	local ours

	ours=$(ip -o -4 addr show scope global | awk '{ sub("/.*", "", $4); print $4; exit }')
	[ -n "$ours" ] || skip "this machine has no address but the loopback's"
	mx_sink 3
	nameserver <<-END
		dom MX 10 us
		dom MX 20 mx3
		us A $ours
		mx3 A $NET.3
	END
	send a@dom.test
	is 75 '4.4.6 *'
	[ "$(mails mx3)" -eq 0 ]
}

@test "via mx:DOMAIN takes the MX of that domain, and what it lacks is not final" {
	mx_sink 1
	nameserver <<-END
		provider MX 10 mx1
		mx1 A $NET.1
		closed MX 0 .
	END
	routes <<-END
		route 1 to a.example via mx:provider.test
		route 2 to b.example via mx:closed.test
		route 3 to c.example via mx:nowhere.test
	END
	send a@a.example
	is 0
	got mx1
	send a@b.example
	is 75 '4.1.10 *'
	send a@c.example
	is 75 '4.1.2 *'
}

@test "an address literal is connected to" {
	local literal

	mx_sink 1
	SINK_AT='[2001:db8:1::6]:25' sink six
	nameserver </dev/null
	send "a@[$NET.1]"
	is 0
	got mx1
	grep -qxF "X-Rcpt-Args: <a@[$NET.1]>" "$DIR"/mx1/*
	send 'a@[IPv6:2001:db8:1::6]'
	is 0
	got six
	# Unless it is our own.
	for literal in "[192.0.2.1]" "[IPv6:::ffff:192.0.2.1]"; do
		send "a@$literal"
		is 75 "4.4.6 *"
	done
}

@test "a name server that answers no AAAA: A goes on without it" {
	local own

	sink relay
	nameserver <<<'relay A 127.0.0.1'
	own=$(free_port)
	in_background perl "$BATS_TEST_DIRNAME/no-aaaa.pl" "$own" "$DNS"
	routes <<<"route 1 via relay.test:$PORT"
	for i in 1 2 3 4 5 6 7 8 9 10; do
		sleep 0.1
		perl -MIO::Socket::INET -e 'exit !IO::Socket::INET->new(Proto => "udp", LocalAddr => "127.0.0.1", LocalPort => shift)' \
		    "$own" || break
	done
	deliver --timeout 60 --dns-server "127.0.0.1:$own" a@x.example <<<hello
	is 0
	got relay
	# c-ares itself would have waited for nine seconds.
	[ "$(sed -n 's/.* ms=//p' "$DIR/log")" -lt 9000 ]
}

@test "a relay with several addresses: each is tried" {
	mx_sink 3
	nameserver <<-END
		relay A $NET.1
		relay A $NET.2
		relay A $NET.3
		relay AAAA ::1
	END
	routes <<<"route 1 via relay.test"
	send a@x.example
	is 0
	got mx3
	logged "addr=$NET.3:25 .*result=delivered"
}

@test "a relay whose name is not found: the next candidate" {
	mx_sink 1
	nameserver <<<"good A $NET.1"
	routes <<-END
		route 1 via nowhere.test priority 1
		route 2 via relay.broken priority 2
		route 3 via good.test priority 3
	END
	send a@x.example
	is 0
	got mx1
	logged 'route=1 conf=routes.conf:1 relay=nowhere.test addr=- .*text="name not found: nowhere.test"'
	logged 'route=2 .*text="the DNS gave no answer for relay.broken"'
}

@test "a domain with umlauts is looked up and sent as A-labels" {
	mx_sink 1
	nameserver <<-END
		xn--bcher-kva MX 10 mx1
		mx1 A $NET.1
	END
	send 'a@BÜCHER.test'
	is 0
	grep -qxF 'X-Rcpt-Args: <a@xn--bcher-kva.test>' "$DIR"/mx1/*
}

@test "a trailing dot of a domain is not sent" {
	mx_sink 1
	nameserver <<-END
		dom MX 10 mx1
		mx1 A $NET.1
	END
	send --sender me@Here.example. a@Dom.test.
	is 0
	grep -qxF 'X-Rcpt-Args: <a@Dom.test>' "$DIR"/mx1/*
	grep -qxF 'X-Mail-Args: <me@Here.example>' "$DIR"/mx1/*
}

# relay_is SINK - by those files a mail goes there.
relay_is() {
	named short "$TMAIL" deliver --index "$DIR/routes.idx" --dns-server "127.0.0.1:$DNS" --log stderr \
	    --timeout 20 --helo sender.test --sender me@here.example a@x.example 2>"$DIR/log" <<<hello
	got "$1"
	rm "$DIR/$1"/*
}

@test "a relay that /etc/hosts has is looked for nowhere else, whatever its family" {
	local port

	sink four
	port=$PORT
	SINK_AT=[::1]:$port sink six
	routes <<<"route 1 to x.example via relay.test:$port"
	nameserver <<-END
		relay A 127.0.0.9
		relay AAAA ::1
	END
	mkdir "$DIR/etc"
	echo 'hosts: mymachines files dns' >"$DIR/etc/nsswitch.conf"
	echo '127.0.0.1 relay.test' >"$DIR/etc/hosts"
	relay_is four
	echo '127.0.0.1 other.test' >"$DIR/etc/hosts"
	relay_is six
	# Where the DNS is asked first, it has the word.
	echo 'hosts: dns files' >"$DIR/etc/nsswitch.conf"
	echo '127.0.0.1 relay.test' >"$DIR/etc/hosts"
	relay_is six
}
