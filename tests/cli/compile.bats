# tmail routes compile and check: what they read, write and leave alone.

load helper

@test "nothing is written while there is an error, and the old index stays" {
	conf 'route 1 to a.example via h'
	exits 0 compile
	[ ! -s out ]
	[ ! -s err ]
	cp routes.idx before.idx
	conf 'route 1 to b.example via h' 'rout'
	fails 65 unknown-keyword compile
	cmp before.idx routes.idx
	exits 0 lookup -d a.example
	exits 1 lookup -d b.example
}

@test "check writes nothing" {
	conf 'route 1 to a.example via h'
	exits 0 check
	[ "$(ls -A)" = "$(printf 'err\nout\nroutes.conf')" ]
}

@test "the index: by option, by environment, beside the configuration" {
	conf 'route 1 to a.example via h'
	mkdir a
	exits 0 compile -i a/by-option.idx
	TMAIL_ROUTES_INDEX=a/by-environment.idx exits 0 compile
	TMAIL_ROUTES_INDEX=a/no.idx exits 0 compile --index=a/by-option-too.idx
	exits 0 compile
	cp routes.conf mail.rules
	exits 0 compile -c mail.rules
	exits 0 compile -conf mail.rules -index a/dash.idx
	for file in a/by-option.idx a/by-environment.idx a/by-option-too.idx routes.idx a/dash.idx mail.rules.idx; do
		[ -s $file ]
	done
	[ ! -e a/no.idx ]
	# A configuration that is named has its own index, whatever the variables say.
	rm mail.rules.idx
	export TMAIL_ROUTES_INDEX=a/production.idx
	exits 0 compile -c mail.rules
	exits 0 add -c mail.rules -d b.example -rh h
	exits 0 lookup -c mail.rules -d b.example
	exits 0 verify -c mail.rules
	[ ! -e a/production.idx ]
	exits 0 compile -c mail.rules -i a/production.idx
	[ -s a/production.idx ]
	unset TMAIL_ROUTES_INDEX
	# Over its own source: never.
	exits 64 compile -i routes.conf
	exits 64 compile -c mail.rules -i ./mail.rules
	holds routes.conf 'route 1 to a.example via h'
}

@test "the format that can be written is the one there is" {
	conf 'route 1 via h'
	exits 0 compile --format 4
	exits 65 compile --format 3
	exits 65 compile --format 5
	exits 65 compile --format four
	[ "$("$TMAIL" routes lookup -i routes.idx -d x@y.example | head -n 1)" = 'matched to *' ]
}

@test "the mode of the index" {
	conf 'route 1 to a.example via h'
	chmod 644 routes.conf
	exits 0 compile
	[ "$(stat -c %a routes.idx)" = 644 ]
	chmod 640 routes.idx
	exits 0 compile
	[ "$(stat -c %a routes.idx)" = 640 ]
	conf 'route 1 to a.example via h login l password p'
	rm routes.idx
	chmod 644 routes.conf
	exits 0 compile -q
	[ "$(stat -c %a routes.idx)" = 640 ]
	conf 'route 1 to a.example via h login l password-file /x'
	rm routes.idx
	exits 0 compile
	[ "$(stat -c %a routes.idx)" = 644 ]
}

@test "stale and missing indexes, as check sees them" {
	conf 'route 1 to a.example via h'
	exits 0 check
	[ ! -s err ]
	exits 0 compile
	echo '# more' >>routes.conf
	exits 0 check
	holds err 'tmail: warning: routes.idx is stale: run tmail routes compile'
	exits 0 check -q
	[ ! -s err ]
	echo no >routes.idx
	exits 0 check
	grep -q '^tmail: warning: routes.idx: ' err
}

# enough FORMAT - 1,000 lines with an error each are counted, 1,001 are too many.
enough() {
	seq -f "$1" 1000 >routes.conf
	exits 65 check
	[ "$(tail -n 1 err)" = 'tmail: 1000 errors, the first 20 shown' ]
	seq -f "$1" 1001 >routes.conf
	exits 65 check
	[ "$(tail -n 1 err)" = 'tmail: more than 1000 errors, 20 of them shown' ]
	[ "$(grep -c ': error: ' err)" = 20 ]
	head -n 1 err | grep -q '^routes.conf:1:'
}

@test "a thousand errors are counted, more are not" {
	enough 'rout %g'
	enough 'route to d%g.example via h:99999'
	enough 'route to a..%g via h'
	enough 'relay r%g mx:..'
	enough 'include "%g.missing"'
	seq -f 'd%g..example' 1001 >values
	conf 'list l file "values"' 'route to $l via h'
	exits 65 check
	[ "$(tail -n 1 err)" = 'tmail: more than 1000 errors, 20 of them shown' ]
}

@test "behind a thousand errors nothing is read, and nothing missing is told" {
	seq -f 'rout %g' 1001 >bad.conf
	seq -f 'd%g.example x' 1001 >values
	conf 'route via @r'
	cat bad.conf >>routes.conf
	echo 'relay r h.example' >>routes.conf
	exits 65 check
	! grep -q undefined-relay err || false
	conf 'include "bad.conf"' 'include "*ad.conf"' 'include "missing"'
	exits 65 check
	! grep -q 'unreadable\|include-twice' err || false
	conf 'list l file "values"' 'list m file "missing"'
	exits 65 check
	[ "$(grep -c second-value err)" = 20 ]
	# Too large for one thread, and then some.
	{ seq -f 'route to d%g.example via h' 100000; cat bad.conf; } >routes.conf
	exits 65 check
	grep -q '^routes.conf:100001:1: error: ' err
	{ cat bad.conf; seq -f 'route to d%g.example via h' 100000; } >routes.conf
	exits 65 check
	grep -q '^routes.conf:20:1: error: ' err
	[ "$(tail -n 1 err)" = 'tmail: more than 1000 errors, 20 of them shown' ]
}

@test "an index is told by its magic, wherever a configuration is wanted" {
	local before command

	conf 'route 1 to a.example via h.example'
	exits 0 compile
	mv routes.idx x.idx
	before=$(cksum x.idx)
	for command in check compile list 'add -d b.example -rh h.example' 'set 1 -p 2' 'del 1' \
		'check --json'; do
		exits 66 $command -c x.idx
		[ ! -s out ]
		holds err "tmail: cannot read 'x.idx': it is a compiled index, not a configuration"
	done
	[ "$before" = "$(cksum x.idx)" ]
	exits 0 compile
	exits 66 verify -c x.idx -i routes.idx
	grep -q 'compiled index' err
	exits 66 check -c /dev/fd/3 3<x.idx
	conf 'include "*.idx"'
	mv routes.idx y
	fails 65 unreadable check
	grep -q "cannot read 'x.idx': it is a compiled index, " err
	conf 'list l file "y"' 'route to $l via h'
	fails 65 unreadable check
	printf tmroute >x.conf
	exits 65 check -c x.conf
	! grep -q index err
}

# Each took hours when a step was quadratic.
@test "megabytes on one line: of strings that are not closed, of logins" {
	{ printf '"\\%.0s' {1..1000000}; echo; } >routes.conf
	fails 65 unterminated-string check
	{ printf 'route user '; seq -s , 1000000 | tr -d '\n'; echo ' via h'; } >routes.conf
	exits 0 check
	{ printf 'route user '; seq -s , 1000 | tr -d '\n'; echo ',any via h'; } >routes.conf
	fails 65 bad-pattern check
	{ printf 'route user any,'; seq -s , 1000 | tr -d '\n'; echo ' via h'; } >routes.conf
	fails 65 bad-pattern check
}

@test "a line of odd words: what stands behind many is hidden unread" {
	{ printf 'route'; printf ' ;%.0s' {1..34}; echo ' hunter2'; } >routes.conf
	fails 65 bad-character check
	! grep -q hunter2 err || false
	grep -q '; ; \*\*\*\*\*\*\*\*$' err
}

@test "long words and lines: linear, and refused or taken" {
	local piece

	# They take 0.1 s; the square of it would be hours.
	for piece in 'a+' '"' ':' '.' ',' '\\' '$a,' '@' '[' '"a",' '*.'; do
		printf 'route to %s via h\n' "$(yes "$piece" | head -n 1000000 | tr -d '\n')" >routes.conf
		timeout 60 "$TMAIL" routes check >out 2>err || [ $? = 65 ]
		[ "$(grep -c ': error: ' err)" = 1 ]
		[ "$(wc -L <err)" -lt 300 ]
	done
	{ printf 'route '; printf '\\\n%.0s' {1..100000}; echo 'via h'; } >routes.conf
	exits 0 check
	{ printf 'list l'; printf ' d%d.example' {1..50000}; printf '\nroute to $l via h\n'; } >routes.conf
	exits 0 compile
	exits 0 lookup -d d49999.example
	printf 'route to a.example via h # %s\n' "$(printf 'x%.0s' {1..1000000})" >routes.conf
	exits 0 check
}

@test "every kind of file that is none" {
	mkfifo pipe
	mkdir directory
	for file in pipe directory /dev/null /dev/zero missing ''; do
		conf "include \"$file\"" 'route via h'
		exits 65 check
		conf "list l file \"$file\"" 'route to $l via h'
		exits 65 check
		[ "$(grep -c ': error: ' err)" = 1 ]
	done
	ln -s loop loop
	exits 66 check -c loop
	exits 66 check -c routes.conf/x
	exits 66 check -c pipe
	conf 'include "routes.conf"'
	fails 65 include-loop check
	ln -s routes.conf link
	conf 'include "link"'
	fails 65 include-loop check
	ln routes.conf hard
	conf 'include "hard"'
	fails 65 include-loop check
}

@test "includes: byte order, globs, dot files, directories" {
	mkdir -p d/deep
	for name in 10 9 B a é _ 'x y' 'z*'; do
		echo "route to $((n += 1)).example via h" >"d/$name"
	done
	echo 'rout' >d/.hidden
	conf 'include "d/[!d]*"' 'include "d/none*"'
	exits 0 list --json
	[ "$(jq -r .file out | paste -sd ' ')" = 'd/10 d/9 d/B d/_ d/a d/x y d/z* d/é' ]
	conf 'include "d/z\\*"'
	exits 0 check
	conf 'include "d/q\\*"'
	fails 65 unreadable check
	conf 'include "d/z\*"'
	fails 65 bad-escape check
	conf 'include "d/*"'
	exits 65 check
	grep -q "cannot read 'd/deep': not a regular file" err
	# Relative to the including file, whatever the directory one is in.
	echo 'include "../e/f"' >d/deep/g
	mkdir d/e
	echo 'route to deep.example via h' >d/e/f
	conf 'include "d/deep/g"'
	exits 0 list --json
	[ "$(jq -r .file out)" = d/deep/../e/f ]
	mkdir 'odd[dir'
	cp d/9 'odd[dir'
	echo 'include "*"' >'odd[dir/.conf'
	exits 0 check -c 'odd[dir/.conf'
}

# incomplete REASON [STRACE...] - check, compile and list say at the include in
# line 2 that something cannot be read, and why.
incomplete() {
	local command code

	for command in check compile list; do
		code=0
		bound "${@:2}" "$TMAIL" routes $command >out 2>err || code=$?
		[ "$code" = 65 ] && [ ! -s out ] && [ ! -e routes.idx ] && [ "$(head -n 1 err)" = \
			"routes.conf:2:9: error: cannot read $1 [unreadable]" ] ||
			{ echo "$command: exit code $code, wanted: $1"; cat out err; return 1; }
	done
}

@test "includes: what a wildcard stands for is read whole, or an error" {
	local inject=(env ASAN_OPTIONS=detect_leaks=0 strace -o /dev/null)

	conf '# first' 'include "d/*/a.conf"'
	mkdir -p d/one d/two d/none d/.dot
	touch d/file
	ln -s file d/link
	echo 'route 1 to a.example via h' | tee d/one/a.conf >d/.dot/a.conf
	echo 'route 2 to b.example via h' >d/two/a.conf
	exits 0 list --json
	[ "$(jq -r .file out | paste -sd ' ')" = 'd/one/a.conf d/two/a.conf' ]
	exits 0 check

	chmod 0 d/two
	incomplete "'d/two/a.conf': Permission denied"
	conf '# first' 'include "d/*/a*"'
	incomplete "'d/two': Permission denied"
	conf '# first' 'include "d/two/*"'
	incomplete "'d/two': Permission denied"
	conf '# first' 'include "d/t*/a/b/c"'
	incomplete "'d/two/a': Permission denied"
	chmod 700 d/two
	chmod 0 d
	incomplete "'d': Permission denied"
	chmod 700 d

	# A link that leads nowhere, as file and as directory; one that leads to itself.
	ln -s nowhere d/three
	conf '# first' 'include "d/th*"'
	incomplete "'d/three': No such file or directory"
	conf '# first' 'include "d/*/a.conf"'
	incomplete "'d/three/a.conf': No such file or directory"
	conf '# first' 'include "d/*/a*"'
	incomplete "'d/three': No such file or directory"
	ln -sfn three d/three
	incomplete "'d/three': Too many levels of symbolic links"
	rm d/three

	# A wildcard may match nothing; without one a file must be there.
	conf '# first' 'include "none/*"' 'include "d/file/*"' 'include "none/n*/a.conf"'
	exits 0 check
	conf '# first' 'include "none/a.conf"'
	incomplete "'none/a.conf': No such file or directory"
	conf '# first' 'include "d/file/a.conf"'
	incomplete "'d/file/a.conf': Not a directory"
	# A bracket that is not closed stands for itself.
	conf '# first' 'include "d/a[1.conf"'
	incomplete "'d/a[1.conf': No such file or directory"
	conf '# first' 'include "d/[]/x]*.conf"'
	exits 0 check
	conf '# first' 'include "d/[]/x].conf"'
	incomplete "'d/[]/x].conf': No such file or directory"
	conf '# first' 'include "d/[!]].conf"' 'include "d/[]].conf"' 'include "d/[\\]].conf"'
	exits 0 check

	# A directory that cannot be read to its end; the first and another one.
	conf '# first' 'include "d/[o]*/*.conf"'
	for n in 1 2; do
		incomplete "'d': Input/output error" "${inject[@]}" -e inject=getdents64:error=EIO:when=$n
	done
	for n in 3 4; do
		incomplete "'d/one': Input/output error" "${inject[@]}" -e inject=getdents64:error=EIO:when=$n
	done
}

# never_over FILE - no command writes an index to where this leads.
never_over() {
	local command

	cp -p "$1" kept
	for command in compile 'add -d z.example -rh h' 'add -d a.example -rh h' 'set 1 -p 2' 'del 1'; do
		exits 64 $command -i "$1"
		grep -q 'of the configuration, not an index' err
		cmp kept "$1"
		holds routes.conf "${lines[@]}"
	done
}

@test "no command puts an index in the place of what it read" {
	mkdir d
	lines=('include "d/b.conf"' 'list l file "d/l"' 'route 1 to $l via h'
		"route 2 to p.example via h login l password-file \"$PWD/secret\"")
	conf "${lines[@]}"
	echo 'route 3 to b.example via h' >d/b.conf
	echo l.example >d/l
	echo secret >secret
	exits 0 compile
	for file in routes.conf ./d/../routes.conf d/b.conf d/l secret .routes.conf.lock; do
		never_over "$file"
		ln -s "$PWD/$file" link
		ln "$file" hard
		never_over link
		never_over hard
		rm link hard
	done
	# A configuration that is about to be made.
	rm routes.conf
	ln -s . here
	for file in routes.conf ./routes.conf here/routes.conf; do
		exits 64 add -rh h -i $file
		[ ! -e routes.conf ]
	done
	exits 0 add -rh h -i here/routes.conf.idx
}

@test "reading works from a pipe, editing wants a file" {
	conf 'route 1 to a.example via h'
	exits 0 list
	mv out before
	exits 0 list -c <(cat routes.conf)
	cmp before out
	exits 0 list -c <(sleep 0.2; cat routes.conf)
	cmp before out
	exits 0 check -c <(cat routes.conf)
	exits 65 check -c <(echo rout)
	grep -q '^/dev/fd/[0-9]*:1:1: error: ' err
	cat routes.conf | "$TMAIL" routes list -c /dev/stdin | cmp before -
	"$TMAIL" routes list -c /dev/stdin <routes.conf | cmp before -
	exits 0 compile -c <(cat routes.conf) -i piped.idx
	exits 0 compile
	cmp routes.idx piped.idx || exits 0 verify -i piped.idx
	exits 0 verify -i routes.idx -c <(cat routes.conf)
	exits 1 verify -i routes.idx -c <(echo '#'; cat routes.conf)
	# Much, and byte by byte.
	seq -f 'route to d%g.example via h' 20000 >big.conf
	exits 0 list -c big.conf
	mv out before
	exits 0 list -c <(dd if=big.conf bs=7 status=none)
	cmp before out
	mkfifo named
	cat routes.conf >named &
	sleep 0.2
	exits 0 check -c named
	wait
	# Nobody writes: nothing to wait for.
	exits 66 check -c named
	exits 66 compile -c named
	for command in 'add -rh h' 'set 1 -p 2' 'del 1'; do
		exits 66 $command -c <(cat routes.conf)
		grep -q 'not a regular file' err
		exits 66 $command -c named
	done
}

# stopped_in INJECTION EDIT COMMAND... - COMMAND, stopped `stops` times in the system
# call that strace's INJECTION says, of the files named by -P in `only`; each time
# EDIT is run.
stopped_in() {
	local strace n seen

	rm -f trace
	ASAN_OPTIONS=detect_leaks=0 strace -o trace "${only[@]}" -e "trace=${1%%:*}" \
		-e "inject=${1%%:*}:signal=SIGSTOP:${1#*:}" "$TMAIL" routes "${@:3}" >out 2>err 3>&- &
	strace=$!
	for ((n = 1; n <= ${stops:-1}; n++)); do
		until seen=$(grep -c 'stopped by SIGSTOP' trace 2>/dev/null) && [ "$seen" -ge $n ]; do
			sleep 0.01
		done
		eval "$2"
		pkill -CONT -P $strace
	done
	code=0
	wait $strace || code=$?
}

# while_reading N EDIT COMMAND... - stopped in the N-th read of a file.
while_reading() {
	local only=(-P routes.conf -P inc)

	stopped_in "pread64:when=$1" "${@:2}"
}

@test "what changes while it is read is read once more" {
	local code

	conf 'include "inc"' 'route 1 to a.example via h'
	echo 'route 2 to b.example via h' >inc
	rewrite() { printf '%s\n' 'include "inc"' 'route 1 to z.example via h' >routes.conf; }
	# In place, renamed over, an include while the main file was read already.
	while_reading 1 rewrite compile
	[ $code = 0 ]
	exits 0 lookup -d z.example
	exits 1 lookup -d a.example
	while_reading 1 'sed -i s/z.example/y.example/ routes.conf' compile
	[ $code = 0 ]
	exits 0 lookup -d y.example
	while_reading 3 'sed -i s/b.example/c.example/ inc' compile
	[ $code = 0 ]
	exits 0 lookup -d c.example
	exits 1 lookup -d b.example
	while_reading 3 rewrite check
	[ $code = 0 ]
}

@test "what changes before the index is published is read once more" {
	local code only=() stops=1

	conf 'include "inc"' 'route 1 to a.example via h'
	echo 'route 2 to b.example via h' >inc
	# In the first flush to the disk, which is the new index's.
	stopped_in fsync:when=1 'echo "route 3 to c.example via h" >inc' compile
	[ $code = 0 ]
	exits 0 lookup -d c.example
	exits 1 lookup -d b.example
	exits 0 verify -c routes.conf
	# And again: it is for somebody else to try.
	cp routes.idx before.idx
	stops=2
	stopped_in fsync:when=1+ 'echo "# $n" >>inc' compile
	stops=1
	[ $code = 75 ]
	grep -qx "tmail: cannot go by 'inc': it was changed meanwhile" err
	cmp before.idx routes.idx
	# An edit of another file.
	stopped_in fsync:when=1 'echo "# 3" >>inc' add -d d.example -rh h
	[ $code = 75 ]
	grep -qx "tmail: cannot go by 'inc': it was changed meanwhile" err
	holds routes.conf 'include "inc"' 'route 1 to a.example via h'
	cmp before.idx routes.idx
}

@test "a statement of more words than can be counted is refused" {
	{
		printf 'list l '
		yes a, | tr -d '\n' | head -c $((2 * 0xffffff))
		printf 'a\nroute to a.example via h.example\n'
	} >routes.conf
	exits 65 compile
	grep -qx 'routes.conf:1:1: error: a statement of over 16777215 words \[too-long\]' err
	[ "$(grep -c ': error: ' err)" -eq 1 ]
	yes a | head -n $((0xffffff + 1)) >long.list
	printf '%s\n' 'list l file "long.list"' 'route to a.example via h.example' >routes.conf
	exits 65 compile
	grep -qx 'long.list:1:1: error: a statement of over 16777215 words \[too-long\]' err
}
