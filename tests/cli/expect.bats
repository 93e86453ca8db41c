# Expectations: what is judged, when they are proved, and tmail routes test.

load helper

# The configuration of most tests here.
sample() {
	conf 'route 1 to tmail.io via mail.tmail.io' 'route 2 user tmail.io via in.mailjet.com:587' \
		'route 3 to closed.example reject' "$@"
}

@test "a failure has its place, the route that won and its rung" {
	sample '' '' '' '' '' 'expect to bob@tmail.io user joe@tmail.io via mail.tmail.io'
	exits 65 check
	holds err 'routes.conf:9:46: error: mail.tmail.io is expected, in.mailjet.com:587 it is [expectation]' \
		'    9 | expect to bob@tmail.io user joe@tmail.io via mail.tmail.io' \
		'      |                                              ^~~~~~~~~~~~~' \
		'routes.conf:2:1: note: matched user tmail.io, to *' \
		'    2 | route 2 user tmail.io via in.mailjet.com:587' \
		'      | ^~~~~'
	sample 'expect to bob@else.example via h'
	exits 65 check
	grep -qx '      = note: nothing matches: the mail goes to its MX' err
}

# got - what the one expectation of the file "mails" got instead, by test.
got() {
	exits 1 test --format json mails
	jq -r '"\(.expected): \(.got)"' out
}

@test "what a source address greets with is what a mail gets" {
	conf 'source 192.0.2.1 helo one.example' 'route 1 to a.example via h local 192.0.2.1' \
	    'route 2 to b.example via h local 192.0.2.1|192.0.2.2 helo two.example'
	echo 'expect to a.example via h helo ""' >mails
	[ "$(got)" = 'helo "": one.example' ]
	echo 'expect to a.example via h helo two.example' >mails
	[ "$(got)" = 'helo two.example: one.example' ]
	echo 'expect to b.example via h helo one.example' >mails
	[ "$(got)" = 'helo one.example: two.example' ]
}

@test "where nothing matches, only mx holds" {
	sample
	echo 'expect to a@else.example mx' >mails
	exits 0 test mails
	for outcome in 'via mx' 'first mx' 'via mx:else.example' 'via h' 'route 1' reject; do
		echo "expect to a@else.example $outcome" >mails
		got >said
		[ "$(sed 's/: [^:]*$//' said)" != mx ] || { cat said; false; }
		[ "$(sed 's/.*: //' said)" = mx ]
	done
}

@test "check, compile and every edit prove them, and nothing is written" {
	sample 'expect to bob@tmail.io via mail.tmail.io' 'expect to bob@closed.example reject'
	exits 0 check
	exits 0 compile
	cksum routes.* >before
	for edit in 'add -d bob@tmail.io -rh other.example' 'set 1 -rp 26' 'set 3 --defer x' 'del 1' \
	    'del 3' 'add -d tmail.io -rh h'; do
		# shellcheck disable=SC2086
		fails 65 expectation $edit
		# shellcheck disable=SC2086
		fails 65 expectation $edit --dry-run
		cksum routes.* | diff before -
	done
	exits 0 add -d other.example -rh h
	exits 0 set 1 -rp 26 --no-expect
	fails 65 expectation check
	fails 65 expectation compile
	exits 0 check --no-expect
	exits 0 compile --no-expect
	! grep -q no-expect routes.conf || false
	# An edit can mend.
	exits 0 set 1 -rp ''
	exits 0 check
}

@test "of many, those that fail are told in their order" {
	awk 'BEGIN { print "route to tmail.io via mail.tmail.io"
		for (n = 2; n <= 20000; n++) print "expect to a" n "@tmail.io via " (n % 5000 ? "mail" : "other") ".tmail.io" }' >routes.conf
	exits 65 check
	grep -o '^routes.conf:[0-9]*:[0-9]*: error' err >said
	[ "$(cut -d : -f 2 said | xargs)" = '5000 10000 15000 20000' ]
	sed -i 's/other/mail/' routes.conf
	exits 0 check
	exits 0 compile
}

@test "list, lookup and show do not prove them" {
	sample 'expect to bob@tmail.io via other.example'
	exits 0 list
	exits 0 compile --no-expect
	exits 0 lookup --compile -d bob@tmail.io
}

@test "they are not in the index" {
	sample
	exits 0 compile
	cp routes.idx without.idx
	sample 'expect to bob@tmail.io via mail.tmail.io'
	exits 0 compile
	# The digest of the sources, and what sums it up.
	cmp -l without.idx routes.idx | awk '$1 <= 32 || ($1 > 48 && $1 <= 288) || $1 > 312 { exit 1 }'
}

@test "test: the counts, in four formats" {
	sample 'expect to bob@tmail.io via mail.tmail.io' 'expect to bob@tmail.io user joe@tmail.io via h.example' \
		'expect to bob@closed.example reject'
	exits 1 test
	[ ! -s err ]
	[ "$(tail -n 1 out)" = '2 passed, 1 failed' ]
	head -n 1 out | is_line 'routes.conf:5:46: error: h.example is expected, in.mailjet.com:587 it is [expectation]'
	exits 1 test --format tap
	holds out 'TAP version 13' '1..3' 'ok 1 - routes.conf:4 to bob@tmail.io' \
		'not ok 2 - routes.conf:5 to bob@tmail.io user joe@tmail.io' '  ---' \
		'  expected: "h.example"' '  got: "in.mailjet.com:587"' '  ...' \
		'ok 3 - routes.conf:6 to bob@closed.example'
	exits 1 test --format json
	jq -ce '[.line, .to, .user, .from, .expected, .got, .passed]' out | holds /dev/stdin \
		'[4,"bob@tmail.io",null,null,"mail.tmail.io","mail.tmail.io",true]' \
		'[5,"bob@tmail.io","joe@tmail.io",null,"h.example","in.mailjet.com:587",false]' \
		'[6,"bob@closed.example",null,null,"reject","reject",true]'
	cp out json
	exits 1 test --json
	diff json out
	exits 1 test --format junit
	[ "$(xml 'concat(/testsuites/testsuite/@tests, " ", /testsuites/testsuite/@failures)')" = '3 1' ]
	[ "$(xml 'concat(//testcase[1]/@name, " ", //testcase[2]/@name, " ", //testcase[3]/@name)')" = \
		'routes.conf:4 routes.conf:5 routes.conf:6' ]
	[ "$(xml 'string(//testcase[2]/failure/@message)')" = 'h.example is expected, in.mailjet.com:587 it is' ]
	exits 64 test --format tapp
	grep -q "did you mean 'tap'" err
	exits 64 test --json --format tap
	exits 1 test --json --format json
}

# xml XPATH - of the report.
xml() {
	xmllint --xpath "$1" out
}

is_line() {
	[ "$(cat)" = "$1" ]
}

@test "test: names of files and mails cannot forge a result" {
	local odd=$'# TODO <&">\n'

	sample
	printf 'expect to "#TODO\\\\ <b>&@b.example" via h\n' >"$odd"
	printf 'expect to "]]>\xef\xbf\xbf\xef\xbf\xbe\xc2\x85@b.example" mx\n' >>"$odd"
	exits 1 test --format tap "$odd"
	[ "$(grep -c '^\(not \)\?ok' out)" = 2 ]
	grep -qF 'not ok 1 - \# TODO <&">?:1 to \#TODO' out || { cat out; false; }
	exits 1 test --format junit "$odd"
	[ "$(xml 'string(/testsuites/@failures)')" = 1 ]
	sed -i 's/ mx$/ via h/' "$odd"
	exits 1 test --format junit "$odd"
	[ "$(xml 'string(/testsuites/@failures)')" = 2 ]
	exits 1 test --format json "$odd"
	jq -es 'map(.passed) == [false, false]' out
}

@test "test: files instead of the configuration's own, and standard input" {
	sample 'expect to bob@tmail.io via wrong.example'
	mkdir dir
	echo 'include "more"' >dir/first
	echo 'expect to bob@tmail.io via mail.tmail.io # as it is' >dir/more
	exits 0 test dir/first
	holds out '1 passed, 0 failed'
	exits 0 test dir/more - <dir/more
	code=0; "$TMAIL" routes test dir/first - <dir/more >out || code=$?
	[ $code = 0 ]
	holds out '2 passed, 0 failed'
	echo 'expect to bob@tmail.io via h' | "$TMAIL" routes test - >out || code=$?
	[ $code = 1 ]
	head -n 1 out | grep -q '^-:1:28: error: '
	exits 66 test missing
	for bad in 'route 9 via h' 'relay r h' 'list l a' 'default port 26' 'source 192.0.2.1 helo h' 'expect to'; do
		echo "$bad" >bad
		exits 65 test bad
		[ "$(grep -c ': error: ' err)" = 1 ] || { echo "$bad"; cat err; false; }
	done
	: >none
	exits 1 test none
	grep -q 'there is no expectation' err
	conf 'rout'
	exits 65 test dir/first
	rm routes.conf
	exits 66 test dir/first
	sample
	printf '\xef\xbb\xbf' | cat - dir/more >marked
	"$TMAIL" routes test - <marked
	code=0; "$TMAIL" routes test - <&- || code=$?
	[ "$code" -eq 66 ]
}

@test "test: against an index" {
	sample
	exits 0 compile
	echo 'expect to bob@tmail.io via mail.tmail.io:26' >mails
	exits 1 test -i routes.idx mails
	grep -qx '      = note: matched to tmail.io, by route 1 (routes.conf:1)' out
	# The configuration need not be there, and may be another one.
	rm routes.conf
	exits 1 test -i routes.idx mails
	conf 'route 1 to tmail.io via other.example' 'expect to bob@tmail.io via mail.tmail.io'
	exits 0 test -i routes.idx
	exits 66 test -i missing.idx mails
	echo x >bad.idx
	exits 76 test -i bad.idx mails
}

@test "test: coverage" {
	sample 'route 4 to a.example,b.example via h' 'route 5 to b.example via i' \
		'  route 7 to z.example via i' 'expect to bob@tmail.io via wrong.example' 'expect to b.example route 4,5'
	exits 1 test --coverage
	tail -n 5 out | holds /dev/stdin 'routes.conf:2:1: note: no expectation reaches route 2' \
		'routes.conf:3:1: note: no expectation reaches route 3' \
		'routes.conf:6:3: note: no expectation reaches route 7' 'coverage: 3 of 6 routes (50.0 %)' '1 passed, 1 failed'
	sed -i '/wrong/d' routes.conf
	exits 0 test --fail-under 33%
	exits 1 test --fail-under 34%
	exits 0 test --fail-under 0
	grep -q '^coverage: 2 of 6 routes (33.3 %)$' out
	exits 64 test --fail-under 101%
	exits 64 test --fail-under some
	exits 0 test --format json --coverage
	tail -n 1 out | jq -e '.coverage == {routes: 6, reached: 2, missing: [1, 2, 3, 7]}'
	exits 0 test --format tap --coverage
	grep -qx '# coverage: 2 of 6 routes (33.3 %)' out
	exits 0 test --format junit --coverage
	grep -q '<system-out>routes.conf:1:1: note: no expectation reaches route 1$' out
	exits 0 compile
	exits 0 test -i routes.idx --coverage
	grep -qx 'routes.conf:6:1: note: no expectation reaches route 7' out
}

@test "what lookup says is what is expected, on random configurations" {
	local n good=0

	for n in 1 2 3 4 5 6 7 8; do
		awk -v seed=$n -v numbered=1 -f "$BATS_TEST_DIRNAME/../property/conf.awk"
		"$TMAIL" routes compile -q || continue
		awk -v seed=$n 'BEGIN { srand(seed)
			split("bob@a.example x@b.example a.example s.a.example c.example q@[192.0.2.1] xn--bcher-kva.example z.example", to, " ")
			split("bob joe@tmail.io any x", user, " "); split("bob@x.example a@x.example <> n@o.example", from, " ")
			for (i = 0; i < 200; i++) print to[1 + int(rand() * 8)] "\t" \
				(rand() < .5 ? "" : user[1 + int(rand() * 4)]) "\t" (rand() < .5 ? "" : from[1 + int(rand() * 4)]) }' >queries
		"$TMAIL" routes lookup --json - <queries |
			jq -r 'def host: if .mx == true then "mx" elif .mx then "mx:\(.mx)" elif (.host | contains(":")) then "[\(.host)]:\(.port)"
				else "\(.host):\(.port)" end;
			"expect to \"\(.to)\"" + (if .user then " user \"\(.user)\"" else "" end) +
			(if .from == "<>" then " from <>" elif .from then " from \(.from)" else "" end) +
			(if .action == "mx" then " mx" elif .action != "relay" then " \(.action)"
			else " via " + ([.routes[] | host] | join(",")) + "\n" +
			"expect to \"\(.to)\"" + (if .user then " user \"\(.user)\"" else "" end) +
			(if .from == "<>" then " from <>" elif .from then " from \(.from)" else "" end) +
			" route " + ([.routes[].id | tostring] | join(",")) end)' >mails
		exits 0 test mails
		[ "$(sed -n 's/ passed, 0 failed//p' out)" -ge 200 ]
		sed 's/ via .*/ via other.example/; s/ route .*/ route 4000/' mails | grep -E 'other|4000' >wrong
		exits 1 test wrong
		grep -q '^0 passed' out
		good=$((good + 1))
	done
	[ $good -ge 4 ]
}

@test "a hundred thousand expectations are told in every format, in their order" {
	seq -f 'expect to u%.0f@a.example mx' 100000 >many
	sed 's/mx$/reject/' many >wrong
	conf 'route to b.example via h'
	# Of the processor: counted from the beginning of the file each, they would take minutes.
	ulimit -t 8
	for format in tap junit json; do
		exits 0 test --format $format many
		[ "$(grep -c 'many' out)" -eq 100000 ]
	done
	exits 1 test wrong
	[ "$(grep -c ': error: ' out)" -eq 100000 ]
	[ "$(tail -n 1 out)" = '0 passed, 100000 failed' ]
	# Those of an include stand where it does.
	printf 'expect to a@a.example reject\ninclude "part"\nexpect to b@a.example reject\n' >wrong
	echo 'expect to c@a.example reject' >part
	exits 1 test wrong
	[ "$(grep ': error: ' out | cut -d : -f 1,2 | xargs)" = 'wrong:1 part:1 wrong:3' ]
	seq -f 'route to u%.0f.example via h' 100000 >>routes.conf
	exits 1 test --coverage
	[ "$(grep -c ': note: no expectation' out)" -eq 100001 ]
}

@test "a file that was given and is included, too" {
	conf 'route via h'
	echo 'expect to a@a.example via h' >one
	echo 'include "one"' >two
	exits 65 test one two
	holds err "two:1:9: error: 'one' is included a second time [include-twice]" \
		'    1 | include "one"' '      |         ^~~~~' '      = note: it is a file that was given'
	echo 'include "routes.conf"' >two
	exits 65 test two
	grep -qx '      = note: it is a file that was given' err
}
