#!/bin/bash
# runner.sh - tests/run notices what is wrong.  Run before all other tests: a
# runner that passes everything would pass its own test as well.
set -u
unset CI
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
	local code=$1 last=$2 output status
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

expect 0 '2 passed, 0 failed' good.bats
expect 1 '1 passed, 1 failed' bad.bats
expect 1 '3 passed, 1 failed' bad.bats good.bats
expect 0 '1 passed, 0 failed' skipping.bats
expect 1 '0 passed, 1 failed' broken.bats
expect 1 '0 passed, 1 failed' empty.bats
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
export CI=true
expect 1 '1 passed, 1 failed' skipping.bats
expect 1 '1 passed, 1 failed' ./tap-skips
expect 1 '3 passed, 1 failed' './script-skips 0'

echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
