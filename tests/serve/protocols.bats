# What the listeners of tmail routes serve answer.

load helpers

setup() {
	serve_setup
}

teardown() {
	serve_teardown
}

@test "policy: the ladder with login, sender and recipient" {
	index <<-'END'
		route 1 to a.example via a.relay:587
		route 2 user ann@corp.example via ann.relay
		route 3 user corp.example from corp.example via [2001:db8::1]
		route 4 from <> via bounces.relay
		route 5 to r.example reject "5.7.1 no"
		route 6 to d.example defer "4.7.1 later"
		route 7 to x.example discard
		route 8 to m.example via mx
		route 9 to "\"c d\"@q.example" via quoted.relay
	END
	serve
	policy recipient=x@a.example sender=s@y.example | is 'FILTER smtp:[a.relay]:587'
	policy recipient=x@a.example sasl_username=ann@corp.example | is 'FILTER smtp:[ann.relay]:25'
	policy recipient=x@b.example sasl_username=bob@corp.example sender=i@corp.example |
	    is 'FILTER smtp:[ipv6:2001:db8::1]:25'
	policy recipient=x@b.example sasl_username= sender= | is 'FILTER smtp:[bounces.relay]:25'
	policy recipient=x@b.example | is DUNNO
	policy recipient=x@b.example sender=i@corp.example | is DUNNO
	policy recipient=x@r.example | is 'REJECT 5.7.1 no'
	policy recipient=x@d.example | is 'DEFER_IF_PERMIT 4.7.1 later'
	policy recipient=x@x.example | is 'FILTER discard:'
	policy recipient=x@m.example | is DUNNO
	# Local parts come without their quotes.
	policy 'recipient=c d@q.example' | is 'FILTER smtp:[quoted.relay]:25'
	policy recipient= | is DUNNO
	policy recipient=x@a.example request=other | is DUNNO
	# The same as lookup says.
	"$TMAIL" routes lookup -i routes.idx --as postfix -d x@a.example |
	    is "$(policy recipient=x@a.example)"
}

@test "policy: the MX by a route that the maps do not know" {
	local to

	index <<-'END'
		route 1 user ann@c.example via mx
		route 2 to own.example via mx
		route 3 to pool.example via mx transport pool
		route 4 to port.example via mx port 26
		route 5 to no.example reject
		route 6 to a.example via a.relay
		route 7 from s.example user any via s.relay
		route 8 from <> via mx
	END
	serve
	# Where the maps say the same, or nothing, Postfix needs no answer.
	for to in b.example own.example; do
		policy recipient=x@$to sasl_username=ann@c.example sender=t@t.example | is DUNNO
	done
	policy recipient=x@b.example sasl_username=ann@c.example sender= | is DUNNO
	policy recipient=x@b.example sender= | is DUNNO
	for to in pool port no a; do
		policy recipient=x@$to.example sasl_username=ann@c.example sender=t@t.example | is 'FILTER smtp:'
	done
	policy recipient=x@b.example sasl_username=ann@c.example sender=t@s.example | is 'FILTER smtp:'
	"$TMAIL" routes lookup -i routes.idx --as postfix -d x@a.example -u ann@c.example | is 'FILTER smtp:'
}

@test "policy: recipients of one message that differ" {
	local mode

	index <<-'END'
		route 1 to a.example via a.relay
		route 2 to b.example via b.relay
		route 3 to m.example via mx transport pool
		route 4 to r.example reject
		route 5 to x.example discard
	END
	for mode in defer first last; do
		serve --on-conflict $mode
		policy instance=1 recipient=x@a.example | is 'FILTER smtp:[a.relay]:25'
		policy instance=1 recipient=y@A.EXAMPLE | is 'FILTER smtp:[a.relay]:25'
		case $mode in
		defer) want='452 4.5.3 recipients need different routes' ;;
		first) want='FILTER smtp:[a.relay]:25' ;;
		last) want='FILTER smtp:[b.relay]:25' ;;
		esac
		policy instance=1 recipient=x@b.example | is "$want"
		policy instance=1 recipient=x@r.example | grep -q '^REJECT '
		policy instance=1 recipient=z@a.example | is 'FILTER smtp:[a.relay]:25'
		# DUNNO is another action than FILTER.
		policy instance=2 recipient=x@none.example | is DUNNO
		policy instance=2 recipient=x@b.example >out
		case $mode in
		defer) want='452 4.5.3 recipients need different routes' ;;
		first) want=DUNNO ;;
		esac
		is "$want" <out
		# Another message, and none at all.
		policy instance=3 recipient=x@b.example | is 'FILTER smtp:[b.relay]:25'
		policy recipient=x@b.example | is 'FILTER smtp:[b.relay]:25'
		policy instance=4 recipient=x@m.example | is 'FILTER pool:'
		policy instance=4 recipient=X@M.example | is 'FILTER pool:'
		# One mail dropped must not drop the others.
		policy instance=5 recipient=x@x.example | is 'FILTER discard:'
		policy instance=5 recipient=x@b.example | is '452 4.5.3 recipients need different routes'
		policy instance=6 recipient=x@b.example | is 'FILTER smtp:[b.relay]:25'
		policy instance=6 recipient=x@x.example | is '452 4.5.3 recipients need different routes'
		stop_serve
	done
}

@test "policy: the same message has the same order of relays" {
	local first i

	for i in {1..9}; do
		echo "route $i to * via relay$i.example"
	done | index
	serve
	first=$(policy instance=77 recipient=a@b.example)
	for i in {1..5}; do
		policy instance=77 recipient=c$i@d.example | is "$first"
	done
	stop_serve
	serve
	policy instance=77 recipient=a@b.example | is "$first"
}

@test "socketmap: transport and sender know no login" {
	index <<-'END'
		route 1 to a.example via a.relay:587
		route 2 to a.example via mx priority 2
		route 3 user ann@corp.example from corp.example via ann.relay
		route 4 from corp.example via implied.relay
		route 5 from open.example user any via open.relay transport out
		route 6 from <> via bounces.relay
		route 7 to r.example reject "5.7.1 no"
		route 8 to d.example defer "4.7.1 later"
		route 9 to m.example via mx
		route 10 to x.example discard
		route 11 from one@open.example user any to a.example via other.relay
	END
	serve
	socketmap transport x@a.example | is 'OK smtp:[a.relay]:587, a.example'
	socketmap transport x@r.example | is 'OK error:5.7.1 no'
	socketmap transport x@d.example | is 'OK retry:4.7.1 later'
	socketmap transport x@m.example | is 'OK smtp:'
	socketmap transport x@x.example | is 'OK discard:'
	socketmap transport x@none.example | is 'NOTFOUND '
	socketmap transport '*' | is 'NOTFOUND '
	socketmap transport '' | is 'NOTFOUND '
	socketmap sender i@corp.example | is 'NOTFOUND '
	socketmap sender i@open.example | is 'OK out:[open.relay]:25'
	socketmap sender one@open.example | is 'OK out:[open.relay]:25'
	socketmap sender '<>' | is 'OK smtp:[bounces.relay]:25'
	socketmap sender '"<>"' | is 'OK smtp:[bounces.relay]:25'
	socketmap sender x@none.example | is 'NOTFOUND '
	socketmap sender '*' | is 'NOTFOUND '
	socketmap other x | is 'PERM no such map'
	socketmap sas x | is 'PERM no such map'
}

@test "socketmap: the login of a next hop" {
	echo from-a-file >secret
	index <<-END
		route 1 to a.example via a.relay:587 login ann password "p: w"
		route 2 to b.example via b.relay login bob password-file "$T/secret"
		route 3 to c.example via two.relay login one password 1 transport one
		route 4 to d.example via two.relay login two password 2 transport two
		route 5 to e.example via a.relay:587 login ann password "p: w"
		route 6 to f.example via colon.relay login a:b password c
		route 7 to g.example via mixed.relay login a password b
		route 8 to h.example via mixed.relay
		route 9 to i.example via [2001:db8::1]:26 login six password 6
		route 10 to j.example via none.relay
		route 11 to k.example via token.relay login t token-file "$T/secret"
	END
	serve
	socketmap sasl '[a.relay]:587' | is 'OK ann:p: w'
	socketmap sasl '[A.Relay]:587' | is 'OK ann:p: w'
	socketmap sasl.smtp '[a.relay]:587' | is 'OK ann:p: w'
	socketmap sasl.other '[a.relay]:587' | is 'NOTFOUND '
	socketmap sasl '[a.relay]' | is 'NOTFOUND '
	socketmap sasl 'a.relay:587' | is 'NOTFOUND '
	socketmap sasl a.relay | is 'NOTFOUND '
	socketmap sasl '[b.relay]' | is 'OK bob:from-a-file'
	echo another >secret
	socketmap sasl '[b.relay]:25' | is 'OK bob:another'
	rm secret
	socketmap sasl '[b.relay]:25' | is 'TEMP a password-file cannot be read'
	socketmap sasl '[two.relay]' | is 'TEMP two logins lead there: give the routes transports'
	socketmap sasl.one '[two.relay]' | is 'OK one:1'
	socketmap sasl.two '[two.relay]:25' | is 'OK two:2'
	socketmap sasl '[colon.relay]' | grep -q '^TEMP '
	socketmap sasl '[mixed.relay]' | grep -q '^TEMP '
	socketmap sasl '[token.relay]' | grep -q '^TEMP '
	socketmap sasl '[ipv6:2001:db8::1]:26' | is 'OK six:6'
	socketmap sasl '[IPv6:2001:DB8:0::1]:26' | is 'OK six:6'
	socketmap sasl '[none.relay]' | is 'NOTFOUND '
	for key in '*' '' '[' '[]' '[a.relay' '[a.relay]:' '[a.relay]:x' '[a.relay]:99999'; do
		socketmap sasl "$key" | is 'NOTFOUND '
	done
}

@test "socketmap: the TLS policy of a next hop" {
	index <<-'END'
		route 1 to a.example via a.relay tls off
		route 2 to b.example via b.relay
		route 3 to c.example via c.relay tls required
		route 4 to d.example via d.relay tls verified
		route 5 to e.example via e.relay tls implicit tls-name cert.example
		route 6 to f.example via [2001:db8::1] tls verified
		route 7 to g.example via [2001:db8::2] tls verified tls-name six.example
		route 8 to h.example via many.relay tls off
		route 9 to i.example via many.relay tls verified
		route 10 to j.example via names.relay tls verified tls-name one.example transport one
		route 11 to k.example via names.relay tls verified tls-name two.example
		route 12 to l.example via l.relay tls verified tls-name nexthop
	END
	serve
	socketmap tls '[a.relay]' | is 'OK none'
	socketmap tls '[b.relay]:25' | is 'OK may'
	socketmap tls '[c.relay]' | is 'OK encrypt'
	socketmap tls '[d.relay]' | is 'OK secure match=d.relay'
	socketmap tls '[e.relay]:465' | is 'OK secure match=cert.example'
	socketmap tls '[ipv6:2001:db8::1]' | is 'OK verify'
	socketmap tls '[ipv6:2001:db8::2]' | is 'OK secure match=six.example'
	socketmap tls '[many.relay]' | is 'OK secure match=many.relay'
	socketmap tls '[names.relay]' | grep -q '^TEMP '
	socketmap tls.one '[names.relay]' | is 'OK secure match=one.example'
	# To Postfix this is the relay's name.
	socketmap tls '[l.relay]' | is 'TEMP the name of the certificate cannot be told'
	socketmap tls a.relay | is 'NOTFOUND '
	socketmap tls '[no.relay]' | is 'NOTFOUND '
}

@test "exim: route, refuse and login" {
	index <<-'END'
		route 1 to a.example via a.relay:587 login ann password "p w"
		route 2 to b.example via [2001:db8::1] transport out
		route 3 to r.example reject "5.7.1 no"
		route 4 to d.example defer "4.7.1 later"
		route 5 to x.example discard
		route 6 user corp.example via corp.relay
		route 7 from <> via bounces.relay
		route 8 to t.example via two.relay login a password b transport one
		route 9 to u.example via two.relay login c password d transport two
	END
	serve
	exim route '' s@y.example x@a.example | is a.relay::587
	exim route '' s@y.example x@b.example | is '"</ [2001:db8::1]:25" out'
	exim route ann@corp.example s@y.example x@q.example | is corp.relay::25
	exim route '' '' x@q.example | is bounces.relay::25
	printf 'route = = %s\n' "$(printf x@q.example | base64)" |
	    socat -t 5 - UNIX-CONNECT:exim | is bounces.relay::25
	exim route '' s@y.example x@q.example | is none
	for to in r d x; do
		exim route '' s@y.example x@$to.example | grep -q '^DEFER '
	done
	exim refuse '' s@y.example x@r.example | is ':fail: 5.7.1 no'
	exim refuse '' s@y.example x@d.example | is ':defer: 4.7.1 later'
	exim refuse '' s@y.example x@x.example | is ':blackhole:'
	exim refuse '' s@y.example x@a.example | is none
	exim refuse '' s@y.example x@q.example | is none
	exim login a.relay 587 | is 'YW5u cCB3'
	exim login a.relay 25 | is none
	exim login two.relay 25 | grep -q '^DEFER '
	# Never an empty answer, nor one that routes.
	for line in '' route 'route a' 'login !! !!' 'route  ' 'what = = ='; do
		printf '%s\n' "$line" | socat -t 5 - UNIX-CONNECT:exim | grep -q '^DEFER '
	done
	printf 'refuse x\n' | socat -t 5 - UNIX-CONNECT:exim | grep -q '^:defer: '
}

@test "exim: the login of a relay by another name, with the mail beside it" {
	index <<-'END'
		route 1 to a.example via alias.relay:587 login ann password one
		route 2 to b.example via alias.relay:587 login ann password one priority 1
		route 3 to b.example via second.relay:587 login ann password one priority 2
		route 4 to c.example via c.relay:587 login carl password two priority 1
		route 5 to c.example via d.relay:587 priority 2
		route 6 to d.example via mx
		route 7 to e.example via d.relay:587
		route 8 user ann@corp.example via e.relay:587 login eve password three
		route 9 to f.example reject
	END
	serve
	# login HOST RECIPIENT [LOGIN [PORT]] - by a mail to that recipient.
	login() { exim login "$1" "${4:-587}" "${3:-}" s@y.example "$2"; }
	for to in a b; do
		login real.pool x@$to.example | is 'YW5u b25l'
	done
	login Alias.Relay x@a.example | is 'YW5u b25l'
	login real.pool x@q.example ann@corp.example | is 'ZXZl dGhyZWU='
	# Another relay's name by chance: the mail tells.
	login c.relay x@a.example | is 'YW5u b25l'
	login c.relay x@c.example | is 'Y2FybA== dHdv'
	login d.relay x@c.example | is none
	login real.pool x@c.example | is 'DEFER the name of the relay is none of the routes, and they have several logins'
	login real.pool x@e.example | is none
	login mx.d.example x@d.example '' 25 | is none
	for to in d f q; do
		login real.pool x@$to.example | is 'DEFER no route of this mail leads there'
	done
	printf 'login %s %s \n' "$(printf alias.relay | base64)" "$(printf 587 | base64)" |
	    socat -t 5 - UNIX-CONNECT:exim | is 'DEFER the question was not understood'
}

@test "passwords are told on unix sockets only" {
	index <<<'route 1 to a.example via a.relay login ann password secret'
	local map exim

	map=$(free_port)
	exim=$(free_port)
	start_serve --socketmap "inet:127.0.0.1:$map" --exim "inet:127.0.0.1:$exim" --socketmap "inet:[::1]:$map"
	socketmap sasl '[a.relay]' "TCP:127.0.0.1:$map" | is 'PERM passwords are told on unix sockets only'
	socketmap sasl '[a.relay]' "TCP6:[::1]:$map" | grep -q '^PERM '
	socketmap tls '[a.relay]' "TCP:127.0.0.1:$map" | is 'OK secure match=a.relay'
	printf 'login %s %s\n' "$(printf a.relay | base64)" "$(printf 25 | base64)" |
	    socat -t 5 - "TCP:127.0.0.1:$exim" | grep -q '^DEFER '
}

@test "decisions in the log, and no secret" {
	index <<-'END'
		route 1 to a.example via a.relay login ann password canary
		route 2 to a.example via b.relay priority 2
	END
	serve --log-queries
	policy recipient=x@a.example sasl_username=me sender= >out
	socketmap sasl '[a.relay]' | is 'OK ann:canary'
	exim login a.relay 25 >out
	policy "recipient=$(printf 'a\tb@x')" >out
	grep -qx 'event=query protocol=policy to=x@a.example login=me from=<> routes=1,2 answer="FILTER smtp:\[a.relay\]:25, \[b.relay\]:25"' log
	grep -qF 'to="\"a\x09b\"@x"' log
	! grep -q 'canary\|Y2FuYXJ5' log
}
