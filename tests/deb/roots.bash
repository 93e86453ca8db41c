# roots.bash - what the tests in clean roots of Debian share.

passed=0 failed=0

# holds WHAT COMMAND... - counts it; what the command says is shown if it fails, and a line of
# "megabytes: " always.
holds() {
	local log begin=$SECONDS

	log=$(mktemp)
	if "${@:2}" >"$log" 2>&1 </dev/null; then
		passed=$((passed + 1))
		echo "ok: $1 ($((SECONDS - begin)) s)"
		grep '^megabytes: ' "$log"
	else
		failed=$((failed + 1))
		tail -n 60 "$log"
		echo "FAILED: $1"
	fi
	rm "$log"
}

# total - the last line; fails if anything has.
total() {
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}

# root RELEASE DIRECTORY - a root by debootstrap; BASE, if set, is one to begin with, made if it is
# not there, and kept.  MIRROR is where from.
root() {
	local base=${BASE:-$2}

	[ "$(id -u)" = 0 ] && type -P debootstrap >/dev/null || { echo "needs root and debootstrap" >&2; return 1; }
	[ -e "$base/etc" ] || debootstrap --variant=minbase "$1" "$base" \
	    "${MIRROR:-http://deb.debian.org/debian}" >"$2.log" || { cat "$2.log"; return 1; }
	[ "$base" = "$2" ] || cp -a "$base" "$2" || return
	cp /etc/resolv.conf "$2/etc/"
	# A mirror may be a copy of some weeks ago.
	echo 'Acquire::Check-Valid-Until "false";' >"$2/etc/apt/apt.conf.d/90mirror"
	# No daemon starts by itself.
	printf '#!/bin/sh\nexit 101\n' >"$2/usr/sbin/policy-rc.d"
	chmod 755 "$2" "$2/usr/sbin/policy-rc.d"
}

# mounts ROOT - what programs expect of one.
mounts() {
	mount --rbind /dev "$1/dev" && mount -t proc proc "$1/proc" && mount -t tmpfs -o mode=1777 tmpfs "$1/tmp"
}

# tree - an archive of the tree, to standard output.
tree() {
	tar -C "$(dirname "${BASH_SOURCE[0]}")/../.." --exclude=./build --exclude=./.git -c .
}
