# No secret in any output, whatever is wrong with the line that holds it.

bats_require_minimum_version 1.5.0

setup() {
	TMAIL=$(realpath "${TMAIL:-$BATS_TEST_DIRNAME/../../build/tmail}")
	cd "$BATS_TEST_TMPDIR"
	unset TMAIL_ROUTES_CONF TMAIL_ROUTES_INDEX
	umask 077
	EVERY=${DEV:+5}
	EVERY=${EVERY:-1}
}

# In a table: ~ is a line end, ^ the byte 0x01, ` the byte 0xFF, $ the secret.
keywords=(password pasword PASSWORD passwd pass pwd password-file token-file rpwd)
glued=('=' ':' ';' '(')
values=('$' '"$"' '"$' '$"' "'\$'" '$#x' '#$' 'a#$' '"a"$' '$"x"' '($)' 'a $' '"a" "$"'
	'\$' '$\' '"$\"' '"a\q$"' '"^$"' '^$' '$`' '"`$"' 'a;$' '\~ $' '\~\~"$' '"a\~$"' '= $'
	': $' 'to $' 'via $' '"x\y" $' 'to "$' '"" $' ', $' '"a","$"' '\ $' 'file "$"' '-file $'
	'x to $' '~$' '~~# c~  $' '"a~$"' '\ ~  $' '"a\ ~  $' '"a\~$" tls off')
statements=(
	'route to a.example via h.example login l @'
	'route to a.example via h.example @ login l'
	'relay r h.example login l @'
	'route to a.example via h.example login l port 99999 @ tls required'
	'rout to a.example via h.example login l @'
	'to a.example via h.example login l @'
	'route to a.example login l @ via h.example'
	'route to a..example via h.example login l @'
	'route 1 to a.example via h.example login l @'
	'default @'
	'list l file "v" @'
	'@'
	'route @'
	'route to "a.example via h.example login l @'
	'relay r h;example login l @'
	'route to a.example via mx lgoin l @'
	'`route to a.example via h.example login l @'
)

# judge FILE... - no command tells a secret of these.
judge() {
	local file

	for file; do
		"$TMAIL" routes check -c "$file" 2>&1 || [ $? = 65 ]
		"$TMAIL" routes check --json -c "$file" 2>&1 || [ $? = 65 ]
	done >out
	if grep -a -m 3 -B 3 -A 2 CANARY out; then return 1; fi
}

# write N LINE - a line of a table, nine to a file: 20 errors of a file are shown,
# and a line may have two.  With slow sanitizers, some of the lines.
write() {
	local line

	(($1 % EVERY == 0)) || return 0
	line=${2//\$/CANARY}
	line=${line//\~/$'\n'} line=${line//^/$'\x01'} line=${line//\`/$'\xff'}
	printf '%s\n' "$line" >>"table.$(($1 / EVERY / 9))"
}

@test "broken lines" {
	local s k v n=0

	(trap - DEBUG
	for s in "${statements[@]}"; do
		for k in "${keywords[@]}"; do
			for v in "${values[@]}"; do
				write $((n++)) "${s/@/$k $v}"
			done
		done
	done)
	judge table.*
	[ "$(grep -c . out)" -gt 500 ]
}

@test "key=value and its like" {
	local s k v g n=0

	for s in "${statements[@]}"; do
		for k in password PASSWORD smtp_password passwd; do
			for g in "${glued[@]}"; do
				for v in '$' '"$"' "'\$'" '"$' '$ x'; do
					write $((n++)) "${s/@/$k$g$v}"
				done
			done
		done
	done
	judge table.*
}

# Spellings that no table above has, for a statement and for a comment.
stuck=('login u password$' 'login u password"$"' 'login u:$' 'login "u:$"' 'login u/$' 'login:u:$'
	'login=u:$' 'password=$' $'login\tu\tpassword\t$' 'login u PASSWORD $' 'login u Password=$'
	'login u PASSWORD$' 'password$' 'login upassword $' 'loginu password$' 'pwd$'
	'password-file=$' 'login u password-file$' 'login u password-file $' 'login u secret $'
	'login u password x password $')

@test "a blank missing, a stray quote, tabs, wrong case" {
	local s k n=0

	for k in "${stuck[@]}"; do
		for s in 'route to a.example via h.example @' '"route to a.example via h.example @' \
		    '"route to a.example via h.example @"' 'relay r h.example @' '"relay r h.example @' \
		    '@' '"@' 'default @' 'rout to a.example @' 'route to "a.example via h.example @'; do
			write $((n++)) "${s/@/$k}"
		done
	done
	for k in 'via u:$@h.example' 'via "u:$@h..example"' 'via smtp://u:$@h.example' \
	    'via "smtp://u:a $@h.example"' 'relay r "u:a $@h.example"' 'via @u:$@h.example' 'via smtp://u:a@$@h.example' 'via "a: u:$@h.example"' \
	    'via u:$@h1.example,v:$@h2.example' 'via h1.example u:$@h2.example' 'u:$@h.example'; do
		write $((n++)) "route to a.example $k"
	done
	judge table.*
	[ "$(grep -c . out)" -gt 100 ]
}

@test "comments: in diffs, excerpts and the list" {
	local k before n=0

	for k in "${stuck[@]}" 'route 9 to x via h login u password $' '"route 9 via h login u password $"' \
	    'relay r h login u $' 'smtp_pass=$' 'old: pasword $' 'via u:$@h.example' \
	    'login u password \~# $' 'login u password \~#  a \~## $' 'relay r h login u password~#$'; do
		k=${k//\$/CANARY} k=${k//\~/$'\n'}
		for before in '#' '# ' $'\t## ' '#; ' "relay r$((n++)) h # " "relay r$((n++)) h \\"$'\n # '; do
			printf '%s\n' "$before$k" '' "route $((++n)) to x via h" >>routes.conf
		done
		printf '%s\n' "route $((++n)) to x via h # $k" >>routes.conf
	done
	[ "$(grep -c CANARY routes.conf)" -gt 150 ]
	export TMAIL_ROUTES_CONF=$PWD/routes.conf
	judge routes.conf
	grep -q unused-relay out
	quiet 0 list
	quiet 0 list --json
	[ "$(grep -c '"comment":".*[*]"' out)" -gt 20 ]
	quiet 0 show $(sed -n 's/^route \([0-9]*\).*/\1/p' routes.conf)
	[ "$(grep -c '[*][*]' out)" -gt 20 ]
	quiet 0 show --json $(sed -n 's/^route \([0-9]*\).*/\1/p' routes.conf)
	# Every line is context, or is changed.
	quiet 0 del --dry-run $(sed -n 's/^route \([0-9]*\).*/\1/p' routes.conf)
	[ "$(grep -c '[*][*]' out)" -gt 150 ]
	quiet 0 add --dry-run -rh h --comment 'login u password CANARY'
	quiet 65 add -rh h..example --comment 'login u password CANARY'
	quiet 65 add -rh u:CANARY@h.example
	quiet 65 add -rh h.example -rl u:CANARY
	"$TMAIL" routes list --json --show-secrets | grep -c CANARY
}

@test "a comment that was continued into what is none" {
	printf '%s\n' '# route 1 to a.example via h login l password \' '  CANARY' >routes.conf
	judge routes.conf
	printf '%s\n' 'relay r h # login l password \' '  "CANARY"' >routes.conf
	judge routes.conf
	printf '%s\n' 'list l file "l"' 'route to $l via h' >routes.conf
	printf '%s\n' 'a..example # password CANARY' >l
	judge routes.conf
	grep -q bad-domain out
}

@test "comments that tell no secret stay as they are" {
	printf '%s\n' '# The main relay since 2019: ask Bob (bob@a.example) before noon, at 12:30.' \
	    '# route 3 to x via h login u tls off' '# route 4 to password.example via h priority 7' \
	    '#relay r h login u password-file /etc/secret' '# a login for each customer' \
	    'route 1 to a.example via h # bypass' >routes.conf
	"$TMAIL" routes del 1 --dry-run -c routes.conf >out
	if grep -F '**' out; then return 1; fi
	[ "$("$TMAIL" routes list --json -c routes.conf | jq -r .comment)" = bypass ]
}

@test "the word at the place of an option behind a credential" {
	cat >routes.conf <<'END'
route to a.example via h.example login l CANARY
route to b.example via h.example login l password x CANARY
route to c.example via h.example login l password CANARY CANARY CANARY # CANARY
relay r h.example login l tls verified CANARY
relay s h.example login password CANARY
relay u h.example password CANARY
route to d.example via password CANARY
route to e.example via h.example frobnicate CANARY
route to f.example via h.example frobnicate "CANARY" weight 2
route to g.example via h.example login l password "CANARY" tls opportunistic
route to h.example via mx password CANARY
route to i.example reject password CANARY
END
	judge routes.conf
	grep -q 'frobnicate \*\*\*\*\*\*\*\* weight 2' out
	grep -q 'tls opportunistic$' out
}

@test "warnings, notes and included files" {
	mkdir d
	echo 'route to a.example via h.example login l password CANARY tls off' >d/a
	cat >routes.conf <<'END'
include "d/*"
relay r h.example login l password "CANARY"
relay r i.example login l password "CANARY" password-file /x
relay s h.example login l password "CANARY" tls off weight 2
END
	judge routes.conf
	sed -i 2,4d routes.conf
	chmod 644 d/a
	judge routes.conf
	grep -q readable-password out
	grep -q login-in-clear out
}

@test "a list's file that is none" {
	cp /dev/stdin routes.conf <<'END'
list l file "other.conf"
route to $l via h.example
END
	printf '# c\nrelay r h.example login l password CANARY\nroute "CANARY"\n"CANARY\n' >other.conf
	sed -i '$s/CANARY//' other.conf
	judge routes.conf
	grep -q second-value out
}

# quiet CODE WORD... - tmail routes WORD..., whose output tells nothing.
quiet() {
	local code=0

	"$TMAIL" routes "${@:2}" >out 2>&1 </dev/null || code=$?
	[ "$code" = "$1" ] || { cat out; return 1; }
	if grep -a CANARY out; then return 1; fi
}

@test "the command lines of add and set" {
	local word

	echo 'route 1 to a.example via h.example login l password CANARY' >routes.conf
	export TMAIL_ROUTES_CONF=$PWD/routes.conf
	cp routes.conf before
	for word in -rpwd --rpwd -remote-passwd --remote-passwd -remotePasswd --remotePasswd; do
		quiet 65 add -d b.example -rh h..example -rl l $word CANARY
		quiet 65 add -d b.example -rh h.example $word CANARY
		quiet 65 add $word CANARY -d b.example -rh h.example -p 99999 -rl l
		quiet 65 add $word=CANARY -d b.example -rh h.example -p 99999 -rl l
		quiet 65 add $word "CANARY\"'#\\ x" -rh h.example --tls opportunistic -rl l
		quiet 65 add $word $'CANARY\nCANARY' -rh h.example -rl l
		quiet 64 add -d b.example -rh h.example -rl l $word my CANARY
		quiet 64 add -d b.example -rh h.example -rl $word CANARY
		quiet 64 add -d b.example -rh h.example -rl l ${word}s=CANARY
		quiet 64 add -d b.example -rh h.example -rl l ${word}CANARY
		quiet 64 add -d b.example -rh h.example -rl l ${word}CANARY=CANARY
		quiet 64 add -d b.example -rh h.example -rl l ${word%?}=CANARY
		quiet 64 add -d b.example -rh h.example -rl l ${word%?} CANARY
		quiet 64 list $word CANARY
		quiet 64 lookup -d a $word=CANARY
		quiet 64 add $word CANARY $word CANARY
		quiet 65 set 1 $word CANARY -rl ''
		quiet 65 set 1 $word $'CANARY\r'
		quiet 64 set 1 $word my CANARY
		quiet 0 add --dry-run -d b.example -rh h.example -rl l $word "CANARY x"
		quiet 0 set --dry-run 1 $word "CANARY x"
	done
	quiet 0 del --dry-run 1
	quiet 65 add -rh h.example -rl l --password-file CANARY
	quiet 65 add -rh h.example -rl l --password-file=CANARY
	quiet 65 add -rh h.example -rl l --token-file CANARY
	quiet 65 add -rh h.example -rl l --token-file=CANARY
	quiet 64 add -rh h.example -rl l --token CANARY
	quiet 65 add -rh h.example -rl l -rpwd ''
	diff before routes.conf
}

# overwrites WORD... - a command that is wrong usage, and waits to say so, shows no CANARY in ps.
overwrites() {
	local pid n=0

	"$TMAIL" routes "$@" 2>&7 </dev/null &
	pid=$!
	until tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q '[*][*]'; do
		if [ $((n++)) = 500 ]; then
			kill -KILL $pid
			return 1
		fi
		sleep 0.01
	done
	tr '\0' ' ' <"/proc/$pid/cmdline" >out
	kill -KILL $pid
	wait $pid || true
	if grep CANARY out; then return 1; fi
}

@test "passwords on the command line are overwritten, in whatever spelling, before anything waits" {
	local option

	mkfifo full
	exec 7<>full
	head -c 65536 /dev/zero >&7
	for option in -rpwd --rpwd -remote-passwd --remotePasswd --password -passwd -rpw -rwpd \
	    --remote-password -pwd --RPWD -secret; do
		overwrites add -rh h -rl l "$option" CANARY --frob
		overwrites list "$option=CANARY" --frob
	done
	overwrites add -rpwd CANARY -rpwd CANARY -rpwd CANARY
	overwrites add -rpwd CANARY --remote-passwd=CANARY -rpwd -rpwd CANARY
	overwrites set 1 -rpwdCANARY CANARY
	overwrites del --remotePasswdCANARY
	overwrites add --password-file CANARY --frob
	overwrites add --token-file CANARY --frob
	overwrites add --token=CANARY --frob
	overwrites frob --password-file=CANARY
	overwrites check -- x -rpwd CANARY
}

# warned LINE COMMAND... - tells once that others can read the password in line LINE, and masks it.
warned() {
	"$TMAIL" routes "${@:2}" >out 2>&1
	grep -q "^routes.conf:$1:[0-9]*: warning: others can read this file .*\[readable-password\]\$" out
	grep -qF '      = help: chmod 640 routes.conf, or use password-file' out
	[ "$(grep -c readable-password out)" = 1 ] && ! grep CANARY out
}

@test "a password that others can read is told of when it is written" {
	export TMAIL_ROUTES_CONF=routes.conf
	printf '%s\n' 'relay r h' 'include "in?"' >routes.conf
	echo 'route 9 to i.example via i.example' >in1
	chmod 644 routes.conf
	warned 3 add -rh h -rl u -rpwd CANARY
	warned 4 add --dry-run -rh h -rl u -rpwd CANARY
	warned 3 set 10 -rpwd CANARY2
	warned 3 set 10 --dry-run -rpwd CANARY
	quiet 0 add -q -rh i -rl u -rpwd CANARY
	if grep warning out; then return 1; fi
	# Only of what is written, and where.
	quiet 0 set 10 -p 3
	quiet 0 add -rh j.example
	quiet 0 add -rh k.example -rl u --password-file /CANARY_FILE
	quiet 0 add -d i.example -rh i.example -rl u -rpwd CANARY
	quiet 0 set 9 -rl u -rpwd CANARY
	grep -c CANARY in1 | grep -qx 2
	chmod 640 routes.conf
	quiet 0 set 10 -rpwd CANARY
	rm routes.conf
	quiet 0 add -rh h -rl u -rpwd CANARY
	[ "$(stat -c %a routes.conf)" = 600 ]
	if grep warning out; then return 1; fi
}

@test "set tells what its change brings to warn of, and nothing else" {
	printf '%s\n' 'route 1 via a.example login u password CANARY tls required' 'relay r h' \
	    'route 2 to a via b.example login u password CANARY' >routes.conf
	quiet 0 set 2 --tls off -c routes.conf
	[ "$(grep -c warning: out)" = 1 ]
	grep -q '^routes.conf:3:.*\[login-in-clear\]$' out
	quiet 0 set 2 --tls verified -c routes.conf
	[ ! -s out ]
	quiet 0 set 2 --tls off -q -c routes.conf
	[ ! -s out ]
}

@test "no core is left while a password is held" {
	local signal pid n

	ulimit -c unlimited
	[ "$(cat /proc/sys/kernel/core_pattern)" = core ]
	echo 'route 1 to a.example via h.example login l password CANARY' >routes.conf
	"$TMAIL" routes compile -c routes.conf
	mkfifo queries
	exec 8<>queries
	for signal in ABRT SEGV; do
		"$TMAIL" routes lookup --json --show-secrets -i routes.idx - <queries >answer &
		pid=$!
		printf 'a.example\n' >&8
		for ((n = 0; n < 1000; n++)); do
			grep -q CANARY answer && break
			sleep 0.01
		done
		grep -q CANARY answer
		kill -$signal $pid
		# The sanitizers turn a signal into a code of their own.
		if wait $pid; then false; fi
		rm answer
	done
	"$TMAIL" deliver -i routes.idx --sender '' --log none -- a@a.example <queries >out &
	for ((n = 0; n < 1000; n++)); do
		read -r pid </proc/$!/task/$!/children && grep -q routes.idx /proc/$pid/maps && break
		sleep 0.01
	done
	grep -q routes.idx /proc/$pid/maps
	kill -ABRT $pid
	wait $! || [ $? = 75 ]
	grep -q 'failed: signal 6' out
	[ "$(echo core*)" = 'core*' ]
	# One is left of what does not ask for none.
	sleep 60 &
	until grep -qx sleep /proc/$!/comm; do sleep 0.01; done
	kill -ABRT $!
	wait $! || [ $? -gt 128 ]
	ls core*
}

@test "what names no password is left as it was" {
	printf 'CANARY\n' | "$TMAIL" routes add -c routes.conf -d CANARY.example -rh CANARY -rl CANARY \
	    --helo=CANARY --rpwd=-
	grep -qx 'route 1 to CANARY.example via CANARY login CANARY password CANARY helo CANARY' routes.conf
	"$TMAIL" routes add -c routes.conf -rh h -rl l --password-file=/CANARY
	"$TMAIL" routes add -c routes.conf -rh h -rl l --password-file /CANARY
	[ "$(grep -c 'password-file /CANARY' routes.conf)" = 2 ]
}

@test "what follows a misspelt selector or action is shown" {
	local word

	for word in ot usr form vai rejetc defre; do
		echo "route to a.example $word \"4.2.1 later\""
	done >routes.conf
	"$TMAIL" routes check -c routes.conf 2>err || [ $? = 65 ]
	[ "$(grep -c ': error: unknown keyword ' err)" = 6 ]
	sed -n 's/^ *[1-6] | //p' err | diff routes.conf -
}

@test "a delivery does not tell the value of an option that it does not know" {
	"$TMAIL" deliver --password=CANARY --sender '' -- a@a.example >out 2>&1 || [ $? = 75 ]
	grep -q "unknown option '--password'" out
	if grep CANARY out; then return 1; fi
}

@test "a password from standard input" {
	export TMAIL_ROUTES_CONF=$PWD/routes.conf
	printf 'CANARY "x" #\n' | "$TMAIL" routes add -rh h.example -rl l -rpwd - >out 2>&1
	[ "$(cat out)" = 1 ]
	[ "$(cat routes.conf)" = 'route 1 via h.example login l password "CANARY \"x\" #"' ]
	printf 'CANARY\n' | "$TMAIL" routes add -rh h..example -rl l -rpwd - >out 2>&1 || [ $? = 65 ]
	printf 'CANARY\0\n' | "$TMAIL" routes add -rh h.example -rl l -rpwd - >>out 2>&1 || [ $? = 65 ]
	printf 'CANARY\rCANARY\n' | "$TMAIL" routes set 1 -rpwd - >>out 2>&1 || [ $? = 65 ]
	grep -q bad-domain out
	grep -q bad-password out
	if grep CANARY out; then return 1; fi
	[ "$(wc -l <routes.conf)" = 1 ]
}

@test "--show-secrets shows them in a diff, and only there" {
	echo 'route 1 to a.example via h.example login l password CANARY' >routes.conf
	"$TMAIL" routes del 1 -c routes.conf --dry-run --show-secrets | grep -q CANARY
	echo 'route 1 to b.example via h.example login l CANARY password CANARY' >routes.conf
	! "$TMAIL" routes check -c routes.conf --show-secrets >out 2>&1 || false
	if grep CANARY out; then return 1; fi
}

# walk - every command, in every form of its output, over the files here: none
# tells the secret, and no file is left that has it and that others can read.
walk() {
	local command file
	local commands=('show 1' 'show --json 1' stats 'stats --json' 'export postfix' 'export postfix --json' list 'list --json' 'list -d a.example' 'list -rh h.example --json' 'list --color always'
		'list --index routes.idx' 'list --index routes.idx --json' check 'check --json' 'check --color always'
		compile 'compile --json' verify 'verify -c routes.conf' 'lookup -d x@a.example'
		'lookup -d x@a.example --json' 'lookup -d x@a.example --explain' 'lookup -d x@a.example --plan'
		'lookup -d x@a.example --plan --json' 'lookup -' 'diff empty routes.conf' 'diff --json routes.idx empty' 'diff --format markdown routes.conf empty'
		'set 1 -rh i.example --max-change 0' 'add -d n.example -rh h --dry-run'
		'add -d a.example -rh h.example -rl u -rpwd CANARY --dry-run' 'set 1 -p 3 --dry-run'
		'set 1 -rpwd CANARY --dry-run' 'set 1 --comment new --dry-run' 'del 1 --dry-run'
		'add -d n.example -rh h -rl u -rpwd CANARY' 'add -d n.example -rh h -rl u -rpwd CANARY -p x'
		'add -rh h -rl u -rpwd CANARY --comment CANARY' 'set 1 -p 2' 'set 1 -rpwd CANARY -w 0'
		'set 1 --no-compile -rpwd CANARY' 'set 1 -rl u' 'del 1' 'add -d n.example -rh h -rpwd CANARY')

	: >empty
	for command in "${commands[@]}"; do
		echo x@a.example | "$TMAIL" routes $command >out 2>&1 || true
		! grep -a CANARY out || { echo "$command"; cat out; return 1; }
		rm out
		for file in $(grep -rla CANARY .); do
			[[ $file == ./routes.* || $file == ./inc ]] && [ $((0$(stat -c %a "$file") & 7)) = 0 ] ||
				{ echo "$command: $file"; ls -la; return 1; }
		done
	done
	for command in '--index routes.idx --sender a@b.example -- x@a.example' \
	    '--index inc --sender a@b.example -- x@a.example' '--index routes.idx --password=CANARY -- x'; do
		echo | "$TMAIL" deliver --log stderr --timeout 1 $command >out 2>&1 || true
		[ -s out ]
		! grep -a CANARY out || false
		rm out
	done
}

@test "a secret on its way through every command" {
	export TMAIL_ROUTES_CONF=routes.conf
	write_conf() {
		printf '%s\n' 'include "inc"' '# route 7 via h login u password CANARY' \
			'relay r 127.0.0.1:1 login u password "CANARY"' \
			"route 1 to a.example via 127.0.0.1:1 login u password CANARY tls off$1 # login u password CANARY" \
			'route 2 to b.example via @r' >routes.conf
		printf '%s\n' 'route 3 to c.example via h login u password CANARY' >inc
	}
	write_conf ''
	walk
	# With an error beside each secret, and in an included file.
	write_conf ' port 99999'
	walk
	write_conf ''
	echo 'rout 4 to d.example via h login u password CANARY' >>inc
	walk
	grep -q CANARY routes.idx
}
