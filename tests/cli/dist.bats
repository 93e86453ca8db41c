# make dist: the same bytes from anywhere, a tarball that builds by itself, and a bill of what is
# linked and embedded.

setup_file() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	T=$BATS_FILE_TMPDIR
	export V=$(sed -n 's/^VERSION = //p' "$ROOT/Makefile")
	export GIT_CONFIG_NOSYSTEM=1 HOME=$T
	unset CC CFLAGS CPPFLAGS LDFLAGS SOURCE_DATE_EPOCH
	# A repository of the tree at hand, as it is.
	mkdir "$T/repository"
	cd "$ROOT"
	tar -c --exclude=./build --exclude=./.git --exclude=./grammar/generated . | tar -x -C "$T/repository"
	cd "$T/repository"
	git init -q -b main
	git config user.email a@example.org
	git config user.name a
	git add -A
	git commit -q -m one
	git tag "v$V"
	git clone -q . "$T/one"
	cd "$T/one"
	# Nothing that is not committed goes in.
	echo 'not committed' >stray
	echo '# nor this' >>README.md
	(umask 077 && TZ=Asia/Tokyo LC_ALL=C.UTF-8 make -s dist >/dev/null)
	mkdir "$T/released"
	cp build/dist/* "$T/released"
	export BOM=$T/released/tmail-$V.cdx.json
}

setup() {
	T=$BATS_FILE_TMPDIR
	cd "$T/released"
}

# lines N - those of the Nth block of VERIFY.md, filled in.
lines() {
	awk -v n="$1" '/^```sh$/ { block++; inside = 1; next } /^```$/ { inside = 0 } inside && block == n' \
	    "$T/repository/contrib/VERIFY.md" | sed "s|X\.Y\.Z|$V|g; s|REPOSITORY|$T/repository|"
}

@test "VERIFY.md: another clone, elsewhere and in another locale, gives the same bytes" {
	mkdir "$T/a blank"
	cp * "$T/a blank"
	cd "$T/a blank"
	lines 1 >commands
	[ "$(wc -l <commands)" = 5 ]
	umask 002
	TZ=America/St_Johns LC_ALL=C bash -eu commands
}

@test "nothing of the maker is in the tarball" {
	tar -tvf "tmail-$V.tar.gz" >list
	[ "$(awk '{ print $2 }' list | sort -u)" = 0/0 ]
	[ "$(awk '{ print $4 }' list | sort -u)" = "$(sed -n 's/^RELEASED = //p' "$T/repository/Makefile")" ]
	[ "$(cut -c 2-10 list | sort -u | paste -sd ' ')" = 'rw-r--r-- rwxr-xr-x' ]
	! grep -q '/stray$' list || false
	tar -xOf "tmail-$V.tar.gz" "tmail-$V/README.md" | cmp - "$T/repository/README.md"
	[ "$(sed -n 's/.*  //p' SHA256SUMS | paste -sd ' ')" = "tmail-$V.cdx.json tmail-$V.tar.gz" ]
}

# A PATH without git, re2c and lemon.
without() {
	mkdir "$T/bin"
	find /usr/local/bin /usr/bin /bin -maxdepth 1 ! -type d ! -name 'git*' ! -name 're2c*' \
	    ! -name 'lemon*' -exec ln -sf -t "$T/bin" {} +
	PATH=$T/bin
	! type -P git && ! type -P re2c && ! type -P lemon
}

@test "VERIFY.md: the tarball builds without git, re2c and lemon, and not from another grammar" {
	without
	lines 2 | sed 's|^make .*|& -s -j2 CFLAGS=-O0 build/tmail|' >commands
	[ "$(wc -l <commands)" = 3 ]
	[ "$(bash -eu commands | tail -n 1 | cut -d ' ' -f 1,2)" = "tmail $V" ]
	cd "tmail-$V"
	build/tmail routes compile -q -c etc/routes.conf -i "$T/one.idx"
	"$(realpath "${TMAIL:-$BATS_TEST_DIRNAME/../../build/tmail}")" routes compile -q \
	    -c etc/routes.conf -i "$T/two.idx"
	cmp "$T/one.idx" "$T/two.idx"
	echo '/* */' >>grammar/values.re
	run make -s build/gen/values.c
	[ "$status" -ne 0 ]
	[[ $output == *"grammar/values.re: FAILED"* ]]
}

# in_bom FILTER [ARGUMENT...] - jq of the bill.
in_bom() {
	jq -e "${@:2}" "$1" "$BOM" >/dev/null
}

@test "the bill is CycloneDX" {
	in_bom '.bomFormat == "CycloneDX" and .specVersion == "1.5" and .version == 1'
	in_bom '.serialNumber | test("^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$")'
	in_bom '.metadata.timestamp == $day + "T00:00:00Z"' --arg day "$(sed -n 's/^RELEASED = //p' "$T/repository/Makefile")"
	in_bom '.metadata.component | .version == $v and .type == "application"' --arg v "$V"
	in_bom 'all(.components[]; (.name | length > 0) and (.type | IN("library", "application", "file")))'
	in_bom '[.components[]."bom-ref"] | length > 10 and length == (unique | length)'
	in_bom '[.components[]."bom-ref", .metadata.component."bom-ref"] as $refs |
		all(.dependencies[]; .ref as $r | $refs | index($r)) and
		all(.dependencies[].dependsOn[]; . as $r | $refs | index($r))'
	in_bom 'all(.components[] | select(.type == "library" and .purl); .version != null and .licenses != null and
		(.purl | test("^pkg:(deb/debian|generic)/[a-z0-9.+-]+@[A-Za-z0-9.%~_-]+")))'
	in_bom 'all(.metadata.tools.components[]; .version != null) and (.metadata.tools.components | length == 4)'
}

# taken PROGRAM - names and ways of what it is made of.
taken() {
	jq -r --arg p "$1" '. as $b | .dependencies[] | select(.ref == $p).dependsOn[] as $r |
		$b.components[] | select(."bom-ref" == $r) | .name + " " + ([.properties[] | select(.value == $p).name[6:]] | join(","))' "$BOM"
}

@test "the bill has what is linked and embedded, by what is there" {
	[ "$(taken libtmailroutes.so | grep -v '^gcc\|^linux')" = "$(printf '%s\n' 'glibc shared,static' \
	    'libidn2 shared' 'xxhash header')" ]
	taken tmail | grep -qx 'lempar.c source'
	taken tmail | grep -qx 'libidn2 static'
	taken tmail | grep -qx 'libunistring static'
	! taken tmail | grep -q 'openssl\|c-ares\|gsasl\|microhttpd' || false
	taken tmail-dns.so | grep -qx 'c-ares shared'
	taken tmail-tls.so | grep -qx 'openssl shared'
	taken tmail-sasl.so | grep -qx 'gsasl shared'
	taken tmail-serve | grep -qx 'libmicrohttpd shared'
	! taken tmail-serve | grep -q 'openssl shared' || false
	in_bom '.components[] | select(.name == "lempar.c").hashes[0].content == $sum' \
	    --arg sum "$(sha256sum <"$T/repository/grammar/lempar.c" | cut -d ' ' -f 1)"
}

@test "versions are those of the packages" {
	type -P dpkg-query >/dev/null || skip "needs dpkg"
	for pair in libidn2-dev:libidn2 libunistring-dev:libunistring libxxhash-dev:xxhash libssl-dev:openssl \
	    libc-ares-dev:c-ares libgsasl-dev:gsasl libmicrohttpd-dev:libmicrohttpd; do
		in_bom '.components[] | select(.name == $name) | .version == $version' --arg name "${pair#*:}" \
		    --arg version "$(dpkg-query -W -f '${source:Version}' "${pair%:*}")"
	done
}
