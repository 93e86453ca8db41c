#!/bin/bash
# routing.sh [SEED [CONFIGURATIONS]] - random configurations, and for each of
# random queries the routes that another, simpler matcher finds (routing.c).
# The test of the test: an answer that is wrong and ladders that are wrong must
# be noticed.
set -u
export LC_ALL=C
seed=${1:-20240229} count=${2:-300}
here=$(realpath "$(dirname "$0")")
TMAIL=$(realpath "${TMAIL:-$here/../../build/tmail}")
work=$(mktemp -d "${TMPDIR:-/tmp}/tmail-routing-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work" || exit
passed=0 failed=0

# gather DIR - all expectations, after the number of configuration and query.
gather() {
	awk '{ split(FILENAME, part, /[\/.]/); print part[2], FNR, $0 }' \
		$(seq -f "$1/%.0f.expected" 1 "$count")
}

# The compiled configurations' answers, and what the matcher says.
answer() {
	local n
	for ((n = 1; n <= count; n++)); do
		"$TMAIL" routes compile -q -c "right/$n.conf" -i routes.idx &&
			"$TMAIL" routes lookup --json -i routes.idx - <"right/$n.queries" >>answers ||
			{ echo "FAILED: seed $seed, configuration $n cannot be used"; show "$n"; return 1; }
	done
	jq -c '[.routes[].id]' answers >found && gather right >expected
}

# different EXPECTED - the lines that are not as found.
different() {
	paste -d ' ' "$1" found | awk '$3 != $4'
}

show() {
	(cd right && tail -n +1 "$1.conf" "$1".*.include "$1".*.list 2>/dev/null)
}

# The number of queries, and the first that got other routes.
judge() {
	local n query want got
	failed=$(different expected | wc -l)
	passed=$(($(wc -l <expected) - failed))
	[ "$failed" != 0 ] || return
	read -r n query want got < <(different expected)
	echo "FAILED: seed $seed, configuration $n: the routes are $want, not $got, for"
	sed -n "${query}p" "right/$n.queries" | sed 's/\t/<TAB>/g'
	show "$n"
}

noticed() {
	if "${@:2}" | grep -q .; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: not noticed: $1"
	fi
}

mkdir right wrong
"${CC:-cc}" -std=c11 -D_GNU_SOURCE -O1 -o routing "$here/routing.c" "$here/names.c" &&
	./routing right "$seed" "$count" && answer || { echo "0 passed, 1 failed"; exit 1; }
[ "$(wc -l <found)" = "$(wc -l <expected)" ] || { echo "FAILED: answers are missing"; failed=1; }
judge
sed '7s/\[/[9,/' expected >altered
noticed "one wrong answer" different altered
for mistake in 1 2 3 4; do
	rm -rf wrong/*
	./routing wrong "$seed" "$count" $mistake
	gather wrong >altered
	noticed "ladder with mistake $mistake" different altered
done
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
