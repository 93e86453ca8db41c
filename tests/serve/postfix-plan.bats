# Weights, priorities and recipients that conflict, as a real Postfix delivers by them.

load postfix

setup() {
	deliver_setup
	postfix_instance
}

teardown() {
	postfix_teardown
}

@test "mails are shared out by weight, and all go on while a relay is down" {
	sink big
	local big=$PORT
	sink small
	local small=$PORT total
	routes <<-END
		route 1 to share.example via 127.0.0.1:$big weight 3
		route 2 to share.example via 127.0.0.1:$small weight 1
		route 3 to down.example via 127.0.0.1:1 priority 1
		route 4 to down.example via 127.0.0.1:$small priority 2
	END
	daemon
	start_postfix
	"${UNPACKED[@]}" smtp-source -s 4 -m 80 -f info@corp.example -t a@share.example "127.0.0.1:$SUBMISSION"
	arrived() { total=$(($(mails big) + $(mails small))) && [ "$total" -ge "$1" ]; }
	eventually arrived 80
	[ "$total" -eq 80 ]
	# 60 and 20 are expected; five standard deviations are 20.
	[ "$(mails big)" -gt 40 ]
	[ "$(mails small)" -gt 2 ]
	"${UNPACKED[@]}" smtp-source -s 2 -m 10 -f info@corp.example -t a@down.example "127.0.0.1:$SUBMISSION"
	eventually arrived 90
	[ "$(grep -c '^X-Rcpt-Args: <a@down.example>' <(cat "$DIR"/small/*))" -eq 10 ]
}

@test "recipients of one message that need different routes, by --on-conflict" {
	local mode to

	sink one
	local one=$PORT
	sink two
	routes <<-END
		route 1 to one.example via 127.0.0.1:$one
		route 2 to two.example via 127.0.0.1:$PORT
		route 3 to no.example reject "5.7.1 closed for good"
	END
	for mode in defer first last; do
		daemon --on-conflict $mode
		[ $mode != defer ] || start_postfix
		to=()
		for recipient in a@one.example c@no.example d@one.example b@two.example; do
			to+=(--mail-rcpt "$mode-$recipient")
		done
		# curl sends to those that were taken, if told so.
		curl -sS --mail-from info@corp.example "${to[@]}" --mail-rcpt-allowfails --crlf --upload-file - \
		    "smtp://127.0.0.1:$SUBMISSION/client.test" <<<'Subject: x'
		eventually maillog "RCPT.*554 5.7.1 .*<$mode-c@no.example>.*closed for good"
		# The last one stays: smtp(8) asks it for the TLS policy.
		[ $mode = last ] || stop "$SERVE"
	done
	# All of a message by one relay: who was put off is not among them.
	eventually eval '[ "$(mails one)" -eq 2 ] && [ "$(mails two)" -eq 1 ]'
	eventually maillog '452 4.5.3 <defer-b@two.example>'
	[ "$(cat "$DIR"/one/* | grep -c '^X-Rcpt-Args: <defer-[ad]@one')" -eq 2 ]
	[ "$(cat "$DIR"/one/* | grep -c '^X-Rcpt-Args: <first-[abd]@')" -eq 3 ]
	[ "$(cat "$DIR"/two/* | grep -c '^X-Rcpt-Args: <last-[abd]@')" -eq 3 ]
}
