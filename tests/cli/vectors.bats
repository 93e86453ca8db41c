# The ladder against an independent model: see ../vectors/README.md.  One of three oracles: these
# are answers that were worked out elsewhere and stay; ../unit/naive.c asks the library alone, for
# random routes and the fuzzer's; ../property/routing.c asks the commands, for random configurations.

setup() {
	TMAIL=$(realpath "${TMAIL:-$BATS_TEST_DIRNAME/../../build/tmail}")
	cp -r "$BATS_TEST_DIRNAME/../vectors" "$BATS_TEST_TMPDIR"
	VECTORS=$BATS_TEST_TMPDIR/vectors
	cd "$BATS_TEST_TMPDIR"
}

# same N [OPTION...] - the routes found for the queries of N are those expected.
same() {
	local n=$1

	"$TMAIL" routes compile -q -c "$VECTORS/$n.conf" -i "$n.idx"
	"$TMAIL" routes lookup --json -i "$n.idx" "${@:2}" - <"$VECTORS/$n.queries" >answers
	jq -c '[.routes[] | [.id, .priority, .weight, .host, .port]]' answers >found
	jq -c . "$VECTORS/$n.expected" >expected
	[ "$(wc -l <found)" -eq 500 ]
	diff expected found
}

@test "the routes found, vectors 101" {
	same 101
}

@test "the routes found, vectors 102" {
	same 102
}

@test "the routes found, vectors 103" {
	same 103
}

@test "the routes found, vectors 104" {
	same 104
}

@test "the routes found, vectors 105" {
	same 105
}

@test "--explain walks the same ladder, and ends where it found" {
	local n

	for n in 101 102 103 104 105; do
		same $n --explain
		jq -e -s 'all(.[]; [.rungs[].found] as $f | ($f | index(true)) ==
		    (if .match == null then null else ($f | length) - 1 end))' answers
		jq -e -s 'all(.[]; .match == null or .match == (.rungs[-1] | {user, to, from}))' answers
	done
}

@test "--plan tries each route found once, by ascending priority" {
	local n

	for n in 101 102 103 104 105; do
		same $n --plan
		jq -e -s 'all(.[]; ([.routes[].id] | sort) == ([.plan[].routes[]] | sort))' answers
		jq -e -s 'all(.[]; [.plan[].priority] as $p | $p == ($p | sort))' answers
	done
}

@test "list of the configuration and of the index show the same groups" {
	local n

	for n in 101 102 103 104 105; do
		"$TMAIL" routes compile -q -c "$VECTORS/$n.conf" -i "$n.idx"
		"$TMAIL" routes list -q --json -c "$VECTORS/$n.conf" -i "$n.idx" >conf
		"$TMAIL" routes list --json -i "$n.idx" >index
		[ "$(wc -l <conf)" -eq 60 ]
		diff <(jq -cS '.to |= sort | .user |= sort | .from |= sort | del(.comment, .lists)' conf) \
		    <(jq -cS '.to |= sort | .user |= sort | .from |= sort | del(.comment, .lists)' index)
	done
}
