# What a terminal of 80 columns shows, in ../golden/screens/*.screen: commands behind a '$', each
# with its output.
#
# UPDATE=1 bats tests/cli/screens.bats writes these files anew.

setup() {
	PATH=$(dirname "$(realpath "${TMAIL:-$BATS_TEST_DIRNAME/../../build/tmail}")"):$PATH
	SCREENS=$(realpath "$BATS_TEST_DIRNAME/../golden/screens")
	cd "$BATS_TEST_TMPDIR"
	unset TMAIL_ROUTES_CONF TMAIL_ROUTES_INDEX COLUMNS
	export TERM=dumb
	cp "$SCREENS"/*.conf .
	chmod 600 ./*.conf
}

# shows COLUMNS COMMAND - what a terminal as wide shows of it.
shows() {
	script -qec "stty cols $1; $2" /dev/null </dev/null | tr -d '\r'
}

# screen NAME - its commands show what stands behind them.
screen() {
	local command

	sed -n 's/^\$ //p' "$SCREENS/$1.screen" >commands
	while read -r command; do
		echo "\$ $command"
		shows 80 "$command"
	done <commands >screen
	[ -z "$UPDATE" ] || cp screen "$SCREENS/$1.screen"
	diff -u "$SCREENS/$1.screen" screen
}

# fits COLUMNS COMMAND - no line that it shows is wider.
fits() {
	shows "$1" "$2" >screen
	[ -s screen ] && [ "$(LC_ALL=C.UTF-8 wc -L <screen)" -le "$1" ] || { cat screen; return 1; }
}

@test "diagnostics: the line is cut around the place" {
	screen check
	# What wraps is the message, not the line and its marks.
	for columns in 40 60 100; do
		shows $columns 'tmail routes check -c broken.conf' | grep -E '^ *[0-9]* \| ' >lines
		[ "$(LC_ALL=C.UTF-8 wc -L <lines)" -le $columns ]
		[ "$(wc -l <lines)" -eq 12 ]
	done
}

@test "diagnostics: a terminal that does not say how wide it is" {
	shows 0 'tmail routes check -c broken.conf' >screen
	grep 'veriffied helo out.example.org$' screen
	shows 0 'COLUMNS=60 tmail routes check -c broken.conf' >screen
	! grep 'veriffied helo out.example.org$' screen || false
}

@test "list: empty columns go, long cells are cut" {
	screen list
	fits 60 'tmail routes list -q -c routes.conf'
	fits 100 'tmail routes list -q -c routes.conf'
	echo 'relay a-relay-with-a-rather-long-name-for-the-columns h.example' >>routes.conf
	fits 60 'tmail routes list --relays -q -c routes.conf'
	diff <(shows 80 'tmail routes list -q --json -c routes.conf') \
		<(tmail routes list -q --json -c routes.conf)
}

@test "lookup: the usual is left out, long lines are cut" {
	screen lookup
	fits 40 'tmail routes lookup -c routes.conf -d ann@b.example -u bob@acme.example --explain'
	fits 60 'tmail routes lookup -c routes.conf -d ann@big.example --plan'
	diff <(shows 80 'echo ann@big.example | tmail routes lookup -c routes.conf -') \
		<(echo ann@big.example | tmail routes lookup -c routes.conf -)
}

@test "lookup: the ladder as a table" {
	local numbers

	screen ladder
	fits 80 'tmail routes lookup -c routes.conf -d ann@b.example -u 日本語@example.org -f a@b.c --explain'
	fits 67 'tmail routes lookup -c routes.conf -d ann@b.example -u joe@example.org -f a@b.c --explain'
	fits 68 'tmail routes lookup -c routes.conf -d ann@b.example -u joe@example.org -f a@b.c --explain'
	grep -q '^to   .*no from$' screen
	# A terminal that does not know its width.
	shows 0 'tmail routes lookup -c routes.conf -d ann@b.example --explain' >screen
	grep -q '^to   .*no from$' screen
	# As many rungs as a pipe gets lines, in the same order, and the same one takes the mail.
	echo 'route to elsewhere.example via mx' >ladder.conf
	tmail routes compile -c ladder.conf
	mail='-c ladder.conf -d ann@mail.b.example -u joe@acme.example -f joe@acme.example --explain'
	TERM=xterm shows 80 "TERM=xterm tmail routes lookup $mail" | sed 's/\x1b\[[0-9;]*m//g' >screen
	numbers=$(grep -oE '(  |\[)[0-9]+' screen | tr -d '[ ' | paste -sd ' ')
	[ "$numbers" = "$(seq -s ' ' "$(tmail routes lookup $mail | grep -c ^tried)")" ]
	for route in 'user joe@acme.example' 'user acme.example, from acme.example' 'to *.example' \
		'user *, to *.b.example'; do
		echo "route ${route//,/} via mx" >ladder.conf
		tmail routes compile -c ladder.conf
		won=$(tmail routes lookup $mail | grep -n ^matched | cut -d : -f 1)
		shows 80 "tmail routes lookup $mail" | grep -qF "[$won]"
	done
}

@test "the table is that of README" {
	sed -n '/^to  *from the sender/,/^$/p; /^ann@mail.b.example  *46/,/^$/p' \
		"$BATS_TEST_DIRNAME/../../README.md" | sed 's/    when somebody$//; s/    has logged in$//
		s/       for every mail$//' | tr -s ' ' >readme
	echo 'route to elsewhere.example via mx' >ladder.conf
	tmail routes compile -c ladder.conf
	shows 100 'TERM=xterm tmail routes lookup -c ladder.conf -d ann@mail.b.example -u joe@acme.example -f joe@acme.example --explain' |
		sed 's/\x1b\[[0-9;]*m//g; /^no route/d' | tr -s ' ' >table
	[ "$(grep -c . readme)" -eq 12 ]
	diff readme table
}
