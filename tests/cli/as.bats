# tmail routes lookup --as: what Postfix and Exim are told of one mail.

setup() {
	TMAIL=$(realpath "${TMAIL:-$BATS_TEST_DIRNAME/../../build/tmail}")
	cd "$BATS_TEST_TMPDIR"
	unset TMAIL_ROUTES_CONF TMAIL_ROUTES_INDEX
	umask 077
}

# index - compiles the configuration on standard input.
index() {
	cat >routes.conf
	"$TMAIL" routes compile -q -c routes.conf
}

# told FORM RECIPIENT TEXT [OPTION...] - the answer is that text.
told() {
	local answer

	answer=$("$TMAIL" routes lookup -i routes.idx --as "$1" -d "$2" "${@:4}" 2>err) || true
	[ "$answer" = "$3" ] || { printf '%s\n' "$1 $2: $answer" "not: $3"; cat err; return 1; }
}

@test "hosts, addresses and the MX of domains" {
	index <<-'END'
		route 1 to a.example via h.example:587
		route 2 to b.example via 192.0.2.1
		route 3 to c.example via [2001:db8::1]:2525
		route 4 to d.example via mx
		route 5 to e.example via mx:mx.example
		route 6 to f.example via mx port 2525
		route 7 to g.example via mx transport pool
		route 8 to h.example via mx:mx.example port 2526 transport pool
	END
	told postfix x@a.example 'FILTER smtp:[h.example]:587'
	told exim x@a.example 'h.example::587'
	told postfix x@b.example 'FILTER smtp:[192.0.2.1]:25'
	told exim x@b.example '192.0.2.1::25'
	told postfix x@c.example 'FILTER smtp:[ipv6:2001:db8::1]:2525'
	told exim x@c.example '"</ [2001:db8::1]:2525"'
	told postfix x@d.example DUNNO
	told exim x@d.example d.example/mx
	told postfix x@e.example 'FILTER smtp:mx.example'
	told exim x@e.example mx.example/mx
	# The port would be lost.
	told postfix x@F.example. 'FILTER smtp:f.example:2525'
	told exim x@f.example f.example/mx::2525
	told postfix x@g.example 'FILTER pool:'
	told exim x@g.example 'g.example/mx pool'
	told postfix x@h.example 'FILTER pool:mx.example:2526'
	told exim x@h.example 'mx.example/mx::2526 pool'
	told postfix x@none.example DUNNO
	told exim x@none.example none
}

@test "several candidates in the order of the plan, of one transport" {
	index <<-'END'
		route 1 to a.example via one.example priority 1 transport slow
		route 2 to a.example via two.example priority 2
		route 3 to a.example via three.example:587 priority 3 transport slow
		route 4 to a.example via mx priority 4 transport slow
		route 5 to six.example via [2001:db8::1] priority 1
		route 6 to six.example via four.example priority 2
		route 7 to both.example via [2001:db8::1] priority 1
		route 8 to both.example via mx priority 2
		route 9 to mx.example via mx priority 1
		route 10 to mx.example via two.example priority 2
	END
	told postfix x@a.example 'FILTER slow:[one.example]:25, [three.example]:587, a.example'
	told exim x@a.example '"one.example::25 : three.example::587 : a.example/mx" slow'
	told postfix x@six.example 'FILTER smtp:[ipv6:2001:db8::1]:25, [four.example]:25'
	told exim x@six.example '"</ [2001:db8::1]:25 / four.example:25"'
	told exim x@both.example '"<; [2001:db8::1]:25 ; both.example/mx"'
	told postfix x@mx.example 'FILTER smtp:mx.example, [two.example]:25'
}

@test "a seed draws one order, by the weights" {
	local seed first=0

	index <<-'END'
		route 1 to * via big.example weight 9
		route 2 to * via small.example weight 1
	END
	for seed in {1..60}; do
		case $("$TMAIL" routes lookup -i routes.idx --as postfix -d a@b.example --seed $seed) in
		'FILTER smtp:[big.example]:25, [small.example]:25') first=$((first + 1)) ;;
		'FILTER smtp:[small.example]:25, [big.example]:25') ;;
		*) false ;;
		esac
	done
	[ "$first" -ge 40 ] && [ "$first" -lt 60 ]
}

@test "reject, defer and discard" {
	index <<-'END'
		route 1 to a.example reject "5.1.2 no such place"
		route 2 to b.example defer
		route 3 to c.example discard
	END
	told postfix x@a.example 'REJECT 5.1.2 no such place'
	told exim x@a.example ':fail: 5.1.2 no such place'
	told postfix x@b.example 'DEFER_IF_PERMIT 4.3.2 delivery to this destination is suspended'
	told exim x@b.example ':defer: 4.3.2 delivery to this destination is suspended'
	told postfix x@c.example 'FILTER discard:'
	told exim x@c.example ':blackhole:'
}

@test "a domain that cannot be a next hop is left out" {
	index <<-'END'
		route 1 to * via mx priority 1
		route 2 to * via h.example priority 2
	END
	told postfix 'x@a b.example' 'FILTER smtp:[h.example]:25' 2>&1 || {
		# lookup itself takes no such recipient; a line of a batch may hold it.
		printf 'x@a..example\t\t\n' | "$TMAIL" routes lookup -i routes.idx --as postfix - >out
		[ "$(cat out)" = 'FILTER smtp:[h.example]:25' ]
		printf 'x@a..example\t\t\n' | "$TMAIL" routes lookup -i routes.idx --as exim - >out
		[ "$(cat out)" = 'h.example::25' ]
	}
	told postfix 'x@[192.0.2.1]' 'FILTER smtp:[192.0.2.1], [h.example]:25'
	told exim 'x@[192.0.2.1]' '"192.0.2.1::25 : h.example::25"'
	told postfix x@bücher.example 'FILTER smtp:xn--bcher-kva.example, [h.example]:25'
	# Postfix gives it a domain of its own.
	told postfix bob 'FILTER smtp:[h.example]:25'
	index <<<'route 1 to * via mx port 26'
	told postfix bob 'DEFER_IF_PERMIT 4.3.0 the routes cannot be read'
	index <<<'route 1 to * via mx transport own'
	told postfix bob 'FILTER own:'
}

@test "a transport whose name is the beginning of an option of Exim's" {
	index <<-'END'
		route 1 to a.example via h.example transport by
		route 2 to b.example via h.example transport randomize
		route 3 to c.example via h.example transport n
		route 4 to d.example via h.example transport byte
	END
	for to in x@a.example x@b.example x@c.example; do
		told exim "$to" "DEFER 4.3.0 Exim takes the transport's name for an option"
	done
	told exim x@d.example 'h.example::25 byte'
	told postfix x@a.example 'FILTER by:[h.example]:25'
}

@test "no action is longer than Postfix takes, and none ends within a host" {
	local answer n

	for n in {1..100}; do
		echo "route $n to * via host-number-$n.example:587 priority $n"
	done | index
	answer=$("$TMAIL" routes lookup -i routes.idx --as postfix -d a@b.example)
	[ ${#answer} -le 2048 ]
	[ ${#answer} -gt 1700 ]
	n=$(grep -o ', ' <<<"$answer" | wc -l)
	[[ $answer == *", [host-number-$((n + 1)).example]:587" ]]
}

@test "many mails, login and sender" {
	index <<-'END'
		route 1 user ann@example.org via ann.example
		route 2 from <> via bounces.example
	END
	printf '%s\t%s\t%s\n' a@b.example ann@example.org s@example.org a@b.example '' '<>' \
	    a@b.example '' x@y.example >queries
	"$TMAIL" routes lookup -i routes.idx --as postfix - <queries >out
	diff out - <<-'END'
		FILTER smtp:[ann.example]:25
		FILTER smtp:[bounces.example]:25
		DUNNO
	END
}

@test "wrong usage" {
	index <<<'route 1 via h.example'
	for words in '--as sendmail' '--as postfix --json' '--as exim --plan' '--as exim --explain'; do
		code=0
		"$TMAIL" routes lookup -i routes.idx -d a@b.example $words >out 2>err || code=$?
		[ "$code" -eq 64 ]
		[ ! -s out ]
	done
}
