# Servers and a routes.conf for the tests of `tmail deliver`.  Needs root (port 25 on
# loopback addresses, Postfix, Exim), from Debian bats socat perl-base openssl, and what
# tests/deliver/get-servers unpacks.
# Everything lives in $DIR; every server is stopped by its process ID.

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
TMAIL=$(realpath "${TMAIL:-$ROOT/build/tmail}")
SERVERS=$ROOT/build/servers
# Users of the servers, who are known to them alone.
POSTFIX=64991 EXIM=64993

deliver_setup() {
	[ "$(id -u)" -eq 0 ] || skip "needs root, or newuidmap and your line in /etc/subuid"
	[ -e "$SERVERS/complete" ] || fail "there are no servers: run tests/deliver/get-servers"
	# Readable by the users that the servers run as, which bats' own directory is not.
	DIR=$(mktemp -d "${TMPDIR:-/tmp}/tmail-deliver.XXXXXX")
	chmod 755 "$DIR"
	PIDS=()
	unset TMAIL_ROUTES_CONF TMAIL_ROUTES_INDEX
	users
}

# users - what the unpacked servers need is in ${UNPACKED[@]}, to stand before their names.
users() {
	local libraries

	# Where they can read it with the rights of their own users, too.
	cp "$SERVERS/passwd" "$SERVERS/group" "$DIR"
	libraries=$(printf '%s:' "$SERVERS"/usr/lib/*-linux-*/ "$SERVERS"/lib/*-linux-*/)
	UNPACKED=(env "PATH=$SERVERS/usr/sbin:$PATH" "LD_LIBRARY_PATH=$libraries$SERVERS/usr/lib/postfix"
	    LD_PRELOAD=libnss_wrapper.so NSS_WRAPPER_PASSWD="$DIR/passwd" NSS_WRAPPER_GROUP="$DIR/group"
	    SASL_PATH="$(echo "$SERVERS"/usr/lib/*-linux-*/sasl2)")
}

deliver_teardown() {
	stop "${PIDS[@]}"
	rm -rf "$DIR"
}

# stop PID... - ends servers started here and waits until they have gone; then what is left of their
# process groups.
stop() {
	local pid i

	for pid; do
		kill "$pid" 2>/dev/null || true
		for ((i = 0; i < 100; i++)); do
			kill -0 "$pid" 2>/dev/null || break
			sleep 0.02
		done
		kill -9 -- "-$pid" 2>/dev/null || true
	done
}

# apart SCRIPT - from now on $TMAIL is one whose delivery is a program of its own, this script; the
# real one is "$REAL".
apart() {
	local built

	built=$(dirname "$TMAIL")/tests/apart
	[ -e "$DIR/apart/tmail" ] || {
		export REAL=$built/tmail-deliver
		mkdir "$DIR/apart"
		cp "$built/tmail" "$DIR/apart/tmail"
	}
	printf '#!/bin/sh\n%s\n' "$1" >"$DIR/apart/tmail-deliver"
	chmod 755 "$DIR/apart/tmail-deliver"
	TMAIL=$DIR/apart/tmail
}

# in_background COMMAND... - starts a server, the leader of a process group; its PID is in $!.
in_background() {
	setsid "$@" >>"$DIR/servers.log" 2>&1 3>&- &
	PIDS+=($!)
}

# free_port - a port that nobody uses on the loopback, TCP or UDP, below those that the kernel
# hands out for connections, and not given out before: in this test, or in any that tests/run runs.
free_port() {
	perl -MSocket -MFcntl -e 'my ($used) = @ARGV;
	    for (1 .. 1000) {
		my $at = pack_sockaddr_in(my $port = 10000 + int rand 22000, INADDR_LOOPBACK);
		socket(T, PF_INET, SOCK_STREAM, 0) && socket(U, PF_INET, SOCK_DGRAM, 0) or die;
		next if !bind(T, $at) || !bind(U, $at);
		sysopen my $mark, "$used.$port", O_CREAT | O_EXCL or next;
		print $port;
		exit;
	    }
	    die "no free port"' "${TMAIL_TEST_PORTS:-$DIR}/port"
}

# wait_port PORT [ADDRESS] - until a server listens there.
wait_port() {
	local i

	for ((i = 0; i < 100; i++)); do
		(: <>"/dev/tcp/${2:-127.0.0.1}/$1") 2>/dev/null && return
		sleep 0.05
	done
	echo "nobody listens at ${2:-127.0.0.1}:$1" >&2
	cat "$DIR/servers.log" >&2
	return 1
}

# sink NAME [OPTION...] - starts an smtp-sink that keeps mail in $DIR/NAME/.  Its port is in
# $PORT, unless SINK_AT=ADDRESS:PORT says where to listen.
sink() {
	local name=$1 address port

	shift
	port=${SINK_AT##*:}
	port=${port:-$(free_port)}
	address=${SINK_AT%:*}
	address=${address:-127.0.0.1}
	mkdir -p "$DIR/$name"
	in_background "${UNPACKED[@]}" smtp-sink -u root -d "$DIR/$name/%s." "$@" "$address:$port" 100
	address=${address#[}
	wait_port "$port" "${address%]}"
	PORT=$port
}

# silent - a server that takes connections and says nothing; its port is in $PORT.
silent() {
	PORT=$(free_port)
	in_background perl -MSocket -e 'socket(S, PF_INET, SOCK_STREAM, 0) or die;
	    setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1); bind(S, sockaddr_in($ARGV[0],
	    INADDR_LOOPBACK)) or die; listen(S, 100) or die; sleep 600' "$PORT"
	wait_port "$PORT"
}

# black_hole - an address that does not answer: a server whose queue of connections is full.  Its
# port is in $PORT.
black_hole() {
	local i

	PORT=$(free_port)
	in_background perl -MSocket -MFcntl -e 'my ($port, $ready) = @ARGV; my $at = sockaddr_in($port, INADDR_LOOPBACK);
	    socket(S, PF_INET, SOCK_STREAM, 0) or die; bind(S, $at) or die; listen(S, 0) or die;
	    my @full = map { socket(my $c, PF_INET, SOCK_STREAM, 0) or die;
		fcntl($c, F_SETFL, O_NONBLOCK); connect($c, $at); $c } 1 .. 4;
	    open R, ">", $ready or die; close R; sleep 600' "$PORT" "$DIR/hole.$PORT"
	for ((i = 0; i < 200; i++)); do
		[ ! -e "$DIR/hole.$PORT" ] || return 0
		sleep 0.05
	done
	fail 'there is no black hole'
}

# script_server FILE - a server that speaks a fixed dialogue: of each line of the file the
# part before the first "|" is the beginning of the command that it awaits ("" for the
# banner), and the rest the reply, "\n" standing for a new line.  Port in $PORT.
script_server() {
	PORT=$(free_port)
	in_background socat "TCP-LISTEN:$PORT,bind=127.0.0.1,reuseaddr,fork" \
	    "SYSTEM:perl $ROOT/tests/deliver/script-server.pl $1 $DIR/script.log"
	wait_port "$PORT"
}

# script LINE... - a script_server with this dialogue, before which stands a greeting and behind
# which a mail is taken.  What it was told is in $DIR/script.log.
script() {
	: >"$DIR/script.log"
	printf '%s\n' '|220 x' "$@" 'MAIL|250 x' 'RCPT|250 x' 'DATA|354 x' '.|250 taken' 'QUIT|221 x' \
	    >"$DIR/script"
	script_server "$DIR/script"
}

# routes - standard input becomes $DIR/routes.conf, and is compiled.
routes() {
	(umask 077 && cat >"$DIR/routes.conf")
	"$TMAIL" routes compile -c "$DIR/routes.conf" -i "$DIR/routes.idx" 2>"$DIR/compile.log" || {
		cat "$DIR/compile.log" >&2
		return 1
	}
}

# deliver [OPTION...] RECIPIENT - with the message on standard input.  Output and exit code are in
# $output and $status, the log in $DIR/log.
deliver() {
	local options=("${@:1:$#-1}") recipient=${*: -1}

	default --sender me@here.example "${options[@]}"
	default --timeout 20 "${options[@]}"
	run_deliver "${options[@]}" -- "$recipient"
}

# default OPTION VALUE WORD... - puts the option in front of the words, in options, unless it is
# one of them.
default() {
	options=("${@:3}")
	[[ " ${*:3} " == *" $1"[\ =]* ]] || options=("$1" "$2" "${@:3}")
}

# run_deliver ARGUMENT... - the same without any option of its own.
run_deliver() {
	local options=("$@")

	default --index "$DIR/routes.idx" "$@"
	default --log stderr "${options[@]}"
	# What deliveries of this host know is nothing to the tests.
	default --state "$DIR/stateless" "${options[@]}"
	status=0
	output=$("$TMAIL" deliver "${options[@]}" 2>"$DIR/log") ||
	    status=$?
}

# wire_has_quit - a delivery does not wait for what becomes of its QUIT: whether it has come to
# $DIR/wire, where a wiretap keeps what was sent.
wire_has_quit() {
	[ "$(tail -n 1 "$DIR/wire")" = $'QUIT\r' ]
}

# mails NAME - how many messages a sink has got.
mails() {
	find "$DIR/$1" -type f | wc -l
}

# got NAME... - each of these sinks has got exactly one message; empties them.
got() {
	local name

	for name; do
		[ "$(mails "$name")" -eq 1 ] || fail "$name has got $(mails "$name") messages"
	done
}

# body NAME - the message that a sink got, without what smtp-sink adds.
body() {
	sed '1,/^\tby smtp-sink/d' "$DIR/$1"/* | sed 1d | sed '$d'
}

# is STATUS [TEXT] - the exit code, and a glob for the output.
is() {
	[ "$status" -eq "$1" ] || fail "exit code $status, not $1: $output"
	# shellcheck disable=SC2053
	[ $# -eq 1 ] || [[ $output == $2 ]] || fail "output: $output"
}

# logged PATTERN - the log has a line that matches the extended regular expression.
logged() {
	grep -qE -- "$1" "$DIR/log" || fail "not in the log: $1"
}

# fail WHY - with what all servers have logged.
fail() {
	local log

	echo "$*" >&2
	for log in "$DIR"/{,mail.,servers.}log "$DIR"/exim/*.log; do
		[ ! -s "$log" ] || cat "$log" >&2
	done
	return 1
}

# eventually COMMAND... - until it succeeds, for half a minute.
eventually() {
	local i

	for ((i = 0; i < 600; i++)); do
		"$@" 2>/dev/null && return
		sleep 0.05
	done
	fail "it never came to: $*"
}

# submit LOGIN SENDER RECIPIENT... - to the server at $SUBMISSION; the message is standard input; LOGIN ""
# is none, and others have the password "secret".
submit() {
	local login=$1 sender=$2 rcpt=()

	shift 2
	for recipient; do
		rcpt+=(--mail-rcpt "$recipient")
	done
	curl -sS ${login:+--user "$login:secret"} --mail-from "$sender" "${rcpt[@]}" --crlf \
	    --upload-file - "smtp://127.0.0.1:$SUBMISSION/client.test"
}

# nameserver - a real NSD for the zone test., which is standard input.  The zone broken. has no
# data and gives SERVFAIL.  Its port is in $DNS.
nameserver() {
	DNS=$(free_port)
	{
		echo "\$ORIGIN test."
		echo "\$TTL 60"
		echo "@ SOA ns.test. root.test. 1 3600 3600 3600 60"
		echo "@ NS ns.test."
		echo "ns A 127.0.0.1"
		cat
	} >"$DIR/test.zone"
	cat >"$DIR/nsd.conf" <<-END
		server:
			ip-address: 127.0.0.1@$DNS
			username: ""
			zonesdir: "$DIR"
			database: ""
			pidfile: "$DIR/nsd.pid"
			xfrdfile: "$DIR/xfrd.state"
			zonelistfile: "$DIR/zone.list"
			server-count: 1
		remote-control:
			control-enable: no
		zone:
			name: test
			zonefile: test.zone
		zone:
			name: broken
			zonefile: missing.zone
	END
	in_background "${UNPACKED[@]}" nsd -d -c "$DIR/nsd.conf"
	wait_port "$DNS"
}

# with_log COMMAND... - where /dev/log is a socket that nobody reads from any more.
with_log() {
	unshare --mount bash -c '
		dev=$1
		shift
		mkdir "$dev" && mount -t tmpfs none "$dev" || exit
		for node in null zero urandom; do
			: >"$dev/$node" && mount --bind "/dev/$node" "$dev/$node" || exit
		done
		mount --no-mtab --move "$dev" /dev || exit
		exec perl -MSocket -MFcntl -e "
			socket(LOG, AF_UNIX, SOCK_DGRAM, 0) &&
			    bind(LOG, pack_sockaddr_un(q(/dev/log))) or die;
			socket(FILL, AF_UNIX, SOCK_DGRAM, 0) && fcntl(FILL, F_SETFL, O_NONBLOCK) &&
			    connect(FILL, pack_sockaddr_un(q(/dev/log))) or die;
			1 while send FILL, q(x), 0;
			exit system(@ARGV) >> 8" "$@"' bash "$DIR/dev" "$@"
}
