# helper.bash - what the suites of check, compile, add, set and del share.

setup() {
	TMAIL=$(realpath "${TMAIL:-$BATS_TEST_DIRNAME/../../build/tmail}")
	cd "$BATS_TEST_TMPDIR"
	unset TMAIL_ROUTES_INDEX NO_COLOR
	export TMAIL_ROUTES_CONF=routes.conf
	umask 077
}

# conf LINE... - writes routes.conf.
conf() {
	printf '%s\n' "$@" >routes.conf
}

# holds FILE LINE... - the file is these lines and nothing else.
holds() {
	diff <(printf '%s\n' "${@:2}") "$1"
}

# exits CODE COMMAND... - tmail routes COMMAND... does, with its output in out and err.
exits() {
	local code=0

	"$TMAIL" routes "${@:2}" >out 2>err </dev/null || code=$?
	[ "$code" -eq "$1" ] || {
		echo "exit code $code, not $1: ${*:2}"
		cat out err
		return 1
	}
}

# fails CODE SLUG COMMAND... - with one error of that name, and no file changed.
fails() {
	local before

	before=$(cksum routes.* 2>&1) || true
	exits "$1" "${@:3}" || return
	[ "$(grep -c ': error: ' err)" = 1 ] && grep -q "\[$2\]\$" err && [ ! -s out ] || {
		echo "not just one $2: ${*:3}"
		cat out err
		return 1
	}
	[ "$before" = "$(cksum routes.* 2>&1 || true)" ]
}

# route ID - the route of the compiled index, as JSON, without what is usual.
route() {
	"$TMAIL" routes list --json --show-secrets --index "${TMAIL_ROUTES_CONF%.conf}.idx" |
		jq -c "select(.id == $1)"
}

# bound COMMAND... - with the permissions of files as they bind others than root.
bound() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --bounding-set=-dac_override,-dac_read_search "$@"
	else
		"$@"
	fi
}
