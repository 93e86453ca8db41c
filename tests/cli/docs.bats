# The documentation against the code.  The examples are run by tests/examples.

setup() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	TMAIL=$(realpath "${TMAIL:-$ROOT/build/tmail}")
	BUILD=$(realpath "${BUILD:-$ROOT/build}")
	T=$BATS_TEST_TMPDIR
	cd "$ROOT"
}

# slugs SEVERITY - those of the table, in its order.
slugs() {
	sed -n "s/^	ROW($1, [A-Z0-9_]*, \"\([a-z0-9-]*\)\",.*/\1/p" src/text/slugs.h
}

# documented HEADING - the diagnostics under it in routes.conf(5).
documented() {
	sed -n "/^## $1/,/^#/p" src/conf/routes.conf.5.scd | grep -E '^\*[a-z]' | tr -d '*' |
	    sed 's/, /\n/g'
}

@test "routes.conf(5) has every diagnostic, and no other" {
	[ "$(slugs '[A-Z]*' | wc -l)" -ge 60 ]
	[ "$(slugs '[A-Z]*' | wc -l)" = "$(grep -c '^	ROW(' src/text/slugs.h)" ]
	diff <(slugs ERROR) <(documented Errors)
	diff <(slugs WARNING) <(documented Warnings)
}

@test "a diagnostic's number, name and help belong together" {
	sed -n 's/^	ROW([A-Z]*, \([A-Z0-9_]*\), "\(.*\)",.*/\1 \2/p' src/text/slugs.h |
	    while read -r number name; do
		[ "$number" = "$(tr a-z- A-Z_ <<<"$name")" ]
	done
	# One sentence each.
	sed -n 's/.*"\([A-Z][^"]*\(\\"[^"]*\)*\)") *\\*$/\1/p' src/text/slugs.h >"$T/helps"
	[ "$(wc -l <"$T/helps")" = "$(slugs '[A-Z]*' | wc -l)" ]
	[ -z "$(grep -v '\.$' "$T/helps")" ]
}

@test "the man pages are without fault" {
	for page in "$BUILD"/man/*.[1-9]; do
		# What scdoc always does: empty paragraphs, long lines, titles as they are.
		mandoc -T lint -W style "$page" >"$T/lint" || true
		run grep -vE 'macro: PP|input text line longer|lower case character' "$T/lint"
		echo "$output"
		[ "$status" -eq 1 ]
		mandoc -T utf8 "$page" >"$T/page"
		[ "$(wc -l <"$T/page")" -gt 50 ]
	done
	[ "$(ls "$BUILD"/man/*.[1-9] | wc -l)" -eq 6 ]
}

@test "tmail(1) breaks no line within the names of an option" {
	mandoc -T ascii -O width=78 "$BUILD/man/tmail.1" | sed $'s/.\b//g' | tr '\t' ' ' >"$T/page"
	grep -B 1 $'^\t' src/cli/tmail.1.scd | grep '^\*-' | tr -d '*_' >"$T/names"
	[ "$(wc -l <"$T/names")" -gt 20 ]
	while read -r names; do
		grep -qE "^ +${names//|/[|]}( |\$)" "$T/page" || { echo "$names"; false; }
	done <"$T/names"
}

@test "the man pages have the date of the release" {
	date=$(sed -n 's/^RELEASED = //p' Makefile)
	for page in "$BUILD"/man/*.[1-9]; do
		grep -q "^\.TH .* \"$date\"" "$page"
	done
}

# fields - what add and set call the options of routes.conf, all names of one in a line.
fields() {
	local number word

	sed -n 's/^	ROW(\([A-Z_]*\), "\([a-z-]*\)".*/\1 \2/p' src/text/words.h |
	    while read -r number word; do
		grep -oE "\[OPTION_$number\] = \"[^\"]*\"" src/change/fields.c | cut -d '"' -f 2 |
		    grep . || echo "$word"
	done
}

# options - those of the commands: in tables of their own, and those of routes.conf.
options() {
	{
		sed -n 's/.*{"\([a-zA-Z -]*\)", *\(true\|false\|CLI_VALUES\), *&.*/\1/p' \
		    src/{cli,change,program}/*.c
		fields
	} | tr ' ' '\n' | sort -u
}

@test "tmail(1) has every option and every command" {
	options >"$T/options"
	[ "$(wc -l <"$T/options")" -ge 45 ]
	while read -r option; do
		grep -qE "\*--?$option\*" src/cli/tmail.1.scd || { echo "--$option"; false; }
	done <"$T/options"
	sed -n 's/.*{"\([a-z]*\)", cmd_.*/\1/p' src/cli/main.c >"$T/commands"
	[ "$(wc -l <"$T/commands")" -ge 8 ]
	while read -r command; do
		grep -qx "## $command" src/cli/tmail.1.scd
		grep -qE "^\*tmail routes $command\*" src/cli/tmail.1.scd
	done <"$T/commands"
}

@test "the helps of add and set have every option of routes.conf" {
	[ "$(fields | wc -l)" = "$(grep -c '^	ROW(' src/text/words.h)" ]
	for command in add set; do
		"$TMAIL" routes $command --help >"$T/help"
		fields | while read -r names; do
			grep -qE -- "(^|[ ,])--?(${names// /|})( |,|$)" "$T/help" || { echo "$names"; false; }
		done
	done
}

@test "tmail(1) has no option that does not exist" {
	options >"$T/options"
	grep -ohE '\*--?[a-zA-Z][a-zA-Z-]*\*' src/cli/tmail.1.scd | tr -d '*' | sed 's/^--*//' |
	    sort -u >"$T/documented"
	run comm -13 "$T/options" "$T/documented"
	echo "$output"
	[ -z "$output" ]
}

@test "routes.conf(5) has every option and where it may stand, in the order of the table" {
	sed -n 's/^	ROW([A-Z_]*, "\([a-z-]*\)", \(ON_[A-Z_]*\),.*/\1 \2/p' src/text/words.h |
	    sed 's/ON_ROUTE/(route)/; s/ON_RELAY_ALONE/(relay)/; s/ON_RELAY/(route, relay)/
		s/ON_DEFAULT/(route, relay, default)/; s/ON_SOURCE/(route, relay, default)/' >"$T/table"
	[ "$(wc -l <"$T/table")" = "$(grep -c '^	ROW(' src/text/words.h)" ]
	sed -n '/^# OPTIONS/,/^# [^O]/s/^\*\([a-z-]*\)\* _[A-Z]*_ (/\1 (/p' src/conf/routes.conf.5.scd |
	    diff "$T/table" -
}

@test "routes.conf(5), the sample and the editor know every keyword" {
	{
		sed -n 's/^	ROW([A-Z_]*, "\([a-z-]*\)".*/\1/p' src/text/words.h
		sed -n 's/.*\[STATEMENT_[A-Z]*\] = "\(.*\)".*/\1/p' src/text/words.c
		sed -n 's/^    \("to".*\), OPTIONS(WORD)};/\1/p' src/text/words.c | tr -d ' "' | tr , "\n"
		echo file
	} >"$T/words"
	[ "$(wc -l <"$T/words")" -ge 23 ]
	while read -r word; do
		grep -qF "*$word*" src/conf/routes.conf.5.scd || { echo "page: $word"; false; }
		grep -qE "(\||\(|%\()$word\\\\" contrib/vim/syntax/tmailroutes.vim ||
		    { echo "vim: $word"; false; }
		[ "$word" = password ] || cat etc/routes.conf etc/routes.d/* | sed 's/#.*//' |
		    grep -qE "(^|[[:space:]])$word([[:space:]]|$)" || { echo "sample: $word"; false; }
	done <"$T/words"
}

@test "the sample has no fault and no warning, and is canonical" {
	# Its passwords are where it is used, not here.
	run "$TMAIL" routes check --json -c etc/routes.conf
	[ "$status" -eq 0 ]
	[ -z "$(grep -vE '"slug":"unusable-(password-)?file"' <<<"$output")" ]
	"$TMAIL" routes fmt --check -c etc/routes.conf
}

@test "the table of the ladder is what a lookup finds" {
	local count=0 to login sender route

	awk '/^# THE LADDER/ { on = 1 } on && /^```/ { n++; next } on && n == 3' \
	    src/conf/routes.conf.5.scd >"$T/routes.conf"
	"$TMAIL" routes compile -c "$T/routes.conf"
	sed -n '/^\]\[ \*to\*/,/^$/p' src/conf/routes.conf.5.scd | sed '1,4d;$d' |
	    sed 's/^[|:] *//' | paste - - - - >"$T/table"
	while IFS=$'\t' read -r to login sender route; do
		found=$("$TMAIL" routes lookup --json -c "$T/routes.conf" -d "$to" -f "$sender" \
		    -u "${login#-}" | jq '.routes[0].id')
		[ "$found" = "${route%%:*}" ]
		count=$((count + 1))
	done <"$T/table"
	[ "$count" -eq 6 ]
}

@test "routes.idx(5) has the header's offsets and the sections" {
	sed -n 's/.*HEADER_[A-Z_]* = \([0-9]*\),.*/\1/p' src/runtime/format.h |
	    sort -n >"$T/offsets"
	grep -q 'HEADER_SIZE = 320' src/runtime/format.h
	sed -n '/^# HEADER/,/^The checksum/p' src/runtime/routes.idx.5.scd |
	    sed -n 's/^|  \([0-9]*\)$/\1/p' | sort -n >"$T/documented"
	diff "$T/offsets" "$T/documented"
	for section in $(sed -n 's/^\tSECTION_\([A-Z]*\),$/\1/p' src/runtime/format.h); do
		[ "$section" = COUNT ] || grep -qE "^## (.*, )?$section(, .*)?$" src/runtime/routes.idx.5.scd
	done
}

@test "the prototypes in tmailroutes(3) are those of the header" {
	{
		echo '#include <tmail/routes.h>'
		awk '/^```/ { n++; next } n == 1' src/runtime/tmailroutes.3.scd
	} >"$T/a.c"
	"${CC:-cc}" -std=c11 -Wall -Wextra -Werror -Isrc/runtime -fsyntax-only "$T/a.c"
	tr '\n' ' ' <src/runtime/tmail/routes.h | grep -oE 'TMAIL_API [^(]*\(' |
	    grep -oE 'tmail_[a-z_]+\(' | sort >"$T/declared"
	awk '/^```/ { n++; next } n == 1' src/runtime/tmailroutes.3.scd |
	    grep -oE 'tmail_[a-z_]+\(' | sort >"$T/documented"
	diff "$T/declared" "$T/documented"
	for status in $(grep -oE '^	TMAIL_(OK|NO_ROUTE|E_[A-Z]+)' src/runtime/tmail/routes.h); do
		grep -qF "*$status*" src/runtime/tmailroutes.3.scd
	done
}

@test "what the README points to is there" {
	local count=0

	for link in $(grep -oE '\]\([^)#]+\)' README.md | tr -d '()]'); do
		[ -e "$link" ] || { echo "$link"; false; }
		count=$((count + 1))
	done
	[ "$count" -ge 7 ]
	for target in $(grep -oE '^make [a-z-]+' README.md | cut -d ' ' -f 2 | sort -u); do
		grep -qE "^$target:" Makefile tests/*/*.mk contrib/*.mk contrib/*/*.mk
	done
}

@test "an example that is wrong is found" {
	sed 's/^  1\. mail\.tmail\.io:25 /  1. mail.tmail.io:26 /' README.md >"$T/README.md"
	! cmp -s README.md "$T/README.md" || false
	run tests/examples "$T/README.md"
	[ "$status" -eq 1 ]
	[ "$(grep -c '^not ok' <<<"$output")" -eq 1 ]
	printf '```console\n$ tmail routes check -c none\n```\n' >"$T/a.md"
	run tests/examples "$T/a.md"
	[ "$status" -eq 1 ]
	printf '```\nroute to tmail.io vai a.example\n```\n' >"$T/a.scd"
	run tests/examples "$T/a.scd"
	[ "$status" -eq 1 ]
}

@test "the helps are short, and their examples are commands" {
	for command in list show add set del number compile check fmt test lookup diff import verify stats serve export doctor; do
		run "$TMAIL" routes $command --help
		[ "$status" -eq 0 ]
		[[ $output == *"examples:"* ]]
	done
	for command in '' 'routes '{list,show,add,set,del,number,compile,check,fmt,test,lookup,diff,import,verify,stats,serve,export,doctor} deliver; do
		"$TMAIL" $command --help >"$T/help"
		[ "$(wc -L <"$T/help")" -le 80 ]
		[ "$(wc -l <"$T/help")" -le 24 ]
	done
}

# section NAME - a section of the README.
section() {
	awk -v name="## $1" '/^## / { on = $0 == name } on' README.md
}

@test "the first route on a server" {
	mkdir -p "$T/etc"
	echo s3cret >"$T/password"
	section 'First route on your server' | sed -n '/^```sh$/,/^```$/p' | grep -v '^```' |
	    sed -e "s|/etc/tmail|$T/etc/tmail|g" -e "s/-o root -g tmail/-o $(id -un) -g $(id -gn)/" \
		-e "s/chgrp tmail/chgrp $(id -gn)/" >"$T/block"
	[ "$(wc -l <"$T/block")" -eq 5 ]
	cd "$T"
	PATH=$(dirname "$TMAIL"):$PATH TMAIL_ROUTES_CONF=$T/etc/tmail/routes.conf \
	    bash -eu block >out 2>err
	[ ! -s err ]
	grep -q 'smarthost.example.net:587 .*login you@example.net:\*' out
	[ "$(stat -c %a etc/tmail/routes.idx)" = 640 ]
	[ "$(stat -c %a etc/tmail/routes.conf)" = 600 ]
}

@test "what becomes of Postfix's maps compiles" {
	section 'From Postfix' | grep -oE '`route [^`]+`' | tr -d '`' | sort -u >"$T/routes"
	section 'From Postfix' | grep -oE '`tls [^`]+`' | tr -d '`' | sed 's/^/route via h.example /' |
	    sort -u >>"$T/routes"
	[ "$(wc -l <"$T/routes")" -ge 18 ]
	while read -r route; do
		echo "$route" >"$T/one.conf"
		run "$TMAIL" routes compile -c "$T/one.conf"
		[ -z "$output" ] || { echo "$route: $output"; false; }
	done <"$T/routes"
}

@test "the wiring of Postfix is the one that is tested" {
	section 'Or the mail server keeps the delivery' | sed -n '/^```cf$/,/^```$/p' | grep -v '^```' >"$T/wiring"
	[ "$(wc -l <"$T/wiring")" -le 15 ]
	sed 1d contrib/postfix/serve.cf | diff "$T/wiring" -
}
