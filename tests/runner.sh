#!/bin/bash
# runner.sh - tests/run notices what is wrong.  Run before all other tests: a
# runner that passes everything would pass its own test as well.
set -u
unset CI JOBS
run=$(realpath "$(dirname "$0")/run")
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
cd "$work" || exit
passed=0 failed=0

# plant NAME - a test from standard input.
plant() {
	cat >"$1"
	chmod +x "$1"
}

# expect CODE LAST-LINE TEST... - what tests/run makes of the planted tests.
expect() {
	local code=$1 last=$2 status
	shift 2
	output=$("$run" "$@" 2>&1)
	status=$?
	if [ "$status" = "$code" ] && [ "${output##*$'\n'}" = "$last" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $*: exit code $status, not $code, or not '$last':"
		echo "$output"
	fi
}

# holds WHAT COMMAND... - of the last run.
holds() {
	if "${@:2}"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $1:"
		echo "$output"
	fi
}

# one_piece - what each of the pair says stands behind its own line, whoever ends first.
one_piece() {
	local pieces

	pieces=$(sed -n 's/^  *FAILED: //p' <<<"$output" | paste -sd ' ')
	[ "$pieces" = 'both 1 all 1 both 2 all 2' ] || [ "$pieces" = 'both 2 all 2 both 1 all 1' ]
}

plant good.bats <<'END'
@test "true is true" { true; }
@test "false is not" { ! false; }
END
plant bad.bats <<'END'
@test "true is true" { true; }
@test "false is true" { false; }
END
plant skipping.bats <<'END'
@test "true is true" { true; }
@test "needs the moon" { skip "no moon"; }
END
plant broken.bats <<'END'
setup_file() { false; }
@test "true is true" { true; }
END
plant empty.bats </dev/null
plant before <<'END'
#!/bin/sh
BEFORE=1 exec "$@"
END
plant behind.bats <<'END'
@test "behind" { [ "$BEFORE" = 1 ]; }
END
plant tap <<'END'
#!/bin/sh
printf '1..2\nok 1 - a\nok 2 - b\n1..1\nok 1 - c\n'
END
plant tap-fails <<'END'
#!/bin/sh
printf '1..2\nok 1 - a\nnot ok 2 - b\n# a.c:1: error\n'
exit 1
END
plant tap-skips <<'END'
#!/bin/sh
printf '1..2\nok 1 - a\nSKIP: needs root\nnot ok 2 # SKIP b\n'
END
plant tap-stops <<'END'
#!/bin/sh
printf '1..3\nok 1 - a\nok 2 - b\n'
END
plant tap-dies <<'END'
#!/bin/bash
printf '1..1\nok 1 - a\n'
kill -SEGV $$
END
plant script <<'END'
#!/bin/sh
echo "4 passed, 0 failed"
END
plant script-fails <<'END'
#!/bin/sh
echo "FAILED: one of them"
echo "3 passed, 1 failed"
exit 1
END
plant script-skips <<'END'
#!/bin/sh
echo "SKIP: needs root"
echo "3 passed, $1 failed"
END
plant script-lies <<'END'
#!/bin/sh
echo "3 passed, 0 failed"
exit 1
END
plant script-tests-nothing <<'END'
#!/bin/sh
echo "0 passed, 0 failed"
END
plant silent <<'END'
#!/bin/sh
END
plant killer <<'END'
#!/bin/sh
echo "1 passed, 0 failed"
kill -KILL $PPID
END
# Where two run at once, both see both; and both fail, to say more than a line.
plant pair <<'END'
#!/bin/bash
touch pair.$1
for ((i = 0; i < 600; i++)); do
	[ ! -e pair.1 ] || [ ! -e pair.2 ] || { echo "FAILED: both $1"; echo "FAILED: all $1"; break; }
	sleep 0.1
done
echo "1 passed, 2 failed"
END
plant lonely <<'END'
#!/bin/sh
mkdir there || echo "FAILED: not alone"
echo "$1" >>order
sleep 0.2
rmdir there && echo "1 passed, 0 failed"
END
plant jobs <<'END'
#!/bin/sh
[ "$JOBS" = "$1" ] && echo "1 passed, 0 failed"
END

expect 0 '2 passed, 0 failed' good.bats
expect 1 '1 passed, 1 failed' bad.bats
expect 1 '3 passed, 1 failed' bad.bats good.bats
expect 0 '1 passed, 0 failed' skipping.bats
expect 1 '0 passed, 1 failed' broken.bats
expect 1 '0 passed, 1 failed' empty.bats
expect 0 '1 passed, 0 failed' './before behind.bats'
expect 0 '3 passed, 0 failed' ./tap
expect 1 '1 passed, 1 failed' ./tap-fails
expect 0 '1 passed, 0 failed' ./tap-skips
expect 1 '2 passed, 1 failed' ./tap-stops
expect 1 '1 passed, 1 failed' ./tap-dies
expect 0 '4 passed, 0 failed' ./script
expect 1 '7 passed, 1 failed' ./script-fails ./script
expect 0 '3 passed, 0 failed' './script-skips 0'
expect 1 '3 passed, 1 failed' ./script-lies
expect 1 '0 passed, 1 failed' ./script-tests-nothing
expect 1 '0 passed, 1 failed' ./silent
expect 1 '0 passed, 1 failed' ./missing
expect 1 '0 passed, 1 failed'
expect 1 '0 passed, 1 failed' ./killer
export JOBS=1
expect 0 '3 passed, 0 failed' './lonely 1' './lonely 2' './lonely 3'
expect 1 '0 passed, 2 failed' ./killer ./script
holds "started in the order given" [ "$(paste -sd ' ' order)" = '1 2 3' ]
expect 0 '1 passed, 0 failed' './jobs 1'
JOBS=4
expect 0 '1 passed, 0 failed' './jobs 4'
expect 0 '2 passed, 0 failed' './jobs 2' './jobs 2'
expect 0 '5 passed, 0 failed' './jobs 1' './jobs 1' './jobs 1' './jobs 1' './jobs 1'
expect 1 '8 passed, 2 failed' bad.bats ./script-fails ./script
expect 0 '6 passed, 0 failed' './script-skips 0' skipping.bats good.bats
expect 1 '2 passed, 4 failed' './pair 1' './pair 2'
holds "at once, each in one piece" one_piece
unset JOBS
export CI=true
expect 1 '1 passed, 1 failed' skipping.bats
expect 1 '1 passed, 1 failed' ./tap-skips
expect 1 '3 passed, 1 failed' './script-skips 0'

echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
