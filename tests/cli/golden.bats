# Diagnostics, byte for byte: ../golden/bad/*.conf against *.expected (standard
# error, and the exit code as its last line); ../golden/ok/*.conf are silent.
# A first line "# check OPTION" adds that option.
#
# UPDATE=1 bats tests/cli/golden.bats writes the expected files anew.

setup() {
	TMAIL=$(realpath "${TMAIL:-$BATS_TEST_DIRNAME/../../build/tmail}")
	ROOT=$(realpath "$BATS_TEST_DIRNAME/../..")
	cd "$BATS_TEST_TMPDIR"
	unset TMAIL_ROUTES_CONF TMAIL_ROUTES_INDEX NO_COLOR
	# Modes are a part of what is judged, and git does not keep them.
	cp -r "$ROOT/tests/golden/bad" "$ROOT/tests/golden/ok" .
	chmod -R u+rwX,go-rwx bad ok
	chmod o+r bad/readable-password.conf bad/conf.d/readable-password.inc
}

# added CONF - the option that its first line asks for.
added() {
	sed -n '1s/^# check //p' "$1"
}

# check OPTION... CONF - its standard error, with the exit code behind it.
check() {
	local code=0

	"$TMAIL" routes check "${@:1:$#-1}" -c "${!#}" $(added "${!#}") 2>&1 || code=$?
	echo "exit $code"
}

@test "every diagnostic, byte for byte" {
	local conf wrong=0

	cd bad
	for conf in *.conf; do
		check "$conf" >out
		[ -z "$UPDATE" ] || cp out "$ROOT/tests/golden/bad/${conf%.conf}.expected"
		diff -u "${conf%.conf}.expected" out || wrong=$((wrong + 1))
	done
	[ $wrong = 0 ]
}

@test "good configurations, without a word" {
	local conf

	cd ok
	for conf in *.conf; do
		[ "$(check "$conf")" = 'exit 0' ] || { check "$conf"; return 1; }
		[ "$(check --json "$conf")" = 'exit 0' ]
	done
}

@test "the slugs shown are all slugs there are" {
	grep -hoE ': (error|warning): .* \[[a-z0-9-]*\]$' bad/*.expected |
	    sed 's/^: \([a-z]*\): .* \[\(.*\)\]$/\1 \2/' | sort -u >shown
	sed -n 's/^	ROW(\([A-Z]*\), [A-Z0-9_]*, "\([a-z0-9-]*\)",.*/\L\1\E \2/p' \
	    "$ROOT/src/text/slugs.h" | sort >table
	[ "$(wc -l <table)" -ge 60 ]
	diff table shown
}

@test "one error a broken statement" {
	cd bad
	# The places of errors, not of notes: none is named twice, and no line is
	# but in files where several statements share one.
	for conf in *.conf; do
		grep -h ': error: ' "${conf%.conf}.expected" | cut -d: -f1,2 | sort | uniq -d >twice
		[ ! -s twice ] || { echo "$conf:"; cat twice; return 1; }
	done
}

@test "JSON says the same" {
	local conf

	cd bad
	for conf in *.conf; do
		"$TMAIL" routes check --json -c "$conf" $(added "$conf") >json 2>err || [ $? = 65 ]
		[ ! -s err ]
		jq -r '"\(.file):\(.line):\(.column): \(.severity): \(.message) [\(.slug)]",
			(.help // empty | "      = help: \(.)"),
			(.note // empty | "\(.file):\(.line):\(.column): note: \(.message)")' json >json.text
		grep -v '^ *[0-9]* |\|^exit\|^tmail:' "${conf%.conf}.expected" >text
		case $conf in
		twenty*)	# People are shown the first of them, programs all.
			[ "$(wc -l <json.text)" -gt "$(wc -l <text)" ]
			! grep -vxFf json.text text || false ;;
		*)
			diff text json.text ;;
		esac
		jq -e '.end_line >= .line and (.end_line > .line or .end_column >= .column)' json >/dev/null
	done
}

@test "JSON says it of a file whose name is no UTF-8" {
	printf 'rout\n' >$'\xff.conf'
	[ "$(check --json $'\xff.conf' >json; tail -n 1 json)" = 'exit 65' ]
	[ "$(head -n 1 json | jq -r .file)" = $'\xef\xbf\xbd.conf' ]
}

@test "colours change nothing else" {
	local conf

	cd bad
	for conf in *.conf; do
		check --color always "$conf" | sed 's/\x1b\[[0-9;]*m//g' | diff "${conf%.conf}.expected" -
	done
	check --color always unused.conf | grep -q $'\x1b\[1;35mwarning:'
	NO_COLOR=1 check unused.conf | diff unused.expected -
}

@test "-q: no warnings, but errors" {
	cd bad
	[ "$(check -q unused.conf)" = 'exit 0' ]
	[ "$(check -q --json unused.conf)" = 'exit 0' ]
	check -q bad-port.conf | diff bad-port.expected -
}

@test "compile says what check says, and writes nothing" {
	local conf code

	cd bad
	for conf in bad-port not-alone unreadable unused; do
		code=0
		"$TMAIL" routes compile -c $conf.conf -i index.idx >out 2>&1 || code=$?
		echo "exit $code" >>out
		diff $conf.expected out
		[ $code = 0 ] || [ ! -e index.idx ]
	done
	[ -s index.idx ]
}

@test "CRLF and LF, with and without an end: the same faults at the same places" {
	local conf

	mkdir lf crlf
	cd bad
	for conf in unknown-keyword unknown-option missing-value bad-pattern unterminated-string; do
		sed 's/$/\r/' $conf.conf >../crlf/$conf.conf
		printf %s "$(cat $conf.conf)" >../lf/$conf.conf
		(cd ../crlf && check $conf.conf) | diff $conf.expected -
		(cd ../lf && check $conf.conf) | diff $conf.expected -
	done
}
