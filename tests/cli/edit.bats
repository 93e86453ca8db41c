# add, set and del on random configurations; locks, interference, dry runs.

load helper

PROPERTY=$BATS_TEST_DIRNAME/../property

# seeds FIRST COUNT - fewer of them where the sanitizers make all slow.
seeds() {
	seq "$1" $(($1 + ($2 / (${#DEV} > 0 ? 4 : 1)) - 1))
}

# one WORD... - one of them.
one() {
	shift $((RANDOM % $#))
	echo "$1"
}

# options - random ones for a route, into the array of that name.
options() {
	options=()
	[ $((RANDOM % 3)) = 0 ] || options+=(-d "$(one a.example b.example '*.A.example' bob@a.example \
		a.example,b.example '$l' new.example '[192.0.2.1]')")
	[ $((RANDOM % 3)) != 0 ] || options+=(-u "$(one bob 'a b' tmail.io any '*' '$l')")
	[ $((RANDOM % 3)) != 0 ] || options+=(-f "$(one x.example '<>' bob@x.example)")
	options+=(-rh "$(one h.example h.example:26 @r mx '[2001:db8::1]')")
	[ $((RANDOM % 3)) != 0 ] || options+=(-p $((RANDOM % 4)))
	[ $((RANDOM % 4)) != 0 ] || options+=(--comment "$(one 'by hand' '#' '\')")
}

# random SEED NUMBERED - routes.conf and inc.conf.
random() {
	RANDOM=$1
	rm -f ./*.conf ./*.idx
	awk -v seed="$1" -v numbered="$2" -f "$PROPERTY/conf.awk"
	chmod 600 ./*.conf
}

keep() {
	mkdir -p "$1"
	cp -p routes.conf inc.conf "$1"
}

same() {
	cmp "$1/routes.conf" routes.conf && cmp "$1/inc.conf" inc.conf
}

# patched DIFF DIRECTORY - the diff makes of the files in the directory those here.
patched() {
	mkdir -p patched
	cp "$2"/*.conf patched
	(cd patched && patch -s --binary -p0) <"$1"
	same patched
}

# trouble SEED - says where a property failed, and fails.
trouble() {
	echo "seed $1: ${*:2}"
	head -c 2000 routes.conf inc.conf err
	return 1
}

@test "add then del: the same bytes and the same index" {
	local seed id

	for seed in $(seeds 1 40); do
		random $seed 1
		options
		keep before
		exits 0 compile -q
		cp routes.idx before.idx
		exits 0 list --json --show-secrets -q
		jq -c 'del(.line)' out >before.list
		exits 0 add -q --dry-run --show-secrets "${options[@]}" || trouble $seed "${options[@]}"
		mv out diff
		same before
		exits 0 add -q "${options[@]}"
		id=$(cat out)
		keep after
		patched diff before || trouble $seed diff of add "${options[@]}"
		[ "$(diff before/routes.conf routes.conf | grep -c '^>')" -le 2 ] ||
			trouble $seed more than a line
		"$TMAIL" routes list --json --show-secrets -q | jq -c "select(.id != $id) | del(.line)" |
			diff before.list - || trouble $seed list
		exits 0 del -q --dry-run --show-secrets "$id"
		mv out diff
		exits 0 del -q "$id"
		same before || trouble $seed "add, del: ${options[*]}"
		patched diff after || trouble $seed diff of del
		cmp before.idx routes.idx
	done
}

@test "numbering inserts IDs and nothing else, and list keeps showing the same" {
	local seed id

	for seed in $(seeds 101 20); do
		random $seed 0
		options
		keep before
		exits 0 list --json --show-secrets -q
		jq -c 'del(.line)' out >before.list
		exits 0 add -q "${options[@]}"
		id=$(cat out)
		exits 0 del -q "$id"
		# Each line is as before, or has an ID behind its "route".
		for file in routes.conf inc.conf; do
			[ "$(wc -l <"$file")" = "$(wc -l <"before/$file")" ]
			LC_ALL=C diff --strip-trailing-cr -a \
				<(sed -E 's/^((\xef\xbb\xbf)?[ \t]*route) [0-9]+/\1/' "before/$file") \
				<(sed -E 's/^((\xef\xbb\xbf)?[ \t]*route) [0-9]+/\1/' "$file") || trouble $seed "$file"
		done
		exits 0 list --json --show-secrets -q
		jq -c 'del(.line)' out | diff before.list - || trouble $seed list
	done
}

@test "set: one route changes, no other, and its dry run is right" {
	local seed id field count n

	for seed in $(seeds 201 40); do
		random $seed $((seed % 2))
		keep before
		exits 0 list --json --show-secrets -q
		jq -c 'del(.line)' out >before.list
		n=$(wc -l <before.list)
		id=$(sed -n "$((RANDOM % n + 1))p" before.list | jq .id)
		field=$(one -p --comment -d -f)
		case $field in
		-p) options=(-p "$(one '' 7 8)") ;;
		--comment) options=(--comment "$(one '' new '"')") ;;
		-d) options=(-d "$(one '' unique.example '*.unique.example,"a b"@unique.example')") ;;
		-f) options=(-f "$(one '' unique.example '<>')") ;;
		esac
		exits 0 set -q --dry-run --show-secrets "$id" "${options[@]}" || {
			# Into a group that a reject holds, with a weight... the reason stands there.
			grep -q 'error: .*\[not-alone\]' err
			continue
		}
		mv out diff
		exits 0 set -q "$id" "${options[@]}"
		patched diff before || trouble $seed "diff of set ${options[*]}"
		exits 0 list --json --show-secrets -q
		jq -c "select(.id != $id) | del(.line)" out >others
		jq -c "select(.id != $id)" before.list | diff - others || trouble $seed "set $id ${options[*]}"
		[ "$(wc -l <out)" = "$n" ]
		case $field in
		-p) jq -e --arg v "${options[1]:-1}" '.priority == ($v | tonumber)' ;;
		--comment) jq -e --arg v "${options[1]}" '(.comment // "") == $v' ;;
		-d) jq -e --arg v "${options[1]:-*}" '(.to | join(",")) == $v' ;;
		-f) jq -e --arg v "${options[1]}" '(.from | join(",")) == $v' ;;
		esac < <(jq -c "select(.id == $id)" out) >/dev/null || trouble $seed "set $id ${options[*]}"
	done
}

@test "adds at the same time lose nothing" {
	local i pids=()

	conf '# start'
	for i in {1..24}; do
		"$TMAIL" routes add -q -d "d$i.example" -rh h >"id.$i" &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i"
	done
	[ "$(cat id.* | sort -n | paste -sd ' ')" = "$(seq -s ' ' 24)" ]
	[ "$(grep -c '^route [0-9]* to d[0-9]*.example via h$' routes.conf)" = 24 ]
	[ "$(wc -l <routes.conf)" = 25 ]
	exits 0 check
	[ ! -s err ]
	exits 0 list --index routes.idx
	[ "$(grep -c . out)" = 24 ]
	# Nothing but the lock is left beside the two, and it is empty.
	[ "$(find . -name '.*' -type f | wc -l)" = 1 ]
	[ "$(find . -name '.*' -type f -size 0 | wc -l)" = 1 ]
}

# while_locked SECONDS COMMAND... - runs it while somebody else holds the lock.
while_locked() {
	local holder

	exits 0 compile
	(exec 9>.routes.conf.lock && flock 9 && exec sleep "$1") 3>&- &
	holder=$!
	until ! flock -n .routes.conf.lock true; do :; done
	"${@:2}"
	kill $holder 2>/dev/null || true
	wait $holder || true
}

# tries_long FILE COMMAND... - its exit code, and how often it tried to get the lock: to FILE.
tries_long() {
	local code=0

	ASAN_OPTIONS=detect_leaks=0 strace -o "$1.trace" -e trace=flock \
		"$TMAIL" routes "${@:2}" >out 2>err || code=$?
	echo "$code $(grep -c flock "$1.trace")" >"$1"
}

@test "a held lock is waited for" {
	conf 'route 1 to a.example via h'
	while_locked 1 tries_long tries add -d b.example -rh h
	read -r code tries <tries
	[ "$code" = 0 ]
	[ "$tries" -gt 1 ]
	[ "$(cat out)" = 2 ]
}

give_up() {
	local pids=() i=0

	for command in 'add -d b.example -rh h' 'set 1 -p 2' 'del 1' compile; do
		i=$((i + 1))
		tries_long tries.$i $command &
		pids+=($!)
	done
	# Who only reads does not wait.
	for command in list check 'add --dry-run -rh h' 'del --dry-run 1' 'lookup -d a.example'; do
		timeout 5 "$TMAIL" routes $command >/dev/null
	done
	wait "${pids[@]}"
}

@test "after 10 seconds: try again" {
	conf 'route 1 to a.example via h'
	while_locked 60 give_up
	holds routes.conf 'route 1 to a.example via h'
	# It tries each 10 ms, or less often where the processor is busy.
	for i in 1 2 3 4; do
		read -r code tries <tries.$i
		[ "$code" = 75 ]
		[ "$tries" -gt 100 ]
		[ "$tries" -le 1002 ]
	done
	grep -q 'another edit holds the lock' err
}

@test "a file that changes meanwhile is not overwritten" {
	local code=0 pid i

	conf 'route 1 to a.example via h' 'include "inc"'
	echo 'route 2 to b.example via h' >inc
	# Stopped with its files read and its new ones written.
	ASAN_OPTIONS=detect_leaks=0 strace -o trace -e trace=fsync -e inject=fsync:signal=SIGSTOP:when=1 \
		"$TMAIL" routes add -d b.example -rh i >out 2>err 3>&- &
	pid=$!
	for ((i = 0; i < 3000; i++)); do
		! grep -q 'stopped by SIGSTOP' trace 2>/dev/null || break
		sleep 0.01
	done
	echo '# by an editor' >>inc
	pkill -CONT -P $pid
	wait $pid || code=$?
	[ $code = 75 ]
	grep -q 'changed meanwhile' err
	holds inc 'route 2 to b.example via h' '# by an editor'
	holds routes.conf 'route 1 to a.example via h' 'include "inc"'
	exits 0 add -d b.example -rh i
	holds inc 'route 2 to b.example via h' 'route 3 to b.example via i' '# by an editor'
}

@test "--no-compile: the configuration alone; the next edit heals the index" {
	conf 'route 1 to a.example via h'
	exits 0 compile
	cp routes.idx before.idx
	exits 0 add --no-compile -d b.example -rh h
	holds out 2
	cmp before.idx routes.idx
	exits 0 check
	grep -q 'routes.idx is stale: run tmail routes compile' err
	exits 0 list
	grep -q 'routes.idx is stale' err
	exits 1 lookup -d b.example
	exits 0 set --no-compile 2 -p 3
	exits 0 del --no-compile 1
	cmp before.idx routes.idx
	exits 0 set 2 -p 4
	exits 0 check
	[ ! -s err ]
	exits 0 lookup -d b.example
	exits 0 del --no-compile 2
	exits 0 compile
	exits 1 lookup -d b.example
}

@test "what a killed run left beside a file that is not replaced goes with the next run" {
	local command

	mkdir inc
	conf 'include "inc/b.conf"' 'route 1 to a.example via r.example'
	echo 'route 2 to b.example via r.example' >inc/b.conf
	exits 0 compile
	for command in 'set 1 -p 3' 'del 1' 'add -d c.example -rh r.example' compile; do
		touch inc/.b.conf.tmail-tmp
		exits 0 $command
		[ ! -e inc/.b.conf.tmail-tmp ]
	done
	touch .routes.idx.tmail-tmp
	exits 0 set 2 -p 4 --no-compile
	[ ! -e .routes.idx.tmail-tmp ]
	touch inc/.b.conf.tmail-tmp
	exits 0 set 2 -p 5 --dry-run
	[ -e inc/.b.conf.tmail-tmp ]
}

@test "--dry-run changes nothing, and masks secrets" {
	mkdir d
	printf 'route to a.example via h\nroute via h login l password "s3 cret" # c' >routes.conf
	cp routes.conf before
	touch out err
	chmod 500 .
	bound "$TMAIL" routes add --dry-run -d b.example -rh h -rl l -rpwd new-s3cret --color always >out
	grep -q $'^\x1b\\[32m+route 3 to b.example via h login l password \\*\\*\\*\\*\\*\\*\\*\\*\x1b\\[0m$' out
	bound "$TMAIL" routes add --dry-run -d b.example -rh h >out
	chmod 700 .
	holds out '--- routes.conf' '+++ routes.conf' '@@ -1,2 +1,3 @@' \
		'-route to a.example via h' '-route via h login l password ******** # c' \
		'\ No newline at end of file' '+route 1 to a.example via h' \
		'+route 2 via h login l password ******** # c' '+route 3 to b.example via h' \
		'\ No newline at end of file'
	cmp before routes.conf
	[ "$(ls -A | grep -c '^routes\|^\.routes')" = 1 ]
	fails 65 bad-port add --dry-run -rh h -rp 0
	exits 1 del --dry-run 9
}

@test "owner's files: mode, links and order stay" {
	local inode

	mkdir real d
	echo 'route 1 to a.example via h' >real/x
	chmod 604 real/x
	ln -s ../real/x d/x
	conf 'include "d/*"' 'route 2 via h'
	chmod 660 routes.conf
	exits 0 add -d a.example -rh i
	[ -L d/x ]
	holds real/x 'route 1 to a.example via h' 'route 3 to a.example via i'
	[ "$(stat -c %a real/x routes.conf | paste -sd ' ')" = '604 660' ]
	inode=$(stat -c %i routes.conf)
	exits 0 set 3 -p 2
	# What an edit does not touch is not even rewritten.
	[ "$(stat -c %i routes.conf)" = "$inode" ]
}

@test "two compiles give the same bytes" {
	local seed

	for seed in $(seeds 301 10); do
		random $seed 0
		exits 0 compile -q
		mkdir -p else/where
		cp routes.conf inc.conf else/where
		(cd else/where && TZ=UTC+5 LC_ALL=C MALLOC_PERTURB_=7 exits 0 compile -q -i other.idx)
		cmp routes.idx else/where/other.idx
	done
}

# warns SLUG... - the last command warned of these, and of nothing else.
warns() {
	diff <(printf '%s\n' "$@") <(sed -n 's/^.*: warning: .*\[\(.*\)\]$/\1/p' err)
}

@test "set and del warn of what their change brings, wherever it is, and of nothing else" {
	mkdir d
	printf '%s\n' 'relay acme h.acme' 'relay idle h.idle' 'list l l.example' >d/x
	conf 'include "d/*"' 'route to a.example via @acme' 'route to $l via h weight 2' \
	    'route to $l via i weight 3' 'route from x.example via j login u password p tls off'
	exits 0 set 1 -p 2
	[ ! -s err ]
	exits 0 set 1 -rh k --dry-run
	warns unused-relay
	grep -qx "d/x:1:7: warning: relay 'acme' is never used \[unused-relay\]" err
	exits 0 set 1 -rh k -q
	[ ! -s err ]
	exits 0 set 4 -w 5
	warns idle-weight
	exits 0 set 4 -p 3
	[ ! -s err ]
	exits 0 set 4 --comment c
	[ ! -s err ]
	exits 0 set 4 --tls required
	warns login-unverified
	exits 0 set 2 -p 7
	warns idle-weight idle-weight
	exits 0 del 2 3
	warns unused-list
	grep -q '^d/x:3:' err
	exits 0 del 1 4
	warns empty
	exits 0 check
	[ "$(grep -c ': warning: ' err)" = 4 ]
}

@test "among many warnings, those of the change are told, or none" {
	local i

	{
		for i in {1..19}; do echo "relay r$i h"; done
		echo 'route 1 to a.example via @last'
		echo 'relay last h'
	} >routes.conf
	exits 0 set 1 -rh h
	warns unused-relay
	grep -q "'last'" err
	{
		for i in {1..40}; do echo "relay r$i h"; done
		echo 'route 1 to a.example via @r3'
		echo 'route 2 to b.example via @r30'
	} >routes.conf
	exits 0 set 2 -rh h
	[ ! -s err ]
	exits 0 set 1 -rh h
	warns unused-relay
	grep -q "'r3'" err
}
