# Nothing in message, sender, recipient, login or names ends a command or the message early.  A
# wiretap (socat) before the smtp-sink keeps the bytes that were sent.

load helpers

setup() {
	deliver_setup
	sink relay
	local relay=$PORT
	PORT=$(free_port)
	in_background socat -r "$DIR/wire" "TCP-LISTEN:$PORT,bind=127.0.0.1,reuseaddr,fork" \
	    "TCP:127.0.0.1:$relay"
	wait_port "$PORT"
	routes <<<"route 1 via 127.0.0.1:$PORT helo h.example"
}

teardown() {
	deliver_teardown
}

# wire BODY - the bytes sent are those of one mail with this body (a printf format), no others.
wire() {
	printf 'EHLO h.example\r\nMAIL FROM:<me@here.example>\r\nRCPT TO:<a@x.example>\r\nDATA\r\n' \
	    >"$DIR/expected"
	# shellcheck disable=SC2059
	printf "$1" >>"$DIR/expected"
	printf '.\r\nQUIT\r\n' >>"$DIR/expected"
	sed 's/> BODY=8BITMIME\r$/>\r/' "$DIR/wire" >"$DIR/seen"
	cmp "$DIR/seen" "$DIR/expected" || {
		od -c "$DIR/seen" >&2
		return 1
	}
	: >"$DIR/wire"
	got relay
	rm "$DIR"/relay/*
}

# send MESSAGE - a printf format.
send() {
	# shellcheck disable=SC2059
	printf "$1" >"$DIR/message"
	: >"$DIR/wire"
	deliver a@x.example <"$DIR/message"
	is 0
	eventually wire_has_quit
}

@test "line ends" {
	send 'one\r\ntwo\nthree\rfour'
	wire 'one\r\ntwo\r\nthree\r\nfour\r\n'
	send 'a\r\r\nb\n\rc\r'
	wire 'a\r\n\r\nb\r\n\r\nc\r\n'
	send ''
	wire ''
	send '\n'
	wire '\r\n'
}

@test "dots" {
	local lines

	send '.\n..\n.x\nx.\n'
	wire '..\r\n...\r\n..x\r\nx.\r\n'
	# There where a block of 16 KiB begins, and in the one before.
	lines=$(printf "$(printf 'x%.0s' {1..62})\\\\n%.0s" {1..256})
	send "$lines.x\n"
	wire "${lines//n/r\\n}..x\r\n"
	send ".y\n$lines$lines"
	wire "..y\r\n${lines//n/r\\n}${lines//n/r\\n}"
}

@test "lines of more than 998 bytes are folded, and none ends early by it" {
	local x998 umlauts

	x998=$(printf 'x%.0s' {1..998})
	send "$x998\n"
	wire "$x998\r\n"
	[ "$(grep -c body= "$DIR/log")" -eq 0 ]
	send "${x998}y\n${x998}${x998}\n$x998.\n"
	wire "$x998\r\n y\r\n$x998\r\n ${x998%x}\r\n x\r\n$x998\r\n .\r\n"
	logged ' body=folded '
	# Dots that are stuffed do not count, and a character is not torn.
	send ".${x998%xx}\n.${x998%x}xx"
	wire "..${x998%xx}\r\n..${x998%x}\r\n xx\r\n"
	umlauts=$(printf 'ä%.0s' {1..499})
	send "x${umlauts}\n${umlauts}"
	wire "x${umlauts%ä}\r\n ä\r\n$umlauts\r\n"
	send "${x998%xxx}\360\237\230\200"
	wire "${x998%xxx}\r\n \360\237\230\200\r\n"
}

@test "no ending of lines brings a final dot in" {
	local before after rest
	local all='EHLO h.exampleMAIL FROM:<me@here.example>RCPT TO:<a@x.example>DATA'

	all+='x..MAIL FROM:<evil@x.example>.QUIT'
	for before in '\n' '\r' '\r\n' '\n\r'; do
		for after in '\n' '\r' '\r\n' '\r\r\n'; do
			send "x$before.${after}MAIL FROM:<evil@x.example>\r\n"
			[ "$(grep -c '^\.\.' "$DIR/wire")" -eq 1 ]
			[ "$(grep -cx $'\\.\r' "$DIR/wire")" -eq 1 ]
			rest=$(tr -d '\r\n' <"$DIR/wire")
			[ "$rest" = "$all" ]
			got relay
			rm "$DIR"/relay/*
		done
	done
}

@test "every line end is CRLF, also across the blocks of a large message" {
	perl -e 'srand 1; my @p = ("\r", "\n", ".", "x", "\0"); print map { $p[rand @p] } 1 .. 3000000' \
	    >"$DIR/message"
	: >"$DIR/wire"
	deliver a@x.example <"$DIR/message"
	is 0
	eventually wire_has_quit
	perl -0777 -ne 's/^.*?DATA\r\n//s or die; s/\.\r\nQUIT\r\n$// or die; die if /\r(?!\n)/ ||
	    /(?<!\r)\n/; s/^\.//gm; print' "$DIR/wire" >"$DIR/received"
	perl -0777 -pe 's/\r\n|\r|\n/\r\n/g; s/(?<!\n)\z/\r\n/' "$DIR/message" | cmp - "$DIR/received"
}

@test "NUL passes, and makes no final dot where it is dropped" {
	send 'a\0b\n\0.\n.\0\n\0\n'
	wire 'a\0b\r\n.\0.\r\n..\0\r\n.\0\r\n'
}

@test "control bytes, blanks and brackets in addresses are refused" {
	local address

	: >"$DIR/wire"
	for address in $'a@x.example\r\nDATA' $'a\n@x.example' $'a\r@x.example' $'a@x.example\n' \
	    $'a\tb@x.example' $'"a\rb"@x.example' $'a@x\x7f.example' 'a b@x.example' \
	    'a@x.example> NOTIFY=NEVER' 'a>@x.example' '<a@x.example>' '"a"b c@x.example' \
	    '"a" b"@x.example' '"a\" b@x.example' '"a b@x.example' 'a@"x y"' 'a@[1.2.3.4 ]' \
	    $'a@x\xc2\x85y' $'a\xff@x.example' $'a@x\xc0\x8d\xc0\x8a'; do
		deliver "$address" <<<hello
		is 75 '4.1.3 *'
		deliver --sender "$address" a@x.example <<<hello
		is 75 '4.1.7 *'
	done
	for address in '' a 'x.example' '@x.example' 'a@'; do
		deliver "$address" <<<hello
		is 75 '4.1.3 *'
	done
	deliver "$(printf 'a%.0s' {1..2000})@x.example" <<<hello
	is 75 '4.1.3 *'
	[ ! -s "$DIR/wire" ]
}

@test "what belongs into addresses passes" {
	local address

	for address in '"a b"@x.example' '"<a>"@x.example' '"a\"b\\"@x.example' '"a@b"@x.example' \
	    "o'neil+tag%y@x.example" 'a@[127.0.0.1]' 'a..b.@x.example' 'A@X.EXAMPLE'; do
		: >"$DIR/wire"
		deliver --sender "$address" "$address" <<<hello
		is 0
		grep -qxF "MAIL FROM:<$address>"$'\r' "$DIR/wire"
		grep -qxF "RCPT TO:<$address>"$'\r' "$DIR/wire"
	done
}

@test "control bytes in login and names are refused" {
	: >"$DIR/wire"
	deliver --user $'joe\r\nDATA' a@x.example <<<hello
	is 75 '4.3.5 *'
	deliver --helo $'h\r\nDATA' a@x.example <<<hello
	is 75 '4.3.5 *'
	deliver --helo 'h x' a@x.example <<<hello
	is 75 '4.3.5 *'
	deliver --helo "$(printf 'h%.0s' {1..256})" a@x.example <<<hello
	is 75 '4.3.5 *'
	[ ! -s "$DIR/wire" ]
	deliver --user 'John Doe' a@x.example <<<hello
	is 0
	deliver --user $'j\xf6rg' a@x.example <<<hello
	is 0
}

@test "a verdict is one line" {
	deliver --user $'joe\r\nDATA' $'a@x.example\r\n5.1.1 x' <<<hello
	[ "$(wc -l <<<"$output")" -eq 1 ]
	run_deliver $'--frob\n5.1.1 x' <<<hello
	is 75 '4.3.5 *'
	[ "$(wc -l <<<"$output")" -eq 1 ]
}
