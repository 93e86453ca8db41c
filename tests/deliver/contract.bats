# The contract with a mail server's pipe: 0, 69 or 75, and a first line to match, whatever
# happens.  And the log.

load helpers

setup() {
	deliver_setup
}

teardown() {
	deliver_teardown
}

# install_copy - `tmail` and what it loads as they are when installed, to be broken.
install_copy() {
	mkdir -p "$DIR/bin" "$DIR/libexec/tmail"
	cp "$TMAIL" "$DIR/bin/tmail"
	cp "$(dirname "$TMAIL")"/tmail-{tls,sasl,dns}.so "$DIR/libexec/tmail/"
	TMAIL=$DIR/bin/tmail
}

good_route() {
	sink relay
	routes <<<"route 1 to x.example via 127.0.0.1:$PORT"
}

@test "the name to greet with that the recipe takes from Postfix is a whole one" {
	local command

	command=$(sed -n 's/.*$(\(postconf [^)]*\)).*/\1/p' "$ROOT/contrib/postfix/README.md")
	mkdir "$DIR/etc"
	printf '%s\n' 'mydomain = here.test' 'myhostname = mail.$mydomain' >"$DIR/etc/main.cf"
	# shellcheck disable=SC2086
	[ "$(MAIL_CONFIG=$DIR/etc "${UNPACKED[@]}" $command)" = mail.here.test ]
}

@test "wrong usage is 75" {
	local arguments

	good_route
	for arguments in '' '-- a@x.example' '--sender me@x --' '--sender' \
	    '--sender me@x --frob -- a@x.example' '--sender me@x --timeout 0 -- a@x.example' \
	    '--sender me@x --timeout soon -- a@x.example' \
	    '--sender me@x --seed -1 -- a@x.example' '--sender me@x --log here -- a@x.example' \
	    '--sender me@x -- a@x.example b@x.example' '--sender me@x --index= -- a@x.example' \
	    '--help --help' '--sender me@x --dns-server nonsense -- a@x.example' \
	    '--sender me@x --helo= --index -- a@x.example'; do
		# shellcheck disable=SC2086
		run_deliver $arguments </dev/null
		is 75 '4.3.5 *'
	done
	[ "$(mails relay)" -eq 0 ]
}

@test "an option given twice is 75, and says which" {
	local option

	good_route
	for option in --user=a@x --sender=me@x --helo=h --dns-server=127.0.0.1:53 --ca-file=/x \
	    --seed=1 --seed-from=1 --state=/x --wait=1 --penalty=1 --timeout=5 --queue-id=q --log=none --index=x; do
		run_deliver --sender me@x "$option" "-${option#--}" -- a@x.example </dev/null
		is 75 "4.3.5 *option '--*' is given twice"
	done
	[ "$(mails relay)" -eq 0 ]
}

@test "an unknown option is told which one was meant, and not its value" {
	good_route
	run_deliver --sendr=s3cret -- a@x.example </dev/null
	is 75 "4.3.5 wrong usage: unknown option '--sendr': did you mean '--sender'?"
	run_deliver -indx "$DIR/routes.idx" --sender me@x -- a@x.example </dev/null
	is 75 "4.3.5 wrong usage: unknown option '-indx': did you mean '-index'?"
	run_deliver --mail-from me@x -- a@x.example </dev/null
	is 75 "4.3.5 wrong usage: unknown option '--mail-from': did you mean '--sender'?"
	run_deliver --smtp-user=me@x -- a@x.example </dev/null
	is 75 "4.3.5 wrong usage: unknown option '--smtp-user': did you mean '--user'?"
	run_deliver --frob=s3cret -- a@x.example </dev/null
	is 75 "4.3.5 wrong usage: unknown option '--frob'"
}

@test "options in all their spellings" {
	good_route
	status=0
	TMAIL_ROUTES_INDEX=$DIR/routes.idx "$TMAIL" deliver -sender=me@here.example -user '' \
	    --helo=my.example -log none -- a@x.example <<<hello
	TMAIL_ROUTES_CONF=$DIR/routes.conf "$TMAIL" deliver --sender me@here.example --log none \
	    a@x.example <<<hello
	"$TMAIL" deliver -i "$DIR/routes.idx" --sender me@here.example --log none a@x.example <<<hello
	[ "$(mails relay)" -eq 3 ]
	cat "$DIR"/relay/* | grep -qx 'X-Helo-Args: my.example'
}

@test "help" {
	"$TMAIL" deliver --help | grep -q '^usage: tmail deliver'
}

@test "a missing, damaged or foreign index is 75" {
	good_route
	deliver --index "$DIR/none.idx" a@x.example <<<hello
	is 75 '4.3.5 *none.idx: *'
	: >"$DIR/empty.idx"
	deliver --index "$DIR/empty.idx" a@x.example <<<hello
	is 75 '4.3.5 *'
	head -c 100 "$DIR/routes.idx" >"$DIR/short.idx"
	deliver --index "$DIR/short.idx" a@x.example <<<hello
	is 75 '4.3.5 *'
	deliver --index /etc/passwd a@x.example <<<hello
	is 75 '4.3.5 *'
	deliver --index "$DIR" a@x.example <<<hello
	is 75 '4.3.5 *'
	[ "$(mails relay)" -eq 0 ]
}

@test "tmail itself needs no library but the C library" {
	# A build with sanitizers brings their libraries along.
	readelf -d "$TMAIL" >"$DIR/needed"
	sed -i '/NEEDED/!d; /lib\(c\|m\|asan\|ubsan\|gcc_s\)\.so/d; /ld-linux/d' "$DIR/needed"
	cat "$DIR/needed"
	[ ! -s "$DIR/needed" ]
}

# without FILE LIBRARY - that shared object lacks the library; or is itself not there, if that is "".
without() {
	local built=$BUILT/$1

	cp "$built" "$DIR/libexec/tmail/$1"
	if [ -n "$2" ]; then
		patchelf --replace-needed "$(patchelf --print-needed "$built" | grep "^$2\.")" libgone.so.1 \
		    "$DIR/libexec/tmail/$1"
	else
		rm "$DIR/libexec/tmail/$1"
	fi
}

# lacking NAME LIBRARY - how the verdict on that begins.
lacking() {
	[ -z "$2" ] && echo "tmail-$1.so: No such file" || echo libgone.so.1
}

@test "without OpenSSL or GNU SASL mail goes where they are not needed, else it stays" {
	local library BUILT=${TMAIL%/*}

	good_route
	install_copy
	printf '%s\n' '|220 x' 'EHLO|250-x\n250-AUTH CRAM-MD5\n250 STARTTLS' 'STARTTLS|220 go' \
	    'AUTH|334 PDFAeD4=' 'MAIL|250 x' >"$DIR/script"
	script_server "$DIR/script"
	routes <<-END
		route 1 to x.example via 127.0.0.1:$PORT priority 1
		route 2 to x.example via 127.0.0.1:$PORT priority 2
		route 3 to y.example via 127.0.0.1:$PORT tls off login joe password s3cret
	END
	for library in libcrypto libssl ''; do
		without tmail-tls.so "$library"
		deliver a@x.example <<<hello
		# Never in clear, for what is wrong is here.
		is 75 "4.3.0 *STARTTLS: cannot use TLS: $(lacking tls "$library")*"
	done
	for library in libgsasl ''; do
		without tmail-sasl.so "$library"
		deliver a@y.example <<<hello
		is 75 "4.3.0 *AUTH: cannot use CRAM-MD5: $(lacking sasl "$library")*"
	done
}

@test "without c-ares mail goes where no name is asked for, else it stays" {
	local library BUILT=${TMAIL%/*}

	good_route
	install_copy
	routes <<-END
		route 1 to x.example via 127.0.0.1:$PORT
		route 2 to y.example via host.test:$PORT
	END
	for library in libcares ''; do
		without tmail-dns.so "$library"
		deliver --helo here.example a@x.example <<<hello
		is 0
		got relay
		rm "$DIR"/relay/*
		deliver --helo here.example a@y.example <<<hello
		is 75 '4.3.0 *cannot ask the DNS: *'
		deliver --helo here.example a@mx.example <<<hello
		is 75 '4.3.0 *cannot ask the DNS: *'
		deliver --dns-server 127.0.0.1:53 a@x.example <<<hello
		is 75 "4.3.5 cannot ask the DNS: $(lacking dns "$library")*"
		[ "$(mails relay)" -eq 0 ]
		# A greeting with less of a name is better than none.
		deliver a@x.example <<<hello
		is 0
		rm "$DIR"/relay/*
	done
}

@test "a library that cannot be loaded is 75" {
	good_route
	routes <<<"route 1 to x.example via localhost:$PORT"
	: >"$DIR/libcares.so.2"
	LD_LIBRARY_PATH=$DIR deliver a@x.example <<<hello
	is 75 '4.3.0 *'
}

@test "whatever the delivery ends with becomes 75" {
	local ending

	good_route
	for ending in 1 2 64 65 66 69 70 71 75 77 78 126 127 128 255 0; do
		apart "exit $ending"
		deliver a@x.example <<<hello
		is 75 "4.3.0 tmail-deliver failed: exit status $ending"
	done
	for ending in SEGV ABRT BUS ILL FPE KILL TERM; do
		apart "kill -$ending \$\$"
		deliver a@x.example <<<hello
		is 75 '4.3.0 tmail-deliver failed: signal *'
	done
}

@test "a code counts only with the verdict that belongs to it" {
	local case

	good_route
	for case in 'echo 4.0.0 x; exit 69' 'echo 5.0.0 x; exit 75' 'echo 5.0.0 x; exit 0' \
	    'echo 5.x; exit 69' 'echo hello; exit 75' 'echo 2.0.0 x; exit 69' \
	    'echo 2.0.0 x; kill -9 $$'; do
		apart "$case"
		deliver a@x.example <<<hello
		is 75 '4.3.0 tmail-deliver failed: *'
	done
	apart 'echo 5.1.1 no such user; exit 69'
	deliver a@x.example <<<hello
	is 69 '5.1.1 no such user'
	apart 'echo 2.0.0 taken; exit 0'
	deliver a@x.example <<<hello
	is 0 ''
}

@test "SIGTERM ends the delivery with 75" {
	silent
	routes <<<"route 1 to x.example via 127.0.0.1:$PORT"
	status=0
	# Not by timeout(1): its SIGCONT would undo the stop by which LeakSanitizer looks.
	"$TMAIL" deliver --index "$DIR/routes.idx" --sender me@here.example --log none -- \
	    a@x.example <<<hello >"$DIR/out" &
	sleep 1
	kill -TERM $!
	wait $! || status=$?
	output=$(cat "$DIR/out")
	is 75 '4.3.0 *'
}

# waiting - a delivery that its relay keeps waiting: tmail is $PARENT, who delivers $CHILD.
waiting() {
	local i

	silent
	routes <<<"route 1 to x.example via 127.0.0.1:$PORT"
	"$TMAIL" deliver --index "$DIR/routes.idx" --sender me@here.example --log none -- \
	    a@x.example <<<hello >"$DIR/out" 3>&- &
	PARENT=$!
	for ((i = 0; i < 100; i++)); do
		CHILD=$(cat "/proc/$PARENT/task/$PARENT/children" 2>/dev/null)
		[ -z "$CHILD" ] || [ "$(cat "/proc/${CHILD% }/comm")" != tmail-deliver ] || return 0
		sleep 0.05
	done
	fail 'no tmail-deliver'
}

# in_state PID STATE - of a process, as ps(1) tells it: T is stopped.
in_state() {
	[[ $(cat "/proc/$1/stat") == *") $2 "* ]]
}

@test "a delivery that a terminal has stopped looks so, and can be ended" {
	# Such a signal stops nobody whose process group is all that there is.
	set -m
	waiting
	set +m
	kill -TSTP -- "-$PARENT"
	eventually in_state "$PARENT" T
	eventually in_state "${CHILD% }" T
	kill -CONT "$PARENT"
	eventually in_state "$PARENT" S
	in_state "${CHILD% }" T
	kill -TERM "$PARENT"
	status=0
	wait "$PARENT" || status=$?
	output=$(cat "$DIR/out")
	is 75 '4.3.0 tmail-deliver failed: signal 15'
}

@test "a crash of the process that delivers is 75" {
	local signal

	for signal in 11 7 6 9; do
		waiting
		kill "-$signal" "$CHILD"
		status=0
		wait "$PARENT" || status=$?
		output=$(cat "$DIR/out")
		# Sanitizers turn some of them into a code.
		[ -n "${DEV:-}" ] || is 75 "4.3.0 tmail-deliver failed: signal $signal"
		is 75 '4.3.0 tmail-deliver failed: *'
	done
}

@test "no process, no delivery: 75" {
	good_route
	status=0
	output=$(ASAN_OPTIONS=detect_leaks=0 strace -o "$DIR/trace" -e trace=?fork,?vfork,clone,?clone3 \
	    -e inject=?fork,?vfork,clone,?clone3:error=EAGAIN "$TMAIL" deliver --index "$DIR/routes.idx" \
	    --sender me@here.example --log none -- a@x.example <<<hello) || status=$?
	is 75 '4.3.0 cannot start tmail-deliver: Resource temporarily unavailable'
	[ "$(mails relay)" -eq 0 ]
}

@test "the delivery ends when tmail is killed" {
	local i

	waiting
	kill -9 "$PARENT"
	for ((i = 0; i < 100; i++)); do
		kill -0 "$CHILD" 2>/dev/null || return 0
		sleep 0.05
	done
	fail "still running: $CHILD"
}

@test "closed standard input, output and error" {
	good_route
	status=0
	"$TMAIL" deliver --index "$DIR/routes.idx" --sender me@here.example --log stderr -- \
	    a@x.example <<<hello >&- 2>&- || status=$?
	[ "$status" -eq 0 ]
	got relay
	"$TMAIL" deliver --index "$DIR/none.idx" --sender me@here.example --log stderr -- \
	    a@x.example <&- >&- 2>&- || status=$?
	[ "$status" -eq 75 ]
}

@test "no room for the temporary file is 75" {
	good_route
	head -c 5000000 /dev/zero >"$DIR/message"
	TMPDIR=/nonexistent deliver a@x.example <"$DIR/message"
	is 75 '4.3.0 cannot read the message: *'
	status=0
	output=$(ulimit -f 1000 && "$TMAIL" deliver --index "$DIR/routes.idx" --log none \
	    --sender me@here.example -- a@x.example <"$DIR/message") || status=$?
	is 75 '4.3.0 *'
	[ "$(mails relay)" -eq 0 ]
	deliver a@x.example <"$DIR"
	is 75 '4.3.0 cannot read the message: *'
}

@test "50 MB pass in constant memory and arrive byte for byte" {
	good_route
	head -c 37000000 /dev/urandom | base64 >"$DIR/message"
	[ "$(stat -c %s "$DIR/message")" -gt 49000000 ]
	peak() {
		env time -f %M -o "$DIR/peak" "$TMAIL" deliver \
		    --index "$DIR/routes.idx" --sender me@here.example --log none -- a@x.example
		cat "$DIR/peak"
	}
	peak <<<hello >"$DIR/small"
	rm "$DIR"/relay/*
	peak <"$DIR/message" >"$DIR/large"
	got relay
	body relay | cmp - "$DIR/message"
	# in kB: the first megabyte stays in memory, the rest does not
	[ "$(($(cat "$DIR/large") - $(cat "$DIR/small")))" -lt 4000 ]
}

@test "the log: one line an attempt, with all that the manual names" {
	sink relay
	routes <<<"route 7 to x.example via 127.0.0.1:$PORT local 127.0.0.2"
	deliver --user ann --queue-id 4cXkq52 a@x.example <<<hello
	is 0
	[ "$(wc -l <"$DIR/log")" -eq 1 ]
	local line='to=a@x.example from=me@here.example login=ann queue_id=4cXkq52'

	line+=" digest=[0-9a-f]{8} route=7 conf=routes.conf:1 relay=127.0.0.1:$PORT"

	line+=" addr=127.0.0.1:$PORT source=127.0.0.2 tls=- verified=no auth=- result=delivered"
	line+=' stage=dot code=250 text="2.0.0 Ok" ms=[0-9]+'
	grep -qxE "$line" "$DIR/log"
}

@test "the log comes after the verdict, and control bytes in replies are escaped" {
	printf '%s\n' '|220 x' 'EHLO|250 x' 'MAIL|250 x' \
	    $'RCPT|550 5.1.1 a\tb\e[31m"c\\d \xc3\xa4=' >"$DIR/script"
	script_server "$DIR/script"
	routes <<<"route 1 to x.example via 127.0.0.1:$PORT"
	status=0
	output=$("$TMAIL" deliver --index "$DIR/routes.idx" --log stderr --sender me@here.example \
	    -- a@x.example <<<hello 2>&1) || status=$?
	is 69 '5.1.1 127.0.0.1*RCPT: 550 5.1.1 a?b?\[31m"c\\d ??=*route=1*'
	[[ $output == *'text="5.1.1 a\x09b\x1B[31m\"c\\d \xC3\xA4="'* ]]
}

@test "8-bit data: BODY=8BITMIME where it is offered, else as it is, and the log says so" {
	sink modern
	local modern=$PORT
	sink old -8
	routes <<-END
		route 1 to modern.example via 127.0.0.1:$modern
		route 2 to old.example via 127.0.0.1:$PORT
	END
	deliver a@modern.example <<<ä
	is 0
	grep -qxF 'X-Mail-Args: <me@here.example> BODY=8BITMIME' "$DIR"/modern/*
	[ "$(grep -c body= "$DIR/log")" -eq 0 ]
	deliver a@old.example <<<ä
	is 0
	grep -qxF 'X-Mail-Args: <me@here.example>' "$DIR"/old/*
	[ "$(body old)" = ä ]
	logged 'body=8bit-as-is'
}

@test "a local part that is not ASCII needs SMTPUTF8" {
	sink relay
	printf '%s\n' '|220 x' 'EHLO|250-x\n250-8BITMIME\n250 SMTPUTF8' 'MAIL|250 x' 'RCPT|250 x' \
	    'DATA|354 x' '.|250 x' 'QUIT|221 x' >"$DIR/script"
	local relay=$PORT
	script_server "$DIR/script"
	routes <<-END
		route 1 to x.example via 127.0.0.1:$relay priority 1
		route 2 to x.example via 127.0.0.1:$PORT priority 2
	END
	deliver 'jörg@x.example' <<<hello
	is 0
	[ "$(mails relay)" -eq 0 ]
	grep -qx $'MAIL FROM:<me@here.example> SMTPUTF8\r' "$DIR/script.log"
	grep -qx $'RCPT TO:<jörg@x.example>\r' "$DIR/script.log"
	routes <<<"route 1 to x.example via 127.0.0.1:$relay"
	deliver 'jörg@x.example' <<<hello
	is 69 '5.6.7 127.0.0.1*: MAIL: SMTPUTF8 is not offered, and an address needs it'
	# One that cannot be asked now may offer it later.
	routes <<-END
		route 1 to x.example via 127.0.0.1:$relay priority 1
		route 2 to x.example via 127.0.0.1:$(free_port) priority 2
	END
	deliver 'jörg@x.example' <<<hello
	is 75 '4.6.7 *'
}
