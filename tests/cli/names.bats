# Names of files that hold control bytes: nothing of them reaches a terminal.

bats_require_minimum_version 1.5.0

load helper

# A line feed, ESC, a byte that is no UTF-8, C1's CSI and a turned direction.
NAME=$'a\nb\e[31m\xff\xc2\x9b\xe2\x80\xae'
SHOWN='a?b?[31m???'

# says CODE TEXT COMMAND... - tmail COMMAND... names the file so, and prints no other line for it.
says() {
	local code=0

	"$TMAIL" "${@:3}" >out 2>&1 </dev/null || code=$?
	[ "$code" = "$1" ] && grep -qF -- "$2" out && ! grep -qaP '[\x00-\x08\x0b-\x1f\x7f\xff]|\xc2\x9b|\xe2\x80\xae|^b' out || {
		echo "exit code $code, not $1; or no '$2': ${*:3}"
		cat -v out
		return 1
	}
}

@test "in diagnostics, diffs, lists and answers" {
	mkdir "$NAME"
	conf 'include "*/*.conf"'
	echo 'relay r h.example' >"$NAME/$NAME.conf"
	says 0 "$SHOWN/$SHOWN.conf:1:7: warning: " routes check
	echo 'route 1 to a..example via h.example' >"$NAME/$NAME.conf"
	says 65 "$SHOWN/$SHOWN.conf:1:12: error: " routes list
	echo 'route 1 to a.example via h.example' >"$NAME/$NAME.conf"
	says 0 "--- $SHOWN/$SHOWN.conf" routes del --dry-run 1
	says 0 "+++ $SHOWN/$SHOWN.conf" routes set 1 -p 7 --dry-run
	says 0 1 routes list
	"$TMAIL" routes compile -i "$NAME.idx"
	says 0 "route 1 ($SHOWN/$SHOWN.conf:1)" routes lookup -i "$NAME.idx" -d a.example
	says 0 "($SHOWN/$SHOWN.conf:1)" routes lookup -i "$NAME.idx" -d a.example --plan
	"$TMAIL" routes lookup --json -i "$NAME.idx" -d a.example | jq -e .routes
	"$TMAIL" routes list --json | jq -e '.file | contains("\u001b")'
}

@test "in messages" {
	conf 'route 1 to a.example via h.example'
	says 66 "cannot read '$SHOWN': No such file" routes check -c "$NAME"
	says 66 "cannot read '$SHOWN': No such file" routes del 1 -c "$NAME"
	mkdir "$NAME"
	says 66 "cannot read '$SHOWN': not a regular file" routes list -c "$NAME"
	says 73 "'$SHOWN'" routes compile -i "$NAME"
	says 73 "cannot create '$SHOWN/$SHOWN/x': No such file" routes compile -i "$NAME/$NAME/x"
	says 66 "$SHOWN.idx: " routes verify -i "$NAME.idx"
	echo junk >"$NAME.idx"
	says 76 "$SHOWN.idx: " routes lookup -i "$NAME.idx" -d a.example
	says 76 "$SHOWN.idx: " routes list -i "$NAME.idx"
	says 0 "$SHOWN.idx: " routes check -i "$NAME.idx"
	cp routes.conf "$NAME.conf"
	"$TMAIL" routes compile -c "$NAME.conf"
	echo >>"$NAME.conf"
	says 1 "$SHOWN.idx is stale" routes verify -c "$NAME.conf"
	says 0 "$SHOWN.idx is stale" routes list -c "$NAME.conf"
}

@test "in usage errors, with option words and operands" {
	says 64 "unknown command '$SHOWN'" routes "$NAME"
	says 64 "unknown option '--$SHOWN'" routes list "--$NAME"
	says 64 "operand '$SHOWN'" routes verify "$NAME"
	says 64 "'$SHOWN' is not a route ID" routes del "$NAME"
	says 64 "not '$SHOWN'" routes add "$NAME" -rh h.example
	says 64 "not '$SHOWN'" routes lookup -d a.example --color "$NAME"
	says 65 "tmail routes add -rh h..example --helo $SHOWN" routes add -rh h..example --helo "$NAME"
}

@test "in the verdict of a delivery" {
	says 75 "a?b?[31m" deliver -i "$NAME" --sender '' -- a@a.example
	says 75 "unknown option '--a?b?[31m" deliver "--$NAME" --sender '' -- a@a.example
}
