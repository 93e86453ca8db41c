# make install, and what one can do with what it installs.

setup_file() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	cd "$ROOT"
	export BUILD=${BUILD:-build} CC=${CC:-cc} VERSION=$(sed -n 's/^VERSION = //p' Makefile)
	CC=$(type -P "$CC")
	export D=$BATS_FILE_TMPDIR/dest
	install_to
	# The library is built as tmail is: with sanitizers, a program wants them, too.
	mkdir "$BATS_FILE_TMPDIR/bin"
	printf '#!/bin/sh\nexec %s %s "$@"\n' "$CC" \
	    "${DEV:+-fsanitize=address,undefined}" >"$BATS_FILE_TMPDIR/bin/cc"
	chmod +x "$BATS_FILE_TMPDIR/bin/cc"
	export PATH=$BATS_FILE_TMPDIR/bin:$PATH
}

setup() {
	cd "$BATS_TEST_DIRNAME/../.."
	export PKG_CONFIG_SYSROOT_DIR=$D PKG_CONFIG_PATH=$D/usr/local/lib/pkgconfig
	export LD_LIBRARY_PATH=$D/usr/local/lib
	T=$BATS_TEST_TMPDIR
}

# install_to [VARIABLE=VALUE...] - make install, into $D unless something else is said.
install_to() {
	make -s B="$BUILD" DESTDIR="$D" "$@" install
}

# installed DIRECTORY - the files and links in it, with their modes.
installed() {
	(cd "$1" && find . ! -type d -printf '%M %P\n' | sort -k 2)
}

@test "everything stands in its place" {
	diff - <(installed "$D/usr/local" | grep -v doc/tmail/) <<-END
		-rwxr-xr-x bin/tmail
		-rw-r--r-- include/tmail/routes.h
		-rw-r--r-- lib/libtmailroutes.a
		lrwxrwxrwx lib/libtmailroutes.so
		lrwxrwxrwx lib/libtmailroutes.so.1
		-rw-r--r-- lib/libtmailroutes.so.$VERSION
		-rw-r--r-- lib/pkgconfig/tmailroutes.pc
		-rw-r--r-- lib/systemd/system/tmail-serve-policy.socket
		-rw-r--r-- lib/systemd/system/tmail-serve-socketmap.socket
		-rw-r--r-- lib/systemd/system/tmail-serve.service
		-rw-r--r-- lib/sysusers.d/tmail.conf
		-rw-r--r-- lib/tmpfiles.d/tmail.conf
		-rw-r--r-- libexec/tmail/tmail-dns.so
		-rw-r--r-- libexec/tmail/tmail-sasl.so
		-rwxr-xr-x libexec/tmail/tmail-serve
		-rw-r--r-- libexec/tmail/tmail-tls.so
		-rw-r--r-- share/bash-completion/completions/tmail
		-rw-r--r-- share/emacs/site-lisp/tmail-routes.el
		-rw-r--r-- share/man/man1/tmail-deliver.1
		-rw-r--r-- share/man/man1/tmail-serve.1
		-rw-r--r-- share/man/man1/tmail.1
		-rw-r--r-- share/man/man3/tmailroutes.3
		-rw-r--r-- share/man/man5/routes.conf.5
		-rw-r--r-- share/man/man5/routes.idx.5
		-rw-r--r-- share/zsh/site-functions/_tmail
	END
	diff - <(installed "$D/etc") <<-END
		-rw-r--r-- fish/completions/tmail.fish
		-rw-r--r-- vim/ale_linters/tmailroutes/tmail.vim
		-rw-r--r-- vim/compiler/tmailroutes.vim
		-rw-r--r-- vim/ftdetect/tmailroutes.vim
		-rw-r--r-- vim/syntax/tmailroutes.vim
	END
	diff -r etc "$D/usr/local/share/doc/tmail/examples"
	for page in README.md contrib/{NEWS,COMPATIBILITY,SECURITY,VERIFY}.md; do
		cmp "$page" "$D/usr/local/share/doc/tmail/${page##*/}"
	done
	[ -e "$D/usr/local/lib/libtmailroutes.so" ]
	[ "$(readlink "$D/usr/local/lib/libtmailroutes.so.1")" = libtmailroutes.so.$VERSION ]
}

@test "nothing is installed elsewhere, and nothing names DESTDIR" {
	[ "$(ls "$D")" = "$(printf 'etc\nusr')" ]
	[ "$(ls "$D/usr")" = local ]
	! grep -rIlF "$D" "$D"
}

@test "fish and vim look where their files are" {
	type -P fish vim >"$T/there" || skip "needs fish and vim"
	install_to PREFIX=/usr DESTDIR="$T/usr"
	fish -c 'string join \n $fish_complete_path' >"$T/fish"
	grep -qx /etc/fish/completions "$T/fish"
	grep -qx /usr/share/fish/vendor_completions.d "$T/fish"
	[ -e "$T/usr/usr/share/fish/vendor_completions.d/tmail.fish" ]
	vim -es --not-a-term -c "redir! > $T/vim" -c 'set runtimepath?' -c 'redir END' -c q </dev/null
	grep -q ',/etc/vim,' "$T/vim"
	grep -q ',/usr/share/vim/vimfiles,' "$T/vim"
	[ -e "$T/usr/usr/share/vim/vimfiles/syntax/tmailroutes.vim" ]
}

@test "the recipe for Postfix names the tmail that was installed" {
	grep -q 'argv=/usr/local/bin/tmail ' "$D/usr/local/share/doc/tmail/postfix/master.cf"
	D=$T/dest
	install_to PREFIX=/opt/tmail
	grep -q 'argv=/opt/tmail/bin/tmail ' "$D/opt/tmail/share/doc/tmail/postfix/master.cf"
}

@test "the directories are obeyed" {
	D=$T/dest
	install_to PREFIX=/usr LIBDIR=/usr/lib/x86_64-linux-gnu MANDIR=/opt/man
	[ -x "$D/usr/bin/tmail" ]
	[ -e "$D/usr/lib/x86_64-linux-gnu/libtmailroutes.a" ]
	[ -e "$D/opt/man/man1/tmail.1" ]
	[ ! -e "$D/usr/local" ]
	export PKG_CONFIG_PATH=$D/usr/lib/x86_64-linux-gnu/pkgconfig PKG_CONFIG_SYSROOT_DIR=
	[ "$(pkg-config --variable=libdir tmailroutes)" = /usr/lib/x86_64-linux-gnu ]
	[ "$(pkg-config --variable=includedir tmailroutes)" = /usr/include ]
	grep -q '^libdir=${prefix}/lib/x86_64-linux-gnu$' "$PKG_CONFIG_PATH/tmailroutes.pc"
}

@test "a destination may have blanks in its name" {
	D="$T/a b"
	install_to
	diff <(installed "$D/usr/local") <(installed "$BATS_FILE_TMPDIR/dest/usr/local")
}

@test "a configuration that is there stays as it is" {
	D=$T/dest
	mkdir -p "$D/etc/tmail"
	echo "route via mx" >"$D/etc/tmail/routes.conf"
	install_to PREFIX=/usr SYSCONFDIR=/etc
	make -s B="$BUILD" DESTDIR="$D" PREFIX=/usr uninstall
	[ "$(cat "$D/etc/tmail/routes.conf")" = "route via mx" ]
	[ "$(ls -A "$D/etc/tmail")" = routes.conf ]
}

@test "uninstall takes away what install has put there, and nothing else" {
	D=$T/dest
	install_to
	touch "$D/usr/local/lib/libother.so" "$D/usr/local/share/doc/tmail/notes"
	make -s B="$BUILD" DESTDIR="$D" uninstall
	diff - <(cd "$D" && find . ! -type d | sort) <<-END
		./usr/local/lib/libother.so
		./usr/local/share/doc/tmail/notes
	END
	[ ! -e "$D/usr/local/include/tmail" ]
}

@test "tmail runs where it is installed" {
	run env -u LD_LIBRARY_PATH "$D/usr/local/bin/tmail" --version
	[[ $output == "tmail $VERSION (index format 4)" ]]
	run "$D/usr/local/bin/tmail" deliver --index "$T/none" --log none --sender a@b -- c@d </dev/null
	[ "$status" -eq 75 ]
	[[ $output != *"cannot find"* ]]
}

@test "pkg-config knows the library" {
	[ "$(pkg-config --modversion tmailroutes)" = "$VERSION" ]
	[ "$(pkg-config --libs tmailroutes | tr -d ' ')" = "-L$D/usr/local/lib-ltmailroutes" ]
	[[ $(pkg-config --static --libs tmailroutes) == *-lidn2* ]]
}

@test "the README's program runs with the installed shared library" {
	tests/examples --installed README.md >"$T/tap" || { grep -A20 '^not' "$T/tap"; false; }
	[ "$(grep -c '^ok .*agent' "$T/tap")" -ge 4 ]
}

# program - the README's program, in C.
program() {
	sed -n '/^```c agent.c$/,/^```$/p' README.md | sed '1d;$d'
}

@test "the README's program runs with the installed static library" {
	program >"$T/agent.c"
	cp -r etc "$T"
	"$D/usr/local/bin/tmail" routes compile -c "$T/etc/routes.conf"
	cc -Wall -Wextra -Werror -o "$T/agent" "$T/agent.c" $(pkg-config --cflags tmailroutes) \
	    -L"$D/usr/local/lib" -l:libtmailroutes.a -lidn2
	run env -u LD_LIBRARY_PATH "$T/agent" "$T/etc/routes.idx" ann@big.example
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "ann@big.example: 1. gw2.big.example" ]
	grep -qxF "${lines[0]}" README.md
	! readelf -d "$T/agent" | grep -q tmailroutes
}

@test "the header is C99 and C++" {
	for flags in '-std=c99' '-std=c11'; do
		echo '#include <tmail/routes.h>' |
		    cc $flags -pedantic -Wall -Wextra -Werror -fsyntax-only \
			$(pkg-config --cflags tmailroutes) -x c -
	done
	printf '#include <tmail/routes.h>\nint main() { return tmail_status_text(TMAIL_OK) == 0; }\n' \
	    >"$T/a.cc"
	strict="-std=c++11 -pedantic -Wall -Wextra -Werror $(pkg-config --cflags tmailroutes)"
	g++ $strict -fsyntax-only "$T/a.cc"
	[ -n "$DEV" ] || g++ -o "$T/a" "$T/a.cc" $(pkg-config --cflags --libs tmailroutes)
	[ -n "$DEV" ] || "$T/a"
	type -P clang++ >/dev/null || skip "needs clang++"
	clang++ $strict -fsyntax-only "$T/a.cc"
}
