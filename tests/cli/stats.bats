# tmail routes stats: what an index holds, in numbers.

load helper

sample() {
	conf 'relay r h.example' 'relay s i.example' 'relay unused j.example' 'list l a.example b.example' \
		'include "inc.conf"' \
		'route to $l via @r' 'route to a.example via @s priority 2' 'route user joe to *.a.example via @r' \
		'route from <> user any reject'
	echo 'route via mx' >inc.conf
	exits 0 compile -q
}

@test "every number is that of the configuration" {
	sample
	exits 0 stats --json
	[ ! -s err ]
	[ "$(jq -c '[.routes, .groups, .names, .relays, .rungs, .files, .format, .stale]' out)" = '[5,5,3,2,4,2,4,false]' ]
	[ "$(jq .size out)" = "$(stat -c %s routes.idx)" ]
	[ "$(jq .sections.routes out)" = $((5 * 12)) ]
	[ "$(jq .sections.files out)" = $((2 * 16)) ]
	# Sections are aligned behind a header of 320 bytes.
	[ "$(jq '[.sections[]] | map((. + 63) / 64 | floor * 64) | add + 320 - 63' out)" -le "$(jq .size out)" ]
	[ "$(jq '[.sections[]] | add + 320' out)" -le "$(jq .size out)" ]
	[ "$(jq -r .digest out)" = "$(od -An -tx1 -j 32 -N 16 routes.idx | tr -d ' \n')" ]
	exits 0 stats
	for line in 'routes: *5' 'groups: *5' 'names: *3' 'relays: *2' 'rungs in use: *4' 'files: *2' 'stale: *no' \
		"bytes: *$(stat -c %s routes.idx)" '  strings: *[0-9]*'; do
		grep -qx "$line" out
	done
	[ "$(wc -l <out)" = 23 ]
	conf '# nothing'
	exits 0 compile
	exits 0 stats --json
	[ "$(jq -c '[.routes, .groups, .names, .relays, .rungs, .files]' out)" = '[0,0,0,0,0,1]' ]
}

@test "stale, and not known" {
	sample
	echo '# changed' >>inc.conf
	exits 0 stats --json
	[ "$(jq .stale out)" = true ]
	exits 0 stats
	grep -qx 'stale: *yes' out
	exits 0 stats --prometheus
	grep -qx 'tmail_index_stale 1' out
	for gone in '-i routes.idx' '-c none.conf -i routes.idx'; do
		exits 0 stats --json $gone
		[ "$(jq .stale out)" = null ]
		exits 0 stats $gone
		grep -qx 'stale: *not known' out
		exits 0 stats --prometheus $gone
		! grep tmail_index_stale out || false
	done
	exits 0 compile -q
	exits 0 stats --prometheus
	grep -qx 'tmail_index_stale 0' out
}

# exposed FILE - whether it is the text that Prometheus reads, as far as we write it: of each metric
# HELP, TYPE and then its samples, each once, with a number.
exposed() {
	awk '
		function fail(why) { print FILENAME ":" FNR ": " why; bad = 1 }
		/^# HELP [a-z_]+ [A-Z].*\.$/ { metric = $3; if (seen[metric]++) fail("twice"); next }
		/^# TYPE [a-z_]+ gauge$/ { if ($3 != metric) fail("not behind its HELP"); typed = metric; next }
		/^[a-z_]+(\{[a-z_]+="[^"\\]*"(,[a-z_]+="[^"\\]*")*\})? [0-9]+$/ {
			name = $1; sub(/\{.*/, "", name)
			if (name != typed) fail("of another metric")
			if (samples[$1]++) fail("the same sample again")
			next
		}
		{ fail("no line of the format") }
		END { if (NR == 0) fail("empty"); exit bad }' "$1"
}

@test "the text is Prometheus's" {
	sample
	exits 0 stats --prometheus
	exposed out
	[ "$(grep -c ^tmail_index_ out)" = 23 ]
	grep -qx 'tmail_index_routes 5' out
	grep -qx 'tmail_index_section_bytes{section="routes"} 60' out
	grep -qx "tmail_index_written_timestamp_seconds $(stat -c %Y routes.idx)" out
	grep -qx "tmail_index_info{format=\"4\",digest=\"$(od -An -tx1 -j 32 -N 16 routes.idx | tr -d ' \n')\"} 1" out
	# What would be wrong is seen.
	for wrong in '1i tmail_index_x 1' '$a tmail_index_stale 1' 's/ gauge$/ gouge/' 's/ 5$/ five/' '2d'; do
		sed "$wrong" out >wrong
		! exposed wrong >/dev/null || { echo "$wrong"; false; }
	done
}

@test "promtool takes it" {
	type -P promtool >/dev/null || skip "needs promtool (Debian package prometheus)"
	sample
	exits 0 stats --prometheus
	run promtool check metrics <out
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "no index, wrong usage" {
	sample
	exits 66 stats -i none.idx
	exits 76 stats -i routes.conf
	printf X | dd of=routes.idx bs=1 seek=1000 conv=notrunc status=none
	exits 76 stats
	[ ! -s out ]
	exits 64 stats routes.idx
	exits 64 stats --json --prometheus
}
