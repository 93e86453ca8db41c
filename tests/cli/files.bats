# What stands beside the files of a configuration, and who put it there.

load helper

# as UID COMMAND... - tmail routes COMMAND... as that user, in a directory of his own or not.
as() {
	setpriv --reuid "$1" --regid 65534 --clear-groups "$TMAIL" routes "${@:2}" >out 2>err </dev/null
}

# ended CODE COMMAND... - the command ends so.
ended() {
	local code=0

	"${@:2}" || code=$?
	[ "$code" -eq "$1" ] || {
		echo "exit code $code, not $1: ${*:2}"
		cat out err
		return 1
	}
}

# killed CALL COMMAND... - tmail routes COMMAND..., killed at that system call.
killed() {
	local code=0

	ASAN_OPTIONS=detect_leaks=0 strace -f -o /dev/null -e "trace=${1%%:*}" \
		-e "inject=${1%%:*}:signal=SIGKILL:when=${1##*:}" \
		"$TMAIL" routes "${@:2}" >out 2>err </dev/null || code=$?
	[ "$code" -eq 137 ]
}

setup_root() {
	[ "$(id -u)" = 0 ] || skip "needs root, or newuidmap and your line in /etc/subuid"
	chmod 755 . ..
	cp "$TMAIL" ./tmail
	chmod 755 tmail
	TMAIL=$PWD/tmail
}

@test "an edit of root's is killed, then the owner edits" {
	setup_root
	mkdir conf.d
	conf 'route 1 to a.example via h'
	mv routes.conf conf.d
	chown -R 65534:65534 conf.d
	cd conf.d
	killed write:1 add -d b.example -rh h
	[ "$(stat -c '%u %a' .routes.conf.tmail-tmp)" = '0 600' ]
	ended 0 as 65534 add -d c.example -rh h
	holds routes.conf 'route 1 to a.example via h' 'route 2 to c.example via h'
	[ "$(stat -c %u routes.conf routes.idx | sort -u)" = 65534 ]
	# Root's next run takes away what is his.
	exits 0 compile
	[ ! -e .routes.conf.tmail-tmp ]
	[ "$(find . -name '*tmail-tmp*' | wc -l)" = 0 ]
}

@test "an index path that somebody else has prepared" {
	setup_root
	mkdir -m 1777 open
	echo text >victim
	conf 'route 1 to a.example via h login l password s3cret'
	ln -s ../victim open/idx
	chown -h 65534 open/idx
	exits 77 compile -q -i open/idx
	grep -q "open/idx': a link of another user in a directory that others can write to" err
	exits 77 add -q -d b.example -rh h -i open/idx
	holds victim text
	holds routes.conf 'route 1 to a.example via h login l password s3cret'
	rm open/idx
	install -o 65534 -m 644 /dev/null open/idx
	exits 77 compile -q -i open/idx
	grep -q 'a file of another user, .* in a directory that others can write to' err
	[ ! -s open/idx ]
	rm open/idx
	exits 0 compile -q -i open/idx
	[ "$(stat -c '%u %a' open/idx)" = '0 600' ]
	exits 0 compile -q -i open/idx
}

@test "a lock that somebody else holds where he can write" {
	setup_root
	mkdir -m 1777 open
	cp <(echo 'route 1 to a.example via h') open/routes.conf
	install -o 65534 -m 666 /dev/null open/.routes.conf.lock
	flock open/.routes.conf.lock sleep 60 3>&- &
	until ! flock -n open/.routes.conf.lock true; do :; done
	exits 77 add -c open/routes.conf -d b.example -rh h
	grep -q 'cannot lock .*: a file of another user' err
	exits 0 compile -c open/routes.conf -i safe.idx
	kill %1
	[ "$(stat -c %u open/.routes.conf.lock)" = 65534 ]
}

# The files are on a file system in memory: each is synced.
@test "3,000 included files, 64 descriptors: in one directory, in many" {
	local shm i where before

	shm=$(mktemp -d -p /dev/shm)
	cd "$shm"
	mkdir one many many/{1001..4000}
	for i in {1001..4000}; do
		echo "route to d$i.example via h" >"one/$i"
		echo "route to d$i.example via h" >"many/$i/c"
	done
	for where in 'one/*' 'many/*/c'; do
		conf "include \"$where\""
		exits 0 list --json
		jq -c '[.id, .to]' out >before
		(ulimit -n 64 && exits 0 add -d x.example -rh h) || break
		holds out 3001
		exits 0 list --json
		jq -c '[.id, .to]' out | diff <(cat before; echo '[3001,["x.example"]]') - || break
		[ "$(cat $where | grep -c '^route [0-9]* to ')" = 3000 ] || break
		[ -z "$(find . -name '*tmail-tmp*')" ] || break
		where=
	done
	rm -rf "$shm"
	[ -z "$where" ]
}

# interleaved - a first numbering: routes before, between and behind includes.
interleaved() {
	rm -rf a b .[!.]* routes.*
	mkdir a b
	conf 'route to 1.example via h' 'include "a/*"' 'route to 7.example via h' \
		'include "b/1"' 'route to 9.example via h' 'include "b/2"' 'include "a/.last"'
	printf '%s\n' 'route to 2.example via h' 'include "../b/in"' 'route to 4.example via h' >a/1
	printf '%s\n' 'route to 5.example via h' 'route to 6.example via h' >a/2
	echo 'route to 3.example via h' >b/in
	echo 'route 100 to 8.example via h' >b/1
	echo 'route to 10.example via h' >b/2
	echo '# none' >a/.last
}

# ids - what is said of all routes but the one that is added or deleted.
ids() {
	exits 0 list --json -q && jq -c "select(.to != [\"$1\"]) | [.id, .to, .via]" out
}

@test "killed at any rename of a first numbering: no ID moves" {
	local edit edits=('add -d new.example -rh h' 'del 101' 'set 103 -p 7' 'del 108') n

	interleaved
	ids >all
	[ "$(wc -l <all)" = 10 ]
	for edit in "${edits[@]}"; do
		interleaved
		for n in {1..20}; do
			interleaved
			killed renameat2:$n $edit || break
			exits 0 list --json -q
			jq -c 'select(.to != ["new.example"]) | [.id, .to, .via]' out >between
			# A route that is to go may be gone.
			grep -vxFf between all >gone || true
			[ "$(wc -l <gone)" -le 1 ] && ! grep -qvxFf all between || {
				echo "killed at rename $n of $edit:"
				diff all between
				return 1
			}
			exits 0 add -q -d last.example -rh h
			exits 0 list --json -q
			jq -c 'select(.to != ["new.example"] and .to != ["last.example"]) | [.id, .to, .via]' out |
				diff between -
			[ -z "$(find . -name '*tmail-tmp*')" ]
		done
		[ "$n" -ge 8 ]
		[ "$n" -lt 20 ]
	done
}

# failing INJECTION COMMAND... - tmail routes COMMAND... with failing renames exits with 74.
failing() {
	local code=0

	ASAN_OPTIONS=detect_leaks=0 strace -f -o /dev/null -e trace=renameat2 \
		-e "inject=renameat2:error=EIO:$1" "$TMAIL" routes "${@:2}" >out 2>err || code=$?
	[ "$code" = 74 ]
}

@test "a rename fails: all files are as before; if that fails, too, each is named" {
	local n

	for n in {1..8}; do
		interleaved
		cat routes.conf a/* b/* >before
		failing when=$n add -d new.example -rh h
		cat routes.conf a/* b/* | diff before -
		[ ! -e routes.idx ]
		[ -z "$(find . -name '*tmail-tmp*')" ]
		[ "$(wc -l <err)" = 1 ]
	done
	interleaved
	ids >before
	failing when=5+ add -d new.example -rh h
	[ -z "$(find . -name '*tmail-tmp*')" ]
	sed "1d; s/^tmail: '//" err | sort >said
	diff said - <<-END
		a/../b/in' is new
		a/1' is new
		a/2' is as it was
		b/2' is as it was
		routes.conf' is as it was, but for new IDs
	END
	ids | diff before -
}

@test "leftovers are looked for once in a directory, not once for each file" {
	local i

	mkdir d
	for i in {1..200}; do
		echo "route $i to d$i.example via h" >"d/$i"
	done
	touch d/.100.tmail-tmp-3
	conf 'include "d/*"'
	ASAN_OPTIONS=detect_leaks=0 strace -f -o trace -e trace=getdents64 "$TMAIL" routes compile
	[ "$(wc -l <trace)" -lt 30 ]
	[ ! -e d/.100.tmail-tmp-3 ]
}
