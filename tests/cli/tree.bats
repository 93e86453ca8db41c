# The house: rooms that include one way only, a library with nothing in it but what it needs, and
# no allocation, I/O or exit in a lookup.

setup() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	BUILD=$(realpath "${BUILD:-$ROOT/build}")
	cd "$ROOT"
}

# room FILE - the room a file belongs to.
room() {
	case $1 in
	grammar/*) echo compiler ;;
	src/*) echo "$1" | cut -d / -f 2 ;;
	esac
}

# may_include ROOM HEADER - whether a file of that room may.
may_include() {
	case $1:$2 in
	*:base/*) return 0 ;;
	runtime:runtime/* | runtime:tmail/routes.h) return 0 ;;
	compiler:compiler/* | compiler:runtime/format.h | compiler:tmail/routes.h) return 0 ;;
	compiler:gen/routes.h | compiler:gen/states.h) return 0 ;;
	deliver:deliver/* | deliver:tmail/routes.h) return 0 ;;
	cli:runtime/* | cli:compiler/* | cli:cli/* | cli:tmail/routes.h) return 0 ;;
	*) return 1 ;;
	esac
}

# wrong_includes TREE - the includes of a tree that go against the line.
wrong_includes() {
	local file header

	cd "$1"
	grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*("|<tmail/)' \
	    $(find src grammar -name '*.[chy]' -o -name '*.re') /dev/null |
	    sed -E 's/^([^:]*):([0-9]+):.*["<](.*)[">].*/\1 \2 \3/' |
	    while read -r file line header; do
		    may_include "$(room "$file")" "$header" || echo "$file:$line: $header"
	    done
}

# plant FILE HEADER - the check finds that include.
plant() {
	rm -rf "$BATS_TEST_TMPDIR/tree"
	mkdir "$BATS_TEST_TMPDIR/tree"
	cp -r src grammar "$BATS_TEST_TMPDIR/tree"
	echo "#include \"$2\"" >>"$BATS_TEST_TMPDIR/tree/$1"
	run wrong_includes "$BATS_TEST_TMPDIR/tree"
	[[ $output == "$1:"*": $2" ]]
}

@test "includes run one way" {
	run wrong_includes .
	[ -z "$output" ]
	[ "$(grep -rhE '^#include "' src | wc -l)" -gt 100 ]
}

@test "an include against the line is found" {
	plant src/base/fold.c runtime/key.h
	plant src/base/ip.h compiler/model.h
	plant src/runtime/ladder.c compiler/model.h
	plant src/runtime/plan.c cli/cli.h
	plant src/compiler/check.c runtime/table.h
	plant src/compiler/image.c cli/cli.h
	plant src/deliver/deliver.c runtime/index.h
	plant src/deliver/main.c compiler/check.h
	plant src/cli/add.c deliver/dns.h
	plant grammar/routes.y runtime/index.h
	plant grammar/routes.re cli/cli.h
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

# What lookup and plan may call: comparing, copying, reading numbers, and the way to libidn2 for
# other alphabets.
PURE='mem(cpy|move|set|cmp|chr|rchr)|strlen|strchr|inet_pton|__stack_chk_fail|__mem[a-z]*_chk|idna_[a-z_]+'

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
	for file in tmail tmail-deliver libtmailroutes.so; do
		run readelf -hldW "$BUILD/$file"
		[[ $output == *"Type:"*"DYN"* ]]
		[[ $output == *"GNU_RELRO"* ]]
		[[ $output == *"BIND_NOW"* || $output == *"FLAGS_1"*"NOW"* ]]
		[[ $output =~ GNU_STACK[^$'\n']*' RW ' ]]
		nm -D "$BUILD/$file" | grep -q __stack_chk_fail
	done
}
