# What deliveries know of each other: limits of relays, and addresses that are down.

load helpers

setup() {
	deliver_setup
	mkdir "$DIR/state"
}

teardown() {
	deliver_teardown
}

send() {
	deliver --state "$DIR/state" "$@" <<<hello
}

# under_way RECIPIENT - a delivery that stays at RCPT for as long as its server; its process is in $!.
under_way() {
	"$TMAIL" deliver --index "$DIR/routes.idx" --log stderr --state "$DIR/state" \
	    --sender me@here.example "$1" <<<hello >"$DIR/under_way" 2>&1 3>&- &
	PIDS+=($!)
	eventually grep -q "^RCPT TO:<$1>" "$DIR/script.log"
}

eventually() {
	local i

	for ((i = 0; i < 600; i++)); do
		"$@" 2>/dev/null && return
		sleep 0.05
	done
	fail "it never came to: $*"
}

@test "connections: so many at a time, over all routes; then the next candidate, then 4.4.5" {
	local slow second first

	sink second
	second=$PORT
	script 'EHLO|250 x' 'RCPT TO:<slow|SILENCE'
	slow=$PORT
	routes <<-END
		relay pair 127.0.0.1:$slow connections 2
		route 1 to x.example via @pair priority 1
		route 2 to x.example via 127.0.0.1:$second priority 2
		route 3 to alone.example via @pair
		route 4 to y.example via @pair helo other.example
	END
	under_way slow@x.example
	first=$!
	send a@alone.example
	is 0
	under_way slow@y.example
	send --wait 0 a@alone.example
	is 75 '4.4.5 2 deliveries to the relay pair are under way'
	logged 'route=3 .* relay=127.0.0.1 addr=- .*result=failed stage=prepare .*under way'
	send --wait 0 a@x.example
	is 0
	got second
	# A delivery that is killed makes room at once.
	kill -9 "$first"
	eventually eval 'send --wait 1 a@alone.example; [ "$status" -eq 0 ]'
	# Who waits gets it.
	under_way slow2@x.example
	(sleep 1; kill -9 $!) 3>&- &
	send --wait 20 a@alone.example
	is 0
}

@test "rate: so many in a time, over all routes; then the next candidate, then 4.4.5" {
	local i

	sink relay
	local relay=$PORT
	sink second
	routes <<-END
		relay few 127.0.0.1:$relay rate 3/h
		relay quick 127.0.0.1:$relay rate 2/s
		route 1 to x.example via @few priority 1
		route 2 to x.example via 127.0.0.1:$PORT priority 2
		route 3 to alone.example via @few
		route 4 to quick.example via @quick
	END
	for i in 1 2; do
		send a@x.example
		is 0
	done
	send a@alone.example
	is 0
	[ "$(mails relay)" -eq 3 ]
	send --wait 1 a@alone.example
	is 75 '4.4.5 3 deliveries to the relay few in 3600 s have begun'
	send a@x.example
	is 0
	got second
	for i in 1 2 3 4 5; do
		send --wait 10 a@quick.example
		is 0
	done
	[ "$(mails relay)" -eq 8 ]
	# A file that is damaged, or of a clock that was put back, stops nothing.
	echo nonsense >"$DIR/state/rate.few"
	send a@alone.example
	is 0
	echo '0 99999999999999' >"$DIR/state/rate.few"
	send a@alone.example
	is 0
}

@test "without a directory there is one warning, and no limit" {
	sink relay
	routes <<-END
		relay one 127.0.0.1:$PORT connections 1 rate 1/h
		route 1 to x.example via @one
		route 2 to y.example via 127.0.0.1:$PORT
	END
	for i in 1 2; do
		deliver --state "$DIR/none" a@x.example <<<hello
		is 0
		[ "$(grep -c '^warning: ' "$DIR/log")" -eq 1 ]
		logged "^warning: $DIR/none: No such file or directory: the limits of relays are not heeded"
	done
	deliver --state "$DIR/none" a@y.example <<<hello
	is 0
	! grep warning "$DIR/log" || fail 'there are no limits'
}

@test "an address that is down is tried after the others, and never left out" {
	local down second

	down=$(free_port)
	sink second
	second=$PORT
	routes <<-END
		route 1 to x.example via 127.0.0.1:$down priority 1
		route 2 to x.example via 127.0.0.1:$second priority 2
	END
	send a@x.example
	is 0
	[ "$(wc -l <"$DIR/log")" -eq 2 ]
	send a@x.example
	is 0
	[ "$(wc -l <"$DIR/log")" -eq 1 ]
	logged 'route=2 .*result=delivered'
	# Not where nobody wants to know.
	send --penalty 0 a@x.example
	[ "$(wc -l <"$DIR/log")" -eq 2 ]
	# When the other fails, its turn comes.
	routes <<-END
		route 1 to x.example via 127.0.0.1:$down priority 1
		route 2 to x.example via 127.0.0.1:$(free_port) priority 2
	END
	send a@x.example
	is 75 '4.4.1 127.0.0.1*:'"$down"'?: connect: Connection refused (the furthest of 2 attempts)'
	[ "$(sed 's/.* route=\([0-9]\) .*/\1/' "$DIR/log" | tr '\n' ' ')" = '2 1 ' ]
	# And who answers again is the first again.
	SINK_AT=127.0.0.1:$down sink first
	send a@x.example
	is 0
	got first
	rm "$DIR"/first/*
	send a@x.example
	is 0
	[ "$(wc -l <"$DIR/log")" -eq 1 ]
	got first
}

@test "who does not greet is down, too; who refuses the mail is not" {
	local mute relay

	silent
	mute=$PORT
	sink relay -r RCPT
	relay=$PORT
	sink second
	routes <<-END
		route 1 to mute.example via 127.0.0.1:$mute priority 1
		route 2 to mute.example via 127.0.0.1:$PORT priority 2
		route 3 to soft.example via 127.0.0.1:$relay priority 1
		route 4 to soft.example via 127.0.0.1:$PORT priority 2
	END
	send --timeout 3 a@mute.example
	is 0
	logged 'route=1 .*stage=banner .*timed out'
	send a@mute.example
	is 0
	[ "$(wc -l <"$DIR/log")" -eq 1 ]
	for i in 1 2; do
		send a@soft.example
		is 0
		[ "$(wc -l <"$DIR/log")" -eq 2 ]
	done
}

@test "MX hosts that are down come after those less preferred" {
	SINK_AT=198.51.100.2:25 sink mx2
	nameserver <<-END
		dom MX 10 mx1
		dom MX 20 mx2
		mx1 A 198.51.100.1
		mx2 A 198.51.100.2
	END
	routes <<<'route 1 to elsewhere.example reject'
	send --dns-server "127.0.0.1:$DNS" a@dom.test
	is 0
	[ "$(wc -l <"$DIR/log")" -eq 2 ]
	send --dns-server "127.0.0.1:$DNS" a@dom.test
	is 0
	[ "$(wc -l <"$DIR/log")" -eq 1 ]
	[ "$(mails mx2)" -eq 2 ]
}

@test "a hundred mails by twenty processes: only the first ones meet a relay that is down" {
	local down

	down=$(free_port)
	sink second
	routes <<-END
		route 1 to x.example via 127.0.0.1:$down priority 1
		route 2 to x.example via 127.0.0.1:$PORT priority 2
	END
	seq 100 | xargs -P 20 -I{} sh -c '"$1" deliver --index "$2/routes.idx" --log stderr --state "$2/state" \
	    --sender me@here.example a@x.example <"$2/routes.conf" 2>"$2/log.{}" || echo failed' sh "$TMAIL" "$DIR" \
	    >"$DIR/failed" 3>&-
	[ ! -s "$DIR/failed" ]
	[ "$(mails second)" -eq 100 ]
	[ "$(cat "$DIR"/log.* | grep -c 'route=1 ')" -le 40 ]
}

@test "who is late to greet is down for others, while somebody still waits" {
	local mute waiting

	script 'EHLO|250 x'
	sed -i '1s/.*/|WAIT 16 220 x/' "$DIR/script"
	mute=$PORT
	sink second
	routes <<-END
		route 1 to x.example via 127.0.0.1:$mute priority 1
		route 2 to x.example via 127.0.0.1:$PORT priority 2
	END
	"$TMAIL" deliver --index "$DIR/routes.idx" --log stderr --state "$DIR/state" --sender me@here.example \
	    a@x.example <<<hello 2>"$DIR/waiting" 3>&- &
	waiting=$!
	eventually eval '[ -n "$(ls "$DIR/state")" ]'
	kill -0 "$waiting"
	send a@x.example
	is 0
	[ "$(wc -l <"$DIR/log")" -eq 1 ]
	got second
	# It was not down after all.
	wait "$waiting"
	grep -q 'route=1 .*result=delivered' "$DIR/waiting"
	[ -z "$(ls "$DIR/state")" ]
}

@test "a state that is nonsense holds nothing up" {
	local text

	sink relay
	routes <<-END
		relay r 127.0.0.1:$PORT rate 5/s
		route 1 via @r
	END
	for text in '' nonsense '9223372036854775807 -9223372036854775808' \
	    '-9223372036854775808 9223372036854775807' '99999999999999999999 1'; do
		printf '%s' "$text" >"$DIR/state/rate.r"
		deliver --state "$DIR/state" --wait 9 a@x.example <<<hello
		is 0
	done
}
