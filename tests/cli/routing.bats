# Random configurations and queries against a second matcher, which looks at
# every route in turn: ../property/routing.awk.

load helper

@test "the routes found are those of a linear scan" {
	local n

	awk -v first=1 -v last=300 -v queries=40 -f "$BATS_TEST_DIRNAME/../property/routing.awk"
	chmod 600 ./*.conf ./*.inc
	for n in {1..300}; do
		"$TMAIL" routes compile -q -c $n.conf
		"$TMAIL" routes lookup --json -i $n.idx - <$n.queries >>answers
	done
	[ "$(wc -l <expected)" = 12000 ]
	jq -r 'if .match == null then "none" else
		"\(.match.user // "-") \(.match.to) \(.match.from // "-") \([.routes[].id] | join(" "))" end' \
		answers >found
	# Most queries find something, and groups of several are no exception.
	[ "$(grep -vc none expected)" -gt 8000 ]
	[ "$(awk 'NF > 4' expected | wc -l)" -gt 2000 ]
	paste -d '\n' where expected found | awk 'NR % 3 == 1 { where = $0 } NR % 3 == 2 { expected = $0 }
		NR % 3 == 0 && $0 != expected { print where; print "expected " expected; print "found    " $0; bad++ }
		bad > 5 { exit } END { exit bad > 0 }'
}
