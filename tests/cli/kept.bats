# What is promised to stay (contrib/COMPATIBILITY.md): the ABI, slugs, exit codes and JSON keys as
# they were kept in tests/kept; and the version, said once.

setup() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	TMAIL=$(realpath "${TMAIL:-$ROOT/build/tmail}")
	KEPT=$ROOT/tests/kept
	T=$BATS_TEST_TMPDIR
	cd "$ROOT"
}

# compare - the ABI of the tree at hand against the kept one.
compare() {
	[ "$(getconf LONG_BIT)" = 64 ] || skip "the kept ABI is that of 64 bits"
	tests/kept/keep "$T/now.abi" && abidiff --no-show-locs "$KEPT/libtmailroutes.abi" "$T/now.abi"
}

@test "the library has the ABI that is kept" {
	run compare
	[ "$status" -eq 0 ] || { echo "$output"; echo "an addition? tests/kept/keep"; false; }
}

# plant FILE SED - in a copy of the tree.
plant() {
	mkdir "$T/tree"
	cp -r Makefile grammar src tests "$T/tree"
	cd "$T/tree"
	for file in ${1//,/ }; do
		sed "$2" "$file" >"$T/planted"
		! cmp -s "$file" "$T/planted" || false
		cp "$T/planted" "$file"
	done
	run compare
	echo "$output"
}

@test "a member in the middle of a struct is a break" {
	plant src/runtime/tmail/routes.h 's/^struct tmail_candidate {/&\n\tuint64_t planted;/'
	[ "$status" -ne 0 ]
	[[ $output == *"tmail_candidate"* ]]
}

@test "another number in an enum is a break" {
	plant src/runtime/tmail/routes.h 's/TMAIL_E_SPACE = 10/TMAIL_E_SPACE = 11/'
	[ "$status" -ne 0 ]
	[[ $output == *"TMAIL_E_SPACE"* ]]
}

@test "another type of an argument is a break" {
	plant src/runtime/tmail/routes.h,src/runtime/index.c 's/unsigned flags,/unsigned long flags,/'
	[ "$status" -ne 0 ]
	[[ $output == *"tmail_routes_open"* ]]
}

@test "a function that is gone is a break" {
	plant src/runtime/routes.map 's/	local:/&\n\t\ttmail_status_text;/'
	[ "$status" -ne 0 ]
	[[ $output == *"1 Removed"* ]]
}

# lost LIST - what the kept list has and standard input has not.
lost() {
	[ "$(wc -l <"$KEPT/$1")" -gt 10 ]
	run comm -23 "$KEPT/$1" <(LC_ALL=C sort -u)
	[ -z "$output" ] || { echo "gone from $1: $output"; false; }
}

# slugs - each with its severity.
slugs() {
	sed -n 's/^	ROW(\([A-Z]*\), [A-Z0-9_]*, "\([a-z0-9-]*\)",.*/\2 \L\1/p' src/text/slugs.h
}

@test "no slug goes away, and none turns from a warning into an error" {
	slugs | lost slugs
	run lost slugs < <(slugs | sed 's/^bad-port /port /')
	[ "$status" -ne 0 ]
	[[ $output == *"bad-port"* ]]
}

# exit_codes - those of the manuals, each with its page.
exit_codes() {
	local page

	for page in src/cli/tmail.1.scd src/cli/tmail-deliver.1.scd src/serve/tmail-serve.1.scd; do
		sed -n '/^# EXIT STATUS/,/^# [^E]/p' "$page" | grep -oE \
		    -e '^(]\[|\|) +[0-9, ]+$' -e '^\*[0-9]+\*$' -e '(^|; )[0-9]+: ' | grep -oE '[0-9]+' |
		    sed "s/^/$(basename "$page" .1.scd) /"
	done
}

@test "no exit code goes away" {
	exit_codes | lost exit-codes
	run lost exit-codes < <(exit_codes | grep -v ' 75$')
	[ "$status" -ne 0 ]
	[[ $output == *"tmail-deliver 75"* ]]
}

# json WHAT COMMAND... - the keys of what the command says in JSON, each as WHAT PATH.
json() {
	"$TMAIL" routes "${@:2}" >"$T/json" 2>/dev/null || true
	jq -r --arg what "$1" 'paths | select(.[-1] | type == "string") |
		map(if type == "number" then "[]" else . end) | $what + " " + join(".")' "$T/json" |
	    grep -v '^stats sections\.'	# parts of a format, which changes
}

# json_keys - those of every command that has JSON.
json_keys() {
	rm -rf "$T/etc"
	cp -R etc "$T/etc"
	cp -R tests/golden/bad "$T"
	cd "$T/etc"
	export TMAIL_ROUTES_CONF=routes.conf
	sed 's/gw1.big.example/gw9.big.example/; /^route 8 /d' routes.conf >other.conf
	echo 'route 500 to new.example via mx' >>other.conf
	printf '%s\n' 'route 1 to a.example via h' 'expect to b@a.example via h' \
	    'expect to c@a.example via i' >expect.conf
	json compile compile --json -c "$T/bad/bad-port.conf"
	"$TMAIL" routes compile -q
	json list list --json
	json show show --json 100
	json lookup lookup --json --explain -d ann@big.example -u joe@acme.example
	json lookup lookup --json --plan --seed 6 -d ann@big.example
	json lookup lookup --json -d ann@closed.example
	printf 'a@b.example\t\t\t\t\n' >queries
	json lookup lookup --json - <queries
	json stats stats --json
	json diff diff --json routes.conf other.conf
	printf 'ann@big.example\nbob@new.example\n' >mails
	json diff diff --json --samples mails routes.conf other.conf
	json test test --format json -c expect.conf
	cd "$T/bad"
	for file in *.conf; do
		json check check --json "$file"
	done
	cd "$ROOT"
}

@test "no key of JSON goes away" {
	json_keys | lost json-keys
	run lost json-keys < <(json_keys | sed 's/^lookup routes.\[\].host$/lookup routes.[].relay_host/')
	[ "$status" -ne 0 ]
	[[ $output == *"lookup routes.[].host"* ]]
}

@test "the tests and sources that the promises name are there" {
	grep -ohE '`(tests|src)/[a-zA-Z0-9/_.-]+`|`test_[a-z_]+\.c`' contrib/*.md | tr -d '`' |
	    sed 's|^test_|tests/unit/&|' | sort -u >"$T/named"
	[ "$(wc -l <"$T/named")" -ge 25 ]
	while read -r name; do
		[ -e "$name" ] || { echo "$name"; false; }
	done <"$T/named"
}

@test "the version is said in one place" {
	version=$(sed -n 's/^VERSION = //p' Makefile)
	[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]]
	# NEWS and Debian's changelog have every version; the newest is this one.
	[ "$(sed -n 's/^## \([0-9.]*\),.*/\1/p' contrib/NEWS.md | head -n 1)" = "$version" ]
	[ "$(sed -n 's/^## [0-9.]*, //p' contrib/NEWS.md | head -n 1)" = "$(sed -n 's/^RELEASED = //p' Makefile)" ]
	[ ! -e contrib/debian/changelog ] ||
		[[ $(sed -n '1s/^tmail (\([^)-]*\).*/\1/p' contrib/debian/changelog) == "$version" ]]
	grep -rnF -- "$version" Makefile README.md CONTRIBUTING.md .pre-commit-hooks.yaml src grammar etc contrib tests \
	    >"$T/copies"
	# Nor does since when a symbol is there change with it.
	run grep -vE '^contrib/(NEWS\.md|debian/changelog|debian/[a-z0-9]*\.symbols):' "$T/copies"
	[ "$output" = "Makefile:$(grep -n '^VERSION = ' Makefile)" ]
	[ "$("$TMAIL" --version | cut -d ' ' -f 2)" = "$version" ]
}
