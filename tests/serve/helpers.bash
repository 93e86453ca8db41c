# A daemon of tmail routes serve in $T, and clients of its protocols.

load ../deliver/helpers

serve_setup() {
	# Short, since the path of a socket is.
	T=$(mktemp -d "${TMPDIR:-/tmp}/tmail-serve.XXXXXX")
	cd "$T"
	DIR=$T
	SERVERS_STARTED=()
	unset TMAIL_ROUTES_CONF TMAIL_ROUTES_INDEX LISTEN_FDS LISTEN_PID NOTIFY_SOCKET
	umask 077
}

serve_teardown() {
	local pid

	for pid in "${SERVERS_STARTED[@]}"; do
		kill "$pid" 2>/dev/null || continue
		gone "$pid" || kill -9 "$pid" 2>/dev/null || true
	done
	cd /
	rm -rf "$T"
}

# gone PID - it ends within 5 seconds.
gone() {
	local i

	for ((i = 0; i < 250; i++)); do
		kill -0 "$1" 2>/dev/null || return 0
		sleep 0.02
	done
	return 1
}

# index - compiles the configuration on standard input.
index() {
	cat >routes.conf
	"$TMAIL" routes compile -q -c routes.conf
}

# serve OPTION... - starts the daemon with its three sockets; its PID is in $SERVE.
serve() {
	start_serve --policy unix:policy --socketmap unix:socketmap --exim unix:exim "$@"
}

# start_serve OPTION... - the same with no socket but those named.
start_serve() {
	local before

	touch log
	before=$(grep -c '^event=start' log) || true
	"$TMAIL" routes serve -i routes.idx "$@" 2>>log 3>&- &
	SERVE=$!
	SERVERS_STARTED+=("$SERVE")
	until_logs "$((before + 1))" '^event=start'
}

# until_logs COUNT PATTERN - the log has so many of those lines, soon.
until_logs() {
	local i

	for ((i = 0; i < 500; i++)); do
		[ "$(grep -cE "$2" log)" -lt "$1" ] || return 0
		sleep 0.02
	done
	echo "not $1 times in the log: $2" >&2
	cat log >&2
	return 1
}

# stop_serve [SIGNAL] - it ends with 0.
stop_serve() {
	local code=0

	kill "-${1:-TERM}" "$SERVE"
	wait "$SERVE" || code=$?
	[ "$code" -eq 0 ]
}

# policy NAME=VALUE... - one request; prints the action.
policy() {
	printf '%s\n' request=smtpd_access_policy protocol_state=RCPT "$@" '' |
	    socat -t 5 - UNIX-CONNECT:policy | sed -n 's/^action=//p'
}

# socketmap MAP KEY [SOCKET] - one request; prints what is in the netstring.
socketmap() {
	local answer key="$1 $2"
	local LC_ALL=C

	answer=$(printf '%d:%s,' "${#key}" "$key" | socat -t 5 - "${3:-UNIX-CONNECT:socketmap}")
	key=${answer#*:}
	key=${key%,}
	[ "${answer%%:*}" = "${#key}" ] || { echo "no netstring: $answer" >&2; return 1; }
	printf '%s\n' "$key"
}

# exim COMMAND WORD... - one request; prints the answer.
exim() {
	local line=$1 word

	for word in "${@:2}"; do
		line+=" $(printf %s "$word" | base64 -w 0)"
	done
	printf '%s\n' "$line" | socat -t 5 - UNIX-CONNECT:exim
}

# is TEXT - standard input is that line.
is() {
	diff - <(printf '%s\n' "$1")
}
