# Priority, failover and round-robin, with smtp-sink as the relays.

load helpers

setup() {
	deliver_setup
}

teardown() {
	deliver_teardown
}

# first_and_second OPTION... - a route to an smtp-sink with these options, and to a good one
# after it.
first_and_second() {
	sink first "$@"
	local first=$PORT
	sink second
	routes <<-END
		route 1 to x.example via 127.0.0.1:$first priority 1
		route 2 to x.example via 127.0.0.1:$PORT priority 2
	END
}

@test "a message arrives as it was, with its envelope" {
	sink relay
	routes <<<"route 1 to x.example via 127.0.0.1:$PORT helo greeter.example"
	printf 'Subject: hi\n\none\n..two\n.\nthree\n' >"$DIR/message"
	deliver Bob+tag@X.example <"$DIR/message"
	is 0 ''
	got relay
	body relay | cmp - "$DIR/message"
	grep -qxF 'X-Mail-Args: <me@here.example>' "$DIR"/relay/*
	grep -qxF 'X-Rcpt-Args: <Bob+tag@X.example>' "$DIR"/relay/*
	grep -qxF 'X-Helo-Args: greeter.example' "$DIR"/relay/*
}

@test "relays that refuse connections are passed over" {
	sink third
	routes <<-END
		route 1 to x.example via 127.0.0.1:$(free_port) priority 1
		route 2 to x.example via 127.0.0.1:$(free_port) priority 2
		route 3 to x.example via 127.0.0.1:$PORT priority 3
	END
	deliver a@x.example <<<hello
	is 0 ''
	got third
	[ "$(wc -l <"$DIR/log")" -eq 3 ]
	logged 'route=1 .*stage=connect code=- text="Connection refused"'
	logged 'route=3 .*result=delivered'
}

@test "421 at the banner: the next relay" {
	first_and_second -Q CONNECT
	deliver a@x.example <<<hello
	is 0
	[ "$(mails first)" -eq 0 ]
	got second
	logged 'route=1 .*stage=banner code=421'
}

@test "4xx at MAIL, RCPT, DATA or after the dot: the next relay" {
	local stage

	for stage in MAIL RCPT DATA .; do
		first_and_second -r "$stage"
		deliver a@x.example <<<hello
		is 0
		got second
		logged "route=1 .*result=failed stage=${stage/./dot} code=450"
		rm "$DIR"/second/*
	done
}

@test "5xx at the banner or EHLO: the next relay" {
	local stage

	for stage in CONNECT EHLO; do
		first_and_second -f "${stage/EHLO/EHLO, HELO}"
		deliver a@x.example <<<hello
		is 0
		got second
		logged "route=1 .*result=failed stage=${stage/CONNECT/banner} code=5"
		rm "$DIR"/second/*
	done
}

@test "5xx at MAIL, RCPT, DATA or after the dot is final" {
	local stage

	for stage in MAIL RCPT DATA .; do
		first_and_second -B '554 5.7.9 not here' -f "$stage"
		deliver a@x.example <<<hello
		is 69 "5.7.9 127.0.0.1?127.0.0.1:*?: ${stage/./dot}: 554 5.7.9 not here"
		[ "$(mails second)" -eq 0 ]
		logged 'route=1 .*result=refused'
	done
}

@test "a 5xx without an enhanced status code, or with a strange one, gets one" {
	local reply

	for reply in '550 no' '550 4.1.1 no' '550 5.1 no' '550 5.1.1234 no'; do
		first_and_second -B "$reply" -f RCPT
		deliver a@x.example <<<hello
		is 69 "5.0.0 *$reply"
	done
}

@test "530 anywhere: the next relay" {
	local stage

	for stage in MAIL RCPT DATA .; do
		first_and_second -B '530 5.7.0 must authenticate' -f "$stage"
		deliver a@x.example <<<hello
		is 0
		got second
		rm "$DIR"/second/*
	done
}

@test "all relays fail: deferred, with the reply of the one that got furthest" {
	sink first -r RCPT -b '452 4.2.2 mailbox full'
	local first=$PORT
	sink second -r MAIL -b '451 4.3.9 not now'
	routes <<-END
		route 1 to x.example via 127.0.0.1:$first priority 1
		route 2 to x.example via 127.0.0.1:$PORT priority 2
	END
	deliver a@x.example <<<hello
	is 75 '4.2.2 *: RCPT: 452 4.2.2 mailbox full (the furthest of 2 attempts)'
}

@test "a relay that hangs does not eat up the time of the next" {
	silent
	local first=$PORT
	sink second
	routes <<-END
		route 1 to x.example via 127.0.0.1:$first priority 1
		route 2 to x.example via 127.0.0.1:$PORT priority 2
	END
	SECONDS=0
	deliver --timeout 4 a@x.example <<<hello
	is 0
	got second
	[ "$SECONDS" -lt 60 ]
	logged 'route=1 .*stage=banner .*text="timed out"'
}

@test "a relay that hangs at RCPT: the next one" {
	# With commands in a row this server answers out of turn.
	first_and_second -p -W RCPT:30
	deliver --timeout 4 a@x.example <<<hello
	is 0
	got second
	logged 'route=1 .*stage=RCPT code=- text="timed out"'
}

@test "the time for the whole delivery is limited" {
	silent
	routes <<-END
		route 1 to x.example via 127.0.0.1:$PORT priority 1
		route 2 to x.example via 127.0.0.1:$PORT priority 2 helo other
		route 3 to x.example via 127.0.0.1:$PORT priority 3 helo third
	END
	SECONDS=0
	deliver --timeout 3 a@x.example <<<hello
	is 75 '4.4.*'
	[ "$SECONDS" -lt 60 ]
}

@test "no reply after the final dot: deferred, and no other relay is tried" {
	first_and_second -q .
	deliver a@x.example <<<hello
	is 75 '4.4.2 *may have taken the message*'
	[ "$(mails second)" -eq 0 ]
	logged 'route=1 .*result=stopped stage=dot'
	[ "$(wc -l <"$DIR/log")" -eq 1 ]
}

@test "silence after the final dot: deferred when the time is over" {
	first_and_second -W .:30
	deliver --timeout 3 a@x.example <<<hello
	is 75 '4.4.2 *may have taken the message*'
	[ "$(mails second)" -eq 0 ]
}

@test "an answer after the dot that is no reply: deferred, and no other relay is tried" {
	local answer

	sink second
	for answer in 'what?' '999 what' '354 more' '2x0 ok'; do
		printf '%s\n' '|220 x' 'EHLO|250 x' 'MAIL|250 x' 'RCPT|250 x' 'DATA|354 x' \
		    ".|$answer" >"$DIR/script"
		local second=$PORT
		script_server "$DIR/script"
		routes <<-END
			route 1 to x.example via 127.0.0.1:$PORT priority 1
			route 2 to x.example via 127.0.0.1:$second priority 2
		END
		PORT=$second
		deliver a@x.example <<<hello
		is 75 '4.*'
		[ "$(mails second)" -eq 0 ]
	done
}

@test "a connection lost before the final dot: the next relay" {
	local stage

	for stage in CONNECT EHLO MAIL RCPT DATA; do
		first_and_second -q "$stage"
		deliver a@x.example <<<hello
		is 0
		got second
		rm "$DIR"/second/*
	done
}

@test "a relay that refuses amid the data: its reply counts" {
	first_and_second -A 0
	head -c 30000000 /dev/zero | tr '\0' x | fold -w 70 >"$DIR/message"
	deliver a@x.example <"$DIR/message"
	is 69 '5.*550*'
	[ "$(mails second)" -eq 0 ]
}

@test "reject and defer routes" {
	routes <<-END
		route 1 to no.example reject
		route 2 to gone.example reject "5.1.6 they have moved"
		route 3 to later.example defer "4.2.1 on holiday"
		route 4 to odd.example reject "5.7777.1 closed"
	END
	deliver a@no.example <<<hello
	is 69 '5.7.1 delivery to this destination is not permitted'
	deliver a@gone.example <<<hello
	is 69 '5.1.6 they have moved'
	deliver a@later.example <<<hello
	is 75 '4.2.1 on holiday'
	deliver a@odd.example <<<hello
	is 69 '5.7.1 5.7777.1 closed'
}

@test "a mail that no relay was asked to take has its line in the log" {
	local none='relay=- addr=- source=- tls=- verified=no auth=-'

	routes <<-END
		route 1 to gone.example reject "5.1.6 they have moved"
		route 2 to later.example defer
	END
	run_deliver --sender '' --queue-id Q1 -- a@gone.example <<<hello
	logged "^to=a@gone.example from=<> login=- queue_id=Q1 digest=[0-9a-f]{8} route=1 conf=routes.conf:1 $none result=refused stage=route code=- text=\"5.1.6 they have moved\""
	deliver a@later.example <<<hello
	logged "route=2 conf=routes.conf:2 .*result=deferred stage=route code=- text=\"4.3.2 "
	[ "$(wc -l <"$DIR/log")" -eq 1 ]
	truncate -s 100 "$DIR/routes.idx"
	deliver a@gone.example <<<hello
	is 75 '4.3.5 *'
	logged "^to=a@gone.example .*digest=- route=- conf=- $none result=deferred stage=index code=- text=\"4.3.5 "
	[ "$(wc -l <"$DIR/log")" -eq 1 ]
}

@test "300 deliveries to weights 2:1 are within the bounds of chance" {
	local i

	sink big
	local big=$PORT
	sink small
	routes <<-END
		route 1 to x.example via 127.0.0.1:$big weight 2
		route 2 to x.example via 127.0.0.1:$PORT weight 1
	END
	for ((i = 0; i < 300; i++)); do
		deliver a@x.example <<<hello
		is 0
	done
	[ $(($(mails big) + $(mails small))) -eq 300 ]
	# 200 expected, with a standard deviation of 8.2: one run in a million fails.
	[ "$(mails big)" -ge 160 ]
	[ "$(mails big)" -le 240 ]
}

@test "the same seed gives the same order" {
	local i first

	sink one
	local one=$PORT
	sink two
	routes <<-END
		route 1 to x.example via 127.0.0.1:$one
		route 2 to x.example via 127.0.0.1:$PORT
	END
	for i in 1 2 3 4 5 6 7 8; do
		deliver --seed 42 a@x.example <<<hello
		is 0
	done
	[ "$(mails one) $(mails two)" = '8 0' ] || [ "$(mails one) $(mails two)" = '0 8' ]
	rm -f "$DIR"/one/* "$DIR"/two/*
	for i in 1 2 3 4 5 6 7 8; do
		deliver --seed-from 4cXkq52Nf9z2 a@x.example <<<hello
		is 0
	done
	[ "$(mails one) $(mails two)" = '8 0' ] || [ "$(mails one) $(mails two)" = '0 8' ]
	rm -f "$DIR"/one/* "$DIR"/two/*
	# Others have another; in one run of 2^29 all are on one side.
	for i in {1..30}; do
		deliver --seed-from "4cXkq52Nf9z$i" a@x.example <<<hello
		is 0
	done
	[ "$(mails one)" -gt 0 ]
	[ "$(mails two)" -gt 0 ]
	deliver --seed 1 --seed-from 1 a@x.example <<<hello
	is 75 "4.3.5 *'--seed' and '--seed-from'*"
}

@test "login and sender decide" {
	sink carol
	local carol=$PORT
	sink null
	local null=$PORT
	sink rest
	routes <<-END
		route 1 user carol@here.example via 127.0.0.1:$carol
		route 2 from <> via 127.0.0.1:$null
		route 3 via 127.0.0.1:$PORT
	END
	deliver --user carol@here.example a@x.example <<<hello
	is 0
	deliver --sender '' a@x.example <<<hello
	is 0
	deliver --user '' a@x.example <<<hello
	is 0
	got carol null rest
	grep -qxF 'X-Mail-Args: <>' "$DIR"/null/*
	deliver --sender '<>' a@x.example <<<hello
	is 0
	[ "$(mails null)" -eq 2 ]
}

@test "source addresses: round-robin uses them all, failover the first that works" {
	local i

	sink robin
	local robin=$PORT
	sink over
	routes <<-END
		route 1 to robin.example via 127.0.0.1:$robin local 127.0.0.2|127.0.0.3
		route 2 to over.example via 127.0.0.1:$PORT local 127.0.0.3&127.0.0.2
		route 3 to gone.example via 127.0.0.1:$PORT local 203.0.113.7&127.0.0.4
	END
	for ((i = 0; i < 20; i++)); do
		deliver a@robin.example <<<hello
		deliver a@over.example <<<hello
	done
	grep -qx 'X-Client-Addr: 127.0.0.2' "$DIR"/robin/*
	grep -qx 'X-Client-Addr: 127.0.0.3' "$DIR"/robin/*
	[ "$(cat "$DIR"/robin/* | grep -c 'X-Client-Addr: 127.0.0.[23]$')" -eq 20 ]
	[ "$(cat "$DIR"/over/* | grep -c 'X-Client-Addr: 127.0.0.3$')" -eq 20 ]
	# 203.0.113.7 is no address of this machine.
	deliver a@gone.example <<<hello
	is 0
	cat "$DIR"/over/* | grep -qx 'X-Client-Addr: 127.0.0.4'
	logged 'source=203.0.113.7 .*result=failed'
	logged 'source=127.0.0.4 .*result=delivered'
}

@test "a soft refusal is tried again from the next source address" {
	sink relay -r MAIL
	routes <<<"route 1 to x.example via 127.0.0.1:$PORT local 127.0.0.2&127.0.0.3"
	deliver a@x.example <<<hello
	is 75
	[ "$(grep -c 'stage=MAIL code=450' "$DIR/log")" -eq 2 ]
}

@test "IPv6: relay and source address" {
	SINK_AT="[::1]:$(free_port)" sink relay
	routes <<-END
		route 1 to x.example via [::1]:$PORT local ::1
		route 2 to y.example via [::1]:$PORT
	END
	deliver a@x.example <<<hello
	is 0
	got relay
	grep -qx 'X-Client-Addr: ipv6:::1' "$DIR"/relay/*
	logged 'addr=\[::1\]:[0-9]+ source=::1 '
	deliver a@y.example <<<hello
	is 0
}

@test "source addresses of the other family only: the candidate fails" {
	sink relay
	# A literal relay address of the other family is an error in the conf; a name is not.
	routes <<<"route 1 to x.example via relay.test:$PORT local ::1"
	nameserver <<<'relay A 127.0.0.1'
	deliver --dns-server "127.0.0.1:$DNS" a@x.example <<<hello
	is 75 '4.3.5 no source address*'
	[ "$(mails relay)" -eq 0 ]
	logged 'route=1 .*text="no source address'
}
