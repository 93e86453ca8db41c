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

# numbers N - N routes for as many domains, of lengths that differ.
numbers() {
	awk -v n="$1" 'BEGIN { for (i = 1; i <= n; i++)
		printf "route %d to %s%d.example via r.example\n", i, substr("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", i % 50), i }'
}

@test "every route is found whatever their number, and no other name" {
	local n

	for n in 1 2 3 5 8 13 21 34 55 89 144 233 377 610 987 1597 2584 4181; do
		numbers $n >$n.conf
		chmod 600 $n.conf
		"$TMAIL" routes compile -q -c $n.conf
		"$TMAIL" routes verify -i $n.idx
		awk '{ print $4; print "x" $4 }' $n.conf >queries
		"$TMAIL" routes lookup --json -i $n.idx - <queries |
			jq -r '.routes[0].id // "none"' >found
		awk '{ print $2; print "none" }' $n.conf >expected
		cmp expected found
	done
}
