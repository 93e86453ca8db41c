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

@test "rate: who is put off has counted, and comes in again" {
	script 'EHLO|250 x'
	sed -i '1s/.*/|WAIT 2.5 220 x/' "$DIR/script"
	routes <<-END
		relay slow 127.0.0.1:$PORT rate 1/h
		route 1 to x.example via @slow priority 1
		route 2 to x.example via 127.0.0.1:$(free_port) priority 2
	END
	send a@x.example
	is 0
	logged ' route=1 .* result=put-off '
	send a@x.example
	is 75
	logged ' result=failed stage=prepare .* text="1 deliveries to the relay slow in 3600 s have begun"'
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
	deliver --state "$DIR/"$'no\nne' a@x.example <<<hello
	logged "^warning: $DIR/no[?]ne: No such file"
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

# crowd - a hundred mails by twenty processes, whose logs are $DIR/log.N.
crowd() {
	rm -f "$DIR"/log.*
	seq 100 | xargs -P 20 -I{} sh -c '"$1" deliver --index "$2/routes.idx" --log stderr --state "$2/state" \
	    --sender me@here.example a@x.example <"$2/routes.conf" 2>"$2/log.{}" || echo failed' sh "$TMAIL" "$DIR" \
	    >"$DIR/failed" 3>&-
	[ ! -s "$DIR/failed" ]
}

@test "a hundred mails by twenty processes: only the first ones meet a relay that is down, and for a moment" {
	local kind second

	sink second
	second=$PORT
	for kind in refuses black_hole silent; do
		if [ "$kind" = refuses ]; then
			PORT=$(free_port)
		else
			"$kind"
		fi
		routes <<-END
			route 1 to x.example via 127.0.0.1:$PORT priority 1
			route 2 to x.example via 127.0.0.1:$second priority 2
		END
		rm -f "$DIR"/state/*
		crowd
		[ "$(mails second)" -eq 100 ]
		rm "$DIR"/second/*
		[ "$(cat "$DIR"/log.* | grep -c 'route=1 ')" -le 40 ]
		cat "$DIR"/log.* | grep 'route=1 ' >"$DIR/log"
		case $kind in
		refuses) logged 'result=failed stage=connect .*Connection refused' ;;
		black_hole) logged 'result=put-off stage=connect .*timed out' ;;
		silent) logged 'result=put-off stage=banner .*timed out' ;;
		esac
		# Once the connection alone had half a minute.
		[ "$(sed -n 's/.* ms=//p' "$DIR/log" | sort -n | tail -n 1)" -lt 25000 ]
	done
}

# order - by which routes it was tried, as the log has them.
order() {
	sed 's/.* route=\([0-9]*\) .*/\1/' "$DIR/log" | tr '\n' ' '
}

@test "who has not greeted soon is put off while there are others, and has its turn after them" {
	local kind

	for kind in black_hole silent; do
		"$kind"
		routes <<-END
			route 1 to x.example via 127.0.0.1:$PORT priority 1
			route 2 to x.example via 127.0.0.1:$(free_port) priority 2
		END
		send --timeout 5 a@x.example
		is 75 '4.4.[12] *: *timed out (the furthest of 2 attempts)'
		[ "$(order)" = '1 2 1 ' ]
		logged 'route=1 .*result=put-off stage=.*timed out'
		logged 'route=1 .*result=failed stage=.*timed out'
	done
	script 'EHLO|250 x'
	sed -i '1s/.*/|WAIT 3 220 x/' "$DIR/script"
	routes <<-END
		route 1 to x.example via 127.0.0.1:$PORT priority 1
		route 2 to x.example via 127.0.0.1:$(free_port) priority 2
		route 3 to alone.example via 127.0.0.1:$PORT
	END
	send a@x.example
	is 0
	[ "$(order)" = '1 2 1 ' ]
	rm "$DIR"/state/*
	send a@alone.example
	is 0
	[ "$(order)" = '3 ' ]
	# What nobody keeps nobody can learn from: there all of the time is given.
	deliver --state "$DIR/none" a@x.example <<<hello
	is 0
	[ "$(order)" = '1 ' ]
	rm "$DIR"/state/*
	send --penalty 0 a@x.example
	is 0
	[ "$(order)" = '1 ' ]
}

@test "MX hosts have more time to greet" {
	nameserver <<-END
		dom MX 10 mx1
		dom MX 20 mx2
		mx1 A 198.51.100.1
		mx2 A 198.51.100.2
	END
	script 'EHLO|250 x'
	sed -i '1s/.*/|WAIT 3 220 x/' "$DIR/script"
	in_background socat TCP-LISTEN:25,bind=198.51.100.1,reuseaddr,fork "TCP:127.0.0.1:$PORT"
	wait_port 25 198.51.100.1
	SINK_AT=198.51.100.2:25 sink second
	routes <<<'route 1 to elsewhere.example reject'
	send --dns-server "127.0.0.1:$DNS" a@dom.test
	is 0
	logged 'relay=mx1.test:25 .*result=delivered'
	[ "$(mails second)" -eq 0 ]
}

@test "implicit TLS that does not come about is no greeting, either" {
	sink second
	local second=$PORT
	silent
	routes <<-END
		route 1 to x.example via 127.0.0.1:$PORT tls implicit priority 1
		route 2 to x.example via 127.0.0.1:$second priority 2
	END
	send a@x.example
	is 0
	logged 'route=1 .*result=put-off stage=connect '
	send a@x.example
	[ "$(order)" = '2 ' ]
}

# known - the files of the state, but that the relay at $PORT has greeted.
known() {
	ls "$DIR/state" | grep -vx "up\.127\.0\.0\.1\.$PORT" | tr '\n' ' '
}

@test "a slow greeting is learned, by one who looks" {
	script 'EHLO|250 x'
	sed -i '1s/.*/|WAIT 3 220 x/' "$DIR/script"
	local slow=$PORT
	sink second
	routes <<-END
		route 1 to x.example via 127.0.0.1:$slow priority 1
		route 2 to x.example via 127.0.0.1:$PORT priority 2
	END
	send --penalty 1 a@x.example
	is 0
	[ "$(order)" = '1 2 ' ]
	sleep 2
	# One looks, others pass by meanwhile.
	"$TMAIL" deliver --index "$DIR/routes.idx" --log stderr --state "$DIR/state" --sender me@here.example \
	    a@x.example <<<hello 2>"$DIR/looks" 3>&- &
	PIDS+=($!)
	eventually eval '[ "$(stat -c %Y "$DIR/state/down.127.0.0.1.$slow")" -gt "$(date +%s)" ]'
	send a@x.example
	is 0
	[ "$(order)" = '2 ' ]
	eventually grep -q 'route=1 .*result=delivered' "$DIR/looks"
	[ "$(known)" = "slow.127.0.0.1.$slow up.127.0.0.1.$slow wait.127.0.0.1.$slow " ]
	# Then everybody waits.
	send a@x.example
	is 0
	[ "$(order)" = '1 ' ]
	# Until it has not been slow for a while.
	touch -d '1 minute ago' "$DIR/state/slow.127.0.0.1.$slow"
	send a@x.example
	[ "$(order)" = '1 2 ' ]
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
		route 3 to alone.example via 127.0.0.1:$mute
	END
	"$TMAIL" deliver --index "$DIR/routes.idx" --log stderr --state "$DIR/state" --sender me@here.example \
	    a@alone.example <<<hello 2>"$DIR/waiting" 3>&- &
	waiting=$!
	eventually eval '[ -n "$(ls "$DIR/state")" ]'
	kill -0 "$waiting"
	send a@x.example
	is 0
	[ "$(order)" = '2 ' ]
	got second
	# It was not down after all.
	wait "$waiting"
	grep -q 'route=3 .*result=delivered' "$DIR/waiting"
	[ "$(known)" = "slow.127.0.0.1.$mute up.127.0.0.1.$mute " ]
}

@test "who has greeted is up for others at once, not when that mail is through" {
	script 'EHLO|250 x' 'RCPT TO:<slow|SILENCE'
	local first=$PORT
	sink second
	routes <<-END
		route 1 to x.example via 127.0.0.1:$first priority 1
		route 2 to x.example via 127.0.0.1:$PORT priority 2
	END
	# A penalty that is over: the next one looks.
	touch -d '1 minute ago' "$DIR/state/down.127.0.0.1.$first"
	under_way slow@x.example
	send a@x.example
	is 0
	[ "$(order)" = '1 ' ]
}

# together N - so many mails at once.  How long each waited for the first relay before it was put off, in
# ms, is in $DIR/waits, the longest last.
together() {
	local i pids=()

	for ((i = 0; i < $1; i++)); do
		"$TMAIL" deliver --index "$DIR/routes.idx" --log stderr --state "$DIR/state" --sender me@here.example \
		    a@x.example <"$DIR/routes.conf" 2>"$DIR/log.$i" 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}" || fail 'a delivery failed'
	cat "$DIR"/log.? >"$DIR/log"
	rm "$DIR"/log.?
	sed -n 's/.* route=1 .*result=put-off .* ms=//p' "$DIR/log" | sort -n >"$DIR/waits"
}

# at_last COMMAND... - until it succeeds, ten times: on a machine with other work to do those who begin at
# once do not all of them go on at once.
at_last() {
	local i

	for i in 1 2 3 4 5 6 7 8 9 10; do
		rm -f "$DIR"/state/*
		"$@" && return
	done
	fail "it never came to: $*"
}

longest() {
	tail -n 1 "$DIR/waits"
}

all_leave_soon() {
	together 3
	[ "$(wc -l <"$DIR/waits")" -eq 3 ] && [ "$(head -n 1 "$DIR/waits")" -ge 250 ] && [ "$(longest)" -lt 1200 ]
}

@test "three who wait at once for one that is silent do not wait as long as one, or two" {
	local kind n

	sink second
	local second=$PORT
	for kind in black_hole silent; do
		"$kind"
		routes <<-END
			route 1 to x.example via 127.0.0.1:$PORT priority 1
			route 2 to x.example via 127.0.0.1:$second priority 2
		END
		at_last all_leave_soon
		# It is in doubt, not down.
		[ "$(($(stat -c %Y "$DIR/state/down.127.0.0.1.$PORT") - $(date +%s)))" -lt 10 ]
		for n in 1 2; do
			rm -f "$DIR"/state/*
			together "$n"
			[ "$(longest)" -ge 1500 ]
		done
	done
	PORT=$(free_port)
	in_background socat "TCP6-LISTEN:$PORT,bind=[::1],fork" "EXEC:sleep 60"
	wait_port "$PORT" ::1
	routes <<-END
		route 1 to x.example via [::1]:$PORT priority 1
		route 2 to x.example via 127.0.0.1:$second priority 2
	END
	at_last all_leave_soon
}

# two_stop - two who wait for the first relay are stopped, with places among those who do: a third leaves soon.
two_stop() {
	local i

	WAITING=()
	for i in 1 2; do
		setsid "$TMAIL" deliver --index "$DIR/routes.idx" --log none --state "$DIR/state" --sender me@here.example \
		    a@x.example <"$DIR/routes.conf" >"$DIR/stopped" 2>&1 3>&- &
		WAITING+=($!)
		PIDS+=($!)
	done
	eventually eval '[ -e "$(echo "$DIR"/state/wait.*)" ]'
	sleep 0.3
	kill -STOP "${WAITING[@]/#/-}"
	rm -f "$DIR"/state/down.*
	together 1
	rm "$DIR"/state/down.*
	[ "$(longest)" -lt 1200 ] || {
		kill -9 "${WAITING[@]/#/-}"
		return 1
	}
}

@test "who is killed while he waits does not count among three" {
	silent
	local mute=$PORT
	sink second
	routes <<-END
		route 1 to x.example via 127.0.0.1:$mute priority 1
		route 2 to x.example via 127.0.0.1:$PORT priority 2
	END
	at_last two_stop
	kill -9 "${WAITING[@]/#/-}"
	! wait "${WAITING[@]}" || false
	together 1
	[ "$(longest)" -ge 1500 ]
}

@test "while somebody else is greeted three do not give up sooner than one" {
	script 'EHLO|250 x'
	sed -i '1s/.*/|SILENCE/' "$DIR/script"
	local first=$PORT up
	sink second
	routes <<-END
		route 1 to x.example via 127.0.0.1:$first priority 1
		route 2 to x.example via 127.0.0.1:$PORT priority 2
		route 3 to alone.example via 127.0.0.1:$first
	END
	up=$DIR/state/up.127.0.0.1.$first
	# As it is written by one who is.
	sed -i '1s/.*/|WAIT 0.3 220 x/' "$DIR/script"
	send a@alone.example
	is 0
	[ "$(stat -c '%.X %.Y' "$up" | perl -lane 'print int(1000 * ($F[1] - $F[0]) + .5)')" -ge 300 ]
	sed -i '1s/.*/|SILENCE/' "$DIR/script"
	in_background perl -e 'for (1 .. 5000) { utime undef, undef, @ARGV; select undef, undef, undef, 0.02 }' "$up"
	eventually eval '[ "$(stat -c %X%Y "$up")" = "$(date +%s%s)" ]'
	together 3
	[ "$(longest)" -ge 1500 ]
	stop "${PIDS[-1]}"
	at_last all_leave_soon
	# A greeting of a clock that was put back is none.
	touch -d '1 hour' "$DIR/greeted"
	at_last eval 'touch -r "$DIR/greeted" "$up"; rm -f "$DIR/state/down"*; together 3; [ "$(longest)" -lt 1200 ]'
}

# slow_greeter - it is known to greet after 0.6 s, and three wait at once.
slow_greeter() {
	send a@alone.example
	is 0
	together 3
	[ "$(order)" = '1 1 1 ' ]
}

@test "who took long to greet the last time has twice as long, from three at once, too" {
	script 'EHLO|250 x'
	sed -i '1s/.*/|WAIT 0.6 220 x/' "$DIR/script"
	local slow=$PORT
	sink second
	routes <<-END
		route 1 to x.example via 127.0.0.1:$slow priority 1
		route 2 to x.example via 127.0.0.1:$PORT priority 2
		route 3 to alone.example via 127.0.0.1:$slow
	END
	at_last slow_greeter
	# However long ago that is.
	sed -i '1s/.*/|SILENCE/' "$DIR/script"
	rm -f "$DIR"/state/*
	touch -d '1 day ago' "$DIR/state/up.127.0.0.1.$slow"
	touch -a -d '1 day ago 2 seconds ago' "$DIR/state/up.127.0.0.1.$slow"
	together 3
	[ "$(longest)" -ge 1500 ]
	at_last all_leave_soon
}

@test "who tries a delivery as root is in nobody's way" {
	sink relay
	chown "$POSTFIX" "$DIR/state"
	chmod 700 "$DIR/state"
	routes <<-END
		relay r 127.0.0.1:$PORT connections 2 rate 3/m
		route 1 to x.example via @r
		route 2 to y.example via 127.0.0.1:$(free_port) priority 1
		route 3 to y.example via 127.0.0.1:$PORT priority 2
	END
	chmod 644 "$DIR/routes.idx"
	send a@x.example
	send a@y.example
	[ "$(find "$DIR/state" -type f -user "$POSTFIX" | wc -l)" -eq 4 ]
	[ "$(find "$DIR/state" -type f -user root | wc -l)" -eq 0 ]
	! setpriv --reuid "$POSTFIX" --clear-groups "$TMAIL" deliver --index "$DIR/routes.idx" --log stderr \
	    --state "$DIR/state" --sender me@here.example a@x.example 2>&1 <<<hello | grep 'not heeded' ||
		fail 'the limits are not heeded'
}

@test "root takes no file of others for one of the state directory's owner" {
	sink relay
	chown "$POSTFIX" "$DIR/state"
	echo secret >"$DIR/other"
	chmod 600 "$DIR/other"
	touch -d '1 day ago' "$DIR/other"
	ln "$DIR/other" "$DIR/state/rate.r"
	ln "$DIR/other" "$DIR/state/up.127.0.0.1.$PORT"
	routes <<-END
		relay r 127.0.0.1:$PORT rate 3/m
		route 1 to x.example via @r
	END
	send a@x.example
	is 0
	logged 'not heeded'
	[ "$(stat -c '%U %a' "$DIR/other")" = 'root 600' ]
	[ "$(cat "$DIR/other")" = secret ]
	[ -z "$(find "$DIR/other" -newermt '1 hour ago')" ]
}

@test "an address that was slow in the future is not slow" {
	local slow

	silent
	slow=$PORT
	sink second
	routes <<-END
		route 1 to x.example via 127.0.0.1:$slow priority 1
		route 2 to x.example via 127.0.0.1:$PORT priority 2
	END
	touch -d '1 year' "$DIR/state/slow.127.0.0.1.$slow"
	SECONDS=0
	send a@x.example
	is 0
	[ "$SECONDS" -lt 6 ]
}

# cleared - after a failure, in one of about thirty: what has been of no use for an hour is gone.
cleared() {
	send a@x.example
	[ ! -e "$DIR/state/up.192.0.2.7.25" ]
}

@test "what is known of an address is cleared away in the end, and no limit" {
	local kind i

	routes <<<"route 1 to x.example via 127.0.0.1:$(free_port)"
	for kind in down slow up wait rate slots; do
		touch -d '2 hours ago' "$DIR/state/$kind.192.0.2.7.25"
		touch -d '50 minutes ago' "$DIR/state/$kind.192.0.2.8.25"
	done
	for ((i = 0; i < 600; i++)); do
		! cleared || break
	done
	[ "$(cd "$DIR/state" && echo *.192.0.2.7.25)" = 'rate.192.0.2.7.25 slots.192.0.2.7.25' ]
	[ "$(ls "$DIR"/state/*.192.0.2.8.25 | wc -l)" -eq 6 ]
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
