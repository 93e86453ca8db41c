# The house: rooms that include one way only, a library with nothing in it but what it needs, and
# no allocation, I/O or exit in a lookup.

setup() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	BUILD=$(realpath "${BUILD:-$ROOT/build}")
	cd "$ROOT"
}

# The rooms by floors: a room may include its own files, those of the floors below
# it, and tmail/routes.h; nobody else's.
FLOORS='base
store runtime
publish program
text smtp
conf import
answer image deliver
review serve
change wiring
cli'
# The library is its own; a delivery asks it as any other program does.
BARRED='publish:runtime program:runtime text:runtime smtp:runtime conf:runtime image:runtime text:publish
text:program conf:publish conf:program conf:smtp image:smtp answer:smtp deliver:runtime
deliver:store deliver:text deliver:conf deliver:publish review:deliver review:smtp change:deliver
change:smtp change:serve serve:text serve:conf serve:image serve:publish serve:deliver serve:smtp
serve:store serve:runtime cli:serve cli:deliver cli:smtp smtp:store smtp:publish import:runtime
import:publish import:smtp wiring:text wiring:conf wiring:image wiring:publish wiring:import wiring:deliver
wiring:smtp wiring:serve'
# What all of the compiler and the commands may know of the index.
FORMAT=runtime/format.h

# What starts a delivery, and all that others may know of it.
PROCESS=deliver/deliver.h

# room FILE - the room a file belongs to.
room() {
	case $1 in
	grammar/*) echo text ;;
	src/*) echo "$1" | cut -d / -f 2 ;;
	esac
}

# floor ROOM - which floor a room is on.
floor() {
	grep -nw -- "$1" <<<"$FLOORS" | cut -d : -f 1
}

# may_include ROOM HEADER - whether a file of that room may.
may_include() {
	local there=${2%%/*}

	case $2 in
	tmail/routes.h) [ "$1" != base ] ;;
	gen/routes.h | gen/states.h) [ "$1" = text ] ;;
	"$FORMAT") [ "$1" != base ] && [ "$1" != deliver ] && [ "$1" != smtp ] ;;
	"$1"/*) return 0 ;;
	"$PROCESS") [ "$1" = cli ] ;;
	*)
		[[ " ${BARRED//$'\n'/ } " != *" $1:$there "* ]] && [ -n "$(floor "$there")" ] &&
			[ "$(floor "$there")" -lt "$(floor "$1")" ]
		;;
	esac
}

# includes - those of the tree, each as FILE LINE HEADER.
includes() {
	grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*("|<tmail/)' \
	    $(find src grammar -name '*.[chy]' -o -name '*.re') /dev/null |
	    sed -E 's/^([^:]*):([0-9]+):.*["<](.*)[">].*/\1 \2 \3/'
}

# judge_includes - those that go against the floors.
judge_includes() {
	local file line header key
	local -A judged=()

	while read -r file line header; do
		key="$(room "$file") $header"
		[ -n "${judged[$key]:-}" ] || {
			judged[$key]=good
			may_include $key || judged[$key]=bad
		}
		[ "${judged[$key]}" = good ] || echo "$file:$line: $header"
	done
}

# plant FILE HEADER - the check finds that include.
plant() {
	[ -e "$1" ]
	run judge_includes <<<"$1 1 $2"
	[ "$output" = "$1:1: $2" ]
}

@test "includes run one way" {
	[ "$(includes | wc -l)" -gt 300 ]
	for room in $(ls src); do [ -n "$(floor "$room")" ]; done
	run judge_includes < <(includes)
	[ -z "$output" ]
}

@test "no room is too large, nor a file, nor a function" {
	for room in $(ls src); do
		[ "$(cat src/"$room"/*.[ch] | wc -l)" -le 6000 ] || { echo "$room"; false; }
	done
	run awk 'FNR > 500 { print FILENAME; nextfile }' src/*/*.[ch]
	[ -z "$output" ]
	run awk '/^{$/ { begin = FNR } /^}$/ && FNR - begin > 61 { print FILENAME ":" begin }' \
		src/*/*.[ch]
	[ -z "$output" ]
}

# lost FILE... - assertions of suites that fail unseen: bash goes on behind a
# "! ..." and behind a "... && ..." whose first part fails, unless it is the last
# command of its function.
lost() {
	awk '
	FNR == 1 { if (held != "") print held; held = ""; on = 0 }
	on { if (/ \|\|( |$)/) held = ""; on = /(&&|\|\||\||\\)$/; next }
	/^[[:blank:]]*(#|;;$|esac$|fi$|$)/ { next }
	{ on = /(&&|\|\||\||\\)$/ }
	held != "" { if ($0 != "}") print held; held = "" }
	/ \|\|( |$)/ { next }
	/^[[:blank:]]*! / || /^[[:blank:]]*\[ .* \] && / || /^[[:blank:]]*\[\[ .* \]\] && / ||
	    /^[[:blank:]]*(grep|cmp|holds) .* && [^b]/ { held = FILENAME ":" FNR }
	' "$@"
}

@test "no assertion of a suite fails unseen" {
	run lost tests/*/*.bats tests/*/*.bash
	[ -z "$output" ]
	printf '%s\n' 'f() {' '	! false' '	[ a ] && [ b ]' '	[[ a ]] && b' '	grep a b && c' \
		'	! false || return' '	[ a ] && [ b ] ||' '	    false' '	[ a ] && [ b ]' '}' \
		>"$BATS_TEST_TMPDIR/planted.bats"
	run lost "$BATS_TEST_TMPDIR/planted.bats"
	[ "$output" = "$(printf "$BATS_TEST_TMPDIR/planted.bats:%d\n" 2 3 4 5)" ]
}

@test "an include against the line is found" {
	plant src/base/fold.c runtime/key.h
	plant src/base/ip.h conf/model.h
	plant src/runtime/ladder.c conf/model.h
	plant src/runtime/plan.c store/memory.h
	plant src/store/names.c text/source.h
	plant src/publish/publish.c text/source.h
	plant src/text/edit.c conf/conf.h
	plant src/text/edit.c publish/publish.h
	plant src/conf/check.c runtime/table.h
	plant src/conf/load.c image/image.h
	plant src/import/import.c conf/model.h
	plant src/import/secret.c publish/publish.h
	plant src/image/image.c answer/show.h
	plant src/answer/show.c image/image.h
	plant src/review/listing.c change/change.h
	plant src/deliver/delivery.c runtime/index.h
	plant src/deliver/deliver.c conf/judging.h
	plant src/serve/client.c runtime/index.h
	plant src/serve/policy.c deliver/log.h
	plant src/answer/show.c serve/protocol.h
	plant src/cli/serve.c serve/loop.h
	plant src/smtp/session.c deliver/attempt.h
	plant src/wiring/export.c conf/conf.h
	plant src/wiring/cf.h serve/protocol.h
	plant src/change/change.c wiring/export.h
	plant src/conf/check.c smtp/session.h
	plant src/change/change.c cli/cli.h
	plant src/cli/add.c deliver/dns.h
	plant grammar/routes.y conf/conf.h
	plant grammar/routes.re cli/cli.h
	plant src/cli/add.c attic/old.h
}

# declared - the functions that the header exports.
declared() {
	tr '\n' ' ' <src/runtime/tmail/routes.h | grep -oE 'TMAIL_API [^(]*\(' |
	    grep -oE 'tmail_[a-z_]+\($' | tr -d '(' | sort
}

@test "the shared library exports what the header declares" {
	declared >"$BATS_TEST_TMPDIR/declared"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/declared")" -ge 12 ]
	nm -D --defined-only "$BUILD/libtmailroutes.so" | sed 's/.* //; s/@.*//' |
	    grep -v '^TMAIL_ROUTES_1$' | sort >"$BATS_TEST_TMPDIR/exported"
	diff "$BATS_TEST_TMPDIR/declared" "$BATS_TEST_TMPDIR/exported"
}

@test "the static library has nothing else that is global" {
	declared >"$BATS_TEST_TMPDIR/declared"
	nm -g --defined-only "$BUILD/libtmailroutes.a" | sed -n 's/.* [A-Z] //p' |
	    grep -v '^__odr_asan' | sort >"$BATS_TEST_TMPDIR/global"
	diff "$BATS_TEST_TMPDIR/declared" "$BATS_TEST_TMPDIR/global"
}

@test "the shared library needs libc and libidn2" {
	run readelf -d "$BUILD/libtmailroutes.so"
	[[ $output == *"SONAME"*"[libtmailroutes.so.1]"* ]]
	needed=$(echo "$output" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | grep -v 'lib[au].*san' | sort)
	[ "$needed" = $'libc.so.6\nlibidn2.so.0' ]
}

# What lookup and plan may call: comparing, copying, addresses to text and back, and the way to
# libidn2 for other alphabets.
PURE='mem(cpy|move|set|cmp|chr|rchr)|strlen|strchr|inet_(pton|ntop)|__stack_chk_fail|__mem[a-z]*_chk|idna_[a-z_]+'

# impure OBJECT... - what these call from outside themselves that they may not.
impure() {
	nm -u "$@" | sed -n 's/.* U //p' | sort -u |
	    grep -vE "^($PURE)$|^__(asan|ubsan|sanitizer)_|^_GLOBAL_OFFSET_TABLE_$" |
	    grep -vxF "$(nm -g --defined-only "$@" | sed -n 's/.* [A-Z] //p')"
}

@test "lookup and plan allocate nothing, do no I/O and never exit" {
	run impure "$BUILD"/runtime/{table,key,domain,ladder,route,plan,status}.o "$BUILD"/base/{fold,ip}.o
	echo "$output"
	[ -z "$output" ]
	# A check that finds nothing anywhere would be no check.
	run impure "$BUILD/runtime/index.o"
	[[ $output == *open* && $output == *mmap* ]]
}

@test "the programs are hardened" {
	for file in tmail tmail-serve tmail-tls.so tmail-sasl.so tmail-dns.so libtmailroutes.so; do
		run readelf -hldW "$BUILD/$file"
		[[ $output == *"Type:"*"DYN"* ]]
		[[ $output == *"GNU_RELRO"* ]]
		[[ $output == *"BIND_NOW"* || $output == *"FLAGS_1"*"NOW"* ]]
		[[ $output =~ GNU_STACK[^$'\n']*' RW ' ]]
		nm -D "$BUILD/$file" | grep -q __stack_chk_fail
	done
}
