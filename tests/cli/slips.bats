# What a tired hand types on the command line; in the file: ../golden/bad/slips.conf.

load helper

sample() {
	conf 'route 1 to a.example via h.example' 'route 2 to b.example via h.example'
	exits 0 compile
	cp routes.conf before.conf
	cp routes.idx before.index
}

# refuses MESSAGE COMMAND... - wrong usage, and nothing is changed or left behind.
refuses() {
	local message=$1

	shift
	exits 64 "$@"
	[ ! -s out ]
	holds err "tmail: $message (see tmail routes $1 --help)"
	cmp routes.conf before.conf
	cmp routes.idx before.index
	[ ! -e ./- ]
}

@test "help of a command, whatever comes first" {
	run "$TMAIL" routes add --help
	local add=$output

	for words in 'routes help add' 'routes -h add' 'routes --help add' 'help add' \
	    'help routes add' '-h route add'; do
		run "$TMAIL" $words
		[ "$output" = "$add" ]
	done
	run "$TMAIL" help deliver
	[ "$output" = "$("$TMAIL" deliver --help)" ]
	run "$TMAIL" help nothing
	[[ $output = 'usage: tmail routes COMMAND'* ]]
	run "$TMAIL" version
	[[ $output = 'tmail '*'index format'* ]]
}

@test "no file called - is made or read" {
	sample
	refuses "-c and -i want the name of a file, not '-'" compile -i -
	refuses "-c and -i want the name of a file, not '-'" add -c - -rh h.example
}

@test "a dash that is none, and words in the wrong place" {
	sample
	refuses "a word begins with a dash (U+2013) that is no '-'" add –d c.example -rh h.example
	refuses "a word begins with a dash (U+2014) that is no '-'" add -d c.example —rh h.example
	refuses "a word begins with a dash (U+2013) that is no '-'" \
	    add -rh h.example -rl ann -rpwd s3 –cret
	refuses "'x.conf' stands behind no option: did you mean -c 'x.conf'?" compile x.conf
	refuses "behind '1', set takes options only: a word is too many" set 1 port 5
	refuses "unknown option '-rl'" list -rl ann
	refuses "unknown option '-hr': did you mean '-rh'?" list -hr h.example
	refuses "unknown option '-RH': did you mean '-rh'?" list -RH h.example
}

@test "a mend of the command line is an option" {
	sample
	exits 65 add -d c.example -rh h.example -rl ann
	grep -qxF -- "      = help: add '--password-file PATH', '-rpwd PASSWORD' or '--token-file PATH'" err
	cmp routes.conf before.conf
}
