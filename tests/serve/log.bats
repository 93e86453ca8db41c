# Where the log goes, and that nobody waits for it.

load helpers

setup() {
	serve_setup
	index <<<'route 1 to * via a.relay'
}

# What runs beside a log of its own is no child of this shell: it is known by its path.
teardown() {
	local pid

	for pid in $(pgrep -f -- "$T/"); do
		kill "$pid" 2>/dev/null || true
	done
	serve_teardown
}

# told N - policy answers so many questions.
told() {
	perl -e 'print "request=smtpd_access_policy\nrecipient=a\@b.example\n\n" x shift' "$1" |
	    timeout 60 socat -t 50 - UNIX-CONNECT:policy | grep -c '^action=FILTER' | is "$1"
}

# waits_for PATH - until there is a socket of that name.
waits_for() {
	local i

	for ((i = 0; i < 500; i++)); do
		[ ! -S "$1" ] || return 0
		sleep 0.02
	done
	return 1
}

# dropped - how many lines the log has not taken, say the metrics.
dropped() {
	curl -s --unix-socket http http://x/metrics | sed -n 's/^tmail_serve_log_lines_dropped_total //p'
}

@test "stderr into a pipe that nobody reads" {
	mkfifo pipe
	exec 7<>pipe
	"$TMAIL" routes serve -i routes.idx --policy unix:policy --http unix:http --log-queries 2>pipe 3>&- &
	SERVE=$!
	SERVERS_STARTED+=("$SERVE")
	waits_for http
	# Far more lines than a pipe has room for.
	told 3000
	told 1
	[ "$(dropped)" -gt 100 ]
	stop_serve
	exec 7>&-
}

@test "a system log that hangs, and one that is gone" {
	[ "$(id -u)" -eq 0 ] || skip "needs root, or newuidmap and your line in /etc/subuid"
	with_log "$TMAIL" routes serve -i "$T/routes.idx" --policy unix:policy --http unix:http --log syslog \
	    --log-queries 3>&- &
	SERVERS_STARTED+=($!)
	waits_for http
	told 1000
	[ "$(dropped)" -eq 1001 ]
}

@test "lines in the system's log" {
	[ "$(id -u)" -eq 0 ] || skip "needs root, or newuidmap and your line in /etc/subuid"
	# The daemon beside a /dev/log of its own.
	unshare --mount bash -c 'mkdir dev && mount -t tmpfs none dev && : >dev/null && : >dev/urandom &&
	    mount --bind /dev/null dev/null && mount --bind /dev/urandom dev/urandom &&
	    mount --no-mtab --move dev /dev && { socat -u UNIX-RECV:/dev/log OPEN:$1/lines,creat,append & } &&
	    for i in {1..100}; do [ ! -S /dev/log ] || break; sleep 0.05; done && exec "${@:2}"' bash \
	    "$T" "$TMAIL" routes serve -i routes.idx --policy unix:policy --http unix:http --log syslog --log-queries 3>&- &
	SERVERS_STARTED+=($!)
	waits_for http
	told 2
	for i in {1..200}; do [ "$(grep -c event=query lines)" -lt 2 ] || break; sleep 0.02; done
	rm routes.idx
	told 1
	for i in {1..200}; do ! grep -q event=refresh-refused lines || break; sleep 0.02; done
	# LOG_MAIL with LOG_INFO and LOG_WARNING.
	tr '<' '\n' <lines | grep -cE '^22>[A-Z][a-z]{2} [ 0-9]{2} [0-9:]{8} tmail-serve\[[0-9]+\]: event=query .* answer=' | is 3
	tr '<' '\n' <lines | grep -E '^20>.* event=refresh-refused level=warning '
	[ "$(dropped)" -eq 0 ]
}
