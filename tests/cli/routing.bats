# Tables of every size.  Random ladders: ../property/routing.sh.

load helper

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
