# The daemon itself: indexes that come and go, signals, sockets, and clients that misbehave.

load helpers

setup() {
	serve_setup
}

teardown() {
	serve_teardown
}

# one_route HOST - an index with one route.
one_route() {
	index <<<"route 1 to * via $1.relay"
}

# told HOST - what policy says of any mail.
told() {
	policy recipient=a@b.example | is "FILTER smtp:[$1.relay]:25"
}

@test "a new index answers at once; a bad one never, and is told of once" {
	one_route a
	local HTTP

	HTTP=$(free_port)
	serve --http "inet:127.0.0.1:$HTTP"
	told a
	for host in b c d; do
		one_route $host
		told $host
	done
	cp routes.idx good
	# Cut short in place, damaged, and gone.
	truncate -s 100 routes.idx
	for i in 1 2 3; do told d; done
	printf x | dd of=routes.idx bs=1 seek=50 conv=notrunc status=none
	told d
	rm routes.idx
	told d
	[ "$(grep -c event=refresh-refused log)" -eq 1 ]
	curl -s "127.0.0.1:$HTTP/metrics" | grep -qx 'tmail_serve_index_stale 1'
	curl -s "127.0.0.1:$HTTP/metrics" | grep -qx 'tmail_serve_refreshes_refused_total [3-9]'
	[ "$(curl -s -o /dev/null -w '%{http_code}' "127.0.0.1:$HTTP/healthz")" = 200 ]
	mv good routes.idx
	told d
	one_route e
	told e
	curl -s "127.0.0.1:$HTTP/metrics" | grep -qx 'tmail_serve_index_stale 0'
	[ "$(curl -s -o /dev/null -w '%{http_code}' "127.0.0.1:$HTTP/other")" = 404 ]
	# Damage that no plain open sees.
	size=$(stat -c %s routes.idx)
	printf '\377' | dd of=routes.idx bs=1 seek=$((size - 3)) conv=notrunc status=none
	told e
	[ "$(grep -c event=refresh-refused log)" -eq 2 ]
}

@test "codes: no index, a bad one, no listener, a path too long, a socket in use" {
	local code

	exits() {
		code=0
		timeout 20 "$TMAIL" routes serve -i routes.idx "${@:2}" >out 2>err || code=$?
		[ "$code" -eq "$1" ] || { echo "$code, not $1"; cat err; return 1; }
		[ -s err ]
	}
	exits 66 --policy unix:policy
	# What is written wrong is told first.
	exits 64 --policy "unix:$(printf 'x%.0s' {1..120})"
	exits 64 --policy inet:127.0.0.1
	exits 64 --policy fd:none
	echo nonsense >routes.idx
	exits 76 --policy unix:policy
	one_route a
	size=$(stat -c %s routes.idx)
	cp routes.idx good
	printf '\377' | dd of=routes.idx bs=1 seek=$((size - 3)) conv=notrunc status=none
	exits 76 --policy unix:policy
	mv good routes.idx
	exits 64
	exits 64 --policy
	exits 64 --policy "unix:$(printf 'x%.0s' {1..120})"
	for at in policy unix: inet:127.0.0.1 inet:127.0.0.1:0 inet:127.0.0.1:70000 inet:host:1 fd:none tcp:1; do
		exits 64 --policy "$at"
	done
	exits 64 --policy unix:policy --on-conflict maybe
	exits 64 --policy unix:policy --max-clients 0
	exits 64 --policy unix:policy --log nowhere
	exits 64 --policy unix:policy --policies unix:b
	exits 64 --policy unix:policy more
	exits 73 --policy unix:none/policy
	[ ! -e policy ]
	serve
	exits 75 --exim unix:other --policy unix:policy
	[ ! -e other ]
	told a
	# A file of somebody's stays.
	echo precious >file
	exits 75 --policy unix:file
	[ "$(cat file)" = precious ]
}

@test "a socket: its mode, left by a dead process, and gone at the end" {
	one_route a
	serve
	[ "$(stat -c %a policy)" = 660 ]
	kill -9 "$SERVE"
	wait "$SERVE" || true
	[ -S policy ]
	serve
	told a
	stop_serve
	[ ! -e policy ]
	[ ! -e socketmap ]
	[ ! -e exim ]
	# Another one's socket of that name stays.
	serve
	rm policy
	start=$SERVE
	start_serve --policy unix:policy
	kill "$start"
	gone "$start"
	told a
	stop_serve INT
}

@test "SIGHUP reads anew; the service manager is told" {
	one_route a
	socat -u UNIX-RECV:notify OPEN:told,creat,append 3>&- &
	SERVERS_STARTED+=($!)
	for i in {1..100}; do [ -S notify ] && break; sleep 0.02; done
	NOTIFY_SOCKET=$T/notify WATCHDOG_USEC=100000 serve
	kill -HUP "$SERVE"
	until_logs 1 '^event=refresh index'
	stop_serve
	for i in {1..100}; do grep -q STOPPING told && break; sleep 0.02; done
	grep -q READY=1 told
	grep -q 'RELOADING=1' told
	grep -q 'MONOTONIC_USEC=[0-9]' told
	grep -q WATCHDOG=1 told
	grep -q STOPPING=1 told
}

@test "sockets that are passed" {
	one_route a
	# As systemd does it: from descriptor 3 on, by name.
	cat >pass.pl <<-'END'
		use Socket; use Fcntl;
		my @names = ("pol", "map");
		my @keep;
		for my $i (0, 1) {
			socket(my $s, PF_UNIX, SOCK_STREAM, 0) or die;
			bind($s, pack_sockaddr_un($i ? "socketmap" : "policy")) or die;
			listen($s, 10) or die;
			push @keep, $s;
		}
		require POSIX;
		my @fds = map { POSIX::dup(fileno($_)) } @keep;
		my @high = map { my $fd = $_; $fd = POSIX::dup($fd) while $fd < 20; $fd } @fds;
		POSIX::dup2($high[$_], 3 + $_) for 0, 1;
		fcntl(STDERR, F_SETFD, 0);
		$ENV{LISTEN_PID} = $$; $ENV{LISTEN_FDS} = 2; $ENV{LISTEN_FDNAMES} = join ":", @names;
		exec @ARGV;
	END
	touch log
	perl pass.pl "$TMAIL" routes serve -i routes.idx --policy fd:pol --socketmap fd:map 2>>log 3>&- &
	SERVE=$!
	SERVERS_STARTED+=("$SERVE")
	until_logs 1 '^event=start'
	told a
	socketmap transport a@b.example | is 'OK smtp:[a.relay]:25'
	stop_serve
	# They are not ours to take away.
	[ -S policy ]
}

@test "started again and again behind a socket that is passed: no question is lost" {
	local pids=() i

	one_route a
	cat >again.pl <<-'END'
		use Socket; use Fcntl; use POSIX ();
		socket(my $s, PF_UNIX, SOCK_STREAM, 0) or die;
		bind($s, pack_sockaddr_un("policy")) or die;
		listen($s, 1000) or die;
		sub starts { open my $log, "<", "log" or die; return scalar grep /^event=start/, <$log> }
		for my $turn (1 .. 20) {
			my $pid = fork // die;
			if ($pid == 0) {
				POSIX::dup2(fileno($s), 3) unless fileno($s) == 3;
				open my $three, "<&=", 3 or die;
				fcntl($three, F_SETFD, 0);
				$ENV{LISTEN_PID} = $$; $ENV{LISTEN_FDS} = 1; $ENV{LISTEN_FDNAMES} = "policy";
				exec @ARGV;
			}
			select undef, undef, undef, 0.02 while starts() < $turn;
			select undef, undef, undef, 0.2;
			select undef, undef, undef, 0.02 while $turn == 20 && !-e "done";
			kill "TERM", $pid;
			waitpid $pid, 0;
			die "it ended with $?" if $?;
		}
	END
	# One that is told at once that nobody listens asks anew: a question is not lost by that.
	cat >ask.pl <<-'END'
		use Socket;
		my ($c, $answers, $lost) = (undef, 0, 0);
		$SIG{PIPE} = "IGNORE";
		until (-e "enough") {
			unless ($c) {
				socket($c, PF_UNIX, SOCK_STREAM, 0) or die;
				connect($c, pack_sockaddr_un("policy")) or die;
			}
			unless (syswrite $c, "request=smtpd_access_policy\nrecipient=a\@b\n\n") { undef $c; next }
			my $answer;
			if (sysread($c, $answer, 1000) && $answer =~ /^action=FILTER/) { $answers++; next }
			$lost++;
			undef $c;
		}
		print $answers > 100 ? "many" : $answers, " answers, $lost lost\n";
	END
	perl again.pl "$TMAIL" routes serve -i routes.idx --policy fd:policy 2>>log 3>&- &
	local again=$!
	SERVERS_STARTED+=("$again")
	until_logs 1 '^event=start'
	for i in 1 2 3 4; do
		perl ask.pl >told.$i 2>&1 3>&- &
		pids+=($!)
	done
	until_logs 20 '^event=start'
	touch enough
	for i in "${pids[@]}"; do
		wait "$i"
	done
	touch done
	wait "$again"
	for i in 1 2 3 4; do
		is 'many answers, 0 lost' <told.$i
	done
}

@test "requests split, pipelined and half-closed" {
	one_route a
	serve
	printf 'request=smtpd_access_policy\nrecipient=a@b\n\n' >request
	{
		while IFS= read -r -n 1 -d '' c; do printf %s "$c"; sleep 0.01; done <request
		for i in {1..2000}; do cat request; done
	} | socat -t 10 - UNIX-CONNECT:policy >out
	[ "$(grep -c '^action=FILTER smtp:\[a.relay\]:25$' out)" -eq 2001 ]
	[ "$(wc -l <out)" -eq 4002 ]
	for i in {1..3000}; do printf '13:transport a@b,'; done | socat -t 10 - UNIX-CONNECT:socketmap >out
	[ "$(grep -o '20:OK smtp:\[a.relay\]:25,' out | wc -l)" -eq 3000 ]
	exim route '' '' a@b | is a.relay::25
	# Each answer is its own, however many stand before it.
	for i in {1..3000}; do echo 'route   YUBi'; done >questions
	socat -t 10 - UNIX-CONNECT:exim <questions | sort | uniq -c >out
	[ "$(tr -s ' ' <out)" = ' 3000 a.relay::25' ]
}

@test "what is no request ends its connection, and no other" {
	one_route a
	serve
	socat -t 30 PIPE UNIX-CONNECT:policy 3>&- &
	SERVERS_STARTED+=($!)
	for bad in 'no attribute\n\n' 'a=b\0c\n\n'; do
		printf "$bad" | timeout 5 socat -t 30 - UNIX-CONNECT:policy >out
		[ ! -s out ]
	done
	for bad in 'x' '99999999:' '5:abcdef,' ':,' '01:x,' '-1:,' '3:abc,' '20000:'; do
		printf "$bad" | timeout 5 socat -t 30 - UNIX-CONNECT:socketmap >out
		[ ! -s out ]
	done
	# More than a request may have.
	{ printf a=; head -c 20000 /dev/zero | tr '\0' x; sleep 5; } |
	    timeout 4 socat -t 1 - UNIX-CONNECT:policy >out 2>err || true
	[ ! -s out ]
	{ printf 'request=smtpd_access_policy\nrecipient=a@b\nx='; head -c 16000 /dev/zero | tr '\0' x
	    printf '\n\n'; } | socat -t 5 - UNIX-CONNECT:policy | grep -q '^action=FILTER'
	told a
	[ "$(grep -c event=protocol-error log)" -ge 9 ]
	[ "$(grep -c event=protocol-error log)" -le 20 ]
}

@test "a client that does not read, and one that is slow" {
	one_route a
	serve
	cat >deaf.pl <<-'END'
		use Socket;
		socket(my $s, PF_UNIX, SOCK_STREAM, 0) or die;
		connect($s, pack_sockaddr_un("policy")) or die;
		my $r = "request=smtpd_access_policy\nrecipient=a\@b\n\n";
		$s->blocking(0);
		require IO::Handle;
		my ($sent, $idle) = (0, 0);
		while ($idle < 20) {
			my $n = syswrite $s, $r x 100;
			if (defined $n) { $sent += $n; $idle = 0 } else { select undef, undef, undef, 0.02; $idle++ }
			die "it reads without end" if $sent > 50_000_000;
		}
		# Others are served meanwhile; then all answers come.
		print "full\n";
		STDOUT->flush;
		readline STDIN;
		my $whole = int($sent / length $r);
		$s->blocking(1);
		syswrite $s, substr($r, $sent % length $r) if $sent % length $r;
		$whole++ if $sent % length $r;
		my ($got, $buf) = (0, "");
		while ($got < $whole) {
			sysread $s, my $more, 65536 or die "closed";
			$buf .= $more;
			$got++ while $buf =~ s/^action=FILTER smtp:\[a.relay\]:25\n\n//;
		}
		print "all\n";
	END
	mkfifo go
	perl -MIO::Handle deaf.pl <go >deaf 2>&1 3>&- &
	local deaf=$!
	exec 8>go
	for i in {1..200}; do grep -q full deaf && break; sleep 0.05; done
	told a
	echo >&8
	exec 8>&-
	wait "$deaf"
	grep -qx all deaf
}

@test "no more clients than allowed: the longest idle goes" {
	one_route a
	serve --max-clients 3
	for i in 1 2 3 4 5; do
		socat -t 30 "PIPE" UNIX-CONNECT:policy 3>&- &
		SERVERS_STARTED+=($!)
		sleep 0.1
	done
	told a
	told a
}

# rests - it has slept since, more than $SLEPT times and ten.
rests() {
	[ "$(slept)" -ge $((SLEPT + 10)) ]
}

slept() {
	sed -n 's/^voluntary_ctxt_switches:[[:space:]]*//p' "/proc/$SERVE/status"
}

@test "no descriptor, and no client that could give one back: it rests, and lets in when there is one" {
	one_route a
	serve
	prlimit --pid "$SERVE" --nofile=3:
	SLEPT=$(slept)
	policy recipient=a@b.example >answer &
	eventually rests
	[ ! -s answer ]
	prlimit --pid "$SERVE" --nofile=100:
	wait $!
	is 'FILTER smtp:[a.relay]:25' <answer
}

@test "SIGTERM while it starts: an end like any other" {
	one_route a
	ASAN_OPTIONS=detect_leaks=0 strace -o /dev/null -e trace=bind -e inject=bind:signal=SIGTERM:when=1 \
	    "$TMAIL" routes serve -i routes.idx --policy unix:policy 2>log
	[ "$(tail -n 1 log)" = event=stop ]
	[ ! -e policy ]
}

@test "few descriptors: the index and password-files are still read" {
	printf secret >secret
	index <<<"route 1 to * via a.relay login ann password-file \"$T/secret\""
	ulimit -n 40
	serve --max-clients 30
	grep -qx 'event=few-descriptors level=warning descriptors=40 max-clients=20' log
	for i in {1..40}; do
		socat -t 30 PIPE UNIX-CONNECT:policy 3>&- 2>/dev/null &
		SERVERS_STARTED+=($!)
	done
	for i in {1..250}; do
		[ "$(ls "/proc/$SERVE/fd" | wc -l)" -lt 28 ] || break
		sleep 0.02
	done
	socketmap sasl '[a.relay]' | is 'OK ann:secret'
	index <<<'route 1 to * via b.relay'
	told b
	! grep -q refused log
}

@test "SIGTERM: what has come is answered, also from the backlog" {
	local most

	one_route a
	# While it is stopped, the connections wait.
	cat >wait.pl <<-'END'
		use Socket;
		my ($pid, @clients) = @ARGV;
		for my $s (@clients) {
			socket($s, PF_UNIX, SOCK_STREAM, 0) or die;
			connect($s, pack_sockaddr_un("policy")) or die;
			syswrite $s, "request=smtpd_access_policy\nrecipient=a\@b\n\n" or die;
		}
		kill $_, $pid for "TERM", "CONT";
		for my $s (@clients) {
			sysread $s, my $answer, 1000;
			print $answer;
		}
	END
	# Also where fewer may be there than wait.
	for most in 4096 2; do
		serve --max-clients $most
		kill -STOP "$SERVE"
		timeout 60 perl wait.pl "$SERVE" {1..100} >out
		wait "$SERVE"
		[ "$(grep -c '^action=FILTER smtp:\[a.relay\]:25$' out)" -eq 100 ]
	done
}

@test "metrics in a file" {
	one_route a
	serve --metrics "$T/tmail.prom"
	for i in {1..100}; do [ -s tmail.prom ] && break; sleep 0.02; done
	grep -qx 'tmail_serve_queries_total{protocol="policy",result="found"} 0' tmail.prom
	grep -qE '^tmail_serve_index_info\{digest="[0-9a-f]{32}"\} 1$' tmail.prom
	# The collector is another user.
	[ "$(umask)" = 0077 ]
	[ "$(stat -c %a tmail.prom)" = 644 ]
	[ -z "$(ls tmail.prom.* 2>/dev/null)" ]
	# A bad index shows there where nobody asks, too.
	echo nonsense >routes.idx
	for i in {1..200}; do grep -qx 'tmail_serve_index_stale 1' tmail.prom && break; sleep 0.1; done
	grep -qx 'tmail_serve_index_stale 1' tmail.prom
	grep -q '^event=refresh-refused ' log
}

@test "the index is replaced under load: every answer is the old or the new one" {
	one_route a
	cp routes.idx a.idx
	one_route b
	cp routes.idx b.idx
	serve
	# load.pl SOCKET QUESTION ANSWER - until there is a file of that name: twenty at a time.
	cat >load.pl <<-'END'
		use Socket;
		my ($at, $question, $right) = @ARGV;
		socket(my $s, PF_UNIX, SOCK_STREAM, 0) or die;
		connect($s, pack_sockaddr_un($at)) or die;
		my %seen;
		until (-e "enough") {
			syswrite $s, $question x 20;
			my ($n, $got) = (0, "");
			while ($n < 20) {
				sysread $s, my $more, 65536 or die "closed";
				$got .= $more;
				$seen{$1}++, $n++ while $got =~ s/^$right//;
				die "wrong: $got" if length $got > 200;
			}
			die "wrong: $got" if length $got;
		}
		print join(",", sort keys %seen), "\n";
	END
	local pids=() i
	perl load.pl policy $'request=smtpd_access_policy\nrecipient=a@b\n\n' \
	    '(?:action=FILTER smtp:\[([ab])\.relay\]:25\n\n)' >load.policy 2>&1 3>&- &
	pids+=($!)
	perl load.pl socketmap '13:transport a@b,' '(?:20:OK smtp:\[([ab])\.relay\]:25,)' >load.socketmap 2>&1 3>&- &
	pids+=($!)
	perl load.pl exim $'route   YUBi\n' '(?:([ab])\.relay::25\n)' >load.exim 2>&1 3>&- &
	pids+=($!)
	for ((i = 0; i < 500; i++)); do
		cp a.idx next && mv next routes.idx
		cp b.idx next && mv next routes.idx
		# A compile does the same, and its end counts: see above.
		[ $((i % 25)) -ne 0 ] || told b
	done
	touch enough
	for i in "${pids[@]}"; do
		wait "$i"
	done
	[ "$(cat load.policy load.socketmap load.exim)" = $'a,b\na,b\na,b' ]
	! grep -q refused log
}
